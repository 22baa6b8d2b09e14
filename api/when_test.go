package api

import (
	"math"
	"strings"
	"testing"
	"time"

	"hereabouts"
)

func TestParseWithin(t *testing.T) {
	for text, want := range map[string]float64{
		"800": 800, "800m": 800, "5km": 5000, "5 KM": 5000, "3mi": 4828.032, "1 mile": 1609.344, "2miles": 3218.688, "0.5km": 500,
		" 1 ": 1, "2000km": 2_000_000, "10 metres": 10,
	} {
		if got, bad := parseWithin(text); bad != nil || math.Abs(got-want) > 1e-9 {
			t.Errorf("%q is %v (%v), want %v", text, got, bad, want)
		}
	}
	for text, want := range map[string]string{
		"": "not_a_distance", "km": "not_a_distance", "far": "not_a_distance", "-5": "not_a_distance", "+5": "not_a_distance", "5e3": "not_a_distance",
		"1.2.3": "not_a_distance", "5kms": "not_a_distance", "NaN": "not_a_distance", "Inf": "not_a_distance", "0x10": "not_a_distance", "1_000": "not_a_distance",
		"0": "out_of_range", "0.9": "out_of_range", "2001km": "out_of_range", strings.Repeat("9", 400): "not_a_distance",
	} {
		if got, bad := parseWithin(text); bad == nil || bad.code != want {
			t.Errorf("%q is %v (%v), want %s", text, got, bad, want)
		}
	}
}

func TestParseDate(t *testing.T) {
	for text, want := range map[string][2]hereabouts.Date{
		"2026-11-24":                 {"2026-11-24", "2026-11-24"},
		"2026-11-24..2026-11-30":     {"2026-11-24", "2026-11-30"},
		" 2026-11-24 .. 2026-11-24 ": {"2026-11-24", "2026-11-24"},
		"2028-02-29":                 {"2028-02-29", "2028-02-29"},
		"2026-03-29..2027-03-29":     {"2026-03-29", "2027-03-29"},
	} {
		from, to, bad := parseDate(text)
		if bad != nil || from != want[0] || to != want[1] {
			t.Errorf("%q is %v to %v (%v), want %v", text, from, to, bad, want)
		}
	}
	for text, want := range map[string]string{
		"": "not_a_date", "..": "not_a_date", "2026-11-24..": "not_a_date", "..2026-11-24": "not_a_date", "2026-02-29": "not_a_date",
		"24/11/2026": "not_a_date", "tomorrow": "not_a_date", "2026-11-24..2026-11-25..2026-11-26": "not_a_date",
		"2026-11-30..2026-11-24": "out_of_order", "2026-01-01..2027-06-01": "out_of_range",
	} {
		if _, _, bad := parseDate(text); bad == nil || bad.code != want {
			t.Errorf("%q is %v, want %s", text, bad, want)
		}
	}
}

func TestForeseeable(t *testing.T) {
	const today = hereabouts.Date("2026-11-20")
	for _, x := range []struct {
		from, to, want hereabouts.Date
		code           string
	}{
		{"2026-11-20", "2026-11-20", "2026-11-20", ""},
		{"2026-11-16", "2026-11-22", "2026-11-20", ""}, // this week, from today on
		{"2026-11-25", "2027-11-26", "2026-11-25", ""},
		{"2026-11-25", "2027-11-27", "", "out_of_range"},
		{"2029-01-01", "2029-01-01", "", "out_of_range"},
		{"2026-11-19", "2026-11-19", "", "out_of_range"},
	} {
		from, bad := foreseeable(x.from, x.to, today)
		code := ""
		if bad != nil {
			code = bad.code
		}
		if from != x.want || code != x.code {
			t.Errorf("%s..%s is read from %q, %q; want %q, %q", x.from, x.to, from, code, x.want, x.code)
		}
	}
}

func TestParseTime(t *testing.T) {
	for text, want := range map[string][2]hereabouts.Clock{
		"10:00-14:00": {"10:00", "14:00"}, "10:00 – 14:00": {"10:00", "14:00"}, "00:00-24:00": {"00:00", "24:00"},
		"morning": {"06:00", "12:00"}, "Afternoon": {"12:00", "17:00"}, "evening": {"17:00", "22:00"},
	} {
		from, to, bad := parseTime(text)
		if bad != nil || from != want[0] || to != want[1] {
			t.Errorf("%q is %v to %v (%v), want %v", text, from, to, bad, want)
		}
	}
	for text, want := range map[string]string{
		"": "not_a_time", "10:00": "not_a_time", "night": "not_a_time", "10-14": "not_a_time", "25:00-26:00": "not_a_time",
		"14:00-10:00": "out_of_order", "10:00-10:00": "out_of_order", "10:00-11:00-12:00": "not_a_time",
	} {
		if _, _, bad := parseTime(text); bad == nil || bad.code != want {
			t.Errorf("%q is %v, want %s", text, bad, want)
		}
	}
}

