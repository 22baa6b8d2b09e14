package index

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/geo/transit"
)

// Search answers a question. It fails with hereabouts.Problems when the
// question is at fault, all faults at once, and with ErrUnavailable when a
// complete answer cannot be given now: it never answers from half an index.
//
// The same question over the same listings gets the same answer in the same
// order. Distances are metres along the ground.
func (x *Index) Search(ctx context.Context, q hereabouts.Query) (hereabouts.Results, error) {
	after, err := x.check(&q)
	if err != nil {
		return hereabouts.Results{}, err
	}
	if err := x.reach(ctx, q.MinToken); err != nil {
		return hereabouts.Results{}, err
	}
	for {
		st := x.state.Load()
		err := st.unavailable(q.Text != "")
		var a *asked
		if err == nil {
			if a, err = x.ask(ctx, st, &q, after); err == nil {
				return x.answer(ctx, &q, a)
			}
		}
		// A rebuild may have taken the state away while it was being asked.
		if !errors.Is(err, hereabouts.ErrUnavailable) || x.state.Load() == st {
			return hereabouts.Results{}, err
		}
	}
}

// check looks for faults that need no index to be seen.
func (x *Index) check(q *hereabouts.Query) (after *cursor, err error) {
	var p hereabouts.Problems
	if n := utf8.RuneCountInString(q.Text); n > hereabouts.MaxTextRunes {
		p.AddParameter("q", "too_long", fmt.Sprintf("%d characters are too many; use at most %d", n, hereabouts.MaxTextRunes))
	}
	if q.Limit < 0 || q.Limit > hereabouts.MaxLimit {
		p.AddParameter("limit", "out_of_range", fmt.Sprintf("ask for 1 to %d results at a time", hereabouts.MaxLimit))
	}
	if q.Limit == 0 {
		q.Limit = hereabouts.DefaultLimit
	}
	if q.Sort == "" {
		q.Sort = hereabouts.ByRelevance
	}
	switch q.Sort {
	case hereabouts.ByRelevance, hereabouts.BySoonest, hereabouts.ByFreshest, hereabouts.ByName:
	case hereabouts.ByJourney:
		if q.Travel == nil {
			p.AddParameter("sort", "needs_transport", "sorting by journey needs transport: say how the person travels, as in transport=transit")
		}
	case hereabouts.ByDistance:
		if q.Near == nil {
			p.AddParameter("sort", "needs_near", "sorting by distance needs near: say from where")
		}
	default:
		p.AddParameter("sort", "unknown_value", "choose from relevance, distance, journey, soonest, freshest, name")
	}
	if n := q.Near; n != nil && !(n.Lat >= -90 && n.Lat <= 90 && n.Lon >= -180 && n.Lon <= 180) {
		p.AddParameter("near", "out_of_range", "latitudes are -90 to 90 and longitudes -180 to 180; check that they are not swapped")
	}
	if q.WithinM < 0 || math.IsNaN(q.WithinM) {
		p.AddParameter("within", "out_of_range", "give a distance above 0, like 5km")
	}
	if q.WithinM > 0 && q.Near == nil {
		p.AddParameter("within", "needs_near", "a distance needs near: say from where")
	}
	for name, v := range map[string]*int{"age": q.Age, "max_wait_weeks": q.MaxWaitWeeks, "max_pence": q.MaxPence} {
		if v != nil && *v < 0 {
			p.AddParameter(name, "out_of_range", "give a number that is not below 0")
		}
	}
	if q.Travel != nil {
		if q.Near == nil {
			p.AddParameter("transport", "needs_near", "a journey needs near: say from where")
		}
		checkTravel(q.Travel, &p)
		t := q.Travel.WithDefaults()
		q.Travel = &t
	}
	if q.Facets == nil {
		q.Facets = hereabouts.FacetNames
	}
	for _, f := range q.Facets {
		if !slices.Contains(hereabouts.FacetNames, f) {
			p.AddParameter("facets", "unknown_value", "choose from "+join(hereabouts.FacetNames)+", or none")
			break
		}
	}
	if q.Page != "" {
		c, ok := x.pager.open(q.Page)
		if !ok || c.sort != q.Sort {
			p.AddParameter("page", "invalid", "this page link is damaged, has expired or belongs to another order; begin again at the first page")
		}
		after = &c
	}
	slices.SortStableFunc(p, func(a, b hereabouts.Problem) int { return cmpStrings(a.Parameter, b.Parameter) })
	return after, p.Err()
}

