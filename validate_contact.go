package hereabouts

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/text/language"
)

func (v *validator) languages(list []string) {
	if !v.many("/languages", len(list), maxWords) {
		return
	}
	duplicates(v, "/languages", list)
	for i, s := range list {
		v.language(indexed("/languages", i), s)
	}
}

func (v *validator) language(pointer, s string) {
	if languageShape(s) {
		if tag, err := language.Raw.Parse(s); err == nil && tag != language.Und {
			return
		}
	}
	v.Addf(pointer, CodeInvalidFormat, "%s is not a language code; use BCP 47, such as en, cy, ur or bfi for British Sign Language", quoted(s))
}

// languageShape keeps everything that cannot be a language code away from
// its parser.
func languageShape(s string) bool {
	return len(s) >= 2 && len(s) <= 35 && strings.IndexFunc(s, func(r rune) bool {
		return r >= 0x80 || !isAlphanumeric(byte(r)) && r != '-' && r != '_'
	}) < 0
}

func (v *validator) contacts(list []Contact) {
	if !v.many("/contacts", len(list), maxContacts) {
		return
	}
	for i, c := range list {
		at := indexed("/contacts", i)
		v.bytes += perContact
		if c == (Contact{}) {
			v.Add(at, CodeRequired, "give a name, phone number, e-mail or web address, or leave this contact out")
		}
		v.text(at+"/name", c.Name, maxLabel)
		v.phone(at+"/phone", c.Phone)
		v.email(at+"/email", c.Email)
		v.url(at+"/url", c.URL)
	}
}

func (v *validator) translations(all map[string]Translation) {
	v.many("/translations", len(all), maxTranslations)
	for _, key := range sortedKeys(all) {
		t := all[key]
		v.bytes += perTranslation + 6*len(key)
		at := "/translations/" + escapePointer(key)
		v.language(at, key)
		if canonical := cleanLanguage(key); canonical != key {
			if _, twice := all[canonical]; twice {
				v.Addf(at, CodeDuplicate, "%s and %s are the same language and say different things; keep one", quoted(key), quoted(canonical))
			}
		}
		v.text(at+"/name", t.Name, maxName)
		v.text(at+"/summary", t.Summary, maxSummary)
		v.text(at+"/description", t.Description, maxDescription)
	}
}

func (v *validator) source(s *Source) {
	v.text("/source/name", s.Name, maxLabel)
	v.text("/source/id", s.ID, maxURL)
	v.url("/source/url", s.URL)
	v.text("/source/licence", s.Licence, maxNote)
}

func (v *validator) phone(pointer, s string) {
	v.text(pointer, s, maxPhone)
	digits := 0
	for _, r := range s {
		if '0' <= r && r <= '9' {
			digits++
		}
	}
	if s != "" && digits < 3 {
		v.Addf(pointer, CodeInvalidFormat, "%s has no telephone number in it; put words in how, note or text", quoted(s))
	}
}

var emailShape = regexp.MustCompile(`^[^\s@<>(),;:"\[\]\\]+@[^\s@<>(),;:"\[\]\\.]+(\.[^\s@<>(),;:"\[\]\\.]+)+$`)

func (v *validator) email(pointer, s string) {
	v.text(pointer, s, maxEmail)
	if s != "" && !emailShape.MatchString(s) {
		v.Addf(pointer, CodeInvalidFormat, "%s is not one e-mail address such as hello@example.org", quoted(s))
	}
}

func (v *validator) url(pointer, s string) {
	if s == "" {
		return
	}
	v.text(pointer, s, maxURL)
	u, err := url.Parse(s)
	switch {
	case err != nil || strings.ContainsAny(s, " \t\n<>\"\\"):
		v.Addf(pointer, CodeInvalidFormat, "%s is not a web address such as https://example.org", quoted(s))
	case u.Scheme != "http" && u.Scheme != "https":
		v.Addf(pointer, CodeInvalidFormat, "%s must begin with https:// or http://", quoted(s))
	case u.Hostname() == "":
		v.Addf(pointer, CodeInvalidFormat, "%s names no site; write it like https://example.org", quoted(s))
	case u.User != nil:
		v.Add(pointer, CodeInvalidFormat, "leave the user name and password out of the address")
	}
}
