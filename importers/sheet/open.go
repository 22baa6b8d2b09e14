package sheet

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

// open looks at the first line that is not empty to learn what separates the
// columns. Excel's own "sep=;" is believed.
func (s *sheet) open(r io.Reader) (io.Reader, rune, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	if head, _ := br.Peek(br.Size()); bytes.IndexByte(head, '\r') >= 0 && bytes.IndexByte(head, '\n') < 0 {
		br = bufio.NewReaderSize(returns{br}, 64<<10)
	}
	if d, ok := delimiterOf(s.File.Delimiter); ok {
		return br, d, nil
	}
	head, err := br.Peek(br.Size())
	if err != nil && err != io.EOF {
		return nil, 0, err
	}
	for line := range strings.Lines(string(head)) {
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if sep, ok := strings.CutPrefix(line, "sep="); ok && len(sep) == 1 {
			if _, err := br.ReadString('\n'); err != nil && err != io.EOF {
				return nil, 0, err
			}
			return br, rune(sep[0]), nil
		}
		return br, guessDelimiter(line), nil
	}
	return br, ',', nil
}

// returns reads a sheet whose lines end as they did on old Macintoshes.
type returns struct{ r io.Reader }

func (r returns) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
