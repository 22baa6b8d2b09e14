package demo_test

import (
	"path/filepath"
	"testing"
	"time"

	"hereabouts"
	"hereabouts/data"
	"hereabouts/data/demo"
	"hereabouts/importers"
)

// The demonstration goes in by the same door as any council's data: whole, and
// once. The next day's run refreshes what carries a date.
func TestTheDemonstrationIsTakenInWhole(t *testing.T) {
	store, err := data.Open(filepath.Join(t.TempDir(), "store"), data.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	take := func(on hereabouts.Date) importers.Report {
		t.Helper()
		all, err := demo.Listings(on)
		if err != nil {
			t.Fatal(err)
		}
		records := func(yield func(importers.Record, error) bool) {
			for i := range all {
				if !yield(importers.Record{At: all[i].Source.ID, Listing: &all[i]}, nil) {
					return
				}
			}
		}
		now, _ := on.Time()
		rep, err := importers.Run(t.Context(), records, store, importers.Options{
			Source: demo.Source, Licence: demo.Licence, Needs: data.Taxonomy(), Now: func() time.Time { return now },
		})
		if err != nil {
			t.Fatal(err)
		}
		return rep
	}
	n := len(listings(t, today))
	if rep := take(today); rep.Added != n || rep.Rejected != 0 {
		t.Errorf("first: %+v", rep)
	}
	if rep := take(today); rep.Unchanged != n {
		t.Errorf("again on the same day: %+v", rep)
	}
	if rep := take("2026-11-22"); rep.Changed == 0 || rep.Changed+rep.Unchanged != n {
		t.Errorf("on the day after: %+v", rep)
	}
}
