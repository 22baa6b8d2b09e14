package data

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"hereabouts"
)

// sound makes a store with something of everything in it and returns its
// file's bytes.
func sound(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := Open(path, Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if w := work(t, s, 8); w.err != nil {
		t.Fatal(w.err)
	}
	draft := workOn(0, "draft")
	draft.Op = "once"
	draft.Writes[0].Listing.Status = hereabouts.Draft
	draft.Writes[0].Listing.Organisation.CharityNumber = "1123456"
	if _, err := s.Commit(t.Context(), draft); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.CreateKey(t.Context(), "council", []hereabouts.Scope{hereabouts.ScopeImport}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateAdminLink(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestVerifyNoticesTampering changes one thing in a sound store through
// bbolt, so that the pages are in order and only the store's own rules are
// broken.
func TestVerifyNoticesTampering(t *testing.T) {
	file := sound(t)
	flip := func(bucket string, key []byte, at int) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte(bucket))
			if key == nil {
				key, _ = b.Cursor().First()
			}
			v := bytes.Clone(b.Get(key))
			if at < 0 {
				at += len(v)
			}
			v[at] ^= 1
			return b.Put(bytes.Clone(key), v)
		}
	}
	remove := func(bucket string, last bool) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			c := tx.Bucket([]byte(bucket)).Cursor()
			k, _ := c.First()
			if last {
				k, _ = c.Last()
			}
			return tx.Bucket([]byte(bucket)).Delete(bytes.Clone(k))
		}
	}
	put := func(bucket string, key, value []byte) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucket)).Put(key, value) }
	}
	resealed := func(change func(*record)) func(*bbolt.Tx) error { // with a good checksum
		return func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte(bListings))
			rec, err := decodeRecord(b.Get([]byte("single")))
			if err != nil {
				return err
			}
			change(&rec)
			return b.Put([]byte("single"), rec.encode())
		}
	}
	for _, c := range []struct {
		name   string
		tamper func(*bbolt.Tx) error
		want   string // in the error
	}{
		{"nothing", func(*bbolt.Tx) error { return nil }, ""},
		{"a byte of an audit entry", flip(bAudit, key64(3), -4), "chain breaks at entry 3"},
		{"a byte of an audit hash", flip(bAudit, key64(5), 2), "chain breaks at entry 5"},
		{"the first audit entry gone", remove(bAudit, false), "entry 1 is missing"},
		{"the last audit entry gone", remove(bAudit, true), "should have"},
		{"a byte of a listing", flip(bListings, []byte("single"), -10), "checksum"},
		{"a listing changed with its checksum", resealed(func(r *record) {
			r.doc = bytes.Replace(r.doc, []byte("at 4"), []byte("at 5"), 1)
		}), "not as the audit sealed it"},
		{"a listing shown that should not be", resealed(func(r *record) { r.hidden = true }), "disagree"},
		{"a listing that says it is elsewhere in the log", resealed(func(r *record) { r.pos-- }), "the log does not lead to it"},
		{"a listing gone", func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bListings)).Delete([]byte("single")) }, "in the log"},
		{"a log entry gone", remove(bLog, false), "the log does not lead to it"},
		{"a log entry too many", put(bLog, key64(1), []byte("lsingle")), "says"},
		{"a log entry that leads nowhere", put(bLog, key64(1), []byte("lnobody")), "nobody"},
		{"a revision gone", remove(bRevisions, false), "revision"},
		{"a superseded record gone", remove(bPast, true), "superseded"},
		{"a byte of a superseded record", flip(bPast, nil, -3), "checksum"},
		{"an organisation that does not lead to its listing", remove(bShows, false), "does not lead to it"},
		{"an organisation gone", remove(bOrganisations, false), "organisation"},
		{"a name that leads to no organisation", put(bNames, []byte("\x00nobody"), []byte("nobody")), "nobody"},
		{"a charity number that leads to no organisation", put(bCharities, []byte("42"), []byte("nobody")), "nobody"},
		{"a key that may do more", func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte(bKeys))
			k, v := b.Cursor().First()
			return b.Put(bytes.Clone(k), bytes.Replace(v, []byte(`"import"`), []byte(`"admin"`), 1))
		}, "not as the audit sealed it"},
		{"a key's id gone", remove(bKeyIDs, false), "its id does not lead to it"},
		{"a wrong count", func(tx *bbolt.Tx) error {
			_, st, err := readMeta(tx)
			st.published++
			return errors.Join(err, finish(tx, st))
		}, "published listings"},
		{"a bucket gone", func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(bPast)) }, "bucket \"past\" is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(db.Update(c.tamper), db.Close()); err != nil {
				t.Fatal(err)
			}
			err = VerifyFile(path)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("a sound store: %v", err)
			case c.want != "" && (!errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want ErrDamaged with %q", err, c.want)
			}
		})
	}
}

