// Package sample makes up listings and questions in any number for tests and
// benchmarks of the index. The same seed and number always make the same
// listing. Start with [New].
//
// The texts measure speed and exactness, not relevance: their words follow
// the frequencies of real descriptions (few very common, most very rare), and
// their places the towns of England, and that is all they have of reality.
package sample

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"hereabouts"
	"hereabouts/geo"
)

// A Directory makes up listings. It is safe for concurrent use.
type Directory struct {
	Seed  uint64
	Rich  bool // several places, catchments, no place at all, and whatever else is rare
	Today hereabouts.Date

	words []string
	zipf  []float64 // cumulative
	towns []float64 // cumulative
	needs []string
}

// wordCount is the size of the vocabulary.
const wordCount = 30_000

// New is a directory whose listings are confirmed and dated around today.
func New(seed uint64, today hereabouts.Date) *Directory {
	d := &Directory{Seed: seed, Today: today}
	r := rand.New(rand.NewPCG(seed, 1))
	seen := map[string]bool{}
	for _, w := range subjects {
		d.words = append(d.words, w)
		seen[w] = true
	}
	for len(d.words) < wordCount {
		w := madeUp(r)
		if !seen[w] {
			seen[w] = true
			d.words = append(d.words, w)
		}
	}
	sum := 0.0
	for i := range d.words {
		sum += 1 / math.Pow(float64(i)+7, 1.04)
		d.zipf = append(d.zipf, sum)
	}
	sum = 0
	for _, t := range towns {
		sum += t.weight
		d.towns = append(d.towns, sum)
	}
	for _, n := range Needs().Needs {
		d.needs = append(d.needs, n.ID)
	}
	return d
}

func madeUp(r *rand.Rand) string {
	heads := []string{"b", "br", "c", "cl", "d", "dr", "f", "fl", "g", "gr", "h", "k", "l", "m", "n", "p", "pr", "r", "s", "sh", "st", "t", "tr", "v", "w"}
	mids := []string{"a", "e", "i", "o", "u", "ai", "ea", "oo", "ou"}
	tails := []string{"bb", "ck", "d", "ft", "g", "ld", "m", "nd", "ng", "pp", "r", "rn", "sk", "st", "t", "v", "x"}
	ends := []string{"", "by", "combe", "den", "don", "ford", "ham", "hurst", "ley", "mere", "more", "ton", "wick", "worth"}
	pick := func(l []string) string { return l[r.IntN(len(l))] }
	w := pick(heads) + pick(mids) + pick(tails)
	if r.IntN(2) == 0 {
		w += pick(mids) + pick(tails)
	}
	return w + pick(ends)
}

