package transit_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hereabouts/geo/transit"
	"hereabouts/importers/gtfs"
)

// A world is where properties are tried: a network, and somebody in it with
// places to go to at a moment.
type world struct {
	n      *transit.Network
	who    transit.Traveller
	places []orb.Point
	at     int64
}

// worlds are made-up towns and, where it is there, Southampton.
func worlds(t *testing.T, try func(t *testing.T, r *rand.Rand, w world)) {
	t.Run("towns", func(t *testing.T) {
		for seed := range uint64(*townsFlag) {
			r := rand.New(rand.NewPCG(seed, 77))
			made := newTown(r)
			n := transit.NewNetwork(made.feeds, nil)
			for range 4 {
				places := []orb.Point{made.place(r), made.place(r), made.place(r)}
				try(t, r, world{n, anyTraveller(r, made.place(r)), places, made.moment(r)})
			}
			if t.Failed() {
				t.Fatalf("seed %d\n%s", seed, made.print())
			}
		}
	})
	t.Run("southampton", func(t *testing.T) {
		f := realFeed(t, southampton, gtfs.Options{})
		n := transit.NewNetwork([]*transit.Feed{f}, nil)
		days := realDays[southampton]
		for i := range *originsFlag {
			r := rand.New(rand.NewPCG(*seedFlag, uint64(i)))
			day, err := time.Parse(time.DateOnly, days[r.IntN(len(days))])
			if err != nil {
				t.Fatal(err)
			}
			stop := func(around *orb.Point) orb.Point {
				for {
					s := f.Stops[r.IntN(len(f.Stops))]
					if at := (orb.Point{s.Lon, s.Lat}); around == nil || crow(at, *around) < 9000 {
						return nearby(r, at, 400)
					}
				}
			}
			home := stop(nil)
			who := anyTraveller(r, home)
			if who.Steps == transit.Strict {
				who.Steps = transit.AnySteps // no vehicle here says yes
			}
			places := []orb.Point{stop(&home), stop(&home), stop(&home)}
			try(t, r, world{n, who, places, day.Add(time.Duration(6*60+r.IntN(16*60)) * time.Minute).Unix()})
			if t.Failed() {
				t.Fatalf("origin %d", i)
			}
		}
	})
}

// reached are the places somebody can be at in time, and those they can be
// home from.
func (w *world) reached(who transit.Traveller) (out, back []bool) {
	reach, spots := w.n.From(who), w.n.NewSpots()
	there, home := reach.Out(w.at), reach.Back(w.at)
	for _, p := range w.places {
		id := spots.Add(p)
		out, back = append(out, there.Reaches(spots, id)), append(back, home.Reaches(spots, id))
	}
	return out, back
}

// TestMoreNeverLoses: whoever has more time, walks further, changes more often,
// or asks less of steps and passes, reaches all that they did.
func TestMoreNeverLoses(t *testing.T) {
	held := 0
	worlds(t, func(t *testing.T, r *rand.Rand, w world) {
		out, back := w.reached(w.who)
		more := map[string]transit.Traveller{}
		longer, further, oftener, anyhow := w.who, w.who, w.who, w.who
		longer.Limit += time.Duration(1+r.IntN(3600)) * time.Second
		further.MaxWalkM += float64(r.IntN(500)) + 0.5
		if oftener.MaxChanges >= 0 {
			oftener.MaxChanges++
			unlimited := w.who
			unlimited.MaxChanges = -1
			more["any number of changes"] = unlimited
		}
		anyhow.Pass = transit.NoPass
		more["longer"], more["further"], more["oftener"], more["without a pass"] = longer, further, oftener, anyhow
		switch w.who.Steps {
		case transit.Strict:
			lenient := w.who
			lenient.Steps = transit.Lenient
			more["lenient"] = lenient
			fallthrough
		case transit.Lenient:
			any := w.who
			any.Steps = transit.AnySteps
			more["any steps"] = any
		}
		for how, who := range more {
			moreOut, moreBack := w.reached(who)
			for i := range w.places {
				if out[i] && !moreOut[i] || back[i] && !moreBack[i] {
					t.Errorf("%s: %v lost %s, there %v to %v, home %v to %v", describe(w.who), w.places[i], how, out[i], moreOut[i], back[i], moreBack[i])
				}
				if out[i] || back[i] {
					held++
				}
			}
		}
	})
	if held < *townsFlag {
		t.Errorf("only %d places were there to lose", held)
	}
}

