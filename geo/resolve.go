package geo

import (
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// Limits on what is looked up. Nothing longer than maxTyped is a place.
const (
	maxTyped       = 200 // bytes
	maxSuggestions = 8
)

// Resolve finds the place that a person means by text: a postcode, a postcode
// district or sector, a place's name, "Name, District", a label of ours, or
// "lat,lon". A full postcode is also found at work inside a longer text, such
// as an address.
//
// Of several places with one name the one that clearly ranks highest is meant
// (city, town, then suburb or village, then hamlet); a place that its local
// authority is named after ranks as a town. A slip of spelling is put right
// without asking when the name has at least six letters and only one place, or
// only one that clearly ranks highest, is a single slip away; so is a
// lookalike letter in a postcode that we hold. Place.Corrected then says what
// was read. Anything less certain is a suggestion.
//
// The error is an *UnknownPlaceError, an *AmbiguousPlaceError or a
// *PointError. None repeats the text.
func (g *Gazetteer) Resolve(text string) (Place, error) {
	return g.now.Load().resolve(text)
}

func (c *contents) resolve(text string) (Place, error) {
	text = strings.TrimFunc(text, isSpace)
	if p, ok, err := parseCoordinates(text); err != nil {
		return Place{}, err
	} else if ok {
		label := "the point given"
		return Place{Label: label, Name: label, Kind: KindPoint, Point: p, Precision: PrecisionPoint}, nil
	}
	if text == "" || len(text) > maxTyped {
		return Place{}, &UnknownPlaceError{NothingLoaded: c.empty()}
	}
	code, isPostcode := ParsePostcode(text)
	if isPostcode {
		if pl, ok := c.postcodes.place(code); ok {
			return pl, nil
		}
	}
	if pl, err, ok := c.named(text); ok {
		return pl, err
	}
	if pl, ok := c.correctedPostcode(text); ok {
		return pl, nil
	}
	if pl, ok := c.postcodeInside(text); ok {
		return pl, nil
	}
	if isPostcode {
		return Place{}, &UnknownPlaceError{Suggestions: c.postcodes.similar(code, maxSuggestions), NothingLoaded: c.empty()}
	}
	return c.misspelt(text)
}

// named finds an exact name, alone or with a qualifier. ok is false when no
// place is called that.
func (c *contents) named(text string) (pl Place, err error, ok bool) {
	n := c.names
	whole := fold(text)
	if i, ok := n.labels[whole]; ok {
		return n.place(i, max(len(n.at[fold(n.entries[i].Name.Name)])-1, 0)), nil, true
	}
	if list := n.at[whole]; len(list) > 0 {
		pl, err := n.choose(list)
		return pl, err, true
	}
	name, qualifier := cutQualifier(text)
	if qualifier != "" {
		if list := n.at[fold(name)]; len(list) > 0 {
			pl, err := n.qualified(list, qualifier)
			return pl, err, true
		}
		return Place{}, nil, false
	}
	// "Newport Isle of Wight": the longest beginning that is a name.
	words := strings.FieldsFunc(text, isSpace)
	for i := len(words) - 1; i > 0; i-- {
		list := n.at[fold(strings.Join(words[:i], " "))]
		if len(list) == 0 {
			continue
		}
		qualifier := foldQualifier(strings.Join(words[i:], " "))
		at := n.narrow(list, qualifier)
		if len(at) == 0 && strings.HasPrefix(qualifier, "near") {
			at = n.around(list, qualifier)
		}
		if len(at) > 0 {
			pl, err := n.choose(at)
			return pl, err, true
		}
	}
	return Place{}, nil, false
}

// cutQualifier parts "Name, District" and "Name (District)".
func cutQualifier(text string) (name, qualifier string) {
	i := strings.IndexAny(text, ",(;")
	if i < 0 {
		return text, ""
	}
	return strings.TrimFunc(text[:i], isSpace), strings.Trim(text[i:], ",;() \u00a0")
}

// choose takes the bearer of a name that clearly ranks highest.
func (n *names) choose(list []bearer) (Place, error) {
	if i, ok := winner(list); ok {
		return n.place(i, len(list)-1), nil
	}
	return Place{}, &AmbiguousPlaceError{Suggestions: n.places(list, maxSuggestions)}
}

// narrow keeps the bearers of a name that are where the folded qualifier says:
// those in the district or county of that name, or else those whose
// whereabouts it fits at all.
func (n *names) narrow(list []bearer, qualifier string) []bearer {
	if qualifier == "" {
		return nil
	}
	var in, at []bearer
	for _, b := range list {
		e := &n.entries[b.entry]
		if e.isIn(qualifier) {
			in = append(in, b)
		}
		if e.isAt(qualifier) {
			at = append(at, b)
		}
	}
	if len(in) > 0 {
		return in
	}
	return at
}

// qualified chooses among the bearers of a name by what stands after it. When
// nothing matches that and only one place has the name, it is that place.
func (n *names) qualified(list []bearer, qualifier string) (Place, error) {
	at := n.narrow(list, foldQualifier(qualifier))
	for part := range strings.SplitSeq(qualifier, ",") {
		if len(at) > 0 {
			break
		}
		at = n.narrow(list, foldQualifier(strings.TrimPrefix(strings.TrimFunc(part, isSpace), "near ")))
	}
	if len(at) == 0 {
		at = n.around(list, foldQualifier(qualifier))
	}
	switch {
	case len(at) > 0:
		return n.choose(at)
	case len(list) == 1:
		pl := n.place(list[0].entry, 0)
		pl.Corrected = pl.Label
		return pl, nil
	}
	return Place{}, &AmbiguousPlaceError{Suggestions: n.places(list, maxSuggestions)}
}

// aroundM is how far from a town, or from the nearest postcode district of a
// county, a place may be that is said to be near or in it.
const aroundM = 30_000

// around keeps the bearers of a name that are near the place that a folded
// qualifier names: "Brixworth, Northampton", or "Newport, Shropshire", which
// the table puts in Telford and Wrekin.
func (n *names) around(list []bearer, qualifier string) []bearer {
	var centres []orb.Point
	for _, b := range n.at[strings.TrimPrefix(qualifier, "near")] {
		if e := &n.entries[b.entry]; b.rank >= int8(rank(KindTown)) && !e.region {
			centres = append(centres, e.Point())
		}
	}
	for _, i := range n.regions[qualifier] {
		centres = append(centres, n.postcodes.districts[i].Point())
	}
	var at []bearer
	for _, b := range list {
		p := n.entries[b.entry].Point()
		if slices.ContainsFunc(centres, func(c orb.Point) bool { return DistanceM(p, c) <= aroundM }) {
			at = append(at, b)
		}
	}
	return at
}

// correctedPostcode reads lookalike letters and digits the other way round
// where that gives a postcode that we hold, or the district of one.
func (c *contents) correctedPostcode(text string) (Place, bool) {
	for _, code := range CorrectPostcode(text) {
		if pl, ok := c.postcodes.place(code); ok {
			pl.Corrected = code.String()
			return pl, true
		}
	}
	return Place{}, false
}

// postcodeInside finds a full postcode among the words of a longer text, the
// last one when there are several.
func (c *contents) postcodeInside(text string) (Place, bool) {
	words := strings.FieldsFunc(text, func(r rune) bool { return isSpace(r) || r == ',' || r == ';' || r == '(' || r == ')' })
	for i := len(words) - 1; i >= 0; i-- {
		for _, try := range []string{words[max(i-1, 0)] + words[i], words[i]} {
			if code, ok := ParsePostcode(try); ok && code.Full() {
				if pl, ok := c.postcodes.place(code); ok {
					return pl, true
				}
			}
		}
	}
	return Place{}, false
}

// misspelt looks for names a few slips away.
func (c *contents) misspelt(text string) (Place, error) {
	n := c.names
	name, qualifier := cutQualifier(text)
	key := fold(name)
	slips := n.similar(key, slipsAllowed(len(key)))
	if len(slips) < 3 {
		slips = append(slips, n.longestBeginning(key)...)
	}
	if len(slips) == 0 && qualifier != "" {
		// "12 Acacia Avenue, Northampton": what follows may be the place.
		for part := range strings.SplitSeq(qualifier, ",") {
			if list := n.at[fold(part)]; len(list) > 0 {
				return Place{}, &UnknownPlaceError{Suggestions: n.places(list, maxSuggestions)}
			}
		}
	}
	var nearest, all []bearer
	for _, s := range slips {
		list := n.at[s.key]
		if qualifier != "" {
			if at := n.narrow(list, foldQualifier(qualifier)); len(at) > 0 {
				list = at
			} else {
				continue
			}
		}
		if s.slips == 1 && len(key) >= 6 {
			nearest = n.merge(nearest, list)
		}
		all = n.merge(all, list[:min(len(list), maxSuggestions)])
	}
	if len(all) == 0 && qualifier != "" {
		for _, s := range slips {
			all = n.merge(all, n.at[s.key])
		}
	}
	if i, ok := winner(nearest); ok {
		pl := n.place(i, 0)
		pl.Corrected = pl.Label
		return pl, nil
	}
	// The fewest slips come first, however large the place.
	fewest := func(b bearer) int {
		for _, s := range slips {
			if slices.ContainsFunc(n.at[s.key], func(o bearer) bool { return o.entry == b.entry }) {
				return s.slips
			}
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b bearer) int { return fewest(a) - fewest(b) })
	return Place{}, &UnknownPlaceError{Suggestions: n.places(all, maxSuggestions), NothingLoaded: c.empty()}
}

// merge adds the bearers of one name to those of others, in order of rank.
func (n *names) merge(have, more []bearer) []bearer {
	for _, b := range more {
		if !slices.ContainsFunc(have, func(o bearer) bool { return o.entry == b.entry }) {
			have = append(have, b)
		}
	}
	slices.SortStableFunc(have, func(a, b bearer) int {
		if a.rank != b.rank {
			return int(b.rank) - int(a.rank)
		}
		return compare(&n.entries[a.entry], &n.entries[b.entry])
	})
	return have
}

// A slip is a name and how many slips it is away.
type slip struct {
	key   string
	slips int
}

// similar finds the names within that many slips of key, nearest first.
func (n *names) similar(key string, limit int) []slip {
	if limit == 0 || len(key) > maxFoldedLen {
		return nil
	}
	set := letterSet(key)
	var found []slip
	for i, have := range n.keys {
		if !mayBeWithin(set, n.sets[i], limit) {
			continue
		}
		if d := editDistance(key, have, limit); d <= limit {
			found = append(found, slip{have, d})
		}
	}
	slices.SortStableFunc(found, func(a, b slip) int { return a.slips - b.slips })
	if len(found) > 64 {
		found = found[:64]
	}
	return found
}
