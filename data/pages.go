package data

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// bbolt trusts its pages: a damaged one can send it beyond the end of the
// file or round in a circle for ever. So before a file from elsewhere is
// given to bbolt, or is called sound, checkPages follows its tree with every
// step checked. The layout is bbolt's version 2, in the machine's byte order:
//
//	page    id 8, flags 2, count 2, overflow 4, then count elements
//	branch  offset of the key 4, its size 4, page 8
//	leaf    flags 4, offset of the key 4, its size 4, size of the value 4
//	bucket  (a leaf's value) root page 8, sequence 8, the page itself when the root is 0
//	meta    magic 4, version 4, page size 4, flags 4, root 8, sequence 8, freelist 8, pages 8, transaction 8, FNV-1a 8
const (
	pageHead = 16
	elemSize = 16

	branchPage   = 0x01
	leafPage     = 0x02
	metaPage     = 0x04
	freelistPage = 0x10

	bucketElem = 0x01
	noFreelist = ^uint64(0)
	maxDepth   = 64

	boltMagic   = 0xED0CDAED
	boltVersion = 2
	metaSize    = 64
)

var native = binary.NativeEndian

// A pageChecker follows a file's pages.
type pageChecker struct {
	r    io.ReaderAt
	size uint64 // of a page
	n    uint64 // pages in use
	seen map[uint64]bool
}

// checkPages fails, matching ErrDamaged, unless every page of the store file
// at path leads only to other pages of it, each reached once.
func checkPages(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	if err := checkPagesOf(f, uint64(info.Size())); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

func checkPagesOf(r io.ReaderAt, length uint64) error {
	m, ok := newestMeta(r)
	if !ok {
		return errors.New("neither of its first pages is whole")
	}
	c := &pageChecker{r: r, size: m.pageSize, n: m.pages, seen: map[uint64]bool{0: true, 1: true}}
	if m.pages > length/m.pageSize {
		return fmt.Errorf("it is cut short: %d pages of %d bytes do not fit %d bytes", m.pages, m.pageSize, length)
	}
	if m.freelist != noFreelist {
		if err := c.freelist(m.freelist); err != nil {
			return err
		}
	}
	return c.tree(m.root, 0)
}

type boltMeta struct{ pageSize, root, freelist, pages, tx uint64 }

// newestMeta is the whole one of the file's two metas that is newer.
func newestMeta(r io.ReaderAt) (best boltMeta, ok bool) {
	consider := func(at int64) {
		b := make([]byte, pageHead+metaSize)
		if _, err := r.ReadAt(b, at); err != nil {
			return
		}
		if native.Uint16(b[8:])&metaPage == 0 {
			return
		}
		b = b[pageHead:]
		h := fnv.New64a()
		h.Write(b[:56])
		if native.Uint32(b) != boltMagic || native.Uint32(b[4:]) != boltVersion || native.Uint64(b[56:]) != h.Sum64() {
			return
		}
		m := boltMeta{
			pageSize: uint64(native.Uint32(b[8:])), root: native.Uint64(b[16:]),
			freelist: native.Uint64(b[32:]), pages: native.Uint64(b[40:]), tx: native.Uint64(b[48:]),
		}
		if m.pageSize < 512 || m.pageSize > 1<<20 || at != 0 && uint64(at) != m.pageSize {
			return
		}
		if !ok || m.tx > best.tx {
			best, ok = m, true
		}
	}
	consider(0)
	for size := int64(512); size <= 1<<20; size *= 2 {
		consider(size)
	}
	return best, ok
}

// page reads a page with its overflow and marks it as reached.
func (c *pageChecker) page(id uint64) (b []byte, flags uint16, count int, err error) {
	if id < 2 || id >= c.n {
		return nil, 0, 0, fmt.Errorf("page %d is beyond the %d there are", id, c.n)
	}
	head := make([]byte, pageHead)
	if _, err := c.r.ReadAt(head, int64(id*c.size)); err != nil {
		return nil, 0, 0, fmt.Errorf("page %d: %w", id, err)
	}
	overflow := uint64(native.Uint32(head[12:]))
	if native.Uint64(head) != id || id+overflow >= c.n {
		return nil, 0, 0, fmt.Errorf("page %d says that it is page %d and goes on for %d", id, native.Uint64(head), overflow)
	}
	for p := id; p <= id+overflow; p++ {
		if c.seen[p] {
			return nil, 0, 0, fmt.Errorf("page %d is reached twice", p)
		}
		c.seen[p] = true
	}
	b = make([]byte, (overflow+1)*c.size)
	if _, err := c.r.ReadAt(b, int64(id*c.size)); err != nil {
		return nil, 0, 0, fmt.Errorf("page %d: %w", id, err)
	}
	return b, native.Uint16(b[8:]), int(native.Uint16(b[10:])), nil
}

func (c *pageChecker) freelist(id uint64) error {
	b, flags, count, err := c.page(id)
	if err != nil {
		return fmt.Errorf("the list of free pages: %w", err)
	}
	if flags != freelistPage {
		return fmt.Errorf("page %d is not the list of free pages", id)
	}
	ids, n := b[pageHead:], uint64(count)
	if count == 0xFFFF { // then the count is the first of them
		n, ids = native.Uint64(ids), ids[8:]
	}
	if n > uint64(len(ids))/8 {
		return fmt.Errorf("the list of free pages has %d, which do not fit it", n)
	}
	for i := range n {
		if p := native.Uint64(ids[i*8:]); p < 2 || p >= c.n {
			return fmt.Errorf("page %d is said to be free and is beyond the %d there are", p, c.n)
		}
	}
	return nil
}

// tree follows the pages of a bucket.
func (c *pageChecker) tree(id uint64, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("page %d is more than %d pages deep", id, maxDepth)
	}
	b, flags, count, err := c.page(id)
	if err != nil {
		return err
	}
	switch flags {
	case branchPage:
		if count == 0 {
			return fmt.Errorf("page %d branches to nothing", id)
		}
		for i := range count {
			e, err := element(b, id, i)
			if err != nil {
				return err
			}
			if _, err := within(e, native.Uint32(e), native.Uint32(e[4:]), 0); err != nil {
				return fmt.Errorf("page %d: %w", id, err)
			}
			if err := c.tree(native.Uint64(e[8:]), depth+1); err != nil {
				return err
			}
		}
		return nil
	case leafPage:
		return c.leaf(b, id, count, depth)
	}
	return fmt.Errorf("page %d is neither branch nor leaf", id)
}

