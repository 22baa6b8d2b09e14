package index

import (
	"fmt"
	"slices"
	"strings"

	"hereabouts"
)

// fit says point by point whether a listing suits the person, as far as the
// question tells about them and the listing about itself.
func fit(q *hereabouts.Query, a *asked, f *found, l *hereabouts.Listing) hereabouts.Fit {
	t := fitting{q: q, l: l, reasons: []hereabouts.FitReason{}}
	t.age()
	t.gender()
	t.circumstance()
	if a.from != nil {
		t.catchment(f.catchment)
	}
	t.referral()
	t.wait(f.state)
	t.cost()
	t.access(f)
	t.language()
	if a.session != nil {
		t.day(f.date)
	}
	out := hereabouts.Fit{Verdict: hereabouts.Yes, Reasons: t.reasons}
	for _, r := range t.reasons {
		if r.Verdict == hereabouts.No {
			out.Verdict = hereabouts.No
			break
		}
		if r.Verdict == hereabouts.Unknown {
			out.Verdict = hereabouts.Unknown
		}
	}
	if len(t.reasons) == 0 {
		out.Verdict = hereabouts.Unknown
	}
	return out
}

type fitting struct {
	q       *hereabouts.Query
	l       *hereabouts.Listing
	reasons []hereabouts.FitReason
}

func (t *fitting) say(about string, v hereabouts.Fact, format string, args ...any) {
	t.reasons = append(t.reasons, hereabouts.FitReason{About: about, Verdict: v, Text: fmt.Sprintf(format, args...)})
}

func (t *fitting) age() {
	if t.q.Age == nil {
		return
	}
	lo, hi := t.l.Eligibility.MinAge, t.l.Eligibility.MaxAge
	ok := hereabouts.FactOf((lo == nil || *lo <= *t.q.Age) && (hi == nil || *hi >= *t.q.Age))
	switch {
	case lo != nil && hi != nil:
		t.say("age", ok, "for people aged %d to %d", *lo, *hi)
	case lo != nil:
		t.say("age", ok, "for people aged %d and over", *lo)
	case hi != nil:
		t.say("age", ok, "for people aged up to %d", *hi)
	default:
		t.say("age", hereabouts.Unknown, "no age limit is stated")
	}
}

var genderSaid = map[string]string{"women": "women", "men": "men", "non_binary": "non-binary people"}

func (t *fitting) gender() {
	if t.q.Gender == "" {
		return
	}
	list := t.l.Eligibility.Genders
	if len(list) == 0 {
		t.say("gender", hereabouts.Unknown, "nothing is said about who it is for; ask if that matters")
		return
	}
	var said []string
	for _, g := range list {
		if s, ok := genderSaid[g]; ok {
			g = s
		}
		said = append(said, g)
	}
	t.say("gender", hereabouts.FactOf(slices.Contains(list, t.q.Gender)), "for %s", and(said))
}

func (t *fitting) circumstance() {
	if len(t.q.Circumstances) == 0 {
		return
	}
	asked := fold(t.q.Circumstances)
	has := slices.ContainsFunc(fold(t.l.Eligibility.Circumstances), func(c string) bool { return slices.Contains(asked, c) })
	if len(t.l.Eligibility.Circumstances) == 0 {
		t.say("circumstance", hereabouts.Unknown, "does not say whether it is for particular circumstances")
		return
	}
	t.say("circumstance", hereabouts.FactOf(has), "for: %s", strings.ReplaceAll(strings.Join(t.l.Eligibility.Circumstances, ", "), "_", " "))
}

func (t *fitting) catchment(v verdict) {
	c := &t.l.Eligibility.Catchment
	where := c.Label
	if where == "" {
		where = "certain areas"
	}
	switch {
	case !c.Stated() && c.Label != "":
		t.say("catchment", hereabouts.Unknown, "for people living in %s", where)
	case !c.Stated():
		t.say("catchment", hereabouts.Unknown, "does not say where people must live")
	case v == passes:
		t.say("catchment", hereabouts.Yes, "for people living in %s, which includes your address", where)
	case v == unstated:
		t.say("catchment", hereabouts.Unknown, "for people living in %s; we cannot tell whether that includes your address", where)
	default:
		t.say("catchment", hereabouts.No, "for people living in %s, which does not include your address", where)
	}
}

var routeSaid = map[hereabouts.Route]string{
	hereabouts.Self: "you can refer yourself", hereabouts.DropIn: "you can just turn up",
	hereabouts.LinkWorker: "a link worker can refer you", hereabouts.GP: "your GP can refer you",
	hereabouts.Professional: "a professional can refer you",
}

func (t *fitting) referral() {
	if len(t.q.Referral) == 0 {
		return
	}
	if len(t.l.Referral.Routes) == 0 {
		t.say("referral", hereabouts.Unknown, "does not say how people are referred")
		return
	}
	ok := false
	var said []string
	for _, r := range t.l.Referral.Routes {
		ok = ok || slices.Contains(t.q.Referral, r)
		if s, known := routeSaid[r]; known {
			said = append(said, s)
		}
	}
	t.say("referral", hereabouts.FactOf(ok), "%s", and(said))
}

