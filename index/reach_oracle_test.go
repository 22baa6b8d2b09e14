package index

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/geo/transit"
	"hereabouts/index/internal/sample"
)

// The oracle of reach judges a listing from the listing itself: it asks for
// whole journeys there and home again, one place, one stay at a time. It
// shares no code with the filter: no scans, no slots, no spots, no columns.

// traveltown is the middle of a made-up town of eight kilometres, with buses.
var traveltown = geo.LatLon(52.24, -0.9)

const (
	townLat = 0.035 // half its size
	townLon = 0.055
)

func traveltownPoint(r *rand.Rand) orb.Point {
	return geo.LatLon(traveltown.Lat()+townLat*(2*r.Float64()-1), traveltown.Lon()+townLon*(2*r.Float64()-1))
}

// townFeed is buses on straight lines across the town; days are those on
// which each of its three services runs.
func townFeed(name string, seed uint64, first, last hereabouts.Date, lines int) *transit.Feed {
	r := rand.New(rand.NewPCG(seed, 5))
	day := func(d hereabouts.Date) transit.Day { return transit.Day(dayNumber(d)) }
	f := &transit.Feed{Name: name, Zone: "Europe/London", First: day(first), Last: day(last)}
	n := int(f.Last-f.First) + 1
	for _, runs := range []func(w int) bool{
		func(w int) bool { return w >= 1 && w <= 5 },
		func(int) bool { return true },
		func(w int) bool { return w == 2 || w == 6 },
	} {
		days := make([]uint64, (n+63)/64)
		for i := range n {
			if runs(weekday(int32(f.First) + int32(i))) {
				days[i>>6] |= 1 << (i & 63)
			}
		}
		f.Services = append(f.Services, transit.Service{Days: days})
	}
	for k := range lines {
		f.Routes = append(f.Routes, transit.Route{ID: strconv.Itoa(k), Name: strconv.Itoa(k + 1), Mode: transit.Mode(k % 5 / 4)})
		a, b := traveltownPoint(r), traveltownPoint(r)
		stops := 5 + r.IntN(8)
		at := len(f.Stops)
		for i := range stops {
			s := float64(i) / float64(stops-1)
			f.Stops = append(f.Stops, transit.Stop{ID: name + strconv.Itoa(at+i), Name: "Stop " + strconv.Itoa(at+i),
				Lat: a.Lat() + s*(b.Lat()-a.Lat()) + r.NormFloat64()*0.0004, Lon: a.Lon() + s*(b.Lon()-a.Lon()) + r.NormFloat64()*0.0006,
				Wheelchair: transit.Accessible(r.IntN(3))})
		}
		hop := int32(geo.DistanceM(a, b)/float64(stops-1)/8) + 15
		from, to, every := 5*3600+r.IntN(4*3600), 15*3600+r.IntN(11*3600), 600+r.IntN(2400)
		service := uint32(r.IntN(3))
		for start := from; start < to; start += every {
			for _, back := range []bool{false, true} {
				t := transit.Trip{ID: strconv.Itoa(len(f.Trips)), Route: uint32(k), Service: service, Wheelchair: transit.Accessible(r.IntN(3))}
				for i := range stops {
					stop := uint32(at + i)
					if back {
						stop = uint32(at + stops - 1 - i)
					}
					now := int32(start) + int32(i)*hop
					t.Times = append(t.Times, transit.StopTime{Stop: stop, Arrive: now, Depart: now + 5})
				}
				f.Trips = append(f.Trips, t)
			}
		}
	}
	return f
}

// townNeeds are the sample's and one that reach knows.
func townNeeds() *hereabouts.Taxonomy {
	return hereabouts.NewTaxonomy(append(slices.Clone(sample.Needs().Needs),
		hereabouts.Need{ID: "access", Label: "Access"}, hereabouts.Need{ID: communityTransport, Parent: "access", Label: "Community transport"}))
}

