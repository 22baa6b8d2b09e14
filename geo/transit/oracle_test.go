package transit_test

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"hereabouts/geo/transit"
)

// The oracle answers the questions of package transit a second time, from the
// feeds' values alone and by another algorithm: a connection scan (Dibbelt,
// Pickhardt, Strasser and Wagner, "Connection Scan Algorithm"), forward for
// the earliest arrival and backward for the latest departure. It shares no
// code with the engine: which days a trip runs on, how far a walk is and what
// a change takes are read from the rules afresh, so that a rule somebody
// misread shows as a difference. It is plain rather than quick.
type oracle struct {
	feeds   []*transit.Feed
	zones   []*time.Location
	rules   oracleRules
	stops   []oracleStop
	first   []int             // of each feed, where its stops begin in stops
	byLat   []int             // stops from south to north
	changes [][]*oracleChange // by the stop somebody gets off at
	into    [][]*oracleChange // the same by the stop they board at
	nights  []int             // of each feed, how many days ago a trip still under way may have begun
	kept    map[feedDay]*dayTable
}

// oracleRules are the figures that the fixtures vary; [usualRules] are the
// engine's.
type oracleRules struct {
	change int64   // seconds to change at one stop
	slack  int64   // seconds to change at another, beside the walk
	footM  float64 // longest path between two stops at a change
	booked bool    // board and alight also where that must be arranged
}

var usualRules = oracleRules{change: 60, slack: 60, footM: 400}

type oracleStop struct {
	feed int
	*transit.Stop
	at orb.Point
}

// An oracleChange leads from one stop to another, or to itself.
type oracleChange struct {
	from, to int
	pathM    float64
	rules    []transit.Transfer // what decides first comes first
	named    bool               // some rule names a route or trip
}

// A person is who travels.
type person struct {
	speed    float64
	maxWalkM float64
	vehicles int // at most; 0 is any number
	steps    transit.Steps
	pass     transit.Pass
}

func newOracle(rules oracleRules, feeds ...*transit.Feed) *oracle {
	o := &oracle{feeds: feeds, rules: rules}
	for i, f := range feeds {
		zone, err := time.LoadLocation(f.Zone)
		if err != nil {
			panic(err)
		}
		o.zones = append(o.zones, zone)
		o.first = append(o.first, len(o.stops))
		for j := range f.Stops {
			o.stops = append(o.stops, oracleStop{i, &f.Stops[j], orb.Point{f.Stops[j].Lon, f.Stops[j].Lat}})
		}
		latest := int32(0)
		for _, t := range f.Trips {
			latest = max(latest, t.Times[len(t.Times)-1].Arrive, t.Times[len(t.Times)-1].Depart)
		}
		o.nights = append(o.nights, int(latest+3600)/86400) // an hour more for when clocks change
	}
	o.tieStops()
	return o
}

// tieStops works out where one can change to from every stop.
func (o *oracle) tieStops() {
	o.changes, o.into = make([][]*oracleChange, len(o.stops)), make([][]*oracleChange, len(o.stops))
	type pair struct{ from, to int }
	said := map[pair][]transit.Transfer{}
	for i, f := range o.feeds {
		for _, r := range f.Transfers {
			p := pair{o.first[i] + int(r.From), o.first[i] + int(r.To)}
			said[p] = append(said[p], r)
		}
	}
	add := func(from, to int) {
		c := &oracleChange{from: from, to: to, pathM: 1.3 * crow(o.stops[from].at, o.stops[to].at)}
		for _, r := range said[pair{from, to}] {
			if r.Type == transit.Recommended || r.Type == transit.MinTime && r.Seconds < 0 || r.Type > transit.Forbidden {
				continue // it says nothing of times
			}
			c.rules = append(c.rules, r)
			c.named = c.named || r.FromRoute >= 0 || r.ToRoute >= 0 || r.FromTrip >= 0 || r.ToTrip >= 0
		}
		slices.SortStableFunc(c.rules, func(a, b transit.Transfer) int { return cmp.Compare(b.Rank, a.Rank) })
		o.changes[from] = append(o.changes[from], c)
		o.into[to] = append(o.into[to], c)
	}
	for s := range o.stops {
		o.byLat = append(o.byLat, s)
	}
	slices.SortFunc(o.byLat, func(a, b int) int { return cmp.Compare(o.stops[a].Lat, o.stops[b].Lat) })
	for i, from := range o.byLat {
		add(from, from)
		for _, to := range o.byLat[i+1:] {
			if 1.3*(o.stops[to].Lat-o.stops[from].Lat)*metresADegree > o.rules.footM+1 {
				break
			}
			if 1.3*crow(o.stops[from].at, o.stops[to].at) <= o.rules.footM {
				add(from, to)
				add(to, from)
			}
		}
	}
	for p := range said {
		if p.from != p.to && 1.3*crow(o.stops[p.from].at, o.stops[p.to].at) > o.rules.footM {
			add(p.from, p.to)
		}
	}
}

