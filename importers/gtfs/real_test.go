package gtfs

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// shared is a file or folder among the shared data, which is not part of the
// repository; without it the test is skipped.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared", "data"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skip("the real timetables are not here")
	}
	return path
}

func noon() time.Time { return time.Date(2025, 7, 15, 12, 0, 0, 0, time.UTC) }

func TestLook(t *testing.T) {
	for _, p := range [][]string{{"gtfs", "gb-southampton-bluestar-bus-2025-07.zip"}, {"gtfs", "gb-rail-6-operators-2017.zip"}, {"gtfs", "gb-greater-manchester-rail-2020-12.zip"}, {"gtfs", "br-porto-alegre-bus-2019.zip"}, {"gtfs", "br-porto-alegre-train.zip"},
		{"gtfs-fixtures", "graphhopper-sample-feed"}, {"gtfs-fixtures", "graphhopper-another-sample-feed"}, {"gtfs-fixtures", "own-gotchas"}} {
		began := time.Now()
		f, rep, err := Read(context.Background(), shared(t, p...), Options{Now: noon})
		if err != nil {
			t.Error(err)
			continue
		}
		t.Log(time.Since(began), rep.FirstRun, rep.LastRun, f.Publisher, f.URL, rep.Kept)
		rep.WriteTo(os.Stdout)
	}
}
