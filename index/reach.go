package index

import (
	"math"
	"time"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/geo/transit"
)

// What reach says of a listing, from the best to the worst.
const (
	reachNone         uint8 = iota // no journey is needed
	reachWalk                      // both ways can be walked
	reachThereAndBack              //
	reachDoorToDoor                // somebody fetches them
	reachUnknown                   //
	reachThereOnly                 //
	reachNo                        //
	reachClasses      = iota
)

// verdicts are the classes as a journey says them.
var verdicts = [...]hereabouts.Verdict{
	reachNone: "", reachWalk: hereabouts.Walkable, reachThereAndBack: hereabouts.ThereAndBack,
	reachDoorToDoor: hereabouts.DoorToDoorYes, reachUnknown: hereabouts.ReachUnknown,
	reachThereOnly: hereabouts.ThereOnly, reachNo: hereabouts.NotReached,
}

// shownAs are the classes that each of hereabouts.ReachNames shows.
var shownAs = map[string]uint8{
	"there_and_back": 1<<reachWalk | 1<<reachThereAndBack, "there_only": 1 << reachThereOnly,
	"no": 1 << reachNo, "unknown": 1 << reachUnknown, "door_to_door": 1 << reachDoorToDoor,
}

// judged is what reach says of one listing.
type judged struct {
	class    uint8
	obstacle hereabouts.Obstacle
	start    int64        // Unix seconds of the session, or of the stay within opening hours, that it is about
	end      int64        // 0, as start, when there is none
	session  int          // position in Listing.Sessions; -1: none, or assumed hours alone
	place    int          // position in Listing.Places; -1: any of them
	points   []placePoint // where it may be entered; of place, when there is one
	inside   bool         // the origin is inside its outline
	assumed  bool         // the hours were assumed
	noEnd    bool         // the session states no end, and is taken to last Travel.Stay
	fallback []string     // ids of up to three listings that fetch people, its own included
}

// A reacher judges the listings of one search.
type reacher struct {
	*compiled
	travel *hereabouts.Travel // with defaults
	known  *traveller
	now    int64 // Unix seconds
	early  int64 // seconds
	stay   int64 // seconds
	show   uint8 // classes that pass
	when   occasion
	riding bool // by transit, to what is on next

	dayless *reacher // for a question without the days of the week
	dayBit  uint32   // of the clause that asks for them

	classes []uint8   // by ordinal, of the listings judged
	walkers bitset    // listings with a point that can be walked to, or around the origin
	visits  []*visits // by slot
	plans   []*plan   // by turn, of a question that asks for certain times
	others  map[slot]*visits
	moments []occurrence // of the listing at hand
	fetch   fetch
	counts  [reachClasses]int // of the listings that pass everything else
}

// travellerOf is the Traveller of a Travel.
func travellerOf(q *hereabouts.Query, t *hereabouts.Travel) transit.Traveller {
	p := transit.Standard
	steps := transit.AnySteps
	switch t.Profile {
	case transit.Slow.Name:
		p = transit.Slow
	case transit.StepFree.Name:
		p = transit.StepFree
		steps = transit.Lenient
		if q.DropUnknown {
			steps = transit.Strict
		}
	}
	who := transit.Traveller{Home: q.Near.Point(), Limit: time.Duration(t.MaxMinutes) * time.Minute, Speed: p.Speed, MaxWalkM: p.MaxWalkM, MaxChanges: -1, Steps: steps}
	if t.MaxWalkM != nil {
		who.MaxWalkM = *t.MaxWalkM
	}
	if t.MaxChanges != nil {
		who.MaxChanges = *t.MaxChanges
	}
	if t.Pass != "" {
		who.Pass = transit.OlderDisabled
	}
	return who
}

// showing is the classes that a question is answered with. Listings that need
// no journey are among them unless somebody asks to look at certain verdicts.
func showing(q *hereabouts.Query, t *hereabouts.Travel) (mask uint8) {
	for _, v := range t.Verdicts {
		mask |= shownAs[v]
	}
	if len(t.Verdicts) > 0 {
		return mask
	}
	mask = 1<<reachNone | 1<<reachWalk | 1<<reachThereAndBack | 1<<reachDoorToDoor
	if !q.DropUnknown {
		mask |= 1 << reachUnknown
	}
	if t.OneWay {
		mask |= 1 << reachThereOnly
	}
	return mask
}

