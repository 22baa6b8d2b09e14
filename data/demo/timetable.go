package demo

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/gb"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/geo/transit"
)

// How long the timetable holds, in days from the day of loading.
const (
	timetableBefore = 30
	timetableAfter  = 180
)

// Timetable is the public transport of the demonstration as it would be found
// on that day: town buses that run until late, town buses that do not, country
// buses that run a few times a day and not on Sundays, one that runs on market
// days, and two railway lines. The towns are real and everything else is not:
// nobody should wait for any of it.
//
// It is valid from 30 days before to 180 days after that day. On English bank
// holidays it runs as on Sundays, and on Christmas Day not at all. A fault in
// the data is an error that names the file and the line or stop.
func Timetable(today hereabouts.Date) (*transit.Feed, error) {
	day, err := startOf(today)
	if err != nil {
		return nil, err
	}
	var written network
	if err := read("timetable/lines.yaml", &written); err != nil {
		return nil, err
	}
	raw, err := files.Open("timetable/stops.csv")
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	defer raw.Close()
	year, month, dom := day.Date()
	now := transit.DayOf(year, month, dom)
	b := &timetable{
		Feed: transit.Feed{
			Name: Source, Publisher: "Hereabouts demonstration", Version: string(today), Licence: Licence,
			Zone: "Europe/London", First: now - timetableBefore, Last: now + timetableAfter, ImportedAt: day.UTC(),
		},
		stopAt: map[string]uint32{}, services: map[string]uint32{}, trips: map[string]bool{},
	}
	if err := b.stops(raw); err != nil {
		return nil, fmt.Errorf("demo: timetable/stops.csv: %w", err)
	}
	if err := b.network(&written); err != nil {
		return nil, fmt.Errorf("demo: timetable/lines.yaml: %w", err)
	}
	return &b.Feed, nil
}

// A network is lines.yaml.
type network struct {
	Operators map[string]string // names by key
	Changes   []change
	Lines     []line
}

// A change takes its own time, either way, as between a platform and the
// stop outside.
type change struct {
	Between []string // two stops
	Seconds int32
}

// A line is a road that vehicles of one number run along, in both directions.
type line struct {
	Line     string
	Operator string   // key in operators
	Mode     string   // bus when left out; or rail
	KmH      float64  `yaml:"kmh"` // between stops as the crow flies, stopping included
	Step     *bool    // step-free vehicles; left out: nobody has said
	Stops    []string // ids in stops.csv, in the order of the way out
	Runs     []runs
}

// runs are the departures of some days.
type runs struct {
	Days    string   // "Mo-Sa", "We Fr"; "Mo-Fr school" is on school days only
	Way     string   // out or back; both when left out
	Every   int      // minutes
	From    string   // the first departure
	Until   string   // no later than this
	At      []string // departures, instead of every, from and until
	Between []string // the two ends of a run that is not for the whole line
}

// A timetable is a feed that is being written.
type timetable struct {
	transit.Feed
	places   []string          // of the stops
	stopAt   map[string]uint32 // by id
	services map[string]uint32 // by days
	trips    map[string]bool   // ids there are
}

// stops reads stops.csv. A stop stands for both sides of its road.
func (b *timetable) stops(r io.Reader) error {
	rows := csv.NewReader(r)
	head, err := rows.Read()
	if err != nil {
		return err
	}
	if want := []string{"id", "name", "place", "station", "stand", "lat", "lon", "step"}; !slices.Equal(head, want) {
		return fmt.Errorf("the columns are %q and should be %q", head, want)
	}
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		id, name, place := row[0], row[1], row[2]
		fault := func(format string, args ...any) error {
			at, _ := rows.FieldPos(0)
			return fmt.Errorf("line %d: stop %q: %w", at, id, fmt.Errorf(format, args...))
		}
		if _, again := b.stopAt[id]; id == "" || again {
			return fault("give every stop an id of its own")
		}
		if name == "" || place == "" {
			return fault("it has no name or no place")
		}
		if !strings.Contains(name, place) {
			name += ", " + place
		}
		lat, err1 := strconv.ParseFloat(row[5], 64)
		lon, err2 := strconv.ParseFloat(row[6], 64)
		if err1 != nil || err2 != nil {
			return fault("%q, %q are not degrees", row[5], row[6])
		}
		step, ok := map[string]transit.Accessible{"": transit.AccessUnknown, "yes": transit.AccessYes, "no": transit.AccessNo}[row[7]]
		if !ok {
			return fault("step is yes, no or nothing, not %q", row[7])
		}
		b.stopAt[id] = uint32(len(b.Stops))
		b.places = append(b.places, place)
		b.Stops = append(b.Stops, transit.Stop{ID: id, Name: name, Station: row[3], Code: row[4], Lat: lat, Lon: lon, Wheelchair: step})
	}
}

