package oruk

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strings"

	"hereabouts"
	"hereabouts/importers"
)

// A table is a CSV file of HSDS, its columns under the names of the standard.
type table struct {
	file string
	rows []object
}

// lineKey is where a row keeps the line it was read from.
const lineKey = "\x00line"

func line(row object) int { n, _ := row[lineKey].(int); return n }

// tableNames are the names that a table goes by.
var tableNames = map[string][]string{
	"services":      {"services", "service"},
	"organizations": {"organizations", "organization", "organisations"},
	"locations":     {"locations", "location"},
	"addresses":     {"physical_addresses", "addresses", "address", "physical_address"},
	"at":            {"services_at_location", "service_at_locations", "service_at_location", "services_at_locations"},
	"schedules":     {"schedules", "schedule", "regular_schedules", "regular_schedule"},
	"holidays":      {"holiday_schedules", "holiday_schedule"},
	"phones":        {"phones", "phone"},
	"contacts":      {"contacts", "contact"},
	"languages":     {"languages", "language"},
	"areas":         {"service_areas", "service_area"},
	"costs":         {"cost_options", "cost_option"},
	"eligibility":   {"eligibilitys", "eligibility"},
	"documents":     {"required_documents", "required_document"},
	"access":        {"accessibility_for_disabilities", "accessibility"},
	"terms":         {"taxonomy_terms", "taxonomy_term", "taxonomys", "taxonomies"},
	"attributes":    {"service_attributes", "attributes", "attribute", "service_taxonomys", "service_taxonomy"},
	"capacities":    {"service_capacity", "service_capacities"},
	"identifiers":   {"organization_identifiers", "organization_identifier"},
}

func tableOf(files map[string]importers.File, name string) *importers.File {
	for _, n := range tableNames[name] {
		if f, ok := files[n]; ok {
			return &f
		}
	}
	return nil
}

// readTable reads a table; one that is not there is empty.
func readTable(files map[string]importers.File, name string) (t table, err error) {
	f := tableOf(files, name)
	if f == nil {
		return table{}, nil
	}
	rc, err := f.Open()
	if err != nil {
		return table{}, err
	}
	defer func() { _ = rc.Close() }() // it was only read
	t.file = path.Base(f.Name)
	r := csv.NewReader(importers.UTF8(rc))
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	var head []string
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return t, fmt.Errorf("%s: %w", f.Name, err)
		}
		if head == nil {
			for _, h := range row {
				head = append(head, column(name, h))
			}
			continue
		}
		at, _ := r.FieldPos(0)
		o := object{lineKey: at}
		filled := false
		for i, v := range row {
			if i < len(head) && head[i] != "" && strings.TrimSpace(v) != "" {
				if o[head[i]] == nil {
					o[head[i]] = strings.TrimSpace(v)
				}
				filled = filled || head[i] != "id"
			}
		}
		// Rows with nothing but a number are how some exports end.
		if filled {
			t.rows = append(t.rows, o)
		}
	}
}

// column is the standard's name for a column. ORServices writes the table's
// name before each, and recordid for id.
func column(tableName, h string) string {
	h = strings.ToLower(strings.TrimSpace(h))
	prefix := map[string]string{"services": "service_", "terms": "taxonomy_", "organizations": "organization_", "locations": "location_"}[tableName]
	if prefix != "" {
		if bare, cut := strings.CutPrefix(h, prefix); cut {
			switch bare {
			case "recordid":
				return "id"
			case "organization":
				return "organization_id"
			case "id":
				if tableName == "terms" {
					return "code"
				}
			case "locations", "phones", "schedule", "contacts", "address", "taxonomy", "details", "program", "services", "code", "metadata":
				return "ids_" + bare // lists of ids, which the other tables say better
			}
			return bare
		}
	}
	if tableName == "terms" && h == "term" {
		return "name"
	}
	return h
}

// A directory is all tables, by what they are about.
type directory map[string]table

