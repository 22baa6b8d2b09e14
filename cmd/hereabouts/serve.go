package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/time/rate"

	"hereabouts/api"
	"hereabouts/data"
)

// serveSettings are the server's own flags.
type serveSettings struct {
	Listen        string
	MetricsListen string
	Demo          bool
	PublicURL     string
	TrustProxy    []string
	Drain         time.Duration
	Rate          float64
	DayHours      dayHours
}

const (
	defaultListen        = "127.0.0.1:8080"
	defaultMetricsListen = "127.0.0.1:9464"
	shutdownWait         = 20 * time.Second
)

func (s *serveSettings) add(f *pflag.FlagSet) {
	f.StringVar(&s.Listen, "listen", defaultListen, "`address` to serve on")
	f.StringVar(&s.MetricsListen, "metrics-listen", defaultMetricsListen, "`address` to serve /metrics on; \"none\" for nowhere, \"same\" to serve it beside the API")
	f.BoolVar(&s.Demo, "demo", false, "fill an empty directory with demonstration data")
	f.StringVar(&s.PublicURL, "public-url", "", "the `URL` that people reach this server by, when it is behind a proxy")
	f.StringSliceVar(&s.TrustProxy, "trust-proxy", nil, "`networks` (CIDR) of proxies whose X-Forwarded-For is believed")
	f.Float64Var(&s.Rate, "rate", 50, "requests a second that one address may make, ten times as many at once; 0 for no limit")
	s.DayHours = dayHours{"09:00", "17:00"}
	f.Var(&s.DayHours, "day-hours", "the `hours` in which somebody would visit what is open all day, or a green space that does not say")
	f.DurationVar(&s.Drain, "drain", 0, "how long to go on answering, no longer ready, before stopping")
}

func (p *program) serveCommand() *cobra.Command {
	var s serveSettings
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.serve(cmd.Context(), s)
		},
	}
	s.add(c.Flags())
	return c
}

func (p *program) serve(ctx context.Context, s serveSettings) (err error) {
	p.dayHours = s.DayHours
	d, err := p.openDirectory(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	logTimetables(p.log, d.timetables)
	if s.Demo {
		if err := p.fillDemo(ctx, d); err != nil {
			return err
		}
	}

	d.warm()
	isDemo, err := d.isDemo(ctx)
	if err != nil {
		return err
	}
	proxies, err := networks(s.TrustProxy)
	if err != nil {
		return err
	}
	server, err := api.New(api.Config{
		Searcher: d, Store: d.store, Keys: d.store, Places: d.places, AreaNamer: d.areas,
		Needs: data.Taxonomy(), Evidence: d.store, Now: p.now, Logger: p.log,
		Demo: isDemo, Version: version, TrustedProxies: proxies, Limits: limits(s.Rate),
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w; give another address with --listen", s.Listen, err)
	}
	public := server.HTTPServer(s.Listen)
	if s.MetricsListen == "same" {
		public.Handler = besideMetrics(server)
	}
	failed := make(chan error, 3)
	serve := func(h *http.Server, l net.Listener) {
		if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}
	go serve(public, listener)
	servers := []*http.Server{public}

	socket, err := listenSocket(d.paths.socket())
	if err != nil {
		return errors.Join(err, public.Close())
	}
	commands := &http.Server{Handler: socketHandler(localOwner{d})}
	go serve(commands, socket)
	servers = append(servers, commands)
	// From here on a command tells of what it writes. What one wrote since the
	// directory was opened, it could tell nobody.
	if d.timetables.Stale() {
		d.done.Go(func() {
			if err := (localOwner{d}).ReloadTimetables(ctx); err != nil {
				p.log.Error("timetables that have just changed cannot be loaded", "error", err)
			}
		})
	}

	metrics, err := p.listenMetrics(s.MetricsListen)
	if err != nil {
		return errors.Join(err, public.Close(), commands.Close())
	}
	if metrics != nil {
		h := &http.Server{Handler: server.Metrics(), ReadHeaderTimeout: 5 * time.Second}
		go serve(h, metrics)
		servers = append(servers, h)
	}

	if err := p.greet(ctx, d, s, listener.Addr()); err != nil {
		p.log.Error("cannot make the first admin link", "error", err)
	}
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	d.leaving.Store(true) // not ready any more, so that a balancer looks elsewhere
	time.Sleep(s.Drain)
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownWait)
	defer cancel()
	for _, h := range servers {
		if stopErr := h.Shutdown(limit); stopErr != nil {
			err = errors.Join(err, fmt.Errorf("some requests were cut off: %w", stopErr), h.Close())
		}
	}
	if gone := os.Remove(d.paths.socket()); !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// besideMetrics serves /metrics in front of everything else.
func besideMetrics(server *api.Server) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", server.Metrics())
	mux.Handle("/", server)
	return mux
}

// limits are the API's own but for how often one address may ask.
func limits(perSecond float64) api.Limits {
	if perSecond <= 0 {
		return api.Limits{PerAddress: rate.Inf}
	}
	return api.Limits{PerAddress: rate.Limit(perSecond), AddressBurst: int(10*perSecond) + 1}
}

// networks reads the networks of trusted proxies.
func networks(given []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, one := range given {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(one))
		if err != nil {
			return nil, usagef("trust-proxy: %q is not a network; write one like 10.0.0.0/8", one)
		}
		all = append(all, prefix)
	}
	return all, nil
}

// listenMetrics opens the listener for /metrics. Nobody asked for the default
// address by name, so a server goes on without it when it is taken.
func (p *program) listenMetrics(address string) (net.Listener, error) {
	if address == "none" || address == "same" {
		return nil, nil
	}
	l, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		return l, nil
	case p.settings.from["metrics-listen"] == "":
		p.log.Warn("metrics are not served: their default address is taken; choose one with --metrics-listen", "address", address)
		return nil, nil
	}
	return nil, fmt.Errorf("cannot serve metrics on %s: %w; give another address with --metrics-listen, or \"none\"", address, err)
}

// greet prints where the server is and, on the first run, a link that makes
// whoever opens it an administrator, once.
func (p *program) greet(ctx context.Context, d *directory, s serveSettings, at net.Addr) error {
	base := s.PublicURL
	if base == "" {
		base = "http://" + reachable(at.String())
	}
	fmt.Fprintln(p.out, base+"/")
	first, err := d.store.FirstRun(ctx)
	if err != nil || !first {
		return err
	}
	token, err := d.store.CreateAdminLink(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.errw, "First run. This link works once, for 24 hours, and gives you an administrator's key:\n%s/admin/link?token=%s\n", base, token)
	return nil
}

// reachable is an address that a browser on this machine can open.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
