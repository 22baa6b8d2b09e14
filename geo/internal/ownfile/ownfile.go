// Package ownfile keeps data in files that only this program reads: a header
// that says what is inside and proves it whole, then a payload. [Format] reads
// and writes them, [Reader] takes the values off a payload.
package ownfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
)

// An Error says that a file of our own cannot be used, and what to do.
type Error struct {
	Path   string
	Reason string
	Advice string
}

func (e *Error) Error() string { return fmt.Sprintf("geo: %s %s: %s", e.Path, e.Reason, e.Advice) }

// Every file is a header and a payload. The header, all little-endian: "HGEO",
// four letters saying what is inside, the version of its format as uint32, the
// CRC-32C of the payload as uint32, the payload's length as uint64.
const (
	headerSize = 24
	magic      = "HGEO"
)

// A Format is one kind of file.
type Format struct {
	Letters string // what is inside, four letters
	Version uint32
	Command string // what makes the file again
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Read gives the payload of a file. One that is not there is
// [fs.ErrNotExist], one that cannot be used an [*Error].
func (f Format) Read(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("geo: reading %s: %w", filepath.Base(path), err)
	}
	payload, reason := f.open(data)
	if reason != "" {
		return nil, f.Damaged(path, reason)
	}
	return payload, nil
}

// open checks a whole file and gives its payload, or the reason why it cannot
// be used.
func (f Format) open(data []byte) (payload []byte, reason string) {
	if len(data) < headerSize || string(data[:4]) != magic || string(data[4:8]) != f.Letters {
		return nil, "is not a file of this kind"
	}
	switch v := binary.LittleEndian.Uint32(data[8:]); {
	case v > f.Version:
		return nil, fmt.Sprintf("was written by a newer program (format %d, this one reads %d)", v, f.Version)
	case v < f.Version:
		return nil, fmt.Sprintf("was written by an older program (format %d, this one reads %d)", v, f.Version)
	}
	payload = data[headerSize:]
	if binary.LittleEndian.Uint64(data[16:]) != uint64(len(payload)) {
		return nil, "is cut short or too long"
	}
	if crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(data[12:]) {
		return nil, "is damaged (its checksum does not match)"
	}
	return payload, ""
}

// Damaged is the error for a file that cannot be used for some reason.
func (f Format) Damaged(path, reason string) error {
	return &Error{Path: path, Reason: reason,
		Advice: fmt.Sprintf("move it away and run `%s` again, or restore it from a backup", f.Command)}
}

// header is what goes before a payload.
func (f Format) header(payload []byte) []byte {
	h := make([]byte, 0, headerSize)
	h = append(h, magic...)
	h = append(h, f.Letters...)
	h = binary.LittleEndian.AppendUint32(h, f.Version)
	h = binary.LittleEndian.AppendUint32(h, crc32.Checksum(payload, castagnoli))
	return binary.LittleEndian.AppendUint64(h, uint64(len(payload)))
}

// Write replaces a file, whole or not at all: a reader sees the old file or
// the new one, also after a power cut. Its folder is made when there is none.
func (f Format) Write(path string, payload []byte) error {
	dir, name := filepath.Dir(path), filepath.Base(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("geo: making the folder for %s: %w", name, err)
	}
	tmp, err := os.CreateTemp(dir, "."+name+".*.tmp")
	if err != nil {
		return fmt.Errorf("geo: writing %s: %w", name, err)
	}
	_, err = tmp.Write(f.header(payload))
	if err == nil {
		_, err = tmp.Write(payload)
	}
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("geo: writing %s: %w", name, errors.Join(err, os.Remove(tmp.Name())))
	}
	return SyncDir(dir)
}

// SyncDir makes what was renamed or removed in a folder last. That is done by
// then, so the error is the caller's to report and nothing is taken back.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("geo: syncing the folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("geo: syncing the folder: %w", err)
	}
	return nil
}

// A Reader takes values off a payload. After the first fault every value is
// zero and Bad stays true, so callers check once.
type Reader struct {
	Rest []byte
	Bad  bool
}

// Fail marks the payload as one that cannot be read.
func (r *Reader) Fail() { r.Rest, r.Bad = nil, true }

// Uvarint reads a whole number.
func (r *Reader) Uvarint() uint64 {
	v, n := binary.Uvarint(r.Rest)
	if n <= 0 {
		r.Fail()
		return 0
	}
	r.Rest = r.Rest[n:]
	return v
}

// Varint reads a whole number that may be negative.
func (r *Reader) Varint() int64 {
	v, n := binary.Varint(r.Rest)
	if n <= 0 {
		r.Fail()
		return 0
	}
	r.Rest = r.Rest[n:]
	return v
}

// Count reads a number of things that each take at least size bytes of what is
// left, so that a wrong count cannot ask for more memory than the file earns.
func (r *Reader) Count(size int) int {
	v := r.Uvarint()
	if v > uint64(len(r.Rest)/size) {
		r.Fail()
		return 0
	}
	return int(v)
}

// Bytes reads n bytes as they are.
func (r *Reader) Bytes(n int) []byte {
	if n < 0 || n > len(r.Rest) {
		r.Fail()
		return nil
	}
	b := r.Rest[:n:n]
	r.Rest = r.Rest[n:]
	return b
}

// Text reads what [AppendText] wrote.
func (r *Reader) Text() string { return string(r.Bytes(r.Count(1))) }

// AppendText writes a text after its length.
func AppendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
