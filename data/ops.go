package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"hereabouts"
)

const (
	maxOp      = 255            // bytes in an idempotency key
	opLifetime = 24 * time.Hour // after which a key may be used again
	opSweep    = 32             // expired keys taken away by a batch that adds one
)

// An op is what the store remembers of a batch that had an idempotency key.
type op struct {
	At      time.Time          `json:"at"`
	Digest  []byte             `json:"digest"`
	Receipt hereabouts.Receipt `json:"receipt"`
}

// digest identifies what a batch asks for, so that a key cannot answer for
// something else.
func digest(b hereabouts.Batch) [32]byte {
	h := sha256.New()
	e := json.NewEncoder(h)
	for i := range b.Writes {
		w := &b.Writes[i]
		// A record that cannot be encoded is refused when it is stored.
		_ = e.Encode(w)
	}
	return [32]byte(h.Sum(nil))
}

// opKey keeps the keys of different people apart.
func (pl *plan) opKey() []byte {
	return []byte(pl.Actor.Kind + "\x00" + pl.Actor.Name + "\x00" + pl.Op)
}

// recall is the receipt of an earlier batch with this key.
func (pl *plan) recall() (r hereabouts.Receipt, found bool, err error) {
	b := pl.get(bOps, pl.opKey())
	if b == nil {
		return r, false, nil
	}
	var o op
	if err := json.Unmarshal(b, &o); err != nil {
		return r, false, fmt.Errorf("data: an idempotency key: %w: %w", ErrDamaged, err)
	}
	if pl.now.Sub(o.At) >= opLifetime {
		return r, false, nil
	}
	if !bytes.Equal(o.Digest, pl.digest[:]) {
		return r, false, ErrOpReused
	}
	return o.Receipt, true, nil
}

func (pl *plan) remember(r hereabouts.Receipt) {
	b, err := json.Marshal(op{At: pl.now, Digest: pl.digest[:], Receipt: r})
	if err != nil {
		panic(fmt.Sprintf("data: a receipt is always JSON: %v", err))
	}
	pl.sweep()
	key := pl.opKey()
	pl.put(bOps, key, b)
	pl.put(bOpAges, append(ageKey(pl.now), key...), []byte{1})
}

// sweep takes a few expired keys away.
func (pl *plan) sweep() {
	c := pl.bucket(bOpAges).Cursor()
	limit := ageKey(pl.now.Add(-opLifetime))
	k, _ := c.First()
	for range opSweep {
		if k == nil || bytes.Compare(k[:8], limit) > 0 {
			return
		}
		key := k[8:]
		// The key may have been used again since, with a later age.
		var o op
		if err := json.Unmarshal(pl.get(bOps, key), &o); err != nil || pl.now.Sub(o.At) >= opLifetime {
			pl.delete(bOps, key)
		}
		pl.delete(bOpAges, k)
		k, _ = c.Next()
	}
}

func ageKey(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(t.UnixMicro()))
}
