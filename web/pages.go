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
	Carried                                  []Field // asked by address and not on the form

	Asked      bool // there is an answer, or there are faults
	Faults     []Fault
	Understood []string // how the question was read
	Total      int
	First      int // number of the first result shown
	Results    []Result
	Relax      []string // what would help most
	Next       []Field  // the next page's question; empty when there is none
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
	Fit          []string
	Why          []string
	Freshness    string
}

// ListingPage shows one listing.
type ListingPage struct {
	Frame
	Listing Result
	Text    []string // paragraphs
	Facts   []Fact
	Places  []Place
	Contact []Contact
	Source  string
}

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
