package hereabouts

import (
	"slices"
	"strings"
	"time"
)

// cleanRule writes the rule in capitals without its RRULE: prefix. A whole
// iCalendar block, with DTSTART and EXDATE lines, is taken apart into From,
// Start and Except, so long as that says nothing different from what the
// session says already; otherwise it stays as it was typed.
func (s *Session) cleanRule() {
	s.RRule = cleanText(s.RRule)
	if s.RRule == "" || strings.IndexFunc(s.RRule, func(r rune) bool { return r >= 0x80 }) >= 0 {
		return
	}
	text := strings.ToUpper(s.RRule)
	s.RRule = text
	rule, from, start, except := "", s.From, s.Start, slices.Clone(s.Except)
	for line := range strings.Lines(text) {
		name, value := splitProperty(strings.TrimSpace(line))
		switch name {
		case "":
			continue
		case "RRULE":
			if rule != "" || strings.Contains(value, ":") {
				return
			}
			rule = value
		case "DTSTART":
			d, c, ok := icalTime(value)
			if !ok || from != "" && from != d || c != "" && start != "" && start != c {
				return
			}
			from = d
			if c != "" {
				start = c
			}
		case "EXDATE":
			for each := range strings.SplitSeq(value, ",") {
				d, _, ok := icalTime(each)
				if !ok {
					return
				}
				except = append(except, d)
			}
		default:
			return
		}
	}
	s.RRule = strings.Trim(strings.ReplaceAll(rule, " ", ""), ";")
	s.From, s.Start, s.Except = from, start, except
}

// splitProperty takes a line of iCalendar apart. A bare rule counts as an
// RRULE. A time that is not London's has no name that we know.
func splitProperty(line string) (name, value string) {
	if line == "" {
		return "", ""
	}
	head, value, ok := strings.Cut(line, ":")
	if !ok {
		return "RRULE", line
	}
	name, parameters, _ := strings.Cut(head, ";")
	if _, zone, ok := strings.Cut(parameters, "TZID="); ok && !strings.HasPrefix(zone, "EUROPE/LONDON") {
		return line, ""
	}
	return strings.TrimSpace(name), strings.TrimSpace(value)
}

// icalTime reads 20260106, 20260106T100000 and 20260106T100000Z. A time that
// is not on a whole minute is refused.
func icalTime(value string) (d Date, c Clock, ok bool) {
	value = strings.TrimSpace(value)
	if t, err := time.Parse("20060102", value); err == nil {
		return Date(t.Format(time.DateOnly)), "", true
	}
	zone := London
	if bare, utc := strings.CutSuffix(value, "Z"); utc {
		value, zone = bare, time.UTC
	}
	t, err := time.ParseInLocation("20060102T150405", value, zone)
	if err != nil || t.Second() != 0 {
		return "", "", false
	}
	t = t.In(London)
	return DateOf(t), ClockAt(t.Hour()*60 + t.Minute()), true
}
