package transit

// Join is several scans of one Reach as one: it reaches what one of them
// does. There must be at least one.
func Join(scans []*Scan) *Scan {
	if len(scans) == 1 {
		return scans[0]
	}
	s := scans[0].reach.newScan()
	var stops []uint32
	left := map[uint32]int32{}
	for _, o := range scans {
		o.each(func(stop uint32, seconds int32) {
			was, known := left[stop]
			if !known {
				stops = append(stops, stop)
			}
			if !known || seconds > was {
				left[stop] = seconds
			}
		})
	}
	s.fill(stops, func(stop uint32) uint32 { return stop }, func(stop uint32) int32 { return left[stop] })
	return s
}
