package importers

import (
	"context"
	"io"
	"sync/atomic"
)

// A Meter tells how much of a source has been read, in bytes as they lie on
// disk. It is safe for concurrent use.
type Meter struct{ done, total atomic.Int64 }

// Read is how many bytes have been read, and of how many; the total is 0
// while it is not known, as for a feed.
func (m *Meter) Read() (done, total int64) { return m.done.Load(), m.total.Load() }

func (m *Meter) expect(bytes int64) {
	if m != nil {
		m.total.Add(bytes)
	}
}

// count lets m see what is read from r.
func (m *Meter) count(r io.ReadCloser) io.ReadCloser {
	if m == nil {
		return r
	}
	return &counted{r, m}
}

type counted struct {
	io.ReadCloser
	m *Meter
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.m.done.Add(int64(n))
	return n, err
}

type meterKey struct{}

// WithMeter makes the files opened under ctx count on m.
func WithMeter(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

func meterOf(ctx context.Context) *Meter {
	m, _ := ctx.Value(meterKey{}).(*Meter)
	return m
}
