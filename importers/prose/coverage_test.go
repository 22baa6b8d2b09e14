package prose_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"hereabouts/importers/prose"
)

// column is a column of a real file, or skips the test where there is none.
func column(t *testing.T, file, name string) (values []string) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "directories", file))
	if os.IsNotExist(err) {
		t.Skip("the real directories are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	c := slices.Index(rows[0], name)
	for _, r := range rows[1:] {
		values = append(values, r[c])
	}
	return values
}

// How much of what people really wrote is understood. A change that reads more
// is welcome to raise these numbers once each new reading has been looked at.
func TestReadTimesOfRealPlaces(t *testing.T) {
	type coverage struct{ Whole, Partly, Text, Blank int }
	for _, c := range []struct {
		file, column string
		want         coverage
	}{
		{"gm-food-banks.csv", "Opening times", coverage{113, 23, 16, 19}},
		{"sheffield-food-support.csv", "opening", coverage{36, 0, 0, 0}},
	} {
		var got coverage
		for _, text := range column(t, c.file, c.column) {
			times := prose.ReadTimes(text)
			switch {
			case prose.Blank(text):
				got.Blank++
			case times.Whole():
				got.Whole++
			case len(times.Sessions) > 0:
				got.Partly++
			default:
				got.Text++
			}
		}
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.file, got, c.want)
		}
	}
}

func TestReadReferralOfRealPlaces(t *testing.T) {
	read, text, blank := 0, 0, 0
	for _, s := range column(t, "gm-food-banks.csv", "Referral method") {
		switch {
		case prose.Blank(s):
			blank++
		case len(prose.ReadReferral(s)) > 0:
			read++
		default:
			text++
		}
	}
	if read != 87 || text != 53 || blank != 31 {
		t.Errorf("read %d, kept as text %d, blank %d", read, text, blank)
	}
}
