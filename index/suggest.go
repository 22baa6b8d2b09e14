package index

import (
	"context"
	"math/bits"
	"slices"
	"strings"

	"hereabouts"
)

func trailingZeros(w uint64) int { return bits.TrailingZeros64(w) }

// A nameKey is a folded name from one of its words on: "tea and chat" is
// found under "tea and chat" and under "chat".
type nameKey struct {
	rest string
	at   uint16 // where in the name it begins
	ord  uint32
}

func (k nameKey) before(o nameKey) bool {
	if k.rest != o.rest {
		return k.rest < o.rest
	}
	if k.at != o.at {
		return k.at < o.at
	}
	return k.ord < o.ord
}

func eachNameKey(ord uint32, name string, visit func(nameKey)) {
	for at := 0; at < len(name) && at < 1<<15; {
		end := strings.IndexByte(name[at:], ' ')
		word := name[at:]
		if end >= 0 {
			word = name[at : at+end]
		}
		if at == 0 || !stopWords[word] {
			visit(nameKey{name[at:], uint16(at), ord})
		}
		if end < 0 {
			return
		}
		at += end + 1
	}
}

// name enters a listing among the names.
func (c *columns) name(ord uint32, r *row, d *detail) {
	if r.nameHash != 0 {
		c.named[r.nameHash] = append(c.named[r.nameHash], ord)
	}
	eachNameKey(ord, d.name, func(k nameKey) { c.names.Set(k) })
}

func (c *columns) unname(ord uint32, r *row, d *detail) {
	left := without(c.named[r.nameHash], func(o uint32) bool { return o == ord })
	if len(left) == 0 {
		delete(c.named, r.nameHash)
	} else {
		c.named[r.nameHash] = left
	}
	eachNameKey(ord, d.name, func(k nameKey) { c.names.Delete(k) })
}

// maxSuggestions bounds what is looked at for one suggestion list.
const maxSuggestions = 50

// Suggest completes what a person is typing: first needs, by their labels and
// what else people say for them, then listings by the words of their names.
func (x *Index) Suggest(ctx context.Context, prefix string, limit int) ([]hereabouts.Suggestion, error) {
	out := []hereabouts.Suggestion{}
	typed := hereabouts.Fold(prefix)
	if limit <= 0 || limit > maxSuggestions {
		limit = 10
	}
	if typed == "" || len(typed) > 4*hereabouts.MaxTextRunes {
		return out, ctx.Err()
	}
	st := x.state.Load()
	if err := st.unavailable(false); err != nil {
		return nil, err
	}
	c := st.columns
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, n := range x.needWords.completing(typed) {
		if len(out) < limit {
			out = append(out, hereabouts.Suggestion{Kind: "need", ID: n.ID, Label: n.Label})
		}
	}
	var found []nameKey
	c.names.Ascend(nameKey{rest: typed}, func(k nameKey) bool {
		if !strings.HasPrefix(k.rest, typed) || len(found) == maxSuggestions {
			return false
		}
		if !slices.ContainsFunc(found, func(f nameKey) bool { return f.ord == k.ord }) {
			found = append(found, k)
		}
		return true
	})
	// Names that begin with what was typed come before those that contain it.
	slices.SortStableFunc(found, func(a, b nameKey) int { return min(int(a.at), 1) - min(int(b.at), 1) })
	for _, k := range found[:min(len(found), limit-len(out))] {
		d := c.details[k.ord]
		out = append(out, hereabouts.Suggestion{Kind: "listing", ID: d.id, Label: d.title})
	}
	return out, ctx.Err()
}
