package index

import (
	"context"
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/geo/transit"
)

// ties are what reach knows of each listing, by ordinal, in flat arrays: where
// its places are tied to the stops of the timetables, and when it is on next.
type ties struct {
	network *transit.Network
	spots   *transit.Spots // nil when there are no timetables
	spot    []uint32       // the first of as many spots as the listing has points, or noSpot
	cell    []int32        // slot of the grid, of the first point
	loose   int            // spots that no listing has any more

	// When each listing is on: a turn or, with severalTurns, an agenda. A turn
	// is the dates and times of a session, which many listings share, without
	// where it is.
	agenda     []uint32
	turns      []session
	turnNumber map[session]uint32
	agendas    [][]uint32
	alike      map[uint64]uint32 // by hash: an agenda

	// When each listing is on next and, for one that is open now, after
	// that; numbers of slots. They are as of at and become wrong at due.
	next, after []uint32
	slots       []slot // the first is none
	number      map[slot]uint32
	at          int64 // Unix seconds; 0: nothing has been worked out
	due         int64
}

const (
	noSpot    = 1<<32 - 1
	manySpots = 1 << 31 // flag: several points, or one of several places

	severalTurns = 1 << 31 // flag
)

// communityTransport is the need that listings meet which fetch people.
const communityTransport = "access.community-transport"

// grow makes room for another listing.
func (t *ties) grow() {
	t.spot = append(t.spot, noSpot)
	t.cell = append(t.cell, 0)
	t.agenda = append(t.agenda, severalTurns)
	t.next = append(t.next, 0)
	t.after = append(t.after, 0)
}

// tie ties the points of a listing to the stops near them.
func (t *ties) tie(ord uint32, d *detail, many bool) {
	t.spot[ord] = noSpot
	if len(d.points) == 0 {
		return
	}
	first := uint32(0)
	for i, p := range d.points {
		if t.spots == nil {
			break
		}
		id := t.spots.Add(geo.LatLon(p.lat, p.lon))
		if i == 0 {
			first = id
		}
	}
	if t.spot[ord] = first; many || len(d.points) > 1 {
		t.spot[ord] |= manySpots
	}
}

// loosen gives up the spots of a listing.
func (t *ties) loosen(d *detail) {
	if t.spots != nil {
		t.loose += len(d.points)
	}
}

// slack reports whether it is time to tie everything anew.
func (c *columns) slack() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.ties.slack()
}

// slack reports whether half of the spots are nobody's.
func (t *ties) slack() bool { return t.loose > 1000 && t.spots != nil && 2*t.loose > t.spots.Len() }

// agendaOf numbers the sessions of a listing: one by its turn, several by a
// list of turns.
func (t *ties) agendaOf(list []session) uint32 {
	turns := make([]uint32, len(list))
	for i, s := range list {
		s.place, s.index = 0, 0
		n, ok := t.turnNumber[s]
		if !ok {
			n = uint32(len(t.turns))
			t.turnNumber[s] = n
			t.turns = append(t.turns, s)
		}
		turns[i] = n
	}
	if len(turns) == 1 {
		return turns[0]
	}
	var h xxhash.Digest
	h.Reset()
	for _, n := range turns {
		h.Write(binary.LittleEndian.AppendUint32(nil, n))
	}
	for hash := h.Sum64(); ; hash++ {
		n, known := t.alike[hash]
		if !known {
			n = uint32(len(t.agendas))
			t.agendas = append(t.agendas, turns)
			t.alike[hash] = n
		}
		if !known || slices.Equal(t.agendas[n], turns) {
			return n | severalTurns
		}
	}
}

// on is the turns of a listing.
func (t *ties) on(ord uint32, one *[1]uint32) []uint32 {
	n := t.agenda[ord]
	if n&severalTurns != 0 {
		return t.agendas[n&^severalTurns]
	}
	one[0] = n
	return one[:]
}

// slotOf numbers a slot.
func (t *ties) slotOf(s slot) uint32 {
	if s.start == 0 {
		return 0
	}
	s.kind &^= occAssumed
	n, ok := t.number[s]
	if !ok {
		n = uint32(len(t.slots))
		t.slots = append(t.slots, s)
		t.number[s] = n
		t.due = min(t.due, s.turns(t.at))
	}
	return n
}

// turns is the moment after another at which a slot begins or, when it is of
// opening hours, ends.
func (s *slot) turns(after int64) int64 {
	switch {
	case s.start > after:
		return s.start
	case s.end > after && s.kind&(occAnyTime|occOpenEnded) == occAnyTime:
		return s.end
	}
	return never64
}

const never64 = 1<<63 - 1

// await works out when a listing is on next.
func (c *columns) await(ord uint32) {
	t := &c.ties
	t.next[ord], t.after[ord] = 0, 0
	if t.at == 0 || !c.rows[ord].is(flagLive) {
		return
	}
	first, second := c.upcoming(ord, t.at)
	t.next[ord] = t.slotOf(first.slot)
	if first.start <= t.at {
		t.after[ord] = t.slotOf(second.slot)
	}
}

