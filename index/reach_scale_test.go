package index

import (
	"flag"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/geo/transit"
	"hereabouts/importers/gtfs"
	"hereabouts/index/internal/sample"
)

var (
	reachN       = flag.Int("reach.n", 0, "measure reach over this many listings in Southampton; 0: do not")
	reachQueries = flag.Int("reach.queries", 100, "questions of each kind")
	reachRounds  = flag.Int("reach.rounds", 5, "rounds; a question's time is its best")
	reachKinds   = flag.String("reach.kinds", "abcd", "kinds of question")
	reachProfile = flag.String("reach.profile", "", "write a CPU profile of the searches with reach here")
)

// southampton is the timetable of ../shared as if it held for the year around
// a day: what runs on its n-th Monday runs on every n-th Monday.
func southampton(t testing.TB, day hereabouts.Date) *transit.Feed {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	zip := filepath.Join(dir, "..", "..", "shared", "data", "gtfs", "gb-southampton-bluestar-bus-2025-07.zip")
	if _, err := os.Stat(zip); err != nil {
		t.Skip("needs the timetables of ../shared")
	}
	f, _, err := gtfs.Read(t.Context(), zip, gtfs.Options{Name: "southampton"})
	if err != nil {
		t.Fatal(err)
	}
	weeks := (int(dayNumber(day)) - int(f.First)) / 7
	f.First += transit.Day(7 * (weeks - 2))
	f.Last += transit.Day(7 * (weeks - 2))
	return f
}

