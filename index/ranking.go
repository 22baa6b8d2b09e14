package index

import "math"

// Everything that moves a result up or down. The rank by relevance is
//
//	words × need × nearness × freshness × availability × reach × what is unknown
//
// and every factor but the first is bounded, so that none alone can bury a
// listing or carry it to the top. Two rules come before the product: a
// listing with exactly the name that was typed comes first, and without words
// those with no place come after those that have one.

// nearness is how much a distance on the ground is worth, from 1 at the door
// down to farAway. Most people who are referred come on foot or by bus: the
// first kilometre is free, four more halve it, and after that nearer is
// still better, however little.
func nearness(metres float64) float32 {
	const (
		free  = 1000
		scale = 4000
	)
	beyond := max(0, metres-free) / scale
	bell := math.Exp(-math.Ln2 * beyond * beyond)
	tail := scale / (scale + metres)
	return float32(farAway + (1-farAway)*(0.8*bell+0.2*tail))
}

// farAway is the nearness of the far end of the country, and of listings
// that have no place.
const farAway = 0.25

// freshness of what was said, and availability: what prior is made of.
var (
	freshFactors = [...]float32{1, 0.92, 0.85}                 // fresh, ageing, stale or never confirmed
	availFactors = [...]float32{1, 0.9, 0.75, 0.7, 0.35, 0.96} // as states
)

// prior is what is known about a listing's rank before anything is asked.
func prior(r *row) float32 {
	if !r.is(flagLive) {
		return 0
	}
	return freshFactors[r.fresh] * availFactors[r.avail]
}

// reachFactors are what getting there is worth: being fetched takes arranging,
// and what is not known to be reached, or cannot be left again, is shown so
// that somebody can see to it.
var reachFactors = [reachClasses]float32{
	reachNone: 1, reachWalk: 1, reachThereAndBack: 1, reachDoorToDoor: 0.9,
	reachUnknown: unknownFactor, reachThereOnly: 0.7, reachNo: 0.5,
}

const (
	// unknownFactor is for each thing asked about that a listing does not state.
	unknownFactor = 0.85
	// needFactor is for listings that meet a need read from the words.
	needFactor = 1.25
	// correctedFactor is for a word that we think was meant, rareFactor for
	// one that we think might have been, prefixFactor for an unfinished one.
	correctedFactor = 0.9
	rareFactor      = 0.6
	prefixFactor    = 0.7
)

// The tiers above the product, which stays far below them. Within a radius
// the listings that have no place come after those that have one, whatever
// their words; without words they always do.
const (
	exactName  = 1000
	localWords = 500
	localFirst = 1
)