// reacher prepares to judge listings for a question that asks for it, at a
// moment in Unix seconds.
func (x *Index) reacher(m *compiled, s *scratch, now int64) *reacher {
	t := m.q.Travel
	r := &reacher{compiled: m, travel: t, now: now, known: x.travellers.find(m.ties.network, travellerOf(m.q, t)),
		early: int64(*t.ArriveEarly) * 60, stay: int64(t.Stay) * 60, show: showing(m.q, t), others: map[slot]*visits{}}
	r.when = m.occasion(now, r.stay)
	r.riding = t.Mode == hereabouts.ByTransit && m.session == nil
	r.classes, r.walkers = s.classes, s.walkers
	s.visits = emptied(s.visits, len(m.ties.slots))
	r.visits = s.visits
	if m.session != nil {
		s.plans = emptied(s.plans, len(m.ties.turns))
		r.plans = s.plans
	}
	if t.Mode != hereabouts.ByDoorToDoor {
		r.walk()
	}
	if t.Mode != hereabouts.OnFoot {
		r.fetch.prepare(r, s)
	}
	if i := m.dayClause(); i >= 0 {
		other := *r
		r.dayless, r.dayBit = &other, m.clauses[i].bit
		if other.when.asked = m.session.anyDay(); other.when.asked == nil {
			other.riding = t.Mode == hereabouts.ByTransit
		} else {
			other.plans = make([]*plan, len(m.ties.turns))
		}
	}
	return r
}

// emptied is room for n zeros.
func emptied[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	s = s[:n]
	clear(s)
	return s
}

// walk notes which listings have somewhere that can be walked to.
func (r *reacher) walk() {
	who := r.known.who
	farM := min(2*who.MaxWalkM, who.Limit.Seconds()*who.Speed) / transit.Detour
	surely := chord2For(farM * (1 - 1e-6))
	r.grid.near(r.from, farM*(1+1e-6)+1e-3, func(p *gridPoint, chord2 float64) {
		if chord2 < surely || r.walks(p.lat, p.lon) {
			r.walkers.set(p.ord)
		}
	})
	r.grid.over(r.from.Point, func(ord uint32) {
		if r.within(ord, noPlace) {
			r.walkers.set(ord)
		}
	})
}

// walks reports whether somebody can walk to a point, and back.
func (r *reacher) walks(lat, lon float64) bool {
	_, _, ok := r.known.reach.Walk(geo.LatLon(lat, lon))
	return ok
}

// within reports whether the origin is inside the outline of a place of a
// listing; noPlace is any.
func (r *reacher) within(ord uint32, place uint16) bool {
	shapes := r.details[ord].shapes
	for i := range shapes {
		if (place == noPlace || shapes[i].place == place) && shapes[i].contains(r.from.Point) {
			return true
		}
	}
	return false
}

// classOf judges a listing. Most have one place with one door, and for those
// what follows is a few reads of flat arrays; see judge for the whole story.
func (r *reacher) classOf(ord uint32) uint8 {
	if r.bits.journeyless.has(ord) {
		return reachNone
	}
	spot := r.ties.spot[ord]
	switch {
	case spot == noSpot:
		return reachUnknown
	case spot&manySpots != 0:
		return r.judge(ord, nil)
	case r.travel.Mode == hereabouts.ByDoorToDoor:
		if r.fetched(ord) {
			return reachDoorToDoor
		}
		return reachNo
	case r.walkers.has(ord):
		return reachWalk
	case r.travel.Mode == hereabouts.OnFoot:
		return reachNo
	case r.when.asked != nil:
		return r.planned(ord, spot)
	}
	v := r.visitsIn(r.ties.next[ord])
	if v.over {
		if v = r.visitsIn(r.ties.after[ord]); v.over {
			return r.judge(ord, nil)
		}
	}
	return r.rideTo(ord, spot, v)
}

