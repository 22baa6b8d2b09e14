package transit

import (
	"hash/maphash"
	"iter"
	"maps"
	"slices"
	"sync"
	"unsafe"
)

// A view is what somebody may use of a timetable in some span of the service
// day: the runs of patterns, and where patterns can be boarded and left.
// Spans of different days that hold the same trips share one view.
type view struct {
	patterns []pattern
	runs     []run
	trips    []uint32 // by position in runs
	boards   callList // by out-node
	alights  callList // by in-node
}

// A pattern is a row of runs of one sequence of which none overtakes another.
type pattern struct {
	position uint32 // of its first stop in the sequences
	stops    uint32
	lo, hi   uint32 // its runs
}

// A callList is where patterns call at each node. Calls are packed, as the
// time of a search goes into fetching them: stop + pattern << bits.
type callList struct {
	first []uint32 // by node, and one more
	list  []packedCall
	bits  uint8
}

type packedCall uint32

func (l *callList) of(node uint32) []packedCall { return l.list[l.first[node]:l.first[node+1]] }

// unpack is the pattern of a call, and which of its stops.
func (l *callList) unpack(c packedCall) (pattern, at uint32) {
	return uint32(c) >> (l.bits & 31), uint32(c) & (1<<(l.bits&31) - 1)
}

// accessNodes are the nodes of positions for what somebody asks of stops.
type accessNodes struct {
	once    sync.Once
	in, out []uint32 // by position
}

// access is where somebody can get off and on.
func (n *Network) access(s Steps) *accessNodes {
	a := &n.accessLists[s]
	if s != AnySteps {
		a.once.Do(func() {
			a.in, a.out = slices.Clone(n.seqs.in), slices.Clone(n.seqs.out)
			for i, stop := range n.seqs.stop {
				if !s.allow(n.stops.wheelchair[stop]) {
					a.in[i], a.out[i] = n.nodes.none, n.nodes.none
				}
			}
		})
	}
	return a
}

// allow reports whether what a stop or vehicle says is enough.
func (s Steps) allow(a Accessible) bool {
	return s == AnySteps || a == AccessYes || s == Lenient && a == AccessUnknown
}

// newView is made of the trips that run in a timetable and are under way at
// some time in a span, in order of trip.
func (n *Network) newView(trips []uint32, s Steps) *view {
	v := &view{}
	access := n.access(s)
	seqs := &n.seqs
	var rows [][]uint32 // trips of the patterns of one sequence
	seq := 0
	boards, alights := make([]uint32, n.nodes.none+2), make([]uint32, n.nodes.none+2)
	for i := 0; i < len(trips); {
		for seqs.firstTrip[seq+1] <= trips[i] {
			seq++
		}
		stops := seqs.first[seq+1] - seqs.first[seq]
		rows = rows[:0]
		for ; i < len(trips) && trips[i] < seqs.firstTrip[seq+1]; i++ {
			r := slices.IndexFunc(rows, func(row []uint32) bool {
				return n.follows(n.trips.runs[row[len(row)-1]], n.trips.runs[trips[i]], stops)
			})
			switch {
			case r >= 0:
				rows[r] = append(rows[r], trips[i])
			case len(rows) < cap(rows):
				rows = rows[:len(rows)+1]
				rows[len(rows)-1] = append(rows[len(rows)-1][:0], trips[i])
			default:
				rows = append(rows, []uint32{trips[i]})
			}
		}
		for _, row := range rows {
			p := pattern{seqs.first[seq], stops, uint32(len(v.runs)), uint32(len(v.runs) + len(row))}
			v.patterns = append(v.patterns, p)
			for _, t := range row {
				v.runs = append(v.runs, n.trips.runs[t])
			}
			v.trips = append(v.trips, row...)
			for i := p.position; i < p.position+p.stops; i++ {
				boards[access.out[i]+1]++
				alights[access.in[i]+1]++
			}
		}
	}
	v.boards = n.newCallList(v.patterns, boards, access.out)
	v.alights = n.newCallList(v.patterns, alights, access.in)
	v.runs, v.trips, v.patterns = slices.Clip(v.runs), slices.Clip(v.trips), slices.Clip(v.patterns)
	return v
}

// follows reports whether run b is nowhere earlier than run a.
func (n *Network) follows(a, b run, stops uint32) bool {
	if b.start < a.start {
		return false
	}
	if a.profile == b.profile {
		return true
	}
	x, y := n.seqs.times[a.profile:][:stops], n.seqs.times[b.profile:][:stops]
	d := b.start - a.start
	for i := range x {
		if y[i].arrive+d < x[i].arrive || y[i].depart+d < x[i].depart {
			return false
		}
	}
	return true
}

