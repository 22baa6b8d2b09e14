package index

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"

	"hereabouts"
	"hereabouts/geo/transit"
)

// A Source is the store of record as the index reads it.
type Source interface {
	// Changes yields what changed after a position, oldest first; with follow
	// it waits for more. A position that is not the store's own is an error
	// that wraps hereabouts.ErrConflict.
	Changes(ctx context.Context, from hereabouts.Token, follow bool) iter.Seq2[hereabouts.Change, error]

	// Listings are the listings with these ids, in any order, without those
	// that do not exist.
	Listings(ctx context.Context, ids []string) ([]hereabouts.Listing, error)

	// Head is the position of the newest change.
	Head(ctx context.Context) (hereabouts.Token, error)
}

// Options for Open. The zero Options are usable.
type Options struct {
	Needs      *hereabouts.Taxonomy // the needs that listings may have; at most 128
	Areas      Areas                // boundaries; without them an area or a catchment by code is unknown
	Now        func() time.Time     // time.Now when nil
	Logger     *slog.Logger         // slog.Default when nil; never given a person's words
	CacheBytes int                  // postings kept in memory; 128 MiB when zero
	SaveEvery  time.Duration        // how often changed columns are written down; 5 minutes when zero

	// Timetables are what reach is judged by; without them only walking is
	// known. DayHours are when a place is open that is open all day, or a
	// green space that does not say; 09:00 to 17:00 when empty.
	Timetables *transit.Timetables
	DayHours   [2]hereabouts.Clock

	// BatchListings is how many listings go into one batch when far behind;
	// 4,000 when zero.
	BatchListings int

	// Version is added to the version of analysis and fields. A change of
	// either rebuilds the index.
	Version string

	rowsBelow int // see rowsBelow; tests force either way of searching
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.CacheBytes <= 0 {
		o.CacheBytes = 128 << 20
	}
	if o.SaveEvery <= 0 {
		o.SaveEvery = 5 * time.Minute
	}
	if o.BatchListings <= 0 {
		o.BatchListings = 4000
	}
	if o.rowsBelow == 0 {
		o.rowsBelow = rowsBelow
	}
	if o.Needs == nil {
		o.Needs = hereabouts.NewTaxonomy(nil)
	}
	if o.DayHours == [2]hereabouts.Clock{} {
		o.DayHours = [2]hereabouts.Clock{"09:00", "17:00"}
	}
	return o
}

// version changes with analysis, fields or what columns hold, and has every
// index built with an older one rebuilt.
const version = "1"

// An Index answers searches over the published listings of a Source. Its
// methods may be called from any goroutine.
type Index struct {
	dir       string
	source    Source
	options   Options
	taxonomy  *hereabouts.Taxonomy
	areas     Areas
	log       *slog.Logger
	now       func() time.Time
	version   string
	pager     *pager
	needWords *needWords

	nowhere    *transit.Network // without timetables
	travellers travellers
	tying      sync.Mutex // held by whoever ties columns to timetables

	state atomic.Pointer[state]

	// applying is held by whoever applies changes to the state or replaces it.
	applying sync.Mutex
	building sync.Mutex   // held by Rebuild
	beside   atomic.Value // folder of the words that Rebuild is building

	kick   chan struct{} // see look
	closed atomic.Bool
	counts struct{ applied, attributeOnly, batches, reopened, rebuilt atomic.Int64 }
}

// A state is what searches see. It is replaced whole; what is in it changes
// only by what its parts allow.
type state struct {
	columns *columns // nil while there is none
	words   *words   // nil while there is none
	gen     string   // folder of the words

	// Why columns or words cannot answer completely; nil when they can.
	columnsErr, wordsErr error

	// The rest belongs to whoever applies changes to this state.
	text    *textReader
	unsaved int // changes applied to columns since they were saved
	lag     int // changes applied to columns alone since the last batch

	recent recentTokens
}

// whole reports whether nothing is missing.
func (s *state) whole() bool {
	return s.columns != nil && s.words != nil && s.columnsErr == nil && s.wordsErr == nil
}

