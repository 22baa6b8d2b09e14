package data_test

import (
	"bufio"
	"bytes"
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
	"pgregory.net/rapid"

	"hereabouts"
	"hereabouts/data"
)

func unmet(t testing.TB, s *data.Store) []hereabouts.UnmetReach {
	t.Helper()
	rows, err := s.UnmetReach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func note(s *data.Store, n int, district string, c hereabouts.ReachCounts, needs ...string) {
	for range n {
		s.NoteReach(district, needs, c)
	}
}

// The bytes of the file are looked at, also those of pages that are free.
func TestFewerThanTenSearchesAreNowhereOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	traces := [][]byte{[]byte("NN11"), []byte("NN6"), []byte("money.food"), []byte("housing")}
	none := func(when string) {
		t.Helper()
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, trace := range traces {
			if bytes.Contains(raw, trace) {
				t.Errorf("%s, the file holds %q", when, trace)
			}
		}
	}
	note(s, 9, "NN11", hereabouts.ReachCounts{No: 4}, "money.food")
	note(s, 9, "NN6", hereabouts.ReachCounts{ThereAndBack: 4}, "housing")
	note(s, 10, "MK19", hereabouts.ReachCounts{ThereOnly: 4})
	if rows := unmet(t, s); len(rows) != 1 || rows[0].District != "MK19" {
		t.Errorf("there are %+v", rows)
	}
	none("after nine searches")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	none("after closing")
	s = open(t, path)
	note(s, 9, "NN11", hereabouts.ReachCounts{No: 4}, "money.food")
	if rows := unmet(t, s); len(rows) != 1 {
		t.Errorf("there are %+v", rows)
	}
	none("after nine more")
	note(s, 1, "NN11", hereabouts.ReachCounts{No: 4}, "money.food")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(path); err != nil || !bytes.Contains(raw, traces[0]) {
		t.Errorf("ten searches are not in the file (%v); the test looks for the wrong thing", err)
	}
}

