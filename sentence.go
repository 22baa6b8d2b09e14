package hereabouts

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// A Telling is what a sentence about a journey says that the journey itself
// does not hold.
type Telling struct {
	Today   Date // the day of a session is named unless it is today
	Now     time.Time
	Asked   Date   // the day that was asked about; empty: the next session
	Travel  Travel // with its defaults
	Visit   bool   // the session is a visit within opening hours
	WalkSec *int   // each way, when it can be walked
	Sure    bool   // what nobody says to be step-free is not taken to be
	Last    *Ride  // the first vehicle of the last way home; nil: not known
	Missing Missing

	// Of the timetable that does not cover the day, when that is the reason.
	FirstDay, LastDay Date

	// NothingNearHome says that it is home that nothing runs near, when
	// nothing running is the reason.
	NothingNearHome bool
}

// A Ride is one vehicle and when it leaves.
type Ride struct {
	Mode   string // as of a Leg
	Depart time.Time
}

// Missing is what would have to be known to say whether a listing can be
// reached.
type Missing uint8

// What may be missing.
const (
	MissingTimetable Missing = iota
	MissingPlace             // nobody says where it is
	MissingAddress           // somebody knows, and it is kept private
	MissingDates             // nobody says when it is on
	MissingTime              // nobody says at what time it starts
	MissingSession           // it is not on then
)

// Say is the journey in a sentence or two that could be read to the person.
// Times are those of the journey; the day is said unless it is today.
func (j *Journey) Say(t Telling) string {
	said := j.verdictSaid(&t)
	if j.Session == nil {
		return said
	}
	if j.Out != nil && j.Out.DepartAt.Before(t.Now) && j.Session.Start.After(t.Now) {
		said += " It is too late to leave for that now."
	}
	switch {
	case j.Basis.Hours == "":
	case t.Visit:
		said += " We took it to be open from " + hoursSaid(j.Basis.Hours) + "."
	default:
		said += " Nobody says when it ends; we took it to last until " + string(ClockOf(j.Session.End)) + "."
	}
	return said
}

// hoursSaid turns "assumed 09:00-17:00" into "09:00 to 17:00".
func hoursSaid(hours string) string {
	return strings.Replace(strings.TrimPrefix(hours, "assumed "), "-", " to ", 1)
}

func (j *Journey) verdictSaid(t *Telling) string {
	switch j.Verdict {
	case Walkable:
		return j.walkSaid(t)
	case ThereAndBack, ThereOnly:
		if j.Out != nil && j.Session != nil {
			return j.ridesSaid(t)
		}
	case DoorToDoorYes:
		return j.fetchedSaid(t)
	}
	return j.obstacleSaid(t) + "."
}

func (j *Journey) walkSaid(t *Telling) string {
	seconds := 0
	switch {
	case t.WalkSec != nil:
		seconds = *t.WalkSec
	case j.Out != nil:
		seconds = j.Out.Minutes * 60
	}
	if seconds == 0 {
		return "You are already there."
	}
	said := walkSaid(seconds) + " each way"
	if j.Out != nil && j.Session != nil {
		said += "; leave by " + string(j.Out.LeaveBy) + j.dayOf(j.Out.DepartAt) + onDay(t.Today, DateOf(j.Session.Start))
	}
	return said + "."
}

func walkSaid(seconds int) string {
	if n := (seconds + 59) / 60; n > 1 {
		return fmt.Sprintf("%d minutes' walk", n)
	}
	return "1 minute's walk"
}

func (j *Journey) ridesSaid(t *Telling) string {
	var b strings.Builder
	if day := DateOf(j.Session.Start); day != t.Today {
		b.WriteString("On " + dayName(t.Today, day) + " leave by ")
	} else {
		b.WriteString("Leave by ")
	}
	b.WriteString(string(j.Out.LeaveBy) + j.dayOf(j.Out.DepartAt) + ", " + RidesSaid(j.Out.Legs) +
		", there " + string(j.Out.Arrive) + j.dayOf(j.Out.ArriveAt))
	end := string(ClockOf(j.Session.End))
	if t.Visit && j.Back != nil {
		b.WriteString(", stay until " + end + j.dayOf(j.Session.End))
	}
	switch {
	case j.Back == nil && t.Visit:
		fmt.Fprintf(&b, ", but there is no way home within %s, whenever the visit ends", minutesSaid(t.Travel.MaxMinutes))
	case j.Back == nil:
		fmt.Fprintf(&b, ", but there is no way home within %s of %s", minutesSaid(t.Travel.MaxMinutes), end)
	default:
		b.WriteString("; home by " + string(j.Back.Home) + j.dayOf(j.Back.ArriveAt))
		if t.Last != nil {
			b.WriteString("; " + j.lastSaid(t.Last))
		}
	}
	return b.String() + "."
}

