package oruk

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
)

func TestReadAccess(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Wheelchair accessible entrance", "step_free yes"},
		{"Accessible toilet facilities", "accessible_toilet yes"},
		{"Disabled car parking space", "blue_badge_parking yes"},
		{"Not wheelchair accessible. No ASL available.", "step_free no"},
		{"The building is equipped with induction loops for hearing aids. Wheelchair access is possible on all levels.", "step_free yes, hearing_loop yes"},
		{"Level access, but no hearing loop", "step_free yes, hearing_loop no"},
		{"No steps", "step_free yes"},
		{"There is free parking", "parking yes"},
		{"Guide dogs welcome; quiet room; Changing Places toilet", "changing_place yes, quiet_space yes, assistance_dogs yes"},
		{"Limited wheelchair access", ""},
		{"Step-free access. Not accessible to wheelchair users upstairs.", "step_free yes"},
		{"Step-free. There is no wheelchair access.", ""},
		{"We provide interpretation services", ""},
		{"", ""},
	} {
		var a hereabouts.Access
		readAccess(c.text, &a)
		var got []string
		for _, name := range hereabouts.AccessNames {
			if f := *a.Fact(name); f.Known() {
				got = append(got, name+" "+string(f))
			}
		}
		if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
}

func TestReadClock(t *testing.T) {
	for in, want := range map[string]string{
		"10:00": "10:00", "9:30": "09:30", "10:00:00": "10:00", "10:00Z": "10:00", "10:00:00+01:00": "10:00", "9.30am": "09:30",
		"9:30 PM": "21:30", "12:00am": "00:00", "12pm": "12:00", "12 noon": "12:00", "24:00": "24:00", "2026-01-01T18:15:00Z": "18:15",
		"25:00": "", "10": "", "13pm": "", "noonish": "", "10:75": "", "": "",
	} {
		got, ok := readClock(in)
		if string(got) != want || ok != (want != "") {
			t.Errorf("readClock(%q) is %q, %v; want %q", in, got, ok, want)
		}
	}
}

func TestReadDate(t *testing.T) {
	for in, want := range map[string]hereabouts.Date{
		"2026-11-21": "2026-11-21", "2026-11-21T10:30:45.123Z": "2026-11-21", "21/11/2026": "2026-11-21", "2026-07-01T00:00:00Z": "2026-07-01",
		"2026-07-01T23:30:00Z": "2026-07-02", "2026-02-30": "", "tomorrow": "", "": "",
	} {
		got, ok := readDate(in)
		if got != want || ok != (want != "") {
			t.Errorf("readDate(%q) is %q, %v; want %q", in, got, ok, want)
		}
	}
}

func TestDays(t *testing.T) {
	for _, c := range []struct {
		in   object
		want string
	}{
		{object{"byday": "TH,FR"}, "TH FR"}, {object{"byday": "monday"}, "MO"}, {object{"byday": "2TU"}, "2TU"}, {object{"byday": "-1FR"}, "-1FR"},
		{object{"weekday": "Monday - Friday"}, "MO TU WE TH FR"}, {object{"weekday": "Saturday to Monday"}, "SA SU MO"}, {object{"weekday": "Tues"}, "TU"},
		{object{"weekday": "Thursdays"}, "TH"}, {object{"byday": []any{"MO", "we"}}, "MO WE"}, {object{"weekday": "3"}, "WE"}, {object{"weekday": "https://schema.org/Sunday"}, "SU"},
		{object{"weekday": "Mon, Wed"}, "MO WE"}, {object{"byday": "every day"}, ""}, {object{"byday": "T"}, ""}, {object{}, ""},
	} {
		m := &mapper{}
		if got := strings.Join(m.days(c.in), " "); got != c.want {
			t.Errorf("days of %v are %q, want %q", c.in, got, c.want)
		}
	}
}