const metresADegree = 6_371_008.8 * math.Pi / 180

// crow is the great circle's distance in metres, by the haversine.
func crow(a, b orb.Point) float64 {
	const rad = math.Pi / 180
	lat, lon := math.Sin((b[1]-a[1])*rad/2), math.Sin((b[0]-a[0])*rad/2)
	h := lat*lat + math.Cos(a[1]*rad)*math.Cos(b[1]*rad)*lon*lon
	return 2 * 6_371_008.8 * math.Asin(math.Sqrt(min(h, 1)))
}

// walkSeconds is how long a path takes.
func walkSeconds(pathM, speed float64) int64 { return int64(math.Ceil(pathM / speed)) }

// seconds is what a change takes somebody; ok is false when it cannot be made.
func (o *oracle) seconds(c *oracleChange, off, on *run, p person) (s int64, ok bool) {
	walkable := c.pathM <= min(p.maxWalkM, o.rules.footM)
	for _, r := range c.rules {
		if !names(r.FromRoute, r.FromTrip, off) || !names(r.ToRoute, r.ToTrip, on) {
			continue
		}
		switch {
		case r.Type == transit.Forbidden || !walkable:
			return 0, false
		case r.Type == transit.Timed:
			return 0, true
		}
		return int64(r.Seconds), true
	}
	if c.from == c.to {
		return o.rules.change, true
	}
	return walkSeconds(c.pathM, p.speed) + o.rules.slack, walkable
}

// names reports whether a rule's route and trip, negative for any, are those
// of a run. Runs out of one frequency share their trip's ID.
func names(route, trip int32, r *run) bool {
	return (route < 0 || uint32(route) == r.trip.Route) && (trip < 0 || r.feed.Trips[trip].ID == r.trip.ID)
}

// A dayTable is every run of a feed on a day, and their hops in order of time.
type dayTable struct {
	runs   []run
	depart []hop // by departure
	arrive []hop // by arrival, the last first
}

type feedDay struct {
	feed int
	day  transit.Day
}

// A run is a trip on one day.
type run struct {
	feed *transit.Feed
	in   int // position of feed
	trip *transit.Trip
	base int64 // Unix time of noon minus twelve hours
	hops int   // where its hops begin among all of the day
}

func (r *run) arrives(at int) int64 { return r.base + int64(r.trip.Times[at].Arrive) }
func (r *run) departs(at int) int64 { return r.base + int64(r.trip.Times[at].Depart) }

// underWay reports whether a run is anywhere in a span of time.
func (r *run) underWay(since, until int64) bool {
	return r.arrives(0) <= until && r.departs(len(r.trip.Times)-1) >= since
}

// A hop is a run's way from one stop to the next.
type hop struct {
	depart, arrive int64
	run            *run
	at             int32 // position of the stop it leaves
	from, to       int32
}

// localDay is the date of a moment.
func localDay(at int64, zone *time.Location) transit.Day {
	return transit.DayOf(time.Unix(at, 0).In(zone).Date())
}

