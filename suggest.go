package hereabouts

import (
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// nearest is the candidate that s was most likely meant to be; empty when
// none is near.
func nearest(s string, candidates []string) string {
	best, least := "", 0
	s = Fold(s)
	n := utf8.RuneCountInString(s)
	if n == 0 || n > maxWord {
		return ""
	}
	for _, c := range candidates {
		d := levenshtein.ComputeDistance(s, Fold(c))
		if best == "" || d < least {
			best, least = c, d
		}
	}
	if least > max(1, n/3) {
		return ""
	}
	return best
}

// nearest is the slug that a word was most likely meant to be: by the words
// that people say for a need first, and then by spelling.
func (t *Taxonomy) nearest(s string) string {
	said := Fold(s)
	slugs := make([]string, len(t.Needs))
	for i, n := range t.Needs {
		if Fold(n.Label) == said {
			return n.ID
		}
		slugs[i] = n.ID
	}
	for _, n := range t.Needs {
		for _, also := range n.AlsoSaidAs {
			if Fold(also) == said {
				return n.ID
			}
		}
	}
	return nearest(s, slugs)
}

func suggest(s string) string {
	if s == "" {
		return ""
	}
	return "; did you mean " + s + "?"
}

func plainWords[S ~string](list []S) []string {
	all := make([]string, len(list))
	for i, s := range list {
		all[i] = string(s)
	}
	return all
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
