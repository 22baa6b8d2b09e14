package geo

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// names find named places by any of their names, exactly, by their beginning,
// or with slips of spelling.
type names struct {
	postcodes *postcodes
	entries   []entry
	keys      []string            // every folded name, in order
	sets      []uint32            // letterSet of each key
	at        map[string][]bearer // folded name → who bears it, the highest ranking first
	labels    map[string]int32    // folded label → entry
	regions   map[string][]int32  // folded county or authority → the postcode districts in it
}

// A bearer is an entry with the rank it has under one of its names.
type bearer struct {
	entry int32
	rank  int8
}

// An entry is a named place with what tells it from its namesakes.
type entry struct {
	Name
	label    string
	standing int8     // its rank under its own name
	region   bool     // a county or island that only postcode districts name
	suburbs  int32    // of a city or town: how many lie around it, for want of a population
	where    []string // folded: district in each language, county, then region, country, town, outward code
	own      int      // how many of where its own table says; the others are its nearest postcode district's
	near     int32    // index of the nearest postcode district, -1 without any
}

// newNames indexes the places of a names file, and those that the postcode
// districts name and the file lacks: Northern Ireland and the islands are not
// in the open table of names.
func newNames(list []Name, pc *postcodes) *names {
	n := &names{postcodes: pc, entries: make([]entry, 0, len(list)), at: make(map[string][]bearer, len(list)), regions: map[string][]int32{}}
	nearest := newNearest(pc)
	for _, name := range list {
		n.add(name, false, nearest)
	}
	n.derive(pc, nearest)
	n.measure()
	n.arrange()
	n.label(pc)
	return n
}

func (n *names) add(name Name, region bool, nearest *nearest) {
	e := entry{Name: name, standing: standing(&name), region: region, near: nearest.district(name.Point())}
	if region {
		e.standing = int8(rank(KindTown)) // people who type Kent do not mean the hamlet
	}
	e.Also = append(slices.Clone(e.Also), otherNames(&name)...)
	n.bear(fold(name.Name), e.standing)
	for _, s := range e.Also {
		n.bear(fold(s), e.standing)
	}
	// A short name is as good as the whole for a city. For a town it is one
	// reading among the villages that bear it in full.
	for _, key := range shortNames(&name) {
		n.bear(key, min(e.standing, int8(rank(name.Kind)*2-rank(KindCity))))
	}
	n.entries = append(n.entries, e)
}

// bear notes that the entry about to be added bears a folded name.
func (n *names) bear(key string, rank int8) {
	i := int32(len(n.entries))
	if key == "" || len(key) > maxFoldedLen || slices.ContainsFunc(n.at[key], func(b bearer) bool { return b.entry == i }) {
		return
	}
	n.at[key] = append(n.at[key], bearer{i, rank})
}

// standing is a place's rank under its own name. One that its local authority
// is named after stands with the towns: Bromley, Greenwich, Knowsley.
func standing(n *Name) int8 {
	key := fold(n.Name)
	for s := range strings.SplitSeq(n.District, " - ") {
		if fold(s) == key {
			return int8(max(rank(n.Kind), rank(KindTown)))
		}
	}
	return int8(rank(n.Kind))
}

// derivedApartM is how far from its namesakes a town that only postcode
// districts name must be to count as another.
const derivedApartM = 30_000

// derive adds the post towns of the postcode districts that no named place
// near them already covers, and the counties and islands that they lie in
// where no town has that name.
func (n *names) derive(pc *postcodes, nearest *nearest) {
	type group struct {
		name, in        string
		region          bool
		lat, lon, count float64
	}
	groups := map[group]*group{}
	var order []*group
	put := func(name, in string, region bool, d *district) {
		if name == "" || strings.ContainsAny(name, "+0123456789") || strings.HasPrefix(name, "nr ") {
			return
		}
		key := group{name: name, in: in, region: region}
		g := groups[key]
		if g == nil {
			g = &group{name: name, in: in, region: region}
			groups[key] = g
			order = append(order, g)
		}
		g.lat, g.lon, g.count = g.lat+fromMicro(d.lat), g.lon+fromMicro(d.lon), g.count+1
	}
	for i := range pc.districts {
		d := &pc.districts[i]
		town, _, _ := strings.Cut(d.Town, ",")
		put(town, d.Region, false, d)
	}
	for i := range pc.districts {
		d := &pc.districts[i]
		put(d.Region, d.Country, true, d)
		if d.Region != "" {
			n.regions[fold(d.Region)] = append(n.regions[fold(d.Region)], int32(i))
		}
	}
	for _, g := range order {
		p := LatLon(g.lat/g.count, g.lon/g.count)
		known := slices.ContainsFunc(n.at[fold(g.name)], func(b bearer) bool {
			if g.region {
				return b.rank >= int8(rank(KindTown))
			}
			return DistanceM(n.entries[b.entry].Point(), p) < derivedApartM
		})
		if known {
			continue
		}
		kind := KindTown
		if g.region {
			kind = KindPlace
		}
		n.add(NewName(g.name, kind, g.in, "", p), g.region, nearest)
	}
}

// suburbsWithinM is how far a suburb of a town may be from its centre.
const suburbsWithinM = 6_000

