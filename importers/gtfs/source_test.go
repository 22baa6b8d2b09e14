package gtfs

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"hereabouts/importers"
)

// zipped writes tables into an archive, below a folder of it.
func zipped(t testing.TB, below string, tables map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "Feed (2025).zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for name, text := range tables {
		w, err := z.Create(below + name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// codes are the codes of a report's warnings.
func codes(r Report) []string {
	var list []string
	for _, w := range r.Warnings {
		list = append(list, w.Code)
	}
	return list
}

// A feed is the same however it is packed.
func TestSources(t *testing.T) {
	plain := base(t)
	want, wantReport, err := Read(context.Background(), folder(t, plain), Options{Name: "town", Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	packed := map[string]string{}
	for name, text := range plain {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := io.WriteString(z, text); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		packed[name+".gz"] = b.String()
	}
	spelt := map[string]string{}
	for name, text := range plain {
		spelt[strings.ToUpper(name)] = text
	}
	for _, c := range []struct {
		name, source string
		warnings     []string
	}{
		{"zip", zipped(t, "", plain), nil},
		{"zip with a folder", zipped(t, "feed/inner/", plain), []string{"invalid_input_files_in_subfolder"}},
		{"zip of a Mac", zipped(t, "", with(plain, "__MACOSX/._stops.txt", "x")), nil},
		{"folder of gzips", folder(t, packed), nil},
		{"folder with a folder", folder(t, with(plain, "old/notes.md", "x")), nil},
		{"capitals", folder(t, spelt), nil},
	} {
		f, rep, err := Read(context.Background(), c.source, Options{Name: "town", Now: noon})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if d := cmp.Diff(want, f); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		if d := cmp.Diff(c.warnings, codes(rep)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		if rep.Read != wantReport.Read {
			t.Errorf("%s: read %v", c.name, rep.Read)
		}
	}
}

// with is tables and a few more, name after text.
func with(tables map[string]string, more ...string) map[string]string {
	m := map[string]string{}
	for k, v := range tables {
		m[k] = v
	}
	for i := 0; i < len(more); i += 2 {
		m[more[i]] = more[i+1]
	}
	return m
}

func TestSourcesThatWillNotDo(t *testing.T) {
	plain := base(t)
	two := map[string]string{}
	for name, text := range plain {
		two["east/"+name], two["west/"+name] = text, text
	}
	broken := zipped(t, "", plain)
	b, err := os.ReadFile(broken)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(broken, b[:len(b)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	lone := filepath.Join(folder(t, plain), "stops.txt")
	for _, c := range []struct{ name, source, want string }{
		{"two feeds", folder(t, two), "holds 2 timetables (east, west): unpack it and import each folder on its own"},
		{"the same file twice", folder(t, with(plain, "STOPS.TXT", "x")), "holds stops.txt twice: leave only one of them"},
		{"names for a terminal", folder(t, map[string]string{"\x1b[2Ja/trips.txt": "x", "b/trips.txt": "x"}), "holds 2 timetables ([2Ja, b): unpack"},
		{"half a zip", broken, "zip: not a valid zip file"},
		{"one table", lone, "stops.txt holds no agency.txt (missing_required_file)"},
		{"an empty table", folder(t, with(plain, "trips.txt", "")), "gtfs: trips.txt is empty (empty_file): it needs a header and rows; ask the publisher for a whole feed"},
		{"an endless row", folder(t, with(plain, "stops.txt", plain["stops.txt"]+strings.Repeat("x", 1<<20))), "gtfs: stops.txt:6 is longer than 64 KiB"},
		{"an endless quoted row", folder(t, with(plain, "stops.txt", plain["stops.txt"]+`E,"`+strings.Repeat("x", 1<<20))), "gtfs: stops.txt:6 is longer than 64 KiB"},
	} {
		_, _, err := Read(context.Background(), c.source, Options{Now: noon})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
	if _, _, err := Read(context.Background(), filepath.Join(t.TempDir(), "none.zip"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// A zip that is a bomb, and a table that never ends, are given up.
func TestLimits(t *testing.T) {
	bomb := zipped(t, "", with(base(t), "stop_times.txt", "trip_id,stop_id,stop_sequence,arrival_time,departure_time\n"+strings.Repeat("T1,A,1,08:00:00,08:00:00\n", 1<<20)))
	for _, l := range []importers.Limits{{Expanded: 1 << 20}, {Ratio: 10}, {Entries: 3}, {Compressed: 100}} {
		if _, _, err := Read(context.Background(), bomb, Options{Limits: l}); !errors.Is(err, importers.ErrTooBig) {
			t.Errorf("%+v: got %v", l, err)
		}
	}
	for _, name := range []string{"calendar.txt", "calendar_dates.txt", "routes.txt", "stops.txt", "trips.txt", "frequencies.txt", "transfers.txt"} {
		endless := base(t)
		head, _, _ := strings.Cut(endless[name], "\n")
		if head == "" { // all that the base does not have
			head = "trip_id,start_time,end_time,headway_secs,from_stop_id,to_stop_id,service_id,date,exception_type"
		}
		endless[name] = head + strings.Repeat("\nx"+strings.Repeat(",x", strings.Count(head, ",")), 1000)
		if _, _, err := Read(context.Background(), folder(t, endless), Options{MaxRows: 900}); err == nil || !strings.Contains(err.Error(), name+":902: the table has more than 900 rows") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	many := base(t)
	many["stop_times.txt"] += strings.Repeat("T1,A,1,08:00:00,08:00:00\n", 1000)
	if _, _, err := Read(context.Background(), folder(t, many), Options{MaxRows: 900}); err != nil {
		t.Errorf("stop times are counted apart: %v", err)
	}
	if _, _, err := Read(context.Background(), bomb, Options{MaxStopTimes: 1000}); err == nil || !strings.Contains(err.Error(), "stop_times.txt:1002: the feed holds more than 1000 stop times") {
		t.Errorf("got %v", err)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Read(ctx, folder(t, base(t)), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestProgressEndsAtTheEnd(t *testing.T) {
	var done, total int64
	source := zipped(t, "", with(base(t), "shapes.txt", strings.Repeat("passed over", 1000)))
	if _, _, err := Read(context.Background(), source, Options{Progress: func(d, n int64) { done, total = d, n }}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(source)
	if err != nil {
		t.Fatal(err)
	}
	if done != info.Size() || total != info.Size() {
		t.Errorf("%d of %d, file of %d", done, total, info.Size())
	}
}

func TestNames(t *testing.T) {
	source := zipped(t, "", base(t))
	f, rep, err := Read(context.Background(), source, Options{Licence: "OGL", URL: "https://data.example/feed.zip", Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	if f.Name != "feed-2025" || rep.Feed != f.Name || f.Licence != "OGL" || f.URL != "https://data.example/feed.zip" || !f.ImportedAt.Equal(noon()) {
		t.Errorf("got %q %q %q %q %s", f.Name, rep.Feed, f.Licence, f.URL, f.ImportedAt)
	}
	_, _, err = Read(context.Background(), source, Options{Name: "Town Buses"})
	if want := `gtfs: "Town Buses" cannot be the name of a feed: use small letters, digits, dots and dashes, as in "town-buses"`; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestReportAsJSON(t *testing.T) {
	_, rep, err := Read(context.Background(), folder(t, with(base(t), "transfers.txt", "from_stop_id,to_stop_id\nA,Q\nA,R\n")), Options{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(rep)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"feed":"feed","publisher":"Example Buses","zone":"Europe/London","first":"2025-07-14","last":"2025-09-14","first_run":"2025-07-14","last_run":"2025-09-12",` +
		`"read":{"stops":4,"routes":2,"services":1,"trips":2,"stop_times":5,"transfers":2},"left_out":{"stops":0,"routes":0,"services":0,"trips":0,"stop_times":0,"transfers":2},` +
		`"kept":{"stops":4,"routes":2,"services":1,"trips":2,"stop_times":5,"transfers":0},"written_out":0,"filled_in":0,` +
		`"notes":["feed_info states no dates; the feed is valid for the days its calendars speak of, 2025-07-14 to 2025-09-14"],` +
		`"warnings":[{"code":"foreign_key_violation","file":"transfers.txt","line":2,"lines":[2,3],"count":2,"detail":"to_stop_id \"Q\" is not in stops.txt; the rule was left out","severity":"error"}]}`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
}

// A table reads the same whatever ends its lines and marks its start.
func TestTables(t *testing.T) {
	open := func(text string, report *Report) (*table, error) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "stops.txt"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		files, err := importers.OpenFiles(dir, importers.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { files.Close() })
		return openTable(context.Background(), files.All()[0], "stops.txt", report, "id", "name")
	}
	utf16le := func(s string) string {
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return string(b)
	}
	long := strings.Repeat("x", 60_000)
	for _, c := range []struct {
		name, text string
		want       string // line:id=name, one after another
		codes      []string
	}{
		{"plain", "id,name\nA,Alder\nB,Birch\n", "2:A=Alder 3:B=Birch", nil},
		{"no last line break", "id,name\nA,Alder\nB,Birch", "2:A=Alder 3:B=Birch", nil},
		{"CR LF", "id,name\r\nA,Alder\r\nB,Birch\r\n", "2:A=Alder 3:B=Birch", nil},
		{"CR", "id,name\rA,Alder\rB,Birch\r", "2:A=Alder 3:B=Birch", nil},
		{"byte order mark", "\ufeffid,name\nA,Alder", "2:A=Alder", nil},
		{"UTF-16", utf16le("id,name\nA,Älder"), "2:A=Älder", []string{"invalid_character"}},
		{"Windows-1252", "id,name\nA\xe9,Caf\xe9 \x96 bar", "2:Aé=Café – bar", []string{"invalid_character", "invalid_character"}},
		{"other order, other columns", "x,name,id\n1,Alder,A", "2:A=Alder", nil},
		{"missing column", "id\nA", "2:A=", nil},
		{"quotes", "\"id\",\"name\"\n\"A\",\"Alder, \"\"Green\"\"\"\n\"B\",\"\"", `2:A=Alder, "Green" 3:B=`, nil},
		{"quotes and CR LF", "id,name\r\n\"A\",\"Alder\"\r\nB,Birch\r\n", "2:A=Alder 3:B=Birch", nil},
		{"spaces and quotes", "id,name\nA, \"Alder, Green\" \n", "2:A=Alder, Green", nil},
		{"line break in quotes", "id,name\nA,\"Al\r\nder\"\nB,Birch", "2:A=Al der 4:B=Birch", []string{"new_line_in_value"}},
		{"quote within", "id,name\nA,6\" pipe\nB,Birch", `2:A=6" pipe 3:B=Birch`, []string{"csv_parsing_failed"}},
		{"text after a quote", "id,name\nA,\"Al\"der\nB,Birch", "2:A=Alder 3:B=Birch", []string{"csv_parsing_failed"}},
		{"unclosed", "id,name\nA,\"Alder\nB,Birch\nC,Cedar", "2:A=Alder 3:B=Birch 4:C=Cedar", []string{"csv_parsing_failed"}},
		{"unclosed, far from the end", "id,name\nA,\"Alder\n" + strings.Repeat("B,"+strings.Repeat("x", 1000)+"\n", 300), "2:A=Alder …", []string{"csv_parsing_failed"}},
		{"across the buffer", "id,name\nA," + long + "\nB," + long + "\nC," + long + "\nD," + long + "\nE,\"" + long + "\"\nF,Fern", "2:A=… 3:B=… 4:C=… 5:D=… 6:E=… 7:F=Fern", nil},
		{"blank lines", "\n\nid,name\n\nA,Alder\n\n\n", "5:A=Alder", nil},
		{"blank lines after the header", "id,name\n\nA,Alder\n\n  \n,\nB,Birch\n", "3:A=Alder 7:B=Birch", []string{"empty_row"}},
		{"short and long", "id,name\nA\nB,Birch,more\n", "2:A= 3:B=Birch", []string{"invalid_row_length", "invalid_row_length"}},
		{"spaces", " id , name \n A , Alder  Green \n", "2:A=Alder  Green", []string{"leading_or_trailing_whitespaces"}},
		{"no-break spaces", "id,name\n\u00a0A,Alder\n", "2:A=Alder", []string{"leading_or_trailing_whitespaces"}},
		{"header alone", "id,name", "", nil},
		{"nothing", "", "", nil},
	} {
		var report Report
		tab, err := open(c.text, &report)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for tab.next() {
			name := tab.text(1)
			if len(name) > 100 {
				name = "…"
			}
			got = append(got, fmt.Sprintf("%d:%s=%s", tab.line, tab.id(0), name))
		}
		if len(got) > 10 {
			got = []string{got[0], "…"}
		}
		if tab.err != nil {
			t.Errorf("%s: %v", c.name, tab.err)
		}
		if d := cmp.Diff(c.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		if d := cmp.Diff(c.codes, codes(report)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}
