package prose

import (
	"regexp"
	"strconv"
	"strings"

	"hereabouts"
)

var (
	price     = regexp.MustCompile(`£ ?(\d{1,5})(?:\.(\d{2}))?\b|\b(\d{1,3})p\b`)
	worth     = regexp.MustCompile(`^( worth\b| basket\b|'s worth\b| of (groceries|food|shopping)\b)|^ (groceries|off)\b`)
	perWords  = regexp.MustCompile(`^ ?(?:/|per|a|each|every|an) ?(session|class|week|month|year|visit|meal|ready frozen meal|person|day|night|term|course|hour|household|family|item)\b`)
	perBefore = regexp.MustCompile(`\b(weekly|monthly|annual|yearly|hot meals?|meals?) (?:membership |fee |charge |for |cost |costs |is |of )*$`)
	perAfter  = regexp.MustCompile(`^ (weekly|monthly|annual(?:ly)?|yearly)\b|^ for (?:an? )?\d{1,2}[- ]weeks? (course)\b|^ (?:fee|membership)? ?per (week|month|year|session)\b`)
	freeTrue  = regexp.MustCompile(`\bfree of charge\b|\bfor free\b|\b(is|are|all|completely|totally|entirely|always) free\b|\bfree to (attend|join|use|all|everyone|access)\b|\bno (charge|cost|fee)\b|\bfree (sessions?|class(es)?|service|support|advice|entry|admission|meals?|hot|food|lunch|activities|groups?|counselling|course|courses|workshops?|help|refreshments?|drop[- ]?in|public access|meat|vegetarian|and confidential|confidential)\b|^free[.!]?$|^free \w`)
	notFree   = regexp.MustCompile(`\bnot free\b|\b(sugar|gluten|smoke|drug|alcohol|dairy|meat|hands|stress|barrier|toll|trouble|abuse|violence|debt)[- ]free\b|\bfree (from|parking|school meals?|time|up|phone|trial|will|church)\b|\bfeel free\b|\bfree(phone|dom)\b|\bfirst (session|class|week)[^.]* free\b|\bfree first\b|\bset free\b|\bfree to (call|phone|ring|those)\b`)
	voluntary = regexp.MustCompile(`\b(donations?|pay as you feel|pay-as-you-feel|pay what you (can|like)|contributions?)\b`)
	minimum   = regexp.MustCompile(`\bminimum (donation|contribution)\b`)
	either    = regexp.MustCompile(`\bor (a )?£|\bup to £|\bfrom £|\bfund(s|ing|ed|raising)?\b|\bgrants?\b|\braised\b|\bincome\b`)
)

// ReadCost reads what a person pays: "£2.50 per week", "free of charge". One
// price is a price; two prices, a price that is only one of two ways, and "pay
// as you feel" are kept as the Text alone. ok is false when the text says
// nothing about cost.
func ReadCost(s string) (c hereabouts.Cost, ok bool) {
	var text []string
	type charge struct {
		pence int
		per   string
	}
	var charges []charge
	free, loose := false, false
	for _, sentence := range sentences(s) {
		t := plain(sentence)
		said := false
		for _, m := range price.FindAllStringSubmatchIndex(t, -1) {
			before, after := t[:m[0]], t[m[1]:]
			if worth.MatchString(after) {
				continue
			}
			said = true
			if either.MatchString(t) || voluntary.MatchString(t) && !minimum.MatchString(t) {
				loose = true
				continue
			}
			ch := charge{pence: pence(t, m)}
			if p := perWords.FindStringSubmatch(after); p != nil {
				ch.per = p[1]
			} else if p := perAfter.FindStringSubmatch(after); p != nil {
				ch.per = p[1] + p[2] + p[3]
			} else if p := perBefore.FindStringSubmatch(before); p != nil {
				ch.per = p[1]
			}
			ch.per = perName(ch.per)
			charges = append(charges, ch)
		}
		rest := tidy(notFree.ReplaceAllString(t, " "))
		if freeTrue.MatchString(rest) && !strings.Contains(rest, "not free") {
			free, said = true, true
		}
		if voluntary.MatchString(t) && (strings.Contains(t, "pay") || strings.Contains(t, "£") || strings.Contains(t, "donation")) {
			said, loose = true, loose || !minimum.MatchString(t)
		}
		if said {
			text = append(text, tidy(sentence))
		}
	}
	if len(text) == 0 {
		return c, false
	}
	c.Text = strings.Join(text, " ")
	switch {
	case loose, len(charges) > 0 && free:
		// Paid for some, free for others: only the words say which.
	case len(charges) == 1:
		c.Free = hereabouts.FactOf(charges[0].pence == 0)
		c.Pence, c.Per = &charges[0].pence, charges[0].per
	case len(charges) > 1:
		c.Free = hereabouts.No
	case free:
		c.Free = hereabouts.Yes
	}
	return c, true
}

func pence(t string, m []int) int {
	if m[6] >= 0 {
		n, _ := strconv.Atoi(t[m[6]:m[7]])
		return n
	}
	n, _ := strconv.Atoi(t[m[2]:m[3]])
	n *= 100
	if m[4] >= 0 {
		p, _ := strconv.Atoi(t[m[4]:m[5]])
		n += p
	}
	return n
}

func perName(s string) string {
	switch s {
	case "weekly":
		return "week"
	case "monthly":
		return "month"
	case "annual", "annually", "yearly":
		return "year"
	case "hot meal", "hot meals", "meals", "ready frozen meal":
		return "meal"
	case "class", "visit":
		return "session"
	}
	return s
}
