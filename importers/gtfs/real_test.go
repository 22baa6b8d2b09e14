package gtfs

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hereabouts/geo/transit"
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

// What is said of every real feed and fixture, to the row.
func TestRealFeeds(t *testing.T) {
	for _, c := range []struct {
		folder, file  string
		read, kept    Counts
		written, fill int
		valid         string
		warnings      []string // code, severity, count
	}{
		{
			folder: "gtfs", file: "gb-southampton-bluestar-bus-2025-07.zip",
			read:  Counts{Stops: 2643, Routes: 92, Services: 5404, Trips: 5404, StopTimes: 232337},
			kept:  Counts{Stops: 2643, Routes: 92, Services: 18, Trips: 5404, StopTimes: 232337},
			valid: "2025-06-15 to 2025-08-30",
			warnings: []string{
				"fast_travel_between_consecutive_stops warning 1",
				"service_has_no_active_day_of_the_week info 3",
			},
		},
		{
			folder: "gtfs", file: "gb-rail-6-operators-2017.zip",
			read:     Counts{Stops: 1977, Routes: 1752, Services: 777, Trips: 44104, StopTimes: 465805},
			kept:     Counts{Stops: 990, Routes: 1752, Services: 777, Trips: 44104, StopTimes: 465805},
			valid:    "2017-06-19 to 2017-12-09",
			warnings: []string{"feed_expiration_date7_days warning 1", "expired_calendar info 777"},
		},
		{
			folder: "gtfs", file: "gb-greater-manchester-rail-2020-12.zip",
			read:  Counts{Stops: 125, Routes: 373, Services: 431, Trips: 8632, StopTimes: 64291, Transfers: 125},
			kept:  Counts{Stops: 125, Routes: 359, Services: 430, Trips: 8412, StopTimes: 64061, Transfers: 125},
			valid: "2020-12-13 to 2021-05-15",
			warnings: []string{
				"unusable_trip error 219",
				"stop_time_with_arrival_before_previous_departure_time error 1",
				"feed_expiration_date7_days warning 1",
				"expired_calendar info 431",
			},
		},
		{
			folder: "gtfs", file: "br-porto-alegre-bus-2019.zip",
			read: Counts{Stops: 3986, Routes: 115, Services: 115, Trips: 2374, StopTimes: 130019},
			kept: Counts{Stops: 3986, Routes: 115, Services: 2, Trips: 2374, StopTimes: 130019},
			fill: 125271, valid: "2019-04-15 to 2019-07-11",
			warnings: []string{
				"feed_expiration_date7_days warning 1",
				"fast_travel_between_consecutive_stops warning 144",
				"feed_valid_beyond_total_service_window info 1",
				"service_window_outside_feed_period info 1",
				"expired_calendar info 115",
			},
		},
		{
			folder: "gtfs", file: "br-porto-alegre-train.zip",
			read:     Counts{Stops: 24, Routes: 2, Services: 3, Trips: 1248, StopTimes: 14855},
			kept:     Counts{Stops: 24, Routes: 2, Services: 3, Trips: 1248, StopTimes: 14855},
			valid:    "2019-03-01 to 2019-12-31",
			warnings: []string{"feed_expiration_date7_days warning 1", "expired_calendar info 3"},
		},
		{
			folder: "gtfs-fixtures", file: "graphhopper-sample-feed",
			read: Counts{Stops: 11, Routes: 10, Services: 6, Trips: 19, StopTimes: 45, Transfers: 3},
			// STBA 32 runs of 3 stops; CITY1 and CITY2 each 4 + 12 + 12 + 18 + 6 of 5.
			kept:    Counts{Stops: 9, Routes: 10, Services: 5, Trips: 16 + 32 + 2*52, StopTimes: 32 + 32*3 + 2*52*5, Transfers: 3},
			written: 136, valid: "2007-01-01 to 2010-12-31",
			warnings: []string{
				"feed_expiration_date7_days warning 1",
				"invalid_row_length warning 23",
				"expired_calendar info 5",
				"stop_without_stop_time info 1",
			},
		},
		{
			folder: "gtfs-fixtures", file: "graphhopper-another-sample-feed",
			read:  Counts{Stops: 6, Routes: 2, Services: 1, Trips: 3, StopTimes: 7, Transfers: 1},
			kept:  Counts{Stops: 4, Routes: 2, Services: 1, Trips: 3, StopTimes: 7, Transfers: 1},
			valid: "2007-01-01 to 2010-12-31",
			warnings: []string{
				"feed_expiration_date7_days warning 1", "invalid_row_length warning 3", "invalid_row_length warning 7",
				"expired_calendar info 1",
			},
		},
		{
			folder: "gtfs-fixtures", file: "own-gotchas",
			read:    Counts{Stops: 9, Routes: 4, Services: 2, Trips: 10, StopTimes: 25},
			kept:    Counts{Stops: 8, Routes: 4, Services: 2, Trips: 9 + 3, StopTimes: 23 + 3*2},
			written: 3, fill: 1, valid: "2025-01-01 to 2025-12-31",
		},
	} {
		t.Run(c.file, func(t *testing.T) {
			f, rep, err := Read(context.Background(), shared(t, c.folder, c.file), Options{Now: noon})
			if err != nil {
				t.Fatal(err)
			}
			checkCounts(t, f, rep)
			if d := cmp.Diff(c.read, rep.Read); d != "" {
				t.Errorf("read: %s", d)
			}
			if d := cmp.Diff(c.kept, rep.Kept); d != "" {
				t.Errorf("kept: %s", d)
			}
			if rep.WrittenOut != c.written || rep.FilledIn != c.fill {
				t.Errorf("%d written out, %d filled in", rep.WrittenOut, rep.FilledIn)
			}
			if valid := rep.First + " to " + rep.Last; valid != c.valid || valid != f.First.String()+" to "+f.Last.String() {
				t.Errorf("valid from %s", valid)
			}
			var got []string
			for _, w := range rep.Warnings {
				got = append(got, fmt.Sprintf("%s %s %d", w.Code, w.Severity, w.Count))
			}
			if d := cmp.Diff(c.warnings, got); d != "" {
				t.Errorf("warnings: %s", d)
			}
			if err := transit.Save(t.TempDir(), f); err != nil {
				t.Error(err)
			}
		})
	}
}

