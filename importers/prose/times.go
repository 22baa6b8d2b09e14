package prose

import (
	"slices"
	"strings"

	"hereabouts"
)

// Times is what a text says about when something happens.
type Times struct {
	// Sessions are the times that were understood, without ids or places. A
	// session's Note holds the words about it that a rule cannot hold: "term
	// time only", "Job Club".
	Sessions []hereabouts.Session

	// Kept are the words that were not understood, as they were written. A
	// caller shows them to people.
	Kept []string

	// Assumed are the times that were written without am or pm and read as
	// daytime: "9-5 read as 09:00 to 17:00".
	Assumed []string
}

// Whole reports whether the text was times and nothing else.
func (t *Times) Whole() bool { return len(t.Sessions) > 0 && len(t.Kept) == 0 }

// maxText is how long a text about times may be, in bytes. Beyond it, it is
// about other things, and is kept as it is.
const maxText = 8000

// ReadTimes reads opening times: days, times of day, "1st and 3rd Wednesday of
// the month", exceptions. What depends on more than the text says is kept as
// text and makes no session: "alternate Saturdays" (which ones?), "Thursday
// morning", "24/7 upon request".
func ReadTimes(s string) Times {
	if Blank(s) {
		return Times{}
	}
	if len(s) > maxText {
		return Times{Kept: []string{tidy(s)}}
	}
	p := &parser{text: s, toks: tokens(s)}
	p.scan()
	return p.result()
}

// A phrase is a run of tokens that says when, and what it says.
type phrase struct {
	from, to int // tokens
	sessions []hereabouts.Session
	assumed  []string
	allDay   bool
	vetoed   bool
}

type parser struct {
	text      string
	toks      []token
	timeFirst bool
	phrases   []phrase
	sentence  []int // of each token
}

func (p *parser) scan() {
	p.sentence = make([]int, len(p.toks))
	n := 0
	for i := range p.toks {
		p.sentence[i] = n
		if p.ends(i) {
			n++
		}
	}
	p.timeFirst = p.startsWithTime()
	for i := 0; i < len(p.toks); {
		if ph, ok := p.phrase(i); ok {
			p.phrases = append(p.phrases, ph)
			i = ph.to
			continue
		}
		i++
	}
}

// ends reports whether token i ends a sentence. The full stop of "Tues." does
// not, nor does a line break between a day and its time.
func (p *parser) ends(i int) bool {
	t := p.toks[i]
	if t.kind == stop && t.text == "." && i > 0 && i+1 < len(p.toks) {
		before := p.toks[i-1]
		return !(before.kind == day && before.to-before.from <= 5 && p.toks[i+1].kind == clock)
	}
	return t.kind == stop || t.kind == line
}

// startsWithTime reports whether the text gives times before days throughout:
// "10am-12 noon on Mondays, 2-4pm on Thursdays".
func (p *parser) startsWithTime() bool {
	first, last := kind(word), kind(word)
	for i, t := range p.toks {
		k := word
		switch {
		case t.kind == day || t.kind == dayset:
			k = day
		case t.kind == clock:
			if _, _, _, _, j := p.span(i, anyPart); j > i {
				k = clock
			}
		}
		if k != word {
			if first == word {
				first = k
			}
			last = k
		}
	}
	return first == clock && last == day
}

