package index

import (
	"fmt"
	"slices"

	"hereabouts"
)

// checkTravel looks for faults in how somebody wants to travel.
func checkTravel(t *hereabouts.Travel, p *hereabouts.Problems) {
	within := func(name string, n, least, most int, unit string) {
		if n < least || n > most {
			p.AddParameter(name, "out_of_range", fmt.Sprintf("give %d to %d %s", least, most, unit))
		}
	}
	oneOf := func(name, value string, known []string) {
		if !slices.Contains(known, value) {
			p.AddParameter(name, "unknown_value", "choose from "+join(known))
		}
	}
	if t.Mode != "" && !slices.Contains(hereabouts.TravelModes, t.Mode) {
		p.AddParameter("transport", "unknown_value", "choose from "+join(hereabouts.TravelModes))
	}
	if t.MaxMinutes != 0 {
		within("max_minutes", t.MaxMinutes, 1, hereabouts.MaxMaxMinutes, "minutes")
	}
	if t.ArriveEarly != nil {
		within("arrive_early", *t.ArriveEarly, 0, hereabouts.MaxArriveEarly, "minutes")
	}
	if t.Stay != 0 {
		within("stay", t.Stay, hereabouts.MinStay, hereabouts.MaxStay, "minutes")
	}
	if t.Profile != "" {
		oneOf("profile", t.Profile, hereabouts.ProfileNames)
	}
	if m := t.MaxWalkM; m != nil && !(*m >= 1 && *m <= hereabouts.MaxMaxWalkM) {
		p.AddParameter("max_walk", "out_of_range", fmt.Sprintf("give 1 to %d metres", hereabouts.MaxMaxWalkM))
	}
	if t.MaxChanges != nil {
		within("max_changes", *t.MaxChanges, 0, hereabouts.MaxMaxChanges, "changes")
	}
	if t.Pass != "" {
		oneOf("pass", t.Pass, hereabouts.PassNames)
	}
	for _, v := range t.Verdicts {
		oneOf("reach", v, hereabouts.ReachNames)
	}
}
