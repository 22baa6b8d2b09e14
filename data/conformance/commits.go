package conformance

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
)

func acknowledged(f *fixture) {
	r := f.must(pat, put(group("", "Men's shed"), 0), put(group("walk", "Health walk"), 0))
	f.outcome(r, hereabouts.Added, hereabouts.Added)
	if r.IDs[0] == "" || r.IDs[1] != "walk" {
		f.Fatalf("the receipt has the ids %q", r.IDs)
	}
	before := f.listing(r.IDs[0])
	if before.ID != r.IDs[0] || before.Rev != 1 || before.Status != hereabouts.Published || before.CreatedAt.IsZero() || !before.CreatedAt.Equal(before.UpdatedAt) {
		f.Errorf("a new listing is %+v", before)
	}
	if f.head() != r.Token {
		f.Errorf("the head is %q and the receipt's token %q", f.head(), r.Token)
	}
	f.s = f.subject.Reopen(f.T, f.s)
	if diff := cmp.Diff(before, f.listing(r.IDs[0])); diff != "" {
		f.Errorf("after opening again (-before +after):\n%s", diff)
	}
	if f.head() != r.Token {
		f.Errorf("after opening again the head is %q, not %q", f.head(), r.Token)
	}
}

func comparesRevisions(f *fixture) {
	f.must(pat, put(group("shed", "Shed"), 0))
	f.must(pat, put(group("shed", "Men's shed"), 1))
	created := f.listing("shed").CreatedAt
	for _, want := range []hereabouts.Rev{0, 1, 3} {
		_, err := f.try(pat, put(group("shed", "Other"), want))
		ce := (*hereabouts.ConflictError)(nil)
		if !errors.As(err, &ce) || !errors.Is(err, hereabouts.ErrConflict) {
			f.Fatalf("writing on revision %d: got %v, want a ConflictError", want, err)
		}
		if diff := cmp.Diff(&hereabouts.ConflictError{ID: "shed", Have: 2, Want: want}, ce); diff != "" {
			f.Errorf("conflict (-want +got):\n%s", diff)
		}
	}
	_, err := f.try(pat, put(group("none", "None"), 4))
	if ce := (*hereabouts.ConflictError)(nil); !errors.As(err, &ce) || ce.Have != 0 {
		f.Errorf("replacing what is not there: got %v", err)
	}
	f.absent("none")
	l := f.listing("shed")
	if l.Rev != 2 || l.Name != "Men's shed" || !l.CreatedAt.Equal(created) {
		f.Errorf("the listing is %+v", l)
	}
}

func allOrNothing(f *fixture) {
	f.must(pat, put(group("a", "A"), 0))
	head := f.head()
	org := &hereabouts.Organisation{ID: "trust", Name: "Trust"}
	_, err := f.try(pat,
		put(group("b", "B"), 0),
		hereabouts.Write{Organisation: org},
		put(group("a", "A again"), 7),
		put(group("c", "C"), 0))
	if !errors.Is(err, hereabouts.ErrConflict) {
		f.Fatalf("got %v, want a conflict", err)
	}
	f.absent("b")
	f.absent("c")
	if _, err := f.s.Organisation(f.Context(), "trust"); !errors.Is(err, hereabouts.ErrNotFound) {
		f.Errorf("the organisation of a failed batch: %v", err)
	}
	if f.head() != head {
		f.Errorf("a failed batch moved the head from %q to %q", head, f.head())
	}
	f.feedIs("", "a@1 A")
}

