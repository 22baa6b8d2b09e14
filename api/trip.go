package api

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hereabouts"
	"hereabouts/web"
)

// How pages ask how somebody gets there, and tell the answer.

var (
	travelChoices = append([]web.Choice{{Value: "", Label: "It does not matter"}}, tripChoices...)
	tripChoices   = []web.Choice{{Value: "transit", Label: "By bus and train"}, {Value: "walk", Label: "On foot"},
		{Value: "door_to_door", Label: "Fetched, door to door"}}
	minuteChoices = []web.Choice{{Value: "15", Label: "15 minutes"}, {Value: "30", Label: "30 minutes"}, {Value: "45", Label: "45 minutes"},
		{Value: "60", Label: "1 hour"}, {Value: "90", Label: "1½ hours"}, {Value: "120", Label: "2 hours"}}
	profileChoices = []web.Choice{{Value: "standard", Label: "At an ordinary pace"}, {Value: "slow", Label: "Slowly, and not far"},
		{Value: "step_free", Label: "Without steps"}}
)

// tripLabels are the parameters that have a field on the form of a trip.
var tripLabels = func() map[string]string {
	labels := map[string]string{"from": "Where from", "date": "Which day"}
	for _, name := range []string{"transport", "max_minutes", "return", "profile", "pass"} {
		labels[name] = fieldLabels[name]
	}
	return labels
}()

// travelForm fills the questions about travelling. What was not given is as
// the contract has it.
func travelForm(values url.Values, modes []web.Choice) web.Travel {
	or := func(name, usual string) []string {
		if given := nonEmpty(values[name]); len(given) > 0 {
			return given
		}
		return []string{usual}
	}
	return web.Travel{
		Modes:    chosen(modes, values["transport"]),
		Minutes:  chosen(minuteChoices, or("max_minutes", strconv.Itoa(hereabouts.DefaultMaxMinutes))),
		Profiles: chosen(profileChoices, or("profile", hereabouts.ProfileNames[0])),
		Home:     firstOf(values, "return") != "false",
		Pass:     firstOf(values, "pass") == hereabouts.PassNames[0],
	}
}

// lastOf keeps the last value of name. A browser says nothing of a box that
// is not ticked, so the form says no before the box says yes.
func lastOf(values url.Values, name string) {
	if given := values[name]; len(given) > 1 {
		values[name] = given[len(given)-1:]
	}
}

// withoutTravel takes what a form says about a journey out of a question in
// which it does not matter how somebody travels: the form always has a pace
// and a number of minutes. It reports whether somebody had chosen one.
func withoutTravel(values url.Values) (chosen bool) {
	if len(nonEmpty(values["transport"])) > 0 {
		return false
	}
	usual := map[string]string{"max_minutes": strconv.Itoa(hereabouts.DefaultMaxMinutes), "return": "true", "profile": hereabouts.ProfileNames[0]}
	for _, name := range append(namesOf(travelParameters), "reach") {
		if v := firstOf(values, name); v != "" && v != usual[name] {
			chosen = true
		}
		delete(values, name)
	}
	return chosen
}

// reachShown is how many listings are in each class of reach, and which of
// them are shown.
func reachShown(a *asked, n *hereabouts.ReachCounts) *web.Reach {
	if n == nil {
		return nil
	}
	mode := hereabouts.TravelMode(firstOf(a.values, "transport"))
	shown := a.list("reach")
	usual := len(shown) == 0
	if usual {
		shown = []string{"there_and_back", "door_to_door"}
		if firstOf(a.values, "return") == "false" {
			shown = append(shown, "there_only")
		}
		if firstOf(a.values, "unknown") != "drop" {
			shown = append(shown, "unknown")
		}
	}
	back, not := "there and back", "not by bus"
	switch mode {
	case hereabouts.OnFoot:
		back, not = "on foot", "too far to walk"
	case hereabouts.ByDoorToDoor:
		not = "not door to door"
	}
	r := &web.Reach{Question: fieldsOf(a.values, "page", "reach")}
	add := func(value string, count int, text string, always bool) {
		if count == 0 && !always {
			return
		}
		class := web.ReachClass{Value: value, Text: thousands(count) + " " + text, Shown: contains(shown, value), Empty: count == 0}
		if value == "there_and_back" || value == "door_to_door" && mode == hereabouts.ByDoorToDoor {
			class.Value = "" // back to what is shown unless one looks at something else
		}
		r.Classes = append(r.Classes, class)
	}
	if mode == hereabouts.ByDoorToDoor {
		add("door_to_door", n.DoorToDoor, "fetched, door to door", true)
	} else {
		add("there_and_back", n.ThereAndBack, back, true)
	}
	add("there_only", n.ThereOnly, "there only", false)
	add("no", n.No, not, false)
	if mode != hereabouts.ByDoorToDoor {
		add("door_to_door", n.DoorToDoor, "fetched, door to door", false)
	}
	add("unknown", n.Unknown, "not known", false)
	return r
}