// asked is what a search found, before the listings are read.
type asked struct {
	total      int
	facets     map[string][]hereabouts.Count
	hits       []found
	next       string
	relax      []hereabouts.Relax
	understood hereabouts.Understood
	token      hereabouts.Token
	session    *sessionClause
	soonest    bool // ordered by what the columns know of sessions, so nothing further ahead is shown
	from       *vantage
	midnights  map[int32]midnight

	// When the question asks for Travel:
	travel  *hereabouts.Travel // with defaults
	network *transit.Network   // every timetable
	counts  *hereabouts.ReachCounts
	reach   *transit.Reach // nil when there is no timetable for where the origin is
}

// found is one hit with what only the index knows about it.
type found struct {
	id        string
	score     float64
	placed    bool
	place     int // position in Listing.Places, -1 when unknown
	at        placePoint
	inside    bool // the origin is inside the place
	words     []wordReason
	needs     []string // needs asked for, or read from the words, that it meets
	catchment verdict
	date      verdict  // whether it happens when asked
	next      *session // that begins next in a way that was asked for; nil: none known
	nextDay   int32
	state     hereabouts.AvailabilityState // today
	fresh     hereabouts.FreshnessState
	reach     judged // when the question asks for Travel
}

// wordReason is a word that a listing has and where.
type wordReason struct {
	word   string
	fields uint8
}

// ask runs a search over the columns as they are now.
func (x *Index) ask(ctx context.Context, st *state, q *hereabouts.Query, after *cursor) (*asked, error) {
	c := st.columns
	now := x.now()
	x.turnTo(c, today(now))
	if q.Travel != nil {
		if err := x.tied(ctx, c); err != nil {
			return nil, err
		}
		x.awaitAt(c, now.Unix())
	}
	c.mu.RLock()
	defer c.mu.RUnlock()

	m, err := compile(c, q, x.areas, x.options.rowsBelow)
	if err != nil {
		return nil, err
	}
	local := now.In(hereabouts.London)
	r := &run{compiled: m, sort: q.Sort, after: after, limit: q.Limit + 1,
		now: int32(local.Hour()*60 + local.Minute()), unix: now.Unix(), index: x, radius: q.Near != nil && q.WithinM > 0}
	r.lookAhead()
	if q.Text != "" {
		view, err := st.words.open(c.ordOf)
		if err != nil {
			return nil, err
		}
		defer view.snapshot.Close()
		if r.words, err = st.words.read(c, view, q.Text, x.needWords); err != nil {
			return nil, err
		}
	}
	r.scratch = scratches.Get().(*scratch)
	defer scratches.Put(r.scratch)
	if len(q.Facets) > 0 {
		r.facets, r.count = true, newCounts(c, q.Facets)
	}
	a := &asked{session: m.session, soonest: q.Sort == hereabouts.BySoonest, from: m.from, token: c.token}
	err = r.find(ctx)
	if err == nil {
		hits := r.top
		if len(hits) > q.Limit {
			hits = hits[:q.Limit]
			a.next = x.seal(r, hits[q.Limit-1])
		}
		a.hits = r.describe(hits)
	}
	r.forget()
	if err != nil {
		return nil, err
	}
	a.total = r.total
	if k := r.reach; k != nil {
		a.travel, a.network, a.counts = k.travel, k.known.network, k.results()
		if k.known.covered {
			a.reach = k.known.reach
		}
	}
	if r.facets {
		a.facets = r.count.results(c)
	}
	a.understood = r.understood()
	if r.total < relaxBelow && after == nil {
		a.relax, err = x.relax(ctx, st, r)
	}
	return a, err
}

func (x *Index) seal(r *run, last hit) string {
	d := r.details[last.ord]
	c := cursor{sort: r.sort, key: last.key, id: d.id}
	if r.sort == hereabouts.ByName {
		c.name = d.name
	}
	return x.pager.seal(c)
}

func (r *run) understood() hereabouts.Understood {
	u := hereabouts.Understood{Near: r.q.Near, Needs: []string{}, Text: r.q.Text, Corrected: map[string]string{}}
	u.Needs = append(u.Needs, r.q.Needs...)
	if r.words != nil {
		maps.Copy(u.Corrected, r.words.corrected)
		eachNeed(&r.words.needs, func(n int) {
			if id := r.needs.Needs[n].ID; !slices.Contains(u.Needs, id) {
				u.Needs = append(u.Needs, id)
			}
		})
	}
	return u
}

// describe notes what only the index knows about each hit of a page.
func (r *run) describe(hits []hit) []found {
	out := make([]found, len(hits))
	for i, h := range hits {
		f := &out[i]
		*f = found{id: r.details[h.ord].id, score: r.rank(h.ord), place: -1, catchment: passes,
			state: states[r.rows[h.ord].avail], fresh: freshes[r.rows[h.ord].fresh]}
		if r.from != nil {
			r.describePlace(h.ord, f)
			f.catchment = r.catchmentVerdict(h.ord)
		}
		if r.session != nil {
			f.date = r.session.row(h.ord)
		}
		if f.nextDay, f.next = r.next(h.ord); f.next != nil {
			f.nextDay += r.base
		}
		r.describeNeeds(h.ord, f)
		if r.reach != nil {
			r.reach.judge(h.ord, &f.reach)
		}
	}
	if r.words != nil {
		r.describeWords(hits, out)
	}
	return out
}

