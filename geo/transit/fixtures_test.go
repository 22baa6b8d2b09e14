package transit_test

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hereabouts/geo/transit"
	"hereabouts/importers/gtfs"
)

// A fixture is a question with a known answer.
type fixture struct {
	line     int
	feed     string
	rules    oracleRules
	raw      bool // frequencies added to the stop times as they stand
	day      transit.Day
	steps    transit.Steps
	accessM  float64
	from, to string // ids of stops or stations
	arrive   bool   // the question is when to leave; else, when one arrives
	at       string // clock time
	answer   string // local date and time, or none
	about    string
}

// fixtures are the questions of expected.tsv.
func fixtures(t *testing.T) (list []fixture) {
	f, err := os.Open(filepath.Join(sharedData(t, "gtfs-fixtures"), "expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), "#") || lines.Text() == "" {
			continue
		}
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 7 {
			t.Fatalf("expected.tsv:%d: %d fields, want 7", n, len(fields))
		}
		x := fixture{line: n, feed: fields[0], rules: usualRules, accessM: 800, answer: fields[5], about: fields[6]}
		if err := x.options(strings.Fields(fields[1])); err != nil {
			t.Fatalf("expected.tsv:%d: %v", n, err)
		}
		var okFrom, okTo, okAt bool
		x.from, okFrom = strings.CutPrefix(fields[2], "stop:")
		x.to, okTo = strings.CutPrefix(fields[3], "stop:")
		var question string
		question, x.at, okAt = strings.Cut(fields[4], " ")
		x.arrive = question == "arrive"
		if !okFrom || !okTo || !okAt || x.day == 0 || !x.arrive && question != "depart" {
			t.Fatalf("expected.tsv:%d: cannot read %q", n, lines.Text())
		}
		list = append(list, x)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(list) != 44 {
		t.Fatalf("%d fixtures, want 44", len(list))
	}
	return list
}

func (x *fixture) options(args []string) error {
	for len(args) > 0 {
		name := args[0]
		if name == "--booked" {
			x.rules.booked, args = true, args[1:]
			continue
		}
		if len(args) < 2 {
			return fmt.Errorf("%s has no value", name)
		}
		value := args[1]
		args = args[2:]
		var err error
		switch name {
		case "--change":
			x.rules.change, err = strconv.ParseInt(value, 10, 64)
		case "--slack":
			x.rules.slack, err = strconv.ParseInt(value, 10, 64)
		case "--foot":
			x.rules.footM, err = strconv.ParseFloat(value, 64)
		case "--access":
			x.accessM, err = strconv.ParseFloat(value, 64)
		case "--freq":
			x.raw = value == "raw"
		case "--step-free":
			steps, ok := map[string]transit.Steps{"strict": transit.Strict, "lenient": transit.Lenient, "off": transit.AnySteps}[value]
			if x.steps = steps; !ok {
				err = fmt.Errorf("%s is no way of being step-free", value)
			}
		case "--date":
			var d time.Time
			d, err = time.Parse(time.DateOnly, value)
			x.day = transit.DayOf(d.Date())
		default:
			err = fmt.Errorf("option %s is not known", name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// moments are when the question begins, and the end of what it may look at: a
// day to either side.
func (x *fixture) moments(t *testing.T, zone *time.Location) (at, since, until int64) {
	y, m, d := x.day.Date()
	clock, err := time.Parse("15:04", x.at)
	if err != nil {
		t.Fatal(err)
	}
	at = time.Date(y, m, d, clock.Hour(), clock.Minute(), 0, 0, zone).Unix()
	return at, time.Date(y, m, d-1, 0, 0, 0, 0, zone).Unix(), time.Date(y, m, d+2, 0, 0, 0, 0, zone).Unix()
}

func (x *fixture) read(t *testing.T) *transit.Feed {
	return realFeed(t, "gtfs-fixtures/"+x.feed, gtfs.Options{RawFrequencies: x.raw})
}

func wallClock(at int64, zone *time.Location) string {
	if at == never || at == always {
		return "none"
	}
	return time.Unix(at, 0).In(zone).Format(time.DateTime)
}

func TestFixturesByOracle(t *testing.T) {
	for _, x := range fixtures(t) {
		f := x.read(t)
		o := newOracle(x.rules, f)
		p := person{speed: transit.Standard.Speed, maxWalkM: x.accessM, steps: x.steps}
		from, to := o.named(x.from), o.named(x.to)
		at, since, until := x.moments(t, o.zones[0])
		quick, slow := int64(0), "none"
		if x.arrive {
			quick = o.backward(to, at, since, p).leaves(from)
			if j, ok := o.there(from, to, since, at, p); ok {
				slow = wallClock(j.leave, o.zones[0])
			}
		} else {
			quick = o.forward(from, at, until, p).arrives(to)
			if j, ok := o.home(from, to, at, until, p); ok {
				slow = wallClock(j.arrive, o.zones[0])
			}
		}
		if got := wallClock(quick, o.zones[0]); got != x.answer || slow != x.answer {
			t.Errorf("expected.tsv:%d: %s: scan %s, search %s, want %s", x.line, x.about, got, slow, x.answer)
		}
	}
}

// withRules is a feed under other figures than the engine's. They are said in
// the way a feed can say them: by a transfer rule for every change that no
// rule of its own is about.
func (x *fixture) withRules(f *transit.Feed, speed float64) *transit.Feed {
	if x.rules == usualRules {
		return f
	}
	changed := *f
	changed.Transfers = slices.Clone(f.Transfers)
	for i, a := range f.Stops {
		for j, b := range f.Stops {
			pathM := 1.3 * crow(orb.Point{a.Lon, a.Lat}, orb.Point{b.Lon, b.Lat})
			if pathM > x.rules.footM {
				continue
			}
			seconds := x.rules.change
			if i != j {
				seconds = walkSeconds(pathM, speed) + x.rules.slack
			}
			changed.Transfers = append(changed.Transfers, transit.Transfer{
				From: uint32(i), To: uint32(j), FromRoute: -1, ToRoute: -1, FromTrip: -1, ToTrip: -1,
				Type: transit.MinTime, Seconds: int32(seconds),
			})
		}
	}
	return &changed
}

// stopPoints are where the stops of a fixture are, those too at which nothing stops.
func stopPoints(t *testing.T, feed string) map[string]orb.Point {
	rows := rawRows(t, filepath.Join(sharedData(t, "gtfs-fixtures"), feed), "stops.txt", func(map[string]string) bool { return true })
	points := map[string]orb.Point{}
	for _, row := range rows {
		lat, errLat := strconv.ParseFloat(row["stop_lat"], 64)
		lon, errLon := strconv.ParseFloat(row["stop_lon"], 64)
		if errLat != nil || errLon != nil {
			t.Fatalf("%s: stop %s is nowhere", feed, row["stop_id"])
		}
		points[row["stop_id"]] = orb.Point{lon, lat}
	}
	return points
}

// rawRows are the rows of a table that are wanted, by column, read without
// any help of the importer.
func rawRows(t testing.TB, dir, table string, want func(map[string]string) bool) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, table))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return csvRows(t, csv.NewReader(f), want)
}

func csvRows(t testing.TB, r *csv.Reader, want func(map[string]string) bool) (rows []map[string]string) {
	t.Helper()
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	header, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	header = slices.Clone(header)
	row := map[string]string{}
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range header {
			row[name] = ""
			if i < len(fields) {
				row[name] = fields[i]
			}
		}
		if want(row) {
			rows, row = append(rows, row), map[string]string{}
		}
	}
}

// TestFixturesByEngine asks the engine the same. It takes points rather than
// stops, so somebody stands right at the stop; and they walk no further than
// the one walk that the fixture is about, if any.
func TestFixturesByEngine(t *testing.T) {
	for _, x := range fixtures(t) {
		who := transit.Traveller{Speed: transit.Standard.Speed, MaxWalkM: 250, MaxChanges: -1, Steps: x.steps, Limit: 18 * time.Hour}
		f := x.withRules(x.read(t), who.Speed)
		points := stopPoints(t, x.feed)
		zone, err := time.LoadLocation(f.Zone)
		if err != nil {
			t.Fatal(err)
		}
		who.Home = points[x.to]
		from := []orb.Point{points[x.from]}
		reach := transit.NewNetwork([]*transit.Feed{f}, nil).From(who)
		at, since, until := x.moments(t, zone)
		fail := func(format string, args ...any) {
			t.Helper()
			t.Errorf("expected.tsv:%d: %s: %s, want %s", x.line, x.about, fmt.Sprintf(format, args...), x.answer)
		}
		if x.arrive {
			j, ok := reach.LastHome(from, since, at)
			if got := wallClock(j.Depart.Unix(), zone); !ok || got != x.answer {
				fail("%v %s", ok, got)
			}
			continue
		}
		if x.answer == "none" {
			if j, ok := reach.LastHome(from, at, until); ok {
				fail("%v", j.Arrive)
			}
			continue
		}
		answer, err := time.ParseInLocation(time.DateTime, x.answer, zone)
		if err != nil {
			t.Fatal(err)
		}
		if j, ok := reach.LastHome(from, at, answer.Unix()); !ok || !j.Arrive.Equal(answer) {
			fail("%v %v", ok, j.Arrive)
		}
		if j, ok := reach.LastHome(from, at, answer.Unix()-1); ok {
			fail("a second sooner, %v", j.Arrive)
		}
		// What takes longer than anybody would travel is not looked for there.
		if answer.Unix()-at <= int64(who.Limit/time.Second) {
			if j, ok := reach.Home(from, at); !ok || !j.Arrive.Equal(answer) {
				fail("home at %v (%v)", j.Arrive, ok)
			}
		}
	}
}

// TestFixtureProfile follows every departure of a morning of frequencies, and
// the last ones before one o'clock, of which the fixtures' notes have the lists.
func TestFixtureProfile(t *testing.T) {
	f := realFeed(t, "gtfs-fixtures/graphhopper-sample-feed", gtfs.Options{RawFrequencies: true})
	points := stopPoints(t, "graphhopper-sample-feed")
	zone, err := time.LoadLocation(f.Zone)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2007, 1, 1, 0, 0, 0, 0, zone)
	reach := transit.NewNetwork([]*transit.Feed{f}, nil).From(transit.Traveller{
		Home: points["NANAA"], Speed: 1.2, MaxWalkM: 10, MaxChanges: -1, Limit: 4 * time.Hour,
	})
	from := []orb.Point{points["NADAV"]}
	var morning []string
	for at, end := day.Add(6*time.Hour), day.Add(10*time.Hour+5*time.Minute); ; {
		j, ok := reach.Home(from, at.Unix())
		if !ok || !j.Depart.Before(end) {
			break
		}
		morning, at = append(morning, j.Depart.Format("15:04")), j.Depart.Add(time.Second)
	}
	if got, want := strings.Join(morning, " "), "06:44 07:14 07:44 08:14 08:44 08:54 09:04 09:14 09:24 09:34 09:44 09:54 10:04"; got != want {
		t.Errorf("departures %s\nwant       %s", got, want)
	}
	var last []string
	for by := day.Add(13 * time.Hour).Unix(); len(last) < 4; {
		j, ok := reach.LastHome(from, day.Unix(), by)
		if !ok {
			break
		}
		last, by = append(last, j.Depart.Format("15:04")), j.Arrive.Unix()-1
	}
	if got, want := strings.Join(last, " "), "12:44 12:14 11:44 11:14"; got != want {
		t.Errorf("last departures %s, want %s", got, want)
	}
}
