package places

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// put writes a file into a folder of the test's own and gives its path.
func put(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func putGzip(t testing.TB, name, text string) string {
	t.Helper()
	return put(t, name, gzipped(t, text))
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A member is one file of a zip.
type member struct{ name, text string }

func putZip(t testing.TB, name string, members ...member) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.Create(m.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(m.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return put(t, name, b.String())
}

func sameReport(t testing.TB, want, got Report) {
	t.Helper()
	if want.Faults == nil {
		want.Faults = []Fault{}
	}
	if want.Notes == nil {
		want.Notes = []string{}
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Report{})); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if sum := got.Added + got.Changed + got.Unchanged + got.Skipped + got.Rejected; sum != got.Read {
		t.Errorf("%d were read and %d accounted for", got.Read, sum)
	}
}
