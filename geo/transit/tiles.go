package transit

import (
	"math"
	"sync"

	"github.com/paulmach/orb"

	"hereabouts/geo"
)

// A tile is where a point lies on the tiling of its network: column << 16 and
// row, of tiles about 250 m wide and high.
type tile uint32

// nowhere is the tile of points beyond the tiling, too far from every stop.
const nowhere = ^tile(0)

const (
	tileLat = cellLat / 2
	tileLon = cellLon / 2
)

// A tiling covers the stops of a network and what lies near them.
type tiling struct {
	west, south float64
	lat, lon    float64 // size of a tile in degrees
	columns     uint32
	rows        uint32
}

// newTiling covers some points and what is within walking distance of them.
func newTiling(at []orb.Point) tiling {
	if len(at) == 0 {
		return tiling{lat: tileLat, lon: tileLon}
	}
	b := orb.MultiPoint(at).Bound()
	t := tiling{west: b.Min.Lon(), south: b.Min.Lat(), lat: tileLat, lon: tileLon}
	for {
		width, height := (b.Max.Lon()-t.west)/t.lon+2*tileMargin+1, (b.Max.Lat()-t.south)/t.lat+2*tileMargin+1
		if width < 65000 && height < 65000 {
			t.west -= tileMargin * t.lon
			t.south -= tileMargin * t.lat
			t.columns, t.rows = uint32(width)+1, uint32(height)+1
			return t
		}
		t.lat, t.lon = 2*t.lat, 2*t.lon // feeds from all over the world
	}
}

// tileMargin is how many tiles there are around the stops; no disc that is
// used reaches as far.
const tileMargin = 40

// of is the tile of a point.
func (t *tiling) of(p orb.Point) tile {
	x, y := (p.Lon()-t.west)/t.lon, (p.Lat()-t.south)/t.lat
	if !(x >= 0 && x < float64(t.columns) && y >= 0 && y < float64(t.rows)) {
		return nowhere
	}
	return tile(x)<<16 | tile(y)
}

// A berth is where a stop lies: its tile, and which part of it. Parts are
// counted eastwards from the south-west, corners to a side.
type berth struct {
	tile tile
	part uint8
}

// corners is how finely the place of a stop within its tile is known.
const corners = 4

// berth is where a point lies.
func (t *tiling) berth(p orb.Point) berth {
	x, y := (p.Lon()-t.west)/t.lon, (p.Lat()-t.south)/t.lat
	part := func(f float64) uint8 { return uint8((f - math.Floor(f)) * corners) }
	return berth{t.of(p), part(y)*corners + part(x)}
}

// A disc says which tiles lie within some walk of a stop.
type disc struct {
	maybe  []strip // some point may be near enough
	surely []strip // every point is
}

// A strip is a row of tiles, away from that of the stop, both ends inclusive.
type strip struct{ row, from, to int8 }

// discStep is how finely discs are graded, in seconds of walking.
const discStep = 32

// maxDiscM is the longest walk that discs are made for, in metres of path.
const maxDiscM = 6000

// discs are what can be walked to in so many seconds / discStep from each part
// of a tile, somewhere between two latitudes.
type discs struct {
	list          [][corners * corners]disc
	rows, columns int32 // that the largest reaches away
}

// discKey is what discs depend on.
type discKey struct {
	speed, maxWalkM float64
	south, north    int8 // whole degrees from the equator, whichever side
}

// discCache keeps the discs of the latest kinds of walker.
type discCache struct {
	mu   sync.Mutex
	kept map[discKey]*discs
}

// discsFor are the discs of somebody between two latitudes; nil when they
// walk too far.
func (n *Network) discsFor(w *walker, south, north float64) *discs {
	if !(w.maxWalkM >= 0 && w.maxWalkM <= maxDiscM && w.speed > 0.1 && w.speed < 10) {
		return nil
	}
	k := discKey{w.speed, w.maxWalkM, int8(south), int8(math.Ceil(north))}
	c := &n.discCache
	c.mu.Lock()
	defer c.mu.Unlock()
	d, ok := c.kept[k]
	if !ok {
		d = n.tiling.discs(k)
		if c.kept == nil || len(c.kept) > 100 {
			c.kept = map[discKey]*discs{}
		}
		c.kept[k] = d
	}
	return d
}

// discs works out discs. Distances are as on a plane, which over a few
// kilometres is right to a thousandth.
func (t *tiling) discs(k discKey) *discs {
	const metres = geo.EarthRadiusM * math.Pi / 180
	high := t.lat * metres
	narrow := t.lon * metres * math.Cos(min(float64(k.north)+.1, 89)*math.Pi/180)
	wide := t.lon * metres * math.Cos(max(float64(k.south)-.1, 0)*math.Pi/180)
	d := &discs{}
	for step := 0; ; step++ {
		// Seconds left are from step × discStep to just before the next.
		far := min(float64(step+1)*discStep*k.speed, k.maxWalkM) / Detour * 1.001
		near := min(float64(step*discStep)*k.speed, k.maxWalkM) / Detour * .999
		var parts [corners * corners]disc
		for part := range parts {
			parts[part] = newDisc(float64(part%corners)/corners, float64(part/corners)/corners, far, near, narrow, wide, high)
			for _, s := range parts[part].maybe {
				d.rows, d.columns = max(d.rows, int32(s.row), -int32(s.row)), max(d.columns, int32(s.to), -int32(s.from))
			}
		}
		d.list = append(d.list, parts)
		if float64(step*discStep)*k.speed >= k.maxWalkM {
			return d
		}
	}
}

