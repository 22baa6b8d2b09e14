package oruk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hereabouts/importers"
	"hereabouts/importers/oruk"
)

// A council serves a feed, well or badly, and remembers what it was asked.
type council struct {
	mu    sync.Mutex
	asked []string
	serve func(w http.ResponseWriter, r *http.Request, page int)
}

func (c *council) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	n, _ := strconv.Atoi(r.URL.Query().Get("page"))
	asked := r.URL.Path
	if n > 0 {
		asked += " " + strconv.Itoa(n)
	}
	c.asked = append(c.asked, asked)
	c.mu.Unlock()
	c.serve(w, r, n)
}

func (c *council) start(t *testing.T) (url string, f *importers.Fetcher) {
	t.Helper()
	srv := httptest.NewServer(c)
	t.Cleanup(srv.Close)
	f = importers.NewFetcher(importers.FetchOptions{Loopback: true, Retries: 2, MinWait: time.Millisecond, MaxWait: 2 * time.Millisecond})
	t.Cleanup(f.Close)
	return srv.URL, f
}

func send(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// full is a service that says enough not to be asked about again.
func full(id int) map[string]any {
	return map[string]any{"id": strconv.Itoa(id), "name": fmt.Sprintf("Walk %d", id), "status": "active", "languages": []any{}}
}

func services(ids ...int) []any {
	list := []any{}
	for _, id := range ids {
		list = append(list, full(id))
	}
	return list
}

type fields = map[string]any

func TestFeedsArePagedToTheirEnd(t *testing.T) {
	pages := [][]any{1: services(1, 2), 2: services(3, 4), 3: services(5)}
	at := func(n int) []any {
		if n < len(pages) {
			return pages[n]
		}
		return []any{}
	}
	for name, c := range map[string]struct {
		path  string
		serve func(w http.ResponseWriter, r *http.Request, page int)
		asked []string
		ids   string
	}{
		"3.0, honest": {
			path: "/services",
			serve: func(w http.ResponseWriter, _ *http.Request, n int) {
				send(w, fields{"total_items": 5, "total_pages": 3, "page_number": n, "last_page": n == 3, "contents": at(n)})
			},
			asked: []string{"/services 1", "/services 2", "/services 3"}, ids: "1 2 3 4 5",
		},
		"from its base": {
			path: "/",
			serve: func(w http.ResponseWriter, r *http.Request, n int) {
				if r.URL.Path == "/" {
					send(w, fields{"version": "HSDS-UK-3.0", "profile": "p", "openapi_url": "u"})
					return
				}
				send(w, fields{"total_pages": 3, "last_page": n == 3, "contents": at(n)})
			},
			asked: []string{"/ 1", "/services 1", "/services 2", "/services 3"}, ids: "1 2 3 4 5",
		},
		"1.0 has nothing at its base": {
			path: "/api/v1",
			serve: func(w http.ResponseWriter, r *http.Request, n int) {
				if r.URL.Path != "/api/v1/services" {
					http.NotFound(w, r)
					return
				}
				send(w, fields{"totalElements": 5, "totalPages": 3, "number": n, "last": n >= 3, "content": at(n)})
			},
			asked: []string{"/api/v1 1", "/api/v1/services 1", "/api/v1/services 2", "/api/v1/services 3"}, ids: "1 2 3 4 5",
		},
		"never says that it is last or empty": {
			path: "/services",
			serve: func(w http.ResponseWriter, _ *http.Request, n int) {
				send(w, fields{"total_items": 1, "total_pages": 1, "last_page": false, "empty": false, "contents": at(n)})
			},
			asked: []string{"/services 1", "/services 2", "/services 3", "/services 4"}, ids: "1 2 3 4 5",
		},
		"says that every page is the last": {
			path: "/services",
			serve: func(w http.ResponseWriter, _ *http.Request, n int) {
				send(w, fields{"total_items": 5, "total_pages": 3, "last_page": true, "contents": at(n)})
			},
			asked: []string{"/services 1", "/services 2", "/services 3"}, ids: "1 2 3 4 5",
		},
		"counts fewer than it gives": {
			path: "/services",
			serve: func(w http.ResponseWriter, _ *http.Request, n int) {
				send(w, fields{"total_items": 1, "total_pages": 1, "last_page": true, "contents": at(n)})
			},
			asked: []string{"/services 1", "/services 2", "/services 3", "/services 4"}, ids: "1 2 3 4 5",
		},
		"ignores the page": {
			path: "/services",
			serve: func(w http.ResponseWriter, _ *http.Request, _ int) {
				send(w, fields{"total_pages": 141, "last": false, "content": services(1, 2)})
			},
			asked: []string{"/services 1", "/services 2"}, ids: "1 2",
		},
		"404 past the end": {
			path: "/services",
			serve: func(w http.ResponseWriter, r *http.Request, n int) {
				if n > 3 {
					http.NotFound(w, r)
					return
				}
				send(w, fields{"contents": at(n)})
			},
			asked: []string{"/services 1", "/services 2", "/services 3", "/services 4"}, ids: "1 2 3 4 5",
		},
		"a bare list": {
			path:  "/services.json",
			serve: func(w http.ResponseWriter, _ *http.Request, _ int) { send(w, services(1, 2)) },
			asked: []string{"/services.json 1", "/services.json 2"}, ids: "1 2",
		},
		"one service": {
			path:  "/services/7",
			serve: func(w http.ResponseWriter, _ *http.Request, _ int) { send(w, full(7)) },
			asked: []string{"/services/7 1"}, ids: "7",
		},
		"stumbles and gets up": {
			path: "/services",
			serve: func() func(w http.ResponseWriter, r *http.Request, n int) {
				stumbled := false
				return func(w http.ResponseWriter, _ *http.Request, n int) {
					if n == 2 && !stumbled {
						stumbled = true
						w.WriteHeader(http.StatusBadGateway)
						return
					}
					send(w, fields{"last_page": n == 3, "total_pages": 3, "contents": at(n)})
				}
			}(),
			asked: []string{"/services 1", "/services 2", "/services 2", "/services 3"}, ids: "1 2 3 4 5",
		},
	} {
		t.Run(name, func(t *testing.T) {
			feed := &council{serve: c.serve}
			url, f := feed.start(t)
			into := &shelf{}
			if _, err := run(t, oruk.Source{At: url + c.path, Fetcher: f}, into); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.asked, feed.asked); diff != "" {
				t.Errorf("asked: %s", diff)
			}
			if got := idsOf(into); got != c.ids {
				t.Errorf("got %s, want %s", got, c.ids)
			}
		})
	}
}

