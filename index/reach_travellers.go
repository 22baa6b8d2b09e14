package index

import (
	"slices"
	"sync"
	"time"

	"hereabouts/geo/transit"
)

// A traveller is somebody at home, with everything that has been worked out
// about where they can be when. It is kept for a while, in memory alone, so
// that the next page and the next refinement of a search cost nothing again.
type traveller struct {
	who     transit.Traveller
	network *transit.Network
	reach   *transit.Reach
	feeds   []transit.FeedInfo
	covered bool // there is some timetable for where they live
	used    time.Time

	mu        sync.Mutex
	known     map[visitsKey]*visits
	joined    map[*transit.Scan][]joint // by the first of them
	durations map[int64]*transit.Durations
}

// A joint is several scans as one.
type joint struct {
	of  []*transit.Scan
	all *transit.Scan
}

// A visitsKey is all that the visits of a slot depend on.
type visitsKey struct {
	slot
	want  int64 // seconds of a stay
	early int64
	after int64 // stays begin later
	asked windows
}

// maxKnown is how much is remembered of one traveller.
const maxKnown = 20_000

// visits are the ways of attending a slot. Two goroutines that ask for the
// same at once may both work it out, to the same scans.
func (t *traveller) visits(k visitsKey) *visits {
	t.mu.Lock()
	v := t.known[k]
	t.mu.Unlock()
	if v != nil {
		return v
	}
	v = t.work(k)
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known) >= maxKnown {
		clear(t.known)
		clear(t.joined)
		clear(t.durations)
	}
	t.known[k] = v
	return v
}

func (t *traveller) work(k visitsKey) *visits {
	v := &visits{}
	_, _, long := k.stays(k.want)
	after := k.after
	if after == 0 {
		after = k.start - 1
	}
	for start := range k.within(k.want, after, &k.asked) {
		v.stays = append(v.stays, stay{start: start, end: start + long})
	}
	if !t.covered || len(v.stays) == 0 {
		return v
	}
	v.scanned = true
	v.doubtful = !t.validAround(v.first().start)
	outs, backs := make([]*transit.Scan, len(v.stays)), make([]*transit.Scan, len(v.stays))
	for i := range v.stays {
		s := &v.stays[i]
		s.out, s.back = t.reach.Out(s.start-k.early), t.reach.Back(s.end)
		outs[i], backs[i] = s.out, s.back
	}
	v.out, v.back = t.join(outs), t.join(backs)
	return v
}

// validAround reports whether every timetable surely holds on the day of a
// moment, whatever its zone.
func (t *traveller) validAround(at int64) bool {
	day := transit.Day(at / 86400)
	for _, f := range t.feeds {
		if f.First >= day || f.Last <= day {
			return false
		}
	}
	return true
}

// join is some scans as one. Opening hours on days with the same timetable
// come to the same scans.
func (t *traveller) join(scans []*transit.Scan) *transit.Scan {
	if len(scans) == 1 {
		return scans[0]
	}
	find := func() *transit.Scan {
		for _, j := range t.joined[scans[0]] {
			if slices.Equal(j.of, scans) {
				return j.all
			}
		}
		return nil
	}
	t.mu.Lock()
	all := find()
	t.mu.Unlock()
	if all != nil {
		return all
	}
	all = transit.Join(scans)
	t.mu.Lock()
	defer t.mu.Unlock()
	if first := find(); first != nil {
		return first
	}
	t.joined[scans[0]] = append(t.joined[scans[0]], joint{scans, all})
	return all
}

// durationsBy is how long journeys take that arrive by a deadline.
func (t *traveller) durationsBy(deadline int64) *transit.Durations {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.durations[deadline]
	if d == nil {
		d = t.reach.Durations(deadline)
		t.durations[deadline] = d
	}
	return d
}

// travellers are the last few that somebody searched for.
type travellers struct {
	mu   sync.Mutex
	last []*traveller // the latest first
}

// What is kept of travellers: so many, for so long, and of a large network
// fewer.
const (
	keepTravellers   = 64
	keepTravellerFor = 10 * time.Minute
	keepStops        = 2_000_000
)

// find is a traveller, remembered or new.
func (s *travellers) find(n *transit.Network, who transit.Traveller) *traveller {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.last = slices.DeleteFunc(s.last, func(t *traveller) bool { return t.network != n || now.Sub(t.used) > keepTravellerFor })
	i := slices.IndexFunc(s.last, func(t *traveller) bool { return t.who == who })
	if i < 0 {
		feeds, stops := n.Feeds(), 1
		for _, f := range feeds {
			stops += f.Stops
		}
		s.last = s.last[:min(len(s.last), max(1, min(keepTravellers, keepStops/stops))-1)]
		i = len(s.last)
		s.last = append(s.last, &traveller{who: who, network: n, reach: n.From(who), feeds: feeds, covered: n.Covers(who.Home),
			known: map[visitsKey]*visits{}, joined: map[*transit.Scan][]joint{}, durations: map[int64]*transit.Durations{}})
	}
	t := s.last[i]
	t.used = now
	copy(s.last[1:i+1], s.last[:i])
	s.last[0] = t
	return t
}

// forget lets go of everybody.
func (s *travellers) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = nil
}
