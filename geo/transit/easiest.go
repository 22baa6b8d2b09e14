package transit

import (
	"math"
	"slices"
)

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
