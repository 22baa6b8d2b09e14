package transit

import "math"

// never is later than any moment, and its negative earlier.
const never = int32(math.MaxInt32)

// A question is a search through some layers. Times are seconds after its
// beginning; only those from 0 to limit matter.
type question struct {
	network *Network
	layers  []layer
	changes *changeTable
	access  *accessNodes
	limit   int32
	rounds  int // vehicles at most
}

// A work is the memory of one search, used again by the next. Between
// searches its labels are all blank and nothing is marked.
//
// A search forward labels out-nodes with the time from which one is ready to
// board there and in-nodes with the earliest arrival. A search backward labels
// in-nodes with the time by which one must have arrived and out-nodes with the
// latest departure. A label never gets worse, and marks are where it has got
// better since vehicles, or changes, were last looked at.
type work struct {
	blank     int32 // never forward, -never backward
	in, out   []int32
	inSet     []uint32 // nodes whose label is not blank
	outSet    []uint32
	inMarks   []uint32
	outMarks  []uint32
	inMarked  []bool
	outMarked []bool
	pending   [][]int32  // by layer and pattern: the stop to begin at
	queue     [][]uint32 // by layer: patterns with such a stop
	none      uint32
}

// works are pooled for both directions; see [Network.forward].
type works struct{ forward, backward *work }

func newWork(n *nodes) *works {
	one := func(blank int32) *work {
		w := &work{blank: blank, in: make([]int32, n.none+1), out: make([]int32, n.none+1),
			inMarked: make([]bool, n.none+1), outMarked: make([]bool, n.none+1), none: n.none}
		for i := range w.in {
			w.in[i], w.out[i] = blank, blank
		}
		// No arrival at none is ever earlier and no departure later.
		if blank == never {
			w.in[n.none] = -never
		} else {
			w.out[n.none] = never
		}
		return w
	}
	return &works{one(never), one(-never)}
}

// works are memory for a search each way; give them back with [Network.done].
func (n *Network) work() *works { return n.works.Get().(*works) }

func (n *Network) done(w *works) {
	w.forward.clear()
	w.backward.clear()
	n.works.Put(w)
}

// unmark forgets where labels have got better.
func (w *work) unmark() {
	for _, n := range w.inMarks {
		w.inMarked[n] = false
	}
	for _, n := range w.outMarks {
		w.outMarked[n] = false
	}
	w.inMarks, w.outMarks = w.inMarks[:0], w.outMarks[:0]
}

// clear makes ready for another search.
func (w *work) clear() {
	w.unmark()
	for _, n := range w.inSet {
		w.in[n] = w.blank
	}
	for _, n := range w.outSet {
		w.out[n] = w.blank
	}
	w.inSet, w.outSet = w.inSet[:0], w.outSet[:0]
}

// fit makes room for the patterns of a question.
func (w *work) fit(q *question) {
	for len(w.pending) < len(q.layers) {
		w.pending, w.queue = append(w.pending, nil), append(w.queue, nil)
	}
	for i := range q.layers {
		for len(w.pending[i]) < len(q.layers[i].view.patterns) {
			w.pending[i] = append(w.pending[i], never)
		}
	}
}

// board lets somebody be at an out-node, ready to board, at a time.
func (w *work) board(node uint32, t int32) {
	if t < w.out[node] {
		if w.out[node] == never {
			w.outSet = append(w.outSet, node)
		}
		w.out[node] = t
		if !w.outMarked[node] {
			w.outMarked[node] = true
			w.outMarks = append(w.outMarks, node)
		}
	}
}

// alight lets somebody be at an in-node as late as at a time.
func (w *work) alight(node uint32, t int32) {
	if t > w.in[node] {
		if w.in[node] == -never {
			w.inSet = append(w.inSet, node)
		}
		w.in[node] = t
		if !w.inMarked[node] {
			w.inMarked[node] = true
			w.inMarks = append(w.inMarks, node)
		}
	}
}

// forwardAll searches on from what is marked, one vehicle after another.
func (w *work) forwardAll(q *question) {
	for round := 0; round < q.rounds && len(w.outMarks) > 0; round++ {
		w.forwardRound(q)
	}
}

// forwardRound rides the vehicles that can be boarded where out-nodes are
// marked, and makes the changes from where they lead.
func (w *work) forwardRound(q *question) {
	w.vehicles(q, w)
	w.makeChanges(q)
}

// vehicles rides what can be boarded where another search's out-nodes, or its
// own, are marked.
func (w *work) vehicles(q *question, from *work) {
	w.fit(q)
	for l := range q.layers {
		boards, pending, queue := &q.layers[l].view.boards, w.pending[l], w.queue[l][:0]
		for _, node := range from.outMarks {
			for _, c := range boards.of(node) {
				if at := int32(c.at); at < pending[c.pattern] {
					if pending[c.pattern] == never {
						queue = append(queue, c.pattern)
					}
					pending[c.pattern] = at
				}
			}
		}
		w.queue[l] = queue
	}
	for _, node := range from.outMarks {
		from.outMarked[node] = false
	}
	from.outMarks = from.outMarks[:0]
	for l := range q.layers {
		for _, p := range w.queue[l] {
			w.ride(q, &q.layers[l], from.out, p, uint32(w.pending[l][p]))
			w.pending[l][p] = never
		}
	}
}

// makeChanges makes the changes from where in-nodes are marked.
func (w *work) makeChanges(q *question) {
	for _, node := range w.inMarks {
		w.inMarked[node] = false
		t := w.in[node]
		for _, c := range q.changes.from.of(node) {
			if ready := t + c.seconds; ready <= q.limit {
				w.board(c.node, ready)
			}
		}
	}
	w.inMarks = w.inMarks[:0]
}

