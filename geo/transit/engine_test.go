package transit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"hereabouts/geo"
)

// madeUp is a feed of lines through random stops around a point, for tests of
// the engine's parts: what they should answer is worked out the slow way.
func madeUp(seed uint64, centre orb.Point, stops, lines int) *Feed {
	r := rand.New(rand.NewPCG(seed, 1))
	f := &Feed{Name: fmt.Sprintf("made-up-%d", seed), Zone: "Europe/London", First: DayOf(2025, time.July, 14), Last: DayOf(2025, time.July, 27)}
	for i := range stops {
		f.Stops = append(f.Stops, Stop{ID: fmt.Sprintf("S%d.%d", seed, i), Name: "Stop", Lat: centre.Lat() + (r.Float64()-.5)*.12, Lon: centre.Lon() + (r.Float64()-.5)*.2})
	}
	// Weekdays, all of the week, and Tuesdays alone.
	for _, days := range []uint64{0b0011111_0011111, 0b1111111_1111111, 0b10_0000010} {
		f.Services = append(f.Services, Service{Days: []uint64{days}})
	}
	for line := range lines {
		f.Routes = append(f.Routes, Route{ID: fmt.Sprint(line), Name: fmt.Sprint(line)})
		var along []uint32
		for range 4 + r.IntN(8) {
			along = append(along, uint32(r.IntN(stops)))
		}
		for at := int32(6*3600 + r.IntN(1800)); at < 25*3600; at += int32(600 + r.IntN(3000)) {
			t := Trip{ID: fmt.Sprint(len(f.Trips)), Route: uint32(line), Service: uint32([]int{0, 0, 1, 1, 1, 2}[r.IntN(6)])}
			when := at
			for _, s := range along {
				t.Times = append(t.Times, StopTime{Stop: s, Arrive: when, Depart: when + int32(r.IntN(2)*30)})
				when += 60 * int32(2+r.IntN(6))
			}
			f.Trips = append(f.Trips, t)
		}
	}
	return f
}

var (
	southampton = geo.LatLon(50.91, -1.40)
	lerwick     = geo.LatLon(60.15, -1.14)
)

func TestGridFindsEveryStopNear(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, centre := range []orb.Point{southampton, lerwick, geo.LatLon(-33.9, 151.2), geo.LatLon(0.001, 0.001)} {
		n := NewNetwork([]*Feed{madeUp(1, centre, 3000, 0)}, nil)
		for range 300 {
			p := orb.Point{centre.Lon() + (r.Float64()-.5)*.3, centre.Lat() + (r.Float64()-.5)*.2}
			if r.IntN(3) == 0 {
				p = n.stops.at[r.IntN(len(n.stops.at))]
			}
			pathM := []float64{0, 1, 50, 400, 1000, 2500, 50_000}[r.IntN(7)]
			var want []footpath
			for s, at := range n.stops.at {
				if path := geo.DistanceM(p, at) * Detour; path <= pathM {
					want = append(want, footpath{uint32(s), path})
				}
			}
			if got := n.grid.near(nil, p, pathM); !slices.Equal(got, want) {
				t.Fatalf("within %v m of %v: %d stops, want %d", pathM, p, len(got), len(want))
			}
			metres := r.Float64() * 12_000
			within := slices.ContainsFunc(n.stops.at, func(at orb.Point) bool { return geo.DistanceM(p, at) <= metres })
			if got := n.grid.within(p, metres); got != within {
				t.Fatalf("some stop within %v m of %v: %v, want %v", metres, p, got, within)
			}
		}
	}
}

func TestCovers(t *testing.T) {
	n := NewNetwork([]*Feed{madeUp(1, southampton, 50, 1)}, nil)
	for _, c := range []struct {
		at   orb.Point
		want bool
	}{{southampton, true}, {geo.LatLon(51.07, -1.31), true}, {geo.LatLon(51.45, -1.0), false}, {lerwick, false}, {geo.LatLon(-50, 179.9), false}} {
		if got := n.Covers(c.at); got != c.want {
			t.Errorf("%v: %v", c.at, got)
		}
	}
	if NewNetwork(nil, nil).Covers(southampton) {
		t.Error("no timetables cover nothing")
	}
}