// TestLaterIsNeverSooner: whoever sets out later is not there earlier, and
// whoever must be there later need not set out earlier.
func TestLaterIsNeverSooner(t *testing.T) {
	compared := 0
	worlds(t, func(t *testing.T, r *rand.Rand, w world) {
		reach, later := w.n.From(w.who), w.at+1+int64(r.IntN(2400))
		for i := range w.places {
			point := w.places[i : i+1]
			first, ok := reach.Home(point, w.at)
			second, alsoOK := reach.Home(point, later)
			if ok && alsoOK {
				compared++
				if second.Arrive.Before(first.Arrive) || second.Depart.Before(first.Depart) {
					t.Errorf("%s: leaving %v at %s is home at %v, at %s at %v", describe(w.who), point, clock(w.at), first.Arrive, clock(later), second.Arrive)
				}
			}
			first, ok = reach.There(point, w.at)
			second, alsoOK = reach.There(point, later)
			if ok && alsoOK {
				compared++
				if second.Depart.Before(first.Depart) || second.Arrive.Before(first.Arrive) {
					t.Errorf("%s: to be at %v by %s leaves at %v, by %s at %v", describe(w.who), point, clock(w.at), first.Depart, clock(later), second.Depart)
				}
			}
		}
	})
	if compared < *townsFlag/10 {
		t.Errorf("only %d pairs were there to compare", compared)
	}
}

// TestLeaveByIsExact: somebody who leaves at the time that is said is there in
// time, and a second later is not; and likewise for being home.
func TestLeaveByIsExact(t *testing.T) {
	exact := 0
	worlds(t, func(t *testing.T, r *rand.Rand, w world) {
		reach := w.n.From(w.who)
		for _, p := range w.places {
			here := world{w.n, w.who, []orb.Point{p}, w.at}
			reaches := func(seconds int64) (out, back bool) {
				who := w.who
				who.Limit = time.Duration(seconds) * time.Second
				there, home := here.reached(who)
				return there[0], home[0]
			}
			if j, ok := reach.There(here.places, w.at); ok {
				exact++
				if out, _ := reaches(w.at - j.Depart.Unix()); !out {
					t.Errorf("%s: leaving at %v one is not at %v by %s", describe(w.who), j.Depart, p, clock(w.at))
				}
				if out, _ := reaches(w.at - j.Depart.Unix() - 1); out {
					t.Errorf("%s: leaving a second after %v one is still at %v by %s", describe(w.who), j.Depart, p, clock(w.at))
				}
			}
			if j, ok := reach.Home(here.places, w.at); ok {
				exact++
				if _, back := reaches(j.Arrive.Unix() - w.at); !back {
					t.Errorf("%s: leaving %v at %s one is not home by %v", describe(w.who), p, clock(w.at), j.Arrive)
				}
				if _, back := reaches(j.Arrive.Unix() - w.at - 1); back {
					t.Errorf("%s: leaving %v at %s one is home a second before %v", describe(w.who), p, clock(w.at), j.Arrive)
				}
			}
		}
	})
	if exact < *townsFlag/10 {
		t.Errorf("only %d journeys were there to try", exact)
	}
}

// TestPassHoldsOnHolidays compares the bank holidays of the engine with the
// announced ones, day by day.
func TestPassHoldsOnHolidays(t *testing.T) {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for _, year := range []int{2017, 2020, 2021, 2025} {
		for day := time.Date(year, 1, 1, 0, 0, 0, 0, zone); day.Year() == year; day = day.AddDate(0, 0, 1) {
			for _, clock := range []time.Duration{0, 9*time.Hour + 29*time.Minute + 59*time.Second, 9*time.Hour + 30*time.Minute} {
				at := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, int(clock/time.Second), 0, zone)
				if got, want := transit.OlderDisabled.Holds(at), passHolds(at); got != want {
					t.Errorf("%v: the pass holds: %v, want %v", at, got, want)
				}
			}
		}
	}
}

