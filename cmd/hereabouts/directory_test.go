package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hereabouts"
	"hereabouts/data"
)

// command runs the program to its end on a data directory.
func command(t *testing.T, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errw lockedBuffer
	code = run(t.Context(), append(args, "--data", dir), strings.NewReader(""), &out, &errw, func(string) string { return "" })
	return out.String(), errw.String(), code
}

func backedUp(t *testing.T, dir string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "copy.db")
	if _, errs, code := command(t, dir, "backup", name); code != exitOK {
		t.Fatalf("backup: exit code %d: %s", code, errs)
	}
	return name
}

func isDemonstration(t *testing.T, s *server) bool {
	t.Helper()
	res, err := http.Get(s.url + "/api/v1/needs")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.Header.Get("Hereabouts-Data") == "demonstration"
}

// Made-up listings are never taken for real ones, whatever becomes of the
// file that says so.
func TestDemonstrationDataStaysMarked(t *testing.T) {
	first := serve(t, t.TempDir(), "--demo")
	copied := backedUp(t, first.dir)
	first.stop()
	if err := os.Remove(directoryPaths(first.dir).demo()); err != nil {
		t.Fatal(err)
	}
	for about, args := range map[string][]string{"without --demo": nil, "with --demo": {"--demo"}} {
		if err := os.RemoveAll(directoryPaths(first.dir).demo()); err != nil {
			t.Fatal(err)
		}
		again := serve(t, first.dir, args...)
		if !isDemonstration(t, again) {
			t.Errorf("the marker was removed and the server started %s: the data is not marked", about)
		}
		again.stop()
	}
	elsewhere := t.TempDir()
	if _, errs, code := command(t, elsewhere, "restore", copied); code != exitOK {
		t.Fatalf("restore: exit code %d: %s", code, errs)
	}
	if !isDemonstration(t, serve(t, elsewhere)) {
		t.Error("restored from a backup, the data is not marked")
	}
	if isDemonstration(t, serve(t, t.TempDir())) {
		t.Error("an empty directory is marked")
	}
}

// A directory whose store is missing is not a new one.
func TestALostStoreIsNotReplacedByAnEmptyOne(t *testing.T) {
	s := serve(t, t.TempDir(), "--demo")
	copied := backedUp(t, s.dir)
	s.stop()
	store := directoryPaths(s.dir).store()
	if err := os.Remove(store); err != nil {
		t.Fatal(err)
	}
	_, errs, code := command(t, s.dir, "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "none")
	if code != exitUnavailable || !strings.Contains(errs, "restore a backup") {
		t.Errorf("serve without the store: exit code %d: %s", code, errs)
	}
	if _, err := os.Stat(store); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a store was made: %v", err)
	}
	if _, errs, code := command(t, s.dir, "restore", copied); code != exitOK {
		t.Fatalf("restore: exit code %d: %s", code, errs)
	}
	if _, errs, code := command(t, s.dir, "verify"); code != exitOK {
		t.Errorf("after restoring: exit code %d: %s", code, errs)
	}
}

