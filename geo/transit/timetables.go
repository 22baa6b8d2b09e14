package transit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"hereabouts/geo/internal/ownfile"
)

// Timetables is a folder of feeds and the network made of them. It is safe
// for concurrent use; Reload replaces the network whole.
type Timetables struct {
	dir    string
	mu     sync.Mutex // one reload at a time
	loaded atomic.Pointer[loaded]
}

// loaded is what one reading of the folder gave.
type loaded struct {
	network *Network
	faults  []error
	stamps  []stamp // of the files as they were just before
}

// A stamp tells a file from the one that takes its place.
type stamp struct {
	name  string
	bytes int64
	at    time.Time
}

// Open reads a folder. One that is not there, or holds nothing, is an empty
// network. A file that cannot be used is left out, so that one bad timetable
// does not cost people the others; [Timetables.Faults] names it and says what
// to do. Only a folder that cannot be looked into is an error.
func Open(dir string) (*Timetables, error) {
	t := &Timetables{dir: dir}
	if err := t.Reload(); err != nil {
		return nil, err
	}
	return t, nil
}

// Network is what is loaded now; never nil.
func (t *Timetables) Network() *Network { return t.loaded.Load().network }

// Feeds are the timetables loaded now, by name.
func (t *Timetables) Feeds() []FeedInfo { return t.Network().Feeds() }

// Faults are the files that are left out for now, each a [*FileError] or why
// it could not be read.
func (t *Timetables) Faults() []error { return slices.Clone(t.loaded.Load().faults) }

// Reload reads the folder again, as after an import, and does as [Open] does
// with what cannot be used. On error the network stays as it was.
func (t *Timetables) Reload() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	stamps, err := stampsOf(t.dir)
	if err != nil {
		return err
	}
	now := &loaded{stamps: stamps}
	var feeds []*Feed
	for _, s := range stamps {
		if s.name == NamesFile {
			continue
		}
		f, err := ReadFeed(filepath.Join(t.dir, s.name))
		switch {
		case err == nil:
			feeds = append(feeds, f)
		case errors.Is(err, fs.ErrNotExist): // removed meanwhile
		default:
			now.faults = append(now.faults, err)
		}
	}
	stops, err := ReadNames(t.dir)
	if err != nil {
		now.faults = append(now.faults, err)
	}
	now.network = NewNetwork(feeds, stops)
	t.loaded.Store(now)
	return nil
}

// Stale reports whether the folder is no longer as it was when it was read.
func (t *Timetables) Stale() bool {
	stamps, err := stampsOf(t.dir)
	return err == nil && !slices.Equal(stamps, t.loaded.Load().stamps)
}

// stampsOf looks at every file of ours in a folder, by name.
func stampsOf(dir string) (stamps []stamp, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("transit: looking for timetables: %w", err)
	}
	for _, e := range entries {
		name, isFeed := strings.CutSuffix(e.Name(), feedEnding)
		if !(isFeed && ValidName(name)) && e.Name() != NamesFile {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) { // removed meanwhile
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("transit: looking at %s: %w", e.Name(), err)
		}
		stamps = append(stamps, stamp{e.Name(), info.Size(), info.ModTime()})
	}
	return stamps, nil
}

// A File is a timetable on disk.
type File struct {
	Name  string // of the feed
	Bytes int64
	Info  FeedInfo
	Err   error // why it cannot be used; Info is empty then
}

// Files are the timetables in a folder, by name. They are not loaded, only
// looked at as [ReadInfo] does.
func Files(dir string) ([]File, error) {
	stamps, err := stampsOf(dir)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, s := range stamps {
		if s.name == NamesFile {
			continue
		}
		f := File{Name: strings.TrimSuffix(s.name, feedEnding), Bytes: s.bytes}
		if f.Info, f.Err = ReadInfo(filepath.Join(dir, s.name)); errors.Is(f.Err, fs.ErrNotExist) {
			continue
		}
		files = append(files, f)
	}
	return files, nil
}

// Save writes a feed into a folder, in place of an earlier one of that name.
// The file is there whole or not at all, whatever happens meanwhile.
func Save(dir string, f *Feed) error {
	if err := checkFeed(f); err != nil {
		return err
	}
	if err := feedFormat.Write(Path(dir, f.Name), encodeFeed(f)); err != nil {
		return err
	}
	sweep(dir)
	return nil
}

// sweep removes what a command that was killed left half written, once it is
// so old that nobody can be writing it still. A leftover does no harm but for
// the room it takes, so one that stays is no fault.
func sweep(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") || !strings.HasSuffix(e.Name(), ".tmp") {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// Remove takes a timetable out of a folder. One that is not there is
// [fs.ErrNotExist].
func Remove(dir, name string) error {
	if !ValidName(name) {
		return fmt.Errorf("transit: %q cannot be a timetable's name: %w", name, fs.ErrNotExist)
	}
	if err := os.Remove(Path(dir, name)); err != nil {
		return fmt.Errorf("transit: removing %s: %w", filepath.Base(Path(dir, name)), err)
	}
	return ownfile.SyncDir(dir)
}
