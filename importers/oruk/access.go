package oruk

import (
	"regexp"
	"strings"

	"hereabouts"
)

var accessKeys = []string{"accessibility", "accessibility_for_disabilities", "accessibilities"}

// access reads what is said of getting into a place. The words are kept as
// the place's note, whatever facts are found in them.
func (m *mapper) access(loc located, p *hereabouts.Place) {
	for _, a := range m.objects(loc.at, accessKeys...) {
		said := m.text(a, "description", "accessibility", "name")
		details := m.text(a, "details")
		for _, text := range []string{said, details} {
			text = strings.Trim(text, " ,")
			if text == "" {
				continue
			}
			p.Note = paragraph(p.Note, text)
			readAccess(text, &p.Access)
		}
	}
}

// accessWords say which words speak of which fact.
var accessWords = []struct {
	fact string
	said *regexp.Regexp
}{
	{"accessible_toilet", regexp.MustCompile(`\b(accessible|disabled|wheelchair[- ]accessible|adapted|radar)\b.{0,20}\b(toilets?|wcs?|lavator(y|ies)|washrooms?)\b|\b(toilets?|wcs?)\b.{0,25}\b(accessible|for disabled|wheelchair)\b`)},
	{"changing_place", regexp.MustCompile(`\bchanging[- ]places?\b|\bhoist\b.{0,30}\bchanging\b`)},
	{"hearing_loop", regexp.MustCompile(`\b(hearing|induction|audio)[- ]?loops?\b|\bloop system\b|\bt-?coil\b`)},
	{"blue_badge_parking", regexp.MustCompile(`\b(disabled|accessible|blue badge)\b.{0,12}\bparking\b|\bparking\b.{0,25}\b(disabled|blue badge)\b|\bblue badge (spaces?|bays?|holders?)\b|\bdisabled bays?\b`)},
	{"parking", regexp.MustCompile(`\b(car park(ing)?|parking)\b`)},
	{"quiet_space", regexp.MustCompile(`\b(quiet|calm|sensory|low[- ]stimulus)\b.{0,8}\b(spaces?|rooms?|areas?)\b`)},
	{"assistance_dogs", regexp.MustCompile(`\b(assistance|guide|hearing) dogs?\b`)},
	{"step_free", regexp.MustCompile(`\bstep[- ]free\b|\blevel access\b|\bwheelchair[- ](access(ible)?|users? can|friendly)\b|\bwheelchairs? (can|access)\b|\baccessible (to|for|by) wheelchairs?( users)?\b|\b(fully accessible|accessible (entrance|building|venue|premises))\b|\bramp(ed)?\b.{0,15}\b(access|entrance|available|to)\b|\bno steps\b|\bwheelchair ramp\b`)},
}

var (
	clauseEnd = regexp.MustCompile(`[.;!?\n]+|,? but |,? however,? |,? although `)
	denied    = regexp.MustCompile(`\b(no|not|isn't|aren't|without|lacks?|none|unable|cannot|can't|unfortunately)\b`)
	hedge     = regexp.MustCompile(`\b(limited|partial(ly)?|some|restricted|please (ask|check|call|contact|ring)|nearby|may|might|most|except|on request|by arrangement|upstairs|first floor|ground floor only)\b`)
	noSteps   = regexp.MustCompile(`\bno steps\b`)
)

// readAccess sets the facts that a text states. A clause that hedges states
// none, and two clauses that disagree leave the fact unknown.
func readAccess(text string, a *hereabouts.Access) {
	seen := map[string]hereabouts.Fact{}
	for _, clause := range clauseEnd.Split(strings.ToLower(strings.ReplaceAll(text, "’", "'")), -1) {
		if hedge.MatchString(clause) {
			continue
		}
		says := hereabouts.FactOf(!denied.MatchString(noSteps.ReplaceAllString(clause, "")))
		rest := clause
		for _, w := range accessWords {
			if !w.said.MatchString(rest) {
				continue
			}
			// "disabled parking" is not also parking for everybody, and an
			// accessible toilet is no accessible door.
			rest = w.said.ReplaceAllString(rest, " ")
			if was, again := seen[w.fact]; again && was != says {
				says2 := hereabouts.Unknown
				seen[w.fact] = says2
				continue
			}
			seen[w.fact] = says
		}
	}
	for name, f := range seen {
		fact := a.Fact(name)
		if fact.Known() && *fact != f {
			f = hereabouts.Unknown
		}
		*fact = f
	}
}
