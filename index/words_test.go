package index

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
)

// directory is an index over listings with these names, by id, each with the
// text given.
func directory(t *testing.T, listings ...hereabouts.Listing) *Index {
	t.Helper()
	src := newMemory()
	for _, l := range listings {
		if l.Kind == "" {
			l.Kind = hereabouts.Group
		}
		l.Normalise()
		src.put(l)
	}
	return open(t, t.TempDir(), src, testOptions())
}

func TestTypingErrorsAreForgiven(t *testing.T) {
	x := directory(t,
		hereabouts.Listing{ID: "1", Name: "Bereavement support"},
		hereabouts.Listing{ID: "2", Name: "Damp and mould advice"},
		hereabouts.Listing{ID: "3", Name: "Scout camp"},
		hereabouts.Listing{ID: "4", Name: "Gardening for wellbeing"},
		hereabouts.Listing{ID: "5", Name: "Garden visits 1960s"},
	)
	for text, want := range map[string]struct {
		ids       []string
		corrected map[string]string
	}{
		"bereavment":   {[]string{"1"}, map[string]string{"bereavment": "bereavement"}}, // the same stem
		"visiting":     {[]string{"5"}, map[string]string{}},                            // another form of a word is no error
		"breeavment":   {[]string{"1"}, map[string]string{"breeavment": "bereavement"}}, // a swap and a gap
		"berevment":    {[]string{"1"}, map[string]string{"berevment": "bereavement"}},
		"camb":         {[]string{}, map[string]string{}}, // too short to guess
		"damp":         {[]string{"2"}, map[string]string{}},
		"mould":        {[]string{"2"}, map[string]string{}},
		"gardning":     {[]string{"4", "5"}, map[string]string{"gardning": "gardening"}},
		"garde":        {[]string{"4", "5"}, map[string]string{}}, // unfinished
		"garde damp":   {[]string{"2", "4", "5"}, map[string]string{"garde": "garden"}},
		"1961s":        {[]string{}, map[string]string{}}, // numbers are not misspelt
		"xylophonists": {[]string{}, map[string]string{}},
	} {
		res := search(t, x, hereabouts.Query{Text: text})
		ids := idsOf(res)
		slices.Sort(ids)
		if diff := cmp.Diff(want.ids, ids); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
		if diff := cmp.Diff(want.corrected, res.Understood.Corrected); diff != "" {
			t.Errorf("%q corrected: %s", text, diff)
		}
	}
}

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"garden", "garden", 0}, {"garden", "gardn", 1}, {"garden", "gadren", 1}, {"garden", "gardens", 1}, {"garden", "warden", 1},
		{"garden", "gadrens", 2}, {"ab", "ba", 1}, {"café", "cafe", 1}, {"garden", "carton", 3}, {"", "ab", 2},
	} {
		for _, limit := range []int{1, 2} {
			want := min(c.want, limit+1)
			if got := min(distance(c.a, c.b, limit), limit+1); got != want {
				t.Errorf("distance(%q, %q, %d) = %d, want %d", c.a, c.b, limit, got, want)
			}
			if got := min(distance(c.b, c.a, limit), limit+1); got != want {
				t.Errorf("distance(%q, %q, %d) = %d, want %d", c.b, c.a, limit, got, want)
			}
		}
	}
}

func TestWhatComesFirst(t *testing.T) {
	long := strings.Repeat("tea biscuits talk company friends ", 20)
	x := directory(t,
		hereabouts.Listing{ID: "exact", Name: "Singing Group", Description: "We sing."},
		hereabouts.Listing{ID: "both", Name: "Singing for all in a group", Summary: "A singing group", Description: "singing group singing group"},
		hereabouts.Listing{ID: "name", Name: "Singing", Description: long},
		hereabouts.Listing{ID: "text", Name: "Tea", Description: "Some singing. " + long},
		hereabouts.Listing{ID: "full", Name: "Singing", Description: long, Availability: hereabouts.Availability{State: hereabouts.Full}},
		hereabouts.Listing{ID: "rare", Name: "Ocarina", Description: long},
		hereabouts.Listing{ID: "rare2", Name: "Ocarina singing", Description: long},
	)
	for text, want := range map[string][]string{
		"singing group":   {"exact", "both"},
		"the group, sing": {"both", "exact"}, // the same stems in another order are not the same name
		"singing":         {"name", "full"},
		"ocarina singing": {"rare2", "rare"},
	} {
		got := idsOf(search(t, x, hereabouts.Query{Text: text}))
		if len(got) < 2 || !cmp.Equal(got[:len(want)], want) {
			t.Errorf("%q: %v, want first %v", text, got, want)
		}
	}
	got := idsOf(search(t, x, hereabouts.Query{Text: "singing"}))
	if i, j := slices.Index(got, "full"), slices.Index(got, "text"); i < 0 || j < 0 || j < i {
		t.Errorf("a full group that is about singing must come before a group that mentions it: %v", got)
	}
}

