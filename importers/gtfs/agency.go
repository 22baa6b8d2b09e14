package gtfs

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // zones are the same wherever the import runs

	"hereabouts/geo/transit"
)

// readAgencies learns who runs the routes and in which zone times are told.
func (r *reading) readAgencies() error {
	const id, name, zone, url = 0, 1, 2, 3
	r.operators = map[string]string{}
	var names []string
	zoneLine, agencies, site := 0, 0, ""
	file := "agency.txt"
	err := r.each(file, []int{zone}, []string{"agency_id", "agency_name", "agency_timezone", "agency_url"}, func(t *table) error {
		agencies++
		key, called := string(t.id(id)), t.text(name)
		if called == "" {
			r.report.warn(Warn, "missing_required_field", file, "agency_name", t.line, "agency_name is empty; its routes name no operator")
		}
		if _, twice := r.operators[key]; twice {
			code, what := "duplicate_key", fmt.Sprintf("agency_id %s has come before; the first was kept", shown(t.id(id)))
			if key == "" {
				code, what = "missing_required_agency_id", "agency_id is empty though there are several agencies; the first without one was kept"
			}
			r.report.warn(Warn, code, file, "agency_id", t.line, "%s", what)
		} else {
			r.operators[key] = called
		}
		if called != "" && !slices.Contains(names, called) {
			names = append(names, called)
		}
		site = t.text(url)
		switch tz := t.text(zone); {
		case tz == "":
			r.report.warn(Warn, "missing_required_field", file, "agency_timezone", t.line, "agency_timezone is empty; the other agencies' was taken")
		case r.feed.Zone == "":
			if _, err := time.LoadLocation(tz); err != nil || tz == "Local" {
				return fmt.Errorf("gtfs: %s:%d: agency_timezone %q is not a time zone (invalid_timezone): put one like Europe/London there", file, t.line, tz)
			}
			r.feed.Zone, zoneLine = tz, t.line
		case tz != r.feed.Zone:
			return fmt.Errorf("gtfs: %s:%d: agency_timezone is %q here and %q on line %d (inconsistent_agency_timezone): all agencies of a feed must tell the time alike; split the feed or correct it", file, t.line, tz, r.feed.Zone, zoneLine)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case agencies == 0:
		return fmt.Errorf("gtfs: %s names no agency (empty_file), so the time zone of the timetable is not known: add a row with agency_name and agency_timezone", file)
	case r.feed.Zone == "":
		return fmt.Errorf("gtfs: %s states no agency_timezone (missing_required_field): put the zone there in which the timetable tells the time, as Europe/London", file)
	}
	if len(r.operators) == 1 {
		for _, name := range r.operators {
			r.only = name
		}
		if r.feed.URL == "" {
			r.feed.URL = site
		}
	}
	r.feed.Publisher = some(names)
	return nil
}

// readInfo learns who published the feed and for which days.
func (r *reading) readInfo() error {
	const name, url, first, last, version = 0, 1, 2, 3, 4
	file := "feed_info.txt"
	rows := 0
	return r.each(file, nil, []string{"feed_publisher_name", "feed_publisher_url", "feed_start_date", "feed_end_date", "feed_version"}, func(t *table) error {
		if rows++; rows > 1 {
			r.report.warn(Warn, "more_than_one_entity", file, "", t.line, "there is more than one row; the first was read")
			return nil
		}
		if s := t.text(name); s != "" {
			r.feed.Publisher = s
		}
		if s := t.text(url); s != "" && r.o.URL == "" {
			r.feed.URL = s
		}
		r.feed.Version = t.text(version)
		s := &r.services
		s.statedFirst, s.hasFirst = r.date(t, first, "it was not taken into account")
		s.statedLast, s.hasLast = r.date(t, last, "it was not taken into account")
		switch {
		case s.hasFirst && s.hasLast && s.statedLast < s.statedFirst:
			r.report.warn(Warn, "start_and_end_range_out_of_order", file, "", t.line, "feed_end_date %s is before feed_start_date %s; neither was taken into account", s.statedLast, s.statedFirst)
			s.hasFirst, s.hasLast = false, false
		case s.hasFirst != s.hasLast:
			r.report.warn(Info, "missing_feed_info_date", file, "", t.line, "only one of feed_start_date and feed_end_date is stated; the other was taken from the calendars")
		}
		return nil
	})
}

// date reads a date that may be left empty.
func (r *reading) date(t *table, n int, done string) (transit.Day, bool) {
	b := t.cell(n)
	if len(b) == 0 {
		return 0, false
	}
	d, ok := day(b)
	if !ok {
		r.report.warn(Warn, "invalid_date", t.file, t.columns[n], t.line, "%s %s is not a date written YYYYMMDD; %s", t.columns[n], shown(b), done)
	}
	return d, ok
}

// code reads one of a few numbers. An empty cell is 0; anything else that is
// not among them is otherwise, and said to be.
func (r *reading) code(t *table, n int, most byte, otherwise uint8, done string) uint8 {
	b := t.cell(n)
	switch {
	case len(b) == 0:
		return 0
	case len(b) == 1 && b[0] >= '0' && b[0] <= '0'+most:
		return b[0] - '0'
	}
	r.report.warn(Warn, "unexpected_enum_value", t.file, t.columns[n], t.line, "%s %s is not a number from 0 to %d; %s", t.columns[n], shown(b), most, done)
	return otherwise
}

// readRoutes reads the lines.
func (r *reading) readRoutes() error {
	const id, agency, short, long, kind = 0, 1, 2, 3, 4
	file := "routes.txt"
	r.routes = map[string]uint32{}
	return r.each(file, []int{id}, []string{"route_id", "agency_id", "route_short_name", "route_long_name", "route_type"}, func(t *table) error {
		r.report.Read.Routes++
		key, ok := t.required(id, "the route was left out")
		if !ok {
			return nil
		}
		if _, twice := r.routes[string(key)]; twice {
			r.report.warn(Error, "duplicate_key", file, "", t.line, "route_id %s has come before; the first was kept", shown(key))
			return nil
		}
		route := transit.Route{ID: string(key), Name: t.text(short), Operator: r.only, Mode: r.mode(t, kind)}
		if route.Name == "" {
			route.Name = t.text(long)
		}
		if route.Name == "" {
			route.Name = plain(route.ID)
			r.report.warn(Warn, "route_both_short_and_long_name_missing", file, "", t.line, "the route has no name; its id %s is shown instead", shown(key))
		}
		if by := t.id(agency); len(by) > 0 || len(r.operators) > 1 {
			name, known := r.operators[string(by)]
			switch {
			case known:
				route.Operator = name
			case len(by) == 0:
				r.report.warn(Warn, "missing_required_agency_id", file, "", t.line, "agency_id is empty though there are several agencies; the route names no operator")
			default:
				route.Operator = ""
				r.report.warn(Warn, "foreign_key_violation", file, "agency_id", t.line, "agency_id %s is not in agency.txt; the route names no operator", shown(by))
			}
		}
		r.routes[route.ID] = uint32(len(r.feed.Routes))
		r.feed.Routes = append(r.feed.Routes, route)
		return nil
	})
}

// mode reads a route_type, of the basic ones or of the extended, which give
// each kind of vehicle a hundred. Whatever is none of ours is a bus, coaches
// and replacement buses among them.
func (r *reading) mode(t *table, n int) transit.Mode {
	b := t.cell(n)
	kind, ok := whole(b)
	switch {
	case len(b) == 0:
		r.report.warn(Warn, "missing_required_field", t.file, t.columns[n], t.line, "route_type is empty; the route was taken for a bus")
		return transit.Bus
	case !ok:
		r.report.warn(Warn, "invalid_integer", t.file, t.columns[n], t.line, "route_type %s is not a number; the route was taken for a bus", shown(b))
		return transit.Bus
	}
	switch {
	case kind == 2, kind >= 100 && kind < 200:
		return transit.Rail
	case kind == 0, kind == 1, kind == 5, kind == 7, kind == 12, kind >= 400 && kind < 700, kind >= 900 && kind < 1000, kind >= 1400 && kind < 1500:
		return transit.Tram
	case kind == 4, kind >= 1000 && kind < 1100, kind >= 1200 && kind < 1300:
		return transit.Ferry
	case kind == 3, kind == 6, kind == 11, kind >= 200 && kind < 1800:
		return transit.Bus
	}
	r.report.warn(Warn, "unexpected_enum_value", t.file, t.columns[n], t.line, "route_type %s is none that is known; the route was taken for a bus", shown(b))
	return transit.Bus
}
