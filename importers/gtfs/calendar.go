package gtfs

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"hereabouts/geo/transit"
)

// services are the calendars of a feed while it is read.
type services struct {
	at         map[string]uint32
	list       []service
	exceptions []exception

	statedFirst, statedLast transit.Day // by feed_info
	hasFirst, hasLast       bool
}

// A service is what calendar.txt says of it, if anything.
type service struct {
	stated      bool
	first, last transit.Day
	week        [7]bool // from Sunday on
	line        int
	used        bool   // by some trip
	runs        bool   // on some day of the feed
	days        uint32 // in Feed.Services, when it is used
}

// An exception is a row of calendar_dates.txt.
type exception struct {
	service uint32
	day     transit.Day
	added   bool
	line    int32
}

func (s *services) of(id []byte) uint32 {
	if i, ok := s.at[string(id)]; ok {
		return i
	}
	if s.at == nil {
		s.at = map[string]uint32{}
	}
	i := uint32(len(s.list))
	s.at[string(id)] = i
	s.list = append(s.list, service{})
	return i
}

func (r *reading) readCalendar() error {
	const id, monday, first, last = 0, 1, 8, 9
	file := "calendar.txt"
	columns := []string{"service_id", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "start_date", "end_date"}
	return r.each(file, []int{id, 1, 2, 3, 4, 5, 6, 7, first, last}, columns, func(t *table) error {
		key, ok := t.required(id, "the calendar was left out")
		if !ok {
			return nil
		}
		if i, again := r.services.at[string(key)]; again && r.services.list[i].stated {
			r.report.warn(Error, "duplicate_key", file, "", t.line, "service_id %s has come before; the first was kept", shown(key))
			return nil
		}
		const lost = "the calendar was left out, and only added dates count"
		s := &r.services.list[r.services.of(key)]
		var okFirst, okLast bool
		s.first, okFirst = r.bound(t, first, lost)
		s.last, okLast = r.bound(t, last, lost)
		if !okFirst || !okLast {
			return nil
		}
		if s.last < s.first {
			r.report.warn(Error, "start_and_end_range_out_of_order", file, "", t.line, "end_date %s is before start_date %s; %s", s.last, s.first, lost)
			return nil
		}
		s.stated, s.line = true, t.line
		for i := range 7 {
			n := monday + i
			if len(t.cell(n)) == 0 {
				r.report.warn(Error, "missing_required_field", file, "day", t.line, "%s is empty; it was taken for a day without service", columns[n])
				continue
			}
			s.week[(i+1)%7] = r.code(t, n, 1, 0, "it was taken for a day without service") == 1
		}
		return nil
	})
}

// bound reads a date that a row is worth nothing without.
func (r *reading) bound(t *table, n int, lost string) (transit.Day, bool) {
	b := t.cell(n)
	d, ok := day(b)
	switch {
	case len(b) == 0:
		r.report.warn(Error, "missing_required_field", t.file, t.columns[n], t.line, "%s is empty; %s", t.columns[n], lost)
	case !ok:
		r.report.warn(Error, "invalid_date", t.file, t.columns[n], t.line, "%s %s is not a date written YYYYMMDD; %s", t.columns[n], shown(b), lost)
	}
	return d, ok
}

