package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hereabouts"
)

// etag is a record's revision as an entity tag, "7".
func etag(rev hereabouts.Rev) string { return `"` + strconv.FormatUint(uint64(rev), 10) + `"` }

// unchanged answers 304 when If-None-Match names the tag.
func unchanged(c echo.Context, tag string) bool {
	for part := range strings.SplitSeq(strings.Join(c.Request().Header.Values("If-None-Match"), ","), ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == tag || part == "*" {
			return true
		}
	}
	return false
}

// A precondition is what If-Match asks of the revision that is there.
type precondition struct {
	given bool
	any   bool // "*": whatever is there
	revs  []hereabouts.Rev
}

// parseIfMatch reads the If-Match header.
func parseIfMatch(values []string) (precondition, error) {
	p := precondition{}
	text := strings.TrimSpace(strings.Join(values, ","))
	if text == "" {
		return p, nil
	}
	p.given = true
	if text == "*" {
		p.any = true
		return p, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		inner, ok := strings.CutPrefix(part, `"`)
		inner, ok2 := strings.CutSuffix(inner, `"`)
		rev, err := strconv.ParseUint(inner, 10, 64)
		if !ok || !ok2 || err != nil || strings.Trim(inner, "0123456789") != "" {
			return p, newProblem(http.StatusBadRequest, "malformed", "We could not read If-Match",
				`Send the ETag of the record as you read it, with its quotation marks: If-Match: "7".`)
		}
		p.revs = append(p.revs, hereabouts.Rev(rev))
	}
	return p, nil
}

// holds reports whether rev is one that was asked for.
func (p precondition) holds(rev hereabouts.Rev) bool {
	return !p.given || p.any || contains(p.revs, rev)
}

// stale is the problem of a record that has moved on.
func (p precondition) stale(id string, have hereabouts.Rev) error {
	want := hereabouts.Rev(0)
	if len(p.revs) > 0 {
		want = p.revs[0]
	}
	return &hereabouts.ConflictError{ID: id, Have: have, Want: want}
}

// required reads an If-Match that must be there.
func required(c echo.Context) (precondition, error) {
	p, err := parseIfMatch(c.Request().Header.Values("If-Match"))
	if err == nil && !p.given {
		return p, newProblem(http.StatusPreconditionRequired, "precondition-required", "Say which revision you are changing",
			"Read the record first and send its ETag in If-Match, so that nobody's change is lost.")
	}
	return p, err
}