// newDisc is what lies within far of some point, and within near of every
// point, of the part of a tile whose south-west corner is at x and y of its
// width and height. Tiles are between narrow and wide, and high.
func newDisc(x, y, far, near, narrow, wide, high float64) (d disc) {
	const size = 1. / corners
	reach := min(far/high+1, 120)
	for row := math.Floor(-reach); row <= reach; row++ {
		// How far the nearest points of row and part are from each other.
		dy := max(row-(y+size), y-(row+1), 0) * high
		if dy <= far {
			m := min(math.Sqrt(far*far-dy*dy)/narrow, 120)
			d.maybe = append(d.maybe, strip{int8(row), int8(math.Ceil(x - 1 - m)), int8(math.Floor(x + size + m))})
		}
		dy = max(row+1-y, y+size-row) * high
		if dy <= near {
			m := math.Sqrt(near*near-dy*dy) / wide
			if from, to := math.Ceil(x+size-m), math.Floor(m+x-1); from <= to {
				d.surely = append(d.surely, strip{int8(row), int8(max(from, -120)), int8(min(to, 120))})
			}
		}
	}
	return d
}

// A reachMap says of tiles whether a scan may reach, or surely reaches, what
// lies there.
type reachMap struct {
	x, y          int32 // of its first tile
	width, height uint32
	stride        uint32   // words a row
	words         []uint64 // maybe and surely of 64 tiles in turn
	off           bool     // no map can be made: everything may be
}

// maxMapTiles bounds a map each way; beyond, as when trains are taken for
// hours, looking at links is quicker than drawing.
const maxMapTiles = 2048

// judge is what a map says of a tile.
func (m *reachMap) judge(t tile) (maybe, surely bool) {
	x, y := uint32(int32(t>>16)-m.x), uint32(int32(t&0xffff)-m.y)
	if x >= m.width || y >= m.height {
		return m.off, false
	}
	w := m.words[(y*m.stride+x>>6)*2:][:2]
	bit := uint64(1) << (x & 63)
	return w[0]&bit != 0, w[1]&bit != 0
}

// draw makes the map of a scan.
func (s *Scan) draw() {
	n, m := s.reach.network, &reachMap{}
	s.tiles = m
	left, bottom, right, top := int32(math.MaxInt32), int32(math.MaxInt32), int32(-1), int32(-1)
	s.each(func(stop uint32, seconds int32) {
		t := n.berths[n.berthOf[stop]].tile
		left, right = min(left, int32(t>>16)), max(right, int32(t>>16))
		bottom, top = min(bottom, int32(t&0xffff)), max(top, int32(t&0xffff))
	})
	if right < 0 {
		return
	}
	south := n.tiling.south + float64(bottom)*n.tiling.lat
	north := n.tiling.south + float64(top+1)*n.tiling.lat
	if south < 0 {
		south, north = min(max(-north, 0), -south), max(-south, north)
	}
	d := n.discsFor(&s.reach.walker, south, north)
	if d == nil || max(d.rows, d.columns) >= tileMargin || right-left > maxMapTiles || top-bottom > maxMapTiles {
		m.off = true
		return
	}
	m.x, m.y = left-d.columns, bottom-d.rows
	m.width, m.height = uint32(right-left+2*d.columns+1), uint32(top-bottom+2*d.rows+1)
	m.stride = (m.width + 63) / 64
	m.words = make([]uint64, 2*m.stride*m.height)
	// Of stops that lie together, such as the two sides of a road, the one
	// with the most time left has the largest disc.
	w := n.work()
	s.each(func(stop uint32, seconds int32) {
		number := n.berthOf[stop]
		if w.best[number] == 0 {
			w.berths = append(w.berths, number)
		}
		w.best[number] = max(w.best[number], min(seconds/discStep, int32(len(d.list)-1))+1)
	})
	for _, number := range w.berths {
		b := n.berths[number]
		x, y := int32(b.tile>>16)-m.x, int32(b.tile&0xffff)-m.y
		disc := &d.list[w.best[number]-1][b.part]
		w.best[number] = 0
		for _, s := range disc.maybe {
			m.mark(0, x+int32(s.from), x+int32(s.to), y+int32(s.row))
		}
		for _, s := range disc.surely {
			m.mark(1, x+int32(s.from), x+int32(s.to), y+int32(s.row))
		}
	}
	w.berths = w.berths[:0]
	n.done(w)
}

// mark marks tiles of a row from one column to another, both inclusive.
func (m *reachMap) mark(which uint32, from, to, row int32) {
	at := uint32(row) * m.stride
	first, last := uint32(from)>>6, uint32(to)>>6
	low, high := ^uint64(0)<<(uint32(from)&63), ^uint64(0)>>(63-uint32(to)&63)
	if first == last {
		m.words[(at+first)*2+which] |= low & high
		return
	}
	m.words[(at+first)*2+which] |= low
	for w := first + 1; w < last; w++ {
		m.words[(at+w)*2+which] = ^uint64(0)
	}
	m.words[(at+last)*2+which] |= high
}
