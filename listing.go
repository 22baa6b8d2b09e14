package hereabouts

import (
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// Rev counts the revisions of a record; the first stored is 1.
type Rev uint64

// Status says whether people may see a listing.
type Status string

// Listing statuses.
const (
	Published Status = "published"
	Draft     Status = "draft"
	Withdrawn Status = "withdrawn"
)

// Kind says what sort of thing a listing is.
type Kind string

// Listing kinds.
const (
	Group      Kind = "group"
	Service    Kind = "service"
	GreenSpace Kind = "green_space"
)

// A Listing is one group, service or green space, as its provider or source
// describes it. Its JSON is the public contract.
type Listing struct {
	ID             string                 `json:"id"`
	Rev            Rev                    `json:"rev"`
	Status         Status                 `json:"status"`
	Kind           Kind                   `json:"kind"`
	Name           string                 `json:"name"`
	Summary        string                 `json:"summary"`
	Description    string                 `json:"description"`
	Organisation   OrganisationRef        `json:"organisation"`
	Needs          []string               `json:"needs"`                   // slugs of the need taxonomy
	NeedsDerived   bool                   `json:"needs_derived,omitempty"` // read from the text, not stated
	Tags           []string               `json:"tags"`
	Eligibility    Eligibility            `json:"eligibility"`
	Referral       Referral               `json:"referral"`
	Availability   Availability           `json:"availability"`
	Delivery       []Delivery             `json:"delivery"`
	Places         []Place                `json:"places"`
	HiddenLocation bool                   `json:"hidden_location,omitempty"` // refuges: matched by area only
	Sessions       []Session              `json:"sessions"`
	Cost           Cost                   `json:"cost"`
	Transport      Transport              `json:"transport"`
	Languages      []string               `json:"languages"` // BCP 47
	Contacts       []Contact              `json:"contacts"`
	Translations   map[string]Translation `json:"translations,omitempty"` // by BCP 47 language
	Source         Source                 `json:"source"`
	ConfirmedAt    Date                   `json:"confirmed_at"`
	ConfirmedBy    Confirmer              `json:"confirmed_by,omitempty"`
	CreatedAt      time.Time              `json:"created_at,omitzero"`
	UpdatedAt      time.Time              `json:"updated_at,omitzero"`
}

// A Translation holds the texts of a listing in another language.
type Translation struct {
	Name        string `json:"name"`
	Summary     string `json:"summary"`
	Description string `json:"description"`
}

// An OrganisationRef names the organisation that runs a listing.
type OrganisationRef struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	CharityNumber string `json:"charity_number"`
	URL           string `json:"url"`
}

// An Organisation is a record of its own with its own revisions; listings
// refer to it and show it embedded.
type Organisation struct {
	ID            string    `json:"id"`
	Rev           Rev       `json:"rev"`
	Status        Status    `json:"status"`
	Name          string    `json:"name"`
	Description   string    `json:"description"`
	CharityNumber string    `json:"charity_number"`
	URL           string    `json:"url"`
	Contacts      []Contact `json:"contacts"`
	Source        Source    `json:"source"`
	CreatedAt     time.Time `json:"created_at,omitzero"`
	UpdatedAt     time.Time `json:"updated_at,omitzero"`
}

// Ref is how a listing shows this organisation.
func (o *Organisation) Ref() OrganisationRef {
	return OrganisationRef{ID: o.ID, Name: o.Name, CharityNumber: o.CharityNumber, URL: o.URL}
}

// Eligibility says who may come. What is left out is not a limit anybody has
// stated, which is not the same as "everyone".
type Eligibility struct {
	Text          string    `json:"text"`
	MinAge        *int      `json:"min_age"` // years, inclusive
	MaxAge        *int      `json:"max_age"` // years, inclusive
	Genders       []string  `json:"genders"` // women, men, non_binary
	Circumstances []string  `json:"circumstances"`
	Catchment     Catchment `json:"catchment"`
}

// A Catchment is where people must live to be eligible.
type Catchment struct {
	Label    string            `json:"label"`
	Areas    []string          `json:"areas"` // ONS area codes, "E08000009"
	Geometry *geojson.Geometry `json:"geometry"`
}

// Stated reports whether the listing limits where people may live.
func (c *Catchment) Stated() bool { return len(c.Areas) > 0 || c.Geometry != nil }

// Route is a way of being referred.
type Route string

// Referral routes.
const (
	Self         Route = "self"
	DropIn       Route = "drop_in"
	LinkWorker   Route = "link_worker"
	GP           Route = "gp"
	Professional Route = "professional"
)

// Referral says how a person comes to be taken on.
type Referral struct {
	Routes []Route `json:"routes"`
	How    string  `json:"how"`
	URL    string  `json:"url"`
	Phone  string  `json:"phone"`
	Email  string  `json:"email"`
}

// AvailabilityState says whether new people are being taken.
type AvailabilityState string

// Availability states.
const (
	Open                AvailabilityState = "open"
	WaitingList         AvailabilityState = "waiting_list"
	Full                AvailabilityState = "full"
	Paused              AvailabilityState = "paused"
	Closed              AvailabilityState = "closed"
	AvailabilityUnknown AvailabilityState = "unknown"
)