// TestDurationsToSeveralDoors compares how long it takes to a place with
// several doors with the journey there, which is to whichever door lets
// somebody leave last, and not to the one that is reached in the least time.
func TestDurationsToSeveralDoors(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 3))
	tried, longer := 0, 0
	for range 60 {
		made := newTown(r)
		n := transit.NewNetwork(made.feeds, nil)
		reach := n.From(anyTraveller(r, made.place(r)))
		for range 10 {
			at, spots := made.moment(r), n.NewSpots()
			var doors []orb.Point
			var ids []uint32
			for range 1 + r.IntN(4) {
				doors = append(doors, made.place(r))
				ids = append(ids, spots.Add(doors[len(doors)-1]))
			}
			durations := reach.Durations(at)
			got, ok := durations.Seconds(spots, ids...)
			there, want := reach.There(doors, at)
			if ok != want {
				t.Fatalf("to %v by %d: takes %d s (%v), but the journey is %+v (%v)", doors, at, got, ok, there, want)
			}
			if !ok {
				continue
			}
			tried++
			if takes := int(there.Arrive.Sub(there.Depart) / time.Second); got != takes {
				t.Fatalf("to %v by %d: takes %d s, but the journey takes %d", doors, at, got, takes)
			}
			for _, id := range ids {
				if alone, ok := durations.Seconds(spots, id); ok && alone < got {
					longer++
				}
			}
		}
	}
	if tried < 20 || longer == 0 {
		t.Errorf("only %d journeys were there to try, %d of them to a door that is not the nearest in time", tried, longer)
	}
}

// A street is a small feed whose stops lie along one, east of a point.
type street struct {
	from orb.Point
	*transit.Feed
}

// newStreet has services that run each day, from the first on, and from the
// second on, of three.
func newStreet(name, zone string, first transit.Day, metres ...float64) street {
	s := street{orb.Point{-1.4, 50.9}, &transit.Feed{
		Name: name, Zone: zone, First: first, Last: first + 2,
		Routes:   []transit.Route{{ID: "1", Name: "1"}},
		Services: []transit.Service{{Days: []uint64{0b111}}, {Days: []uint64{0b110}}},
	}}
	for i, m := range metres {
		at := s.at(m)
		s.Stops = append(s.Stops, transit.Stop{ID: fmt.Sprint(name, i), Lat: at.Lat(), Lon: at.Lon()})
	}
	return s
}

func (s street) at(metres float64) orb.Point {
	return orb.Point{s.from[0] + metres/metresADegree/math.Cos(s.from[1]*math.Pi/180), s.from[1]}
}

// trip adds one from a stop to another, in minutes of the day.
func (s street) trip(service, from, to uint32, depart, arrive int32) {
	s.Trips = append(s.Trips, transit.Trip{ID: fmt.Sprint(len(s.Trips)), Service: service, Times: []transit.StopTime{
		{Stop: from, Arrive: depart * 60, Depart: depart * 60, DropOff: transit.NotPossible},
		{Stop: to, Arrive: arrive * 60, Depart: arrive * 60, Pickup: transit.NotPossible},
	}})
}

