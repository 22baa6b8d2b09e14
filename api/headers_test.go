package api_test

import (
	"strings"
	"testing"
)

// TestEveryAnswerCarriesItsHeaders asks every address, well and badly, and
// looks at who may read the answer and what a browser may do with it.
func TestEveryAnswerCarriesItsHeaders(t *testing.T) {
	w := newWorld(t)
	for _, r := range w.server.Routes() {
		for _, query := range []string{"", "?nothing-like-this=1"} {
			path := strings.NewReplacer(":id", "nothing", ":file", "hereabouts.css").Replace(r.Path) + query
			resp := w.ask("", r.Method, path, "", "Origin", "https://council.example")
			h := resp.Header
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
				"Content-Security-Policy":          "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
				"Access-Control-Allow-Credentials": "", "Hereabouts-Data": "",
			} {
				if got := h.Get(name); got != want {
					t.Errorf("%s %s (%d): %s is %q, want %q", r.Method, path, resp.StatusCode, name, got, want)
				}
			}
			read := r.Method == "GET" && (strings.HasPrefix(r.Path, "/api/") || r.Path == "/openapi.json") || r.Method == "POST" && (r.Path == "/api/v1/search" || r.Path == "/api/v1/journeys")
			if got := h.Get("Access-Control-Allow-Origin") == "*"; got != read {
				t.Errorf("%s %s (%d): any site may read it: %v, want %v", r.Method, path, resp.StatusCode, got, read)
			}
			if h.Get("Cache-Control") == "" || h.Get("X-Request-Id") == "" {
				t.Errorf("%s %s (%d): %v", r.Method, path, resp.StatusCode, h)
			}
			if resp.StatusCode >= 400 && h.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s: a problem may be cached", r.Method, path)
			}
		}
	}
}
