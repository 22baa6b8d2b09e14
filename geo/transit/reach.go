package transit

import (
	"errors"
	"time"

	"github.com/paulmach/orb"
)

// The rules' figures; see the package's comment.
const (
	Detour        = 1.3 // path walked for each metre as the crow flies
	ChangeSeconds = 60
	MaxFootM      = 400.0 // metres of path between two stops at a change
)

// A Profile is how somebody walks.
type Profile struct {
	Name     string
	Speed    float64 // metres of path a second
	MaxWalkM float64 // metres of path of one walk
}

// Profiles.
var (
	Standard = Profile{"standard", 1.2, 1000}
	Slow     = Profile{"slow", 0.8, 400}
	StepFree = Profile{"step_free", 0.9, 500}
)

// Steps says what is asked of stops and vehicles.
type Steps uint8

// What is asked of stops and vehicles.
const (
	AnySteps Steps = iota
	Lenient        // none may say no
	Strict         // all must say yes
)

// A Pass limits when somebody may board.
type Pass uint8

// Passes.
const (
	NoPass        Pass = iota
	OlderDisabled      // no boarding before 09:30 on weekdays that are not bank holidays
)

// A Traveller is somebody, where they live and how they can travel. It is
// comparable, and two that are equal reach the same.
type Traveller struct {
	Home       orb.Point
	Limit      time.Duration // each way, door to door; whole seconds
	Speed      float64       // of walking, metres of path a second
	MaxWalkM   float64       // metres of path of one walk
	MaxChanges int           // negative: any number
	Steps      Steps
	Pass       Pass
}

// A Network is every timetable that is known, tied together. It never
// changes and is safe for concurrent use.
type Network struct{}

// NewNetwork ties feeds together. names may be nil.
func NewNetwork(feeds []*Feed, names *StopNames) *Network { return &Network{} }

// Spots are places tied to the stops within walking distance of each. They
// belong to the network that made them. Adding is for one goroutine at a
// time, and not while others read.
type Spots struct{}

// NewSpots is an empty set of spots.
func (n *Network) NewSpots() *Spots { return &Spots{} }

// Add ties a place to the network and numbers it, from 0 on.
func (s *Spots) Add(p orb.Point) uint32 { panic(errTodo) }

// Empty reports whether there is no timetable at all.
func (n *Network) Empty() bool { return true }

// Covers reports whether some stop lies within 25 km: whether there is any
// timetable for where p is.
func (n *Network) Covers(p orb.Point) bool { panic(errTodo) }

// A Reach is everything that one traveller can reach. Scans are made when
// first asked for and kept. It is safe for concurrent use.
type Reach struct{}

// From begins to answer for a traveller.
func (n *Network) From(t Traveller) *Reach { panic(errTodo) }

// A Scan knows for every stop how long may still be walked there.
type Scan struct{}

// Out is about leaving home at deadline − Limit and being somewhere by
// deadline. Times are Unix seconds. Equal questions on days with the same
// timetable are answered by the same scan.
func (r *Reach) Out(deadline int64) *Scan { panic(errTodo) }

// Back is about leaving somewhere at leave and being home by leave + Limit.
func (r *Reach) Back(leave int64) *Scan { panic(errTodo) }

// Reaches reports whether the journey can be made to (or from) a spot with at
// least one vehicle. Walking all the way is [Reach.Walk]'s to say.
func (s *Scan) Reaches(spots *Spots, id uint32) bool { panic(errTodo) }

// Walk is how long walking all the way takes; ok is false when the path is
// longer than 2 × MaxWalkM or takes longer than Limit.
func (r *Reach) Walk(p orb.Point) (seconds int, pathM float64, ok bool) { panic(errTodo) }

// Expired reports whether a timetable with a stop within walking distance of
// home, or of the spot, is not valid on the (local) day of a moment.
func (r *Reach) Expired(at int64, spots *Spots, id uint32) bool { panic(errTodo) }

// NoService reports whether on the (local) day of a moment, and with what the
// traveller asks of vehicles, nothing stops within walking distance of home
// though some stop is there, or nothing within walking distance of the spot
// though some stop is there.
func (r *Reach) NoService(at int64, spots *Spots, id uint32) bool { panic(errTodo) }

// A Journey is one way of getting there or back, from door to door.
type Journey struct {
	Depart, Arrive time.Time // of the whole, in the zone of the feed of its first vehicle; UTC when there is none
	Legs           []Leg
	Changes        int // vehicles less one, and never below 0
	WalkM          float64
	StepFree       Accessible
	At             int // which of the points asked about it goes to or from
}

// A Leg is one walk or one vehicle.
type Leg struct {
	Walk           bool
	Mode           Mode // of a vehicle
	Line           string
	Operator       string
	Headsign       string
	Feed           int // position in Network.Feeds of a vehicle's feed
	From, To       Point
	Depart, Arrive time.Time
	WalkM          float64 // metres of path
}

// A Point is an end of a leg. The traveller's own ends have no name.
type Point struct {
	StopID string
	Name   string
	At     orb.Point
}

// FeedInfo is what is known about a feed as a whole.
type FeedInfo struct {
	Name, Publisher, URL, Version, Licence string
	First, Last                            Day
	ImportedAt                             time.Time
	Stops, Trips                           int
}

// Feeds are the timetables of the network, by name.
func (n *Network) Feeds() []FeedInfo { return nil }

// There is the journey with at least one vehicle that leaves home last and is
// at one of the points by deadline, no earlier than deadline − Limit; of those
// the one that arrives first, then with the fewest changes, then with the
// least walking, then at the first of the points.
func (r *Reach) There(to []orb.Point, deadline int64) (Journey, bool) { panic(errTodo) }

// Home is the journey with at least one vehicle that is home first after
// leaving one of the points at leave or later, no later than leave + Limit; of
// those the one that leaves last, then with the fewest changes, then with the
// least walking, then from the first of the points.
func (r *Reach) Home(from []orb.Point, leave int64) (Journey, bool) { panic(errTodo) }

// LastHome is the journey with at least one vehicle that leaves one of the
// points last, at leave or later, and is home by a moment. Limit does not
// bind it.
func (r *Reach) LastHome(from []orb.Point, leave, by int64) (Journey, bool) { panic(errTodo) }

// ThereAlternatives are up to most journeys that somebody would want to
// choose from: the latest to leave first, and no two with the same vehicles;
// each is better than every other in leaving later, arriving earlier, fewer
// changes or less walking.
func (r *Reach) ThereAlternatives(to []orb.Point, deadline int64, most int) []Journey { panic(errTodo) }

// HomeAlternatives are the same for the way back: the first to be home first.
func (r *Reach) HomeAlternatives(from []orb.Point, leave int64, most int) []Journey { panic(errTodo) }

// Durations knows how long the journeys take that [Reach.There] would find
// for one deadline, without making them.
type Durations struct{}

// Durations works out how long journeys take that arrive by deadline.
func (r *Reach) Durations(deadline int64) *Durations { panic(errTodo) }

// Seconds is from leaving home to arriving at a spot; ok is false when There
// would find no journey.
func (d *Durations) Seconds(spots *Spots, id uint32) (seconds int, ok bool) { panic(errTodo) }

var errTodo = errors.New("transit: not written yet")
