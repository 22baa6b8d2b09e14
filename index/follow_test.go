package index

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"hereabouts"
	"hereabouts/geo"
	"hereabouts/index/internal/sample"
)

// shed is a small listing to change.
func shed() hereabouts.Listing {
	l := hereabouts.Listing{ID: "shed", Status: hereabouts.Published, Kind: hereabouts.Group, Name: "Brixworth Men's Shed",
		Description: "Woodwork and repairs over a brew", Needs: []string{"company.mens-sheds"},
		Availability: hereabouts.Availability{State: hereabouts.Open}, ConfirmedAt: today24}
	p := hereabouts.Place{ID: "hall"}
	p.SetPoint(geo.LatLon(52.33, -0.90))
	l.Places = []hereabouts.Place{p}
	l.Normalise()
	return l
}

func filled(n int) (*memory, *sample.Directory) {
	d := sample.New(3, today24)
	d.Rich = true
	m := newMemory()
	for i := range n {
		l := d.Listing(i)
		l.Normalise()
		m.put(l)
	}
	return m, d
}

// sameAnswers fails unless both answer a fixed set of questions alike.
func sameAnswers(t *testing.T, got, want *Index) {
	t.Helper()
	origin := &hereabouts.Origin{Lat: 51.5, Lon: -0.1}
	for _, q := range []hereabouts.Query{
		{}, {Text: "walking garden"}, {Text: "singing", Near: origin, WithinM: 20_000}, {Near: origin, Sort: hereabouts.ByDistance},
		{Sort: hereabouts.BySoonest, Days: []time.Weekday{time.Tuesday}}, {Needs: []string{"money"}, Sort: hereabouts.ByFreshest},
		{Text: "gardning"}, {Sort: hereabouts.ByName, Access: []string{"step_free"}},
	} {
		q.Limit = 100
		a, b := search(t, got, q), search(t, want, q)
		a.Token, b.Token, a.Next, b.Next = "", "", "", ""
		if diff := gocmp.Diff(b, a); diff != "" {
			t.Fatalf("%s\n%s", describeQuery(q), diff)
		}
	}
}

func TestChangesAreFollowed(t *testing.T) {
	src := newMemory(shed())
	x := open(t, t.TempDir(), src, testOptions())
	if got := search(t, x, hereabouts.Query{Text: "woodwork"}).Total; got != 1 {
		t.Fatalf("found %d listings, want the shed", got)
	}

	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- x.Follow(ctx) }()

	l := shed()
	l.Description = "Now with pottery"
	token := src.put(l)
	if res := search(t, x, hereabouts.Query{Text: "pottery", MinToken: token}); res.Total != 1 || res.Token != token {
		t.Errorf("a search with the write's token finds %d listings at %q", res.Total, res.Token)
	}
	if got := search(t, x, hereabouts.Query{Text: "woodwork"}).Total; got != 0 {
		t.Errorf("words that are gone still find %d listings", got)
	}
	token = src.withdraw("shed")
	if got := search(t, x, hereabouts.Query{MinToken: token}).Total; got != 0 {
		t.Errorf("a withdrawn listing is still found")
	}
	token = src.put(shed())
	if got := search(t, x, hereabouts.Query{Text: "woodwork", MinToken: token}).Total; got != 1 {
		t.Errorf("a listing that came back is not found")
	}
	l.Status = hereabouts.Draft
	token = src.put(l)
	if got := search(t, x, hereabouts.Query{MinToken: token}).Total; got != 0 {
		t.Errorf("a draft is found")
	}
	var p hereabouts.Problems
	if _, err := x.Search(t.Context(), hereabouts.Query{MinToken: "another store's"}); !errors.As(err, &p) || p[0].Parameter != "min_token" {
		t.Errorf("a token that nobody gave: %v", err)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("Follow ended with %v", err)
	}
}