// dayBase is what the times of a service day count from: noon minus twelve
// hours, which is not midnight on the days that clocks change.
func dayBase(d transit.Day, zone *time.Location) int64 {
	y, m, day := d.Date()
	return time.Date(y, m, day, 12, 0, 0, 0, zone).Unix() - 12*3600
}

// runsOn reports whether a trip runs on a day, which no trip does outside its
// feed's validity.
func runsOn(f *transit.Feed, t *transit.Trip, d transit.Day) bool {
	if d < f.First || d > f.Last {
		return false
	}
	i, days := int(d-f.First), f.Services[t.Service].Days
	return i/64 < len(days) && days[i/64]>>(i%64)&1 == 1
}

// between is the tables of every day with a run that may be under way in a
// span of time.
func (o *oracle) between(since, until int64) (tables []*dayTable) {
	for i, zone := range o.zones {
		// A day may begin an hour before its midnight.
		for d := localDay(since, zone) - transit.Day(o.nights[i]); d <= localDay(until, zone)+1; d++ {
			tables = append(tables, o.table(feedDay{i, d}))
		}
	}
	return tables
}

func (o *oracle) table(of feedDay) *dayTable {
	if t := o.kept[of]; t != nil {
		return t
	}
	t, f, first := &dayTable{}, o.feeds[of.feed], int32(o.first[of.feed])
	hops, base := 0, dayBase(of.day, o.zones[of.feed])
	for j := range f.Trips {
		if trip := &f.Trips[j]; runsOn(f, trip, of.day) {
			t.runs = append(t.runs, run{f, of.feed, trip, base, hops})
			hops += len(trip.Times) - 1
		}
	}
	for i := range t.runs {
		r := &t.runs[i]
		for at := range r.trip.Times[1:] {
			t.depart = append(t.depart, hop{r.departs(at), r.arrives(at + 1), r, int32(at),
				first + int32(r.trip.Times[at].Stop), first + int32(r.trip.Times[at+1].Stop)})
		}
	}
	// A run's hops at one moment stay in the order of travel, which the scans
	// do not need but which spares them looking again.
	t.arrive = slices.Clone(t.depart)
	slices.Reverse(t.arrive)
	t.depart = inOrder(t.depart, func(h *hop) int64 { return h.depart - base })
	t.arrive = inOrder(t.arrive, func(h *hop) int64 { return base - h.arrive })
	if o.kept == nil || len(o.kept) >= 16*len(o.feeds) {
		o.kept = map[feedDay]*dayTable{}
	}
	o.kept[of] = t
	return t
}

// inOrder sorts hops by a number, those of one number as they were.
func inOrder(hops []hop, by func(*hop) int64) []hop {
	least, most := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range hops {
		least, most = min(least, by(&hops[i])), max(most, by(&hops[i]))
	}
	if len(hops) == 0 {
		return nil
	}
	first := make([]int, most-least+2)
	for i := range hops {
		first[by(&hops[i])-least+1]++
	}
	for i := range first[1:] {
		first[i+1] += first[i]
	}
	sorted := make([]hop, len(hops))
	for i := range hops {
		at := &first[by(&hops[i])-least]
		sorted[*at] = hops[i]
		*at++
	}
	return sorted
}

// mayBoard and mayAlight report whether somebody can get on or off a run.
func (o *oracle) mayBoard(r *run, at int, p person) bool {
	st := &r.trip.Times[at]
	return o.offered(st.Pickup) && fit(r.trip.Wheelchair, p.steps) && fit(r.feed.Stops[st.Stop].Wheelchair, p.steps) &&
		(p.pass != transit.OlderDisabled || passHolds(time.Unix(r.departs(at), 0).In(o.zones[r.in])))
}

func (o *oracle) mayAlight(r *run, at int, p person) bool {
	st := &r.trip.Times[at]
	return o.offered(st.DropOff) && fit(r.trip.Wheelchair, p.steps) && fit(r.feed.Stops[st.Stop].Wheelchair, p.steps)
}

func (o *oracle) offered(how uint8) bool {
	return how == transit.Regular || o.rules.booked && how != transit.NotPossible
}

