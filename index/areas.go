package index

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"hereabouts"
	"hereabouts/geo"
)

// Areas knows boundaries: local authorities, wards and the like.
type Areas interface {
	// Containing is the codes of the areas that contain p.
	Containing(p orb.Point) []string

	// Polygon is the boundary of an area; ok is false for an unknown code.
	Polygon(code string) (boundary orb.MultiPolygon, ok bool)
}

// An areaTest asks whether listings serve an area. Boundaries have thousands
// of edges, and a point needs only the few at its own latitude, so the edges
// are sorted into the rows of the grid as rows are asked about.
type areaTest struct {
	code    string
	around  []string // codes of the areas that it lies in, its own among them
	outline outline
	rows    map[int][]edge
	cells   map[[2]int]areaCell // that have been looked at
	slab    []edge              // where the cells' edges are kept
}

// An areaCell is what is known about all points of one grid cell: that they
// are inside, outside, or which edges decide. A ray to the east from anywhere
// in the cell crosses the edges that lie east of it and span its height;
// whether they are odd in number is kept instead of them.
type areaCell struct {
	kind  cellKind
	odd   bool
	edges []edge
}

// contains reports whether a point of the cell is in the area.
func (c *areaCell) contains(p orb.Point) bool {
	switch c.kind {
	case cellInside:
		return true
	case cellOutside:
		return false
	}
	if !c.odd {
		return inside(c.edges, p)
	}
	// One polygon only: its edges here take the point out again or not.
	in := true
	for i := range c.edges {
		switch crossing(c.edges[i].a, c.edges[i].b, p) {
		case onEdge:
			return true
		case crossed:
			in = !in
		}
	}
	return in
}

// An edge of a boundary, its lower end first.
type edge struct {
	a, b    orb.Point
	polygon int
}

type cellKind uint8

const (
	cellCrossed cellKind = iota + 1 // the boundary runs through it
	cellInside
	cellOutside
)

func newAreaTest(code string, boundary orb.MultiPolygon) *areaTest {
	return &areaTest{code: code, around: []string{code}, outline: outline{boundary, boundary.Bound()},
		rows: map[int][]edge{}, cells: map[[2]int]areaCell{}}
}

// cellMargin is more than rounding in gridCell can amount to, in degrees.
const cellMargin = 1e-7

// row is the edges that reach into a row of the grid, by polygon.
func (a *areaTest) row(r int) []edge {
	edges, ok := a.rows[r]
	if !ok {
		edges = a.rowEdges(nil, r)
		a.rows[r] = edges
	}
	return edges
}

// rowEdges appends the edges that reach into a row. The first and last rows
// of the grid reach to the poles.
func (a *areaTest) rowEdges(edges []edge, r int) []edge {
	south, north := gridSouth+float64(r)*cellLat-cellMargin, gridSouth+float64(r+1)*cellLat+cellMargin
	if r == 0 {
		south = math.Inf(-1)
	}
	if r == gridRows-1 {
		north = math.Inf(1)
	}
	for i, p := range a.outline.polygons {
		for _, ring := range p {
			for k := 1; k < len(ring); k++ {
				lo, hi := ring[k-1], ring[k]
				if lo[1] > hi[1] {
					lo, hi = hi, lo
				}
				if lo[1] <= north && hi[1] >= south {
					edges = append(edges, edge{lo, hi, i})
				}
			}
		}
	}
	return edges
}

// inside reports whether p is in any polygon of which edges are those at its
// latitude. Holes count by themselves: leaving into one is leaving.
func inside(edges []edge, p orb.Point) bool {
	in := false
	for i := range edges {
		e := &edges[i]
		if in && i > 0 && e.polygon != edges[i-1].polygon {
			return true
		}
		switch crossing(e.a, e.b, p) {
		case onEdge:
			return true
		case crossed:
			in = !in
		}
	}
	return in
}