func (t *fitting) wait(state hereabouts.AvailabilityState) {
	weeks, limit := t.l.Availability.WaitWeeks, t.q.MaxWaitWeeks
	within := func() hereabouts.Fact {
		switch {
		case limit == nil:
			return hereabouts.Yes
		case weeks == nil:
			return hereabouts.Unknown
		}
		return hereabouts.FactOf(*weeks <= *limit)
	}
	switch state {
	case hereabouts.Open:
		t.say("wait", hereabouts.Yes, "is taking people now")
	case hereabouts.WaitingList:
		if weeks == nil {
			t.say("wait", hereabouts.Unknown, "has a waiting list; how long is not stated")
			return
		}
		t.say("wait", within(), "has a waiting list of about %s", count(*weeks, "week"))
	case hereabouts.Full:
		t.say("wait", hereabouts.No, "is full%s", until(t.l.Availability.Until))
	case hereabouts.Paused:
		t.say("wait", hereabouts.No, "is paused%s", until(t.l.Availability.Until))
	case hereabouts.Closed:
		t.say("wait", hereabouts.No, "has closed%s", until(t.l.Availability.Until))
	default:
		if limit != nil {
			t.say("wait", hereabouts.Unknown, "does not say whether it is taking people now")
		}
	}
}

func until(d hereabouts.Date) string {
	if t, ok := d.Time(); ok {
		return " until " + t.Format("2 January 2006")
	}
	return ""
}

func (t *fitting) cost() {
	if t.q.MaxPence == nil {
		return
	}
	c := &t.l.Cost
	per := ""
	if c.Per != "" {
		per = " a " + c.Per
	}
	kind, pence := packCost(c)
	r := row{cost: kind, pence: pence}
	v := r.price().verdict(*t.q.MaxPence).fact()
	switch {
	case kind == costFree:
		t.say("cost", v, "is free")
	case kind == costUnknown:
		t.say("cost", v, "does not say what it costs")
	case pence < 0:
		t.say("cost", v, "costs something; how much is not stated")
	default:
		t.say("cost", v, "costs %s%s", pounds(int(pence)), per)
	}
}

func (v verdict) fact() hereabouts.Fact {
	switch v {
	case passes:
		return hereabouts.Yes
	case fails:
		return hereabouts.No
	}
	return hereabouts.Unknown
}

func pounds(pence int) string {
	if pence%100 == 0 {
		return fmt.Sprintf("£%d", pence/100)
	}
	return fmt.Sprintf("£%d.%02d", pence/100, pence%100)
}

var accessSaid = map[string][2]string{
	"step_free":          {"is step-free", "is not step-free"},
	"accessible_toilet":  {"has an accessible toilet", "has no accessible toilet"},
	"changing_place":     {"has a Changing Places toilet", "has no Changing Places toilet"},
	"hearing_loop":       {"has a hearing loop", "has no hearing loop"},
	"parking":            {"has parking", "has no parking"},
	"blue_badge_parking": {"has Blue Badge parking", "has no Blue Badge parking"},
	"quiet_space":        {"has a quiet space", "has no quiet space"},
	"assistance_dogs":    {"welcomes assistance dogs", "does not take assistance dogs"},
}

// access speaks of the place where most of what was asked for is known.
func (t *fitting) access(f *found) {
	if len(t.q.Access) == 0 {
		return
	}
	want := mask(hereabouts.AccessNames, t.q.Access)
	var best *hereabouts.Place
	bestRank := -1
	for i := range t.l.Places {
		p := &t.l.Places[i]
		rank := 0
		for _, name := range hereabouts.AccessNames {
			if want&(1<<slices.Index(hereabouts.AccessNames, name)) == 0 {
				continue
			}
			switch *p.Access.Fact(name) {
			case hereabouts.Yes:
				rank += 10
			case hereabouts.No:
				rank -= 100
			}
		}
		rank += 1000
		if f.place == i {
			rank++ // of equals, the nearest
		}
		if rank > bestRank {
			best, bestRank = p, rank
		}
	}
	for _, name := range t.q.Access {
		fact := hereabouts.Unknown
		if best != nil {
			if p := best.Access.Fact(name); p != nil {
				fact = *p
			}
		}
		said := accessSaid[name]
		switch fact {
		case hereabouts.Yes:
			t.say("access", fact, "%s", said[0])
		case hereabouts.No:
			t.say("access", fact, "%s", said[1])
		default:
			t.say("access", hereabouts.Unknown, "does not say whether it %s", said[0])
		}
	}
}

func (t *fitting) language() {
	if len(t.q.Languages) == 0 {
		return
	}
	if len(t.l.Languages) == 0 {
		t.say("language", hereabouts.Unknown, "does not say which languages are spoken")
		return
	}
	ok := slices.ContainsFunc(fold(t.l.Languages), func(l string) bool {
		return slices.ContainsFunc(fold(t.q.Languages), func(a string) bool { return l == a || strings.HasPrefix(l, a+"-") })
	})
	t.say("language", hereabouts.FactOf(ok), "languages: %s", strings.Join(t.l.Languages, ", "))
}

func (t *fitting) day(v verdict) {
	switch {
	case len(t.l.Sessions) == 0:
		t.say("day", hereabouts.Unknown, "does not say when it happens")
	case v == unstated:
		t.say("day", hereabouts.Unknown, "happens then, but the time is not stated")
	case v == passes:
		t.say("day", hereabouts.Yes, "happens when you asked")
	default:
		t.say("day", hereabouts.No, "does not happen when you asked")
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// and joins a list as it is spoken.
func and(list []string) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}
