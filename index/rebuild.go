package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"hereabouts"
)

// reopen drops a handle of Bleve's that has failed and opens another; what
// the old one had not put on disk is read from the feed again. When it cannot
// be opened the words are built anew. Columns keep answering meanwhile.
func (x *Index) reopen(ctx context.Context, cause error) error {
	x.log.Warn("the index's words are opened again after an error", "error", cause.Error())
	x.counts.reopened.Add(1)
	old := x.state.Load()
	x.state.Store(&state{columns: old.columns, gen: old.gen, wordsErr: errBuilding})
	closeErr := old.words.close()
	w, err := x.openGeneration(old.gen)
	if err != nil {
		x.log.Warn("the index's words cannot be opened and are built anew", "error", errors.Join(err, closeErr).Error())
		return x.complete(ctx)
	}
	err = x.replay(ctx, &state{columns: old.columns, words: w, gen: old.gen})
	if err == nil {
		return nil
	}
	if err = errors.Join(err, w.close()); mustRebuild(err) {
		x.state.Store(&state{columnsErr: errBuilding, wordsErr: errBuilding})
		return x.complete(ctx)
	}
	return err
}

// replay brings a state whose parts were opened from disk, each with a
// position of its own, to the head, and makes it the state that searches see.
// The columns go first: whatever they miss Bleve either has already or hears
// of in the second pass, which reads everything from Bleve's own position.
func (x *Index) replay(ctx context.Context, st *state) error {
	st.text = newTextReader(x.taxonomy)
	if st.words == nil {
		if err := x.drain(ctx, st, feed{from: st.columns.token, columnsOnly: true, learn: true}); err != nil {
			return err
		}
		x.state.Store(st)
		return nil
	}
	at, err := st.words.internal(keyToken)
	if err != nil {
		return err
	}
	if from := st.columns.token; from != hereabouts.Token(at) {
		if err := x.drain(ctx, st, feed{from: from, columnsOnly: true, learn: true}); err != nil {
			return err
		}
	}
	if err := x.drain(ctx, st, feed{from: hereabouts.Token(at), force: true}); err != nil {
		return err
	}
	x.state.Store(st)
	return nil
}

// complete builds what the state lacks from the beginning of the feed. What
// it does not lack goes on answering. The caller holds applying.
func (x *Index) complete(ctx context.Context) error {
	old := x.state.Load()
	next := &state{text: newTextReader(x.taxonomy)}
	day := today(x.now())
	haveColumns := old.columns != nil && old.columnsErr == nil && !old.columns.stale(day)
	haveWords := old.words != nil && old.wordsErr == nil && old.words.err() == nil
	var err error
	if haveColumns {
		next.columns = old.columns
	} else if next.columns, err = x.newColumns(day); err != nil {
		return err
	}
	if haveWords {
		next.words, next.gen = old.words, old.gen
		var at string
		if at, err = next.words.internal(keyToken); err != nil {
			return err
		}
		err = x.drain(ctx, next, feed{columnsOnly: true, learn: true})
		if err == nil {
			err = x.drain(ctx, next, feed{from: hereabouts.Token(at), force: true})
		}
		if mustRebuild(err) {
			x.state.Store(&state{columns: old.columns, columnsErr: old.columnsErr, words: old.words, gen: old.gen, wordsErr: errBuilding})
			return x.complete(ctx)
		}
	} else {
		next.gen = newGeneration()
		if next.words, err = x.makeWords(next.gen); err != nil {
			return err
		}
		err = x.drain(ctx, next, feed{force: true})
	}
	return x.replace(old, next, err)
}

// newGeneration names a folder for words that has not been used.
func newGeneration() string { return fmt.Sprintf("%s%d", wordsPrefix, time.Now().UnixNano()) }

