package hereabouts

import (
	"encoding/csv"
	"os"
	"testing"
)

func TestFormatPostcode(t *testing.T) {
	good := map[string]string{
		"so147du ": "SO14 7DU", "SO14 7DU": "SO14 7DU", " s o 1 4 7 d u": "SO14 7DU", "SO14\u00a07DU": "SO14 7DU",
		"m11ae": "M1 1AE", "b338th": "B33 8TH", "cr26xh": "CR2 6XH", "dn551pt": "DN55 1PT", "w1a1hq": "W1A 1HQ", "ec1a1bb": "EC1A 1BB",
		"gir0aa": "GIR 0AA", "GIR 0AA": "GIR 0AA", "bf1 0ax": "BF1 0AX", "bfpo 801": "BFPO 801", "BFPO1": "BFPO 1",
		"je2 3ab": "JE2 3AB", "gy101sb": "GY10 1SB", "im991aa": "IM99 1AA", "bt15gs": "BT1 5GS", "ze29eq": "ZE2 9EQ",
	}
	for in, want := range good {
		if got, ok := FormatPostcode(in); got != want || !ok {
			t.Errorf("%q becomes %q, %v; want %q", in, got, ok, want)
		}
	}
	for in, want := range map[string]string{
		"": "", " SO14 ": "SO14", "SO14 7D": "SO14 7D", "SO14 7DUX": "SO14 7DUX", "QO14 7DU": "QO14 7DU", "SI14 7DU": "SI14 7DU", "SO14 7CU": "SO14 7CU",
		"SO14 DU7": "SO14 DU7", "W1I 1HQ": "W1I 1HQ", "EC1C 1BB": "EC1C 1BB", "SOO14 7DU": "SOO14 7DU", "Hulme": "Hulme", "12345": "12345", "GIR 0AB": "GIR 0AB",
		"BFPO": "BFPO", "BFPO 12345": "BFPO 12345", "BFPO X1": "BFPO X1", "SO14 7DÜ": "SO14 7DÜ", "M1": "M1",
		"somewhere far too long to be a postcode": "somewhere far too long to be a postcode",
	} {
		if got, ok := FormatPostcode(in); got != want || ok {
			t.Errorf("%q is taken for %q, %v", in, got, ok)
		}
	}
}

// Every district of the country, with any inward code, is a postcode.
func TestEveryDistrictMakesAPostcode(t *testing.T) {
	f, err := os.Open("../shared/data/places/uk-postcode-districts.csv")
	if err != nil {
		t.Skip("the list of districts is not here")
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 2800 {
		t.Fatalf("only %d districts", len(rows))
	}
	for _, row := range rows[1:] {
		want := row[0] + " 7DU"
		if got, ok := FormatPostcode(row[0] + "7du"); got != want || !ok {
			t.Errorf("%s: %q, %v", want, got, ok)
		}
	}
}

func FuzzFormatPostcode(f *testing.F) {
	for _, s := range []string{"so147du ", "GIR 0AA", "bfpo 12", "", "BFPO", "w1a1hq", "\xff\x00", "ＳＯ14 7DU"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, ok := FormatPostcode(s)
		again, still := FormatPostcode(code)
		if again != code || still != ok {
			t.Errorf("%q becomes %q, %v, and that %q, %v", s, code, ok, again, still)
		}
		if ok && (len(code) < 6 || len(code) > 9) {
			t.Errorf("%q became %q", s, code)
		}
	})
}
