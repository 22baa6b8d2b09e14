package hereabouts

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestNormaliseListing(t *testing.T) {
	l := Listing{
		Kind: "Green Space", Status: " ", Name: "\ufeffMen\u0092s\u00a0\u00a0Shed\x00\r\n", Description: "One\r\ntwo \t three\n\n\n\nfour\u2028five\n",
		Organisation: OrganisationRef{Name: " Trust ", CharityNumber: "sc012345", URL: "WWW.Example.org"},
		Needs:        []string{"Money.Debt", "", "money.debt", " connection"},
		Tags:         []string{"Gardening", "gardening ", "Cafe\u0301"},
		Eligibility:  Eligibility{Genders: []string{"Women", "non-binary"}, Circumstances: []string{"Armed forces"}, Catchment: Catchment{Areas: []string{"e08000009", "E08000009"}}},
		Referral:     Referral{Routes: []Route{"Drop-in", "drop in", "GP"}, Phone: "tel:0161 496 0000", Email: "mailto:a@b.example", URL: "HTTPS://b.example/x"},
		Delivery:     []Delivery{"In person"},
		Places: []Place{
			{ID: "p2", Postcode: "so147du "}, {Postcode: "somewhere in Hulme"}, {Precision: "Postcode", Geometry: &geojson.Geometry{}},
			{ID: "square", Geometry: &geojson.Geometry{Type: "Polygon", Coordinates: orb.Ring{{0, 51}, {1, 51}, {1, 52}, {0, 51}}}}},
		Sessions: []Session{
			{RRule: "rrule:freq=weekly; byday=tu;", Start: "9:30", End: "12.00", Attend: "Any time", Except: []Date{"2026-12-29", " 2026-12-29", ""}},
			{RRule: "DTSTART;TZID=Europe/London:20260704T100000\nRRULE:FREQ=DAILY\nEXDATE:20260705T090000Z,20260706"},
			{RRule: "DTSTART:20260704T100000", From: "2026-07-05"},
		},
		Cost:         Cost{Free: "Yes"},
		Languages:    []string{"EN-gb", "cy", "CY", "Welsh language"},
		Contacts:     []Contact{{}, {Name: "Jo", URL: "jo.example:8080/a?b=c"}, {Name: " Jo ", URL: "jo.example:8080/a?b=c"}},
		Translations: map[string]Translation{"CY": {Name: " Sied "}, "cy": {Name: "Cwt"}, "fr": {}},
	}
	l.Normalise()
	got := map[string]any{
		"kind": l.Kind, "status": l.Status, "name": l.Name, "description": l.Description, "organisation": l.Organisation,
		"needs": l.Needs, "tags": l.Tags, "genders": l.Eligibility.Genders, "circumstances": l.Eligibility.Circumstances,
		"areas": l.Eligibility.Catchment.Areas, "referral": l.Referral, "delivery": l.Delivery, "free": l.Cost.Free,
		"languages": l.Languages, "contacts": l.Contacts, "translations": l.Translations, "state": l.Availability.State,
		"first session": l.Sessions[0], "second session": l.Sessions[1], "third session": l.Sessions[2],
		"place ids":     []string{l.Places[0].ID, l.Places[1].ID, l.Places[2].ID, l.Places[3].ID},
		"postcodes":     []string{l.Places[0].Postcode, l.Places[1].Postcode},
		"step free":     l.Places[0].Access.StepFree,
		"outline types": []string{l.Places[3].Geometry.Type},
		"outline":       l.Places[3].Geometry.Coordinates,
		"no outline":    l.Places[2].Geometry == nil,
	}
	want := map[string]any{
		"kind": GreenSpace, "status": Published, "name": "Men’s Shed", "description": "One\ntwo three\n\nfour\nfive",
		"organisation": OrganisationRef{Name: "Trust", CharityNumber: "SC012345", URL: "https://WWW.Example.org"},
		"needs":        []string{"money.debt", "connection"}, "tags": []string{"Gardening", "Café"},
		"genders": []string{"women", "non_binary"}, "circumstances": []string{"armed_forces"}, "areas": []string{"E08000009"},
		"referral": Referral{Routes: []Route{DropIn, GP}, Phone: "0161 496 0000", Email: "a@b.example", URL: "https://b.example/x"},
		"delivery": []Delivery{InPerson}, "free": Yes, "languages": []string{"en-GB", "cy", "Welsh language"},
		"contacts":     []Contact{{Name: "Jo", URL: "https://jo.example:8080/a?b=c"}},
		"translations": map[string]Translation{"cy": {Name: "Cwt"}, "CY": {Name: "Sied"}}, "state": AvailabilityUnknown,
		"first session":  Session{ID: "s1", RRule: "FREQ=WEEKLY;BYDAY=TU", Start: "09:30", End: "12:00", Attend: AnyTime, Except: []Date{"2026-12-29"}},
		"second session": Session{ID: "s2", RRule: "FREQ=DAILY", From: "2026-07-04", Start: "10:00", Attend: Whole, Except: []Date{"2026-07-05", "2026-07-06"}},
		// The block says another date than the session does: somebody must choose.
		"third session": Session{ID: "s3", RRule: "DTSTART:20260704T100000", From: "2026-07-05", Attend: Whole, Except: []Date{}},
		"place ids":     []string{"p2", "p3", "p4", "square"},
		"postcodes":     []string{"SO14 7DU", "somewhere in Hulme"},
		"step free":     Unknown,
		"outline types": []string{"Polygon"},
		"outline":       orb.Polygon{{{0, 51}, {1, 51}, {1, 52}, {0, 51}}},
		"no outline":    true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNormaliseLongLists(t *testing.T) {
	var l Listing
	var want []string
	for i := range 5_000 {
		tag := fmt.Sprint("Tag ", i)
		want = append(want, tag)
		l.Tags = append(l.Tags, tag, strings.ToUpper(tag), "")
	}
	l.Normalise()
	if diff := cmp.Diff(want, l.Tags); diff != "" {
		t.Error(diff)
	}
}

func TestNormaliseOrganisation(t *testing.T) {
	o := Organisation{Name: " Millside\tTrust", URL: "millside.example", CharityNumber: " 1234567 ", Contacts: []Contact{{}}}
	o.Normalise()
	want := Organisation{Status: Published, Name: "Millside Trust", URL: "https://millside.example", CharityNumber: "1234567", Contacts: []Contact{}}
	if diff := cmp.Diff(want, o); diff != "" {
		t.Error(diff)
	}
}

func TestNormaliseLeavesACopyAlone(t *testing.T) {
	l := full(t)
	l.Needs = []string{"", "B", "a"}
	l.Places[0].Name, l.Sessions[0].RRule = " hall ", "RRULE:FREQ=DAILY"
	l.Contacts = append(l.Contacts, l.Contacts[0])
	l.Translations["fr"] = Translation{}
	before := mustJSON(t, l)
	shared := l
	shared.Normalise()
	if diff := cmp.Diff(before, mustJSON(t, l)); diff != "" {
		t.Errorf("a listing that shared its lists was changed: %s", diff)
	}
}

func TestCleanURL(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "example.org": "https://example.org", "//example.org/a": "https://example.org/a", "Http://Example.org": "http://Example.org",
		"example.org:8080": "https://example.org:8080", "ftp://example.org": "ftp://example.org", "javascript:alert(1)": "javascript:alert(1)",
		"javascript.example:alert(1)": "javascript.example:alert(1)", "ring us": "ring us", "see example.org": "see example.org",
		"a@b.example": "a@b.example", "localhost": "localhost", "example.": "example.", ".org": ".org", "////x.org": "////x.org",
		"example.org?q=a:b": "https://example.org?q=a:b", "none": "none", "N/A": "N/A", `x.org\a`: `x.org\a`,
	} {
		if got := cleanURL(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestCleanClock(t *testing.T) {
	for in, want := range map[Clock]Clock{
		"9:30": "09:30", "09.30": "09:30", "9.30": "09:30", "09:30:00": "09:30", " 24:00:00": "24:00", "09:30:15": "09:30:15",
		"9": "9", "25:00": "25:00", "2pm": "2pm", "": "", "0930": "0930", "12:5": "12:5",
	} {
		if got := cleanClock(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// Whatever somebody types, tidying it twice is tidying it once, and no letter
// or digit is lost.
func TestNormaliseIsIdempotentAndLosesNothing(t *testing.T) {
	typed := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[ -~]{0,20}`),
		rapid.StringMatching("[a-c \t\r\n\u00a0\u200b\u0301\u0085\u0092.:;=/@-]{0,12}"),
		rapid.SampledFrom([]string{"so147du", "GIR0AA", "www.example.org", "//a.b", "RRULE:RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY;BYDAY=TU", "dtstart:20260101t100000z\nrrule:freq=daily\nexdate:20260102",
			"9.30", "24:00:00", "EN-gb", "cy", "iw", "eng", "Drop in", "Yes", "2026-11-24", "tel:tel:116", "MAILTO: a@b.c", "p1", "p2", "s1"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) string { return typed.Draw(t, label) }
		few := func(label string) []string { return rapid.SliceOfN(typed, 0, 4).Draw(t, label) }
		l := Listing{ID: draw("id"), Kind: Kind(draw("kind")), Name: draw("name"), Description: draw("description"), Needs: few("needs"), Tags: few("tags"), Languages: few("languages"),
			Organisation: OrganisationRef{Name: draw("organisation"), CharityNumber: draw("number"), URL: draw("url")},
			Referral:     Referral{How: draw("how"), URL: draw("referral url"), Phone: draw("phone"), Email: draw("email")},
			Availability: Availability{State: AvailabilityState(draw("state")), AsOf: Date(draw("as of"))},
			Cost:         Cost{Free: Fact(draw("free"))},
			Contacts:     []Contact{{Name: draw("contact"), URL: draw("contact url")}, {Phone: draw("contact phone")}},
			Translations: map[string]Translation{draw("language"): {Name: draw("cy name")}, draw("other language"): {Summary: draw("cy summary")}},
		}
		for range rapid.IntRange(0, 3).Draw(t, "places") {
			l.Places = append(l.Places, Place{ID: draw("place id"), Address: draw("address"), Postcode: draw("postcode")})
		}
		for range rapid.IntRange(0, 3).Draw(t, "sessions") {
			l.Sessions = append(l.Sessions, Session{ID: draw("session id"), RRule: draw("rrule"), Start: Clock(draw("start")), From: Date(draw("from")), Except: []Date{Date(draw("except"))}})
		}
		for _, s := range [...]string{l.Name, l.Description, l.Referral.How} {
			s = strings.Map(withoutC1, s) // these are mended, and gain letters
			if line := cleanText(s); letters(line) != letters(strings.ToValidUTF8(s, "\uFFFD")) {
				t.Fatalf("%q became %q and lost something", s, line)
			}
		}
		l.Normalise()
		once := mustMarshal(t, l)
		var again Listing
		if err := json.Unmarshal(once, &again); err != nil {
			t.Fatal(err)
		}
		again.Normalise()
		if twice := mustMarshal(t, again); string(twice) != string(once) {
			t.Fatalf("normalised again: %s", cmp.Diff(string(once), string(twice)))
		}
		_ = l.Validate(someNeeds) // whatever it says, it says it
	})
}

func withoutC1(r rune) rune {
	if 0x80 <= r && r <= 0x9F {
		return -1
	}
	return r
}

func mustMarshal(t *rapid.T, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// letters is what a reader would miss if it were gone, in no order: marks
// that stood apart have an order of their own once they stand together.
func letters(s string) string {
	runes := []rune(norm.NFD.String(strings.ReplaceAll(Fold(s), " ", "")))
	slices.Sort(runes)
	return string(runes)
}
