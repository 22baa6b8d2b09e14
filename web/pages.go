package web

// Frame is what surrounds every page.
type Frame struct {
	Title string
	Demo  bool // say that what is shown is demonstration data
}

// A Choice is one option of a question on a form.
type Choice struct {
	Value, Label string
	Chosen       bool
}

// SearchPage is the search form and, once something was asked, its answer.
type SearchPage struct {
	Frame

	// What was asked, to fill the form again.
	Words, Near                              string
	Within, Kinds, Days, Times, Costs, Sorts []Choice
	Access                                   []Choice
	Travel                                   Travel
	Carried                                  []Field // asked by address and not on the form

	Asked      bool // there is an answer, or there are faults
	Faults     []Fault
	Understood []string // how the question was read
	Total      int
	Reach      *Reach
	First      int // number of the first result shown
	Results    []Result
	Relax      []string // what would help most
	Next       []Field  // the next page's question; empty when there is none
}

// Travel is what is asked of how somebody gets there, to fill a form.
type Travel struct {
	Modes, Minutes, Profiles []Choice
	Home                     bool // and home again
	Pass                     bool // a bus pass that starts at 09:30
}

// Reach is how many things can be reached, by class, and the question that
// the buttons of those not shown ask again.
type Reach struct {
	Classes  []ReachClass
	Question []Field
}

// A ReachClass is one class of reach. One that is neither shown nor empty is
// a button.
type ReachClass struct {
	Value, Text string // there_only, "4 there only"
	Shown       bool
	Empty       bool
}

// A Field is a hidden field of a form.
type Field struct{ Name, Value string }

// A Fault is one thing to put right.
type Fault struct {
	About       string // id of the field on the form; empty when it has none
	Label       string
	Detail      string
	Suggestions []string
}

// A Result is one listing in an answer.
type Result struct {
	Link         string // address of its page
	Name         string
	Kind         string
	Summary      string
	Where        string
	Distance     string
	When         string
	Availability string
	Cost         string
	Journey      string  // how to get there and home again, in a sentence
	Fetched      []Link  // who would fetch the person
	Ask          []Field // the question about every way there; empty when there is none
	Fit          []string
	Why          []string
	Freshness    string
}

// A Link is a page of ours.
type Link struct{ Address, Text string }

// ListingPage shows one listing.
type ListingPage struct {
	Frame
	Listing Result
	Text    []string // paragraphs
	Facts   []Fact
	Places  []Place
	Contact []Contact
	Source  string
	Trip    *Trip // nil when there is nowhere to go
}

// A Trip asks how to get to a listing and, once asked, answers.
type Trip struct {
	Action    string // address that the form posts to
	From, Day string // what was asked, to fill the form again
	Travel    Travel
	Carried   []Field

	Faults   []Fault
	Answered bool
	Heading  string // "Getting there from NN6 9DX on Tuesday 24 November"
	None     string // said when there is no journey to show
	Journeys []Journey
}

// A Journey is the way to one session and home again.
type Journey struct {
	Heading   string // when the session is; empty when that is not known
	Sentence  string
	Out, Back *Way
	Others    []string // what else could be taken, to read out
	Facts     []Fact
	Fetched   []Link
}

// A Way is one direction of a journey.
type Way struct {
	Heading string // "There: leave by 09:12, arrive 09:51"
	Legs    []Leg
}

// A Leg is one walk or one vehicle.
type Leg struct{ Depart, Arrive, Text string }

// A Fact is a label and what is to be said.
type Fact struct{ Label, Text string }

// A Place is where a listing happens.
type Place struct {
	Name, Address string
	Access        []Fact
	Note          string
}

// A Contact is somebody to ask. Only Web becomes a link.
type Contact struct{ Name, Phone, Email, Web string }

// MessagePage says one thing.
type MessagePage struct {
	Frame
	Heading string
	Text    []string
}

// AdminLinkPage asks before a one-time link is used up, and then shows the key
// that it gave, once.
type AdminLinkPage struct {
	Frame
	Token  string // to be used by the button
	Secret string // the new key
	Key    string // its name
}

func (SearchPage) template() string    { return "search.html" }
func (ListingPage) template() string   { return "listing.html" }
func (MessagePage) template() string   { return "message.html" }
func (AdminLinkPage) template() string { return "admin.html" }