func idsOf(s *shelf) string {
	var ids []string
	for _, l := range s.got {
		ids = append(ids, l.Source.ID)
	}
	return strings.Join(ids, " ")
}

func TestShallowListsAreAskedForDetails(t *testing.T) {
	feed := &council{}
	feed.serve = func(w http.ResponseWriter, r *http.Request, n int) {
		switch r.URL.Path {
		case "/services":
			send(w, fields{"last_page": true, "total_pages": 1, "contents": []any{
				fields{"id": "1", "name": "Walk", "status": "active"}, fields{"id": "2", "name": "Talk", "status": "active"},
				fields{"id": "a/b?c", "name": "Sing", "status": "active"}, full(4)}})
		case "/services/1":
			s := full(1)
			s["eligibility_description"] = "Aged 50 and over"
			send(w, s)
		case "/services/a/b?c":
			s := full(3)
			s["id"], s["description"] = "a/b?c", "Together"
			send(w, s)
		default:
			http.NotFound(w, r)
		}
	}
	url, f := feed.start(t)
	into := &shelf{}
	rep, err := run(t, oruk.Source{At: url + "/services", Fetcher: f}, into)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(feed.asked[1:])
	if diff := cmp.Diff([]string{"/services 1", "/services/1", "/services/2", "/services/a/b?c"}, feed.asked); diff != "" {
		t.Errorf("asked: %s", diff)
	}
	if got := idsOf(into); got != "1 2 a/b?c 4" {
		t.Errorf("got %s", got)
	}
	if into.got[0].Eligibility.Text == "" || into.got[2].Description != "Together" {
		t.Error("the details were not taken")
	}
	if rep.Notes["shallow"] != 1 {
		t.Errorf("notes are %v; want one about the service whose details could not be had", rep.Notes)
	}
}

func TestAFeedThatBreaksOffGoesOnWhereItBroke(t *testing.T) {
	down := true
	feed := &council{}
	feed.serve = func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 3 && down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		send(w, fields{"total_pages": 4, "last_page": n == 4, "contents": services(2*n-1, 2*n)})
	}
	url, f := feed.start(t)
	into, state := &shelf{}, &oruk.State{}
	rep, err := run(t, oruk.Source{At: url + "/services", Fetcher: f, State: state}, into)
	if s, is := errors.AsType[*importers.StatusError](err); !is || s.Status != 503 || !strings.Contains(err.Error(), "page 3") {
		t.Fatalf("got %v", err)
	}
	if rep.Added != 4 || state.Page != 2 {
		t.Fatalf("%d added, state %+v", rep.Added, state)
	}
	// The state outlives the process.
	js, _ := json.Marshal(state)
	state = &oruk.State{}
	if err := json.Unmarshal(js, state); err != nil {
		t.Fatal(err)
	}
	down, feed.asked = false, nil
	rep, err = run(t, oruk.Source{At: url + "/services", Fetcher: f, State: state}, into)
	if err != nil || rep.Added != 4 {
		t.Fatalf("%d added, %v", rep.Added, err)
	}
	if diff := cmp.Diff([]string{"/services 3", "/services 4"}, feed.asked); diff != "" {
		t.Errorf("asked: %s", diff)
	}
	if got := idsOf(into); got != "1 2 3 4 5 6 7 8" {
		t.Errorf("got %s", got)
	}
}

func TestFeedsOnPrivateAddressesAreRefused(t *testing.T) {
	feed := &council{serve: func(w http.ResponseWriter, _ *http.Request, _ int) { send(w, services(1)) }}
	url, _ := feed.start(t)
	for _, path := range []string{"/services", "/"} {
		if _, err := run(t, oruk.Source{At: url + path}, &shelf{}); !errors.Is(err, importers.ErrForbidden) {
			t.Errorf("%s: %v, want forbidden", path, err)
		}
	}
	if len(feed.asked) > 0 {
		t.Errorf("it was asked %q", feed.asked)
	}
}

func TestAnswersThatAreNoFeed(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"a web page":     {"<!doctype html><p>Welcome", "no list of services"},
		"a broken page":  {`{"contents": [{"id": "1", "na`, "breaks off"},
		"a single value": {`"hello"`, "single value"},
	} {
		t.Run(name, func(t *testing.T) {
			feed := &council{serve: func(w http.ResponseWriter, _ *http.Request, _ int) { _, _ = w.Write([]byte(c.body)) }}
			url, f := feed.start(t)
			if _, err := run(t, oruk.Source{At: url + "/services", Fetcher: f}, &shelf{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
