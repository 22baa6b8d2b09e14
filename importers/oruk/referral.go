package oruk

import (
	"slices"
	"strings"

	"hereabouts"
	"hereabouts/importers"
	"hereabouts/importers/prose"
)

// referral reads how somebody comes to be taken on: in words (3.0), as one of
// four words (1.0), or as yes or no (Outpost).
func (m *mapper) referral(s object) {
	r := &m.l.Referral
	r.How = m.text(s, "application_process")
	for _, route := range prose.ReadReferral(r.How) {
		m.route(route)
	}
	for _, w := range m.words(s, "attending_access", "attending_accesss", "attending_accesses") {
		switch w {
		case "referral":
			m.route(hereabouts.Professional)
		case "appointment":
			m.route(hereabouts.Self)
			r.How = paragraph(r.How, "By appointment.")
		case "membership":
			m.route(hereabouts.Self)
			r.How = paragraph(r.How, "For members.")
		case "drop-in", "drop in", "dropin":
			m.route(hereabouts.DropIn)
		default:
			r.How = paragraph(r.How, w)
			m.note("attending_access", "kept_as_text", "%q is not referral, appointment, membership or drop-in", short(w))
		}
	}
	switch m.fact(s, "needs_referral") {
	case hereabouts.Yes:
		if !slices.ContainsFunc(r.Routes, func(x hereabouts.Route) bool {
			return x == hereabouts.Professional || x == hereabouts.GP || x == hereabouts.LinkWorker
		}) {
			m.route(hereabouts.Professional)
		}
	case hereabouts.No:
		if len(r.Routes) == 0 {
			m.route(hereabouts.Self)
		}
	}
	var papers []string
	for _, d := range m.objects(s, "required_documents", "required_document") {
		if p := m.line(d, "document", "name"); p != "" {
			papers = append(papers, p)
		}
	}
	if len(papers) > 0 {
		r.How = paragraph(r.How, "Bring: "+strings.Join(papers, "; ")+".")
	}
	ways := importers.Contacts(r.How)
	r.Phone, r.Email, r.URL = at(ways.Phones), at(ways.Emails), at(ways.URLs)
}

func (m *mapper) route(r hereabouts.Route) {
	if !slices.Contains(m.l.Referral.Routes, r) {
		m.l.Referral.Routes = append(m.l.Referral.Routes, r)
	}
}

// words are the lower-case words under keys that hold a text, a list of
// texts, or a list of objects that repeat the key.
func (m *mapper) words(o object, keys ...string) []string {
	var out []string
	for _, k := range keys {
		for _, x := range m.objects(o, k) {
			if w := strings.ToLower(m.line(x, "name", k, strings.TrimSuffix(k, "s"), strings.TrimSuffix(k, "es"))); w != "" {
				out = append(out, w)
			}
		}
	}
	return out
}

func at(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// delivery reads how the service reaches people.
func (m *mapper) delivery(s object) {
	for _, w := range m.words(s, "attending_type", "attending_types") {
		m.reaches(w, "attending_type")
	}
	for _, sch := range m.objects(s, scheduleKeys...) {
		if t := m.line(sch, "attending_type"); t != "" {
			m.reaches(t, "attending_type")
		}
	}
}

// ways are the words for each way of reaching people.
var ways = []struct {
	d     hereabouts.Delivery
	words []string
}{
	{hereabouts.InPerson, []string{"venue", "in person", "in-person", "face to face", "face-to-face", "physical", "on site", "on-site", "centre"}},
	{hereabouts.Online, []string{"online", "video", "virtual", "remote", "zoom", "web", "internet", "app"}},
	{hereabouts.Phone, []string{"phone", "telephone", "helpline"}},
	{hereabouts.HomeVisit, []string{"home visit", "at home", "home-visit", "your home", "outreach"}},
}

// waysIn are the ways that a text names.
func waysIn(text string) (found []hereabouts.Delivery) {
	text = strings.ToLower(text)
	for _, way := range ways {
		if slices.ContainsFunc(way.words, func(w string) bool { return containsWord(text, w) }) {
			found = append(found, way.d)
		}
	}
	return found
}

// reaches reads one statement of how to attend, which may name several ways.
func (m *mapper) reaches(text, field string) {
	found := waysIn(text)
	if len(found) == 0 {
		m.note(field, "kept_as_text", "%q is no way of attending that we know", short(text))
	}
	for _, d := range found {
		m.l.Delivery = appendNew(m.l.Delivery, d)
	}
}

// containsWord reports whether word begins a word of s.
func containsWord(s, word string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], word)
		if i < 0 {
			return false
		}
		i += from
		if i == 0 || !letter(s[i-1]) {
			return true
		}
		from = i + 1
	}
}

func letter(b byte) bool { return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b >= 0x80 }