func (b *timetable) network(n *network) error {
	for _, c := range n.Changes {
		if len(c.Between) != 2 {
			return fmt.Errorf("changes: %q should be two stops", c.Between)
		}
		at, err := b.positions(c.Between)
		if err != nil {
			return fmt.Errorf("changes: %w", err)
		}
		for _, ends := range [2][2]uint32{{at[0], at[1]}, {at[1], at[0]}} {
			b.Transfers = append(b.Transfers, transit.Transfer{From: ends[0], To: ends[1],
				FromRoute: -1, ToRoute: -1, FromTrip: -1, ToTrip: -1,
				Type: transit.MinTime, Seconds: c.Seconds, Rank: 2})
		}
	}
	for i := range n.Lines {
		if err := b.line(n, &n.Lines[i]); err != nil {
			return fmt.Errorf("line %q: %w", n.Lines[i].Line, err)
		}
	}
	return nil
}

func (b *timetable) positions(ids []string) ([]uint32, error) {
	at := make([]uint32, len(ids))
	for i, id := range ids {
		var ok bool
		if at[i], ok = b.stopAt[id]; !ok {
			return nil, fmt.Errorf("stop %q is not in stops.csv", id)
		}
		if slices.Contains(ids[:i], id) {
			return nil, fmt.Errorf("stop %q is there twice", id)
		}
	}
	return at, nil
}

func (b *timetable) line(n *network, l *line) error {
	operator, ok := n.Operators[l.Operator]
	if !ok {
		return fmt.Errorf("operator %q is not among the operators", l.Operator)
	}
	mode, ok := map[string]transit.Mode{"": transit.Bus, "rail": transit.Rail}[l.Mode]
	if !ok {
		return fmt.Errorf("mode is rail or left out, not %q", l.Mode)
	}
	stops, err := b.positions(l.Stops)
	if err != nil {
		return err
	}
	if len(stops) < 2 || l.KmH <= 0 {
		return fmt.Errorf("it needs two stops and a speed in kmh")
	}
	wheelchair := transit.AccessUnknown
	if l.Step != nil {
		wheelchair = transit.AccessNo
		if *l.Step {
			wheelchair = transit.AccessYes
		}
	}
	route := uint32(len(b.Routes))
	b.Routes = append(b.Routes, transit.Route{ID: l.Line, Name: l.Line, Operator: operator, Mode: mode})
	back := slices.Clone(stops)
	slices.Reverse(back)
	for i := range l.Runs {
		r := &l.Runs[i]
		service, err := b.service(r.Days)
		if err != nil {
			return err
		}
		departures, err := r.departures()
		if err != nil {
			return fmt.Errorf("%s: %w", r.Days, err)
		}
		ways := map[string][]string{"": {"out", "back"}, "out": {"out"}, "back": {"back"}}[r.Way]
		if ways == nil {
			return fmt.Errorf("%s: way is out, back or left out, not %q", r.Days, r.Way)
		}
		for _, way := range ways {
			path := stops
			if way == "back" {
				path = back
			}
			if path, err = b.section(path, r.Between); err != nil {
				return fmt.Errorf("%s: %w", r.Days, err)
			}
			times := b.running(path, l.KmH, mode)
			last := path[len(path)-1]
			for _, departs := range departures {
				id := fmt.Sprintf("%s %s %s %02d%02d", l.Line, way, r.Days, departs/60, departs%60)
				if b.trips[id] {
					return fmt.Errorf("%s: two vehicles leave at %02d:%02d", r.Days, departs/60, departs%60)
				}
				b.trips[id] = true
				trip := transit.Trip{ID: id, Route: route, Service: service, Headsign: b.places[last], Wheelchair: wheelchair,
					Times: make([]transit.StopTime, len(path))}
				for j, stop := range path {
					at := int32(departs*60) + times[j]
					trip.Times[j] = transit.StopTime{Stop: stop, Arrive: at, Depart: at}
				}
				b.Trips = append(b.Trips, trip)
			}
		}
	}
	return nil
}

// section is the part of a way between two of its stops, whichever comes first.
func (b *timetable) section(path []uint32, between []string) ([]uint32, error) {
	if len(between) == 0 {
		return path, nil
	}
	ends, err := b.positions(between)
	if err != nil || len(ends) != 2 {
		return nil, fmt.Errorf("between: %q should be two stops of the line", between)
	}
	from, to := slices.Index(path, ends[0]), slices.Index(path, ends[1])
	if from < 0 || to < 0 {
		return nil, fmt.Errorf("between: %q are not both on the line", between)
	}
	return path[min(from, to) : max(from, to)+1], nil
}

