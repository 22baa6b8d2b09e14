package transit

import (
	"bytes"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// A town's feed: two trips that differ only in when they start, one that calls
// for no boarding at its last stop, and a coordinate with more digits than are
// kept as whole numbers.
func townFeed() *Feed {
	call := func(stop uint32, at int32) StopTime { return StopTime{Stop: stop, Arrive: at, Depart: at} }
	return &Feed{
		Name: "town", Publisher: "Town Buses", URL: "https://bus.example.org", Version: "7", Licence: "OGL-UK-3.0",
		Zone: "Europe/London", First: DayOf(2026, time.November, 1), Last: DayOf(2027, time.January, 31),
		ImportedAt: time.Date(2026, time.November, 3, 9, 30, 0, 123, time.UTC),
		Stops: []Stop{
			{ID: "1980SN120001", Name: "High Street", Code: "A", Lat: 50.9, Lon: -1.4, Wheelchair: AccessYes},
			{ID: "1980SN120002", Name: "High Street", Code: "B", Lat: 50.9000001, Lon: -1.4000001},
			{ID: "1980SN120003", Name: "Station", Station: "STN", Lat: 50.907123456789, Lon: -1.41, Wheelchair: AccessNo},
		},
		Routes:   []Route{{ID: "r2", Name: "2", Operator: "Town Buses"}, {ID: "r18", Name: "18", Operator: "Town Trams", Mode: Tram}},
		Services: []Service{{Days: []uint64{0x1f, 0}}, {Days: []uint64{0x60, 1 << 63}}, {Days: []uint64{0x1f, 0}}, {}},
		Trips: []Trip{
			{ID: "t1", Service: 0, Headsign: "Station", Times: []StopTime{call(0, 32400), call(1, 32460), call(2, 33000)}},
			{ID: "t2", Service: 2, Headsign: "Station", Wheelchair: AccessYes, Times: []StopTime{call(0, 36000), call(1, 36060), call(2, 36600)}},
			{ID: "t2", Route: 1, Service: 1, Times: []StopTime{{Stop: 2, Arrive: 86000, Depart: 86011, DropOff: PhoneAgency}, {Stop: 0, Arrive: 90000, Depart: 90000, Pickup: NotPossible, DropOff: AskTheDriver}}},
		},
		Transfers: []Transfer{
			{From: 1, To: 2, FromRoute: -1, ToRoute: -1, FromTrip: -1, ToTrip: -1, Type: MinTime, Seconds: 300, Rank: 2},
			{From: 2, To: 2, FromRoute: 0, ToRoute: 1, FromTrip: 2, ToTrip: -1, Type: Forbidden, Seconds: -1, Rank: 18},
		},
	}
}

// sameFeed compares all that a feed says; empty lists are as good as none.
func sameFeed(a, b *Feed) string { return cmp.Diff(a, b, cmpopts.EquateEmpty()) }

func TestAFeedComesBackAsItWasSaved(t *testing.T) {
	dir, want := t.TempDir(), townFeed()
	if err := Save(dir, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadFeed(Path(dir, "town"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := sameFeed(want, got); diff != "" {
		t.Errorf("changed on the way (-saved +read):\n%s", diff)
	}
	info, err := ReadInfo(Path(dir, "town"))
	if err != nil {
		t.Fatal(err)
	}
	wantInfo := FeedInfo{Name: "town", Publisher: want.Publisher, URL: want.URL, Version: want.Version, Licence: want.Licence,
		First: want.First, Last: want.Last, ImportedAt: want.ImportedAt, Stops: 3, Trips: 3}
	if diff := cmp.Diff(wantInfo, info); diff != "" {
		t.Errorf("info (-want +got):\n%s", diff)
	}
}

func TestSame(t *testing.T) {
	a, b := townFeed(), townFeed()
	b.ImportedAt = b.ImportedAt.AddDate(0, 1, 0)
	if !Same(a, b) {
		t.Error("a feed imported again is not the same")
	}
	b.Trips[2].Times[1].Depart++
	if Same(a, b) {
		t.Error("a second's difference is not seen")
	}
}

// drawFeed makes any feed that can be.
func drawFeed(t *rapid.T) *Feed {
	text := rapid.OneOf(rapid.Just(""), rapid.SampledFrom([]string{"Station", "Stanton", "1980SN1", "1980SN12"}), rapid.String())
	count := func(least, most int) int { return rapid.IntRange(least, most).Draw(t, "count") }
	access := rapid.SampledFrom([]Accessible{AccessUnknown, AccessYes, AccessNo})
	f := &Feed{
		Name: rapid.StringMatching(`[a-z0-9][a-z0-9.-]{0,20}`).Draw(t, "name"), Publisher: text.Draw(t, "publisher"),
		URL: text.Draw(t, "url"), Version: text.Draw(t, "version"), Licence: text.Draw(t, "licence"),
		Zone:       rapid.SampledFrom([]string{"Europe/London", "America/Sao_Paulo", "UTC"}).Draw(t, "zone"),
		First:      Day(rapid.Int32Range(0, 50_000).Draw(t, "first")),
		Last:       Day(rapid.Int32Range(50_000, 100_000).Draw(t, "last")),
		ImportedAt: time.Unix(rapid.Int64Range(-62135596800, 1<<35).Draw(t, "imported"), rapid.Int64Range(0, 999999999).Draw(t, "nanos")).UTC(),
	}
	degree := func(most float64) float64 {
		if rapid.Bool().Draw(t, "whole") {
			return math.Round(rapid.Float64Range(-most, most).Draw(t, "degree")*1e5) / 1e5
		}
		return rapid.Float64Range(-most, most).Draw(t, "degree")
	}
	for range count(0, 6) {
		f.Stops = append(f.Stops, Stop{ID: text.Draw(t, "id"), Name: text.Draw(t, "name"), Code: text.Draw(t, "code"),
			Station: text.Draw(t, "station"), Lat: degree(90), Lon: degree(180), Wheelchair: access.Draw(t, "wheelchair")})
	}
	for range count(0, 3) {
		f.Routes = append(f.Routes, Route{ID: text.Draw(t, "id"), Name: text.Draw(t, "name"), Operator: text.Draw(t, "operator"),
			Mode: Mode(count(0, 3))})
	}
	for range count(0, 3) {
		f.Services = append(f.Services, Service{Days: rapid.SliceOfN(rapid.Uint64(), 0, 3).Draw(t, "days")})
	}
	if len(f.Stops) > 0 && len(f.Routes) > 0 && len(f.Services) > 0 {
		step := rapid.OneOf(rapid.Int32Range(0, 4), rapid.Map(rapid.Int32Range(0, 30), func(m int32) int32 { return m * 60 }), rapid.Int32Range(0, 1<<20))
		for range count(0, 6) {
			trip := Trip{ID: text.Draw(t, "id"), Route: uint32(count(0, len(f.Routes)-1)), Service: uint32(count(0, len(f.Services)-1)),
				Headsign: text.Draw(t, "headsign"), Wheelchair: access.Draw(t, "wheelchair")}
			now := step.Draw(t, "start")
			for range count(2, 6) {
				arrive := now + step.Draw(t, "way")
				now = arrive + step.Draw(t, "wait")
				trip.Times = append(trip.Times, StopTime{Stop: uint32(count(0, len(f.Stops)-1)), Arrive: arrive, Depart: now,
					Pickup: uint8(count(0, 3)), DropOff: uint8(count(0, 3))})
			}
			for range count(1, 2*maxShare) / (2*maxShare - 4) * 40 { // now and then more than a profile serves
				f.Trips = append(f.Trips, trip)
			}
			f.Trips = append(f.Trips, trip)
		}
	}
	if len(f.Stops) > 0 {
		for range count(0, 4) {
			f.Transfers = append(f.Transfers, Transfer{
				From: uint32(count(0, len(f.Stops)-1)), To: uint32(count(0, len(f.Stops)-1)),
				FromRoute: int32(count(-2, len(f.Routes)-1)), ToRoute: int32(count(-1, len(f.Routes)-1)),
				FromTrip: int32(count(-1, len(f.Trips)-1)), ToTrip: int32(count(-1, len(f.Trips)-1)),
				Type: uint8(count(0, 3)), Seconds: rapid.Int32().Draw(t, "seconds"), Rank: rapid.Uint8().Draw(t, "rank"),
			})
		}
	}
	return f
}

func TestAnyFeedComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFeed(t)
		if err := checkFeed(f); err != nil {
			t.Fatal(err)
		}
		payload := encodeFeed(f)
		got, ok := decodeFeed(payload)
		if !ok {
			t.Fatal("cannot be read back")
		}
		if diff := sameFeed(f, got); diff != "" {
			t.Fatalf("changed on the way:\n%s", diff)
		}
		if !bytes.Equal(encodeFeed(got), payload) {
			t.Fatal("written again it is another file")
		}
	})
}

// A profile is written once for all the trips that run it, up to a limit.
func TestTripsShareTheirTimes(t *testing.T) {
	f := townFeed()
	one := len(encodeFeed(f))
	for i := range int32(maxShare - 2) {
		trip := f.Trips[1]
		trip.Times = slices.Clone(trip.Times)
		for n := range trip.Times {
			trip.Times[n].Arrive += 60 * i
			trip.Times[n].Depart += 60 * i
		}
		f.Trips = append(f.Trips, trip)
	}
	if many := len(encodeFeed(f)); many-one > 11*(maxShare-2) {
		t.Errorf("%d more trips of the same times take %d bytes more", maxShare-2, many-one)
	}
}

func TestWhatCannotBeSaved(t *testing.T) {
	for about, c := range map[string]struct {
		spoil func(*Feed)
		says  string
	}{
		"name":          {func(f *Feed) { f.Name = "Town Buses" }, "small letters"},
		"path":          {func(f *Feed) { f.Name = "../town" }, "small letters"},
		"zone":          {func(f *Feed) { f.Zone = "Local" }, "time zone"},
		"dates":         {func(f *Feed) { f.Last = f.First - 1 }, "from 2026-11-01 until 2026-10-31"},
		"stop":          {func(f *Feed) { f.Stops[1].Lat = math.NaN() }, "stop 1 (1980SN120002)"},
		"mode":          {func(f *Feed) { f.Routes[0].Mode = 4 }, "route 0 (r2)"},
		"trip's route":  {func(f *Feed) { f.Trips[0].Route = 2 }, "trip 0 (t1)"},
		"one stop":      {func(f *Feed) { f.Trips[0].Times = f.Trips[0].Times[:1] }, "trip 0 (t1)"},
		"trip's stop":   {func(f *Feed) { f.Trips[1].Times[1].Stop = 3 }, "trip 1 (t2) stops 2."},
		"back in time":  {func(f *Feed) { f.Trips[1].Times[1].Arrive = 35000 }, "trip 1 (t2) stops 2."},
		"before time":   {func(f *Feed) { f.Trips[1].Times[0].Arrive = -1 }, "trip 1 (t2) stops 1."},
		"pickup":        {func(f *Feed) { f.Trips[1].Times[0].Pickup = 4 }, "trip 1 (t2) stops 1."},
		"transfer":      {func(f *Feed) { f.Transfers[1].ToTrip = 3 }, "transfer 1"},
		"transfer type": {func(f *Feed) { f.Transfers[1].Type = 4 }, "transfer 1"},
	} {
		dir, f := t.TempDir(), townFeed()
		c.spoil(f)
		if err := Save(dir, f); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want something of %q", about, err, c.says)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s: something was written: %v", about, left)
		}
	}
}

