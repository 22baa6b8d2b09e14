package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what the server answers into testdata, to be read before it is committed")

// shownHeaders are the headers that a case shows when they are there.
var shownHeaders = []string{"Accept-Patch", "Accept-Post", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods",
	"Access-Control-Allow-Origin", "Allow", "Cache-Control", "Etag", "Hereabouts-Data", "Hereabouts-Token",
	"Idempotency-Replayed", "Location", "Retry-After", "Vary", "Www-Authenticate"}

// TestCases sends each request in testdata/*.txtar to a real server over a
// real store and compares the whole answer. The requests of one file happen
// one after another in one world.
//
// A request names who asks with a line such as "As: writer"; see roles. A
// token is written TOKEN, since a store makes its own, and a score SCORE.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases found", err)
	}
	seen := answeredOperations{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			d := readDocument(t, w)
			for i := 0; i < len(a.Files); i++ {
				if a.Files[i].Name != "request" {
					t.Fatalf("%s: file %d is called %q; want request and response in turn", file, i, a.Files[i].Name)
				}
				request := string(a.Files[i].Data)
				got := w.play(request, d, seen)
				if i+1 == len(a.Files) || a.Files[i+1].Name != "response" {
					a.Files = slices.Insert(a.Files, i+1, txtar.File{Name: "response"})
				}
				i++
				want := string(a.Files[i].Data)
				if *update {
					a.Files[i].Data = []byte(got)
				} else if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s\nanswered differently (-want +got):\n%s", request, diff)
				}
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	// Answers too long to read in a file.
	w := newWorld(t)
	d := readDocument(t, w)
	for _, path := range []string{"/api/v1/needs", "/api/v1/openapi.json", "/openapi.json"} {
		resp := w.ask("", "GET", path, "")
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		d.conform(t, resp, raw, seen)
	}
	seen.complete(t, d)
}

var token = regexp.MustCompile(`[0-9a-f-]{8,}:[0-9]+`)

// scores are the index's affair and change as its ranking is improved.
var scores = regexp.MustCompile(`"score": [0-9.e+-]+`)

// play sends a request and writes down the answer.
func (w *world) play(request string, d *document, seen answeredOperations) string {
	w.t.Helper()
	head, body, _ := strings.Cut(request, "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	method, path, ok := strings.Cut(lines[0], " ")
	if !ok {
		w.t.Fatalf("a request begins with a method and a path, not %q", lines[0])
	}
	role, header := "", []string{}
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ": ")
		if !ok {
			w.t.Fatalf("%q is not a header", line)
		}
		if name == "As" {
			role = value
			continue
		}
		header = append(header, name, value)
	}
	if role != "" && w.secrets[role] == "" {
		w.t.Fatalf("nobody is called %q", role)
	}
	resp := w.ask(role, method, strings.ReplaceAll(path, "TOKEN", w.token), strings.TrimSpace(strings.ReplaceAll(body, "TOKEN", w.token)), header...)
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if given := resp.Header.Get("Hereabouts-Token"); given != "" {
		w.token = given
	}
	d.conform(w.t, resp, raw, seen)

	var b strings.Builder
	fmt.Fprintln(&b, strings.TrimSpace(fmt.Sprint(resp.StatusCode, " ", resp.Header.Get("Content-Type"))))
	for _, name := range shownHeaders {
		if v := resp.Header.Values(name); len(v) > 0 {
			fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(v, ", "))
		}
	}
	b.WriteByte('\n')
	b.Write(pretty(resp, raw))
	unscored := scores.ReplaceAllString(b.String(), `"score": SCORE`)
	return token.ReplaceAllString(strings.ReplaceAll(unscored, w.http.URL, "http://server"), "TOKEN")
}

// pretty writes JSON over several lines, so that a difference is a line.
func pretty(resp *http.Response, raw []byte) []byte {
	media := resp.Header.Get("Content-Type")
	var out bytes.Buffer
	switch {
	case strings.Contains(media, "ndjson"):
		for s := bufio.NewScanner(bytes.NewReader(raw)); s.Scan(); {
			out.Write(s.Bytes())
			out.WriteByte('\n')
		}
	case strings.Contains(media, "json") && json.Indent(&out, bytes.TrimSpace(raw), "", "  ") == nil:
		out.WriteByte('\n')
	default:
		out.Reset()
		out.Write(raw)
	}
	if out.Len() > 0 && out.Bytes()[out.Len()-1] != '\n' {
		out.WriteByte('\n')
	}
	return out.Bytes()
}
