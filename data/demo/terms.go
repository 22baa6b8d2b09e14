package demo

import (
	"strings"
	"time"

	"hereabouts"
)

// schoolHolidays are the dates in the coming year that fall on one of those
// days and in a school holiday, by the usual English pattern: a fortnight at
// Christmas and at Easter, a week in the middle of each term, and the summer.
// Councils vary it by a few days, which does not matter to a demonstration.
func schoolHolidays(today time.Time, on string) (off []hereabouts.Date) {
	wanted := map[time.Weekday]bool{}
	for d := range strings.FieldsSeq(on) {
		wanted[weekdays[d[len(d)-2:]]] = true
	}
	for d := today; d.Before(today.AddDate(1, 0, 0)); d = d.AddDate(0, 0, 1) {
		if wanted[d.Weekday()] && inHoliday(d) {
			off = append(off, hereabouts.DateOf(d))
		}
	}
	return off
}

func inHoliday(d time.Time) bool {
	in := func(from, to time.Time) bool { return !d.Before(from) && d.Before(to) }
	week := func(month time.Month, day int) (from, to time.Time) { // the week whose Monday is on or after that day
		m := date(d.Year(), month, day)
		m = m.AddDate(0, 0, (int(time.Monday-m.Weekday())+7)%7)
		return m, m.AddDate(0, 0, 7)
	}
	easter := easterSunday(d.Year())
	return d.Before(date(d.Year(), 1, 4)) ||
		in(week(2, 13)) ||
		in(easter.AddDate(0, 0, -13), easter.AddDate(0, 0, 2)) ||
		in(week(5, 25)) ||
		in(date(d.Year(), 7, 22), date(d.Year(), 9, 3)) ||
		in(week(10, 24)) ||
		!d.Before(date(d.Year(), 12, 20))
}

func date(y int, m time.Month, d int) time.Time {
	return time.Date(y, m, d, 0, 0, 0, 0, hereabouts.London)
}

// easterSunday is Western Easter, reckoned from the paschal full moon of the
// Gregorian calendar.
func easterSunday(year int) time.Time {
	century := year / 100
	epact := (century - century/4 - (8*century+13)/25 + 19*(year%19) + 15) % 30
	epact -= epact / 28 * (1 - 29/(epact+1)*((21-year%19)/11))
	weekday := (year + year/4 + epact + 2 - century + century/4) % 7
	ahead := epact - weekday
	month := 3 + (ahead+40)/44
	return date(year, time.Month(month), ahead+28-31*(month/4))
}
