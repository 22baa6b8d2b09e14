package transit

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"
)

// The rules' figures; see the package's comment.
const (
	Detour        = 1.3 // path walked for each metre as the crow flies
	ChangeSeconds = 60
	MaxFootM      = 400.0 // metres of path between two stops at a change
)

// A Profile is how somebody walks.
type Profile struct {
	Name     string
	Speed    float64 // metres of path a second
	MaxWalkM float64 // metres of path of one walk
}

// Profiles.
var (
	Standard = Profile{"standard", 1.2, 1000}
	Slow     = Profile{"slow", 0.8, 400}
	StepFree = Profile{"step_free", 0.9, 500}
)

// Steps says what is asked of stops and vehicles.
type Steps uint8

// What is asked of stops and vehicles.
const (
	AnySteps Steps = iota
	Lenient        // none may say no
	Strict         // all must say yes
)

// A Pass limits when somebody may board.
type Pass uint8

// Passes.
const (
	NoPass        Pass = iota
	OlderDisabled      // no boarding before 09:30 on weekdays that are not bank holidays
)

// A Traveller is somebody, where they live and how they can travel. It is
// comparable, and two that are equal reach the same.
type Traveller struct {
	Home       orb.Point
	Limit      time.Duration // each way, door to door; whole seconds
	Speed      float64       // of walking, metres of path a second
	MaxWalkM   float64       // metres of path of one walk
	MaxChanges int           // negative: any number
	Steps      Steps
	Pass       Pass
}

// A Reach is everything that one traveller can reach. Scans are made when
// first asked for and kept. It is safe for concurrent use.
type Reach struct {
	network *Network
	who     Traveller
	limit   int32
	rounds  int
	home    []doorstep
	changes *changeTable
	access  *accessNodes
	walker  walker

	outs, backs sync.Map // by moment: *Scan
	mu          sync.Mutex
	alike       map[scanKey][]*alikeScan
	nights      map[int64]*night // by when somebody must be home
}

// A doorstep is the walk between one of a traveller's ends and a stop.
type doorstep struct {
	footpath
	seconds int32
	point   int32 // which of several points; 0 for home
}

// A scanKey is what all scans that could be alike have in common.
type scanKey struct {
	back   bool
	layers int
	offset int32 // of the first layer
}

// An alikeScan is made once, by whoever first asks.
type alikeScan struct {
	once   sync.Once
	layers []layer
	scan   atomic.Pointer[Scan]
}

// maxRounds is any number of vehicles.
const maxRounds = math.MaxInt

// maxLimit is the longest journey looked for.
const maxLimit = 18 * 3600

// From begins to answer for a traveller. A Limit above 18 hours counts as 18
// hours.
func (n *Network) From(t Traveller) *Reach {
	r := &Reach{network: n, who: t, alike: map[scanKey][]*alikeScan{}, walker: newWalker(t.Speed, t.MaxWalkM)}
	r.limit = int32(min(max(t.Limit/time.Second, -1), maxLimit))
	r.rounds = maxRounds
	if t.MaxChanges >= 0 {
		r.rounds = t.MaxChanges + 1
	}
	if n.Empty() {
		return r
	}
	r.changes, r.access = n.changesFor(t.Speed, t.MaxWalkM), n.access(t.Steps)
	r.home = r.doorsteps(t.Home)
	return r
}

// doorsteps are the walks between a point and the stops near it.
func (r *Reach) doorsteps(p orb.Point) []doorstep {
	var steps []doorstep
	for _, f := range r.network.grid.near(nil, p, r.who.MaxWalkM) {
		steps = append(steps, doorstep{footpath: f, seconds: boundedSeconds(f.pathM, r.who.Speed)})
	}
	return steps
}

// question is about what can be travelled in a span of Unix time.
func (r *Reach) question(from, to int64) *question {
	return &question{r.network, r.network.layers(from, to, r.who.Steps, r.who.Pass), r.changes, r.access, int32(to - from), r.rounds}
}

// Out is about leaving home at deadline − Limit and being somewhere by
// deadline. Times are Unix seconds. Equal questions on days with the same
// timetable are answered by the same scan.
func (r *Reach) Out(deadline int64) *Scan {
	return r.scan(&r.outs, deadline, deadline-int64(r.limit), false)
}

// Back is about leaving somewhere at leave and being home by leave + Limit.
func (r *Reach) Back(leave int64) *Scan { return r.scan(&r.backs, leave, leave, true) }

// scan is the scan of a moment, made unless one like it is there already.
func (r *Reach) scan(known *sync.Map, moment, from int64, back bool) *Scan {
	if s, ok := known.Load(moment); ok {
		return s.(*Scan)
	}
	if r.network.Empty() || r.limit < 0 || len(r.home) == 0 {
		s := r.newScan()
		known.Store(moment, s)
		return s
	}
	q := r.question(from, from+int64(r.limit))
	key := scanKey{back: back, layers: len(q.layers)}
	if len(q.layers) > 0 {
		key.offset = q.layers[0].offset
	}
	a := r.likeness(key, q)
	a.once.Do(func() { a.scan.Store(r.newScanOf(q, back)) })
	s := a.scan.Load()
	known.Store(moment, s)
	return s
}

// likeness is a scan that answers a question, perhaps yet to be made.
func (r *Reach) likeness(key scanKey, q *question) *alikeScan {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.alike[key] {
		scan := a.scan.Load() // nil while it is being made
		if slices.EqualFunc(a.layers, q.layers, func(a, b layer) bool {
			return a.offset == b.offset && slices.Equal(a.closed, b.closed) &&
				(a.view == b.view || scan != nil && !r.touches(scan, r.network.views.difference(a.view, b.view)))
		}) {
			return a
		}
	}
	a := &alikeScan{layers: q.layers}
	r.alike[key] = append(r.alike[key], a)
	return a
}

