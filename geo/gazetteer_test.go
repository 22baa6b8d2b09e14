package geo_test

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hereabouts/geo"
)

func TestPostcode(t *testing.T) {
	g := openFixture(t)
	for in, want := range map[string]string{
		"SO14 7DU": "postcode", "so147du ": "postcode", "SO14 7ZZ": "postcode", "SE109NF": "postcode",
		"SO14 7AA": "district", "SO14": "district", "AB10 1AB": "district", "ZE1 0AA": "", "London": "", "": "",
	} {
		_, precision, ok := g.Postcode(in)
		if precision != want || ok != (want != "") {
			t.Errorf("Postcode(%q) has precision %q, %v; want %q", in, precision, ok, want)
		}
	}
	if p, _, _ := g.Postcode("SE10 9NF"); p != geo.LatLon(51.48, 0) {
		t.Errorf("SE10 9NF is at %v", p)
	}
}

func TestStats(t *testing.T) {
	want := geo.Stats{Postcodes: 5, Terminated: 1, Districts: 16}
	got := openFixture(t).Stats()
	if got.Places <= len(fixtureNames()) {
		t.Errorf("%d places do not include those that only districts name", got.Places)
	}
	got.Places = 0
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is written is what is read, whatever the order it came in.
func TestPostcodesRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		point := func() (lat, lon float64) {
			return float64(rapid.IntRange(49e6, 61e6).Draw(rt, "lat")) / 1e6, float64(rapid.IntRange(-9e6, 2e6).Draw(rt, "lon")) / 1e6
		}
		var in geo.Postcodes
		for range rapid.IntRange(0, 40).Draw(rt, "units") {
			pc := postcode(t, rapid.StringMatching(`(B|SO|EC)[1-3] [0-2](AA|AB|ZZ)`).Draw(rt, "postcode"))
			lat, lon := point()
			in.Units = append(in.Units, geo.NewUnit(pc, geo.LatLon(lat, lon), rapid.Bool().Draw(rt, "terminated")))
		}
		for range rapid.IntRange(0, 10).Draw(rt, "districts") {
			pc := postcode(t, rapid.StringMatching(`(B|SO|W)[1-3]`).Draw(rt, "district"))
			lat, lon := point()
			in.Districts = append(in.Districts, geo.NewDistrict(pc, geo.LatLon(lat, lon), rapid.String().Draw(rt, "town"), "R", ""))
		}
		units := map[geo.Postcode]geo.Unit{}
		for _, u := range in.Units {
			units[u.Code] = u
		}
		districts := map[geo.Postcode]geo.District{}
		for _, d := range in.Districts {
			districts[d.Code] = d
		}
		if err := geo.WritePostcodes(dir, &in); err != nil {
			rt.Fatal(err)
		}
		out, err := geo.ReadPostcodes(dir)
		if err != nil {
			rt.Fatal(err)
		}
		if len(out.Units) != len(units) || len(out.Districts) != len(districts) {
			rt.Fatalf("%d units and %d districts came back of %d and %d", len(out.Units), len(out.Districts), len(units), len(districts))
		}
		for _, u := range out.Units {
			if units[u.Code] != u {
				rt.Fatalf("%v came back as %+v, not %+v", u.Code, u, units[u.Code])
			}
		}
		for _, d := range out.Districts {
			if districts[d.Code] != d {
				rt.Fatalf("%v came back as %+v, not %+v", d.Code, d, districts[d.Code])
			}
		}
		if !slices.IsSortedFunc(out.Units, func(a, b geo.Unit) int { return int(int64(a.Code) - int64(b.Code)) }) {
			rt.Fatal("units are not in order")
		}
	})
}

