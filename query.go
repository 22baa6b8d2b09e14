package hereabouts

import (
	"time"

	"github.com/paulmach/orb"
)

// A Query is one question to the directory. The zero Query asks for
// everything published. Inside one list the values are alternatives; separate
// fields must all hold.
type Query struct {
	Text          string              // the person's words, at most MaxTextRunes
	Near          *Origin             // where the person is
	WithinM       float64             // metres from Near; 0 is no limit
	Kinds         []Kind              //
	Needs         []string            // slugs; a parent includes its children
	Tags          []string            //
	Delivery      []Delivery          //
	Referral      []Route             //
	Languages     []string            // BCP 47
	Circumstances []string            //
	Availability  []AvailabilityState // empty: everything but closed
	Areas         []string            // area codes the listing must serve
	Age           *int                // years
	Gender        string              //
	MaxWaitWeeks  *int                // open now, or waiting no longer than this
	MaxPence      *int                // 0: free
	Access        []string            // names from AccessNames; all must hold
	DropUnknown   bool                // drop listings that do not state a filtered fact
	Days          []time.Weekday      // has a session on one of these days
	From, To      Date                // has a session in this range, both inclusive
	TimeFrom      Clock               // has a session overlapping this time of day …
	TimeTo        Clock               //
	Travel        *Travel             // which can be reached from Near; nil: does not matter
	Sort          Sort                // empty: by relevance
	Limit         int                 // 0: DefaultLimit
	Page          string              // opaque token from Results.Next
	Facets        []string            // names from FacetNames; nil is all, empty is none
	MinToken      Token               // the answer must include this write
}

// Limits on a query.
const (
	MaxTextRunes = 200
	DefaultLimit = 20
	MaxLimit     = 100
)

// An Origin is the place that a person is searching from.
type Origin struct {
	Label string  `json:"label"` // "SO14 7DU", "Brixworth, West Northamptonshire"
	Kind  string  `json:"kind"`  // postcode, district, place, point
	Lat   float64 `json:"lat"`
	Lon   float64 `json:"lon"`
}

// Point is where the origin is.
func (o *Origin) Point() orb.Point { return orb.Point{o.Lon, o.Lat} }

// Sort is the order of results. Ties are always broken by id.
type Sort string

// Orders.
const (
	ByRelevance Sort = "relevance"
	ByDistance  Sort = "distance"
	ByJourney   Sort = "journey" // the shortest way there first; needs Travel
	BySoonest   Sort = "soonest"
	ByFreshest  Sort = "freshest"
	ByName      Sort = "name"
)

// FacetNames are the facets that can be counted, in the order they are shown.
var FacetNames = []string{"kind", "need", "day", "cost", "access", "availability",
	"delivery", "referral", "language"}
