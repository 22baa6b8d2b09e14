package places

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"hereabouts/geo"
)

// nameColumns are our names of the columns of place tables and how publishers
// spell them.
var nameColumns = map[string][]string{
	"name":     {"name", "name1", "placename", "place", "town"},
	"also":     {"name2", "also", "othernames", "altname", "altnames", "welshname"},
	"type":     {"type"},
	"kind":     {"localtype", "kind", "placetype", "type"},
	"district": {"districtborough", "district", "localauthority", "council", "authority"},
	"county":   {"countyunitary", "county", "region"},
	"lat":      {"lat", "latitude"},
	"lon":      {"long", "lon", "lng", "longitude"},
	"east":     {"geometryx", "easting", "eastings", "oseast1m"},
	"north":    {"geometryy", "northing", "northings", "osnrth1m"},
}

// openNamesColumns are those of OS Open Names, whose files have no header.
var openNamesColumns = map[string]int{
	"name": 2, "also": 4, "type": 6, "kind": 7, "east": 8, "north": 9, "district": 21, "county": 24,
}

// isOpenNames tells a row of OS Open Names: 34 columns, the second a URI.
func isOpenNames(row []string) bool {
	return len(row) == 34 && strings.HasPrefix(row[1], "http")
}

// kinds of place as tables write them, letters and digits only. Ordnance
// Survey's words come first, then the single letters of tables made from them.
var kindsOfPlace = map[string]string{
	"city": geo.KindCity, "town": geo.KindTown, "village": geo.KindVillage, "hamlet": geo.KindHamlet,
	"suburbanarea": geo.KindSuburb, "othersettlement": geo.KindPlace,
	"c": geo.KindCity, "t": geo.KindTown, "v": geo.KindVillage, "h": geo.KindHamlet, "a": geo.KindSuburb, "o": geo.KindPlace,
	"suburb": geo.KindSuburb, "neighbourhood": geo.KindSuburb, "locality": geo.KindPlace, "place": geo.KindPlace, "other": geo.KindPlace,
}

// Places reads named places from src into the names file in dir: OS Open Names
// as published, or any table with a header that names places, what kind each
// is and where. Rows of other things than settlements are skipped. A place
// that comes again, by the same name within a kilometre, replaces the one that
// was there.
func Places(ctx context.Context, src, dir string, o Options) (Report, error) {
	p := &nameImport{report: newReport(o)}
	err := readTables(ctx, src, o, p.report, p, tables{
		want:    wantNames,
		lacks:   "has no columns for a name and its coordinates",
		columns: "name, kind, district, lat and lon",
		others:  "files in the source are not tables of places and were left alone",
		none:    "no table of places was found in the source: give OS Open Names as published",
	})
	if err != nil {
		return Report{}, err
	}
	return p.merge(dir, o)
}

func wantNames(name string) bool {
	return wantPostcodes(name) && !strings.Contains(strings.ToLower(name), "header")
}

type nameImport struct {
	report *Report
	names  []geo.Name
}

func (p *nameImport) understand(t *table) bool {
	if isOpenNames(t.row) {
		t.columns(openNamesColumns)
		return true
	}
	t.header(nameColumns)
	return t.has("name") && (t.has("lat", "lon") || t.has("east", "north"))
}

func (p *nameImport) readTable(t *table) error {
	for {
		if err := t.next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		p.readRow(t)
	}
}

