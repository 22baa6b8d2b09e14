package api

import (
	"context"
	"iter"

	"github.com/paulmach/orb"

	"hereabouts"
	"hereabouts/geo"
)

// A Searcher answers questions about published listings.
type Searcher interface {
	Search(ctx context.Context, q hereabouts.Query) (hereabouts.Results, error)
	Suggest(ctx context.Context, prefix string, limit int) ([]hereabouts.Suggestion, error)
	// Journeys are the ways to one listing and home again on one day. An id
	// that is not among the published listings is an ErrNotFound.
	Journeys(ctx context.Context, q hereabouts.JourneyQuery) (hereabouts.JourneyAnswer, error)
	// Ready is nil when searches are answered from a complete index.
	Ready(ctx context.Context) error
}

// A Store keeps the records.
type Store interface {
	Commit(ctx context.Context, b hereabouts.Batch) (hereabouts.Receipt, error)
	Listing(ctx context.Context, id string) (hereabouts.Listing, error)
	Organisation(ctx context.Context, id string) (hereabouts.Organisation, error)
	OrganisationListings(ctx context.Context, id string) ([]string, error)
	History(ctx context.Context, id string) ([]hereabouts.Revision, error)
	Changes(ctx context.Context, from hereabouts.Token, follow bool) iter.Seq2[hereabouts.Change, error]
	Head(ctx context.Context) (hereabouts.Token, error)
	Health(ctx context.Context) error
}

// Evidence keeps how many searches nobody could travel to, and nothing else
// of them. It is told the postcode district that was searched from and the
// needs that were asked for, and gives back only numbers that can say nothing
// of one person.
type Evidence interface {
	NoteReach(district string, needs []string, counts hereabouts.ReachCounts)
	UnmetReach(ctx context.Context) ([]hereabouts.UnmetReach, error)
}

// Keys know who may come in.
type Keys interface {
	KeyFor(ctx context.Context, secret string) (hereabouts.Key, error)
	UseAdminLink(ctx context.Context, token string) (secret string, key hereabouts.Key, err error)
}

// Places know where things are, in memory.
type Places interface {
	Resolve(text string) (geo.Place, error)
	Suggest(prefix string, limit int) []geo.Place
	// District is the postcode district nearest to a point, "NN6"; ok is false when none is around.
	District(p orb.Point) (district string, ok bool)
}

// An AreaNamer names an area code, "E08000009" → "Trafford".
type AreaNamer interface {
	Name(code string) (string, bool)
}
