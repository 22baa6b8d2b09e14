package data

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"hereabouts"
)

// Failures that a caller can act on. Each keeps one of the root's kinds where
// one fits.
var (
	// ErrLocked says that another process has the store open.
	ErrLocked = errors.New("data: another process has this directory open; stop it, or ask it to do the work")

	// ErrEpoch says that a token is not of this store as it is now: it comes
	// from another store or from before a restore, or it is ahead of the head.
	// What was built from it must be rebuilt from the beginning.
	ErrEpoch = fmt.Errorf("data: the token is not from this store as it is now; read again from the beginning: %w", hereabouts.ErrConflict)

	// ErrOpReused says that an idempotency key came back with other content.
	ErrOpReused = fmt.Errorf("data: this idempotency key was already used for something else: %w", hereabouts.ErrConflict)

	// ErrBadKey says that a key or link is unknown, used up, revoked or expired.
	ErrBadKey = fmt.Errorf("data: the key is unknown, revoked or expired: %w", hereabouts.ErrNotFound)

	// ErrUncertain says that the disk failed during a commit: after the store
	// has been opened again the batch is either wholly there or wholly absent.
	// Sending it again with the same Op is safe.
	ErrUncertain = fmt.Errorf("data: the disk failed while this was being written; it may or may not have been kept: %w", hereabouts.ErrUnavailable)

	// ErrClosed says that the store has been closed.
	ErrClosed = fmt.Errorf("data: the store is closed: %w", hereabouts.ErrUnavailable)

	// ErrDamaged says that the file is not as the store wrote it.
	ErrDamaged = errors.New("data: the store is damaged; restore it from a backup")
)

// Options for Open. The zero Options are usable.
type Options struct {
	Now         func() time.Time     // time.Now when nil
	NewID       func() string        // ids for records that come without; UUIDv7 when nil
	LockTimeout time.Duration        // how long to wait for another process to let go; 1 s when zero
	Needs       *hereabouts.Taxonomy // the needs that listings may name; Taxonomy() when nil
	Logger      *slog.Logger         // slog.Default when nil; never given a record's words

	// OpenFile opens the file; os.OpenFile when nil. Tests use it to make the
	// disk fail.
	OpenFile func(name string, flag int, perm os.FileMode) (*os.File, error)
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = func() string { return uuid.Must(uuid.NewV7()).String() }
	}
	if o.LockTimeout <= 0 {
		o.LockTimeout = time.Second
	}
	if o.Needs == nil {
		o.Needs = Taxonomy()
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.OpenFile == nil {
		o.OpenFile = os.OpenFile
	}
	return o
}

// A Store is the store of record. Its methods may be called from any
// goroutine.
type Store struct {
	Options
	path  string
	epoch string
	db    *bbolt.DB
	inode os.FileInfo // the file that was opened, to notice one put in its place

	queue   chan *request
	closing chan struct{} // closed when Close begins
	written chan struct{} // closed when the writer has stopped
	once    sync.Once     // Close
	still   sync.Mutex    // held while a group is written, and by Still

	failed atomic.Pointer[error] // the disk error that stopped writing
	unmet  *unmetReach           // what searches could not reach, not yet on disk

	mu      sync.Mutex
	durable state         // what is on disk
	moved   chan struct{} // closed and replaced whenever durable changes
}

