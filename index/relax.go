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
		n := &run{compiled: m, scratch: r.scratch, sort: hereabouts.ByName, now: r.now, unix: r.unix, index: x, radius: q.Near != nil && q.WithinM > 0}
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
		// On other days other journeys count.
		if r.singles != nil && !c.source && !(c.session && r.reach != nil) {
			offer(c.relax, r.total+r.singles[i])
			continue
		}
		total, err := again(*r.q, i)
		if err != nil {
			return nil, err
		}
		offer(c.relax, total)
	}
	if k := r.reach; k != nil {
		if err := k.relax(r.q, offer, again); err != nil {
			return nil, err
		}
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

// relax offers more time, to go one way only, and not to ask for the journey
// at all. Another way of walking is never offered: that is not a wish.
func (r *reacher) relax(q *hereabouts.Query, offer func(map[string]string, int), again func(hereabouts.Query, int) (int, error)) error {
	all := map[string]string{"transport": ""}
	if q.Sort == hereabouts.ByJourney {
		all["sort"] = ""
	}
	offer(all, r.found(1<<reachClasses-1))
	t := *r.travel
	if t.Mode == hereabouts.ByTransit && !t.OneWay && len(t.Verdicts) == 0 {
		offer(map[string]string{"return": "false"}, r.found(r.show|1<<reachThereOnly))
	}
	if t.Mode == hereabouts.ByDoorToDoor {
		return nil
	}
	next := (t.MaxMinutes/moreMinutes + 1) * moreMinutes
	for _, minutes := range []int{next, next + moreMinutes} {
		if minutes > hereabouts.MaxMaxMinutes {
			break
		}
		more, longer := *q, t
		longer.MaxMinutes = minutes
		more.Travel = &longer
		total, err := again(more, -1)
		if err != nil {
			return err
		}
		offer(map[string]string{"max_minutes": strconv.Itoa(minutes)}, total)
	}
	return nil
}

// moreMinutes is the step in which a longer journey is offered.
const moreMinutes = 15
