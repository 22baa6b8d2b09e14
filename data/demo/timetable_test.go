package demo_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"hereabouts"
	"hereabouts/data/demo"
	"hereabouts/geo"
	"hereabouts/geo/transit"
)

func timetable(t testing.TB, on hereabouts.Date) *transit.Feed {
	t.Helper()
	f, err := demo.Timetable(on)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func at(s *transit.Stop) orb.Point { return geo.LatLon(s.Lat, s.Lon) }

func dayOf(t testing.TB, d hereabouts.Date) transit.Day {
	t.Helper()
	when, ok := d.Time()
	if !ok {
		t.Fatalf("%q is not a date", d)
	}
	return transit.DayOf(when.Date())
}

// Any day may be the day somebody tries Hereabouts.
func TestTheTimetableIsSoundOnAnyDay(t *testing.T) {
	for _, on := range []hereabouts.Date{today, "2026-12-25", "2027-03-28", "2027-10-31", "2028-02-29", "2031-01-01"} {
		f := timetable(t, on)
		if f.First != dayOf(t, on)-30 || f.Last != dayOf(t, on)+180 {
			t.Errorf("on %s it is valid from %s to %s", on, f.First, f.Last)
		}
		if f.Name != demo.Source || f.Zone != "Europe/London" || !strings.Contains(f.Publisher, "demonstration") || f.Licence != demo.Licence {
			t.Errorf("on %s it calls itself %q of %q, %q, in %q", on, f.Name, f.Publisher, f.Licence, f.Zone)
		}
		sound(t, f)
		if !reflect.DeepEqual(f, timetable(t, on)) {
			t.Errorf("on %s it is not the same twice", on)
		}
		if err := transit.Save(t.TempDir(), f); err != nil {
			t.Errorf("on %s it cannot be stored: %v", on, err)
		}
	}
	if f, err := demo.Timetable("2026-02-30"); err == nil {
		t.Errorf("on no day there are %d trips", len(f.Trips))
	}
}

// fastest is how fast each mode may go from stop to stop, in km/h on a road
// or line that bends as much as walks do.
var fastest = map[transit.Mode]float64{transit.Bus: 60, transit.Rail: 160}

func sound(t *testing.T, f *transit.Feed) {
	t.Helper()
	if n := len(f.Stops); n < 250 || n > 400 {
		t.Errorf("%d stops", n)
	}
	if n := len(f.Trips); n < 1500 || n > 3000 {
		t.Errorf("%d trips", n)
	}
	ids, served := map[string]bool{}, make([]bool, len(f.Stops))
	for i := range f.Stops {
		if s := &f.Stops[i]; s.ID == "" || s.Name == "" || ids[s.ID] {
			t.Errorf("stop %d, %q, has no id or name of its own", i, s.ID)
		}
		ids[f.Stops[i].ID] = true
	}
	for _, s := range f.Services {
		for i := range 64 * len(s.Days) {
			if s.Days[i/64]>>(i%64)&1 != 0 && f.First+transit.Day(i) > f.Last {
				t.Errorf("a service runs on %s, after the last day", f.First+transit.Day(i))
			}
		}
	}
	for _, x := range f.Transfers {
		if int(x.From) >= len(f.Stops) || int(x.To) >= len(f.Stops) || x.FromRoute != -1 || x.ToRoute != -1 || x.FromTrip != -1 || x.ToTrip != -1 {
			t.Errorf("%+v leads out of the feed", x)
		}
	}
	trips := map[string]bool{}
	for i := range f.Trips {
		trip := &f.Trips[i]
		if trips[trip.ID] || trip.Headsign == "" || len(trip.Times) < 2 {
			t.Errorf("trip %q is there twice, or goes nowhere", trip.ID)
		}
		trips[trip.ID] = true
		if int(trip.Route) >= len(f.Routes) || int(trip.Service) >= len(f.Services) {
			t.Fatalf("trip %q has route %d and service %d", trip.ID, trip.Route, trip.Service)
		}
		for j, s := range trip.Times {
			if int(s.Stop) >= len(f.Stops) {
				t.Fatalf("trip %q stops at %d", trip.ID, s.Stop)
			}
			served[s.Stop] = true
			if s.Arrive < 0 || s.Depart < s.Arrive || s.Arrive%60 != 0 || s.Pickup != transit.Regular || s.DropOff != transit.Regular {
				t.Errorf("trip %q: %+v", trip.ID, s)
			}
			if j == 0 {
				continue
			}
			last := trip.Times[j-1]
			m := geo.DistanceM(at(&f.Stops[last.Stop]), at(&f.Stops[s.Stop])) * transit.Detour
			kmh := m / float64(s.Arrive-last.Depart) * 3.6
			if s.Arrive <= last.Depart || kmh > fastest[f.Routes[trip.Route].Mode] || kmh < 8 {
				t.Errorf("trip %q goes the %.0f m from %s to %s in %d s", trip.ID, m, f.Stops[last.Stop].ID, f.Stops[s.Stop].ID, s.Arrive-last.Depart)
			}
		}
	}
	if i := slices.Index(served, false); i >= 0 {
		t.Errorf("nothing stops at %s", f.Stops[i].ID)
	}
}

// running says which lines leave anywhere on a day, and the first and last
// departure of each in hours.
func running(f *transit.Feed, d transit.Day) map[string][2]float64 {
	on := map[string][2]float64{}
	for i := range f.Trips {
		trip := &f.Trips[i]
		if !f.On(int(trip.Service), d) {
			continue
		}
		name, h := f.Routes[trip.Route].Name, float64(trip.Times[0].Depart)/3600
		have, ok := on[name]
		if !ok {
			have = [2]float64{h, h}
		}
		on[name] = [2]float64{min(have[0], h), max(have[1], h)}
	}
	return on
}

func names(on map[string][2]float64) []string {
	var all []string
	for name := range on {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func TestWhichLinesRunWhen(t *testing.T) {
	f := timetable(t, today)
	const market = "43"
	sundays := []string{"1", "2", "3", "4", "6", "Ise line", "Nene line", "X1"}
	workdays := []string{"1", "2", "3", "4", "41", "42", "5", "6", "60", "7", "Ise line", "Nene line", "X1", "X2"}
	with := func(line string) []string { return append(slices.Clone(workdays), line) }
	for _, c := range []struct {
		on    hereabouts.Date
		what  string
		lines []string
	}{
		{"2026-11-24", "a Tuesday", workdays},
		{"2026-11-25", "a Wednesday, market day", with(market)},
		{"2026-11-27", "a Friday, market day", with(market)},
		{"2026-11-28", "a Saturday", workdays},
		{"2026-11-29", "a Sunday", sundays},
		{"2026-12-25", "Christmas Day", nil},
		{"2026-12-26", "Boxing Day, a Saturday", sundays},
		{"2026-12-28", "Monday instead of Boxing Day", sundays},
		{"2027-01-01", "New Year's Day, a Friday", sundays},
		{"2027-03-26", "Good Friday", sundays},
		{"2027-03-29", "Easter Monday", sundays},
		{"2027-05-03", "the first Monday of May", sundays},
		{"2027-05-04", "the day after", workdays},
	} {
		got := names(running(f, dayOf(t, c.on)))
		slices.Sort(c.lines)
		if diff := cmp.Diff(c.lines, got); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", c.on, c.what, diff)
		}
	}

	friday := running(f, dayOf(t, "2026-11-27"))
	for name, span := range friday {
		evening := slices.Contains([]string{"1", "2", "4", "X1", "Nene line", "Ise line"}, name)
		if (span[1] > 19) != evening {
			t.Errorf("line %s leaves for the last time at %.2f hours", name, span[1])
		}
	}
	if friday["1"][1] < 24 || friday["2"][1] < 24 {
		t.Errorf("nothing runs past midnight on a Friday: %v", friday)
	}
	if last := running(f, dayOf(t, "2026-11-26"))["1"][1]; last > 24 {
		t.Errorf("line 1 leaves at %.2f hours on a Thursday", last)
	}
}

// More leave on a school day than on the same day of a holiday.
func TestBusesForSchoolsRunInTerm(t *testing.T) {
	f := timetable(t, today)
	count := func(on hereabouts.Date) (n int) {
		for i := range f.Trips {
			if f.On(int(f.Trips[i].Service), dayOf(t, on)) {
				n++
			}
		}
		return n
	}
	if term, holiday := count("2026-12-15"), count("2026-12-22"); term != holiday+9 {
		t.Errorf("%d vehicles on a Tuesday of term and %d of the holidays", term, holiday)
	}
}

func TestTheTimetableSaysSomethingOfWheelchairsAndNotEverything(t *testing.T) {
	f := timetable(t, today)
	var stops, trips [3]int
	for i := range f.Stops {
		stops[f.Stops[i].Wheelchair]++
	}
	for i := range f.Trips {
		trips[f.Trips[i].Wheelchair]++
	}
	for what, of := range map[string][3]int{"stops": stops, "trips": trips} {
		if of[transit.AccessUnknown] < 30 || of[transit.AccessYes] < 30 || of[transit.AccessNo] < 4 {
			t.Errorf("of %s %d say nothing, %d yes and %d no", what, of[0], of[1], of[2])
		}
	}
}

// Most of what happens in a place has a stop within a kilometre's walk, and
// every stop is near somewhere that people live.
func TestStopsAreWhereThingsHappen(t *testing.T) {
	f := timetable(t, today)
	n := transit.NewNetwork([]*transit.Feed{f}, nil)
	near, all := 0, 0
	for _, l := range listings(t, today) {
		if !slices.Contains(l.Delivery, hereabouts.InPerson) || len(l.Places) == 0 || l.Status != hereabouts.Published {
			continue
		}
		all++
		if slices.ContainsFunc(points(&l, ""), func(p orb.Point) bool { return len(n.FeedsNear(p, 1000)) > 0 }) {
			near++
		}
	}
	t.Logf("%d of %d listings have a stop within 1,000 m", near, all)
	if all < 150 || near*100 < all*85 {
		t.Errorf("only %d of %d listings have a stop within 1,000 m", near, all)
	}
	var homes []orb.Point
	for _, r := range table(t, "places.csv", "name", "kind", "district", "lat", "lon") {
		homes = append(homes, r.point(t))
	}
	for i := range f.Stops {
		s := &f.Stops[i]
		if !slices.ContainsFunc(homes, func(p orb.Point) bool { return geo.DistanceM(at(s), p) < 5000 }) {
			t.Errorf("%s is nowhere near a place that we know", s.ID)
		}
	}
}

// points are where a listing, or one place of it, can be come to.
func points(l *hereabouts.Listing, place string) (all []orb.Point) {
	for i := range l.Places {
		p := &l.Places[i]
		if place != "" && p.ID != place {
			continue
		}
		if at, ok := p.Point(); ok {
			all = append(all, at)
		}
		for _, e := range p.Entrances {
			all = append(all, geo.LatLon(e.Lat, e.Lon))
		}
	}
	return all
}

// A trip is somebody and what they would like to go to.
type trip struct {
	from    string // row of places.csv
	listing string // Source.ID
	on      hereabouts.Date
	minutes int
}

// judge says what comes of a trip, by the engine's own answers: there and
// back, there only, no with its reason, or a walk.
func judge(t *testing.T, n *transit.Network, homes map[string]orb.Point, l *hereabouts.Listing, s *hereabouts.Session, x trip) string {
	t.Helper()
	sc, err := s.Schedule()
	if err != nil {
		t.Fatal(err)
	}
	day, _ := x.on.Time()
	for o := range sc.Occurrences(day, day.AddDate(0, 0, 1)) {
		if o.Start.Before(day) {
			continue
		}
		r := n.From(transit.Traveller{Home: homes[x.from], Limit: time.Duration(x.minutes) * time.Minute,
			Speed: transit.Standard.Speed, MaxWalkM: transit.Standard.MaxWalkM, MaxChanges: -1})
		spots := n.NewSpots()
		there, back, walk, noService := false, false, false, true
		for _, p := range points(l, s.PlaceID) {
			id := spots.Add(p)
			_, _, ok := r.Walk(p)
			walk = walk || ok
			there = there || r.Out(o.Start.Add(-5*time.Minute).Unix()).Reaches(spots, id)
			back = back || r.Back(o.End.Unix()).Reaches(spots, id)
			noService = noService && r.NoService(o.Start.Unix(), spots, id)
		}
		switch {
		case walk:
			return "walk"
		case there && back:
			return "there_and_back"
		case there:
			return "there_only"
		case noService:
			return "no_service_that_day"
		}
		return "too_far"
	}
	return ""
}

func homesOf(t *testing.T) map[string]orb.Point {
	homes := map[string]orb.Point{}
	for _, r := range table(t, "places.csv", "name", "kind", "district", "lat", "lon") {
		homes[r["name"]] = r.point(t)
	}
	return homes
}

// Each of these can be shown to somebody: README.md names some of them.
func TestTripsToShow(t *testing.T) {
	n := transit.NewNetwork([]*transit.Feed{timetable(t, today)}, nil)
	homes := homesOf(t)
	for _, c := range []struct {
		trip
		want string
	}{
		{trip{"Kingsthorpe", "table-talk-mounts", "2026-11-25", 45}, "there_and_back"},
		{trip{"Weston Favell", "lamplight-maths", "2026-11-25", 45}, "there_and_back"},   // until eight, and the 1 runs until late
		{trip{"Weston Favell", "lighter-together", "2026-11-25", 45}, "there_only"},      // until half past seven, and the 4 once an hour
		{trip{"Weston Favell", "lighter-together", "2026-11-25", 120}, "there_and_back"}, // with time to wait for it
		{trip{"Flore", "ordnance-yard-women", "2026-11-26", 45}, "there_only"},           // the next village, but nobody drives home at nine
		{trip{"Northampton", "towcester-sunday", "2026-11-22", 60}, "no_service_that_day"},
		{trip{"Northampton", "yardley-film-night", "2026-11-26", 60}, "no_service_that_day"}, // a Thursday, and the 43 runs on market days
		{trip{"Kingsthorpe", "upright-brackley", "2026-11-26", 45}, "too_far"},
		{trip{"Flore", "flore-day-club", "2026-11-25", 45}, "walk"},
	} {
		all := listings(t, today)
		at := slices.IndexFunc(all, func(l hereabouts.Listing) bool { return l.Source.ID == c.listing })
		if at < 0 {
			t.Fatalf("there is no listing %q", c.listing)
		}
		var got []string
		for i := range all[at].Sessions {
			if v := judge(t, n, homes, &all[at], &all[at].Sessions[i], c.trip); v != "" {
				got = append(got, v)
			}
		}
		if !slices.Contains(got, c.want) {
			t.Errorf("%+v: %q, want %s", c.trip, got, c.want)
		}
	}
}

// What people will try, and what a demonstration must be able to show them.
func TestEveryVerdictOccurs(t *testing.T) {
	n := transit.NewNetwork([]*transit.Feed{timetable(t, today)}, nil)
	homes := homesOf(t)
	verdicts := map[string]int{}
	by := map[string]map[string]int{}
	for _, from := range []string{"Kingsthorpe", "Duston", "Brixworth", "Flore", "Towcester"} {
		by[from] = map[string]int{}
		for _, l := range listings(t, today) {
			for i := range l.Sessions {
				s := &l.Sessions[i]
				if s.Attend != hereabouts.Whole || len(l.Places) == 0 {
					continue
				}
				for day := range 7 {
					if v := judge(t, n, homes, &l, s, trip{from, l.Source.ID, today.AddDays(1 + day), 45}); v != "" {
						verdicts[v]++
						by[from][v]++
					}
				}
			}
		}
	}
	for v, least := range map[string]int{"walk": 10, "there_and_back": 50, "there_only": 15, "no_service_that_day": 15, "too_far": 100} {
		if verdicts[v] < least {
			t.Errorf("%s occurs %d times", v, verdicts[v])
		}
	}
	if by["Kingsthorpe"]["there_and_back"] <= by["Flore"]["there_and_back"] {
		t.Errorf("a suburb is no better served than a village: %v", by)
	}
}