// anyone is a traveller of any kind near a point.
func anyone(r *rand.Rand, centre orb.Point) Traveller {
	profile := []Profile{Standard, Slow, StepFree, {"", 1.05, 700}}[r.IntN(4)]
	who := Traveller{Home: orb.Point{centre.Lon() + (r.Float64()-.5)*.1, centre.Lat() + (r.Float64()-.5)*.06},
		Limit: time.Duration(20+r.IntN(100)) * time.Minute, Speed: profile.Speed, MaxWalkM: profile.MaxWalkM, MaxChanges: r.IntN(5) - 1}
	if r.IntN(2) == 0 {
		who.MaxWalkM = []float64{100, 399.5, 400, 650, 1000, 1500, 5000, 9000}[r.IntN(8)]
	}
	return who
}

// TestMapTellsTheSame judges places by a scan's map and by its stops alone.
func TestMapTellsTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	yes, surely, no := 0, 0, 0
	for _, centre := range []orb.Point{southampton, lerwick, geo.LatLon(-33.9, 151.2), geo.LatLon(0.01, 0.01)} {
		n := NewNetwork([]*Feed{madeUp(2, centre, 300, 30)}, nil)
		spots := n.NewSpots()
		for range 3000 {
			spots.Add(orb.Point{centre.Lon() + (r.Float64()-.5)*.3, centre.Lat() + (r.Float64()-.5)*.2})
		}
		for range 40 {
			reach := n.From(anyone(r, centre))
			at := time.Date(2025, time.July, 15, 7+r.IntN(14), 0, 0, 0, time.UTC).Unix()
			for _, s := range []*Scan{reach.Out(at), reach.Back(at)} {
				for id := range uint32(spots.Len()) {
					want := slices.ContainsFunc(reach.doorsteps(spots.at[id]), func(d doorstep) bool { return d.seconds <= s.left(d.stop) })
					if got := s.Reaches(spots, id); got != want {
						t.Fatalf("%+v at %d: place %d at %v: %v, want %v", reach.who, at, id, spots.at[id], got, want)
					}
					maybe, sure := s.tiles.judge(spots.tiles[id])
					switch {
					case sure:
						surely++
					case want:
						yes++
					case !maybe:
						no++
					}
				}
			}
		}
	}
	if surely < 1000 || yes < 1000 || no < 10_000 {
		t.Errorf("only %d places surely reached, %d reached and %d surely not: the maps prove too little", surely, yes, no)
	}
}

// slacks are the seconds left at every stop.
func slacks(s *Scan) []int32 {
	left := make([]int32, len(s.reach.network.stops.at))
	for stop := range left {
		left[stop] = s.left(uint32(stop))
	}
	return left
}

// TestDaysShareScans asks one Reach about two weeks and another about each
// moment alone.
func TestDaysShareScans(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	n := NewNetwork([]*Feed{madeUp(3, southampton, 400, 25)}, nil)
	asked, made := 0, map[*Scan]bool{}
	for range 15 {
		who := anyone(r, southampton)
		who.Pass = Pass(r.IntN(2))
		reach := n.From(who)
		for _, minute := range []int{6*60 + 30, 9*60 + 40, 10 * 60, 17*60 + 5, 23*60 + 50} {
			for day := range 14 {
				at := time.Date(2025, time.July, 14+day, 0, minute, 0, 0, time.UTC).Unix()
				out, back := reach.Out(at), reach.Back(at)
				alone := n.From(who)
				if diff := cmp.Diff(slacks(alone.Out(at)), slacks(out)); diff != "" {
					t.Fatalf("%+v: out by %d: %s", who, at, diff)
				}
				if diff := cmp.Diff(slacks(n.From(who).Back(at)), slacks(back)); diff != "" {
					t.Fatalf("%+v: back at %d: %s", who, at, diff)
				}
				asked += 2
				made[out], made[back] = true, true
			}
		}
	}
	if len(made) > asked/3 {
		t.Errorf("%d scans were made for %d questions: days do not share them", len(made), asked)
	}
}

func TestJoin(t *testing.T) {
	n := NewNetwork([]*Feed{madeUp(4, southampton, 300, 30)}, nil)
	reach := n.From(Traveller{Home: n.stops.at[7], Limit: time.Hour, Speed: 1.2, MaxWalkM: 1000, MaxChanges: -1})
	var scans []*Scan
	want := make([]int32, len(n.stops.at))
	for i := range want {
		want[i] = -1
	}
	for hour := range 8 {
		s := reach.Out(time.Date(2025, time.July, 15, 8+hour, 0, 0, 0, time.UTC).Unix())
		scans = append(scans, s)
		for i, left := range slacks(s) {
			want[i] = max(want[i], left)
		}
	}
	if diff := cmp.Diff(want, slacks(Join(scans))); diff != "" {
		t.Error(diff)
	}
	if Join(scans[:1]) != scans[0] {
		t.Error("one scan is not itself")
	}
}