func (c *pageChecker) leaf(b []byte, id uint64, count, depth int) error {
	for i := range count {
		e, err := element(b, id, i)
		if err != nil {
			return err
		}
		value, err := within(e, native.Uint32(e[4:]), native.Uint32(e[8:]), native.Uint32(e[12:]))
		if err != nil {
			return fmt.Errorf("page %d: %w", id, err)
		}
		if native.Uint32(e)&bucketElem == 0 {
			continue
		}
		if len(value) < 16 {
			return fmt.Errorf("page %d: a bucket of %d bytes", id, len(value))
		}
		root := native.Uint64(value)
		if root != 0 {
			err = c.tree(root, depth+1)
		} else if value = value[16:]; len(value) < pageHead || native.Uint16(value[8:]) != leafPage {
			err = fmt.Errorf("page %d: a bucket within it is not a leaf", id)
		} else if depth > maxDepth {
			err = fmt.Errorf("page %d: buckets within buckets without end", id)
		} else {
			err = c.leaf(value, id, int(native.Uint16(value[10:])), depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// element is the page from its i-th element on, from where offsets count.
func element(b []byte, id uint64, i int) ([]byte, error) {
	at := pageHead + i*elemSize
	if at+elemSize > len(b) {
		return nil, fmt.Errorf("page %d has more elements than fit it", id)
	}
	return b[at:], nil
}

// within is an element's value, when its key and value lie inside the page.
func within(e []byte, offset, keySize, valueSize uint32) ([]byte, error) {
	start := uint64(offset) + uint64(keySize)
	end := start + uint64(valueSize)
	if end > uint64(len(e)) {
		return nil, fmt.Errorf("a key or value lies %d bytes beyond it", end-uint64(len(e)))
	}
	return e[start:end], nil
}
