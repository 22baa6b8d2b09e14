package web_test

import (
	"bytes"
	"strings"
	"testing"

	"hereabouts/web"
)

func TestEveryPageRenders(t *testing.T) {
	frame := web.Frame{Title: "A title", Demo: true}
	for _, p := range []web.Page{
		web.SearchPage{Frame: frame, Asked: true, Total: 1, First: 1, Results: []web.Result{{Link: "/listings/a", Name: "A title"}}},
		web.ListingPage{Frame: frame, Listing: web.Result{Name: "A title"}},
		web.MessagePage{Frame: frame, Heading: "A title"},
		web.AdminLinkPage{Frame: frame, Token: "t"},
		web.AdminLinkPage{Frame: frame, Secret: "s"},
	} {
		var b bytes.Buffer
		if err := web.Render(&b, p); err != nil {
			t.Errorf("%T: %v", p, err)
		}
		if s := b.String(); !strings.Contains(s, "<title>A title</title>") || !strings.Contains(s, "Demonstration data.") || !strings.HasSuffix(strings.TrimSpace(s), "</html>") {
			t.Errorf("%T is not whole: %s", p, s)
		}
	}
}

func TestStatic(t *testing.T) {
	if css, media, ok := web.Static("hereabouts.css"); !ok || len(css) == 0 || !strings.HasPrefix(media, "text/css") {
		t.Errorf("the stylesheet: %d bytes of %s", len(css), media)
	}
	for _, name := range []string{"", "..", "../web.go", "templates/frame.html"} {
		if _, _, ok := web.Static(name); ok {
			t.Errorf("%q is served", name)
		}
	}
}