func faultsTogether(f *fixture) {
	_, err := f.try(pat, put(group("a", ""), 0), put(&hereabouts.Listing{Name: "Z", Kind: "club"}, 0), hereabouts.Write{},
		hereabouts.Write{Organisation: &hereabouts.Organisation{}})
	var ps hereabouts.Problems
	if !errors.As(err, &ps) {
		f.Fatalf("got %v, want problems", err)
	}
	var at []string
	for _, p := range ps {
		at = append(at, p.Pointer)
	}
	want := []string{"/writes/0/listing/name", "/writes/1/listing/kind", "/writes/2/listing", "/writes/3/organisation/name"}
	if !slices.Equal(at, want) {
		f.Errorf("faults at %q, want %q", at, want)
	}
	_, err = f.try(pat, put(group("a", ""), 0))
	if ps = nil; !errors.As(err, &ps) || ps[0].Pointer != "/name" {
		f.Errorf("the pointer of a single write: %v", err)
	}
	unknown := group("a", "A")
	unknown.Organisation.ID = "nobody"
	_, err = f.try(pat, put(unknown, 0))
	if ps = nil; !errors.As(err, &ps) || ps[0].Pointer != "/organisation/id" {
		f.Errorf("an unknown organisation: %v", err)
	}
	many := make([]hereabouts.Write, hereabouts.MaxWrites+1)
	if _, err = f.try(pat, many...); !errors.As(err, &ps) {
		f.Errorf("too many writes: %v", err)
	}
	f.feedIs("")
}

func batchSeesItself(f *fixture) {
	r := f.must(pat, put(group("a", "A"), 0), put(group("a", "B"), 1), put(group("a", "C"), 2))
	if diff := cmp.Diff([]hereabouts.Rev{1, 2, 3}, r.Revs); diff != "" {
		f.Error(diff)
	}
	f.outcome(r, hereabouts.Added, hereabouts.Changed, hereabouts.Changed)
	f.feedIs("", "a@3 C")
}

func nothingChanged(f *fixture) {
	f.must(pat, put(group("a", "A"), 0))
	head := f.head()
	same := f.listing("a")
	r := f.must(pat, put(&same, 1))
	f.outcome(r, hereabouts.Unchanged)
	if r.Revs[0] != 1 || r.Token != head || f.head() != head {
		f.Errorf("receipt %+v, head %q; want revision 1 and %q", r, f.head(), head)
	}
	empty := f.must(pat)
	if empty.Token != head {
		f.Errorf("an empty batch answers %q, not %q", empty.Token, head)
	}
}

func dryRun(f *fixture) {
	f.must(pat, put(group("a", "A"), 0))
	head := f.head()
	l := group("", "New")
	l.Organisation.Name = "New trust"
	b := hereabouts.Batch{Actor: pat, Op: "try", DryRun: true, Writes: []hereabouts.Write{put(l, 0), put(group("a", "B"), 1)}}
	r, err := f.s.Commit(f.Context(), b)
	if err != nil {
		f.Fatal(err)
	}
	f.outcome(r, hereabouts.Added, hereabouts.Changed)
	if f.head() != head || f.listing("a").Name != "A" {
		f.Error("a dry run changed the store")
	}
	b.Writes = []hereabouts.Write{put(group("a", "B"), 9)}
	if _, err := f.s.Commit(f.Context(), b); !errors.Is(err, hereabouts.ErrConflict) {
		f.Errorf("a dry run of a conflict: %v", err)
	}
	f.feedIs("", "a@1 A")
}