// townListing is a listing of the sample moved into the town, with what
// matters to reach.
func townListing(d *sample.Directory, i int) hereabouts.Listing {
	l := d.Listing(i)
	r := rand.New(rand.NewPCG(uint64(i), 77))
	to := traveltownPoint(r)
	if i%11 == 0 {
		to = geo.LatLon(to.Lat()+0.8, to.Lon()) // out of anybody's reach
	}
	var dLat, dLon float64
	if len(l.Places) > 0 {
		if p, ok := l.Places[0].Point(); ok {
			dLat, dLon = to.Lat()-p.Lat(), to.Lon()-p.Lon()
		} else if g := l.Places[0].Geometry; g != nil {
			c := g.Geometry().Bound().Center()
			dLat, dLon = to.Lat()-c.Lat(), to.Lon()-c.Lon()
		}
	}
	move := func(p orb.Point) orb.Point { return orb.Point{p[0] + dLon, p[1] + dLat} }
	outline := func(g *geojson.Geometry) *geojson.Geometry {
		if g == nil {
			return nil
		}
		var ring orb.Ring
		for _, p := range g.Geometry().(orb.Polygon)[0] {
			ring = append(ring, move(p))
		}
		return geojson.NewGeometry(orb.Polygon{ring})
	}
	for k := range l.Places {
		p := &l.Places[k]
		if pt, ok := p.Point(); ok {
			if k > 0 { // branches are spread over the country
				p.SetPoint(traveltownPoint(r))
			} else {
				p.SetPoint(move(pt))
			}
		}
		for e := range p.Entrances {
			at := move(geo.LatLon(p.Entrances[e].Lat, p.Entrances[e].Lon))
			p.Entrances[e] = hereabouts.Entrance{Lat: at.Lat(), Lon: at.Lon()}
		}
		p.Geometry = outline(p.Geometry)
	}
	if len(l.Places) > 1 && r.IntN(4) == 0 {
		l.Places[1].Lat, l.Places[1].Lon = nil, nil
	}
	c := &l.Eligibility.Catchment
	c.Geometry = outline(c.Geometry)
	for k := range l.Sessions {
		s := &l.Sessions[k]
		if len(l.Places) > 1 {
			s.PlaceID = []string{"", "place-1", "place-2", "place-3"}[r.IntN(4)]
		}
		if r.IntN(3) == 0 {
			s.Attend = hereabouts.AnyTime
			switch r.IntN(6) {
			case 0:
				s.Start, s.End = "00:00", "24:00"
			case 1:
				s.Start, s.End = "09:05", "09:50"
			case 2:
				s.Start, s.End = "10:05", "11:10"
			case 3:
				s.Start, s.End = "08:00", "17:30"
			case 4:
				s.Start, s.End = "21:30", "01:00"
			}
		}
		if r.IntN(12) == 0 {
			s.RRule, s.From = "", "2027-03-28" // the clocks change
			s.Start, s.End = "01:15", "03:00"
		}
	}
	if r.IntN(12) == 0 {
		l.Transport.Provided = hereabouts.Yes
	}
	if i%97 == 5 {
		l.Needs = append(l.Needs, communityTransport)
		l.Availability = hereabouts.Availability{State: []hereabouts.AvailabilityState{hereabouts.Open, hereabouts.Full, hereabouts.AvailabilityUnknown}[r.IntN(3)]}
		c.Areas, c.Geometry = nil, geojson.NewGeometry(sample.Circle(to.Lat(), to.Lon(), 1500+800*r.Float64(), 11))
		if i%2 == 0 {
			c.Areas = []string{"A53-1"} // where those are that are out of reach
		}
	}
	if l.Delivery == nil && r.IntN(2) == 0 {
		l.Delivery = []hereabouts.Delivery{hereabouts.HomeVisit}
	}
	l.Normalise()
	return l
}

// A town is listings and timetables, and the index of them.
type town struct {
	*sample.Directory
	src        *memory
	all        []hereabouts.Listing
	needs      *hereabouts.Taxonomy
	network    *transit.Network
	timetables *transit.Timetables
	dir        string
}

