package oruk

import (
	"context"
	"strings"
	"time"

	"hereabouts"
	"hereabouts/importers"
)

// A Source is where a directory is read from.
type Source struct {
	// At is the address of a feed (its base, or its list of services), or the
	// path of a file, folder, zip or gzip.
	At string

	Limits  importers.Limits   // of files and archives
	Fetcher *importers.Fetcher // for feeds; nil makes one
	PerPage int                // services a page; 0 is 50, which every dialect allows

	// State, when set, is where to begin and is kept up to date: after a feed
	// has broken off, the same State begins at the page that failed. It says
	// what was read. importers.Run commits all that it has read when a source
	// breaks off; when a run ends for another reason, begin without a State,
	// since importing again changes nothing that is stored already.
	State *State

	Now  func() time.Time // nil: time.Now; decides which prices and dates are past
	Told func(Dialect)    // when set, is told the dialect as soon as it is known
}

// State is how far the reading of a feed has come.
type State struct {
	List string `json:"list"` // the address of the list of services
	Page int    `json:"page"` // the last page that was read whole
}

// Read reads a directory of services. Each service becomes a record: its
// listing, or why it cannot be one. The error that ends the records early
// says which file or page could not be read.
func Read(ctx context.Context, src Source) importers.Records {
	if src.Now == nil {
		src.Now = time.Now
	}
	if src.PerPage <= 0 {
		src.PerPage = 50
	}
	return func(yield func(importers.Record, error) bool) {
		r := &reading{ctx: ctx, src: src, today: hereabouts.DateOf(src.Now()), yield: yield}
		var err error
		if low := strings.ToLower(src.At); strings.HasPrefix(low, "http://") || strings.HasPrefix(low, "https://") {
			err = r.feed()
		} else {
			err = r.files()
		}
		if err != nil && !r.stopped {
			yield(importers.Record{}, err)
		}
	}
}

// reading is the state of one Read.
type reading struct {
	ctx     context.Context
	src     Source
	today   hereabouts.Date
	yield   func(importers.Record, error) bool
	stopped bool // the caller has had enough
	told    bool
}

// give hands a record over and reports whether to go on.
func (r *reading) give(rec importers.Record) bool {
	if r.stopped || r.ctx.Err() != nil {
		return false
	}
	r.stopped = !r.yield(rec, nil)
	return !r.stopped
}

// service hands over what a service becomes.
func (r *reading) service(at string, s object, notes ...importers.Note) bool {
	r.tell(s, "")
	l, more, err := listing(s, r.today)
	rec := importers.Record{At: at, Listing: l, Err: err, Notes: append(more, notes...)}
	return r.give(rec)
}

func (r *reading) tell(service object, envelope string) {
	if r.told {
		return
	}
	r.told = true
	if r.src.Told != nil {
		r.src.Told(dialectOf(service, envelope))
	}
}
