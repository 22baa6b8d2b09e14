package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unsafe"

	"github.com/cespare/xxhash/v2"
	"github.com/paulmach/orb"

	"hereabouts"
)

// A reader takes apart what a writer has put together. After the first fault
// it reads zeros.
type reader struct {
	b   []byte
	err error
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.err, r.b = errDamaged, nil
	}
	if r.err != nil {
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) number() int {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > math.MaxInt32 {
		r.err, r.b = errDamaged, nil
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

// count is a number of things that take at least size bytes each.
func (r *reader) count(size int) int {
	n := r.number()
	if n > len(r.b)/size {
		r.err, r.b = errDamaged, nil
		return 0
	}
	return n
}

// below is a number that counts something of which there are n.
func (r *reader) below(n int) uint32 {
	v := r.number()
	if v >= n {
		r.err, r.b = errDamaged, nil
		return 0
	}
	return uint32(v)
}

func (r *reader) word() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) day() int32 {
	if b := r.take(4); b != nil {
		return int32(binary.LittleEndian.Uint32(b))
	}
	return 0
}

// degrees is a coordinate between -limit and limit.
func (r *reader) degrees(limit float64) float64 {
	f := math.Float64frombits(r.word())
	if !(math.Abs(f) <= limit) {
		r.err, r.b = errDamaged, nil
		return 0
	}
	return f
}

func (r *reader) text() string { return string(r.take(r.number())) }

func (r *reader) texts() []string {
	out := make([]string, r.count(1))
	for i := range out {
		out[i] = r.text()
	}
	return out
}

func (r *reader) numbers(below int) []uint32 {
	n := r.count(1)
	if n == 0 {
		return nil
	}
	out := make([]uint32, n)
	for i := range out {
		out[i] = r.below(below)
	}
	return out
}

func (r *reader) outline() (o outline) {
	o.polygons = make(orb.MultiPolygon, r.count(1))
	for i := range o.polygons {
		o.polygons[i] = make(orb.Polygon, r.count(1))
		for j := range o.polygons[i] {
			ring := make(orb.Ring, r.count(16))
			for k := range ring {
				ring[k] = orb.Point{r.degrees(1e4), r.degrees(1e4)}
			}
			o.polygons[i][j] = ring
		}
		if len(o.polygons[i]) == 0 || len(o.polygons[i][0]) == 0 {
			r.err, r.b = errDamaged, nil
			return outline{}
		}
	}
	o.bound = o.polygons.Bound()
	return o
}

func (r *reader) detail(c *columns, d *detail) {
	if n := r.count(17); n > 0 {
		d.points = make([]placePoint, n)
		for i := range d.points {
			d.points[i] = placePoint{r.degrees(90), r.degrees(180), uint16(r.below(noPlace))}
		}
	}
	for range r.count(2) {
		place := uint16(r.below(noPlace))
		d.shapes = append(d.shapes, shape{r.outline(), place})
	}
	for range r.count(2) {
		if b := r.take(2); b != nil {
			d.access = append(d.access, placeAccess{b[0], b[1]})
		}
	}
	if n := r.count(6); n > 0 {
		d.sessions = make([]session, n)
		for i := range d.sessions {
			d.sessions[i] = session{dates: r.below(len(c.schedules.sets)), start: int16(r.below(4 * 1440)), end: int16(r.below(4 * 1440)),
				place: uint16(r.below(noPlace + 1)), index: uint16(r.below(noPlace))}
			if b := r.take(1); b != nil {
				d.sessions[i].timed, d.sessions[i].anyTime = b[0]&saidTimed != 0, b[0]&saidAnyTime != 0
			}
		}
	}
	d.tags = r.numbers(len(c.tags.values))
	d.languages = r.numbers(len(c.languages.values))
	d.groups = r.numbers(len(c.groups.values))
	d.areas = r.numbers(len(c.areas.values))
	if o := r.outline(); len(o.polygons) > 0 {
		d.catchment = &o
	}
}

// decode reads what encode has written into empty columns, and brings them to
// the day that they were made for.
func (c *columns) decode(data []byte, version string) error {
	if len(data) < len(columnsMagic)+8 || string(data[:len(columnsMagic)]) != columnsMagic {
		return errDamaged
	}
	body, sum := data[:len(data)-8], binary.LittleEndian.Uint64(data[len(data)-8:])
	if xxhash.Sum64(body) != sum {
		return errDamaged
	}
	r := &reader{b: body[len(columnsMagic):]}
	if n := r.number(); r.err == nil && n != rowBytes {
		return fmt.Errorf("the columns file has rows of %d bytes and ours have %d", n, rowBytes)
	}
	if v := r.text(); r.err == nil && v != version {
		return fmt.Errorf("the columns file was written by version %q and this is %q", v, version)
	}
	now := c.today
	c.base, c.today = r.day(), r.day()
	c.token = hereabouts.Token(r.text())
	if c.stale(now) || c.today < c.base {
		return errors.New("the columns file was written too long ago")
	}
	for _, v := range []*interned{&c.tags, &c.languages, &c.groups, &c.areas} {
		v.intern(r.texts())
	}
	c.schedules = newSchedules()
	for range r.count(8 * scheduleWords) {
		var d dates
		for i := range d {
			d[i] = r.word()
		}
		c.schedules.intern(d[:])
	}
	c.setBase(c.base)
	for _, w := range r.texts() {
		c.vocabulary.add(w)
	}
	c.decodeListings(r)
	if r.err == nil && len(r.b) > 0 {
		r.err = errDamaged
	}
	if r.err != nil {
		return r.err
	}
	if c.today != now {
		c.roll(now)
	}
	return nil
}

func (c *columns) decodeListings(r *reader) {
	n := r.count(3)
	lengths := make([][3]int, n)
	total := 0
	for i := range lengths {
		lengths[i] = [3]int{r.number(), r.number(), r.number()}
		total += lengths[i][0] + lengths[i][1] + lengths[i][2]
	}
	all := r.text()
	raw := r.take(n * rowBytes)
	if r.err != nil || len(all) != total {
		r.err = errDamaged
		return
	}
	c.rows = make([]row, n)
	if n > 0 {
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&c.rows[0])), n*rowBytes), raw)
	}
	c.details = make([]*detail, n)
	c.prior, c.heads, c.prices = make([]float32, n), make([]uint64, n), make([]price, n)
	c.ties.spot, c.ties.cell = make([]uint32, n), make([]int32, n)
	c.ties.agenda = make([]uint32, n)
	c.ties.next, c.ties.after = make([]uint32, n), make([]uint32, n)
	c.byID = make(map[string]uint32, n)
	c.named = make(map[uint64][]uint32, n)
	slab := make([]detail, n)
	cut := func(n int) (s string) { s, all = all[:n], all[n:]; return s }
	for i := range slab {
		d := &slab[i]
		d.id, d.title, d.name = cut(lengths[i][0]), cut(lengths[i][1]), cut(lengths[i][2])
		r.detail(c, d)
		c.details[i] = d
	}
	if r.err != nil {
		return
	}
	c.bits.each(&row{}, func(set *bitset, _ bool) { *set = set.grown(n) })
	for i := range c.bits.need {
		c.bits.need[i] = c.bits.need[i].grown(n)
	}
	for i := range c.rows {
		if !c.rows[i].valid(len(c.needs.Needs), c.details[i]) {
			r.err = errDamaged
			return
		}
		c.enter(uint32(i))
	}
	c.decodeNames(r)
}

