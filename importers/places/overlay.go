package places

import (
	"cmp"
	"slices"
)

// overlay lays new entries over old ones, both by code, and counts what became
// of each new one. old is in order and holds each code once; new need not. Of
// new entries with one code the last counts, and an earlier one as unchanged.
// blend makes the entry to keep of an old and a new one.
func overlay[T comparable, C cmp.Ordered](old, new []T, code func(T) C, r *Report, blend func(old, new T) T) []T {
	slices.SortStableFunc(new, func(a, b T) int { return cmp.Compare(code(a), code(b)) })
	out := make([]T, 0, len(old)+len(new))
	for i, n := range new {
		if i+1 < len(new) && code(new[i+1]) == code(n) {
			r.Unchanged++
			r.repairs.add("rows repeat a postcode of the same source; the last of each was taken")
			continue
		}
		for len(old) > 0 && code(old[0]) < code(n) {
			out, old = append(out, old[0]), old[1:]
		}
		if len(old) == 0 || code(old[0]) != code(n) {
			r.Added++
			out = append(out, n)
			continue
		}
		b := blend(old[0], n)
		if b == old[0] {
			r.Unchanged++
		} else {
			r.Changed++
		}
		out, old = append(out, b), old[1:]
	}
	return append(out, old...)
}

// shorten keeps a cell that is quoted in a report to a readable length.
func shorten(s string) string {
	if runes := []rune(s); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return s
}
