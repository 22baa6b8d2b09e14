package demo_test

import (
	"encoding/csv"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"

	"hereabouts/data/demo"
	"hereabouts/geo"
	"hereabouts/importers/places"
)

type row map[string]string

func (r row) point(t *testing.T) orb.Point {
	t.Helper()
	lat, err1 := strconv.ParseFloat(r["lat"], 64)
	lon, err2 := strconv.ParseFloat(r["lon"], 64)
	if err1 != nil || err2 != nil {
		t.Fatalf("%v has no point", r)
	}
	return geo.LatLon(lat, lon)
}

func table(t *testing.T, name string, columns ...string) []row {
	t.Helper()
	f, err := demo.Places().Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rows[0], columns) {
		t.Fatalf("%s: columns %v, want %v", name, rows[0], columns)
	}
	var all []row
	for _, cells := range rows[1:] {
		r := row{}
		for i, c := range columns {
			r[c] = cells[i]
		}
		all = append(all, r)
	}
	return all
}

func areas(t *testing.T) map[string]*geojson.Feature {
	t.Helper()
	b, err := fs.ReadFile(demo.Places(), "areas.geojson")
	if err != nil {
		t.Fatal(err)
	}
	fc, err := geojson.UnmarshalFeatureCollection(b)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*geojson.Feature{}
	for _, f := range fc.Features {
		all[f.Properties.MustString("code")] = f
	}
	return all
}

func contains(g orb.Geometry, p orb.Point) bool {
	poly, ok := g.(orb.Polygon)
	return ok && planar.PolygonContains(poly, p)
}

// Every outline holds the places that belong to it and no others.
func TestPlacesLieInTheirAreas(t *testing.T) {
	all := areas(t)
	seen := map[string]bool{}
	for _, r := range table(t, "places.csv", "name", "kind", "district", "lat", "lon") {
		if seen[r["name"]] {
			t.Errorf("%s is there twice", r["name"])
		}
		seen[r["name"]] = true
		for _, f := range all {
			name := f.Properties.MustString("name")
			if in := contains(f.Geometry, r.point(t)); name != "England" && in != (r["district"] == name) {
				t.Errorf("%s, %s: inside %s is %v", r["name"], r["district"], name, in)
			}
		}
	}
	if len(seen) < 150 {
		t.Errorf("only %d places", len(seen))
	}
}

// A postcode district's centre is near a place whose town it names.
func TestDistrictsAreNearTheirTowns(t *testing.T) {
	towns := map[string]orb.Point{}
	for _, r := range table(t, "places.csv", "name", "kind", "district", "lat", "lon") {
		towns[r["name"]] = r.point(t)
	}
	have := map[string]bool{}
	for _, r := range table(t, "districts.csv", "postcode", "lat", "lon", "town", "region") {
		have[r["postcode"]] = true
		town, ok := towns[r["town"]]
		if !ok {
			continue // Stamford is beyond the places we list
		}
		if d := geo.DistanceM(r.point(t), town); d > 17_000 {
			t.Errorf("%s is %.0f m from %s", r["postcode"], d, r["town"])
		}
	}
	for i := 1; i <= 18; i++ {
		if !have["NN"+strconv.Itoa(i)] {
			t.Errorf("NN%d is missing", i)
		}
	}
	if !have["NN29"] {
		t.Error("NN29 is missing")
	}
}

