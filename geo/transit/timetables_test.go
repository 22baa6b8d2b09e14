package transit

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hereabouts/geo"
)

// savesUntilKilled, when set, makes TestSaveUntilKilled save into that folder
// until somebody ends it.
const savesUntilKilled = "HEREABOUTS_SAVE_UNTIL_KILLED"

// bigFeed takes some time to write. Every trip of it says its version.
func bigFeed(version int) *Feed {
	f := townFeed()
	f.Version = fmt.Sprint(version)
	for i := range 20_000 {
		t := f.Trips[0]
		t.ID = fmt.Sprintf("trip %d", i)
		t.Headsign = f.Version
		f.Trips = append(f.Trips, t)
	}
	return f
}

func TestSaveUntilKilled(t *testing.T) {
	dir := os.Getenv(savesUntilKilled)
	if dir == "" {
		t.Skip("only a child of TestKilledWhileSaving")
	}
	feeds := []*Feed{bigFeed(1), bigFeed(2)}
	for i := 0; ; i++ {
		if err := Save(dir, feeds[i%2]); err != nil {
			t.Fatal(err)
		}
	}
}

// Whenever somebody who saves is killed, there is the old timetable or the new
// one, and what they left does no harm.
func TestKilledWhileSaving(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 5
	}
	dir := t.TempDir()
	if err := Save(dir, bigFeed(1)); err != nil {
		t.Fatal(err)
	}
	cutShort := 0
	for range kills {
		child := exec.Command(os.Args[0], "-test.run=^TestSaveUntilKilled$")
		child.Env = append(os.Environ(), savesUntilKilled+"="+dir)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		awaitTemporary(t, dir)
		time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		child.Wait()

		f, err := ReadFeed(Path(dir, "town"))
		if err != nil {
			t.Fatal(err)
		}
		if !Same(f, bigFeed(1)) && !Same(f, bigFeed(2)) {
			t.Fatal("the timetable is neither the old nor the new one")
		}
		left, err := filepath.Glob(filepath.Join(dir, ".*.tmp"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range left {
			cutShort++
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d of %d were in the middle of writing", cutShort, kills)
}

// awaitTemporary waits until a child has begun to write.
func awaitTemporary(t *testing.T, dir string) {
	t.Helper()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(time.Millisecond) {
		if left, _ := filepath.Glob(filepath.Join(dir, ".*.tmp")); len(left) > 0 {
			return
		}
	}
	t.Fatal("the child did not begin to save within a minute")
}

// What a killed import left is swept up once nobody can be writing it.
func TestLeftoversAreSweptUp(t *testing.T) {
	dir := t.TempDir()
	long := filepath.Join(dir, ".town.feed.123.tmp")
	recent := filepath.Join(dir, ".other.feed.123.tmp")
	for _, name := range []string{long, recent} {
		if err := os.WriteFile(name, []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	twoDaysAgo := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(long, twoDaysAgo, twoDaysAgo); err != nil {
		t.Fatal(err)
	}
	if err := Save(dir, townFeed()); err != nil {
		t.Fatal(err)
	}
	var left []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if diff := cmp.Diff([]string{filepath.Base(recent), "town.feed"}, left); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Whoever asks while timetables are replaced sees one whole network.
func TestReloadWhileOthersAsk(t *testing.T) {
	dir := t.TempDir()
	if err := Save(dir, townFeed()); err != nil {
		t.Fatal(err)
	}
	all, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	at := geo.LatLon(50.9, -1.4)
	noon := time.Date(2026, time.November, 3, 12, 0, 0, 0, time.UTC).Unix()
	stop := make(chan struct{})
	var asking sync.WaitGroup
	for range 2 {
		asking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				n := all.Network()
				spots := n.NewSpots()
				id := spots.Add(at)
				r := n.From(Traveller{Home: at, Limit: time.Hour, Speed: 1.2, MaxWalkM: 1000, MaxChanges: -1})
				r.Out(noon).Reaches(spots, id)
				for _, f := range n.Feeds() {
					if f.Stops != 3 {
						t.Errorf("a network of half a feed: %+v", f)
					}
				}
				all.Faults()
				all.Stale()
			}
		})
	}
	other := townFeed()
	other.Name = "other"
	for i := range 20 {
		if i%2 == 0 {
			err = Save(dir, other)
		} else {
			err = Remove(dir, "other")
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := all.Reload(); err != nil {
			t.Fatal(err)
		}
		if got, want := len(all.Feeds()), 2-i%2; got != want {
			t.Fatalf("%d feeds, want %d", got, want)
		}
	}
	close(stop)
	asking.Wait()
}

func TestStale(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "timetables")
	all, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		about string
		do    func() error
	}{
		{"a first timetable", func() error { return Save(dir, townFeed()) }},
		{"the same again", func() error { return Save(dir, townFeed()) }},
		{"names", func() error { return SaveNames(dir, NewStopNames(someNames)) }},
		{"one less", func() error { return Remove(dir, "town") }},
	} {
		if all.Stale() {
			t.Errorf("before %s the network is stale", step.about)
		}
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if !all.Stale() {
			t.Errorf("after %s the network is not stale", step.about)
		}
		if err := all.Reload(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	if files, err := Files(filepath.Join(dir, "none")); err != nil || len(files) > 0 {
		t.Errorf("of no folder: %v, %v", files, err)
	}
	if err := Save(dir, townFeed()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"damaged.feed", "Not Ours.feed", ".town.feed.1.tmp", "lock", NamesFile} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || files[0].Name != "damaged" || files[0].Err == nil || files[1].Name != "town" || files[1].Err != nil ||
		files[1].Info.Trips != 3 || files[1].Bytes < 100 || !strings.Contains(files[0].Err.Error(), "damaged.feed") {
		t.Errorf("got %+v", files)
	}
}
