package transit_test

import (
	"math"
	"time"

	"hereabouts/geo/transit"
)

// An eventSearch looks at every single boarding and alighting of a span of
// time, and at every pair of them somebody could change between. It is slower
// than the oracle's scans by far and leaves less room for mistakes; it also
// knows how far a journey walks, which the scans do not.
type eventSearch struct {
	o      *oracle
	p      person
	boards [][]stand // by stop
}

// A stand is a run at one of its stops, by position.
type stand struct {
	*run
	at int
}

// A found journey is the best there is.
type found struct {
	leave, arrive int64
	vehicles      int
	pathM         float64
}

func (o *oracle) events(since, until int64, p person) *eventSearch {
	e := &eventSearch{o: o, p: p, boards: make([][]stand, len(o.stops))}
	for _, t := range o.between(since, until) {
		for i := range t.runs {
			r := &t.runs[i]
			if !r.underWay(since, until) {
				continue
			}
			for at := range len(r.trip.Times) - 1 {
				if d := r.departs(at); d >= since && d <= until && o.mayBoard(r, at, p) {
					s := o.stopOf(stand{r, at})
					e.boards[s] = append(e.boards[s], stand{r, at})
				}
			}
		}
	}
	return e
}

func (o *oracle) stopOf(s stand) int { return o.first[s.in] + int(s.trip.Times[s.at].Stop) }

// alightings finds where somebody can get off who leaves an end at leave or
// later, after one vehicle, two and so on, and how well: start is the worth of
// boarding first at a moment after a walk, and a change costs what cost says.
// Getting off somewhere with more vehicles is kept only when it is worth more.
// Nobody gets off after until.
func (e *eventSearch) alightings(from []way, leave, until int64, start func(w way, board int64) float64, cost func(*oracleChange) float64) (off []map[stand]float64) {
	boarded := map[stand]float64{}
	board := func(s stand, worth float64) {
		if was, ok := boarded[s]; !ok || worth > was {
			boarded[s] = worth
		}
	}
	for _, w := range from {
		for _, s := range e.boards[w.stop] {
			if d := s.departs(s.at); d >= leave+w.seconds {
				board(s, start(w, d))
			}
		}
	}
	best := map[stand]float64{}
	for vehicles := 1; len(boarded) > 0; vehicles++ {
		now := map[stand]float64{}
		for s, worth := range boarded {
			for at := s.at + 1; at < len(s.trip.Times) && s.arrives(at) <= until; at++ {
				to := stand{s.run, at}
				if was, ok := best[to]; e.o.mayAlight(s.run, at, e.p) && (!ok || worth > was) {
					best[to], now[to] = worth, worth
				}
			}
		}
		off = append(off, now)
		boarded = map[stand]float64{}
		if vehicles == e.p.vehicles {
			break
		}
		for s, worth := range now {
			for _, c := range e.o.changes[e.o.stopOf(s)] {
				for _, next := range e.boards[c.to] {
					if next.departs(next.at) < s.arrives(s.at) {
						continue
					}
					if secs, ok := e.o.seconds(c, s.run, next.run, e.p); ok && s.arrives(s.at)+secs <= next.departs(next.at) {
						board(next, worth-cost(c))
					}
				}
			}
		}
	}
	return off
}

// leaving measures alightings by how late somebody leaves for them.
func (e *eventSearch) leaving(from []way, leave, until int64) []map[stand]float64 {
	return e.alightings(from, leave, until,
		func(w way, board int64) float64 { return float64(board - w.seconds) },
		func(*oracleChange) float64 { return 0 })
}

// each goes through the ways of arriving.
func (e *eventSearch) each(off []map[stand]float64, to []way, by int64, use func(arrive int64, vehicles int, w way, worth float64)) {
	ends := map[int][]way{}
	for _, w := range to {
		ends[w.stop] = append(ends[w.stop], w)
	}
	for i, stands := range off {
		for s, worth := range stands {
			for _, w := range ends[e.o.stopOf(s)] {
				if at := s.arrives(s.at) + w.seconds; at <= by {
					use(at, i+1, w, worth)
				}
			}
		}
	}
}

