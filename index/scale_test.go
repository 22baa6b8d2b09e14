package index_test

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"hereabouts"
	"hereabouts/data"
	"hereabouts/importers"
	"hereabouts/index"
	"hereabouts/index/internal/sample"
)

var scaleN = flag.Int("scale.n", 0, "import this many listings into a real store and index; 0: do not")

// TestScale measures the whole path: an import through the run loop into the
// store of record, with the index following, until the last listing can be
// found; then a start from cold. It prints a table in Markdown.
//
//	go test ./index -run TestScale -timeout 1h -scale.n 100000
func TestScale(t *testing.T) {
	if *scaleN == 0 {
		t.Skip("measures for a minute; see -scale.n")
	}
	dir := t.TempDir()
	now := time.Now
	d := sample.New(1, hereabouts.DateOf(now()))
	listings := make([]hereabouts.Listing, *scaleN)
	for i := range listings {
		listings[i] = d.Listing(i)
		l := &listings[i]
		l.Source = hereabouts.Source{ID: l.ID}
		l.ID, l.Rev, l.Organisation.ID = "", 0, ""
	}
	records := func(yield func(importers.Record, error) bool) {
		for i := range listings {
			if !yield(importers.Record{At: fmt.Sprintf("sample:%d", i), Listing: &listings[i]}, nil) {
				return
			}
		}
	}
	open := func() (*data.Store, *index.Index, func()) {
		t.Helper()
		store, err := data.Open(filepath.Join(dir, "store.db"), data.Options{Needs: sample.Needs()})
		if err != nil {
			t.Fatal(err)
		}
		x, err := index.Open(t.Context(), filepath.Join(dir, "index"), store, index.Options{
			Needs: sample.Needs(), Now: now, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- x.Follow(ctx) }()
		return store, x, func() {
			stop()
			<-done
			if err := x.Close(); err != nil {
				t.Error(err)
			}
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		}
	}

	store, x, closeAll := open()
	start := now()
	report, err := importers.Run(t.Context(), records, store, importers.Options{Source: "sample", Needs: sample.Needs(), BatchSize: 1000})
	if err != nil || report.Rejected > 0 {
		t.Fatalf("%v: %s %v", err, report.String(), report.Faults[:min(2, len(report.Faults))])
	}
	stored := now().Sub(start)
	if err := x.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := now().Sub(start)
	start = now()
	again, err := importers.Run(t.Context(), records, store, importers.Options{Source: "sample", Needs: sample.Needs(), BatchSize: 1000})
	if err != nil || again.Unchanged != *scaleN {
		t.Fatalf("%v: %s", err, again.String())
	}
	unchanged := now().Sub(start)
	closeAll()

	listings = nil
	debug.FreeOSMemory()
	before := resident(t)
	start = now()
	_, x, closeAll = open()
	res, err := x.Search(t.Context(), hereabouts.Query{Text: "gardening"})
	if err != nil || res.Total == 0 {
		t.Fatalf("%d results, %v", res.Total, err)
	}
	opened := now().Sub(start)
	debug.FreeOSMemory()
	after := resident(t)
	closeAll()

	rate := func(took time.Duration) string { return fmt.Sprintf("%.0f", float64(*scaleN)/took.Seconds()) }
	fmt.Printf("\n%d listings, %d cores, %s\n\n| | |\n| --- | --- |\n", *scaleN, runtime.GOMAXPROCS(0), runtime.Version())
	for _, row := range [][2]string{
		{"listings stored and acknowledged a second", rate(stored)},
		{"listings imported a second, until the last can be found", rate(found)},
		{"listings a second when nothing has changed", rate(unchanged)},
		{"MB of store on disk", megabytes(t, filepath.Join(dir, "store.db"))},
		{"MB of index on disk", megabytes(t, filepath.Join(dir, "index"))},
		{"MB of resident memory for an open directory", fmt.Sprintf("%.0f", after-before)},
		{"seconds from opening store and index to the first answer", fmt.Sprintf("%.2f", opened.Seconds())},
	} {
		fmt.Printf("| %s | %s |\n", row[0], row[1])
	}
}

func megabytes(t *testing.T, root string) string {
	t.Helper()
	var total int64
	err := filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		total += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%.0f", float64(total)/1e6)
}

// resident is the process's resident memory in MB.
func resident(t *testing.T) float64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("resident memory is read from /proc")
	}
	var kb float64
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kb); err == nil {
			break
		}
	}
	return kb / 1e3
}
