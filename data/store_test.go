package data_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"hereabouts"
	"hereabouts/data"
)

func open(t testing.TB, path string, change ...func(*data.Options)) *data.Store {
	t.Helper()
	o := data.Options{Logger: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(&o)
	}
	s, err := data.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func fresh(t testing.TB, change ...func(*data.Options)) *data.Store {
	return open(t, filepath.Join(t.TempDir(), "store.db"), change...)
}

var provider = hereabouts.Actor{Kind: "provider", Name: "Wootton Hall"}

func shed(id, name string) *hereabouts.Listing {
	return &hereabouts.Listing{ID: id, Kind: hereabouts.Group, Name: name, Summary: "Making and mending on Tuesdays"}
}

func commit(t testing.TB, s *data.Store, ws ...hereabouts.Write) hereabouts.Receipt {
	t.Helper()
	r, err := s.Commit(t.Context(), hereabouts.Batch{Actor: provider, Writes: ws})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSecondProcessIsToldThatTheStoreIsTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	open(t, path)
	_, err := data.Open(path, data.Options{LockTimeout: 20 * time.Millisecond})
	if !errors.Is(err, data.ErrLocked) {
		t.Fatalf("got %v, want ErrLocked", err)
	}
}

func TestWhatWasCommittedIsThereAfterOpeningAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	r := commit(t, s, hereabouts.Write{Listing: shed("", "Men's shed")})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	l, err := s.Listing(t.Context(), r.IDs[0])
	if err != nil || l.Name != "Men's shed" || l.Rev != 1 || l.CreatedAt.IsZero() {
		t.Fatalf("got %+v, %v", l, err)
	}
	head, err := s.Head(context.Background())
	if err != nil || head != r.Token {
		t.Errorf("head is %q, %v; want %q", head, err, r.Token)
	}
	var seen []string
	for c, err := range s.Changes(t.Context(), "", false) {
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, fmt.Sprint(c.ID, c.Rev, c.Listing.Name))
	}
	if len(seen) != 1 {
		t.Errorf("the feed has %q", seen)
	}
}

func TestStillHoldsWritesBack(t *testing.T) {
	s := fresh(t)
	commit(t, s, hereabouts.Write{Listing: shed("a", "Shed")})
	before, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	late := hereabouts.Batch{Actor: hereabouts.Actor{Kind: "admin"}, Writes: []hereabouts.Write{{Listing: shed("b", "Late shed")}}}
	err = s.Still(t.Context(), func(ctx context.Context) error {
		impatient, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		if r, err := s.Commit(impatient, late); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a batch was written: %+v, %v", r, err)
		}
		if now, err := s.Head(ctx); err != nil || now != before {
			t.Errorf("the head moved from %q to %q (%v)", before, now, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Listing(t.Context(), "b"); !errors.Is(err, hereabouts.ErrNotFound) {
		t.Errorf("a batch that was given up was written: %v", err)
	}
	commit(t, s, hereabouts.Write{Listing: shed("b", "Late shed")})
}