func (m *compiled) areaClause(p *hereabouts.Problems, areas Areas) {
	if len(m.q.Areas) == 0 {
		return
	}
	for _, code := range m.q.Areas {
		var boundary orb.MultiPolygon
		ok := false
		if areas != nil {
			boundary, ok = areas.Polygon(code)
		}
		if !ok {
			p.AddParameter("area", "unknown_value", "no boundary is loaded for an area that was asked for; check the code, or import it")
			return
		}
		test := newAreaTest(code, boundary)
		for _, c := range areas.Containing(innerPoint(boundary)) {
			if c != code {
				test.around = append(test.around, c)
			}
		}
		m.areas = append(m.areas, test)
	}
	m.add(clause{area: true, relax: dropped("area"),
		row: func(ord uint32) verdict {
			for _, a := range m.areas {
				if m.serves(ord, a) {
					return passes
				}
			}
			return fails
		},
		set: m.areaSet})
}

// serves reports whether a listing says that it serves an area, or says
// nothing and is in it.
func (m *compiled) serves(ord uint32, a *areaTest) bool {
	d := m.details[ord]
	if !m.rows[ord].is(flagCatchment) {
		for _, p := range d.points {
			if a.contains(p.lat, p.lon) {
				return true
			}
		}
		return false
	}
	for _, n := range d.areas {
		if slices.Contains(a.around, m.columns.areas.values[n]) {
			return true
		}
	}
	return d.catchment != nil && intersect(d.catchment, &a.outline)
}

// areaSet collects the listings that serve one of the areas: by code from
// the bitmap, by place from the grid, and by outline one at a time.
func (m *compiled) areaSet(dst, scratch bitset) {
	for _, a := range m.areas {
		a.slab = nil // cells that were looked at before keep theirs
		for _, code := range a.around {
			n, ok := m.columns.areas.number[code]
			if !ok {
				continue
			}
			for it := m.columns.areas.sets[n].Iterator(); it.HasNext(); {
				dst.set(it.Next())
			}
		}
		b := a.outline.bound
		r0, c0 := gridCell(b.Min.Lat(), b.Min.Lon())
		r1, c1 := gridCell(b.Max.Lat(), b.Max.Lon())
		var edges []edge
		for r := r0; r <= r1; r++ {
			edges = a.rowEdges(edges[:0], r)
			for c := c0; c <= c1; c++ {
				s := m.grid.slots[r*gridCols+c]
				if s == 0 || len(m.grid.cells[s]) == 0 {
					continue
				}
				a.slab = a.slab[:0]
				test := a.look(r, c, edges)
				if test.kind == cellOutside {
					continue
				}
				cell := m.grid.cells[s]
				for i := range cell {
					p := &cell[i]
					if at := geo.LatLon(p.lat, p.lon); !p.bound && b.Contains(at) && test.contains(at) {
						dst.set(p.ord)
					}
				}
			}
		}
		a.slab = nil
		copy(scratch, m.bits.catchment)
		for ord := range scratch.all {
			if d := m.details[ord]; d.catchment != nil && !dst.has(ord) && intersect(d.catchment, &a.outline) {
				dst.set(ord)
			}
		}
	}
}

func (a *areaTest) contains(lat, lon float64) bool {
	p := geo.LatLon(lat, lon)
	if !a.outline.bound.Contains(p) {
		return false
	}
	cell := a.cell(gridCell(lat, lon))
	return cell.contains(p)
}

// cell is what is known about a grid cell.
func (a *areaTest) cell(r, c int) areaCell {
	k, known := a.cells[[2]int{r, c}]
	if !known {
		k = a.look(r, c, a.row(r))
		a.cells[[2]int{r, c}] = k
	}
	return k
}