// awaitAll brings what is on next to a moment: all of it when nothing is
// known or the clock was put back, else what has begun or ended since.
func (c *columns) awaitAll(now int64) {
	t := &c.ties
	was := t.at
	if was == 0 || now < was {
		t.at = now
		t.slots, t.number = append(t.slots[:0], slot{}), map[slot]uint32{}
		t.due = never64
		for ord := range t.next {
			c.await(uint32(ord))
		}
		return
	}
	turned := make([]bool, len(t.slots))
	due := int64(never64)
	for i := 1; i < len(t.slots); i++ { // the first is none
		turned[i] = t.slots[i].turns(was) <= now
		due = min(due, t.slots[i].turns(now))
	}
	t.at, t.due = now, due
	for ord := range t.next {
		if turned[t.next[ord]] || turned[t.after[ord]] {
			c.await(uint32(ord))
		}
	}
}

// settled reports whether what is on next is right at a moment. A search that
// began a little before another moved the time on is answered as of then.
func (t *ties) settled(now int64) bool { return t.at != 0 && now < t.due && now >= t.at-60 }

// awaitAt makes sure that what is on next is right at a moment.
func (x *Index) awaitAt(c *columns, now int64) {
	c.mu.RLock()
	settled := c.ties.settled(now)
	c.mu.RUnlock()
	if settled {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ties.settled(now) {
		c.awaitAll(now)
	}
}

// network is the timetables as they are now.
func (x *Index) network() *transit.Network {
	if x.options.Timetables == nil {
		return x.nowhere
	}
	return x.options.Timetables.Network()
}

// newColumns are empty columns with what reach depends on.
func (x *Index) newColumns(day int32) (*columns, error) {
	c, err := newColumns(x.taxonomy, day)
	if err != nil {
		return nil, err
	}
	for i, clock := range x.options.DayHours {
		m, _ := clock.Minutes()
		c.daytime[i] = int16(m)
	}
	c.ties.bind(x.network())
	return c, nil
}

func (t *ties) bind(n *transit.Network) {
	t.network, t.spots, t.loose = n, nil, 0
	if !n.Empty() {
		t.spots = n.NewSpots()
	}
}

// Retie ties every listing to the timetables as they are now, after they were
// loaded anew. Searches go on meanwhile and see the change all at once. A
// search that asks for reach sees to it by itself; this has it done earlier.
func (x *Index) Retie(ctx context.Context) error {
	c := x.state.Load().columns
	if c == nil {
		return ctx.Err() // they are tied as they are built
	}
	return x.retie(ctx, c)
}

func (x *Index) retie(ctx context.Context, c *columns) error {
	x.tying.Lock()
	defer x.tying.Unlock()
	c.mu.RLock()
	n := x.network()
	done := c.ties.network == n && !c.ties.slack()
	was := append([]*detail(nil), c.details...)
	c.mu.RUnlock()
	if done {
		return nil
	}
	var next ties
	next.bind(n)
	for ord, d := range was {
		if ord&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		next.spot = append(next.spot, noSpot)
		next.tie(uint32(ord), d, len(d.access) > 0)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for ord, d := range c.details {
		switch {
		case ord >= len(was):
			next.spot = append(next.spot, noSpot)
		case was[ord] == d:
			continue
		default:
			next.loosen(was[ord])
		}
		next.tie(uint32(ord), d, len(d.access) > 0)
	}
	t := &c.ties
	t.network, t.spots, t.spot, t.loose = next.network, next.spots, next.spot, next.loose
	return nil
}

// tied makes sure that columns are tied to the timetables as they are now.
func (x *Index) tied(ctx context.Context, c *columns) error {
	c.mu.RLock()
	n := c.ties.network
	c.mu.RUnlock()
	if n == x.network() {
		return nil
	}
	return x.retie(ctx, c)
}

// tie ties a listing to the stops near it, and notes where in the grid it is.
func (c *columns) tie(ord uint32) {
	d := c.details[ord]
	list, _ := c.openings(ord)
	c.ties.agenda[ord] = c.ties.agendaOf(list)
	c.ties.tie(ord, d, len(d.access) > 0)
	if len(d.points) > 0 {
		row, col := gridCell(d.points[0].lat, d.points[0].lon)
		c.ties.cell[ord] = c.grid.slot(row, col)
	}
}

// setBase makes a day the first that schedules cover.
func (c *columns) setBase(base int32) {
	c.base, c.days = base, dayStarts(base)
	var all dates
	for i := range all {
		all[i] = ^uint64(0)
	}
	c.anyDay[0] = session{dates: c.schedules.intern(all[:]), anyTime: true, place: noPlace, index: noPlace}
}

// journeyless reports whether nobody has to go anywhere: the listing comes to
// people, or fetches them.
func (c *columns) journeyless(r *row) bool {
	if n, ok := c.needNumber[communityTransport]; ok && r.needs[n>>6]&(1<<(n&63)) != 0 {
		return true
	}
	return r.delivery != 0 && r.delivery&mask(deliveries, []hereabouts.Delivery{hereabouts.InPerson}) == 0
}
