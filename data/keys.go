package data

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.etcd.io/bbolt"

	"hereabouts"
)

const (
	secretPrefix = "hab_" // so that a leaked key can be recognised by a scanner
	maxKeyName   = 100    // characters
)

// keyActor signs what is done to keys.
var keyActor = hereabouts.Actor{Kind: "admin", Name: "keys"}

// CreateKey makes an API key. The secret, "hab_" and 256 random bits, is
// given out here and never again: the store keeps only its SHA-256. A zero
// expires is never. The name must not be that of another key in use.
func (s *Store) CreateKey(ctx context.Context, name string, scopes []hereabouts.Scope, expires time.Time) (secret string, key hereabouts.Key, err error) {
	name = strings.TrimSpace(name)
	var faults hereabouts.Problems
	if name == "" {
		faults.Add("/name", hereabouts.CodeRequired, "name the key after who will use it")
	}
	if utf8.RuneCountInString(name) > maxKeyName {
		faults.Addf("/name", hereabouts.CodeTooLong, "a key's name is at most %d characters long", maxKeyName)
	}
	if len(scopes) == 0 {
		faults.Add("/scopes", hereabouts.CodeRequired, "say what the key may do: read:staff, write:listings, write:org:ID, import or admin")
	}
	for i, sc := range scopes {
		if !sc.Valid() {
			faults.Addf(fmt.Sprintf("/scopes/%d", i), hereabouts.CodeUnknownValue, "%q is not a scope; scopes are read:staff, write:listings, write:org:ID, import and admin", sc)
		}
	}
	if !expires.IsZero() && !expires.After(s.Now()) {
		faults.Add("/expires_at", hereabouts.CodeOutOfRange, "the key would already have expired; give a time to come, or none")
	}
	if err := faults.Err(); err != nil {
		return "", key, err
	}
	secret = secretPrefix + random(32)
	key = hereabouts.Key{ID: s.NewID(), Name: name, Scopes: slices.Clone(scopes), ExpiresAt: expires.UTC()}
	err = s.submit(ctx, func(st *stage) error {
		key.CreatedAt = s.now()
		return st.addKey(sha256.Sum256([]byte(secret)), key)
	})
	if err != nil {
		return "", hereabouts.Key{}, err
	}
	return secret, key, nil
}

// Keys are all keys that there ever were, oldest first.
func (s *Store) Keys(ctx context.Context) ([]hereabouts.Key, error) {
	keys := []hereabouts.Key{}
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bKeys)).ForEach(func(_, v []byte) error {
			k, err := decodeKey(v)
			keys = append(keys, k)
			return err
		})
	})
	slices.SortFunc(keys, func(a, b hereabouts.Key) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return keys, err
}

// RevokeKey stops a key, by its id or the name of one in use. It is kept, so
// that the audit can still say whose it was. ErrNotFound when there is none;
// revoking twice by id is harmless.
func (s *Store) RevokeKey(ctx context.Context, idOrName string) error {
	return s.submit(ctx, func(st *stage) error {
		hash, key, err := st.findKey(idOrName)
		if err != nil {
			return err
		}
		if key.Revoked {
			return nil
		}
		key.Revoked = true
		st.putKey(hash, key)
		st.audit(entry{At: s.now(), Actor: keyActor, Action: "revoke", Kind: "key", ID: key.ID, Sum: sealKey(hash, key)})
		return nil
	})
}

// KeyFor is the key with that secret; ErrBadKey when there is none that may
// be used now. The secret is looked up by its hash, so how long that takes
// says nothing about it. The day of use is noted once a day in passing.
func (s *Store) KeyFor(ctx context.Context, secret string) (hereabouts.Key, error) {
	if !strings.HasPrefix(secret, secretPrefix) || len(secret) > 100 {
		return hereabouts.Key{}, ErrBadKey
	}
	hash := sha256.Sum256([]byte(secret))
	var key hereabouts.Key
	err := s.view(ctx, func(tx *bbolt.Tx) (err error) {
		v := tx.Bucket([]byte(bKeys)).Get(hash[:])
		if v == nil {
			return ErrBadKey
		}
		key, err = decodeKey(v)
		return err
	})
	if err != nil {
		return hereabouts.Key{}, err
	}
	if now := s.Now(); key.Revoked || !key.ExpiresAt.IsZero() && !now.Before(key.ExpiresAt) {
		return hereabouts.Key{}, ErrBadKey
	} else if today := hereabouts.DateOf(now); key.LastUsed < today {
		s.noteUse(hash, today)
	}
	return key, nil
}

// noteUse queues the day of a key's use and does not wait; when the queue is
// full the next use will note it.
func (s *Store) noteUse(hash [32]byte, today hereabouts.Date) {
	r := &request{done: make(chan error, 1), do: func(st *stage) error {
		v := st.get(bKeys, hash[:])
		if v == nil {
			return nil
		}
		key, err := decodeKey(v)
		if err != nil || key.LastUsed >= today {
			return err
		}
		key.LastUsed = today
		st.putKey(hash[:], key)
		return nil
	}}
	select {
	case s.queue <- r:
	default:
	}
}

