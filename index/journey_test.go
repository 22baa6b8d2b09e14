package index

import (
	"cmp"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb/geojson"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/geo/transit"
	"hereabouts/index/internal/sample"
)

// The country of these tests, on the meridian 1° west. A stop is 0.00099° of
// latitude from its door, which is 110.08 m, 143.1 m of path and 120 s.
//
//	home   52.00000   stop A  52.00099
//	town                stop B  52.05      every line meets there
//	hall   52.10099   stop C  52.10000
//	mill   52.20099   stop D  52.20000    reached by train
//	farm   52.30000   no stop
const door = 0.00099

var (
	homeDoor = hereabouts.Origin{Label: "home", Kind: "point", Lat: 52, Lon: -1}
	halldoor = [2]float64{52.1 + door, -1}
	milldoor = [2]float64{52.2 + door, -1}
	farm     = [2]float64{52.3, -1}
)

// A timetable for tests is written as lines of runs: the days, the mode and
// line, then stops with times.
const countryLines = `
weekdays bus 2   A 09:14 B 09:25
weekdays bus 18  B 09:30 C 09:49
weekdays bus 18  C 12:12 B 12:30
weekdays bus 2   B 12:35 A 12:50
weekdays bus 2   A 16:14 B 16:25
weekdays bus 18  B 16:30 C 16:49
weekdays bus 18  C 18:40 B 18:58
weekdays bus 2   B 19:05 A 19:20
weekdays bus 2   A 08:14 B 08:25
weekdays bus 18  B 08:30 C 08:49
weekdays bus 2   A 08:44 B 08:55
weekdays bus 18  B 09:00 C 09:19
weekdays bus 7   C 12:20 A 13:10
weekdays rail R  B 09:32 D 09:47
weekdays rail R  D 12:15 B 12:30
fridays bus N  A 23:00 C 23:30
fridays bus N  C 26:10 A 26:40
sundays bus 9    A 10:00 X 10:10
sundays bus 9    X 11:00 A 11:10
octobersundays bus 2  A 09:14 C 09:49
octobersundays bus 2  C 12:12 A 12:50
`

// country is the timetable above, from 1 October to 12 December 2026.
func country() *transit.Feed {
	return feedOf("country", countryLines, transit.DayOf(2026, 10, 1), transit.DayOf(2026, 12, 12))
}

// feedOf reads a timetable that is written like countryLines.
func feedOf(name, lines string, first, last transit.Day) *transit.Feed {
	f := &transit.Feed{Name: name, Publisher: "Country Buses", Zone: "Europe/London", Licence: "none", First: first, Last: last}
	stops := map[string]uint32{}
	for _, s := range []struct {
		id       string
		lat, lon float64
	}{{"A", 52 + door, -1}, {"B", 52.05, -1}, {"C", 52.1, -1}, {"D", 52.2, -1}, {"X", 52, -1.3}} {
		stops[s.id] = uint32(len(f.Stops))
		f.Stops = append(f.Stops, transit.Stop{ID: "stop-" + s.id, Name: s.id + " Street", Lat: s.lat, Lon: s.lon})
	}
	services := map[string]uint32{}
	for _, s := range []struct {
		name string
		on   func(at time.Time) bool
	}{
		{"weekdays", func(at time.Time) bool { return at.Weekday() != time.Saturday && at.Weekday() != time.Sunday }},
		{"fridays", func(at time.Time) bool { return at.Weekday() == time.Friday }},
		{"sundays", func(at time.Time) bool { return at.Weekday() == time.Sunday }},
		{"octobersundays", func(at time.Time) bool { return at.Weekday() == time.Sunday && at.Month() == time.October }},
	} {
		service := transit.Service{Days: make([]uint64, (f.Last-f.First)/64+1)}
		for d := f.First; d <= f.Last; d++ {
			if y, m, day := d.Date(); s.on(time.Date(y, m, day, 0, 0, 0, 0, time.UTC)) {
				service.Days[(d-f.First)/64] |= 1 << ((d - f.First) % 64)
			}
		}
		services[s.name] = uint32(len(f.Services))
		f.Services = append(f.Services, service)
	}
	routes := map[string]uint32{}
	for line := range strings.Lines(strings.TrimSpace(lines)) {
		w := strings.Fields(line)
		if _, ok := routes[w[2]]; !ok {
			routes[w[2]] = uint32(len(f.Routes))
			mode := transit.Bus
			if w[1] == "rail" {
				mode = transit.Rail
			}
			f.Routes = append(f.Routes, transit.Route{ID: w[2], Name: w[2], Operator: "Country Buses", Mode: mode})
		}
		trip := transit.Trip{ID: line, Route: routes[w[2]], Service: services[w[0]], Headsign: w[len(w)-2] + " Street"}
		for i := 3; i < len(w); i += 2 {
			h, m := int32(w[i+1][0]-'0')*10+int32(w[i+1][1]-'0'), int32(w[i+1][3]-'0')*10+int32(w[i+1][4]-'0')
			at := h*3600 + m*60
			trip.Times = append(trip.Times, transit.StopTime{Stop: stops[w[i]], Arrive: at, Depart: at})
		}
		f.Trips = append(f.Trips, trip)
	}
	return f
}

