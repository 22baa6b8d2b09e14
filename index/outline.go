package index

import (
	"slices"

	"github.com/paulmach/orb"
)

// An outline is polygons with their box.
type outline struct {
	polygons orb.MultiPolygon
	bound    orb.Bound
}

func newOutline(g orb.Geometry) (outline, bool) {
	var mp orb.MultiPolygon
	switch g := g.(type) {
	case orb.Polygon:
		mp = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		mp = g
	case orb.Collection:
		for _, part := range g {
			if o, ok := newOutline(part); ok {
				mp = append(mp, o.polygons...)
			}
		}
	}
	mp = slices.DeleteFunc(slices.Clone(mp), func(p orb.Polygon) bool { return len(p) == 0 || len(p[0]) < 4 })
	return outline{mp, mp.Bound()}, len(mp) > 0
}

// contains reports whether p is inside or on an edge, a hole's edge included.
func (o *outline) contains(p orb.Point) bool {
	if !o.bound.Contains(p) {
		return false
	}
next:
	for _, poly := range o.polygons {
		if in, _ := ringContains(poly[0], p); !in {
			continue
		}
		for _, hole := range poly[1:] {
			if in, edge := ringContains(hole, p); in && !edge {
				continue next
			}
		}
		return true
	}
	return false
}

// ringContains reports whether p is inside a ring or on its edge. A ray to
// the east decides: the inside is where it leaves an odd number of times.
func ringContains(ring orb.Ring, p orb.Point) (in, edge bool) {
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if a[1] > b[1] {
			a, b = b, a
		}
		switch crossing(a, b, p) {
		case onEdge:
			return true, true
		case crossed:
			in = !in
		}
	}
	return in, false
}

const (
	apart = iota
	crossed
	onEdge
)

// crossing is what a ray from p to the east meets at the edge from a up to b.
// The upper end belongs to the next edge.
func crossing(a, b, p orb.Point) int {
	if p[1] < a[1] || p[1] > b[1] || p[0] > a[0] && p[0] > b[0] {
		return apart
	}
	s := side(a, b, p)
	switch {
	case s == 0 && p[0] >= min(a[0], b[0]):
		return onEdge
	case s > 0 && p[1] < b[1]:
		return crossed
	}
	return apart
}

func side(a, b, p orb.Point) float64 {
	return (b[0]-a[0])*(p[1]-a[1]) - (b[1]-a[1])*(p[0]-a[0])
}

// intersect reports whether two outlines share ground.
func intersect(a, b *outline) bool {
	if !a.bound.Intersects(b.bound) {
		return false
	}
	for _, p := range a.polygons {
		if b.contains(p[0][0]) {
			return true
		}
	}
	for _, p := range b.polygons {
		if a.contains(p[0][0]) {
			return true
		}
	}
	meet := false
	eachEdge(a.polygons, b.bound, func(p, q orb.Point) bool {
		eachEdge(b.polygons, edgeBound(p, q), func(r, s orb.Point) bool {
			meet = cross(p, q, r, s)
			return !meet
		})
		return !meet
	})
	return meet
}

// eachEdge visits the edges whose boxes touch a box, until visit says stop.
func eachEdge(mp orb.MultiPolygon, box orb.Bound, visit func(p, q orb.Point) bool) {
	for _, p := range mp {
		for _, ring := range p {
			for i := 1; i < len(ring); i++ {
				if box.Intersects(edgeBound(ring[i-1], ring[i])) && !visit(ring[i-1], ring[i]) {
					return
				}
			}
		}
	}
}

func edgeBound(p, q orb.Point) orb.Bound {
	return orb.Bound{Min: orb.Point{min(p[0], q[0]), min(p[1], q[1])}, Max: orb.Point{max(p[0], q[0]), max(p[1], q[1])}}
}

func cross(a, b, c, d orb.Point) bool {
	s1, s2 := side(a, b, c), side(a, b, d)
	s3, s4 := side(c, d, a), side(c, d, b)
	return (s1 > 0) != (s2 > 0) && (s3 > 0) != (s4 > 0)
}
