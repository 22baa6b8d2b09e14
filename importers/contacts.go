package importers

import (
	"net/mail"
	"net/url"
	"regexp"
	"strings"
)

// Ways are the ways of getting in touch that a text holds.
type Ways struct {
	Phones []string // "0161 234 5678", as written but for stray marks
	Emails []string // in lower case
	URLs   []string // with their scheme
	Rest   string   // the text without them
}

var (
	emailIn = regexp.MustCompile(`(?i)(?:mailto:)?[a-z0-9][a-z0-9._%+'-]*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}`)
	urlIn   = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"]+|\bwww\.[a-z0-9][^\s<>"]*|` +
		`\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:org\.uk|co\.uk|gov\.uk|nhs\.uk|ac\.uk|sch\.uk|me\.uk|org|com|net|info|uk|wales|scot|cymru)\b(?:/[^\s<>"]*)?`)
	// A British number has ten or eleven digits after a 0 or +44; the helplines
	// that begin 116 have six.
	phoneIn = regexp.MustCompile(`(?:(?:\+\s?44|\b0044)(?:\s?\(0\))?|\(?\b0|\(\s?0)(?:[\s().–/-]{0,3}\d){9,10}\b|\b116[\s-]?\d{3}\b`)
)

var bareDigits = regexp.MustCompile(`^[12378]\d{2,4}[\s-]?\d{3}[\s-]?\d{3,4}$`)

// Contacts finds telephone numbers, e-mail addresses and web addresses in
// free text.
func Contacts(s string) Ways {
	var w Ways
	rest := emailIn.ReplaceAllStringFunc(s, func(m string) string {
		e, ok := Email(m)
		if !ok {
			return m
		}
		w.Emails = appendNew(w.Emails, e)
		return " "
	})
	rest = urlIn.ReplaceAllStringFunc(rest, func(m string) string {
		body := strings.TrimRight(m, ".,;:!?)]}'’”")
		u, ok := URL(body)
		if !ok {
			return m
		}
		w.URLs = appendNew(w.URLs, u)
		return " " + m[len(body):]
	})
	rest = phoneIn.ReplaceAllStringFunc(rest, func(m string) string {
		p, ok := Telephone(m)
		if !ok {
			return m
		}
		w.Phones = appendNew(w.Phones, p)
		return " "
	})
	w.Rest = unlabelled(rest)
	// A cell that is a number and nothing else may lack the nought that a
	// spreadsheet ate; among other words ten digits could be anything.
	if bareDigits.MatchString(w.Rest) {
		if p, ok := Telephone(w.Rest); ok && p[0] == '0' {
			w.Phones, w.Rest = appendNew(w.Phones, p), ""
		}
	}
	return w
}

var (
	emptyLabel = regexp.MustCompile(`(?i)\b(?:tel(?:ephone)?|phone|mob(?:ile)?|e-?mail|web(?:site)?|call|text|fax)\b\s*(?:no\.?|number|address|us)?\s*[:.–-]+\s*(?:[,;/|]|$|\n)`)
	strayMarks = regexp.MustCompile(`[ \t]*[,;/|][ \t]*([,;/|][ \t]*)+`)
)

// unlabelled drops labels whose value has been taken away.
func unlabelled(s string) string {
	s = emptyLabel.ReplaceAllString(tidy(s), " ")
	s = strayMarks.ReplaceAllString(s, ", ")
	return strings.Trim(tidy(s), " \n,;/|-–:")
}

// Telephone is a number as people would write it: digits, spaces, a leading
// plus and an extension. ok is false when s holds no telephone number.
func Telephone(s string) (number string, ok bool) {
	s = strings.Trim(Line(s), `"'`+"`")
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(s, "tel:"), "Tel:"))
	ext := ""
	if m := extension.FindStringSubmatchIndex(s); m != nil {
		ext, s = s[m[2]:m[3]], s[:m[0]]
	}
	var b strings.Builder
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
			b.WriteRune(r)
		case r == '+' && strings.TrimSpace(b.String()) == "":
			b.Reset()
			b.WriteRune(r)
		case strings.ContainsRune(" ()-–./\u2011", r):
			b.WriteByte(' ')
		default:
			if digits > 0 || i > 24 {
				return "", false
			}
		}
	}
	number = strings.Join(strings.Fields(b.String()), " ")
	number = strings.Replace(number, "+44 0", "+44 ", 1) // +44 (0)161 …
	number = strings.Replace(number, "+440", "+44 ", 1)
	number = strings.Join(strings.Fields(number), " ")
	if short := strings.ReplaceAll(number, " ", ""); len(short) == 6 && strings.HasPrefix(short, "116") {
		return number, true
	}
	if digits < 9 || digits > 15 {
		// Spreadsheets eat the leading nought; what is left has ten digits.
		if digits != 3 || number != "111" && number != "119" && number != "999" && number != "101" {
			return "", false
		}
	}
	if digits == 10 && number[0] != '0' && number[0] != '+' {
		switch number[0] {
		case '1', '2', '3', '7', '8':
			number = "0" + number
		}
	}
	if ext != "" {
		number += " ext " + ext
	}
	return number, true
}

var extension = regexp.MustCompile(`(?i)[,;\s]*(?:\bext(?:ension|n)?\.?|\bx)\s*:?\s*(\d{1,6})\s*$`)

// Email is an address in lower case; ok is false when s is none.
func Email(s string) (address string, ok bool) {
	s = strings.ToLower(strings.Trim(Line(s), `"'<>.,;:()`))
	s = strings.TrimPrefix(s, "mailto:")
	a, err := mail.ParseAddress(s)
	if err != nil || !emailIn.MatchString(a.Address) || a.Address != emailIn.FindString(a.Address) {
		return "", false
	}
	return a.Address, true
}

// URL is a web address with its scheme; "www.example.org" gets https. ok is
// false when s is none.
func URL(s string) (address string, ok bool) {
	s = strings.Trim(Line(s), `"'<> `)
	if s == "" || strings.ContainsAny(s, " \t\n") {
		return "", false
	}
	low := strings.ToLower(s)
	switch {
	case strings.HasPrefix(low, "http://"), strings.HasPrefix(low, "https://"):
	case strings.HasPrefix(low, "http:/"), strings.HasPrefix(low, "https:/"), strings.HasPrefix(low, "http//"), strings.HasPrefix(low, "https//"):
		// "http:/example.org" and "https//example.org" are slips of the hand.
		scheme, rest, _ := strings.Cut(low, "/")
		s = strings.TrimSuffix(scheme, ":") + "://" + strings.TrimLeft(s[len(low)-len(rest):], "/")
	case strings.Contains(strings.SplitN(s, "/", 2)[0], ":"):
		return "", false
	default:
		s = "https://" + strings.TrimPrefix(s, "//")
	}
	u, err := url.Parse(s)
	if err != nil || u.User != nil || u.Opaque != "" {
		return "", false
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	host := strings.TrimSuffix(u.Hostname(), ".")
	dot := strings.LastIndexByte(host, '.')
	if dot <= 0 || dot == len(host)-1 || strings.ContainsAny(host, "_@,;()!'\"\\") || strings.Contains(host, "..") || strings.HasPrefix(host, ".") {
		return "", false
	}
	return u.String(), true
}

func appendNew(list []string, s string) []string {
	for _, x := range list {
		if x == s {
			return list
		}
	}
	return append(list, s)
}
