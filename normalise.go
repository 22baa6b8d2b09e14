package hereabouts

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"golang.org/x/text/language"
)

// Normalise puts the listing into its canonical form, in place: the form that
// is stored, compared and shown. Text is tidied, lists are never nil and hold
// nothing twice, what nobody has stated is said to be unknown, and postcodes,
// web addresses, languages and recurrence rules are written in one way. What
// cannot be read is left as it was typed, for [Listing.Validate] to explain.
// Normalising twice changes nothing more, and a copy of the listing that
// shares its lists is not touched.
func (l *Listing) Normalise() {
	l.ID = strings.TrimSpace(l.ID)
	l.Status = word(l.Status, Published)
	l.Kind = word(l.Kind, "")
	lines(&l.Name, &l.Organisation.ID, &l.Organisation.Name, &l.Availability.Note,
		&l.Cost.Per, &l.Eligibility.Catchment.Label)
	texts(&l.Summary, &l.Description, &l.Eligibility.Text, &l.Referral.How, &l.Cost.Text, &l.Transport.Note)
	l.Organisation.CharityNumber = cleanNumber(l.Organisation.CharityNumber)
	l.Organisation.URL = cleanURL(l.Organisation.URL)

	l.Needs = cleanList(l.Needs, cleanSlug)
	l.Tags = cleanTags(l.Tags)
	l.Eligibility.Genders = cleanList(l.Eligibility.Genders, cleanWord)
	l.Eligibility.Circumstances = cleanList(l.Eligibility.Circumstances, cleanWord)
	l.Eligibility.Catchment.Areas = cleanList(l.Eligibility.Catchment.Areas, cleanArea)
	l.Eligibility.Catchment.Geometry = cleanGeometry(l.Eligibility.Catchment.Geometry)

	l.Referral.Routes = cleanList(l.Referral.Routes, cleanWord)
	l.Referral.URL = cleanURL(l.Referral.URL)
	l.Referral.Phone = cleanPhone(l.Referral.Phone)
	l.Referral.Email = cleanEmail(l.Referral.Email)
	l.Delivery = cleanList(l.Delivery, cleanWord)
	l.Languages = cleanList(l.Languages, cleanLanguage)

	l.Availability.State = word(l.Availability.State, AvailabilityUnknown)
	l.Availability.AsOf = cleanDate(l.Availability.AsOf)
	l.Availability.Until = cleanDate(l.Availability.Until)
	l.Cost.Free = fact(l.Cost.Free)
	l.Transport.Provided = fact(l.Transport.Provided)
	l.ConfirmedAt = cleanDate(l.ConfirmedAt)
	l.ConfirmedBy = word(l.ConfirmedBy, "")

	l.normalisePlaces()
	l.normaliseSessions()
	l.Contacts = cleanContacts(l.Contacts)
	l.Translations = cleanTranslations(l.Translations)
	l.Source.normalise()
}

// Normalise puts the organisation into its canonical form, as
// [Listing.Normalise] does a listing.
func (o *Organisation) Normalise() {
	o.ID = strings.TrimSpace(o.ID)
	o.Status = word(o.Status, Published)
	lines(&o.Name)
	texts(&o.Description)
	o.CharityNumber = cleanNumber(o.CharityNumber)
	o.URL = cleanURL(o.URL)
	o.Contacts = cleanContacts(o.Contacts)
	o.Source.normalise()
}

func (s *Source) normalise() {
	lines(&s.Name, &s.ID, &s.Licence)
	s.URL = cleanURL(s.URL)
}

func (l *Listing) normalisePlaces() {
	l.Places = slices.Clone(present(l.Places))
	taken := map[string]bool{}
	for i := range l.Places {
		p := &l.Places[i]
		lines(&p.ID, &p.Name, &p.Postcode)
		texts(&p.Address, &p.Note)
		p.Postcode, _ = FormatPostcode(p.Postcode)
		p.Precision = cleanWord(p.Precision)
		p.Geometry = cleanGeometry(p.Geometry)
		p.Entrances = present(p.Entrances)
		for _, name := range AccessNames {
			f := p.Access.Fact(name)
			*f = fact(*f)
		}
		taken[p.ID] = true
	}
	for i := range l.Places {
		nameIt(&l.Places[i].ID, "p", i, taken)
	}
}

