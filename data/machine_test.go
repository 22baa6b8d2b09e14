package data_test

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hereabouts"
	"hereabouts/data"
)

// A told listing is what the model knows of a stored one.
type told struct {
	rev       hereabouts.Rev
	name      string
	status    hereabouts.Status
	source    string // the name that the importer last stored; "" when none has
	edited    bool
	confirmed hereabouts.Date
}

// TestStoreBehavesLikeAMap drives a store and a map side by side with random
// writes, conflicts, withdrawals, imports, batches, and openings of the file
// again; a follower that resumes from its last token must end up with the map.
func TestStoreBehavesLikeAMap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		path := filepath.Join(t.TempDir(), "store.db")
		s, err := data.Open(path, data.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { s.Close() }()
		model := map[string]told{}
		followed := map[string]hereabouts.Rev{} // what a follower knows to be published
		var token hereabouts.Token

		ids := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
		names := rapid.SampledFrom([]string{"Shed", "Garden", "Choir", "Walk"})
		write := func(actor hereabouts.Actor, ws ...hereabouts.Write) (hereabouts.Receipt, error) {
			return s.Commit(t.Context(), hereabouts.Batch{Actor: actor, Writes: ws})
		}
		put := func(m map[string]told, id, name string, status hereabouts.Status) hereabouts.Write {
			have := m[id]
			l := shed(id, name)
			l.Status, l.ConfirmedAt = status, have.confirmed
			if have.rev == 0 || have.name != name || have.status != status {
				m[id] = told{have.rev + 1, name, status, have.source, have.source != "", have.confirmed}
			}
			return hereabouts.Write{Listing: l, IfRev: have.rev}
		}
		check := func(rt *rapid.T) {
			for id, want := range model {
				l, err := s.Listing(t.Context(), id)
				if err != nil {
					rt.Fatal(err)
				}
				if l.Rev != want.rev || l.Name != want.name || l.Status != want.status {
					rt.Fatalf("%s is %d %q %s, want %+v", id, l.Rev, l.Name, l.Status, want)
				}
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"": check,
			"put": func(rt *rapid.T) {
				w := put(model, ids.Draw(rt, "id"), names.Draw(rt, "name"), hereabouts.Published)
				if _, err := write(provider, w); err != nil {
					rt.Fatal(err)
				}
			},
			"withdraw": func(rt *rapid.T) {
				id := ids.Draw(rt, "id")
				if have, ok := model[id]; ok {
					if _, err := write(provider, put(model, id, have.name, hereabouts.Withdrawn)); err != nil {
						rt.Fatal(err)
					}
				}
			},
			"confirm": func(rt *rapid.T) {
				id := ids.Draw(rt, "id")
				have, ok := model[id]
				if !ok || have.confirmed != "" {
					return
				}
				w := put(maps.Clone(model), id, have.name, have.status)
				w.Listing.ConfirmedAt = "2026-10-02"
				if _, err := write(provider, w); err != nil {
					rt.Fatal(err)
				}
				have.rev++
				have.confirmed = "2026-10-02"
				model[id] = have
			},
			"conflict": func(rt *rapid.T) {
				id := ids.Draw(rt, "id")
				w := put(maps.Clone(model), id, "Never", hereabouts.Published)
				w.IfRev = model[id].rev + hereabouts.Rev(rapid.IntRange(1, 3).Draw(rt, "ahead"))
				if _, err := write(provider, w); !errors.Is(err, hereabouts.ErrConflict) {
					rt.Fatalf("got %v, want a conflict", err)
				}
			},
			"batch": func(rt *rapid.T) {
				next := maps.Clone(model)
				var ws []hereabouts.Write
				for range rapid.IntRange(1, 6).Draw(rt, "writes") {
					ws = append(ws, put(next, ids.Draw(rt, "id"), names.Draw(rt, "name"), hereabouts.Published))
				}
				spoilt := rapid.Bool().Draw(rt, "spoilt")
				if spoilt {
					bad := put(maps.Clone(next), ids.Draw(rt, "bad"), "Never", hereabouts.Published)
					bad.IfRev += 5
					ws = slices.Insert(ws, rapid.IntRange(0, len(ws)).Draw(rt, "at"), bad)
				}
				switch _, err := write(provider, ws...); {
				case spoilt && !errors.Is(err, hereabouts.ErrConflict):
					rt.Fatalf("got %v, want a conflict", err)
				case !spoilt && err != nil:
					rt.Fatal(err)
				case !spoilt:
					model = next
				}
			},
			"import": func(rt *rapid.T) {
				id, name := ids.Draw(rt, "id"), names.Draw(rt, "name")
				have, exists := model[id]
				want, next := hereabouts.Kept, have
				switch {
				case !exists:
					want, next = hereabouts.Added, told{1, name, hereabouts.Published, name, false, ""}
				case have.source == name:
					want = hereabouts.Unchanged
				case have.source != "" && !have.edited:
					want, next = hereabouts.Changed, told{have.rev + 1, name, hereabouts.Published, name, false, have.confirmed}
				case have.name == name && have.status == hereabouts.Published:
					want = hereabouts.Unchanged
				}
				r, err := write(hereabouts.Actor{Kind: "importer", Name: "feed"}, hereabouts.Write{Listing: shed(id, name), Import: true})
				if err != nil {
					rt.Fatal(err)
				}
				if r.Outcomes[0] != want {
					rt.Fatalf("importing %s as %q over %+v was %s, want %s", id, name, have, r.Outcomes[0], want)
				}
				model[id] = next
			},
			"follow": func(rt *rapid.T) {
				for c, err := range s.Changes(t.Context(), token, false) {
					if err != nil {
						rt.Fatal(err)
					}
					if token = c.Token; c.Deleted {
						delete(followed, c.ID)
					} else {
						followed[c.ID] = c.Rev
					}
				}
				want := map[string]hereabouts.Rev{}
				for id, m := range model {
					if m.status == hereabouts.Published {
						want[id] = m.rev
					}
				}
				if diff := cmp.Diff(want, followed); diff != "" {
					rt.Fatalf("the follower (-want +got):\n%s", diff)
				}
			},
			"reopen": func(rt *rapid.T) {
				if err := s.Close(); err != nil {
					rt.Fatal(err)
				}
				if s, err = data.Open(path, data.Options{}); err != nil {
					rt.Fatal(err)
				}
			},
		})
		for id, m := range model {
			revs, err := s.History(t.Context(), id)
			if err != nil || len(revs) != int(m.rev) {
				rt.Fatalf("%s has %d revisions in its history and is at %d: %v", id, len(revs), m.rev, err)
			}
		}
		if err := s.Verify(t.Context()); err != nil {
			rt.Fatal(fmt.Errorf("at the end: %w", err))
		}
	})
}
