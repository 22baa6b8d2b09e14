package prose

import (
	"regexp"
	"slices"

	"hereabouts"
)

var (
	noReferral = regexp.MustCompile(`\b(no|without( a| any)?|don'?t need( a| any)?|not?( a| any)? need(ed)?( for)?( a| any)?) (referrals?|vouchers?)( is| are)?( (needed|required|necessary))?|\breferrals? (is |are )?not (needed|required|necessary)|\bno need (for|of|to be) (a )?referr(al|ed)`)
	noSelf     = regexp.MustCompile(`\b(no|not accept(ing)?|don'?t accept|cannot accept|not take|without) (any )?self[- ]?referrals?( (or|and) (walk[- ]?ins?|drop[- ]?ins?))?|\bself[- ]?referrals? (are |is )?not\b`)
	noDropIn   = regexp.MustCompile(`\b(no|not a|not accept(ing)?) (walk|drop)[- ]?ins?\b`)
	selfWords  = regexp.MustCompile(`\bself[- ]?refer(ral|rals|red|ring|s)?\b|\brefer (yourself|themselves|themself)\b|\bcontact us (yourself|directly)\b`)
	dropWords  = regexp.MustCompile(`\b(drop|walk|turn|call|pop)[- ](in|up)s?\b|\b(just|simply) (turn|come|drop|pop) (up|along|in)\b|\bopen (door|access)\b|\bfirst come,? first served?\b|\bno (appointment|booking)( is)? (needed|required|necessary)\b`)
	noAgency   = regexp.MustCompile(`\bif you (cannot|can'?t|can not|are unable to|have not|haven'?t|do not|don'?t) (get|have|obtain|got|reach)\b[^.;\n]*?,? (we|they) (can|will|may)\b`)
	linkWords  = regexp.MustCompile(`\b(link workers?|social prescrib(ers?|ing))\b`)
	gpWords    = regexp.MustCompile(`\b(gp|doctor|nurse)('s)? referrals?\b|\breferr(ed|al) (by|from|through|via) (a |an |the |your |their )?(gp|doctor|practice nurse|surgery)\b|\b(through|via|ask) your (gp|doctor)\b`)
	proWords   = regexp.MustCompile(`\bvouchers?\b|\breferr(al|als|ed|ing)\b|\brefer a client\b|\b(agency|professional|agencies|professionals) (to|can) refer\b|\bask a professional\b`)
)

// ReadReferral reads how somebody comes to be taken on: "Foodbank Voucher",
// "no referral needed", "self-referral or through your GP". Routes are in the
// order of the vocabulary and empty when the text names none. "Not known" is
// none.
func ReadReferral(s string) []hereabouts.Route {
	if Blank(s) {
		return nil
	}
	t := plain(s)
	var routes []hereabouts.Route
	add := func(r hereabouts.Route) {
		if !slices.Contains(routes, r) {
			routes = append(routes, r)
		}
	}
	free := noReferral.MatchString(t)
	t = noReferral.ReplaceAllString(t, " ")
	t = noAgency.ReplaceAllString(t, " ") // "if you cannot get a referral, we can help all the same"
	refused := noSelf.MatchString(t)
	t = noDropIn.ReplaceAllString(noSelf.ReplaceAllString(t, " "), " ")

	if selfWords.MatchString(t) && !refused {
		add(hereabouts.Self)
	}
	t = selfWords.ReplaceAllString(t, " ")
	if free || dropWords.MatchString(t) && !refused {
		add(hereabouts.DropIn)
	}
	if linkWords.MatchString(t) {
		add(hereabouts.LinkWorker)
	}
	if gpWords.MatchString(t) {
		add(hereabouts.GP)
	}
	t = gpWords.ReplaceAllString(t, " ")
	if proWords.MatchString(t) && !(free && !neededLater.MatchString(t)) {
		add(hereabouts.Professional)
	}
	return routes
}

// neededLater finds "then need a referral", which holds after "no
// referral needed for the first two months".
var neededLater = regexp.MustCompile(`\b(then|after( that)?|afterwards),? (you |they |people )?(will )?need(s|ed)?\b`)
