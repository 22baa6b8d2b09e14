package index

import (
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	bgeo "github.com/blevesearch/bleve/v2/geo"
	"github.com/paulmach/orb"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/index/internal/sample"
)

var (
	compareN       = flag.Int("compare.n", 0, "compare with stock Bleve over this many listings; 0: do not")
	compareQueries = flag.Int("compare.queries", 200, "questions of each shape")
	compareRounds  = flag.Int("compare.rounds", 3, "rounds; a question's time is its best")
	compareShapes  = flag.String("compare.shapes", "abcdefgi", "shapes to run")
	compareProfile = flag.String("compare.profile", "", "write a CPU profile of our searches here")
	compareDir     = flag.String("compare.dir", "", "keep the data here instead of in a temporary folder")
)

// polygons are areas that exist for one question each.
type polygons map[string]orb.MultiPolygon

func (p polygons) Containing(orb.Point) []string { return nil }
func (p polygons) Polygon(code string) (orb.MultiPolygon, bool) {
	mp, ok := p[code]
	return mp, ok
}

// TestCompare measures the index beside stock Bleve, on the same listings and
// questions in the same run, and checks that both find the same. It prints a
// table in Markdown.
//
//	go test ./index -run TestCompare -timeout 1h -compare.n 100000
func TestCompare(t *testing.T) {
	if *compareN == 0 {
		t.Skip("measures for minutes; see -compare.n")
	}
	dir := *compareDir
	if dir == "" {
		dir = t.TempDir()
	}
	d := sample.New(1, today24)
	listings := make([]hereabouts.Listing, *compareN)
	for i := range listings {
		listings[i] = d.Listing(i)
		listings[i].Normalise()
		if listings[i].Availability.State == hereabouts.Closed {
			listings[i].Availability.State = hereabouts.Open // stock has no default
		}
	}
	src := newMemory(listings...)
	areas := polygons{}
	o := Options{Needs: sample.Needs(), Areas: areas, Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler)}

	debug.FreeOSMemory()
	before := residentMB()
	start := time.Now()
	x, err := Open(t.Context(), filepath.Join(dir, "ours"), src, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	built := time.Since(start)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = nil
	debug.FreeOSMemory()
	start = time.Now()
	if x, err = Open(t.Context(), filepath.Join(dir, "ours"), src, o); err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if _, err := x.Search(t.Context(), hereabouts.Query{Text: "gardening"}); err != nil {
		t.Fatal(err)
	}
	opened := time.Since(start)
	debug.FreeOSMemory()
	resident := residentMB() - before

	start = time.Now()
	s, err := buildStock(filepath.Join(dir, "stock"), listings, o.Needs)
	if err != nil {
		t.Fatal(err)
	}
	stockBuilt := time.Since(start)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	start = time.Now()
	// Re-opened like ours, so that both read merged segments from files.
	if s, err = openStock(filepath.Join(dir, "stock")); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stockOpened := time.Since(start)
	// unsafe_batch may lose the tail on Close; put it back.
	if err := s.complete(listings, o.Needs); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second) // merges

	var out strings.Builder
	rate := func(d time.Duration) string { return fmt.Sprintf("%.0f", float64(*compareN)/d.Seconds()) }
	fmt.Fprintf(&out, "\n%d listings, %d cores, %s\n\n", *compareN, runtime.GOMAXPROCS(0), runtime.Version())
	fmt.Fprintf(&out, "| | hereabouts | stock Bleve |\n| --- | --- | --- |\n")
	fmt.Fprintf(&out, "| listings indexed a second | %s | %s |\n", rate(built), rate(stockBuilt))
	fmt.Fprintf(&out, "| MB on disk | %.0f | %.0f |\n", float64(diskBytes(filepath.Join(dir, "ours")))/1e6, float64(diskBytes(filepath.Join(dir, "stock")))/1e6)
	fmt.Fprintf(&out, "| MB of memory after opening | %.0f | |\n", resident)
	fmt.Fprintf(&out, "| seconds from opening to the first answer | %.2f | %.2f to open |\n\n", opened.Seconds(), stockOpened.Seconds())
	fmt.Fprintf(&out, "| shape | hits | first time p50 | p50 | p95 | stock p50 | stock p95 | faster p50 | p95 | same totals |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	if *compareProfile != "" {
		f, err := os.Create(*compareProfile)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			t.Fatal(err)
		}
		defer pprof.StopCPUProfile()
	}
	for _, shape := range *compareShapes {
		compareShape(t, &out, x, s, src, specs(d, byte(shape), areas), byte(shape))
	}
	t.Log(out.String())
	fmt.Println(out.String())
}

