package index

import (
	"fmt"
	"math"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/geo"
	"github.com/blevesearch/bleve/v2/mapping"
	bsearch "github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"

	"hereabouts"
)

// stock is Bleve doing everything itself, as its documentation would have it:
// the same words by the same analysis in the same fields, and place, kind,
// need, cost, day and availability as fields of Bleve's. It is lean where
// that is fair: nothing is stored (both engines read the page's listings
// from the source), no term vectors, doc values only where facets and sorting
// need them.
type stock struct {
	bleve.Index
}

func stockMapping() mapping.IndexMapping {
	m := bleve.NewIndexMapping()
	m.DefaultAnalyzer, m.ScoringModel = AnalyzerName, "bm25"
	d := bleve.NewDocumentStaticMapping()
	for _, name := range fieldNames {
		f := bleve.NewTextFieldMapping()
		f.Analyzer, f.Store, f.IncludeInAll, f.IncludeTermVectors, f.DocValues = AnalyzerName, false, false, false, false
		d.AddFieldMappingsAt(name, f)
	}
	for _, name := range []string{"kind", "need", "day", "cost", "availability"} {
		f := bleve.NewKeywordFieldMapping()
		f.Store, f.IncludeInAll, f.IncludeTermVectors = false, false, false
		d.AddFieldMappingsAt(name, f)
	}
	n := bleve.NewNumericFieldMapping()
	n.Store, n.IncludeInAll, n.DocValues = false, false, false
	d.AddFieldMappingsAt("pence", n)
	g := bleve.NewGeoPointFieldMapping()
	g.Store, g.IncludeInAll = false, false
	d.AddFieldMappingsAt("at", g)
	m.DefaultMapping = d
	return m
}

func stockDocument(l *hereabouts.Listing, needs *hereabouts.Taxonomy, days []string) map[string]any {
	parts := map[string][]string{}
	texts(l, func(f field, text string) { parts[fieldNames[f]] = append(parts[fieldNames[f]], text) })
	var all []string
	for _, id := range l.Needs {
		need, _ := needs.Need(id)
		parent, _ := needs.Need(need.Parent)
		parts["labels"] = append(parts["labels"], need.Label, strings.Join(need.AlsoSaidAs, " . "), parent.Label, strings.Join(parent.AlsoSaidAs, " . "))
		for ; id != ""; id = need.Parent {
			need, _ = needs.Need(id)
			all = append(all, id)
		}
	}
	doc := map[string]any{"kind": string(l.Kind), "need": all, "day": days, "availability": string(l.AvailabilityAt(today24))}
	for name, list := range parts {
		doc[name] = strings.Join(list, " . ")
	}
	kind, pence := packCost(&l.Cost)
	doc["cost"] = costs[kind]
	if pence >= 0 {
		doc["pence"] = float64(pence)
	}
	doc["at"] = map[string]any{"lat": *l.Places[0].Lat, "lon": *l.Places[0].Lon}
	return doc
}

func buildStock(dir string, listings []hereabouts.Listing, needs *hereabouts.Taxonomy) (*stock, error) {
	ix, err := bleve.NewUsing(dir, stockMapping(), "scorch", "scorch", map[string]any{"unsafe_batch": true})
	if err != nil {
		return nil, err
	}
	b := ix.NewBatch()
	for i := range listings {
		if err := b.Index(listings[i].ID, stockDocument(&listings[i], needs, listingDays(&listings[i]))); err != nil {
			return nil, err
		}
		if b.Size() == 1000 || i == len(listings)-1 {
			if err := ix.Batch(b); err != nil {
				return nil, err
			}
			b.Reset()
		}
	}
	return &stock{ix}, nil
}

