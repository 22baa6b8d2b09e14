package api

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"hereabouts"
	"hereabouts/geo"
)

// A parameter is one name that a search understands.
type parameter struct {
	name string
	read func(*reading)
}

// A reading is a search while it is being read.
type reading struct {
	*asked
	s         *Server
	q         hereabouts.Query
	travel    hereabouts.Travel // what is said of the journey, whether or not there is one
	listing   string            // the id of the listing that a journey leads to
	corrected map[string]string // what was typed, to what it was read as
}

// searchParameters are read in this order, so faults come in this order too.
var searchParameters = slices.Concat([]parameter{
	{"q", (*reading).words},
	{"near", func(r *reading) { r.q.Near = r.origin("near") }},
	{"within", (*reading).within},
	{"kind", func(r *reading) {
		r.q.Kinds = oneOf(r.asked, "kind", []hereabouts.Kind{hereabouts.Group, hereabouts.Service, hereabouts.GreenSpace})
	}},
	{"need", (*reading).needs},
	{"tag", (*reading).tags},
	{"delivery", func(r *reading) {
		r.q.Delivery = oneOf(r.asked, "delivery", []hereabouts.Delivery{hereabouts.InPerson, hereabouts.Online, hereabouts.Phone, hereabouts.HomeVisit})
	}},
	{"referral", func(r *reading) {
		r.q.Referral = oneOf(r.asked, "referral", []hereabouts.Route{hereabouts.Self, hereabouts.DropIn, hereabouts.LinkWorker, hereabouts.GP, hereabouts.Professional})
	}},
	{"language", (*reading).languages},
	{"circumstance", func(r *reading) { r.q.Circumstances = r.slugs("circumstance") }},
	{"availability", func(r *reading) {
		r.q.Availability = oneOf(r.asked, "availability", []hereabouts.AvailabilityState{hereabouts.Open, hereabouts.WaitingList,
			hereabouts.Full, hereabouts.Paused, hereabouts.Closed, hereabouts.AvailabilityUnknown})
	}},
	{"age", func(r *reading) { r.q.Age = r.number("age", 0, 130) }},
	{"gender", func(r *reading) {
		r.q.Gender = r.choice("gender", []string{"women", "men", "non_binary"})
	}},
	{"max_wait_weeks", func(r *reading) { r.q.MaxWaitWeeks = r.number("max_wait_weeks", 0, 520) }},
	{"max_pence", func(r *reading) { r.q.MaxPence = r.number("max_pence", 0, 10_000_000) }},
	{"access", func(r *reading) { r.q.Access = oneOf(r.asked, "access", hereabouts.AccessNames) }},
	{"unknown", (*reading).unknown},
	{"day", (*reading).days},
	{"date", func(r *reading) {
		if text := r.one("date"); text != "" {
			from, to, bad := parseDate(text)
			if bad == nil {
				from, bad = foreseeable(from, to, hereabouts.DateOf(r.s.Now()))
			}
			r.q.From, r.q.To = from, to
			r.misread("date", bad)
		}
	}},
	{"time", func(r *reading) {
		if text := r.one("time"); text != "" {
			from, to, bad := parseTime(text)
			r.q.TimeFrom, r.q.TimeTo = from, to
			r.misread("time", bad)
		}
	}},
	{"area", (*reading).areas},
	{"sort", (*reading).sort},
	{"limit", func(r *reading) {
		if n := r.number("limit", 1, hereabouts.MaxLimit); n != nil {
			r.q.Limit = *n
		}
	}},
	{"page", func(r *reading) { r.q.Page = r.token("page") }},
	{"facets", (*reading).facets},
	{"min_token", func(r *reading) { r.q.MinToken = hereabouts.Token(r.token("min_token")) }},
}, travelParameters, []parameter{{"reach", (*reading).verdicts}})

// searchNames are the names in searchParameters.
var searchNames = namesOf(searchParameters)

func namesOf(parameters []parameter) []string {
	names := make([]string, len(parameters))
	for i, p := range parameters {
		names[i] = p.name
	}
	return names
}

// sorts are the orders a search can be in.
var sorts = texts([]hereabouts.Sort{hereabouts.ByRelevance, hereabouts.ByDistance, hereabouts.ByJourney,
	hereabouts.BySoonest, hereabouts.ByFreshest, hereabouts.ByName})

