package sheet

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/importers"
)

// record makes the listing of a group of rows.
func (g *group) record() importers.Record {
	f := &g.Listing
	g.named = f.Name.one(g)
	l := &hereabouts.Listing{
		Kind:           hereabouts.Kind(f.Kind.one(g)),
		Name:           importers.Name(g.named),
		Summary:        f.Summary.one(g),
		Needs:          f.Needs.all(g),
		Tags:           f.Tags.all(g),
		Delivery:       words[hereabouts.Delivery](f.Delivery.all(g)),
		Languages:      f.Languages.all(g),
		HiddenLocation: g.fact("hidden_location", &f.HiddenLocation) == hereabouts.Yes,
		ConfirmedAt:    g.date("confirmed_at", &f.ConfirmedAt),
	}
	if l.Name != importers.Line(g.named) {
		g.noteOnce("name", "recased", "was in capitals throughout")
	}
	if g.repeated != nil && g.repeated[strings.ToLower(l.Name)] > 1 {
		l.Name = importers.Name(f.NameIfRepeated.one(g))
		g.note("name", "told_apart", "other listings of the sheet have this name; the place was added")
	}
	for i := range f.Description {
		l.Description = paragraph(l.Description, f.Description[i].one(g))
	}
	l.Organisation = hereabouts.OrganisationRef{
		Name:          importers.Name(f.Organisation.Name.one(g)),
		CharityNumber: f.Organisation.CharityNumber.one(g),
		URL:           g.url("organisation.url", &f.Organisation.URL),
	}
	l.Eligibility = hereabouts.Eligibility{
		Text:          f.Eligibility.Text.one(g),
		MinAge:        g.whole("eligibility.min_age", &f.Eligibility.MinAge),
		MaxAge:        g.whole("eligibility.max_age", &f.Eligibility.MaxAge),
		Genders:       f.Eligibility.Genders.all(g),
		Circumstances: f.Eligibility.Circumstances.all(g),
		Catchment: hereabouts.Catchment{
			Label: f.Eligibility.Catchment.Label.one(g),
			Areas: f.Eligibility.Catchment.Areas.all(g),
		},
	}
	l.Referral = hereabouts.Referral{
		Routes: words[hereabouts.Route](f.Referral.Routes.all(g)),
		How:    f.Referral.How.one(g),
		Phone:  g.phone("referral.phone", &f.Referral.Phone),
		Email:  g.email("referral.email", &f.Referral.Email, l),
	}
	g.referralURL(l)
	l.Availability = hereabouts.Availability{
		State: hereabouts.AvailabilityState(f.Availability.State.one(g)),
		Note:  f.Availability.Note.one(g),
	}
	l.Cost = hereabouts.Cost{Free: g.fact("cost.free", &f.Cost.Free), Per: f.Cost.Per.one(g), Text: f.Cost.Text.one(g)}
	l.Transport = hereabouts.Transport{Provided: g.fact("transport.provided", &f.Transport.Provided), Note: f.Transport.Note.one(g)}
	g.place(l)
	g.sessions(l)
	g.contacts(l)
	for i := range g.Read {
		g.reading(l, &g.Read[i])
	}
	g.attachSessions(l)
	// The source's own name, licence and address are the run's to say, which
	// may have been given others than the mapping's.
	l.Source = hereabouts.Source{URL: g.url("url", &f.URL)}
	var id []string
	for i := range g.ID {
		if v := g.ID[i].one(g); v != "" {
			id = append(id, v)
		}
	}
	l.Source.ID = strings.Join(id, "/")
	g.differences()
	if n := g.rows[0].notes; n > 0 {
		g.note("row", "repaired", fmt.Sprintf("%d empty cells beyond the last column were left out", n))
	}
	rec := importers.Record{At: g.at(), Listing: l, Notes: g.notes}
	if then := g.rows[0].then; then != nil {
		then(&rec)
	}
	return rec
}

