package geojson_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"hereabouts"
	"hereabouts/data"
	"hereabouts/geo"
	"hereabouts/importers"
	"hereabouts/importers/geojson"
	"hereabouts/importers/sheet"
)

type shelf struct {
	got  []*hereabouts.Listing
	have map[string][32]byte
}

func (s *shelf) Commit(_ context.Context, b hereabouts.Batch) (hereabouts.Receipt, error) {
	if s.have == nil {
		s.have = map[string][32]byte{}
	}
	var r hereabouts.Receipt
	for _, w := range b.Writes {
		hash, known := s.have[w.Listing.ID]
		out := hereabouts.Changed
		switch {
		case !known:
			out = hereabouts.Added
			s.got = append(s.got, w.Listing)
		case hash == w.Listing.ContentHash():
			out = hereabouts.Unchanged
		}
		s.have[w.Listing.ID] = w.Listing.ContentHash()
		r.Outcomes = append(r.Outcomes, out)
		r.Revs = append(r.Revs, 1)
	}
	return r, nil
}

func noon() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

const parks = `source: {name: parks, licence: OGL-UK-3.0}
id: "{ref}"
shape: {outline: true, unnamed: "{kind}", area: "{area}"}
listing:
  kind: green_space
  name: "{name}"
  place: {lat: "{lat}", lon: "{lon}"}
`

