package conformance

import (
	"errors"
	"slices"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
)

func imports(f *fixture) {
	source := func(name string) hereabouts.Write { return imported(group("a", name)) }
	f.outcome(f.must(feed, source("Shed")), hereabouts.Added)
	head := f.head()

	// Twice writes nothing, and neither does a new import time.
	again := source("Shed")
	again.Listing.Source.ImportedAt = f.listing("a").CreatedAt.AddDate(0, 0, 1)
	f.outcome(f.must(feed, again), hereabouts.Unchanged)
	if f.head() != head || f.listing("a").Rev != 1 {
		f.Error("importing twice wrote something")
	}

	f.outcome(f.must(feed, source("Men's shed")), hereabouts.Changed)

	// A confirmation is no edit.
	l := f.listing("a")
	l.ConfirmedAt, l.ConfirmedBy = "2026-10-02", hereabouts.ByProvider
	f.must(pat, put(&l, 2))
	f.outcome(f.must(feed, source("The men's shed")), hereabouts.Changed)

	// Saying that it is full is.
	l = f.listing("a")
	l.Availability.State = hereabouts.Full
	f.must(pat, put(&l, l.Rev))
	head = f.head()
	f.outcome(f.must(feed, source("The men's shed")), hereabouts.Unchanged)
	for range 2 { // reported until somebody settles it
		r := f.must(feed, source("Sheds for men"))
		f.outcome(r, hereabouts.Kept)
		if r.Revs[0] != l.Rev+1 {
			f.Errorf("kept at revision %d, want %d", r.Revs[0], l.Rev+1)
		}
	}
	if got := f.listing("a"); got.Name != "The men's shed" || got.Availability.State != hereabouts.Full || f.head() != head {
		f.Errorf("an import overwrote an edit: %+v", got)
	}

	// Settled by taking over what the source says.
	l = f.listing("a")
	l.Name, l.Availability.State = "Sheds for men", hereabouts.AvailabilityUnknown
	f.must(pat, put(&l, l.Rev))
	f.outcome(f.must(feed, source("Sheds for men")), hereabouts.Unchanged)

	// Withdrawn by its provider stays withdrawn.
	f.must(feed, imported(group("b", "B")))
	b := f.listing("b")
	b.Status = hereabouts.Withdrawn
	f.must(pat, put(&b, 1))
	f.outcome(f.must(feed, imported(group("b", "B is back"))), hereabouts.Kept)
	if f.listing("b").Status != hereabouts.Withdrawn {
		f.Error("an import brought back what its provider withdrew")
	}

	// What somebody wrote by hand is theirs.
	f.must(pat, put(group("c", "By hand"), 0))
	f.outcome(f.must(feed, imported(group("c", "From a feed"))), hereabouts.Kept)

	// An importer may withdraw and bring back its own.
	f.must(feed, imported(group("d", "D")))
	d := imported(group("d", "D"))
	d.Listing.Status = hereabouts.Withdrawn
	f.outcome(f.must(feed, d), hereabouts.Changed)
	f.outcome(f.must(feed, imported(group("d", "D"))), hereabouts.Changed)

	// The same of organisations.
	org := func(name string) hereabouts.Write {
		return hereabouts.Write{Organisation: &hereabouts.Organisation{ID: "o", Name: name}, Import: true}
	}
	f.outcome(f.must(feed, org("Trust")), hereabouts.Added)
	f.outcome(f.must(feed, org("Trust")), hereabouts.Unchanged)
	f.outcome(f.must(feed, org("The Trust")), hereabouts.Changed)
	f.must(pat, hereabouts.Write{Organisation: &hereabouts.Organisation{ID: "o", Name: "Our Trust"}, IfRev: 2})
	f.outcome(f.must(feed, org("Trust")), hereabouts.Kept)

	var ps hereabouts.Problems
	if _, err := f.try(feed, imported(group("", "No id"))); !errors.As(err, &ps) || ps[0].Pointer != "/id" {
		f.Errorf("an import without an id: %v", err)
	}
}

func confirmations(f *fixture) {
	write := func(name string, on hereabouts.Date) hereabouts.Write {
		w := imported(group("a", name))
		w.Listing.ConfirmedAt = on
		if on != "" {
			w.Listing.ConfirmedBy = hereabouts.ByImporter
		}
		return w
	}
	f.must(feed, write("A", "2026-03-01"))
	l := f.listing("a")
	l.ConfirmedAt, l.ConfirmedBy = "2026-06-01", hereabouts.ByProvider
	f.must(pat, put(&l, 1))
	for _, step := range []struct {
		name     string
		on, want hereabouts.Date
		by       hereabouts.Confirmer
	}{
		{"B", "2026-04-01", "2026-06-01", hereabouts.ByProvider},
		{"C", "", "2026-06-01", hereabouts.ByProvider},
		{"D", "2026-07-01", "2026-07-01", hereabouts.ByImporter},
	} {
		f.outcome(f.must(feed, write(step.name, step.on)), hereabouts.Changed)
		if l := f.listing("a"); l.Name != step.name || l.ConfirmedAt != step.want || l.ConfirmedBy != step.by {
			f.Errorf("after %s: confirmed %s by %s, want %s by %s", step.name, l.ConfirmedAt, l.ConfirmedBy, step.want, step.by)
		}
	}
}

