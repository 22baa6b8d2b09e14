package transit

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"
)

// A Journey is one way of getting there or back, from door to door.
type Journey struct {
	Depart, Arrive time.Time // of the whole, in the zone of the feed of its first vehicle
	Legs           []Leg
	Changes        int // vehicles less one, and never below 0
	WalkM          float64
	StepFree       Accessible
	At             int // which of the points asked about it goes to or from
}

// A Leg is one walk or one vehicle.
type Leg struct {
	Walk           bool
	Mode           Mode // of a vehicle
	Line           string
	Operator       string
	Headsign       string
	Feed           int // position in Network.Feeds of a vehicle's feed
	From, To       Point
	Depart, Arrive time.Time
	WalkM          float64 // metres of path

	vehicle vehicle
}

// A vehicle is a trip on one day.
type vehicle struct {
	trip uint32
	base int64
}

// A Point is an end of a leg. The traveller's own ends have no name.
type Point struct {
	StopID string
	Name   string
	At     orb.Point
}

// There is the journey with at least one vehicle that leaves home last and is
// at one of the points by deadline, no earlier than deadline − Limit; of those
// the one that arrives first, then with the fewest changes, then with the
// least walking, then at the first of the points.
func (r *Reach) There(to []orb.Point, deadline int64) (Journey, bool) {
	return r.latest(ends{home: r.home, points: to, out: true}, deadline-int64(r.limit), deadline, r.rounds)
}

// Home is the journey with at least one vehicle that is home first after
// leaving one of the points at leave or later, no later than leave + Limit; of
// those the one that leaves last, then with the fewest changes, then with the
// least walking, then from the first of the points.
func (r *Reach) Home(from []orb.Point, leave int64) (Journey, bool) {
	return r.earliest(ends{home: r.home, points: from}, leave, leave+int64(r.limit), r.rounds)
}

// LastHome is the journey with at least one vehicle that leaves one of the
// points last, at leave or later, and is home by a moment. Limit does not
// bind it.
func (r *Reach) LastHome(from []orb.Point, leave, by int64) (Journey, bool) {
	e := ends{home: r.home, points: from}
	steps, _ := e.sides(r)
	if len(steps) == 0 || len(r.home) == 0 || by < leave {
		return Journey{}, false
	}
	t := r.night(leave, by)
	last := int64(math.MinInt64)
	for _, d := range steps {
		if s := t.departs.of(d.stop); s > 0 {
			last = max(last, t.since+int64(s)-1-int64(d.seconds))
		}
	}
	if last < leave {
		return Journey{}, false
	}
	// Whoever leaves then is mostly home long before they must be.
	for span := int64(3600); ; span *= 2 {
		until := min(last+span, by)
		if j, ok := r.latest(e, last, until, r.rounds); ok || until == by {
			return j, ok
		}
	}
}

// A night knows for every stop the last departure that leads home in time.
type night struct {
	since   int64        // Unix time that it looks back to
	departs paged[int32] // seconds after since and 1; 0: none
}

const (
	nightSeconds = 18 * 3600 // how far back nights look, unless asked for more
	maxNights    = 32        // kept
)

// night is what is known of getting home by a moment, for those who leave at
// another or later.
func (r *Reach) night(leave, by int64) *night {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.nights[by]; t != nil && t.since <= leave {
		return t
	}
	n := r.network
	t := &night{since: min(leave, by-nightSeconds), departs: newPaged[int32](len(n.stops.at))}
	q := r.question(t.since, by)
	w := n.work()
	defer n.done(w)
	r.arrive(w.backward, q, r.home, q.limit)
	w.backward.backwardAll(q)
	for _, node := range w.backward.outSet {
		at := t.departs.at(n.nodes.stopOfOut(node))
		*at = max(*at, w.backward.out[node]+1)
	}
	if r.nights == nil || len(r.nights) >= maxNights {
		r.nights = map[int64]*night{}
	}
	r.nights[by] = t
	return t
}

// ends are where a journey may begin and end: at home and at some points.
type ends struct {
	home   []doorstep
	points []orb.Point
	out    bool // from home
	steps  []doorstep
}

// sides are the walks at the beginning and at the end.
func (e *ends) sides(r *Reach) (from, to []doorstep) {
	if e.steps == nil {
		for i, p := range e.points {
			begin := len(e.steps)
			e.steps = append(e.steps, r.doorsteps(p)...)
			for k := range e.steps[begin:] {
				e.steps[begin+k].point = int32(i)
			}
		}
	}
	if e.out {
		return e.home, e.steps
	}
	return e.steps, e.home
}

