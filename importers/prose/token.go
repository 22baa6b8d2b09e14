package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind uint8

const (
	word    kind = iota // anything that is not below
	day                 // one weekday
	dayset              // several weekdays by one word: weekdays, daily
	ordinal             // first, 2nd, last
	clock               // a time of day, or a bare number that could be one
	dash                // - – =
	to                  // to, until
	and                 // & + / and
	comma
	colon
	open  // (
	close // )
	stop  // end of a sentence
	line  // end of a line
)

// A token is one word or sign and where it stands in the text.
type token struct {
	kind     kind
	text     string // lower case
	from, to int
	days     days // of day and dayset
	n        int  // of ordinal: 1 to 5, -1 for last
	clock    time // of clock
}

// days is a set of weekdays; bit 0 is Monday.
type days uint8

const (
	weekdays days = 0b0011111
	weekend  days = 0b1100000
	everyDay days = 0b1111111
)

var byday = [7]string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}

var dayWords = func() map[string]days {
	m := map[string]days{}
	for i, names := range [7]string{
		"monday mondays mon mons", "tuesday tuesdays tue tues", "wednesday wednesdays wed weds wednes",
		"thursday thursdays thu thur thurs", "friday fridays fri fris", "saturday saturdays sat sats", "sunday sundays sun suns",
	} {
		for name := range strings.FieldsSeq(names) {
			m[name] = 1 << i
		}
	}
	return m
}()

var daysetWords = map[string]days{
	"weekday": weekdays, "weekdays": weekdays, "weekend": weekend, "weekends": weekend,
	"daily": everyDay, "everyday": everyDay,
}

var ordinalWords = map[string]int{
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1,
	"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5,
}

// tokens cuts s into words and signs.
func tokens(s string) []token {
	var out []token
	low := asciiLower(s)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		t := token{kind: word, from: i, to: i + size}
		switch {
		case r == '\n' || r == '\r':
			t.kind = line
		case space(r):
			i += size
			continue
		case r >= '0' && r <= '9':
			t = number(low, i)
		case r == '£' || r == '$' || r == '€':
			for t.to < len(s) && (s[t.to] >= '0' && s[t.to] <= '9' || s[t.to] == '.' && t.to+1 < len(s) && isDigit(s[t.to+1])) {
				t.to++
			}
		case unicode.IsLetter(r):
			t.to = i + wordLen(s[i:])
			name := strings.NewReplacer("’", "", "'", "").Replace(low[i:t.to])
			switch {
			case name == "to" || name == "until" || name == "till" || name == "til" || name == "through" || name == "thru":
				t.kind = to
			case name == "and":
				t.kind = and
			case name == "noon" || name == "midday":
				t.kind, t.clock = clock, time{h: 12, mer: noon}
			case name == "midnight":
				t.kind, t.clock = clock, time{h: 12, mer: midnight}
			case dayWords[name] != 0:
				t.kind, t.days = day, dayWords[name]
			case daysetWords[name] != 0:
				t.kind, t.days = dayset, daysetWords[name]
			case ordinalWords[name] != 0:
				t.kind, t.n = ordinal, ordinalWords[name]
			}
		case strings.ContainsRune("-–—−‑=", r):
			t.kind = dash
		case strings.ContainsRune("&+/", r):
			t.kind = and
		case r == ',':
			t.kind = comma
		case r == ':':
			t.kind = colon
		case r == '(' || r == '[':
			t.kind = open
		case r == ')' || r == ']':
			t.kind = close
		case r == ';':
			t.kind = stop
		case r == '.':
			if t.to == len(s) || space(firstRune(s[t.to:])) {
				t.kind = stop
			}
		}
		t.text = low[t.from:t.to]
		out = append(out, t)
		i = t.to
	}
	return out
}

// number reads what starts with a digit at i: a time, an ordinal, "24/7", or
// just a number.
func number(low string, i int) token {
	t := token{kind: word, from: i, to: i}
	for t.to < len(low) && isDigit(low[t.to]) {
		t.to++
	}
	digits := low[i:t.to]
	rest := low[t.to:]
	if digits == "24" && strings.HasPrefix(rest, "/7") {
		t.to += 2
		return t
	}
	if n := ordinalWords[digits+prefix(rest, 2)]; n != 0 && !letterAt(rest, 2) {
		t.kind, t.n, t.to = ordinal, n, t.to+2
		return t
	}
	var c time
	switch {
	case len(digits) <= 2:
		c.h, c.pad = atoi(digits), len(digits) == 2 && digits[0] == '0'
		if len(rest) >= 3 && (rest[0] == '.' || rest[0] == ':') && isDigit(rest[1]) && isDigit(rest[2]) &&
			(len(rest) == 3 || !isDigit(rest[3])) {
			c.m, c.minutes = atoi(rest[1:3]), true
			t.to += 3
		}
	case len(digits) == 4:
		c.h, c.m, c.minutes, c.four = atoi(digits[:2]), atoi(digits[2:]), true, true
	default:
		return t
	}
	// "10 am", "10am", "10 a.m.", "12noon", "12 midday"
	gap := len(low[t.to:]) - len(strings.TrimLeft(low[t.to:], " \u00a0"))
	after := low[t.to+gap:]
	for _, w := range [...]struct {
		text string
		mer  meridiem
	}{{"a.m.", am}, {"p.m.", pm}, {"a.m", am}, {"p.m", pm}, {"am", am}, {"pm", pm}, {"noon", noon}, {"midday", noon}, {"midnight", midnight}, {"hrs", none}} {
		if strings.HasPrefix(after, w.text) && !letterAt(after, len(w.text)) {
			if (w.mer == noon || w.mer == midnight) && c.h != 12 {
				break
			}
			c.mer = w.mer
			t.to += gap + len(w.text)
			break
		}
	}
	if t.to < len(low) && unicode.IsLetter(firstRune(low[t.to:])) && c.mer == none {
		t.to += wordLen(low[t.to:])
		return t // "2a", "10p"
	}
	if c.possible() {
		t.kind, t.clock = clock, c
	}
	return t
}

// wordLen is the number of bytes of the word at the start of s, with the
// apostrophe of "Monday's" but not a hyphen.
func wordLen(s string) int {
	for i, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && (i == 0 || (r != '\'' && r != '’')) {
			return i
		}
	}
	return len(s)
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func letterAt(s string, i int) bool { return i < len(s) && unicode.IsLetter(firstRune(s[i:])) }

func prefix(s string, n int) string { return s[:min(n, len(s))] }

func atoi(digits string) (n int) {
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}
