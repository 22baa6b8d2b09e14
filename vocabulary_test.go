package hereabouts

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
)

func TestProblemsAreOneErrorThatSaysEverything(t *testing.T) {
	var p Problems
	if p.Err() != nil {
		t.Error("no problems are an error")
	}
	p.Add("/name", CodeRequired, "give it a name")
	p.AddParameter("near", CodeUnknownValue, "we know no such place")
	err := fmt.Errorf("import: %w", p.Err())
	var all Problems
	if !errors.As(err, &all) || all[0].Where() != "/name" || all[1].Where() != "near" {
		t.Errorf("the problems are lost in %v", err)
	}
	if want := "import: /name: give it a name; near: we know no such place"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestConflictKeepsItsKind(t *testing.T) {
	err := fmt.Errorf("data: %w", &ConflictError{ID: "a", Have: 3, Want: 2})
	if !errors.Is(err, ErrConflict) || err.Error() != `data: record "a" is at revision 3, not 2` {
		t.Errorf("got %q", err)
	}
}

func TestFacts(t *testing.T) {
	if FactOf(true) != Yes || FactOf(false) != No || !No.Known() || Unknown.Known() || Fact("").Known() {
		t.Error("yes and no are known, and nothing else is")
	}
}

func TestKeys(t *testing.T) {
	valid := map[Scope]bool{ReadStaff: true, WriteListings: true, ScopeImport: true, ScopeAdmin: true, "write:org:7": true, "write:org:": false, "": false, "read": false}
	for s, want := range valid {
		if s.Valid() != want {
			t.Errorf("%q is a scope: %v", s, !want)
		}
	}
	ours := Key{Scopes: []Scope{"write:org:7"}}
	admin := Key{Scopes: []Scope{ScopeAdmin}}
	if !ours.MayWrite("7") || ours.MayWrite("8") || ours.MayWrite("") || ours.May(ReadStaff) {
		t.Error("a provider's key is for its own organisation's listings")
	}
	if !admin.MayWrite("7") || !admin.MayWrite("") || !admin.May(ReadStaff) {
		t.Error("an admin's key is for everything")
	}
}

func TestTaxonomy(t *testing.T) {
	if diff := cmp.Diff([]string{"money", "money.debt"}, someNeeds.Narrower("money")); diff != "" {
		t.Error(diff)
	}
	if got := someNeeds.Narrower("mone"); got != nil {
		t.Errorf("a need that is none has narrower ones: %v", got)
	}
	if n, ok := someNeeds.Need("money.debt"); !ok || n.Label != "Debt advice" {
		t.Errorf("got %+v, %v", n, ok)
	}
}

func TestPoints(t *testing.T) {
	var p Place
	if _, ok := p.Point(); ok {
		t.Error("a place that nobody has located is somewhere")
	}
	p.SetPoint(orb.Point{-2.32, 53.42})
	if pt, ok := p.Point(); !ok || pt.Lat() != 53.42 || *p.Lon != -2.32 {
		t.Errorf("got %v, %v", pt, ok)
	}
	o := Origin{Lat: 53.42, Lon: -2.32}
	if pt, _ := p.Point(); o.Point() != pt {
		t.Errorf("the origin is at %v and the place at %v", o.Point(), pt)
	}
}

func TestOrganisationRef(t *testing.T) {
	o := Organisation{ID: "7", Name: "Trust", CharityNumber: "1234567", URL: "https://trust.example", Description: "long"}
	if diff := cmp.Diff(OrganisationRef{ID: "7", Name: "Trust", CharityNumber: "1234567", URL: "https://trust.example"}, o.Ref()); diff != "" {
		t.Error(diff)
	}
}
