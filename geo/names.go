package geo

import (
	"cmp"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// names find named places by any of their names, exactly, by their beginning,
// or with slips of spelling.
type names struct {
	entries []entry
	keys    []string            // every folded name, in order
	sets    []uint32            // letterSet of each key
	at      map[string][]bearer // folded name → who bears it, the highest ranking first
	labels  map[string]int32    // folded label → entry
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
	where    []string // folded: district in each language, county, region, country, outward code
	near     int32    // index of the nearest postcode district, -1 without any
}

// newNames indexes the places of a names file, and those that the postcode
// districts name and the file lacks: Northern Ireland and the islands are not
// in the open table of names.
func newNames(list []Name, pc *postcodes) *names {
	n := &names{entries: make([]entry, 0, len(list)), at: make(map[string][]bearer, len(list))}
	nearest := newNearest(pc)
	for _, name := range list {
		n.add(name, nearest)
	}
	n.derive(pc, nearest)
	n.arrange()
	n.label(pc)
	return n
}

func (n *names) add(name Name, nearest *nearest) {
	e := entry{Name: name, standing: standing(&name), near: nearest.district(name.Point())}
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

// derive adds the post towns and regions of the postcode districts that no
// named place near them already covers.
func (n *names) derive(pc *postcodes, nearest *nearest) {
	type group struct {
		name, region, country, kind string
		lat, lon, count             float64
	}
	groups := map[string]*group{}
	var order []string
	put := func(name, region, kind string, d *district) {
		if name == "" || strings.ContainsAny(name, "+0123456789") || strings.HasPrefix(name, "nr ") {
			return
		}
		key := kind + "\x00" + name + "\x00" + region
		g := groups[key]
		if g == nil {
			g = &group{name: name, region: region, country: d.Country, kind: kind}
			groups[key] = g
			order = append(order, key)
		}
		g.lat, g.lon, g.count = g.lat+fromMicro(d.lat), g.lon+fromMicro(d.lon), g.count+1
	}
	for i := range pc.districts {
		d := &pc.districts[i]
		town, _, _ := strings.Cut(d.Town, ",")
		put(town, d.Region, KindTown, d)
	}
	for i := range pc.districts {
		d := &pc.districts[i]
		put(d.Region, d.Country, KindPlace, d)
	}
	for _, key := range order {
		g := groups[key]
		p := LatLon(g.lat/g.count, g.lon/g.count)
		known := slices.ContainsFunc(n.at[fold(g.name)], func(b bearer) bool {
			return g.kind == KindPlace || DistanceM(n.entries[b.entry].Point(), p) < derivedApartM
		})
		if !known {
			n.add(NewName(g.name, g.kind, g.region, g.country, p), nearest)
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

// compare orders places by prominence, then by name and district, then from
// south to north, so that the order never depends on how the file was made.
func compare(a, b *entry) int {
	return cmp.Or(cmp.Compare(b.standing, a.standing), cmp.Compare(rank(b.Kind), rank(a.Kind)),
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
	pc   *postcodes
	grid map[[2]int][]int32
}

// nearestCell is the side of a cell in degrees. The districts around a point
// are looked for in its cell and the eight around it.
const nearestCell = 0.5

func newNearest(pc *postcodes) *nearest {
	n := &nearest{pc: pc, grid: map[[2]int][]int32{}}
	for i := range pc.districts {
		c := nearestCellOf(pc.districts[i].Point())
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
	best, bestM := int32(-1), 0.0
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			for _, i := range n.grid[[2]int{c[0] + dy, c[1] + dx}] {
				if m := DistanceM(p, n.pc.districts[i].Point()); best < 0 || m < bestM {
					best, bestM = i, m
				}
			}
		}
	}
	return best
}
