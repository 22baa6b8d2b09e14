package sheet

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"hereabouts"
	"hereabouts/importers"
)

// freeMail are providers where anybody has an address, so that an address
// there may be a private person's.
var freeMail = func() map[string]bool {
	m := map[string]bool{}
	for d := range strings.FieldsSeq(`gmail.com googlemail.com hotmail.com hotmail.co.uk outlook.com live.co.uk live.com
		msn.com yahoo.com yahoo.co.uk ymail.com rocketmail.com aol.com aol.co.uk icloud.com me.com mac.com btinternet.com
		talktalk.net tiscali.co.uk ntlworld.com sky.com virginmedia.com virgin.net blueyonder.co.uk protonmail.com proton.me
		mail.com gmx.com gmx.co.uk fsmail.net plus.com o2.co.uk orange.net wanadoo.co.uk zen.co.uk`) {
		m[d] = true
	}
	return m
}()

// roleWords begin or make up the addresses of groups rather than of people.
var roleWords = strings.Fields(`info admin contact enquir inquir office hello mail secretary treasurer chair club group team support
	help book volunteer foodbank food pantry church centre center trust society association committee charity community school
	playgroup nursery preschool choir band league scout guide welcome reception manager coordinator referral service project`)

// personal reports whether an address looks like a private person's: it is at
// a provider open to anybody and says neither what it is for nor whose the
// listing is.
func personal(email string, names ...string) bool {
	local, domain, _ := strings.Cut(strings.ToLower(email), "@")
	if !freeMail[domain] {
		return false
	}
	for _, w := range roleWords {
		if strings.Contains(local, w) {
			return false
		}
	}
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, local)
	for _, name := range names {
		var initials strings.Builder
		for w := range strings.FieldsFuncSeq(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
			w = strings.ReplaceAll(w, "'", "")
			if w == "" {
				continue
			}
			initials.WriteByte(w[0])
			if len(w) >= 4 && strings.Contains(letters, w) {
				return false
			}
		}
		if i := initials.String(); len(i) >= 3 && strings.Contains(letters, i) {
			return false
		}
	}
	return true
}

// publishable is an address that may be shown to everybody, else empty and
// noted. The note does not repeat the address.
func (g *group) publishable(field, email string, l *hereabouts.Listing) string {
	names := []string{l.Name, l.Organisation.Name}
	for _, p := range l.Places {
		names = append(names, p.Name)
	}
	if g.Publish.PersonalEmails || !personal(email, names...) {
		return email
	}
	_, domain, _ := strings.Cut(email, "@")
	g.note(field, "personal_email", fmt.Sprintf("an address at %s that looks like a private person's was not published", domain))
	return ""
}

func (g *group) email(field string, t *Text, l *hereabouts.Listing) string {
	v := t.one(g)
	if v == "" {
		return ""
	}
	e, ok := importers.Email(v)
	if !ok {
		if w := importers.Contacts(v); len(w.Emails) > 0 {
			e, ok = w.Emails[0], true
			g.note(field, "repaired", "one e-mail address was read from a cell that holds more")
		}
	}
	if !ok {
		g.note(field, "ignored", "is not an e-mail address; left out")
		return ""
	}
	return g.publishable(field, e, l)
}

func (g *group) url(field string, t *Text) string {
	v := t.one(g)
	if v == "" {
		return ""
	}
	if strings.Contains(v, "@") && !strings.Contains(v, "/@") {
		if _, isMail := importers.Email(strings.TrimPrefix(strings.TrimPrefix(v, "http://"), "https://")); isMail {
			g.note(field, "ignored", "is an e-mail address and not a web address; left out")
			return ""
		}
	}
	if u, ok := importers.URL(v); ok {
		return u
	}
	if w := importers.Contacts(v); len(w.URLs) > 0 {
		g.note(field, "repaired", "one web address was read from a cell that holds more")
		return w.URLs[0]
	}
	g.note(field, "ignored", "is not a web address; left out")
	return ""
}

func (g *group) phone(field string, t *Text) string {
	v := t.one(g)
	if v == "" {
		return ""
	}
	n, ok := importers.Telephone(mendPhone(v))
	if !ok {
		if w := importers.Contacts(mendPhone(v)); len(w.Phones) > 0 {
			n, ok = w.Phones[0], true
		}
	}
	if !ok {
		g.note(field, "ignored", fmt.Sprintf("%q is not a telephone number; left out", clip(v)))
		return ""
	}
	return g.mayCall(field, n)
}

// mendPhone reads the letter O at the start of a number as the nought it is.
func mendPhone(s string) string {
	if len(s) > 6 && (s[0] == 'O' || s[0] == 'o') && s[1] >= '0' && s[1] <= '9' {
		return "0" + s[1:]
	}
	return s
}

// mayCall is a number that may be shown to everybody, else empty and noted.
func (g *group) mayCall(field, number string) string {
	if g.Publish.Mobiles == nil || *g.Publish.Mobiles {
		return number
	}
	digits := strings.ReplaceAll(strings.Replace(number, "+44", "0", 1), " ", "")
	if strings.HasPrefix(digits, "07") {
		g.note(field, "personal_phone", "a mobile number, which may be a private person's, was not published")
		return ""
	}
	return number
}

// contacts fills in whom to ask.
func (g *group) contacts(l *hereabouts.Listing) {
	for i := range g.Listing.Contacts {
		f := &g.Listing.Contacts[i]
		c := hereabouts.Contact{
			Name:  f.Name.one(g),
			Phone: g.phone("contacts.phone", &f.Phone),
			Email: g.email("contacts.email", &f.Email, l),
			URL:   g.url("contacts.url", &f.URL),
		}
		var more []hereabouts.Contact
		if v := f.Any.one(g); v != "" {
			more = g.anyContact(&c, v, l)
		}
		for _, c := range append([]hereabouts.Contact{c}, more...) {
			if c != (hereabouts.Contact{}) && !slices.Contains(l.Contacts, c) {
				l.Contacts = append(l.Contacts, c)
			}
		}
	}
}

// anyContact finds what there is in free text. What is left over is noted and
// not published: it is as often a remark as a name.
func (g *group) anyContact(c *hereabouts.Contact, text string, l *hereabouts.Listing) (more []hereabouts.Contact) {
	w := importers.Contacts(mendPhone(text))
	var emails []string
	for _, e := range w.Emails {
		if e = g.publishable("contacts", e, l); e != "" {
			emails = append(emails, e)
		}
	}
	for i := range max(len(w.Phones), len(emails), len(w.URLs)) {
		to := c
		if i > 0 {
			more = append(more, hereabouts.Contact{})
			to = &more[len(more)-1]
		}
		if i < len(w.Phones) && to.Phone == "" {
			to.Phone = g.mayCall("contacts", w.Phones[i])
		}
		if i < len(emails) && to.Email == "" {
			to.Email = emails[i]
		}
		if i < len(w.URLs) && to.URL == "" {
			to.URL = w.URLs[i]
		}
	}
	if len(w.Phones)+len(w.Emails)+len(w.URLs) == 0 {
		if n, ok := importers.Telephone(mendPhone(text)); ok {
			c.Phone = g.mayCall("contacts", n)
			return more
		}
		g.note("contacts", "ignored", "neither a telephone number nor an e-mail or web address; left out")
	}
	return more
}