func TestNamesRoundTrip(t *testing.T) {
	dir := t.TempDir()
	want := fixtureNames()
	if err := geo.WriteNames(dir, want); err != nil {
		t.Fatal(err)
	}
	got, err := geo.ReadNames(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(geo.Name{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A damaged file is named, with what to do about it, and never half read.
func TestDamagedFiles(t *testing.T) {
	whole := t.TempDir()
	writeFixture(t, whole)
	if err := geo.WriteAreas(whole, []geo.Area{square("E1", 51, 0, 1)}); err != nil {
		t.Fatal(err)
	}
	open := map[string]func(dir string) error{
		geo.PostcodesFile: func(dir string) error { _, err := geo.OpenGazetteer(dir); return err },
		geo.NamesFile:     func(dir string) error { _, err := geo.OpenGazetteer(dir); return err },
		geo.AreasFile:     func(dir string) error { _, err := geo.OpenAreas(dir); return err },
	}
	damage := map[string]func([]byte) []byte{
		"damaged":      func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"cut short":    func(b []byte) []byte { return b[:len(b)-1] },
		"not a file":   func(b []byte) []byte { return []byte("postcode,lat,long\nSO14 7DU,50.9,-1.4\n") },
		"older or not": func(b []byte) []byte { return nil },
		"newer":        func(b []byte) []byte { b[8]++; return b },
		"older":        func(b []byte) []byte { b[8]--; return b },
		"hold together": func(b []byte) []byte { // a true checksum over nonsense
			b = append(b[:24:24], 0xff, 0xff, 0xff, 0x7f, 1, 2, 3)
			binary.LittleEndian.PutUint32(b[12:], crc32.Checksum(b[24:], crc32.MakeTable(crc32.Castagnoli)))
			binary.LittleEndian.PutUint64(b[16:], uint64(len(b)-24))
			return b
		},
	}
	for file, opens := range open {
		for name, spoil := range damage {
			dir := t.TempDir()
			data, err := os.ReadFile(filepath.Join(whole, file))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, file), spoil(data), 0o644); err != nil {
				t.Fatal(err)
			}
			err = opens(dir)
			e, ok := errors.AsType[*geo.FileError](err)
			if !ok || e.Path != filepath.Join(dir, file) || !strings.Contains(e.Advice, "hereabouts import") {
				t.Errorf("%s, %s: %v", file, name, err)
				continue
			}
			if name != "older or not" && name != "not a file" && !strings.Contains(e.Reason, name) {
				t.Errorf("%s, %s: the reason is %q", file, name, e.Reason)
			}
		}
	}
}

// A reload swaps everything at once; a failed one changes nothing.
func TestReload(t *testing.T) {
	dir := t.TempDir()
	g, err := geo.OpenGazetteer(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Resolve("London"); err == nil {
		t.Fatal("London is known before it is imported")
	}
	writeFixture(t, dir)
	if err := g.Reload(); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Resolve("London"); err != nil {
		t.Fatalf("after the reload: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, geo.NamesFile), []byte("spoilt"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := g.Reload(); err == nil {
		t.Fatal("a spoilt file was read")
	}
	if _, err := g.Resolve("London"); err != nil {
		t.Fatalf("a failed reload lost London: %v", err)
	}
}

func TestQuestionsDuringReloads(t *testing.T) {
	dir := t.TempDir()
	writeFixture(t, dir)
	g, err := geo.OpenGazetteer(dir)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				if _, err := g.Resolve("Newport, Isle of Wight"); err != nil {
					t.Error(err)
				}
				g.Suggest("north", 5)
				g.Postcode("SO14 7DU")
			}
		})
	}
	for range 10 {
		if err := g.Reload(); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
}

// Replacing a file leaves nothing beside it.
func TestWritingLeavesNoScraps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	for range 3 {
		writeFixture(t, dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{geo.NamesFile, geo.PostcodesFile}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWritingToAPlaceThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := geo.WriteNames(filepath.Join(file, "dir"), nil); err == nil || !strings.Contains(err.Error(), geo.NamesFile) {
		t.Errorf("want an error that names %s, got %v", geo.NamesFile, err)
	}
}
