package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hereabouts"
	"hereabouts/api"
)

func TestRateLimitByAddressAndByKey(t *testing.T) {
	w := newWorld(t, func(c *api.Config) {
		c.Limits = api.Limits{PerAddress: 1, AddressBurst: 2, PerKey: 1, KeyBurst: 3}
	})
	d := readDocument(t, w) // spends one
	status := func(role string) int { return w.ask(role, "GET", "/api/v1/listings/shed", "").StatusCode }
	if got := status(""); got != 200 {
		t.Fatalf("the second request is answered %d", got)
	}
	resp := w.ask("", "GET", "/api/v1/listings/shed", "")
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "1" || resp.Header.Get("RateLimit") != `"address";r=0;t=2` ||
		resp.Header.Get("RateLimit-Policy") != `"address";q=2;w=2` || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("the third request: %d %v", resp.StatusCode, resp.Header)
	}
	d.conform(t, resp, body, answeredOperations{})
	for i := range 3 {
		if got := status("staff"); got != 200 {
			t.Errorf("request %d with a key is answered %d: it should have an allowance of its own", i, got)
		}
	}
	if got := status("staff"); got != 429 {
		t.Errorf("the fourth request with a key is answered %d", got)
	}
	if got := status("shed"); got != 200 {
		t.Errorf("one key's requests use up another's: %d", got)
	}
	if got := w.ask("", "GET", "/healthz", "").StatusCode; got != 200 {
		t.Errorf("a health check is counted: %d", got)
	}
	later := now.Add(time.Second)
	w.clock.Store(&later)
	if got := status(""); got != 200 {
		t.Errorf("a second later the address is answered %d", got)
	}
}

// from sends a request as from an address, past the network.
func (w *world) from(addr, forwarded string) int {
	r := httptest.NewRequest("GET", "/api/v1/listings/shed", nil)
	r.RemoteAddr = addr
	if forwarded != "" {
		r.Header.Set("X-Forwarded-For", forwarded)
	}
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, r)
	return rec.Code
}

func TestWhoSharesAnAllowance(t *testing.T) {
	limits := func(c *api.Config) { c.Limits = api.Limits{PerAddress: 0.001, AddressBurst: 1, Remembered: 100} }
	for _, c := range []struct {
		about                 string
		first, firstForward   string
		second, secondForward string
		trust                 string
		shared                bool
	}{
		{"one IPv4 address", "192.0.2.1:1", "", "192.0.2.1:2", "", "", true},
		{"two IPv4 addresses", "192.0.2.1:1", "", "192.0.2.2:1", "", "", false},
		{"an IPv4 address written as IPv6", "192.0.2.1:1", "", "[::ffff:192.0.2.1]:1", "", "", true},
		{"two addresses of one /64", "[2001:db8::1]:1", "", "[2001:db8::ffff:2]:1", "", "", true},
		{"two /64s", "[2001:db8:0:1::1]:1", "", "[2001:db8:0:2::1]:1", "", "", false},
		{"a client's own word is not taken", "192.0.2.1:1", "203.0.113.1", "192.0.2.1:1", "203.0.113.2", "", true},
		{"two clients of a trusted proxy", "192.0.2.1:1", "203.0.113.1", "192.0.2.1:1", "203.0.113.2", "192.0.2.0/24", false},
		{"what a client puts before its proxy's word", "192.0.2.1:1", "1.1.1.1, 203.0.113.1", "192.0.2.1:1", "2.2.2.2, 203.0.113.1", "192.0.2.0/24", true},
		{"two trusted proxies in a row", "192.0.2.1:1", "203.0.113.1, 192.0.2.9", "192.0.2.1:1", "203.0.113.2, 192.0.2.9", "192.0.2.0/24", false},
		{"nonsense from a trusted proxy", "192.0.2.1:1", "nobody", "192.0.2.1:1", "somebody", "192.0.2.0/24", true},
	} {
		w := newWorld(t, limits, func(cfg *api.Config) {
			if c.trust != "" {
				cfg.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(c.trust)}
			}
		})
		if got := w.from(c.first, c.firstForward); got != 200 {
			t.Fatalf("%s: the first is answered %d", c.about, got)
		}
		if got := w.from(c.second, c.secondForward) == 429; got != c.shared {
			t.Errorf("%s share an allowance: %v, want %v", c.about, got, c.shared)
		}
		w.close()
	}
}

