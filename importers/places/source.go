package places

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// limits keep a hostile or broken archive from filling the machine.
type limits struct {
	entries  int   // files in a folder or archive
	expanded int64 // bytes in all, after decompression
	ratio    int64 // expanded to compressed bytes, of any one file …
	from     int64 // … larger than this
}

func (o Options) withLimits() limits {
	l := o.limits
	if l.entries == 0 {
		l.entries = 10_000
	}
	if l.expanded == 0 {
		l.expanded = 2 << 30
	}
	if l.ratio == 0 {
		l.ratio = 250
	}
	if l.from == 0 {
		l.from = 16 << 20
	}
	return l
}

// A source is a file, a folder or a zip of files to read one after another.
type source struct {
	ctx         context.Context
	limits      limits
	progress    func(done, total int64)
	done, total int64
	reported    int64
	expanded    int64
}

// A file is one file of a source.
type file struct {
	name string // as reports show it
	size int64  // bytes that reading it adds to progress
	open func() (io.ReadCloser, error)
	zip  int64 // compressed size within an archive; 0 outside one
}

// read calls each with every file of src that wanted admits, in order of name.
func read(ctx context.Context, src string, o Options, wanted func(name string) bool, each func(name string, r *bufio.Reader) error) error {
	s := &source{ctx: ctx, limits: o.withLimits(), progress: o.Progress}
	files, closer, err := s.list(src)
	if err != nil {
		return err
	}
	defer closer()
	single := len(files) == 1
	files = slices.DeleteFunc(files, func(f file) bool { return !single && !wanted(f.name) })
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	for _, f := range files {
		s.total += f.size
	}
	for _, f := range files {
		if err := s.readFile(f, each); err != nil {
			return err
		}
	}
	if s.progress != nil {
		s.progress(s.total, s.total)
	}
	return nil
}

// list finds the files of a source without reading them.
func (s *source) list(src string) (files []file, closer func(), err error) {
	nothing := func() {}
	info, err := os.Stat(src)
	if err != nil {
		return nil, nothing, fmt.Errorf("places: opening the source: %w", err)
	}
	if !info.IsDir() {
		isZip, err := startsLike(src, "PK\x03\x04")
		if err != nil {
			return nil, nothing, err
		}
		if !isZip {
			return []file{onDisk(src, filepath.Base(src), info.Size())}, nothing, nil
		}
		return s.listZip(src, filepath.Base(src))
	}
	var closers []func()
	closeAll := func() {
		for _, c := range closers {
			c()
		}
	}
	err = filepath.WalkDir(src, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(src, p)
		if err != nil {
			return err
		}
		isZip, err := startsLike(p, "PK\x03\x04")
		if err != nil {
			return err
		}
		if isZip {
			inner, c, err := s.listZip(p, filepath.ToSlash(rel))
			if err != nil {
				return err
			}
			closers = append(closers, c)
			files = append(files, inner...)
		} else if info, err := d.Info(); err != nil {
			return err
		} else {
			files = append(files, onDisk(p, filepath.ToSlash(rel), info.Size()))
		}
		if len(files) > s.limits.entries {
			return fmt.Errorf("places: %s holds more than %d files: import a smaller part of it", filepath.Base(src), s.limits.entries)
		}
		return nil
	})
	if err != nil {
		closeAll()
		return nil, nothing, err
	}
	return files, closeAll, nil
}

func onDisk(p, name string, size int64) file {
	return file{name: name, size: size, open: func() (io.ReadCloser, error) { return os.Open(p) }}
}

// listZip lists the files of an archive. None is unpacked to disk, so their
// names can do no harm; they are only shown.
func (s *source) listZip(p, name string) ([]file, func(), error) {
	z, err := zip.OpenReader(p)
	if err != nil {
		return nil, func() {}, fmt.Errorf("places: %s is not a zip that can be read: %w", name, err)
	}
	closer := func() { z.Close() }
	if len(z.File) > s.limits.entries {
		closer()
		return nil, func() {}, fmt.Errorf("places: %s holds more than %d files: import a smaller part of it", name, s.limits.entries)
	}
	var files []file
	for _, f := range z.File {
		if !f.FileInfo().IsDir() {
			files = append(files, file{name: f.Name, size: int64(min(f.UncompressedSize64, 1<<62)), open: f.Open, zip: int64(min(f.CompressedSize64+1, 1<<62))})
		}
	}
	return files, closer, nil
}