// ride goes along a pattern from a stop on, always on the earliest run that
// can be caught.
func (w *work) ride(q *question, l *layer, out []int32, number, from uint32) {
	p := &l.view.patterns[number]
	ins, outs := q.access.in[p.position:][:p.stops], q.access.out[p.position:][:p.stops]
	runs := l.view.runs[p.lo:p.hi]
	current := len(runs) // no run yet
	var times []call
	var start int32 // of the current run, in the question's time
	for i := from; i < p.stops; i++ {
		if current < len(runs) {
			node := ins[i]
			if t := start + times[i].arrive; t <= q.limit && t < w.in[node] {
				if w.in[node] == never {
					w.inSet = append(w.inSet, node)
				}
				w.in[node] = t
				if !w.inMarked[node] {
					w.inMarked[node] = true
					w.inMarks = append(w.inMarks, node)
				}
			}
		}
		ready := out[outs[i]]
		if ready > q.limit || current < len(runs) && ready > start+times[i].depart {
			continue
		}
		r := catch(q.network.seqs.times, runs[:current], i, ready-l.offset)
		if l.closed != nil {
			for r < current {
				depart := runs[r].start + q.network.seqs.times[runs[r].profile+i].depart + l.offset
				open := after(l.closed, depart)
				if open == depart {
					break
				}
				r = catch(q.network.seqs.times, runs[:current], i, open-l.offset)
			}
		}
		if r < current {
			current = r
			times = q.network.seqs.times[runs[r].profile:][:p.stops]
			start = runs[r].start + l.offset
		}
	}
}

// catch is the first of some runs that leaves a stop at a time of the service
// day or later; their number when none does.
func catch(times []call, runs []run, at uint32, t int32) int {
	lo, hi := 0, len(runs)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if runs[mid].start+times[runs[mid].profile+at].depart < t {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// backwardAll searches back from what is marked, one vehicle before another.
func (w *work) backwardAll(q *question) {
	for round := 0; round < q.rounds && len(w.inMarks) > 0; round++ {
		w.backwardRound(q)
	}
}

// backwardRound rides the vehicles that can be left where in-nodes are marked
// back to where they can be boarded, and makes the changes that lead there.
func (w *work) backwardRound(q *question) {
	w.fit(q)
	for l := range q.layers {
		alights, pending, queue := &q.layers[l].view.alights, w.pending[l], w.queue[l][:0]
		for _, node := range w.inMarks {
			for _, c := range alights.of(node) {
				// Counted from the other side, so that never is the blank of
				// both directions.
				if at := -int32(c.at); at < pending[c.pattern] {
					if pending[c.pattern] == never {
						queue = append(queue, c.pattern)
					}
					pending[c.pattern] = at
				}
			}
		}
		w.queue[l] = queue
	}
	for _, node := range w.inMarks {
		w.inMarked[node] = false
	}
	w.inMarks = w.inMarks[:0]
	for l := range q.layers {
		for _, p := range w.queue[l] {
			w.rideBack(q, &q.layers[l], p, -w.pending[l][p])
			w.pending[l][p] = never
		}
	}
	for _, node := range w.outMarks {
		w.outMarked[node] = false
		t := w.out[node]
		for _, c := range q.changes.to.of(node) {
			if by := t - c.seconds; by >= 0 {
				w.alight(c.node, by)
			}
		}
	}
	w.outMarks = w.outMarks[:0]
}

// rideBack goes back along a pattern from a stop, always on the latest run
// that arrives in time.
func (w *work) rideBack(q *question, l *layer, number uint32, from int32) {
	p := &l.view.patterns[number]
	all := q.network.seqs.times
	ins, outs := q.access.in[p.position:][:p.stops], q.access.out[p.position:][:p.stops]
	runs := l.view.runs[p.lo:p.hi]
	current := -1 // no run yet
	var times []call
	var start int32
	for i := from; i >= 0; i-- {
		if current >= 0 {
			node := outs[i]
			t := start + times[i].depart
			if l.closed != nil && before(l.closed, t) != t && node != w.none {
				t = lastOpen(all, runs[:current], uint32(i), l.closed, l.offset)
			}
			if t >= 0 && t > w.out[node] {
				if w.out[node] == -never {
					w.outSet = append(w.outSet, node)
				}
				w.out[node] = t
				if !w.outMarked[node] {
					w.outMarked[node] = true
					w.outMarks = append(w.outMarks, node)
				}
			}
		}
		by := w.in[ins[i]]
		if by < 0 || current >= 0 && by < start+times[i].arrive {
			continue
		}
		if r := current + 1 + arriving(all, runs[current+1:], uint32(i), by-l.offset) - 1; r > current {
			current = r
			times = all[runs[r].profile:][:p.stops]
			start = runs[r].start + l.offset
		}
	}
}

// arriving is how many of some runs arrive at a stop by a time of the service
// day.
func arriving(times []call, runs []run, at uint32, t int32) int {
	lo, hi := 0, len(runs)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if runs[mid].start+times[runs[mid].profile+at].arrive <= t {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// lastOpen is the latest departure of some runs from a stop when boarding is
// allowed; before all time when there is none.
func lastOpen(times []call, runs []run, at uint32, closed []span, offset int32) int32 {
	for r := len(runs) - 1; r >= 0; r-- {
		if t := runs[r].start + times[runs[r].profile+at].depart + offset; before(closed, t) == t {
			return t
		}
	}
	return -never
}
