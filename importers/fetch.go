package importers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// FetchOptions bound what a Fetcher does. The zero value suits feeds on the
// public internet.
type FetchOptions struct {
	MaxBytes  int64         // of one answer; 0 is 50 MB
	Timeout   time.Duration // of one attempt; 0 is 60 s
	Retries   int           // after the first attempt; 0 is 4, below 0 none
	MinWait   time.Duration // before the first retry; 0 is 1 s
	MaxWait   time.Duration // between attempts, whatever the server asks for; 0 is 2 min
	UserAgent string        // 0 is "Hereabouts"

	// Loopback lets the fetcher talk to this machine. For tests only: with it
	// a feed can make the importer speak to what else runs here.
	Loopback bool

	resolver *net.Resolver // tests give answers of their own
}

// A Fetcher gets pages of feeds from servers that nobody vouches for. It
// connects to public addresses only, judged by the address that is really
// dialled, so a name that resolves differently the second time or a redirect
// inwards gains nothing. It uses no proxy, sends no credentials, follows at
// most three redirects, and limits time and size.
type Fetcher struct {
	client *http.Client
	o      FetchOptions
}

// maxRedirects is as many as an honest move of a feed takes.
const maxRedirects = 3

// ErrForbidden says that an address is not on the public internet.
var ErrForbidden = errors.New("not a public internet address")

// errFinal marks what no second attempt will change.
var errFinal = errors.New("not followed")

// A StatusError is an answer other than 200.
type StatusError struct {
	Status int
	Text   string // "404 Not Found"
}

func (e *StatusError) Error() string { return "the server answered " + e.Text }

// NewFetcher makes a Fetcher. Close it when done.
func NewFetcher(o FetchOptions) *Fetcher {
	if o.MaxBytes == 0 {
		o.MaxBytes = 50 << 20
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	if o.Retries == 0 {
		o.Retries = 4
	}
	if o.MinWait == 0 {
		o.MinWait = time.Second
	}
	if o.MaxWait == 0 {
		o.MaxWait = 2 * time.Minute
	}
	if o.UserAgent == "" {
		o.UserAgent = "Hereabouts"
	}
	dialer := &net.Dialer{
		Timeout:  15 * time.Second,
		Resolver: o.resolver,
		// After the name is resolved and before the connection is made: what
		// is judged here is what is dialled.
		Control: func(_, address string, _ syscall.RawConn) error {
			return forbidden(address, o.Loopback)
		},
	}
	return &Fetcher{
		o: o,
		client: &http.Client{
			Transport: &http.Transport{
				Proxy:                  nil, // a proxy would dial for us, unjudged
				DialContext:            dialer.DialContext,
				ForceAttemptHTTP2:      true,
				MaxIdleConnsPerHost:    4,
				IdleConnTimeout:        30 * time.Second,
				TLSHandshakeTimeout:    15 * time.Second,
				ResponseHeaderTimeout:  o.Timeout,
				MaxResponseHeaderBytes: 64 << 10,
			},
			CheckRedirect: func(req *http.Request, via []*http.Request) error {
				if len(via) > maxRedirects {
					return fmt.Errorf("more than %d redirects: %w", maxRedirects, errFinal)
				}
				return fetchable(req.URL)
			},
			// No cookie jar: a feed is public.
		},
	}
}

// Close ends idle connections.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }

// A Page is what a server answered.
type Page struct {
	URL  string // after redirects
	Type string // Content-Type
	Body []byte
}

// Get fetches address. Answers that may pass (429, 5xx, a broken connection)
// are tried again with growing waits, or after the time the server asks for;
// others are a *StatusError at once.
func (f *Fetcher) Get(ctx context.Context, address string) (*Page, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("importers: %w", err)
	}
	if err := fetchable(u); err != nil {
		return nil, fmt.Errorf("importers: fetching %s: %w", u.Redacted(), err)
	}
	for attempt := 0; ; attempt++ {
		page, resp, err := f.try(ctx, u.String())
		if err == nil {
			return page, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("importers: fetching %s: %w", u.Redacted(), context.Cause(ctx))
		}
		if attempt >= f.o.Retries || !passing(ctx, resp, err) {
			if attempt > 0 {
				err = fmt.Errorf("%w (tried %d times)", err, attempt+1)
			}
			return nil, fmt.Errorf("importers: fetching %s: %w", u.Redacted(), err)
		}
		select {
		case <-time.After(f.wait(attempt, resp)):
		case <-ctx.Done():
		}
	}
}