// TestDaysThatDifferAStepAway: on the second day a line runs that begins, or
// ends, at a stop which only a change on foot leads to. Who takes the first
// day's answer for the second's because no bus they use has changed is wrong.
func TestDaysThatDifferAStepAway(t *testing.T) {
	s := newStreet("street", "Europe/London", transit.DayOf(2025, time.July, 15), 100, 5000, 5200, 10000)
	s.trip(0, 0, 1, 9*60+5, 9*60+10)
	s.trip(1, 2, 3, 9*60+20, 9*60+30)
	s.trip(1, 3, 2, 12*60, 12*60+10)
	s.trip(0, 1, 0, 12*60+20, 12*60+30)
	who := transit.Traveller{Home: s.from, Limit: time.Hour, Speed: 1.2, MaxWalkM: 500, MaxChanges: -1}
	for _, minute := range []int64{10 * 60, 12*60 - 10} { // to be there by, and to leave at
		c := newComparison(t, transit.NewNetwork([]*transit.Feed{s.Feed}, nil), s.Feed)
		at := dayBase(s.First, c.o.zones[0]) + 60*minute
		c.otherDays(t, who, []orb.Point{s.at(10100), s.at(5100)}, at)
		for day := range int64(2) {
			reach, far := c.n.From(who), oneSpot(c.n, s.at(10100))
			if got, want := reach.Out(at+day*86400).Reaches(far, 0) || reach.Back(at+day*86400).Reaches(far, 0), day > 0; got != want {
				t.Errorf("minute %d of day %d: %v, want %v", minute, day, got, want)
			}
		}
	}
}

