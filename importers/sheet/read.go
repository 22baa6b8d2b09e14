package sheet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"hereabouts"
	"hereabouts/importers"
)

// Read reads the sheet at path: a CSV or TSV file, gzipped or not, or a zip or
// folder of them. Each file must have the columns that the mapping names.
func Read(ctx context.Context, path string, m *Mapping) importers.Records {
	return func(yield func(importers.Record, error) bool) {
		files, err := importers.OpenFilesContext(ctx, path, importers.Limits{})
		if err != nil {
			yield(importers.Record{}, err)
			return
		}
		defer func() { _ = files.Close() }() // it was only read
		sheets := slices.DeleteFunc(slices.Clone(files.All()), func(f importers.File) bool { return len(files.All()) > 1 && !sheetName(f.Name) })
		if len(sheets) == 0 {
			yield(importers.Record{}, fmt.Errorf("sheet: %s holds no .csv, .tsv or .txt file", filepath.Base(path)))
			return
		}
		for _, f := range sheets {
			r, err := f.Open()
			if err != nil {
				yield(importers.Record{}, err)
				return
			}
			more := true
			for rec, err := range ReadFrom(ctx, f.Name, r, m) {
				if more = yield(rec, err) && err == nil; !more {
					break
				}
			}
			if err := r.Close(); err != nil && more {
				yield(importers.Record{}, fmt.Errorf("sheet: %s: %w", f.Name, err))
				return
			}
			if !more {
				return
			}
		}
	}
}

func sheetName(name string) bool {
	return slices.Contains([]string{".csv", ".tsv", ".tab", ".txt"}, strings.ToLower(filepath.Ext(name)))
}

// ReadFrom reads a sheet from r; name is what its records say they were read
// from. The text may be UTF-8, UTF-16 or Windows-1252.
func ReadFrom(ctx context.Context, name string, r io.Reader, m *Mapping) importers.Records {
	return func(yield func(importers.Record, error) bool) {
		s := newSheet(filepath.Base(name), m)
		if m.Format == "geojson" {
			yield(importers.Record{}, fmt.Errorf("sheet: the mapping %s is for GeoJSON; import %s as geojson", m.Name, s.name))
			return
		}
		if err := s.read(ctx, importers.UTF8(r), yield); err != nil {
			yield(importers.Record{}, fmt.Errorf("sheet: %s: %w", s.name, err))
		}
	}
}

func newSheet(name string, m *Mapping) *sheet {
	s := &sheet{Mapping: m, name: name, empty: map[string]bool{}}
	for _, w := range m.File.Empty {
		s.empty[strings.ToLower(w)] = true
	}
	return s
}

// A Row is a record that another reader has read, such as the properties of a
// feature on a map.
type Row struct {
	At   string                     // where it was read
	Cell func(column string) string // its cells; empty when there is none
	Err  error                      // why it is no row

	// Then, when set, completes the listing that was made of the row (of the
	// first row, when several make one).
	Then func(*importers.Record)
}

// Records makes records of rows that another reader has read. columns are
// those that the rows can have.
func (m *Mapping) Records(ctx context.Context, columns []string, rows iter.Seq2[Row, error]) importers.Records {
	return func(yield func(importers.Record, error) bool) {
		s := newSheet("", m)
		if err := s.need(columns); err != nil {
			yield(importers.Record{}, err)
			return
		}
		body := func(yield func(row, error) bool) {
			for r, err := range rows {
				if !yield(row{at: r.At, get: r.Cell, err: r.Err, then: r.Then}, err) || err != nil {
					return
				}
			}
		}
		if err := s.records(ctx, body, yield); err != nil {
			yield(importers.Record{}, err)
		}
	}
}

// A sheet is one file being read.
type sheet struct {
	*Mapping
	name  string
	index map[string]int // of each column
	empty map[string]bool

	// repeated counts names, when listings of one name are to be told apart.
	repeated map[string]int
}

func (s *sheet) read(ctx context.Context, r io.Reader, yield func(importers.Record, error) bool) error {
	r, delimiter, err := s.open(r)
	if err != nil {
		return err
	}
	if len(s.File.Columns) > 0 {
		s.setColumns(s.File.Columns)
	}
	header := len(s.index) == 0
	body := func(yield func(row, error) bool) {
		for rec, err := range rows(r, delimiter, func() int { return len(s.index) }) {
			if err != nil {
				yield(rec, err)
				return
			}
			if !header {
				if !yield(rec, nil) {
					return
				}
				continue
			}
			header = false
			if rec.err != nil {
				yield(rec, fmt.Errorf("line %d: the header cannot be read: %w", rec.line, rec.err))
				return
			}
			s.setColumns(rec.cells)
			if err := s.need(s.columnNames(rec.cells)); err != nil {
				yield(rec, err)
				return
			}
		}
		if header {
			yield(row{}, errors.New("the file is empty; it should begin with a row of column names"))
		}
	}
	return s.records(ctx, body, yield)
}

