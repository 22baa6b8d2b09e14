package gtfs

import (
	"fmt"

	"hereabouts/geo/transit"
)

// trips are the trips of a feed while it is read.
type trips struct {
	at    map[string]uint32
	list  []trip
	lost  map[string]bool // trips whose own row could not be used
	times stopTimes
	runs  []frequency
	texts map[string]string // headsigns, each held once
}

// A trip is a row of trips.txt.
type trip struct {
	transit.Trip
	line      int32
	frequency bool  // it is a pattern: frequencies.txt says when it runs
	first     int32 // in Feed.Trips of its first run; negative when it was left out
}

func (r *reading) readTrips() error {
	const id, route, service, headsign, wheelchair = 0, 1, 2, 3, 4
	file := "trips.txt"
	columns := []string{"trip_id", "route_id", "service_id", "trip_headsign", "wheelchair_accessible"}
	tr := &r.trips
	tr.at, tr.lost, tr.texts = map[string]uint32{}, map[string]bool{}, map[string]string{}
	err := r.each(file, []int{id, route, service}, columns, func(t *table) error {
		r.report.Read.Trips++
		key, ok := t.required(id, "the trip was left out")
		if !ok {
			return nil
		}
		if _, twice := tr.at[string(key)]; twice || tr.lost[string(key)] {
			r.report.warn(Error, "duplicate_key", file, "", t.line, "trip_id %s has come before; the first was kept", shown(key))
			return nil
		}
		name := string(key)
		const lost = "the trip was left out"
		on, ok := t.required(route, lost)
		if !ok {
			tr.lost[name] = true
			return nil
		}
		line, ok := r.routes[string(on)]
		if !ok {
			r.report.warn(Error, "foreign_key_violation", file, "route_id", t.line, "route_id %s is not in routes.txt; %s", shown(on), lost)
			tr.lost[name] = true
			return nil
		}
		when, ok := t.required(service, lost)
		if !ok {
			tr.lost[name] = true
			return nil
		}
		days, ok := r.services.at[string(when)]
		if !ok {
			r.report.warn(Error, "foreign_key_violation", file, "service_id", t.line, "service_id %s is in no calendar; %s", shown(when), lost)
			tr.lost[name] = true
			return nil
		}
		sign := t.text(headsign)
		if held, ok := tr.texts[sign]; ok {
			sign = held
		} else {
			tr.texts[sign] = sign
		}
		tr.at[name] = uint32(len(tr.list))
		tr.list = append(tr.list, trip{
			Trip: transit.Trip{
				ID: name, Route: line, Service: days, Headsign: sign,
				Wheelchair: transit.Accessible(r.code(t, wheelchair, 2, 0, "it was taken as not stated")),
			},
			line: int32(t.line), first: -1,
		})
		return nil
	})
	if err == nil && len(tr.list) == 0 {
		err = fmt.Errorf("gtfs: %s holds no trip that can be used: %s", file, r.first("ask the publisher for a whole feed"))
	}
	return err
}

// first is the first thing that was lost, to say why nothing is left.
func (r *reading) first(otherwise string) string {
	for _, w := range r.report.Warnings {
		if w.Severity == Error {
			return w.String()
		}
	}
	return otherwise
}