// wait is the time before the next attempt. A little chance keeps many
// importers of one feed from returning all at once.
func (f *Fetcher) wait(attempt int, resp *http.Response) time.Duration {
	d := min(retryablehttp.DefaultBackoff(f.o.MinWait, f.o.MaxWait, attempt, resp), f.o.MaxWait)
	return d + rand.N(d/4+1)
}

// passing reports whether what went wrong may pass.
func passing(ctx context.Context, resp *http.Response, err error) bool {
	if errors.Is(err, ErrForbidden) || errors.Is(err, ErrTooBig) || errors.Is(err, errFinal) {
		return false
	}
	if _, is := errors.AsType[*StatusError](err); is {
		err = nil // judge it by its status
	}
	again, _ := retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	return again
}

// try is one attempt, body included: a connection that breaks in the middle
// of a page is as worth trying again as one that is refused.
func (f *Fetcher) try(ctx context.Context, address string) (*Page, *http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept", "application/json, text/csv;q=0.8, */*;q=0.5")
	req.Header.Set("User-Agent", f.o.UserAgent)
	resp, err := f.client.Do(req)
	if err != nil {
		if e, is := errors.AsType[*url.Error](err); is && !errors.Is(err, context.DeadlineExceeded) {
			err = e.Err // the address is named once already
		}
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	if resp.StatusCode != http.StatusOK {
		// Enough is read for the connection to be used again.
		_, _ = io.CopyN(io.Discard, resp.Body, 16<<10)
		return nil, resp, &StatusError{Status: resp.StatusCode, Text: resp.Status}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, f.o.MaxBytes+1))
	if err != nil {
		return nil, nil, err
	}
	if int64(len(body)) > f.o.MaxBytes {
		return nil, nil, fmt.Errorf("more than %d bytes in one answer: %w", f.o.MaxBytes, ErrTooBig)
	}
	return &Page{URL: resp.Request.URL.String(), Type: resp.Header.Get("Content-Type"), Body: body}, resp, nil
}

func fetchable(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("a feed is fetched by http or https, not by %q: %w", u.Scheme, errFinal)
	case u.Hostname() == "":
		return fmt.Errorf("the address has no host: %w", errFinal)
	case u.User != nil:
		return fmt.Errorf("the address holds a password, which would end up in reports; give one without: %w", errFinal)
	}
	return nil
}

// notPublic are the ranges that no public feed lives in, beyond those that
// netip knows by name.
var notPublic = prefixes(
	"0.0.0.0/8",       // this network
	"100.64.0.0/10",   // carrier-grade NAT
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"240.0.0.0/4",     // reserved, and broadcast
	"::/96",           // IPv4 in old clothes
	"64:ff9b::/96",    // NAT64
	"64:ff9b:1::/48",  // NAT64, local
	"100::/64",        // discard
	"2001::/23",       // protocol assignments, Teredo
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4 carries an IPv4 address inside
	"3fff::/20",       // documentation
	"5f00::/16",       // segment routing
	"fec0::/10",       // site local
)

func prefixes(list ...string) []netip.Prefix {
	ps := make([]netip.Prefix, len(list))
	for i, s := range list {
		ps[i] = netip.MustParsePrefix(s)
	}
	return ps
}

// forbidden judges the resolved address that is about to be dialled.
func forbidden(address string, loopback bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s: %w", address, ErrForbidden)
	}
	ip := ap.Addr().Unmap().WithZone("")
	if loopback && ip.IsLoopback() {
		return nil
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
		return fmt.Errorf("%s is %w", ip, ErrForbidden)
	}
	for _, p := range notPublic {
		if p.Contains(ip) {
			return fmt.Errorf("%s is %w", ip, ErrForbidden)
		}
	}
	return nil
}
