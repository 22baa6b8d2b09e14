package index

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/index/internal/sample"
)

// The oracle answers a question the slow and obvious way: every listing, one
// by one, from the listing itself. It shares no code with the index but
// stemming.

const (
	oNo = iota
	oUnknown
	oYes
)

func oYesNo(b bool) int {
	if b {
		return oYes
	}
	return oNo
}

// oracleClauses are the verdicts of a listing, by facet or clause.
func oracleClauses(q *hereabouts.Query, l *hereabouts.Listing, needs *hereabouts.Taxonomy, today hereabouts.Date) map[string]int {
	v := map[string]int{}
	if len(q.Kinds) > 0 {
		v["kind"] = oYesNo(slices.Contains(q.Kinds, l.Kind))
	}
	if len(q.Needs) > 0 {
		v["need"] = oNo
		for _, asked := range q.Needs {
			for _, id := range needs.Narrower(asked) {
				if slices.Contains(l.Needs, id) {
					v["need"] = oYes
				}
			}
		}
	}
	any := func(name string, asked, have []string) {
		if len(asked) > 0 {
			v[name] = oYesNo(slices.ContainsFunc(asked, func(a string) bool { return slices.Contains(have, a) }))
		}
	}
	any("tag", q.Tags, l.Tags)
	any("circumstance", q.Circumstances, l.Eligibility.Circumstances)
	any("language", q.Languages, l.Languages)
	if len(q.Delivery) > 0 {
		v["delivery"] = oYesNo(slices.ContainsFunc(q.Delivery, func(d hereabouts.Delivery) bool { return slices.Contains(l.Delivery, d) }))
	}
	if len(q.Referral) > 0 {
		v["referral"] = oYesNo(slices.ContainsFunc(q.Referral, func(d hereabouts.Route) bool { return slices.Contains(l.Referral.Routes, d) }))
	}
	state := l.AvailabilityAt(today)
	if len(q.Availability) > 0 {
		v["availability"] = oYesNo(slices.Contains(q.Availability, state))
	} else {
		v["availability"] = oYesNo(state != hereabouts.Closed)
	}
	if a := q.Age; a != nil {
		e := l.Eligibility
		v["age"] = oYesNo(!(e.MinAge != nil && *a < *e.MinAge || e.MaxAge != nil && *a > *e.MaxAge))
	}
	if q.Gender != "" {
		g := l.Eligibility.Genders
		v["gender"] = oYesNo(len(g) == 0 || slices.Contains(g, q.Gender))
	}
	if w := q.MaxWaitWeeks; w != nil {
		switch {
		case state == hereabouts.Open:
			v["wait"] = oYes
		case state == hereabouts.AvailabilityUnknown, state == hereabouts.WaitingList && l.Availability.WaitWeeks == nil:
			v["wait"] = oUnknown
		default:
			v["wait"] = oYesNo(state == hereabouts.WaitingList && *l.Availability.WaitWeeks <= *w)
		}
	}
	if p := q.MaxPence; p != nil {
		c := l.Cost
		switch {
		case c.Free == hereabouts.Yes, c.Pence != nil && *c.Pence <= *p:
			v["cost"] = oYes
		case c.Pence != nil, c.Free == hereabouts.No && *p == 0:
			v["cost"] = oNo
		default:
			v["cost"] = oUnknown
		}
	}
	places := l.Places
	if len(q.Access) > 0 {
		v["access"] = oUnknown
		if len(places) > 0 {
			v["access"] = oNo
		}
		for _, p := range places {
			worst := oYes
			for _, name := range q.Access {
				switch *p.Access.Fact(name) {
				case hereabouts.No:
					worst = oNo
				case hereabouts.Yes:
				default:
					worst = min(worst, oUnknown)
				}
			}
			v["access"] = max(v["access"], worst)
		}
	}
	if len(q.Days) > 0 || q.From != "" || q.To != "" || q.TimeFrom != "" || q.TimeTo != "" {
		v["day"] = oracleSession(q, l, q.Days, today)
	}
	if len(q.Areas) > 0 {
		v["area"] = oNo
		for _, code := range q.Areas {
			mp, _ := squares{}.Polygon(code)
			v["area"] = max(v["area"], oYesNo(oracleServes(l, places, code, mp)))
		}
	}
	if q.Near != nil && q.WithinM > 0 {
		v["within"] = oracleWithin(q, l, places)
	}
	return v
}

