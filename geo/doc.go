// Package geo answers "where": postcodes and place names to points, points to
// distances, and points to the areas that contain them. Everything is held in
// memory and nothing is asked of anybody else's server.
//
// Start with [LatLon], the one place where a latitude and a longitude become
// a point. [Gazetteer] turns what a person types ("so14 7du", "Newport, Isle
// of Wight", "51.48, 0") into a [Place]. [Areas] holds boundaries and says
// which of them contain a point.
//
// Both read compact files of their own from a directory (see [PostcodesFile],
// [NamesFile], [AreasFile]); package importers/places makes those files from
// the tables that Ordnance Survey, ONS and others publish. A file is replaced
// whole, so a running server reads the new one with Reload.
//
// Points are WGS84 degrees, distances are metres. What people type is private:
// no error of this package repeats it.
package geo
