package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"hereabouts"
	"hereabouts/data"
)

// An owner is whoever may change the data directory: this process, or the
// server that is running on it.
type owner interface {
	Commit(ctx context.Context, b hereabouts.Batch) (hereabouts.Receipt, error)
	Changes(ctx context.Context, from hereabouts.Token, follow bool) iter.Seq2[hereabouts.Change, error]
	Keys(ctx context.Context) ([]hereabouts.Key, error)
	CreateKey(ctx context.Context, name string, scopes []hereabouts.Scope, expires time.Time) (string, hereabouts.Key, error)
	RevokeKey(ctx context.Context, idOrName string) error
	Backup(ctx context.Context, w io.Writer) error
	Verify(ctx context.Context) error
	Reindex(ctx context.Context) error
	ReloadPlaces(ctx context.Context) error
	ReloadTimetables(ctx context.Context) error
	UnmetReach(ctx context.Context) ([]hereabouts.UnmetReach, error)
	CatchUp(ctx context.Context) error // returns once every commit so far can be found
	Close() error
}

// ownPatience is how long a command waits for a directory that is owned by
// somebody who does not answer: a server that is starting or stopping.
const ownPatience = 5 * time.Second

// own opens the data directory, or reaches the server that has it open.
func (p *program) own(ctx context.Context) (owner, error) {
	for until := time.Now().Add(ownPatience); ; {
		d, err := p.openDirectory(ctx)
		if err == nil {
			return localOwner{d}, nil
		}
		if !errors.Is(err, data.ErrLocked) {
			return nil, err
		}
		server, dialErr := dialServer(ctx, directoryPaths(p.settings.Data).socket())
		if dialErr == nil {
			return server, nil
		}
		if !errors.Is(dialErr, hereabouts.ErrUnavailable) || time.Now().After(until) {
			return nil, fmt.Errorf("%w; it does not answer on its socket either: %w", err, dialErr)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// withOwner runs work against whoever owns the data directory, which must
// exist already unless create is set.
func (p *program) withOwner(ctx context.Context, create bool, work func(owner) error) error {
	if _, err := os.Stat(directoryPaths(p.settings.Data).store()); err != nil && !create {
		return usagef("there is no directory at %s yet; give --data, or start one with 'hereabouts serve' or 'hereabouts import'", p.settings.Data)
	}
	o, err := p.own(ctx)
	if err != nil {
		return err
	}
	err = work(o)
	return errors.Join(err, o.Close())
}

// localOwner is this process.
type localOwner struct{ *directory }

func (o localOwner) Commit(ctx context.Context, b hereabouts.Batch) (hereabouts.Receipt, error) {
	return o.store.Commit(ctx, b)
}

func (o localOwner) Changes(ctx context.Context, from hereabouts.Token, follow bool) iter.Seq2[hereabouts.Change, error] {
	return o.store.Changes(ctx, from, follow)
}

func (o localOwner) Keys(ctx context.Context) ([]hereabouts.Key, error) { return o.store.Keys(ctx) }

func (o localOwner) CreateKey(ctx context.Context, name string, scopes []hereabouts.Scope, expires time.Time) (string, hereabouts.Key, error) {
	return o.store.CreateKey(ctx, name, scopes, expires)
}

func (o localOwner) RevokeKey(ctx context.Context, idOrName string) error {
	return o.store.RevokeKey(ctx, idOrName)
}

func (o localOwner) Backup(ctx context.Context, w io.Writer) error {
	_, err := o.store.Backup(ctx, w)
	return err
}

// Verify checks the store, then that the index holds just what the store does.
func (o localOwner) Verify(ctx context.Context) error {
	if err := o.store.Verify(ctx); err != nil {
		return err
	}
	x, err := o.indexed(ctx)
	if err != nil {
		return err
	}
	// The index is compared while nothing is written: a listing that arrives
	// between looking at one and at the other would count as lost. Catching up
	// first keeps that short.
	if err := x.CatchUp(ctx); err != nil {
		return err
	}
	return o.store.Still(ctx, x.Verify)
}

func (o localOwner) Reindex(ctx context.Context) error {
	x, err := o.indexed(ctx)
	if err != nil {
		return err
	}
	return x.Rebuild(ctx)
}

func (o localOwner) ReloadPlaces(ctx context.Context) error {
	return errors.Join(o.places.Reload(), o.areas.Reload())
}

func (o localOwner) UnmetReach(ctx context.Context) ([]hereabouts.UnmetReach, error) {
	return o.store.UnmetReach(ctx)
}

// ReloadTimetables reads the timetables again, unless they are as they were,
// and ties every listing to the stops there are now.
func (o localOwner) ReloadTimetables(ctx context.Context) error {
	if o.timetables.Stale() || len(o.timetables.Faults()) > 0 {
		if err := o.timetables.Reload(); err != nil {
			return err
		}
		logTimetables(o.log, o.timetables)
		o.warm()
	}
	x, err := o.indexed(ctx)
	if err != nil {
		return err
	}
	// What is read must be tied too, also when the command has gone meanwhile.
	return x.Retie(context.WithoutCancel(ctx))
}

func (o localOwner) CatchUp(ctx context.Context) error {
	x, err := o.indexed(ctx)
	if err != nil {
		return err
	}
	return x.CatchUp(ctx)
}