// busListing is a listing within the area of a timetable, as plain as can be
// but for where and when it is on.
func busListing(f *transit.Feed, i int) hereabouts.Listing {
	r := rand.New(rand.NewPCG(uint64(i), 3))
	l := hereabouts.Listing{ID: fmt.Sprintf("%08x-5a3e-5000-8000-%012x", i, 3), Status: hereabouts.Published,
		Kind: []hereabouts.Kind{hereabouts.Group, hereabouts.Service}[r.IntN(2)], Name: fmt.Sprintf("Group %d", i%1000),
		Delivery: []hereabouts.Delivery{hereabouts.InPerson}}
	p := hereabouts.Place{ID: "p", Name: "Hall"}
	p.SetPoint(nearStop(f, r, 400))
	l.Places = []hereabouts.Place{p}
	days := []string{"MO", "TU", "WE", "TH", "FR"}
	switch k := r.IntN(20); {
	case k == 0:
		l.Kind = hereabouts.GreenSpace
	case k < 4:
		hours := [][2]hereabouts.Clock{{"09:00", "17:00"}, {"08:30", "18:00"}, {"10:00", "16:00"}, {"09:00", "13:00"}}[r.IntN(4)]
		l.Sessions = []hereabouts.Session{{ID: "s", RRule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", Start: hours[0], End: hours[1], Attend: hereabouts.AnyTime}}
	default:
		for n := range 1 + r.IntN(8)/7 {
			at := 9*60 + 30*r.IntN(22)
			l.Sessions = append(l.Sessions, hereabouts.Session{ID: fmt.Sprint("s", n), RRule: "FREQ=WEEKLY;BYDAY=" + days[r.IntN(5)],
				Start: hereabouts.ClockAt(at), End: hereabouts.ClockAt(at + 60 + 30*r.IntN(4))})
		}
	}
	l.Normalise()
	return l
}

// nearStop is somewhere within some hundred metres of a stop.
func nearStop(f *transit.Feed, r *rand.Rand, spreadM float64) orb.Point {
	s := f.Stops[r.IntN(len(f.Stops))]
	return geo.LatLon(s.Lat+r.NormFloat64()*spreadM/111_195, s.Lon+r.NormFloat64()*spreadM/70_000)
}

// TestReachScale measures what it costs to judge every listing in and around
// Southampton by whether somebody gets there within an hour and home again:
// the search with reach less the same search without it. Cold is the first
// question from a place, warm the second. It prints a table in Markdown.
//
//	go test ./index -run TestReachScale -timeout 1h -reach.n 100000
func TestReachScale(t *testing.T) {
	if *reachN == 0 {
		t.Skip("measures for a minute; see -reach.n")
	}
	f := southampton(t, today24)
	dir := t.TempDir()
	if err := transit.Save(filepath.Join(dir, "timetables"), f); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	timetables, err := transit.Open(filepath.Join(dir, "timetables"))
	if err != nil {
		t.Fatal(err)
	}
	loaded := time.Since(start)
	src := newMemory()
	for i := range *reachN {
		src.put(busListing(f, i))
	}
	o := Options{Needs: sample.Needs(), Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler), Timetables: timetables}
	built := open(t, filepath.Join(dir, "index"), src, o)
	if err := built.Close(); err != nil {
		t.Fatal(err)
	}
	before := residentMB()
	took := stopwatch()
	x, err := Open(t.Context(), filepath.Join(dir, "index"), src, o)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	opened := took()
	took = stopwatch()
	x.state.Load().columns.ties.network = nil // as if it had been loaded anew
	if err := x.Retie(t.Context()); err != nil {
		t.Fatal(err)
	}
	retied := took()

	ask := func(q hereabouts.Query) (time.Duration, *asked) {
		after, err := x.check(&q)
		if err != nil {
			t.Fatal(err)
		}
		took := stopwatch()
		a, err := x.ask(t.Context(), x.state.Load(), &q, after)
		if err != nil {
			t.Fatal(err)
		}
		return took(), a
	}
	best := func(q hereabouts.Query, before func()) time.Duration {
		least := time.Duration(math.MaxInt64)
		for range *reachRounds {
			before()
			took, _ := ask(q)
			least = min(least, took)
		}
		return least
	}
	if *reachProfile != "" {
		out, err := os.Create(*reachProfile)
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		if err := pprof.StartCPUProfile(out); err != nil {
			t.Fatal(err)
		}
		defer pprof.StopCPUProfile()
	}
	fmt.Printf("\n%d listings, %d cores, %s; timetable loaded in %.0f ms; index opened in %.2f s, tied anew in %.2f s, %.0f MB\n\n",
		*reachN, runtime.GOMAXPROCS(0), runtime.Version(), loaded.Seconds()*1e3, opened.Seconds(), retied.Seconds(), residentMB()-before)
	fmt.Println("| ms beyond the search without reach | p50 | p95 | the search without | reached, of |")
	fmt.Println("| --- | ---: | ---: | ---: | --- |")
	for k, kind := range []struct {
		name string
		q    hereabouts.Query
	}{
		{"next session", hereabouts.Query{}},
		{"on Tuesday", hereabouts.Query{Days: []time.Weekday{time.Tuesday}}},
		{"on Tuesday, no facets", hereabouts.Query{Days: []time.Weekday{time.Tuesday}, Facets: []string{}}},
		{"a Tuesday at ten", hereabouts.Query{From: "2026-12-01", To: "2026-12-01", TimeFrom: "10:00", TimeTo: "10:05"}},
	} {
		if !strings.Contains(*reachKinds, string(rune('a'+k))) {
			continue
		}
		r := rand.New(rand.NewPCG(1, 2))
		var cold, warm, without []time.Duration
		var reached, of int
		for i := range *reachQueries + 5 {
			p := nearStop(f, r, 300)
			q := kind.q
			q.Near = &hereabouts.Origin{Lat: p.Lat(), Lon: p.Lon()}
			bare := best(q, func() {})
			q.Travel = &hereabouts.Travel{Mode: hereabouts.ByTransit, MaxMinutes: 60}
			first := best(q, func() { x.travellers.forget() })
			second := best(q, func() {})
			if i < 5 {
				continue
			}
			_, a := ask(q)
			cold, warm, without = append(cold, first-bare), append(warm, second-bare), append(without, bare)
			reached += a.counts.ThereAndBack
			of += a.counts.ThereAndBack + a.counts.ThereOnly + a.counts.No + a.counts.Unknown
		}
		for _, row := range []struct {
			name  string
			times []time.Duration
		}{{", cold", cold}, {", warm", warm}} {
			fmt.Printf("| %s | %s | %s | %s | %d, %d |\n", kind.name+row.name, quantileMS(row.times, 0.5), quantileMS(row.times, 0.95),
				quantileMS(without, 0.5), reached / *reachQueries, of / *reachQueries)
		}
	}
}

// stopwatch begins to measure.
var stopwatch = func() (took func() time.Duration) {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

func quantileMS(times []time.Duration, q float64) string {
	slices.Sort(times)
	return fmt.Sprintf("%.2f", times[int(q*float64(len(times)-1))].Seconds()*1e3)
}
