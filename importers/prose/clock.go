package prose

import "hereabouts"

type meridiem uint8

const (
	none meridiem = iota
	am
	pm
	noon
	midnight
)

// A time is a time of day as somebody wrote it; without am or pm it may be
// either.
type time struct {
	h, m    int
	mer     meridiem
	minutes bool // ".30" was written
	pad     bool // "09"
	four    bool // "0930"
}

func (c time) possible() bool { return c.h <= 24 && c.m <= 59 && (c.h < 24 || c.m == 0) }

// twentyFour reports whether the time can only be of the 24-hour clock.
func (c time) twentyFour() bool {
	return c.mer == none && (c.h > 12 || c.h == 0 || c.pad && c.minutes || c.four)
}

// single reports whether the time is clearly a time without a second one
// beside it: a bare "10" may be a date.
func (c time) single() bool { return c.mer != none || c.minutes && !c.four }

// readings are the minutes after midnight that the time may mean, earliest
// first.
func (c time) readings() []int {
	at := c.h*60 + c.m
	switch {
	case c.mer == noon:
		return []int{720}
	case c.mer == midnight:
		return []int{0, 1440}
	case c.mer == am && c.h == 12:
		return []int{c.m} // 00:30
	case c.mer == am && c.h <= 12:
		return []int{at}
	case c.mer == pm && c.h < 12:
		return []int{at + 720}
	case c.mer != none, c.twentyFour():
		return []int{at} // 12pm, 14.00pm
	case c.h == 12:
		return []int{at, c.m + 1440} // noon, or after midnight
	default:
		return []int{at, at + 720}
	}
}

// A part is a part of the day named beside a time.
type part uint8

const (
	anyPart part = iota
	morning
	afternoon
	evening
)

var partWords = map[string]part{
	"morning": morning, "mornings": morning, "afternoon": afternoon, "afternoons": afternoon,
	"evening": evening, "evenings": evening, "night": evening, "nights": evening,
}

// usual chooses how a start without am or pm is read: groups meet between
// seven in the morning and seven at night unless they say otherwise.
func usual(c time, p part) int {
	r := c.readings()
	if len(r) == 1 || c.h == 12 {
		return r[0]
	}
	switch {
	case p == morning:
		return r[0]
	case p == afternoon, p == evening:
		return r[1]
	case c.h >= 7:
		return r[0]
	}
	return r[1]
}

// between resolves a start and an end against each other. assumed is set when
// neither said am or pm and the reading is not the one of the 24-hour clock; ok
// is false when what was written cannot be trusted.
func between(start, end time, p part) (s, e hereabouts.Clock, assumed, ok bool) {
	if start.mer == am && start.h == 12 || end.mer == am && end.h == 12 {
		return "", "", false, false // "12am" is written for noon as often as for midnight
	}
	var from, until int
	switch {
	case start.twentyFour() && end.mer == none, end.twentyFour() && start.mer == none:
		from, until = start.h*60+start.m, end.h*60+end.m
		if until == 0 {
			until = 1440
		}
	case start.mer != none:
		from = start.readings()[0]
		until = firstAfter(end, from)
	case end.mer != none:
		r := end.readings()
		until = r[len(r)-1]
		from = -1
		for _, x := range start.readings() {
			if x < until {
				from = x
			}
		}
	default:
		from = usual(start, p)
		until = firstAfter(end, from)
		assumed = p == anyPart && (from != start.h*60+start.m || until != end.h*60+end.m)
	}
	if from < 0 || until < 0 || from == until || from >= 1440 {
		return "", "", false, false
	}
	if until < from && (from < 17*60 || until > 8*60) {
		return "", "", false, false // only an evening runs into the next day
	}
	if until > 1440 {
		until -= 1440
	}
	return hereabouts.ClockAt(from), hereabouts.ClockAt(until), assumed, true
}

// firstAfter is the earliest reading of end after from, else its only reading.
func firstAfter(end time, from int) int {
	r := end.readings()
	for _, x := range r {
		if x > from {
			return x
		}
	}
	if end.mer == none && !end.twentyFour() {
		return -1
	}
	return r[0]
}

// alone resolves a start that has no end.
func alone(c time, p part) (s hereabouts.Clock, assumed, ok bool) {
	if c.mer == am && c.h == 12 || c.mer == midnight {
		return "", false, false
	}
	at := usual(c, p)
	if at >= 1440 {
		return "", false, false
	}
	return hereabouts.ClockAt(at), p == anyPart && c.mer == none && at != c.h*60+c.m, true
}
