package transit

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// noNode stands for a node not known yet, or none.
const noNode = ^uint32(0)

// nodes are where people get off (in) and on (out). The first are the stops
// themselves; the others tell apart classes of trips at a stop.
type nodes struct {
	none            uint32   // a node that is never reached; the last of both
	inStop, outStop []uint32 // stops of the nodes after those of the stops
	stops           uint32
	extraIn         map[uint32][]uint32 // by stop: its nodes beside its first
	extraOut        map[uint32][]uint32
}

func (n *nodes) stopOfIn(node uint32) uint32 {
	if node < n.stops {
		return node
	}
	return n.inStop[node-n.stops]
}

func (n *nodes) stopOfOut(node uint32) uint32 {
	if node < n.stops {
		return node
	}
	return n.outStop[node-n.stops]
}

// A class is what a transfer rule may ask of a trip; negative is any other.
type class struct{ route, trip int32 }

// A classNode is the node of a class of trips at a stop.
type classNode struct {
	stop uint32
	class
}

// classes sort trips by what the feeds' transfers say of them.
type classes struct {
	rules          map[[2]uint32][]Transfer // by stops, in the order that they decide
	named          []namedTrips             // by feed
	inAt, outAt    map[uint32]distinctions  // by stop
	inNode         map[classNode]uint32
	outNode        map[classNode]uint32
	inList         []classNode // nodes after those of the stops
	outList        []classNode
	firstExtraNode uint32
}

// distinctions are the routes and trips that rules tell apart at a stop.
type distinctions struct{ routes, trips map[int32]bool }

// namedTrips are the trips that rules name, by every trip that the name means.
type namedTrips map[uint32]int32

func newClasses(feeds []*Feed, numbers [][]uint32) *classes {
	c := &classes{rules: map[[2]uint32][]Transfer{}, inAt: map[uint32]distinctions{}, outAt: map[uint32]distinctions{},
		inNode: map[classNode]uint32{}, outNode: map[classNode]uint32{}}
	for i, f := range feeds {
		c.firstExtraNode += uint32(len(f.Stops))
		byID := map[string]int32{}
		for _, r := range f.Transfers {
			if r.Type == Recommended || r.Type > Forbidden || r.Type == MinTime && r.Seconds < 0 {
				continue // says nothing of times
			}
			r.From, r.To = numbers[i][r.From], numbers[i][r.To]
			for _, t := range []*int32{&r.FromTrip, &r.ToTrip} {
				if *t >= 0 {
					// The first trip named speaks for all that share its ID.
					id := f.Trips[*t].ID
					if first, ok := byID[id]; ok {
						*t = first
					} else {
						byID[id] = *t
					}
				}
			}
			distinguish(c.inAt, r.From, r.FromRoute, r.FromTrip)
			distinguish(c.outAt, r.To, r.ToRoute, r.ToTrip)
			c.rules[[2]uint32{r.From, r.To}] = append(c.rules[[2]uint32{r.From, r.To}], r)
		}
		named := namedTrips{}
		if len(byID) > 0 {
			for j := range f.Trips {
				if t, ok := byID[f.Trips[j].ID]; ok {
					named[uint32(j)] = t
				}
			}
		}
		c.named = append(c.named, named)
	}
	for _, rules := range c.rules {
		slices.SortStableFunc(rules, func(a, b Transfer) int { return cmp.Compare(b.Rank, a.Rank) })
	}
	return c
}

func distinguish(at map[uint32]distinctions, stop uint32, route, trip int32) {
	if route < 0 && trip < 0 {
		return
	}
	d, ok := at[stop]
	if !ok {
		d = distinctions{map[int32]bool{}, map[int32]bool{}}
		at[stop] = d
	}
	if route >= 0 {
		d.routes[route] = true
	}
	if trip >= 0 {
		d.trips[trip] = true
	}
}

// of is where people get off and on a trip at a stop.
func (c *classes) of(feed int, trip, route, stop uint32) (in, out uint32) {
	return c.node(c.inAt, c.inNode, &c.inList, feed, trip, route, stop), c.node(c.outAt, c.outNode, &c.outList, feed, trip, route, stop)
}

func (c *classes) node(at map[uint32]distinctions, numbers map[classNode]uint32, list *[]classNode, feed int, trip, route, stop uint32) uint32 {
	d, ok := at[stop]
	if !ok {
		return stop
	}
	k := class{-1, -1}
	if d.routes[int32(route)] {
		k.route = int32(route)
	}
	if t, ok := c.named[feed][trip]; ok && d.trips[t] {
		k.trip = t
	}
	if k == (class{-1, -1}) {
		return stop
	}
	node := classNode{stop, k}
	number, ok := numbers[node]
	if !ok {
		number = c.firstExtraNode + uint32(len(*list))
		numbers[node] = number
		*list = append(*list, node)
	}
	return number
}

// nodes are all of them, once every trip has been sorted.
func (c *classes) nodes(stops int) nodes {
	n := nodes{stops: uint32(stops), extraIn: map[uint32][]uint32{}, extraOut: map[uint32][]uint32{}}
	for i, node := range c.inList {
		n.inStop = append(n.inStop, node.stop)
		n.extraIn[node.stop] = append(n.extraIn[node.stop], n.stops+uint32(i))
	}
	for i, node := range c.outList {
		n.outStop = append(n.outStop, node.stop)
		n.extraOut[node.stop] = append(n.extraOut[node.stop], n.stops+uint32(i))
	}
	n.none = n.stops + uint32(max(len(n.inStop), len(n.outStop)))
	return n
}

