package data

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"syscall"
	"testing"
	"unsafe"

	"go.etcd.io/bbolt"

	"hereabouts"
)

// A disk stands between a store and its file. bbolt's only seam is the file
// it opens, which must be a real one; its own write hook, which it keeps to
// itself, lets a test count writes and fail any of them.
type disk struct {
	file   *os.File
	writes int
	write  func(n int, b []byte, off int64) (int, error) // the n-th write, from 1; nil writes
}

func (d *disk) openFile(name string, flag int, perm os.FileMode) (*os.File, error) {
	f, err := os.OpenFile(name, flag, perm)
	d.file = f
	return f, err
}

// under opens the store at path on d.
func (d *disk) under(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path, Options{OpenFile: d.openFile, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	hook := writeHook(s.db)
	plain := *hook
	*hook = func(b []byte, off int64) (int, error) {
		d.writes++
		if d.write == nil {
			return plain(b, off)
		}
		return d.write(d.writes, b, off)
	}
	return s
}

func writeHook(db *bbolt.DB) *func([]byte, int64) (int, error) {
	f := reflect.ValueOf(db).Elem().FieldByName("ops").FieldByName("writeAt")
	return (*func([]byte, int64) (int, error))(unsafe.Pointer(f.UnsafeAddr()))
}

// become makes the store's file descriptor lead elsewhere from now on; the
// lock stays until the test ends.
func (d *disk) become(t *testing.T, other *os.File) {
	t.Helper()
	keep, err := syscall.Dup(int(d.file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(keep) })
	if err := duplicate(int(other.Fd()), int(d.file.Fd())); err != nil {
		t.Fatal(err)
	}
	syscall.Flock(keep, syscall.LOCK_UN) // so that the test can open the file again
}

// work commits until something fails and returns what was acknowledged: the
// revision of "single", and of every "batch-N", after each.
type worked struct {
	single, batch hereabouts.Rev
	err           error
}

const workBatch = 5

func work(t *testing.T, s *Store, turns int) (w worked) {
	t.Helper()
	for turn := range turns {
		if turn%2 == 0 {
			if _, w.err = s.Commit(t.Context(), workOn(w.single, "single")); w.err != nil {
				return w
			}
			w.single++
			continue
		}
		var ids []string
		for i := range workBatch {
			ids = append(ids, fmt.Sprintf("batch-%d", i))
		}
		if _, w.err = s.Commit(t.Context(), workOn(w.batch, ids...)); w.err != nil {
			return w
		}
		w.batch++
	}
	return w
}

func workOn(rev hereabouts.Rev, ids ...string) hereabouts.Batch {
	b := hereabouts.Batch{Actor: hereabouts.Actor{Kind: "provider", Name: "Pat"}}
	for _, id := range ids {
		b.Writes = append(b.Writes, hereabouts.Write{IfRev: rev, Listing: &hereabouts.Listing{
			ID: id, Kind: hereabouts.Group, Name: fmt.Sprint("at ", rev+1), Description: fmt.Sprintf("%01000d", rev),
			Organisation: hereabouts.OrganisationRef{Name: "Trust"}}})
	}
	return b
}

// holds opens the file as a restarted program would and checks that it has
// what was acknowledged, and of what was not, all or nothing.
func holds(t *testing.T, path string, w worked) {
	t.Helper()
	if err := VerifyFile(path); err != nil {
		t.Error(err)
		return
	}
	s, err := Open(path, Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Error(err)
		return
	}
	defer s.Close()
	rev := func(id string) hereabouts.Rev {
		l, err := s.Listing(t.Context(), id)
		if err != nil && !errors.Is(err, hereabouts.ErrNotFound) {
			t.Error(err)
		}
		return l.Rev
	}
	if got := rev("single"); got != w.single && got != w.single+1 {
		t.Errorf("single was acknowledged at %d and is at %d", w.single, got)
	}
	first := rev("batch-0")
	if first != w.batch && first != w.batch+1 {
		t.Errorf("the batch was acknowledged at %d and is at %d", w.batch, first)
	}
	for i := range workBatch {
		if got := rev(fmt.Sprintf("batch-%d", i)); got != first {
			t.Errorf("half a batch: batch-0 is at %d and batch-%d at %d", first, i, got)
		}
	}
	if _, err := s.Commit(t.Context(), workOn(rev("single"), "single")); err != nil {
		t.Errorf("writing again: %v", err)
	}
}

// stopped checks that a store whose disk failed says so and takes no more.
func stopped(t *testing.T, s *Store, w worked) {
	t.Helper()
	if !errors.Is(w.err, ErrUncertain) || !errors.Is(w.err, hereabouts.ErrUnavailable) {
		t.Errorf("the commit on a failing disk: %v", w.err)
	}
	if _, err := s.Commit(t.Context(), workOn(0, "later")); !errors.Is(err, hereabouts.ErrUnavailable) || errors.Is(err, ErrUncertain) {
		t.Errorf("a commit afterwards: %v", err)
	}
	if err := s.Health(t.Context()); !errors.Is(err, hereabouts.ErrUnavailable) {
		t.Errorf("its health: %v", err)
	}
	for _, err := range s.Changes(t.Context(), "", true) {
		if errors.Is(err, hereabouts.ErrUnavailable) {
			break
		}
		if err != nil {
			t.Errorf("following it: %v", err)
		}
	}
	if w.single > 0 {
		if _, err := s.Listing(t.Context(), "single"); err != nil {
			t.Errorf("reading from it: %v", err)
		}
	}
}

// TestEveryWriteFails fails each write in turn, in three ways, and looks at
// what the file then holds.
func TestEveryWriteFails(t *testing.T) {
	pipe, other, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pipe.Close(); other.Close() })
	const turns = 4
	path := filepath.Join(t.TempDir(), "store.db")
	if err := createIfMissing(path, Options{}.withDefaults()); err != nil {
		t.Fatal(err)
	}
	empty, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	counting := &disk{}
	s := counting.under(t, path)
	if w := work(t, s, turns); w.err != nil {
		t.Fatal(w.err)
	}
	s.Close()
	writes := counting.writes
	if writes < 2*turns {
		t.Fatalf("only %d writes were seen; the hook no longer sees them", writes)
	}
	t.Logf("%d writes", writes)
	ways := []struct {
		name string
		fail func(t *testing.T, d *disk, b []byte, off int64) (int, error)
	}{
		{"the write is refused", func(t *testing.T, d *disk, b []byte, off int64) (int, error) {
			return 0, syscall.ENOSPC
		}},
		{"half is written", func(t *testing.T, d *disk, b []byte, off int64) (int, error) {
			n, _ := d.file.WriteAt(b[:len(b)/2], off)
			return n, io.ErrShortWrite
		}},
		{"the flush after it fails", func(t *testing.T, d *disk, b []byte, off int64) (int, error) {
			n, err := d.file.WriteAt(b, off)
			d.become(t, pipe) // which cannot be flushed
			return n, err
		}},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			for nth := 1; nth <= writes+1; nth++ {
				t.Run(fmt.Sprint(nth), func(t *testing.T) {
					t.Parallel() // they wait for the disk more than they work
					path := filepath.Join(t.TempDir(), "store.db")
					if err := os.WriteFile(path, empty, 0o600); err != nil {
						t.Fatal(err)
					}
					d := &disk{}
					s := d.under(t, path)
					d.write = func(n int, b []byte, off int64) (int, error) {
						if n == nth {
							return way.fail(t, d, b, off)
						}
						return d.file.WriteAt(b, off)
					}
					w := work(t, s, turns)
					if nth <= writes {
						stopped(t, s, w)
					} else if w.err != nil {
						t.Errorf("without a fault: %v", w.err)
					}
					s.Close() // on a broken disk it may say so
					holds(t, path, w)
				})
			}
		})
	}
}