func TestAvailabilityNeverTouchesBleve(t *testing.T) {
	src := newMemory(shed())
	x := open(t, t.TempDir(), src, testOptions())
	before := x.Stats()
	l := shed()
	l.Availability = hereabouts.Availability{State: hereabouts.Full, AsOf: today24}
	l.Sessions = []hereabouts.Session{{ID: "s", RRule: "FREQ=WEEKLY;BYDAY=TU", Start: "10:00", End: "12:00"}}
	token := src.put(l)
	res := search(t, x, hereabouts.Query{Text: "woodwork", MinToken: token, Availability: []hereabouts.AvailabilityState{hereabouts.Full}})
	if res.Total != 1 || res.Results[0].Listing.Availability.State != hereabouts.Full {
		t.Errorf("the new availability is not found: %+v", res)
	}
	after := x.Stats()
	if after.Batches != before.Batches || after.AttributeOnly != before.AttributeOnly+1 {
		t.Errorf("Bleve was given %d batches for a change of availability; %d changes were seen to leave words alone",
			after.Batches-before.Batches, after.AttributeOnly-before.AttributeOnly)
	}
	l.Name = "Brixworth Shed"
	if search(t, x, hereabouts.Query{MinToken: src.put(l)}); x.Stats().Batches != after.Batches+1 {
		t.Error("a new name did not reach Bleve")
	}
}