// Open opens the store at path and makes it first when there is none. It
// holds the file until Close; meanwhile another process gets ErrLocked.
//
// A new store is complete on disk, file and folder, before its name appears,
// so a power cut during the first start leaves nothing half made.
func Open(path string, o Options) (*Store, error) {
	o = o.withDefaults()
	if err := createIfMissing(path, o); err != nil {
		return nil, fmt.Errorf("data: making the store %s: %w", path, err)
	}
	db, err := openFile(path, o, false)
	if err != nil {
		return nil, err
	}
	s := &Store{
		Options: o, path: path, db: db,
		queue:   make(chan *request, maxGroup),
		closing: make(chan struct{}), written: make(chan struct{}), moved: make(chan struct{}),
		unmet: newUnmetReach(o.Needs),
	}
	if err := s.start(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go s.write()
	go s.followUnmet()
	return s, nil
}

func (s *Store) start() (err error) {
	if s.inode, err = os.Stat(s.path); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	// Whoever made the store may have been killed before its name was on disk.
	if err := syncPath(filepath.Dir(s.path)); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	left, err := leftovers(s.path)
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	if err != nil {
		return fmt.Errorf("data: clearing up what an interrupted start or restore left: %w", err)
	}
	return s.db.View(func(tx *bbolt.Tx) error {
		s.epoch, s.durable, err = readMeta(tx)
		return err
	})
}

// Close lets queued commits finish, then lets go of the file. Closing twice
// is harmless.
func (s *Store) Close() error {
	err := error(nil)
	s.once.Do(func() {
		s.keepUnmet()
		close(s.closing)
		<-s.unmet.stopped
		<-s.written
		s.announce(s.head())
		if e := s.db.Close(); e != nil {
			err = fmt.Errorf("data: closing %s: %w", filepath.Base(s.path), e)
		}
	})
	return err
}

// head is the state on disk.
func (s *Store) head() state {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.durable
}

// announce makes st the state on disk and wakes whoever follows.
func (s *Store) announce(st state) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.durable = st
	close(s.moved)
	s.moved = make(chan struct{})
}

// watch is the state on disk and a channel that closes when it changes.
func (s *Store) watch() (state, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.durable, s.moved
}

// Head is the token of the newest change: reading from it gives what happens
// next.
func (s *Store) Head(ctx context.Context) (hereabouts.Token, error) {
	if err := s.open(ctx); err != nil {
		return "", err
	}
	return s.token(s.head().pos), nil
}

// Counts says how much a store holds.
type Counts struct {
	Listings      int `json:"listings"` // of any status
	Published     int `json:"published"`
	Organisations int `json:"organisations"`
}

// Count is how much the store holds.
func (s *Store) Count(ctx context.Context) (Counts, error) {
	if err := s.open(ctx); err != nil {
		return Counts{}, err
	}
	st := s.head()
	return Counts{int(st.listings), int(st.published), int(st.organisations)}, nil
}

// Health is nil while the store accepts writes. It fails for good after a
// failed write to disk, and while the file has been moved or replaced under a
// running process.
func (s *Store) Health(ctx context.Context) error {
	if err := s.writable(ctx); err != nil {
		return err
	}
	now, err := os.Stat(s.path)
	if err != nil {
		return fmt.Errorf("data: the store's file has gone: %w: %w", err, hereabouts.ErrUnavailable)
	}
	if !os.SameFile(now, s.inode) {
		return fmt.Errorf("data: the store's file was replaced while it was open; start again: %w", hereabouts.ErrUnavailable)
	}
	return s.view(ctx, func(tx *bbolt.Tx) error {
		_, _, err := readMeta(tx)
		return err
	})
}

// open fails when the store has been closed or nobody waits any more.
func (s *Store) open(ctx context.Context) error {
	select {
	case <-s.closing:
		return ErrClosed
	default:
		return ctx.Err()
	}
}

func (s *Store) writable(ctx context.Context) error {
	if err := s.failed.Load(); err != nil {
		return fmt.Errorf("data: not writing since the disk failed; free some space or replace the disk, then start again: %w: %w", *err, hereabouts.ErrUnavailable)
	}
	return s.open(ctx)
}

// view runs fn in a read transaction. fn must be quick: an old transaction
// keeps the pages it can see from being used again.
func (s *Store) view(ctx context.Context, fn func(*bbolt.Tx) error) error {
	if err := s.open(ctx); err != nil {
		return err
	}
	err := s.viewSafely(fn)
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// viewSafely turns what bbolt does when it meets a damaged page, an assertion
// or a fault, into an error: the rest of the store may be sound.
func (s *Store) viewSafely(fn func(*bbolt.Tx) error) error {
	defer func(old bool) { debug.SetPanicOnFault(old) }(debug.SetPanicOnFault(true))
	return safely(func() error { return s.db.View(fn) })
}
