package places

import (
	"context"
	"strings"
	"testing"

	"hereabouts/geo"
)

// openNamesRow is a row of OS Open Names: 34 columns, no header. also is the
// second name.
func openNamesRow(name, kind, local, east, north, district, also string) string {
	row := make([]string, 34)
	row[0], row[1] = "osgb4000000074", "http://data.example.org/id/"+name
	row[2], row[4], row[6], row[7], row[8], row[9], row[21] = name, also, kind, local, east, north, district
	row[24], row[27], row[29] = "Hampshire", "South East", "England"
	for i, cell := range row {
		row[i] = `"` + cell + `"`
	}
	return strings.Join(row, ",") + "\n"
}

func importedNames(t *testing.T, dir, src string) Report {
	t.Helper()
	r, err := Places(context.Background(), src, dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOpenNames(t *testing.T) {
	src := putZip(t, "opname_csv_gb.zip",
		member{"Doc/OS_Open_Names_Header.csv", "ID,NAMES_URI,NAME1\n"},
		member{"Data/SU40.csv", openNamesRow("Southampton", "populatedPlace", "City", "442000", "112000", "", "") +
			openNamesRow("Bassett", "populatedPlace", "Suburban Area", "442000", "116000", "City of Southampton", "") +
			openNamesRow("High Street", "transportNetwork", "Named Road", "442000", "111000", "City of Southampton", "") +
			openNamesRow("SO14 7DU", "other", "Postcode", "442000", "112000", "", "")},
		member{"Data/ST38.csv", openNamesRow("Casnewydd", "populatedPlace", "City", "331000", "188000", "Casnewydd - Newport", "Newport")},
	)
	dir := t.TempDir()
	notes := []string{
		"1 rows are of other things than settlements",
		"1 rows are postcodes; read them with `hereabouts import postcodes` on the same source",
	}
	sameReport(t, Report{Read: 5, Added: 3, Skipped: 2, Notes: notes}, importedNames(t, dir, src))
	sameReport(t, Report{Read: 5, Unchanged: 3, Skipped: 2, Notes: notes}, importedNames(t, dir, src))
	g, err := geo.OpenGazetteer(dir)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"Southampton": "Southampton", "Bassett": "Bassett, City of Southampton", "Newport": "Newport (Casnewydd)", "casnewydd": "Newport (Casnewydd)",
	} {
		if p, err := g.Resolve(text); err != nil || p.Label != want {
			t.Errorf("Resolve(%q) = %q, %v; want %q", text, p.Label, err, want)
		}
	}
	if p, _ := g.Resolve("Southampton"); geo.DistanceM(p.Point, geo.LatLon(50.9064, -1.4037)) > 60 {
		t.Errorf("Southampton is at %v", p.Point)
	}
}

func TestTablesOfPlaces(t *testing.T) {
	dir := t.TempDir()
	src := put(t, "ours.tsv", strings.Join([]string{
		"name\tdistrict\tkind\tlat\tlon",
		"Ashford\t\tt\t51.1484\t0.8711",
		"Wick\t\"Bournemouth, Christchurch and Poole\"\ta\t50.7272\t-1.7796",
		"Brixworth\tWest Northamptonshire\tvillage\t52.3281\t-0.9065",
		"Brixworth\tWest Northamptonshire\tvillage\t52.3281\t-0.9065",
		"AL8\tWelwyn Hatfield\t\t51.7996\t-0.2146",
		"The Folly\tOxford\t\t51.7\t-1.2",
		"\tOxford\tt\t51.7\t-1.2",
		"Atlantis\tThe Sea\tcontinent\t51.7\t-1.2",
		"Springfield\tIllinois\ttown\t39.8\t-89.6",
		strings.Repeat("Long", 30) + "\tOxford\tt\t51.7\t-1.2",
	}, "\n"))
	want := Report{
		Read: 10, Added: 4, Unchanged: 1, Skipped: 1, Rejected: 4,
		Faults: []Fault{
			{"ours.tsv:8", "has no name"},
			{"ours.tsv:9", `"continent" is not a kind of place; use city, town, village, hamlet, suburb or place`},
			{"ours.tsv:10", "is outside the UK; check its coordinates"},
			{"ours.tsv:11", "the name \"" + strings.Repeat("Long", 10) + "…\" is longer than any place's; check the columns"},
		},
		Notes: []string{
			"1 places without a district were taken to be in the district of their own name",
			"1 rows repeat a place of the same source",
			"1 rows are postcode districts; read them with `hereabouts import postcodes` on the same source",
		},
	}
	sameReport(t, want, importedNames(t, dir, src))
	want.Added, want.Unchanged = 0, 5
	sameReport(t, want, importedNames(t, dir, src))
	names, err := geo.ReadNames(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 4 || names[0].District != "Ashford" || names[1].District != "Bournemouth, Christchurch and Poole" || names[3].Kind != geo.KindPlace {
		t.Errorf("names are %+v", names)
	}
}

// A place that comes again a little elsewhere is the same place; one of its
// name farther off is another.
func TestPlacesThatComeAgain(t *testing.T) {
	dir := t.TempDir()
	importedNames(t, dir, put(t, "a.csv", "name,kind,district,lat,lon\nNewton,village,Powys,52.5000,-3.5\nNewton,village,Powys,52.6000,-3.5\n"))
	sameReport(t, Report{Read: 2, Added: 1, Changed: 1},
		importedNames(t, dir, put(t, "b.csv", "name,kind,district,lat,lon\nNewton,town,Powys,52.5005,-3.5\nNewton,village,Powys,52.7,-3.5\n")))
	names, err := geo.ReadNames(dir)
	if err != nil || len(names) != 3 || names[0].Kind != geo.KindTown {
		t.Errorf("names are %+v, %v", names, err)
	}
}

// Two places of one name at one point, of different kinds, stay two.
func TestNamesakesAtOnePoint(t *testing.T) {
	dir := t.TempDir()
	src := put(t, "a.csv", "name,kind,district,lat,lon\nWick,village,Wiltshire,51,-2\nWick,hamlet,Wiltshire,51,-2\n")
	sameReport(t, Report{Read: 2, Added: 2}, importedNames(t, dir, src))
	sameReport(t, Report{Read: 2, Unchanged: 2}, importedNames(t, dir, src))
}

func TestWindowsLettersAreRead(t *testing.T) {
	dir := t.TempDir()
	importedNames(t, dir, put(t, "a.csv", "name,kind,district,lat,lon\nCwmbr\xe2n,town,Torfaen,51.65,-3.02\nKing\x92s Lynn,town,Norfolk,52.75,0.39\n"))
	names, err := geo.ReadNames(dir)
	if err != nil || len(names) != 2 || names[0].Name != "Cwmbrân" || names[1].Name != "King's Lynn" {
		t.Errorf("names are %+v, %v", names, err)
	}
}

func TestSourcesThatAreNotPlaces(t *testing.T) {
	for src, want := range map[string]string{
		put(t, "walks.csv", "title,day\nWalk,Tuesday\n"):                                `walks.csv has no columns for a name and its coordinates: its first row is "title, day"`,
		putZip(t, "none.zip", member{"a.csv", "x,y\n1,2\n"}, member{"b.csv", "x\n1\n"}): "no table of places was found",
	} {
		if _, err := Places(context.Background(), src, t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

func FuzzPlaces(f *testing.F) {
	f.Add([]byte(openNamesRow("Southampton", "populatedPlace", "City", "442000", "112000", "", "Hamwic")))
	f.Add([]byte("name\tdistrict\tkind\tlat\tlon\nAshford\t\tt\t51.1484\t0.8711\n"))
	f.Add([]byte("NAME1,LOCAL_TYPE,GEOMETRY_X,GEOMETRY_Y\nNewton,Village,1,2\nNewton,Hamlet,442000,112000\n"))
	f.Fuzz(fuzzImport("x.csv", Places))
}
