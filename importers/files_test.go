package importers_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"hereabouts/importers"
)

func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func gzipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t *testing.T, members map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range members {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readAll reads every file of a source.
func readAll(t *testing.T, p string, l importers.Limits) (map[string]string, error) {
	t.Helper()
	fs, err := importers.OpenFiles(p, l)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err := fs.Close(); err != nil {
			t.Error(err)
		}
	}()
	got := map[string]string{}
	for _, f := range fs.All() {
		rc, err := f.Open()
		if err != nil {
			return got, err
		}
		b, err := io.ReadAll(rc)
		if err != nil {
			_ = rc.Close()
			return got, err
		}
		got[f.Name] = string(b)
		if err := rc.Close(); err != nil {
			t.Error(err)
		}
	}
	return got, nil
}

func TestOpenFiles(t *testing.T) {
	dir := t.TempDir()
	outside := write(t, t.TempDir(), "secret.json", []byte("secret"))
	write(t, dir, "folder/a.json", []byte("a"))
	write(t, dir, "folder/deep/b.csv.gz", gzipped(t, []byte("b")))
	write(t, dir, "folder/.hidden/c.json", []byte("c"))
	if err := os.Symlink(outside, filepath.Join(dir, "folder/out.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a.json", filepath.Join(dir, "folder/in.json")); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path string
		want map[string]string
	}{
		"file":                 {write(t, dir, "one.json", []byte("{}")), map[string]string{"one.json": "{}"}},
		"empty file":           {write(t, dir, "none.json", nil), map[string]string{"none.json": ""}},
		"gzip":                 {write(t, dir, "one.csv.gz", gzipped(t, []byte("x,y"))), map[string]string{"one.csv": "x,y"}},
		"gzip by another name": {write(t, dir, "two.csv", gzipped(t, []byte("x,y"))), map[string]string{"two.csv": "x,y"}},
		"zip": {write(t, dir, "a.zip", zipped(t, map[string]string{"a.csv": "1", "sub/b.csv": "2", "__MACOSX/a.csv": "3", ".x": "4"})),
			map[string]string{"a.csv": "1", "sub/b.csv": "2"}},
		"zip by another name": {write(t, dir, "b.dat", zipped(t, map[string]string{"a.csv": "1"})), map[string]string{"a.csv": "1"}},
		"folder":              {filepath.Join(dir, "folder"), map[string]string{"a.json": "a", "in.json": "a", "deep/b.csv": "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readAll(t, c.path, importers.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOpenFilesRefusesBombs(t *testing.T) {
	dir := t.TempDir()
	zeros := strings.Repeat("0", 64<<20)
	small := importers.Limits{Expanded: 100, Entries: 2}
	for name, c := range map[string]struct {
		content []byte
		limits  importers.Limits
	}{
		"zip that expands a thousandfold":  {zipped(t, map[string]string{"a.json": zeros}), importers.Limits{}},
		"gzip that expands a thousandfold": {gzipped(t, []byte(zeros)), importers.Limits{}},
		"zip with more than it may hold":   {zipped(t, map[string]string{"a": strings.Repeat("a", 60), "b": strings.Repeat("b", 60)}), small},
		"gzip with more than it may hold":  {gzipped(t, bytes.Repeat([]byte("a"), 101)), small},
		"file with more than it may hold":  {bytes.Repeat([]byte("a"), 101), small},
		"zip with too many files":          {zipped(t, map[string]string{"a": "1", "b": "2", "c": "3"}), small},
		"zip that is too big itself":       {zipped(t, map[string]string{"a": "1"}), importers.Limits{Compressed: 20}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readAll(t, write(t, dir, "bomb", c.content), c.limits); !errors.Is(err, importers.ErrTooBig) {
				t.Errorf("got %v, want too big", err)
			}
		})
	}
	t.Run("folder with too many files", func(t *testing.T) {
		dir := t.TempDir()
		for _, n := range []string{"a", "b", "c"} {
			write(t, dir, n, nil)
		}
		if _, err := readAll(t, dir, small); !errors.Is(err, importers.ErrTooBig) {
			t.Errorf("got %v, want too big", err)
		}
	})
}

func TestOpenFilesRefusesNamesThatLeadOut(t *testing.T) {
	for _, name := range []string{"../a.json", "/etc/passwd", "a/../../b.json", `..\a.json`, `c/..\..\..\d`, "./a.json", "a//b"} {
		p := write(t, t.TempDir(), "a.zip", zipped(t, map[string]string{name: "1"}))
		if got, err := readAll(t, p, importers.Limits{}); err == nil {
			t.Errorf("%q was read: %v", name, got)
		}
	}
	if _, err := importers.OpenFiles(filepath.Join(t.TempDir(), "absent"), importers.Limits{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func FuzzOpenFiles(f *testing.F) {
	for _, name := range []string{"a.json", "../a", "/a", `..\b`, "a/./b", "\x00", "con", "."} {
		f.Add(name, []byte("PK\x03\x04"))
	}
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		dir := t.TempDir()
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		if w, err := z.Create(name); err == nil {
			_, _ = w.Write([]byte("x"))
		}
		_ = z.Close()
		for _, content := range [][]byte{b.Bytes(), raw} {
			got, err := readAll(t, write(t, dir, "f", content), importers.Limits{})
			if err != nil {
				continue
			}
			for n := range got {
				if !filepath.IsLocal(n) {
					t.Errorf("%q leads out", n)
				}
			}
		}
	})
}

func TestUTF8(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":                 {"abc", "abc"},
		"marked":                {"\xef\xbb\xbfcafé", "café"},
		"UTF-16 LE":             {"\xff\xfec\x00\xe9\x00", "cé"},
		"UTF-16 BE":             {"\xfe\xff\x00c\x00\xe9", "cé"},
		"UTF-16 LE unmarked":    {"n\x00a\x00m\x00e\x00,\x00i\x00d\x00", "name,id"},
		"UTF-16 BE unmarked":    {"\x00n\x00a\x00m\x00e\x00,\x00i\x00d", "name,id"},
		"Windows-1252":          {"caf\xe9 \x96 \xa35 \x93quoted\x94", "café – £5 “quoted”"},
		"both in one":           {"café caf\xe9", "café café"},
		"cut off in the middle": {"caf\xc3", "cafÃ"},
		"empty":                 {"", ""},
		"long":                  {strings.Repeat("é", 5000) + "\xe9", strings.Repeat("é", 5001)},
	} {
		t.Run(name, func(t *testing.T) {
			// One byte at a time, so that every character is cut somewhere.
			b, err := io.ReadAll(importers.UTF8(iotest.OneByteReader(strings.NewReader(c.in))))
			if err != nil {
				t.Fatal(err)
			}
			if string(b) != c.want {
				t.Errorf("got %q, want %q", b, c.want)
			}
		})
	}
}

func TestAMeterSeesWhatIsRead(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		write(t, dir, "plain.csv", bytes.Repeat([]byte("a,b\n"), 1000)),
		write(t, dir, "packed.csv.gz", gzipped(t, bytes.Repeat([]byte("a,b\n"), 1000))),
	} {
		m := &importers.Meter{}
		fs, err := importers.OpenFilesContext(importers.WithMeter(t.Context(), m), name, importers.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		rc, err := fs.All()[0].Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, rc); err != nil {
			t.Fatal(err)
		}
		if done, total := m.Read(); done != total || total == 0 {
			t.Errorf("%s: %d of %d bytes read", name, done, total)
		}
		if err := errors.Join(rc.Close(), fs.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestPipesAndDevicesAreRefused(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe.csv")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	for _, name := range []string{pipe, os.DevNull} {
		if _, err := importers.OpenFiles(name, importers.Limits{}); err == nil || !strings.Contains(err.Error(), "pipe or a device") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGzippedTwiceIsSaid(t *testing.T) {
	name := write(t, t.TempDir(), "twice.csv.gz", gzipped(t, gzipped(t, []byte("Name\nLunch club\n"))))
	fs, err := importers.OpenFiles(name, importers.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer fs.Close()
	if _, err := fs.All()[0].Open(); err == nil || !strings.Contains(err.Error(), "gzipped twice") {
		t.Errorf("opened with %v", err)
	}
}
