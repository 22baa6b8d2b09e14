package index

import (
	"cmp"
	"math"
	"runtime"
	"slices"
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
	plans   []*plan   // by agenda, of a question that asks for certain times
	others  map[slot]*visits
	moments []occurrence // of the listing at hand
	fetch   fetch
	counts  [reachClasses]int // of the listings that pass everything else
}

// traveller is the Traveller of a Travel.
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

// visitsIn is the visits of a slot by its number.
func (r *reacher) visitsIn(slot uint32) *visits {
	v := r.visits[slot]
	if v == nil {
		v = r.visitsOf(r.ties.slots[slot])
		r.visits[slot] = v
	}
	return v
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

// A plan is the visits that are asked for of all listings with one turn. What
// would be judged as an earlier one is left out: most are the same buses a
// week later.
type plan struct {
	days   []int32 // counted from the base, in order
	visits []*visits
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

func (r *reacher) planOf(turn uint32) *plan {
	p := r.plans[turn]
	if p != nil {
		return p
	}
	p = &plan{}
	r.plans[turn] = p
	for day, o := range r.when.during(r.columns, &r.ties.turns[turn]) {
		if len(p.days) > 0 && day > p.days[0]+hereabouts.ReachDays {
			break
		}
		if v := r.visitsAt(o); !slices.ContainsFunc(p.visits, v.sameRides) {
			p.days, p.visits = append(p.days, day), append(p.visits, v)
		}
	}
	return p
}

// sameRides reports whether what reaches one reaches the other.
func (v *visits) sameRides(o *visits) bool {
	return v.scanned && o.scanned && !v.doubtful && !o.doubtful &&
		slices.EqualFunc(v.stays, o.stays, func(a, b stay) bool { return a.out == b.out && a.back == b.back })
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

func anyOfSpots(s *transit.Scan, spots *transit.Spots, from, to uint32) bool {
	for id := from; id < to; id++ {
		if s.Reaches(spots, id) {
			return true
		}
	}
	return false
}

// judgeAll judges the listings of a set, notes in pass those that are shown,
// and counts those that are also in counted by class.
// Listings that are not on a day that was asked for are there to count the
// days, and judged by what they have on other days.
// Many are shared between two goroutines: the ways there are worked out while
// they are judged, and somebody waits for the answer.
func (r *reacher) judgeAll(among, counted, onDay, pass bitset) {
	if among.count() < judgedTogether || runtime.GOMAXPROCS(0) < 2 {
		r.judgeWords(among, counted, onDay, pass, 0, len(among))
		return
	}
	half := len(among) / 2
	twin := r.twin()
	failed := make(chan any, 1)
	go func() {
		defer func() { failed <- recover() }()
		twin.judgeWords(among, counted, onDay, pass, half, len(among))
	}()
	r.judgeWords(among, counted, onDay, pass, 0, half)
	if p := <-failed; p != nil {
		panic(p)
	}
	for class, n := range twin.counts {
		r.counts[class] += n
	}
}

// judgedTogether is how many listings are judged before a second goroutine pays.
const judgedTogether = 16_384

// twin judges other listings of the same search at the same time: what is
// noted while judging is its own.
func (r *reacher) twin() *reacher {
	t := *r
	t.visits, t.plans = make([]*visits, len(r.visits)), make([]*plan, len(r.plans))
	t.others, t.moments = map[slot]*visits{}, nil
	t.counts = [reachClasses]int{}
	t.fetch.at = make([]uint8, len(r.fetch.at))
	if r.dayless != nil {
		t.dayless = r.dayless.twin()
	}
	return &t
}

// judgeWords is judgeAll for the words of the sets from one to another.
func (r *reacher) judgeWords(among, counted, onDay, pass bitset, from, to int) {
	for w := from; w < to; w++ {
		word := among[w]
		var shown uint64
		count := counted[w]
		for ; word != 0; word &= word - 1 {
			bit := trailingZeros(word)
			ord := uint32(w<<6 + bit)
			by := r
			if onDay != nil && onDay[w]>>bit&1 == 0 {
				by = r.dayless
			}
			var class uint8
			if v := by.soonest(w, bit, ord); v != nil {
				class = by.rideTo(ord, by.ties.spot[ord], v)
			} else {
				class = by.classOf(ord)
			}
			r.classes[ord] = class
			shown |= uint64(r.show>>class&1) << bit
			r.counts[class] += int(count >> bit & 1)
		}
		pass[w] = shown
	}
}

// soonest is the only visits that matter to a listing with one door that has
// to be ridden to; nil when there may be more to it.
func (r *reacher) soonest(w, bit int, ord uint32) *visits {
	if !r.riding || (r.bits.journeyless[w]|r.walkers[w])>>bit&1 != 0 || r.ties.spot[ord] >= manySpots {
		return nil
	}
	if v := r.visits[r.ties.next[ord]]; v != nil && !v.over {
		return v
	}
	return nil
}

// passes judges one listing that fails at most the clause of a bit, or has
// not the words, and counts it when it passes everything else.
func (r *reacher) passes(ord, fail uint32, worded bool) bool {
	by := r
	if fail != 0 && fail == r.dayBit {
		by = r.dayless
	}
	class := by.classOf(ord)
	r.classes[ord] = class
	if fail == 0 && worded {
		r.counts[class]++
	}
	return r.show>>class&1 != 0
}

// found is how many listings pass everything else, and also reach when it
// shows these classes.
func (r *reacher) found(show uint8) (n int) {
	for class, k := range r.counts {
		if show>>class&1 != 0 {
			n += k
		}
	}
	return n
}

// results are the counts as they are shown.
func (r *reacher) results() *hereabouts.ReachCounts {
	return &hereabouts.ReachCounts{
		ThereAndBack: r.counts[reachWalk] + r.counts[reachThereAndBack], ThereOnly: r.counts[reachThereOnly],
		No: r.counts[reachNo], Unknown: r.counts[reachUnknown], DoorToDoor: r.counts[reachDoorToDoor],
	}
}

// A stay is some time at a listing with what knows of the ways there and
// back.
type stay struct {
	start, end int64
	out, back  *transit.Scan // nil when timetables do not matter
}

// visits are the ways of attending one occurrence: from start to end, or any
// stay within opening hours, the earliest first.
type visits struct {
	stays     []stay
	out, back *transit.Scan // to and from any of the stays
	scanned   bool          // there are timetables
	doubtful  bool          // and perhaps not for the day
	over      bool          // there is no stay to come
}

func (v *visits) first() *stay { return &v.stays[0] }

// class is reachThereAndBack, reachThereOnly or reachNo for a place with some
// spots.
func (v *visits) class(spots *transit.Spots, from, to uint32) uint8 {
	if !anyOfSpots(v.out, spots, from, to) {
		return reachNo
	}
	if anyOfSpots(v.back, spots, from, to) && (len(v.stays) == 1 || v.pair(spots, from, to)) {
		return reachThereAndBack
	}
	return reachThereOnly
}

// pair reports whether there is a way there and a way back for one stay.
func (v *visits) pair(spots *transit.Spots, from, to uint32) bool {
	for i := range v.stays {
		if s := &v.stays[i]; anyOfSpots(s.out, spots, from, to) && anyOfSpots(s.back, spots, from, to) {
			return true
		}
	}
	return false
}

// shown is the stay that a verdict is about: the best that bears it out.
func (v *visits) shown(r *reacher, ord uint32, place uint16, class uint8) *stay {
	if class > reachThereAndBack && class != reachThereOnly {
		return v.first()
	}
	ready := r.now + r.early + int64(r.known.who.Limit/time.Second)
	for s := range bestFirst(v.stays, ready) {
		if class == reachWalk {
			return s
		}
		ok := false
		r.eachPlace(ord, place, func(from, to uint32) {
			ok = ok || anyOfSpots(s.out, r.ties.spots, from, to) &&
				(class == reachThereOnly || anyOfSpots(s.back, r.ties.spots, from, to))
		})
		if ok {
			return s
		}
	}
	return v.first()
}

// visitsAt is the visits of an occurrence, made once in a search.
func (r *reacher) visitsAt(o occurrence) *visits {
	v := r.others[o.slot]
	if v == nil {
		v = r.visitsOf(o.slot)
		r.others[o.slot] = v
	}
	return v
}

// never is the visits of what is not on within the days that are looked at.
var never = &visits{stays: []stay{{}}}

func (r *reacher) visitsOf(s slot) *visits {
	if s.start == 0 {
		return never
	}
	if !r.when.open(r.columns, &s) {
		return &visits{stays: []stay{{}}, over: true}
	}
	k := visitsKey{slot: s, want: r.stay, early: r.early}
	k.kind &^= occAssumed
	if k.kind&(occAnyTime|occOpenEnded) == occAnyTime {
		// Of a stay that has begun only those to come matter, and they
		// change every quarter of an hour.
		if s.start <= r.now {
			k.after = r.now / quarter * quarter
		}
		if r.when.timed {
			k.asked = r.when.windows(r.columns, &s)
		}
	}
	return r.known.visits(k)
}

// fetchers are up to three listings that fetch somebody to a place of a
// listing: its own people first, then the nearest.
func (r *reacher) fetchers(ord uint32, place uint16) (ids []string) {
	if r.fetchesItself(ord, place) {
		ids = append(ids, r.details[ord].id)
	}
	var from []uint32
	for _, f := range r.fetch.from {
		if r.holdsPlace(f, ord, place) {
			from = append(from, f.ord)
		}
	}
	slices.SortFunc(from, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(r.chordTo(a), r.chordTo(b)), cmp.Compare(r.details[a].id, r.details[b].id))
	})
	for _, f := range from[:min(len(from), 3-len(ids))] {
		ids = append(ids, r.details[f].id)
	}
	return ids
}

func (r *reacher) chordTo(ord uint32) float64 {
	best := math.Inf(1)
	for _, p := range r.details[ord].points {
		x, y, z := unit(p.lat, p.lon)
		best = min(best, r.from.chord2(x, y, z))
	}
	return best
}
