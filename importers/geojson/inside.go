package geojson

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// inside is a point well inside an area: its largest polygon's centre when
// that lies in it, else the middle of the widest stretch across it. The centre
// of a crescent-shaped park is in somebody's garden.
func inside(area orb.MultiPolygon) orb.Point {
	poly := biggest(area)
	if c, _ := planar.CentroidArea(poly); finite(c) && planar.PolygonContains(poly, c) {
		return orb.Point{round7(c[0]), round7(c[1])}
	}
	b := poly.Bound()
	var best orb.Point
	width := -1.0
	const lines = 16
	for i := range lines {
		// Between the fractions, so that no line runs along an edge.
		y := b.Min[1] + (b.Max[1]-b.Min[1])*(float64(i)+0.5)/lines
		xs := crossings(poly, y)
		for j := 0; j+1 < len(xs); j += 2 {
			if w := xs[j+1] - xs[j]; w > width {
				width, best = w, orb.Point{round7((xs[j] + xs[j+1]) / 2), round7(y)}
			}
		}
	}
	if width <= 0 || !planar.PolygonContains(poly, best) {
		return poly[0][0] // thinner than a centimetre: a point of its edge
	}
	return best
}

// crossings are the longitudes at which a line of latitude enters and leaves a
// polygon, in order.
func crossings(poly orb.Polygon, y float64) (xs []float64) {
	for _, ring := range poly {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if (a[1] <= y) != (b[1] <= y) {
				xs = append(xs, a[0]+(y-a[1])/(b[1]-a[1])*(b[0]-a[0]))
			}
		}
	}
	slices.Sort(xs)
	return xs
}

func finite(p orb.Point) bool {
	return !math.IsNaN(p[0]+p[1]) && !math.IsInf(p[0]+p[1], 0)
}

func biggest(area orb.MultiPolygon) orb.Polygon {
	return slices.MaxFunc(area, func(a, b orb.Polygon) int {
		switch d := math.Abs(planar.Area(a)) - math.Abs(planar.Area(b)); {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return 0
	})
}

// largest are the largest polygons that hold no more than so many points; the
// very largest is always among them, by its box if need be.
func largest(area orb.MultiPolygon, points int) orb.MultiPolygon {
	sorted := slices.Clone(area)
	slices.SortStableFunc(sorted, func(a, b orb.Polygon) int {
		switch d := math.Abs(planar.Area(b)) - math.Abs(planar.Area(a)); {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return 0
	})
	var out orb.MultiPolygon
	for _, poly := range sorted {
		n := 0
		for _, r := range poly {
			n += len(r)
		}
		if n > points {
			if len(out) == 0 {
				out = append(out, orb.Polygon{poly.Bound().ToRing()})
			}
			break
		}
		points -= n
		out = append(out, poly)
	}
	return out
}
