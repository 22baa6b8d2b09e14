package oruk

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"

	"hereabouts"
)

// termsCSV maps the names that taxonomies give to services (LGA needs and
// service types, Open Eligibility, council directories) to our needs. A term
// with an empty need is known and says nothing about need.
//
//go:embed terms.csv
var termsCSV string

// needsOf are needs by folded term.
var needsOf = sync.OnceValue(func() map[string][]string {
	m, err := readTerms(termsCSV)
	if err != nil {
		panic(fmt.Sprintf("oruk: the embedded terms.csv: %v", err))
	}
	return m
})

func readTerms(text string) (map[string][]string, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	m := map[string][]string{}
	for i, row := range rows {
		if i == 0 || len(row) != 2 {
			continue
		}
		for _, need := range strings.Fields(row[1]) {
			m[termKey(row[0])] = appendNew(m[termKey(row[0])], need)
		}
	}
	return m, nil
}

// termKey is a term without regard to case, marks, plural or "and".
func termKey(s string) string {
	words := strings.Fields(hereabouts.Fold(strings.ReplaceAll(s, "&", " and ")))
	for i, w := range words {
		if len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") {
			words[i] = strings.TrimSuffix(w, "s")
		}
	}
	return strings.Join(words, " ")
}

// terms reads what taxonomies say of the service: tags always, needs when we
// have the term mapped, circumstances when it is about people.
func (m *mapper) terms(s object) {
	add := func(name string) {
		name = strings.Join(strings.Fields(name), " ")
		if name == "" || len([]rune(name)) > 60 {
			return
		}
		m.l.Tags = appendNew(m.l.Tags, name)
		for _, need := range needsOf()[termKey(name)] {
			m.l.Needs = appendNew(m.l.Needs, need)
		}
		m.forWhom(name)
	}
	term := func(t object) {
		// A term of a vocabulary may itself hold its parents' names; the term
		// is what was said.
		add(m.line(t, "name", "term"))
	}
	for _, a := range m.objects(s, "attributes", "service_taxonomys", "service_taxonomies", "service_taxonomy", "link_taxonomies") {
		t := m.object(a, "taxonomy_term")
		if t == nil {
			if _, is := a["taxonomy"].(map[string]any); is {
				t = m.object(a, "taxonomy")
			}
		}
		if t != nil {
			term(t)
		}
	}
	for _, t := range m.objects(s, "taxonomies", "taxonomys", "taxonomy_terms", "needs", "circumstances") {
		term(t)
	}
	for _, t := range m.objects(s, "send_needs", "suitabilities") {
		term(t)
	}
	for _, e := range m.objects(s, "eligibilitys", "eligibilities") {
		for _, t := range m.objects(e, "taxonomys", "taxonomies", "taxonomy") {
			if x := m.object(t, "taxonomy_term", "taxonomy"); x != nil {
				t = x
			}
			term(t)
		}
	}
	slices.Sort(m.l.Needs)
	m.l.Needs = withoutParents(m.l.Needs)
}

// withoutParents drops a need that a narrower one says already.
func withoutParents(needs []string) []string {
	return slices.DeleteFunc(needs, func(n string) bool {
		return slices.ContainsFunc(needs, func(x string) bool { return strings.HasPrefix(x, n+".") })
	})
}
