package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts use the program as an operator does.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}