// differences notes columns on which the rows of one listing disagree and of
// which only the first is used.
func (g *group) differences() {
	if len(g.rows) < 2 {
		return
	}
	check := func(t *Text) {
		for _, c := range t.from.columns() {
			first := g.row(0)(c)
			for n := 1; n < len(g.rows); n++ {
				if v := g.row(n)(c); v != first && v != "" && first != "" {
					g.noteOnce(c, "differs", fmt.Sprintf("rows %d and %d of one listing differ; the first was used", g.rows[0].line, g.rows[n].line))
					return
				}
			}
		}
	}
	f := &g.Listing
	for _, t := range []*Text{&f.Name, &f.Summary, &f.Place.Address, &f.Place.Postcode, &f.Place.Lat, &f.Place.Lon, &f.Organisation.Name} {
		check(t)
	}
}

func words[T ~string](in []string) (out []T) {
	for _, s := range in {
		out = append(out, T(s))
	}
	return out
}

func paragraph(text, more string) string {
	switch {
	case more == "" || text == more:
		return text
	case text == "":
		return more
	}
	return text + "\n\n" + more
}

func (g *group) fact(field string, t *Text) hereabouts.Fact {
	if !t.Given() {
		return hereabouts.Unknown
	}
	v := t.one(g)
	f, ok := fact(v)
	if !ok {
		g.note(field, "not_understood", fmt.Sprintf("%q is neither yes nor no; left as unknown", clip(v)))
	}
	return f
}

