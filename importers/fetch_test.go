package importers

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// quick is a Fetcher for a test's own server.
func quick(t *testing.T, o FetchOptions) *Fetcher {
	t.Helper()
	o.MinWait, o.MaxWait = time.Millisecond, 5*time.Millisecond
	f := NewFetcher(o)
	t.Cleanup(f.Close)
	return f
}

func TestForbiddenAddresses(t *testing.T) {
	for _, a := range []string{
		"127.0.0.1:80", "10.0.0.1:80", "172.16.5.4:80", "192.168.1.1:443", "169.254.169.254:80", "100.64.0.1:80", "0.0.0.0:80",
		"224.0.0.1:80", "255.255.255.255:80", "198.18.0.1:80", "192.0.2.1:80",
		"[::1]:80", "[::]:80", "[fe80::1]:80", "[fe80::1%25eth0]:80", "[fc00::1]:80", "[fd12:3456::1]:80", "[ff02::1]:80",
		"[::ffff:127.0.0.1]:80", "[::ffff:169.254.169.254]:80", "[::127.0.0.1]:80", "[64:ff9b::7f00:1]:80", "[64:ff9b:1::a00:1]:80",
		"[2002:7f00:1::]:80", "[2001:0:1::]:80", "[2001:db8::1]:80", "nonsense",
	} {
		if err := forbidden(a, false); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v, want forbidden", a, err)
		}
	}
	for _, a := range []string{"8.8.8.8:443", "151.101.1.1:80", "[2606:4700::1111]:443", "[2a00:1450:4009:80b::200e]:443"} {
		if err := forbidden(a, false); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
	if err := forbidden("127.0.0.1:80", true); err != nil {
		t.Errorf("tests cannot reach themselves: %v", err)
	}
	if err := forbidden("169.254.169.254:80", true); err == nil {
		t.Error("tests can reach the metadata service")
	}
}

func TestFetchRefusesThisMachine(t *testing.T) {
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer srv.Close()
	_, err := quick(t, FetchOptions{}).Get(t.Context(), srv.URL)
	if !errors.Is(err, ErrForbidden) || asked.Load() != 0 {
		t.Errorf("error %v, asked %d times; want forbidden and never", err, asked.Load())
	}
}

// A proxy from the environment would dial for us, past every check.
func TestFetchUsesNoProxy(t *testing.T) {
	var asked atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer proxy.Close()
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	_, err := quick(t, FetchOptions{Retries: -1, Loopback: true, resolver: resolver(t, [4]byte{10, 0, 0, 1})}).Get(t.Context(), "http://feed.test/")
	if !errors.Is(err, ErrForbidden) || asked.Load() != 0 {
		t.Errorf("error %v, proxy asked %d times", err, asked.Load())
	}
}

func TestFetchJudgesTheAddressThatIsDialled(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("inside")) }))
	defer srv.Close()
	port := srv.URL[strings.LastIndexByte(srv.URL, ':'):]
	// Every answer is another address, first a harmless one: whoever checks
	// the name and then dials the name is fooled.
	r := resolver(t, [4]byte{127, 0, 0, 1}, [4]byte{127, 0, 0, 2})
	f := quick(t, FetchOptions{Loopback: true, resolver: r})
	if p, err := f.Get(t.Context(), "http://feed.test"+port+"/"); err != nil || string(p.Body) != "inside" {
		t.Fatalf("the resolver of the test does not work: %v", err)
	}
	r = resolver(t, [4]byte{192, 0, 2, 7}, [4]byte{127, 0, 0, 1}, [4]byte{169, 254, 169, 254})
	f = quick(t, FetchOptions{resolver: r})
	for range 4 {
		if _, err := f.Get(t.Context(), "http://feed.test"+port+"/"); !errors.Is(err, ErrForbidden) {
			t.Errorf("got %v, want forbidden", err)
		}
	}
}

