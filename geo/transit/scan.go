package transit

import "sync"

// A Scan knows for every stop how long may still be walked there.
type Scan struct {
	reach *Reach
	stops []uint32 // those reached
	pages []uint16 // by stop / pageStops: number of its page
	slack []uint16 // pages; 0: cannot be reached, else seconds left and 1
	once  sync.Once
	tiles *reachMap
}

const pageStops = 128

// maxSlack keeps slack and 1 within 16 bits.
const maxSlack = 65534

func (r *Reach) newScan() *Scan {
	return &Scan{reach: r, pages: make([]uint16, len(r.network.stops.at)/pageStops+1), slack: make([]uint16, pageStops)}
}

// fill notes the seconds left at stops, given by the nodes that were reached.
func (s *Scan) fill(nodes []uint32, stop func(node uint32) uint32, seconds func(node uint32) int32) {
	count := uint16(1)
	for _, node := range nodes {
		if page := &s.pages[stop(node)/pageStops]; *page == 0 {
			*page = count
			count++
		}
	}
	s.slack = make([]uint16, int(count)*pageStops)
	s.stops = make([]uint32, 0, len(nodes))
	for _, node := range nodes {
		stop := stop(node)
		at := &s.slack[int(s.pages[stop/pageStops])*pageStops+int(stop%pageStops)]
		if *at == 0 {
			s.stops = append(s.stops, stop)
		}
		*at = max(*at, uint16(min(seconds(node), maxSlack)+1))
	}
}

// join adds what another scan reaches.
func (s *Scan) join(o *Scan) {
	for i, page := range o.pages {
		if page != 0 && s.pages[i] == 0 {
			s.pages[i] = uint16(len(s.slack) / pageStops)
			s.slack = append(s.slack, make([]uint16, pageStops)...)
		}
	}
	for _, stop := range o.stops {
		at := &s.slack[int(s.pages[stop/pageStops])*pageStops+int(stop%pageStops)]
		if *at == 0 {
			s.stops = append(s.stops, stop)
		}
		*at = max(*at, uint16(o.left(stop)+1))
	}
}

// left is how many seconds may be walked from (or to) a stop; negative when
// it cannot be reached.
func (s *Scan) left(stop uint32) int32 {
	return int32(s.slack[int(s.pages[stop/pageStops])*pageStops+int(stop%pageStops)]) - 1
}

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