// parseSearch reads a question with every fault found.
func (s *Server) parseSearch(a *asked) (*reading, error) {
	r := &reading{asked: a, s: s, corrected: map[string]string{}}
	r.refuseUnknown(searchNames)
	for _, p := range searchParameters {
		p.read(r)
	}
	r.travelled()
	return r, r.faults.err()
}

func (r *reading) misread(name string, bad *misreading) {
	if bad != nil {
		r.fault(name, bad.code, bad.advice)
	}
}

// unknown says what to do with what is not stated.
func (r *reading) unknown() {
	r.q.DropUnknown = r.choice("unknown", []string{"keep", "drop"}) == "drop"
}

func (r *reading) words() {
	text := strings.TrimSpace(r.one("q"))
	switch {
	case utf8.RuneCountInString(text) > hereabouts.MaxTextRunes:
		r.fault("q", "too_long", fmt.Sprintf("use at most %d characters", hereabouts.MaxTextRunes))
	case !utf8.ValidString(text):
		r.fault("q", "not_text", "send the words as UTF-8")
	default:
		// Control characters are never words, and a zero byte upsets terminals.
		r.q.Text = strings.Map(func(c rune) rune {
			if unicode.IsControl(c) {
				return ' '
			}
			return c
		}, text)
	}
}

// origin is the place called name, as the gazetteer knows it; nil when it is
// absent, or not known and faulted with what may have been meant.
func (r *reading) origin(name string) *hereabouts.Origin {
	text := strings.TrimSpace(r.one(name))
	if text == "" {
		return nil
	}
	if len(text) > 200 || !utf8.ValidString(text) {
		r.fault(name, "unknown_place", "give a postcode, a district such as SO14, a place name, or latitude,longitude")
		return nil
	}
	p, err := r.s.Places.Resolve(text)
	// The negation is also true of what is not a number.
	if err == nil && !(math.Abs(p.Point.Lat()) <= 90 && math.Abs(p.Point.Lon()) <= 180) {
		r.fault(name, "out_of_range", "give a latitude from -90 to 90 and a longitude from -180 to 180")
		return nil
	}
	if err == nil {
		if p.Corrected != "" {
			r.corrected[text] = p.Corrected
		}
		kind := p.Kind
		switch kind {
		case geo.KindPoint, geo.KindPostcode, geo.KindDistrict:
		default:
			kind = "place"
		}
		return &hereabouts.Origin{Label: p.Label, Kind: kind, Lat: p.Point.Lat(), Lon: p.Point.Lon()}
	}
	if e, ok := errors.AsType[*geo.UnknownPlaceError](err); ok {
		r.fault(name, "unknown_place", e.Error(), labels(e.Suggestions)...)
	} else if e, ok := errors.AsType[*geo.AmbiguousPlaceError](err); ok {
		r.fault(name, "ambiguous_place", e.Error(), labels(e.Suggestions)...)
	} else if e, ok := errors.AsType[*geo.PointError](err); ok {
		r.fault(name, e.Code, e.Reason)
	} else {
		r.fault(name, "unknown_place", "give a postcode, a district such as SO14, a place name, or latitude,longitude")
	}
	return nil
}

func labels(places []geo.Place) []string {
	out := make([]string, len(places))
	for i, p := range places {
		out[i] = p.Label
	}
	return out
}

func (r *reading) within() {
	text := r.one("within")
	if text == "" {
		return
	}
	metres, bad := parseWithin(text)
	r.q.WithinM = metres
	r.misread("within", bad)
	if !r.given("near") {
		r.fault("within", needsNear, "say where from: give near as well")
	}
}

func (r *reading) needs() {
	for _, id := range r.list("need") {
		if _, ok := r.s.Needs.Need(id); ok {
			r.q.Needs = append(r.q.Needs, id)
			continue
		}
		r.fault("need", "unknown_value", "there is no such need; /api/v1/needs lists them all", r.s.nearestNeeds(id)...)
	}
}

