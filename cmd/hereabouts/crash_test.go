package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"hereabouts"
)

// crashChild, when set, makes the test binary write to that data directory
// until it is killed.
const crashChild = "HEREABOUTS_CRASH_CHILD"

// batchOf is how many listings a batch of the child's holds; all of them name
// the batch in a tag, so that half a batch shows.
const batchOf = 40

func testProgram(dir string) *program {
	return &program{
		in: strings.NewReader(""), out: io.Discard, errw: io.Discard,
		getenv: func(string) string { return "" }, now: time.Now,
		settings: settings{Data: dir},
		log:      slog.New(slog.DiscardHandler),
	}
}

// crash writes single listings, batches and changes as fast as it can and
// says on standard output what has been acknowledged: "id rev" a line.
func crash(dir string) error {
	ctx := context.Background()
	d, err := testProgram(dir).openDirectory(ctx)
	if err != nil {
		return err
	}
	ack := func(b hereabouts.Batch) error {
		receipt, err := d.store.Commit(ctx, b)
		if err != nil {
			return err
		}
		var lines strings.Builder
		for i, w := range b.Writes {
			fmt.Fprintf(&lines, "%s %d\n", w.Listing.ID, receipt.Revs[i])
		}
		_, err = os.Stdout.WriteString(lines.String())
		return err
	}
	run := fmt.Sprintf("%d-%d", os.Getpid(), time.Now().UnixNano())
	for n := 0; ; n++ {
		name := fmt.Sprintf("%s-%d", run, n)
		batch := hereabouts.Batch{Actor: hereabouts.Actor{Kind: "admin", Name: "crash"}}
		if n%5 == 0 {
			for i := range batchOf {
				batch.Writes = append(batch.Writes, hereabouts.Write{
					Action: "create", Listing: crashListing(fmt.Sprintf("%s-%d", name, i), "batch "+name),
				})
			}
		} else {
			batch.Writes = []hereabouts.Write{{Action: "create", Listing: crashListing(name, "single")}}
		}
		if err := ack(batch); err != nil {
			return err
		}
		changed := crashListing(batch.Writes[0].Listing.ID, batch.Writes[0].Listing.Tags[0])
		changed.Availability.State = hereabouts.Full
		if n%3 == 0 {
			changed.Summary = "now with biscuits"
		}
		if n%7 == 0 {
			changed.Status = hereabouts.Withdrawn
		}
		if err := ack(hereabouts.Batch{Actor: batch.Actor, Writes: []hereabouts.Write{
			{Action: "replace", IfRev: 1, Listing: changed},
		}}); err != nil {
			return err
		}
	}
}

func crashListing(id, tag string) *hereabouts.Listing {
	return &hereabouts.Listing{
		ID: id, Kind: hereabouts.Group, Name: "Knit and natter " + id, Tags: []string{tag},
		Description: "A circle of knitters who meet over tea, and lend needles to whoever has none.",
		Delivery:    []hereabouts.Delivery{hereabouts.InPerson},
	}
}

// An acknowledged write survives kill -9 at any moment, a batch is whole or
// absent, and the index comes to equal the store.
func TestKilledProgramLosesNothing(t *testing.T) {
	kills := 100
	if testing.Short() {
		kills = 10
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	acked := map[string]hereabouts.Rev{}
	for kill := range kills {
		if kill%25 == 0 { // keep each look at the whole directory quick
			dir, acked = t.TempDir(), map[string]hereabouts.Rev{}
		}
		for id, rev := range killOnce(t, dir, random) {
			acked[id] = rev
		}
		lookAfterKill(t, dir, acked)
		if t.Failed() {
			t.Fatalf("after kill %d", kill+1)
		}
	}
	t.Logf("%d kills", kills)
}

// killOnce runs the child, kills it at a random moment, one time in five while
// it opens, and returns what it acknowledged.
func killOnce(t *testing.T, dir string, random *rand.Rand) map[string]hereabouts.Rev {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashChild+"="+dir)
	child.Stderr = os.Stderr
	pipe, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	acked := map[string]hereabouts.Rev{}
	first, read := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(pipe)
		for n := 0; lines.Scan(); n++ {
			if n == 0 {
				close(first)
			}
			var id string
			var rev hereabouts.Rev
			// A line that the kill cut short acknowledges nothing.
			if _, err := fmt.Sscanf(lines.Text(), "%s %d", &id, &rev); err == nil && rev > 0 {
				acked[id] = rev
			}
		}
	}()
	if random.IntN(5) > 0 {
		select {
		case <-first:
		case <-time.After(time.Minute):
			t.Error("the child wrote nothing within a minute")
		}
	}
	time.Sleep(time.Duration(random.IntN(150)) * time.Millisecond)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-read
	child.Wait()
	return acked
}

// lookAfterKill opens what the child left and holds it against what was
// acknowledged.
func lookAfterKill(t *testing.T, dir string, acked map[string]hereabouts.Rev) {
	t.Helper()
	ctx := t.Context()
	d, err := testProgram(dir).openDirectory(ctx)
	if err != nil {
		t.Fatalf("cannot open after a kill: %v", err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	lost := 0
	for id, rev := range acked {
		if got, err := d.store.Listing(ctx, id); err != nil || got.Rev < rev {
			lost++
			t.Errorf("listing %s was acknowledged at revision %d: got %d, %v", id, rev, got.Rev, err)
		}
		if lost > 5 {
			break
		}
	}
	members := map[string]int{}
	for change, err := range d.store.Changes(ctx, "", false) {
		if err != nil {
			t.Fatal(err)
		}
		l, err := d.store.Listing(ctx, change.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Tags) > 0 && strings.HasPrefix(l.Tags[0], "batch ") {
			members[l.Tags[0]]++
		}
	}
	for batch, n := range members {
		if n != batchOf {
			t.Errorf("%s has %d of its %d listings", batch, n, batchOf)
		}
	}
	if err := d.store.Verify(ctx); err != nil {
		t.Errorf("store: %v", err)
	}
	x, err := d.indexed(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.CatchUp(ctx); err != nil {
		t.Errorf("index: %v", err)
	}
	if err := x.Verify(ctx); err != nil {
		t.Errorf("the index differs from the store after catching up: %v", err)
	}
}