func TestWhatASearchCounts(t *testing.T) {
	now := november
	s := fresh(t, at(&now))
	row := func(need string, counts ...int) hereabouts.UnmetReach {
		return hereabouts.UnmetReach{Month: "2026-11", District: "NN11", Need: need,
			Searches: counts[0], Unreached: counts[1], No: counts[2], ThereOnly: counts[3]}
	}
	// Ten for two needs of one parent and one that nobody knows: each once.
	note(s, 10, "nn11", hereabouts.ReachCounts{ThereAndBack: 2, ThereOnly: 1, No: 5, Unknown: 70}, "money.food", "money.debt", "money.food", "money", "sailing", "")
	// Ten that reached nothing, though they are fetched: it is not unmet.
	note(s, 10, "NN11", hereabouts.ReachCounts{DoorToDoor: 1, No: 2})
	// Ten that reached nothing. A postcode is as good as its district.
	note(s, 10, "NN11 4AB", hereabouts.ReachCounts{No: 2, ThereOnly: 3})
	// None of these is a search that says something of reach, or of a district.
	note(s, 10, "NN11", hereabouts.ReachCounts{Unknown: 9})
	note(s, 10, "NN11", hereabouts.ReachCounts{No: -1, ThereOnly: -5})
	for _, where := range []string{"", "Daventry", "NN", "52.25,-1.16", "NN11/money", "\x00"} {
		note(s, 10, where, hereabouts.ReachCounts{No: 1})
	}
	want := []hereabouts.UnmetReach{
		row("", 30, 10, 90, 40),
		row("money", 10, 0, 50, 10),
		row("money.debt", 10, 0, 50, 10),
		row("money.food", 10, 0, 50, 10),
	}
	if diff := cmp.Diff(want, unmet(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// What is left of seven is not told of, and not lost either.
func TestWhatTenSearchesFoundIsCountedInTensToo(t *testing.T) {
	s := fresh(t)
	lost, found := hereabouts.ReachCounts{No: 1}, hereabouts.ReachCounts{ThereAndBack: 1}
	for i, step := range []struct{ lost, unreached, no int }{
		{7, 0, 0}, {2, 0, 0}, {3, 10, 10}, {0, 10, 10}, {9, 20, 20},
	} {
		note(s, step.lost, "NN11", lost)
		note(s, 10-step.lost, "NN11", found)
		rows := unmet(t, s)
		if len(rows) != 1 || rows[0].Searches != 10*(i+1) || rows[0].Unreached != step.unreached || rows[0].No != step.no {
			t.Errorf("after %d tens: %+v; want %d unreached", i+1, rows, step.unreached)
		}
	}
}

func TestAMonthEndsInLondon(t *testing.T) {
	now := time.Date(2026, 6, 30, 22, 59, 0, 0, time.UTC) // 23:59 in London
	s := fresh(t, at(&now))
	months := func() (months []string) {
		for _, r := range unmet(t, s) {
			months = append(months, fmt.Sprint(r.Month, " ", r.Searches))
		}
		return months
	}
	note(s, 19, "NN11", hereabouts.ReachCounts{No: 1})
	now = now.Add(time.Minute)
	note(s, 9, "NN11", hereabouts.ReachCounts{No: 1})
	if diff := cmp.Diff([]string{"2026-06 10"}, months()); diff != "" {
		t.Errorf("nine of June wait for one of July (-want +got):\n%s", diff)
	}
	note(s, 11, "NN11", hereabouts.ReachCounts{No: 1})
	if diff := cmp.Diff([]string{"2026-06 10", "2026-07 20"}, months()); diff != "" {
		t.Errorf("in July (-want +got):\n%s", diff)
	}
	// A clock that is put back is another month too, and no row of it is new.
	note(s, 9, "NN11", hereabouts.ReachCounts{No: 1})
	now = now.Add(-time.Minute)
	note(s, 10, "NN11", hereabouts.ReachCounts{No: 1})
	if diff := cmp.Diff([]string{"2026-06 20", "2026-07 20"}, months()); diff != "" {
		t.Errorf("with the clock put back (-want +got):\n%s", diff)
	}
}

// TestUnmetReachIsNeverMoreThanTensOfWhatWas plays random searches, readings,
// openings and turns of the month, and holds every answer against the truth
// and against the answer before.
func TestUnmetReachIsNeverMoreThanTensOfWhatWas(t *testing.T) {
	type cell struct{ month, district, need string }
	type counts [4]int
	of := func(r hereabouts.UnmetReach) counts { return counts{r.Searches, r.Unreached, r.No, r.ThereOnly} }
	rapid.Check(t, func(rt *rapid.T) {
		now := november
		path := filepath.Join(t.TempDir(), "store.db")
		start := func() *data.Store {
			s, err := data.Open(path, data.Options{Now: func() time.Time { return now }})
			if err != nil {
				rt.Fatal(err)
			}
			return s
		}
		s := start()
		defer func() { s.Close() }()
		truth, last := map[cell]counts{}, map[cell]counts{}
		waiting := map[cell]int{} // searches since the cell last began
		read := func(rt *rapid.T) {
			rows, err := s.UnmetReach(t.Context())
			if err != nil {
				rt.Fatal(err)
			}
			if len(rows) < len(last) {
				rt.Fatalf("%d rows, after %d", len(rows), len(last))
			}
			for _, r := range rows {
				at := cell{r.Month, r.District, r.Need}
				for i, n := range of(r) {
					if n%10 != 0 || n > truth[at][i] || n < last[at][i] {
						rt.Fatalf("%+v, after %v; in truth %v", r, last[at], truth[at])
					}
				}
				if r.Searches < 10 || r.Unreached > r.Searches {
					rt.Fatalf("%+v", r)
				}
				last[at] = of(r)
			}
			for at, n := range waiting {
				if want := truth[at][0] - n; n < 10 && last[at][0] > want {
					rt.Fatalf("%v: %d counted of %d while %d wait", at, last[at][0], truth[at][0], n)
				}
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"search": func(rt *rapid.T) {
				district := rapid.SampledFrom([]string{"NN11", "NN6"}).Draw(rt, "district")
				need := rapid.SampledFrom([]string{"", "money", "money.food"}).Draw(rt, "need")
				c := hereabouts.ReachCounts{ThereAndBack: rapid.IntRange(0, 2).Draw(rt, "there and back"),
					ThereOnly: rapid.IntRange(0, 4).Draw(rt, "there only"), No: rapid.IntRange(1, 30).Draw(rt, "no")}
				unreached := 0
				if c.ThereAndBack == 0 {
					unreached = 1
				}
				for range rapid.IntRange(1, 14).Draw(rt, "times") {
					s.NoteReach(district, []string{need}, c)
					for _, n := range map[string][]string{"": {""}, "money": {"", "money"}, "money.food": {"", "money", "money.food"}}[need] {
						at := cell{now.Format("2006-01"), district, n}
						have := truth[at]
						truth[at] = counts{have[0] + 1, have[1] + unreached, have[2] + c.No, have[3] + c.ThereOnly}
						waiting[at] = (waiting[at] + 1) % 10
					}
				}
			},
			"read": read,
			"open again": func(rt *rapid.T) {
				if err := s.Close(); err != nil {
					rt.Fatal(err)
				}
				s = start()
				clear(waiting)
			},
			"a month goes by": func(rt *rapid.T) {
				now = now.AddDate(0, 1, 0)
				clear(waiting)
			},
			"": func(rt *rapid.T) {},
		})
		read(rt)
		if err := s.Verify(t.Context()); err != nil {
			rt.Fatal(err)
		}
	})
}

func TestSearchesAreCountedWhileOthersReadAndWrite(t *testing.T) {
	s := fresh(t)
	const searchers, each = 8, 500
	var searching, others sync.WaitGroup
	done := make(chan struct{})
	for i := range searchers {
		searching.Go(func() {
			for n := range each {
				s.NoteReach("NN11", []string{"money.food"}, hereabouts.ReachCounts{No: 1 + (i+n)%2})
			}
		})
	}
	others.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			for _, r := range unmet(t, s) {
				if r.Searches%10 != 0 || r.Searches != r.Unreached {
					t.Errorf("%+v", r)
				}
			}
		}
	})
	others.Go(func() {
		for n := range 50 {
			commit(t, s, hereabouts.Write{Listing: shed("", fmt.Sprint("Shed ", n))})
		}
	})
	searching.Wait()
	close(done)
	others.Wait()
	rows := unmet(t, s)
	if len(rows) != 3 {
		t.Fatalf("there are %+v", rows)
	}
	for _, r := range rows {
		if r.Searches != searchers*each || r.No != searchers*each*3/2 {
			t.Errorf("%+v; want %d searches", r, searchers*each)
		}
	}
}

