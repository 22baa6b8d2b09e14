package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// What may become of a request as far as who asks goes.
const (
	let     = "let"     // it was let in, whatever came of it
	unknown = "unknown" // 401
	barred  = "barred"  // 403
	hidden  = "hidden"  // 404 or 410: not even there
)

// A row says what each role may do with one route.
type row struct {
	path, body                                            string // an example; empty: the route itself
	public, staff, writer, shed, library, importer, admin string
}

func everybody(path string) row {
	return row{path: path, public: let, staff: let, writer: let, shed: let, library: let, importer: let, admin: let}
}

func owners(path, body string) row {
	return row{path: path, body: body, public: unknown, staff: barred, writer: let, shed: let, library: barred, importer: barred, admin: let}
}

func insiders(path string) row {
	return row{path: path, public: hidden, staff: let, writer: let, shed: let, library: hidden, importer: hidden, admin: let}
}

// policyTable is every route with who may do it. What a route does to a draft
// or to somebody else's listing has rows of its own.
var policyTable = map[string][]row{
	"GET /api/v1/search":                     {everybody("")},
	"POST /api/v1/search":                    {{"", "{}", let, let, let, let, let, let, let}},
	"GET /api/v1/journeys":                   {everybody("/api/v1/journeys?from=NN6+9DX&listing=shed"), {"/api/v1/journeys?from=NN6+9DX&listing=draft", "", hidden, hidden, hidden, hidden, hidden, hidden, hidden}},
	"POST /api/v1/journeys":                  {{"", `{"from":"NN6 9DX","listing":"shed"}`, let, let, let, let, let, let, let}},
	"GET /api/v1/evidence/reach":             {{"", "", unknown, let, barred, barred, barred, barred, let}},
	"GET /api/v1/suggest":                    {everybody("/api/v1/suggest?q=a")},
	"GET /api/v1/needs":                      {everybody("")},
	"GET /api/v1/places":                     {everybody("/api/v1/places?q=a")},
	"POST /api/v1/listings":                  {owners("", `{"kind":"group","name":"New","organisation":{"id":"org-shed"}}`), {"", `{"kind":"group","name":"New"}`, unknown, barred, let, barred, barred, barred, let}},
	"GET /api/v1/listings/:id":               {everybody("/api/v1/listings/shed"), insiders("/api/v1/listings/draft"), {"/api/v1/listings/gone", "", hidden, let, let, hidden, let, hidden, let}},
	"PUT /api/v1/listings/:id":               {owners("/api/v1/listings/shed", `{"kind":"group","name":"Shed","organisation":{"id":"org-shed"}}`)},
	"PATCH /api/v1/listings/:id":             {owners("/api/v1/listings/shed", `{"summary":"New"}`), {"/api/v1/listings/shed", `{"organisation":{"id":"org-library"}}`, unknown, barred, let, barred, barred, barred, let}},
	"DELETE /api/v1/listings/:id":            {owners("/api/v1/listings/shed", "")},
	"GET /api/v1/listings/:id/history":       {everybody("/api/v1/listings/shed/history"), insiders("/api/v1/listings/draft/history")},
	"PUT /api/v1/listings/:id/availability":  {owners("/api/v1/listings/shed/availability", `{"state":"full"}`)},
	"POST /api/v1/listings/:id/confirm":      {owners("/api/v1/listings/shed/confirm", "{}")},
	"GET /api/v1/organisations/:id":          {everybody("/api/v1/organisations/org-shed")},
	"PUT /api/v1/organisations/:id":          {owners("/api/v1/organisations/org-shed", `{"name":"Shed"}`)},
	"PATCH /api/v1/organisations/:id":        {owners("/api/v1/organisations/org-shed", `{"name":"Shed"}`)},
	"GET /api/v1/organisations/:id/listings": {everybody("/api/v1/organisations/org-shed/listings")},
	"GET /api/v1/changes":                    {everybody("")},
	"GET /api/v1/openapi.json":               {everybody("")},
	"GET /openapi.json":                      {everybody("")},
	"GET /healthz":                           {everybody("")},
	"GET /readyz":                            {everybody("")},
	"GET /":                                  {everybody("")},
	"GET /search":                            {everybody("")},
	"POST /search":                           {everybody("")},
	"GET /listings/:id":                      {everybody("/listings/shed"), insiders("/listings/draft")},
	"POST /listings/:id":                     {{"/listings/shed", "from=NN6+9DX", let, let, let, let, let, let, let}, {"/listings/draft", "from=NN6+9DX", hidden, let, let, let, hidden, hidden, let}},
	"GET /static/:file":                      {everybody("/static/hereabouts.css")},
	"GET /admin/link":                        {everybody("/admin/link?token=x")},
	"POST /admin/link":                       {everybody("")},
}

func TestEveryRouteHasItsRow(t *testing.T) {
	served := map[string]bool{}
	for _, r := range newWorld(t).server.Routes() {
		name := r.Method + " " + r.Path
		served[name] = true
		if len(policyTable[name]) == 0 {
			t.Errorf("%s has no row in the policy table: say who may do it", name)
		}
	}
	for name := range policyTable {
		if !served[name] {
			t.Errorf("%s has a row and is not served", name)
		}
	}
}

func TestPolicyTable(t *testing.T) {
	w := newWorld(t)
	for name, rows := range policyTable {
		method, route, _ := strings.Cut(name, " ")
		for _, r := range rows {
			for role, want := range map[string]string{"": r.public, "staff": r.staff, "writer": r.writer, "shed": r.shed,
				"library": r.library, "import": r.importer, "admin": r.admin} {
				path := r.path
				if path == "" {
					path = route
				}
				header := []string{"If-Match", "*"}
				if strings.HasPrefix(route, "/admin") || route == "/search" || method == "POST" && strings.HasPrefix(route, "/listings") {
					header = append(header, "Content-Type", "application/x-www-form-urlencoded")
				}
				resp := w.ask(role, method, path, r.body, header...)
				body, err := io.ReadAll(resp.Body)
				if err != nil {
					t.Fatal(err)
				}
				got := let
				switch resp.StatusCode {
				case http.StatusUnauthorized:
					got = unknown
				case http.StatusForbidden:
					got = barred
				case http.StatusNotFound, http.StatusGone:
					if !strings.HasPrefix(route, "/admin") {
						got = hidden
					}
				}
				if got != want || resp.StatusCode >= 500 {
					t.Errorf("%s %s as %q: %s (%d), want %s\n%s", method, path, role, got, resp.StatusCode, want, body)
				}
				if got == let && resp.StatusCode >= 400 && !strings.HasPrefix(route, "/admin") {
					t.Errorf("%s %s as %q was let in and failed, which proves nothing: %d %s", method, path, role, resp.StatusCode, body)
				}
				if got == let && (method == http.MethodDelete || strings.Contains(r.body, "org-library")) {
					w.close() // what one role has done must not show in what the next may
					w = newWorld(t)
				}
			}
		}
	}
}
