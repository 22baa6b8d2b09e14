package oruk

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"hereabouts"
	"hereabouts/importers"
)

// An object is a JSON object with numbers as json.Number.
type object map[string]any

// A mapper reads one service and gathers what there is to say about it.
type mapper struct {
	today hereabouts.Date
	notes []importers.Note
	l     *hereabouts.Listing
}

func (m *mapper) note(field, code, format string, args ...any) {
	n := importers.Note{Field: field, Code: code, Detail: fmt.Sprintf(format, args...)}
	for _, before := range m.notes {
		if before == n {
			return
		}
	}
	m.notes = append(m.notes, n)
}

// get is the first of an object's keys that has a value, and which it is.
func (o object) get(keys ...string) (any, string) {
	for _, k := range keys {
		switch v := o[k].(type) {
		case nil:
		case string:
			if strings.TrimSpace(v) != "" {
				return v, k
			}
		default:
			return v, k
		}
	}
	return nil, ""
}

// text is a text under one of the keys, as a reader would see it; empty when
// there is none.
func (m *mapper) text(o object, keys ...string) string {
	for _, k := range keys {
		v, key := o.get(k)
		var s string
		switch v := v.(type) {
		case nil:
			continue
		case string:
			s = importers.PlainText(importers.Filled(v))
		case json.Number:
			s = v.String()
		default:
			m.note(key, "wrong_type", "%s stands where a text belongs; left out", kindOf(v))
			continue
		}
		// Examples of the standard are filled with the names of the fields.
		if s != "" && s != key {
			return s
		}
	}
	return ""
}

// line is text on one line.
func (m *mapper) line(o object, keys ...string) string {
	return strings.Join(strings.Fields(m.text(o, keys...)), " ")
}

// id is a text or a whole number that identifies something.
func (m *mapper) id(o object, keys ...string) string {
	v, key := o.get(keys...)
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case nil:
		return ""
	default:
		m.note(key, "wrong_type", "%s stands where an id belongs; left out", kindOf(v))
		return ""
	}
}

// number is a number, written as one or as text.
func (m *mapper) number(o object, keys ...string) (n float64, ok bool) {
	v, key := o.get(keys...)
	var s string
	switch v := v.(type) {
	case json.Number:
		s = v.String()
	case string:
		s = strings.Trim(importers.Filled(v), "£$ ")
	case nil:
		return 0, false
	default:
		m.note(key, "wrong_type", "%s stands where a number belongs; left out", kindOf(v))
		return 0, false
	}
	if s == "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		m.note(key, "wrong_type", "%q is not a number; left out", short(s))
		return 0, false
	}
	return n, true
}

// fact is yes or no, written as true, "Yes" or 1.
func (m *mapper) fact(o object, keys ...string) hereabouts.Fact {
	v, key := o.get(keys...)
	switch v := v.(type) {
	case nil:
	case bool:
		return hereabouts.FactOf(v)
	case string, json.Number:
		switch strings.ToLower(strings.TrimSpace(fmt.Sprint(v))) {
		case "true", "yes", "y", "1", "t":
			return hereabouts.Yes
		case "false", "no", "n", "0", "f":
			return hereabouts.No
		}
	default:
		m.note(key, "wrong_type", "%s stands where yes or no belongs; left out", kindOf(v))
	}
	return hereabouts.Unknown
}

// objects are the objects of the lists under all of the keys. A single object
// stands for a list of one, and a text for an object with that name.
func (m *mapper) objects(o object, keys ...string) []object {
	var all []object
	for _, k := range keys {
		switch v := o[k].(type) {
		case nil:
		case []any:
			for _, x := range v {
				switch x := x.(type) {
				case nil:
				case map[string]any:
					all = append(all, x)
				case string:
					if s := importers.Filled(x); s != "" {
						all = append(all, object{"name": s})
					}
				default:
					m.note(k, "wrong_type", "%s stands in the list where an object belongs; left out", kindOf(x))
				}
			}
		case map[string]any:
			all = append(all, v)
		case string:
			if importers.Filled(v) != "" {
				all = append(all, object{"name": v})
			}
		default:
			m.note(k, "wrong_type", "%s stands where a list belongs; left out", kindOf(v))
		}
	}
	return all
}

// object is the first object under one of the keys; nil when there is none.
func (m *mapper) object(o object, keys ...string) object {
	for _, k := range keys {
		switch v := o[k].(type) {
		case nil:
		case map[string]any:
			return v
		case []any:
			if all := m.objects(object{k: v}, k); len(all) > 0 {
				return all[0]
			}
		default:
			m.note(k, "wrong_type", "%s stands where an object belongs; left out", kindOf(v))
		}
	}
	return nil
}

// list is texts from a list, or from one text with commas.
func (m *mapper) list(o object, key string) []string {
	var out []string
	switch v := o[key].(type) {
	case nil:
	case []any:
		for _, x := range v {
			if s, is := x.(string); is && strings.TrimSpace(s) != "" {
				out = append(out, strings.TrimSpace(s))
			} else if n, is := x.(json.Number); is {
				out = append(out, n.String())
			}
		}
	case string:
		for s := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || r == ';' || r == '|' }) {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
	case json.Number:
		out = append(out, v.String())
	default:
		m.note(key, "wrong_type", "%s stands where a list belongs; left out", kindOf(v))
	}
	return out
}

func kindOf(v any) string {
	switch v.(type) {
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	case string:
		return "a text"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "nothing"
}

// short is s cut for a note.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
