package data

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/bbolt"

	"hereabouts"
)

func TestFilesThatAreNotOurs(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, make func(path string) error) string {
		path := filepath.Join(dir, name)
		if err := make(path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bolt := func(fill func(tx *bbolt.Tx) error) func(string) error {
		return func(path string) error {
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				return err
			}
			return errors.Join(db.Update(fill), db.Close())
		}
	}
	for _, c := range []struct{ path, want string }{
		{file("empty", func(p string) error { return os.WriteFile(p, nil, 0o600) }), "is empty"},
		{file("text", func(p string) error { return os.WriteFile(p, []byte(strings.Repeat("name,postcode\n", 1000)), 0o600) }), "damaged"},
		{file("folder", func(p string) error { return os.Mkdir(p, 0o700) }), "it is a folder"},
		{file("other.db", bolt(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("things")); return err })), "not a Hereabouts store"},
		{file("newer.db", bolt(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucket([]byte(bMeta))
			if err != nil {
				return err
			}
			return b.Put([]byte(metaFormat), []byte("9"))
		})), "newer Hereabouts (format 9; this one knows up to 1)"},
		{filepath.Join(dir, "none", "store.db"), "no such file or directory"},
	} {
		s, err := Open(c.path, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", filepath.Base(c.path), err, c.want)
		}
		if s != nil {
			s.Close()
		}
	}
}

func TestManyFirstStartsAtOnceMakeOneStore(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	// What a start killed before it was done leaves.
	if err := os.WriteFile(path+creating+"0123", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	epochs := map[string]bool{}
	for range 8 {
		wg.Go(func() {
			s, err := Open(path, Options{LockTimeout: 30e9})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			epochs[s.epoch] = true
			mu.Unlock()
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || len(epochs) != 1 {
		t.Errorf("left %v with epochs %v, %v", entries, epochs, err)
	}
}

// TestFeedWaitsForTheDisk looks at the store in the moment between bbolt's
// showing a commit and the disk's having it.
func TestFeedWaitsForTheDisk(t *testing.T) {
	d := &disk{}
	s := d.under(t, filepath.Join(t.TempDir(), "store.db"))
	defer s.Close()
	if _, err := s.Commit(t.Context(), workOn(0, "single")); err != nil {
		t.Fatal(err)
	}
	before := s.head()
	looked := false
	d.write = func(n int, b []byte, off int64) (int, error) {
		if off < int64(2*s.db.Info().PageSize) { // the page that shows the commit
			looked = true
			if s.head() != before {
				t.Error("the head moved before the flush")
			}
		}
		return d.file.WriteAt(b, off)
	}
	if _, err := s.Commit(t.Context(), workOn(1, "single")); err != nil {
		t.Fatal(err)
	}
	if !looked {
		t.Fatal("the page that shows a commit was not seen")
	}
	raw, settled, err := s.chunk(t.Context(), 0, before)
	if err != nil || settled || len(raw) != 0 {
		t.Errorf("before the flush the feed has %d changes, settled %v, %v", len(raw), settled, err)
	}
	raw, settled, err = s.chunk(t.Context(), 0, s.head())
	if err != nil || !settled || len(raw) != 2 { // the listing and its organisation
		t.Errorf("after it the feed has %d changes, settled %v, %v", len(raw), settled, err)
	}
}

// TestNeighboursInAGroup has batches good and bad share a transaction.
func TestNeighboursInAGroup(t *testing.T) {
	d := &disk{}
	s := d.under(t, filepath.Join(t.TempDir(), "store.db"))
	defer s.Close()
	// The first commit holds the writer until all others are queued.
	holding, queued := make(chan struct{}), make(chan struct{})
	var once sync.Once
	d.write = func(n int, b []byte, off int64) (int, error) {
		once.Do(func() {
			close(holding)
			<-queued
		})
		return d.file.WriteAt(b, off)
	}
	const callers = 60
	errs := make([]error, callers)
	receipts := make([]hereabouts.Receipt, callers)
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := s.Commit(t.Context(), workOn(0, "first")); err != nil {
			t.Error(err)
		}
	})
	<-holding
	for i := range callers {
		wg.Go(func() {
			b := workOn(0, fmt.Sprint("good-", i), fmt.Sprint("also-", i))
			if i%3 == 0 {
				b.Writes[1].IfRev = 7
			}
			receipts[i], errs[i] = s.Commit(t.Context(), b)
		})
	}
	for len(s.queue) < callers {
		runtime.Gosched()
	}
	close(queued)
	wg.Wait()
	tokens := map[hereabouts.Token]bool{}
	for i, err := range errs {
		id := fmt.Sprint("good-", i)
		_, gone := s.Listing(t.Context(), id)
		if bad := i%3 == 0; bad {
			if !errors.Is(err, hereabouts.ErrConflict) || !errors.Is(gone, hereabouts.ErrNotFound) {
				t.Errorf("bad batch %d: %v; its first listing: %v", i, err, gone)
			}
		} else if err != nil || gone != nil {
			t.Errorf("good batch %d: %v; its first listing: %v", i, err, gone)
		} else {
			tokens[receipts[i].Token] = true
		}
	}
	if len(tokens) != callers-callers/3 {
		t.Errorf("%d tokens for %d good batches", len(tokens), callers-callers/3)
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestPanicInABatch is a batch that cannot be worked out among good ones.
func TestPanicInABatch(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.submit(t.Context(), func(st *stage) error {
		st.put(bListings, []byte("half"), []byte("x"))
		panic("worked out badly")
	})
	if err == nil || !strings.Contains(err.Error(), "worked out badly") {
		t.Errorf("got %v", err)
	}
	err = s.submit(t.Context(), func(st *stage) error {
		st.put(bListings, nil, []byte("a key that bbolt refuses"))
		return nil
	})
	if err == nil {
		t.Error("bbolt took an empty key")
	}
	if _, err := s.Commit(t.Context(), workOn(0, "after")); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestClosedStore(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	following := make(chan error, 1)
	go func() {
		for _, err := range s.Changes(t.Context(), "", true) {
			following <- err
		}
	}()
	var wg sync.WaitGroup
	acked := make([]string, 50)
	for i := range acked {
		wg.Go(func() {
			r, err := s.Commit(t.Context(), workOn(0, "")) // given an id
			if err == nil {
				acked[i] = r.IDs[0]
			} else if !errors.Is(err, ErrClosed) {
				t.Error(err)
			}
		})
	}
	path := s.path
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if err := s.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	for err := range following {
		if err == nil {
			continue // a change from before
		}
		if !errors.Is(err, ErrClosed) {
			t.Errorf("following ended with %v", err)
		}
		break
	}
	if _, err := s.Listing(t.Context(), "a"); !errors.Is(err, ErrClosed) {
		t.Errorf("reading: %v", err)
	}
	if err := s.Health(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("health: %v", err)
	}
	again, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	for _, id := range acked {
		if id != "" {
			if _, err := again.Listing(t.Context(), id); err != nil {
				t.Errorf("acknowledged before closing: %v", err)
			}
		}
	}
}