func startsLike(p, start string) (bool, error) {
	info, err := os.Stat(p)
	if err != nil {
		return false, fmt.Errorf("places: opening the source: %w", err)
	}
	if !info.Mode().IsRegular() {
		// Opening a pipe waits for a writer, and a device never ends.
		return false, fmt.Errorf("places: %s is a pipe or a device; save what it gives in a file and import that", filepath.Base(p))
	}
	f, err := os.Open(p)
	if err != nil {
		return false, fmt.Errorf("places: opening the source: %w", err)
	}
	defer f.Close()
	b := make([]byte, len(start))
	if _, err := io.ReadFull(f, b); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && err != io.EOF {
		return false, fmt.Errorf("places: reading %s: %w", filepath.Base(p), err)
	}
	return string(b) == start, nil
}

func (s *source) readFile(f file, each func(name string, r *bufio.Reader) error) error {
	rc, err := f.open()
	if err != nil {
		return fmt.Errorf("places: opening %s: %w", f.name, err)
	}
	defer rc.Close()
	packed := &counted{s: s, r: rc, name: f.name}
	br := bufio.NewReaderSize(packed, 256<<10)
	start, _ := br.Peek(4)
	if bytes.HasPrefix(start, []byte("PK\x03\x04")) {
		return fmt.Errorf("places: %s is a zip inside a zip: unpack the outer one first", f.name)
	}
	plain := &expanding{s: s, r: br, name: f.name}
	switch {
	case bytes.HasPrefix(start, []byte{0x1f, 0x8b}):
		gz, err := gzip.NewReader(br)
		if err != nil {
			return fmt.Errorf("places: %s is not a gzip that can be read: %w", f.name, err)
		}
		plain.r, plain.packed = gz, func() int64 { return packed.n }
		if f.zip > 0 {
			plain.packed = func() int64 { return f.zip }
		}
	case f.zip > 0:
		plain.packed = func() int64 { return f.zip }
	}
	return each(f.name, bufio.NewReaderSize(plain, 256<<10))
}

// counted tells progress how much of the source has been read, and stops when
// the import is cancelled.
type counted struct {
	s    *source
	r    io.Reader
	name string
	n    int64
}

func (c *counted) Read(p []byte) (int, error) {
	if err := c.s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.s.done += int64(n)
	if c.s.progress != nil && c.s.done-c.s.reported >= 1<<20 {
		c.s.reported = c.s.done
		c.s.progress(min(c.s.done, c.s.total), c.s.total)
	}
	return n, err
}

// expanding counts what comes out of decompression and stops at the limits.
type expanding struct {
	s      *source
	r      io.Reader
	name   string
	n      int64
	packed func() int64 // compressed bytes so far, or of the whole; nil when not compressed
}

func (e *expanding) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	e.n += int64(n)
	e.s.expanded += int64(n)
	switch {
	case e.s.expanded > e.s.limits.expanded:
		return 0, fmt.Errorf("places: %s: the source is larger than %d MiB unpacked: import it in parts", e.name, e.s.limits.expanded>>20)
	case e.packed != nil && e.n > e.s.limits.from && e.n > e.s.limits.ratio*max(e.packed(), 1):
		return 0, fmt.Errorf("places: %s unpacks to more than %d times its size, as no real table does: get the file again from its publisher", e.name, e.s.limits.ratio)
	}
	return n, err
}

// hasExt reports whether a file's name ends in one of the endings, .gz aside.
func hasExt(name string, endings ...string) bool {
	name = strings.TrimSuffix(strings.ToLower(path.Base(name)), ".gz")
	return slices.Contains(endings, path.Ext(name))
}
