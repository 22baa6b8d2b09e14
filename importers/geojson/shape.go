package geojson

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/paulmach/orb/simplify"

	"hereabouts/geo"
)

// A shape is a feature's geometry, repaired.
type shape struct {
	area  orb.MultiPolygon // nil for a point
	bound orb.Bound
	point orb.Point // stands for the shape, and lies in it
	notes []string
}

// maxPoints is how many points an outline may have before it is simplified:
// far more than a park needs, and far fewer than a listing may hold.
const maxPoints = 5000

// readShape repairs a geometry or says why it cannot be.
func readShape(g orb.Geometry, crs string) (*shape, error) {
	s := &shape{}
	g = orb.Clone(g)
	if p, ok := g.(orb.Point); ok {
		g = orb.MultiPoint{p} // which can be changed in place
	}
	if n, err := toWGS84(g, crs); err != nil {
		return nil, err
	} else if n != "" {
		s.notes = append(s.notes, n)
	}
	switch g := g.(type) {
	case orb.MultiPoint:
		if len(g) == 0 {
			return nil, reject("required", "the geometry is empty")
		}
		s.point, s.bound = g[0], g.Bound()
	case orb.Polygon:
		s.area = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		s.area = g
	default:
		return nil, reject("not_supported", g.GeoJSONType()+" is not a place; give a Point, a Polygon or a MultiPolygon")
	}
	if s.area != nil {
		s.repair()
		if len(s.area) == 0 {
			return nil, reject("required", "the outline has no ring of at least three different points")
		}
		s.simplify()
		s.bound = s.area.Bound()
		s.point = inside(s.area)
	}
	if !geo.InUK(s.point) {
		return nil, reject("out_of_range", fmt.Sprintf("%.5f, %.5f is outside the United Kingdom", s.point.Lat(), s.point.Lon()))
	}
	return s, nil
}

// repair closes rings, drops points that repeat the one before, and drops
// rings that enclose nothing.
func (s *shape) repair() {
	var kept orb.MultiPolygon
	closed, dropped := 0, 0
	for _, poly := range s.area {
		var rings orb.Polygon
		for i, ring := range poly {
			var r orb.Ring
			for _, p := range ring {
				p = orb.Point{round7(p[0]), round7(p[1])}
				if len(r) == 0 || r[len(r)-1] != p {
					r = append(r, p)
				}
			}
			if len(r) > 1 && r[0] != r[len(r)-1] {
				r = append(r, r[0])
				closed++
			}
			if len(r) < 4 || planar.Area(r) == 0 {
				dropped++
				if i == 0 {
					break // without its outer ring a polygon is nothing
				}
				continue
			}
			if (i == 0) != (r.Orientation() == orb.CCW) {
				r.Reverse()
			}
			rings = append(rings, r)
		}
		if len(rings) > 0 {
			kept = append(kept, rings)
		}
	}
	s.area = kept
	if closed > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%d ring(s) did not end where they began and were closed", closed))
	}
	if dropped > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%d ring(s) that enclose nothing were left out", dropped))
	}
}

// round7 keeps a centimetre.
func round7(deg float64) float64 { return math.Round(deg*1e7) / 1e7 }

func (s *shape) points() (n int) {
	for _, poly := range s.area {
		for _, r := range poly {
			n += len(r)
		}
	}
	return n
}

// simplify takes points out of an outline with too many, from a metre of
// tolerance upwards, without losing a polygon.
func (s *shape) simplify() {
	before := s.points()
	if before <= maxPoints {
		return
	}
	for tolerance := 1e-5; tolerance < 1e-2; tolerance *= 2 {
		var out orb.MultiPolygon
		for _, poly := range s.area {
			var rings orb.Polygon
			for i, r := range poly {
				thin := simplify.DouglasPeucker(tolerance).Ring(r.Clone())
				if len(thin) < 4 || planar.Area(thin) == 0 {
					if i > 0 {
						continue // a hole too small to see
					}
					thin = r.Bound().ToRing()
				}
				rings = append(rings, thin)
			}
			out = append(out, rings)
		}
		thinned := &shape{area: out}
		if thinned.points() <= maxPoints {
			s.area = out
			s.notes = append(s.notes, fmt.Sprintf("the outline of %d points was simplified to %d, to within %.0f metres", before, thinned.points(), tolerance*111_000))
			return
		}
	}
	// Thousands of islets: keep the largest.
	s.area = largest(s.area, maxPoints)
	s.notes = append(s.notes, fmt.Sprintf("of an outline of %d points only the largest parts were kept", before))
}

// outline is the area as the simpler of the two kinds.
func (s *shape) outline() orb.Geometry {
	if len(s.area) == 1 {
		return s.area[0]
	}
	return s.area
}

func (s *shape) contains(p orb.Point) bool {
	return s.area != nil && s.bound.Contains(p) && planar.MultiPolygonContains(s.area, p)
}

// distanceM is the metres from p to the shape's outline, or to its point.
func (s *shape) distanceM(p orb.Point) float64 {
	if s.area == nil {
		return geo.DistanceM(s.point, p)
	}
	return outlineM(s.area, p)
}

// hectares is the area of the shape.
func (s *shape) hectares() float64 {
	if s.area == nil {
		return 0
	}
	lat := s.point.Lat() * math.Pi / 180
	degree := geo.EarthRadiusM * math.Pi / 180
	return math.Abs(planar.Area(s.area)) * degree * degree * math.Cos(lat) / 10_000
}

// outlineM is the metres from p to the nearest edge, on a plane through p,
// which at these distances is as good as the globe.
func outlineM(area orb.MultiPolygon, p orb.Point) float64 {
	degree := geo.EarthRadiusM * math.Pi / 180
	east := degree * math.Cos(p.Lat()*math.Pi/180)
	flat := func(q orb.Point) orb.Point { return orb.Point{(q[0] - p[0]) * east, (q[1] - p[1]) * degree} }
	best := math.Inf(1)
	for _, poly := range area {
		for _, ring := range poly {
			for i := 1; i < len(ring); i++ {
				best = min(best, planar.DistanceFromSegmentSquared(flat(ring[i-1]), flat(ring[i]), orb.Point{}))
			}
		}
	}
	return math.Sqrt(best)
}
