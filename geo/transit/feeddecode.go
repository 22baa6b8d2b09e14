package transit

import (
	"encoding/binary"
	"math"
	"time"

	"hereabouts/geo/internal/ownfile"
)

// decodeFeed reads what encodeFeed wrote. Whatever it gives passes checkFeed;
// ok is false for anything else.
func decodeFeed(payload []byte) (f *Feed, ok bool) {
	d := feedReader{Reader: ownfile.Reader{Rest: payload}}
	info, zone := readInfo(&d.Reader)
	f = &Feed{
		Name: info.Name, Publisher: info.Publisher, URL: info.URL, Version: info.Version, Licence: info.Licence,
		Zone: zone, First: info.First, Last: info.Last, ImportedAt: info.ImportedAt,
	}
	d.texts = d.readTexts(d.Count(minText))
	f.Stops = d.stops()
	f.Routes = d.routes()
	f.Services = d.services()
	f.Trips = d.trips(f)
	f.Transfers = d.transfers(f)
	if d.Bad || len(d.Rest) > 0 || len(f.Stops) != info.Stops || len(f.Trips) != info.Trips ||
		!ValidName(f.Name) || !knownZone(f.Zone) || !f.validDays() {
		return nil, false
	}
	return f, true
}

// readInfo reads the beginning of a payload.
func readInfo(r *ownfile.Reader) (i FeedInfo, zone string) {
	for _, s := range []*string{&i.Name, &i.Publisher, &i.URL, &i.Version, &i.Licence, &zone} {
		*s = r.Text()
	}
	i.First, i.Last = Day(readInt32(r)), Day(readInt32(r))
	seconds, nanos := r.Varint(), r.Uvarint()
	if nanos >= uint64(time.Second) {
		r.Fail()
	}
	i.ImportedAt = time.Unix(seconds, int64(nanos)).UTC()
	stops, trips := r.Uvarint(), r.Uvarint()
	if stops > math.MaxInt32 || trips > math.MaxInt32 {
		r.Fail()
	}
	i.Stops, i.Trips = int(stops), int(trips)
	return i, zone
}

// The fewest bytes that one of each takes.
const (
	minText     = 2
	minStop     = 6
	minRoute    = 3
	minTrip     = 6
	minTransfer = 9
)

// A feedReader reads the parts of a feed.
type feedReader struct {
	ownfile.Reader
	texts []string
}

func readInt32(r *ownfile.Reader) int32 {
	v := r.Varint()
	if v != int64(int32(v)) {
		r.Fail()
		return 0
	}
	return int32(v)
}

// below reads a position in a list of n.
func (d *feedReader) below(n int) uint32 {
	v := d.Uvarint()
	if v >= uint64(n) {
		d.Fail()
		return 0
	}
	return uint32(v)
}

// step reads a value as its difference from the one before, which must leave
// it in from..to.
func (d *feedReader) step(last *int64, from, to int64) int64 {
	v := *last + d.Varint()
	if v < from || v > to {
		d.Fail()
		return 0
	}
	*last = v
	return v
}

func (d *feedReader) byte(most byte) byte {
	b := d.Bytes(1)
	if d.Bad || b[0] > most {
		d.Fail()
		return 0
	}
	return b[0]
}

func (d *feedReader) text() string {
	if i := d.below(len(d.texts)); !d.Bad {
		return d.texts[i]
	}
	return ""
}

// readTexts reads n texts into one piece of memory. A text that only repeats
// the one before it costs nothing.
func (d *feedReader) readTexts(n int) []string {
	var all []byte
	spans := make([][2]int, 0, n)
	var last [2]int
	for range n {
		shared := int(d.byte(math.MaxUint8))
		rest := d.Bytes(d.Count(1))
		if shared > last[1]-last[0] {
			d.Fail()
		}
		if d.Bad {
			return nil
		}
		if len(rest) > 0 || shared < last[1]-last[0] {
			begin := len(all)
			all = append(all, all[last[0]:last[0]+shared]...)
			all = append(all, rest...)
			last = [2]int{begin, len(all)}
		}
		spans = append(spans, last)
	}
	text := string(all)
	texts := make([]string, n)
	for i, s := range spans {
		texts[i] = text[s[0]:s[1]]
	}
	return texts
}

func (d *feedReader) stops() []Stop {
	ids := d.readTexts(d.Count(minText + minStop))
	stops := make([]Stop, len(ids))
	var lat, lon int64
	for i := range stops {
		s := &stops[i]
		s.ID, s.Name, s.Code, s.Station = ids[i], d.text(), d.text(), d.text()
		flags := d.byte(asBits | byte(AccessNo))
		s.Wheelchair = Accessible(flags &^ asBits)
		if flags&asBits != 0 {
			if b := d.Bytes(16); !d.Bad {
				s.Lat = math.Float64frombits(binary.LittleEndian.Uint64(b))
				s.Lon = math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))
			}
		} else {
			s.Lat = float64(d.step(&lat, -90*latLonUnit, 90*latLonUnit)) / latLonUnit
			s.Lon = float64(d.step(&lon, -180*latLonUnit, 180*latLonUnit)) / latLonUnit
		}
		if !validStop(s) {
			d.Fail()
		}
		if d.Bad {
			return nil
		}
	}
	return stops
}