// need is an error when columns that the mapping names are not there.
func (s *sheet) need(columns []string) error {
	var p hereabouts.Problems
	s.checkColumns(columns, &p)
	return p.Err()
}

// records makes listings of rows: skips, groups, tells apart.
func (s *sheet) records(ctx context.Context, body iter.Seq2[row, error], yield func(importers.Record, error) bool) error {
	groups := map[string]*group{}
	var order []*group
	stopped := false
	for rec, err := range body {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		g := &group{sheet: s, rows: []row{rec}}
		switch {
		case rec.err != nil:
			stopped = !yield(importers.Record{At: g.at(), Err: rec.err}, nil)
		case s.skipped(g) != nil:
			stopped = !yield(importers.Record{At: g.at(), Err: s.skipped(g)}, nil)
		case len(s.GroupBy) == 0 && !s.Listing.NameIfRepeated.Given():
			stopped = !yield(g.record(), nil)
		case len(s.GroupBy) == 0:
			order = append(order, g)
		default:
			key := ""
			for _, c := range s.GroupBy {
				key += strings.ToLower(g.row(0)(c)) + "\x00"
			}
			if have := groups[key]; have != nil {
				have.rows = append(have.rows, rec)
			} else {
				groups[key] = g
				order = append(order, g)
			}
		}
		if stopped {
			return nil
		}
	}
	if s.Listing.NameIfRepeated.Given() {
		s.repeated = map[string]int{}
		for _, g := range order {
			s.repeated[strings.ToLower(importers.Name(s.Listing.Name.one(&group{sheet: s, rows: g.rows})))]++
		}
	}
	for _, g := range order {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !yield(g.record(), nil) {
			return nil
		}
	}
	return nil
}

// skipped is the reason why a row is not a listing, or nil.
func (s *sheet) skipped(g *group) error {
	cell := g.row(0)
	for _, rule := range s.SkipIf {
		v := cell(rule.Column)
		is := func(w string) bool { return strings.EqualFold(w, v) }
		switch {
		case rule.Filled && v != "",
			rule.Empty && v == "",
			len(rule.Is) > 0 && slices.ContainsFunc(rule.Is, is),
			len(rule.Not) > 0 && !slices.ContainsFunc(rule.Not, is),
			rule.Matches.Regexp != nil && rule.Matches.MatchString(v):
			return hereabouts.Problems{{Parameter: rule.Column, Code: "skipped", Detail: rule.Reason}}
		}
	}
	return nil
}

func (s *sheet) setColumns(names []string) {
	s.index = map[string]int{}
	for i, name := range s.columnNames(names) {
		s.index[name] = i
	}
}

// columnNames tells columns of one name apart by number: "Notes", "Notes (2)".
// A column without a name is called by its place.
func (s *sheet) columnNames(cells []string) []string {
	names := make([]string, len(cells))
	seen := map[string]bool{}
	for i, c := range cells {
		name := importers.Line(c)
		if name == "" {
			name = "column " + strconv.Itoa(i+1)
		}
		for n := 2; seen[name]; n++ {
			name = fmt.Sprintf("%s (%d)", importers.Line(c), n)
		}
		seen[name] = true
		names[i] = name
	}
	return names
}

// A group is the rows that make one listing, and what was noted on the way.
type group struct {
	*sheet
	rows  []row
	notes []importers.Note
	named string // the listing's name as the sheet has it
}

func (g *group) at() string {
	if at := g.rows[0].at; at != "" {
		return at
	}
	return g.name + ":" + strconv.Itoa(g.rows[0].line)
}

// row gives the cells of one of the group's rows.
func (g *group) row(n int) func(column string) string {
	cells := g.rows[n].cells
	if get := g.rows[n].get; get != nil {
		return func(column string) string { return g.cell(get(column)) }
	}
	return func(column string) string {
		i, ok := g.index[column]
		if !ok || i >= len(cells) {
			return ""
		}
		return g.cell(cells[i])
	}
}

// first gives, of each column, the first filled cell of the group.
func (g *group) first() func(column string) string {
	if len(g.rows) == 1 {
		return g.row(0)
	}
	return func(column string) string {
		for n := range g.rows {
			if v := g.row(n)(column); v != "" {
				return v
			}
		}
		return ""
	}
}

// only is the group with one of its rows.
func (g *group) only(n int) group {
	return group{sheet: g.sheet, rows: g.rows[n : n+1], named: g.named}
}

// cell is a cell without the words that mean that it is empty.
func (s *sheet) cell(c string) string {
	c = strings.TrimSpace(strings.ReplaceAll(c, "\u00a0", " "))
	if importers.Filled(c) == "" || s.empty[strings.ToLower(c)] {
		return ""
	}
	return c
}

func (g *group) note(field, code, detail string) {
	g.notes = append(g.notes, importers.Note{Field: field, Code: code, Detail: detail})
}

// noteOnce is note, unless the same was said of the record already.
func (g *group) noteOnce(field, code, detail string) {
	n := importers.Note{Field: field, Code: code, Detail: detail}
	if !slices.Contains(g.notes, n) {
		g.notes = append(g.notes, n)
	}
}
