package index

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"hereabouts"
)

// A question is a person's words as they are looked for.
type question struct {
	view      *view
	terms     []term
	asked     int               // how many words must be covered for a full match
	words     []string          // as typed, by bit of term.covers
	corrected map[string]string // what was typed → what was searched instead
	exact     []uint32          // listings with exactly this name, in order
	needs     [2]uint64         // read from the words
	empty     bool              // nothing in it can be looked for
}

// maxWords is how many different words of a question are looked for.
const maxWords = 32

var askers = sync.Pool{New: func() any { return newAnalyzer() }}

// read turns text into terms of a view.
func (w *words) read(c *columns, v *view, text string, needs *needWords) (*question, error) {
	a := askers.Get().(*analyzer)
	defer askers.Put(a)
	toks, _ := a.tokens(nil, text, 0)
	toks = slices.DeleteFunc(toks, func(t token) bool { return t.joined })
	q := &question{view: v}
	bit := make([]uint32, len(toks))
	for i, t := range toks {
		if t.stop {
			continue
		}
		at := slices.IndexFunc(toks[:i], func(o token) bool { return o.stem == t.stem })
		switch {
		case at >= 0:
			bit[i] = bit[at]
		case q.asked < maxWords:
			bit[i] = 1 << q.asked
			q.asked++
			q.words = append(q.words, t.word)
			if err := w.look(c, q, t, bit[i], i == len(toks)-1); err != nil {
				return nil, err
			}
		}
	}
	// "drop in", like "drop-in", is also looked for as "dropin".
	for i := 1; i < len(toks); i++ {
		covers := bit[i-1] | bit[i]
		if covers == 0 || !c.vocabulary.has(toks[i-1].word+toks[i].word) {
			continue
		}
		whole := a.lexeme([]byte(toks[i-1].word + toks[i].word))
		if whole.stop || slices.ContainsFunc(q.terms, func(t term) bool { return t.stem == whole.stem }) {
			continue
		}
		if err := w.addTerm(q, whole.stem, whole.word, covers, 1); err != nil {
			return nil, err
		}
	}
	q.empty = q.asked == 0
	if hash := tokensHash(toks); hash != 0 {
		q.exact = slices.Sorted(slices.Values(c.named[hash]))
	}
	for i, t := range toks {
		if meant, ok := q.corrected[t.word]; ok {
			toks[i].lexeme = a.lexeme([]byte(meant))
		}
	}
	q.needs = needs.read(c, toks)
	return q, nil
}

// addTerm looks a stem up in every segment and adds it when any listing has it.
func (w *words) addTerm(q *question, stem, word string, covers uint32, factor float32) error {
	lists, with, err := w.lists(q.view, stem)
	if err != nil || with == 0 {
		return err
	}
	q.terms = append(q.terms, term{stem: stem, word: word, covers: covers, factor: factor,
		rarity: rarity(with, q.view.docs), lists: lists})
	return nil
}

// lists is a stem's postings and how many listings it is in.
func (w *words) lists(v *view, stem string) (lists []*list, with int, err error) {
	lists = make([]*list, len(v.segments))
	for i := range v.segments {
		s := &v.segments[i]
		if lists[i], err = w.postings.list(s, stem); err != nil {
			w.fail(err)
			return nil, 0, fmt.Errorf("%w: %w", err, hereabouts.ErrUnavailable)
		}
		with += s.countLive(lists[i])
	}
	return lists, with, nil
}

// A word is rare when fewer than this many listings have it; it is then
// suspected of being misspelt when a neighbour is at least this much commoner.
const (
	rareBelow   = 3
	commonFrom  = 50
	prefixRunes = 3
	maxPrefixes = 8
)

// look adds a word of the question: as it is, and when no listing has it, as
// what it may be the beginning of or what was probably meant.
func (w *words) look(c *columns, q *question, t token, covers uint32, last bool) error {
	lists, with, err := w.lists(q.view, t.stem)
	if err != nil {
		return err
	}
	if with > 0 {
		q.terms = append(q.terms, term{stem: t.stem, word: t.word, covers: covers, factor: 1,
			rarity: rarity(with, q.view.docs), lists: lists})
		if right, ok := c.vocabulary.respelt(t); ok {
			q.correct(t.word, right) // finds the same, and the person may want to know
		}
		if with >= rareBelow || q.view.docs < 20*commonFrom {
			return nil
		}
		meant, found, err := w.meant(c, q, t, 1)
		if err != nil || found < commonFrom {
			return err
		}
		return w.instead(q, t, meant, covers, rareFactor)
	}
	if last && len([]rune(t.word)) >= prefixRunes {
		if n, err := w.begins(c, q, t, covers); err != nil || n > 0 {
			return err
		}
	}
	meant, found, err := w.meant(c, q, t, editsAllowed(t.word))
	if err != nil || found == 0 {
		return err
	}
	return w.instead(q, t, meant, covers, correctedFactor)
}

func (q *question) correct(typed, meant string) {
	if q.corrected == nil {
		q.corrected = map[string]string{}
	}
	q.corrected[typed] = meant
}

