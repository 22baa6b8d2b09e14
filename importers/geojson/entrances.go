package geojson

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	orbjson "github.com/paulmach/orb/geojson"

	"hereabouts"
	"hereabouts/importers"
)

// Joined says what became of the entrances.
type Joined struct {
	Read     int `json:"read"`
	Joined   int `json:"joined"`    // stand on, or within 25 metres of, an outline
	LeftOver int `json:"left_over"` // stand on no outline that was imported
	Vehicles int `json:"vehicles"`  // are for motor vehicles only, so no way in on foot
	Rejected int `json:"rejected"`  // are no points in the United Kingdom
	Sites    int `json:"sites"`     // outlines that have an entrance
}

// String says it in a line.
func (j Joined) String() string {
	return fmt.Sprintf("entrances: read %d, joined %d to %d outlines, left over %d, for vehicles only %d, rejected %d",
		j.Read, j.Joined, j.Sites, j.LeftOver, j.Vehicles, j.Rejected)
}

// withinM is how far from an outline a gate may be drawn, in metres.
const withinM = 25

// entrances are gates that wait for their outlines.
type entrances struct {
	points []orb.Point
	joined Joined
}

// gates reads the entrances file; nil when there is none.
func (l *layer) gates(ctx context.Context) (*entrances, error) {
	if l.Entrances == "" {
		return nil, nil
	}
	r, name, close, err := open(ctx, l.Entrances)
	if err != nil {
		return nil, fmt.Errorf("entrances %s: %w", filepath.Base(l.Entrances), err)
	}
	defer func() { _ = close() }() // it was only read
	e := &entrances{}
	for f, err := range features(r) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("entrances %s: %w", name, err)
		}
		e.joined.Read++
		var g orbjson.Geometry
		if f.Type != "Feature" || json.Unmarshal(f.Shape, &g) != nil || g.Geometry() == nil {
			e.joined.Rejected++
			continue
		}
		s, err := readShape(g.Geometry(), f.crs)
		if err != nil || s.area != nil {
			e.joined.Rejected++
			continue
		}
		if kind := strings.ToLower(f.cell("access_type")); strings.Contains(kind, "motor vehicle") && !strings.Contains(kind, "pedestrian") {
			e.joined.Vehicles++
			continue
		}
		e.points = append(e.points, s.point)
	}
	return e, nil
}

// cellDeg is the side of a cell of the grid that outlines are found by, about
// a kilometre.
const cellDeg = 0.01

// join gives each entrance to the outline it stands nearest to, within
// withinM, or else to the smallest area around it: a gate of a play space
// inside a park is the play space's and not the park's.
func (e *entrances) join(recs []importers.Record) Joined {
	type site struct {
		rec   int
		area  orb.MultiPolygon
		bound orb.Bound
		size  float64
	}
	var sites []site
	grid := map[[2]int][]int{}
	degree := 180 / (math.Pi * 6_371_008.8)
	for i := range recs {
		l := recs[i].Listing
		if l == nil || len(l.Places) == 0 || l.Places[0].Geometry == nil {
			continue
		}
		var area orb.MultiPolygon
		switch g := l.Places[0].Geometry.Geometry().(type) {
		case orb.Polygon:
			area = orb.MultiPolygon{g}
		case orb.MultiPolygon:
			area = g
		}
		// At 61.5 degrees north a degree of longitude is less than half one of latitude.
		b := area.Bound().Pad(withinM * degree * 2.1)
		n := len(sites)
		sites = append(sites, site{i, area, b, (b.Max[0] - b.Min[0]) * (b.Max[1] - b.Min[1])})
		for x := int(math.Floor(b.Min[0] / cellDeg)); x <= int(math.Floor(b.Max[0]/cellDeg)); x++ {
			for y := int(math.Floor(b.Min[1] / cellDeg)); y <= int(math.Floor(b.Max[1]/cellDeg)); y++ {
				grid[[2]int{x, y}] = append(grid[[2]int{x, y}], n)
			}
		}
	}
	joined := e.joined
	for _, p := range e.points {
		best, bestM := -1, withinM+1e-9
		around, aroundSize := -1, math.Inf(1)
		for _, n := range grid[[2]int{int(math.Floor(p[0] / cellDeg)), int(math.Floor(p[1] / cellDeg))}] {
			s := &sites[n]
			if !s.bound.Contains(p) {
				continue
			}
			if m := outlineM(s.area, p); m < bestM {
				best, bestM = n, m
			}
			if s.size < aroundSize && (&shape{area: s.area, bound: s.bound}).contains(p) {
				around, aroundSize = n, s.size
			}
		}
		if best < 0 {
			best = around
		}
		if best < 0 {
			joined.LeftOver++
			continue
		}
		joined.Joined++
		place := &recs[sites[best].rec].Listing.Places[0]
		gate := hereabouts.Entrance{Lat: round7(p.Lat()), Lon: round7(p.Lon())}
		if len(place.Entrances) == 0 {
			joined.Sites++
		}
		if !slices.Contains(place.Entrances, gate) {
			place.Entrances = append(place.Entrances, gate)
		}
	}
	return joined
}