// thousands writes a number as people read it: 12,345.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// askFurther is the question about every way to a result; empty when none is
// known of.
func askFurther(a *asked, r *hereabouts.Result) []web.Field {
	j := r.Journey
	if j == nil || r.Listing.HiddenLocation || j.Session == nil || !somewhere(&r.Listing) {
		return nil
	}
	fields := []web.Field{{Name: "from", Value: firstOf(a.values, "near")},
		{Name: "date", Value: string(hereabouts.DateOf(j.Session.Start))}}
	for _, name := range append(namesOf(travelParameters), "unknown") {
		if v := firstOf(a.values, name); v != "" {
			fields = append(fields, web.Field{Name: name, Value: v})
		}
	}
	return fields
}

func fetchers(j *hereabouts.Journey) []web.Link {
	var links []web.Link
	for _, f := range j.Fallback {
		text := f.Name
		if f.Phone != "" {
			text += ", " + f.Phone
		}
		links = append(links, web.Link{Address: "/listings/" + url.PathEscape(f.ID), Text: text})
	}
	return links
}

// somewhere reports whether there is anywhere that a journey could lead to.
func somewhere(l *hereabouts.Listing) bool {
	return l.Status == hereabouts.Published && !l.HiddenLocation && slices.ContainsFunc(l.Places, func(p hereabouts.Place) bool {
		_, ok := p.Point()
		return ok || p.Geometry != nil || len(p.Entrances) > 0
	})
}

// trip is the form on a listing's page that asks how to get there, with the
// answer when it was sent.
func (s *Server) trip(c echo.Context, l *hereabouts.Listing) (*web.Trip, int, error) {
	t := &web.Trip{Action: "/listings/" + url.PathEscape(l.ID) + "#getting-there", Travel: travelForm(nil, tripChoices)}
	if c.Request().Method != http.MethodPost {
		return t, http.StatusOK, nil
	}
	values, err := formOf(c)
	if err != nil {
		return nil, 0, err
	}
	lastOf(values, "return")
	t.From, t.Day = firstOf(values, "from"), firstOf(values, "date")
	t.Travel = travelForm(values, tripChoices)
	for _, f := range fieldsOf(values) {
		if _, onForm := tripLabels[f.Name]; !onForm {
			t.Carried = append(t.Carried, f)
		}
	}
	values = maps.Clone(values)
	values.Set("listing", l.ID)
	answer, err := s.journeysTo(c, &asked{values: values})
	if err != nil {
		p := problemFor(err)
		if len(p.Errors) == 0 {
			return nil, 0, err
		}
		for _, f := range p.Errors {
			t.Faults = append(t.Faults, shownFault(f, tripLabels))
		}
		return t, p.Status, nil
	}
	s.tell(t, &answer)
	return t, http.StatusOK, nil
}

// tell puts an answer into words.
func (s *Server) tell(t *web.Trip, a *hereabouts.JourneyAnswer) {
	today := hereabouts.DateOf(s.Now())
	t.Answered, t.Heading = true, "From "+a.From.Label
	if at, ok := a.Date.Time(); ok {
		t.Heading += " on " + at.Format("Monday 2 January")
		if at.Year() != s.Now().In(hereabouts.London).Year() {
			t.Heading += at.Format(" 2006")
		}
	}
	if len(a.Journeys) == 0 {
		t.None = "There is nothing on there that day."
	}
	for i := range a.Journeys {
		t.Journeys = append(t.Journeys, toldJourney(&a.Journeys[i], today))
	}
}

