package transit_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hereabouts/geo/transit"
	"hereabouts/importers/gtfs"
)

// zipped are the real timetables among the shared data, or skips the test
// where there are none.
func zipped(t testing.TB) []string {
	t.Helper()
	zips, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "gtfs", "*.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if len(zips) == 0 {
		t.Skip("the real timetables are not here")
	}
	return zips
}

// imported reads a zip as an import does.
func imported(t testing.TB, zip string) *transit.Feed {
	t.Helper()
	name := transit.SafeName(strings.TrimSuffix(filepath.Base(zip), ".zip"))
	f, _, err := gtfs.Read(t.Context(), zip, gtfs.Options{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Every real timetable comes back from its file to the last second.
func TestRealTimetablesComeBack(t *testing.T) {
	for _, zip := range zipped(t) {
		t.Run(filepath.Base(zip), func(t *testing.T) {
			dir, want := t.TempDir(), imported(t, zip)
			if err := transit.Save(dir, want); err != nil {
				t.Fatal(err)
			}
			got, err := transit.ReadFeed(transit.Path(dir, want.Name))
			if err != nil {
				t.Fatal(err)
			}
			// Trips are compared by hand: there are too many for cmp.
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(transit.Feed{}, "Trips")); diff != "" {
				t.Errorf("changed on the way (-saved +read):\n%s", diff)
			}
			if len(got.Trips) != len(want.Trips) {
				t.Fatalf("%d trips of %d", len(got.Trips), len(want.Trips))
			}
			for i := range want.Trips {
				a, b := &want.Trips[i], &got.Trips[i]
				if a.ID != b.ID || a.Route != b.Route || a.Service != b.Service || a.Headsign != b.Headsign ||
					a.Wheelchair != b.Wheelchair || !slices.Equal(a.Times, b.Times) {
					t.Fatalf("trip %d changed on the way: saved\n%+v\nread\n%+v", i, a, b)
				}
			}
			if !transit.Same(want, got) {
				t.Error("what was read back is not the same")
			}
		})
	}
}

// How long a server waits for a timetable, how large it is on disk beside the
// publisher's zip, and what it takes of memory.
func BenchmarkOpenTimetable(b *testing.B) {
	for _, zip := range zipped(b) {
		f := imported(b, zip)
		dir := b.TempDir()
		if err := transit.Save(dir, f); err != nil {
			b.Fatal(err)
		}
		b.Run(f.Name, func(b *testing.B) {
			for b.Loop() {
				if _, err := transit.Open(dir); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			before := heap()
			t, err := transit.Open(dir)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(heap()-before)/1e6, "MB-memory")
			runtime.KeepAlive(t)
			b.ReportMetric(fileMB(b, transit.Path(dir, f.Name)), "MB-disk")
			b.ReportMetric(fileMB(b, zip), "MB-zip")
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func fileMB(b *testing.B, name string) float64 {
	info, err := os.Stat(name)
	if err != nil {
		b.Fatal(err)
	}
	return float64(info.Size()) / 1e6
}

// How long it takes to read a timetable's file, without tying it together, and
// to write one.
func BenchmarkReadTimetable(b *testing.B) {
	for _, zip := range zipped(b) {
		f := imported(b, zip)
		dir := b.TempDir()
		if err := transit.Save(dir, f); err != nil {
			b.Fatal(err)
		}
		b.Run("read/"+f.Name, func(b *testing.B) {
			for b.Loop() {
				if _, err := transit.ReadFeed(transit.Path(dir, f.Name)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("save/"+f.Name, func(b *testing.B) {
			for b.Loop() {
				if err := transit.Save(dir, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