// touches reports whether a scan may have anything to do with some stops.
// When it has not, it is the same whatever calls there.
func (r *Reach) touches(s *Scan, stops stopSet) bool {
	return slices.ContainsFunc(s.stops, stops.has) || slices.ContainsFunc(r.home, func(d doorstep) bool { return stops.has(d.stop) })
}

// newScanOf answers a question from home, or back to it.
func (r *Reach) newScanOf(q *question, back bool) *Scan {
	s := r.newScan()
	n := r.network
	w := n.work()
	defer n.done(w)
	if back {
		r.arrive(w.backward, q, r.home, q.limit)
		w.backward.backwardAll(q)
		s.stops = make([]uint32, 0, len(w.backward.outSet))
		for _, node := range w.backward.outSet {
			s.add(n.nodes.stopOfOut(node), w.backward.out[node])
		}
	} else {
		r.leave(w.forward, q, r.home, 0)
		w.forward.forwardAll(q)
		s.stops = make([]uint32, 0, len(w.forward.inSet))
		for _, node := range w.forward.inSet {
			s.add(n.nodes.stopOfIn(node), q.limit-w.forward.in[node])
		}
	}
	return s
}

// leave begins a search forward with leaving one of somebody's ends.
func (r *Reach) leave(w *work, q *question, ends []doorstep, at int32) {
	for _, d := range ends {
		t := at + d.seconds
		if t > q.limit {
			continue
		}
		w.board(d.stop, t)
		for _, node := range r.network.nodes.extraOut[d.stop] {
			w.board(node, t)
		}
	}
}

// arrive begins a search backward with being at one of somebody's ends.
func (r *Reach) arrive(w *work, q *question, ends []doorstep, by int32) {
	for _, d := range ends {
		t := by - d.seconds
		if t < 0 {
			continue
		}
		w.alight(d.stop, t)
		for _, node := range r.network.nodes.extraIn[d.stop] {
			w.alight(node, t)
		}
	}
}

// Walk is how long walking all the way takes; ok is false when the path is
// longer than 2 × MaxWalkM or takes longer than Limit.
func (r *Reach) Walk(p orb.Point) (seconds int, pathM float64, ok bool) {
	pathM = pathBetween(r.who.Home, p)
	if !(pathM <= 2*r.who.MaxWalkM) {
		return 0, 0, false
	}
	seconds = walkSeconds(pathM, r.who.Speed)
	return seconds, pathM, time.Duration(seconds)*time.Second <= r.who.Limit
}

// Expired reports whether a timetable with a stop within walking distance of
// home, or of the spot, is not valid on the (local) day of a moment.
func (r *Reach) Expired(at int64, spots *Spots, id uint32) bool {
	n := r.network
	if n.settled.holds(at) {
		return false
	}
	expired := func(stop uint32) bool { return !n.validity[n.stops.feed[stop]].holds(at) }
	if slices.ContainsFunc(r.home, func(d doorstep) bool { return expired(d.stop) }) {
		return true
	}
	if r.who.MaxWalkM <= linkM {
		some := uint64(0)
		for i, v := range n.validity {
			if !v.holds(at) {
				some |= 1 << (i % 64)
			}
		}
		if spots.feeds[id]&some == 0 {
			return false
		}
	}
	found := false
	spots.each(id, &r.walker, func(stop uint32, _ int32) bool {
		found = expired(stop)
		return !found
	})
	return found
}

// NoService reports whether on the (local) day of a moment, and with what the
// traveller asks of vehicles, nothing stops within walking distance of home
// though some stop is there, or nothing within walking distance of the spot
// though some stop is there.
func (r *Reach) NoService(at int64, spots *Spots, id uint32) bool {
	return r.unserved(at, r.home) || r.unserved(at, r.doorsteps(spots.at[id]))
}

// unserved reports whether nothing stops at any of some stops on a local day.
func (r *Reach) unserved(at int64, near []doorstep) bool {
	for _, d := range near {
		z, _ := r.network.zoneOf(int(r.network.stops.feed[d.stop]))
		zone := r.network.zones[z]
		day := zone.dayOf(at)
		from, to := midnight(day, zone.place), midnight(day+1, zone.place)-1
		for _, l := range r.network.layers(from, to, r.who.Steps, NoPass) {
			if r.network.stopsThere(&l, d.stop, int32(to-from)) {
				return false
			}
		}
	}
	return len(near) > 0
}

// stopsThere reports whether anything can be boarded or left at a stop
// between 0 and a time.
func (n *Network) stopsThere(l *layer, stop uint32, to int32) bool {
	calls := func(list *callList, node uint32, time func(call) int32) bool {
		for _, c := range list.of(node) {
			pattern, at := list.unpack(c)
			p := l.view.patterns[pattern]
			for _, run := range l.view.runs[p.lo:p.hi] {
				if t := run.start + time(n.seqs.times[run.profile+at]) + l.offset; t >= 0 && t <= to {
					return true
				}
			}
		}
		return false
	}
	boards := func(node uint32) bool { return calls(&l.view.boards, node, func(c call) int32 { return c.depart }) }
	alights := func(node uint32) bool { return calls(&l.view.alights, node, func(c call) int32 { return c.arrive }) }
	return boards(stop) || alights(stop) ||
		slices.ContainsFunc(n.nodes.extraOut[stop], boards) || slices.ContainsFunc(n.nodes.extraIn[stop], alights)
}
