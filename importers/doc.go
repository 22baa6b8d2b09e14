// Package importers turns other people's directories into listings.
//
// Start with [Run]: it takes a source's [Records] one by one, fills in what
// every import fills in (ids, source, licence, places located by postcode),
// lets the listing judge itself, and commits what passes in batches to a
// [Sink]. One bad record is reported with where it was read and why, and the
// rest carry on. Each kind of source is a subpackage that yields Records.
//
// What the sources share in reading lives here too: [OpenFiles] for a file,
// folder, zip or gzip that may be hostile, [Fetcher] for a feed at a URL that
// may be, [UTF8] for text of unknown encoding, and [PlainText], [Name],
// [Contacts] and their kin for what people typed into it.
package importers