func fit(a transit.Accessible, s transit.Steps) bool {
	return s == transit.AnySteps || a == transit.AccessYes || s == transit.Lenient && a == transit.AccessUnknown
}

// passHolds reports whether an older or disabled person's pass is good for
// boarding at a local time.
func passHolds(t time.Time) bool {
	if w := t.Weekday(); w == time.Saturday || w == time.Sunday || bankHolidays[t.Format(time.DateOnly)] {
		return true
	}
	h, m, _ := t.Clock()
	return h > 9 || h == 9 && m >= 30
}

// bankHolidays are those of England, as announced, in the years the tests ask about.
var bankHolidays = func() map[string]bool {
	days := map[string]bool{}
	for _, d := range []string{
		"2017-01-02", "2017-04-14", "2017-04-17", "2017-05-01", "2017-05-29", "2017-08-28", "2017-12-25", "2017-12-26",
		"2020-01-01", "2020-04-10", "2020-04-13", "2020-05-08", "2020-05-25", "2020-08-31", "2020-12-25", "2020-12-28",
		"2021-01-01", "2021-04-02", "2021-04-05", "2021-05-03", "2021-05-31", "2021-08-30", "2021-12-27", "2021-12-28",
		"2025-01-01", "2025-04-18", "2025-04-21", "2025-05-05", "2025-05-26", "2025-08-25", "2025-12-25", "2025-12-26",
	} {
		days[d] = true
	}
	return days
}()

// A way is a walk between a person's end and a stop.
type way struct {
	stop    int
	seconds int64
	pathM   float64
}

// ways are the walks between a point and the stops near it.
func (o *oracle) ways(at orb.Point, p person) (ws []way) {
	band := (p.maxWalkM + 1) / 1.3 / metresADegree
	south, _ := slices.BinarySearchFunc(o.byLat, at.Lat()-band, func(s int, lat float64) int { return cmp.Compare(o.stops[s].Lat, lat) })
	for _, s := range o.byLat[south:] {
		if o.stops[s].Lat > at.Lat()+band {
			break
		}
		if pathM := 1.3 * crow(at, o.stops[s].at); pathM <= p.maxWalkM {
			ws = append(ws, way{s, walkSeconds(pathM, p.speed), pathM})
		}
	}
	return ws
}

// named are the ways that involve no walking: to a stop by its id, or to every
// platform of a station by the station's.
func (o *oracle) named(id string) (ws []way) {
	for s, stop := range o.stops {
		if stop.ID == id || stop.Station == id {
			ws = append(ws, way{stop: s})
		}
	}
	return ws
}

const never, always = math.MaxInt64, math.MinInt64

// A sweep holds, for every stop and number of vehicles used so far, the best
// moment: forward the earliest, backward the latest. The vehicles are counted
// up to most; without a limit one vehicle stands for any number.
type sweep struct {
	o      *oracle
	p      person
	most   int
	change [][]int64 // when one is ready to board, or must at the latest get off
	vias   [][]int64 // when one got off, or must at the latest board
	on     [][]int8  // by table, run and hop: the fewest vehicles to be in it there, this one counted; 0 is not
	seen   [][]event // by stop: getting off (backward: on) where rules name routes or trips
}

// An event is somebody getting on or off.
type event struct {
	when int64
	run  *run
	k    int
}

func (o *oracle) newSweep(tables []*dayTable, p person, nothing int64) *sweep {
	s := &sweep{o: o, p: p, most: max(p.vehicles, 1), seen: make([][]event, len(o.stops))}
	for _, t := range tables {
		s.on = append(s.on, make([]int8, len(t.depart)))
	}
	for range s.most + 1 {
		s.change = append(s.change, slices.Repeat([]int64{nothing}, len(o.stops)))
		s.vias = append(s.vias, slices.Repeat([]int64{nothing}, len(o.stops)))
	}
	return s
}

// next is the count of vehicles when one more is boarded.
func (s *sweep) next(k int) (int, bool) {
	if k < s.most {
		return k + 1, true
	}
	return k, s.p.vehicles == 0
}

