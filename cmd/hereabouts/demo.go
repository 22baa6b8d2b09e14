package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"hereabouts"
	"hereabouts/data"
	"hereabouts/data/demo"
	"hereabouts/geo/transit"
	"hereabouts/importers"
	"hereabouts/importers/places"
)

// isDemo reports whether the directory was filled with demonstration data. A
// store that came here without its marker, from a backup say, is still one
// when it holds a demonstration listing; the marker is then put back.
func (d *directory) isDemo(ctx context.Context) (bool, error) {
	if _, err := os.Stat(d.paths.demo()); err == nil {
		return true, nil
	}
	listings, err := demo.Listings(hereabouts.Date("2026-01-01")) // any day: the ids are always the same
	if err != nil {
		return false, err
	}
	for i := range listings {
		_, err := d.store.Listing(ctx, importers.ListingID(demo.Source, listings[i].Source.ID))
		if err == nil {
			return true, d.markDemo()
		}
		if !errors.Is(err, hereabouts.ErrNotFound) {
			return false, err
		}
	}
	return false, nil
}

func (d *directory) markDemo() error {
	mark := []byte("This directory was filled with demonstration data by 'hereabouts serve --demo'.\n")
	return os.WriteFile(d.paths.demo(), mark, 0o600)
}

// fillDemo fills an empty directory with the demonstration data and brings an
// older demonstration up to date. A directory with anything else in it is
// left alone.
func (p *program) fillDemo(ctx context.Context, d *directory) error {
	isDemo, err := d.isDemo(ctx)
	if err != nil {
		return err
	}
	if !isDemo {
		count, err := d.store.Count(ctx)
		if err != nil {
			return err
		}
		if count.Listings > 0 {
			return usagef("%s holds a real directory already, so demonstration data is not added; give another --data, or leave --demo out", d.paths)
		}
		if err := d.markDemo(); err != nil {
			return err
		}
	}
	if err := p.fillDemoPlaces(ctx, d); err != nil {
		return fmt.Errorf("demonstration places: %w", err)
	}
	if err := p.fillDemoTimetable(ctx, d); err != nil {
		return fmt.Errorf("demonstration timetable: %w", err)
	}
	listings, err := demo.Listings(hereabouts.DateOf(p.now()))
	if err != nil {
		return err
	}
	records := func(yield func(importers.Record, error) bool) {
		for i := range listings {
			l := &listings[i]
			if !yield(importers.Record{At: l.Source.ID, Listing: l}, nil) {
				return
			}
		}
	}
	report, err := importers.Run(ctx, records, d.store, importers.Options{
		Source: demo.Source, Licence: demo.Licence, Needs: data.Taxonomy(), Now: p.now,
	})
	if err != nil {
		return err
	}
	if report.Rejected > 0 {
		return fmt.Errorf("%d demonstration listings are faulty, the first: %s: %w", report.Rejected, report.Faults[0].At, report.Faults[0].Reasons)
	}
	// The first search of a newcomer should find what was just filled in.
	return localOwner{d}.CatchUp(ctx)
}

// fillDemoTimetable saves the demonstration's timetable as it is today.
func (p *program) fillDemoTimetable(ctx context.Context, d *directory) error {
	unlock, err := p.lockTimetables(d.paths.timetables())
	if err != nil {
		return err
	}
	defer unlock()
	feed, err := demo.Timetable(hereabouts.DateOf(p.now()))
	if err != nil {
		return err
	}
	state, err := stateOf(transit.Path(d.paths.timetables(), feed.Name), feed)
	if err != nil || state == stateUnchanged {
		return err
	}
	if err := transit.Save(d.paths.timetables(), feed); err != nil {
		return err
	}
	return localOwner{d}.ReloadTimetables(ctx)
}

// fillDemoPlaces writes the embedded places out and imports them as an
// operator would import real ones.
func (p *program) fillDemoPlaces(ctx context.Context, d *directory) error {
	from, err := os.MkdirTemp("", "hereabouts-demo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(from)
	if err := os.CopyFS(from, demo.Places()); err != nil {
		return err
	}
	for _, step := range []struct {
		file string
		read func(ctx context.Context, source, dir string, o places.Options) (places.Report, error)
	}{
		{"districts.csv", places.Postcodes}, {"places.csv", places.Places}, {"areas.geojson", places.Areas},
	} {
		if _, err := fs.Stat(demo.Places(), step.file); err != nil {
			return err
		}
		if _, err := step.read(ctx, filepath.Join(from, step.file), d.paths.places(), places.Options{}); err != nil {
			return fmt.Errorf("%s: %w", step.file, err)
		}
	}
	return localOwner{d}.ReloadPlaces(ctx)
}
