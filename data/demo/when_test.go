package demo_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
)

// Whatever day it is loaded on, the directory is alive: everything that meets
// has a next time, and as much of it is fresh or stale as on any other day.
func TestTheDirectoryStaysAlive(t *testing.T) {
	freshness := func(on hereabouts.Date) map[hereabouts.FreshnessState]int {
		n := map[hereabouts.FreshnessState]int{}
		for _, l := range listings(t, on) {
			n[l.FreshnessAt(on).State]++
		}
		return n
	}
	first := freshness(today)
	for _, on := range []hereabouts.Date{today, "2027-04-01", "2028-02-29", "2030-08-15"} {
		if diff := cmp.Diff(first, freshness(on)); diff != "" {
			t.Errorf("on %s (-%s, +%s):\n%s", on, today, on, diff)
		}
		midnight, _ := on.Time()
		for _, l := range listings(t, on) {
			if l.Availability.AsOf > on || l.ConfirmedAt > on {
				t.Errorf("on %s, %s was confirmed in the future", on, l.Source.ID)
			}
			if l.Availability.Until != "" && l.Availability.Until <= on {
				t.Errorf("on %s, %s: its state has already ended", on, l.Source.ID)
			}
			for _, s := range l.Sessions {
				sc, err := s.Schedule()
				if err != nil {
					t.Errorf("%s: %v", l.Source.ID, err)
					continue
				}
				next, ok := sc.Next(midnight)
				if !ok || next.Start.After(midnight.AddDate(0, 3, 0)) {
					t.Errorf("on %s, %s: session %s next happens %v (%v)", on, l.Source.ID, s.ID, next.Start, ok)
				}
				if h := next.Start.In(hereabouts.London); ok && hereabouts.ClockAt(h.Hour()*60+h.Minute()) != s.Start {
					t.Errorf("%s: starts at %v by London's clocks, not %s", l.Source.ID, h, s.Start)
				}
			}
		}
	}
}

// A fortnightly group meets in the same week whichever day the demonstration
// is loaded on.
func TestFortnightsDoNotDrift(t *testing.T) {
	at := func(on hereabouts.Date) map[string]bool {
		from, _ := hereabouts.Date("2026-12-01").Time()
		days := map[string]bool{}
		for _, l := range listings(t, on) {
			for _, s := range l.Sessions {
				if !strings.Contains(s.RRule, "INTERVAL=2") {
					continue
				}
				sc, err := s.Schedule()
				if err != nil {
					t.Fatal(err)
				}
				next, _ := sc.Next(from)
				days[l.Source.ID+" "+string(hereabouts.DateOf(next.Start))] = true
			}
		}
		return days
	}
	monday := at("2026-11-23")
	if len(monday) < 8 {
		t.Fatalf("only %d fortnightly sessions", len(monday))
	}
	for _, on := range []hereabouts.Date{"2026-11-24", "2026-11-29", "2026-11-30"} {
		if diff := cmp.Diff(monday, at(on)); diff != "" {
			t.Errorf("loaded on %s:\n%s", on, diff)
		}
	}
}

// Groups that keep school terms do not meet in August.
func TestTermTimeKeepsTheHolidays(t *testing.T) {
	from, _ := hereabouts.Date("2027-08-02").Time()
	to := from.AddDate(0, 0, 28)
	kept := 0
	for _, l := range listings(t, today) {
		for _, s := range l.Sessions {
			if len(s.Except) < 8 || s.Until != "" {
				continue
			}
			kept++
			sc, err := s.Schedule()
			if err != nil {
				t.Fatal(err)
			}
			for o := range sc.Occurrences(from, to) {
				t.Errorf("%s meets on %v", l.Source.ID, o.Start)
			}
		}
	}
	if kept < 15 {
		t.Errorf("only %d sessions keep the terms", kept)
	}
}
