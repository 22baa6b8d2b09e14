package geo_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"hereabouts/geo"
)

func TestLatLonPutsLongitudeFirst(t *testing.T) {
	p := geo.LatLon(53.48, -2.24)
	if p.Lat() != 53.48 || p.Lon() != -2.24 || p != (orb.Point{-2.24, 53.48}) {
		t.Errorf("LatLon(53.48, -2.24) = %v", p)
	}
}

func TestDistanceM(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b orb.Point
		want float64 // metres
	}{
		{"nowhere", geo.LatLon(51.48, 0), geo.LatLon(51.48, 0), 0},
		{"one degree of latitude", geo.LatLon(51, 0), geo.LatLon(52, 0), math.Pi / 180 * geo.EarthRadiusM},
		{"one degree of longitude on the equator", geo.LatLon(0, -0.5), geo.LatLon(0, 0.5), math.Pi / 180 * geo.EarthRadiusM},
		{"pole to pole", geo.LatLon(90, 0), geo.LatLon(-90, 123), math.Pi * geo.EarthRadiusM},
		// Haversine is good to a metre there, and nobody walks it.
		{"opposite sides", geo.LatLon(12, 34), geo.LatLon(-12, -146), math.Pi * geo.EarthRadiusM},
		{"over the 180th meridian", geo.LatLon(0, 179.5), geo.LatLon(0, -179.5), math.Pi / 180 * geo.EarthRadiusM},
		// Land's End to John o' Groats is 970 km as the crow flies.
		{"end to end", geo.LatLon(50.0657, -5.7148), geo.LatLon(58.6373, -3.0689), 968_700},
	} {
		tolerance := 1e-6
		switch c.name {
		case "end to end":
			tolerance = 2_000
		case "opposite sides":
			tolerance = 1
		}
		if got := geo.DistanceM(c.a, c.b); math.Abs(got-c.want) > tolerance {
			t.Errorf("%s: %v m, want %v", c.name, got, c.want)
		}
		if geo.DistanceM(c.a, c.b) != geo.DistanceM(c.b, c.a) {
			t.Errorf("%s: not the same there and back", c.name)
		}
	}
}

// Every point within the distance is in the box, and the box is not wider than
// it must be.
func TestBoundAroundHoldsTheCircle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		centre := geo.LatLon(rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon"))
		metres := rapid.Float64Range(0, 2_000_000).Draw(t, "metres")
		other := geo.LatLon(rapid.Float64Range(-90, 90).Draw(t, "lat2"), rapid.Float64Range(-180, 180).Draw(t, "lon2"))
		if b := geo.BoundAround(centre, metres); geo.DistanceM(centre, other) <= metres && !b.Contains(other) {
			t.Fatalf("%v is %v m from %v and outside %v", other, geo.DistanceM(centre, other), centre, b)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		centre := geo.LatLon(rapid.Float64Range(49, 61).Draw(t, "lat"), rapid.Float64Range(-9, 2).Draw(t, "lon"))
		metres := rapid.Float64Range(1, 200_000).Draw(t, "metres")
		bearing := rapid.Float64Range(0, 2*math.Pi).Draw(t, "bearing")
		on := along(centre, bearing, metres)
		b := geo.BoundAround(centre, metres)
		if !b.Contains(on) {
			t.Fatalf("%v is on the circle and outside %v", on, b)
		}
		if tight := geo.BoundAround(centre, metres*0.999); tight.Contains(geo.LatLon(b.Max.Lat(), centre.Lon())) {
			t.Fatalf("the box does not grow with the distance")
		}
		if north := geo.DistanceM(centre, geo.LatLon(b.Max.Lat(), centre.Lon())); north > metres+0.01 {
			t.Fatalf("the box reaches %v m north for %v", north, metres)
		}
	})
}

// along is the point that far from p in that direction.
func along(p orb.Point, bearing, metres float64) orb.Point {
	rad := math.Pi / 180
	d, lat, lon := metres/geo.EarthRadiusM, p.Lat()*rad, p.Lon()*rad
	lat2 := math.Asin(math.Sin(lat)*math.Cos(d) + math.Cos(lat)*math.Sin(d)*math.Cos(bearing))
	lon2 := lon + math.Atan2(math.Sin(bearing)*math.Sin(d)*math.Cos(lat), math.Cos(d)-math.Sin(lat)*math.Sin(lat2))
	return geo.LatLon(lat2/rad, lon2/rad)
}

func TestBoundAroundAtTheEdgesOfTheMap(t *testing.T) {
	for name, p := range map[string]orb.Point{
		"north pole": geo.LatLon(90, 0), "near the south pole": geo.LatLon(-89.99, 10), "180th meridian": geo.LatLon(10, 179.99),
	} {
		b := geo.BoundAround(p, 5_000)
		if b.Min.Lon() != -180 || b.Max.Lon() != 180 {
			t.Errorf("%s: %v does not span all longitudes", name, b)
		}
		if b.Max.Lat() > 90 || b.Min.Lat() < -90 {
			t.Errorf("%s: %v reaches beyond the pole", name, b)
		}
	}
	if b := geo.BoundAround(geo.LatLon(51.4779, 0), 1_000); b.Min.Lon() >= 0 || b.Max.Lon() <= 0 {
		t.Errorf("around Greenwich: %v does not reach both ways over longitude 0", b)
	}
	if p := geo.LatLon(51, 0); !geo.BoundAround(p, -5).Contains(p) {
		t.Error("a negative distance loses the centre")
	}
}
