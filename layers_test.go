package hereabouts_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport says which of our own packages each layer may use. A layer is the
// first element of a package's path; its subpackages belong to it.
var mayImport = map[string][]string{
	"":          {},
	"geo":       {},
	"web":       {},
	"index":     {"", "geo"},
	"data":      {"", "geo"},
	"importers": {"", "geo"},
	"api":       {"", "geo", "web"},
	"cmd":       {"", "geo", "web", "index", "data", "importers", "api"},
}

// ownedBy says which layer alone may use a library.
var ownedBy = map[string]string{
	"github.com/blevesearch/bleve": "index",
	"go.etcd.io/bbolt":             "data",
	"github.com/labstack/echo":     "api",
}

func TestImportsPointInward(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") {
			return nil
		}
		seen++
		for _, fault := range pointsWrongWay(t, file, nil) {
			t.Error(fault)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 10 {
		t.Fatalf("only %d Go files found; the test is looking in the wrong place", seen)
	}
}

func TestLayersTestNamesTheFile(t *testing.T) {
	src := "package index\nimport (\n\"go.etcd.io/bbolt\"\n\"hereabouts/api\"\n)\nvar _ = bbolt.Open\nvar _ = api.New\n"
	got := pointsWrongWay(t, "index/wrong.go", src)
	if len(got) != 2 || !strings.HasPrefix(got[0], "index/wrong.go") || !strings.HasPrefix(got[1], "index/wrong.go") {
		t.Errorf("want two faults that name index/wrong.go, got %q", got)
	}
}

func pointsWrongWay(t *testing.T, file string, src any) (faults []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	layer, _, inLayer := strings.Cut(filepath.ToSlash(file), "/")
	if !inLayer {
		layer = ""
	}
	allowed, known := mayImport[layer]
	if !known {
		return []string{file + ": its folder is not a layer of the house; add it to mayImport or move it"}
	}
	isTest := strings.HasSuffix(file, "_test.go")
	for _, spec := range f.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if imp == "hereabouts" || strings.HasPrefix(imp, "hereabouts/") {
			to, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(imp, "hereabouts"), "/"), "/")
			// A test may use whatever makes it real.
			if to != layer && !slices.Contains(allowed, to) && !isTest {
				faults = append(faults, file+" imports "+imp+", which points outward from "+path.Join("hereabouts", layer))
			}
			continue
		}
		for lib, owner := range ownedBy {
			if strings.HasPrefix(imp, lib) && layer != owner && !isTest {
				faults = append(faults, file+" imports "+imp+", which belongs to "+owner)
			}
		}
	}
	return faults
}
