package api

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func agreesWithEncodingJSON(t *testing.T, raw []byte, got any) {
	t.Helper()
	var want any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&want); err != nil {
		t.Fatalf("%q was read, and is not JSON: %v", raw, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%q is read differently:\n%s", raw, diff)
	}
}

func TestWithout(t *testing.T) {
	v, err := parseJSON([]byte(`{"a/b":{"~c":1,"d":2},"list":[{"x":1},2,3]}`))
	if err != nil {
		t.Fatal(err)
	}
	for pointer, want := range map[string]string{
		"":            `{"a/b":{"d":2,"~c":1},"list":[{"x":1},2,3]}`,
		"/a~1b/~0c":   `{"a/b":{"d":2},"list":[{"x":1},2,3]}`,
		"/a~1b":       `{"list":[{"x":1},2,3]}`,
		"/list/1":     `{"a/b":{"d":2,"~c":1},"list":[{"x":1},null,3]}`,
		"/list/0/x":   `{"a/b":{"d":2,"~c":1},"list":[{},2,3]}`,
		"/list/9":     `{"a/b":{"d":2,"~c":1},"list":[{"x":1},2,3]}`,
		"/list/0/x/y": `{"a/b":{"d":2,"~c":1},"list":[{"x":1},2,3]}`,
		"/nothing/at": `{"a/b":{"d":2,"~c":1},"list":[{"x":1},2,3]}`,
	} {
		got, err := json.Marshal(without(v, pointer))
		if err != nil || string(got) != want {
			t.Errorf("without %q: %s (%v), want %s", pointer, got, err, want)
		}
	}
}
