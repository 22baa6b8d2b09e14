package transit_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hereabouts/geo/transit"
)

// A comparison asks the engine and the oracle the same questions.
type comparison struct {
	o       *oracle
	n       *transit.Network
	feedNos []int // positions in the oracle's feeds of those in Network.Feeds
	events  bool  // ask the slow search as well
	asked   int   // questions that both answered
	yes     int   // of those, how many had a journey for an answer
	looked  int   // journeys whose every leg was checked
	changed int   // of those, with changes
}

func newComparison(t testing.TB, n *transit.Network, feeds ...*transit.Feed) *comparison {
	t.Helper()
	c := &comparison{o: newOracle(usualRules, feeds...), n: n}
	for _, info := range c.n.Feeds() {
		i := slices.IndexFunc(feeds, func(f *transit.Feed) bool { return f.Name == info.Name })
		if i < 0 {
			t.Fatalf("the network has a feed %q that it was not given", info.Name)
		}
		c.feedNos = append(c.feedNos, i)
	}
	if len(c.feedNos) != len(feeds) {
		t.Fatalf("the network has %d feeds, want %d", len(c.feedNos), len(feeds))
	}
	return c
}

// asPerson is a traveller as the oracle knows them.
func asPerson(t transit.Traveller) person {
	p := person{speed: t.Speed, maxWalkM: t.MaxWalkM, steps: t.Steps, pass: t.Pass}
	if t.MaxChanges >= 0 {
		p.vehicles = t.MaxChanges + 1
	}
	return p
}

func describe(t transit.Traveller) string {
	return fmt.Sprintf("from %.6f,%.6f limit %v speed %v walk %vm changes %d steps %d pass %d",
		t.Home.Lat(), t.Home.Lon(), t.Limit, t.Speed, t.MaxWalkM, t.MaxChanges, t.Steps, t.Pass)
}

func clock(at int64) string {
	if at == never || at == always {
		return "never"
	}
	return time.Unix(at, 0).UTC().Format("2006-01-02 15:04:05Z")
}

// traveller compares everything about one traveller and one moment: whether
// each place can be reached by then and home be reached from it afterwards;
// of the first dozen, how long it takes, and of the first few of them, how.
func (c *comparison) traveller(t testing.TB, who transit.Traveller, places []orb.Point, at int64, journeys int) {
	t.Helper()
	p, limit := asPerson(who), int64(who.Limit/time.Second)
	home := c.o.ways(who.Home, p)
	reach, spots := c.n.From(who), c.n.NewSpots()
	for i, place := range places {
		if id := spots.Add(place); id != uint32(i) {
			t.Fatalf("spot %d is numbered %d", i, id)
		}
	}
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s at %s: %s", describe(who), clock(at), fmt.Sprintf(format, args...))
	}
	out, back, durations := reach.Out(at), reach.Back(at), reach.Durations(at)
	forward, backward := c.o.forward(home, at-limit, at, p), c.o.backward(home, at+limit, at, p)
	var slowOut, slowBack *eventSearch
	if c.events {
		slowOut, slowBack = c.o.events(at-limit, at, p), c.o.events(at, at+limit, p)
	}
	for i, place := range places {
		ways, id := c.o.ways(place, p), uint32(i)
		arrives, leaves := forward.arrives(ways), backward.leaves(ways)
		c.asked += 2
		if got, want := out.Reaches(spots, id), arrives <= at; got != want {
			fail("to %v in time: %v, want %v: the oracle is there at %s", place, got, want, clock(arrives))
		}
		if got, want := back.Reaches(spots, id), leaves >= at; got != want {
			fail("home from %v: %v, want %v: the oracle leaves at %s", place, got, want, clock(leaves))
		}
		if slowOut != nil {
			first := int64(never)
			slowOut.each(slowOut.leaving(home, at-limit, at), ways, at, func(at int64, _ int, _ way, _ float64) { first = min(first, at) })
			if (first <= at || arrives <= at) && first != arrives {
				fail("to %v: the scan is there at %s, the search at %s", place, clock(arrives), clock(first))
			}
			last := int64(always)
			slowBack.each(slowBack.leaving(ways, at, at+limit), home, at+limit, func(_ int64, _ int, _ way, leave float64) { last = max(last, int64(leave)) })
			if (last >= at || leaves >= at) && last != leaves {
				fail("home from %v: the scan leaves at %s, the search at %s", place, clock(leaves), clock(last))
			}
		}
		if arrives <= at {
			c.yes++
		}
		if i >= 12 {
			continue
		}
		want, ok := c.o.scanThere(home, ways, at-limit, at, p)
		if ok != (arrives <= at) {
			fail("to %v: the oracle contradicts itself: forward %s, backward %v %s", place, clock(arrives), ok, clock(want.leave))
		}
		if secs, got := durations.Seconds(spots, id); got != ok || ok && int64(secs) != want.arrive-want.leave {
			fail("to %v takes %d s (%v), want %d s (%v): from %s to %s", place, secs, got, want.arrive-want.leave, ok, clock(want.leave), clock(want.arrive))
		}
		if got, want := reach.Expired(at, spots, id), c.expired(home, ways, at); got != want {
			fail("expired at %v: %v, want %v", place, got, want)
		}
		if i >= journeys {
			continue
		}
		c.journeys(fail, reach, who, place, at, want, ok)
		if got, want := reach.NoService(at, spots, id), c.noService(home, ways, at, p); got != want {
			fail("no service at %v: %v, want %v", place, got, want)
		}
		if secs, pathM, ok := reach.Walk(place); ok {
			if want := 1.3 * crow(who.Home, place); math.Abs(pathM-want) > 1e-6 || want > 2*who.MaxWalkM || int64(secs) != walkSeconds(want, who.Speed) || int64(secs) > limit {
				fail("walk to %v is %.3f m in %d s, want %.3f m", place, pathM, secs, want)
			}
		} else if want := 1.3 * crow(who.Home, place); want <= 2*who.MaxWalkM && walkSeconds(want, who.Speed) <= limit {
			fail("no walk to %v, which is %.3f m away", place, want)
		}
	}
	if journeys > 1 && len(places) > 1 {
		c.several(fail, reach, who, places[:min(len(places), 3)], at)
	}
}

