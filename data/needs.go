package data

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"hereabouts"
)

//go:embed needs.csv
var needsCSV string

// Taxonomy is the vocabulary of needs that the directory ships with: 12 needs
// and the 93 narrower ones beneath them. It is parsed once and must not be
// changed by the caller.
func Taxonomy() *hereabouts.Taxonomy { return shipped() }

var shipped = sync.OnceValue(func() *hereabouts.Taxonomy {
	needs, err := readNeeds(strings.NewReader(needsCSV))
	if err != nil {
		panic(fmt.Sprintf("data: the embedded needs.csv: %v", err))
	}
	return hereabouts.NewTaxonomy(needs)
})

// readNeeds reads a taxonomy: columns id, parent, label and also_said_as,
// whose phrases are separated by "|". Every fault is reported with its line.
func readNeeds(r io.Reader) ([]hereabouts.Need, error) {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = 4
	if _, err := rows.Read(); err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	var needs []hereabouts.Need
	var faults []error
	seen := map[string]bool{"": true}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return needs, errors.Join(faults...)
		}
		if err != nil {
			return nil, errors.Join(append(faults, err)...)
		}
		line, _ := rows.FieldPos(0)
		n := hereabouts.Need{ID: row[0], Parent: row[1], Label: row[2]}
		if row[3] != "" {
			n.AlsoSaidAs = strings.Split(row[3], "|")
		}
		switch {
		case n.ID == "" || n.Label == "":
			faults = append(faults, fmt.Errorf("line %d: a need has an id and a label", line))
		case seen[n.ID]:
			faults = append(faults, fmt.Errorf("line %d: %q is there twice", line, n.ID))
		case !seen[n.Parent]:
			faults = append(faults, fmt.Errorf("line %d: the parent %q of %q must come before it", line, n.Parent, n.ID))
		case n.Parent != "" && !strings.HasPrefix(n.ID, n.Parent+"."):
			faults = append(faults, fmt.Errorf("line %d: %q must begin with its parent %q and a dot", line, n.ID, n.Parent))
		}
		seen[n.ID] = true
		needs = append(needs, n)
	}
}
