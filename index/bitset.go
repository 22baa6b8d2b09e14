package index

import "math/bits"

// A bitset is a set of ordinals. All the bitsets of one search have the same
// length.
type bitset []uint64

func wordsFor(n int) int { return (n + 63) / 64 }

func (b bitset) has(i uint32) bool { return b[i>>6]&(1<<(i&63)) != 0 }
func (b bitset) set(i uint32)      { b[i>>6] |= 1 << (i & 63) }
func (b bitset) unset(i uint32)    { b[i>>6] &^= 1 << (i & 63) }

func (b bitset) put(i uint32, on bool) {
	if on {
		b.set(i)
	} else {
		b.unset(i)
	}
}

func (b bitset) and(o bitset) {
	o = o[:len(b)]
	for i := range b {
		b[i] &= o[i]
	}
}

func (b bitset) or(o bitset) {
	o = o[:len(b)]
	for i := range b {
		b[i] |= o[i]
	}
}

func (b bitset) andNot(o bitset) {
	o = o[:len(b)]
	for i := range b {
		b[i] &^= o[i]
	}
}

func (b bitset) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// countAnd is the size of the intersection.
func (b bitset) countAnd(o bitset) (n int) {
	o = o[:len(b)]
	for i, w := range b {
		n += bits.OnesCount64(w & o[i])
	}
	return n
}

// all yields the members in order.
func (b bitset) all(yield func(uint32) bool) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			if !yield(uint32(i<<6 + bits.TrailingZeros64(w))) {
				return
			}
		}
	}
}

// grown is b with room for n members.
func (b bitset) grown(n int) bitset {
	if need := wordsFor(n); need > len(b) {
		if need <= cap(b) {
			return b[:need]
		}
		return append(b, make(bitset, max(need, 2*len(b))-len(b))...)
	}
	return b
}