// latest is the journey within a span of time that leaves last; of those the
// first to arrive, and so on.
func (r *Reach) latest(e ends, since, by int64, rounds int) (Journey, bool) {
	from, to := e.sides(r)
	if len(from) == 0 || len(to) == 0 || by < since {
		return Journey{}, false
	}
	q := r.question(since, by)
	q.rounds = rounds
	w := r.network.work()
	defer r.network.done(w)
	r.arrive(w.backward, q, to, q.limit)
	w.backward.backwardAll(q)
	leave := w.backward.leaves(r, from)
	if leave < 0 {
		return Journey{}, false
	}
	r.leave(w.forward, q, from, leave)
	arrive, vehicles := never, 0
	for round := 1; round <= rounds && len(w.forward.outMarks) > 0; round++ {
		w.forward.forwardRound(q)
		if t := w.forward.arrives(r, to); t < arrive {
			arrive, vehicles = t, round
		}
	}
	return r.easiest(q, &e, since, leave, arrive, vehicles, w.backward)
}

// earliest is the journey within a span of time that arrives first; of those
// the last to leave, and so on.
func (r *Reach) earliest(e ends, since, by int64, rounds int) (Journey, bool) {
	from, to := e.sides(r)
	if len(from) == 0 || len(to) == 0 || by < since {
		return Journey{}, false
	}
	q := r.question(since, by)
	q.rounds = rounds
	w := r.network.work()
	defer r.network.done(w)
	r.leave(w.forward, q, from, 0)
	w.forward.forwardAll(q)
	arrive := w.forward.arrives(r, to)
	if arrive > q.limit {
		return Journey{}, false
	}
	r.arrive(w.backward, q, to, arrive)
	leave, vehicles := -never, 0
	for round := 1; round <= rounds && len(w.backward.inMarks) > 0; round++ {
		w.backward.backwardRound(q)
		if t := w.backward.leaves(r, from); t > leave {
			leave, vehicles = t, round
		}
	}
	return r.easiest(q, &e, since, leave, arrive, vehicles, w.backward)
}

// leaves is when somebody can leave one of their ends at the latest, after a
// search backward; negative when they cannot.
func (w *work) leaves(r *Reach, ends []doorstep) int32 {
	last := -never
	for _, d := range ends {
		if t := w.out[d.stop]; t >= 0 {
			last = max(last, t-d.seconds)
		}
		for _, node := range r.network.nodes.extraOut[d.stop] {
			if t := w.out[node]; t >= 0 {
				last = max(last, t-d.seconds)
			}
		}
	}
	return last
}

// arrives is when somebody can be at one of their ends at the earliest, after
// a search forward.
func (w *work) arrives(r *Reach, ends []doorstep) int32 {
	first := never
	for _, d := range ends {
		if t := w.in[d.stop]; t < never-d.seconds {
			first = min(first, t+d.seconds)
		}
		for _, node := range r.network.nodes.extraIn[d.stop] {
			if t := w.in[node]; t < never-d.seconds {
				first = min(first, t+d.seconds)
			}
		}
	}
	return first
}

// A stage is how somebody came to be ready at an out-node, or to have arrived
// at an in-node.
type stage struct {
	before int32 // position of the stage before, or -1
	point  int32 // when the journey began at one: which
	node   uint32
	t      int32
	walkM  float64
	link   *link // of a change

	// Of an arrival:
	layer, pattern, run uint32
	from, to            uint32 // stops of the pattern
}

// A bag holds the stages at each node of which none is better than another:
// earlier, with less walking or from an earlier point.
type bag map[uint32][]int32

// add keeps a stage unless another is as good.
func (b bag) add(stages *[]stage, s stage) bool {
	here := b[s.node]
	for _, i := range here {
		if o := &(*stages)[i]; o.t <= s.t && (o.walkM < s.walkM || o.walkM == s.walkM && o.point <= s.point) {
			return false
		}
	}
	kept := here[:0]
	for _, i := range here {
		if o := &(*stages)[i]; !(s.t <= o.t && (s.walkM < o.walkM || s.walkM == o.walkM && s.point <= o.point)) {
			kept = append(kept, i)
		}
	}
	b[s.node] = append(kept, int32(len(*stages)))
	*stages = append(*stages, s)
	return true
}

