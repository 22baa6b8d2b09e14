package gtfs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"hereabouts/importers"
)

// bufferBytes is how much of a table is held at once, and recordBytes is how
// long one row of it may be. Rows of real feeds stay below a few thousand.
const (
	bufferBytes = 256 << 10
	recordBytes = 64 << 10
)

// A table reads the rows of one CSV file. It looks only at the columns that
// were asked for, and its cells are valid until the next row is read.
//
// It takes CSV as it comes: with a byte order mark, with lines ended by CR LF,
// LF or CR, spaces around cells and before quotes, line breaks within quotes,
// rows that are too short or too long, and a quote that nobody closed.
type table struct {
	ctx    context.Context
	file   string
	report *Report
	src    io.ReadCloser
	r      io.Reader

	buf        []byte
	pos, end   int
	eof        bool
	eol        byte
	nextLine   int // of the file, from 1
	line       int // on which the row at hand begins
	cells      [][]byte
	brokenCell bool // some cell of the row holds a line break
	stray      bool // some quote of the row is not where a quote belongs

	columns []string // that were asked for
	at      []int    // where they are, or -1
	width   int      // cells in the header
	rows    int
	err     error
}

// openTable opens a file and reads its header. Columns are matched without
// regard to case and the spaces around them.
func openTable(ctx context.Context, f importers.File, name string, report *Report, columns ...string) (*table, error) {
	src, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("gtfs: opening %s: %w", name, err)
	}
	t := &table{ctx: ctx, file: name, report: report, src: src, r: src, buf: make([]byte, bufferBytes), eol: '\n', nextLine: 1, columns: columns}
	if err := t.begin(); err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

func (t *table) close() error { return t.src.Close() }

func (t *table) begin() error {
	if err := t.fill(); err != nil {
		return err
	}
	head := t.buf[:t.end]
	switch {
	case bytes.HasPrefix(head, []byte("\ufeff")):
		t.pos = 3
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}), bytes.IndexByte(head[:min(len(head), 256)], 0) >= 0:
		// Not what the specification allows, but what a spreadsheet saves.
		t.r = importers.UTF8(io.MultiReader(bytes.NewReader(bytes.Clone(head)), t.src))
		t.end, t.eof = 0, false
		t.report.warn(Warn, "invalid_character", t.file, "encoding", 0, "the file is not in UTF-8; it was read as UTF-16")
		if err := t.fill(); err != nil {
			return err
		}
		head = t.buf[:t.end]
	}
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		t.eol = '\r'
	}
	for t.cells == nil || t.blank() {
		if !t.read() {
			return t.err // nil when the file is empty; the columns are not there
		}
	}
	t.width = len(t.cells)
	seen := map[string]int{}
	for i, cell := range t.cells {
		name := strings.ToLower(strings.TrimSpace(string(cell)))
		if name == "" {
			t.report.warn(Info, "empty_column_name", t.file, "", t.line, "column %d has no name; it was passed over", i+1)
			continue
		}
		if first, again := seen[name]; again {
			t.report.warn(Warn, "duplicated_column", t.file, name, t.line, "%s is column %d and column %d; the first was read", name, first+1, i+1)
			continue
		}
		seen[name] = i
	}
	t.at = make([]int, len(t.columns))
	for i, c := range t.columns {
		t.at[i] = -1
		if j, ok := seen[c]; ok {
			t.at[i] = j
		}
	}
	return nil
}

// need stops the import when a column is not there without which the table
// says nothing.
func (t *table) need(columns ...int) error {
	for _, n := range columns {
		if t.at == nil {
			return fmt.Errorf("gtfs: %s is empty (empty_file): it needs a header and rows; ask the publisher for a whole feed", t.file)
		}
		if t.at[n] < 0 {
			return fmt.Errorf("gtfs: %s:1 has no column %s (missing_required_column): without it the feed cannot be read; ask the publisher to add it", t.file, t.columns[n])
		}
	}
	return nil
}

// next moves to the next row that holds anything. It is false at the end, and
// when reading failed; err tells them apart.
func (t *table) next() bool {
	for t.at != nil && t.read() {
		switch n := len(t.cells); {
		case n == t.width:
		case n == 1 && len(bytes.TrimSpace(t.cells[0])) == 0:
			if len(t.cells[0]) > 0 {
				t.report.warn(Info, "empty_row", t.file, "", t.line, "the row holds only spaces; it was passed over")
			}
			continue
		case n < t.width:
			t.report.warn(Warn, "invalid_row_length", t.file, "short", t.line, "the row has %d cells and the header has %d; the others were taken to be empty", n, t.width)
		default:
			t.report.warn(Warn, "invalid_row_length", t.file, "long", t.line, "the row has %d cells and the header has %d; those beyond it were not read", n, t.width)
		}
		if t.blank() {
			t.report.warn(Info, "empty_row", t.file, "", t.line, "every cell of the row is empty; it was passed over")
			continue
		}
		if t.brokenCell {
			t.report.warn(Info, "new_line_in_value", t.file, "", t.line, "a value holds a line break; it was read as a space")
		}
		if t.stray {
			t.report.warn(Warn, "csv_parsing_failed", t.file, "quote", t.line, "a quote is not where a quote belongs; it was read as it stands")
		}
		t.rows++
		return true
	}
	return false
}

