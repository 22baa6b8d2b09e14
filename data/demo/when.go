package demo

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hereabouts"
)

// A session is a meeting as its author writes it.
type session struct {
	At     string // key of the venue; the listing's first when left out and it has one
	On     string // "TU", "MO WE", or monthly "1TU 3TU", "-1FR"
	Every  int    // weeks or months between, 1 when left out
	Once   string // instead of On: "+10d SA" is the first Saturday from ten days on
	Time   string // "10:00-12:00"
	From   string
	Until  string
	Except []string // "12-25" is the next one; or an offset
	Terms  bool     // not in the school holidays
	Open   bool     // opening hours: come and go
	Note   string
}

// startOf is midnight in London on that day.
func startOf(today hereabouts.Date) (time.Time, error) {
	t, ok := today.Time()
	if !ok {
		return t, fmt.Errorf("demo: %q is not a date; give today as 2026-11-01", string(today))
	}
	return t, nil
}

var offset = regexp.MustCompile(`^([+-]\d{1,4})d(?: (MO|TU|WE|TH|FR|SA|SU))?$`)

var weekdays = map[string]time.Weekday{"SU": time.Sunday, "MO": time.Monday, "TU": time.Tuesday,
	"WE": time.Wednesday, "TH": time.Thursday, "FR": time.Friday, "SA": time.Saturday}

// dateAt reads an offset from today: "-21d", or "+10d SA" for the first
// Saturday on or after the tenth day from now.
func dateAt(s string, today time.Time) (hereabouts.Date, error) {
	m := offset.FindStringSubmatch(s)
	if m == nil {
		return "", fmt.Errorf(`%q is not an offset like "-21d" or "+10d SA"`, s)
	}
	days, err := strconv.Atoi(m[1])
	if err != nil {
		return "", err
	}
	d := today.AddDate(0, 0, days)
	if m[2] != "" {
		d = d.AddDate(0, 0, (int(weekdays[m[2]]-d.Weekday())+7)%7)
	}
	return hereabouts.DateOf(d), nil
}

func (e *entry) sessions(today time.Time) ([]hereabouts.Session, error) {
	var all []hereabouts.Session
	for i, s := range e.When {
		h, err := s.session(today)
		if err != nil {
			return nil, fmt.Errorf("when: session %d: %w", i+1, err)
		}
		h.ID = strconv.Itoa(i + 1)
		h.PlaceID = s.At
		if s.At == "" && len(e.At) > 0 {
			h.PlaceID = e.At[0]
		}
		all = append(all, h)
	}
	return all, nil
}

func (s *session) session(today time.Time) (h hereabouts.Session, err error) {
	start, end, ok := strings.Cut(s.Time, "-")
	h = hereabouts.Session{Start: hereabouts.Clock(start), End: hereabouts.Clock(end), Attend: hereabouts.Whole, Note: s.Note}
	if _, known := h.Start.Minutes(); !known || !ok {
		return h, fmt.Errorf("time: %q is not like 10:00-12:00", s.Time)
	}
	if _, known := h.End.Minutes(); !known {
		return h, fmt.Errorf("time: %q is not like 10:00-12:00", s.Time)
	}
	if s.Open {
		h.Attend = hereabouts.AnyTime
	}
	if s.Once != "" {
		h.From, err = dateAt(s.Once, today)
		h.Until = h.From
		return h, err
	}
	if h.RRule, err = rule(s.On, s.Every); err != nil {
		return h, err
	}
	// A rule that counts weeks needs a week to count from, and one that stays
	// put from day to day: otherwise "fortnightly" would be this week today and
	// next week tomorrow.
	h.From = "2025-01-06"
	if s.From != "" {
		if h.From, err = dateAt(s.From, today); err != nil {
			return h, fmt.Errorf("from: %w", err)
		}
	}
	if s.Until != "" {
		if h.Until, err = dateAt(s.Until, today); err != nil {
			return h, fmt.Errorf("until: %w", err)
		}
	}
	for _, x := range s.Except {
		d, err := dayOff(x, today)
		if err != nil {
			return h, fmt.Errorf("except: %w", err)
		}
		h.Except = append(h.Except, d)
	}
	if s.Terms {
		h.Except = append(h.Except, schoolHolidays(today, s.On)...)
	}
	slices.Sort(h.Except)
	h.Except = slices.DeleteFunc(slices.Compact(h.Except), func(d hereabouts.Date) bool {
		return d < h.From || h.Until != "" && d > h.Until
	})
	return h, nil
}

var byDay = regexp.MustCompile(`^(-1|[1-5])?(MO|TU|WE|TH|FR|SA|SU)$`)

// rule writes "MO WE" as a weekly and "1TU 3TU" as a monthly RFC 5545 rule.
func rule(on string, every int) (string, error) {
	days := strings.Fields(on)
	freq := "WEEKLY"
	for i, d := range days {
		m := byDay.FindStringSubmatch(d)
		if m == nil {
			return "", fmt.Errorf(`on: %q is not a day like "TU", "1TU" or "-1FR"`, d)
		}
		monthly := m[1] != ""
		if i > 0 && monthly != (freq == "MONTHLY") {
			return "", fmt.Errorf("on: %q mixes weekly and monthly days; make it two sessions", on)
		}
		if monthly {
			freq = "MONTHLY"
		}
	}
	if len(days) == 0 {
		return "", fmt.Errorf("on: say which days, or once")
	}
	r := "FREQ=" + freq
	if every > 1 {
		r += ";INTERVAL=" + strconv.Itoa(every)
	}
	return r + ";BYDAY=" + strings.Join(days, ","), nil
}

// dayOff reads an offset, or "12-25" as the next twenty-fifth of December.
func dayOff(s string, today time.Time) (hereabouts.Date, error) {
	if d, err := time.Parse("01-02", s); err == nil {
		at := time.Date(today.Year(), d.Month(), d.Day(), 0, 0, 0, 0, hereabouts.London)
		if at.Before(today) {
			at = at.AddDate(1, 0, 0)
		}
		return hereabouts.DateOf(at), nil
	}
	return dateAt(s, today)
}
