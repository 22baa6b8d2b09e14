package sheet_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"hereabouts"
	"hereabouts/data"
	"hereabouts/importers"
	"hereabouts/importers/sheet"
)

const small = `source: {name: test}
id: "{id}"
listing: {kind: group, name: "{name}", place: {postcode: "{postcode}"}}
`

func mapping(t testing.TB, y string) *sheet.Mapping {
	t.Helper()
	m, err := sheet.ParseMapping("mapping.yaml", []byte(y))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func names(t *testing.T, recs importers.Records) (out []string) {
	t.Helper()
	for r, err := range recs {
		if err != nil {
			t.Fatal(err)
		}
		if r.Err != nil {
			t.Fatalf("%s: %v", r.At, r.Err)
		}
		out = append(out, r.At+" "+r.Listing.Name)
	}
	return out
}

func TestEncodings(t *testing.T) {
	const text = "id,name,postcode\n1,Café – Men’s Shed,DE1 1AA\n"
	var utf16le bytes.Buffer
	utf16le.Write([]byte{0xFF, 0xFE})
	if err := binary.Write(&utf16le, binary.LittleEndian, utf16.Encode([]rune(text))); err != nil {
		t.Fatal(err)
	}
	windows := strings.NewReplacer("é", "\xe9", "–", "\x96", "’", "\x92").Replace(text)
	for name, b := range map[string]string{
		"UTF-8": text, "UTF-8 with a mark": "\ufeff" + text, "UTF-16": utf16le.String(), "Windows-1252": windows,
		"Windows lines": strings.ReplaceAll(text, "\n", "\r\n"), "old Mac lines": strings.ReplaceAll(text, "\n", "\r"),
	} {
		got := names(t, sheet.ReadFrom(context.Background(), "clubs.csv", strings.NewReader(b), mapping(t, small)))
		if len(got) != 1 || got[0] != "clubs.csv:2 Café – Men’s Shed" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestGzipAndZip(t *testing.T) {
	dir := t.TempDir()
	const text = "id,name,postcode\n1,Shed,DE1 1AA\n"
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, _ = w.Write([]byte(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	z := zip.NewWriter(&zipped)
	for _, n := range []string{"readme.md", "b/two.csv", "one.csv"} {
		f, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = f.Write([]byte(text))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"plain.csv", []byte(text), "plain.csv:2 Shed"},
		{"packed.csv.gz", gz.Bytes(), "packed.csv:2 Shed"},
		{"both.zip", zipped.Bytes(), "two.csv:2 Shed|one.csv:2 Shed"},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, c.b, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(names(t, sheet.Read(context.Background(), path, mapping(t, small))), "|"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestStoppingEarlyAndCancelling(t *testing.T) {
	rows := "id,name,postcode\n" + strings.Repeat("1,Shed,DE1 1AA\n", 1000)
	n := 0
	for range sheet.ReadFrom(context.Background(), "x.csv", strings.NewReader(rows), mapping(t, small)) {
		if n++; n == 3 {
			break
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, err := range sheet.ReadFrom(ctx, "x.csv", strings.NewReader(rows), mapping(t, small)) {
		if err == nil {
			t.Fatal("a record after the run was stopped")
		}
	}
}

// Every shipped mapping is sound, says where its data is from, and speaks of
// needs that exist.
func TestShippedMappings(t *testing.T) {
	if len(sheet.Mappings()) < 20 {
		t.Fatalf("only %d mappings", len(sheet.Mappings()))
	}
	for _, name := range sheet.Mappings() {
		m, err := sheet.LoadMapping(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if m.Source.Name != name || m.Source.Licence == "" || m.About == "" || len(m.ID) == 0 {
			t.Errorf("%s: source %+v, id %d, about %q", name, m.Source, len(m.ID), m.About)
		}
		for _, need := range m.Needs() {
			if _, ok := data.Taxonomy().Need(need); !ok {
				t.Errorf("%s: there is no need %q", name, need)
			}
		}
	}
}

func FuzzParseMapping(f *testing.F) {
	for _, name := range sheet.Mappings() {
		b, err := os.ReadFile(filepath.Join("mappings", name+".yaml"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("listing: {name: '{a}', needs: {from: '{b}', words: {'|': x}}}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := sheet.ParseMapping("fuzz", b)
		if err != nil {
			return
		}
		row := strings.Join(m.Columns(), ",") + "\n" + strings.Repeat("x,", len(m.Columns())) + "\n"
		for range sheet.ReadFrom(context.Background(), "x.csv", strings.NewReader(row), m) {
		}
	})
}

func FuzzReadFrom(f *testing.F) {
	for _, s := range []string{"id,name,postcode\n1,\"a\nb\",DE1 1AA\n", "id;name;postcode\n\"\"\"", "sep=\t\nid\tname\tpostcode\n1\t2\t3\t\t", "\xff\xfei\x00d\x00", "id,name,postcode\n1,a,\xe9\n\"", ""} {
		f.Add(s)
	}
	m := mapping(f, small+`read: [{text: "{name}", for: [times, referral, availability, cost, ages], label: x}]`)
	f.Fuzz(func(t *testing.T, s string) {
		lines := strings.Count(s, "\n") + 2
		n := 0
		for r, err := range sheet.ReadFrom(context.Background(), "x.csv", strings.NewReader(s), m) {
			if err != nil {
				break
			}
			if n++; n > lines {
				t.Fatalf("%d records of %d lines", n, lines)
			}
			if (r.Listing == nil) == (r.Err == nil) {
				t.Fatalf("%s is neither a listing nor a fault, or both", r.At)
			}
			if r.Listing != nil {
				r.Listing.ID, r.Listing.Rev = "x", hereabouts.Rev(1)
				r.Listing.Normalise()
			}
		}
	})
}

func TestFilesThatAreNoSheetCannotDriveATerminal(t *testing.T) {
	for _, err := range sheet.ReadFrom(context.Background(), "x.csv", strings.NewReader("\x1b[2Ja,"+strings.Repeat("b,", 500)+"\n1,2\n"), mapping(t, small)) {
		if err == nil {
			t.Fatal("read without the columns of its mapping")
		}
		if s := err.Error(); strings.Contains(s, "\x1b") || !strings.Contains(s, " more") {
			t.Errorf("the error is %.200q", s)
		}
	}
}
