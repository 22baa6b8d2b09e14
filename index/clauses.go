package index

import (
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"hereabouts"
)

// A verdict is what a listing says to one clause of a question.
type verdict uint8

const (
	fails verdict = iota
	unstated
	passes
)

func verdictOf(yes bool) verdict {
	if yes {
		return passes
	}
	return fails
}

// A clause is one thing asked for. A listing must pass every clause; what it
// does not state passes too, unless the question says to drop that.
type clause struct {
	facet   string                           // the facet whose counts leave this clause out
	relax   map[string]string                // the change that takes the clause away; nil: never offered
	row     func(ord uint32) verdict         // one listing
	set     func(dst bitset, scratch bitset) // all listings that pass, unstated ones as the question wants; nil: ask row
	softens bool                             // may say unstated
	source  bool                             // candidates are collected by it, so all of them pass
	area    bool
	session bool
	bit     uint32
}

// compiled is a question in the terms of one state of the columns.
type compiled struct {
	*columns
	q          *hereabouts.Query
	clauses    []clause
	session    *sessionClause
	areas      []*areaTest
	from       *vantage
	boundaries Areas
	served     map[string]bool // codes of the areas that hold the origin
	keep       bool
	rowsBelow  int
}

// compile reads a question into clauses and does nothing else. Unknown values
// of closed vocabularies are faults; those of open ones just match nothing.
func compile(c *columns, q *hereabouts.Query, areas Areas, rowsBelow int) (*compiled, error) {
	m := &compiled{columns: c, q: q, boundaries: areas, keep: !q.DropUnknown, rowsBelow: rowsBelow}
	var p hereabouts.Problems
	if q.Near != nil {
		v := newVantage(q.Near.Point())
		m.from = &v
		if areas != nil {
			m.served = map[string]bool{}
			for _, code := range areas.Containing(v.Point) {
				m.served[code] = true
			}
		}
	}
	oneOf(m, &p, "kind", q.Kinds, kinds[1:], c.bits.kind[1:])
	m.needClause(&p)
	m.valueClause("tag", "", &c.tags, fold(q.Tags), false)
	oneOf(m, &p, "delivery", q.Delivery, deliveries, c.bits.delivery[:])
	oneOf(m, &p, "referral", q.Referral, routes, c.bits.referral[:])
	m.valueClause("language", "language", &c.languages, fold(q.Languages), true)
	m.valueClause("circumstance", "", &c.groups, fold(q.Circumstances), false)
	m.availabilityClause(&p)
	m.ageClause()
	m.genderClause(&p)
	m.waitClause()
	m.costClause()
	m.accessClause(&p)
	m.sessionClause(&p)
	m.areaClause(&p, areas)
	// What bitmaps know is asked first: most listings fail there.
	slices.SortStableFunc(m.clauses, func(a, b clause) int { return a.cost() - b.cost() })
	m.number()
	return m, p.Err()
}

// cost is what it takes to ask one listing.
func (c *clause) cost() int {
	if c.set == nil || c.area {
		return 1
	}
	return 0
}

func (m *compiled) number() {
	for i := range m.clauses {
		m.clauses[i].bit = 1 << i
	}
}

// drop takes clause i away.
func (m *compiled) drop(i int) {
	if m.clauses[i].area {
		m.areas = nil
	}
	if m.clauses[i].session {
		m.session = nil
	}
	m.clauses = slices.Delete(m.clauses, i, i+1)
	m.number()
}

func (m *compiled) add(c clause) { m.clauses = append(m.clauses, c) }

// passed is what a verdict comes to under the question's rule for what is
// not stated.
func (m *compiled) passed(v verdict) bool { return v == passes || v == unstated && m.keep }

func dropped(parameters ...string) map[string]string {
	change := map[string]string{}
	for _, p := range parameters {
		change[p] = ""
	}
	return change
}

func join[S ~string](values []S) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = string(v)
	}
	return strings.Join(parts, ", ")
}

