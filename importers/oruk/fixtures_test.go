package oruk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"hereabouts"
	"hereabouts/importers"
	"hereabouts/importers/oruk"
)

var update = flag.Bool("update", false, "rewrite the reports and listings of the fixtures")

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// A shelf is a Sink in memory.
type shelf struct {
	held map[string]hereabouts.Listing
	got  []hereabouts.Listing // in order
}

func (s *shelf) Commit(_ context.Context, b hereabouts.Batch) (hereabouts.Receipt, error) {
	if s.held == nil {
		s.held = map[string]hereabouts.Listing{}
	}
	var r hereabouts.Receipt
	for _, w := range b.Writes {
		was, known := s.held[w.Listing.ID]
		out := hereabouts.Changed
		switch {
		case !known:
			out = hereabouts.Added
		case was.SameAs(w.Listing):
			out = hereabouts.Unchanged
		}
		s.held[w.Listing.ID] = *w.Listing
		s.got = append(s.got, *w.Listing)
		r.Outcomes, r.Revs = append(r.Outcomes, out), append(r.Revs, 1)
	}
	return r, nil
}

func run(t testing.TB, src oruk.Source, into *shelf) (importers.Report, error) {
	t.Helper()
	src.Now = func() time.Time { return noon }
	return importers.Run(t.Context(), oruk.Read(t.Context(), src), into, importers.Options{Source: "feed", Now: src.Now})
}

// Every fixture is a text file: what it is about, the files of a source, the
// report that a person reads and what the listings say.
func TestFixtures(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			at := dir
			var input []txtar.File
			want := map[string]string{}
			for _, f := range ar.Files {
				if f.Name == "report" || f.Name == "listings" {
					want[f.Name] = string(f.Data)
					continue
				}
				input = append(input, f)
				p := filepath.Join(dir, f.Name)
				if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(p, f.Data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if len(input) == 1 {
				at = filepath.Join(dir, input[0].Name)
			}
			got := map[string]string{}
			into := &shelf{}
			var told oruk.Dialect
			rep, err := run(t, oruk.Source{At: at, Told: func(d oruk.Dialect) { told = d }}, into)
			var b bytes.Buffer
			if told != "" {
				b.WriteString(string(told) + "\n")
			}
			if err != nil {
				b.WriteString(err.Error() + "\n")
			}
			if _, err := rep.WriteTo(&b); err != nil {
				t.Fatal(err)
			}
			got["report"], got["listings"] = b.String(), said(t, into.got)
			if rep.Read != rep.Added+rep.Repeated+rep.Rejected {
				t.Errorf("the report does not add up: %s", rep.String())
			}
			if *update {
				ar.Files = append(input, txtar.File{Name: "report", Data: []byte(got["report"])}, txtar.File{Name: "listings", Data: []byte(got["listings"])})
				if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if rep.Added == 0 {
				return
			}
			again, _ := run(t, oruk.Source{At: at}, into)
			if again.Unchanged != rep.Added || again.Added+again.Changed != 0 {
				t.Errorf("the second import is not still: %s", again.String())
			}
		})
	}
}

// said is what listings say, without what they leave unsaid.
func said(t *testing.T, ls []hereabouts.Listing) string {
	t.Helper()
	var b bytes.Buffer
	for _, l := range ls {
		js, err := json.Marshal(&l)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(js, &v); err != nil {
			t.Fatal(err)
		}
		m := prune(v).(map[string]any)
		for _, k := range []string{"id", "status"} {
			delete(m, k)
		}
		m["source"] = l.Source.ID
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(m); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if x = prune(x); x == nil {
				delete(v, k)
			} else {
				v[k] = x
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		v = slices.DeleteFunc(v, func(x any) bool { return prune(x) == nil })
		if len(v) == 0 {
			return nil
		}
		return v
	case string:
		if v == "" || v == "unknown" {
			return nil
		}
	case float64:
		if v == 0 {
			return 0.0
		}
	}
	return v
}
