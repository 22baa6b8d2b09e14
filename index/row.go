package index

import (
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/paulmach/orb/planar"

	"hereabouts"
)

// A row is what filters, facets and ranking ask of one listing, packed so
// that checking a candidate touches two cache lines.
type row struct {
	needs     [2]uint64 // taxonomy positions, parents included
	textHash  uint64    // of the words that Bleve holds
	nameHash  uint64    // of the stems of the name, in order
	rev       uint64
	pence     int32 // unknown: -1
	confirmed int32 // day; never: noDay
	asOf      int32 // day the availability was stated; noDay
	until     int32 // day it is expected to end; noDay
	wait      int16 // weeks; unknown: -1
	minAge    int16 // none stated: -1
	maxAge    int16
	flags     uint16
	kind      uint8
	delivery  uint8
	referral  uint8
	genders   uint8 // none stated: 0
	stated    uint8 // availability as stated
	avail     uint8 // availability today
	fresh     uint8 // freshness today
	cost      uint8
	accessYes uint8 // some place says yes
	accessNo  uint8 // every place says no
	days      uint8 // weekdays with a session from today on, Sunday first
}

// Flags of a row.
const (
	flagLive      = 1 << iota
	flagPlaced    // has a place with a known point or outline
	flagSessions  // says when it happens
	flagCatchment // limits where people may live
	flagManyPlaces
	flagShapes      // has an outline to be inside of
	flagHidden      // its location must not be told
	flagJourneyless // nobody has to go anywhere for it
	flagFetches     // it fetches people
)

func (r *row) is(flag uint16) bool { return r.flags&flag != 0 }

const (
	noDay = math.MinInt32
	// maxNeeds is how many needs a row has room for.
	maxNeeds = 128
)

// The values of the closed vocabularies, in the order of their numbers.
var (
	kinds      = []hereabouts.Kind{"", hereabouts.Group, hereabouts.Service, hereabouts.GreenSpace}
	deliveries = []hereabouts.Delivery{hereabouts.InPerson, hereabouts.Online, hereabouts.Phone, hereabouts.HomeVisit}
	routes     = []hereabouts.Route{hereabouts.Self, hereabouts.DropIn, hereabouts.LinkWorker, hereabouts.GP, hereabouts.Professional}
	genders    = []string{"women", "men", "non_binary"}
	states     = []hereabouts.AvailabilityState{hereabouts.Open, hereabouts.WaitingList, hereabouts.Full,
		hereabouts.Paused, hereabouts.Closed, hereabouts.AvailabilityUnknown}
	freshes  = []hereabouts.FreshnessState{hereabouts.Fresh, hereabouts.Ageing, hereabouts.Stale}
	costs    = []string{"free", "paid", "unknown"}
	dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
)

const (
	costFree = iota
	costPaid
	costUnknown
)

const (
	stateOpen = iota
	stateWaiting
	stateFull
	statePaused
	stateClosed
	stateUnknown
)

func number[T comparable](list []T, v T, otherwise uint8) uint8 {
	if i := slices.Index(list, v); i >= 0 {
		return uint8(i)
	}
	return otherwise
}

func mask[T comparable](list []T, vs []T) (m uint8) {
	for _, v := range vs {
		if i := slices.Index(list, v); i >= 0 {
			m |= 1 << i
		}
	}
	return m
}

// A detail is what a row has no room for. It is never changed once it is in
// the columns, only replaced.
type detail struct {
	id        string
	title     string // the name as written
	name      string // folded
	points    []placePoint
	shapes    []shape
	access    []placeAccess // by place, when there are several
	sessions  []session
	tags      []uint32
	languages []uint32
	groups    []uint32 // circumstances
	areas     []uint32 // catchment
	catchment *outline
}

// A placePoint is somewhere that a place can be reached: where it is, or one
// of its entrances.
type placePoint struct {
	lat, lon float64
	place    uint16 // position in Listing.Places
}

// A placeAccess is what one place says about its access.
type placeAccess struct{ yes, no uint8 }

// A shape is the outline of a place.
type shape struct {
	outline
	place uint16
}

