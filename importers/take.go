package importers

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"hereabouts"
)

// take counts a batch of judged records, rejects those that may not be
// stored, and commits the rest.
func (r *run) take(ctx context.Context, batch []judged) error {
	keep := make([]*judged, 0, len(batch))
	for i := range batch {
		j := &batch[i]
		r.report.Read++
		r.noteAll(j)
		if j.err != nil {
			r.reject(j, reasons(j.err))
			continue
		}
		if was, again := r.seen[j.listing.ID]; again {
			if was.hash == j.hash {
				r.report.Repeated++
				r.addNote(j.at, Note{Field: "source.id", Code: "repeated",
					Detail: fmt.Sprintf("the same record as %s; counted once", was.at)})
				continue
			}
			r.reject(j, hereabouts.Problems{{Pointer: "/source/id", Code: "duplicate",
				Detail: fmt.Sprintf("%q is the id of another record, read at %s; give each record its own id", j.listing.Source.ID, was.at)}})
			continue
		}
		r.seen[j.listing.ID] = first{j.at, j.hash}
		keep = append(keep, j)
	}
	return r.commit(ctx, keep)
}

// commit writes records; when the sink turns some of them away it writes the
// others without them.
func (r *run) commit(ctx context.Context, js []*judged) error {
	if len(js) == 0 {
		return nil
	}
	b := hereabouts.Batch{
		Actor:  hereabouts.Actor{Kind: "importer", Name: r.Source},
		DryRun: r.DryRun,
		Writes: make([]hereabouts.Write, len(js)),
	}
	for i, j := range js {
		b.Writes[i] = hereabouts.Write{Listing: j.listing, Import: true, Action: "import"}
	}
	receipt, err := r.into.Commit(ctx, b)
	if err == nil {
		return r.count(js, receipt)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("importers: stopped: %w", context.Cause(ctx))
	}
	bad := r.turnedAway(js, err)
	switch {
	case bad == nil:
		return fmt.Errorf("importers: committing %d records of %s: %w", len(js), r.Source, err)
	case len(bad) > 0:
		rest := make([]*judged, 0, len(js))
		for i, j := range js {
			if why, is := bad[i]; is {
				r.reject(j, why)
			} else {
				rest = append(rest, j)
			}
		}
		return r.commit(ctx, rest)
	case len(js) == 1:
		r.reject(js[0], reasons(err))
		return nil
	}
	// The sink does not say which: halve until it is found.
	half := len(js) / 2
	if err := r.commit(ctx, js[:half]); err != nil {
		return err
	}
	return r.commit(ctx, js[half:])
}

// turnedAway says which records the sink refuses, and why. It is empty when
// the error is about some record without saying which, and nil when it is
// about no record at all: a full disk turns everything away.
func (r *run) turnedAway(js []*judged, err error) map[int]hereabouts.Problems {
	bad := map[int]hereabouts.Problems{}
	if ps, is := errors.AsType[hereabouts.Problems](err); is {
		for _, p := range ps {
			n, pointer, ok := writePointer(p.Pointer)
			if !ok || n >= len(js) {
				return map[int]hereabouts.Problems{}
			}
			p.Pointer = pointer
			bad[n] = append(bad[n], p)
		}
		return bad
	}
	if conflict, is := errors.AsType[*hereabouts.ConflictError](err); is {
		for i, j := range js {
			if j.listing.ID == conflict.ID {
				bad[i] = reasons(err)
			}
		}
		return bad
	}
	if errors.Is(err, hereabouts.ErrConflict) || errors.Is(err, hereabouts.ErrNotFound) {
		return bad
	}
	return nil
}

// writePointer splits "/writes/12/listing/name" into 12 and "/name".
func writePointer(pointer string) (n int, rest string, ok bool) {
	after, ok := strings.CutPrefix(pointer, "/writes/")
	if !ok {
		return 0, "", false
	}
	num, rest, more := strings.Cut(after, "/")
	n, err := strconv.Atoi(num)
	if err != nil || n < 0 {
		return 0, "", false
	}
	if rest = strings.TrimPrefix(rest, "listing"); !more || rest == "" {
		return n, "", true
	}
	return n, "/" + strings.TrimPrefix(rest, "/"), true
}

// count adds a receipt to the report.
func (r *run) count(js []*judged, receipt hereabouts.Receipt) error {
	if len(receipt.Outcomes) != len(js) {
		return fmt.Errorf("importers: the store answered for %d of %d records", len(receipt.Outcomes), len(js))
	}
	for i, j := range js {
		switch receipt.Outcomes[i] {
		case hereabouts.Added:
			r.report.Added++
		case hereabouts.Changed:
			r.report.Changed++
		case hereabouts.Unchanged:
			r.report.Unchanged++
		case hereabouts.Kept:
			r.report.Kept++
			if len(r.report.Kepts) < Keep {
				k := Kept{At: j.at, ID: j.listing.ID, Name: j.listing.Name}
				if i < len(receipt.Revs) {
					k.Rev = receipt.Revs[i]
				}
				r.report.Kepts = append(r.report.Kepts, k)
			}
		default:
			return fmt.Errorf("importers: the store answered %q, which is no outcome we know", receipt.Outcomes[i])
		}
	}
	if receipt.Token != "" {
		r.report.Token = receipt.Token
	}
	return nil
}

func (r *run) reject(j *judged, why hereabouts.Problems) {
	f := Fault{At: j.at, Reasons: why}
	if j.listing != nil {
		f.SourceID, f.Name = j.listing.Source.ID, j.listing.Name
	}
	r.report.Rejected++
	if len(r.report.Faults) < Keep {
		r.report.Faults = append(r.report.Faults, f)
	}
	if r.rejects != nil && r.rejectsErr == nil {
		r.rejectsErr = r.rejects.Encode(f)
	}
}

func (r *run) noteAll(j *judged) {
	for _, n := range j.notes {
		r.addNote(j.at, n)
	}
}

func (r *run) addNote(at string, n Note) {
	r.report.Notes[n.Code]++
	if len(r.report.Noted) < Keep {
		r.report.Noted = append(r.report.Noted, Noted{At: at, Note: n})
	}
}

// reasons are an error as problems.
func reasons(err error) hereabouts.Problems {
	if ps, is := errors.AsType[hereabouts.Problems](err); is {
		return ps
	}
	code := "unreadable"
	if errors.Is(err, hereabouts.ErrConflict) {
		code = "conflict"
	}
	return hereabouts.Problems{{Code: code, Detail: err.Error()}}
}