// One bad file costs nobody the others, and is named.
func TestAFileThatCannotBeUsedIsNamed(t *testing.T) {
	good := townFeed()
	other := townFeed()
	other.Name = "other"
	source := t.TempDir()
	if err := Save(source, other); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(Path(source, "other"))
	if err != nil {
		t.Fatal(err)
	}
	changed := func(at int, to byte) []byte {
		b := bytes.Clone(whole)
		b[at] = to
		return b
	}
	for about, c := range map[string]struct {
		file []byte
		says string
	}{
		"empty":      {nil, "is not a file of this kind"},
		"other kind": {changed(4, 'X'), "is not a file of this kind"},
		"newer":      {changed(8, 9), "was written by a newer program (format 9"},
		"older":      {changed(8, 0), "was written by an older program (format 0"},
		"cut short":  {whole[:len(whole)-1], "is cut short or too long"},
		"too long":   {append(bytes.Clone(whole), 0), "is cut short or too long"},
		"a bit":      {changed(40, whole[40]^1), "its checksum does not match"},
	} {
		dir := t.TempDir()
		if err := Save(dir, good); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(Path(dir, "other"), c.file, 0o644); err != nil {
			t.Fatal(err)
		}
		all, err := Open(dir)
		if err != nil {
			t.Errorf("%s: %v", about, err)
			continue
		}
		if f := all.Feeds(); len(f) != 1 || f[0].Name != "town" {
			t.Errorf("%s: loaded %v", about, f)
		}
		faults := all.Faults()
		if len(faults) != 1 {
			t.Errorf("%s: faults %v", about, faults)
			continue
		}
		var fault *FileError
		if !errors.As(faults[0], &fault) || fault.Path != Path(dir, "other") || !strings.Contains(fault.Error(), c.says) ||
			!strings.Contains(fault.Advice, "hereabouts import gtfs") {
			t.Errorf("%s: %v", about, faults[0])
		}
		if _, err := ReadInfo(Path(dir, "other")); err == nil {
			t.Errorf("%s: its info can be read", about)
		}
		// Saving again puts it right.
		if err := Save(dir, other); err != nil {
			t.Fatal(err)
		}
		if err := all.Reload(); err != nil || len(all.Faults()) > 0 || len(all.Feeds()) != 2 {
			t.Errorf("%s: after saving again: %v, %v, %v", about, err, all.Faults(), all.Feeds())
		}
	}
}