func (r *reading) readExceptions() error {
	const id, date, kind = 0, 1, 2
	file := "calendar_dates.txt"
	err := r.each(file, []int{id, date, kind}, []string{"service_id", "date", "exception_type"}, func(t *table) error {
		key, ok := t.required(id, "the exception was left out")
		if !ok {
			return nil
		}
		d, ok := r.bound(t, date, "the exception was left out")
		if !ok {
			return nil
		}
		k := t.cell(kind)
		if len(k) != 1 || k[0] != '1' && k[0] != '2' {
			r.report.warn(Error, "unexpected_enum_value", file, "exception_type", t.line, "exception_type %s is neither 1 (added) nor 2 (removed); the exception was left out", shown(k))
			return nil
		}
		r.services.exceptions = append(r.services.exceptions, exception{service: r.services.of(key), day: d, added: k[0] == '1', line: int32(t.line)})
		return nil
	})
	if err != nil {
		return err
	}
	ex := r.services.exceptions
	slices.SortStableFunc(ex, func(a, b exception) int {
		return cmp.Or(cmp.Compare(a.service, b.service), cmp.Compare(a.day, b.day))
	})
	r.services.exceptions = slices.CompactFunc(ex, func(a, b exception) bool {
		same := a.service == b.service && a.day == b.day
		if same {
			r.report.warn(Error, "duplicate_key", file, "", int(b.line), "%s has come before for the same service; the first was kept", b.day)
		}
		return same
	})
	r.report.Read.Services = len(r.services.list)
	return nil
}

// maxDays is how many days a timetable may span. Twenty years are ten times
// what any publisher plans.
const maxDays = 20 * 366

// chooseServices settles the validity of the feed and writes down the days of
// every service that a trip runs on.
func (r *reading) chooseServices() error {
	s := &r.services
	for i := range r.trips.list {
		s.list[r.trips.list[i].Service].used = true
	}
	var first, last transit.Day
	any := false
	cover := func(from, to transit.Day) {
		if !any {
			first, last, any = from, to, true
		}
		first, last = min(first, from), max(last, to)
	}
	for i := range s.list {
		// Where no day of the week is on, the dates are a formality and the
		// days are all in calendar_dates.txt.
		if c := &s.list[i]; c.used && c.stated && c.week != [7]bool{} {
			cover(c.first, c.last)
			if c.last < r.today {
				r.report.warn(Info, "expired_calendar", "calendar.txt", "", c.line, "the service ended on %s; it was kept for what it says of the past", c.last)
			}
		}
	}
	for _, e := range s.exceptions {
		if e.added && s.list[e.service].used {
			cover(e.day, e.day)
		}
	}
	if !any {
		return fmt.Errorf("gtfs: %s: no trip runs on any day: the calendars name no day for the services of trips.txt; ask the publisher for a whole feed", r.source)
	}
	r.feed.First, r.feed.Last = first, last
	r.clip()
	return nil
}

// clip bounds the validity by what feed_info states, and by reason.
func (r *reading) clip() {
	s, f := &r.services, &r.feed
	first, last := f.First, f.Last
	if s.hasFirst {
		first = max(first, s.statedFirst)
	}
	if s.hasLast {
		last = min(last, s.statedLast)
	}
	switch {
	case !s.hasFirst && !s.hasLast:
		r.report.note("feed_info states no dates; the feed is valid for the days its calendars speak of, %s to %s", f.First, f.Last)
	case first > last:
		r.report.warn(Warn, "service_window_outside_feed_period", "feed_info.txt", "", 0, "the feed's own dates and those of its calendars, %s to %s, have no day in common; the calendars were believed", f.First, f.Last)
	default:
		if first > f.First || last < f.Last {
			r.report.warn(Info, "service_window_outside_feed_period", "feed_info.txt", "", 0, "the calendars run from %s to %s, beyond the dates of the feed; the days beyond were left out", f.First, f.Last)
		}
		if s.hasFirst && s.statedFirst < f.First || s.hasLast && s.statedLast > f.Last {
			r.report.warn(Info, "feed_valid_beyond_total_service_window", "feed_info.txt", "", 0, "the feed states dates beyond those its calendars speak of, %s to %s; nothing is known of the days beyond", f.First, f.Last)
		}
		f.First, f.Last = first, last
		r.report.note("the feed is valid from %s to %s: what feed_info states and the calendars speak of", first, last)
	}
	if int(f.Last-f.First) >= maxDays {
		from, to := f.First, f.Last
		// The years that matter are those around today.
		f.First = min(max(f.First, r.today-366), f.Last-maxDays+1)
		f.Last = f.First + maxDays - 1
		r.report.warn(Warn, "service_extends_far_in_the_future", "calendar.txt", "", 0, "the calendars run from %s to %s; only %s to %s were kept", from, to, f.First, f.Last)
	}
	begins := "calendar.txt"
	if !r.has(begins) {
		begins = "calendar_dates.txt"
	}
	ends := begins
	if s.hasFirst && f.First == s.statedFirst {
		begins = "feed_info.txt"
	}
	if s.hasLast && f.Last == s.statedLast {
		ends = "feed_info.txt"
	}
	switch left := f.Last - r.today; {
	case left < 7:
		what := fmt.Sprintf("the timetable ends on %s, in less than a week", f.Last)
		if left < 0 {
			what = fmt.Sprintf("the timetable ended on %s", f.Last)
		}
		r.report.warn(Warn, "feed_expiration_date7_days", ends, "", 0, "%s; get a newer one from the publisher", what)
	case left < 30:
		r.report.warn(Info, "feed_expiration_date30_days", ends, "", 0, "the timetable ends on %s; plan for a newer one", f.Last)
	}
	if f.First > r.today {
		r.report.warn(Info, "future_feed", begins, "", 0, "the timetable begins only on %s", f.First)
	}
}

