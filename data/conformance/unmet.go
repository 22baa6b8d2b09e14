package conformance

import (
	"slices"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
)

// search notes n searches from Daventry that found nothing within reach.
func (f *fixture) search(n int, needs ...string) {
	for range n {
		f.s.NoteReach("NN11", needs, hereabouts.ReachCounts{No: 3, ThereOnly: 1})
	}
}

func (f *fixture) unmet() []hereabouts.UnmetReach {
	f.Helper()
	rows, err := f.s.UnmetReach(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	for i := range rows {
		if rows[i].Month == "" {
			f.Errorf("%+v has no month", rows[i])
		}
		rows[i].Month = ""
	}
	return rows
}

// Fewer than ten searches are nowhere, ten are counted, and what was counted
// is added to after opening again. A store that the turn of a month finds at
// work here would count less; the tests with a clock of their own see to that.
func unmetReach(f *fixture) {
	before := f.head()
	f.search(9, "connection.befriending")
	if rows := f.unmet(); rows == nil || len(rows) > 0 {
		f.Errorf("nine searches are told of: %+v", rows)
	}
	f.s = f.subject.Reopen(f.T, f.s)
	f.search(9, "connection.befriending")
	if rows := f.unmet(); len(rows) > 0 {
		f.Errorf("nine searches and nine of before are told of: %+v", rows)
	}
	f.search(1, "connection.befriending")
	f.search(9)
	want := []hereabouts.UnmetReach{
		{District: "NN11", Searches: 10, Unreached: 10, No: 30, ThereOnly: 10},
		{District: "NN11", Need: "connection", Searches: 10, Unreached: 10, No: 30, ThereOnly: 10},
		{District: "NN11", Need: "connection.befriending", Searches: 10, Unreached: 10, No: 30, ThereOnly: 10},
	}
	if diff := cmp.Diff(want, f.unmet()); diff != "" {
		f.Errorf("after ten for befriending and nine for nothing (-want +got):\n%s", diff)
	}
	f.s = f.subject.Reopen(f.T, f.s)
	if diff := cmp.Diff(want, f.unmet()); diff != "" {
		f.Errorf("after opening again (-want +got):\n%s", diff)
	}
	f.search(20)
	want[0] = hereabouts.UnmetReach{District: "NN11", Searches: 30, Unreached: 30, No: 90, ThereOnly: 30}
	if got := f.unmet(); !slices.Equal(got, want) {
		f.Errorf("after twenty more: %+v", got)
	}
	if head := f.head(); head != before {
		f.Errorf("counting moved the feed from %q to %q", before, head)
	}
	f.feedIs("")
}
