package index

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// A vocabulary is every word that listings have been written with, for
// putting typing errors right. Words are only ever added; a word that no
// listing uses any more has no postings and so is never offered.
type vocabulary struct {
	words   []string
	letters []uint32 // which letters each has; see letterSet
	runes   []uint8
	known   map[string]struct{}
	begin   map[[2]byte][]uint32 // words by their first two bytes
}

func newVocabulary() *vocabulary {
	return &vocabulary{known: map[string]struct{}{}, begin: map[[2]byte][]uint32{}}
}

func (v *vocabulary) add(word string) {
	if _, ok := v.known[word]; ok {
		return
	}
	v.known[word] = struct{}{}
	if len(word) > 1 {
		k := [2]byte{word[0], word[1]}
		v.begin[k] = append(v.begin[k], uint32(len(v.words)))
	}
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

// respelt is the word that was meant by one that no listing has been written
// with and whose error its stem hides: "bereavment" for "bereavement". Another
// form of a word ("gardens", "walked") is not an error: those differ at the
// end, so the last three letters have to be the same.
func (v *vocabulary) respelt(t token) (right string, ok bool) {
	const ending = 3
	if len(t.word) < twoEditsFrom || v.has(t.word) {
		return "", false
	}
	v.near(t.word, 1, func(found string, _ int) {
		if len(found) > ending && stem(found) == t.stem && strings.HasSuffix(t.word, found[len(found)-ending:]) &&
			(right == "" || found < right) {
			right = found
		}
	})
	return right, right != ""
}

// completing visits the words that begin with a prefix of two bytes or more.
func (v *vocabulary) completing(prefix string, visit func(word string)) {
	for _, i := range v.begin[[2]byte{prefix[0], prefix[1]}] {
		if w := v.words[i]; len(w) > len(prefix) && strings.HasPrefix(w, prefix) {
			visit(w)
		}
	}
}

// distance is the number of edits between two words: letters put in, left
// out, changed, or swapped with their neighbour. It is exact up to limit and
// larger than limit beyond.
func distance(a, b string, limit int) int {
	var bufs [3][maxWordBytes + 1]int
	x, y := []rune(a), []rune(b)
	if len(x) > maxWordBytes || len(y) > maxWordBytes {
		return limit + 1
	}
	before, last, row := bufs[0][:len(y)+1], bufs[1][:len(y)+1], bufs[2][:len(y)+1]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			d := last[j-1]
			if x[i-1] != y[j-1] {
				d = 1 + min(d, last[j], row[j-1])
				if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
					d = min(d, 1+before[j-2])
				}
			}
			row[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
