package oruk

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
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
