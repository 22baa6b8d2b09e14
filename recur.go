package hereabouts

import (
	"iter"
	"math/bits"
	"slices"
	"time"
)

// days yields the days in [from, to] on which a rule anchored at a day falls,
// in order, without regard to COUNT and UNTIL. The anchor is the first day
// that it can fall on and decides which weeks or months count when the
// interval is longer than one. Whole periods before from are skipped by
// arithmetic, so asking about next year costs what asking about today does.
func (r *rule) days(anchor, from, to day) iter.Seq[day] {
	from = max(from, anchor)
	switch {
	case r.freq == daily && (r.interval > 1 || r.months == 0 && len(r.monthDays) == 0):
		return r.daily(anchor, from, to)
	case r.freq == weekly:
		return r.weekly(anchor, from, to)
	}
	return r.periods(anchor, from, to)
}

func (r *rule) daily(anchor, from, to day) iter.Seq[day] {
	step := day(r.interval)
	return func(yield func(day) bool) {
		for d := anchor + (from-anchor+step-1)/step*step; d <= to; d += step {
			if r.weekdays != 0 && r.weekdays>>weekdayOf(d)&1 == 0 || !r.inMonths(d) || !r.inMonthDays(d) {
				continue
			}
			if !yield(d) {
				return
			}
		}
	}
}

func (r *rule) inMonths(d day) bool {
	if r.months == 0 {
		return true
	}
	_, month, _ := civil(d)
	return r.months>>month&1 != 0
}

func (r *rule) inMonthDays(d day) bool {
	if len(r.monthDays) == 0 {
		return true
	}
	year, month, dom := civil(d)
	return slices.Contains(r.monthDays, dom) || slices.Contains(r.monthDays, dom-daysIn(year, month)-1)
}

func (r *rule) weekly(anchor, from, to day) iter.Seq[day] {
	week := anchor - day((weekdayOf(anchor)-r.start+7)%7)
	step := 7 * day(r.interval)
	week += (from - week) / step * step
	// Bit i of rotated is the i-th day of a week that begins on r.start.
	rotated := (r.weekdays>>r.start | r.weekdays<<(7-r.start)) & (1<<7 - 1)
	return func(yield func(day) bool) {
		for week := week; week <= to; week += step {
			mask := rotated
			if r.months != 0 || len(r.positions) > 0 {
				mask = r.thinWeek(week, mask)
			}
			for ; mask != 0; mask &= mask - 1 {
				d := week + day(bits.TrailingZeros8(mask))
				if d < from {
					continue
				}
				if d > to || !yield(d) {
					return
				}
			}
		}
	}
}

func (r *rule) thinWeek(week day, mask uint8) uint8 {
	for i := range day(7) {
		if mask>>i&1 != 0 && !r.inMonths(week+i) {
			mask &^= 1 << i
		}
	}
	if len(r.positions) > 0 {
		s := dayset{uint64(mask)}
		s.pick(r.positions)
		mask = uint8(s[0])
	}
	return mask
}

// periods is for rules by month and by year. A rule for every day of some
// months is one by month.
func (r *rule) periods(anchor, from, to day) iter.Seq[day] {
	return func(yield func(day) bool) {
		index := func(d day) int { // of the month or year that d is in
			year, month, _ := civil(d)
			if r.freq == yearly {
				return year
			}
			return year*12 + int(month) - 1
		}
		first, last := index(anchor), index(to)
		for i := first + (index(from)-first)/r.interval*r.interval; i <= last; i += r.interval {
			var start day
			var set dayset
			if r.freq == yearly {
				start, set = r.inYear(i)
			} else {
				start = dayOf(i/12, time.Month(i%12+1), 1)
				if m := i%12 + 1; r.months == 0 || r.months>>m&1 != 0 {
					set[0] = uint64(r.inMonth(start, daysIn(i/12, time.Month(m)), true))
				}
			}
			if len(r.positions) > 0 {
				set.pick(r.positions)
			}
			for w, word := range set {
				for ; word != 0; word &= word - 1 {
					d := start + day(w*64+bits.TrailingZeros64(word))
					if d < from {
						continue
					}
					if d > to || !yield(d) {
						return
					}
				}
			}
		}
	}
}

