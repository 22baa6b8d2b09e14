package places

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var validCode = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,63}$`)

// onsCode is how ONS names the property with a code: the geography, two digits
// of the year, CD.
var onsCode = regexp.MustCompile(`^([a-z]+)([0-9]{2})cd$`)

// geographies are ONS's, the smaller first: of several in one feature the
// smallest is what it bounds, and the others are what it lies in.
var geographies = []struct{ prefix, kind string }{
	{"oa", "output_area"}, {"lsoa", "lsoa"}, {"msoa", "msoa"}, {"dz", "data_zone"}, {"iz", "intermediate_zone"}, {"sdz", "super_data_zone"},
	{"par", "parish"}, {"parncp", "parish"}, {"wd", "ward"}, {"ced", "electoral_division"}, {"bua", "built_up_area"},
	{"lad", "local_authority"}, {"ltla", "local_authority"}, {"lgd", "local_authority"}, {"ca", "local_authority"},
	{"ctyua", "county"}, {"utla", "county"}, {"cty", "county"}, {"cauth", "combined_authority"},
	{"pcon", "constituency"}, {"sicbl", "sub_icb"}, {"ccg", "ccg"}, {"lhb", "health_board"}, {"hb", "health_board"}, {"icb", "icb"},
	{"nhser", "nhs_region"}, {"pfa", "police_force"}, {"rgn", "region"}, {"eer", "region"}, {"ctry", "country"},
}

var (
	codeProperties = []string{"code", "areacode", "gsscode", "onscode", "geocode", "geographycode", "reference", "ref", "id", "uid"}
	nameProperties = []string{"name", "areaname", "geographyname", "title", "label"}
)

// identify finds a feature's code, name and kind.
func (a *areaImport) identify(f feature) (code, name, kind string) {
	props := make(map[string]string, len(f.Properties))
	for k, v := range f.Properties {
		if s := text(v); s != "" {
			props[plain(k)] = s
		}
	}
	get := func(names []string) string {
		for _, n := range names {
			if s := props[n]; s != "" {
				return s
			}
		}
		return ""
	}
	kind = cmp.Or(a.options.Kind, "area")
	if p := plain(a.options.CodeProperty); p != "" {
		code = props[p]
	} else if key, geography := smallest(props); key != "" {
		code = props[key]
		name = props[strings.TrimSuffix(key, "cd")+"nm"]
		if a.options.Kind == "" && geography != "" {
			kind = geography
		}
	} else {
		code = get(codeProperties)
	}
	if code == "" && a.options.CodeProperty == "" && len(f.ID) > 0 {
		var id any
		d := json.NewDecoder(strings.NewReader(string(f.ID)))
		d.UseNumber()
		if d.Decode(&id) == nil {
			code = text(id)
		}
	}
	if p := plain(a.options.NameProperty); p != "" {
		name = props[p]
	} else if name == "" {
		name = get(nameProperties)
	}
	if name == "" && a.options.NameProperty == "" {
		for _, key := range slices.Sorted(maps.Keys(props)) {
			if strings.HasSuffix(key, "nm") || strings.HasSuffix(key, "name") {
				return code, props[key], kind
			}
		}
	}
	return code, name, kind
}

// smallest finds the property with the code of the smallest geography.
func smallest(props map[string]string) (key, kind string) {
	best := math.MaxInt
	for _, k := range slices.Sorted(maps.Keys(props)) {
		m := onsCode.FindStringSubmatch(k)
		if m == nil {
			continue
		}
		at := slices.IndexFunc(geographies, func(g struct{ prefix, kind string }) bool { return g.prefix == m[1] })
		if at < 0 {
			at = len(geographies) // a geography that we do not know, unless we know another
		}
		if at < best {
			best, key, kind = at, k, ""
			if at < len(geographies) {
				kind = geographies[at].kind
			}
		}
	}
	return key, kind
}

// text is a property's value as text; empty for what is not a plain value.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}
