package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
	"hereabouts/api"
)

// indiscreet is a searcher that knows a way to everywhere, hidden places too,
// and says it. What it was asked about journeys is kept.
type indiscreet struct {
	api.Searcher
	counts hereabouts.ReachCounts
	asked  *hereabouts.Query
	about  *hereabouts.JourneyQuery
}

// secretStop is where somebody would get off for the refuge.
const secretStop = "Secret Street"

func aJourney() hereabouts.Journey {
	start := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	return hereabouts.Journey{Verdict: hereabouts.ThereAndBack,
		Session: &hereabouts.JourneySession{SessionID: "s1", PlaceID: "secret-house", Start: start, End: start.Add(2 * time.Hour)},
		Out: &hereabouts.WayThere{LeaveBy: "09:12", Arrive: "09:51", Minutes: 39, WalkM: 420, DepartAt: start.Add(-48 * time.Minute), ArriveAt: start.Add(-9 * time.Minute),
			Legs: []hereabouts.Leg{{Mode: "bus", Line: "2", From: "Church Street", To: secretStop, Depart: "09:12", Arrive: "09:51"}}},
		Back:     &hereabouts.WayBack{Leave: "12:10", Home: "12:52", Minutes: 42, Last: "18:40", DepartAt: start.Add(130 * time.Minute), ArriveAt: start.Add(172 * time.Minute)},
		Fallback: []hereabouts.Fallback{{ID: "dial", Name: secretStop}},
		Sentence: "Bus 2 to " + secretStop + "."}
}

func (n indiscreet) Search(ctx context.Context, q hereabouts.Query) (hereabouts.Results, error) {
	*n.asked = q
	travel := q.Travel
	if q.Travel = nil; q.Sort == hereabouts.ByJourney {
		q.Sort = ""
	}
	res, err := n.Searcher.Search(ctx, q)
	if err != nil || travel == nil {
		return res, err
	}
	counts := n.counts
	res.Reach = &counts
	for i := range res.Results {
		j := aJourney()
		res.Results[i].Journey = &j
	}
	return res, nil
}

func (n indiscreet) Journeys(_ context.Context, q hereabouts.JourneyQuery) (hereabouts.JourneyAnswer, error) {
	*n.about = q
	return hereabouts.JourneyAnswer{From: q.From, Listing: hereabouts.JourneyListing{ID: q.ListingID, Name: secretStop}, Date: "2026-11-24",
		Journeys: []hereabouts.JourneyChoice{{Journey: aJourney()}}}, nil
}

// travelling is a world whose searcher is indiscreet.
func travelling(t testing.TB) (*world, *indiscreet) {
	n := &indiscreet{asked: &hereabouts.Query{}, about: &hereabouts.JourneyQuery{}, counts: hereabouts.ReachCounts{ThereAndBack: 31, ThereOnly: 4, No: 80, Unknown: 8}}
	w := newWorld(t, func(c *api.Config) {
		n.Searcher = c.Searcher
		c.Searcher = n
	})
	return w, n
}

// with is an object with more members.
func with(object, members string) string {
	return strings.Replace(strings.Replace(object, "{", "{"+members+", ", 1), ", }", "}", 1)
}

func ptr[T any](v T) *T { return &v }

