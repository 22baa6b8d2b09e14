package index

import (
	"math"
	"time"

	"hereabouts"
	"hereabouts/geo/transit"
)

// home is what a journey calls the traveller's own end.
const home = "home"

// wayThere is a journey from home as it is shown.
func wayThere(j *transit.Journey, to string) *hereabouts.WayThere {
	return &hereabouts.WayThere{
		LeaveBy: hereabouts.ClockOf(j.Depart), Arrive: hereabouts.ClockOf(upToMinute(j.Arrive)), Minutes: minutesShown(j.Depart, j.Arrive),
		Changes: j.Changes, WalkM: math.Round(j.WalkM), Legs: legsShown(j.Legs, home, to),
		DepartAt: j.Depart.In(hereabouts.London), ArriveAt: j.Arrive.In(hereabouts.London),
	}
}

// wayBack is a journey home as it is shown.
func wayBack(j *transit.Journey, from string) *hereabouts.WayBack {
	return &hereabouts.WayBack{
		Leave: hereabouts.ClockOf(j.Depart), Home: hereabouts.ClockOf(upToMinute(j.Arrive)), Minutes: minutesShown(j.Depart, j.Arrive),
		Changes: j.Changes, WalkM: math.Round(j.WalkM), Legs: legsShown(j.Legs, from, home),
		DepartAt: j.Depart.In(hereabouts.London), ArriveAt: j.Arrive.In(hereabouts.London),
	}
}

// upToMinute is the next whole minute, or t when it is one.
func upToMinute(t time.Time) time.Time {
	if down := t.Truncate(time.Minute); !down.Equal(t) {
		return down.Add(time.Minute)
	}
	return t
}

// minutesShown is how far apart the two times are as they are shown.
func minutesShown(depart, arrive time.Time) int {
	return int(upToMinute(arrive).Sub(depart.Truncate(time.Minute)) / time.Minute)
}

func legsShown(legs []transit.Leg, first, last string) []hereabouts.Leg {
	out := make([]hereabouts.Leg, len(legs))
	for i := range legs {
		leg := &legs[i]
		s := &out[i]
		*s = hereabouts.Leg{Mode: "walk", From: pointName(leg.From), To: pointName(leg.To), FromStop: leg.From.StopID, ToStop: leg.To.StopID,
			Depart: hereabouts.ClockOf(leg.Depart), Arrive: hereabouts.ClockOf(upToMinute(leg.Arrive)), WalkM: math.Round(leg.WalkM)}
		if !leg.Walk {
			s.Mode, s.Line, s.Headsign, s.Operator = leg.Mode.String(), leg.Line, leg.Headsign, leg.Operator
		}
		if i == 0 && leg.From.StopID == "" {
			s.From = first
		}
		if i == len(legs)-1 && leg.To.StopID == "" {
			s.To = last
		}
	}
	return out
}

// pointName is the name of a stop; one that has none goes by its number.
func pointName(p transit.Point) string {
	if p.Name == "" && p.StopID != "" {
		return "stop " + p.StopID
	}
	return p.Name
}

// onFoot is a walk all the way as a journey.
func onFoot(leave, arrive int64, pathM float64) *transit.Journey {
	j := &transit.Journey{Depart: time.Unix(leave, 0), Arrive: time.Unix(arrive, 0), WalkM: pathM}
	j.Legs = []transit.Leg{{Walk: true, Depart: j.Depart, Arrive: j.Arrive, WalkM: pathM}}
	return j
}

// firstRide is the first vehicle of a journey; nil when there is none.
func firstRide(j *transit.Journey) *hereabouts.Ride {
	for i := range j.Legs {
		if leg := &j.Legs[i]; !leg.Walk {
			return &hereabouts.Ride{Mode: leg.Mode.String(), Depart: leg.Depart}
		}
	}
	return nil
}

// stepFree is what is known of all of some journeys: no when one says no, yes
// only when all say yes.
func stepFree(journeys ...*transit.Journey) hereabouts.Fact {
	fact := hereabouts.Yes
	for _, j := range journeys {
		switch j.StepFree {
		case transit.AccessNo:
			return hereabouts.No
		case transit.AccessUnknown:
			fact = hereabouts.Unknown
		}
	}
	if len(journeys) == 0 {
		return hereabouts.Unknown
	}
	return fact
}

// passValid is whether a pass for older or disabled people holds whenever a
// vehicle is boarded on some journeys. It is a bus pass: what trains, trams and
// ferries make of it is for each to say.
func passValid(journeys ...*transit.Journey) hereabouts.Fact {
	fact := hereabouts.Unknown
	other := false
	for _, j := range journeys {
		for i := range j.Legs {
			leg := &j.Legs[i]
			switch {
			case leg.Walk:
			case !transit.OlderDisabled.Holds(leg.Depart.In(hereabouts.London)):
				return hereabouts.No
			case leg.Mode == transit.Bus:
				fact = hereabouts.Yes
			default:
				other = true
			}
		}
	}
	if other {
		return hereabouts.Unknown
	}
	return fact
}
