package index

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"hereabouts"
)

// postings reads Bleve's segments. A segment never changes, so what has been
// read of it is kept: which listing each of its documents is, and for each
// stem asked for, the documents with their weight. Only deletions come later.
type postings struct {
	budget int // bytes of decoded postings kept

	mu       sync.Mutex
	segments map[uint64]*segmentDocs
	view     *view // of the newest snapshot seen

	lists sync.Map // termKey → *list
	bytes atomic.Int64
}

type termKey struct {
	segment uint64
	stem    string
}

// A list is the documents of one segment that contain a stem in any field.
type list struct {
	docs   []uint32  // local numbers, in order
	weight []float32 // see fieldWeights
	fields []uint8   // mask of the fields it is in
	used   atomic.Bool
}

func (l *list) size() int { return 96 + 9*len(l.docs) }

// segmentDocs says which listing each document of a segment is.
type segmentDocs struct {
	ords    []uint32
	deleted *roaring.Bitmap // the deletions that live has taken out
	live    []uint32        // ords, with noOrd for deleted documents
	gone    []uint32        // local numbers of the deleted documents
}

const noOrd = math.MaxUint32

// A view is one snapshot of Bleve's index as we read it.
type view struct {
	snapshot *scorch.IndexSnapshot
	segments []viewSegment
	docs     int // not deleted

	once sync.Once
	home []docHome // by listing, see homeOf
}

// docHome is where in a view a listing's words are.
type docHome struct{ segment, doc uint32 }

// homeOf is the place of a listing's document; ok is false when this view has
// none. The table is made when it is first asked for.
func (v *view) homeOf(ord uint32) (h docHome, ok bool) {
	v.once.Do(func() {
		top := uint32(0)
		for s := range v.segments {
			for _, o := range v.segments[s].live {
				if o != noOrd {
					top = max(top, o+1)
				}
			}
		}
		v.home = make([]docHome, top)
		for i := range v.home {
			v.home[i].segment = noOrd
		}
		for s := range v.segments {
			for doc, o := range v.segments[s].live {
				if o != noOrd {
					v.home[o] = docHome{uint32(s), uint32(doc)}
				}
			}
		}
	})
	if int(ord) >= len(v.home) {
		return h, false
	}
	h = v.home[ord]
	return h, h.segment != noOrd
}

type viewSegment struct {
	*scorch.SegmentSnapshot
	id   uint64
	live []uint32
	gone []uint32
}

func newPostings(budget int) *postings {
	return &postings{budget: budget, segments: map[uint64]*segmentDocs{}}
}

func (p *postings) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.view, p.segments = nil, map[uint64]*segmentDocs{}
	p.lists.Clear()
	p.bytes.Store(0)
}

// open is the newest view; the caller closes its snapshot. ord says which
// listing an id is.
func (w *words) open(ord func(id []byte) uint32) (v *view, err error) {
	if err := w.err(); err != nil {
		return nil, fmt.Errorf("index: the words are being opened again: %w", hereabouts.ErrUnavailable)
	}
	snap, err := w.snapshot()
	if err != nil {
		return nil, err
	}
	p := w.postings
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.view != nil && p.view.snapshot == snap {
		return p.view, nil
	}
	if v, err = p.read(snap, ord); err != nil {
		return nil, errors.Join(err, snap.Close())
	}
	p.view = v
	return v, nil
}

// snapshot is Bleve's index as it is now; the caller closes it.
func (w *words) snapshot() (*scorch.IndexSnapshot, error) {
	r, err := w.scorch.Reader()
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	// A closed index answers with a nil snapshot.
	if snap, _ := r.(*scorch.IndexSnapshot); snap != nil {
		return snap, nil
	}
	return nil, fmt.Errorf("index: %w: %w", errClosed, hereabouts.ErrUnavailable)
}

func (p *postings) read(snap *scorch.IndexSnapshot, ord func(id []byte) uint32) (*view, error) {
	v := &view{snapshot: snap}
	present := make(map[uint64]bool, len(snap.Segments()))
	for _, s := range snap.Segments() {
		id := s.Id()
		present[id] = true
		d := p.segments[id]
		if d == nil {
			d = &segmentDocs{ords: make([]uint32, s.Segment().Count())}
			for i := range d.ords {
				name, err := s.DocID(uint64(i))
				if err != nil {
					return nil, fmt.Errorf("index: reading a segment: %w", err)
				}
				d.ords[i] = ord(name)
			}
			d.live = d.ords
			p.segments[id] = d
		}
		if del := s.Deleted(); del != nil && del != d.deleted {
			d.deleted = del
			d.live = append([]uint32(nil), d.ords...)
			d.gone = del.ToArray()
			for _, i := range d.gone {
				d.live[i] = noOrd
			}
		}
		v.docs += len(d.live) - len(d.gone)
		v.segments = append(v.segments, viewSegment{s, id, d.live, d.gone})
	}
	if len(present) < len(p.segments) {
		for id := range p.segments {
			if !present[id] {
				delete(p.segments, id)
			}
		}
		p.lists.Range(func(k, l any) bool {
			if !present[k.(termKey).segment] {
				p.drop(k.(termKey), l.(*list))
			}
			return true
		})
	}
	return v, nil
}