func newTown(t testing.TB, n int, feeds ...*transit.Feed) *town {
	d := sample.New(9, today24)
	d.Rich = true
	w := &town{Directory: d, src: newMemory(), needs: townNeeds(), dir: t.TempDir()}
	for i := range n {
		w.src.put(townListing(d, i))
	}
	for _, f := range feeds {
		if err := transit.Save(w.dir, f); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if w.timetables, err = transit.Open(w.dir); err != nil {
		t.Fatal(err)
	}
	w.network = w.timetables.Network()
	w.all = w.src.published()
	return w
}

func (w *town) options() Options {
	o := testOptions()
	o.Needs, o.Timetables = w.needs, w.timetables
	return o
}

// An oJudge judges listings for one question.
type oJudge struct {
	*town
	q     *hereabouts.Query
	now   time.Time
	reach *transit.Reach
	fleet []*hereabouts.Listing // that fetch people from the origin
	walk  func(p orb.Point) (float64, bool)
}

func (w *town) judge(q *hereabouts.Query, now time.Time) *oJudge {
	t := q.Travel.WithDefaults()
	asked := *q
	asked.Travel = &t
	who := transit.Traveller{Home: q.Near.Point(), Limit: time.Duration(t.MaxMinutes) * time.Minute, Speed: 1.2, MaxWalkM: 1000, MaxChanges: -1}
	switch t.Profile {
	case "slow":
		who.Speed, who.MaxWalkM = 0.8, 400
	case "step_free":
		who.Speed, who.MaxWalkM, who.Steps = 0.9, 500, transit.Lenient
		if q.DropUnknown {
			who.Steps = transit.Strict
		}
	}
	if t.MaxWalkM != nil {
		who.MaxWalkM = *t.MaxWalkM
	}
	if t.MaxChanges != nil {
		who.MaxChanges = *t.MaxChanges
	}
	if t.Pass != "" {
		who.Pass = transit.OlderDisabled
	}
	j := &oJudge{town: w, q: &asked, now: now, reach: w.network.From(who)}
	j.walk = func(p orb.Point) (float64, bool) {
		path := geo.DistanceM(who.Home, p) * 1.3
		seconds := math.Ceil(path / who.Speed)
		return seconds, path <= 2*who.MaxWalkM && seconds <= who.Limit.Seconds()
	}
	for i := range w.all {
		l := &w.all[i]
		state := l.AvailabilityAt(hereabouts.DateOf(now))
		if slices.Contains(l.Needs, communityTransport) && !slices.Contains([]hereabouts.AvailabilityState{"closed", "full", "paused"}, state) &&
			l.Eligibility.Catchment.Stated() && oServesPoint(l, q.Near.Point()) {
			j.fleet = append(j.fleet, l)
		}
	}
	return j
}

// oServesPoint reports whether a point is in the catchment that a listing states.
func oServesPoint(l *hereabouts.Listing, p orb.Point) bool {
	c := l.Eligibility.Catchment
	if c.Geometry != nil && planar.PolygonContains(c.Geometry.Geometry().(orb.Polygon), p) {
		return true
	}
	return slices.ContainsFunc(c.Areas, func(code string) bool { return slices.Contains(squares{}.Containing(p), code) })
}

// An oTime is one time that a listing is on, or one stay.
type oTime struct {
	start, end time.Time
	session    int
	anyTime    bool
	place      string // id; empty: any
}

// times are when a listing is on: all there is to consider.
func (j *oJudge) times(l *hereabouts.Listing, days []time.Weekday) (out []oTime) {
	q, today := j.q, hereabouts.DateOf(j.now)
	dated := q.From != "" || q.To != ""
	timed := q.TimeFrom != "" || q.TimeTo != ""
	asked := dated || timed || len(days) > 0
	from, to := today, today.AddDays(371)
	if q.From != "" {
		from = q.From
	}
	if q.To != "" {
		to = q.To
	}
	if !asked {
		from, to = today.AddDays(-1), today.AddDays(7)
	}
	a, b := 0, 1440
	if q.TimeFrom != "" {
		a, _ = q.TimeFrom.Minutes()
	}
	if q.TimeTo != "" {
		b, _ = q.TimeTo.Minutes()
	}
	if b <= a {
		b += 1440
	}
	// overlaps asks minute by minute, on the clock.
	overlaps := func(start, end time.Time) bool {
		if !timed {
			return true
		}
		if start.Equal(end) {
			end = end.Add(time.Minute)
		}
		for t := start; t.Before(end); t = t.Add(time.Minute) {
			t := t.In(hereabouts.London)
			m := t.Hour()*60 + t.Minute()
			if m >= a && m < b || m+1440 >= a && m+1440 < b {
				return true
			}
		}
		return false
	}
	stay := time.Duration(j.q.Travel.Stay) * time.Minute
	add := func(o oTime) {
		long := o.end.Sub(o.start)
		switch {
		case long == 0:
			if o.start.After(j.now) && overlaps(o.start, o.start) && (!o.anyTime || overlaps(o.start, o.start)) {
				o.end = o.start.Add(stay)
				o.anyTime = false
				out = append(out, o)
			}
		case !o.anyTime:
			if o.start.After(j.now) && overlaps(o.start, o.end) {
				out = append(out, o)
			}
		default:
			if !overlaps(o.start, o.end) {
				return
			}
			if len(oStays(o, stay, j.now, overlaps)) > 0 {
				out = append(out, o)
			}
		}
	}
	hours := func(d hereabouts.Date, h1, h2 int) (time.Time, time.Time) {
		t, _ := d.Time()
		y, m, day := t.Date()
		return time.Date(y, m, day, h1, 0, 0, 0, hereabouts.London), time.Date(y, m, day, h2, 0, 0, 0, hereabouts.London)
	}
	n, _ := to.DaysSince(from)
	for k := 0; k <= n; k++ {
		d := from.AddDays(k)
		w, _ := d.Weekday()
		if len(days) > 0 && !slices.Contains(days, w) {
			continue
		}
		if len(l.Sessions) == 0 && l.Kind == hereabouts.GreenSpace {
			s, e := hours(d, 9, 17)
			add(oTime{s, e, -1, true, ""})
		}
		for i := range l.Sessions {
			s := &l.Sessions[i]
			sc, err := s.Schedule()
			if err != nil || !sc.On(d) {
				continue
			}
			o := oTime{session: i, anyTime: s.Attend == hereabouts.AnyTime, place: s.PlaceID}
			m1, m2 := sc.Minutes()
			switch {
			case o.anyTime && (!sc.Timed() || m2-m1 >= 1440):
				o.start, o.end = hours(d, 9, 17)
			case !sc.Timed():
				continue
			default:
				midnight, _ := d.Time()
				occ, ok := sc.Next(midnight.Add(-time.Second))
				if !ok {
					continue
				}
				o.start, o.end = occ.Start, occ.End
			}
			add(o)
		}
	}
	slices.SortStableFunc(out, func(a, b oTime) int {
		if c := a.start.Compare(b.start); c != 0 {
			return c
		}
		return a.session - b.session
	})
	if len(out) == 0 {
		return nil
	}
	if !asked {
		return out[:1]
	}
	first := out[0].start.In(hereabouts.London)
	y, m, d := first.Date()
	until := time.Date(y, m, d+8, 0, 0, 0, 0, hereabouts.London)
	return slices.DeleteFunc(out, func(o oTime) bool { return !o.start.Before(until) })
}

// oStays are the stays within opening hours.
func oStays(o oTime, stay time.Duration, now time.Time, overlaps func(a, b time.Time) bool) (out []oTime) {
	long := o.end.Sub(o.start)
	keep := func(s, e time.Time) {
		if s.After(now) && overlaps(s, e) {
			out = append(out, oTime{s, e, o.session, true, o.place})
		}
	}
	if long <= stay {
		keep(o.start, o.end)
		return out
	}
	some := false
	for t := o.start; !t.Add(stay).After(o.end); t = t.Add(time.Minute) {
		if t.Minute()%15 == 0 {
			some = true
			keep(t, t.Add(stay))
		}
	}
	if !some {
		keep(o.start, o.start.Add(stay))
	}
	return out
}

// An oVerdict is what the oracle says of a listing.
type oVerdict struct {
	Class    string
	Obstacle hereabouts.Obstacle
	Start    int64
	Session  int
}

var oOrder = []string{"none", "walk", "there_and_back", "door_to_door", "unknown", "there_only", "no"}

func (j *oJudge) verdict(l *hereabouts.Listing, days []time.Weekday) oVerdict {
	t := j.q.Travel
	if slices.Contains(l.Needs, communityTransport) || len(l.Delivery) > 0 && !slices.Contains(l.Delivery, hereabouts.InPerson) {
		return oVerdict{Class: "none", Session: -1}
	}
	if l.HiddenLocation || len(oraclePoints(l.Places)) == 0 {
		return oVerdict{Class: "unknown", Session: -1}
	}
	best := oVerdict{Class: "zzz"}
	consider := func(v oVerdict, place string) {
		if slices.Index(oOrder, v.Class) > 2 && t.Mode != hereabouts.OnFoot && j.fetched(l, place) {
			v.Class = "door_to_door"
		}
		if best.Class == "zzz" || slices.Index(oOrder, v.Class) < slices.Index(oOrder, best.Class) {
			best = v
		}
	}
	times := j.times(l, days)
	for _, o := range times {
		v := j.at(l, &o)
		if v.Session = o.session; v.Start == 0 {
			v.Start = o.start.Unix()
		}
		consider(v, o.place)
	}
	if len(times) == 0 {
		v := oVerdict{Class: "unknown", Obstacle: hereabouts.NoSession, Session: -1}
		switch {
		case t.Mode != hereabouts.ByDoorToDoor && j.walkable(l.Places, l):
			v = oVerdict{Class: "walk", Session: -1}
		case t.Mode == hereabouts.OnFoot:
			v = oVerdict{Class: "no", Obstacle: hereabouts.TooFar, Session: -1}
		case t.Mode == hereabouts.ByDoorToDoor:
			v = oVerdict{Class: "no", Session: -1}
		}
		consider(v, "")
	}
	return best
}

// fetched reports whether anybody fetches people to a place of a listing.
func (j *oJudge) fetched(l *hereabouts.Listing, place string) bool {
	c := &l.Eligibility.Catchment
	own := l.Transport.Provided == hereabouts.Yes && (!c.Stated() || oServesPoint(l, j.q.Near.Point()))
	for _, p := range oraclePoints(placesOf(l, place)) {
		if own && (c.Stated() || geo.DistanceM(j.q.Near.Point(), p) <= 10_000) {
			return true
		}
		if slices.ContainsFunc(j.fleet, func(f *hereabouts.Listing) bool { return oServesPoint(f, p) }) {
			return true
		}
	}
	return false
}

func placesOf(l *hereabouts.Listing, id string) []hereabouts.Place {
	if id == "" || !slices.ContainsFunc(l.Places, func(p hereabouts.Place) bool { return p.ID == id }) {
		return l.Places
	}
	return slices.DeleteFunc(slices.Clone(l.Places), func(p hereabouts.Place) bool { return p.ID != id })
}

func (j *oJudge) walkable(places []hereabouts.Place, l *hereabouts.Listing) bool {
	for i := range places {
		if g := places[i].Geometry; g != nil && planar.PolygonContains(g.Geometry().(orb.Polygon), j.q.Near.Point()) {
			return true
		}
	}
	for _, p := range oraclePoints(places) {
		if _, ok := j.walk(p); ok {
			return true
		}
	}
	return false
}

// at judges one time that a listing is on.
func (j *oJudge) at(l *hereabouts.Listing, o *oTime) oVerdict {
	t := j.q.Travel
	places := placesOf(l, o.place)
	points := oraclePoints(places)
	early := time.Duration(*t.ArriveEarly) * time.Minute
	stays := []oTime{*o}
	if o.anyTime {
		a, b := 0, 0
		if j.q.TimeFrom != "" || j.q.TimeTo != "" {
			b = 1440
			if j.q.TimeFrom != "" {
				a, _ = j.q.TimeFrom.Minutes()
			}
			if j.q.TimeTo != "" {
				b, _ = j.q.TimeTo.Minutes()
			}
			if b <= a {
				b += 1440
			}
		}
		stays = oStays(*o, time.Duration(t.Stay)*time.Minute, j.now, func(s, e time.Time) bool {
			for at := s; b > a && at.Before(e); at = at.Add(time.Minute) {
				c := at.In(hereabouts.London)
				if m := c.Hour()*60 + c.Minute(); m >= a && m < b || m+1440 >= a && m+1440 < b {
					return true
				}
			}
			return b == a
		})
	}
	first := stays[0].start.Unix()
	// What there is time for comes first; of the rest the latest is the likeliest.
	ready := j.now.Add(early + time.Duration(t.MaxMinutes)*time.Minute)
	slices.SortStableFunc(stays, func(a, b oTime) int {
		late, other := a.start.Before(ready), b.start.Before(ready)
		switch {
		case late && other:
			return b.start.Compare(a.start)
		case late:
			return 1
		case other:
			return -1
		}
		return a.start.Compare(b.start)
	})
	switch {
	case t.Mode == hereabouts.ByDoorToDoor:
		return oVerdict{Class: "no", Start: first}
	case j.walkable(places, l):
		return oVerdict{Class: "walk", Start: stays[0].start.Unix()}
	case len(points) == 0:
		return oVerdict{Class: "unknown", Start: first}
	case t.Mode == hereabouts.OnFoot:
		return oVerdict{Class: "no", Obstacle: hereabouts.TooFar, Start: first}
	case !j.network.Covers(j.q.Near.Point()):
		return oVerdict{Class: "unknown", Start: first}
	}
	only := int64(0)
	for _, s := range stays {
		for i := range places {
			to := oraclePoints(places[i : i+1])
			if len(to) == 0 {
				continue
			}
			if _, ok := j.reach.There(to, s.start.Add(-early).Unix()); !ok {
				continue
			}
			if only == 0 {
				only = s.start.Unix()
			}
			if _, ok := j.reach.Home(to, s.end.Unix()); ok {
				return oVerdict{Class: "there_and_back", Start: s.start.Unix()}
			}
		}
	}
	// A few spots of its own for what only spots can be asked about.
	spots := j.network.NewSpots()
	nothing := true
	for _, p := range points {
		id := spots.Add(p)
		if j.reach.Expired(first, spots, id) {
			return oVerdict{Class: "unknown", Obstacle: hereabouts.TimetableExpired, Start: first}
		}
		nothing = nothing && j.reach.NoService(first, spots, id)
	}
	switch {
	case only != 0:
		return oVerdict{Class: "there_only", Obstacle: hereabouts.NoReturn, Start: only}
	case nothing:
		return oVerdict{Class: "no", Obstacle: hereabouts.NoServiceThatDay, Start: first}
	}
	return oVerdict{Class: "no", Obstacle: hereabouts.TooFar, Start: first}
}

// shows reports whether a class is among what a question shows.
func oShows(q *hereabouts.Query, class string) bool {
	t := q.Travel
	named := class
	if class == "walk" {
		named = "there_and_back"
	}
	if len(t.Verdicts) > 0 {
		return slices.Contains(t.Verdicts, named)
	}
	switch class {
	case "unknown":
		return !q.DropUnknown
	case "there_only":
		return t.OneWay
	case "no":
		return false
	}
	return true
}

func drawTravel(t *rapid.T) *hereabouts.Travel {
	chance := func(name string, oneIn int) bool { return rapid.IntRange(1, oneIn).Draw(t, name) == 1 }
	v := &hereabouts.Travel{Mode: hereabouts.ByTransit, MaxMinutes: rapid.SampledFrom([]int{0, 20, 30, 60, 90, 240}).Draw(t, "max minutes")}
	if chance("other mode", 6) {
		v.Mode = rapid.SampledFrom([]hereabouts.TravelMode{hereabouts.OnFoot, hereabouts.ByDoorToDoor}).Draw(t, "mode")
	}
	v.OneWay = chance("one way", 5)
	if chance("early", 4) {
		v.ArriveEarly = new(rapid.SampledFrom([]int{0, 10, 45}).Draw(t, "arrive early"))
	}
	if chance("stay", 3) {
		v.Stay = rapid.SampledFrom([]int{5, 20, 45, 120, 400}).Draw(t, "stay minutes")
	}
	if chance("profile", 3) {
		v.Profile = rapid.SampledFrom(hereabouts.ProfileNames).Draw(t, "profile name")
	}
	if chance("walk", 5) {
		v.MaxWalkM = new(float64(rapid.IntRange(50, 2500).Draw(t, "max walk")))
	}
	if chance("changes", 5) {
		v.MaxChanges = new(rapid.IntRange(0, 2).Draw(t, "max changes"))
	}
	if chance("pass", 6) {
		v.Pass = "older_disabled"
	}
	if chance("verdicts", 5) {
		v.Verdicts = rapid.SliceOfNDistinct(rapid.SampledFrom(hereabouts.ReachNames), 1, 2, rapid.ID[string]).Draw(t, "reach")
	}
	return v
}

func (w *town) drawOrigin(t *rapid.T) *hereabouts.Origin {
	r := rand.New(rand.NewPCG(uint64(rapid.IntRange(0, 200).Draw(t, "home")), 4))
	p := traveltownPoint(r)
	if rapid.IntRange(0, 15).Draw(t, "far from any bus") == 0 {
		p = geo.LatLon(p.Lat()-1, p.Lon())
	}
	return &hereabouts.Origin{Lat: p.Lat(), Lon: p.Lon()}
}

// townNow are moments to ask at; the index is opened anew for each.
var townNows = []time.Time{
	now,
	time.Date(2026, 11, 24, 0, 20, 0, 0, hereabouts.London),
	time.Date(2026, 11, 27, 16, 50, 0, 0, hereabouts.London),
	time.Date(2027, 3, 26, 18, 0, 0, 0, hereabouts.London),
}

func townFeeds() []*transit.Feed {
	return []*transit.Feed{
		townFeed("town", 1, "2026-06-01", "2027-05-31", 40),
		townFeed("ends", 2, "2026-06-01", "2026-11-26", 3),
	}
}

func checkReach(t *testing.T, at time.Time, rowsBelow int) {
	w := newTown(t, 200, townFeeds()...)
	o := w.options()
	o.rowsBelow, o.Now = rowsBelow, func() time.Time { return at }
	x := open(t, t.TempDir(), w.src, o)
	words := oracleStems(w.all, w.needs)
	day := hereabouts.DateOf(at)
	seen := map[string]int{}
	var mu sync.Mutex
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuery(t, w.Directory)
		if rapid.IntRange(0, 2).Draw(t, "all sorts") > 0 {
			q = hereabouts.Query{Days: q.Days, From: q.From, To: q.To, TimeFrom: q.TimeFrom, TimeTo: q.TimeTo, DropUnknown: q.DropUnknown, Sort: q.Sort}
		}
		q.Near, q.Areas, q.WithinM = w.drawOrigin(t), nil, 0
		if q.From != "" {
			n, _ := q.From.DaysSince(today24)
			q.From, q.To = day.AddDays(n), q.To.AddDays(func() int { k, _ := day.DaysSince(today24); return k }())
		}
		if rapid.IntRange(0, 3).Draw(t, "radius") == 0 {
			q.WithinM = 3000
		}
		q.Travel = drawTravel(t)
		if rapid.IntRange(0, 3).Draw(t, "by journey") == 0 {
			q.Sort = hereabouts.ByJourney
		}
		q.Limit = rapid.IntRange(20, 100).Draw(t, "limit")
		judge := w.judge(&q, at)
		verdicts := map[string]oVerdict{}
		want := oracleAt(&q, w.all, words, w.needs, day, func(l *hereabouts.Listing, days []time.Weekday) (string, bool) {
			v := judge.verdict(l, days)
			if slices.Equal(days, q.Days) {
				verdicts[l.ID] = v
			}
			return v.Class, oShows(&q, v.Class)
		})
		ids, res := allPages(t.Context(), t, x, q)
		got := oracleAnswer{IDs: slices.Clone(ids), Total: res.Total, Facets: res.Facets, Reach: res.Reach}
		slices.Sort(got.IDs)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("%s\n%s", describeTravel(q), diff)
		}
		checkVerdicts(t, x, q, verdicts)
		if q.Sort == hereabouts.ByJourney {
			checkJourneyOrder(t, judge, ids)
		}
		checkRelax(t, x, q, res)
		mu.Lock()
		for _, v := range verdicts {
			seen[v.Class]++
		}
		mu.Unlock()
	})
	for _, class := range oOrder {
		if seen[class] == 0 {
			t.Errorf("no question brings out %q: %v", class, seen)
		}
	}
}