func toldJourney(j *hereabouts.JourneyChoice, today hereabouts.Date) web.Journey {
	told := web.Journey{Sentence: j.Sentence, Others: j.Sentences, Fetched: fetchers(&j.Journey)}
	if n := j.Session; n != nil {
		start, end := n.Start.In(hereabouts.London), n.End.In(hereabouts.London)
		told.Heading = "To be there from " + start.Format("15:04") + " to " + end.Format("15:04")
		if !end.After(start) {
			told.Heading = "To be there at " + start.Format("15:04")
		}
	}
	if w := j.Out; w != nil {
		told.Out = &web.Way{Heading: fmt.Sprintf("There: leave by %s, arrive %s (%s)", w.LeaveBy, w.Arrive, effort(w.Minutes, w.Changes, w.WalkM)), Legs: legs(w.Legs)}
	}
	if w := j.Back; w != nil {
		told.Back = &web.Way{Heading: fmt.Sprintf("Home: leave %s, home %s (%s)", w.Leave, w.Home, effort(w.Minutes, w.Changes, w.WalkM)), Legs: legs(w.Legs)}
	}
	if j.Out == nil && j.Back == nil {
		return told
	}
	note := func(label, text string) { told.Facts = append(told.Facts, web.Fact{Label: label, Text: text}) }
	if j.Verdict != hereabouts.Walkable {
		fact := map[hereabouts.Fact]string{hereabouts.Yes: "yes", hereabouts.No: "no"}
		note("Step-free", cmpOr(fact[j.StepFree], "not known"))
		note("Bus pass", cmpOr(map[hereabouts.Fact]string{hereabouts.Yes: "valid all the way", hereabouts.No: "not valid yet when you get on"}[j.PassValid], "not known"))
	}
	if at, ok := j.Basis.ValidUntil.Time(); ok {
		text := "valid until " + at.Format("2 January 2006")
		if j.Basis.ValidUntil < today {
			text = "ended on " + at.Format("2 January 2006")
		}
		note("Timetable", text)
	}
	note("Walks", "estimated, without a map of the streets")
	return told
}

// effort is what a way asks of somebody.
func effort(minutes, changes int, walkM float64) string {
	parts := []string{plural(minutes, "minute")}
	if changes > 0 {
		parts = append(parts, plural(changes, "change"))
	}
	if walkM > 0 {
		parts = append(parts, walked(walkM)+" on foot")
	}
	return strings.Join(parts, ", ")
}

func plural(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return strconv.Itoa(n) + " " + of + "s"
}

func walked(metres float64) string {
	if metres < 1000 {
		return strconv.Itoa(int(metres+0.5)) + " metres"
	}
	return fmt.Sprintf("%.1f km", metres/1000)
}

func legs(all []hereabouts.Leg) []web.Leg {
	var told []web.Leg
	for i := range all {
		l := &all[i]
		leg := web.Leg{Depart: string(l.Depart), Arrive: string(l.Arrive)}
		switch l.Mode {
		case "walk":
			leg.Text = "Walk " + walked(l.WalkM) + " to " + l.To
			if l.To == "home" {
				leg.Text = "Walk " + walked(l.WalkM) + " home"
			}
		default:
			leg.Text = vehicle(l)
			if l.Headsign != "" {
				leg.Text += " towards " + l.Headsign
			}
			leg.Text += ", from " + l.From + " to " + l.To
			if l.Operator != "" {
				leg.Text += ", run by " + l.Operator
			}
		}
		told = append(told, leg)
	}
	return told
}

// vehicle is what to look out for: "Bus 2", "Train".
func vehicle(l *hereabouts.Leg) string {
	name := map[string]string{"bus": "Bus", "rail": "Train", "tram": "Tram", "ferry": "Ferry"}[l.Mode]
	if l.Mode == "rail" || l.Line == "" {
		return name
	}
	return name + " " + l.Line
}
