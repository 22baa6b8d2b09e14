package oruk

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
	"github.com/paulmach/orb/geojson"

	"hereabouts"
	"hereabouts/importers/prose"
)

// noUpperAge is the age from which "maximum age" is how a form says that
// there is none.
const noUpperAge = 99

// eligibility reads who may come.
func (m *mapper) eligibility(s object) {
	e := &m.l.Eligibility
	e.Text = m.text(s, "eligibility_description")
	e.MinAge, e.MaxAge = m.age(s, "minimum_age", "min_age"), m.age(s, "maximum_age", "max_age")
	stated := e.MinAge != nil || e.MaxAge != nil
	for i, x := range m.objects(s, "eligibilitys", "eligibilities", "eligibility") {
		if t := m.text(x, "eligibility", "name", "eligibility_description"); t != "" {
			e.Text = paragraph(e.Text, t)
		}
		low, high := m.age(x, "minimum_age", "min_age"), m.age(x, "maximum_age", "max_age")
		if stated || low == nil && high == nil {
			continue
		}
		// Each eligibility is another group of people who may come.
		if i == 0 {
			e.MinAge, e.MaxAge = low, high
		} else {
			e.MinAge, e.MaxAge = lower(e.MinAge, low), upper(e.MaxAge, high)
		}
	}
	if e.MinAge != nil && *e.MinAge == 0 {
		e.MinAge = nil
	}
	if e.MaxAge != nil && *e.MaxAge >= noUpperAge {
		e.MaxAge = nil
	}
	if e.MinAge == nil && e.MaxAge == nil && e.Text != "" {
		if ages, ok := prose.ReadAges(e.Text); ok {
			e.MinAge, e.MaxAge = ages.Min, ages.Max
			m.note("eligibility", "read_from_text", "ages were read from %q", short(e.Text))
		}
	}
}

// lower is the lower of two limits, where no limit is the lowest.
func lower(a, b *int) *int {
	if a == nil || b == nil {
		return nil
	}
	return new(min(*a, *b))
}

// upper is the higher of two limits, where no limit is the highest.
func upper(a, b *int) *int {
	if a == nil || b == nil {
		return nil
	}
	return new(max(*a, *b))
}

// age is a number of years.
func (m *mapper) age(o object, keys ...string) *int {
	n, ok := m.number(o, keys...)
	if !ok {
		return nil
	}
	if n < 0 || n > 200 {
		m.note(keys[0], "ignored", "%v is not an age", n)
		return nil
	}
	return new(int(math.Floor(n)))
}

var areaCode = regexp.MustCompile(`\b[EWSNKJLM]\d{8}\b`)

// areas reads where people must live: the codes of areas when they are given,
// an outline when there is one, and always the words.
func (m *mapper) areas(s object) {
	c := &m.l.Eligibility.Catchment
	var labels []string
	all := m.objects(s, "service_areas", "service_area")
	for _, sal := range m.objects(s, "service_at_locations") {
		all = append(all, m.objects(sal, "service_areas")...)
	}
	var outline orb.MultiPolygon
	for _, a := range all {
		label := m.line(a, "name", "service_area", "description")
		if label != "" && !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
		kind := strings.ToLower(m.line(a, "extent_type"))
		codes := areaCode.FindAllString(strings.Join([]string{m.line(a, "uri"), m.textOf(a, "extent"), m.line(a, "description"), label}, " "), -1)
		for _, code := range codes {
			if !slices.Contains(c.Areas, code) {
				c.Areas = append(c.Areas, code)
			}
		}
		if shape, given, ok := readExtent(a["extent"]); ok {
			outline = append(outline, shape...)
		} else if given && len(codes) == 0 {
			m.note("service_areas.extent", "ignored", "the extent (%s) could not be read as GeoJSON or WKT; the area is kept in words", short(kind))
		}
	}
	c.Label = shortLabel(labels)
	switch len(outline) {
	case 0:
	case 1:
		c.Geometry = geojson.NewGeometry(outline[0])
	default:
		c.Geometry = geojson.NewGeometry(outline)
	}
}

// textOf is a text without a note when it is something else.
func (m *mapper) textOf(o object, key string) string {
	s, _ := o[key].(string)
	return s
}

// shortLabel is as many labels as fit, one after another.
func shortLabel(labels []string) string {
	label := ""
	for _, l := range labels {
		next := l
		if label != "" {
			next = label + "; " + l
		}
		if len([]rune(next)) > 190 {
			if label == "" {
				return string([]rune(l)[:190]) + "…"
			}
			return label + " …"
		}
		label = next
	}
	return label
}

