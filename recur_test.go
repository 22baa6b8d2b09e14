package hereabouts

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"
)

// An independent implementation of RFC 5545 must agree, date for date, on
// every rule that both read the same way.
func TestScheduleAgreesWithRRuleGo(t *testing.T) {
	const rulesInEach = 10 // a thousand rules with rapid's hundred checks
	rapid.Check(t, func(t *rapid.T) {
		for range rulesInEach {
			checkAgainstOracle(t)
		}
	})
}

func checkAgainstOracle(t *rapid.T) {
	from := drawDate(t, "from", 1995, 2035)
	text := drawRule(t, from)
	s := Session{RRule: text, From: from}
	sc, err := s.Schedule()
	if err != nil {
		t.Fatalf("%s from %s: %v", text, from, err)
	}
	window := from.AddDays(rapid.IntRange(-400, 4000).Draw(t, "window"))
	days := rapid.IntRange(1, 800).Draw(t, "days")
	want := oracle(t, text, from, window, days)
	if diff := cmp.Diff(want, datesOf(sc, window, days)); diff != "" {
		t.Fatalf("%s from %s, in %d days from %s (-rrule-go +ours):\n%s", text, from, days, window, diff)
	}
	for i := range min(days, 40) {
		if d := window.AddDays(i); sc.On(d) != slices.Contains(want, d) {
			t.Fatalf("%s from %s: On(%s) is %v", text, from, d, sc.On(d))
		}
	}
	for _, d := range want {
		if wd, _ := d.Weekday(); sc.Weekdays()>>wd&1 == 0 {
			t.Fatalf("%s from %s happens on %s, a %s, which Weekdays %07b leaves out", text, from, d, wd, sc.Weekdays())
		}
	}
	if len(want) == 0 {
		return
	}
	if first := sc.First(); first == "" || first > want[0] {
		t.Fatalf("%s from %s: First is %q and it happens on %s", text, from, first, want[0])
	}
	midnight, _ := window.Time()
	if o, ok := sc.Next(midnight.Add(-time.Second)); !ok || DateOf(o.Start) != want[0] {
		t.Fatalf("%s from %s: Next after the eve of %s is %v, %v; want %s", text, from, window, o.Start, ok, want[0])
	}
}

func oracle(t *rapid.T, text string, from, window Date, days int) []Date {
	opt, err := rrule.StrToROption(text)
	if err != nil {
		t.Fatal(err)
	}
	utc := func(d Date) time.Time {
		at, err := time.Parse(time.DateOnly, string(d))
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	opt.Dtstart = utc(from)
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		t.Fatal(err)
	}
	dates := []Date{}
	for _, at := range r.Between(utc(window), utc(window.AddDays(days-1)), true) {
		dates = append(dates, Date(at.Format(time.DateOnly)))
	}
	return slices.Compact(dates)
}

func datesOf(sc *Schedule, from Date, days int) []Date {
	dates := []Date{}
	for w, word := range sc.Dates(from, days) {
		for i := range 64 {
			if word>>i&1 != 0 {
				dates = append(dates, from.AddDays(w*64+i))
			}
		}
	}
	return dates
}

func drawDate(t *rapid.T, label string, from, to int) Date {
	first := dayOf(from, time.January, 1)
	return dateOf(first + rapid.Int32Range(0, dayOf(to, time.December, 31)-first).Draw(t, label))
}

