package gtfs

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"

	"hereabouts/geo/transit"
)

// A stopTime is a row of stop_times.txt.
type stopTime struct {
	trip, stop, sequence uint32
	line                 int32
	arrive, depart       int32 // seconds, or untimed
	pickup, dropOff      uint8
}

const untimed = -1

// chunkRows is how many rows are kept in one piece, so that none is copied
// while their number grows.
const chunkRows = 1 << 15

// stopTimes are the rows of stop_times.txt in the order of the file.
type stopTimes struct {
	chunks [][]stopTime
	n      int
}

func (s *stopTimes) add(row stopTime) {
	if s.n%chunkRows == 0 {
		s.chunks = append(s.chunks, make([]stopTime, 0, chunkRows))
	}
	last := len(s.chunks) - 1
	s.chunks[last] = append(s.chunks[last], row)
	s.n++
}

func (s *stopTimes) row(i uint32) *stopTime { return &s.chunks[i/chunkRows][i%chunkRows] }

// Columns of stop_times.txt.
const (
	stTrip = iota
	stStop
	stSequence
	stArrive
	stDepart
	stPickup
	stDropOff
	stLocation
	stGroup
)

var stopTimeColumns = []string{
	"trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time", "pickup_type", "drop_off_type",
	"location_id", "location_group_id",
}

func (r *reading) readStopTimes() error {
	const file = "stop_times.txt"
	var lastID []byte // rows of one trip follow one another in most feeds
	lastTrip := uint32(0)
	err := r.each(file, []int{stTrip, stStop, stSequence}, stopTimeColumns, func(t *table) error {
		if r.report.Read.StopTimes++; t.at[stArrive] < 0 && t.at[stDepart] < 0 {
			return t.need(stArrive) // one of them will do
		}
		if r.report.Read.StopTimes > r.o.MaxStopTimes {
			return fmt.Errorf("gtfs: %s:%d: the feed holds more than %d stop times: import it in parts, or allow more", file, t.line, r.o.MaxStopTimes)
		}
		id := t.id(stTrip)
		if len(id) == 0 || !bytes.Equal(id, lastID) {
			i, ok := r.tripOf(t, id)
			if !ok {
				return nil
			}
			lastID, lastTrip = append(lastID[:0], id...), i
		}
		if row, ok := r.stopTime(t); ok {
			row.trip = lastTrip
			r.trips.times.add(row)
		}
		return nil
	})
	if err == nil && r.trips.times.n == 0 {
		err = fmt.Errorf("gtfs: %s holds no stop time that can be used: %s", file, r.first("ask the publisher for a whole feed"))
	}
	return err
}

// tripOf finds the trip that a stop time belongs to.
func (r *reading) tripOf(t *table, id []byte) (uint32, bool) {
	i, ok := r.trips.at[string(id)]
	switch {
	case ok:
	case len(id) == 0:
		r.report.warn(Error, "missing_required_field", t.file, "trip_id", t.line, "trip_id is empty; the stop time was left out")
	case r.trips.lost[string(id)]:
		if !r.report.again("foreign_key_violation", t.file, "lost", t.line) {
			r.report.add(Info, "foreign_key_violation", t.file, "lost", t.line, fmt.Sprintf("trip %s was left out, and its stop times with it", shown(id)))
		}
	default:
		r.report.warn(Error, "foreign_key_violation", t.file, "trip_id", t.line, "trip_id %s is not in trips.txt; the stop time was left out", shown(id))
	}
	return i, ok
}

