package prose

import (
	"strconv"
	"strings"

	"hereabouts"
)

// A when is the days that a phrase names: every week, or the nth of a month.
type when struct {
	days days
	nth  []int // of the month; nil is every week
}

// rule is the RFC 5545 rule for w.
func (w when) rule() string {
	var by []string
	for i, name := range byday {
		if w.days&(1<<i) == 0 {
			continue
		}
		if w.nth == nil {
			by = append(by, name)
		}
		for _, n := range w.nth {
			by = append(by, strconv.Itoa(n)+name)
		}
	}
	switch {
	case w.nth != nil:
		return "FREQ=MONTHLY;BYDAY=" + strings.Join(by, ",")
	case w.days == everyDay:
		return "FREQ=DAILY"
	}
	return "FREQ=WEEKLY;BYDAY=" + strings.Join(by, ",")
}

// ruleDays are the days of a weekly or daily rule that rule wrote, else none.
func ruleDays(rule string) (d days) {
	if rule == "FREQ=DAILY" {
		return everyDay
	}
	list, ok := strings.CutPrefix(rule, "FREQ=WEEKLY;BYDAY=")
	if !ok {
		return 0
	}
	for name := range strings.SplitSeq(list, ",") {
		for i := range byday {
			if byday[i] == name {
				d |= 1 << i
			}
		}
	}
	return d
}

// when reads days at token i: "Mon, Tues & Thu", "Sunday to Tuesday",
// "weekdays and Saturdays", "1st and 3rd Wednesday of the month", "daily
// (except Tues & Sat)". Every other week is not read: nobody can tell which.
func (p *parser) when(i int) (w when, to int, ok bool) {
	start := i
	for p.is(i, "every", "each", "on", "open", "all") {
		i++
	}
	every := i > start && p.is(i-1, "every", "each", "all")
	if p.is(i, "other") || p.is(i, "alternate") {
		return w, start, false
	}
	if every && p.is(i, "day") {
		return when{days: everyDay}, i + 1, true
	}
	if p.is(i, "7", "seven") && p.is(i+1, "days") {
		i += 2
		if p.is(i, "a", "per", "each") && p.is(i+1, "week") {
			i += 2
		}
		return when{days: everyDay}, i, true
	}
	if start > 0 && p.is(start-1, "alternate", "other", "fortnightly") {
		return w, start, false
	}
	if i < len(p.toks) && p.toks[i].kind == ordinal {
		return p.nth(i, every)
	}
	w.days, i, ok = p.weekdays(i)
	if !ok {
		return w, start, false
	}
	// "Daily (except Tues & Sat) 10:30am": the exception stands before the time.
	j := i
	if j < len(p.toks) && (p.toks[j].kind == open || p.toks[j].kind == comma) {
		j++
	}
	if p.is(j, "except", "excluding", "not") {
		if x, k, ok := p.weekdays(j + 1); ok && w.days&^x != 0 {
			if next, _ := p.lead(k); next >= len(p.toks) || p.toks[next].kind != clock || k < len(p.toks) && p.toks[k].kind == close {
				if k < len(p.toks) && p.toks[k].kind == close {
					k++
					w.days &^= x
					return w, k, true
				}
			}
		}
	}
	return w, i, true
}

// weekdays reads a list of days and ranges of days.
func (p *parser) weekdays(i int) (d days, to_ int, ok bool) {
	for i < len(p.toks) {
		t := p.toks[i]
		if t.kind != day && t.kind != dayset {
			break
		}
		d |= t.days
		i++
		if t.kind == day && i+1 < len(p.toks) && (p.toks[i].kind == dash || p.toks[i].kind == to) && p.toks[i+1].kind == day {
			d |= through(t.days, p.toks[i+1].days)
			i += 2
		}
		ok = true
		j := i
		for j < len(p.toks) && (p.toks[j].kind == comma || p.toks[j].kind == and || p.is(j, "or", "on")) {
			j++
		}
		if j == i || j >= len(p.toks) || p.toks[j].kind != day && p.toks[j].kind != dayset {
			break
		}
		i = j
	}
	return d, i, ok
}

// through are the days from one to another, going round the end of the week.
func through(from, to days) (d days) {
	for b := from; ; {
		d |= b
		if b == to {
			return d
		}
		if b <<= 1; b&everyDay == 0 {
			b = 1
		}
	}
}

// nth reads "1st and 3rd Wednesday of the month" at an ordinal.
func (p *parser) nth(i int, every bool) (w when, to_ int, ok bool) {
	start := i
	every = every || i > 0 && p.is(i-1, "every", "each")
	for i < len(p.toks) && p.toks[i].kind == ordinal {
		w.nth = append(w.nth, p.toks[i].n)
		i++
		j := i
		for j < len(p.toks) && (p.toks[j].kind == comma || p.toks[j].kind == and) {
			j++
		}
		if j < len(p.toks) && p.toks[j].kind == ordinal {
			i = j
		}
	}
	w.days, i, ok = p.weekdays(i)
	if !ok {
		return w, start, false
	}
	month := false
	j := i
	for p.is(j, "of", "in", "each", "every", "the", "a", "calendar") {
		j++
	}
	if p.is(j, "month", "months", "monthly") {
		month, i = true, j+1
	}
	if every && !month && len(w.nth) == 1 && w.nth[0] == 2 {
		return w, start, false // "every second Tuesday" is a fortnight or a month
	}
	return w, i, true
}

func (p *parser) slice(i, j int) string {
	if i >= j {
		return ""
	}
	return p.text[p.toks[i].from:p.toks[j-1].to]
}

// note adds words to the sessions' notes.
func note(ss []hereabouts.Session, text string) {
	for i := range ss {
		if ss[i].Note != "" {
			ss[i].Note += "; "
		}
		ss[i].Note += text
	}
}
