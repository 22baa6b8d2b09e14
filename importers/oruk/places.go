package oruk

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"hereabouts"
	"hereabouts/importers"
)

var addressKeys = []string{"addresses", "physical_addresses", "physical_address", "address"}

// A located is a location and what the service does there.
type located struct {
	at  object // the location
	sal object // the service at the location; nil when the dialect has none
}

// locations are the places of a service, whichever way they hang from it.
func (m *mapper) locations(s object) []located {
	var all []located
	seen := map[string]bool{}
	add := func(at, sal object) {
		if at == nil {
			return
		}
		if id := m.id(at, "id"); id != "" {
			if seen[id] {
				return
			}
			seen[id] = true
		}
		all = append(all, located{at, sal})
	}
	for _, sal := range m.objects(s, "service_at_locations", "service_at_location") {
		add(m.object(sal, "location"), sal)
	}
	for _, loc := range m.objects(s, "locations", "location") {
		add(loc, nil)
	}
	return all
}

// places reads where the service happens. It returns a reason to reject the
// service when all of its places turn out to be abroad.
func (m *mapper) places(s object) error {
	l := m.l
	var abroad hereabouts.Problems
	for i, loc := range m.locations(s) {
		kind := strings.ToLower(m.line(loc.at, "location_type"))
		switch kind {
		case "virtual", "online":
			m.reaches("online", "location_type")
			continue
		case "postal":
			continue // letters go there, people do not
		}
		p, away := m.place(loc)
		if away != "" {
			abroad.Addf(fmt.Sprintf("/places/%d", i), hereabouts.CodeOutOfRange, "%s; this directory covers the United Kingdom", away)
			continue
		}
		if p != nil && nowhere(p) {
			l.Delivery = appendNew(l.Delivery, hereabouts.Online)
			m.note(fmt.Sprintf("places/%d", i), "read_as_online", "%q is no place to go to; read as online", short(strings.TrimSpace(p.Name+" "+p.Address)))
			continue
		}
		if p != nil {
			l.Places = append(l.Places, *p)
			if kind == "physical" {
				l.Delivery = appendNew(l.Delivery, hereabouts.InPerson)
			}
		}
		m.reachesPlace(loc)
	}
	if len(abroad) > 0 && len(l.Places) > 0 {
		for _, a := range abroad {
			m.note(strings.TrimPrefix(a.Pointer, "/"), "ignored", "%s", a.Detail)
		}
		return nil
	}
	return abroad.Err()
}

// nowhere reports whether a location is a way of saying "online": some
// directories need one for every service.
func nowhere(p *hereabouts.Place) bool {
	at, located := p.Point()
	located = located && at != orb.Point{} // 0, 0 is where programs put what they do not know
	return !located && p.Postcode == "" && online.MatchString(p.Name+" "+p.Address)
}

var online = regexp.MustCompile(`(?i)\b(online|on-line|virtual|zoom)\b`)

// reachesPlace reads transport to a place, when it is the service's own.
func (m *mapper) reachesPlace(loc located) {
	t := m.text(loc.at, "transportation")
	if t == "" || !fetches.MatchString(t) {
		return
	}
	m.l.Transport.Provided = hereabouts.Yes
	m.l.Transport.Note = paragraph(m.l.Transport.Note, t)
}

var fetches = regexp.MustCompile(`(?i)\b(transport|minibus|lifts?) (is |are |can be )?(provided|available|arranged)\b|\bwe (collect|pick (you )?up|provide transport)\b|\bdoor[- ]to[- ]door\b`)

// place reads a location. It is nil when there is nothing in it that would
// help to find it; away says where it is when it is abroad.
func (m *mapper) place(loc located) (p *hereabouts.Place, away string) {
	p = &hereabouts.Place{Name: importers.Name(m.line(loc.at, "name", "alternate_name"))}
	if id := m.id(loc.at, "id"); idShape.MatchString(id) {
		p.ID = id
	}
	address := m.bestAddress(loc.at)
	country := m.line(address, "country")
	var lines []string
	for _, k := range []string{"address_1", "address_2", "address_3", "address_4", "city", "town", "region", "state_province", "county"} {
		line := strings.Trim(m.line(address, k), " ,")
		if line != "" && !slices.ContainsFunc(lines, func(x string) bool { return strings.EqualFold(x, line) }) && !strings.EqualFold(line, p.Name) {
			lines = append(lines, line)
		}
	}
	p.Address = strings.Join(lines, ", ")
	p.Postcode = m.line(address, "postal_code", "postcode", "post_code", "zip")
	if lat, lon, ok := m.position(loc.at); ok {
		p.SetPoint(orb.Point{lon, lat})
	}
	if away := m.abroad(p, country); away != "" {
		return nil, away
	}
	if m.fact(loc.at, "mask_exact_address") == hereabouts.Yes {
		m.mask(p, m.line(address, "city", "town"))
	}
	m.access(loc, p)
	if d := m.text(loc.at, "transportation"); d != "" {
		p.Note = paragraph(p.Note, "Getting there: "+d)
	}
	if p.Name == "" && p.Address == "" && p.Postcode == "" && p.Lat == nil {
		return nil, ""
	}
	return p, ""
}

var idShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~:-]{0,99}$`)

// bestAddress is the address that people go to. The Outpost variant has its
// fields in the location itself.
func (m *mapper) bestAddress(loc object) object {
	best, rank := loc, 0
	for _, a := range m.objects(loc, addressKeys...) {
		r := 2
		switch strings.ToLower(m.line(a, "address_type")) {
		case "physical":
			r = 3
		case "virtual":
			r = 1
		}
		if r > rank {
			best, rank = a, r
		}
	}
	return best
}

// position reads coordinates as numbers, or as a GeoJSON point.
func (m *mapper) position(loc object) (lat, lon float64, ok bool) {
	lat, ok1 := m.number(loc, "latitude", "lat")
	lon, ok2 := m.number(loc, "longitude", "lon", "lng", "long")
	if ok1 && ok2 {
		return lat, lon, true
	}
	g, _ := loc["geometry"].(map[string]any)
	c, _ := g["coordinates"].([]any)
	if g["type"] != "Point" || len(c) < 2 {
		if ok1 != ok2 {
			m.note("locations", "ignored", "a latitude or longitude without the other")
		}
		return 0, 0, false
	}
	x, ok1 := c[0].(json.Number)
	y, ok2 := c[1].(json.Number)
	if !ok1 || !ok2 {
		m.note("geometry", "wrong_type", "the coordinates of a point are not numbers; left out")
		return 0, 0, false
	}
	lon, err1 := x.Float64()
	lat, err2 := y.Float64()
	return lat, lon, err1 == nil && err2 == nil
}

var zip = regexp.MustCompile(`^\d{5}(-\d{4})?$`)

// abroad says where a place is when it is not in the United Kingdom. A country
// alone does not convince: forms are sent with whatever country stood first.
func (m *mapper) abroad(p *hereabouts.Place, country string) string {
	_, british := hereabouts.FormatPostcode(p.Postcode)
	if british {
		return ""
	}
	if pt, known := p.Point(); known {
		lat, lon := pt.Lat(), pt.Lon()
		switch {
		case lat == 0 || lon == 0, math.Abs(lat) > 90, math.Abs(lon) > 180:
			// Nowhere; the run notes it and leaves it out.
		case hereInUK(lat, lon), hereInUK(lon, lat):
			return ""
		default:
			return fmt.Sprintf("%v, %v is outside the United Kingdom", lat, lon)
		}
	}
	switch strings.ToUpper(country) {
	case "", "GB", "UK", "GBR", "UNITED KINGDOM", "ENGLAND", "WALES", "SCOTLAND", "NORTHERN IRELAND", "GREAT BRITAIN", "JE", "GG", "IM":
		return ""
	}
	if zip.MatchString(p.Postcode) {
		return fmt.Sprintf("the address is in %s, with the postal code %s", short(country), p.Postcode)
	}
	return ""
}

func hereInUK(lat, lon float64) bool { return lat >= 49 && lat <= 61.5 && lon >= -9.5 && lon <= 2.5 }

// mask keeps of a place what may be known: its town, and where it is to about
// a kilometre.
func (m *mapper) mask(p *hereabouts.Place, town string) {
	p.Name, p.Address, p.Postcode = "", town, ""
	if pt, known := p.Point(); known {
		p.SetPoint(orb.Point{math.Round(pt.Lon()*100) / 100, math.Round(pt.Lat()*100) / 100})
		p.Precision = "district"
	}
	m.note("mask_exact_address", "location_withheld", "the source asks for the exact address to be hidden; the town and a rough position were taken")
}
