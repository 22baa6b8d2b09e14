package data

import "hereabouts"

// The importer's rule. Beside each record that an importer has written stands
// the content hash of what the source said then, and whether somebody else
// has changed the record since. On the next import of the same source,
//
//   - what the source says again is unchanged: nothing at all is written;
//   - what the source has changed and nobody else has is changed;
//   - what the source has changed and somebody else has too is kept as it is
//     and reported. That is not remembered: every import reports it again
//     until the two agree, because a conflict somebody has seen once is not a
//     conflict somebody has settled.
//
// A record that was here before any importer wrote it counts as somebody
// else's. Saying that a listing is still true (confirmed_at, confirmed_by)
// does not: a confirmation moves forward and never keeps corrections out.
// Withdrawing or saying "full until March" are edits like any other.

const actorImporter = "importer"

// kept reports whether an importer must leave the record alone.
func (r *record) kept() bool { return !r.imported || r.edited }

// keptOr is the outcome of an import that must not touch the record: nothing
// to report when both say the same.
func keptOr(same bool) hereabouts.Outcome {
	if same {
		return hereabouts.Unchanged
	}
	return hereabouts.Kept
}

// sameListing reports whether the source says what the store already has,
// whoever put it there.
func sameListing(have, incoming *hereabouts.Listing) bool {
	in := *incoming
	if in.Organisation.ID == "" {
		in.Organisation.ID = have.Organisation.ID
	}
	if in.ConfirmedAt <= have.ConfirmedAt {
		in.ConfirmedAt, in.ConfirmedBy = have.ConfirmedAt, have.ConfirmedBy
	}
	return in.ContentHash() == have.ContentHash()
}

// editsListing reports whether a change is more than a confirmation.
func editsListing(old, next *hereabouts.Listing) bool {
	n := *next
	n.ConfirmedAt, n.ConfirmedBy = old.ConfirmedAt, old.ConfirmedBy
	return n.ContentHash() != old.ContentHash()
}