// TestDiskFull fills the disk for real, as far as the kernel's answer goes:
// the store's file descriptor comes to lead to /dev/full.
func TestDiskFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skip("there is no /dev/full here")
	}
	defer full.Close()
	for turns := range 5 {
		path := filepath.Join(t.TempDir(), "store.db")
		d := &disk{}
		s, err := Open(path, Options{OpenFile: d.openFile, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		w := work(t, s, turns)
		if w.err != nil {
			t.Fatal(w.err)
		}
		d.become(t, full)
		_, w.err = s.Commit(t.Context(), workOn(w.single, "single"))
		stopped(t, s, w)
		s.Close() // on a full disk it may say so
		holds(t, path, w)
	}
}

// TestPowerCut cuts the power at every write. What was flushed is on the
// disk; of what was not, any part may be, in any order, a page perhaps only
// to a sector. The store must open with everything acknowledged.
func TestPowerCut(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	random := rand.New(rand.NewPCG(7, 11)) // the same cuts every time
	d := &disk{}
	s := d.under(t, path)
	flushed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	type write struct {
		b   []byte
		off int64
	}
	var pending []write
	var acked worked
	cuts := 0
	page := int64(os.Getpagesize())
	apply := func(image []byte, w write, n int) []byte {
		if need := int(w.off) + n; need > len(image) {
			image = append(image, make([]byte, need-len(image))...)
		}
		copy(image[w.off:], w.b[:n])
		return image
	}
	flush := func() {
		for _, w := range pending {
			flushed = apply(flushed, w, len(w.b))
		}
		pending = nil
	}
	cut := func() {
		cuts++
		image := slices.Clone(flushed)
		for _, i := range random.Perm(len(pending)) {
			switch w := pending[i]; random.IntN(3) {
			case 0:
				image = apply(image, w, len(w.b))
			case 1:
				image = apply(image, w, random.IntN(len(w.b)/512+1)*512)
			}
		}
		dead := filepath.Join(dir, "dead.db")
		info, err := d.file.Stat()
		if err == nil {
			err = os.WriteFile(dead, image, 0o600)
		}
		if err == nil {
			err = os.Truncate(dead, info.Size()) // growing the file is flushed at once
		}
		if err != nil {
			t.Fatal(err)
		}
		holds(t, dead, acked)
		if t.Failed() {
			t.Fatalf("at cut %d with %d writes not flushed", cuts, len(pending))
		}
	}
	d.write = func(n int, b []byte, off int64) (int, error) {
		if off < 2*page { // the page that makes a commit real, written after a flush
			flush()
		}
		pending = append(pending, write{slices.Clone(b), off})
		cut()
		return d.file.WriteAt(b, off)
	}
	for turn := range 24 {
		ids, rev := []string{"single"}, &acked.single
		if turn%2 == 1 {
			rev = &acked.batch
			ids = nil
			for i := range workBatch {
				ids = append(ids, fmt.Sprintf("batch-%d", i))
			}
		}
		if _, err := s.Commit(t.Context(), workOn(*rev, ids...)); err != nil {
			t.Fatal(err)
		}
		// The store has answered, so it has flushed.
		flush()
		*rev++
		cut()
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if cuts < 100 {
		t.Errorf("only %d cuts", cuts)
	}
}
