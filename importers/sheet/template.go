package sheet

import (
	"errors"
	"fmt"
	"strings"
)

// A template is text with the names of columns in braces. A doubled brace
// stands for itself.
type template []piece

type piece struct {
	text   string // literal, or the name of a column
	column bool
	filter func(string) string // nil: the whole cell
}

// filters are what may follow a column's name and a bar: "{Address|first}".
var filters = map[string]func(string) string{
	// first is the part before the first comma.
	"first": func(s string) string { s, _, _ = strings.Cut(s, ","); return strings.TrimSpace(s) },
	// last is the part after the last comma.
	"last": func(s string) string { return strings.TrimSpace(s[strings.LastIndexByte(s, ',')+1:]) },
}

// rowsColumn is filled with what is said of each row of a group.
const rowsColumn = "rows"

func parseTemplate(s string, rows bool) (template, error) {
	t := template{}
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			t = append(t, piece{text: lit.String()})
			lit.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "{{") || strings.HasPrefix(s[i:], "}}"):
			lit.WriteByte(s[i])
			i++
		case s[i] == '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return nil, fmt.Errorf("%q opens a brace and does not close it; write {{ for a brace itself", s)
			}
			name := strings.TrimSpace(s[i+1 : i+end])
			if name == "" {
				return nil, fmt.Errorf("%q has braces without a column between them", s)
			}
			if name == rowsColumn && !rows {
				return nil, errors.New("{rows} needs `rows:`, the text for each row")
			}
			p := piece{text: name, column: true}
			if column, filter, ok := cutLast(name, '|'); ok {
				if p.filter = filters[filter]; p.filter == nil {
					return nil, fmt.Errorf("{%s}: there is no filter %q%s", name, filter, nearest(filter, keys(filters)))
				}
				p.text = column
			}
			flush()
			t = append(t, p)
			i += end
		case s[i] == '}':
			return nil, fmt.Errorf("%q closes a brace that was not opened; write }} for a brace itself", s)
		default:
			lit.WriteByte(s[i])
		}
	}
	flush()
	return t, nil
}

// columns are the columns that the template names.
func (t template) columns() (out []string) {
	for _, p := range t {
		if p.column && p.text != rowsColumn {
			out = append(out, p.text)
		}
	}
	return out
}

// fill puts a row's cells into the template. The text before the first column
// and after the last is always there; text between two columns is there when
// the column after it is filled and another stands before it, so that
// "{addr1}, {town}" never begins or ends with a comma. A template with columns
// is empty when all of them are.
func (t template) fill(cell func(string) string, rows func() string) string {
	var b strings.Builder
	columns, filled, between := 0, 0, ""
	for _, p := range t {
		if !p.column {
			between = p.text
			if columns == 0 {
				b.WriteString(p.text)
			}
			continue
		}
		columns++
		var v string
		if p.text == rowsColumn && rows != nil {
			v = rows()
		} else {
			v = cell(p.text)
		}
		if p.filter != nil {
			v = p.filter(v)
		}
		if v != "" {
			if filled > 0 {
				b.WriteString(between)
			}
			b.WriteString(v)
			filled++
		}
		between = ""
	}
	switch {
	case columns == 0:
		return b.String()
	case filled == 0:
		return ""
	}
	return b.String() + between
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1:]), true
}
