package sheet_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
	"hereabouts/data"
	"hereabouts/importers"
	"hereabouts/importers/sheet"
)

// realFile is a file among the shared data, or skips the test where there is none.
func realFile(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared", "data"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skip("the real directories are not here")
	}
	return path
}

// run imports a file with the mapping of its name.
func run(t testing.TB, s *shelf, path, mapping string) importers.Report {
	t.Helper()
	m, err := sheet.LoadMapping(mapping)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := importers.Run(context.Background(), sheet.Read(context.Background(), path, m), s, importers.Options{
		Source: m.Source.Name, Licence: m.Source.Licence, URL: m.Source.URL, Needs: data.Taxonomy(), Now: noon,
	})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// Every real sheet, to the record: what is read, added, and turned away.
func TestRealSheets(t *testing.T) {
	for _, c := range []struct {
		folder, file, want string
	}{
		{"directories", "uk-charities-labelled.csv.gz", "read 2444, added 2392, changed 0, unchanged 0, repeated 52"},
		{"directories", "uk-charities-largest.csv.gz", "read 2464, added 2385, changed 0, unchanged 0, rejected 79"},
		{"directories", "trafford-charities.csv", "read 736, added 736, changed 0, unchanged 0"},
		{"directories", "gm-food-banks.csv", "read 171, added 171, changed 0, unchanged 0"},
		{"directories", "sheffield-food-support.csv", "read 36, added 36, changed 0, unchanged 0"},
		{"directories", "trafford-sports-facilities.csv", "read 209, added 127, changed 0, unchanged 0, rejected 82"},
		{"directories", "trafford-sports-clubs.csv", "read 140, added 140, changed 0, unchanged 0"},
		{"directories", "uk-mobile-library-stops.csv.gz", "read 5309, added 5309, changed 0, unchanged 0"},
		{"directories", "england-libraries.csv.gz", "read 3238, added 2986, changed 0, unchanged 0, rejected 252"},
		{"directories", "gm-libraries.csv", "read 141, added 141, changed 0, unchanged 0"},
		{"directories", "trafford-mental-health-services.csv", "read 60, added 60, changed 0, unchanged 0"},
		{"directories", "england-wales-gp-practices-ods-2019.csv.gz", "read 14357, added 6830, changed 0, unchanged 0, rejected 7527"},
		{"directories", "gm-pharmacies.csv", "read 631, added 631, changed 0, unchanged 0"},
		{"directories", "trafford-care-homes.csv", "read 56, added 56, changed 0, unchanged 0"},
		{"directories", "trafford-general-practices.csv", "read 26, added 26, changed 0, unchanged 0"},
		{"directories", "trafford-childrens-centres.csv", "read 2, added 2, changed 0, unchanged 0"},
		{"greenspace", "gm-green-flag-parks.csv", "read 59, added 59, changed 0, unchanged 0"},
	} {
		t.Run(c.file, func(t *testing.T) {
			path := realFile(t, c.folder, c.file)
			name, _, _ := strings.Cut(c.file, ".")
			var s shelf
			rep := run(t, &s, path, name)
			if got := rep.String(); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			if len(s.got) != rep.Added {
				t.Errorf("%d listings for %d added", len(s.got), rep.Added)
			}
			for _, l := range s.got {
				if l.Source.Licence == "" || l.Source.ID == "" || l.Source.URL == "" {
					t.Errorf("%q does not say where it is from: %+v", l.Name, l.Source)
				}
			}
			if rep.Read > 10_000 {
				return // one reading of the largest is enough
			}
			again := run(t, &s, path, name)
			if again.Added+again.Changed > 0 || again.Unchanged != rep.Added {
				t.Errorf("a second import: %s", again.String())
			}
		})
	}
}

// Why rows of the real sheets are turned away.
func TestRealRejections(t *testing.T) {
	for file, want := range map[string]map[string]int{
		"uk-charities-largest.csv.gz":    {"active: the charity is no longer registered": 71, "name: the row has a number and nothing else": 8},
		"trafford-sports-facilities.csv": {"access_type: for private use only": 82},
		"england-libraries.csv.gz":       {"closed: closed library": 252},
	} {
		path := realFile(t, "directories", file)
		name, _, _ := strings.Cut(file, ".")
		rep := run(t, new(shelf), path, name)
		got := map[string]int{}
		for _, f := range rep.Faults {
			got[f.Reasons.Error()]++
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// What is known to be wrong with the real sheets is noticed, this often.
func TestRealNotes(t *testing.T) {
	for file, want := range map[string]map[string]int{
		"gm-food-banks.csv":              {"kept_as_text": 69, "partly_kept_as_text": 23, "told_apart": 62, "personal_email": 3, "assumed_daytime": 5},
		"sheffield-food-support.csv":     {"diary_dropped": 2, "personal_email": 2, "moved": 1},
		"uk-charities-largest.csv.gz":    {"html_removed": 3, "moved": 36, "repaired": 4},
		"uk-mobile-library-stops.csv.gz": {"kept_as_text": 1, "repaired": 45, "differs": 60},
		"gm-pharmacies.csv":              {"told_apart": 322},
	} {
		path := realFile(t, "directories", file)
		name, _, _ := strings.Cut(file, ".")
		rep := run(t, new(shelf), path, name)
		for code, n := range want {
			if rep.Notes[code] != n {
				t.Errorf("%s: %d noted as %s, want %d", file, rep.Notes[code], code, n)
			}
		}
	}
}

// The labels of the labelled charities are what searches are judged against,
// so nothing of them may reach a listing.
func TestLabelsStayOut(t *testing.T) {
	var s shelf
	run(t, &s, realFile(t, "directories", "uk-charities-labelled.csv.gz"), "uk-charities-labelled")
	for _, l := range s.got {
		if len(l.Needs)+len(l.Tags) > 0 {
			t.Fatalf("%q has needs %v and tags %v", l.Name, l.Needs, l.Tags)
		}
	}
	m, err := sheet.LoadMapping("uk-charities-labelled")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range m.Columns() {
		if c == "UKCAT" || c == "ICNPTSO" {
			t.Errorf("the mapping reads %s", c)
		}
	}
}

// A few real places, as a link worker would find them.
func TestRealListings(t *testing.T) {
	find := func(s *shelf, name string) *hereabouts.Listing {
		t.Helper()
		i := slices.IndexFunc(s.got, func(l *hereabouts.Listing) bool { return strings.HasPrefix(l.Name, name) })
		if i < 0 {
			t.Fatalf("no listing is called %q", name)
		}
		return s.got[i]
	}
	var food shelf
	run(t, &food, realFile(t, "directories", "sheffield-food-support.csv"), "sheffield-food-support")
	marys := find(&food, "St Mary's Community")
	if marys.Availability.State != hereabouts.WaitingList || *marys.Availability.WaitWeeks != 10 {
		t.Errorf("St Mary's: %+v", marys.Availability)
	}
	for _, l := range food.got {
		for _, private := range []string{"Bryony", "emailed them", "hotmail.co.uk", "janestann"} {
			if text := fmt.Sprint(*l); strings.Contains(text, private) && l.Name != "Ben's Centre (community meals)" {
				t.Errorf("%q publishes %q", l.Name, private)
			}
		}
	}
	var sport shelf
	run(t, &sport, realFile(t, "directories", "trafford-sports-facilities.csv"), "trafford-sports-facilities")
	leisure := find(&sport, "Sale Leisure Centre")
	if len(leisure.Tags) < 3 || leisure.Places[0].Access.AccessibleToilet != hereabouts.Yes || leisure.Places[0].Access.ChangingPlace != hereabouts.Unknown {
		t.Errorf("%s: tags %v, access %+v", leisure.Name, leisure.Tags, leisure.Places[0].Access)
	}
	var minds shelf
	run(t, &minds, realFile(t, "directories", "trafford-mental-health-services.csv"), "trafford-mental-health-services")
	for _, l := range minds.got {
		if strings.Contains(l.Description, "domestic abuse") && !l.HiddenLocation {
			t.Errorf("%q shows where it is", l.Name)
		}
	}
}

func BenchmarkLabelledCharities(b *testing.B) {
	path := realFile(b, "directories", "uk-charities-labelled.csv.gz")
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		rep := run(b, new(shelf), path, "uk-charities-labelled")
		n += rep.Read
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
}