// tables reads a directory from its tables and puts each service together.
func (r *reading) tables(files map[string]importers.File) error {
	d := directory{}
	for name := range tableNames {
		t, err := readTable(files, name)
		if err != nil {
			return fmt.Errorf("oruk: %w", err)
		}
		d[name] = t
	}
	if r.told = true; r.src.Told != nil {
		r.src.Told(Tables)
	}
	broken := d.broken()
	elsewhere := d.elsewhere()
	lost := d.lost()
	services := d.join()
	for i, s := range services {
		at := fmt.Sprintf("%s:%d", d["services"].file, line(s))
		if broken != nil {
			if !r.give(importers.Record{At: at, Listing: named(s), Err: broken}) {
				return r.ctx.Err()
			}
			continue
		}
		if elsewhere != "" {
			l, _, err := listing(s, r.today)
			if err == nil {
				err = hereabouts.Problems{{Pointer: "/places", Code: hereabouts.CodeOutOfRange, Detail: "it does not say where it is, and " + elsewhere}}
			}
			if !r.give(importers.Record{At: at, Listing: l, Err: err}) {
				return r.ctx.Err()
			}
			continue
		}
		var notes []importers.Note
		if i == 0 {
			notes = lost // they belong to no service, and are said once
		}
		if ids, is := s["missing_locations"].([]any); is {
			for _, id := range ids {
				notes = append(notes, importers.Note{Field: "locations", Code: "dangling", Detail: fmt.Sprintf("the location %v is not in %s; left out", id, d["locations"].file)})
			}
		}
		if !r.service(at, s, notes...) {
			return r.ctx.Err()
		}
	}
	return r.ctx.Err()
}

// named is enough of a listing to say which is rejected.
func named(s object) *hereabouts.Listing {
	m := &mapper{l: &hereabouts.Listing{}}
	m.l.Source.ID, m.l.Name = m.id(s, "id"), m.line(s, "name")
	return m.l
}

// ids splits a key that names several rows. Zero is how some say none.
func ids(row object, key string) []string {
	s, _ := row[key].(string)
	var out []string
	for id := range strings.SplitSeq(s, ",") {
		if id = strings.TrimSpace(id); id != "" && id != "0" {
			out = append(out, id)
		}
	}
	return out
}

func (t table) index() map[string]object {
	m := make(map[string]object, len(t.rows))
	for _, row := range t.rows {
		if id := idOf(row); id != "" {
			m[id] = row
		}
	}
	return m
}

// enoughKeys is how many keys must all lead nowhere before that is more than
// a few mistakes.
const enoughKeys = 10

// broken says why no row can be trusted to belong to any other: every key of
// a join that services depend on leads nowhere.
func (d directory) broken() error {
	var p hereabouts.Problems
	for _, join := range []struct{ from, key, to, pointer string }{
		{"services", "organization_id", "organizations", "/organisation/id"},
		{"at", "service_id", "services", "/places"},
		{"attributes", "service_id", "services", "/tags"},
	} {
		known := d[join.to].index()
		keys, example := 0, ""
		found := false
		for _, row := range d[join.from].rows {
			for _, id := range ids(row, join.key) {
				keys++
				example = id
				found = found || known[id] != nil
			}
		}
		if keys >= enoughKeys && !found {
			p.Addf(join.pointer, "broken_keys", "none of the %d values of %s in %s (such as %s) is an id in %s, whose ids have been renumbered; what belongs to which service cannot be known, so ask for an export that keeps its ids",
				keys, join.key, d[join.from].file, short(example), d[join.to].file)
		}
	}
	return p.Err()
}

// elsewhere says that the directory is of another country, when all of its
// places are: then a service without a place is there too.
func (d directory) elsewhere() string {
	here, away := 0, 0
	m := &mapper{}
	for _, row := range d["locations"].rows {
		lat, lon, ok := m.position(row)
		switch {
		case !ok || lat == 0 || lon == 0 || math.Abs(lat) > 90 || math.Abs(lon) > 180:
		case hereInUK(lat, lon), hereInUK(lon, lat):
			here++
		default:
			away++
		}
	}
	for _, row := range d["addresses"].rows {
		if _, british := hereabouts.FormatPostcode(m.line(row, "postal_code")); british {
			here++
		}
	}
	if here > 0 || away < enoughKeys {
		return ""
	}
	return fmt.Sprintf("all %d places of the directory that have coordinates are outside the United Kingdom", away)
}

// lost are rows of other tables that belong to no service.
func (d directory) lost() []importers.Note {
	services := d["services"].index()
	var notes []importers.Note
	for _, name := range []string{"at", "attributes", "areas", "costs", "eligibility", "documents"} {
		count, first := 0, 0
		for _, row := range d[name].rows {
			for _, id := range ids(row, "service_id") {
				if services[id] == nil {
					if count++; count == 1 {
						first = line(row)
					}
				}
			}
		}
		if count > 0 {
			notes = append(notes, importers.Note{Field: d[name].file, Code: "dangling",
				Detail: fmt.Sprintf("%d of its keys name a service that is not there, first on line %d", count, first)})
		}
	}
	return notes
}

