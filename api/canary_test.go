package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"hereabouts"
	"hereabouts/api"
	"hereabouts/geo"
)

// canary is a word that nobody would write by chance. It must sing nowhere.
const canary = "zq7canaryxv"

const wellNamed = "while all is well"

// TestNothingTypedIsKept sends a word through every address, parameter,
// header and body, while things work and while everything fails, and looks for
// it in every log line and every metric.
func TestNothingTypedIsKept(t *testing.T) {
	faults := map[string]func(*api.Config){
		wellNamed: func(*api.Config) {},
		"while the index fails": func(c *api.Config) {
			c.Searcher = failing{fmt.Errorf("index: parse %s near %q: %w", canary, canary, errors.New(canary))}
		},
		"while the index is away": func(c *api.Config) {
			c.Searcher = failing{fmt.Errorf("index: %s: %w", canary, hereabouts.ErrUnavailable)}
		},
		"while the index panics":      func(c *api.Config) { c.Searcher = failing{nil} },
		"while the gazetteer fails":   func(c *api.Config) { c.Places = lost{} },
		"while the store fails":       func(c *api.Config) { c.Store = broken{fmt.Errorf("data: listing %q: disk full", canary)} },
		"while keys cannot be looked": func(c *api.Config) { c.Keys = noKeys{} },
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, fault)
			asked := 0
			send := func(role, method, path, body string, header ...string) {
				asked++
				resp := w.ask(role, method, path, body, header...)
				_, _ = io.Copy(io.Discard, resp.Body)
			}
			word := url.QueryEscape(canary)
			for _, r := range w.server.Routes() {
				path := strings.NewReplacer(":id", "shed", ":file", canary).Replace(r.Path)
				typed := strings.ReplaceAll(r.Path, ":id", canary)
				who := []string{"", "admin"}
				if name != wellNamed {
					who = who[1:]
				}
				for _, role := range who {
					send(role, r.Method, typed, "")
					send(role, r.Method, path+"?"+word+"="+word, "")
					for _, p := range r.Params {
						if p != "follow" {
							send(role, r.Method, path+"?"+p+"="+word, "")
						}
					}
					for _, h := range []string{"If-Match", "If-None-Match", "Idempotency-Key", "User-Agent", "Referer", "X-Request-Id",
						"X-Forwarded-For", "Accept", "Origin", "Cookie", "Traceparent", "Content-Type", "Range"} {
						send(role, r.Method, path, `{"q":"`+canary+`"}`, h, canary)
						send(role, r.Method, path, "", h, `"`+canary+`"`)
					}
					for _, body := range []string{`{"` + canary + `":"` + canary + `"}`, `"` + canary + `"`, canary,
						`{"q":"` + canary + `","near":"` + canary + `","need":"` + canary + `"}`,
						`{"q":"` + canary + `","near":"NN6 9DX","transport":"transit","profile":"` + canary + `","reach":"` + canary + `"}`,
						`{"q":"` + canary + `","near":"NN6 9DX","transport":"transit"}`, `{"from":"` + canary + `","listing":"shed"}`,
						`{"from":"NN6 9DX","listing":"` + canary + `"}`, `{"from":"NN6 9DX","listing":"shed","date":"` + canary + `"}`,
						`{"from":"NN6 9DX","listing":"shed"}`,
						`{"kind":"group","name":"` + canary + `","needs":["` + canary + `"],"availability":{"state":"` + canary + `"}}`,
						`{"kind":"group","name":"` + canary + `"}`, `{"state":"full","note":"` + canary + `"}`} {
						send(role, r.Method, path, body, "If-Match", "*")
						send(role, r.Method, path, body, "If-Match", "*", "Content-Type", "application/merge-patch+json")
					}
					send(role, r.Method, path, "q="+word+"&near="+word+"&token="+word, "Content-Type", "application/x-www-form-urlencoded")
					send(role, r.Method, path, "from="+word, "Content-Type", "application/x-www-form-urlencoded")
					send(role, r.Method, path, "from=NN6+9DX&date="+word, "Content-Type", "application/x-www-form-urlencoded")
				}
			}
			send("", "CANARY"+canary, "/api/v1/search", "")
			send("", "GET", "/"+canary+"/"+canary, "")
			send("", "GET", "/api/v1/listings/shed", "", "Authorization", "Bearer "+canary)
			send("", "GET", "/api/v1/listings/shed", "", "Authorization", canary)
			if asked < 500 {
				t.Fatalf("only %d requests were made", asked)
			}

			log := w.logged()
			if strings.Count(log, "\n") < asked/2 {
				t.Fatalf("%d requests left only %d lines; the test is looking in the wrong place", asked, strings.Count(log, "\n"))
			}
			for line := range strings.SplitSeq(log, "\n") {
				if strings.Contains(line, canary) {
					t.Errorf("logged: %s", line)
				}
			}
			rec := httptest.NewRecorder()
			w.server.Metrics().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
			if !strings.Contains(rec.Body.String(), "hereabouts_http_requests_total") {
				t.Fatal("the metrics are not there")
			}
			for line := range strings.SplitSeq(rec.Body.String(), "\n") {
				if strings.Contains(line, canary) {
					t.Errorf("counted: %s", line)
				}
			}
		})
	}
}

