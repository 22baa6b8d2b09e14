package data_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"hereabouts"
	"hereabouts/data"
)

// Benchmarks of what the rest of the program leans on. The disk decides the
// commit rates: compare them within one run only.

func pence(n int) *int           { return &n }
func degrees(x float64) *float64 { return &x }

// usual is a listing of the usual size, about 2 kB as JSON.
func usual(i int) *hereabouts.Listing {
	return &hereabouts.Listing{
		ID: fmt.Sprintf("listing-%07d", i), Kind: hereabouts.Group,
		Name:         fmt.Sprintf("Tuesday making and mending, hall %d", i),
		Summary:      "A friendly group for people who like to make things and talk while they do.",
		Description:  strings.Repeat("We meet in the back room, the kettle is always on and newcomers are met at the door. ", 6),
		Organisation: hereabouts.OrganisationRef{Name: fmt.Sprintf("Village hall trust %d", i/7)},
		Needs:        []string{"connection.befriending", "connection"},
		Tags:         []string{"woodwork", "tea", "men's shed"},
		Eligibility:  hereabouts.Eligibility{Text: "People over 50", MinAge: pence(50), Genders: []string{"men"}, Catchment: hereabouts.Catchment{Label: "West Northamptonshire", Areas: []string{"E06000062"}}},
		Referral:     hereabouts.Referral{Routes: []hereabouts.Route{hereabouts.Self, hereabouts.LinkWorker}, How: "Ring or just come along", Phone: "01604 000000"},
		Availability: hereabouts.Availability{State: hereabouts.Open, AsOf: "2026-11-01"},
		Delivery:     []hereabouts.Delivery{hereabouts.InPerson},
		Places: []hereabouts.Place{{ID: "p1", Name: "Village hall", Address: "High Street", Postcode: "NN4 6LR",
			Lat: degrees(52.2 + float64(i%1000)/5000), Lon: degrees(-0.9), Access: hereabouts.Access{StepFree: hereabouts.Yes}}},
		Sessions: []hereabouts.Session{{ID: "s1", PlaceID: "p1", RRule: "FREQ=WEEKLY;BYDAY=TU", Start: "10:00", End: "12:00", From: "2026-01-06"}},
		Cost:     hereabouts.Cost{Free: hereabouts.No, Pence: pence(200), Per: "session"},
		Contacts: []hereabouts.Contact{{Name: "Pat", Phone: "01604 000000", Email: "pat@example.org"}},
		Source:   hereabouts.Source{Name: "bench", ID: fmt.Sprint(i), Licence: "OGL-UK-3.0"},
	}
}

func filled(b *testing.B, n int) *data.Store {
	b.Helper()
	s := fresh(b)
	for from := 0; from < n; from += hereabouts.MaxWrites {
		fill(b, s, from, min(n, from+hereabouts.MaxWrites))
	}
	return s
}

func fill(b *testing.B, s *data.Store, from, to int) {
	b.Helper()
	ws := make([]hereabouts.Write, 0, to-from)
	for i := from; i < to; i++ {
		ws = append(ws, hereabouts.Write{Listing: usual(i), Import: true})
	}
	if _, err := s.Commit(b.Context(), hereabouts.Batch{Actor: hereabouts.Actor{Kind: "importer", Name: "bench"}, Writes: ws}); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkCommitSingly(b *testing.B) {
	s := fresh(b)
	b.ReportAllocs()
	for i := range b.N {
		fill(b, s, i, i+1)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "listings/s")
}

func BenchmarkCommitFrom64Callers(b *testing.B) {
	s := fresh(b)
	var next atomic.Int64
	b.SetParallelism(max(1, 64/runtime.GOMAXPROCS(0)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := int(next.Add(1))
			fill(b, s, i, i+1)
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "listings/s")
}

func BenchmarkCommitBatchesOf1000(b *testing.B) {
	s := fresh(b)
	b.ReportAllocs()
	for i := range b.N {
		fill(b, s, i*1000, (i+1)*1000)
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "listings/s")
}

func BenchmarkImportUnchangedBatchesOf1000(b *testing.B) {
	s := filled(b, 10_000)
	b.ResetTimer()
	for i := range b.N {
		fill(b, s, i%10*1000, (i%10+1)*1000)
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "listings/s")
}

func BenchmarkReadFeedOf10k(b *testing.B) {
	s := filled(b, 10_000)
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	for range b.N {
		for _, err := range s.Changes(b.Context(), "", false) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkReadPageOf20(b *testing.B) {
	s := filled(b, 10_000)
	ids := make([]string, 20)
	b.ResetTimer()
	for i := range b.N {
		for j := range ids {
			ids[j] = fmt.Sprintf("listing-%07d", (i*7919+j*487)%10_000)
		}
		if ls, err := s.Listings(b.Context(), ids); err != nil || len(ls) != len(ids) {
			b.Fatal(len(ls), err)
		}
	}
}
