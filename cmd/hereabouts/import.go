package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/paulmach/orb"
	"github.com/spf13/cobra"

	"hereabouts"
	"hereabouts/data"
	"hereabouts/geo"
	"hereabouts/importers"
	"hereabouts/importers/geojson"
	"hereabouts/importers/places"
	"hereabouts/importers/sheet"
)

// importSettings are the flags of an import.
type importSettings struct {
	Source    string
	Licence   string
	Map       string
	Entrances string
	Rejects   string
	DryRun    bool
	Resume    string
	Loopback  bool
}

// A kind of import: read brings the source in and reports.
type importKind struct {
	name, what string
	run        func(p *program, ctx context.Context, source string, s importSettings) error
}

func importKinds() []importKind {
	return []importKind{
		{"oruk", "Open Referral UK 3.0 and 1.0, HSDS 3 and Outpost: a feed's URL, a file, a folder or a zip", importOpenReferral},
		{"csv", "a spreadsheet, with a mapping file or one of the shipped mappings", importSheet},
		{"geojson", "green spaces and other layers of points and outlines", importLayer},
		{"postcodes", "ONSPD, Code-Point Open or a table of postcodes", importPlaces(places.Postcodes)},
		{"places", "OS Open Names or a table of place names", importPlaces(places.Places)},
		{"areas", "boundaries as GeoJSON", importPlaces(places.Areas)},
		{"gtfs", "a public transport timetable: a GTFS zip or folder", importTimetable},
		{"naptan", "what stops are called: Stops.csv of NaPTAN, or a table with ATCO codes", importStops},
	}
}

func (p *program) importCommand() *cobra.Command {
	var s importSettings
	kinds := importKinds()
	var names []string
	var long strings.Builder
	long.WriteString("Bring other people's data in. It works while the server runs.\n\n")
	for _, k := range kinds {
		names = append(names, k.name)
		fmt.Fprintf(&long, "%-10s %s\n", k.name, k.what)
	}
	fmt.Fprintf(&long, "\nShipped mappings for csv and geojson: %s", strings.Join(sheet.Mappings(), ", "))
	c := &cobra.Command{
		Use:       "import KIND SOURCE",
		Short:     "Bring other people's data in",
		Long:      long.String(),
		Args:      cobra.ExactArgs(2),
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			i := slices.IndexFunc(kinds, func(k importKind) bool { return k.name == args[0] })
			if i < 0 {
				return usagef("%q is not a kind of import; choose from %s", args[0], strings.Join(names, ", "))
			}
			return kinds[i].run(p, cmd.Context(), args[1], s)
		},
	}
	f := c.Flags()
	f.StringVar(&s.Source, "source", "", "the feed's `name`; with a record's own id it makes the listing's id")
	f.StringVar(&s.Licence, "licence", "", "on what `terms` the data is given, when it does not say itself")
	f.StringVar(&s.Map, "map", "", "a mapping `file`, or the name of a shipped mapping or layer")
	f.StringVar(&s.Entrances, "entrances", "", "geojson: a `file` of entrances to join to the outlines")
	f.StringVar(&s.Rejects, "rejects", "", "write every rejected record to this `file`, with its line and reason")
	f.BoolVar(&s.DryRun, "dry-run", false, "say what would happen and change nothing")
	f.StringVar(&s.Resume, "resume", "", "oruk: go on from the page that this `file` remembers, and remember there")
	f.BoolVar(&s.Loopback, "loopback", false, "oruk: read a feed that this machine serves; for trying things out")
	return c
}

func importSheet(p *program, ctx context.Context, source string, s importSettings) error {
	if s.Map == "" {
		s.Map = baseName(source)
		if !slices.Contains(sheet.Mappings(), s.Map) {
			return usagef("say with --map what the columns mean: a mapping file, or one of %s", strings.Join(sheet.Mappings(), ", "))
		}
	}
	m, err := sheet.LoadMapping(s.Map)
	if err != nil {
		return usageError{err}
	}
	s.Source = cmp.Or(s.Source, m.Source.Name, baseName(source))
	s.Licence = cmp.Or(s.Licence, m.Source.Licence)
	return p.importListings(ctx, s, m.Source.URL, func(ctx context.Context, _ *geo.Gazetteer) importers.Records {
		return sheet.Read(ctx, source, m)
	})
}

func importLayer(p *program, ctx context.Context, source string, s importSettings) error {
	var m *sheet.Mapping
	var err error
	if s.Map == "" {
		m, err = geojson.Detect(source)
	} else {
		m, err = sheet.LoadMapping(s.Map)
	}
	if err != nil {
		return usageError{err}
	}
	s.Source = cmp.Or(s.Source, m.Source.Name, baseName(source))
	s.Licence = cmp.Or(s.Licence, m.Source.Licence)
	var joined geojson.Joined
	err = p.importListings(ctx, s, m.Source.URL, func(ctx context.Context, known *geo.Gazetteer) importers.Records {
		return geojson.Read(ctx, source, geojson.Options{
			Mapping: m, Entrances: s.Entrances, Joined: &joined,
			Near: func(at orb.Point) string {
				place, _ := known.Nearest(at)
				return place.Name
			},
		})
	})
	if err == nil && s.Entrances != "" {
		p.say("%s", joined)
	}
	return err
}

