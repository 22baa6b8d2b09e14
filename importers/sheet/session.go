package sheet

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"hereabouts"
	"hereabouts/importers"
	"hereabouts/importers/prose"
)

// sessions fills in when it is. Fields without words to read are read from
// every row of the group, so that a stop visited twice has two sessions.
func (g *group) sessions(l *hereabouts.Listing) {
	for n := range g.rows {
		one := g.only(n)
		for i := range g.Listing.Sessions {
			one.session(l, &g.Listing.Sessions[i])
		}
		for _, note := range one.notes {
			g.noteOnce(note.Field, note.Code, note.Detail)
		}
	}
	l.Sessions = mergeWeekly(l.Sessions)
}

func (g *group) session(l *hereabouts.Listing, f *SessionField) {
	attend := hereabouts.Attend(f.Attend.one(g))
	if f.Times.Given() {
		times := f.Times.one(g)
		if times == "" {
			return
		}
		g.times(l, strings.TrimSpace(f.Days.one(g)+" "+times), attend, "Opening times")
		return
	}
	s := hereabouts.Session{
		RRule:  f.RRule.one(g),
		Start:  clockOf(f.Start.one(g)),
		End:    clockOf(f.End.one(g)),
		From:   g.date("sessions.from", &f.From),
		Until:  g.date("sessions.until", &f.Until),
		Attend: attend,
		Note:   f.Note.one(g),
	}
	if s.RRule == "" && s.Start == "" && s.End == "" && s.From == "" {
		return
	}
	days := g.days(f)
	s.RRule = onDays(s.RRule, days)
	g.checkStart(&s, days)
	raw := strings.TrimSpace(f.Start.one(g) + " to " + f.End.one(g))
	start, okStart := s.Start.Minutes()
	end, okEnd := s.End.Minutes()
	switch {
	case !okStart || !okEnd && s.End != "":
		g.note("sessions", "kept_as_text", fmt.Sprintf("%q are not times of day; kept in the description", clip(raw)))
		l.Description = paragraph(l.Description, "Times given: "+raw+".")
		return
	case okEnd && end <= start:
		g.note("sessions", "kept_as_text", fmt.Sprintf("%q ends before it starts; kept in the description", clip(raw)))
		l.Description = paragraph(l.Description, "Times given: "+strings.TrimSpace(f.Days.one(g)+" "+raw)+".")
		return
	}
	if padded := f.Start.one(g); len(padded) == 4 {
		g.note("sessions", "repaired", "a time lacked its leading nought")
	}
	if !sameSession(l.Sessions, s) {
		l.Sessions = append(l.Sessions, s)
	}
}

var clockForm = regexp.MustCompile(`^(\d{1,2})[:.](\d{2})(?::\d{2})?$`)

// clockOf writes "9:40" and "09.40" as 09:40, and leaves the rest.
func clockOf(s string) hereabouts.Clock {
	if m := clockForm.FindStringSubmatch(s); m != nil {
		return hereabouts.Clock(fmt.Sprintf("%02s:%s", m[1], m[2]))
	}
	return hereabouts.Clock(s)
}

var dayCodes = map[string]string{"mon": "MO", "tue": "TU", "wed": "WE", "thu": "TH", "fri": "FR", "sat": "SA", "sun": "SU"}

// days are the RFC 5545 codes of the weekdays that a cell names.
func (g *group) days(f *SessionField) (codes []string) {
	for w := range strings.FieldsFuncSeq(strings.ToLower(f.Days.one(g)), func(r rune) bool { return strings.ContainsRune(" ,&/;", r) }) {
		if code := dayCodes[w[:min(3, len(w))]]; code != "" {
			codes = append(codes, code)
		}
	}
	return codes
}

// onDays adds the days to a weekly rule that names none.
func onDays(rule string, days []string) string {
	if len(days) == 0 || strings.Contains(rule, "BYDAY") {
		return rule
	}
	if rule == "" {
		rule = "FREQ=WEEKLY"
	}
	if !strings.HasPrefix(rule, "FREQ=WEEKLY") {
		return rule
	}
	return strings.Replace(rule, ";INTERVAL=1", "", 1) + ";BYDAY=" + strings.Join(days, ",")
}

// checkStart notes a first date that is not on the day it should be; the rule
// then begins on the next one that is.
func (g *group) checkStart(s *hereabouts.Session, days []string) {
	t, ok := s.From.Time()
	if !ok || len(days) == 0 {
		return
	}
	code := dayCodes[strings.ToLower(t.Weekday().String()[:3])]
	if !slices.Contains(days, code) {
		g.note("sessions.from", "differs", fmt.Sprintf("the first date, %s, is a %s and the day is given as %s; the day was believed", s.From, t.Weekday(), strings.Join(days, ", ")))
	}
}

