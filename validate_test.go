package hereabouts

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

var someNeeds = NewTaxonomy([]Need{
	{ID: "money", Label: "Money", AlsoSaidAs: []string{"skint"}},
	{ID: "money.debt", Parent: "money", Label: "Debt advice", AlsoSaidAs: []string{"bailiffs", "owe money"}},
	{ID: "connection.befriending", Label: "Befriending and regular visits"},
	{ID: "connection.mens-sheds", Label: "Sheds"},
	{ID: "activity.gentle", Label: "Gentle exercise"},
})

// Each case spoils one good listing; want holds the pointer, the code and
// part of the advice of every problem that follows.
func TestValidateListing(t *testing.T) {
	num := func(n int) *int { return &n }
	deg := func(f float64) *float64 { return &f }
	square := orb.Ring{{-2.4, 53.4}, {-2.3, 53.4}, {-2.3, 53.5}, {-2.4, 53.4}}
	tests := []struct {
		name  string
		spoil func(l *Listing)
		want  []string
	}{
		{"nothing wrong", func(l *Listing) {}, nil},
		{"as little as can be", func(l *Listing) { *l = Listing{Kind: Group, Name: "Shed"} }, nil},
		{"nothing at all", func(l *Listing) { *l = Listing{} }, []string{
			"/kind required choose one of group, service or green_space", "/name required give the listing a name"}},
		{"a name of spaces", func(l *Listing) { l.Name = " \u00a0\u200b" }, []string{"/name required"}},
		{"the longest name", func(l *Listing) { l.Name = strings.Repeat("é", 200) }, nil},
		{"a longer name", func(l *Listing) { l.Name = strings.Repeat("é", 201) }, []string{"/name too_long 201 characters"}},
		{"long texts", func(l *Listing) {
			l.Summary, l.Description = strings.Repeat("a", 501), strings.Repeat("a", 20_001)
			l.Eligibility.Text, l.Referral.How = strings.Repeat("a", 2001), strings.Repeat("a", 2001)
		}, []string{"/summary too_long", "/description too_long", "/eligibility/text too_long", "/referral/how too_long"}},
		{"words that are nearly ours", func(l *Listing) {
			l.Status, l.Kind, l.ConfirmedBy = "publish", "greenspace", "the provider"
			l.Availability.State, l.Cost.Free, l.Transport.Provided = "waitinglist", "yess", "perhaps"
			l.Delivery, l.Referral.Routes, l.Eligibility.Genders = []Delivery{"inperson"}, []Route{"self", "dropin"}, []string{"woman"}
			l.Sessions[0].Attend, l.Places[0].Precision, l.Places[0].Access.StepFree = "anytime", "postcodes", "true"
		}, []string{
			"/status unknown_value did you mean published?",
			"/kind unknown_value did you mean green_space?",
			"/eligibility/genders/0 unknown_value did you mean women?",
			"/referral/routes/1 unknown_value did you mean drop_in?",
			"/availability/state unknown_value did you mean waiting_list?",
			"/delivery/0 unknown_value in_person, online, phone or home_visit; did you mean in_person?",
			"/places/0/precision unknown_value did you mean postcode?",
			"/places/0/access/step_free unknown_value “true” is not one of yes, no or unknown",
			"/sessions/0/attend unknown_value did you mean any_time?",
			"/cost/free unknown_value did you mean yes?",
			"/transport/provided unknown_value",
			"/confirmed_by unknown_value did you mean provider?",
		}},
		{"needs", func(l *Listing) {
			l.Needs = []string{"money.debt", "money.dept", "Bailiffs", "quantum physics", "", "money.debt"}
		}, []string{
			"/needs/5 duplicate", "/needs/1 unknown_value did you mean money.debt?", "/needs/2 unknown_value did you mean money.debt?",
			"/needs/3 unknown_value not a need in the taxonomy", "/needs/4 required"}},
		{"too many tags, each its own", func(l *Listing) {
			for i := range 101 {
				l.Tags = append(l.Tags, fmt.Sprint("tag", i))
			}
		}, []string{"/tags too_many 103"}},
		{"ages", func(l *Listing) { l.Eligibility.MinAge, l.Eligibility.MaxAge = num(-1), num(131) }, []string{
			"/eligibility/min_age out_of_range 0 to 130", "/eligibility/max_age out_of_range 0 to 130"}},
		{"ages the wrong way round", func(l *Listing) { l.Eligibility.MinAge, l.Eligibility.MaxAge = num(65), num(18) }, []string{
			"/eligibility/max_age contradiction swap them"}},
		{"one age only", func(l *Listing) { l.Eligibility.MinAge, l.Eligibility.MaxAge = num(18), num(18) }, nil},
		{"area codes", func(l *Listing) {
			l.Eligibility.Catchment.Areas = []string{"W06000015", "Trafford", "E0800009", "e08000009", "W06000015"}
		}, []string{
			"/eligibility/catchment/areas/4 duplicate", "/eligibility/catchment/areas/1 invalid_format E08000009",
			"/eligibility/catchment/areas/2 invalid_format", "/eligibility/catchment/areas/3 invalid_format"}},
		{"hidden, and found nowhere", func(l *Listing) { l.Eligibility.Catchment = Catchment{Label: "Kent"} }, []string{
			"/eligibility/catchment/areas required found by area only"}},
		{"a catchment that is a point", func(l *Listing) {
			l.Eligibility.Catchment.Geometry = geojson.NewGeometry(orb.Point{-2.3, 53.4})
		}, []string{"/eligibility/catchment/geometry/type unknown_value use Polygon or MultiPolygon"}},
		{"waits", func(l *Listing) { l.Availability.WaitWeeks, l.Availability.Places = num(521), num(-1) }, []string{
			"/availability/wait_weeks out_of_range 0 to 520 weeks", "/availability/places out_of_range"}},
		{"full with places", func(l *Listing) { l.Availability.State, l.Availability.Places = Full, num(2) }, []string{
			"/availability/places contradiction 2 places are free"}},
		{"over before it began", func(l *Listing) { l.Availability.AsOf, l.Availability.Until = "2026-11-02", "2026-11-01" }, []string{
			"/availability/until contradiction comes before"}},
		{"dates that are none", func(l *Listing) {
			l.Availability.AsOf, l.Availability.Until, l.ConfirmedAt = "2026-02-30", "soon", "1066-10-14"
		}, []string{"/availability/as_of invalid_format", "/availability/until invalid_format", "/confirmed_at out_of_range"}},
		{"free at a price", func(l *Listing) { l.Cost.Free, l.Cost.Pence = Yes, num(200) }, []string{"/cost/pence contradiction free and to cost 200"}},
		{"not free at no price", func(l *Listing) { l.Cost.Free, l.Cost.Pence = No, num(0) }, []string{"/cost/pence contradiction"}},
		{"a negative price", func(l *Listing) { l.Cost.Free, l.Cost.Pence = Unknown, num(-1) }, []string{"/cost/pence out_of_range"}},
		{"ways to get in touch", func(l *Listing) {
			l.Referral = Referral{URL: "javascript:alert(1)", Phone: "ask at the bar", Email: "a@b.example; c@d.example"}
			l.Organisation.URL = "https://user:secret@example.org"
			l.Contacts = []Contact{{}, {URL: "ftp://example.org"}, {URL: "https://"}, {URL: "https://exa mple.org"}, {Email: "nobody@localhost"}, {Phone: "116 123"}}
			l.Source.URL = "mailto:x@y.example"
		}, []string{
			"/organisation/url invalid_format user name",
			"/referral/url invalid_format must begin with https://",
			"/referral/phone invalid_format no telephone number",
			"/referral/email invalid_format not one e-mail address",
			"/contacts/0 required",
			"/contacts/1/url invalid_format must begin with",
			"/contacts/2/url invalid_format names no site",
			"/contacts/3/url invalid_format",
			"/contacts/4/email invalid_format",
			"/source/url invalid_format",
		}},
		{"ids", func(l *Listing) { l.ID, l.Organisation.ID = "a b/c", "../etc" }, []string{"/id invalid_format", "/organisation/id invalid_format"}},
		{"charity numbers of every register", func(l *Listing) { l.Organisation.CharityNumber = "NIC100123" }, nil},
		{"a charity number that is none", func(l *Listing) { l.Organisation.CharityNumber = "EXEMPT" }, []string{"/organisation/charity_number invalid_format"}},
		{"languages", func(l *Listing) {
			l.Languages = []string{"bfi", "English", "zh-Hant", "", "e", "zh-Hant", "x'; --"}
		}, []string{"/languages/5 duplicate", "/languages/1 invalid_format BCP 47", "/languages/3 invalid_format", "/languages/4 invalid_format", "/languages/6 invalid_format"}},
		{"translations", func(l *Listing) {
			l.Translations = map[string]Translation{"cy": {Name: "Sied"}, "CY": {Name: "Arall"}, "a/b~c": {Name: strings.Repeat("x", 201)}}
		}, []string{"/translations/CY duplicate", "/translations/a~1b~0c invalid_format", "/translations/a~1b~0c/name too_long"}},
		{"coordinates swapped", func(l *Listing) { l.Places[0].Lat, l.Places[0].Lon = deg(-2.3), deg(53.4) }, []string{
			"/places/0/lat out_of_range check lat and lon are not swapped"}},
		{"half a point", func(l *Listing) { l.Places[0].Lat = nil }, []string{"/places/0/lat required both or neither"}},
		{"the other half", func(l *Listing) { l.Places[0].Lon = nil }, []string{"/places/0/lon required both or neither"}},
		{"null island", func(l *Listing) { l.Places[0].Lat, l.Places[0].Lon = deg(0), deg(0) }, []string{"/places/0/lat out_of_range"}},
		{"on the meridian", func(l *Listing) { l.Places[0].Lat, l.Places[0].Lon = deg(51.48), deg(0) }, nil},
		{"Jersey", func(l *Listing) { l.Places[0].Lat, l.Places[0].Lon = deg(49.18), deg(-2.1) }, nil},
		{"Unst", func(l *Listing) { l.Places[0].Lat, l.Places[0].Lon = deg(60.85), deg(-0.87) }, nil},
		{"Paris", func(l *Listing) { l.Places[0].Lat, l.Places[0].Lon = deg(48.85), deg(2.35) }, []string{"/places/0/lat out_of_range 49 to 61.5"}},
		{"not a number", func(l *Listing) { l.Places[0].Lat, l.Places[0].Lon = deg(math.NaN()), deg(math.Inf(1)) }, []string{
			"/places/0/lat out_of_range", "/places/0/lon out_of_range"}},
		{"an entrance in the sea", func(l *Listing) { l.Places[0].Entrances = []Entrance{{53.4, -2.3}, {53.4, -23}} }, []string{
			"/places/0/entrances/1/lon out_of_range"}},
		{"a postcode that is none", func(l *Listing) { l.Places[0].Postcode = "Hulme" }, []string{"/places/0/postcode invalid_format"}},
		{"outlines", func(l *Listing) {
			l.Places = []Place{
				{ID: "a", Geometry: geojson.NewGeometry(orb.Polygon{square[:3]})},
				{ID: "b", Geometry: geojson.NewGeometry(orb.Polygon{{{-2.4, 53.4}, {-2.3, 53.4}, {-2.3, 53.5}, {-2.2, 53.4}}})},
				{ID: "c", Geometry: geojson.NewGeometry(orb.Polygon{{{53.4, -2.4}, {53.4, -2.3}, {53.5, -2.3}, {53.4, -2.4}}})},
				{ID: "d", Geometry: geojson.NewGeometry(orb.MultiPolygon{{square}, {{{math.NaN(), 53.4}, {-2.3, 53.4}, {-2.3, 53.5}, {math.NaN(), 53.4}}}})},
				{ID: "e", Geometry: geojson.NewGeometry(orb.Polygon{})},
				{ID: "f", Geometry: geojson.NewGeometry(orb.LineString{{-2.3, 53.4}})},
				{ID: "g", Geometry: &geojson.Geometry{Type: "GeometryCollection", Geometries: []*geojson.Geometry{nil}}},
				{ID: "h", Geometry: geojson.NewGeometry(orb.MultiPolygon{{square}})},
				{ID: "i", Geometry: geojson.NewGeometry(orb.MultiPoint{{-2.3, 53.4}, {2.9, 53.4}})},
			}
			l.Sessions = nil
		}, []string{
			"/places/0/geometry/coordinates required it has 3 of the 4 points",
			"/places/1/geometry/coordinates invalid_format ends elsewhere",
			"/places/2/geometry/coordinates out_of_range the longitude comes first",
			"/places/3/geometry/coordinates invalid_format not a number",
			"/places/4/geometry/coordinates required no ring",
			"/places/5/geometry/coordinates required",
			"/places/6/geometry/type unknown_value",
			"/places/8/geometry/coordinates out_of_range",
		}},
		{"too fine an outline", func(l *Listing) {
			ring := make(orb.Ring, 20_001)
			for i := range ring {
				ring[i] = square[0]
			}
			l.Places[0].Geometry = geojson.NewGeometry(orb.Polygon{ring})
		}, []string{" too_large 20005 points"}},
		{"ids twice", func(l *Listing) {
			l.Places = append(l.Places, l.Places[0])
			l.Sessions = append(l.Sessions, l.Sessions[0])
		}, []string{"/places/1/id duplicate", "/sessions/1/id duplicate"}},
		{"a session elsewhere", func(l *Listing) { l.Sessions[0].PlaceID = "hal" }, []string{"/sessions/0/place_id unknown_value did you mean hall?"}},
		{"times", func(l *Listing) {
			s := l.Sessions[0]
			l.Sessions = []Session{s, s, s, s}
			for i := range l.Sessions {
				l.Sessions[i].ID = fmt.Sprint(i)
			}
			l.Sessions[0].Start, l.Sessions[0].End = "25:00", "2pm"
			l.Sessions[1].Start, l.Sessions[1].End = "", "12:00"
			l.Sessions[2].Start = "24:00"
			l.Sessions[3].From, l.Sessions[3].Until, l.Sessions[3].Except = "2026-12-01", "2026-11-01", nil
		}, []string{
			"/sessions/0/start invalid_format", "/sessions/0/end invalid_format", "/sessions/1/start required",
			"/sessions/2/start out_of_range", "/sessions/3/until contradiction"}},
		{"exceptions", func(l *Listing) {
			l.Sessions[0].Except = []Date{"2026-12-29", "", "christmas", "2026-12-29"}
		}, []string{"/sessions/0/except/3 duplicate", "/sessions/0/except/1 required", "/sessions/0/except/2 invalid_format"}},
		{"an exception after the end", func(l *Listing) { l.Sessions[0].Except = []Date{"2027-12-29"} }, []string{"/sessions/0/except/0 contradiction"}},
		{"never", func(l *Listing) {
			l.Sessions[0].RRule, l.Sessions[0].Until, l.Sessions[0].Except = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "", nil
		}, []string{"/sessions/0/rrule contradiction no date fits"}},
		{"called off", func(l *Listing) {
			l.Sessions[0] = Session{ID: "s", From: "2026-11-21", Except: []Date{"2026-11-21"}}
		}, nil},
		{"no rule and no date", func(l *Listing) { l.Sessions[0] = Session{ID: "s"} }, []string{"/sessions/0/from required"}},
		{"a rule that would never end", func(l *Listing) { l.Sessions[0].RRule = "FREQ=SECONDLY;COUNT=1000000000" }, []string{
			"/sessions/0/rrule not_supported", "/sessions/0/rrule out_of_range"}},
		{"too many sessions", func(l *Listing) { l.Sessions = make([]Session, 1001) }, []string{"/sessions too_many 1001"}},
		{"too many places", func(l *Listing) { l.Sessions, l.Places = nil, make([]Place, 501) }, []string{"/places too_many 501"}},
		{"too much altogether", func(l *Listing) {
			for i := range 999 {
				l.Sessions = append(l.Sessions, Session{ID: fmt.Sprint(i), From: "2026-11-21", Note: strings.Repeat("&", 200)})
			}
		}, []string{" too_large keep it within 1048576"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := full(t)
			tt.spoil(&l)
			checkProblems(t, l.Validate(someNeeds), tt.want)
		})
	}
}