func oracleSession(q *hereabouts.Query, l *hereabouts.Listing, days []time.Weekday, today hereabouts.Date) int {
	best, stated := oNo, false
	for i := range l.Sessions {
		sc, err := l.Sessions[i].Schedule()
		if err != nil {
			continue
		}
		stated = true
		from, to := q.From, q.To
		if from == "" {
			from = today
		}
		if to == "" {
			to = from.AddDays(370)
		}
		n, _ := to.DaysSince(from)
		first, _ := from.Weekday()
		happens := false
		for i, bits := range sc.Dates(from, n+1) {
			for k := range 64 {
				w := time.Weekday((int(first) + 64*i + k) % 7)
				happens = happens || bits&(1<<k) != 0 && (len(days) == 0 || slices.Contains(days, w))
			}
		}
		if !happens {
			continue
		}
		t := oYes
		if q.TimeFrom != "" || q.TimeTo != "" {
			a, b := 0, 1440
			if q.TimeFrom != "" {
				a, _ = q.TimeFrom.Minutes()
			}
			if q.TimeTo != "" {
				b, _ = q.TimeTo.Minutes()
			}
			t = oNo
			if !sc.Timed() {
				t = oUnknown
			} else {
				start, end := sc.Minutes()
				if end == start {
					end++ // an instant
				}
				for m := start; m < end && t == oNo; m++ { // minute by minute
					if m%1440 >= a && m%1440 < b {
						t = oYes
					}
				}
			}
		}
		best = max(best, t)
	}
	if !stated {
		return oUnknown
	}
	return best
}

func oracleServes(l *hereabouts.Listing, places []hereabouts.Place, code string, mp orb.MultiPolygon) bool {
	c := l.Eligibility.Catchment
	if c.Stated() {
		if slices.Contains(c.Areas, code) {
			return true
		}
		if c.Geometry == nil {
			return false
		}
		// The catchments of the sample are convex and many-sided: sampling
		// points along both boundaries and their corners finds any overlap.
		poly := c.Geometry.Geometry().(orb.Polygon)
		if !poly.Bound().Intersects(mp.Bound()) {
			return false
		}
		for _, pair := range [][2]orb.MultiPolygon{{{poly}, mp}, {mp, {poly}}} {
			for _, ring := range pair[0][0] {
				for i := 1; i < len(ring); i++ {
					for s := 0.0; s <= 1; s += 1.0 / 512 {
						p := orb.Point{ring[i-1][0] + s*(ring[i][0]-ring[i-1][0]), ring[i-1][1] + s*(ring[i][1]-ring[i-1][1])}
						if planar.MultiPolygonContains(pair[1], p) {
							return true
						}
					}
				}
			}
		}
		return false
	}
	for _, p := range oraclePoints(places) {
		if planar.MultiPolygonContains(mp, p) {
			return true
		}
	}
	return false
}

func oraclePoints(places []hereabouts.Place) (out []orb.Point) {
	for i := range places {
		p := &places[i]
		n := len(out)
		if pt, ok := p.Point(); ok {
			out = append(out, pt)
		}
		for _, e := range p.Entrances {
			out = append(out, geo.LatLon(e.Lat, e.Lon))
		}
		if len(out) == n && p.Geometry != nil {
			c, _ := planar.CentroidArea(p.Geometry.Geometry())
			out = append(out, c)
		}
	}
	return out
}

