package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"hereabouts"
)

// maxID bounds an id in an address.
const maxID = 128

// public is what may be shown of a listing to anybody.
func public(l hereabouts.Listing) hereabouts.Listing {
	return l.Public()
}

// listing reads a listing that whoever is asking may see. A draft is not there
// for those who may not; a withdrawn listing says that it has gone.
func (s *Server) listing(c echo.Context, id string) (hereabouts.Listing, error) {
	if id == "" || len(id) > maxID {
		return hereabouts.Listing{}, notFound("There is no listing with that id.")
	}
	l, err := s.Store.Listing(c.Request().Context(), id)
	if errors.Is(err, hereabouts.ErrNotFound) {
		return l, notFound("There is no listing with that id.")
	}
	if err != nil {
		return l, fromStore(err)
	}
	if can(keyOf(c), readListing, resource{status: l.Status, owner: l.Organisation.ID}) {
		return l, nil
	}
	if l.Status == hereabouts.Withdrawn {
		return l, newProblem(http.StatusGone, "gone", "This listing has been withdrawn", "Whoever ran it no longer offers it here.")
	}
	return l, notFound("There is no listing with that id.")
}

// writable reads a listing that whoever is asking may also do a to.
func (s *Server) writable(c echo.Context, a action) (hereabouts.Listing, error) {
	l, err := s.listing(c, c.Param("id"))
	if err != nil {
		return l, err
	}
	if !can(keyOf(c), a, resource{status: l.Status, owner: l.Organisation.ID, becomes: l.Organisation.ID}) {
		return l, forbidden(a)
	}
	return l, nil
}

// readListing answers GET /api/v1/listings/{id}.
func (s *Server) readListing(c echo.Context) error {
	l, err := s.listing(c, c.Param("id"))
	if err != nil {
		return err
	}
	revalidate(c)
	c.Response().Header().Set("ETag", etag(l.Rev))
	if unchanged(c, etag(l.Rev)) {
		return c.NoContent(http.StatusNotModified)
	}
	return writeJSON(c, http.StatusOK, public(l))
}

// revalidate lets caches keep an answer and ask each time whether it holds. A
// key may see more, so its answers are kept apart.
func revalidate(c echo.Context) {
	h := c.Response().Header()
	h.Add("Vary", "Authorization")
	if keyOf(c) != nil {
		h.Set("Cache-Control", "private, no-cache")
		return
	}
	h.Set("Cache-Control", "no-cache")
}

// createListing answers POST /api/v1/listings.
func (s *Server) createListing(c echo.Context) error {
	body, err := readJSON(c)
	if err != nil {
		return err
	}
	l := hereabouts.Listing{}
	f := s.decodeListing(body, &l)
	if l.ID != "" {
		f.add(hereabouts.Problem{Pointer: "/id", Code: "not_yours_to_set", Detail: "leave the id out: the directory gives one. To change a listing that is there, use PUT or PATCH"})
	}
	if err := f.err(); err != nil {
		return err
	}
	if !can(keyOf(c), createListing, resource{becomes: l.Organisation.ID}) {
		return forbidden(createListing)
	}
	if err := s.vouched(c, &hereabouts.Listing{}, &l); err != nil {
		return err
	}
	return s.commitListing(c, http.StatusCreated, hereabouts.Write{Listing: &l, Action: "create"})
}

// replaceListing answers PUT /api/v1/listings/{id}.
func (s *Server) replaceListing(c echo.Context) error {
	return s.editListing(c, "replace", func(base hereabouts.Listing) (hereabouts.Listing, error) {
		body, err := readJSON(c)
		if err != nil {
			return base, err
		}
		l := hereabouts.Listing{}
		f := s.decodeListing(body, &l)
		if !stated(body, "status") {
			l.Status = base.Status // leaving it out neither publishes nor withdraws
		}
		return l, f.err()
	})
}

// patchListing answers PATCH /api/v1/listings/{id}: an RFC 7396 merge patch of
// the record as it is stored.
func (s *Server) patchListing(c echo.Context) error {
	return s.editListing(c, "patch", func(base hereabouts.Listing) (hereabouts.Listing, error) {
		patch, err := readJSON(c, "application/merge-patch+json", "application/json")
		if err != nil {
			return base, err
		}
		base = asShown(base)
		if object, ok := patch.(map[string]any); ok && base.HiddenLocation && has(object, "hidden_location") && object["hidden_location"] != true {
			base = base.Public() // to stop hiding is not to show: where it is must be said again
		}
		merged, err := merge(base, patch)
		if err != nil {
			return base, err
		}
		l := hereabouts.Listing{}
		f := s.decodeListing(merged, &l)
		if stated(patch, "needs") && !stated(patch, "needs_derived") {
			l.NeedsDerived = false // somebody has now said them
		}
		return l, f.err()
	})
}

