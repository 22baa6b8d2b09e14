package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hereabouts"
	"hereabouts/data/demo"
	"hereabouts/geo/transit"
	"hereabouts/importers/gtfs"
)

// smallTimetable is a bus from one place to another, every day of its validity.
func smallTimetable(name string, first, last transit.Day) *transit.Feed {
	days := make([]uint64, (last-first)/64+1)
	for d := range last - first + 1 {
		days[d/64] |= 1 << (d % 64)
	}
	return &transit.Feed{
		Name: name, Publisher: "Town Buses", Zone: "Europe/London", First: first, Last: last,
		Stops:    []transit.Stop{{ID: "a", Name: "High Street", Lat: 50.9, Lon: -1.4}, {ID: "b", Name: "Station", Lat: 50.92, Lon: -1.4}},
		Routes:   []transit.Route{{ID: "2", Name: "2"}},
		Services: []transit.Service{{Days: days}},
		Trips:    []transit.Trip{{ID: "t", Times: []transit.StopTime{{Arrive: 32400, Depart: 32400}, {Stop: 1, Arrive: 33000, Depart: 33000}}}},
	}
}

// gtfsFolder writes a timetable as a publisher would; its only bus leaves at
// a minute past nine.
func gtfsFolder(t *testing.T, minute int) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"agency.txt": "agency_id,agency_name,agency_url,agency_timezone\ntb,Town Buses,https://bus.example.org,Europe/London\n",
		"stops.txt":  "stop_id,stop_name,stop_lat,stop_lon\na,High Street,50.9,-1.4\nb,Station,50.92,-1.4\n",
		"routes.txt": "route_id,agency_id,route_short_name,route_type\nr,tb,2,3\n",
		"trips.txt":  "route_id,service_id,trip_id\nr,week,t\n",
		"stop_times.txt": fmt.Sprintf("trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"+
			"t,09:%02[1]d:00,09:%02[1]d:00,a,1\nt,09:59:00,09:59:00,b,2\n", minute),
		"calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n" +
			"week,1,1,1,1,1,1,1," + time.Now().Format("20060102") + "," + time.Now().AddDate(0, 3, 0).Format("20060102") + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The doctor says in time that a timetable ends.
func TestDoctorOnTimetables(t *testing.T) {
	p := testProgram(t.TempDir())
	p.now = func() time.Time { return time.Date(2026, time.June, 10, 23, 30, 0, 0, time.UTC) } // the 11th in London
	paths := directoryPaths(p.settings.Data)
	today := transit.DayOf(2026, time.June, 11)
	for name, feed := range map[string]*transit.Feed{
		"ended":    smallTimetable("ended", today-30, today-1),
		"last-day": smallTimetable("last-day", today-30, today),
		"tomorrow": smallTimetable("tomorrow", today-30, today+1),
		"soon":     smallTimetable("soon", today-30, today+14),
		"fine":     smallTimetable("fine", today-30, today+15),
		"coming":   smallTimetable("coming", today+1, today+60),
	} {
		if err := transit.Save(paths.timetables(), feed); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	said := map[string]string{}
	p.examineTimetables(paths, func(about, state, format string, args ...any) {
		said[strings.TrimPrefix(about, "timetable ")] = state + " " + fmt.Sprintf(format, args...)
	})
	for name, want := range map[string]string{
		"ended":    "warning it ended on 2026-06-10, ",
		"last-day": "warning it ends on 2026-06-11, today; ",
		"tomorrow": "warning it ends on 2026-06-12, in 1 day; ",
		"soon":     "warning it ends on 2026-06-25, in 14 days; ",
		"fine":     "ok until 2026-06-26, 2 stops, 1 trips",
		"coming":   "warning it begins on 2026-06-12, ",
	} {
		if !strings.HasPrefix(said[name], want) {
			t.Errorf("%s: the doctor says %q, want %q", name, said[name], want)
		}
	}
	none := directoryPaths(t.TempDir())
	p.examineTimetables(none, func(about, state, format string, args ...any) {
		if about != "timetables" || state != "warning" {
			t.Errorf("without any: %s %s", state, about)
		}
	})
}

// await waits until the server has logged something a number of times.
func (s *server) await(t *testing.T, text string, times int) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if strings.Count(s.stderr.String(), text) >= times {
			return
		}
	}
	t.Fatalf("the server did not log %q %d times: %s", text, times, s.stderr)
}