// anyOf is the two ways of asking for a member of one of some sets. Bitmaps
// are asked even about single listings: they stay in the cache and rows do not.
func anyOf(sets []bitset) (row func(ord uint32) verdict, set func(dst, scratch bitset)) {
	set = func(dst, _ bitset) {
		for _, s := range sets {
			dst.or(s)
		}
	}
	if len(sets) == 1 {
		only := sets[0]
		return func(ord uint32) verdict { return verdictOf(only.has(ord)) }, set
	}
	return func(ord uint32) verdict {
		for _, s := range sets {
			if s.has(ord) {
				return passes
			}
		}
		return fails
	}, set
}

func chosen(sets []bitset, want uint8) (out []bitset) {
	for i, s := range sets {
		if want&(1<<i) != 0 {
			out = append(out, s)
		}
	}
	return out
}

// oneOf is a clause over a closed vocabulary: one of the values must hold.
func oneOf[S ~string](m *compiled, p *hereabouts.Problems, name string, asked, known []S, sets []bitset) {
	if len(asked) == 0 {
		return
	}
	want := mask(known, asked)
	for _, v := range asked {
		if !slices.Contains(known, v) {
			p.AddParameter(name, "unknown_value", "choose from "+join(known))
			return
		}
	}
	row, set := anyOf(chosen(sets, want))
	m.add(clause{facet: name, relax: dropped(name), row: row, set: set})
}

func (m *compiled) needClause(p *hereabouts.Problems) {
	if len(m.q.Needs) == 0 {
		return
	}
	var want [2]uint64
	for _, slug := range m.q.Needs {
		i, ok := m.needNumber[slug]
		if !ok {
			p.AddParameter("need", "unknown_value", "use the id of a need, as /api/v1/needs lists them")
			return
		}
		// Listings have their needs' parents too, so this includes narrower ones.
		want[i>>6] |= 1 << (i & 63)
	}
	var sets []bitset
	eachNeed(&want, func(n int) { sets = append(sets, m.bits.need[n]) })
	row, set := anyOf(sets)
	m.add(clause{facet: "need", relax: dropped("need"), row: row, set: set})
}

// valueClause is a clause over an open vocabulary. With family, "en" also
// means "en-gb".
func (m *compiled) valueClause(name, facet string, v *interned, asked []string, family bool) {
	if len(asked) == 0 {
		return
	}
	var sets []*roaring.Bitmap
	for _, a := range asked {
		if !family {
			if n, ok := v.number[a]; ok {
				sets = append(sets, v.sets[n])
			}
			continue
		}
		for n, value := range v.values {
			if value = strings.ToLower(value); value == a || strings.HasPrefix(value, a+"-") {
				sets = append(sets, v.sets[n])
			}
		}
	}
	m.add(clause{facet: facet, relax: dropped(name),
		row: func(ord uint32) verdict {
			for _, s := range sets {
				if s.Contains(ord) {
					return passes
				}
			}
			return fails
		},
		set: func(dst, _ bitset) {
			for _, s := range sets {
				for it := s.Iterator(); it.HasNext(); {
					dst.set(it.Next())
				}
			}
		}})
}

// availabilityClause: without a wish, everything but closed.
func (m *compiled) availabilityClause(p *hereabouts.Problems) {
	asked := m.q.Availability
	want := uint8((1<<len(states) - 1) &^ (1 << stateClosed))
	var relax map[string]string
	if len(asked) > 0 {
		relax = dropped("availability")
		want = mask(states, asked)
		for _, s := range asked {
			if !slices.Contains(states, s) {
				p.AddParameter("availability", "unknown_value", "choose from "+join(states))
				return
			}
		}
	}
	row, set := anyOf(chosen(m.bits.avail[:], want))
	if relax == nil {
		closed := m.bits.avail[stateClosed]
		row = func(ord uint32) verdict { return verdictOf(!closed.has(ord)) }
		set = func(dst, _ bitset) {
			dst.or(m.bits.live)
			dst.andNot(closed)
		}
	}
	m.add(clause{facet: "availability", relax: relax, row: row, set: set})
}

// ageClause rules out only by limits that are stated.
func (m *compiled) ageClause() {
	if m.q.Age == nil {
		return
	}
	rows, age := m.rows, *m.q.Age
	m.add(clause{relax: dropped("age"), row: func(ord uint32) verdict {
		r := &rows[ord]
		return verdictOf((r.minAge < 0 || int(r.minAge) <= age) && (r.maxAge < 0 || int(r.maxAge) >= age))
	}})
}