// stopTime reads a row but for its trip.
func (r *reading) stopTime(t *table) (row stopTime, ok bool) {
	row.line = int32(t.line)
	at := t.id(stStop)
	if len(at) == 0 {
		if len(t.cell(stLocation)) > 0 || len(t.cell(stGroup)) > 0 {
			r.report.warn(Info, "flexible_service_not_read", t.file, "", t.line, "the row is about an area that is served on demand, which no timetable can promise; it was left out")
			return row, false
		}
		r.report.warn(Error, "missing_required_field", t.file, "stop_id", t.line, "stop_id is empty; the stop time was left out")
		return row, false
	}
	if row.stop, ok = r.stops.at[string(at)]; !ok {
		r.report.warn(Error, "foreign_key_violation", t.file, "stop_id", t.line, "stop_id %s is not in stops.txt; the stop time was left out", shown(at))
		return row, false
	}
	switch s := &r.stops.list[row.stop]; {
	case !s.located:
		r.report.warn(Error, "stop_without_location", t.file, "", t.line, "nobody knows where stop %s is; the stop time was left out", shown(at))
		return row, false
	case s.kind != platform && s.kind != boarding:
		r.report.warn(Warn, "location_with_unexpected_stop_time", t.file, "", t.line, "%s is a station or a part of one, where no vehicle stops; it was taken for a stop", shown(at))
	}
	n, ok := whole(t.cell(stSequence))
	if !ok {
		r.report.warn(Error, "invalid_integer", t.file, "stop_sequence", t.line, "stop_sequence %s is not a whole number from 0 on; the stop time was left out", shown(t.cell(stSequence)))
		return row, false
	}
	row.sequence = uint32(n)
	row.arrive, row.depart = r.clock(t, stArrive), r.clock(t, stDepart)
	switch {
	case row.arrive == untimed && row.depart == untimed:
	case row.arrive == untimed, row.depart == untimed:
		r.report.warn(Info, "stop_time_with_only_arrival_or_departure_time", t.file, "", t.line, "only one of arrival_time and departure_time is stated; it was taken for both")
		row.arrive = max(row.arrive, row.depart)
		row.depart = row.arrive
	}
	// A code that nobody understands promises nothing.
	row.pickup = r.code(t, stPickup, 3, transit.NotPossible, "nobody was taken to get on there")
	row.dropOff = r.code(t, stDropOff, 3, transit.NotPossible, "nobody was taken to get off there")
	return row, true
}

// clock reads a time that may be left empty.
func (r *reading) clock(t *table, n int) int32 {
	b := t.cell(n)
	if len(b) == 0 {
		return untimed
	}
	s, ok := seconds(b)
	if !ok {
		r.report.warn(Warn, "invalid_time", t.file, t.columns[n], t.line, "%s %s is not a time written HH:MM:SS; it was taken to be empty", t.columns[n], shown(b))
		return untimed
	}
	return s
}

// byTrip are the positions of rows, trip by trip in the order of the file; the
// rows of trip i are order[start[i]:start[i+1]].
func (s *stopTimes) byTrip(trips int) (order, start []uint32) {
	start = make([]uint32, trips+2)
	for _, chunk := range s.chunks {
		for i := range chunk {
			start[chunk[i].trip+2]++
		}
	}
	for i := 2; i < len(start); i++ {
		start[i] += start[i-1]
	}
	order = make([]uint32, s.n)
	n := uint32(0)
	for _, chunk := range s.chunks {
		for i := range chunk {
			at := &start[chunk[i].trip+1]
			order[*at] = n
			*at++
			n++
		}
	}
	return order, start
}

