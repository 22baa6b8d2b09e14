package hereabouts

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// refuge is a listing that must never say where it is, written by somebody
// who has put the location wherever it would go.
func refuge() Listing {
	outline := geojson.NewGeometry(orb.Polygon{{{-1.40471, 50.90512}, {-1.40, 50.90512}, {-1.40, 50.91}, {-1.40471, 50.90512}}})
	place := Place{ID: "canary-place so147du", Name: "Canary House", Address: "12 Canary Road, Freemantle, Southampton", Postcode: "SO14 7DU",
		Precision: "postcode", Geometry: outline, Entrances: []Entrance{{50.90599, -1.40399}},
		Access: Access{StepFree: Yes}, Note: "ramp from Canary Road"}
	place.SetPoint(orb.Point{-1.40471, 50.90512})
	l := Listing{
		ID: "refuge-1", Kind: Service, Name: "Safe at last", HiddenLocation: true,
		Summary:     "A safe house at SO14 7DU.",
		Description: "Come to 12 Canary Road,\nFreemantle (so147du). The point is 50.905123, -1.4047.",
		Eligibility: Eligibility{Catchment: Catchment{Label: "Hampshire, not SO14-7DU", Areas: []string{"E10000014"}, Geometry: outline}},
		Referral: Referral{How: "Ring first. We are at 12 canary road, Freemantle, Southampton.", Phone: "0808 2000 247",
			URL: "https://maps.example/?q=SO14%207DU"},
		Places:   []Place{place},
		Sessions: []Session{{ID: "s1", PlaceID: place.ID, RRule: "FREQ=DAILY", Note: "Side door, 12 Canary Road"}},
		Contacts: []Contact{{Name: "Jo at SO147DU", Phone: "0808 2000 247", URL: "https://maps.example/@50.90512,-1.40471"}},
		Translations: map[string]Translation{
			"cy": {Name: "Diogel", Summary: "Tŷ diogel, SO14 7DU"}},
		Source: Source{Name: "county list", ID: "77", URL: "https://county.example/refuges/77"},
	}
	l.Normalise()
	return l
}

func TestPublicHidesWhereARefugeIs(t *testing.T) {
	l := refuge()
	before := mustJSON(t, l)
	public := mustJSON(t, l.Public())
	for _, canary := range []string{"so147du", "so14 7du", "so14-7du", "so14%20", "canary", "50.90", "1.404", "polygon", "postcode\":\"s", "access_note\":\"r"} {
		if strings.Contains(strings.ToLower(public), canary) {
			t.Errorf("the public listing still says %q:\n%s", canary, public)
		}
	}
	for _, kept := range []string{"Safe at last", "Ring first.", "0808 2000 247", "E10000014", `"step_free":"yes"`, "Tŷ diogel", "FREQ=DAILY", "https://county.example/refuges/77"} {
		if !strings.Contains(public, kept) {
			t.Errorf("the public listing lost %q:\n%s", kept, public)
		}
	}
	if after := mustJSON(t, l); after != before {
		t.Errorf("hiding changed the listing itself:\n%s", cmp.Diff(before, after))
	}
	view := l.Public()
	if view.Sessions[0].PlaceID != view.Places[0].ID {
		t.Errorf("the session lost its place: %q, %q", view.Sessions[0].PlaceID, view.Places[0].ID)
	}
	if err := view.Validate(nil); err != nil {
		t.Errorf("the public view would not be a good listing: %v", err)
	}
}

func TestPublicSaysNothingWhenThereIsTooMuchToHide(t *testing.T) {
	l := refuge()
	for i := range 100 {
		l.Places = append(l.Places, Place{Address: strings.Repeat(fmt.Sprint(i, " Canary Road, "), 30), Postcode: "SO14 7DU"})
	}
	l.Places = append(l.Places, Place{Address: "1 \\E(?i)\xff Road"})
	view := l.Public()
	if public := strings.ToLower(mustJSON(t, view)); strings.Contains(public, "canary") || view.ID != l.ID {
		t.Errorf("it still says %s", public)
	}
}

func TestPublicSharesNothing(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		l := full(t)
		l.HiddenLocation = hidden
		before := mustJSON(t, l)
		view := l.Public()
		if !hidden {
			if diff := cmp.Diff(before, mustJSON(t, view)); diff != "" {
				t.Errorf("an open listing is shown as it is: %s", diff)
			}
		}
		spoil(&view)
		if diff := cmp.Diff(before, mustJSON(t, l)); diff != "" {
			t.Errorf("changing the public view changed the listing: %s", diff)
		}
	}
}

// spoil overwrites everything that a listing reaches through slices, maps
// and pointers.
func spoil(l *Listing) {
	for _, list := range [][]string{l.Needs, l.Tags, l.Eligibility.Genders, l.Eligibility.Circumstances, l.Eligibility.Catchment.Areas, l.Languages} {
		for i := range list {
			list[i] = "spoilt"
		}
	}
	for _, n := range []*int{l.Eligibility.MinAge, l.Eligibility.MaxAge, l.Availability.WaitWeeks, l.Availability.Places, l.Cost.Pence} {
		if n != nil {
			*n = -1
		}
	}
	for i := range l.Referral.Routes {
		l.Referral.Routes[i] = "spoilt"
	}
	for i := range l.Delivery {
		l.Delivery[i] = "spoilt"
	}
	for i := range l.Places {
		p := &l.Places[i]
		p.Name = "spoilt"
		for j := range p.Entrances {
			p.Entrances[j] = Entrance{}
		}
		if p.Lat != nil {
			*p.Lat, *p.Lon = 0, 0
		}
	}
	for i := range l.Sessions {
		l.Sessions[i].Note = "spoilt"
		for j := range l.Sessions[i].Except {
			l.Sessions[i].Except[j] = "spoilt"
		}
	}
	for i := range l.Contacts {
		l.Contacts[i] = Contact{}
	}
	for key := range l.Translations {
		l.Translations[key] = Translation{}
	}
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
