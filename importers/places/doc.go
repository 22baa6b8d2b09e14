// Package places reads the tables that say where things are, as their
// publishers give them out, into the files of package geo.
//
// Start with [Postcodes] (ONS Postcode Directory, Code-Point Open, tables of
// postcodes or postcode districts), [Places] (OS Open Names, tables of named
// places) and [Areas] (boundaries in GeoJSON). Each takes a file, a folder or
// a zip, compressed or not, tells what is in it by its header, and replaces
// one geo file whole. What was imported before stays; what comes again
// replaces what was there; importing the same source twice changes nothing
// and writes nothing. A server that is running reads the new file with Reload.
//
// Eastings and northings of the British and Irish grids become WGS84 by the
// library github.com/wroge/wgs84 with the published seven-parameter shifts,
// which is within about five metres in Great Britain.
package places
