package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"

	"hereabouts"
)

// words is Bleve's part: which listings contain which stems. It is a scorch
// index without Bleve's mapping layer, whose work is done in fields.go.
type words struct {
	dir      string
	scorch   *scorch.Scorch
	queue    *index.AnalysisQueue
	postings *postings
	batches  atomic.Int64
	failed   atomic.Pointer[error] // why this handle must be dropped
	onFail   func()                // told when that happens
}

// Names of what travels inside batches beside listings.
var (
	keyToken   = []byte("token")   // the feed's position
	keyVersion = []byte("version") // of analysis and fields
)

// scorchConfig: batches answer before they are on disk (unsafe_batch), which
// is safe because each carries the position of the feed that it brings the
// index to, and what is lost in a crash is read again from there.
func scorchConfig(dir string) map[string]any {
	return map[string]any{
		"path":                   dir,
		"unsafe_batch":           true,
		"bolt_timeout":           "2s",
		"asyncErrorCallbackName": asyncErrors,
		"numSnapshotsToKeep":     1,
	}
}

const asyncErrors = "hereabouts"

// failures hears of errors in Bleve's own goroutines, by directory.
var failures = newSubscribers()

func init() {
	scorch.RegistryAsyncErrorCallbacks[asyncErrors] = func(err error, dir string) { failures.tell(dir, err) }
}

// openWords opens the index in dir, or makes one there. It calls onFail, at
// most once and from any goroutine, when the handle has become unusable.
func openWords(dir string, cacheBytes int, onFail func()) (w *words, err error) {
	defer func() {
		if p := recover(); p != nil {
			w, err = nil, fmt.Errorf("index: opening the words in %s: %v", dir, p)
		}
	}()
	_, statErr := os.Stat(filepath.Join(dir, "root.bolt"))
	queue := index.NewAnalysisQueue(min(runtime.GOMAXPROCS(0), 4))
	ix, err := scorch.NewScorch(scorch.Name, scorchConfig(dir), queue)
	if err != nil {
		queue.Close()
		return nil, fmt.Errorf("index: %w", err)
	}
	if err := ix.Open(); err != nil {
		queue.Close()
		return nil, fmt.Errorf("index: opening the words in %s: %w", dir, err)
	}
	w = &words{dir: dir, scorch: ix.(*scorch.Scorch), queue: queue, postings: newPostings(cacheBytes), onFail: onFail}
	failures.add(dir, w.fail)
	if err := w.checkSegments(); err != nil {
		return nil, errors.Join(err, w.close())
	}
	if statErr != nil {
		// A new index whose folder is not on disk would be lost with the power.
		if err := syncDirs(dir, filepath.Dir(dir)); err != nil {
			return nil, errors.Join(err, w.close())
		}
	}
	return w, nil
}

// checkSegments holds every segment against the checksum at its end, which
// Bleve writes and does not look at again: a flipped bit would otherwise be
// quietly fewer results. The checksum is CRC-32 (IEEE) of all that is before
// it, big-endian.
func (w *words) checkSegments() error {
	reader, err := w.scorch.Reader()
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	defer reader.Close()
	buf := make([]byte, 1<<20)
	for _, s := range reader.(*scorch.IndexSnapshot).Segments() {
		file, ok := s.Segment().(interface{ Path() string })
		if !ok {
			continue // in memory: just written
		}
		if err := checkSegment(file.Path(), buf); err != nil {
			return fmt.Errorf("index: segment %s: %w", filepath.Base(file.Path()), err)
		}
	}
	return nil
}

func checkSegment(name string, buf []byte) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < crc32.Size {
		return errors.New("it is cut short")
	}
	sum := crc32.NewIEEE()
	if _, err := io.CopyBuffer(sum, io.LimitReader(f, info.Size()-crc32.Size), buf); err != nil {
		return err
	}
	var want [crc32.Size]byte
	if _, err := io.ReadFull(f, want[:]); err != nil {
		return err
	}
	if sum.Sum32() != binary.BigEndian.Uint32(want[:]) {
		return errors.New("its checksum does not hold")
	}
	return nil
}

// syncDirs makes the names in directories durable.
func syncDirs(dirs ...string) error {
	for _, d := range dirs {
		f, err := os.Open(d)
		if err != nil {
			return fmt.Errorf("index: %w", err)
		}
		err = f.Sync()
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("index: making %s durable: %w", d, err)
		}
	}
	return nil
}

func (w *words) fail(err error) {
	if w.failed.CompareAndSwap(nil, &err) {
		w.onFail()
	}
}

func (w *words) err() error {
	if p := w.failed.Load(); p != nil {
		return *p
	}
	return nil
}

// internal reads what the last batches carried; empty when nothing.
func (w *words) internal(key []byte) (value string, err error) {
	r, err := w.snapshot()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	v, err := r.GetInternal(key)
	if err != nil {
		return "", fmt.Errorf("index: %w", err)
	}
	return string(v), nil
}

// A batch of words: listings to hold, ids to forget, and where the feed
// stands after it.
type batch struct {
	b *index.Batch
}

func newBatch() batch                 { return batch{index.NewBatch()} }
func (b batch) size() int             { return len(b.b.IndexOps) }
func (b batch) update(d *document)    { b.b.Update(d) }
func (b batch) delete(id string)      { b.b.Delete(id) }
func (b batch) at(t hereabouts.Token) { b.b.SetInternal(keyToken, []byte(t)) }

// apply writes a batch. After an error, or a panic inside Bleve, nothing can
// be said about this handle any more: it must be dropped and opened again.
func (w *words) apply(b batch) (err error) {
	if err := w.err(); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("index: writing words: %v", p)
		}
		if err != nil {
			w.fail(err)
		}
	}()
	if err := w.scorch.Batch(b.b); err != nil {
		return fmt.Errorf("index: writing words: %w", err)
	}
	w.batches.Add(1)
	return w.err()
}

// settle waits until everything applied is on disk, up to a limit.
func (w *words) settle(t hereabouts.Token, limit time.Duration) error {
	if err := w.err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	b := newBatch()
	b.at(t)
	b.b.SetPersistedCallback(func(err error) { done <- err })
	if err := w.apply(b); err != nil {
		return err
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return nil // what is not on disk is replayed at the next start
	}
}

func (w *words) close() error {
	failures.remove(w.dir)
	err := w.scorch.Close()
	w.queue.Close()
	w.postings.clear()
	if err != nil {
		return fmt.Errorf("index: closing the words: %w", err)
	}
	return nil
}

// diskBytes is what the files in dir take.
func diskBytes(dir string) (n int64) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if e.IsDir() {
			n += diskBytes(filepath.Join(dir, e.Name()))
		} else if info, err := e.Info(); err == nil {
			n += info.Size()
		}
	}
	return n
}
