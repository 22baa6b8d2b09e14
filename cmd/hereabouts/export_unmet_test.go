package main

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Ten people in one district who ask what they can reach are in the report,
// and nine in another are not; both while the server runs and after.
func TestUnmetReachIsExported(t *testing.T) {
	s := serve(t, t.TempDir(), "--demo")
	export := func(args ...string) string {
		t.Helper()
		var out, errw lockedBuffer
		args = append([]string{"export", "unmet", "--data", s.dir}, args...)
		if code := run(t.Context(), args, strings.NewReader(""), &out, &errw, func(string) string { return "" }); code != exitOK {
			t.Fatalf("%v: exit code %d: %s", args, code, &errw)
		}
		return out.String()
	}
	ask := func(times int, near string) {
		t.Helper()
		for range times {
			res, err := http.Get(s.url + "/api/v1/search?" + url.Values{"near": {near}, "transport": {"transit"}, "need": {"connection"}, "within": {"10km"}}.Encode())
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(res.Body)
			res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Fatalf("search: %s: %s", res.Status, body)
			}
		}
	}
	const head = "month,district,need,searches,unreached,no,there_only\n"
	ask(9, "NN11")
	if got := export(); got != head {
		t.Errorf("after nine searches:\n%s", got)
	}
	ask(10, "NN1")
	running := export()
	rows := strings.Split(strings.TrimSpace(running), "\n")
	if len(rows) != 3 || rows[0]+"\n" != head || strings.Contains(running, "NN11") ||
		!strings.Contains(rows[1], ",NN1,,10,") || !strings.Contains(rows[2], ",NN1,connection,10,") {
		t.Errorf("after ten from NN1 and nine from NN11:\n%s", running)
	}
	if code := s.stop(); code != exitOK {
		t.Fatalf("stopped with exit code %d: %s", code, s.stderr)
	}
	if stopped := export(); stopped != running {
		t.Errorf("after stopping:\n%s", stopped)
	}
	if got := export("--json"); !strings.Contains(got, `"need": "connection"`) || strings.Contains(got, "NN11") {
		t.Errorf("as JSON:\n%s", got)
	}
}
