package importers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/paulmach/orb"
	"go.uber.org/goleak"

	"hereabouts"
	"hereabouts/importers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A shelf is a Sink in memory that keeps the importer's rule for what has not
// changed, and refuses what refuse says.
type shelf struct {
	held    map[string]string // listing JSON by id
	edited  map[string]bool
	refuse  func(hereabouts.Batch) error
	commits int
	got     []hereabouts.Listing
}

func (s *shelf) Commit(_ context.Context, b hereabouts.Batch) (hereabouts.Receipt, error) {
	if s.refuse != nil {
		if err := s.refuse(b); err != nil {
			return hereabouts.Receipt{}, err
		}
	}
	if s.held == nil {
		s.held = map[string]string{}
	}
	s.commits++
	r := hereabouts.Receipt{Token: hereabouts.Token(fmt.Sprint(s.commits))}
	for _, w := range b.Writes {
		if !w.Import || w.Action != "import" {
			return r, errors.New("a write that does not ask for the importer's rule")
		}
		l := *w.Listing
		l.Source.ImportedAt = time.Time{}
		js, err := json.Marshal(&l)
		if err != nil {
			return r, err
		}
		was, known := s.held[l.ID]
		out := hereabouts.Changed
		switch {
		case !known:
			out = hereabouts.Added
		case was == string(js):
			out = hereabouts.Unchanged
		case s.edited[l.ID]:
			out = hereabouts.Kept
		}
		if !b.DryRun && out != hereabouts.Kept {
			s.held[l.ID] = string(js)
		}
		s.got = append(s.got, *w.Listing)
		r.Outcomes = append(r.Outcomes, out)
		r.Revs = append(r.Revs, 1)
	}
	return r, nil
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func options() importers.Options {
	return importers.Options{Source: "walks", Licence: "OGL-UK-3.0", URL: "https://walks.example/list", Now: func() time.Time { return noon }}
}

func walk(id, name string) importers.Record {
	l := &hereabouts.Listing{Kind: hereabouts.Group, Name: name}
	l.Source.ID = id
	return importers.Record{At: "walks.csv:" + id, Listing: l}
}

func records(rs ...importers.Record) importers.Records {
	return func(yield func(importers.Record, error) bool) {
		for _, r := range rs {
			// A record is the run's once it is read, so each reading has its own.
			if r.Listing != nil {
				l := *r.Listing
				l.Places = append([]hereabouts.Place(nil), l.Places...)
				r.Listing = &l
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

func counts(r importers.Report) string {
	return fmt.Sprintf("read %d added %d changed %d unchanged %d kept %d repeated %d rejected %d",
		r.Read, r.Added, r.Changed, r.Unchanged, r.Kept, r.Repeated, r.Rejected)
}

func TestRunReportsWhatBecameOfEachRecord(t *testing.T) {
	into := &shelf{}
	var rejects bytes.Buffer
	o := options()
	o.Rejects = &rejects
	bad := importers.Record{At: "walks.csv:9", Err: hereabouts.Problems{{Pointer: "/name", Code: "required", Detail: "no name"}}}
	got, err := importers.Run(t.Context(), records(
		walk("1", "Riverside walk"), walk("2", "Canal walk"), bad,
		walk("1", "Riverside walk"), walk("2", "Another walk"), walk("3", "")), into, o)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := counts(got), "read 6 added 2 changed 0 unchanged 0 kept 0 repeated 1 rejected 3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	want := []importers.Fault{
		{At: "walks.csv:9", Reasons: hereabouts.Problems{{Pointer: "/name", Code: "required", Detail: "no name"}}},
		{At: "walks.csv:2", SourceID: "2", Name: "Another walk", Reasons: hereabouts.Problems{{Pointer: "/source/id", Code: "duplicate",
			Detail: `"2" is the id of another record, read at walks.csv:2; give each record its own id`}}},
	}
	if diff := cmp.Diff(want, got.Faults[:2]); diff != "" {
		t.Error(diff)
	}
	if f := got.Faults[2]; f.At != "walks.csv:3" || f.Reasons[0].Pointer != "/name" || f.Reasons[0].Code != "required" {
		t.Errorf("a listing without a name: %+v", f)
	}
	var lines []importers.Fault
	for dec := json.NewDecoder(&rejects); dec.More(); {
		var f importers.Fault
		if err := dec.Decode(&f); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, f)
	}
	if diff := cmp.Diff(got.Faults, lines); diff != "" {
		t.Errorf("the rejects file differs from the report: %s", diff)
	}
}

func TestImportingTwiceChangesNothing(t *testing.T) {
	into := &shelf{edited: map[string]bool{importers.ListingID("walks", "2"): true}}
	run := func(at time.Time, rs ...importers.Record) string {
		o := options()
		o.Now = func() time.Time { return at }
		rep, err := importers.Run(t.Context(), records(rs...), into, o)
		if err != nil {
			t.Fatal(err)
		}
		return counts(rep)
	}
	one, two, three := walk("1", "Riverside walk"), walk("2", "Canal walk"), walk("3", "Hill walk")
	for _, step := range []struct {
		at   time.Time
		read []importers.Record
		want string
	}{
		{noon, []importers.Record{one, two}, "read 2 added 2 changed 0 unchanged 0 kept 0 repeated 0 rejected 0"},
		{noon.Add(time.Hour), []importers.Record{one, two}, "read 2 added 0 changed 0 unchanged 2 kept 0 repeated 0 rejected 0"},
		{noon.Add(2 * time.Hour), []importers.Record{walk("1", "Riverside stroll"), walk("2", "Canal stroll"), three},
			"read 3 added 1 changed 1 unchanged 0 kept 1 repeated 0 rejected 0"},
	} {
		if got := run(step.at, step.read...); got != step.want {
			t.Errorf("got %s, want %s", got, step.want)
		}
	}
}

func TestRunFillsInWhatEveryImportFillsIn(t *testing.T) {
	into := &shelf{}
	o := options()
	o.Locate = func(pc string) (orb.Point, string, bool) {
		switch pc {
		case "NN1 1DE":
			return orb.Point{-0.89, 52.24}, "postcode", true
		case "NN6 9ZZ":
			return orb.Point{-0.90, 52.33}, "district", true
		}
		return orb.Point{}, "", false
	}
	r := walk("", "Riverside walk")
	lat, lon := 52.0, -1.0
	r.Listing.Places = []hereabouts.Place{{Postcode: "NN1 1DE"}, {Postcode: "NN6 9ZZ"}, {Postcode: "AB1 1AA"}, {Name: "the bridge"},
		{Postcode: "NN1 1DE", Lat: &lat, Lon: &lon}}
	rep, err := importers.Run(t.Context(), records(r), into, o)
	if err != nil {
		t.Fatal(err)
	}
	wantNotes := map[string]int{"id_derived": 1, "located_by_postcode": 1, "located_by_district": 1, "postcode_unknown": 1, "no_postcode": 1}
	if diff := cmp.Diff(wantNotes, rep.Notes); diff != "" {
		t.Errorf("notes: %s", diff)
	}
	if len(into.got) != 1 {
		t.Fatalf("%d listings stored, want 1: %v", len(into.got), rep.Faults)
	}
	l := into.got[0]
	if want := (hereabouts.Source{Name: "walks", ID: l.Source.ID, URL: "https://walks.example/list", Licence: "OGL-UK-3.0", ImportedAt: noon}); l.Source != want || l.Source.ID == "" {
		t.Errorf("source is %+v, want %+v", l.Source, want)
	}
	if l.ID != importers.ListingID("walks", l.Source.ID) || l.Status != hereabouts.Published {
		t.Errorf("id %q, status %q", l.ID, l.Status)
	}
	var got []string
	for _, p := range l.Places {
		pt, ok := p.Point()
		got = append(got, fmt.Sprint(p.ID, " ", p.Precision, " ", ok, " ", pt))
	}
	want := []string{"p1 postcode true [-0.89 52.24]", "p2 district true [-0.9 52.33]", "p3  false [0 0]", "p4  false [0 0]", "p5  true [-1 52]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestASinksRefusalLosesOnlyTheRefused(t *testing.T) {
	bad := func(l *hereabouts.Listing) bool { return strings.HasPrefix(l.Name, "Bad") }
	for name, refuse := range map[string]func(hereabouts.Batch) error{
		"says which": func(b hereabouts.Batch) error {
			var p hereabouts.Problems
			for i, w := range b.Writes {
				if bad(w.Listing) {
					p.Add(fmt.Sprintf("/writes/%d/listing/name", i), "bad", "no")
				}
			}
			return p.Err()
		},
		"does not say": func(b hereabouts.Batch) error {
			for _, w := range b.Writes {
				if bad(w.Listing) {
					return fmt.Errorf("store: %w", hereabouts.Problems{{Code: "bad", Detail: "no"}})
				}
			}
			return nil
		},
		"conflicts": func(b hereabouts.Batch) error {
			for _, w := range b.Writes {
				if bad(w.Listing) {
					return fmt.Errorf("store: %w", &hereabouts.ConflictError{ID: w.Listing.ID, Have: 3, Want: 2})
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			into := &shelf{refuse: refuse}
			var rs []importers.Record
			for i := range 700 {
				name := "Walk"
				if i%233 == 5 {
					name = "Bad walk"
				}
				rs = append(rs, walk(fmt.Sprint(i), name))
			}
			rep, err := importers.Run(t.Context(), records(rs...), into, options())
			if err != nil {
				t.Fatal(err)
			}
			if got, want := counts(rep), "read 700 added 697 changed 0 unchanged 0 kept 0 repeated 0 rejected 3"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if len(into.held) != 697 {
				t.Errorf("%d listings are held, want 697", len(into.held))
			}
			for i, f := range rep.Faults {
				if want := fmt.Sprintf("walks.csv:%d", 5+233*i); f.At != want {
					t.Errorf("fault %d is at %s, want %s", i, f.At, want)
				}
				if strings.HasPrefix(f.Reasons[0].Pointer, "/writes") {
					t.Errorf("%s speaks of the batch, not of the record", f.Reasons[0].Pointer)
				}
			}
		})
	}
}

func TestASinkThatCanTakeNoMoreStopsTheRun(t *testing.T) {
	into := &shelf{}
	into.refuse = func(hereabouts.Batch) error {
		if into.commits == 2 {
			return fmt.Errorf("store: disk full: %w", hereabouts.ErrUnavailable)
		}
		return nil
	}
	var rs []importers.Record
	for i := range 1000 {
		rs = append(rs, walk(fmt.Sprint(i), "Walk"))
	}
	o := options()
	o.BatchSize = 100
	rep, err := importers.Run(t.Context(), records(rs...), into, o)
	if !errors.Is(err, hereabouts.ErrUnavailable) {
		t.Fatalf("got %v, want unavailable", err)
	}
	if rep.Added != 200 || rep.Token != "2" {
		t.Errorf("added %d up to token %q, want 200 up to 2", rep.Added, rep.Token)
	}
}

func TestARunCanBeStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	into := &shelf{}
	o := options()
	o.BatchSize = 10
	o.Progress = func(p importers.Progress) {
		if p.Stored >= 30 {
			cancel()
		}
	}
	endless := func(yield func(importers.Record, error) bool) {
		for i := 0; ; i++ {
			if !yield(walk(fmt.Sprint(i), "Walk"), nil) {
				return
			}
		}
	}
	rep, err := importers.Run(ctx, endless, into, o)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want cancelled", err)
	}
	if rep.Added != 30 || len(into.held) != 30 {
		t.Errorf("%d reported, %d held, want 30", rep.Added, len(into.held))
	}
}

func TestASourceThatBreaksOffKeepsWhatWasRead(t *testing.T) {
	broken := errors.New("connection reset")
	rep, err := importers.Run(t.Context(), func(yield func(importers.Record, error) bool) {
		if yield(walk("1", "Walk"), nil) {
			yield(importers.Record{}, broken)
		}
	}, &shelf{}, options())
	if !errors.Is(err, broken) || rep.Added != 1 {
		t.Errorf("added %d, error %v", rep.Added, err)
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	into := &shelf{}
	o := options()
	o.DryRun = true
	rep, err := importers.Run(t.Context(), records(walk("1", "Walk")), into, o)
	if err != nil || rep.Added != 1 || len(into.held) != 0 || !rep.DryRun {
		t.Errorf("added %d, held %d, error %v", rep.Added, len(into.held), err)
	}
}

func TestRunNeedsASourceName(t *testing.T) {
	if _, err := importers.Run(t.Context(), records(), &shelf{}, importers.Options{}); err == nil {
		t.Error("a run without a source name was accepted")
	}
}

func TestListingIDIsForEver(t *testing.T) {
	// These ids are in directories; a change here orphans them.
	if got, want := importers.ListingID("walks", "1"), "d2eb08c9-81a7-533e-9218-bfe7aff2bc65"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if importers.ListingID("a", "bc") == importers.ListingID("ab", "c") {
		t.Error("two sources share an id")
	}
}

func TestReportReadsWell(t *testing.T) {
	rep, err := importers.Run(t.Context(), records(walk("1", "Walk"), walk("1", "Stroll")), &shelf{}, options())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := rep.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	want := "read 2, added 1, changed 0, unchanged 0, rejected 1\n" +
		"walks.csv:1: /source/id: \"1\" is the id of another record, read at walks.csv:1; give each record its own id\n"
	if diff := cmp.Diff(want, b.String(), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkRun(b *testing.B) {
	for b.Loop() {
		into := &shelf{}
		_, err := importers.Run(b.Context(), func(yield func(importers.Record, error) bool) {
			for i := range 10_000 {
				if !yield(walk(fmt.Sprint(i), "Riverside walk"), nil) {
					return
				}
			}
		}, into, options())
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*10_000/b.Elapsed().Seconds(), "records/s")
}
