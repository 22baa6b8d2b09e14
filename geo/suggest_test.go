package geo_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSuggest(t *testing.T) {
	g := openFixture(t)
	for _, c := range []struct {
		typed string
		limit int
		want  []string
	}{
		{"n", 3, []string{"Newcastle upon Tyne", "Newport, Isle of Wight", "Newport, Wales"}},
		{"north", 5, []string{"Northampton, West Northamptonshire", "Northamptonshire", "Northampton, Wychavon"}},
		{"newc", 5, []string{"Newcastle upon Tyne", "Newcastle, Shropshire"}},
		{"newcastle up", 5, []string{"Newcastle upon Tyne"}},
		{"newcastle upon t", 5, []string{"Newcastle upon Tyne"}},
		{"stoke o", 5, []string{"Stoke-on-Trent"}},
		{"st a", 5, []string{"St Albans"}},
		{"st", 5, []string{"St Albans", "Stoke-on-Trent", "St Helier, Jersey"}},
		{"newport, i", 5, []string{"Newport, Isle of Wight"}},
		{"Newport, te", 5, []string{"Newport, Telford and Wrekin"}},
		{"nothampt", 5, []string{"Northampton, West Northamptonshire", "Northamptonshire", "Northampton, Wychavon"}},
		{"swans", 5, []string{"Swansea (Abertawe)"}},
		{"SO1", 5, []string{"SO14"}},
		{"so14 7", 5, []string{"SO14 7DU", "SO14 7LY"}}, // not the terminated one
		{"so147l", 5, []string{"SO14 7LY"}},
		{"s0", 5, nil},
		{"sw", 5, []string{"Swansea (Abertawe)", "SW1A"}},
		{"s014 7du", 5, []string{"SO14 7DU"}},
		{"51.48, 0", 5, []string{"the point given"}},
		{"", 5, nil},
		{"n", 0, nil},
		{"zzz", 5, nil},
		{"!!", 5, nil},
	} {
		var got []string
		for _, p := range g.Suggest(c.typed, c.limit) {
			got = append(got, p.Label)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("Suggest(%q, %d) (-want +got):\n%s", c.typed, c.limit, diff)
		}
	}
}

func TestSuggestNeverGivesNil(t *testing.T) {
	if got := openFixture(t).Suggest("zzz", 5); got == nil || len(got) > 0 {
		t.Errorf("Suggest = %#v, want an empty list, which JSON shows as []", got)
	}
}
