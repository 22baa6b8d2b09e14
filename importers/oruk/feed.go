package oruk

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"hereabouts/importers"
)

// mostPages is where a feed that never ends is given up.
const mostPages = 20_000

// atOnce is how many details are asked for together: enough to hide the way
// there and back, few enough for a council's server.
const atOnce = 4

// feed reads a directory from its address, page by page.
func (r *reading) feed() error {
	f := r.src.Fetcher
	if f == nil {
		f = importers.NewFetcher(importers.FetchOptions{})
		defer f.Close()
	}
	state := r.src.State
	if state == nil {
		state = &State{}
	}
	list, firstPage, err := r.findList(f, state)
	if err != nil {
		return err
	}
	if firstPage != nil && firstPage.single {
		for _, s := range firstPage.services {
			if !r.entry(path.Base(list.Path), s, nil) {
				break
			}
		}
		return r.ctx.Err()
	}
	if state.List != list.String() {
		*state = State{List: list.String()}
	}
	seen := map[string]bool{}
	began := state.Page + 1
	for n := began; ; n++ {
		if n > mostPages {
			return fmt.Errorf("oruk: the feed has given %d pages and no end; give the address of a smaller list", mostPages)
		}
		page := firstPage
		if page == nil || n > 1 {
			if page, err = r.page(f, list, n); err != nil {
				// Some feeds answer a page past the last with 404.
				if s, is := errors.AsType[*importers.StatusError](err); is && s.Status == http.StatusNotFound && n > began {
					return nil
				}
				return fmt.Errorf("oruk: page %d: %w", n, err)
			}
		}
		if !page.brings(seen) {
			return nil
		}
		if err := r.details(f, list, page); err != nil {
			return err
		}
		for _, s := range page.services {
			if !r.entry(page.at, s, page.notes[s.pointer]) {
				return r.ctx.Err()
			}
		}
		state.Page = n
		if page.last(n, len(seen)) {
			return nil
		}
	}
}

// A page is one answer of a feed.
type page struct {
	at       string // "services?page=2"
	doc      document
	services []item
	notes    map[string][]importers.Note // by pointer
	single   bool                        // the answer is a service and not a list
	raw      sort                        // what it is about when there are no services
}

// findList finds the list of services from the address that was given: the
// list itself, or the base of a feed. It returns the first page when it was
// read on the way.
func (r *reading) findList(f *importers.Fetcher, state *State) (*url.URL, *page, error) {
	u, err := url.Parse(strings.TrimSpace(r.src.At))
	if err != nil {
		return nil, nil, fmt.Errorf("oruk: %w", err)
	}
	u.Fragment = ""
	if state.List != "" && state.Page > 0 {
		if saved, err := url.Parse(state.List); err == nil && saved.Host == u.Host {
			return saved, nil, nil
		}
	}
	if strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), "/services") {
		u.Path = strings.TrimSuffix(u.Path, "/")
		return u, nil, nil
	}
	under := *u
	under.Path = strings.TrimSuffix(u.Path, "/") + "/services"
	p, err := r.page(f, u, 1)
	switch {
	case err != nil:
		if r.ctx.Err() != nil || errors.Is(err, importers.ErrForbidden) {
			return nil, nil, fmt.Errorf("oruk: %w", err)
		}
		// 1.0 has nothing at its base.
		return &under, nil, nil
	case p.doc.envelope != "" || p.doc.header == nil && p.doc.items > 0:
		return u, p, nil
	case len(p.services) > 0:
		p.single = true
		return u, p, nil
	}
	return &under, nil, nil
}

