package data

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"go.etcd.io/bbolt"

	"hereabouts"
)

// Verify checks everything that can be checked without knowing the world: the
// file's pages, the chain of the audit, that every record reads and is as the
// audit sealed it, that the log and the records lead to each other, that no
// revision is missing and that the counts are right. It checks a copy made
// beside the store, which goes on working; there must be room for it. The
// error matches ErrDamaged and names the first faults found.
func (s *Store) Verify(ctx context.Context) error {
	temp, err := writeBeside(s.path, func(w io.Writer) error {
		_, err := s.Backup(ctx, w)
		return err
	})
	if err != nil {
		return fmt.Errorf("data: making a copy to check: %w", err)
	}
	return errors.Join(verifyFile(ctx, temp), os.Remove(temp))
}

// VerifyFile does what Verify does for a store file that no process has open,
// such as a backup.
func VerifyFile(path string) error { return verifyFile(context.Background(), path) }

func verifyFile(ctx context.Context, path string) (err error) {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return fmt.Errorf("%w: %s is not a file with anything in it", ErrDamaged, path)
	}
	if err := checkPages(path); err != nil {
		return err
	}
	db, err := openFile(path, Options{}.withDefaults(), true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.View(func(tx *bbolt.Tx) error { return verify(ctx, tx) })
}

const maxFaults = 20 // named in an error

// A verifier walks one transaction and gathers what is wrong.
type verifier struct {
	ctx    context.Context
	tx     *bbolt.Tx
	state  state
	faults []error
	more   int

	seals     map[string]seal // by kind and id, from the audit
	records   state           // counted in the buckets
	revisions int
	superseded,
	shown int
}

// A seal is what the audit last said about a record.
type seal struct {
	rev hereabouts.Rev
	sum []byte
}

func (v *verifier) fault(format string, args ...any) {
	if len(v.faults) == maxFaults {
		v.more++
		return
	}
	v.faults = append(v.faults, fmt.Errorf(format, args...))
}

func verify(ctx context.Context, tx *bbolt.Tx) (err error) {
	v := &verifier{ctx: ctx, tx: tx, seals: map[string]seal{}}
	// The pages are sound by now; the disk may still fail to give one.
	defer func(old bool) { debug.SetPanicOnFault(old) }(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: reading it failed: %v", ErrDamaged, p)
		}
	}()
	if _, v.state, err = readMeta(tx); err != nil {
		return err
	}
	v.audit()
	v.kind(listing)
	v.kind(organisation)
	v.log()
	v.keys()
	v.found()
	v.unmet()
	v.counts()
	for fault := range tx.Check() {
		v.fault("bbolt: %w", fault)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(v.faults) == 0 {
		return nil
	}
	if v.more > 0 {
		v.faults = append(v.faults, fmt.Errorf("and %d more", v.more))
	}
	return fmt.Errorf("%w:\n%w", ErrDamaged, errors.Join(v.faults...))
}

func (v *verifier) bucket(name string) *bbolt.Bucket { return v.tx.Bucket([]byte(name)) }

// each walks a bucket until nobody waits any more.
func (v *verifier) each(bucket string, fn func(k, b []byte)) {
	c := v.bucket(bucket).Cursor()
	for k, b := c.First(); k != nil && v.ctx.Err() == nil; k, b = c.Next() {
		fn(k, b)
	}
}

func (v *verifier) audit() {
	var chain [32]byte
	seq := uint64(0)
	v.each(bAudit, func(k, b []byte) {
		seq++
		if len(k) != 8 || binary.BigEndian.Uint64(k) != seq || len(b) < 32 {
			v.fault("audit: entry %d is missing or out of place", seq)
			return
		}
		chain = chained(chain, b[32:])
		if !bytes.Equal(chain[:], b[:32]) {
			v.fault("audit: the chain breaks at entry %d", seq)
			chain = [32]byte(b[:32]) // so that one break is one fault
			return
		}
		var e entry
		if err := json.Unmarshal(b[32:], &e); err != nil || e.Seq != seq {
			v.fault("audit: entry %d cannot be read", seq)
			return
		}
		last := v.seals[e.Kind+e.ID]
		if e.Before != last.rev || e.After < e.Before || e.After > e.Before+1 {
			v.fault("audit: entry %d takes %s %q from revision %d to %d after revision %d", seq, e.Kind, e.ID, e.Before, e.After, last.rev)
		}
		v.seals[e.Kind+e.ID] = seal{rev: e.After, sum: bytes.Clone(e.Sum)}
	})
	if seq != v.state.audits || chain != v.state.chain {
		v.fault("audit: it ends after %d entries and should have %d", seq, v.state.audits)
	}
}

func (v *verifier) kind(k kind) {
	v.each(k.bucket(), func(key, b []byte) {
		id := string(key)
		rec, err := decodeRecord(b)
		if err != nil {
			v.fault("%s %q: %w", k, id, err)
			return
		}
		if s := v.seals[k.String()+id]; s.rev != rec.rev || !bytes.Equal(s.sum, sum(b)) {
			v.fault("%s %q: it is not as the audit sealed it", k, id)
		}
		if at := v.bucket(bLog).Get(key64(rec.pos)); len(at) < 1 || kind(at[0]) != k || string(at[1:]) != id {
			v.fault("%s %q: the log does not lead to it from %d", k, id, rec.pos)
		}
		v.document(k, id, rec)
		v.history(k, id, rec)
	})
}

