package gtfs

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"hereabouts/geo/transit"
	"hereabouts/importers"
)

// Whatever tables hold, there is an error that names what is wrong or a feed
// that holds together and accounts for every row.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		m := base(f)
		maps.Copy(m, tables(a))
		f.Add(m["agency.txt"], m["feed_info.txt"], m["calendar.txt"], m["calendar_dates.txt"], m["routes.txt"],
			m["stops.txt"], m["trips.txt"], m["stop_times.txt"], m["frequencies.txt"], m["transfers.txt"], false)
	}
	path := filepath.Join(f.TempDir(), strconv.Itoa(os.Getpid())+".zip")
	f.Fuzz(func(t *testing.T, agency, info, calendar, dates, routes, stops, trips, times, frequencies, transfers string, raw bool) {
		source := map[string]string{}
		for i, text := range []string{agency, info, calendar, dates, routes, stops, trips, times, frequencies, transfers} {
			if text != "" {
				source[filesRead[i]] = text
			}
		}
		if err := os.WriteFile(path, pack(t, source), 0o600); err != nil {
			t.Fatal(err)
		}
		feed, rep, err := Read(context.Background(), path, Options{
			Name: "fuzz", Now: noon, RawFrequencies: raw, MaxStopTimes: 5000, MaxTransfers: 500,
			Limits: importers.Limits{Expanded: 4 << 20},
		})
		if err != nil {
			if s := err.Error(); !strings.HasPrefix(s, "gtfs: ") && !strings.HasPrefix(s, "importers: ") {
				t.Errorf("an error that does not say where: %v", err)
			}
			return
		}
		if err := sound(feed, rep); err != nil {
			t.Error(err)
		}
		checkCounts(t, feed, rep)
		if _, err := rep.WriteTo(io.Discard); err != nil {
			t.Error(err)
		}
	})
}