// TestTravelIsReadAsItWasAsked sends each parameter both ways and looks at
// the question that the searcher is asked.
func TestTravelIsReadAsItWasAsked(t *testing.T) {
	w, n := travelling(t)
	whole := func(change func(*hereabouts.Travel)) *hereabouts.Travel {
		t := hereabouts.Travel{Mode: hereabouts.ByTransit, MaxMinutes: 45, ArriveEarly: ptr(5), Stay: 60, Profile: "standard"}
		change(&t)
		return &t
	}
	for _, c := range []struct {
		query, body string
		want        *hereabouts.Travel
	}{
		{"", `{}`, nil},
		{"transport=", `{"transport": null, "max_minutes": null, "reach": []}`, nil},
		{"transport=transit", `{"transport": "transit"}`, whole(func(*hereabouts.Travel) {})},
		{"transport=walk", `{"transport": "walk"}`, whole(func(t *hereabouts.Travel) { t.Mode = hereabouts.OnFoot })},
		{"transport=door_to_door", `{"transport": ["door_to_door"]}`, whole(func(t *hereabouts.Travel) { t.Mode = hereabouts.ByDoorToDoor })},
		{"transport=transit&return=false", `{"transport": "transit", "return": false}`, whole(func(t *hereabouts.Travel) { t.OneWay = true })},
		{"transport=transit&return=true", `{"transport": "transit", "return": "true"}`, whole(func(*hereabouts.Travel) {})},
		{"transport=transit&max_minutes=1&arrive_early=0&stay=5&max_walk=1&max_changes=0",
			`{"transport": "transit", "max_minutes": 1, "arrive_early": 0, "stay": 5, "max_walk": 1, "max_changes": 0}`,
			whole(func(t *hereabouts.Travel) {
				t.MaxMinutes, t.ArriveEarly, t.Stay, t.MaxWalkM, t.MaxChanges = 1, ptr(0), 5, ptr(1.0), ptr(0)
			})},
		{"transport=transit&max_minutes=240&arrive_early=120&stay=720&max_walk=5000&max_changes=10",
			`{"transport": "transit", "max_minutes": "240", "arrive_early": 120.0, "stay": 720, "max_walk": 5e3, "max_changes": "10"}`,
			whole(func(t *hereabouts.Travel) {
				t.MaxMinutes, t.ArriveEarly, t.Stay, t.MaxWalkM, t.MaxChanges = 240, ptr(120), 720, ptr(5000.0), ptr(10)
			})},
		{"transport=transit&profile=step_free&pass=older_disabled&reach=there_only,no&reach=unknown",
			`{"transport": "transit", "profile": "step_free", "pass": "older_disabled", "reach": ["there_only", "no", "unknown"]}`,
			whole(func(t *hereabouts.Travel) {
				t.Profile, t.Pass, t.Verdicts = "step_free", "older_disabled", []string{"there_only", "no", "unknown"}
			})},
	} {
		send := func(method, path, body string) {
			t.Helper()
			*n.asked = hereabouts.Query{}
			resp := w.ask("", method, path, body)
			if raw, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 {
				t.Fatalf("%s %s %s: %d %s", method, path, body, resp.StatusCode, raw)
			}
			if diff := cmp.Diff(c.want, n.asked.Travel); diff != "" {
				t.Errorf("%s %s %s (-want +asked):\n%s", method, path, body, diff)
			}
		}
		send("GET", "/api/v1/search?near=NN6+9DX&"+c.query, "")
		send("POST", "/api/v1/search", with(c.body, `"near": "NN6 9DX"`))
		if c.want == nil || len(c.want.Verdicts) > 0 {
			continue
		}
		// Journeys understand the same.
		for _, ask := range [][3]string{{"GET", "/api/v1/journeys?from=NN6+9DX&listing=shed&unknown=drop&date=2020-02-29&" + c.query, ""},
			{"POST", "/api/v1/journeys", with(c.body, `"from": "NN6 9DX", "listing": "shed", "unknown": "drop", "date": "2020-02-29"`)}} {
			*n.about = hereabouts.JourneyQuery{}
			resp := w.ask("", ask[0], ask[1], ask[2])
			if raw, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || resp.Header.Get("Cache-Control") != "no-store" {
				t.Fatalf("%v: %d %s", ask, resp.StatusCode, raw)
			}
			want := hereabouts.JourneyQuery{From: hereabouts.Origin{Label: "NN6 9DX", Kind: "postcode", Lat: 52.33, Lon: -0.9},
				ListingID: "shed", Date: "2020-02-29", Travel: *c.want, DropUnknown: true}
			if diff := cmp.Diff(want, *n.about); diff != "" {
				t.Errorf("%v (-want +asked):\n%s", ask, diff)
			}
		}
	}
}

func TestJourneysByPublicTransportUnlessAskedOtherwise(t *testing.T) {
	w, n := travelling(t)
	w.ask("", "GET", "/api/v1/journeys?from=Brixworth&listing=shed", "")
	if n.about.Travel.Mode != hereabouts.ByTransit || n.about.Date != "" || n.about.From.Kind != "place" {
		t.Errorf("asked %+v", n.about)
	}
}

