package api

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"gopkg.in/yaml.v3"

	"hereabouts"
)

//go:embed openapi.yaml
var openapiYAML []byte

// specURL is what schemas call the document they are in.
const specURL = "https://hereabouts.invalid/openapi.json"

// A spec is the OpenAPI document, as it is served and as bodies are checked
// against it.
type spec struct {
	json    []byte
	doc     map[string]any
	schemas map[string]*jsonschema.Schema
}

// inputs are the schemas of bodies. Each is the schema of what is answered
// with nothing required but what only the sender can know, so the two cannot
// drift apart.
var inputs = map[string][]string{
	"Listing":      {"kind", "name"},
	"Organisation": {"name"},
	"Availability": nil,
}

// loadSpec reads the document, derives the schemas of bodies, and compiles
// those that bodies are checked against.
func loadSpec(version string) (*spec, error) {
	var doc map[string]any
	if err := yaml.Unmarshal(openapiYAML, &doc); err != nil {
		return nil, err
	}
	if version != "" {
		doc["info"].(map[string]any)["version"] = version
	}
	components := doc["components"].(map[string]any)
	schemas := components["schemas"].(map[string]any)
	for name, required := range inputs {
		deriveInput(schemas, name, required)
	}
	parameters := components["parameters"].(map[string]any)
	schemas["SearchRequest"] = requestOf("GET /api/v1/search", searchNames, func(name string) any { return parameters[name] })
	schemas["JourneysRequest"] = requestOf("GET /api/v1/journeys", journeyNames, func(name string) any {
		if p, ok := parameters["journey_"+name]; ok {
			return p
		}
		return parameters[name]
	})

	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	s := &spec{json: raw, schemas: map[string]*jsonschema.Schema{}}
	parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		return nil, err
	}
	s.doc = parsed.(map[string]any)
	for _, name := range []string{"ListingInput", "OrganisationInput", "AvailabilityInput", "Confirmation"} {
		if s.schemas[name], err = s.compile("#/components/schemas/"+name, false); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// compile reads the schema that a pointer into the document points at.
func (s *spec) compile(pointer string, formats bool) (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if formats {
		c.AssertFormat()
	}
	if err := c.AddResource(specURL, s.doc); err != nil {
		return nil, err
	}
	return c.Compile(specURL + pointer)
}

const schemaRef = "#/components/schemas/"

// deriveInput adds nameInput: the schema called name with only some members
// required, and so on for every object in it.
func deriveInput(schemas map[string]any, name string, required []string) {
	input := name + "Input"
	if _, done := schemas[input]; done && required == nil {
		return
	}
	schemas[input] = map[string]any{} // stands for it while it is derived
	derived := derive(schemas, schemas[name]).(map[string]any)
	if required != nil {
		derived["required"] = anys(required)
	}
	schemas[input] = derived
}

func derive(schemas map[string]any, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, member := range v {
			if _, isList := member.([]any); k == "required" && isList {
				// A geometry without its type is not one, and an entrance without
				// both numbers is nowhere.
				if props, _ := v["properties"].(map[string]any); props["coordinates"] == nil && len(props) != 2 {
					continue
				}
			}
			out[k] = derive(schemas, member)
		}
		if ref, ok := v["$ref"].(string); ok {
			if name, ok := strings.CutPrefix(ref, schemaRef); ok {
				if target, _ := schemas[name].(map[string]any); target["properties"] != nil {
					deriveInput(schemas, name, inputs[name])
					out["$ref"] = schemaRef + name + "Input"
				}
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = derive(schemas, item)
		}
		return out
	}
	return v
}

// requestOf is the body of a question by POST: the query parameters of a GET
// as members.
func requestOf(get string, names []string, parameter func(name string) any) map[string]any {
	properties := map[string]any{}
	for _, name := range names {
		p := parameter(name).(map[string]any)
		properties[name] = map[string]any{
			"description": p["description"],
			"type":        anys([]string{"string", "number", "boolean", "array", "null"}),
			"items":       map[string]any{"type": anys([]string{"string", "number", "boolean", "null"})},
		}
	}
	return map[string]any{
		"type": "object", "additionalProperties": false, "properties": properties,
		"description": "The parameters of " + get + " as members. Values are judged as they are there.",
	}
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// describe answers with the document.
func (s *Server) describe(c echo.Context) error {
	return sendCached(c, "application/json", s.spec.json)
}

// check is everything that a schema has against a value, in plain words, in
// the order of the pointers.
func (s *spec) check(schema string, v any) faults {
	err := s.schemas[schema].Validate(v)
	if err == nil {
		return nil
	}
	invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		var f faults
		f.add(hereabouts.Problem{Code: "unreadable", Detail: "this cannot be read; check it against /openapi.json"})
		return f
	}
	var f faults
	s.explain(&f, schema, invalid)
	slices.SortStableFunc(f, func(a, b fault) int { return strings.Compare(a.Pointer, b.Pointer) })
	return slices.CompactFunc(f, func(a, b fault) bool { return a.Pointer == b.Pointer && a.Code == b.Code })
}

// explain walks to the leaves, which say what is actually wrong.
func (s *spec) explain(f *faults, schema string, e *jsonschema.ValidationError) {
	at := ""
	for _, token := range e.InstanceLocation {
		at += "/" + escapePointer(token)
	}
	add := func(pointer, code, detail string, suggestions ...string) {
		f.add(hereabouts.Problem{Pointer: pointer, Code: code, Detail: detail}, suggestions...)
	}
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		known := s.members(e.SchemaURL)
		for _, name := range k.Properties {
			detail := "there is no such member; leave it out"
			near := nearest(name, known, 1)
			if len(near) > 0 {
				detail = fmt.Sprintf("there is no such member; did you mean %s?", near[0])
			}
			add(at+"/"+escapePointer(name), "unknown_member", detail, near...)
		}
	case *kind.Required:
		for _, name := range k.Missing {
			add(at+"/"+escapePointer(name), "required", "say what this is; it is needed")
		}
	case *kind.Type:
		add(at, "wrong_type", "give "+typeWords(k.Want))
	case *kind.Enum:
		var allowed []string
		for _, want := range k.Want {
			if text, ok := want.(string); ok {
				allowed = append(allowed, text)
			}
		}
		var near []string
		if text, ok := k.Got.(string); ok {
			near = nearest(text, allowed, 3)
		}
		add(at, "unknown_value", "give one of "+strings.Join(allowed, ", "), near...)
	case *kind.Pattern:
		add(at, "invalid_format", "this is not written as it must be; see /openapi.json")
	case *kind.Minimum:
		add(at, "out_of_range", "give a larger number")
	case *kind.Maximum:
		add(at, "out_of_range", "give a smaller number")
	default:
		if len(e.Causes) == 0 {
			add(at, "unreadable", "this cannot be read; check it against /openapi.json")
		}
	}
	for _, cause := range e.Causes {
		s.explain(f, schema, cause)
	}
}

// members are the members that the schema at a URL knows.
func (s *spec) members(url string) []string {
	_, pointer, _ := strings.Cut(url, "#")
	var at any = s.doc
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		switch v := at.(type) {
		case map[string]any:
			at = v[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			at = v[i]
		}
	}
	object, _ := at.(map[string]any)
	properties, _ := object["properties"].(map[string]any)
	return sortedKeys(properties)
}

func typeWords(want []string) string {
	words := map[string]string{"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
		"array": "a list", "object": "an object", "null": "null"}
	var out []string
	for _, w := range want {
		if w != "null" {
			out = append(out, words[w])
		}
	}
	return strings.Join(out, " or ")
}