func TestOpensWhereItLeftOff(t *testing.T) {
	src, d := filled(300)
	dir := t.TempDir()
	x := open(t, dir, src, testOptions())
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	// While it is closed: words change, availability changes, listings come and go.
	for i := range 40 {
		l := d.Listing(i)
		l.Normalise()
		switch i % 4 {
		case 0:
			l.Description += " Ukulele evenings."
			src.put(l)
		case 1:
			l.Availability = hereabouts.Availability{State: hereabouts.Full}
			src.put(l)
		case 2:
			src.withdraw(l.ID)
		default:
			l = d.Listing(1000 + i)
			l.Normalise()
			src.put(l)
		}
	}
	again, err := Open(t.Context(), dir, src, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Ready(t.Context()); err != nil {
		t.Errorf("not ready after Open: %v", err)
	}
	if n := again.Stats().Rebuilt; n != 0 {
		t.Errorf("it was built anew %d times", n)
	}
	if got := search(t, again, hereabouts.Query{Text: "ukulele"}).Total; got != 10 {
		t.Errorf("%d listings with the new word, want 10", got)
	}
	if err := again.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	sameAnswers(t, again, open(t, t.TempDir(), src, testOptions()))
}

// TestStopsAnywhere copies the folder of a running index at many moments, as
// a crash would leave it, and opens the copies.
func TestStopsAnywhere(t *testing.T) {
	src, d := filled(120)
	dir := t.TempDir()
	o := testOptions()
	o.BatchListings = 16
	x := open(t, dir, src, o)
	r := rand.New(rand.NewPCG(5, 5))
	var copies []string
	for i := range 60 {
		l := d.Listing(r.IntN(200))
		l.Normalise()
		switch r.IntN(4) {
		case 0:
			l.Availability.State = hereabouts.Paused
		case 1:
			l.Summary = d.Nth(r.IntN(100)) + " and more"
		case 2:
			l.Status = hereabouts.Withdrawn
		}
		src.put(l)
		if err := x.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if i%7 == 3 {
			x.applying.Lock()
			if err := x.save(x.state.Load(), false); err != nil {
				t.Fatal(err)
			}
			x.applying.Unlock()
		}
		if i%6 == 5 {
			to := filepath.Join(t.TempDir(), fmt.Sprint(i))
			copyWhileRunning(t, dir, to)
			copies = append(copies, to)
		}
	}
	want := open(t, t.TempDir(), src, o)
	for _, dir := range copies {
		y := open(t, dir, src, o)
		if err := y.Verify(t.Context()); err != nil {
			t.Errorf("%s: %v", filepath.Base(dir), err)
		}
		sameAnswers(t, y, want)
	}
}

// copyWhileRunning copies what can be copied; files come and go meanwhile.
func copyWhileRunning(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(from, path)
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return errors.Join(err, os.WriteFile(filepath.Join(to, rel), data, 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDamageIsRepaired(t *testing.T) {
	src, _ := filled(150)
	want := open(t, t.TempDir(), src, testOptions())
	first := t.TempDir()
	x := open(t, first, src, testOptions())
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	words := func(dir string) string {
		name, err := os.ReadFile(filepath.Join(dir, currentFile))
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, string(name))
	}
	for name, harm := range map[string]func(dir string, o *Options) error{
		"no columns":        func(dir string, _ *Options) error { return os.Remove(filepath.Join(dir, columnsFile)) },
		"truncated columns": func(dir string, _ *Options) error { return os.Truncate(filepath.Join(dir, columnsFile), 5000) },
		"a flipped bit": func(dir string, _ *Options) error {
			path := filepath.Join(dir, columnsFile)
			data, err := os.ReadFile(path)
			if err == nil {
				data[len(data)/2] ^= 4
				err = os.WriteFile(path, data, 0o600)
			}
			return err
		},
		"no words":    func(dir string, _ *Options) error { return os.RemoveAll(words(dir)) },
		"empty words": func(dir string, _ *Options) error { return os.Truncate(filepath.Join(words(dir), "root.bolt"), 0) },
		"words overwritten": func(dir string, _ *Options) error {
			return os.WriteFile(filepath.Join(words(dir), "root.bolt"), make([]byte, 65536), 0o600)
		},
		"a flipped bit in the words": func(dir string, _ *Options) error {
			segments, err := filepath.Glob(filepath.Join(words(dir), "*.zap"))
			if err != nil || len(segments) == 0 {
				return fmt.Errorf("no segments: %w", err)
			}
			for _, path := range segments {
				data, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				data[len(data)/3] ^= 1
				if err := os.WriteFile(path, data, 0o600); err != nil {
					return err
				}
			}
			return nil
		},
		"no pointer": func(dir string, _ *Options) error { return os.Remove(filepath.Join(dir, currentFile)) },
		"a strange pointer": func(dir string, _ *Options) error {
			return os.WriteFile(filepath.Join(dir, currentFile), []byte("../elsewhere"), 0o600)
		},
		"another version": func(_ string, o *Options) error { o.Version = "next"; return nil },
		"an older rebuild left behind": func(dir string, _ *Options) error {
			return os.MkdirAll(filepath.Join(dir, "words-1"), 0o700)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			copyWhileRunning(t, first, dir)
			o := testOptions()
			o.Logger = slog.New(slog.DiscardHandler)
			if err := harm(dir, &o); err != nil {
				t.Fatal(err)
			}
			y := open(t, dir, src, o)
			if err := y.Ready(t.Context()); err != nil {
				t.Error(err)
			}
			if err := y.Verify(t.Context()); err != nil {
				t.Error(err)
			}
			sameAnswers(t, y, want)
			if entries, _ := filepath.Glob(filepath.Join(dir, "words-*")); len(entries) != 1 {
				t.Errorf("folders of words: %v", entries)
			}
		})
	}
}

func TestAnswersWhatItCanWhileWordsAreBuilt(t *testing.T) {
	src, _ := filled(150)
	dir := t.TempDir()
	if err := open(t, dir, src, testOptions()).Close(); err != nil {
		t.Fatal(err)
	}
	gen, _ := os.ReadFile(filepath.Join(dir, currentFile))
	if err := os.RemoveAll(filepath.Join(dir, string(gen))); err != nil {
		t.Fatal(err)
	}
	x, err := Open(t.Context(), dir, src, testOptions())
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if err := x.Ready(t.Context()); !errors.Is(err, hereabouts.ErrUnavailable) {
		t.Errorf("Ready says %v", err)
	}
	if _, err := x.Search(t.Context(), hereabouts.Query{Text: "walking"}); !errors.Is(err, hereabouts.ErrUnavailable) {
		t.Errorf("a search for words says %v", err)
	}
	if res := search(t, x, hereabouts.Query{Kinds: []hereabouts.Kind{hereabouts.Group}}); res.Total == 0 {
		t.Error("filters do not answer")
	}
	if err := x.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if search(t, x, hereabouts.Query{Text: "walking"}).Total == 0 {
		t.Error("no words after building them")
	}
}

func TestAnotherStoreIsAnotherIndex(t *testing.T) {
	src, _ := filled(60)
	dir := t.TempDir()
	if err := open(t, dir, src, testOptions()).Close(); err != nil {
		t.Fatal(err)
	}
	// A restored store has another epoch and may know less.
	other := newMemory(shed())
	other.epoch = "e2"
	other.changes[1] = func(c hereabouts.Change) hereabouts.Change { c.Token = "e2.1"; return c }(other.changes[1])
	o := testOptions()
	o.Logger = slog.New(slog.DiscardHandler)
	x := open(t, dir, other, o)
	if res := search(t, x, hereabouts.Query{}); res.Total != 1 || res.Results[0].Listing.ID != "shed" {
		t.Errorf("%d listings, want the shed alone", res.Total)
	}
	if err := x.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRebuildAnswersMeanwhile(t *testing.T) {
	src, d := filled(200)
	x := open(t, t.TempDir(), src, testOptions())
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := x.Search(t.Context(), hereabouts.Query{Text: "walking garden"}); err != nil {
				t.Errorf("during a rebuild: %v", err)
				return
			}
		}
	})
	for range 3 {
		l := d.Listing(7)
		l.Summary += " quokka"
		l.Normalise()
		src.put(l)
		if err := x.Rebuild(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	wg.Wait()
	if search(t, x, hereabouts.Query{Text: "quokka"}).Total != 1 {
		t.Error("the rebuilt index lacks a change")
	}
	if err := x.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestVerifyNoticesWhatIsMissing(t *testing.T) {
	src, _ := filled(20)
	x := open(t, t.TempDir(), src, testOptions())
	st := x.state.Load()
	b := newBatch()
	b.delete(st.columns.details[4].id)
	if err := st.words.apply(b); err != nil {
		t.Fatal(err)
	}
	if x.Verify(t.Context()) == nil {
		t.Error("a listing without words goes unnoticed")
	}
	st.columns.mu.Lock()
	st.columns.remove(st.columns.details[9].id, 99)
	st.columns.mu.Unlock()
	if x.Verify(t.Context()) == nil {
		t.Error("a listing without a row goes unnoticed")
	}
}

func TestBleveFailing(t *testing.T) {
	src, d := filled(100)
	o := testOptions()
	o.Logger = slog.New(slog.DiscardHandler)
	x := open(t, t.TempDir(), src, o)
	x.state.Load().words.fail(errors.New("disk full"))
	if _, err := x.Search(t.Context(), hereabouts.Query{Text: "walking"}); !errors.Is(err, hereabouts.ErrUnavailable) {
		t.Errorf("a search for words with a broken Bleve says %v", err)
	}
	if search(t, x, hereabouts.Query{Delivery: []hereabouts.Delivery{hereabouts.InPerson}}).Total == 0 {
		t.Error("filters do not answer")
	}
	l := d.Listing(1)
	l.Summary += " axolotl"
	l.Normalise()
	if got := search(t, x, hereabouts.Query{MinToken: src.put(l), Text: ""}).Total; got == 0 {
		t.Error("nothing found")
	}
	if err := x.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if search(t, x, hereabouts.Query{Text: "axolotl"}).Total != 1 {
		t.Error("the new handle lacks the last change")
	}
	if x.Stats().Reopened != 1 {
		t.Errorf("opened again %d times", x.Stats().Reopened)
	}
	if err := x.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestFollowPutsBleveRight(t *testing.T) {
	src, _ := filled(30)
	o := testOptions()
	o.Logger = slog.New(slog.DiscardHandler)
	x := open(t, t.TempDir(), src, o)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- x.Follow(ctx) }()
	// As Bleve's own goroutines tell of a failing disk.
	w := x.state.Load().words
	failures.tell(w.dir, errors.New("disk full"))
	for x.Stats().Reopened == 0 || x.Ready(ctx) != nil {
		time.Sleep(time.Millisecond)
	}
	if search(t, x, hereabouts.Query{Text: "walking"}).Total == 0 {
		t.Error("nothing found after opening again")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestSourceFailing(t *testing.T) {
	src, _ := filled(10)
	x := open(t, t.TempDir(), src, testOptions())
	src.failNext = errors.New("no")
	if err := x.CatchUp(t.Context()); err == nil {
		t.Error("an error of the source is swallowed")
	}
	if err := x.CatchUp(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSearchAndUpdateAtOnce(t *testing.T) {
	src, d := filled(200)
	x := open(t, t.TempDir(), src, testOptions())
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := x.Follow(ctx); err != nil {
			t.Error(err)
		}
	})
	for s := range 2 {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				q := hereabouts.Query{Text: d.Nth(i % 60), Near: &hereabouts.Origin{Lat: 51.5, Lon: -0.1}}
				if i%3 == s {
					q.WithinM = 30_000
				}
				if res, err := x.Search(ctx, q); err == nil && len(res.Results) > res.Total {
					t.Error("more results than there are")
				}
				if _, err := x.Suggest(ctx, d.Nth(i % 60)[:2], 5); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	r := rand.New(rand.NewPCG(1, 2))
	var last hereabouts.Token
	for range 150 {
		l := d.Listing(r.IntN(250))
		l.Normalise()
		if r.IntN(3) == 0 {
			l.Summary = d.Nth(r.IntN(60))
		}
		if r.IntN(6) == 0 {
			l.Status = hereabouts.Withdrawn
		}
		last = src.put(l)
	}
	search(t, x, hereabouts.Query{MinToken: last})
	stop()
	wg.Wait()
	if err := x.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheDayTurns(t *testing.T) {
	l := shed()
	l.Availability = hereabouts.Availability{State: hereabouts.Full, Until: today24}
	l.Sessions = []hereabouts.Session{{ID: "s", From: today24, Start: "10:00", End: "11:00"}}
	l.Normalise()
	src := newMemory(l)
	var mu sync.Mutex
	at := now
	o := testOptions()
	o.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return at }
	dir := t.TempDir()
	x := open(t, dir, src, o)
	full := hereabouts.Query{Availability: []hereabouts.AvailabilityState{hereabouts.Full}}
	tuesday := hereabouts.Query{Days: []time.Weekday{time.Tuesday}}
	if search(t, x, full).Total != 1 || search(t, x, tuesday).Total != 1 {
		t.Fatal("not as stated on the day itself")
	}
	mu.Lock()
	at = at.AddDate(0, 0, 1)
	mu.Unlock()
	if search(t, x, full).Total != 0 || search(t, x, tuesday).Total != 0 {
		t.Error("yesterday's state and session are still there")
	}
	// The file is read on another day than it was written, if only because
	// somebody has set the clock.
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	at = now
	mu.Unlock()
	y := open(t, dir, src, o)
	if search(t, y, full).Total != 1 {
		t.Error("the file was not brought to the day it is read on")
	}
	mu.Lock()
	at = now.AddDate(0, 0, rebaseDays+1)
	mu.Unlock()
	if err := y.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := y.state.Load().columns.base; got != today(at)-1 {
		t.Errorf("schedules still count from %s", dateOf(got))
	}
}