// TestNoWayLeadsToAHiddenLocation has a searcher that gives everything away.
func TestNoWayLeadsToAHiddenLocation(t *testing.T) {
	w, _ := travelling(t)
	d := readDocument(t, w)
	for _, c := range [][3]string{
		{"GET", "/api/v1/search?near=NN6+9DX&transport=transit&q=safe", ""},
		{"POST", "/api/v1/search", `{"near": "NN6 9DX", "transport": "transit", "q": "safe", "reach": "no", "sort": "journey"}`},
		{"GET", "/api/v1/journeys?from=NN6+9DX&listing=refuge", ""},
		{"POST", "/api/v1/journeys", `{"from": "NN6 9DX", "listing": "refuge", "date": "2026-11-24"}`},
	} {
		resp := w.ask("", c[0], c[1], c[2])
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		d.conform(t, resp, raw, answeredOperations{})
		said := string(raw)
		if resp.StatusCode != 200 || !strings.Contains(said, "refuge") || !strings.Contains(said, `"verdict":"unknown"`) {
			t.Fatalf("%v: %d %s", c, resp.StatusCode, said)
		}
		for _, never := range []string{"Secret", "secret", "Church Street", "09:12", "09:51", "18:40", "dial"} {
			if strings.Contains(said, never) {
				t.Errorf("%v says %q: %s", c, never, said)
			}
		}
	}
	for _, page := range []struct{ method, path, form string }{
		{"POST", "/search", "near=NN6+9DX&transport=transit&q=safe"}, {"POST", "/listings/refuge", "from=NN6+9DX"}, {"GET", "/listings/refuge", ""},
	} {
		resp, _, raw := w.page(page.method, page.path, page.form)
		if resp.StatusCode != 200 || !strings.Contains(raw, "A safe place to stay") || strings.Contains(raw, "Secret") || strings.Contains(raw, "09:12") {
			t.Errorf("%v: %d %s", page, resp.StatusCode, raw)
		}
	}
}

// TestWhatCannotBeReachedIsCounted looks at what is counted of a search, and
// that nothing is counted that is no search of a person's.
func TestWhatCannotBeReachedIsCounted(t *testing.T) {
	w, n := travelling(t)
	form := []string{"Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html"}
	const counted = "{31 4 80 8 0}"
	for _, c := range []struct {
		about, method, path, body string
		header                    []string
		want                      []string
	}{
		{"a search", "GET", "/api/v1/search?near=NN6+9DX&transport=transit", "", nil, []string{`NN6 [""] ` + counted}},
		{"needs that were asked for and read", "POST", "/api/v1/search", `{"near": "Brixworth", "transport": "transit", "need": ["money.debt", "connection"], "q": "lonely"}`, nil,
			[]string{`NN6 ["connection" "money.debt"] ` + counted}},
		{"a place that is a point", "GET", "/api/v1/search?near=52.3,-0.9&transport=transit&return=false", "", nil, []string{`NN6 [""] ` + counted}},
		{"a place where no district is known", "GET", "/api/v1/search?near=60.1,-1.2&transport=transit", "", nil, nil},
		{"the page", "POST", "/search", "near=NN6+9DX&transport=transit", form, []string{`NN6 [""] ` + counted}},
		{"a search without travelling", "GET", "/api/v1/search?near=NN6+9DX", "", nil, nil},
		{"on foot", "GET", "/api/v1/search?near=NN6+9DX&transport=walk", "", nil, nil},
		{"a look at what cannot be reached", "GET", "/api/v1/search?near=NN6+9DX&transport=transit&reach=no", "", nil, nil},
		{"a program that follows links", "GET", "/search?near=NN6+9DX&transport=transit", "", []string{"User-Agent", "Mozilla/5.0 (compatible; Examplebot/2.1)"}, nil},
		{"a browser looking ahead", "GET", "/search?near=NN6+9DX&transport=transit", "", []string{"Sec-Purpose", "prefetch"}, nil},
		{"a question without an answer", "HEAD", "/api/v1/search?near=NN6+9DX&transport=transit", "", nil, nil},
		{"a faulty search", "GET", "/api/v1/search?near=NN6+9DX&transport=transit&limit=0", "", nil, nil},
		{"what is typed", "GET", "/api/v1/suggest?q=shed", "", nil, nil},
		{"journeys to one listing", "GET", "/api/v1/journeys?from=NN6+9DX&listing=shed", "", nil, nil},
	} {
		w.ask("", c.method, c.path, c.body, c.header...)
		if diff := cmp.Diff(c.want, w.noted.take()); diff != "" {
			t.Errorf("%s (-want +counted):\n%s", c.about, diff)
		}
	}
	resp := w.ask("", "GET", "/api/v1/search?near=NN6+9DX&transport=transit&limit=1", "")
	var first struct{ Next string }
	if err := json.NewDecoder(resp.Body).Decode(&first); err != nil || first.Next == "" {
		t.Fatal(err, first)
	}
	w.noted.take()
	if resp := w.ask("", "GET", "/api/v1/search?near=NN6+9DX&transport=transit&limit=1&page="+first.Next, ""); resp.StatusCode != 200 || w.noted.take() != nil {
		t.Errorf("the next page is answered %d, or counts as another search", resp.StatusCode)
	}
	n.counts = hereabouts.ReachCounts{Unknown: 5}
	if w.ask("", "GET", "/api/v1/search?near=NN6+9DX&transport=transit", ""); w.noted.take() != nil {
		t.Error("a search of which nothing is known counts")
	}
}

