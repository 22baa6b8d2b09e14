package hereabouts

// An UnmetReach is what searches of one month, district and need found out of
// reach. It is evidence for whoever plans buses and groups, and it can say
// nothing of one person: every number is a whole multiple of [UnmetStep],
// rounded down, and there is no row for fewer searches than that. A search
// that asked for several needs counts under each of them, once under each of
// their parents, and once in the row of its district that has no need. Rows
// therefore do not add up, and are not meant to.
type UnmetReach struct {
	Month     string `json:"month"`          // "2026-11", in London
	District  string `json:"district"`       // postcode district that was searched from, "NN11"
	Need      string `json:"need,omitempty"` // slug; absent: every search from there
	Searches  int    `json:"searches"`       // that asked what can be reached
	Unreached int    `json:"unreached"`      // of them, those in which nothing could be reached there and back
	No        int    `json:"no"`             // listings, over all those searches, that could not be reached
	ThereOnly int    `json:"there_only"`     // and that could, but without a way home
}

// UnmetStep is how many searches come together before any of them is counted.
const UnmetStep = 10
