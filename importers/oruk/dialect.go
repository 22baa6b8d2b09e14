package oruk

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// A Dialect is a version of Open Referral.
type Dialect string

// The dialects that are told apart.
const (
	ORUK3   Dialect = "ORUK 3.0"
	HSDS30  Dialect = "HSDS 3.0"
	HSDS31  Dialect = "HSDS 3.1"
	ORUK1   Dialect = "ORUK 1.0"
	Outpost Dialect = "Outpost"
	Tables  Dialect = "HSDS tables"
)

// Tell names the dialect of a JSON document: a page of services, a list, one
// service, or what a feed says of itself at its base address.
func Tell(doc []byte) (Dialect, error) {
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		return "", fmt.Errorf("oruk: %w", err)
	}
	envelope := ""
	if list, is := v.([]any); is && len(list) > 0 {
		v = list[0]
	}
	o, is := v.(map[string]any)
	if !is {
		return "", errors.New("oruk: neither an object nor a list of objects")
	}
	if version, is := o["version"].(string); is && o["openapi_url"] != nil {
		return dialectOfVersion(version), nil
	}
	for _, key := range envelopeKeys {
		if list, is := o[key].([]any); is {
			envelope = key
			o = nil
			if len(list) > 0 {
				o, _ = list[0].(map[string]any)
			}
			break
		}
	}
	return dialectOf(o, envelope), nil
}

func dialectOfVersion(v string) Dialect {
	switch v = strings.ToUpper(v); {
	case strings.Contains(v, "HSDS-UK") && strings.Contains(v, "1."):
		return ORUK1
	case strings.Contains(v, "UK"):
		return ORUK3
	case strings.Contains(v, "3.0"):
		return HSDS30
	case strings.HasPrefix(v, "1"):
		return ORUK1
	}
	return HSDS31
}

// Fields that tell the dialects apart, for none of them says which it is.
var (
	outpostFields = []string{"taxonomies", "target_directories", "needs_referral", "send_needs", "local_offer", "age_band_all", "distance_away"}
	oruk1Fields   = []string{"service_taxonomys", "eligibilitys", "regular_schedules", "holiday_schedules", "attending_access", "fundings", "physical_addresses", "deliverable_type"}
	hsds31Fields  = []string{"capacities", "additional_urls", "unit"}
	hsdsFields    = []string{"application_process", "eligibility_description", "fees_description", "alternate_name", "interpretation_services", "wait_time", "program"}
)

func dialectOf(service object, envelope string) Dialect {
	has := func(names []string) bool {
		for _, n := range names {
			if _, ok := service[n]; ok {
				return true
			}
		}
		return false
	}
	switch {
	case has(outpostFields):
		return Outpost
	case envelope == "content", has(oruk1Fields):
		return ORUK1
	case has(hsds31Fields):
		return HSDS31
	case has(hsdsFields):
		return HSDS30
	}
	return ORUK3
}