func (t *table) blank() bool {
	for _, c := range t.cells {
		if len(c) > 0 {
			return false
		}
	}
	return true
}

// fill reads more behind what has not been used yet.
func (t *table) fill() error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	copy(t.buf, t.buf[t.pos:t.end])
	t.end -= t.pos
	t.pos = 0
	for idle := 0; t.end < len(t.buf) && !t.eof; {
		n, err := t.r.Read(t.buf[t.end:])
		t.end += n
		if err == io.EOF {
			t.eof = true
			break
		}
		if err != nil {
			return fmt.Errorf("gtfs: reading %s after line %d: %w", t.file, t.nextLine-1, err)
		}
		if n > 0 {
			idle = 0
		} else if idle++; idle == 100 {
			return fmt.Errorf("gtfs: reading %s after line %d: %w", t.file, t.nextLine-1, io.ErrNoProgress)
		}
	}
	return nil
}

// read finds the cells of the next row.
func (t *table) read() bool {
	if t.err != nil {
		return false
	}
	for {
		t.line, t.brokenCell, t.stray = t.nextLine, false, false
		rest := t.buf[t.pos:t.end]
		n := bytes.IndexByte(rest, t.eol)
		whole := n >= 0
		if !whole {
			n = len(rest)
		}
		if quote := bytes.IndexByte(rest[:n], '"'); quote < 0 {
			switch {
			case whole:
				t.pos += n + 1
			case t.eof:
				if n == 0 {
					return false
				}
				t.pos += n
			case n > recordBytes:
				t.err = fmt.Errorf("gtfs: %s:%d is longer than %d KiB, as no row of a timetable is: get the file again from its publisher", t.file, t.line, recordBytes>>10)
				return false
			default:
				if t.err = t.fill(); t.err != nil {
					return false
				}
				continue
			}
			t.nextLine++
			t.split(trimCR(rest[:n]))
			return true
		}
		n, ok, tidy := t.quotedEnd(rest)
		lines := bytes.Count(rest[:n], []byte{t.eol})
		switch {
		case ok && (tidy || lines == 0):
		case !ok && !t.eof && len(rest) <= recordBytes:
			if t.err = t.fill(); t.err != nil {
				return false
			}
			continue
		default:
			// The quote is never closed, or only by the next that is opened
			// some lines on. To believe it would be to lose the rows between,
			// so it is the quote that is not believed.
			n = bytes.IndexByte(rest, t.eol)
			if n < 0 && !t.eof {
				t.err = fmt.Errorf("gtfs: %s:%d is longer than %d KiB, as no row of a timetable is: get the file again from its publisher", t.file, t.line, recordBytes>>10)
				return false
			}
			t.report.warn(Warn, "csv_parsing_failed", t.file, "unclosed", t.line, "a quote is never closed; the line was read without it")
			if n < 0 {
				n = len(rest)
			}
			t.pos += min(n+1, len(rest))
			t.nextLine++
			t.split(trimCR(rest[:n]))
			for i, c := range t.cells {
				t.cells[i] = bytes.Trim(c, `" `)
			}
			return true
		}
		t.pos += min(n+1, len(rest))
		t.nextLine += 1 + lines
		t.splitQuoted(trimCR(rest[:n]))
		return true
	}
}

func trimCR(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\r' {
		return b[:n-1]
	}
	return b
}

// split cuts a row that has no quotes.
func (t *table) split(row []byte) {
	t.cells = t.cells[:0]
	for {
		i := bytes.IndexByte(row, ',')
		if i < 0 {
			t.cells = append(t.cells, row)
			return
		}
		t.cells = append(t.cells, row[:i])
		row = row[i+1:]
	}
}

// quoteOpens reports whether a cell begins with a quote, spaces aside, and
// where what is quoted begins.
func quoteOpens(b []byte, i int) (int, bool) {
	for i < len(b) && b[i] == ' ' {
		i++
	}
	if i < len(b) && b[i] == '"' {
		return i + 1, true
	}
	return i, false
}

