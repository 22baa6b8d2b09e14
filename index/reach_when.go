package index

import (
	"cmp"
	"iter"
	"math"
	"math/bits"
	"slices"
	"sort"
	"time"

	"hereabouts"
)

// quarter is the grid of stays within opening hours, in seconds.
const quarter = 15 * 60

// A slot is a time at which something is on, in Unix seconds. Many listings
// share each.
type slot struct {
	start, end int64 // equal when nobody says how long
	kind       uint8
}

// What is known about a slot.
const (
	occAnyTime   = 1 << iota // come and go between start and end
	occAssumed               // the hours are assumed
	occOpenEnded             // nobody says how long
)

// An occurrence is one time that a listing is on.
type occurrence struct {
	slot
	at int32 // position in detail.sessions; -1 when hours alone are assumed
}

// placeIn is where it is on: a position in Listing.Places, or noPlace for any.
func (o *occurrence) placeIn(d *detail) uint16 {
	if o.at < 0 {
		return noPlace
	}
	return d.sessions[o.at].place
}

// stays are the stays of a length that a slot has room for: they begin on
// quarter hours from first to last. One that is to be attended whole, or is
// no longer than the stay, or has room for none on a quarter hour, has one
// that begins when it does.
func (s *slot) stays(want int64) (first, last, long int64) {
	switch {
	case s.kind&occOpenEnded != 0:
		return s.start, s.start, want
	case s.kind&occAnyTime == 0 || s.end-s.start <= want:
		return s.start, s.start, s.end - s.start
	}
	first, last = (s.start+quarter-1)/quarter*quarter, (s.end-want)/quarter*quarter
	if last < first {
		return s.start, s.start, want
	}
	return first, last, want
}

// begun reports whether a slot is too late to go to at a moment; opening
// hours are until they end.
func (s *slot) begun(now int64) bool {
	if s.kind&(occAnyTime|occOpenEnded) == occAnyTime {
		return s.end <= now
	}
	return s.start <= now
}

// bestFirst yields the stays in the order in which somebody is shown them, by
// their starts: those first that there is all the time to set out for that
// they allow, from the earliest on, and then the nearer ones, which it may be
// too late to leave for, from the latest back. In seconds, ready is when
// somebody can be there who sets out now and takes that time.
func bestFirst(stays []stay, ready int64) iter.Seq[*stay] {
	safe := slices.IndexFunc(stays, func(s stay) bool { return s.start >= ready })
	if safe < 0 {
		safe = len(stays)
	}
	return func(yield func(*stay) bool) {
		for i := safe; i < len(stays); i++ {
			if !yield(&stays[i]) {
				return
			}
		}
		for i := safe - 1; i >= 0; i-- {
			if !yield(&stays[i]) {
				return
			}
		}
	}
}

// A dayStart is when a day begins in London, in Unix seconds.
type dayStart struct {
	at    int64
	plain bool // the clocks change neither that day nor the next
}

// dayStarts are the days that schedules cover.
func dayStarts(base int32) []dayStart {
	out := make([]dayStart, scheduleDays+2)
	for i := range out {
		y, m, d := time.Unix(int64(base+int32(i))*86400, 0).UTC().Date()
		out[i].at = time.Date(y, m, d, 0, 0, 0, 0, hereabouts.London).Unix()
	}
	for i := range scheduleDays {
		out[i].plain = out[i+2].at-out[i].at == 2*86400
	}
	return out[:scheduleDays]
}

