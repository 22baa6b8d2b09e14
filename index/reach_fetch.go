package index

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"hereabouts/geo"
)

// fetch is who fetches people from the origin of one search. Few do, and most
// listings lie in parts of the grid that are wholly in or out of where they
// take people, so asking costs little.
type fetch struct {
	from []fetcher // that take people who live at the origin
	at   []uint8   // by slot of the grid; see below
}

// What is known of a cell of the grid.
const (
	fetchUnasked = iota
	fetchAll     // somebody fetches people to all of it
	fetchNone
	fetchSome
)

// A fetcher is a listing of community transport.
type fetcher struct {
	ord   uint32
	round *round
}

// A round is where a listing of community transport takes people: its
// catchment.
type round struct {
	mu    sync.Mutex
	tests []*areaTest
}

// prepare finds who fetches people from the origin.
func (f *fetch) prepare(r *reacher, s *scratch) {
	n, ok := r.needNumber[communityTransport]
	if !ok {
		return
	}
	for ord := range r.bits.need[n].all {
		row := &r.rows[ord]
		switch row.avail {
		case stateClosed, stateFull, statePaused:
			continue
		}
		if row.is(flagLive) && row.is(flagCatchment) && r.catchmentVerdict(ord) == passes {
			f.from = append(f.from, fetcher{ord, r.roundOf(ord)})
		}
	}
	if len(f.from) > 0 {
		s.fetch = emptied(s.fetch, len(r.grid.cells))
		f.at = s.fetch
	}
}

// roundOf is where a listing takes people. It is kept as long as the listing
// and the boundaries stay what they are.
func (m *compiled) roundOf(ord uint32) *round {
	d := m.details[ord]
	var tests []*areaTest
	if d.catchment != nil {
		tests = append(tests, newAreaTest("", d.catchment.polygons))
	}
	for _, n := range d.areas {
		if m.boundaries == nil {
			break
		}
		if boundary, ok := m.boundaries.Polygon(m.columns.areas.values[n]); ok && len(boundary) > 0 {
			tests = append(tests, newAreaTest("", boundary))
		}
	}
	if kept, ok := m.rounds.Load(d); ok && sameRound(kept.(*round).tests, tests) {
		return kept.(*round)
	}
	k := &round{tests: tests}
	m.rounds.Store(d, k)
	return k
}

func sameRound(a, b []*areaTest) bool {
	for i := range a {
		if len(a) != len(b) || len(a[i].outline.polygons) != len(b[i].outline.polygons) || &a[i].outline.polygons[0] != &b[i].outline.polygons[0] {
			return false
		}
	}
	return len(a) == len(b)
}

// holds reports whether people are taken to a point.
func (k *round) holds(lat, lon float64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, a := range k.tests {
		if a.contains(lat, lon) {
			return true
		}
	}
	return false
}

// cell is whether people are taken to all of a cell of the grid, to none of
// it, or to some.
func (k *round) cell(row, col int) uint8 {
	k.mu.Lock()
	defer k.mu.Unlock()
	is := uint8(fetchNone)
	for _, a := range k.tests {
		switch c := a.cell(row, col); c.kind {
		case cellInside:
			return fetchAll
		case cellCrossed:
			is = fetchSome
		}
	}
	return is
}

// ownFetchM is how far a listing's own minibus is taken to come when the
// listing does not say where people may live: about six miles.
const ownFetchM = 10_000

// fetchesItself reports whether a listing fetches people from the origin to a
// place of its own.
func (r *reacher) fetchesItself(ord uint32, place uint16) bool {
	if !r.bits.fetches.has(ord) || r.catchmentVerdict(ord) != passes {
		return false
	}
	return r.rows[ord].is(flagCatchment) || comesFor(r.from.Point, r.details[ord].points, place)
}

// comesFor reports whether a place of a listing lies near enough for people
// to be fetched there who do not live in any catchment.
func comesFor(home orb.Point, points []placePoint, place uint16) bool {
	return slices.ContainsFunc(points, func(p placePoint) bool {
		return (place == noPlace || p.place == place) && geo.DistanceM(home, geo.LatLon(p.lat, p.lon)) <= ownFetchM
	})
}

// fetching reports whether it is worth asking whether anybody fetches people
// to a listing.
func (r *reacher) fetching(ord uint32) bool { return len(r.fetch.from) > 0 || r.bits.fetches.has(ord) }

// fetched reports whether anybody fetches people to the only point of a listing.
func (r *reacher) fetched(ord uint32) bool {
	if r.fetchesItself(ord, noPlace) {
		return true
	}
	if len(r.fetch.from) == 0 {
		return false
	}
	at := &r.fetch.at[r.ties.cell[ord]]
	if *at == fetchUnasked {
		p := r.details[ord].points[0]
		row, col := gridCell(p.lat, p.lon)
		*at = fetchNone
		for _, f := range r.fetch.from {
			is := f.round.cell(row, col)
			if is == fetchAll {
				*at = is
				break
			}
			if is == fetchSome {
				*at = is
			}
		}
	}
	if *at != fetchSome {
		return *at == fetchAll
	}
	p := r.details[ord].points[0]
	for _, f := range r.fetch.from {
		if f.round.holds(p.lat, p.lon) {
			return true
		}
	}
	return false
}

// fetchedTo reports whether anybody fetches people to a place of a listing.
func (r *reacher) fetchedTo(ord uint32, place uint16) bool {
	if r.fetchesItself(ord, place) {
		return true
	}
	for _, f := range r.fetch.from {
		if r.holdsPlace(f, ord, place) {
			return true
		}
	}
	return false
}

func (r *reacher) holdsPlace(f fetcher, ord uint32, place uint16) bool {
	for _, p := range r.details[ord].points {
		if (place == noPlace || p.place == place) && f.round.holds(p.lat, p.lon) {
			return true
		}
	}
	return false
}

// mostFetchers is how many who fetch people are worth ringing.
const mostFetchers = 3

// fetchers are up to mostFetchers listings that fetch somebody to a place of a
// listing: its own people first, then the nearest.
func (r *reacher) fetchers(ord uint32, place uint16) (ids []string) {
	if r.fetchesItself(ord, place) {
		ids = append(ids, r.details[ord].id)
	}
	var from []uint32
	for _, f := range r.fetch.from {
		if r.holdsPlace(f, ord, place) {
			from = append(from, f.ord)
		}
	}
	slices.SortFunc(from, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(r.chordTo(a), r.chordTo(b)), cmp.Compare(r.details[a].id, r.details[b].id))
	})
	for _, f := range from[:min(len(from), mostFetchers-len(ids))] {
		ids = append(ids, r.details[f].id)
	}
	return ids
}

func (r *reacher) chordTo(ord uint32) float64 {
	best := math.Inf(1)
	for _, p := range r.details[ord].points {
		x, y, z := unit(p.lat, p.lon)
		best = min(best, r.from.chord2(x, y, z))
	}
	return best
}
