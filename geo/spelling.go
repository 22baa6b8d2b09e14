package geo

import "math/bits"

// editDistance counts the letters put in, left out, replaced, or swapped with
// their neighbour between a and b. Anything beyond limit is limit+1.
func editDistance(a, b string, limit int) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > limit {
		return limit + 1
	}
	var buf [3][maxFoldedLen + 1]int
	if len(b) > maxFoldedLen {
		return limit + 1
	}
	before, prev, row := &buf[0], &buf[1], &buf[2]
	for j := range len(b) + 1 {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		best := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			best = min(best, d)
		}
		if best > limit {
			return limit + 1
		}
		before, prev, row = prev, row, before
	}
	return min(prev[len(b)], limit+1)
}

// slipsAllowed is how many slips are forgiven in a name of that many letters.
func slipsAllowed(length int) int {
	switch {
	case length < 4:
		return 0
	case length < 7:
		return 1
	case length < 12:
		return 2
	}
	return 3
}

// letterSet has a bit for each letter of a folded name. One slip changes at
// most two bits, so most names are ruled out by counting them.
func letterSet(folded string) (set uint32) {
	for i := range len(folded) {
		if c := folded[i]; c >= 'a' && c <= 'z' {
			set |= 1 << (c - 'a')
		}
	}
	return set
}

func mayBeWithin(a, b uint32, slips int) bool { return bits.OnesCount32(a^b) <= 2*slips }