func (d *feedReader) routes() []Route {
	ids := d.readTexts(d.Count(minText + minRoute))
	routes := make([]Route, len(ids))
	for i := range routes {
		routes[i] = Route{ID: ids[i], Name: d.text(), Operator: d.text(), Mode: Mode(d.byte(byte(Ferry)))}
	}
	return routes
}

// services that run on the same days share them.
func (d *feedReader) services() []Service {
	sets := make([][]uint64, d.Count(1))
	for i := range sets {
		words := make([]uint64, d.Count(8))
		for w := range words {
			words[w] = binary.LittleEndian.Uint64(d.Bytes(8))
		}
		sets[i] = words[:len(words):len(words)]
	}
	services := make([]Service, d.Count(1))
	for i := range services {
		if n := d.below(len(sets)); !d.Bad {
			services[i].Days = sets[n]
		}
	}
	return services
}

// A profile is the times along a sequence of stops: calls[first:end], each
// with its times after the first arrival.
type profile struct {
	first, end int
	last       int32 // departure from the last stop
	uses       int
}

func (d *feedReader) trips(f *Feed) []Trip {
	profiles, calls := d.profiles(len(f.Stops))
	ids := d.readTexts(d.Count(minText + minTrip))
	trips := make([]Trip, len(ids))
	which := make([]uint32, len(ids))
	starts := make([]int32, len(ids))
	stops := 0
	var route, service, last int64
	for i := range trips {
		trips[i] = Trip{
			ID:       ids[i],
			Route:    uint32(d.step(&route, 0, int64(len(f.Routes))-1)),
			Service:  uint32(d.step(&service, 0, int64(len(f.Services))-1)),
			Headsign: "",
		}
		which[i] = uint32(d.step(&last, 0, int64(len(profiles))-1))
		trips[i].Headsign, trips[i].Wheelchair = d.text(), Accessible(d.byte(byte(AccessNo)))
		start := d.Uvarint()
		if d.Bad {
			return nil
		}
		p := &profiles[which[i]]
		p.uses++
		if p.uses > maxShare || start > uint64(math.MaxInt32-p.last) {
			d.Fail()
			return nil
		}
		starts[i] = int32(start)
		stops += p.end - p.first
	}
	// All of them in one piece, now that it is known how many they are.
	times := make([]StopTime, 0, stops)
	for i := range trips {
		p := profiles[which[i]]
		begin := len(times)
		for _, c := range calls[p.first:p.end] {
			c.Arrive += starts[i]
			c.Depart += starts[i]
			times = append(times, c)
		}
		trips[i].Times = times[begin:len(times):len(times)]
	}
	return trips
}

// profiles reads sequences and profiles and lays each profile's stops out with
// its times from 0 on.
func (d *feedReader) profiles(stops int) ([]profile, []StopTime) {
	type span struct{ first, end int }
	sequences := make([]span, d.Count(1))
	var along []StopTime
	for i := range sequences {
		n := d.Count(1)
		sequences[i] = span{len(along), len(along) + n}
		last := int64(0)
		for range n {
			v := d.Uvarint()
			step := int64(v>>2) ^ -int64(v>>1&1)
			if last += step; last < 0 || last >= int64(stops) {
				d.Fail()
				return nil, nil
			}
			at := StopTime{Stop: uint32(last)}
			if v&1 != 0 {
				how := d.byte(AskTheDriver | AskTheDriver<<2)
				at.Pickup, at.DropOff = how&3, how>>2
			}
			along = append(along, at)
		}
	}
	profiles := make([]profile, d.Count(1))
	var calls []StopTime
	for i := range profiles {
		n := d.below(len(sequences))
		unit := d.Uvarint()
		if d.Bad || unit == 0 || unit > math.MaxInt32 {
			d.Fail()
			return nil, nil
		}
		s := sequences[n]
		if s.end-s.first < 2 || s.end-s.first > len(d.Rest) { // each takes a byte at least
			d.Fail()
			return nil, nil
		}
		begin, now := len(calls), uint64(0)
		for _, at := range along[s.first:s.end] {
			v := d.Uvarint()
			arrive, wait := now+v>>1*unit, uint64(0)
			if v&1 != 0 {
				wait = d.Uvarint()
			}
			now = arrive + wait*unit
			if v > math.MaxInt32 || wait > math.MaxInt32 || now > math.MaxInt32 || now < arrive {
				d.Fail()
			}
			if d.Bad {
				return nil, nil
			}
			at.Arrive, at.Depart = int32(arrive), int32(now)
			calls = append(calls, at)
		}
		profiles[i] = profile{first: begin, end: len(calls), last: int32(now)}
	}
	return profiles, calls
}

func (d *feedReader) transfers(f *Feed) []Transfer {
	transfers := make([]Transfer, d.Count(minTransfer))
	var from, to int64
	for i := range transfers {
		x := &transfers[i]
		x.From = uint32(d.step(&from, 0, int64(len(f.Stops))-1))
		x.To = uint32(d.step(&to, 0, int64(len(f.Stops))-1))
		for _, n := range []*int32{&x.FromRoute, &x.ToRoute, &x.FromTrip, &x.ToTrip, &x.Seconds} {
			*n = readInt32(&d.Reader)
		}
		x.Type, x.Rank = d.byte(Forbidden), d.byte(math.MaxUint8)
		if d.Bad || !f.holds(*x) {
			d.Fail()
			return nil
		}
	}
	return transfers
}