// links are every change there can be, whoever makes it, by the in-node that
// it begins at.
type links struct {
	first []uint32 // by in-node, and one more
	list  []link
}

// A link leads from an in-node to an out-node.
type link struct {
	to      uint32
	seconds int32 // as a feed says; negative: by the walk
	pathM   float64
}

const byWalk = int32(-1)

func newLinks(g *grid, c *classes, n *nodes) links {
	var l links
	var near []footpath
	one := func(stop uint32, from class) {
		l.first = append(l.first, uint32(len(l.list)))
		near = g.near(near[:0], g.at[stop], MaxFootM)
		// The nearest first, and the stop itself before all.
		slices.SortFunc(near, func(a, b footpath) int {
			return cmp.Or(-cmpBool(a.stop == stop, b.stop == stop), cmp.Compare(a.pathM, b.pathM), cmp.Compare(a.stop, b.stop))
		})
		for _, f := range near {
			rules := c.rules[[2]uint32{stop, f.stop}]
			add := func(node uint32, to class) {
				seconds := byWalk
				for _, r := range rules {
					if !(r.FromRoute < 0 || r.FromRoute == from.route) || !(r.FromTrip < 0 || r.FromTrip == from.trip) ||
						!(r.ToRoute < 0 || r.ToRoute == to.route) || !(r.ToTrip < 0 || r.ToTrip == to.trip) {
						continue
					}
					switch r.Type {
					case Forbidden:
						return
					case Timed:
						seconds = 0
					default:
						seconds = r.Seconds
					}
					break
				}
				if f.stop == stop && seconds == byWalk {
					seconds = ChangeSeconds
				}
				l.list = append(l.list, link{node, seconds, f.pathM})
			}
			add(f.stop, class{-1, -1})
			for _, node := range n.extraOut[f.stop] {
				add(node, c.outList[node-n.stops].class)
			}
		}
	}
	for s := range g.at {
		one(uint32(s), class{-1, -1})
	}
	for _, node := range c.inList {
		one(node.stop, node.class)
	}
	l.first = append(l.first, uint32(len(l.list)))
	return l
}

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// from are the changes from an in-node.
func (l *links) from(node uint32) []link {
	if int(node)+1 >= len(l.first) {
		return nil
	}
	return l.list[l.first[node]:l.first[node+1]]
}

// walkSeconds is how long a path takes.
func walkSeconds(pathM, speed float64) int { return int(math.Ceil(pathM / speed)) }

// allowed reports whether somebody who walks at most maxWalkM may use a link.
// What a feed says of its time makes no difference: nobody is sent on a walk
// that is too long for them.
func (l *link) allowed(maxWalkM float64) bool { return l.pathM <= maxWalkM }

// takes is how long a change takes at a speed.
func (l *link) takes(speed float64) int32 {
	if l.seconds != byWalk {
		return l.seconds
	}
	return int32(walkSeconds(l.pathM, speed)) + ChangeSeconds
}

// A changeTable is how long changes take one kind of walker, both ways.
type changeTable struct {
	from changeList // by in-node: the out-nodes
	to   changeList // by out-node: the in-nodes
}

type changeList struct {
	first []uint32
	list  []change
}

type change struct {
	node    uint32
	seconds int32
}

func (l *changeList) of(node uint32) []change { return l.list[l.first[node]:l.first[node+1]] }

// changeTables keeps the tables of the latest kinds of walker.
type changeTables struct {
	mu   sync.Mutex
	kept []keptTable // the latest last
}

type keptTable struct {
	speed, limitM float64
	table         *changeTable
}

// maxChangeTables is enough for every profile, and some with other limits.
const maxChangeTables = 6

// changesFor is the table of a walker.
func (n *Network) changesFor(speed, maxWalkM float64) *changeTable {
	limit := min(maxWalkM, MaxFootM)
	c := &n.changeTables
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, k := range c.kept {
		if k.speed == speed && k.limitM == limit {
			c.kept = append(slices.Delete(c.kept, i, i+1), k)
			return k.table
		}
	}
	t := n.newChangeTable(speed, limit)
	if len(c.kept) == maxChangeTables {
		c.kept = slices.Delete(c.kept, 0, 1)
	}
	c.kept = append(c.kept, keptTable{speed, limit, t})
	return t
}

func (n *Network) newChangeTable(speed, limit float64) *changeTable {
	t := &changeTable{}
	count := make([]uint32, n.nodes.none+2)
	for node := range n.nodes.none + 1 {
		t.from.first = append(t.from.first, uint32(len(t.from.list)))
		links := n.links.from(node)
		for i := range links {
			if l := &links[i]; l.allowed(limit) {
				t.from.list = append(t.from.list, change{l.to, l.takes(speed)})
				count[l.to+1]++
			}
		}
	}
	t.from.first = append(t.from.first, uint32(len(t.from.list)))
	for i := range n.nodes.none + 1 {
		count[i+1] += count[i]
	}
	t.to.first = slices.Clone(count)
	t.to.list = make([]change, len(t.from.list))
	for node := range n.nodes.none + 1 {
		for _, c := range t.from.of(node) {
			t.to.list[count[c.node]] = change{node, c.seconds}
			count[c.node]++
		}
	}
	return t
}
