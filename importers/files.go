package importers

import (
	"archive/zip"
	"bufio"
	"bytes"
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
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
)

// Limits are what a file, folder or archive may hold before it is taken for a
// bomb. A zero field is its default.
type Limits struct {
	Compressed int64 // bytes of an archive; 0 is 50 MB
	Expanded   int64 // bytes read from all files together; 0 is 500 MB
	Ratio      int64 // expanded bytes for each compressed one; 0 is 100
	Entries    int   // files in a folder or archive; 0 is 10,000
}

func (l Limits) orDefault() Limits {
	if l.Compressed == 0 {
		l.Compressed = 50 << 20
	}
	if l.Expanded == 0 {
		l.Expanded = 500 << 20
	}
	if l.Ratio == 0 {
		l.Ratio = 100
	}
	if l.Entries == 0 {
		l.Entries = 10_000
	}
	return l
}

// ratioFloor is how much any file may expand to before its ratio counts: a
// small table of repeated words compresses a thousandfold and harms nobody.
const ratioFloor = 8 << 20

// ErrTooBig says that a source holds more than its Limits allow.
var ErrTooBig = errors.New("larger than the limits for an import")

// Files are the files of a source, whether it is one file, a folder or a zip;
// gzipped files are read as what they hold. Close it when done.
type Files struct {
	files  []File
	limits Limits
	left   atomic.Int64 // bytes that may still be read
	meter  *Meter       // nil: nobody is watching
	close  []io.Closer
}

// A File is one file of a source. Its name has forward slashes, is relative
// to the source, and lacks the ".gz" of a gzipped file.
type File struct {
	Name string
	open func() (io.ReadCloser, error)
}

// Open reads the file. What is read counts against the source's Limits.
func (f File) Open() (io.ReadCloser, error) { return f.open() }

// OpenFiles opens the file, folder, zip or gzip at name. Zip and gzip are told
// by how they begin, whatever they are called. Nothing outside a folder is
// read through links, nothing outside an archive by its names, and hidden
// files are passed over.
func OpenFiles(name string, l Limits) (*Files, error) {
	return OpenFilesContext(context.Background(), name, l)
}

// OpenFilesContext is [OpenFiles] under a context whose [Meter], if it has
// one, sees what is read.
func OpenFilesContext(ctx context.Context, name string, l Limits) (*Files, error) {
	fs := &Files{limits: l.orDefault(), meter: meterOf(ctx)}
	fs.left.Store(fs.limits.Expanded)
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("importers: %w", err)
	}
	switch {
	case info.IsDir():
		err = fs.folder(name)
	case !info.Mode().IsRegular():
		// Opening a pipe waits for a writer, and a device never ends.
		err = fmt.Errorf("importers: %s is a pipe or a device; save what it gives in a file and import that", filepath.Base(name))
	default:
		err = fs.single(name, info.Size())
	}
	if err != nil {
		return nil, errors.Join(err, fs.Close())
	}
	slices.SortFunc(fs.files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return fs, nil
}

// All are the files by name.
func (f *Files) All() []File { return f.files }

// Close ends the reading of every file.
func (f *Files) Close() error {
	var errs []error
	for _, c := range f.close {
		errs = append(errs, c.Close())
	}
	f.close = nil
	return errors.Join(errs...)
}

func (f *Files) single(name string, size int64) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("importers: %w", err)
	}
	f.close = append(f.close, file)
	f.meter.expect(size)
	base := filepath.Base(name)
	if startsWith(file, "PK\x03\x04") || startsWith(file, "PK\x05\x06") {
		return f.zip(base, file, size)
	}
	f.files = []File{f.file(base, func() (io.ReadCloser, error) {
		// Its own handle, so that the file can be read more than once.
		again, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		return f.meter.count(again), nil
	})}
	return nil
}

func (f *Files) folder(name string) error {
	root, err := os.OpenRoot(name)
	if err != nil {
		return fmt.Errorf("importers: %w", err)
	}
	f.close = append(f.close, root)
	return fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("importers: %w", err)
		}
		if p != "." && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		// A link to a file inside the folder is followed by the root, which
		// refuses one that leads out; devices and pipes are not files.
		info, err := root.Stat(p)
		if err != nil || !info.Mode().IsRegular() {
			return nil
		}
		if len(f.files) == f.limits.Entries {
			return fmt.Errorf("importers: %s holds more than %d files: %w", name, f.limits.Entries, ErrTooBig)
		}
		f.meter.expect(info.Size())
		f.files = append(f.files, f.file(p, func() (io.ReadCloser, error) {
			file, err := root.Open(p)
			if err != nil {
				return nil, err
			}
			return f.meter.count(file), nil
		}))
		return nil
	})
}

