package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"hereabouts"
	"hereabouts/api"
	"hereabouts/data"
)

// again is a second server over the same store, as after a restart: it
// remembers no answers of its own.
func (w *world) again() *world {
	w.t.Helper()
	s, err := api.New(api.Config{Searcher: w.index, Store: w.store, Keys: w.store, Places: places{}, Needs: data.Taxonomy(),
		Now: func() time.Time { return *w.clock.Load() }})
	if err != nil {
		w.t.Fatal(err)
	}
	other := *w
	other.server = s
	return &other
}

// do sends a write straight to the server.
func (w *world) do(role, method, path, body string, header ...string) (int, http.Header, string) {
	req, err := http.NewRequest(method, "http://server"+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+w.secrets[role])
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, req)
	return rec.Code, rec.Header(), rec.Body.String()
}

func TestAWriteSentAgainIsMadeOnce(t *testing.T) {
	for _, c := range []struct {
		about, role, method, path, body string
		header                          []string
		status                          int
		other                           string // another body with the same key
	}{
		{"create", "writer", "POST", "/api/v1/listings", `{"kind":"group","name":"New"}`, nil, 201, `{"kind":"group","name":"Newer"}`},
		{"replace", "shed", "PUT", "/api/v1/listings/shed", `{"kind":"group","name":"New","organisation":{"id":"org-shed"}}`, []string{"If-Match", `"1"`}, 200, `{"kind":"group","name":"Newer","organisation":{"id":"org-shed"}}`},
		{"patch", "shed", "PATCH", "/api/v1/listings/shed", `{"summary":"New"}`, []string{"If-Match", `"1"`}, 200, `{"summary":"Newer"}`},
		{"withdraw", "shed", "DELETE", "/api/v1/listings/shed", ``, []string{"If-Match", `"1"`}, 204, ""},
		{"availability", "shed", "PUT", "/api/v1/listings/shed/availability", `{"state":"full"}`, []string{"If-Match", `"1"`}, 200, `{"state":"open"}`},
		{"one tap", "shed", "PUT", "/api/v1/listings/shed/availability", `{"state":"full"}`, nil, 200, ""},
	} {
		t.Run(c.about, func(t *testing.T) {
			w := newWorld(t)
			header := append([]string{"Idempotency-Key", "k"}, c.header...)
			status, h, body := w.do(c.role, c.method, c.path, c.body, header...)
			if status != c.status {
				t.Fatalf("%d %s", status, body)
			}
			same := func(about string, w *world, replayed string) {
				t.Helper()
				status2, h2, body2 := w.do(c.role, c.method, c.path, c.body, header...)
				if status2 != status || body2 != body || h2.Get("ETag") != h.Get("ETag") || h2.Get("Location") != h.Get("Location") || h2.Get("Idempotency-Replayed") != replayed {
					t.Errorf("%s: %d %v %s\nwant %d %v %s", about, status2, h2, body2, status, h, body)
				}
			}
			same("sent again", w, "true")
			same("sent again after a restart", w.again(), "")
			if c.other != "" {
				for about, w := range map[string]*world{"here": w, "after a restart": w.again()} {
					if status, _, body := w.do(c.role, c.method, c.path, c.other, header...); status != 422 || !strings.Contains(body, "idempotency-key-reused") {
						t.Errorf("with another body, %s: %d %s", about, status, body)
					}
				}
			}
			// Another's key of the same name is another key.
			if status, h, body := w.do("admin", c.method, c.path, c.body, header...); h.Get("Idempotency-Replayed") != "" {
				t.Errorf("somebody else's write is answered with this one: %d %s", status, body)
			}
		})
	}
}

// TestAFailureIsNotRemembered lets a client mend a write and send it under its
// own name again.
func TestAFailureIsNotRemembered(t *testing.T) {
	w := newWorld(t)
	if status, _, _ := w.do("writer", "POST", "/api/v1/listings", `{"kind":"group"}`, "Idempotency-Key", "k"); status != 422 {
		t.Fatal(status)
	}
	if status, _, body := w.do("writer", "POST", "/api/v1/listings", `{"kind":"group","name":"New"}`, "Idempotency-Key", "k"); status != 201 {
		t.Errorf("%d %s", status, body)
	}
}

func TestOneWriteSentManyTimesAtOnce(t *testing.T) {
	w := newWorld(t)
	var mu sync.Mutex
	answers := map[string]int{}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			status, h, body := w.do("writer", "POST", "/api/v1/listings", `{"kind":"group","name":"New"}`, "Idempotency-Key", "k")
			mu.Lock()
			defer mu.Unlock()
			answers[fmt.Sprint(status, h.Get("Location"), body)]++
		})
	}
	wg.Wait()
	if len(answers) != 1 {
		t.Errorf("one write has %d answers: %v", len(answers), answers)
	}
}

