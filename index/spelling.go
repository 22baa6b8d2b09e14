package index

import (
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// A vocabulary is every word that listings have been written with, for
// putting typing errors right. Words are only ever added; a word that no
// listing uses any more has no postings and so is never offered.
type vocabulary struct {
	words   []string
	letters []uint32 // which letters each has; see letterSet
	runes   []uint8
	known   map[string]struct{}
}

func newVocabulary() *vocabulary { return &vocabulary{known: map[string]struct{}{}} }

func (v *vocabulary) add(word string) {
	if _, ok := v.known[word]; ok {
		return
	}
	v.known[word] = struct{}{}
	v.words = append(v.words, word)
	v.letters = append(v.letters, letterSet(word))
	v.runes = append(v.runes, uint8(min(utf8.RuneCountInString(word), 255)))
}

func (v *vocabulary) has(word string) bool {
	_, ok := v.known[word]
	return ok
}

// letterSet is a set of 32 kinds of letter. One edit changes at most two
// members, which rules most of a vocabulary out at the cost of a popcount.
func letterSet(word string) (set uint32) {
	for _, r := range word {
		set |= 1 << (uint32(r) & 31)
	}
	return set
}

// How many edits a word may be away from one that exists: none below five
// letters, where "damp" is not "camp"; one from five; two from nine.
const (
	oneEditFrom  = 5
	twoEditsFrom = 9
)

func editsAllowed(word string) int {
	switch n := utf8.RuneCountInString(word); {
	case n < oneEditFrom:
		return 0
	case n < twoEditsFrom:
		return 1
	}
	return 2
}

// near visits the words at most edits away from word, with their distance.
// Swapping two neighbouring letters is one edit. Words with a digit are never
// offered: house numbers and ages are not misspelt words.
func (v *vocabulary) near(word string, edits int, visit func(found string, distance int)) {
	if edits == 0 || strings.ContainsAny(word, "0123456789") {
		return
	}
	set, n := letterSet(word), utf8.RuneCountInString(word)
	for i, l := range v.letters {
		if bits.OnesCount32(l^set) > 2*edits {
			continue
		}
		if diff := int(v.runes[i]) - n; diff > edits || -diff > edits {
			continue
		}
		w := v.words[i]
		if d := distance(word, w, edits); d > 0 && d <= edits && !strings.ContainsAny(w, "0123456789") {
			visit(w, d)
		}
	}
}

// completing visits the words that begin with prefix.
func (v *vocabulary) completing(prefix string, visit func(word string)) {
	for _, w := range v.words {
		if len(w) > len(prefix) && strings.HasPrefix(w, prefix) {
			visit(w)
		}
	}
}

// distance is the edit distance of a and b, a swap of neighbours being one.
// It is exact up to limit.
func distance(a, b string, limit int) int {
	d := levenshtein.ComputeDistance(a, b)
	if d <= 1 || d > limit+2 {
		return d
	}
	// Levenshtein counts a swap as two edits. Undo each swap that could be one.
	ra := []rune(a)
	best := d
	for i := 0; i+1 < len(ra); i++ {
		if ra[i] != ra[i+1] {
			ra[i], ra[i+1] = ra[i+1], ra[i]
			best = min(best, 1+levenshtein.ComputeDistance(string(ra), b))
			ra[i], ra[i+1] = ra[i+1], ra[i]
		}
	}
	return best
}
