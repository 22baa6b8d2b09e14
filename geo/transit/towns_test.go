package transit_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hereabouts/geo/transit"
)

// townDays are the first of four days that a town's timetables are valid on:
// a weekend, a bank holiday, and both changes of the clocks in Europe and
// America.
var townDays = []transit.Day{
	transit.DayOf(2025, time.July, 15),
	transit.DayOf(2025, time.July, 17),
	transit.DayOf(2025, time.August, 23),
	transit.DayOf(2025, time.March, 28),
	transit.DayOf(2025, time.October, 24),
	transit.DayOf(2025, time.March, 7),
	transit.DayOf(2025, time.November, 1),
}

var townZones = []string{"Europe/London", "Europe/London", "Europe/Paris", "America/New_York"}

// A town is a small network with as many difficulties as fit: overtaking,
// hops that take no time, loops, vehicles one may not get on or off, runs out
// of frequencies, nights, two time zones, and transfer rules of every kind.
type town struct {
	feeds  []*transit.Feed
	stops  []orb.Point
	from   transit.Day
	begin  int32 // when most of it happens, in seconds of the day
	centre orb.Point
}

func newTown(r *rand.Rand) *town {
	begins := []int32{6 * 3600, 8 * 3600, 9 * 3600, 22 * 3600, 24 * 3600, 26 * 3600}
	w := &town{begin: begins[r.IntN(len(begins))], from: townDays[r.IntN(len(townDays))], centre: orb.Point{-1.4 + r.Float64()/10, 50.9 + r.Float64()/10}}
	for i := range 1 + r.IntN(2) {
		w.feeds = append(w.feeds, w.feed(r, fmt.Sprintf("town-%d", i)))
	}
	return w
}

func (w *town) feed(r *rand.Rand, name string) *transit.Feed {
	f := &transit.Feed{Name: name, Publisher: "Town", Zone: townZones[r.IntN(len(townZones))], First: w.from, Last: w.from + 3}
	if r.IntN(4) == 0 {
		f.First++
	}
	if r.IntN(4) == 0 {
		f.Last--
	}
	// What happens in one zone happens in the other at about the same time.
	begin := w.begin + map[string]int32{"Europe/Paris": 3600, "America/New_York": -5 * 3600}[f.Zone]
	spread := []float64{300, 1000, 3000}[r.IntN(3)]
	for i := range 3 + r.IntN(8) {
		at := nearby(r, w.centre, spread)
		if len(w.stops) > 0 && r.IntN(6) == 0 {
			at = w.stops[r.IntN(len(w.stops))] // both feeds, or both platforms, in one place
		}
		w.stops = append(w.stops, at)
		s := transit.Stop{ID: fmt.Sprintf("S%d", i), Name: fmt.Sprintf("Stop %d", i), Lat: at.Lat(), Lon: at.Lon(), Wheelchair: anyAccess(r)}
		if r.IntN(3) == 0 {
			s.Station = "STATION"
		}
		f.Stops = append(f.Stops, s)
	}
	for i := range 1 + r.IntN(4) {
		f.Routes = append(f.Routes, transit.Route{ID: fmt.Sprintf("R%d", i), Name: fmt.Sprint(i), Operator: name, Mode: transit.Mode(r.IntN(4))})
	}
	for range 1 + r.IntN(3) {
		days := uint64(0b1111)
		if r.IntN(2) == 0 {
			days = r.Uint64N(16)
		}
		if r.IntN(4) > 0 {
			days &= 1<<(f.Last-f.First+1) - 1
		} // else the calendar goes on after the feed has ended
		f.Services = append(f.Services, transit.Service{Days: []uint64{days}})
	}
	for i := range 2 + r.IntN(6) {
		w.line(r, f, i, begin)
	}
	for range r.IntN(13) {
		w.rule(r, f)
	}
	return f
}

func anyAccess(r *rand.Rand) transit.Accessible {
	return transit.Accessible([]int{0, 0, 1, 1, 1, 2}[r.IntN(6)])
}

