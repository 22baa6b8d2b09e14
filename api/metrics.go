package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics count what the server does. No label comes from a client: routes are
// patterns, methods are known ones, statuses are numbers.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	results   prometheus.Histogram
	writes    *prometheus.CounterVec
	inFlight  prometheus.Gauge
}

func newMetrics(lag func() float64) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hereabouts_http_requests_total", Help: "Requests answered, by method, route pattern and status.",
		}, []string{"method", "route", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hereabouts_http_request_duration_seconds", Help: "Time to answer, by method and route pattern.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route"}),
		results: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hereabouts_search_results", Help: "Results found by a search.",
			Buckets: []float64{0, 1, 3, 10, 30, 100, 300, 1000, 10000},
		}),
		writes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hereabouts_writes_total", Help: "Records written over HTTP, by action and outcome.",
		}, []string{"action", "outcome"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "hereabouts_http_requests_in_flight", Help: "Requests being answered now.",
		}),
	}
	m.registry.MustRegister(m.requests, m.durations, m.results, m.writes, m.inFlight,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if lag != nil {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "hereabouts_index_lag_changes", Help: "Changes stored that the index does not hold yet.",
		}, lag))
	}
	return m
}

func (m *metrics) observe(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.durations.WithLabelValues(method, route).Observe(took.Seconds())
}

// Metrics is the handler for Prometheus. Serve it on a listener of its own:
// how busy a directory is, is nobody else's business.
func (s *Server) Metrics() http.Handler {
	return promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{Registry: s.metrics.registry})
}

// Registry is where the rest of the program may add its own metrics.
func (s *Server) Registry() *prometheus.Registry { return s.metrics.registry }
