package hereabouts

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits on a recurrence rule. They are far beyond any session's needs and
// keep the work of the largest rule small.
const (
	maxRuleLength = 500
	maxInterval   = 1000
	maxCount      = 10_000
)

// A rule is a parsed RFC 5545 recurrence rule over calendar days. What time a
// session starts is the session's own, so rules finer than a day have no place.
type rule struct {
	freq      freq
	interval  int
	start     time.Weekday // of the week (WKST)
	months    uint16       // bit m for month m; 0 is every month
	weekdays  uint8        // BYDAY without a number, bit w for time.Weekday w
	ordinals  []ordinal    // BYDAY with a number
	monthDays []int
	yearDays  []int
	weeks     []int
	positions []int // BYSETPOS
	count     int   // 0: no limit
	until     until
}

type freq string

const (
	daily   freq = "DAILY"
	weekly  freq = "WEEKLY"
	monthly freq = "MONTHLY"
	yearly  freq = "YEARLY"
)

// An ordinal is the n-th such day of a month or a year, from its end when
// n is negative.
type ordinal struct {
	n   int
	day time.Weekday
}

// until is the last day of a rule. When it was given with a time, a session
// that starts later than that on the day no longer happens.
type until struct {
	set    bool
	day    day
	minute int // 1440 when only a date was given
}

