package index

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/index/internal/sample"
)

func at(id string, lat, lon float64) hereabouts.Listing {
	l := hereabouts.Listing{ID: id, Name: id, Delivery: []hereabouts.Delivery{hereabouts.InPerson}, Places: []hereabouts.Place{{ID: "p"}}}
	l.Places[0].SetPoint(geo.LatLon(lat, lon))
	return l
}

func TestNearestFirst(t *testing.T) {
	phone := hereabouts.Listing{ID: "phone", Name: "phone", Delivery: []hereabouts.Delivery{hereabouts.Phone}}
	elsewhere := phone
	elsewhere.ID = "elsewhere"
	elsewhere.Eligibility.Catchment.Areas = []string{"A53-3"}
	hereOnly := phone
	hereOnly.ID = "here only"
	hereOnly.Eligibility.Catchment.Areas = []string{"A51+0"}
	unclear := phone
	unclear.ID = "unclear"
	unclear.Eligibility.Catchment.Areas = []string{"Z99"}

	park := at("park", 51.60, 0.10) // its middle is far away, its outline holds the origin
	square := orb.Polygon{{{-0.05, 51.45}, {0.2, 51.45}, {0.2, 51.7}, {-0.05, 51.7}, {-0.05, 51.45}}}
	park.Places[0].Geometry = geojson.NewGeometry(square)
	gates := at("gates", 51.7, 0.3)
	gates.Places[0].Entrances = []hereabouts.Entrance{{Lat: 51.481, Lon: 0.001}}
	branches := at("branches", 55, -3)
	branches.Places = append(branches.Places, hereabouts.Place{ID: "near"})
	branches.Places[1].SetPoint(geo.LatLon(51.485, 0))
	refuge := at("refuge", 51.48, 0)
	refuge.HiddenLocation = true

	x := directory(t, at("meridian", 51.48, 0), at("east", 51.48, 0.02), at("west", 51.48, -0.02), at("far", 52.5, 0),
		phone, elsewhere, hereOnly, unclear, park, gates, branches, refuge)
	origin := &hereabouts.Origin{Lat: 51.48, Lon: 0}
	res := search(t, x, hereabouts.Query{Near: origin, WithinM: 5000, Sort: hereabouts.ByDistance})
	want := []string{"meridian", "park", "gates", "branches", "east", "west", "here only", "phone", "refuge", "unclear"}
	if diff := cmp.Diff(want, idsOf(res)); diff != "" {
		t.Error(diff)
	}
	for _, r := range res.Results {
		switch r.Listing.ID {
		case "phone", "here only", "refuge", "unclear":
			if r.DistanceM != nil || r.PlaceID != "" {
				t.Errorf("%s is %v m away at %q", r.Listing.ID, r.DistanceM, r.PlaceID)
			}
		case "park":
			if r.DistanceM == nil || *r.DistanceM != 0 || !slices.Contains(r.Why, hereabouts.Reason{Clause: "near", Text: "you are inside it"}) {
				t.Errorf("park: %v, %v", r.DistanceM, r.Why)
			}
		case "branches":
			if r.PlaceID != "near" {
				t.Errorf("the nearest branch is %q", r.PlaceID)
			}
		}
		if r.Listing.HiddenLocation && r.Listing.Places[0].Lat != nil {
			t.Error("a hidden place is told")
		}
	}
	drop := search(t, x, hereabouts.Query{Near: origin, WithinM: 5000, DropUnknown: true})
	if slices.Contains(idsOf(drop), "unclear") {
		t.Error("a catchment that nobody knows is kept although unknown facts are to be dropped")
	}
	// Without words, those with a place come first in relevance too.
	byRank := idsOf(search(t, x, hereabouts.Query{Near: origin, WithinM: 5000}))
	if i := slices.Index(byRank, "phone"); i < 6 {
		t.Errorf("a phone line is number %d among places nearby: %v", i, byRank)
	}
}

func TestTheRadiusIsExact(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lat, lon := rapid.Float64Range(50, 58).Draw(rt, "lat"), rapid.Float64Range(-5, 1.5).Draw(rt, "lon")
		g := newGrid()
		var points []orb.Point
		for i := range 50 {
			p := geo.LatLon(lat+rapid.Float64Range(-0.2, 0.2).Draw(rt, "dlat"), lon+rapid.Float64Range(-0.3, 0.3).Draw(rt, "dlon"))
			points = append(points, p)
			g.add(uint32(i), &detail{points: []placePoint{{p.Lat(), p.Lon(), 0}}}, false)
		}
		from := newVantage(geo.LatLon(lat, lon))
		// A radius that is exactly the distance of one of them.
		radius := geo.DistanceM(from.Point, points[rapid.IntRange(0, 49).Draw(rt, "which")])
		var got, want []uint32
		g.near(&from, radius, func(p *gridPoint, chord2 float64) {
			got = append(got, p.ord)
			if d := geo.DistanceM(from.Point, points[p.ord]); metres(chord2) > d+1e-3 || metres(chord2) < d-1e-3 {
				rt.Fatalf("%v m by chord and %v m", metres(chord2), d)
			}
		})
		for i, p := range points {
			if geo.DistanceM(from.Point, p) <= radius {
				want = append(want, uint32(i))
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			rt.Fatalf("within %v m: %v, want %v", radius, got, want)
		}
	})
}

