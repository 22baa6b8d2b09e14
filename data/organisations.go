package data

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"hereabouts"
)

// Organisation is one organisation, of any status. ErrNotFound when there is
// none with that id.
func (s *Store) Organisation(ctx context.Context, id string) (hereabouts.Organisation, error) {
	var o hereabouts.Organisation
	err := s.read(ctx, organisation, id, func(doc []byte) error {
		got, err := decodeOrganisation(doc)
		if err == nil {
			o = *got
		}
		return err
	})
	return o, err
}

// OrganisationListings are the ids of the listings that show an organisation,
// of any status, in order. ErrNotFound when there is no such organisation.
func (s *Store) OrganisationListings(ctx context.Context, id string) ([]string, error) {
	ids := []string{}
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		if tx.Bucket([]byte(bOrganisations)).Get([]byte(id)) == nil {
			return fmt.Errorf("data: organisation %q: %w", id, hereabouts.ErrNotFound)
		}
		prefix := pairKey(id, "")
		c := tx.Bucket([]byte(bShows)).Cursor()
		for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			ids = append(ids, string(k[len(prefix):]))
		}
		return nil
	})
	return ids, err
}

// writeOrganisation stores an organisation. When what listings show of it
// changes, the listings that show it move to the head of the feed with it, at
// the revision they have: their providers have changed nothing.
func (pl *plan) writeOrganisation(w *hereabouts.Write, o *hereabouts.Organisation, hash [32]byte) (hereabouts.Rev, hereabouts.Outcome, error) {
	rec, exists, err := pl.record(organisation, o.ID)
	if err != nil {
		return 0, "", err
	}
	if !w.Import && w.IfRev != rec.rev {
		return 0, "", &hereabouts.ConflictError{ID: o.ID, Have: rec.rev, Want: w.IfRev}
	}
	if w.Import && rec.imported && rec.source == hash {
		return rec.rev, hereabouts.Unchanged, nil
	}
	var old *hereabouts.Organisation
	if exists {
		if old, err = decodeOrganisation(rec.doc); err != nil {
			return 0, "", fmt.Errorf("data: organisation %q: %w", o.ID, err)
		}
		if w.Import && rec.kept() {
			return rec.rev, keptOr(old.ContentHash() == hash), nil
		}
	}
	next := record{imported: rec.imported, edited: rec.edited, source: rec.source}
	if w.Import {
		next.imported, next.source = true, hash
	} else if exists {
		o.Rev, o.CreatedAt, o.UpdatedAt = old.Rev, old.CreatedAt, old.UpdatedAt
		doc, err := encodeJSON(o)
		if err != nil {
			return 0, "", err
		}
		if bytes.Equal(doc, rec.doc) {
			return rec.rev, hereabouts.Unchanged, nil
		}
		next.edited = rec.edited || pl.Actor.Kind != actorImporter && old.ContentHash() != o.ContentHash()
	}
	if err := pl.saveOrganisation(o, old, rec, next, actionOf(w, exists)); err != nil {
		return 0, "", err
	}
	if exists && old.Ref() != o.Ref() {
		if err := pl.refresh(o.Ref()); err != nil {
			return 0, "", err
		}
	}
	return o.Rev, outcomeOf(exists), nil
}

// saveOrganisation stages the next revision of an organisation and how it is
// found. old is nil when there was none.
func (pl *plan) saveOrganisation(o, old *hereabouts.Organisation, rec, next record, action string) (err error) {
	o.Rev, o.CreatedAt, o.UpdatedAt = rec.rev+1, pl.now, pl.now
	if old != nil {
		o.CreatedAt = old.CreatedAt
	}
	if next.doc, err = encodeJSON(o); err != nil {
		return err
	}
	next.rev, next.hidden = o.Rev, o.Status != hereabouts.Published
	pl.save(organisation, o.ID, rec, next, change{actor: pl.Actor, action: action, fields: changedFields(old, o)})
	if old != nil {
		pl.forget(bCharities, charityKey(old.CharityNumber), o.ID)
		pl.forget(bNames, nameKey(old.Source.Name, old.Name), o.ID)
	}
	pl.find(bCharities, charityKey(o.CharityNumber), o.ID)
	pl.find(bNames, nameKey(o.Source.Name, o.Name), o.ID)
	return nil
}

// find lets key lead to an organisation; the first to have it keeps it.
func (pl *plan) find(bucket string, key []byte, id string) {
	if key != nil && pl.get(bucket, key) == nil {
		pl.put(bucket, key, []byte(id))
	}
}

