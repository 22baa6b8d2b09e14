package places

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// An archive may be hostile or broken: it is refused before it fills the
// machine, and nothing is written.
func TestLimitsOnSources(t *testing.T) {
	row := "SO14 7DU,50.9,-1.4\n"
	table := "postcode,lat,long\n" + row
	folder := t.TempDir()
	for i := range 4 {
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d.csv", i)), []byte(table), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	bomb := table + strings.Repeat(row, 60_000)
	for name, c := range map[string]struct {
		src    string
		limits limits
		want   string
	}{
		"too many in a zip":    {putZip(t, "a.zip", member{"a.csv", table}, member{"b.csv", table}, member{"c.csv", table}), limits{entries: 2}, "more than 2 files"},
		"too many in a folder": {folder, limits{entries: 3}, "more than 3 files"},
		"too large unpacked":   {putGzip(t, "a.csv.gz", bomb), limits{expanded: 1 << 20}, "larger than 1 MiB unpacked"},
		"a gzip bomb":          {putGzip(t, "a.csv.gz", bomb), limits{ratio: 20, from: 500_000}, "more than 20 times its size"},
		"a zip bomb":           {putZip(t, "a.zip", member{"a.csv", bomb}), limits{ratio: 20, from: 500_000}, "more than 20 times its size"},
		"a zip in a zip":       {putZip(t, "a.zip", member{"b.csv", "PK\x03\x04"}), limits{}, "a zip inside a zip"},
	} {
		dir := filepath.Join(t.TempDir(), "geo")
		_, err := Postcodes(context.Background(), c.src, dir, Options{limits: c.limits})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", name, err, c.want)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s: something was written", name)
		}
	}
}

func TestCancelledImport(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := filepath.Join(t.TempDir(), "geo")
	if _, err := Postcodes(ctx, put(t, "a.csv", "postcode,lat,long\nSO14 7DU,50.9,-1.4\n"), dir, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled import says %v", err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("a cancelled import wrote something")
	}
}

func TestProgressEndsAtTheTotal(t *testing.T) {
	text := "postcode,lat,long\n" + strings.Repeat("SO14 7DU,50.9,-1.4\n", 80_000)
	for name, src := range map[string]string{
		"plain": put(t, "a.csv", text), "gzip": putGzip(t, "a.csv.gz", text), "zip": putZip(t, "a.zip", member{"a.csv", text}),
	} {
		var calls int
		var last, total int64
		_, err := Postcodes(context.Background(), src, t.TempDir(), Options{Progress: func(d, of int64) {
			if d < last || d > of || calls > 0 && of != total {
				t.Errorf("%s: progress went from %d of %d to %d of %d", name, last, total, d, of)
			}
			calls, last, total = calls+1, d, of
		}})
		if err != nil {
			t.Fatal(err)
		}
		if calls == 0 || last != total || total == 0 {
			t.Errorf("%s: progress ended at %d of %d after %d calls", name, last, total, calls)
		}
	}
}

func TestPipesAndDevicesAreRefused(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe.csv")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	for _, read := range []func(context.Context, string, string, Options) (Report, error){Postcodes, Places, Areas} {
		for _, src := range []string{pipe, os.DevNull} {
			if _, err := read(context.Background(), src, t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), "pipe or a device") {
				t.Errorf("%s: %v", src, err)
			}
		}
	}
}
