package data

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"hereabouts"
)

// A plan works a batch out on a stage. All of its faults are found before it
// fails.
type plan struct {
	*stage
	prepared
	now    time.Time
	newID  func() string
	faults hereabouts.Problems
	others []error // conflicts
}

func (s *Store) plan(st *stage, p prepared) (hereabouts.Receipt, error) {
	pl := &plan{stage: st, prepared: p, now: s.now(), newID: s.NewID}
	remembers := p.Op != "" && !p.DryRun
	if remembers {
		r, found, err := pl.recall()
		if err != nil || found {
			if r.Replayed = found; found && !strings.HasPrefix(string(r.Token), s.epoch+":") {
				r.Token = tokenAt(s.epoch, st.state.pos) // it was given out before a restore
			}
			return r, err
		}
	}
	n := len(p.Writes)
	receipt := hereabouts.Receipt{
		IDs:      make([]string, n),
		Revs:     make([]hereabouts.Rev, n),
		Outcomes: make([]hereabouts.Outcome, n),
	}
	for i := range p.Writes {
		id, rev, outcome, err := pl.write(i)
		if err != nil {
			if err := pl.note(i, err); err != nil {
				return hereabouts.Receipt{}, err
			}
			continue
		}
		receipt.IDs[i], receipt.Revs[i], receipt.Outcomes[i] = id, rev, outcome
	}
	if err := pl.faults.Err(); err != nil {
		return hereabouts.Receipt{}, err
	}
	if len(pl.others) > 0 {
		return hereabouts.Receipt{}, errors.Join(pl.others...)
	}
	receipt.Token = tokenAt(s.epoch, st.state.pos)
	if remembers {
		pl.remember(receipt)
	}
	return receipt, nil
}

// note keeps a fault for the end; what is not the batch's fault is returned.
func (pl *plan) note(i int, err error) error {
	if ce := (*hereabouts.ConflictError)(nil); errors.As(err, &ce) {
		pl.others = append(pl.others, ce)
		return nil
	}
	return prefixed(&pl.faults, pointer(pl.Batch, i), err)
}

func (pl *plan) write(i int) (id string, rev hereabouts.Rev, outcome hereabouts.Outcome, err error) {
	w := &pl.Writes[i]
	if w.Listing != nil {
		l := *w.Listing
		if l.ID == "" {
			l.ID = pl.newID()
			defer func() {
				if pl.DryRun {
					id = "" // it would be another one next time
				}
			}()
		}
		rev, outcome, err = pl.writeListing(w, &l, pl.hashes[i])
		return l.ID, rev, outcome, err
	}
	o := *w.Organisation
	if o.ID == "" {
		o.ID = pl.newID()
		defer func() {
			if pl.DryRun {
				id = ""
			}
		}()
	}
	rev, outcome, err = pl.writeOrganisation(w, &o, pl.hashes[i])
	return o.ID, rev, outcome, err
}

