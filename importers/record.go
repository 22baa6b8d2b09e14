package importers

import (
	"context"
	"iter"

	"hereabouts"
)

// A Record is one thing read from a source: a listing, or the reason why the
// source's entry cannot become one.
type Record struct {
	At      string              // where it was read: "walks.csv:37", "services/4c2f…"
	Listing *hereabouts.Listing // nil when Err is set
	Err     error               // why it is rejected; hereabouts.Problems when several things are wrong
	Notes   []Note              // what was repaired, or could not be understood and was kept as text
}

// A Note says what an importer did about a defect in a record it kept.
type Note struct {
	Field  string `json:"field"` // JSON name in the listing, or the source's own column
	Code   string `json:"code"`  // repaired, ignored, kept_as_text, located_by_postcode, …
	Detail string `json:"detail"`
}

// Records are a source's records in its own order. A non-nil error ends the
// source: what follows it cannot be read.
type Records = iter.Seq2[Record, error]

// A Sink takes listings in: the store, or the server that owns it.
type Sink interface {
	Commit(ctx context.Context, b hereabouts.Batch) (hereabouts.Receipt, error)
}
