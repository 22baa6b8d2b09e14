package data

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"hereabouts"
)

// How much goes into one transaction of the group-commit goroutine.
const (
	maxGroup      = 1000     // requests
	maxGroupBytes = 16 << 20 // after which the rest waits for the next one
)

// A request is something to be written, and where its caller waits.
type request struct {
	do    func(*stage) error
	taken atomic.Bool // by the writer, or by a caller who no longer waits
	done  chan error
}

// Commit stores a batch: every write of it, or none. When it returns without
// an error the batch is on disk.
//
// Batches waiting at the same moment share a disk flush, and a batch that
// fails takes none of the others with it. A cancelled ctx withdraws a batch
// that has not been started; once started it is seen through.
//
// Listings and organisations in b are normalised in place and otherwise left
// as they are; the Receipt has the ids that were given. Several writes may
// touch one record; they happen in order.
//
// Faults: [hereabouts.Problems] with pointers into the record, or beginning
// with /writes/N/listing or /writes/N/organisation when there are several
// writes; [hereabouts.ConflictError]; [ErrOpReused]; [ErrUncertain] when the
// disk fails, after which the store takes no more writes until it is opened
// again.
//
// A write that changes nothing has the outcome unchanged: no revision, no
// audit entry, and the token stays. With Import, see [hereabouts.Write] and
// imports.go.
func (s *Store) Commit(ctx context.Context, b hereabouts.Batch) (hereabouts.Receipt, error) {
	p, err := s.prepare(b)
	if err != nil {
		return hereabouts.Receipt{}, err
	}
	var receipt hereabouts.Receipt
	do := func(st *stage) (err error) {
		receipt, err = s.plan(st, p)
		return err
	}
	if b.DryRun {
		err = s.view(ctx, func(tx *bbolt.Tx) error {
			_, at, err := readMeta(tx)
			if err != nil {
				return err
			}
			return do(newStage(tx, at))
		})
	} else {
		err = s.submit(ctx, do)
	}
	if err != nil {
		return hereabouts.Receipt{}, err
	}
	return receipt, nil
}

// submit queues do for the writer and waits until it is on disk. do may run
// more than once and must only touch the stage and what it alone owns.
func (s *Store) submit(ctx context.Context, do func(*stage) error) error {
	if err := s.writable(ctx); err != nil {
		return err
	}
	r := &request{do: do, done: make(chan error, 1)}
	select {
	case s.queue <- r:
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-s.written:
		// The writer may have finished it just before it stopped.
		select {
		case err := <-r.done:
			return err
		default:
			return ErrClosed
		}
	case <-ctx.Done():
		if r.taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		return <-r.done
	}
}

// write is the one goroutine that writes: it takes what is queued, writes it
// in one transaction, and answers. It never waits for more to arrive.
func (s *Store) write() {
	defer close(s.written)
	debug.SetPanicOnFault(true) // a damaged page must fail a batch, not the process
	for {
		select {
		case r := <-s.queue:
			s.still.Lock()
			s.writeGroup(s.gather(r))
			s.still.Unlock()
		case <-s.closing:
			// What was queued before closing is still written.
			for {
				select {
				case r := <-s.queue:
					s.writeGroup(s.gather(r))
				default:
					return
				}
			}
		}
	}
}

// Still does work while no batch is written, so that what follows the store
// can be held against it. Batches wait, each for as long as its own context
// allows, so work should be short.
func (s *Store) Still(ctx context.Context, work func(context.Context) error) error {
	s.still.Lock()
	defer s.still.Unlock()
	return work(ctx)
}

func (s *Store) gather(first *request) []*request {
	group := make([]*request, 0, len(s.queue)+1)
	for r := first; ; {
		if r.taken.CompareAndSwap(false, true) {
			group = append(group, r)
		}
		if len(group) == maxGroup {
			return group
		}
		select {
		case r = <-s.queue:
		default:
			return group
		}
	}
}

// writeGroup writes a group in as few transactions as its size allows.
func (s *Store) writeGroup(group []*request) {
	for len(group) > 0 {
		group = s.writeSome(group)
	}
}

