package api_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hereabouts"
	"hereabouts/api"
)

// page asks for a page and reads it as a browser would.
func (w *world) page(method, path, form string) (*http.Response, *html.Node, string) {
	w.t.Helper()
	resp := w.ask("", method, path, form, "Content-Type", "application/x-www-form-urlencoded", "Accept", "text/html")
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(string(raw)))
	if err != nil {
		w.t.Fatal(err)
	}
	return resp, doc, string(raw)
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is what a page says, spaces evened out.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// usable faults what would keep somebody from using a page: with a keyboard,
// a screen reader, without scripts.
func usable(t *testing.T, path string, doc *html.Node) {
	t.Helper()
	ids, labelled := map[string]int{}, map[string]bool{}
	var headings []int
	var refs []string
	lang, title, mains := "", "", 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s: <%s> has %s, which the content policy forbids", path, n.Data, a.Key)
			}
			if a.Key == "aria-describedby" || a.Key == "aria-labelledby" || n.Data == "label" && a.Key == "for" {
				refs = append(refs, a.Val)
			}
			if n.Data == "a" && a.Key == "href" && strings.HasPrefix(a.Val, "#") {
				refs = append(refs, a.Val[1:])
			}
		}
		switch n.Data {
		case "html":
			lang = attr(n, "lang")
		case "title":
			title = text(n)
		case "main":
			mains++
		case "script", "style":
			t.Errorf("%s has a <%s>", path, n.Data)
		case "label":
			labelled[attr(n, "for")] = true
		case "h1", "h2", "h3":
			headings = append(headings, int(n.Data[1]-'0'))
		}
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && (n.Data == "input" || n.Data == "select") && attr(n, "type") != "hidden" && !labelled[attr(n, "id")] {
			t.Errorf("%s: the field %q has no label", path, attr(n, "name"))
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s: %d things have the id %q", path, n, id)
		}
	}
	for _, id := range refs {
		if ids[id] == 0 {
			t.Errorf("%s: something points at %q, which is not there", path, id)
		}
	}
	if lang != "en-GB" || title == "" || mains != 1 || ids["main"] != 1 {
		t.Errorf("%s: language %q, title %q, %d main parts", path, lang, title, mains)
	}
	if len(headings) == 0 || headings[0] != 1 || slices.ContainsFunc(headings[1:], func(h int) bool { return h == 1 }) {
		t.Errorf("%s: the headings are %v; want one first heading and it first", path, headings)
	}
	for i := 1; i < len(headings); i++ {
		if headings[i] > headings[i-1]+1 {
			t.Errorf("%s: the headings are %v and skip a level", path, headings)
		}
	}
}

func TestPagesAreUsable(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Demo = true })
	token, err := w.store.CreateAdminLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path, form string
		status             int
		says               []string
	}{
		{"GET", "/", "", 200, []string{"What is there, near you?"}},
		{"GET", "/search?q=shed&near=NN6+9DX", "", 200, []string{"1 thing found", "Men's Shed", "Near NN6 9DX.", "Tuesday 24 November, 10:00 to 12:00", "Taking people now", "£2.00 a session", "name contains “shed”"}},
		{"POST", "/search", "q=shed&near=Brixworth&within=5km", 200, []string{"1 thing found", "Near Brixworth, West Northamptonshire."}},
		{"POST", "/search", "q=shed&near=Brixwrth", 200, []string{"We read “Brixwrth” as “Brixworth”."}},
		{"POST", "/search", "q=nothing-of-the-sort", 200, []string{"Nothing found", "What would find more"}},
		{"POST", "/search", "near=Brixwroth&within=5km&kind=gruop", 422, []string{"Please change this", "Near where", "Did you mean Brixworth, West Northamptonshire", "What kind"}},
		{"GET", "/search?utm_source=x", "", 422, []string{"there is no such parameter"}},
		{"GET", "/listings/shed", "", 200, []string{"Men's Shed", "Village Hall", "No steps yes", "Brixworth Men's Shed CIO"}},
		{"GET", "/listings/refuge", "", 200, []string{"Its address is not shown, to keep people safe", "For people who live in West Northamptonshire"}},
		{"GET", "/listings/gone", "", 410, []string{"This listing has been withdrawn"}},
		{"GET", "/listings/draft", "", 404, []string{"We could not find that"}},
		{"GET", "/nowhere", "", 404, []string{"We could not find that"}},
		{"GET", "/admin/link?token=" + url.QueryEscape(token), "", 200, []string{"This link works once"}},
		{"GET", "/admin/link?token=" + url.QueryEscape(token), "", 200, []string{"This link works once"}},
		{"POST", "/admin/link", "token=" + url.QueryEscape(token), 200, []string{"it is shown this once"}},
		{"POST", "/admin/link", "token=" + url.QueryEscape(token), 410, []string{"That link no longer works"}},
	} {
		resp, doc, _ := w.page(c.method, c.path, c.form)
		usable(t, c.method+" "+c.path+" "+c.form, doc)
		said := text(doc)
		if resp.StatusCode != c.status {
			t.Errorf("%s %s %s: %d, want %d: %s", c.method, c.path, c.form, resp.StatusCode, c.status, said)
		}
		for _, want := range append(c.says, "Demonstration data.") {
			if !strings.Contains(said, want) {
				t.Errorf("%s %s %s does not say %q: %s", c.method, c.path, c.form, want, said)
			}
		}
		if strings.Contains(said, "Secret") {
			t.Errorf("%s says where the refuge is: %s", c.path, said)
		}
		if resp.Header.Get("Hereabouts-Data") != "demonstration" || resp.Header.Get("Referrer-Policy") != "no-referrer" ||
			!strings.HasPrefix(resp.Header.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self';") {
			t.Errorf("%s: %v", c.path, resp.Header)
		}
		if strings.HasPrefix(c.path, "/search") || strings.HasPrefix(c.path, "/admin") {
			if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s may be kept or read by others: %v", c.path, resp.Header)
			}
		}
	}
}

