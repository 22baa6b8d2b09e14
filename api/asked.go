package api

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"

	"hereabouts"
)

// asked is what a request asks, by name, however it was sent, with every
// fault found so far.
type asked struct {
	values map[string][]string
	whole  map[string]bool // names given as a list, whose items may have commas in them
	inBody bool            // faults are pointed at, not named
	faults faults
}

// fault notes what is wrong with one name.
func (a *asked) fault(name, code, detail string, suggestions ...string) {
	p := hereabouts.Problem{Parameter: name, Code: code, Detail: detail}
	if a.inBody {
		p = hereabouts.Problem{Pointer: "/" + escapePointer(name), Code: code, Detail: detail}
	}
	a.faults.add(p, suggestions...)
}

// faulted reports whether something is already known to be wrong with a name.
func (a *asked) faulted(name string) bool {
	return slices.ContainsFunc(a.faults, func(f fault) bool {
		return f.Parameter == name || a.inBody && f.Pointer == "/"+escapePointer(name)
	})
}

// refuseUnknown faults each name that is not known, with the nearest that is.
func (a *asked) refuseUnknown(known []string) {
	for _, name := range sortedKeys(a.values) {
		if slices.Contains(known, name) {
			continue
		}
		detail := "there is no such parameter; leave it out"
		near := nearest(name, known, 1)
		if len(near) > 0 {
			detail = fmt.Sprintf("there is no such parameter; did you mean %s?", near[0])
		}
		a.fault(name, "unknown_parameter", detail, near...)
	}
}

// given reports whether name has a value, good or bad.
func (a *asked) given(name string) bool { return len(nonEmpty(a.values[name])) > 0 }

// one is the single value of name, "" when absent. What is sent empty, as a
// form does with a box left blank, is absent.
func (a *asked) one(name string) string {
	given := nonEmpty(a.values[name])
	switch len(given) {
	case 0:
		return ""
	case 1:
		return given[0]
	}
	a.fault(name, "repeated", "give this once")
	return ""
}

// list is every value of name, repeated or with commas between, each once.
func (a *asked) list(name string) []string {
	var all []string
	for _, v := range a.values[name] {
		items := strings.Split(v, ",")
		if a.whole[name] {
			items = []string{v}
		}
		for _, item := range items {
			if item = strings.TrimSpace(item); item != "" && !slices.Contains(all, item) {
				all = append(all, item)
			}
		}
	}
	if len(all) > maxListItems {
		a.fault(name, "too_many", fmt.Sprintf("give at most %d values", maxListItems))
		return nil
	}
	return all
}

// maxListItems bounds one list in a query.
const maxListItems = 50

// number is the whole number called name between low and high; nil when absent
// or wrong.
func (a *asked) number(name string, low, high int) *int {
	text := a.one(name)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		a.fault(name, "not_a_number", "give a whole number")
		return nil
	}
	if n < low || n > high {
		a.fault(name, "out_of_range", fmt.Sprintf("give a number from %d to %d", low, high))
		return nil
	}
	return &n
}

// boolean is the value of name, absent when it is not given or not one.
func (a *asked) boolean(name string) (value, ok bool) {
	switch text := a.one(name); text {
	case "":
		return false, false
	case "true", "false":
		return text == "true", true
	}
	a.fault(name, "unknown_value", "give true or false")
	return false, false
}

// choice is the single value of name, "" when absent or not one of allowed.
func (a *asked) choice(name string, allowed []string) string {
	if v := a.one(name); v != "" && a.allowed(name, v, allowed) {
		return v
	}
	return ""
}

// oneOf is the values of name, each of which must be one of allowed.
func oneOf[T ~string](a *asked, name string, allowed []T) []T {
	var good []T
	for _, v := range a.list(name) {
		if a.allowed(name, v, texts(allowed)) {
			good = append(good, T(v))
		}
	}
	return good
}

func (a *asked) allowed(name, value string, allowed []string) bool {
	if slices.Contains(allowed, value) {
		return true
	}
	a.fault(name, "unknown_value", "give one of "+strings.Join(allowed, ", "), nearest(value, allowed, 3)...)
	return false
}

func nonEmpty(values []string) []string {
	var given []string
	for _, v := range values {
		if strings.TrimSpace(v) != "" {
			given = append(given, v)
		}
	}
	return given
}

// nearest are up to n of known that word may have been meant to be, the most
// alike first.
func nearest(word string, known []string, n int) []string {
	word = strings.ToLower(word)
	if len(word) > 60 {
		return nil
	}
	type likeness struct {
		name string
		edit int
	}
	var alike []likeness
	for _, k := range known {
		edits := levenshtein.ComputeDistance(word, strings.ToLower(k))
		if len(word) >= 3 && (strings.HasPrefix(k, word) || strings.HasPrefix(word, k)) {
			edits = min(edits, 1)
		}
		if edits <= max(1, min(3, len(word)/3)) {
			alike = append(alike, likeness{k, edits})
		}
	}
	slices.SortStableFunc(alike, func(x, y likeness) int {
		return cmp.Or(cmp.Compare(x.edit, y.edit), cmp.Compare(x.name, y.name))
	})
	var names []string
	for _, l := range alike[:min(n, len(alike))] {
		names = append(names, l.name)
	}
	return names
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// escapePointer writes one token of an RFC 6901 pointer.
func escapePointer(token string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
}

func contains[T comparable](list []T, v T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}
