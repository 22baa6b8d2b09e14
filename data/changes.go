package data

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"runtime"
	"strconv"
	"strings"

	"go.etcd.io/bbolt"
	"golang.org/x/sync/errgroup"

	"hereabouts"
)

// How much of the feed is read at a time, so that a slow reader keeps no
// transaction open.
const (
	maxChunk      = 1000
	maxChunkBytes = 8 << 20
)

// Changes is the change feed after from, oldest first; the empty token is the
// beginning. It is compacted: it has the latest state of every record that
// changed after from, so reading from the beginning is a copy of the store.
// Withdrawn and draft listings are tombstones: Deleted, with no listing.
//
// With follow it waits at the head for what comes next, until ctx is done or
// the store closes, which it yields as its last error. Without, it ends at
// the head.
//
// Only what is on disk is seen. A record that changes while the feed is read
// may be seen in both states, the newer one later. A token that is not of
// this store as it is now gives ErrEpoch. The feed stops at its first error.
func (s *Store) Changes(ctx context.Context, from hereabouts.Token, follow bool) iter.Seq2[hereabouts.Change, error] {
	return func(yield func(hereabouts.Change, error) bool) {
		pos, err := s.position(from)
		for err == nil {
			durable, moved := s.watch()
			var raw []rawChange
			var settled bool
			raw, settled, err = s.chunk(ctx, pos, durable)
			switch {
			case err != nil:
			case len(raw) > 0:
				var changes []hereabouts.Change
				if changes, err = s.decode(raw); err != nil {
					break
				}
				for _, c := range changes {
					if !yield(c, nil) {
						return
					}
				}
				pos = raw[len(raw)-1].rec.pos
			case settled && !follow:
				return
			default:
				select {
				case <-moved:
				case <-ctx.Done():
					err = ctx.Err()
				}
			}
		}
		yield(hereabouts.Change{}, err)
	}
}

// A rawChange is a change as it is read: not decoded, and apart from the
// transaction's memory, so that the transaction can be let go.
type rawChange struct {
	kind kind
	id   string
	rec  record
}

// chunk reads the next part of the log after pos. It is settled unless the
// transaction it reads in shows a commit that the disk has not confirmed:
// bbolt shows one to readers a moment before its flush returns, and nobody
// may build on what a power cut could still take away. In that moment chunk
// reads nothing, because compaction has already moved things past durable.
func (s *Store) chunk(ctx context.Context, pos uint64, durable state) (raw []rawChange, settled bool, err error) {
	if err := s.writable(ctx); err != nil {
		return nil, false, err
	}
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		_, at, err := readMeta(tx)
		if err != nil {
			return err
		}
		if pos > at.pos {
			return ErrEpoch
		}
		if at.pos > durable.pos {
			return nil
		}
		settled = true
		c := tx.Bucket([]byte(bLog)).Cursor()
		size := 0
		for k, v := c.Seek(key64(pos + 1)); k != nil; k, v = c.Next() {
			r, err := follow(tx, k, v)
			if err != nil {
				return err
			}
			raw = append(raw, r)
			if size += len(r.rec.doc); len(raw) == maxChunk || size >= maxChunkBytes {
				return nil
			}
		}
		return nil
	})
	return raw, settled, err
}

// follow reads the record that a log entry leads to.
func follow(tx *bbolt.Tx, k, v []byte) (r rawChange, err error) {
	if len(k) != 8 || len(v) < 2 {
		return r, fmt.Errorf("%w: the log has an entry of %d and %d bytes", ErrDamaged, len(k), len(v))
	}
	r.kind, r.id = kind(v[0]), string(v[1:])
	pos := binary.BigEndian.Uint64(k)
	if r.rec, err = decodeRecord(tx.Bucket([]byte(r.kind.bucket())).Get(v[1:])); err != nil {
		return r, fmt.Errorf("data: %s %q at %d in the log: %w: %w", r.kind, r.id, pos, ErrDamaged, err)
	}
	if r.rec.pos != pos {
		return r, fmt.Errorf("data: %s %q: %w: it is at %d in the log and says %d", r.kind, r.id, ErrDamaged, pos, r.rec.pos)
	}
	if r.rec.hidden {
		r.rec.doc = nil
	} else {
		r.rec.doc = bytes.Clone(r.rec.doc)
	}
	return r, nil
}

// decode reads the documents of a chunk, on every core: it is where the time
// goes when an index is built from the beginning.
func (s *Store) decode(raw []rawChange) ([]hereabouts.Change, error) {
	changes := make([]hereabouts.Change, len(raw))
	part := max(64, (len(raw)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	var g errgroup.Group
	for from := 0; from < len(raw); from += part {
		g.Go(func() error {
			for i := from; i < min(from+part, len(raw)); i++ {
				if err := s.decodeChange(raw[i], &changes[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return changes, g.Wait()
}

func (s *Store) decodeChange(raw rawChange, c *hereabouts.Change) (err error) {
	*c = hereabouts.Change{
		Token: s.token(raw.rec.pos), ID: raw.id, Rev: raw.rec.rev, At: raw.rec.at, Deleted: raw.rec.hidden,
	}
	switch {
	case raw.rec.hidden:
	case raw.kind == organisation:
		c.Organisation, err = decodeOrganisation(raw.rec.doc)
	default:
		c.Listing, err = decodeListing(raw.rec.doc)
	}
	if err != nil {
		return fmt.Errorf("data: %s %q: %w", raw.kind, raw.id, err)
	}
	return nil
}

func (s *Store) token(pos uint64) hereabouts.Token { return tokenAt(s.epoch, pos) }

func tokenAt(epoch string, pos uint64) hereabouts.Token {
	return hereabouts.Token(epoch + ":" + strconv.FormatUint(pos, 10))
}

// position reads a token of ours.
func (s *Store) position(t hereabouts.Token) (uint64, error) {
	if t == "" {
		return 0, nil
	}
	epoch, at, ok := strings.Cut(string(t), ":")
	pos, err := strconv.ParseUint(at, 10, 64)
	if !ok || err != nil || epoch != s.epoch || s.token(pos) != t {
		return 0, ErrEpoch
	}
	return pos, nil
}