// oracleDistance is negative when a listing has no place.
func oracleDistance(q *hereabouts.Query, places []hereabouts.Place) float64 {
	d := math.Inf(1)
	for i := range places {
		if g := places[i].Geometry; g != nil {
			if planar.PolygonContains(g.Geometry().(orb.Polygon), q.Near.Point()) {
				return 0
			}
		}
	}
	for _, p := range oraclePoints(places) {
		d = min(d, geo.DistanceM(q.Near.Point(), p))
	}
	if math.IsInf(d, 1) {
		return -1
	}
	return d
}

func oracleWithin(q *hereabouts.Query, l *hereabouts.Listing, places []hereabouts.Place) int {
	if d := oracleDistance(q, places); d >= 0 {
		return oYesNo(d <= q.WithinM)
	}
	c := l.Eligibility.Catchment
	if !c.Stated() {
		return oYes
	}
	if c.Geometry != nil && planar.PolygonContains(c.Geometry.Geometry().(orb.Polygon), q.Near.Point()) {
		return oYes
	}
	v := oNo
	for _, code := range c.Areas {
		if slices.Contains(squares{}.Containing(q.Near.Point()), code) {
			return oYes
		}
		if _, known := (squares{}).Polygon(code); !known {
			v = oUnknown
		}
	}
	return v
}

// oracleStems are the stems of all the words of each listing.
func oracleStems(all []hereabouts.Listing, needs *hereabouts.Taxonomy) (out []map[string]bool) {
	for i := range all {
		out = append(out, listingStems(&all[i], needs))
	}
	return out
}

func listingStems(l *hereabouts.Listing, needs *hereabouts.Taxonomy) map[string]bool {
	have := map[string]bool{}
	add := func(s string) {
		for _, t := range (bleveAnalyzer{}).Analyze([]byte(s)) {
			have[string(t.Term)] = true
		}
	}
	for _, s := range slices.Concat([]string{l.Name, l.Summary, l.Description, l.Organisation.Name, l.Eligibility.Text,
		l.Eligibility.Catchment.Label}, l.Tags, l.Eligibility.Circumstances) {
		add(s)
	}
	for _, p := range l.Places {
		add(p.Name)
		add(p.Address)
	}
	for _, id := range l.Needs {
		n, _ := needs.Need(id)
		p, _ := needs.Need(n.Parent)
		add(n.Label)
		add(strings.Join(n.AlsoSaidAs, " "))
		add(p.Label)
		add(strings.Join(p.AlsoSaidAs, " "))
	}
	return have
}

// oracleWords reports whether a listing has any word of the text.
func oracleWords(text string, have map[string]bool) bool {
	for _, t := range (bleveAnalyzer{}).Analyze([]byte(text)) {
		if have[string(t.Term)] {
			return true
		}
	}
	return false
}

type oracleAnswer struct {
	IDs    []string
	Total  int
	Facets map[string][]hereabouts.Count
	Reach  *hereabouts.ReachCounts
}

func oracle(q *hereabouts.Query, all []hereabouts.Listing, words []map[string]bool, needs *hereabouts.Taxonomy) oracleAnswer {
	return oracleAt(q, all, words, needs, today24, nil)
}

