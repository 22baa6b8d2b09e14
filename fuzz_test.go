package hereabouts

import (
	"encoding/json"
	"os"
	"testing"
	"time"
)

// Whatever arrives as a listing is put into form and judged; what is good can
// be stored, hidden and read back.
func FuzzListing(f *testing.F) {
	for _, file := range []string{"testdata/listing.json", "testdata/empty.json"} {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, s := range []string{
		`{}`, `{"kind":"group","name":"x","places":[{"lat":1e308,"lon":-0,"geometry":{"type":"Polygon","coordinates":[[[0,51]]]}}]}`,
		`{"kind":"group","name":"x","places":[{"geometry":{"type":"GeometryCollection","geometries":[null,{"type":"Point","coordinates":[]}]}}]}`,
		`{"kind":"group","name":"x","sessions":[{"rrule":"FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO","from":"2026-01-01","start":"23:59","end":"00:00"}]}`,
		`{"kind":"group","name":"x","hidden_location":true,"eligibility":{"catchment":{"areas":["E08000009"]}},"places":[{"address":"1 \\E(?i) Road","postcode":"SO14 7DU"}],"summary":"1 \\e(?i) road"}`,
		`{"translations":{"":{"name":"x"},"cy":{"name":"y"},"CY":{"name":"z"}},"languages":["x-a","i-klingon","en-GB-u-ca-gregory"]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var l Listing
		if CheckOutlines(b) != nil || json.Unmarshal(b, &l) != nil {
			return
		}
		_ = l.Validate(someNeeds)
		_ = l.Public()
		l.Normalise()
		once, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		var again Listing
		if err := json.Unmarshal(once, &again); err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, once)
		}
		if !l.SameAs(&again) {
			t.Fatalf("read back it says something else:\n%s\n%s", once, mustJSON(t, again))
		}
		again.Normalise()
		if twice := mustJSON(t, again); twice != string(once) {
			t.Fatalf("normalised again it is different:\n%s\n%s", once, twice)
		}
		if l.Validate(someNeeds) == nil {
			if len(once) > MaxRecordBytes {
				t.Fatalf("%d bytes were passed", len(once))
			}
			for i := range l.Sessions {
				if _, err := l.Sessions[i].Schedule(); err != nil {
					t.Fatalf("a good listing has a session without a schedule: %v", err)
				}
			}
			view := l.Public()
			if err := view.Validate(someNeeds); err != nil && !l.HiddenLocation {
				t.Fatalf("what is good to store is not good to show: %v", err)
			}
		}
		var o Organisation
		if json.Unmarshal(b, &o) == nil {
			o.Normalise()
			_ = o.Validate()
		}
	})
}

// A rule that is accepted is answered quickly and always alike, whichever way
// it is asked.
func FuzzSchedule(f *testing.F) {
	for _, rule := range []string{
		"FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;INTERVAL=1000;COUNT=10000;WKST=SU", "FREQ=MONTHLY;BYDAY=1TU,-1FR;BYSETPOS=-1,1", "FREQ=DAILY;BYMONTHDAY=31;BYMONTH=2",
		"FREQ=YEARLY;BYWEEKNO=53,-1;BYDAY=MO", "FREQ=YEARLY;BYYEARDAY=366", "FREQ=YEARLY;BYDAY=53MO", "RRULE:FREQ=DAILY;UNTIL=20261231T235959Z", "FREQ=SECONDLY", "", "FREQ=;;=",
	} {
		f.Add(rule, "2026-01-06", "", "10:00", "12:00")
		f.Add(rule, "", "2030-01-01", "23:00", "01:30")
	}
	f.Fuzz(func(t *testing.T, rule, from, until, start, end string) {
		s := Session{RRule: rule, From: Date(from), Until: Date(until), Start: Clock(start), End: Clock(end)}
		sc, err := s.Schedule()
		if err != nil {
			return
		}
		const asked, days = Date("2026-10-20"), 130
		set := sc.Dates(asked, days)
		on := 0
		for i := range days {
			d := asked.AddDays(i)
			if in := set[i/64]>>(i%64)&1 != 0; in != sc.On(d) {
				t.Fatalf("%+v on %s: %v by Dates, %v by On", s, d, in, sc.On(d))
			} else if in {
				on++
			}
		}
		first, _ := asked.Time()
		last, _ := asked.AddDays(days).Time()
		after := first.Add(-time.Nanosecond)
		for range on {
			o, ok := sc.Next(after)
			if !ok || !o.Start.After(after) || o.End.Before(o.Start) || !o.Start.Before(last) {
				t.Fatalf("%+v: after %v comes %v, %v", s, after, o, ok)
			}
			after = o.Start
		}
		if o, ok := sc.Next(after); ok && o.Start.Before(last) {
			t.Fatalf("%+v: Next finds %v beside the %d dates", s, o, on)
		}
		n := 0
		for o := range sc.Occurrences(first, last) {
			if !o.Start.Before(first) {
				n++
			}
		}
		if n != on {
			t.Fatalf("%+v: %d occurrences on %d dates", s, n, on)
		}
	})
}

func FuzzClock(f *testing.F) {
	for _, s := range []string{"09:30", "24:00", "24:01", "9:30", "", "ab:cd", "12:60", "１２:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean := cleanClock(Clock(s))
		if again := cleanClock(clean); again != clean {
			t.Errorf("%q becomes %q and that %q", s, clean, again)
		}
		m, ok := clean.Minutes()
		if ok && (m < 0 || m > 1440 || ClockAt(m) != clean) {
			t.Errorf("%q is minute %d, which is %q", clean, m, ClockAt(m))
		}
		if _, err := json.Marshal(clean); err != nil {
			t.Error(err)
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2026-02-29", "2028-02-29", "0000-01-01", "9999-12-31", "", "2026-1-1", "20260101"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := Date(s)
		_, ok := d.Time()
		n, same := d.day()
		if ok != same {
			t.Fatalf("%q is a date: %v by Time, %v by day", s, ok, same)
		}
		if ok && dateOf(n) != d {
			t.Fatalf("%q is day %d, which is %q", s, n, dateOf(n))
		}
	})
}
