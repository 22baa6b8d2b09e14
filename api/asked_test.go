package api_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"hereabouts"
)

// TestValuesHoweverWritten finds what has a comma in its own name, a language
// however its parts are joined, and a whole number with a decimal point.
func TestValuesHoweverWritten(t *testing.T) {
	w := newWorld(t)
	l, err := w.store.Listing(t.Context(), "shed")
	if err != nil {
		t.Fatal(err)
	}
	l.Tags, l.Languages = []string{"wood, metal and paint"}, []string{"en-GB"}
	if _, err := w.store.Commit(t.Context(), hereabouts.Batch{Writes: []hereabouts.Write{{Listing: &l, IfRev: l.Rev}}}); err != nil {
		t.Fatal(err)
	}
	if err := w.index.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/api/v1/search?tag=wood,+metal+and+paint", "", 1},
		{"POST", "/api/v1/search", `{"tag": ["wood, metal and paint"]}`, 1},
		{"POST", "/api/v1/search", `{"tag": "none, wood, metal and paint"}`, 0},
		{"POST", "/api/v1/search", `{"kind": "group, green_space"}`, 2},
		{"POST", "/api/v1/search", `{"age": 72.0, "limit": 2e1, "tag": ["wood, metal and paint"]}`, 1},
		{"GET", "/api/v1/search?language=en_GB", "", 1},
		{"GET", "/api/v1/search?language=en", "", 1},
	} {
		resp := w.ask("", x.method, x.path, x.body)
		var got struct{ Total int }
		if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != http.StatusOK || got.Total != x.want {
			t.Errorf("%s %s %s finds %d, want %d (%d, %v)", x.method, x.path, x.body, got.Total, x.want, resp.StatusCode, err)
		}
	}
}