func (w *words) instead(q *question, t token, meant string, covers uint32, factor float32) error {
	q.correct(t.word, meant)
	return w.addTerm(q, stem(meant), meant, covers, factor)
}

// meant is the word of the vocabulary nearest to one that was typed, and how
// many listings have it. Of equally near words the commonest wins.
func (w *words) meant(c *columns, q *question, t token, edits int) (best string, with int, err error) {
	type guess struct {
		word     string
		distance int
	}
	var guesses []guess
	c.vocabulary.near(t.word, min(edits, editsAllowed(t.word)), func(found string, distance int) {
		if !stopWords[found] && stem(found) != t.stem {
			guesses = append(guesses, guess{found, distance})
		}
	})
	slices.SortFunc(guesses, func(a, b guess) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), strings.Compare(a.word, b.word))
	})
	for i, g := range guesses {
		if best != "" && g.distance > guesses[i-1].distance {
			break
		}
		_, n, err := w.lists(q.view, stem(g.word))
		if err != nil {
			return "", 0, err
		}
		if n > with {
			best, with = g.word, n
		}
	}
	return best, with, nil
}

// begins adds the commonest words that an unfinished word begins.
func (w *words) begins(c *columns, q *question, t token, covers uint32) (added int, err error) {
	type guess struct {
		word, stem string
		with       int
	}
	var guesses []guess
	c.vocabulary.completing(t.word, func(word string) {
		if len(guesses) < 64 {
			guesses = append(guesses, guess{word: word, stem: stem(word)})
		}
	})
	for i := range guesses {
		if _, guesses[i].with, err = w.lists(q.view, guesses[i].stem); err != nil {
			return 0, err
		}
	}
	slices.SortFunc(guesses, func(a, b guess) int {
		return cmp.Or(cmp.Compare(b.with, a.with), strings.Compare(a.word, b.word))
	})
	var stems []string
	for _, g := range guesses {
		if g.with == 0 || len(stems) == maxPrefixes {
			break
		}
		if slices.Contains(stems, g.stem) {
			continue
		}
		stems = append(stems, g.stem)
		if err := w.addTerm(q, g.stem, g.word, covers, prefixFactor); err != nil {
			return 0, err
		}
	}
	return len(stems), nil
}

// needWords knows by which words needs go.
type needWords struct {
	needs   []hereabouts.Need
	phrases []needPhrase
	starts  []needStart
}

type needPhrase struct {
	stems []string
	need  int
}

type needStart struct {
	text string // folded, from one of its words on
	rank int    // labels before other words, beginnings before middles
	need int
}

func newNeedWords(t *hereabouts.Taxonomy) *needWords {
	w := &needWords{}
	if t == nil {
		return w
	}
	w.needs = t.Needs
	a := newAnalyzer()
	for i, n := range t.Needs {
		for k, phrase := range append([]string{n.Label}, n.AlsoSaidAs...) {
			toks, _ := a.tokens(nil, phrase, 0)
			var stems []string
			for _, t := range toks {
				if !t.joined {
					stems = append(stems, t.stem)
				}
			}
			// A short word alone ("low", "club") says too little to be read as a need.
			if len(stems) > 1 || len(stems) == 1 && len(phrase) > 4 {
				w.phrases = append(w.phrases, needPhrase{stems, i})
			}
			eachNameKey(uint32(i), hereabouts.Fold(phrase), func(key nameKey) {
				w.starts = append(w.starts, needStart{key.rest, 2*min(k, 1) + min(int(key.at), 1), i})
			})
		}
	}
	slices.SortStableFunc(w.phrases, func(a, b needPhrase) int { return len(b.stems) - len(a.stems) })
	slices.SortStableFunc(w.starts, func(a, b needStart) int {
		return cmp.Or(a.rank-b.rank, strings.Compare(a.text, b.text))
	})
	return w
}

// read finds the needs that are named in tokens, longest phrases first; a
// word counts for one phrase length only.
func (w *needWords) read(c *columns, toks []token) (set [2]uint64) {
	taken := make([]int, len(toks))
	for _, p := range w.phrases {
		for i := 0; i+len(p.stems) <= len(toks); i++ {
			ok := true
			for k, s := range p.stems {
				if toks[i+k].stem != s || taken[i+k] > len(p.stems) {
					ok = false
					break
				}
			}
			if ok {
				for k := range p.stems {
					taken[i+k] = len(p.stems)
				}
				set[p.need>>6] |= 1 << (p.need & 63)
			}
		}
	}
	return set
}

// completing is the needs with a label or another word for them that begins
// with what was typed.
func (w *needWords) completing(typed string) (needs []hereabouts.Need) {
	var seen [2]uint64
	for _, s := range w.starts {
		if strings.HasPrefix(s.text, typed) && seen[s.need>>6]&(1<<(s.need&63)) == 0 {
			seen[s.need>>6] |= 1 << (s.need & 63)
			needs = append(needs, w.needs[s.need])
		}
	}
	return needs
}

func onesCount(m uint32) int { return bits.OnesCount32(m) }
