package geo

import (
	"testing"

	"github.com/paulmach/orb"
)

// The readers take any bytes without a panic and without taking more memory
// than the file earns, and what they accept they can write again.

func FuzzDecodePostcodes(f *testing.F) {
	unit, _ := ParsePostcode("SO14 7DU")
	other, _ := ParsePostcode("AB10")
	f.Add((&Postcodes{}).encode())
	f.Add((&Postcodes{
		Units:     []Unit{NewUnit(unit, LatLon(50.9, -1.4), true)},
		Districts: []District{NewDistrict(other, LatLon(57.1, -2.1), "Aberdeen", "Aberdeen City", "Scotland")},
	}).encode())
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, payload []byte) {
		c, ok := decodePostcodes(payload)
		if !ok {
			return
		}
		for i := range c.districts {
			d := &c.districts[i]
			if p, known, ok := c.find(d.Code); !ok || known != d.Code || p.Lat() < -90 || p.Lat() > 90 {
				t.Fatalf("%v is at %v", d.Code, p)
			}
			for j := d.first; j < d.end; j++ {
				u := c.unit(d.Code, j)
				if p, known, ok := c.find(u.Code); !ok || known != u.Code || p != u.Point() {
					t.Fatalf("%v is not found where it is", u.Code)
				}
			}
		}
	})
}

func FuzzDecodeNames(f *testing.F) {
	f.Add(encodeNames(nil))
	f.Add(encodeNames([]Name{NewName("Newport", KindTown, "Isle of Wight", "", LatLon(50.7, -1.3), "Other"), NewName("", "", "", "x", LatLon(0, 0))}))
	f.Add([]byte{1, 0, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, payload []byte) {
		list, ok := decodeNames(payload)
		if !ok {
			return
		}
		again, ok := decodeNames(encodeNames(list))
		if !ok || len(again) != len(list) {
			t.Fatalf("%d names were read and %d written", len(list), len(again))
		}
		n := newNames(list, &postcodes{})
		for label, i := range n.labels {
			if fold(n.entries[i].label) != label && fold(n.entries[i].Name.Name) == "" {
				t.Fatalf("label %q leads to %q", label, n.entries[i].label)
			}
		}
	})
}

func FuzzDecodeAreas(f *testing.F) {
	ring := orb.Ring{LatLon(51, 0), LatLon(51, 1), LatLon(52, 1), LatLon(51, 0)}
	f.Add(encodeAreas(nil))
	f.Add(encodeAreas([]Area{{Code: "a", Polygon: orb.MultiPolygon{{ring}, {ring, ring}}}, {Code: "b", Name: "B", Kind: "ward", Polygon: orb.MultiPolygon{{ring}}}}))
	f.Add([]byte{0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, payload []byte) {
		list, ok := decodeAreas(payload)
		if !ok {
			return
		}
		again, ok := decodeAreas(encodeAreas(list))
		if !ok || len(again) != len(list) {
			t.Fatalf("%d areas were read and %d written", len(list), len(again))
		}
		for i := range list {
			if !SameArea(list[i], again[i]) || list[i].Polygon.Bound() != again[i].Polygon.Bound() {
				t.Fatalf("area %q changed on the way", list[i].Code)
			}
		}
	})
}

func FuzzParseCoordinates(f *testing.F) {
	for _, s := range []string{"51.48, 0", "51.5 -0.1", "0.1W, 51.5N", "51,5, 0", "−0.1;51", "NaN,NaN", "1e9,1", "51.5°N 0°E", ",", "0x1p4, 2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, ok, err := parseCoordinates(s)
		if err != nil && !ok || ok && err == nil && !InUK(p) || !ok && p != (orb.Point{}) {
			t.Fatalf("parseCoordinates(%q) = %v, %v, %v", s, p, ok, err)
		}
	})
}

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b        string
		limit, want int
	}{
		{"", "", 2, 0}, {"", "ab", 2, 2}, {"bath", "bath", 0, 0}, {"bath", "both", 1, 1}, {"bath", "bat", 1, 1},
		{"bath", "abth", 1, 1},                     // a swap is one slip
		{"northampton", "southampton", 2, 2},       // and these are two apart
		{"northampton", "nothampton", 3, 1},        //
		{"london", "leeds", 2, 3}, {"a", "", 0, 1}, // beyond the limit is the limit and one
	} {
		if got := editDistance(c.a, c.b, c.limit); got != c.want {
			t.Errorf("editDistance(%q, %q, %d) = %d, want %d", c.a, c.b, c.limit, got, c.want)
		}
		if got := editDistance(c.b, c.a, c.limit); got != c.want {
			t.Errorf("editDistance(%q, %q, %d) = %d, want %d", c.b, c.a, c.limit, got, c.want)
		}
	}
}