func has(object map[string]any, name string) bool {
	_, ok := object[name]
	return ok
}

// asShown is a listing whose hidden places go by the ids that they are shown
// with, for those are what a patch speaks of. keepHidden gives them back theirs.
func asShown(l hereabouts.Listing) hereabouts.Listing {
	if !l.HiddenLocation {
		return l
	}
	shown := l.Public()
	for i := range l.Places {
		l.Places[i].ID = shown.Places[i].ID
	}
	for i := range l.Sessions {
		l.Sessions[i].PlaceID = shown.Sessions[i].PlaceID
	}
	return l
}

// vouched sees to it that what is said of when and by whom a listing was
// confirmed can be so. A date ahead of today would make it fresh for as long
// as somebody likes, and a provider's key vouches for the provider alone.
func (s *Server) vouched(c echo.Context, base, l *hereabouts.Listing) error {
	f := faults{}
	if l.ConfirmedAt != base.ConfirmedAt {
		f.refuseAhead("/confirmed_at", l.ConfirmedAt, s.Now())
	}
	if l.Availability.AsOf != base.Availability.AsOf {
		f.refuseAhead("/availability/as_of", l.Availability.AsOf, s.Now())
	}
	if isProvider(keyOf(c)) && l.ConfirmedAt != "" && (l.ConfirmedAt != base.ConfirmedAt || l.ConfirmedBy != base.ConfirmedBy) {
		l.ConfirmedBy = hereabouts.ByProvider
	}
	return f.err()
}

// refuseAhead faults a date that somebody cannot have said something on yet.
func (f *faults) refuseAhead(pointer string, d hereabouts.Date, now time.Time) {
	if ahead, ok := d.DaysSince(hereabouts.DateOf(now)); ok && ahead > 0 {
		f.add(hereabouts.Problem{Pointer: pointer, Code: "in_the_future", Detail: "this day has not come yet; give today's date or an earlier one"})
	}
}

// withdrawListing answers DELETE /api/v1/listings/{id}.
func (s *Server) withdrawListing(c echo.Context) error {
	return s.editListing(c, "withdraw", func(base hereabouts.Listing) (hereabouts.Listing, error) {
		base.Status = hereabouts.Withdrawn
		return base, nil
	})
}

// actions are the policy's word for each change in the history.
var actions = map[string]action{
	"replace": changeListing, "patch": changeListing, "withdraw": withdrawListing,
	"availability": setAvailability, "confirm": confirmListing,
}

// editListing makes one change to the revision that If-Match names.
func (s *Server) editListing(c echo.Context, what string, edit func(base hereabouts.Listing) (hereabouts.Listing, error)) error {
	match, err := required(c)
	if err != nil {
		return err
	}
	return s.editMatching(c, what, match, edit)
}

func (s *Server) editMatching(c echo.Context, what string, match precondition, edit func(base hereabouts.Listing) (hereabouts.Listing, error)) error {
	a := actions[what]
	current, err := s.writable(c, a)
	if err != nil {
		return err
	}
	base, err := s.baseOf(c, current, match)
	if err != nil {
		return err
	}
	id, owner := base.ID, base.Organisation.ID
	l, err := edit(base.Clone())
	if err != nil {
		return err
	}
	if l.ID != "" && l.ID != id {
		var f faults
		f.add(hereabouts.Problem{Pointer: "/id", Code: "not_yours_to_set", Detail: "this is not the id in the address; leave it out"})
		return f
	}
	l.ID = id
	if !can(keyOf(c), a, resource{status: l.Status, owner: owner, becomes: l.Organisation.ID}) {
		p := forbidden(a)
		p.Detail = "That key belongs to one organisation, and a listing it changes must stay with that organisation."
		return p
	}
	keepHidden(&base, &l)
	if err := s.vouched(c, &base, &l); err != nil {
		return err
	}
	status := http.StatusOK
	if what == "withdraw" {
		status = http.StatusNoContent
	}
	return s.commitListing(c, status, hereabouts.Write{Listing: &l, IfRev: base.Rev, Action: what})
}

