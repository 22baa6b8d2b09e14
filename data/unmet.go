package data

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"hereabouts"
	"hereabouts/geo"
)

// Unmet reach: how often people searched from a district for something they
// could not travel to. It is counted in memory and kept in tens, so that
// neither the file nor an answer ever tells of fewer searches than
// [hereabouts.UnmetStep], and two answers never differ by fewer:
//
//   - Searches of a month, district and need wait together until there are ten.
//     Then the ten are counted, with the whole tens of what they found; what is
//     left over of that waits for the next ten.
//   - What still waits when the month ends or the program stops is forgotten.
//   - Nothing else is kept: no place but the district, no time but the month, no
//     words, and nothing that connects one need of a search with another.

const bUnmet = "unmet" // month, district and need → counts; made when first needed

const (
	unmetEvery    = time.Minute // how long what is to be kept may wait for company
	maxUnmetCells = 1 << 16     // cells that wait; some 5 MB
)

// unmetCounts are what is counted of a cell.
type unmetCounts struct{ searches, unreached, no, thereOnly uint64 }

func (c *unmetCounts) each() [4]*uint64 {
	return [...]*uint64{&c.searches, &c.unreached, &c.no, &c.thereOnly}
}

func (c *unmetCounts) add(d unmetCounts) {
	for i, n := range c.each() {
		*n += *d.each()[i]
	}
}

// takeTens takes the whole tens out of c.
func (c *unmetCounts) takeTens() (tens unmetCounts) {
	for i, n := range c.each() {
		*tens.each()[i] = *n - *n%hereabouts.UnmetStep
		*n %= hereabouts.UnmetStep
	}
	return tens
}

// An unmetCell is what searches wait in. It holds no words: the district is
// packed and the need is a position in the taxonomy, or anyNeed.
type unmetCell struct {
	district geo.Postcode
	need     int32
}

const anyNeed = -1

// unmetReach is what waits in memory.
type unmetReach struct {
	needs map[string]int32 // positions in the taxonomy
	ids   []string

	mu         sync.Mutex
	month      string                     // that cells are of
	begin, end time.Time                  // of the month
	cells      map[unmetCell]*unmetCounts // each of fewer searches than a step
	tens       map[string]unmetCounts     // to be kept, by key
	keeping    sync.Mutex                 // held while tens go to disk
	wake       chan struct{}              // there are tens
	stopped    chan struct{}              // closed when the goroutine has ended
}

func newUnmetReach(needs *hereabouts.Taxonomy) *unmetReach {
	u := &unmetReach{
		needs: map[string]int32{}, cells: map[unmetCell]*unmetCounts{}, tens: map[string]unmetCounts{},
		wake: make(chan struct{}, 1), stopped: make(chan struct{}),
	}
	for i := range needs.Needs {
		u.ids = append(u.ids, needs.Needs[i].ID)
		u.needs[needs.Needs[i].ID] = int32(i)
	}
	return u
}

// NoteReach counts what one search found of what can be reached: the district
// it was made from, the needs it asked for, and how many listings there were of
// each verdict. A search for which no listing's reach is known is not counted.
//
// It never waits for the disk and keeps nothing of a single search; see
// [hereabouts.UnmetReach] for what comes of it. A full postcode counts for its
// district; what is not a postcode district is not counted, and a need that
// the taxonomy lacks counts as none.
func (s *Store) NoteReach(district string, needs []string, counts hereabouts.ReachCounts) {
	code, ok := geo.ParsePostcode(district)
	reached := max(counts.ThereAndBack, 0) + max(counts.DoorToDoor, 0)
	found := unmetCounts{searches: 1, no: uint64(max(counts.No, 0)), thereOnly: uint64(max(counts.ThereOnly, 0))}
	if !ok || reached == 0 && found.no == 0 && found.thereOnly == 0 {
		return
	}
	if reached == 0 {
		found.unreached = 1
	}
	s.unmet.note(s.Now(), code.District(), needs, found)
}

// note adds a search to its cells.
func (u *unmetReach) note(now time.Time, district geo.Postcode, needs []string, found unmetCounts) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.turn(now)
	u.count(unmetCell{district, anyNeed}, found)
	var counted [16]int32 // a search may name a need twice, or two of one parent
	n := 0
	count := func(id string) {
		need, ok := u.needs[id]
		for _, c := range counted[:n] {
			ok = ok && c != need
		}
		if ok && n < len(counted) {
			counted[n], n = need, n+1
			u.count(unmetCell{district, need}, found)
		}
	}
	for _, id := range needs {
		count(id)
		if parent, _, narrower := strings.Cut(id, "."); narrower {
			count(parent)
		}
	}
}

// turn begins a new month when there is one: what waits is of the old one.
func (u *unmetReach) turn(now time.Time) {
	if u.month != "" && !now.Before(u.begin) && now.Before(u.end) {
		return
	}
	local := now.In(hereabouts.London)
	u.month = local.Format("2006-01")
	u.begin = time.Date(local.Year(), local.Month(), 1, 0, 0, 0, 0, hereabouts.London)
	u.end = u.begin.AddDate(0, 1, 0)
	clear(u.cells)
}

