package transit_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hereabouts/geo/transit"
	"hereabouts/importers/gtfs"
)

// Benchmarks are about an ordinary Tuesday of the Southampton feed and people
// who live near its stops. They are skipped where the feed is not.

// tuesday is when the benchmarks' sessions are: local midnight of 15 July 2025.
var tuesday = time.Date(2025, time.July, 14, 23, 0, 0, 0, time.UTC).Unix()

func at(hour, minute int64) int64 { return tuesday + 3600*hour + 60*minute }

// residents are people who live within 600 m of stops of a feed.
func residents(f *transit.Feed, n int, limit time.Duration) []transit.Traveller {
	r := rand.New(rand.NewPCG(1, 2))
	people := make([]transit.Traveller, n)
	for i := range people {
		s := f.Stops[r.IntN(len(f.Stops))]
		home := orb.Point{s.Lon + (r.Float64()-.5)*0.01, s.Lat + (r.Float64()-.5)*0.006}
		people[i] = transit.Traveller{Home: home, Limit: limit, Speed: transit.Standard.Speed, MaxWalkM: transit.Standard.MaxWalkM, MaxChanges: -1}
	}
	return people
}

// addresses are n places spread like the stops of a feed.
func addresses(f *transit.Feed, n int) []orb.Point {
	r := rand.New(rand.NewPCG(3, 4))
	places := make([]orb.Point, n)
	for i := range places {
		s := f.Stops[r.IntN(len(f.Stops))]
		places[i] = orb.Point{s.Lon + (r.Float64()-.5)*0.02, s.Lat + (r.Float64()-.5)*0.012}
	}
	return places
}

// median times f for each of n in turn, as often as the benchmark asks, and
// reports the median.
func median(b *testing.B, n int, f func(i int)) {
	b.Helper()
	for i := range n { // views and memory of searches are there in a server that runs
		f(i)
	}
	runtime.GC()
	var took []time.Duration
	i := 0
	for b.Loop() {
		begin := time.Now()
		f(i % n)
		took = append(took, time.Since(begin))
		i++
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2]), "median-ns")
	b.ReportMetric(float64(took[len(took)*99/100]), "p99-ns")
}

func BenchmarkThereAndBack(b *testing.B) {
	f := realFeed(b, southampton, gtfs.Options{})
	n := transit.NewNetwork([]*transit.Feed{f}, nil)
	for _, minutes := range []int{30, 45, 60, 90} {
		b.Run(fmt.Sprintf("minutes=%d", minutes), func(b *testing.B) {
			people := residents(f, 50, time.Duration(minutes)*time.Minute)
			median(b, len(people), func(i int) {
				r := n.From(people[i])
				r.Out(at(10, 0))
				r.Back(at(12, 0))
			})
		})
	}
}

// BenchmarkAllSessions makes the scans for sessions at every half hour of a week.
func BenchmarkAllSessions(b *testing.B) {
	f := realFeed(b, southampton, gtfs.Options{})
	n := transit.NewNetwork([]*transit.Feed{f}, nil)
	people := residents(f, 50, 45*time.Minute)
	median(b, len(people), func(i int) {
		r := n.From(people[i])
		for day := range int64(7) {
			for half := range int64(26) {
				r.Out(at(24*day+8, 30*half-5))
				r.Back(at(24*day+9, 30*half))
			}
		}
	})
}

func BenchmarkSpotsAdd(b *testing.B) {
	f := realFeed(b, southampton, gtfs.Options{})
	n := transit.NewNetwork([]*transit.Feed{f}, nil)
	places := addresses(f, 10_000)
	spots := n.NewSpots()
	i := 0
	for b.Loop() {
		if i == len(places) {
			i, spots = 0, n.NewSpots()
		}
		spots.Add(places[i])
		i++
	}
}

// BenchmarkReaches judges 100,000 places by two scans.
func BenchmarkReaches(b *testing.B) {
	f := realFeed(b, southampton, gtfs.Options{})
	n := transit.NewNetwork([]*transit.Feed{f}, nil)
	people := residents(f, 50, 60*time.Minute)
	spots := n.NewSpots()
	for _, p := range addresses(f, 100_000) {
		spots.Add(p)
	}
	both := 0
	median(b, len(people), func(i int) {
		r := n.From(people[i])
		out, back := r.Out(at(10, 0)), r.Back(at(12, 0))
		for id := range uint32(100_000) {
			if out.Reaches(spots, id) && back.Reaches(spots, id) {
				both++
			}
		}
	})
}

func BenchmarkJourneys(b *testing.B) {
	f := realFeed(b, southampton, gtfs.Options{})
	n := transit.NewNetwork([]*transit.Feed{f}, nil)
	people := residents(f, 50, 60*time.Minute)
	spots := n.NewSpots()
	places := addresses(f, 2000)
	for _, p := range places {
		spots.Add(p)
	}
	type result struct {
		reach *transit.Reach
		place []orb.Point
	}
	var results []result
	for _, who := range people {
		r := n.From(who)
		shown := 0
		for id, p := range places {
			if shown < 20 && r.Out(at(10, 0)).Reaches(spots, uint32(id)) && r.Back(at(12, 0)).Reaches(spots, uint32(id)) {
				results = append(results, result{r, []orb.Point{p}})
				shown++
			}
		}
	}
	for _, c := range []struct {
		name string
		find func(result)
	}{
		{"there", func(r result) { r.reach.There(r.place, at(10, 0)) }},
		{"home", func(r result) { r.reach.Home(r.place, at(12, 0)) }},
		{"last", func(r result) { r.reach.LastHome(r.place, at(12, 0), at(27, 0)) }},
		{"alternatives", func(r result) { r.reach.ThereAlternatives(r.place, at(10, 0), 3) }},
	} {
		b.Run(c.name, func(b *testing.B) { median(b, len(results), func(i int) { c.find(results[i]) }) })
	}
}

func BenchmarkDurations(b *testing.B) {
	f := realFeed(b, southampton, gtfs.Options{})
	n := transit.NewNetwork([]*transit.Feed{f}, nil)
	people := residents(f, 50, 45*time.Minute)
	median(b, len(people), func(i int) { n.From(people[i]).Durations(at(10, 0)) })
}

func BenchmarkNewNetwork(b *testing.B) {
	f := realFeed(b, southampton, gtfs.Options{})
	for b.Loop() {
		transit.NewNetwork([]*transit.Feed{f}, nil)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := transit.NewNetwork([]*transit.Feed{f}, nil)
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
	runtime.KeepAlive(n)
}
