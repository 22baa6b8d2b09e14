package oruk

import (
	"regexp"
	"strings"
	"time"

	"hereabouts"
	"hereabouts/importers"
)

// listing turns a service into a listing.
func listing(service object, today hereabouts.Date) (*hereabouts.Listing, []importers.Note, error) {
	m := &mapper{today: today, l: &hereabouts.Listing{}}
	l := m.l
	l.Source.ID = m.id(service, "id")
	l.Name = importers.Name(m.line(service, "name"))
	m.describe(service)
	m.organisation(service)
	m.terms(service)
	l.Kind = kind(l)
	m.eligibility(service)
	m.areas(service)
	m.referral(service)
	m.delivery(service)
	abroad := m.places(service)
	m.sessions(service)
	m.cost(service)
	m.languages(service)
	m.contacts(service)
	m.availability(service)
	m.confirmed(service)
	m.hide(service)
	if abroad != nil && len(l.Places) == 0 {
		return l, m.notes, abroad
	}
	if len(l.Delivery) == 0 && len(l.Places) > 0 {
		l.Delivery = []hereabouts.Delivery{hereabouts.InPerson}
	}
	return l, m.notes, nil
}

// describe joins what a service says about itself in several fields.
func (m *mapper) describe(s object) {
	l := m.l
	l.Description = m.text(s, "description")
	if l.Summary = m.text(s, "summary"); l.Summary == "" {
		if program := m.object(s, "program"); program != nil {
			if name := m.line(program, "name"); name != "" {
				l.Description = paragraph(l.Description, "Part of "+name+".")
			}
		}
	}
	if other := m.line(s, "alternate_name"); other != "" && !strings.EqualFold(other, l.Name) {
		l.Description = paragraph(l.Description, "Also known as "+other+".")
	}
	if a := m.text(s, "accreditations"); a != "" {
		l.Description = paragraph(l.Description, "Accreditation: "+a)
	}
	if i := m.text(s, "interpretation_services"); i != "" {
		l.Description = paragraph(l.Description, "Interpreting: "+i)
	}
	if offer := m.object(s, "local_offer"); offer != nil {
		l.Description = paragraph(l.Description, m.text(offer, "description"))
	}
}

func paragraph(text, more string) string {
	if more == "" || strings.Contains(text, more) {
		return text
	}
	return strings.TrimSpace(text + "\n\n" + more)
}

var groupName = regexp.MustCompile(`(?i)\b(groups?|clubs?|societ(y|ies)|choirs?|sheds?|scouts?|cubs|beavers|brownies|guides|rainbows|ramblers|circle|u3a|toddlers?|playgroup|coffee morning)\b`)

// kind tells a group that people join from a service that people are given.
// The standards have no field for it.
func kind(l *hereabouts.Listing) hereabouts.Kind {
	if groupName.MatchString(l.Name) {
		return hereabouts.Group
	}
	for _, tag := range l.Tags {
		switch strings.ToLower(tag) {
		case "clubs and groups", "clubs", "groups", "support groups", "social groups":
			return hereabouts.Group
		}
	}
	return hereabouts.Service
}

// confirmed reads when somebody last said that the service is as described:
// the date of assurance, or that of the last change.
func (m *mapper) confirmed(s object) {
	d := m.date(s, "assured_date", "last_assured")
	if d == "" {
		d = m.date(s, "last_modified", "modified_date", "updated_at")
	}
	if d > m.today {
		m.note("assured_date", "ignored", "%s has not come yet", d)
		return
	}
	if d != "" {
		m.l.ConfirmedAt, m.l.ConfirmedBy = d, hereabouts.ByImporter
	}
}

// date is the first readable date under the keys.
func (m *mapper) date(o object, keys ...string) hereabouts.Date {
	for _, k := range keys {
		s := m.line(o, k)
		if s == "" {
			continue
		}
		if d, ok := readDate(s); ok {
			return d
		}
		m.note(k, "kept_as_text", "%q is not a date", short(s))
	}
	return ""
}

// readDate reads "2026-11-21", a date with a time, or "21/11/2026".
func readDate(s string) (hereabouts.Date, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999", "2006-01-02", "02/01/2006", "2/1/2006", "2006/01/02", "20060102"} {
		t, err := time.ParseInLocation(layout, s, hereabouts.London)
		if err == nil {
			// Midnight in universal time is how programs write a bare date.
			if strings.HasSuffix(s, "Z") && t.Hour() == 0 && t.Minute() == 0 {
				return hereabouts.Date(t.Format(time.DateOnly)), true
			}
			return hereabouts.DateOf(t), true
		}
	}
	return "", false
}

var (
	refuge = regexp.MustCompile(`(?i)\brefuges?\b|\bsafe ?houses?\b`)
	// A nature reserve may be a refuge too.
	wildlife     = regexp.MustCompile(`(?i)\b(wildlife|bird|animal|hedgehog|nature) refuges?\b`)
	confidential = regexp.MustCompile(`(?i)\b(confidential|undisclosed|secret|withheld|not disclosed)[ -](address|location|place|venue)\b|\b(address|location|venue)( is| are|:)? (kept )?(confidential|undisclosed|secret|withheld|not disclosed)\b`)
	runsRefuge   = regexp.MustCompile(`(?i)\b(refuge (accommodation|spaces?|beds?|places?)|(provid|offer|run)\w*( an?| our| the)?( \w+){0,2} refuges?|safe ?house)\b`)
)

// hints reports whether the expressions above could find anything; nearly
// always they cannot, and this is much quicker.
func hints(text string) bool {
	text = strings.ToLower(text)
	for _, w := range []string{"refuge", "safe house", "safehouse", "confidential", "disclosed", "secret", "withheld"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// hide takes the places out of listings whose address must never be known.
func (m *mapper) hide(s object) {
	l := m.l
	about := []string{l.Name, strings.Join(l.Tags, " ")}
	for _, loc := range m.locations(s) {
		about = append(about, m.text(loc.at, "name"), m.text(loc.at, "alternate_name"))
		for _, a := range m.objects(loc.at, addressKeys...) {
			about = append(about, m.text(a, "attention"), m.text(a, "address_1"), m.text(a, "address_type"))
		}
	}
	for _, p := range l.Places {
		about = append(about, p.Note)
	}
	names, text := strings.Join(about, "\n"), l.Description
	if !hints(names) && !hints(text) {
		return
	}
	names, text = wildlife.ReplaceAllString(names, ""), wildlife.ReplaceAllString(text, "")
	if !refuge.MatchString(names) && !confidential.MatchString(names) && !confidential.MatchString(text) && !runsRefuge.MatchString(text) {
		return
	}
	l.Places = nil
	for i := range l.Sessions {
		l.Sessions[i].PlaceID = ""
	}
	// A hidden listing is found by area, so it needs one. Without, it is one
	// with no place at all, which shows as little.
	l.HiddenLocation = l.Eligibility.Catchment.Stated()
	m.note("places", "location_withheld", "it reads like a refuge or a confidential address; no address, postcode or coordinates were taken")
}
