package api

import (
	"slices"
	"strings"

	"hereabouts"
)

// An action is something that a request does.
type action string

// Actions. Every route names one.
const (
	readPublic         action = "read public things" // search, needs, places, the feed, health, pages
	readListing        action = "read a listing"
	readOrganisation   action = "read an organisation"
	createListing      action = "create a listing"
	changeListing      action = "change a listing"
	withdrawListing    action = "withdraw a listing"
	setAvailability    action = "say whether a listing takes people"
	confirmListing     action = "confirm a listing"
	changeOrganisation action = "change an organisation"
	readEvidence       action = "read the evidence of what cannot be reached"
	followAdminLink    action = "use a one-time admin link" // the link is the proof
)

// A resource is what an action is done to.
type resource struct {
	status  hereabouts.Status
	owner   string // id of the organisation that runs it, as stored
	becomes string // id of the organisation that would run it afterwards
}

// can is the one place that says who may do what. A nil key is the public.
// What is not allowed here is refused.
func can(k *hereabouts.Key, a action, r resource) bool {
	switch a {
	case readPublic, followAdminLink:
		return true
	case readListing, readOrganisation:
		return r.status == hereabouts.Published || k != nil && (k.May(hereabouts.ReadStaff) || k.MayWrite(r.owner))
	case readEvidence:
		return k != nil && k.May(hereabouts.ReadStaff)
	case createListing:
		return k != nil && k.MayWrite(r.becomes)
	case changeListing, withdrawListing, setAvailability, confirmListing:
		return k != nil && k.MayWrite(r.owner) && k.MayWrite(r.becomes)
	case changeOrganisation:
		return k != nil && r.owner != "" && k.MayWrite(r.owner)
	}
	return false
}

// needsKey reports whether nobody can do a without a key.
func needsKey(a action) bool {
	switch a {
	case readPublic, readListing, readOrganisation, followAdminLink:
		return false
	}
	return true
}

// mayEver reports whether k could do a to anything at all, so that a key
// without the scope is refused before anything is read.
func mayEver(k *hereabouts.Key, a action) bool {
	if a == readEvidence {
		return can(k, a, resource{})
	}
	return !needsKey(a) || k != nil && (k.May(hereabouts.WriteListings) || isProvider(k))
}

// isProvider reports whether the key belongs to an organisation.
func isProvider(k *hereabouts.Key) bool {
	return slices.ContainsFunc(k.Scopes, func(s hereabouts.Scope) bool {
		return strings.HasPrefix(string(s), string(hereabouts.WriteOrg))
	})
}

// actorOf is how the history names whoever holds k.
func actorOf(k *hereabouts.Key) hereabouts.Actor {
	kind := "link_worker"
	switch {
	case slices.Contains(k.Scopes, hereabouts.ScopeAdmin):
		kind = "admin"
	case isProvider(k):
		kind = "provider"
	case slices.Contains(k.Scopes, hereabouts.ScopeImport):
		kind = "importer"
	}
	return hereabouts.Actor{Kind: kind, Name: k.Name}
}
