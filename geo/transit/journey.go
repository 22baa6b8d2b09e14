package transit

import (
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
