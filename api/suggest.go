package api

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"hereabouts"
	"hereabouts/geo"
)

// typing reads what somebody has typed so far and how many completions to give.
func (s *Server) typing(c echo.Context) (prefix string, limit int, err error) {
	values, err := queryOf(c)
	if err != nil {
		return "", 0, err
	}
	a := &asked{values: values}
	prefix = strings.TrimSpace(a.one("q"))
	if utf8.RuneCountInString(prefix) > 100 || !utf8.ValidString(prefix) {
		a.fault("q", "too_long", "use at most 100 characters")
	}
	if len(nonEmpty(values["q"])) == 0 {
		a.fault("q", "required", "give the letters typed so far")
	}
	limit = 10
	if n := a.number("limit", 1, 50); n != nil {
		limit = *n
	}
	// What somebody types is theirs.
	c.Response().Header().Set("Cache-Control", "no-store")
	return prefix, limit, a.faults.err()
}

// suggest answers GET /api/v1/suggest: needs and listings from the index, and
// places.
func (s *Server) suggest(c echo.Context) error {
	prefix, limit, err := s.typing(c)
	if err != nil {
		return err
	}
	found, err := s.Searcher.Suggest(c.Request().Context(), prefix, limit)
	if err != nil {
		return err
	}
	found = found[:min(limit, len(found))]
	// Places have room of their own, so that neither crowds out the other.
	for _, p := range s.Places.Suggest(prefix, min(limit, 5)) {
		found = append(found, hereabouts.Suggestion{Kind: "place", ID: p.Label, Label: p.Label})
	}
	c.Set(ctxResults, len(found))
	return writeJSON(c, http.StatusOK, map[string]any{"suggestions": orEmpty(found)})
}

// A shownPlace is a place to search from. Its label can be sent back as near.
type shownPlace struct {
	Label    string  `json:"label"`
	Name     string  `json:"name"`
	Kind     string  `json:"kind"`
	District string  `json:"district"`
	Lat      float64 `json:"lat"`
	Lon      float64 `json:"lon"`
}

func newShownPlace(p geo.Place) shownPlace {
	return shownPlace{Label: p.Label, Name: p.Name, Kind: p.Kind, District: p.District, Lat: p.Point.Lat(), Lon: p.Point.Lon()}
}

// suggestPlaces answers GET /api/v1/places.
func (s *Server) suggestPlaces(c echo.Context) error {
	prefix, limit, err := s.typing(c)
	if err != nil {
		return err
	}
	shown := []shownPlace{}
	for _, p := range s.Places.Suggest(prefix, limit) {
		shown = append(shown, newShownPlace(p))
	}
	c.Set(ctxResults, len(shown))
	return writeJSON(c, http.StatusOK, map[string]any{"places": shown})
}

// listNeeds answers GET /api/v1/needs.
func (s *Server) listNeeds(c echo.Context) error {
	needs := make([]hereabouts.Need, len(s.Needs.Needs))
	for i, n := range s.Needs.Needs {
		n.AlsoSaidAs = orEmpty(n.AlsoSaidAs)
		needs[i] = n
	}
	return writeCached(c, map[string]any{"needs": needs})
}
