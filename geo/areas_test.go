package geo_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"hereabouts/geo"
)

// square is an area whose south-western corner and side, in degrees, are given.
func square(code string, south, west, side float64) geo.Area {
	return geo.Area{Code: code, Name: "Square " + code, Kind: "area", Polygon: orb.MultiPolygon{{box(south, west, side)}}}
}

func box(south, west, side float64) orb.Ring {
	return orb.Ring{geo.LatLon(south, west), geo.LatLon(south, west+side), geo.LatLon(south+side, west+side),
		geo.LatLon(south+side, west), geo.LatLon(south, west)}
}

func openAreas(t testing.TB, list ...geo.Area) *geo.Areas {
	t.Helper()
	dir := t.TempDir()
	if err := geo.WriteAreas(dir, list); err != nil {
		t.Fatal(err)
	}
	a, err := geo.OpenAreas(dir)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestContaining(t *testing.T) {
	ringed := square("ringed", 51, 2, 1)
	ringed.Polygon[0] = append(ringed.Polygon[0], box(51.25, 2.25, 0.5))
	islands := square("islands", 55, -3, 0.2)
	islands.Polygon = append(islands.Polygon, orb.Polygon{box(58, -1, 0.2)})
	slanted := geo.Area{Code: "slanted", Polygon: orb.MultiPolygon{{orb.Ring{
		geo.LatLon(52, -5), geo.LatLon(52, -4), geo.LatLon(53, -4), geo.LatLon(52, -5)}}}}
	a := openAreas(t, square("west", 51, -1, 1), square("east", 51, 0, 1), square("within", 51.4, -0.6, 0.2), ringed, islands, slanted)
	for _, c := range []struct {
		name     string
		lat, lon float64
		want     []string
	}{
		{"inside one", 51.1, 0.5, []string{"east"}},
		{"inside two, in order of code", 51.5, -0.5, []string{"west", "within"}},
		{"on the edge that two share: both, also at longitude 0", 51.5, 0, []string{"east", "west"}},
		{"on a corner that two share", 51, 0, []string{"east", "west"}},
		{"on an outer edge", 51, 0.5, []string{"east"}},
		{"within a centimetre of an edge", 51 - 5e-8, 0.5, []string{"east"}},
		{"a metre outside", 51 - 1e-5, 0.5, nil},
		{"in a ring", 51.1, 2.1, []string{"ringed"}},
		{"in its hole", 51.5, 2.5, nil},
		{"on the hole's edge", 51.25, 2.5, []string{"ringed"}},
		{"on the hole's corner", 51.25, 2.25, []string{"ringed"}},
		{"on one island", 55.1, -2.9, []string{"islands"}},
		{"on the other", 58.1, -0.9, []string{"islands"}},
		{"in the sea between", 56.5, -2, nil},
		{"on a slanting edge", 52.5, -4.5, []string{"slanted"}},
		{"just over it", 52.501, -4.5, nil},
		{"nowhere near", 0, 0, nil},
		{"nowhere at all", math.NaN(), math.Inf(1), nil},
	} {
		if diff := cmp.Diff(c.want, a.Containing(geo.LatLon(c.lat, c.lon))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// The grid finds exactly what looking at every area finds.
func TestGridLosesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var list []geo.Area
		for i := range rapid.IntRange(1, 12).Draw(rt, "areas") {
			list = append(list, square(string(rune('a'+i)),
				float64(rapid.IntRange(490, 610).Draw(rt, "south"))/10, float64(rapid.IntRange(-90, 20).Draw(rt, "west"))/10,
				float64(rapid.IntRange(1, 40).Draw(rt, "side"))/20))
		}
		a := openAreas(t, list...)
		p := geo.LatLon(float64(rapid.IntRange(980, 1260).Draw(rt, "lat"))/20, float64(rapid.IntRange(-200, 80).Draw(rt, "lon"))/20)
		var want []string
		for _, area := range a.All() {
			if geo.Contains(area.Polygon, p) {
				want = append(want, area.Code)
			}
		}
		if diff := cmp.Diff(want, a.Containing(p)); diff != "" {
			rt.Fatalf("%v (-want +got):\n%s", p, diff)
		}
	})
}

func TestAreasByCode(t *testing.T) {
	a := openAreas(t, square("b", 52, 0, 1), square("a", 51, 0, 1), square("b", 53, 0, 1))
	var codes []string
	for _, area := range a.All() {
		codes = append(codes, area.Code)
		if area.Bound != area.Polygon.Bound() {
			t.Errorf("%s: the bound %v is not the polygon's", area.Code, area.Bound)
		}
	}
	if !slices.Equal(codes, []string{"a", "b"}) || a.Len() != 2 {
		t.Errorf("areas are %q", codes)
	}
	if mp, ok := a.Polygon("b"); !ok || mp.Bound().Min.Lat() != 53 {
		t.Errorf("of two areas with one code the last counts, got %v, %v", mp, ok)
	}
	if name, ok := a.Name("a"); !ok || name != "Square a" {
		t.Errorf("Name = %q, %v", name, ok)
	}
	if _, ok := a.Polygon("c"); ok {
		t.Error("an unknown code has a polygon")
	}
	if name, ok := a.Name("c"); ok || name != "" {
		t.Error("an unknown code has a name")
	}
}

func TestAreasReload(t *testing.T) {
	dir := t.TempDir()
	a, err := geo.OpenAreas(dir)
	if err != nil || a.Len() != 0 || a.Containing(geo.LatLon(51.5, 0.5)) != nil {
		t.Fatalf("without a file: %v, %d areas", err, a.Len())
	}
	if err := geo.WriteAreas(dir, []geo.Area{square("a", 51, 0, 1)}); err != nil {
		t.Fatal(err)
	}
	if err := a.Reload(); err != nil {
		t.Fatal(err)
	}
	if got := a.Containing(geo.LatLon(51.5, 0.5)); !slices.Equal(got, []string{"a"}) {
		t.Errorf("after the reload: %q", got)
	}
}
