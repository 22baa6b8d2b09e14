package sheet

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"hereabouts"
	"hereabouts/importers"
)

// A row is one record of a sheet, or the reason why there is none.
type row struct {
	line  int
	cells []string
	notes int // empty cells that stood beyond the last column
	err   error

	// Of rows that another reader has read; see Row.
	at   string
	get  func(column string) string
	then func(*importers.Record)
}

// Limits on one record: a quote that is opened and never closed must not take
// the rest of the sheet with it.
const (
	maxRowLines = 500
	maxRowBytes = 1 << 20
)

// rows reads a sheet's records. It reads line by line and lets encoding/csv
// read each record, so that a fault costs the record it is in: the next one is
// looked for on the line after the fault began. columns is how many there should
// be, 0 until the header is read.
func rows(r io.Reader, delimiter rune, columns func() int) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		in := &lines{r: bufio.NewReaderSize(r, 64<<10)}
		for {
			first, err := in.next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(row{}, err)
				return
			}
			if strings.Trim(first.text, " \t\r\n") == "" {
				continue
			}
			rec, rest, err := in.record(first, delimiter, columns())
			if err != nil {
				yield(row{}, err)
				return
			}
			in.unread(rest)
			if rec.err == nil && blankCells(rec.cells) {
				continue
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

type textLine struct {
	n    int
	text string
}

// lines reads numbered lines, and again those that were given back.
type lines struct {
	r    *bufio.Reader
	n    int
	back []textLine
}

func (l *lines) next() (textLine, error) {
	if len(l.back) > 0 {
		t := l.back[len(l.back)-1]
		l.back = l.back[:len(l.back)-1]
		return t, nil
	}
	var b strings.Builder
	for {
		part, err := l.r.ReadSlice('\n')
		b.Write(part)
		if b.Len() > maxRowBytes {
			return textLine{}, fmt.Errorf("line %d is longer than %d bytes; this is not a sheet of listings", l.n+1, maxRowBytes)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF && b.Len() > 0:
		case err != nil:
			return textLine{}, err
		}
		l.n++
		return textLine{l.n, b.String()}, nil
	}
}

// unread gives lines back, in their order.
func (l *lines) unread(ts []textLine) {
	for i := len(ts) - 1; i >= 0; i-- {
		l.back = append(l.back, ts[i])
	}
}

// record reads the record that begins on first. rest are lines read in vain.
func (l *lines) record(first textLine, delimiter rune, columns int) (rec row, rest []textLine, err error) {
	text, more := first.text, []textLine(nil)
	quotes := strings.Count(first.text, `"`)
	for quotes%2 == 1 && len(more) < maxRowLines && len(text) < maxRowBytes {
		next, err := l.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return row{}, nil, err
		}
		more = append(more, next)
		text += next.text
		quotes += strings.Count(next.text, `"`)
	}
	rec = parseRow(first.n, text, delimiter, columns)
	if rec.err == nil || len(more) == 0 {
		return rec, nil, nil
	}
	// Was it the quote, or the record? A line that stands on its own is not
	// part of a faulty record.
	if quotes%2 == 1 {
		rec.err = fault("unbalanced_quotes", "a quotation mark is opened on this line and never closed; close it, or double it if it belongs to the text")
	}
	return rec, more, nil
}

func parseRow(line int, text string, delimiter rune, columns int) row {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = delimiter
	r.FieldsPerRecord = -1
	cells, err := r.Read()
	rec := row{line: line, cells: cells}
	if pe := (*csv.ParseError)(nil); errors.As(err, &pe) {
		rec.err = fault("unbalanced_quotes", "a quotation mark stands where none can; put the whole cell in quotation marks and double those inside it")
		return rec
	}
	if err == nil {
		if _, again := r.Read(); again != io.EOF {
			rec.err = fault("unbalanced_quotes", "a quotation mark opened on this line runs into the next record; close it")
			return rec
		}
	}
	if err != nil {
		rec.err = fault("unreadable", err.Error())
		return rec
	}
	if columns > 0 {
		for len(rec.cells) > columns && strings.TrimSpace(rec.cells[len(rec.cells)-1]) == "" {
			rec.cells = rec.cells[:len(rec.cells)-1]
			rec.notes++
		}
		if len(rec.cells) != columns && !blankCells(rec.cells) {
			rec.err = faultf("wrong_length", "the row has %d cells and the sheet has %d columns; a comma in a text needs the text in quotation marks", len(cells), columns)
		}
	}
	return rec
}

func blankCells(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

func fault(code, detail string) error {
	return hereabouts.Problems{{Parameter: "row", Code: code, Detail: detail}}
}

func faultf(code, format string, args ...any) error { return fault(code, fmt.Sprintf(format, args...)) }

// guessDelimiter chooses what separates the columns of a header line.
func guessDelimiter(header string) rune {
	best, most := ',', 0
	for _, d := range []rune{',', ';', '\t', '|'} {
		n, quoted := 0, false
		for _, r := range header {
			switch {
			case r == '"':
				quoted = !quoted
			case r == d && !quoted:
				n++
			}
		}
		if n > most {
			best, most = d, n
		}
	}
	return best
}

func delimiterOf(name string) (rune, bool) {
	switch name {
	case "":
		return 0, false
	case "tab":
		return '\t', true
	}
	r, _ := utf8.DecodeRuneInString(name)
	return r, true
}
