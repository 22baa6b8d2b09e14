package transit_test

import (
	"slices"
	"testing"

	"hereabouts/geo"
	"hereabouts/geo/transit"
)

func TestFeedsNear(t *testing.T) {
	feed := func(name string, lats ...float64) *transit.Feed {
		f := &transit.Feed{Name: name, Zone: "Europe/London"}
		for _, lat := range lats {
			f.Stops = append(f.Stops, transit.Stop{ID: name, Lat: lat, Lon: -1})
		}
		return f
	}
	// A thousandth of a degree is 111 m, and 145 m of path.
	n := transit.NewNetwork([]*transit.Feed{feed("trains", 52.004), feed("buses", 52.001, 52.002), feed("trams", 52.1)}, nil)
	for _, c := range []struct {
		pathM float64
		want  []int
	}{{0, nil}, {150, []int{0}}, {600, []int{0, 1}}, {20_000, []int{0, 1, 2}}} {
		if got := n.FeedsNear(geo.LatLon(52, -1), c.pathM); !slices.Equal(got, c.want) {
			t.Errorf("within %v m: %v, want %v", c.pathM, got, c.want)
		}
	}
	if got := transit.NewNetwork(nil, nil).FeedsNear(geo.LatLon(52, -1), 1000); len(got) > 0 {
		t.Errorf("no timetables: %v", got)
	}
}