func TestNeedsAreReadFromWords(t *testing.T) {
	x := directory(t,
		hereabouts.Listing{ID: "debt", Name: "Money matters", Needs: []string{"money.debt-advice"}},
		hereabouts.Listing{ID: "walk", Name: "Walks", Needs: []string{"activity.walking"}},
	)
	res := search(t, x, hereabouts.Query{Text: "skint"})
	if !cmp.Equal(idsOf(res), []string{"debt"}) || !slices.Contains(res.Understood.Needs, "money") {
		t.Errorf("skint finds %v, understood as %v", idsOf(res), res.Understood.Needs)
	}
	res = search(t, x, hereabouts.Query{Text: "I need debt advice on my own"})
	if !cmp.Equal(idsOf(res), []string{"debt"}) || !slices.Contains(res.Understood.Needs, "money.debt-advice") || !slices.Contains(res.Understood.Needs, "company") {
		t.Errorf("%v, understood as %v", idsOf(res), res.Understood.Needs)
	}
	if misspelt := search(t, x, hereabouts.Query{Text: "debbt advice"}); !slices.Contains(misspelt.Understood.Needs, "money.debt-advice") {
		t.Errorf("corrected to %v, understood as %v", misspelt.Understood.Corrected, misspelt.Understood.Needs)
	}
	if why := res.Results[0].Why; !slices.Contains(why, hereabouts.Reason{Clause: "need", Text: "offers debt advice"}) ||
		!slices.Contains(why, hereabouts.Reason{Clause: "words", Text: "listed under “debt”, “advice”"}) {
		t.Errorf("why: %v", why)
	}
}

func TestWordsThatSayNothing(t *testing.T) {
	x := directory(t, hereabouts.Listing{ID: "1", Name: "The and of"}, hereabouts.Listing{ID: "2", Name: "It is MS us"})
	for _, text := range []string{"and the", "&", "🎵", "…"} {
		res := search(t, x, hereabouts.Query{Text: text})
		if res.Total != 0 || !slices.ContainsFunc(res.Relax, func(r hereabouts.Relax) bool { return r.Adds == 2 }) {
			t.Errorf("%q: %d results, relax %v; want none and the advice to leave the words out", text, res.Total, res.Relax)
		}
	}
	for _, text := range []string{"IT", "ms", "us"} {
		if got := search(t, x, hereabouts.Query{Text: text}).Total; got != 1 {
			t.Errorf("%q finds %d", text, got)
		}
	}
}

func TestSuggest(t *testing.T) {
	x := directory(t,
		hereabouts.Listing{ID: "1", Name: "Tea & Chat, Brixworth"}, hereabouts.Listing{ID: "2", Name: "Chat Café"},
		hereabouts.Listing{ID: "3", Name: "Debt Angels"},
	)
	for prefix, want := range map[string][]string{
		"chat":       {"Chat Café", "Tea & Chat, Brixworth"},
		"TEA and c":  {"Tea & Chat, Brixworth"},
		"chat, brix": {"Tea & Chat, Brixworth"},
		"Café":       {"Chat Café"},
		"debt":       {"Debt advice", "Money and debt", "Debt Angels"},
		"skint":      {"Money and debt"},
		"":           {},
		"zz":         {},
		"\xff":       {},
	} {
		list, err := x.Suggest(t.Context(), prefix, 10)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, s := range list {
			got = append(got, s.Label)
		}
		if diff := cmp.Diff(want, got[:min(len(got), max(len(want), 1))]); diff != "" {
			t.Errorf("%q: %s", prefix, diff)
		}
	}
}

func TestFaultsAreReportedTogether(t *testing.T) {
	x := directory(t, hereabouts.Listing{ID: "1", Name: "One"})
	_, err := x.Search(t.Context(), hereabouts.Query{Text: strings.Repeat("a", 201), Limit: 101, Page: "nonsense", Sort: "best",
		Facets: []string{"colour"}, WithinM: 5})
	ps, ok := errors.AsType[hereabouts.Problems](err)
	var where []string
	for _, p := range ps {
		where = append(where, p.Parameter)
	}
	if diff := cmp.Diff([]string{"facets", "limit", "page", "q", "sort", "within"}, where); !ok || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
	_, err = x.Search(t.Context(), hereabouts.Query{Kinds: []hereabouts.Kind{"club"}, Needs: []string{"love"}, Areas: []string{"E99"},
		Gender: "x", Access: []string{"lift"}, From: "tomorrow", Availability: []hereabouts.AvailabilityState{"maybe"}})
	ps, _ = errors.AsType[hereabouts.Problems](err)
	if len(ps) != 7 {
		t.Errorf("%d faults, want 7: %v", len(ps), err)
	}
	if _, err := x.Search(t.Context(), hereabouts.Query{Sort: hereabouts.ByDistance}); err == nil {
		t.Error("sorting by distance from nowhere is accepted")
	}
}