// settle is the journey with the fewest vehicles, and then the least walking,
// of those that leave at leave or later and arrive at arrive.
func (e *eventSearch) settle(from, to []way, leave, arrive int64) found {
	off := e.alightings(from, leave, arrive,
		func(w way, _ int64) float64 { return -w.pathM },
		func(c *oracleChange) float64 { return c.pathM })
	best := found{leave, arrive, math.MaxInt, math.Inf(1)}
	e.each(off, to, arrive, func(at int64, vehicles int, w way, worth float64) {
		if pathM := w.pathM - worth; at == arrive && (vehicles < best.vehicles || vehicles == best.vehicles && pathM < best.pathM) {
			best.vehicles, best.pathM = vehicles, pathM
		}
	})
	return best
}

// there is the journey that leaves last and arrives by a moment; of those the
// one that arrives first.
func (o *oracle) there(from, to []way, since, by int64, p person) (found, bool) {
	e := o.events(since, by, p)
	leave := math.Inf(-1)
	e.each(e.leaving(from, since, by), to, by, func(_ int64, _ int, _ way, worth float64) { leave = max(leave, worth) })
	if math.IsInf(leave, -1) {
		return found{}, false
	}
	arrive := int64(never)
	e.each(e.leaving(from, int64(leave), by), to, by, func(at int64, _ int, _ way, _ float64) { arrive = min(arrive, at) })
	return e.settle(from, to, int64(leave), arrive), true
}

// home is the journey that arrives first; of those the one that leaves last.
func (o *oracle) home(from, to []way, leave, by int64, p person) (found, bool) {
	e := o.events(leave, by, p)
	off := e.leaving(from, leave, by)
	arrive, last := int64(never), math.Inf(-1)
	e.each(off, to, by, func(at int64, _ int, _ way, worth float64) {
		if at < arrive {
			arrive, last = at, worth
		} else if at == arrive {
			last = max(last, worth)
		}
	})
	if arrive == never {
		return found{}, false
	}
	return e.settle(from, to, int64(last), arrive), true
}

// scanThere and scanHome find the same by scans, all but how far is walked.
func (o *oracle) scanThere(from, to []way, since, by int64, p person) (found, bool) {
	leave := o.backward(to, by, since, p).leaves(from)
	if leave < since {
		return found{}, false
	}
	return o.fewest(from, to, leave, o.forward(from, leave, by, p).arrives(to), p), true
}

func (o *oracle) scanHome(from, to []way, leave, by int64, p person) (found, bool) {
	arrive := o.forward(from, leave, by, p).arrives(to)
	if arrive > by {
		return found{}, false
	}
	return o.fewest(from, to, o.backward(to, arrive, leave, p).leaves(from), arrive, p), true
}

// fewest counts the vehicles that are needed.
func (o *oracle) fewest(from, to []way, leave, arrive int64, p person) found {
	p.vehicles = 1
	for o.forward(from, leave, arrive, p).arrives(to) > arrive {
		if p.vehicles++; p.vehicles > 30 {
			return found{} // the scans contradict each other
		}
	}
	return found{leave: leave, arrive: arrive, vehicles: p.vehicles}
}

// stopped reports whether on a date any vehicle stops, for somebody to get on
// or off, at one of some stops.
func (o *oracle) stopped(at []way, feedDay func(feed int) transit.Day, p person) bool {
	p.pass = transit.NoPass
	near := make([]bool, len(o.stops))
	for _, w := range at {
		near[w.stop] = true
	}
	for i := range o.feeds {
		day := feedDay(i)
		// From the start of the day to its end, whatever the clocks do.
		y, m, d := day.Date()
		since, until := time.Date(y, m, d, 0, 0, 0, 0, o.zones[i]).Unix(), time.Date(y, m, d+1, 0, 0, 0, 0, o.zones[i]).Unix()-1
		for _, t := range o.between(since, until) {
			for j := range t.runs {
				r := &t.runs[j]
				if !r.underWay(since, until) {
					continue
				}
				for k := range r.trip.Times {
					if r.in != i || !near[o.stopOf(stand{r, k})] {
						continue
					}
					if k < len(r.trip.Times)-1 && o.mayBoard(r, k, p) && localDay(r.departs(k), o.zones[i]) == day ||
						k > 0 && o.mayAlight(r, k, p) && localDay(r.arrives(k), o.zones[i]) == day {
						return true
					}
				}
			}
		}
	}
	return false
}
