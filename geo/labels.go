package geo

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// label gives every place a label of its own, the shortest that resolves to
// it: "Manchester", "Newport, Isle of Wight", "Church End, Central
// Bedfordshire (near Dunstable)".
func (n *names) label(pc *postcodes) {
	n.labels = make(map[string]int32, len(n.entries))
	type whereabouts struct {
		district, county string
		near             int32
	}
	// Few hundred districts hold all the names, so each is worked out once.
	located := map[whereabouts]*entry{}
	for i := range n.entries {
		e := &n.entries[i]
		key := whereabouts{e.District, e.County, e.near}
		if like := located[key]; like != nil {
			e.where, e.own = like.where, like.own
			continue
		}
		e.locate(pc)
		located[key] = e
	}
	sharing := map[string][]int32{}
	var order []string
	for i := range n.entries {
		e := &n.entries[i]
		e.label = n.plainLabel(int32(i), pc)
		key := fold(e.label)
		if len(sharing[key]) == 0 {
			order = append(order, key)
		}
		sharing[key] = append(sharing[key], int32(i))
	}
	var towns, settlements []int32
	for i := range n.entries {
		if rank(n.entries[i].Kind) >= rank(KindTown) {
			towns = append(towns, int32(i))
		} else {
			settlements = append(settlements, int32(i))
		}
	}
	bySouth := func(a, b int32) int { return cmp.Compare(n.entries[a].lat, n.entries[b].lat) }
	slices.SortStableFunc(towns, bySouth)
	slices.SortStableFunc(settlements, bySouth)
	for _, list := range sharing {
		slices.SortFunc(list, func(a, b int32) int { return compare(&n.entries[a], &n.entries[b]) })
		// The larger of the namesakes keeps the plain label.
		if e := &n.entries[list[0]]; len(list) == 1 || e.standing > n.entries[list[1]].standing {
			n.labels[fold(e.label)] = list[0]
		}
	}
	for _, key := range order {
		list := sharing[key]
		if len(list) == 1 {
			continue
		}
		n.tellApart(list, func(i int32) string { return n.nearLabel(i, towns) })
		n.tellApart(list, func(i int32) string { return n.nearLabel(i, settlements) })
		n.tellApart(list, func(i int32) string { return n.entries[i].pointLabel() })
	}
}

// tellApart gives the entries that have no label of their own yet the label
// that better proposes, where that is not taken by another.
func (n *names) tellApart(list []int32, better func(int32) string) {
	proposed := map[string]int{}
	labels := map[int32]string{}
	for _, i := range list {
		if have, ok := n.labels[fold(n.entries[i].label)]; ok && have == i {
			continue
		}
		labels[i] = better(i)
		proposed[fold(labels[i])]++
	}
	for _, i := range list {
		key := fold(labels[i])
		if labels[i] == "" || proposed[key] > 1 {
			continue
		}
		if _, taken := n.labels[key]; !taken {
			n.entries[i].label, n.labels[key] = labels[i], i
		}
	}
}

// shown is a place's name as labels give it: a Welsh or Gaelic name after the
// English one, when we know that.
func (e *entry) shown() string {
	key := fold(e.Name.Name)
	if welsh, english, ok := strings.Cut(e.District, " - "); ok && fold(welsh) == key && fold(english) != key {
		return english + " (" + e.Name.Name + ")"
	}
	for _, i := range pairsOf[key] {
		if p := namePairs[i]; fold(p.name) == key && slices.Contains(e.Also, p.other) {
			return p.other + " (" + e.Name.Name + ")"
		}
	}
	return e.Name.Name
}

// plainLabel is the name alone where it can only mean this place, else the
// name and district.
func (n *names) plainLabel(i int32, pc *postcodes) string {
	e := &n.entries[i]
	name, district := e.shown(), e.district()
	key := fold(e.Name.Name)
	top, ok := winner(n.at[key])
	wins := ok && top == i
	sameName := district == "" || fold(district) == key
	switch {
	case wins && (e.Kind == KindCity || e.region || strings.HasPrefix(fold(district), key) || strings.HasPrefix(name, district)):
		return name
	case !sameName:
		return name + ", " + district
	}
	if e.County != "" && fold(e.County) != key {
		return name + ", " + e.County
	}
	if e.near >= 0 {
		d := &pc.districts[e.near]
		for _, in := range []string{d.Region, d.Country, d.Code.Outward()} {
			if in != "" && fold(in) != key {
				return name + ", " + in
			}
		}
	}
	if wins {
		return name
	}
	return e.pointLabel()
}

// pointLabel is the last resort: it tells even two hamlets of one name in one
// parish apart.
func (e *entry) pointLabel() string {
	return fmt.Sprintf("%s (%.4f, %.4f)", e.Name.Name, e.Point().Lat(), e.Point().Lon())
}

// nearLabel adds the nearest of the given places, which are in order from the
// south, that has another name.
func (n *names) nearLabel(i int32, among []int32) string {
	e := &n.entries[i]
	p := e.Point()
	narrow := math.Cos(radians(p.Lat()))
	best, bestD := int32(-1), 0.25 // half a degree, 55 km: nothing "near" is farther
	// consider reports whether places farther off in that direction may be nearer.
	consider := func(j int32) bool {
		o := &n.entries[j]
		if dy := o.Point().Lat() - p.Lat(); dy*dy > bestD {
			return false
		}
		if d := flatDistance(p, o.Point(), narrow); d < bestD && o.Name.Name != e.Name.Name {
			best, bestD = j, d
		}
		return true
	}
	at, _ := slices.BinarySearchFunc(among, e.lat, func(j int32, lat int32) int { return cmp.Compare(n.entries[j].lat, lat) })
	for k := at; k < len(among) && consider(among[k]); k++ {
	}
	for k := at - 1; k >= 0 && consider(among[k]); k-- {
	}
	if best < 0 {
		return e.label
	}
	base, _, _ := strings.Cut(e.label, " (near ")
	return base + " (near " + n.entries[best].Name.Name + ")"
}

// locate gathers everything that may stand after a place's name to say which
// one is meant.
func (e *entry) locate(pc *postcodes) {
	add := func(s string) {
		if key := fold(s); key != "" && !slices.Contains(e.where, key) {
			e.where = append(e.where, key)
		}
	}
	add(e.District)
	for s := range strings.SplitSeq(e.District, " - ") {
		add(strings.TrimPrefix(s, "the "))
	}
	add(e.County)
	e.own = len(e.where)
	if e.near >= 0 {
		d := &pc.districts[e.near]
		add(d.Region)
		add(d.Country)
		add(d.Town)
		add(d.Code.Outward())
	}
}

// isIn reports whether a folded qualifier is the district or county that the
// place's own table puts it in.
func (e *entry) isIn(qualifier string) bool { return slices.Contains(e.where[:e.own], qualifier) }

// isAt reports whether a folded qualifier says where e is: all of a district,
// county, country or outward code, or enough of it to know ("wight",
// "northamptonshire" for West Northamptonshire), or one slip away from it.
func (e *entry) isAt(qualifier string) bool {
	return slices.ContainsFunc(e.where, func(where string) bool {
		return where == qualifier ||
			len(qualifier) >= 4 && strings.Contains(where, qualifier) ||
			len(qualifier) >= 6 && editDistance(where, qualifier, 1) == 1
	})
}
