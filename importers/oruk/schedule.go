package oruk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"hereabouts"
	"hereabouts/importers/prose"
)

var scheduleKeys = []string{"schedules", "schedule", "regular_schedules", "regular_schedule"}

// comeAndGo is how long something has to be open, in minutes, before its
// times are read as opening hours: nobody is expected to stay that long.
const comeAndGo = 4 * 60

// sessions reads when the service happens. What is said at the service and at
// its places counts; the hours of a building count only when nothing else is
// said.
func (m *mapper) sessions(s object) {
	here := ""
	if len(m.l.Places) == 1 {
		here = m.placeID(0)
	}
	var read []hereabouts.Session
	for _, sch := range m.objects(s, scheduleKeys...) {
		read = append(read, m.session(sch, here)...)
	}
	locs := m.locations(s)
	for _, loc := range locs {
		if loc.sal == nil {
			continue
		}
		for _, sch := range m.objects(loc.sal, scheduleKeys...) {
			read = append(read, m.session(sch, m.placeOf(loc, here))...)
		}
	}
	if len(read) == 0 {
		for _, loc := range locs {
			for _, sch := range m.objects(loc.at, scheduleKeys...) {
				for _, session := range m.session(sch, m.placeOf(loc, here)) {
					session.Attend = hereabouts.AnyTime
					read = append(read, session)
				}
			}
		}
	}
	except := m.holidays(s, locs)
	for _, x := range together(read) {
		x.Except = nil
		for _, d := range except {
			if (x.Until == "" || d <= x.Until) && d >= x.From {
				x.Except = append(x.Except, d)
			}
		}
		m.l.Sessions = append(m.l.Sessions, x)
	}
}

// placeID is the id of a place, giving it one if it has none.
func (m *mapper) placeID(i int) string {
	p := &m.l.Places[i]
	if p.ID == "" {
		p.ID = fmt.Sprintf("p%d", i+1)
	}
	return p.ID
}

// placeOf is the id of the place that a location has become; here when it
// cannot be told.
func (m *mapper) placeOf(loc located, here string) string {
	id := m.id(loc.at, "id")
	for i := range m.l.Places {
		if m.l.Places[i].ID == id && id != "" {
			return id
		}
	}
	return here
}

// together drops what is said twice and joins days that have the same times,
// which some sources give as a row a day.
func together(all []hereabouts.Session) []hereabouts.Session {
	type key struct {
		place, start, end, from, until, note, attend string
		head                                         string
	}
	at := map[key]int{}
	days := map[key][]string{}
	var out []hereabouts.Session
	seen := map[string]bool{}
	for _, s := range all {
		id := fmt.Sprint(s)
		if s.PlaceID != "" {
			// The same hours said again for the place are the same hours.
			bare := s
			bare.PlaceID = ""
			if i := slices.IndexFunc(out, func(x hereabouts.Session) bool { return fmt.Sprint(x) == fmt.Sprint(bare) }); i >= 0 {
				out[i].PlaceID = s.PlaceID
				continue
			}
		}
		if seen[id] {
			continue
		}
		seen[id] = true
		const weekly = "FREQ=WEEKLY;BYDAY="
		byday, simple := strings.CutPrefix(s.RRule, weekly)
		k := key{s.PlaceID, string(s.Start), string(s.End), string(s.From), string(s.Until), s.Note, string(s.Attend), weekly}
		if !simple || strings.Contains(byday, ";") {
			out = append(out, s)
			continue
		}
		if i, again := at[k]; again {
			for d := range strings.SplitSeq(byday, ",") {
				days[k] = appendNew(days[k], d)
			}
			out[i].RRule = weekly + strings.Join(inWeek(days[k]), ",")
			continue
		}
		at[k], days[k] = len(out), strings.Split(byday, ",")
		out = append(out, s)
	}
	return out
}

var week = []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}

func inWeek(days []string) []string {
	slices.SortFunc(days, func(a, b string) int { return cmp.Compare(slices.Index(week, a), slices.Index(week, b)) })
	return days
}

