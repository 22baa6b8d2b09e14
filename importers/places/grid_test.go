package places

import (
	"testing"

	"github.com/paulmach/orb"

	"hereabouts/geo"
)

// Points whose place on both systems Ordnance Survey has published: the worked
// example of its guide to coordinate systems, taken through the seven-parameter
// shift, and stations of its test data for the exact transformation, which the
// shift follows to about five metres.
func TestNationalGrid(t *testing.T) {
	for _, c := range []struct {
		name        string
		east, north float64
		want        orb.Point
		within      float64 // metres
	}{
		{"Caister, by the shift alone", 651409.903, 313177.270, geo.LatLon(52+39/60.+28.72/3600, 1+42/60.+57.79/3600), 0.5},
		{"Caister", 651409.804, 313177.450, geo.LatLon(52.658007833, 1.716073973), 5},
		{"Scilly", 91492.146, 11318.804, geo.LatLon(49.92226393730, -6.29977752014), 5},
		{"Cornwall", 170370.718, 11572.405, geo.LatLon(49.96006137820, -5.20304609998), 5},
		{"Plymouth", 250359.811, 62016.569, geo.LatLon(50.43885825610, -4.10864563561), 5},
		{"Southampton", 438710.920, 114792.250, geo.LatLon(50.93127937910, -1.45051433700), 5},
	} {
		got := british(c.east, c.north)
		if m := geo.DistanceM(got, c.want); m > c.within {
			t.Errorf("%s: %v is %.2f m from %v", c.name, got, m, c.want)
		}
	}
}

func TestGridsGoBothWays(t *testing.T) {
	for _, g := range []grid{britishGrid, irishGrid} {
		for east := 10_000.0; east < 650_000; east += 31_007 {
			for north := 5_000.0; north < 1_200_000; north += 77_003 {
				p := g.point(east, north)
				e, n, _ := g.fromLonLat(p.Lon(), p.Lat(), 0)
				if dx, dy := e-east, n-north; dx*dx+dy*dy > 0.01*0.01 {
					t.Fatalf("%v, %v comes back as %v, %v", east, north, e, n)
				}
			}
		}
	}
}

// Tables give Northern Ireland on either grid. The City Hall in Belfast is at
// 54.5965 N, 5.9301 W.
func TestEitherGridInNorthernIreland(t *testing.T) {
	hall := geo.LatLon(54.5965, -5.9301)
	for name, en := range map[string][2]float64{"Irish": {333_830, 374_000}, "British": {146_180, 529_490}} {
		p, ok := onGrid(en[0], en[1], true)
		if m := geo.DistanceM(p, hall); !ok || m > 300 {
			t.Errorf("%s grid: %v, %v is %.0f m away", name, p, ok, m)
		}
	}
	// Elsewhere the same numbers are British.
	if p, ok := onGrid(333_830, 374_000, false); !ok || p.Lon() < -3.5 || p.Lat() > 53.5 {
		t.Errorf("the same numbers in Great Britain: %v, %v", p, ok)
	}
	for _, en := range [][2]float64{{-1, 0}, {800_000, 5}, {1e12, 1e12}, {5, 1_400_000}} {
		if p, ok := onGrid(en[0], en[1], false); ok {
			t.Errorf("%v is off the grid and became %v", en, p)
		}
	}
}
