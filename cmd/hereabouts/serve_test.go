package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// lockedBuffer takes what a running program prints.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A server is a whole program that serves while a test runs.
type server struct {
	url    string // without the final slash
	dir    string
	stderr *lockedBuffer
	stop   func() int // stops it as SIGTERM does; returns the exit code
}

// serve runs the program as a person would, on a free port.
func serve(t *testing.T, dir string, args ...string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	s := &server{dir: dir, stderr: &lockedBuffer{}}
	code := make(chan int, 1)
	go func() {
		all := append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--metrics-listen", "same"}, args...)
		c := run(ctx, all, strings.NewReader(""), in, s.stderr, func(string) string { return "" })
		in.Close()
		code <- c
	}()
	var once sync.Once
	var last int
	s.stop = func() int {
		once.Do(func() { cancel(); last = <-code })
		return last
	}
	t.Cleanup(func() { s.stop() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the server did not start: %s", s.stderr)
	}
	go io.Copy(io.Discard, out)
	s.url = strings.TrimSuffix(strings.TrimSpace(line), "/")
	s.awaitReady(t)
	return s
}

func (s *server) awaitReady(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		res, err := http.Get(s.url + "/readyz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
	}
	t.Fatalf("the server was not ready within a minute: %s", s.stderr)
}

// searched is the part of a search's answer that these tests look at.
type searched struct {
	Total   int `json:"total"`
	Results []struct {
		Listing struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"listing"`
		DistanceM *float64 `json:"distance_m"`
	} `json:"results"`
}

func (s *server) search(t *testing.T, parameters url.Values) (found searched) {
	t.Helper()
	res, err := http.Get(s.url + "/api/v1/search?" + parameters.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(res.Body)
		t.Fatalf("search: %s: %s", res.Status, body)
	}
	if err := json.NewDecoder(res.Body).Decode(&found); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestServeDemo(t *testing.T) {
	s := serve(t, t.TempDir(), "--demo")
	found := s.search(t, url.Values{"q": {"men's shed"}, "near": {"Northampton"}, "within": {"20km"}})
	if found.Total == 0 || !strings.Contains(strings.ToLower(found.Results[0].Listing.Name), "shed") {
		t.Errorf("a search for a men's shed near Northampton found %+v", found)
	}
	if code := s.stop(); code != exitOK {
		t.Errorf("stopped with exit code %d: %s", code, s.stderr)
	}
	if !strings.Contains(s.stderr.String(), "/admin/link?token=") {
		t.Errorf("the first run printed no admin link: %s", s.stderr)
	}

	again := serve(t, s.dir)
	if second := again.search(t, url.Values{"q": {"men's shed"}, "near": {"Northampton"}, "within": {"20km"}}); second.Total != found.Total {
		t.Errorf("after a restart the search found %d, before it %d", second.Total, found.Total)
	}
}

func TestServeLeavesARealDirectoryAlone(t *testing.T) {
	dir := t.TempDir()
	p := testProgram(dir)
	d, err := p.openDirectory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.Commit(t.Context(), oneListing("Real group")); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	var stderr lockedBuffer
	code := run(t.Context(), []string{"serve", "--demo", "--data", dir, "--listen", "127.0.0.1:0"},
		strings.NewReader(""), io.Discard, &stderr, func(string) string { return "" })
	if code != exitUsage || !strings.Contains(stderr.String(), "real directory already") {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}

// A second command works while the server runs, through its socket.
func TestCommandsReachTheRunningServer(t *testing.T) {
	s := serve(t, t.TempDir(), "--demo")
	command := func(args ...string) (string, string, int) {
		var out, errw lockedBuffer
		code := run(t.Context(), append(args, "--data", s.dir), strings.NewReader(""), &out, &errw, func(string) string { return "" })
		return out.String(), errw.String(), code
	}
	secret, errs, code := command("key", "create", "practice", "--scope", "write:listings")
	if code != exitOK || strings.Count(secret, "\n") != 1 {
		t.Fatalf("key create: exit code %d, printed %q, %s", code, secret, errs)
	}
	req, err := http.NewRequest("POST", s.url+"/api/v1/listings", strings.NewReader(`{"kind":"group","name":"Socket sewing bee"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(secret))
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("a listing could not be added with the new key: %s %s", res.Status, body)
	}
	if out, errs, code := command("export", "json"); code != exitOK || !strings.Contains(out, "Socket sewing bee") {
		t.Errorf("export: exit code %d, %d bytes, %s", code, len(out), errs)
	}
	for _, args := range [][]string{{"verify"}, {"reindex"}, {"backup", t.TempDir() + "/copy.db"}, {"key", "list"}, {"key", "revoke", "practice"}} {
		if out, errs, code := command(args...); code != exitOK {
			t.Errorf("%v: exit code %d: %s%s", args, code, out, errs)
		}
	}
	if found := s.search(t, url.Values{"q": {"sewing bee"}}); found.Total == 0 || found.Results[0].Listing.Name != "Socket sewing bee" {
		t.Errorf("after reindexing: %+v", found)
	}
}
