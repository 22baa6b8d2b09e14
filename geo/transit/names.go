package transit

import (
	"cmp"
	"encoding/binary"
	"errors"
	"io/fs"
	"iter"
	"path/filepath"
	"slices"

	"hereabouts/geo/internal/ownfile"
)

// NamesFile is the file of stop names in a folder of timetables.
const NamesFile = "stops.names"

var namesFormat = ownfile.Format{Letters: "STOP", Version: 1, Command: "hereabouts import naptan"}

// A NamedStop is what is known of a stop beside any timetable.
type NamedStop struct {
	ID       string // in Britain the ATCO code
	Name     string
	Locality string // town, village or district it is in
	Kind     string // kind of stop, as the source codes it
	Vague    bool   // nothing marks it, or it is a stretch of road: hail and ride
}

// StopNames are better names for stops than feeds have, by stop id (in
// Britain the ATCO code of NaPTAN). A nil one is empty. They are kept as they
// are on disk, some forty bytes a stop, since few of a country's stops are
// ever asked for. It never changes and is safe for concurrent use.
type StopNames struct {
	payload []byte
	texts   []string // localities and kinds
	at      []uint32 // where each stop begins in payload, by id
}

// NewStopNames is made of any list; of several stops of one id the last
// counts.
func NewStopNames(list []NamedStop) *StopNames {
	last := map[string]int{}
	for i := range list {
		last[list[i].ID] = i
	}
	kept := make([]NamedStop, 0, len(last))
	for i := range list {
		if last[list[i].ID] == i {
			kept = append(kept, list[i])
		}
	}
	slices.SortFunc(kept, func(a, b NamedStop) int { return cmp.Compare(a.ID, b.ID) })
	n, ok := decodeNames(encodeNames(kept))
	if !ok {
		panic("transit: stop names cannot be read back")
	}
	return n
}

// Len is how many stops have names.
func (n *StopNames) Len() int {
	if n == nil {
		return 0
	}
	return len(n.at)
}

// Find is what is known of a stop.
func (n *StopNames) Find(id string) (NamedStop, bool) {
	if n == nil {
		return NamedStop{}, false
	}
	i, ok := slices.BinarySearchFunc(n.at, id, func(at uint32, id string) int {
		r := ownfile.Reader{Rest: n.payload[at:]}
		return cmp.Compare(string(r.Bytes(r.Count(1))), id)
	})
	if !ok {
		return NamedStop{}, false
	}
	return n.stop(i), true
}

// All are the stops by id.
func (n *StopNames) All() iter.Seq[NamedStop] {
	return func(yield func(NamedStop) bool) {
		for i := range n.Len() {
			if !yield(n.stop(i)) {
				return
			}
		}
	}
}

func (n *StopNames) stop(i int) NamedStop {
	r := ownfile.Reader{Rest: n.payload[n.at[i]:]}
	s := NamedStop{ID: r.Text(), Name: r.Text()}
	locality := r.Uvarint()
	s.Locality, s.Vague = n.texts[locality>>1], locality&1 != 0
	s.Kind = n.texts[r.Uvarint()]
	return s
}

// Merged is n with what newer says in place of what it said: an import of one
// area leaves the names of others as they are.
func (n *StopNames) Merged(newer *StopNames) *StopNames {
	both := slices.AppendSeq(make([]NamedStop, 0, n.Len()+newer.Len()), n.All())
	return NewStopNames(slices.AppendSeq(both, newer.All()))
}

// ReadNames reads the stop names of a folder; without a file there are none.
func ReadNames(dir string) (*StopNames, error) {
	path := filepath.Join(dir, NamesFile)
	payload, err := namesFormat.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n, ok := decodeNames(payload)
	if !ok {
		return nil, namesFormat.Damaged(path, "does not hold together")
	}
	return n, nil
}

// SaveNames writes stop names into a folder in place of those there. The file
// is there whole or not at all, whatever happens meanwhile.
func SaveNames(dir string, n *StopNames) error {
	payload := encodeNames(nil)
	if n != nil {
		payload = n.payload
	}
	return namesFormat.Write(filepath.Join(dir, NamesFile), payload)
}

// encodeNames writes a table of localities and kinds, then stops by id: id,
// name, locality with whether the stop is vague, kind.
func encodeNames(list []NamedStop) []byte {
	texts := newTable[string]()
	b := binary.AppendUvarint(nil, uint64(len(list)))
	for _, s := range list {
		b = ownfile.AppendText(b, s.ID)
		b = ownfile.AppendText(b, s.Name)
		vague := uint64(0)
		if s.Vague {
			vague = 1
		}
		b = binary.AppendUvarint(b, texts.add(s.Locality)<<1|vague)
		b = binary.AppendUvarint(b, texts.add(s.Kind))
	}
	head := binary.AppendUvarint(nil, uint64(len(texts.list)))
	for _, s := range texts.list {
		head = ownfile.AppendText(head, s)
	}
	return append(head, b...)
}

// decodeNames reads what encodeNames wrote; ok is false for anything else.
func decodeNames(payload []byte) (n *StopNames, ok bool) {
	r := ownfile.Reader{Rest: payload}
	n = &StopNames{payload: payload, texts: make([]string, r.Count(1))}
	for i := range n.texts {
		n.texts[i] = r.Text()
	}
	n.at = make([]uint32, r.Count(4))
	before := ""
	for i := range n.at {
		n.at[i] = uint32(len(payload) - len(r.Rest))
		id := r.Text()
		r.Bytes(r.Count(1))
		locality, kind := r.Uvarint(), r.Uvarint()
		if r.Bad || i > 0 && id <= before || locality>>1 >= uint64(len(n.texts)) || kind >= uint64(len(n.texts)) {
			return nil, false
		}
		before = id
	}
	return n, !r.Bad && len(r.Rest) == 0 && len(payload) <= 1<<32-1
}
