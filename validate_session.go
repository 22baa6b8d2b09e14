package hereabouts

func (v *validator) sessions(sessions []Session, places []Place) {
	if !v.many("/sessions", len(sessions), maxSessions) {
		return
	}
	known := make(map[string]bool, len(places))
	ids := make([]string, len(places))
	for i := range places {
		ids[i] = places[i].ID
		known[places[i].ID] = true
	}
	if len(ids) > 20 {
		ids = nil // too many to guess among, once for each session
	}
	seen := make(map[string]int, len(sessions))
	for i := range sessions {
		s, at := &sessions[i], indexed("/sessions", i)
		v.bytes += perSession + 6*(len(s.RRule)+len(s.PlaceID))
		v.text(at+"/id", s.ID, maxID)
		if first, twice := seen[s.ID]; twice && s.ID != "" {
			v.Addf(at+"/id", CodeDuplicate, "session %d has the id %s already; give each its own", first+1, quoted(s.ID))
		} else {
			seen[s.ID] = i
		}
		if s.PlaceID != "" && !known[s.PlaceID] {
			v.Addf(at+"/place_id", CodeUnknownValue, "no place of this listing has the id %s%s", quoted(s.PlaceID), suggest(nearest(s.PlaceID, ids)))
		}
		oneOf(v, at+"/attend", s.Attend, false, Whole, AnyTime)
		v.text(at+"/note", s.Note, maxNote)
		if v.many(at+"/except", len(s.Except), maxExceptions) {
			duplicates(v, at+"/except", s.Except)
			v.schedule(at, s)
		}
	}
}

func (v *validator) schedule(at string, s *Session) {
	before := len(v.Problems)
	sc := s.schedule(at, &v.Problems)
	if len(v.Problems) > before {
		return
	}
	if sc.first > sc.last {
		v.Add(at+"/rrule", CodeContradiction, "no date fits the rule and from and until; check them against each other")
		return
	}
	if s.Until == "" {
		return
	}
	for i, e := range s.Except {
		if left, _ := s.Until.DaysSince(e); left < 0 {
			v.Addf(indexed(at+"/except", i), CodeContradiction, "%s comes after the last date, %s; leave it out", e, s.Until)
		}
	}
}

// checkDate reads a date; ok is false when it is absent or at fault.
func checkDate(d Date, pointer string, p *Problems) (n day, ok bool) {
	if d == "" {
		return 0, false
	}
	n, ok = d.day()
	if !ok {
		p.Addf(pointer, CodeInvalidFormat, "%s is not a date; write it like 2026-11-24", quoted(string(d)))
		return 0, false
	}
	if n < firstDay || n > lastDay {
		p.Addf(pointer, CodeOutOfRange, "%s is not from %s to %s", d, dateOf(firstDay), dateOf(lastDay))
		return 0, false
	}
	return n, true
}

// checkClock reads a time of day; ok is false when it is absent or at fault.
func checkClock(c Clock, pointer string, p *Problems) (minutes int, ok bool) {
	if c == "" {
		return 0, false
	}
	if minutes, ok = c.Minutes(); !ok {
		p.Addf(pointer, CodeInvalidFormat, "%s is not a time of day; write it like 09:30, from 00:00 to 24:00", quoted(string(c)))
	}
	return minutes, ok
}
