package prose

import (
	"regexp"
	"strconv"
)

// Ages are the limits that a text states; a nil end is open.
type Ages struct {
	Min, Max *int // years, inclusive
	Text     string
}

var (
	ageRange = regexp.MustCompile(`\b(?:aged?|ages|between)? ?(?:the ages of |between )?(\d{1,2})(?: ?- ?| to | and )(\d{1,3}) ?(?:years?(?: olds?| of age)?|yrs?(?: olds?)?|year[- ]olds?)\b|\b(?:aged?|ages|ages of)(?: between)? (\d{1,2})(?: ?- ?| to | and )(\d{1,3})\b`)
	ageOver  = regexp.MustCompile(`\bover[- ](?:the age of )?(\d{2})(?:'?s| years)?\b|\baged? (\d{1,2})(?: years)?(?: ?\+| ?and (?:over|above|older|upwards?)| or (?:over|above|older))|\b(\d{2}) ?(?:years )?(?:and|or) (?:over|above|older)\b|\b(\d{2})\+|\baged? over (\d{2})\b|\b(?:over|above) the age of (\d{1,2})\b`)
	ageUnder = regexp.MustCompile(`\bunder[- ](?:the age of )?(\d{1,2})(?:'?s)?\b|\baged? (?:up to|under) (\d{1,2})\b|\baged? (\d{1,2})(?: years)? (?:and|or) (?:under|below|younger)\b`)
	anyAge   = regexp.MustCompile(`\b(all|any) ages?\b`)
	orOthers = regexp.MustCompile(`^(?:'?s)?(?: years?)?(?:,)? (?:(?:and|or|as well as) (?:also )?(?:those|people|anyone|adults|carers?|their|the|families|friends|anybody)\b|\(?(?:up|down) to\b|\(?depending\b)`)
	theirs   = regexp.MustCompile(`\b(families|parents?|carers?|mothers?|fathers?|mums?|dads?|grandparents)\b`)
	child    = regexp.MustCompile(`\bchild(ren)?\b`)
	notAge   = regexp.MustCompile(`^ ?(%|people|members|groups|volunteers|countries|charities|schools|acres|km|miles|minutes|hours|weeks|months|weeks|,\d|hectares|beds|homes)`)
)

// ReadAges reads the ages a group is for: "over 50s", "aged 18-25", "65+". ok
// is false when the text states none, states several, or states an age that
// does not bind everybody ("over 50s and those living with dementia", parents
// of children of an age).
func ReadAges(s string) (a Ages, ok bool) {
	t := plain(s)
	if anyAge.MatchString(t) {
		return a, false
	}
	found := 0
	take := func(m []int, set func(n []int)) {
		var n []int
		for i := 2; i+1 < len(m); i += 2 {
			if m[i] >= 0 {
				v, _ := strconv.Atoi(t[m[i]:m[i+1]])
				n = append(n, v)
			}
		}
		found++
		set(n)
		after := t[m[1]:]
		if orOthers.MatchString(after) || notAge.MatchString(after) {
			found = 99
		}
		if child.MatchString(t) && theirs.MatchString(t) {
			found = 99 // the ages are the children's, and it is for the family
		}
		a.Text = t[m[0]:m[1]]
	}
	rest := t
	for _, m := range ageRange.FindAllStringSubmatchIndex(t, -1) {
		take(m, func(n []int) {
			if len(n) == 2 && n[0] < n[1] && n[1] <= 120 {
				a.Min, a.Max = &n[0], &n[1]
			} else {
				found = 99
			}
		})
		rest = rest[:m[0]] + blanks(m[1]-m[0]) + rest[m[1]:]
	}
	for _, m := range ageOver.FindAllStringSubmatchIndex(rest, -1) {
		take(m, func(n []int) { a.Min = &n[0] })
	}
	for _, m := range ageUnder.FindAllStringSubmatchIndex(rest, -1) {
		take(m, func(n []int) {
			top := n[0]
			if rest[m[0]] == 'u' { // "under 25" leaves 25 out
				top--
			}
			a.Max = &top
		})
	}
	if found != 1 || a.Max != nil && *a.Max < 0 {
		return Ages{}, false
	}
	return a, true
}

func blanks(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = ' '
	}
	return string(b)
}
