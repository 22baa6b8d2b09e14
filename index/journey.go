package index

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/geo/transit"
)

// A guide makes the journeys of one answer: how somebody gets to each listing
// that is shown, and home again. It is safe for concurrent use.
type guide struct {
	travel   *hereabouts.Travel // with defaults
	network  *transit.Network
	reach    *transit.Reach // knows walks also where there is no timetable
	covered  bool           // there is a timetable for where the origin is
	maxWalkM float64
	origin   orb.Point
	now      time.Time
	today    hereabouts.Date
	asked    hereabouts.Date // the one day that was asked about, if one was
	choosy   bool            // other days or times were asked about
	sure     bool            // what nobody says to be step-free is not taken to be
	dayHours [2]hereabouts.Clock
	fetchers []hereabouts.Listing // that fetch people

	nearHome []int // feeds that stop within walking distance of home
}

// guide is for somebody at from who travels on a network.
func (x *Index) guide(n *transit.Network, from *hereabouts.Origin, t *hereabouts.Travel, dropUnknown bool) *guide {
	who := travellerOf(&hereabouts.Query{Near: from, DropUnknown: dropUnknown}, t)
	known, now := x.travellers.find(n, who), x.now()
	return &guide{travel: t, network: n, reach: known.reach, covered: known.covered, maxWalkM: who.MaxWalkM, origin: who.Home,
		now: now, today: hereabouts.DateOf(now), sure: dropUnknown, dayHours: x.options.DayHours, nearHome: n.FeedsNear(who.Home, who.MaxWalkM)}
}

// journeys adds to each result of a page how to get there; found are the
// hits that the results are of.
func (x *Index) journeys(ctx context.Context, q *hereabouts.Query, a *asked, hits []*found, results []hereabouts.Result) error {
	g := x.guide(a.network, q.Near, a.travel, q.DropUnknown)
	if q.From == q.To {
		g.asked = q.From
	}
	g.choosy = a.session != nil && g.asked == ""
	var ids []string
	for _, f := range hits {
		ids = append(ids, f.reach.fallback...)
	}
	if err := x.fetchers(ctx, g, ids); err != nil {
		return err
	}
	return each(ctx, len(results), func(i int) {
		res, v := &results[i], &hits[i].reach
		switch {
		case v.class == reachNone:
			return
		case res.Listing.HiddenLocation: // perhaps only a moment ago
			v = &judged{class: reachUnknown, session: noSession, place: anyPlace}
		}
		res.Journey = g.journey(&res.Listing, v)
		if text := journeyWhy(res.Journey); text != "" {
			res.Why = append(res.Why, hereabouts.Reason{Clause: "transport", Text: text})
		}
		if a.travel.Profile == "step_free" && res.Journey.Out != nil {
			addStepFree(&res.Fit, res.Journey)
		}
	})
}

// fetchers reads the listings that fetch people, to name them.
func (x *Index) fetchers(ctx context.Context, g *guide, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	listings, err := x.source.Listings(ctx, slices.Compact(ids))
	if err != nil {
		return fmt.Errorf("index: reading who fetches people: %w", err)
	}
	for i := range listings {
		if l := &listings[i]; l.Status == "" || l.Status == hereabouts.Published {
			g.fetchers = append(g.fetchers, *public(l))
		}
	}
	return nil
}

// each runs f for every number below n, on two goroutines when that pays. A
// panic of either is the caller's, who may know what to do about it.
func each(ctx context.Context, n int, f func(i int)) error {
	var next atomic.Int64
	var broke any
	work := func() {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			f(i)
		}
	}
	var group sync.WaitGroup
	if n > 1 {
		group.Go(func() {
			defer func() { broke = recover() }()
			work()
		})
	}
	work()
	if group.Wait(); broke != nil {
		panic(broke)
	}
	return ctx.Err()
}

// journey is how to get to a listing of which reach says v, and home again.
// l is as the public may see it.
func (g *guide) journey(l *hereabouts.Listing, v *judged) *hereabouts.Journey {
	j, _ := g.ways(l, v)
	return j
}

// A route is where a journey with vehicles leads: all doors of one place.
type route struct {
	to   []orb.Point
	name string           // of the place
	last *transit.Journey // home that night; nil: not known
}

