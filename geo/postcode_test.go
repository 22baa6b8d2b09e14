package geo_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hereabouts/geo"
)

func TestParsePostcode(t *testing.T) {
	for in, want := range map[string]string{
		"SO14 7DU":                   "SO14 7DU",
		"so147du":                    "SO14 7DU",
		"  so14 7du  ":               "SO14 7DU",
		"SO14\u00a07DU":              "SO14 7DU",
		"\ufeffSO14\u200b 7DU\u00a0": "SO14 7DU",
		"SO1 47DU":                   "SO14 7DU",
		"S O 1 4 7 D U":              "SO14 7DU",
		"SO14-7DU":                   "SO14 7DU",
		"(SO14 7DU).":                "SO14 7DU",
		"m11ae":                      "M1 1AE",
		"B33 8TH":                    "B33 8TH",
		"CR2 6XH":                    "CR2 6XH",
		"DN551PT":                    "DN55 1PT",
		"W1A 1HQ":                    "W1A 1HQ",
		"EC1A 1BB":                   "EC1A 1BB",
		"gir 0aa":                    "GIR 0AA",
		"BF1 1AA":                    "BF1 1AA",
		"GY1 1AA":                    "GY1 1AA",
		"JE2 3AB":                    "JE2 3AB",
		"IM1 1AG":                    "IM1 1AG",
		"AB10":                       "AB10",
		"ab10 ":                      "AB10",
		"SW1A":                       "SW1A",
		"W1":                         "W1",
		"CR0":                        "CR0",
		"N1C":                        "N1C",
		"SO14 7":                     "SO14 7",
		"SO147":                      "SO14 7",
		"SO14 7D":                    "SO14 7",
		"B1 1":                       "B1 1",
		"B11":                        "B11",
		"":                           "",
		" ":                          "",
		"7":                          "",
		"SO":                         "",
		"SO14 7DO":                   "", // no unit has an O
		"S014 7DU":                   "",
		"QA1 1AA":                    "",
		"AJ1 1AA":                    "",
		"SO01 7DU":                   "", // no district is numbered 01
		"SO14 7DUX":                  "",
		"SO14 7DU SO14 7DU":          "",
		"Bath":                       "",
		"51.5":                       "",
		"ＳＯ１４":                       "",
		"NG1!1AA":                    "",
	} {
		got, ok := geo.ParsePostcode(in)
		if got.String() != want || ok != (want != "") {
			t.Errorf("ParsePostcode(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}

func TestCorrectPostcode(t *testing.T) {
	for in, want := range map[string][]string{
		"S014 7DU": {"SO14 7DU"},
		"SO14 7D0": nil, // an O is in no unit, so the last letter is a riddle
		"SOl4 7DU": {"SO14 7DU"},
		"ABI0":     {"AB10"},
		"ABIO":     nil,
		"N1 lAA":   {"N1 1AA"},
		"5O14 7DU": {"SO14 7DU"},
		"SO14 7DU": nil,
		"hello":    nil,
		"":         nil,
	} {
		var got []string
		for _, pc := range geo.CorrectPostcode(in) {
			got = append(got, pc.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("CorrectPostcode(%q) (-want +got):\n%s", in, diff)
		}
	}
}

func TestPostcodeParts(t *testing.T) {
	pc, _ := geo.ParsePostcode("SO14 7DU")
	sector, ok := pc.Sector()
	if !pc.Full() || pc.Outward() != "SO14" || pc.Inward() != "7DU" || pc.District().String() != "SO14" || !ok || sector.String() != "SO14 7" {
		t.Errorf("parts of %v: full %v, outward %q, inward %q, district %q, sector %q", pc, pc.Full(), pc.Outward(), pc.Inward(), pc.District(), sector)
	}
	if _, ok := pc.District().Sector(); ok || pc.District().Full() || sector.Full() {
		t.Error("a district has no sector, and neither it nor a sector is full")
	}
}

// Postcodes sort as numbers: districts before their sectors, those before their units.
func TestPostcodesSort(t *testing.T) {
	want := []string{"AB1", "AB10", "AB10 1", "AB10 2", "AB10 1AB", "AB10 1AD", "AB10 2ZZ", "AB11", "B1", "B1 1AA", "B11", "W1", "W1A", "W1A 1HQ", "W2"}
	codes := make([]geo.Postcode, len(want))
	for i, s := range want {
		codes[i], _ = geo.ParsePostcode(s)
	}
	slices.Reverse(codes)
	slices.Sort(codes)
	got := make([]string, len(codes))
	for i, pc := range codes {
		got[i] = pc.String()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// However a postcode is spaced and cased, it is the same postcode.
func TestPostcodeSpacingDoesNotMatter(t *testing.T) {
	shape := rapid.SampledFrom([]string{"A9 9BB", "A99 9BB", "AA9 9BB", "AA99 9BB", "A9A 9BB", "AA9A 9BB"})
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for i, c := range shape.Draw(t, "shape") {
			from := map[rune]string{'9': "123456789", 'A': "ABDEFGHNPRSTUW", 'B': "ABDEFGHJLNPQRSTUWXYZ", ' ': " "}[c]
			b.WriteByte(from[rapid.IntRange(0, len(from)-1).Draw(t, string(rune('a'+i)))])
		}
		want := b.String()
		pc, ok := geo.ParsePostcode(want)
		if !ok || pc.String() != want || !pc.Full() {
			t.Fatalf("ParsePostcode(%q) = %q, %v", want, pc, ok)
		}
		squeezed := strings.ReplaceAll(want, " ", "")
		at := rapid.IntRange(0, len(squeezed)).Draw(t, "at")
		messy := " " + strings.ToLower(squeezed[:at]) + "\u00a0 " + squeezed[at:] + " "
		if again, ok := geo.ParsePostcode(messy); !ok || again != pc {
			t.Fatalf("ParsePostcode(%q) = %q, want %q", messy, again, want)
		}
	})
}

func FuzzParsePostcode(f *testing.F) {
	for _, s := range []string{"SO14 7DU", "so147du", "AB10", "SO14 7", "GIR 0AA", "S014 7DU", "\u00a0w1a\u200b1hq", "51.5,0", "ＳＯ１４", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		pc, ok := geo.ParsePostcode(s)
		if ok != (pc != 0) {
			t.Fatalf("ParsePostcode(%q) = %d, %v", s, pc, ok)
		}
		if again, ok2 := geo.ParsePostcode(pc.String()); ok && (!ok2 || again != pc) {
			t.Fatalf("%q reads as %q, which reads as %q", s, pc, again)
		}
		for _, c := range geo.CorrectPostcode(s) {
			if again, ok := geo.ParsePostcode(c.String()); !ok || again != c || c == pc {
				t.Fatalf("%q is corrected to %q, which reads as %q", s, c, again)
			}
		}
	})
}