func sameSession(ss []hereabouts.Session, s hereabouts.Session) bool {
	return slices.ContainsFunc(ss, func(x hereabouts.Session) bool {
		return x.RRule == s.RRule && x.Start == s.Start && x.End == s.End && x.From == s.From && x.Until == s.Until
	})
}

const weekly = "FREQ=WEEKLY;BYDAY="

// mergeWeekly makes one session of weekly ones at the same time on several
// days.
func mergeWeekly(ss []hereabouts.Session) []hereabouts.Session {
	var out []hereabouts.Session
	for _, s := range ss {
		days, simple := strings.CutPrefix(s.RRule, weekly)
		i := -1
		if simple && s.From == "" && s.Until == "" {
			i = slices.IndexFunc(out, func(x hereabouts.Session) bool {
				return strings.HasPrefix(x.RRule, weekly) && x.Start == s.Start && x.End == s.End && x.Note == s.Note &&
					x.Attend == s.Attend && x.From == "" && x.Until == ""
			})
		}
		if i < 0 {
			out = append(out, s)
			continue
		}
		have := strings.Split(strings.TrimPrefix(out[i].RRule, weekly), ",")
		for d := range strings.SplitSeq(days, ",") {
			if !slices.Contains(have, d) {
				have = append(have, d)
			}
		}
		order := []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
		slices.SortFunc(have, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
		if out[i].RRule = weekly + strings.Join(have, ","); len(have) == 7 {
			out[i].RRule = "FREQ=DAILY"
		}
	}
	return out
}

// times reads opening times in words. What was not understood stays in the
// description, in the source's own words.
func (g *group) times(l *hereabouts.Listing, text string, attend hereabouts.Attend, label string) {
	t := prose.ReadTimes(text)
	for _, s := range t.Sessions {
		s.Attend = attend
		if !sameSession(l.Sessions, s) {
			l.Sessions = append(l.Sessions, s)
		}
	}
	for _, a := range t.Assumed {
		g.note("sessions", "assumed_daytime", a)
	}
	if len(t.Kept) == 0 || label == "" {
		return // without a label the text is the description, which is kept whole anyway
	}
	l.Description = paragraph(l.Description, label+": "+importers.PlainText(text))
	if len(t.Sessions) == 0 {
		g.note("sessions", "kept_as_text", "no times could be read; the words were kept")
	} else {
		g.note("sessions", "partly_kept_as_text", "some words beside the times could not be read; they were kept")
	}
}

// attachSessions says where the sessions are when there is one place.
func (g *group) attachSessions(l *hereabouts.Listing) {
	if len(l.Places) != 1 {
		return
	}
	if l.Places[0].ID == "" {
		l.Places[0].ID = "p1"
	}
	for i := range l.Sessions {
		l.Sessions[i].PlaceID = l.Places[0].ID
	}
}

// reading reads a text's words for facts. What the mapping states outright is
// not overruled.
func (g *group) reading(l *hereabouts.Listing, r *Reading) {
	text := importers.PlainText(r.Text.one(g))
	if text == "" || prose.Blank(text) {
		return
	}
	for _, what := range r.For {
		switch what {
		case "times":
			g.times(l, text, hereabouts.Attend(r.Attend), r.Label)
		case "referral":
			for _, route := range prose.ReadReferral(text) {
				if !slices.Contains(l.Referral.Routes, route) {
					l.Referral.Routes = append(l.Referral.Routes, route)
				}
			}
			if len(prose.ReadReferral(text)) == 0 && r.Label != "" {
				g.note("referral", "kept_as_text", "no way of being referred could be read; the words were kept")
			}
			if r.Label != "" {
				l.Referral.How = paragraph(l.Referral.How, text)
			}
		case "availability":
			if a, ok := prose.ReadAvailability(text); ok && l.Availability.State == "" {
				l.Availability = a
				l.Availability.AsOf = l.ConfirmedAt
			}
		case "cost":
			if c, ok := prose.ReadCost(text); ok && l.Cost == (hereabouts.Cost{Free: hereabouts.Unknown}) {
				l.Cost = c
			}
		case "ages":
			if a, ok := prose.ReadAges(text); ok && l.Eligibility.MinAge == nil && l.Eligibility.MaxAge == nil {
				l.Eligibility.MinAge, l.Eligibility.MaxAge = a.Min, a.Max
			}
		}
	}
}
