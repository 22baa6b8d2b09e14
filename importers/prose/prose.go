// Package prose reads what people write about their own services: when they
// are open, how somebody is referred, whether there is a wait, what it costs
// and what ages it is for.
//
// Start with [ReadTimes]. Every reader returns what it understood and leaves
// alone what it did not: a phrase that could mean two things is kept as text,
// because a wrong opening time sends somebody out for nothing. Nothing here
// knows about files or listings' ids, so any importer may use it.
package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// space says which runes separate words; Go counts the no-break space that
// spreadsheets are full of.
func space(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }

// tidy puts single spaces between words.
func tidy(s string) string { return strings.Join(strings.FieldsFunc(s, space), " ") }

// asciiLower lowers A to Z only, so that positions stay those of s.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// plain is s in lower case with straight apostrophes, plain hyphens and single
// spaces: what the word rules are written against.
func plain(s string) string {
	s = strings.NewReplacer("’", "'", "‘", "'", "–", "-", "—", "-", "‑", "-", "−", "-").Replace(s)
	return strings.ToLower(tidy(s))
}

// Blank reports whether s is empty or only says that nobody knows.
func Blank(s string) bool {
	switch strings.Trim(plain(s), " .") {
	case "", "na", "n/a", "n.a", "-", "--", "?", "none", "null", "nil", "not known", "unknown", "not relevant",
		"not applicable", "tbc", "tba", "to be confirmed", "see above", "as above", "not stated", "not available":
		return true
	}
	return false
}

// sentences splits s where a sentence or line ends, keeping its words as they
// are written. A full stop inside "10.30", "a.m." or a web address is not an
// end.
func sentences(s string) []string {
	var out []string
	start := 0
	for i, r := range s {
		end := false
		switch r {
		case '\n', '\r':
			end = true
		case '.', '!', '?':
			next, size := utf8.DecodeRuneInString(s[i+1:])
			if size == 0 || space(next) {
				word := asciiLower(s[start:i])
				end = !strings.HasSuffix(word, "a.m") && !strings.HasSuffix(word, "p.m") && !strings.HasSuffix(word, " st") &&
					!strings.HasSuffix(word, " dr")
			}
		}
		if end {
			if t := strings.TrimFunc(s[start:i+utf8.RuneLen(r)], space); t != "" {
				out = append(out, t)
			}
			start = i + utf8.RuneLen(r)
		}
	}
	if t := strings.TrimFunc(s[start:], space); t != "" {
		out = append(out, t)
	}
	return out
}