// phrase reads one statement of when at token i.
func (p *parser) phrase(i int) (phrase, bool) {
	ph := phrase{from: i}
	if j, ok := p.roundTheClock(i); ok {
		ph.to, ph.allDay = j, true
		ph.sessions = []hereabouts.Session{{RRule: "FREQ=DAILY", Start: "00:00", End: "24:00"}}
		return ph, true
	}
	if w, j, ok := p.when(i); ok {
		k, dayPart := p.lead(j)
		if p.closed(k) {
			ph.to = k + 1
			p.removeDays(w)
			return ph, true
		}
		if q, ok := p.roundTheClock(k); ok {
			ph.to = q
			ph.sessions = []hereabouts.Session{{RRule: w.rule(), Start: "00:00", End: "24:00"}}
			return ph, true
		}
		to, ok := p.times(&ph, w, k, dayPart)
		if !ok {
			return phrase{}, false
		}
		ph.to = p.bracket(j, k, to)
		p.exceptions(&ph, w)
		return ph, true
	}
	if p.toks[i].kind != clock {
		return phrase{}, false
	}
	_, _, _, _, j := p.span(i, anyPart)
	if j == i {
		return phrase{}, false
	}
	k := j
	for k < len(p.toks) && (p.toks[k].kind == comma || p.toks[k].kind == open || p.is(k, "on", "every", "each")) {
		if p.toks[k].kind == word && p.is(k, "every", "each") {
			if _, _, ok := p.when(k); ok {
				break
			}
		}
		k++
	}
	w, to, ok := p.when(k)
	if !ok {
		return phrase{}, false
	}
	if !p.timeFirst {
		next, part := p.lead(to)
		if _, ok := p.times(&phrase{}, w, next, part); ok {
			return phrase{}, false // the days belong to the times after them
		}
	}
	if _, ok := p.times(&ph, w, i, anyPart); !ok {
		return phrase{}, false
	}
	ph.to = p.bracket(j, k, to)
	p.exceptions(&ph, w)
	return ph, true
}

// is reports whether token i is one of the words.
func (p *parser) is(i int, words ...string) bool {
	return i < len(p.toks) && slices.Contains(words, p.toks[i].text)
}

// roundTheClock reads "24/7", "24 hours", "24 hours a day, 7 days a week".
func (p *parser) roundTheClock(i int) (int, bool) {
	if p.is(i, "24/7") {
		return i + 1, true
	}
	if !p.is(i, "24") || !p.is(i+1, "hours", "hrs", "hour", "hr") {
		return i, false
	}
	i += 2
	if p.is(i, "a", "per") && p.is(i+1, "day") {
		i += 2
	}
	j := i
	if j < len(p.toks) && (p.toks[j].kind == comma || p.toks[j].kind == and) {
		j++
	}
	if p.is(j, "7", "seven") && p.is(j+1, "days") && p.is(j+2, "a", "per") && p.is(j+3, "week") {
		i = j + 4
	} else if p.is(j, "every") && p.is(j+1, "day") {
		i = j + 2
	}
	return i, true
}

// lead skips the words that may stand between days and their times, and says
// which part of the day they name.
func (p *parser) lead(i int) (int, part) {
	dayPart := anyPart
	for ; i < len(p.toks); i++ {
		t := p.toks[i]
		if v := partWords[t.text]; v != anyPart {
			dayPart = v
			continue
		}
		switch {
		case t.kind == colon, t.kind == comma, t.kind == open, t.kind == line, t.text == "@", t.kind == dash:
		case t.kind == stop && t.text == "." && !p.ends(i):
		case t.kind == word && p.is(i, "from", "between", "at", "open", "opens", "opening", "is", "are", "the"):
		default:
			return i, dayPart
		}
	}
	return i, dayPart
}

func (p *parser) closed(i int) bool { return p.is(i, "closed", "shut") }

// removeDays takes days said to be closed from the weekly sessions already
// read in the same text.
func (p *parser) removeDays(w when) {
	if w.nth != nil {
		return
	}
	for i := range p.phrases {
		for j := range p.phrases[i].sessions {
			s := &p.phrases[i].sessions[j]
			if d := ruleDays(s.RRule); d&^w.days != 0 {
				s.RRule = when{days: d &^ w.days}.rule()
			}
		}
	}
}

// bracket moves past the bracket that closes one opened between from and at.
func (p *parser) bracket(from, at, to int) int {
	for i := from; i < at; i++ {
		if p.toks[i].kind == open && to < len(p.toks) && p.toks[to].kind == close {
			return to + 1
		}
	}
	return to
}

