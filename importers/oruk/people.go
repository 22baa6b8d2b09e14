package oruk

import (
	"regexp"
	"strings"

	"hereabouts"
	"hereabouts/importers"
)

// organisation reads who runs the service.
func (m *mapper) organisation(s object) {
	o := m.object(s, "organization", "organisation")
	if o == nil {
		if id := m.id(s, "organization_id", "organisation_id"); id != "" {
			m.note("organization_id", "dangling", "no organisation with the id %q came with the service; it is listed without one", short(id))
		}
		return
	}
	ref := &m.l.Organisation
	ref.Name = importers.Name(m.line(o, "name"))
	ref.URL = m.url(o, "website", "url")
	for _, id := range m.objects(o, "organization_identifiers", "organisation_identifiers") {
		if n := charityNumber(m.line(id, "identifier_scheme"), m.line(id, "identifier_type"), m.line(id, "identifier")); n != "" {
			ref.CharityNumber = n
			break
		}
	}
	if ref.CharityNumber == "" {
		ref.CharityNumber = charityNumber("GB-CHC", "", m.line(o, "charity_number", "registered_charity_number"))
	}
	if ref.CharityNumber == "" {
		if org := orgID.FindStringSubmatch(m.line(o, "uri") + " " + m.id(o, "id")); org != nil {
			ref.CharityNumber = org[1]
		}
	}
}

var (
	orgID        = regexp.MustCompile(`(?i)\bGB-(?:CHC|SC|NIC)-((?:SC|NIC)?\d{5,7}(?:-\d{1,2})?)\b`)
	charityShape = regexp.MustCompile(`(?i)^(?:SC|NIC|N)?\d{5,7}(?:-\d{1,2})?$`)
)

// charityNumber is the number when the identifier is one of a charity.
func charityNumber(scheme, kind, number string) string {
	if org := orgID.FindStringSubmatch(number); org != nil {
		return strings.ToUpper(org[1])
	}
	number = strings.ToUpper(strings.ReplaceAll(number, " ", ""))
	if !charityShape.MatchString(number) {
		return ""
	}
	switch strings.ToUpper(scheme) {
	case "GB-CHC", "GB-SC", "GB-NIC":
		return number
	}
	if strings.Contains(strings.ToLower(kind+" "+scheme), "charit") {
		return number
	}
	return ""
}

// contacts reads whom to ask: the service's own address and number first,
// then its people, then those at its places. Its organisation answers when
// nobody else does.
func (m *mapper) contacts(s object) {
	var c gathered
	own := hereabouts.Contact{Email: m.email(s, "email"), URL: m.url(s, "url", "website")}
	phones := m.objects(s, "phones")
	own.Phone = m.phone(first(phones))
	c.add(own)
	m.phones(&c, rest(phones))
	m.people(&c, s)
	for _, loc := range m.locations(s) {
		if loc.sal != nil {
			m.people(&c, loc.sal)
			m.phones(&c, m.objects(loc.sal, "phones"))
		}
		m.people(&c, loc.at)
		m.phones(&c, m.objects(loc.at, "phones"))
	}
	for _, link := range m.objects(s, "links", "additional_urls") {
		c.add(hereabouts.Contact{Name: m.line(link, "label"), URL: m.url(link, "url")})
	}
	if o := m.object(s, "organization", "organisation"); o != nil && !c.reachable() {
		theirs := hereabouts.Contact{Email: m.email(o, "email"), URL: m.url(o, "website", "url"), Phone: m.phone(first(m.objects(o, "phones")))}
		if theirs != (hereabouts.Contact{}) {
			theirs.Name = m.l.Organisation.Name
			c.add(theirs)
		}
		m.people(&c, o)
	}
	m.l.Contacts = c.list
	r := &m.l.Referral
	if r.URL == own.URL {
		r.URL = ""
	}
}

// people reads the contacts of anything that has them.
func (m *mapper) people(c *gathered, o object) {
	for _, p := range m.objects(o, "contacts", "contact") {
		if m.fact(p, "visible") == hereabouts.No {
			continue // Outpost keeps some for itself
		}
		who := m.line(p, "name")
		if title := m.line(p, "title"); title != "" && !strings.EqualFold(title, who) {
			if who != "" {
				who += ", "
			}
			who += title
		}
		phones := m.objects(p, "phones")
		contact := hereabouts.Contact{Name: who, Email: m.email(p, "email"), Phone: m.phone(first(phones))}
		if contact.Phone == "" {
			contact.Phone = m.phone(object{"number": p["phone"]})
		}
		c.add(contact)
		m.phones(c, rest(phones))
	}
}

func (m *mapper) phones(c *gathered, phones []object) {
	for _, p := range phones {
		if n := m.phone(p); n != "" {
			c.add(hereabouts.Contact{Name: shortLabel([]string{m.line(p, "description", "department")}), Phone: n})
		}
	}
}

// phone is a number with its extension. A fax is none.
func (m *mapper) phone(p object) string {
	if p == nil || strings.EqualFold(m.line(p, "type"), "fax") {
		return ""
	}
	typed := m.line(p, "number", "name")
	if typed == "" {
		return ""
	}
	n, ok := importers.Telephone(typed)
	if !ok {
		// Two numbers in one field, or a number among words.
		if n = at(importers.Contacts(typed).Phones); n == "" {
			m.note("phones.number", "ignored", "%q is not a telephone number", short(typed))
			return ""
		}
	}
	if ext, ok := m.number(p, "extension"); ok && ext > 0 && ext < 1e6 && !strings.Contains(n, "ext") {
		n += " ext " + m.line(p, "extension")
	}
	return n
}

func (m *mapper) email(o object, keys ...string) string {
	typed := m.line(o, keys...)
	if typed == "" {
		return ""
	}
	if e, ok := importers.Email(typed); ok {
		return e
	}
	if e := at(importers.Contacts(typed).Emails); e != "" {
		return e
	}
	m.note(keys[0], "ignored", "%q is not an e-mail address", short(typed))
	return ""
}

func (m *mapper) url(o object, keys ...string) string {
	typed := m.line(o, keys...)
	if typed == "" {
		return ""
	}
	if u, ok := importers.URL(typed); ok {
		return u
	}
	if u := at(importers.Contacts(typed).URLs); u != "" {
		return u
	}
	m.note(keys[0], "ignored", "%q is not a web address", short(typed))
	return ""
}

// mostContacts is as many as a person would try.
const mostContacts = 20

// gathered are contacts without repetition.
type gathered struct{ list []hereabouts.Contact }

// add takes a contact unless all it says is known already.
func (g *gathered) add(c hereabouts.Contact) {
	if c.Phone == "" && c.Email == "" && c.URL == "" && (c.Name == "" || g.reachable()) {
		return
	}
	if len(g.list) == mostContacts {
		return
	}
	for i := range g.list {
		have := &g.list[i]
		same := func(a, b string) bool { return a == "" || a == b }
		if same(c.Phone, have.Phone) && same(c.Email, have.Email) && same(c.URL, have.URL) {
			if have.Name == "" {
				have.Name = c.Name
			}
			return
		}
	}
	g.list = append(g.list, c)
}

// reachable reports whether somebody can be asked.
func (g *gathered) reachable() bool {
	for _, c := range g.list {
		if c.Phone != "" || c.Email != "" || c.URL != "" {
			return true
		}
	}
	return false
}

func first(list []object) object {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

func rest(list []object) []object {
	if len(list) == 0 {
		return nil
	}
	return list[1:]
}
