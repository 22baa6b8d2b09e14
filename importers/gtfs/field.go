package gtfs

import (
	"math"
	"strconv"
	"time"

	"hereabouts/geo/transit"
)

// maxHours is the latest hour a stop time may name. Trips of several days
// exist, on ferries and sleepers; beyond a week it is a slip.
const maxHours = 7 * 24

// seconds reads a time of day, H:MM:SS with any number of hours, as seconds.
func seconds(b []byte) (int32, bool) {
	n := len(b)
	if n < 7 || n > 9 || b[n-3] != ':' || b[n-6] != ':' {
		return 0, false
	}
	hours := 0
	for _, c := range b[:n-6] {
		if c < '0' || c > '9' {
			return 0, false
		}
		hours = hours*10 + int(c-'0')
	}
	m1, m2, s1, s2 := b[n-5]-'0', b[n-4]-'0', b[n-2]-'0', b[n-1]-'0'
	if m1 > 5 || m2 > 9 || s1 > 5 || s2 > 9 || hours > maxHours {
		return 0, false
	}
	return int32(hours*3600 + (int(m1)*10+int(m2))*60 + int(s1)*10 + int(s2)), true
}

// day reads a date written YYYYMMDD.
func day(b []byte) (transit.Day, bool) {
	if len(b) != 8 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	year, month, date := n/10000, time.Month(n/100%100), n%100
	if year < 1900 || month < 1 || month > 12 || date < 1 {
		return 0, false
	}
	d := transit.DayOf(year, month, date)
	if _, m, dd := d.Date(); m != month || dd != date {
		return 0, false // the thirty-first of June
	}
	return d, true
}

// whole reads a number without sign, up to the largest that an int32 holds.
func whole(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 10 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, n <= math.MaxInt32
}

// degrees reads a decimal number.
func degrees(b []byte) (float64, bool) {
	if len(b) == 0 || len(b) > 40 {
		return 0, false
	}
	for _, c := range b {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(string(b), 64)
	return v, err == nil
}
