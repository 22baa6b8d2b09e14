package hereabouts

import (
	"crypto/sha256"
	"encoding/json"
	"time"
)

// ContentHash identifies what the listing says: two listings that differ only
// in id, revision and the times of the record (created, updated, imported)
// have the same one. A re-import compares it to know whether its source has
// changed. The listing should be in canonical form; see [Listing.Normalise].
func (l *Listing) ContentHash() [32]byte {
	c := *l
	c.ID, c.Rev = "", 0
	c.CreatedAt, c.UpdatedAt, c.Source.ImportedAt = time.Time{}, time.Time{}, time.Time{}
	return hashJSON(&c)
}

// SameAs reports whether both listings say the same; see [Listing.ContentHash].
func (l *Listing) SameAs(other *Listing) bool { return l.ContentHash() == other.ContentHash() }

// ContentHash identifies what the organisation says, as
// [Listing.ContentHash] does for a listing.
func (o *Organisation) ContentHash() [32]byte {
	c := *o
	c.ID, c.Rev = "", 0
	c.CreatedAt, c.UpdatedAt, c.Source.ImportedAt = time.Time{}, time.Time{}, time.Time{}
	return hashJSON(&c)
}

// SameAs reports whether both organisations say the same.
func (o *Organisation) SameAs(other *Organisation) bool {
	return o.ContentHash() == other.ContentHash()
}

// hashJSON hashes a record's JSON. A record that has none, because a
// coordinate is not a number, cannot pass Validate or be stored; it is hashed
// as its fault, which equals no record's content.
func hashJSON(record any) [32]byte {
	b, err := json.Marshal(record)
	if err != nil {
		b = []byte(err.Error())
	}
	return sha256.Sum256(b)
}
