package transit

import "sync"

// A Scan knows for every stop how long may still be walked there.
type Scan struct {
	reach *Reach
	stops []uint32      // those reached
	slack paged[uint16] // seconds left and 1; 0 where a stop is not reached
	once  sync.Once
	tiles *reachMap
}

// maxSlack keeps slack and 1 within 16 bits.
const maxSlack = 65534

func (r *Reach) newScan() *Scan {
	return &Scan{reach: r, slack: newPaged[uint16](len(r.network.stops.at))}
}

// add notes the seconds left at a stop, when they are more than before.
func (s *Scan) add(stop uint32, seconds int32) {
	at := s.slack.at(stop)
	if *at == 0 {
		s.stops = append(s.stops, stop)
	}
	*at = max(*at, uint16(min(seconds, maxSlack)+1))
}

// left is how many seconds may be walked from (or to) a stop; negative when
// it cannot be reached.
func (s *Scan) left(stop uint32) int32 { return int32(s.slack.of(stop)) - 1 }

// each calls with the stops that are reached and the seconds left there.
func (s *Scan) each(yield func(stop uint32, seconds int32)) {
	for _, stop := range s.stops {
		yield(stop, s.left(stop))
	}
}

// Reaches reports whether the journey can be made to (or from) a spot with at
// least one vehicle. Walking all the way is [Reach.Walk]'s to say.
func (s *Scan) Reaches(spots *Spots, id uint32) bool {
	s.once.Do(s.draw)
	maybe, surely := s.tiles.judge(spots.tiles[id])
	return maybe && (surely || s.walks(spots, id))
}

// walks reports whether some walk from a stop (or to one) can be made in the
// seconds left there.
func (s *Scan) walks(spots *Spots, id uint32) bool {
	w := &s.reach.walker
	if !w.packed {
		found := false
		spots.each(id, w, func(stop uint32, seconds int32) bool {
			found = seconds <= s.left(stop)
			return !found
		})
		return found
	}
	for _, l := range spots.links[spots.first[id]:spots.first[id+1]] {
		seconds := w.takes(l)
		if seconds > w.longest {
			return false // and the rest are farther
		}
		if seconds <= s.left(l.stop) {
			return w.within(spots, id, l, seconds)
		}
	}
	return false
}
