package index

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"hereabouts"
	"hereabouts/index/internal/sample"
)

// now is a Tuesday morning.
var now = time.Date(2026, 11, 24, 9, 30, 0, 0, hereabouts.London)

const today24 = hereabouts.Date("2026-11-24")

// memory is a Source that lives in memory: a compacted feed of one store.
type memory struct {
	mu       sync.Mutex
	epoch    string
	seq      int
	at       map[string]int // id → position of its latest change
	changes  map[int]hereabouts.Change
	order    []int // positions, some superseded
	moved    chan struct{}
	failNext error
}

func newMemory(listings ...hereabouts.Listing) *memory {
	m := &memory{epoch: "e1", at: map[string]int{}, changes: map[int]hereabouts.Change{}, moved: make(chan struct{})}
	for _, l := range listings {
		m.put(l)
	}
	return m
}

func (m *memory) token(seq int) hereabouts.Token {
	return hereabouts.Token(fmt.Sprintf("%s.%d", m.epoch, seq))
}

// put stores a listing at its next revision and answers with its token.
func (m *memory) put(l hereabouts.Listing) hereabouts.Token {
	m.mu.Lock()
	defer m.mu.Unlock()
	l.Rev = 1
	if at, ok := m.at[l.ID]; ok {
		l.Rev = m.changes[at].Rev + 1
	}
	return m.write(hereabouts.Change{ID: l.ID, Rev: l.Rev, Listing: &l, Deleted: l.Status != hereabouts.Published && l.Status != ""})
}

func (m *memory) withdraw(id string) hereabouts.Token {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.write(hereabouts.Change{ID: id, Rev: m.changes[m.at[id]].Rev + 1, Deleted: true})
}

func (m *memory) write(ch hereabouts.Change) hereabouts.Token {
	m.seq++
	if at, ok := m.at[ch.ID]; ok {
		delete(m.changes, at)
	}
	ch.Token, ch.At = m.token(m.seq), now
	m.at[ch.ID], m.changes[m.seq] = m.seq, ch
	m.order = append(m.order, m.seq)
	close(m.moved)
	m.moved = make(chan struct{})
	return ch.Token
}

func (m *memory) parse(t hereabouts.Token) (int, error) {
	if t == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(string(t)[min(len(t), len(m.epoch)+1):])
	if err != nil || string(t)[:len(m.epoch)] != m.epoch || n > m.seq {
		return 0, fmt.Errorf("memory: token of another store: %w", hereabouts.ErrConflict)
	}
	return n, nil
}

func (m *memory) Changes(ctx context.Context, from hereabouts.Token, follow bool) iter.Seq2[hereabouts.Change, error] {
	return func(yield func(hereabouts.Change, error) bool) {
		m.mu.Lock()
		at, err := m.parse(from)
		if err == nil {
			err, m.failNext = m.failNext, nil
		}
		m.mu.Unlock()
		if err != nil {
			yield(hereabouts.Change{}, err)
			return
		}
		for {
			m.mu.Lock()
			var next *hereabouts.Change
			i, _ := slices.BinarySearch(m.order, at+1)
			for ; i < len(m.order) && next == nil; i++ {
				if ch, ok := m.changes[m.order[i]]; ok {
					next = &ch
					at = m.order[i]
				}
			}
			moved := m.moved
			m.mu.Unlock()
			switch {
			case next != nil:
				if !yield(*next, nil) {
					return
				}
			case !follow:
				return
			default:
				select {
				case <-ctx.Done():
					yield(hereabouts.Change{}, ctx.Err())
					return
				case <-moved:
				}
			}
		}
	}
}

func (m *memory) Listings(ctx context.Context, ids []string) ([]hereabouts.Listing, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]hereabouts.Listing, 0, len(ids))
	for _, id := range ids {
		if at, ok := m.at[id]; ok && m.changes[at].Listing != nil {
			out = append(out, *m.changes[at].Listing)
		}
	}
	return out, ctx.Err()
}

func (m *memory) Head(context.Context) (hereabouts.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.token(m.seq), nil
}

// published is every listing that people may see, as they may see it.
func (m *memory) published() (out []hereabouts.Listing) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, at := range m.at {
		if ch := m.changes[at]; ch.Listing != nil && !ch.Deleted {
			out = append(out, ch.Listing.Public())
		}
	}
	slices.SortFunc(out, func(a, b hereabouts.Listing) int { return cmpStrings(a.ID, b.ID) })
	return out
}

// squares are the areas of sample.Area between 50 and 55 north, 6 west and 2 east.
type squares struct{}

func (squares) Containing(p orb.Point) (codes []string) {
	for lat := 50; lat < 55; lat++ {
		for lon := -6; lon < 2; lon++ {
			code, mp := sample.Area(lat, lon)
			if mp.Bound().Contains(p) {
				codes = append(codes, code)
			}
		}
	}
	return codes
}

func (squares) Polygon(code string) (orb.MultiPolygon, bool) {
	for lat := 50; lat < 55; lat++ {
		for lon := -6; lon < 2; lon++ {
			if c, mp := sample.Area(lat, lon); c == code {
				return mp, true
			}
		}
	}
	return nil, false
}

func testOptions() Options {
	return Options{Needs: sample.Needs(), Areas: squares{}, Now: func() time.Time { return now }}
}

// open is an index of src in dir that has caught up.
func open(t testing.TB, dir string, src Source, o Options) *Index {
	t.Helper()
	x, err := Open(t.Context(), dir, src, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := x.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	return x
}

func search(t testing.TB, x *Index, q hereabouts.Query) hereabouts.Results {
	t.Helper()
	res, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return res
}

func idsOf(res hereabouts.Results) []string {
	ids := make([]string, len(res.Results))
	for i := range res.Results {
		ids[i] = res.Results[i].Listing.ID
	}
	return ids
}
