// Package conformance holds what every store of record must keep to, as
// tests: acknowledged means kept, compare-and-set, all or nothing, a change
// feed that is compacted, ordered, resumable and has tombstones, idempotent
// operations, history, an epoch, and counts of searches that never tell of one. Call [Run] from a store's own tests.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
)

// A Store is the contract. What the methods promise is said where they are
// implemented, in package data.
type Store interface {
	Commit(ctx context.Context, b hereabouts.Batch) (hereabouts.Receipt, error)
	Listing(ctx context.Context, id string) (hereabouts.Listing, error)
	Listings(ctx context.Context, ids []string) ([]hereabouts.Listing, error)
	Organisation(ctx context.Context, id string) (hereabouts.Organisation, error)
	OrganisationListings(ctx context.Context, id string) ([]string, error)
	History(ctx context.Context, id string) ([]hereabouts.Revision, error)
	Changes(ctx context.Context, from hereabouts.Token, follow bool) iter.Seq2[hereabouts.Change, error]
	Head(ctx context.Context) (hereabouts.Token, error)
	Verify(ctx context.Context) error
	NoteReach(district string, needs []string, counts hereabouts.ReachCounts)
	UnmetReach(ctx context.Context) ([]hereabouts.UnmetReach, error)
}

// A Subject is the store under test and what a test must know about it.
type Subject struct {
	// Open gives a new empty store, closed when the test ends.
	Open func(t *testing.T) Store
	// Reopen closes a store that Open gave and opens it again.
	Reopen func(t *testing.T, s Store) Store
	// ErrEpoch is what a token of another store gives.
	ErrEpoch error
	// ErrOpReused is what an idempotency key with other content gives.
	ErrOpReused error
}

// Run tests the subject. At the end of every test the store must verify.
func Run(t *testing.T, subject Subject) {
	for _, test := range []struct {
		name string
		run  func(*fixture)
	}{
		{"acknowledged is kept", acknowledged},
		{"a revision is compared before it is set", comparesRevisions},
		{"a batch is all or nothing", allOrNothing},
		{"faults are reported together", faultsTogether},
		{"writes in a batch see the ones before", batchSeesItself},
		{"what changes nothing writes nothing", nothingChanged},
		{"a dry run changes nothing", dryRun},
		{"the feed is compacted", compacted},
		{"the feed has tombstones", tombstones},
		{"the feed resumes from every token", resumes},
		{"the feed does not see what comes while it is read twice", readWhileWriting},
		{"following waits and wakes", followWakes},
		{"an operation happens once", operations},
		{"history is newest first and whole", history},
		{"a token of another store is refused", epoch},
		{"importers do not overwrite people", imports},
		{"an importer's confirmation only moves forward", confirmations},
		{"organisations are found or made", organisations},
		{"listings show their organisation as it is", refreshed},
		{"readers ask for several at once", several},
		{"what searches could not reach is counted in tens", unmetReach},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fixture{T: t, subject: subject, s: subject.Open(t)}
			test.run(f)
			if err := f.s.Verify(t.Context()); err != nil {
				t.Errorf("afterwards the store does not verify: %v", err)
			}
		})
	}
}

type fixture struct {
	*testing.T
	subject Subject
	s       Store
}

var (
	pat    = hereabouts.Actor{Kind: "provider", Name: "Pat"}
	feed   = hereabouts.Actor{Kind: "importer", Name: "council"}
	keeper = hereabouts.Actor{Kind: "admin", Name: "keeper"}
)

func group(id, name string) *hereabouts.Listing {
	return &hereabouts.Listing{ID: id, Kind: hereabouts.Group, Name: name}
}

func put(l *hereabouts.Listing, rev hereabouts.Rev) hereabouts.Write {
	return hereabouts.Write{Listing: l, IfRev: rev}
}

func imported(l *hereabouts.Listing) hereabouts.Write {
	l.Source.Name = "council"
	return hereabouts.Write{Listing: l, Import: true}
}

func (f *fixture) try(actor hereabouts.Actor, ws ...hereabouts.Write) (hereabouts.Receipt, error) {
	return f.s.Commit(f.Context(), hereabouts.Batch{Actor: actor, Writes: ws})
}

func (f *fixture) must(actor hereabouts.Actor, ws ...hereabouts.Write) hereabouts.Receipt {
	f.Helper()
	r, err := f.try(actor, ws...)
	if err != nil {
		f.Fatalf("commit: %v", err)
	}
	if len(r.Revs) != len(ws) || len(r.Outcomes) != len(ws) || len(r.IDs) != len(ws) {
		f.Fatalf("the receipt of %d writes is %+v", len(ws), r)
	}
	return r
}

func (f *fixture) listing(id string) hereabouts.Listing {
	f.Helper()
	l, err := f.s.Listing(f.Context(), id)
	if err != nil {
		f.Fatal(err)
	}
	return l
}

func (f *fixture) absent(id string) {
	f.Helper()
	if l, err := f.s.Listing(f.Context(), id); !errors.Is(err, hereabouts.ErrNotFound) {
		f.Errorf("listing %q: got %+v, %v; want ErrNotFound", id, l, err)
	}
}

func (f *fixture) head() hereabouts.Token {
	f.Helper()
	t, err := f.s.Head(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	return t
}

func (f *fixture) outcome(r hereabouts.Receipt, want ...hereabouts.Outcome) {
	f.Helper()
	if diff := cmp.Diff(want, r.Outcomes); diff != "" {
		f.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

// since reads the feed after a token.
func (f *fixture) since(from hereabouts.Token) []hereabouts.Change {
	f.Helper()
	var cs []hereabouts.Change
	for c, err := range f.s.Changes(f.Context(), from, false) {
		if err != nil {
			f.Fatal(err)
		}
		cs = append(cs, c)
	}
	return cs
}

// brief says what changes are, one word each.
func brief(cs []hereabouts.Change) []string {
	out := make([]string, len(cs))
	for i, c := range cs {
		switch {
		case c.Deleted:
			out[i] = fmt.Sprintf("%s@%d gone", c.ID, c.Rev)
		case c.Organisation != nil:
			out[i] = fmt.Sprintf("organisation %s@%d", c.Organisation.Name, c.Rev)
		default:
			out[i] = fmt.Sprintf("%s@%d %s", c.ID, c.Rev, c.Listing.Name)
		}
	}
	return out
}

func (f *fixture) feedIs(from hereabouts.Token, want ...string) {
	f.Helper()
	got := brief(f.since(from))
	if !slices.Equal(got, want) {
		f.Errorf("the feed after %q is %q, want %q", from, got, want)
	}
}
