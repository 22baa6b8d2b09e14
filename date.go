package hereabouts

import (
	"encoding/json"
	"fmt"
	"time"
	_ "time/tzdata" // a container without zone files still knows Europe/London
)

// London is the zone in which every local date and clock time is read.
var London = func() *time.Location {
	loc, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(fmt.Sprintf("hereabouts: the embedded zone database lacks Europe/London: %v", err))
	}
	return loc
}()

// A Date is a local calendar date, "2026-11-01". The zero Date is absent and
// is null in JSON.
type Date string

// DateOf is the local date at t.
func DateOf(t time.Time) Date { return Date(t.In(London).Format(time.DateOnly)) }

// Time is local midnight at the start of d; ok is false for an absent or
// impossible date.
func (d Date) Time() (t time.Time, ok bool) {
	t, err := time.ParseInLocation(time.DateOnly, string(d), London)
	return t, err == nil
}

// MarshalJSON writes null for the zero Date.
func (d Date) MarshalJSON() ([]byte, error) { return nullable(string(d)) }

// A Clock is a local time of day, "09:30". The zero Clock is absent and is
// null in JSON. "24:00" is allowed as the end of a day.
type Clock string

// Minutes is the number of minutes after midnight, 0 to 1440; ok is false for
// an absent or impossible time.
func (c Clock) Minutes() (m int, ok bool) {
	if len(c) != 5 || c[2] != ':' {
		return 0, false
	}
	for _, i := range [...]int{0, 1, 3, 4} {
		if c[i] < '0' || c[i] > '9' {
			return 0, false
		}
	}
	h, min := int(c[0]-'0')*10+int(c[1]-'0'), int(c[3]-'0')*10+int(c[4]-'0')
	if min > 59 || h > 24 || h == 24 && min > 0 {
		return 0, false
	}
	return h*60 + min, true
}

// ClockAt is the Clock that many minutes after midnight, 0 to 1440.
func ClockAt(minutes int) Clock {
	return Clock(fmt.Sprintf("%02d:%02d", minutes/60, minutes%60))
}

// MarshalJSON writes null for the zero Clock.
func (c Clock) MarshalJSON() ([]byte, error) { return nullable(string(c)) }

func nullable(s string) ([]byte, error) {
	if s == "" {
		return []byte("null"), nil
	}
	return json.Marshal(s)
}