func (g *guide) ways(l *hereabouts.Listing, v *judged) (*hereabouts.Journey, route) {
	if v.place < 0 && len(l.Places) == 1 {
		only := *v
		only.place = 0
		v = &only
	}
	j := &hereabouts.Journey{Verdict: verdicts[v.class], Reason: v.obstacle, StepFree: hereabouts.Unknown, PassValid: hereabouts.Unknown,
		Basis: hereabouts.JourneyBasis{Walk: hereabouts.StraightLineWalk}}
	t := hereabouts.Telling{Today: g.today, Now: g.now, Asked: g.asked, Travel: *g.travel, Visit: visit(l, v), Sure: g.sure}
	j.Session = sessionOf(l, v)
	switch {
	case j.Session == nil:
	case v.assumed:
		j.Basis.Hours = "assumed " + string(g.dayHours[0]) + "-" + string(g.dayHours[1])
	case v.noEnd:
		j.Basis.Hours = "assumed " + string(hereabouts.ClockOf(j.Session.Start)) + "-" + string(hereabouts.ClockOf(j.Session.End))
	}
	var r route
	var ridden []*transit.Journey
	switch v.class {
	case reachWalk:
		g.walk(l, v, j, &t)
	case reachThereAndBack, reachThereOnly:
		ridden, r = g.ride(l, v, j, &t)
	}
	if len(ridden) > 0 {
		j.StepFree, j.PassValid = stepFree(ridden...), passValid(ridden...)
	}
	g.rest(j, &t, v, g.used(ridden, v))
	for _, id := range v.fallback {
		if f := listingWith(g.fetchers, id, 0); f != nil {
			j.Fallback = append(j.Fallback, fallbackOf(f))
		}
	}
	t.Missing = g.missing(l, v)
	j.Sentence = j.Say(t)
	return j, r
}

// walk fills in a journey that is walked both ways.
func (g *guide) walk(l *hereabouts.Listing, v *judged, j *hereabouts.Journey, t *hereabouts.Telling) {
	at, seconds, pathM := -1, 0, 0.0
	for i, p := range v.points {
		if s, m, ok := g.reach.Walk(geo.LatLon(p.lat, p.lon)); ok && !v.inside && (at < 0 || s < seconds) {
			at, seconds, pathM = i, s, m
		}
	}
	t.WalkSec = &seconds
	place := v.place
	if at >= 0 {
		place = int(v.points[at].place)
	}
	if j.Session == nil {
		return
	}
	j.Session.PlaceID = placeID(l, place)
	name := placeName(l, place)
	by := v.start - g.early()
	j.Out = wayThere(onFoot(by-int64(seconds), by, pathM), name)
	j.Back = wayBack(onFoot(v.end, v.end+int64(seconds), pathM), name)
}

// ride fills in a journey with vehicles and returns what it is made of.
func (g *guide) ride(l *hereabouts.Listing, v *judged, j *hereabouts.Journey, t *hereabouts.Telling) (ridden []*transit.Journey, r route) {
	out, back, points := g.pair(v)
	if out == nil {
		return nil, r
	}
	place := int(points[out.At].place)
	r = route{to: orbPoints(points), name: placeName(l, place)}
	j.Session.PlaceID = placeID(l, place)
	j.Out = wayThere(out, r.name)
	if back == nil {
		return []*transit.Journey{out}, r
	}
	j.Back = wayBack(back, r.name)
	if r.last = g.lastHome(r.to, v.end, max(lateNight(v.end), back.Arrive.Unix())); r.last != nil {
		j.Back.Last = hereabouts.ClockOf(r.last.Depart)
		t.Last = firstRide(r.last)
	}
	return []*transit.Journey{out, back}, r
}

// lastHome is the last way home by a moment. It looks at the late hours first:
// what leaves last of those leaves last of all, and few vehicles run then.
func (g *guide) lastHome(from []orb.Point, leave, by int64) *transit.Journey {
	const hour = 3600
	for hours := int64(5); ; hours += 3 {
		since := max(leave, by-hours*hour)
		if last, ok := g.reach.LastHome(from, since, by); ok {
			return &last
		}
		if since == leave {
			return nil
		}
	}
}

