package index

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"hereabouts"
)

// counts are how many results have each value. A facet leaves its own clause
// out, so that its counts say what choosing another value would give: with
// day=tue, the day facet still counts Wednesdays. Access is the exception:
// its facts must all hold, and its counts say what adding one would leave.
type counts struct {
	kind, cost [4]int
	need       [maxNeeds]int
	day        [7]int
	access     [8]int
	avail      [6]int
	delivery   [4]int
	referral   [5]int
	language   []int
	wants      map[string]bool
}

func newCounts(c *columns, names []string) *counts {
	n := &counts{language: make([]int, len(c.languages.values)), wants: make(map[string]bool, len(names))}
	for _, f := range names {
		n.wants[f] = true
	}
	return n
}

// addRow counts one listing: in every facet, or in one alone when it passes
// all but that facet's own clause. A listing that passes everything counts
// in all of them.
func (n *counts) addRow(m *compiled, ord uint32, only string) {
	r := &m.rows[ord]
	on := func(facet string) bool { return (only == "" || only == facet) && n.wants[facet] }
	if on("kind") {
		n.kind[r.kind]++
	}
	if on("need") {
		eachNeed(&r.needs, func(i int) { n.need[i]++ })
	}
	if on("day") {
		addMask(n.day[:], m.sessionDays(ord))
	}
	if on("cost") {
		n.cost[r.cost]++
	}
	if on("access") {
		addMask(n.access[:], r.accessYes)
	}
	if on("availability") {
		n.avail[r.avail]++
	}
	if on("delivery") {
		addMask(n.delivery[:], r.delivery)
	}
	if on("referral") {
		addMask(n.referral[:], r.referral)
	}
	if on("language") {
		for _, l := range m.details[ord].languages {
			n.language[l]++
		}
	}
}

func addMask(counts []int, mask uint8) {
	for ; mask != 0; mask &= mask - 1 {
		counts[bits.TrailingZeros8(mask)]++
	}
}

// addSet counts a set of listings, by rows when they are few.
func (n *counts) addSet(m *compiled, set bitset, size int, only string) {
	if m.few(2 * size) {
		for ord := range set.all {
			n.addRow(m, ord, only)
		}
		return
	}
	on := func(facet string) bool { return (only == "" || only == facet) && n.wants[facet] }
	each := func(facet string, counts []int, sets []bitset) {
		if on(facet) {
			for i, s := range sets {
				counts[i] += set.countAnd(s)
			}
		}
	}
	each("kind", n.kind[:], m.bits.kind[:])
	each("need", n.need[:], m.bits.need)
	each("cost", n.cost[:], m.bits.cost[:])
	each("access", n.access[:], m.bits.accessYes[:])
	each("availability", n.avail[:], m.bits.avail[:])
	each("delivery", n.delivery[:], m.bits.delivery[:])
	each("referral", n.referral[:], m.bits.referral[:])
	if on("day") {
		if m.session == nil || m.session.plain {
			each("day", n.day[:], m.bits.day[:])
		} else {
			for ord := range set.all {
				addMask(n.day[:], m.sessionDays(ord))
			}
		}
	}
	if on("language") {
		for i, s := range m.languages.sets {
			for it := s.Iterator(); it.HasNext(); {
				if set.has(it.Next()) {
					n.language[i]++
				}
			}
		}
	}
}

// replace counts one facet anew, over the listings that pass all but its own
// clause.
func (n *counts) replace(m *compiled, set bitset, facet string) {
	if !n.wants[facet] {
		return
	}
	switch facet {
	case "kind":
		n.kind = [4]int{}
	case "need":
		n.need = [maxNeeds]int{}
	case "day":
		n.day = [7]int{}
	case "cost":
		n.cost = [4]int{}
	case "availability":
		n.avail = [6]int{}
	case "delivery":
		n.delivery = [4]int{}
	case "referral":
		n.referral = [5]int{}
	case "language":
		clear(n.language)
	}
	n.addSet(m, set, set.count(), facet)
}

// results are the counts as they are shown: the largest first, then by value,
// and no zeros.
func (n *counts) results(c *columns) map[string][]hereabouts.Count {
	out := make(map[string][]hereabouts.Count, len(n.wants))
	put := func(facet string, counts []int, value func(i int) string) {
		if !n.wants[facet] {
			return
		}
		list := []hereabouts.Count{}
		for i, k := range counts {
			if k > 0 {
				list = append(list, hereabouts.Count{Value: value(i), Count: k})
			}
		}
		slices.SortFunc(list, func(a, b hereabouts.Count) int {
			return cmp.Or(b.Count-a.Count, strings.Compare(a.Value, b.Value))
		})
		out[facet] = list
	}
	put("kind", n.kind[1:], func(i int) string { return string(kinds[i+1]) })
	put("need", n.need[:len(c.needs.Needs)], func(i int) string { return c.needs.Needs[i].ID })
	put("day", n.day[:], func(i int) string { return dayNames[i] })
	put("cost", n.cost[:len(costs)], func(i int) string { return costs[i] })
	put("access", n.access[:], func(i int) string { return hereabouts.AccessNames[i] })
	put("availability", n.avail[:], func(i int) string { return string(states[i]) })
	put("delivery", n.delivery[:], func(i int) string { return string(deliveries[i]) })
	put("referral", n.referral[:], func(i int) string { return string(routes[i]) })
	put("language", n.language, func(i int) string { return c.languages.values[i] })
	return out
}