func (m *compiled) genderClause(p *hereabouts.Problems) {
	if m.q.Gender == "" {
		return
	}
	i := slices.Index(genders, m.q.Gender)
	if i < 0 {
		p.AddParameter("gender", "unknown_value", "choose from "+join(genders))
		return
	}
	rows := m.rows
	m.add(clause{relax: dropped("gender"), row: func(ord uint32) verdict {
		g := rows[ord].genders
		return verdictOf(g == 0 || g&(1<<i) != 0)
	}})
}

// waitVerdict is whether somebody is taken on within some weeks.
func (r *row) waitVerdict(weeks int) verdict {
	switch r.avail {
	case stateOpen:
		return passes
	case stateWaiting:
		if r.wait < 0 {
			return unstated
		}
		return verdictOf(int(r.wait) <= weeks)
	case stateUnknown:
		return unstated
	}
	return fails
}

func (m *compiled) waitClause() {
	if m.q.MaxWaitWeeks == nil {
		return
	}
	rows, weeks := m.rows, *m.q.MaxWaitWeeks
	m.add(clause{relax: dropped("max_wait_weeks"), softens: true,
		row: func(ord uint32) verdict { return rows[ord].waitVerdict(weeks) }})
}

// A price is what a listing costs in pence, or one of these.
type price int32

const (
	priceUnknown  price = -1
	priceUnstated price = -2 // it costs something
)

func (r *row) price() price {
	switch {
	case r.cost == costFree:
		return 0
	case r.cost == costUnknown:
		return priceUnknown
	case r.pence < 0:
		return priceUnstated
	}
	return price(r.pence)
}

// verdict is whether a person with that much to spend can come.
func (p price) verdict(pence int) verdict {
	switch {
	case p >= 0:
		return verdictOf(int(p) <= pence)
	case p == priceUnstated && pence == 0:
		return fails // it is known to cost something
	}
	return unstated
}

func (m *compiled) costClause() {
	if m.q.MaxPence == nil {
		return
	}
	prices, pence := m.prices, *m.q.MaxPence
	cl := clause{facet: "cost", relax: dropped("max_pence"), softens: true,
		row: func(ord uint32) verdict { return prices[ord].verdict(pence) }}
	if pence == 0 {
		cl.set = func(dst, _ bitset) {
			dst.or(m.bits.cost[costFree])
			if m.keep {
				dst.or(m.bits.cost[costUnknown])
			}
		}
	}
	m.add(cl)
}

// accessVerdict is whether one place has all of the facts asked for.
func (r *row) accessVerdict(d *detail, want uint8) verdict {
	if !r.is(flagManyPlaces) {
		return (placeAccess{r.accessYes, r.accessNo}).verdict(want)
	}
	best := fails
	for _, a := range d.access {
		best = max(best, a.verdict(want))
	}
	return best
}

func (a placeAccess) verdict(want uint8) verdict {
	switch {
	case a.yes&want == want:
		return passes
	case a.no&want != 0:
		return fails
	}
	return unstated
}

func (m *compiled) accessClause(p *hereabouts.Problems) {
	if len(m.q.Access) == 0 {
		return
	}
	want := mask(hereabouts.AccessNames, m.q.Access)
	for _, a := range m.q.Access {
		if !slices.Contains(hereabouts.AccessNames, a) {
			p.AddParameter("access", "unknown_value", "choose from "+join(hereabouts.AccessNames))
			return
		}
	}
	rows, details := m.rows, m.details
	check := func(ord uint32) verdict { return rows[ord].accessVerdict(details[ord], want) }
	// Every fact must hold, so choosing another narrows further, and the
	// facet counts what is left.
	m.add(clause{relax: dropped("access"), softens: true, row: check,
		set: func(dst, many bitset) {
			dst.or(m.bits.live)
			for i := range 8 {
				switch {
				case want&(1<<i) == 0:
				case m.keep:
					dst.andNot(m.bits.accessNo[i])
				default:
					dst.and(m.bits.accessYes[i])
				}
			}
			if want&(want-1) == 0 {
				return
			}
			// With several places the facts must meet at one of them.
			copy(many, dst)
			many.and(m.bits.manyPlaces)
			for ord := range many.all {
				if !m.passed(check(ord)) {
					dst.unset(ord)
				}
			}
		}})
}
