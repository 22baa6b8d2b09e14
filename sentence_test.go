package hereabouts

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func clock(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, London)
	if err != nil {
		panic(err)
	}
	return t
}

// there is a way there and back on Tuesday 24 November, as in the contract.
func there() Journey {
	return Journey{
		Verdict: ThereAndBack,
		Session: &JourneySession{Start: clock("2026-11-24 10:00"), End: clock("2026-11-24 12:00")},
		Out: &WayThere{LeaveBy: "09:12", Arrive: "09:51", Minutes: 39, DepartAt: clock("2026-11-24 09:12"), ArriveAt: clock("2026-11-24 09:51"),
			Legs: []Leg{{Mode: "walk"}, {Mode: "bus", Line: "2"}, {Mode: "bus", Line: "18"}, {Mode: "walk"}}},
		Back: &WayBack{Leave: "12:10", Home: "12:52", Minutes: 42, DepartAt: clock("2026-11-24 12:10"), ArriveAt: clock("2026-11-24 12:52"),
			Legs: []Leg{{Mode: "walk"}, {Mode: "bus", Line: "18", Depart: "12:15"}, {Mode: "bus", Line: "2"}, {Mode: "walk"}}},
	}
}

func TestJourneySentences(t *testing.T) {
	last := &Ride{Mode: "bus", Depart: clock("2026-11-24 18:40")}
	dial := []Fallback{{ID: "d", Name: "Brackley Wheels Dial-a-Ride", Phone: "01632 960206"}}
	seconds := 11*60 - 20
	at := clock
	for _, c := range []struct {
		name string
		say  func(j *Journey, t *Telling)
		want string
	}{
		{"as the contract has it", func(j *Journey, t *Telling) {},
			"Leave by 09:12, bus 2 then 18, there 09:51; home by 12:52; last bus 18:40."},
		{"another day", func(j *Journey, t *Telling) { t.Today = "2026-11-21" },
			"On Tuesday 24 November leave by 09:12, bus 2 then 18, there 09:51; home by 12:52; last bus 18:40."},
		{"another year", func(j *Journey, t *Telling) { t.Today = "2025-12-31" },
			"On Tuesday 24 November 2026 leave by 09:12, bus 2 then 18, there 09:51; home by 12:52; last bus 18:40."},
		{"the last bus is the one to take", func(j *Journey, t *Telling) { t.Last = &Ride{Mode: "bus", Depart: at("2026-11-24 12:15")} },
			"Leave by 09:12, bus 2 then 18, there 09:51; home by 12:52; that is the last bus."},
		{"a train", func(j *Journey, t *Telling) {
			j.Out.Legs = []Leg{{Mode: "bus", Line: "7"}, {Mode: "walk"}, {Mode: "rail", Line: "Portsmouth Harbour to Cardiff Central"}}
			t.Last = &Ride{Mode: "rail", Depart: at("2026-11-24 22:05")}
		}, "Leave by 09:12, bus 7 then train, there 09:51; home by 12:52; last train 22:05."},
		{"two trains", func(j *Journey, t *Telling) { j.Out.Legs = []Leg{{Mode: "rail", Line: "a"}, {Mode: "rail", Line: "b"}} },
			"Leave by 09:12, train then another train, there 09:51; home by 12:52; last bus 18:40."},
		{"a tram and a ferry", func(j *Journey, t *Telling) {
			j.Out.Legs = []Leg{{Mode: "tram", Line: "Airport"}, {Mode: "ferry", Line: "Hythe"}}
		}, "Leave by 09:12, tram Airport then ferry, there 09:51; home by 12:52; last bus 18:40."},
		{"a line with a long name", func(j *Journey, t *Telling) {
			j.Out.Legs = []Leg{{Mode: "bus", Line: "2"}, {Mode: "bus", Line: "Southampton City Centre to Hedge End"}}
		}, "Leave by 09:12, bus 2 then another bus, there 09:51; home by 12:52; last bus 18:40."},
		{"the same line twice", func(j *Journey, t *Telling) { j.Out.Legs = []Leg{{Mode: "bus", Line: "2"}, {Mode: "bus", Line: "2"}} },
			"Leave by 09:12, bus 2 then another bus 2, there 09:51; home by 12:52; last bus 18:40."},
		{"no last way home is known", func(j *Journey, t *Telling) { t.Last = nil },
			"Leave by 09:12, bus 2 then 18, there 09:51; home by 12:52."},
		{"a visit", func(j *Journey, t *Telling) { t.Visit = true; j.Session.End = at("2026-11-24 11:00") },
			"Leave by 09:12, bus 2 then 18, there 09:51, stay until 11:00; home by 12:52; last bus 18:40."},
		{"assumed hours", func(j *Journey, t *Telling) { t.Visit = true; j.Basis.Hours = "assumed 09:00-17:00" },
			"Leave by 09:12, bus 2 then 18, there 09:51, stay until 12:00; home by 12:52; last bus 18:40. We took it to be open from 09:00 to 17:00."},
		{"no end", func(j *Journey, t *Telling) { j.Basis.Hours = "assumed 10:00-12:00" },
			"Leave by 09:12, bus 2 then 18, there 09:51; home by 12:52; last bus 18:40. Nobody says when it ends; we took it to last until 12:00."},
		{"past midnight", func(j *Journey, t *Telling) {
			j.Session.End, j.Back.Home, j.Back.ArriveAt = at("2026-11-24 23:45"), "00:20", at("2026-11-25 00:20")
			t.Last = &Ride{Mode: "bus", Depart: at("2026-11-25 01:10")}
		}, "Leave by 09:12, bus 2 then 18, there 09:51; home by 00:20 the next day; last bus 01:10 the next day."},
		{"the evening before", func(j *Journey, t *Telling) {
			j.Session.Start, j.Out.LeaveBy, j.Out.DepartAt = at("2026-11-24 00:30"), "23:50", at("2026-11-23 23:50")
			j.Out.Arrive, j.Out.ArriveAt = "00:22", at("2026-11-24 00:22")
		}, "Leave by 23:50 the day before, bus 2 then 18, there 00:22; home by 12:52; last bus 18:40."},
		{"too late to leave", func(j *Journey, t *Telling) { t.Now = at("2026-11-24 09:13") },
			"Leave by 09:12, bus 2 then 18, there 09:51; home by 12:52; last bus 18:40. It is too late to leave for that now."},
		{"long ago", func(j *Journey, t *Telling) { t.Now = at("2026-11-24 10:00") },
			"Leave by 09:12, bus 2 then 18, there 09:51; home by 12:52; last bus 18:40."},
		{"there only", func(j *Journey, t *Telling) { j.Verdict, j.Reason, j.Back = ThereOnly, NoReturn, nil },
			"Leave by 09:12, bus 2 then 18, there 09:51, but there is no way home within 45 minutes of 12:00."},
		{"there only, for a visit", func(j *Journey, t *Telling) { j.Verdict, j.Reason, j.Back, t.Visit = ThereOnly, NoReturn, nil, true },
			"Leave by 09:12, bus 2 then 18, there 09:51, but there is no way home within 45 minutes, whenever the visit ends."},
		{"on foot", func(j *Journey, t *Telling) { j.Verdict, t.WalkSec = Walkable, &seconds },
			"11 minutes' walk each way; leave by 09:12."},
		{"on foot another day", func(j *Journey, t *Telling) { j.Verdict, t.WalkSec, t.Today = Walkable, &seconds, "2026-11-21" },
			"11 minutes' walk each way; leave by 09:12 on Tuesday 24 November."},
		{"on foot to we do not know when", func(j *Journey, t *Telling) {
			j.Verdict, j.Session, j.Out, j.Back, t.WalkSec = Walkable, nil, nil, nil, &seconds
		}, "11 minutes' walk each way."},
		{"a minute's walk", func(j *Journey, t *Telling) { j.Verdict, j.Session, j.Out, t.WalkSec = Walkable, nil, nil, new(12) },
			"1 minute's walk each way."},
		{"inside", func(j *Journey, t *Telling) { j.Verdict, t.WalkSec = Walkable, new(0) }, "You are already there."},
		{"too far", func(j *Journey, t *Telling) { j.Verdict, j.Reason, j.Out, j.Back = NotReached, TooFar, nil, nil },
			"No bus or train gets there within 45 minutes in time for 10:00."},
		{"too far another day", func(j *Journey, t *Telling) { j.Verdict, j.Reason, t.Today = NotReached, TooFar, "2026-11-21" },
			"No bus or train gets there within 45 minutes in time for 10:00 on Tuesday 24 November."},
		{"too far for a visit", func(j *Journey, t *Telling) { j.Verdict, j.Reason, t.Visit = NotReached, TooFar, true },
			"No bus or train gets there within 45 minutes."},
		{"too far for their limits", func(j *Journey, t *Telling) {
			j.Verdict, j.Reason = NotReached, TooFar
			t.Travel.Profile, t.Travel.MaxChanges, t.Travel.Pass = "step_free", new(0), "older_disabled"
		}, "No bus or train that could be step-free gets there without a change within 45 minutes with a pass that starts at 09:30 in time for 10:00."},
		{"too far to walk", func(j *Journey, t *Telling) { j.Verdict, j.Reason, t.Travel.Mode = NotReached, TooFar, OnFoot },
			"It is too far to walk."},
		{"no service", func(j *Journey, t *Telling) {
			j.Verdict, j.Reason, t.Today = NotReached, NoServiceThatDay, "2026-11-21"
			j.Session = &JourneySession{Start: at("2026-11-29 10:00"), End: at("2026-11-29 12:00")}
		}, "No buses or trains run near there on Sunday 29 November."},
		{"no service near home", func(j *Journey, t *Telling) {
			j.Verdict, j.Reason, t.NothingNearHome = NotReached, NoServiceThatDay, true
		}, "No buses or trains run near you today."},
		{"expired", func(j *Journey, t *Telling) {
			j.Verdict, j.Reason, t.FirstDay, t.LastDay = ReachUnknown, TimetableExpired, "2025-06-14", "2025-08-30"
		}, "The timetable for this area ended on 30 August 2025, so we cannot say."},
		{"not begun", func(j *Journey, t *Telling) {
			j.Verdict, j.Reason, t.FirstDay, t.LastDay = ReachUnknown, TimetableExpired, "2026-12-01", "2027-08-30"
		}, "The timetable for this area begins on 1 December 2026, so we cannot say."},
		{"no timetable", func(j *Journey, t *Telling) { j.Verdict = ReachUnknown }, "We have no timetable for this area."},
		{"nobody says when", func(j *Journey, t *Telling) {
			j.Verdict, j.Reason, j.Session, t.Missing = ReachUnknown, NoSession, nil, MissingDates
		},
			"Nobody says when it is on, so we cannot plan the way."},
		{"nobody says at what time", func(j *Journey, t *Telling) {
			j.Verdict, j.Reason, j.Session, t.Missing = ReachUnknown, NoSession, nil, MissingTime
		},
			"Nobody says at what time it starts, so we cannot plan the way."},
		{"not soon", func(j *Journey, t *Telling) {
			j.Verdict, j.Reason, j.Session, t.Missing = ReachUnknown, NoSession, nil, MissingSession
		},
			"There is nothing on there in the next 7 days."},
		{"not that day", func(j *Journey, t *Telling) {
			j.Verdict, j.Reason, j.Session, t.Missing, t.Asked = ReachUnknown, NoSession, nil, MissingSession, "2026-11-29"
		}, "There is nothing on there on Sunday 29 November."},
		{"nobody says where", func(j *Journey, t *Telling) { j.Verdict, t.Missing = ReachUnknown, MissingPlace },
			"Nobody says where it is, so we cannot plan the way."},
		{"a refuge", func(j *Journey, t *Telling) { j.Verdict, t.Missing = ReachUnknown, MissingAddress },
			"Its address is kept private; ask them how to get there."},
		{"fetched", func(j *Journey, t *Telling) { j.Verdict, j.Reason, j.Fallback = DoorToDoorYes, TooFar, dial },
			"No bus gets there in time; Brackley Wheels Dial-a-Ride can take you: ring 01632 960206."},
		{"fetched when no bus runs", func(j *Journey, t *Telling) {
			j.Verdict, j.Reason, j.Fallback, t.Today = DoorToDoorYes, NoServiceThatDay, dial, "2026-11-21"
		}, "No buses or trains run near there on Tuesday 24 November; Brackley Wheels Dial-a-Ride can take you: ring 01632 960206."},
		{"fetched home", func(j *Journey, t *Telling) { j.Verdict, j.Reason, j.Fallback = DoorToDoorYes, NoReturn, dial },
			"No bus brings you home in time; Brackley Wheels Dial-a-Ride can take you: ring 01632 960206."},
		{"fetched without a timetable", func(j *Journey, t *Telling) {
			j.Verdict, j.Fallback = DoorToDoorYes, []Fallback{{Name: "Wheels Ltd.", URL: "https://wheels.example"}}
		}, "We have no timetable for this area; Wheels Ltd can take you: see https://wheels.example."},
		{"as asked for", func(j *Journey, t *Telling) { j.Verdict, j.Fallback, t.Travel.Mode = DoorToDoorYes, dial, ByDoorToDoor },
			"Brackley Wheels Dial-a-Ride can take you: ring 01632 960206."},
		{"nobody fetches", func(j *Journey, t *Telling) { j.Verdict, t.Travel.Mode = NotReached, ByDoorToDoor },
			"Nobody we know of can fetch you and bring you home."},
	} {
		j := there()
		told := Telling{Today: "2026-11-24", Travel: Travel{}.WithDefaults(), Last: last}
		c.say(&j, &told)
		if got := j.Say(told); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestAlternativesAreSaid(t *testing.T) {
	j := there()
	for _, c := range []struct{ got, want string }{
		{j.Out.Say(), "Leave by 09:12, bus 2 then 18, there 09:51."},
		{j.Back.Say(), "Leave at 12:10, bus 18 then 2, home by 12:52."},
		{j.Back.SayLast(), "The last way home leaves at 12:10: bus 18 then 2, home by 12:52."},
		{RidesSaid([]Leg{{Mode: "walk"}}), "on foot"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// FuzzSentence says journeys of every verdict, reason and line and finds a
// whole sentence each time.
func FuzzSentence(f *testing.F) {
	f.Add(uint8(0), uint8(0), uint8(0), uint8(0), "2", "18", "bus", "Dial-a-Ride", "2026-11-21", int64(1_795_514_400), int64(7200), int64(2000))
	f.Add(uint8(5), uint8(3), uint8(7), uint8(3), "", "", "rail", "", "", int64(0), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, verdict, reason, flags, gap uint8, line, other, mode, name, today string, start, lasts, ride int64) {
		verdicts := []Verdict{ThereAndBack, ThereOnly, NotReached, ReachUnknown, Walkable, DoorToDoorYes}
		reasons := []Obstacle{NoObstacle, NoReturn, TooFar, NoServiceThatDay, TimetableExpired, NoSession}
		const century = 100 * 365 * 86400
		begin := time.Unix(start%century, 0)
		end, leave := begin.Add(time.Duration(lasts%86400)*time.Second), begin.Add(-time.Duration(ride%14400)*time.Second)
		legs := []Leg{{Mode: "walk"}, {Mode: mode, Line: line}, {Mode: "bus", Line: other}}
		j := Journey{Verdict: verdicts[int(verdict)%len(verdicts)], Reason: reasons[int(reason)%len(reasons)]}
		if flags&1 != 0 {
			j.Session = &JourneySession{Start: begin, End: end}
		}
		if flags&2 != 0 {
			j.Out = &WayThere{LeaveBy: ClockOf(leave), Arrive: ClockOf(begin), Legs: legs, DepartAt: leave, ArriveAt: begin}
		}
		if flags&4 != 0 {
			j.Back = &WayBack{Leave: ClockOf(end), Home: ClockOf(end), Legs: legs, DepartAt: end, ArriveAt: end}
		}
		if flags&8 != 0 {
			j.Basis.Hours = "assumed 09:00-17:00"
		}
		if flags&16 != 0 {
			j.Fallback = []Fallback{{Name: name, Phone: other}}
		}
		said := j.Say(Telling{Today: Date(today), Asked: Date(today), Visit: flags&32 != 0, Missing: Missing(gap % 6),
			Travel: Travel{}.WithDefaults(), Last: &Ride{Mode: "bus", Depart: end}})
		if name != "" || line != "" || other != "" || mode != "bus" {
			if said == "" || !strings.HasSuffix(said, ".") {
				t.Fatalf("not a sentence: %q", said)
			}
			return // what others have written is theirs to spell
		}
		whole(t, said)
	})
}

// whole checks that a text of ours is made of whole sentences.
func whole(t *testing.T, said string) {
	t.Helper()
	first, _ := utf8.DecodeRuneInString(said)
	if !unicode.IsUpper(first) && !unicode.IsDigit(first) || !strings.HasSuffix(said, ".") ||
		strings.Contains(said, "  ") || strings.Contains(said, "..") || strings.Contains(said, " ,") || strings.Contains(said, "%!") {
		t.Fatalf("not a whole sentence: %q", said)
	}
}
