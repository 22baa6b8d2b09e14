package index

import (
	"slices"
	"time"

	"hereabouts"
)

// A sessionClause asks for a session on certain days at certain times.
type sessionClause struct {
	days     uint8 // weekdays asked for; 0: any
	within   dates // the range of dates
	on       dates // within, on the weekdays asked for
	from, to int   // minutes after midnight; to above 1440 runs into the next day
	timed    bool
	plain    bool // weekdays only, from today on
	row      func(ord uint32) verdict
}

func (m *compiled) sessionClause(p *hereabouts.Problems) {
	q := m.q
	s := &sessionClause{from: 0, to: 1440}
	first, last := m.today, m.base+scheduleDays-1
	for _, f := range []struct {
		date hereabouts.Date
		day  *int32
	}{{q.From, &first}, {q.To, &last}} {
		if f.date == "" {
			continue
		}
		if *f.day = dayNumber(f.date); *f.day == noDay {
			p.AddParameter("date", "invalid", "write dates like 2026-11-24")
			return
		}
	}
	if q.From != "" && q.To == "" {
		last = max(last, first)
	}
	if last < first && q.To != "" {
		p.AddParameter("date", "out_of_range", "the first date comes after the last; swap them")
		return
	}
	for _, f := range []struct {
		clock   hereabouts.Clock
		minutes *int
	}{{q.TimeFrom, &s.from}, {q.TimeTo, &s.to}} {
		if f.clock == "" {
			continue
		}
		t, ok := f.clock.Minutes()
		if !ok {
			p.AddParameter("time", "invalid", "write times like 10:00-14:00")
			return
		}
		*f.minutes, s.timed = t, true
	}
	if s.to <= s.from {
		s.to += 1440
	}
	for _, d := range q.Days {
		if d < time.Sunday || d > time.Saturday {
			p.AddParameter("day", "unknown_value", "choose from "+join(dayNames))
			return
		}
		s.days |= 1 << d
	}
	dated := q.From != "" || q.To != ""
	if s.days == 0 && !dated && !s.timed {
		return
	}
	s.plain = !dated && !s.timed
	s.within = span(m.base, first, last)
	s.on = s.within
	var relax []string
	if s.days != 0 {
		relax = append(relax, "day")
		days := onWeekdays(m.base, s.days)
		for i := range s.on {
			s.on[i] &= days[i]
		}
	}
	if dated {
		relax = append(relax, "date")
	}
	if s.timed {
		relax = append(relax, "time")
	}
	m.session = s
	cl := clause{relax: dropped(relax...), softens: true, session: true, row: func(ord uint32) verdict { return m.sessionVerdict(ord) }}
	if s.days != 0 {
		cl.facet = "day"
	}
	if s.plain {
		days, stated := chosen(m.bits.day[:], s.days), m.bits.sessions
		cl.row = func(ord uint32) verdict {
			for _, d := range days {
				if d.has(ord) {
					return passes
				}
			}
			if stated.has(ord) {
				return fails
			}
			return unstated
		}
		cl.set = func(dst, scratch bitset) {
			for _, d := range days {
				dst.or(d)
			}
			if m.keep {
				copy(scratch, m.bits.live)
				scratch.andNot(m.bits.sessions)
				dst.or(scratch)
			}
		}
	}
	s.row = cl.row
	m.add(cl)
}

// timeVerdict is whether a session overlaps the time of day asked for. One
// that nobody has given a time for may.
func (s *sessionClause) timeVerdict(e *session) verdict {
	if !s.timed {
		return passes
	}
	if !e.timed {
		return unstated
	}
	return verdictOf(s.overlaps(int(e.start), int(e.end)))
}

// overlaps reports whether some of a time of day, in minutes after midnight,
// is asked for.
func (s *sessionClause) overlaps(start, end int) bool {
	for _, shift := range [...]int{-1440, 0, 1440} {
		from, to := s.from+shift, s.to+shift
		if start < to && (end > from || start == end && start >= from) {
			return true
		}
	}
	return false
}

func (m *compiled) sessionVerdict(ord uint32) verdict {
	if !m.rows[ord].is(flagSessions) {
		return unstated
	}
	best := fails
	sessions := m.details[ord].sessions
	for i := range sessions {
		e := &sessions[i]
		if v := m.session.timeVerdict(e); v > best && m.schedules.any(e.dates, &m.session.on) {
			best = v
		}
	}
	return best
}

// sessionDays is the weekdays on which a listing has a session that passes
// but for the weekdays asked for: what the day facet counts.
func (m *compiled) sessionDays(ord uint32) (days uint8) {
	if m.session == nil || m.session.plain {
		return m.rows[ord].days
	}
	sessions := m.details[ord].sessions
	for i := range sessions {
		e := &sessions[i]
		if m.passed(m.session.timeVerdict(e)) {
			days |= m.schedules.weekdaysIn(e.dates, m.base, m.session.within)
		}
	}
	return days
}

// dayClause is the clause that asks for days of the week; -1 for none.
func (m *compiled) dayClause() int {
	return slices.IndexFunc(m.clauses, func(c clause) bool { return c.facet == "day" })
}

// anyDay is the clause without its days of the week; nil when that leaves
// nothing.
func (s *sessionClause) anyDay() *sessionClause {
	if s.plain {
		return nil
	}
	any := *s
	any.days, any.on = 0, s.within
	return &any
}