func mapping(t testing.TB, y string) *sheet.Mapping {
	t.Helper()
	m, err := sheet.ParseMapping("mapping.yaml", []byte(y))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// park is a feature with the properties of the parks mapping.
func park(ref, name, geometry string) string {
	js, _ := json.Marshal(name)
	return fmt.Sprintf(`{"type":"Feature","properties":{"ref":%q,"name":%s,"kind":"Play space","area":"Trafford","lat":null,"lon":null},"geometry":%s}`, ref, js, geometry)
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

// said is what became of each feature, a line each.
func said(t *testing.T, recs importers.Records) string {
	t.Helper()
	var b strings.Builder
	for r, err := range recs {
		if err != nil {
			fmt.Fprintf(&b, "error: %v\n", err)
			break
		}
		if r.Err != nil {
			fmt.Fprintf(&b, "%s rejected: %v\n", r.At, r.Err)
			continue
		}
		p := &r.Listing.Places[0]
		fmt.Fprintf(&b, "%s %q", r.At, r.Listing.Name)
		if pt, ok := p.Point(); ok {
			fmt.Fprintf(&b, " %.4f,%.4f", pt.Lat(), pt.Lon())
		}
		if p.Geometry != nil {
			fmt.Fprintf(&b, " %s", p.Geometry.Type)
		}
		if len(p.Entrances) > 0 {
			fmt.Fprintf(&b, " %d gates", len(p.Entrances))
		}
		for _, n := range r.Notes {
			fmt.Fprintf(&b, "; %s: %s", n.Code, n.Detail)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const square = `{"type":"Polygon","coordinates":[[[-2.3,53.4],[-2.29,53.4],[-2.29,53.41],[-2.3,53.41],[-2.3,53.4]]]}`

func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"whole", collection(park("1", "Green", square)), "x.geojson#1 \"Green\" 53.4050,-2.2950 Polygon\n"},
		{"an unclosed ring is closed",
			collection(park("1", "Green", `{"type":"Polygon","coordinates":[[[-2.3,53.4],[-2.29,53.4],[-2.29,53.41],[-2.3,53.41]]]}`)),
			"x.geojson#1 \"Green\" 53.4050,-2.2950 Polygon; repaired: 1 ring(s) did not end where they began and were closed\n"},
		{"a ring that encloses nothing goes",
			collection(park("1", "Green", `{"type":"MultiPolygon","coordinates":[[[[-2.3,53.4],[-2.29,53.4],[-2.29,53.41],[-2.3,53.41],[-2.3,53.4]]],[[[-2.2,53.4],[-2.2,53.4],[-2.2,53.4],[-2.2,53.4]]]]}`)),
			"x.geojson#1 \"Green\" 53.4050,-2.2950 Polygon; repaired: 1 ring(s) that enclose nothing were left out\n"},
		{"nothing is left", collection(park("1", "Green", `{"type":"Polygon","coordinates":[[[-2.3,53.4],[-2.29,53.4]]]}`)),
			"x.geojson#1 rejected: /places/0/geometry: the outline has no ring of at least three different points\n"},
		{"swapped", collection(park("1", "Green", `{"type":"Polygon","coordinates":[[[53.4,-2.3],[53.4,-2.29],[53.41,-2.29],[53.41,-2.3],[53.4,-2.3]]]}`)),
			"x.geojson#1 \"Green\" 53.4050,-2.2950 Polygon; repaired: latitude stood before longitude; they were swapped\n"},
		{"a swapped point", collection(park("1", "Green", `{"type":"Point","coordinates":[53.4,-2.3]}`)),
			"x.geojson#1 \"Green\" 53.4000,-2.3000; repaired: latitude stood before longitude; they were swapped\n"},
		{"National Grid", collection(park("1", "Green", `{"type":"Point","coordinates":[379500,393500]}`)),
			"x.geojson#1 \"Green\" 53.4379,-2.3101; repaired: was on the National Grid (EPSG:27700) and was converted, to within about five metres\n"},
		{"National Grid, as the file says", `{"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::27700"}},"features":[` + park("1", "Green", `{"type":"Point","coordinates":[379500,393500]}`) + `]}`,
			"x.geojson#1 \"Green\" 53.4379,-2.3101; repaired: was on the National Grid (EPSG:27700) and was converted, to within about five metres\n"},
		{"Web Mercator", collection(park("1", "Green", `{"type":"Point","coordinates":[-256034,7054000]}`)),
			"x.geojson#1 \"Green\" 53.3821,-2.3000; repaired: was in Web Mercator (EPSG:3857) and was converted\n"},
		{"an unknown projection", collection(park("1", "Green", `{"type":"Point","coordinates":[-9000000,-9000000]}`)),
			"x.geojson#1 rejected: /places/0/geometry: coordinates such as -9000000, -9000000 are in a projection we do not know; write the file in WGS84\n"},
		{"abroad", collection(park("1", "Green", `{"type":"Point","coordinates":[2.35,48.85]}`)),
			"x.geojson#1 rejected: /places/0/geometry: 48.85000, 2.35000 is outside the United Kingdom\n"},
		{"no geometry", collection(park("1", "Green", `null`), park("2", "Common", square)),
			"x.geojson#1 rejected: /places/0/geometry: the feature has no geometry, so nobody can be told where it is\nx.geojson#2 \"Common\" 53.4050,-2.2950 Polygon\n"},
		{"a line", collection(park("1", "Green", `{"type":"LineString","coordinates":[[-2.3,53.4],[-2.29,53.4]]}`)),
			"x.geojson#1 rejected: /places/0/geometry: LineString is not a place; give a Point, a Polygon or a MultiPolygon\n"},
		{"a geometry that is none", collection(park("1", "Green", `{"type":"Polygon","coordinates":"here"}`)),
			"x.geojson#1 rejected: /places/0/geometry: the geometry cannot be read as GeoJSON\n"},
		{"not a feature", collection(park("1", "Green", square), `42`, `{"type":"Point","coordinates":[-2.3,53.4]}`),
			"x.geojson#1 \"Green\" 53.4050,-2.2950 Polygon\nx.geojson#2 rejected: /places/0/geometry: is not a GeoJSON feature\nx.geojson#3 rejected: /places/0/geometry: is not a GeoJSON feature\n"},
		{"without a name", collection(park("1", "", square)),
			"x.geojson#1 \"Unnamed play space (Trafford)\" 53.4050,-2.2950 Polygon; named: has no name; called by what it is and where\n"},
		{"properties that say somewhere else", strings.Replace(collection(park("1", "Green", `{"type":"Point","coordinates":[-2.3,53.4]}`)), `"lat":null,"lon":null`, `"lat":53.5,"lon":-2.3`, 1),
			"x.geojson#1 \"Green\" 53.4000,-2.3000; differs: the coordinates among the properties lie elsewhere; the geometry was believed\n"},
		{"properties that say where inside", strings.Replace(collection(park("1", "Green", square)), `"lat":null,"lon":null`, `"lat":53.402,"lon":-2.298`, 1),
			"x.geojson#1 \"Green\" 53.4020,-2.2980 Polygon\n"},
		{"the file breaks off", `{"type":"FeatureCollection","features":[` + park("1", "Green", square) + `,{"type":`,
			"x.geojson#1 \"Green\" 53.4050,-2.2950 Polygon\nerror: geojson: x.geojson: at byte 271: unexpected EOF\n"},
		{"not GeoJSON", `[1,2]`, "error: geojson: x.geojson: at byte 1: [ where a GeoJSON object should begin\n"},
		{"no features", `{"type":"Topology"}`, "error: geojson: x.geojson: at byte 19: there are no \"features\"; this is not a GeoJSON FeatureCollection\n"},
		{"a property that the mapping needs", `{"features":[{"type":"Feature","properties":{"title":"x"},"geometry":null}]}`, ""},
	} {
		got := said(t, geojson.ReadFrom(context.Background(), "x.geojson", strings.NewReader(c.text), geojson.Options{Mapping: mapping(t, parks)}))
		if c.want == "" {
			if !strings.Contains(got, `there is no column "name"`) || !strings.Contains(got, "the columns are title") {
				t.Errorf("%s: %s", c.name, got)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestNearNamesTheUnnamed(t *testing.T) {
	o := geojson.Options{Mapping: mapping(t, parks), Near: func(p orb.Point) string {
		if math.Abs(p.Lat()-53.405) < 0.001 {
			return "Partington"
		}
		return ""
	}}
	got := said(t, geojson.ReadFrom(context.Background(), "x.geojson", strings.NewReader(collection(park("1", "", square))), o))
	if !strings.HasPrefix(got, `x.geojson#1 "Play space near Partington"`) {
		t.Error(got)
	}
}

// Gates go to the outline they stand on, also when it lies inside another.
func TestEntrances(t *testing.T) {
	dir := t.TempDir()
	point := func(lon, lat float64, kind string) string {
		return fmt.Sprintf(`{"type":"Feature","properties":{"access_type":%q},"geometry":{"type":"Point","coordinates":[%v,%v]}}`, kind, lon, lat)
	}
	gates := filepath.Join(dir, "gates.geojson")
	text := collection(
		point(-2.3, 53.405, "Pedestrian"),                          // on the park's western edge
		point(-2.2952, 53.4050, "Pedestrian"),                      // on the play space's western edge
		point(-2.3002, 53.402, "Motor Vehicle And Pedestrian"),     // 13 m outside
		point(-2.3010, 53.402, "Pedestrian"),                       // 66 m outside
		point(-2.2925, 53.4035, "Pedestrian"),                      // in the middle of the park
		point(-2.3, 53.406, "Motor Vehicle"),                       // not for people on foot
		`{"type":"Feature","properties":{},"geometry":`+square+`}`, // no point
	)
	if err := os.WriteFile(gates, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	play := `{"type":"Polygon","coordinates":[[[-2.2952,53.4048],[-2.2948,53.4048],[-2.2948,53.4052],[-2.2952,53.4052],[-2.2952,53.4048]]]}`
	var j geojson.Joined
	got := said(t, geojson.ReadFrom(context.Background(), "x.geojson", strings.NewReader(collection(park("1", "Park", square), park("2", "Swings", play))),
		geojson.Options{Mapping: mapping(t, parks), Entrances: gates, Joined: &j}))
	want := "x.geojson#1 \"Park\" 53.4050,-2.2950 Polygon 3 gates\nx.geojson#2 \"Swings\" 53.4050,-2.2950 Polygon 1 gates\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(geojson.Joined{Read: 7, Joined: 4, LeftOver: 1, Vehicles: 1, Rejected: 1, Sites: 2}, j); diff != "" {
		t.Error(diff)
	}
	for _, err := range geojson.ReadFrom(context.Background(), "x.geojson", strings.NewReader(collection()), geojson.Options{Mapping: mapping(t, parks), Entrances: filepath.Join(dir, "none")}) {
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a missing entrances file: %v", err)
		}
	}
}

// A crescent's centre lies outside it; the point that stands for it does not.
func TestPointLiesInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// An arc of some width, with a random gap, as a ring.
		from, sweep := rapid.Float64Range(0, 6).Draw(t, "from"), rapid.Float64Range(0.3, 6).Draw(t, "sweep")
		inner := rapid.Float64Range(0.5, 0.95).Draw(t, "inner")
		var ring orb.Ring
		const steps = 24
		at := func(r, a float64) orb.Point {
			return orb.Point{-2.3 + 0.01*r*math.Cos(a), 53.4 + 0.006*r*math.Sin(a)}
		}
		for i := 0; i <= steps; i++ {
			ring = append(ring, at(1, from+sweep*float64(i)/steps))
		}
		for i := steps; i >= 0; i-- {
			ring = append(ring, at(inner, from+sweep*float64(i)/steps))
		}
		ring = append(ring, ring[0])
		js, err := json.Marshal(map[string]any{"type": "Polygon", "coordinates": []orb.Ring{ring}})
		if err != nil {
			t.Fatal(err)
		}
		m, err := sheet.ParseMapping("m", []byte(parks))
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range geojson.ReadFrom(context.Background(), "x", strings.NewReader(collection(park("1", "Crescent", string(js)))), geojson.Options{Mapping: m}) {
			if err != nil || r.Err != nil {
				t.Fatal(err, r.Err)
			}
			pt, _ := r.Listing.Places[0].Point()
			if !planar.PolygonContains(r.Listing.Places[0].Geometry.Coordinates.(orb.Polygon), pt) {
				t.Fatalf("%v is outside", pt)
			}
		}
	})
}

func TestLargeOutlinesAreSimplified(t *testing.T) {
	var ring orb.Ring
	for i := range 40_000 {
		a := 2 * math.Pi * float64(i) / 40_000
		r := 0.02 + 0.00002*math.Sin(400*a)
		ring = append(ring, orb.Point{-2.3 + r*math.Cos(a), 53.4 + 0.6*r*math.Sin(a)})
	}
	ring = append(ring, ring[0])
	js, err := json.Marshal(map[string]any{"type": "Polygon", "coordinates": []orb.Ring{ring}})
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range geojson.ReadFrom(context.Background(), "x", strings.NewReader(collection(park("1", "Moor", string(js)))), geojson.Options{Mapping: mapping(t, parks)}) {
		if err != nil || r.Err != nil {
			t.Fatal(err, r.Err)
		}
		got := r.Listing.Places[0].Geometry.Coordinates.(orb.Polygon)
		if len(got[0]) > 5000 || len(got[0]) < 100 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Detail, "simplified") {
			t.Errorf("%d points, notes %v", len(got[0]), r.Notes)
		}
		if ratio := planar.Area(got) / math.Abs(planar.Area(ring)); ratio < 0.99 || ratio > 1.01 {
			t.Errorf("the area became %v of what it was", ratio)
		}
	}
}

func real(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared", "data"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skip("the real directories are not here")
	}
	return path
}

