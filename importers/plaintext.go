package importers

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// PlainText is what a reader would see of s: mark-up gone with its line
// breaks kept, entities read, text that was decoded in the wrong character set
// repaired, and spaces of every kind made plain. It has no trailing spaces and
// never more than one empty line together.
func PlainText(s string) string {
	s = Mojibake(s)
	if tag.MatchString(s) {
		s = untagged(s)
	}
	// What was escaped twice is still escaped once.
	for range 2 {
		if !entity.MatchString(s) {
			break
		}
		s = html.UnescapeString(s)
	}
	return tidy(s)
}

// Line is PlainText on one line, for names and addresses.
func Line(s string) string { return strings.Join(strings.Fields(PlainText(s)), " ") }

// Filled is s unless it is one of the words that programs and people leave
// in a field they have nothing for, such as "N/A" or "null"; then it is empty.
func Filled(s string) string {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\u00a0", " "))
	switch strings.ToLower(strings.Trim(s, "\"'`()[]<>")) {
	case "", "na", "n/a", "n.a.", "n.a", "#n/a", "null", "nil", "nan", "undefined",
		"-", "--", "---", "–", "—", ".", "..", "...", "tbc", "tba", "not applicable", "(null)", "\\n":
		return ""
	}
	return s
}

var (
	tag    = regexp.MustCompile(`<[!/]?[a-zA-Z][^<>]*>|<!--`)
	entity = regexp.MustCompile(`&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});`)
)

// untagged reads HTML as lines of text. A link keeps its address in brackets
// when the text does not already say it.
func untagged(s string) string {
	var b strings.Builder
	z := nethtml.NewTokenizer(strings.NewReader(s))
	var href string
	var linkFrom int
	for skip := 0; ; {
		switch tt := z.Next(); tt {
		case nethtml.ErrorToken:
			return b.String()
		case nethtml.TextToken:
			if skip == 0 {
				b.WriteString(z.Token().Data)
			}
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken, nethtml.EndTagToken:
			raw := string(z.Raw())
			t := z.Token()
			switch t.DataAtom {
			case atom.Script, atom.Style, atom.Template, atom.Title, atom.Noscript:
				if tt == nethtml.StartTagToken {
					skip++
				} else if tt == nethtml.EndTagToken && skip > 0 {
					skip--
				}
			case atom.Br:
				b.WriteByte('\n')
			case atom.P, atom.Div, atom.Ul, atom.Ol, atom.Table, atom.Blockquote, atom.Section, atom.Article,
				atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Dl, atom.Header, atom.Footer:
				b.WriteString("\n\n")
			case atom.Tr, atom.Dt, atom.Dd:
				b.WriteByte('\n')
			case atom.Td, atom.Th:
				b.WriteByte(' ')
			case atom.Li:
				if tt == nethtml.StartTagToken {
					b.WriteString("\n- ")
				}
			case atom.A:
				if tt == nethtml.StartTagToken {
					href, linkFrom = "", b.Len()
					for _, a := range t.Attr {
						if a.Key == "href" {
							href = strings.TrimSpace(a.Val)
						}
					}
				} else if tt == nethtml.EndTagToken {
					b.WriteString(linkNote(href, b.String()[min(linkFrom, b.Len()):]))
					href = ""
				}
			case 0:
				// "<someone@example.org>" and "<https://…>" are words, not tags.
				if strings.Contains(raw, "@") || strings.Contains(raw, "://") {
					if skip == 0 {
						b.WriteString(strings.Trim(raw, "<>"))
					}
				}
			}
		}
	}
}

func linkNote(href, text string) string {
	low := strings.ToLower(href)
	switch {
	case strings.HasPrefix(low, "mailto:"):
		href, _, _ = strings.Cut(href[len("mailto:"):], "?")
	case strings.HasPrefix(low, "http://"), strings.HasPrefix(low, "https://"):
	default:
		return ""
	}
	bare := func(s string) string {
		s = strings.ToLower(strings.TrimSpace(s))
		s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
		return strings.TrimSuffix(strings.TrimPrefix(s, "www."), "/")
	}
	if href == "" || strings.Contains(bare(text), bare(href)) {
		return ""
	}
	return " (" + href + ")"
}