func TestADirectoryMayKeepNoEvidence(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Evidence = nil })
	resp := w.ask("staff", "GET", "/api/v1/evidence/reach", "")
	raw, _ := io.ReadAll(resp.Body)
	readDocument(t, w).conform(t, resp, raw, answeredOperations{})
	if resp.StatusCode != http.StatusNotFound || w.ask("", "GET", "/api/v1/search?near=NN6+9DX&transport=transit", "").StatusCode != 200 {
		t.Errorf("%d %s", resp.StatusCode, raw)
	}
}

// TestFaultsOfTravelComeInOneOrder keeps the order of faults apart from maps: the
// same faulty question is answered the same every time.
func TestFaultsOfTravelComeInOneOrder(t *testing.T) {
	w := newWorld(t)
	first := ""
	for i := range 20 {
		resp := w.ask("", "POST", "/api/v1/journeys", `{"pass": "x", "max_minutes": 0, "from": "Nowhere", "frm": 1, "date": "tomorrow", "reach": "no", "return": 1}`)
		raw, _ := io.ReadAll(resp.Body)
		if first == "" {
			first = string(raw)
		}
		if string(raw) != first || resp.StatusCode != 422 {
			t.Fatalf("asked %d times: %d %s, first %s", i+1, resp.StatusCode, raw, first)
		}
	}
	var p struct {
		Errors []struct{ Pointer, Code string }
	}
	if err := json.Unmarshal([]byte(first), &p); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range p.Errors {
		got = append(got, fmt.Sprint(e.Pointer, " ", e.Code))
	}
	want := []string{"/frm unknown_parameter", "/reach unknown_parameter", "/from unknown_place", "/date not_a_date",
		"/max_minutes out_of_range", "/return unknown_value", "/pass unknown_value", "/listing required"}
	if !slices.Equal(got, want) {
		t.Errorf("the faults are %v, want %v", got, want)
	}
}

// Whatever an answer says would help can be asked as it stands, and helps by
// as much as it says.
func TestWhatWouldHelpCanBeAsked(t *testing.T) {
	w := newWorld(t)
	search := func(asked url.Values) (res hereabouts.Results) {
		t.Helper()
		resp := w.ask("", "GET", "/api/v1/search?"+asked.Encode(), "")
		if resp.StatusCode != 200 {
			body, _ := io.ReadAll(resp.Body)
			t.Fatalf("%s: %d %s", asked.Encode(), resp.StatusCode, body)
		}
		if err := json.NewDecoder(resp.Body).Decode(&res); err != nil {
			t.Fatal(err)
		}
		return res
	}
	offered := map[string]int{}
	for _, more := range []string{"", "&return=false", "&max_minutes=5&max_walk=1&reach=there_and_back", "&sort=journey&stay=30&pass=older_disabled",
		"&profile=slow&max_changes=0&arrive_early=0&return=true", "&q=shed&max_minutes=10"} {
		asked, err := url.ParseQuery("near=Moulton&transport=transit&facets=none" + more)
		if err != nil {
			t.Fatal(err)
		}
		res := search(asked)
		for _, relax := range res.Relax {
			changed := maps.Clone(asked)
			for name, value := range relax.Change {
				offered[name]++
				changed.Set(name, value)
				if value == "" {
					changed.Del(name)
				}
			}
			if got := search(changed).Total - res.Total; got != relax.Adds {
				t.Errorf("%s: %v adds %d, not %d", asked.Encode(), relax.Change, got, relax.Adds)
			}
		}
	}
	if offered["transport"] == 0 || offered["sort"] == 0 {
		t.Errorf("too little was offered: %v", offered)
	}
}
