package index

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"hereabouts"
)

// A cursor is where the last page ended: the key, name and id of its last
// hit. The next page is what comes after, whatever has changed meanwhile.
type cursor struct {
	sort hereabouts.Sort
	key  float64
	name string // only when sorted by name
	id   string
}

// compare is negative when the cursor comes before h.
func (c *cursor) compare(r *run, h hit) int {
	if c.key != h.key {
		if c.key < h.key {
			return -1
		}
		return 1
	}
	d := r.details[h.ord]
	if r.sort == hereabouts.ByName {
		if n := strings.Compare(c.name, d.name); n != 0 {
			return n
		}
	}
	return strings.Compare(c.id, d.id)
}

// A pager seals cursors into tokens. They are encrypted because a key may be
// a distance, and distances tell where somebody is.
type pager struct {
	aead cipher.AEAD
	mac  []byte
}

const (
	pageKeyFile = "page.key"
	pageVersion = 1
)

// openPager reads the key in dir, or makes one. Without its key a token is
// refused, and the person begins again at the first page.
func openPager(dir string) (*pager, error) {
	path := filepath.Join(dir, pageKeyFile)
	key, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("index: %w", err)
	}
	if len(key) != 32 {
		key = make([]byte, 32)
		rand.Read(key)
		if err := writeFile(path, key, 0o600); err != nil {
			return nil, err
		}
	}
	return newPager(key)
}

func newPager(key []byte) (*pager, error) {
	seal := sha256.Sum256(append([]byte("hereabouts page seal "), key...))
	block, err := aes.NewCipher(seal[:])
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	mac := sha256.Sum256(append([]byte("hereabouts page nonce "), key...))
	return &pager{aead, mac[:]}, nil
}

// seal makes the token of a cursor. The same cursor always gives the same
// token, so that the same question gets the same answer to the byte.
func (p *pager) seal(c cursor) string {
	plain := []byte{pageVersion, byte(len(c.sort))}
	plain = append(plain, c.sort...)
	plain = binary.LittleEndian.AppendUint64(plain, math.Float64bits(c.key))
	plain = binary.LittleEndian.AppendUint16(plain, uint16(len(c.name)))
	plain = append(append(plain, c.name...), c.id...)
	h := hmac.New(sha256.New, p.mac)
	h.Write(plain)
	nonce := h.Sum(nil)[:p.aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(p.aead.Seal(nonce, nonce, plain, nil))
}

// maxTokenBytes is longer than any token of ours.
const maxTokenBytes = 1 << 17

// open reads a token; ok is false for one that this pager did not make.
func (p *pager) open(token string) (c cursor, ok bool) {
	if len(token) > maxTokenBytes {
		return c, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(sealed) < p.aead.NonceSize() {
		return c, false
	}
	nonce, box := sealed[:p.aead.NonceSize()], sealed[p.aead.NonceSize():]
	plain, err := p.aead.Open(nil, nonce, box, nil)
	if err != nil || len(plain) < 2 || plain[0] != pageVersion {
		return c, false
	}
	n := int(plain[1])
	if plain = plain[2:]; len(plain) < n+10 {
		return c, false
	}
	c.sort = hereabouts.Sort(plain[:n])
	c.key = math.Float64frombits(binary.LittleEndian.Uint64(plain[n:]))
	n, plain = int(binary.LittleEndian.Uint16(plain[n+8:])), plain[n+10:]
	if len(plain) < n {
		return c, false
	}
	c.name, c.id = string(plain[:n]), string(plain[n:])
	return c, true
}

// writeFile replaces a file so that after a crash it is there whole, old or new.
func writeFile(path string, data []byte, perm os.FileMode) error {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return fmt.Errorf("index: writing %s: %w", filepath.Base(path), errors.Join(err, os.Remove(tmp)))
	}
	return syncDirs(filepath.Dir(path))
}
