package index

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"hereabouts"
)

// result says everything about one hit: what it is, why it is there, and how
// it fits the person. Sentences could be read out to them.
func (x *Index) result(q *hereabouts.Query, a *asked, f *found, l *hereabouts.Listing) hereabouts.Result {
	res := hereabouts.Result{Listing: *l, Score: f.score, Freshness: hereabouts.Freshness{ConfirmedAt: l.ConfirmedAt, State: f.fresh}}
	if f.placed && !l.HiddenLocation {
		d := f.distanceM(a.from)
		res.DistanceM = &d
		if f.place >= 0 && f.place < len(l.Places) {
			res.PlaceID = l.Places[f.place].ID
		}
	}
	session := x.nextSession(a, f, l)
	res.NextSession = session
	res.Why = x.why(q, a, f, l, res.DistanceM, session)
	res.Fit = fit(q, a, f, l)
	if res.DistanceM != nil {
		// Nobody knows where a door is to less than a metre.
		*res.DistanceM = math.Round(*res.DistanceM)
	}
	return res
}

// nextSession is the next time that a listing happens in a way that the
// question asks for; nil when there is none.
func (x *Index) nextSession(a *asked, f *found, l *hereabouts.Listing) *hereabouts.NextSession {
	if f.next == nil {
		if a.session == nil && !a.soonest && len(l.Sessions) > 0 {
			return farSession(x.now(), l)
		}
		return nil
	}
	if int(f.next.index) >= len(l.Sessions) {
		return nil // changed a moment ago
	}
	s := &l.Sessions[f.next.index]
	n := &hereabouts.NextSession{SessionID: s.ID, PlaceID: s.PlaceID}
	midnight, plain := a.midnight(f.nextDay)
	if plain {
		n.Start = midnight.Add(time.Duration(f.next.start) * time.Minute)
		n.End = midnight.Add(time.Duration(f.next.end) * time.Minute)
		return n
	}
	// The clocks change that night; the schedule knows what becomes of 01:30.
	sc, err := s.Schedule()
	if err != nil {
		return nil
	}
	for o := range sc.Occurrences(midnight, midnight.AddDate(0, 0, 1)) {
		if !o.Start.Before(midnight) {
			n.Start, n.End = o.Start, o.End
			return n
		}
	}
	return nil
}

// midnight is when a day begins in London; plain when the clocks do not
// change that day or the next.
func (a *asked) midnight(day int32) (t time.Time, plain bool) {
	m, ok := a.midnights[day]
	if !ok {
		m.at, _ = dateOf(day).Time()
		m.plain = m.at.AddDate(0, 0, 2).Sub(m.at) == 48*time.Hour
		if a.midnights == nil {
			a.midnights = map[int32]midnight{}
		}
		a.midnights[day] = m
	}
	return m.at, m.plain
}

type midnight struct {
	at    time.Time
	plain bool
}

// farSession is the next time that a listing happens when that lies further
// ahead than schedules are worked out in the columns.
func farSession(now time.Time, l *hereabouts.Listing) (next *hereabouts.NextSession) {
	for i := range l.Sessions {
		s := &l.Sessions[i]
		sc, err := s.Schedule()
		if err != nil {
			continue
		}
		if o, ok := sc.Next(now); ok && (next == nil || o.Start.Before(next.Start)) {
			next = &hereabouts.NextSession{SessionID: s.ID, PlaceID: s.PlaceID, Start: o.Start, End: o.End}
		}
	}
	return next
}

func (x *Index) why(q *hereabouts.Query, a *asked, f *found, l *hereabouts.Listing, distanceM *float64, next *hereabouts.NextSession) []hereabouts.Reason {
	why := []hereabouts.Reason{}
	add := func(clause, text string) { why = append(why, hereabouts.Reason{Clause: clause, Text: text}) }
	for fd := range numFields {
		var words []string
		for _, w := range f.words {
			// Each word once, under the field where it means most.
			if w.fields&(1<<fd) != 0 && w.fields&(1<<fd-1) == 0 && !slices.Contains(words, w.word) {
				words = append(words, w.word)
			}
		}
		if len(words) > 0 {
			add("words", fieldSaid[fd]+" “"+strings.Join(words, "”, “")+"”")
		}
	}
	for _, id := range f.needs {
		if n, ok := x.taxonomy.Need(id); ok {
			text := "offers " + lowerFirst(n.Label)
			if l.NeedsDerived {
				text += " (read from its description)"
			}
			add("need", text)
		}
	}
	switch {
	case distanceM != nil && f.inside:
		add("near", "you are inside it")
	case distanceM != nil:
		add("near", distanceSaid(*distanceM)+" away")
	case a.from != nil && slices.ContainsFunc(l.Delivery, func(d hereabouts.Delivery) bool { return d != hereabouts.InPerson }):
		add("near", "comes to you: "+deliverySaid(l.Delivery))
	}
	if a.session != nil && next != nil {
		add("day", "next on "+next.Start.In(hereabouts.London).Format("Monday 2 January at 15:04"))
	}
	return why
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z' {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}

// distanceSaid is a distance as people say it.
func distanceSaid(m float64) string {
	switch {
	case m < 100:
		return "less than 100 metres"
	case m < 950:
		return fmt.Sprintf("%.0f metres", 50*float64(int(m/50+0.5)))
	case m < 10_000:
		return strconv.FormatFloat(m/1000, 'f', 1, 64) + " km"
	}
	return fmt.Sprintf("%.0f km", m/1000)
}

func deliverySaid(list []hereabouts.Delivery) string {
	said := map[hereabouts.Delivery]string{hereabouts.Online: "online", hereabouts.Phone: "by phone", hereabouts.HomeVisit: "at home"}
	var out []string
	for _, d := range list {
		if s, ok := said[d]; ok {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}