// A session is when a listing happens: the dates of a schedule in the column
// of schedules, and the time of day.
type session struct {
	dates   uint32 // in columns.schedules
	start   int16  // minutes after midnight
	end     int16  // above 1440 on the next day; equal to start when nobody says how long
	place   uint16 // position in Listing.Places, or noPlace
	index   uint16 // position in Listing.Sessions
	timed   bool
	anyTime bool // come and go between start and end
}

const noPlace = math.MaxUint16

// pack reads a listing into a row and its detail. It interns values in c, so
// the caller holds c for writing.
func (c *columns) pack(l *hereabouts.Listing, a *analyzer) (row, *detail) {
	r := row{
		rev: uint64(l.Rev), textHash: textHash(l), flags: flagLive,
		kind: number(kinds, l.Kind, 0), delivery: mask(deliveries, l.Delivery),
		referral: mask(routes, l.Referral.Routes), genders: mask(genders, l.Eligibility.Genders),
		stated: number(states, l.Availability.State, stateUnknown), wait: small(l.Availability.WaitWeeks),
		minAge: small(l.Eligibility.MinAge), maxAge: small(l.Eligibility.MaxAge),
		confirmed: dayNumber(l.ConfirmedAt), asOf: dayNumber(l.Availability.AsOf), until: dayNumber(l.Availability.Until),
	}
	r.cost, r.pence = packCost(&l.Cost)
	for _, n := range l.Needs {
		c.addNeed(&r.needs, n)
	}
	r.nameHash = nameHash(a, l.Name)
	d := &detail{
		id: l.ID, title: l.Name, name: hereabouts.Fold(l.Name),
		tags: c.tags.intern(fold(l.Tags)), languages: c.languages.intern(l.Languages),
		groups: c.groups.intern(fold(l.Eligibility.Circumstances)),
	}
	if l.HiddenLocation {
		r.flags |= flagHidden
	}
	if l.Transport.Provided == hereabouts.Yes {
		r.flags |= flagFetches
	}
	if c.journeyless(&r) {
		r.flags |= flagJourneyless
	}
	d.packPlaces(l, &r)
	c.packSessions(l, d, &r)
	catchment := &l.Eligibility.Catchment
	if catchment.Stated() {
		r.flags |= flagCatchment
		d.areas = c.areas.intern(catchment.Areas)
		if catchment.Geometry != nil {
			if o, ok := newOutline(catchment.Geometry.Geometry()); ok {
				d.catchment = &o
			}
		}
	}
	return r, d
}

func fold(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(strings.TrimSpace(s))
	}
	return out
}

// nameHash tells names apart by the stems of their words.
func nameHash(a *analyzer, name string) uint64 {
	toks, _ := a.tokens(nil, name, 0)
	return tokensHash(toks)
}

