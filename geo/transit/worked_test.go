package transit_test

import (
	"archive/zip"
	"encoding/csv"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"hereabouts/geo/transit"
	"hereabouts/importers/gtfs"
)

// The worked examples of docs/transit.md, on the real timetable of
// Southampton's buses. The times were worked out by hand from the rows quoted
// there, before they were compared with anything.
const workedExamples = "../../docs/transit.md"

// A ride is a vehicle of a worked example, by the rows of stop_times.txt that
// one boards and gets off at.
type ride struct{ line, on, off string }

type worked struct {
	about       string
	home, place orb.Point
	pass        transit.Pass
	limit       time.Duration
	out         bool   // whether it is the way there, by a time; else it is the way home, from a time
	at          string // that time
	rides       []ride // none: there is no such journey
	leave       string
	arrive      string
}

var (
	weston    = orb.Point{-1.3760, 50.8900}
	hospital  = orb.Point{-1.4340, 50.9330}
	thornhill = orb.Point{-1.3330, 50.9130}
	civic     = orb.Point{-1.4065, 50.9085}
)

var workedList = []worked{
	{
		about: "1, there", home: weston, place: hospital, limit: 75 * time.Minute, out: true, at: "2025-07-15 09:55:00",
		rides: []ride{
			{"17", "BLUS:HAAO017:17:017MFBLUS:O:21,08:53:00,08:53:00,1980HA120720,12,,0,0,0", "BLUS:HAAO017:17:017MFBLUS:O:21,09:02:00,09:02:00,1980SN120659,18,,0,0,0"},
			{"19a", "BLUS:HAAO019A:19a:019MFBLUS:O:27,09:04:00,09:04:00,1980SN120659,19,,0,0,0", "BLUS:HAAO019A:19a:019MFBLUS:O:27,09:46:00,09:46:00,1980SN120221,41,,0,0,0"},
		},
		leave: "2025-07-15 08:50:20", arrive: "2025-07-15 09:49:07",
	},
	{
		about: "1, home", home: weston, place: hospital, limit: 75 * time.Minute, at: "2025-07-15 12:00:00",
		rides: []ride{
			{"19a", "BLUS:HAAO019A:19a:019MFBLUS:I:25,12:05:00,12:05:00,1980SN120222,12,,0,0,0", "BLUS:HAAO019A:19a:019MFBLUS:I:25,12:29:00,12:32:00,1980SN12619E,28,,0,0,0"},
			{"17", "BLUS:HAAO017:17:017MFBLUS:I:37,12:27:00,12:30:00,1980SN12619E,35,,0,0,0", "BLUS:HAAO017:17:017MFBLUS:I:37,12:44:00,12:44:00,1980HA120721,48,,0,0,0"},
		},
		leave: "2025-07-15 12:01:49", arrive: "2025-07-15 12:47:06",
	},
	{
		about: "2, on a weekday without a pass", home: thornhill, place: civic, limit: time.Hour, out: true, at: "2025-07-15 09:55:00",
		rides: []ride{
			{"19a", "BLUS:HAAO019A:19a:019MFBLUS:O:31,09:15:00,09:15:00,1980HA120611,1,,0,0,0", "BLUS:HAAO019A:19a:019MFBLUS:O:31,09:30:00,09:30:00,1980SN120726,16,,0,0,0"},
			{"15", "BLUS:HAAO015:15:015MFBLUS:I:7,09:32:00,09:32:00,1980SN120726,24,,0,0,0", "BLUS:HAAO015:15:015MFBLUS:I:7,09:44:00,09:44:00,1980SN120553,32,,0,0,0"},
		},
		leave: "2025-07-15 09:09:28", arrive: "2025-07-15 09:49:03",
	},
	{
		about: "2, on a weekday with a pass", home: thornhill, place: civic, pass: transit.OlderDisabled, limit: time.Hour, out: true, at: "2025-07-15 09:55:00",
	},
	{
		about: "2, on a weekday with a pass, six minutes later", home: thornhill, place: civic, pass: transit.OlderDisabled, limit: time.Hour, out: true, at: "2025-07-15 10:01:00",
		rides: []ride{
			{"3", "BLUS:HAAO003:3:003MFBLUS:I:4,09:37:00,09:37:00,1980SN120779,53,,0,0,0", "BLUS:HAAO003:3:003MFBLUS:I:4,09:55:00,09:55:00,1980SN120533,68,,0,0,0"},
		},
		leave: "2025-07-15 09:32:39", arrive: "2025-07-15 10:00:02",
	},
	{
		about: "2, on a bank holiday with a pass", home: thornhill, place: civic, pass: transit.OlderDisabled, limit: time.Hour, out: true, at: "2025-08-25 09:55:00",
		rides: []ride{
			{"3", "BLUS:HAAO003:3:003SUBLUS:I:1,09:09:00,09:09:00,1980SN120779,53,,0,0,0", "BLUS:HAAO003:3:003SUBLUS:I:1,09:26:00,09:26:00,1980SN120533,68,,0,0,0"},
		},
		leave: "2025-08-25 09:04:39", arrive: "2025-08-25 09:31:02",
	},
	{
		about: "3, home after midnight", home: thornhill, place: civic, limit: time.Hour, at: "2025-07-18 23:45:00",
		rides: []ride{
			{"18", "BLUS:HAAO018:18:018MFBLUS:O:91,24:12:00,24:12:00,1980SNA19559,32,,0,0,0", "BLUS:HAAO018:18:018MFBLUS:O:91,24:28:00,24:28:00,1980SN120608,52,,0,0,0"},
		},
		leave: "2025-07-19 00:09:02", arrive: "2025-07-19 00:36:47",
	},
	{
		about: "3, half an hour later", home: thornhill, place: civic, limit: time.Hour, at: "2025-07-19 00:15:00",
	},
}