// tidy makes every space plain and every line end alike.
func tidy(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	s = norm.NFC.String(s)
	var b strings.Builder
	b.Grow(len(s))
	lines, space := 0, false // breaks and spaces waiting for something to follow them
	for i, r := range s {
		switch {
		case r == '\r' && i+1 < len(s) && s[i+1] == '\n':
		case r == '\n', r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			lines++
			space = false
		case unicode.IsSpace(r), r == '\u200b', r == '\u2060', r == '\ufeff', r == '\u00ad':
			// Zero-width characters and soft hyphens are dropped where they
			// stand inside a word.
			space = space || unicode.IsSpace(r)
		case unicode.IsControl(r):
		default:
			if b.Len() > 0 {
				switch {
				case lines > 1:
					b.WriteString("\n\n")
				case lines == 1:
					b.WriteByte('\n')
				case space:
					b.WriteByte(' ')
				}
			}
			lines, space = 0, false
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Mojibake repairs text whose UTF-8 was once read as Windows-1252, as in
// "St Maryâ€™s CafÃ©". Text that is as it should be is left alone.
func Mojibake(s string) string {
	for range 3 { // some text has been through it more than once
		if !strings.ContainsAny(s, "ÃÂâÅÄðÐÎ") {
			return s
		}
		again := unmisread(s)
		if again == s {
			return s
		}
		s = again
	}
	return s
}

// unmisread reads each run of characters beyond ASCII as the bytes they
// would be in Windows-1252, and keeps the reading where those are UTF-8.
func unmisread(s string) string {
	var out strings.Builder
	for len(s) > 0 {
		n := strings.IndexFunc(s, beyondASCII)
		if n < 0 {
			break
		}
		out.WriteString(s[:n])
		s = s[n:]
		end := strings.IndexFunc(s, func(r rune) bool { return !beyondASCII(r) })
		if end < 0 {
			end = len(s)
		}
		out.WriteString(misreadRun(s[:end]))
		s = s[end:]
	}
	out.WriteString(s)
	return out.String()
}

func beyondASCII(r rune) bool { return r >= utf8.RuneSelf }

func misreadRun(run string) string {
	var out strings.Builder
	for len(run) > 0 {
		r, size := utf8.DecodeRuneInString(run)
		if orig, n, ok := misreadRune(run); ok {
			out.WriteRune(orig)
			run = run[n:]
			continue
		}
		if r == utf8.RuneError && size == 1 {
			out.WriteString(run[:1])
		} else {
			out.WriteRune(r)
		}
		run = run[size:]
	}
	return out.String()
}

// misreadRune is the character whose UTF-8 bytes the beginning of run shows
// one by one, and how much of run they take.
func misreadRune(run string) (rune, int, bool) {
	var b [4]byte
	n, want := 0, 0
	for i, r := range run {
		c, ok := windowsByte(r)
		if !ok {
			return 0, 0, false
		}
		if n == 0 {
			switch {
			case c >= 0xC2 && c <= 0xDF:
				want = 2
			case c >= 0xE0 && c <= 0xEF:
				want = 3
			case c >= 0xF0 && c <= 0xF4:
				want = 4
			default:
				return 0, 0, false
			}
		}
		b[n] = c
		if n++; n == want {
			orig, size := utf8.DecodeRune(b[:n])
			return orig, i + utf8.RuneLen(r), size == n && orig != utf8.RuneError
		}
	}
	return 0, 0, false
}

// windowsByte is the byte that Windows-1252 has for r. The five bytes that it
// leaves undefined are read by most programs as the control of that number.
func windowsByte(r rune) (byte, bool) {
	switch r {
	case 0x81, 0x8d, 0x8f, 0x90, 0x9d:
		return byte(r), true
	}
	return charmap.Windows1252.EncodeRune(r)
}
