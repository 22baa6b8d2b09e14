package transit_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hereabouts/geo"
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

// region is n copies of a feed side by side, each a minute later than the one
// before, and a railway through all of them, every quarter of an hour.
func region(f *transit.Feed, n int) []*transit.Feed {
	railway := &transit.Feed{Name: "railway", Zone: f.Zone, First: f.First, Last: f.Last, Routes: []transit.Route{{ID: "R", Name: "Railway", Mode: transit.Rail}},
		Services: []transit.Service{{Days: slices.Repeat([]uint64{1<<64 - 1}, int(f.Last-f.First)/64+1)}}}
	var feeds []*transit.Feed
	for i := range n {
		c := *f
		c.Name = fmt.Sprintf("%s-%03d", f.Name, i)
		c.Stops, c.Trips = slices.Clone(f.Stops), slices.Clone(f.Trips)
		for k := range c.Stops {
			c.Stops[k].Lat += 0.7 * float64(i/12)
			c.Stops[k].Lon += 1.1 * float64(i%12)
		}
		for k := range c.Trips {
			c.Trips[k].Times = slices.Clone(c.Trips[k].Times)
			for m := range c.Trips[k].Times {
				c.Trips[k].Times[m].Arrive += int32(60 * i)
				c.Trips[k].Times[m].Depart += int32(60 * i)
			}
		}
		feeds = append(feeds, &c)
		central := c.Stops[0]
		central.ID = fmt.Sprint("station-", i)
		railway.Stops = append(railway.Stops, central)
	}
	for minute := 5 * 60; minute < 24*60; minute += 15 {
		there, back := transit.Trip{ID: fmt.Sprint("up", minute)}, transit.Trip{ID: fmt.Sprint("down", minute)}
		for i := range n {
			t := int32(60*minute + 1500*i)
			there.Times = append(there.Times, transit.StopTime{Stop: uint32(i), Arrive: t, Depart: t + 60})
			back.Times = append(back.Times, transit.StopTime{Stop: uint32(n - 1 - i), Arrive: t, Depart: t + 60})
		}
		railway.Trips = append(railway.Trips, there, back)
	}
	return append(feeds, railway)
}

// connections are every hop of one day in order of departure, the plainest
// form that a timetable can be searched in: what the engine is measured
// against.
type connections struct {
	hops  []connection
	trips int
	foot  [][]footLink // by stop
	stops []transit.Stop
}

type connection struct {
	depart, arrive, from, to, trip int32
	board, alight                  bool
}

type footLink struct {
	to, seconds int32
}

func newConnections(feeds []*transit.Feed, day transit.Day) *connections {
	c := &connections{}
	for _, f := range feeds {
		first := int32(len(c.stops))
		c.stops = append(c.stops, f.Stops...)
		for i := range f.Trips {
			if t := &f.Trips[i]; f.On(int(t.Service), day) {
				for k := range t.Times[1:] {
					a, b := &t.Times[k], &t.Times[k+1]
					c.hops = append(c.hops, connection{a.Depart, b.Arrive, first + int32(a.Stop), first + int32(b.Stop), int32(c.trips), a.Pickup == transit.Regular, b.DropOff == transit.Regular})
				}
				c.trips++
			}
		}
	}
	slices.SortStableFunc(c.hops, func(a, b connection) int { return cmp.Compare(a.depart, b.depart) })
	c.foot = make([][]footLink, len(c.stops))
	byLat := make([]int, len(c.stops))
	for i := range byLat {
		byLat[i] = i
	}
	slices.SortFunc(byLat, func(a, b int) int { return cmp.Compare(c.stops[a].Lat, c.stops[b].Lat) })
	for i, a := range byLat {
		for _, b := range byLat[i+1:] {
			if c.stops[b].Lat-c.stops[a].Lat > 0.003 {
				break
			}
			if m := c.path(a, c.point(b)); m <= transit.MaxFootM {
				s := int32(math.Ceil(m/transit.Standard.Speed)) + transit.ChangeSeconds
				c.foot[a], c.foot[b] = append(c.foot[a], footLink{int32(b), s}), append(c.foot[b], footLink{int32(a), s})
			}
		}
	}
	return c
}