func TestValidateOrganisation(t *testing.T) {
	good := Organisation{Name: "Millside Community Trust", CharityNumber: "SC012345", URL: "https://millside.example"}
	checkProblems(t, good.Validate(), nil)
	bad := Organisation{ID: "a b", Status: "live", CharityNumber: "?", URL: "millside", Description: strings.Repeat("a", 20_001), Contacts: make([]Contact, 51)}
	checkProblems(t, bad.Validate(), []string{
		"/id invalid_format", "/status unknown_value", "/name required", "/description too_long", "/charity_number invalid_format",
		"/url invalid_format", "/contacts too_many"})
}

func TestValidateListsNoMoreFaultsThanCanBeRead(t *testing.T) {
	l := full(t)
	l.Places = make([]Place, 100)
	for i := range l.Places {
		l.Places[i].Entrances = make([]Entrance, 100)
	}
	l.Sessions = nil
	var ps Problems
	if !errors.As(l.Validate(nil), &ps) || len(ps) != maxProblems+1 || !strings.Contains(ps[maxProblems].Detail, "9000 more faults") {
		t.Errorf("got %d problems, the last %+v", len(ps), ps[len(ps)-1])
	}
}

func TestValidateWithoutATaxonomyTakesNeedsAsTheyCome(t *testing.T) {
	l := full(t)
	l.Needs = []string{"anything"}
	checkProblems(t, l.Validate(nil), nil)
}

// checkProblems compares an error with lines of pointer, code and part of
// the detail.
func checkProblems(t *testing.T, err error, want []string) {
	t.Helper()
	var ps Problems
	if err != nil && !errors.As(err, &ps) {
		t.Fatalf("not Problems: %v", err)
	}
	var got []string
	for i, p := range ps {
		line := p.Pointer + " " + p.Code
		if p.Detail == "" {
			t.Errorf("%s has no advice", line)
		}
		if i < len(want) {
			if rest, ok := strings.CutPrefix(want[i], line+" "); ok && strings.Contains(p.Detail, rest) {
				line = want[i]
			} else if want[i] != line {
				line += " " + p.Detail
			}
		}
		got = append(got, line)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
