package index

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb/geojson"

	"hereabouts"
	"hereabouts/geo/transit"
	"hereabouts/index/internal/sample"
)

var update = flag.Bool("update", false, "write the golden files anew, to be read before they are committed")

// TestJourneyJSON compares answers with testdata/journeys, which is the
// contract written out.
func TestJourneyJSON(t *testing.T) {
	hall := meets("hall", halldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	hall.Sessions = append(hall.Sessions, hereabouts.Session{ID: "talk", PlaceID: "p", RRule: "FREQ=WEEKLY;BYDAY=TU", Start: "17:00", End: "19:00"})
	sunday := meets("sunday", halldoor, "FREQ=WEEKLY;BYDAY=SU", "10:00", "12:00")
	corner := meets("corner", [2]float64{52 - door, -1}, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	mill := meets("mill", milldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	nowhere := hereabouts.Listing{ID: "nowhere", Name: "nowhere", Delivery: []hereabouts.Delivery{hereabouts.InPerson}}
	x, _ := travelling(t, hall, sunday, corner, mill, nowhere)
	for _, id := range []string{"hall", "sunday", "corner", "mill", "nowhere"} {
		ans, err := x.Journeys(t.Context(), hereabouts.JourneyQuery{From: homeDoor, ListingID: id, Travel: hereabouts.Travel{MaxMinutes: 90}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.MarshalIndent(ans, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "journeys", id+".json")
		if *update {
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, append(got, '\n'), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(string(want), string(got)+"\n"); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", id, diff)
		}
	}
}

func TestResultsTellTheJourney(t *testing.T) {
	hall := meets("hall", halldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	corner := meets("corner", [2]float64{52 - door, -1}, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	evening := meets("evening", halldoor, "FREQ=WEEKLY;BYDAY=TU", "17:00", "19:00")
	sunday := meets("sunday", halldoor, "FREQ=WEEKLY;BYDAY=SU", "10:00", "12:00")
	phone := hereabouts.Listing{ID: "phone", Name: "phone", Delivery: []hereabouts.Delivery{hereabouts.Phone}}
	fetched := meets("fetched", farm, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	fetched.Transport.Provided = hereabouts.Yes
	fetched.Eligibility.Catchment.Geometry = geojson.NewGeometry(sample.Circle(52, -1, 5000, 24))
	refuge := meets("refuge", halldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	refuge.HiddenLocation = true
	x, _ := travelling(t, hall, corner, evening, sunday, phone, fetched, refuge)
	q := hereabouts.Query{Near: &homeDoor, Sort: hereabouts.ByName, Travel: &hereabouts.Travel{MaxMinutes: 60}}
	type line struct{ ID, Verdict, Why string }
	lines := func(q hereabouts.Query) (out []line) {
		for _, r := range search(t, x, q).Results {
			n := line{ID: r.Listing.ID}
			if r.Journey != nil {
				n.Verdict = string(r.Journey.Verdict)
				if r.Listing.HiddenLocation && (r.Journey.Out != nil || r.Journey.Session != nil) {
					t.Errorf("the way to a hidden place is told: %+v", r.Journey)
				}
			}
			for _, w := range r.Why {
				if w.Clause == "transport" {
					n.Why += w.Text
				}
			}
			if slices.ContainsFunc(r.Fit.Reasons, func(f hereabouts.FitReason) bool { return f.About == "transport" }) {
				t.Errorf("%s: steps are spoken of though nobody asked", r.Listing.ID)
			}
			out = append(out, n)
		}
		return out
	}
	want := []line{
		{"corner", "walk", "2 minutes' walk each way"},
		{"fetched", "door_to_door", "fetched by fetched"},
		{"hall", "there_and_back", "bus 2 then 18, 39 minutes there, 42 back"},
		{"phone", "", ""},
		{"refuge", "unknown", ""},
	}
	if diff := gocmp.Diff(want, lines(q)); diff != "" {
		t.Errorf("there and back: (-want +got)\n%s", diff)
	}
	q.Travel.Verdicts = []string{"there_only", "no"}
	want = []line{
		{"evening", "there_only", "bus 2 then 18, 39 minutes there, no way home in time"},
		{"sunday", "no", ""},
	}
	if diff := gocmp.Diff(want, lines(q)); diff != "" {
		t.Errorf("there only: (-want +got)\n%s", diff)
	}
}

func TestStepFreeIsPartOfFit(t *testing.T) {
	hall := meets("hall", halldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	for _, c := range []struct {
		says    transit.Accessible
		fact    hereabouts.Fact
		text    string
		profile string
	}{
		{transit.AccessUnknown, hereabouts.Unknown, "nobody says whether the way there is step-free", "step_free"},
		{transit.AccessYes, hereabouts.Yes, "the stops and vehicles on the way are step-free", "step_free"},
		{transit.AccessNo, hereabouts.No, "", "standard"},
	} {
		f := country()
		for i := range f.Stops {
			f.Stops[i].Wheelchair = c.says
		}
		for i := range f.Trips {
			f.Trips[i].Wheelchair = c.says
		}
		src := newMemory()
		l := hall
		l.Normalise()
		src.put(l)
		o := testOptions()
		o.Timetables = timetables(t, f)
		o.Now = func() time.Time { return time.Date(2026, 11, 23, 18, 0, 0, 0, hereabouts.London) }
		x := open(t, t.TempDir(), src, o)
		res := search(t, x, hereabouts.Query{Near: &homeDoor, Travel: &hereabouts.Travel{MaxMinutes: 60, Profile: c.profile}})
		if len(res.Results) != 1 || res.Results[0].Journey == nil {
			t.Fatalf("%s: %+v", c.fact, res.Results)
		}
		r := &res.Results[0]
		if r.Journey.StepFree != c.fact {
			t.Errorf("the journey is step-free: %s, want %s", r.Journey.StepFree, c.fact)
		}
		i := slices.IndexFunc(r.Fit.Reasons, func(f hereabouts.FitReason) bool { return f.About == "transport" })
		if (i >= 0) != (c.text != "") || i >= 0 && (r.Fit.Reasons[i].Text != c.text || r.Fit.Reasons[i].Verdict != c.fact) {
			t.Errorf("%s: fit is %+v", c.fact, r.Fit)
		}
	}
}

func TestJourneyFaults(t *testing.T) {
	draft := meets("draft", halldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	draft.Status = hereabouts.Draft
	x, src := travelling(t, meets("hall", halldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00"), draft)
	_, err := x.Journeys(t.Context(), hereabouts.JourneyQuery{From: hereabouts.Origin{Lat: -1, Lon: 520}, Date: "24/11/2026",
		Travel: hereabouts.Travel{Mode: "car", MaxMinutes: 500, Stay: 1, Profile: "quick", Pass: "rail", ArriveEarly: new(-1), MaxWalkM: new(1e9), MaxChanges: new(-1)}})
	ps, ok := errors.AsType[hereabouts.Problems](err)
	if !ok {
		t.Fatal(err)
	}
	var got []string
	for _, p := range ps {
		got = append(got, p.Parameter+" "+p.Code)
	}
	want := []string{"from out_of_range", "listing required", "date invalid", "transport unknown_value", "max_minutes out_of_range",
		"arrive_early out_of_range", "stay out_of_range", "profile unknown_value", "max_walk out_of_range", "max_changes out_of_range", "pass unknown_value"}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, id := range []string{"draft", "unheard-of"} {
		if _, err := x.Journeys(t.Context(), hereabouts.JourneyQuery{From: homeDoor, ListingID: id}); !errors.Is(err, hereabouts.ErrNotFound) {
			t.Errorf("%s: %v", id, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Journeys(ctx, hereabouts.JourneyQuery{From: homeDoor, ListingID: "hall"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	src.withdraw("hall")
	if _, err := x.Journeys(t.Context(), hereabouts.JourneyQuery{From: homeDoor, ListingID: "hall"}); !errors.Is(err, hereabouts.ErrNotFound) {
		t.Errorf("withdrawn: %v", err)
	}
}

// TestJourneysWhileTheIndexIsBuilt asks an index that has nothing yet.
func TestJourneysWhileTheIndexIsBuilt(t *testing.T) {
	src := newMemory(meets("hall", halldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00"))
	o := testOptions()
	o.Timetables = timetables(t, country())
	o.Logger = slog.New(slog.DiscardHandler)
	o.Now = func() time.Time { return time.Date(2026, 11, 23, 18, 0, 0, 0, hereabouts.London) }
	x, err := Open(t.Context(), t.TempDir(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if err := x.Ready(t.Context()); !errors.Is(err, hereabouts.ErrUnavailable) {
		t.Fatalf("the index is ready: %v", err)
	}
	ans, err := x.Journeys(t.Context(), hereabouts.JourneyQuery{From: homeDoor, ListingID: "hall", Travel: hereabouts.Travel{MaxMinutes: 60}})
	if err != nil || len(ans.Journeys) != 1 || ans.Journeys[0].Verdict != hereabouts.ThereAndBack {
		t.Fatalf("%+v, %v", ans, err)
	}
}

func TestWithoutTimetables(t *testing.T) {
	src := newMemory(meets("hall", halldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00"), meets("corner", [2]float64{52 - door, -1}, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00"))
	x := open(t, t.TempDir(), src, testOptions())
	said := map[string]string{}
	for _, r := range search(t, x, hereabouts.Query{Near: &homeDoor, Travel: &hereabouts.Travel{}}).Results {
		said[r.Listing.ID] = r.Journey.Sentence
	}
	want := map[string]string{"hall": "We have no timetable for this area.", "corner": "2 minutes' walk each way; leave by 09:53."}
	// It is Tuesday 09:30, and the sessions are at ten.
	if diff := gocmp.Diff(want, said); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Times are rounded so that nobody who goes by them is late.
func TestTimesShown(t *testing.T) {
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	j := &transit.Journey{Depart: at("2026-06-24T08:11:59Z"), Arrive: at("2026-06-24T08:50:01Z"), WalkM: 619.6, Legs: []transit.Leg{
		{Walk: true, Depart: at("2026-06-24T08:11:59Z"), Arrive: at("2026-06-24T08:13:59Z"), WalkM: 143.1, To: transit.Point{StopID: "1980SN1"}},
		{Mode: transit.Bus, Line: "2", Depart: at("2026-06-24T08:14:30Z"), Arrive: at("2026-06-24T08:49:30Z"), From: transit.Point{StopID: "1980SN1"}, To: transit.Point{StopID: "1980SN2", Name: "Green"}},
		{Walk: true, Depart: at("2026-06-24T08:49:30Z"), Arrive: at("2026-06-24T08:50:01Z"), From: transit.Point{StopID: "1980SN2", Name: "Green"}},
	}}
	w := wayThere(j, "Hall")
	// In summer clocks are an hour ahead of these.
	got := []string{string(w.LeaveBy), string(w.Arrive), string(w.Legs[1].Depart), string(w.Legs[1].Arrive), w.Legs[0].From, w.Legs[0].To, w.Legs[2].From, w.Legs[2].To}
	if diff := gocmp.Diff([]string{"09:11", "09:51", "09:14", "09:50", "home", "stop 1980SN1", "Green", "Hall"}, got); diff != "" {
		t.Error(diff)
	}
	if w.Minutes != 40 || w.WalkM != 620 || !w.DepartAt.Equal(j.Depart) || !w.ArriveAt.Equal(j.Arrive) {
		t.Errorf("%+v", w)
	}
}

func TestPasses(t *testing.T) {
	ride := func(mode transit.Mode, at string) *transit.Journey {
		when, err := time.ParseInLocation("2006-01-02 15:04", at, hereabouts.London)
		if err != nil {
			t.Fatal(err)
		}
		return &transit.Journey{Legs: []transit.Leg{{Walk: true}, {Mode: mode, Depart: when}}}
	}
	for _, c := range []struct {
		name     string
		journeys []*transit.Journey
		want     hereabouts.Fact
	}{
		{"Tuesday 09:29", []*transit.Journey{ride(transit.Bus, "2026-11-24 09:29"), ride(transit.Bus, "2026-11-24 12:00")}, hereabouts.No},
		{"Tuesday 09:30", []*transit.Journey{ride(transit.Bus, "2026-11-24 09:30"), ride(transit.Bus, "2026-11-24 12:00")}, hereabouts.Yes},
		{"the way home after midnight", []*transit.Journey{ride(transit.Bus, "2026-11-24 22:00"), ride(transit.Bus, "2026-11-25 00:10")}, hereabouts.No},
		{"Saturday 08:00", []*transit.Journey{ride(transit.Bus, "2026-11-28 08:00")}, hereabouts.Yes},
		{"Boxing Day, moved to Monday", []*transit.Journey{ride(transit.Bus, "2026-12-28 08:00")}, hereabouts.Yes},
		{"a train", []*transit.Journey{ride(transit.Bus, "2026-11-24 10:00"), ride(transit.Rail, "2026-11-24 12:00")}, hereabouts.Unknown},
		{"a train and too early a bus", []*transit.Journey{ride(transit.Rail, "2026-11-24 10:00"), ride(transit.Bus, "2026-11-24 07:00")}, hereabouts.No},
		{"on foot", []*transit.Journey{{Legs: []transit.Leg{{Walk: true}}}}, hereabouts.Unknown},
		{"nothing", nil, hereabouts.Unknown},
	} {
		if got := passValid(c.journeys...); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestLateNight(t *testing.T) {
	for _, c := range []struct{ at, want string }{
		{"2026-11-24 12:00", "2026-11-25 03:00"},
		{"2026-11-25 02:00", "2026-11-25 03:00"},
		{"2026-11-25 03:00", "2026-11-26 03:00"},
		{"2026-03-28 22:00", "2026-03-29 03:00"}, // the clocks go forward
		{"2026-10-24 22:00", "2026-10-25 03:00"}, // and back
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, hereabouts.London)
		if err != nil {
			t.Fatal(err)
		}
		if got := time.Unix(lateNight(at.Unix()), 0).In(hereabouts.London).Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("after %s: %s, want %s", c.at, got, c.want)
		}
	}
}

// TestAlternatives asks for other ways to the hall within two hours: the two
// buses before, and bus 7, which goes straight home but is slower.
func TestAlternatives(t *testing.T) {
	x, _ := travelling(t, meets("hall", halldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00"))
	ans, err := x.Journeys(t.Context(), hereabouts.JourneyQuery{From: homeDoor, ListingID: "hall", Travel: hereabouts.Travel{MaxMinutes: 120}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{ // the last way home, then other ways there, then home
		"The last way home leaves at 18:38: bus 18 then 2, home by 19:22.",
		"Leave by 08:42, bus 2 then 18, there 09:21.",
		"Leave by 08:12, bus 2 then 18, there 08:51.",
		"Leave at 12:18, bus 7, home by 13:12.",
	}
	if diff := gocmp.Diff(want, ans.Journeys[0].Sentences); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	l := meets("both", halldoor, "FREQ=WEEKLY;BYDAY=FR", "10:00", "12:00")
	l.Sessions[0].Until = "2026-11-01"
	l.Sessions = append(l.Sessions, hereabouts.Session{ID: "some time", PlaceID: "p", RRule: "FREQ=WEEKLY;BYDAY=WE"})
	x, _ := travelling(t, l)
	for _, c := range []struct {
		date hereabouts.Date
		want string
	}{
		{"", "Nobody says at what time it starts, so we cannot plan the way."},
		{"2026-11-25", "Nobody says at what time it starts, so we cannot plan the way."},
		{"2026-11-26", "There is nothing on there on Thursday 26 November."},
	} {
		ans, err := x.Journeys(t.Context(), hereabouts.JourneyQuery{From: homeDoor, ListingID: "both", Date: c.date})
		if err != nil || len(ans.Journeys) != 1 || ans.Journeys[0].Sentence != c.want {
			t.Errorf("on %q: %+v, %v, want %q", c.date, ans.Journeys, err, c.want)
		}
	}
	res := search(t, x, hereabouts.Query{Near: &homeDoor, Travel: &hereabouts.Travel{}, Days: []time.Weekday{time.Wednesday}})
	if len(res.Results) != 1 || res.Results[0].Journey.Sentence != "Nobody says at what time it starts, so we cannot plan the way." {
		t.Errorf("on Wednesdays: %+v", res.Results)
	}
}

// hiding is a Source in which every listing has just become a hidden one.
type hiding struct{ *memory }

func (h hiding) Listings(ctx context.Context, ids []string) ([]hereabouts.Listing, error) {
	list, err := h.memory.Listings(ctx, ids)
	for i := range list {
		list[i].HiddenLocation = true
	}
	return list, err
}

func TestAPlaceThatWasJustHiddenIsNotTold(t *testing.T) {
	l := meets("hall", halldoor, "FREQ=WEEKLY;BYDAY=TU", "10:00", "12:00")
	l.Normalise()
	o := testOptions()
	o.Timetables = timetables(t, country())
	o.Now = func() time.Time { return time.Date(2026, 11, 23, 18, 0, 0, 0, hereabouts.London) }
	x := open(t, t.TempDir(), hiding{newMemory(l)}, o)
	res := search(t, x, hereabouts.Query{Near: &homeDoor, Travel: &hereabouts.Travel{MaxMinutes: 60}})
	ans, err := x.Journeys(t.Context(), hereabouts.JourneyQuery{From: homeDoor, ListingID: "hall", Travel: hereabouts.Travel{MaxMinutes: 60}})
	if err != nil || len(res.Results) != 1 || len(ans.Journeys) != 1 {
		t.Fatalf("%+v, %+v, %v", res, ans, err)
	}
	for _, j := range []*hereabouts.Journey{res.Results[0].Journey, &ans.Journeys[0].Journey} {
		if j.Verdict != hereabouts.ReachUnknown || j.Out != nil || j.Back != nil || j.Session != nil || j.Sentence != "Its address is kept private; ask them how to get there." {
			t.Errorf("%+v", j)
		}
	}
}

func TestAPanicIsTheCallers(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("nothing was heard of the panic")
		}
	}()
	_ = each(t.Context(), 1000, func(int) { panic("broken") })
}