func (pl *plan) writeListing(w *hereabouts.Write, l *hereabouts.Listing, hash [32]byte) (hereabouts.Rev, hereabouts.Outcome, error) {
	rec, exists, err := pl.record(listing, l.ID)
	if err != nil {
		return 0, "", err
	}
	if !w.Import && w.IfRev != rec.rev {
		return 0, "", &hereabouts.ConflictError{ID: l.ID, Have: rec.rev, Want: w.IfRev}
	}
	if w.Import && rec.imported && rec.source == hash {
		return rec.rev, hereabouts.Unchanged, nil
	}
	var old *hereabouts.Listing
	if exists {
		if old, err = decodeListing(rec.doc); err != nil {
			return 0, "", fmt.Errorf("data: listing %q: %w", l.ID, err)
		}
	}
	if w.Import && exists {
		if rec.kept() {
			return rec.rev, keptOr(sameListing(old, l)), nil
		}
		if l.ConfirmedAt < old.ConfirmedAt {
			l.ConfirmedAt, l.ConfirmedBy = old.ConfirmedAt, old.ConfirmedBy
		}
	}
	shown := ""
	if exists {
		shown = old.Organisation.ID
	}
	if l.Organisation, err = pl.organisationOf(l, w); err != nil {
		return 0, "", err
	}
	l.Rev, l.CreatedAt, l.UpdatedAt = rec.rev, pl.now, pl.now
	next := record{hidden: l.Status != hereabouts.Published, imported: rec.imported, edited: rec.edited, source: rec.source}
	if exists {
		l.CreatedAt, l.UpdatedAt = old.CreatedAt, old.UpdatedAt
		if !w.Import {
			doc, err := encodeJSON(l)
			if err != nil {
				return 0, "", err
			}
			if bytes.Equal(doc, rec.doc) {
				return rec.rev, hereabouts.Unchanged, nil
			}
			next.edited = rec.edited || pl.Actor.Kind != actorImporter && editsListing(old, l)
		}
	}
	if w.Import {
		next.imported, next.source = true, hash
	}
	l.Rev, l.UpdatedAt = rec.rev+1, pl.now
	if next.doc, err = encodeJSON(l); err != nil {
		return 0, "", err
	}
	next.rev = l.Rev
	pl.save(listing, l.ID, rec, next, change{actor: pl.Actor, action: actionOf(w, exists), fields: changedFields(old, l)})
	if id := l.Organisation.ID; id != shown {
		if shown != "" {
			pl.delete(bShows, pairKey(shown, l.ID))
		}
		if id != "" {
			pl.put(bShows, pairKey(id, l.ID), []byte{1})
		}
	}
	return l.Rev, outcomeOf(exists), nil
}

func outcomeOf(exists bool) hereabouts.Outcome {
	if exists {
		return hereabouts.Changed
	}
	return hereabouts.Added
}

func actionOf(w *hereabouts.Write, exists bool) string {
	switch {
	case w.Action != "":
		return w.Action
	case w.Import:
		return "import"
	case exists:
		return "replace"
	}
	return "create"
}

// encodeJSON writes a record's document; one that is too large is a problem.
func encodeJSON(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, hereabouts.Problems{{Code: hereabouts.CodeInvalidFormat, Detail: "this cannot be written as JSON: " + err.Error()}}
	}
	if len(b) > hereabouts.MaxRecordBytes {
		return nil, hereabouts.Problems{{Code: hereabouts.CodeTooLarge, Detail: fmt.Sprintf("a record is at most %d bytes and this one is %d; shorten its texts or simplify its outlines", hereabouts.MaxRecordBytes, len(b))}}
	}
	return b, nil
}

// A change says who did what to a record.
type change struct {
	actor  hereabouts.Actor
	action string
	fields []string
}

// record reads a record; the zero record when there is none.
func (s *stage) record(k kind, id string) (rec record, exists bool, err error) {
	b := s.get(k.bucket(), []byte(id))
	if b == nil {
		return record{}, false, nil
	}
	if rec, err = decodeRecord(b); err != nil {
		return record{}, false, fmt.Errorf("data: %s %q: %w: %w", k, id, ErrDamaged, err)
	}
	return rec, true, nil
}

// save stages a new revision of a record with everything that belongs to it.
func (pl *plan) save(k kind, id string, old, next record, c change) {
	if old.rev > 0 {
		pl.put(bPast, revKey(k, id, old.rev), old.encode())
	}
	pl.put(bRevisions, revKey(k, id, next.rev), encodeRevision(pl.now, c))
	pl.place(k, id, old, next, c)
}

// place stages a record at a new position of the log, with its audit entry.
func (pl *plan) place(k kind, id string, old, next record, c change) {
	st := &pl.state
	st.pos++
	next.pos, next.at = st.pos, pl.now
	if old.pos > 0 {
		pl.delete(bLog, key64(old.pos))
	}
	pl.put(bLog, key64(next.pos), append([]byte{byte(k)}, id...))
	value := next.encode()
	pl.put(k.bucket(), []byte(id), value)
	pl.audit(entry{
		At: pl.now, Actor: c.actor, Action: c.action, Kind: k.String(), ID: id,
		Before: old.rev, After: next.rev, Sum: sum(value),
	})
	if k == organisation {
		st.organisations += count(old.rev == 0)
		return
	}
	st.listings += count(old.rev == 0)
	st.published += count(!next.hidden)
	st.published -= count(old.rev > 0 && !old.hidden)
}

func count(yes bool) uint64 {
	if yes {
		return 1
	}
	return 0
}