func TestManyAddressesAreForgotten(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Limits = api.Limits{PerAddress: 0.001, AddressBurst: 1, Remembered: 10} })
	for i := range 200 {
		if got := w.from(fmt.Sprintf("192.0.2.%d:1", i), ""); got != 200 {
			t.Fatalf("address %d is answered %d", i, got)
		}
	}
	if got := w.from("192.0.2.199:1", ""); got != 429 {
		t.Errorf("the latest address is forgotten: %d", got)
	}
	if got := w.from("192.0.2.0:1", ""); got != 200 {
		t.Errorf("the oldest address is remembered: %d", got)
	}
}

// slow is a searcher that answers when it is told to.
type slow struct {
	api.Searcher
	begun, answer chan struct{}
}

func (s slow) Search(ctx context.Context, q hereabouts.Query) (hereabouts.Results, error) {
	s.begun <- struct{}{}
	<-s.answer
	return hereabouts.Results{}, ctx.Err()
}

func TestTooManySearchesAreTurnedAway(t *testing.T) {
	s := slow{begun: make(chan struct{}, 10), answer: make(chan struct{})}
	w := newWorld(t, func(c *api.Config) {
		s.Searcher, c.Searcher = c.Searcher, s
		c.Limits.Searches, c.Limits.Queue, c.Limits.QueueWait = 1, 1, time.Millisecond
	})
	d := readDocument(t, w)
	running := make(chan int)
	go func() { running <- w.ask("", "GET", "/api/v1/search", "").StatusCode }()
	<-s.begun
	resp := w.ask("", "GET", "/api/v1/search", "")
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "1" {
		t.Errorf("a search too many: %d %s", resp.StatusCode, body)
	}
	d.conform(t, resp, body, answeredOperations{})
	if got := w.ask("", "GET", "/api/v1/listings/shed", "").StatusCode; got != 200 {
		t.Errorf("reading a listing waits for searches: %d", got)
	}
	close(s.answer)
	if got := <-running; got != 200 {
		t.Errorf("the search that was running is answered %d", got)
	}
	if got := w.ask("", "GET", "/api/v1/search", "").StatusCode; got != 200 {
		t.Errorf("with room again a search is answered %d", got)
	}
}

func TestLargeAndDeepBodies(t *testing.T) {
	w := newWorld(t)
	d := readDocument(t, w)
	for _, c := range []struct {
		about, body string
		want        int
	}{
		{"just small enough", `{"kind":"group","name":"x","description":"` + strings.Repeat("a", 19_000) + `"}`, 201},
		{"too large", `{"name":"` + strings.Repeat("a", 256<<10) + `"}`, 413},
		{"too deep", strings.Repeat(`{"a":`, 80) + "1" + strings.Repeat("}", 80), 400},
	} {
		resp := w.ask("writer", "POST", "/api/v1/listings", c.body)
		body, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != c.want {
			t.Errorf("%s: %d %s", c.about, resp.StatusCode, body)
		}
		d.conform(t, resp, body, answeredOperations{})
	}
	// A body that does not say how long it is, is counted as it is read.
	r := httptest.NewRequest("POST", "/api/v1/search", io.MultiReader(strings.NewReader(`{"q":"`), strings.NewReader(strings.Repeat("a", 300<<10))))
	r.ContentLength = -1
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, r)
	if rec.Code != 413 {
		t.Errorf("a large body without a length: %d %s", rec.Code, rec.Body)
	}
}

func TestLargerAnswersAreCompressed(t *testing.T) {
	w := newWorld(t)
	resp := w.ask("", "GET", "/api/v1/needs", "", "Accept-Encoding", "gzip")
	if resp.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("the needs are not compressed: %v", resp.Header)
	}
	z, err := gzip.NewReader(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ Needs []hereabouts.Need }
	if err := json.NewDecoder(z).Decode(&v); err != nil || len(v.Needs) < 50 {
		t.Errorf("%d needs, %v", len(v.Needs), err)
	}
	if resp := w.ask("", "GET", "/healthz", "", "Accept-Encoding", "gzip"); resp.Header.Get("Content-Encoding") != "" {
		t.Error("a small answer is compressed")
	}
}

