package gtfs

import (
	"cmp"
	"slices"

	"hereabouts/geo/transit"
)

// A frequency is a row of frequencies.txt: trip i leaves at start, and every
// headway from then on, before end.
type frequency struct {
	trip                uint32
	start, end, headway int32 // seconds
	line                int32
}

// count is how many runs it stands for.
func (q frequency) count() int32 { return (q.end - q.start + q.headway - 1) / q.headway }

func (r *reading) readFrequencies() error {
	const id, start, end, headway = 0, 1, 2, 3
	file := "frequencies.txt"
	return r.each(file, []int{id, start, end, headway}, []string{"trip_id", "start_time", "end_time", "headway_secs"}, func(t *table) error {
		const lost = "the frequency was left out"
		key, ok := t.required(id, lost)
		if !ok {
			return nil
		}
		i, ok := r.trips.at[string(key)]
		if !ok {
			r.report.warn(Error, "foreign_key_violation", file, "trip_id", t.line, "trip_id %s is not in trips.txt, or was left out; %s", shown(key), lost)
			return nil
		}
		// Whatever else the row says, the trip's own times are a pattern and
		// not a promise.
		r.trips.list[i].frequency = true
		q := frequency{trip: i, line: int32(t.line)}
		for _, c := range []struct {
			n    int
			into *int32
		}{{start, &q.start}, {end, &q.end}} {
			if *c.into, ok = seconds(t.cell(c.n)); !ok {
				r.report.warn(Error, "invalid_time", file, t.columns[c.n], t.line, "%s %s is not a time written HH:MM:SS; %s", t.columns[c.n], shown(t.cell(c.n)), lost)
				return nil
			}
		}
		n, ok := whole(t.cell(headway))
		switch {
		case !ok:
			r.report.warn(Error, "invalid_integer", file, "headway_secs", t.line, "headway_secs %s is not a number of seconds; %s", shown(t.cell(headway)), lost)
		case n == 0:
			r.report.warn(Error, "number_out_of_range", file, "headway_secs", t.line, "headway_secs is 0; %s", lost)
		case q.end < q.start:
			r.report.warn(Error, "start_and_end_range_out_of_order", file, "", t.line, "end_time is before start_time; %s", lost)
		case q.end == q.start:
			r.report.warn(Error, "start_and_end_range_equal", file, "", t.line, "end_time is start_time, and the end is no departure; %s", lost)
		default:
			// A headway beyond the end is one run, however long.
			q.headway = int32(min(n, maxHours*3600))
			r.trips.runs = append(r.trips.runs, q)
		}
		return nil
	})
}

// runsOf are the frequencies of each trip by start.
func (r *reading) runsOf() map[uint32][]frequency {
	const file = "frequencies.txt"
	all := r.trips.runs
	slices.SortStableFunc(all, func(a, b frequency) int {
		return cmp.Or(cmp.Compare(a.trip, b.trip), cmp.Compare(a.start, b.start))
	})
	all = slices.CompactFunc(all, func(a, b frequency) bool {
		same := a.trip == b.trip && a.start == b.start
		if same {
			r.report.warn(Error, "duplicate_key", file, "", int(b.line), "the same trip has the same start_time before; the first was kept")
		}
		return same
	})
	runs := map[uint32][]frequency{}
	for i, first := 0, 0; i < len(all); i++ {
		if i+1 < len(all) && all[i+1].trip == all[i].trip {
			if all[i+1].start < all[i].end {
				r.report.warn(Warn, "overlapping_frequency", file, "", int(all[i+1].line), "it begins before the frequency of the same trip before it ends; both were kept")
			}
			continue
		}
		runs[all[i].trip] = all[first : i+1]
		first = i + 1
	}
	return runs
}

// writeOut appends every run of a trip. The first stop's departure falls on
// the run's start; with RawFrequencies the start is added to the times.
func (r *reading) writeOut(to []transit.Trip, t *trip, pattern []transit.StopTime, runs []frequency) []transit.Trip {
	if len(runs) == 0 {
		r.report.warn(Error, "unusable_trip", "frequencies.txt", "", 0, "trip %s runs by frequency, and none of its frequencies can be used; it was left out", shown([]byte(t.ID)))
		return to
	}
	from := pattern[0].Depart
	if r.o.RawFrequencies {
		from = 0
	}
	for _, q := range runs {
		for n := range q.count() {
			shift := q.start + n*q.headway - from
			run := t.Trip
			run.Times = slices.Clone(pattern)
			for i := range run.Times {
				at := &run.Times[i]
				// A vehicle that is there before midnight is there at midnight.
				at.Arrive, at.Depart = max(at.Arrive+shift, 0), at.Depart+shift
			}
			to = append(to, run)
			r.report.WrittenOut++
		}
	}
	return to
}