func (l *Listing) normaliseSessions() {
	l.Sessions = slices.Clone(present(l.Sessions))
	taken := map[string]bool{}
	for i := range l.Sessions {
		s := &l.Sessions[i]
		lines(&s.ID, &s.PlaceID)
		texts(&s.Note)
		s.Start, s.End = cleanClock(s.Start), cleanClock(s.End)
		s.From, s.Until = cleanDate(s.From), cleanDate(s.Until)
		s.Attend = word(s.Attend, Whole)
		s.cleanRule()
		s.Except = cleanList(s.Except, cleanDate)
		taken[s.ID] = true
	}
	for i := range l.Sessions {
		nameIt(&l.Sessions[i].ID, "s", i, taken)
	}
}

// nameIt gives the i-th thing of its kind an id when it has none: its number,
// or the next that is free.
func nameIt(id *string, prefix string, i int, taken map[string]bool) {
	for n := i + 1; *id == ""; n++ {
		if name := prefix + strconv.Itoa(n); !taken[name] {
			*id, taken[name] = name, true
		}
	}
}

// present is list, and empty where it is nil: JSON says [] and never null.
func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func lines(fields ...*string) {
	for _, f := range fields {
		*f = cleanLine(*f)
	}
}

func texts(fields ...*string) {
	for _, f := range fields {
		*f = cleanText(*f)
	}
}

// cleanWord is how the words of our own vocabulary are written: "Drop in" and
// "drop-in" are drop_in.
func cleanWord[S ~string](s S) S {
	if isWord(string(s)) {
		return s
	}
	return S(underscores.Replace(lower(string(s))))
}

var underscores = strings.NewReplacer(" ", "_", "-", "_")

func isWord(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '_' && !('a' <= c && c <= 'z') {
			return false
		}
	}
	return true
}

func word[S ~string](s, otherwise S) S {
	if s = cleanWord(s); s == "" {
		return otherwise
	}
	return s
}

func fact(f Fact) Fact { return word(f, Unknown) }

func cleanSlug(s string) string { return lower(s) }
func cleanArea(s string) string { return upper(s) }

// cleanNumber writes a registered number, "sc012345", in capitals.
func cleanNumber(s string) string { return upper(s) }

// Letters of another case can compose with the accent that follows them where
// these did not, so the line is cleaned before and after.
func lower(s string) string { return cleanLine(strings.ToLower(cleanLine(s))) }
func upper(s string) string { return cleanLine(strings.ToUpper(cleanLine(s))) }

// cleanList cleans every item and leaves out the empty and the repeated.
func cleanList[S ~string](list []S, clean func(S) S) []S {
	return unique(list, clean, func(s S) S { return s })
}

// cleanTags keeps the first spelling of a tag: "Gardening" and "gardening"
// are one.
func cleanTags(tags []string) []string { return unique(tags, cleanLine, strings.ToLower) }

// unique is list, cleaned, without what is empty and without what has the key
// of something before it, in memory of its own.
func unique[T comparable](list []T, clean, key func(T) T) []T {
	const few = 16 // are compared one by one, in less time than a map takes
	var empty T
	var seen map[T]bool
	if len(list) > few {
		seen = make(map[T]bool, len(list))
	}
	kept := make([]T, 0, len(list))
	for _, item := range list {
		item = clean(item)
		k := key(item)
		switch {
		case item == empty, seen[k]:
			continue
		case seen != nil:
			seen[k] = true
		case slices.ContainsFunc(kept, func(other T) bool { return key(other) == k }):
			continue
		}
		kept = append(kept, item)
	}
	return kept
}

// cleanLanguage writes a language as BCP 47 would have it, "en-GB".
func cleanLanguage(s string) string {
	s = cleanLine(s)
	if !languageShape(s) || len(s) == 2 && isWord(s) {
		return s
	}
	if tag, err := language.Raw.Parse(s); err == nil {
		return tag.String()
	}
	return s
}

