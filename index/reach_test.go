package index

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hereabouts"
	"hereabouts/geo/transit"
)

func TestReachQuestionsAreChecked(t *testing.T) {
	x := open(t, t.TempDir(), newMemory(shed()), testOptions())
	near := &hereabouts.Origin{Lat: 52.24, Lon: -0.9}
	for _, c := range []struct {
		name string
		q    hereabouts.Query
		want []string
	}{
		{"no origin", hereabouts.Query{Travel: &hereabouts.Travel{}}, []string{"transport needs_near"}},
		{"no travel", hereabouts.Query{Near: near, Sort: hereabouts.ByJourney}, []string{"sort needs_transport"}},
		{"everything wrong", hereabouts.Query{Near: near, Travel: &hereabouts.Travel{Mode: "bus", MaxMinutes: 241, ArriveEarly: new(121), Stay: 4,
			Profile: "brisk", MaxWalkM: new(0.5), MaxChanges: new(11), Pass: "season", Verdicts: []string{"walk"}}},
			[]string{"arrive_early out_of_range", "max_changes out_of_range", "max_minutes out_of_range", "max_walk out_of_range",
				"pass unknown_value", "profile unknown_value", "reach unknown_value", "stay out_of_range", "transport unknown_value"}},
	} {
		_, err := x.Search(t.Context(), c.q)
		p, _ := errors.AsType[hereabouts.Problems](err)
		var got []string
		for _, f := range p {
			got = append(got, f.Parameter+" "+f.Code)
		}
		if diff := gocmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	o := testOptions()
	o.DayHours = [2]hereabouts.Clock{"17:00", "09:00"}
	if _, err := Open(t.Context(), t.TempDir(), newMemory(), o); err == nil {
		t.Error("hours that end before they begin are taken")
	}
}

func TestLongerJourneysLoseNobody(t *testing.T) {
	w := newTown(t, 150, townFeeds()...)
	x := open(t, t.TempDir(), w.src, w.options())
	rapid.Check(t, func(t *rapid.T) {
		q := hereabouts.Query{Near: w.drawOrigin(t), Travel: drawTravel(t), Limit: 100, DropUnknown: rapid.Bool().Draw(t, "drop")}
		q.Travel.Verdicts = nil
		q.Travel.MaxMinutes = rapid.IntRange(1, 120).Draw(t, "minutes")
		some, _ := allPages(t.Context(), t, x, q)
		longer := *q.Travel
		longer.MaxMinutes += rapid.IntRange(1, 120).Draw(t, "more")
		q.Travel = &longer
		more, _ := allPages(t.Context(), t, x, q)
		for _, id := range some {
			if !slices.Contains(more, id) {
				t.Fatalf("%s loses %s", describeTravel(q), id)
			}
		}
	})
}

// TestReachFollowsTheClock moves the clock on by anything from minutes to
// days while listings change and go, timetables come and go, and the index is
// closed and opened, and compares every verdict with the oracle's.
func TestReachFollowsTheClock(t *testing.T) {
	w := newTown(t, 60, townFeeds()...)
	var mu sync.Mutex
	at := now
	o := w.options()
	o.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return at }
	dir := t.TempDir()
	x := open(t, dir, w.src, o)
	r := rand.New(rand.NewPCG(8, 8))
	more := townFeed("more", 3, "2026-06-01", "2027-05-31", 12)
	for step := range 60 {
		mu.Lock()
		at = at.Add(time.Duration(1+r.IntN([]int{20, 90, 900, 3000}[r.IntN(4)])) * time.Minute)
		if step == 40 {
			at = at.Add(-30 * time.Hour) // somebody sets the clock
		}
		mu.Unlock()
		switch i := r.IntN(60); r.IntN(6) {
		case 0, 1:
			w.src.put(townListing(w.Directory, i+60*r.IntN(3)))
		case 2:
			w.src.withdraw(w.ID(i))
		case 3:
			if step%2 == 0 {
				err := transit.Save(w.dir, more)
				if r.IntN(2) == 0 {
					err = transit.Remove(w.dir, "more")
				}
				if err != nil {
					t.Fatal(err)
				}
				if err := w.timetables.Reload(); err != nil {
					t.Fatal(err)
				}
				w.network = w.timetables.Network()
			}
		case 4:
			if step%5 == 0 {
				if err := x.Close(); err != nil {
					t.Fatal(err)
				}
				x = open(t, dir, w.src, o)
			}
		}
		if err := x.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.all = w.src.published()
		home := traveltownPoint(r)
		q := hereabouts.Query{Near: &hereabouts.Origin{Lat: home.Lat(), Lon: home.Lon()}, Limit: 100,
			Travel: &hereabouts.Travel{MaxMinutes: 20 + r.IntN(60), Stay: 15 + r.IntN(200), Verdicts: hereabouts.ReachNames}}
		judge := w.judge(&q, at)
		want, got := map[string]oVerdict{}, map[string]oVerdict{}
		for i := range w.all {
			if l := &w.all[i]; l.AvailabilityAt(hereabouts.DateOf(at)) != hereabouts.Closed {
				if v := judge.verdict(l, nil); v.Class != "none" {
					want[l.ID] = v
				}
			}
		}
		for _, f := range hitsOf(t.Context(), t, x, q) {
			got[f.id] = oVerdict{Class: oOrder[f.reach.class], Obstacle: f.reach.obstacle, Start: f.reach.start, Session: f.reach.session}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("step %d, %s: %s", step, at, diff)
		}
	}
}