// checkVerdicts compares what is said of each listing of the first page.
func checkVerdicts(t *rapid.T, x *Index, q hereabouts.Query, want map[string]oVerdict) {
	hits := hitsOf(t.Context(), t, x, q)
	classes := []string{"none", "walk", "there_and_back", "door_to_door", "unknown", "there_only", "no"}
	for i := range hits {
		v, w := &hits[i].reach, want[hits[i].id]
		got := oVerdict{Class: classes[v.class], Obstacle: v.obstacle, Start: v.start, Session: v.session}
		if diff := gocmp.Diff(w, got); diff != "" {
			t.Fatalf("%s\nlisting %s\n%s", describeTravel(q), hits[i].id, diff)
		}
		if own := v.class == reachDoorToDoor; own != (len(v.fallback) > 0) || len(v.fallback) > 3 {
			t.Fatalf("%s: listing %s is %s and fetched by %v", describeTravel(q), hits[i].id, classes[v.class], v.fallback)
		}
	}
}

// hitsOf is what the columns say of the first page.
func hitsOf(ctx context.Context, t rapid.TB, x *Index, q hereabouts.Query) []found {
	q.Page = ""
	after, err := x.check(&q)
	if err != nil {
		t.Fatal(err)
	}
	a, err := x.ask(ctx, x.state.Load(), &q, after)
	if err != nil {
		t.Fatal(err)
	}
	return a.hits
}

