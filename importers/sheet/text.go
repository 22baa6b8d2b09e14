package sheet

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"hereabouts"
)

// A Text is a value made of a row's cells: a template such as "{addr1},
// {town}", or a template and what is done to it.
type Text struct {
	from      template
	rows      template // said for each row of a group, for {rows} in from
	join      string
	clean     []string
	values    map[string]string // by lower case
	words     []wordRule
	otherwise *string
	split     string
	matches   *regexp.Regexp // what the text must look like to be used
	suffix    string         // added unless the text has the word
	line      int
}

// A List is several Texts, each of which may give several values.
type List []Text

type wordRule struct {
	pattern *regexp.Regexp
	value   string
}

// Given reports whether the mapping gives the text at all.
func (t *Text) Given() bool { return t.from != nil }

// Fill is the text for one row, through the mapping's values.
func (t *Text) Fill(cell func(column string) string) string {
	if !t.Given() {
		return ""
	}
	return t.one(&group{sheet: newSheet("", &Mapping{}), rows: []row{{get: cell}}})
}

// value is the text for a group of rows, cleaned; it is empty when every cell
// that it names is.
func (t *Text) value(g *group) string {
	s := t.from.fill(g.first(), func() string { return t.rowsText(g) })
	for _, step := range t.clean {
		s = cleaners[step](g, s)
	}
	if s = strings.TrimFunc(s, unicode.IsSpace); s == "" {
		return ""
	}
	if t.matches != nil && !t.matches.MatchString(s) {
		return ""
	}
	if t.suffix != "" && !strings.Contains(strings.ToLower(s), strings.ToLower(t.suffix)) {
		s += " " + t.suffix
	}
	return s
}

func (t *Text) rowsText(g *group) string {
	var parts []string
	for i := range g.rows {
		if s := strings.TrimSpace(t.rows.fill(g.row(i), nil)); s != "" && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, t.join)
}

// one is the text through the mapping's values.
func (t *Text) one(g *group) string {
	s := t.value(g)
	if len(t.words) > 0 {
		if all := t.matched(s); len(all) > 0 {
			return all[0]
		}
		return t.rest("", s)
	}
	return t.mapped(s)
}

func (t *Text) mapped(s string) string {
	if s == "" {
		return ""
	}
	if v, ok := t.values[strings.ToLower(s)]; ok {
		return v
	}
	if t.values != nil {
		return t.rest(s, s)
	}
	return s
}

// rest is what a value becomes that no rule names.
func (t *Text) rest(unnamed, s string) string {
	if t.otherwise != nil && s != "" {
		return *t.otherwise
	}
	return unnamed
}

// matched are the values of the words found in s.
func (t *Text) matched(s string) (out []string) {
	for _, w := range t.words {
		if !slices.Contains(out, w.value) && w.pattern.MatchString(s) {
			out = append(out, w.value)
		}
	}
	return out
}

// all are the values of the list over every row of the group, each once.
func (l List) all(g *group) (out []string) {
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for i := range l {
		t := &l[i]
		for n := range g.rows {
			one := g.only(n)
			s := t.value(&one)
			parts := []string{s}
			if t.split != "" {
				parts = strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(t.split, r) })
			}
			for _, p := range parts {
				p = strings.TrimSpace(p)
				if len(t.words) == 0 {
					for v := range strings.SplitSeq(t.mapped(p), "|") {
						add(v)
					}
					continue
				}
				found := t.matched(p)
				if len(found) == 0 {
					found = []string{t.rest("", p)}
				}
				for _, v := range found {
					for v := range strings.SplitSeq(v, "|") {
						add(v)
					}
				}
			}
			g.notes = append(g.notes, one.notes...)
		}
	}
	return out
}

