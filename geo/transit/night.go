package transit

import (
	"math"

	"github.com/paulmach/orb"
)

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
