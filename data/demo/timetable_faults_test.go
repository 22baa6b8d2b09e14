package demo

import (
	"strings"
	"testing"

	"hereabouts/geo/transit"
)

const someStops = `id,name,place,station,stand,lat,lon,step
a,The Green,Flore,,,52.2370,-1.0572,yes
b,The Cross,Weedon,,,52.2285,-1.0805,
c,Lodge Road,Daventry,,,52.2586,-1.1622,no
`

const someLine = `
operators: {o: Buses}
changes: [{between: [a, b], seconds: 60}]
lines:
- line: "9"
  operator: o
  kmh: 30
  stops: [a, b, c]
  runs: [{days: Mo-Sa, at: ["08:05"]}]
`

func build(stops, lines string) (*timetable, error) {
	b := &timetable{Feed: transit.Feed{First: 20000, Last: 20100},
		stopAt: map[string]uint32{}, services: map[string]uint32{}, trips: map[string]bool{}}
	if err := b.stops(strings.NewReader(stops)); err != nil {
		return nil, err
	}
	var n network
	if err := decode("lines.yaml", []byte(lines), &n); err != nil {
		return nil, err
	}
	return b, b.network(&n)
}

func TestALineIsWrittenOut(t *testing.T) {
	b, err := build(someStops, someLine)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Trips) != 2 || len(b.Transfers) != 2 || b.Trips[0].Headsign != "Daventry" || b.Trips[1].Headsign != "Flore" ||
		b.Trips[0].Times[0].Depart != 8*3600+5*60 || b.Trips[1].Times[0].Stop != 2 || b.Stops[0].Name != "The Green, Flore" {
		t.Errorf("%+v", b.Feed)
	}
}

// Whoever changes the timetable is told where they slipped.
func TestFaultsInTheTimetableAreNamed(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"a,The Green", "b,The Green", `stop "b"`},
		{"a,The Green", ",The Green", "line 2"},
		{"b,The Cross,Weedon", "b,,Weedon", "line 3"},
		{"52.2370", "north", "degrees"},
		{"-1.0572,yes", "-1.0572,maybe", `"maybe"`},
		{"id,name,place", "id,place,name", "columns"},
		{",52.2586,-1.1622,no", ",52.2586", "wrong number of fields"},
		{"between: [a, b]", "between: [a, d]", `"d" is not in stops.csv`},
		{"between: [a, b]", "between: [a]", "two stops"},
		{"operator: o", "operator: p", `line "9": operator "p"`},
		{"kmh: 30", "kmh: 0", "speed"},
		{"kmh: 30", "kmh: 30\n  mode: tram", `"tram"`},
		{"kmh: 30", "mph: 30", "mph"},
		{"stops: [a, b, c]", "stops: [a, b, a]", "twice"},
		{"stops: [a, b, c]", "stops: [a]", "two stops"},
		{"days: Mo-Sa", "days: Mon-Sat", `"Mon-Sat"`},
		{"days: Mo-Sa", "days: Sa-Mo", `"Sa-Mo"`},
		{"days: Mo-Sa", "days: school", `"school"`},
		{"days: Mo-Sa", `days: ""`, "which days"},
		{`"08:05"`, `"8:05"`, `"8:05"`},
		{`"08:05"`, `"08:60"`, `"08:60"`},
		{`"08:05"`, `"30:00"`, `"30:00"`},
		{`"08:05"`, `"08:05", "08:05"`, "two vehicles leave at 08:05"},
		{`at: ["08:05"]`, `at: ["08:05"], every: 10`, "either at"},
		{`at: ["08:05"]`, `every: 0, from: "08:00", until: "09:00"`, "no series"},
		{`at: ["08:05"]`, `every: 5, from: "09:00", until: "08:00"`, "no series"},
		{`at: ["08:05"]`, `at: ["08:05"], way: up`, `"up"`},
		{`at: ["08:05"]`, `at: ["08:05"], between: [a]`, "two stops of the line"},
		{`stops: [a, b, c]
  runs: [{days: Mo-Sa, at: ["08:05"]}]`, `stops: [a, b]
  runs: [{days: Mo-Sa, at: ["08:05"], between: [a, c]}]`, "not both on the line"},
	} {
		if strings.Count(someStops+someLine, c.from) != 1 {
			t.Errorf("%q is not there to be changed", c.from)
		}
		_, err := build(strings.Replace(someStops, c.from, c.to, 1), strings.Replace(someLine, c.from, c.to, 1))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s → %s: %v, want something about %s", c.from, c.to, err, c.want)
		}
	}
}

func FuzzTimetable(f *testing.F) {
	f.Add("Mo-Sa", "08:05", "24:45")
	f.Add("Mo-Fr school", "08:05:00", "-1:00")
	f.Fuzz(func(t *testing.T, days, from, until string) {
		if on, _, err := daysOf(days); err == nil && on == [7]bool{} {
			t.Errorf("%q is no day", days)
		}
		r := runs{Every: 1, From: from, Until: until}
		all, err := r.departures()
		if err != nil {
			return
		}
		if len(all) == 0 || len(all) > 30*60 || all[0] < 0 {
			t.Errorf("from %q until %q: %d departures", from, until, len(all))
		}
	})
}
