package sample

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"hereabouts"
	"hereabouts/geo"
)

// Area is a square that tests use as a boundary: a degree of latitude and
// longitude, named by its south-west corner.
func Area(lat, lon int) (code string, boundary orb.MultiPolygon) {
	s, w := float64(lat), float64(lon)
	return fmt.Sprintf("A%d%+d", lat, lon), orb.MultiPolygon{{{{w, s}, {w + 1, s}, {w + 1, s + 1}, {w, s + 1}, {w, s}}}}
}

// Circle is a polygon of n sides around a point.
func Circle(lat, lon, radiusM float64, n int) orb.Polygon {
	ring := make(orb.Ring, 0, n+1)
	for i := range n {
		a := 2 * math.Pi * float64(i) / float64(n)
		ring = append(ring, orb.Point{lon + radiusM*math.Cos(a)/(111_195*math.Cos(lat*math.Pi/180)), lat + radiusM*math.Sin(a)/111_195})
	}
	return orb.Polygon{append(ring, ring[0])}
}

// enrich adds what most listings do not have.
func (d *Directory) enrich(r *rand.Rand, l *hereabouts.Listing, lat, lon float64) {
	switch r.IntN(10) {
	case 0: // nowhere in particular
		l.Places = nil
		l.Delivery = []hereabouts.Delivery{hereabouts.Phone}
	case 1: // several places
		for k := range 2 {
			p := hereabouts.Place{ID: fmt.Sprintf("place-%d", k+2), Name: "Branch"}
			p.SetPoint(geo.LatLon(lat+r.NormFloat64()*0.1, lon+r.NormFloat64()*0.1))
			for _, name := range hereabouts.AccessNames {
				*p.Access.Fact(name) = pick(r, []hereabouts.Fact{hereabouts.Yes, hereabouts.No, hereabouts.Unknown})
			}
			l.Places = append(l.Places, p)
		}
	case 2: // an outline with gates
		p := &l.Places[0]
		p.Geometry = geojson.NewGeometry(Circle(lat, lon, 500+3000*r.Float64(), 12))
		for range r.IntN(3) {
			p.Entrances = append(p.Entrances, hereabouts.Entrance{Lat: lat + r.NormFloat64()*0.01, Lon: lon + r.NormFloat64()*0.01})
		}
		if r.IntN(3) == 0 {
			p.Lat, p.Lon = nil, nil
		}
	case 3:
		l.HiddenLocation = true
	}
	c := &l.Eligibility.Catchment
	switch r.IntN(6) {
	case 0:
		code, _ := Area(int(math.Floor(lat)), int(math.Floor(lon)))
		c.Label, c.Areas = "the area", []string{code}
	case 1:
		c.Geometry = geojson.NewGeometry(Circle(lat, lon, 2000+20_000*r.Float64(), 9))
	case 2:
		c.Areas = []string{"Z99"} // nobody has its boundary
	}
	for k := range l.Sessions {
		s := &l.Sessions[k]
		switch r.IntN(10) {
		case 0:
			s.Start, s.End = "22:00", "02:00"
		case 1:
			s.Start, s.End = "", ""
		case 2:
			s.End = ""
		case 3:
			s.RRule, s.From = "", d.Today.AddDays(r.IntN(60)-20)
		case 4:
			s.Except = []hereabouts.Date{d.Today.AddDays(r.IntN(7)), d.Today.AddDays(7 + r.IntN(7))}
		case 5:
			s.Until = d.Today.AddDays(r.IntN(30) - 5)
		}
	}
	if r.IntN(8) == 0 {
		l.Availability.Until = d.Today.AddDays(r.IntN(40) - 20)
	}
}