// A record is a row of a table by the names of its columns.
type record struct {
	at    map[string]int
	cells []string
}

func (r record) get(column string) string {
	if i, ok := r.at[column]; ok && i < len(r.cells) {
		return strings.TrimSpace(r.cells[i])
	}
	return ""
}

// rowsOf reads a table the slow and simple way.
func rowsOf(t *testing.T, from fs.FS, name string) []record {
	t.Helper()
	f, err := from.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	in := csv.NewReader(f)
	in.FieldsPerRecord = -1
	var at map[string]int
	var rows []record
	for {
		cells, err := in.Read()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		if at == nil {
			at = map[string]int{}
			for i, c := range cells {
				at[strings.TrimSpace(c)] = i
			}
			continue
		}
		rows = append(rows, record{at, cells})
	}
}

// Every stop time and every day of every trip of the real feeds is in the
// timetable as its row says it, by a second reading that shares no code.
func TestRealFeedsRowByRow(t *testing.T) {
	for _, name := range []string{
		"gb-southampton-bluestar-bus-2025-07.zip", "gb-rail-6-operators-2017.zip",
		"gb-greater-manchester-rail-2020-12.zip", "br-porto-alegre-bus-2019.zip", "br-porto-alegre-train.zip",
	} {
		t.Run(name, func(t *testing.T) {
			source := shared(t, "gtfs", name)
			f, _, err := Read(context.Background(), source, Options{Now: noon})
			if err != nil {
				t.Fatal(err)
			}
			z, err := zip.OpenReader(source)
			if err != nil {
				t.Fatal(err)
			}
			defer z.Close()
			times := map[string][]record{}
			for _, row := range rowsOf(t, z, "stop_times.txt") {
				times[row.get("trip_id")] = append(times[row.get("trip_id")], row)
			}
			trips := map[string]record{}
			for _, row := range rowsOf(t, z, "trips.txt") {
				trips[row.get("trip_id")] = row
			}
			stops := map[string]record{}
			for _, row := range rowsOf(t, z, "stops.txt") {
				stops[row.get("stop_id")] = row
			}
			days := daysOf(t, z, f)
			for _, s := range f.Stops {
				row := stops[s.ID]
				lat, _ := strconv.ParseFloat(row.get("stop_lat"), 64)
				lon, _ := strconv.ParseFloat(row.get("stop_lon"), 64)
				if s.Name != row.get("stop_name") || s.Lat != lat || s.Lon != lon {
					t.Fatalf("stop %+v, row %q", s, row.cells)
				}
			}
			for i := range f.Trips {
				trip := &f.Trips[i]
				row := trips[trip.ID]
				if f.Routes[trip.Route].ID != row.get("route_id") || trip.Headsign != row.get("trip_headsign") {
					t.Fatalf("trip %+v, row %q", trip, row.cells)
				}
				for d := f.First; d <= f.Last; d++ {
					if want := days[row.get("service_id")][d]; f.On(int(trip.Service), d) != want {
						t.Fatalf("trip %s on %s: %v, want %v", trip.ID, d, !want, want)
					}
				}
				checkTimes(t, f, trip, times[trip.ID])
			}
		})
	}
}

