package data

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// format is the layout of the file. A later one must be able to read every
// earlier one.
const format = 1

const (
	bMeta          = "meta"
	bListings      = "listings"
	bOrganisations = "organisations"
	bLog           = "log"
	bRevisions     = "revisions"
	bPast          = "past"
	bAudit         = "audit"
	bCharities     = "charities"
	bNames         = "names"
	bShows         = "shows"
	bOps           = "ops"
	bOpAges        = "op_ages"
	bKeys          = "keys"
	bKeyIDs        = "key_ids"
	bLinks         = "links"
)

var allBuckets = []string{bMeta, bListings, bOrganisations, bLog, bRevisions, bPast, bAudit,
	bCharities, bNames, bShows, bOps, bOpAges, bKeys, bKeyIDs, bLinks}

const (
	metaFormat = "format"
	metaEpoch  = "epoch"
	metaState  = "state"
)

// state is where the store has got to. It is written once per transaction.
type state struct {
	pos           uint64 // newest position in the log
	audits        uint64 // entries in the audit
	chain         [32]byte
	listings      uint64
	published     uint64
	organisations uint64
}

func (st *state) encode() []byte {
	b := make([]byte, 0, 72)
	b = binary.BigEndian.AppendUint64(b, st.pos)
	b = binary.BigEndian.AppendUint64(b, st.audits)
	b = append(b, st.chain[:]...)
	b = binary.BigEndian.AppendUint64(b, st.listings)
	b = binary.BigEndian.AppendUint64(b, st.published)
	return binary.BigEndian.AppendUint64(b, st.organisations)
}

func decodeState(b []byte) (state, error) {
	if len(b) != 72 {
		return state{}, fmt.Errorf("%w: its state is %d bytes long, not 72", ErrDamaged, len(b))
	}
	st := state{
		pos: binary.BigEndian.Uint64(b), audits: binary.BigEndian.Uint64(b[8:]),
		listings: binary.BigEndian.Uint64(b[48:]), published: binary.BigEndian.Uint64(b[56:]),
		organisations: binary.BigEndian.Uint64(b[64:]),
	}
	copy(st.chain[:], b[16:48])
	return st, nil
}

func readMeta(tx *bbolt.Tx) (epoch string, st state, err error) {
	meta := tx.Bucket([]byte(bMeta))
	if meta == nil {
		return "", state{}, errors.New("data: this file is not a Hereabouts store")
	}
	v, err := strconv.Atoi(string(meta.Get([]byte(metaFormat))))
	if err != nil {
		return "", state{}, fmt.Errorf("%w: it does not say which format it has", ErrDamaged)
	}
	if v > format {
		return "", state{}, fmt.Errorf("data: this store was written by a newer Hereabouts (format %d; this one knows up to %d): install that version or a later one", v, format)
	}
	for _, b := range allBuckets {
		if tx.Bucket([]byte(b)) == nil {
			return "", state{}, fmt.Errorf("%w: the bucket %q is missing", ErrDamaged, b)
		}
	}
	st, err = decodeState(meta.Get([]byte(metaState)))
	return string(meta.Get([]byte(metaEpoch))), st, err
}

func newEpoch() string {
	b := make([]byte, 8)
	rand.Read(b) //nolint:errcheck // crypto/rand never fails
	return hex.EncodeToString(b)
}

// createIfMissing makes an empty store under another name, waits for the disk
// to have it, and only then gives it its name. bbolt itself can be left
// unreadable by a power cut during its very first write.
func createIfMissing(path string, o Options) error {
	if info, err := os.Stat(path); err == nil {
		if info.IsDir() {
			return errors.New("it is a folder; name a file")
		}
		if info.Size() == 0 {
			return errors.New("the file is empty, so it is not a store; remove it to make a new one")
		}
		return nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	err := create(path, o)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		// Perhaps another process was first, and cleared ours away.
		if _, now := os.Stat(path); now == nil {
			return nil
		}
	}
	return err
}

func create(path string, o Options) error {
	temp := unfinished(path)
	defer os.Remove(temp) //nolint:errcheck // once published it is only a second name
	db, err := openFile(temp, o, false)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range allBuckets {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		meta := tx.Bucket([]byte(bMeta))
		var none state
		return errors.Join(
			meta.Put([]byte(metaFormat), []byte(strconv.Itoa(format))),
			meta.Put([]byte(metaEpoch), []byte(newEpoch())),
			meta.Put([]byte(metaState), none.encode()))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return publish(temp, path)
}

// publish gives a finished file its name and waits until the disk has both.
// When something has that name already, the error matches fs.ErrExist.
func publish(temp, path string) error {
	if err := syncPath(temp); err != nil {
		return err
	}
	if err := os.Link(temp, path); err != nil {
		return err
	}
	return syncPath(filepath.Dir(path))
}

// syncPath waits until a file's bytes, or a folder's names, are on disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// openFile opens bbolt and turns what can be wrong with a file into errors.
func openFile(path string, o Options, readOnly bool) (db *bbolt.DB, err error) {
	var file *os.File
	defer func(old bool) { debug.SetPanicOnFault(old) }(debug.SetPanicOnFault(true))
	defer func() {
		// bbolt asserts, and a file cut short faults, while the free pages
		// are loaded.
		if r := recover(); r != nil {
			unlock(file)
			db, err = nil, errors.Join(fmt.Errorf("%w: %v", ErrDamaged, r), file.Close())
		}
	}()
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:      o.LockTimeout,
		FreelistType: bbolt.FreelistMapType,
		ReadOnly:     readOnly,
		// Growing the map waits for every reader, so a backup would stop
		// writes. Address space costs nothing.
		InitialMmapSize: mapSize(),
		OpenFile: func(name string, flag int, perm os.FileMode) (*os.File, error) {
			f, err := o.OpenFile(name, flag, perm)
			file = f
			return f, err
		},
	})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, ErrLocked
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case err != nil:
		return nil, fmt.Errorf("data: opening %s: %w", path, err)
	}
	var want int64
	err = db.View(func(tx *bbolt.Tx) error { want = tx.Size(); return nil })
	info, statErr := file.Stat()
	if err = errors.Join(err, statErr); err == nil && info.Size() < want {
		err = fmt.Errorf("%w: the file is %d bytes long and should be at least %d", ErrDamaged, info.Size(), want)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func mapSize() int {
	if runtime.GOOS == "windows" || math.MaxInt == math.MaxInt32 {
		return 0
	}
	return 4 << 30
}
