package transit

import (
	"slices"

	"github.com/paulmach/orb"
)

// FeedsNear are the timetables with a stop within some metres of path of a
// point, in order, as positions in [Network.Feeds].
func (n *Network) FeedsNear(p orb.Point, pathM float64) []int {
	var feeds []int
	for _, f := range n.grid.near(nil, p, pathM) {
		feeds = append(feeds, int(n.stops.feed[f.stop]))
	}
	slices.Sort(feeds)
	return slices.Compact(feeds)
}
