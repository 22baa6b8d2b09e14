package geo

import (
	"cmp"
	"math"
	"slices"

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

// How far away a postcode district may be and still be where somebody is.
const districtWithinM = 30_000

// District is the postcode district that p lies in: that of the nearest
// postcode, or of the nearest district's centre where no postcodes of that
// district are known. ok is false when there is none within 30 km. It takes
// less than a tenth of a millisecond, so a request may ask.
func (g *Gazetteer) District(p orb.Point) (district string, ok bool) {
	c := g.now.Load()
	narrow := math.Cos(radians(p.Lat()))
	// A district's units all lie in its extent, so one that is further away
	// than the best so far need not be looked into.
	order := make([]nearExtent, 0, len(c.extents))
	for i := range c.extents {
		if d := c.extents[i].distance(p, narrow); d <= flatM(districtWithinM) {
			order = append(order, nearExtent{int32(i), d})
		}
	}
	slices.SortFunc(order, func(a, b nearExtent) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.district, b.district))
	})
	best, bestD := int32(-1), flatM(districtWithinM)
	for _, near := range order {
		if near.distance > bestD {
			break
		}
		d := &c.postcodes.districts[near.district]
		if d.first == d.end && (near.distance < bestD || best < 0) {
			best, bestD = near.district, near.distance
		}
		for i := d.first; i < d.end; i++ {
			q := orb.Point{fromMicro(c.postcodes.lon[i]), fromMicro(c.postcodes.lat[i])}
			if away := flatDistance(p, q, narrow); away < bestD || away == bestD && best < 0 {
				best, bestD = near.district, away
			}
		}
	}
	if best < 0 {
		return "", false
	}
	return c.postcodes.districts[best].Code.Outward(), true
}

// flatM is a distance as flatDistance has it.
func flatM(m float64) float64 {
	deg := degrees(m / EarthRadiusM)
	return deg * deg
}

type nearExtent struct {
	district int32
	distance float64 // as flatDistance has it
}

// An extent is the smallest box round a district's units, or the point of its
// centre when it has none.
type extent struct{ south, north, west, east float64 }

func (e *extent) distance(p orb.Point, narrow float64) float64 {
	nearest := orb.Point{min(max(p.Lon(), e.west), e.east), min(max(p.Lat(), e.south), e.north)}
	return flatDistance(p, nearest, narrow)
}

// extents are where the districts are, in their order.
func (c *postcodes) extents() []extent {
	all := make([]extent, len(c.districts))
	for i := range c.districts {
		d := &c.districts[i]
		if d.first == d.end {
			at := d.Point()
			all[i] = extent{at.Lat(), at.Lat(), at.Lon(), at.Lon()}
			continue
		}
		lats, lons := c.lat[d.first:d.end], c.lon[d.first:d.end]
		all[i] = extent{fromMicro(slices.Min(lats)), fromMicro(slices.Max(lats)), fromMicro(slices.Min(lons)), fromMicro(slices.Max(lons))}
	}
	return all
}
