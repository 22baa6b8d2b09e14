package gtfs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hereabouts/geo/transit"
	"hereabouts/importers"
)

// Options say how to read a feed. The zero Options reads one.
type Options struct {
	Name    string // the feed's name among ours; made from the source's when empty
	Licence string // the terms on which it is published
	URL     string // where it was published; what the feed says itself when empty

	// Now is when it is imported; the time of day when nil.
	Now func() time.Time

	// Progress, when set, is called now and then with how much of the source
	// has been read, in bytes as they lie on disk. It is called by one
	// goroutine, which is not the caller's, and not after Read returns.
	Progress func(done, total int64)

	// RawFrequencies adds the start times of frequencies to stop times as they
	// stand, instead of letting the first departure fall on them. Some known
	// answers of other people's engines need it; timetables do not.
	RawFrequencies bool

	// Limits are those of the source; a zero field is gtfs's own default,
	// which fits the timetable of a country.
	Limits importers.Limits

	// MaxStopTimes is how many stop times a feed may hold, frequencies
	// written out; 0 is 100 million, which take 1.6 GB of memory.
	MaxStopTimes int

	// MaxRows is how many rows any other table may have; 0 is 10 million,
	// several times those of a country. A stop takes the most memory of them,
	// some 500 bytes, so that this many take 5 GB.
	MaxRows int

	// MaxTransfers is how many transfers a feed may hold, those of stations
	// spread over their platforms; 0 is 2 million.
	MaxTransfers int
}

func (o Options) orDefault(source string) (Options, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Limits.Compressed = cmp.Or(o.Limits.Compressed, 2<<30)
	o.Limits.Expanded = cmp.Or(o.Limits.Expanded, 16<<30)
	o.Limits.Ratio = cmp.Or(o.Limits.Ratio, 250)
	o.Limits.Entries = cmp.Or(o.Limits.Entries, 1000)
	o.MaxStopTimes = cmp.Or(o.MaxStopTimes, 100_000_000)
	o.MaxRows = cmp.Or(o.MaxRows, 10_000_000)
	o.MaxTransfers = cmp.Or(o.MaxTransfers, 2_000_000)
	if o.Name == "" {
		base := filepath.Base(filepath.Clean(source))
		for _, ending := range []string{".gz", ".zip"} {
			if strings.EqualFold(filepath.Ext(base), ending) {
				base = base[:len(base)-len(ending)]
			}
		}
		if o.Name = transit.SafeName(base); o.Name == "" {
			return o, fmt.Errorf("gtfs: no name for the feed can be made of %q: give it one", base)
		}
	}
	if !transit.ValidName(o.Name) {
		return o, fmt.Errorf("gtfs: %q cannot be the name of a feed: use small letters, digits, dots and dashes, as in %q", o.Name, cmp.Or(transit.SafeName(o.Name), "town-buses"))
	}
	return o, nil
}

// Read reads the feed in a zip, a folder, or a zip with one folder in it. The
// files of a folder may be gzipped.
//
// An error means that there is no feed; it names file and line where it can
// and says what to do. Everything less than that is in the Report.
func Read(ctx context.Context, source string, o Options) (*transit.Feed, Report, error) {
	o, err := o.orDefault(source)
	if err != nil {
		return nil, Report{}, err
	}
	if o.Progress != nil {
		var stop func()
		ctx, stop = watch(ctx, o.Progress)
		defer stop()
	}
	files, err := importers.OpenFilesContext(ctx, source, o.Limits)
	if err != nil {
		return nil, Report{}, err
	}
	feed, report, err := read(ctx, filepath.Base(source), files.All(), o)
	if err := errors.Join(err, files.Close()); err != nil {
		return nil, report, err
	}
	return feed, report, nil
}

// watchEvery is how often progress is told.
const watchEvery = 50 * time.Millisecond

// watch tells progress until stopped. The last it tells is that all is read.
func watch(ctx context.Context, progress func(done, total int64)) (_ context.Context, stop func()) {
	meter := &importers.Meter{}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				progress(meter.Read())
			case <-end:
				// Shapes and fares are passed over, so that done falls short.
				_, total := meter.Read()
				progress(total, total)
				return
			}
		}
	}()
	return importers.WithMeter(ctx, meter), func() { close(end); <-ended }
}

// The files of a feed that are read, in this order.
var filesRead = []string{
	"agency.txt", "feed_info.txt", "calendar.txt", "calendar_dates.txt", "routes.txt",
	"stops.txt", "trips.txt", "stop_times.txt", "frequencies.txt", "transfers.txt",
}

// The files of the specification that say nothing about getting there in time.
var filesPassedOver = []string{
	"areas.txt", "attributions.txt", "booking_rules.txt", "fare_attributes.txt", "fare_leg_join_rules.txt",
	"fare_leg_rules.txt", "fare_media.txt", "fare_products.txt", "fare_rules.txt", "fare_transfer_rules.txt", "levels.txt",
	"location_group_stops.txt", "location_groups.txt", "locations.geojson", "networks.txt", "pathways.txt",
	"rider_categories.txt", "route_networks.txt", "shapes.txt", "stop_areas.txt", "timeframes.txt", "translations.txt",
}

func fileRank(name string) int {
	if i := slices.Index(filesRead, name); i >= 0 {
		return i
	}
	return len(filesRead)
}

// A reading is a feed while it is read.
type reading struct {
	ctx    context.Context
	o      Options
	source string
	files  map[string]importers.File
	report Report
	feed   transit.Feed
	today  transit.Day

	operators map[string]string // agency id → name
	only      string            // the operator's name, when there is one alone
	services  services
	routes    map[string]uint32
	idle      map[string]bool // routes on which no trip runs
	stops     stops
	trips     trips
}

