package api_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hereabouts"
	"hereabouts/api"
	"hereabouts/data"
	"hereabouts/geo"
	"hereabouts/geo/transit"
	"hereabouts/importers/gtfs"
	"hereabouts/index"

	"github.com/paulmach/orb"
	"golang.org/x/time/rate"
)

// now is the moment at which every test happens: a Friday in November.
var now = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// A world is a server over a real store, with people who may do different things.
type world struct {
	t       testing.TB
	store   *data.Store
	index   *index.Index
	stop    func() // ends following
	server  *api.Server
	http    *httptest.Server
	log     *lockedWriter
	secrets map[string]string // role → key
	clock   *atomic.Pointer[time.Time]
	token   string // that the last write gave
	noted   *noted // what was counted as evidence
}

// The people of the test world, by what their keys allow.
var roles = map[string][]hereabouts.Scope{
	"staff":   {hereabouts.ReadStaff},
	"writer":  {hereabouts.WriteListings},
	"shed":    {hereabouts.WriteOrg + "org-shed"},
	"library": {hereabouts.WriteOrg + "org-library"},
	"import":  {hereabouts.ScopeImport},
	"admin":   {hereabouts.ScopeAdmin},
}

func newWorld(t testing.TB, change ...func(*api.Config)) *world {
	t.Helper()
	w := &world{t: t, log: &lockedWriter{}, secrets: map[string]string{}, noted: &noted{}, clock: &atomic.Pointer[time.Time]{}}
	start := now
	w.clock.Store(&start)
	logger := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var ids atomic.Int64
	newID := func() string { return fmt.Sprintf("id-%d", ids.Add(1)) }
	clock := func() time.Time { return *w.clock.Load() }
	store, err := data.Open(filepath.Join(t.TempDir(), "hereabouts.db"), data.Options{Now: clock, NewID: newID, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	w.store = store
	w.stock()
	for role, scopes := range roles {
		secret, _, err := store.CreateKey(t.Context(), role, scopes, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		w.secrets[role] = secret
	}
	var requests atomic.Int64
	w.index, err = index.Open(t.Context(), t.TempDir(), store, index.Options{Needs: data.Taxonomy(), Timetables: timetables(t), Now: clock, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	following, stop := context.WithCancel(context.Background())
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		if err := w.index.Follow(following); err != nil {
			t.Error(err)
		}
	}()
	w.stop = sync.OnceFunc(func() { stop(); <-followed })
	if err := w.index.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := api.Config{
		Searcher: w.index, Store: store, Keys: store, Places: places{}, Needs: data.Taxonomy(), Evidence: w.noted,
		Now: clock, NewID: func() string { return "request-" + strconv.FormatInt(requests.Add(1), 10) }, Logger: logger,
		Version: "test",
		Limits:  api.Limits{PerAddress: rate.Inf, PerKey: rate.Inf},
	}
	for _, f := range change {
		f(&c)
	}
	w.server, err = api.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w.http = httptest.NewServer(w.server)
	t.Cleanup(w.close)
	return w
}

// close stops the world; closing twice is harmless.
func (w *world) close() {
	w.server.Stop()
	w.http.Close()
	w.stop()
	w.index.Close()
	w.store.Close()
}

// timetables are the buses of testdata/timetable, which run on weekdays until
// the end of the year: line 39 from Moulton to Brixworth and back, and line 9
// from Spratton to Brixworth, which does not come back.
func timetables(t testing.TB) *transit.Timetables {
	t.Helper()
	feed, report, err := gtfs.Read(t.Context(), "testdata/timetable", gtfs.Options{Name: "village-buses", Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err, report)
	}
	dir := t.TempDir()
	if err := transit.Save(dir, feed); err != nil {
		t.Fatal(err)
	}
	all, err := transit.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// stock fills the directory.
func (w *world) stock() {
	w.t.Helper()
	pt := func(p *hereabouts.Place, lat, lon float64) hereabouts.Place {
		p.SetPoint(geo.LatLon(lat, lon))
		return *p
	}
	two := 200
	writes := []hereabouts.Write{
		{Organisation: &hereabouts.Organisation{ID: "org-shed", Name: "Brixworth Men's Shed CIO", CharityNumber: "1234567"}},
		{Organisation: &hereabouts.Organisation{ID: "org-library", Name: "Friends of Moulton Library"}},
		{Listing: &hereabouts.Listing{ID: "shed", Kind: hereabouts.Group, Name: "Men's Shed", Summary: "Make and mend things in good company.",
			Organisation: hereabouts.OrganisationRef{ID: "org-shed"}, Tags: []string{"woodwork"},
			Availability: hereabouts.Availability{State: hereabouts.Open, AsOf: "2026-11-01"},
			Places:       []hereabouts.Place{pt(&hereabouts.Place{Name: "Village Hall", Postcode: "NN6 9DX", Access: hereabouts.Access{StepFree: hereabouts.Yes}}, 52.33, -0.9)},
			Sessions:     []hereabouts.Session{{RRule: "FREQ=WEEKLY;BYDAY=TU", Start: "10:00", End: "12:00", From: "2026-01-06"}},
			Cost:         hereabouts.Cost{Free: hereabouts.No, Pence: &two, Per: "session"}, ConfirmedAt: "2026-10-02", ConfirmedBy: hereabouts.ByProvider}},
		{Listing: &hereabouts.Listing{ID: "story-time", Kind: hereabouts.Group, Name: "Story time",
			Organisation: hereabouts.OrganisationRef{ID: "org-library"}, Delivery: []hereabouts.Delivery{hereabouts.Online}}},
		{Listing: &hereabouts.Listing{ID: "refuge", Kind: hereabouts.Service, Name: "A safe place to stay", HiddenLocation: true,
			Eligibility: hereabouts.Eligibility{Catchment: hereabouts.Catchment{Label: "West Northamptonshire", Areas: []string{"E06000062"}}},
			Places:      []hereabouts.Place{pt(&hereabouts.Place{ID: "secret-house", Name: "Secret House", Address: "1 Secret Street", Postcode: "NN1 1AA"}, 52.2371, -0.8944)},
			Sessions:    []hereabouts.Session{{PlaceID: "secret-house", RRule: "FREQ=DAILY", Start: "09:00", End: "17:00", From: "2026-01-01"}}}},
		{Listing: &hereabouts.Listing{ID: "draft", Kind: hereabouts.Group, Name: "Not ready yet", Status: hereabouts.Draft,
			Organisation: hereabouts.OrganisationRef{ID: "org-shed"}}},
		{Listing: &hereabouts.Listing{ID: "gone", Kind: hereabouts.Group, Name: "Knit and natter", Status: hereabouts.Withdrawn,
			Organisation: hereabouts.OrganisationRef{ID: "org-library"}}},
	}
	for _, write := range writes {
		if write.Organisation != nil {
			write.Organisation.Status = hereabouts.Published
		}
		b := hereabouts.Batch{Actor: hereabouts.Actor{Kind: "demo", Name: "the storekeeper"}, Writes: []hereabouts.Write{write}}
		if _, err := w.store.Commit(w.t.Context(), b); err != nil {
			w.t.Fatal(err)
		}
	}
}

// ask sends a request as somebody; role "" is the public.
func (w *world) ask(role, method, path, body string, header ...string) *http.Response {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.http.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if role != "" {
		req.Header.Set("Authorization", "Bearer "+w.secrets[role])
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // follows no redirects
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// logged is every log line, once every request has been answered.
func (w *world) logged() string {
	w.http.Close()
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	return w.log.to.String()
}

// noted is what was counted as evidence, as it was told.
type noted struct {
	mu  sync.Mutex
	all []string
}

func (n *noted) NoteReach(district string, needs []string, counts hereabouts.ReachCounts) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, fmt.Sprintf("%s %q %v", district, needs, counts))
}

func (n *noted) UnmetReach(context.Context) ([]hereabouts.UnmetReach, error) {
	return []hereabouts.UnmetReach{{Month: "2026-11", District: "NN6", Need: "connection", Searches: 20, Unreached: 10, No: 80, ThereOnly: 20}}, nil
}

// take is what was counted since it was last asked.
func (n *noted) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := n.all
	n.all = nil
	return all
}

type lockedWriter struct {
	mu sync.Mutex
	to bytes.Buffer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}

// places is a gazetteer of a few places.
type places struct{}

var known = []geo.Place{
	{Label: "NN6 9DX", Name: "NN6 9DX", Kind: geo.KindPostcode, Point: geo.LatLon(52.33, -0.9)},
	{Label: "Brixworth, West Northamptonshire", Name: "Brixworth", Kind: geo.KindVillage, District: "West Northamptonshire", Point: geo.LatLon(52.329, -0.903)},
	{Label: "Moulton, West Northamptonshire", Name: "Moulton", Kind: geo.KindVillage, District: "West Northamptonshire", Point: geo.LatLon(52.29, -0.85)},
	{Label: "Spratton, West Northamptonshire", Name: "Spratton", Kind: geo.KindVillage, District: "West Northamptonshire", Point: geo.LatLon(52.326, -0.95)},
	{Label: "Newport, Isle of Wight", Name: "Newport", Kind: geo.KindTown, District: "Isle of Wight", Point: geo.LatLon(50.7, -1.29)},
	{Label: "Newport, Telford and Wrekin", Name: "Newport", Kind: geo.KindTown, District: "Telford and Wrekin", Point: geo.LatLon(52.77, -2.38)},
}

func (places) Resolve(text string) (geo.Place, error) {
	var lat, lon float64
	if n, err := fmt.Sscanf(text, "%g,%g", &lat, &lon); n == 2 && err == nil {
		switch {
		case lat < -90 || lat > 90 || lon < -180 || lon > 180:
			return geo.Place{}, &geo.PointError{Code: "out_of_range", Reason: "give a latitude from -90 to 90 and a longitude from -180 to 180"}
		case !geo.InUK(geo.LatLon(lat, lon)) && geo.InUK(geo.LatLon(lon, lat)):
			return geo.Place{}, &geo.PointError{Code: "swapped", Reason: "give the latitude first"}
		}
		return geo.Place{Label: text, Kind: geo.KindPoint, Point: geo.LatLon(lat, lon)}, nil
	}
	var named []geo.Place
	for _, p := range known {
		if strings.EqualFold(p.Label, text) {
			return p, nil
		}
		if strings.EqualFold(p.Name, text) {
			named = append(named, p)
		}
	}
	switch len(named) {
	case 0:
		if strings.EqualFold(text, "Brixwrth") { // near enough to be read as what it must be
			p := known[1]
			p.Corrected = "Brixworth"
			return p, nil
		}
		return geo.Place{}, &geo.UnknownPlaceError{Suggestions: known[1:2]}
	case 1:
		return named[0], nil
	}
	return geo.Place{}, &geo.AmbiguousPlaceError{Suggestions: named}
}

func (places) District(p orb.Point) (string, bool) {
	if geo.DistanceM(p, known[0].Point) > 20_000 {
		return "", false
	}
	return "NN6", true
}

func (places) Suggest(prefix string, limit int) []geo.Place {
	var found []geo.Place
	for _, p := range known {
		if strings.HasPrefix(strings.ToLower(p.Name), strings.ToLower(prefix)) && len(found) < limit {
			found = append(found, p)
		}
	}
	return found
}