// unavailable is nil when a search can be answered completely.
func (s *state) unavailable(words bool) error {
	err := s.columnsErr
	if err == nil && words {
		if err = s.wordsErr; err == nil {
			err = s.words.err()
		}
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("index: %w: %w", err, hereabouts.ErrUnavailable)
}

// Reasons for not answering.
var (
	errBuilding = errors.New("the search index is being built; try again in a little while")
	errClosed   = errors.New("the search index has been closed")
)

// Open opens the index in dir, and makes one there when there is none. It
// brings an index that is complete up to date with the source before it
// returns. One that is missing, damaged, of another version or not of this
// source is left to [Index.Follow] or [Index.CatchUp] to build; meanwhile
// [Index.Ready] says so, and whatever can still be answered is.
//
// One process at a time may have dir open.
func Open(ctx context.Context, dir string, src Source, o Options) (*Index, error) {
	o = o.withDefaults()
	x := &Index{dir: dir, source: src, options: o, taxonomy: o.Needs, areas: o.Areas, log: o.Logger, now: o.Now,
		kick: make(chan struct{}, 1), needWords: newNeedWords(o.Needs)}
	x.nowhere = transit.NewNetwork(nil, nil)
	from, ok1 := o.DayHours[0].Minutes()
	to, ok2 := o.DayHours[1].Minutes()
	if !ok1 || !ok2 || from >= to {
		return nil, fmt.Errorf("index: Options.DayHours: %q to %q is no time of day; write it like 09:00 and 17:00", o.DayHours[0], o.DayHours[1])
	}
	x.version = x.fingerprint()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	var err error
	if x.pager, err = openPager(dir); err != nil {
		return nil, err
	}
	x.applying.Lock()
	defer x.applying.Unlock()
	if err := x.open(ctx); err != nil {
		return nil, errors.Join(err, discard(x.state.Load()))
	}
	return x, nil
}

// fingerprint is the version of everything that what is indexed depends on.
func (x *Index) fingerprint() string {
	var h xxhash.Digest
	h.Reset()
	put := func(s string) { fmt.Fprintf(&h, "%d:%s", len(s), s) }
	put(version)
	put(x.options.Version)
	for _, n := range x.taxonomy.Needs {
		put(n.ID)
		put(n.Parent)
		put(n.Label)
		for _, s := range n.AlsoSaidAs {
			put(s)
		}
	}
	return version + "-" + hex.EncodeToString(h.Sum(nil))
}

// Files in the index's folder. current names the folder of the words.
const (
	currentFile = "current"
	columnsFile = "columns.bin"
	wordsPrefix = "words-"
)

func (x *Index) columnsPath() string { return filepath.Join(x.dir, columnsFile) }

// open loads what is there and catches up if it is any good.
func (x *Index) open(ctx context.Context) error {
	st := &state{columnsErr: errBuilding, wordsErr: errBuilding}
	x.state.Store(st)
	c, err := x.loadColumns()
	switch {
	case err == nil:
		st.columns = c
	case !errors.Is(err, os.ErrNotExist):
		x.log.Warn("the index's columns cannot be used and will be built anew", "reason", err.Error())
	}
	name, err := os.ReadFile(filepath.Join(x.dir, currentFile))
	if err == nil {
		st.gen = string(name)
		st.words, err = x.openGeneration(st.gen)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		x.log.Warn("the index's words cannot be used and will be built anew", "reason", err.Error())
	}
	x.removeOthers(st.gen)
	switch {
	case st.columns == nil && st.words == nil:
		return x.tryEmpty(ctx)
	case st.columns == nil:
		st.wordsErr = nil
		return nil
	}
	next := &state{columns: st.columns, words: st.words, gen: st.gen}
	if st.words == nil {
		next.wordsErr = errBuilding
	}
	err = x.replay(ctx, next)
	if mustRebuild(err) {
		x.log.Warn("the index does not fit the store and will be built anew", "reason", err.Error())
		x.state.Store(&state{words: st.words, gen: st.gen, columnsErr: errBuilding, wordsErr: errBuilding})
		return nil
	}
	return err
}

// mustRebuild reports whether an error from the feed says that our position
// is not one of this store's.
func mustRebuild(err error) bool { return errors.Is(err, hereabouts.ErrConflict) }

// openGeneration opens words and checks their version.
func (x *Index) openGeneration(gen string) (*words, error) {
	if gen != filepath.Base(gen) || gen == "." || gen == ".." || gen == "" {
		return nil, fmt.Errorf("index: %s names no folder", currentFile)
	}
	dir := filepath.Join(x.dir, gen)
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	w, err := openWords(dir, x.options.CacheBytes, x.look)
	if err != nil {
		return nil, err
	}
	v, err := w.internal(keyVersion)
	if err == nil && v != x.version {
		err = fmt.Errorf("index: built by version %q and this is %q", v, x.version)
	}
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// removeOthers deletes the leftovers of rebuilds that did not finish or that
// have been replaced.
func (x *Index) removeOthers(gen string) {
	entries, err := os.ReadDir(x.dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if n := e.Name(); e.IsDir() && strings.HasPrefix(n, wordsPrefix) && n != gen && n != x.beside.Load() {
			if err := os.RemoveAll(filepath.Join(x.dir, n)); err != nil {
				x.log.Warn("an old index could not be removed", "folder", n, "error", err.Error())
			}
		}
	}
}

// tryEmpty makes an index of an empty source at once, so that a first start
// is ready without anybody following.
func (x *Index) tryEmpty(ctx context.Context) error {
	for _, err := range x.source.Changes(ctx, "", false) {
		return err
	}
	return x.complete(ctx)
}

// Close writes down what is needed to open again quickly and lets go of the
// files.
func (x *Index) Close() error {
	if x.closed.Swap(true) {
		return nil
	}
	x.applying.Lock()
	defer x.applying.Unlock()
	st := x.state.Load()
	var err error
	if st.whole() && st.words.err() == nil {
		err = x.save(st, true)
	}
	x.state.Store(&state{columnsErr: errClosed, wordsErr: errClosed})
	return errors.Join(err, discard(st))
}

// discard closes the words of a state that is no longer used.
func discard(st *state) error {
	if st == nil || st.words == nil {
		return nil
	}
	return st.words.close()
}

// Ready is nil when searches are answered from a complete index, and
// otherwise says what is missing; it is ErrUnavailable.
func (x *Index) Ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return x.state.Load().unavailable(true)
}

// Stats are numbers about an index.
type Stats struct {
	Listings      int              `json:"listings"`       // that can be found
	Token         hereabouts.Token `json:"token"`          // the newest change applied
	Segments      int              `json:"segments"`       // of Bleve
	DiskBytes     int64            `json:"disk_bytes"`     // of everything in the folder
	CacheBytes    int64            `json:"cache_bytes"`    // of postings in memory
	Applied       int64            `json:"applied"`        // changes since the start
	AttributeOnly int64            `json:"attribute_only"` // of them, those that left the words alone
	Batches       int64            `json:"batches"`        // that Bleve has been given
	Reopened      int64            `json:"reopened"`       // times that Bleve was dropped and opened again
	Rebuilt       int64            `json:"rebuilt"`        // times that an index was built from nothing
	Words         int              `json:"words"`          // different words known to the spelling correction
}

// Stats counts.
func (x *Index) Stats() Stats {
	s := Stats{Applied: x.counts.applied.Load(), AttributeOnly: x.counts.attributeOnly.Load(),
		Batches: x.counts.batches.Load(), Reopened: x.counts.reopened.Load(), Rebuilt: x.counts.rebuilt.Load(),
		DiskBytes: diskBytes(x.dir)}
	st := x.state.Load()
	if c := st.columns; c != nil {
		c.mu.RLock()
		s.Listings, s.Token, s.Words = c.live, c.token, len(c.vocabulary.words)
		c.mu.RUnlock()
	}
	if st.words != nil && st.words.err() == nil {
		s.CacheBytes = st.words.postings.bytes.Load()
		s.Segments = st.words.segments()
	}
	return s
}

// turnTo moves columns to another day when it has become one.
func (x *Index) turnTo(c *columns, day int32) {
	c.mu.RLock()
	same := c.today == day
	c.mu.RUnlock()
	if same {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.today != day && day >= c.base {
		c.roll(day)
	}
}

// ordOf is the ordinal of an id of Bleve's.
func (c *columns) ordOf(id []byte) uint32 {
	if ord, ok := c.byID[string(id)]; ok {
		return ord
	}
	return noOrd
}