// span reads one range of times at token i: "10am - 12 noon", "between 1 and
// 2pm". The last result is i when there is none.
func (p *parser) span(i int, dayPart part) (s, e hereabouts.Clock, assumed, ok bool, to_ int) {
	if i+2 >= len(p.toks) || p.toks[i].kind != clock {
		return "", "", false, false, i
	}
	mid, end := p.toks[i+1], p.toks[i+2]
	join := mid.kind == dash || mid.kind == to || mid.text == "and" && i > 0 && p.is(i-1, "between")
	if !join || end.kind != clock {
		return "", "", false, false, i
	}
	s, e, assumed, ok = between(p.toks[i].clock, end.clock, dayPart)
	return s, e, assumed, ok, i + 3
}

// times reads the times of day at token i into sessions on w.
func (p *parser) times(ph *phrase, w when, i int, dayPart part) (int, bool) {
	first := i
	for {
		s, e, assumed, ok, j := p.span(i, dayPart)
		if j == i {
			break
		}
		if !ok {
			return i, false
		}
		ph.add(w, s, e)
		if assumed {
			ph.assumed = append(ph.assumed, p.slice(i, j)+" read as "+string(s)+" to "+string(e))
		}
		i = j
		k := i
		for k < len(p.toks) && (p.toks[k].kind == comma || p.toks[k].kind == and || p.toks[k].kind == colon) {
			k++
		}
		if _, _, _, _, j := p.span(k, dayPart); j == k || p.timeFirst {
			return i, true // where times come first, the next ones belong to the next days
		}
		i = k
	}
	if i > first {
		return i, true
	}
	if i < len(p.toks) && p.toks[i].kind == clock && p.toks[i].clock.single() {
		if i+1 < len(p.toks) && (p.toks[i+1].kind == dash || p.toks[i+1].kind == to) {
			return i, false // an end we cannot read
		}
		s, assumed, ok := alone(p.toks[i].clock, dayPart)
		if !ok {
			return i, false
		}
		ph.add(w, s, "")
		if assumed {
			ph.assumed = append(ph.assumed, p.slice(i, i+1)+" read as "+string(s))
		}
		return i + 1, true
	}
	return i, false
}

func (ph *phrase) add(w when, s, e hereabouts.Clock) {
	ph.sessions = append(ph.sessions, hereabouts.Session{RRule: w.rule(), Start: s, End: e})
}

// exceptions reads "except Thursdays 10am-12.30pm only" after a phrase.
func (p *parser) exceptions(ph *phrase, w when) {
	if w.nth != nil {
		return
	}
	i := ph.to
	for i < len(p.toks) && (p.toks[i].kind == comma || p.toks[i].kind == open || p.toks[i].kind == dash) {
		i++
	}
	if !p.is(i, "except", "excluding", "not", "exc", "excl") && !p.closed(i) {
		return
	}
	plainClosed := p.closed(i)
	i++
	for p.is(i, "for", "on", "every") {
		i++
	}
	x, j, ok := p.when(i)
	if !ok || x.nth != nil || w.days&^x.days == 0 {
		return
	}
	if plainClosed && w.days&x.days == 0 {
		ph.to = j // "closed Sunday", which we had not claimed
		return
	}
	for k := range ph.sessions {
		ph.sessions[k].RRule = when{days: w.days &^ x.days}.rule()
	}
	k, dayPart := p.lead(j)
	if to, ok := p.times(ph, x, k, dayPart); ok {
		j = to
	}
	if p.is(j, "only") {
		j++
	}
	ph.to = p.bracket(ph.to, i, j)
}

func (ph *phrase) monthly() bool {
	return slices.ContainsFunc(ph.sessions, func(s hereabouts.Session) bool { return strings.HasPrefix(s.RRule, "FREQ=MONTHLY") })
}
