package transit

import (
	"encoding/binary"
	"sync"
	"time"
)

// A zone is a time zone with the services that run by it.
type zone struct {
	place    *time.Location
	feeds    []zoneFeed
	services uint32
	earliest int32 // of all times of its trips, in seconds of the service day
	latest   int32

	mu         sync.Mutex
	days       map[Day]serviceDay
	timetables map[string]uint32 // numbers of sets of services
	running    [][]uint64        // by timetable: bit s is whether service s runs
}

// A zoneFeed is a feed in a zone.
type zoneFeed struct {
	feed         int
	firstService uint32
	first, last  Day
	services     []Service
}

// A serviceDay is what runs on a day. Days with the same services share a
// timetable; 0 is the one in which nothing runs.
type serviceDay struct {
	base      int64 // Unix time of noon minus twelve hours
	timetable uint32
}

func newZone(place *time.Location) *zone {
	return &zone{place: place, earliest: 1 << 30, latest: -1 << 30, days: map[Day]serviceDay{},
		timetables: map[string]uint32{"": 0}, running: [][]uint64{nil}}
}

// add joins a feed to the zone.
func (z *zone) add(feed int, f *Feed) {
	z.feeds = append(z.feeds, zoneFeed{feed, z.services, f.First, f.Last, f.Services})
	z.services += uint32(len(f.Services))
}

// span notes the times of a trip.
func (z *zone) span(times []StopTime) {
	z.earliest = min(z.earliest, times[0].Arrive, times[0].Depart)
	z.latest = max(z.latest, times[len(times)-1].Arrive, times[len(times)-1].Depart)
}

// base is what the times of a day's services count from.
func (z *zone) base(d Day) int64 {
	y, m, day := d.Date()
	return time.Date(y, m, day, 12, 0, 0, 0, z.place).Unix() - 12*3600
}

// dayOf is the local day of a moment.
func (z *zone) dayOf(at int64) Day { return DayOf(time.Unix(at, 0).In(z.place).Date()) }

// maxDays is how many days a zone remembers, which is more than people ask
// about unless they try dates at random.
const maxDays = 2000

// day is what runs on a day.
func (z *zone) day(d Day) serviceDay {
	z.mu.Lock()
	defer z.mu.Unlock()
	if s, ok := z.days[d]; ok {
		return s
	}
	s := serviceDay{base: z.base(d)}
	var set []uint64
	for _, f := range z.feeds {
		i := int(d - f.first)
		if i < 0 || d > f.last {
			continue
		}
		for k, service := range f.services {
			if days := service.Days; i>>6 < len(days) && days[i>>6]>>(i&63)&1 != 0 {
				if set == nil {
					set = make([]uint64, (z.services+63)/64)
				}
				number := f.firstService + uint32(k)
				set[number>>6] |= 1 << (number & 63)
			}
		}
	}
	if set != nil {
		key := make([]byte, 0, 8*len(set))
		for _, word := range set {
			key = binary.LittleEndian.AppendUint64(key, word)
		}
		t, ok := z.timetables[string(key)]
		if !ok {
			t = uint32(len(z.running))
			z.timetables[string(key)] = t
			z.running = append(z.running, set)
		}
		s.timetable = t
	}
	if len(z.days) == maxDays {
		clear(z.days)
	}
	z.days[d] = s
	return s
}

// set is the services that run in a timetable.
func (z *zone) set(timetable uint32) []uint64 {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.running[timetable]
}

// daysOver calls with every service day that has something running at some
// time in a span of Unix time, both ends inclusive.
func (z *zone) daysOver(from, to int64, yield func(serviceDay)) {
	if z.earliest > z.latest {
		return
	}
	// A base is within a day of its date's midnight in UTC.
	first := Day(floorDiv(from-int64(z.latest), 86400)) - 1
	last := Day(floorDiv(to-int64(z.earliest), 86400)) + 1
	for d := first; d <= last; d++ {
		s := z.day(d)
		if s.timetable != 0 && s.base+int64(z.latest) >= from && s.base+int64(z.earliest) <= to {
			yield(s)
		}
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
