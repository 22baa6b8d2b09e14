package places

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hereabouts/geo"
)

// A few rows in the manner of the ONS Postcode Directory.
const onspd = "pcd,pcd2,pcds,dointr,doterm,oscty,oseast1m,osnrth1m,osgrdind,ctry,lat,long\r\n" +
	`"SO147DU","SO14 7DU","SO14 7DU",198001,,E99999999,442000,112000,1,E92000001,50.906500,-1.403800` + "\r\n" +
	`"AB1 0AA","AB1  0AA","AB1 0AA",198001,199606,S99999999,385386,801193,1,S92000003,57.101474,-2.242851` + "\r\n" +
	`"SE109NF","SE10 9NF","SE10 9NF",198001,,E99999999,538900,177300,1,E92000001,51.477900,0` + "\r\n" +
	`"GY1 1AA","GY1  1AA","GY1 1AA",199401,,L99999999,,,9,L93000001,99.999999,0.000000` + "\r\n" +
	`"IM1 1AA","IM1  1AA","IM1 1AA",199401,,M99999999,238120,475510,1,M83000003,54.146000,-4.478000` + "\r\n" +
	`"BT1 5GS","BT1  5GS","BT1 5GS",199401,,N99999999,333830,374000,1,N92000002,99.999999,0.000000` + "\r\n"