// readExtent reads an outline written as GeoJSON (an object or a text of it)
// or WKT. given says that something was there that should be one.
func readExtent(v any) (shape orb.MultiPolygon, given, ok bool) {
	var g orb.Geometry
	switch v := v.(type) {
	case map[string]any:
		given = true
		if b, err := json.Marshal(v); err == nil {
			g = readGeoJSON(b)
		}
	case string:
		s := strings.TrimSpace(v)
		if s == "" {
			return nil, false, false
		}
		given = true
		if strings.HasPrefix(s, "{") {
			g = readGeoJSON([]byte(s))
		} else if i := strings.IndexByte(s, ';'); i > 0 && strings.HasPrefix(strings.ToUpper(s), "SRID=") {
			g = readWKT(s[i+1:])
		} else {
			g = readWKT(s)
		}
	default:
		return nil, v != nil, false
	}
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}, true, true
	case orb.MultiPolygon:
		return g, true, len(g) > 0
	case orb.Collection:
		for _, x := range g {
			switch x := x.(type) {
			case orb.Polygon:
				shape = append(shape, x)
			case orb.MultiPolygon:
				shape = append(shape, x...)
			}
		}
		return shape, true, len(shape) > 0
	}
	return nil, given, false
}

func readWKT(s string) orb.Geometry {
	// The parser is for what claims to be WKT, not for every text.
	up := strings.ToUpper(strings.TrimSpace(s))
	if !strings.HasPrefix(up, "POLYGON") && !strings.HasPrefix(up, "MULTIPOLYGON") {
		return nil
	}
	g, err := wkt.Unmarshal(up)
	if err != nil {
		return nil
	}
	return g
}

func readGeoJSON(b []byte) orb.Geometry {
	if hereabouts.CheckOutlines(b) != nil {
		return nil
	}
	var head struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(b, &head) != nil {
		return nil
	}
	switch head.Type {
	case "Feature":
		f, err := geojson.UnmarshalFeature(b)
		if err != nil {
			return nil
		}
		return f.Geometry
	case "FeatureCollection":
		fc, err := geojson.UnmarshalFeatureCollection(b)
		if err != nil {
			return nil
		}
		var all orb.Collection
		for _, f := range fc.Features {
			if f != nil && f.Geometry != nil {
				all = append(all, f.Geometry)
			}
		}
		return all
	}
	g, err := geojson.UnmarshalGeometry(b)
	if err != nil || g == nil {
		return nil
	}
	return g.Geometry()
}

// circumstances are the words the directory uses for who something is for,
// by the words that feeds use.
var circumstances = map[string]string{
	"carer": "carer", "carers": "carer", "unpaid carers": "carer", "caregivers": "carer", "young carers": "young_carer", "young carer": "young_carer",
	"veteran": "veteran", "veterans": "veteran", "armed forces": "veteran", "ex service personnel": "veteran", "ex-service personnel": "veteran",
	"refugees": "refugee", "refugee": "refugee", "asylum seekers": "asylum_seeker", "refugees and asylum seekers": "refugee",
	"homeless": "homeless", "homeless people": "homeless", "lone parents": "lone_parent", "single parents": "lone_parent",
	"lgbt": "lgbtq", "lgbtq": "lgbtq", "lgbtq+": "lgbtq", "lgbt+": "lgbtq", "autism": "autistic", "autistic people": "autistic",
	"learning disability": "learning_disability", "learning disabilities": "learning_disability", "learning difficulties": "learning_disability",
	"hearing": "hearing_loss", "hearing impairment": "hearing_loss", "visual": "sight_loss", "visual impairment": "sight_loss",
	"physical disability": "physical_disability", "disabled people": "disabled", "disability": "disabled", "dementia": "dementia",
	"bereaved": "bereaved", "bereavement": "bereaved", "unemployed": "unemployed", "ex-offenders": "ex_offender", "offenders and ex-offenders": "ex_offender",
	"students": "student", "gypsies and travellers": "traveller", "travellers": "traveller",
}

// forWhom adds a circumstance or a gender that a term names.
func (m *mapper) forWhom(term string) {
	e := &m.l.Eligibility
	t := strings.ToLower(term)
	switch t {
	case "women", "women only", "women/girls", "females", "female only":
		e.Genders = appendNew(e.Genders, "women")
		return
	case "men", "men only", "men/boys", "males", "male only":
		e.Genders = appendNew(e.Genders, "men")
		return
	}
	if c, ok := circumstances[t]; ok {
		e.Circumstances = appendNew(e.Circumstances, c)
	}
}

func appendNew[T comparable](list []T, x T) []T {
	if slices.Contains(list, x) {
		return list
	}
	return append(list, x)
}