func TestWaits(t *testing.T) {
	for text, want := range map[string]struct {
		state hereabouts.AvailabilityState
		weeks int // -1: none
	}{
		"6 weeks": {"waiting_list", 6}, "8-10 weeks": {"waiting_list", 10}, "up to 3 months": {"waiting_list", 13}, "10 days": {"waiting_list", 2}, "1 year": {"waiting_list", 52},
		"No waiting list": {"open", 0}, "None": {"open", 0}, "wait_time": {"", -1}, "Varies": {"", -1}, "Fully booked": {"full", -1},
	} {
		m := &mapper{l: &hereabouts.Listing{}}
		m.availability(object{"wait_time": text})
		a, weeks := m.l.Availability, -1
		if a.WaitWeeks != nil {
			weeks = *a.WaitWeeks
		}
		if a.State != want.state || weeks != want.weeks {
			t.Errorf("%q is %s, %d weeks; want %v", text, a.State, weeks, want)
		}
	}
}

func TestCosts(t *testing.T) {
	for _, c := range []struct {
		in    object
		free  hereabouts.Fact
		pence int // -1: not known
		per   string
	}{
		{object{}, "", -1, ""},
		{object{"fees": "Free"}, "yes", 0, ""},
		{object{"fees": "None"}, "yes", 0, ""},
		{object{"fees": "3.50"}, "no", 350, ""},
		{object{"fees": "£4 per week"}, "no", 400, "week"},
		{object{"fees": "Please ask"}, "", -1, ""},
		{object{"free": true}, "yes", -1, ""},
		{object{"free": "false"}, "no", -1, ""},
		{object{"free": true, "fees": "£5"}, "unknown", -1, ""},
		{object{"cost_options": []any{map[string]any{"amount": "0"}}}, "yes", 0, ""},
		{object{"cost_options": []any{map[string]any{"amount": "35", "amount_description": "per 1 hour session"}}}, "no", 3500, "hour"},
		{object{"cost_options": []any{map[string]any{"amount": "35", "valid_to": "2022-12-31"}}}, "", -1, ""},
		{object{"cost_options": []any{map[string]any{"option": "Adults", "amount": "5"}, map[string]any{"option": "Children", "amount": "3"}}}, "no", -1, ""},
		{object{"cost_options": []any{map[string]any{"option": "Adults", "amount": "5"}, map[string]any{"option": "Carers", "amount": "0"}}}, "unknown", -1, ""},
		{object{"cost_options": []any{map[string]any{"amount": "5", "currency": "USD"}}}, "", -1, ""},
	} {
		m := &mapper{l: &hereabouts.Listing{}, today: "2026-11-21"}
		m.cost(c.in)
		got, pence := m.l.Cost, -1
		if got.Pence != nil {
			pence = *got.Pence
		}
		if got.Free != c.free || pence != c.pence || got.Per != c.per {
			t.Errorf("%v is %+v (%d pence), want %v %d %q", c.in, got, pence, c.free, c.pence, c.per)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	for _, c := range []struct{ code, name, want string }{
		{"ur", "Urdu", "ur"}, {"", "Welsh", "cy"}, {"", "British Sign Language", "bfi"}, {"", "Polish", "pl"}, {"en-GB", "", "en-GB"},
		{"", "Mandarin", "zh"}, {"", "es", "es"}, {"xx-not-a-code", "Somali", "so"}, {"", "Klingonish", ""}, {"", "", ""},
	} {
		if got, ok := languageOf(c.code, c.name); got != c.want || ok != (c.want != "") {
			t.Errorf("languageOf(%q, %q) is %q, %v; want %q", c.code, c.name, got, ok, c.want)
		}
	}
}

func TestCharityNumber(t *testing.T) {
	for _, c := range []struct{ scheme, kind, number, want string }{
		{"GB-CHC", "", "1098765", "1098765"}, {"GB-SC", "", "sc012345", "SC012345"}, {"", "Charity number", "1098765-1", "1098765-1"},
		{"", "", "GB-CHC-1098765", "1098765"}, {"GB-COH", "Company number", "01234567", ""}, {"GB-CHC", "", "n/a", ""}, {"", "", "", ""},
	} {
		if got := charityNumber(c.scheme, c.kind, c.number); got != c.want {
			t.Errorf("charityNumber(%q, %q, %q) is %q, want %q", c.scheme, c.kind, c.number, got, c.want)
		}
	}
}