// moments are the Unix seconds of times of day, in minutes, on a day counted
// from the base.
func (c *columns) moments(day int32, start, end int16) (from, to int64) {
	if d := &c.days[day]; d.plain {
		return d.at + 60*int64(start), d.at + 60*int64(end)
	}
	// The clocks change; a session's schedule knows what becomes of 01:30.
	s := hereabouts.Session{From: dateOf(c.base + day), Start: hereabouts.ClockAt(int(start))}
	if end != start {
		s.End = hereabouts.ClockAt(int(end-1)%1440 + 1)
	}
	if sc, err := s.Schedule(); err == nil {
		if o, ok := sc.Next(time.Unix(c.days[day].at, 0).Add(-25 * time.Hour)); ok {
			return o.Start.Unix(), o.End.Unix()
		}
	}
	return c.days[day].at + 60*int64(start), c.days[day].at + 60*int64(end)
}

// hours are the times of day of a session as reach sees them; ok is false
// when nobody knows when to be there.
func (c *columns) hours(s *session) (start, end int16, kind uint8, ok bool) {
	start, end = s.start, s.end
	switch {
	case s.anyTime && (!s.timed || end-start >= 1440):
		return c.daytime[0], c.daytime[1], occAnyTime | occAssumed, true
	case !s.timed:
		return 0, 0, 0, false
	}
	if s.anyTime {
		kind = occAnyTime
	}
	if start == end {
		kind |= occOpenEnded
	}
	return start, end, kind, true
}

// openings is when a listing is on: its sessions, or for a green space that
// does not say, any day.
func (c *columns) openings(ord uint32) (list []session, assumed bool) {
	if list = c.details[ord].sessions; len(list) == 0 && c.isGreen(ord) {
		return c.anyDay[:], true
	}
	return list, false
}

func (c *columns) isGreen(ord uint32) bool { return kinds[c.rows[ord].kind] == hereabouts.GreenSpace }

// before orders the occurrences of a listing.
func (o *occurrence) before(p *occurrence) bool {
	return o.start < p.start || o.start == p.start && o.at < p.at
}

// upcoming are the first two occurrences of a listing from yesterday on that
// have not begun, within the days that are looked ahead; opening hours count
// until they end. A start of 0 is none.
func (c *columns) upcoming(ord uint32, now int64) (first, second occurrence) {
	var one [1]uint32
	for i, turn := range c.ties.on(ord, &one) {
		s := &c.ties.turns[turn]
		start, end, kind, ok := c.hours(s)
		if !ok {
			continue
		}
		for days := c.soon(s); days != 0; days &= days - 1 {
			day := c.today - 1 - c.base + int32(bits.TrailingZeros32(days))
			o := occurrence{slot{kind: kind}, int32(i)}
			if o.start, o.end = c.moments(day, start, end); o.begun(now) {
				continue
			}
			if second.start != 0 && !o.before(&second) {
				break
			}
			if first.start == 0 || o.before(&first) {
				first, second = o, first
			} else {
				second = o
			}
		}
	}
	return first, second
}

// soonDays is how many days are looked ahead when no day is asked for:
// yesterday, whose opening hours may last past midnight, today and
// hereabouts.ReachDays more.
const soonDays = 2 + hereabouts.ReachDays

// soon is the days on which a session falls, bit 0 being yesterday.
func (c *columns) soon(s *session) uint32 {
	set, at := &c.schedules.sets[s.dates], int(c.today-1-c.base)
	if at < 0 {
		return uint32(set[0]<<-at) & (1<<soonDays - 1)
	}
	w, bit := at>>6, at&63
	days := set[w] >> bit
	if bit > 64-soonDays && w+1 < len(set) {
		days |= set[w+1] << (64 - bit)
	}
	return uint32(days) & (1<<soonDays - 1)
}

// An occasion is the times that a question is about: those that it asks for
// or, when it asks for none, whatever is on next.
type occasion struct {
	asked     *sessionClause
	timed     bool // a time of day is asked for
	now, stay int64
}

func (m *compiled) occasion(now, stay int64) occasion {
	return occasion{asked: m.session, timed: m.session != nil && m.session.timed, now: now, stay: stay}
}