// oracleAt is the answer on a day. reach is what it says of a listing that
// meets on some days of the week, and whether that is shown.
func oracleAt(q *hereabouts.Query, all []hereabouts.Listing, words []map[string]bool, needs *hereabouts.Taxonomy, today hereabouts.Date,
	reach func(l *hereabouts.Listing, days []time.Weekday) (class string, shown bool)) oracleAnswer {
	counts := map[string]map[string]int{}
	var out oracleAnswer
	if reach != nil {
		out.Reach = &hereabouts.ReachCounts{}
	}
	for i := range all {
		l := &all[i]
		failed := []string{}
		for name, v := range oracleClauses(q, l, needs, today) {
			if v == oNo || v == oUnknown && q.DropUnknown {
				failed = append(failed, name)
			}
		}
		if q.Text != "" && !oracleWords(q.Text, words[i]) {
			failed = append(failed, "words")
		}
		if reach != nil && len(failed) <= 1 {
			// Who is only there for the count of days is judged without them.
			days := q.Days
			if len(failed) == 1 && failed[0] == "day" {
				days = nil
			}
			class, shown := reach(l, days)
			if len(failed) == 0 {
				switch class {
				case "walk", "there_and_back":
					out.Reach.ThereAndBack++
				case "there_only":
					out.Reach.ThereOnly++
				case "no":
					out.Reach.No++
				case "unknown":
					out.Reach.Unknown++
				case "door_to_door":
					out.Reach.DoorToDoor++
				}
			}
			if !shown {
				failed = append(failed, "reach")
			}
		}
		if len(failed) == 0 {
			out.IDs = append(out.IDs, l.ID)
		}
		for facet, values := range oracleValues(q, l, needs, today) {
			if counts[facet] == nil {
				counts[facet] = map[string]int{}
			}
			own := facet != "access" && len(failed) == 1 && failed[0] == facet
			if facet == "day" && len(q.Days) == 0 {
				own = false // only its dates and times have failed
			}
			if len(failed) == 0 || own {
				for _, v := range values {
					counts[facet][v]++
				}
			}
		}
	}
	out.Total = len(out.IDs)
	out.Facets = map[string][]hereabouts.Count{}
	for _, f := range hereabouts.FacetNames {
		out.Facets[f] = []hereabouts.Count{}
		for v, n := range counts[f] {
			out.Facets[f] = append(out.Facets[f], hereabouts.Count{Value: v, Count: n})
		}
		slices.SortFunc(out.Facets[f], func(a, b hereabouts.Count) int {
			return cmp.Or(b.Count-a.Count, strings.Compare(a.Value, b.Value))
		})
	}
	return out
}

// oracleValues are a listing's values of each facet, each once.
func oracleValues(q *hereabouts.Query, l *hereabouts.Listing, needs *hereabouts.Taxonomy, today hereabouts.Date) map[string][]string {
	v := map[string][]string{"kind": {string(l.Kind)}, "availability": {string(l.AvailabilityAt(today))}, "language": l.Languages}
	for _, n := range l.Needs {
		for id := n; id != ""; {
			v["need"] = append(v["need"], id)
			need, _ := needs.Need(id)
			id = need.Parent
		}
	}
	for _, d := range l.Delivery {
		v["delivery"] = append(v["delivery"], string(d))
	}
	for _, r := range l.Referral.Routes {
		v["referral"] = append(v["referral"], string(r))
	}
	switch {
	case l.Cost.Free == hereabouts.Yes:
		v["cost"] = []string{"free"}
	case l.Cost.Free == hereabouts.No || l.Cost.Pence != nil:
		v["cost"] = []string{"paid"}
	default:
		v["cost"] = []string{"unknown"}
	}
	for _, name := range hereabouts.AccessNames {
		for i := range l.Places {
			if *l.Places[i].Access.Fact(name) == hereabouts.Yes {
				v["access"] = append(v["access"], name)
			}
		}
	}
	for w := time.Sunday; w <= time.Saturday; w++ {
		got := oracleSession(q, l, []time.Weekday{w}, today)
		if len(l.Sessions) > 0 && (got == oYes || got == oUnknown && !q.DropUnknown) {
			v["day"] = append(v["day"], strings.ToLower(w.String()[:3]))
		}
	}
	for f := range v {
		slices.Sort(v[f])
		v[f] = slices.Compact(v[f])
	}
	return v
}

