package index

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hereabouts"
)

// Follow keeps the index up with the source until ctx ends, which is the only
// way it ends without an error. It first builds what is missing. What goes
// wrong with the index is put right and tried again; only an error of the
// source is returned.
func (x *Index) Follow(ctx context.Context) error {
	save := time.NewTicker(x.options.SaveEvery)
	defer save.Stop()
	wait := retryFirst
	for {
		err := x.CatchUp(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			wait = retryFirst
		default:
			x.log.Error("the index is behind the store", "error", err.Error(), "retry_in", wait.String())
			if !sleep(ctx, wait) {
				return nil
			}
			wait = min(2*wait, retryMost)
			continue
		}
		if err := x.doze(ctx, save.C); err != nil && ctx.Err() == nil {
			x.log.Error("the store's feed broke off", "error", err.Error(), "retry_in", wait.String())
			if !sleep(ctx, wait) {
				return nil
			}
			wait = min(2*wait, retryMost)
		}
	}
}

// How long Follow waits before it tries again what went wrong.
const (
	retryFirst = 100 * time.Millisecond
	retryMost  = 30 * time.Second
)

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// doze waits for a change, for Bleve to fail, or for the time to save.
func (x *Index) doze(ctx context.Context, save <-chan time.Time) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	bell := make(chan error, 1)
	go func() {
		for _, err := range x.source.Changes(ctx, x.position(), true) {
			bell <- err
			return
		}
		bell <- nil
	}()
	for {
		select {
		case <-ctx.Done():
			<-bell
			return nil
		case err := <-bell:
			return err
		case <-x.kick:
			cancel()
			<-bell
			return nil
		case <-save:
			x.applying.Lock()
			st := x.state.Load()
			var err error
			if st.whole() && st.unsaved > 0 && !x.closed.Load() {
				err = x.save(st, false)
			}
			x.applying.Unlock()
			if err != nil {
				x.log.Warn("the index's columns were not saved; the next start will take longer", "error", err.Error())
			}
		}
	}
}

// look asks Follow to look at once; Bleve has failed.
func (x *Index) look() {
	select {
	case x.kick <- struct{}{}:
	default: // it has been asked already
	}
}

// position is the newest change that the columns have.
func (x *Index) position() hereabouts.Token {
	if c := x.state.Load().columns; c != nil {
		return c.position()
	}
	return ""
}

func (c *columns) position() hereabouts.Token {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.token
}

// CatchUp brings the index to where the source is now, building whatever is
// missing. It may be called while Follow runs.
func (x *Index) CatchUp(ctx context.Context) error {
	if err := x.lockApplying(ctx); err != nil {
		return err
	}
	defer x.applying.Unlock()
	st := x.state.Load()
	if !st.whole() || st.columns.stale(today(x.now())) {
		return x.complete(ctx)
	}
	if err := st.words.err(); err != nil {
		return x.reopen(ctx, err)
	}
	err := x.drain(ctx, st, feed{from: st.columns.position()})
	switch {
	case err == nil && st.unsaved >= saveAfter:
		if err := x.save(st, false); err != nil {
			x.log.Warn("the index's columns were not saved; the next start will take longer", "error", err.Error())
		}
		return nil
	case err == nil || ctx.Err() != nil:
		return err
	case mustRebuild(err):
		x.log.Warn("the index does not fit the store and is built anew", "reason", err.Error())
		x.state.Store(&state{words: st.words, gen: st.gen, columnsErr: errBuilding, wordsErr: errBuilding})
		return x.complete(ctx)
	case st.words.err() != nil:
		return x.reopen(ctx, err)
	}
	return err
}

// saveAfter is how many changes to the columns are worth writing them down
// before it is time to: reading so many again takes seconds.
const saveAfter = 50_000

// lockApplying takes the lock unless ctx ends first or the index is closed.
func (x *Index) lockApplying(ctx context.Context) error {
	for !x.applying.TryLock() {
		if !sleep(ctx, time.Millisecond) {
			return ctx.Err()
		}
	}
	if x.closed.Load() {
		x.applying.Unlock()
		return fmt.Errorf("index: %w: %w", errClosed, hereabouts.ErrUnavailable)
	}
	return nil
}

// A feed is one reading of the source's changes.
type feed struct {
	from        hereabouts.Token
	force       bool // index words even when they seem unchanged
	columnsOnly bool // Bleve has all of this
	learn       bool // the vocabulary does not
}

// lockFor is how many listings are put into the columns at a time while
// searches wait.
const lockFor = 32

// A chunk of changes on its way into the index.
type chunk struct {
	changes []hereabouts.Change
	err     error
}

// drain applies everything from a position to the head. Reading the source
// and applying what was read go on side by side.
func (x *Index) drain(ctx context.Context, st *state, f feed) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	chunks := make(chan chunk, 1)
	go x.readChunks(ctx, f.from, chunks)
	for c := range chunks {
		if c.err != nil {
			cancel()
			for range chunks {
			}
			return fmt.Errorf("index: reading changes: %w", c.err)
		}
		err := x.apply(st, f, c.changes)
		if err == nil && st.columns.slack() {
			err = x.retie(ctx, st.columns)
		}
		if err != nil {
			cancel()
			for range chunks {
			}
			return err
		}
	}
	return ctx.Err()
}

