package geo

import (
	"errors"
	"io/fs"
	"math"
	"path/filepath"

	"hereabouts/geo/internal/ownfile"
)

// Names of the files that this package reads and writes in its directory.
const (
	PostcodesFile = "postcodes.bin"
	NamesFile     = "names.bin"
	AreasFile     = "areas.bin"
)

// A FileError says that one of our own files cannot be used, and what to do.
type FileError = ownfile.Error

// A format is one kind of file, and its name in the directory.
type format struct {
	file string
	ownfile.Format
}

var (
	postcodesFormat = format{PostcodesFile, ownfile.Format{Letters: "POST", Version: 1, Command: "hereabouts import postcodes"}}
	namesFormat     = format{NamesFile, ownfile.Format{Letters: "NAME", Version: 1, Command: "hereabouts import places"}}
	areasFormat     = format{AreasFile, ownfile.Format{Letters: "AREA", Version: 1, Command: "hereabouts import areas"}}
)

// read gives the payload of the file in dir; nil when there is no file.
func (f format) read(dir string) ([]byte, error) {
	payload, err := f.Read(filepath.Join(dir, f.file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return payload, err
}

func (f format) write(dir string, payload []byte) error {
	return f.Write(filepath.Join(dir, f.file), payload)
}

func (f format) damaged(dir, reason string) error {
	return f.Damaged(filepath.Join(dir, f.file), reason)
}

// Coordinates in postcode and name files are whole microdegrees, about 0.1 m.
const micro = 1e6

func toMicro(deg float64) int32   { return int32(math.Round(deg * micro)) }
func fromMicro(deg int32) float64 { return float64(deg) / micro }
func validMicro(lat, lon int32) bool {
	return lat >= -90*micro && lat <= 90*micro && lon >= -180*micro && lon <= 180*micro
}
