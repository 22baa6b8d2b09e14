package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"hereabouts"
)

// serverOwned are the members of a record that only the directory sets. What
// a body says of them is ignored, so that a record can be sent back as it was
// read; If-Match says which revision is meant.
var serverOwned = []string{"rev", "created_at", "updated_at"}

// decodeListing reads a listing with every fault found: what the schema says
// of its shape, and what Validate says of the rest.
func (s *Server) decodeListing(body any, l *hereabouts.Listing) faults {
	return s.decode("ListingInput", body, l, func() error {
		l.Normalise()
		return l.Validate(s.Needs)
	})
}

func (s *Server) decodeOrganisation(body any, o *hereabouts.Organisation) faults {
	return s.decode("OrganisationInput", body, o, func() error {
		o.Normalise()
		return o.Validate()
	})
}

// decode checks body against a schema of the OpenAPI document, reads what is
// sound of it into v, and asks validate about that. A member that the schema
// has already faulted is not reported twice.
func (s *Server) decode(schema string, body, v any, validate func() error) faults {
	body = withoutNulls(body)
	if object, ok := body.(map[string]any); ok {
		object = maps.Clone(object)
		for _, name := range serverOwned {
			delete(object, name)
		}
		body = object
	}
	f := s.spec.check(schema, body)
	if _, ok := body.(map[string]any); !ok {
		return f
	}
	for _, x := range f {
		body = without(body, x.Pointer)
	}
	raw, err := json.Marshal(body)
	if problems, ok := errors.AsType[hereabouts.Problems](hereabouts.CheckOutlines(raw)); ok {
		for _, p := range problems {
			f.add(p)
		}
		return f
	}
	if err == nil {
		err = json.Unmarshal(raw, v)
	}
	if err != nil {
		// The schema allows it and the type does not: a geometry that is not one.
		pointer := geometryFault(body, "")
		f.add(hereabouts.Problem{Pointer: pointer, Code: "unreadable", Detail: "this cannot be read; check it against /openapi.json"})
		return f
	}
	if validate == nil {
		return f
	}
	more := problemFor(orNil(validate()))
	for _, x := range more.Errors {
		if !slices.ContainsFunc(f, func(have fault) bool {
			_, in := under(have.Pointer, x.Pointer)
			return in && have.Pointer != "" || have.Pointer == x.Pointer
		}) {
			f = append(f, x)
		}
	}
	return f
}

// orNil keeps problemFor from seeing a nil error.
func orNil(err error) error {
	if err == nil {
		return faults{}
	}
	return err
}

// geometryFault is the pointer of the first geometry that cannot be read.
func geometryFault(v any, at string) string {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range sortedKeys(v) {
			here := at + "/" + escapePointer(name)
			if name == "geometry" {
				raw, err := json.Marshal(map[string]any{"catchment": map[string]any{"geometry": v[name]}})
				var e hereabouts.Eligibility
				if err != nil || json.Unmarshal(raw, &e) != nil {
					return here
				}
				continue
			}
			if found := geometryFault(v[name], here); found != "" {
				return found
			}
		}
	case []any:
		for i, item := range v {
			if found := geometryFault(item, at+"/"+strconv.Itoa(i)); found != "" {
				return found
			}
		}
	}
	return ""
}

// merge applies an RFC 7396 merge patch to a record and returns the result as
// JSON values. Lists are replaced whole; null takes a member away.
func merge(record, patch any) (any, error) {
	object, ok := patch.(map[string]any)
	if !ok {
		var f faults
		f.add(hereabouts.Problem{Code: "wrong_type", Detail: "a merge patch of a record is an object with the members to change"})
		return nil, f
	}
	object = maps.Clone(object)
	for _, name := range serverOwned {
		delete(object, name)
	}
	base, err := json.Marshal(record)
	if err != nil {
		return nil, fmt.Errorf("api: merge patch: %w", err)
	}
	change, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("api: merge patch: %w", err)
	}
	merged, err := jsonpatch.MergePatch(base, change)
	if err != nil {
		return nil, newProblem(http.StatusUnprocessableEntity, "invalid", "That patch cannot be applied", "Check it against RFC 7396.")
	}
	d := json.NewDecoder(bytes.NewReader(merged))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("api: merge patch: %w", err)
	}
	return v, nil
}

// stated reports whether a body says anything of a member.
func stated(body any, name string) bool {
	object, _ := body.(map[string]any)
	return object[name] != nil
}

// withoutNulls leaves out members that are null: in what is sent, null and
// absent both say nothing.
func withoutNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		kept := make(map[string]any, len(v))
		for name, member := range v {
			if member != nil {
				kept[name] = withoutNulls(member)
			}
		}
		return kept
	case []any:
		kept := make([]any, len(v))
		for i, item := range v {
			kept[i] = withoutNulls(item)
		}
		return kept
	}
	return v
}

// without is v less what a pointer points at. An item of a list leaves a null
// behind, so that the pointers to its neighbours still hold.
func without(v any, pointer string) any {
	if pointer == "" {
		return v
	}
	token, rest, _ := strings.Cut(pointer[1:], "/")
	if rest != "" || strings.HasSuffix(pointer, "/") {
		rest = "/" + rest
	}
	token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
	switch v := v.(type) {
	case map[string]any:
		member, ok := v[token]
		if !ok {
			return v
		}
		v = maps.Clone(v)
		if rest == "" {
			delete(v, token)
		} else {
			v[token] = without(member, rest)
		}
		return v
	case []any:
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i >= len(v) {
			return v
		}
		v = slices.Clone(v)
		if rest == "" {
			v[i] = nil
		} else {
			v[i] = without(v[i], rest)
		}
		return v
	}
	return v
}

// under reports whether pointer is at or beneath root, and what is left of it.
func under(root, pointer string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(pointer, root)
	return rest, ok && (rest == "" || rest[0] == '/')
}
