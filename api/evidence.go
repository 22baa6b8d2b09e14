package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"hereabouts"
	"hereabouts/geo"
)

// noteReach counts a search by public transport as evidence of what can be
// reached from its district. Each search counts once: not again for its next
// page, nor when somebody looks at what they cannot reach. What programs ask
// that follow links says nothing of what people need.
func (s *Server) noteReach(c echo.Context, q *hereabouts.Query, res *hereabouts.Results) {
	t := q.Travel
	if s.Evidence == nil || t == nil || t.Mode != hereabouts.ByTransit || q.Near == nil || res.Reach == nil ||
		q.Page != "" || len(t.Verdicts) > 0 || !person(c.Request()) {
		return
	}
	n := *res.Reach
	if n.ThereAndBack+n.ThereOnly+n.No+n.DoorToDoor == 0 {
		return // nothing was known, for want of listings or of timetables
	}
	district, ok := s.districtOf(q.Near)
	if !ok {
		return
	}
	needs := slices.Concat(q.Needs, res.Understood.Needs)
	slices.Sort(needs)
	if needs = slices.Compact(needs); len(needs) == 0 {
		needs = []string{""} // asked for nothing that has a name
	}
	s.Evidence.NoteReach(district, needs, n)
}

// districtOf is the postcode district that an origin lies in: the only thing
// that is kept of it.
func (s *Server) districtOf(o *hereabouts.Origin) (string, bool) {
	if o.Kind == geo.KindPostcode || o.Kind == geo.KindDistrict {
		if pc, ok := geo.ParsePostcode(o.Label); ok {
			return pc.Outward(), true
		}
	}
	return s.Places.District(o.Point())
}

// person reports whether a request may be somebody's own question: not the
// look ahead of a browser or of a cache, nor a program that follows links.
func person(r *http.Request) bool {
	if r.Method == http.MethodHead || r.Header.Get("Purpose") != "" || r.Header.Get("Sec-Purpose") != "" {
		return false
	}
	agent := strings.ToLower(r.UserAgent())
	return !slices.ContainsFunc([]string{"bot", "crawl", "spider", "slurp", "preview", "facebookexternalhit"},
		func(word string) bool { return strings.Contains(agent, word) })
}

// unmetReach answers GET /api/v1/evidence/reach.
func (s *Server) unmetReach(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	if s.Evidence == nil {
		return notFound("This directory does not count what cannot be reached.")
	}
	rows, err := s.Evidence.UnmetReach(c.Request().Context())
	if err != nil {
		return fromStore(err)
	}
	return writeJSON(c, http.StatusOK, map[string]any{"evidence": orEmpty(rows)})
}