// drawRule makes a rule that rrule-go reads as the RFC does. It is left
// alone where it does not: numbered and plain days in one BYDAY, weeks picked
// from by BYSETPOS when the first is not whole, weeks counted from the end of
// the year.
func drawRule(t *rapid.T, from Date) string {
	freq := rapid.SampledFrom([]string{"DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY"}).Draw(t, "freq")
	parts := []string{"FREQ=" + freq}
	maybe := func(label string) bool { return rapid.IntRange(0, 2).Draw(t, label) == 0 }
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	ints := func(label string, least, most int, back bool) string {
		g := rapid.IntRange(least, most)
		if back {
			g = rapid.OneOf(g, rapid.IntRange(-most, -least))
		}
		var items []string
		for _, n := range rapid.SliceOfN(g, 1, 4).Draw(t, label) {
			items = append(items, fmt.Sprint(n))
		}
		return strings.Join(items, ",")
	}

	if maybe("has interval") {
		add("INTERVAL=%d", rapid.IntRange(1, 6).Draw(t, "interval"))
	}
	picks, weeks := false, false
	start := time.Monday
	if maybe("has wkst") {
		start = time.Weekday(rapid.IntRange(0, 6).Draw(t, "wkst"))
		add("WKST=%s", weekdayCodes[start])
	}
	months := maybe("has months")
	if months {
		add("BYMONTH=%s", ints("months", 1, 12, false))
	}
	if freq == "YEARLY" && maybe("has weeks") {
		weeks, picks = true, true
		add("BYWEEKNO=%s", ints("weeks", 1, 53, false))
	}
	if freq == "YEARLY" && maybe("has year days") {
		picks = true
		add("BYYEARDAY=%s", ints("year days", 1, 366, true))
	}
	if freq != "WEEKLY" && maybe("has month days") {
		picks = true
		add("BYMONTHDAY=%s", ints("month days", 1, 31, true))
	}
	if freq == "WEEKLY" || maybe("has days") {
		numbered := !weeks && (freq == "MONTHLY" || freq == "YEARLY") && rapid.Bool().Draw(t, "numbered")
		nth := []int{1, 2, 3, 4, 5, -1, -2, -5}
		if freq == "YEARLY" && !months {
			nth = append(nth, 20, 52, -30)
		}
		var items []string
		for _, w := range rapid.SliceOfNDistinct(rapid.SampledFrom(weekdayCodes[:]), 1, 4, rapid.ID).Draw(t, "days of the week") {
			n := ""
			if numbered {
				n = fmt.Sprint(rapid.SampledFrom(nth).Draw(t, "nth"))
			}
			items = append(items, n+w)
		}
		if freq != "WEEKLY" || rapid.IntRange(0, 5).Draw(t, "names days") > 0 {
			picks = true
			add("BYDAY=%s", strings.Join(items, ","))
		}
	}
	weekday, _ := from.Weekday()
	if picks && freq != "DAILY" && (freq != "WEEKLY" || weekday == start) && maybe("has positions") {
		add("BYSETPOS=%s", ints("positions", 1, 5, true))
	}
	switch rapid.IntRange(0, 4).Draw(t, "ends") {
	case 0:
		add("COUNT=%d", rapid.IntRange(1, 60).Draw(t, "count"))
	case 1:
		until := from.AddDays(rapid.IntRange(-10, 4000).Draw(t, "rule until"))
		add("UNTIL=%s", strings.ReplaceAll(string(until), "-", ""))
	}
	return strings.Join(parts, ";")
}

