package transit

import (
	"cmp"
	"slices"
)

// Durations knows how long the journeys take that [Reach.There] would find
// for one deadline, without making them.
type Durations struct {
	reach *Reach
	limit int32
	last  paged[int32] // 1 + position of a stop's last option, or 0
	list  []option
}

// An option is to leave home at one time and be at a stop at another. Those of
// a stop are chained from the one that leaves and arrives first.
type option struct {
	leave, arrive int32
	next          int32 // as in last
}

// Durations works out how long journeys take that arrive by deadline: for
// every moment when leaving home can make a difference, from the last to the
// first, it searches for what gets earlier by it.
func (r *Reach) Durations(deadline int64) *Durations {
	d := &Durations{reach: r, limit: r.limit, last: newPaged[int32](len(r.network.stops.at))}
	if r.network.Empty() || r.limit < 0 || len(r.home) == 0 {
		return d
	}
	q := r.question(deadline-int64(r.limit), deadline)
	starts := r.starts(q)
	// With any number of vehicles one set of labels serves; else every number
	// has its own, as getting there early with many may be a dead end.
	works := []*works{r.network.work()}
	if q.rounds != maxRounds {
		for range q.rounds {
			works = append(works, r.network.work())
		}
	}
	for len(starts) > 0 {
		leave := starts[0].leave
		for ; len(starts) > 0 && starts[0].leave == leave; starts = starts[1:] {
			works[0].forward.board(starts[0].node, starts[0].board)
		}
		if q.rounds == maxRounds {
			for w := works[0].forward; len(w.outMarks) > 0; {
				w.vehicles(q, w)
				d.note(w, leave)
				w.makeChanges(q)
			}
			continue
		}
		for i, w := range works[1:] {
			w.forward.vehicles(q, works[i].forward)
			d.note(w.forward, leave)
			w.forward.makeChanges(q)
		}
		works[len(works)-1].forward.unmark()
	}
	for _, w := range works {
		r.network.done(w)
	}
	return d
}

// A start is to leave home and board at an out-node just when something
// leaves.
type start struct {
	leave, board int32
	node         uint32
}

// starts are all of a question, the last to leave first.
func (r *Reach) starts(q *question) []start {
	var starts []start
	times := r.network.seqs.times
	add := func(d doorstep, node uint32) {
		for i := range q.layers {
			l := &q.layers[i]
			for _, c := range l.view.boards.of(node) {
				pattern, at := l.view.boards.unpack(c)
				p := &l.view.patterns[pattern]
				runs := l.view.runs[p.lo:p.hi]
				for k := catch(times, runs, at, d.seconds-l.offset); k < len(runs); k++ {
					t := runs[k].start + times[runs[k].profile+at].depart + l.offset
					if t > q.limit {
						break
					}
					if after(l.closed, t) == t {
						starts = append(starts, start{t - d.seconds, t, node})
					}
				}
			}
		}
	}
	for _, d := range r.home {
		add(d, d.stop)
		for _, node := range r.network.nodes.extraOut[d.stop] {
			add(d, node)
		}
	}
	slices.SortFunc(starts, func(a, b start) int {
		return cmp.Or(cmp.Compare(b.leave, a.leave), cmp.Compare(a.node, b.node))
	})
	return slices.Compact(starts)
}

// note keeps what got earlier in a round.
func (d *Durations) note(w *work, leave int32) {
	for _, node := range w.inMarks {
		last, arrive := d.last.at(d.reach.network.nodes.stopOfIn(node)), w.in[node]
		switch {
		case *last == 0 || arrive < d.list[*last-1].arrive && leave < d.list[*last-1].leave:
			d.list = append(d.list, option{leave, arrive, *last})
			*last = int32(len(d.list))
		case arrive < d.list[*last-1].arrive:
			d.list[*last-1].arrive = arrive
		}
	}
}

// Seconds is from leaving home to arriving at one of some spots, such as the
// doors of a place: as long as the journey that There would find to all of
// them takes, which leaves last and need not be the shortest. ok is false when
// There would find none.
func (d *Durations) Seconds(spots *Spots, ids ...uint32) (seconds int, ok bool) {
	leave := int32(-1)
	for _, id := range ids {
		spots.each(id, &d.reach.walker, func(stop uint32, seconds int32) bool {
			for i := d.last.of(stop); i > 0 && d.list[i-1].arrive+seconds <= d.limit; i = d.list[i-1].next {
				leave = max(leave, d.list[i-1].leave)
			}
			return true
		})
	}
	if leave < 0 {
		return 0, false
	}
	arrive := never
	for _, id := range ids {
		spots.each(id, &d.reach.walker, func(stop uint32, seconds int32) bool {
			i := d.last.of(stop)
			for i > 0 && d.list[i-1].leave < leave {
				i = d.list[i-1].next
			}
			if i > 0 {
				arrive = min(arrive, d.list[i-1].arrive+seconds)
			}
			return true
		})
	}
	return int(arrive - leave), true
}