// pack makes an archive of tables.
func pack(t testing.TB, tables map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = io.WriteString(w, tables[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sound reports what in a feed does not hold together.
func sound(f *transit.Feed, rep Report) error {
	if !transit.ValidName(f.Name) || f.Zone == "" || f.Last < f.First || len(f.Trips) == 0 {
		return fmt.Errorf("%q in %q, %s to %s, %d trips", f.Name, f.Zone, f.First, f.Last, len(f.Trips))
	}
	if _, err := time.LoadLocation(f.Zone); err != nil {
		return err
	}
	ids := map[string]bool{}
	for _, s := range f.Stops {
		if s.ID == "" || ids[s.ID] || s.Name == "" || !utf8.ValidString(s.ID+s.Name+s.Code+s.Station) || strings.ContainsAny(s.Name+s.Code, "\r\n") {
			return fmt.Errorf("stop %+v", s)
		}
		if !(math.Abs(s.Lat) <= 90 && math.Abs(s.Lon) <= 180) || s.Wheelchair > transit.AccessNo {
			return fmt.Errorf("stop %+v", s)
		}
		ids[s.ID] = true
	}
	clear(ids)
	for _, r := range f.Routes {
		if r.ID == "" || ids[r.ID] || r.Name == "" || !utf8.ValidString(r.ID+r.Name+r.Operator) || r.Mode > transit.Ferry {
			return fmt.Errorf("route %+v", r)
		}
		ids[r.ID] = true
	}
	for _, s := range f.Services {
		if len(s.Days) != int(f.Last-f.First)/64+1 {
			return fmt.Errorf("service of %d words for %s to %s", len(s.Days), f.First, f.Last)
		}
	}
	runs := 0
	for i := range f.Services {
		for d := f.First; d <= f.Last; d++ {
			if f.On(i, d) {
				runs++
			}
		}
		// No day beyond the last is set.
		if over := f.Services[i].Days[len(f.Services[i].Days)-1] >> (int(f.Last-f.First) & 63) >> 1; over != 0 {
			return fmt.Errorf("service %d runs beyond %s", i, f.Last)
		}
	}
	if runs == 0 {
		return errors.New("nothing ever runs")
	}
	calls := make([]bool, len(f.Stops))
	for i := range f.Trips {
		t := &f.Trips[i]
		if t.ID == "" || int(t.Route) >= len(f.Routes) || int(t.Service) >= len(f.Services) || len(t.Times) < 2 || t.Wheelchair > transit.AccessNo || !utf8.ValidString(t.ID+t.Headsign) {
			return fmt.Errorf("trip %+v", *t)
		}
		last := int32(0)
		for _, at := range t.Times {
			if int(at.Stop) >= len(f.Stops) || at.Arrive < last || at.Depart < at.Arrive || at.Pickup > transit.AskTheDriver || at.DropOff > transit.AskTheDriver {
				return fmt.Errorf("trip %+v", *t)
			}
			last = at.Depart
			calls[at.Stop] = true
		}
	}
	if i := slices.Index(calls, false); i >= 0 {
		return fmt.Errorf("nothing calls at stop %+v", f.Stops[i])
	}
	for _, x := range f.Transfers {
		if int(x.From) >= len(f.Stops) || int(x.To) >= len(f.Stops) || int(x.FromRoute) >= len(f.Routes) || int(x.ToRoute) >= len(f.Routes) ||
			int(x.FromTrip) >= len(f.Trips) || int(x.ToTrip) >= len(f.Trips) || x.Type > transit.Forbidden {
			return fmt.Errorf("transfer %+v", x)
		}
	}
	for _, w := range rep.Warnings {
		if w.Code == "" || w.File == "" || w.Detail == "" || w.Count < 1 || w.Line > 0 && w.Lines[0] != w.Line || !utf8.ValidString(w.Detail) {
			return fmt.Errorf("warning %+v", w)
		}
	}
	return nil
}

// Whatever is said to be an archive, nothing panics.
func FuzzSource(f *testing.F) {
	f.Add(pack(f, base(f)))
	f.Add([]byte("PK\x05\x06"))
	f.Add([]byte("\x1f\x8b"))
	path := filepath.Join(f.TempDir(), strconv.Itoa(os.Getpid())+".zip")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		feed, rep, err := Read(context.Background(), path, Options{Name: "fuzz", Now: noon, MaxStopTimes: 5000, Limits: importers.Limits{Expanded: 4 << 20}})
		if err == nil {
			err = sound(feed, rep)
			if err != nil {
				t.Error(err)
			}
		}
	})
}

// A table as the standard library writes it is read as it reads it.
func FuzzTable(f *testing.F) {
	f.Add("id,name\nA,\"Al\"\"der\nGreen\"\n", byte(7))
	f.Add("a,b\r\n\"1\",\"2\"x\n,\n\"", byte(1))
	f.Add("\ufeffa,b\r1,2\r", byte(255))
	f.Fuzz(func(t *testing.T, text string, chunk byte) {
		var report Report
		got := cellsOf(t, text, int(chunk)+1, &report)
		// The same again in one piece: where reads end makes no difference.
		var whole Report
		if again := cellsOf(t, text, 1<<20, &whole); !slices.EqualFunc(got, again, slices.Equal) {
			t.Fatalf("in pieces of %d: %q, whole: %q", int(chunk)+1, got, again)
		}
		for _, row := range got {
			for _, cell := range row {
				if strings.ContainsAny(cell, "\r\n") || !utf8.ValidString(cell) {
					t.Fatalf("cell %q", cell)
				}
			}
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.WriteAll(got); err != nil {
			t.Fatal(err)
		}
		again := cellsOf(t, "x,y,z\n"+b.String(), 1<<20, &Report{})
		got = slices.DeleteFunc(got, func(row []string) bool { return strings.Join(row, "") == "" })
		if !slices.EqualFunc(got, again, slices.Equal) {
			t.Fatalf("written and read again: %q, want %q", again, got)
		}
	})
}

// cellsOf reads three columns of a table that comes in pieces.
func cellsOf(t *testing.T, text string, piece int, report *Report) [][]string {
	src := io.NopCloser(&pieces{text, piece})
	tab := &table{ctx: context.Background(), file: "fuzz.txt", report: report, src: src, r: src, buf: make([]byte, bufferBytes), eol: '\n', nextLine: 1, columns: []string{"x", "y", "z"}}
	if err := tab.begin(); err != nil {
		return nil
	}
	if tab.at == nil {
		return nil
	}
	tab.at = []int{0, 1, 2}
	var rows [][]string
	for tab.next() {
		rows = append(rows, []string{tab.text(0), tab.text(1), tab.text(2)})
	}
	return rows
}

// pieces gives a text a piece at a time.
type pieces struct {
	rest  string
	piece int
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.rest == "" {
		return 0, io.EOF
	}
	n := copy(b, p.rest[:min(p.piece, len(p.rest))])
	p.rest = p.rest[n:]
	return n, nil
}

func FuzzSeconds(f *testing.F) {
	for _, s := range []string{"08:00:00", "8:00:00", "24:59:59", "168:00:00", "169:00:00", "08:60:00", "8:0:0", "-1:00:00", "", "::", "é8:00:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := seconds([]byte(s))
		if !ok {
			return
		}
		again := fmt.Sprintf("%d:%02d:%02d", got/3600, got/60%60, got%60)
		if strings.TrimLeft(s, "0") != strings.TrimLeft(again, "0") {
			t.Errorf("%q is %q", s, again)
		}
	})
}

func FuzzDay(f *testing.F) {
	for _, s := range []string{"20250715", "20240229", "20250229", "00000000", "99991231", "2025-7-15", "19700101"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := day([]byte(s))
		want, err := time.Parse("20060102", s)
		if wantOK := err == nil && want.Year() >= 1900; ok != wantOK {
			t.Fatalf("%q: %v, want %v", s, ok, wantOK)
		}
		if ok && got.String() != want.Format(time.DateOnly) {
			t.Errorf("%q is %s", s, got)
		}
	})
}

func FuzzNumbers(f *testing.F) {
	for _, s := range []string{"0", "51.5", "-1e3", "1e999", "NaN", "0x1p4", "2147483647", "2147483648", "1,5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, ok := degrees([]byte(s)); ok {
			if want, err := strconv.ParseFloat(s, 64); err != nil || v != want || math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%q is %v", s, v)
			}
		}
		if n, ok := whole([]byte(s)); ok {
			if want, err := strconv.ParseInt(s, 10, 32); err != nil || n != int(want) {
				t.Errorf("%q is %d", s, n)
			}
		}
	})
}