// all are the stages that were kept, in the order they were found.
func (b bag) all() []int32 {
	var all []int32
	for _, here := range b {
		all = append(all, here...)
	}
	slices.Sort(all)
	return all
}

// easiest is the journey with the least walking, then the first of the points,
// of those that leave at and arrive by a time with so many vehicles. bounds
// are labels of a search backward from the end, beyond which nothing leads
// there.
func (r *Reach) easiest(q *question, e *ends, since int64, leave, arrive int32, vehicles int, bounds *work) (Journey, bool) {
	if vehicles == 0 { // cannot be, as one search found what the other did not; but it must not be looked for without end
		return Journey{}, false
	}
	from, to := e.sides(r)
	n := r.network
	var stages []stage
	ready := bag{}
	board := func(s stage) {
		if s.t <= bounds.out[s.node] {
			ready.add(&stages, s)
		}
	}
	for _, d := range from {
		s := stage{before: -1, point: d.point, node: d.stop, t: leave + d.seconds, walkM: d.pathM}
		board(s)
		for _, s.node = range n.nodes.extraOut[d.stop] {
			board(s)
		}
	}
	arrived := bag{}
	for round := 1; ; round++ {
		clear(arrived)
		for _, i := range ready.all() {
			r.rideOn(q, i, &stages, arrived, arrive, bounds)
		}
		if round == vehicles {
			break
		}
		clear(ready)
		for _, i := range arrived.all() {
			links := n.links.from(stages[i].node)
			for k := range links {
				l := &links[k]
				if l.allowed(min(r.who.MaxWalkM, MaxFootM)) {
					board(stage{before: i, point: stages[i].point, node: l.to, t: stages[i].t + l.takes(r.who.Speed), walkM: stages[i].walkM + l.pathM, link: l})
				}
			}
		}
	}
	best, bestM, bestEnd := int32(-1), math.Inf(1), doorstep{}
	point := int32(math.MaxInt32)
	for _, d := range to {
		end := func(node uint32) {
			for _, i := range arrived[node] {
				s := &stages[i]
				at := max(s.point, d.point) // one of them is home, which is 0
				if s.t+d.seconds <= arrive && (s.walkM+d.pathM < bestM || s.walkM+d.pathM == bestM && at < point) {
					best, bestM, bestEnd, point = i, s.walkM+d.pathM, d, at
				}
			}
		}
		end(d.stop)
		for _, node := range n.nodes.extraIn[d.stop] {
			end(node)
		}
	}
	if best < 0 { // cannot be, as the searches found it
		return Journey{}, false
	}
	return r.journey(q, e, since, stages, best, bestEnd, bestM, int(point)), true
}

// rideOn adds where all the vehicles lead that can be boarded at a stage.
func (r *Reach) rideOn(q *question, before int32, stages *[]stage, arrived bag, arrive int32, bounds *work) {
	all := q.network.seqs.times
	node, ready := (*stages)[before].node, (*stages)[before].t
	walkM, point := (*stages)[before].walkM, (*stages)[before].point
	for k := range q.layers {
		l := &q.layers[k]
		for _, c := range l.view.boards.of(node) {
			number, from := l.view.boards.unpack(c)
			p := &l.view.patterns[number]
			runs := l.view.runs[p.lo:p.hi]
			caught := catchOpen(all, runs, from, ready, l)
			if caught == len(runs) {
				continue
			}
			times, start := all[runs[caught].profile:][:p.stops], runs[caught].start+l.offset
			for i := from + 1; i < p.stops; i++ {
				t := start + times[i].arrive
				if t > arrive {
					break
				}
				if in := q.access.in[p.position+i]; in != q.network.nodes.none && t <= bounds.in[in] {
					arrived.add(stages, stage{before: before, point: point, node: in, t: t, walkM: walkM,
						layer: uint32(k), pattern: number, run: p.lo + uint32(caught), from: from, to: i})
				}
			}
		}
	}
}

// catchOpen is the first of some runs that leaves a stop at a time or later
// when boarding is allowed; their number when none does.
func catchOpen(times []call, runs []run, at uint32, t int32, l *layer) int {
	for {
		i := catch(times, runs, at, t-l.offset)
		if i == len(runs) {
			return i
		}
		depart := runs[i].start + times[runs[i].profile+at].depart + l.offset
		if t = after(l.closed, depart); t == depart {
			return i
		}
	}
}

