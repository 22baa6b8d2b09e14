package oruk

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
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

// rule reads the recurrence into an RFC 5545 rule and the dates it runs
// between. Parts that RFC 5545 does not allow together are left out.
func (m *mapper) rule(sch object, s *hereabouts.Session) {
	freq := strings.ToUpper(m.line(sch, "freq"))
	switch freq {
	case "", "DAILY", "WEEKLY", "MONTHLY", "YEARLY":
	case "FORTNIGHTLY", "BIWEEKLY", "BI-WEEKLY":
		freq = "WEEKLY"
		if sch["interval"] == nil {
			sch = with(sch, "interval", "2")
		}
	case "ANNUALLY", "ANNUAL":
		freq = "YEARLY"
	default:
		m.note("freq", "kept_as_text", "%q is not daily, weekly, monthly or yearly", short(freq))
		freq = ""
	}
	days := m.days(sch)
	if freq == "" && len(days) > 0 {
		freq = "WEEKLY"
	}
	first, validFrom := m.date(sch, "dtstart"), m.date(sch, "valid_from")
	s.Until = m.date(sch, "valid_to")
	if u := m.date(sch, "until"); u != "" && (s.Until == "" || u < s.Until) {
		s.Until = u
	}
	interval := 1
	if n, ok := m.number(sch, "interval"); ok && n >= 1 && n <= 1000 && n == float64(int(n)) {
		interval = int(n)
	}
	// dtstart says which weeks of a longer interval are meant, so it is kept
	// then, even when the schedule is only valid later.
	if s.From = first; first == "" || interval == 1 && validFrom > first {
		s.From = validFrom
	}
	if freq == "" {
		return
	}
	var b strings.Builder
	b.WriteString("FREQ=" + freq)
	if interval > 1 {
		fmt.Fprintf(&b, ";INTERVAL=%d", interval)
	}
	if n, ok := m.number(sch, "count"); ok && n >= 1 && n == float64(int(n)) && s.Until == "" {
		fmt.Fprintf(&b, ";COUNT=%d", int(n))
	}
	if freq == "WEEKLY" {
		for i, d := range days {
			days[i] = strings.TrimLeft(d, "+-0123456789") // the second Tuesday of a week is a Tuesday
		}
		slices.Sort(days)
		days = inWeek(slices.Compact(days))
	}
	if len(days) > 0 {
		b.WriteString(";BYDAY=" + strings.Join(days, ","))
	}
	for _, part := range []struct {
		key     string
		allowed []string
		most    int
	}{
		{"bymonthday", []string{"DAILY", "MONTHLY", "YEARLY"}, 31},
		{"byweekno", []string{"YEARLY"}, 53},
		{"byyearday", []string{"YEARLY"}, 366},
	} {
		list := m.list(sch, part.key)
		if len(list) == 0 {
			continue
		}
		if !slices.Contains(part.allowed, freq) {
			m.note(part.key, "ignored", "%s means nothing in a %s rule", part.key, strings.ToLower(freq))
			continue
		}
		var good []string
		for _, x := range list {
			if n, err := strconv.Atoi(strings.TrimPrefix(x, "+")); err == nil && n != 0 && n >= -part.most && n <= part.most {
				good = append(good, strconv.Itoa(n))
			} else {
				m.note(part.key, "ignored", "%q is not from 1 to %d", short(x), part.most)
			}
		}
		if len(good) > 0 {
			b.WriteString(";" + strings.ToUpper(part.key) + "=" + strings.Join(good, ","))
		}
	}
	if w := strings.ToUpper(m.line(sch, "wkst")); slices.Contains(week, w) && w != "MO" {
		b.WriteString(";WKST=" + w)
	}
	s.RRule = b.String()
}

var (
	dayCode  = regexp.MustCompile(`^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$`)
	dayRange = regexp.MustCompile(`^([a-z]+?)s? ?(?:-|–|to) ?([a-z]+?)s?$`)
)

// days are the days of a schedule as RFC 5545 writes them, from byday or from
// a weekday by name, number or range.
func (m *mapper) days(sch object) []string {
	var out []string
	for _, key := range []string{"byday", "weekday", "weekdays", "day"} {
		if _, is := sch[key].([]any); !is {
			if s := strings.ToLower(m.line(sch, key)); s != "" {
				if r := dayRange.FindStringSubmatch(s); r != nil {
					from, to := dayNumber(r[1]), dayNumber(r[2])
					if from >= 0 && to >= 0 {
						for d := from; ; d = (d + 1) % 7 {
							out = appendNew(out, week[d])
							if d == to {
								break
							}
						}
						continue
					}
				}
			}
		}
		for _, x := range m.list(sch, key) {
			// "Mondays", "monday", "1TU", "TU" and ISO's 2 are all days.
			code := strings.ToUpper(strings.ReplaceAll(x, " ", ""))
			if i := strings.LastIndexByte(code, '/'); i >= 0 { // schema.org/Monday
				code = code[i+1:]
			}
			if d := dayCode.FindStringSubmatch(code); d != nil {
				out = appendNew(out, strings.TrimPrefix(code, "+"))
			} else if i := dayNumber(strings.ToLower(code)); i >= 0 {
				out = appendNew(out, week[i])
			} else {
				m.note(key, "kept_as_text", "%q is not a day", short(x))
			}
		}
	}
	return out
}

// dayNumber is 0 for Monday, -1 for what is no day.
func dayNumber(s string) int {
	s = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(s), "."), "s")
	if n, err := strconv.Atoi(s); err == nil && n >= 1 && n <= 7 {
		return n - 1
	}
	if len(s) < 3 {
		return -1
	}
	for i := range week {
		name := strings.ToLower(time.Weekday((i + 1) % 7).String())
		if s == name || strings.HasPrefix(name, s) || s+"s" == name {
			return i
		}
	}
	return -1
}

var clock = regexp.MustCompile(`(?i)^(?:\d{4}-\d\d-\d\dT)?(\d{1,2})(?:[:.](\d{2}))?(?::\d{2}(?:\.\d+)?)? ?(am|pm|noon|midnight)?(?:Z|[+-]\d\d:?\d\d)?$`)

func isClock(s string) bool {
	_, ok := readClock(s)
	return ok && strings.ContainsAny(s, ":.apAP") && !strings.Contains(s, "T")
}

// readClock reads "10:00", "10:00:00Z", "9.30am" or "2 pm". A zone is not
// heeded: times are those of the clock on the wall, and feeds that write Z
// mean it so.
func readClock(s string) (hereabouts.Clock, bool) {
	t := clock.FindStringSubmatch(strings.TrimSpace(s))
	if t == nil || t[2] == "" && t[3] == "" {
		return "", false
	}
	h, _ := strconv.Atoi(t[1])
	min := 0
	if t[2] != "" {
		min, _ = strconv.Atoi(t[2])
	}
	switch strings.ToLower(t[3]) {
	case "am", "midnight":
		if h < 1 || h > 12 {
			return "", false
		}
		h %= 12
	case "pm", "noon":
		if h < 1 || h > 12 {
			return "", false
		}
		h = h%12 + 12
	}
	if h > 24 || min > 59 || h == 24 && min > 0 {
		return "", false
	}
	return hereabouts.ClockAt(h*60 + min), true
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
