package index

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"hereabouts"
)

// relaxBelow is the number of results below which we say what would help.
const (
	relaxBelow = 5
	maxRelax   = 5
)

// relax works out which single change to the question would add most. Every
// number is counted, none is guessed.
func (x *Index) relax(ctx context.Context, st *state, r *run) ([]hereabouts.Relax, error) {
	var out []hereabouts.Relax
	offer := func(change map[string]string, total int) {
		if adds := total - r.total; adds > 0 {
			out = append(out, hereabouts.Relax{Change: change, Adds: adds})
		}
	}
	again := func(q hereabouts.Query, without int) (int, error) {
		m, err := compile(r.columns, &q, x.areas, x.options.rowsBelow)
		if err != nil {
			return 0, err
		}
		if without >= 0 {
			m.drop(without)
		}
		n := &run{compiled: m, scratch: r.scratch, sort: hereabouts.ByName, now: r.now, radius: q.Near != nil && q.WithinM > 0}
		if q.Text != "" {
			n.words = r.words
		}
		err = n.find(ctx)
		n.forget()
		return n.total, err
	}
	for i := range r.clauses {
		c := &r.clauses[i]
		if c.relax == nil {
			continue
		}
		if len(r.q.Availability) > 0 && c.facet == "availability" {
			// Leaving the parameter out means everything but closed.
			q := *r.q
			q.Availability = nil
			total, err := again(q, -1)
			if err != nil {
				return nil, err
			}
			offer(c.relax, total)
			continue
		}
		if r.singles != nil && !c.source {
			offer(c.relax, r.total+r.singles[i])
			continue
		}
		total, err := again(*r.q, i)
		if err != nil {
			return nil, err
		}
		offer(c.relax, total)
	}
	if r.radius {
		q := *r.q
		q.WithinM *= 2
		total, err := again(q, -1)
		if err != nil {
			return nil, err
		}
		offer(map[string]string{"within": distanceText(q.WithinM)}, total)
	}
	switch {
	case r.words == nil:
	case r.singles != nil && r.placed && !r.words.empty:
		offer(map[string]string{"q": ""}, r.total+r.singles[len(r.clauses)])
	default:
		q := *r.q
		q.Text = ""
		total, err := again(q, -1)
		if err != nil {
			return nil, err
		}
		offer(map[string]string{"q": ""}, total)
	}
	slices.SortFunc(out, func(a, b hereabouts.Relax) int {
		return cmp.Or(cmp.Compare(b.Adds, a.Adds), strings.Compare(changeText(a.Change), changeText(b.Change)))
	})
	return out[:min(len(out), maxRelax)], nil
}

func changeText(change map[string]string) (s string) {
	for _, k := range slices.Sorted(maps.Keys(change)) {
		s += k + "=" + change[k] + ";"
	}
	return s
}

// distanceText writes a radius as the within parameter takes it.
func distanceText(m float64) string {
	if km := m / 1000; m >= 1000 && km == math.Trunc(km*10)/10 {
		return strconv.FormatFloat(km, 'f', -1, 64) + "km"
	}
	return strconv.FormatFloat(math.Ceil(m), 'f', -1, 64)
}
