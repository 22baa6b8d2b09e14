package api

import (
	"testing"

	"hereabouts"
)

func keyWith(scopes ...hereabouts.Scope) *hereabouts.Key {
	return &hereabouts.Key{ID: "k", Name: "k", Scopes: scopes}
}

func TestCan(t *testing.T) {
	var (
		public  *hereabouts.Key
		staff   = keyWith(hereabouts.ReadStaff)
		writer  = keyWith(hereabouts.WriteListings)
		shed    = keyWith(hereabouts.WriteOrg + "shed")
		both    = keyWith(hereabouts.WriteOrg+"shed", hereabouts.WriteOrg+"library")
		imports = keyWith(hereabouts.ScopeImport)
		admin   = keyWith(hereabouts.ScopeAdmin)
		nothing = keyWith()

		ofShed    = resource{status: hereabouts.Published, owner: "shed", becomes: "shed"}
		draft     = resource{status: hereabouts.Draft, owner: "shed", becomes: "shed"}
		withdrawn = resource{status: hereabouts.Withdrawn, owner: "shed", becomes: "shed"}
		nobodys   = resource{status: hereabouts.Published}
		moved     = resource{status: hereabouts.Published, owner: "shed", becomes: "library"}
		taken     = resource{status: hereabouts.Published, owner: "library", becomes: "shed"}
		freed     = resource{status: hereabouts.Published, owner: "shed"}
	)
	everyKey := map[string]*hereabouts.Key{"public": public, "staff": staff, "writer": writer, "shed": shed,
		"both": both, "imports": imports, "admin": admin, "nothing": nothing}
	for _, c := range []struct {
		a       action
		on      string
		r       resource
		allowed []string
	}{
		{readPublic, "anything", resource{}, []string{"public", "staff", "writer", "shed", "both", "imports", "admin", "nothing"}},
		{followAdminLink, "a link", resource{}, []string{"public", "staff", "writer", "shed", "both", "imports", "admin", "nothing"}},
		{readListing, "a published one", ofShed, []string{"public", "staff", "writer", "shed", "both", "imports", "admin", "nothing"}},
		{readListing, "a draft", draft, []string{"staff", "writer", "shed", "both", "admin"}},
		{readListing, "a withdrawn one", withdrawn, []string{"staff", "writer", "shed", "both", "admin"}},
		{readListing, "a draft of nobody's", resource{status: hereabouts.Draft}, []string{"staff", "writer", "admin"}},
		{readOrganisation, "a draft", draft, []string{"staff", "writer", "shed", "both", "admin"}},
		{createListing, "of the shed's", resource{becomes: "shed"}, []string{"writer", "shed", "both", "admin"}},
		{createListing, "of nobody's", resource{}, []string{"writer", "admin"}},
		{changeListing, "of the shed's", ofShed, []string{"writer", "shed", "both", "admin"}},
		{changeListing, "of nobody's", nobodys, []string{"writer", "admin"}},
		{changeListing, "given away", moved, []string{"writer", "both", "admin"}},
		{changeListing, "taken over", taken, []string{"writer", "both", "admin"}},
		{changeListing, "set free", freed, []string{"writer", "admin"}},
		{withdrawListing, "of the shed's", ofShed, []string{"writer", "shed", "both", "admin"}},
		{setAvailability, "of the shed's", ofShed, []string{"writer", "shed", "both", "admin"}},
		{confirmListing, "of the shed's", ofShed, []string{"writer", "shed", "both", "admin"}},
		{changeOrganisation, "the shed", resource{owner: "shed"}, []string{"writer", "shed", "both", "admin"}},
		{changeOrganisation, "one without an id", resource{}, nil},
		{readEvidence, "at all", resource{}, []string{"staff", "admin"}},
		{"something new", "anything", ofShed, nil},
	} {
		for role, key := range everyKey {
			if got, want := can(key, c.a, c.r), contains(c.allowed, role); got != want {
				t.Errorf("%s may %s, %s: %v, want %v", role, c.a, c.on, got, want)
			}
			if can(key, c.a, c.r) && !mayEver(key, c.a) {
				t.Errorf("%s may %s, %s, and is turned away at the door", role, c.a, c.on)
			}
		}
	}
}
