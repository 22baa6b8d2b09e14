package transit

import (
	"encoding/binary"
	"math"

	"hereabouts/geo/internal/ownfile"
)

// encodeFeed writes a feed that checkFeed has nothing against.
func encodeFeed(f *Feed) []byte {
	e := feedWriter{texts: newTable[string]()}
	stops, routes, services, trips, transfers := e.stops(f), e.routes(f), e.services(f), e.trips(f), e.transfers(f)

	b := appendInfo(nil, f)
	b = binary.AppendUvarint(b, uint64(len(e.texts.list)))
	b = appendTexts(b, e.texts.list)
	for _, part := range [][]byte{stops, routes, services, trips, transfers} {
		b = append(b, part...)
	}
	return b
}

func appendInfo(b []byte, f *Feed) []byte {
	for _, s := range []string{f.Name, f.Publisher, f.URL, f.Version, f.Licence, f.Zone} {
		b = ownfile.AppendText(b, s)
	}
	b = binary.AppendVarint(b, int64(f.First))
	b = binary.AppendVarint(b, int64(f.Last))
	b = binary.AppendVarint(b, f.ImportedAt.Unix())
	b = binary.AppendUvarint(b, uint64(f.ImportedAt.Nanosecond()))
	b = binary.AppendUvarint(b, uint64(len(f.Stops)))
	return binary.AppendUvarint(b, uint64(len(f.Trips)))
}

// A feedWriter writes the parts of a feed and gathers their texts.
type feedWriter struct{ texts *table[string] }

func (e *feedWriter) stops(f *Feed) []byte {
	b := appendIDs(nil, f.Stops, func(s *Stop) string { return s.ID })
	var lat, lon int64
	for i := range f.Stops {
		s := &f.Stops[i]
		b = e.text(b, s.Name)
		b = e.text(b, s.Code)
		b = e.text(b, s.Station)
		y, x := int64(math.Round(s.Lat*latLonUnit)), int64(math.Round(s.Lon*latLonUnit))
		if same(float64(y)/latLonUnit, s.Lat) && same(float64(x)/latLonUnit, s.Lon) {
			b = append(b, byte(s.Wheelchair))
			b = appendDelta(b, y, &lat)
			b = appendDelta(b, x, &lon)
			continue
		}
		b = append(b, byte(s.Wheelchair)|asBits)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(s.Lat))
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(s.Lon))
	}
	return b
}

// asBits marks a stop whose coordinates are written as they are in memory.
const asBits = 1 << 2

func same(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }

func (e *feedWriter) routes(f *Feed) []byte {
	b := appendIDs(nil, f.Routes, func(r *Route) string { return r.ID })
	for i := range f.Routes {
		r := &f.Routes[i]
		b = e.text(b, r.Name)
		b = e.text(b, r.Operator)
		b = append(b, byte(r.Mode))
	}
	return b
}

func (e *feedWriter) services(f *Feed) []byte {
	sets := newTable[string]()
	var which []byte
	for _, s := range f.Services {
		var days []byte
		for _, word := range s.Days {
			days = binary.LittleEndian.AppendUint64(days, word)
		}
		which = binary.AppendUvarint(which, sets.add(string(days)))
	}
	b := binary.AppendUvarint(nil, uint64(len(sets.list)))
	for _, days := range sets.list {
		b = binary.AppendUvarint(b, uint64(len(days)/8))
		b = append(b, days...)
	}
	b = binary.AppendUvarint(b, uint64(len(f.Services)))
	return append(b, which...)
}

// trips writes sequences, profiles and trips.
func (e *feedWriter) trips(f *Feed) []byte {
	sequences := newTable[string]()
	profiles := profileTable{known: map[string]int{}}
	var rows, key []byte
	var route, service, profile int64
	for i := range f.Trips {
		t := &f.Trips[i]
		key = appendSequence(key[:0], t.Times)
		key = appendProfile(binary.AppendUvarint(nil, sequences.add(string(key))), t.Times)
		rows = appendDelta(rows, int64(t.Route), &route)
		rows = appendDelta(rows, int64(t.Service), &service)
		rows = appendDelta(rows, int64(profiles.add(string(key))), &profile)
		rows = e.text(rows, t.Headsign)
		rows = append(rows, byte(t.Wheelchair))
		rows = binary.AppendUvarint(rows, uint64(t.Times[0].Arrive))
	}
	b := binary.AppendUvarint(nil, uint64(len(sequences.list)))
	for _, s := range sequences.list {
		b = append(b, s...)
	}
	b = binary.AppendUvarint(b, uint64(len(profiles.list)))
	for _, p := range profiles.list {
		b = append(b, p...)
	}
	b = appendIDs(b, f.Trips, func(t *Trip) string { return t.ID })
	return append(b, rows...)
}