// read makes a feed of files. It is all of Read but opening the source.
func read(ctx context.Context, source string, files []importers.File, o Options) (*transit.Feed, Report, error) {
	now := o.Now()
	r := &reading{ctx: ctx, o: o, source: source, files: map[string]importers.File{}}
	r.report = Report{Feed: o.Name, Notes: []string{}, Warnings: []Warning{}}
	r.feed = transit.Feed{Name: o.Name, Licence: o.Licence, URL: o.URL, ImportedAt: now.UTC()}
	err := r.choose(files)
	for _, step := range []func() error{
		r.readAgencies, // the zone is known from here on
		func() error { r.today = dayAt(now, r.feed.Zone); return nil },
		r.readInfo, r.readCalendar, r.readExceptions, r.readRoutes, r.readStops, r.readTrips,
		r.readStopTimes, r.readFrequencies, r.chooseServices, r.finishServices, r.finishTrips, r.dropUnused, r.readTransfers,
	} {
		if err != nil {
			break
		}
		err = step()
	}
	if err != nil {
		r.report.finish()
		return nil, r.report, err
	}
	r.finish()
	feed := r.feed // apart from r, or all that was read would stay in memory with it
	return &feed, r.report, nil
}

func dayAt(t time.Time, zone string) transit.Day {
	if loc, err := time.LoadLocation(zone); err == nil {
		t = t.In(loc)
	}
	return transit.DayOf(t.Date())
}

// choose finds the folder of the source that holds the feed.
func (r *reading) choose(files []importers.File) error {
	folders := map[string][]importers.File{}
	for _, f := range files {
		folders[path.Dir(f.Name)] = append(folders[path.Dir(f.Name)], f)
	}
	holds := func(folder string) bool {
		return slices.ContainsFunc(folders[folder], func(f importers.File) bool {
			name := strings.ToLower(path.Base(f.Name))
			return name == "stop_times.txt" || name == "trips.txt"
		})
	}
	var with []string
	for folder := range folders {
		if holds(folder) {
			with = append(with, folder)
		}
	}
	slices.Sort(with)
	chosen := "."
	switch {
	case holds("."):
	case len(with) == 1:
		chosen = with[0]
		r.report.warn(Info, "invalid_input_files_in_subfolder", plain(chosen), "", 0, "the feed lies in a folder within %s; it was read from there", r.source)
	case len(with) > 1:
		return fmt.Errorf("gtfs: %s holds %d timetables (%s): unpack it and import each folder on its own", r.source, len(with), plain(some(with)))
	}
	for _, f := range folders[chosen] {
		name := strings.ToLower(path.Base(f.Name))
		switch {
		case slices.Contains(filesRead, name):
			if _, twice := r.files[name]; twice {
				return fmt.Errorf("gtfs: %s holds %s twice: leave only one of them", r.source, name)
			}
			r.files[name] = f
		case slices.Contains(filesPassedOver, name):
		default:
			r.report.warn(Info, "unknown_file", plain(name), "", 0, "no such file belongs to a timetable; it was not read")
		}
	}
	for _, name := range []string{"agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt"} {
		if _, ok := r.files[name]; !ok {
			return fmt.Errorf("gtfs: %s holds no %s (missing_required_file): a GTFS feed is a zip or folder of agency.txt, stops.txt, routes.txt, trips.txt, stop_times.txt and a calendar; check that this is one, and a whole one", r.source, name)
		}
	}
	if !r.has("calendar.txt") && !r.has("calendar_dates.txt") {
		return fmt.Errorf("gtfs: %s holds neither calendar.txt nor calendar_dates.txt (missing_calendar_and_calendar_date_files), so nobody can say on what days anything runs; ask the publisher for a whole feed", r.source)
	}
	return nil
}

// some are the first few of a list.
func some(list []string) string {
	if len(list) > 4 {
		return strings.Join(list[:4], ", ") + " …"
	}
	return strings.Join(list, ", ")
}

func (r *reading) has(file string) bool { _, ok := r.files[file]; return ok }

// each reads a table row by row. A file that is not there has no rows.
func (r *reading) each(file string, need []int, columns []string, row func(t *table) error) error {
	f, ok := r.files[file]
	if !ok {
		return nil
	}
	t, err := openTable(r.ctx, f, file, &r.report, columns...)
	if err != nil {
		return err
	}
	err = t.need(need...)
	for err == nil && t.next() {
		if t.rows > r.o.MaxRows && file != "stop_times.txt" {
			err = fmt.Errorf("gtfs: %s:%d: the table has more than %d rows, as none of a timetable has: import it in parts", file, t.line, r.o.MaxRows)
			break
		}
		err = row(t)
	}
	return errors.Join(err, t.err, t.close())
}

// finish says what the report says of the whole.
func (r *reading) finish() {
	f, rep := &r.feed, &r.report
	rep.Publisher, rep.Zone, rep.First, rep.Last = f.Publisher, f.Zone, f.First.String(), f.Last.String()
	rep.Kept = Counts{Stops: len(f.Stops), Routes: len(f.Routes), Services: len(f.Services), Trips: len(f.Trips), Transfers: len(f.Transfers)}
	for i := range f.Trips {
		rep.Kept.StopTimes += len(f.Trips[i].Times)
	}
	if rep.FilledIn > 0 {
		rep.note("the times of %s without one were spread evenly between those stated", counted(rep.FilledIn, "stop time"))
	}
	if rep.WrittenOut > 0 {
		rep.note("%s written out of frequencies.txt; unless its times are exact, vehicles keep that distance but may leave at other minutes", counted(rep.WrittenOut, "trip"))
	}
	rep.finish()
}
