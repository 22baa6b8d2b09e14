package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"

	"hereabouts"
)

const idempotencyKey = "Idempotency-Key"

// ctxOperation is where the handler finds the operation it is part of.
const ctxOperation = "operation"

// Bounds on the answers kept for a write that is sent again.
const (
	keptAnswers    = 2000
	keptAnswerSize = 64 << 10
)

// operation names a write for the store, which answers a write of the same
// name with its first receipt; "" when the client has not named it.
func operation(c echo.Context) string {
	op, _ := c.Get(ctxOperation).(string)
	return op
}

func errKeyReused() *problem {
	return newProblem(http.StatusUnprocessableEntity, "idempotency-key-reused", "That Idempotency-Key was used for something else",
		"An Idempotency-Key names one write. Send the same body with it again, or use a new one.")
}

// A keptAnswer is what a write was answered with.
type keptAnswer struct {
	request [32]byte      // hash of what was asked
	done    chan struct{} // closed when it has been answered
	status  int           // 0: it failed and may be tried again
	header  http.Header
	body    []byte
}

// answers remembers what named writes were answered with, so that a client
// who lost an answer gets the same one. What it forgets, the store still
// knows: it never writes one operation twice.
type answers struct {
	mu   sync.Mutex
	kept *lru.Cache[string, *keptAnswer]
}

func newAnswers() *answers {
	kept, err := lru.New[string, *keptAnswer](keptAnswers)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &answers{kept: kept}
}

// begin is the answer called op, and whether it is for the caller to give.
func (a *answers) begin(op string, request [32]byte) (k *keptAnswer, first bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if k, ok := a.kept.Get(op); ok {
		return k, false
	}
	k = &keptAnswer{request: request, done: make(chan struct{})}
	a.kept.Add(op, k)
	return k, true
}

// finish keeps a success and forgets a failure.
func (a *answers) finish(op string, k *keptAnswer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now, ok := a.kept.Peek(op); k.status == 0 && ok && now == k {
		a.kept.Remove(op)
	}
	close(k.done)
}

// idempotent honours Idempotency-Key on writes: sent again, a write is
// answered as it was the first time and not made twice.
func (s *Server) idempotent(r route, handle echo.HandlerFunc) echo.HandlerFunc {
	if !needsKey(r.Action) || r.Method == http.MethodGet {
		return handle
	}
	return func(c echo.Context) error {
		name := c.Request().Header.Get(idempotencyKey)
		if name == "" {
			return handle(c)
		}
		if len(name) > 255 {
			return newProblem(http.StatusBadRequest, "malformed", "We could not read Idempotency-Key", "Use at most 255 characters.")
		}
		raw, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return err
		}
		c.Request().Body = io.NopCloser(bytes.NewReader(raw))
		// Scoped to the key, and hashed: what a client calls its writes is its own affair.
		op := digest(keyOf(c).ID, name)
		c.Set(ctxOperation, hex.EncodeToString(op[:]))
		request := digest(c.Request().Method, c.Request().URL.Path, strings.Join(c.Request().Header.Values("If-Match"), ","), string(raw))
		return s.once(c, operation(c), request, handle)
	}
}

func digest(parts ...string) [32]byte { return sha256.Sum256([]byte(strings.Join(parts, "\x00"))) }

// once gives the answer called op if nobody has, and otherwise repeats it.
func (s *Server) once(c echo.Context, op string, request [32]byte, handle echo.HandlerFunc) error {
	for {
		k, first := s.answers.begin(op, request)
		if first {
			return s.first(c, op, k, handle)
		}
		if k.request != request {
			return errKeyReused()
		}
		select {
		case <-k.done:
		case <-c.Request().Context().Done():
			return hereabouts.ErrUnavailable
		}
		if k.status == 0 {
			continue // the first attempt failed: this one is the first now
		}
		h := c.Response().Header()
		for field, values := range k.header {
			h[field] = values
		}
		h.Set("Idempotency-Replayed", "true")
		if k.status == http.StatusNoContent {
			return c.NoContent(k.status)
		}
		return c.Blob(k.status, h.Get(echo.HeaderContentType), k.body)
	}
}

// first answers, keeping a copy.
func (s *Server) first(c echo.Context, op string, k *keptAnswer, handle echo.HandlerFunc) error {
	defer s.answers.finish(op, k)
	tee := &teeWriter{ResponseWriter: c.Response().Writer}
	c.Response().Writer = tee
	err := handle(c)
	c.Response().Writer = tee.ResponseWriter
	if status := c.Response().Status; err == nil && status < 300 && tee.kept.Len() <= keptAnswerSize {
		k.header = http.Header{}
		for _, field := range []string{"Etag", "Location", "Hereabouts-Token", "Cache-Control", "Content-Type"} {
			if v := c.Response().Header().Values(field); len(v) > 0 {
				k.header[field] = v
			}
		}
		k.body, k.status = tee.kept.Bytes(), status
	}
	return err
}

type teeWriter struct {
	http.ResponseWriter
	kept bytes.Buffer
}

func (t *teeWriter) Write(p []byte) (int, error) {
	if t.kept.Len() <= keptAnswerSize {
		t.kept.Write(p)
	}
	return t.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach what is beneath.
func (t *teeWriter) Unwrap() http.ResponseWriter { return t.ResponseWriter }
