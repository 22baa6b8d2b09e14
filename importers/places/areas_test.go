package places

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hereabouts/geo"
)

const ring = `[[-1.5,50.9],[-1.4,50.9],[-1.4,51.0],[-1.5,51.0],[-1.5,50.9]]`

func collection(features ...string) string {
	return `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},"features":[` + strings.Join(features, ",") + `]}`
}

func polygon(properties, rings string) string {
	return `{"type":"Feature","properties":` + properties + `,"geometry":{"type":"Polygon","coordinates":[` + rings + `]}}`
}

func importedAreas(t *testing.T, dir, src string, o Options) Report {
	t.Helper()
	r, err := Areas(context.Background(), src, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Codes and names go by many names. Of several geographies the smallest is the
// area's own.
func TestCodesAndNamesAreFound(t *testing.T) {
	for properties, want := range map[string]string{
		`{"LSOA11CD":"E01017136","LSOA11NM":"Southampton 023A"}`:                                         "E01017136 Southampton 023A lsoa",
		`{"WD13CD":"E05002455","WD13CDO":"00MSMR","WD13NM":"Bargate","WD13NMW":null}`:                    "E05002455 Bargate ward",
		`{"objectid":1,"lad17cd":"E06000001","lad17nm":"Hartlepool","lad17nmw":" "}`:                     "E06000001 Hartlepool local_authority",
		`{"objectid":1,"rgn16cd":"E12000001","rgn16nm":"North East"}`:                                    "E12000001 North East region",
		`{"LAD21CD":"E06000045","LAD21NM":"Southampton","LSOA21CD":"E01032746","LSOA21NM":"South 001A"}`: "E01032746 South 001A lsoa",
		`{"ICB23CD":"E54000042","ICB23NM":"NHS Hampshire"}`:                                              "E54000042 NHS Hampshire icb",
		`{"XYZ21CD":"X1","XYZ21NM":"Something new"}`:                                                     "X1 Something new area",
		`{"reference":"E07000091","name":"New Forest"}`:                                                  "E07000091 New Forest area",
		`{"code":"A1","Area Name":"Old Town"}`:                                                           "A1 Old Town area",
		`{"id":17,"name":"Seventeen"}`:                                                                   "17 Seventeen area",
		`{"ons_code":"B2"}`:                                                                              "B2 B2 area",
	} {
		dir := t.TempDir()
		importedAreas(t, dir, put(t, "x.geojson", collection(polygon(properties, ring))), Options{})
		list, err := geo.ReadAreas(dir)
		if err != nil || len(list) != 1 {
			t.Errorf("%s: %v, %v", properties, list, err)
			continue
		}
		if got := list[0].Code + " " + list[0].Name + " " + list[0].Kind; got != want {
			t.Errorf("%s gives %q, want %q", properties, got, want)
		}
	}
	dir := t.TempDir()
	importedAreas(t, dir, put(t, "x.geojson", collection(polygon(`{"code":"wrong","KEY":"right","called":"Ours"}`, ring))),
		Options{CodeProperty: "key", NameProperty: "called", Kind: "neighbourhood"})
	if list, err := geo.ReadAreas(dir); err != nil || list[0].Code != "right" || list[0].Name != "Ours" || list[0].Kind != "neighbourhood" {
		t.Errorf("named properties give %+v, %v", list, err)
	}
}

// Defects in boundaries are repaired where that is safe, and said.
func TestBoundariesAreRepaired(t *testing.T) {
	const open = `[[-1.5,50.9],[-1.4,50.9],[-1.4,51.0],[-1.5,51.0]]`
	const turned = `[[50.9,-1.5],[50.9,-1.4],[51.0,-1.4],[51.0,-1.5],[50.9,-1.5]]`
	const gridded = `[[442000,112000],[443000,112000],[443000,113000],[442000,113000],[442000,112000]]`
	const height = `[[-1.5,50.9,12],[-1.4,50.9,12],[-1.4,51.0,12],[-1.5,51.0,12],[-1.5,50.9,12]]`
	const stub = `[[-1.5,50.9],[-1.4,50.9],[-1.5,50.9]]`
	dir := t.TempDir()
	src := put(t, "x.geojson", collection(
		polygon(`{"code":"open"}`, open), polygon(`{"code":"turned"}`, turned), polygon(`{"code":"gridded"}`, gridded),
		polygon(`{"code":"height"}`, height), polygon(`{"code":"stub"}`, ring+","+stub),
		`{"type":"Feature","properties":{"code":"multi"},"geometry":{"type":"MultiPolygon","coordinates":[[`+ring+`],[`+stub+`]]}}`,
		`{"type":"Feature","properties":{"code":"mixed"},"geometry":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[-1,51]},{"type":"Polygon","coordinates":[`+ring+`]}]}}`,
		polygon(`{"code":"zero"}`, `[[-0.1,51.4],[0,51.4],[0,51.5],[-0.1,51.5],[-0.1,51.4]]`),
	))
	sameReport(t, Report{Read: 8, Added: 8, Notes: []string{
		"1 areas had rings that were not closed; they were closed",
		"1 areas were given latitude first and were turned round",
		"1 areas were converted from the National Grid (EPSG:27700), to within about five metres",
		"2 areas had rings of fewer than three corners; those were left out",
	}}, importedAreas(t, dir, src, Options{}))
	areas, err := geo.OpenAreas(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"height", "mixed", "multi", "open", "stub", "turned"}, areas.Containing(geo.LatLon(50.95, -1.45))); diff != "" {
		t.Errorf("areas there (-want +got):\n%s", diff)
	}
	if got := areas.Containing(geo.LatLon(50.9109, -1.3966)); !cmp.Equal(got, []string{"gridded"}) {
		t.Errorf("the middle of the square kilometre is in %q", got)
	}
	if got := areas.Containing(geo.LatLon(51.45, 0)); !cmp.Equal(got, []string{"zero"}) {
		t.Errorf("longitude 0 is in %q", got)
	}
}

func TestFaultsInBoundaries(t *testing.T) {
	src := put(t, "x.json", collection(
		polygon(`{"name":"no code"}`, ring),
		`{"type":"Feature","properties":{"code":"A"},"geometry":null}`,
		`{"type":"Feature","properties":{"code":"B"},"geometry":{"type":"Point","coordinates":[-1,51]}}`,
		polygon(`{"code":"C"}`, `[[-74,40],[-73,40],[-73,41],[-74,40]]`),
		polygon(`{"code":"D"}`, `[[-1,51],[-1,51]]`),
		polygon(`{"code":"E<script>"}`, ring),
		`{"type":"Feature","properties":{"code":"F"},"geometry":{"type":"Polygon","coordinates":"none"}}`,
		`{"type":"Feature","properties":"G","geometry":{}}`,
		polygon(`{"code":"H"}`, ring), polygon(`{"code":"H","name":"again"}`, ring),
	))
	dir := t.TempDir()
	sameReport(t, Report{
		Read: 10, Added: 1, Unchanged: 1, Rejected: 8,
		Faults: []Fault{
			{"x.json: feature 1", "has no code; name the property that holds it, for example lad21cd, code or reference"},
			{"x.json: feature 2 (A)", "has no geometry"},
			{"x.json: feature 3 (B)", "has no polygon; a boundary is a Polygon or MultiPolygon"},
			{"x.json: feature 4 (C)", "is outside the UK, or in coordinates that are neither WGS84 nor the National Grid; save it as WGS84 (EPSG:4326), longitude first"},
			{"x.json: feature 5 (D)", "has no ring of three corners or more"},
			{"x.json: feature 6 (E<script>)", "has a code that is not one: use letters, digits, - _ . : / and no more than 64 of them"},
			{"x.json: feature 7 (F)", "has a geometry that is not GeoJSON"},
			{"x.json: feature 8", "has no code; name the property that holds it, for example lad21cd, code or reference"},
		},
		Notes: []string{"1 features repeat a code of the same source; the last of each was taken"},
	}, importedAreas(t, dir, src, Options{}))
	if list, err := geo.ReadAreas(dir); err != nil || len(list) != 1 || list[0].Name != "again" {
		t.Errorf("areas are %+v, %v", list, err)
	}
}

// However the features are wrapped, they are the same features; and a second
// import changes nothing.
func TestWaysOfWrappingFeatures(t *testing.T) {
	a, b := polygon(`{"code":"A","name":"Alder"}`, ring), polygon(`{"code":"B","name":"Beech"}`, ring)
	for name, src := range map[string]string{
		"collection":             put(t, "x.geojson", collection(a, b)),
		"features first":         put(t, "x.geojson", `{"features":[`+a+","+b+`],"type":"FeatureCollection"}`),
		"byte order mark":        put(t, "x.geojson", "\ufeff"+collection(a, b)),
		"one a line":             put(t, "x.geojsonl", a+"\n"+b+"\n"),
		"compressed":             putGzip(t, "x.geojson.gz", collection(a, b)),
		"zip of single features": putZip(t, "x.zip", member{"a.json", a}, member{"readme.txt", "x"}, member{"deep/b.geojson", b}),
		"zip of gzips":           putZip(t, "x.zip", member{"a.json.gz", gzipped(t, a)}, member{"b.json.gz", gzipped(t, b)}),
	} {
		dir := t.TempDir()
		t.Run(name, func(t *testing.T) {
			sameReport(t, Report{Read: 2, Added: 2}, importedAreas(t, dir, src, Options{}))
			sameReport(t, Report{Read: 2, Unchanged: 2}, importedAreas(t, dir, src, Options{}))
			sameReport(t, Report{Read: 1, Changed: 1}, importedAreas(t, dir, put(t, "y.json", polygon(`{"code":"A","name":"Ash"}`, ring)), Options{}))
		})
	}
}

func TestSourcesThatAreNotBoundaries(t *testing.T) {
	for src, want := range map[string]string{
		put(t, "a.geojson", `{"type":"FeatureCollection","features":[`+polygon(`{"code":"A"}`, ring)): "a.geojson cannot be read as GeoJSON after feature 1",
		put(t, "b.geojson", `[1,2]`):                      "it is not a JSON object",
		put(t, "c.geojson", `{"features":7}`):             "its features are not a list",
		put(t, "d.geojson", `{}`):                         "d.geojson holds no GeoJSON features",
		put(t, "e.geojson", ``):                           "e.geojson holds no GeoJSON features",
		putZip(t, "f.zip", member{"a.shp", "x"}):          "a.shp cannot be read as GeoJSON",
		put(t, "g.csv", "postcode,lat\n"):                 "g.csv cannot be read as GeoJSON",
		put(t, "h.geojson", `{"type":"Feature","proper`):  "unexpected EOF",
		put(t, "i.geojson", strings.Repeat(`{"a":`, 1e5)): "cannot be read as GeoJSON",
	} {
		if _, err := Areas(context.Background(), src, t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

func FuzzAreas(f *testing.F) {
	f.Add([]byte(collection(polygon(`{"LSOA11CD":"E01017136","LSOA11NM":"Southampton 023A"}`, ring))))
	f.Add([]byte(polygon(`{"code":"A"}`, `[[50.9,-1.5],[50.9,-1.4],[51.0,-1.4]]`) + "\n" + polygon(`{"id":1}`, ring)))
	f.Add([]byte(collection(polygon(`{"code":"A"}`, `[[442000,112000],[443000,112000],[443000,113000]]`), `null`, `{"geometry":{"type":"GeometryCollection"}}`)))
	f.Fuzz(fuzzImport("x.geojson", Areas))
}

// A collection with a null in it is one faulty feature, not the end of the import.
func TestDecodeGeometrySurvivesANull(t *testing.T) {
	for _, raw := range []string{
		`{"type":"GeometryCollection","geometries":[null]}`,
		`{"type":"GeometryCollection","geometries":[{"type":"GeometryCollection","geometries":[null]}]}`,
	} {
		if g, err := decodeGeometry([]byte(raw)); err == nil {
			t.Errorf("%s: read as %v", raw, g)
		}
	}
}