// forward finds the earliest arrival everywhere for somebody who sets out from
// an end at a moment. Nothing departs after until.
func (o *oracle) forward(from []way, leave, until int64, p person) *sweep {
	tables := o.between(leave, until)
	s := o.newSweep(tables, p, never)
	for _, w := range from {
		for k := range s.change {
			s.change[k][w.stop] = min(s.change[k][w.stop], leave+w.seconds)
		}
	}
	lists := make([][]hop, len(tables))
	for i, t := range tables {
		begin, _ := slices.BinarySearchFunc(t.depart, leave, func(h hop, at int64) int { return cmp.Compare(h.depart, at) })
		lists[i] = t.depart[begin:]
	}
	inTurn(lists, func(h *hop) int64 { return h.depart }, func(list int, h *hop) (going, again bool) {
		if h.depart > until {
			return false, false
		}
		r, riders, changed := h.run, s.on[list], false
		on := &riders[r.hops+int(h.at)]
		if h.at > 0 {
			changed = stay(on, riders[r.hops+int(h.at)-1])
		}
		if k, ok := s.canBoard(h); ok && (*on == 0 || int8(k) < *on) && o.mayBoard(r, int(h.at), p) {
			*on, changed = int8(k), true
		}
		if *on > 0 && o.mayAlight(r, int(h.at)+1, p) {
			changed = s.alight(r, h, int(*on)) || changed
		}
		return true, changed
	})
	return s
}

// stay notes that who is in a run at the neighbouring hop is in it at this one
// too. This is kept by hop and not by run because a run can stop several times
// at one moment, and who boards at the last of those stops was not on board
// before.
func stay(on *int8, neighbour int8) (changed bool) {
	if neighbour > 0 && (*on == 0 || neighbour < *on) {
		*on = neighbour
		return true
	}
	return false
}

// inTurn works through lists of hops in order of what when says of them. Those
// at one moment are gone through again while that brings anything new, because
// a hop that takes no time may lead to another that was looked at before it.
func inTurn(lists [][]hop, when func(*hop) int64, look func(list int, h *hop) (going, again bool)) {
	type listed struct {
		list int
		*hop
	}
	var now []listed
	for {
		first := int64(never)
		for _, hops := range lists {
			if len(hops) > 0 {
				first = min(first, when(&hops[0]))
			}
		}
		now = now[:0]
		instant := false
		for i, hops := range lists {
			n := 0
			for ; n < len(hops) && when(&hops[n]) == first; n++ {
				now = append(now, listed{i, &hops[n]})
				instant = instant || hops[n].depart == hops[n].arrive
			}
			lists[i] = hops[n:]
		}
		if len(now) == 0 {
			return
		}
		for again := true; again; {
			again = false
			for _, h := range now {
				going, changed := look(h.list, h.hop)
				if !going {
					return
				}
				again = again || changed && instant
			}
		}
	}
}

// canBoard is with how many vehicles, this one counted, somebody can be in
// time for a hop's departure.
func (s *sweep) canBoard(h *hop) (vehicles int, ok bool) {
	best := math.MaxInt
	for k := range s.change {
		if s.change[k][h.from] <= h.depart {
			if n, ok := s.next(k); ok {
				best = n
			}
			break
		}
	}
	for _, c := range s.o.into[h.from] {
		if !c.named {
			continue
		}
		for _, e := range s.seen[c.from] {
			n, ok := s.next(e.k)
			if !ok || n >= best {
				continue
			}
			if secs, ok := s.o.seconds(c, e.run, h.run, s.p); ok && e.when+secs <= h.depart {
				best = n
			}
		}
	}
	return best, best < math.MaxInt
}

// alight notes that somebody can get off at a hop's end with k vehicles used.
func (s *sweep) alight(r *run, h *hop, k int) (changed bool) {
	for n := k; n <= s.most; n++ {
		if h.arrive < s.vias[n][h.to] {
			s.vias[n][h.to], changed = h.arrive, true
		}
	}
	for _, c := range s.o.changes[h.to] {
		if c.named {
			if e := (event{h.arrive, h.run, k}); !slices.Contains(s.seen[h.to], e) {
				s.seen[h.to], changed = append(s.seen[h.to], e), true
			}
			continue
		}
		// No rule looks at the vehicles, so any will do.
		secs, ok := s.o.seconds(c, r, r, s.p)
		for n := k; ok && n <= s.most; n++ {
			if h.arrive+secs < s.change[n][c.to] {
				s.change[n][c.to], changed = h.arrive+secs, true
			}
		}
	}
	return changed
}