// session reads a schedule. Its words become sessions only when it has no
// fields that say when; otherwise they are the session's note.
func (m *mapper) session(sch object, place string) []hereabouts.Session {
	s := hereabouts.Session{PlaceID: place}
	if how := waysIn(m.line(sch, "attending_type")); len(how) > 0 && !slices.Contains(how, hereabouts.InPerson) {
		s.PlaceID = "" // by video or telephone, wherever else the service is
	}
	words := paragraph(m.text(sch, "description"), m.text(sch, "notes"))
	start, end := m.line(sch, "opens_at", "opens", "start_time"), m.line(sch, "closes_at", "closes", "end_time")
	// One family of sources keeps its times in the fields for dates.
	if t := m.line(sch, "dtstart"); start == "" && isClock(t) {
		start = t
		sch = without(sch, "dtstart")
	}
	if t := m.line(sch, "until"); isClock(t) {
		if end == "" {
			end = t
		}
		sch = without(sch, "until")
	}
	var ok1, ok2 bool
	s.Start, ok1 = readClock(start)
	s.End, ok2 = readClock(end)
	for _, bad := range []struct {
		key, typed string
		ok         bool
	}{{"opens_at", start, ok1}, {"closes_at", end, ok2}} {
		if bad.typed != "" && !bad.ok {
			if strings.ContainsFunc(bad.typed, unicode.IsLetter) {
				m.note(bad.key, "kept_as_text", "%q is not a time of day", short(bad.typed))
				words = paragraph(words, bad.typed)
			} else {
				m.note(bad.key, "ignored", "%q is not a time of day", short(bad.typed))
			}
		}
	}
	if s.Start != "" && s.Start == s.End {
		// All day, or closed: sources mean either.
		m.note("opens_at", "ignored", "it opens and closes at %s, which may mean all day or not at all", s.Start)
		return nil
	}
	m.rule(sch, &s)
	if s.RRule == "" && s.From == "" {
		m.spoken(words, place)
		return nil
	}
	if s.Start == "" && s.End != "" {
		s.End = ""
	}
	s.Note = words
	s.Attend = hereabouts.Whole
	if from, ok := s.Start.Minutes(); ok {
		if to, ok := s.End.Minutes(); ok && (to-from+1440)%1440 >= comeAndGo {
			s.Attend = hereabouts.AnyTime
		}
	}
	return []hereabouts.Session{s}
}

// spoken reads times from words. What cannot be read stays in the
// description, where people can.
func (m *mapper) spoken(words, place string) {
	if words == "" {
		return
	}
	times := prose.ReadTimes(words)
	for _, s := range times.Sessions {
		s.PlaceID = place
		m.l.Sessions = append(m.l.Sessions, s)
	}
	if len(times.Sessions) > 0 {
		m.note("schedules.description", "read_from_text", "times were read from %q", short(words))
	}
	if !times.Whole() {
		m.note("schedules.description", "kept_as_text", "%q", short(words))
		m.l.Description = paragraph(m.l.Description, "When: "+words)
	}
}

func with(o object, key, value string) object {
	c := without(o, key)
	c[key] = value
	return c
}

func without(o object, key string) object {
	c := make(object, len(o))
	for k, v := range o {
		if k != key {
			c[k] = v
		}
	}
	return c
}

// mostHoliday is the longest closure in days that is a holiday and not the
// end of the service.
const mostHoliday = 120

// holidays are the dates on which the service is closed.
func (m *mapper) holidays(s object, locs []located) []hereabouts.Date {
	all := m.objects(s, "holiday_schedules", "holiday_schedule")
	for _, loc := range locs {
		if loc.sal != nil {
			all = append(all, m.objects(loc.sal, "holiday_schedules", "holiday_schedule")...)
		}
	}
	var dates []hereabouts.Date
	for _, h := range all {
		from, to := m.date(h, "start_date"), m.date(h, "end_date")
		if to == "" {
			to = from
		}
		closed := m.fact(h, "closed")
		if closed != hereabouts.Yes {
			m.note("holiday_schedules", "kept_as_text", "other hours from %s to %s; see the source", from, to)
			m.l.Description = paragraph(m.l.Description, strings.TrimSpace(fmt.Sprintf("Different hours from %s to %s %s", from, to, hours(m.line(h, "opens_at"), m.line(h, "closes_at"))))+".")
			continue
		}
		days, ok := to.DaysSince(from)
		if !ok || days < 0 || days > mostHoliday {
			m.note("holiday_schedules", "ignored", "closed from %q to %q is no holiday", from, to)
			continue
		}
		for i := range days + 1 {
			dates = appendNew(dates, from.AddDays(i))
		}
	}
	slices.Sort(dates)
	return dates
}

func hours(from, to string) string {
	if from == "" || to == "" {
		return ""
	}
	return "(" + from + " to " + to + ")"
}
