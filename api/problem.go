package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"

	"hereabouts"
)

// A problem is an RFC 9457 answer. It says what a person can do and nothing
// about our insides.
type problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail,omitempty"`
	Errors []fault `json:"errors,omitempty"`

	CurrentRev *hereabouts.Rev `json:"current_rev,omitempty"` // what the directory holds
	YourRev    *hereabouts.Rev `json:"your_rev,omitempty"`    // what If-Match said
	RequestID  string          `json:"request_id,omitempty"`  // to quote when asking us about it

	Checks map[string]string `json:"checks,omitempty"` // what is ready and what is not

	retryAfter time.Duration
	header     http.Header
}

func (p *problem) Error() string { return p.Title }

// A fault is one thing to put right, with values that would be understood.
type fault struct {
	hereabouts.Problem
	Suggestions []string `json:"suggestions,omitempty"`
}

// faults are all that is wrong with what was sent. It is an error.
type faults []fault

func (f faults) Error() string { return fmt.Sprintf("%d faults in what was sent", len(f)) }

func (f *faults) add(p hereabouts.Problem, suggestions ...string) {
	*f = append(*f, fault{Problem: p, Suggestions: suggestions})
}

// err is nil when nothing is wrong.
func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

func newProblem(status int, kind, title, detail string) *problem {
	return &problem{Type: "/problems/" + kind, Title: title, Status: status, Detail: detail}
}

func invalid(f faults) *problem {
	p := newProblem(http.StatusUnprocessableEntity, "invalid", "Some of that needs changing", "")
	p.Errors = f
	return p
}

// problemFor turns any error into what a person can act on.
func problemFor(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if f, ok := errors.AsType[faults](err); ok {
		return invalid(f)
	}
	if ps, ok := errors.AsType[hereabouts.Problems](err); ok {
		var f faults
		for _, x := range ps {
			f.add(x)
		}
		return invalid(f)
	}
	if c, ok := errors.AsType[*hereabouts.ConflictError](err); ok {
		p := newProblem(http.StatusPreconditionFailed, "changed", "Somebody has changed this since you read it",
			"Read it again, make your change to what is there now, and send that with the new revision in If-Match.")
		p.CurrentRev, p.YourRev = &c.Have, &c.Want
		return p
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return newProblem(http.StatusRequestEntityTooLarge, "too-large", "That is more than we can take at once",
			"Send a smaller body, or import a file with the import command.")
	}
	if h, ok := errors.AsType[*echo.HTTPError](err); ok {
		switch h.Code {
		case http.StatusNotFound:
			return notFound("There is nothing at this address. /openapi.json lists every address there is.")
		case http.StatusMethodNotAllowed:
			return newProblem(http.StatusMethodNotAllowed, "method-not-allowed", "This address does not take that method",
				"The Allow header lists the methods it takes.")
		}
	}
	switch {
	case errors.Is(err, hereabouts.ErrNotFound):
		return notFound("")
	case errors.Is(err, hereabouts.ErrConflict):
		return newProblem(http.StatusConflict, "conflict", "That conflicts with what is already there", "")
	case errors.Is(err, hereabouts.ErrUnavailable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		p := newProblem(http.StatusServiceUnavailable, "unavailable", "The directory cannot answer just now", "Try again in a few seconds.")
		p.retryAfter = 2 * time.Second
		return p
	}
	return &problem{Type: "about:blank", Title: "Something went wrong on our side", Status: http.StatusInternalServerError}
}

func notFound(detail string) *problem {
	return newProblem(http.StatusNotFound, "not-found", "We could not find that", detail)
}

// answerError writes any error as a problem, and notes in the log what we broke.
func (s *Server) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	p := problemFor(err)
	id, _ := c.Get(ctxRequestID).(string)
	if p.Status >= 500 {
		answer := *p
		answer.RequestID = id
		p = &answer
		s.Logger.Error("could not answer", "route", pattern(c), "request_id", id, "cause", nature(err))
	}
	h := c.Response().Header()
	for name, values := range p.header {
		h[name] = values
	}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
	h.Set("Cache-Control", "no-store")
	h.Del("ETag")
	if wantsPage(c) {
		if s.problemPage(c, p) == nil {
			return
		}
	}
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"type":"about:blank","title":"Something went wrong on our side","status":500}`)
		p.Status = http.StatusInternalServerError
	}
	_ = c.Blob(p.Status, "application/problem+json", body) // the client has gone; nothing is left to tell it
}

var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|“[^”]*”`)

// nature says what kind of error it was, for the log, without what was asked:
// the types in its chain and, for our own store and the operating system,
// their words with everything quoted taken out.
func nature(err error) string {
	var kinds []string
	for e := err; e != nil; e = errors.Unwrap(e) {
		if t := fmt.Sprintf("%T", e); t != "*fmt.wrapError" && t != "*errors.errorString" {
			kinds = append(kinds, t)
		}
	}
	for _, kind := range []error{hereabouts.ErrNotFound, hereabouts.ErrConflict, hereabouts.ErrUnavailable, context.DeadlineExceeded, context.Canceled} {
		if errors.Is(err, kind) {
			kinds = append(kinds, kind.Error())
		}
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		kinds = append(kinds, errno.Error())
	}
	if se, ok := errors.AsType[*storeError](err); ok {
		kinds = append(kinds, quoted.ReplaceAllString(se.err.Error(), "…"))
	}
	if len(kinds) == 0 {
		return "an error of no known kind"
	}
	return strings.Join(kinds, ": ")
}

// A storeError came from the store. The store is told ids and records and
// never what somebody searched for, so its words may be logged once the
// quoted ids are out.
type storeError struct{ err error }

func (e *storeError) Error() string { return e.err.Error() }
func (e *storeError) Unwrap() error { return e.err }

func fromStore(err error) error {
	if err == nil {
		return nil
	}
	return &storeError{err}
}