func (c *connections) point(stop int) orb.Point {
	return orb.Point{c.stops[stop].Lon, c.stops[stop].Lat}
}
func (c *connections) path(stop int, p orb.Point) float64 {
	return geo.DistanceM(c.point(stop), p) * transit.Detour
}

// search fills in the earliest arrival at every stop, in seconds of the day.
func (c *connections) search(home []footLink, leave, until int32, ready, arrive []int32, ridden []bool) {
	for i := range ready {
		ready[i], arrive[i] = math.MaxInt32, math.MaxInt32
	}
	clear(ridden)
	for _, w := range home {
		ready[w.to] = leave + w.seconds
	}
	first, _ := slices.BinarySearchFunc(c.hops, leave, func(h connection, t int32) int { return cmp.Compare(h.depart, t) })
	for i := first; i < len(c.hops); i++ {
		h := &c.hops[i]
		if h.depart > until {
			return
		}
		if !ridden[h.trip] {
			if !h.board || ready[h.from] > h.depart {
				continue
			}
			ridden[h.trip] = true
		}
		if h.alight && h.arrive < arrive[h.to] && h.arrive <= until {
			arrive[h.to] = h.arrive
			ready[h.to] = min(ready[h.to], h.arrive+transit.ChangeSeconds)
			for _, w := range c.foot[h.to] {
				ready[w.to] = min(ready[w.to], h.arrive+w.seconds)
			}
		}
	}
}

// BenchmarkEngines searches the hour before ten o'clock with the engine and by
// scanning all connections, in one town and in a region.
func BenchmarkEngines(b *testing.B) {
	f := realFeed(b, southampton, gtfs.Options{})
	for _, copies := range []int{1, 16} {
		feeds := region(f, copies)
		n := transit.NewNetwork(feeds, nil)
		plain := newConnections(feeds, transit.DayOf(2025, time.July, 15))
		people := residents(f, 50, 60*time.Minute)
		homes := make([][]footLink, len(people))
		for i, who := range people {
			for s := range plain.stops {
				if m := plain.path(s, who.Home); m <= who.MaxWalkM {
					homes[i] = append(homes[i], footLink{int32(s), int32(math.Ceil(m / who.Speed))})
				}
			}
		}
		ready, arrive, ridden := make([]int32, len(plain.stops)), make([]int32, len(plain.stops)), make([]bool, plain.trips)
		search := func(i int) { plain.search(homes[i], 9*3600, 10*3600, ready, arrive, ridden) }
		spots := n.NewSpots()
		for s := range plain.stops {
			spots.Add(plain.point(s))
		}
		for i, who := range people[:10] { // what one reaches the other does
			search(i)
			out := n.From(who).Out(at(10, 0))
			for s := range plain.stops {
				if arrive[s] <= 10*3600 && !out.Reaches(spots, uint32(s)) {
					b.Fatalf("%v: stop %s is reached by connections alone", who.Home, plain.stops[s].ID)
				}
			}
		}
		b.Run(fmt.Sprintf("copies=%d/connections", copies), func(b *testing.B) {
			b.ReportMetric(float64(len(plain.hops)), "hops")
			median(b, len(people), search)
		})
		b.Run(fmt.Sprintf("copies=%d/engine", copies), func(b *testing.B) {
			median(b, len(people), func(i int) { n.From(people[i]).Out(at(10, 0)) })
		})
		b.Run(fmt.Sprintf("copies=%d/there-and-back", copies), func(b *testing.B) {
			median(b, len(people), func(i int) {
				r := n.From(people[i])
				r.Out(at(10, 0))
				r.Back(at(12, 0))
			})
		})
		b.Run(fmt.Sprintf("copies=%d/new-network", copies), func(b *testing.B) {
			for b.Loop() {
				transit.NewNetwork(feeds, nil)
			}
			b.ReportMetric(memory(func() any { return transit.NewNetwork(feeds, nil) }), "MB")
		})
		b.Run(fmt.Sprintf("copies=%d/first-scan", copies), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				n := transit.NewNetwork(feeds, nil)
				b.StartTimer()
				n.From(people[0]).Out(at(10, 0))
			}
		})
	}
}

// memory is what something takes, in megabytes.
func memory(make func() any) float64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	v := make()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(v)
	return float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)) / 1e6
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
	b.ReportMetric(memory(func() any { return transit.NewNetwork([]*transit.Feed{f}, nil) }), "MB")
}
