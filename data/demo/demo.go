// Package demo is a directory to try Hereabouts with: some 250 groups, services
// and green spaces in and around Northampton, and the places to search from.
//
// The towns and villages are real. The organisations, halls, people, numbers
// and outlines are not: all of it was written for this project, and every
// listing carries [Tag] so that wherever it shows it can be known for what it
// is. Nobody should be sent to any of them.
//
// Start with [Listings]. The texts are in listings, a file to a theme, and
// lean on organisations.yaml and venues.yaml; README.md there says how one is
// written. Dates are kept as offsets from the day of loading, so the directory
// does not go stale: what was confirmed three weeks ago always was.
package demo

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"path"

	"gopkg.in/yaml.v3"

	"hereabouts"
)

// What every demonstration listing says about itself.
const (
	Source  = "demo"
	Licence = "Apache-2.0 (written for Hereabouts)"
	Tag     = "demonstration"
)

//go:embed listings organisations.yaml venues.yaml places.csv districts.csv areas.geojson timetable
var files embed.FS

// Places holds what a search can start from, in the shapes that geo's
// importers read: places.csv (name,kind,district,lat,lon), districts.csv
// (postcode,lat,lon,town,region; districts only) and areas.geojson (outlines named by code).
// Degrees are WGS84.
func Places() fs.FS { return files }

// Listings are the demonstration's listings as they would be found on that
// day, ordered by file and then as written. They carry no id of ours, only
// Source.ID, so that they are taken in like any other import. A fault in the
// data is an error that names the file and the listing.
func Listings(today hereabouts.Date) ([]hereabouts.Listing, error) {
	day, err := startOf(today)
	if err != nil {
		return nil, err
	}
	shared, err := readShared()
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "listings/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	var all []hereabouts.Listing
	for _, name := range names {
		var entries []entry
		if err := read(name, &entries); err != nil {
			return nil, err
		}
		for i := range entries {
			l, err := entries[i].listing(shared, day)
			if err != nil {
				return nil, fmt.Errorf("demo: %s: listing %q: %w", path.Base(name), entries[i].ID, err)
			}
			all = append(all, l)
		}
	}
	return all, nil
}

// shared is what several listings refer to by key.
type shared struct {
	organisations map[string]organisation
	venues        map[string]venue
	catchments    map[string]catchment
}

func readShared() (s shared, err error) {
	if err := read("organisations.yaml", &s.organisations); err != nil {
		return s, err
	}
	var where struct {
		Venues     map[string]venue
		Catchments map[string]catchment
	}
	if err := read("venues.yaml", &where); err != nil {
		return s, err
	}
	s.venues, s.catchments = where.Venues, where.Catchments
	return s, nil
}

// read decodes one YAML document; a field that nobody reads is an error.
func read(name string, into any) error {
	b, err := files.ReadFile(name)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return decode(name, b, into)
}

func decode(name string, b []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil && err != io.EOF {
		return fmt.Errorf("demo: %s: %w", path.Base(name), err)
	}
	return nil
}
