package index

import (
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"hereabouts"
)

// BenchmarkJourneys makes the journeys of pages of twenty listings that can be
// reached by bus in Southampton, each for another person: one after the other
// and as [Index.Search] does. It needs the timetables of ../shared.
func BenchmarkJourneys(b *testing.B) {
	f := southampton(b, today24)
	src := newMemory()
	for i := range 3000 {
		src.put(busListing(f, i))
	}
	o := testOptions()
	o.Timetables, o.Logger = timetables(b, f), slog.New(slog.DiscardHandler)
	o.Now = func() time.Time { return now }
	x := open(b, b.TempDir(), src, o)
	r := rand.New(rand.NewPCG(5, 7))
	type page struct {
		q        hereabouts.Query
		a        *asked
		hits     []*found
		listings []hereabouts.Result
	}
	var pages []page
	for len(pages) < 50 {
		at := nearStop(f, r, 600)
		q := hereabouts.Query{Near: &hereabouts.Origin{Lat: at.Lat(), Lon: at.Lon()}, Travel: &hereabouts.Travel{Verdicts: []string{"there_and_back"}}, Sort: hereabouts.ByName}
		if _, err := x.check(&q); err != nil {
			b.Fatal(err)
		}
		a, err := x.ask(b.Context(), x.state.Load(), &q, nil)
		if err != nil {
			b.Fatal(err)
		}
		p := page{q: q, a: a}
		for i := range a.hits {
			if a.hits[i].reach.class != reachThereAndBack {
				continue
			}
			l, err := src.Listings(b.Context(), []string{a.hits[i].id})
			if err != nil {
				b.Fatal(err)
			}
			p.hits, p.listings = append(p.hits, &a.hits[i]), append(p.listings, hereabouts.Result{Listing: l[0]})
		}
		if len(p.hits) >= 10 {
			pages = append(pages, p)
		}
	}
	b.Run("pair", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			p := &pages[i%len(pages)]
			g := x.guide(p.a.network, p.q.Near, p.a.travel, false)
			k := i / len(pages) % len(p.hits)
			if j := g.journey(&p.listings[k].Listing, &p.hits[k].reach); j.Out == nil || j.Back == nil {
				b.Fatal("a search says that there is a journey and there is none")
			}
		}
	})
	b.Run("page", func(b *testing.B) {
		n := 0
		for i := 0; b.Loop(); i++ {
			p := &pages[i%len(pages)]
			res := slices.Clone(p.listings)
			if err := x.journeys(b.Context(), &p.q, p.a, p.hits, res); err != nil {
				b.Fatal(err)
			}
			n += len(res)
		}
		b.ReportMetric(float64(n)/float64(b.N), "journeys/op")
	})
	b.Run("listing", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			p := &pages[i%len(pages)]
			k := i / len(pages) % len(p.hits)
			if _, err := x.Journeys(b.Context(), hereabouts.JourneyQuery{From: *p.q.Near, ListingID: p.hits[k].id}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