func choose(cumulative []float64, r *rand.Rand) int {
	x := r.Float64() * cumulative[len(cumulative)-1]
	lo, hi := 0, len(cumulative)-1
	for lo < hi {
		if m := (lo + hi) / 2; cumulative[m] < x {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

func (d *Directory) rand(i int, purpose uint64) *rand.Rand {
	return rand.New(rand.NewPCG(d.Seed<<8|purpose, uint64(i)))
}

// Word is a word as often met as in the texts.
func (d *Directory) Word(r *rand.Rand) string { return d.words[choose(d.zipf, r)] }

// Nth is the n-th commonest word.
func (d *Directory) Nth(n int) string { return d.words[n] }

// Place is somewhere in England: mostly in towns, by their size.
func (d *Directory) Place(r *rand.Rand) (name string, lat, lon float64) {
	if r.IntN(8) == 0 {
		return d.words[500+r.IntN(4000)], 50.5 + r.Float64()*4.2, -3.6 + r.Float64()*4.3
	}
	t := towns[choose(d.towns, r)]
	return t.name, t.lat + r.NormFloat64()*t.spread*0.7, t.lon + r.NormFloat64()*t.spread*1.1
}

func title(w string) string { return strings.ToUpper(w[:1]) + w[1:] }

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// some is a random part of a list, in order.
func some[T any](r *rand.Rand, list []T, share float64) []T {
	out := []T{}
	for _, v := range list {
		if r.Float64() < share {
			out = append(out, v)
		}
	}
	return out
}

func number(n int) *int { return &n }

// ID is the id of listing i.
func (d *Directory) ID(i int) string { return fmt.Sprintf("%08x-5a3e-5000-8000-%012x", i, d.Seed) }

// Listing makes up listing i.
func (d *Directory) Listing(i int) hereabouts.Listing {
	r := d.rand(i, 2)
	town, lat, lon := d.Place(r)
	l := hereabouts.Listing{
		ID: d.ID(i), Rev: 1, Status: hereabouts.Published,
		Kind: []hereabouts.Kind{hereabouts.Group, hereabouts.Group, hereabouts.Service, hereabouts.Service, hereabouts.GreenSpace}[r.IntN(5)],
		Name: fmt.Sprintf("%s %s %s", title(town), title(pick(r, subjects)), pick(r, []string{"Group", "Club", "Project", "Service", "Trust", "Society", "Café", "Network"})),
	}
	l.Summary = d.prose(r, 8+r.IntN(10), nil)
	theme := make([]string, 5)
	for k := range theme {
		theme[k] = pick(r, subjects)
	}
	l.Description = d.prose(r, 40+r.IntN(81), theme)
	l.Organisation = hereabouts.OrganisationRef{ID: fmt.Sprintf("org-%d", r.IntN(i/4+1)), Name: title(d.Word(r)) + " " + pick(r, []string{"Trust", "Council", "Charity", "Church", "Foundation"})}
	l.Needs = d.someNeeds(r)
	for range r.IntN(4) {
		l.Tags = append(l.Tags, d.words[r.IntN(80)])
	}
	d.eligibility(r, &l)
	l.Referral.Routes = some(r, []hereabouts.Route{hereabouts.Self, hereabouts.DropIn, hereabouts.LinkWorker, hereabouts.GP, hereabouts.Professional}, 0.35)
	d.availability(r, &l)
	l.Delivery = []hereabouts.Delivery{hereabouts.InPerson}
	if r.IntN(4) == 0 {
		l.Delivery = some(r, []hereabouts.Delivery{hereabouts.InPerson, hereabouts.Online, hereabouts.Phone, hereabouts.HomeVisit}, 0.5)
	}
	p := hereabouts.Place{ID: "place-1", Name: title(d.Word(r)) + " Hall", Address: fmt.Sprintf("%d %s Road, %s", 1+r.IntN(200), title(d.Word(r)), title(town))}
	p.SetPoint(geo.LatLon(lat, lon))
	for _, name := range hereabouts.AccessNames {
		*p.Access.Fact(name) = pick(r, []hereabouts.Fact{hereabouts.Yes, hereabouts.Yes, hereabouts.No, hereabouts.Unknown, hereabouts.Unknown})
	}
	l.Places = []hereabouts.Place{p}
	d.sessions(r, &l)
	switch c := r.Float64(); {
	case c < 0.5:
		l.Cost.Free = hereabouts.Yes
	case c < 0.8:
		l.Cost = hereabouts.Cost{Free: hereabouts.No, Pence: number(50 * (1 + r.IntN(20))), Per: "session"}
	case c < 0.85:
		l.Cost.Free = hereabouts.No
	default:
		l.Cost.Free = hereabouts.Unknown
	}
	if r.IntN(3) == 0 {
		l.Languages = append(some(r, []string{"ur", "pl", "bn", "cy"}, 0.3), "en")
	}
	if r.IntN(10) > 0 {
		l.ConfirmedAt = d.Today.AddDays(-r.IntN(600))
	}
	if d.Rich {
		d.enrich(r, &l, lat, lon)
	}
	return l
}

var fillers = strings.Fields(`and the a of for in to with is are we our your you at on from by or who can it as this will have
	be all people which their more any new us about if not so help come`)

// prose is n words; theme words come back more often than chance would have it.
func (d *Directory) prose(r *rand.Rand, n int, theme []string) string {
	var b strings.Builder
	for k := range n {
		w := ""
		switch p := r.Float64(); {
		case p < 0.38:
			w = pick(r, fillers)
		case p < 0.5 && len(theme) > 0:
			w = pick(r, theme)
		default:
			w = d.Word(r)
		}
		switch {
		case k == 0:
			w = title(w)
		case k%13 == 0:
			b.WriteString(". ")
			w = title(w)
		default:
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	b.WriteByte('.')
	return b.String()
}

func (d *Directory) someNeeds(r *rand.Rand) (out []string) {
	for range 1 + r.IntN(3) {
		out = append(out, d.needs[int(math.Pow(r.Float64(), 1.5)*float64(len(d.needs)))])
	}
	return out
}

func (d *Directory) eligibility(r *rand.Rand, l *hereabouts.Listing) {
	e := &l.Eligibility
	switch r.IntN(6) {
	case 0:
		e.MinAge = number(50 + 5*r.IntN(4))
		e.Text = "For people of that age and over."
	case 1:
		e.MinAge, e.MaxAge = number(11), number(25)
	}
	switch r.IntN(12) {
	case 0:
		e.Genders = []string{"women"}
	case 1:
		e.Genders = []string{"men"}
	}
	e.Circumstances = some(r, []string{"carer", "veteran", "refugee"}, 0.06)
}

func (d *Directory) availability(r *rand.Rand, l *hereabouts.Listing) {
	a := &l.Availability
	switch c := r.Float64(); {
	case c < 0.6:
		a.State = hereabouts.Open
	case c < 0.7:
		a.State = hereabouts.WaitingList
		if r.IntN(3) > 0 {
			a.WaitWeeks = number(r.IntN(20))
		}
	case c < 0.76:
		a.State = hereabouts.Full
	case c < 0.8:
		a.State = hereabouts.Paused
	case c < 0.83:
		a.State = hereabouts.Closed
	default:
		a.State = hereabouts.AvailabilityUnknown
	}
	if a.State != hereabouts.AvailabilityUnknown && r.IntN(2) == 0 {
		a.AsOf = d.Today.AddDays(-r.IntN(250))
	}
}

func (d *Directory) sessions(r *rand.Rand, l *hereabouts.Listing) {
	days := []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
	for k := range r.IntN(4) {
		at := 8*60 + 30*r.IntN(24)
		s := hereabouts.Session{ID: fmt.Sprintf("session-%d", k+1), PlaceID: "place-1",
			Start: hereabouts.ClockAt(at), End: hereabouts.ClockAt(min(at+60+30*r.IntN(4), 1440))}
		switch r.IntN(8) {
		case 0:
			s.RRule, s.From = "FREQ=WEEKLY;INTERVAL=2;BYDAY="+pick(r, days), d.Today.AddDays(-r.IntN(14))
		case 1:
			s.RRule = "FREQ=MONTHLY;BYDAY=" + pick(r, []string{"1", "2", "-1"}) + pick(r, days)
		case 2:
			s.RRule = "FREQ=WEEKLY;BYDAY=" + strings.Join(append(some(r, days, 0.4), pick(r, days)), ",")
		default:
			s.RRule = "FREQ=WEEKLY;BYDAY=" + pick(r, days)
		}
		l.Sessions = append(l.Sessions, s)
	}
}
