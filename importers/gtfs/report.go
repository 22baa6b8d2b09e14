package gtfs

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Counts are how many there are of each kind of thing in a feed.
type Counts struct {
	Stops     int `json:"stops"`
	Routes    int `json:"routes"`
	Services  int `json:"services"`
	Trips     int `json:"trips"`
	StopTimes int `json:"stop_times"`
	Transfers int `json:"transfers"`
}

// A Report says what became of a feed. A row that was read and is not in the
// timetable is counted in LeftOut, and a Warning says why.
type Report struct {
	Feed       string `json:"feed"`
	Publisher  string `json:"publisher"`
	Zone       string `json:"zone"`
	First      string `json:"first"` // dates as 2026-11-24, both inclusive
	Last       string `json:"last"`
	FirstRun   string `json:"first_run"` // the days on which anything runs
	LastRun    string `json:"last_run"`
	Read       Counts `json:"read"`        // rows of the tables; of services, names of them
	LeftOut    Counts `json:"left_out"`    // of the rows read
	Kept       Counts `json:"kept"`        // what the timetable holds
	WrittenOut int    `json:"written_out"` // trips that were written out of frequencies
	FilledIn   int    `json:"filled_in"`   // stop times that were blank

	Notes    []string  `json:"notes"` // what a reader should know though nothing is wrong
	Warnings []Warning `json:"warnings"`

	seen map[warningKey]int
}

// Severity says what a fault did to the timetable.
type Severity string

// Severities.
const (
	Error Severity = "error"   // something is missing from the timetable
	Warn  Severity = "warning" // something was mended, or looks wrong and was kept
	Info  Severity = "info"    // nothing was lost
)

// linesKept is how many lines of a warning are listed one by one.
const linesKept = 5

// A Warning is one kind of fault in one file.
type Warning struct {
	Code     string   `json:"code"` // of the canonical GTFS validator's notice
	File     string   `json:"file"`
	Line     int      `json:"line"`            // of the first; 0 when it is about the file
	Lines    []int    `json:"lines,omitempty"` // the first few, Line among them
	Count    int      `json:"count"`
	Detail   string   `json:"detail"` // what is wrong with the first, and what was done about all of them
	Severity Severity `json:"severity"`
}

// String is the warning as a person reads it: where, what, how often.
func (w Warning) String() string {
	var b strings.Builder
	b.WriteString(w.File)
	if w.Line > 0 {
		fmt.Fprintf(&b, ":%d", w.Line)
	}
	fmt.Fprintf(&b, ": %s: %s", w.Code, w.Detail)
	if more := w.Count - 1; more > 0 {
		fmt.Fprintf(&b, " (and %d more", more)
		if len(w.Lines) > 1 {
			b.WriteString(", line")
			if len(w.Lines) > 2 {
				b.WriteByte('s')
			}
			for i, l := range w.Lines[1:] {
				if i > 0 {
					b.WriteByte(',')
				}
				fmt.Fprintf(&b, " %d", l)
			}
			if more > len(w.Lines)-1 {
				b.WriteString(" …")
			}
		}
		b.WriteByte(')')
	}
	return b.String()
}

// A warningKey tells kinds of fault apart that share a code: about is the
// field, or a word for what was done.
type warningKey struct{ code, file, about string }

// again counts one more of a fault that is known already, and otherwise says
// that add is needed. Put together they keep a fault in every one of a
// million rows from being put into words a million times.
func (r *Report) again(code, file, about string, line int) bool {
	i, ok := r.seen[warningKey{code, file, about}]
	if !ok {
		return false
	}
	w := &r.Warnings[i]
	w.Count++
	if line > 0 && len(w.Lines) < linesKept && w.Lines[len(w.Lines)-1] != line {
		w.Lines = append(w.Lines, line)
	}
	return true
}

func (r *Report) add(s Severity, code, file, about string, line int, detail string) {
	if r.seen == nil {
		r.seen = map[warningKey]int{}
	}
	r.seen[warningKey{code, file, about}] = len(r.Warnings)
	w := Warning{Code: code, File: file, Line: line, Count: 1, Detail: detail, Severity: s}
	if line > 0 {
		w.Lines = []int{line}
	}
	r.Warnings = append(r.Warnings, w)
}

// warn notes a fault of a line.
func (r *Report) warn(s Severity, code, file, about string, line int, format string, args ...any) {
	if !r.again(code, file, about, line) {
		r.add(s, code, file, about, line, fmt.Sprintf(format, args...))
	}
}

func (r *Report) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// finish puts warnings in order: what lost something first, then by file and line.
func (r *Report) finish() {
	rank := func(s Severity) int { return slices.Index([]Severity{Error, Warn, Info}, s) }
	slices.SortStableFunc(r.Warnings, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(rank(a.Severity), rank(b.Severity)),
			cmp.Compare(fileRank(a.File), fileRank(b.File)), cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Detail, b.Detail))
	})
	r.seen = nil
}

// String is the report in one line.
func (r *Report) String() string {
	s := fmt.Sprintf("%s: %s, valid from %s to %s", r.Feed, r.Kept, r.First, r.Last)
	var lost, mended int
	for _, w := range r.Warnings {
		switch w.Severity {
		case Error:
			lost++
		case Warn:
			mended++
		}
	}
	if lost+mended > 0 {
		s += fmt.Sprintf("; %s of fault, %d of which cost something", counted(lost+mended, "kind"), lost)
	}
	return s
}

// WriteTo writes the report for people to read: the counts, what a reader
// should know, and every kind of fault with where it first is.
func (r *Report) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	fmt.Fprintln(&b, r.String())
	fmt.Fprintf(&b, "read %s\n", r.Read)
	if r.LeftOut != (Counts{}) {
		fmt.Fprintf(&b, "left out %s\n", r.LeftOut)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	for _, f := range r.Warnings {
		fmt.Fprintf(&b, "%s: %s\n", f.Severity, f)
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// String lists what there is any of.
func (c Counts) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{c.Stops, "stop"}, {c.Routes, "route"}, {c.Services, "service"}, {c.Trips, "trip"}, {c.StopTimes, "stop time"}, {c.Transfers, "transfer"}} {
		if p.n != 0 {
			parts = append(parts, counted(p.n, p.what))
		}
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// counted is a number of things: "1 stop", "2 stops".
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
