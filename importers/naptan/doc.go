// Package naptan reads what stops are called from the National Public
// Transport Access Nodes, Britain's register of stops.
//
// Timetables name their stops briefly or not at all, and say nothing of the
// village a stop is in. They use the register's own ids, ATCO codes, so that
// its names can stand in. [Read] takes the national or an area's Stops.csv, as
// it comes or in the zip it comes in, and tables and layers of other publishers
// that have an ATCO code and a name.
package naptan
