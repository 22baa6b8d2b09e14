package index

import (
	"context"
	"math"
	"slices"
	"sync"

	"hereabouts"
)

// A hit is a listing that passes, and where it stands in the order asked for:
// the smallest key first, then the name when sorted by name, then the id.
type hit struct {
	ord uint32
	key float64
}

// run is one search over one state of the columns, from clauses to hits.
type run struct {
	*compiled
	*scratch
	words           *question // nil: no words asked for
	sort            hereabouts.Sort
	now             int32 // minutes after midnight today
	ahead, tomorrow dates // days on which the next session may be: from today, and after it
	unix            int64 // now, in seconds
	index           *Index
	reach           *reacher // nil: not asked for
	radius          bool
	placed          bool // candidates come from a place; words are looked for among them
	after           *cursor
	limit           int
	facets          bool

	count     *counts
	total     int
	top       []hit
	unlocated bool // distances are worked out one by one

	singles []int // rows: by clause, listings that fail it alone
}

// scratch is memory that searches take turns to use.
type scratch struct {
	source, local, found, all, spare, spare2 bitset
	walkers, reached                         bitset
	classes                                  []uint8
	visits                                   []*visits
	plans                                    []*plan
	fetch                                    []uint8
	sets                                     []bitset
	chord                                    []float64
	match                                    []match
	kept                                     []kept
}

