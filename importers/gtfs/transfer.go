package gtfs

import (
	"fmt"

	"hereabouts/geo/transit"
)

// Columns of transfers.txt.
const (
	trFrom = iota
	trTo
	trFromRoute
	trToRoute
	trFromTrip
	trToTrip
	trType
	trSeconds
)

var transferColumns = []string{
	"from_stop_id", "to_stop_id", "from_route_id", "to_route_id", "from_trip_id", "to_trip_id", "transfer_type", "min_transfer_time",
}

// readTransfers reads the rules about changing, when it is settled which
// stops, routes and trips there are.
func (r *reading) readTransfers() error {
	const file = "transfers.txt"
	if !r.has(file) {
		return nil
	}
	platforms := r.platforms()
	used := 0
	err := r.each(file, []int{trFrom, trTo}, transferColumns, func(t *table) error {
		r.report.Read.Transfers++
		x, ok := r.transfer(t)
		if !ok {
			return nil
		}
		from, to, ok := r.ends(t, platforms, &x)
		if !ok {
			return nil
		}
		used++
		if len(r.feed.Transfers)+len(from)*len(to) > r.o.MaxTransfers {
			return fmt.Errorf("gtfs: %s:%d: spread over the platforms of stations, the rules are more than %d: leave out rules between large stations, or allow more", file, t.line, r.o.MaxTransfers)
		}
		for _, x.From = range from {
			for _, x.To = range to {
				r.feed.Transfers = append(r.feed.Transfers, x)
			}
		}
		return nil
	})
	r.report.LeftOut.Transfers = r.report.Read.Transfers - used
	return err
}

// platforms are the stops that each location stands for: itself, if trips call
// there, and those within it.
func (r *reading) platforms() map[uint32][]uint32 {
	of := map[uint32][]uint32{}
	for i := range r.stops.list {
		s := &r.stops.list[i]
		if !s.called {
			continue
		}
		of[uint32(i)] = append(of[uint32(i)], s.index)
		for p := s.parent; p >= 0; p = r.stops.list[p].parent {
			of[uint32(p)] = append(of[uint32(p)], s.index)
		}
	}
	return of
}

// transfer reads a rule but for its ends.
func (r *reading) transfer(t *table) (x transit.Transfer, ok bool) {
	const file, lost = "transfers.txt", "the rule was left out"
	x.FromRoute, x.ToRoute, x.FromTrip, x.ToTrip, x.Seconds = -1, -1, -1, -1, -1
	kind, number := 0, t.cell(trType)
	if len(number) > 0 {
		if kind, ok = whole(number); !ok || kind > 5 {
			r.report.warn(Error, "unexpected_enum_value", file, "transfer_type", t.line, "transfer_type %s is not a number from 0 to 5; %s", shown(number), lost)
			return x, false
		}
	}
	if kind > int(transit.Forbidden) {
		r.report.warn(Info, "transfer_type_not_read", file, "", t.line, "transfer_type %d is about staying in the vehicle, which is not reckoned with; %s", kind, lost)
		return x, false
	}
	x.Type = uint8(kind)
	for _, c := range []struct {
		n    int
		into *int32
	}{{trFromRoute, &x.FromRoute}, {trToRoute, &x.ToRoute}} {
		id := t.id(c.n)
		if len(id) == 0 {
			continue
		}
		i, known := r.routes[string(id)]
		switch {
		case known:
			*c.into = int32(i)
			x.Rank += 4
		case r.idle[string(id)]:
			r.needless(t)
			return x, false
		default:
			r.report.warn(Error, "foreign_key_violation", file, t.columns[c.n], t.line, "%s %s is not in routes.txt; %s", t.columns[c.n], shown(id), lost)
			return x, false
		}
	}
	for _, c := range []struct {
		n     int
		into  *int32
		route int32
	}{{trFromTrip, &x.FromTrip, x.FromRoute}, {trToTrip, &x.ToTrip, x.ToRoute}} {
		id := t.id(c.n)
		if len(id) == 0 {
			continue
		}
		i, known := r.trips.at[string(id)]
		switch {
		case !known && !r.trips.lost[string(id)]:
			r.report.warn(Error, "foreign_key_violation", file, t.columns[c.n], t.line, "%s %s is not in trips.txt; %s", t.columns[c.n], shown(id), lost)
			return x, false
		case !known || r.trips.list[i].first < 0:
			r.needless(t)
			return x, false
		}
		*c.into = r.trips.list[i].first
		x.Rank += 8
		if c.route >= 0 && r.feed.Trips[*c.into].Route != uint32(c.route) {
			r.report.warn(Error, "transfer_with_invalid_trip_and_route", file, "", t.line, "trip %s does not run on the route of the same row; %s", shown(id), lost)
			return x, false
		}
	}
	if x.Type == transit.MinTime {
		b := t.cell(trSeconds)
		switch n, ok := whole(b); {
		case len(b) == 0:
			r.report.warn(Warn, "missing_required_field", file, "min_transfer_time", t.line, "transfer_type 2 needs a min_transfer_time; the rule says nothing of times without it")
		case !ok:
			r.report.warn(Warn, "number_out_of_range", file, "min_transfer_time", t.line, "min_transfer_time %s is not a number of seconds from 0 on; the rule says nothing of times without it", shown(b))
		default:
			x.Seconds = int32(n)
		}
	}
	return x, true
}

// ends finds the stops on either side of a rule.
func (r *reading) ends(t *table, platforms map[uint32][]uint32, x *transit.Transfer) (from, to []uint32, ok bool) {
	const file, lost = "transfers.txt", "the rule was left out"
	for _, c := range []struct {
		n    int
		into *[]uint32
	}{{trFrom, &from}, {trTo, &to}} {
		id, stated := t.required(c.n, lost)
		if !stated {
			return nil, nil, false
		}
		i, known := r.stops.at[string(id)]
		if !known {
			r.report.warn(Error, "foreign_key_violation", file, t.columns[c.n], t.line, "%s %s is not in stops.txt; %s", t.columns[c.n], shown(id), lost)
			return nil, nil, false
		}
		switch s := &r.stops.list[i]; {
		case s.kind == station:
		case s.kind == platform, s.kind == boarding:
			x.Rank++
		default:
			r.report.warn(Error, "transfer_with_invalid_stop_location_type", file, "", t.line, "%s %s is an entrance or a way through a station, where nobody changes; %s", t.columns[c.n], shown(id), lost)
			return nil, nil, false
		}
		*c.into = platforms[i]
	}
	if len(from) == 0 || len(to) == 0 {
		r.needless(t)
		return nil, nil, false
	}
	return from, to, true
}

// needless notes a rule that nobody will need.
func (r *reading) needless(t *table) {
	r.report.warn(Info, "transfer_without_trips", t.file, "", t.line, "the rule is about stops, routes or trips that are not in use; it was left out")
}
