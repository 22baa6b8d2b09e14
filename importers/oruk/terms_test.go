package oruk

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
)

func TestTermsBecomeNeeds(t *testing.T) {
	for _, c := range []struct {
		in     object
		needs  []string
		people []string
	}{
		{object{"attributes": []any{map[string]any{"taxonomy_term": map[string]any{"name": "Lunch Clubs"}}}}, []string{"connection.lunch-coffee"}, nil},
		{object{"service_taxonomys": []any{map[string]any{"taxonomy": map[string]any{"name": "Debt advice", "vocabulary": "esdServiceType"}}}}, []string{"money.debt"}, nil},
		{object{"taxonomies": []any{map[string]any{"name": "Mental and emotional health"}, map[string]any{"name": "Things to do"}}}, []string{"wellbeing"}, nil},
		{object{"taxonomies": []any{map[string]any{"name": "Mental health"}, map[string]any{"name": "Counselling"}}}, []string{"wellbeing.talking"}, nil}, // the narrower says it all
		{object{"attributes": []any{map[string]any{"taxonomy_term": map[string]any{"name": "Carers", "taxonomy": "esdCircumstances"}}}}, nil, []string{"carer"}},
		{object{"send_needs": []any{map[string]any{"name": "Autism"}}}, nil, nil}, // it caters for them; it is not only for them
		{object{"taxonomies": []any{"Walking groups", nil, 5}}, []string{"activity.walking"}, nil},
		{object{"attributes": []any{map[string]any{"taxonomy_term": map[string]any{"name": "Underwater basket weaving"}}}}, nil, nil},
	} {
		m := &mapper{l: &hereabouts.Listing{}}
		m.terms(c.in)
		if diff := cmp.Diff(c.needs, m.l.Needs); diff != "" {
			t.Errorf("%v: needs %s", c.in, diff)
		}
		if diff := cmp.Diff(c.people, m.l.Eligibility.Circumstances); diff != "" {
			t.Errorf("%v: circumstances %s", c.in, diff)
		}
	}
}

// Every need that a term leads to is one of the directory's.
func TestTermsLeadToNeedsThatExist(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "..", "data", "needs.csv"))
	if err != nil {
		t.Skip("the taxonomy is not here")
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, row := range rows {
		known[row[0]] = true
	}
	if len(needsOf()) < 200 {
		t.Errorf("only %d terms are mapped", len(needsOf()))
	}
	used := map[string]bool{}
	for term, needs := range needsOf() {
		for _, n := range needs {
			used[n] = true
			if !known[n] {
				t.Errorf("%q leads to %q, which is no need", term, n)
			}
		}
	}
	for n := range known {
		if n != "id" && !used[n] {
			t.Logf("no term leads to %s", n)
		}
	}
}