func drawQuery(t *rapid.T, d *sample.Directory) hereabouts.Query {
	var q hereabouts.Query
	chance := func(name string, oneIn int) bool { return rapid.IntRange(1, oneIn).Draw(t, name) == 1 }
	if chance("text", 2) {
		for range rapid.IntRange(1, 3).Draw(t, "words") {
			q.Text += d.Nth(rapid.IntRange(0, 150).Draw(t, "word")) + " "
		}
	}
	if chance("near", 2) {
		p := [][2]float64{{51.5, -0.1}, {52.48, -1.9}, {53.48, -2.24}, {51.48, 0}, {52.24, -0.9}, {50.3, -5}}[rapid.IntRange(0, 5).Draw(t, "from")]
		q.Near = &hereabouts.Origin{Lat: p[0], Lon: p[1]}
		if chance("within", 2) || q.Text == "" {
			q.WithinM = []float64{800, 5000, 20_000, 100_000}[rapid.IntRange(0, 3).Draw(t, "radius")]
		}
	}
	sub := func(name string, oneIn int, list []string) []string {
		if !chance(name, oneIn) {
			return nil
		}
		return rapid.SliceOfNDistinct(rapid.SampledFrom(list), 1, 2, rapid.ID[string]).Draw(t, name+"s")
	}
	for _, s := range sub("kind", 4, []string{"group", "service", "green_space"}) {
		q.Kinds = append(q.Kinds, hereabouts.Kind(s))
	}
	q.Needs = sub("need", 4, []string{"company", "money", "money.debt-advice", "nature", "mind.sleep", "company.mens-sheds"})
	q.Tags = sub("tag", 8, []string{"support", "garden", "walking"})
	for _, s := range sub("delivery", 5, []string{"in_person", "online", "phone"}) {
		q.Delivery = append(q.Delivery, hereabouts.Delivery(s))
	}
	for _, s := range sub("referral", 5, []string{"self", "gp", "drop_in"}) {
		q.Referral = append(q.Referral, hereabouts.Route(s))
	}
	q.Languages = sub("language", 8, []string{"en", "ur", "pl"})
	q.Circumstances = sub("circumstance", 8, []string{"carer", "veteran"})
	for _, s := range sub("availability", 4, []string{"open", "waiting_list", "closed", "unknown"}) {
		q.Availability = append(q.Availability, hereabouts.AvailabilityState(s))
	}
	if chance("age", 5) {
		q.Age = new(rapid.IntRange(5, 90).Draw(t, "years"))
	}
	q.Gender = strings.Join(sub("gender", 6, []string{"women"}), "")
	if chance("wait", 5) {
		q.MaxWaitWeeks = new(rapid.IntRange(0, 20).Draw(t, "weeks"))
	}
	if chance("cost", 4) {
		q.MaxPence = new([]int{0, 200, 500}[rapid.IntRange(0, 2).Draw(t, "pence")])
	}
	q.Access = sub("access", 4, hereabouts.AccessNames)
	q.DropUnknown = chance("drop", 3)
	if chance("day", 4) {
		q.Days = rapid.SliceOfNDistinct(rapid.SampledFrom([]time.Weekday{0, 1, 2, 3, 6}), 1, 2, rapid.ID[time.Weekday]).Draw(t, "days")
	}
	if chance("date", 5) {
		q.From = today24.AddDays(rapid.IntRange(0, 20).Draw(t, "from"))
		q.To = q.From.AddDays(rapid.IntRange(0, 9).Draw(t, "to"))
	}
	if chance("time", 5) {
		span := [][2]hereabouts.Clock{{"06:00", "12:00"}, {"12:00", "18:00"}, {"18:00", "24:00"}, {"00:00", "03:00"}, {"10:00", "10:30"}}[rapid.IntRange(0, 4).Draw(t, "span")]
		q.TimeFrom, q.TimeTo = span[0], span[1]
	}
	if chance("area", 6) {
		code, _ := sample.Area(rapid.IntRange(50, 54).Draw(t, "lat"), rapid.IntRange(-4, 1).Draw(t, "lon"))
		q.Areas = []string{code}
	}
	q.Sort = rapid.SampledFrom([]hereabouts.Sort{"", hereabouts.BySoonest, hereabouts.ByFreshest, hereabouts.ByName}).Draw(t, "sort")
	if q.Near != nil && chance("by distance", 3) {
		q.Sort = hereabouts.ByDistance
	}
	return q
}