// A hall is in the village its address names, within the postcode district
// written after it, and a park's gates are on its edge.
func TestListingsAreWhereTheySay(t *testing.T) {
	towns, districts := map[string]orb.Point{}, map[string]orb.Point{}
	for _, r := range table(t, "places.csv", "name", "kind", "district", "lat", "lon") {
		towns[r["name"]] = r.point(t)
	}
	for _, r := range table(t, "districts.csv", "postcode", "lat", "lon", "town", "region") {
		districts[r["postcode"]] = r.point(t)
	}
	checked := map[string]bool{}
	for _, l := range listings(t, today) {
		for _, p := range l.Places {
			if checked[p.ID] {
				continue
			}
			checked[p.ID] = true
			at, ok := p.Point()
			if !ok {
				t.Errorf("%s has no point", p.Name)
				continue
			}
			words := strings.Fields(p.Address)
			district, ok := districts[words[len(words)-1]]
			if !ok {
				t.Errorf("%s: %q does not end in a postcode district we know", p.Name, p.Address)
			} else if d := geo.DistanceM(at, district); d > 16_000 {
				t.Errorf("%s is %.0f m from the middle of %s", p.Name, d, words[len(words)-1])
			}
			near := slices.MinFunc(slices.Collect(maps.Keys(towns)), func(a, b string) int {
				return int(geo.DistanceM(at, towns[a]) - geo.DistanceM(at, towns[b]))
			})
			limit := 700.0
			if p.Geometry != nil {
				limit = 1_500
			}
			if d := geo.DistanceM(at, towns[near]); d > limit {
				t.Errorf("%s is %.0f m from %s, the nearest place", p.Name, d, near)
			}
			if p.Geometry == nil {
				continue
			}
			outline, ok := p.Geometry.Geometry().(orb.Polygon)
			if !ok || !planar.PolygonContains(outline, at) {
				t.Errorf("%s: its point is not inside its outline", p.Name)
				continue
			}
			for _, e := range p.Entrances {
				if !slices.Contains(outline[0], geo.LatLon(e.Lat, e.Lon)) {
					t.Errorf("%s: the entrance at %v, %v is not on the outline", p.Name, e.Lat, e.Lon)
				}
			}
		}
	}
	if len(checked) < 100 {
		t.Errorf("only %d venues", len(checked))
	}
}

// A group that people travel to is inside its own catchment.
func TestCatchmentsHoldTheirOwnPlaces(t *testing.T) {
	outlines := areas(t)
	for _, l := range listings(t, today) {
		c := l.Eligibility.Catchment
		if !c.Stated() {
			continue
		}
		for _, p := range l.Places {
			at, _ := p.Point()
			in := c.Geometry != nil && contains(c.Geometry.Geometry(), at)
			for _, code := range c.Areas {
				f, ok := outlines[code]
				if !ok {
					t.Errorf("%s: area %s is not in areas.geojson", l.Source.ID, code)
					continue
				}
				in = in || contains(f.Geometry, at)
			}
			if !in {
				t.Errorf("%s: %s is outside %s", l.Source.ID, p.Name, c.Label)
			}
		}
	}
}

// What an operator would import, geo can then answer from.
func TestPlacesCanBeSearchedFrom(t *testing.T) {
	src, dir := t.TempDir(), t.TempDir()
	for _, step := range []struct {
		file string
		read func() (places.Report, error)
	}{
		{"districts.csv", func() (places.Report, error) {
			return places.Postcodes(t.Context(), filepath.Join(src, "districts.csv"), dir, places.Options{})
		}},
		{"places.csv", func() (places.Report, error) {
			return places.Places(t.Context(), filepath.Join(src, "places.csv"), dir, places.Options{})
		}},
		{"areas.geojson", func() (places.Report, error) {
			return places.Areas(t.Context(), filepath.Join(src, "areas.geojson"), dir, places.Options{})
		}},
	} {
		copyOut(t, step.file, src)
		if rep, err := step.read(); err != nil || rep.Rejected > 0 {
			t.Fatalf("%s: %+v, %v", step.file, rep, err)
		}
	}
	g, err := geo.OpenGazetteer(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"NN1", "nn6", "Brixworth", "Long Buckby", "Weedon", "Earls Barton", "Spring Boroughs", "Birmingham"} {
		if _, err := g.Resolve(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	outlines, err := geo.OpenAreas(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := outlines.Containing(geo.LatLon(52.329, -0.904)); !slices.Contains(got, "E06000062") {
		t.Errorf("Brixworth is in %v", got)
	}
}

func copyOut(t *testing.T, name, dir string) {
	t.Helper()
	b, err := fs.ReadFile(demo.Places(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}