// makeWords makes an empty index for words beside what there is.
func (x *Index) makeWords(gen string) (*words, error) {
	w, err := openWords(filepath.Join(x.dir, gen), x.options.CacheBytes, x.look)
	if err != nil {
		return nil, err
	}
	b := newBatch()
	b.b.SetInternal(keyVersion, []byte(x.version))
	if err := w.apply(b); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// replace makes next the state, on disk and for searches, unless building it
// has failed. The caller holds applying.
func (x *Index) replace(old, next *state, err error) error {
	other := next.words != old.words
	if err == nil && other {
		// What current names must be on disk before it is named.
		if err = next.words.settle(next.columns.position(), settleWithin); err == nil {
			err = writeFile(filepath.Join(x.dir, currentFile), []byte(next.gen), 0o600)
		}
	}
	if err != nil {
		if other {
			err = errors.Join(err, next.words.close(), os.RemoveAll(filepath.Join(x.dir, next.gen)))
		}
		return err
	}
	x.counts.rebuilt.Add(1)
	x.state.Store(next)
	if err := x.save(next, false); err != nil {
		x.log.Warn("the index's columns were not saved; the next start will take longer", "error", err.Error())
	}
	if !other {
		return nil
	}
	if old.words != nil {
		if err := old.words.close(); err != nil {
			x.log.Warn("the old index did not close", "error", err.Error())
		}
	}
	x.removeOthers(next.gen)
	return nil
}

// settleWithin is how long is waited for Bleve to put on disk what it has.
const settleWithin = 30 * time.Second

// Rebuild builds the index from the beginning of the feed beside the one that
// answers, and swaps them when it is complete.
func (x *Index) Rebuild(ctx context.Context) error {
	x.building.Lock()
	defer x.building.Unlock()
	next := &state{text: newTextReader(x.taxonomy)}
	var err error
	if next.columns, err = x.newColumns(today(x.now())); err != nil {
		return err
	}
	next.gen = newGeneration()
	x.beside.Store(next.gen)
	defer x.beside.Store("")
	if next.words, err = x.makeWords(next.gen); err != nil {
		return err
	}
	// The long part, while the old one follows the feed and answers.
	err = x.drain(ctx, next, feed{force: true})
	if lockErr := x.lockApplying(ctx); lockErr != nil {
		return errors.Join(err, lockErr, next.words.close(), os.RemoveAll(filepath.Join(x.dir, next.gen)))
	}
	defer x.applying.Unlock()
	if err == nil {
		err = x.drain(ctx, next, feed{from: next.columns.position()})
	}
	return x.replace(x.state.Load(), next, err)
}

// Verify compares the index with the source: the same listings at the same
// revisions, in the columns and in Bleve. It is exact when nothing is being
// written meanwhile.
func (x *Index) Verify(ctx context.Context) error {
	if err := x.CatchUp(ctx); err != nil {
		return err
	}
	st := x.state.Load()
	if err := st.unavailable(true); err != nil {
		return err
	}
	c := st.columns
	inWords, err := st.words.ids(c)
	if err != nil {
		return err
	}
	var faults []error
	seen := 0
	for ch, err := range x.source.Changes(ctx, "", false) {
		if err != nil {
			return fmt.Errorf("index: reading changes: %w", err)
		}
		if ch.Organisation != nil || !visible(&ch) {
			continue
		}
		seen++
		c.mu.RLock()
		ord, ok := c.byID[ch.ID]
		var rev uint64
		if ok = ok && c.rows[ord].is(flagLive); ok {
			rev = c.rows[ord].rev
		}
		c.mu.RUnlock()
		switch {
		case !ok:
			faults = append(faults, fmt.Errorf("index: listing %q is missing", ch.ID))
		case rev != uint64(ch.Rev):
			faults = append(faults, fmt.Errorf("index: listing %q is at revision %d, not %d", ch.ID, rev, ch.Rev))
		case inWords[ord] != 1:
			faults = append(faults, fmt.Errorf("index: the words of listing %q are there %d times", ch.ID, inWords[ord]))
		}
		if len(faults) == 20 {
			return errors.Join(append(faults, errors.New("index: and perhaps more"))...)
		}
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.live != seen || len(inWords) != seen {
		faults = append(faults, fmt.Errorf("index: the store has %d listings, the columns %d and the words %d", seen, c.live, len(inWords)))
	}
	return errors.Join(faults...)
}

// ids counts the documents of each listing.
func (w *words) ids(c *columns) (map[uint32]int, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, err := w.open(c.ordOf)
	if err != nil {
		return nil, err
	}
	defer v.snapshot.Close()
	n := make(map[uint32]int, v.docs)
	for _, s := range v.segments {
		for i, ord := range s.live {
			if s.Deleted() == nil || !s.Deleted().Contains(uint32(i)) {
				n[ord]++
			}
		}
	}
	return n, nil
}

func (w *words) segments() int {
	s, err := w.snapshot()
	if err != nil {
		return 0
	}
	defer s.Close()
	return len(s.Segments())
}