// rideTo judges one occurrence at the only door of a listing that cannot be
// walked to.
func (r *reacher) rideTo(ord, spot uint32, v *visits) uint8 {
	class := reachUnknown
	if v.scanned {
		class = reachNo
		if v.out.Reaches(r.ties.spots, spot) {
			class = reachThereOnly
			if v.back.Reaches(r.ties.spots, spot) && (len(v.stays) == 1 || v.pair(r.ties.spots, spot, spot+1)) {
				return reachThereAndBack
			}
		}
		if v.doubtful && r.known.reach.Expired(v.first().start, r.ties.spots, spot) {
			class = reachUnknown
		}
	}
	if r.fetching(ord) && r.fetched(ord) {
		return reachDoorToDoor
	}
	return class
}

// planned judges the only door of a listing that cannot be walked to by all
// that is asked for, from its first day to seven days later.
func (r *reacher) planned(ord, spot uint32) uint8 {
	var one [1]uint32
	turns := r.ties.on(ord, &one)
	last := int32(math.MaxInt32)
	if len(turns) > 1 {
		for _, turn := range turns {
			if p := r.planOf(turn); len(p.days) > 0 {
				last = min(last, p.days[0]+hereabouts.ReachDays)
			}
		}
	}
	best := uint8(reachClasses)
	for _, turn := range turns {
		p := r.planOf(turn)
		for i, v := range p.visits {
			if p.days[i] > last {
				break
			}
			if best = min(best, r.rideTo(ord, spot, v)); best == reachThereAndBack {
				return best
			}
		}
	}
	if best == reachClasses {
		return r.rideTo(ord, spot, never)
	}
	return best
}

// judge judges a listing and, unless into is nil, says everything about it.
func (r *reacher) judge(ord uint32, into *judged) uint8 {
	d := r.details[ord]
	said := judged{session: -1, place: -1}
	var best struct {
		class   uint8
		transit uint8 // the class before anybody fetches them
		occurrence
		v *visits
	}
	best.class = reachClasses
	try := func(place uint16, o occurrence, v *visits) {
		byTransit := r.classAt(ord, place, v)
		class := byTransit
		if class > reachDoorToDoor && r.travel.Mode != hereabouts.OnFoot && r.fetchedTo(ord, place) {
			class = reachDoorToDoor
		}
		if class < best.class {
			best.class, best.transit, best.occurrence, best.v = class, byTransit, o, v
		}
	}
	switch {
	case r.bits.journeyless.has(ord):
		best.class = reachNone
	case r.ties.spot[ord] == noSpot:
		best.class = reachUnknown
	default:
		r.moments = r.when.of(r.columns, r.moments[:0], ord)
		for _, o := range r.moments {
			try(o.placeIn(d), o, r.visitsAt(o))
			if best.class == reachWalk || best.class == reachThereAndBack && !r.walkers.has(ord) {
				break
			}
		}
	}
	if best.class == reachClasses { // it happens at no known time
		try(noPlace, occurrence{}, nil)
	}
	if into == nil {
		return best.class
	}
	place := uint16(noPlace)
	if best.v != nil {
		place = best.placeIn(d)
	}
	said.class, said.points = best.class, d.points
	if place != noPlace {
		said.place = int(place)
		said.points = pointsOf(d, place)
	}
	said.inside = best.class == reachWalk && r.within(ord, place)
	if best.v != nil {
		stay := best.v.shown(r, ord, place, best.transit)
		said.start, said.end = stay.start, stay.end
		said.assumed, said.noEnd = best.kind&occAssumed != 0, best.kind&occOpenEnded != 0
		if best.at >= 0 {
			said.session = int(d.sessions[best.at].index)
		}
	}
	if r.ties.spot[ord] != noSpot && best.class != reachNone {
		said.obstacle = r.obstacle(ord, place, best.transit, best.v)
	}
	if best.class == reachDoorToDoor {
		said.fallback = r.fetchers(ord, place)
	}
	*into = said
	return best.class
}

