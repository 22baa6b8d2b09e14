package api

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"hereabouts"
)

// search answers GET and POST /api/v1/search.
func (s *Server) search(c echo.Context) error {
	a, err := s.askedOf(c)
	if err != nil {
		return err
	}
	res, err := s.answer(c, a)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", searchCaching(c.Request().Method, a))
	return writeJSON(c, http.StatusOK, res)
}

// answer is the one path from a question to its results, for the API and the
// page alike.
func (s *Server) answer(c echo.Context, a *asked) (hereabouts.Results, error) {
	r, err := s.parseSearch(a)
	if err != nil {
		s.lookFurther(c.Request().Context(), r)
		return hereabouts.Results{}, r.faults.err()
	}
	res, err := s.Searcher.Search(c.Request().Context(), r.q)
	if err != nil {
		if r.noteProblems(err) {
			s.lookFurther(c.Request().Context(), r)
			err = r.faults.err()
		}
		return hereabouts.Results{}, err
	}
	c.Set(ctxResults, res.Total)
	s.noteReach(c, &r.q, &res)
	return completed(r, res), nil
}

// noteProblems notes what the searcher found wrong with the question, each
// parameter's faults once; ok is false for an error of another kind.
func (r *reading) noteProblems(err error) (ok bool) {
	ps, ok := errors.AsType[hereabouts.Problems](err)
	var fresh []hereabouts.Problem
	for _, p := range ps {
		if !r.faulted(p.Where()) {
			fresh = append(fresh, p)
		}
	}
	for _, p := range fresh {
		r.fault(p.Where(), p.Code, p.Detail)
	}
	return ok
}

// lookFurther asks the searcher about what only it can judge, so that its
// faults are reported together with ours. It stops at the first kind of fault
// it meets, so each is asked about by itself.
func (s *Server) lookFurther(ctx context.Context, r *reading) {
	var about []hereabouts.Query
	if len(r.q.Areas) > 0 {
		about = append(about, hereabouts.Query{Areas: r.q.Areas})
	}
	if r.q.Page != "" && !r.faulted("sort") {
		// A page belongs to an order: that of nearest first to an origin, and
		// that of the shortest journey first to a way of travelling.
		of := hereabouts.Query{Page: r.q.Page, Sort: r.q.Sort, Near: cmp.Or(r.q.Near, &hereabouts.Origin{})}
		if of.Sort == hereabouts.ByJourney {
			of.Travel = r.q.Travel
		}
		if of.Sort != hereabouts.ByJourney || of.Travel != nil {
			about = append(about, of)
		}
	}
	for _, q := range about {
		q.Limit, q.Facets = 1, []string{}
		if _, err := s.Searcher.Search(ctx, q); err != nil {
			r.noteProblems(err)
		}
	}
}

// completed fills what a client may rely on being there.
func completed(read *reading, res hereabouts.Results) hereabouts.Results {
	u := &res.Understood
	if u.Near == nil {
		u.Near = read.q.Near
	}
	u.Needs = orEmpty(u.Needs)
	maps.Copy(read.corrected, u.Corrected)
	u.Corrected = read.corrected
	if res.Facets == nil {
		res.Facets = map[string][]hereabouts.Count{}
	}
	for name, counts := range res.Facets {
		res.Facets[name] = orEmpty(counts)
	}
	res.Relax = orEmpty(res.Relax)
	for i, relax := range res.Relax {
		res.Relax[i].Change = read.whole(relax.Change)
	}
	results := make([]hereabouts.Result, len(res.Results))
	for i, r := range res.Results {
		results[i] = publicResult(r)
	}
	res.Results = results
	return res
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// askedOf is what a request asks: the query string of a GET, or the
// body of a POST, whose address then takes no parameters.
func (s *Server) askedOf(c echo.Context) (*asked, error) {
	values, err := queryOf(c)
	if err != nil {
		return nil, err
	}
	if c.Request().Method != http.MethodPost {
		return &asked{values: values}, nil
	}
	elsewhere := &asked{values: values}
	for _, name := range sortedKeys(values) {
		elsewhere.fault(name, "not_in_the_address", "a question by POST takes its parameters in the body, which keeps them out of addresses and logs")
	}
	if err := elsewhere.faults.err(); err != nil {
		return nil, err
	}
	body, err := readJSON(c)
	if err != nil {
		return nil, err
	}
	return askedInBody(body)
}

// queryOf is the query string as values; a broken escape is a fault rather
// than a filter quietly lost.
func queryOf(c echo.Context) (url.Values, error) {
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "malformed", "We could not read the address",
			"Its query string has a broken escape: write % as %25 and leave out semicolons.")
	}
	return values, nil
}

// askedInBody reads the names of a JSON object: texts, numbers, true and
// false, and lists of those. Null is absent.
func askedInBody(body any) (*asked, error) {
	object, ok := body.(map[string]any)
	if !ok {
		var f faults
		f.add(hereabouts.Problem{Code: "wrong_type", Detail: "send an object with the parameters as members"})
		return nil, f
	}
	a := &asked{values: make(map[string][]string, len(object)), whole: map[string]bool{}, inBody: true}
	for _, name := range sortedKeys(object) {
		items, isList := object[name].([]any)
		if isList {
			a.whole[name] = true
		} else {
			items = []any{object[name]}
		}
		a.values[name] = []string{}
		for _, item := range items {
			text, ok := scalar(item)
			if !ok {
				a.fault(name, "wrong_type", "give text, a number, true or false, or a list of those")
				break
			}
			a.values[name] = append(a.values[name], text)
		}
	}
	return a, nil
}

// personal are the parameters that say something about a person.
var personal = []string{"q", "near", "need", "circumstance", "age", "gender", "language", "access", "page", "transport"}

// searchCaching keeps answers to a person's question out of every cache.
func searchCaching(method string, a *asked) string {
	if method == http.MethodPost {
		return "no-store"
	}
	for _, name := range personal {
		if len(nonEmpty(a.values[name])) > 0 {
			return "no-store"
		}
	}
	return "public, max-age=10"
}
