// Package sheet reads spreadsheets of listings: CSV and its kin, whatever
// their columns are called.
//
// Start with [Read]. A [Mapping] says what each column means; [LoadMapping]
// reads one from a file or takes one of those that are shipped, which
// [Mappings] names. docs/mappings.md describes the format.
//
// The records do not say which source they are of; give importers.Run the
// mapping's Source, or another.
//
// A sheet is never perfect. A row that cannot be read is rejected with its
// line and the rest carry on; a cell that cannot be understood is kept as text
// or left out, and a note says so.
package sheet