// finishTrips puts the stop times of each trip in order, fills in what is
// blank, and writes out frequencies.
func (r *reading) finishTrips() error {
	tr, f := &r.trips, &r.feed
	order, start := tr.times.byTrip(len(tr.list))
	runs := r.runsOf()
	slab := make([]transit.StopTime, 0, tr.times.n)
	f.Trips = make([]transit.Trip, 0, len(tr.list))
	var rows []stopTime
	kept, keptTrips, written := 0, 0, 0
	for i := range tr.list {
		if i%10_000 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		t := &tr.list[i]
		rows = rows[:0]
		for _, n := range order[start[i]:start[i+1]] {
			rows = append(rows, *tr.times.row(n))
		}
		service := &r.services.list[t.Service]
		if t.Service = service.days; !service.runs {
			// Kept, so that its stops are known: a college bus in August.
			r.report.warn(Info, "service_has_no_active_day_of_the_week", "trips.txt", "", int(t.line), "trip %s runs on no day of the feed; it was kept for its stops", shown([]byte(t.ID)))
		}
		times, ok := r.times(t, rows, slab[len(slab):len(slab):cap(slab)])
		if !ok {
			continue
		}
		t.first = int32(len(f.Trips))
		if !t.frequency {
			slab = slab[:len(slab)+len(times)]
			t.Times = times[:len(times):len(times)]
			f.Trips = append(f.Trips, t.Trip)
			r.call(times)
			kept += len(times)
			keptTrips++
			continue
		}
		for _, run := range runs[uint32(i)] {
			if written += int(run.count()) * len(times); written > r.o.MaxStopTimes-tr.times.n {
				return fmt.Errorf("gtfs: frequencies.txt:%d: written out as trips, the frequencies hold more than %d stop times: check headway_secs, or allow more", run.line, r.o.MaxStopTimes)
			}
		}
		f.Trips = r.writeOut(f.Trips, t, slices.Clone(times), runs[uint32(i)])
		if int(t.first) == len(f.Trips) {
			t.first = -1
			continue
		}
		r.call(times)
		kept += len(times)
		keptTrips++
	}
	r.report.LeftOut.StopTimes = r.report.Read.StopTimes - kept
	r.report.LeftOut.Trips = r.report.Read.Trips - keptTrips
	if len(f.Trips) == 0 {
		return fmt.Errorf("gtfs: %s holds no trip that can be used: %s", r.source, r.first("ask the publisher for a whole feed"))
	}
	return nil
}

// call notes where a trip that is kept calls.
func (r *reading) call(times []transit.StopTime) {
	for _, at := range times {
		r.stops.list[at.Stop].called = true
	}
}

// times are the stop times of one trip, appended to into. It is not ok when
// nobody can travel on the trip.
func (r *reading) times(t *trip, rows []stopTime, into []transit.StopTime) (_ []transit.StopTime, ok bool) {
	const file = "stop_times.txt"
	if len(rows) == 0 {
		r.report.warn(Info, "unused_trip", "trips.txt", "", int(t.line), "trip %s has no stop times that can be used; it was left out", shown([]byte(t.ID)))
		return nil, false
	}
	if rows = r.inSequence(rows); len(rows) < 2 {
		return nil, r.unusable(t)
	}
	// Where nobody knows the time nobody can get on or off, and beyond the
	// last time there is nothing to reckon with.
	first, last := 0, len(rows)-1
	for first <= last && rows[first].arrive == untimed {
		first++
	}
	for last > first && rows[last].arrive == untimed {
		last--
	}
	if n := first + len(rows) - 1 - last; n > 0 {
		for i, row := range rows {
			if i < first || i > last {
				r.report.warn(Error, "missing_trip_edge", file, "", int(row.line), "no time is stated where trip %s begins or ends; the stops up to the first time, or from the last on, were left out", shown([]byte(t.ID)))
			}
		}
		if rows = rows[min(first, len(rows)):max(last+1, min(first, len(rows)))]; len(rows) < 2 {
			return nil, r.unusable(t)
		}
	}
	if !r.forwards(t, rows) {
		return nil, false
	}
	for i := 0; i < len(rows); {
		into = append(into, rows[i].transit())
		next := i + 1
		for next < len(rows) && rows[next].arrive == untimed {
			next++
		}
		for k := i + 1; k < next; k++ {
			way := int64(rows[next].arrive - rows[i].depart)
			at := rows[i].depart + int32(way*int64(k-i)/int64(next-i))
			rows[k].arrive, rows[k].depart = at, at
			into = append(into, rows[k].transit())
			r.report.FilledIn++
		}
		i = next
	}
	r.speeds(t, rows)
	return into, true
}

