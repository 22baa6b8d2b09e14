package transit

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// ThereAlternatives are up to most journeys that somebody would want to
// choose from: the latest to leave first, and no two with the same vehicles;
// each is better than every other in leaving later, arriving earlier, fewer
// changes or less walking.
func (r *Reach) ThereAlternatives(to []orb.Point, deadline int64, most int) []Journey {
	return r.alternatives(ends{home: r.home, points: to, out: true}, deadline-int64(r.limit), deadline, most)
}

// HomeAlternatives are the same for the way back: the first to be home first.
func (r *Reach) HomeAlternatives(from []orb.Point, leave int64, most int) []Journey {
	return r.alternatives(ends{home: r.home, points: from}, leave, leave+int64(r.limit), most)
}

// alternatives gathers the best journeys, then those that are best with fewer
// vehicles or with shorter walks at the ends, each with those that leave
// earlier and arrive earlier still (or the other way round).
func (r *Reach) alternatives(e ends, since, by int64, most int) []Journey {
	if most <= 0 {
		return nil
	}
	var found []Journey
	// gather adds a row of journeys and returns the first.
	gather := func(e ends, rounds int) (Journey, bool) {
		var first Journey
		for since, by, i := since, by, 0; i <= most; i++ {
			search := r.earliest
			if e.out {
				search = r.latest
			}
			j, ok := search(e, since, by, rounds)
			if !ok {
				return first, i > 0
			}
			if i == 0 {
				first = j
			}
			found = append(found, j)
			if e.out {
				by = j.Arrive.Unix() - 1
			} else {
				since = j.Depart.Unix() + 1
			}
		}
		return first, true
	}
	e.sides(r)
	j, ok := gather(e, r.rounds)
	if !ok {
		return nil
	}
	for fewer := j; ok && fewer.Changes > 0; {
		fewer, ok = gather(e, fewer.Changes)
	}
	shorter := e
	for ok := true; ok; {
		longest := 0.0
		for _, l := range []*Leg{&j.Legs[0], &j.Legs[len(j.Legs)-1]} {
			longest = max(longest, l.WalkM)
		}
		within := func(d doorstep) bool { return d.pathM >= longest }
		shorter.home = slices.DeleteFunc(slices.Clone(shorter.home), within)
		shorter.steps = slices.DeleteFunc(slices.Clone(shorter.steps), within)
		if len(shorter.home) == 0 || len(shorter.steps) == 0 || len(found) > 10*most {
			break
		}
		j, ok = gather(shorter, r.rounds)
	}
	return choose(found, e.out, most)
}

// choose picks from journeys those worth showing: the best, then the best with
// the fewest changes, the best with the least walking, and on in order.
func choose(found []Journey, out bool, most int) []Journey {
	order := func(a, b Journey) int {
		late, early := b.Depart.Compare(a.Depart), a.Arrive.Compare(b.Arrive)
		if !out {
			late, early = early, late
		}
		return cmp.Or(late, early, cmp.Compare(a.Changes, b.Changes), cmp.Compare(a.WalkM, b.WalkM), cmp.Compare(a.At, b.At))
	}
	slices.SortStableFunc(found, order)
	var good []Journey
	for i, j := range found {
		if !slices.ContainsFunc(found[:i], j.needless) && !slices.ContainsFunc(found[i+1:], j.outdone) &&
			!slices.ContainsFunc(good, j.sameVehicles) {
			good = append(good, j)
		}
	}
	if len(good) <= most {
		return good
	}
	chosen := []int{0}
	add := func(i int) {
		if len(chosen) < most && !slices.Contains(chosen, i) {
			chosen = append(chosen, i)
		}
	}
	easiest, shortest := 0, 0
	for i := range good {
		if good[i].Changes < good[easiest].Changes {
			easiest = i
		}
		if good[i].WalkM < good[shortest].WalkM {
			shortest = i
		}
	}
	add(easiest)
	add(shortest)
	for i := range good {
		add(i)
	}
	slices.Sort(chosen)
	var picked []Journey
	for _, i := range chosen {
		picked = append(picked, good[i])
	}
	return picked
}

// needless reports whether another journey is at least as good in everything.
func (j *Journey) needless(other Journey) bool {
	return !other.Depart.Before(j.Depart) && !other.Arrive.After(j.Arrive) && other.Changes <= j.Changes && other.WalkM <= j.WalkM+1e-6
}

// outdone is needless, but two that are alike do not outdo each other.
func (j *Journey) outdone(other Journey) bool {
	return j.needless(other) && !other.needless(*j)
}

// sameVehicles reports whether two journeys take the same vehicles.
func (j *Journey) sameVehicles(other Journey) bool {
	vehicles := func(legs []Leg) []Leg {
		return slices.DeleteFunc(slices.Clone(legs), func(l Leg) bool { return l.Walk })
	}
	return slices.EqualFunc(vehicles(j.Legs), vehicles(other.Legs), func(a, b Leg) bool { return a.vehicle == b.vehicle })
}