// appendSequence writes where a trip stops and who may get on and off there.
func appendSequence(b []byte, times []StopTime) []byte {
	b = binary.AppendUvarint(b, uint64(len(times)))
	last := int64(0)
	for _, at := range times {
		step := int64(at.Stop) - last
		last = int64(at.Stop)
		zigzag := uint64(step)<<1 ^ uint64(step>>63)
		if at.Pickup == Regular && at.DropOff == Regular {
			b = binary.AppendUvarint(b, zigzag<<1)
			continue
		}
		b = binary.AppendUvarint(b, zigzag<<1|1)
		b = append(b, at.Pickup|at.DropOff<<2)
	}
	return b
}

// appendProfile writes the times of a trip after its first arrival: for each
// stop the way from the stop before, and the wait when there is one. They are
// in whole units, which for most trips are minutes.
func appendProfile(b []byte, times []StopTime) []byte {
	unit, last := int32(0), times[0].Arrive
	for _, at := range times {
		unit = divisor(divisor(unit, at.Arrive-last), at.Depart-at.Arrive)
		last = at.Depart
	}
	unit = max(unit, 1)
	b = binary.AppendUvarint(b, uint64(unit))
	last = times[0].Arrive
	for _, at := range times {
		way, wait := uint64((at.Arrive-last)/unit), uint64((at.Depart-at.Arrive)/unit)
		last = at.Depart
		if wait == 0 {
			b = binary.AppendUvarint(b, way<<1)
			continue
		}
		b = binary.AppendUvarint(b, way<<1|1)
		b = binary.AppendUvarint(b, wait)
	}
	return b
}

// divisor is the greatest common one.
func divisor(a, b int32) int32 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func (e *feedWriter) transfers(f *Feed) []byte {
	b := binary.AppendUvarint(nil, uint64(len(f.Transfers)))
	var from, to int64
	for _, x := range f.Transfers {
		b = appendDelta(b, int64(x.From), &from)
		b = appendDelta(b, int64(x.To), &to)
		for _, n := range []int32{x.FromRoute, x.ToRoute, x.FromTrip, x.ToTrip, x.Seconds} {
			b = binary.AppendVarint(b, int64(n))
		}
		b = append(b, x.Type, x.Rank)
	}
	return b
}

func (e *feedWriter) text(b []byte, s string) []byte {
	return binary.AppendUvarint(b, e.texts.add(s))
}

// A table numbers different values from 0 on, in the order they come.
type table[T comparable] struct {
	list  []T
	known map[T]int
}

func newTable[T comparable]() *table[T] { return &table[T]{known: map[T]int{}} }

func (t *table[T]) add(v T) uint64 {
	i, ok := t.known[v]
	if !ok {
		i = len(t.list)
		t.known[v] = i
		t.list = append(t.list, v)
	}
	return uint64(i)
}

// A profileTable numbers profiles, and one that has served maxShare trips
// again.
type profileTable struct {
	list  []string
	uses  []int
	known map[string]int
}

func (t *profileTable) add(p string) int {
	i, ok := t.known[p]
	if !ok || t.uses[i] == maxShare {
		i = len(t.list)
		t.known[p] = i
		t.list = append(t.list, p)
		t.uses = append(t.uses, 0)
	}
	t.uses[i]++
	return i
}

// appendDelta writes how much larger v is than the value before it.
func appendDelta(b []byte, v int64, before *int64) []byte {
	b = binary.AppendVarint(b, v-*before)
	*before = v
	return b
}

func appendIDs[T any](b []byte, list []T, id func(*T) string) []byte {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = id(&list[i])
	}
	return appendTexts(binary.AppendUvarint(b, uint64(len(ids))), ids)
}

// appendTexts writes texts, each as how many bytes it shares with the one
// before and what follows them.
func appendTexts(b []byte, texts []string) []byte {
	last := ""
	for _, s := range texts {
		shared := 0
		for shared < min(len(last), len(s), math.MaxUint8) && last[shared] == s[shared] {
			shared++
		}
		b = append(b, byte(shared))
		b = ownfile.AppendText(b, s[shared:])
		last = s
	}
	return b
}
