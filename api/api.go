// Package api is the HTTP surface of the directory: the JSON contract under
// /api/v1, its OpenAPI description, health and metrics, and the plain pages
// that show the same answers to a person.
//
// Start with [New], which takes a [Config] and returns a [Server]; routes.go
// lists every address it answers. A request is parsed into a value of the root
// package with every fault found (question.go, record.go), allowed by the one
// policy function (policy.go), and answered; any error becomes an RFC 9457
// problem in one place (problem.go).
//
// What people ask for says a lot about them. Logs and metrics carry the route
// pattern, the status, the time taken and how many results there were, and
// nothing that was typed.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"hereabouts"
)

// Config is everything that a Server touches. Searcher, Store, Keys, Places
// and Needs are required.
type Config struct {
	Searcher Searcher
	Store    Store
	Keys     Keys
	Places   Places
	Needs    *hereabouts.Taxonomy

	Evidence  Evidence  // optional: counts searches that nobody could travel to
	AreaNamer AreaNamer // optional: names for area codes on pages

	Now    func() time.Time // nil: time.Now
	NewID  func() string    // nil: random UUIDs; never derived from a request
	Logger *slog.Logger     // nil: nothing is logged

	Limits         Limits
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed; none by default

	Demo    bool           // marks every answer and page as demonstration data
	Version string         // shown by /healthz and the OpenAPI document
	Lag     func() float64 // optional: changes stored and not yet indexed, for the metric
}

// A Server answers HTTP. It is safe for concurrent use.
type Server struct {
	Config

	echo    *echo.Echo
	table   []route
	spec    *spec
	limiter *limiter
	slots   *slots
	metrics *metrics
	answers *answers

	followers chan struct{} // taken by each client that follows the feed

	stopOnce sync.Once
	stopping chan struct{} // closed when streams must end
}

// New builds a Server. It fails when a required part of c is missing, or when
// the embedded OpenAPI document does not compile.
func New(c Config) (*Server, error) {
	if c.Searcher == nil || c.Store == nil || c.Keys == nil || c.Places == nil || c.Needs == nil {
		return nil, errors.New("api: Searcher, Store, Keys, Places and Needs are all required")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = uuid.NewString
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Limits = c.Limits.withDefaults()
	spec, err := loadSpec(c.Version)
	if err != nil {
		return nil, fmt.Errorf("api: the OpenAPI document: %w", err)
	}
	s := &Server{
		Config:    c,
		echo:      echo.New(),
		spec:      spec,
		limiter:   newLimiter(c.Limits, c.Now),
		slots:     newSlots(c.Limits),
		answers:   newAnswers(),
		followers: make(chan struct{}, max(1, c.Limits.Followers)),
		stopping:  make(chan struct{}),
	}
	s.metrics = newMetrics(s.Lag)
	s.table = s.routes()
	s.build()
	return s, nil
}

// build registers the routes and what stands around them.
func (s *Server) build() {
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(discard{})
	e.HTTPErrorHandler = s.answerError
	e.IPExtractor = func(r *http.Request) string { return s.clientAddr(r).String() }
	e.Pre(middleware.RemoveTrailingSlash())
	e.Use(s.observe, s.headers, s.recoverPanic, compress(), s.limitRate, s.limitBody)
	for _, r := range s.table {
		h := s.gate(r)
		e.Add(r.Method, r.Path, h)
		if r.Method == http.MethodGet {
			e.Add(http.MethodHead, r.Path, h)
		}
	}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// Stop ends the streams that would otherwise keep a graceful shutdown waiting.
func (s *Server) Stop() { s.stopOnce.Do(func() { close(s.stopping) }) }

// HTTPServer is an http.Server for s with the time and size limits that keep
// slow or greedy clients from holding it up. Its Shutdown also ends streams.
func (s *Server) HTTPServer(addr string) *http.Server {
	srv := &http.Server{
		Addr:              addr,
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second, // the change feed extends it line by line
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(quietHandler{s.Logger.Handler()}, slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return context.Background() },
	}
	srv.RegisterOnShutdown(s.Stop)
	return srv
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// quietHandler says that a connection failed and leaves out net/http's own
// words, which hold addresses and can hold what was sent.
type quietHandler struct{ slog.Handler }

func (h quietHandler) Handle(ctx context.Context, r slog.Record) error {
	return h.Handler.Handle(ctx, slog.NewRecord(r.Time, r.Level, "a connection failed before it was a request", 0))
}