func TestPanicsBecomeProblems(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Searcher = failing{nil} })
	resp := w.ask("", "GET", "/api/v1/search?q=x", "")
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 500 || strings.Contains(string(body), "cannot search") || !strings.Contains(string(body), resp.Header.Get("X-Request-Id")) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if !strings.Contains(w.logged(), "a handler panicked") {
		t.Error("the panic is not in the log")
	}
}

func TestServerHasItsTimeLimits(t *testing.T) {
	srv := newWorld(t).server.HTTPServer("127.0.0.1:0")
	if srv.ReadHeaderTimeout != 5*time.Second || srv.ReadTimeout != 15*time.Second || srv.WriteTimeout != 30*time.Second ||
		srv.IdleTimeout != 60*time.Second || srv.MaxHeaderBytes != 16<<10 || srv.Handler == nil {
		t.Errorf("%+v", srv)
	}
}

// lines reads a feed line by line.
func lines(t *testing.T, body io.Reader) func() map[string]any {
	s := bufio.NewScanner(body)
	return func() map[string]any {
		t.Helper()
		if !s.Scan() {
			return nil
		}
		var v map[string]any
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatalf("%q: %v", s.Text(), err)
		}
		return v
	}
}

func TestFollowingTheFeed(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Limits.Heartbeat = time.Millisecond })
	resp := w.ask("", "GET", "/api/v1/changes?follow", "")
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("%d %v", resp.StatusCode, resp.Header)
	}
	next := lines(t, resp.Body)
	heads, seen := 0, map[string]bool{}
	var head any
	for heads == 0 || len(seen) < 7 {
		v := next()
		if v == nil {
			t.Fatal("the feed ended")
		}
		if h, ok := v["head"]; ok {
			heads, head = heads+1, h
			continue
		}
		id := v["id"].(string)
		seen[id] = true
		if id == "draft" || id == "gone" {
			if v["deleted"] != true || v["listing"] != nil {
				t.Errorf("%s is shown: %v", id, v)
			}
		}
		if id == "refuge" && strings.Contains(fmt.Sprint(v), "Secret") {
			t.Errorf("the refuge can be found: %v", v)
		}
	}
	w.ask("shed", "PUT", "/api/v1/listings/shed/availability", `{"state":"full"}`)
	for {
		v := next()
		if v == nil {
			t.Fatal("the feed ended before the change")
		}
		if l, ok := v["listing"].(map[string]any); ok && v["id"] == "shed" && l["rev"].(float64) == 2 {
			if l["availability"].(map[string]any)["state"] != "full" || v["token"] == head {
				t.Errorf("the change is %v", v)
			}
			break
		}
	}
	w.server.Stop()
	for next() != nil {
	}
}

func TestFollowersAreBounded(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Limits.Followers = 1 })
	first := w.ask("", "GET", "/api/v1/changes?follow=true", "")
	if first.StatusCode != 200 {
		t.Fatal(first.StatusCode)
	}
	if got := w.ask("", "GET", "/api/v1/changes?follow=true", "").StatusCode; got != 503 {
		t.Errorf("a follower too many is answered %d", got)
	}
	if got := w.ask("", "GET", "/api/v1/changes?follow=false", "").StatusCode; got != 200 {
		t.Errorf("reading the feed once is answered %d", got)
	}
}

func TestNotReadyIsSaid(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Searcher = failing{hereabouts.ErrUnavailable} })
	d := readDocument(t, w)
	resp := w.ask("", "GET", "/readyz", "")
	body, _ := io.ReadAll(resp.Body)
	d.conform(t, resp, body, answeredOperations{})
	if resp.StatusCode != 503 || !bytes.Contains(body, []byte(`"checks":{"index":"not ready","store":"ok"}`)) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if got := w.ask("", "GET", "/healthz", "").StatusCode; got != 200 {
		t.Errorf("a server that waits for its index is not healthy: %d", got)
	}
	for _, path := range []string{"/api/v1/search?q=x", "/api/v1/suggest?q=x"} {
		if resp := w.ask("", "GET", path, ""); resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
			t.Errorf("%s without an index: %d", path, resp.StatusCode)
		}
	}
	if got := w.ask("", "GET", "/api/v1/listings/shed", "").StatusCode; got != http.StatusOK {
		t.Errorf("reading a listing needs the index: %d", got)
	}
}