// of appends the occurrences of a listing that the question is about, in
// order: the next one or, of those asked for, all from the first to seven
// days later.
func (w *occasion) of(c *columns, dst []occurrence, ord uint32) []occurrence {
	list, assumed := c.openings(ord)
	at := func(i int) int32 {
		if assumed {
			return -1
		}
		return int32(i)
	}
	if w.asked == nil {
		var next occurrence
		for i := range list {
			start, end, kind, ok := c.hours(&list[i])
			if !ok {
				continue
			}
			for days := c.soon(&list[i]); days != 0; days &= days - 1 {
				o := occurrence{slot{kind: kind}, at(i)}
				o.start, o.end = c.moments(c.today-1-c.base+int32(bits.TrailingZeros32(days)), start, end)
				if w.open(c, &o.slot) {
					if next.start == 0 || o.before(&next) {
						next = o
					}
					break
				}
			}
		}
		if next.start != 0 {
			dst = append(dst, next)
		}
		return dst
	}
	first, last := len(dst), int32(math.MaxInt32)
	for i := range list {
		for day, o := range w.during(c, &list[i]) {
			if day > last {
				break
			}
			o.at = at(i)
			last = min(last, day+hereabouts.ReachDays)
			dst = append(dst, o)
		}
	}
	// A later session of the list may have been the first to begin.
	if last < scheduleDays-1 {
		to := c.days[last+1].at
		dst = append(dst[:first], slices.DeleteFunc(dst[first:], func(o occurrence) bool { return o.start >= to })...)
	}
	slices.SortFunc(dst[first:], func(a, b occurrence) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.at, b.at))
	})
	return dst
}

// during yields the occurrences of a session that are asked for and can still
// be attended, and on which day each begins, counted from the base.
func (w *occasion) during(c *columns, s *session) iter.Seq2[int32, occurrence] {
	return func(yield func(int32, occurrence) bool) {
		start, end, kind, ok := c.hours(s)
		if !ok || w.timed && !w.asked.overlaps(int(start), int(end)) {
			return
		}
		for day := range c.schedules.during(s.dates, &w.asked.on) {
			o := occurrence{slot: slot{kind: kind}}
			if o.start, o.end = c.moments(day, start, end); w.open(c, &o.slot) && !yield(day, o) {
				return
			}
		}
	}
}

// open reports whether there is still a way of attending a slot.
func (w *occasion) open(c *columns, s *slot) bool {
	if !w.timed || s.kind&(occAnyTime|occOpenEnded) != occAnyTime {
		_, last, _ := s.stays(w.stay)
		return last > w.now
	}
	asked := w.windows(c, s)
	for range s.within(w.stay, w.now, &asked) {
		return true
	}
	return false
}

// windows are a time of day on the day before a slot, on its own day and on
// the day after, in Unix seconds. The zero windows are any time.
type windows [3][2]int64

// overlap reports whether some of a stay falls within a window.
func (w *windows) overlap(start, end int64) bool {
	for _, in := range w {
		if start < in[1] && (end > in[0] || start == end && start >= in[0]) {
			return true
		}
	}
	return *w == windows{}
}

// within yields the starts of the stays of a slot that begin after a moment
// and overlap the time that is asked for.
func (s *slot) within(want, now int64, asked *windows) func(yield func(int64) bool) {
	first, last, long := s.stays(want)
	return func(yield func(int64) bool) {
		for t := first; t <= last; t += quarter {
			if t > now && asked.overlap(t, t+long) && !yield(t) {
				return
			}
		}
	}
}

// windows is the time of day that is asked for, around a slot.
func (w *occasion) windows(c *columns, s *slot) (asked windows) {
	day := sort.Search(len(c.days), func(i int) bool { return c.days[i].at > s.start }) - 1
	for i := range asked {
		if d := day - 1 + i; d >= 0 && d < len(c.days) {
			asked[i][0], asked[i][1] = c.moments(int32(d), int16(w.asked.from), int16(w.asked.to))
		}
	}
	return asked
}
