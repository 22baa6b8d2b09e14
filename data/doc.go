// Package data is the store of record: what providers, link workers and
// importers have told the directory, kept in one bbolt file. The index and
// every view are derived from it and can be thrown away; this cannot.
//
// Start with [Open] and [Store.Commit]. A commit is one [hereabouts.Batch]:
// all of its writes happen or none, and when Commit returns they are on disk
// together with the revision, the audit entry and the change-log entry of
// each. Readers follow along with [Store.Changes], which is compacted (the
// latest state of everything that changed after a token), ordered, resumable
// and never expires.
//
// What is in the file, a bucket each:
//
//	meta           format, epoch, and where the log and the audit have got to
//	listings       id → record (see record.go)
//	organisations  id → record
//	log            position → what changed there; one position per record
//	revisions      id, revision → when, who and what
//	past           id, revision → the record as it was, once superseded
//	audit          sequence → entry and the hash that chains it to the last
//	charities      charity number → organisation
//	names          source and folded name → organisation
//	shows          organisation, listing → the listing shows the organisation
//	ops, op_ages   idempotency keys and when they expire
//	keys, key_ids  API keys by the hash of their secret, and their ids
//	links          one-time admin links by hash
//	unmet          month, district and need → what searches could not reach, in tens
//
// Package conformance beside this one holds the promises as tests, for this
// store and any later one.
package data