// tokensHash is 0 when there is no word.
func tokensHash(toks []token) uint64 {
	var h xxhash.Digest
	h.Reset()
	n := 0
	for _, t := range toks {
		if !t.joined && !t.stop {
			h.WriteString(t.stem)
			h.WriteString(" ")
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return h.Sum64()
}

func small(p *int) int16 {
	if p == nil {
		return -1
	}
	return int16(min(max(*p, 0), math.MaxInt16))
}

// dayNumber is the number of days after 1 January 1970.
func dayNumber(d hereabouts.Date) int32 {
	n, ok := d.DaysSince("1970-01-01")
	if !ok {
		return noDay
	}
	return int32(n)
}

func dateOf(day int32) hereabouts.Date {
	if day == noDay {
		return ""
	}
	return hereabouts.Date("1970-01-01").AddDays(int(day))
}

func packCost(c *hereabouts.Cost) (kind uint8, pence int32) {
	switch {
	case c.Free == hereabouts.Yes || c.Pence != nil && *c.Pence == 0:
		return costFree, 0
	case c.Pence != nil:
		return costPaid, int32(min(*c.Pence, math.MaxInt32))
	case c.Free == hereabouts.No:
		return costPaid, -1
	}
	return costUnknown, -1
}

// packPlaces notes the points, outlines and access of places. A hidden
// listing as the public sees it has only the last: it is found by area.
func (d *detail) packPlaces(l *hereabouts.Listing, r *row) {
	places := l.Places
	r.accessNo = 0xff
	stated := false
	for i := range places {
		p := &places[i]
		if i >= noPlace {
			break
		}
		var a placeAccess
		for bit, name := range hereabouts.AccessNames {
			switch *p.Access.Fact(name) {
			case hereabouts.Yes:
				a.yes |= 1 << bit
			case hereabouts.No:
				a.no |= 1 << bit
			}
		}
		stated = true
		r.accessYes |= a.yes
		r.accessNo &= a.no
		d.access = append(d.access, a)
		d.packPoints(p, uint16(i))
	}
	if !stated {
		r.accessNo = 0
	}
	if len(d.access) < 2 {
		d.access = nil
	} else {
		r.flags |= flagManyPlaces
	}
	if len(d.points) > 0 {
		r.flags |= flagPlaced
	}
	if len(d.shapes) > 0 {
		r.flags |= flagShapes
	}
}

func (d *detail) packPoints(p *hereabouts.Place, place uint16) {
	before := len(d.points)
	add := func(lat, lon float64) {
		if lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 && len(d.points) < noPlace {
			d.points = append(d.points, placePoint{lat, lon, place})
		}
	}
	if pt, ok := p.Point(); ok {
		add(pt.Lat(), pt.Lon())
	}
	for _, e := range p.Entrances {
		add(e.Lat, e.Lon)
	}
	if p.Geometry == nil {
		return
	}
	g := p.Geometry.Geometry()
	if o, ok := newOutline(g); ok {
		d.shapes = append(d.shapes, shape{o, place})
	}
	if len(d.points) == before && g != nil {
		// Nobody said where it is but everybody can see.
		if c, area := planar.CentroidArea(g); area != 0 {
			add(c.Lat(), c.Lon())
		} else {
			c := g.Bound().Center()
			add(c.Lat(), c.Lon())
		}
	}
}

// packSessions works out on which dates the sessions of a listing fall. A
// session that cannot be worked out is as good as unsaid.
func (c *columns) packSessions(l *hereabouts.Listing, d *detail, r *row) {
	for i := range l.Sessions {
		s := &l.Sessions[i]
		sc, err := s.Schedule()
		if err != nil || i >= noPlace {
			continue
		}
		start, end := sc.Minutes()
		place := slices.IndexFunc(l.Places, func(p hereabouts.Place) bool { return p.ID == s.PlaceID })
		if s.PlaceID == "" || place < 0 {
			place = noPlace
			if len(l.Places) == 1 {
				place = 0
			}
		}
		d.sessions = append(d.sessions, session{
			dates: c.schedules.intern(sc.Dates(dateOf(c.base), scheduleDays)),
			start: int16(start), end: int16(end), timed: sc.Timed(), anyTime: s.Attend == hereabouts.AnyTime, place: uint16(place), index: uint16(i),
		})
	}
	if len(d.sessions) > 0 {
		r.flags |= flagSessions
	}
}

// refresh works out what of a row depends on today.
func (c *columns) refresh(r *row, d *detail) {
	var l hereabouts.Listing
	l.Kind = kinds[r.kind]
	l.ConfirmedAt = dateOf(r.confirmed)
	l.Availability = hereabouts.Availability{State: states[r.stated], AsOf: dateOf(r.asOf), Until: dateOf(r.until)}
	today := dateOf(c.today)
	r.avail = number(states, l.AvailabilityAt(today), stateUnknown)
	r.fresh = number(freshes, l.FreshnessAt(today).State, 2)
	r.days = 0
	for _, s := range d.sessions {
		r.days |= c.schedules.weekdays(s.dates, c.base, c.today, c.base+scheduleDays-1)
	}
}

// addNeed adds a need and its parents.
func (c *columns) addNeed(set *[2]uint64, slug string) {
	for slug != "" {
		i, ok := c.needNumber[slug]
		if !ok {
			return
		}
		set[i>>6] |= 1 << (i & 63)
		slug = c.needs.Needs[i].Parent
	}
}

func eachNeed(set *[2]uint64, visit func(need int)) {
	for w, m := range set {
		for ; m != 0; m &= m - 1 {
			visit(w<<6 + bits.TrailingZeros64(m))
		}
	}
}