// Where rrule-go and the RFC part ways we follow the RFC.
func TestRulesReadAsTheRFCHasThem(t *testing.T) {
	tests := []struct {
		name, rule string
		from       Date
		window     Date
		days       int
		want       []Date
	}{
		{"plain and numbered days add up", "FREQ=MONTHLY;BYDAY=SA,1TU", "2026-11-01", "2026-11-01", 30,
			[]Date{"2026-11-03", "2026-11-07", "2026-11-14", "2026-11-21", "2026-11-28"}},
		{"a position counts in the whole first week", "FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=2", "2026-11-04", "2026-11-01", 21,
			[]Date{"2026-11-06", "2026-11-13", "2026-11-20"}},
		{"the last week of the year", "FREQ=YEARLY;BYWEEKNO=-1;BYDAY=TU", "2026-01-01", "2026-12-01", 40,
			[]Date{"2026-12-29"}},
		{"the second to last week", "FREQ=YEARLY;BYWEEKNO=-2;BYDAY=TU", "2026-01-01", "2026-12-01", 40,
			[]Date{"2026-12-22"}},
		{"the 31st of short months does not happen", "FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31", "2026-01-01", 151,
			[]Date{"2026-01-31", "2026-03-31", "2026-05-31"}},
		{"leap days only", "FREQ=YEARLY", "2024-02-29", "2024-01-01", 3000, []Date{"2024-02-29", "2028-02-29", "2032-02-29"}},
		{"the last working day", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-10-01", "2026-10-01", 92,
			[]Date{"2026-10-30", "2026-11-30", "2026-12-31"}},
		{"every other week from a Wednesday, Mondays", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-11-04", "2026-11-01", 35,
			[]Date{"2026-11-16", "2026-11-30"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := Session{RRule: tt.rule, From: tt.from}
			sc, err := s.Schedule()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, datesOf(sc, tt.window, tt.days)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRuleFaults(t *testing.T) {
	tests := []struct {
		rule string
		from Date
		want []string // codes
	}{
		{"FREQ=WEEKLY;BYDAY=TU", "", nil},
		{"FREQ=WEEKLY;COUNT=1000000000", "2026-01-01", []string{CodeOutOfRange}},
		{"FREQ=WEEKLY;COUNT=99999999999999999999", "2026-01-01", []string{CodeOutOfRange}},
		{"FREQ=WEEKLY;INTERVAL=0", "2026-01-01", []string{CodeOutOfRange}},
		{"FREQ=WEEKLY;INTERVAL=-2", "2026-01-01", []string{CodeOutOfRange}},
		{"FREQ=SECONDLY", "2026-01-01", []string{CodeNotSupported}},
		{"FREQ=MINUTELY;BYDAY=XX", "2026-01-01", []string{CodeNotSupported, CodeUnknownValue}},
		{"FREQ=DAILY;BYSECOND=1;BYHOUR=9;BYMINUTE=0", "2026-01-01", []string{CodeNotSupported, CodeNotSupported, CodeNotSupported}},
		{"FREQ=FORTNIGHTLY", "2026-01-01", []string{CodeUnknownValue}},
		{"BYDAY=TU", "2026-01-01", []string{CodeRequired}},
		{"every Tuesday", "2026-01-01", []string{CodeInvalidFormat, CodeRequired}},
		{"FREQ=WEEKLY;FREQ=DAILY", "2026-01-01", []string{CodeDuplicate}},
		{"FREQ=WEEKLY;BYDAY=2TU", "2026-01-01", []string{CodeContradiction}},
		{"FREQ=WEEKLY;BYMONTHDAY=3", "2026-01-01", []string{CodeContradiction}},
		{"FREQ=MONTHLY;BYYEARDAY=3", "2026-01-01", []string{CodeContradiction}},
		{"FREQ=MONTHLY;BYSETPOS=1", "2026-01-01", []string{CodeContradiction}},
		{"FREQ=MONTHLY;BYDAY=54TU", "2026-01-01", []string{CodeOutOfRange}},
		{"FREQ=MONTHLY;BYDAY=20TU", "2026-01-01", []string{CodeOutOfRange}}, // takes other readers of rules down
		{"FREQ=MONTHLY;BYDAY=0TU", "2026-01-01", []string{CodeOutOfRange}},
		{"FREQ=MONTHLY;BYMONTHDAY=32", "2026-01-01", []string{CodeOutOfRange}},
		{"FREQ=MONTHLY;BYMONTHDAY=0", "2026-01-01", []string{CodeOutOfRange}},
		{"FREQ=YEARLY;BYEASTER=0", "2026-01-01", []string{CodeUnknownValue}},
		{"FREQ=WEEKLY;COUNT=3;UNTIL=20270101", "2026-01-01", []string{CodeContradiction}},
		{"FREQ=WEEKLY;UNTIL=soon", "2026-01-01", []string{CodeInvalidFormat}},
		{"FREQ=WEEKLY;UNTIL=20260230", "2026-01-01", []string{CodeInvalidFormat}},
		{"FREQ=WEEKLY", "", []string{CodeRequired}},
		{"FREQ=MONTHLY", "", []string{CodeRequired}},
		{"FREQ=WEEKLY;BYDAY=TU;COUNT=3", "", []string{CodeRequired}},
		{"FREQ=WEEKLY;BYDAY=" + strings.Repeat("TU,", 300) + "TU", "2026-01-01", []string{CodeTooLong}},
		{"", "", []string{CodeRequired}},
	}
	for _, tt := range tests {
		s := Session{RRule: tt.rule, From: tt.from}
		_, err := s.Schedule()
		if diff := cmp.Diff(tt.want, codes(err)); diff != "" {
			t.Errorf("%s from %q: %s\n%v", tt.rule, tt.from, diff, err)
		}
	}
}

func BenchmarkDates(b *testing.B) {
	for _, rule := range []string{
		"FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;INTERVAL=4;BYDAY=TH", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
		"FREQ=MONTHLY;BYDAY=1TU", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO",
	} {
		b.Run(rule, func(b *testing.B) {
			s := Session{RRule: rule, From: "2019-01-21", Start: "10:00", End: "12:00"}
			sc, err := s.Schedule()
			if err != nil {
				b.Fatal(err)
			}
			set := make([]uint64, 6)
			b.Run("dates", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					sc.AddDates(set, "2026-11-21", 371)
				}
			})
			b.Run("compile", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.Schedule(); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func codes(err error) (codes []string) {
	ps, _ := err.(Problems)
	for _, p := range ps {
		codes = append(codes, p.Code)
	}
	return codes
}
