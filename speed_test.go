package hereabouts

import "testing"

func BenchmarkListing(b *testing.B) {
	l := full(b)
	l.Normalise()
	b.Run("normalise", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c := l
			c.Normalise()
		}
	})
	b.Run("validate", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := l.Validate(nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("hash", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l.ContentHash()
		}
	})
	b.Run("public", func(b *testing.B) {
		b.ReportAllocs()
		open := l
		open.HiddenLocation = false
		for b.Loop() {
			open.Public()
		}
	})
	b.Run("public hidden", func(b *testing.B) {
		for b.Loop() {
			l.Public()
		}
	})
}