func TestTheKeyOfTheAdminLinkWorks(t *testing.T) {
	w := newWorld(t)
	token, err := w.store.CreateAdminLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, doc, _ := w.page("POST", "/admin/link", "token="+url.QueryEscape(token))
	for n := range doc.Descendants() {
		if attr(n, "id") == "secret" {
			w.secrets["first"] = attr(n, "value")
		}
	}
	if resp := w.ask("first", "GET", "/api/v1/listings/draft", ""); w.secrets["first"] == "" || resp.StatusCode != 200 {
		t.Errorf("the key %q is answered %d", w.secrets["first"], resp.StatusCode)
	}
}

func TestTheFormKeepsWhatWasAsked(t *testing.T) {
	w := newWorld(t)
	_, doc, _ := w.page("GET", "/search?q=shed&near=NN6+9DX&within=7km&day=tue&access=step_free&age=72&tag=a&tag=b&limit=1", "")
	got := url.Values{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch {
		case n.Data == "form" && attr(n, "action") == "/search" && attr(n, "method") != "post":
			t.Error("the form puts what is typed into the address")
		case n.Data == "input" && (attr(n, "type") != "checkbox" || slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "checked" })):
			got.Add(attr(n, "name"), attr(n, "value"))
		case n.Data == "option" && slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "selected" }):
			got.Add(attr(n.Parent, "name"), attr(n, "value"))
		}
	}
	for name, want := range map[string]string{"q": "shed", "near": "NN6 9DX", "within": "7km", "day": "tue", "access": "step_free", "age": "72", "tag": "a,b", "limit": "1", "kind": ""} {
		if got.Get(name) != want {
			t.Errorf("the form has %s=%q, want %q", name, got.Get(name), want)
		}
	}
}