// kept is a candidate that fails at most one clause.
type kept struct {
	ord  uint32
	fail uint32 // its bit, or 0
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func (s *scratch) reset(n int) {
	for _, b := range []*bitset{&s.source, &s.local, &s.found, &s.all, &s.spare, &s.spare2, &s.walkers, &s.reached} {
		*b = sized(*b, n)
	}
	if len(s.chord) < n {
		s.chord = make([]float64, n+n/8)
		s.match = make([]match, n+n/8)
		s.classes = make([]uint8, n+n/8)
	}
	s.kept = s.kept[:0]
}

// sized is an empty bitset for n members.
func sized(b bitset, n int) bitset {
	w := wordsFor(n)
	if cap(b) < w {
		return make(bitset, w, w+w/8)
	}
	b = b[:w]
	clear(b)
	return b
}

func (s *scratch) clauseSets(k, n int) []bitset {
	for len(s.sets) < k {
		s.sets = append(s.sets, nil)
	}
	for i := range k {
		s.sets[i] = sized(s.sets[i], n)
	}
	return s.sets[:k]
}

// rowsBelow is the number of candidates up to which each is checked by
// itself; above, bitmaps are quicker.
const rowsBelow = 4096

// few reports whether that many candidates are checked one by one.
func (m *compiled) few(n int) bool { return n <= m.rowsBelow }

// lookAhead notes on which days the next session may be.
func (r *run) lookAhead() {
	r.ahead = span(r.base, r.today, r.base+scheduleDays-1)
	if r.session != nil {
		for i := range r.ahead {
			r.ahead[i] &= r.session.on[i]
		}
	}
	r.tomorrow = r.ahead
	if i := r.today - r.base; i >= 0 && i < scheduleDays {
		r.tomorrow[i>>6] &^= 1 << (i & 63)
	}
}

// find runs the search. What it notes about each listing can be read until
// forget.
func (r *run) find(ctx context.Context) error {
	n := r.size()
	r.scratch.reset(n)
	if r.q.Travel != nil {
		r.reach = r.index.reacher(r.compiled, r.scratch, r.unix)
	}
	switch {
	case r.words != nil && r.words.empty:
		return nil
	case r.radius:
		r.placed = true
		r.gather(r.q.WithinM)
	case len(r.areas) > 0:
		r.placed = true
		i := slices.IndexFunc(r.clauses, func(c clause) bool { return c.area })
		r.clauses[i].source = true
		r.areaSet(r.source, r.spare)
	case r.words != nil:
		scan(r.words.view, r.words.terms, r.bits.live, r.match, r.found)
		copy(r.source, r.found)
	default:
		copy(r.source, r.bits.live)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.few(r.source.count()) {
		r.byRows()
	} else {
		r.bySets()
	}
	slices.SortFunc(r.top, r.compare)
	return ctx.Err()
}

// forget leaves the scratch as it was found.
func (r *run) forget() {
	for ord := range r.found.all {
		r.match[ord] = match{}
	}
	clear(r.found)
}

// gather collects the listings within a radius of the origin, and those
// without a place that serve it.
func (r *run) gather(withinM float64) {
	r.locate(withinM)
	copy(r.source, r.local)
	free := r.spare
	copy(free, r.bits.live)
	free.andNot(r.bits.placed)
	bound := r.spare2
	copy(bound, free)
	bound.and(r.bits.catchment)
	free.andNot(r.bits.catchment)
	r.source.or(free)
	for ord := range bound.all {
		if r.passed(r.catchmentVerdict(ord)) {
			r.source.set(ord)
		}
	}
}

// locate notes the distance of every listing with a place within a radius.
func (r *run) locate(withinM float64) {
	clear(r.local)
	r.grid.near(r.from, withinM, func(p *gridPoint, chord2 float64) {
		if p.many && r.local.has(p.ord) && r.chord[p.ord] <= chord2 {
			return
		}
		r.local.set(p.ord)
		r.chord[p.ord] = chord2
	})
	r.grid.over(r.from.Point, func(ord uint32) {
		for i := range r.details[ord].shapes {
			if r.details[ord].shapes[i].contains(r.from.Point) {
				r.local.set(ord)
				r.chord[ord] = 0
			}
		}
	})
}

// everywhere is a radius that holds the earth.
const everywhere = 30_000_000

// chordOf is the squared chord to a listing's nearest place; ok is false when
// it has none.
func (r *run) chordOf(ord uint32) (chord2 float64, ok bool) {
	if r.from == nil {
		return 0, false
	}
	if !r.unlocated {
		return r.chord[ord], r.local.has(ord)
	}
	d := r.details[ord]
	for i := range d.shapes {
		if d.shapes[i].contains(r.from.Point) {
			return 0, true
		}
	}
	chord2 = math.Inf(1)
	for _, p := range d.points {
		x, y, z := unit(p.lat, p.lon)
		chord2 = min(chord2, r.from.chord2(x, y, z))
	}
	return chord2, len(d.points) > 0
}

// byRows checks every candidate against every clause.
func (r *run) byRows() {
	r.singles = make([]int, len(r.clauses)+1)
	among := r.all
	for ord := range r.source.all {
		fail := uint32(0)
		for i := range r.clauses {
			if c := &r.clauses[i]; !c.source && !r.passed(c.row(ord)) {
				if fail != 0 || r.limit == 0 {
					fail = math.MaxUint32
					break
				}
				fail = r.clauses[i].bit
			}
		}
		if fail != math.MaxUint32 {
			r.kept = append(r.kept, kept{ord, fail})
			among.set(ord)
		}
	}
	if r.words != nil && r.placed {
		scan(r.words.view, r.words.terms, among, r.match, r.found)
	}
	r.measure(len(r.kept))
	for _, k := range r.kept {
		worded := r.words == nil || r.found.has(k.ord)
		if !worded && k.fail != 0 || r.reach != nil && !r.reach.passes(k.ord, k.fail, worded) {
			continue
		}
		if !worded {
			r.singles[len(r.clauses)]++
			continue
		}
		if k.fail == 0 {
			r.total++
			r.offer(k.ord)
			if r.facets {
				r.count.addRow(r.compiled, k.ord, "")
			}
			continue
		}
		i := trailingZeros(uint64(k.fail))
		r.singles[i]++
		if f := r.clauses[i].facet; f != "" && r.facets {
			r.count.addRow(r.compiled, k.ord, f)
		}
	}
}

// bySets intersects bitmaps.
func (r *run) bySets() {
	n := r.size()
	sets := r.clauseSets(2*len(r.clauses), n)
	pass, others := sets[:len(r.clauses)], sets[len(r.clauses):]
	for i := range r.clauses {
		c := &r.clauses[i]
		switch {
		case c.source:
			copy(pass[i], r.source)
			continue
		case c.set != nil:
			c.set(pass[i], r.spare)
			continue
		}
		for ord := range r.source.all {
			if r.passed(c.row(ord)) {
				pass[i].set(ord)
			}
		}
	}
	copy(r.all, r.source)
	for _, s := range pass {
		r.all.and(s)
	}
	among := r.spare
	copy(among, r.all)
	for i := range r.clauses {
		if r.clauses[i].facet == "" || !r.facets {
			continue
		}
		copy(others[i], r.source)
		for j, s := range pass {
			if j != i {
				others[i].and(s)
			}
		}
		among.or(others[i])
	}
	if r.words != nil && r.placed {
		scan(r.words.view, r.words.terms, among, r.match, r.found)
		r.all.and(r.found)
		among.and(r.found)
	}
	if r.reach != nil {
		var onDay bitset
		if i := r.dayClause(); i >= 0 {
			onDay = pass[i]
		}
		r.reach.judgeAll(among, r.all, onDay, r.reached)
		r.all.and(r.reached)
	}
	r.total = r.all.count()
	r.measure(r.total)
	for ord := range r.all.all {
		r.offer(ord)
	}
	if !r.facets {
		return
	}
	r.count.addSet(r.compiled, r.all, r.total, "")
	for i := range r.clauses {
		if f := r.clauses[i].facet; f != "" {
			if r.words != nil {
				others[i].and(r.found)
			}
			if r.reach != nil {
				others[i].and(r.reached)
			}
			r.count.replace(r.compiled, others[i], f)
		}
	}
}

// measure decides how distances are found for that many listings.
func (r *run) measure(n int) {
	if r.from == nil || r.radius {
		return
	}
	if !r.few(n) {
		r.locate(everywhere)
	} else {
		r.unlocated = true
	}
}
