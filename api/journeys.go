package api

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"hereabouts"
)

// journeyParameters are read in this order, so faults come in this order too.
var journeyParameters = slices.Concat([]parameter{
	{"from", func(r *reading) { r.q.Near = r.origin("from") }},
	{"listing", func(r *reading) { r.listing = r.one("listing") }},
	{"date", func(r *reading) {
		if text := r.one("date"); text != "" {
			d := hereabouts.Date(text)
			if _, ok := d.Time(); !ok {
				r.fault("date", "not_a_date", "give a date such as 2026-11-24")
			}
			r.q.From = d
		}
	}},
}, travelParameters, []parameter{{"unknown", (*reading).unknown}})

// journeyNames are the names in journeyParameters.
var journeyNames = namesOf(journeyParameters)

// journeys answers GET and POST /api/v1/journeys.
func (s *Server) journeys(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store") // where somebody lives is theirs
	a, err := s.askedOf(c)
	if err != nil {
		return err
	}
	answer, err := s.journeysTo(c, a)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, answer)
}

// journeysTo is the one path from asking how to get to a listing to the
// answer, for the API and the page alike.
func (s *Server) journeysTo(c echo.Context, a *asked) (hereabouts.JourneyAnswer, error) {
	q, err := s.parseJourneys(a)
	if err != nil {
		return hereabouts.JourneyAnswer{}, err
	}
	l, err := s.listing(c, q.ListingID)
	if err != nil {
		return hereabouts.JourneyAnswer{}, err
	}
	if l.Status != hereabouts.Published {
		return hereabouts.JourneyAnswer{}, notFound("Journeys are worked out to published listings only.")
	}
	answer := hereabouts.JourneyAnswer{From: q.From, Date: q.Date}
	if l.HiddenLocation {
		// Nobody is asked the way to a place that nobody may know.
		answer.Journeys = []hereabouts.JourneyChoice{{Journey: *withheldJourney()}}
	} else if answer, err = s.Searcher.Journeys(c.Request().Context(), q); err != nil {
		return hereabouts.JourneyAnswer{}, err
	}
	l = public(l)
	answer.Listing = hereabouts.JourneyListing{ID: l.ID, Name: l.Name}
	answer.Journeys = slices.Clone(orEmpty(answer.Journeys))
	for i := range answer.Journeys {
		j := &answer.Journeys[i]
		j.Journey = *wholeJourney(&j.Journey)
		j.OutAlternatives = slices.Clone(orEmpty(j.OutAlternatives))
		for k := range j.OutAlternatives {
			j.OutAlternatives[k].Legs = orEmpty(j.OutAlternatives[k].Legs)
		}
		j.BackAlternatives = slices.Clone(orEmpty(j.BackAlternatives))
		for k := range j.BackAlternatives {
			j.BackAlternatives[k].Legs = orEmpty(j.BackAlternatives[k].Legs)
		}
		j.Sentences = orEmpty(j.Sentences)
	}
	return answer, nil
}

// parseJourneys reads a question about one listing with every fault found.
// Without transport it is about public transport.
func (s *Server) parseJourneys(a *asked) (hereabouts.JourneyQuery, error) {
	r := &reading{asked: a, s: s, corrected: map[string]string{}}
	r.refuseUnknown(journeyNames)
	for _, p := range journeyParameters {
		p.read(r)
	}
	if !r.given("from") {
		r.fault("from", "required", "say where from: a postcode, a district such as SO14, a place name, or latitude,longitude")
	}
	if !r.given("listing") {
		r.fault("listing", "required", "say where to: give the id of a listing")
	}
	if err := r.faults.err(); err != nil {
		return hereabouts.JourneyQuery{}, err
	}
	return hereabouts.JourneyQuery{From: *r.q.Near, ListingID: r.listing, Date: r.q.From,
		Travel: r.travel.WithDefaults(), DropUnknown: r.q.DropUnknown}, nil
}

// publicResult is a result as anybody may see it. A journey to a hidden
// location would lead there by its stops alone.
func publicResult(r hereabouts.Result) hereabouts.Result {
	hidden := r.Listing.HiddenLocation
	r.Listing = public(r.Listing)
	r.Fit.Reasons = orEmpty(r.Fit.Reasons)
	r.Why = orEmpty(r.Why)
	if r.Journey != nil {
		r.Journey = wholeJourney(r.Journey)
	}
	if !hidden {
		return r
	}
	r.PlaceID, r.DistanceM = "", nil
	r.Why = slices.DeleteFunc(slices.Clone(r.Why), func(why hereabouts.Reason) bool { return why.Clause == "transport" })
	if r.Journey != nil {
		r.Journey = withheldJourney()
	}
	if n := r.NextSession; n != nil {
		next := *n
		next.PlaceID = ""
		for i := range r.Listing.Sessions {
			if s := &r.Listing.Sessions[i]; s.ID == n.SessionID {
				next.PlaceID = s.PlaceID // as it is called here
			}
		}
		r.NextSession = &next
	}
	return r
}

// withheldJourney is all that is said of the way to a hidden location.
func withheldJourney() *hereabouts.Journey {
	j := &hereabouts.Journey{Verdict: hereabouts.ReachUnknown}
	j.Sentence = j.Say(hereabouts.Telling{Missing: hereabouts.MissingAddress})
	return wholeJourney(j)
}

// wholeJourney is a journey with what a client may rely on being there.
func wholeJourney(j *hereabouts.Journey) *hereabouts.Journey {
	whole := *j
	if whole.Basis.Walk == "" {
		whole.Basis.Walk = hereabouts.StraightLineWalk
	}
	if out := whole.Out; out != nil {
		way := *out
		way.Legs = orEmpty(way.Legs)
		whole.Out = &way
	}
	if back := whole.Back; back != nil {
		way := *back
		way.Legs = orEmpty(way.Legs)
		whole.Back = &way
	}
	return &whole
}
