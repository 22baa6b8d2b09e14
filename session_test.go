package hereabouts

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v.In(London)
}

func schedule(t testing.TB, s Session) *Schedule {
	t.Helper()
	sc, err := s.Schedule()
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// shown is occurrences as a poster and a stopwatch would have them.
func shown(all []Occurrence) []string {
	var lines []string
	for _, o := range all {
		lines = append(lines, o.Start.Format("Mon 2 Jan 15:04 MST")+" – "+o.End.Format("Mon 15:04 MST")+", "+o.End.Sub(o.Start).String())
	}
	return lines
}

// Britain's clocks went forward at 01:00 on 29 March 2026 and back at 02:00
// on 25 October.
func TestSessionsKeepTheirClockTimesThroughTheYear(t *testing.T) {
	tests := []struct {
		name       string
		session    Session
		from, days string
		want       []string
	}{
		{"ten o'clock stays ten o'clock", Session{RRule: "FREQ=WEEKLY;BYDAY=SU", Start: "10:00", End: "12:00", From: "2026-01-01"},
			"2026-03-22T00:00:00Z", "336h", []string{
				"Sun 22 Mar 10:00 GMT – Sun 12:00 GMT, 2h0m0s",
				"Sun 29 Mar 10:00 BST – Sun 12:00 BST, 2h0m0s"}},
		{"across the hour that is skipped", Session{RRule: "FREQ=DAILY", Start: "00:30", End: "02:30", From: "2026-01-01"},
			"2026-03-28T12:00:00Z", "24h", []string{
				"Sun 29 Mar 00:30 GMT – Sun 02:30 BST, 1h0m0s"}},
		{"within the hour that is skipped", Session{RRule: "FREQ=DAILY", Start: "01:30", End: "03:30", From: "2026-01-01"},
			"2026-03-28T12:00:00Z", "24h", []string{
				"Sun 29 Mar 02:30 BST – Sun 03:30 BST, 1h0m0s"}},
		{"ending as it would be skipped to", Session{RRule: "FREQ=DAILY", Start: "01:30", End: "02:00", From: "2026-01-01"},
			"2026-03-28T12:00:00Z", "24h", []string{
				"Sun 29 Mar 02:30 BST – Sun 03:00 BST, 30m0s"}},
		{"a night shelter in spring", Session{RRule: "FREQ=DAILY", Start: "20:00", End: "08:00", From: "2026-01-01"},
			"2026-03-28T12:00:00Z", "12h", []string{
				"Sat 28 Mar 20:00 GMT – Sun 08:00 BST, 11h0m0s"}},
		{"across the hour that comes twice", Session{RRule: "FREQ=DAILY", Start: "00:30", End: "02:30", From: "2026-01-01"},
			"2026-10-24T12:00:00Z", "24h", []string{
				"Sun 25 Oct 00:30 BST – Sun 02:30 GMT, 3h0m0s"}},
		{"from within the hour that comes twice", Session{RRule: "FREQ=DAILY", Start: "01:30", End: "02:30", From: "2026-01-01"},
			"2026-10-24T12:00:00Z", "24h", []string{
				"Sun 25 Oct 01:30 BST – Sun 02:30 GMT, 2h0m0s"}},
		{"to within the hour that comes twice", Session{RRule: "FREQ=DAILY", Start: "00:30", End: "01:30", From: "2026-01-01"},
			"2026-10-24T12:00:00Z", "24h", []string{
				"Sun 25 Oct 00:30 BST – Sun 01:30 BST, 1h0m0s"}},
		{"all day, as far as anybody has said", Session{RRule: "FREQ=WEEKLY;BYDAY=SU", From: "2026-01-01"},
			"2026-10-24T12:00:00Z", "24h", []string{
				"Sun 25 Oct 00:00 BST – Mon 00:00 GMT, 25h0m0s"}},
		{"until midnight", Session{RRule: "FREQ=WEEKLY;BYDAY=SA", Start: "18:00", End: "24:00", From: "2026-01-01"},
			"2026-06-06T00:00:00Z", "48h", []string{
				"Sat 6 Jun 18:00 BST – Sun 00:00 BST, 6h0m0s"}},
		{"round the clock", Session{RRule: "FREQ=DAILY", Start: "09:00", End: "09:00", From: "2026-06-06", Until: "2026-06-06"},
			"2026-06-01T00:00:00Z", "336h", []string{
				"Sat 6 Jun 09:00 BST – Sun 09:00 BST, 24h0m0s"}},
		{"no end given", Session{Start: "14:00", From: "2026-06-06"},
			"2026-06-06T13:00:00Z", "24h", []string{
				"Sat 6 Jun 14:00 BST – Sat 14:00 BST, 0s"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			long, err := time.ParseDuration(tt.days)
			if err != nil {
				t.Fatal(err)
			}
			from := at(t, tt.from)
			got := shown(slices.Collect(schedule(t, tt.session).Occurrences(from, from.Add(long))))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNextStartsLater(t *testing.T) {
	tue := Session{RRule: "FREQ=WEEKLY;BYDAY=TU", Start: "10:00", End: "12:00", From: "2026-11-03", Until: "2026-12-15", Except: []Date{"2026-11-24"}}
	tests := []struct {
		name    string
		session Session
		after   string
		want    string // empty: never again
	}{
		{"before it ever began", tue, "2020-01-01T00:00:00Z", "2026-11-03T10:00:00Z"},
		{"the same morning", tue, "2026-11-10T09:59:59Z", "2026-11-10T10:00:00Z"},
		{"one that has started is not next", tue, "2026-11-10T10:00:00Z", "2026-11-17T10:00:00Z"},
		{"an exception is passed over", tue, "2026-11-17T10:00:00Z", "2026-12-01T10:00:00Z"},
		{"the last date counts", tue, "2026-12-14T10:00:00Z", "2026-12-15T10:00:00Z"},
		{"over", tue, "2026-12-15T10:00:00Z", ""},
		{"once", Session{From: "2026-11-21", Start: "10:00"}, "2026-11-21T00:00:00Z", "2026-11-21T10:00:00Z"},
		{"once, and past", Session{From: "2026-11-21", Start: "10:00"}, "2026-11-22T00:00:00Z", ""},
		{"once, and called off", Session{From: "2026-11-21", Except: []Date{"2026-11-21"}}, "2026-11-01T00:00:00Z", ""},
		{"half past midnight in summer is the evening before in Greenwich", Session{RRule: "FREQ=WEEKLY;BYDAY=WE", Start: "00:30", End: "01:00", From: "2026-01-01"},
			"2026-07-07T23:00:00Z", "2026-07-07T23:30:00Z"},
		{"a rule's own last date, with a time it ends before", Session{RRule: "FREQ=DAILY;UNTIL=20261123T090000Z", Start: "10:00", From: "2026-11-01"},
			"2026-11-22T10:00:00Z", ""},
		{"a rule's own last date, with a time it begins before", Session{RRule: "FREQ=DAILY;UNTIL=20261123T100000Z", Start: "10:00", From: "2026-11-01"},
			"2026-11-22T10:00:00Z", "2026-11-23T10:00:00Z"},
		{"a count reaches its end", Session{RRule: "FREQ=WEEKLY;COUNT=3", Start: "10:00", From: "2026-11-03"}, "2026-11-17T10:00:00Z", ""},
		{"exceptions are counted", Session{RRule: "FREQ=WEEKLY;COUNT=3", Start: "10:00", From: "2026-11-03", Except: []Date{"2026-11-10"}},
			"2026-11-03T10:00:00Z", "2026-11-17T10:00:00Z"},
		{"fortnights without a first date count from a fixed Monday", Session{RRule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", Start: "10:00"},
			"2001-01-01T10:00:00Z", "2001-01-15T10:00:00Z"},
		{"the end of time", Session{RRule: "FREQ=DAILY", From: "2026-01-01"}, "2199-12-31T12:00:00Z", ""},
		{"beyond it", Session{RRule: "FREQ=DAILY", From: "2026-01-01"}, "9999-12-31T12:00:00Z", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if o, ok := schedule(t, tt.session).Next(at(t, tt.after)); ok {
				got = o.Start.UTC().Format(time.RFC3339)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOccurrencesIncludeTheOneInProgress(t *testing.T) {
	shelter := schedule(t, Session{RRule: "FREQ=DAILY", Start: "20:00", End: "08:00", From: "2026-11-01"})
	from := at(t, "2026-11-21T07:00:00Z")
	got := shown(slices.Collect(shelter.Occurrences(from, from.Add(24*time.Hour))))
	want := []string{"Fri 20 Nov 20:00 GMT – Sat 08:00 GMT, 12h0m0s", "Sat 21 Nov 20:00 GMT – Sun 08:00 GMT, 12h0m0s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := slices.Collect(shelter.Occurrences(from, from)); len(got) != 0 {
		t.Errorf("nothing happens in no time, got %v", shown(got))
	}
	for o := range shelter.Occurrences(from, from.Add(1e6*time.Hour)) {
		if o.Start.After(from.Add(50 * time.Hour)) {
			break // whoever asks may stop
		}
	}
}

func TestScheduleSaysWhatItIs(t *testing.T) {
	tests := []struct {
		session     Session
		weekdays    []time.Weekday
		first, last Date
		timed       bool
	}{
		{Session{RRule: "FREQ=WEEKLY;BYDAY=TU,TH", From: "2026-01-01", Start: "10:00"}, []time.Weekday{2, 4}, "2026-01-01", "", true},
		{Session{RRule: "FREQ=WEEKLY", From: "2026-01-04"}, []time.Weekday{0}, "2026-01-04", "", false},
		{Session{RRule: "FREQ=DAILY;INTERVAL=14", From: "2026-01-05"}, []time.Weekday{1}, "2026-01-05", "", false},
		{Session{RRule: "FREQ=DAILY", From: "2026-01-05", Until: "2026-01-06"}, []time.Weekday{1, 2}, "2026-01-05", "2026-01-06", false},
		{Session{RRule: "FREQ=MONTHLY;BYDAY=1TU,-1FR", From: "2026-01-01"}, []time.Weekday{2, 5}, "2026-01-06", "", false},
		{Session{RRule: "FREQ=MONTHLY;BYMONTHDAY=1", From: "2026-01-01"}, []time.Weekday{0, 1, 2, 3, 4, 5, 6}, "2026-01-01", "", false},
		{Session{RRule: "FREQ=DAILY;COUNT=3", From: "2026-01-02", Except: []Date{"2026-01-02"}}, []time.Weekday{6, 0}, "2026-01-03", "2026-01-04", false},
		{Session{From: "2026-11-21"}, []time.Weekday{6}, "2026-11-21", "2026-11-21", false},
		{Session{RRule: "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2", From: "2026-01-01"}, nil, "", "", false},
	}
	for _, tt := range tests {
		sc := schedule(t, tt.session)
		var mask uint8
		for _, w := range tt.weekdays {
			mask |= 1 << w
		}
		if sc.Weekdays() != mask || sc.First() != tt.first || sc.Last() != tt.last || sc.Timed() != tt.timed {
			t.Errorf("%+v: weekdays %07b, first %q, last %q, timed %v; want %07b, %q, %q, %v",
				tt.session, sc.Weekdays(), sc.First(), sc.Last(), sc.Timed(), mask, tt.first, tt.last, tt.timed)
		}
	}
}

func TestMinutesOfTheDay(t *testing.T) {
	for _, tt := range []struct {
		start, end Clock
		want       [2]int
	}{
		{"10:00", "12:00", [2]int{600, 720}}, {"22:00", "02:00", [2]int{1320, 1560}}, {"10:00", "10:00", [2]int{600, 2040}},
		{"00:00", "24:00", [2]int{0, 1440}}, {"10:00", "", [2]int{600, 600}}, {"", "", [2]int{0, 1440}},
	} {
		start, end := schedule(t, Session{From: "2026-11-21", Start: tt.start, End: tt.end}).Minutes()
		if got := [2]int{start, end}; got != tt.want {
			t.Errorf("from %q to %q is %v, want %v", tt.start, tt.end, got, tt.want)
		}
	}
}

func TestDatesOutsideWhatCanBeAsked(t *testing.T) {
	sc := schedule(t, Session{RRule: "FREQ=DAILY", From: "2026-01-01"})
	if got := sc.Dates("2026-02-30", 10); got != nil {
		t.Errorf("an impossible date has dates after it: %v", got)
	}
	if got := sc.Dates("2026-01-01", -1); got != nil {
		t.Errorf("fewer than no days hold dates: %v", got)
	}
	if got := sc.Dates("9999-12-25", 30); !slices.Equal(got, []uint64{0}) {
		t.Errorf("the year 9999 is beyond every schedule, got %v", got)
	}
	if got := sc.Dates("1900-01-01", 65); !slices.Equal(got, []uint64{0, 0}) {
		t.Errorf("the year 1900 is before it, got %v", got)
	}
	if got := sc.Dates("2025-12-31", 2); !slices.Equal(got, []uint64{2}) {
		t.Errorf("only the second of two days, got %v", got)
	}
	if sc.On("") || sc.On("soon") {
		t.Error("it happens on a date that is none")
	}
}

// A clock on the wall in London shows the time that was asked for, at the
// first moment it does, unless that day skips it.
func TestWall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int32Range(firstDay+20000, lastDay-1000).Draw(t, "day") // from 1954, when summer time was one hour
		minutes := rapid.IntRange(0, 2880).Draw(t, "minutes")
		got := wall(n, minutes)
		year, month, dom := civil(n)
		want := time.Date(year, month, dom, 0, minutes, 0, 0, time.UTC).Format(time.DateTime)
		if got.Format(time.DateTime) != want {
			before := got.Add(-time.Hour)
			if _, offset := before.Zone(); got.Add(-time.Hour).Format(time.DateTime) == want || offset != 0 {
				t.Fatalf("%s is shown as %s, and no clock change explains it", want, got)
			}
		}
		if earlier := got.Add(-time.Hour); earlier.Format(time.DateTime) == want {
			t.Fatalf("%s came first at %s, not at %s", want, earlier, got)
		}
	})
}

func TestDateArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDate(t, "date", 1900, 2199)
		n := rapid.IntRange(-100_000, 100_000).Draw(t, "days")
		noon, ok := d.Time()
		if !ok {
			t.Fatalf("%s is not a date", d)
		}
		noon = noon.Add(12 * time.Hour)
		later := d.AddDays(n)
		if want := noon.AddDate(0, 0, n); later != Date(want.Format(time.DateOnly)) {
			t.Fatalf("%s and %d days is %s, want %s", d, n, later, want)
		}
		if back, ok := later.DaysSince(d); !ok || back != n {
			t.Fatalf("from %s to %s is %d days, want %d", d, later, back, n)
		}
		if w, _ := d.Weekday(); w != noon.Weekday() {
			t.Fatalf("%s is a %s, want %s", d, w, noon.Weekday())
		}
	})
	if dateOf(firstDay) != "1900-01-01" || dateOf(lastDay) != "2199-12-31" {
		t.Errorf("the directory reckons from %s to %s", dateOf(firstDay), dateOf(lastDay))
	}
	for _, bad := range []Date{"", "2026-2-3", "2026-02-30", "2026-13-01", "2026-00-10", "2026-01-00", "20260101", "2026-01-01T00:00:00Z", "２026-01-1", "+026-01-01"} {
		if _, ok := bad.Time(); ok {
			t.Errorf("%q is a date to time.Parse", bad)
		}
		if _, ok := bad.Weekday(); ok {
			t.Errorf("%q has a weekday", bad)
		}
		if got := bad.AddDays(1); got != "" {
			t.Errorf("the day after %q is %q", bad, got)
		}
		if _, ok := Date("2026-01-01").DaysSince(bad); ok {
			t.Errorf("days since %q can be counted", bad)
		}
	}
	if got := Date("9999-12-31").AddDays(1); got != "" {
		t.Errorf("the year 10000 is written %q", got)
	}
	if got := Date("0000-01-01").AddDays(-1); got != "" {
		t.Errorf("before the year 0 is written %q", got)
	}
	if got := Date("2026-01-01").AddDays(1 << 62); got != "" {
		t.Errorf("the far future is written %q", got)
	}
}
