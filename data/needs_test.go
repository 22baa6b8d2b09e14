package data

import (
	"strings"
	"testing"

	"hereabouts"
)

func TestTaxonomy(t *testing.T) {
	tax := Taxonomy()
	top, narrower := 0, 0
	for _, n := range tax.Needs {
		if n.Parent == "" {
			top++
			if got := tax.Narrower(n.ID); len(got) < 2 || got[0] != n.ID {
				t.Errorf("beneath %s: %q", n.ID, got)
			}
			continue
		}
		narrower++
		if _, ok := tax.Need(n.Parent); !ok || !strings.HasPrefix(n.ID, n.Parent+".") {
			t.Errorf("%s has the parent %q", n.ID, n.Parent)
		}
	}
	if top != 12 || narrower != 93 {
		t.Errorf("%d needs and %d narrower ones, want 12 and 93", top, narrower)
	}
	n, ok := tax.Need("connection.befriending")
	if !ok || n.Label != "Befriending and regular visits" || len(n.AlsoSaidAs) != 3 || n.AlsoSaidAs[1] != "someone to talk to" {
		t.Errorf("got %+v", n)
	}
	if Taxonomy() != tax {
		t.Error("it is read more than once")
	}
}

func TestReadNeedsNamesEveryFaultWithItsLine(t *testing.T) {
	_, err := readNeeds(strings.NewReader("id,parent,label,also_said_as\n" +
		"a,,A,\n" + "a,,Again,\n" + "b.c,b,Orphan,\n" + "x,a,Misnamed,\n" + ",,,\n"))
	if err == nil {
		t.Fatal("no fault found")
	}
	want := []string{`line 3: "a" is there twice`, `line 4: the parent "b"`, `line 5: "x" must begin`, "line 6: a need has an id"}
	got := strings.Split(err.Error(), "\n")
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("got %q, want it to begin %q", got[i], want[i])
		}
	}
}

func FuzzReadNeeds(f *testing.F) {
	f.Add(needsCSV)
	f.Add("id,parent,label,also_said_as\na,,A,\"x|y\"\na.b,a,B,\n")
	f.Add("\"")
	f.Fuzz(func(t *testing.T, s string) {
		needs, err := readNeeds(strings.NewReader(s))
		if err != nil {
			return
		}
		tax := hereabouts.NewTaxonomy(needs)
		for _, n := range needs {
			if got, ok := tax.Need(n.ID); !ok || got.Label != n.Label {
				t.Errorf("%q is not found again", n.ID)
			}
		}
	})
}
