package hereabouts

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold is s as it is compared with other names: "Men’s Shed & Café" and
// "mens shed and cafe" fold to the same string. Compatible forms are unified,
// accents dropped, letters lowered, "&" becomes "and", apostrophes vanish and
// whatever else is neither letter nor digit becomes a single space. Vowel
// signs that carry meaning, as in Hindi or Bengali, are kept. Folding what is
// folded changes nothing.
func Fold(s string) string {
	if folded(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	gap := false
	write := func(part string) {
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		b.WriteString(part)
	}
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, " ")) {
		switch {
		case r < 0x80 && isAlphanumeric(byte(r)):
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			write(string(r))
		case r == '&':
			gap = true
			write("and")
			gap = true
		case isApostrophe(r), isAccent(r), unicode.Is(unicode.Cf, r):
			// dropped without leaving a gap
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			r = unicode.ToLower(r)
			if plain, ok := plainLetters[r]; ok {
				write(plain)
			} else {
				write(string(r))
			}
		default:
			gap = true
		}
	}
	return norm.NFC.String(b.String())
}

// plainLetters are letters that have no accent to drop and are still typed
// in more than one way.
var plainLetters = map[rune]string{
	'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ß': "ss", 'ı': "i", 'ħ': "h", 'ŋ': "ng", 'ς': "σ",
}

// folded reports whether s is plain ASCII that Fold would not change.
func folded(s string) bool {
	space := true
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			space = false
		case c == ' ' && !space:
			space = true
		default:
			return false
		}
	}
	return s == "" || !space
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '‘', '’', '‛', 'ʻ', 'ʼ', 'ʹ', '′', '`', '´', '＇':
		return true
	}
	return false
}

// isAccent reports whether r is a mark that people leave out when they type.
// Marks of other scripts are vowels, and dropping them would merge words.
func isAccent(r rune) bool {
	switch {
	case 0x0300 <= r && r <= 0x036F, 0x1AB0 <= r && r <= 0x1AFF, 0x1DC0 <= r && r <= 0x1DFF,
		0x20D0 <= r && r <= 0x20FF, 0xFE20 <= r && r <= 0xFE2F:
		return true
	case 0x064B <= r && r <= 0x0652, r == 0x0670: // Arabic and Urdu vowel points
		return true
	case 0x0591 <= r && r <= 0x05C7: // Hebrew points
		return unicode.Is(unicode.Mn, r)
	}
	return false
}
