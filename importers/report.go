package importers

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hereabouts"
)

// Keep is how many faults, notes and kept listings a Report holds one by one;
// beyond it they are only counted. The rejects file has them all.
const Keep = 1000

// A Report says what became of every record of a run:
// Read = Added + Changed + Unchanged + Kept + Repeated + Rejected, unless the
// run was stopped.
type Report struct {
	Source    string           `json:"source"`
	DryRun    bool             `json:"dry_run,omitempty"`
	Read      int              `json:"read"`
	Added     int              `json:"added"`
	Changed   int              `json:"changed"`
	Unchanged int              `json:"unchanged"`
	Kept      int              `json:"kept"`     // not overwritten: somebody edited them since the last import
	Repeated  int              `json:"repeated"` // the very same record was read before in this run
	Rejected  int              `json:"rejected"`
	Notes     map[string]int   `json:"notes"`  // by code: what was repaired or kept as text
	Noted     []Noted          `json:"noted"`  // the first of them
	Faults    []Fault          `json:"faults"` // the first of the rejected
	Kepts     []Kept           `json:"kepts"`  // the first of the kept
	Elapsed   time.Duration    `json:"elapsed_ns"`
	Token     hereabouts.Token `json:"token"` // the last commit; a search carrying it sees the import
}

// A Fault is one rejected record.
type Fault struct {
	At       string              `json:"at"` // where it was read
	SourceID string              `json:"source_id,omitempty"`
	Name     string              `json:"name,omitempty"`
	Reasons  hereabouts.Problems `json:"reasons"`
}

// String is the fault as a person reads it: where, and everything wrong there.
func (f Fault) String() string {
	why := make([]string, len(f.Reasons))
	for i, p := range f.Reasons {
		if why[i] = p.Detail; p.Where() != "" {
			why[i] = p.Where() + ": " + p.Detail
		}
	}
	return f.At + ": " + strings.Join(why, "; ")
}

// Noted is a note and the record it is about.
type Noted struct {
	At string `json:"at"`
	Note
}

// A Kept is a listing that was left as it is because somebody has edited it
// since the source was last imported.
type Kept struct {
	At   string         `json:"at"`
	ID   string         `json:"id"`
	Name string         `json:"name"`
	Rev  hereabouts.Rev `json:"rev"` // the revision that stays
}

// Stored is the number of records that the store now holds as read.
func (r *Report) Stored() int { return r.Added + r.Changed + r.Unchanged }

// String is the report in one line.
func (r *Report) String() string {
	s := fmt.Sprintf("read %d, added %d, changed %d, unchanged %d", r.Read, r.Added, r.Changed, r.Unchanged)
	for _, n := range []struct {
		count int
		what  string
	}{{r.Kept, "kept"}, {r.Repeated, "repeated"}, {r.Rejected, "rejected"}} {
		if n.count > 0 {
			s += fmt.Sprintf(", %s %d", n.what, n.count)
		}
	}
	if r.DryRun {
		s += " (tried only: nothing was written)"
	}
	return s
}

// shown is how many lines of each kind WriteTo gives a person to read.
const shown = 20

// WriteTo writes the report for people to read: the counts, the first faults
// with where they are, the listings that were kept, and the notes by code.
func (r *Report) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	fmt.Fprintln(&b, r.String())
	for i, f := range r.Faults {
		if i == shown {
			break
		}
		fmt.Fprintln(&b, f.String())
	}
	if more := r.Rejected - min(len(r.Faults), shown); more > 0 {
		fmt.Fprintf(&b, "and %d more rejected\n", more)
	}
	for i, k := range r.Kepts {
		if i == shown {
			break
		}
		fmt.Fprintf(&b, "%s: kept %q at revision %d, which has been edited since the last import\n", k.At, k.Name, k.Rev)
	}
	if more := r.Kept - min(len(r.Kepts), shown); more > 0 {
		fmt.Fprintf(&b, "and %d more kept\n", more)
	}
	for _, code := range r.noteCodes() {
		fmt.Fprintf(&b, "note: %s: %d", code, r.Notes[code])
		if i := slices.IndexFunc(r.Noted, func(n Noted) bool { return n.Code == code }); i >= 0 {
			fmt.Fprintf(&b, ", first at %s: %s: %s", r.Noted[i].At, r.Noted[i].Field, r.Noted[i].Detail)
		}
		fmt.Fprintln(&b)
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// noteCodes are the codes of the notes, most frequent first.
func (r *Report) noteCodes() []string {
	codes := make([]string, 0, len(r.Notes))
	for code := range r.Notes {
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Notes[b], r.Notes[a]), strings.Compare(a, b))
	})
	return codes
}
