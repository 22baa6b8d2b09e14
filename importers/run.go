package importers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/paulmach/orb"

	"hereabouts"
)

// Options say how to run an import. Only Source is required.
type Options struct {
	Source  string // the feed's name; with a record's own id it makes the listing's id
	Licence string // on what terms, when a record does not say
	URL     string // where it was read, when a record does not say

	// Needs is the vocabulary that listings are held against; nil holds them
	// against none.
	Needs *hereabouts.Taxonomy

	// Locate finds a postcode; precision is "postcode" or "district". Places
	// with a postcode and no coordinates stay without when it is nil.
	Locate func(postcode string) (p orb.Point, precision string, ok bool)

	Now       func() time.Time // nil: time.Now
	DryRun    bool             // say what would happen and change nothing
	BatchSize int              // records in a commit; 0 is 500, at most hereabouts.MaxWrites

	// Rejects, when set, receives one JSON object a line for every rejected
	// record, in the order they are found.
	Rejects io.Writer

	// Progress, when set, is called after every commit and at the end, never
	// twice at once.
	Progress func(Progress)
}

// Progress is how far a run has come.
type Progress struct {
	Read     int           // records read from the source and judged
	Stored   int           // records that the store has answered for
	Rejected int           // records turned away
	Elapsed  time.Duration //
	Done     bool          // this is the last call
}

// defaultBatch keeps one commit's transaction small enough to be quick and
// large enough that its fsync is shared by many.
const defaultBatch = 500

// Run imports records into a store and reports what became of each.
//
// Reading, judging and committing overlap: while one batch is being written
// the next is being read and judged. The error is nil when the source was
// read to its end, however many records were rejected. It is the source's
// error when the source broke off, ctx's when the run was stopped, and the
// sink's when the sink can take no more; what was committed until then stays
// and is in the Report.
func Run(ctx context.Context, recs Records, into Sink, o Options) (Report, error) {
	if o.Source == "" {
		return Report{}, errors.New("importers: the source has no name; its name is part of every listing's id")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.BatchSize <= 0 {
		o.BatchSize = defaultBatch
	}
	o.BatchSize = min(o.BatchSize, hereabouts.MaxWrites)

	r := &run{
		Options: o,
		into:    into,
		began:   o.Now(),
		seen:    map[string]first{},
		report: Report{
			Source: o.Source, DryRun: o.DryRun, Notes: map[string]int{},
			Noted: []Noted{}, Faults: []Fault{}, Kepts: []Kept{},
		},
	}
	if o.Rejects != nil {
		r.rejects = json.NewEncoder(o.Rejects)
		r.rejects.SetEscapeHTML(false)
	}
	err := r.all(ctx, recs)
	r.report.Elapsed = o.Now().Sub(r.began)
	if o.Progress != nil {
		o.Progress(r.progress(true))
	}
	if err == nil && r.rejectsErr != nil {
		err = fmt.Errorf("importers: writing the rejects: %w", r.rejectsErr)
	}
	return r.report, err
}

// run is the state of one import. The report and the ids seen belong to the
// one goroutine that takes judged records in their order.
type run struct {
	Options
	into       Sink
	began      time.Time
	seen       map[string]first // by listing id
	report     Report
	rejects    *json.Encoder
	rejectsErr error
}

// first is where an id was first read in this run, and what it said.
type first struct {
	at   string
	hash [32]byte
}

// chunk is how many records travel between goroutines at a time; a channel
// operation for each record would cost as much as the record.
const chunk = 64

// A judged record is ready to be committed, or to be rejected.
type judged struct {
	at      string
	listing *hereabouts.Listing
	hash    [32]byte
	err     error
	notes   []Note
}

// all reads the source in one goroutine, judges in several, and commits in
// this one, in the source's order.
func (r *run) all(ctx context.Context, recs Records) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	type work struct {
		records []Record
		judged  chan []judged
	}
	// A queue of promises keeps the order while several judge at once.
	todo := make(chan work)
	order := make(chan (chan []judged), 2*runtime.GOMAXPROCS(0))
	var readErr error
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(order)
		defer close(todo)
		var records []Record
		send := func() bool {
			if len(records) == 0 {
				return true
			}
			w := work{records: records, judged: make(chan []judged, 1)}
			records = nil
			select {
			case order <- w.judged:
			case <-ctx.Done():
				return false
			}
			select {
			case todo <- w:
				return true
			case <-ctx.Done():
				close(w.judged)
				return false
			}
		}
		for rec, err := range recs {
			if err != nil {
				readErr = err
				break
			}
			if ctx.Err() != nil {
				return
			}
			if records = append(records, rec); len(records) == chunk && !send() {
				return
			}
		}
		send()
	})
	for range max(1, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for w := range todo {
				out := make([]judged, len(w.records))
				for i := range w.records {
					out[i] = r.judge(&w.records[i])
				}
				w.judged <- out
			}
		})
	}

	batches := make(chan []judged)
	var took sync.WaitGroup
	took.Go(func() {
		defer close(batches)
		var batch []judged
		for done := range order {
			for _, j := range <-done {
				if batch = append(batch, j); len(batch) == r.BatchSize {
					select {
					case batches <- batch:
					case <-ctx.Done():
					}
					batch = nil
				}
			}
		}
		if len(batch) > 0 {
			select {
			case batches <- batch:
			case <-ctx.Done():
			}
		}
	})
	var sinkErr error
	for batch := range batches {
		if sinkErr != nil || ctx.Err() != nil {
			continue // let the others come to their end
		}
		if sinkErr = r.take(ctx, batch); sinkErr != nil {
			stop(sinkErr)
		}
		if r.Progress != nil {
			r.Progress(r.progress(false))
		}
	}
	took.Wait()
	wg.Wait()
	switch {
	case sinkErr != nil:
		return sinkErr
	case ctx.Err() != nil:
		return fmt.Errorf("importers: stopped: %w", context.Cause(ctx))
	case readErr != nil:
		return fmt.Errorf("importers: reading %s: %w", r.Source, readErr)
	}
	return nil
}

func (r *run) progress(done bool) Progress {
	p := &r.report
	return Progress{
		Read: p.Read, Stored: p.Stored() + p.Kept, Rejected: p.Rejected,
		Elapsed: r.Now().Sub(r.began), Done: done,
	}
}
