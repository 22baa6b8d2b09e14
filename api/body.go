package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"hereabouts"
)

// maxDepth bounds how deep a body may nest.
const maxDepth = 64

// readJSON reads the whole body as JSON, numbers kept as written.
func readJSON(c echo.Context, types ...string) (any, error) {
	if len(types) == 0 {
		types = []string{"application/json"}
	}
	h := c.Request().Header.Get(echo.HeaderContentType)
	if mediaType, _, err := mime.ParseMediaType(h); err != nil || !contains(types, mediaType) {
		p := unreadable(types...)
		name := "Accept-Post"
		if c.Request().Method == http.MethodPatch {
			name = "Accept-Patch"
		}
		p.header = http.Header{name: types}
		return nil, p
	}
	raw, err := wholeBody(c)
	if err != nil {
		return nil, err
	}
	return parseJSON(raw)
}

// wholeBody reads a request's body to its end.
func wholeBody(c echo.Context) ([]byte, error) {
	raw, err := io.ReadAll(c.Request().Body)
	if err == nil {
		return raw, nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, err
	}
	return nil, newProblem(http.StatusBadRequest, "malformed", "We could not read the body", "It ended before it was complete.")
}

// unreadable is the problem of a body that is none of types.
func unreadable(types ...string) *problem {
	return newProblem(http.StatusUnsupportedMediaType, "unsupported-media-type", "We cannot read that kind of body",
		"Send "+strings.Join(types, " or ")+" and say so in Content-Type.")
}

// parseJSON reads one JSON value. It refuses what other readers would read
// differently from us: names given twice, text that is not UTF-8, and anything
// after the value.
func parseJSON(raw []byte) (any, error) {
	if !utf8.Valid(raw) {
		return nil, malformed("It is not UTF-8.")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	r := &jsonReader{d: d}
	v, err := r.value("", 0)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows the value")
		}
	}
	if errors.Is(err, errTooDeep) {
		return nil, malformed(fmt.Sprintf("It nests deeper than %d levels.", maxDepth))
	}
	if err != nil {
		line, column := position(raw, d.InputOffset())
		return nil, malformed(fmt.Sprintf("It stops being JSON near line %d, column %d.", line, column))
	}
	return v, r.faults.err()
}

func malformed(detail string) *problem {
	return newProblem(http.StatusBadRequest, "malformed", "We could not read the body as JSON", detail)
}

func position(raw []byte, offset int64) (line, column int) {
	before := raw[:min(int(offset), len(raw))]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}

var errTooDeep = errors.New("too deep")

type jsonReader struct {
	d      *json.Decoder
	faults faults
}

func (r *jsonReader) value(pointer string, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	t, err := r.d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		object := map[string]any{}
		for r.d.More() {
			name, err := r.d.Token()
			if err != nil {
				return nil, err
			}
			key := name.(string) // the decoder has made sure that a name is text
			at := pointer + "/" + escapePointer(key)
			v, err := r.value(at, depth+1)
			if err != nil {
				return nil, err
			}
			if _, twice := object[key]; twice {
				r.faults.add(hereabouts.Problem{Pointer: at, Code: "repeated", Detail: "give this once"})
			}
			object[key] = v
		}
		_, err := r.d.Token()
		return object, err
	case json.Delim('['):
		list := []any{}
		for r.d.More() {
			v, err := r.value(pointer+"/"+strconv.Itoa(len(list)), depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := r.d.Token()
		return list, err
	}
	return t, nil
}

// scalar is a text, a number, true, false or null as a parameter's value.
func scalar(v any) (text string, ok bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		// To JSON 72.0 and 72 are one number.
		if f, err := v.Float64(); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return strconv.FormatInt(int64(f), 10), true
		}
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

func writeJSON(c echo.Context, status int, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("api: write an answer: %w", err)
	}
	return c.Blob(status, "application/json", b.Bytes())
}
