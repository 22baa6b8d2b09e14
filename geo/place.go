package geo

import "github.com/paulmach/orb"

// Kinds of place, from the most to the least exact for postcodes and points
// and from the largest to the smallest for settlements.
const (
	KindPoint    = "point"    // a latitude and longitude
	KindPostcode = "postcode" // SO14 7DU
	KindDistrict = "district" // SO14, or the sector SO14 7
	KindCity     = "city"
	KindTown     = "town"
	KindSuburb   = "suburb"
	KindVillage  = "village"
	KindHamlet   = "hamlet"
	KindPlace    = "place" // any other named place: a county, a lone farm, an estate
)

// A Place is somewhere to search from.
type Place struct {
	Label    string    // tells places of one name apart: "Newport, Isle of Wight"; resolves to this place again
	Name     string    // "Newport", "SO14 7DU"
	Kind     string    // one of the Kind constants
	District string    // what the name alone leaves open: the local authority, or a postcode district's post town
	Point    orb.Point // WGS84

	// Precision is "postcode" for an exact postcode, "district" for the centre
	// of a postcode district or sector (also when a full postcode was asked for
	// and only its district is known), "place" for a settlement's centre and
	// "point" for coordinates.
	Precision string

	// Corrected is set when the text was read as something other than what was
	// typed, a slip of spelling or an O for a 0: it is what it was read as. A
	// page should say so beside the results.
	Corrected string

	// Namesakes is how many other places share the name that was asked for.
	Namesakes int
}

// Precisions of a Place.
const (
	PrecisionPoint    = "point"
	PrecisionPostcode = "postcode"
	PrecisionDistrict = "district"
	PrecisionPlace    = "place"
)

// rank orders kinds of settlement by how likely people are to mean them.
// Suburbs and villages stand level, and so do hamlets and places of no kind.
func rank(kind string) int {
	switch kind {
	case KindCity:
		return 4
	case KindTown:
		return 3
	case KindSuburb, KindVillage:
		return 2
	case KindHamlet, KindPlace:
		return 1
	}
	return 0
}