// baseOf is the revision that a change is made to. A change that is sent again
// with its Idempotency-Key names a revision that it has itself replaced; the
// store then knows it by its key, so the change is worked out once more from
// the revision it was made to.
func (s *Server) baseOf(c echo.Context, current hereabouts.Listing, match precondition) (hereabouts.Listing, error) {
	if match.holds(current.Rev) {
		return current, nil
	}
	if c.Request().Header.Get(idempotencyKey) != "" && len(match.revs) == 1 {
		if l, err := s.revision(c.Request().Context(), current.ID, match.revs[0]); err == nil {
			return l, nil
		}
	}
	return current, match.stale(current.ID, current.Rev)
}

// revision is a listing as it was.
func (s *Server) revision(ctx context.Context, id string, rev hereabouts.Rev) (hereabouts.Listing, error) {
	history, err := s.Store.History(ctx, id)
	if err != nil {
		return hereabouts.Listing{}, fromStore(err)
	}
	for _, r := range history {
		if r.Rev == rev && r.Listing != nil {
			return *r.Listing, nil
		}
	}
	return hereabouts.Listing{}, notFound("There is no such revision.")
}

// keepHidden keeps where a hidden place is. Nobody is ever shown it, so a
// record that was read and sent back does not have it; that is not a wish to
// forget it. Only a record that stays hidden keeps it.
func keepHidden(base, l *hereabouts.Listing) {
	if !base.HiddenLocation || !l.HiddenLocation {
		return
	}
	shown := base.Public() // has ids of its own, as real ones may give the place away
	ids := map[string]string{}
	for i := range l.Places {
		p := &l.Places[i]
		for j := range shown.Places {
			if p.ID != shown.Places[j].ID {
				continue
			}
			kept := base.Places[j]
			if p.Lat != nil || p.Lon != nil || p.Address != "" || p.Postcode != "" || p.Geometry != nil || len(p.Entrances) > 0 {
				ids[p.ID], p.ID = kept.ID, kept.ID // stated, and so not kept
				break
			}
			kept.Access = p.Access
			kept.Name, kept.Note = cmp.Or(p.Name, kept.Name), cmp.Or(p.Note, kept.Note)
			ids[p.ID] = kept.ID
			*p = kept
			break
		}
	}
	for i := range l.Sessions {
		if id, ok := ids[l.Sessions[i].PlaceID]; ok {
			l.Sessions[i].PlaceID = id
		}
	}
	if was, is := base.Eligibility.Catchment, &l.Eligibility.Catchment; is.Geometry == nil && is.Label == was.Label {
		is.Geometry = was.Geometry
	}
}

// availabilityTries bounds how often a change that names no revision is made
// again because somebody else got in between.
const availabilityTries = 8

// setAvailability answers PUT /api/v1/listings/{id}/availability.
func (s *Server) setAvailability(c echo.Context) error {
	body, err := readJSON(c)
	if err != nil {
		return err
	}
	var given hereabouts.Availability
	f := s.decode("AvailabilityInput", body, &given, func() error {
		l := hereabouts.Listing{Availability: given}
		l.Normalise()
		given = l.Availability
		return beneath("/availability", l.Validate(s.Needs))
	})
	if object, ok := body.(map[string]any); ok && object["state"] == nil {
		f.add(hereabouts.Problem{Pointer: "/state", Code: hereabouts.CodeRequired, Detail: "say open, waiting_list, full, paused, closed or unknown"})
	}
	f.refuseAhead("/as_of", given.AsOf, s.Now())
	if err := f.err(); err != nil {
		return err
	}
	if given.AsOf == "" {
		given.AsOf = hereabouts.DateOf(s.Now())
	}
	return s.touch(c, "availability", func(l *hereabouts.Listing) error {
		l.Availability = given
		return nil
	})
}

// confirmation is the body of a confirmation; it may be left out.
type confirmation struct {
	ConfirmedBy hereabouts.Confirmer `json:"confirmed_by"`
}

// confirmListing answers POST /api/v1/listings/{id}/confirm.
func (s *Server) confirmListing(c echo.Context) error {
	given := confirmation{}
	if c.Request().ContentLength != 0 {
		body, err := readJSON(c)
		if err != nil {
			return err
		}
		f := s.decode("Confirmation", body, &given, nil)
		if err := f.err(); err != nil {
			return err
		}
	}
	by := given.ConfirmedBy
	switch {
	case isProvider(keyOf(c)):
		by = hereabouts.ByProvider // whatever it says of itself
	case by == "":
		by = hereabouts.ByLinkWorker
	}
	return s.touch(c, "confirm", func(l *hereabouts.Listing) error {
		l.ConfirmedAt, l.ConfirmedBy = hereabouts.DateOf(s.Now()), by
		return nil
	})
}

