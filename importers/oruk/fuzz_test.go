package oruk

import (
	"bytes"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"hereabouts"
)

// fuzzOne reads what might be a document and holds each listing to what any
// listing must be.
func fuzzOne(t *testing.T, b []byte) {
	t.Helper()
	_, _ = Tell(b)
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

// seeds are the JSON documents of the fixtures.
func seeds(t testing.TB) [][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	var docs [][]byte
	for _, name := range files {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if filepath.Ext(f.Name) == ".json" || filepath.Ext(f.Name) == ".ndjson" {
				docs = append(docs, f.Data)
			}
		}
	}
	return docs
}

func FuzzRead(f *testing.F) {
	for _, doc := range seeds(f) {
		f.Add(doc)
	}
	for _, s := range []string{`{"contents":[{"id":1}]}`, `[[]]`, `{"content":null}`, `{"contents":{}}`, `{}{}`, `nul`, `[{"name":"x","schedules":[{"byday":"TH","freq":"WEEKLY","interval":1e9}]}]`,
		`[{"name":"x","service_areas":[{"extent":"POLYGON((1 1"},{"extent":{"type":"Polygon","coordinates":[[]]}},{"extent":{"type":"GeometryCollection","geometries":[{}]}},{"extent":"{\"type\":\"GeometryCollection\",\"geometries\":[null]}"}]}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(fuzzOne)
}

// Whatever stands in a field, in any dialect, costs that field at most, or
// the record with a reason; never the import.
func TestAnythingMayStandAnywhere(t *testing.T) {
	odd := []string{`null`, `true`, `false`, `-1`, `1e400`, `0`, `""`, `"null"`, `"x"`, `[]`, `[null]`, `[[]]`, `[1,"2",{}]`, `{}`, `{"id":{},"name":[]}`,
		`"9999-99-99"`, `"24:00:00"`, `"FREQ=WEEKLY"`, `"\u0000"`, `123456789012345678901234567890`}
	var oddities []any
	for _, s := range odd {
		v, err := value([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		oddities = append(oddities, v)
	}
	tried := 0
	for _, doc := range seeds(t) {
		_, _ = readDocument(bytes.NewReader(doc), func(it item) bool {
			if it.err != nil {
				return true
			}
			var walk func(v any)
			try := func() {
				tried++
				services, _ := servicesIn(it)
				for _, s := range services {
					l, _, _ := listing(s.object, "2026-11-21")
					l.Normalise()
					_ = l.Validate(nil)
				}
			}
			walk = func(v any) {
				switch v := v.(type) {
				case object:
					walk(map[string]any(v))
				case map[string]any:
					for k, was := range v {
						for _, x := range oddities {
							v[k] = x
							try()
						}
						v[k] = was
						walk(was)
					}
				case []any:
					for i, was := range v {
						for _, x := range oddities {
							v[i] = x
							try()
						}
						v[i] = was
						walk(was)
					}
				}
			}
			walk(it.object)
			return true
		})
	}
	if tried < 3000 {
		t.Errorf("only %d documents were tried", tried)
	}
}
