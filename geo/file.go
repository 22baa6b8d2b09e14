package geo

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

// Names of the files that this package reads and writes in its directory.
const (
	PostcodesFile = "postcodes.bin"
	NamesFile     = "names.bin"
	AreasFile     = "areas.bin"
)

// A FileError says that one of our own files cannot be used, and what to do.
type FileError struct {
	Path   string
	Reason string
	Advice string
}

func (e *FileError) Error() string {
	return fmt.Sprintf("geo: %s %s: %s", e.Path, e.Reason, e.Advice)
}

// Every file is a header and a payload. The header, all little-endian: "HGEO",
// four letters saying what is inside, the version of its format as uint32, the
// CRC-32C of the payload as uint32, the payload's length as uint64.
const (
	headerSize = 24
	magic      = "HGEO"
)

// A format is one kind of file: what its header says and how to remake it.
type format struct {
	file    string // name in the directory
	letters string // what is inside, four letters
	version uint32
	command string // what makes the file again
}

var (
	postcodesFormat = format{PostcodesFile, "POST", 1, "hereabouts import postcodes"}
	namesFormat     = format{NamesFile, "NAME", 1, "hereabouts import places"}
	areasFormat     = format{AreasFile, "AREA", 1, "hereabouts import areas"}
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// read gives the payload of the file in dir; nil when there is no file.
func (f format) read(dir string) ([]byte, error) {
	path := filepath.Join(dir, f.file)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("geo: reading %s: %w", f.file, err)
	}
	payload, reason := f.open(data)
	if reason != "" {
		return nil, f.damaged(path, reason)
	}
	return payload, nil
}

// open checks a whole file and gives its payload, or the reason why it cannot
// be used.
func (f format) open(data []byte) (payload []byte, reason string) {
	if len(data) < headerSize || string(data[:4]) != magic || string(data[4:8]) != f.letters {
		return nil, "is not a file of this kind"
	}
	switch v := binary.LittleEndian.Uint32(data[8:]); {
	case v > f.version:
		return nil, fmt.Sprintf("was written by a newer program (format %d, this one reads %d)", v, f.version)
	case v < f.version:
		return nil, fmt.Sprintf("was written by an older program (format %d, this one reads %d)", v, f.version)
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

func (f format) damaged(path, reason string) error {
	return &FileError{Path: path, Reason: reason,
		Advice: fmt.Sprintf("move it away and run `%s` again, or restore it from a backup", f.command)}
}

// seal puts the header before a payload.
func (f format) seal(payload []byte) []byte {
	data := make([]byte, 0, headerSize+len(payload))
	data = append(data, magic...)
	data = append(data, f.letters...)
	data = binary.LittleEndian.AppendUint32(data, f.version)
	data = binary.LittleEndian.AppendUint32(data, crc32.Checksum(payload, castagnoli))
	data = binary.LittleEndian.AppendUint64(data, uint64(len(payload)))
	return append(data, payload...)
}

// write replaces the file in dir with the payload, whole or not at all: a
// reader sees the old file or the new one, also after a power cut.
func (f format) write(dir string, payload []byte) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("geo: making the folder for %s: %w", f.file, err)
	}
	tmp, err := os.CreateTemp(dir, "."+f.file+".*.tmp")
	if err != nil {
		return fmt.Errorf("geo: writing %s: %w", f.file, err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("geo: writing %s: %w", f.file, errors.Join(err, os.Remove(tmp.Name())))
		}
	}()
	_, err = tmp.Write(f.seal(payload))
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), filepath.Join(dir, f.file)); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a rename in dir last. The file itself is in place by then, so
// the error is the caller's to report and nothing is taken back.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("geo: syncing the folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("geo: syncing the folder: %w", err)
	}
	return nil
}

// A reader takes values off a payload. After the first fault every value is
// zero and bad stays true, so callers check once.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) fail() { r.rest, r.bad = nil, true }

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// count reads a number of things that each take at least size bytes of what is
// left, so that a wrong count cannot ask for more memory than the file earns.
func (r *reader) count(size int) int {
	v := r.uvarint()
	if v > uint64(len(r.rest)/size) {
		r.fail()
		return 0
	}
	return int(v)
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.fail()
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) text() string { return string(r.bytes(r.count(1))) }

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Coordinates in postcode and name files are whole microdegrees, about 0.1 m.
const micro = 1e6

func toMicro(deg float64) int32   { return int32(math.Round(deg * micro)) }
func fromMicro(deg int32) float64 { return float64(deg) / micro }
func validMicro(lat, lon int32) bool {
	return lat >= -90*micro && lat <= 90*micro && lon >= -180*micro && lon <= 180*micro
}
