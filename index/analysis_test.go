package index

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
)

func TestTokens(t *testing.T) {
	for _, c := range []struct{ text, words string }{
		{"Walking & gardening", "walking and gardening"},
		{"Men's Shed", "mens shed"},
		{"Men’s Shed", "mens shed"},
		{"a drop-in for over-50s", "a drop in dropin for over 50s over50s"},
		{"drop\u2010in", "drop in dropin"},
		{"- dash – long — end-", "dash long end"},
		{"Café Welcome", "cafe welcome"},
		{"GP, MS and IT: tel. 01604", "gp ms and it tel 01604"},
		{"face-to-face talks", "face to face facetoface talks"},
		{"R&B", "r and b"},
		{"naïve-art café", "naive art naiveart cafe"},
		{"समर्थन समूह", "समर्थन समूह"},
		{"太極拳 class", "太 極 拳 class"},
		{"½ price", "1 2 price"},
		{"", ""},
		{"🎵 … !", ""},
		{"don't can’t o'clock '", "dont cant oclock"},
		{"x\xff\xfey", "x y"},
	} {
		toks, next := newAnalyzer().tokens(nil, c.text, 0)
		var words []string
		pos := 0
		for _, tok := range toks {
			words = append(words, tok.word)
			if !tok.joined {
				pos++
			}
		}
		if diff := cmp.Diff(c.words, strings.Join(words, " ")); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
		if next != pos {
			t.Errorf("%q: %d positions for %d words", c.text, next, pos)
		}
	}
}

// The two ways of reading text must read plain ASCII alike.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{"Men's drop-in & café", "a--b-", "ﬁt", "½", "\xff'", "太極拳", "x-\u00a0y", "e\u0301-mail", "0'0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a := newAnalyzer()
		toks, next := a.tokens(nil, s, 0)
		for _, tok := range toks {
			if tok.word == "" || !utf8.ValidString(tok.word) || len(tok.word) > maxWordBytes {
				t.Fatalf("%q has the word %q", s, tok.word)
			}
			if tok.pos < 0 || tok.pos >= next {
				t.Fatalf("%q: a word at %d of %d", s, tok.pos, next)
			}
		}
		for i := range len(s) {
			if s[i] >= utf8.RuneSelf {
				return
			}
		}
		slow, n := a.unicodeTokens(nil, s, 0)
		if n != next || len(slow) != len(toks) {
			t.Fatalf("%q: %v is not %v", s, wordsOf(slow), wordsOf(toks))
		}
		for i := range toks {
			if toks[i].word != slow[i].word || toks[i].pos != slow[i].pos {
				t.Fatalf("%q: %v is not %v", s, wordsOf(slow), wordsOf(toks))
			}
		}
	})
}

func wordsOf(toks []token) (out []string) {
	for _, t := range toks {
		out = append(out, t.word)
	}
	return out
}

func TestWaysOfWritingFindTheSame(t *testing.T) {
	src := newMemory()
	for id, name := range map[string]string{
		"a": "Women's walking & gardening group", "b": "Drop-in café", "c": "Wellbeing walks", "d": "Over-50s I.T. help",
		"e": "Carers' evening", "f": "Singing for the lungs", "g": "Tai chi", "h": "The dropin",
	} {
		src.put(hereabouts.Listing{ID: id, Status: hereabouts.Published, Kind: hereabouts.Group, Name: name})
	}
	x := open(t, t.TempDir(), src, testOptions())
	for _, same := range [][]string{
		{"womens walks and gardens", "Women's walk & garden", "WOMEN’S WALKING, GARDENING"},
		{"drop-in", "drop in", "Drop - in", "drop‐in"},
		{"cafe", "café", "Cafés", "cafe's"},
		{"over 50s", "over-50s", "Over 50's"},
		{"carer", "carers", "carer's", "carers’"},
		{"lung", "lungs"},
	} {
		want := search(t, x, hereabouts.Query{Text: same[0]})
		if want.Total == 0 {
			t.Errorf("%q finds nothing", same[0])
		}
		for _, other := range same[1:] {
			got := search(t, x, hereabouts.Query{Text: other})
			if diff := cmp.Diff(idsOf(want), idsOf(got)); diff != "" {
				t.Errorf("%q and %q: %s", same[0], other, diff)
			}
		}
	}
	if got := idsOf(search(t, x, hereabouts.Query{Text: "drop in"})); len(got) != 2 {
		t.Errorf("drop in finds %v, want the drop-in and the dropin", got)
	}
	if got := idsOf(search(t, x, hereabouts.Query{Text: "well-being"})); !cmp.Equal(got, []string{"c"}) {
		t.Errorf("well-being finds %v", got)
	}
}
