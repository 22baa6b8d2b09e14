package hereabouts

// How long what somebody said about a listing can be trusted, in days.
//
// Three months is what Open Referral UK asks of a publisher's assured date.
// After a year most directories chase or hide a record. Green spaces change
// with the seasons of a council's budget and not with a volunteer's week, so
// theirs is a year, and three.
const (
	freshDays       = 92
	ageingDays      = 366
	freshDaysGreen  = 366
	ageingDaysGreen = 3*365 + 1
)

// FreshnessAt says how far the listing can be trusted on a day. A listing
// that nobody has confirmed is stale. One whose confirmation lies ahead of
// today, by a clock that is wrong or a zone that differs, is fresh.
func (l *Listing) FreshnessAt(today Date) Freshness {
	fresh, ageing := freshDays, ageingDays
	if l.Kind == GreenSpace {
		fresh, ageing = freshDaysGreen, ageingDaysGreen
	}
	f := Freshness{ConfirmedAt: l.ConfirmedAt, State: Stale}
	if age, ok := today.DaysSince(l.ConfirmedAt); ok {
		switch {
		case age <= fresh:
			f.State = Fresh
		case age <= ageing:
			f.State = Ageing
		}
	}
	return f
}

// At is the state on a day: a state that was to end before then is unknown,
// because nobody has said what came after it.
func (a *Availability) At(today Date) AvailabilityState {
	if a.State == "" {
		return AvailabilityUnknown
	}
	if left, ok := a.Until.DaysSince(today); ok && left < 0 {
		return AvailabilityUnknown
	}
	return a.State
}

// AvailabilityAt is the availability on a day, decayed: besides what
// [Availability.At] says, a dated state older than half a listing's time to
// go stale is unknown. Waiting lists move faster than addresses, and
// "open" said last winter sends somebody to a closed door. Closed stays
// closed until somebody says otherwise, and a state without a date does not
// decay: it is as good as the listing.
func (l *Listing) AvailabilityAt(today Date) AvailabilityState {
	state := l.Availability.At(today)
	if state == Closed || state == AvailabilityUnknown {
		return state
	}
	keeps := ageingDays / 2
	if l.Kind == GreenSpace {
		keeps = ageingDaysGreen / 2
	}
	if left, ok := l.Availability.Until.DaysSince(today); ok && left >= 0 {
		return state // whoever said it said how long it would hold
	}
	if age, ok := today.DaysSince(l.Availability.AsOf); ok && age > keeps {
		return AvailabilityUnknown
	}
	return state
}