func (u *unmetReach) count(at unmetCell, found unmetCounts) {
	c := u.cells[at]
	if c == nil {
		if len(u.cells) >= maxUnmetCells {
			u.forget()
		}
		c = new(unmetCounts)
		u.cells[at] = c
	}
	c.add(found)
	if c.searches < hereabouts.UnmetStep {
		return
	}
	tens, key := c.takeTens(), u.key(at)
	if have, ok := u.tens[key]; ok || len(u.tens) < maxUnmetCells {
		have.add(tens)
		u.tens[key] = have
	}
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// forget makes room by forgetting a quarter of the cells: those of the fewest
// searches, which are the furthest from being counted.
func (u *unmetReach) forget() {
	var of [hereabouts.UnmetStep]int
	for _, c := range u.cells {
		of[c.searches]++
	}
	most, room := uint64(0), maxUnmetCells/4 // all of fewer searches than most go, and some of as many
	for room > of[most] {
		room -= of[most]
		most++
	}
	for at, c := range u.cells {
		if c.searches == most && room > 0 {
			room--
			delete(u.cells, at)
		} else if c.searches < most {
			delete(u.cells, at)
		}
	}
}

func (u *unmetReach) key(at unmetCell) string {
	need := ""
	if at.need != anyNeed {
		need = u.ids[at.need]
	}
	return u.month + "/" + at.district.Outward() + "/" + need
}

// UnmetReach is the unmet reach of every month, in order of month, district and
// need. A search shows in it at once when it is the last of a ten.
func (s *Store) UnmetReach(ctx context.Context) ([]hereabouts.UnmetReach, error) {
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	s.keepUnmet()
	all := []hereabouts.UnmetReach{}
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bUnmet))
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, v []byte) error {
			row, err := decodeUnmet(k, v)
			all = append(all, row)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// followUnmet keeps tens as they come up, those of a minute together.
func (s *Store) followUnmet() {
	defer close(s.unmet.stopped)
	for {
		select {
		case <-s.unmet.wake:
		case <-s.closing:
			return
		}
		wait := time.NewTimer(unmetEvery)
		select {
		case <-wait.C:
			s.keepUnmet()
		case <-s.closing:
			wait.Stop()
			return
		}
	}
}

// keepUnmet adds what is to be kept to what the store has, in one
// transaction. When that fails the searches are no longer counted: nobody was
// promised that they would be, and counting some of them twice would be worse.
func (s *Store) keepUnmet() {
	u := s.unmet
	u.keeping.Lock()
	defer u.keeping.Unlock()
	u.mu.Lock()
	tens := u.tens
	u.tens = map[string]unmetCounts{}
	u.mu.Unlock()
	if len(tens) == 0 {
		return
	}
	err := s.submit(context.Background(), func(st *stage) error {
		if _, err := st.tx.CreateBucketIfNotExists([]byte(bUnmet)); err != nil {
			return err
		}
		for key, more := range tens {
			if v := st.get(bUnmet, []byte(key)); v != nil {
				have, err := decodeUnmetCounts(v)
				if err != nil {
					return fmt.Errorf("data: unmet reach %q: %w", key, err)
				}
				more.add(have)
			}
			st.put(bUnmet, []byte(key), more.encode())
		}
		return nil
	})
	if err != nil {
		s.Logger.Warn("what recent searches could not reach is not counted, because it could not be stored", "err", err)
	}
}

func (c unmetCounts) encode() []byte {
	b := make([]byte, 0, 32)
	for _, n := range c.each() {
		b = binary.BigEndian.AppendUint64(b, *n)
	}
	return b
}

func decodeUnmetCounts(b []byte) (c unmetCounts, err error) {
	if len(b) != 32 {
		return c, fmt.Errorf("%w: its counts are %d bytes long, not 32", ErrDamaged, len(b))
	}
	for i, n := range c.each() {
		if *n = binary.BigEndian.Uint64(b[8*i:]); *n%hereabouts.UnmetStep != 0 || *n > 1<<53 {
			return c, fmt.Errorf("%w: %d is not a count in whole tens", ErrDamaged, *n)
		}
	}
	if c.searches == 0 || c.unreached > c.searches {
		return c, fmt.Errorf("%w: %d searches of which %d reached nothing", ErrDamaged, c.searches, c.unreached)
	}
	return c, nil
}

func decodeUnmet(key, value []byte) (row hereabouts.UnmetReach, err error) {
	parts := strings.Split(string(key), "/")
	if len(parts) != 3 {
		return row, fmt.Errorf("data: unmet reach %q: %w: its key has %d parts, not 3", key, ErrDamaged, len(parts))
	}
	c, err := decodeUnmetCounts(value)
	if err != nil {
		return row, fmt.Errorf("data: unmet reach %q: %w", key, err)
	}
	return hereabouts.UnmetReach{Month: parts[0], District: parts[1], Need: parts[2],
		Searches: int(c.searches), Unreached: int(c.unreached), No: int(c.no), ThereOnly: int(c.thereOnly)}, nil
}