// lastSaid tells of the last vehicle home, which may be the one to take.
func (j *Journey) lastSaid(last *Ride) string {
	for i := range j.Back.Legs {
		if leg := &j.Back.Legs[i]; leg.Mode != walkMode {
			if leg.Depart == ClockOf(last.Depart) && leg.Mode == last.Mode && !last.Depart.After(j.Back.ArriveAt) {
				return "that is the last " + vehicleSaid(last.Mode)
			}
			break
		}
	}
	return "last " + vehicleSaid(last.Mode) + " " + string(ClockOf(last.Depart)) + j.dayOf(last.Depart)
}

// dayOf names the day of a moment when it is not the session's.
func (j *Journey) dayOf(at time.Time) string {
	n, _ := DateOf(at).DaysSince(DateOf(j.Session.Start))
	switch {
	case n < 0:
		return " the day before"
	case n > 0:
		return " the next day"
	}
	return ""
}

func (j *Journey) fetchedSaid(t *Telling) string {
	who := "A door-to-door service"
	how := "; ask them how"
	if len(j.Fallback) > 0 {
		f := &j.Fallback[0]
		who = strings.TrimRight(f.Name, ".;: ")
		switch {
		case f.Phone != "":
			how = ": ring " + f.Phone
		case f.URL != "":
			how = ": see " + f.URL
		}
	}
	said := who + " can take you" + how + "."
	if t.Travel.Mode == ByDoorToDoor {
		return said
	}
	why := "No bus gets there in time"
	switch j.Reason {
	case NoReturn:
		why = "No bus brings you home in time"
	case NoServiceThatDay:
		why = j.obstacleSaid(t)
	case TimetableExpired:
		why = "We have no timetable for that day"
	case NoSession:
		why = "We do not know when it is on"
	case NoObstacle:
		why = "We have no timetable for this area"
		if t.Missing == MissingPlace {
			why = "Nobody says where it is"
		}
	}
	return why + "; " + said
}

// obstacleSaid is why there is no journey, without the full stop.
func (j *Journey) obstacleSaid(t *Telling) string {
	day := t.Asked
	if j.Session != nil {
		day = DateOf(j.Session.Start)
	}
	switch j.Reason {
	case TooFar:
		if t.Travel.Mode == OnFoot {
			return "It is too far to walk"
		}
		said := "No bus or train" + t.steps() + " gets there" + t.changes() + " within " + minutesSaid(t.Travel.MaxMinutes)
		if t.Travel.Pass != "" {
			said += " with a pass that starts at 09:30"
		}
		if j.Session != nil && !t.Visit {
			said += " in time for " + string(ClockOf(j.Session.Start))
		}
		return said + onDay(t.Today, day)
	case NoServiceThatDay:
		where := "there"
		if t.NothingNearHome {
			where = "you"
		}
		if day == t.Today || day == "" {
			return "No buses or trains" + t.steps() + " run near " + where + " today"
		}
		return "No buses or trains" + t.steps() + " run near " + where + onDay(t.Today, day)
	case TimetableExpired:
		switch {
		case day != "" && t.LastDay != "" && t.LastDay < day:
			return "The timetable for this area ended on " + dateName(t.LastDay) + ", so we cannot say"
		case day != "" && t.FirstDay > day:
			return "The timetable for this area begins on " + dateName(t.FirstDay) + ", so we cannot say"
		}
		return "The timetable for this area does not cover that day, so we cannot say"
	case NoReturn:
		return "There is no way home within " + minutesSaid(t.Travel.MaxMinutes)
	}
	switch {
	case j.Verdict == NotReached:
		return "Nobody we know of can fetch you and bring you home"
	case t.Missing == MissingPlace:
		return "Nobody says where it is, so we cannot plan the way"
	case t.Missing == MissingAddress:
		return "Its address is kept private; ask them how to get there"
	case t.Missing == MissingTime:
		return "Nobody says at what time it starts, so we cannot plan the way"
	case t.Missing == MissingSession && t.Asked != "":
		return "There is nothing on there on " + dayName(t.Today, t.Asked)
	case t.Missing == MissingSession:
		return fmt.Sprintf("There is nothing on there in the next %d days", ReachDays)
	case t.Missing == MissingDates || j.Reason == NoSession:
		return "Nobody says when it is on, so we cannot plan the way"
	}
	return "We have no timetable for this area"
}