// listingDays is the weekdays with a session from today on.
func listingDays(l *hereabouts.Listing) (days []string) {
	c, _ := newColumns(nil, dayNumber(today24))
	var mask uint8
	for i := range l.Sessions {
		if sc, err := l.Sessions[i].Schedule(); err == nil {
			n := c.schedules.intern(sc.Dates(dateOf(c.base), scheduleDays))
			mask |= c.schedules.weekdays(n, c.base, c.today, c.base+scheduleDays-1)
		}
	}
	for i, name := range dayNames {
		if mask&(1<<i) != 0 {
			days = append(days, name)
		}
	}
	return days
}

// spec is one question in the terms of both engines.
type spec struct {
	q       hereabouts.Query
	prefix  string
	fuzzy   bool
	polygon []geo.Point
}

func (s *stock) request(sp *spec) *bleve.SearchRequest {
	var must []query.Query
	q := &sp.q
	if q.Text != "" {
		var should []query.Query
		for f, name := range fieldNames {
			m := bleve.NewMatchQuery(q.Text)
			m.Analyzer = AnalyzerName
			m.SetField(name)
			m.SetBoost(float64(fieldWeights[f].weight))
			if sp.fuzzy {
				m.SetFuzziness(1)
			}
			should = append(should, m)
		}
		must = append(must, bleve.NewDisjunctionQuery(should...))
	}
	if sp.prefix != "" {
		p := bleve.NewPrefixQuery(sp.prefix)
		p.SetField("name")
		must = append(must, p)
	}
	if q.WithinM > 0 {
		g := bleve.NewGeoDistanceQuery(q.Near.Lon, q.Near.Lat, fmt.Sprintf("%gm", q.WithinM))
		g.SetField("at")
		must = append(must, g)
	}
	if sp.polygon != nil {
		g := query.NewGeoBoundingPolygonQuery(sp.polygon)
		g.SetField("at")
		must = append(must, g)
	}
	term := func(name, value string) {
		t := bleve.NewTermQuery(value)
		t.SetField(name)
		must = append(must, t)
	}
	for _, k := range q.Kinds {
		term("kind", string(k))
	}
	for _, d := range q.Days {
		term("day", dayNames[d])
	}
	for _, a := range q.Availability {
		term("availability", string(a))
	}
	if q.MaxPence != nil {
		lo, hi, yes := 0.0, float64(*q.MaxPence), true
		n := bleve.NewNumericRangeInclusiveQuery(&lo, &hi, &yes, &yes)
		n.SetField("pence")
		must = append(must, n)
	}
	var all query.Query = bleve.NewMatchAllQuery()
	if len(must) > 0 {
		all = must[0]
	}
	if len(must) > 1 {
		all = bleve.NewConjunctionQuery(must...)
	}
	req := bleve.NewSearchRequestOptions(all, hereabouts.DefaultLimit, 0, false)
	if q.Sort == hereabouts.ByDistance {
		by, err := bsearch.NewSortGeoDistance("at", "m", q.Near.Lon, q.Near.Lat, false)
		if err != nil {
			panic(err)
		}
		req.SortByCustom(bsearch.SortOrder{by})
	}
	for _, f := range q.Facets {
		req.AddFacet(f, bleve.NewFacetRequest(f, 50))
	}
	return req
}

// metresPerDegree is for drawing polygons of a size.
const metresPerDegree = math.Pi / 180 * 6_371_008.8

func openStock(dir string) (*stock, error) {
	ix, err := bleve.Open(dir)
	if err != nil {
		return nil, err
	}
	return &stock{ix}, nil
}

// complete puts back what a Close after unsafe batches has lost.
func (s *stock) complete(listings []hereabouts.Listing, needs *hereabouts.Taxonomy) error {
	for from := 0; from < len(listings); from += 1000 {
		b := s.NewBatch()
		for i := from; i < min(from+1000, len(listings)); i++ {
			if doc, err := s.Document(listings[i].ID); err != nil {
				return err
			} else if doc != nil {
				continue
			}
			if err := b.Index(listings[i].ID, stockDocument(&listings[i], needs, listingDays(&listings[i]))); err != nil {
				return err
			}
		}
		if b.Size() > 0 {
			if err := s.Batch(b); err != nil {
				return err
			}
		}
	}
	return nil
}
