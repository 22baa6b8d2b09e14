// Package web holds the pages that people read: templates and styles, compiled
// into the binary. It renders what it is given and knows nothing of the
// directory; a page's fields are words and numbers that are ready to be shown.
//
// Start with [Render] and the page types in pages.go. Every page works without
// scripts, names its language, and leads a keyboard past its heading.
package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static/hereabouts.css
var stylesheet []byte

var templates = template.Must(template.ParseFS(templateFiles, "templates/*.html"))

// A Page is one of the page types of this package.
type Page interface{ template() string }

// Render writes a page as HTML. Nothing is written when it fails.
func Render(w io.Writer, p Page) error {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, p.template(), p); err != nil {
		return fmt.Errorf("web: %s: %w", p.template(), err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// Static is a file that pages link to, and its media type.
func Static(name string) (content []byte, mediaType string, ok bool) {
	if name == "hereabouts.css" {
		return stylesheet, "text/css; charset=utf-8", true
	}
	return nil, "", false
}