// timetables are feeds as the index is given them.
func timetables(t testing.TB, feeds ...*transit.Feed) *transit.Timetables {
	t.Helper()
	dir := t.TempDir()
	for _, f := range feeds {
		if err := transit.Save(dir, f); err != nil {
			t.Fatal(err)
		}
	}
	tt, err := transit.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return tt
}

// travelling is an index over listings with the country's timetable, at six in
// the evening of Monday 23 November 2026.
func travelling(t testing.TB, listings ...hereabouts.Listing) (*Index, *memory) {
	t.Helper()
	src := newMemory()
	for _, l := range listings {
		if l.Kind == "" {
			l.Kind = hereabouts.Group
		}
		l.Normalise()
		src.put(l)
	}
	o := testOptions()
	o.Timetables = timetables(t, country())
	o.Now = func() time.Time { return time.Date(2026, 11, 23, 18, 0, 0, 0, hereabouts.London) }
	return open(t, t.TempDir(), src, o), src
}

// session is a listing in person that meets by a rule at a place.
func meets(id string, where [2]float64, rule string, start, end hereabouts.Clock) hereabouts.Listing {
	l := at(id, where[0], where[1])
	l.Places[0].Name = "Village Hall"
	l.Sessions = []hereabouts.Session{{ID: "s", PlaceID: "p", RRule: rule, Start: start, End: end}}
	return l
}

