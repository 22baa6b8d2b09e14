package demo_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Two descriptions that share more than this of their runs of five words were
// cut from one pattern. Unrelated English shares next to nothing: the closest
// pair here shares less than half of it.
const mostAlike = 0.03

func TestTextsAreIndividual(t *testing.T) {
	all := listings(t, today)
	runs := make([]map[string]bool, len(all))
	openings := map[string]string{}
	for i, l := range all {
		words := words(l.Description)
		if n := len(strings.Fields(l.Description)); n < 40 || n > 160 {
			t.Errorf("%s: %d words", l.Source.ID, n)
		}
		if n := utf8.RuneCountInString(l.Summary); n < 25 || n > 140 || strings.Contains(l.Summary, "\n") {
			t.Errorf("%s: a summary of %d characters", l.Source.ID, n)
		}
		first := strings.Join(words[:4], " ")
		if other, ok := openings[first]; ok {
			t.Errorf("%s and %s both begin %q", other, l.Source.ID, first)
		}
		openings[first] = l.Source.ID
		runs[i] = map[string]bool{}
		for j := range len(words) - 4 {
			runs[i][strings.Join(words[j:j+5], " ")] = true
		}
	}
	most, pair := 0.0, ""
	for i := range runs {
		for j := range i {
			shared := 0
			for run := range runs[i] {
				if runs[j][run] {
					shared++
				}
			}
			alike := float64(shared) / float64(len(runs[i])+len(runs[j])-shared)
			if alike > most {
				most, pair = alike, all[j].Source.ID+" and "+all[i].Source.ID
			}
			if alike > mostAlike {
				t.Errorf("%s and %s share %.1f%% of their runs of five words", all[j].Source.ID, all[i].Source.ID, 100*alike)
			}
		}
	}
	t.Logf("most alike: %s, %.2f%%", pair, 100*most)
}

// One phrase in many texts is a template even when no two texts are alike.
func TestNoPhraseIsWornOut(t *testing.T) {
	in := map[string]int{}
	for _, l := range listings(t, today) {
		words, seen := words(l.Description), map[string]bool{}
		for j := range len(words) - 5 {
			if run := strings.Join(words[j:j+6], " "); !seen[run] {
				seen[run] = true
				in[run]++
			}
		}
	}
	for run, n := range in {
		if n > 2 {
			t.Errorf("%q is in %d descriptions", run, n)
		}
	}
}

func TestTextsAreBritish(t *testing.T) {
	american := regexp.MustCompile(`(?i)\b(neighbor|color|center|program\b|organiz|realiz|recogniz|gotten|diaper|sidewalk|zip code|moms?\b|favorite|behavior|practicing|traveler)\w*`)
	for _, l := range listings(t, today) {
		if m := american.FindString(l.Name + " " + l.Summary + " " + l.Description); m != "" {
			t.Errorf("%s says %q", l.Source.ID, m)
		}
	}
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' })
}
