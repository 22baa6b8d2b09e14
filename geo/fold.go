package geo

import "unicode"

// isSpace also counts the spaces that come with pasted text: non-breaking,
// zero-width, and the byte order mark.
func isSpace(r rune) bool {
	switch r {
	case '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff':
		return true
	}
	return unicode.IsSpace(r)
}
