package index

import (
	"fmt"
	"sync"
	"time"

	"github.com/tidwall/btree"

	"hereabouts"
)

// columns hold everything but words, by ordinal: a listing's number in this
// process. An ordinal belongs to one id for as long as the columns live.
//
// Searches hold mu for reading, and so see one state from beginning to end;
// the follower holds it for writing, for a few listings at a time.
type columns struct {
	mu sync.RWMutex

	needs      *hereabouts.Taxonomy
	needNumber map[string]int

	base  int32 // day that schedules count from
	today int32 // day that rows were refreshed for

	byID    map[string]uint32
	rows    []row
	details []*detail
	prior   []float32 // what freshness and availability make of a listing's rank
	prices  []price
	heads   []uint64 // the first bytes of ids, which settle most ties
	live    int

	tags, languages, groups, areas interned
	schedules                      schedules
	grid                           *grid
	vocabulary                     *vocabulary
	named                          map[uint64][]uint32 // by hash of the name
	names                          btree.BTreeG[nameKey]

	bits bitmaps

	days    []dayStart // from base on
	daytime [2]int16   // Options.DayHours, minutes after midnight
	anyDay  [1]session // of a green space that does not say
	ties    ties
	rounds  sync.Map // *detail of a listing of community transport → *round

	token hereabouts.Token // the feed's position that these columns have reached
}

// bitmaps are the sets of listings with each common value.
type bitmaps struct {
	live, placed, sessions, manyPlaces, catchment, shapes, journeyless, fetches bitset

	kind      [4]bitset
	need      []bitset
	delivery  [4]bitset
	referral  [5]bitset
	avail     [6]bitset
	cost      [3]bitset
	accessYes [8]bitset
	accessNo  [8]bitset
	day       [7]bitset
}

// each visits every bitmap and whether a row belongs to it.
func (b *bitmaps) each(r *row, visit func(set *bitset, in bool)) {
	visit(&b.live, r.is(flagLive))
	visit(&b.placed, r.is(flagPlaced))
	visit(&b.sessions, r.is(flagSessions))
	visit(&b.manyPlaces, r.is(flagManyPlaces))
	visit(&b.catchment, r.is(flagCatchment))
	visit(&b.shapes, r.is(flagShapes))
	visit(&b.journeyless, r.is(flagJourneyless))
	visit(&b.fetches, r.is(flagFetches))
	for i := range b.kind {
		visit(&b.kind[i], r.is(flagLive) && int(r.kind) == i)
	}
	for i := range b.delivery {
		visit(&b.delivery[i], r.delivery&(1<<i) != 0)
	}
	for i := range b.referral {
		visit(&b.referral[i], r.referral&(1<<i) != 0)
	}
	for i := range b.avail {
		visit(&b.avail[i], r.is(flagLive) && int(r.avail) == i)
	}
	for i := range b.cost {
		visit(&b.cost[i], r.is(flagLive) && int(r.cost) == i)
	}
	for i := range b.accessYes {
		visit(&b.accessYes[i], r.accessYes&(1<<i) != 0)
		visit(&b.accessNo[i], r.accessNo&(1<<i) != 0)
	}
	for i := range b.day {
		visit(&b.day[i], r.days&(1<<i) != 0)
	}
}

func newColumns(needs *hereabouts.Taxonomy, today int32) (*columns, error) {
	if needs == nil {
		needs = hereabouts.NewTaxonomy(nil)
	}
	if len(needs.Needs) > maxNeeds {
		return nil, fmt.Errorf("index: the taxonomy has %d needs and a row has room for %d; make row.needs wider", len(needs.Needs), maxNeeds)
	}
	c := &columns{
		needs: needs, needNumber: map[string]int{}, today: today,
		byID: map[string]uint32{}, named: map[uint64][]uint32{},
		tags: newInterned(), languages: newInterned(), groups: newInterned(), areas: newInterned(),
		schedules: newSchedules(), grid: newGrid(), vocabulary: newVocabulary(),
		names: *btree.NewBTreeGOptions(nameKey.before, btree.Options{NoLocks: true}),
	}
	for i, n := range needs.Needs {
		c.needNumber[n.ID] = i
	}
	c.bits.need = make([]bitset, len(needs.Needs))
	c.setBase(today - 1) // what began last night may still be on
	c.ties.slots, c.ties.alike, c.ties.turnNumber = []slot{{}}, map[uint64]uint32{}, map[session]uint32{}
	return c, nil
}

