package places

import "fmt"

// Options say how to import. The zero Options imports.
type Options struct {
	// Progress, when set, is called now and then with how much of the source
	// has been read, in bytes. The total is known from the start.
	Progress func(done, total int64)

	// DryRun reads and reports, and writes nothing.
	DryRun bool

	// Areas: the properties that hold the code and the name, and the kind of
	// area, when the usual ones do not fit.
	CodeProperty, NameProperty, Kind string

	// MaxFaults is how many faults are kept with line and reason; 0 is 10,000.
	// All are counted.
	MaxFaults int

	// limits are those of package source, for tests to lower.
	limits limits
}

// A Report says what became of a source. Read is the sum of the counts below
// it.
type Report struct {
	Read      int      `json:"read"`      // rows or features
	Added     int      `json:"added"`     //
	Changed   int      `json:"changed"`   //
	Unchanged int      `json:"unchanged"` // already held, or repeated in the source
	Skipped   int      `json:"skipped"`   // nothing wrong with them, and nothing to import; Notes say why
	Rejected  int      `json:"rejected"`  // wrong; Faults say where and why
	Faults    []Fault  `json:"faults"`
	Notes     []string `json:"notes"`

	maxFaults int
	skips     tally
	repairs   tally
}

// A Fault is one row or feature that could not be imported.
type Fault struct {
	At     string `json:"at"`     // "onspd.csv:37", "wards.geojson: feature 12"
	Reason string `json:"reason"` // what is wrong and what to do
}

func newReport(o Options) *Report {
	r := &Report{Faults: []Fault{}, Notes: []string{}, maxFaults: o.MaxFaults}
	if r.maxFaults <= 0 {
		r.maxFaults = 10_000
	}
	return r
}

// reject counts a row that cannot be used and keeps where and why.
func (r *Report) reject(at, reason string) {
	r.Rejected++
	if len(r.Faults) < r.maxFaults {
		r.Faults = append(r.Faults, Fault{At: at, Reason: reason})
	}
}

// skip counts a row that there is nothing to import from.
func (r *Report) skip(why string) {
	r.Skipped++
	r.skips.add(why)
}

// finish puts the counts of skips and repairs into words.
func (r *Report) finish() Report {
	for _, t := range []*tally{&r.repairs, &r.skips} {
		for _, why := range t.order {
			r.note("%d %s", t.count[why], why)
		}
	}
	if r.Rejected > len(r.Faults) {
		r.note("only the first %d of %d faults are listed", len(r.Faults), r.Rejected)
	}
	return *r
}

func (r *Report) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// A tally counts reasons in the order in which they first came up.
type tally struct {
	count map[string]int
	order []string
}

func (t *tally) add(why string) {
	if t.count == nil {
		t.count = map[string]int{}
	}
	if t.count[why] == 0 {
		t.order = append(t.order, why)
	}
	t.count[why]++
}