// measure counts the suburbs around every city and town. No open table of
// names says how many people live where, and of two towns the one with more
// suburbs is the larger often enough to put it first in a list.
func (n *names) measure() {
	const cell = 0.1 // degrees: at least suburbsWithinM, in Shetland too
	grid := map[[2]int][]orb.Point{}
	at := func(p orb.Point) [2]int { return [2]int{int((p.Lat() + 90) / cell), int((p.Lon() + 180) / cell)} }
	for i := range n.entries {
		if n.entries[i].Kind == KindSuburb {
			p := n.entries[i].Point()
			grid[at(p)] = append(grid[at(p)], p)
		}
	}
	for i := range n.entries {
		e := &n.entries[i]
		if e.standing < int8(rank(KindTown)) || e.region {
			continue
		}
		p := e.Point()
		c := at(p)
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				for _, q := range grid[[2]int{c[0] + dy, c[1] + dx}] {
					if DistanceM(p, q) <= suburbsWithinM {
						e.suburbs++
					}
				}
			}
		}
	}
}

// arrange puts namesakes in order and the keys in order.
func (n *names) arrange() {
	for key, list := range n.at {
		slices.SortFunc(list, func(a, b bearer) int {
			return cmp.Or(cmp.Compare(b.rank, a.rank), compare(&n.entries[a.entry], &n.entries[b.entry]))
		})
		n.keys = append(n.keys, key)
	}
	slices.Sort(n.keys)
	n.sets = make([]uint32, len(n.keys))
	for i, key := range n.keys {
		n.sets[i] = letterSet(key)
	}
}

// compare orders places by standing and size, then by name and district, then from
// south to north, so that the order never depends on how the file was made.
func compare(a, b *entry) int {
	return cmp.Or(cmp.Compare(b.standing, a.standing), cmp.Compare(rank(b.Kind), rank(a.Kind)), cmp.Compare(b.suburbs, a.suburbs),
		cmp.Compare(a.Name.Name, b.Name.Name), cmp.Compare(a.District, b.District),
		cmp.Compare(a.lat, b.lat), cmp.Compare(a.lon, b.lon))
}

// winner is the one of several bearers of a name, in order of rank, that
// clearly ranks highest.
func winner(list []bearer) (int32, bool) {
	if len(list) == 0 || len(list) > 1 && list[0].rank == list[1].rank {
		return 0, false
	}
	return list[0].entry, true
}

// place is the Place for an entry that was asked for by a name which that many
// others bear.
func (n *names) place(i int32, namesakes int) Place {
	e := &n.entries[i]
	return Place{Label: e.label, Name: e.Name.Name, Kind: e.Kind, District: e.district(), Point: e.Point(),
		Precision: PrecisionPlace, Namesakes: namesakes}
}

// places are the Places for the first of some bearers of a name.
func (n *names) places(list []bearer, limit int) []Place {
	found := make([]Place, 0, min(len(list), limit))
	for _, b := range list[:min(len(list), limit)] {
		found = append(found, n.place(b.entry, len(list)-1))
	}
	return found
}

// district is the local authority as it is shown: of two names in two
// languages the second, which is the one listings use.
func (e *entry) district() string {
	if _, second, ok := strings.Cut(e.District, " - "); ok {
		return strings.TrimPrefix(second, "the ")
	}
	return e.District
}

// A nearest finds the postcode district whose centre is nearest to a point.
type nearest struct {
	points []orb.Point
	grid   map[[2]int][]int32
}

// nearestCell is the side of a cell in degrees. The districts around a point
// are looked for in its cell and the ones around it, wider when there are none.
const (
	nearestCell = 0.2
	nearestWide = 5
)

func newNearest(pc *postcodes) *nearest {
	n := &nearest{points: make([]orb.Point, len(pc.districts)), grid: map[[2]int][]int32{}}
	for i := range pc.districts {
		n.points[i] = pc.districts[i].Point()
		c := nearestCellOf(n.points[i])
		n.grid[c] = append(n.grid[c], int32(i))
	}
	return n
}

func nearestCellOf(p orb.Point) [2]int {
	return [2]int{int((p.Lat() + 90) / nearestCell), int((p.Lon() + 180) / nearestCell)}
}

// district is the index of the nearest district, -1 when none is around.
func (n *nearest) district(p orb.Point) int32 {
	c := nearestCellOf(p)
	narrow := math.Cos(radians(p.Lat()))
	best, bestD := int32(-1), math.Inf(1)
	for reach := 1; reach <= nearestWide && best < 0; reach++ {
		for dy := -reach; dy <= reach; dy++ {
			for dx := -reach; dx <= reach; dx++ {
				for _, i := range n.grid[[2]int{c[0] + dy, c[1] + dx}] {
					if d := flatDistance(p, n.points[i], narrow); d < bestD {
						best, bestD = i, d
					}
				}
			}
		}
	}
	return best
}

// flatDistance orders points by how far they are from p: the square of the
// distance on a flat map whose longitudes are narrowed by the cosine of p's
// latitude. It is in square degrees and is only good for comparing.
func flatDistance(p, q orb.Point, narrow float64) float64 {
	dy, dx := p.Lat()-q.Lat(), (p.Lon()-q.Lon())*narrow
	return dy*dy + dx*dx
}
