package hereabouts

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// cleanLine is s as one line: composed (NFC), without control characters, and
// with every run of spaces, of whatever kind, as a single space.
func cleanLine(s string) string {
	if tidy(s) {
		return s
	}
	return strings.Join(strings.Fields(repair(s)), " ")
}

// cleanText is cleanLine for texts of several lines: lines are kept, and
// paragraphs are set apart by one empty line.
func cleanText(s string) string {
	if tidy(s) {
		return s
	}
	var b strings.Builder
	empty := 0
	for line := range strings.Lines(repair(s)) {
		line = strings.Join(strings.Fields(line), " ")
		if line == "" {
			empty++
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
			if empty > 0 {
				b.WriteByte('\n')
			}
		}
		empty = 0
		b.WriteString(line)
	}
	return b.String()
}

// tidy reports whether s is already as cleanLine would leave it. It says yes
// only to printable ASCII, which most of a directory is.
func tidy(s string) bool {
	space := true // a space at the start is one too many
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && space {
			return false
		}
		space = c == ' '
	}
	return s == "" || !space
}

// repair drops what nobody can see and mends what a wrong encoding broke.
func repair(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return norm.NFC.String(strings.Map(repairRune, s))
}

func repairRune(r rune) rune {
	switch {
	case r == '\n', r == '\r', r == '\v', r == '\f', r == '\u2028', r == '\u2029':
		return '\n'
	case r == '\t':
		return ' '
	case r < ' ', r == 0x7F:
		return -1
	case r >= 0x80 && r <= 0x9F:
		// Nobody types these controls: they are Windows-1252 punctuation
		// that was read as Latin-1, such as the apostrophe in "men\x92s".
		if r = charmap.Windows1252.DecodeByte(byte(r)); r == utf8.RuneError || unicode.IsControl(r) {
			return -1
		}
		return r
	case unicode.IsSpace(r):
		return ' '
	case r == '\u00AD', r == '\u200B', r == '\u2060', r == '\uFEFF':
		return -1 // soft hyphen, zero-width space, word joiner, byte order mark
	case r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF:
		return -1 // not characters
	}
	return r
}

// quoted is s in quotation marks, cut to a length that can be shown.
func quoted(s string) string {
	const most = 60
	s = cleanLine(s)
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return "“" + s + "”"
}
