package oruk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"hereabouts"
	"hereabouts/importers"
)

// envelopeKeys hold the services of a page, in 3.x and 1.0.
var envelopeKeys = []string{"contents", "content"}

// deepest is how far JSON of a service may nest. The standard's own fullest
// examples nest nine deep.
const deepest = 64

// An item is one entry of a document.
type item struct {
	pointer string // where in the document
	size    int    // bytes of its JSON
	object  object
	err     error // why it cannot be read
}

// A document is what is said about a JSON document besides its items.
type document struct {
	envelope string // contents, content, or empty
	header   object // the fields of the envelope, or of a document that is one item
	items    int
}

// readDocument visits the entries of a document: the contents of a page, the
// elements of a list, or the one object that it is; and of each document when
// there are several in a row (NDJSON). The contents of a page are read one at
// a time, so a page may be larger than memory.
func readDocument(r io.Reader, visit func(item) bool) (document, error) {
	dec := json.NewDecoder(bufio.NewReaderSize(importers.UTF8(r), 64<<10))
	dec.UseNumber()
	var doc document
	for n := 0; ; n++ {
		prefix := ""
		if n > 0 {
			prefix = fmt.Sprintf("/%d", n+1) // the second document of a stream, and so on
		}
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return doc, nil
		}
		if err != nil {
			return doc, unreadable(dec, err)
		}
		var more bool
		switch t {
		case json.Delim('['):
			more, err = readList(dec, &doc, prefix, visit)
		case json.Delim('{'):
			more, err = readObject(dec, &doc, prefix, visit)
		case nil:
			more = true
		default:
			return doc, errors.New("the document is a single value, not services")
		}
		if err != nil {
			return doc, unreadable(dec, err)
		}
		if !more {
			return doc, nil
		}
	}
}

func unreadable(dec *json.Decoder, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the JSON breaks off at byte %d: %w", dec.InputOffset(), io.ErrUnexpectedEOF)
	}
	if _, is := errors.AsType[*json.SyntaxError](err); is {
		return fmt.Errorf("the JSON is wrong at byte %d: %w", dec.InputOffset(), err)
	}
	return err
}

// readList visits the rest of a list whose bracket has been read.
func readList(dec *json.Decoder, doc *document, prefix string, visit func(item) bool) (more bool, err error) {
	for i := 0; dec.More(); i++ {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return false, err
		}
		doc.items++
		if !visit(newItem(fmt.Sprintf("%s/%d", prefix, i), raw)) {
			return false, nil
		}
	}
	_, err = dec.Token()
	return true, err
}

// readObject reads the rest of an object whose brace has been read. When it
// turns out to be no page, it is an item itself.
func readObject(dec *json.Decoder, doc *document, prefix string, visit func(item) bool) (more bool, err error) {
	fields := map[string]json.RawMessage{}
	size := 2
	page := false
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return false, err
		}
		key, _ := t.(string)
		var raw json.RawMessage
		if slices.Contains(envelopeKeys, key) {
			// The list is read element by element when it is one.
			t, err := dec.Token()
			switch {
			case err != nil:
				return false, err
			case t == json.Delim('['):
				page = true
				doc.envelope = key
				more, err := readList(dec, doc, prefix+"/"+key, visit)
				if err != nil || !more {
					return more, err
				}
				continue
			case t == json.Delim('{'):
				if err := skipRest(dec); err != nil {
					return false, err
				}
				continue
			}
			if t == nil {
				page = true // "contents": null is an empty page
				doc.envelope = key
			}
			continue
		}
		if err := dec.Decode(&raw); err != nil {
			return false, err
		}
		size += len(key) + len(raw) + 4
		fields[key] = raw
	}
	if _, err := dec.Token(); err != nil {
		return false, err
	}
	it := item{pointer: prefix, size: size, object: object{}}
	for key, raw := range fields {
		if depth(raw) > deepest {
			it.err = tooDeep
			continue
		}
		v, err := value(raw)
		if err != nil {
			it.err = err
			continue
		}
		it.object[key] = v
	}
	doc.header = it.object
	if page {
		return true, nil
	}
	doc.items++
	return visit(it), nil
}

// skipRest reads to the end of an object or list that has been begun.
func skipRest(dec *json.Decoder) error {
	for open := 1; open > 0; {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			open++
		case json.Delim('}'), json.Delim(']'):
			open--
		}
	}
	return nil
}