var shapeNames = map[byte]string{
	'a': "a words", 'b': "b words, 5 km", 'c': "c words, 5 km, 4 filters, 5 facets", 'd': "d nearest first, 10 km",
	'e': "e one typing error", 'f': "f beginning of a name", 'g': "g inside a polygon", 'i': "i words, 5 facets",
}

func compareShape(t *testing.T, out *strings.Builder, x *Index, s *stock, src Source, list []spec, shape byte) {
	ours, theirs := make([]time.Duration, len(list)), make([]time.Duration, len(list))
	cold := make([]time.Duration, len(list))
	same, edge, comparable, hits := 0, 0, 0, 0
	for round := range *compareRounds + 1 {
		for from := 0; from < len(list); from += 20 {
			block := list[from:min(from+20, len(list))]
			totals := make([]int, len(block))
			for i := range block {
				start := time.Now()
				if shape == 'f' {
					sug, err := x.Suggest(t.Context(), block[i].prefix, hereabouts.DefaultLimit)
					if err != nil {
						t.Fatal(err)
					}
					totals[i] = len(sug)
				} else {
					res, err := x.Search(t.Context(), block[i].q)
					if err != nil {
						t.Fatal(err)
					}
					totals[i] = res.Total
				}
				took := time.Since(start)
				if round == 0 {
					cold[from+i] = took
					hits += totals[i]
				} else if best := &ours[from+i]; *best == 0 || took < *best {
					*best = took
				}
			}
			for i := range block {
				start := time.Now()
				res, err := s.Search(s.request(&block[i]))
				if err != nil {
					t.Fatal(err)
				}
				ids := make([]string, len(res.Hits))
				for k, h := range res.Hits {
					ids[k] = h.ID
				}
				if _, err := src.Listings(t.Context(), ids); err != nil {
					t.Fatal(err)
				}
				took := time.Since(start)
				if round > 0 {
					if best := &theirs[from+i]; *best == 0 || took < *best {
						*best = took
					}
					continue
				}
				if shape == 'e' || shape == 'f' {
					continue // the two forgive differently
				}
				comparable++
				switch {
				case int(res.Total) == totals[i]:
					same++
				case block[i].q.WithinM > 0 && s.within(t, &block[i], len(src.(*memory).at), src) == totals[i]:
					edge++
				default:
					t.Errorf("shape %c: %d results and stock has %d: %s", shape, totals[i], res.Total, describeQuery(block[i].q))
				}
			}
		}
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	slices.Sort(cold)
	ms := func(d time.Duration) string { return strconv.FormatFloat(d.Seconds()*1000, 'f', 3, 64) }
	at := func(d []time.Duration, p float64) time.Duration { return d[min(int(p*float64(len(d))), len(d)-1)] }
	verdict := fmt.Sprintf("%d of %d", same, comparable)
	switch {
	case comparable == 0:
		verdict = "not comparable"
	case edge > 0:
		verdict += fmt.Sprintf(", %d but for the edge", edge)
	}
	fmt.Fprintf(out, "| %s | %d | %s | %s | %s | %s | %s | %.1f× | %.1f× | %s |\n", shapeNames[shape], hits/len(list), ms(at(cold, .5)),
		ms(at(ours, .5)), ms(at(ours, .95)), ms(at(theirs, .5)), ms(at(theirs, .95)),
		float64(at(theirs, .5))/float64(at(ours, .5)), float64(at(theirs, .95))/float64(at(ours, .95)), verdict)
}

// within is how many listings stock finds that are truly within the radius.
// Its own distances are approximate, and a listing at the very edge may fall
// on either side.
func (s *stock) within(t *testing.T, sp *spec, n int, src Source) (total int) {
	anywhere := *sp
	anywhere.q.WithinM, anywhere.q.Sort, anywhere.q.Facets = 0, "", nil
	req := s.request(&anywhere)
	req.Size = n
	res, err := s.Search(req)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, len(res.Hits))
	for i, h := range res.Hits {
		ids[i] = h.ID
	}
	listings, err := src.Listings(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	for i := range listings {
		if p, _ := listings[i].Places[0].Point(); geo.DistanceM(sp.q.Near.Point(), p) <= sp.q.WithinM {
			total++
		}
	}
	return total
}

func specs(d *sample.Directory, shape byte, areas polygons) []spec {
	r := rand.New(rand.NewPCG(uint64(shape), 11))
	list := make([]spec, *compareQueries)
	for i := range list {
		s := &list[i]
		_, lat, lon := d.Place(r)
		s.q.Near = &hereabouts.Origin{Lat: lat, Lon: lon}
		s.q.Facets = []string{}
		text := d.Nth(8+r.IntN(250)) + " " + d.Nth(8+r.IntN(250))
		if r.IntN(2) == 0 {
			text += " " + d.Nth(10+r.IntN(3000))
		}
		facets := []string{"kind", "need", "day", "cost", "availability"}
		switch shape {
		case 'a':
			s.q.Text, s.q.Near = text, nil
		case 'b':
			s.q.Text, s.q.WithinM = text, 5000
		case 'c':
			s.q.Text, s.q.WithinM, s.q.Facets = text, 5000, facets
			s.q.Kinds = []hereabouts.Kind{kinds[1+r.IntN(2)]}
			s.q.Days = []time.Weekday{time.Weekday(1 + r.IntN(5))}
			s.q.Availability = []hereabouts.AvailabilityState{hereabouts.Open}
			s.q.MaxPence, s.q.DropUnknown = new(500), true
		case 'd':
			s.q.WithinM, s.q.Sort = 10_000, hereabouts.ByDistance
		case 'e':
			w := ""
			for len(w) < 5 {
				w = d.Nth(20 + r.IntN(280))
			}
			s.q.Text, s.q.Near, s.fuzzy = typo(w, r), nil, true
		case 'f':
			w := ""
			for len(w) < 4 {
				w = d.Nth(r.IntN(1500))
			}
			s.prefix, s.q.Near = w[:3+r.IntN(2)], nil
		case 'g':
			s.polygon = ragged(lat, lon, r)
			ring := make(orb.Ring, len(s.polygon))
			for k, p := range s.polygon {
				ring[k] = geo.LatLon(p.Lat, p.Lon)
			}
			code := fmt.Sprintf("G%d", i)
			areas[code] = orb.MultiPolygon{{ring}}
			s.q.Areas, s.q.Near = []string{code}, nil
		case 'i':
			s.q.Text, s.q.Facets, s.q.Near = text, facets, nil
		}
	}
	return list
}

// ragged is a polygon of twelve corners, 3.5 to 6 km from its middle.
func ragged(lat, lon float64, r *rand.Rand) []bgeo.Point {
	var out []bgeo.Point
	for k := range 12 {
		a := 2 * math.Pi * float64(k) / 12
		m := 3500 + 2500*r.Float64()
		out = append(out, bgeo.Point{Lon: lon + m*math.Cos(a)/(metresPerDegree*math.Cos(lat*math.Pi/180)), Lat: lat + m*math.Sin(a)/metresPerDegree})
	}
	return append(out, out[0])
}

func typo(w string, r *rand.Rand) string {
	b := []byte(w)
	i := 1 + r.IntN(len(b)-2)
	switch r.IntN(3) {
	case 0:
		b = append(b[:i], b[i+1:]...)
	case 1:
		b[i] = "aeiostr"[r.IntN(7)]
	default:
		b[i], b[i+1] = b[i+1], b[i]
	}
	return string(b)
}

func residentMB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte("RssAnon:")); ok {
			kb, _ := strconv.Atoi(string(bytes.Fields(rest)[0]))
			return float64(kb) / 1024
		}
	}
	return 0
}