// UnmarshalYAML reads a template, or a template with what is done to it.
func (t *Text) UnmarshalYAML(n *yaml.Node) error {
	t.line = n.Line
	var f struct {
		From      string    `yaml:"from"`
		Rows      string    `yaml:"rows"`
		Join      *string   `yaml:"join"`
		Clean     []string  `yaml:"clean"`
		Values    yaml.Node `yaml:"values"`
		Words     yaml.Node `yaml:"words"`
		Otherwise *string   `yaml:"otherwise"`
		Split     string    `yaml:"split"`
		Matches   Pattern   `yaml:"matches"`
		Suffix    string    `yaml:"suffix"`
	}
	if n.Kind == yaml.ScalarNode {
		f.From = n.Value
	} else if err := n.Decode(&f); err != nil {
		return err
	}
	var err error
	if t.from, err = parseTemplate(f.From, f.Rows != ""); err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	if f.Rows != "" {
		if t.rows, err = parseTemplate(f.Rows, false); err != nil {
			return fmt.Errorf("line %d: %w", n.Line, err)
		}
	}
	t.join, t.clean, t.otherwise, t.split = ", ", f.Clean, f.Otherwise, f.Split
	t.matches, t.suffix = f.Matches.Regexp, f.Suffix
	if f.Join != nil {
		t.join = *f.Join
	}
	for _, step := range f.Clean {
		if cleaners[step] == nil {
			return fmt.Errorf("line %d: clean has no step %q%s", n.Line, step, nearest(step, keys(cleaners)))
		}
	}
	pairs := func(m *yaml.Node, do func(key, value string) error) error {
		for i := 0; i+1 < len(m.Content); i += 2 {
			if m.Content[i+1].Kind != yaml.ScalarNode {
				return fmt.Errorf("line %d: the value of %q must be one word or text", m.Content[i].Line, m.Content[i].Value)
			}
			if err := do(m.Content[i].Value, m.Content[i+1].Value); err != nil {
				return fmt.Errorf("line %d: %w", m.Content[i].Line, err)
			}
		}
		return nil
	}
	if f.Values.Kind != 0 {
		t.values = map[string]string{}
		if err := pairs(&f.Values, func(k, v string) error { t.values[strings.ToLower(k)] = v; return nil }); err != nil {
			return err
		}
	}
	return pairs(&f.Words, func(k, v string) error {
		var alt []string
		for w := range strings.SplitSeq(k, "|") {
			if w = strings.TrimSpace(w); w == "" {
				return fmt.Errorf("words: %q has an empty alternative", k)
			}
			alt = append(alt, strings.ReplaceAll(regexp.QuoteMeta(w), `\*`, `\w*`))
		}
		re, err := regexp.Compile(`(?i)\b(?:` + strings.Join(alt, "|") + `)(?:\b|$|\W)`)
		if err != nil {
			return fmt.Errorf("words: %q cannot be searched for", k)
		}
		t.words = append(t.words, wordRule{re, v})
		return nil
	})
}

// UnmarshalYAML reads one Text or several.
func (l *List) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.SequenceNode {
		var t Text
		if err := t.UnmarshalYAML(n); err != nil {
			return err
		}
		*l = List{t}
		return nil
	}
	for _, item := range n.Content {
		var t Text
		if err := t.UnmarshalYAML(item); err != nil {
			return err
		}
		*l = append(*l, t)
	}
	return nil
}

// UnmarshalYAML reads a regular expression.
func (p *Pattern) UnmarshalYAML(n *yaml.Node) error {
	re, err := regexp.Compile("(?i)" + n.Value)
	if err != nil {
		return fmt.Errorf("line %d: matches: %q is not a regular expression: %w", n.Line, n.Value, err)
	}
	p.Regexp = re
	return nil
}

// fact reads yes and no as people and programs write them.
func fact(s string) (f hereabouts.Fact, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "yes", "y", "true", "t", "1", "1.0":
		return hereabouts.Yes, true
	case "no", "n", "false", "f", "0", "0.0":
		return hereabouts.No, true
	case "", "unknown":
		return hereabouts.Unknown, true
	}
	return hereabouts.Unknown, false
}