// baseName is a file's name without folder and the endings that say how it is
// written; a folder's name is kept whole ("hsds-3.1").
func baseName(source string) string {
	name := filepath.Base(source)
	for _, ending := range []string{".gz", ".zip", ".csv", ".tsv", ".tab", ".txt", ".json", ".geojson"} {
		name = strings.TrimSuffix(name, ending)
	}
	return name
}

// importListings runs records into whoever owns the directory and reports.
func (p *program) importListings(ctx context.Context, s importSettings, url string, read func(context.Context, *geo.Gazetteer) importers.Records) (err error) {
	places, err := geo.OpenGazetteer(directoryPaths(p.settings.Data).places())
	if err != nil {
		return err
	}
	options := importers.Options{
		Source: s.Source, Licence: s.Licence, URL: url, Needs: data.Taxonomy(), Now: p.now, DryRun: s.DryRun,
		Locate: func(postcode string) (orb.Point, string, bool) { return places.Postcode(postcode) },
	}
	if s.Rejects != "" {
		f, err := os.Create(s.Rejects)
		if err != nil {
			return fmt.Errorf("cannot write the rejects: %w", err)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		options.Rejects = f
	}
	ctx, bar := p.watchImport(ctx, "listings")
	options.Progress = func(now importers.Progress) { bar.show(now.Stored + now.Rejected) }
	return p.withOwner(ctx, true, func(o owner) error {
		report, err := importers.Run(ctx, read(ctx, places), o, options)
		bar.finish()
		if err != nil && report.Read == 0 {
			return err // there is nothing to report
		}
		var found time.Duration
		if err == nil && !s.DryRun {
			began := p.now()
			err = o.CatchUp(ctx)
			found = p.now().Sub(began)
		}
		return errors.Join(err, p.reportImport(report, found))
	})
}

func (p *program) reportImport(r importers.Report, found time.Duration) error {
	if p.settings.JSON {
		return p.answerJSON(r)
	}
	if _, err := r.WriteTo(p.out); err != nil {
		return err
	}
	p.say("%s; searchable %s after the last record", speed(r.Read, r.Elapsed), found.Round(time.Millisecond))
	return nil
}

func speed(n int, took time.Duration) string {
	if took <= 0 {
		return fmt.Sprintf("%d records", n)
	}
	return fmt.Sprintf("%d records in %s, %.0f a second", n, took.Round(time.Millisecond), float64(n)/took.Seconds())
}

func importPlaces(read func(context.Context, string, string, places.Options) (places.Report, error)) func(*program, context.Context, string, importSettings) error {
	return func(p *program, ctx context.Context, source string, s importSettings) error {
		paths := directoryPaths(p.settings.Data)
		if err := os.MkdirAll(paths.places(), 0o700); err != nil {
			return err
		}
		unlock, err := lockFolder(paths.places(), "places")
		if err != nil {
			return err
		}
		defer unlock()
		ctx, bar := p.watchImport(ctx, "")
		began := p.now()
		report, err := read(ctx, source, paths.places(), places.Options{DryRun: s.DryRun, Progress: bar.bytes})
		bar.finish()
		if err != nil {
			return err
		}
		if s.Rejects != "" {
			if err := writeLines(s.Rejects, report.Faults); err != nil {
				return err
			}
		}
		if !s.DryRun {
			if err := p.handOver(ctx, owner.ReloadPlaces); err != nil {
				return err
			}
		}
		if p.settings.JSON {
			return p.answerJSON(report)
		}
		fmt.Fprintf(p.out, "read %d, added %d, changed %d, unchanged %d, skipped %d, rejected %d\n",
			report.Read, report.Added, report.Changed, report.Unchanged, report.Skipped, report.Rejected)
		for _, note := range report.Notes {
			fmt.Fprintf(p.out, "  %s\n", note)
		}
		for i, f := range report.Faults {
			if i == 20 {
				fmt.Fprintf(p.out, "  … and %d more; --rejects FILE has them all\n", len(report.Faults)-i)
				break
			}
			fmt.Fprintf(p.out, "  %s: %s\n", f.At, f.Reason)
		}
		p.say("%s", speed(report.Read, p.now().Sub(began)))
		return nil
	}
}

// handOver has a server that runs take up what was written, also when whoever
// wrote it has been told to stop meanwhile. Without a server there is nothing
// to do: files are read when a directory is opened.
func (p *program) handOver(ctx context.Context, reload func(owner, context.Context) error) error {
	paths := directoryPaths(p.settings.Data)
	if _, err := os.Stat(paths.store()); err != nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	o, err := dialServer(ctx, paths.socket())
	if errors.Is(err, hereabouts.ErrUnavailable) {
		return nil
	}
	if err == nil {
		err = errors.Join(reload(o, ctx), o.Close())
	}
	if err != nil {
		return fmt.Errorf("it is written, but the running server did not take it up: %w", err)
	}
	return nil
}

// lockFolder keeps two commands from reading the same files and each writing
// back its own half.
func lockFolder(dir, what string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("another command is changing the %s; try again when it is done", what)
		}
		return nil, fmt.Errorf("cannot tell whether another command is changing the %s: %w", what, err)
	}
	return func() { f.Close() }, nil
}

func writeLines[T any](name string, lines []T) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("cannot write the rejects: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return encodeLines(f, lines)
}

func encodeLines[T any](w io.Writer, lines []T) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, line := range lines {
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
