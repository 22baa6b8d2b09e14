package places

import (
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"hereabouts/geo"
)

// shared finds the real files beside the repository, which are not part of it.
func shared(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(filepath.Dir(dir), "shared", "data", "places")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the real files are not here")
	}
	return dir
}

// The real files go in, and again without a change, and every row of them can
// be found.
func TestRealFiles(t *testing.T) {
	from, dir := shared(t), t.TempDir()
	type importer func(context.Context, string, string, Options) (Report, error)
	for _, c := range []struct {
		file           string
		run            importer
		read, held     int
		skipped, fresh int // fresh: added by the first import
	}{
		{"uk-postcode-districts.csv", Postcodes, 2856, 2856, 0, 2856},
		{"sheffield-postcodes.csv.gz", Postcodes, 12004, 12004, 0, 12004},
		{"gb-populated-places-os-open-names.tsv.gz", Postcodes, 45988, 2869, 43119, 130},
		{"gb-populated-places-os-open-names.tsv.gz", Places, 45988, 43119, 2869, 43119},
		{"uk-local-authorities-2017.geojson.gz", Areas, 391, 391, 0, 391},
		{"england-regions-2016.geojson.gz", Areas, 9, 9, 0, 9},
		{"southampton-lsoa.geojson.gz", Areas, 148, 148, 0, 148},
		{"eastleigh-lsoa.geojson.gz", Areas, 77, 77, 0, 77},
		{"new-forest-lsoa.geojson.gz", Areas, 114, 114, 0, 114},
		{"trafford-lsoa.geojson.gz", Areas, 138, 138, 0, 138},
		{"rutland-lsoa.geojson.gz", Areas, 23, 23, 0, 23},
		{"southampton-wards.geojson.gz", Areas, 16, 16, 0, 16},
		{"eastleigh-wards.geojson.gz", Areas, 19, 19, 0, 19},
		{"new-forest-wards.geojson.gz", Areas, 34, 34, 0, 34},
		{"trafford-wards.geojson.gz", Areas, 21, 21, 0, 21},
		{"rutland-wards.geojson.gz", Areas, 16, 16, 0, 16},
	} {
		for turn := range 2 {
			began := time.Now()
			r, err := c.run(context.Background(), filepath.Join(from, c.file), dir, Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: read %d, added %d, changed %d, unchanged %d, skipped %d, rejected %d in %v; %q",
				c.file, r.Read, r.Added, r.Changed, r.Unchanged, r.Skipped, r.Rejected, time.Since(began).Round(time.Millisecond), r.Notes)
			want := c.fresh
			if turn > 0 {
				want = 0
			}
			if r.Read != c.read || r.Added != want || r.Changed != 0 || r.Added+r.Unchanged != c.held || r.Skipped != c.skipped || r.Rejected != 0 {
				t.Errorf("%s, turn %d: %+v", c.file, turn+1, r)
			}
		}
	}

	began := time.Now()
	g, err := geo.OpenGazetteer(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("opened in %v: %+v", time.Since(began).Round(time.Millisecond), g.Stats())
	t.Run("districts", func(t *testing.T) { everyDistrictResolves(t, g, filepath.Join(from, "uk-postcode-districts.csv")) })
	t.Run("names", func(t *testing.T) { everyNameIsKnown(t, g, dir) })
	t.Run("known answers", func(t *testing.T) { knownAnswers(t, g) })
	t.Run("areas", func(t *testing.T) { knownAreas(t, dir) })
}

func everyDistrictResolves(t *testing.T, g *geo.Gazetteer, file string) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		lat, err1 := strconv.ParseFloat(row[3], 64)
		lon, err2 := strconv.ParseFloat(row[4], 64)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		p, err := g.Resolve(" " + row[0] + "\u00a0")
		if err != nil || p.Label != row[0] || p.Kind != geo.KindDistrict || geo.DistanceM(p.Point, geo.LatLon(lat, lon)) > 0.2 {
			t.Errorf("%s resolves to %+v, %v", row[0], p, err)
		}
	}
}

// Every name finds a place, or several to choose from, and every label that is
// shown finds its own place again.
func everyNameIsKnown(t *testing.T, g *geo.Gazetteer, dir string) {
	names, err := geo.ReadNames(dir)
	if err != nil {
		t.Fatal(err)
	}
	labels, ambiguous := map[string]geo.Place{}, map[string]bool{}
	for _, n := range names {
		p, err := g.Resolve(n.Name)
		if e, ok := errors.AsType[*geo.AmbiguousPlaceError](err); ok {
			ambiguous[n.Name] = true
			for _, s := range e.Suggestions {
				labels[s.Label] = s
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", n.Name, err)
			continue
		}
		labels[p.Label] = p
	}
	for label, want := range labels {
		if p, err := g.Resolve(label); err != nil || p.Label != label || p.Point != want.Point {
			t.Errorf("the label %q of %v leads to %q at %v, %v", label, want.Point, p.Label, p.Point, err)
		}
	}
	t.Logf("%d labels; %d names ask for a district", len(labels), len(ambiguous))
}

func knownAnswers(t *testing.T, g *geo.Gazetteer) {
	for text, want := range map[string]string{
		"Northampton": "Northampton, West Northamptonshire", "Nothampton": "Northampton, West Northamptonshire",
		"Birmigham": "Birmingham", "Newport, Isle of Wight": "Newport, Isle of Wight", "Newport": "Newport (Casnewydd)",
		"Newport, Shropshire": "Newport, Telford and Wrekin", "Ashford, Kent": "Ashford, Kent",
		"stoke on trent": "Stoke-on-Trent", "Newcastle": "Newcastle upon Tyne", "saint albans": "St Albans",
		"Caerdydd": "Cardiff", "Cardiff": "Cardiff", "Abertawe": "Swansea", "Wrexham": "Wrexham (Wrecsam)",
		"Inverness": "Inverness (Inbhir Nis)", "Brighton": "Brighton and Hove", "Hull": "Kingston upon Hull",
		"Belfast": "Belfast", "Jersey": "Jersey", "Isle of Man": "Isle of Man", "Kent": "Kent",
		"S10 1AE": "S10 1AE", "AB10": "AB10", "SO14 7DU": "SO14", "S014 7DU": "SO14",
	} {
		if p, err := g.Resolve(text); err != nil || p.Label != want {
			t.Errorf("Resolve(%q) = %q, %v; want %q", text, p.Label, err, want)
		}
	}
}

func knownAreas(t *testing.T, dir string) {
	areas, err := geo.OpenAreas(dir)
	if err != nil {
		t.Fatal(err)
	}
	civic := areas.Containing(geo.LatLon(50.9079, -1.4065))
	want := map[string]string{"E06000045": "local_authority", "E12000008": "region"}
	for _, code := range civic {
		a, ok := areas.Area(code)
		if kind, known := want[code]; !ok || known && a.Kind != kind {
			t.Errorf("%s is a %q", code, a.Kind)
		}
		delete(want, code)
	}
	if len(want) > 0 || len(civic) != 4 { // and a ward and an LSOA
		t.Errorf("Southampton's civic centre is in %q, without %v", civic, want)
	}
	for _, a := range areas.All() {
		corner := a.Polygon[0][0][0]
		found := false
		for _, code := range areas.Containing(corner) {
			found = found || code == a.Code
		}
		if !found {
			t.Errorf("%s does not contain its own corner", a.Code)
		}
	}
}
