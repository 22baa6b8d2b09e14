package demo_test

import (
	"compress/gzip"
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hereabouts"
	"hereabouts/data"
	"hereabouts/data/demo"
)

const today hereabouts.Date = "2026-11-21"

func listings(t *testing.T, on hereabouts.Date) []hereabouts.Listing {
	t.Helper()
	all, err := demo.Listings(on)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].Normalise()
	}
	return all
}

// Any day may be the day somebody tries Hereabouts: leap days, the days the
// clocks change, the middle of the holidays.
func TestEveryListingMayBeStoredOnAnyDay(t *testing.T) {
	needs := data.Taxonomy()
	for _, on := range []hereabouts.Date{today, "2026-12-25", "2027-03-28", "2027-08-10", "2027-10-31", "2028-02-29", "2031-01-01"} {
		for _, l := range listings(t, on) {
			if err := l.Validate(needs); err != nil {
				t.Errorf("on %s, %s: %v", on, l.Source.ID, err)
			}
		}
	}
}

func TestTodayMustBeADate(t *testing.T) {
	for _, on := range []hereabouts.Date{"", "tomorrow", "2026-02-30"} {
		if all, err := demo.Listings(on); err == nil {
			t.Errorf("Listings(%q) gave %d listings", on, len(all))
		}
	}
}

func TestEveryListingSaysThatItIsADemonstration(t *testing.T) {
	all := listings(t, today)
	if n := len(all); n < 240 || n > 270 {
		t.Errorf("%d listings", n)
	}
	for _, l := range all {
		if l.Source.Name != demo.Source || l.Source.Licence != demo.Licence || l.Source.ID == "" || !slices.Contains(l.Tags, demo.Tag) {
			t.Errorf("%s: source %+v, tags %v", l.Name, l.Source, l.Tags)
		}
	}
}

func TestNamesAreTheirOwn(t *testing.T) {
	ids, names, summaries := map[string]bool{}, map[string]bool{}, map[string]bool{}
	organisations := map[string]int{}
	for _, l := range listings(t, today) {
		for _, s := range []struct {
			seen map[string]bool
			is   string
		}{{ids, l.Source.ID}, {names, strings.ToLower(l.Name)}, {summaries, strings.ToLower(l.Summary)}} {
			if s.seen[s.is] {
				t.Errorf("%q is there twice", s.is)
			}
			s.seen[s.is] = true
		}
		organisations[l.Organisation.Name]++
	}
	if len(organisations) < 85 {
		t.Errorf("only %d organisations", len(organisations))
	}
	for name, n := range organisations {
		if n > 10 {
			t.Errorf("%s runs %d listings", name, n)
		}
	}
}

func TestNoOrganisationIsARealCharity(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data", "directories")
	invented := map[string]bool{}
	for _, l := range listings(t, today) {
		invented[strings.ToLower(l.Organisation.Name)] = true
	}
	for _, file := range []string{"uk-charities-labelled.csv.gz", "uk-charities-largest.csv.gz"} {
		f, err := os.Open(filepath.Join(dir, file))
		if err != nil {
			t.Skip("the lists of real charities are not here")
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		rows := csv.NewReader(z)
		rows.FieldsPerRecord, rows.LazyQuotes = -1, true
		all, err := rows.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(all) < 100 {
			t.Fatalf("%s has only %d rows", file, len(all))
		}
		for _, row := range all {
			for _, cell := range row {
				if invented[strings.ToLower(strings.TrimSpace(cell))] {
					t.Errorf("%s is a real charity in %s", cell, file)
				}
			}
		}
	}
}

// Numbers and addresses that can never reach anybody.
var (
	dramaPhone = regexp.MustCompile(`^(01632 960\d{3}|0808 157 0\d{3}|07700 900\d{3})$`)
	noEmail    = regexp.MustCompile(`^[a-z-]+@[a-z-]+\.example$`)
	noURL      = regexp.MustCompile(`^https://[a-z-]+\.example(/[a-z-]*)?$`)
	anyPhone   = regexp.MustCompile(`\b0\d[\d ]{7,}`)
	anyNet     = regexp.MustCompile(`@|www\.|https?:|\.(org|com|uk|net)\b`)
)

func TestNobodyRealCanBeReached(t *testing.T) {
	reachable := 0
	for _, l := range listings(t, today) {
		for _, c := range append(l.Contacts, hereabouts.Contact{Phone: l.Referral.Phone, Email: l.Referral.Email, URL: l.Referral.URL},
			hereabouts.Contact{URL: l.Organisation.URL}) {
			for _, f := range []struct {
				is   string
				must *regexp.Regexp
			}{{c.Phone, dramaPhone}, {c.Email, noEmail}, {c.URL, noURL}} {
				if f.is != "" && !f.must.MatchString(f.is) {
					t.Errorf("%s: %q might be somebody's", l.Source.ID, f.is)
				}
			}
		}
		if len(l.Contacts) > 0 {
			reachable++
		}
		for _, text := range []string{l.Name, l.Summary, l.Description, l.Referral.How, l.Availability.Note, l.Cost.Text, l.Transport.Note} {
			if m := anyPhone.FindString(text) + anyNet.FindString(text); m != "" {
				t.Errorf("%s: the words hold %q", l.Source.ID, m)
			}
		}
		for _, p := range l.Places {
			if p.Postcode != "" {
				t.Errorf("%s: %s might be somebody's postcode", l.Source.ID, p.Postcode)
			}
		}
		if l.Organisation.CharityNumber != "" {
			t.Errorf("%s: %s might be somebody's charity number", l.Source.ID, l.Organisation.CharityNumber)
		}
	}
	if reachable < 230 {
		t.Errorf("only %d listings say whom to ask", reachable)
	}
}
