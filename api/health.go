package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// healthy answers GET /healthz: the process is up and answers.
func (s *Server) healthy(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return writeJSON(c, http.StatusOK, map[string]any{"status": "ok", "version": s.Version, "demo": s.Demo})
}

// ready answers GET /readyz: 200 when searches are answered from a complete
// index and the store is sound.
func (s *Server) ready(c echo.Context) error {
	checks := map[string]string{"index": "ok", "store": "ok"}
	var broken error
	if err := s.Store.Health(c.Request().Context()); err != nil {
		checks["store"], broken = "not ready", fromStore(err)
	}
	if err := s.Searcher.Ready(c.Request().Context()); err != nil {
		checks["index"], broken = "not ready", err
	}
	select {
	case <-s.stopping:
		checks["server"] = "stopping"
	default:
		if broken == nil {
			c.Response().Header().Set("Cache-Control", "no-store")
			return writeJSON(c, http.StatusOK, map[string]any{"status": "ready", "checks": checks})
		}
		s.Logger.Warn("not ready", "store", checks["store"], "index", checks["index"], "cause", nature(broken))
	}
	p := newProblem(http.StatusServiceUnavailable, "not-ready", "The directory is not ready to answer searches", "Ask again in a few seconds.")
	p.Checks, p.retryAfter = checks, 2*time.Second
	return p
}

// writeCached answers with something that changes only when the program does.
func writeCached(c echo.Context, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("api: write an answer: %w", err)
	}
	return sendCached(c, "application/json", b.Bytes())
}

func sendCached(c echo.Context, contentType string, body []byte) error {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := c.Response().Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "public, max-age=300")
	if unchanged(c, tag) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, contentType, body)
}
