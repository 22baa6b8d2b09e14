package transit

// paged is a number for every stop, most of them zero. A page is made for
// stops near each other when one of them is given a number, so that what is
// known of one corner of a country takes little memory.
type paged[T int32 | uint16] struct {
	pages  []uint16 // by stop / pageStops: number of its page
	values []T      // pages; the first is of zeros for all stops without one
}

const pageStops = 128

func newPaged[T int32 | uint16](stops int) paged[T] {
	pages := stops/pageStops + 1
	return paged[T]{make([]uint16, pages), make([]T, pageStops, min(pages+1, 6)*pageStops)}
}

// of is the number of a stop.
func (p *paged[T]) of(stop uint32) T {
	return p.values[int(p.pages[stop/pageStops])*pageStops+int(stop%pageStops)]
}

// at is where the number of a stop is kept, until the next page is made.
func (p *paged[T]) at(stop uint32) *T {
	page := &p.pages[stop/pageStops]
	if *page == 0 {
		*page = uint16(len(p.values) / pageStops)
		p.values = append(p.values, make([]T, pageStops)...)
	}
	return &p.values[int(*page)*pageStops+int(stop%pageStops)]
}
