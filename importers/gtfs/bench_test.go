package gtfs

import (
	"context"
	"testing"
)

// How long a real timetable of 232,337 stop times takes, and how much memory
// it asks for on the way:
//
//	go test -run '^$' -bench Southampton -benchmem ./importers/gtfs
func BenchmarkReadSouthampton(b *testing.B) {
	benchmarkRead(b, "gb-southampton-bluestar-bus-2025-07.zip")
}

func BenchmarkReadRail(b *testing.B) {
	benchmarkRead(b, "gb-rail-6-operators-2017.zip")
}

func benchmarkRead(b *testing.B, name string) {
	source := shared(b, "gtfs", name)
	b.ReportAllocs()
	for b.Loop() {
		f, rep, err := Read(context.Background(), source, Options{Now: noon})
		if err != nil {
			b.Fatal(err)
		}
		if len(f.Trips) != rep.Read.Trips {
			b.Fatalf("%d of %d trips", len(f.Trips), rep.Read.Trips)
		}
	}
}
