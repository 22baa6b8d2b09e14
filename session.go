package hereabouts

import (
	"iter"
	"slices"
	"time"
)

// An Occurrence is one time that a session happens.
type Occurrence struct {
	Start, End time.Time
}

// A Schedule is a session's dates and times, worked out once. It is safe for
// use by many goroutines.
//
// Dates are reckoned by the calendar and times by the clocks of London, so
// "10:00 every Tuesday" stays at ten when the clocks change. A session without
// a start time lasts, as far as anybody has said, all day; [Schedule.Timed]
// tells them apart. One with a start and no end ends when it starts.
//
// Every second Tuesday since when? Rules count their intervals from the
// session's From date. A session without one is counted from Monday 1 January
// 2001, and does not happen before it. Nothing happens after 2199.
type Schedule struct {
	rule        *rule // nil: once, on the first day
	anchor      day
	first, last day // it happens on no day before or after; first > last: never
	except      []day
	start, end  int // minutes after midnight of the day; end may lie on the next
	timed       bool
	weekdays    uint8
}

// anchorMonday is where rules without a From date count from.
var anchorMonday = dayOf(2001, time.January, 1)

// Schedule works out when the session happens. Its error is a [Problems]
// with pointers within the session, "/rrule", and holds only what makes the
// dates or times unknowable.
func (s *Session) Schedule() (*Schedule, error) {
	var p Problems
	sc := s.schedule("", &p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	return sc, nil
}

func (s *Session) schedule(pointer string, p *Problems) *Schedule {
	before := len(*p)
	sc := &Schedule{anchor: anchorMonday, last: lastDay}
	from, dated := checkDate(s.From, pointer+"/from", p)
	if dated {
		sc.anchor = from
	}
	if d, ok := checkDate(s.Until, pointer+"/until", p); ok {
		sc.last = d
		if dated && d < from {
			p.Addf(pointer+"/until", CodeContradiction, "until %s comes before from %s; swap them or leave one out", s.Until, s.From)
		}
	}
	for i, e := range s.Except {
		at := indexed(pointer+"/except", i)
		if e == "" {
			p.Add(at, CodeRequired, "give the date, like 2026-12-29, or leave this out")
		} else if d, ok := checkDate(e, at, p); ok {
			sc.except = append(sc.except, d)
		}
	}
	slices.Sort(sc.except)
	sc.setTimes(s, pointer, p)

	if s.RRule == "" {
		if s.From == "" {
			p.Add(pointer+"/from", CodeRequired, "give the date it happens on, or a rule such as FREQ=WEEKLY;BYDAY=TU in rrule")
		}
		sc.last = min(sc.last, sc.anchor)
	} else {
		sc.rule = parseRule(s.RRule, pointer+"/rrule", p)
	}
	if len(*p) > before {
		return nil
	}
	if sc.rule != nil {
		if s.From == "" && sc.rule.vague() {
			p.Add(pointer+"/rrule", CodeRequired, "say which day: add BYDAY (or BYMONTHDAY) to the rule, or give a from date that falls on it")
		}
		if s.From == "" && sc.rule.count > 0 {
			p.Add(pointer+"/from", CodeRequired, "COUNT needs a from date to count from")
		}
		sc.limit()
	}
	sc.narrow()
	return sc
}

func (sc *Schedule) setTimes(s *Session, pointer string, p *Problems) {
	sc.start, sc.end = 0, 1440
	start, hasStart := checkClock(s.Start, pointer+"/start", p)
	end, hasEnd := checkClock(s.End, pointer+"/end", p)
	if hasEnd && s.Start == "" {
		p.Add(pointer+"/start", CodeRequired, "an end time needs a start time")
	}
	if hasStart && start == 1440 {
		p.Add(pointer+"/start", CodeOutOfRange, "24:00 can only end a day; write 00:00 and the next day")
	}
	if !hasStart {
		return
	}
	sc.timed, sc.start, sc.end = true, start, start
	if hasEnd {
		sc.end = end
		if end <= start {
			sc.end += 1440
		}
	}
}

// limit applies the ends that are written into the rule.
func (sc *Schedule) limit() {
	r := sc.rule
	r.settle(sc.anchor)
	if r.until.set {
		last := r.until.day
		if sc.timed && sc.start > r.until.minute {
			last--
		}
		sc.last = min(sc.last, last)
	}
	if r.count > 0 {
		n := 0
		for d := range r.days(sc.anchor, sc.anchor, sc.last) {
			if n++; n == r.count {
				sc.last = d
				break
			}
		}
	}
}

// narrow finds the first day it happens on and the weekdays it can fall on.
func (sc *Schedule) narrow() {
	sc.first = sc.last + 1
	for d := range sc.unexcepted(sc.anchor, sc.last) {
		sc.first = d
		break
	}
	switch {
	case sc.first > sc.last:
	case sc.rule == nil || sc.last-sc.first < 366:
		for d := range sc.days(sc.first, sc.last) {
			sc.weekdays |= 1 << weekdayOf(d)
		}
	case sc.rule.freq == daily && sc.rule.interval%7 == 0:
		sc.weekdays = 1 << weekdayOf(sc.first)
	default:
		sc.weekdays = sc.rule.weekdayMask()
	}
}

// unexcepted yields the days in [from, to] before exceptions are taken out.
func (sc *Schedule) unexcepted(from, to day) iter.Seq[day] {
	if sc.rule != nil {
		return sc.rule.days(sc.anchor, from, to)
	}
	return func(yield func(day) bool) {
		if from <= sc.anchor && sc.anchor <= to {
			yield(sc.anchor)
		}
	}
}

// days yields the days in [from, to] that the session happens on.
func (sc *Schedule) days(from, to day) iter.Seq[day] {
	all := sc.unexcepted(max(from, sc.first), min(to, sc.last))
	if len(sc.except) == 0 {
		return all
	}
	return func(yield func(day) bool) {
		for d := range all {
			if _, out := slices.BinarySearch(sc.except, d); !out && !yield(d) {
				return
			}
		}
	}
}

// On reports whether the session happens on a date: whether it starts then.
func (sc *Schedule) On(d Date) bool {
	n, ok := d.day()
	if !ok {
		return false
	}
	for range sc.days(n, n) {
		return true
	}
	return false
}

// Dates is the set of dates it happens on among days dates from one on: bit
// i%64 of word i/64 is the i-th. It is nil when from is not a date or days is
// not positive.
func (sc *Schedule) Dates(from Date, days int) []uint64 {
	if _, ok := from.day(); !ok || days <= 0 {
		return nil
	}
	set := make([]uint64, (days+63)/64)
	sc.AddDates(set, from, days)
	return set
}

// AddDates adds to a set what [Schedule.Dates] answers, so that the sessions
// of a listing can share one. The set must have room for the days.
func (sc *Schedule) AddDates(set []uint64, from Date, days int) {
	n, ok := from.day()
	if !ok || days <= 0 || n > sc.last {
		return
	}
	for d := range sc.days(n, day(min(int64(n)+int64(days)-1, int64(sc.last)))) {
		i := d - n
		set[i>>6] |= 1 << (i & 63)
	}
}

// Next is the first occurrence that starts after a moment; ok is false when
// there is none. One that is already in progress has started and is not it.
func (sc *Schedule) Next(after time.Time) (o Occurrence, ok bool) {
	for d := range sc.days(clampDay(after), sc.last) {
		if o = sc.occurrence(d); o.Start.After(after) {
			return o, true
		}
	}
	return Occurrence{}, false
}

// Occurrences yields, in order, every occurrence that some of [from, to)
// falls within, so one that began earlier and is still in progress at from is
// the first. One that ends as it starts counts when it starts in the range.
func (sc *Schedule) Occurrences(from, to time.Time) iter.Seq[Occurrence] {
	return func(yield func(Occurrence) bool) {
		if !from.Before(to) {
			return
		}
		// The longest lasts a day past the midnight after it starts.
		for d := range sc.days(clampDay(from)-2, clampDay(to)) {
			o := sc.occurrence(d)
			if !o.Start.Before(to) {
				return
			}
			if o.End.After(from) || o.Start.Equal(o.End) && o.Start.Equal(from) {
				if !yield(o) {
					return
				}
			}
		}
	}
}

// Weekdays is the days of the week that it can happen on, bit w for
// [time.Weekday] w, Sunday being bit 0. It is exact for a schedule that
// lasts less than a year.
func (sc *Schedule) Weekdays() uint8 { return sc.weekdays }

// Timed reports whether anybody has said at what time it starts.
func (sc *Schedule) Timed() bool { return sc.timed }

// Minutes is when it starts and ends, in minutes after midnight of its date;
// an end above 1440 lies on the next day. Without a start time it is the
// whole day, 0 to 1440.
func (sc *Schedule) Minutes() (start, end int) { return sc.start, sc.end }

// First is the first date it happens on; absent when it never does.
func (sc *Schedule) First() Date {
	for d := range sc.days(sc.first, sc.last) {
		return dateOf(d)
	}
	return ""
}

// Last is the date after which it does not happen; absent when nobody has
// said that it ends, and when it never happens.
func (sc *Schedule) Last() Date {
	if sc.first > sc.last || sc.last == lastDay {
		return ""
	}
	return dateOf(sc.last)
}

func (sc *Schedule) occurrence(d day) Occurrence {
	o := Occurrence{Start: wall(d, sc.start), End: wall(d, sc.end)}
	if sc.end > sc.start && !o.End.After(o.Start) {
		// It starts in the hour that is skipped and should end in it or
		// soon after: it is moved, and keeps its length.
		o.End = o.Start.Add(time.Duration(sc.end-sc.start) * time.Minute)
	}
	return o
}

// clampDay is the local day of t, within what the directory can reckon with.
func clampDay(t time.Time) day {
	if y := t.Year(); y < 1899 {
		return firstDay
	} else if y > 2200 {
		return lastDay
	}
	return min(max(dayOf(t.In(London).Date()), firstDay), lastDay)
}