// writeSome writes the first of the group, as many as fit one transaction,
// answers them, and returns the rest.
func (s *Store) writeSome(group []*request) (rest []*request) {
	if err := s.failed.Load(); err != nil {
		for _, r := range group {
			r.done <- fmt.Errorf("data: not writing since the disk failed: %w: %w", *err, hereabouts.ErrUnavailable)
		}
		return nil
	}
	var tx *bbolt.Tx
	err := safely(func() (err error) {
		tx, err = s.db.Begin(true)
		return err
	})
	if err != nil {
		s.fail(group, err)
		return nil
	}
	var kept []*request // waiting for the disk
	at, size, n := s.head(), 0, 0
	for n < len(group) && size < maxGroupBytes {
		r := group[n]
		n++
		st := newStage(tx, at)
		if err := safely(func() error { return r.do(st) }); err != nil {
			r.done <- err
			continue
		}
		if err := safely(st.apply); err != nil {
			// bbolt took a part of it: start again without this one.
			r.done <- err
			rollback(tx)
			return append(kept, group[n:]...)
		}
		at, size = st.state, size+st.bytes
		if len(st.puts) > 0 {
			size++
		}
		kept = append(kept, r)
	}
	rest = group[n:]
	if size == 0 {
		rollback(tx)
		for _, r := range kept {
			r.done <- nil
		}
		return rest
	}
	err = safely(func() error {
		if err := finish(tx, at); err != nil {
			return err
		}
		return tx.Commit()
	})
	if err != nil {
		rollback(tx) // when bbolt has not
		s.fail(append(kept, rest...), err)
		return nil
	}
	s.announce(at)
	for _, r := range kept {
		r.done <- nil
	}
	return rest
}

// fail stops all writing. After a failed flush nobody knows what the disk
// has, and asking it again may answer wrongly; only opening the file again
// tells.
func (s *Store) fail(group []*request, err error) {
	s.failed.Store(&err)
	s.Logger.Error("the store has stopped writing because the disk failed", "err", err)
	for _, r := range group {
		r.done <- fmt.Errorf("%w: %w", ErrUncertain, err)
	}
	s.announce(s.head()) // wakes followers so that they learn of it
}

// safely turns a panic into an error: bbolt asserts when it meets a damaged
// page, and no batch may take its neighbours or the process with it.
func safely(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, p)
		}
	}()
	return fn()
}

func rollback(tx *bbolt.Tx) {
	_ = safely(tx.Rollback) // nothing of it was kept either way
}

// now is the time to stamp on what is written: UTC, to the microsecond, so
// that it reads back as it was.
func (s *Store) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// prepared is a batch that has been checked as far as it can be without the
// store.
type prepared struct {
	hereabouts.Batch
	digest [32]byte // of the content, when there is an Op
	hashes [][32]byte
}

// prepare normalises and validates on the caller's goroutine, so that the
// writer has less to do.
func (s *Store) prepare(b hereabouts.Batch) (prepared, error) {
	p := prepared{Batch: b, hashes: make([][32]byte, len(b.Writes))}
	var faults hereabouts.Problems
	if len(b.Writes) > hereabouts.MaxWrites {
		faults.Addf("/writes", hereabouts.CodeTooMany, "a batch holds at most %d writes and this one has %d; send it in parts", hereabouts.MaxWrites, len(b.Writes))
		return p, faults
	}
	if len(b.Op) > maxOp {
		faults.Addf("/op", hereabouts.CodeTooLong, "an idempotency key is at most %d bytes long", maxOp)
	}
	for i := range b.Writes {
		w := &b.Writes[i]
		at := pointer(b, i)
		var err error
		switch {
		case (w.Listing == nil) == (w.Organisation == nil):
			faults.Add(at, hereabouts.CodeRequired, "a write holds either a listing or an organisation")
			continue
		case w.Listing != nil:
			w.Listing.Normalise()
			err = w.Listing.Validate(s.Needs)
			needsID(&faults, at, w.Listing.ID, w.Import)
			if w.Import {
				p.hashes[i] = w.Listing.ContentHash()
			}
		default:
			w.Organisation.Normalise()
			err = w.Organisation.Validate()
			needsID(&faults, at, w.Organisation.ID, w.Import)
			p.hashes[i] = w.Organisation.ContentHash()
		}
		if err := prefixed(&faults, at, err); err != nil {
			return p, err
		}
	}
	if err := faults.Err(); err != nil {
		return p, err
	}
	if b.Op != "" {
		p.digest = digest(b)
	}
	return p, nil
}

// pointer is where write i is in what the caller sent: nowhere in particular
// when it is the only one.
func pointer(b hereabouts.Batch, i int) string {
	if len(b.Writes) == 1 {
		return ""
	}
	if b.Writes[i].Organisation != nil {
		return fmt.Sprintf("/writes/%d/organisation", i)
	}
	return fmt.Sprintf("/writes/%d/listing", i)
}

// prefixed adds err's problems beneath at; any other error is returned.
func prefixed(faults *hereabouts.Problems, at string, err error) error {
	if err == nil {
		return nil
	}
	var ps hereabouts.Problems
	if !errors.As(err, &ps) {
		return err
	}
	for _, p := range ps {
		p.Pointer = at + p.Pointer
		*faults = append(*faults, p)
	}
	return nil
}

// needsID notes an imported record without an id: only with the id made from
// its source does importing again find it.
func needsID(faults *hereabouts.Problems, at, id string, imported bool) {
	if imported && id == "" {
		faults.Add(at+"/id", hereabouts.CodeRequired, "an imported record needs the id made from its source, so that importing again finds it")
	}
}
