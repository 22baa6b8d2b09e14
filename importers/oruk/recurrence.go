package oruk

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"hereabouts"
)

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