// inMonth is the days, from bit 0, that the rule names in the month of n days
// that begins at start. Numbered weekdays count within the month when
// ordinals is true and are left out when it is not.
func (r *rule) inMonth(start day, n int, ordinals bool) uint32 {
	all := uint32(1<<n - 1)
	set := all
	if len(r.monthDays) > 0 {
		set = 0
		for _, d := range r.monthDays {
			if d < 0 {
				d += n + 1
			}
			if d >= 1 && d <= n {
				set |= 1 << (d - 1)
			}
		}
	}
	if !ordinals || r.weekdays == 0 && len(r.ordinals) == 0 {
		return set
	}
	var named uint32
	for w := range time.Weekday(7) {
		if r.weekdays>>w&1 != 0 {
			named |= weekdaysIn(start, w) & all
		}
	}
	for _, o := range r.ordinals {
		if d := nthIn(start, n, o); d >= 0 {
			named |= 1 << d
		}
	}
	return set & named
}

// weekdaysIn is every such weekday in the 31 days from start, as bits.
func weekdaysIn(start day, w time.Weekday) uint32 {
	const everySeventh = 1 | 1<<7 | 1<<14 | 1<<21 | 1<<28
	return everySeventh << ((w - weekdayOf(start) + 7) % 7)
}

// nthIn is the n-th such weekday among n days from start, counted from 0; -1
// when there is none.
func nthIn(start day, n int, o ordinal) int {
	first := int((o.day - weekdayOf(start) + 7) % 7)
	at := first + (o.n-1)*7
	if o.n < 0 {
		at = first + (n-1-first)/7*7 + (o.n+1)*7
	}
	if at < 0 || at >= n {
		return -1
	}
	return at
}

// inYear is the days that the rule names in a year.
func (r *rule) inYear(year int) (start day, set dayset) {
	start = dayOf(year, time.January, 1)
	length := 365
	if isLeap(year) {
		length = 366
	}
	// Within named months, "the second Tuesday" is the month's; else the year's.
	byMonth := r.months != 0 || len(r.ordinals) == 0
	offset := 0
	for m := time.January; m <= time.December; m++ {
		n := daysIn(year, m)
		if r.months == 0 || r.months>>m&1 != 0 {
			for days := r.inMonth(start+day(offset), n, byMonth); days != 0; days &= days - 1 {
				set.add(offset + bits.TrailingZeros32(days))
			}
		}
		offset += n
	}
	if !byMonth {
		var named dayset
		for i := range length {
			if r.weekdays>>weekdayOf(start+day(i))&1 != 0 {
				named.add(i)
			}
		}
		for _, o := range r.ordinals {
			if d := nthIn(start, length, o); d >= 0 {
				named.add(d)
			}
		}
		set.and(&named)
	}
	if len(r.yearDays) > 0 {
		var named dayset
		for _, d := range r.yearDays {
			if d < 0 {
				d += length + 1
			}
			if d >= 1 && d <= length {
				named.add(d - 1)
			}
		}
		set.and(&named)
	}
	if len(r.weeks) > 0 {
		named := r.inWeeks(year, start, length)
		set.and(&named)
	}
	return start, set
}

// inWeeks is the days of a year that lie in the numbered weeks. Its first days
// may belong to the last week of the year before, and its last days to the
// first week of the next.
func (r *rule) inWeeks(year int, start day, length int) (set dayset) {
	named := func(n, of int) bool { return slices.Contains(r.weeks, n) || slices.Contains(r.weeks, n-of-1) }
	add := func(from, to day) {
		for i := max(from-start, 0); i < min(to-start, day(length)); i++ {
			set.add(int(i))
		}
	}
	before, first := firstWeek(year-1, r.start), firstWeek(year, r.start)
	next, after := firstWeek(year+1, r.start), firstWeek(year+2, r.start)
	if of := int(first-before) / 7; named(of, of) {
		add(first-7, first)
	}
	of := int(next-first) / 7
	for n := 1; n <= of; n++ {
		if week := first + day(n-1)*7; named(n, of) {
			add(week, week+7)
		}
	}
	if named(1, int(after-next)/7) {
		add(next, next+7)
	}
	return set
}

// firstWeek is the day on which the first week of a year begins: the first
// with at least four days in the year.
func firstWeek(year int, start time.Weekday) day {
	fourth := dayOf(year, time.January, 4)
	return fourth - day((weekdayOf(fourth)-start+7)%7)
}
