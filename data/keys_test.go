package data_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hereabouts"
	"hereabouts/data"
)

var november = time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)

// at makes a store's clock the test's.
func at(clock *time.Time) func(*data.Options) {
	return func(o *data.Options) { o.Now = func() time.Time { return *clock } }
}

func TestKeys(t *testing.T) {
	now := november
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path, at(&now))
	secret, key, err := s.CreateKey(t.Context(), " Council import ", []hereabouts.Scope{hereabouts.ScopeImport}, now.Add(48*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(secret, "hab_") || len(secret) < 40 || key.Name != "Council import" || key.ID == "" || !key.CreatedAt.Equal(now) {
		t.Errorf("secret %d long, key %+v", len(secret), key)
	}
	got, err := s.KeyFor(t.Context(), secret)
	if err != nil || got.ID != key.ID || !got.May(hereabouts.ScopeImport) || got.May(hereabouts.ScopeAdmin) {
		t.Errorf("the key is %+v, %v", got, err)
	}
	for _, wrong := range []string{"", "hab_", secret + "x", secret[:len(secret)-1], strings.ToUpper(secret), strings.TrimPrefix(secret, "hab_"), "hab_" + strings.Repeat("x", 4000)} {
		if _, err := s.KeyFor(t.Context(), wrong); !errors.Is(err, data.ErrBadKey) {
			t.Errorf("a wrong secret: %v", err)
		}
	}
	if _, _, err := s.CreateKey(t.Context(), "Council import", []hereabouts.Scope{hereabouts.ScopeImport}, time.Time{}); err == nil {
		t.Error("two keys in use have one name")
	}
	now = now.Add(48 * time.Hour)
	if _, err := s.KeyFor(t.Context(), secret); !errors.Is(err, data.ErrBadKey) {
		t.Errorf("an expired key: %v", err)
	}

	forever, second, err := s.CreateKey(t.Context(), "Staff", []hereabouts.Scope{hereabouts.ReadStaff, "write:org:o1"}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RevokeKey(t.Context(), "Staff"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.KeyFor(t.Context(), forever); !errors.Is(err, data.ErrBadKey) {
		t.Errorf("a revoked key: %v", err)
	}
	if err := s.RevokeKey(t.Context(), second.ID); err != nil {
		t.Errorf("revoking twice by id: %v", err)
	}
	for _, none := range []string{"Staff", "nobody", ""} {
		if err := s.RevokeKey(t.Context(), none); !errors.Is(err, hereabouts.ErrNotFound) {
			t.Errorf("revoking %q: %v", none, err)
		}
	}
	keys, err := s.Keys(t.Context())
	if err != nil || len(keys) != 2 || keys[0].ID != key.ID || !keys[1].Revoked {
		t.Errorf("the keys are %+v, %v", keys, err)
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, sec := range []string{secret, forever} {
		if bytes.Contains(file, []byte(sec[4:])) {
			t.Error("a secret is in the file")
		}
	}
}

func TestFaultyKeysAreRefusedWithEveryFault(t *testing.T) {
	s := fresh(t)
	_, _, err := s.CreateKey(t.Context(), "", []hereabouts.Scope{"root", "write:org:"}, time.Unix(0, 0))
	var ps hereabouts.Problems
	if !errors.As(err, &ps) || len(ps) != 4 {
		t.Errorf("got %v, want four problems", err)
	}
	if _, _, err = s.CreateKey(t.Context(), strings.Repeat("x", 101), nil, time.Time{}); !errors.As(err, &ps) || len(ps) != 2 {
		t.Errorf("got %v, want two problems", err)
	}
}

func TestTheDayOfUseIsNotedOnceADay(t *testing.T) {
	now := november
	s := fresh(t, at(&now))
	secret, _, err := s.CreateKey(t.Context(), "k", []hereabouts.Scope{hereabouts.ReadStaff}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	used := func() hereabouts.Date {
		t.Helper()
		if _, err := s.KeyFor(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		commit(t, s) // an empty batch waits behind what is queued
		keys, err := s.Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return keys[0].LastUsed
	}
	if got := used(); got != "2026-11-03" {
		t.Errorf("used on %q", got)
	}
	now = now.Add(25 * time.Hour)
	if got := used(); got != "2026-11-04" {
		t.Errorf("the next day: used on %q", got)
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAdminLinkWorksOnce(t *testing.T) {
	now := november
	s := fresh(t, at(&now))
	first := func() bool {
		t.Helper()
		yes, err := s.FirstRun(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	if !first() {
		t.Error("a new store is not a first run")
	}
	link := func() string {
		t.Helper()
		token, err := s.CreateAdminLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	refused := func(token, why string) {
		t.Helper()
		if _, _, err := s.UseAdminLink(t.Context(), token); !errors.Is(err, data.ErrBadKey) {
			t.Errorf("%s: %v", why, err)
		}
	}
	old := link()
	now = now.Add(24 * time.Hour)
	refused(old, "a link a day old")
	replaced, token := link(), link()
	refused(replaced, "a link that another took the place of")
	refused("", "no token")
	if !first() {
		t.Error("an unused link ends the first run")
	}
	secret, key, err := s.UseAdminLink(t.Context(), token)
	if err != nil || !key.May(hereabouts.ScopeAdmin) {
		t.Fatalf("%+v, %v", key, err)
	}
	if got, err := s.KeyFor(t.Context(), secret); err != nil || got.ID != key.ID {
		t.Errorf("the admin's key: %+v, %v", got, err)
	}
	refused(token, "a link used twice")
	if first() {
		t.Error("it is a first run after somebody became the admin")
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
