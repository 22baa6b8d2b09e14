package importers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
	"hereabouts/importers"
)

func ptr[T any](v T) *T { return &v }

// What a listing can do without never costs the listing; what it cannot does.
func TestRunMendsWhatAListingCanDoWithout(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(l *hereabouts.Listing)
		notes string // "field code", in order
		check func(l *hereabouts.Listing) (got, want any)
		fault string // pointer and code when it is rejected all the same
	}{
		"swapped coordinates": {
			spoil: func(l *hereabouts.Listing) { l.Places = []hereabouts.Place{{Lat: ptr(-0.89), Lon: ptr(52.24)}} },
			notes: "places/0/lat repaired",
			check: func(l *hereabouts.Listing) (any, any) { return *l.Places[0].Lat, 52.24 },
		},
		"coordinates nowhere on earth": {
			spoil: func(l *hereabouts.Listing) {
				l.Places = []hereabouts.Place{{Lat: ptr(100.0), Lon: ptr(101.0), Address: "1 High St"}}
			},
			notes: "places/0/lat ignored, places/0 no_postcode",
			check: func(l *hereabouts.Listing) (any, any) { return l.Places[0].Lat == nil, true },
		},
		"coordinates nobody knew": {
			spoil: func(l *hereabouts.Listing) {
				l.Places = []hereabouts.Place{{Lat: ptr(0.0), Lon: ptr(0.0), Postcode: "nn11de"}}
			},
			notes: "places/0/lat ignored, places/0 not_located",
			check: func(l *hereabouts.Listing) (any, any) { return l.Places[0].Postcode, "NN1 1DE" },
		},
		"coordinates abroad with a postcode here": {
			spoil: func(l *hereabouts.Listing) {
				l.Places = []hereabouts.Place{{Lat: ptr(38.9), Lon: ptr(-77.0), Postcode: "NN1 1DE"}}
			},
			notes: "places/0/lat ignored, places/0 not_located",
			check: func(l *hereabouts.Listing) (any, any) { return l.Places[0].Lat == nil, true },
		},
		"coordinates abroad": {
			spoil: func(l *hereabouts.Listing) {
				l.Places = []hereabouts.Place{{Lat: ptr(38.9), Lon: ptr(-77.0), Postcode: "20001"}}
			},
			notes: "places/0/postcode kept_as_text",
			fault: "/places/0/lat out_of_range",
		},
		"a time that never comes, with words beside it": {
			spoil: func(l *hereabouts.Listing) {
				l.Sessions = []hereabouts.Session{{RRule: "FREQ=WEEKLY;BYDAY=TH", Start: "10:00", From: "2005-01-01", Until: "2005-01-01", Note: "Weekdays, not on public holidays."}}
			},
			notes: "sessions/0/rrule ignored",
			check: func(l *hereabouts.Listing) (any, any) {
				return strings.HasSuffix(l.Description, "Weekdays, not on public holidays.") && len(l.Sessions) == 0, true
			},
		},
		"a town in the postcode": {
			spoil: func(l *hereabouts.Listing) {
				l.Places = []hereabouts.Place{{Address: "1 High St", Postcode: "Brixworth"}}
			},
			notes: "places/0/postcode kept_as_text, places/0 no_postcode",
			check: func(l *hereabouts.Listing) (any, any) { return l.Places[0].Address, "1 High St, Brixworth" },
		},
		"a town and the postcode": {
			spoil: func(l *hereabouts.Listing) { l.Places = []hereabouts.Place{{Postcode: "Brixworth NN6 9DG"}} },
			notes: "places/0/postcode repaired, places/0 not_located",
			check: func(l *hereabouts.Listing) (any, any) {
				return l.Places[0].Postcode + l.Places[0].Address, "NN6 9DGBrixworth"
			},
		},
		"an O for a 0": {
			spoil: func(l *hereabouts.Listing) { l.Places = []hereabouts.Place{{Postcode: "NN6 ODG"}} },
			notes: "places/0/postcode repaired, places/0 not_located",
			check: func(l *hereabouts.Listing) (any, any) { return l.Places[0].Postcode, "NN6 0DG" },
		},
		"bad ways to get in touch": {
			spoil: func(l *hereabouts.Listing) {
				l.Contacts = []hereabouts.Contact{{Name: "Jo", Email: "jo at example", URL: "not absolute", Phone: "ask"}, {Email: "nobody"}}
				l.Referral = hereabouts.Referral{Phone: "ring reception", Email: "x", URL: "javascript:alert(1)"}
			},
			notes: "referral/url ignored, referral/phone ignored, referral/email ignored, contacts/0/phone ignored, contacts/0/email ignored, contacts/0/url ignored, contacts/1/email ignored",
			check: func(l *hereabouts.Listing) (any, any) {
				return fmt.Sprint(l.Contacts, l.Referral.How), fmt.Sprint([]hereabouts.Contact{{Name: "Jo"}}, "ring reception")
			},
		},
		"texts without end": {
			spoil: func(l *hereabouts.Listing) { l.Summary = strings.Repeat("word ", 200) },
			notes: "summary shortened",
			check: func(l *hereabouts.Listing) (any, any) {
				return l.Summary, strings.TrimSpace(strings.Repeat("word ", 99)) + "…"
			},
		},
		"items of lists": {
			spoil: func(l *hereabouts.Listing) {
				l.Languages = []string{"en", "not a language"}
				l.Sessions = []hereabouts.Session{{RRule: "FREQ=SOMETIMES", Start: "10:00"}, {RRule: "FREQ=WEEKLY;BYDAY=TU", Start: "10:00", End: "12:00"}}
				l.Eligibility.Catchment.Areas = []string{"Trafford", "E08000009"}
			},
			notes: "eligibility/catchment/areas/0 ignored, sessions/0/rrule ignored, languages/1 ignored",
			check: func(l *hereabouts.Listing) (any, any) {
				return fmt.Sprint(l.Languages, len(l.Sessions), l.Eligibility.Catchment.Areas), "[en] 1 [E08000009]"
			},
		},
		"contradictions": {
			spoil: func(l *hereabouts.Listing) {
				l.Eligibility.MinAge, l.Eligibility.MaxAge = ptr(60), ptr(16)
				l.Cost = hereabouts.Cost{Free: hereabouts.Yes, Pence: ptr(500)}
			},
			notes: "eligibility/max_age ignored, cost/pence ignored",
			check: func(l *hereabouts.Listing) (any, any) {
				return fmt.Sprint(l.Eligibility.MinAge, l.Eligibility.MaxAge, l.Cost), fmt.Sprint((*int)(nil), (*int)(nil), hereabouts.Cost{Free: hereabouts.Unknown})
			},
		},
		"no name": {
			spoil: func(l *hereabouts.Listing) { l.Name = " " },
			fault: "/name required",
		},
		"a kind we do not know": {
			spoil: func(l *hereabouts.Listing) { l.Kind = "shop" },
			fault: "/kind unknown_value",
		},
	} {
		t.Run(name, func(t *testing.T) {
			into := &shelf{}
			r := walk("1", "Riverside walk")
			c.spoil(r.Listing)
			rep, err := importers.Run(t.Context(), records(r), into, options())
			if err != nil {
				t.Fatal(err)
			}
			var notes []string
			for _, n := range rep.Noted {
				notes = append(notes, n.Field+" "+n.Code)
			}
			if diff := cmp.Diff(c.notes, strings.Join(notes, ", ")); diff != "" {
				t.Errorf("notes: %s", diff)
			}
			if c.fault != "" {
				if len(rep.Faults) != 1 || rep.Faults[0].Reasons[0].Pointer+" "+rep.Faults[0].Reasons[0].Code != c.fault {
					t.Errorf("got %+v, want it rejected for %s", rep.Faults, c.fault)
				}
				return
			}
			if len(into.got) != 1 {
				t.Fatalf("not stored: %+v", rep.Faults)
			}
			if got, want := c.check(&into.got[0]); !cmp.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}