// steps is what somebody who cannot use them asks of vehicles.
func (t *Telling) steps() string {
	switch {
	case t.Travel.Profile != "step_free":
		return ""
	case t.Sure:
		return " that we know to be step-free"
	}
	return " that could be step-free"
}

// changes are how many somebody would make.
func (t *Telling) changes() string {
	switch n := t.Travel.MaxChanges; {
	case n == nil:
		return ""
	case *n == 0:
		return " without a change"
	case *n == 1:
		return " with at most 1 change"
	default:
		return fmt.Sprintf(" with at most %d changes", *n)
	}
}

func minutesSaid(n int) string {
	if n == 1 {
		return "1 minute"
	}
	return fmt.Sprintf("%d minutes", n)
}

// onDay is " on Tuesday 24 November"; empty when the day is today or not known.
func onDay(today, day Date) string {
	if day == "" || day == today {
		return ""
	}
	return " on " + dayName(today, day)
}

// dayName is "Tuesday 24 November", with the year when it is not today's.
func dayName(today, day Date) string {
	at, ok := day.Time()
	if !ok {
		return string(day)
	}
	if now, ok := today.Time(); ok && now.Year() != at.Year() {
		return at.Format("Monday 2 January 2006")
	}
	return at.Format("Monday 2 January")
}

// dateName is "30 August 2025".
func dateName(d Date) string {
	at, ok := d.Time()
	if !ok {
		return string(d)
	}
	return at.Format("2 January 2006")
}

// Say is the way there as a choice beside others.
func (w *WayThere) Say() string {
	return "Leave by " + string(w.LeaveBy) + ", " + RidesSaid(w.Legs) + ", there " + string(w.Arrive) + "."
}

// Say is the way back as a choice beside others.
func (w *WayBack) Say() string {
	return "Leave at " + string(w.Leave) + ", " + RidesSaid(w.Legs) + ", home by " + string(w.Home) + "."
}

// SayLast is the way back as the last there is.
func (w *WayBack) SayLast() string {
	return "The last way home leaves at " + string(w.Leave) + ": " + RidesSaid(w.Legs) + ", home by " + string(w.Home) + "."
}

const walkMode = "walk"

func vehicleSaid(mode string) string {
	if mode == "rail" {
		return "train"
	}
	return mode
}

// RidesSaid names the vehicles of a way in order, as in "bus 2 then 18" or
// "bus 7 then train". Trains and ferries are known by their times and not by
// a line; neither are names too long to be on the front of a bus.
func RidesSaid(legs []Leg) string {
	var parts []string
	var before *Leg
	for i := range legs {
		leg := &legs[i]
		if leg.Mode == walkMode {
			continue
		}
		vehicle, line := vehicleSaid(leg.Mode), leg.lineSaid()
		again := before != nil && before.Mode == leg.Mode
		switch {
		case again && line == before.lineSaid():
			parts = append(parts, strings.TrimRight("another "+vehicle+" "+line, " "))
		case again && line != "" && before.lineSaid() != "":
			parts = append(parts, line)
		case again && line == "":
			parts = append(parts, "another "+vehicle)
		default:
			parts = append(parts, strings.TrimRight(vehicle+" "+line, " "))
		}
		before = leg
	}
	if len(parts) == 0 {
		return "on foot"
	}
	return strings.Join(parts, " then ")
}

// lineRunes is about as much as fits above a bus's windscreen.
const lineRunes = 16

func (l *Leg) lineSaid() string {
	if l.Mode != "bus" && l.Mode != "tram" || utf8.RuneCountInString(l.Line) > lineRunes {
		return ""
	}
	return strings.TrimRight(strings.TrimSpace(l.Line), ".;:,")
}

// ClockOf is what clocks in London show at t, the seconds left out.
func ClockOf(t time.Time) Clock { return Clock(t.In(London).Format("15:04")) }
