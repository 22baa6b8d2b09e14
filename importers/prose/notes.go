package prose

import (
	"regexp"
	"strings"

	"hereabouts"
)

var (
	// Weekly times with one of these beside them do not happen weekly, and the
	// text does not say in which weeks.
	notWeekly = regexp.MustCompile(`\b(fortnight|fortnightly|alternate|alternating|every other|every (second|third|fourth|2nd|3rd|4th)|every (two|three|four|2|3|4|second|third) weeks?|bi-?weekly|bi-?monthly|once a month|monthly|occasional(ly)?|some)\b`)
	// Times after one of these are those of another place.
	elsewhere = regexp.MustCompile(`\b(via the|referred|instead|go to)\b`)
	// "24/7" beside one of these means that somebody answers, not that it is open.
	onRequest = regexp.MustCompile(`\b(request|appointment|arrange|arrangement|call|phone|helpline|emergency)\b`)
	// Words that hold for every time before them.
	qualifies = regexp.MustCompile(`\b(term[- ]?times?|half[- ]?terms?|school|bank holidays?|holidays?|except|excluding|closed|appointments?|booking|weather|only|ring|call|phone|check|subject to)\b`)
	// Words that mean nothing without the times they stood beside.
	filler = regexp.MustCompile(`^(\d+|and|also|plus|on|open|opens|opening|opening times|opening hours|hours|times|the|at|we are|we|it is|is|are|meets?|meeting|meetings|held|runs?|every|each|from|only|sessions? (are|is)( held)?|see|of|in|a|to|or|am|pm|\pP|\pS|\s)*$`)
)

// result attaches the words that were not read to the sessions they stand
// beside and gathers both.
func (p *parser) result() Times {
	type piece struct {
		from, to  int
		text      string
		bracketed bool

		notWeekly, onRequest, elsewhere, qualifies bool
	}
	var pieces []piece
	next := 0
	flush := func(i, j int) {
		for i < j {
			end := i
			for end < j && p.sentence[end] == p.sentence[i] && !(end > i && p.toks[end].kind == open) {
				end++
				if p.toks[end-1].kind == close {
					break
				}
			}
			text := strings.TrimFunc(tidy(p.slice(i, end)), func(r rune) bool { return strings.ContainsRune(" ,.;:-–—&+/=@*•", r) })
			bracketed := strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")")
			if bracketed {
				text = text[1 : len(text)-1]
			}
			text = strings.TrimSpace(text)
			if low := plain(text); !filler.MatchString(low) {
				pieces = append(pieces, piece{i, end, text, bracketed, notWeekly.MatchString(low),
					onRequest.MatchString(low), elsewhere.MatchString(low), qualifies.MatchString(low)})
			}
			i = end
		}
	}
	for _, ph := range p.phrases {
		flush(next, ph.from)
		next = ph.to
	}
	flush(next, len(p.toks))

	// Words that take a phrase's certainty away.
	for i := range p.phrases {
		ph := &p.phrases[i]
		for _, pc := range pieces {
			if p.sentence[pc.from] != p.sentence[ph.from] && !pc.bracketed {
				continue
			}
			if pc.notWeekly && !ph.monthly() || pc.onRequest && ph.allDay || pc.elsewhere && pc.to <= ph.from {
				ph.vetoed = true
			}
		}
	}

	var t Times
	for i := range p.phrases {
		if ph := &p.phrases[i]; ph.vetoed {
			t.Kept = append(t.Kept, tidy(p.slice(ph.from, ph.to)))
			ph.sessions = nil
		}
	}
	for _, pc := range pieces {
		t.Kept = append(t.Kept, pc.text)
		if len([]rune(pc.text)) > 120 {
			continue // too long for a note; the text is kept whole elsewhere
		}
		before, after := -1, -1
		for i := range p.phrases {
			if p.phrases[i].to <= pc.from {
				before = i
			} else if after < 0 {
				after = i
			}
		}
		sameSentence := func(i int) bool { return i >= 0 && p.sentence[p.phrases[i].from] == p.sentence[pc.from] }
		switch {
		case before >= 0 && pc.qualifies && !(sameSentence(after) && !pc.bracketed):
			for i := 0; i <= before; i++ {
				if !sameSentence(before) || sameSentence(i) {
					note(p.phrases[i].sessions, pc.text)
				}
			}
		case pc.bracketed && sameSentence(before):
			note(p.phrases[before].sessions, pc.text)
		case sameSentence(after):
			note(p.phrases[after].sessions, pc.text)
		case sameSentence(before):
			note(p.phrases[before].sessions, pc.text)
		}
	}
	type key struct {
		rule       string
		start, end hereabouts.Clock
	}
	seen := map[key]bool{}
	for _, ph := range p.phrases {
		for _, s := range ph.sessions {
			if k := (key{s.RRule, s.Start, s.End}); !seen[k] {
				seen[k] = true
				t.Sessions = append(t.Sessions, s)
			}
		}
		if !ph.vetoed {
			t.Assumed = append(t.Assumed, ph.assumed...)
		}
	}
	if len(p.phrases) == 0 && len(t.Kept) == 0 {
		t.Kept = []string{tidy(p.text)}
	}
	return t
}
