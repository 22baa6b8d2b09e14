package transit

// A Scan knows for every stop how long may still be walked there.
type Scan struct {
	reach *Reach
	pages []uint16 // by stop / pageStops: number of its page
	slack []uint16 // pages; 0: cannot be reached, else seconds left and 1
}

const pageStops = 256

// maxSlack keeps slack and 1 within 16 bits.
const maxSlack = 65534

func (r *Reach) newScan() *Scan {
	n := len(r.network.stops.at)
	return &Scan{reach: r, pages: make([]uint16, (n+pageStops-1)/pageStops), slack: make([]uint16, pageStops)}
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
	for _, node := range nodes {
		stop := stop(node)
		at := &s.slack[int(s.pages[stop/pageStops])*pageStops+int(stop%pageStops)]
		*at = max(*at, uint16(min(seconds(node), maxSlack)+1))
	}
}

// left is how many seconds may be walked from (or to) a stop; negative when
// it cannot be reached.
func (s *Scan) left(stop uint32) int {
	return int(s.slack[int(s.pages[stop/pageStops])*pageStops+int(stop%pageStops)]) - 1
}

// Reaches reports whether the journey can be made to (or from) a spot with at
// least one vehicle. Walking all the way is [Reach.Walk]'s to say.
func (s *Scan) Reaches(spots *Spots, id uint32) bool {
	for _, f := range s.reach.network.grid.near(nil, spots.at[id], s.reach.who.MaxWalkM) {
		if walkSeconds(f.pathM, s.reach.who.Speed) <= s.left(f.stop) {
			return true
		}
	}
	return false
}