func TestSpotsOfWhatIsGoneAreLetGo(t *testing.T) {
	w := newTown(t, 40, townFeed("town", 1, "2026-06-01", "2027-05-31", 5))
	x := open(t, t.TempDir(), w.src, w.options())
	for n := range 60 {
		for i := range 40 {
			l := townListing(w.Directory, i)
			l.Summary = fmt.Sprint("round ", n)
			w.src.put(l)
		}
		if err := x.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c := x.state.Load().columns
	points := 0
	for _, d := range c.details {
		points += len(d.points)
	}
	if n := c.ties.spots.Len(); n > 2*points+1500 {
		t.Errorf("%d spots are kept for %d places", n, points)
	}
	fresh := open(t, t.TempDir(), w.src, w.options())
	q := hereabouts.Query{Near: &hereabouts.Origin{Lat: traveltown.Lat(), Lon: traveltown.Lon()}, Travel: &hereabouts.Travel{}}
	if diff := gocmp.Diff(search(t, fresh, q), search(t, x, q), gocmp.FilterPath(func(p gocmp.Path) bool { return p.String() == "Token" || p.String() == "Next" }, gocmp.Ignore())); diff != "" {
		t.Error(diff)
	}
}

func TestReachWhileEverythingChanges(t *testing.T) {
	w := newTown(t, 80, townFeeds()...)
	var mu sync.Mutex
	at := now
	o := w.options()
	o.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return at }
	x := open(t, t.TempDir(), w.src, o)
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
	defer stop()
	var all sync.WaitGroup
	for n := range 3 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(n), 1))
			for ctx.Err() == nil {
				p := traveltownPoint(r)
				q := hereabouts.Query{Near: &hereabouts.Origin{Lat: p.Lat(), Lon: p.Lon()}, Travel: &hereabouts.Travel{MaxMinutes: 30 + r.IntN(3)}}
				if r.IntN(2) == 0 {
					q.Days = []time.Weekday{time.Weekday(r.IntN(7))}
				}
				if _, err := x.Search(ctx, q); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Go(func() { x.Follow(ctx) })
	all.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			w.src.put(townListing(w.Directory, i%120))
			if i%10 == 0 {
				if err := w.timetables.Reload(); err != nil {
					t.Error(err)
				}
			}
			mu.Lock()
			at = at.Add(7 * time.Minute)
			mu.Unlock()
			time.Sleep(2 * time.Millisecond)
		}
	})
	all.Wait()
}
