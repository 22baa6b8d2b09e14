package sheet

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
	"gopkg.in/yaml.v3"

	"hereabouts"
)

//go:embed mappings/*.yaml
var shipped embed.FS

// Mappings are the names of the mappings that are shipped, in order.
func Mappings() []string {
	entries, err := shipped.ReadDir("mappings")
	if err != nil {
		panic(err) // they are compiled in
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// maxMapping bounds a mapping file; the largest shipped one is a tenth of it.
const maxMapping = 256 << 10

// LoadMapping reads the mapping at a path, or takes a shipped one by its name.
// Faults in it are hereabouts.Problems that name the line.
func LoadMapping(nameOrPath string) (*Mapping, error) {
	b, err := shipped.ReadFile("mappings/" + nameOrPath + ".yaml")
	if err != nil {
		info, statErr := os.Stat(nameOrPath)
		switch {
		case errors.Is(statErr, os.ErrNotExist):
			if slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(nameOrPath)) {
				return nil, fmt.Errorf("sheet: there is no mapping file %s: %w", nameOrPath, hereabouts.ErrNotFound)
			}
			return nil, fmt.Errorf("sheet: no mapping is called %q%s; the shipped ones are %s: %w", nameOrPath,
				nearest(nameOrPath, Mappings()), strings.Join(Mappings(), ", "), hereabouts.ErrNotFound)
		case statErr != nil:
			return nil, fmt.Errorf("sheet: mapping: %w", statErr)
		case !info.Mode().IsRegular() || info.Size() > maxMapping:
			return nil, fmt.Errorf("sheet: mapping %s is a folder, a pipe or larger than %d bytes", nameOrPath, maxMapping)
		}
		if b, err = os.ReadFile(nameOrPath); err != nil {
			return nil, fmt.Errorf("sheet: mapping: %w", err)
		}
	}
	return ParseMapping(nameOrPath, b)
}

// ParseMapping reads a mapping file that is already in memory.
func ParseMapping(name string, b []byte) (*Mapping, error) {
	if len(b) > maxMapping {
		return nil, fmt.Errorf("sheet: mapping %s is larger than %d bytes", name, maxMapping)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("sheet: mapping %s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var p hereabouts.Problems
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		p.AddParameter("mapping", "required", "the file is not a mapping; see docs/mappings.md")
		return nil, fmt.Errorf("sheet: mapping %s: %w", name, p)
	}
	strict(doc.Content[0], reflect.TypeFor[Mapping](), "", &p)
	m := &Mapping{Name: name}
	if len(p) == 0 {
		if err := doc.Content[0].Decode(m); err != nil {
			p.AddParameter("mapping", "unreadable", strings.TrimPrefix(err.Error(), "yaml: "))
		}
	}
	if len(p) == 0 {
		m.check(&p)
	}
	if err := p.Err(); err != nil {
		return nil, fmt.Errorf("sheet: mapping %s: %w", name, err)
	}
	return m, nil
}

// strict finds keys that a mapping does not have and shapes that a key cannot
// take, all of them, each with its line.
func strict(n *yaml.Node, t reflect.Type, path string, p *hereabouts.Problems) {
	if n.Kind == yaml.AliasNode {
		p.Addf(path, "not_supported", "line %d: references (*name) are not supported; write the value out", n.Line)
		return
	}
	switch {
	case t == reflect.TypeFor[Text]():
		if n.Kind == yaml.ScalarNode {
			return
		}
		strictKeys(n, path, p, "from", "rows", "join", "clean", "values", "words", "otherwise", "split", "matches", "suffix")
	case t == reflect.TypeFor[List]():
		if n.Kind == yaml.SequenceNode {
			for i, item := range n.Content {
				strict(item, reflect.TypeFor[Text](), fmt.Sprintf("%s/%d", path, i), p)
			}
			return
		}
		strict(n, reflect.TypeFor[Text](), path, p)
	case t == reflect.TypeFor[Pattern]():
		if n.Kind != yaml.ScalarNode {
			p.Addf(path, "wrong_type", "line %d: %s must be text", n.Line, path)
		}
	case t.Kind() == reflect.Pointer:
		strict(n, t.Elem(), path, p)
	case t.Kind() == reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			p.Addf(path, "wrong_type", "line %d: %s must be a list; begin each item with a hyphen", n.Line, path)
			return
		}
		for i, item := range n.Content {
			strict(item, t.Elem(), fmt.Sprintf("%s/%d", path, i), p)
		}
	case t.Kind() == reflect.Struct:
		fields := map[string]reflect.Type{}
		for i := range t.NumField() {
			if tag := t.Field(i).Tag.Get("yaml"); tag != "-" {
				fields[tag] = t.Field(i).Type
			}
		}
		strictKeys(n, path, p, keys(fields)...)
		for i := 0; i+1 < len(n.Content); i += 2 {
			if ft, ok := fields[n.Content[i].Value]; ok {
				strict(n.Content[i+1], ft, path+"/"+n.Content[i].Value, p)
			}
		}
	default:
		if n.Kind != yaml.ScalarNode {
			p.Addf(path, "wrong_type", "line %d: %s must be one value", n.Line, path)
		}
	}
}

func strictKeys(n *yaml.Node, path string, p *hereabouts.Problems, known ...string) {
	if n.Kind != yaml.MappingNode {
		p.Addf(path, "wrong_type", "line %d: %s must hold keys: %s", n.Line, cmpOr(path, "the mapping"), strings.Join(known, ", "))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if !slices.Contains(known, key.Value) {
			p.Addf(path+"/"+key.Value, "unknown_key", "line %d: there is no key %q here%s", key.Line, key.Value, nearest(key.Value, known))
		}
		if at, twice := seen[key.Value]; twice {
			p.Addf(path+"/"+key.Value, "duplicate", "line %d: %q was given on line %d already", key.Line, key.Value, at)
		}
		seen[key.Value] = key.Line
	}
}

// check finds what is well formed and cannot work.
func (m *Mapping) check(p *hereabouts.Problems) {
	if !m.Listing.Name.Given() {
		p.Add("/listing/name", "required", "say which column is the name: name: \"{Name}\"")
	}
	if m.Source.Name == "" {
		p.Add("/source/name", "required", "give the source a name; with a record's id it makes the listing's id")
	}
	if d := m.File.Delimiter; d != "" && d != "tab" && (len(d) != 1 || strings.ContainsAny(d, "\"\r\n")) {
		p.Addf("/file/delimiter", "unknown_value", "%q cannot separate columns; use one character such as , or ; or the word tab", d)
	}
	for i, s := range m.SkipIf {
		at := fmt.Sprintf("/skip_if/%d", i)
		if s.Reason == "" {
			p.Add(at+"/reason", "required", "say why these rows are left out; the report repeats it")
		}
		if s.Column == "" {
			p.Add(at+"/column", "required", "name the column that decides")
		}
		tests := 0
		for _, given := range []bool{len(s.Is) > 0, len(s.Not) > 0, s.Filled, s.Empty, s.Matches.Regexp != nil} {
			if given {
				tests++
			}
		}
		if tests != 1 {
			p.Add(at, "required", "give one test: is, not, filled, empty or matches")
		}
	}
	for i, r := range m.Read {
		at := fmt.Sprintf("/read/%d", i)
		if !r.Text.Given() || len(r.For) == 0 {
			p.Add(at, "required", "give the text to read and what to read it for")
		}
		for _, f := range r.For {
			if !slices.Contains(readFor, f) {
				p.Addf(at+"/for", "unknown_value", "nothing can be read for %q%s; use %s", f, nearest(f, readFor), strings.Join(readFor, ", "))
			}
		}
		if !slices.Contains([]string{"", "whole", "any_time"}, r.Attend) {
			p.Addf(at+"/attend", "unknown_value", "%q is not a way of attending; use whole or any_time", r.Attend)
		}
	}
	for i, s := range m.Listing.Sessions {
		if s.Times.Given() == (s.RRule.Given() || s.Start.Given()) {
			p.Addf(fmt.Sprintf("/listing/sessions/%d", i), "required", "give either times (in words) or rrule with start and end")
		}
	}
	if len(m.File.Columns) > 0 {
		m.checkColumns(m.File.Columns, p)
	}
}

// checkColumns finds columns that the mapping names and the file lacks.
func (m *Mapping) checkColumns(have []string, p *hereabouts.Problems) {
	cols := m.columns()
	missing := keys(cols)
	missing = slices.DeleteFunc(missing, func(c string) bool { return slices.Contains(have, c) })
	for _, c := range missing {
		line := ""
		if cols[c] > 0 {
			line = fmt.Sprintf(" (line %d of the mapping)", cols[c])
		}
		p.Addf(c, "unknown_column", "there is no column %q%s%s; the columns are %s", c, line, nearest(c, have), listed(have))
	}
}

// mostListed is how many names of columns an error gives before it stops.
const mostListed = 60

// listed is names as an error gives them. A file that is no sheet at all has
// anything in its first line, which a terminal must not be made to obey.
func listed(names []string) string {
	more := ""
	if len(names) > mostListed {
		more = fmt.Sprintf(" and %d more", len(names)-mostListed)
		names = names[:mostListed]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, strings.Join(names, ", ")) + more
}

// nearest suggests the name that was probably meant, as the end of a sentence.
func nearest(got string, known []string) string {
	best, most := "", max(2, len(got)/2)
	for _, k := range known {
		if d := levenshtein.ComputeDistance(strings.ToLower(got), strings.ToLower(k)); d < most || d == most && best == "" {
			best, most = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// keys are the keys of m in order.
func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func cmpOr(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// eachText calls do for every Text of the mapping.
func eachText(m *Mapping, do func(*Text)) {
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		if t, ok := v.Addr().Interface().(*Text); ok {
			do(t)
			return
		}
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		}
	}
	walk(reflect.ValueOf(m).Elem())
}