// A backup that cannot be used costs nothing of what is there.
func TestRestoreOver(t *testing.T) {
	s := serve(t, t.TempDir(), "--demo")
	copied := backedUp(t, s.dir)
	if _, errs, code := command(t, s.dir, "restore", copied, "--force"); code != exitUnavailable || !strings.Contains(errs, "stop the server") {
		t.Errorf("over a running server: exit code %d: %s", code, errs)
	}
	s.stop()
	count := func() int {
		t.Helper()
		d, err := testProgram(s.dir).openDirectory(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		n, err := d.store.Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return int(n.Listings)
	}
	before := count()
	bad := filepath.Join(t.TempDir(), "bad.db")
	if err := os.WriteFile(bad, []byte("not a backup"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{bad, filepath.Join(t.TempDir(), "missing.db")} {
		if _, _, code := command(t, s.dir, "restore", name, "--force"); code != exitFailed {
			t.Errorf("restore %s: exit code %d", filepath.Base(name), code)
		}
		if n := count(); n != before {
			t.Fatalf("after a backup that cannot be used there are %d listings, before there were %d", n, before)
		}
	}
	if _, _, code := command(t, s.dir, "restore", copied); code != exitUsage {
		t.Errorf("over a store without --force: exit code %d", code)
	}
	if _, errs, code := command(t, s.dir, "restore", copied, "--force"); code != exitOK {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	if n := count(); n != before {
		t.Errorf("%d listings, and the backup has %d", n, before)
	}
	aside, _ := filepath.Glob(directoryPaths(s.dir).store() + ".2*")
	if len(aside) != 1 || data.VerifyFile(aside[0]) != nil {
		t.Errorf("the store that was there was not kept: %v", aside)
	}
}

// Losing the socket costs nothing, as docs/operations.md says.
func TestServerStopsWellWithoutItsSocket(t *testing.T) {
	s := serve(t, t.TempDir())
	if err := os.Remove(directoryPaths(s.dir).socket()); err != nil {
		t.Fatal(err)
	}
	if code := s.stop(); code != exitOK {
		t.Errorf("exit code %d: %s", code, s.stderr)
	}
}

// A command that comes while a server has the directory but does not listen
// yet waits for it.
func TestACommandWaitsForAServerThatStarts(t *testing.T) {
	dir := t.TempDir()
	d, err := testProgram(dir).openDirectory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	code := make(chan int)
	go func() {
		_, _, c := command(t, dir, "key", "list")
		code <- c
	}()
	select {
	case c := <-code:
		t.Errorf("it did not wait: exit code %d", c)
	default:
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if c := <-code; c != exitOK {
		t.Errorf("exit code %d", c)
	}
}

// panicking is an owner whose index reads nonsense.
type panicking struct{ owner }

func (panicking) Verify(context.Context) error { panic("slice bounds out of range") }

func TestAPanicBehindTheSocketIsExplained(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	l, err := listenSocket(socket)
	if err != nil {
		t.Fatal(err)
	}
	h := &http.Server{Handler: socketHandler(panicking{})}
	go h.Serve(l)
	defer h.Close()
	server := serverAt(socket)
	if err := server.Verify(t.Context()); err == nil || !strings.Contains(err.Error(), "slice bounds") || errors.Is(err, hereabouts.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestExitCodes(t *testing.T) {
	unusable := t.TempDir()
	if err := os.WriteFile(directoryPaths(unusable).places(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := t.TempDir()
	if err := os.WriteFile(directoryPaths(damaged).store(), []byte(strings.Repeat("not a store ", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir  string
		args []string
		want int
	}{
		{t.TempDir(), []string{"version"}, exitOK},
		{t.TempDir(), []string{"key"}, exitOK},
		{t.TempDir(), []string{"key", "nonsense"}, exitUsage},
		{t.TempDir(), []string{"config", "nonsense"}, exitUsage},
		{t.TempDir(), []string{"nonsense"}, exitUsage},
		{t.TempDir(), []string{"serve", "--nonsense"}, exitUsage},
		{t.TempDir(), []string{"verify"}, exitUsage},
		{t.TempDir(), []string{"import", "csv", "missing.csv", "--map", "gm-food-banks"}, exitFailed},
		{t.TempDir(), []string{"healthcheck", "--listen", "127.0.0.1:1"}, exitUnavailable},
		{unusable, []string{"key", "create", "k", "--scope", "admin"}, exitUnavailable},
		{damaged, []string{"verify"}, exitUnavailable},
	} {
		if out, errs, code := command(t, c.dir, c.args...); code != c.want {
			t.Errorf("%v: exit code %d, want %d: %s%s", c.args, code, c.want, out, errs)
		}
	}
}

// Looking over a directory that is being written raises no false alarm.
func TestVerifyWhileOthersWrite(t *testing.T) {
	d, err := testProgram(t.TempDir()).openDirectory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	o := localOwner{d}
	for range 4 {
		many := hereabouts.Batch{Actor: hereabouts.Actor{Kind: "admin"}}
		for range 500 {
			many.Writes = append(many.Writes, oneListing("Knit and natter").Writes...)
		}
		if _, err := o.Commit(t.Context(), many); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for range 3 {
		writers.Go(func() {
			for ctx.Err() == nil {
				if _, err := o.Commit(ctx, oneListing("Choir")); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	for range 5 {
		if err := o.Verify(t.Context()); err != nil {
			t.Errorf("verify: %v", err)
		}
	}
	if err := o.Reindex(t.Context()); err != nil {
		t.Errorf("reindex: %v", err)
	}
	if err := o.Verify(t.Context()); err != nil {
		t.Errorf("verify after reindexing: %v", err)
	}
	stop()
	writers.Wait()
}