// fastest is what a vehicle is never asked to do between two stops, in km/h
// along its way.
var fastest = map[transit.Mode]float64{transit.Bus: 55, transit.Rail: 130}

// running is when a vehicle is at each stop, in seconds after it left the
// first: in whole minutes, as printed timetables have it, and never two stops
// in one minute.
func (b *timetable) running(path []uint32, kmh float64, mode transit.Mode) []int32 {
	times := make([]int32, len(path))
	km := 0.0
	for i := 1; i < len(path); i++ {
		from, to := &b.Stops[path[i-1]], &b.Stops[path[i]]
		hop := geo.DistanceM(geo.LatLon(from.Lat, from.Lon), geo.LatLon(to.Lat, to.Lon)) / 1000
		km += hop
		usual, least := math.Round(km/kmh*60), math.Ceil(hop*transit.Detour/fastest[mode]*60)
		times[i] = max(int32(usual)*60, times[i-1]+int32(least)*60)
	}
	return times
}

// departures are in minutes after midnight; those after 24:00 are the next
// morning.
func (r *runs) departures() ([]int, error) {
	var all []int
	if len(r.At) > 0 {
		if r.Every != 0 || r.From != "" || r.Until != "" {
			return nil, fmt.Errorf("give either at, or every, from and until")
		}
		for _, at := range r.At {
			m, err := clock(at)
			if err != nil {
				return nil, err
			}
			all = append(all, m)
		}
		return all, nil
	}
	from, err1 := clock(r.From)
	until, err2 := clock(r.Until)
	if err1 != nil || err2 != nil || r.Every <= 0 || until < from {
		return nil, fmt.Errorf("every %d minutes from %q until %q is no series of departures", r.Every, r.From, r.Until)
	}
	for m := from; m <= until; m += r.Every {
		all = append(all, m)
	}
	return all, nil
}

// clock reads "24:45" as minutes after midnight.
func clock(s string) (int, error) {
	h, m, ok := strings.Cut(s, ":")
	hours, err1 := strconv.Atoi(h)
	minutes, err2 := strconv.Atoi(m)
	if !ok || err1 != nil || err2 != nil || len(h) != 2 || len(m) != 2 || hours < 0 || hours > 29 || minutes < 0 || minutes > 59 {
		return 0, fmt.Errorf("%q is not a time of day like 08:05, or 24:45 for the next morning", s)
	}
	return hours*60 + minutes, nil
}

// service is the service of some days; lines that run on the same days share
// one.
func (b *timetable) service(days string) (uint32, error) {
	if at, ok := b.services[days]; ok {
		return at, nil
	}
	on, school, err := daysOf(days)
	if err != nil {
		return 0, err
	}
	n := int(b.Last-b.First) + 1
	s := transit.Service{Days: make([]uint64, (n+63)/64)}
	for i := range n {
		year, month, dom := (b.First + transit.Day(i)).Date()
		if d := date(year, month, dom); on[runsAs(d)] && !(school && inHoliday(d)) && !(month == time.December && dom == 25) {
			s.Days[i/64] |= 1 << (i % 64)
		}
	}
	at := uint32(len(b.Services))
	b.Services = append(b.Services, s)
	b.services[days] = at
	return at, nil
}

// daysOf reads "Mo-Sa", "We Fr", "Mo-Fr school".
func daysOf(s string) (on [7]bool, school bool, err error) {
	at := func(day string) int {
		return slices.Index([]string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}, day)
	}
	words := strings.Fields(s)
	if school = len(words) > 1 && words[len(words)-1] == "school"; school {
		words = words[:len(words)-1]
	}
	for _, w := range words {
		from, to, ranged := strings.Cut(w, "-")
		if !ranged {
			to = from
		}
		if at(from) < 0 || at(to) < at(from) {
			return on, school, fmt.Errorf(`days: %q is not like "Mo-Sa", "We Fr" or "Mo-Fr school"`, s)
		}
		for d := at(from); d <= at(to); d++ {
			on[(d+1)%7] = true // time.Weekday begins with Sunday
		}
	}
	if len(words) == 0 {
		return on, school, fmt.Errorf("days: say on which days")
	}
	return on, school, nil
}

// runsAs is the day of the week that buses run as: Sunday on a bank holiday.
func runsAs(d time.Time) time.Weekday {
	if on, instead, _ := bankHolidays.IsHoliday(d); on || instead {
		return time.Sunday
	}
	return d.Weekday()
}

// bankHolidays are those of England, those proclaimed once included.
var bankHolidays = &cal.Calendar{Holidays: gb.Holidays}