func operations(f *fixture) {
	batch := func(name string) hereabouts.Batch {
		return hereabouts.Batch{Actor: pat, Op: "op-1", Writes: []hereabouts.Write{put(group("", name), 0)}}
	}
	first, err := f.s.Commit(f.Context(), batch("Shed"))
	if err != nil {
		f.Fatal(err)
	}
	f.must(pat, put(group("later", "Later"), 0))
	f.s = f.subject.Reopen(f.T, f.s)
	again, err := f.s.Commit(f.Context(), batch("Shed"))
	if err != nil {
		f.Fatal(err)
	}
	if first.Replayed || !again.Replayed {
		f.Errorf("replayed: first %v, again %v", first.Replayed, again.Replayed)
	}
	again.Replayed = false
	if diff := cmp.Diff(first, again); diff != "" {
		f.Errorf("the second receipt differs (-first +again):\n%s", diff)
	}
	if _, err := f.s.Commit(f.Context(), batch("Garden")); !errors.Is(err, f.subject.ErrOpReused) || !errors.Is(err, hereabouts.ErrConflict) {
		f.Errorf("the same key for something else: %v", err)
	}
	other := batch("Garden")
	other.Actor.Name = "Sam"
	if r, err := f.s.Commit(f.Context(), other); err != nil || r.Replayed {
		f.Errorf("the same key of somebody else: %+v, %v", r, err)
	}
	// A batch that failed may be tried again with its key.
	failed := hereabouts.Batch{Actor: pat, Op: "op-2", Writes: []hereabouts.Write{put(group("x", "X"), 1)}}
	if _, err := f.s.Commit(f.Context(), failed); !errors.Is(err, hereabouts.ErrConflict) {
		f.Fatal(err)
	}
	f.must(pat, put(group("x", "X first"), 0))
	if r, err := f.s.Commit(f.Context(), failed); err != nil || r.Replayed {
		f.Errorf("a failed batch tried again: %+v, %v", r, err)
	}
	if got := len(f.since("")); got != 4 {
		f.Errorf("the feed has %d records, want 4: %q", got, brief(f.since("")))
	}
	_, err = f.s.Commit(f.Context(), hereabouts.Batch{Actor: pat, Op: strings.Repeat("x", 300)})
	if ps := (hereabouts.Problems)(nil); !errors.As(err, &ps) {
		f.Errorf("a very long key: %v", err)
	}
	gone, cancel := context.WithCancel(f.Context())
	cancel()
	if _, err := f.s.Commit(gone, batch("Late")); !errors.Is(err, context.Canceled) {
		f.Errorf("a commit that nobody waits for: %v", err)
	}
}

func history(f *fixture) {
	f.must(pat, put(group("a", "A"), 0))
	full := group("a", "A")
	full.Availability.State = hereabouts.Full
	f.must(pat, hereabouts.Write{Listing: full, IfRev: 1, Action: "availability"})
	last := *full
	last.Name, last.Status = "A and B", hereabouts.Withdrawn
	f.must(keeper, hereabouts.Write{Listing: &last, IfRev: 2, Action: "withdraw"})
	revs, err := f.s.History(f.Context(), "a")
	if err != nil {
		f.Fatal(err)
	}
	type short struct {
		Rev         hereabouts.Rev
		Who, Action string
		Changed     []string
		Name        string
		State       hereabouts.AvailabilityState
	}
	var got []short
	for _, r := range revs {
		got = append(got, short{r.Rev, r.Actor.Name, r.Action, r.Changed, r.Listing.Name, r.Listing.Availability.State})
		if r.Listing.Rev != r.Rev || r.At.IsZero() {
			f.Errorf("revision %d holds %+v", r.Rev, r)
		}
	}
	want := []short{
		{3, "keeper", "withdraw", []string{"status", "name"}, "A and B", hereabouts.Full},
		{2, "Pat", "availability", []string{"availability"}, "A", hereabouts.Full},
		{1, "Pat", "create", []string{}, "A", hereabouts.AvailabilityUnknown},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		f.Errorf("history (-want +got):\n%s", diff)
	}
	if _, err := f.s.History(f.Context(), "none"); !errors.Is(err, hereabouts.ErrNotFound) {
		f.Errorf("the history of nothing: %v", err)
	}
}

func several(f *fixture) {
	f.must(pat, put(group("a", "A"), 0), put(group("b", "B"), 0), put(group("c", "C"), 0))
	ls, err := f.s.Listings(f.Context(), []string{"c", "none", "a", ""})
	if err != nil {
		f.Fatal(err)
	}
	if len(ls) != 2 || ls[0].ID != "c" || ls[1].ID != "a" {
		f.Errorf("got %+v", ls)
	}
	if _, err := f.s.Listing(f.Context(), ""); !errors.Is(err, hereabouts.ErrNotFound) {
		f.Errorf("the listing without id: %v", err)
	}
}
