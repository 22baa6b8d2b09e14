package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"hereabouts"
)

// What a request carries along in its context.
const (
	ctxRequestID = "request_id"
	ctxResults   = "results" // int: how many results there were
	ctxKey       = "key"     // *hereabouts.Key
)

// keyOf is the key that came with the request; nil for the public.
func keyOf(c echo.Context) *hereabouts.Key {
	k, _ := c.Get(ctxKey).(*hereabouts.Key)
	return k
}

// pattern is the route as it was written, never the address as it was asked.
func pattern(c echo.Context) string {
	if p := c.Path(); p != "" && !strings.HasSuffix(p, "*") {
		return p
	}
	return "unmatched"
}

// methodName is the method, if it is one that anybody defines.
func methodName(c echo.Context) string {
	known := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
	if m := c.Request().Method; slices.Contains(known, m) {
		return m
	}
	return "other"
}

// observe numbers the request, answers its error, and notes how it went.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := s.Now()
		id := s.NewID()
		c.Set(ctxRequestID, id)
		c.Response().Header().Set("X-Request-Id", id)
		s.metrics.inFlight.Inc()
		defer s.metrics.inFlight.Dec()

		if err := next(c); err != nil {
			s.answerError(err, c)
		}

		took := s.Now().Sub(start)
		route, method, status := pattern(c), methodName(c), c.Response().Status
		attrs := []slog.Attr{
			slog.String("method", method), slog.String("route", route), slog.Int("status", status),
			slog.Duration("took", took), slog.String("request_id", id),
		}
		if n, ok := c.Get(ctxResults).(int); ok {
			attrs = append(attrs, slog.Int("results", n))
			s.metrics.results.Observe(float64(n))
		}
		s.metrics.observe(method, route, status, took)
		level := slog.LevelInfo
		if route == "/healthz" || route == "/readyz" {
			level = slog.LevelDebug
		}
		s.Logger.LogAttrs(context.WithoutCancel(c.Request().Context()), level, "answered", attrs...)
		return nil
	}
}

// publicRead reports whether any website may read the answer.
func publicRead(r *http.Request) bool {
	path := strings.TrimSuffix(r.URL.Path, "/")
	if !strings.HasPrefix(path, "/api/") && path != "/openapi.json" {
		return false
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return r.Method == http.MethodPost && readByPost(path)
}

// readByPost reports whether a POST to path only asks: with a body rather
// than an address, because of what it says about a person.
func readByPost(path string) bool { return path == "/api/v1/search" || path == "/api/v1/journeys" }

// headers sets what every answer carries, and answers CORS preflights.
//
// Any site may read what the public may read, without credentials. Nothing
// that changes the directory may be called from another site's page: its
// preflight is answered without Authorization among the allowed headers.
func (s *Server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, h := c.Request(), c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		if s.Demo {
			h.Set("Hereabouts-Data", "demonstration")
		}
		if publicRead(r) {
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("Access-Control-Expose-Headers", "ETag, Hereabouts-Data, Hereabouts-Token, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id")
			h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		} else {
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
		}
		if publicRead(r) && r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			methods := "GET, HEAD"
			if readByPost(strings.TrimSuffix(r.URL.Path, "/")) {
				methods = "GET, HEAD, POST"
				h.Set("Access-Control-Allow-Headers", "Content-Type")
			}
			h.Set("Access-Control-Allow-Methods", methods)
			h.Set("Access-Control-Max-Age", "86400")
			h.Add("Vary", "Access-Control-Request-Method")
			return c.NoContent(http.StatusNoContent)
		}
		return next(c)
	}
}

// recoverPanic turns a panic into a 500. The log gets where it happened; what
// was panicked with may hold what was asked, and stays out unless it is the
// runtime's own.
func (s *Server) recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			what := fmt.Sprintf("%T", p)
			if re, ok := p.(runtime.Error); ok {
				what = quoted.ReplaceAllString(re.Error(), "…")
			}
			s.Logger.Error("a handler panicked", "route", pattern(c), "request_id", c.Get(ctxRequestID), "what", what, "stack", string(debug.Stack()))
			err = errPanic
		}()
		return next(c)
	}
}

var errPanic = errors.New("api: a handler panicked")

// compress shortens larger answers. The feed must reach the client line by
// line, and the page that shows a key once is left alone.
func compress() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{
		MinLength: 1400,
		Skipper: func(c echo.Context) bool {
			return strings.HasSuffix(c.Path(), "/changes") || strings.HasPrefix(c.Path(), "/admin")
		},
	})
}

// limitBody refuses more than a listing could need.
func (s *Server) limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.ContentLength > s.Limits.BodyBytes {
			return &http.MaxBytesError{Limit: s.Limits.BodyBytes}
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, s.Limits.BodyBytes)
		return next(c)
	}
}

// limitRate finds out who is asking and whether they have asked too often. A
// key has its own allowance; everybody else shares their address's.
func (s *Server) limitRate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if p := c.Path(); p == "/healthz" || p == "/readyz" {
			return next(c)
		}
		key, err := s.authenticate(c.Request())
		cost, who := 1, "ip:"+bucketOf(s.clientAddr(c.Request()))
		class := byAddress
		if key != nil {
			c.Set(ctxKey, key)
			class, who = byKey, "key:"+key.ID
		}
		if err != nil {
			cost = 5 // guessing keys is dearer than asking
		}
		if tooMany := s.limiter.spend(c.Response().Header(), class, who, cost); tooMany != nil {
			return tooMany
		}
		if err != nil {
			return err
		}
		return next(c)
	}
}

// authenticate is the key that a request carries; nil when it carries none.
func (s *Server) authenticate(r *http.Request) (*hereabouts.Key, error) {
	h := r.Header.Get("Authorization")
	if h == "" {
		return nil, nil
	}
	scheme, secret, _ := strings.Cut(h, " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return nil, unauthorised("Send the key as Authorization: Bearer KEY.")
	}
	k, err := s.Keys.KeyFor(r.Context(), secret)
	if errors.Is(err, hereabouts.ErrNotFound) || err == nil && (k.Revoked || expired(&k, s.Now())) {
		return nil, unauthorised("That key is not known, or no longer works. Ask whoever gave it to you for another.")
	}
	if err != nil {
		return nil, fromStore(err)
	}
	return &k, nil
}

func expired(k *hereabouts.Key, now time.Time) bool {
	return !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt)
}

// clientAddr is who is asking: the peer, or what a trusted proxy says of it.
// It is the zero Addr for a peer without an IP address, such as a socket.
func (s *Server) clientAddr(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, _ := netip.ParseAddr(host)
	addr = addr.Unmap().WithZone("")
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusts(addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap().WithZone("")
	}
	return addr
}

func (s *Server) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(s.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// bucketOf is what shares an allowance: an IPv4 address, or the /64 that one
// IPv6 customer is given.
func bucketOf(addr netip.Addr) string {
	if addr.Is6() {
		p, _ := addr.Prefix(64)
		return p.String()
	}
	return addr.String()
}
