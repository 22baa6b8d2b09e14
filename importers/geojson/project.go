package geojson

import (
	"fmt"
	"regexp"

	"github.com/paulmach/orb"
	"github.com/wroge/wgs84"

	"hereabouts/geo"
)

var (
	fromGrid     = wgs84.Transform(wgs84.OSGB36NationalGrid(), wgs84.LonLat())
	fromMercator = wgs84.Transform(wgs84.WebMercator(), wgs84.LonLat())
	epsgCode     = regexp.MustCompile(`(?i)EPSG[:/]+(?:[\d.]*[:/])?(\d{4,6})\b`)
)

// toWGS84 turns a geometry's coordinates into longitude and latitude in place,
// told by the file's own statement or by their size. done says what was
// repaired; it is empty when nothing was.
func toWGS84(g orb.Geometry, crs string) (done string, err error) {
	sample, ok := firstPoint(g)
	if !ok {
		return "", reject("required", "the geometry is empty")
	}
	code := ""
	if m := epsgCode.FindStringSubmatch(crs); m != nil {
		code = m[1]
	}
	degrees := sample[0] >= -180 && sample[0] <= 180 && sample[1] >= -180 && sample[1] <= 180
	switch {
	case degrees && geo.InUK(sample), degrees && code != "27700" && code != "3857":
		if geo.InUK(sample) || !geo.InUK(orb.Point{sample[1], sample[0]}) {
			return "", nil
		}
		each(g, func(p orb.Point) orb.Point { return orb.Point{p[1], p[0]} })
		return "latitude stood before longitude; they were swapped", nil
	case code == "27700" || code == "" && sample[0] >= 0 && sample[0] < 700_000 && sample[1] >= 0 && sample[1] < 1_300_000:
		each(g, func(p orb.Point) orb.Point {
			lon, lat, _ := fromGrid(p[0], p[1], 0)
			return geo.LatLon(lat, lon)
		})
		return "was on the National Grid (EPSG:27700) and was converted, to within about five metres", nil
	case code == "3857" || code == "900913" || code == "" && sample[1] > 6_000_000 && sample[1] < 9_000_000:
		each(g, func(p orb.Point) orb.Point {
			lon, lat, _ := fromMercator(p[0], p[1], 0)
			return geo.LatLon(lat, lon)
		})
		return "was in Web Mercator (EPSG:3857) and was converted", nil
	}
	return "", reject("not_supported", fmt.Sprintf("coordinates such as %.0f, %.0f are in a projection we do not know; write the file in WGS84", sample[0], sample[1]))
}

// firstPoint is the first point of a geometry that has one.
func firstPoint(g orb.Geometry) (p orb.Point, ok bool) {
	each(g, func(q orb.Point) orb.Point {
		if !ok {
			p, ok = q, true
		}
		return q
	})
	return p, ok
}

// each changes every point of a geometry that can be changed in place. A
// single point is held by value and is changed by its caller.
func each(g orb.Geometry, do func(orb.Point) orb.Point) {
	switch g := g.(type) {
	case orb.MultiPoint:
		for i := range g {
			g[i] = do(g[i])
		}
	case orb.LineString:
		each(orb.MultiPoint(g), do)
	case orb.Ring:
		each(orb.MultiPoint(g), do)
	case orb.MultiLineString:
		for i := range g {
			each(g[i], do)
		}
	case orb.Polygon:
		for i := range g {
			each(g[i], do)
		}
	case orb.MultiPolygon:
		for i := range g {
			each(g[i], do)
		}
	case orb.Collection:
		for i := range g {
			each(g[i], do)
		}
	}
}