// line adds several trips along the same stops.
func (w *town) line(r *rand.Rand, f *transit.Feed, line int, begin int32) {
	var along []uint32
	for len(along) < 2+r.IntN(5) {
		s := uint32(r.IntN(len(f.Stops)))
		if len(along) == 0 || along[len(along)-1] != s || r.IntN(10) == 0 {
			along = append(along, s)
		}
	}
	route, access := uint32(r.IntN(len(f.Routes))), anyAccess(r)
	frequency := r.IntN(3) == 0
	var base transit.Trip
	for i := range 2 + r.IntN(8) {
		t := transit.Trip{ID: fmt.Sprintf("T%d.%d", line, i), Route: route, Service: uint32(r.IntN(len(f.Services))), Headsign: "End", Wheelchair: access}
		if r.IntN(8) == 0 {
			t.Route, t.Wheelchair = uint32(r.IntN(len(f.Routes))), anyAccess(r)
		}
		at := begin + 60*int32(r.IntN(150))
		switch r.IntN(8) {
		case 0:
			at += int32(r.IntN(60))
		case 1: // when passes begin and end to hold, and a second before
			at = []int32{9*3600 + 1800, 24 * 3600}[r.IntN(2)] - int32(r.IntN(3)/2)
		}
		for _, s := range along {
			st := transit.StopTime{Stop: s, Arrive: at}
			switch r.IntN(8) {
			case 0, 1:
				at += int32(r.IntN(4)) * 30
			case 2:
				at += 60 * int32(r.IntN(15)) // long enough to be overtaken at the stop
			}
			st.Depart = at
			if r.IntN(6) > 0 {
				at += 60 * int32(r.IntN(12))
			}
			st.Pickup, st.DropOff = anyBoarding(r), anyBoarding(r)
			t.Times = append(t.Times, st)
		}
		if frequency {
			if i == 0 {
				base = t
			}
			shift := int32(i) * 600
			t = base
			t.Times = slices.Clone(base.Times)
			for k := range t.Times {
				t.Times[k].Arrive += shift
				t.Times[k].Depart += shift
			}
		}
		f.Trips = append(f.Trips, t)
	}
}

func anyBoarding(r *rand.Rand) uint8 {
	if r.IntN(12) == 0 {
		return uint8(1 + r.IntN(3))
	}
	return transit.Regular
}

// rule adds a transfer rule, between stops near each other for preference.
func (w *town) rule(r *rand.Rand, f *transit.Feed) {
	rule := transit.Transfer{
		From: uint32(r.IntN(len(f.Stops))), To: uint32(r.IntN(len(f.Stops))),
		FromRoute: -1, ToRoute: -1, FromTrip: -1, ToTrip: -1,
		Type: uint8(r.IntN(4)), Seconds: int32([]int{-1, 0, 30, 60, 120, 300, 900}[r.IntN(7)]), Rank: uint8(r.IntN(3)),
	}
	if r.IntN(2) == 0 {
		rule.To = rule.From
	}
	if r.IntN(3) == 0 {
		rule.FromRoute, rule.Rank = int32(r.IntN(len(f.Routes))), rule.Rank+4
	}
	if r.IntN(3) == 0 {
		rule.ToRoute, rule.Rank = int32(r.IntN(len(f.Routes))), rule.Rank+4
	}
	if r.IntN(4) == 0 {
		rule.FromTrip, rule.Rank = firstRun(f, r.IntN(len(f.Trips))), rule.Rank+8
	}
	if r.IntN(4) == 0 {
		rule.ToTrip, rule.Rank = firstRun(f, r.IntN(len(f.Trips))), rule.Rank+8
	}
	f.Transfers = append(f.Transfers, rule)
}

// firstRun is the first of the runs that share a trip's ID.
func firstRun(f *transit.Feed, trip int) int32 {
	return int32(slices.IndexFunc(f.Trips, func(t transit.Trip) bool { return t.ID == f.Trips[trip].ID }))
}

// place is somewhere in the town, often right at a stop.
func (w *town) place(r *rand.Rand) orb.Point {
	if r.IntN(4) == 0 {
		return w.stops[r.IntN(len(w.stops))]
	}
	return nearby(r, w.stops[r.IntN(len(w.stops))], []float64{150, 900}[r.IntN(2)])
}

// moment is a time that something is likely to run at.
func (w *town) moment(r *rand.Rand) int64 {
	f := w.feeds[r.IntN(len(w.feeds))]
	zone, err := time.LoadLocation(f.Zone)
	if err != nil {
		panic(err)
	}
	t := &f.Trips[r.IntN(len(f.Trips))]
	at := dayBase(w.from+transit.Day(r.IntN(13)/3), zone) + int64(t.Times[r.IntN(len(t.Times))].Arrive)
	if r.IntN(3) == 0 {
		return at + int64(r.IntN(3)-1) // to the second
	}
	return at + int64(r.IntN(5400)) - 900
}