func TestInsideAgreesWithOrb(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		coordinate := rapid.Float64Range(0, 0.2)
		var mp orb.MultiPolygon
		for p := range rapid.IntRange(1, 2).Draw(rt, "polygons") {
			lat, lon := 52+0.3*float64(p), coordinate.Draw(rt, "lon")-1
			poly := sample.Circle(lat, lon, rapid.Float64Range(500, 12_000).Draw(rt, "radius"), rapid.IntRange(3, 30).Draw(rt, "sides"))
			if rapid.Bool().Draw(rt, "hole") {
				poly = append(poly, sample.Circle(lat, lon, 200, 7)[0])
			}
			mp = append(mp, poly)
		}
		o := outline{mp, mp.Bound()}
		a := newAreaTest("x", mp)
		for range 60 {
			p := geo.LatLon(51.8+3*coordinate.Draw(rt, "y"), -1.2+3*coordinate.Draw(rt, "x"))
			want := planar.MultiPolygonContains(mp, p)
			if o.contains(p) != want || a.contains(p.Lat(), p.Lon()) != want {
				rt.Fatalf("%v: outline says %v, area %v, orb %v", p, o.contains(p), a.contains(p.Lat(), p.Lon()), want)
			}
		}
	})
}

func TestAreas(t *testing.T) {
	inside, edge, corner, outside := at("inside", 51.5, 0.5), at("edge", 51.5, 0), at("corner", 52, 1), at("outside", 51.5, 1.0001)
	serves := at("serves", 55, -3)
	serves.Eligibility.Catchment.Areas = []string{"A51+0"}
	overlaps := at("overlaps", 55, -3)
	overlaps.Eligibility.Catchment.Geometry = geojson.NewGeometry(sample.Circle(51.5, -0.1, 20_000, 12))
	surrounds := at("surrounds", 55, -3)
	surrounds.Eligibility.Catchment.Geometry = geojson.NewGeometry(sample.Circle(51.5, 0.5, 300_000, 12))
	apart := at("apart", 51.5, 0.5) // there, and for people from elsewhere
	apart.Eligibility.Catchment.Areas = []string{"A53-3"}
	refuge := at("refuge", 51.5, 0.5)
	refuge.HiddenLocation = true
	refuge.Eligibility.Catchment.Areas = []string{"A51+0"}
	lost := at("lost", 51.5, 0.5)
	lost.HiddenLocation = true
	x := directory(t, inside, edge, corner, outside, serves, overlaps, surrounds, apart, refuge, lost,
		hereabouts.Listing{ID: "phone", Name: "phone"})
	got := idsOf(search(t, x, hereabouts.Query{Areas: []string{"A51+0"}, Sort: hereabouts.ByName}))
	if diff := cmp.Diff([]string{"corner", "edge", "inside", "overlaps", "refuge", "serves", "surrounds"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestNextSession(t *testing.T) {
	weekly := at("weekly", 51.5, 0)
	weekly.Sessions = []hereabouts.Session{
		{ID: "tue", PlaceID: "p", RRule: "FREQ=WEEKLY;BYDAY=TU", Start: "09:00", End: "10:00", Except: []hereabouts.Date{"2026-12-01"}},
		{ID: "thu", PlaceID: "p", RRule: "FREQ=WEEKLY;BYDAY=TH", Start: "18:00", End: "20:00"},
	}
	late := at("late", 51.5, 0)
	late.Sessions = []hereabouts.Session{{ID: "once", From: "2028-06-01", Start: "10:00", End: "11:00"}}
	over := at("over", 51.5, 0)
	over.Sessions = []hereabouts.Session{{ID: "past", From: "2026-01-01", Start: "10:00", End: "11:00"}}
	night := at("night", 51.5, 0)
	night.Sessions = []hereabouts.Session{{ID: "night", RRule: "FREQ=WEEKLY;BYDAY=SU", From: "2027-03-28", Start: "01:30", End: "03:00"}}
	x := directory(t, weekly, late, over, night)
	next := func(q hereabouts.Query, id string) string {
		t.Helper()
		for _, r := range search(t, x, q).Results {
			if r.Listing.ID == id && r.NextSession != nil {
				return r.NextSession.SessionID + " " + r.NextSession.Start.Format(time.RFC3339) + " " + r.NextSession.End.Format(time.RFC3339)
			}
		}
		return ""
	}
	for _, c := range []struct {
		q        hereabouts.Query
		id, want string
	}{
		// It is Tuesday 09:30: today's has begun.
		{hereabouts.Query{}, "weekly", "thu 2026-11-26T18:00:00Z 2026-11-26T20:00:00Z"},
		// The next Tuesday is cancelled.
		{hereabouts.Query{Days: []time.Weekday{time.Tuesday}}, "weekly", "tue 2026-12-08T09:00:00Z 2026-12-08T10:00:00Z"},
		{hereabouts.Query{From: "2027-06-01", To: "2027-06-02"}, "weekly", "tue 2027-06-01T09:00:00+01:00 2027-06-01T10:00:00+01:00"},
		{hereabouts.Query{TimeFrom: "19:00", TimeTo: "22:00"}, "weekly", "thu 2026-11-26T18:00:00Z 2026-11-26T20:00:00Z"},
		{hereabouts.Query{}, "late", "once 2028-06-01T10:00:00+01:00 2028-06-01T11:00:00+01:00"},
		{hereabouts.Query{}, "over", ""},
		// The night the clocks go forward, 01:30 does not exist.
		{hereabouts.Query{}, "night", "night 2027-03-28T02:30:00+01:00 2027-03-28T03:00:00+01:00"},
	} {
		if got := next(c.q, c.id); got != c.want {
			t.Errorf("%s %s: next %q, want %q", describeQuery(c.q), c.id, got, c.want)
		}
	}
	if got := idsOf(search(t, x, hereabouts.Query{Sort: hereabouts.BySoonest})); !cmp.Equal(got[:2], []string{"weekly", "night"}) {
		t.Errorf("soonest first: %v", got)
	}
	if got := idsOf(search(t, x, hereabouts.Query{From: "2026-12-01", To: "2026-12-01"})); slices.Contains(got, "weekly") {
		t.Error("a cancelled date is found")
	}
}

func TestFit(t *testing.T) {
	l := at("shed", 51.5, 0.5)
	l.Eligibility = hereabouts.Eligibility{MinAge: new(65), Genders: []string{"men"}, Circumstances: []string{"carer"},
		Catchment: hereabouts.Catchment{Label: "Greenwich", Areas: []string{"A51+0"}}}
	l.Referral.Routes = []hereabouts.Route{hereabouts.Self, hereabouts.GP}
	l.Availability = hereabouts.Availability{State: hereabouts.WaitingList, WaitWeeks: new(6)}
	l.Cost = hereabouts.Cost{Free: hereabouts.No, Pence: new(250), Per: "session"}
	l.Places[0].Access.StepFree = hereabouts.Yes
	l.Languages = []string{"en", "ur"}
	l.Sessions = []hereabouts.Session{{ID: "s", RRule: "FREQ=WEEKLY;BYDAY=TU", Start: "10:00", End: "12:00"}}
	x := directory(t, l, at("silent", 51.5, 0.5))
	q := hereabouts.Query{Near: &hereabouts.Origin{Lat: 51.5, Lon: 0.5}, Age: new(72), Gender: "men", MaxWaitWeeks: new(8),
		MaxPence: new(300), Access: []string{"step_free", "parking"}, Days: []time.Weekday{time.Tuesday}}
	got := map[string]hereabouts.Fit{}
	for _, r := range search(t, x, q).Results {
		got[r.Listing.ID] = r.Fit
	}
	yes, unknown := hereabouts.Yes, hereabouts.Unknown
	want := map[string]hereabouts.Fit{
		"shed": {Verdict: unknown, Reasons: []hereabouts.FitReason{
			{About: "age", Verdict: yes, Text: "for people aged 65 and over"},
			{About: "gender", Verdict: yes, Text: "for men"},
			{About: "catchment", Verdict: yes, Text: "for people living in Greenwich, which includes your address"},
			{About: "wait", Verdict: yes, Text: "has a waiting list of about 6 weeks"},
			{About: "cost", Verdict: yes, Text: "costs £2.50 a session"},
			{About: "access", Verdict: yes, Text: "is step-free"},
			{About: "access", Verdict: unknown, Text: "does not say whether it has parking"},
			{About: "day", Verdict: yes, Text: "happens when you asked"},
		}},
		"silent": {Verdict: unknown, Reasons: []hereabouts.FitReason{
			{About: "age", Verdict: unknown, Text: "no age limit is stated"},
			{About: "gender", Verdict: unknown, Text: "nothing is said about who it is for; ask if that matters"},
			{About: "catchment", Verdict: unknown, Text: "does not say where people must live"},
			{About: "wait", Verdict: unknown, Text: "does not say whether it is taking people now"},
			{About: "cost", Verdict: unknown, Text: "does not say what it costs"},
			{About: "access", Verdict: unknown, Text: "does not say whether it is step-free"},
			{About: "access", Verdict: unknown, Text: "does not say whether it has parking"},
			{About: "day", Verdict: unknown, Text: "does not say when it happens"},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	away := search(t, x, hereabouts.Query{Near: &hereabouts.Origin{Lat: 53.5, Lon: -2.5}, Text: "shed"}).Results[0].Fit
	if away.Verdict != hereabouts.No {
		t.Errorf("somebody from elsewhere: %+v", away)
	}
}

// nested is an area within another.
type nested struct{ outer, inner orb.MultiPolygon }

func (n nested) Polygon(code string) (orb.MultiPolygon, bool) {
	switch code {
	case "outer":
		return n.outer, true
	case "inner":
		return n.inner, true
	}
	return nil, false
}

func (n nested) Containing(p orb.Point) (codes []string) {
	for _, code := range []string{"outer", "inner"} {
		if mp, _ := n.Polygon(code); planar.MultiPolygonContains(mp, p) {
			codes = append(codes, code)
		}
	}
	return codes
}

// What serves the whole county serves each of its wards, and not the other
// way about.
func TestAnAreaIsServedByWhatServesTheAreasAroundIt(t *testing.T) {
	county, ward := at("county", 55, -3), at("ward", 55, -3)
	county.Eligibility.Catchment.Areas = []string{"outer"}
	ward.Eligibility.Catchment.Areas = []string{"inner"}
	o := testOptions()
	o.Areas = nested{orb.MultiPolygon{sample.Circle(52, -1, 40_000, 24)}, orb.MultiPolygon{sample.Circle(52.1, -1.1, 3_000, 24)}}
	x := open(t, t.TempDir(), newMemory(county, ward), o)
	for code, want := range map[string][]string{"inner": {"county", "ward"}, "outer": {"county"}} {
		got := idsOf(search(t, x, hereabouts.Query{Areas: []string{code}, Sort: hereabouts.ByName}))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", code, diff)
		}
	}
}

func TestInnerPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// A ragged star, so that its middle is often outside.
		var ring orb.Ring
		n := rapid.IntRange(5, 30).Draw(t, "corners")
		for k := range n {
			r := rapid.Float64Range(0.05, 1).Draw(t, "radius")
			a := 2 * math.Pi * float64(k) / float64(n)
			ring = append(ring, orb.Point{r * math.Cos(a), 52 + r*math.Sin(a)})
		}
		star := orb.MultiPolygon{{append(ring, ring[0])}}
		if p := innerPoint(star); !planar.MultiPolygonContains(star, p) {
			t.Errorf("%v is outside %v", p, star)
		}
	})
}

// Within a radius what has no place comes after what has one, whatever its words.
func TestLocalFirstWithinARadius(t *testing.T) {
	near := at("near", 52, -1)
	near.Description = "we have a choir among other things, most of them to do with sheds and lathes and tea"
	phone := hereabouts.Listing{ID: "phone", Name: "Choir by phone", Delivery: []hereabouts.Delivery{hereabouts.Phone}}
	x := directory(t, near, phone)
	q := hereabouts.Query{Text: "choir", Near: &hereabouts.Origin{Lat: 52.1, Lon: -1}, WithinM: 15_000}
	if got := idsOf(search(t, x, q)); !cmp.Equal(got, []string{"near", "phone"}) {
		t.Errorf("within 15 km: %v", got)
	}
	q.WithinM = 0
	if got := idsOf(search(t, x, q)); !cmp.Equal(got, []string{"phone", "near"}) {
		t.Errorf("anywhere: %v", got)
	}
}

// Leaving availability out still leaves out what has closed for good.
func TestRelaxCountsWhatLeavingAvailabilityOutAdds(t *testing.T) {
	with := func(id string, state hereabouts.AvailabilityState) hereabouts.Listing {
		l := at(id, 52, -1)
		l.Availability.State = state
		return l
	}
	x := directory(t, with("a", hereabouts.Full), with("b", hereabouts.Closed), with("c", hereabouts.Paused))
	res := search(t, x, hereabouts.Query{Availability: []hereabouts.AvailabilityState{hereabouts.Full}})
	want := []hereabouts.Relax{{Change: map[string]string{"availability": ""}, Adds: 1}}
	if diff := cmp.Diff(want, res.Relax); diff != "" {
		t.Error(diff)
	}
}