// The journeys are worked out by hand from countryLines. To the hall by ten,
// five minutes early: bus 2 at 09:14, two minutes' walk before it, so leave at
// 09:12; bus 18 arrives at 09:49, two minutes' walk, there at 09:51. Home from
// noon: leave at 12:10 for the 18 at 12:12, the 2 arrives at 12:50, home at
// 12:52. The last 18 leaves at 18:40.
func TestJourneysByHand(t *testing.T) {
	hall := meets("hall", halldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	unnamed := meets("unnamed", halldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	unnamed.Places[0].Name, unnamed.Places[0].Address = "", "1 High Street"
	evening := meets("evening", halldoor, "FREQ=WEEKLY;BYDAY=TU", "17:00", "19:00")
	sunday := meets("sunday", halldoor, "FREQ=WEEKLY;BYDAY=SU", "10:00", "12:00")
	monday := meets("early", halldoor, "FREQ=WEEKLY;BYDAY=WE", "07:00", "08:00")
	mill := meets("mill", milldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	far := meets("farm", farm, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	corner := meets("corner", [2]float64{52 - door, -1}, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	expired := meets("expired", halldoor, "", "10:00", "12:00")
	expired.Sessions[0].From = "2026-12-15"
	untimed := meets("untimed", halldoor, "FREQ=WEEKLY;BYDAY=TU", "", "")
	silent := meets("silent", halldoor, "", "", "")
	silent.Sessions = nil
	endless := meets("endless", halldoor, "FREQ=WEEKLY;BYDAY=TU", "11:00", "")
	dropIn := meets("drop-in", halldoor, "FREQ=WEEKLY;BYDAY=TU", "09:20", "16:00")
	dropIn.Sessions[0].Attend = hereabouts.AnyTime
	allDay := meets("all-day", halldoor, "FREQ=DAILY", "00:00", "24:00")
	allDay.Sessions[0].Attend = hereabouts.AnyTime
	park := at("park", 52.15, -1)
	park.Kind = hereabouts.GreenSpace
	park.Places[0].Name = "Park"
	park.Places[0].Entrances = []hereabouts.Entrance{{Lat: 52.16, Lon: -1}, {Lat: halldoor[0], Lon: halldoor[1]}}
	common := at("common", 52.02, -1)
	common.Kind = hereabouts.GreenSpace
	common.Places[0].Geometry = geojson.NewGeometry(sample.Circle(52.01, -1, 5000, 24))
	night := meets("night", halldoor, "FREQ=WEEKLY;BYDAY=FR", "23:45", "02:00")
	branches := meets("branches", farm, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	branches.Sessions[0].PlaceID = ""
	branches.Places = append(branches.Places, hereabouts.Place{ID: "q", Name: "Other Hall"})
	branches.Places[1].SetPoint(geo.LatLon(halldoor[0], halldoor[1]))
	fetched := meets("fetched", farm, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	fetched.Transport.Provided = hereabouts.Yes
	fetched.Contacts = []hereabouts.Contact{{Phone: "01632 960111"}}
	fetched.Eligibility.Catchment.Geometry = geojson.NewGeometry(sample.Circle(52, -1, 5000, 24))
	minibus := meets("minibus", farm, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00") // nobody says how far it comes
	minibus.Transport.Provided = hereabouts.Yes
	refuge := meets("refuge", halldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	refuge.HiddenLocation = true
	nowhere := hereabouts.Listing{ID: "nowhere", Name: "nowhere", Delivery: []hereabouts.Delivery{hereabouts.InPerson}}
	phone := hereabouts.Listing{ID: "phone", Name: "phone", Delivery: []hereabouts.Delivery{hereabouts.Phone}}

	x, _ := travelling(t, hall, unnamed, evening, sunday, monday, mill, far, corner, expired, untimed, silent, endless, dropIn,
		allDay, park, common, night, branches, fetched, minibus, refuge, nowhere, phone)
	hour := hereabouts.Travel{MaxMinutes: 60}
	for _, c := range []struct {
		name string
		q    hereabouts.JourneyQuery
		want []string // verdict, reason, session, place, sentence of each choice
	}{
		{"hall", hereabouts.JourneyQuery{ListingID: "hall", Travel: hour}, []string{
			"there_and_back  10:00-12:00 p On Tuesday 24 November leave by 09:12, bus 2 then 18, there 09:51; home by 12:52; last bus 18:40."}},
		{"in less time there is no way home", hereabouts.JourneyQuery{ListingID: "hall"}, []string{
			"there_only no_return 10:00-12:00 p On Tuesday 24 November leave by 09:12, bus 2 then 18, there 09:51, but there is no way home within 45 minutes of 12:00."}},
		{"a minute too few", hereabouts.JourneyQuery{ListingID: "hall", Travel: hereabouts.Travel{MaxMinutes: 42}}, []string{
			"no too_far 10:00-12:00 p No bus or train gets there within 42 minutes in time for 10:00 on Tuesday 24 November."}},
		{"as many as needed", hereabouts.JourneyQuery{ListingID: "hall", Travel: hereabouts.Travel{MaxMinutes: 52}}, []string{
			"there_and_back  10:00-12:00 p On Tuesday 24 November leave by 09:12, bus 2 then 18, there 09:51; home by 12:52; last bus 18:40."}},
		{"earlier", hereabouts.JourneyQuery{ListingID: "hall", Travel: hereabouts.Travel{MaxMinutes: 75, ArriveEarly: new(10)}}, []string{
			"there_and_back  10:00-12:00 p On Tuesday 24 November leave by 08:42, bus 2 then 18, there 09:21; home by 12:52; last bus 18:40."}},
		{"with a pass", hereabouts.JourneyQuery{ListingID: "hall", Travel: hereabouts.Travel{MaxMinutes: 60, Pass: "older_disabled"}}, []string{
			"no too_far 10:00-12:00 p No bus or train gets there within 60 minutes with a pass that starts at 09:30 in time for 10:00 on Tuesday 24 November."}},
		{"without changing", hereabouts.JourneyQuery{ListingID: "hall", Travel: hereabouts.Travel{MaxMinutes: 60, MaxChanges: new(0)}}, []string{
			"no too_far 10:00-12:00 p No bus or train gets there without a change within 60 minutes in time for 10:00 on Tuesday 24 November."}},
		{"nobody knows of steps", hereabouts.JourneyQuery{ListingID: "hall", Travel: hereabouts.Travel{MaxMinutes: 60, Profile: "step_free"}, DropUnknown: true}, []string{
			"no no_service_that_day 10:00-12:00 p No buses or trains that we know to be step-free run near you on Tuesday 24 November."}},
		{"a date gone by", hereabouts.JourneyQuery{ListingID: "hall", Date: "2026-11-17", Travel: hour}, []string{
			"there_and_back  10:00-12:00 p On Tuesday 17 November leave by 09:12, bus 2 then 18, there 09:51; home by 12:52; last bus 18:40."}},
		{"not on that day", hereabouts.JourneyQuery{ListingID: "hall", Date: "2026-11-25", Travel: hour}, []string{
			"unknown no_session - - There is nothing on there on Wednesday 25 November."}},
		{"a place by its address", hereabouts.JourneyQuery{ListingID: "unnamed", Travel: hour}, []string{
			"there_and_back  10:00-12:00 p On Tuesday 24 November leave by 09:12, bus 2 then 18, there 09:51; home by 12:52; last bus 18:40."}},
		{"the last bus has gone", hereabouts.JourneyQuery{ListingID: "evening", Travel: hour}, []string{
			"there_only no_return 17:00-19:00 p On Tuesday 24 November leave by 16:12, bus 2 then 18, there 16:51, but there is no way home within 60 minutes of 19:00."}},
		{"no bus on Sunday", hereabouts.JourneyQuery{ListingID: "sunday", Travel: hour}, []string{
			"no no_service_that_day 10:00-12:00 p No buses or trains run near there on Sunday 29 November."}},
		// The clocks went back that night; nine is still nine.
		{"when the clocks have changed", hereabouts.JourneyQuery{ListingID: "sunday", Date: "2026-10-25", Travel: hour}, []string{
			"there_and_back  10:00-12:00 p On Sunday 25 October leave by 09:12, bus 2, there 09:51; home by 12:52; that is the last bus."}},
		{"before the first bus", hereabouts.JourneyQuery{ListingID: "early", Travel: hour}, []string{
			"no too_far 07:00-08:00 p No bus or train gets there within 60 minutes in time for 07:00 on Wednesday 25 November."}},
		{"by train", hereabouts.JourneyQuery{ListingID: "mill", Travel: hour}, []string{
			"there_and_back  10:00-12:00 p On Tuesday 24 November leave by 09:12, bus 2 then train, there 09:49; home by 12:52; that is the last train."}},
		{"no stop anywhere near", hereabouts.JourneyQuery{ListingID: "farm", Travel: hour}, []string{
			"no too_far 10:00-12:00 p No bus or train gets there within 60 minutes in time for 10:00 on Tuesday 24 November."}},
		{"round the corner", hereabouts.JourneyQuery{ListingID: "corner", Travel: hour}, []string{
			"walk  10:00-12:00 p 2 minutes' walk each way; leave by 09:53 on Tuesday 24 November."}},
		{"only on foot", hereabouts.JourneyQuery{ListingID: "hall", Travel: hereabouts.Travel{Mode: hereabouts.OnFoot}}, []string{
			"no too_far 10:00-12:00 p It is too far to walk."}},
		{"after the timetable", hereabouts.JourneyQuery{ListingID: "expired", Date: "2026-12-15", Travel: hour}, []string{
			"unknown timetable_expired 10:00-12:00 p The timetable for this area ended on 12 December 2026, so we cannot say."}},
		{"before the timetable", hereabouts.JourneyQuery{ListingID: "hall", Date: "2026-09-29", Travel: hour}, []string{
			"unknown timetable_expired 10:00-12:00 p The timetable for this area begins on 1 October 2026, so we cannot say."}},
		{"at some time on Tuesday", hereabouts.JourneyQuery{ListingID: "untimed", Travel: hour}, []string{
			"unknown no_session - - Nobody says at what time it starts, so we cannot plan the way."}},
		{"at some time", hereabouts.JourneyQuery{ListingID: "silent", Travel: hour}, []string{
			"unknown no_session - - Nobody says when it is on, so we cannot plan the way."}},
		{"too far ahead", hereabouts.JourneyQuery{ListingID: "expired", Travel: hour}, []string{
			"unknown no_session - - There is nothing on there in the next 7 days."}},
		// From eleven, for an hour: there by 09:51, home as from the hall.
		{"no end", hereabouts.JourneyQuery{ListingID: "endless", Travel: hereabouts.Travel{MaxMinutes: 115}}, []string{
			"there_and_back  11:00-12:00 p On Tuesday 24 November leave by 09:12, bus 2 then 18, there 09:51; home by 12:52; last bus 18:40. Nobody says when it ends; we took it to last until 12:00."}},
		// An hour from 09:30 can be reached by the bus before, at 09:21; so can
		// one from 10:00. The only bus home before the evening leaves at 12:12,
		// and is home at 12:52: within two hours of 11:00, but not of 10:45.
		{"a visit", hereabouts.JourneyQuery{ListingID: "drop-in", Travel: hereabouts.Travel{MaxMinutes: 120}}, []string{
			"there_and_back  10:00-11:00 p On Tuesday 24 November leave by 09:12, bus 2 then 18, there 09:51, stay until 11:00; home by 12:52; last bus 18:40."}},
		{"no visit long enough", hereabouts.JourneyQuery{ListingID: "drop-in", Travel: hour}, []string{
			"there_only no_return 09:30-10:30 p On Tuesday 24 November leave by 08:42, bus 2 then 18, there 09:21, but there is no way home within 60 minutes, whenever the visit ends."}},
		{"all of it", hereabouts.JourneyQuery{ListingID: "drop-in", Travel: hereabouts.Travel{MaxMinutes: 240, Stay: 400}}, []string{
			"there_and_back  09:20-16:00 p On Tuesday 24 November leave by 08:12, bus 2 then 18, there 08:51, stay until 16:00; home by 19:22; that is the last bus."}},
		{"assumed hours", hereabouts.JourneyQuery{ListingID: "all-day", Travel: hereabouts.Travel{MaxMinutes: 120}}, []string{
			"there_and_back  10:00-11:00 p On Tuesday 24 November leave by 09:12, bus 2 then 18, there 09:51, stay until 11:00; home by 12:52; last bus 18:40. We took it to be open from 09:00 to 17:00."}},
		{"the nearest gate", hereabouts.JourneyQuery{ListingID: "park", Travel: hereabouts.Travel{MaxMinutes: 120}}, []string{
			"there_and_back  10:00-11:00 p On Tuesday 24 November leave by 09:12, bus 2 then 18, there 09:51, stay until 11:00; home by 12:52; last bus 18:40. We took it to be open from 09:00 to 17:00."}},
		{"inside", hereabouts.JourneyQuery{ListingID: "common", Travel: hour}, []string{
			"walk  09:00-10:00 p You are already there. We took it to be open from 09:00 to 17:00."}},
		{"past midnight", hereabouts.JourneyQuery{ListingID: "night", Travel: hour}, []string{
			"there_and_back  23:45-02:00 p On Friday 27 November leave by 22:58, bus N, there 23:32; home by 02:42 the next day; that is the last bus."}},
		{"whichever branch", hereabouts.JourneyQuery{ListingID: "branches", Travel: hour}, []string{
			"there_and_back  10:00-12:00 q On Tuesday 24 November leave by 09:12, bus 2 then 18, there 09:51; home by 12:52; last bus 18:40."}},
		{"fetched", hereabouts.JourneyQuery{ListingID: "fetched", Travel: hour}, []string{
			"door_to_door too_far 10:00-12:00 p No bus gets there in time; fetched can take you: ring 01632 960111."}},
		{"a minibus that is 33 km away", hereabouts.JourneyQuery{ListingID: "minibus", Travel: hour}, []string{
			"no too_far 10:00-12:00 p No bus or train gets there within 60 minutes in time for 10:00 on Tuesday 24 November."}},
		{"asking to be fetched", hereabouts.JourneyQuery{ListingID: "hall", Travel: hereabouts.Travel{Mode: hereabouts.ByDoorToDoor}}, []string{
			"no  10:00-12:00 p Nobody we know of can fetch you and bring you home."}},
		{"a secret place", hereabouts.JourneyQuery{ListingID: "refuge", Travel: hour}, []string{
			"unknown  - - Its address is kept private; ask them how to get there."}},
		{"nobody knows where", hereabouts.JourneyQuery{ListingID: "nowhere", Travel: hour}, []string{
			"unknown  - - Nobody says where it is, so we cannot plan the way."}},
		{"nothing to go to", hereabouts.JourneyQuery{ListingID: "phone", Travel: hour}, nil},
	} {
		c.q.From = homeDoor
		ans, err := x.Journeys(t.Context(), c.q)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, j := range ans.Journeys {
			got = append(got, brief(&j.Journey))
		}
		if diff := gocmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
	}
}

func brief(j *hereabouts.Journey) string {
	session, place := "-", "-"
	if s := j.Session; s != nil {
		session = s.Start.Format("15:04-") + s.End.Format("15:04")
		place = cmp.Or(s.PlaceID, "-")
	}
	return strings.Join([]string{string(j.Verdict), string(j.Reason), session, place, j.Sentence}, " ")
}
