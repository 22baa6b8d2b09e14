package naptan

import (
	"archive/zip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hereabouts/geo/transit"
	"hereabouts/importers"
)

func TestNamesArePlainWords(t *testing.T) {
	for _, c := range []struct{ common, indicator, want string }{
		{"Hanover Buildings", "CU", "Hanover Buildings (stop CU)"},
		{"Hanover Buildings", "Stop CU", "Hanover Buildings (stop CU)"},
		{"Hanover Buildings", "(Stop CU)", "Hanover Buildings (stop CU)"},
		{"Hanover Buildings", "", "Hanover Buildings"},
		{"Civic  Centre ", " A1 ", "Civic Centre (stop A1)"},
		{"Gloucester Green Bus Station", "Bay 2", "Gloucester Green Bus Station (bay 2)"},
		{"Bus Station", "Bus Stand C", "Bus Station (stand C)"},
		{"Interchange", "Stance 12", "Interchange (stance 12)"},
		{"Sale", "Platform 2", "Sale (platform 2)"},
		{"The Red Lion", "opp", "The Red Lion (opposite)"},
		{"The Red Lion", "O/S", "The Red Lion (outside)"},
		{"Church Lane", "adj", "Church Lane (beside)"},
		{"Church Lane", "opp 25", "Church Lane (opposite 25)"},
		{"Church Lane", "nr. the pond", "Church Lane (near the pond)"},
		{"High Street", "NE-bound", "High Street (north-eastbound)"},
		{"High Street", "Sbound", "High Street (southbound)"},
		{"High Street", "NB", "High Street (northbound)"},
		{"High Street", "W bound", "High Street (westbound)"},
		{"High Street", "->SW", "High Street (south-westbound)"},
		{"High Street", "North-bound", "High Street (northbound)"},
		{"High Street", "inbound", "High Street (inbound)"},
		{"High Street", "twds town", "High Street (towards town)"},
		{"High Street", "at", "High Street"},
		{"High Street", "---", "High Street"},
		{"Above Bar [AC]", "AC", "Above Bar [AC]"},
		{"Above Bar (Stop AC)", "Stop AC", "Above Bar (Stop AC)"},
		{"Entrance", "entrance", "Entrance"},
		{"School", "Main Gate", "School (Main Gate)"},
		{"", "Stop A", ""},
	} {
		if got := nameOf(c.common, c.indicator); got != c.want {
			t.Errorf("%q, %q: got %q, want %q", c.common, c.indicator, got, c.want)
		}
	}
}

func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const header = "ATCOCode,NaptanCode,CommonName,ShortCommonName,Street,Indicator,LocalityName,Longitude,Latitude,StopType,BusStopType,Modification,Status\n"

