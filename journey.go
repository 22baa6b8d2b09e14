package hereabouts

import (
	"encoding/json"
	"time"
)

// A Verdict is whether somebody can get to a listing in time, and home again.
type Verdict string

// Verdicts.
const (
	ThereAndBack  Verdict = "there_and_back"
	ThereOnly     Verdict = "there_only"
	NotReached    Verdict = "no"
	ReachUnknown  Verdict = "unknown"
	Walkable      Verdict = "walk"         // both ways can be walked
	DoorToDoorYes Verdict = "door_to_door" // somebody fetches them and brings them home
)

// Obstacle is what stands in the way when a listing cannot be reached, or
// cannot be known to be. Its JSON is null when nothing does.
type Obstacle string

// Obstacles.
const (
	NoObstacle       Obstacle = ""
	NoReturn         Obstacle = "no_return"
	TooFar           Obstacle = "too_far"
	NoServiceThatDay Obstacle = "no_service_that_day"
	TimetableExpired Obstacle = "timetable_expired"
	NoSession        Obstacle = "no_session"
)

// MarshalJSON writes null for no obstacle.
func (o Obstacle) MarshalJSON() ([]byte, error) {
	if o == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(o))
}

// A Journey is how somebody gets to one session of a listing and home again.
// Its JSON is the public contract. Times to leave by are rounded down to the
// minute and times of arrival up, so that nobody who goes by them is late;
// the moments beside them are exact.
type Journey struct {
	Verdict   Verdict         `json:"verdict"`
	Reason    Obstacle        `json:"reason"`
	Session   *JourneySession `json:"session"`
	Out       *WayThere       `json:"out"`
	Back      *WayBack        `json:"back"`
	StepFree  Fact            `json:"step_free"`
	PassValid Fact            `json:"pass_valid"`
	Basis     JourneyBasis    `json:"basis"`
	Fallback  []Fallback      `json:"fallback,omitempty"` // who would fetch the person when nothing else reaches
	Sentence  string          `json:"sentence"`           // all of it, to read out
}

// A JourneySession is the time at the listing that a journey is for: a
// session, or the stay within opening hours.
type JourneySession struct {
	SessionID string    `json:"session_id,omitempty"`
	PlaceID   string    `json:"place_id,omitempty"`
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`
}

// A WayThere leads from home to the listing.
type WayThere struct {
	LeaveBy  Clock     `json:"leave_by"`
	Arrive   Clock     `json:"arrive"`
	Minutes  int       `json:"minutes"`
	Changes  int       `json:"changes"`
	WalkM    float64   `json:"walk_m"` // whole metres of path
	Legs     []Leg     `json:"legs"`
	DepartAt time.Time `json:"depart_at"`
	ArriveAt time.Time `json:"arrive_at"`
}

// A WayBack leads from the listing home.
type WayBack struct {
	Leave    Clock     `json:"leave"`
	Home     Clock     `json:"home"`
	Minutes  int       `json:"minutes"`
	Changes  int       `json:"changes"`
	WalkM    float64   `json:"walk_m"`
	Last     Clock     `json:"last,omitempty"` // when to leave for the last way home that night
	Legs     []Leg     `json:"legs"`
	DepartAt time.Time `json:"depart_at"`
	ArriveAt time.Time `json:"arrive_at"`
}

// A Leg is one walk or one vehicle of a journey.
type Leg struct {
	Mode     string  `json:"mode"` // walk, bus, rail, tram, ferry
	Line     string  `json:"line,omitempty"`
	Headsign string  `json:"headsign,omitempty"`
	Operator string  `json:"operator,omitempty"`
	From     string  `json:"from"` // name of a stop; "home" and the place's name at the ends
	To       string  `json:"to"`
	FromStop string  `json:"from_stop,omitempty"`
	ToStop   string  `json:"to_stop,omitempty"`
	Depart   Clock   `json:"depart"`
	Arrive   Clock   `json:"arrive"`
	WalkM    float64 `json:"walk_m,omitempty"`
}

// A JourneyBasis is what a journey rests on.
type JourneyBasis struct {
	Feed       string `json:"feed"`        // names of the timetables used, or consulted, joined by commas
	ValidUntil Date   `json:"valid_until"` // the first of them to run out
	Walk       string `json:"walk"`
	Hours      string `json:"hours,omitempty"` // when hours were assumed: "assumed 09:00-17:00"
}

// StraightLineWalk is how walks are reckoned until a street network is loaded.
const StraightLineWalk = "straight_line_x1.3"

// A Fallback is a listing that fetches people.
type Fallback struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Phone string `json:"phone,omitempty"`
	URL   string `json:"url,omitempty"`
}

// A JourneyQuery asks how to get to one listing and home again.
type JourneyQuery struct {
	From        Origin
	ListingID   string
	Date        Date // empty: its next session, within ReachDays
	Travel      Travel
	DropUnknown bool // with the profile step_free: what does not say yes is no
	Most        int  // alternatives each way; 0 is 3
}

// JourneyAnswer is every way to a listing on one day.
type JourneyAnswer struct {
	From     Origin          `json:"from"`
	Listing  JourneyListing  `json:"listing"`
	Date     Date            `json:"date"`     // of the journeys
	Journeys []JourneyChoice `json:"journeys"` // one for each session that day, in order of time
}

// A JourneyListing is the listing that journeys lead to.
type JourneyListing struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// A JourneyChoice is the journey to one session with what else could be taken.
type JourneyChoice struct {
	Journey
	OutAlternatives  []WayThere `json:"out_alternatives"`
	BackAlternatives []WayBack  `json:"back_alternatives"`
	Sentences        []string   `json:"sentences"` // the last way home and every alternative, to read out
}
