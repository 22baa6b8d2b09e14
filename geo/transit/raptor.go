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
	patterns  [][]riding // by layer and pattern
	queue     [][]uint32 // by layer: patterns to ride along
	ridden    [][]uint32 // by layer: patterns that have been ridden
	none      uint32
}

// A riding is what a search knows of a pattern.
type riding struct {
	lo, hi int32 // stops where labels got better, both inclusive; blank: lo is never
	// The best run ridden so far, and where it was boarded (or left, in a
	// search backward). From there on nothing is to be gained by a worse one.
	run, at int32 // blank: at is never
}

var notRidden = riding{lo: never, hi: -1, at: never}

// works are the memory of a search each way; see [Network.work].
type works struct {
	forward, backward *work
	best              []int32 // by berth; see [Scan.draw]
	berths            []uint32
}

func newWork(n *nodes, berths int) *works {
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
	return &works{forward: one(never), backward: one(-never), best: make([]int32, berths)}
}

// work is memory to search with; give it back with [Network.done].
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
	for l, ridden := range w.ridden {
		for _, p := range ridden {
			w.patterns[l][p] = notRidden
		}
		w.ridden[l] = ridden[:0]
	}
}

// fit makes room for the patterns of a question.
func (w *work) fit(q *question) {
	for len(w.patterns) < len(q.layers) {
		w.patterns, w.queue, w.ridden = append(w.patterns, nil), append(w.queue, nil), append(w.ridden, nil)
	}
	for i := range q.layers {
		for len(w.patterns[i]) < len(q.layers[i].view.patterns) {
			w.patterns[i] = append(w.patterns[i], notRidden)
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
		w.queue[l] = enqueue(w.queue[l][:0], w.patterns[l], &q.layers[l].view.boards, from.outMarks)
	}
	for _, node := range from.outMarks {
		from.outMarked[node] = false
	}
	from.outMarks = from.outMarks[:0]
	for l := range q.layers {
		for _, p := range w.queue[l] {
			w.ride(q, l, p, from.out)
		}
	}
}

// enqueue notes where patterns call at marked nodes, and which do.
func enqueue(queue []uint32, patterns []riding, calls *callList, marks []uint32) []uint32 {
	for _, node := range marks {
		for _, c := range calls.of(node) {
			number, at := calls.unpack(c)
			p := &patterns[number]
			if p.lo == never {
				queue = append(queue, number)
			}
			p.lo, p.hi = min(p.lo, int32(at)), max(p.hi, int32(at))
		}
	}
	return queue
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

// ride goes along a pattern, always on the earliest run that can be caught
// from where labels, those of out, got better.
func (w *work) ride(q *question, layer int, number uint32, out []int32) {
	l, known := &q.layers[layer], &w.patterns[layer][number]
	p := &l.view.patterns[number]
	all := q.network.seqs.times
	ins, outs := q.access.in[p.position:][:p.stops], q.access.out[p.position:][:p.stops]
	runs := l.view.runs[p.lo:p.hi]
	before := *known
	known.lo, known.hi = never, -1
	none := int32(len(runs))
	current := none
	var times []call
	var start int32 // of the current run, in the question's time
	for i := before.lo; i < int32(p.stops); i++ {
		if current < none {
			t := start + times[i].arrive
			if i > before.at && before.run <= current || t > q.limit {
				current = none // no gain, here or farther on
			} else if node := ins[i]; t < w.in[node] {
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
		if i > before.hi {
			if current == none {
				break
			}
			continue
		}
		ready := out[outs[i]]
		if ready > q.limit {
			continue
		}
		// Only a run before these is a gain.
		until := current
		if i >= before.at {
			until = min(until, before.run)
		}
		last := until - 1
		if last < 0 {
			continue
		}
		r := runs[last]
		if r.start+all[r.profile+uint32(i)].depart+l.offset < ready {
			continue
		}
		k := catchOpen(all, runs[:until], uint32(i), ready, l)
		if k == int(until) {
			continue
		}
		current = int32(k)
		times, start = all[runs[k].profile:][:p.stops], runs[k].start+l.offset
		if known.at == never {
			w.ridden[layer] = append(w.ridden[layer], number)
			known.run, known.at = current, i
		} else if current < known.run {
			known.run, known.at = current, i
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
		w.queue[l] = enqueue(w.queue[l][:0], w.patterns[l], &q.layers[l].view.alights, w.inMarks)
	}
	for _, node := range w.inMarks {
		w.inMarked[node] = false
	}
	w.inMarks = w.inMarks[:0]
	for l := range q.layers {
		for _, p := range w.queue[l] {
			w.rideBack(q, l, p)
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

// rideBack goes back along a pattern, always on the latest run that arrives in
// time where labels got better.
func (w *work) rideBack(q *question, layer int, number uint32) {
	l, known := &q.layers[layer], &w.patterns[layer][number]
	p := &l.view.patterns[number]
	all := q.network.seqs.times
	ins, outs := q.access.in[p.position:][:p.stops], q.access.out[p.position:][:p.stops]
	runs := l.view.runs[p.lo:p.hi]
	before := *known
	known.lo, known.hi = never, -1
	current := int32(-1) // no run
	var times []call
	var start int32
	for i := before.hi; i >= 0; i-- {
		if current >= 0 {
			t := start + times[i].depart
			if before.at != never && i < before.at && before.run >= current || t < 0 {
				current = -1 // no gain, here or farther back
			} else if node := outs[i]; t > w.out[node] {
				if l.closed != nil {
					t = lastOpen(all, runs[:current+1], uint32(i), l)
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
		}
		if i < before.lo {
			if current < 0 {
				break
			}
			continue
		}
		by := w.in[ins[i]]
		if by < 0 {
			continue
		}
		// Only a run after these is a gain.
		after := current
		if before.at != never && i <= before.at {
			after = max(after, before.run)
		}
		first := after + 1
		if int(first) >= len(runs) {
			continue
		}
		r := runs[first]
		if r.start+all[r.profile+uint32(i)].arrive+l.offset > by {
			continue
		}
		current = first + int32(arriving(all, runs[first+1:], uint32(i), by-l.offset))
		times, start = all[runs[current].profile:][:p.stops], runs[current].start+l.offset
		if known.at == never {
			w.ridden[layer] = append(w.ridden[layer], number)
			known.run, known.at = current, i
		} else if current > known.run {
			known.run, known.at = current, i
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
// allowed, in the question's time; before all time when there is none.
func lastOpen(times []call, runs []run, at uint32, l *layer) int32 {
	for r := len(runs) - 1; r >= 0; r-- {
		if t := runs[r].start + times[runs[r].profile+at].depart + l.offset; before(l.closed, t) == t {
			return t
		}
	}
	return -never
}