func TestRead(t *testing.T) {
	text := "\ufeff" + header +
		`1980SN12619A,sotgja,Hanover Buildings,,Hanover Buildings,Stop CU,Southampton,-1.4,50.9,BCT,MKD,new,active
1980HAA1,,"The Firs, Gate 2",,The Firs,opp,Bassett,-1.41,50.91,BCT,CUS,new,act
1980HAA2,,Romsey Road,,,,Ower,-1.42,50.92,BCT,HAR,new,inactive
1980HAA3,,,Ower Green,,adj,Ower,-1.42,50.93,bct,FLX,delete,
,,No Code,,,,Ower,,,BCT,MKD,,
1980HAA5,,,,,,Ower,,,BCT,MKD,,
1980HAA2,,Romsey Road again,,,,Ower,-1.42,50.92,BCT,MKD,revise,active
1980HAA1,,Later,,,,Ower,-1.42,50.92,BCT,MKD,revise,inactive

9100SOTON,,Southampton Central Rail Station,,,,Southampton,-1.4,50.9,RLY,,,act
`
	stops, rep, err := Read(context.Background(), write(t, "Stops.csv", text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []transit.NamedStop{
		{ID: "1980SN12619A", Name: "Hanover Buildings (stop CU)", Locality: "Southampton", Kind: "BCT"},
		{ID: "1980HAA1", Name: "The Firs, Gate 2 (opposite)", Locality: "Bassett", Kind: "BCT", Vague: true},
		{ID: "1980HAA2", Name: "Romsey Road again", Locality: "Ower", Kind: "BCT"},
		{ID: "1980HAA3", Name: "Ower Green (beside)", Locality: "Ower", Kind: "BCT", Vague: true},
		{ID: "9100SOTON", Name: "Southampton Central Rail Station", Locality: "Southampton", Kind: "RLY"},
	}
	if d := cmp.Diff(want, stops); d != "" {
		t.Error(d)
	}
	wantReport := Report{
		Read: 9, Named: 5, Repeated: 2, Rejected: 2, Inactive: 1, Vague: 2,
		Faults: []Fault{
			{"Stops.csv:6", "ATCOCode is empty, so no timetable can refer to the stop"},
			{"Stops.csv:7", "stop 1980HAA5 has no CommonName"},
		},
		Notes: []string{},
	}
	if d := cmp.Diff(wantReport, rep); d != "" {
		t.Error(d)
	}
	var b strings.Builder
	if _, err := rep.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	const wantText = `read 9, named 5 stops, 1 not in use, 2 without a marked place, 2 repeated, 2 rejected
Stops.csv:6: ATCOCode is empty, so no timetable can refer to the stop
Stops.csv:7: stop 1980HAA5 has no CommonName
`
	if d := cmp.Diff(wantText, b.String()); d != "" {
		t.Error(d)
	}
}

// What is read can be stored and found again.
func TestReadCanBeStored(t *testing.T) {
	stops, _, err := Read(context.Background(), write(t, "Stops.csv", header+"1,,A,,,,,,,BCT,HAR,,\n2,,B,,,,X,,,,,,\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, ok := transit.NewStopNames(stops).Find("1")
	if want := (transit.NamedStop{ID: "1", Name: "A", Kind: "BCT", Vague: true}); !ok || got != want {
		t.Errorf("got %v %v", got, ok)
	}
}

func TestQuotesAndEncodings(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"Windows-1252", "ATCOCode,CommonName\n1,Caf\xe9\n", "Café"},
		{"UTF-16", "\xff\xfeA\x00T\x00C\x00O\x00C\x00o\x00d\x00e\x00,\x00C\x00o\x00m\x00m\x00o\x00n\x00N\x00a\x00m\x00e\x00\n\x001\x00,\x00B\x00\n\x00", "B"},
		{"CR LF and spaces", " ATCO Code , Common Name \r\n 1 , B \r\n", "B"},
		{"short row", "ATCOCode,CommonName,Indicator\n1,B\n", "B"},
		{"line break in a value", "ATCOCode,CommonName\n1,\"B\nC\"\n", "B C"},
		{"other spellings", "atco_code,common_name\n1,B\n", "B"},
		{"quote that is wrong", "ATCOCode,CommonName\n2,\"X\"y\n1,B\n", "B"},
	} {
		stops, _, err := Read(context.Background(), write(t, "table.csv", c.text), Options{})
		if err != nil || len(stops) != 1 || stops[0].Name != c.want || stops[0].ID != "1" {
			t.Errorf("%s: got %v, %v", c.name, stops, err)
		}
	}
}

func TestAWrongQuoteIsReportedWithItsLines(t *testing.T) {
	_, rep, err := Read(context.Background(), write(t, "table.csv", "ATCOCode,CommonName\n1,B\n2,\"X\n3,C\n4,D\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Fault{{"table.csv:3", `a quote is wrong on line 5 (extraneous or missing " in quoted-field): put quotes in pairs around a value; the rows up to there were left out`}}
	if d := cmp.Diff(want, rep.Faults); d != "" || rep.Rejected != 1 {
		t.Error(d, rep.Rejected)
	}
}

// The register's zip holds other tables with ATCO codes and names.
func TestOfSeveralTablesStopsIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "naptan.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for name, text := range map[string]string{
		"AlternativeDescriptors.csv": "AtcoCode,CommonName\n1,Wrong\n",
		"Areas.csv":                  "StopAreaCode,Name\n1,Wrong\n",
		"Stops.csv":                  "ATCOCode,CommonName\n1,Right\n",
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	stops, _, err := Read(context.Background(), path, Options{})
	if err != nil || len(stops) != 1 || stops[0].Name != "Right" {
		t.Errorf("got %v, %v", stops, err)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"no codes", "stations.csv", "name,lat\nSale,1\n", "naptan: stations.csv has no ATCOCode and CommonName (its columns are name, lat): give the Stops.csv of NaPTAN"},
		{"empty", "Stops.csv", "", "naptan: Stops.csv has no ATCOCode and CommonName (its columns are none that can be read): give the Stops.csv of NaPTAN"},
		{"no rows", "Stops.csv", header, "naptan: Stops.csv names no stop: it has no rows; download it again"},
		{"nothing usable", "Stops.csv", header + ",,A,,,,,,,,,,\n", "naptan: Stops.csv names no stop: Stops.csv:2: ATCOCode is empty, so no timetable can refer to the stop"},
		{"not a layer", "stops.geojson", "[]", "naptan: stops.geojson has no ATCOCode and CommonName (its columns are none: it is not a GeoJSON of features): give the Stops.csv of NaPTAN"},
		{"broken layer", "stops.geojson", `{"features":[{"properties":{"atco_code":"1","common_name":"A"}},{]}`, "naptan: stops.geojson: feature 2: invalid character ']' looking for beginning of object key string: download the file again"},
	} {
		_, _, err := Read(context.Background(), write(t, c.file, c.text), Options{})
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\ngot  %v\nwant %s", c.name, err, c.want)
		}
	}
	if _, _, err := Read(context.Background(), filepath.Join(t.TempDir(), "none.csv"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	big := write(t, "Stops.csv", header+strings.Repeat("1,,A,,,,,,,,,,\n", 1000))
	if _, _, err := Read(context.Background(), big, Options{Limits: importers.Limits{Expanded: 1000}}); !errors.Is(err, importers.ErrTooBig) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Read(ctx, big, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// The real tables made of the register, one of which has lost where its stops
// are.
func TestRealStops(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data", "stops")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the real stops are not here")
	}
	table, rep, err := Read(context.Background(), filepath.Join(dir, "trafford-bus-stops.csv"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Read != 1025 || rep.Named+rep.Repeated != 1025 || rep.Rejected != 0 {
		t.Errorf("got %s", rep.String())
	}
	if len(rep.Notes) != 1 || !strings.HasPrefix(rep.Notes[0], "all 1025 rows say that they are at one place (-2.36572,53.41671)") {
		t.Errorf("the lost places are not noted: %q", rep.Notes)
	}
	layer, _, err := Read(context.Background(), filepath.Join(dir, "trafford-bus-stops.geojson"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(table, layer); d != "" {
		t.Errorf("the table and the layer name their stops differently: %s", d)
	}
	if table[0] != (transit.NamedStop{ID: "1800SJ47601", Name: "Abington Road", Locality: "Trafford"}) {
		t.Errorf("got %+v", table[0])
	}
	for _, other := range []string{"trafford-metrolink-stops.csv", "trafford-bus-routes.geojson.gz"} {
		if _, _, err := Read(context.Background(), filepath.Join(dir, other), Options{}); err == nil || !strings.Contains(err.Error(), "has no ATCOCode and CommonName") {
			t.Errorf("%s: got %v", other, err)
		}
	}
}

// Whatever a table holds, every row is accounted for, and what is named has an
// id and a name that can be stored.
func FuzzRead(f *testing.F) {
	f.Add([]byte(header+"1,,A,,,opp,X,1,2,BCT,HAR,,act\n"), false)
	f.Add([]byte("ATCOCode,CommonName\n1,\"B\n2,\"C\"d\n"), false)
	f.Add([]byte("\xff\xfeA\x00"), false)
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"properties":{"atco_code":"1","common_name":"A","n":1}}]}`), true)
	f.Fuzz(func(t *testing.T, text []byte, layer bool) {
		name := "table.csv"
		if layer {
			name = "layer.geojson"
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		stops, rep, err := Read(context.Background(), path, Options{Limits: importers.Limits{Expanded: 1 << 20}})
		if err != nil {
			return
		}
		if rep.Read != rep.Named+rep.Repeated+rep.Rejected || rep.Named != len(stops) {
			t.Errorf("rows are lost: %+v", rep)
		}
		for _, s := range stops {
			if s.ID == "" || s.Name == "" {
				t.Errorf("got %+v", s)
			}
		}
		if n := transit.NewStopNames(stops).Len(); n != len(stops) {
			t.Errorf("stored %d of %d", n, len(stops))
		}
	})
}

func FuzzName(f *testing.F) {
	f.Add("Hanover Buildings", "Stop CU")
	f.Add("", "->")
	f.Fuzz(func(t *testing.T, common, indicator string) {
		got := nameOf(common, indicator)
		if plain := strings.Join(strings.Fields(common), " "); !strings.HasPrefix(got, plain) || plain == "" && got != "" {
			t.Errorf("%q, %q: %q", common, indicator, got)
		}
	})
}
