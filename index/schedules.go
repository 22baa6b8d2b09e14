package index

import "math/bits"

const (
	// scheduleWords and scheduleDays are how far ahead sessions are worked out.
	scheduleWords = 7
	scheduleDays  = 64 * scheduleWords

	// rebaseDays is the age at which the columns are worked out anew, so that
	// there is always at least a year and a week ahead.
	rebaseDays = scheduleDays - 372
)

// dates is a set of days counted from the columns' base.
type dates [scheduleWords]uint64

// schedules holds each distinct set of dates once: half of a directory meets
// on Tuesdays.
type schedules struct {
	sets  []dates
	known map[dates]uint32
}

func newSchedules() schedules { return schedules{known: map[dates]uint32{}} }

func (s *schedules) intern(set []uint64) uint32 {
	var d dates
	copy(d[:], set)
	i, ok := s.known[d]
	if !ok {
		i = uint32(len(s.sets))
		s.known[d] = i
		s.sets = append(s.sets, d)
	}
	return i
}

// span is the set of days from first to last, both counted from 1970 as base is.
func span(base, first, last int32) (d dates) {
	for day := max(first, base); day <= min(last, base+scheduleDays-1); {
		i := day - base
		if i&63 == 0 && last-day >= 63 {
			d[i>>6] = ^uint64(0)
			day += 64
			continue
		}
		d[i>>6] |= 1 << (i & 63)
		day++
	}
	return d
}

// onWeekdays is the set of all days that fall on the weekdays of a mask,
// Sunday first.
func onWeekdays(base int32, days uint8) (d dates) {
	for i := range int32(scheduleDays) {
		if days&(1<<weekday(base+i)) != 0 {
			d[i>>6] |= 1 << (i & 63)
		}
	}
	return d
}

// weekday is the weekday of a day counted from 1970, a Thursday; Sunday is 0.
func weekday(day int32) int { return int(((day+4)%7 + 7) % 7) }

// weekdays is the mask of weekdays with a date from first to last.
func (s *schedules) weekdays(i uint32, base, first, last int32) uint8 {
	return s.weekdaysIn(i, base, span(base, first, last))
}

func (s *schedules) weekdaysIn(i uint32, base int32, within dates) (mask uint8) {
	for w, m := range s.sets[i] {
		for m &= within[w]; m != 0; m &= m - 1 {
			mask |= 1 << weekday(base+int32(w<<6+bits.TrailingZeros64(m)))
			if mask == 0x7f {
				return mask
			}
		}
	}
	return mask
}

// any reports whether schedule i has a date in the set.
func (s *schedules) any(i uint32, set *dates) bool {
	d := &s.sets[i]
	return d[0]&set[0]|d[1]&set[1]|d[2]&set[2]|d[3]&set[3]|d[4]&set[4]|d[5]&set[5]|d[6]&set[6] != 0
}

// first is the first date of schedule i in the set, counted from the base.
func (s *schedules) first(i uint32, set *dates) (day int32, ok bool) {
	for w, m := range s.sets[i] {
		if m &= set[w]; m != 0 {
			return int32(w<<6 + bits.TrailingZeros64(m)), true
		}
	}
	return 0, false
}

// during yields the dates of schedule i in the set, counted from the base.
func (s *schedules) during(i uint32, set *dates) func(yield func(day int32) bool) {
	return func(yield func(day int32) bool) {
		for w, m := range s.sets[i] {
			for m &= set[w]; m != 0; m &= m - 1 {
				if !yield(int32(w<<6 + bits.TrailingZeros64(m))) {
					return
				}
			}
		}
	}
}