var tooDeep = hereabouts.Problems{{Code: "too_deep", Detail: fmt.Sprintf("its JSON nests deeper than %d levels", deepest)}}

func newItem(pointer string, raw json.RawMessage) item {
	it := item{pointer: pointer, size: len(raw)}
	if depth(raw) > deepest {
		it.err = tooDeep
		return it
	}
	v, err := value(raw)
	if err != nil {
		it.err = err
		return it
	}
	o, is := v.(map[string]any)
	if !is {
		it.err = hereabouts.Problems{{Code: "wrong_type", Detail: kindOf(v) + " stands where a service belongs"}}
		return it
	}
	it.object = o
	return it
}

// value decodes JSON with its numbers as they are written.
func value(raw json.RawMessage) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err
}

// depth is how far JSON nests.
func depth(raw []byte) int {
	deep, most, quoted := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			deep++
			most = max(most, deep)
		case c == '}', c == ']':
			deep--
		}
	}
	return most
}

// A sort is what an entry of a document is about.
type sort int

const (
	aService sort = iota
	anOrganisation
	aTerm
	aRoot
	aPlace
)

// sortOf tells what an object is about by its fields. One with no more than an
// id and a name is a service in a list that says little.
func sortOf(o object) sort {
	has := func(keys ...string) bool {
		for _, k := range keys {
			if _, ok := o[k]; ok {
				return true
			}
		}
		return false
	}
	switch {
	case has("openapi_url", "profile") && has("version"):
		return aRoot
	case has("status", "organization", "organisation", "organization_id", "organisation_id", "service_at_locations", "regular_schedules",
		"minimum_age", "min_age", "attending_type", "attending_access", "cost_options", "service_taxonomys", "fees", "assured_date", "application_process", "needs_referral"):
		return aService
	case has("website", "logo", "organization_identifiers", "tax_status", "legal_status", "year_incorporated", "parent_organization_id"):
		return anOrganisation
	case has("term_uri", "taxonomy", "taxonomy_detail", "vocabulary") || has("uri", "version") && !has("email", "url"):
		return aTerm
	case has("location_type") || has("latitude", "longitude") && !has("description"):
		return aPlace
	}
	return aService
}

// servicesIn are the services that an entry is or holds, with where they stand
// in it.
func servicesIn(it item) (found []item, what sort) {
	if it.err != nil {
		return []item{it}, aService
	}
	o := it.object
	// A service at a location: the service, with that one place.
	if s, is := o["service"].(map[string]any); is {
		service := object{}
		for k, v := range s {
			service[k] = v
		}
		if _, own := s["service_at_locations"]; !own {
			sal := map[string]any{}
			for k, v := range o {
				if k != "service" {
					sal[k] = v
				}
			}
			service["service_at_locations"] = []any{sal}
		}
		return []item{{pointer: it.pointer + "/service", size: it.size, object: service}}, aService
	}
	what = sortOf(o)
	list, _ := o["services"].([]any)
	if what != aService || len(list) == 0 {
		if what == anOrganisation {
			org := organisationOf(o)
			for i, x := range list {
				s, is := x.(map[string]any)
				if !is {
					continue
				}
				service := object{}
				for k, v := range s {
					service[k] = v
				}
				if service["organization"] == nil && service["organisation"] == nil {
					service["organization"] = map[string]any(org)
				}
				found = append(found, item{pointer: fmt.Sprintf("%s/services/%d", it.pointer, i), size: it.size / len(list), object: service})
			}
			return found, what
		}
		if what != aService {
			return nil, what
		}
		return []item{it}, aService
	}
	// An organisation whose fields are those of any record.
	for i, x := range list {
		if s, is := x.(map[string]any); is {
			found = append(found, item{pointer: fmt.Sprintf("%s/services/%d", it.pointer, i), size: it.size / len(list), object: s})
		}
	}
	return found, anOrganisation
}

// organisationOf is what a listing needs of an organisation.
func organisationOf(o object) object {
	org := object{}
	for _, k := range []string{"id", "name", "email", "website", "url", "uri", "organization_identifiers", "organisation_identifiers", "charity_number", "phones", "contacts"} {
		if v, ok := o[k]; ok {
			org[k] = v
		}
	}
	return org
}

// idOf is the id of an object, as it is written.
func idOf(o object) string {
	switch v := o["id"].(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	}
	return ""
}