// newCallList sorts the positions of patterns by node; count holds how many
// each node has, one further on.
func (n *Network) newCallList(patterns []pattern, count []uint32, nodes []uint32) callList {
	count[n.nodes.none+1] = 0
	for i := range n.nodes.none + 1 {
		count[i+1] += count[i]
	}
	l := callList{slices.Clone(count), make([]packedCall, count[n.nodes.none+1]), n.seqs.bits}
	for i, p := range patterns {
		for at := range p.stops {
			if node := nodes[p.position+at]; node != n.nodes.none {
				l.list[count[node]] = packedCall(uint32(i)<<l.bits | at)
				count[node]++
			}
		}
	}
	return l
}

// bytes is about how much memory a view takes.
func (v *view) bytes() int {
	return cap(v.patterns)*int(unsafe.Sizeof(pattern{})) + cap(v.runs)*int(unsafe.Sizeof(run{})) + 4*cap(v.trips) +
		4*(cap(v.boards.first)+cap(v.alights.first)) + 4*(cap(v.boards.list)+cap(v.alights.list))
}

// A viewKey names a span of a timetable.
type viewKey struct {
	zone      uint8
	steps     Steps
	timetable uint32
	from, to  int32 // seconds of the service day, both inclusive
}

// A viewCache keeps views within a limit of memory, the latest used.
type viewCache struct {
	network *Network
	seed    maphash.Seed
	mu      sync.Mutex
	byKey   map[viewKey]*keptView
	byHash  map[uint64][]*keptView
	used    uint64 // counts uses
	bytes   int
	limit   int

	differences map[[2]*view]stopSet
}

type keptView struct {
	once sync.Once
	view *view
	hash uint64
	used uint64
	same *keptView // the one that holds the same trips, when another does
}

// maxViewBytes bounds what views take: about what the timetable of a nation
// needs for a week, and far more than a city needs for a year.
const maxViewBytes = 512 << 20

func (c *viewCache) init(n *Network) {
	c.network, c.seed, c.limit = n, maphash.MakeSeed(), maxViewBytes
	c.byKey, c.byHash = map[viewKey]*keptView{}, map[uint64][]*keptView{}
}

// get is the view of a key, made when it is not there.
func (c *viewCache) get(k viewKey) *view {
	c.mu.Lock()
	e, ok := c.byKey[k]
	if !ok {
		e = &keptView{}
		c.byKey[k] = e
	}
	c.used++
	e.used = c.used
	if e.same != nil {
		e.same.used = c.used
	}
	c.mu.Unlock()
	e.once.Do(func() { c.make(k, e) })
	return e.view
}

// make fills an entry.
func (c *viewCache) make(k viewKey, e *keptView) {
	n := c.network
	trips := n.tripsOf(k)
	var h maphash.Hash
	h.SetSeed(c.seed)
	h.WriteByte(byte(k.steps))
	if len(trips) > 0 {
		h.Write(unsafe.Slice((*byte)(unsafe.Pointer(&trips[0])), 4*len(trips)))
	}
	e.hash = h.Sum64()

	c.mu.Lock()
	for _, other := range c.byHash[e.hash] {
		if other.view.holds(trips) {
			e.view, e.same = other.view, other
			other.used = c.used
			c.mu.Unlock()
			return
		}
	}
	c.mu.Unlock()
	v := n.newView(trips, k.steps)
	c.mu.Lock()
	defer c.mu.Unlock()
	e.view = v
	c.byHash[e.hash] = append(c.byHash[e.hash], e)
	c.bytes += v.bytes()
	for c.bytes > c.limit && c.drop(e) {
	}
}

// holds reports whether a view is of exactly these trips, which ascend.
func (v *view) holds(trips []uint32) bool {
	if len(v.trips) != len(trips) {
		return false
	}
	return slices.Equal(v.sorted(), trips)
}

// A stopSet has a bit for each stop.
type stopSet []uint64

func (s stopSet) has(stop uint32) bool { return s[stop/64]>>(stop%64)&1 != 0 }
func (s stopSet) add(stop uint32)      { s[stop/64] |= 1 << (stop % 64) }

// maxDifferences bounds how many differences are kept.
const maxDifferences = 500