// otherDays asks one reach about several days, whose answers it may take from
// scans that it has made already.
func (c *comparison) otherDays(t testing.TB, who transit.Traveller, places []orb.Point, at int64) {
	t.Helper()
	p, limit := asPerson(who), int64(who.Limit/time.Second)
	home, reach, spots := c.o.ways(who.Home, p), c.n.From(who), c.n.NewSpots()
	for _, place := range places {
		spots.Add(place)
	}
	for _, days := range []int64{0, 1, -1, 2, 7} {
		at := at + days*86400
		out, back := reach.Out(at), reach.Back(at)
		forward, backward := c.o.forward(home, at-limit, at, p), c.o.backward(home, at+limit, at, p)
		for i, place := range places {
			ways := c.o.ways(place, p)
			c.asked += 2
			if got, want := out.Reaches(spots, uint32(i)), forward.arrives(ways) <= at; got != want {
				t.Errorf("%s at %s, %d days on: to %v: %v, want %v", describe(who), clock(at), days, place, got, want)
			}
			if got, want := back.Reaches(spots, uint32(i)), backward.leaves(ways) >= at; got != want {
				t.Errorf("%s at %s, %d days on: home from %v: %v, want %v", describe(who), clock(at), days, place, got, want)
			}
		}
	}
}

// journeys compares whole journeys to and from one place.
func (c *comparison) journeys(fail func(string, ...any), reach *transit.Reach, who transit.Traveller, place orb.Point, at int64, want found, ok bool) {
	p, limit, points := asPerson(who), int64(who.Limit/time.Second), []orb.Point{place}
	home, ways := c.o.ways(who.Home, p), c.o.ways(place, p)

	got, found := reach.There(points, at)
	if c.events {
		slow, there := c.o.there(home, ways, at-limit, at, p)
		c.same(fail, "search there", slow, there, want, ok)
		want = slow
	} else if ok {
		c.walks(home, ways, &want, p)
	}
	c.journey(fail, "there", who, points, true, got, found, want, ok)
	c.choices(fail, "there", who, points, true, reach.ThereAlternatives(points, at, 4), got, found, at-limit, at)

	want, ok = c.o.scanHome(ways, home, at, at+limit, p)
	got, found = reach.Home(points, at)
	if c.events {
		slow, there := c.o.home(ways, home, at, at+limit, p)
		c.same(fail, "search home", slow, there, want, ok)
		want = slow
	} else if ok {
		c.walks(ways, home, &want, p)
	}
	c.journey(fail, "home", who, points, false, got, found, want, ok)
	c.choices(fail, "home", who, points, false, reach.HomeAlternatives(points, at, 4), got, found, at, at+limit)

	by := at + 5*3600
	want, ok = c.o.scanThere(ways, home, at, by, p)
	got, found = reach.LastHome(points, at, by)
	if c.events {
		slow, there := c.o.there(ways, home, at, by, p)
		c.same(fail, "search last", slow, there, want, ok)
		want = slow
	}
	c.journey(fail, "last", who, points, false, got, found, want, ok)
}