func TestRealMaps(t *testing.T) {
	for _, c := range []struct{ folder, file, entrances, want, joined string }{
		{"greenspace", "trafford-greenspace-sites.geojson.gz", "trafford-greenspace-access-points.geojson.gz",
			"read 427, added 417, changed 0, unchanged 0, rejected 10",
			"entrances: read 893, joined 872 to 350 outlines, left over 20, for vehicles only 1, rejected 0"},
		{"greenspace", "trafford-allotments.geojson", "", "read 35, added 35, changed 0, unchanged 0", ""},
		{"greenspace", "trafford-local-nature-reserves.geojson", "", "read 2, added 2, changed 0, unchanged 0", ""},
		{"greenspace", "trafford-woodland.geojson.gz", "", "read 756, added 68, changed 0, unchanged 0, rejected 688", ""},
		{"directories", "gm-food-banks.geojson", "", "read 171, added 171, changed 0, unchanged 0", ""},
		{"directories", "gm-pharmacies.geojson.gz", "", "read 631, added 631, changed 0, unchanged 0", ""},
		{"directories", "gm-places-of-worship.geojson.gz", "", "read 1620, added 1161, changed 0, unchanged 0, repeated 1, rejected 458", ""},
	} {
		t.Run(c.file, func(t *testing.T) {
			path := real(t, c.folder, c.file)
			m, err := geojson.Detect(path)
			if err != nil {
				t.Fatal(err)
			}
			if name, _, _ := strings.Cut(c.file, "."); m.Name != name {
				t.Errorf("detected %s", m.Name)
			}
			var joined geojson.Joined
			o := geojson.Options{Mapping: m, Joined: &joined}
			if c.entrances != "" {
				o.Entrances = real(t, c.folder, c.entrances)
			}
			var s shelf
			for i := range 2 {
				rep, err := importers.Run(context.Background(), geojson.Read(context.Background(), path, o), &s,
					importers.Options{Source: m.Source.Name, Licence: m.Source.Licence, Needs: data.Taxonomy(), Now: noon})
				if err != nil {
					t.Fatal(err)
				}
				if got := rep.String(); i == 0 && got != c.want {
					t.Errorf("\n got %s\nwant %s", got, c.want)
				}
				if i == 1 && (rep.Added+rep.Changed > 0 || rep.Unchanged != len(s.got)) {
					t.Errorf("a second import: %s", rep.String())
				}
			}
			if c.joined != "" && joined.String() != c.joined {
				t.Errorf("\n got %s\nwant %s", joined, c.joined)
			}
			for _, l := range s.got {
				p := &l.Places[0]
				pt, ok := p.Point()
				if !ok || !geo.InUK(pt) || l.Name == "" {
					t.Errorf("%q is at %v", l.Name, pt)
				}
				if p.Geometry == nil {
					continue
				}
				switch g := p.Geometry.Coordinates.(type) {
				case orb.Polygon:
					ok = planar.PolygonContains(g, pt)
				case orb.MultiPolygon:
					ok = planar.MultiPolygonContains(g, pt)
				}
				if !ok {
					t.Errorf("the point of %q is outside its outline", l.Name)
				}
			}
		})
	}
}

