package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"hereabouts"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashChild); dir != "" {
		fmt.Fprintln(os.Stderr, crash(dir)) // only ever ends by failing
		os.Exit(1)
	}
	testscript.Main(m, map[string]func(){"hereabouts": main})
}

func oneListing(name string) hereabouts.Batch {
	return hereabouts.Batch{
		Actor: hereabouts.Actor{Kind: "admin", Name: "test"},
		Writes: []hereabouts.Write{{Action: "create", Listing: &hereabouts.Listing{
			Kind: hereabouts.Group, Name: name, Delivery: []hereabouts.Delivery{hereabouts.InPerson},
		}}},
	}
}
