package data

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"hereabouts"
)

// A revision is what the bucket of that name holds. The record itself is in
// the bucket past once it has been superseded.
type revision struct {
	At     time.Time        `json:"at"`
	Actor  hereabouts.Actor `json:"actor"`
	Action string           `json:"action"`
	Fields []string         `json:"fields,omitempty"`
}

func encodeRevision(at time.Time, c change) []byte {
	b, err := json.Marshal(revision{At: at, Actor: c.actor, Action: c.action, Fields: c.fields})
	if err != nil {
		panic(fmt.Sprintf("data: a revision is always JSON: %v", err))
	}
	return b
}

// History is every revision of a listing, newest first, each with the listing
// as it was. An organisation's has no listing. ErrNotFound when there is no
// such record.
func (s *Store) History(ctx context.Context, id string) ([]hereabouts.Revision, error) {
	var revs []hereabouts.Revision
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		for _, k := range []kind{listing, organisation} {
			b := tx.Bucket([]byte(k.bucket())).Get([]byte(id))
			if b == nil {
				continue
			}
			rec, err := decodeRecord(b)
			if err == nil {
				revs, err = history(tx, k, id, rec)
			}
			return err
		}
		return hereabouts.ErrNotFound
	})
	if err != nil {
		return nil, fmt.Errorf("data: the history of %q: %w", id, err)
	}
	return revs, nil
}

func history(tx *bbolt.Tx, k kind, id string, now record) ([]hereabouts.Revision, error) {
	revs := make([]hereabouts.Revision, 0, now.rev)
	prefix := revPrefix(k, id)
	c := tx.Bucket([]byte(bRevisions)).Cursor()
	past := tx.Bucket([]byte(bPast))
	for rev := now.rev; rev > 0; rev-- {
		key := revKey(k, id, rev)
		found, v := c.Seek(key)
		if !bytes.Equal(found, key) || !bytes.HasPrefix(found, prefix) {
			return nil, fmt.Errorf("%w: revision %d is missing", ErrDamaged, rev)
		}
		var r revision
		if err := json.Unmarshal(v, &r); err != nil {
			return nil, fmt.Errorf("%w: revision %d: %w", ErrDamaged, rev, err)
		}
		out := hereabouts.Revision{Rev: rev, At: r.At, Actor: r.Actor, Action: r.Action, Changed: r.Fields}
		if out.Changed == nil {
			out.Changed = []string{}
		}
		if k == listing {
			rec := now
			if rev != now.rev {
				var err error
				if rec, err = decodeRecord(past.Get(key)); err != nil {
					return nil, fmt.Errorf("%w: revision %d: %w", ErrDamaged, rev, err)
				}
			}
			l, err := decodeListing(rec.doc)
			if err != nil {
				return nil, fmt.Errorf("revision %d: %w", rev, err)
			}
			out.Listing = l
		}
		revs = append(revs, out)
	}
	return revs, nil
}

// changedFields names the top-level JSON fields in which two records differ;
// none when there is no record before. The revision and the time of the
// change differ always and are left out.
func changedFields[T any](before, after *T) []string {
	if before == nil {
		return nil
	}
	var names []string
	a, b := reflect.ValueOf(before).Elem(), reflect.ValueOf(after).Elem()
	for i := range a.NumField() {
		name, _, _ := strings.Cut(a.Type().Field(i).Tag.Get("json"), ",")
		if name == "rev" || name == "updated_at" {
			continue
		}
		x, y := a.Field(i).Interface(), b.Field(i).Interface()
		if !reflect.DeepEqual(x, y) && !sameJSON(x, y) {
			names = append(names, name)
		}
	}
	return names
}

// sameJSON settles what DeepEqual is too strict about: an empty list and
// none, one moment in two zones.
func sameJSON(x, y any) bool {
	a, err := json.Marshal(x)
	if err != nil {
		return false
	}
	b, err := json.Marshal(y)
	return err == nil && bytes.Equal(a, b)
}