// classAt judges one occurrence at a place of a listing, but for being
// fetched; no visits means that it happens at no known time.
func (r *reacher) classAt(ord uint32, place uint16, v *visits) uint8 {
	if r.travel.Mode == hereabouts.ByDoorToDoor {
		return reachNo
	}
	d := r.details[ord]
	known := place == noPlace
	for i := range d.points {
		known = known || d.points[i].place == place
	}
	if r.walkers.has(ord) {
		for i := range d.points {
			if p := &d.points[i]; (place == noPlace || p.place == place) && r.walks(p.lat, p.lon) {
				return reachWalk
			}
		}
		if r.within(ord, place) {
			return reachWalk
		}
	}
	switch {
	case !known:
		return reachUnknown // a place that nobody knows
	case r.travel.Mode == hereabouts.OnFoot:
		return reachNo
	case v == nil || !v.scanned:
		return reachUnknown
	}
	class, expired := reachNo, false
	r.eachPlace(ord, place, func(from, to uint32) {
		class = min(class, v.class(r.ties.spots, from, to))
		for id := from; v.doubtful && !expired && id < to; id++ {
			expired = r.known.reach.Expired(v.first().start, r.ties.spots, id)
		}
	})
	if expired && class != reachThereAndBack {
		return reachUnknown
	}
	return class
}

// eachPlace visits the spots of a listing's places, or of one of them. There
// and back are to and from the same place, though not always the same door.
func (r *reacher) eachPlace(ord uint32, place uint16, visit func(from, to uint32)) {
	points, first := r.details[ord].points, r.ties.spot[ord]&^manySpots
	for i := 0; i < len(points); {
		n := i + 1
		for n < len(points) && points[n].place == points[i].place {
			n++
		}
		if place == noPlace || points[i].place == place {
			visit(first+uint32(i), first+uint32(n))
		}
		i = n
	}
}

func pointsOf(d *detail, place uint16) (out []placePoint) {
	for _, p := range d.points {
		if p.place == place {
			out = append(out, p)
		}
	}
	return out
}

// obstacle is what stands in the way of a listing of that class, before
// anybody fetches the person.
func (r *reacher) obstacle(ord uint32, place uint16, class uint8, v *visits) hereabouts.Obstacle {
	switch {
	case class == reachWalk || class == reachThereAndBack || r.travel.Mode == hereabouts.ByDoorToDoor:
		return hereabouts.NoObstacle
	case r.travel.Mode == hereabouts.OnFoot:
		if class == reachNo {
			return hereabouts.TooFar
		}
		return hereabouts.NoObstacle
	case v == nil:
		return hereabouts.NoSession
	case class == reachThereOnly:
		return hereabouts.NoReturn
	case class == reachUnknown:
		if v.scanned && (place == noPlace || len(pointsOf(r.details[ord], place)) > 0) {
			return hereabouts.TimetableExpired
		}
		return hereabouts.NoObstacle
	}
	nothing := true
	r.eachPlace(ord, place, func(from, to uint32) {
		for id := from; id < to; id++ {
			nothing = nothing && r.known.reach.NoService(v.first().start, r.ties.spots, id)
		}
	})
	if nothing {
		return hereabouts.NoServiceThatDay
	}
	return hereabouts.TooFar
}

// seconds is how long the way to a listing takes for which reach shows a way
// there; infinite for every other.
func (r *reacher) seconds(ord uint32) float64 {
	if c := r.classes[ord]; c != reachWalk && c != reachThereAndBack && c != reachThereOnly {
		return math.Inf(1)
	}
	var j judged
	switch r.judge(ord, &j); j.class {
	case reachWalk:
		if j.inside {
			return 0
		}
		best := math.Inf(1)
		for _, p := range j.points {
			if s, _, ok := r.known.reach.Walk(geo.LatLon(p.lat, p.lon)); ok {
				best = min(best, float64(s))
			}
		}
		return best
	case reachThereAndBack, reachThereOnly:
		place := uint16(noPlace)
		if j.place >= 0 {
			place = uint16(j.place)
		}
		return r.ride(ord, place, &j)
	}
	return math.Inf(1)
}

// ride is how long the journey takes that is shown: to a place that there is
// a way home from, if there and back are asked for.
func (r *reacher) ride(ord uint32, place uint16, j *judged) float64 {
	known := r.known
	long := known.durationsBy(j.start - r.early)
	best := math.Inf(1)
	r.eachPlace(ord, place, func(from, to uint32) {
		if j.class == reachThereAndBack && !anyOfSpots(known.reach.Back(j.end), r.ties.spots, from, to) {
			return
		}
		var few [8]uint32
		doors := few[:0]
		for id := from; id < to; id++ {
			doors = append(doors, id)
		}
		if s, ok := long.Seconds(r.ties.spots, doors...); ok {
			best = min(best, float64(s))
		}
	})
	return best
}
