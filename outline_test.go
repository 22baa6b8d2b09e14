package hereabouts

import (
	"strings"
	"testing"
)

func TestCheckOutlines(t *testing.T) {
	refused := "not_supported a collection of geometries"
	tests := []struct {
		name, json string
		want       []string
	}{
		{"a polygon", `{"places":[{"geometry":{"type":"Polygon","coordinates":[[[0,51],[1,51],[1,52],[0,51]]]}}]}`, nil},
		{"the word in a text", `{"name":"geometries","tags":["geometries"]}`, nil},
		{"a collection", `{"places":[{},{"geometry":{"type":"GeometryCollection","geometries":[null]}}]}`, []string{"/places/1/geometry/geometries " + refused}},
		{"in disguise", `{"eligibility":{"catchment":{"geometry":{"\u0067EOMETRIES":[]}}}}`, []string{"/eligibility/catchment/geometry/gEOMETRIES " + refused}},
		{"two", `[{"a/b":{"geometries":1}},[[{"geometries":{}}]]]`, []string{"/0/a~1b/geometries " + refused, "/1/0/0/geometries " + refused}},
		{"at the top", `{"geometries":[]}`, []string{"/geometries " + refused}},
		{"nothing", ``, nil},
		{"broken", `{"a":`, nil},
		{"broken the other way", `]}`, nil},
		{"deep", strings.Repeat(`{"geometry":{"x":[`, 20_000), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkProblems(t, CheckOutlines([]byte(tt.json)), tt.want) })
	}
}

func FuzzCheckOutlines(f *testing.F) {
	for _, s := range []string{`{"geometry":{"geometries":[null]}}`, `[[[]]]`, `{"a":[1,{"b":2}]}`, `}{`, `{"\ud800":1}`, `nullnull`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(_ *testing.T, b []byte) { _ = CheckOutlines(b) })
}
