package transit

import "time"

// A Day is a date: days after 1 January 1970.
type Day int32

// DayOf is the day of a date.
func DayOf(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Date is the year, month and day of the month.
func (d Day) Date() (year int, month time.Month, day int) {
	return time.Unix(int64(d)*86400, 0).UTC().Date()
}

// String writes the day as 2026-11-24.
func (d Day) String() string { return time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly) }

// A Feed is one timetable as its publisher gave it, checked and with
// everything resolved that can be resolved within it: frequencies written out
// as trips, blank times filled in, parents' wheelchair facts inherited and
// rules about stations spread over their platforms. Nothing in it points
// outside it. Slices refer to each other by position.
type Feed struct {
	Name       string // ours, unique: small letters, digits, dots and dashes
	Publisher  string
	URL        string
	Version    string
	Licence    string
	Zone       string // IANA name of the time zone of its times
	First      Day    // its validity, both inclusive
	Last       Day
	ImportedAt time.Time

	Stops     []Stop
	Routes    []Route
	Services  []Service
	Trips     []Trip
	Transfers []Transfer
}

// Accessible says whether wheelchairs can use a stop or trip, as GTFS codes it.
type Accessible uint8

// What a feed says of accessibility.
const (
	AccessUnknown Accessible = 0
	AccessYes     Accessible = 1
	AccessNo      Accessible = 2
)

// A Stop is where vehicles stop: a kerb or a platform, never a whole station.
type Stop struct {
	ID         string // as in the feed; in Britain an ATCO code
	Name       string
	Code       string  // platform or stop letter, when stated apart from the name
	Station    string  // id of the parent station; empty when there is none
	Lat, Lon   float64 // WGS84 degrees
	Wheelchair Accessible
}

// Mode is the kind of vehicle.
type Mode uint8

// Modes. Whatever is none of the others is a bus.
const (
	Bus Mode = iota
	Rail
	Tram // and metro
	Ferry
)

// String is the mode's name in the public contract.
func (m Mode) String() string { return [...]string{"bus", "rail", "tram", "ferry"}[m&3] }

// A Route is a line as passengers know it.
type Route struct {
	ID       string
	Name     string // "2", or the long name when there is no short one
	Operator string
	Mode     Mode
}

// A Service is the set of days that some trips run on.
type Service struct {
	Days []uint64 // bit i%64 of word i/64: it runs on Feed.First + i
}

// On reports whether a service of f runs on a day.
func (f *Feed) On(service int, d Day) bool {
	i := int(d - f.First)
	days := f.Services[service].Days
	return i >= 0 && d <= f.Last && i>>6 < len(days) && days[i>>6]>>(i&63)&1 != 0
}

// A Trip is one vehicle's run, on every day of its service.
type Trip struct {
	ID         string // runs written out of a frequency share their trip's
	Route      uint32 // in Feed.Routes
	Service    uint32 // in Feed.Services
	Headsign   string
	Wheelchair Accessible
	Times      []StopTime // at least two, in order, times never decreasing
}

// How passengers may get on or off at a stop, as GTFS codes it.
const (
	Regular      uint8 = 0
	NotPossible  uint8 = 1
	PhoneAgency  uint8 = 2
	AskTheDriver uint8 = 3
)

// A StopTime is one stop of a trip. Arrive and Depart are seconds from noon
// minus twelve hours of the service day; above 86400 it is the next morning.
// Only Regular pickups and drop-offs are used: the others need a booking.
type StopTime struct {
	Stop            uint32 // in Feed.Stops
	Arrive, Depart  int32
	Pickup, DropOff uint8
}

// Transfer types, as GTFS codes them. Types 4 and 5, staying seated, are not
// taken from feeds.
const (
	Recommended uint8 = 0 // says nothing of times: as if it were not there
	Timed       uint8 = 1 // the vehicle waits: no time is needed
	MinTime     uint8 = 2
	Forbidden   uint8 = 3
)

// A Transfer is a rule for changing from one stop to another, or within one.
// Of several that apply the one of the highest Rank decides, and of those the
// first. A negative route or trip means any.
type Transfer struct {
	From, To           uint32 // in Feed.Stops
	FromRoute, ToRoute int32
	FromTrip, ToTrip   int32 // in Feed.Trips; of a frequency the first run, for all that share its ID
	Type               uint8
	Seconds            int32 // for MinTime; negative when not stated, which is as Recommended
	Rank               uint8 // higher is more specific: 8 for each trip named, 4 for each route, 1 for each end that is a stop and not a station
}
