package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// judge sends a request straight to the server. Whatever was sent, the answer
// must be one that the client can act on.
func judge(t *testing.T, w *world, r *http.Request) {
	t.Helper()
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, r)
	if rec.Code >= 500 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	if rec.Code >= 400 && !strings.Contains(rec.Header().Get("Content-Type"), "text/html") {
		var p struct {
			Status int
			Title  string
			Errors []struct{ Code, Detail string }
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || p.Status != rec.Code || p.Title == "" {
			t.Fatalf("%d is not a problem: %s", rec.Code, rec.Body)
		}
		for _, e := range p.Errors {
			if e.Code == "" || e.Detail == "" {
				t.Fatalf("a fault without code or advice: %s", rec.Body)
			}
		}
	}
}

func FuzzSearchQuery(f *testing.F) {
	for _, q := range []string{"", "q=men&near=NN6+9DX&within=5km", "near=0,0", "near=NaN,NaN", "limit=1e3", "kind=group,,&kind=", "day=tue&date=..&time=-",
		"need=money&need=debt", "q=%00", "a;b", "%", "facets=none,kind", "page=x&min_token=y", "sort=journey", "near=NN6+9DX&transport=transit&max_minutes=45&return=false&reach=no,there_only&max_walk=1e3&pass=x&profile=slow&sort=journey", "lat=1", strings.Repeat("kind=group&", 200)} {
		f.Add(q)
	}
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("GET", "/api/v1/search", nil)
		r.URL.RawQuery = query
		judge(t, w, r)
		r = httptest.NewRequest("GET", "/search", nil)
		r.URL.RawQuery = query
		judge(t, w, r)
	})
}

func FuzzSearchBody(f *testing.F) {
	for _, b := range []string{"", "{}", `{"q":"men","near":"NN6 9DX","within":800,"kind":["group"],"age":72,"transport":"transit","return":true,"max_changes":0,"reach":["no"]}`, `{"q":null}`, `[[]]`, `{"a":{"b":1}}`, `{"limit":1e2}`} {
		f.Add([]byte(b))
	}
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/api/v1/search", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		judge(t, w, r)
	})
}

func FuzzJourneys(f *testing.F) {
	for _, q := range []string{"", "from=NN6+9DX&listing=shed", "from=52.3,-0.9&listing=shed&date=2026-11-24&transport=walk", "from=NaN,1&listing=%00&date=x",
		"from=Newport&listing=refuge", "from=NN6+9DX&listing=shed&date=0001-01-01&max_minutes=240&max_walk=5000&profile=step_free&unknown=drop",
		"from=NN6+9DX&listing=story-time&date=9999-12-31&return=false&stay=720&arrive_early=120&max_changes=0&pass=older_disabled"} {
		f.Add(q)
	}
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("GET", "/api/v1/journeys", nil)
		r.URL.RawQuery = query
		judge(t, w, r)
		r = httptest.NewRequest("POST", "/listings/shed", strings.NewReader(query))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", "text/html")
		judge(t, w, r)
	})
}

// FuzzTokens sends anything as the tokens that clients send back.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{"", "2", "eyJhIjoxfQ", "a:1", "\x00", strings.Repeat("A", 3000)} {
		f.Add(s)
	}
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, token string) {
		for _, name := range []string{"page", "min_token"} {
			judge(t, w, httptest.NewRequest("GET", "/api/v1/search?"+name+"="+url.QueryEscape(token), nil))
		}
		judge(t, w, httptest.NewRequest("GET", "/api/v1/changes?from="+url.QueryEscape(token), nil))
	})
}

// FuzzListingBody and FuzzMergePatch send anything as a record. A record that
// is accepted must still be readable.
func FuzzListingBody(f *testing.F) {
	for _, b := range []string{"{}", `{"kind":"group","name":"Shed"}`, exampleJSON(f), `{"kind":"group","name":"x","places":[{"geometry":{"type":"Point","coordinates":[0,52]}}]}`,
		`{"kind":"group","name":"x","translations":{"cy":{"name":"Sied"}}}`, `{"places":[null],"sessions":[[]]}`} {
		f.Add([]byte(b))
	}
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/api/v1/listings", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+w.secrets["writer"])
		judge(t, w, r)
	})
}

func FuzzMergePatch(f *testing.F) {
	for _, b := range []string{"{}", `{"name":null}`, `{"places":null}`, `{"places":[{"lat":52,"lon":-1}]}`, `{"cost":{"pence":null}}`, `{"cost":7}`, `[]`, `{"rev":9,"id":"shed"}`, `{"organisation":null}`} {
		f.Add([]byte(b))
	}
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, patch []byte) {
		r := httptest.NewRequest("PATCH", "/api/v1/listings/shed", strings.NewReader(string(patch)))
		r.Header.Set("Content-Type", "application/merge-patch+json")
		r.Header.Set("Authorization", "Bearer "+w.secrets["writer"])
		r.Header.Set("If-Match", "*")
		judge(t, w, r)
		r = httptest.NewRequest("GET", "/api/v1/listings/shed", nil)
		r.Header.Set("Authorization", "Bearer "+w.secrets["writer"])
		judge(t, w, r)
	})
}
