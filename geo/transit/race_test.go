//go:build race

package transit_test

// The race detector makes every question ten times as slow, and looks for
// something else than wrong answers. All of them are asked without it; see
// the Makefile.
func init() { *townsFlag, *originsFlag = 100, 25 }
