package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"hereabouts/geo/transit"
	"hereabouts/importers/gtfs"
	"hereabouts/importers/naptan"
)

// importTimetable brings a GTFS feed in as the timetable of its name.
func importTimetable(p *program, ctx context.Context, source string, s importSettings) error {
	name := transit.SafeName(cmp.Or(s.Source, baseName(source)))
	if name == "" {
		return usagef("give the timetable a name of letters and digits with --source")
	}
	dir, unlock, err := p.forTimetables(source, s.DryRun)
	if err != nil {
		return err
	}
	defer unlock()

	ctx, bar := p.watchImport(ctx, "")
	began := p.now()
	feed, report, err := gtfs.Read(ctx, source, gtfs.Options{
		Name: name, Licence: s.Licence, Now: p.now, Progress: bar.bytes,
	})
	bar.finish()
	if s.Rejects != "" {
		err = errors.Join(err, writeLines(s.Rejects, report.Warnings))
	}
	if err != nil {
		return err
	}
	state, err := stateOf(transit.Path(dir, name), feed)
	if err != nil {
		return err
	}
	if !s.DryRun {
		if state != stateUnchanged {
			if err := transit.Save(dir, feed); err != nil {
				return err
			}
		}
		// An import that was killed may have told nobody of what it wrote.
		if err := p.handOver(ctx, owner.ReloadTimetables); err != nil {
			return err
		}
	}
	if p.settings.JSON {
		return p.answerJSON(struct {
			State  string `json:"state"`
			DryRun bool   `json:"dry_run,omitempty"`
			gtfs.Report
		}{state, s.DryRun, report})
	}
	if _, err := report.WriteTo(p.out); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "timetable %s: %s%s\n", name, state, triedOnly(s.DryRun))
	p.say("%s", speed(report.Read.StopTimes, p.now().Sub(began)))
	return nil
}

// forTimetables is the folder that a source is imported to, kept from other
// commands until unlock; what is only tried neither makes nor keeps it.
func (p *program) forTimetables(source string, dry bool) (dir string, unlock func(), err error) {
	if strings.Contains(source, "://") {
		return "", nil, usagef("%q is an address; download what is there and import the file", source)
	}
	dir, unlock = directoryPaths(p.settings.Data).timetables(), func() {}
	if !dry {
		unlock, err = p.lockTimetables(dir)
	}
	return dir, unlock, err
}

// triedOnly is what follows a report of what was only tried.
func triedOnly(dry bool) string {
	if dry {
		return " (tried only)"
	}
	return ""
}

// importStops brings in what stops are called. Stops that the source says
// nothing of keep the names they have.
func importStops(p *program, ctx context.Context, source string, s importSettings) error {
	dir, unlock, err := p.forTimetables(source, s.DryRun)
	if err != nil {
		return err
	}
	defer unlock()

	ctx, bar := p.watchImport(ctx, "stops")
	began := p.now()
	stops, report, err := naptan.Read(ctx, source, naptan.Options{})
	bar.finish()
	if s.Rejects != "" {
		err = errors.Join(err, writeLines(s.Rejects, report.Faults))
	}
	if err != nil {
		return err
	}
	old, err := transit.ReadNames(dir)
	if unusable, ok := errors.AsType[*transit.FileError](err); ok {
		p.say("%s %s; it is replaced", unusable.Path, unusable.Reason)
	} else if err != nil {
		return err
	}
	counts := countNames(old, stops)
	if !s.DryRun {
		if counts.Added+counts.Changed > 0 {
			if err := transit.SaveNames(dir, old.Merged(transit.NewStopNames(stops))); err != nil {
				return err
			}
		}
		if err := p.handOver(ctx, owner.ReloadTimetables); err != nil {
			return err
		}
	}
	if p.settings.JSON {
		return p.answerJSON(struct {
			namesCounted
			DryRun bool `json:"dry_run,omitempty"`
			naptan.Report
		}{counts, s.DryRun, report})
	}
	if _, err := report.WriteTo(p.out); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "stop names: added %d, changed %d, unchanged %d%s\n", counts.Added, counts.Changed, counts.Unchanged, triedOnly(s.DryRun))
	p.say("%s", speed(report.Read, p.now().Sub(began)))
	return nil
}

// namesCounted is what an import does to the names that are there.
type namesCounted struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

func countNames(old *transit.StopNames, stops []transit.NamedStop) (n namesCounted) {
	for _, s := range stops {
		switch was, ok := old.Find(s.ID); {
		case !ok:
			n.Added++
		case was != s:
			n.Changed++
		default:
			n.Unchanged++
		}
	}
	return n
}