// TestTapsAtOnceAllCount has several people change one listing at the same
// time without naming a revision: each change is made to what the last left.
func TestTapsAtOnceAllCount(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if status, _, body := w.do("shed", "POST", "/api/v1/listings/shed/confirm", ""); status != 200 {
				t.Errorf("%d %s", status, body)
			}
		})
		wg.Go(func() {
			if status, _, body := w.do("shed", "PUT", "/api/v1/listings/shed/availability", `{"state":"full"}`); status != 200 {
				t.Errorf("%d %s", status, body)
			}
		})
	}
	wg.Wait()
	l, err := w.store.Listing(t.Context(), "shed")
	if err != nil || l.Availability.State != hereabouts.Full || l.ConfirmedAt != "2026-11-20" {
		t.Errorf("%+v %v", l, err)
	}
}

// TestAHiddenPlaceIsKept sends a refuge back as it was shown.
func TestAHiddenPlaceIsKept(t *testing.T) {
	w := newWorld(t)
	resp := w.ask("writer", "GET", "/api/v1/listings/refuge", "")
	shown, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.ToLower(string(shown)), "secret") {
		t.Fatalf("the refuge can be found: %s", shown)
	}
	if status, _, body := w.do("writer", "PUT", "/api/v1/listings/refuge", string(shown), "If-Match", `"1"`); status != 200 || strings.Contains(strings.ToLower(body), "secret") {
		t.Fatalf("%d %s", status, body)
	}
	kept, err := w.store.Listing(t.Context(), "refuge")
	if err != nil {
		t.Fatal(err)
	}
	if p := kept.Places[0]; p.ID != "secret-house" || p.Address != "1 Secret Street" || p.Lat == nil || kept.Sessions[0].PlaceID != "secret-house" {
		t.Errorf("the place was forgotten: %+v %+v", kept.Places, kept.Sessions)
	}
	if kept.Rev != 1 {
		t.Errorf("sending a record back as it was read makes revision %d", kept.Rev)
	}
	// Leaving the word out must not show where it is.
	var l map[string]any
	if err := json.Unmarshal(shown, &l); err != nil {
		t.Fatal(err)
	}
	delete(l, "hidden_location")
	raw, _ := json.Marshal(l)
	status, _, body := w.do("writer", "PUT", "/api/v1/listings/refuge", string(raw), "If-Match", fmt.Sprintf("%q", fmt.Sprint(kept.Rev)))
	if strings.Contains(strings.ToLower(body), "secret") {
		t.Errorf("%d %s", status, body)
	}
}

// TestAHiddenPlaceIsPatchedAsItIsShown changes parts of a refuge by the place
// ids that its record shows, which are not those that it is stored with.
func TestAHiddenPlaceIsPatchedAsItIsShown(t *testing.T) {
	w := newWorld(t)
	const path = "/api/v1/listings/refuge"
	patch := func(body string, want int) {
		t.Helper()
		status, _, answer := w.do("writer", "PATCH", path, body, "If-Match", "*")
		if status != want || strings.Contains(strings.ToLower(answer), "secret") {
			t.Errorf("%s is answered %d %s", body, status, answer)
		}
	}
	patch(`{"places": [{"id": "p1", "access": {"step_free": "yes"}}]}`, 200)
	patch(`{"sessions": [{"place_id": "p1", "rrule": "FREQ=WEEKLY;BYDAY=TU", "start": "09:00", "end": "10:00"}]}`, 200)
	patch(`{"places": [{"id": "elsewhere"}]}`, 422) // the session's place would be gone
	l, err := w.store.Listing(t.Context(), "refuge")
	if err != nil {
		t.Fatal(err)
	}
	if p := l.Places[0]; p.ID != "secret-house" || p.Address != "1 Secret Street" || p.Lat == nil || p.Access.StepFree != hereabouts.Yes {
		t.Errorf("the place is now %+v", p)
	}
	if s := l.Sessions[0]; s.PlaceID != "secret-house" || s.RRule != "FREQ=WEEKLY;BYDAY=TU" {
		t.Errorf("the session is now %+v", s)
	}
	if status, _, body := w.do("writer", "PATCH", path, `{"hidden_location": null}`, "If-Match", "*"); strings.Contains(strings.ToLower(body), "secret") {
		t.Errorf("to stop hiding shows where it was: %d %s", status, body)
	}
	if now, err := w.store.Listing(t.Context(), "refuge"); err != nil {
		t.Fatal(err)
	} else if l.Rev = now.Rev; !now.HiddenLocation {
		if _, err := w.store.Commit(t.Context(), hereabouts.Batch{Writes: []hereabouts.Write{{Listing: &l, IfRev: now.Rev}}}); err != nil {
			t.Fatal(err)
		}
	}
	patch(`{"places": [{"id": "p1", "address": "2 Other Street", "postcode": "NN2 2BB"}]}`, 200)
	if l, err = w.store.Listing(t.Context(), "refuge"); err != nil {
		t.Fatal(err)
	}
	if p := l.Places[0]; p.Address != "2 Other Street" || p.Lat != nil || l.Sessions[0].PlaceID != p.ID {
		t.Errorf("the place has not moved: %+v %+v", p, l.Sessions)
	}
}

