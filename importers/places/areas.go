package places

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"hereabouts/geo"
)

// Areas reads boundaries from GeoJSON files into the areas file in dir. The
// code and name of an area are found by the names that ONS, Ordnance Survey
// and planning.data.gov.uk give them (LSOA11CD and LSOA11NM, lad17cd, code,
// reference …); Options name others. Rings left open are closed, points given
// latitude first are turned round, and National Grid coordinates are
// converted; the report says so. An area that comes again replaces the one of
// its code.
func Areas(ctx context.Context, src, dir string, o Options) (Report, error) {
	a := &areaImport{report: newReport(o), options: o}
	single, err := isSingleTable(src)
	if err != nil {
		return Report{}, err
	}
	err = read(ctx, src, o, func(name string) bool { return hasExt(name, ".geojson", ".json", ".geojsonl", ".ndjson") },
		func(name string, r *bufio.Reader) error {
			before := a.report.Read
			if err := a.readFile(name, r); err != nil {
				return err
			}
			if a.report.Read == before && single {
				return fmt.Errorf("places: %s holds no GeoJSON features; give boundaries as a GeoJSON FeatureCollection", name)
			}
			return nil
		})
	if err != nil {
		return Report{}, err
	}
	if a.report.Read == 0 {
		return Report{}, errors.New("places: no GeoJSON features were found in the source: give boundary files that end in .geojson or .json")
	}
	return a.merge(dir, o)
}

type areaImport struct {
	report  *Report
	options Options
	areas   []geo.Area
	found   map[string]int // code → its place in areas
}

// A feature is what is read of one; its members are kept raw until they are
// understood.
type feature struct {
	Type       string
	ID         json.RawMessage
	Properties map[string]any
	Geometry   json.RawMessage
}

// readFile streams a file's features: a collection, one feature, or one
// feature a line.
func (a *areaImport) readFile(name string, r *bufio.Reader) error {
	if start, _ := r.Peek(3); string(start) == "\ufeff" {
		if _, err := r.Discard(3); err != nil {
			return err
		}
	}
	dec := json.NewDecoder(r)
	dec.UseNumber()
	n := 0
	for {
		err := a.readObject(name, dec, &n)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("places: %s cannot be read as GeoJSON after feature %d: %w", name, n, err)
		}
	}
}

// readObject reads one value at the top of a file. The members of a collection
// may come in any order; coordinates are understood by what they are, so a crs
// that comes late does no harm.
func (a *areaImport) readObject(name string, dec *json.Decoder, n *int) error {
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	if tok != json.Delim('{') {
		return errors.New("it is not a JSON object")
	}
	members := map[string]json.RawMessage{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return unexpected(err)
		}
		if key != "features" {
			var value json.RawMessage
			if err := dec.Decode(&value); err != nil {
				return unexpected(err)
			}
			if key, ok := key.(string); ok {
				members[key] = value
			}
			continue
		}
		if tok, err := dec.Token(); err != nil || tok != json.Delim('[') {
			return cmp.Or(unexpected(err), errors.New("its features are not a list"))
		}
		for dec.More() {
			var f feature
			if err := dec.Decode(&f); err != nil {
				var wrong *json.UnmarshalTypeError
				if !errors.As(err, &wrong) {
					return unexpected(err)
				}
			}
			*n++
			a.readFeature(fmt.Sprintf("%s: feature %d", name, *n), f)
		}
		if _, err := dec.Token(); err != nil {
			return unexpected(err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return unexpected(err)
	}
	if string(members["type"]) == `"Feature"` {
		f := feature{ID: members["id"], Geometry: members["geometry"]}
		d := json.NewDecoder(strings.NewReader(string(members["properties"])))
		d.UseNumber()
		if err := d.Decode(&f.Properties); err != nil && err != io.EOF {
			f.Properties = nil
		}
		*n++
		a.readFeature(fmt.Sprintf("%s: feature %d", name, *n), f)
	}
	return nil
}

// unexpected tells a file that ends in the middle from one that has ended.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (a *areaImport) readFeature(at string, f feature) {
	r := a.report
	r.Read++
	code, name, kind := a.identify(f)
	if code == "" {
		r.reject(at, "has no code; name the property that holds it, for example lad21cd, code or reference")
		return
	}
	at += " (" + shorten(code) + ")"
	if !validCode.MatchString(code) {
		r.reject(at, "has a code that is not one: use letters, digits, - _ . : / and no more than 64 of them")
		return
	}
	mp, reason := a.polygons(f.Geometry)
	if reason != "" {
		r.reject(at, reason)
		return
	}
	area := geo.Area{Code: code, Name: cmp.Or(name, code), Kind: kind, Polygon: mp, Bound: mp.Bound()}
	if a.found == nil {
		a.found = map[string]int{}
	}
	if i, again := a.found[code]; again {
		r.Unchanged++
		r.repairs.add("features repeat a code of the same source; the last of each was taken")
		a.areas[i] = area
		return
	}
	a.found[code] = len(a.areas)
	a.areas = append(a.areas, area)
}

