package hereabouts

// A Fact is something a listing says about itself, or does not. The zero
// Fact means nobody has said and is written in JSON as "unknown".
type Fact string

// The three answers a listing can give.
const (
	Yes     Fact = "yes"
	No      Fact = "no"
	Unknown Fact = "unknown"
)

// FactOf turns a plain answer into a Fact.
func FactOf(yes bool) Fact {
	if yes {
		return Yes
	}
	return No
}

// Known reports whether the listing has answered yes or no.
func (f Fact) Known() bool { return f == Yes || f == No }

// MarshalText writes "unknown" for the zero Fact.
func (f Fact) MarshalText() ([]byte, error) {
	if f == "" {
		return []byte(Unknown), nil
	}
	return []byte(f), nil
}
