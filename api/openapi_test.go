package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// A document is the OpenAPI document as the server gives it, ready to judge
// answers.
type document struct {
	doc      map[string]any
	compiled map[string]*jsonschema.Schema
}

const docURL = "https://example.org/openapi.json"

func readDocument(t testing.TB, w *world) *document {
	t.Helper()
	resp := w.ask("", "GET", "/openapi.json", "")
	v, err := jsonschema.UnmarshalJSON(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &document{doc: v.(map[string]any), compiled: map[string]*jsonschema.Schema{}}
}

// at is what a pointer into the document points at, references followed.
func (d *document) at(pointer string) (v any, canonical string) {
	v, canonical = d.doc, "#"
	if pointer == "#" {
		return v, canonical
	}
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "#/"), "/") {
		object, ok := v.(map[string]any)
		if !ok {
			return nil, canonical
		}
		v, ok = object[unescape(token)]
		if !ok {
			return nil, canonical
		}
		canonical += "/" + token
		if o, ok := v.(map[string]any); ok {
			if ref, ok := o["$ref"].(string); ok {
				v, canonical = d.at(ref)
			}
		}
	}
	return v, canonical
}

func unescape(token string) string { return strings.NewReplacer("~1", "/", "~0", "~").Replace(token) }
func escape(token string) string   { return strings.NewReplacer("~", "~0", "/", "~1").Replace(token) }

