package places

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"hereabouts/geo"
)

// postcodeColumns are our names of the columns of postcode tables and how
// publishers spell them. ONS: pcds, lat, long, oseast1m, doterm. Code-Point
// Open: PC, EA, NO, PQ, or the same in words.
var postcodeColumns = map[string][]string{
	"postcode": {"pcds", "pcd8", "pcd7", "pcd2", "pcd", "postcode", "pc", "postcodeunit", "postcodes", "outcode", "outwardcode", "postcodedistrict"},
	"name":     {"name"},
	"kind":     {"kind"},
	"lat":      {"lat", "latitude"},
	"lon":      {"long", "lon", "lng", "longitude"},
	"east":     {"oseast1m", "east1m", "easting", "eastings", "ea", "geometryx"},
	"north":    {"osnrth1m", "north1m", "northing", "northings", "no", "geometryy"},
	"quality":  {"pq", "positionalqualityindicator"},
	"end":      {"doterm", "dateoftermination", "terminated"},
	"town":     {"town", "posttown"},
	"region":   {"region", "county", "district"},
	"country":  {"countrystring", "countryname", "country"},
}

// codePointColumns are those of Code-Point Open without its header.
var codePointColumns = map[string]int{"postcode": 0, "quality": 1, "east": 2, "north": 3}

// Postcodes reads postcodes and postcode districts from src into the postcodes
// file in dir. It knows the ONS Postcode Directory, Code-Point Open with or
// without its header, OS Open Names, and any table with a header that names a
// postcode (or district) and a latitude and longitude or easting and northing.
// Terminated postcodes are kept and marked, because people still give them.
func Postcodes(ctx context.Context, src, dir string, o Options) (Report, error) {
	p := &postcodeImport{report: newReport(o)}
	err := readTables(ctx, src, o, p.report, p, tables{
		want:    wantPostcodes,
		lacks:   "has no column for a postcode and its coordinates",
		columns: "postcode, lat and long",
		others:  "files in the source are not postcode tables and were left alone",
		none:    "no postcode table was found in the source: give the ONSPD or Code-Point Open as published",
	})
	if err != nil {
		return Report{}, err
	}
	return p.merge(dir, o)
}

// wantPostcodes leaves out what stands beside the tables in the publishers'
// archives: lists of codes, and ONS's second copy in parts.
func wantPostcodes(name string) bool {
	dir := "/" + strings.ToLower(path.Dir(name)) + "/"
	return hasExt(name, ".csv", ".tsv", ".txt") && !strings.Contains(dir, "/multi_csv/") &&
		!strings.Contains(dir, "/documents/") && !strings.Contains(dir, "/doc/")
}

type postcodeImport struct {
	report    *Report
	units     []geo.Unit
	districts []geo.District
	rough     []geo.District // of tables of names: only for districts that are not held yet
	ofNames   bool           // a table of names, in which some rows are postcodes
}

// understand finds the columns; false when the table is of something else.
func (p *postcodeImport) understand(t *table) bool {
	p.ofNames = false
	if isOpenNames(t.row) {
		t.columns(openNamesColumns)
		t.cols["postcode"] = t.cols["name"]
		p.ofNames = true
		return true
	}
	if code, ok := geo.ParsePostcode(t.row[0]); ok && code.Full() && len(t.row) >= 4 {
		if _, _, ok := numbers(t.row[2], t.row[3]); ok {
			t.columns(codePointColumns)
			return true
		}
	}
	t.header(postcodeColumns)
	if !t.has("postcode") && t.has("name", "kind") {
		t.cols["postcode"] = t.cols["name"]
		p.ofNames = true
	}
	return t.has("postcode") && (t.has("lat", "lon") || t.has("east", "north"))
}

func (p *postcodeImport) readTable(t *table) error {
	for {
		if err := t.next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		p.readRow(t)
	}
}

func (p *postcodeImport) readRow(t *table) {
	text := t.get("postcode")
	if strings.EqualFold(text, "postcode") {
		return // Code-Point Open's header has a second line
	}
	p.report.Read++
	code, ok := geo.ParsePostcode(text)
	if p.ofNames && (!ok || t.get("kind") != "" && !strings.EqualFold(t.get("kind"), "postcode")) {
		p.report.skip("rows are names of other things than postcodes; import them with `hereabouts import places`")
		return
	}
	if !ok {
		p.report.reject(t.at(), fmt.Sprintf("%q is not a UK postcode", shorten(text)))
		return
	}
	if _, isSector := code.Sector(); isSector && !code.Full() {
		p.report.reject(t.at(), fmt.Sprintf("%q is only part of a postcode; give it whole, or its first half alone", shorten(text)))
		return
	}
	point, err := t.point(strings.HasPrefix(code.Outward(), "BT"))
	switch {
	case err == errNoLocation:
		p.report.skip("postcodes have no location in the source (as ONS and Ordnance Survey mark the Channel Islands and some terminated ones)")
	case err != nil:
		p.report.reject(t.at(), err.Error())
	case code.Full():
		p.units = append(p.units, geo.NewUnit(code, point, t.get("end") != ""))
	default:
		region := t.get("region")
		if region == "IOM" {
			region = "Isle of Man"
		}
		d := geo.NewDistrict(code, point, t.get("town"), region, t.get("country"))
		if p.ofNames {
			p.rough = append(p.rough, d)
		} else {
			p.districts = append(p.districts, d)
		}
	}
}

// merge lays what was read over what is there.
func (p *postcodeImport) merge(dir string, o Options) (Report, error) {
	have, err := geo.ReadPostcodes(dir)
	if err != nil {
		return Report{}, err
	}
	r := p.report
	var out geo.Postcodes
	out.Units = overlay(have.Units, p.units, func(u geo.Unit) geo.Postcode { return u.Code }, r, func(_, new geo.Unit) geo.Unit { return new })
	out.Districts = overlay(have.Districts, p.districts, func(d geo.District) geo.Postcode { return d.Code }, r, func(old, new geo.District) geo.District {
		// A table of coordinates alone does not take a town away.
		if new.Town == "" {
			new.Town = old.Town
		}
		if new.Region == "" {
			new.Region = old.Region
		}
		if new.Country == "" {
			new.Country = old.Country
		}
		return new
	})
	out.Districts = overlay(out.Districts, p.rough, func(d geo.District) geo.Postcode { return d.Code }, r, func(old, _ geo.District) geo.District { return old })
	terminated := 0
	for _, u := range p.units {
		if u.Terminated {
			terminated++
		}
	}
	if terminated > 0 {
		r.note("%d postcodes are no longer in use; they are kept, because people and listings still give them", terminated)
	}
	if r.Added+r.Changed > 0 && !o.DryRun {
		if err := geo.WritePostcodes(dir, &out); err != nil {
			return Report{}, err
		}
	}
	return r.finish(), nil
}
