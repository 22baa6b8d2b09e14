package geo

// An UnknownPlaceError says that no place could be made of a text. Its message
// never repeats the text.
type UnknownPlaceError struct {
	Suggestions   []Place // what may have been meant, likeliest first
	NothingLoaded bool    // there are no postcodes and no names to look in yet
}

func (e *UnknownPlaceError) Error() string {
	switch {
	case e.NothingLoaded:
		return "no postcodes or place names have been imported yet; import them with `hereabouts import postcodes` and `hereabouts import places`, or give a latitude and longitude"
	case len(e.Suggestions) > 0:
		return "we do not know that place; choose one of the suggestions, or give a postcode, a town, or a name and district such as \"Newport, Isle of Wight\""
	}
	return "we do not know that place; give a postcode, the first half of one, a town or village, or a latitude and longitude"
}

// An AmbiguousPlaceError says that several places of equal standing share a
// name. Its message never repeats the name.
type AmbiguousPlaceError struct {
	Suggestions []Place // their labels tell them apart
}

func (e *AmbiguousPlaceError) Error() string {
	return "several places have that name; choose one of the suggestions, or add its district, such as \"Newport, Isle of Wight\""
}

// A PointError says why a latitude and longitude cannot be searched from. Its
// message never repeats the numbers.
type PointError struct {
	Code   string // out_of_range or swapped
	Reason string // what is wrong and what to do
}

func (e *PointError) Error() string { return e.Reason }
