package sheet_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"hereabouts"
	"hereabouts/importers"
	"hereabouts/importers/sheet"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A shelf is a store that keeps listings in the order they came.
type shelf struct {
	got  []*hereabouts.Listing
	have map[string][32]byte
}

func (s *shelf) Commit(_ context.Context, b hereabouts.Batch) (hereabouts.Receipt, error) {
	if s.have == nil {
		s.have = map[string][32]byte{}
	}
	var r hereabouts.Receipt
	for _, w := range b.Writes {
		hash, known := s.have[w.Listing.ID]
		out := hereabouts.Changed
		switch {
		case !known:
			out = hereabouts.Added
			s.got = append(s.got, w.Listing)
		case hash == w.Listing.ContentHash():
			out = hereabouts.Unchanged
		}
		s.have[w.Listing.ID] = w.Listing.ContentHash()
		r.Outcomes = append(r.Outcomes, out)
		r.Revs = append(r.Revs, 1)
	}
	return r, nil
}

func noon() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

// imported runs an import and says what became of it: the report, and each
// listing without what every listing says.
func imported(t *testing.T, recs importers.Records) string {
	t.Helper()
	var s shelf
	rep, err := importers.Run(context.Background(), recs, &s, importers.Options{Source: "test", Now: noon})
	var b bytes.Buffer
	if _, werr := rep.WriteTo(&b); werr != nil {
		t.Fatal(werr)
	}
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
	}
	for _, l := range s.got {
		js, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(js, &m); err != nil {
			t.Fatal(err)
		}
		for _, k := range []string{"id", "status", "source"} {
			delete(m, k)
		}
		bare := pruned(m)
		js, err = json.MarshalIndent(bare, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n%s\n", js)
	}
	return b.String()
}

// pruned leaves out what says nothing.
func pruned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if k == "id" || k == "place_id" {
				delete(v, k)
				continue
			}
			if x = pruned(x); x == nil {
				delete(v, k)
			} else {
				v[k] = x
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
		for i := range v {
			v[i] = pruned(v[i])
		}
	case string:
		if v == "" || v == "unknown" {
			return nil
		}
	case float64:
		if v == 0 {
			return nil
		}
	}
	return v
}

// Each file of testdata is one fault: a sheet, its mapping, and exactly what
// is said about it. The comment says what should happen.
func TestFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string]string{}
			for _, f := range a.Files {
				parts[f.Name] = string(f.Data)
			}
			m, err := sheet.LoadMapping(strings.TrimSpace(parts["mapping"]))
			if y, ok := parts["mapping.yaml"]; ok {
				m, err = sheet.ParseMapping("mapping.yaml", []byte(y))
			}
			var got string
			if err != nil {
				got = err.Error() + "\n"
			} else {
				got = imported(t, sheet.ReadFrom(context.Background(), "sheet.csv", strings.NewReader(parts["sheet.csv"]), m))
			}
			if *update {
				for i := range a.Files {
					if a.Files[i].Name == "result" {
						a.Files[i].Data = []byte(got)
					}
				}
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(parts["result"], got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
