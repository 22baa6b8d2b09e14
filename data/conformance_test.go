package data_test

import (
	"path/filepath"
	"testing"

	"hereabouts/data"
	"hereabouts/data/conformance"
)

func TestConformance(t *testing.T) {
	paths := map[conformance.Store]string{}
	conformance.Run(t, conformance.Subject{
		Open: func(t *testing.T) conformance.Store {
			path := filepath.Join(t.TempDir(), "store.db")
			s := open(t, path)
			paths[s] = path
			return s
		},
		Reopen: func(t *testing.T, s conformance.Store) conformance.Store {
			path := paths[s]
			if err := s.(*data.Store).Close(); err != nil {
				t.Fatal(err)
			}
			again := open(t, path)
			paths[again] = path
			return again
		},
		ErrEpoch:    data.ErrEpoch,
		ErrOpReused: data.ErrOpReused,
	})
}
