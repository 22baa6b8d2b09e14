package hereabouts

// A Travel asks which listings somebody can get to, and home from, from
// Query.Near. The zero values of its numbers are the defaults of the contract;
// see [Travel.WithDefaults].
type Travel struct {
	Mode        TravelMode
	MaxMinutes  int      // each way, door to door
	OneWay      bool     // do not ask for a way home
	ArriveEarly *int     // minutes before the start; nil is DefaultArriveEarly
	Stay        int      // minutes at a place that is open for longer
	Profile     string   // a name of ProfileNames
	MaxWalkM    *float64 // metres of path of one walk; nil is the profile's
	MaxChanges  *int     // nil is any number
	Pass        string   // a name of PassNames, or empty

	// Verdicts are what to show: names of ReachNames. Empty is whatever the
	// person can use: there and back (there, when OneWay), door to door, and
	// what is unknown unless Query.DropUnknown.
	Verdicts []string
}

// TravelMode is how somebody would travel.
type TravelMode string

// Ways to travel.
const (
	ByTransit    TravelMode = "transit" // and on foot
	OnFoot       TravelMode = "walk"
	ByDoorToDoor TravelMode = "door_to_door" // fetched and brought home
)

// TravelModes are the ways to travel, the default first.
var TravelModes = []TravelMode{ByTransit, OnFoot, ByDoorToDoor}

// Defaults and limits of a Travel.
const (
	DefaultMaxMinutes  = 45
	MaxMaxMinutes      = 240
	DefaultArriveEarly = 5
	MaxArriveEarly     = 120
	DefaultStay        = 60
	MinStay            = 5 // the shortest that is worth a journey
	MaxStay            = 720
	MaxMaxWalkM        = 5000
	MaxMaxChanges      = 10
	ReachDays          = 7 // how far ahead the next session is looked for
)

// ProfileNames are the ways of walking, the default first.
var ProfileNames = []string{"standard", "slow", "step_free"}

// PassNames are the passes that limit when somebody may board.
var PassNames = []string{"older_disabled"}

// ReachNames are the classes that reach counts, in the order they are shown.
// Walking there counts as there and back.
var ReachNames = []string{"there_and_back", "there_only", "no", "unknown", "door_to_door"}

// WithDefaults fills in what was left out.
func (t Travel) WithDefaults() Travel {
	if t.Mode == "" {
		t.Mode = ByTransit
	}
	if t.MaxMinutes == 0 {
		t.MaxMinutes = DefaultMaxMinutes
	}
	if t.ArriveEarly == nil {
		t.ArriveEarly = new(int)
		*t.ArriveEarly = DefaultArriveEarly
	}
	if t.Stay == 0 {
		t.Stay = DefaultStay
	}
	if t.Profile == "" {
		t.Profile = ProfileNames[0]
	}
	return t
}

// ReachCounts are how many results of everything else that was asked each
// verdict has.
type ReachCounts struct {
	ThereAndBack int `json:"there_and_back"`
	ThereOnly    int `json:"there_only"`
	No           int `json:"no"`
	Unknown      int `json:"unknown"`
	DoorToDoor   int `json:"door_to_door,omitempty"`
}
