package data

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"hereabouts"
)

// However many districts are searched from, what waits stays bounded, and
// what is closest to being counted is not what gives way.
func TestAFloodOfDistrictsIsBounded(t *testing.T) {
	u := newUnmetReach(Taxonomy())
	s := &Store{Options: Options{Now: func() time.Time { return time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC) }}, unmet: u}
	lost := hereabouts.ReachCounts{No: 1}
	for range 9 {
		s.NoteReach("NN11", []string{"money.food"}, lost)
	}
	flooded := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			for n := range 100 {
				s.NoteReach(fmt.Sprintf("%c%c%d", a, b, n), []string{"money.food", "connection.befriending"}, lost)
				flooded++
				if len(u.cells) > maxUnmetCells {
					t.Fatalf("%d cells wait", len(u.cells))
				}
			}
		}
	}
	if len(u.cells) < maxUnmetCells/2 || flooded*5 < 4*maxUnmetCells {
		t.Fatalf("%d districts leave %d cells; the test has shown nothing", flooded, len(u.cells))
	}
	s.NoteReach("NN11", []string{"money.food"}, lost)
	if len(u.tens) != 3 {
		t.Errorf("after the flood ten searches of one district give %d rows, want 3", len(u.tens))
	}

	// A disk that is never ready does not make what is to be kept grow either.
	for a := 'A'; a <= 'Z'; a++ {
		for n := range 100 {
			for range 10 {
				for _, need := range u.ids[:40] {
					s.NoteReach(fmt.Sprintf("%c%d", a, n), []string{need}, lost)
				}
			}
		}
	}
	if len(u.tens) != maxUnmetCells {
		t.Errorf("%d rows wait for the disk, want %d", len(u.tens), maxUnmetCells)
	}
}

// Searches go on when the disk has failed, and none is counted twice.
func TestAFailedDiskCostsCountsAndNothingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	d := &disk{}
	s := d.under(t, path)
	ten := func() {
		for range 10 {
			s.NoteReach("NN11", nil, hereabouts.ReachCounts{No: 1})
		}
	}
	ten()
	if rows, err := s.UnmetReach(t.Context()); err != nil || len(rows) != 1 {
		t.Fatalf("%+v, %v", rows, err)
	}
	d.write = func(int, []byte, int64) (int, error) { return 0, syscall.ENOSPC }
	ten()
	rows, err := s.UnmetReach(t.Context())
	if err != nil || len(rows) != 1 || rows[0].Searches != 10 {
		t.Errorf("with a full disk: %+v, %v", rows, err)
	}
	if err := s.Health(t.Context()); !errors.Is(err, hereabouts.ErrUnavailable) {
		t.Errorf("the store calls itself %v", err)
	}
	ten()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	again, err := Open(path, Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if rows, err := again.UnmetReach(t.Context()); err != nil || len(rows) != 1 || rows[0].Searches != 10 {
		t.Errorf("opened again: %+v, %v", rows, err)
	}
}

// Of what a store says of its counts nothing names a district or a need.
func TestTheLogSaysNothingOfSearches(t *testing.T) {
	var log bytes.Buffer
	d := &disk{}
	s := d.under(t, filepath.Join(t.TempDir(), "store.db"))
	s.Logger = slog.New(slog.NewTextHandler(&log, nil))
	d.write = func(int, []byte, int64) (int, error) { return 0, syscall.ENOSPC }
	for range 10 {
		s.NoteReach("NN11", []string{"money.food"}, hereabouts.ReachCounts{No: 1})
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if log.Len() == 0 || strings.Contains(log.String(), "NN11") || strings.Contains(log.String(), "money") {
		t.Errorf("the log says %q", log.String())
	}
}

func TestVerifyFindsCountsThatAreNoCounts(t *testing.T) {
	good := unmetCounts{searches: 20, unreached: 10, no: 30}
	for _, c := range []struct {
		key   string
		value []byte
		sound bool
	}{
		{"2026-11/NN11/money.food", good.encode(), true},
		{"2026-11/NN11/", good.encode(), true},
		{"2026-11/NN11", good.encode(), false},
		{"2026-11/NN11/money", good.encode()[:31], false},
		{"2026-11/NN11/money", unmetCounts{searches: 9}.encode(), false},
		{"2026-11/NN11/money", unmetCounts{searches: 10, no: 3}.encode(), false},
		{"2026-11/NN11/money", unmetCounts{searches: 10, unreached: 20}.encode(), false},
		{"2026-11/NN11/money", unmetCounts{}.encode(), false},
	} {
		s, err := Open(filepath.Join(t.TempDir(), "store.db"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		err = s.db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucket([]byte(bUnmet))
			if err != nil {
				return err
			}
			return b.Put([]byte(c.key), c.value)
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Verify(t.Context())
		_, readErr := s.UnmetReach(t.Context())
		if (err == nil) != c.sound || (readErr == nil) != c.sound || err != nil && !errors.Is(err, ErrDamaged) || readErr != nil && !errors.Is(readErr, ErrDamaged) {
			t.Errorf("%q, %v: verifying says %v, reading %v", c.key, c.value, err, readErr)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func FuzzUnmetRow(f *testing.F) {
	f.Add([]byte("2026-11/NN11/money.food"), unmetCounts{searches: 20, unreached: 10, no: 30}.encode())
	f.Add([]byte("//"), []byte{})
	f.Add([]byte("2026-11/NN11/a/b"), bytes.Repeat([]byte{255}, 32))
	f.Fuzz(func(t *testing.T, key, value []byte) {
		row, err := decodeUnmet(key, value)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("%v", err)
			}
			return
		}
		if row.Searches < 10 || row.Searches%10 != 0 || row.Unreached > row.Searches || row.No%10 != 0 || row.ThereOnly%10 != 0 || row.No < 0 || row.ThereOnly < 0 {
			t.Errorf("%+v", row)
		}
	})
}

func BenchmarkNoteReach(b *testing.B) {
	s := &Store{Options: Options{Now: time.Now}, unmet: newUnmetReach(Taxonomy())}
	needs := []string{"money.food", "connection.befriending"}
	for b.Loop() {
		s.NoteReach("NN11", needs, hereabouts.ReachCounts{No: 40, ThereOnly: 4, ThereAndBack: 20})
	}
}