// finishServices writes down the days of every service that some trip runs on. Services of the same days are made one: in Britain every trip often
// has its own.
func (r *reading) finishServices() error {
	s, f := &r.services, &r.feed
	words := int(f.Last-f.First)/64 + 1
	days, key := make([]uint64, words), make([]byte, 0, words*8)
	known := map[string]uint32{}
	ex := s.exceptions
	var firstRun, lastRun transit.Day
	runs := false
	for i := range s.list {
		c := &s.list[i]
		mine := 0
		for mine < len(ex) && ex[mine].service == uint32(i) {
			mine++
		}
		exceptions := ex[:mine]
		ex = ex[mine:]
		if !c.used {
			continue
		}
		clear(days)
		if c.stated {
			from, to := max(c.first, f.First), min(c.last, f.Last)
			weekday := time.Weekday(((int(from)+4)%7 + 7) % 7) // 1 January 1970 was a Thursday
			for d := from; d <= to; d++ {
				if c.week[weekday] {
					n := d - f.First
					days[n>>6] |= 1 << (n & 63)
				}
				if weekday++; weekday == 7 {
					weekday = 0
				}
			}
		}
		for _, e := range exceptions {
			if e.day < f.First || e.day > f.Last {
				continue
			}
			if n := e.day - f.First; e.added {
				days[n>>6] |= 1 << (n & 63)
			} else {
				days[n>>6] &^= 1 << (n & 63)
			}
		}
		key, c.runs = key[:0], false
		for n, w := range days {
			key = binary.LittleEndian.AppendUint64(key, w)
			if w != 0 {
				c.runs = true
				lo, hi := f.First+transit.Day(n*64)+transit.Day(bits.TrailingZeros64(w)), f.First+transit.Day(n*64)+transit.Day(63-bits.LeadingZeros64(w))
				if !runs {
					firstRun, lastRun, runs = lo, hi, true
				}
				firstRun, lastRun = min(firstRun, lo), max(lastRun, hi)
			}
		}
		at, ok := known[string(key)]
		if !ok {
			at = uint32(len(f.Services))
			known[string(key)] = at
			f.Services = append(f.Services, transit.Service{Days: slices.Clone(days)})
		}
		c.days = at
	}
	if !runs {
		return fmt.Errorf("gtfs: %s: no trip runs on any day from %s to %s: the calendars take out every day that they put in; ask the publisher for a whole feed", r.source, f.First, f.Last)
	}
	r.report.FirstRun, r.report.LastRun = firstRun.String(), lastRun.String()
	return nil
}
