package index

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"hereabouts"
)

// rank is a listing's relevance; see ranking.go.
func (r *run) rank(ord uint32) float64 {
	score, tier := r.prior[ord], 0.0
	if r.from != nil {
		if c, ok := r.chordOf(ord); ok {
			score *= nearness(metres(c))
			switch {
			case r.words == nil:
				tier = localFirst
			case r.radius:
				tier = localWords
			}
		} else {
			score *= farAway
		}
	}
	if r.reach != nil {
		score *= reachFactors[r.reach.classes[ord]]
	}
	for i := range r.clauses {
		if r.clauses[i].softens && r.clauses[i].row(ord) == unstated {
			score *= unknownFactor
		}
	}
	if r.words == nil {
		return tier + float64(score)
	}
	m := &r.match[ord]
	score *= m.score * coverage(onesCount(m.covers), r.words.asked)
	if n := &r.rows[ord].needs; n[0]&r.words.needs[0]|n[1]&r.words.needs[1] != 0 {
		score *= needFactor
	}
	if _, ok := slices.BinarySearch(r.words.exact, ord); ok {
		tier += exactName
	}
	return tier + float64(score)
}

func (r *run) key(ord uint32) float64 {
	switch r.sort {
	case hereabouts.ByDistance:
		if c, ok := r.chordOf(ord); ok {
			return c
		}
		return math.Inf(1)
	case hereabouts.ByJourney:
		return r.reach.seconds(ord)
	case hereabouts.BySoonest:
		return r.soonest(ord)
	case hereabouts.ByFreshest:
		if d := r.rows[ord].confirmed; d != noDay {
			return -float64(d)
		}
		return math.Inf(1)
	case hereabouts.ByName:
		return 0
	}
	return -r.rank(ord)
}

// soonest is the minutes from the base until a listing next begins, in a way
// that the question asks for.
func (r *run) soonest(ord uint32) float64 {
	day, s := r.next(ord)
	if s == nil {
		return math.Inf(1)
	}
	return float64(day)*1440 + float64(s.start)
}

// next is the session of a listing that begins next, in a way that the
// question asks for, and on which day after the base; nil when there is none
// as far ahead as schedules are worked out.
func (r *run) next(ord uint32) (day int32, next *session) {
	sessions := r.details[ord].sessions
	for i := range sessions {
		s := &sessions[i]
		if r.session != nil && !r.passed(r.session.timeVerdict(s)) {
			continue
		}
		from := &r.ahead
		if int32(s.start) <= r.now {
			from = &r.tomorrow // today's has begun
		}
		if d, ok := r.schedules.first(s.dates, from); ok && (next == nil || d < day || d == day && s.start < next.start) {
			day, next = d, s
		}
	}
	return day, next
}

// compare orders hits. No two are equal.
func (r *run) compare(a, b hit) int {
	if a.key != b.key {
		if a.key < b.key {
			return -1
		}
		return 1
	}
	if r.sort == hereabouts.ByName {
		if c := strings.Compare(r.details[a.ord].name, r.details[b.ord].name); c != 0 {
			return c
		}
	}
	if x, y := r.heads[a.ord], r.heads[b.ord]; x != y {
		return cmp.Compare(x, y)
	}
	return strings.Compare(r.details[a.ord].id, r.details[b.ord].id)
}

// offer keeps a hit when it is among the best after the cursor. top is a heap
// with its worst first.
func (r *run) offer(ord uint32) {
	if r.limit == 0 {
		return
	}
	h := hit{ord, r.key(ord)}
	full := len(r.top) == r.limit
	if full && (h.key > r.top[0].key || r.compare(h, r.top[0]) > 0) {
		return
	}
	if r.after != nil && r.after.compare(r, h) >= 0 {
		return
	}
	if !full {
		r.top = append(r.top, h)
		for i := len(r.top) - 1; i > 0; {
			p := (i - 1) / 2
			if r.compare(r.top[i], r.top[p]) <= 0 {
				break
			}
			r.top[i], r.top[p] = r.top[p], r.top[i]
			i = p
		}
		return
	}
	r.top[0] = h
	for i := 0; ; {
		c := 2*i + 1
		if c >= len(r.top) {
			break
		}
		if c+1 < len(r.top) && r.compare(r.top[c+1], r.top[c]) > 0 {
			c++
		}
		if r.compare(r.top[i], r.top[c]) >= 0 {
			break
		}
		r.top[i], r.top[c] = r.top[c], r.top[i]
		i = c
	}
}
