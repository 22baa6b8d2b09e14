package hereabouts

import (
	"maps"
	"slices"
	"strconv"
)

// Public is the listing as anybody may see it, and the only form in which it
// may leave the directory. It shares nothing with the receiver that could be
// changed by accident; outlines are shared and are never changed in place.
//
// A hidden location, such as a refuge's, loses every trace of where it is:
// the places keep only what makes them usable, and what texts give away is
// withheld.
func (l Listing) Public() Listing {
	l = l.Clone()
	if !l.HiddenLocation {
		return l
	}
	l.Eligibility.Catchment.Geometry = nil
	located := slices.Clone(l.Places)
	ids := make(map[string]string, len(l.Places))
	for i, p := range l.Places {
		// An imported id may itself be an address.
		id := "p" + strconv.Itoa(i+1)
		ids[p.ID] = id
		l.Places[i] = Place{ID: id, Entrances: []Entrance{}, Access: p.Access}
	}
	for i := range l.Sessions {
		l.Sessions[i].PlaceID = ids[l.Sessions[i].PlaceID]
	}
	l.withhold(located)
	return l
}

// Clone is a copy of the listing that can be changed without touching the
// original. Outlines are shared; they are never changed in place.
func (l Listing) Clone() Listing {
	l.Needs = slices.Clone(l.Needs)
	l.Tags = slices.Clone(l.Tags)
	l.Eligibility.MinAge = clonePtr(l.Eligibility.MinAge)
	l.Eligibility.MaxAge = clonePtr(l.Eligibility.MaxAge)
	l.Eligibility.Genders = slices.Clone(l.Eligibility.Genders)
	l.Eligibility.Circumstances = slices.Clone(l.Eligibility.Circumstances)
	l.Eligibility.Catchment.Areas = slices.Clone(l.Eligibility.Catchment.Areas)
	l.Referral.Routes = slices.Clone(l.Referral.Routes)
	l.Availability.WaitWeeks = clonePtr(l.Availability.WaitWeeks)
	l.Availability.Places = clonePtr(l.Availability.Places)
	l.Delivery = slices.Clone(l.Delivery)
	l.Places = slices.Clone(l.Places)
	for i := range l.Places {
		p := &l.Places[i]
		p.Lat, p.Lon = clonePtr(p.Lat), clonePtr(p.Lon)
		p.Entrances = slices.Clone(p.Entrances)
	}
	l.Sessions = slices.Clone(l.Sessions)
	for i := range l.Sessions {
		l.Sessions[i].Except = slices.Clone(l.Sessions[i].Except)
	}
	l.Cost.Pence = clonePtr(l.Cost.Pence)
	l.Languages = slices.Clone(l.Languages)
	l.Contacts = slices.Clone(l.Contacts)
	l.Translations = maps.Clone(l.Translations)
	return l
}

func clonePtr[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
