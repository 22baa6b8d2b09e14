package hereabouts

import "strings"

// A Need is one thing that a person may need, in the directory's taxonomy.
type Need struct {
	ID         string   `json:"id"` // "money.debt"
	Parent     string   `json:"parent,omitempty"`
	Label      string   `json:"label"`
	AlsoSaidAs []string `json:"also_said_as"`
}

// A Taxonomy is the vocabulary of needs, parents before their children.
type Taxonomy struct {
	Needs []Need
	byID  map[string]int
}

// NewTaxonomy indexes needs.
func NewTaxonomy(needs []Need) *Taxonomy {
	t := &Taxonomy{Needs: needs, byID: make(map[string]int, len(needs))}
	for i, n := range needs {
		t.byID[n.ID] = i
	}
	return t
}

// Need is the need with that slug.
func (t *Taxonomy) Need(id string) (Need, bool) {
	i, ok := t.byID[id]
	if !ok {
		return Need{}, false
	}
	return t.Needs[i], true
}

// Narrower is id and every need beneath it; empty when id is not a need.
func (t *Taxonomy) Narrower(id string) []string {
	if _, ok := t.byID[id]; !ok {
		return nil
	}
	ids := []string{id}
	for _, n := range t.Needs {
		if strings.HasPrefix(n.ID, id+".") {
			ids = append(ids, n.ID)
		}
	}
	return ids
}