func imported(t *testing.T, dir, src string, o Options) Report {
	t.Helper()
	r, err := Postcodes(context.Background(), src, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestONSPostcodeDirectory(t *testing.T) {
	dir := t.TempDir()
	src := put(t, "ONSPD_TEST_UK.csv", onspd)
	notes := []string{
		"1 postcodes are no longer in use; they are kept, because people and listings still give them",
		"1 postcodes have no location in the source (as ONS and Ordnance Survey mark the Channel Islands and some terminated ones)",
	}
	sameReport(t, Report{Read: 6, Added: 5, Skipped: 1, Notes: notes}, imported(t, dir, src, Options{}))
	sameReport(t, Report{Read: 6, Unchanged: 5, Skipped: 1, Notes: notes}, imported(t, dir, src, Options{}))

	g, err := geo.OpenGazetteer(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s := g.Stats(); s.Postcodes != 5 || s.Terminated != 1 {
		t.Errorf("stats: %+v", s)
	}
	for pc, want := range map[string]struct{ lat, lon, within float64 }{
		"SO14 7DU": {50.9065, -1.4038, 0.1},
		"AB1 0AA":  {57.101474, -2.242851, 0.1}, // terminated, and still found
		"SE10 9NF": {51.4779, 0, 0.1},           // longitude 0 is a longitude
		"IM1 1AA":  {54.146, -4.478, 0.1},
		"BT1 5GS":  {54.5965, -5.9301, 300}, // no latitude; its grid is the Irish one
	} {
		p, precision, ok := g.Postcode(pc)
		if m := geo.DistanceM(p, geo.LatLon(want.lat, want.lon)); !ok || precision != "postcode" || m > want.within {
			t.Errorf("%s is %.1f m away from where it is (%v, %v, %v)", pc, m, p, precision, ok)
		}
	}
}

func TestCodePointOpen(t *testing.T) {
	// "SO14 7DU" fills seven characters, "B1 1AA" is padded.
	const rows = `"SO147DU",10,442000,112000,"E92000001","","","","",""` + "\n" +
		`"B1  1BA",10,406800,286800,"E92000001","","","","",""` + "\n" +
		`"AB101XX",90,0,0,"S92000003","","","","",""` + "\n"
	const header = "PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\nPostcode,Positional_quality_indicator,Eastings,Northings,Country_code,NHS_regional_HA_code,NHS_HA_code,Admin_county_code,Admin_district_code,Admin_ward_code\n"
	want := Report{Read: 3, Added: 2, Skipped: 1, Notes: []string{
		"1 postcodes have no location in the source (as ONS and Ordnance Survey mark the Channel Islands and some terminated ones)"}}
	for name, src := range map[string]string{
		"as published": putZip(t, "codepo_gb.zip",
			member{"Doc/licence.txt", "Free to use"}, member{"Doc/Code-Point_Open_Column_Headers.csv", header},
			member{"Data/CSV/so.csv", strings.Split(rows, "\n")[0] + "\n"}, member{"Data/CSV/rest.csv", strings.Join(strings.Split(rows, "\n")[1:], "\n")}),
		"without its header": put(t, "so.csv", rows),
		"with its header":    put(t, "so.csv", header+rows),
		"compressed":         putGzip(t, "so.csv.gz", rows),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			sameReport(t, want, imported(t, dir, src, Options{}))
			g, err := geo.OpenGazetteer(dir)
			if err != nil {
				t.Fatal(err)
			}
			// The civic centre's square on the National Grid.
			if p, _, ok := g.Postcode("SO14 7DU"); !ok || geo.DistanceM(p, geo.LatLon(50.9064, -1.4037)) > 60 {
				t.Errorf("SO14 7DU is at %v, %v", p, ok)
			}
		})
	}
}

func TestTablesOfPostcodesAndDistricts(t *testing.T) {
	dir := t.TempDir()
	src := filepath.Dir(put(t, "b-units.csv", ",postcode,area,lat,long\n0,S101AE,Sheffield,53.3811,-1.4989\n1, s10 1ag\u00a0,Sheffield,53.3792,-1.5161\n"))
	if err := os.WriteFile(filepath.Join(src, "a-districts.tsv"), []byte("\ufeffpostcode\tlatitude\tlongitude\ttown\tregion\tcountry_string\nAB10\t57.13514\t-2.11731\tAberdeen\tAberdeen City\tScotland\nIM1\t54.15\t-4.48\tDouglas, Braddan\tIOM\tIsle of Man\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(src, "readme.txt"), []byte("Nothing to see here.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	sameReport(t, Report{Read: 4, Added: 4, Notes: []string{"1 files in the source are not postcode tables and were left alone"}}, imported(t, dir, src, Options{}))
	g, err := geo.OpenGazetteer(dir)
	if err != nil {
		t.Fatal(err)
	}
	for text, label := range map[string]string{"S10 1AG": "S10 1AG", "AB10": "AB10", "Aberdeen": "Aberdeen", "isle of man": "Isle of Man"} {
		if p, err := g.Resolve(text); err != nil || p.Label != label {
			t.Errorf("Resolve(%q) = %q, %v; want %q", text, p.Label, err, label)
		}
	}
}

// Every fault has its line and says what to do.
func TestFaultsInPostcodeTables(t *testing.T) {
	src := put(t, "ours.csv", strings.Join([]string{
		"Postcode,Latitude,Longitude",
		"SO14 7DU,50.9065,-1.4038",
		"Southampton,50.9,-1.4",
		",50.9,-1.4",
		"SO14 7LY,,",
		"SO14 7LZ,north,west",
		"SO14 7LB,-1.4,50.9",
		"SO14 7LD,40.7,-74.0",
		"SO14 7,50.9,-1.4",
		"SO14 7LE",
		"SO14 7LF,NaN,0",
		"so147du,50.9066,-1.4038",
	}, "\n"))
	dir := t.TempDir()
	sameReport(t, Report{
		Read: 11, Added: 1, Unchanged: 1, Rejected: 9,
		Faults: []Fault{
			{"ours.csv:3", `"Southampton" is not a UK postcode`},
			{"ours.csv:4", `"" is not a UK postcode`},
			{"ours.csv:5", "has no coordinates; fill in its latitude and longitude, or its easting and northing"},
			{"ours.csv:6", "has coordinates that are not numbers"},
			{"ours.csv:7", "is outside the UK; its latitude and longitude look swapped"},
			{"ours.csv:8", "is outside the UK; check its coordinates"},
			{"ours.csv:9", `"SO14 7" is only part of a postcode; give it whole, or its first half alone`},
			{"ours.csv:10", "has no coordinates; fill in its latitude and longitude, or its easting and northing"},
			{"ours.csv:11", "has coordinates that are not numbers"},
		},
		Notes: []string{"1 rows repeat a postcode of the same source; the last of each was taken"},
	}, imported(t, dir, src, Options{}))
	have, err := geo.ReadPostcodes(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(have.Units) != 1 || have.Units[0].Point() != geo.LatLon(50.9066, -1.4038) {
		t.Errorf("of a postcode given twice the last is taken, got %+v", have.Units)
	}
	r := imported(t, t.TempDir(), src, Options{MaxFaults: 2})
	if len(r.Faults) != 2 || r.Rejected != 9 || r.Notes[len(r.Notes)-1] != "only the first 2 of 9 faults are listed" {
		t.Errorf("faults beyond the limit: %d listed of %d, notes %q", len(r.Faults), r.Rejected, r.Notes)
	}
}

// A second source adds its own and replaces what it knows better; the rest
// stays.
func TestASecondSourceIsLaidOverTheFirst(t *testing.T) {
	dir := t.TempDir()
	imported(t, dir, put(t, "first.csv", "postcode,lat,long,town,region\nSO14 7DU,50.1,-1.4,,\nSO14 7LY,50.2,-1.4,,\nSO14,50.9,-1.4,Southampton,Hampshire\n"), Options{})
	r := imported(t, dir, put(t, "second.csv", "postcode,lat,long\nSO14 7LY,50.3,-1.4\nSO14 7DU,50.1,-1.4\nAB10 1AB,57.1,-2.1\nSO14,50.91,-1.4\n"), Options{})
	sameReport(t, Report{Read: 4, Added: 1, Changed: 2, Unchanged: 1}, r)
	have, err := geo.ReadPostcodes(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range have.Units {
		got = append(got, u.Code.String())
	}
	if diff := cmp.Diff([]string{"AB10 1AB", "SO14 7DU", "SO14 7LY"}, got); diff != "" {
		t.Error(diff)
	}
	if have.Units[2].Point() != geo.LatLon(50.3, -1.4) {
		t.Errorf("SO14 7LY stayed at %v", have.Units[2].Point())
	}
	if d := have.Districts[0]; d.Town != "Southampton" || d.Point() != geo.LatLon(50.91, -1.4) {
		t.Errorf("coordinates alone took the town away, or were not taken: %+v", d)
	}
}

// What changes nothing writes nothing, and a dry run writes nothing at all.
func TestNothingIsWrittenInVain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "geo")
	src := put(t, "ours.csv", "postcode,lat,long\nSO14 7DU,50.9,-1.4\n")
	sameReport(t, Report{Read: 1, Added: 1}, imported(t, dir, src, Options{DryRun: true}))
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Fatalf("a dry run made %s: %v", dir, err)
	}
	imported(t, dir, src, Options{})
	file := filepath.Join(dir, geo.PostcodesFile)
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	sameReport(t, Report{Read: 1, Unchanged: 1}, imported(t, dir, src, Options{}))
	after, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) {
		t.Error("the file was replaced by the same")
	}
}

func TestPostcodesOfOpenNames(t *testing.T) {
	src := putZip(t, "opname_csv_gb.zip", member{"Data/SU40.csv", openNamesRow("SO14 7DU", "other", "Postcode", "442000", "112000", "", "") +
		openNamesRow("Southampton", "populatedPlace", "City", "442000", "112000", "City of Southampton", "")})
	dir := t.TempDir()
	sameReport(t, Report{Read: 2, Added: 1, Skipped: 1,
		Notes: []string{"1 rows are names of other things than postcodes; import them with `hereabouts import places`"}}, imported(t, dir, src, Options{}))
}

func TestSourcesThatAreNotPostcodes(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ src, want string }{
		"another table": {put(t, "walks.csv", "title,day\nWalk,Tuesday\n"), `walks.csv has no column for a postcode and its coordinates: its first row is "title, day"`},
		"empty":         {put(t, "empty.csv", ""), "empty.csv is empty"},
		"not there":     {filepath.Join(dir, "nowhere.csv"), "opening the source"},
		"an empty zip":  {putZip(t, "none.zip", member{"a.pdf", "x"}, member{"b.pdf", "x"}), "no postcode table was found"},
		"a broken gzip": {put(t, "bad.csv.gz", gzipped(t, onspd)[:90]), "unexpected EOF"},
		"a broken zip":  {put(t, "bad.zip", "PK\x03\x04nothing more"), "bad.zip is not a zip that can be read"},
	} {
		_, err := Postcodes(context.Background(), c.src, dir, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("a failed import left %v", entries)
	}
}

func TestReportIsJSON(t *testing.T) {
	r := imported(t, t.TempDir(), put(t, "ours.csv", "postcode,lat,long\nSO14 7DU,50.9,-1.4\nX,1,2\n"), Options{})
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"read":2,"added":1,"changed":0,"unchanged":0,"skipped":0,"rejected":1,"faults":[{"at":"ours.csv:3","reason":"\"X\" is not a UK postcode"}],"notes":[]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func FuzzPostcodes(f *testing.F) {
	f.Add([]byte(onspd))
	f.Add([]byte(`"SO147DU",10,442000,112000,"E92000001"` + "\n"))
	f.Add([]byte("name\tdistrict\tkind\tlat\tlon\nAL8\tWelwyn Hatfield\t\t51.79\t-0.21\n"))
	f.Add([]byte("postcode;lat;long\nSO14 7DU;50.9;-1.4\n\"unclosed"))
	f.Fuzz(fuzzImport("x.csv", Postcodes))
}

// fuzzImport checks that any file is either refused or accounted for, and that
// importing it again changes nothing.
func fuzzImport(name string, run func(context.Context, string, string, Options) (Report, error)) func(*testing.T, []byte) {
	return func(t *testing.T, data []byte) {
		src, dir := put(t, name, string(data)), t.TempDir()
		r, err := run(context.Background(), src, dir, Options{})
		if err != nil {
			return
		}
		if sum := r.Added + r.Changed + r.Unchanged + r.Skipped + r.Rejected; sum != r.Read {
			t.Fatalf("%d were read and %d accounted for", r.Read, sum)
		}
		again, err := run(context.Background(), src, dir, Options{})
		if err != nil || again.Added+again.Changed > 0 || again.Read != r.Read {
			t.Fatalf("a second import: %+v, %v", again, err)
		}
	}
}
