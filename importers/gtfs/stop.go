package gtfs

import (
	"fmt"
	"math"

	"hereabouts/geo/transit"
)

// Kinds of location, as GTFS codes them.
const (
	platform = 0
	station  = 1
	boarding = 4 // a part of a platform
)

// stops are the locations of a feed while it is read.
type stops struct {
	at   map[string]uint32
	list []location
}

// A location is a row of stops.txt.
type location struct {
	transit.Stop
	kind    uint8
	located bool
	called  bool   // some trip kept calls here
	parent  int32  // in stops.list; negative when there is none
	index   uint32 // in Feed.Stops, when called
	line    int32
}

func (r *reading) readStops() error {
	const id, name, lat, lon, kind, parent, wheelchair, platformCode, stopCode = 0, 1, 2, 3, 4, 5, 6, 7, 8
	file := "stops.txt"
	columns := []string{"stop_id", "stop_name", "stop_lat", "stop_lon", "location_type", "parent_station", "wheelchair_boarding", "platform_code", "stop_code"}
	r.stops.at = map[string]uint32{}
	var parents [][]byte // of each location, as written
	var arena []byte
	err := r.each(file, []int{id, lat, lon}, columns, func(t *table) error {
		r.report.Read.Stops++
		key, ok := t.required(id, "the stop was left out")
		if !ok {
			return nil
		}
		if _, twice := r.stops.at[string(key)]; twice {
			r.report.warn(Error, "duplicate_key", file, "", t.line, "stop_id %s has come before; the first was kept", shown(key))
			return nil
		}
		s := location{kind: r.code(t, kind, boarding, platform, "it was taken for a stop"), parent: -1, line: int32(t.line)}
		s.ID, s.Name = string(key), t.text(name)
		s.Wheelchair = transit.Accessible(r.code(t, wheelchair, 2, 0, "it was taken as not stated"))
		s.Code = t.text(platformCode)
		if s.Code == "" {
			// A stop code is what people type into an app, unless it is as
			// short as what is painted on a shelter.
			if c := t.text(stopCode); len(c) <= 3 {
				s.Code = c
			}
		}
		s.Lat, s.Lon, s.located = r.point(t, lat, lon, s.kind)
		within := t.id(parent)
		arena = append(arena, within...)
		parents = append(parents, arena[len(arena)-len(within):])
		r.stops.at[s.ID] = uint32(len(r.stops.list))
		r.stops.list = append(r.stops.list, s)
		return nil
	})
	if err != nil {
		return err
	}
	if len(r.stops.list) == 0 {
		return fmt.Errorf("gtfs: %s holds no stop that can be used (empty_file): ask the publisher for a whole feed", file)
	}
	for i, name := range parents {
		r.adopt(&r.stops.list[i], name)
	}
	for i := range r.stops.list {
		r.inherit(&r.stops.list[i])
	}
	return nil
}

// point reads where a stop is. Nodes within stations need not say.
func (r *reading) point(t *table, lat, lon int, kind uint8) (y, x float64, ok bool) {
	a, b := t.cell(lat), t.cell(lon)
	if len(a) == 0 || len(b) == 0 {
		if kind == platform {
			r.report.warn(Warn, "stop_without_location", t.file, "", t.line, "stop %s has no coordinates; it can only be used if its station has", shown(t.cell(0)))
		}
		return 0, 0, false
	}
	for _, c := range []struct {
		n    int
		v    *float64
		most float64
	}{{lat, &y, 90}, {lon, &x, 180}} {
		v, isNumber := degrees(t.cell(c.n))
		switch name := t.columns[c.n]; {
		case !isNumber:
			r.report.warn(Warn, "invalid_float", t.file, name, t.line, "%s %s is not a number of degrees; the stop was taken to have no coordinates", name, shown(t.cell(c.n)))
			return 0, 0, false
		case !(math.Abs(v) <= c.most):
			r.report.warn(Warn, "number_out_of_range", t.file, name, t.line, "%s %v is not between -%v and %v; the stop was taken to have no coordinates", name, v, c.most, c.most)
			return 0, 0, false
		}
		*c.v = v
	}
	switch {
	case math.Abs(y) <= 1 && math.Abs(x) <= 1:
		r.report.warn(Warn, "point_near_origin", t.file, "", t.line, "stop %s is in the Gulf of Guinea at %v, %v; it was taken to have no coordinates", shown(t.cell(0)), y, x)
		return 0, 0, false
	case math.Abs(y) >= 89:
		r.report.warn(Warn, "point_near_pole", t.file, "", t.line, "stop %s is at a pole; it was taken to have no coordinates", shown(t.cell(0)))
		return 0, 0, false
	}
	return y, x, true
}

