package geo

import (
	"strings"
)

// A Postcode is a UK postcode or the first part of one, packed so that
// postcodes compare and sort as numbers: by outward code, then the district
// before its sectors and those before its units. The zero Postcode is none.
//
// The outward code is four base-37 digits above inwardBits; the inward code is
// 0 for a district, 1 to 10 for a sector, and above that a full unit.
type Postcode uint64

const (
	inwardBits  = 13
	inwardMask  = 1<<inwardBits - 1
	firstUnit   = 11
	unitsPerSec = 26 * 26
	maxInward   = firstUnit + 10*unitsPerSec - 1
	maxOutward  = 37 * 37 * 37 * 37
)

// ParsePostcode reads a full postcode ("SO14 7DU"), a district ("SO14") or a
// sector ("SO14 7") in any case and with any spacing, non-breaking spaces
// included. It takes what is written as it stands; [CorrectPostcode] forgives
// slips.
func ParsePostcode(s string) (Postcode, bool) {
	squeezed, spaced, ok := squeeze(s)
	if !ok {
		return 0, false
	}
	return parseSqueezed(squeezed, spaced)
}

// CorrectPostcode reads a postcode in which letters and digits that look alike
// were swapped: an O for a 0, an I or L for a 1, and so on. The readings are in
// order of likelihood and every one is well formed; none is the text as it
// stands. There are none without a digit in the text: that is a word.
func CorrectPostcode(s string) []Postcode {
	squeezed, spaced, ok := squeeze(s)
	if !ok || !strings.ContainsAny(squeezed, "0123456789") {
		return nil
	}
	var found []Postcode
	add := func(candidate string) {
		if candidate == squeezed {
			return
		}
		if pc, ok := parseSqueezed(candidate, spaced); ok {
			for _, have := range found {
				if have == pc {
					return
				}
			}
			found = append(found, pc)
		}
	}
	for _, shape := range shapesOfLength(len(squeezed)) {
		add(fitShape(squeezed, shape, sameGlyph))
	}
	for _, shape := range shapesOfLength(len(squeezed)) {
		add(fitShape(squeezed, shape, likeGlyph))
	}
	return found
}

// squeeze takes out spacing and the punctuation that people put in or around
// postcodes, and makes letters capital. ok is false when something is left
// that no postcode holds, or too much is.
func squeeze(s string) (squeezed string, spaced int, ok bool) {
	var b [8]byte
	n := 0
	spaced = -1 // where the last space inside stood
	pending := false
	for _, r := range s {
		if isSpace(r) || r == '-' || r == '.' || r == ',' || r == '(' || r == ')' || r == '\u2010' || r == '\u2011' || r == '\u2013' {
			pending = n > 0
			continue
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') || n == len(b) {
			return "", 0, false
		}
		if pending {
			spaced, pending = n, false
		}
		b[n] = byte(r)
		n++
	}
	return string(b[:n]), spaced, n > 0
}

// parseSqueezed reads capital letters and digits. spaced is where the text was
// parted, -1 for nowhere: "B1 1" is a sector and "B11" a district.
func parseSqueezed(s string, spaced int) (Postcode, bool) {
	if n := len(s); n >= 5 {
		if out, ok := packOutward(s[:n-3]); ok {
			if in, ok := packInward(s[n-3:]); ok {
				return out | Postcode(in), true
			}
		}
	}
	sector := func(at int) (Postcode, bool) {
		if at < 2 || at >= len(s) || !isDigit(s[at]) || len(s)-at > 2 || len(s)-at == 2 && !isInwardLetter(s[at+1]) {
			return 0, false
		}
		out, ok := packOutward(s[:at])
		if !ok {
			return 0, false
		}
		return out | Postcode(1+s[at]-'0'), true
	}
	if pc, ok := sector(spaced); ok {
		return pc, true
	}
	if pc, ok := packOutward(s); ok {
		return pc, true
	}
	if spaced < 0 {
		return sector(len(s) - 1)
	}
	return 0, false
}

// packOutward packs an outward code of one of the six shapes, with the letters
// that Royal Mail uses in each position, or GIR.
func packOutward(s string) (Postcode, bool) {
	if !isOutward(s) {
		return 0, false
	}
	n := Postcode(0)
	for i := range 4 {
		n *= 37
		if i < len(s) {
			n += Postcode(base37(s[i]))
		}
	}
	return n << inwardBits, true
}

func isOutward(s string) bool {
	if s == "GIR" {
		return true
	}
	n := len(s)
	if n < 2 || n > 4 || !isLetter(s[0]) || strings.IndexByte("QVX", s[0]) >= 0 {
		return false
	}
	digits := s[1:]
	if isLetter(digits[0]) {
		if strings.IndexByte("IJZ", digits[0]) >= 0 {
			return false
		}
		digits = digits[1:]
	}
	switch len(digits) {
	case 1:
		return isDigit(digits[0])
	case 2:
		// A9 and A99, or a London-style letter at the end: W1A, EC1A. No district is numbered 01.
		return isDigit(digits[0]) && (isDigit(digits[1]) && digits[0] != '0' ||
			isLetter(digits[1]) && strings.IndexByte("ILOQZ", digits[1]) < 0)
	}
	return false
}

