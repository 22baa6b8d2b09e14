// Package oruk reads directories of services that speak Open Referral: Open
// Referral UK 3.0 and 1.0, the Human Services Data Specification 3.0 and 3.1
// as JSON, its tables as CSV, and the Outpost variant of 1.0. It tells them
// apart by what they hold, not by what they say they are.
//
// Start with [Read], which turns a [Source] (a feed's address, a file, a
// folder or an archive) into importers.Records. A service becomes one listing;
// [Tell] names the dialect of a document.
//
// The dialects call the same things by different names (locations or
// service_at_locations, physical_addresses or addresses, regular_schedules or
// schedules), so one mapping reads all of them by asking for each thing under
// every name it has. Whatever is null, missing or of the wrong type is noted
// and left out; only what a listing cannot be without costs the record.
package oruk
