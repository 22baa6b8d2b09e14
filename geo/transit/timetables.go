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
	names, err := feedNames(t.dir)
	if err != nil {
		return err
	}
	now := &loaded{}
	var feeds []*Feed
	for _, name := range names {
		f, err := ReadFeed(Path(t.dir, name))
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

// feedNames are the names of the feeds that have a file in a folder, in order.
func feedNames(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("transit: looking for timetables: %w", err)
	}
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), feedEnding); ok && ValidName(name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// Save writes a feed into a folder, in place of an earlier one of that name.
// The file is there whole or not at all, whatever happens meanwhile.
func Save(dir string, f *Feed) error {
	if err := checkFeed(f); err != nil {
		return err
	}
	return feedFormat.Write(Path(dir, f.Name), encodeFeed(f))
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
