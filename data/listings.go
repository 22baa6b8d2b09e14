package data

import (
	"bytes"
	"context"
	"fmt"

	"github.com/goccy/go-json"
	"go.etcd.io/bbolt"

	"hereabouts"
)

// Listing is one listing as it is stored, of any status and with everything
// in it; the caller decides what may be shown. ErrNotFound when there is none
// with that id.
func (s *Store) Listing(ctx context.Context, id string) (hereabouts.Listing, error) {
	var l hereabouts.Listing
	err := s.read(ctx, listing, id, func(doc []byte) error {
		got, err := decodeListing(doc)
		if err == nil {
			l = *got
		}
		return err
	})
	return l, err
}

// Listings are the listings with those ids, in that order, as they were at
// one moment. Ids without a listing are left out.
func (s *Store) Listings(ctx context.Context, ids []string) ([]hereabouts.Listing, error) {
	docs := make([][]byte, 0, len(ids))
	found := make([]string, 0, len(ids))
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bListings))
		for _, id := range ids {
			v := b.Get([]byte(id))
			if v == nil {
				continue
			}
			rec, err := decodeRecord(v)
			if err != nil {
				return fmt.Errorf("data: listing %q: %w: %w", id, ErrDamaged, err)
			}
			docs, found = append(docs, bytes.Clone(rec.doc)), append(found, id)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	ls := make([]hereabouts.Listing, len(docs))
	for i, doc := range docs {
		l, err := decodeListing(doc)
		if err != nil {
			return nil, fmt.Errorf("data: listing %q: %w", found[i], err)
		}
		ls[i] = *l
	}
	return ls, nil
}

// read finds one record's document and decodes it.
func (s *Store) read(ctx context.Context, k kind, id string, decode func(doc []byte) error) error {
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(k.bucket())).Get([]byte(id))
		if b == nil {
			return hereabouts.ErrNotFound
		}
		rec, err := decodeRecord(b)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return decode(rec.doc)
	})
	if err != nil {
		return fmt.Errorf("data: %s %q: %w", k, id, err)
	}
	return nil
}

// Documents are written by encoding/json and read by a decoder that is five
// times as fast, because building an index from the beginning reads all of
// them. It only ever sees what encoding/json has written: the record's
// checksum was right. Verify writes what it has read again with encoding/json
// and compares.

func decodeListing(doc []byte) (*hereabouts.Listing, error) {
	return decodeJSON(new(hereabouts.Listing), doc)
}

func decodeOrganisation(doc []byte) (*hereabouts.Organisation, error) {
	return decodeJSON(new(hereabouts.Organisation), doc)
}

func decodeJSON[T any](v *T, doc []byte) (*T, error) {
	if err := json.Unmarshal(doc, v); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return v, nil
}
