package data

import (
	"bytes"
	"errors"
	"fmt"
	"iter"

	"go.etcd.io/bbolt"
)

// A stage holds what one batch is about to write. Reading through it sees the
// batch's own writes first and the transaction beneath second, so a batch can
// be worked out to its end and then be kept or dropped as a whole, while its
// neighbours share the transaction.
type stage struct {
	tx      *bbolt.Tx
	state   state
	puts    []put
	staged  map[string]map[string][]byte // bucket → key → value; nil is deleted
	bytes   int
	buckets map[string]*bbolt.Bucket
}

type put struct {
	bucket string
	key    string
	value  []byte // nil deletes
}

func newStage(tx *bbolt.Tx, st state) *stage {
	return &stage{tx: tx, state: st, staged: map[string]map[string][]byte{}, buckets: map[string]*bbolt.Bucket{}}
}

func (s *stage) bucket(name string) *bbolt.Bucket {
	b := s.buckets[name]
	if b == nil {
		b = s.tx.Bucket([]byte(name))
		s.buckets[name] = b
	}
	return b
}

func (s *stage) get(bucket string, key []byte) []byte {
	if v, ok := s.staged[bucket][string(key)]; ok {
		return v
	}
	return s.bucket(bucket).Get(key)
}

func (s *stage) put(bucket string, key, value []byte) {
	s.set(bucket, string(key), value)
	s.bytes += len(key) + len(value)
}

func (s *stage) delete(bucket string, key []byte) { s.set(bucket, string(key), nil) }

func (s *stage) set(bucket, key string, value []byte) {
	if s.staged[bucket] == nil {
		s.staged[bucket] = map[string][]byte{}
	}
	s.staged[bucket][key] = value
	s.puts = append(s.puts, put{bucket, key, value})
}

// keys are the keys that begin with prefix, in no particular order. What is
// staged while it runs may or may not be among them.
func (s *stage) keys(bucket string, prefix []byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		staged := s.staged[bucket]
		var own []string
		for k, v := range staged {
			if v != nil && len(k) >= len(prefix) && k[:len(prefix)] == string(prefix) {
				own = append(own, k)
			}
		}
		c := s.bucket(bucket).Cursor()
		for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			if _, ok := staged[string(k)]; !ok && !yield(string(k)) {
				return
			}
		}
		for _, k := range own {
			if !yield(k) {
				return
			}
		}
	}
}

// apply writes the stage into its transaction. An error leaves the
// transaction fit only to be rolled back.
func (s *stage) apply() error {
	for _, p := range s.puts {
		b := s.bucket(p.bucket)
		var err error
		if p.value == nil {
			err = b.Delete([]byte(p.key))
		} else {
			err = b.Put([]byte(p.key), p.value)
		}
		if err != nil {
			return fmt.Errorf("data: bucket %s: %w", p.bucket, err)
		}
	}
	return nil
}

// finish notes in the transaction where it leaves the store.
func finish(tx *bbolt.Tx, st state) error {
	meta := tx.Bucket([]byte(bMeta))
	if meta == nil {
		return errors.New("data: no meta bucket")
	}
	return meta.Put([]byte(metaState), st.encode())
}