// difference is where it can be felt that two views are not of the same trips:
// the stops of trips that are in one alone, and those that one can change to
// or from there. A search that comes by none of them finds the same in both.
func (c *viewCache) difference(a, b *view) stopSet {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.differences[[2]*view{a, b}]; ok {
		return d
	}
	if c.differences == nil || len(c.differences) >= maxDifferences {
		c.differences = map[[2]*view]stopSet{}
	}
	n := c.network
	d := make(stopSet, len(n.stops.at)/64+1)
	// Links of those who walk far enough include those of everybody.
	changes := n.changesFor(Standard.Speed, MaxFootM)
	for trip := range onlyInOne(a.sorted(), b.sorted()) {
		s, _ := slices.BinarySearch(n.seqs.firstTrip, trip+1)
		for i := n.seqs.first[s-1]; i < n.seqs.first[s]; i++ {
			d.add(n.seqs.stop[i])
			for _, c := range changes.to.of(n.seqs.out[i]) {
				d.add(n.nodes.stopOfIn(c.node))
			}
			for _, c := range changes.from.of(n.seqs.in[i]) {
				d.add(n.nodes.stopOfOut(c.node))
			}
		}
	}
	c.differences[[2]*view{a, b}] = d
	return d
}

// sorted are the trips of a view in ascending order.
func (v *view) sorted() []uint32 {
	trips := slices.Clone(v.trips)
	slices.Sort(trips)
	return trips
}

// onlyInOne are the numbers in one of two ascending lists alone.
func onlyInOne(a, b []uint32) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for len(a) > 0 || len(b) > 0 {
			switch {
			case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
				if !yield(a[0]) {
					return
				}
				a = a[1:]
			case len(a) == 0 || b[0] < a[0]:
				if !yield(b[0]) {
					return
				}
				b = b[1:]
			default:
				a, b = a[1:], b[1:]
			}
		}
	}
}

// drop forgets the view that was not used for longest, but for one; false
// when there is no other.
func (c *viewCache) drop(except *keptView) bool {
	var oldest *keptView
	for _, list := range c.byHash {
		for _, e := range list {
			if e != except && (oldest == nil || e.used < oldest.used) {
				oldest = e
			}
		}
	}
	if oldest == nil {
		return false
	}
	for k, e := range c.byKey {
		if e == oldest || e.same == oldest {
			delete(c.byKey, k)
		}
	}
	c.byHash[oldest.hash] = slices.DeleteFunc(c.byHash[oldest.hash], func(e *keptView) bool { return e == oldest })
	if len(c.byHash[oldest.hash]) == 0 {
		delete(c.byHash, oldest.hash)
	}
	maps.DeleteFunc(c.differences, func(k [2]*view, _ stopSet) bool { return k[0] == oldest.view || k[1] == oldest.view })
	c.bytes -= oldest.view.bytes()
	return true
}

// tripsOf are the trips of a view, in order.
func (n *Network) tripsOf(k viewKey) []uint32 {
	var trips []uint32
	running := n.zones[k.zone].set(k.timetable)
	q := &n.seqs
	for s := range len(q.first) - 1 {
		if q.zone[s] != k.zone {
			continue
		}
		last := q.first[s+1] - q.first[s] - 1
		for t := q.firstTrip[s]; t < q.firstTrip[s+1]; t++ {
			service := n.trips.service[t]
			if running[service>>6]>>(service&63)&1 == 0 || !k.steps.allow(n.trips.wheelchair[t]) {
				continue
			}
			r := n.trips.runs[t]
			if r.start <= k.to && r.start+q.times[r.profile+last].arrive >= k.from {
				trips = append(trips, t)
			}
		}
	}
	return trips
}

// A layer is a view in the time of one question: seconds of the service day
// and offset make seconds after the question's beginning.
type layer struct {
	view   *view
	offset int32
	closed []span // when a pass does not hold
}

// A span is of seconds after a question's beginning, the end exclusive.
type span struct{ from, to int32 }

// sliceSeconds is how finely service days are cut into views. A slice is as
// long as the question, rounded up, and this.
const sliceSeconds = 1800

// maxSlice is the longest question answered from slices, in seconds, and
// maxSliced the largest network; beyond either the views are of whole days,
// as slices would take more memory than they save time.
const (
	maxSlice  = 3 * 3600
	maxSliced = 2_000_000 // calls of all trips
)

// layers are what runs in a span of Unix time, both ends inclusive.
func (n *Network) layers(from, to int64, s Steps, pass Pass) []layer {
	var layers []layer
	for z, zone := range n.zones {
		zone.daysOver(from, to, func(day serviceDay) {
			k := viewKey{zone: uint8(z), steps: s, timetable: day.timetable, from: zone.earliest, to: zone.latest}
			if to-from <= maxSlice && n.seqs.calls <= maxSliced {
				k.from = int32(floorDiv(from-day.base, sliceSeconds)) * sliceSeconds
				k.to = k.from + int32((to-from+sliceSeconds-1)/sliceSeconds+1)*sliceSeconds - 1
			}
			v := n.views.get(k)
			if len(v.runs) == 0 {
				return
			}
			l := layer{view: v, offset: int32(day.base - from)}
			if pass != NoPass {
				l.closed = zone.closed(pass, from, to)
			}
			layers = append(layers, l)
		})
	}
	return layers
}
