package geo

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxFoldedLen is longer than any name in Britain, Llanfairpwll… included.
const maxFoldedLen = 96

// isSpace also counts the spaces that come with pasted text: non-breaking,
// zero-width, and the byte order mark.
func isSpace(r rune) bool {
	switch r {
	case '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff':
		return true
	}
	return unicode.IsSpace(r)
}

// fold brings the ways of writing a name together: case, accents, apostrophes,
// hyphens and spacing go; "St" is "Saint", "&" is "and", "upon" is "on", and
// the usual short forms are written out. Two names that fold alike are one.
func fold(s string) string {
	var buf [maxFoldedLen]byte
	folded, _ := appendFolded(buf[:0], nil, s)
	return string(folded)
}

// foldWords is fold before the words are joined.
func foldWords(s string) []string {
	folded, ends := appendFolded(nil, []int{}, s)
	words := make([]string, len(ends))
	start := 0
	for i, end := range ends {
		words[i], start = string(folded[start:end]), end
	}
	return words
}

// appendFolded appends the folded words of s, and where each of them ends when
// ends is not nil. Every name is folded whenever the gazetteer is opened, so
// this takes no memory of its own for plain letters.
func appendFolded(b []byte, ends []int, s string) ([]byte, []int) {
	if !isASCII(s) {
		s = norm.NFKD.String(s)
	}
	start := len(b)
	end := func() {
		if len(b) == start {
			return
		}
		if full, ok := writtenOut[string(b[start:])]; ok {
			b = append(b[:start], full...)
		}
		if ends != nil {
			ends = append(ends, len(b))
		}
		start = len(b)
	}
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			b = append(b, byte(r)+'a'-'A')
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b = append(b, byte(r))
		case r == '&' || r == '+':
			end()
			b = append(b, "and"...)
			end()
		case r == '\'' || r == '’' || r == '‘' || r == '`' || r == '´':
			// "King's" and "D'Arcy" lose the mark and stay one word.
		case unicode.Is(unicode.Mn, r) || r == '\u00ad':
			// An accent that has been parted from its letter, or a soft hyphen.
		case r < utf8.RuneSelf:
			end()
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b = append(b, latin(unicode.ToLower(r))...)
		default:
			end()
		}
	}
	end()
	return b, ends
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// latin spells the few letters that do not come apart into a letter and an
// accent.
func latin(r rune) string {
	switch r {
	case 'ø':
		return "o"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ł':
		return "l"
	case 'ð', 'đ':
		return "d"
	case 'þ':
		return "th"
	case 'ß':
		return "ss"
	case 'ı':
		return "i"
	}
	return string(r)
}

// writtenOut are short forms in place names.
var writtenOut = map[string]string{
	"st": "saint", "ste": "saint", "upon": "on",
	"gt": "great", "gtr": "greater", "lt": "little", "mkt": "market",
	"nr": "near", "co": "county", "iow": "isleofwight", "iom": "isleofman",
}

func writeOut(w string) string {
	if full, ok := writtenOut[w]; ok {
		return full
	}
	return w
}

// countyShort are the short forms of counties; they stand only where a
// district or county is expected, because Beds and Oxon are also names.
var countyShort = map[string]string{
	"beds": "bedfordshire", "berks": "berkshire", "bucks": "buckinghamshire", "cambs": "cambridgeshire",
	"ches": "cheshire", "derbys": "derbyshire", "glos": "gloucestershire", "hants": "hampshire",
	"heref": "herefordshire", "herts": "hertfordshire", "hunts": "huntingdonshire", "lancs": "lancashire",
	"leics": "leicestershire", "lincs": "lincolnshire", "mon": "monmouthshire", "northants": "northamptonshire",
	"northumb": "northumberland", "notts": "nottinghamshire", "oxon": "oxfordshire", "pembs": "pembrokeshire",
	"salop": "shropshire", "shrops": "shropshire", "soton": "southampton", "staffs": "staffordshire",
	"warks": "warwickshire", "wilts": "wiltshire", "worcs": "worcestershire", "yorks": "yorkshire",
}

// foldQualifier folds what stands after a name: "Northants", "Isle of Wight".
func foldQualifier(s string) string {
	words := foldWords(s)
	for i, w := range words {
		if full, ok := countyShort[w]; ok {
			words[i] = full
		}
	}
	return strings.Join(words, "")
}
