package index

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/registry"
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"

	"hereabouts"
)

// AnalyzerName is the name under which Bleve knows our analysis.
const AnalyzerName = "hereabouts"

// stopWords are left out of the index and of questions. The list is short,
// because short words are names here: "it" for computers, "us", "me" and "ms"
// stay.
var stopWords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`a an and are as at be by for from has have in into is of on or
		our that the their there these they this to was we were will with you your`) {
		m[w] = true
	}
	return m
}()

// maxWordBytes is where a word is cut; longer ones are links or noise.
const maxWordBytes = 48

// A lexeme is one distinct word: as written (folded), and what it is indexed as.
type lexeme struct {
	word string
	stem string
	term []byte // stem as Bleve wants it
	stop bool
	seen bool // already in the vocabulary of the columns being filled
}

// A token is a lexeme at a place in a text.
type token struct {
	*lexeme
	pos    int  // of its word; the joined form of "drop-in" has the place of "drop"
	joined bool // made of parts that are tokens too
}

// An analyzer turns text into tokens and remembers the words it has met. It
// must not be used by two goroutines at once.
//
// Words are letters and digits. Apostrophes vanish, "&" is "and", accents are
// dropped. The parts of a hyphenated word are words, and so is the whole
// without its hyphens. One analyzer serves listings and questions alike, so
// that "Women's", "womens" and "women" find each other.
type analyzer struct {
	lexemes map[string]*lexeme
	buf     []byte
	parts   []byte
}

func newAnalyzer() *analyzer { return &analyzer{lexemes: make(map[string]*lexeme, 1024)} }

// rememberedWords bounds what an analyzer keeps; a directory of a million
// listings has a few hundred thousand words.
const rememberedWords = 1 << 19

func (a *analyzer) lexeme(word []byte) *lexeme {
	if len(word) > maxWordBytes {
		word = word[:maxWordBytes]
		for len(word) > 0 && !utf8.Valid(word) {
			word = word[:len(word)-1]
		}
	}
	if l, ok := a.lexemes[string(word)]; ok {
		return l
	}
	if len(a.lexemes) >= rememberedWords {
		clear(a.lexemes)
	}
	w := string(word)
	l := &lexeme{word: w, stem: stem(w), stop: stopWords[w]}
	l.term = []byte(l.stem)
	a.lexemes[w] = l
	return l
}

// stem is the word without its English endings.
func stem(word string) string {
	if len(word) < 3 {
		return word
	}
	env := snowballstem.NewEnv(word)
	english.Stem(env)
	return env.Current()
}

// tokens appends the tokens of text, stop words included, and answers the
// next free position.
func (a *analyzer) tokens(dst []token, text string, pos int) ([]token, int) {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return a.unicodeTokens(dst, text, pos)
		}
	}
	first := -1 // token that began the present hyphenated word
	a.parts = a.parts[:0]
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case isWordByte[c]:
			a.buf = a.buf[:0]
			for ; i < len(text); i++ {
				c = text[i]
				if isWordByte[c] {
					if 'A' <= c && c <= 'Z' {
						c += 'a' - 'A'
					}
					a.buf = append(a.buf, c)
				} else if c != '\'' && c != '`' {
					break
				}
			}
			if first < 0 {
				first = len(dst)
			}
			dst = append(dst, token{lexeme: a.lexeme(a.buf), pos: pos})
			pos++
			a.parts = append(a.parts, a.buf...)
			if i+1 < len(text) && text[i] == '-' && isWordByte[text[i+1]] {
				i++
				continue
			}
			dst = a.join(dst, first)
			first = -1
		case c == '&':
			dst = append(dst, token{lexeme: a.lexeme([]byte("and")), pos: pos})
			pos++
			i++
		default:
			i++
		}
	}
	return dst, pos
}

// join adds the whole of a hyphenated word whose parts begin at first.
func (a *analyzer) join(dst []token, first int) []token {
	if len(dst)-first > 1 && len(a.parts) <= maxWordBytes {
		dst = append(dst, token{lexeme: a.lexeme(a.parts), pos: dst[first].pos, joined: true})
	}
	a.parts = a.parts[:0]
	return dst
}

var isWordByte = func() (t [256]bool) {
	for c := range t {
		t[c] = '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	}
	return t
}()

// unicodeTokens is tokens for text that is not plain ASCII.
func (a *analyzer) unicodeTokens(dst []token, text string, pos int) ([]token, int) {
	a.parts = a.parts[:0]
	first := -1
	word := make([]byte, 0, 32)
	flush := func() {
		found := 0
		for w := range strings.FieldsSeq(hereabouts.Fold(string(word))) {
			if first < 0 {
				first = len(dst)
			}
			dst = append(dst, token{lexeme: a.lexeme([]byte(w)), pos: pos})
			pos++
			a.parts = append(a.parts, w...)
			if found++; found > 1 { // "½" is two words and no whole
				first, a.parts = -1, a.parts[:0]
			}
		}
		word = word[:0]
	}
	end := func() {
		flush()
		if first >= 0 {
			dst = a.join(dst, first)
		}
		first = -1
	}
	for i, r := range text {
		switch {
		case r == '-' || r == '\u2010' || r == '\u2011':
			flush()
			next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
			if len(word) == 0 && (first < 0 || !(unicode.IsLetter(next) || unicode.IsNumber(next))) {
				end()
			}
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			// Written without spaces: each sign is a word.
			end()
			word = utf8.AppendRune(word, r)
			end()
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r), unicode.Is(unicode.Cf, r),
			isApostrophe(r):
			word = utf8.AppendRune(word, r)
		case r == '&':
			end()
			word = append(word, '&')
			end()
		default:
			end()
		}
	}
	end()
	return dst, pos
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '`', '´', '‘', '’', '‛', 'ʻ', 'ʼ', 'ʹ', '′', '＇':
		return true
	}
	return false
}

// bleveAnalyzer lets Bleve's own queries and mappings use our analysis.
type bleveAnalyzer struct{}

// Analyze implements analysis.Analyzer.
func (bleveAnalyzer) Analyze(text []byte) analysis.TokenStream {
	a := askers.Get().(*analyzer)
	defer askers.Put(a)
	toks, _ := a.tokens(nil, string(text), 0)
	var out analysis.TokenStream
	for _, t := range toks {
		if !t.stop {
			out = append(out, &analysis.Token{Term: t.term, Position: t.pos + 1, Type: analysis.AlphaNumeric})
		}
	}
	return out
}

func init() {
	err := registry.RegisterAnalyzer(AnalyzerName, func(map[string]any, *registry.Cache) (analysis.Analyzer, error) {
		return bleveAnalyzer{}, nil
	})
	if err != nil {
		panic(err) // two packages of one program claim the name
	}
}