// TestClocksThatChangeApart: a change between two timetables is made until the
// clocks of one of them go forward.
func TestClocksThatChangeApart(t *testing.T) {
	for _, other := range []string{"America/New_York", "Europe/London"} {
		first, at := transit.DayOf(2025, time.March, 8), time.Date(2025, time.March, 8, 16, 0, 0, 0, time.UTC)
		if other == "Europe/London" {
			first, at = transit.DayOf(2025, time.March, 29), time.Date(2025, time.March, 29, 16, 0, 0, 0, time.UTC)
		}
		for _, names := range [][2]string{{"first", "second"}, {"second", "first"}} {
			steady, changing := newStreet(names[0], "UTC", first, 100, 5000), newStreet(names[1], other, first, 5100, 10000)
			steady.trip(0, 0, 1, 14*60+10, 14*60+30)
			_, offset := at.In(mustZone(t, other)).Zone()
			changing.trip(0, 0, 1, 15*60+15+int32(offset/60), 15*60+40+int32(offset/60))
			c := newComparison(t, transit.NewNetwork([]*transit.Feed{steady.Feed, changing.Feed}, nil), steady.Feed, changing.Feed)
			who := transit.Traveller{Home: steady.from, Limit: 2 * time.Hour, Speed: 1.2, MaxWalkM: 500, MaxChanges: -1}
			c.otherDays(t, who, []orb.Point{steady.at(10100)}, at.Unix())
			if !c.n.From(who).Out(at.Unix()).Reaches(oneSpot(c.n, steady.at(10100)), 0) {
				t.Errorf("%s: the change is not made even before", other)
			}
		}
	}
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func oneSpot(n *transit.Network, at orb.Point) *transit.Spots {
	spots := n.NewSpots()
	spots.Add(at)
	return spots
}

// TestOvertakenWhileWaiting: the second bus is first to arrive at a stop in the
// middle but waits there until the other has gone, so that it is never first
// to leave.
func TestOvertakenWhileWaiting(t *testing.T) {
	s := newStreet("street", "Europe/London", transit.DayOf(2025, time.July, 15), 100, 5000, 10000)
	along := func(minutes ...int32) {
		trip := transit.Trip{ID: fmt.Sprint(len(s.Trips))}
		for i := range s.Stops {
			trip.Times = append(trip.Times, transit.StopTime{Stop: uint32(i), Arrive: 60 * minutes[2*i], Depart: 60 * minutes[2*i+1]})
		}
		s.Trips = append(s.Trips, trip)
	}
	along(9*60, 9*60, 9*60+30, 9*60+31, 9*60+50, 9*60+50)
	along(9*60+5, 9*60+5, 9*60+20, 9*60+40, 9*60+55, 9*60+55)
	c := newComparison(t, transit.NewNetwork([]*transit.Feed{s.Feed}, nil), s.Feed)
	c.events = true
	who := transit.Traveller{Home: s.from, Limit: time.Hour, Speed: 1.2, MaxWalkM: 500, MaxChanges: -1}
	for minute := int64(8 * 60); minute < 11*60; minute++ {
		c.traveller(t, who, []orb.Point{s.at(5000), s.at(10000)}, dayBase(s.First, c.o.zones[0])+60*minute, 2)
	}
	who.Home = s.at(5000) // and home again
	for minute := int64(8 * 60); minute < 11*60; minute++ {
		c.traveller(t, who, []orb.Point{s.from, s.at(10000)}, dayBase(s.First, c.o.zones[0])+60*minute, 2)
	}
	if c.yes == 0 {
		t.Error("no journey was found")
	}
}

// TestLessWalkingMayArriveLater: of two first vehicles that lead to the same
// second one, the one to take is that with the shorter walk, though it gets to
// the change later; whichever of them is looked at first.
func TestLessWalkingMayArriveLater(t *testing.T) {
	for _, swapped := range []bool{false, true} {
		// The walks are 500 and 100 seconds; both leave home at 9:00:00.
		far, near := 600/1.3-0.01, 120/1.3-0.01
		s := newStreet("street", "Europe/London", transit.DayOf(2025, time.July, 15), far, near, 5000, 10000)
		quick := func() { s.trip(0, 0, 2, 9*60, 9*60+20) }
		slow := func() { s.trip(0, 1, 2, 9*60, 9*60+25) }
		if swapped {
			slow()
			quick()
		} else {
			quick()
			slow()
		}
		for i := range s.Trips {
			st := &s.Trips[i].Times[0]
			st.Arrive += map[uint32]int32{0: 500, 1: 100}[st.Stop]
			st.Depart = st.Arrive
		}
		s.trip(0, 2, 3, 9*60+30, 9*60+45)
		c := newComparison(t, transit.NewNetwork([]*transit.Feed{s.Feed}, nil), s.Feed)
		c.events = true
		who := transit.Traveller{Home: s.from, Limit: time.Hour, Speed: 1.2, MaxWalkM: 1000, MaxChanges: -1}
		at := dayBase(s.First, c.o.zones[0]) + 10*3600
		c.traveller(t, who, []orb.Point{s.at(10000)}, at, 1)
		j, ok := c.n.From(who).There([]orb.Point{s.at(10000)}, at)
		if !ok || j.Depart.Format(time.TimeOnly) != "09:00:00" || math.Abs(j.WalkM-120) > 0.1 {
			t.Errorf("swapped %v: %v leaves at %v and walks %.1f m, want 09:00:00 and 120 m", swapped, ok, j.Depart, j.WalkM)
		}
	}
}

// TestOneReachForMany asks one reach from several goroutines at once, which
// must get what each would get alone.
func TestOneReachForMany(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 20 {
		made := newTown(r)
		n := transit.NewNetwork(made.feeds, nil)
		who, place := anyTraveller(r, made.place(r)), []orb.Point{made.place(r)}
		var moments []int64
		for range 8 {
			moments = append(moments, made.moment(r))
		}
		type answer struct {
			out, back, there, home bool
			leave, arrive          int64
			takes                  int
		}
		ask := func(reach *transit.Reach, at int64) (a answer) {
			spots := n.NewSpots()
			id := spots.Add(place[0])
			a.out, a.back = reach.Out(at).Reaches(spots, id), reach.Back(at).Reaches(spots, id)
			there, ok := reach.There(place, at)
			home, alsoOK := reach.Home(place, at)
			a.takes, _ = reach.Durations(at).Seconds(spots, id)
			a.there, a.home, a.leave, a.arrive = ok, alsoOK, there.Depart.Unix(), home.Arrive.Unix()
			return a
		}
		shared := n.From(who)
		got := make([][]answer, 4)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				for k := range moments {
					got[i] = append(got[i], ask(shared, moments[(k+i)%len(moments)]))
				}
			})
		}
		wg.Wait()
		for i := range got {
			for k := range moments {
				at := moments[(k+i)%len(moments)]
				if want := ask(n.From(who), at); got[i][k] != want {
					t.Errorf("%s at %s: %+v, want %+v", describe(who), clock(at), got[i][k], want)
				}
			}
		}
	}
}
