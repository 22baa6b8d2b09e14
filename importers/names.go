package importers

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Name is a name as people would write it. One in capitals throughout is put
// into title case with its acronyms and small words respected: "THE FRIENDS OF
// ST MARY'S CIC" becomes "The Friends of St Mary's CIC". Others keep their
// letters.
func Name(s string) string {
	s = Line(s)
	if !shouted(s) {
		return s
	}
	words := strings.Split(s, " ")
	for i, w := range words {
		first := i == 0 || strings.HasSuffix(words[i-1], ":") || words[i-1] == "-" || words[i-1] == "–" || words[i-1] == "|"
		words[i] = quietWord(w, first)
	}
	return strings.Join(words, " ")
}

// shouted reports whether s is a name in capitals. A single short word may
// well be an acronym and is left alone.
func shouted(s string) bool {
	var upper, lower int
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		}
	}
	if !strings.Contains(s, " ") && upper <= 5 {
		return false
	}
	// "THE FRIENDS OF ST MARY's" is shouted; "YMCA café" is not.
	return upper >= 4 && lower*10 <= upper
}

// acronyms stay in capitals. Words without a vowel stay so without being here.
var acronyms = wordSet(`
	CIC CIO SCIO PLC LLP UK GB EU USA NHS NI
	YMCA YWCA WI NCT PTA PTFA PCC RBL RNLI RSPCA RSPB RSC RAF RNIB RNID RDA SSAFA RVS WRVS NSPCC ATC
	AFC FC RFC RUFC CC CRFC ARLFC ABC BMX
	HIV AIDS PTSD ADHD ADD ASD ME MND COPD IBS OCD SEND SEN ABI
	LGBT LGBTQ LGBTQ+ LGBTQIA LGBTQIA+ BME BAME BSL ESOL EAL ICT
	CAB CVS CVA VCSE DWP GP CAMHS IAPT IAG AA NA CA FE HE CE RC URC
	U3A MOT TV DJ AGM HQ DIY HMP HMS OAP MP UN UNICEF UNESCO OXFAM
	II III IV VI VII VIII IX XI XII`)

// oddities have a form of their own.
var oddities = map[string]string{
	"LTD": "Ltd", "LTD.": "Ltd.", "ST": "St", "ST.": "St.", "STS": "Sts", "SS": "SS", "MR": "Mr", "MRS": "Mrs", "MS": "MS", "DR": "Dr",
	"REV": "Rev", "SGT": "Sgt", "CO": "Co", "CO.": "Co.", "NR": "nr", "JR": "Jr", "SR": "Sr", "MT": "Mt", "RD": "Rd", "HRH": "HRH",
	"MENCAP": "Mencap", "CHILDLINE": "ChildLine", "PHD": "PhD", "C/O": "c/o", "T/A": "t/a", "BT": "BT", "BOYS'": "Boys'", "CYMRU": "Cymru",
}

// small words are written small unless they begin the name.
var small = wordSet("OF THE AND FOR IN AT ON TO BY WITH A AN OR FROM AS DE LA LE Y YR UPON UNDER CUM NEAR VS PER")

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

// quietWord is one word of a shouted name. first says that it begins the name.
func quietWord(w string, first bool) string {
	lead := strings.IndexFunc(w, letterOrDigit)
	if lead < 0 {
		return w
	}
	// A word in brackets or quotes begins something.
	first = first || lead > 0
	last, size := 0, 0
	for i, r := range w {
		if letterOrDigit(r) || r == '+' {
			last, size = i, utf8.RuneLen(r)
		}
	}
	before, core, after := w[:lead], w[lead:last+size], w[last+size:]
	// Stops belong to "R.S.P.C.A." and "ST."
	if strings.HasPrefix(after, ".") {
		if odd, ok := oddities[core+"."]; ok {
			return before + odd + after[1:]
		}
		if strings.Contains(core, ".") {
			return w
		}
	}
	return before + quietCore(core, first) + after
}

func quietCore(core string, first bool) string {
	if strings.IndexFunc(core, unicode.IsLower) >= 0 && !strings.HasSuffix(core, "'s") && !strings.HasSuffix(core, "’s") {
		return core
	}
	up := strings.ToUpper(core)
	if odd, ok := oddities[up]; ok {
		return odd
	}
	if acronyms[up] {
		return up
	}
	for _, sep := range []string{"-", "/", "&", "–"} {
		if strings.Contains(core, sep) {
			parts := strings.Split(core, sep)
			for i, p := range parts {
				parts[i] = quietCore(p, i == 0 && first || sep != "-")
			}
			return strings.Join(parts, sep)
		}
	}
	if small[up] && !first {
		return strings.ToLower(core)
	}
	if stem, end, cut := cutApostrophe(core); cut {
		switch {
		case utf8.RuneCountInString(stem) == 1 && utf8.RuneCountInString(end) > 3: // O'BRIEN, D'ARCY
			return stem + end[:apostrophe(end)] + titled(end[apostrophe(end):])
		case acronyms[strings.ToUpper(stem)]: // GP'S
			return strings.ToUpper(stem) + strings.ToLower(end)
		}
		return titled(stem) + strings.ToLower(end)
	}
	if strings.ContainsFunc(core, unicode.IsDigit) {
		return numbered(core)
	}
	if strings.Contains(core, ".") { // R.S.P.C.A
		return core
	}
	if !strings.ContainsAny(up, "AEIOUYW") && utf8.RuneCountInString(core) > 1 && ascii(core) {
		return up // no vowel, so it is spelt out
	}
	if rest, mc := strings.CutPrefix(up, "MC"); mc && len(rest) > 3 {
		return "Mc" + titled(rest)
	}
	return titled(core)
}

// numbered is a word with digits: an ordinal is small, a code such as U3A or
// 4X4 is not.
func numbered(core string) string {
	digits := strings.TrimLeft(core, "0123456789")
	if len(digits) < len(core) {
		switch strings.ToUpper(digits) {
		case "ST", "ND", "RD", "TH", "S", "AM", "PM":
			return core[:len(core)-len(digits)] + strings.ToLower(digits)
		}
	}
	return core
}

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func ascii(s string) bool { return strings.IndexFunc(s, beyondASCII) < 0 }

// apostrophe is the length of the apostrophe that s begins with.
func apostrophe(s string) int {
	_, size := utf8.DecodeRuneInString(s)
	return size
}

func cutApostrophe(s string) (stem, end string, ok bool) {
	i := strings.IndexAny(s, "'’‘`")
	if i <= 0 {
		return s, "", false
	}
	return s[:i], s[i:], true
}

func titled(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + strings.ToLower(s[size:])
}
