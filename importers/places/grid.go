package places

import (
	"errors"
	"math"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/wroge/wgs84"

	"hereabouts/geo"
)

// A grid converts between the eastings and northings of a national grid, in
// metres, and WGS84 degrees.
type grid struct {
	toLonLat, fromLonLat wgs84.Func
}

func newGrid(g wgs84.CoordinateReferenceSystem) grid {
	return grid{toLonLat: wgs84.Transform(g, wgs84.LonLat()), fromLonLat: wgs84.Transform(wgs84.LonLat(), g)}
}

var (
	britishGrid = newGrid(wgs84.OSGB36NationalGrid())

	// The Irish Grid on the modified Airy spheroid (EPSG 29903), with the
	// shift to WGS84 that Ordnance Survey Ireland published (EPSG 1641).
	irishGrid = newGrid(wgs84.Helmert(6_377_340.189, 299.3249646, 482.5, -130.6, 564.6, -1.042, -0.214, -0.631, 8.15).
			TransverseMercator(-8, 53.5, 1.000035, 200_000, 250_000))
)

// point is where an easting and northing are. The library's way from grid to
// degrees strays with the distance from the central meridian, by 17 m in
// Scilly and Suffolk (an exponent of 3/2 is worked out in whole numbers); its
// way to the grid is exact. So the result is taken back to the grid and the
// difference made good, until it is below a centimetre.
func (g grid) point(east, north float64) orb.Point {
	e, n := east, north
	for range 8 {
		lon, lat, _ := g.toLonLat(e, n, 0)
		backE, backN, _ := g.fromLonLat(lon, lat, 0)
		offE, offN := east-backE, north-backN
		if math.Hypot(offE, offN) < 0.01 {
			return geo.LatLon(lat, lon)
		}
		e, n = e+offE, n+offN
	}
	lon, lat, _ := g.toLonLat(e, n, 0)
	return geo.LatLon(lat, lon)
}

// british is the point at an easting and northing of the National Grid, in
// metres, to within about five metres.
func british(east, north float64) orb.Point { return britishGrid.point(east, north) }

// irish is the point at an easting and northing of the Irish Grid, in metres.
func irish(east, north float64) orb.Point { return irishGrid.point(east, north) }

// inGrid reports whether an easting and northing can be of the National Grid.
// Its numbers for the Channel Islands, where some tables stretch it, are below
// zero.
func inGrid(east, north float64) bool {
	return east >= 0 && east <= 700_000 && north >= -150_000 && north <= 1_300_000
}

// onGrid finds the point at an easting and northing. Tables give Northern
// Ireland (its postcodes begin BT) on either grid; the one that lands there is
// meant.
func onGrid(east, north float64, northernIreland bool) (orb.Point, bool) {
	if !inGrid(east, north) {
		return orb.Point{}, false
	}
	if northernIreland {
		if p := irish(east, north); p.Lat() >= 54 && p.Lat() <= 55.4 && p.Lon() >= -8.2 && p.Lon() <= -5.3 {
			return p, true
		}
	}
	p := british(east, north)
	return p, geo.InUK(p)
}

// Why a row has no point.
var (
	errNoLocation = errors.New("no location in the source")
	errBlank      = errors.New("has no coordinates; fill in its latitude and longitude, or its easting and northing")
	errNumber     = errors.New("has coordinates that are not numbers")
	errSwapped    = errors.New("is outside the UK; its latitude and longitude look swapped")
	errOutside    = errors.New("is outside the UK; check its coordinates")
)

// point finds where a row is: by latitude and longitude, else by easting and
// northing. errNoLocation says that the source marks the row as having none.
func (t *table) point(northernIreland bool) (orb.Point, error) {
	lat, lon := t.get("lat"), t.get("lon")
	if lat != "" && lon != "" {
		y, x, ok := numbers(lat, lon)
		if !ok {
			return orb.Point{}, errNumber
		}
		switch p := geo.LatLon(y, x); {
		case geo.InUK(p):
			return p, nil
		case y >= 99: // ONS writes 99.999999 for unknown
		case geo.InUK(geo.LatLon(x, y)):
			return orb.Point{}, errSwapped
		default:
			return orb.Point{}, errOutside
		}
	}
	east, north := t.get("east"), t.get("north")
	if east == "" || north == "" {
		if lat != "" && lon != "" {
			return orb.Point{}, errNoLocation
		}
		return orb.Point{}, errBlank
	}
	x, y, ok := numbers(east, north)
	if !ok {
		return orb.Point{}, errNumber
	}
	if x == 0 && y == 0 || t.get("quality") == "90" {
		return orb.Point{}, errNoLocation
	}
	if p, ok := onGrid(x, y, northernIreland); ok {
		return p, nil
	}
	return orb.Point{}, errOutside
}

func numbers(a, b string) (x, y float64, ok bool) {
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return x, y, err1 == nil && err2 == nil && !math.IsNaN(x+y) && !math.IsInf(x+y, 0)
}
