// Package geojson reads listings from maps: green spaces with their outlines
// and gates, and points such as food banks.
//
// Start with [Read]. What the properties of a feature mean is said by a
// sheet.Mapping, the same as for a spreadsheet, so that one mapping serves a
// council's CSV and its GeoJSON; [Detect] finds the shipped one that fits. The
// geometry is repaired where that is safe (rings closed, coordinates that were
// swapped or on the National Grid put right) and rejected with the reason
// where not. Each listing gets a point that lies inside its outline, and the
// entrances that stand on or near it.
package geojson