// walks has the slow search find how little need be walked on a journey that is
// not too long for it.
func (c *comparison) walks(from, to []way, j *found, p person) {
	if j.arrive-j.leave <= 3600 {
		p.vehicles = j.vehicles
		j.pathM = c.o.events(j.leave, j.arrive, p).settle(from, to, j.leave, j.arrive).pathM
	}
}

// same compares the oracle's two ways of finding out.
func (c *comparison) same(fail func(string, ...any), about string, slow found, slowOK bool, quick found, quickOK bool) {
	quick.pathM = slow.pathM
	if slowOK != quickOK || slowOK && slow != quick {
		fail("the oracle contradicts itself, %s: %+v %v, by scans %+v %v", about, slow, slowOK, quick, quickOK)
	}
}

func (c *comparison) journey(fail func(string, ...any), about string, who transit.Traveller, points []orb.Point, out bool, got transit.Journey, found bool, want found, ok bool) {
	c.asked++
	if found != ok {
		fail("%s %v: found %v, want %v (%s to %s)", about, points, found, ok, clock(want.leave), clock(want.arrive))
		return
	}
	if !ok {
		return
	}
	if got.Depart.Unix() != want.leave || got.Arrive.Unix() != want.arrive {
		fail("%s %v: %s to %s, want %s to %s", about, points, clock(got.Depart.Unix()), clock(got.Arrive.Unix()), clock(want.leave), clock(want.arrive))
	}
	if got.Changes != want.vehicles-1 {
		fail("%s %v: %d changes, want %d", about, points, got.Changes, want.vehicles-1)
	}
	if want.pathM > 0 && math.Abs(got.WalkM-want.pathM) > 1e-3 {
		fail("%s %v: walks %.3f m, want %.3f m", about, points, got.WalkM, want.pathM)
	}
	if err := c.legs(who, points, out, got); err != nil {
		fail("%s %v: %v\n%+v", about, points, err, got)
	}
}

// several compares journeys to and from whichever of several points is best:
// no point alone may have a better one, and the best is the first such point's.
func (c *comparison) several(fail func(string, ...any), reach *transit.Reach, who transit.Traveller, points []orb.Point, at int64) {
	best := func(all transit.Journey, found bool, one func([]orb.Point) (transit.Journey, bool), better func(a, b transit.Journey) int, about string) {
		at := -1
		var want transit.Journey
		for i := range points {
			j, ok := one(points[i : i+1])
			if ok && (at < 0 || better(j, want) < 0) {
				at, want = i, j
			}
		}
		if found != (at >= 0) || found && (all.At != at || !all.Depart.Equal(want.Depart) || !all.Arrive.Equal(want.Arrive) || all.Changes != want.Changes || math.Abs(all.WalkM-want.WalkM) > 1e-3) {
			fail("%s of several %v: %v at %d: %+v\nwant at %d: %+v", about, points, found, all.At, all, at, want)
		}
	}
	late := func(a, b transit.Journey) int { return b.Depart.Compare(a.Depart) }
	early := func(a, b transit.Journey) int { return a.Arrive.Compare(b.Arrive) }
	ease := func(a, b transit.Journey) int {
		if a.Changes != b.Changes {
			return a.Changes - b.Changes
		}
		if d := a.WalkM - b.WalkM; math.Abs(d) > 1e-6 {
			return int(math.Copysign(1, d))
		}
		return 0
	}
	inTurn := func(by ...func(a, b transit.Journey) int) func(a, b transit.Journey) int {
		return func(a, b transit.Journey) int {
			for _, f := range by {
				if d := f(a, b); d != 0 {
					return d
				}
			}
			return 0
		}
	}
	j, ok := reach.There(points, at)
	best(j, ok, func(one []orb.Point) (transit.Journey, bool) { return reach.There(one, at) }, inTurn(late, early, ease), "there")
	j, ok = reach.Home(points, at)
	best(j, ok, func(one []orb.Point) (transit.Journey, bool) { return reach.Home(one, at) }, inTurn(early, late, ease), "home")
	by := at + 4*3600
	j, ok = reach.LastHome(points, at, by)
	best(j, ok, func(one []orb.Point) (transit.Journey, bool) { return reach.LastHome(one, at, by) }, inTurn(late, early, ease), "last")
}