func (g *group) whole(field string, t *Text) *int {
	v := t.one(g)
	if v == "" {
		return nil
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || n != math.Trunc(n) || math.Abs(n) > 1e6 {
		g.note(field, "not_understood", fmt.Sprintf("%q is not a whole number; left out", clip(v)))
		return nil
	}
	i := int(n)
	return &i
}

var (
	isoDate   = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?$`)
	plainDate = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)
	ukDate    = regexp.MustCompile(`^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: .*)?$`)
)

// date reads 2026-01-31, 31/01/2026 and 20260131.
func (g *group) date(field string, t *Text) hereabouts.Date {
	v := t.one(g)
	if v == "" {
		return ""
	}
	var d hereabouts.Date
	if m := isoDate.FindStringSubmatch(v); m != nil {
		d = dateOf(m[1], m[2], m[3])
	} else if m := plainDate.FindStringSubmatch(v); m != nil {
		d = dateOf(m[1], m[2], m[3])
	} else if m := ukDate.FindStringSubmatch(v); m != nil {
		d = dateOf(m[3], m[2], m[1])
	}
	if _, ok := d.Time(); !ok {
		g.note(field, "not_understood", fmt.Sprintf("%q is not a date; left out", clip(v)))
		return ""
	}
	return d
}

func dateOf(y, m, d string) hereabouts.Date {
	return hereabouts.Date(fmt.Sprintf("%s-%02s-%02s", y, m, d))
}

// place makes the listing's place, repairing what is known to go wrong in its
// address.
func (g *group) place(l *hereabouts.Listing) {
	f := &g.Listing.Place
	p := hereabouts.Place{
		Name:    f.Name.one(g),
		Address: address(f.Address.one(g)),
		Note:    f.Note.one(g),
	}
	g.postcode(&p, f.Postcode.one(g))
	lat, lon := f.Lat.one(g), f.Lon.one(g)
	if lat != "" || lon != "" {
		g.point(&p, lat, lon)
	}
	p.Access = hereabouts.Access{
		StepFree:         g.fact("access.step_free", &f.Access.StepFree),
		AccessibleToilet: g.fact("access.accessible_toilet", &f.Access.AccessibleToilet),
		ChangingPlace:    g.fact("access.changing_place", &f.Access.ChangingPlace),
		HearingLoop:      g.fact("access.hearing_loop", &f.Access.HearingLoop),
		Parking:          g.fact("access.parking", &f.Access.Parking),
		BlueBadgeParking: g.fact("access.blue_badge_parking", &f.Access.BlueBadgeParking),
		QuietSpace:       g.fact("access.quiet_space", &f.Access.QuietSpace),
		AssistanceDogs:   g.fact("access.assistance_dogs", &f.Access.AssistanceDogs),
	}
	if _, known := p.Point(); known || p.Address != "" || p.Postcode != "" || p.Name != "" {
		l.Places = []hereabouts.Place{p}
	}
}

var outcode = regexp.MustCompile(`(?i)^[a-z]{1,2}[0-9][a-z0-9]?$`)

// postcode reads a postcode, corrects an O for a nought where only one reading
// is possible, and moves a town out of the column.
func (g *group) postcode(p *hereabouts.Place, s string) {
	if s == "" {
		return
	}
	if pc, ok := hereabouts.FormatPostcode(s); ok {
		p.Postcode = pc
		return
	}
	hasDigit := strings.ContainsAny(s, "0123456789") // or it is a word: POOLE is not P0 0LE
	if c := geo.CorrectPostcode(s); hasDigit && len(c) > 0 && c[0].Full() {
		p.Postcode = c[0].String()
		g.note("postcode", "repaired", fmt.Sprintf("%q was read as %s", clip(s), p.Postcode))
		return
	}
	line := importers.Line(s)
	switch {
	case !hasDigit:
		town := line
		if line == strings.ToUpper(line) {
			words := strings.Fields(strings.ToLower(line))
			for i, w := range words {
				words[i] = capital(w)
			}
			town = strings.Join(words, " ")
		}
		if !strings.Contains(strings.ToLower(p.Address), strings.ToLower(town)) {
			p.Address = strings.TrimPrefix(p.Address+", "+town, ", ")
		}
		g.note("postcode", "moved", fmt.Sprintf("%q is a place and not a postcode; moved to the address", clip(line)))
	case outcode.MatchString(line):
		p.Address = strings.TrimPrefix(p.Address+", "+strings.ToUpper(line), ", ")
		g.note("postcode", "moved", fmt.Sprintf("%q is only the first half of a postcode; moved to the address", clip(line)))
	default:
		g.note("postcode", "ignored", fmt.Sprintf("%q is not a postcode; left out", clip(line)))
	}
}

// point reads coordinates, noticing when they are swapped.
func (g *group) point(p *hereabouts.Place, lat, lon string) {
	la, err1 := strconv.ParseFloat(lat, 64)
	lo, err2 := strconv.ParseFloat(lon, 64)
	if err1 != nil || err2 != nil || math.IsNaN(la+lo) || math.IsInf(la+lo, 0) {
		g.note("place", "ignored", fmt.Sprintf("the coordinates %q, %q are not numbers; left out", clip(lat), clip(lon)))
		return
	}
	switch pt, swapped := geo.LatLon(la, lo), geo.LatLon(lo, la); {
	case geo.InUK(pt):
		p.SetPoint(pt)
	case geo.InUK(swapped):
		p.SetPoint(swapped)
		g.note("place", "repaired", "latitude and longitude were swapped")
	case la == 0 && lo == 0:
		g.note("place", "ignored", "the coordinates are 0, 0; left out")
	default:
		g.note("place", "ignored", "the coordinates are outside the United Kingdom; left out")
	}
}

// clip shortens a cell that is quoted in a note.
func clip(s string) string {
	r := []rune(importers.Line(s))
	if len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return string(r)
}

func (g *group) referralURL(l *hereabouts.Listing) {
	t := &g.Listing.Referral.URL
	if !t.Given() {
		return
	}
	v := t.one(g)
	if v == "" {
		return
	}
	if u, ok := importers.URL(v); ok {
		l.Referral.URL = u
		return
	}
	// People write how to refer where the link should be.
	l.Referral.How = paragraph(l.Referral.How, importers.PlainText(v))
	g.note("referral.url", "moved", "is not a web address; kept as words on how to be referred")
}

var readFor = []string{"times", "referral", "availability", "cost", "ages"}