// print writes a town down, to see what a difference is about.
func (w *town) print() string {
	var b strings.Builder
	for _, f := range w.feeds {
		fmt.Fprintf(&b, "%s %s %v..%v\n", f.Name, f.Zone, f.First, f.Last)
		for i, s := range f.Stops {
			fmt.Fprintf(&b, " stop %d %s %.6f,%.6f wheelchair %d\n", i, s.ID, s.Lat, s.Lon, s.Wheelchair)
		}
		for _, t := range f.Trips {
			fmt.Fprintf(&b, " trip %s route %d days %b wheelchair %d:", t.ID, t.Route, f.Services[t.Service].Days, t.Wheelchair)
			for _, st := range t.Times {
				fmt.Fprintf(&b, " %d@%d:%02d:%02d-%d:%02d:%02d/%d%d", st.Stop, st.Arrive/3600, st.Arrive/60%60, st.Arrive%60,
					st.Depart/3600, st.Depart/60%60, st.Depart%60, st.Pickup, st.DropOff)
			}
			b.WriteString("\n")
		}
		for _, r := range f.Transfers {
			fmt.Fprintf(&b, " transfer %+v\n", r)
		}
	}
	return b.String()
}

// TestTownsAgree asks the engine, the oracle and the slow search about
// hundreds of little networks.
func TestTownsAgree(t *testing.T) {
	asked, yes, looked, changed := 0, 0, 0, 0
	for seed := range uint64(*townsFlag) {
		r := rand.New(rand.NewPCG(seed, 20))
		w := newTown(r)
		c := newComparison(t, transit.NewNetwork(w.feeds, nil), w.feeds...)
		c.events = true
		for range 6 {
			who := anyTraveller(r, w.place(r))
			var places []orb.Point
			for range 4 {
				places = append(places, w.place(r))
			}
			if r.IntN(3) == 0 {
				c.atTheEdge(r, &who, places)
			}
			at := w.moment(r)
			c.traveller(t, who, places, at, 3)
			c.otherDays(t, who, places, at)
			if t.Failed() {
				t.Fatalf("seed %d\n%s", seed, w.print())
			}
		}
		asked, yes, looked, changed = asked+c.asked, yes+c.yes, looked+c.looked, changed+c.changed
	}
	t.Logf("%d towns, %d questions, %d places with a journey there, %d journeys followed leg by leg, %d of them with changes",
		*townsFlag, asked, yes, looked, changed)
	if *townsFlag >= 100 && (yes < *townsFlag || changed < *townsFlag) {
		t.Errorf("only %d journeys were found and %d with changes followed: the towns prove too little", yes, changed)
	}
}

// TestOracleAgreesWithItself compares the scans with the slow search under
// rules the engine does not have: other figures, and booked vehicles.
func TestOracleAgreesWithItself(t *testing.T) {
	for seed := range uint64(*townsFlag) {
		r := rand.New(rand.NewPCG(seed, 3))
		w := newTown(r)
		rules := oracleRules{change: int64(r.IntN(3)) * 30, slack: int64(r.IntN(3)) * 30, footM: float64(r.IntN(800)), booked: r.IntN(2) == 0}
		o := newOracle(rules, w.feeds...)
		for range 8 {
			p := asPerson(anyTraveller(r, w.centre))
			from, to, at := o.ways(w.place(r), p), o.ways(w.place(r), p), w.moment(r)
			until := at + int64(1800+r.IntN(4*3600))
			check := func(about string, slow found, slowOK bool, quick found, quickOK bool) {
				quick.pathM = slow.pathM
				if slowOK != quickOK || slowOK && slow != quick {
					t.Errorf("seed %d, %s from %s until %s: search %+v %v, scans %+v %v\n%s", seed, about, clock(at), clock(until), slow, slowOK, quick, quickOK, w.print())
				}
			}
			slow, slowOK := o.there(from, to, at, until, p)
			quick, quickOK := o.scanThere(from, to, at, until, p)
			check("there", slow, slowOK, quick, quickOK)
			slow, slowOK = o.home(from, to, at, until, p)
			quick, quickOK = o.scanHome(from, to, at, until, p)
			check("home", slow, slowOK, quick, quickOK)
			if t.Failed() {
				return
			}
		}
	}
}