// TestForgottenViewsAreMadeAgain leaves room for hardly any views.
func TestForgottenViewsAreMadeAgain(t *testing.T) {
	f := madeUp(5, southampton, 200, 20)
	roomy, tight := NewNetwork([]*Feed{f}, nil), NewNetwork([]*Feed{f}, nil)
	tight.views.limit = 60_000
	who := Traveller{Home: roomy.stops.at[3], Limit: time.Hour, Speed: 1.2, MaxWalkM: 1000, MaxChanges: -1}
	for round := range 2 {
		for hour := range 16 {
			at := time.Date(2025, time.July, 15+round, 7+hour, 0, 0, 0, time.UTC).Unix()
			if diff := cmp.Diff(slacks(roomy.From(who).Out(at)), slacks(tight.From(who).Out(at))); diff != "" {
				t.Fatal(diff)
			}
		}
	}
	bytes, kept := 0, 0
	for _, list := range tight.views.byHash {
		for _, e := range list {
			bytes, kept = bytes+e.view.bytes(), kept+1
		}
	}
	if bytes != tight.views.bytes || kept > 1 && bytes > tight.views.limit {
		t.Errorf("%d views of %d bytes are kept, %d are counted", kept, bytes, tight.views.bytes)
	}
	if len(tight.views.byKey) > kept+1 {
		t.Errorf("%d keys for %d views", len(tight.views.byKey), kept)
	}
}

func TestNothingToTravelBy(t *testing.T) {
	who := Traveller{Home: southampton, Limit: time.Hour, Speed: 1.2, MaxWalkM: 1000, MaxChanges: -1}
	far := who
	far.Home = lerwick
	impossible := who
	impossible.Limit = -time.Second
	idle := madeUp(6, southampton, 20, 0)
	for name, c := range map[string]struct {
		n   *Network
		who Traveller
	}{
		"no timetables":     {NewNetwork(nil, nil), who},
		"never made":        {&Network{}, who},
		"no trips":          {NewNetwork([]*Feed{idle}, nil), who},
		"nowhere near":      {NewNetwork([]*Feed{madeUp(6, southampton, 20, 3)}, nil), far},
		"less than no time": {NewNetwork([]*Feed{madeUp(6, southampton, 20, 3)}, nil), impossible},
	} {
		t.Run(name, func(t *testing.T) {
			at := time.Date(2025, time.July, 15, 10, 0, 0, 0, time.UTC).Unix()
			r, spots, points := c.n.From(c.who), c.n.NewSpots(), []orb.Point{southampton, lerwick}
			id := spots.Add(southampton)
			if r.Out(at).Reaches(spots, id) || r.Back(at).Reaches(spots, id) || Join([]*Scan{r.Out(at), r.Back(at)}).Reaches(spots, id) {
				t.Error("something is reached")
			}
			for _, find := range []func() (Journey, bool){
				func() (Journey, bool) { return r.There(points, at) }, func() (Journey, bool) { return r.Home(points, at) },
				func() (Journey, bool) { return r.LastHome(points, at, at+3600) }, func() (Journey, bool) { return r.LastHome(points, at, at-1) },
				func() (Journey, bool) { return r.There(nil, at) },
			} {
				if j, ok := find(); ok {
					t.Errorf("a journey: %+v", j)
				}
			}
			if all := append(r.ThereAlternatives(points, at, 3), r.HomeAlternatives(points, at, 3)...); len(all) > 0 {
				t.Errorf("alternatives: %+v", all)
			}
			if s, ok := r.Durations(at).Seconds(spots, id); ok {
				t.Errorf("takes %d s", s)
			}
			r.Expired(at, spots, id)
			r.NoService(at, spots, id)
		})
	}
}

