package oruk

import (
	"regexp"
	"strconv"
	"strings"

	"hereabouts"
	"hereabouts/importers/prose"
)

// availability reads whether new people are being taken. The status of the
// service outweighs its capacities, those its waiting time, and that an alert.
func (m *mapper) availability(s object) {
	a := &m.l.Availability
	changed := m.date(s, "last_modified", "modified_date", "updated_at")
	if changed == "" {
		changed = m.date(s, "assured_date")
	}
	if changed > m.today {
		changed = ""
	}
	m.alerted(s, a)
	m.waits(s, a)
	m.capacity(s, a)
	switch status := strings.ToLower(m.line(s, "status")); status {
	case "temporarily closed", "temporarily_closed", "suspended":
		a.State, a.Places, a.WaitWeeks = hereabouts.Paused, nil, nil
	case "inactive", "defunct", "closed", "archived":
		a.State, a.Places, a.WaitWeeks = hereabouts.Closed, nil, nil
	case "", "active", "published", "approved", "verified":
		// It runs, which is not to say that it takes anybody.
	default:
		m.note("status", "kept_as_text", "%q is not active, inactive, defunct or temporarily closed", short(status))
	}
	if a.State != "" && a.AsOf == "" {
		a.AsOf = changed
	}
}

func (m *mapper) alerted(s object, a *hereabouts.Availability) {
	alert := m.text(s, "alert")
	if alert == "" {
		return
	}
	a.Note = alert
	if said, ok := prose.ReadAvailability(alert); ok {
		a.State, a.WaitWeeks, a.Places, a.Until = said.State, said.WaitWeeks, said.Places, said.Until
		m.note("alert", "read_from_text", "%s was read from %q", said.State, short(alert))
	}
}

var (
	waitSpan = regexp.MustCompile(`^(?:about |approx(?:imately|\.)? |around |up to |currently |c\. ?)?(\d{1,3})(?: ?(?:-|–|to) ?(\d{1,3}))? ?(day|week|month|year)s?\b`)
	noWait   = regexp.MustCompile(`^(no (current )?(wait(ing)?( (list|time|period))?|delay)|none|immediate(ly)?|no wait)\b`)
)

// waits reads wait_time: a field about waiting, so "6 weeks" is a wait.
func (m *mapper) waits(s object, a *hereabouts.Availability) {
	text := m.text(s, "wait_time")
	if text == "" {
		return
	}
	t := strings.ToLower(text)
	if span := waitSpan.FindStringSubmatch(t); span != nil {
		n, _ := strconv.Atoi(span[1])
		if span[2] != "" {
			n, _ = strconv.Atoi(span[2]) // the longer of the two is the promise
		}
		switch span[3] {
		case "day":
			n = (n + 6) / 7
		case "month":
			n = (n*13 + 2) / 3
		case "year":
			n *= 52
		}
		a.State, a.WaitWeeks = hereabouts.WaitingList, &n
	} else if noWait.MatchString(t) {
		a.State, a.WaitWeeks = hereabouts.Open, new(0)
	} else if said, ok := prose.ReadAvailability(text); ok {
		a.State, a.WaitWeeks, a.Places = said.State, said.WaitWeeks, said.Places
	} else {
		m.note("wait_time", "kept_as_text", "%q", short(text))
	}
	a.Note = paragraph(a.Note, "Waiting time: "+text)
}

// capacity adds up what is free.
func (m *mapper) capacity(s object, a *hereabouts.Availability) {
	free, stated := 0, false
	var asOf hereabouts.Date
	for _, c := range m.objects(s, "capacities", "service_capacity", "service_capacities") {
		n, ok := m.number(c, "available")
		if !ok || n < 0 || n > 100_000 {
			continue
		}
		free += int(n)
		stated = true
		if d := m.date(c, "updated"); d <= m.today {
			asOf = max(asOf, d)
		}
		if d := m.line(c, "description"); d != "" {
			a.Note = paragraph(a.Note, d)
		}
	}
	if !stated {
		return
	}
	a.AsOf, a.WaitWeeks = asOf, nil
	if a.Places = &free; free > 0 {
		a.State = hereabouts.Open
	} else {
		a.State = hereabouts.Full
	}
}