// quotedEnd finds where the row ends that b begins with. It is not ok when b
// holds only the beginning of the row, and not tidy when something follows a
// closing quote before the cell ends.
func (t *table) quotedEnd(b []byte) (n int, ok, tidy bool) {
	tidy = true
	for i := 0; ; i++ {
		start, quoted := quoteOpens(b, i)
		if quoted {
			for i = start; ; i++ {
				q := bytes.IndexByte(b[i:], '"')
				if q < 0 {
					return 0, false, tidy
				}
				i += q + 1
				if i == len(b) && !t.eof {
					return 0, false, tidy // the next byte may be a second quote
				}
				if i == len(b) || b[i] != '"' {
					break
				}
			}
		}
		for i < len(b) && b[i] != ',' && b[i] != t.eol {
			tidy = tidy && (!quoted || b[i] == ' ' || b[i] == '\r')
			i++
		}
		if i == len(b) {
			return i, t.eof, tidy
		}
		if b[i] == t.eol {
			return i, true, tidy
		}
	}
}

// splitQuoted cuts a row that has quotes. Doubled quotes are made single
// within the buffer itself, where there is always room.
func (t *table) splitQuoted(row []byte) {
	t.cells = t.cells[:0]
	for i := 0; ; i++ {
		start, quoted := quoteOpens(row, i)
		if !quoted {
			n := bytes.IndexByte(row[i:], ',')
			if n < 0 {
				n = len(row) - i
			}
			cell := row[i : i+n]
			t.stray = t.stray || bytes.IndexByte(cell, '"') >= 0
			t.cells = append(t.cells, cell)
			i += n
		} else {
			w := start
			closed := false
			for i = start; i < len(row); i++ {
				c := row[i]
				switch {
				case c == '"' && !closed && i+1 < len(row) && row[i+1] == '"':
					i++
				case c == '"' && !closed:
					closed = true
					continue
				case closed && c == ',':
				case closed && c == ' ':
					continue
				case closed:
					t.stray = true
				case c == '\n' || c == '\r':
					t.brokenCell = true
				}
				if closed && c == ',' {
					break
				}
				row[w] = c
				w++
			}
			t.cells = append(t.cells, row[start:w])
		}
		if i >= len(row) {
			return
		}
	}
}

// cell is the nth column asked for, without the spaces around it; empty when
// there is no such column.
func (t *table) cell(n int) []byte {
	i := t.at[n]
	if i < 0 || i >= len(t.cells) {
		return nil
	}
	b := t.cells[i]
	if len(b) > 0 && (b[0] <= ' ' || b[len(b)-1] <= ' ' || b[0] >= utf8.RuneSelf) {
		trimmed := bytes.TrimSpace(b)
		if len(trimmed) < len(b) && !t.report.again("leading_or_trailing_whitespaces", t.file, "", t.line) {
			t.report.add(Info, "leading_or_trailing_whitespaces", t.file, "", t.line, fmt.Sprintf("%s has spaces around it; it was read without them", t.columns[n]))
		}
		b = trimmed
	}
	return b
}

// id is a cell that other tables refer to. It is always valid UTF-8.
func (t *table) id(n int) []byte {
	b := t.cell(n)
	if !utf8.Valid(b) {
		t.report.warn(Warn, "invalid_character", t.file, t.columns[n], t.line, "%s is not in UTF-8; it was read as Windows-1252", t.columns[n])
		b = bytes.TrimSpace([]byte(mendUTF8(b)))
	}
	return b
}

// text is a cell for people to read: valid UTF-8 on one line.
func (t *table) text(n int) string {
	b := t.cell(n)
	for _, c := range b {
		if c < ' ' || c >= utf8.RuneSelf {
			return t.mended(n, b)
		}
	}
	return string(b)
}

func (t *table) mended(n int, b []byte) string {
	s := string(b)
	if !utf8.Valid(b) {
		t.report.warn(Warn, "invalid_character", t.file, t.columns[n], t.line, "%s is not in UTF-8; it was read as Windows-1252", t.columns[n])
		s = mendUTF8(b)
	}
	return plain(s)
}

// plain is a text on one line, without what a terminal would obey.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' }), " ")
}

// mendUTF8 reads each byte that is not UTF-8 as Windows-1252.
func mendUTF8(b []byte) string {
	var s strings.Builder
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			r = charmap.Windows1252.DecodeByte(b[0])
		}
		s.WriteRune(r)
		b = b[size:]
	}
	return s.String()
}

// required is an id that a row is worth nothing without.
func (t *table) required(n int, lost string) ([]byte, bool) {
	b := t.id(n)
	if len(b) == 0 {
		t.report.warn(Error, "missing_required_field", t.file, t.columns[n], t.line, "%s is empty; %s", t.columns[n], lost)
		return nil, false
	}
	return b, true
}

// shown is a value as it is quoted in a warning.
func shown(b []byte) string {
	const most = 60
	s := mendUTF8(b[:min(len(b), most)])
	if len(b) > most {
		s += "…"
	}
	return strconv.Quote(s)
}