func TestTheLogSaysHowRequestsWent(t *testing.T) {
	w := newWorld(t)
	w.ask("", "GET", "/api/v1/search?q=men", "")
	w.ask("", "GET", "/nowhere", "")
	log := w.logged()
	for _, want := range []string{`"route":"/api/v1/search","status":200`, `"results":1`, `"request_id":"request-1"`, `"route":"unmatched","status":404`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
}

// failing is a searcher that fails with err, or panics with what it was asked.
type failing struct{ err error }

func (f failing) Search(_ context.Context, q hereabouts.Query) (hereabouts.Results, error) {
	if f.err == nil {
		panic("cannot search for " + q.Text + canary)
	}
	return hereabouts.Results{}, f.err
}

func (f failing) Suggest(_ context.Context, prefix string, _ int) ([]hereabouts.Suggestion, error) {
	if f.err == nil {
		panic(errors.New("cannot complete " + prefix + canary))
	}
	return nil, f.err
}

func (f failing) Journeys(_ context.Context, q hereabouts.JourneyQuery) (hereabouts.JourneyAnswer, error) {
	if f.err == nil {
		panic(errors.New("cannot travel from " + q.From.Label + canary))
	}
	return hereabouts.JourneyAnswer{}, f.err
}

func (f failing) Ready(context.Context) error { return f.err }

// lost is a gazetteer that says what it was asked in its errors.
type lost struct{}

func (lost) Resolve(text string) (geo.Place, error) {
	return geo.Place{}, fmt.Errorf("geo: %s: no such file", text)
}
func (lost) Suggest(string, int) []geo.Place   { return nil }
func (lost) District(orb.Point) (string, bool) { return "", false }

// broken is a store that fails at everything.
type broken struct{ err error }

func (b broken) Commit(context.Context, hereabouts.Batch) (hereabouts.Receipt, error) {
	return hereabouts.Receipt{}, b.err
}
func (b broken) Listing(context.Context, string) (hereabouts.Listing, error) {
	return hereabouts.Listing{}, b.err
}
func (b broken) Organisation(context.Context, string) (hereabouts.Organisation, error) {
	return hereabouts.Organisation{}, b.err
}
func (b broken) OrganisationListings(context.Context, string) ([]string, error) { return nil, b.err }
func (b broken) History(context.Context, string) ([]hereabouts.Revision, error) { return nil, b.err }
func (b broken) Head(context.Context) (hereabouts.Token, error)                 { return "", b.err }
func (b broken) Health(context.Context) error                                   { return b.err }
func (b broken) Changes(context.Context, hereabouts.Token, bool) iter.Seq2[hereabouts.Change, error] {
	return func(yield func(hereabouts.Change, error) bool) { yield(hereabouts.Change{}, b.err) }
}

type noKeys struct{}

func (noKeys) KeyFor(_ context.Context, secret string) (hereabouts.Key, error) {
	return hereabouts.Key{}, fmt.Errorf("data: key %q: disk full", secret+canary)
}
func (noKeys) UseAdminLink(_ context.Context, token string) (string, hereabouts.Key, error) {
	return "", hereabouts.Key{}, fmt.Errorf("data: link %q: disk full", token)
}