func TestClosed(t *testing.T) {
	london := newZone(must(time.LoadLocation("Europe/London")))
	at := func(month time.Month, day, hour, minute int) int64 {
		return time.Date(2025, month, day, hour, minute, 0, 0, london.place).Unix()
	}
	for _, c := range []struct {
		about    string
		from, to int64
		want     []span
	}{
		{"a weekday morning", at(7, 15, 9, 0), at(7, 15, 10, 0), []span{{-9 * 3600, 1800}}},
		{"a weekday later", at(7, 15, 9, 30), at(7, 15, 10, 30), nil},
		{"a Saturday", at(7, 19, 8, 0), at(7, 19, 10, 0), nil},
		{"Friday night", at(7, 18, 23, 0), at(7, 19, 1, 0), nil},
		{"Sunday night", at(7, 20, 23, 0), at(7, 21, 1, 0), []span{{3600, 10*3600 + 1800}}},
		{"the end of a Sunday", at(7, 20, 23, 0), at(7, 20, 23, 59), nil},
		{"a bank holiday", at(8, 25, 8, 0), at(8, 25, 10, 0), nil},
		{"after it", at(8, 26, 8, 0), at(8, 26, 10, 0), []span{{-8 * 3600, 5400}}},
		{"two days", at(7, 15, 12, 0), at(7, 17, 12, 0), []span{{12 * 3600, 21*3600 + 1800}, {36 * 3600, 45*3600 + 1800}}},
	} {
		if diff := cmp.Diff(c.want, london.closed(OlderDisabled, c.from, c.to), cmp.AllowUnexported(span{})); diff != "" {
			t.Errorf("%s: %s", c.about, diff)
		}
	}
	spans := []span{{100, 200}, {300, 400}}
	for t0, want := range map[int32][2]int32{99: {99, 99}, 100: {200, 99}, 199: {200, 99}, 200: {200, 200}, 350: {400, 299}, 400: {400, 400}} {
		if got := [2]int32{after(spans, t0), before(spans, t0)}; got != want {
			t.Errorf("%d: %v, want %v", t0, got, want)
		}
	}
}

func TestPassHolds(t *testing.T) {
	for _, c := range []struct {
		at   string
		want bool
	}{
		{"2025-07-15 09:29", false}, {"2025-07-15 09:30", true}, {"2025-07-15 00:00", false}, {"2025-07-15 23:59", true},
		{"2025-07-19 07:00", true}, {"2025-12-25 07:00", true}, {"2025-12-26 07:00", true}, {"2025-12-24 07:00", false},
		{"2026-04-03 07:00", true}, {"2026-04-06 07:00", true}, {"2026-12-28 07:00", true}, {"2027-12-27 07:00", true}, {"2027-12-28 07:00", true},
	} {
		at, err := time.Parse("2006-01-02 15:04", c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := OlderDisabled.Holds(at); got != c.want {
			t.Errorf("%s: %v", c.at, got)
		}
		if !NoPass.Holds(at) {
			t.Errorf("%s: no pass is no limit", c.at)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestBaseAcrossClockChanges counts from noon minus twelve hours.
func TestBaseAcrossClockChanges(t *testing.T) {
	z := newZone(must(time.LoadLocation("Europe/London")))
	for _, c := range []struct{ day, want string }{
		{"2025-03-29", "2025-03-29T00:00:00Z"}, {"2025-03-30", "2025-03-29T23:00:00Z"}, {"2025-03-31", "2025-03-30T23:00:00Z"},
		{"2025-10-25", "2025-10-24T23:00:00Z"}, {"2025-10-26", "2025-10-26T00:00:00Z"}, {"2025-10-27", "2025-10-27T00:00:00Z"},
	} {
		day := must(time.Parse(time.DateOnly, c.day))
		if got := time.Unix(z.base(DayOf(day.Date())), 0).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s counts from %s, want %s", c.day, got, c.want)
		}
	}
}

func TestStopNamesOverride(t *testing.T) {
	f := madeUp(7, southampton, 2, 0)
	f.Stops[0].Name, f.Stops[0].Code = "High Street", "B"
	f.Stops[1].Name, f.Stops[1].Code = "Central", "4"
	n := NewNetwork([]*Feed{f}, NewStopNames([]NamedStop{{ID: "S7.1", Name: "Central Station"}}))
	got := map[string]bool{n.point(0).Name: true, n.point(1).Name: true}
	if !got["High Street, stop B"] || !got["Central Station"] {
		t.Error(got)
	}
	if n := NewNetwork([]*Feed{f}, nil); n.point(0).Name+n.point(1).Name != "High Street, stop BCentral, platform 4" &&
		n.point(1).Name+n.point(0).Name != "High Street, stop BCentral, platform 4" {
		t.Error(n.point(0), n.point(1))
	}
}