func TestWorkedExamples(t *testing.T) {
	f := realFeed(t, southampton, gtfs.Options{})
	zone, err := time.LoadLocation(f.Zone)
	if err != nil {
		t.Fatal(err)
	}
	moment := func(text string) time.Time {
		at, err := time.ParseInLocation(time.DateTime, text, zone)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	n, o := transit.NewNetwork([]*transit.Feed{f}, nil), newOracle(usualRules, f)
	for _, x := range workedList {
		who := transit.Traveller{Home: x.home, Limit: x.limit, Speed: transit.Standard.Speed, MaxWalkM: transit.Standard.MaxWalkM, MaxChanges: -1, Pass: x.pass}
		p, at, limit := asPerson(who), moment(x.at).Unix(), int64(x.limit/time.Second)
		home, place := o.ways(x.home, p), o.ways(x.place, p)
		var j transit.Journey
		var there found
		var ok, thereOK bool
		if x.out {
			j, ok = n.From(who).There([]orb.Point{x.place}, at)
			there, thereOK = o.there(home, place, at-limit, at, p)
		} else {
			j, ok = n.From(who).Home([]orb.Point{x.place}, at)
			there, thereOK = o.home(place, home, at, at+limit, p)
		}
		if len(x.rides) == 0 {
			if ok || thereOK {
				t.Errorf("%s: there is a journey from %v to %v (%v, %v)", x.about, j.Depart, j.Arrive, ok, thereOK)
			}
			continue
		}
		if !ok || !j.Depart.Equal(moment(x.leave)) || !j.Arrive.Equal(moment(x.arrive)) {
			t.Errorf("%s: %v %v to %v, want %s to %s", x.about, ok, j.Depart, j.Arrive, x.leave, x.arrive)
		}
		if !thereOK || there.leave != moment(x.leave).Unix() || there.arrive != moment(x.arrive).Unix() {
			t.Errorf("%s, by the oracle: %v %s to %s, want %s to %s", x.about, thereOK, clock(there.leave), clock(there.arrive), x.leave, x.arrive)
		}
		var got, want []string
		for _, l := range j.Legs {
			if !l.Walk {
				got = append(got, strings.Join([]string{l.Line, l.From.StopID, l.Depart.Format("15:04:05"), l.To.StopID, l.Arrive.Format("15:04:05")}, " "))
			}
		}
		for _, r := range x.rides {
			on, off := strings.Split(r.on, ","), strings.Split(r.off, ",")
			want = append(want, strings.Join([]string{r.line, on[3], nextMorning(on[2]), off[3], nextMorning(off[1])}, " "))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: the rides are not those of the rows (-want +got):\n%s", x.about, d)
		}
	}
}

// nextMorning writes 24:12:00 as 00:12:00.
func nextMorning(clock string) string {
	if rest, ok := strings.CutPrefix(clock, "24:"); ok {
		return "00:" + rest
	}
	return clock
}

// TestWorkedExamplesQuoteTheFeed looks for every row in the feed and in the
// text, and that its trip runs that day by the calendars as they were
// published, so that neither the text nor the feed can drift away from what
// was checked.
func TestWorkedExamplesQuoteTheFeed(t *testing.T) {
	text, err := os.ReadFile(workedExamples)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{} // the date that each must run on
	for _, x := range workedList {
		for _, r := range x.rides {
			date := x.at[:10] // the service day, also of what runs after midnight
			rows[r.on], rows[r.off] = date, date
			if !strings.Contains(string(text), r.on) || !strings.Contains(string(text), r.off) {
				t.Errorf("%s: %s does not quote the rows of line %s", x.about, workedExamples, r.line)
			}
		}
		for _, at := range []string{x.leave, x.arrive} {
			if at != "" && !strings.Contains(string(text), at[11:]) {
				t.Errorf("%s: %s does not say %s", x.about, workedExamples, at[11:])
			}
		}
	}
	archive, err := zip.OpenReader(sharedData(t, southampton))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	table := func(name string, want func(map[string]string) bool) []map[string]string {
		f, err := archive.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		return csvRows(t, csv.NewReader(f), want)
	}
	missing := maps.Clone(rows)
	serviceDates := map[string]string{} // by trip; here a trip's service has the trip's name
	for _, row := range table("stop_times.txt", func(map[string]string) bool { return true }) {
		line := strings.Join([]string{row["trip_id"], row["arrival_time"], row["departure_time"], row["stop_id"], row["stop_sequence"],
			row["stop_headsign"], row["pickup_type"], row["drop_off_type"], row["timepoint"]}, ",")
		if date, ok := rows[line]; ok {
			serviceDates[row["trip_id"]] = date
			delete(missing, line)
		}
	}
	for row := range missing {
		t.Errorf("the feed has no row %s", row)
	}
	services := map[string]string{}
	for _, row := range table("trips.txt", func(row map[string]string) bool { return serviceDates[row["trip_id"]] != "" }) {
		services[row["service_id"]] = serviceDates[row["trip_id"]]
	}
	compact := func(date string) string { return strings.ReplaceAll(date, "-", "") }
	running := map[string]bool{}
	for _, row := range table("calendar.txt", func(row map[string]string) bool { return services[row["service_id"]] != "" }) {
		date := services[row["service_id"]]
		day, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		running[row["service_id"]] = row["start_date"] <= compact(date) && compact(date) <= row["end_date"] && row[strings.ToLower(day.Weekday().String())] == "1"
	}
	for _, row := range table("calendar_dates.txt", func(row map[string]string) bool { return compact(services[row["service_id"]]) == row["date"] }) {
		running[row["service_id"]] = row["exception_type"] == "1"
	}
	for _, service := range slices.Sorted(maps.Keys(services)) {
		if !running[service] {
			t.Errorf("service %s does not run on %s", service, services[service])
		}
	}
	if len(services) != len(serviceDates) || len(services) < 9 {
		t.Errorf("%d services of %d trips were looked at", len(services), len(serviceDates))
	}
}