// enter puts a row that was read into every structure but the names.
func (c *columns) enter(ord uint32) {
	r, d := &c.rows[ord], c.details[ord]
	c.byID[d.id] = ord
	c.live++
	c.tags.add(ord, d.tags)
	c.languages.add(ord, d.languages)
	c.groups.add(ord, d.groups)
	c.areas.add(ord, d.areas)
	c.grid.add(ord, d, r.is(flagCatchment))
	c.tie(ord)
	c.heads[ord] = head(d.id)
	c.prior[ord], c.prices[ord] = prior(r), r.price()
	c.bits.each(r, func(set *bitset, in bool) {
		if in {
			set.set(ord)
		}
	})
	eachNeed(&r.needs, func(n int) { c.bits.need[n].set(ord) })
	if r.nameHash != 0 {
		c.named[r.nameHash] = append(c.named[r.nameHash], ord)
	}
}

// valid reports whether a row that was read can be used without looking at
// it again.
func (r *row) valid(needs int, d *detail) bool {
	ok := r.is(flagLive) && int(r.kind) < len(kinds) && int(r.stated) < len(states) && int(r.avail) < len(states) &&
		int(r.fresh) < len(freshes) && int(r.cost) < len(costs) && r.days < 1<<7 &&
		r.is(flagManyPlaces) == (len(d.access) > 0)
	eachNeed(&r.needs, func(n int) { ok = ok && n < needs })
	return ok
}

func (c *columns) decodeNames(r *reader) {
	n := r.count(2)
	last := nameKey{}
	for i := range n {
		ord, at := r.below(len(c.details)), r.number()
		if r.err != nil {
			return
		}
		name := c.details[ord].name
		if at >= len(name) {
			r.err = errDamaged
			return
		}
		k := nameKey{name[at:], uint16(at), ord}
		if i > 0 && !last.before(k) {
			r.err = errDamaged
			return
		}
		c.names.Load(k)
		last = k
	}
}
