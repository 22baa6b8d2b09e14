package transit

// Join is several scans of one Reach as one: it reaches what one of them
// does. There must be at least one.
func Join(scans []*Scan) *Scan {
	if len(scans) == 1 {
		return scans[0]
	}
	s := scans[0].reach.newScan()
	for _, o := range scans {
		o.each(s.add)
	}
	return s
}
