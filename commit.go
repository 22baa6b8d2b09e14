package hereabouts

import "time"

// A Token marks a position in the store's change feed. It is opaque outside
// the store; the empty Token is the beginning.
type Token string

// An Actor is who makes a change, as the audit keeps it.
type Actor struct {
	Kind string `json:"kind"` // provider, link_worker, importer, admin, demo
	Name string `json:"name"` // a key's or source's name; never a secret
}

// A Batch is one commit: all of its writes happen, or none.
type Batch struct {
	Actor  Actor   `json:"actor"`
	Op     string  `json:"op,omitempty"`      // idempotency: the same Op answers with the first Receipt
	DryRun bool    `json:"dry_run,omitempty"` // say what would happen and change nothing
	Writes []Write `json:"writes"`            // at most MaxWrites
}

// Limits on a batch.
const (
	MaxWrites      = 1000
	MaxRecordBytes = 1 << 20
)

// A Write stores one record: exactly one of Listing and Organisation is set.
type Write struct {
	Listing      *Listing      `json:"listing,omitempty"`
	Organisation *Organisation `json:"organisation,omitempty"`

	// IfRev is the revision that the writer has read; 0 says that the record
	// must not exist. A different revision in the store is a ConflictError.
	IfRev Rev `json:"if_rev"`

	// Import asks for the importer's rule in place of IfRev: a record that the
	// source has not changed since its last import is left alone, and one that
	// somebody else has edited since then is kept and reported.
	Import bool `json:"import,omitempty"`

	// Action names the change in the history: create, replace, patch,
	// availability, confirm, withdraw, import.
	Action string `json:"action,omitempty"`
}

// An Outcome is what became of one write.
type Outcome string

// Outcomes.
const (
	Added     Outcome = "added"
	Changed   Outcome = "changed"
	Unchanged Outcome = "unchanged"
	Kept      Outcome = "kept" // a provider's edit was not overwritten by an importer
)

// A Receipt acknowledges a batch: it is on disk.
type Receipt struct {
	Token    Token     `json:"token"`
	IDs      []string  `json:"ids"`      // per write, the record's id; empty for a new one in a dry run
	Revs     []Rev     `json:"revs"`     // per write, the revision now stored
	Outcomes []Outcome `json:"outcomes"` // per write
	Replayed bool      `json:"replayed,omitempty"`
}

// A Change is one entry of the change feed. The feed is compacted: it holds
// the latest state of every record that changed after a position, in order.
type Change struct {
	Token        Token         `json:"token"`
	ID           string        `json:"id"`
	Rev          Rev           `json:"rev"`
	At           time.Time     `json:"at"`
	Deleted      bool          `json:"deleted,omitempty"` // withdrawn, or no longer published
	Listing      *Listing      `json:"listing,omitempty"`
	Organisation *Organisation `json:"organisation,omitempty"`
}

// A Revision is one entry in a record's history.
type Revision struct {
	Rev     Rev       `json:"rev"`
	At      time.Time `json:"at"`
	Actor   Actor     `json:"actor"`
	Action  string    `json:"action"`
	Changed []string  `json:"changed"` // top-level JSON fields that differ from the revision before
	Listing *Listing  `json:"listing,omitempty"`
}