// arrives is when one is first at an end, by at least one vehicle.
func (s *sweep) arrives(to []way) int64 {
	best := int64(never)
	for _, w := range to {
		if at := s.vias[s.most][w.stop]; at != never {
			best = min(best, at+w.seconds)
		}
	}
	return best
}

// backward finds the latest departure everywhere for somebody who must be at
// an end by a moment. Nothing arrives before since.
func (o *oracle) backward(to []way, by, since int64, p person) *sweep {
	tables := o.between(since, by)
	s := o.newSweep(tables, p, always)
	for _, w := range to {
		for k := range s.change {
			s.change[k][w.stop] = max(s.change[k][w.stop], by-w.seconds)
		}
	}
	lists := make([][]hop, len(tables))
	for i, t := range tables {
		begin, _ := slices.BinarySearchFunc(t.arrive, by, func(h hop, at int64) int { return cmp.Compare(at, h.arrive) })
		lists[i] = t.arrive[begin:]
	}
	inTurn(lists, func(h *hop) int64 { return -h.arrive }, func(list int, h *hop) (going, again bool) {
		if h.arrive < since {
			return false, false
		}
		r, riders, changed := h.run, s.on[list], false
		on := &riders[r.hops+int(h.at)]
		if int(h.at) < len(r.trip.Times)-2 {
			changed = stay(on, riders[r.hops+int(h.at)+1])
		}
		if k, ok := s.canAlight(h); ok && (*on == 0 || int8(k) < *on) && o.mayAlight(r, int(h.at)+1, p) {
			*on, changed = int8(k), true
		}
		if *on > 0 && o.mayBoard(r, int(h.at), p) {
			changed = s.board(r, h, int(*on)) || changed
		}
		return true, changed
	})
	return s
}

// canAlight is canBoard turned round.
func (s *sweep) canAlight(h *hop) (vehicles int, ok bool) {
	best := math.MaxInt
	for k := range s.change {
		if s.change[k][h.to] >= h.arrive {
			if n, ok := s.next(k); ok {
				best = n
			}
			break
		}
	}
	for _, c := range s.o.changes[h.to] {
		if !c.named {
			continue
		}
		for _, e := range s.seen[c.to] {
			n, ok := s.next(e.k)
			if !ok || n >= best {
				continue
			}
			if secs, ok := s.o.seconds(c, h.run, e.run, s.p); ok && h.arrive+secs <= e.when {
				best = n
			}
		}
	}
	return best, best < math.MaxInt
}

// board notes that somebody can get on at a hop's start and reach the end with
// k vehicles.
func (s *sweep) board(r *run, h *hop, k int) (changed bool) {
	for n := k; n <= s.most; n++ {
		if h.depart > s.vias[n][h.from] {
			s.vias[n][h.from], changed = h.depart, true
		}
	}
	for _, c := range s.o.into[h.from] {
		if c.named {
			if e := (event{h.depart, h.run, k}); !slices.Contains(s.seen[h.from], e) {
				s.seen[h.from], changed = append(s.seen[h.from], e), true
			}
			continue
		}
		secs, ok := s.o.seconds(c, r, r, s.p)
		for n := k; ok && n <= s.most; n++ {
			if h.depart-secs > s.change[n][c.from] {
				s.change[n][c.from], changed = h.depart-secs, true
			}
		}
	}
	return changed
}

// leaves is when one must leave an end at the latest, to board at least one vehicle.
func (s *sweep) leaves(from []way) int64 {
	best := int64(always)
	for _, w := range from {
		if at := s.vias[s.most][w.stop]; at != always {
			best = max(best, at-w.seconds)
		}
	}
	return best
}