func (f *Files) zip(name string, file *os.File, size int64) error {
	if size > f.limits.Compressed {
		return fmt.Errorf("importers: %s has %d bytes; an archive may have %d: %w", name, size, f.limits.Compressed, ErrTooBig)
	}
	z, err := zip.NewReader(meteredAt{file, f.meter}, size)
	if errors.Is(err, zip.ErrInsecurePath) {
		return fmt.Errorf("importers: %s holds a file whose name leads out of it; nothing was read", name)
	}
	if err != nil {
		return fmt.Errorf("importers: %s: %w", name, err)
	}
	if len(z.File) > f.limits.Entries {
		return fmt.Errorf("importers: %s holds %d files; an archive may have %d: %w", name, len(z.File), f.limits.Entries, ErrTooBig)
	}
	for _, m := range z.File {
		inner := strings.ReplaceAll(m.Name, `\`, "/")
		if !filepath.IsLocal(inner) || !fs.ValidPath(strings.TrimSuffix(inner, "/")) {
			return fmt.Errorf("importers: %s holds %q, whose name leads out of it; nothing was read", name, m.Name)
		}
		if !m.Mode().IsRegular() || strings.HasPrefix(path.Base(inner), ".") || strings.HasPrefix(inner, "__MACOSX/") {
			continue
		}
		f.files = append(f.files, f.file(inner, func() (io.ReadCloser, error) {
			rc, err := m.Open()
			if err != nil {
				return nil, err
			}
			return f.bounded(inner, rc, int64(m.CompressedSize64)), nil
		}))
	}
	return nil
}

// file is a File whose reading is bounded and, if it is gzipped, unpacked.
func (f *Files) file(name string, open func() (io.ReadCloser, error)) File {
	shown := name
	if strings.EqualFold(path.Ext(name), ".gz") {
		shown = name[:len(name)-3]
	}
	return File{Name: shown, open: func() (io.ReadCloser, error) {
		rc, err := open()
		if err != nil {
			return nil, fmt.Errorf("importers: %s: %w", name, err)
		}
		packed := &packedBytes{r: rc, limit: f.limits.Compressed}
		br := bufio.NewReaderSize(packed, 64<<10)
		if head, _ := br.Peek(2); !bytes.Equal(head, []byte{0x1f, 0x8b}) {
			packed.limit = 0
			plain := f.bounded(name, rc, 0)
			plain.Reader.(*bounded).r = br
			return plain, nil
		}
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("importers: %s: %w", name, err), rc.Close())
		}
		inner := bufio.NewReader(z)
		if head, _ := inner.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
			return nil, errors.Join(fmt.Errorf("importers: %s is gzipped twice; unpack it once", name), rc.Close())
		}
		out := f.bounded(name, rc, 0)
		b := out.Reader.(*bounded)
		b.r, b.packed = inner, packed
		return out, nil
	}}
}

type readCloser struct {
	io.Reader
	io.Closer
}

// bounded limits what rc gives. compressed is how many bytes it was packed
// into, or 0 when it was not.
func (f *Files) bounded(name string, rc io.ReadCloser, compressed int64) readCloser {
	return readCloser{&bounded{files: f, name: name, r: rc, compressed: compressed}, rc}
}

type bounded struct {
	files      *Files
	name       string
	r          io.Reader
	compressed int64
	packed     *packedBytes
	read       int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.read += int64(n)
	if b.files.left.Add(-int64(n)) < 0 {
		return n, fmt.Errorf("importers: %s: more than %d bytes in all: %w", b.name, b.files.limits.Expanded, ErrTooBig)
	}
	compressed := b.compressed
	if b.packed != nil {
		compressed = b.packed.read
	}
	if compressed > 0 && b.read > ratioFloor && b.read/compressed > b.files.limits.Ratio {
		return n, fmt.Errorf("importers: %s expands more than %d times: %w", b.name, b.files.limits.Ratio, ErrTooBig)
	}
	return n, err
}

// meteredAt lets a meter see what is read of an archive.
type meteredAt struct {
	r io.ReaderAt
	m *Meter
}

func (a meteredAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := a.r.ReadAt(p, off)
	if a.m != nil {
		a.m.done.Add(int64(n))
	}
	return n, err
}

// packedBytes counts and limits the packed bytes of a gzip.
type packedBytes struct {
	r     io.Reader
	read  int64
	limit int64
}

func (c *packedBytes) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.read += int64(n)
	if c.limit > 0 && c.read > c.limit {
		return n, fmt.Errorf("more than %d compressed bytes: %w", c.limit, ErrTooBig)
	}
	return n, err
}

func startsWith(f io.ReaderAt, magic string) bool {
	b := make([]byte, len(magic))
	n, _ := f.ReadAt(b, 0)
	return string(b[:n]) == magic
}