// pair is the way there and the way back, nil when there is none. Both are to
// the same place, though not always to the same door of it.
func (g *guide) pair(v *judged) (out, back *transit.Journey, of []placePoint) {
	for points := range samePlace(v.points) {
		to := orbPoints(points)
		there, ok := g.reach.There(to, v.start-g.early())
		if !ok || out != nil && !shorter(&there, out) {
			continue
		}
		if v.class != reachThereAndBack {
			out, of = &there, points
		} else if again, ok := g.reach.Home(to, v.end); ok {
			out, back, of = &there, &again, points
		}
	}
	return out, back, of
}

// shorter reports whether a takes less time than b, or as much and leaves later.
func shorter(a, b *transit.Journey) bool {
	x, y := a.Arrive.Sub(a.Depart), b.Arrive.Sub(b.Depart)
	return x < y || x == y && a.Depart.After(b.Depart)
}

// samePlace yields the points of each place in turn.
func samePlace(points []placePoint) func(yield func([]placePoint) bool) {
	return func(yield func([]placePoint) bool) {
		for len(points) > 0 {
			n := 1
			for n < len(points) && points[n].place == points[0].place {
				n++
			}
			if !yield(points[:n:n]) {
				return
			}
			points = points[n:]
		}
	}
}

func orbPoints(points []placePoint) []orb.Point {
	out := make([]orb.Point, len(points))
	for i, p := range points {
		out[i] = geo.LatLon(p.lat, p.lon)
	}
	return out
}

func (g *guide) early() int64 { return int64(*g.travel.ArriveEarly) * 60 }

// lateNight is three in the morning of the night that follows a moment: until
// then people are still on the way home.
func lateNight(at int64) int64 {
	const three = 3 * time.Hour
	t := time.Unix(at, 0).In(hereabouts.London).Add(-three)
	y, m, d := t.Date()
	return time.Date(y, m, d+1, 3, 0, 0, 0, hereabouts.London).Unix()
}

// visit reports whether v is about a stay within opening hours.
func visit(l *hereabouts.Listing, v *judged) bool {
	if v.session < 0 || v.session >= len(l.Sessions) {
		return v.assumed
	}
	return l.Sessions[v.session].Attend == hereabouts.AnyTime
}

func sessionOf(l *hereabouts.Listing, v *judged) *hereabouts.JourneySession {
	if v.start == 0 && v.end == 0 {
		return nil
	}
	s := &hereabouts.JourneySession{Start: time.Unix(v.start, 0).In(hereabouts.London), End: time.Unix(v.end, 0).In(hereabouts.London)}
	if v.session >= 0 && v.session < len(l.Sessions) {
		s.SessionID = l.Sessions[v.session].ID
	}
	s.PlaceID = placeID(l, v.place)
	return s
}

func placeID(l *hereabouts.Listing, place int) string {
	if place < 0 || place >= len(l.Places) {
		return ""
	}
	return l.Places[place].ID
}

// placeName is what people call the end of the way.
func placeName(l *hereabouts.Listing, place int) string {
	if place >= 0 && place < len(l.Places) {
		p := &l.Places[place]
		for _, s := range []string{p.Name, p.Address} {
			if s = strings.TrimSpace(s); s != "" {
				return s
			}
		}
	}
	return l.Name
}

// used is the feeds that a journey rests on: those of its vehicles, or those
// that were looked at in vain.
func (g *guide) used(ridden []*transit.Journey, v *judged) (feeds []int) {
	for _, j := range ridden {
		for i := range j.Legs {
			if !j.Legs[i].Walk {
				feeds = append(feeds, j.Legs[i].Feed)
			}
		}
	}
	if len(feeds) == 0 && v.class != reachWalk && v.class != reachNone {
		feeds = append(feeds, g.nearHome...)
		for _, p := range v.points {
			feeds = append(feeds, g.network.FeedsNear(geo.LatLon(p.lat, p.lon), g.maxWalkM)...)
		}
	}
	slices.Sort(feeds)
	return slices.Compact(feeds)
}

