package index

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"unsafe"

	"github.com/cespare/xxhash/v2"
)

// The columns file lets an index open without reading the store: what the
// columns know, with the feed's position that they know it at. It is written
// whole and atomically, carries a checksum, and is thrown away whenever
// anything about it is not as expected.
//
//	magic, size of a row, version, base, today, token
//	open vocabularies, schedules, vocabulary
//	strings of all listings, rows as they lie in memory, details
//	the order of names
//	checksum of everything before it
const columnsMagic = "hereabouts columns 2\n"

const rowBytes = int(unsafe.Sizeof(row{}))

var errDamaged = errors.New("the columns file is damaged")

// save writes the columns down, and has Bleve note the position when it has
// heard nothing for long; with settle it waits until Bleve is on disk. The
// caller holds applying.
func (x *Index) save(st *state, settle bool) error {
	var err error
	switch at := st.columns.position(); {
	case settle:
		err = st.words.settle(at, settleWithin)
	case st.lag > 0:
		b := newBatch()
		b.at(at)
		err = st.words.apply(b)
	}
	st.lag = 0
	st.columns.mu.RLock()
	data := st.columns.encode(x.version)
	st.columns.mu.RUnlock()
	if err = errors.Join(err, writeFile(x.columnsPath(), data, 0o600)); err == nil {
		st.unsaved = 0
	}
	return err
}

func (x *Index) loadColumns() (*columns, error) {
	data, err := os.ReadFile(x.columnsPath())
	if err != nil {
		return nil, err
	}
	c, err := x.newColumns(today(x.now()))
	if err != nil {
		return nil, err
	}
	return c, c.decode(data, x.version)
}

// What is written of a session in a byte.
const (
	saidTimed = 1 << iota
	saidAnyTime
)

type writer struct{ b []byte }

func (w *writer) number(n int)    { w.b = binary.AppendUvarint(w.b, uint64(n)) }
func (w *writer) day(n int32)     { w.b = binary.LittleEndian.AppendUint32(w.b, uint32(n)) }
func (w *writer) float(f float64) { w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(f)) }
func (w *writer) word(n uint64)   { w.b = binary.LittleEndian.AppendUint64(w.b, n) }
func (w *writer) text(s string)   { w.number(len(s)); w.b = append(w.b, s...) }
func (w *writer) numbers(l []uint32) {
	w.number(len(l))
	for _, n := range l {
		w.number(int(n))
	}
}

func (w *writer) texts(l []string) {
	w.number(len(l))
	for _, s := range l {
		w.text(s)
	}
}

func (w *writer) outline(o *outline) {
	w.number(len(o.polygons))
	for _, p := range o.polygons {
		w.number(len(p))
		for _, ring := range p {
			w.number(len(ring))
			for _, pt := range ring {
				w.float(pt[0])
				w.float(pt[1])
			}
		}
	}
}

// encode writes the columns. Listings that have gone are left out, and so
// their ordinals are free again in whoever reads this.
func (c *columns) encode(version string) []byte {
	w := &writer{b: make([]byte, 0, 1<<16+c.live*400)}
	w.b = append(w.b, columnsMagic...)
	w.number(rowBytes)
	w.text(version)
	w.day(c.base)
	w.day(c.today)
	w.text(string(c.token))
	for _, v := range []*interned{&c.tags, &c.languages, &c.groups, &c.areas} {
		w.texts(v.values)
	}
	w.number(len(c.schedules.sets))
	for _, d := range c.schedules.sets {
		for _, bits := range d {
			w.word(bits)
		}
	}
	w.texts(c.vocabulary.words)

	w.number(c.live)
	number := make([]uint32, c.size()) // ordinals as they will be read
	var all []byte
	rows := make([]row, 0, c.live)
	for ord := range c.bits.live.all {
		number[ord] = uint32(len(rows))
		rows = append(rows, c.rows[ord])
		d := c.details[ord]
		all = append(append(append(all, d.id...), d.title...), d.name...)
		w.number(len(d.id))
		w.number(len(d.title))
		w.number(len(d.name))
	}
	w.text(unsafe.String(unsafe.SliceData(all), len(all)))
	if len(rows) > 0 {
		w.b = append(w.b, unsafe.Slice((*byte)(unsafe.Pointer(&rows[0])), len(rows)*rowBytes)...)
	}
	for ord := range c.bits.live.all {
		w.detail(c.details[ord])
	}
	w.number(c.names.Len())
	c.names.Scan(func(k nameKey) bool {
		w.number(int(number[k.ord]))
		w.number(int(k.at))
		return true
	})
	return checksummed(w.b)
}

func checksummed(data []byte) []byte {
	return binary.LittleEndian.AppendUint64(data, xxhash.Sum64(data))
}

func (w *writer) detail(d *detail) {
	w.number(len(d.points))
	for _, p := range d.points {
		w.float(p.lat)
		w.float(p.lon)
		w.number(int(p.place))
	}
	w.number(len(d.shapes))
	for i := range d.shapes {
		w.number(int(d.shapes[i].place))
		w.outline(&d.shapes[i].outline)
	}
	w.number(len(d.access))
	for _, a := range d.access {
		w.b = append(w.b, a.yes, a.no)
	}
	w.number(len(d.sessions))
	for _, s := range d.sessions {
		w.number(int(s.dates))
		w.number(int(s.start))
		w.number(int(s.end))
		w.number(int(s.place))
		w.number(int(s.index))
		said := byte(0)
		if s.timed {
			said |= saidTimed
		}
		if s.anyTime {
			said |= saidAnyTime
		}
		w.b = append(w.b, said)
	}
	w.numbers(d.tags)
	w.numbers(d.languages)
	w.numbers(d.groups)
	w.numbers(d.areas)
	if d.catchment == nil {
		w.number(0)
	} else {
		w.outline(d.catchment)
	}
}