func packInward(s string) (int, bool) {
	if !isDigit(s[0]) || !isInwardLetter(s[1]) || !isInwardLetter(s[2]) {
		return 0, false
	}
	return firstUnit + int(s[0]-'0')*unitsPerSec + int(s[1]-'A')*26 + int(s[2]-'A'), true
}

func isLetter(c byte) bool       { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool        { return c >= '0' && c <= '9' }
func isInwardLetter(c byte) bool { return isLetter(c) && strings.IndexByte("CIKMOV", c) < 0 }

// base37 numbers the characters so that a shorter outward code sorts before
// the longer ones that begin with it.
func base37(c byte) int {
	if isDigit(c) {
		return 1 + int(c-'0')
	}
	return 11 + int(c-'A')
}

// Full reports whether p is a whole postcode and not the first part of one.
func (p Postcode) Full() bool { return p&inwardMask >= firstUnit }

// District is p's outward code alone.
func (p Postcode) District() Postcode { return p &^ inwardMask }

// Sector is p up to the digit of its inward code; ok is false for a district.
func (p Postcode) Sector() (sector Postcode, ok bool) {
	switch in := p & inwardMask; {
	case in >= firstUnit:
		return p.District() | (1 + (in-firstUnit)/unitsPerSec), true
	case in > 0:
		return p, true
	}
	return 0, false
}

// unitRange is the range of packed inward codes, from first to before end,
// that belong to p.
func (p Postcode) unitRange() (first, end int) {
	switch in := int(p & inwardMask); {
	case in >= firstUnit:
		return in, in + 1
	case in > 0:
		first = firstUnit + (in-1)*unitsPerSec
		return first, first + unitsPerSec
	}
	return firstUnit, maxInward + 1
}

// Outward is the first part, "SO14".
func (p Postcode) Outward() string {
	var b [4]byte
	n := p >> inwardBits
	for i := 3; i >= 0; i-- {
		b[i] = " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[n%37]
		n /= 37
	}
	return strings.TrimRight(string(b[:]), " ")
}

// Inward is the second part, "7DU"; "7" for a sector and empty for a district.
func (p Postcode) Inward() string {
	in := int(p & inwardMask)
	switch {
	case in >= firstUnit:
		in -= firstUnit
		return string([]byte{'0' + byte(in/unitsPerSec), 'A' + byte(in%unitsPerSec/26), 'A' + byte(in%26)})
	case in > 0:
		return string([]byte{'0' + byte(in-1)})
	}
	return ""
}

// String is the postcode as it is written on an envelope: "SO14 7DU".
func (p Postcode) String() string {
	if p == 0 {
		return ""
	}
	if in := p.Inward(); in != "" {
		return p.Outward() + " " + in
	}
	return p.Outward()
}

// valid reports whether p is a postcode that ParsePostcode could have made.
func (p Postcode) valid() bool {
	if p>>inwardBits >= maxOutward || p&inwardMask > maxInward {
		return false
	}
	q, ok := ParsePostcode(p.String())
	return ok && p == q
}

// Shapes of a postcode: A is a letter and 9 a digit. The commoner come first.
var shapes = []string{"AA999AA", "AA99AA", "A999AA", "A99AA", "AA9A9AA", "A9A9AA", "AA99", "AA9", "A99", "A9", "AA9A", "A9A", "AA999"}

func shapesOfLength(n int) []string {
	var fit []string
	for _, s := range shapes {
		if len(s) == n {
			fit = append(fit, s)
		}
	}
	return fit
}

// Characters taken for one another. The first pairs are swapped so often and
// look so alike that nothing else can be meant; the second are likely slips.
var (
	sameGlyph = map[byte]byte{'O': '0', '0': 'O', 'I': '1', '1': 'I', 'L': '1'}
	likeGlyph = map[byte]byte{'O': '0', '0': 'O', 'I': '1', '1': 'I', 'L': '1',
		'S': '5', '5': 'S', 'Z': '2', '2': 'Z', 'B': '8', '8': 'B', 'G': '6', '6': 'G', 'Q': '0'}
)

// fitShape swaps every character that is not of the shape's class for its
// lookalike, and gives the text back as it was when one has none.
func fitShape(s, shape string, swap map[byte]byte) string {
	b := []byte(s)
	for i := range b {
		if isDigit(b[i]) == isDigit(shape[i]) {
			continue
		}
		c, ok := swap[b[i]]
		if !ok || isDigit(c) != isDigit(shape[i]) {
			return s
		}
		b[i] = c
	}
	return string(b)
}