// journey writes out a journey from its last arrival back.
func (r *Reach) journey(q *question, e *ends, since int64, stages []stage, last int32, end doorstep, walkM float64, point int) Journey {
	n := r.network
	var chain []*stage // arrivals
	for i := last; i >= 0; i = stages[stages[i].before].before {
		chain = append(chain, &stages[i])
	}
	slices.Reverse(chain)
	l := &q.layers[chain[0].layer]
	place := n.zoneOfTrip(l.view.trips[chain[0].run])
	at := func(t int32) time.Time { return time.Unix(since+int64(t), 0).In(place) }
	j := Journey{Changes: len(chain) - 1, WalkM: walkM, At: point, StepFree: AccessYes}
	var own [2]orb.Point
	if own[0], own[1] = r.who.Home, e.points[point]; !e.out {
		own[0], own[1] = own[1], own[0]
	}
	says := func(a Accessible) {
		if a == AccessNo || a == AccessUnknown && j.StepFree == AccessYes {
			j.StepFree = a
		}
	}
	walk := func(from, to Point, depart, arrive int32, pathM float64) {
		if from.At != to.At {
			j.Legs = append(j.Legs, Leg{Walk: true, From: from, To: to, Depart: at(depart), Arrive: at(arrive), WalkM: pathM})
		}
	}
	previous := Point{At: own[0]}
	for i, s := range chain {
		l := &q.layers[s.layer]
		p := &l.view.patterns[s.pattern]
		run := l.view.runs[s.run]
		trip := l.view.trips[s.run]
		line := &n.lines[n.trips.line[trip]]
		on, off := n.seqs.stop[p.position+s.from], n.seqs.stop[p.position+s.to]
		depart := run.start + n.seqs.times[run.profile+s.from].depart + l.offset
		from := n.point(on)
		if before := &stages[s.before]; i == 0 {
			seconds := int32(walkSeconds(before.walkM, r.who.Speed))
			walk(previous, from, depart-seconds, depart, before.walkM)
			j.Depart = at(depart - seconds)
		} else {
			alighted := chain[i-1].t
			seconds := min(int32(walkSeconds(before.link.pathM, r.who.Speed)), before.t-alighted)
			walk(previous, from, alighted, alighted+seconds, before.link.pathM)
		}
		j.Legs = append(j.Legs, Leg{Mode: line.mode, Line: line.name, Operator: line.operator, Headsign: n.texts[n.trips.headsign[trip]],
			Feed: int(line.feed), From: from, To: n.point(off), Depart: at(depart), Arrive: at(s.t),
			vehicle: vehicle{trip, since + int64(l.offset)}})
		says(n.trips.wheelchair[trip])
		says(n.stops.wheelchair[on])
		says(n.stops.wheelchair[off])
		previous = n.point(off)
	}
	arrive := chain[len(chain)-1].t
	walk(previous, Point{At: own[1]}, arrive, arrive+end.seconds, end.pathM)
	j.Arrive = at(arrive + end.seconds)
	return j
}

// point is a stop as the end of a leg.
func (n *Network) point(stop uint32) Point {
	p := Point{StopID: n.stops.id[stop], Name: n.stops.name[stop], At: n.stops.at[stop]}
	if better, ok := n.names.Find(p.StopID); ok && better.Name != "" {
		p.Name = better.Name
	}
	return p
}

// zoneOfTrip is the time zone that a trip runs by.
func (n *Network) zoneOfTrip(trip uint32) *time.Location {
	z, _ := n.zoneOf(int(n.lines[n.trips.line[trip]].feed))
	return n.zones[z].place
}

// ThereAlternatives are up to most journeys that somebody would want to
// choose from: the latest to leave first, and no two with the same vehicles;
// each is better than every other in leaving later, arriving earlier, fewer
// changes or less walking.
func (r *Reach) ThereAlternatives(to []orb.Point, deadline int64, most int) []Journey {
	return r.alternatives(ends{home: r.home, points: to, out: true}, deadline-int64(r.limit), deadline, most)
}

// HomeAlternatives are the same for the way back: the first to be home first.
func (r *Reach) HomeAlternatives(from []orb.Point, leave int64, most int) []Journey {
	return r.alternatives(ends{home: r.home, points: from}, leave, leave+int64(r.limit), most)
}

