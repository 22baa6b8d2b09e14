package index

import (
	"context"
	"runtime"

	"hereabouts"
)

// judgeAll judges the listings of a set, notes in pass those that are shown,
// and counts those that are also in counted by class.
// Listings that are not on a day that was asked for are there to count the
// days, and judged by what they have on other days.
// Many are shared between two goroutines: the ways there are worked out while
// they are judged, and somebody waits for the answer.
func (r *reacher) judgeAll(among, counted, onDay, pass bitset) {
	if among.count() < judgedTogether*r.rowsBelow || runtime.GOMAXPROCS(0) < 2 {
		r.judgeWords(among, counted, onDay, pass, 0, len(among))
		return
	}
	half := len(among) / 2
	twin := r.twin()
	each(context.Background(), 2, func(i int) {
		if i == 0 {
			r.judgeWords(among, counted, onDay, pass, 0, half)
		} else {
			twin.judgeWords(among, counted, onDay, pass, half, len(among))
		}
	})
	for class, n := range twin.counts {
		r.counts[class] += n
	}
}

// judgedTogether is from how many times rowsBelow listings on a second
// goroutine pays.
const judgedTogether = 4

// twin judges other listings of the same search at the same time: what is
// noted while judging is its own.
func (r *reacher) twin() *reacher {
	t := *r
	t.visits, t.plans = make([]*visits, len(r.visits)), make([]*plan, len(r.plans))
	t.others, t.moments = map[slot]*visits{}, nil
	t.counts = [reachClasses]int{}
	t.fetch.at = make([]uint8, len(r.fetch.at))
	if r.dayless != nil {
		t.dayless = r.dayless.twin()
	}
	return &t
}

// judgeWords is judgeAll for the words of the sets from one to another.
func (r *reacher) judgeWords(among, counted, onDay, pass bitset, from, to int) {
	for w := from; w < to; w++ {
		word := among[w]
		var shown uint64
		count := counted[w]
		for ; word != 0; word &= word - 1 {
			bit := trailingZeros(word)
			ord := uint32(w<<6 + bit)
			by := r
			if onDay != nil && onDay[w]>>bit&1 == 0 {
				by = r.dayless
			}
			var class uint8
			if v := by.soonest(w, bit, ord); v != nil {
				class = by.rideTo(ord, by.ties.spot[ord], v)
			} else {
				class = by.classOf(ord)
			}
			r.classes[ord] = class
			shown |= uint64(r.show>>class&1) << bit
			r.counts[class] += int(count >> bit & 1)
		}
		pass[w] = shown
	}
}

// soonest is the only visits that matter to a listing with one door that has
// to be ridden to; nil when there may be more to it.
func (r *reacher) soonest(w, bit int, ord uint32) *visits {
	if !r.riding || (r.bits.journeyless[w]|r.walkers[w])>>bit&1 != 0 || r.ties.spot[ord] >= manySpots {
		return nil
	}
	if v := r.visits[r.ties.next[ord]]; v != nil && !v.over {
		return v
	}
	return nil
}

// passes judges one listing that fails at most the clause of a bit, or has
// not the words, and counts it when it passes everything else.
func (r *reacher) passes(ord, fail uint32, worded bool) bool {
	by := r
	if fail != 0 && fail == r.dayBit {
		by = r.dayless
	}
	class := by.classOf(ord)
	r.classes[ord] = class
	if fail == 0 && worded {
		r.counts[class]++
	}
	return r.show>>class&1 != 0
}

// found is how many listings pass everything else, and also reach when it
// shows these classes.
func (r *reacher) found(show uint8) (n int) {
	for class, k := range r.counts {
		if show>>class&1 != 0 {
			n += k
		}
	}
	return n
}

// results are the counts as they are shown.
func (r *reacher) results() *hereabouts.ReachCounts {
	return &hereabouts.ReachCounts{
		ThereAndBack: r.counts[reachWalk] + r.counts[reachThereAndBack], ThereOnly: r.counts[reachThereOnly],
		No: r.counts[reachNo], Unknown: r.counts[reachUnknown], DoorToDoor: r.counts[reachDoorToDoor],
	}
}
