package geo

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// Suggest completes what a person is typing with at most limit places, the
// most prominent first. What may be a postcode gets districts and postcodes;
// a name that nothing begins with gets the names a slip or two away.
func (g *Gazetteer) Suggest(prefix string, limit int) []Place {
	return g.now.Load().suggest(prefix, limit)
}

func (c *contents) suggest(prefix string, limit int) []Place {
	prefix = strings.TrimFunc(prefix, isSpace)
	if limit <= 0 || prefix == "" || len(prefix) > maxTyped {
		return []Place{}
	}
	if strings.ContainsAny(prefix, "0123456789") {
		if found := c.postcodes.complete(prefix, limit); len(found) > 0 {
			return found
		}
		if pl, err := c.resolve(prefix); err == nil {
			return []Place{pl}
		}
		return []Place{}
	}
	name, qualifier := cutQualifier(prefix)
	list := c.names.beginning(name, qualifier != "")
	if qualifier != "" {
		list = slices.DeleteFunc(list, func(b bearer) bool { return !c.names.entries[b.entry].mayBeAt(foldQualifier(qualifier)) })
	}
	if len(list) == 0 {
		key := fold(name)
		for _, s := range append(c.names.similar(key, slipsAllowed(len(key))), c.names.similarBeginning(key)...) {
			list = c.names.merge(list, c.names.at[s.key])
		}
	}
	// "GU" begins districts as well as names; after the names.
	found := c.names.places(list, limit)
	for i := range found {
		found[i].Namesakes = max(len(c.names.at[fold(found[i].Name)])-1, 0)
	}
	if room := limit - len(found); room > 0 && len(prefix) <= 2 {
		found = append(found, c.postcodes.complete(prefix, room)...)
	}
	return found
}

// beginning finds the bearers of the names that begin with what is typed, or
// that are it when whole is set: those who bear it whole before others of
// their rank, then by prominence.
func (n *names) beginning(typed string, whole bool) []bearer {
	var list []bearer
	rankOf := map[int32]int8{} // twice the rank, plus one for the whole name
	for _, key := range prefixKeys(typed) {
		for i := sort.SearchStrings(n.keys, key); i < len(n.keys) && strings.HasPrefix(n.keys[i], key); i++ {
			if whole && n.keys[i] != key {
				break
			}
			for _, b := range n.at[n.keys[i]] {
				r := 2 * b.rank
				if n.keys[i] == key {
					r++
				}
				have, seen := rankOf[b.entry]
				if !seen {
					list = append(list, b)
				}
				if !seen || r > have {
					rankOf[b.entry] = r
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b bearer) int {
		return cmp.Or(cmp.Compare(rankOf[b.entry], rankOf[a.entry]), compare(&n.entries[a.entry], &n.entries[b.entry]))
	})
	return list
}

// similarBeginning finds the names that begin with key but for one slip that
// is not in the first letter.
func (n *names) similarBeginning(key string) []slip {
	if len(key) < 5 || len(key) > maxFoldedLen {
		return nil
	}
	var found []slip
	for i := sort.SearchStrings(n.keys, key[:1]); i < len(n.keys) && n.keys[i][0] == key[0] && len(found) < 64; i++ {
		have := n.keys[i]
		for _, l := range [...]int{len(key), len(key) + 1, len(key) - 1} {
			if l <= len(have) && editDistance(key, have[:l], 1) == 1 {
				found = append(found, slip{have, 1})
				break
			}
		}
	}
	return found
}

// longestBeginning finds the names that share the longest beginning with key,
// of five letters or more.
func (n *names) longestBeginning(key string) []slip {
	for l := min(len(key), maxFoldedLen) - 1; l >= 5; l-- {
		var found []slip
		for i := sort.SearchStrings(n.keys, key[:l]); i < len(n.keys) && strings.HasPrefix(n.keys[i], key[:l]) && len(found) < 64; i++ {
			found = append(found, slip{n.keys[i], slipsAllowed(maxFoldedLen) + 1})
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// prefixKeys are the foldings of a beginning. Its last word may be cut short,
// so one that would be written out is also taken as it stands ("st" begins
// Stafford and Saint), and one that begins "upon" is also left out.
func prefixKeys(typed string) []string {
	words := foldWords(typed)
	if len(words) == 0 {
		return nil
	}
	keys := []string{strings.Join(words, "")}
	last := len(words) - 1
	raw := strings.FieldsFunc(strings.ToLower(typed), func(r rune) bool { return r < 'a' || r > 'z' })
	if len(raw) == 0 {
		return keys
	}
	rawLast := raw[len(raw)-1]
	if rawLast != words[last] && writeOut(rawLast) == words[last] {
		keys = append(keys, strings.Join(words[:last], "")+rawLast)
	}
	if last > 0 && (rawLast == "u" || rawLast == "up" || rawLast == "upo") {
		keys = append(keys, strings.Join(words[:last], "")+"on")
	}
	return keys
}

// mayBeAt is isAt for a qualifier that is still being typed.
func (e *entry) mayBeAt(qualifier string) bool {
	return e.isAt(qualifier) || slices.ContainsFunc(e.where, func(where string) bool { return strings.HasPrefix(where, qualifier) })
}