// A backup has the counts, and a store made from it goes on with them; the
// feed and the history know nothing of them.
func TestUnmetReachIsInABackupAndNotInTheFeed(t *testing.T) {
	s := fresh(t)
	r := commit(t, s, hereabouts.Write{Listing: shed("", "Men's shed")})
	note(s, 25, "NN11", hereabouts.ReachCounts{No: 1})
	want := unmet(t, s)
	for c, err := range s.Changes(t.Context(), r.Token, false) {
		t.Errorf("the feed has %+v, %v", c, err)
	}
	if h, err := s.History(t.Context(), r.IDs[0]); err != nil || len(h) != 1 {
		t.Errorf("the history has %d entries, %v", len(h), err)
	}
	dir := t.TempDir()
	backup := filepath.Join(dir, "backup")
	f, err := os.Create(backup)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Backup(t.Context(), f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	restored := filepath.Join(dir, "store.db")
	if err := data.Restore(backup, restored); err != nil {
		t.Fatal(err)
	}
	again := open(t, restored)
	if diff := cmp.Diff(want, unmet(t, again)); diff != "" || len(want) != 1 {
		t.Errorf("after restoring (-want +got):\n%s", diff)
	}
	note(again, 10, "NN11", hereabouts.ReachCounts{No: 1})
	if rows := unmet(t, again); rows[0].Searches != want[0].Searches+10 {
		t.Errorf("after ten more: %+v", rows)
	}
}

func TestAClosedStoreCountsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	note(s, 30, "NN11", hereabouts.ReachCounts{No: 1})
	if _, err := s.UnmetReach(t.Context()); err == nil {
		t.Error("a closed store answers")
	}
	if rows := unmet(t, open(t, path)); len(rows) > 0 {
		t.Errorf("after opening again there are %+v", rows)
	}
}

const unmetStore = "HEREABOUTS_TEST_UNMET_STORE" // tells TestUnmetSurvivesAKill to be the one that is killed

// TestUnmetSurvivesAKill kills a process that counts, at random moments: what
// was told of before is still there, and nothing is in anything but tens.
func TestUnmetSurvivesAKill(t *testing.T) {
	if path := os.Getenv(unmetStore); path != "" {
		countUntilKilled(t, path)
		return
	}
	random := seeded(t)
	path := filepath.Join(t.TempDir(), "store.db")
	told := 0
	for range 12 {
		told = max(told, countOnce(t, path, random))
		s, err := data.Open(path, data.Options{LockTimeout: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, r := range unmet(t, s) {
			found += r.Searches
			if r.Searches%10 != 0 || r.Searches != r.Unreached || r.No != 3*r.Searches {
				t.Errorf("%+v", r)
			}
		}
		if found < told {
			t.Errorf("%d searches were told of and %d are there", told, found)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if told == 0 {
		t.Error("nothing was counted before a kill; the test has shown nothing")
	}
}

func countOnce(t *testing.T, path string, random *rand.Rand) (told int) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestUnmetSurvivesAKill$")
	cmd.Env = append(os.Environ(), unmetStore+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for armed := false; ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // a line cut off was not heard by anybody
		}
		if !armed {
			armed = true
			time.AfterFunc(time.Duration(random.Int64N(int64(80*time.Millisecond))), func() { cmd.Process.Kill() })
		}
		if _, err := fmt.Sscanf(strings.TrimSpace(line), "told %d", &told); err != nil {
			t.Errorf("the process said %q", line)
		}
	}
	cmd.Wait() // it was killed: the error says so
	if cmd.ProcessState.Exited() {
		t.Errorf("the process ended by itself: %v", cmd.ProcessState)
	}
	return told
}

func countUntilKilled(t *testing.T, path string) {
	s, err := data.Open(path, data.Options{LockTimeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		note(s, 7, fmt.Sprintf("NN%d", 1+n%18), hereabouts.ReachCounts{No: 3}, "money.food")
		sum := 0
		for _, r := range unmet(t, s) {
			sum += r.Searches
		}
		fmt.Printf("told %d\n", sum)
	}
}
