package geo_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"hereabouts/geo"
)

// manyPostcodes makes n well-formed postcodes all over Britain, about as many
// to a district as there really are.
func manyPostcodes(t testing.TB, n int) *geo.Postcodes {
	t.Helper()
	rnd := rand.New(rand.NewPCG(7, 7))
	out := &geo.Postcodes{Units: make([]geo.Unit, 0, n)}
	const letters = "ABDEFGHJLNPQRSTUWXYZ"
	for area := range 120 {
		for number := range 25 {
			lat, lon := 50+rnd.Float64()*8, -5+rnd.Float64()*6
			for unit := range (n + 2999) / 3000 {
				if len(out.Units) == n {
					return out
				}
				text := fmt.Sprintf("%c%c%d %d%c%c", "ABDEFGHLMN"[area%10], "ABDEFGHKLMNR"[area/10], number+1,
					unit/400%10, letters[unit/20%20], letters[unit%20])
				out.Units = append(out.Units, geo.NewUnit(postcode(t, text), geo.LatLon(lat+rnd.Float64()/50, lon+rnd.Float64()/50), unit%5 == 0))
			}
		}
	}
	return out
}

const nationwide = 1_800_000

func BenchmarkOpen1800000Postcodes(b *testing.B) {
	dir := b.TempDir()
	if err := geo.WritePostcodes(dir, manyPostcodes(b, nationwide)); err != nil {
		b.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var g *geo.Gazetteer
	for b.Loop() {
		var err error
		if g, err = geo.OpenGazetteer(dir); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB-held")
	if s := g.Stats(); s.Postcodes != nationwide {
		b.Fatalf("%d postcodes were opened", s.Postcodes)
	}
}

func BenchmarkResolve(b *testing.B) {
	dir := b.TempDir()
	if err := geo.WritePostcodes(dir, manyPostcodes(b, nationwide)); err != nil {
		b.Fatal(err)
	}
	if err := geo.WriteNames(dir, fixtureNames()); err != nil {
		b.Fatal(err)
	}
	g, err := geo.OpenGazetteer(dir)
	if err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string]string{
		"postcode": "BE7 1AB", "name": "Newport, Isle of Wight", "misspelt": "Nothampton", "point": "51.48, 0",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := g.Resolve(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