// checkJourneyOrder works out how long each way there takes.
func checkJourneyOrder(t *rapid.T, j *oJudge, ids []string) {
	last, lastID := -1.0, ""
	for _, id := range ids {
		i := slices.IndexFunc(j.all, func(l hereabouts.Listing) bool { return l.ID == id })
		s := j.seconds(&j.all[i])
		if s < last || s == last && id < lastID {
			t.Fatalf("%s: %s takes %v seconds and comes after %s with %v", describeTravel(*j.q), id, s, lastID, last)
		}
		last, lastID = s, id
	}
}

func (j *oJudge) seconds(l *hereabouts.Listing) float64 {
	v := j.verdict(l, j.q.Days)
	if v.Class != "walk" && v.Class != "there_and_back" && v.Class != "there_only" {
		return math.Inf(1)
	}
	place := ""
	end := time.Time{}
	for _, o := range j.times(l, j.q.Days) {
		if o.session == v.Session && !o.start.After(time.Unix(v.Start, 0)) && !o.end.Before(time.Unix(v.Start, 0)) {
			place = o.place
			if end = o.end; o.anyTime {
				if stay := time.Unix(v.Start, 0).Add(time.Duration(j.q.Travel.Stay) * time.Minute); stay.Before(end) {
					end = stay
				}
			}
		}
	}
	places := placesOf(l, place)
	best := math.Inf(1)
	for i := range places {
		to := oraclePoints(places[i : i+1])
		if v.Class == "walk" {
			if g := places[i].Geometry; g != nil && planar.PolygonContains(g.Geometry().(orb.Polygon), j.q.Near.Point()) {
				return 0
			}
			for _, p := range to {
				if s, ok := j.walk(p); ok {
					best = min(best, s)
				}
			}
			continue
		}
		if len(to) == 0 {
			continue
		}
		if v.Class == "there_and_back" {
			if _, ok := j.reach.Home(to, end.Unix()); !ok {
				continue
			}
		}
		if there, ok := j.reach.There(to, v.Start-int64(*j.q.Travel.ArriveEarly)*60); ok {
			best = min(best, there.Arrive.Sub(there.Depart).Seconds())
		}
	}
	return best
}

func describeTravel(q hereabouts.Query) string {
	var b strings.Builder
	b.WriteString(describeQuery(q))
	if t := q.Travel; t != nil {
		b.WriteString(gocmp.Diff(hereabouts.Travel{}, *t, cmpopts.EquateEmpty()))
	}
	return b.String()
}

func TestReachAgreesWithWholeJourneys(t *testing.T) {
	for i, at := range townNows {
		t.Run(at.Format("2006-01-02 15:04"), func(t *testing.T) {
			if i%2 == 0 {
				t.Run("row by row", func(t *testing.T) { checkReach(t, at, 1<<20) })
			}
			if i%2 == 1 || i == 0 {
				t.Run("by bitmaps", func(t *testing.T) { checkReach(t, at, -1) })
			}
		})
	}
}
