package transit

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// linkM is how far from a spot, in metres of path, the stops that it is tied
// to may be: the farthest that any profile walks.
const linkM = 1000

// Spots are places tied to the stops within walking distance of each. They
// belong to the network that made them. Adding is for one goroutine at a
// time, and not while others read.
type Spots struct {
	network *Network
	at      []orb.Point
	first   []uint32 // by spot, and one more: its first link
	stops   []uint32
	seconds []walkTimes
	buffer  []footpath
}

// walkTimes are how long a walk takes at the speeds of the three profiles,
// packed: up to 834, 1,250 and 1,112 seconds.
type walkTimes uint32

func packWalk(pathM float64) walkTimes {
	return walkTimes(walkSeconds(pathM, Standard.Speed)) | walkTimes(walkSeconds(pathM, Slow.Speed))<<10 |
		walkTimes(walkSeconds(pathM, StepFree.Speed))<<21
}

// NewSpots is an empty set of spots.
func (n *Network) NewSpots() *Spots { return &Spots{network: n, first: []uint32{0}} }

// Add ties a place to the network and numbers it, from 0 on.
func (s *Spots) Add(p orb.Point) uint32 {
	s.buffer = s.network.grid.near(s.buffer[:0], p, linkM)
	slices.SortFunc(s.buffer, func(a, b footpath) int {
		return cmp.Or(cmp.Compare(a.pathM, b.pathM), cmp.Compare(a.stop, b.stop))
	})
	for _, f := range s.buffer {
		s.stops = append(s.stops, f.stop)
		s.seconds = append(s.seconds, packWalk(f.pathM))
	}
	s.at = append(s.at, p)
	s.first = append(s.first, uint32(len(s.stops)))
	return uint32(len(s.at) - 1)
}

// Len is how many spots there are.
func (s *Spots) Len() int { return len(s.at) }
