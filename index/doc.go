// Package index answers questions to the directory. Bleve holds and analyses
// the words of listings and nothing else; everything that is not a word
// (place, kind, need, cost, access, days, availability, limits, freshness)
// lives in typed columns and bitmaps in memory.
//
// Start with [Open], then [Index.Search]. [Index.Follow] keeps the index up
// with the store of record, whose change feed is its only input: the index
// can be thrown away at any time and is rebuilt from the feed.
//
// The parts, in the order a listing meets them:
//
//	fields.go    the words of a listing, by field
//	analysis.go  words into stems
//	words.go     Bleve: stems to listings, with the feed's position inside each batch
//	row.go       everything else about a listing, packed
//	columns.go   rows, bitmaps, grid and names, together
//	follow.go    changes from the store into both
//
// and in the order a question does:
//
//	clauses.go   the question as clauses that each listing passes or fails
//	search.go    which listings pass, how many, and the best of them
//	scorer.go    how well words match
//	ranking.go   every factor of the order of results
//	facets.go    counts
//	explain.go   why a result is there and how it fits
//	journey.go   how to get there in time, and home again
package index