func organisations(f *fixture) {
	named := func(id, name, charity, source string) hereabouts.Write {
		l := group(id, id)
		l.Source.Name = source
		l.Organisation = hereabouts.OrganisationRef{Name: name, CharityNumber: charity}
		return put(l, 0)
	}
	f.must(feed,
		named("a", "Age Friends", "1123456", "council"),
		named("b", "AGE FRIENDS!", "", "council"),          // by name, in the same batch
		named("c", "Something else", "1 123 456", "other"), // by charity number, whatever the name
		named("d", "Age Friends", "", "other"),             // another source's name is another organisation
		named("e", "Age Friends", "SC012345", "council"),   // same name, other number
		put(group("f", "no organisation"), 0))
	ref := func(id string) hereabouts.OrganisationRef { return f.listing(id).Organisation }
	a := ref("a")
	if a.ID == "" || a.Name != "Age Friends" || a.CharityNumber != "1123456" {
		f.Fatalf("a shows %+v", a)
	}
	for _, id := range []string{"b", "c"} {
		if diff := cmp.Diff(a, ref(id)); diff != "" {
			f.Errorf("%s has another organisation:\n%s", id, diff)
		}
	}
	if d, e := ref("d").ID, ref("e").ID; d == "" || e == "" || d == a.ID || e == a.ID || d == e {
		f.Errorf("organisations a %q, d %q, e %q", a.ID, d, e)
	}
	if ref("f") != (hereabouts.OrganisationRef{}) {
		f.Errorf("f shows %+v", ref("f"))
	}
	o, err := f.s.Organisation(f.Context(), a.ID)
	if err != nil || o.Rev != 1 || o.Source.Name != "council" || o.Ref() != a {
		f.Errorf("the organisation is %+v, %v", o, err)
	}
	ids, err := f.s.OrganisationListings(f.Context(), a.ID)
	if err != nil || !slices.Equal(ids, []string{"a", "b", "c"}) {
		f.Errorf("it has the listings %q, %v", ids, err)
	}
	if _, err := f.s.OrganisationListings(f.Context(), "none"); !errors.Is(err, hereabouts.ErrNotFound) {
		f.Errorf("the listings of no organisation: %v", err)
	}
	// Moving a listing to another organisation.
	moved := f.listing("b")
	moved.Organisation = hereabouts.OrganisationRef{ID: ref("d").ID, Name: "ignored"}
	f.must(pat, put(&moved, 1))
	if ids, _ := f.s.OrganisationListings(f.Context(), a.ID); !slices.Equal(ids, []string{"a", "c"}) {
		f.Errorf("after b left, it has %q", ids)
	}
	if ref("b") != ref("d") {
		f.Errorf("b shows %+v, want %+v", ref("b"), ref("d"))
	}
	var ps hereabouts.Problems
	_, err = f.try(pat, named("g", "", "999", "council"))
	if !errors.As(err, &ps) || ps[0].Pointer != "/organisation/name" {
		f.Errorf("an unknown charity without a name: %v", err)
	}
}

func refreshed(f *fixture) {
	f.must(keeper, hereabouts.Write{Organisation: &hereabouts.Organisation{ID: "o", Name: "Trust"}})
	for _, id := range []string{"a", "b", "z"} {
		l := group(id, id)
		if id != "z" {
			l.Organisation.ID = "o"
		}
		f.must(pat, put(l, 0))
	}
	withdrawn := f.listing("b")
	withdrawn.Status = hereabouts.Withdrawn
	f.must(pat, put(&withdrawn, 1))
	head := f.head()

	// What listings do not show does not concern them.
	f.must(keeper, hereabouts.Write{Organisation: &hereabouts.Organisation{ID: "o", Name: "Trust", Description: "New words"}, IfRev: 1})
	f.feedIs(head, "organisation Trust@2")

	// In one batch: a new name and a new listing.
	late := group("late", "late")
	late.Organisation.ID = "o"
	f.must(keeper, put(late, 0), hereabouts.Write{Organisation: &hereabouts.Organisation{ID: "o", Name: "The Trust", URL: "https://example.org"}, IfRev: 2})
	f.feedIs(head, "organisation The Trust@3", "a@1 a", "b@2 gone", "late@1 late")
	for _, c := range f.since(head)[1:] {
		if c.Listing != nil && c.Listing.Organisation.Name != "The Trust" {
			f.Errorf("%s shows %+v", c.ID, c.Listing.Organisation)
		}
	}
	if l := f.listing("a"); l.Organisation.URL != "https://example.org" || l.Rev != 1 {
		f.Errorf("a is %+v", l)
	}
	// The revision is the same, so its provider's next edit is no conflict.
	l := f.listing("a")
	l.Name = "renamed"
	f.must(pat, put(&l, 1))

	// A name that changed no longer finds it; the new one does.
	found := group("found", "found")
	found.Organisation.Name = "the trust"
	f.must(pat, put(found, 0))
	if f.listing("found").Organisation.ID != "o" {
		f.Error("the new name does not find the organisation")
	}
	other := group("other", "other")
	other.Organisation.Name = "Trust"
	f.must(pat, put(other, 0))
	if f.listing("other").Organisation.ID == "o" {
		f.Error("the old name still finds the organisation")
	}
}