// cleanTranslations writes each language in one way. Two texts for what turns
// out to be one language are both kept, for Validate to show.
func cleanTranslations(all map[string]Translation) map[string]Translation {
	if len(all) == 0 {
		return nil
	}
	clean := make(map[string]Translation, len(all))
	keys := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(cmp.Compare(btoi(cleanLanguage(a) != a), btoi(cleanLanguage(b) != b)), strings.Compare(a, b))
	})
	for _, key := range keys { // those already written well come first
		t := all[key]
		lines(&t.Name)
		texts(&t.Summary, &t.Description)
		if t == (Translation{}) {
			continue
		}
		name := cleanLanguage(key)
		if have, taken := clean[name]; taken && have != t {
			name = key
		}
		clean[name] = t
	}
	if len(clean) == 0 {
		return nil
	}
	return clean
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// cleanContacts leaves out contacts that say nothing or are repeated.
func cleanContacts(list []Contact) []Contact {
	return unique(list, func(c Contact) Contact {
		return Contact{Name: cleanLine(c.Name), Phone: cleanPhone(c.Phone), Email: cleanEmail(c.Email), URL: cleanURL(c.URL)}
	}, func(c Contact) Contact { return c })
}

func cleanPhone(s string) string { return dropScheme(cleanLine(s), "tel:") }

func cleanEmail(s string) string { return dropScheme(cleanLine(s), "mailto:") }

func dropScheme(s, scheme string) string {
	for len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
		s = strings.TrimSpace(s[len(scheme):])
	}
	return s
}

// cleanURL adds https:// to what is plainly a web address without it,
// "www.example.org/find-us".
func cleanURL(s string) string {
	s = cleanLine(s)
	if s == "" {
		return s
	}
	if scheme, rest, ok := strings.Cut(s, "://"); ok {
		if lower := strings.ToLower(scheme); lower != scheme && (lower == "http" || lower == "https") {
			return lower + "://" + rest
		}
		return s
	}
	address := strings.TrimPrefix(s, "//")
	host := address
	if i := strings.IndexAny(host, "/?#"); i >= 0 {
		host = host[:i]
	}
	name, port, hasPort := strings.Cut(host, ":")
	if hasPort && (port == "" || strings.Trim(port, "0123456789") != "") {
		return s
	}
	if i := strings.LastIndexByte(name, '.'); i <= 0 || i == len(name)-1 || strings.ContainsAny(address, " @\\") {
		return s
	}
	return "https://" + address
}

// cleanDate reads nothing into a date; it only takes the spaces away.
func cleanDate(d Date) Date { return Date(cleanLine(string(d))) }

// cleanClock writes "9:30", "09.30" and "09:30:00" as 09:30.
func cleanClock(c Clock) Clock {
	s := cleanLine(string(c))
	if rest, ok := strings.CutSuffix(s, ":00"); ok && strings.Count(s, ":") == 2 {
		s = rest
	}
	if strings.Count(s, ".") == 1 && !strings.Contains(s, ":") {
		s = strings.Replace(s, ".", ":", 1)
	}
	if len(s) == 4 && s[1] == ':' {
		s = "0" + s
	}
	if _, ok := Clock(s).Minutes(); !ok {
		return Clock(cleanLine(string(c)))
	}
	return Clock(s)
}

// cleanGeometry is nil for a geometry with nothing in it, and otherwise one
// whose type says what it holds.
func cleanGeometry(g *geojson.Geometry) *geojson.Geometry {
	if g == nil || g.Coordinates == nil && len(g.Geometries) == 0 {
		return nil
	}
	switch c := g.Coordinates.(type) {
	case nil:
	case orb.Ring, orb.Bound, orb.Collection: // made in Go; GeoJSON has other words for them
		return geojson.NewGeometry(c)
	default:
		if g.Type != c.GeoJSONType() {
			return geojson.NewGeometry(c)
		}
	}
	return g
}
