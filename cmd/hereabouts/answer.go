package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
)

// answerJSON writes a command's answer for programs.
func (p *program) answerJSON(v any) error {
	enc := json.NewEncoder(p.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
