package transit

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"hereabouts/geo"
)

// A cell is about 500 m by 500 m in Britain. Its size decides only how quick
// searches are, never what they find.
const (
	cellLat = 0.0045 // degrees
	cellLon = 0.0072
)

// cellOf is the column and row of a point.
func cellOf(p orb.Point) (x, y uint32) {
	return uint32(max(p.Lon()+180, 0) / cellLon), uint32(max(p.Lat()+90, 0) / cellLat)
}

// zOrder interleaves the bits of a column and a row, so that cells near each
// other in order are near each other on the ground.
func zOrder(x, y uint32) uint32 { return spread(x) | spread(y)<<1 }

func spread(v uint32) uint32 {
	v &= 0xffff
	v = (v | v<<8) & 0x00ff00ff
	v = (v | v<<4) & 0x0f0f0f0f
	v = (v | v<<2) & 0x33333333
	return (v | v<<1) & 0x55555555
}

// A grid finds stops by place. Stops are numbered cell by cell.
type grid struct {
	at    []orb.Point    // by stop
	keys  []uint32       // zOrder of every cell with a stop, ascending
	first []uint32       // by position in keys, and one more: its first stop
	cells map[uint32]int // position in keys
}

// gridOrder sorts points for a grid: the positions of points in the order
// that a grid numbers them.
func gridOrder(points []orb.Point) []uint32 {
	keys := make([]uint32, len(points))
	order := make([]uint32, len(points))
	for i, p := range points {
		keys[i], order[i] = zOrder(cellOf(p)), uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(a, b)) })
	return order
}

// newGrid is made of points in grid order.
func newGrid(at []orb.Point) grid {
	g := grid{at: at, cells: map[uint32]int{}}
	for i, p := range at {
		if k := zOrder(cellOf(p)); len(g.keys) == 0 || g.keys[len(g.keys)-1] != k {
			g.cells[k] = len(g.keys)
			g.keys, g.first = append(g.keys, k), append(g.first, uint32(i))
		}
	}
	g.first = append(g.first, uint32(len(at)))
	return g
}

// A footpath is the way between a point and a stop.
type footpath struct {
	stop  uint32
	pathM float64
}

// near appends the stops within some metres of path, in order of stop.
func (g *grid) near(into []footpath, p orb.Point, pathM float64) []footpath {
	if len(g.at) == 0 || !(pathM >= 0) {
		return into
	}
	// A hair more than needed: pathM/Detour may round down.
	b := geo.BoundAround(p, pathM/Detour*(1+1e-9)+1e-6)
	x0, y0 := cellOf(b.Min)
	x1, y1 := cellOf(b.Max)
	begin := len(into)
	look := func(first, end uint32) {
		for s := first; s < end; s++ {
			if at := g.at[s]; b.Contains(at) {
				if path := pathBetween(p, at); path <= pathM {
					into = append(into, footpath{s, path})
				}
			}
		}
	}
	if uint64(x1-x0+1)*uint64(y1-y0+1) > uint64(len(g.keys)) {
		look(0, uint32(len(g.at)))
		return into
	}
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			if c, ok := g.cells[zOrder(x, y)]; ok {
				look(g.first[c], g.first[c+1])
			}
		}
	}
	slices.SortFunc(into[begin:], func(a, b footpath) int { return cmp.Compare(a.stop, b.stop) })
	return into
}

// within reports whether some stop lies within some metres as the crow flies.
// Squares of 16 × 16 cells, which are runs of keys, are looked at one by one.
func (g *grid) within(p orb.Point, metres float64) bool {
	if len(g.at) == 0 {
		return false
	}
	b := geo.BoundAround(p, metres)
	x0, y0 := cellOf(b.Min)
	x1, y1 := cellOf(b.Max)
	for y := y0 >> 4; y <= y1>>4; y++ {
		for x := x0 >> 4; x <= x1>>4; x++ {
			from := zOrder(x<<4, y<<4)
			lo, _ := slices.BinarySearch(g.keys, from)
			hi := lo
			for hi < len(g.keys) && g.keys[hi]-from < 256 {
				hi++
			}
			for s := g.first[lo]; s < g.first[hi]; s++ {
				if geo.DistanceM(p, g.at[s]) <= metres {
					return true
				}
			}
		}
	}
	return false
}

// pathBetween is how far one walks from a to b, in metres.
func pathBetween(a, b orb.Point) float64 { return geo.DistanceM(a, b) * Detour }