func (p *postings) drop(k termKey, l *list) {
	if _, ok := p.lists.LoadAndDelete(k); ok {
		p.bytes.Add(-int64(l.size()))
	}
}

// list is the documents of a segment that contain a stem.
func (p *postings) list(s *viewSegment, stem string) (*list, error) {
	k := termKey{s.id, stem}
	if l, ok := p.lists.Load(k); ok {
		l := l.(*list)
		if !l.used.Load() {
			l.used.Store(true)
		}
		return l, nil
	}
	l, err := decode(s, stem)
	if err != nil {
		return nil, err
	}
	if _, had := p.lists.LoadOrStore(k, l); !had && p.bytes.Add(int64(l.size())) > int64(p.budget) {
		p.evict()
	}
	return l, nil
}

// evict drops what has not been asked for since the last time.
func (p *postings) evict() {
	for range 2 {
		p.lists.Range(func(k, l any) bool {
			if !l.(*list).used.CompareAndSwap(true, false) {
				p.drop(k.(termKey), l.(*list))
			}
			return p.bytes.Load() > int64(p.budget)*3/4
		})
	}
}

// decoder is what decoding needs and nobody keeps.
type decoder struct {
	weight []float32
	fields []uint8
	seen   bitset
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// normed is how zap's postings give a field's length without a square root.
type normed interface{ NormUint64() uint64 }

// decode reads a stem's postings from every field of a segment and merges
// them into one list.
func decode(s *viewSegment, stem string) (l *list, err error) {
	defer func() {
		if p := recover(); p != nil {
			l, err = nil, fmt.Errorf("index: reading a damaged segment: %v", p)
		}
	}()
	d := decoders.Get().(*decoder)
	n := len(s.live)
	if len(d.weight) < n {
		d.weight, d.fields, d.seen = make([]float32, n), make([]uint8, n), make(bitset, wordsFor(n))
	}
	found := 0
	term := []byte(stem)
	for f, name := range fieldNames {
		dict, err := s.Segment().Dictionary(name)
		if err != nil {
			return nil, fmt.Errorf("index: reading a segment: %w", err)
		}
		pl, err := dict.PostingsList(term, nil, nil)
		if err != nil {
			return nil, fmt.Errorf("index: reading a segment: %w", err)
		}
		it := pl.Iterator(true, true, false, nil)
		for {
			p, err := it.Next()
			if err != nil {
				return nil, fmt.Errorf("index: reading a segment: %w", err)
			}
			if p == nil {
				break
			}
			i := uint32(p.Number())
			if !d.seen.has(i) {
				d.seen.set(i)
				d.weight[i], d.fields[i] = 0, 0
				found++
			}
			d.weight[i] += fieldWeight(field(f), p.Frequency(), fieldLength(p))
			d.fields[i] |= 1 << f
		}
	}
	l = &list{docs: make([]uint32, 0, found), weight: make([]float32, 0, found), fields: make([]uint8, 0, found)}
	for w, m := range d.seen[:wordsFor(n)] {
		for ; m != 0; m &= m - 1 {
			i := w<<6 + bits.TrailingZeros64(m)
			l.docs = append(l.docs, uint32(i))
			l.weight = append(l.weight, saturate(d.weight[i]))
			l.fields = append(l.fields, d.fields[i])
		}
		d.seen[w] = 0
	}
	decoders.Put(d) // not after an error: it would not be empty
	return l, nil
}

func fieldLength(p segment.Posting) float32 {
	if n, ok := p.(normed); ok {
		return float32(n.NormUint64())
	}
	norm := p.Norm()
	return float32(math.Round(1 / (norm * norm)))
}

// live is how many of a list's documents have not been deleted.
func (s *viewSegment) countLive(l *list) int {
	if len(s.gone) == 0 || len(l.docs) == 0 {
		return len(l.docs)
	}
	n := len(l.docs)
	if len(s.gone)*8 > len(l.docs) {
		n = 0
		for _, i := range l.docs {
			if s.live[i] != noOrd {
				n++
			}
		}
		return n
	}
	for _, i := range s.gone {
		lo, hi := 0, len(l.docs)
		for lo < hi {
			if m := (lo + hi) / 2; l.docs[m] < i {
				lo = m + 1
			} else {
				hi = m
			}
		}
		if lo < len(l.docs) && l.docs[lo] == i {
			n--
		}
	}
	return n
}
