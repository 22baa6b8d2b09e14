package geo_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hereabouts/geo"
)

// answer puts what Resolve says into one line: label, kind and precision, what
// it was corrected to; or what kind of error with which suggestions.
func answer(p geo.Place, err error) string {
	labels := func(places []geo.Place) string {
		var s []string
		for _, p := range places {
			s = append(s, p.Label)
		}
		return strings.Join(s, " | ")
	}
	if e, ok := errors.AsType[*geo.UnknownPlaceError](err); ok {
		return strings.TrimSpace("unknown: " + labels(e.Suggestions))
	}
	if e, ok := errors.AsType[*geo.AmbiguousPlaceError](err); ok {
		return "ambiguous: " + labels(e.Suggestions)
	}
	if e, ok := errors.AsType[*geo.PointError](err); ok {
		return "point: " + e.Code
	}
	if err != nil {
		return "error: " + err.Error()
	}
	s := p.Label + " (" + p.Kind
	if p.Precision != p.Kind && p.Precision != geo.PrecisionPlace {
		s += ", " + p.Precision
	}
	s += ")"
	if p.Corrected != "" {
		s += " read as " + p.Corrected
	}
	return s
}

func TestResolve(t *testing.T) {
	g := openFixture(t)
	for _, c := range []struct{ text, want string }{
		// Postcodes, in whole and in part.
		{"SO14 7DU", "SO14 7DU (postcode)"},
		{" so147du\u00a0", "SO14 7DU (postcode)"},
		{"SO14", "SO14 (district)"},
		{"AB10", "AB10 (district)"},
		{"AB10  ", "AB10 (district)"},
		{"sw1a", "SW1A (district)"},
		{"SO14 7", "SO14 7 (district)"},
		{"SO14 7AA", "SO14 7 (district)"}, // not held; its sector is
		{"SO14 9AA", "SO14 (district)"},   // nor is its sector
		{"SO14 7ZZ", "SO14 7ZZ (postcode)"},
		{"S10", "S10 (district)"}, // the middle of its units
		{"S014 7DU", "SO14 7DU (postcode) read as SO14 7DU"},
		{"AB1O", "AB10 (district) read as AB10"},
		{"5O14 7DU", "SO14 7DU (postcode) read as SO14 7DU"},
		{"SO41", "unknown: SO14"},
		{"ZE1 0AA", "unknown:"},
		{"12 Above Bar, Southampton SO14 7DU", "SO14 7DU (postcode)"},
		{"12 Above Bar, Southampton, SO147DU, UK", "SO14 7DU (postcode)"},

		// Latitude and longitude.
		{"51.48, 0", "the point given (point)"},
		{"51.48,0", "the point given (point)"},
		{"51.48 0.0", "the point given (point)"},
		{"51.48° N, 0.5° W", "the point given (point)"},
		{"0, 51.48", "point: swapped"},
		{"40.7, -74", "point: out_of_range"},
		{"0,0", "point: out_of_range"},

		// Names.
		{"London", "London (city)"},
		{"brixworth", "Brixworth, West Northamptonshire (village)"},
		{"Northampton", "Northampton, West Northamptonshire (town)"}, // over the hamlet
		{"Northampton, Wychavon", "Northampton, Wychavon (hamlet)"},
		{"Brixworth, Northants", "Brixworth, West Northamptonshire (village)"},
		{"Brixworth near Northampton", "Brixworth, West Northamptonshire (village)"},
		{"Brixworth, Neverland", "Brixworth, West Northamptonshire (village) read as Brixworth, West Northamptonshire"},
		{"Newport", "ambiguous: Newport, Isle of Wight | Newport, Wales | Newport, Telford and Wrekin | Newport, Uttlesford"},
		{"Newport, Isle of Wight", "Newport, Isle of Wight (town)"},
		{"newport isle of wight", "Newport, Isle of Wight (town)"},
		{"Newport (IoW)", "Newport, Isle of Wight (town)"},
		{"Newport, Isle of Wihgt", "Newport, Isle of Wight (town)"},
		{"Newport, Wales", "Newport, Wales (town)"},
		{"Newport, PO30", "Newport, Isle of Wight (town)"},
		{"Newport, Shropshire", "Newport, Telford and Wrekin (town)"},
		{"Newport, Mars", "ambiguous: Newport, Isle of Wight | Newport, Wales | Newport, Telford and Wrekin | Newport, Uttlesford"},
		{"Ashford", "ambiguous: Ashford, Kent | Ashford, Spelthorne | Ashford, South Hams"},
		{"Ashford, Kent", "Ashford, Kent (town)"},
		{"Ashford Surrey", "Ashford, Spelthorne (town)"},
		{"Church End", "ambiguous: Church End, Central Bedfordshire (near Dunstable) | Church End, Central Bedfordshire (near Sandy)"},
		{"Church End, Central Bedfordshire (near Sandy)", "Church End, Central Bedfordshire (near Sandy) (village)"},
		{"Greenwich", "Greenwich (place)"}, // the borough over the suburb
		{"Kent", "Kent (place)"},           // the county over the hamlet
		{"Kent, New Forest", "Kent, New Forest (hamlet)"},

		// Ways of writing them.
		{"SAINT ALBANS", "St Albans (city)"},
		{"St.Albans", "St Albans (city)"},
		{"kings lynn", "King's Lynn (town)"},
		{"King’s Lynn", "King's Lynn (town)"},
		{"stoke on trent", "Stoke-on-Trent (city)"},
		{"Stoke upon Trent", "Stoke-on-Trent (city)"},
		{"Newcastle-on-Tyne", "Newcastle upon Tyne (city)"},
		{"Newcastle", "Newcastle upon Tyne (city)"},
		{"Burton", "ambiguous: Burton upon Trent, East Staffordshire | Burton, Wiltshire"},
		{"Brighton & Hove", "Brighton and Hove (city)"},
		{"Brighton", "Brighton and Hove (city)"},
		{"Leamington Spa", "Royal Leamington Spa, Warwick (town)"},
		{"Leamington", "Royal Leamington Spa, Warwick (town)"},
		{"Swansea", "Swansea (Abertawe) (city)"},
		{"Abertawe", "Swansea (Abertawe) (city)"},
		{"Abergavenny", "Abergavenny (Y Fenni), Monmouthshire (town)"},
		{"Pontypool", "Pontypool (Pont-y-pŵl), Torfaen (town)"},
		{"pont y pwl", "Pontypool (Pont-y-pŵl), Torfaen (town)"},
		{"Inverness", "Inverness (Inbhir Nis) (city)"},
		{"Harden", "Hawarden (Penarlâg), Flintshire (village)"},
		{"Penarlag, Sir y Fflint", "Hawarden (Penarlâg), Flintshire (village)"},

		// Only the postcode districts know these.
		{"Belfast", "Belfast (place)"},
		{"St Helier", "St Helier, Jersey (town)"},
		{"Douglas", "Douglas, Isle of Man (town)"},
		{"Isle of Man", "Isle of Man (place)"},

		// Slips of spelling.
		{"Nothampton", "Northampton, West Northamptonshire (town) read as Northampton, West Northamptonshire"},
		{"Brixwoth, Northants", "Brixworth, West Northamptonshire (village) read as Brixworth, West Northamptonshire"},
		{"Southhamtpon", "unknown: Southampton"},                   // two slips are asked about
		{"Hotton", "unknown: Hatton, Warwick | Hutton, Brentwood"}, // one slip from both: neither wins
		{"Londn", "unknown: London"},                               // too short to be sure
		{"Newprot", "unknown: Newport, Isle of Wight | Newport, Wales | Newport, Telford and Wrekin | Newport, Uttlesford"},
		{"12 Acacia Avenue, Northampton", "unknown: Northampton, West Northamptonshire | Northampton, Wychavon"},
		{"xyzzyplugh", "unknown:"},
		{"", "unknown:"},
		{" \u00a0", "unknown:"},
		{"?", "unknown:"},
		{strings.Repeat("London ", 40), "unknown:"},
	} {
		got := answer(g.Resolve(c.text))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("Resolve(%q) (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestResolveGivesTheRightPoint(t *testing.T) {
	g := openFixture(t)
	for text, want := range map[string][2]float64{ // latitude, longitude
		"SO14 7DU":     {50.9101, -1.4045},
		"SE10 9NF":     {51.48, 0}, // longitude 0 is a place like any other
		"51.48, 0":     {51.48, 0},
		"51.48,-0":     {51.48, 0},
		"51.48,-1e-05": {51.48, -0.00001},
		"50.9S":        {math.NaN(), 0},
		"SO14 7AA":     {50.9091, -1.4055}, // the middle of the sector's postcodes in use
		"S10":          {53.3811, -1.4989},
		"Brixworth":    {52.3281, -0.9065},
		"0.5W 51N":     {51, -0.5},
	} {
		p, err := g.Resolve(text)
		if math.IsNaN(want[0]) {
			if err == nil {
				t.Errorf("Resolve(%q) = %v, want an error", text, p.Point)
			}
			continue
		}
		if err != nil || math.Abs(p.Point.Lat()-want[0]) > 1e-6 || math.Abs(p.Point.Lon()-want[1]) > 1e-6 {
			t.Errorf("Resolve(%q) = %v, %v; want %v", text, p.Point, err, want)
		}
	}
}

// A label is what a suggestion is chosen by, so it finds its place again.
func TestLabelsResolveToTheirPlace(t *testing.T) {
	g := openFixture(t)
	for _, n := range fixtureNames() {
		var suggestions []geo.Place
		p, err := g.Resolve(n.Name)
		if e, ok := errors.AsType[*geo.AmbiguousPlaceError](err); ok {
			suggestions = e.Suggestions
		} else if err != nil {
			t.Fatal(err)
		} else {
			suggestions = []geo.Place{p}
		}
		for _, s := range append(suggestions, g.Suggest(n.Name, 20)...) {
			if again, err := g.Resolve(s.Label); err != nil || again.Point != s.Point || again.Label != s.Label {
				t.Errorf("the label %q leads to %q at %v, not to %v (%v)", s.Label, again.Label, again.Point, s.Point, err)
			}
		}
	}
}

func TestNamesakesAreCounted(t *testing.T) {
	g := openFixture(t)
	for text, want := range map[string]int{"Northampton": 1, "Brixworth": 0, "London": 0, "Newport, Isle of Wight": 3} {
		if p, err := g.Resolve(text); err != nil || p.Namesakes != want {
			t.Errorf("Resolve(%q) has %d namesakes, %v; want %d", text, p.Namesakes, err, want)
		}
	}
}

// What people type says where they live. No error may carry it into a log.
func TestErrorsDoNotRepeatWhatWasTyped(t *testing.T) {
	g := openFixture(t)
	for _, text := range []string{"Zanzibarium", "ZE1 0AA", "Newport", "Newprot", "1.23456,51.98765", "40.71281,-74.00601", "17 Canary Row, Zanzibarium", "Londn"} {
		_, err := g.Resolve(text)
		if err == nil {
			t.Fatalf("Resolve(%q) found something", text)
		}
		said := fmt.Sprintf("%v %s", err, err)
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,", r) }) {
			// "Newport, Isle of Wight" is the advice's own example.
			if word != "Newport" && strings.Contains(strings.ToLower(said), strings.ToLower(word)) {
				t.Errorf("the error for %q repeats %q: %s", text, word, said)
			}
		}
	}
}

func TestNothingLoaded(t *testing.T) {
	g, err := geo.OpenGazetteer(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"SO14 7DU", "London", ""} {
		_, err := g.Resolve(text)
		if e, ok := errors.AsType[*geo.UnknownPlaceError](err); !ok || !e.NothingLoaded || !strings.Contains(err.Error(), "import") {
			t.Errorf("Resolve(%q) in an empty gazetteer: %v", text, err)
		}
	}
	if p, err := g.Resolve("51.48,0"); err != nil || p.Kind != geo.KindPoint {
		t.Errorf("coordinates need nothing loaded: %v, %v", p, err)
	}
	if got := g.Suggest("lon", 5); len(got) != 0 {
		t.Errorf("suggestions out of nothing: %v", got)
	}
	if diff := cmp.Diff(geo.Stats{}, g.Stats()); diff != "" {
		t.Error(diff)
	}
}

func FuzzResolve(f *testing.F) {
	for _, s := range []string{"SO14 7DU", "Newport, Isle of Wight", "51.48, 0", "0,51", "newprot", "S014 7DU", "St.", "a,b,c,(d", "near", "\u00a0", "Church End (near", "5O14 7DU, Londn", "ÿ\xff"} {
		f.Add(s)
	}
	g := openFixture(f)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := g.Resolve(text)
		if (err == nil) != (p.Label != "") {
			t.Fatalf("Resolve(%q) = %+v, %v", text, p, err)
		}
		if err == nil && (!geo.InUK(p.Point) || p.Kind == "" || p.Precision == "") {
			t.Fatalf("Resolve(%q) = %+v", text, p)
		}
		again, err2 := g.Resolve(text)
		if answer(p, err) != answer(again, err2) {
			t.Fatalf("Resolve(%q) gives two answers", text)
		}
		if n := len(g.Suggest(text, 5)); n > 5 {
			t.Fatalf("Suggest(%q, 5) gives %d", text, n)
		}
	})
}
