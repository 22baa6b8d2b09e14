package oruk

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"regexp"
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
// have the term mapped, and circumstances when the term says who it is for.
// That a service caters for something (Outpost's send_needs) is a tag alone:
// it neither meets that need nor keeps others out.
func (m *mapper) terms(s object) {
	for _, a := range m.objects(s, "attributes", "service_taxonomys", "service_taxonomies", "service_taxonomy", "link_taxonomies") {
		if t := m.termOf(a); t != nil {
			m.term(t, forPeople(t))
		}
	}
	for _, t := range m.objects(s, "taxonomies", "taxonomys", "taxonomy_terms", "needs") {
		m.term(t, forPeople(t))
	}
	for _, t := range m.objects(s, "circumstances", "suitabilities") {
		m.term(t, true)
	}
	for _, t := range m.objects(s, "send_needs") {
		m.tag(m.line(t, "name"))
	}
	for _, e := range m.objects(s, "eligibilitys", "eligibilities") {
		for _, a := range m.objects(e, "taxonomys", "taxonomies", "taxonomy") {
			t := m.termOf(a)
			if t == nil {
				t = a
			}
			m.term(t, true)
		}
	}
	slices.Sort(m.l.Needs)
	m.l.Needs = withoutParents(m.l.Needs)
}

// termOf is the term that an attribute holds.
func (m *mapper) termOf(a object) object {
	if t := m.object(a, "taxonomy_term"); t != nil {
		return t
	}
	// In 1.0 it is called taxonomy, which in 3.x is the name of one.
	if _, is := a["taxonomy"].(map[string]any); is {
		return m.object(a, "taxonomy")
	}
	return nil
}

// forPeople reports whether a term is from a vocabulary of who services are
// for, not of what they are.
func forPeople(t object) bool {
	for _, k := range []string{"taxonomy", "vocabulary", "taxonomy_id"} {
		if v, _ := t[k].(string); peopleVocabulary.MatchString(v) {
			return true
		}
	}
	return false
}

var peopleVocabulary = regexp.MustCompile(`(?i)circumstance|eligib|situation|audience|suitab|user ?group`)

func (m *mapper) term(t object, people bool) {
	name := m.line(t, "name", "term")
	m.tag(name)
	if people {
		m.forWhom(name)
		return
	}
	for _, need := range needsOf()[termKey(name)] {
		m.l.Needs = appendNew(m.l.Needs, need)
	}
}

// longestTag is as long as a tag can be and still be one.
const longestTag = 60

func (m *mapper) tag(name string) {
	if name != "" && len([]rune(name)) <= longestTag {
		m.l.Tags = appendNew(m.l.Tags, name)
	}
}

// withoutParents drops a need that a narrower one says already.
func withoutParents(needs []string) []string {
	return slices.DeleteFunc(needs, func(n string) bool {
		return slices.ContainsFunc(needs, func(x string) bool { return strings.HasPrefix(x, n+".") })
	})
}
