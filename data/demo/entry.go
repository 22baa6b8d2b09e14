package demo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"hereabouts"
)

// An entry is a listing as its author writes it: short where listings are
// alike and in full where they differ.
type entry struct {
	ID      string            // stable; becomes Source.ID
	Org     string            // key in organisations.yaml
	Kind    hereabouts.Kind   // group when left out
	Status  hereabouts.Status // published when left out
	Name    string
	Summary string
	Text    string
	Needs   []string
	Tags    []string
	For     eligibility
	Ask     referral
	Taking  *taking // left out: nobody has said
	By      []hereabouts.Delivery
	At      []string // keys in venues.yaml, the first being the usual one
	Access  string   // facts that differ here from the venue's own
	Note    string   // access note, in place of the venue's
	When    []session
	Cost    string // "free", "300 a session", "paid"; left out: nobody has said
	Costs   string // the same in words
	Lifts   *lifts // left out: nobody has said
	Speaks  []string
	Contact *contact // in place of the organisation's
	Also    []contact
	In      map[string]translation
	Hidden  bool
	Checked string // "-21d provider"
}

type eligibility struct {
	Text          string
	Ages          string // "65-", "16-25", "-18"
	Genders       []string
	Circumstances []string
	Lives         string // key of a catchment in venues.yaml
}

type referral struct {
	Routes            []hereabouts.Route
	How               string
	URL, Phone, Email string
}

type taking struct {
	State  hereabouts.AvailabilityState
	Weeks  *int
	Places *int
	AsOf   string `yaml:"as_of"` // the day it was checked when left out
	Until  string
	Note   string
}

type lifts struct {
	Provided bool
	Note     string
}

type contact struct{ Name, Phone, Email, URL string }

type translation struct{ Name, Summary, Text string }

type organisation struct {
	Name, Phone, Email string
	Web                bool // has a site of its own, https://KEY.example
}

type venue struct {
	Name, Address string
	In            string // the place in places.csv that it belongs to
	Lat, Lon      float64
	Access        string // "step toilet -loop": has, has, has not; the rest nobody has said
	Note          string
	Outline       []orb.Point // longitude, latitude; closed by us
	Entrances     []orb.Point
}

type catchment struct {
	Label   string
	Areas   []string
	Outline []orb.Point
}

// facts are the short names of the access facts.
var facts = map[string]string{
	"step": "step_free", "toilet": "accessible_toilet", "changing": "changing_place", "loop": "hearing_loop",
	"parking": "parking", "badge": "blue_badge_parking", "quiet": "quiet_space", "dogs": "assistance_dogs",
}

// listing is the entry written out in full, as on that day.
func (e *entry) listing(s shared, today time.Time) (l hereabouts.Listing, err error) {
	org, ok := s.organisations[e.Org]
	if !ok {
		return l, fmt.Errorf("organisation %q is not in organisations.yaml", e.Org)
	}
	l = hereabouts.Listing{
		Status: or(e.Status, hereabouts.Published), Kind: or(e.Kind, hereabouts.Group),
		Name: e.Name, Summary: e.Summary, Description: strings.TrimSpace(e.Text),
		Organisation: hereabouts.OrganisationRef{Name: org.Name, URL: org.url(e.Org)},
		Needs:        e.Needs, Tags: append(slices.Clone(e.Tags), Tag),
		Referral: hereabouts.Referral{Routes: e.Ask.Routes, How: e.Ask.How,
			URL: e.Ask.URL, Phone: e.Ask.Phone, Email: e.Ask.Email},
		Delivery:       e.By,
		HiddenLocation: e.Hidden,
		Languages:      append([]string{"en"}, e.Speaks...),
		Contacts:       e.contacts(org, e.Org),
		Source:         hereabouts.Source{Name: Source, ID: e.ID, Licence: Licence},
	}
	if len(e.By) == 0 && len(e.At) > 0 {
		l.Delivery = []hereabouts.Delivery{hereabouts.InPerson}
	}
	if e.Lifts != nil {
		l.Transport = hereabouts.Transport{Provided: hereabouts.FactOf(e.Lifts.Provided), Note: e.Lifts.Note}
	}
	for lang, t := range e.In {
		if l.Translations == nil {
			l.Translations = map[string]hereabouts.Translation{}
		}
		l.Translations[lang] = hereabouts.Translation{Name: t.Name, Summary: t.Summary, Description: strings.TrimSpace(t.Text)}
	}
	if l.ConfirmedAt, l.ConfirmedBy, err = checked(e.Checked, today); err != nil {
		return l, err
	}
	if l.Eligibility, err = e.For.eligibility(s.catchments); err != nil {
		return l, err
	}
	if l.Availability, err = e.Taking.availability(l.ConfirmedAt, today); err != nil {
		return l, err
	}
	if l.Cost, err = cost(e.Cost, e.Costs); err != nil {
		return l, err
	}
	if l.Places, err = e.places(s.venues); err != nil {
		return l, err
	}
	l.Sessions, err = e.sessions(today)
	return l, err
}

func (e *entry) contacts(org organisation, key string) []hereabouts.Contact {
	c := contact{Phone: org.Phone, Email: org.Email, URL: org.url(key)}
	if e.Contact != nil {
		c = *e.Contact
	}
	var all []hereabouts.Contact
	for _, c := range append([]contact{c}, e.Also...) {
		if c != (contact{}) {
			all = append(all, hereabouts.Contact(c))
		}
	}
	return all
}