func TestParseDay(t *testing.T) {
	for text, want := range map[string]time.Weekday{"mon": time.Monday, "Sunday": time.Sunday, " WED ": time.Wednesday} {
		if got, bad := parseDay(text); bad != nil || got != want {
			t.Errorf("%q is %v (%v), want %v", text, got, bad, want)
		}
	}
	for _, text := range []string{"", "m", "mo", "mond", "lundi", "8"} {
		if got, bad := parseDay(text); bad == nil {
			t.Errorf("%q is %v, want it refused", text, got)
		}
	}
}

func TestParseIfMatch(t *testing.T) {
	for _, c := range []struct {
		header []string
		rev    hereabouts.Rev
		holds  bool
	}{
		{nil, 3, true}, {[]string{""}, 3, true}, {[]string{"*"}, 3, true}, {[]string{`"3"`}, 3, true}, {[]string{`"4"`}, 3, false},
		{[]string{`"2", "3"`}, 3, true}, {[]string{`"2"`, `"3"`}, 3, true},
	} {
		p, err := parseIfMatch(c.header)
		if err != nil || p.holds(c.rev) != c.holds {
			t.Errorf("%q holds for %d: %v (%v), want %v", c.header, c.rev, p.holds(c.rev), err, c.holds)
		}
	}
	for _, header := range []string{`3`, `W/"3"`, `"three"`, `"-3"`, `"3`, `"3",`, `"+3"`, `"99999999999999999999"`} {
		if _, err := parseIfMatch([]string{header}); err == nil {
			t.Errorf("%q was accepted", header)
		}
	}
}

// FuzzWhen reads anything as a distance, a date, a time and a day. What is
// accepted must be within its bounds and be read the same way again.
func FuzzWhen(f *testing.F) {
	for _, s := range []string{"800", "5km", "3mi", "1e9", "2026-11-24", "2026-11-24..2026-11-30", "10:00-14:00", "morning", "tue", "..", "-", "\x00", "９km"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if m, bad := parseWithin(text); bad == nil && !(m >= 1 && m <= maxWithinM) {
			t.Errorf("%q is %v metres", text, m)
		}
		if from, to, bad := parseDate(text); bad == nil {
			a, okA := from.Time()
			b, okB := to.Time()
			if !okA || !okB || b.Before(a) || b.Sub(a) > maxDateSpan {
				t.Errorf("%q is %v to %v", text, from, to)
			}
			if again, _, bad := parseDate(string(from) + ".." + string(to)); bad != nil || again != from {
				t.Errorf("%q is read differently the second time", text)
			}
		}
		if from, to, bad := parseTime(text); bad == nil {
			a, okA := from.Minutes()
			b, okB := to.Minutes()
			if !okA || !okB || a >= b {
				t.Errorf("%q is %v to %v", text, from, to)
			}
		}
		if d, bad := parseDay(text); bad == nil && (d < time.Sunday || d > time.Saturday) {
			t.Errorf("%q is day %d", text, d)
		}
		if p, err := parseIfMatch([]string{text}); err == nil && p.given && !p.any && len(p.revs) == 0 {
			t.Errorf("%q names no revision and was accepted", text)
		}
	})
}

// FuzzParseJSON holds our reader to encoding/json: what it accepts, that
// accepts too, and says the same of it.
func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":[1,2,{"b":null}]}`, `{"a":1,"a":2}`, `[`, `{"a"`, `1 2`, "\"\xff\"", `{"~/":true}`,
		strings.Repeat("[", 70) + strings.Repeat("]", 70), "1e999", `"\ud800"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := parseJSON(raw)
		if err != nil {
			if p := problemFor(err); p.Status != 400 && p.Status != 422 {
				t.Errorf("%q: %d", raw, p.Status)
			}
			return
		}
		agreesWithEncodingJSON(t, raw, v)
	})
}

func TestParseJSONDepth(t *testing.T) {
	deep := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	if _, err := parseJSON(deep(maxDepth + 1)); err != nil {
		t.Errorf("%d levels are refused: %v", maxDepth, problemFor(err).Detail)
	}
	if _, err := parseJSON(deep(maxDepth + 2)); err == nil {
		t.Errorf("%d levels are accepted", maxDepth+1)
	}
	if _, err := parseJSON([]byte(strings.Repeat(`{"a":`, 100_000))); err == nil {
		t.Error("a hundred thousand levels are accepted")
	}
}
