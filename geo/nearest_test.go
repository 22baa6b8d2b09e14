package geo_test

import (
	"math/rand/v2"
	"testing"

	"hereabouts/geo"
)

func TestNearest(t *testing.T) {
	g := openFixture(t)
	near, ok := g.Nearest(geo.LatLon(52.33, -0.9))
	if !ok || near.Name != "Brixworth" {
		t.Errorf("nearest to the edge of Brixworth: %+v, %t", near, ok)
	}
	if far, ok := g.Nearest(geo.LatLon(56.5, 2)); ok {
		t.Errorf("nearest to a point in the North Sea: %+v", far)
	}
}

func TestDistrict(t *testing.T) {
	g := openFixture(t)
	for _, c := range []struct {
		what     string
		lat, lon float64
		want     string
	}{
		{"at a postcode", 50.9101, -1.4045, "SO14"},
		{"near one out of use", 50.9990, -1.4990, "SO14"},
		{"where only centres are known", 52.2379, -0.895, "NN1"},
		{"between two centres, nearer to the second", 52.30, -0.93, "NN6"},
		{"on the Greenwich meridian", 51.47, 0.01, "SE10"},
		{"some way out", 57.30, -2.2, "AB10"},
	} {
		if got, ok := g.District(geo.LatLon(c.lat, c.lon)); got != c.want || !ok {
			t.Errorf("%s: %q, %t; want %s", c.what, got, ok, c.want)
		}
	}
	if got, ok := g.District(geo.LatLon(56.5, 2)); ok {
		t.Errorf("in the North Sea: %q", got)
	}
	empty, err := geo.OpenGazetteer(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := empty.District(geo.LatLon(52.24, -0.89)); ok {
		t.Errorf("with no postcodes: %q", got)
	}
}

// The district found must be that of the nearest postcode, looked at one by one.
func TestDistrictIsThatOfTheNearestPostcode(t *testing.T) {
	all := manyPostcodes(t, 60_000)
	dir := t.TempDir()
	if err := geo.WritePostcodes(dir, all); err != nil {
		t.Fatal(err)
	}
	g, err := geo.OpenGazetteer(dir)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(5, 5))
	found := 0
	for range 300 {
		p := geo.LatLon(50+rnd.Float64()*8, -5+rnd.Float64()*6)
		want, wantM := "", 30_000.0
		for _, u := range all.Units {
			if d := geo.DistanceM(p, u.Point()); d < wantM {
				want, wantM = u.Code.Outward(), d
			}
		}
		got, ok := g.District(p)
		if ok {
			found++
		}
		if got == want {
			continue
		}
		// Reckoned on a flat map, two that are all but as near may change places.
		gotM := 30_000.0
		for _, u := range all.Units {
			if u.Code.Outward() == got {
				gotM = min(gotM, geo.DistanceM(p, u.Point()))
			}
		}
		if gotM > wantM*1.01 {
			t.Errorf("%v: %q at %.0f m; %q is at %.0f m", p, got, gotM, want, wantM)
		}
	}
	if found < 200 {
		t.Errorf("only %d of 300 points are in a district", found)
	}
}

func BenchmarkDistrict(b *testing.B) {
	dir := b.TempDir()
	if err := geo.WritePostcodes(dir, manyPostcodes(b, nationwide)); err != nil {
		b.Fatal(err)
	}
	g, err := geo.OpenGazetteer(dir)
	if err != nil {
		b.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(5, 5))
	for b.Loop() {
		g.District(geo.LatLon(50+rnd.Float64()*8, -5+rnd.Float64()*6))
	}
}
