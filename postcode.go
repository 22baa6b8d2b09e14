package hereabouts

import (
	"strings"
	"unicode"
)

// FormatPostcode is a UK postcode as it is written on an envelope, "SO14 7DU",
// from however it was typed. ok is false, and the text unchanged but for the
// spaces around it, when it is not shaped like a full postcode of the United
// Kingdom, the Crown dependencies or the British Forces. The shape says
// nothing about whether the postcode is in use.
func FormatPostcode(s string) (postcode string, ok bool) {
	typed := strings.TrimSpace(s)
	if len(typed) > 32 {
		return typed, false
	}
	p := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, typed)
	if number, forces := strings.CutPrefix(p, "BFPO"); forces {
		if len(number) >= 1 && len(number) <= 4 && strings.Trim(number, "0123456789") == "" {
			return "BFPO " + number, true
		}
		return typed, false
	}
	if len(p) < 5 || len(p) > 7 {
		return typed, false
	}
	out, in := p[:len(p)-3], p[len(p)-3:]
	if p != "GIR0AA" && !(isOutward(out) && isInward(in)) {
		return typed, false
	}
	return out + " " + in, true
}

// isOutward reports whether s has one of the six shapes of a postcode
// district: A9, A99, AA9, AA99, A9A, AA9A.
func isOutward(s string) bool {
	if !isCapital(s[0]) || strings.IndexByte("QVX", s[0]) >= 0 {
		return false
	}
	// London's W1M, W1N, W1R and their like closed in 2000 and are still typed.
	rest, last := s[1:], "ABCDEFGHJKMNPRSTUVWXY"
	if len(rest) > 0 && isCapital(rest[0]) {
		if strings.IndexByte("IJZ", rest[0]) >= 0 {
			return false
		}
		rest, last = rest[1:], "ABEHMNPRVWXY"
	}
	switch len(rest) {
	case 1:
		return isDigit(rest[0])
	case 2:
		return isDigit(rest[0]) && (isDigit(rest[1]) || strings.IndexByte(last, rest[1]) >= 0)
	}
	return false
}

func isInward(s string) bool {
	const never = "CIKMOV" // too like other letters, or like digits
	return isDigit(s[0]) && isCapital(s[1]) && isCapital(s[2]) &&
		strings.IndexByte(never, s[1]) < 0 && strings.IndexByte(never, s[2]) < 0
}

func isCapital(c byte) bool { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool   { return '0' <= c && c <= '9' }