func (pl *plan) forget(bucket string, key []byte, id string) {
	if key != nil && string(pl.get(bucket, key)) == id {
		pl.delete(bucket, key)
	}
}

// refresh shows an organisation as it now is in every listing that shows it.
func (pl *plan) refresh(ref hereabouts.OrganisationRef) error {
	prefix := pairKey(ref.ID, "")
	shown := slices.Sorted(pl.keys(bShows, prefix))
	for _, key := range shown {
		id := key[len(prefix):]
		rec, exists, err := pl.record(listing, id)
		if err != nil {
			return err
		}
		if !exists {
			return fmt.Errorf("data: organisation %q: %w: it is shown by listing %q, which is not there", ref.ID, ErrDamaged, id)
		}
		l, err := decodeListing(rec.doc)
		if err != nil {
			return fmt.Errorf("data: listing %q: %w", id, err)
		}
		l.Organisation = ref
		next := rec
		if next.doc, err = encodeJSON(l); err != nil {
			return err
		}
		pl.place(listing, id, rec, next, change{actor: pl.Actor, action: "organisation"})
	}
	return nil
}

// organisationOf finds the organisation that a listing names, or makes it. A
// given id must be known; otherwise the charity number decides, then the name
// among what the same source has brought. What the record says is what the
// listing shows, whatever else the write said about it.
func (pl *plan) organisationOf(l *hereabouts.Listing, w *hereabouts.Write) (hereabouts.OrganisationRef, error) {
	ref := l.Organisation
	if ref.ID != "" {
		o, found, err := pl.organisation(ref.ID)
		if err == nil && !found {
			err = hereabouts.Problems{{Pointer: "/organisation/id", Code: hereabouts.CodeUnknownValue,
				Detail: fmt.Sprintf("there is no organisation %q; leave the id out to find or add it by charity number or name", ref.ID)}}
		}
		return o.Ref(), err
	}
	charity, name := charityKey(ref.CharityNumber), nameKey(l.Source.Name, ref.Name)
	if charity == nil && name == nil {
		return ref, nil
	}
	if charity != nil {
		if id := pl.get(bCharities, charity); id != nil {
			o, _, err := pl.organisation(string(id))
			return o.Ref(), err
		}
	}
	if name != nil {
		if id := pl.get(bNames, name); id != nil {
			o, _, err := pl.organisation(string(id))
			// Two charities can share a name; their numbers tell them apart.
			if err != nil || charity == nil || o.CharityNumber == "" {
				return o.Ref(), err
			}
		}
	}
	if strings.TrimSpace(ref.Name) == "" {
		return ref, hereabouts.Problems{{Pointer: "/organisation/name", Code: hereabouts.CodeRequired,
			Detail: fmt.Sprintf("no organisation here has the charity number %q; give its name too, so that it can be added", ref.CharityNumber)}}
	}
	o := hereabouts.Organisation{
		ID: pl.newID(), Status: hereabouts.Published,
		Name: ref.Name, CharityNumber: ref.CharityNumber, URL: ref.URL,
		Source: hereabouts.Source{Name: l.Source.Name, Licence: l.Source.Licence, ImportedAt: l.Source.ImportedAt},
	}
	o.Normalise()
	action := "create"
	if w.Import {
		action = "import"
	}
	return o.Ref(), pl.saveOrganisation(&o, nil, record{}, record{}, action)
}

func (pl *plan) organisation(id string) (hereabouts.Organisation, bool, error) {
	rec, exists, err := pl.record(organisation, id)
	if err != nil || !exists {
		return hereabouts.Organisation{}, false, err
	}
	o, err := decodeOrganisation(rec.doc)
	if err != nil {
		return hereabouts.Organisation{}, false, fmt.Errorf("data: organisation %q: %w", id, err)
	}
	return *o, true, nil
}

// charityKey is how charity numbers are compared, "SC 012345" with
// "gb-sc-sc012345"; nil when there is none.
func charityKey(number string) []byte {
	n := strings.ToUpper(number)
	for _, register := range []string{"GB-CHC-", "GB-SC-", "GB-NIC-"} {
		n = strings.TrimPrefix(n, register)
	}
	n = strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || r == '-' {
			return r
		}
		return -1
	}, n)
	if n = strings.TrimLeft(n, "0"); n == "" {
		return nil
	}
	return []byte(n)
}

// nameKey is how names are compared within a source; nil when there is none.
func nameKey(source, name string) []byte {
	if name = hereabouts.Fold(name); name == "" {
		return nil
	}
	return pairKey(strings.ToValidUTF8(source, ""), name)
}
