package geo

import (
	"encoding/binary"

	"github.com/paulmach/orb"

	"hereabouts/geo/internal/ownfile"
)

// A Name is one named place, as a names file holds it.
type Name struct {
	Name     string
	Also     []string // other names of the same place: Welsh, Gaelic, English
	Kind     string   // KindCity … KindPlace
	District string   // local authority; "Powys - Powys" where it has two names
	County   string   // county or region, when the source says more than the district
	lat, lon int32    // microdegrees
}

// NewName keeps a point to a millionth of a degree, about 0.1 m.
func NewName(name, kind, district, county string, p orb.Point, also ...string) Name {
	return Name{Name: name, Also: also, Kind: kind, District: district, County: county, lat: toMicro(p.Lat()), lon: toMicro(p.Lon())}
}

// Point is the centre of the place.
func (n Name) Point() orb.Point { return LatLon(fromMicro(n.lat), fromMicro(n.lon)) }

// nameKinds are the kinds that a names file can hold; their order is part of
// the format.
var nameKinds = []string{KindPlace, KindCity, KindTown, KindSuburb, KindVillage, KindHamlet}

func kindByte(kind string) byte {
	for i, k := range nameKinds {
		if k == kind {
			return byte(i)
		}
	}
	return 0
}

// WriteNames replaces the names file in dir.
func WriteNames(dir string, names []Name) error {
	return namesFormat.write(dir, encodeNames(names))
}

// ReadNames reads the names file in dir; without one there are none.
func ReadNames(dir string) ([]Name, error) {
	payload, err := namesFormat.read(dir)
	if err != nil || payload == nil {
		return nil, err
	}
	names, ok := decodeNames(payload)
	if !ok {
		return nil, namesFormat.damaged(dir, "does not hold together")
	}
	return names, nil
}

// The payload: a table of the districts and counties, each once, then the
// names, which refer to it by position.
func encodeNames(names []Name) []byte {
	at := map[string]uint64{"": 0}
	table := []string{""}
	for _, n := range names {
		for _, s := range []string{n.District, n.County} {
			if _, ok := at[s]; !ok {
				at[s] = uint64(len(table))
				table = append(table, s)
			}
		}
	}
	b := make([]byte, 0, 32*len(names)+32*len(table))
	b = binary.AppendUvarint(b, uint64(len(table)))
	for _, s := range table {
		b = ownfile.AppendText(b, s)
	}
	b = binary.AppendUvarint(b, uint64(len(names)))
	for _, n := range names {
		b = ownfile.AppendText(b, n.Name)
		b = append(b, kindByte(n.Kind))
		b = binary.AppendUvarint(b, at[n.District])
		b = binary.AppendUvarint(b, at[n.County])
		b = binary.LittleEndian.AppendUint32(b, uint32(n.lat))
		b = binary.LittleEndian.AppendUint32(b, uint32(n.lon))
		b = binary.AppendUvarint(b, uint64(len(n.Also)))
		for _, s := range n.Also {
			b = ownfile.AppendText(b, s)
		}
	}
	return b
}

func decodeNames(payload []byte) ([]Name, bool) {
	r := &ownfile.Reader{Rest: payload}
	table := make([]string, r.Count(1))
	for i := range table {
		table[i] = r.Text()
	}
	lookUp := func() string {
		i := r.Uvarint()
		if i >= uint64(len(table)) {
			r.Fail()
			return ""
		}
		return table[i]
	}
	// A name takes at least thirteen bytes.
	names := make([]Name, 0, r.Count(13))
	for range cap(names) {
		n := Name{Name: r.Text()}
		if kind := r.Bytes(1); r.Bad || int(kind[0]) >= len(nameKinds) {
			return nil, false
		} else {
			n.Kind = nameKinds[kind[0]]
		}
		n.District, n.County = lookUp(), lookUp()
		if at := r.Bytes(8); !r.Bad {
			n.lat, n.lon = int32(binary.LittleEndian.Uint32(at)), int32(binary.LittleEndian.Uint32(at[4:]))
		}
		for range r.Count(1) {
			n.Also = append(n.Also, r.Text())
		}
		if r.Bad || !validMicro(n.lat, n.lon) {
			return nil, false
		}
		names = append(names, n)
	}
	return names, !r.Bad && len(r.Rest) == 0
}