func (r *run) describePlace(ord uint32, f *found) {
	d := r.details[ord]
	for i := range d.shapes {
		if d.shapes[i].contains(r.from.Point) {
			f.placed, f.inside, f.place = true, true, int(d.shapes[i].place)
			return
		}
	}
	best := math.Inf(1)
	for _, p := range d.points {
		x, y, z := unit(p.lat, p.lon)
		if c := r.from.chord2(x, y, z); c < best {
			best, f.placed, f.place, f.at = c, true, int(p.place), p
		}
	}
}

func (f *found) distanceM(from *vantage) float64 {
	if f.inside {
		return 0
	}
	return geo.DistanceM(from.Point, geo.LatLon(f.at.lat, f.at.lon))
}

func (r *run) describeNeeds(ord uint32, f *found) {
	n := &r.rows[ord].needs
	add := func(i int) {
		if id := r.needs.Needs[i].ID; n[i>>6]&(1<<(i&63)) != 0 && !slices.Contains(f.needs, id) {
			f.needs = append(f.needs, id)
		}
	}
	for _, slug := range r.q.Needs {
		add(r.needNumber[slug])
	}
	if r.words != nil {
		eachNeed(&r.words.needs, add)
	}
}

// describeWords finds which words each hit of a page has, in which fields.
func (r *run) describeWords(hits []hit, out []found) {
	for i, h := range hits {
		home, ok := r.words.view.homeOf(h.ord)
		if !ok {
			continue
		}
		for k := range r.words.terms {
			t := &r.words.terms[k]
			l := t.lists[home.segment]
			if at, ok := slices.BinarySearch(l.docs, home.doc); ok {
				out[i].words = append(out[i].words, wordReason{t.word, l.fields[at]})
			}
		}
	}
}

// answer reads the listings of a page and says why each is there.
func (x *Index) answer(ctx context.Context, q *hereabouts.Query, a *asked) (hereabouts.Results, error) {
	res := hereabouts.Results{Understood: a.understood, Total: a.total, Reach: a.counts, Facets: a.facets,
		Results: make([]hereabouts.Result, 0, len(a.hits)), Relax: a.relax, Next: a.next, Token: a.token}
	if res.Facets == nil {
		res.Facets = map[string][]hereabouts.Count{}
	}
	if res.Relax == nil {
		res.Relax = []hereabouts.Relax{}
	}
	if len(a.hits) == 0 {
		return res, nil
	}
	ids := make([]string, len(a.hits))
	for i := range a.hits {
		ids[i] = a.hits[i].id
	}
	listings, err := x.source.Listings(ctx, ids)
	if err != nil {
		return hereabouts.Results{}, fmt.Errorf("index: reading the listings of a page: %w", err)
	}
	shown := make([]*found, 0, len(a.hits))
	for i := range a.hits {
		l := listingWith(listings, a.hits[i].id, i)
		if l == nil || l.Status != "" && l.Status != hereabouts.Published {
			continue // withdrawn a moment ago
		}
		res.Results = append(res.Results, x.result(q, a, &a.hits[i], public(l)))
		shown = append(shown, &a.hits[i])
	}
	if a.travel != nil {
		if err := x.journeys(ctx, q, a, shown, res.Results); err != nil {
			return hereabouts.Results{}, err
		}
	}
	return res, nil
}

// listingWith finds a listing by id, most likely at position i.
func listingWith(listings []hereabouts.Listing, id string, i int) *hereabouts.Listing {
	if i < len(listings) && listings[i].ID == id {
		return &listings[i]
	}
	if i = slices.IndexFunc(listings, func(l hereabouts.Listing) bool { return l.ID == id }); i >= 0 {
		return &listings[i]
	}
	return nil
}

// reach waits until the index includes a write, for as long as a person would.
func (x *Index) reach(ctx context.Context, t hereabouts.Token) error {
	if t == "" || x.has(t) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, reachWithin)
	defer cancel()
	if err := x.CatchUp(ctx); err != nil {
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			return fmt.Errorf("index: your last change is not searchable yet; try again in a moment: %w", hereabouts.ErrUnavailable)
		}
		return err
	}
	if !x.knows(ctx, t) {
		return hereabouts.Problems{{Parameter: "min_token", Code: "unknown_value", Detail: "this is not a token that a change here was answered with; send it as it was given, or leave it out"}}
	}
	return nil
}

// reachWithin is how long a search waits for a write that it must include.
const reachWithin = 2 * time.Second

func cmpStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