func TestAFileUnderAnotherName(t *testing.T) {
	dir := t.TempDir()
	if err := Save(dir, townFeed()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(Path(dir, "town"), Path(dir, "city")); err != nil {
		t.Fatal(err)
	}
	all, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if faults := all.Faults(); len(faults) != 1 || !strings.Contains(faults[0].Error(), "rename it to town.feed") {
		t.Errorf("faults: %v", faults)
	}
}

func TestOpenWhereThereIsNothing(t *testing.T) {
	for about, dir := range map[string]string{"no folder": filepath.Join(t.TempDir(), "none"), "empty": t.TempDir()} {
		all, err := Open(dir)
		if err != nil || all.Network() == nil || len(all.Feeds()) > 0 || len(all.Faults()) > 0 {
			t.Errorf("%s: %v", about, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file); err == nil {
		t.Error("a file is taken for a folder")
	}
}

func TestRemove(t *testing.T) {
	dir := t.TempDir()
	if err := Save(dir, townFeed()); err != nil {
		t.Fatal(err)
	}
	if err := Remove(dir, "town"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"town", "", "../x", "Town"} {
		if err := Remove(dir, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("removing %q: %v", name, err)
		}
	}
}

func TestSafeName(t *testing.T) {
	for text, want := range map[string]string{
		"gb-southampton-bluestar-bus-2025-07": "gb-southampton-bluestar-bus-2025-07",
		"Bluestar Bus (2025)":                 "bluestar-bus-2025",
		"../../etc/passwd":                    "etc-passwd",
		".hidden.zip":                         "hidden.zip",
		"Bws Caerdydd – gwasanaeth":           "bws-caerdydd-gwasanaeth",
		"公交":                                  "",
		strings.Repeat("a-", 40):              strings.TrimRight(strings.Repeat("a-", 30), "-"),
	} {
		got := SafeName(text)
		if got != want {
			t.Errorf("SafeName(%q) = %q, want %q", text, got, want)
		}
		if got != "" && !ValidName(got) {
			t.Errorf("SafeName(%q) = %q cannot be a name", text, got)
		}
	}
}

// Any bytes are read without a panic and without taking more memory than they
// earn, and what is accepted can be written again.
func FuzzDecodeFeed(f *testing.F) {
	f.Add(encodeFeed(townFeed()))
	f.Add(encodeFeed(&Feed{Name: "a", Zone: "UTC", Last: 7}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, payload []byte) {
		feed, ok := decodeFeed(payload)
		if !ok {
			return
		}
		if err := checkFeed(feed); err != nil {
			t.Fatalf("was accepted: %v", err)
		}
		if len(feed.Trips) < 100 {
			NewNetwork([]*Feed{feed}, nil) // whatever is accepted can be tied together
		}
		stops := 0
		for i := range feed.Trips {
			stops += len(feed.Trips[i].Times)
		}
		if stops > maxShare*len(payload) {
			t.Fatalf("%d bytes gave %d stops of trips", len(payload), stops)
		}
		again, ok := decodeFeed(encodeFeed(feed))
		if !ok {
			t.Fatal("written again it cannot be read")
		}
		if diff := sameFeed(feed, again); diff != "" {
			t.Fatalf("written again it differs:\n%s", diff)
		}
	})
}