// look looks at a grid cell: when no edge of the boundary touches it, its
// middle decides for all of it. Cells at the edge of the grid reach further
// than their box and are never decided whole. The edges of the answer lie in
// a.slab.
func (a *areaTest) look(r, c int, edges []edge) areaCell {
	k := areaCell{kind: cellCrossed, edges: edges}
	if r == 0 || c == 0 || r == gridRows-1 || c == gridCols-1 {
		return k
	}
	south, west := gridSouth+float64(r)*cellLat, gridWest+float64(c)*cellLon
	box := orb.Bound{Min: orb.Point{west - cellMargin, south - cellMargin}, Max: orb.Point{west + cellLon + cellMargin, south + cellLat + cellMargin}}
	for i := range edges {
		if segmentTouches(edges[i].a, edges[i].b, box) {
			a.narrow(&k, box)
			return k
		}
	}
	if k.kind = cellOutside; inside(edges, box.Center()) {
		k.kind = cellInside
	}
	return k
}

// narrow keeps of a cell's edges only those that can decide in its box, when
// they are all of one polygon.
func (a *areaTest) narrow(k *areaCell, box orb.Bound) {
	from, odd := len(a.slab), false
	for i := range k.edges {
		e := &k.edges[i]
		switch {
		case e.polygon != k.edges[0].polygon:
			a.slab = a.slab[:from]
			return
		case max(e.a[0], e.b[0]) < box.Min[0]: // west of every point
		case min(e.a[0], e.b[0]) > box.Max[0] && e.a[1] <= box.Min[1] && e.b[1] > box.Max[1]:
			odd = !odd
		default:
			a.slab = append(a.slab, *e)
		}
	}
	k.edges, k.odd = a.slab[from:len(a.slab):len(a.slab)], odd
}

func segmentTouches(a, b orb.Point, box orb.Bound) bool {
	if max(a[0], b[0]) < box.Min[0] || min(a[0], b[0]) > box.Max[0] || max(a[1], b[1]) < box.Min[1] || min(a[1], b[1]) > box.Max[1] {
		return false
	}
	// All corners on one side of the line: it passes by.
	left, right := 0, 0
	for _, c := range [...]orb.Point{box.Min, {box.Max[0], box.Min[1]}, box.Max, {box.Min[0], box.Max[1]}} {
		switch s := side(a, b, c); {
		case s > 0:
			left++
		case s < 0:
			right++
		}
	}
	return left < 4 && right < 4
}

// catchmentVerdict is whether a listing takes people who live at the origin.
// A code that cannot be looked up leaves it unstated.
func (m *compiled) catchmentVerdict(ord uint32) verdict {
	if !m.rows[ord].is(flagCatchment) {
		return passes
	}
	d := m.details[ord]
	if d.catchment != nil && d.catchment.contains(m.from.Point) {
		return passes
	}
	v := fails
	for _, n := range d.areas {
		code := m.columns.areas.values[n]
		if m.served[code] {
			return passes
		}
		if m.boundaries == nil {
			v = unstated
		} else if _, ok := m.boundaries.Polygon(code); !ok {
			v = unstated
		}
	}
	return v
}

// innerPoint is a point well inside a boundary: the middle of its widest run
// on the parallel through the middle of its largest polygon.
func innerPoint(boundary orb.MultiPolygon) orb.Point {
	var largest orb.Polygon
	area := -1.0
	for _, p := range boundary {
		if b := p.Bound(); (b.Max[0]-b.Min[0])*(b.Max[1]-b.Min[1]) > area {
			largest, area = p, (b.Max[0]-b.Min[0])*(b.Max[1]-b.Min[1])
		}
	}
	middle := largest.Bound().Center()
	var at []float64 // where the parallel meets the boundary
	for _, ring := range largest {
		for k := 1; k < len(ring); k++ {
			a, b := ring[k-1], ring[k]
			if (a[1] > middle[1]) != (b[1] > middle[1]) {
				at = append(at, a[0]+(middle[1]-a[1])/(b[1]-a[1])*(b[0]-a[0]))
			}
		}
	}
	slices.Sort(at)
	widest := 0.0
	for i := 0; i+1 < len(at); i += 2 {
		if w := at[i+1] - at[i]; w > widest {
			widest, middle[0] = w, at[i]+w/2
		}
	}
	return middle
}
