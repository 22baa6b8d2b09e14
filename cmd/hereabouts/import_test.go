package main

import "testing"

func TestBaseName(t *testing.T) {
	for source, want := range map[string]string{
		"data/gm-food-banks.csv":      "gm-food-banks",
		"a/uk-charities.csv.gz":       "uk-charities",
		"sites.geojson.gz":            "sites",
		"feeds/hsds-3.1":              "hsds-3.1",
		"feeds/hsds-3.0-dfe/":         "hsds-3.0-dfe",
		"services.zip":                "services",
		"trafford-charities.2024.csv": "trafford-charities.2024",
	} {
		if got := baseName(source); got != want {
			t.Errorf("baseName(%q) = %q, want %q", source, got, want)
		}
	}
}
