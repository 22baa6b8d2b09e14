package index

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"hereabouts"
	"hereabouts/geo"
)

// How many other ways [Index.Journeys] offers each way: unless a question asks
// for another number, and at most.
const (
	DefaultAlternatives = 3
	maxAlternatives     = 20
)

// Journeys is every way to one listing and home again on one day: a date that
// is asked for, also one that has gone by, or that of its next session within
// hereabouts.ReachDays. Times are local to London.
//
// It fails with hereabouts.Problems when the question is at fault and with
// ErrNotFound when there is no such listing or it is not published. It reads
// the source and the timetables, so it also answers while the index is being
// rebuilt; only who fetches people is then not known.
func (x *Index) Journeys(ctx context.Context, q hereabouts.JourneyQuery) (hereabouts.JourneyAnswer, error) {
	var none hereabouts.JourneyAnswer
	if err := x.checkJourneys(&q); err != nil {
		return none, err
	}
	listings, err := x.source.Listings(ctx, []string{q.ListingID})
	if err != nil {
		return none, fmt.Errorf("index: reading a listing for its journeys: %w", err)
	}
	l := listingWith(listings, q.ListingID, 0)
	if l == nil || l.Status != "" && l.Status != hereabouts.Published {
		return none, fmt.Errorf("index: listing %q: %w", q.ListingID, hereabouts.ErrNotFound)
	}
	l = public(l)
	s, err := x.survey(ctx, &q, l)
	if err != nil {
		return none, err
	}
	ans := hereabouts.JourneyAnswer{From: q.From, Listing: hereabouts.JourneyListing{ID: l.ID, Name: l.Name},
		Date: s.day, Journeys: []hereabouts.JourneyChoice{}}
	for _, v := range s.judged {
		if err := ctx.Err(); err != nil {
			return none, err
		}
		ans.Journeys = append(ans.Journeys, s.choice(&v, q.Most))
	}
	return ans, nil
}

// checkJourneys looks for faults and fills in what was left out.
func (x *Index) checkJourneys(q *hereabouts.JourneyQuery) error {
	var p hereabouts.Problems
	if !(q.From.Lat >= -90 && q.From.Lat <= 90 && q.From.Lon >= -180 && q.From.Lon <= 180) {
		p.AddParameter("from", "out_of_range", "latitudes are -90 to 90 and longitudes -180 to 180; check that they are not swapped")
	}
	if q.ListingID == "" {
		p.AddParameter("listing", "required", "give the id of a listing")
	}
	if q.Date != "" && dayNumber(q.Date) == noDay {
		p.AddParameter("date", "invalid", "write dates like 2026-11-24")
	}
	checkTravel(&q.Travel, &p)
	q.Travel = q.Travel.WithDefaults()
	if q.Most <= 0 {
		q.Most = DefaultAlternatives
	}
	q.Most = min(q.Most, maxAlternatives)
	return p.Err()
}

// A survey is a listing on one day, and who wants to get there. It works out
// the same as the filter of a search does, but from the listing itself, and so
// for any date.
type survey struct {
	*guide
	x      *Index
	l      *hereabouts.Listing
	detail detail
	day    hereabouts.Date // empty: nothing is on soon enough
	fetch  []collector
	judged []judged
}

// survey judges every time that a listing is on, on the day that is asked for.
func (x *Index) survey(ctx context.Context, q *hereabouts.JourneyQuery, l *hereabouts.Listing) (*survey, error) {
	s := &survey{guide: x.guide(x.network(), &q.From, &q.Travel, q.DropUnknown), x: x, l: l}
	s.guide.asked = q.Date
	s.detail.packPlaces(l, &row{})
	s.day = q.Date
	switch {
	case x.comesToPeople(l):
		return s, nil
	case len(s.detail.points) == 0:
		s.judged = []judged{{class: reachUnknown, session: noSession, place: anyPlace}}
		return s, nil
	}
	s.fetch = x.fetchersFrom(&q.From)
	now := x.now().Unix()
	if s.day != "" && s.day < s.today {
		now = math.MinInt64 // a timetable can be looked at
	}
	var list []sitting
	if s.day != "" {
		list = s.sittings(s.day, now)
	}
	// What opened yesterday may still be open.
	for n := -1; s.day == "" && n <= hereabouts.ReachDays; n++ {
		if on := s.sittings(s.today.AddDays(n), now); slices.ContainsFunc(on, sitting.timed) {
			list, s.day = on, s.today.AddDays(max(n, 0))
		}
	}
	if len(list) == 0 {
		list = []sitting{{session: noSession, place: anyPlace, timeless: true}}
	}
	var ids []string
	for i := range list {
		v := s.judge(&list[i], now)
		ids = append(ids, v.fallback...)
		s.judged = append(s.judged, v)
	}
	return s, x.fetchers(ctx, s.guide, ids)
}