func TestFetchJudgesRedirects(t *testing.T) {
	var srv *httptest.Server
	var asked atomic.Int32
	srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		to := map[string]string{
			"/metadata": "http://169.254.169.254/latest/meta-data/",
			"/private":  "http://10.1.2.3/",
			"/file":     "file:///etc/passwd",
			"/loop":     "/loop",
			"/1":        "/2", "/2": "/3", "/3": "/end",
		}[r.URL.Path]
		if to == "" {
			_, _ = w.Write([]byte("end"))
			return
		}
		http.Redirect(w, r, to, http.StatusFound)
	}))
	defer srv.Close()
	f := quick(t, FetchOptions{Loopback: true})
	for _, path := range []string{"/metadata", "/private"} {
		if _, err := f.Get(t.Context(), srv.URL+path); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v, want forbidden", path, err)
		}
	}
	if _, err := f.Get(t.Context(), srv.URL+"/file"); err == nil || !strings.Contains(err.Error(), `not by "file"`) {
		t.Errorf("/file: %v", err)
	}
	asked.Store(0)
	if _, err := f.Get(t.Context(), srv.URL+"/loop"); err == nil || asked.Load() != 1+maxRedirects {
		t.Errorf("/loop: %v after %d requests", err, asked.Load())
	}
	p, err := f.Get(t.Context(), srv.URL+"/1")
	if err != nil || string(p.Body) != "end" || p.URL != srv.URL+"/end" {
		t.Errorf("three redirects: %+v, %v", p, err)
	}
}

func TestFetchTriesAgainWhatMayPass(t *testing.T) {
	var asked atomic.Int32
	answer := func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		switch {
		case r.URL.Path == "/gone":
			http.NotFound(w, r)
		case r.URL.Path == "/down":
			w.WriteHeader(http.StatusBadGateway)
		case n == 1:
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(http.StatusTooManyRequests)
		case n == 2: // breaks off in the middle of the body
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("half"))
		default:
			_, _ = w.Write([]byte("whole"))
		}
	}
	srv := httptest.NewServer(http.HandlerFunc(answer))
	defer srv.Close()
	f := quick(t, FetchOptions{Loopback: true, Retries: 3})
	p, err := f.Get(t.Context(), srv.URL+"/")
	if err != nil || string(p.Body) != "whole" || asked.Load() != 3 {
		t.Errorf("%+v, %v after %d requests", p, err, asked.Load())
	}
	for path, want := range map[string]struct {
		status int
		asked  int32
	}{"/gone": {404, 1}, "/down": {502, 4}} {
		asked.Store(0)
		_, err := f.Get(t.Context(), srv.URL+path)
		if s, is := errors.AsType[*StatusError](err); !is || s.Status != want.status || asked.Load() != want.asked {
			t.Errorf("%s: %v after %d requests, want %v", path, err, asked.Load(), want)
		}
	}
}

func TestFetchLimits(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
			return
		}
		_, _ = w.Write(make([]byte, 1001))
	}))
	defer srv.Close()
	if _, err := quick(t, FetchOptions{Loopback: true, MaxBytes: 1000}).Get(t.Context(), srv.URL); !errors.Is(err, ErrTooBig) {
		t.Errorf("got %v, want too big", err)
	}
	if _, err := quick(t, FetchOptions{Loopback: true, Timeout: 20 * time.Millisecond, Retries: 1}).Get(t.Context(), srv.URL+"/slow"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want out of time", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := quick(t, FetchOptions{Loopback: true}).Get(ctx, srv.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want cancelled", err)
	}
	for _, bad := range []string{"", "feed", "ftp://example.org/", "file:///etc/passwd", "http://", "http://user:secret@example.org/", "http://[::1"} {
		_, err := quick(t, FetchOptions{}).Get(t.Context(), bad)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// resolver answers every question with the next of addrs, so that a name is
// somewhere else each time it is looked up.
func resolver(t *testing.T, addrs ...[4]byte) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for n := 0; ; {
			size, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:size]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response, m.Additionals = true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
					Body:   &dnsmessage.AResource{A: addrs[n%len(addrs)]},
				}}
				n++
			}
			if out, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}
