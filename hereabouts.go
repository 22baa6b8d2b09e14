// Package hereabouts is the vocabulary of the directory: what a listing is,
// what may be asked of the directory, and what it answers. It does no I/O and
// imports nothing else of ours, so every other package can speak it.
//
// Start with [Listing], then [Query] and [Results]. [Listing.Normalise] gives
// a listing the one form in which it is stored and compared, [Listing.Validate]
// is the single judge of whether it may be stored, and [Listing.Public] is the
// only view of it that may leave the directory. [Session.Schedule] says when a
// session happens. [Batch], [Receipt] and [Change] are how listings travel into
// and out of the store of record.
//
// Units: distances are metres, money is pence, waits are weeks. Local dates
// and clock times are those of [London]. A [Fact] that nobody has stated is
// [Unknown], which is stored, shown and searched as itself and never as "no".
package hereabouts
