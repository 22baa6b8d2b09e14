package hereabouts

import "time"

// A day counts calendar days from 1 January 1970. Days are what dates are
// reckoned in: adding one never meets a clock change.
type day = int32

// The days that the directory can reckon with: 1 January 1900 to 31 December 2199.
const (
	firstDay day = -25567
	lastDay  day = 84005
)

// dayOf is the day of d; ok is false for an absent or impossible date.
func (d Date) day() (n day, ok bool) {
	if len(d) != 10 || d[4] != '-' || d[7] != '-' {
		return 0, false
	}
	var v [8]int
	for i, at := range [...]int{0, 1, 2, 3, 5, 6, 8, 9} {
		if !isDigit(d[at]) {
			return 0, false
		}
		v[i] = int(d[at] - '0')
	}
	year := v[0]*1000 + v[1]*100 + v[2]*10 + v[3]
	month, dom := time.Month(v[4]*10+v[5]), v[6]*10+v[7]
	if month < 1 || month > 12 || dom < 1 || dom > daysIn(year, month) {
		return 0, false
	}
	return dayOf(year, month, dom), true
}

// dayOf is the day of a civil date.
func dayOf(year int, month time.Month, dom int) day {
	return day(time.Date(year, month, dom, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// civil is the date of a day.
func civil(n day) (year int, month time.Month, dom int) {
	return time.Unix(int64(n)*86400, 0).UTC().Date()
}

// dateOf is the Date of a day.
func dateOf(n day) Date {
	return Date(time.Unix(int64(n)*86400, 0).UTC().Format(time.DateOnly))
}

func weekdayOf(n day) time.Weekday {
	return time.Weekday(((int(n)+4)%7 + 7) % 7) // 1 January 1970 was a Thursday
}

func daysIn(year int, month time.Month) int {
	switch month {
	case time.February:
		if isLeap(year) {
			return 29
		}
		return 28
	case time.April, time.June, time.September, time.November:
		return 30
	}
	return 31
}

func isLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

// AddDays is the date n days later, or earlier when n is negative; absent
// when d is, or when the answer is not a date with a four-digit year.
func (d Date) AddDays(n int) Date {
	from, ok := d.day()
	const year0, year10000 = -719528, 2932897
	if !ok || n < year0-year10000 || n > year10000-year0 {
		return ""
	}
	if to := int(from) + n; to >= year0 && to < year10000 {
		return dateOf(day(to))
	}
	return ""
}

// DaysSince is the number of days from earlier to d, negative when d comes
// first; ok is false unless both are dates.
func (d Date) DaysSince(earlier Date) (n int, ok bool) {
	to, ok1 := d.day()
	from, ok2 := earlier.day()
	return int(to) - int(from), ok1 && ok2
}

// Weekday is the day of the week; ok is false for an absent or impossible date.
func (d Date) Weekday() (w time.Weekday, ok bool) {
	n, ok := d.day()
	return weekdayOf(n), ok
}

// wall is the moment at which clocks in London show a time of day, in minutes
// after midnight, on a day. When the clocks go back, a time that comes twice
// is its first coming. When they go forward, a time that is skipped is read
// as if the clocks had not changed yet, as RFC 5545 has it: 01:30 is half an
// hour after 01:00 would have been, shown as 02:30.
func wall(n day, minutes int) time.Time {
	secs := int64(n)*86400 + int64(minutes)*60
	offset := offsetAt(secs - 12*3600) // before any change that night
	if t := secs - offset; offsetAt(t) == offset {
		return time.Unix(t, 0).In(London)
	}
	if after := offsetAt(secs - offset); offsetAt(secs-after) == after {
		return time.Unix(secs-after, 0).In(London)
	}
	return time.Unix(secs-offset, 0).In(London)
}

// offsetAt is how far London is ahead of UTC at a moment, in seconds.
func offsetAt(unix int64) int64 {
	_, offset := time.Unix(unix, 0).In(London).Zone()
	return int64(offset)
}
