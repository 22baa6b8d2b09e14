package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Nearest is the named place nearest to p; ok is false when no place is known
// within about 30 km. It looks at every name, which is quick enough for an
// import and too slow for a request.
func (g *Gazetteer) Nearest(p orb.Point) (place Place, ok bool) {
	names := g.now.Load().names
	narrow := math.Cos(radians(p.Lat()))
	best, bestD := int32(-1), math.Inf(1)
	for i := range names.entries {
		if names.entries[i].region {
			continue
		}
		if d := flatDistance(p, names.entries[i].Point(), narrow); d < bestD {
			best, bestD = int32(i), d
		}
	}
	if best < 0 || DistanceM(p, names.entries[best].Point()) > 30_000 {
		return Place{}, false
	}
	return names.place(best, 0), true
}
