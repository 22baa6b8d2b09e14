package geo

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// An Area is a boundary: a local authority, a ward, an LSOA.
type Area struct {
	Code    string           // "E08000009"
	Name    string           // "Trafford"
	Kind    string           // local_authority, ward, lsoa, msoa, region, …; "area" when the source does not say
	Polygon orb.MultiPolygon // WGS84; rings are closed
	Bound   orb.Bound
}

// Areas holds boundaries in memory. It is safe for concurrent use; Reload
// swaps its contents whole.
type Areas struct {
	dir    string
	reload sync.Mutex
	now    atomic.Pointer[areaSet]
}

// areaSet is what Areas hold between two reloads. It never changes.
type areaSet struct {
	areas  []Area // in order of code
	byCode map[string]int
	bounds [][]orb.Bound      // per area and polygon
	grid   map[[2]int32][]int // cell → areas whose box reaches into it, in order
}

// areaCell is the side of a grid cell in degrees: some 11 km by 7 km, so that
// a cell holds a few districts or a few hundred LSOAs.
const areaCell = 0.1

// edgeTolerance is how close to an edge, in degrees, counts as on it: the step
// in which boundaries are stored, about a centimetre.
const edgeTolerance = 1 / areaUnit

// OpenAreas reads the boundaries in dir; none is fine.
func OpenAreas(dir string) (*Areas, error) {
	a := &Areas{dir: dir}
	if err := a.Reload(); err != nil {
		return nil, err
	}
	return a, nil
}

// Reload reads the file again, as after an import. On error the contents stay
// as they were.
func (a *Areas) Reload() error {
	a.reload.Lock()
	defer a.reload.Unlock()
	list, err := ReadAreas(a.dir)
	if err != nil {
		return err
	}
	a.now.Store(newAreaSet(list))
	return nil
}

func newAreaSet(list []Area) *areaSet {
	s := &areaSet{areas: list, byCode: make(map[string]int, len(list)), bounds: make([][]orb.Bound, len(list)), grid: map[[2]int32][]int{}}
	for i := range list {
		s.byCode[list[i].Code] = i
		for _, poly := range list[i].Polygon {
			s.bounds[i] = append(s.bounds[i], poly.Bound().Pad(edgeTolerance))
		}
		// A cell is listed once for each area, whose polygons may be far apart.
		seen := map[[2]int32]bool{}
		for _, b := range s.bounds[i] {
			lo, hi := areaCellOf(b.Min), areaCellOf(b.Max)
			for x := lo[0]; x <= hi[0]; x++ {
				for y := lo[1]; y <= hi[1]; y++ {
					if cell := [2]int32{x, y}; !seen[cell] {
						seen[cell] = true
						s.grid[cell] = append(s.grid[cell], i)
					}
				}
			}
		}
	}
	return s
}

func areaCellOf(p orb.Point) [2]int32 {
	return [2]int32{int32(math.Floor(p.Lon() / areaCell)), int32(math.Floor(p.Lat() / areaCell))}
}

// Containing is the codes of the areas that contain p, in order. A point on an
// edge, within about a centimetre, is inside every area that the edge belongs
// to: somebody on a boundary is served by both sides. That goes for the edge
// of a hole too.
func (a *Areas) Containing(p orb.Point) []string {
	s := a.now.Load()
	var codes []string
	for _, i := range s.grid[areaCellOf(p)] {
		if s.contains(i, p) {
			codes = append(codes, s.areas[i].Code)
		}
	}
	return codes
}

func (s *areaSet) contains(i int, p orb.Point) bool {
	for j, poly := range s.areas[i].Polygon {
		if s.bounds[i][j].Contains(p) && polygonHolds(poly, p) {
			return true
		}
	}
	return false
}

// Contains reports whether a polygon contains p by the rule of
// Areas.Containing. Rings must be closed.
func Contains(mp orb.MultiPolygon, p orb.Point) bool {
	return slices.ContainsFunc(mp, func(poly orb.Polygon) bool { return polygonHolds(poly, p) })
}

func polygonHolds(poly orb.Polygon, p orb.Point) bool {
	for _, ring := range poly {
		if onEdge(ring, p) {
			return true
		}
	}
	return len(poly) > 0 && len(poly[0]) > 0 && planar.PolygonContains(poly, p)
}

// onEdge reports whether p is within edgeTolerance of the ring.
func onEdge(ring orb.Ring, p orb.Point) bool {
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if p[0] < min(a[0], b[0])-edgeTolerance || p[0] > max(a[0], b[0])+edgeTolerance ||
			p[1] < min(a[1], b[1])-edgeTolerance || p[1] > max(a[1], b[1])+edgeTolerance {
			continue
		}
		if planar.DistanceFromSegmentSquared(a, b, p) <= edgeTolerance*edgeTolerance {
			return true
		}
	}
	return false
}

// Polygon is the boundary of an area. It is shared: do not change it.
func (a *Areas) Polygon(code string) (orb.MultiPolygon, bool) {
	area, ok := a.Area(code)
	return area.Polygon, ok
}

// Name is the name of an area.
func (a *Areas) Name(code string) (string, bool) {
	area, ok := a.Area(code)
	return area.Name, ok
}

// Area is the area with that code. Its polygon is shared: do not change it.
func (a *Areas) Area(code string) (Area, bool) {
	s := a.now.Load()
	i, ok := s.byCode[code]
	if !ok {
		return Area{}, false
	}
	return s.areas[i], true
}

// All is every area in order of code. The slice is the caller's, the polygons
// are shared.
func (a *Areas) All() []Area { return slices.Clone(a.now.Load().areas) }

// Len counts the areas.
func (a *Areas) Len() int { return len(a.now.Load().areas) }

// sortAreas puts areas in order of code. Of areas with one code the last wins.
func sortAreas(list []Area) []Area {
	slices.SortStableFunc(list, func(a, b Area) int { return cmp.Compare(a.Code, b.Code) })
	kept := list[:0]
	for i, a := range list {
		if i+1 == len(list) || list[i+1].Code != a.Code {
			kept = append(kept, a)
		}
	}
	return kept
}
