package geo

import (
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"
)

// A Gazetteer finds postcodes and named places in memory. It is safe for
// concurrent use; Reload swaps its contents whole, so a question is always
// answered from one consistent set.
type Gazetteer struct {
	dir    string
	reload sync.Mutex
	now    atomic.Pointer[contents]
}

// contents are what a gazetteer holds between two reloads. They never change.
type contents struct {
	postcodes *postcodes
	extents   []extent // of the postcodes' districts
	names     *names
}

// OpenGazetteer reads the postcodes and names in dir. A file that is not there
// is an empty one; a file that cannot be read is an error, a *FileError when
// its contents are at fault, that names it and says what to do.
func OpenGazetteer(dir string) (*Gazetteer, error) {
	g := &Gazetteer{dir: dir}
	if err := g.Reload(); err != nil {
		return nil, err
	}
	return g, nil
}

// Reload reads the files again, as after an import. On error the contents stay
// as they were.
func (g *Gazetteer) Reload() error {
	g.reload.Lock()
	defer g.reload.Unlock()
	pc, err := loadPostcodes(g.dir)
	if err != nil {
		return err
	}
	list, err := ReadNames(g.dir)
	if err != nil {
		return err
	}
	g.now.Store(&contents{postcodes: pc, extents: pc.extents(), names: newNames(list, pc)})
	return nil
}

// Postcode is where a postcode, in any spacing and case, is. The precision is
// PrecisionPostcode, or PrecisionDistrict when only its district is known and
// p is the centre of that, or of the sector where that is known. ok is false
// when not even the district is known. Terminated postcodes are found.
func (g *Gazetteer) Postcode(pc string) (p orb.Point, precision string, ok bool) {
	code, ok := ParsePostcode(pc)
	if !ok {
		return orb.Point{}, "", false
	}
	p, known, ok := g.now.Load().postcodes.find(code)
	switch {
	case !ok:
		return orb.Point{}, "", false
	case known.Full():
		return p, PrecisionPostcode, true
	}
	return p, PrecisionDistrict, true
}

// Stats counts what a gazetteer holds.
type Stats struct {
	Postcodes  int `json:"postcodes"`  // full postcodes, terminated ones included
	Terminated int `json:"terminated"` // of them, no longer in use
	Districts  int `json:"districts"`
	Places     int `json:"places"` // cities, towns, villages, and places that only postcode districts name
}

// Stats counts what is loaded now.
func (g *Gazetteer) Stats() Stats {
	c := g.now.Load()
	s := Stats{Postcodes: len(c.postcodes.inward), Districts: len(c.postcodes.districts), Places: len(c.names.entries)}
	for _, in := range c.postcodes.inward {
		if in&terminatedBit != 0 {
			s.Terminated++
		}
	}
	return s
}

func (c *contents) empty() bool {
	return len(c.postcodes.districts) == 0 && len(c.names.entries) == 0
}
