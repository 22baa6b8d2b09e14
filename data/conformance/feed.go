package conformance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"hereabouts"
)

func compacted(f *fixture) {
	f.must(pat, put(group("a", "A"), 0), put(group("b", "B"), 0), put(group("c", "C"), 0))
	mid := f.head()
	f.must(pat, put(group("a", "A2"), 1))
	f.must(pat, put(group("a", "A3"), 2))
	f.feedIs("", "b@1 B", "c@1 C", "a@3 A3")
	f.feedIs(mid, "a@3 A3")
	f.feedIs(f.head())
}

func tombstones(f *fixture) {
	draft := group("d", "Draft")
	draft.Status = hereabouts.Draft
	f.must(pat, put(group("a", "A"), 0), put(draft, 0))
	f.feedIs("", "a@1 A", "d@1 gone")
	gone := group("a", "A")
	gone.Status = hereabouts.Withdrawn
	f.must(pat, put(gone, 1))
	f.feedIs("", "d@1 gone", "a@2 gone")
	for _, c := range f.since("") {
		if c.Listing != nil || c.At.IsZero() {
			f.Errorf("a tombstone is %+v", c)
		}
	}
	if l := f.listing("a"); l.Status != hereabouts.Withdrawn || l.Name != "A" {
		f.Errorf("the withdrawn listing itself is %+v", l)
	}
	f.must(pat, put(group("a", "A again"), 2))
	f.feedIs("", "d@1 gone", "a@3 A again")
}

// resumes reads the feed from every token there has been: what was known then
// with what the feed adds must be what is known now.
func resumes(f *fixture) {
	type snapshot struct {
		token hereabouts.Token
		known map[string]hereabouts.Rev
	}
	known := map[string]hereabouts.Rev{}
	past := []snapshot{{"", map[string]hereabouts.Rev{}}}
	for i := range 60 {
		id := fmt.Sprintf("l%d", i*i%17)
		ws := []hereabouts.Write{put(group(id, fmt.Sprintf("turn %d", i)), known[id])}
		known[id]++
		if i%5 == 0 {
			extra := fmt.Sprintf("extra%d", i)
			ws = append(ws, put(group(extra, extra), 0))
			known[extra] = 1
		}
		r := f.must(pat, ws...)
		past = append(past, snapshot{r.Token, maps.Clone(known)})
	}
	for n, p := range past {
		now := maps.Clone(p.known)
		for _, c := range f.since(p.token) {
			if c.Rev < now[c.ID] {
				f.Errorf("from token %d: %s goes back from %d to %d", n, c.ID, now[c.ID], c.Rev)
			}
			now[c.ID] = c.Rev
		}
		if !maps.Equal(now, known) {
			f.Errorf("from token %d: know %v, want %v", n, now, known)
		}
	}
	// And from every token inside the feed.
	all := f.since("")
	for i, c := range all {
		if rest := f.since(c.Token); len(rest) != len(all)-i-1 {
			f.Errorf("after change %d of %d come %d", i+1, len(all), len(rest))
		}
	}
}

func readWhileWriting(f *fixture) {
	const n = 2500 // more than a store reads at once
	for from := 0; from < n; from += 500 {
		var ws []hereabouts.Write
		for i := from; i < from+500; i++ {
			ws = append(ws, put(group(fmt.Sprintf("l%d", i), "first"), 0))
		}
		f.must(pat, ws...)
	}
	latest := map[string]hereabouts.Rev{}
	step := 0
	for c, err := range f.s.Changes(f.Context(), "", false) {
		if err != nil {
			f.Fatal(err)
		}
		if c.Rev <= latest[c.ID] {
			f.Errorf("%s at revision %d comes after %d", c.ID, c.Rev, latest[c.ID])
		}
		latest[c.ID] = c.Rev
		if step++; step%500 == 0 && step <= n {
			id := fmt.Sprintf("l%d", n-step)
			f.must(pat, put(group(id, "second"), 1))
		}
	}
	if len(latest) != n {
		f.Errorf("saw %d listings of %d", len(latest), n)
	}
}

func followWakes(f *fixture) {
	f.must(pat, put(group("a", "A"), 0))
	ctx, cancel := context.WithCancel(f.Context())
	defer cancel()
	got := make(chan string, 10)
	ended := make(chan error, 1)
	go func() {
		for c, err := range f.s.Changes(ctx, "", true) {
			if err != nil {
				ended <- err
				return
			}
			got <- fmt.Sprintf("%s@%d", c.ID, c.Rev)
		}
		ended <- nil
	}()
	expect := func(want string) {
		f.Helper()
		select {
		case s := <-got:
			if s != want {
				f.Errorf("followed %q, want %q", s, want)
			}
		case err := <-ended:
			f.Fatalf("following ended early: %v", err)
		}
	}
	expect("a@1")
	f.must(pat, put(group("b", "B"), 0))
	expect("b@1")
	f.must(pat, put(group("a", "A2"), 1))
	expect("a@2")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		f.Errorf("following ended with %v, want context.Canceled", err)
	}
	// A follower that stops by itself leaves nothing behind.
	for range f.s.Changes(f.Context(), "", true) {
		break
	}
}

func epoch(f *fixture) {
	f.must(pat, put(group("a", "A"), 0), put(group("b", "B"), 0))
	other := f.subject.Open(f.T)
	if _, err := other.Commit(f.Context(), hereabouts.Batch{Actor: pat, Writes: []hereabouts.Write{put(group("a", "A"), 0)}}); err != nil {
		f.Fatal(err)
	}
	foreign, err := other.Head(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	ahead := f.head() + "0"
	for _, bad := range []hereabouts.Token{foreign, ahead, "nonsense", ":", "1", f.head() + " ", "0" + f.head()} {
		var errs []error
		for _, err := range f.s.Changes(f.Context(), bad, false) {
			errs = append(errs, err)
		}
		if len(errs) != 1 || !errors.Is(errs[0], f.subject.ErrEpoch) {
			f.Errorf("from %q: got %v, want ErrEpoch once", bad, errs)
		}
	}
	all := f.since("")
	f.s = f.subject.Reopen(f.T, f.s)
	if again := f.since(""); !slices.Equal(brief(again), brief(all)) || again[0].Token != all[0].Token {
		f.Errorf("opening again changed the feed: %q", brief(again))
	}
}
