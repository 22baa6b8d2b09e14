package index

import (
	"cmp"
	"slices"

	"hereabouts"
)

// A collector is a listing that fetches people from one origin.
type collector struct {
	id     string
	round  *round  // where to
	chord2 float64 // from the origin
}

// fetchersFrom is who fetches people from an origin, the nearest first. While
// the index is being built nobody is known to.
func (x *Index) fetchersFrom(from *hereabouts.Origin) (list []collector) {
	c := x.state.Load().columns
	if c == nil {
		return nil
	}
	x.turnTo(c, today(x.now()))
	c.mu.RLock()
	defer c.mu.RUnlock()
	m, err := compile(c, &hereabouts.Query{Near: from}, x.areas, x.options.rowsBelow)
	if err != nil {
		return nil
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	r := &reacher{compiled: m}
	r.fetch.prepare(r, s)
	for _, f := range r.fetch.from {
		list = append(list, collector{r.details[f.ord].id, f.round, r.chordTo(f.ord)})
	}
	slices.SortFunc(list, func(a, b collector) int {
		return cmp.Or(cmp.Compare(a.chord2, b.chord2), cmp.Compare(a.id, b.id))
	})
	return list
}

// fetchedBy is who fetches the person to a listing: its own people first, then
// whoever is nearest, and no more than are worth ringing.
func (s *survey) fetchedBy(v *judged) (ids []string) {
	c := &s.l.Eligibility.Catchment
	if s.l.Transport.Provided == hereabouts.Yes && s.serves(c) && (c.Stated() || comesFor(s.origin, v.points, noPlace)) {
		ids = append(ids, s.l.ID)
	}
	for _, f := range s.fetch {
		if len(ids) < mostFetchers && slices.ContainsFunc(v.points, func(p placePoint) bool { return f.round.holds(p.lat, p.lon) }) {
			ids = append(ids, f.id)
		}
	}
	return ids
}

// serves reports whether the origin lies in a catchment, or there is none.
func (s *survey) serves(c *hereabouts.Catchment) bool {
	if !c.Stated() {
		return true
	}
	if c.Geometry != nil {
		if o, ok := newOutline(c.Geometry.Geometry()); ok && o.contains(s.origin) {
			return true
		}
	}
	if s.x.areas == nil {
		return false
	}
	return slices.ContainsFunc(s.x.areas.Containing(s.origin), func(code string) bool { return slices.Contains(c.Areas, code) })
}

// comesToPeople reports whether nobody has to go anywhere for a listing.
func (x *Index) comesToPeople(l *hereabouts.Listing) bool {
	if slices.ContainsFunc(l.Needs, func(slug string) bool { return slug == communityTransport || x.parentOf(slug) == communityTransport }) {
		return true
	}
	return len(l.Delivery) > 0 && !slices.Contains(l.Delivery, hereabouts.InPerson)
}

func (x *Index) parentOf(slug string) string {
	n, _ := x.taxonomy.Need(slug)
	return n.Parent
}