// adopt finds the station that a location says it belongs to.
func (r *reading) adopt(s *location, name []byte) {
	const file = "stops.txt"
	if len(name) == 0 {
		return
	}
	i, known := r.stops.at[string(name)]
	if !known {
		r.report.warn(Warn, "foreign_key_violation", file, "parent_station", int(s.line), "parent_station %s is not in stops.txt; the stop was taken to stand alone", shown(name))
		return
	}
	want, what := uint8(station), "a station"
	if s.kind == boarding {
		want, what = platform, "a platform"
	}
	switch {
	case s.kind == station:
		r.report.warn(Warn, "station_with_parent_station", file, "", int(s.line), "a station belongs to the station %s; it was taken to stand alone", shown(name))
	case r.stops.list[i].kind != want:
		r.report.warn(Warn, "wrong_parent_location_type", file, "", int(s.line), "parent_station %s is not %s; the stop was taken to stand alone", shown(name), what)
	default:
		s.parent = int32(i)
	}
}

// inherit gives a location what it does not say and its station does. A
// boarding area's parent is a platform, whose parent is the station.
func (r *reading) inherit(s *location) {
	for p := s.parent; p >= 0; p = r.stops.list[p].parent {
		parent := &r.stops.list[p]
		if s.Wheelchair == transit.AccessUnknown {
			s.Wheelchair = parent.Wheelchair
		}
		if !s.located && parent.located {
			s.Lat, s.Lon, s.located = parent.Lat, parent.Lon, true
			if s.kind == platform {
				r.report.warn(Info, "stop_without_location", "stops.txt", "placed", int(s.line), "the stop was placed where its station is")
			}
		}
		if s.Name == "" {
			s.Name = parent.Name
		}
		if s.Code == "" && s.kind == boarding {
			s.Code = parent.Code
		}
		if parent.kind == station {
			s.Station = parent.ID
		}
	}
	if s.Name == "" && s.kind == platform {
		s.Name = plain(s.ID)
		r.report.warn(Warn, "missing_stop_name", "stops.txt", "", int(s.line), "the stop has no name; its id %s is shown instead", shown([]byte(s.ID)))
	}
}

// dropUnused leaves out stops at which nothing calls, and lines on which
// nothing runs, and settles the numbers of the others.
func (r *reading) dropUnused() error {
	const file = "stops.txt"
	f := &r.feed
	stations := 0
	for i := range r.stops.list {
		s := &r.stops.list[i]
		switch {
		case s.called:
			if s.Name == "" { // a station or node that trips call at by mistake
				s.Name = plain(s.ID)
			}
			s.index = uint32(len(f.Stops))
			f.Stops = append(f.Stops, s.Stop)
		case s.kind == platform:
			r.report.warn(Info, "stop_without_stop_time", file, "", int(s.line), "no trip calls at stop %s; it was left out", shown([]byte(s.ID)))
		case s.kind == station:
			stations++
		}
	}
	if stations > 0 {
		r.report.note("%s left out: nobody boards there, but at a platform, which names its station", counted(stations, "station"))
	}
	r.report.LeftOut.Stops = r.report.Read.Stops - len(f.Stops)

	used := make([]bool, len(f.Routes))
	for i := range f.Trips {
		used[f.Trips[i].Route] = true
		for n := range f.Trips[i].Times {
			at := &f.Trips[i].Times[n]
			at.Stop = r.stops.list[at.Stop].index
		}
	}
	index, kept, unused := make([]uint32, len(used)), f.Routes[:0], 0
	for i, u := range used {
		if index[i] = uint32(len(kept)); u {
			kept = append(kept, f.Routes[i])
		} else {
			unused++
		}
	}
	f.Routes = kept
	for i := range f.Trips {
		f.Trips[i].Route = index[f.Trips[i].Route]
	}
	for id, i := range r.routes {
		if used[i] {
			r.routes[id] = index[i]
		} else {
			delete(r.routes, id)
			if r.idle == nil {
				r.idle = map[string]bool{}
			}
			r.idle[id] = true
		}
	}
	if unused > 0 {
		r.report.note("%s left out, on which no trip runs", counted(unused, "route"))
	}
	r.report.LeftOut.Routes = r.report.Read.Routes - len(f.Routes)
	return nil
}
