package api

import (
	"math"
	"strconv"
	"strings"
	"time"

	"hereabouts"
)

// maxDateSpan bounds a date filter: longer than a year asks nothing more.
const maxDateSpan = 366 * 24 * time.Hour

// maxWithinM is the longest radius: longer than the country.
const maxWithinM = 2_000_000

// The parts of the day, as the form and the API name them.
var partsOfDay = map[string][2]hereabouts.Clock{
	"morning":   {"06:00", "12:00"},
	"afternoon": {"12:00", "17:00"},
	"evening":   {"17:00", "22:00"},
}

// A misreading says what is wrong with a value: a stable code and advice.
type misreading struct{ code, advice string }

// parseWithin reads "800", "800m", "5km" or "3mi" as metres.
func parseWithin(text string) (metres float64, bad *misreading) {
	number, unit := strings.ToLower(strings.TrimSpace(text)), 1.0
	for _, u := range []struct {
		suffix string
		metres float64
	}{{"km", 1000}, {"miles", 1609.344}, {"mile", 1609.344}, {"mi", 1609.344}, {"metres", 1}, {"m", 1}} {
		if n, ok := strings.CutSuffix(number, u.suffix); ok {
			number, unit = strings.TrimSpace(n), u.metres
			break
		}
	}
	if number == "" || strings.Trim(number, "0123456789.") != "" {
		return 0, &misreading{"not_a_distance", "give a distance such as 800 (metres), 5km or 3mi"}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return 0, &misreading{"not_a_distance", "give a distance such as 800 (metres), 5km or 3mi"}
	}
	metres = n * unit
	if metres < 1 || metres > maxWithinM {
		return 0, &misreading{"out_of_range", "give a distance from 1 metre to 2,000 km"}
	}
	return metres, nil
}

// parseDate reads one date, or two with ".." between them, both inclusive.
func parseDate(text string) (from, to hereabouts.Date, bad *misreading) {
	first, second, isRange := strings.Cut(strings.TrimSpace(text), "..")
	if !isRange {
		second = first
	}
	from, to = hereabouts.Date(strings.TrimSpace(first)), hereabouts.Date(strings.TrimSpace(second))
	a, okA := from.Time()
	b, okB := to.Time()
	switch {
	case !okA || !okB:
		return "", "", &misreading{"not_a_date", "give a date such as 2026-11-24, or a range such as 2026-11-24..2026-11-30"}
	case b.Before(a):
		return "", "", &misreading{"out_of_order", "the range ends before it starts; put the earlier date first"}
	case b.Sub(a) > maxDateSpan:
		return "", "", &misreading{"out_of_range", "give a range of at most a year"}
	}
	return from, to, nil
}

// foresightDays is how far ahead the index always knows sessions.
const foresightDays = 371

// foreseeable is the first day of a range that can be answered for. Sessions
// are known from today to about a year ahead; an answer that was silent about
// the rest would say that nothing happens then.
func foreseeable(from, to, today hereabouts.Date) (hereabouts.Date, *misreading) {
	last := today.AddDays(foresightDays)
	switch {
	case to < today:
		return "", &misreading{"out_of_range", "that day has passed; give today's date or a later one"}
	case to > last:
		return "", &misreading{"out_of_range", "sessions are worked out for a year ahead; give a date up to " + string(last)}
	}
	return max(from, today), nil
}

// parseTime reads "10:00-14:00" or a part of the day.
func parseTime(text string) (from, to hereabouts.Clock, bad *misreading) {
	text = strings.ToLower(strings.TrimSpace(text))
	if part, ok := partsOfDay[text]; ok {
		return part[0], part[1], nil
	}
	const advice = "give a range such as 10:00-14:00, or morning (06:00-12:00), afternoon (12:00-17:00) or evening (17:00-22:00)"
	first, second, ok := strings.Cut(strings.ReplaceAll(text, "–", "-"), "-")
	if !ok {
		return "", "", &misreading{"not_a_time", advice}
	}
	from, to = hereabouts.Clock(strings.TrimSpace(first)), hereabouts.Clock(strings.TrimSpace(second))
	a, okA := from.Minutes()
	b, okB := to.Minutes()
	switch {
	case !okA || !okB:
		return "", "", &misreading{"not_a_time", advice}
	case b <= a:
		return "", "", &misreading{"out_of_order", "the range ends before it starts; put the earlier time first"}
	}
	return from, to, nil
}

// parseDay reads a day of the week, "tue" or "Tuesday".
func parseDay(text string) (time.Weekday, *misreading) {
	text = strings.ToLower(strings.TrimSpace(text))
	for d := time.Sunday; d <= time.Saturday; d++ {
		full := strings.ToLower(d.String())
		if text == full || text == full[:3] {
			return d, nil
		}
	}
	return 0, &misreading{"unknown_value", "give a day of the week: mon, tue, wed, thu, fri, sat or sun"}
}