// choices checks that alternatives are journeys, that the best is first, and
// that each has something the others have not.
func (c *comparison) choices(fail func(string, ...any), about string, who transit.Traveller, points []orb.Point, out bool, all []transit.Journey, best transit.Journey, ok bool, since, by int64) {
	if len(all) > 4 || ok != (len(all) > 0) {
		fail("%s: %d alternatives where a journey is %v", about, len(all), ok)
		return
	}
	for i, j := range all {
		if err := c.legs(who, points, out, j); err != nil {
			fail("%s, alternative %d: %v\n%+v", about, i, err, j)
		}
		if j.Depart.Unix() < since || j.Arrive.Unix() > by {
			fail("%s, alternative %d is from %v to %v", about, i, j.Depart, j.Arrive)
		}
		for k, other := range all {
			if i != k && !other.Depart.Before(j.Depart) && !other.Arrive.After(j.Arrive) && other.Changes <= j.Changes && other.WalkM <= j.WalkM+1e-9 {
				fail("%s, alternative %d is no better than %d in anything:\n%+v\n%+v", about, i, k, j, other)
			}
		}
		if i > 0 && out && j.Depart.After(all[i-1].Depart) || i > 0 && !out && j.Arrive.Before(all[i-1].Arrive) {
			fail("%s, alternative %d is out of order", about, i)
		}
	}
	if ok && (!all[0].Depart.Equal(best.Depart) || !all[0].Arrive.Equal(best.Arrive)) {
		fail("%s: the first alternative is %v to %v, the best %v to %v", about, all[0].Depart, all[0].Arrive, best.Depart, best.Arrive)
	}
}

func (c *comparison) expired(home, ways []way, at int64) bool {
	for _, w := range slices.Concat(home, ways) {
		i := c.o.stops[w.stop].feed
		if d := localDay(at, c.o.zones[i]); d < c.o.feeds[i].First || d > c.o.feeds[i].Last {
			return true
		}
	}
	return false
}

func (c *comparison) noService(home, ways []way, at int64, p person) bool {
	day := func(feed int) transit.Day { return localDay(at, c.o.zones[feed]) }
	return len(home) > 0 && !c.o.stopped(home, day, p) || len(ways) > 0 && !c.o.stopped(ways, day, p)
}

