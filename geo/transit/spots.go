package transit

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// linkM is how far from a spot, in metres of path, the stops that it is tied
// to may be: the farthest that any profile walks. Longer walks are looked for
// when somebody asks for them.
const linkM = 1000

// Spots are places tied to the stops within walking distance of each. They
// belong to the network that made them. Adding is for one goroutine at a
// time, and not while others read.
type Spots struct {
	network *Network
	at      []orb.Point
	tiles   []tile
	feeds   []uint64   // which feeds have a stop that near: bit feed % 64
	first   []uint32   // by spot, and one more: its first link
	links   []spotLink // the nearest of each spot first
	buffer  []footpath
}

// A spotLink is the walk between a spot and a stop.
type spotLink struct {
	stop  uint32
	times walkTimes
}

// walkTimes are how many seconds a walk of at most linkM takes at the speeds
// of the three profiles, packed: up to 834, 1,250 and 1,112.
type walkTimes uint32

func packWalk(pathM float64) walkTimes {
	return walkTimes(walkSeconds(pathM, Standard.Speed)) | walkTimes(walkSeconds(pathM, Slow.Speed))<<10 |
		walkTimes(walkSeconds(pathM, StepFree.Speed))<<21
}

// A gait is which of the packed times are somebody's.
type gait struct{ shift, mask uint32 }

var gaits = map[float64]gait{Standard.Speed: {0, 1<<10 - 1}, Slow.Speed: {10, 1<<11 - 1}, StepFree.Speed: {21, 1<<11 - 1}}

// NewSpots is an empty set of spots.
func (n *Network) NewSpots() *Spots { return &Spots{network: n, first: []uint32{0}} }

// Add ties a place to the network and numbers it, from 0 on.
func (s *Spots) Add(p orb.Point) uint32 {
	n := s.network
	s.buffer = n.grid.near(s.buffer[:0], p, linkM)
	slices.SortFunc(s.buffer, func(a, b footpath) int {
		return cmp.Or(cmp.Compare(a.pathM, b.pathM), cmp.Compare(a.stop, b.stop))
	})
	feeds := uint64(0)
	for _, f := range s.buffer {
		s.links = append(s.links, spotLink{f.stop, packWalk(f.pathM)})
		feeds |= 1 << (n.stops.feed[f.stop] % 64)
	}
	s.at = append(s.at, p)
	s.tiles = append(s.tiles, n.tiling.of(p))
	s.feeds = append(s.feeds, feeds)
	s.first = append(s.first, uint32(len(s.links)))
	return uint32(len(s.at) - 1)
}

// Len is how many spots there are.
func (s *Spots) Len() int { return len(s.at) }

// A walker is how somebody walks, made ready for spots.
type walker struct {
	speed, maxWalkM float64
	gait            gait
	packed          bool  // the spots' links have all their walks, and how long they take
	all             bool  // none of the links is too long for them
	longest         int32 // seconds that the longest walk takes, when packed
}

func newWalker(speed, maxWalkM float64) walker {
	w := walker{speed: speed, maxWalkM: maxWalkM, all: maxWalkM == linkM}
	w.gait, w.packed = gaits[speed]
	w.packed = w.packed && maxWalkM >= 0 && maxWalkM <= linkM
	if w.packed {
		w.longest = int32(walkSeconds(maxWalkM, speed))
	}
	return w
}

// takes is how many seconds a link takes.
func (w *walker) takes(l spotLink) int32 { return int32(uint32(l.times) >> w.gait.shift & w.gait.mask) }

// within reports whether a link is short enough, given how long it takes. Only
// of those that take exactly as long as the longest walk may some be longer.
func (w *walker) within(s *Spots, id uint32, l spotLink, seconds int32) bool {
	return w.all || seconds < w.longest ||
		seconds == w.longest && pathBetween(s.at[id], s.network.stops.at[l.stop]) <= w.maxWalkM
}

// each calls with the stops within somebody's walking distance of a spot and
// how long each walk takes, until told to stop.
func (s *Spots) each(id uint32, w *walker, yield func(stop uint32, seconds int32) bool) {
	if w.packed {
		for _, l := range s.links[s.first[id]:s.first[id+1]] {
			seconds := w.takes(l)
			if !w.within(s, id, l, seconds) || !yield(l.stop, seconds) {
				return
			}
		}
		return
	}
	for _, f := range s.network.grid.near(nil, s.at[id], w.maxWalkM) {
		if !yield(f.stop, boundedSeconds(f.pathM, w.speed)) {
			return
		}
	}
}

// boundedSeconds is walkSeconds, or some hundreds of years.
func boundedSeconds(pathM, speed float64) int32 {
	return int32(min(math.Ceil(pathM/speed), math.MaxInt32/4))
}