func (p *nameImport) readRow(t *table) {
	p.report.Read++
	name, kind := t.get("name"), t.get("kind")
	if code, ok := geo.ParsePostcode(name); ok && (kind == "" || strings.EqualFold(kind, "postcode")) {
		if code.Full() {
			p.report.skip("rows are postcodes; read them with `hereabouts import postcodes` on the same source")
		} else {
			p.report.skip("rows are postcode districts; read them with `hereabouts import postcodes` on the same source")
		}
		return
	}
	known, isKind := kindsOfPlace[plain(kind)]
	switch {
	case kind == "":
		known = geo.KindPlace
	case !isKind && t.get("type") != "" && t.get("type") != kind:
		// OS Open Names also lists roads, stations, woods and rivers.
		p.report.skip("rows are of other things than settlements")
		return
	case !isKind:
		p.report.reject(t.at(), fmt.Sprintf("%q is not a kind of place; use city, town, village, hamlet, suburb or place", shorten(kind)))
		return
	}
	if name == "" {
		p.report.reject(t.at(), "has no name")
		return
	}
	if utf8.RuneCountInString(name) > 80 {
		p.report.reject(t.at(), fmt.Sprintf("the name %q is longer than any place's; check the columns", shorten(name)))
		return
	}
	point, err := t.point(false)
	if err == errNoLocation {
		err = errBlank
	}
	if err != nil {
		p.report.reject(t.at(), err.Error())
		return
	}
	district, county := t.get("district"), t.get("county")
	if district == "" {
		district, county = county, ""
	}
	if district == "" && len(kind) == 1 {
		// Tables with letters for kinds leave the district out where it has the
		// place's own name.
		district = name
		p.report.repairs.add("places without a district were taken to be in the district of their own name")
	}
	p.names = append(p.names, geo.NewName(name, known, district, county, point, splitNames(t.get("also"), name)...))
}

// splitNames parts several other names of a place.
func splitNames(s, name string) []string {
	var also []string
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == '|' }) {
		if part = strings.TrimSpace(part); part != "" && part != name {
			also = append(also, part)
		}
	}
	return also
}

// samePlaceM is how near to its namesake a place that comes again may be, in
// metres: tables round coordinates and disagree about a centre.
const samePlaceM = 1000

// merge lays what was read over what is there.
func (p *nameImport) merge(dir string, o Options) (Report, error) {
	all, err := geo.ReadNames(dir)
	if err != nil {
		return Report{}, err
	}
	r := p.report
	byName := map[string][]int{}
	for i, n := range all {
		byName[strings.ToLower(n.Name)] = append(byName[strings.ToLower(n.Name)], i)
	}
	held := len(all)
	taken := make([]bool, held)
	for _, n := range p.names {
		key := strings.ToLower(n.Name)
		if slices.ContainsFunc(byName[key], func(i int) bool { return (i >= held || taken[i]) && same(all[i], n) }) {
			r.Unchanged++
			r.repairs.add("rows repeat a place of the same source")
			continue
		}
		best, bestM := -1, float64(samePlaceM)
		for _, i := range byName[key] {
			if i >= held || taken[i] {
				continue
			}
			if same(all[i], n) {
				best = i
				break
			}
			if m := geo.DistanceM(all[i].Point(), n.Point()); m <= bestM {
				best, bestM = i, m
			}
		}
		switch {
		case best < 0:
			r.Added++
			byName[key] = append(byName[key], len(all))
			all = append(all, n)
		case same(all[best], n):
			r.Unchanged++
			taken[best] = true
		default:
			r.Changed++
			all[best], taken[best] = n, true
		}
	}
	if r.Added+r.Changed > 0 && !o.DryRun {
		if err := geo.WriteNames(dir, all); err != nil {
			return Report{}, err
		}
	}
	return r.finish(), nil
}

func same(a, b geo.Name) bool {
	return a.Name == b.Name && a.Kind == b.Kind && a.District == b.District && a.County == b.County &&
		a.Point() == b.Point() && slices.Equal(a.Also, b.Also)
}

// isSingleTable reports whether src is one file and not a folder or a zip: a
// file that was named and cannot be understood is an error, one of many is
// only left alone.
func isSingleTable(src string) (bool, error) {
	info, err := os.Stat(src)
	if err != nil {
		return false, fmt.Errorf("places: opening the source: %w", err)
	}
	if info.IsDir() {
		return false, nil
	}
	isZip, err := startsLike(src, "PK\x03\x04")
	return !isZip, err
}
