package api

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"hereabouts"
)

// organisation reads an organisation that whoever is asking may see.
func (s *Server) organisation(c echo.Context) (hereabouts.Organisation, error) {
	const missing = "There is no organisation with that id."
	id := c.Param("id")
	if id == "" || len(id) > maxID {
		return hereabouts.Organisation{}, notFound(missing)
	}
	o, err := s.Store.Organisation(c.Request().Context(), id)
	if errors.Is(err, hereabouts.ErrNotFound) {
		return o, notFound(missing)
	}
	if err != nil {
		return o, fromStore(err)
	}
	if !can(keyOf(c), readOrganisation, resource{status: o.Status, owner: o.ID}) {
		if o.Status == hereabouts.Withdrawn {
			return o, newProblem(http.StatusGone, "gone", "This organisation has been withdrawn", "")
		}
		return o, notFound(missing)
	}
	return o, nil
}

// shownOrganisation is o with its lists never null.
func shownOrganisation(o hereabouts.Organisation) hereabouts.Organisation {
	o.Contacts = orEmpty(o.Contacts)
	return o
}

// readOrganisation answers GET /api/v1/organisations/{id}.
func (s *Server) readOrganisation(c echo.Context) error {
	o, err := s.organisation(c)
	if err != nil {
		return err
	}
	revalidate(c)
	c.Response().Header().Set("ETag", etag(o.Rev))
	if unchanged(c, etag(o.Rev)) {
		return c.NoContent(http.StatusNotModified)
	}
	return writeJSON(c, http.StatusOK, shownOrganisation(o))
}

// organisationListings answers GET /api/v1/organisations/{id}/listings with
// the listings of the organisation that whoever is asking may see.
func (s *Server) organisationListings(c echo.Context) error {
	o, err := s.organisation(c)
	if err != nil {
		return err
	}
	ids, err := s.Store.OrganisationListings(c.Request().Context(), o.ID)
	if err != nil {
		return fromStore(err)
	}
	shown := []hereabouts.Listing{}
	for _, id := range ids {
		l, err := s.Store.Listing(c.Request().Context(), id)
		if errors.Is(err, hereabouts.ErrNotFound) {
			continue // it went while we were reading
		}
		if err != nil {
			return fromStore(err)
		}
		if can(keyOf(c), readListing, resource{status: l.Status, owner: l.Organisation.ID}) {
			shown = append(shown, public(l))
		}
	}
	revalidate(c)
	return writeJSON(c, http.StatusOK, map[string]any{"organisation_id": o.ID, "listings": shown})
}

// replaceOrganisation answers PUT /api/v1/organisations/{id}.
func (s *Server) replaceOrganisation(c echo.Context) error {
	return s.editOrganisation(c, "replace", func(base hereabouts.Organisation) (hereabouts.Organisation, error) {
		body, err := readJSON(c)
		if err != nil {
			return base, err
		}
		o := hereabouts.Organisation{}
		f := s.decodeOrganisation(body, &o)
		if !stated(body, "status") {
			o.Status = base.Status
		}
		return o, f.err()
	})
}

// patchOrganisation answers PATCH /api/v1/organisations/{id}.
func (s *Server) patchOrganisation(c echo.Context) error {
	return s.editOrganisation(c, "patch", func(base hereabouts.Organisation) (hereabouts.Organisation, error) {
		patch, err := readJSON(c, "application/merge-patch+json", "application/json")
		if err != nil {
			return base, err
		}
		merged, err := merge(base, patch)
		if err != nil {
			return base, err
		}
		o := hereabouts.Organisation{}
		f := s.decodeOrganisation(merged, &o)
		return o, f.err()
	})
}

func (s *Server) editOrganisation(c echo.Context, what string, edit func(hereabouts.Organisation) (hereabouts.Organisation, error)) error {
	match, err := required(c)
	if err != nil {
		return err
	}
	base, err := s.organisation(c)
	if err != nil {
		return err
	}
	if !can(keyOf(c), changeOrganisation, resource{status: base.Status, owner: base.ID}) {
		return forbidden(changeOrganisation)
	}
	if !match.holds(base.Rev) {
		return match.stale(base.ID, base.Rev)
	}
	o, err := edit(base)
	if err != nil {
		return err
	}
	if o.ID != "" && o.ID != base.ID {
		var f faults
		f.add(hereabouts.Problem{Pointer: "/id", Code: "not_yours_to_set", Detail: "this is not the id in the address; leave it out"})
		return f
	}
	o.ID = base.ID
	receipt, err := s.commit(c, hereabouts.Write{Organisation: &o, IfRev: base.Rev, Action: what})
	if err != nil {
		return err
	}
	stored, err := s.Store.Organisation(c.Request().Context(), base.ID)
	if err != nil {
		return fromStore(err)
	}
	c.Response().Header().Set("ETag", etag(receipt.Revs[0]))
	c.Response().Header().Set("Cache-Control", "no-store")
	return writeJSON(c, http.StatusOK, shownOrganisation(stored))
}
