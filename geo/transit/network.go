package transit

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"
	"time"

	"github.com/paulmach/orb"
)

// A Network is every timetable that is known, tied together. It never
// changes and is safe for concurrent use.
//
// Stops of all feeds are numbered in one row, those near each other together.
// Somebody arrives at an in-node and boards from an out-node. Most stops have
// one of each, numbered as the stop; where a feed's transfers tell routes or
// trips apart, each class of trip has its own.
type Network struct {
	feeds   []FeedInfo
	names   *StopNames
	stops   stops
	grid    grid
	tiling  tiling
	berths  []berth  // those with stops
	berthOf []uint32 // by stop: which of them
	nodes   nodes
	links   links
	lines   []line
	texts   []string // headsigns
	trips   trips
	seqs    sequences
	zones   []*zone
	// From settled on, and before unsettled, every feed is valid.
	validity []validity // by feed
	settled  validity

	changeTables changeTables
	accessLists  [3]accessNodes // by Steps
	views        viewCache
	discCache    discCache
	works        sync.Pool
}

// stops are what is known of each stop.
type stops struct {
	id, name   []string
	at         []orb.Point
	feed       []uint16
	wheelchair []Accessible
}

// A line is what passengers call a trip.
type line struct {
	name, operator string
	mode           Mode
	feed           uint16
}

// validity is a span of Unix time, the end exclusive.
type validity struct{ from, to int64 }

func (v validity) holds(at int64) bool { return at >= v.from && at < v.to }

// trips are what is known of each trip. They are numbered by sequence and in
// each by the departure from the first stop.
type trips struct {
	runs       []run
	service    []uint32 // in the zone's services
	line       []uint32
	headsign   []uint32 // in texts
	wheelchair []Accessible
}

// A run is a trip's times: those of a profile, counted from start, which is
// the departure from the first stop in seconds of the service day. Trips with
// the same running times share a profile.
type run struct {
	start   int32
	profile uint32 // position in sequences.times
}

// A call is when a vehicle is at a stop.
type call struct{ arrive, depart int32 }

// sequences are the lists of stops that trips serve. Two trips share one when
// they let people off and on at the same nodes.
type sequences struct {
	first     []uint32 // by sequence, and one more: its first position
	firstTrip []uint32 // by sequence, and one more
	stop      []uint32 // by position
	in, out   []uint32 // by position; nodes.none where nobody may alight or board
	zone      []uint8  // by sequence
	times     []call   // profiles
	calls     int      // of all trips
	bits      uint8    // that the longest sequence's positions need
}

// NewNetwork ties feeds together. names may be nil.
func NewNetwork(feeds []*Feed, names *StopNames) *Network {
	feeds = slices.Clone(feeds)
	slices.SortStableFunc(feeds, func(a, b *Feed) int { return cmp.Compare(a.Name, b.Name) })
	n := &Network{names: names}
	numbers := n.addStops(feeds)
	n.addZones(feeds)
	classes := newClasses(feeds, numbers)
	n.addTrips(feeds, numbers, classes)
	n.nodes = classes.nodes(len(n.stops.at))
	n.seqs.close(n.nodes.none)
	n.links = newLinks(&n.grid, classes, &n.nodes)
	n.accessLists[AnySteps] = accessNodes{in: n.seqs.in, out: n.seqs.out}
	n.views.init(n)
	n.works.New = func() any { return newWork(&n.nodes, len(n.berths)) }
	return n
}

// addStops numbers the stops of all feeds and returns their numbers by feed.
func (n *Network) addStops(feeds []*Feed) (numbers [][]uint32) {
	type source struct{ feed, stop int }
	var sources []source
	var points []orb.Point
	for i, f := range feeds {
		numbers = append(numbers, make([]uint32, len(f.Stops)))
		for j, s := range f.Stops {
			sources = append(sources, source{i, j})
			points = append(points, orb.Point{s.Lon, s.Lat})
		}
	}
	s := &n.stops
	for number, i := range gridOrder(points) {
		feed, stop := sources[i].feed, &feeds[sources[i].feed].Stops[sources[i].stop]
		numbers[feed][sources[i].stop] = uint32(number)
		s.id, s.name = append(s.id, stop.ID), append(s.name, displayName(stop))
		s.at = append(s.at, points[i])
		s.feed = append(s.feed, uint16(feed))
		s.wheelchair = append(s.wheelchair, stop.Wheelchair)
	}
	n.grid = newGrid(s.at)
	n.tiling = newTiling(s.at)
	known := map[berth]uint32{}
	for _, p := range s.at {
		n.berthOf = append(n.berthOf, intern(known, &n.berths, n.tiling.berth(p)))
	}
	return numbers
}

