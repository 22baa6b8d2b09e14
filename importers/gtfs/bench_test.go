package gtfs

import (
	"context"
	"runtime"
	"testing"

	"hereabouts/geo/transit"
)

// How long a real timetable of 232,337 stop times takes, how much memory it
// asks for on the way, and how much the feed holds in the end:
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
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var held *transit.Feed
	for b.Loop() {
		f, rep, err := Read(context.Background(), source, Options{Now: noon})
		if err != nil {
			b.Fatal(err)
		}
		if len(f.Trips) != rep.Read.Trips {
			b.Fatalf("%d of %d trips", len(f.Trips), rep.Read.Trips)
		}
		held = f
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc)-float64(before.HeapAlloc), "B/feed")
	runtime.KeepAlive(held)
}
