package index

import "math"

// How well words match. This file is the whole of the text score: a stem's
// weight in a listing is worked out when its postings are read (fieldWeight,
// saturate), its rarity when the question is asked (rarity), and scan adds
// them up. It is BM25 over fields: a word counts once per listing however
// many fields repeat it, and once is nearly enough.
//
// Lengths are measured against fixed typical lengths and not against the
// average of the day, so that a listing's score depends on the others only
// through how rare a word is.

// fieldWeights say how much more a word means in one field than in another:
// a name says what a listing is, a description what else there is to say.
// Typical lengths are in words, leniency is how far a longer text is forgiven
// (0 wholly, 1 not at all).
var fieldWeights = [numFields]struct{ weight, typical, length float32 }{
	nameField:   {5, 4, 0.3},
	labelsField: {3, 14, 0.3},
	aboutField:  {2, 14, 0.5},
	orgField:    {1.5, 4, 0.3},
	textField:   {1, 60, 0.6},
}

// saturation is where a word's weight is worth half of what it could be.
const saturation = 2.5

func fieldWeight(f field, frequency uint64, length float32) float32 {
	w := &fieldWeights[f]
	return w.weight * float32(frequency) / (1 - w.length + w.length*length/w.typical)
}

// saturate turns a sum of field weights into a share of the most that a word
// can be worth.
func saturate(weight float32) float32 { return weight / (weight + saturation) }

// rarity is what a stem is worth that with of n listings contain.
func rarity(with, n int) float32 {
	return float32(math.Log(1 + (float64(n)-float64(with)+0.5)/(float64(with)+0.5)))
}

// coverage is the share of a score that is kept when only some of the words
// asked for are there. More words rank higher than rarer words.
func coverage(matched, asked int) float32 {
	share := float32(matched) / float32(asked)
	return share * share
}

// A term is one stem to look for.
type term struct {
	stem   string
	word   string  // as it was asked for, or corrected to
	covers uint32  // which words of the question it stands for
	factor float32 // below 1 for guesses
	rarity float32
	lists  []*list // by segment of the view
}

// A match is what a listing has gathered so far.
type match struct {
	score  float32
	covers uint32
}

// scan adds every term's score to the listings in among, and marks those that
// have any in found.
func scan(v *view, terms []term, among bitset, into []match, found bitset) {
	for t := range terms {
		term := &terms[t]
		worth := term.rarity * term.factor
		for s := range v.segments {
			l := term.lists[s]
			live := v.segments[s].live
			weight := l.weight[:len(l.docs)]
			for i, doc := range l.docs {
				ord := live[doc]
				// noOrd is beyond every bitset.
				w := ord >> 6
				if int(w) >= len(among) || among[w]&(1<<(ord&63)) == 0 {
					continue
				}
				m := &into[ord]
				m.score += worth * weight[i]
				m.covers |= term.covers
				found[w] |= 1 << (ord & 63)
			}
		}
	}
}