// TestNobodyVouchesForTomorrow refuses dates that would keep a listing fresh,
// or a place open, for as long as somebody likes.
func TestNobodyVouchesForTomorrow(t *testing.T) {
	w := newWorld(t)
	for _, x := range []struct{ method, path, body, pointer string }{
		{"PATCH", "/api/v1/listings/shed", `{"confirmed_at": "2026-11-21", "confirmed_by": "provider"}`, "/confirmed_at"},
		{"PATCH", "/api/v1/listings/shed", `{"availability": {"state": "open", "as_of": "2031-01-01"}}`, "/availability/as_of"},
		{"PUT", "/api/v1/listings/shed/availability", `{"state": "open", "as_of": "2031-01-01"}`, "/as_of"},
		{"POST", "/api/v1/listings", `{"kind": "group", "name": "Shed two", "organisation": {"id": "org-shed"}, "confirmed_at": "2030-01-01", "confirmed_by": "provider"}`, "/confirmed_at"},
	} {
		status, _, body := w.do("shed", x.method, x.path, x.body, "If-Match", "*")
		if status != 422 || !strings.Contains(body, fmt.Sprintf(`"pointer":%q,"code":"in_the_future"`, x.pointer)) {
			t.Errorf("%s %s %s is answered %d %s", x.method, x.path, x.body, status, body)
		}
	}
	// Nor does a provider speak for a link worker.
	for body, want := range map[string]hereabouts.Confirmer{
		`{"confirmed_at": "2026-11-20", "confirmed_by": "link_worker"}`: hereabouts.ByProvider,
		`{"confirmed_by": "importer"}`:                                  hereabouts.ByProvider,
	} {
		status, _, answer := w.do("shed", "PATCH", "/api/v1/listings/shed", body, "If-Match", "*")
		if l, err := w.store.Listing(t.Context(), "shed"); err != nil || status != 200 || l.ConfirmedBy != want {
			t.Errorf("%s makes it confirmed by %q: %d %s %v", body, l.ConfirmedBy, status, answer, err)
		}
	}
}

func TestHistoryNamesPeopleOnlyToStaff(t *testing.T) {
	w := newWorld(t)
	w.do("shed", "POST", "/api/v1/listings/shed/confirm", "")
	for role, named := range map[string]bool{"": false, "library": false, "import": false, "staff": true, "shed": true, "admin": true} {
		resp := w.ask(role, "GET", "/api/v1/listings/shed/history", "")
		body, _ := io.ReadAll(resp.Body)
		if got := strings.Contains(string(body), "the storekeeper"); got != named || resp.StatusCode != 200 {
			t.Errorf("%q is told who: %v, want %v: %s", role, got, named, body)
		}
	}
	// What was hidden later was not to be seen before either.
	l, err := w.store.Listing(t.Context(), "shed")
	if err != nil {
		t.Fatal(err)
	}
	l.HiddenLocation = true
	l.Eligibility.Catchment = hereabouts.Catchment{Label: "West Northamptonshire", Areas: []string{"E06000062"}}
	if _, err := w.store.Commit(t.Context(), hereabouts.Batch{Writes: []hereabouts.Write{{Listing: &l, IfRev: l.Rev}}}); err != nil {
		t.Fatal(err)
	}
	resp := w.ask("admin", "GET", "/api/v1/listings/shed/history", "")
	body, _ := io.ReadAll(resp.Body)
	if strings.Contains(string(body), "NN6") || strings.Contains(string(body), "52.33") {
		t.Errorf("an earlier revision shows where it is: %s", body)
	}
}

func TestKeysThatNoLongerWork(t *testing.T) {
	w := newWorld(t)
	short, _, err := w.store.CreateKey(t.Context(), "short", []hereabouts.Scope{hereabouts.ScopeAdmin}, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	w.secrets["short"] = short
	if status, _, body := w.do("short", "GET", "/api/v1/listings/draft", ""); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	later := now.Add(time.Hour)
	w.clock.Store(&later)
	if status, h, _ := w.do("short", "GET", "/api/v1/listings/draft", ""); status != 401 || h.Get("Www-Authenticate") == "" {
		t.Errorf("an expired key is answered %d", status)
	}
	if err := w.store.RevokeKey(t.Context(), "admin"); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := w.do("admin", "GET", "/api/v1/listings/draft", ""); status != 401 {
		t.Errorf("a revoked key is answered %d", status)
	}
}
