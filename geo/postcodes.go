package geo

import (
	"slices"

	"github.com/paulmach/orb"
)

// postcodes hold every postcode in memory: ten bytes for each, and a list of
// districts that says where its units stand.
type postcodes struct {
	districts []district // in order of code
	inward    []uint16   // per unit, in order within its district; terminatedBit set when out of use
	lat, lon  []int32    // per unit, microdegrees
}

type district struct {
	District
	first, end int  // its units
	listed     bool // a source gave its centre; otherwise it is the mean of its units
}

func (c *postcodes) district(code Postcode) *district {
	i, ok := slices.BinarySearchFunc(c.districts, code.District(), func(d district, want Postcode) int {
		switch {
		case d.Code < want:
			return -1
		case d.Code > want:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return &c.districts[i]
}

func (c *postcodes) unit(district Postcode, i int) Unit {
	return Unit{
		Code: district | Postcode(c.inward[i]&^terminatedBit),
		lat:  c.lat[i], lon: c.lon[i],
		Terminated: c.inward[i]&terminatedBit != 0,
	}
}

// units is the range of loaded units of d that belong to code: one for a full
// postcode, several for a sector, all for the district.
func (c *postcodes) units(d *district, code Postcode) (first, end int) {
	lo, hi := code.unitRange()
	find := func(in int) int {
		i, _ := slices.BinarySearchFunc(c.inward[d.first:d.end], in, func(have uint16, want int) int {
			return int(have&^terminatedBit) - want
		})
		return d.first + i
	}
	return find(lo), find(hi)
}

// mean is the middle of a range of units, of those in use when there are any.
func (c *postcodes) mean(first, end int) (lat, lon int32, ok bool) {
	var sumLat, sumLon, n int64
	add := func(all bool) {
		for i := first; i < end; i++ {
			if all || c.inward[i]&terminatedBit == 0 {
				sumLat, sumLon, n = sumLat+int64(c.lat[i]), sumLon+int64(c.lon[i]), n+1
			}
		}
	}
	if add(false); n == 0 {
		add(true)
	}
	if n == 0 {
		return 0, 0, false
	}
	return int32(sumLat / n), int32(sumLon / n), true
}

// find is where a postcode is, as exactly as is known: the unit, or the middle
// of its sector when units of that are loaded, or the centre of the district.
// known is the postcode that p answers for.
func (c *postcodes) find(code Postcode) (p orb.Point, known Postcode, ok bool) {
	d := c.district(code)
	if d == nil {
		return orb.Point{}, 0, false
	}
	if code.Full() {
		if i, end := c.units(d, code); i < end {
			return LatLon(fromMicro(c.lat[i]), fromMicro(c.lon[i])), code, true
		}
	}
	if sector, ok := code.Sector(); ok {
		if lat, lon, ok := c.mean(c.units(d, sector)); ok {
			return LatLon(fromMicro(lat), fromMicro(lon)), sector, true
		}
	}
	return d.Point(), d.Code, true
}

// place is the Place for a postcode.
func (c *postcodes) place(code Postcode) (Place, bool) {
	p, known, ok := c.find(code)
	if !ok {
		return Place{}, false
	}
	pl := Place{Label: known.String(), Name: known.String(), Kind: KindDistrict, District: c.district(known).town(), Point: p, Precision: PrecisionDistrict}
	if known.Full() {
		pl.Kind, pl.Precision = KindPostcode, PrecisionPostcode
	}
	return pl, true
}

// similar are the known districts that differ from code by one slip.
func (c *postcodes) similar(code Postcode, limit int) []Place {
	want := code.Outward()
	var found []Place
	for i := range c.districts {
		have := c.districts[i].Code.Outward()
		// The letters say which post office area it is; a slip in them is rarer
		// than one in the number.
		if have[0] == want[0] && editDistance(have, want, 1) == 1 {
			pl, _ := c.place(c.districts[i].Code)
			if found = append(found, pl); len(found) == limit {
				break
			}
		}
	}
	return found
}

// complete lists the districts, and once one is typed in full its units, whose
// text begins with what is typed. Terminated units are left out.
func (c *postcodes) complete(typed string, limit int) []Place {
	squeezed, spaced, ok := squeeze(typed)
	if !ok || !isLetter(squeezed[0]) {
		return nil
	}
	var found []Place
	add := func(code Postcode) bool {
		if pl, ok := c.place(code); ok {
			found = append(found, pl)
		}
		return len(found) < limit
	}
	for i := range c.districts {
		d := &c.districts[i]
		out := d.Code.Outward()
		if spaced < 0 && len(out) >= len(squeezed) && out[:len(squeezed)] == squeezed {
			if !add(d.Code) {
				return found
			}
		}
	}
	for i := range c.districts {
		d := &c.districts[i]
		out := d.Code.Outward()
		if len(squeezed) <= len(out) || squeezed[:len(out)] != out || spaced >= 0 && spaced != len(out) {
			continue
		}
		in := squeezed[len(out):]
		lo, hi := Postcode(d.Code).unitRange()
		if isDigit(in[0]) {
			lo, hi = (d.Code | Postcode(1+in[0]-'0')).unitRange()
		}
		for j := d.first; j < d.end; j++ {
			if v := int(c.inward[j]); v < lo || v >= hi { // also leaves out terminated ones
				continue
			}
			if code := d.Code | Postcode(c.inward[j]); len(in) <= 3 && code.Inward()[:len(in)] == in && !add(code) {
				return found
			}
		}
	}
	return found
}

// town is the post town of a district, or its region.
func (d *district) town() string {
	if d.Town != "" {
		return d.Town
	}
	return d.Region
}
