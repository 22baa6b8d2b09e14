package index

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
)

func TestPagesHoldEachResultOnce(t *testing.T) {
	src, _ := filled(230)
	x := open(t, t.TempDir(), src, testOptions())
	origin := &hereabouts.Origin{Lat: 51.5, Lon: -0.1}
	for _, q := range []hereabouts.Query{
		{}, {Text: "support community walking"}, {Near: origin, Sort: hereabouts.ByDistance}, {Sort: hereabouts.ByName},
		{Sort: hereabouts.BySoonest}, {Sort: hereabouts.ByFreshest}, {Near: origin, WithinM: 200_000},
	} {
		q.Limit = 100
		whole, first := allPages(t.Context(), t, x, q)
		if len(whole) != first.Total {
			t.Errorf("%+v: %d results on all pages of %d", q, len(whole), first.Total)
		}
		sorted := slices.Clone(whole)
		slices.Sort(sorted)
		if len(slices.Compact(sorted)) != len(whole) {
			t.Errorf("%+v: a result came twice", q)
		}
		q.Limit = 7
		small, again := allPages(t.Context(), t, x, q)
		if diff := cmp.Diff(whole, small); diff != "" {
			t.Errorf("%+v: the order depends on the size of a page: %s", q, diff)
		}
		if repeat := search(t, x, q); repeat.Next != again.Next {
			t.Errorf("%+v: the same page has another token the second time", q)
		}
	}
}

func TestPagesGoOnWhenListingsChange(t *testing.T) {
	src, d := filled(60)
	x := open(t, t.TempDir(), src, testOptions())
	q := hereabouts.Query{Sort: hereabouts.ByName, Limit: 10}
	first := search(t, x, q)
	// The last of the page goes away, and everything before it too.
	for _, id := range idsOf(first) {
		src.withdraw(id)
	}
	l := d.Listing(500)
	l.Name = "Aaa first of all"
	src.put(l)
	if err := x.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	q.Page = first.Next
	rest, _ := allPages(t.Context(), t, x, q)
	if want := first.Total - 10; len(rest) != want {
		t.Errorf("%d results after the first page, want %d", len(rest), want)
	}
}

func TestTokensOfOthersAreRefused(t *testing.T) {
	src, _ := filled(40)
	x := open(t, t.TempDir(), src, testOptions())
	next := search(t, x, hereabouts.Query{Limit: 5}).Next
	worse := "A" + next[1:]
	if worse == next { // as one key in 64 has it
		worse = "B" + next[1:]
	}
	y := open(t, t.TempDir(), src, testOptions())
	for name, ask := range map[string]func() error{
		"of another index": func() error { _, err := y.Search(t.Context(), hereabouts.Query{Page: next}); return err },
		"of another order": func() error {
			_, err := x.Search(t.Context(), hereabouts.Query{Page: next, Sort: hereabouts.ByName})
			return err
		},
		"cut short":  func() error { _, err := x.Search(t.Context(), hereabouts.Query{Page: next[:len(next)-2]}); return err },
		"made worse": func() error { _, err := x.Search(t.Context(), hereabouts.Query{Page: worse}); return err },
	} {
		ps, ok := errors.AsType[hereabouts.Problems](ask())
		if !ok || len(ps) != 1 || ps[0].Parameter != "page" {
			t.Errorf("a token %s: %v", name, ps)
		}
	}
}

func FuzzPageToken(f *testing.F) {
	p, err := newPager(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("", "relevance", -12.5, "", "0197")
	f.Add("AAAA", "name", 0.0, "tea and chat", "x")
	f.Add(p.seal(cursor{sort: "distance", key: math.Inf(1), id: "a"}), "distance", math.NaN(), "", "")
	f.Fuzz(func(t *testing.T, token, sort string, key float64, name, id string) {
		if c, ok := p.open(token); ok && p.seal(c) != token {
			t.Fatalf("%q opens as %+v, whose token is another", token, c)
		}
		if len(sort) > 255 || len(name) > math.MaxUint16 || len(id) > 1<<15 {
			return
		}
		want := cursor{hereabouts.Sort(sort), key, name, id}
		got, ok := p.open(p.seal(want))
		if !ok || got.sort != want.sort || math.Float64bits(got.key) != math.Float64bits(key) || got.name != name || got.id != id {
			t.Fatalf("%+v came back as %+v", want, got)
		}
	})
}

func FuzzQueryText(f *testing.F) {
	for _, s := range []string{"walking group", "drop-in & café", "\xff\xfe", "a b c d e f g h i j k l m n o p", "gardning suport", "''''", "太極拳"} {
		f.Add(s, true)
	}
	src, _ := filled(30)
	x := open(f, f.TempDir(), src, testOptions())
	f.Fuzz(func(t *testing.T, text string, near bool) {
		q := hereabouts.Query{Text: text}
		if near {
			q.Near, q.WithinM = &hereabouts.Origin{Lat: 51.5}, 50_000
		}
		res, err := x.Search(t.Context(), q)
		if _, ok := errors.AsType[hereabouts.Problems](err); err != nil && !ok {
			t.Fatal(err)
		}
		for i, r := range res.Results {
			if math.IsNaN(r.Score) || i > 0 && r.Score > res.Results[i-1].Score {
				t.Fatalf("%q: result %d scores %v after %v", text, i, r.Score, res.Results[max(i-1, 0)].Score)
			}
		}
		if _, err := x.Suggest(t.Context(), text, 5); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzColumnsFile(f *testing.F) {
	src, _ := filled(12)
	x := open(f, f.TempDir(), src, testOptions())
	data := x.state.Load().columns.encode(x.version)
	f.Add(data, 0, byte(0), false)
	f.Add(data[:len(data)/2], 3, byte(7), true)
	f.Add([]byte(columnsMagic), 0, byte(1), true)
	f.Fuzz(func(t *testing.T, data []byte, at int, flip byte, resum bool) {
		data = slices.Clone(data)
		if len(data) > 0 {
			data[uint(at)%uint(len(data))] ^= flip
		}
		if resum && len(data) > 8 {
			data = checksummed(data[:len(data)-8])
		}
		c, err := newColumns(x.taxonomy, dayNumber(today24))
		if err != nil {
			t.Fatal(err)
		}
		if c.decode(data, x.version) != nil {
			return
		}
		// Whatever was accepted must answer.
		for _, q := range []hereabouts.Query{{}, {Near: &hereabouts.Origin{Lat: 51.5}, WithinM: 1e5},
			{TimeFrom: "10:00", TimeTo: "12:00", Access: []string{"step_free", "parking"}, Areas: []string{"A51+0"}}} {
			q.Limit, q.Sort, q.Facets = 10, hereabouts.ByRelevance, hereabouts.FacetNames
			if _, err := x.ask(t.Context(), &state{columns: c}, &q, nil); err != nil {
				t.Fatal(err)
			}
		}
	})
}