// Timetables come, change and go while people search.
func TestTimetablesBesideARunningServer(t *testing.T) {
	s := serve(t, t.TempDir(), "--demo")
	s.await(t, `msg="timetable loaded" name=`+demo.Source, 1)

	ctx, stop := context.WithCancel(t.Context())
	var people sync.WaitGroup
	for range 2 {
		people.Go(func() {
			for ctx.Err() == nil {
				res, err := http.Get(s.url + "/api/v1/search?" + url.Values{"near": {"Northampton"}, "transport": {"transit"}, "limit": {"3"}}.Encode())
				if err != nil {
					t.Error(err)
					return
				}
				res.Body.Close()
				if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusTooManyRequests {
					t.Errorf("a search while timetables change: %s", res.Status)
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	for minute := range 3 {
		if out, errs, code := command(t, s.dir, "import", "gtfs", gtfsFolder(t, minute), "--source", "Town"); code != exitOK {
			t.Fatalf("import: exit code %d: %s%s", code, out, errs)
		}
		s.await(t, "name=town", minute+1)
	}
	before := strings.Count(s.stderr.String(), "name=town")
	if out, _, code := command(t, s.dir, "import", "gtfs", gtfsFolder(t, 2), "--source", "Town"); code != exitOK || !strings.Contains(out, "town: unchanged") {
		t.Errorf("the same again: exit code %d: %s", code, out)
	}
	if _, errs, code := command(t, s.dir, "timetable", "remove", "town"); code != exitOK {
		t.Errorf("remove: exit code %d: %s", code, errs)
	}
	if again := strings.Count(s.stderr.String(), "name=town"); again != before {
		t.Errorf("the server loaded town %d times more though it had not changed and then was gone", again-before)
	}
	stop()
	people.Wait()
	if code := s.stop(); code != exitOK {
		t.Errorf("stopped with exit code %d: %s", code, s.stderr)
	}
}

// What a command wrote before it was stopped or killed reaches the server: in
// the first case at once, in the other when it is imported again.
func TestTimetableOfACommandThatWasStopped(t *testing.T) {
	s := serve(t, t.TempDir())
	p := testProgram(s.dir)
	today := transit.DayOf(time.Now().Date())
	save := func(name string) {
		t.Helper()
		if err := transit.Save(directoryPaths(s.dir).timetables(), smallTimetable(name, today, today+60)); err != nil {
			t.Fatal(err)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	save("stopped")
	if err := p.handOver(stopped, owner.ReloadTimetables); err != nil {
		t.Error(err)
	}
	if !strings.Contains(s.stderr.String(), "name=stopped") {
		t.Error("the server was not told of what a command wrote before it was stopped")
	}

	source := gtfsFolder(t, 1)
	feed, _, err := gtfs.Read(t.Context(), source, gtfs.Options{Name: "killed"})
	if err != nil {
		t.Fatal(err)
	}
	if err := transit.Save(directoryPaths(s.dir).timetables(), feed); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if out, errs, code := command(t, s.dir, "import", "gtfs", source, "--source", "killed"); code != exitOK || !strings.Contains(out, "killed: unchanged") {
			t.Fatalf("exit code %d: %s%s", code, out, errs)
		}
	}
	if loaded := strings.Count(s.stderr.String(), "name=killed"); loaded != 1 {
		t.Errorf("the server loaded the timetable %d times, not once", loaded)
	}
	s.stop()
}

// One damaged timetable stops neither the server nor the others.
func TestServeWithADamagedTimetable(t *testing.T) {
	dir := t.TempDir()
	paths := directoryPaths(dir)
	today := transit.DayOf(time.Now().Date())
	if err := transit.Save(paths.timetables(), smallTimetable("good", today, today+60)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(transit.Path(paths.timetables(), "bad"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, dir)
	s.await(t, "name=good", 1)
	s.await(t, "bad.feed is not a file of this kind", 1)
	if _, _, code := command(t, dir, "doctor"); code != exitFailed {
		t.Errorf("doctor: exit code %d", code)
	}
	if out, errs, code := command(t, dir, "timetable", "remove", "bad"); code != exitOK {
		t.Errorf("remove: exit code %d: %s%s", code, out, errs)
	}
}

// Two commands do not change timetables at once.
func TestOneImportOfTimetablesAtATime(t *testing.T) {
	dir := t.TempDir()
	unlock, err := testProgram(dir).lockTimetables(directoryPaths(dir).timetables())
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"import", "gtfs", gtfsFolder(t, 1)}, {"import", "naptan", "Stops.csv"}} {
		if _, errs, code := command(t, dir, args...); code != exitFailed || !strings.Contains(errs, "another command is changing the timetables") {
			t.Errorf("%v: exit code %d: %s", args, code, errs)
		}
	}
	if _, errs, code := command(t, dir, "import", "gtfs", gtfsFolder(t, 1), "--dry-run"); code != exitOK {
		t.Errorf("to try one changes nothing: exit code %d: %s", code, errs)
	}
	unlock()
	if _, errs, code := command(t, dir, "import", "gtfs", gtfsFolder(t, 1)); code != exitOK {
		t.Errorf("afterwards: exit code %d: %s", code, errs)
	}
}

// What is only tried leaves nothing behind, and an address is no file.
func TestTimetablesOnlyTried(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	if out, errs, code := command(t, dir, "import", "gtfs", gtfsFolder(t, 1), "--source", "town", "--dry-run"); code != exitOK || !strings.Contains(out, "timetable town: added (tried only)") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("trying a timetable made a data directory")
	}
	for _, kind := range []string{"gtfs", "naptan"} {
		if _, errs, code := command(t, dir, "import", kind, "https://bus.example.org/all.zip"); code != exitUsage || !strings.Contains(errs, "is an address; download") {
			t.Errorf("%s: exit code %d: %s", kind, code, errs)
		}
	}
}

// The demonstration's timetable is renewed as the days go by.
func TestDemonstrationTimetableIsRenewed(t *testing.T) {
	dir := t.TempDir()
	var seen []transit.Day
	for _, day := range []time.Time{time.Date(2026, time.March, 2, 12, 0, 0, 0, hereabouts.London), time.Date(2027, time.March, 1, 12, 0, 0, 0, hereabouts.London)} {
		p := testProgram(dir)
		p.now = func() time.Time { return day }
		d, err := p.openDirectory(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // again the same day changes nothing
			if err := p.fillDemoTimetable(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			for _, f := range d.timetables.Feeds() {
				seen = append(seen, f.Last)
				if f.First > p.today() || f.Last <= p.today() {
					t.Errorf("on %s it is valid from %s until %s", p.today(), f.First, f.Last)
				}
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 4 || len(slices.Compact(slices.Clone(seen))) != 2 {
		t.Errorf("it ended on %v", seen)
	}
}

func TestDayHours(t *testing.T) {
	var h dayHours
	for _, bad := range []string{"", "-", "09:00", "9:00-17:00", "09:00-", "17:00-09:00", "09:00-09:00", "09:00-25:00", "09:00-17:00-18:00"} {
		if err := h.Set(bad); err == nil {
			t.Errorf("%q was taken as %s", bad, &h)
		}
	}
	for _, good := range []string{"09:00-17:00", "00:00-24:00", " 10:00 - 16:30 "} {
		if err := h.Set(good); err != nil || h.String() != strings.ReplaceAll(good, " ", "") {
			t.Errorf("%q is %s: %v", good, &h, err)
		}
	}
}
