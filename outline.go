package hereabouts

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// CheckOutlines refuses JSON that holds a geometry made of other geometries,
// wherever it is, with a Problem for each. Whoever decodes a record or GeoJSON
// that somebody has sent asks this first: the decoder of such collections
// panics on a null among them and takes quadratic time over nested ones, and
// the directory has no use for them. JSON that is broken is left for its
// decoder to explain.
func CheckOutlines(raw []byte) error {
	var p Problems
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var path []step
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) || err != nil || len(p) >= maxProblems {
			return p.Err()
		}
		var in *step
		if len(path) > 0 {
			in = &path[len(path)-1]
		}
		switch name, isString := token.(string); {
		case token == json.Delim('}') || token == json.Delim(']'):
			path = path[:len(path)-1]
			continue
		case in != nil && in.object && !in.named:
			in.named = true
			if in.name = name; isString && strings.EqualFold(name, "geometries") {
				p.Add(pointerTo(path), CodeNotSupported, "a collection of geometries cannot be used; give one Polygon or MultiPolygon")
			}
			continue
		}
		if in != nil {
			in.named = false
			in.index++
		}
		if token == json.Delim('{') || token == json.Delim('[') {
			path = append(path, step{object: token == json.Delim('{')})
		}
	}
}

// A step is one object or list on the way to a token.
type step struct {
	object bool
	named  bool   // the name has been read and its value has not
	name   string // of the member last begun
	index  int    // items begun so far
}

func pointerTo(path []step) string {
	var b strings.Builder
	for _, s := range path {
		if s.object {
			b.WriteString("/" + escapePointer(s.name))
		} else {
			b.WriteString(indexed("", s.index-1))
		}
	}
	return b.String()
}