const (
	noSession = -1
	anyPlace  = -1
)

// A sitting is one time that a listing is on: a session, or the hours
// within which it can be visited.
type sitting struct {
	session    int // position in Listing.Sessions, or noSession
	place      int // position in Listing.Places, or anyPlace
	start, end int64
	visit      bool
	assumed    bool // the hours are
	noEnd      bool // nobody says when it ends
	timeless   bool // nobody says at what time it is
}

func (o sitting) timed() bool { return !o.timeless }

// sittings are the times that the listing is on, on one day, of which
// something is still to come after a moment, in order. Those that nobody gives
// a time for come last.
func (s *survey) sittings(date hereabouts.Date, after int64) (list []sitting) {
	midnight, ok := date.Time()
	if !ok {
		return nil
	}
	stated := false
	for i := range s.l.Sessions {
		e := &s.l.Sessions[i]
		sc, err := e.Schedule()
		if err != nil {
			continue
		}
		stated = true
		for at := range sc.Occurrences(midnight, midnight.AddDate(0, 0, 1)) {
			if at.Start.Before(midnight) {
				continue // last night's
			}
			o := sitting{session: i, place: s.placeOf(e), visit: e.Attend == hereabouts.AnyTime,
				start: at.Start.Unix(), end: at.End.Unix(), timeless: !sc.Timed()}
			from, to := sc.Minutes()
			if o.visit && (!sc.Timed() || from == 0 && to == 1440) {
				o = s.dayTime(o, midnight)
			}
			switch {
			case o.timeless:
				o.place = anyPlace
			case o.end == o.start:
				o.end, o.noEnd = o.start+s.staySeconds(), true
			}
			list = append(list, o)
		}
	}
	if !stated && s.l.Kind == hereabouts.GreenSpace {
		list = append(list, s.dayTime(sitting{session: noSession, place: s.placeOf(&hereabouts.Session{}), visit: true}, midnight))
	}
	list = slices.DeleteFunc(list, func(o sitting) bool {
		if o.timeless {
			return false
		}
		for at, _ := range s.stays(&o, after) {
			return at <= after
		}
		return true
	})
	slices.SortStableFunc(list, func(a, b sitting) int {
		if a.timeless != b.timeless {
			if a.timeless {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.start, b.start)
	})
	return list
}

// dayTime gives a sitting the hours that are assumed where nobody states any.
func (s *survey) dayTime(o sitting, midnight time.Time) sitting {
	day := hereabouts.Session{From: hereabouts.DateOf(midnight), Start: s.dayHours[0], End: s.dayHours[1]}
	sc, err := day.Schedule()
	if err != nil {
		return o
	}
	for at := range sc.Occurrences(midnight, midnight.AddDate(0, 0, 1)) {
		o.start, o.end, o.assumed, o.timeless = at.Start.Unix(), at.End.Unix(), true, false
	}
	return o
}

// placeOf is the place of a session, as the columns have it.
func (s *survey) placeOf(e *hereabouts.Session) int {
	i := slices.IndexFunc(s.l.Places, func(p hereabouts.Place) bool { return p.ID == e.PlaceID })
	switch {
	case e.PlaceID != "" && i >= 0:
		return i
	case len(s.l.Places) == 1:
		return 0
	}
	return anyPlace
}

func (s *survey) staySeconds() int64 { return int64(s.travel.Stay) * 60 }

// stays yields when somebody could be there, after a moment: from start to
// end, or for any visit within opening hours.
func (s *survey) stays(o *sitting, after int64) iter.Seq2[int64, int64] {
	return func(yield func(start, end int64) bool) {
		at := slot{start: o.start, end: o.end}
		if o.visit {
			at.kind = occAnyTime
		}
		_, _, long := at.stays(s.staySeconds())
		for start := range at.within(s.staySeconds(), after, &windows{}) {
			if !yield(start, start+long) {
				return
			}
		}
	}
}

// bestFirst are the stays after a moment in the order in which they are shown.
func (s *survey) bestFirst(o *sitting, after int64) iter.Seq[*stay] {
	var list []stay
	if !o.timeless {
		for start, end := range s.stays(o, after) {
			list = append(list, stay{start: start, end: end})
		}
	}
	return bestFirst(list, after+s.early()+int64(s.travel.MaxMinutes)*60)
}

// judge is what reach says of one sitting.
func (s *survey) judge(o *sitting, after int64) judged {
	v := judged{session: o.session, place: o.place, assumed: o.assumed, noEnd: o.noEnd, start: o.start, end: o.end}
	if o.timeless {
		v.start, v.end = 0, 0
	} else {
		for v.start, v.end = range s.stays(o, after) {
			break
		}
	}
	for _, p := range s.detail.points {
		if o.place == anyPlace || int(p.place) == o.place {
			v.points = append(v.points, p)
		}
	}
	for i := range s.detail.shapes {
		shape := &s.detail.shapes[i]
		if (o.place == anyPlace || int(shape.place) == o.place) && shape.contains(s.origin) {
			v.inside = true
		}
	}
	switch {
	case s.travel.Mode == hereabouts.ByDoorToDoor:
		v.class = reachNo
	case s.canWalk(&v):
		v.class = reachWalk
		for stay := range s.bestFirst(o, after) {
			v.start, v.end = stay.start, stay.end
			break
		}
		return v
	case len(v.points) == 0:
		v.class = reachUnknown
	case s.travel.Mode == hereabouts.OnFoot:
		v.class, v.obstacle = reachNo, hereabouts.TooFar
	default:
		s.byTransit(o, after, &v)
	}
	if v.class == reachThereAndBack || s.travel.Mode == hereabouts.OnFoot {
		return v
	}
	if v.fallback = s.fetchedBy(&v); len(v.fallback) > 0 {
		v.class = reachDoorToDoor
	}
	return v
}

func (s *survey) canWalk(v *judged) bool {
	return v.inside || slices.ContainsFunc(v.points, func(p placePoint) bool {
		_, _, ok := s.reach.Walk(geo.LatLon(p.lat, p.lon))
		return ok
	})
}

// byTransit judges a journey with vehicles.
func (s *survey) byTransit(o *sitting, after int64, v *judged) {
	v.class = reachUnknown
	if o.timeless {
		v.obstacle = hereabouts.NoSession
		return
	}
	if !s.covered {
		return
	}
	spots := s.network.NewSpots()
	var ids []uint32
	for _, p := range v.points {
		ids = append(ids, spots.Add(geo.LatLon(p.lat, p.lon)))
	}
	there, first, firstEnd := false, v.start, v.end
	for stay := range s.bestFirst(o, after) {
		start, end := stay.start, stay.end
		out, back := s.reach.Out(start-s.early()), s.reach.Back(end)
		i := 0
		for points := range samePlace(v.points) {
			place := ids[i : i+len(points)]
			i += len(points)
			if !slices.ContainsFunc(place, func(id uint32) bool { return out.Reaches(spots, id) }) {
				continue
			}
			if slices.ContainsFunc(place, func(id uint32) bool { return back.Reaches(spots, id) }) {
				v.class, v.start, v.end = reachThereAndBack, start, end
				return
			}
			if !there {
				there, v.start, v.end = true, start, end
			}
		}
	}
	switch {
	case slices.ContainsFunc(ids, func(id uint32) bool { return s.reach.Expired(first, spots, id) }):
		v.obstacle, v.start, v.end = hereabouts.TimetableExpired, first, firstEnd
	case there:
		v.class, v.obstacle = reachThereOnly, hereabouts.NoReturn
	case !slices.ContainsFunc(ids, func(id uint32) bool { return !s.reach.NoService(first, spots, id) }):
		v.class, v.obstacle = reachNo, hereabouts.NoServiceThatDay
	default:
		v.class, v.obstacle = reachNo, hereabouts.TooFar
	}
}

// choice is the journey to one sitting with what else could be taken.
func (s *survey) choice(v *judged, most int) hereabouts.JourneyChoice {
	j, r := s.ways(s.l, v)
	c := hereabouts.JourneyChoice{Journey: *j, OutAlternatives: []hereabouts.WayThere{}, BackAlternatives: []hereabouts.WayBack{}, Sentences: []string{}}
	if len(r.to) == 0 {
		return c
	}
	if r.last != nil {
		c.Sentences = append(c.Sentences, wayBack(r.last, r.name).SayLast())
	}
	// One more, because the journey itself is among them.
	for _, alt := range s.reach.ThereAlternatives(r.to, v.start-s.early(), most+1) {
		if w := wayThere(&alt, r.name); len(c.OutAlternatives) < most && !sameRides(w.Legs, j.Out.Legs) {
			c.OutAlternatives = append(c.OutAlternatives, *w)
			c.Sentences = append(c.Sentences, w.Say())
		}
	}
	if j.Back == nil {
		return c
	}
	for _, alt := range s.reach.HomeAlternatives(r.to, v.end, most+1) {
		if w := wayBack(&alt, r.name); len(c.BackAlternatives) < most && !sameRides(w.Legs, j.Back.Legs) {
			c.BackAlternatives = append(c.BackAlternatives, *w)
			c.Sentences = append(c.Sentences, w.Say())
		}
	}
	return c
}

// sameRides reports whether two ways take the same vehicles between the same
// stops.
func sameRides(a, b []hereabouts.Leg) bool {
	return slices.EqualFunc(rides(a), rides(b), func(a, b hereabouts.Leg) bool { return a == b })
}

func rides(legs []hereabouts.Leg) (out []hereabouts.Leg) {
	for _, leg := range legs {
		if leg.Mode != "walk" {
			out = append(out, leg)
		}
	}
	return out
}
