package geo_test

import (
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