func (x *Index) readChunks(ctx context.Context, from hereabouts.Token, chunks chan<- chunk) {
	defer close(chunks)
	var buf []hereabouts.Change
	for change, err := range x.source.Changes(ctx, from, false) {
		if err != nil {
			chunks <- chunk{err: err}
			return
		}
		if buf = append(buf, change); len(buf) >= x.options.BatchListings {
			chunks <- chunk{changes: buf}
			buf = nil
		}
		if ctx.Err() != nil {
			chunks <- chunk{err: ctx.Err()}
			return
		}
	}
	if len(buf) > 0 {
		chunks <- chunk{changes: buf}
	}
}

// apply puts changes into the columns and, where words have changed, into
// Bleve, together with the position they bring it to.
func (x *Index) apply(st *state, f feed, changes []hereabouts.Change) error {
	c := st.columns
	wanted := map[string]*hereabouts.Change{} // whose words Bleve must hear of; nil: forget it
	for from := 0; from < len(changes); from += lockFor {
		c.mu.Lock()
		for i := from; i < min(from+lockFor, len(changes)); i++ {
			x.applyOne(st, f, &changes[i], wanted)
		}
		c.mu.Unlock()
	}
	var learned []string
	learn := func(word string) { learned = append(learned, word) }
	if f.learn {
		for i := range changes {
			if visible(&changes[i]) {
				st.text.learn(public(changes[i].Listing), learn)
			}
		}
	}
	b := newBatch()
	// Turning text into words is the long part, and no search waits for it.
	for id, ch := range wanted {
		if ch == nil {
			b.delete(id)
		} else {
			b.update(st.text.document(public(ch.Listing), learn))
		}
	}
	if len(learned) > 0 {
		c.mu.Lock()
		for _, w := range learned {
			c.vocabulary.add(w)
		}
		c.mu.Unlock()
	}
	last := changes[len(changes)-1].Token
	if b.size() > 0 {
		b.at(last)
		if err := st.words.apply(b); err != nil {
			return err
		}
		x.counts.batches.Add(1)
		st.lag = 0
	} else {
		st.lag += len(changes)
	}
	c.mu.Lock()
	c.token = last
	c.mu.Unlock()
	st.unsaved += len(changes)
	x.counts.applied.Add(int64(len(changes)))
	st.recent.add(changes)
	return nil
}

// visible reports whether a change leaves a listing that people may see.
func visible(ch *hereabouts.Change) bool {
	return ch.Listing != nil && !ch.Deleted && (ch.Listing.Status == hereabouts.Published || ch.Listing.Status == "")
}

// applyOne puts one change into the columns, and into wanted when Bleve must
// hear of it too.
func (x *Index) applyOne(st *state, f feed, ch *hereabouts.Change, wanted map[string]*hereabouts.Change) {
	c := st.columns
	ord, known := c.byID[ch.ID]
	switch {
	case ch.Organisation != nil || ch.Listing == nil && !ch.Deleted:
		return
	case known && c.rows[ord].rev > uint64(ch.Rev):
		return // met again in a replay; its newer state is still to come
	case !visible(ch):
		if was := known && c.remove(ch.ID, ch.Rev); (was || f.force) && !f.columnsOnly {
			wanted[ch.ID] = nil
		}
		return
	}
	words := c.put(public(ch.Listing), st.text.analyzer)
	switch {
	case f.columnsOnly:
	case words || f.force:
		wanted[ch.ID] = ch
	default:
		x.counts.attributeOnly.Add(1)
	}
}

// recentTokens remembers the last positions applied, so that most searches
// that must include a write know at once that they do.
type recentTokens struct {
	mu   sync.Mutex
	ring [1024]hereabouts.Token
	next int
	have map[hereabouts.Token]struct{}
}

func (r *recentTokens) add(changes []hereabouts.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.have == nil {
		r.have = make(map[hereabouts.Token]struct{}, len(r.ring))
	}
	for _, ch := range changes[max(0, len(changes)-len(r.ring)):] {
		delete(r.have, r.ring[r.next])
		r.ring[r.next] = ch.Token
		r.have[ch.Token] = struct{}{}
		r.next = (r.next + 1) % len(r.ring)
	}
}

// has reports whether the index is known to include a position.
func (x *Index) has(t hereabouts.Token) bool {
	r := &x.state.Load().recent
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.have[t]
	return ok
}

// knows reports whether a token is a position of the source that the index
// has caught up with: another store's, or one that was made up, is neither.
func (x *Index) knows(ctx context.Context, t hereabouts.Token) bool {
	if x.has(t) {
		return true
	}
	for _, err := range x.source.Changes(ctx, t, false) {
		return err == nil
	}
	return true
}

// public is a listing as the public may see it.
func public(l *hereabouts.Listing) *hereabouts.Listing {
	if !l.HiddenLocation {
		return l
	}
	view := l.Public()
	return &view
}
