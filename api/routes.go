package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// A route is one address and method, and what stands in front of its handler.
type route struct {
	Method, Path string
	Action       action
	Params       []string // names the query string may hold
	Handle       echo.HandlerFunc

	searches bool // takes one of the search slots
	streams  bool // goes on for as long as the client listens
	page     bool // for people; problems are pages too
	form     bool // reads its parameters by itself, to explain faults on the page
}

// A Route says what is served where, for whoever documents or checks it.
type Route struct {
	Method, Path string   // the path as Echo writes it, /listings/:id
	Params       []string // names the query string may hold
	Action       string   // what the policy is asked about
	Page         bool     // for people
}

// Routes are every address that the server answers, HEAD apart.
func (s *Server) Routes() []Route {
	all := make([]Route, len(s.table))
	for i, r := range s.table {
		all[i] = Route{Method: r.Method, Path: r.Path, Params: r.Params, Action: string(r.Action), Page: r.page}
	}
	return all
}

// answerWithin is how long a request may take, streams apart.
const answerWithin = 10 * time.Second

// routes is every address the server answers. HEAD is answered wherever GET is.
func (s *Server) routes() []route {
	const v1 = "/api/v1"
	get, post, put, patch, del := http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	return []route{
		{Method: get, Path: v1 + "/search", Action: readPublic, Handle: s.search, Params: searchNames, searches: true, form: true},
		{Method: post, Path: v1 + "/search", Action: readPublic, Handle: s.search, searches: true, form: true},
		{Method: get, Path: v1 + "/suggest", Action: readPublic, Handle: s.suggest, Params: []string{"q", "limit"}, searches: true},
		{Method: get, Path: v1 + "/journeys", Action: readPublic, Handle: s.journeys, Params: journeyNames, searches: true, form: true},
		{Method: post, Path: v1 + "/journeys", Action: readPublic, Handle: s.journeys, searches: true, form: true},
		{Method: get, Path: v1 + "/needs", Action: readPublic, Handle: s.listNeeds},
		{Method: get, Path: v1 + "/places", Action: readPublic, Handle: s.suggestPlaces, Params: []string{"q", "limit"}},

		{Method: post, Path: v1 + "/listings", Action: createListing, Handle: s.createListing},
		{Method: get, Path: v1 + "/listings/:id", Action: readListing, Handle: s.readListing},
		{Method: put, Path: v1 + "/listings/:id", Action: changeListing, Handle: s.replaceListing},
		{Method: patch, Path: v1 + "/listings/:id", Action: changeListing, Handle: s.patchListing},
		{Method: del, Path: v1 + "/listings/:id", Action: withdrawListing, Handle: s.withdrawListing},
		{Method: get, Path: v1 + "/listings/:id/history", Action: readListing, Handle: s.listingHistory},
		{Method: put, Path: v1 + "/listings/:id/availability", Action: setAvailability, Handle: s.setAvailability},
		{Method: post, Path: v1 + "/listings/:id/confirm", Action: confirmListing, Handle: s.confirmListing},

		{Method: get, Path: v1 + "/organisations/:id", Action: readOrganisation, Handle: s.readOrganisation},
		{Method: put, Path: v1 + "/organisations/:id", Action: changeOrganisation, Handle: s.replaceOrganisation},
		{Method: patch, Path: v1 + "/organisations/:id", Action: changeOrganisation, Handle: s.patchOrganisation},
		{Method: get, Path: v1 + "/organisations/:id/listings", Action: readOrganisation, Handle: s.organisationListings},

		{Method: get, Path: v1 + "/changes", Action: readPublic, Handle: s.changes, Params: []string{"from", "follow"}, streams: true},
		{Method: get, Path: v1 + "/evidence/reach", Action: readEvidence, Handle: s.unmetReach},
		{Method: get, Path: v1 + "/openapi.json", Action: readPublic, Handle: s.describe},
		{Method: get, Path: "/openapi.json", Action: readPublic, Handle: s.describe},
		{Method: get, Path: "/healthz", Action: readPublic, Handle: s.healthy},
		{Method: get, Path: "/readyz", Action: readPublic, Handle: s.ready},

		{Method: get, Path: "/", Action: readPublic, Handle: s.searchPage, Params: searchNames, searches: true, page: true, form: true},
		{Method: get, Path: "/search", Action: readPublic, Handle: s.searchPage, Params: searchNames, searches: true, page: true, form: true},
		{Method: post, Path: "/search", Action: readPublic, Handle: s.searchPage, searches: true, page: true, form: true},
		{Method: get, Path: "/listings/:id", Action: readListing, Handle: s.listingPage, page: true},
		{Method: post, Path: "/listings/:id", Action: readListing, Handle: s.listingPage, searches: true, page: true, form: true},
		{Method: get, Path: "/static/:file", Action: readPublic, Handle: s.static, page: true},
		{Method: get, Path: "/admin/link", Action: followAdminLink, Handle: s.adminLink, Params: []string{"token"}, page: true},
		{Method: post, Path: "/admin/link", Action: followAdminLink, Handle: s.useAdminLink, page: true},
	}
}

// gate stands in front of a route's handler: who is asking, may they, is there
// room, and for how long.
func (s *Server) gate(r route) echo.HandlerFunc {
	handle := s.idempotent(r, r.Handle)
	return func(c echo.Context) error {
		key := keyOf(c)
		if needsKey(r.Action) && key == nil {
			return unauthorised("This needs a key: send it as Authorization: Bearer KEY.")
		}
		if !mayEver(key, r.Action) {
			return forbidden(r.Action)
		}
		if !r.form {
			if err := onlyKnown(c, r.Params); err != nil {
				return err
			}
		}
		if r.searches {
			// Whoever sends a body slowly must not hold a place meanwhile.
			raw, err := wholeBody(c)
			if err != nil {
				return err
			}
			c.Request().Body = io.NopCloser(bytes.NewReader(raw))
			release, err := s.slots.take(c.Request().Context())
			if err != nil {
				return err
			}
			defer release()
		}
		if !r.streams {
			ctx, cancel := context.WithTimeout(c.Request().Context(), answerWithin)
			defer cancel()
			c.SetRequest(c.Request().WithContext(ctx))
		}
		return handle(c)
	}
}

// onlyKnown refuses query parameters that the route would ignore.
func onlyKnown(c echo.Context, known []string) error {
	values, err := queryOf(c)
	if err != nil {
		return err
	}
	a := &asked{values: values}
	a.refuseUnknown(known)
	return a.faults.err()
}

func unauthorised(detail string) *problem {
	p := newProblem(http.StatusUnauthorized, "unauthorised", "We need to know who you are", detail)
	p.header = http.Header{"Www-Authenticate": {`Bearer realm="hereabouts"`}}
	return p
}

func forbidden(a action) *problem {
	return newProblem(http.StatusForbidden, "forbidden", "That key does not allow this",
		"The key may not "+string(a)+". Ask whoever gave it to you for one that may.")
}