// rest says which timetables a journey rests on.
func (g *guide) rest(j *hereabouts.Journey, t *hereabouts.Telling, v *judged, feeds []int) {
	infos := g.network.Feeds()
	var day transit.Day
	if j.Session != nil {
		day = transit.DayOf(j.Session.Start.Date())
	}
	var names []string
	for _, i := range feeds {
		f := &infos[i]
		names = append(names, f.Name)
		last := hereabouts.Date(f.Last.String())
		if j.Basis.ValidUntil == "" || last < j.Basis.ValidUntil {
			j.Basis.ValidUntil = last
		}
		if v.obstacle == hereabouts.TimetableExpired && (day < f.First || day > f.Last) {
			t.FirstDay, t.LastDay = hereabouts.Date(f.First.String()), last
		}
	}
	j.Basis.Feed = strings.Join(names, ", ")
	if v.obstacle == hereabouts.NoServiceThatDay {
		// A spot that no vehicle stops near leaves only home to blame.
		spots := g.network.NewSpots()
		t.NothingNearHome = g.reach.NoService(v.start, spots, spots.Add(geo.LatLon(-89, 0)))
	}
}

// missing is what would have to be known to say more than "unknown".
func (g *guide) missing(l *hereabouts.Listing, v *judged) hereabouts.Missing {
	switch {
	case v.obstacle == hereabouts.NoSession:
		return g.missingSession(l)
	case v.obstacle != hereabouts.NoObstacle:
	case l.HiddenLocation:
		return hereabouts.MissingAddress
	case len(v.points) == 0 && !v.inside:
		return hereabouts.MissingPlace
	}
	return hereabouts.MissingTimetable
}

// missingSession is why a listing is on at no known time.
func (g *guide) missingSession(l *hereabouts.Listing) hereabouts.Missing {
	missing := hereabouts.MissingDates
	for i := range l.Sessions {
		sc, err := l.Sessions[i].Schedule()
		if err != nil {
			continue
		}
		on := slices.ContainsFunc(sc.Dates(g.today, hereabouts.ReachDays+1), func(days uint64) bool { return days != 0 })
		if g.asked != "" {
			on = sc.On(g.asked)
		}
		if !sc.Timed() && (on || g.choosy) {
			return hereabouts.MissingTime
		}
		missing = hereabouts.MissingSession
	}
	return missing
}

// fallbackOf is how a listing that fetches people is offered.
func fallbackOf(l *hereabouts.Listing) hereabouts.Fallback {
	l = public(l)
	f := hereabouts.Fallback{ID: l.ID, Name: l.Name}
	for _, c := range l.Contacts {
		if f.Phone == "" {
			f.Phone = c.Phone
		}
		if f.URL == "" {
			f.URL = c.URL
		}
	}
	if f.Phone == "" {
		f.Phone = l.Referral.Phone
	}
	if f.URL == "" {
		f.URL = l.Referral.URL
	}
	return f
}

// journeyWhy says in a few words how a result can be reached; empty when it
// cannot, or nobody knows.
func journeyWhy(j *hereabouts.Journey) string {
	switch j.Verdict {
	case hereabouts.Walkable:
		if j.Out != nil && j.Out.Minutes > 0 {
			return strconv.Itoa(j.Out.Minutes) + " minutes' walk each way"
		}
		return "near enough to walk"
	case hereabouts.ThereAndBack:
		if j.Out != nil && j.Back != nil {
			return fmt.Sprintf("%s, %d minutes there, %d back", hereabouts.RidesSaid(j.Out.Legs), j.Out.Minutes, j.Back.Minutes)
		}
	case hereabouts.ThereOnly:
		if j.Out != nil {
			return fmt.Sprintf("%s, %d minutes there, no way home in time", hereabouts.RidesSaid(j.Out.Legs), j.Out.Minutes)
		}
	case hereabouts.DoorToDoorYes:
		if len(j.Fallback) > 0 {
			return "fetched by " + j.Fallback[0].Name
		}
	}
	return ""
}

// addStepFree says whether the way there and back can be made by somebody who
// cannot use steps, to whom that matters as much as anything else.
func addStepFree(f *hereabouts.Fit, j *hereabouts.Journey) {
	r := hereabouts.FitReason{About: "transport", Verdict: j.StepFree}
	switch j.StepFree {
	case hereabouts.Yes:
		r.Text = "the stops and vehicles on the way are step-free"
	case hereabouts.No:
		r.Text = "a stop or vehicle on the way is not step-free"
	default:
		r.Verdict, r.Text = hereabouts.Unknown, "nobody says whether the way there is step-free"
	}
	f.Reasons = append(f.Reasons, r)
	if f.Verdict == hereabouts.Yes || r.Verdict == hereabouts.No {
		f.Verdict = r.Verdict
	}
}