func (o *organisation) url(key string) string {
	if !o.Web {
		return ""
	}
	return "https://" + key + ".example/"
}

// checked reads "-21d provider".
func checked(s string, today time.Time) (hereabouts.Date, hereabouts.Confirmer, error) {
	if s == "" {
		return "", "", nil
	}
	when, by, _ := strings.Cut(s, " ")
	d, err := dateAt(when, today)
	if err != nil {
		return "", "", fmt.Errorf("checked: %w", err)
	}
	return d, hereabouts.Confirmer(by), nil
}

func (e *eligibility) eligibility(catchments map[string]catchment) (h hereabouts.Eligibility, err error) {
	h = hereabouts.Eligibility{Text: e.Text, Genders: e.Genders, Circumstances: e.Circumstances}
	if e.Ages != "" {
		from, to, ranged := strings.Cut(e.Ages, "-")
		if h.MinAge, err = years(from); err != nil || !ranged {
			return h, fmt.Errorf("ages: %q is not like 65-, 16-25 or -18", e.Ages)
		}
		if h.MaxAge, err = years(to); err != nil {
			return h, fmt.Errorf("ages: %q is not like 65-, 16-25 or -18", e.Ages)
		}
	}
	if e.Lives == "" {
		return h, nil
	}
	c, ok := catchments[e.Lives]
	if !ok {
		return h, fmt.Errorf("lives: catchment %q is not in venues.yaml", e.Lives)
	}
	h.Catchment = hereabouts.Catchment{Label: c.Label, Areas: c.Areas, Geometry: outline(c.Outline)}
	return h, nil
}

func years(s string) (*int, error) {
	if s == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(s)
	return &n, err
}

func (t *taking) availability(asOf hereabouts.Date, today time.Time) (a hereabouts.Availability, err error) {
	if t == nil {
		return hereabouts.Availability{State: hereabouts.AvailabilityUnknown}, nil
	}
	a = hereabouts.Availability{State: t.State, WaitWeeks: t.Weeks, Places: t.Places, AsOf: asOf, Note: t.Note}
	if t.AsOf != "" {
		if a.AsOf, err = dateAt(t.AsOf, today); err != nil {
			return a, fmt.Errorf("taking: as_of: %w", err)
		}
	}
	if t.Until != "" {
		if a.Until, err = dateAt(t.Until, today); err != nil {
			return a, fmt.Errorf("taking: until: %w", err)
		}
	}
	return a, nil
}

// cost reads "free", "paid" or "300 a session" (pence, and what they buy).
func cost(s, words string) (hereabouts.Cost, error) {
	c := hereabouts.Cost{Text: words}
	switch s {
	case "":
		return c, nil
	case "free":
		c.Free = hereabouts.Yes
		return c, nil
	case "paid":
		c.Free = hereabouts.No
		return c, nil
	}
	pence, per, ok := strings.Cut(s, " a ")
	n, err := strconv.Atoi(pence)
	if err != nil || !ok || n <= 0 || per == "" {
		return c, fmt.Errorf(`cost: %q is not "free", "paid" or like "300 a session"`, s)
	}
	c.Free, c.Pence, c.Per = hereabouts.No, &n, per
	return c, nil
}

func (e *entry) places(venues map[string]venue) ([]hereabouts.Place, error) {
	var all []hereabouts.Place
	for _, key := range e.At {
		v, ok := venues[key]
		if !ok {
			return nil, fmt.Errorf("at: venue %q is not in venues.yaml", key)
		}
		p := hereabouts.Place{ID: key, Name: v.Name, Address: v.Address, Note: or(e.Note, v.Note), Geometry: outline(v.Outline)}
		p.SetPoint(orb.Point{v.Lon, v.Lat})
		for _, pt := range v.Entrances {
			p.Entrances = append(p.Entrances, hereabouts.Entrance{Lat: pt.Lat(), Lon: pt.Lon()})
		}
		for _, words := range []string{v.Access, e.Access} {
			if err := setFacts(&p.Access, words); err != nil {
				return nil, fmt.Errorf("access: %w", err)
			}
		}
		all = append(all, p)
	}
	return all, nil
}

// setFacts reads "step toilet -loop ?parking": yes, yes, no, and not known
// after all.
func setFacts(a *hereabouts.Access, words string) error {
	for w := range strings.FieldsSeq(words) {
		is, short := hereabouts.Yes, w
		switch w[0] {
		case '-':
			is, short = hereabouts.No, w[1:]
		case '?':
			is, short = hereabouts.Unknown, w[1:]
		}
		name, ok := facts[short]
		if !ok {
			return fmt.Errorf("%q is not an access fact", w)
		}
		*a.Fact(name) = is
	}
	return nil
}

// outline closes a ring of points into a polygon.
func outline(ring []orb.Point) *geojson.Geometry {
	if len(ring) == 0 {
		return nil
	}
	closed := append(slices.Clone(orb.Ring(ring)), ring[0])
	if closed.Orientation() == orb.CW {
		closed.Reverse()
	}
	return geojson.NewGeometry(orb.Polygon{closed})
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
