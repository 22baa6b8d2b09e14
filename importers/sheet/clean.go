package sheet

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"hereabouts/importers"
	"hereabouts/importers/prose"
)

// cleaners are the steps that `clean` may name.
var cleaners = map[string]func(g *group, s string) string{
	"lower": func(_ *group, s string) string { return strings.ToLower(s) },
	"upper": func(_ *group, s string) string { return strings.ToUpper(s) },
	// What is in capitals throughout, as names and as prose.
	"name": func(g *group, s string) string {
		out := importers.Name(s)
		if out != importers.Line(s) {
			g.noteOnce("name", "recased", "was in capitals throughout")
		}
		return out
	},
	"sentence": func(g *group, s string) string {
		out := quietProse(s, g.named)
		if out != s {
			g.noteOnce("description", "recased", "was in capitals throughout")
		}
		return out
	},
	"line": func(_ *group, s string) string { return importers.Line(s) },
	"plain": func(g *group, s string) string {
		out := importers.PlainText(s)
		if htmlTag.MatchString(s) && out != s {
			g.noteOnce("description", "html_removed", "held mark-up; its text was kept")
		}
		return out
	},
	"address": func(_ *group, s string) string { return address(s) },
	"no_diary": func(g *group, s string) string {
		kept, dropped := prose.DropDiary(s)
		if dropped > 0 {
			g.noteOnce("description", "diary_dropped", fmt.Sprintf("%d sentence(s) of a colleague's diary were not published", dropped))
		}
		return kept
	},
	"digits": func(_ *group, s string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, s)
	},
}

var htmlTag = regexp.MustCompile(`</?[A-Za-z][^<>]*>|&(#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,8});`)

// address puts one space after each comma and drops repeated parts.
func address(s string) string {
	var parts []string
	for p := range strings.SplitSeq(importers.Line(strings.ReplaceAll(s, "\n", ", ")), ",") {
		p = strings.TrimSpace(p)
		if p != "" && (len(parts) == 0 || !strings.EqualFold(parts[len(parts)-1], p)) {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}

// properNouns keep their capital in prose that was in capitals throughout, as
// do the words of the listing's own name.
var properNouns = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`monday tuesday wednesday thursday friday saturday sunday january february april june july
		august september october november december england english wales welsh scotland scottish ireland irish britain british
		london europe european africa african asia asian caribbean india indian pakistan bangladesh bangladeshi chinese polish
		st st. mr mrs dr rev
		god jesus christ lord bible gospel christian christians christianity islam islamic muslim muslims jewish judaism hindu
		sikh buddhist catholic roman methodist baptist anglican yorkshire lancashire cheshire kent essex sussex surrey norfolk
		suffolk devon cornwall dorset somerset cumbria durham northumberland derbyshire nottinghamshire leicestershire
		northamptonshire lincolnshire hampshire wiltshire gloucestershire oxfordshire cambridgeshire bedfordshire hertfordshire
		berkshire buckinghamshire shropshire staffordshire warwickshire worcestershire herefordshire manchester liverpool leeds
		sheffield birmingham bristol edinburgh glasgow cardiff belfast newcastle leicester nottingham coventry`) {
		m[w] = true
	}
	return m
}()

// quietProse puts prose that is in capitals throughout into sentences. name is
// whose prose it is; the places and people in it are written large.
func quietProse(s, name string) string {
	upper, lower := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		}
	}
	if upper < 12 || lower*10 > upper {
		return s
	}
	own := map[string]bool{}
	for w := range strings.FieldsSeq(strings.ToLower(name)) {
		if w = bareWord(w); len(w) > 3 && !generalWords[w] {
			own[w] = true
		}
	}
	// Name keeps acronyms; of its other words only those that begin a sentence
	// or are somebody's or somewhere's keep their capital.
	words := strings.Split(importers.Name(s), " ")
	start := true
	for i, w := range words {
		switch bare := bareWord(strings.ToLower(w)); {
		case start:
			words[i] = capital(w)
		case titleCase(w) && !properNouns[bare] && !own[bare]:
			words[i] = strings.ToLower(w)
		}
		start = strings.HasSuffix(w, ".") || strings.HasSuffix(w, "!") || strings.HasSuffix(w, "?")
	}
	return strings.Join(words, " ")
}

// generalWords are in the names of many charities and name none.
var generalWords = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`charity charitable trust fund foundation association society church village hall community
		centre center group groups club school playgroup nursery pre-school preschool support friends care education educational
		housing benevolent relief arts sports music young people children women womens youth family families advice centre home
		homes hospital hospice research science theatre museum library park parents teachers union council district local united
		national international royal with from project service services company limited and the for memorial development`) {
		m[w] = true
	}
	return m
}()

// capital is w with its first letter large.
func capital(w string) string {
	r, size := utf8.DecodeRuneInString(w)
	if !unicode.IsLower(r) {
		return w
	}
	return string(unicode.ToUpper(r)) + w[size:]
}

func bareWord(w string) string {
	w = strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) })
	w, _, _ = strings.Cut(w, "'")
	w, _, _ = strings.Cut(w, "’")
	return w
}

// titleCase reports whether w is a capital and small letters.
func titleCase(w string) bool {
	first := true
	for _, r := range w {
		if !unicode.IsLetter(r) {
			continue
		}
		if first != unicode.IsUpper(r) {
			return false
		}
		first = false
	}
	return !first
}