// legs checks a journey leg by leg against the feeds: that such vehicles run
// then, that every walk is as long as it says and no longer than it may be,
// and that every change leaves the time it takes.
func (c *comparison) legs(who transit.Traveller, points []orb.Point, out bool, j transit.Journey) error {
	if c.looked++; j.Changes > 0 {
		c.changed++
	}
	p := asPerson(who)
	if j.At < 0 || j.At >= len(points) {
		return fmt.Errorf("it is for point %d of %d", j.At, len(points))
	}
	start, end := who.Home, points[j.At]
	if !out {
		start, end = end, start
	}
	first := slices.IndexFunc(j.Legs, func(l transit.Leg) bool { return !l.Walk })
	if first < 0 {
		return fmt.Errorf("it has no vehicle")
	}
	for _, at := range []time.Time{j.Depart, j.Arrive, j.Legs[first].Depart} {
		if zone := c.o.zones[c.feedNos[j.Legs[first].Feed]]; at.Location().String() != zone.String() {
			return fmt.Errorf("its times are in %v, want %v", at.Location(), zone)
		}
	}
	at, when, walkM, vehicles := transit.Point{At: start}, j.Depart.Unix(), 0.0, 0
	var before []*run // what may have been the vehicle before
	var offAt int     // the stop somebody got off at
	var offWhen int64
	var possible [][]*run
	for i, leg := range j.Legs {
		if leg.From.At != at.At {
			return fmt.Errorf("leg %d begins at %v, not where the last one ended, %v", i, leg.From, at)
		}
		if leg.Depart.Unix() < when || leg.Arrive.Before(leg.Depart) {
			return fmt.Errorf("leg %d goes back in time", i)
		}
		if leg.Walk {
			pathM := 1.3 * crow(leg.From.At, leg.To.At)
			if math.Abs(leg.WalkM-pathM) > 1e-6 {
				return fmt.Errorf("leg %d is a walk of %.4f m, want %.4f m", i, leg.WalkM, pathM)
			}
			if i > 0 && j.Legs[i-1].Walk {
				return fmt.Errorf("legs %d and %d are both walks", i-1, i)
			}
			most := p.maxWalkM
			if i > 0 && i < len(j.Legs)-1 {
				most = min(most, c.o.rules.footM)
			} else if secs := leg.Arrive.Unix() - leg.Depart.Unix(); secs != walkSeconds(pathM, p.speed) {
				return fmt.Errorf("leg %d walks %.2f m in %d s", i, pathM, secs)
			}
			if pathM > most {
				return fmt.Errorf("leg %d is a walk of %.2f m, more than %.2f m", i, pathM, most)
			}
			walkM += pathM
		} else {
			vehicles++
			runs, from, to := c.runs(leg, p)
			if len(runs) == 0 {
				return fmt.Errorf("leg %d: no such vehicle runs", i)
			}
			if before != nil {
				change := c.o.changeOf(offAt, from)
				runs = slices.DeleteFunc(runs, func(on *run) bool {
					return !slices.ContainsFunc(before, func(off *run) bool {
						if change == nil {
							return false
						}
						secs, ok := c.o.seconds(change, off, on, p)
						return ok && offWhen+secs <= leg.Depart.Unix()
					})
				})
				if len(runs) == 0 {
					return fmt.Errorf("leg %d: the change to it cannot be made", i)
				}
			}
			before, offAt, offWhen = runs, to, leg.Arrive.Unix()
			possible = append(possible, runs)
		}
		at, when = leg.To, leg.Arrive.Unix()
	}
	if at.At != end {
		return fmt.Errorf("it ends at %v, want %v", at, end)
	}
	if !j.Legs[0].Depart.Equal(j.Depart) || !j.Legs[len(j.Legs)-1].Arrive.Equal(j.Arrive) {
		return fmt.Errorf("it is from %v to %v, its legs from %v to %v", j.Depart, j.Arrive, j.Legs[0].Depart, j.Legs[len(j.Legs)-1].Arrive)
	}
	if vehicles == 0 || vehicles != j.Changes+1 || p.vehicles > 0 && vehicles > p.vehicles {
		return fmt.Errorf("it has %d vehicles and %d changes", vehicles, j.Changes)
	}
	if math.Abs(walkM-j.WalkM) > 1e-3 {
		return fmt.Errorf("it walks %.3f m, and says %.3f m", walkM, j.WalkM)
	}
	return c.stepFree(j, possible)
}

func (o *oracle) changeOf(from, to int) *oracleChange {
	i := slices.IndexFunc(o.changes[from], func(c *oracleChange) bool { return c.to == to })
	if i < 0 {
		return nil
	}
	return o.changes[from][i]
}

// runs are the vehicles that a leg may mean.
func (c *comparison) runs(leg transit.Leg, p person) (rs []*run, from, to int) {
	feed := c.feedNos[leg.Feed]
	var all []*run
	for _, t := range c.o.between(leg.Depart.Unix(), leg.Arrive.Unix()) {
		for i := range t.runs {
			if r := &t.runs[i]; r.underWay(leg.Depart.Unix(), leg.Arrive.Unix()) {
				all = append(all, r)
			}
		}
	}
	for _, r := range all {
		route := r.feed.Routes[r.trip.Route]
		if r.in != feed || route.Name != leg.Line || route.Operator != leg.Operator || route.Mode != leg.Mode || r.trip.Headsign != leg.Headsign {
			continue
		}
		for on := range r.trip.Times {
			if r.departs(on) != leg.Depart.Unix() || r.feed.Stops[r.trip.Times[on].Stop].ID != leg.From.StopID || on == len(r.trip.Times)-1 || !c.o.mayBoard(r, on, p) {
				continue
			}
			for off := on + 1; off < len(r.trip.Times); off++ {
				if r.arrives(off) == leg.Arrive.Unix() && r.feed.Stops[r.trip.Times[off].Stop].ID == leg.To.StopID && c.o.mayAlight(r, off, p) {
					rs = append(rs, r)
					from, to = c.o.first[feed]+int(r.trip.Times[on].Stop), c.o.first[feed]+int(r.trip.Times[off].Stop)
				}
			}
		}
	}
	return rs, from, to
}