// nearestNeeds are the needs that a word may have meant: by slug, by the last
// part of one, by label or by something people say.
func (s *Server) nearestNeeds(word string) []string {
	said := make(map[string]string)
	var names []string
	note := func(name, id string) {
		name = strings.ToLower(name)
		if _, ok := said[name]; !ok && name != "" {
			said[name] = id
			names = append(names, name)
		}
	}
	for _, n := range s.Needs.Needs {
		note(n.ID, n.ID)
		note(n.ID[strings.LastIndexByte(n.ID, '.')+1:], n.ID)
		note(n.Label, n.ID)
		for _, also := range n.AlsoSaidAs {
			note(also, n.ID)
		}
	}
	var ids []string
	for _, name := range nearest(word, names, 10) {
		if id := said[name]; !contains(ids, id) && len(ids) < 3 {
			ids = append(ids, id)
		}
	}
	return ids
}

func (r *reading) languages() {
	for _, code := range r.list("language") {
		tag, err := language.Raw.Parse(code)
		if err != nil || len(code) > 35 {
			r.fault("language", "unknown_value", "give a BCP 47 code such as en, cy, ur or bsl")
			continue
		}
		r.q.Languages = append(r.q.Languages, tag.String()) // as listings have it: en_GB is en-GB
	}
}

// tags are whatever listings are tagged with. Some tags have commas in them,
// so a text with commas is looked for whole as well.
func (r *reading) tags() {
	r.q.Tags = r.short("tag", 100)
	for _, v := range r.values["tag"] {
		v = strings.TrimSpace(v)
		if strings.Contains(v, ",") && utf8.RuneCountInString(v) <= 100 && utf8.ValidString(v) && !contains(r.q.Tags, v) {
			r.q.Tags = append(r.q.Tags, v)
		}
	}
}

// short is a list of free words, none longer than most characters.
func (r *reading) short(name string, most int) []string {
	var good []string
	for _, v := range r.list(name) {
		if utf8.RuneCountInString(v) > most || !utf8.ValidString(v) {
			r.fault(name, "too_long", fmt.Sprintf("use at most %d characters", most))
			continue
		}
		good = append(good, v)
	}
	return good
}

// slugs is a list of lower-case words such as carer or asylum_seeker.
func (r *reading) slugs(name string) []string {
	var good []string
	for _, v := range r.list(name) {
		if len(v) > 60 || strings.Trim(v, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != "" {
			r.fault(name, "not_a_slug", "use small letters, digits and underscores, such as carer or veteran")
			continue
		}
		good = append(good, v)
	}
	return good
}

func (r *reading) days() {
	for _, text := range r.list("day") {
		d, bad := parseDay(text)
		if bad != nil {
			r.misread("day", bad)
		} else if !contains(r.q.Days, d) {
			r.q.Days = append(r.q.Days, d)
		}
	}
}

func (r *reading) areas() {
	for _, code := range r.list("area") {
		code = strings.ToUpper(code)
		if len(code) != 9 || code[0] < 'A' || code[0] > 'Z' || strings.Trim(code[1:], "0123456789") != "" {
			r.fault("area", "not_an_area", "give an area code such as E08000009")
			continue
		}
		r.q.Areas = append(r.q.Areas, code)
	}
}

func (r *reading) sort() {
	by := r.one("sort")
	if by == "" || !r.allowed("sort", by, sorts) {
		return
	}
	if hereabouts.Sort(by) == hereabouts.ByJourney && !r.given("transport") {
		r.fault("sort", needsTransport, "say how they would travel: give transport as well, or sort by distance")
	}
	if hereabouts.Sort(by) == hereabouts.ByDistance && !r.given("near") {
		r.fault("sort", needsNear, "say where from: give near as well")
	}
	r.q.Sort = hereabouts.Sort(by)
}

func (r *reading) facets() {
	names := r.list("facets")
	if len(names) == 1 && names[0] == "none" {
		r.q.Facets = []string{}
		return
	}
	r.q.Facets = oneOf(r.asked, "facets", hereabouts.FacetNames)
}

// token is an opaque value that we have given out; what it holds is judged by
// whoever made it.
func (r *reading) token(name string) string {
	text := r.one(name)
	if len(text) > 2048 || strings.ContainsFunc(text, func(c rune) bool { return c < 0x21 || c > 0x7e }) {
		r.fault(name, "not_a_token", "send back exactly what an answer gave you")
		return ""
	}
	return text
}
