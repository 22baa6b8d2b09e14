//go:build race

package index

import "flag"

// The race detector makes every question ten times as slow, and looks for
// something else than wrong answers: a quarter of them is enough for it. All
// of them are asked without it; see the Makefile.
func init() { flag.Set("rapid.checks", "25") }
