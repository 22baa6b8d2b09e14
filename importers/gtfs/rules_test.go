package gtfs

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"hereabouts/geo/transit"
)

var update = flag.Bool("update", false, "write the golden files anew, to be read before they are committed")

// base is a feed without a fault; each case replaces some of its tables.
func base(t testing.TB) map[string]string {
	t.Helper()
	a, err := txtar.ParseFile("testdata/base.txtar")
	if err != nil {
		t.Fatal(err)
	}
	m := tables(a)
	delete(m, "result")
	return m
}

func tables(a *txtar.Archive) map[string]string {
	m := map[string]string{}
	for _, f := range a.Files {
		m[f.Name] = string(f.Data)
	}
	return m
}

// folder writes tables down.
func folder(t testing.TB, tables map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "feed")
	for name, text := range tables {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Each file of testdata is one rule: the tables that differ from the feed of
// base.txtar, and the whole report and feed that come of them. The comment
// says what should happen. A line of it that begins with "without" takes a
// table away, and one with "option" sets one.
func TestRules(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			source, o := base(t), Options{Now: noon}
			maps.Copy(source, tables(a))
			want := source["result"]
			delete(source, "result")
			for line := range strings.Lines(string(a.Comment)) {
				words := strings.Fields(line)
				switch {
				case len(words) == 2 && words[0] == "without":
					delete(source, words[1])
				case len(words) > 1 && words[0] == "option":
					setOption(t, &o, words[1:])
				}
			}
			got := outcome(t, source, o)
			if *update {
				a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == "result" })
				a.Files = append(a.Files, txtar.File{Name: "result", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func setOption(t *testing.T, o *Options, words []string) {
	t.Helper()
	number := func() int {
		n, err := strconv.Atoi(words[1])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	switch words[0] {
	case "raw_frequencies":
		o.RawFrequencies = true
	case "max_stop_times":
		o.MaxStopTimes = number()
	case "max_transfers":
		o.MaxTransfers = number()
	case "now":
		now, err := time.Parse(time.DateOnly, words[1])
		if err != nil {
			t.Fatal(err)
		}
		o.Now = func() time.Time { return now.Add(12 * time.Hour) }
	default:
		t.Fatalf("no option %s", words[0])
	}
}

// outcome is everything that comes of a feed, as text.
func outcome(t *testing.T, source map[string]string, o Options) string {
	t.Helper()
	f, rep, err := Read(context.Background(), folder(t, source), o)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	var b bytes.Buffer
	if _, err := rep.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if err := transit.Save(t.TempDir(), f); err != nil {
		t.Errorf("the feed cannot be stored: %v", err)
	}
	checkCounts(t, f, rep)
	dump(&b, f)
	return b.String()
}

// checkCounts checks that nothing is lost without being counted.
func checkCounts(t testing.TB, f *transit.Feed, rep Report) {
	t.Helper()
	runs := map[string]int{}
	times := 0
	for i := range f.Trips {
		trip := &f.Trips[i]
		if runs[trip.ID]++; runs[trip.ID] == 1 {
			times += len(trip.Times)
		}
	}
	if want := len(runs) + rep.LeftOut.Trips; rep.Read.Trips != want {
		t.Errorf("%d trips read, %d kept or left out", rep.Read.Trips, want)
	}
	if want := times + rep.LeftOut.StopTimes; rep.Read.StopTimes != want {
		t.Errorf("%d stop times read, %d kept or left out", rep.Read.StopTimes, want)
	}
	if want := len(f.Stops) + rep.LeftOut.Stops; rep.Read.Stops != want {
		t.Errorf("%d stops read, %d kept or left out", rep.Read.Stops, want)
	}
	if want := len(f.Routes) + rep.LeftOut.Routes; rep.Read.Routes != want {
		t.Errorf("%d routes read, %d kept or left out", rep.Read.Routes, want)
	}
}

// dump writes a feed for people to read.
func dump(w io.Writer, f *transit.Feed) {
	fmt.Fprintf(w, "%s by %s, %s, version %q, %s, %s to %s\n", f.Name, f.Publisher, f.URL, f.Version, f.Zone, f.First, f.Last)
	for _, s := range f.Stops {
		fmt.Fprintf(w, "stop %s %q", s.ID, s.Name)
		if s.Code != "" {
			fmt.Fprintf(w, " code %s", s.Code)
		}
		if s.Station != "" {
			fmt.Fprintf(w, " in %s", s.Station)
		}
		fmt.Fprintf(w, " at %v,%v wheelchair %d\n", s.Lat, s.Lon, s.Wheelchair)
	}
	for _, r := range f.Routes {
		fmt.Fprintf(w, "route %s %q by %q, %s\n", r.ID, r.Name, r.Operator, r.Mode)
	}
	for i := range f.Services {
		var days []string
		for d := f.First; d <= f.Last; d++ {
			if f.On(i, d) {
				days = append(days, d.String())
			}
		}
		if n := len(days); n > 12 {
			days = append(append(days[:3:3], fmt.Sprintf("… %d more …", n-4)), days[n-1])
		}
		fmt.Fprintf(w, "service %d: %s\n", i, strings.Join(days, " "))
	}
	for _, t := range f.Trips {
		fmt.Fprintf(w, "trip %s on %s, service %d, to %q, wheelchair %d:", t.ID, f.Routes[t.Route].ID, t.Service, t.Headsign, t.Wheelchair)
		for _, at := range t.Times {
			fmt.Fprintf(w, " %s %s", f.Stops[at.Stop].ID, clockOf(at.Arrive))
			if at.Depart != at.Arrive {
				fmt.Fprintf(w, "-%s", clockOf(at.Depart))
			}
			if at.Pickup != 0 {
				fmt.Fprintf(w, " pickup %d", at.Pickup)
			}
			if at.DropOff != 0 {
				fmt.Fprintf(w, " drop-off %d", at.DropOff)
			}
		}
		fmt.Fprintln(w)
	}
	for _, x := range f.Transfers {
		fmt.Fprintf(w, "transfer %s to %s, type %d, %d s, rank %d", f.Stops[x.From].ID, f.Stops[x.To].ID, x.Type, x.Seconds, x.Rank)
		for _, n := range []struct {
			what string
			i    int32
		}{{"from route", x.FromRoute}, {"to route", x.ToRoute}} {
			if n.i >= 0 {
				fmt.Fprintf(w, ", %s %s", n.what, f.Routes[n.i].ID)
			}
		}
		for _, n := range []struct {
			what string
			i    int32
		}{{"from trip", x.FromTrip}, {"to trip", x.ToTrip}} {
			if n.i >= 0 {
				fmt.Fprintf(w, ", %s %s (%d)", n.what, f.Trips[n.i].ID, n.i)
			}
		}
		fmt.Fprintln(w)
	}
}

func clockOf(s int32) string { return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60) }