// join puts every service together in the shape that JSON has.
func (d directory) join() []object {
	services := d["services"].index()
	organisations := d["organizations"].index()
	locations := d["locations"].index()
	add := func(to object, key string, row object) {
		if to == nil {
			return
		}
		list, _ := to[key].([]any)
		to[key] = append(list, map[string]any(row))
	}
	for _, row := range d["addresses"].rows {
		for _, id := range ids(row, "location_id") {
			add(locations[id], "addresses", row)
		}
	}
	for _, row := range d["access"].rows {
		for _, id := range ids(row, "location_id") {
			add(locations[id], "accessibility", row)
		}
	}
	for _, row := range d["identifiers"].rows {
		for _, id := range ids(row, "organization_id") {
			add(organisations[id], "organization_identifiers", row)
		}
	}
	// Phones of contacts come before contacts go to where they belong.
	contacts := d["contacts"].index()
	for _, name := range []string{"phones", "contacts"} {
		for _, row := range d[name].rows {
			switch {
			case name == "phones" && len(ids(row, "contact_id")) > 0 && contacts[ids(row, "contact_id")[0]] != nil:
				add(contacts[ids(row, "contact_id")[0]], name, row)
			case len(ids(row, "service_id")) > 0:
				for _, id := range ids(row, "service_id") {
					add(services[id], name, row)
				}
			case len(ids(row, "location_id")) > 0:
				for _, id := range ids(row, "location_id") {
					add(locations[id], name, row)
				}
			default:
				for _, id := range ids(row, "organization_id") {
					add(organisations[id], name, row)
				}
			}
		}
	}
	for _, of := range []struct{ table, key string }{
		{"holidays", "holiday_schedules"}, {"languages", "languages"}, {"areas", "service_areas"}, {"costs", "cost_options"},
		{"eligibility", "eligibilitys"}, {"documents", "required_documents"}, {"capacities", "capacities"},
	} {
		for _, row := range d[of.table].rows {
			for _, id := range ids(row, "service_id") {
				add(services[id], of.key, row)
			}
		}
	}
	d.joinTerms(services, add)
	d.joinPlaces(services, locations, add)
	out := make([]object, 0, len(d["services"].rows))
	for _, s := range d["services"].rows {
		for _, id := range ids(s, "organization_id") {
			if org := organisations[id]; org != nil {
				s["organization"] = map[string]any(organisationOf(org))
				break
			}
		}
		out = append(out, s)
	}
	return out
}

// joinTerms gives services the terms of their attributes.
func (d directory) joinTerms(services map[string]object, add func(object, string, object)) {
	terms := d["terms"].index()
	for _, row := range d["attributes"].rows {
		owner := ids(row, "service_id")
		if len(owner) == 0 && strings.EqualFold(fmt.Sprint(row["link_entity"]), "service") {
			owner = ids(row, "link_id")
		}
		for _, key := range []string{"taxonomy_term_id", "taxonomy_id"} {
			for _, t := range ids(row, key) {
				if term := terms[t]; term != nil {
					for _, id := range owner {
						add(services[id], "attributes", object{"taxonomy_term": map[string]any{"name": term["name"]}})
					}
				}
			}
		}
	}
}

// joinPlaces gives services their locations, and schedules to both.
func (d directory) joinPlaces(services, locations map[string]object, add func(object, string, object)) {
	at := map[string]object{}
	for _, row := range d["at"].rows {
		for _, id := range ids(row, "service_id") {
			s := services[id]
			if s == nil {
				continue
			}
			for _, where := range ids(row, "location_id") {
				loc := locations[where]
				if loc == nil {
					list, _ := s["missing_locations"].([]any)
					s["missing_locations"] = append(list, where)
					continue
				}
				sal := object{"id": row["id"], "location": map[string]any(loc)}
				add(s, "service_at_locations", sal)
				at[id+" "+where] = sal
				if own := idOf(row); own != "" {
					at[own] = sal
				}
			}
		}
	}
	// Some services have an address and no location.
	addresses := d["addresses"].index()
	for _, s := range services {
		if s["service_at_locations"] != nil {
			continue
		}
		for _, id := range ids(s, "ids_address") {
			if a := addresses[id]; a != nil {
				add(s, "service_at_locations", object{"location": map[string]any{"id": json.Number(id), "addresses": []any{map[string]any(a)}}})
			}
		}
	}
	for _, row := range d["schedules"].rows {
		owners, where := ids(row, "service_id"), ids(row, "location_id")
		for _, id := range ids(row, "service_at_location_id") {
			if sal := at[id]; sal != nil {
				add(sal, "schedules", row)
				owners, where = nil, nil
			}
		}
		for _, id := range owners {
			sal := object(nil)
			if i := slices.IndexFunc(where, func(w string) bool { return at[id+" "+w] != nil }); i >= 0 {
				sal = at[id+" "+where[i]]
			}
			if sal != nil {
				add(sal, "schedules", row)
			} else {
				add(services[id], "schedules", row)
			}
		}
		if len(owners) == 0 {
			for _, w := range where {
				add(locations[w], "schedules", row)
			}
		}
	}
}
