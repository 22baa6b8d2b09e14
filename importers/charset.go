package importers

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// UTF8 reads text of unknown encoding as UTF-8 without a byte order mark.
// UTF-16 and UTF-32 are told by their mark, or UTF-16 by its zero bytes.
// Anything else is UTF-8, in which a byte that is not is taken for the
// Windows-1252 character it most likely was: files that were pieced together
// hold both.
func UTF8(r io.Reader) io.Reader {
	br := bufio.NewReaderSize(r, 4096)
	head, _ := br.Peek(1024) // an error will come again when it is read
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE, 0, 0}), bytes.HasPrefix(head, []byte{0, 0, 0xFE, 0xFF}):
		return transform.NewReader(br, utf32.UTF32(utf32.BigEndian, utf32.UseBOM).NewDecoder())
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return transform.NewReader(br, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder())
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		_, _ = br.Discard(3)
	default:
		if endian, ok := unmarkedUTF16(head); ok {
			return transform.NewReader(br, unicode.UTF16(endian, unicode.IgnoreBOM).NewDecoder())
		}
	}
	return transform.NewReader(br, mendUTF8{})
}

// unmarkedUTF16 recognises mostly Western text in UTF-16 by every other byte
// being zero.
func unmarkedUTF16(head []byte) (unicode.Endianness, bool) {
	var even, odd int
	for i, b := range head {
		if b == 0 {
			if i%2 == 0 {
				even++
			} else {
				odd++
			}
		}
	}
	pairs := len(head) / 2
	switch {
	case pairs < 2:
		return unicode.BigEndian, false
	case odd*10 > pairs*8 && even*10 < pairs:
		return unicode.LittleEndian, true
	case even*10 > pairs*8 && odd*10 < pairs:
		return unicode.BigEndian, true
	}
	return unicode.BigEndian, false
}

// mendUTF8 passes UTF-8 through and reads each byte that is not as
// Windows-1252.
type mendUTF8 struct{ transform.NopResetter }

func (mendUTF8) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if src[nSrc] < utf8.RuneSelf {
			if nDst == len(dst) {
				return nDst, nSrc, transform.ErrShortDst
			}
			dst[nDst] = src[nSrc]
			nDst, nSrc = nDst+1, nSrc+1
			continue
		}
		r, size := utf8.DecodeRune(src[nSrc:])
		if r == utf8.RuneError && size == 1 {
			if !atEOF && !utf8.FullRune(src[nSrc:]) {
				return nDst, nSrc, transform.ErrShortSrc
			}
			r = charmap.Windows1252.DecodeByte(src[nSrc])
		}
		if nDst+utf8.RuneLen(r) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}
