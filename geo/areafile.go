package geo

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"hereabouts/geo/internal/ownfile"
)

// areaUnit is how many steps of an area file make a degree: about a centimetre
// each. Neighbours that share a corner in the source still share it.
const areaUnit = 1e7

// WriteAreas replaces the areas file in dir. The areas may come in any order;
// of those with one code the last is kept. Rings must be closed.
func WriteAreas(dir string, list []Area) error {
	return areasFormat.write(dir, encodeAreas(sortAreas(slices.Clone(list))))
}

// ReadAreas reads the areas file in dir; without one there are none.
func ReadAreas(dir string) ([]Area, error) {
	payload, err := areasFormat.read(dir)
	if err != nil || payload == nil {
		return nil, err
	}
	list, ok := decodeAreas(payload)
	if !ok {
		return nil, areasFormat.damaged(dir, "does not hold together")
	}
	return list, nil
}

// The payload: the number of areas; of each its code, name and kind, then its
// polygons, their rings and their points, each point as its distance in steps
// from the one before. The last point of a ring is the first and is left out.
func encodeAreas(list []Area) []byte {
	var b []byte
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, a := range list {
		b = ownfile.AppendText(b, a.Code)
		b = ownfile.AppendText(b, a.Name)
		b = ownfile.AppendText(b, a.Kind)
		b = binary.AppendUvarint(b, uint64(len(a.Polygon)))
		var lat, lon int64
		for _, poly := range a.Polygon {
			b = binary.AppendUvarint(b, uint64(len(poly)))
			for _, ring := range poly {
				open := ring[:max(len(ring)-1, 0)]
				b = binary.AppendUvarint(b, uint64(len(open)))
				for _, p := range open {
					y, x := int64(math.Round(p.Lat()*areaUnit)), int64(math.Round(p.Lon()*areaUnit))
					b = binary.AppendVarint(b, y-lat)
					b = binary.AppendVarint(b, x-lon)
					lat, lon = y, x
				}
			}
		}
	}
	return b
}

func decodeAreas(payload []byte) ([]Area, bool) {
	r := &ownfile.Reader{Rest: payload}
	list := make([]Area, 0, r.Count(4))
	for range cap(list) {
		a := Area{Code: r.Text(), Name: r.Text(), Kind: r.Text()}
		a.Polygon = make(orb.MultiPolygon, r.Count(1))
		var lat, lon int64
		for i := range a.Polygon {
			a.Polygon[i] = make(orb.Polygon, r.Count(1))
			if len(a.Polygon[i]) == 0 {
				return nil, false
			}
			for j := range a.Polygon[i] {
				n := r.Count(2)
				if n < 3 {
					return nil, false
				}
				ring := make(orb.Ring, 0, n+1)
				for range n {
					lat, lon = lat+r.Varint(), lon+r.Varint()
					if r.Bad || lat < -90*areaUnit || lat > 90*areaUnit || lon < -180*areaUnit || lon > 180*areaUnit {
						return nil, false
					}
					ring = append(ring, LatLon(float64(lat)/areaUnit, float64(lon)/areaUnit))
				}
				a.Polygon[i][j] = append(ring, ring[0])
			}
		}
		if r.Bad || len(a.Polygon) == 0 || len(list) > 0 && list[len(list)-1].Code >= a.Code {
			return nil, false
		}
		a.Bound = a.Polygon.Bound()
		list = append(list, a)
	}
	return list, !r.Bad && len(r.Rest) == 0
}

// SameArea reports whether two areas are the same in a file: their texts, and
// every corner to the step in which corners are stored.
func SameArea(a, b Area) bool {
	return slices.Equal(encodeAreas([]Area{a}), encodeAreas([]Area{b}))
}
