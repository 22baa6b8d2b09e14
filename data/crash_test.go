package data_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hereabouts"
	"hereabouts/data"
)

var (
	kills = flag.Int("kills", 100, "how often TestKilledAtRandomMoments kills the writer")
	seed  = flag.Uint64("seed", 0, "seed of the random tests; 0 chooses one and prints it")
)

// seeded is a source of random numbers that a failing run can be repeated
// with.
func seeded(t *testing.T) *rand.Rand {
	n := *seed
	if n == 0 {
		n = rand.Uint64()
	}
	t.Logf("repeat with -args -seed=%d", n)
	return rand.New(rand.NewPCG(n, n))
}

const crashStore = "HEREABOUTS_TEST_CRASH_STORE" // tells the test binary to be the writer

func TestMain(m *testing.M) {
	if path := os.Getenv(crashStore); path != "" {
		if err := writeUntilKilled(path, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// The writer of the crash test: four callers commit single listings and
// batches, each caller to listings of its own, and say so on out once the
// store has acknowledged. Every listing of a batch gets the same revision and
// name, so that half a batch can be seen.
const (
	crashCallers = 4
	crashGroup   = 20 // listings in a batch
)

func crashIDs(caller int, batch bool) []string {
	if !batch {
		return []string{fmt.Sprintf("single-%d", caller)}
	}
	ids := make([]string, crashGroup)
	for i := range ids {
		ids[i] = fmt.Sprintf("batch-%d-%d", caller, i)
	}
	return ids
}

func writeUntilKilled(path string, out io.Writer) error {
	fmt.Fprintln(out, "opening")
	s, err := data.Open(path, data.Options{LockTimeout: 5 * time.Second})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "open")
	ctx := context.Background()
	var wg sync.WaitGroup
	var mu sync.Mutex
	errs := make(chan error, crashCallers)
	for caller := range crashCallers {
		wg.Go(func() {
			for n := 0; ; n++ {
				ids := crashIDs(caller, n%3 == 0)
				ws, err := nextRevision(ctx, s, ids)
				if err != nil {
					errs <- err
					return
				}
				r, err := s.Commit(ctx, hereabouts.Batch{Actor: provider, Writes: ws})
				if err != nil {
					errs <- err
					return
				}
				var line strings.Builder
				for i, id := range ids {
					fmt.Fprintf(&line, "%s=%d ", id, r.Revs[i])
				}
				mu.Lock()
				fmt.Fprintf(out, "ack %s%s\n", line.String(), r.Token)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return <-errs
}

func nextRevision(ctx context.Context, s *data.Store, ids []string) ([]hereabouts.Write, error) {
	ws := make([]hereabouts.Write, len(ids))
	for i, id := range ids {
		l, err := s.Listing(ctx, id)
		if err != nil && !errors.Is(err, hereabouts.ErrNotFound) {
			return nil, err
		}
		rev := l.Rev
		l = *shed(id, fmt.Sprintf("revision %d", rev+1))
		l.Organisation.Name = "Trust " + id[:8]
		ws[i] = hereabouts.Write{Listing: &l, IfRev: rev}
	}
	return ws, nil
}

// What a killed writer is known to have been told.
type acknowledgement struct {
	revs  map[string]hereabouts.Rev
	token hereabouts.Token
	count int
}

// TestKilledAtRandomMoments kills a writing process, a fifth of the times
// while it is still opening the store, and holds what the file then has
// against what the process had been told.
func TestKilledAtRandomMoments(t *testing.T) {
	n := *kills
	if testing.Short() {
		n = min(n, 10)
	}
	random := seeded(t)
	usual := 5 * time.Millisecond // how long opening takes here
	var path string
	var acked acknowledgement
	var last map[string]hereabouts.Rev
	duringOpen, commits := 0, 0
	for kill := range n {
		if kill%20 == 0 { // a new store now and then, so that making one is interrupted too
			path = filepath.Join(t.TempDir(), "store.db")
			commits += acked.count
			acked, last = acknowledgement{revs: map[string]hereabouts.Rev{}}, nil
		}
		if opened := killOne(t, path, random, kill%5 == 0, &usual, &acked); !opened {
			duringOpen++
		}
		last = afterKill(t, path, acked, last)
		if t.Failed() {
			t.Fatalf("at kill %d", kill+1)
		}
	}
	commits += acked.count
	t.Logf("%d kills, %d of them before the store was open; %d commits acknowledged, none lost", n, duringOpen, commits)
	if commits == 0 {
		t.Error("no commit was acknowledged before a kill; the test has shown nothing")
	}
}

// killOne starts a writer, kills it after a random moment and adds what it was
// told to acked.
func killOne(t *testing.T, path string, random *rand.Rand, opening bool, usual *time.Duration, acked *acknowledgement) (opened bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashStore+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var began time.Time
	kill := func(within time.Duration) {
		time.AfterFunc(time.Duration(random.Int64N(int64(within))), func() { cmd.Process.Kill() })
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // a line cut off was not heard by anybody
		}
		switch word, rest, _ := strings.Cut(strings.TrimSpace(line), " "); word {
		case "opening":
			began = time.Now()
			if opening {
				kill(*usual/3 + 1) // not all of it, because the news of it takes a while to get here
			}
		case "open":
			opened = true
			*usual = (*usual*3 + time.Since(began)) / 4
			if !opening {
				kill(120 * time.Millisecond)
			}
		case "ack":
			acked.count++
			fields := strings.Fields(rest)
			acked.token = hereabouts.Token(fields[len(fields)-1])
			for _, f := range fields[:len(fields)-1] {
				id, rev, _ := strings.Cut(f, "=")
				var n hereabouts.Rev
				fmt.Sscan(rev, &n)
				acked.revs[id] = max(acked.revs[id], n)
			}
		default:
			t.Errorf("the writer said %q", line)
		}
	}
	cmd.Wait() // it was killed: the error says so
	if cmd.ProcessState.Success() || cmd.ProcessState.Exited() {
		t.Errorf("the writer ended by itself: %v", cmd.ProcessState)
	}
	return opened
}

// afterKill opens the store that a killed writer left and checks it. It
// returns the revisions found, which must never be lower than last.
func afterKill(t *testing.T, path string, acked acknowledgement, last map[string]hereabouts.Rev) map[string]hereabouts.Rev {
	t.Helper()
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && acked.count == 0 {
		return last
	}
	s, err := data.Open(path, data.Options{LockTimeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	found, names := map[string]hereabouts.Rev{}, map[string]string{}
	for c, err := range s.Changes(t.Context(), "", false) {
		if err != nil {
			t.Fatal(err)
		}
		if c.Listing != nil {
			found[c.ID], names[c.ID] = c.Rev, c.Listing.Name
		}
	}
	for id, rev := range acked.revs {
		if found[id] < rev {
			t.Errorf("%s was acknowledged at revision %d and is at %d", id, rev, found[id])
		}
	}
	for id, rev := range found {
		if rev < last[id] {
			t.Errorf("%s went back from revision %d to %d", id, last[id], rev)
		}
		if want := fmt.Sprintf("revision %d", rev); names[id] != want {
			t.Errorf("%s at revision %d says %q", id, rev, names[id])
		}
	}
	for caller := range crashCallers {
		ids := crashIDs(caller, true)
		for _, id := range ids {
			if found[id] != found[ids[0]] {
				t.Errorf("half a batch: %s is at revision %d and %s at %d", ids[0], found[ids[0]], id, found[id])
			}
		}
	}
	if acked.token != "" {
		for _, err := range s.Changes(t.Context(), acked.token, false) {
			if err != nil {
				t.Errorf("an acknowledged token: %v", err)
			}
		}
	}
	return maps.Clone(found)
}