// polygons understands a geometry, or says why it cannot be a boundary.
func (a *areaImport) polygons(raw json.RawMessage) (orb.MultiPolygon, string) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, "has no geometry"
	}
	g, err := decodeGeometry(raw)
	if err != nil {
		return nil, "has a geometry that is not GeoJSON"
	}
	var mp orb.MultiPolygon
	gather(&mp, g, 0)
	if len(mp) == 0 {
		return nil, "has no polygon; a boundary is a Polygon or MultiPolygon"
	}
	return a.repair(mp)
}

// decodeGeometry reads a geometry. The decoder panics on a null in a
// collection, which is a fault of that feature and no reason to stop.
func decodeGeometry(raw []byte) (g orb.Geometry, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the geometry cannot be decoded: %v", r)
		}
	}()
	decoded, err := geojson.UnmarshalGeometry(raw)
	if err != nil {
		return nil, err
	}
	return decoded.Geometry(), nil
}

// gather takes the polygons out of a geometry; lines and points bound nothing.
func gather(mp *orb.MultiPolygon, g orb.Geometry, depth int) {
	switch g := g.(type) {
	case orb.Polygon:
		*mp = append(*mp, g)
	case orb.MultiPolygon:
		*mp = append(*mp, g...)
	case orb.Collection:
		if depth < 8 {
			for _, inner := range g {
				gather(mp, inner, depth+1)
			}
		}
	}
}

// A layout is how the two numbers of a position are to be read.
type layout int

const (
	lonLat  layout = iota // as GeoJSON has it
	latLon                // turned round
	gridded               // eastings and northings in metres
	elsewhere
)

// layoutOf tells how a geometry's positions are to be read. The ranges of the
// UK's longitudes, latitudes and grid numbers do not overlap.
func layoutOf(b orb.Bound) layout {
	turned := orb.Bound{Min: geo.LatLon(b.Min[0], b.Min[1]), Max: geo.LatLon(b.Max[0], b.Max[1])}
	switch {
	case geo.InUK(b.Min) && geo.InUK(b.Max):
		return lonLat
	case geo.InUK(turned.Min) && geo.InUK(turned.Max):
		return latLon
	case b.Max[0] > 1000 && inGrid(b.Min[0], b.Min[1]) && inGrid(b.Max[0], b.Max[1]):
		return gridded
	}
	return elsewhere
}

// repair puts a boundary into WGS84 with closed rings, or says why it cannot.
func (a *areaImport) repair(mp orb.MultiPolygon) (orb.MultiPolygon, string) {
	how := layoutOf(mp.Bound())
	var out orb.MultiPolygon
	closed, dropped := false, false
	for _, poly := range mp {
		var fixed orb.Polygon
		for i, ring := range poly {
			if len(ring) > 0 && ring[0] != ring[len(ring)-1] {
				ring, closed = append(ring, ring[0]), true
			}
			if len(ring) < 4 {
				dropped = true
				if i == 0 {
					break // a polygon without its outer ring is nothing
				}
				continue
			}
			for j, p := range ring {
				switch how {
				case latLon:
					ring[j] = geo.LatLon(p[0], p[1])
				case gridded:
					ring[j] = british(p[0], p[1])
				}
			}
			fixed = append(fixed, ring)
		}
		if len(fixed) > 0 {
			out = append(out, fixed)
		}
	}
	if len(out) == 0 {
		return nil, "has no ring of three corners or more"
	}
	if how == elsewhere {
		return nil, "is outside the UK, or in coordinates that are neither WGS84 nor the National Grid; save it as WGS84 (EPSG:4326), longitude first"
	}
	repairs := &a.report.repairs
	switch how {
	case latLon:
		repairs.add("areas were given latitude first and were turned round")
	case gridded:
		repairs.add("areas were converted from the National Grid (EPSG:27700), to within about five metres")
	}
	if closed {
		repairs.add("areas had rings that were not closed; they were closed")
	}
	if dropped {
		repairs.add("areas had rings of fewer than three corners; those were left out")
	}
	return out, ""
}

// merge lays what was read over what is there.
func (a *areaImport) merge(dir string, o Options) (Report, error) {
	all, err := geo.ReadAreas(dir)
	if err != nil {
		return Report{}, err
	}
	r := a.report
	at := make(map[string]int, len(all))
	for i := range all {
		at[all[i].Code] = i
	}
	for _, n := range a.areas {
		i, have := at[n.Code]
		switch {
		case !have:
			r.Added++
			all = append(all, n)
		case geo.SameArea(all[i], n):
			r.Unchanged++
		default:
			r.Changed++
			all[i] = n
		}
	}
	if r.Added+r.Changed > 0 && !o.DryRun {
		if err := geo.WriteAreas(dir, all); err != nil {
			return Report{}, err
		}
	}
	return r.finish(), nil
}
