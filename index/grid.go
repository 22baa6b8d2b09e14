package index

import (
	"math"

	"github.com/paulmach/orb"

	"hereabouts/geo"
)

// The grid covers the British Isles in cells of about two kilometres.
// Whatever lies outside is kept in the cells at the edge, which is slower and
// no less exact.
const (
	gridSouth, gridWest = 49.0, -11.0 // up to 61.5 north and 3 east
	cellLat, cellLon    = 0.018, 0.03
	gridRows            = 695 // of cellLat from south to north
	gridCols            = 467 // of cellLon from west to east
)

// A grid finds points near a point. What a cell holds of a point is kept in
// two parts, so that each question reads only the memory it needs.
type grid struct {
	slots  []int32 // by cell; 0 is an empty cell
	cells  [][]gridPoint
	units  [][]unitPoint // beside cells
	shapes [][]uint32    // by slot: listings with an outline that may cover the cell
	large  []uint32      // listings with an outline too large for cells
}

// A gridPoint is a point of a listing.
type gridPoint struct {
	lat, lon float64
	ord      uint32
	many     bool // the listing has other points, or an outline
	bound    bool // the listing states a catchment
}

// A unitPoint is a point on the unit sphere, where nearness is three
// multiplications.
type unitPoint struct{ x, y, z float64 }

func newGrid() *grid {
	return &grid{slots: make([]int32, gridRows*gridCols), cells: make([][]gridPoint, 1), units: make([][]unitPoint, 1), shapes: make([][]uint32, 1)}
}

func gridCell(lat, lon float64) (r, c int) {
	r = int(min(max((lat-gridSouth)/cellLat, 0), float64(gridRows-1)))
	c = int(min(max((lon-gridWest)/cellLon, 0), float64(gridCols-1)))
	return r, c
}

func (g *grid) slot(r, c int) int32 {
	s := &g.slots[r*gridCols+c]
	if *s == 0 {
		*s = int32(len(g.cells))
		g.cells = append(g.cells, nil)
		g.units = append(g.units, nil)
		g.shapes = append(g.shapes, nil)
	}
	return *s
}

func unit(lat, lon float64) (x, y, z float64) {
	sinLat, cosLat := math.Sincos(lat * (math.Pi / 180))
	sinLon, cosLon := math.Sincos(lon * (math.Pi / 180))
	return cosLat * cosLon, cosLat * sinLon, sinLat
}

// maxShapeCells is how many cells an outline may be noted in.
const maxShapeCells = 4096

func (g *grid) add(ord uint32, d *detail, bound bool) {
	for _, p := range d.points {
		r, c := gridCell(p.lat, p.lon)
		s := g.slot(r, c)
		x, y, z := unit(p.lat, p.lon)
		g.units[s] = append(g.units[s], unitPoint{x, y, z})
		g.cells[s] = append(g.cells[s], gridPoint{p.lat, p.lon, ord, len(d.points) > 1 || len(d.shapes) > 0, bound})
	}
	for _, sh := range d.shapes {
		if !g.eachCell(sh.bound, func(s int32) { g.shapes[s] = append(g.shapes[s], ord) }) {
			g.large = append(g.large, ord)
		}
	}
}

func (g *grid) remove(ord uint32, d *detail) {
	for _, p := range d.points {
		r, c := gridCell(p.lat, p.lon)
		s := g.slot(r, c)
		cell, units := g.cells[s], g.units[s]
		kept := 0
		for i := range cell {
			if cell[i].ord != ord {
				cell[kept], units[kept] = cell[i], units[i]
				kept++
			}
		}
		g.cells[s], g.units[s] = cell[:kept], units[:kept]
	}
	same := func(o uint32) bool { return o == ord }
	for _, sh := range d.shapes {
		if !g.eachCell(sh.bound, func(s int32) { g.shapes[s] = without(g.shapes[s], same) }) {
			g.large = without(g.large, same)
		}
	}
}

// without keeps the order, so that the same history gives the same grid.
func without[T any](list []T, drop func(T) bool) []T {
	out := list[:0]
	for _, v := range list {
		if !drop(v) {
			out = append(out, v)
		}
	}
	clear(list[len(out):])
	return out
}

// eachCell visits the cells that a box touches, or none and answers false
// when there are too many.
func (g *grid) eachCell(b orb.Bound, visit func(slot int32)) bool {
	r0, c0 := gridCell(b.Min.Lat(), b.Min.Lon())
	r1, c1 := gridCell(b.Max.Lat(), b.Max.Lon())
	if (r1-r0+1)*(c1-c0+1) > maxShapeCells {
		return false
	}
	for r := r0; r <= r1; r++ {
		for c := c0; c <= c1; c++ {
			visit(g.slot(r, c))
		}
	}
	return true
}

// A vantage is a point from which distances are measured.
type vantage struct {
	orb.Point
	x, y, z float64
}

func newVantage(p orb.Point) vantage {
	x, y, z := unit(p.Lat(), p.Lon())
	return vantage{p, x, y, z}
}

// chord2 is the squared straight line through the unit sphere.
func (v *vantage) chord2(x, y, z float64) float64 {
	dx, dy, dz := v.x-x, v.y-y, v.z-z
	return dx*dx + dy*dy + dz*dz
}

// metres is the great-circle distance for a squared chord.
func metres(chord2 float64) float64 {
	return 2 * geo.EarthRadiusM * math.Asin(min(math.Sqrt(chord2)/2, 1))
}

// chord2For is the squared chord for a distance.
func chord2For(m float64) float64 {
	if m >= math.Pi*geo.EarthRadiusM {
		return 4
	}
	s := 2 * math.Sin(m/(2*geo.EarthRadiusM))
	return s * s
}

// near visits the points within a distance of v, each with its squared chord.
// The distance is exact: where rounding could decide, geo.DistanceM does.
func (g *grid) near(v *vantage, withinM float64, visit func(p *gridPoint, chord2 float64)) {
	b := geo.BoundAround(v.Point, withinM)
	limit := chord2For(withinM)
	// Half a micrometre at the limit, in squared chord.
	slack := limit*1e-9 + 1e-22
	r0, c0 := gridCell(b.Min.Lat(), b.Min.Lon())
	r1, c1 := gridCell(b.Max.Lat(), b.Max.Lon())
	for r := r0; r <= r1; r++ {
		for _, s := range g.slots[r*gridCols+c0 : r*gridCols+c1+1] {
			if s == 0 {
				continue
			}
			cell, units := g.cells[s], g.units[s]
			for i := range units {
				u := &units[i]
				d := v.chord2(u.x, u.y, u.z)
				if d > limit+slack {
					continue
				}
				p := &cell[i]
				if d > limit-slack && geo.DistanceM(v.Point, geo.LatLon(p.lat, p.lon)) > withinM {
					continue
				}
				visit(p, d)
			}
		}
	}
}

// over visits the listings that may have an outline over p, some twice.
func (g *grid) over(p orb.Point, visit func(ord uint32)) {
	r, c := gridCell(p.Lat(), p.Lon())
	for _, ord := range g.shapes[g.slots[r*gridCols+c]] {
		visit(ord)
	}
	for _, ord := range g.large {
		visit(ord)
	}
}