// daysOf are the days of each service within the validity of a feed.
func daysOf(t *testing.T, from fs.FS, f *transit.Feed) map[string]map[transit.Day]bool {
	t.Helper()
	days := map[string]map[transit.Day]bool{}
	of := func(service string) map[transit.Day]bool {
		if days[service] == nil {
			days[service] = map[transit.Day]bool{}
		}
		return days[service]
	}
	for _, row := range rowsOf(t, from, "calendar.txt") {
		first, err := time.Parse("20060102", row.get("start_date"))
		if err != nil {
			t.Fatal(err)
		}
		for d := first; d.Format("20060102") <= row.get("end_date"); d = d.AddDate(0, 0, 1) {
			if row.get(strings.ToLower(d.Weekday().String())) == "1" {
				of(row.get("service_id"))[transit.DayOf(d.Date())] = true
			}
		}
	}
	for _, row := range rowsOf(t, from, "calendar_dates.txt") {
		d, err := time.Parse("20060102", row.get("date"))
		if err != nil {
			t.Fatal(err)
		}
		of(row.get("service_id"))[transit.DayOf(d.Date())] = row.get("exception_type") == "1"
	}
	return days
}

func checkTimes(t *testing.T, f *transit.Feed, trip *transit.Trip, rows []record) {
	t.Helper()
	number := func(s string) int {
		n, err := strconv.Atoi("0" + s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	slices.SortStableFunc(rows, func(a, b record) int {
		return number(a.get("stop_sequence")) - number(b.get("stop_sequence"))
	})
	if len(rows) != len(trip.Times) {
		t.Fatalf("trip %s has %d stop times of %d", trip.ID, len(trip.Times), len(rows))
	}
	clock := func(s string) int32 {
		p := strings.Split(s, ":")
		return int32(number(p[0])*3600 + number(p[1])*60 + number(p[2]))
	}
	timed := 0
	for i, row := range rows {
		at := trip.Times[i]
		if f.Stops[at.Stop].ID != row.get("stop_id") || int(at.Pickup) != number(row.get("pickup_type")) || int(at.DropOff) != number(row.get("drop_off_type")) {
			t.Fatalf("trip %s: %+v, row %q", trip.ID, at, row.cells)
		}
		if row.get("arrival_time") == "" {
			continue
		}
		if at.Arrive != clock(row.get("arrival_time")) || at.Depart != clock(row.get("departure_time")) {
			t.Fatalf("trip %s: %+v, row %q", trip.ID, at, row.cells)
		}
		// Between two stated times the blanks are on the line from one to the
		// other, and not a second further.
		for k := timed + 1; k < i; k++ {
			from, way := int(trip.Times[timed].Depart), int(at.Arrive-trip.Times[timed].Depart)
			if got, want := int(trip.Times[k].Arrive), from+way*(k-timed)/(i-timed); got != want || trip.Times[k].Depart != trip.Times[k].Arrive {
				t.Fatalf("trip %s: stop %d at %d, want %d", trip.ID, k, got, want)
			}
		}
		timed = i
	}
}