// displayName is a stop's name with its letter or platform.
func displayName(s *Stop) string {
	switch {
	case s.Code == "":
		return s.Name
	case s.Code[0] >= '0' && s.Code[0] <= '9':
		return s.Name + ", platform " + s.Code
	}
	return s.Name + ", stop " + s.Code
}

// addZones groups feeds whose times count in the same zone.
func (n *Network) addZones(feeds []*Feed) {
	n.settled = validity{-1 << 62, 1 << 62}
	for i, f := range feeds {
		n.feeds = append(n.feeds, FeedInfo{f.Name, f.Publisher, f.URL, f.Version, f.Licence, f.First, f.Last,
			f.ImportedAt, len(f.Stops), len(f.Trips)})
		place, err := time.LoadLocation(f.Zone)
		if err != nil { // Save and the importer check; a Feed made by hand might not be
			place = time.UTC
		}
		z := slices.IndexFunc(n.zones, func(z *zone) bool { return z.place.String() == place.String() })
		if z < 0 {
			z = len(n.zones)
			n.zones = append(n.zones, newZone(place))
		}
		n.zones[z].add(i, f)
		v := validity{midnight(f.First, place), midnight(f.Last+1, place)}
		n.validity = append(n.validity, v)
		n.settled = validity{max(n.settled.from, v.from), min(n.settled.to, v.to)}
	}
}

func midnight(d Day, place *time.Location) int64 {
	y, m, day := d.Date()
	return time.Date(y, m, day, 0, 0, 0, 0, place).Unix()
}

// maxCalls bounds the calls of a trip, so that calls can be packed. No vehicle
// stops as often in a day; a trip that would is left out.
const maxCalls = 2048