func FuzzReadFrom(f *testing.F) {
	for _, s := range []string{collection(park("1", "Green", square)), collection(park("1", "", `{"type":"Point","coordinates":[379500,393500]}`)),
		`{"features":[{"type":"Feature","properties":{"name":1,"ref":[],"kind":{},"area":"","lat":"x","lon":0},"geometry":{"type":"GeometryCollection","geometries":[]}}]}`,
		collection(park("1", "x", `{"type":"MultiPolygon","coordinates":[[],[[]],[[[]]],[[[1]]]]}`)), `{"features":[`, ``, `{}`} {
		f.Add(s)
	}
	m := mapping(f, parks)
	f.Fuzz(func(t *testing.T, s string) {
		for r, err := range geojson.ReadFrom(context.Background(), "x", strings.NewReader(s), geojson.Options{Mapping: m}) {
			if err != nil {
				break
			}
			if (r.Listing == nil) == (r.Err == nil) {
				t.Fatalf("%s is neither a listing nor a fault, or both", r.At)
			}
			if r.Listing == nil {
				continue
			}
			pt, ok := r.Listing.Places[0].Point()
			if !ok || !geo.InUK(pt) {
				t.Fatalf("%s is at %v", r.At, pt)
			}
			if _, err := json.Marshal(r.Listing); err != nil {
				t.Fatal(err)
			}
		}
	})
}