// FirstRun reports whether nobody has a key yet, so that whoever starts the
// program must be given a way in.
func (s *Store) FirstRun(ctx context.Context) (bool, error) {
	first := false
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		k, _ := tx.Bucket([]byte(bKeys)).Cursor().First()
		first = k == nil
		return nil
	})
	return first, err
}

const linkLifetime = 24 * time.Hour

// CreateAdminLink makes the token of a link that can be used once within 24
// hours to get an admin key: 128 random bits, of which only the hash is kept.
// It takes the place of any earlier link.
func (s *Store) CreateAdminLink(ctx context.Context) (token string, err error) {
	token = random(16)
	hash := sha256.Sum256([]byte(token))
	err = s.submit(ctx, func(st *stage) error {
		for k := range st.keys(bLinks, nil) {
			st.delete(bLinks, []byte(k))
		}
		now := s.now()
		st.put(bLinks, hash[:], key64(uint64(now.Add(linkLifetime).UnixMicro())))
		st.audit(entry{At: now, Actor: keyActor, Action: "create", Kind: "link"})
		return nil
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// UseAdminLink trades the token of a link for an admin key and uses the link
// up, both or neither. ErrBadKey when it is unknown, used or too old.
func (s *Store) UseAdminLink(ctx context.Context, token string) (secret string, key hereabouts.Key, err error) {
	hash := sha256.Sum256([]byte(token))
	secret = secretPrefix + random(32)
	key = hereabouts.Key{ID: s.NewID(), Scopes: []hereabouts.Scope{hereabouts.ScopeAdmin}}
	key.Name = "admin " + key.ID
	err = s.submit(ctx, func(st *stage) error {
		now := s.now()
		until := st.get(bLinks, hash[:])
		if until == nil || bytes.Compare(until, key64(uint64(now.UnixMicro()))) <= 0 {
			return ErrBadKey
		}
		st.delete(bLinks, hash[:])
		st.audit(entry{At: now, Actor: keyActor, Action: "use", Kind: "link"})
		key.CreatedAt = now
		return st.addKey(sha256.Sum256([]byte(secret)), key)
	})
	if err != nil {
		return "", hereabouts.Key{}, err
	}
	return secret, key, nil
}

func (s *stage) addKey(hash [32]byte, key hereabouts.Key) error {
	_, other, err := s.findKey(key.Name)
	if err == nil && !other.Revoked {
		return hereabouts.Problems{{Pointer: "/name", Code: hereabouts.CodeDuplicate,
			Detail: fmt.Sprintf("there is already a key called %q; revoke it first or choose another name", key.Name)}}
	}
	s.putKey(hash[:], key)
	s.put(bKeyIDs, []byte(key.ID), hash[:])
	s.audit(entry{At: key.CreatedAt, Actor: keyActor, Action: "create", Kind: "key", ID: key.ID, Sum: sealKey(hash[:], key)})
	return nil
}

// findKey is the key with that id, or else the one in use with that name.
func (s *stage) findKey(idOrName string) (hash []byte, key hereabouts.Key, err error) {
	if hash := s.get(bKeyIDs, []byte(idOrName)); hash != nil {
		key, err := decodeKey(s.get(bKeys, hash))
		return hash, key, err
	}
	for h := range s.keys(bKeys, nil) {
		key, err := decodeKey(s.get(bKeys, []byte(h)))
		if err != nil {
			return nil, key, err
		}
		if key.Name == idOrName && !key.Revoked {
			return []byte(h), key, nil
		}
	}
	return nil, hereabouts.Key{}, fmt.Errorf("data: no key has that id, and none in use that name: %w", hereabouts.ErrNotFound)
}

func (s *stage) putKey(hash []byte, key hereabouts.Key) { s.put(bKeys, hash, encodeKey(key)) }

func encodeKey(key hereabouts.Key) []byte {
	b, err := json.Marshal(key)
	if err != nil {
		panic(fmt.Sprintf("data: a key is always JSON: %v", err))
	}
	return b
}

func decodeKey(b []byte) (hereabouts.Key, error) {
	var key hereabouts.Key
	if err := json.Unmarshal(b, &key); err != nil {
		return key, fmt.Errorf("data: a key: %w: %w", ErrDamaged, err)
	}
	return key, nil
}

// sealKey is what the audit keeps of a key: everything but when it was used.
func sealKey(hash []byte, key hereabouts.Key) []byte {
	key.LastUsed = ""
	return sum(append(slices.Clone(hash), encodeKey(key)...))
}

func random(n int) string {
	b := make([]byte, n)
	rand.Read(b) //nolint:errcheck // crypto/rand never fails
	return base64.RawURLEncoding.EncodeToString(b)
}
