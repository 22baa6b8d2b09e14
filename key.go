package hereabouts

import (
	"slices"
	"strings"
	"time"
)

// A Scope is one thing that a key may do: read:staff, write:listings,
// write:org:ID, import or admin.
type Scope string

// Scopes. WriteOrg is followed by an organisation's id.
const (
	ReadStaff     Scope = "read:staff"
	WriteListings Scope = "write:listings"
	WriteOrg      Scope = "write:org:"
	ScopeImport   Scope = "import"
	ScopeAdmin    Scope = "admin"
)

// Valid reports whether s is a scope we know.
func (s Scope) Valid() bool {
	if org, ok := strings.CutPrefix(string(s), string(WriteOrg)); ok {
		return org != ""
	}
	return slices.Contains([]Scope{ReadStaff, WriteListings, ScopeImport, ScopeAdmin}, s)
}

// A Key lets a program or a person in. The secret itself is never kept.
type Key struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Scopes    []Scope   `json:"scopes"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at,omitzero"` // zero: never
	LastUsed  Date      `json:"last_used"`
	Revoked   bool      `json:"revoked,omitempty"`
}

// May reports whether the key allows s; admin allows everything.
func (k *Key) May(s Scope) bool {
	return slices.Contains(k.Scopes, ScopeAdmin) || slices.Contains(k.Scopes, s)
}

// MayWrite reports whether the key allows changing listings of an organisation.
func (k *Key) MayWrite(organisation string) bool {
	return k.May(WriteListings) || organisation != "" && k.May(WriteOrg+Scope(organisation))
}
