package hereabouts

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// The United Kingdom with the Channel Islands, the Isle of Man and Shetland,
// in degrees.
const (
	minLat, maxLat = 49.0, 61.5
	minLon, maxLon = -9.5, 2.5
)

func inUK(lat, lon float64) bool {
	return lat >= minLat && lat <= maxLat && lon >= minLon && lon <= maxLon // false for NaN
}

func (v *validator) places(places []Place) {
	if !v.many("/places", len(places), maxPlaces) {
		return
	}
	seen := make(map[string]int, len(places))
	for i := range places {
		p, at := &places[i], indexed("/places", i)
		v.bytes += perPlace + perPosition*len(p.Entrances)
		v.text(at+"/id", p.ID, maxID)
		if first, twice := seen[p.ID]; twice && p.ID != "" {
			v.Addf(at+"/id", CodeDuplicate, "place %d has the id %s already; give each its own", first+1, quoted(p.ID))
		} else {
			seen[p.ID] = i
		}
		v.text(at+"/name", p.Name, maxName)
		v.text(at+"/address", p.Address, maxAddress)
		if p.Postcode != "" {
			if _, ok := FormatPostcode(p.Postcode); !ok {
				v.Addf(at+"/postcode", CodeInvalidFormat, "%s is not a full UK postcode such as SO14 7DU; put other words in address", quoted(p.Postcode))
			}
		}
		switch {
		case p.Lat == nil && p.Lon != nil:
			v.Add(at+"/lat", CodeRequired, "lon is given without lat; give both or neither")
		case p.Lat != nil && p.Lon == nil:
			v.Add(at+"/lon", CodeRequired, "lat is given without lon; give both or neither")
		case p.Lat != nil:
			v.position(at, *p.Lat, *p.Lon)
		}
		oneOf(v, at+"/precision", p.Precision, false, "exact", "postcode", "district")
		if p.Geometry != nil {
			v.geometry(at+"/geometry", p.Geometry, false)
		}
		if v.many(at+"/entrances", len(p.Entrances), maxEntrances) {
			for j, e := range p.Entrances {
				v.position(indexed(at+"/entrances", j), e.Lat, e.Lon)
			}
		}
		for _, name := range AccessNames {
			v.fact(at+"/access/"+name, *p.Access.Fact(name))
		}
		v.text(at+"/access_note", p.Note, maxNote)
	}
}

// position judges a lat and a lon that stand beneath a pointer.
func (v *validator) position(pointer string, lat, lon float64) {
	if inUK(lat, lon) {
		return
	}
	if inUK(lon, lat) {
		v.Addf(pointer+"/lat", CodeOutOfRange, "lat %v and lon %v are outside the UK; check lat and lon are not swapped", lat, lon)
		return
	}
	// A latitude that is out says nothing about the longitude, and the other way round.
	if !(lat >= minLat && lat <= maxLat) {
		v.Addf(pointer+"/lat", CodeOutOfRange, "%v is outside the UK, whose latitudes are %v to %v; correct it, or leave lat and lon out", lat, minLat, maxLat)
	}
	if !(lon >= minLon && lon <= maxLon) {
		v.Addf(pointer+"/lon", CodeOutOfRange, "%v is outside the UK, whose longitudes are %v to %v; correct it, or leave lat and lon out", lon, minLon, maxLon)
	}
}

// geometry judges an outline. A catchment must be an area; a place may also
// be a point or a path.
func (v *validator) geometry(pointer string, g *geojson.Geometry, area bool) {
	allowed := "Polygon, MultiPolygon, Point, MultiPoint, LineString or MultiLineString"
	if area {
		allowed = "Polygon or MultiPolygon"
	}
	check := &outline{validator: v, pointer: pointer + "/coordinates"}
	switch c := g.Coordinates.(type) {
	case orb.Polygon:
		check.polygon(c)
	case orb.MultiPolygon:
		if len(c) == 0 {
			check.fault(CodeRequired, "there is no polygon in it")
		}
		for _, polygon := range c {
			check.polygon(polygon)
		}
	case orb.Point:
		check.positions(area, orb.LineString{c}, 1)
	case orb.MultiPoint:
		check.positions(area, orb.LineString(c), 1)
	case orb.LineString:
		check.positions(area, c, 2)
	case orb.MultiLineString:
		if len(c) == 0 {
			check.fault(CodeRequired, "there is no line in it")
		}
		for _, line := range c {
			check.positions(area, line, 2)
		}
	default:
		check.wrongType = true
	}
	if check.wrongType {
		v.Addf(pointer+"/type", CodeUnknownValue, "%s cannot be used here; use %s", quoted(g.Type), allowed)
	}
}

// An outline reports the first fault of each kind in a geometry, which may
// have thousands of points with the same one.
type outline struct {
	*validator
	pointer   string
	reported  map[string]bool
	wrongType bool
}

func (o *outline) fault(code, detail string) {
	if !o.reported[code] {
		o.Add(o.pointer, code, detail)
		if o.reported == nil {
			o.reported = map[string]bool{}
		}
		o.reported[code] = true
	}
}

func (o *outline) polygon(p orb.Polygon) {
	if len(p) == 0 {
		o.fault(CodeRequired, "a polygon has no ring; give at least four points, the last the same as the first")
	}
	for _, ring := range p {
		o.positions(false, orb.LineString(ring), 4)
		if len(ring) >= 4 && ring[0] != ring[len(ring)-1] {
			o.fault(CodeInvalidFormat, fmt.Sprintf("a ring that starts at %v ends elsewhere; make its last point the same as its first", ring[0]))
		}
	}
}

func (o *outline) positions(wrong bool, line orb.LineString, least int) {
	if wrong {
		o.wrongType = true
		return
	}
	o.validator.positions += len(line)
	o.bytes += perPosition * len(line)
	if len(line) < least {
		o.fault(CodeRequired, fmt.Sprintf("it has %d of the %d points that it takes at least", len(line), least))
	}
	for _, pt := range line {
		lon, lat := pt[0], pt[1]
		switch {
		case inUK(lat, lon):
			continue
		case math.IsNaN(lat) || math.IsNaN(lon) || math.IsInf(lat, 0) || math.IsInf(lon, 0):
			o.fault(CodeInvalidFormat, "a coordinate is not a number")
		case inUK(lon, lat):
			o.fault(CodeOutOfRange, fmt.Sprintf("[%v, %v] is outside the UK; in GeoJSON the longitude comes first", lon, lat))
		default:
			o.fault(CodeOutOfRange, fmt.Sprintf("[%v, %v] is outside the UK", lon, lat))
		}
	}
}