// stepFree checks what a journey says of steps: no when some stop or vehicle
// says no, yes when all say yes. Where several vehicles may be meant, any may
// have been looked at.
func (c *comparison) stepFree(j transit.Journey, possible [][]*run) error {
	said := map[transit.Accessible]bool{transit.AccessYes: true}
	add := func(a map[transit.Accessible]bool) {
		next := map[transit.Accessible]bool{}
		for x := range said {
			for y := range a {
				switch {
				case x == transit.AccessNo || y == transit.AccessNo:
					next[transit.AccessNo] = true
				case x == transit.AccessUnknown || y == transit.AccessUnknown:
					next[transit.AccessUnknown] = true
				default:
					next[transit.AccessYes] = true
				}
			}
		}
		said = next
	}
	i := 0
	for _, leg := range j.Legs {
		if leg.Walk {
			continue
		}
		kinds := map[transit.Accessible]bool{}
		for _, r := range possible[i] {
			kinds[r.trip.Wheelchair] = true
		}
		add(kinds)
		for _, id := range []string{leg.From.StopID, leg.To.StopID} {
			k := slices.IndexFunc(possible[i][0].feed.Stops, func(s transit.Stop) bool { return s.ID == id })
			add(map[transit.Accessible]bool{possible[i][0].feed.Stops[k].Wheelchair: true})
		}
		i++
	}
	if !said[j.StepFree] {
		return fmt.Errorf("it says step-free %d, want one of %v", j.StepFree, said)
	}
	return nil
}

// anyTraveller makes somebody up who lives at a point.
func anyTraveller(r *rand.Rand, home orb.Point) transit.Traveller {
	profile := []transit.Profile{transit.Standard, transit.Slow, transit.StepFree}[r.IntN(3)]
	who := transit.Traveller{
		Home: home, Limit: time.Duration(15+r.IntN(106)) * time.Minute, Speed: profile.Speed, MaxWalkM: profile.MaxWalkM,
		MaxChanges: -1,
	}
	if r.IntN(4) == 0 {
		who.Limit += time.Duration(r.IntN(60)) * time.Second
	}
	if r.IntN(10) == 0 {
		who.Limit = time.Duration(1+r.IntN(300)) * time.Minute
	}
	switch r.IntN(6) {
	case 0, 1:
		who.MaxWalkM = float64(50 + r.IntN(1500))
	case 2:
		who.MaxWalkM = 50 + 2000*r.Float64()
	}
	if r.IntN(6) == 0 {
		who.Speed = 0.4 + 1.2*r.Float64()
	}
	if r.IntN(2) == 0 {
		who.MaxChanges = r.IntN(4)
	}
	if r.IntN(4) == 0 {
		who.Steps = transit.Lenient
	} else if r.IntN(6) == 0 {
		who.Steps = transit.Strict
	}
	if r.IntN(4) == 0 {
		who.Pass = transit.OlderDisabled
	}
	return who
}

// atTheEdge gives somebody a longest walk that just reaches, or just misses, a
// stop from one of their ends.
func (c *comparison) atTheEdge(r *rand.Rand, who *transit.Traveller, places []orb.Point) {
	end := who.Home
	if r.IntN(2) == 0 {
		end = places[r.IntN(len(places))]
	}
	if ways := c.o.ways(end, asPerson(*who)); len(ways) > 0 {
		who.MaxWalkM = ways[r.IntN(len(ways))].pathM + []float64{-0.4, -1e-5, 1e-5, 0.4}[r.IntN(4)]
	}
}

// nearby is a point within about some metres of another.
func nearby(r *rand.Rand, p orb.Point, metres float64) orb.Point {
	north, east := (2*r.Float64()-1)*metres, (2*r.Float64()-1)*metres
	return orb.Point{p[0] + east/metresADegree/math.Cos(p[1]*math.Pi/180), p[1] + north/metresADegree}
}