func (s *stopTime) transit() transit.StopTime {
	return transit.StopTime{Stop: s.stop, Arrive: s.arrive, Depart: s.depart, Pickup: s.pickup, DropOff: s.dropOff}
}

func (r *reading) unusable(t *trip) bool {
	r.report.warn(Error, "unusable_trip", "trips.txt", "", int(t.line), "trip %s has fewer than two stops that can be used; it was left out", shown([]byte(t.ID)))
	return false
}

// inSequence sorts rows by stop_sequence and drops those that come twice.
func (r *reading) inSequence(rows []stopTime) []stopTime {
	const file = "stop_times.txt"
	sorted, unique := true, true
	for i := 1; i < len(rows); i++ {
		sorted = sorted && rows[i-1].sequence <= rows[i].sequence
		unique = unique && rows[i-1].sequence < rows[i].sequence
	}
	if unique {
		return rows
	}
	if !sorted {
		r.report.warn(Info, "unsorted_stop_times", file, "", int(rows[0].line), "the stop times of the trip are not in the order of stop_sequence; they were put in order")
		slices.SortStableFunc(rows, func(a, b stopTime) int { return cmp.Compare(a.sequence, b.sequence) })
	}
	return slices.CompactFunc(rows, func(a, b stopTime) bool {
		same := a.sequence == b.sequence
		if same {
			r.report.warn(Error, "duplicate_key", file, "", int(b.line), "stop_sequence %d has come before in the same trip; the first was kept", b.sequence)
		}
		return same
	})
}

// forwards reports whether the times that are stated never go back.
func (r *reading) forwards(t *trip, rows []stopTime) bool {
	last := int32(0)
	for i := range rows {
		row := &rows[i]
		if row.arrive == untimed {
			continue
		}
		code, what := "", ""
		switch {
		case row.arrive < last:
			code, what = "stop_time_with_arrival_before_previous_departure_time", "arrives before it has left the stop before"
		case row.depart < row.arrive:
			code, what = "start_and_end_range_out_of_order", "leaves before it has arrived"
		}
		if code != "" {
			r.report.warn(Error, code, "stop_times.txt", "", int(row.line), "trip %s %s; the whole trip was left out, since nobody can tell which of its times are right", shown([]byte(t.ID)), what)
			return false
		}
		last = row.depart
	}
	return true
}

// fastest is the speed in km/h beyond which a vehicle of each mode is not
// believed, as the canonical validator has it.
var fastest = [...]float64{transit.Bus: 150, transit.Rail: 500, transit.Tram: 150, transit.Ferry: 80}

// speeds notes where a vehicle would have to be faster than there are any.
// Timetables in whole minutes are given the minute.
func (r *reading) speeds(t *trip, rows []stopTime) {
	limit := fastest[r.feed.Routes[t.Route].Mode] / 3.6
	for i := 1; i < len(rows); i++ {
		a, b := &r.stops.list[rows[i-1].stop], &r.stops.list[rows[i].stop]
		took := rows[i].arrive - rows[i-1].depart
		if rows[i].arrive%60 == 0 && rows[i-1].depart%60 == 0 {
			took += 60
		}
		// On the plane around the two, which is near enough for this.
		const metresPerDegree = 111_195
		y := (a.Lat - b.Lat) * metresPerDegree
		x := (a.Lon - b.Lon) * metresPerDegree
		if m := limit * float64(took); y*y+x*x <= m*m {
			continue // near enough even at the equator
		}
		x *= math.Cos((a.Lat + b.Lat) / 2 * math.Pi / 180)
		if d, m := math.Hypot(x, y), limit*float64(took); d > m {
			r.report.warn(Warn, "fast_travel_between_consecutive_stops", "stop_times.txt", "", int(rows[i].line), "trip %s goes %.1f km from %s to %s in %d s; it was kept as it stands", shown([]byte(t.ID)), d/1000, shown([]byte(a.ID)), shown([]byte(b.ID)), rows[i].arrive-rows[i-1].depart)
		}
	}
}
