package places

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A table reads rows of a CSV or TSV file whose columns are known by name.
type table struct {
	name string // of the file
	csv  *csv.Reader
	cols map[string]int // our name of a column → its place
	row  []string
	held bool // row was read to see whether it is a header, and is data
}

// newTable reads the first row. Headers are matched without regard to case,
// spaces and punctuation.
func newTable(name string, r *bufio.Reader) (*table, error) {
	if start, _ := r.Peek(3); bytes.Equal(start, []byte("\ufeff")) {
		if _, err := r.Discard(3); err != nil {
			return nil, err
		}
	}
	t := &table{name: name, csv: csv.NewReader(r), cols: map[string]int{}}
	t.csv.FieldsPerRecord = -1
	t.csv.LazyQuotes = true
	t.csv.ReuseRecord = true
	line, _ := r.Peek(4096)
	line, _, _ = bytes.Cut(line, []byte("\n"))
	for _, sep := range []byte("\t;|") {
		if bytes.Count(line, []byte{sep}) > bytes.Count(line, []byte{byte(t.csv.Comma)}) {
			t.csv.Comma = rune(sep)
		}
	}
	if err := t.read(); err != nil {
		if err == io.EOF {
			return nil, fmt.Errorf("places: %s is empty", name)
		}
		return nil, err
	}
	t.held = true
	return t, nil
}

func (t *table) read() error {
	row, err := t.csv.Read()
	if err != nil {
		var fault *csv.ParseError
		if err != io.EOF && errors.As(err, &fault) {
			return fmt.Errorf("places: %s: %w", t.name, err)
		}
		return err
	}
	t.row = row
	return nil
}

// next moves to the next row of data; io.EOF after the last.
func (t *table) next() error {
	if t.held {
		t.held = false
		return nil
	}
	return t.read()
}

// header takes the row just read as the header. Each of our names of a column
// goes to the first of its spellings that is there.
func (t *table) header(spellings map[string][]string) {
	at := map[string]int{}
	for i, h := range t.row {
		if h = plain(h); h != "" {
			if _, ok := at[h]; !ok {
				at[h] = i
			}
		}
	}
	for col, names := range spellings {
		for _, s := range names {
			if i, ok := at[s]; ok {
				t.cols[col] = i
				break
			}
		}
	}
	t.held = false
}

// columns says where the columns of a table without a header are.
func (t *table) columns(cols map[string]int) { t.cols = cols }

func (t *table) has(cols ...string) bool {
	for _, c := range cols {
		if _, ok := t.cols[c]; !ok {
			return false
		}
	}
	return true
}

// get is a cell without the spaces around it; empty when the row is short or
// the table has no such column.
func (t *table) get(col string) string {
	i, ok := t.cols[col]
	if !ok || i >= len(t.row) {
		return ""
	}
	s := t.row[i]
	if !utf8.ValidString(s) {
		s = fromWindows(s)
	}
	return strings.Trim(s, " \t\r\u00a0")
}

// at says where the row is: "places.csv:37".
func (t *table) at() string {
	line, _ := t.csv.FieldPos(0)
	return t.name + ":" + strconv.Itoa(line)
}

// headings are the first few headers, for errors.
func (t *table) headings() string {
	row := t.row
	if len(row) > 12 {
		row = row[:12]
	}
	return strconv.Quote(strings.Join(row, ", "))
}

// plain is a header with nothing but its small letters and digits.
func plain(h string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, h)
}

// fromWindows reads a cell that is not UTF-8 as Windows wrote it. Only the
// letters of Latin-1 come up in place names.
func fromWindows(s string) string {
	runes := make([]rune, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; c {
		case 0x91, 0x92:
			runes = append(runes, '\'')
		case 0x96, 0x97:
			runes = append(runes, '-')
		default:
			runes = append(runes, rune(c))
		}
	}
	return string(runes)
}

// tables says which tables a source is searched for, in the words that its
// faults are reported in.
type tables struct {
	want    func(file string) bool
	lacks   string // what a single table that will not do is without
	columns string // that would do
	others  string // note about files that are no such tables
	none    string // what a source without any is told
}

// A tableReader takes the rows of the tables whose columns it understands.
type tableReader interface {
	understand(t *table) bool
	readTable(t *table) error
}

// readTables hands every table of a source to to, and leaves other files alone.
func readTables(ctx context.Context, src string, o Options, report *Report, to tableReader, k tables) error {
	single, err := isSingleTable(src)
	if err != nil {
		return err
	}
	found := false
	err = read(ctx, src, o, k.want, func(name string, r *bufio.Reader) error {
		t, err := newTable(name, r)
		if err != nil {
			return err
		}
		if !to.understand(t) {
			if single {
				return fmt.Errorf("places: %s %s: its first row is %s; name columns such as %s", name, k.lacks, t.headings(), k.columns)
			}
			report.repairs.add(k.others)
			return nil
		}
		found = true
		return to.readTable(t)
	})
	if err == nil && !found {
		err = fmt.Errorf("places: %s, or a CSV with the columns %s", k.none, k.columns)
	}
	return err
}
