package hereabouts

import (
	"errors"
	"fmt"
	"strings"
)

// Kinds of failure that every package keeps when it wraps an error, so that
// the edge can tell what a person may do about it.
var (
	ErrNotFound    = errors.New("not found")
	ErrConflict    = errors.New("conflict")
	ErrUnavailable = errors.New("unavailable")
)

// A Problem is one thing wrong with what a person sent: where it is, a stable
// code for programs, and advice for people.
type Problem struct {
	Pointer   string `json:"pointer,omitempty"`   // RFC 6901 pointer into a body, "/places/0/lat"
	Parameter string `json:"parameter,omitempty"` // name of a query parameter
	Code      string `json:"code"`                // required, out_of_range, unknown_value, …
	Detail    string `json:"detail"`              // what is wrong and what to do about it
}

// Where is the pointer or the parameter, whichever is set.
func (p Problem) Where() string {
	if p.Parameter != "" {
		return p.Parameter
	}
	return p.Pointer
}

// Problems are all the faults found, reported together. It is an error.
type Problems []Problem

// Add notes a fault at a JSON pointer.
func (p *Problems) Add(pointer, code, detail string) {
	*p = append(*p, Problem{Pointer: pointer, Code: code, Detail: detail})
}

// Addf is Add with a formatted detail.
func (p *Problems) Addf(pointer, code, format string, args ...any) {
	p.Add(pointer, code, fmt.Sprintf(format, args...))
}

// AddParameter notes a fault in a query parameter.
func (p *Problems) AddParameter(name, code, detail string) {
	*p = append(*p, Problem{Parameter: name, Code: code, Detail: detail})
}

// Err is nil when nothing is wrong.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, x := range p {
		lines[i] = fmt.Sprintf("%s: %s", x.Where(), x.Detail)
	}
	return strings.Join(lines, "; ")
}

// A ConflictError says that a record has moved on since it was read.
type ConflictError struct {
	ID   string
	Have Rev // what the store holds
	Want Rev // what the writer expected
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("record %q is at revision %d, not %d", e.ID, e.Have, e.Want)
}

// Unwrap makes a ConflictError match ErrConflict.
func (e *ConflictError) Unwrap() error { return ErrConflict }
