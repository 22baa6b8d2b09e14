package oruk

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"hereabouts"
	"hereabouts/importers"
)

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