// page fetches one page of a list.
func (r *reading) page(f *importers.Fetcher, list *url.URL, n int) (*page, error) {
	u := *list
	q := u.Query()
	q.Set("page", strconv.Itoa(n))
	if q.Get("per_page") == "" {
		q.Set("per_page", strconv.Itoa(r.src.PerPage))
	}
	u.RawQuery = q.Encode()
	answer, err := f.Get(r.ctx, u.String())
	if err != nil {
		return nil, err
	}
	p := &page{at: fmt.Sprintf("services?page=%d", n), notes: map[string][]importers.Note{}}
	p.doc, err = readDocument(bytes.NewReader(answer.Body), func(it item) bool {
		found, what := servicesIn(it)
		if len(found) == 0 {
			p.raw = what
		}
		p.services = append(p.services, found...)
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("the answer is no list of services: %w", err)
	}
	return p, nil
}

// brings reports whether the page has a service that no page before had, and
// remembers those it has. A feed that ignores the number of the page answers
// with the same one for ever.
func (p *page) brings(seen map[string]bool) bool {
	news := false
	for _, s := range p.services {
		id := idOf(s.object)
		if id == "" {
			sum := sha256.Sum256(fmt.Appendf(nil, "%v", s.object))
			id = string(sum[:])
		}
		if !seen[id] {
			seen[id] = true
			news = true
		}
	}
	return news
}

// last reports whether the page says that it is the last and nothing else in
// it says otherwise. Flags and counts are often wrong, so what they disagree
// about is found out by asking for the next page. had is how many services the
// pages have brought until now.
func (p *page) last(n, had int) bool {
	if p.doc.envelope == "" {
		return false // a bare list has no word on it; the next page may be another
	}
	m := &mapper{}
	h := p.doc.header
	if m.fact(h, "last_page", "last") != "yes" {
		return false
	}
	if pages, ok := m.number(h, "total_pages", "totalPages"); ok && int(pages) > n {
		return false
	}
	if items, ok := m.number(h, "total_items", "totalItems", "totalElements"); ok && int(items) < had {
		return false // it counts fewer than it has given
	}
	return true
}

// shallowFields are those of which a service in a list that says little has
// none.
var shallowFields = []string{"service_at_locations", "locations", "location", "schedules", "regular_schedules", "contacts", "phones", "cost_options",
	"eligibilitys", "service_areas", "attributes", "service_taxonomys", "taxonomies", "languages"}

func shallow(o object) bool {
	for _, k := range shallowFields {
		if _, ok := o[k]; ok {
			return false
		}
	}
	return true
}

// details fetches the whole of those services that the list only names. A
// service whose details cannot be had is kept as the list has it.
func (r *reading) details(f *importers.Fetcher, list *url.URL, p *page) error {
	base := *list
	base.RawQuery = ""
	notes := make([][]importers.Note, len(p.services))
	g, ctx := errgroup.WithContext(r.ctx)
	g.SetLimit(atOnce)
	asked := map[string]bool{}
	for i := range p.services {
		s := &p.services[i]
		id := idOf(s.object)
		if s.err != nil || id == "" || !shallow(s.object) || asked[id] || !strings.HasSuffix(base.Path, "/services") {
			continue
		}
		asked[id] = true
		g.Go(func() error {
			u := base.JoinPath(url.PathEscape(id))
			answer, err := f.Get(ctx, u.String())
			if ctx.Err() != nil {
				return ctx.Err()
			}
			var whole []item
			if err == nil {
				_, err = readDocument(bytes.NewReader(answer.Body), func(it item) bool {
					found, _ := servicesIn(it)
					whole = append(whole, found...)
					return true
				})
			}
			switch {
			case err != nil:
				notes[i] = append(notes[i], importers.Note{Field: "id", Code: "shallow", Detail: "the list says little of it and its details could not be had: " + err.Error()})
			case len(whole) != 1 || whole[0].err != nil || idOf(whole[0].object) != id:
				notes[i] = append(notes[i], importers.Note{Field: "id", Code: "shallow", Detail: "the list says little of it and asking for its details brought something else"})
			default:
				s.object = whole[0].object
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("oruk: %w", err)
	}
	for i, n := range notes {
		if len(n) > 0 {
			p.notes[p.services[i].pointer] = n
		}
	}
	return nil
}
