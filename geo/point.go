package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// EarthRadiusM is the mean radius of the earth in metres, the one that every
// distance in Hereabouts is measured with.
const EarthRadiusM = 6_371_008.8

// LatLon makes a point of a latitude and a longitude in WGS84 degrees. An
// orb.Point holds longitude first; making every point here is what keeps the
// two from being swapped.
func LatLon(lat, lon float64) orb.Point { return orb.Point{lon, lat} }

// DistanceM is the great-circle distance between two points in metres.
func DistanceM(a, b orb.Point) float64 {
	lat1, lat2 := radians(a.Lat()), radians(b.Lat())
	sinLat := math.Sin((lat2 - lat1) / 2)
	sinLon := math.Sin(radians(b.Lon()-a.Lon()) / 2)
	h := sinLat*sinLat + math.Cos(lat1)*math.Cos(lat2)*sinLon*sinLon
	// Rounding can carry h past 1 between points on opposite sides of the earth.
	return 2 * EarthRadiusM * math.Asin(math.Sqrt(min(h, 1)))
}

// boundMargin widens a bound by about a tenth of a millimetre, so that
// rounding never leaves out a point that is exactly at the distance asked.
const boundMargin = 1e-9

// BoundAround is the smallest box of latitudes and longitudes that holds every
// point within that many metres of p. A box that would reach over a pole or
// the 180th meridian, which an orb.Bound cannot express, spans all longitudes.
func BoundAround(p orb.Point, metres float64) orb.Bound {
	angle := max(metres, 0) / EarthRadiusM
	dLat := degrees(angle) + boundMargin
	south, north := p.Lat()-dLat, p.Lat()+dLat
	if south <= -90 || north >= 90 {
		return orb.Bound{Min: LatLon(max(south, -90), -180), Max: LatLon(min(north, 90), 180)}
	}
	// The circle is widest a little polewards of its centre.
	dLon := degrees(math.Asin(min(math.Sin(angle)/math.Cos(radians(p.Lat())), 1))) + boundMargin/math.Cos(radians(p.Lat()))
	west, east := p.Lon()-dLon, p.Lon()+dLon
	if west < -180 || east > 180 {
		west, east = -180, 180
	}
	return orb.Bound{Min: LatLon(south, west), Max: LatLon(north, east)}
}

// InUK reports whether p lies in the box around the United Kingdom, the
// Channel Islands and the Isle of Man: 49 to 61.5 north, 9 west to 2.5 east.
func InUK(p orb.Point) bool {
	return p.Lat() >= 49 && p.Lat() <= 61.5 && p.Lon() >= -9 && p.Lon() <= 2.5
}

func radians(deg float64) float64 { return deg * (math.Pi / 180) }
func degrees(rad float64) float64 { return rad * (180 / math.Pi) }
