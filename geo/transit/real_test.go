package transit_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hereabouts/geo/transit"
	"hereabouts/importers/gtfs"
)

var (
	townsFlag   = flag.Int("towns", 300, "how many made-up networks to compare the engine and the oracle on")
	originsFlag = flag.Int("origins", 200, "how many origins and times to compare the engine and the oracle at on each real feed")
	seedFlag    = flag.Uint64("seed", 1, "what the origins and times are made of")
)

// sharedData is a folder of the real data beside the repository, which is not
// part of it; the test is skipped where there is none.
func sharedData(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(filepath.Dir(dir), "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no real feeds here: %v", err)
	}
	return path
}

// realFeeds are read once for all tests.
var realFeeds = struct {
	sync.Mutex
	read map[string]*transit.Feed
}{read: map[string]*transit.Feed{}}

func realFeed(t testing.TB, name string, o gtfs.Options) *transit.Feed {
	t.Helper()
	path := sharedData(t, name)
	realFeeds.Lock()
	defer realFeeds.Unlock()
	if o.RawFrequencies {
		name += " raw"
	}
	if f := realFeeds.read[name]; f != nil {
		return f
	}
	f, _, err := gtfs.Read(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	realFeeds.read[name] = f
	return f
}

const (
	southampton = "gtfs/gb-southampton-bluestar-bus-2025-07.zip"
	manchester  = "gtfs/gb-greater-manchester-rail-2020-12.zip"
	sixRailways = "gtfs/gb-rail-6-operators-2017.zip"
)

// realDays are days that differ in kind: an ordinary weekday, a Saturday, a
// Sunday, a bank holiday or other exception, those on which clocks change, and
// the first, the last and one beyond.
var realDays = map[string][]string{
	southampton: {"2025-07-15", "2025-07-19", "2025-07-20", "2025-08-25", "2025-06-15", "2025-08-30", "2025-08-31"},
	manchester:  {"2021-03-10", "2021-03-13", "2021-01-17", "2020-12-28", "2021-03-28", "2021-05-15"},
	sixRailways: {"2017-07-12", "2017-07-15", "2017-07-16", "2017-08-28", "2017-10-29", "2017-12-09"},
}

func TestRealFeedsAgree(t *testing.T) {
	for _, name := range []string{southampton, manchester, sixRailways} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			agree(t, []*transit.Feed{realFeed(t, name, gtfs.Options{})}, realDays[name], *originsFlag)
		})
	}
}

// TestFeedsTogetherAgree asks about two feeds in one network, one of them in
// another zone and another time: the railways moved to the days of the buses.
func TestFeedsTogetherAgree(t *testing.T) {
	buses := realFeed(t, southampton, gtfs.Options{})
	railways := *realFeed(t, sixRailways, gtfs.Options{})
	shift := transit.DayOf(2025, time.July, 14) - transit.DayOf(2017, time.July, 10)
	railways.First, railways.Last, railways.Zone = railways.First+shift, railways.Last+shift, "Europe/Paris"
	agree(t, []*transit.Feed{buses, &railways}, []string{"2025-07-15", "2025-07-19"}, (*originsFlag+7)/8)
}

// agree compares the engine, on feeds as they come back from disk, and the
// oracle at some origins and times.
func agree(t *testing.T, feeds []*transit.Feed, days []string, origins int) {
	dir := t.TempDir()
	for _, f := range feeds {
		if err := transit.Save(dir, f); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := transit.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(feeds[0].Zone)
	if err != nil {
		t.Fatal(err)
	}
	c := newComparison(t, stored.Network(), feeds...)
	begin := time.Now()
	for i := range origins {
		if t.Failed() {
			t.Fatalf("origin %d of %d, and no further", i-1, origins)
		}
		r := rand.New(rand.NewPCG(*seedFlag, uint64(i)))
		// A day's questions come one after another, for the oracle to keep its timetable.
		day, err := time.Parse(time.DateOnly, days[i*len(days)/origins])
		if err != nil {
			t.Fatal(err)
		}
		minute := 5*60 + r.IntN(19*60)
		if r.IntN(6) == 0 {
			minute = r.IntN(4 * 60) // after midnight
		}
		at := time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, zone).Unix()
		if r.IntN(4) == 0 {
			at += int64(r.IntN(60))
		}
		stop := func() orb.Point {
			f := feeds[0]
			if r.IntN(3) == 0 {
				f = feeds[r.IntN(len(feeds))]
			}
			s := f.Stops[r.IntN(len(f.Stops))]
			return orb.Point{s.Lon, s.Lat}
		}
		who := anyTraveller(r, nearby(r, stop(), 300))
		if who.Steps == transit.Strict && r.IntN(3) > 0 {
			who.Steps = transit.AnySteps // no British feed says yes of a vehicle
		}
		places := c.destinations(r, who, at, stop)
		if r.IntN(3) == 0 {
			c.atTheEdge(r, &who, places)
		}
		c.traveller(t, who, places, at, 3)
		if i%3 == 0 {
			c.otherDays(t, who, places, at)
		}
	}
	t.Logf("%d origins, %d questions, %d places with a journey there, %d journeys followed leg by leg, %d of them with changes, in %v",
		origins, c.asked, c.yes, c.looked, c.changed, time.Since(begin).Round(time.Millisecond))
	if origins >= 50 && (c.yes < 5*origins || c.changed < origins/3) {
		t.Errorf("only %d places were reached and %d journeys with changes followed: this proves too little", c.yes, c.changed)
	}
}

// destinations are some places near stops that can just be reached, near such
// as cannot, and near home.
func (c *comparison) destinations(r *rand.Rand, who transit.Traveller, at int64, stop func() orb.Point) (places []orb.Point) {
	p, limit := asPerson(who), int64(who.Limit/time.Second)
	reached := c.o.forward(c.o.ways(who.Home, p), at-limit, at, p)
	var late []int
	for s, when := range reached.vias[reached.most] {
		if when > at-limit/2 && when <= at+600 {
			late = append(late, s)
		}
	}
	for i := range 60 {
		switch {
		case i == 3:
			places = append(places, nearby(r, who.Home, 1500))
		case i == 4 || len(late) == 0:
			places = append(places, nearby(r, stop(), 600))
		default:
			places = append(places, nearby(r, c.o.stops[late[r.IntN(len(late))]].at, []float64{0, 200, 900}[r.IntN(3)]))
		}
	}
	return places
}
