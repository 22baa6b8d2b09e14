package index

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb/geojson"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/geo/transit"
	"hereabouts/index/internal/sample"
)

// anyListing is a listing somewhere in the country of these tests, or nowhere.
func anyListing(r *rand.Rand, id string) hereabouts.Listing {
	one := func(list ...string) string { return list[r.IntN(len(list))] }
	l := hereabouts.Listing{ID: id, Name: "Listing " + id, Kind: hereabouts.Kind(one("group", "group", "service", "green_space")),
		Contacts: []hereabouts.Contact{{Phone: "01632 960" + id}}}
	somewhere := func() (lat, lon float64) {
		lats := []float64{52, 52 + door, 52.05, 52.1, 52.1 + door, 52.2, 52.2 + 2*door, 52.3}
		return lats[r.IntN(len(lats))] + 0.004*r.NormFloat64(), -1 + 0.004*r.NormFloat64()
	}
	for i := range max(1, r.IntN(4)) - r.IntN(12)/11 {
		p := hereabouts.Place{ID: fmt.Sprint("p", i), Name: one("Hall", "", "Room")}
		if r.IntN(5) > 0 {
			p.SetPoint(geo.LatLon(somewhere()))
		}
		for range r.IntN(2) * r.IntN(4) {
			lat, lon := somewhere()
			p.Entrances = append(p.Entrances, hereabouts.Entrance{Lat: lat, Lon: lon})
		}
		if r.IntN(6) == 0 {
			lat, lon := somewhere()
			p.Geometry = geojson.NewGeometry(sample.Circle(lat, lon, 3000*r.Float64(), 12))
		}
		l.Places = append(l.Places, p)
	}
	for i := range r.IntN(4) {
		s := hereabouts.Session{ID: fmt.Sprint("s", i), PlaceID: one("", "p0", "p1", "lost"), Attend: hereabouts.Attend(one("", "whole", "any_time", "any_time"))}
		s.RRule = "FREQ=WEEKLY;BYDAY=" + one("MO", "TU", "TU,WE", "WE", "FR", "SA", "SU", "MO,TU,WE,TH,FR,SA,SU")
		if r.IntN(4) == 0 {
			s.RRule, s.From = "", today24.AddDays(r.IntN(24)-3)
		}
		switch r.IntN(6) {
		case 0: // nobody says when
		case 1:
			s.Start = hereabouts.ClockAt(15 * r.IntN(96))
		case 2:
			s.Start, s.End = "00:00", "24:00"
		default:
			start := 5*r.IntN(220) + 30
			s.Start, s.End = hereabouts.ClockAt(start), hereabouts.ClockAt((start+10*r.IntN(60)+5)%1440)
		}
		l.Sessions = append(l.Sessions, s)
	}
	switch r.IntN(8) {
	case 0:
		l.Delivery = []hereabouts.Delivery{hereabouts.Delivery(one("online", "phone", "home_visit"))}
	case 1, 2, 3, 4:
		l.Delivery = []hereabouts.Delivery{hereabouts.InPerson}
	}
	l.HiddenLocation = r.IntN(12) == 0
	if r.IntN(10) == 0 {
		l.Transport.Provided = hereabouts.Yes
	}
	if r.IntN(6) == 0 {
		lat, lon := somewhere()
		l.Eligibility.Catchment.Geometry = geojson.NewGeometry(sample.Circle(lat, lon, 20_000*r.Float64(), 9))
	}
	if r.IntN(40) == 0 {
		l.Needs = []string{communityTransport}
		l.Eligibility.Catchment.Geometry = geojson.NewGeometry(sample.Circle(52.05, -1, 9000*r.Float64(), 9))
	}
	return l
}

func anyTravel(r *rand.Rand) hereabouts.Travel {
	t := hereabouts.Travel{MaxMinutes: 20 + r.IntN(200), Stay: 15 * (1 + r.IntN(8)), OneWay: r.IntN(4) == 0,
		Verdicts: hereabouts.ReachNames}
	switch r.IntN(8) {
	case 0:
		t.Mode = hereabouts.OnFoot
	case 1:
		t.Mode = hereabouts.ByDoorToDoor
	}
	if r.IntN(3) == 0 {
		t.ArriveEarly = new(r.IntN(30))
	}
	if r.IntN(3) == 0 {
		t.Profile = hereabouts.ProfileNames[r.IntN(3)]
	}
	if r.IntN(4) == 0 {
		t.MaxWalkM = new(float64(100 + r.IntN(3000)))
	}
	if r.IntN(4) == 0 {
		t.MaxChanges = new(r.IntN(3))
	}
	if r.IntN(5) == 0 {
		t.Pass = "older_disabled"
	}
	return t
}

