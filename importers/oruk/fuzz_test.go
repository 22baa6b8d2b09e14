package oruk

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"hereabouts"
)

// fuzzOne reads what might be a document and holds each listing to what any
// listing must be.
func fuzzOne(t *testing.T, b []byte) {
	t.Helper()
	_, _ = Tell(b)
	// The fixtures are archives; what is in them begins at a brace.
	if i := bytes.IndexAny(b, "[{"); i > 0 {
		b = b[i:]
	}
	_, _ = readDocument(bytes.NewReader(b), func(it item) bool {
		services, _ := servicesIn(it)
		for _, s := range services {
			if s.err != nil {
				continue
			}
			l, notes, err := listing(s.object, "2026-11-21")
			if l == nil && err == nil {
				t.Fatal("neither a listing nor a reason")
			}
			for _, n := range notes {
				if n.Code == "" || n.Detail == "" {
					t.Errorf("an empty note: %+v", n)
				}
			}
			if err != nil {
				continue
			}
			if !utf8.ValidString(l.Name + l.Description) {
				t.Errorf("text that is none: %q", l.Name+l.Description)
			}
			l.Normalise()
			once := l.ContentHash()
			if l.Normalise(); l.ContentHash() != once {
				t.Error("it is another listing when normalised again")
			}
			_ = l.Validate(hereabouts.NewTaxonomy(nil))
		}
		return true
	})
}

func FuzzClockDateDays(f *testing.F) {
	for _, s := range []string{"10:00", "9.30am", "24:00", "2026-11-21T10:00:00Z", "Monday - Friday", "-1FR", "12 noon", "99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if c, ok := readClock(s); ok {
			if _, good := c.Minutes(); !good {
				t.Errorf("readClock(%q) is %q", s, c)
			}
		}
		if d, ok := readDate(s); ok {
			if _, good := d.Time(); !good {
				t.Errorf("readDate(%q) is %q", s, d)
			}
		}
		m := &mapper{}
		for _, d := range m.days(object{"byday": s}) {
			if !dayCode.MatchString(d) {
				t.Errorf("a day of %q is %q", s, d)
			}
		}
		var a hereabouts.Access
		readAccess(s, &a)
		charityNumber(s, s, s)
		languageOf(s, s)
	})
}

func FuzzRead(f *testing.F) {
	seeds, _ := filepath.Glob("testdata/*.txtar")
	for _, s := range seeds {
		if b, err := os.ReadFile(s); err == nil {
			f.Add(b)
		}
	}
	for _, s := range []string{`{"contents":[{"id":1}]}`, `[[]]`, `{"content":null}`, `{"contents":{}}`, `{}{}`, `nul`, `[{"name":"x","schedules":[{"byday":"TH","freq":"WEEKLY","interval":1e9}]}]`,
		`[{"name":"x","service_areas":[{"extent":"POLYGON((1 1"},{"extent":{"type":"Polygon","coordinates":[[]]}},{"extent":{"type":"GeometryCollection","geometries":[{}]}}]}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzOne(t, b)
	})
}
