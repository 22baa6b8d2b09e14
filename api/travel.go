package api

import (
	"maps"

	"hereabouts"
)

// Codes of faults that say what else must be given.
const (
	needsTransport = "needs_transport"
	needsNear      = "needs_near"
)

// travelModes are the ways to travel, as transport names them.
var travelModes = texts(hereabouts.TravelModes)

// travelParameters say how somebody gets there and home again. They mean the
// same in a search and when asking for journeys.
var travelParameters = []parameter{
	{"transport", func(r *reading) { r.travel.Mode = hereabouts.TravelMode(r.choice("transport", travelModes)) }},
	{"max_minutes", func(r *reading) {
		if n := r.number("max_minutes", 1, hereabouts.MaxMaxMinutes); n != nil {
			r.travel.MaxMinutes = *n
		}
	}},
	{"return", func(r *reading) {
		home, ok := r.boolean("return")
		r.travel.OneWay = ok && !home
	}},
	{"arrive_early", func(r *reading) { r.travel.ArriveEarly = r.number("arrive_early", 0, hereabouts.MaxArriveEarly) }},
	{"stay", func(r *reading) {
		if n := r.number("stay", hereabouts.MinStay, hereabouts.MaxStay); n != nil {
			r.travel.Stay = *n
		}
	}},
	{"profile", func(r *reading) { r.travel.Profile = r.choice("profile", hereabouts.ProfileNames) }},
	{"max_walk", func(r *reading) {
		if n := r.number("max_walk", 1, hereabouts.MaxMaxWalkM); n != nil {
			metres := float64(*n)
			r.travel.MaxWalkM = &metres
		}
	}},
	{"max_changes", func(r *reading) { r.travel.MaxChanges = r.number("max_changes", 0, hereabouts.MaxMaxChanges) }},
	{"pass", func(r *reading) { r.travel.Pass = r.choice("pass", hereabouts.PassNames) }},
}

// verdicts are the classes of reach to show.
func (r *reading) verdicts() { r.travel.Verdicts = oneOf(r.asked, "reach", hereabouts.ReachNames) }

// travelled puts the journey into the question when there is one. What says
// something about a journey that nobody makes would be ignored, and the answer
// would show places that the person may not be able to get to; so it is a fault.
func (r *reading) travelled() {
	if !r.given("transport") {
		if r.faulted("transport") {
			return // it was given, and could not be read
		}
		for _, name := range append(namesOf(travelParameters), "reach") {
			if r.given(name) {
				r.fault(name, needsTransport, "say how they would travel: give transport as well")
			}
		}
		return
	}
	if !r.given("near") {
		r.fault("transport", needsNear, "say where from: give near as well")
	}
	if r.travel.Mode != "" {
		t := r.travel.WithDefaults()
		r.q.Travel = &t
	}
}

// whole is a change with everything that has to change with it: without a way
// of travelling nothing may be said of the journey.
func (r *reading) whole(change map[string]string) map[string]string {
	if to, ok := change["transport"]; !ok || to != "" {
		return change
	}
	change = maps.Clone(change)
	for _, name := range append(namesOf(travelParameters), "reach") {
		if r.given(name) {
			change[name] = ""
		}
	}
	return change
}
