package naptan

import (
	"strings"
	"unicode"
)

// nameOf is a stop's name as one would tell it to somebody: what it is called,
// and in brackets which of several it is. The register abbreviates the latter:
// "opp", "o/s", "NE-bound".
func nameOf(common, indicator string) string {
	common = strings.Join(strings.Fields(common), " ")
	which := plainIndicator(strings.Join(strings.Fields(indicator), " "))
	switch {
	case common == "":
		return ""
	case which == "", tells(common, which), tells(common, indicator):
		return common
	}
	return common + " (" + which + ")"
}

// tells reports whether a name says already which stop it is: "Above Bar [AC]".
func tells(name, which string) bool {
	name, which = strings.ToLower(name), strings.ToLower(strings.TrimSpace(which))
	for _, bracket := range []string{"(" + which + ")", "[" + which + "]"} {
		if strings.Contains(name, bracket) {
			return true
		}
	}
	return strings.EqualFold(name, which)
}

// plainWords are what the abbreviations mean. An empty one says nothing.
var plainWords = map[string]string{
	"adj": "beside", "adjacent": "beside", "adj to": "beside",
	"opp": "opposite", "opposite": "opposite",
	"o/s": "outside", "os": "outside", "outside": "outside",
	"nr": "near", "near": "near", "by": "by",
	"cnr": "corner", "corner": "corner",
	"bef": "before", "before": "before",
	"aft": "after", "after": "after", "past": "after",
	"ent": "entrance", "entrance": "entrance",
	"jct": "junction", "jn": "junction",
	"twd": "towards", "twds": "towards", "towards": "towards",
	"stn": "station", "plat": "platform", "pfm": "platform",
	"at": "", "in": "", "on": "", "-": "", "--": "", "---": "", "n/a": "", "na": "", "none": "", "null": "", "unknown": "",
}

// berths are what a letter or number may be painted on.
var berths = map[string]string{
	"stop": "stop", "stand": "stand", "stance": "stance", "bay": "bay", "platform": "platform",
	"gate": "gate", "berth": "berth", "shelter": "shelter", "terminal": "terminal", "pier": "pier", "plat": "platform", "pfm": "platform",
}

var points = map[string]string{
	"n": "north", "ne": "north-east", "e": "east", "se": "south-east",
	"s": "south", "sw": "south-west", "w": "west", "nw": "north-west",
	"north": "north", "south": "south", "east": "east", "west": "west",
}

// plainIndicator puts an indicator into words, or gives nothing when it says
// nothing.
func plainIndicator(s string) string {
	s = strings.TrimSpace(strings.Trim(s, "()[]"))
	low := strings.ToLower(s)
	if plain, ok := plainWords[low]; ok {
		return plain
	}
	if d := bound(low); d != "" {
		return d
	}
	if isBerth(s) {
		return "stop " + s
	}
	first, rest, several := strings.Cut(s, " ")
	if !several {
		return s
	}
	if berth, ok := berths[strings.ToLower(first)]; ok {
		return berth + " " + rest
	}
	if strings.EqualFold(first, "bus") || strings.EqualFold(first, "coach") {
		kind, which, _ := strings.Cut(rest, " ")
		if berth, ok := berths[strings.ToLower(kind)]; ok && which != "" {
			return berth + " " + which
		}
	}
	if plain := plainWords[strings.ToLower(strings.TrimRight(first, "."))]; plain != "" {
		return plain + " " + rest
	}
	return s
}

// bound reads a direction of travel: "NE-bound", "Sbound", "NB", "->W".
func bound(low string) string {
	if to, ok := strings.CutPrefix(low, "->"); ok {
		if p, ok := points[strings.TrimSpace(to)]; ok {
			return p + "bound"
		}
		return ""
	}
	for _, ending := range []string{"bound", "bnd", "b"} {
		from, ok := strings.CutSuffix(low, ending)
		if !ok {
			continue
		}
		if p, ok := points[strings.TrimRight(from, "- /")]; ok {
			return p + "bound"
		}
	}
	return ""
}

// isBerth reports whether an indicator is only what is painted on the stop:
// "CU", "A1", "12".
func isBerth(s string) bool {
	letters := []rune(s)
	if len(letters) == 0 || len(letters) > 3 {
		return false
	}
	for _, c := range letters {
		if !unicode.IsUpper(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return true
}