// document checks a record's JSON against its header.
func (v *verifier) document(k kind, id string, rec record) {
	if k == organisation {
		v.records.organisations++
		o, err := decodeOrganisation(rec.doc)
		if err != nil {
			v.fault("%s %q: %w", k, id, err)
		} else if o.ID != id || o.Rev != rec.rev || rec.hidden != (o.Status != hereabouts.Published) {
			v.fault("%s %q: its header and its text disagree", k, id)
		}
		return
	}
	v.records.listings++
	v.records.published += count(!rec.hidden)
	l, err := decodeListing(rec.doc)
	if err != nil {
		v.fault("%s %q: %w", k, id, err)
		return
	}
	if b, err := encodeJSON(l); err != nil || !bytes.Equal(b, rec.doc) {
		v.fault("%s %q: its text does not read as it was written", k, id)
	}
	if l.ID != id || l.Rev != rec.rev || rec.hidden != (l.Status != hereabouts.Published) {
		v.fault("%s %q: its header and its text disagree", k, id)
	}
	if org := l.Organisation.ID; org != "" {
		v.shown++
		b := v.bucket(bOrganisations).Get([]byte(org))
		orec, err := decodeRecord(b)
		if err != nil {
			v.fault("%s %q: its organisation %q: %w", k, id, org, err)
			return
		}
		if o, err := decodeOrganisation(orec.doc); err == nil && o.Ref() != l.Organisation {
			v.fault("%s %q: it shows its organisation %q as it no longer is", k, id, org)
		}
		if v.bucket(bShows).Get(pairKey(org, id)) == nil {
			v.fault("%s %q: its organisation %q does not lead to it", k, id, org)
		}
	}
}

func (v *verifier) history(k kind, id string, rec record) {
	v.revisions += int(rec.rev)
	v.superseded += int(rec.rev) - 1
	for rev := hereabouts.Rev(1); rev <= rec.rev; rev++ {
		var r revision
		if err := json.Unmarshal(v.bucket(bRevisions).Get(revKey(k, id, rev)), &r); err != nil {
			v.fault("%s %q: revision %d: %w", k, id, rev, err)
		}
		if rev == rec.rev {
			break
		}
		past, err := decodeRecord(v.bucket(bPast).Get(revKey(k, id, rev)))
		if err == nil && past.rev != rev {
			err = fmt.Errorf("it says that it is revision %d", past.rev)
		}
		if err == nil && k == listing {
			_, err = decodeListing(past.doc)
		} else if err == nil {
			_, err = decodeOrganisation(past.doc)
		}
		if err != nil {
			v.fault("%s %q: as it was at revision %d: %w", k, id, rev, err)
		}
	}
}

func (v *verifier) log() {
	last, n := uint64(0), uint64(0)
	v.each(bLog, func(key, b []byte) {
		n++
		r, err := follow(v.tx, key, b)
		if err != nil {
			v.fault("%w", err)
			return
		}
		last = r.rec.pos
	})
	if last > v.state.pos {
		v.fault("log: it goes to %d and the store only to %d", last, v.state.pos)
	}
	if n != v.records.listings+v.records.organisations {
		v.fault("log: it has %d entries for %d records", n, v.records.listings+v.records.organisations)
	}
}

func (v *verifier) keys() {
	v.each(bKeys, func(hash, b []byte) {
		key, err := decodeKey(b)
		if err != nil {
			v.fault("%w", err)
			return
		}
		if !bytes.Equal(v.seals["key"+key.ID].sum, sealKey(hash, key)) {
			v.fault("key %q: it is not as the audit sealed it", key.ID)
		}
		if !bytes.Equal(v.bucket(bKeyIDs).Get([]byte(key.ID)), hash) {
			v.fault("key %q: its id does not lead to it", key.ID)
		}
	})
}

// found checks the ways to organisations.
func (v *verifier) found() {
	for _, name := range []string{bCharities, bNames} {
		v.each(name, func(k, id []byte) {
			if v.bucket(bOrganisations).Get(id) == nil {
				v.fault("%s: %q leads to organisation %q, which is not there", name, k, id)
			}
		})
	}
}

// unmet checks what searches could not reach. A store that has never counted
// any has no bucket for it.
func (v *verifier) unmet() {
	if v.bucket(bUnmet) == nil {
		return
	}
	v.each(bUnmet, func(k, b []byte) {
		if _, err := decodeUnmet(k, b); err != nil {
			v.fault("%w", err)
		}
	})
}

func (v *verifier) counts() {
	size := func(bucket string) (n int) {
		v.each(bucket, func(_, _ []byte) { n++ })
		return n
	}
	for _, c := range []struct {
		what      string
		have, say int
	}{
		{"listings", int(v.records.listings), int(v.state.listings)},
		{"published listings", int(v.records.published), int(v.state.published)},
		{"organisations", int(v.records.organisations), int(v.state.organisations)},
		{"revisions", size(bRevisions), v.revisions},
		{"superseded records", size(bPast), v.superseded},
		{"listings shown by organisations", size(bShows), v.shown},
	} {
		if c.have != c.say && v.ctx.Err() == nil {
			v.fault("counts: there are %d %s and there should be %d", c.have, c.what, c.say)
		}
	}
}