// addTrips sorts the trips of all feeds into sequences.
func (n *Network) addTrips(feeds []*Feed, numbers [][]uint32, classes *classes) {
	type source struct {
		feed     uint16
		zone     uint8
		trip     uint32
		sequence uint32
	}
	var sources []source
	var keys []string // of sequences, by number
	byKey := map[string]uint32{}
	var key []byte
	for i, f := range feeds {
		z, _ := n.zoneOf(i)
		for j := range f.Trips {
			t := &f.Trips[j]
			if len(t.Times) < 2 || len(t.Times) > maxCalls {
				continue
			}
			key = key[:0]
			for _, st := range t.Times {
				stop := numbers[i][st.Stop]
				in, out := classes.of(i, uint32(j), t.Route, stop)
				if st.DropOff != Regular {
					in = noNode
				}
				if st.Pickup != Regular {
					out = noNode
				}
				key = binary.LittleEndian.AppendUint32(key, stop)
				key = binary.LittleEndian.AppendUint32(key, in)
				key = binary.LittleEndian.AppendUint32(key, out)
			}
			s, ok := byKey[string(key)]
			if !ok {
				s = uint32(len(keys))
				keys = append(keys, string(key))
				byKey[keys[s]] = s
				n.seqs.zone = append(n.seqs.zone, uint8(z))
			}
			sources = append(sources, source{uint16(i), uint8(z), uint32(j), s})
		}
	}
	// Sequences are numbered by their first stop, so that those of one area
	// lie together in memory.
	byPlace := make([]uint32, len(keys))
	for i := range byPlace {
		byPlace[i] = uint32(i)
	}
	firstStop := func(s uint32) uint32 { return binary.LittleEndian.Uint32([]byte(keys[s][:4])) }
	slices.SortStableFunc(byPlace, func(a, b uint32) int { return cmp.Compare(firstStop(a), firstStop(b)) })
	number := make([]uint32, len(keys))
	zones := slices.Clone(n.seqs.zone)
	q := &n.seqs
	for i, s := range byPlace {
		number[s] = uint32(i)
		q.zone[i] = zones[s]
		q.first = append(q.first, uint32(len(q.stop)))
		q.bits = max(q.bits, uint8(bits.Len(uint(len(keys[s])/12-1))))
		for k := []byte(keys[s]); len(k) > 0; k = k[12:] {
			q.stop = append(q.stop, binary.LittleEndian.Uint32(k))
			q.in = append(q.in, binary.LittleEndian.Uint32(k[4:]))
			q.out = append(q.out, binary.LittleEndian.Uint32(k[8:]))
		}
	}
	q.first = append(q.first, uint32(len(q.stop)))

	for i := range sources {
		sources[i].sequence = number[sources[i].sequence]
	}
	slices.SortFunc(sources, func(a, b source) int {
		if c := cmp.Compare(a.sequence, b.sequence); c != 0 {
			return c
		}
		x, y := feeds[a.feed].Trips[a.trip].Times, feeds[b.feed].Trips[b.trip].Times
		for i := range x {
			if c := cmp.Or(cmp.Compare(x[i].Depart, y[i].Depart), cmp.Compare(x[i].Arrive, y[i].Arrive)); c != 0 {
				return c
			}
		}
		return cmp.Or(cmp.Compare(a.feed, b.feed), cmp.Compare(a.trip, b.trip))
	})
	lineNumber, textNumber := map[line]uint32{}, map[string]uint32{}
	profiles := map[string]uint32{} // of one sequence
	t := &n.trips
	for i, s := range sources {
		if i == 0 || s.sequence != sources[i-1].sequence {
			clear(profiles)
			q.firstTrip = append(q.firstTrip, uint32(i))
		}
		f := feeds[s.feed]
		trip := &f.Trips[s.trip]
		start := trip.Times[0].Depart
		key = key[:0]
		for _, st := range trip.Times {
			key = binary.LittleEndian.AppendUint32(key, uint32(st.Arrive-start))
			key = binary.LittleEndian.AppendUint32(key, uint32(st.Depart-start))
		}
		p, ok := profiles[string(key)]
		if !ok {
			p = uint32(len(q.times))
			profiles[string(key)] = p
			for _, st := range trip.Times {
				q.times = append(q.times, call{st.Arrive - start, st.Depart - start})
			}
		}
		_, service := n.zoneOf(int(s.feed))
		route := &f.Routes[trip.Route]
		t.runs = append(t.runs, run{start, p})
		t.service = append(t.service, service+trip.Service)
		t.line = append(t.line, intern(lineNumber, &n.lines, line{route.Name, route.Operator, route.Mode, s.feed}))
		t.headsign = append(t.headsign, intern(textNumber, &n.texts, trip.Headsign))
		t.wheelchair = append(t.wheelchair, trip.Wheelchair)
		n.zones[s.zone].span(trip.Times)
		q.calls += len(trip.Times)
	}
	q.firstTrip = append(q.firstTrip, uint32(len(sources)))
}

// intern is the number of a value in a list that holds each once.
func intern[T comparable](numbers map[T]uint32, list *[]T, value T) uint32 {
	i, ok := numbers[value]
	if !ok {
		i = uint32(len(*list))
		numbers[value] = i
		*list = append(*list, value)
	}
	return i
}

// zoneOf is the zone of a feed, and where the feed's services begin in it.
func (n *Network) zoneOf(feed int) (zone int, firstService uint32) {
	for z := range n.zones {
		for _, f := range n.zones[z].feeds {
			if f.feed == feed {
				return z, f.firstService
			}
		}
	}
	panic("transit: feed without zone")
}

// close gives positions where nobody may board or alight the node that is
// never reached. Nobody boards at the last stop or alights at the first.
func (q *sequences) close(none uint32) {
	for s := range len(q.first) - 1 {
		q.in[q.first[s]] = none
		q.out[q.first[s+1]-1] = none
	}
	for i := range q.in {
		if q.in[i] == noNode {
			q.in[i] = none
		}
		if q.out[i] == noNode {
			q.out[i] = none
		}
	}
}

// Empty reports whether there is no timetable at all.
func (n *Network) Empty() bool { return len(n.feeds) == 0 }

// Covers reports whether some stop lies within 25 km: whether there is any
// timetable for where p is.
func (n *Network) Covers(p orb.Point) bool { return n.grid.within(p, 25_000) }

// Feeds are the timetables of the network, by name.
func (n *Network) Feeds() []FeedInfo { return slices.Clone(n.feeds) }

// FeedInfo is what is known about a feed as a whole.
type FeedInfo struct {
	Name, Publisher, URL, Version, Licence string
	First, Last                            Day
	ImportedAt                             time.Time
	Stops, Trips                           int
}