// size is the number of ordinals.
func (c *columns) size() int { return len(c.rows) }

// put stores a listing that is to be found. It reports whether its words are
// others than before. The caller holds c for writing.
func (c *columns) put(l *hereabouts.Listing, a *analyzer) (words bool) {
	ord, known := c.byID[l.ID]
	if !known {
		ord = c.grow(l.ID)
	}
	r, d := c.pack(l, a)
	old := c.rows[ord]
	c.place(ord, r, d)
	return !old.is(flagLive) || old.textHash != r.textHash
}

func (c *columns) grow(id string) uint32 {
	ord := uint32(len(c.rows))
	c.byID[id] = ord
	c.rows = append(c.rows, row{})
	c.details = append(c.details, &detail{id: id})
	c.prior = append(c.prior, 0)
	c.heads = append(c.heads, head(id))
	c.prices = append(c.prices, priceUnknown)
	c.ties.grow()
	n := len(c.rows)
	c.bits.each(&row{}, func(set *bitset, _ bool) { *set = set.grown(n) })
	for i := range c.bits.need {
		c.bits.need[i] = c.bits.need[i].grown(n)
	}
	return ord
}

// remove takes a listing out; its ordinal stays its own. It reports whether
// it was there.
func (c *columns) remove(id string, rev hereabouts.Rev) bool {
	ord, ok := c.byID[id]
	if !ok {
		return false
	}
	was := c.rows[ord].is(flagLive)
	c.place(ord, row{rev: uint64(rev)}, &detail{id: id})
	return was
}

// place puts a row at an ordinal, in every structure that knows of it.
func (c *columns) place(ord uint32, r row, d *detail) {
	old, was := c.rows[ord], c.details[ord]
	if old.is(flagLive) {
		c.live--
		c.tags.remove(ord, was.tags)
		c.languages.remove(ord, was.languages)
		c.groups.remove(ord, was.groups)
		c.areas.remove(ord, was.areas)
		c.grid.remove(ord, was)
		c.unname(ord, &old, was)
		c.ties.loosen(was)
		c.rounds.Delete(was)
	}
	if r.is(flagLive) {
		c.live++
		c.refresh(&r, d)
		c.tags.add(ord, d.tags)
		c.languages.add(ord, d.languages)
		c.groups.add(ord, d.groups)
		c.areas.add(ord, d.areas)
		c.grid.add(ord, d, r.is(flagCatchment))
		c.name(ord, &r, d)
	}
	c.rows[ord], c.details[ord] = r, d
	c.tie(ord)
	c.await(ord)
	c.prior[ord], c.prices[ord] = prior(&r), r.price()
	c.bits.each(&r, func(set *bitset, in bool) { set.put(ord, in) })
	for w := range r.needs {
		for changed := r.needs[w] ^ old.needs[w]; changed != 0; changed &= changed - 1 {
			n := w<<6 + trailingZeros(changed)
			c.bits.need[n].put(ord, r.needs[w]&(changed&-changed) != 0)
		}
	}
}

// roll moves the columns to another day: what is open, fresh and still to
// come depends on it.
func (c *columns) roll(today int32) {
	c.today = today
	c.ties.at = 0 // another day comes into view
	for i := range c.rows {
		r := &c.rows[i]
		if !r.is(flagLive) {
			continue
		}
		old := *r
		c.refresh(r, c.details[i])
		if old == *r {
			continue
		}
		c.prior[i] = prior(r)
		c.bits.each(r, func(set *bitset, in bool) { set.put(uint32(i), in) })
	}
}

// stale reports whether the schedules no longer reach far enough ahead.
func (c *columns) stale(today int32) bool {
	return today-c.base > rebaseDays || today < c.base
}

// today is the local date at t, as a day number.
func today(t time.Time) int32 { return dayNumber(hereabouts.DateOf(t)) }

// head is the first eight bytes of an id, in an order that is the ids' own.
func head(id string) (h uint64) {
	for i := range min(len(id), 8) {
		h |= uint64(id[i]) << (56 - 8*i)
	}
	return h
}
