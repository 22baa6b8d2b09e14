package transit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var someNames = []NamedStop{
	{ID: "1980SN120003", Name: "Central Station", Locality: "Southampton", Kind: "BCT"},
	{ID: "1900HA030211", Name: "The Green", Locality: "Romsey", Kind: "BCT", Vague: true},
	{ID: "9100SOTON", Name: "Southampton Central Rail Station", Kind: "RLY"},
}

func TestStopNames(t *testing.T) {
	dir := t.TempDir()
	if n, err := ReadNames(dir); n.Len() != 0 || err != nil {
		t.Errorf("without a file: %d names, %v", n.Len(), err)
	}
	if err := SaveNames(dir, NewStopNames(someNames)); err != nil {
		t.Fatal(err)
	}
	n, err := ReadNames(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range someNames {
		if got, ok := n.Find(want.ID); !ok || got != want {
			t.Errorf("%s is %+v, %t", want.ID, got, ok)
		}
	}
	for _, id := range []string{"", "1980SN12000", "1980SN1200031", "~"} {
		if got, ok := n.Find(id); ok {
			t.Errorf("%q is %+v", id, got)
		}
	}
	var none *StopNames
	if _, ok := none.Find("1980SN120003"); ok || none.Len() != 0 {
		t.Error("there is something in no names")
	}
}

func TestALaterImportOfNamesCounts(t *testing.T) {
	newer := NamedStop{ID: "1980SN120003", Name: "Central Station, stop C", Locality: "Southampton", Kind: "BCS"}
	added := NamedStop{ID: "490000001", Name: "Oxford Circus"}
	var none *StopNames
	merged := none.Merged(NewStopNames(someNames)).Merged(NewStopNames([]NamedStop{newer, added}))
	want := []NamedStop{someNames[1], newer, added, someNames[2]}
	if diff := cmp.Diff(want, slices.Collect(merged.All())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnyNamesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.SampledFrom([]string{"", "a", "b", "BCT"}), rapid.String())
		list := rapid.SliceOf(rapid.Custom(func(t *rapid.T) NamedStop {
			return NamedStop{text.Draw(t, "id"), text.Draw(t, "name"), text.Draw(t, "locality"), text.Draw(t, "kind"), rapid.Bool().Draw(t, "vague")}
		})).Draw(t, "list")
		n := NewStopNames(list)
		want := map[string]NamedStop{}
		for _, s := range list {
			want[s.ID] = s
		}
		if n.Len() != len(want) {
			t.Fatalf("%d of %d", n.Len(), len(want))
		}
		for id, s := range want {
			if got, ok := n.Find(id); !ok || got != s {
				t.Fatalf("%q is %+v, not %+v", id, got, s)
			}
		}
	})
}

// Damaged names cost the names, not the timetables.
func TestDamagedNames(t *testing.T) {
	dir := t.TempDir()
	if err := Save(dir, townFeed()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, NamesFile), []byte("HGEOSTOP"), 0o644); err != nil {
		t.Fatal(err)
	}
	all, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Feeds()) != 1 {
		t.Errorf("feeds: %v", all.Feeds())
	}
	if f := all.Faults(); len(f) != 1 || !strings.Contains(f[0].Error(), "hereabouts import naptan") {
		t.Errorf("faults: %v", f)
	}
}

func FuzzDecodeNames(f *testing.F) {
	f.Add(encodeNames(nil))
	f.Add(NewStopNames(someNames).payload)
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, payload []byte) {
		n, ok := decodeNames(payload)
		if !ok {
			return
		}
		list := slices.Collect(n.All())
		for _, s := range list {
			if got, ok := n.Find(s.ID); !ok || got != s {
				t.Fatalf("%q is %+v, not %+v", s.ID, got, s)
			}
		}
		again := NewStopNames(list)
		if diff := cmp.Diff(list, slices.Collect(again.All())); diff != "" {
			t.Fatalf("written again they differ:\n%s", diff)
		}
	})
}