// Availability is whether a listing will take somebody now, and as of when
// that was true.
type Availability struct {
	State     AvailabilityState `json:"state"`
	WaitWeeks *int              `json:"wait_weeks"`
	Places    *int              `json:"places"` // free places, when stated
	AsOf      Date              `json:"as_of"`
	Until     Date              `json:"until"` // the state is expected to end after this date
	Note      string            `json:"note"`
}

// Delivery is how a listing reaches a person.
type Delivery string

// Ways of delivery.
const (
	InPerson  Delivery = "in_person"
	Online    Delivery = "online"
	Phone     Delivery = "phone"
	HomeVisit Delivery = "home_visit"
)

// A Place is where a listing happens.
type Place struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Address   string            `json:"address"`
	Postcode  string            `json:"postcode"`
	Lat       *float64          `json:"lat"` // WGS84 degrees; null when not known
	Lon       *float64          `json:"lon"`
	Precision string            `json:"precision,omitempty"` // exact (when empty), postcode, district: what lat and lon stand for
	Geometry  *geojson.Geometry `json:"geometry"`            // outline of a green space
	Entrances []Entrance        `json:"entrances"`
	Access    Access            `json:"access"`
	Note      string            `json:"access_note"`
}

// Point is where the place is; ok is false when nobody has said.
func (p *Place) Point() (pt orb.Point, ok bool) {
	if p.Lat == nil || p.Lon == nil {
		return orb.Point{}, false
	}
	return orb.Point{*p.Lon, *p.Lat}, true
}

// SetPoint says where the place is.
func (p *Place) SetPoint(pt orb.Point) {
	lat, lon := pt.Lat(), pt.Lon()
	p.Lat, p.Lon = &lat, &lon
}

// An Entrance is a gate or door, in WGS84 degrees.
type Entrance struct {
	Lat float64 `json:"lat"`
	Lon float64 `json:"lon"`
}

// Access holds the facts about a place that decide whether somebody can use it.
type Access struct {
	StepFree         Fact `json:"step_free"`
	AccessibleToilet Fact `json:"accessible_toilet"`
	ChangingPlace    Fact `json:"changing_place"`
	HearingLoop      Fact `json:"hearing_loop"`
	Parking          Fact `json:"parking"`
	BlueBadgeParking Fact `json:"blue_badge_parking"`
	QuietSpace       Fact `json:"quiet_space"`
	AssistanceDogs   Fact `json:"assistance_dogs"`
}

// AccessNames are the access facts in the order they are shown.
var AccessNames = []string{"step_free", "accessible_toilet", "changing_place", "hearing_loop",
	"parking", "blue_badge_parking", "quiet_space", "assistance_dogs"}

// Fact returns a pointer to the named fact, or nil for a name that is not one
// of AccessNames.
func (a *Access) Fact(name string) *Fact {
	switch name {
	case "step_free":
		return &a.StepFree
	case "accessible_toilet":
		return &a.AccessibleToilet
	case "changing_place":
		return &a.ChangingPlace
	case "hearing_loop":
		return &a.HearingLoop
	case "parking":
		return &a.Parking
	case "blue_badge_parking":
		return &a.BlueBadgeParking
	case "quiet_space":
		return &a.QuietSpace
	case "assistance_dogs":
		return &a.AssistanceDogs
	}
	return nil
}

// Attend says whether a session is attended from start to end.
type Attend string

// Ways of attending.
const (
	Whole   Attend = "whole"    // be there from start to end; the default
	AnyTime Attend = "any_time" // opening hours: come and go
)

// A Session is when a listing happens: an RFC 5545 recurrence rule with local
// start and end times. Without a rule it happens once, on From.
type Session struct {
	ID      string `json:"id"`
	PlaceID string `json:"place_id"`
	RRule   string `json:"rrule"` // FREQ=WEEKLY;BYDAY=TU
	Start   Clock  `json:"start"`
	End     Clock  `json:"end"`   // at or before Start means the next day
	From    Date   `json:"from"`  // first date it can happen
	Until   Date   `json:"until"` // last date it can happen
	Except  []Date `json:"except"`
	Attend  Attend `json:"attend"`
	Note    string `json:"note"`
}

// Cost is what a person pays.
type Cost struct {
	Free  Fact   `json:"free"`
	Pence *int   `json:"pence"`
	Per   string `json:"per"` // session, week, month, year, course …
	Text  string `json:"text"`
}

// Transport says whether the listing fetches people.
type Transport struct {
	Provided Fact   `json:"provided"`
	Note     string `json:"note"`
}

// A Contact is somebody to ask.
type Contact struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
	Email string `json:"email"`
	URL   string `json:"url"`
}

// Source says where a listing came from and on what terms.
type Source struct {
	Name       string    `json:"name"`
	ID         string    `json:"id"` // the source's own identifier
	URL        string    `json:"url"`
	Licence    string    `json:"licence"`
	ImportedAt time.Time `json:"imported_at,omitzero"`
}

// Confirmer is who last said that a listing is true.
type Confirmer string

// Confirmers.
const (
	ByProvider   Confirmer = "provider"
	ByImporter   Confirmer = "importer"
	ByLinkWorker Confirmer = "link_worker"
)
