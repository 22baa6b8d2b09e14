package geo

import (
	"encoding/binary"
	"slices"

	"github.com/paulmach/orb"

	"hereabouts/geo/internal/ownfile"
)

// A Unit is one full postcode and where it is.
type Unit struct {
	Code       Postcode
	lat, lon   int32 // microdegrees
	Terminated bool  // no longer in use; people and listings still give it
}

// NewUnit keeps a point to a millionth of a degree, about 0.1 m.
func NewUnit(code Postcode, p orb.Point, terminated bool) Unit {
	return Unit{Code: code, lat: toMicro(p.Lat()), lon: toMicro(p.Lon()), Terminated: terminated}
}

// Point is where the postcode is.
func (u Unit) Point() orb.Point { return LatLon(fromMicro(u.lat), fromMicro(u.lon)) }

// A District is what is known about the first half of a postcode beyond its
// units.
type District struct {
	Code     Postcode
	lat, lon int32
	Town     string // post town or locality: "Aberdeen"
	Region   string // county or authority: "Aberdeen City"
	Country  string // "Scotland"
}

// NewDistrict keeps a point to a millionth of a degree.
func NewDistrict(code Postcode, p orb.Point, town, region, country string) District {
	return District{Code: code.District(), lat: toMicro(p.Lat()), lon: toMicro(p.Lon()), Town: town, Region: region, Country: country}
}

// Point is the centre of the district.
func (d District) Point() orb.Point { return LatLon(fromMicro(d.lat), fromMicro(d.lon)) }

// Postcodes are the contents of a postcodes file: both lists in order of code,
// each code once. A district need not be listed for its units to be found.
type Postcodes struct {
	Units     []Unit
	Districts []District
}

// sort puts both lists in order. Of entries with one code the last wins.
func (t *Postcodes) sort() {
	t.Units = sortedLast(t.Units, func(u Unit) Postcode { return u.Code })
	t.Districts = sortedLast(t.Districts, func(d District) Postcode { return d.Code })
}

func sortedLast[T any](list []T, code func(T) Postcode) []T {
	byCode := func(a, b T) int {
		ca, cb := code(a), code(b)
		switch {
		case ca < cb:
			return -1
		case ca > cb:
			return 1
		}
		return 0
	}
	if !slices.IsSortedFunc(list, byCode) {
		slices.SortStableFunc(list, byCode)
	}
	kept := list[:0]
	for i, x := range list {
		if i+1 < len(list) && code(list[i+1]) == code(x) {
			continue
		}
		kept = append(kept, x)
	}
	return kept
}

// WritePostcodes replaces the postcodes file in dir. The lists may come in any
// order and are put in order; of entries with one code the last is kept.
func WritePostcodes(dir string, t *Postcodes) error {
	t.sort()
	return postcodesFormat.write(dir, t.encode())
}

// ReadPostcodes reads the postcodes file in dir; without one both lists are
// empty.
func ReadPostcodes(dir string) (*Postcodes, error) {
	c, err := loadPostcodes(dir)
	if err != nil {
		return nil, err
	}
	t := &Postcodes{Units: make([]Unit, 0, len(c.inward))}
	for _, d := range c.districts {
		if d.listed {
			t.Districts = append(t.Districts, d.District)
		}
		for i := d.first; i < d.end; i++ {
			t.Units = append(t.Units, c.unit(d.Code, i))
		}
	}
	return t, nil
}

// The payload: the number of units and of districts, then per district in
// order its outward code, number of units, whether it is listed and if so its
// centre and texts; then for all units together their inward codes as uint16
// (terminatedBit for those out of use), latitudes and longitudes as int32.
const terminatedBit = 1 << 15

