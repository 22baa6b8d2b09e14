package geojson

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"hereabouts"
	"hereabouts/importers/sheet"
)

// Detect finds the shipped mapping that fits the file at path: the one of its
// name, or the one that names most of its properties and none that it lacks.
func Detect(path string) (*sheet.Mapping, error) {
	r, name, close, err := open(context.Background(), path)
	if err != nil {
		return nil, fmt.Errorf("geojson: %s: %w", filepath.Base(path), err)
	}
	defer func() { _ = close() }() // it was only read
	have := map[string]bool{}
	n := 0
	for f, err := range features(r) {
		if err != nil {
			return nil, fmt.Errorf("geojson: %s: %w", name, err)
		}
		for k := range f.Props {
			have[k] = true
		}
		if n++; n == sample {
			break
		}
	}
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	var best *sheet.Mapping
	most := 0
	for _, candidate := range sheet.Mappings() {
		m, err := sheet.LoadMapping(candidate)
		if err != nil {
			return nil, err
		}
		if m.Format == "csv" {
			continue
		}
		columns := m.Columns()
		fits := true
		for _, c := range columns {
			fits = fits && have[c]
		}
		if fits && candidate == stem {
			return m, nil
		}
		if fits && len(columns) > most {
			best, most = m, len(columns)
		}
	}
	if best == nil {
		return nil, fmt.Errorf("geojson: no shipped mapping fits the properties of %s; name one with --map, or write one (docs/mappings.md): %w", name, hereabouts.ErrNotFound)
	}
	return best, nil
}
