package index

import (
	"slices"
	"time"

	"hereabouts"
	"hereabouts/geo/transit"
)

// A stay is some time at a listing with what knows of the ways there and
// back.
type stay struct {
	start, end int64
	out, back  *transit.Scan // nil when timetables do not matter
}

// visits are the ways of attending one occurrence: from start to end, or any
// stay within opening hours, the earliest first.
type visits struct {
	stays     []stay
	out, back *transit.Scan // to and from any of the stays
	scanned   bool          // there are timetables
	doubtful  bool          // and perhaps not for the day
	over      bool          // there is no stay to come
}

func (v *visits) first() *stay { return &v.stays[0] }

// class is reachThereAndBack, reachThereOnly or reachNo for a place with some
// spots.
func (v *visits) class(spots *transit.Spots, from, to uint32) uint8 {
	if !anyOfSpots(v.out, spots, from, to) {
		return reachNo
	}
	if anyOfSpots(v.back, spots, from, to) && (len(v.stays) == 1 || v.pair(spots, from, to)) {
		return reachThereAndBack
	}
	return reachThereOnly
}

// pair reports whether there is a way there and a way back for one stay.
func (v *visits) pair(spots *transit.Spots, from, to uint32) bool {
	for i := range v.stays {
		if s := &v.stays[i]; anyOfSpots(s.out, spots, from, to) && anyOfSpots(s.back, spots, from, to) {
			return true
		}
	}
	return false
}

// shown is the stay that a verdict is about: the best that bears it out.
func (v *visits) shown(r *reacher, ord uint32, place uint16, class uint8) *stay {
	if class > reachThereAndBack && class != reachThereOnly {
		return v.first()
	}
	ready := r.now + r.early + int64(r.known.who.Limit/time.Second)
	for s := range bestFirst(v.stays, ready) {
		if class == reachWalk {
			return s
		}
		ok := false
		r.eachPlace(ord, place, func(from, to uint32) {
			ok = ok || anyOfSpots(s.out, r.ties.spots, from, to) &&
				(class == reachThereOnly || anyOfSpots(s.back, r.ties.spots, from, to))
		})
		if ok {
			return s
		}
	}
	return v.first()
}

func anyOfSpots(s *transit.Scan, spots *transit.Spots, from, to uint32) bool {
	for id := from; id < to; id++ {
		if s.Reaches(spots, id) {
			return true
		}
	}
	return false
}

// visitsAt is the visits of an occurrence, made once in a search.
func (r *reacher) visitsAt(o occurrence) *visits {
	v := r.others[o.slot]
	if v == nil {
		v = r.visitsOf(o.slot)
		r.others[o.slot] = v
	}
	return v
}

// visitsIn is the visits of a slot by its number.
func (r *reacher) visitsIn(slot uint32) *visits {
	v := r.visits[slot]
	if v == nil {
		v = r.visitsOf(r.ties.slots[slot])
		r.visits[slot] = v
	}
	return v
}

// never is the visits of what is not on within the days that are looked at.
var never = &visits{stays: []stay{{}}}

func (r *reacher) visitsOf(s slot) *visits {
	if s.start == 0 {
		return never
	}
	if !r.when.open(r.columns, &s) {
		return &visits{stays: []stay{{}}, over: true}
	}
	k := visitsKey{slot: s, want: r.stay, early: r.early}
	k.kind &^= occAssumed
	if k.kind&(occAnyTime|occOpenEnded) == occAnyTime {
		// Of a stay that has begun only those to come matter, and they
		// change every quarter of an hour.
		if s.start <= r.now {
			k.after = r.now / quarter * quarter
		}
		if r.when.timed {
			k.asked = r.when.windows(r.columns, &s)
		}
	}
	return r.known.visits(k)
}

// A plan is the visits that are asked for of all listings with one turn. What
// would be judged as an earlier one is left out: most are the same buses a
// week later.
type plan struct {
	days   []int32 // counted from the base, in order
	visits []*visits
}

func (r *reacher) planOf(turn uint32) *plan {
	p := r.plans[turn]
	if p != nil {
		return p
	}
	p = &plan{}
	r.plans[turn] = p
	for day, o := range r.when.during(r.columns, &r.ties.turns[turn]) {
		if len(p.days) > 0 && day > p.days[0]+hereabouts.ReachDays {
			break
		}
		if v := r.visitsAt(o); !slices.ContainsFunc(p.visits, v.sameRides) {
			p.days, p.visits = append(p.days, day), append(p.visits, v)
		}
	}
	return p
}

// sameRides reports whether what reaches one reaches the other.
func (v *visits) sameRides(o *visits) bool {
	return v.scanned && o.scanned && !v.doubtful && !o.doubtful &&
		slices.EqualFunc(v.stays, o.stays, func(a, b stay) bool { return a.out == b.out && a.back == b.back })
}
