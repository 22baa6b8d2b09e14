package data_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hereabouts"
	"hereabouts/data"
)

func backup(t *testing.T, s *data.Store) (path string, token hereabouts.Token) {
	t.Helper()
	var b bytes.Buffer
	token, err := s.Backup(t.Context(), &b)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "backup")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, token
}

func TestBackupWhileWriting(t *testing.T) {
	s := fresh(t)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := s.Commit(t.Context(), hereabouts.Batch{Actor: provider, Writes: []hereabouts.Write{{Listing: shed("", "One")}, {Listing: shed("", "Two")}}}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 5 {
		path, token := backup(t, s)
		if err := data.VerifyFile(path); err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
		copied := open(t, path)
		head, err := copied.Head(t.Context())
		if err != nil || head != token {
			t.Errorf("the copy goes to %q, %v; the backup said %q", head, err, token)
		}
		n, err := copied.Count(t.Context())
		if err != nil || n.Listings%2 != 0 || n.Listings != n.Published {
			t.Errorf("half a batch in a backup: %+v, %v", n, err)
		}
		copied.Close()
	}
	close(stop)
	wg.Wait()
}

func TestRestore(t *testing.T) {
	s := fresh(t)
	batch := hereabouts.Batch{Actor: provider, Op: "once", Writes: []hereabouts.Write{{Listing: shed("a", "Shed")}}}
	if _, err := s.Commit(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	path, token := backup(t, s)
	to := filepath.Join(t.TempDir(), "store.db")
	if err := data.Restore(path, to); err != nil {
		t.Fatal(err)
	}
	restored := open(t, to)
	if l, err := restored.Listing(t.Context(), "a"); err != nil || l.Name != "Shed" {
		t.Errorf("restored %+v, %v", l, err)
	}
	for _, err := range restored.Changes(t.Context(), token, false) {
		if !errors.Is(err, data.ErrEpoch) {
			t.Errorf("a token from before: %v, want ErrEpoch", err)
		}
	}
	// What was asked before is still answered, with a token that works now.
	r, err := restored.Commit(t.Context(), batch)
	head, _ := restored.Head(t.Context())
	if err != nil || !r.Replayed || r.Token != head {
		t.Errorf("an operation from before: %+v, %v; the head is %q", r, err, head)
	}

	if err := data.Restore(path, to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a store: %v", err)
	}
	if err := data.RestoreOver(path, to, to+".aside"); !errors.Is(err, data.ErrLocked) {
		t.Errorf("over an open store: %v", err)
	}
	commit(t, restored, hereabouts.Write{Listing: shed("late", "Late")})
	if err := restored.Close(); err != nil {
		t.Fatal(err)
	}
	if err := data.RestoreOver(path, to, to+".aside"); err != nil {
		t.Fatal(err)
	}
	over, aside := open(t, to), open(t, to+".aside")
	if _, err := over.Listing(t.Context(), "late"); !errors.Is(err, hereabouts.ErrNotFound) {
		t.Errorf("what came after the backup: %v", err)
	}
	if _, err := aside.Listing(t.Context(), "late"); err != nil {
		t.Errorf("the store that was there: %v", err)
	}
	if err := over.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if err := over.Close(); err != nil {
		t.Fatal(err)
	}
	if err := data.RestoreOver(path, to, to+".aside"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("setting aside under a name that is taken: %v", err)
	}
	elsewhere := filepath.Join(t.TempDir(), "new.db")
	if err := data.RestoreOver(path, elsewhere, elsewhere+".aside"); err != nil {
		t.Errorf("where there is nothing: %v", err)
	}
}

func TestRestoreRefusesWhatDoesNotVerify(t *testing.T) {
	s := fresh(t)
	commit(t, s, hereabouts.Write{Listing: shed("a", "Shed")})
	path, _ := backup(t, s)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, bad := range map[string][]byte{
		"cut short":       b[:len(b)/2],
		"changed":         bytes.Replace(b, []byte("Making and mending"), []byte("Making and meddling")[:18], 1),
		"empty":           nil,
		"something else":  []byte("name,postcode\nShed,NN1 1AA\n"),
		"a page of zeros": make([]byte, 1<<16),
	} {
		from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
		if err := os.WriteFile(from, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := data.Restore(from, to); !errors.Is(err, data.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
		if left, _ := filepath.Glob(to + "*"); len(left) != 0 {
			t.Errorf("%s: it left %q", name, left)
		}
	}
	if err := data.Restore(filepath.Join(dir, "none"), filepath.Join(dir, "to")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no backup: %v", err)
	}
}

func TestHealthNoticesAFileThatIsGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	if err := s.Health(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Fatal(err)
	}
	if err := s.Health(t.Context()); !errors.Is(err, hereabouts.ErrUnavailable) {
		t.Errorf("its file is gone: %v", err)
	}
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Health(t.Context()); !errors.Is(err, hereabouts.ErrUnavailable) {
		t.Errorf("another file is in its place: %v", err)
	}
}

func TestOperationsExpireAfterADay(t *testing.T) {
	now := november
	s := fresh(t, at(&now))
	again := func(name string) (hereabouts.Receipt, error) {
		return s.Commit(t.Context(), hereabouts.Batch{Actor: provider, Op: "op", Writes: []hereabouts.Write{{Listing: shed("", name)}}})
	}
	if _, err := again("Shed"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(24*time.Hour - time.Microsecond)
	if r, err := again("Shed"); err != nil || !r.Replayed {
		t.Errorf("just within a day: %+v, %v", r, err)
	}
	now = now.Add(time.Microsecond)
	if r, err := again("Garden"); err != nil || r.Replayed {
		t.Errorf("after a day: %+v, %v", r, err)
	}
	if r, err := again("Garden"); err != nil || !r.Replayed {
		t.Errorf("the key's second life: %+v, %v", r, err)
	}
}
