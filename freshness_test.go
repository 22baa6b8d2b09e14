package hereabouts

import "testing"

func TestFreshness(t *testing.T) {
	const today = Date("2026-11-21")
	tests := []struct {
		kind      Kind
		confirmed Date
		want      FreshnessState
	}{
		{Group, today, Fresh},
		{Group, today.AddDays(-92), Fresh},
		{Group, today.AddDays(-93), Ageing},
		{Service, today.AddDays(-366), Ageing},
		{Service, today.AddDays(-367), Stale},
		{GreenSpace, today.AddDays(-366), Fresh},
		{GreenSpace, today.AddDays(-367), Ageing},
		{GreenSpace, today.AddDays(-1096), Ageing},
		{GreenSpace, today.AddDays(-1097), Stale},
		{Group, today.AddDays(1), Fresh},
		{Group, "", Stale},
		{Group, "last week", Stale},
	}
	for _, tt := range tests {
		l := Listing{Kind: tt.kind, ConfirmedAt: tt.confirmed}
		if got := l.FreshnessAt(today); got != (Freshness{ConfirmedAt: tt.confirmed, State: tt.want}) {
			t.Errorf("a %s confirmed on %q is %+v, want %s", tt.kind, tt.confirmed, got, tt.want)
		}
	}
}

func TestAvailabilityDecays(t *testing.T) {
	const today = Date("2026-11-21")
	tests := []struct {
		name     string
		kind     Kind
		a        Availability
		at, aged AvailabilityState // by Availability.At, and by Listing.AvailabilityAt
	}{
		{"nothing said", Group, Availability{}, AvailabilityUnknown, AvailabilityUnknown},
		{"undated", Group, Availability{State: Open}, Open, Open},
		{"on its last day", Group, Availability{State: Full, Until: today}, Full, Full},
		{"the day after", Group, Availability{State: Full, Until: "2026-11-20"}, AvailabilityUnknown, AvailabilityUnknown},
		{"closed until a day that is past", Group, Availability{State: Closed, Until: "2026-11-20"}, AvailabilityUnknown, AvailabilityUnknown},
		{"said half a year ago", Group, Availability{State: Open, AsOf: today.AddDays(-183)}, Open, Open},
		{"said longer ago", Group, Availability{State: Open, AsOf: today.AddDays(-184)}, Open, AvailabilityUnknown},
		{"a park, said longer ago", GreenSpace, Availability{State: Open, AsOf: today.AddDays(-184)}, Open, Open},
		{"a park, said years ago", GreenSpace, Availability{State: Open, AsOf: today.AddDays(-1000)}, Open, AvailabilityUnknown},
		{"said long ago to hold", Service, Availability{State: Full, AsOf: today.AddDays(-300), Until: today.AddDays(9)}, Full, Full},
		{"closed long ago", Service, Availability{State: Closed, AsOf: today.AddDays(-3000)}, Closed, Closed},
		{"an unreadable end", Group, Availability{State: Open, Until: "Easter"}, Open, Open},
	}
	for _, tt := range tests {
		l := Listing{Kind: tt.kind, Availability: tt.a}
		if got := l.Availability.At(today); got != tt.at {
			t.Errorf("%s: %s on the day, want %s", tt.name, got, tt.at)
		}
		if got := l.AvailabilityAt(today); got != tt.aged {
			t.Errorf("%s: %s when decayed, want %s", tt.name, got, tt.aged)
		}
	}
}