var weekdayCodes = [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// parseRule reads a rule and adds every fault to p. The rule is only good
// when it adds none.
func parseRule(text, pointer string, p *Problems) *rule {
	r := &rule{interval: 1, start: time.Monday}
	before := len(*p)
	if len(text) > maxRuleLength {
		p.Addf(pointer, CodeTooLong, "the rule is %d characters long; keep it within %d", len(text), maxRuleLength)
		return r
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(text, ";") {
		name, value, found := strings.Cut(part, "=")
		switch {
		case !found || value == "":
			p.Addf(pointer, CodeInvalidFormat, "%s is not NAME=VALUE; write the rule like FREQ=WEEKLY;BYDAY=TU", quoted(part))
			continue
		case seen[name]:
			p.Addf(pointer, CodeDuplicate, "%s is given twice; keep one", quoted(name))
			continue
		}
		seen[name] = true
		if fault := r.set(name, value); fault != nil {
			p.Add(pointer, fault.Code, fault.Detail)
		}
	}
	if !seen["FREQ"] {
		p.Add(pointer, CodeRequired, "say how often with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")
	}
	if len(*p) == before {
		r.check(pointer, p)
	}
	return r
}

func (r *rule) set(name, value string) *Problem {
	var fault *Problem
	switch name {
	case "FREQ":
		switch freq(value) {
		case daily, weekly, monthly, yearly:
			r.freq = freq(value)
		case "HOURLY", "MINUTELY", "SECONDLY":
			return faultf(CodeNotSupported, "FREQ=%s is finer than a day; give each session of the day its own start and end", value)
		default:
			return faultf(CodeUnknownValue, "FREQ=%s is not known; use DAILY, WEEKLY, MONTHLY or YEARLY", cut(value))
		}
	case "INTERVAL":
		r.interval, fault = number(name, value, 1, maxInterval)
	case "COUNT":
		r.count, fault = number(name, value, 1, maxCount)
	case "UNTIL":
		r.until, fault = parseUntil(value)
	case "WKST":
		i := slices.Index(weekdayCodes[:], value)
		if i < 0 {
			return faultf(CodeUnknownValue, "WKST=%s is not a day; use MO, TU, WE, TH, FR, SA or SU", cut(value))
		}
		r.start = time.Weekday(i)
	case "BYDAY":
		return r.setDays(value)
	case "BYMONTH":
		var months []int
		months, fault = numbers(name, value, 1, 12, false)
		for _, m := range months {
			r.months |= 1 << m
		}
	case "BYMONTHDAY":
		r.monthDays, fault = numbers(name, value, 1, 31, true)
	case "BYYEARDAY":
		r.yearDays, fault = numbers(name, value, 1, 366, true)
	case "BYWEEKNO":
		r.weeks, fault = numbers(name, value, 1, 53, true)
	case "BYSETPOS":
		r.positions, fault = numbers(name, value, 1, 366, true)
	case "BYHOUR", "BYMINUTE", "BYSECOND":
		return faultf(CodeNotSupported, "%s does not belong in the rule; put the time in start and end", name)
	default:
		return faultf(CodeUnknownValue, "%s is not part of a rule; use FREQ, INTERVAL, BYDAY, BYMONTH, BYMONTHDAY, BYSETPOS, COUNT, UNTIL or WKST", quoted(name))
	}
	return fault
}

func (r *rule) setDays(value string) *Problem {
	for code := range strings.SplitSeq(value, ",") {
		n := max(len(code)-2, 0)
		i := slices.Index(weekdayCodes[:], code[n:])
		if i < 0 {
			return faultf(CodeUnknownValue, "BYDAY=%s is not a day; use MO, TU, WE, TH, FR, SA or SU, with a number before it for the first, 1TU, or the last, -1FR", cut(code))
		}
		if n == 0 {
			r.weekdays |= 1 << i
			continue
		}
		nth, err := strconv.Atoi(code[:n])
		if err != nil || nth == 0 || nth < -53 || nth > 53 {
			return faultf(CodeOutOfRange, "BYDAY=%s counts outside 1 to 53", cut(code))
		}
		if o := (ordinal{nth, time.Weekday(i)}); !slices.Contains(r.ordinals, o) {
			r.ordinals = append(r.ordinals, o)
		}
	}
	return nil
}

// check finds parts that cannot stand together.
func (r *rule) check(pointer string, p *Problems) {
	clash := func(bad bool, detail string) {
		if bad {
			p.Add(pointer, CodeContradiction, detail)
		}
	}
	clash(r.count > 0 && r.until.set, "COUNT and UNTIL both end the rule; keep one")
	clash(len(r.ordinals) > 0 && (r.freq == daily || r.freq == weekly),
		"a numbered day such as 2TU needs FREQ=MONTHLY or YEARLY; for every second week use INTERVAL=2")
	if tooFar := func(o ordinal) bool { return o.n < -5 || o.n > 5 }; (r.freq == monthly || r.freq == yearly && r.months != 0) && slices.ContainsFunc(r.ordinals, tooFar) {
		p.Add(pointer, CodeOutOfRange, "BYDAY counts past the fifth such day of a month; use 1 to 5, or -1 for the last")
	}
	clash(len(r.monthDays) > 0 && r.freq == weekly, "BYMONTHDAY cannot be used with FREQ=WEEKLY; use FREQ=MONTHLY or DAILY")
	clash(len(r.yearDays) > 0 && r.freq != yearly, "BYYEARDAY needs FREQ=YEARLY")
	clash(len(r.weeks) > 0 && r.freq != yearly, "BYWEEKNO needs FREQ=YEARLY")
	clash(len(r.weeks) > 0 && len(r.ordinals) > 0, "a numbered day cannot be used with BYWEEKNO")
	clash(len(r.positions) > 0 && (r.freq == daily || r.weekdays == 0 && len(r.ordinals) == 0 && len(r.monthDays) == 0 &&
		len(r.yearDays) == 0 && len(r.weeks) == 0 && r.months == 0),
		"BYSETPOS picks among the days that other parts name, such as BYDAY; add those")
}

// vague reports whether the rule takes its day from the date it starts on.
func (r *rule) vague() bool {
	switch r.freq {
	case weekly:
		return r.weekdays == 0
	case monthly, yearly:
		return r.weekdays == 0 && len(r.ordinals) == 0 && len(r.monthDays) == 0 && len(r.yearDays) == 0 && len(r.weeks) == 0
	}
	return false
}

// settle fills in the day that a vague rule takes from its first date.
func (r *rule) settle(anchor day) {
	if !r.vague() {
		return
	}
	_, month, dom := civil(anchor)
	if r.freq == weekly {
		r.weekdays = 1 << weekdayOf(anchor)
		return
	}
	if r.freq == yearly && r.months == 0 {
		r.months = 1 << month
	}
	r.monthDays = []int{dom}
}

// weekdayMask is the days of the week that the rule could fall on.
func (r *rule) weekdayMask() uint8 {
	mask := r.weekdays
	for _, o := range r.ordinals {
		mask |= 1 << o.day
	}
	if mask == 0 {
		mask = 1<<7 - 1
	}
	return mask
}

func parseUntil(value string) (until, *Problem) {
	for _, layout := range [...]string{"20060102", "20060102T150405", "20060102T150405Z"} {
		zone := London
		if strings.HasSuffix(layout, "Z") {
			zone = time.UTC
		}
		t, err := time.ParseInLocation(layout, value, zone)
		if err != nil {
			continue
		}
		t = t.In(London)
		u := until{set: true, day: dayOf(t.Date()), minute: 1440}
		if len(layout) > len("20060102") {
			u.minute = t.Hour()*60 + t.Minute()
		}
		return u, nil
	}
	return until{}, faultf(CodeInvalidFormat, "UNTIL=%s is not a date; write it like 20261231", cut(value))
}

func number(name, value string, least, most int) (int, *Problem) {
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		return least, faultf(CodeOutOfRange, "%s=%s is not a whole number from %d to %d", name, cut(value), least, most)
	}
	return n, nil
}

// numbers reads a list of numbers, sorted and each once; with back, they may
// also count from the end.
func numbers(name, value string, least, most int, back bool) ([]int, *Problem) {
	var list []int
	for item := range strings.SplitSeq(value, ",") {
		n, err := strconv.Atoi(item)
		size := n
		if back && n < 0 {
			size = -n
		}
		if err != nil || size < least || size > most {
			from := strconv.Itoa(least)
			if back {
				from = fmt.Sprintf("%d to %d or -%d", least, most, most)
				return nil, faultf(CodeOutOfRange, "%s=%s is not a whole number from %s to -%d", name, cut(item), from, least)
			}
			return nil, faultf(CodeOutOfRange, "%s=%s is not a whole number from %s to %d", name, cut(item), from, most)
		}
		list = append(list, n)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

func faultf(code, format string, args ...any) *Problem {
	return &Problem{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// cut is s short enough to show inside a sentence.
func cut(s string) string {
	if len(s) > 30 {
		return strings.ToValidUTF8(s[:30], "") + "…"
	}
	return s
}

// A dayset is a set of days counted from the first of a week, month or year.
type dayset [6]uint64

func (s *dayset) add(i int) { s[i>>6] |= 1 << (i & 63) }

func (s *dayset) and(o *dayset) {
	for i := range s {
		s[i] &= o[i]
	}
}

func (s *dayset) size() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// pick keeps only the days at the positions, which are counted from 1, or
// from the end when negative.
func (s *dayset) pick(positions []int) {
	n := s.size()
	var kept dayset
	rank := 0
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			rank++
			if slices.Contains(positions, rank) || slices.Contains(positions, rank-n-1) {
				kept.add(w*64 + bits.TrailingZeros64(word))
			}
		}
	}
	*s = kept
}