// touch makes a small change that does not depend on what else the record
// says, so it needs no If-Match: it is made to whatever is there now.
func (s *Server) touch(c echo.Context, what string, change func(*hereabouts.Listing) error) error {
	match, err := parseIfMatch(c.Request().Header.Values("If-Match"))
	if err != nil {
		return err
	}
	if !match.given || match.any {
		// The store tells a repeated operation by the revision it was made to,
		// and this one names none. Making it again changes nothing more.
		c.Set(ctxOperation, "")
	}
	for try := 1; ; try++ {
		err := s.editMatching(c, what, match, func(base hereabouts.Listing) (hereabouts.Listing, error) {
			return base, change(&base)
		})
		_, conflict := errors.AsType[*hereabouts.ConflictError](err)
		if !conflict || match.given && !match.any || try == availabilityTries {
			return err
		}
	}
}

// beneath keeps the problems at or under a pointer, with it taken off: the
// body was that part of the record.
func beneath(pointer string, err error) error {
	ps, ok := errors.AsType[hereabouts.Problems](err)
	if !ok {
		return err
	}
	var kept hereabouts.Problems
	for _, p := range ps {
		if rest, ok := under(pointer, p.Pointer); ok {
			p.Pointer = rest
			kept = append(kept, p)
		}
	}
	return kept.Err()
}

// commitListing stores one listing and answers with what is stored.
func (s *Server) commitListing(c echo.Context, status int, w hereabouts.Write) error {
	receipt, err := s.commit(c, w)
	if err != nil {
		return err
	}
	id, rev := receipt.IDs[0], receipt.Revs[0]
	stored, err := s.Store.Listing(c.Request().Context(), id)
	if err == nil && stored.Rev != rev {
		stored, err = s.revision(c.Request().Context(), id, rev)
	}
	if err != nil {
		return fromStore(err)
	}
	h := c.Response().Header()
	h.Set("ETag", etag(rev))
	h.Set("Cache-Control", "no-store")
	if status == http.StatusNoContent {
		return c.NoContent(status)
	}
	if status == http.StatusCreated {
		h.Set("Location", "/api/v1/listings/"+id)
	}
	return writeJSON(c, status, public(stored))
}

// commit stores one record in the name of whoever is asking.
func (s *Server) commit(c echo.Context, w hereabouts.Write) (hereabouts.Receipt, error) {
	b := hereabouts.Batch{Actor: actorOf(keyOf(c)), Op: operation(c), Writes: []hereabouts.Write{w}}
	receipt, err := s.Store.Commit(c.Request().Context(), b)
	if err != nil {
		if _, stale := errors.AsType[*hereabouts.ConflictError](err); !stale && b.Op != "" && errors.Is(err, hereabouts.ErrConflict) {
			return receipt, errKeyReused()
		}
		return receipt, fromStore(err)
	}
	if len(receipt.IDs) != 1 || len(receipt.Revs) != 1 || len(receipt.Outcomes) != 1 {
		return receipt, errors.New("api: the store answered one write with another number of revisions")
	}
	s.metrics.writes.WithLabelValues(w.Action, string(receipt.Outcomes[0])).Inc()
	c.Response().Header().Set("Hereabouts-Token", string(receipt.Token))
	return receipt, nil
}

// listingHistory answers GET /api/v1/listings/{id}/history. The public is not
// shown who made a change, only what sort of person, nor what a listing said
// while it was not published.
func (s *Server) listingHistory(c echo.Context) error {
	l, err := s.listing(c, c.Param("id"))
	if err != nil {
		return err
	}
	history, err := s.Store.History(c.Request().Context(), l.ID)
	if err != nil {
		return fromStore(err)
	}
	key := keyOf(c)
	staff := can(key, readListing, resource{status: hereabouts.Draft, owner: l.Organisation.ID})
	shown := make([]hereabouts.Revision, len(history))
	for i, r := range history {
		r.Changed = orEmpty(r.Changed)
		if !staff {
			r.Actor.Name = ""
		}
		if r.Listing != nil {
			was := *r.Listing
			was.HiddenLocation = was.HiddenLocation || l.HiddenLocation // hidden now is hidden then
			was = public(was)
			r.Listing = &was
			if !staff && was.Status != hereabouts.Published {
				r.Listing = nil
			}
		}
		shown[i] = r
	}
	revalidate(c)
	return writeJSON(c, http.StatusOK, map[string]any{"id": l.ID, "revisions": shown})
}
