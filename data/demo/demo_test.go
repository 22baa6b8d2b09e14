package demo_test

import (
	"testing"

	"hereabouts/data/demo"
)

func TestLoads(t *testing.T) {
	ls, err := demo.Listings("2026-11-21")
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(ls))
}