// TestJourneysAgreeWithSearch asks a search and [Index.Journeys] the same: one
// knows listings by columns and the other by what they say, and the journeys
// must not differ in a word.
func TestJourneysAgreeWithSearch(t *testing.T) {
	rounds := 25
	if testing.Short() {
		rounds = 4
	}
	verdictsSeen := map[hereabouts.Verdict]int{}
	obstaclesSeen := map[hereabouts.Obstacle]int{}
	for round := range rounds {
		r := rand.New(rand.NewPCG(uint64(round), 3))
		src := newMemory()
		for i := range 90 {
			l := anyListing(r, fmt.Sprintf("%03d", i))
			l.Normalise()
			src.put(l)
		}
		o := testOptions()
		o.Needs = hereabouts.NewTaxonomy(append(slices.Clone(o.Needs.Needs), hereabouts.Need{ID: communityTransport, Label: "Community transport"}))
		var hourly strings.Builder
		for h := 7; h < 19; h++ {
			fmt.Fprintf(&hourly, "weekdays bus X1 A %02[1]d:20 B %02[1]d:30 C %02[1]d:41\nweekdays tram T C %02[1]d:25 B %02[1]d:36 A %02[1]d:50\n", h)
		}
		o.Timetables = timetables(t, country(), feedOf("hourly", hourly.String(), transit.DayOf(2026, 11, 1), transit.DayOf(2026, 12, 3)))
		clock := time.Date(2026, 11, 20+r.IntN(10), r.IntN(24), r.IntN(60), r.IntN(60), 0, hereabouts.London)
		o.Now = func() time.Time { return clock }
		x := open(t, t.TempDir(), src, o)
		for range 6 {
			travel := anyTravel(r)
			from := hereabouts.Origin{Label: "home", Lat: 52 + 0.002*r.NormFloat64(), Lon: -1 + 0.002*r.NormFloat64()}
			if r.IntN(12) == 0 {
				from.Lat = 56 // where there is no timetable
			}
			q := hereabouts.Query{Near: &from, Travel: &travel, Limit: 100, DropUnknown: r.IntN(4) == 0, Sort: hereabouts.ByName}
			var day hereabouts.Date
			if r.IntN(2) == 0 {
				day = hereabouts.DateOf(clock).AddDays(r.IntN(24))
				q.From, q.To = day, day
			}
			for _, res := range search(t, x, q).Results {
				ask := hereabouts.JourneyQuery{From: from, ListingID: res.Listing.ID, Date: day, Travel: travel, DropUnknown: q.DropUnknown}
				ans, err := x.Journeys(t.Context(), ask)
				if err != nil {
					t.Fatal(err)
				}
				if res.Journey == nil {
					if len(ans.Journeys) > 0 {
						t.Fatalf("%s: a search finds that no journey is needed, and asking for journeys gives %+v", res.Listing.ID, ans.Journeys)
					}
					continue
				}
				verdictsSeen[res.Journey.Verdict]++
				obstaclesSeen[res.Journey.Reason]++
				if len(ans.Journeys) == 0 {
					t.Fatalf("%s at %v: no journeys, and a search has %+v", res.Listing.ID, clock, res.Journey)
				}
				chosen := &ans.Journeys[0].Journey
				if day != "" {
					chosen = best(ans.Journeys)
				}
				if diff := gocmp.Diff(res.Journey, chosen); diff != "" {
					t.Fatalf("round %d, listing %s at %v, %+v on %q, sessions %+v (-search +journeys)\n%s", round, res.Listing.ID, clock, travel, day, res.Listing.Sessions, diff)
				}
			}
		}
	}
	for _, v := range verdicts {
		if v != "" && verdictsSeen[v] < 10 && !testing.Short() {
			t.Errorf("%q was seen %d times: the listings say too little", v, verdictsSeen[v])
		}
	}
	for _, o := range []hereabouts.Obstacle{"no_return", "too_far", "no_service_that_day", "timetable_expired", "no_session"} {
		if obstaclesSeen[o] < 10 && !testing.Short() {
			t.Errorf("%q was seen %d times: the listings say too little", o, obstaclesSeen[o])
		}
	}
	t.Log(verdictsSeen, obstaclesSeen)
}

// best is the choice that a search shows: of those that state a time the one
// with the best verdict, and the earliest of equals.
func best(choices []hereabouts.JourneyChoice) *hereabouts.Journey {
	rank := func(c hereabouts.JourneyChoice) int {
		if c.Session == nil {
			return math.MaxInt
		}
		return slices.Index(verdicts[:], c.Verdict)
	}
	if choices[0].Session == nil {
		return &choices[0].Journey
	}
	c := slices.MinFunc(choices, func(a, b hereabouts.JourneyChoice) int { return cmp.Compare(rank(a), rank(b)) })
	return &c.Journey
}
