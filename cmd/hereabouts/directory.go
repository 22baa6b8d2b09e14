package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"hereabouts"
	"hereabouts/data"
	"hereabouts/geo"
	"hereabouts/geo/transit"
	"hereabouts/index"
)

// directoryPaths is a data directory's root; its methods say what lies where.
type directoryPaths string

func (d directoryPaths) store() string    { return filepath.Join(string(d), "store.db") }
func (d directoryPaths) index() string    { return filepath.Join(string(d), "index") }
func (d directoryPaths) places() string   { return filepath.Join(string(d), "places") }
func (d directoryPaths) socket() string   { return filepath.Join(string(d), "hereabouts.sock") }
func (d directoryPaths) settings() string { return filepath.Join(string(d), "hereabouts.yaml") }
func (d directoryPaths) demo() string     { return filepath.Join(string(d), "demonstration") }

func (d directoryPaths) timetables() string { return filepath.Join(string(d), "timetables") }

// lostStore is an error when there is an index of a store that is not there.
// The store is always first, so this is no new directory: an empty one in its
// place would answer every search with nothing.
func (d directoryPaths) lostStore() error {
	if _, err := os.Stat(d.store()); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if entries, err := os.ReadDir(d.index()); err != nil || len(entries) == 0 {
		return nil
	}
	return fmt.Errorf("%s is gone, but there is an index of what was in it; restore a backup with 'hereabouts restore', or remove %s to begin with an empty directory", d.store(), d.index())
}

// An openError is why a data directory cannot be opened.
type openError struct{ error }

func (e openError) Unwrap() error { return e.error }

// A directory is an open data directory: the store of record, what is known
// of places, the timetables, and the index, which follows the store in the
// background.
type directory struct {
	paths      directoryPaths
	store      *data.Store
	places     *geo.Gazetteer
	areas      *geo.Areas
	timetables *transit.Timetables
	log        *slog.Logger

	index    atomic.Pointer[index.Index] // nil until it is open
	indexErr atomic.Pointer[error]       // why it is not
	opened   chan struct{}               // closed once the index is open or has failed

	leaving atomic.Bool // the server is about to stop
	now     func() time.Time
	stop    context.CancelFunc
	// background outlives the call that opened the directory, and ends with it.
	background context.Context
	done       sync.WaitGroup
}

// openDirectory opens the store and the places and starts opening the index,
// so that a server can say "not yet" while a large index is being rebuilt.
func (p *program) openDirectory(ctx context.Context) (*directory, error) {
	paths := directoryPaths(p.settings.Data)
	if err := os.MkdirAll(paths.places(), 0o700); err != nil {
		return nil, openError{fmt.Errorf("cannot make the data directory: %w", err)}
	}
	if err := paths.lostStore(); err != nil {
		return nil, openError{err}
	}
	store, err := data.Open(paths.store(), data.Options{
		Now: p.now, LockTimeout: 300 * time.Millisecond, Needs: data.Taxonomy(), Logger: p.log,
	})
	if err != nil {
		return nil, openError{err}
	}
	d := &directory{paths: paths, store: store, log: p.log, opened: make(chan struct{})}
	if d.places, err = geo.OpenGazetteer(paths.places()); err != nil {
		return nil, openError{errors.Join(err, store.Close())}
	}
	if d.areas, err = geo.OpenAreas(paths.places()); err != nil {
		return nil, openError{errors.Join(err, store.Close())}
	}
	if d.timetables, err = transit.Open(paths.timetables()); err != nil {
		return nil, openError{errors.Join(err, store.Close())}
	}
	// The index outlives the call but not the directory.
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	d.background, d.stop = background, stop
	d.now = p.now
	d.done.Go(func() { d.followStore(background, p) })
	return d, nil
}

// warm prepares the timetables for the days that searches look ahead, while
// they are answered.
func (d *directory) warm() {
	network := d.timetables.Network()
	d.done.Go(func() { network.Warm(d.background, d.now(), hereabouts.ReachDays+1) })
}

func (d *directory) followStore(ctx context.Context, p *program) {
	x, err := index.Open(ctx, d.paths.index(), d.store, index.Options{
		Needs: data.Taxonomy(), Areas: d.areas, Now: p.now, Logger: p.log,
		Timetables: d.timetables, DayHours: p.dayHours,
	})
	if err != nil {
		err = fmt.Errorf("%w: the search index cannot be opened: %w", hereabouts.ErrUnavailable, err)
		d.indexErr.Store(&err)
		close(d.opened)
		if ctx.Err() == nil {
			p.log.Error("the search index cannot be opened; listings can still be read and changed", "error", err)
		}
		return
	}
	d.index.Store(x)
	close(d.opened)
	if err := x.Follow(ctx); err != nil && ctx.Err() == nil {
		p.log.Error("the search index has stopped following the store", "error", err)
	}
}

// Close closes everything in the reverse order of opening.
func (d *directory) Close() error {
	d.stop()
	d.done.Wait()
	var errs []error
	if x := d.index.Load(); x != nil {
		errs = append(errs, x.Close())
	}
	return errors.Join(append(errs, d.store.Close())...)
}

// indexed waits until the index is open.
func (d *directory) indexed(ctx context.Context) (*index.Index, error) {
	if x := d.index.Load(); x != nil {
		return x, nil // also for a caller who has gone: what it began may need an end
	}
	select {
	case <-d.opened:
		return d.openIndex()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// openIndex is the index if it is open now.
func (d *directory) openIndex() (*index.Index, error) {
	if x := d.index.Load(); x != nil {
		return x, nil
	}
	if err := d.indexErr.Load(); err != nil {
		return nil, *err
	}
	return nil, fmt.Errorf("%w: the search index is being prepared", hereabouts.ErrUnavailable)
}

// Search answers a query once the index is open.
func (d *directory) Search(ctx context.Context, q hereabouts.Query) (hereabouts.Results, error) {
	x, err := d.openIndex()
	if err != nil {
		return hereabouts.Results{}, err
	}
	return x.Search(ctx, q)
}

// Journeys answers how to get to one listing once the index is open.
func (d *directory) Journeys(ctx context.Context, q hereabouts.JourneyQuery) (hereabouts.JourneyAnswer, error) {
	x, err := d.openIndex()
	if err != nil {
		return hereabouts.JourneyAnswer{}, err
	}
	return x.Journeys(ctx, q)
}

// Suggest completes what a person types once the index is open.
func (d *directory) Suggest(ctx context.Context, prefix string, limit int) ([]hereabouts.Suggestion, error) {
	x, err := d.openIndex()
	if err != nil {
		return nil, err
	}
	return x.Suggest(ctx, prefix, limit)
}

// Ready reports whether searches are answered from a complete index.
func (d *directory) Ready(ctx context.Context) error {
	if d.leaving.Load() {
		return fmt.Errorf("%w: the server is about to stop", hereabouts.ErrUnavailable)
	}
	x, err := d.openIndex()
	if err != nil {
		return err
	}
	return x.Ready(ctx)
}
