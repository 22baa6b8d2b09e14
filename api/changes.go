package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"hereabouts"
)

// lineWithin is how long a client may take to receive one part of the feed.
const lineWithin = 30 * time.Second

// A marker is the line that says that everything up to a position has been
// sent. It ends a feed, and is the sign of life of one that is followed.
type marker struct {
	Head hereabouts.Token `json:"head"`
}

// published is a change as the public may see it: what is not published is
// only said to be gone.
func published(ch hereabouts.Change) hereabouts.Change {
	switch {
	case ch.Listing != nil && ch.Listing.Status == hereabouts.Published && !ch.Deleted:
		l := public(*ch.Listing)
		ch.Listing = &l
	case ch.Organisation != nil && ch.Organisation.Status == hereabouts.Published && !ch.Deleted:
		o := shownOrganisation(*ch.Organisation)
		ch.Organisation = &o
	default:
		ch.Deleted, ch.Listing, ch.Organisation = true, nil, nil
	}
	return ch
}

// A step is one turn of the feed.
type step struct {
	change hereabouts.Change
	err    error
}

// changes answers GET /api/v1/changes: one JSON value a line.
func (s *Server) changes(c echo.Context) error {
	values, err := queryOf(c)
	if err != nil {
		return err
	}
	a := &asked{values: values}
	r := &reading{asked: a, s: s}
	from := hereabouts.Token(r.token("from"))
	follow := false
	if given, ok := values["follow"]; ok {
		switch v := a.one("follow"); v {
		case "", "true", "1":
			follow = len(given) > 0
		case "false", "0":
		default:
			a.fault("follow", "unknown_value", "give true or false")
		}
	}
	if err := a.faults.err(); err != nil {
		return err
	}
	if follow {
		select {
		case s.followers <- struct{}{}:
			defer func() { <-s.followers }()
		default:
			return errBusy()
		}
	}

	ctx, cancel := context.WithCancel(c.Request().Context())
	defer cancel()
	head, err := s.Store.Head(ctx)
	if err != nil {
		return fromStore(err)
	}
	steps := make(chan step)
	go func() {
		defer close(steps)
		for ch, err := range s.Store.Changes(ctx, from, follow) {
			select {
			case steps <- step{ch, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return s.sendFeed(c, steps, marker{head}, follow)
}

// sendFeed writes the steps as lines. A fault before the first line is a
// problem; after it, the feed ends without its marker, and the client asks
// again from the last token it has.
func (s *Server) sendFeed(c echo.Context, steps <-chan step, at marker, follow bool) error {
	beat := time.NewTicker(s.Limits.Heartbeat)
	defer beat.Stop()
	w := &feedWriter{c: c, out: bufio.NewWriterSize(c.Response(), 32<<10), deadline: http.NewResponseController(c.Response())}
	if follow {
		// The headers go at once, so that a client knows it is connected; a bad
		// token must be refused before that.
		select {
		case st, ok := <-steps:
			if !ok {
				break
			}
			if st.err != nil {
				return feedError(st.err)
			}
			at.Head = st.change.Token
			if err := w.line(published(st.change)); err != nil {
				return nil
			}
		case <-time.After(firstLineWithin):
		}
		if err := w.flush(); err != nil {
			return nil
		}
	}
	for {
		select {
		case st, ok := <-steps:
			switch {
			case !ok:
				if w.line(at) == nil {
					_ = w.flush() // the client has gone; nothing is left to tell it
				}
				return nil
			case st.err != nil && !w.started:
				return feedError(st.err)
			case st.err != nil:
				if c.Request().Context().Err() == nil {
					s.Logger.Error("the change feed stopped", "request_id", c.Get(ctxRequestID), "cause", nature(fromStore(st.err)))
				}
				_ = w.flush()
				return nil
			}
			at.Head = st.change.Token
			if w.line(published(st.change)) != nil || follow && w.flush() != nil {
				return nil
			}
		case <-beat.C:
			if follow && (w.line(at) != nil || w.flush() != nil) {
				return nil
			}
		case <-s.stopping:
			_ = w.flush()
			return nil
		}
	}
}

// firstLineWithin is how long a follower waits for what is already there
// before its headers are sent.
const firstLineWithin = 100 * time.Millisecond

func feedError(err error) error {
	if errors.Is(err, hereabouts.ErrConflict) {
		return newProblem(http.StatusGone, "token-gone", "That position is no longer in the feed",
			"The directory has been restored or replaced since. Read the feed again from the beginning, without from, and replace what you have.")
	}
	return fromStore(err)
}

// A feedWriter writes lines and keeps the connection's deadline ahead of them.
type feedWriter struct {
	c        echo.Context
	out      *bufio.Writer
	deadline *http.ResponseController
	started  bool
}

func (w *feedWriter) start() {
	if w.started {
		return
	}
	w.started = true
	h := w.c.Response().Header()
	h.Set(echo.HeaderContentType, "application/x-ndjson")
	h.Set("Cache-Control", "no-store")
	w.c.Response().WriteHeader(http.StatusOK)
}

func (w *feedWriter) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.start()
	// A recorder in a test has no deadline to set; a connection always has.
	_ = w.deadline.SetWriteDeadline(time.Now().Add(lineWithin))
	if _, err := w.out.Write(b); err != nil {
		return err
	}
	return w.out.WriteByte('\n')
}

func (w *feedWriter) flush() error {
	w.start()
	_ = w.deadline.SetWriteDeadline(time.Now().Add(lineWithin))
	if err := w.out.Flush(); err != nil {
		return err
	}
	w.c.Response().Flush()
	return nil
}