// alternatives gathers the best journeys, then those that are best with fewer
// vehicles or with shorter walks at the ends, each with those that leave
// earlier and arrive earlier still (or the other way round).
func (r *Reach) alternatives(e ends, since, by int64, most int) []Journey {
	if most <= 0 {
		return nil
	}
	var found []Journey
	// gather adds a row of journeys and returns the first.
	gather := func(e ends, rounds int) (Journey, bool) {
		var first Journey
		for since, by, i := since, by, 0; i <= most; i++ {
			search := r.earliest
			if e.out {
				search = r.latest
			}
			j, ok := search(e, since, by, rounds)
			if !ok {
				return first, i > 0
			}
			if i == 0 {
				first = j
			}
			found = append(found, j)
			if e.out {
				by = j.Arrive.Unix() - 1
			} else {
				since = j.Depart.Unix() + 1
			}
		}
		return first, true
	}
	e.sides(r)
	j, ok := gather(e, r.rounds)
	if !ok {
		return nil
	}
	for fewer := j; ok && fewer.Changes > 0; {
		fewer, ok = gather(e, fewer.Changes)
	}
	shorter := e
	for ok := true; ok; {
		longest := 0.0
		for _, l := range []*Leg{&j.Legs[0], &j.Legs[len(j.Legs)-1]} {
			longest = max(longest, l.WalkM)
		}
		within := func(d doorstep) bool { return d.pathM >= longest }
		shorter.home = slices.DeleteFunc(slices.Clone(shorter.home), within)
		shorter.steps = slices.DeleteFunc(slices.Clone(shorter.steps), within)
		if len(shorter.home) == 0 || len(shorter.steps) == 0 || len(found) > 10*most {
			break
		}
		j, ok = gather(shorter, r.rounds)
	}
	return choose(found, e.out, most)
}

// choose picks from journeys those worth showing: the best, then the best with
// the fewest changes, the best with the least walking, and on in order.
func choose(found []Journey, out bool, most int) []Journey {
	order := func(a, b Journey) int {
		late, early := b.Depart.Compare(a.Depart), a.Arrive.Compare(b.Arrive)
		if !out {
			late, early = early, late
		}
		return cmp.Or(late, early, cmp.Compare(a.Changes, b.Changes), cmp.Compare(a.WalkM, b.WalkM), cmp.Compare(a.At, b.At))
	}
	slices.SortStableFunc(found, order)
	var good []Journey
	for i, j := range found {
		if !slices.ContainsFunc(found[:i], j.needless) && !slices.ContainsFunc(found[i+1:], j.outdone) &&
			!slices.ContainsFunc(good, j.sameVehicles) {
			good = append(good, j)
		}
	}
	if len(good) <= most {
		return good
	}
	chosen := []int{0}
	add := func(i int) {
		if len(chosen) < most && !slices.Contains(chosen, i) {
			chosen = append(chosen, i)
		}
	}
	easiest, shortest := 0, 0
	for i := range good {
		if good[i].Changes < good[easiest].Changes {
			easiest = i
		}
		if good[i].WalkM < good[shortest].WalkM {
			shortest = i
		}
	}
	add(easiest)
	add(shortest)
	for i := range good {
		add(i)
	}
	slices.Sort(chosen)
	var picked []Journey
	for _, i := range chosen {
		picked = append(picked, good[i])
	}
	return picked
}

// needless reports whether another journey is at least as good in everything.
func (j *Journey) needless(other Journey) bool {
	return !other.Depart.Before(j.Depart) && !other.Arrive.After(j.Arrive) && other.Changes <= j.Changes && other.WalkM <= j.WalkM+1e-6
}

// outdone is needless, but two that are alike do not outdo each other.
func (j *Journey) outdone(other Journey) bool {
	return j.needless(other) && !other.needless(*j)
}

// sameVehicles reports whether two journeys take the same vehicles.
func (j *Journey) sameVehicles(other Journey) bool {
	vehicles := func(legs []Leg) []Leg {
		return slices.DeleteFunc(slices.Clone(legs), func(l Leg) bool { return l.Walk })
	}
	return slices.EqualFunc(vehicles(j.Legs), vehicles(other.Legs), func(a, b Leg) bool { return a.vehicle == b.vehicle })
}