// TestDamagedFileNeverPanics changes bytes anywhere in the file. Verifying
// must notice or be right. Where the pages still lead to each other, opening,
// reading and writing may fail too, but must neither crash nor give a listing
// that was never written. (A file whose pages lead nowhere can send bbolt in
// circles, which is why what comes from outside is verified first.)
func TestDamagedFileNeverPanics(t *testing.T) {
	file := sound(t)
	used := len(bytes.TrimRight(file, "\x00"))
	random := rand.New(rand.NewPCG(3, 5))
	path := filepath.Join(t.TempDir(), "store.db")
	noticed, opened := 0, 0
	for n := range 300 {
		b := bytes.Clone(file)
		switch n % 4 {
		case 0:
			b = b[:random.IntN(used)]
		default:
			at := random.IntN(used)
			for i := range min(n%8+1, len(b)-at) {
				b[at+i] = byte(random.Uint32())
			}
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := VerifyFile(path); err != nil {
			noticed++
		}
		if checkPages(path) != nil {
			continue
		}
		opened++
		s, err := Open(path, Options{Logger: slog.New(slog.DiscardHandler)})
		if errors.Is(err, ErrLocked) {
			t.Fatalf("change %d: a store that could not be opened stayed locked", n-1)
		}
		if err != nil {
			continue
		}
		for c, err := range s.Changes(t.Context(), "", false) {
			if err == nil && c.Listing != nil && !strings.HasPrefix(c.Listing.Name, "at ") {
				t.Errorf("change %d: a listing called %q", n, c.Listing.Name)
			}
		}
		l, err := s.Listing(t.Context(), "single")
		if err == nil && l.Name != fmt.Sprint("at ", l.Rev) {
			t.Errorf("change %d: %+v", n, l)
		}
		s.History(t.Context(), "single")
		s.Commit(t.Context(), workOn(l.Rev, "single"))
		s.Close()
	}
	t.Logf("noticed %d of 300; the pages of %d still led to each other", noticed, opened)
	if noticed < 150 || opened < 50 {
		t.Error("the damage is no longer of both kinds")
	}
}

func FuzzRecord(f *testing.F) {
	whole := record{rev: 3, pos: 9, hidden: true, doc: []byte(`{"id":"a"}`)}
	f.Add(whole.encode())
	f.Add([]byte{})
	f.Add(make([]byte, recordHeader))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err == nil && !bytes.Equal(r.encode(), b) {
			t.Errorf("%x reads as %+v and is written as %x", b, r, r.encode())
		}
	})
}

func TestRecordKeepsEverything(t *testing.T) {
	in := record{hidden: true, edited: true, pos: 1 << 40, rev: 7, at: time.UnixMicro(1).UTC(), source: [32]byte{1, 31: 2}, doc: []byte("{}")}
	for _, imported := range []bool{true, false} {
		in.imported = imported
		out, err := decodeRecord(in.encode())
		if err != nil || fmt.Sprint(out) != fmt.Sprint(in) {
			t.Errorf("%+v became %+v, %v", in, out, err)
		}
	}
}

// FuzzCheckPages gives a small whole file with bytes of it changed: whatever
// passes must be safe to verify.
func FuzzCheckPages(f *testing.F) {
	path := filepath.Join(f.TempDir(), "store.db")
	if err := createIfMissing(path, Options{}.withDefaults()); err != nil {
		f.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(0), []byte{})
	f.Add(uint32(4096*2+8), []byte{1})
	f.Add(uint32(4096*3+20), []byte{255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, at uint32, change []byte) {
		b := bytes.Clone(file)
		copy(b[int(at)%len(b):], change)
		path := filepath.Join(t.TempDir(), "store.db")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := VerifyFile(path); bytes.Equal(b, file) && err != nil {
			t.Errorf("a sound file: %v", err)
		}
	})
}
