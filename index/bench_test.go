package index

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"hereabouts"
	"hereabouts/index/internal/sample"
)

var benchN = flag.Int("bench.n", 20_000, "listings that the benchmarks search")

// benchIndex is one index that the benchmarks share.
var benchIndex = sync.OnceValues(func() (*Index, polygons) {
	dir, err := os.MkdirTemp("", "hereabouts-bench")
	if err != nil {
		panic(err)
	}
	d := sample.New(1, today24)
	src := newMemory()
	for i := range *benchN {
		l := d.Listing(i)
		l.Normalise()
		src.put(l)
	}
	areas := polygons{}
	x, err := Open(context.Background(), dir, src, Options{Needs: sample.Needs(), Areas: areas,
		Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler)})
	if err == nil {
		err = x.CatchUp(context.Background())
	}
	if err != nil {
		panic(err)
	}
	return x, areas
})

// BenchmarkSearch runs questions of each shape that TestCompare measures.
func BenchmarkSearch(b *testing.B) {
	x, areas := benchIndex()
	d := sample.New(1, today24)
	for _, shape := range []byte("abcdefgi") {
		list := specs(d, shape, areas)
		b.Run(shapeNames[shape], func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				s := &list[i%len(list)]
				var err error
				if shape == 'f' {
					_, err = x.Suggest(b.Context(), s.prefix, hereabouts.DefaultLimit)
				} else {
					_, err = x.Search(b.Context(), s.q)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
