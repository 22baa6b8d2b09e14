package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hereabouts"
	"hereabouts/web"
)

// What the form offers, and how a listing is put into words for a page.

var (
	withinChoices = []web.Choice{{Value: "", Label: "Any distance"}, {Value: "1km", Label: "1 km"}, {Value: "3km", Label: "3 km"},
		{Value: "5km", Label: "5 km"}, {Value: "10km", Label: "10 km"}, {Value: "30km", Label: "30 km"}}
	kindChoices = []web.Choice{{Value: "", Label: "Anything"}, {Value: "group", Label: "A group or activity"},
		{Value: "service", Label: "A service"}, {Value: "green_space", Label: "A green space"}}
	dayChoices = []web.Choice{{Value: "", Label: "Any day"}, {Value: "mon", Label: "Monday"}, {Value: "tue", Label: "Tuesday"},
		{Value: "wed", Label: "Wednesday"}, {Value: "thu", Label: "Thursday"}, {Value: "fri", Label: "Friday"},
		{Value: "sat", Label: "Saturday"}, {Value: "sun", Label: "Sunday"}}
	timeChoices = []web.Choice{{Value: "", Label: "Any time"}, {Value: "morning", Label: "Morning (6 to 12)"},
		{Value: "afternoon", Label: "Afternoon (12 to 5)"}, {Value: "evening", Label: "Evening (5 to 10)"}}
	costChoices = []web.Choice{{Value: "", Label: "Any price"}, {Value: "0", Label: "Free"}, {Value: "200", Label: "£2 or less"},
		{Value: "500", Label: "£5 or less"}, {Value: "1000", Label: "£10 or less"}}
	sortChoices = []web.Choice{{Value: "", Label: "What fits best"}, {Value: "distance", Label: "Nearest"},
		{Value: "journey", Label: "Shortest journey"}, {Value: "soonest", Label: "Soonest"}, {Value: "freshest", Label: "Most recently checked"}, {Value: "name", Label: "By name"}}
	accessLabels = map[string]string{"step_free": "No steps", "accessible_toilet": "Accessible toilet",
		"changing_place": "Changing Places toilet", "hearing_loop": "Hearing loop", "parking": "Parking",
		"blue_badge_parking": "Blue Badge parking", "quiet_space": "Quiet space", "assistance_dogs": "Assistance dogs welcome"}
)

func placeText(p *hereabouts.Place) string {
	var parts []string
	for _, part := range []string{p.Name, p.Address, p.Postcode} {
		if part != "" && !slices.ContainsFunc(parts, func(had string) bool { return strings.Contains(had, part) }) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func deliveryText(d []hereabouts.Delivery) string {
	labels := map[hereabouts.Delivery]string{hereabouts.InPerson: "in person", hereabouts.Online: "online",
		hereabouts.Phone: "by phone", hereabouts.HomeVisit: "at home"}
	var parts []string
	for _, x := range d {
		parts = append(parts, labels[x])
	}
	return strings.Join(parts, ", ")
}

func distanceText(metres float64) string {
	if metres < 1000 {
		return strconv.Itoa(int(metres/10+0.5)*10) + " metres"
	}
	return fmt.Sprintf("%.1f miles", metres/1609.344)
}

// nextOf is the first session of a listing that begins after a moment.
func nextOf(l *hereabouts.Listing, after time.Time) (next hereabouts.NextSession, ok bool) {
	for i := range l.Sessions {
		schedule, err := l.Sessions[i].Schedule()
		if err != nil {
			continue // what it says cannot be worked out
		}
		if o, will := schedule.Next(after); will && (!ok || o.Start.Before(next.Start)) {
			next, ok = hereabouts.NextSession{SessionID: l.Sessions[i].ID, Start: o.Start, End: o.End}, true
		}
	}
	return next, ok
}

// whenText is when something next happens, with as much of the time as its
// session states, and the year when that is not soon.
func whenText(n *hereabouts.NextSession, l *hereabouts.Listing, today hereabouts.Date) string {
	start, end := n.Start.In(hereabouts.London), n.End.In(hereabouts.London)
	text := start.Format("Monday 2 January")
	if hereabouts.DateOf(start) > today.AddDays(300) {
		text += start.Format(" 2006")
	}
	i := slices.IndexFunc(l.Sessions, func(s hereabouts.Session) bool { return s.ID == n.SessionID })
	switch {
	case i >= 0 && l.Sessions[i].Start == "":
		return text + ", time not stated"
	case !end.After(start):
		return text + start.Format(", 15:04")
	}
	return text + start.Format(", 15:04") + " to " + end.Format("15:04")
}

// availabilityText is the availability as far as it can be believed today.
func availabilityText(l *hereabouts.Listing, today hereabouts.Date) string {
	a, state := &l.Availability, l.AvailabilityAt(today)
	text := map[hereabouts.AvailabilityState]string{
		hereabouts.Open: "Taking people now", hereabouts.WaitingList: "Has a waiting list", hereabouts.Full: "Full at the moment",
		hereabouts.Paused: "Paused", hereabouts.Closed: "Closed", hereabouts.AvailabilityUnknown: "Not known whether it has room",
	}[state]
	if state == hereabouts.WaitingList && a.WaitWeeks != nil {
		text += fmt.Sprintf(" of about %d weeks", *a.WaitWeeks)
	}
	if state == hereabouts.AvailabilityUnknown && a.State != state && a.State != "" {
		return text + " any more"
	}
	if t, ok := a.Until.Time(); ok {
		text += t.Format(", until 2 January 2006")
	}
	return text
}

func costText(c *hereabouts.Cost) string {
	switch {
	case c.Free == hereabouts.Yes:
		return "Free"
	case c.Pence != nil:
		text := fmt.Sprintf("£%d.%02d", *c.Pence/100, *c.Pence%100)
		if c.Per != "" {
			text += " a " + c.Per
		}
		return text
	}
	return c.Text
}

func freshnessText(f hereabouts.Freshness) string {
	t, ok := f.ConfirmedAt.Time()
	if !ok {
		return "Nobody has said lately that this is still right"
	}
	text := t.Format("2 January 2006")
	if f.State == hereabouts.Stale {
		text += ", a long time ago: please ask before going"
	}
	return text
}