// TestPagesSayOnlyWhatIsKnown shows a time that nobody stated as such, and an
// "open" of years ago as no longer known.
func TestPagesSayOnlyWhatIsKnown(t *testing.T) {
	w := newWorld(t)
	l, err := w.store.Listing(t.Context(), "story-time")
	if err != nil {
		t.Fatal(err)
	}
	l.Availability = hereabouts.Availability{State: hereabouts.Open, AsOf: "2024-01-01"}
	l.Sessions = []hereabouts.Session{{RRule: "FREQ=WEEKLY;BYDAY=WE", From: "2026-01-07"}}
	if _, err := w.store.Commit(t.Context(), hereabouts.Batch{Writes: []hereabouts.Write{{Listing: &l, IfRev: l.Rev}}}); err != nil {
		t.Fatal(err)
	}
	if err := w.index.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/listings/story-time", "/search?q=story"} {
		resp := w.ask("", "GET", path, "", "Accept", "text/html")
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		page := string(raw)
		for _, want := range []string{"Not known whether it has room any more", "Wednesday 25 November, time not stated"} {
			if !strings.Contains(page, want) {
				t.Errorf("%s does not say %q:\n%s", path, want, page)
			}
		}
		if strings.Contains(page, "Taking people now") || strings.Contains(page, "00:00") {
			t.Errorf("%s says more than is known:\n%s", path, page)
		}
	}
	l.Rev, l.Sessions = l.Rev+1, []hereabouts.Session{{RRule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", From: "2024-02-29", Start: "10:00", End: "11:00"}}
	if _, err := w.store.Commit(t.Context(), hereabouts.Batch{Writes: []hereabouts.Write{{Listing: &l, IfRev: l.Rev}}}); err != nil {
		t.Fatal(err)
	}
	resp := w.ask("", "GET", "/listings/story-time", "", "Accept", "text/html")
	if raw, _ := io.ReadAll(resp.Body); !strings.Contains(string(raw), "Tuesday 29 February 2028, 10:00 to 11:00") {
		t.Errorf("a day far ahead is not told by its year:\n%s", raw)
	}
	resp = w.ask("", "GET", "/listings/shed", "", "Accept", "text/html")
	raw, _ := io.ReadAll(resp.Body)
	if !strings.Contains(string(raw), "Tuesday 24 November, 10:00 to 12:00") {
		t.Errorf("the shed does not say when it is next:\n%s", raw)
	}
}

func TestAFormMustBeAForm(t *testing.T) {
	w := newWorld(t)
	for body, want := range map[string]int{"": 200, `{"q": "shed"}`: 415} {
		if got := w.ask("", "POST", "/search", body, "Accept", "text/html").StatusCode; got != want {
			t.Errorf("%q is answered %d, want %d", body, got, want)
		}
	}
}

func TestMoreResults(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	form := "limit=1&q="
	for range 3 {
		_, doc, _ := w.page("POST", "/search", form)
		next := url.Values{}
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode && n.Data == "a" && strings.HasPrefix(attr(n, "href"), "/listings/") {
				seen[attr(n, "href")] = true
			}
			if n.Type == html.ElementNode && n.Data == "form" && attr(n, "role") == "" {
				for in := range n.Descendants() {
					if in.Data == "input" {
						next.Add(attr(in, "name"), attr(in, "value"))
					}
				}
			}
		}
		form = next.Encode()
	}
	if len(seen) != 3 || form != "" {
		t.Errorf("three pages of one show %v and then offer %q", seen, form)
	}
}

var tags = regexp.MustCompile(`(?i)<(script|img|svg|iframe|b)[ >/]`)

// TestMarkupIsShownAndNotObeyed puts markup into every field that a page shows.
func TestMarkupIsShownAndNotObeyed(t *testing.T) {
	w := newWorld(t)
	nasty := `"><script>alert(1)</script><img src=x onerror=alert(1)>` + "`'" + `{{.}}</title></textarea>`
	l := hereabouts.Listing{ID: "nasty", Kind: hereabouts.Group, Name: nasty, Summary: nasty, Description: nasty + "\n" + nasty,
		Organisation: hereabouts.OrganisationRef{Name: nasty}, Eligibility: hereabouts.Eligibility{Text: nasty},
		Referral: hereabouts.Referral{How: nasty}, Availability: hereabouts.Availability{Note: nasty}, Cost: hereabouts.Cost{Text: nasty},
		Transport: hereabouts.Transport{Note: nasty}, Places: []hereabouts.Place{{Name: nasty, Address: nasty, Note: nasty}},
		Contacts: []hereabouts.Contact{{Name: nasty}}, Source: hereabouts.Source{Name: nasty, Licence: nasty}}
	r, err := w.store.Commit(t.Context(), hereabouts.Batch{Writes: []hereabouts.Write{{Listing: &l}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/listings/nasty", "/search?q=alert&min_token=" + url.QueryEscape(string(r.Token)),
		"/search?q=" + url.QueryEscape(nasty) + "&near=" + url.QueryEscape(nasty) + "&" + url.QueryEscape(nasty) + "=x&tag=" + url.QueryEscape(nasty),
		"/admin/link?token=" + url.QueryEscape(nasty)} {
		_, doc, raw := w.page("GET", path, "")
		if found := tags.FindString(raw); found != "" {
			t.Errorf("%s holds %s", path, found)
		}
		if !strings.Contains(html.UnescapeString(raw), `<script>alert(1)</script>`) {
			t.Errorf("%s does not show what it was given, so it proves nothing", path)
		}
		for n := range doc.Descendants() {
			if n.Data == "a" && strings.HasPrefix(strings.ToLower(attr(n, "href")), "javascript:") {
				t.Errorf("%s links to %s", path, attr(n, "href"))
			}
		}
	}
}
