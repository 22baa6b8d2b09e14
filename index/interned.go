package index

import "github.com/RoaringBitmap/roaring/v2"

// interned is an open vocabulary: its values, and which listings have each.
type interned struct {
	values []string
	number map[string]uint32
	sets   []*roaring.Bitmap
}

func newInterned() interned { return interned{number: map[string]uint32{}} }

// intern is the numbers of values, without repeats.
func (v *interned) intern(values []string) []uint32 {
	var out []uint32
next:
	for _, s := range values {
		if s == "" {
			continue
		}
		n, ok := v.number[s]
		if !ok {
			n = uint32(len(v.values))
			v.number[s] = n
			v.values = append(v.values, s)
			v.sets = append(v.sets, roaring.New())
		}
		for _, o := range out {
			if o == n {
				continue next
			}
		}
		out = append(out, n)
	}
	return out
}

func (v *interned) add(ord uint32, numbers []uint32) {
	for _, n := range numbers {
		v.sets[n].Add(ord)
	}
}

func (v *interned) remove(ord uint32, numbers []uint32) {
	for _, n := range numbers {
		v.sets[n].Remove(ord)
	}
}