func (t *Postcodes) encode() []byte {
	b := make([]byte, 0, 64+len(t.Units)*10+len(t.Districts)*48)
	b = binary.AppendUvarint(b, uint64(len(t.Units)))
	codes := make([]Postcode, 0, 4096)
	for _, d := range t.Districts {
		codes = append(codes, d.Code)
	}
	for i, u := range t.Units {
		if i == 0 || t.Units[i-1].Code.District() != u.Code.District() {
			codes = append(codes, u.Code.District())
		}
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	b = binary.AppendUvarint(b, uint64(len(codes)))
	units, listed := t.Units, t.Districts
	for _, code := range codes {
		n := 0
		for n < len(units) && units[n].Code.District() == code {
			n++
		}
		units = units[n:]
		b = binary.AppendUvarint(b, uint64(code>>inwardBits))
		b = binary.AppendUvarint(b, uint64(n))
		if len(listed) == 0 || listed[0].Code != code {
			b = append(b, 0)
			continue
		}
		d := listed[0]
		listed = listed[1:]
		b = append(b, 1)
		b = binary.AppendVarint(b, int64(d.lat))
		b = binary.AppendVarint(b, int64(d.lon))
		b = ownfile.AppendText(b, d.Town)
		b = ownfile.AppendText(b, d.Region)
		b = ownfile.AppendText(b, d.Country)
	}
	for _, u := range t.Units {
		in := uint16(u.Code & inwardMask)
		if u.Terminated {
			in |= terminatedBit
		}
		b = binary.LittleEndian.AppendUint16(b, in)
	}
	for _, u := range t.Units {
		b = binary.LittleEndian.AppendUint32(b, uint32(u.lat))
	}
	for _, u := range t.Units {
		b = binary.LittleEndian.AppendUint32(b, uint32(u.lon))
	}
	return b
}

func loadPostcodes(dir string) (*postcodes, error) {
	payload, err := postcodesFormat.read(dir)
	if err != nil || payload == nil {
		return &postcodes{}, err
	}
	c, ok := decodePostcodes(payload)
	if !ok {
		return nil, postcodesFormat.damaged(dir, "does not hold together")
	}
	return c, nil
}

func decodePostcodes(payload []byte) (*postcodes, bool) {
	r := &ownfile.Reader{Rest: payload}
	n := r.Count(10)
	c := &postcodes{districts: make([]district, 0, r.Count(3))}
	at := 0
	for range cap(c.districts) {
		var d district
		d.Code = Postcode(r.Uvarint()) << inwardBits
		d.first = at
		at += r.Count(1)
		d.end = at
		if listed := r.Bytes(1); !r.Bad && listed[0] == 1 {
			d.listed = true
			lat, lon := r.Varint(), r.Varint()
			d.lat, d.lon = int32(lat), int32(lon)
			if int64(d.lat) != lat || int64(d.lon) != lon || !validMicro(d.lat, d.lon) {
				return nil, false
			}
			d.Town, d.Region, d.Country = r.Text(), r.Text(), r.Text()
		}
		if r.Bad || !d.Code.valid() || len(c.districts) > 0 && c.districts[len(c.districts)-1].Code >= d.Code {
			return nil, false
		}
		c.districts = append(c.districts, d)
	}
	inward, lat, lon := r.Bytes(2*n), r.Bytes(4*n), r.Bytes(4*n)
	if r.Bad || at != n || len(r.Rest) > 0 {
		return nil, false
	}
	c.inward, c.lat, c.lon = make([]uint16, n), make([]int32, n), make([]int32, n)
	for i := range n {
		c.inward[i] = binary.LittleEndian.Uint16(inward[2*i:])
		c.lat[i] = int32(binary.LittleEndian.Uint32(lat[4*i:]))
		c.lon[i] = int32(binary.LittleEndian.Uint32(lon[4*i:]))
		if !validMicro(c.lat[i], c.lon[i]) {
			return nil, false
		}
	}
	for i := range c.districts {
		d := &c.districts[i]
		for j := d.first; j < d.end; j++ {
			in := c.inward[j] &^ terminatedBit
			if in < firstUnit || in > maxInward || j > d.first && c.inward[j-1]&^terminatedBit >= in {
				return nil, false
			}
		}
		if !d.listed {
			d.lat, d.lon, _ = c.mean(d.first, d.end)
		}
	}
	return c, true
}
