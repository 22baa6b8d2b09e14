package data

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"hereabouts"
)

// Backup writes a copy of the store to w while it goes on working: a store
// file, as it was at one moment. The token is how far it goes. The copy holds
// everything, drafts and staff notes included; check it with VerifyFile.
func (s *Store) Backup(ctx context.Context, w io.Writer) (hereabouts.Token, error) {
	var token hereabouts.Token
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		_, at, err := readMeta(tx)
		if err != nil {
			return err
		}
		token = s.token(at.pos)
		if _, err := tx.WriteTo(&contextWriter{ctx, w}); err != nil {
			return fmt.Errorf("data: writing the backup: %w", err)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// A contextWriter stops a long copy when nobody waits for it any more.
type contextWriter struct {
	ctx context.Context
	w   io.Writer
}

func (w *contextWriter) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.w.Write(b)
}

// Restore makes a store at toPath from a backup, which is checked first. The
// new store has an epoch of its own: tokens from before are not valid in it,
// so whatever followed the old one starts again instead of missing what the
// backup lacks. When there is something at toPath already nothing is done and
// the error matches fs.ErrExist.
func Restore(backupPath, toPath string) error {
	if _, err := os.Lstat(toPath); err == nil {
		return fmt.Errorf("data: there is already a store at %s; restore to another place, or say that it may be replaced: %w", toPath, fs.ErrExist)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("data: %w", err)
	}
	return restore(backupPath, toPath, publish)
}

// RestoreOver is Restore in place of a store that no process has open; one
// that is open gives ErrLocked. The store that was there is kept as aside, a
// name in the same folder that nothing has yet. Until the backup has proved
// good, the store that is there is not touched.
func RestoreOver(backupPath, toPath, aside string) error {
	return restore(backupPath, toPath, func(temp, path string) error { return replace(temp, path, aside) })
}

func restore(backupPath, toPath string, finish func(temp, path string) error) error {
	temp, err := copyBeside(backupPath, toPath)
	if err != nil {
		return fmt.Errorf("data: copying the backup: %w", err)
	}
	defer os.Remove(temp) //nolint:errcheck // once finished it has another name
	if err := VerifyFile(temp); err != nil {
		return fmt.Errorf("data: the backup %s cannot be used: %w", backupPath, err)
	}
	if err := beginEpoch(temp); err != nil {
		return err
	}
	if err := finish(temp, toPath); err != nil {
		return fmt.Errorf("data: restoring: %w", err)
	}
	return nil
}

// beginEpoch makes a copied store one of its own.
func beginEpoch(path string) error {
	db, err := openFile(path, Options{}.withDefaults(), false)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, at, err := readMeta(tx)
		if err != nil {
			return err
		}
		st := newStage(tx, at)
		st.put(bMeta, []byte(metaEpoch), []byte(newEpoch()))
		st.audit(entry{At: time.Now().UTC().Truncate(time.Microsecond), Actor: hereabouts.Actor{Kind: "admin"}, Action: "restore", Kind: "store"})
		return errors.Join(st.apply(), finish(tx, st.state))
	})
	return errors.Join(err, db.Close())
}

// replace puts a finished store in the place of another and keeps the other
// as aside.
func replace(temp, path, aside string) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return publish(temp, path)
	}
	o := Options{LockTimeout: 100 * time.Millisecond}.withDefaults()
	db, err := openFile(path, o, false)
	switch {
	case errors.Is(err, ErrLocked):
		return err
	case err == nil:
		// Held until the new one is in place. A store too damaged to open is
		// what restoring is for.
		defer db.Close() //nolint:errcheck // nothing was written
	}
	err = syncPath(temp)
	if err == nil {
		err = os.Link(path, aside)
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err == nil {
		err = syncPath(filepath.Dir(path))
	}
	return err
}

// copyBeside copies a file to a new name in the folder of path.
func copyBeside(from, path string) (temp string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer in.Close() //nolint:errcheck // only read
	return writeBeside(path, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
}

// writeBeside writes a new file in the folder of path. Should the process be
// killed, opening path takes it away.
func writeBeside(path string, write func(io.Writer) error) (temp string, err error) {
	temp = unfinished(path)
	out, err := os.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	err = write(out)
	if err = errors.Join(err, out.Close()); err != nil {
		return "", errors.Join(err, os.Remove(temp))
	}
	return temp, nil
}

const creating = ".creating-"

// unfinished is a name for a file that will become path.
func unfinished(path string) string {
	b := make([]byte, 6)
	rand.Read(b) //nolint:errcheck // crypto/rand never fails
	return path + creating + hex.EncodeToString(b)
}

// leftovers are the unfinished files of path that nobody will finish.
func leftovers(path string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	var found []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(path)+creating) {
			found = append(found, filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
	return found, nil
}
