package oruk

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"hereabouts"
	"hereabouts/importers/prose"
)

var perWord = regexp.MustCompile(`(?i)\b(?:per|an?|each|every|/) ?(?:\d+[- ]?)?(session|class|hour|week|month|year|term|day|visit|course|meal|person|month|half[- ]hour)\b|\b(weekly|monthly|annual|yearly)\b`)

// cost reads what people pay. One price is a price; several are text, for
// nobody can say which of them a person would pay.
func (m *mapper) cost(s object) {
	c := &m.l.Cost
	var texts []string
	say := func(t string) {
		if t = strings.TrimSpace(t); t != "" {
			texts = appendNew(texts, t)
		}
	}
	type price struct {
		pence int
		per   string
	}
	var prices []price
	loose := false // a price that is not simply one
	for _, o := range m.objects(s, "cost_options", "cost_option") {
		if d := m.date(o, "valid_to"); d != "" && d < m.today {
			m.note("cost_options", "ignored", "a price that was valid until %s", d)
			continue
		}
		option, per := m.line(o, "option", "name"), m.line(o, "amount_description", "cost_type")
		amount, ok := m.number(o, "amount")
		words := strings.TrimSpace(option + " " + per)
		if !ok {
			say(words)
			continue
		}
		currency := strings.ToUpper(m.line(o, "currency"))
		if currency != "" && currency != "GBP" || amount < 0 || amount > 1_000_000 {
			loose = true
			say(strings.TrimSpace(option + " " + strconv.FormatFloat(amount, 'f', -1, 64) + " " + currency + " " + per))
			continue
		}
		pence := int(math.Round(amount * 100))
		prices = append(prices, price{pence, perOf(per + " " + option)})
		if pence > 0 || words != "" {
			say(strings.TrimSpace(strings.TrimSpace(option+" "+pounds(pence)) + " " + per))
		}
	}
	for _, p := range prices {
		loose = loose || p != prices[0]
	}
	switch {
	case len(prices) > 0 && !loose && prices[0].pence == 0:
		c.Free, c.Pence = hereabouts.Yes, new(0)
	case len(prices) > 0 && !loose:
		c.Free, c.Pence, c.Per = hereabouts.No, &prices[0].pence, prices[0].per
	case len(prices) > 0:
		c.Free = hereabouts.No
		for _, p := range prices {
			if p.pence == 0 {
				c.Free = hereabouts.Unknown // free for some
			}
		}
	}
	for _, key := range []string{"fees_description", "fees"} {
		t := m.text(s, key)
		if t == "" || strings.EqualFold(t, "fees_description") {
			continue
		}
		say(t)
		if len(prices) > 0 {
			continue
		}
		if said, ok := readFees(t); ok && !c.Free.Known() {
			c.Free, c.Pence, c.Per = said.Free, said.Pence, said.Per
		}
	}
	switch m.fact(s, "free", "is_free") {
	case hereabouts.Yes:
		if c.Pence == nil || *c.Pence == 0 {
			c.Free = hereabouts.Yes
		} else {
			m.note("free", "contradiction", "it is said to be free and to cost %s; which is true is not known", pounds(*c.Pence))
			c.Free, c.Pence = hereabouts.Unknown, nil
		}
	case hereabouts.No:
		if c.Free != hereabouts.Yes {
			c.Free = hereabouts.No
		} else {
			m.note("free", "contradiction", "it is said not to be free and to cost nothing; which is true is not known")
			c.Free, c.Pence = hereabouts.Unknown, nil
		}
	}
	c.Text = strings.Join(texts, "\n")
}

var nothing = regexp.MustCompile(`(?i)^(free|none|nil|no( fees?| charges?| costs?)?|£ ?0(\.00)?|0(\.00)?|n/?c|free of charge)[.!]?$`)

// readFees reads fees: a field about money, so "none" is free and a bare
// number is pounds.
func readFees(t string) (hereabouts.Cost, bool) {
	if nothing.MatchString(strings.TrimSpace(t)) {
		return hereabouts.Cost{Free: hereabouts.Yes, Pence: new(0)}, true
	}
	if n, err := strconv.ParseFloat(strings.TrimSpace(t), 64); err == nil && n > 0 && n < 10_000 {
		return hereabouts.Cost{Free: hereabouts.No, Pence: new(int(math.Round(n * 100)))}, true
	}
	return prose.ReadCost(t)
}

func perOf(s string) string {
	w := perWord.FindStringSubmatch(s)
	if w == nil {
		return ""
	}
	switch p := strings.ToLower(w[1] + w[2]); p {
	case "weekly":
		return "week"
	case "monthly":
		return "month"
	case "annual", "yearly":
		return "year"
	case "class":
		return "session"
	default:
		return p
	}
}

func pounds(pence int) string {
	if pence%100 == 0 {
		return "£" + strconv.Itoa(pence/100)
	}
	return "£" + strconv.FormatFloat(float64(pence)/100, 'f', 2, 64)
}