func (d *document) schema(t testing.TB, pointer string) *jsonschema.Schema {
	t.Helper()
	if s := d.compiled[pointer]; s != nil {
		return s
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource(docURL, d.doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(docURL + pointer)
	if err != nil {
		t.Fatalf("%s: %v", pointer, err)
	}
	d.compiled[pointer] = s
	return s
}

// operations are every documented operation as "GET /path/{id}".
func (d *document) operations() []string {
	var all []string
	for path, item := range d.doc["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			if method != "parameters" {
				all = append(all, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(all)
	return all
}

// pathOf is the documented path that an address belongs to.
func (d *document) pathOf(address string) string {
	address = strings.TrimSuffix(address, "/")
	for path := range d.doc["paths"].(map[string]any) {
		want, got := strings.Split(path, "/"), strings.Split(address, "/")
		if len(want) == len(got) && !slices.ContainsFunc(slices.Collect(indexes(want)), func(i int) bool {
			return want[i] != got[i] && !strings.HasPrefix(want[i], "{")
		}) {
			return path
		}
	}
	return ""
}

func indexes[T any](list []T) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range list {
			if !yield(i) {
				return
			}
		}
	}
}

// answeredOperations are the operations and statuses that a case has seen,
// "GET /path 200".
type answeredOperations map[string]bool

// complete faults each documented operation that no case has seen succeed.
func (a answeredOperations) complete(t testing.TB, d *document) {
	t.Helper()
	for _, op := range d.operations() {
		if !a[op+" 200"] && !a[op+" 201"] && !a[op+" 204"] {
			t.Errorf("no case shows %s succeed", op)
		}
	}
}

// conform judges an answer by the document: its status must be documented for
// its operation, its headers too, and its body must be as the schema says.
func (d *document) conform(t testing.TB, resp *http.Response, body []byte, seen answeredOperations) {
	t.Helper()
	path := d.pathOf(resp.Request.URL.Path)
	method := strings.ToLower(resp.Request.Method)
	if method == "head" {
		method = "get"
	}
	if path == "" || method == "options" || resp.StatusCode == http.StatusMethodNotAllowed {
		return // pages, and what is refused before it is an operation
	}
	operation := "#/paths/" + escape(path) + "/" + method
	if v, _ := d.at(operation); v == nil {
		t.Errorf("%s %s answers %d and is not documented", method, path, resp.StatusCode)
		return
	}
	v, at := d.at(operation + "/responses/" + fmt.Sprint(resp.StatusCode))
	if v == nil {
		t.Errorf("%s %s: status %d is not documented", method, path, resp.StatusCode)
		return
	}
	seen[fmt.Sprintf("%s %s %d", strings.ToUpper(method), path, resp.StatusCode)] = true
	documented, _ := v.(map[string]any)["headers"].(map[string]any)
	for name := range documented {
		optional := name == "Idempotency-Replayed" || name == "Cache-Control" && resp.StatusCode != 200
		if resp.Header.Get(name) == "" && !optional && resp.StatusCode != http.StatusNotModified {
			t.Errorf("%s %s: %d lacks the documented header %s", method, path, resp.StatusCode, name)
		}
	}
	for _, name := range []string{"Etag", "Location", "Hereabouts-Token", "Www-Authenticate", "Idempotency-Replayed"} {
		if resp.Header.Get(name) != "" && !slices.ContainsFunc(keys(documented), func(have string) bool { return strings.EqualFold(have, name) }) {
			t.Errorf("%s %s: %d has the header %s, which is not documented", method, path, resp.StatusCode, name)
		}
	}
	content, _ := v.(map[string]any)["content"].(map[string]any)
	if resp.Request.Method == http.MethodHead || len(content) == 0 {
		if len(body) > 0 {
			t.Errorf("%s %s: %d has a body that is not documented", method, path, resp.StatusCode)
		}
		return
	}
	media, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	if content[media] == nil {
		t.Errorf("%s %s: %d answers with %s, which is not documented", method, path, resp.StatusCode, media)
		return
	}
	_, schemaAt := d.at(at + "/content/" + escape(media) + "/schema")
	schema := d.schema(t, schemaAt)
	values := [][]byte{body}
	if media == "application/x-ndjson" {
		values = nil
		for s := bufio.NewScanner(bytes.NewReader(body)); s.Scan(); {
			values = append(values, bytes.Clone(s.Bytes()))
		}
	}
	for _, raw := range values {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err == nil {
			err = schema.Validate(v)
		}
		if err != nil {
			t.Errorf("%s %s: %d is not as it is documented: %v\n%s", method, path, resp.StatusCode, err, raw)
		}
	}
}

func keys(m map[string]any) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// documentedPath is a route as the document writes it.
func documentedPath(route string) string {
	parts := strings.Split(route, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

func TestEveryRouteIsDocumentedAndNoOther(t *testing.T) {
	w := newWorld(t)
	var routes []string
	for _, r := range w.server.Routes() {
		if !r.Page {
			routes = append(routes, r.Method+" "+documentedPath(r.Path))
		}
	}
	slices.Sort(routes)
	if diff := cmp.Diff(readDocument(t, w).operations(), routes); diff != "" {
		t.Errorf("documented (-) and served (+) differ:\n%s", diff)
	}
}

func TestEveryParameterIsDocumentedAndNoOther(t *testing.T) {
	w := newWorld(t)
	d := readDocument(t, w)
	for _, r := range w.server.Routes() {
		if r.Page {
			continue
		}
		operation := "#/paths/" + escape(documentedPath(r.Path)) + "/" + strings.ToLower(r.Method)
		var documented []string
		for _, where := range []string{operation, "#/paths/" + escape(documentedPath(r.Path))} {
			v, _ := d.at(where)
			list, _ := v.(map[string]any)["parameters"].([]any)
			for _, p := range list {
				object := p.(map[string]any)
				if ref, ok := object["$ref"].(string); ok {
					v, _ := d.at(ref)
					object = v.(map[string]any)
				}
				if object["in"] == "query" {
					documented = append(documented, object["name"].(string))
				}
			}
		}
		accepted := slices.Clone(r.Params)
		slices.Sort(documented)
		slices.Sort(accepted)
		if !slices.Equal(documented, accepted) {
			t.Errorf("%s %s documents %v and reads %v", r.Method, r.Path, documented, accepted)
		}
	}
	// The body of a search has the same names.
	v, _ := d.at("#/components/schemas/SearchRequest/properties")
	body := keys(v.(map[string]any))
	for _, r := range w.server.Routes() {
		if r.Method == "GET" && r.Path == "/api/v1/search" {
			names := slices.Clone(r.Params)
			slices.Sort(names)
			if diff := cmp.Diff(names, body); diff != "" {
				t.Errorf("the body of a search differs from its parameters:\n%s", diff)
			}
		}
	}
}

// TestDocumentedParametersAreRead asks with the example of each parameter:
// none may be taken for a name that does not exist, and each must be judged.
func TestDocumentedParametersAreRead(t *testing.T) {
	w := newWorld(t)
	for _, r := range w.server.Routes() {
		if r.Page || r.Method != "GET" {
			continue
		}
		for _, name := range r.Params {
			path := strings.ReplaceAll(r.Path, ":id", "shed") + "?" + name + "=%01"
			if strings.HasSuffix(r.Path, "/suggest") || strings.HasSuffix(r.Path, "/places") {
				path += "&q=b"
			}
			resp := w.ask("", "GET", path, "")
			var p struct {
				Errors []struct{ Parameter, Code string }
			}
			_ = json.NewDecoder(resp.Body).Decode(&p) // a 200 has no errors and need not be one
			for _, e := range p.Errors {
				if e.Code == "unknown_parameter" {
					t.Errorf("%s %s: %s is documented and not known", r.Method, r.Path, e.Parameter)
				}
			}
		}
	}
}

// TestExamplesAreAsTheSchemasSay holds every example in the document against
// the schema beside it.
func TestExamplesAreAsTheSchemasSay(t *testing.T) {
	w := newWorld(t)
	d := readDocument(t, w)
	examples := 0
	var walk func(pointer string, v any)
	walk = func(pointer string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if example, ok := v["example"]; ok && v["schema"] != nil {
				examples++
				_, at := d.at(pointer + "/schema")
				if err := d.schema(t, at).Validate(example); err != nil {
					t.Errorf("%s: the example is not as the schema says: %v", pointer, err)
				}
			}
			for k, member := range v {
				if k != "example" {
					walk(pointer+"/"+escape(k), member)
				}
			}
		case []any:
			for i, item := range v {
				if object, ok := item.(map[string]any); ok && object["$ref"] == nil {
					walk(fmt.Sprintf("%s/%d", pointer, i), item)
				}
			}
		}
	}
	for name, p := range d.doc["components"].(map[string]any)["parameters"].(map[string]any) {
		walk("#/components/parameters/"+escape(name), p)
	}
	for name, p := range d.doc["components"].(map[string]any)["responses"].(map[string]any) {
		walk("#/components/responses/"+escape(name), p)
	}
	for name, p := range d.doc["paths"].(map[string]any) {
		walk("#/paths/"+escape(name), p)
	}
	if examples < 60 {
		t.Errorf("only %d examples were found", examples)
	}
}

// TestDocumentIsOpenAPI checks what OpenAPI 3.1 asks of a document and what a
// reader would miss: unique names, a summary, tags that exist, and references
// that lead somewhere.
func TestDocumentIsOpenAPI(t *testing.T) {
	w := newWorld(t)
	d := readDocument(t, w)
	ids := map[string]string{}
	var tags []string
	for _, tag := range d.doc["tags"].([]any) {
		tags = append(tags, tag.(map[string]any)["name"].(string))
	}
	for _, op := range d.operations() {
		method, path, _ := strings.Cut(op, " ")
		v, _ := d.at("#/paths/" + escape(path) + "/" + strings.ToLower(method))
		o := v.(map[string]any)
		id, _ := o["operationId"].(string)
		if id == "" || ids[id] != "" {
			t.Errorf("%s: operationId %q is missing or that of %s too", op, id, ids[id])
		}
		ids[id] = op
		if o["summary"] == nil || len(o["responses"].(map[string]any)) == 0 {
			t.Errorf("%s lacks a summary or responses", op)
		}
		for _, tag := range o["tags"].([]any) {
			if !slices.Contains(tags, tag.(string)) {
				t.Errorf("%s: the tag %v is not described", op, tag)
			}
		}
	}
	used := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				used[ref] = true
				if target, _ := d.at(ref); target == nil {
					t.Errorf("%s leads nowhere", ref)
				}
			}
			for _, member := range v {
				walk(member)
			}
		case []any:
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(d.doc)
	for kind, all := range d.doc["components"].(map[string]any) {
		if kind == "securitySchemes" {
			continue
		}
		for name := range all.(map[string]any) {
			if ref := "#/components/" + kind + "/" + name; !used[ref] {
				t.Errorf("%s is described and never used", ref)
			}
		}
	}
}

// exampleListing is the example listing of the design: every member, in the
// shape in which it is promised.
const exampleListing = `
id: 0197c3a2
rev: 7
status: published
kind: group
name: Men's Shed
summary: ""
description: ""
organisation: {id: "", name: "", charity_number: "", url: ""}
needs: [connection.befriending]
tags: [gardening]
eligibility:
  text: ""
  min_age: 65
  max_age: null
  genders: [women]
  circumstances: [carer, veteran]
  catchment: {label: Trafford, areas: [E08000009], geometry: null}
referral: {routes: [self, drop_in, link_worker, gp, professional], how: "", url: "", phone: "", email: ""}
availability: {state: waiting_list, wait_weeks: 6, places: 3, as_of: "2026-11-01", until: null, note: ""}
delivery: [in_person, online, phone, home_visit]
places:
  - id: p1
    name: ""
    address: ""
    postcode: ""
    lat: 53.4
    lon: -2.3
    geometry: null
    entrances: [{lat: 53.4, lon: -2.3}]
    access: {step_free: "yes", accessible_toilet: unknown, changing_place: unknown, hearing_loop: "no", parking: unknown, blue_badge_parking: unknown, quiet_space: unknown, assistance_dogs: unknown}
    access_note: ""
sessions:
  - {id: s1, place_id: p1, rrule: FREQ=WEEKLY;BYDAY=TU, start: "10:00", end: "12:00", from: "2026-01-06", until: null, except: ["2026-12-29"], attend: whole, note: ""}
cost: {free: "yes", pence: null, per: session, text: ""}
transport: {provided: unknown, note: ""}
languages: [en, ur]
contacts: [{name: "", phone: "0161 496 0000", email: "", url: ""}]
source: {name: "", id: "", url: "", licence: "", imported_at: "2026-11-01T09:00:00Z"}
confirmed_at: "2026-10-02"
confirmed_by: provider
created_at: "2026-01-01T09:00:00Z"
updated_at: "2026-10-02T09:00:00Z"
`

// exampleJSON is exampleListing as a client would send it: without its id.
func exampleJSON(t testing.TB) string {
	t.Helper()
	var listing map[string]any
	if err := yaml.Unmarshal([]byte(exampleListing), &listing); err != nil {
		t.Fatal(err)
	}
	delete(listing, "id")
	raw, err := json.Marshal(listing)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestExampleListingOfTheDesign(t *testing.T) {
	w := newWorld(t)
	d := readDocument(t, w)
	var listing map[string]any
	if err := yaml.Unmarshal([]byte(exampleListing), &listing); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(listing)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.schema(t, "#/components/schemas/Listing").Validate(v); err != nil {
		t.Errorf("the document refuses the listing of the design: %v", err)
	}
	// And the server takes it, less the id that it gives itself, and gives it back.
	delete(listing, "id")
	raw, _ = json.Marshal(listing)
	resp := w.ask("writer", "POST", "/api/v1/listings", string(raw))
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusCreated {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	var got map[string]any
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	for _, own := range []string{"id", "rev", "created_at", "updated_at"} {
		delete(got, own)
		delete(want, own)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("it came back changed (-sent +got):\n%s", diff)
	}
}
