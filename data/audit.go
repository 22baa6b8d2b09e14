package data

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"hereabouts"
)

// An entry of the audit says who did what to which record, never what the
// record says. Its sum seals the record as it was stored, so that a byte
// changed behind the store's back is noticed.
type entry struct {
	Seq    uint64           `json:"seq"`
	At     time.Time        `json:"at"`
	Actor  hereabouts.Actor `json:"actor"`
	Action string           `json:"action"`
	Kind   string           `json:"kind"` // listing, organisation, key, link, store
	ID     string           `json:"id"`
	Before hereabouts.Rev   `json:"before,omitempty"`
	After  hereabouts.Rev   `json:"after,omitempty"`
	Sum    []byte           `json:"sum,omitempty"` // SHA-256 of the record with its header
}

func sum(b []byte) []byte {
	h := sha256.Sum256(b)
	return h[:]
}

// audit stages an entry, chained to the one before it: its hash is that of
// the previous hash and its own bytes, so nothing in the middle can be
// changed, added or taken out without breaking every hash after it.
func (s *stage) audit(e entry) {
	s.state.audits++
	e.Seq = s.state.audits
	b, err := json.Marshal(e)
	if err != nil {
		panic(fmt.Sprintf("data: an audit entry is always JSON: %v", err))
	}
	s.state.chain = chained(s.state.chain, b)
	s.put(bAudit, key64(e.Seq), append(s.state.chain[:], b...))
}

func chained(previous [32]byte, b []byte) [32]byte {
	h := sha256.New()
	h.Write(previous[:])
	h.Write(b)
	return [32]byte(h.Sum(nil))
}
