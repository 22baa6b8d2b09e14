package hereabouts

import "time"

// Results answer a Query. Their JSON is the public contract.
type Results struct {
	Understood Understood         `json:"understood"`
	Total      int                `json:"total"`
	Reach      *ReachCounts       `json:"reach,omitempty"` // when the question asks for Travel
	Facets     map[string][]Count `json:"facets"`
	Results    []Result           `json:"results"`
	Relax      []Relax            `json:"relax"`
	Next       string             `json:"next,omitempty"`  // token of the next page
	Token      Token              `json:"token,omitempty"` // the last write this answer includes
}

// Understood says how the question was read.
type Understood struct {
	Near      *Origin           `json:"near"`
	Needs     []string          `json:"needs"`
	Text      string            `json:"text"`
	Corrected map[string]string `json:"corrected"`
}

// A Count is one value of a facet and how many results have it.
type Count struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// A Result is one listing that answers a query, with the reasons.
type Result struct {
	Listing     Listing      `json:"listing"`
	PlaceID     string       `json:"place_id,omitempty"`   // the place that is nearest
	DistanceM   *float64     `json:"distance_m,omitempty"` // whole metres from the origin
	NextSession *NextSession `json:"next_session,omitempty"`
	Fit         Fit          `json:"fit"`
	Why         []Reason     `json:"why"`
	Freshness   Freshness    `json:"freshness"`
	Journey     *Journey     `json:"journey,omitempty"` // when the question asks for Travel and there is somewhere to go
	Score       float64      `json:"score"`
}

// A NextSession is the next time that a listing happens.
type NextSession struct {
	SessionID string    `json:"session_id"`
	PlaceID   string    `json:"place_id,omitempty"`
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`
}

// Fit says whether a listing suits the person, point by point.
type Fit struct {
	Verdict Fact        `json:"verdict"`
	Reasons []FitReason `json:"reasons"`
}

// A FitReason is one point of fit in a sentence that could be read to the person.
type FitReason struct {
	About   string `json:"about"` // age, gender, circumstance, catchment, referral, wait, cost, access, language, day
	Verdict Fact   `json:"verdict"`
	Text    string `json:"text"`
}

// A Reason says which part of the question a listing answers.
type Reason struct {
	Clause string `json:"clause"` // words, need, near, day, …
	Text   string `json:"text"`
}

// Freshness says how lately somebody said that a listing is true.
type Freshness struct {
	ConfirmedAt Date           `json:"confirmed_at"`
	State       FreshnessState `json:"state"`
}

// FreshnessState is how far a listing can still be trusted.
type FreshnessState string

// Freshness states.
const (
	Fresh  FreshnessState = "fresh"
	Ageing FreshnessState = "ageing"
	Stale  FreshnessState = "stale"
)

// A Relax is one change to the question and how many results it would add.
type Relax struct {
	Change map[string]string `json:"change"`
	Adds   int               `json:"adds"`
}

// A Suggestion completes what a person is typing.
type Suggestion struct {
	Kind  string `json:"kind"` // need, listing, place
	ID    string `json:"id"`
	Label string `json:"label"`
}