// allPages reads an answer to its end.
func allPages(ctx context.Context, t rapid.TB, x *Index, q hereabouts.Query) (ids []string, first hereabouts.Results) {
	for page := 0; ; page++ {
		res, err := x.Search(ctx, q)
		if err != nil {
			t.Fatalf("page %d of %+v: %v", page, q, err)
		}
		if page == 0 {
			first = res
		}
		ids = append(ids, idsOf(res)...)
		if res.Next == "" {
			return ids, first
		}
		q.Page = res.Next
		if page > 1000 {
			t.Fatal("the pages never end")
		}
	}
}

func checkOracle(t *testing.T, n, rowsBelow int) {
	d := sample.New(7, today24)
	d.Rich = true
	src := newMemory()
	for i := range n {
		l := d.Listing(i)
		l.Normalise()
		src.put(l)
	}
	o := testOptions()
	o.rowsBelow = rowsBelow
	x := open(t, t.TempDir(), src, o)
	all := src.published()
	words := oracleStems(all, sample.Needs())
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuery(t, d)
		q.Limit = rapid.IntRange(20, 100).Draw(t, "limit")
		want := oracle(&q, all, words, sample.Needs())
		ids, res := allPages(t.Context(), t, x, q)
		got := oracleAnswer{IDs: slices.Clone(ids), Total: res.Total, Facets: res.Facets}
		slices.Sort(got.IDs)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("%s\n%s", describeQuery(q), diff)
		}
		checkRelax(t, x, q, res)
	})
}

// checkRelax asks each relaxed question and counts.
func checkRelax(t *rapid.T, x *Index, q hereabouts.Query, res hereabouts.Results) {
	for _, r := range res.Relax {
		asked := q
		for name, value := range r.Change {
			switch name {
			case "q":
				asked.Text = ""
			case "within":
				asked.WithinM *= 2
			case "kind":
				asked.Kinds = nil
			case "need":
				asked.Needs = nil
			case "tag":
				asked.Tags = nil
			case "delivery":
				asked.Delivery = nil
			case "referral":
				asked.Referral = nil
			case "language":
				asked.Languages = nil
			case "circumstance":
				asked.Circumstances = nil
			case "availability":
				continue // taken away is more than the default
			case "age":
				asked.Age = nil
			case "gender":
				asked.Gender = ""
			case "max_wait_weeks":
				asked.MaxWaitWeeks = nil
			case "max_pence":
				asked.MaxPence = nil
			case "access":
				asked.Access = nil
			case "day":
				asked.Days = nil
			case "date":
				asked.From, asked.To = "", ""
			case "time":
				asked.TimeFrom, asked.TimeTo = "", ""
			case "area":
				asked.Areas = nil
			case "transport":
				asked.Travel = nil
			case "sort":
				asked.Sort = ""
			case "return":
				oneWay := *asked.Travel
				oneWay.OneWay = true
				asked.Travel = &oneWay
			case "max_minutes":
				longer := *asked.Travel
				longer.MaxMinutes, _ = strconv.Atoi(value)
				asked.Travel = &longer
			default:
				t.Fatalf("relax names %q = %q", name, value)
			}
		}
		if _, ok := r.Change["availability"]; ok {
			continue
		}
		got, err := x.Search(t.Context(), asked)
		if err != nil {
			t.Fatal(err)
		}
		if got.Total != res.Total+r.Adds {
			t.Fatalf("%s: relaxing by %v gives %d results, and %d + %d were promised", describeQuery(q), r.Change, got.Total, res.Total, r.Adds)
		}
	}
}

func describeQuery(q hereabouts.Query) string {
	s := fmt.Sprintf("%+v", q)
	if q.Near != nil {
		s += fmt.Sprintf(" near %v,%v", q.Near.Lat, q.Near.Lon)
	}
	return s
}

func TestSearchAgreesWithTheObviousWay(t *testing.T) {
	t.Run("row by row", func(t *testing.T) { checkOracle(t, 600, 1<<20) })
	t.Run("by bitmaps", func(t *testing.T) { checkOracle(t, 600, -1) })
}
