package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"hereabouts"
)

// A record is what the buckets listings and organisations hold: what the
// store must know without reading the document, and then the document as
// JSON. Keeping the position and the importer's memory here instead of in
// buckets of their own saves a page write for each on every commit.
type record struct {
	hidden   bool // the feed shows a tombstone: withdrawn, draft
	imported bool // an importer has written it, and source is set
	edited   bool // somebody else has changed it since
	pos      uint64
	rev      hereabouts.Rev
	at       time.Time
	source   [32]byte // content hash of what the importer last wrote
	doc      []byte
}

const (
	recordFormat = 1
	recordHeader = 2 + 8 + 8 + 8 + 32 + 4
)

const (
	flagHidden = 1 << iota
	flagImported
	flagEdited
)

var errRecord = errors.New("the record is damaged")

func (r *record) encode() []byte {
	b := make([]byte, recordHeader, recordHeader+len(r.doc))
	b[0] = recordFormat
	if r.hidden {
		b[1] |= flagHidden
	}
	if r.imported {
		b[1] |= flagImported
	}
	if r.edited {
		b[1] |= flagEdited
	}
	binary.BigEndian.PutUint64(b[2:], r.pos)
	binary.BigEndian.PutUint64(b[10:], uint64(r.rev))
	binary.BigEndian.PutUint64(b[18:], uint64(r.at.UnixMicro()))
	copy(b[26:], r.source[:])
	binary.BigEndian.PutUint32(b[58:], checksum(b[:58], r.doc))
	return append(b, r.doc...)
}

// checksum is there because bbolt has none for its pages: a byte that a disk
// has changed is noticed whenever the record is read, and not only when
// somebody verifies.
func checksum(head, doc []byte) uint32 {
	return crc32.Update(crc32.Checksum(head, castagnoli), castagnoli, doc)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// decodeRecord reads a record; doc is a part of b, not a copy.
func decodeRecord(b []byte) (record, error) {
	if len(b) < recordHeader {
		return record{}, fmt.Errorf("%w: %d bytes", errRecord, len(b))
	}
	if b[0] != recordFormat || b[1]&^(flagHidden|flagImported|flagEdited) != 0 {
		return record{}, fmt.Errorf("%w: format %d, flags %d", errRecord, b[0], b[1])
	}
	if binary.BigEndian.Uint32(b[58:]) != checksum(b[:58], b[recordHeader:]) {
		return record{}, fmt.Errorf("%w: its checksum is wrong", errRecord)
	}
	r := record{
		hidden:   b[1]&flagHidden != 0,
		imported: b[1]&flagImported != 0,
		edited:   b[1]&flagEdited != 0,
		pos:      binary.BigEndian.Uint64(b[2:]),
		rev:      hereabouts.Rev(binary.BigEndian.Uint64(b[10:])),
		at:       time.UnixMicro(int64(binary.BigEndian.Uint64(b[18:]))).UTC(),
		doc:      b[recordHeader:],
	}
	copy(r.source[:], b[26:])
	return r, nil
}

// A kind says which bucket a record is in.
type kind byte

const (
	listing      kind = 'l'
	organisation kind = 'o'
)

func (k kind) bucket() string {
	if k == organisation {
		return bOrganisations
	}
	return bListings
}

func (k kind) String() string {
	if k == organisation {
		return "organisation"
	}
	return "listing"
}

func key64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// revKey orders a record's revisions. Ids never hold a zero byte, and a
// listing and an organisation may have the same id.
func revKey(k kind, id string, rev hereabouts.Rev) []byte {
	return binary.BigEndian.AppendUint64(revPrefix(k, id), uint64(rev))
}

func revPrefix(k kind, id string) []byte {
	b := make([]byte, 0, len(id)+10)
	b = append(b, byte(k))
	b = append(b, id...)
	return append(b, 0)
}

func pairKey(a, b string) []byte { return []byte(a + "\x00" + b) }
