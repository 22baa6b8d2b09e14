package demo_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"hereabouts"
	"hereabouts/data"
)

// The words that listings use for whom they are for.
var circumstances = []string{"asylum_seeker", "bereaved", "care_leaver", "carer", "disabled", "hearing_loss", "homeless", "housebound",
	"in_recovery", "learning_disability", "lgbt", "lone_parent", "low_income", "neurodivergent", "new_parent", "parent", "pregnant",
	"refugee", "sight_loss", "survivor", "unemployed", "veteran", "young_carer"}

func TestEveryNeedIsMet(t *testing.T) {
	met := map[string]int{}
	for _, l := range listings(t, today) {
		if l.Status != hereabouts.Published || l.Availability.State == hereabouts.Closed {
			continue
		}
		for _, n := range l.Needs {
			met[n]++
		}
	}
	for _, n := range data.Taxonomy().Needs {
		if met[n.ID] == 0 {
			t.Errorf("nothing for %s (%s)", n.ID, n.Label)
		}
	}
}

// A link worker's week holds some of everything.
func TestThereIsSomeOfEverything(t *testing.T) {
	least := map[string]int{
		"status published": 240, "status draft": 1,
		"kind group": 100, "kind service": 70, "kind green_space": 14,
		"availability open": 120, "availability waiting_list": 25, "availability full": 6, "availability paused": 3,
		"availability closed": 1, "availability unknown": 10,
		"wait weeks": 25, "places left": 25, "state ends": 8,
		"route self": 100, "route drop_in": 100, "route link_worker": 100, "route gp": 50, "route professional": 60,
		"delivery in_person": 150, "delivery online": 10, "delivery phone": 20, "delivery home_visit": 25,
		"gender women": 8, "gender men": 6, "gender non_binary": 2,
		"age from": 100, "age to": 8,
		"catchment areas": 50, "catchment geometry": 25, "catchment unstated": 80,
		"cost free": 110, "cost paid": 80, "cost unknown": 1,
		"per session": 60, "per week": 2, "per month": 2, "per year": 2, "per course": 3, "per hour": 2, "per journey": 2,
		"transport yes": 15, "transport no": 1, "transport unknown": 150,
		"hidden": 4, "translated": 3, "several places": 6, "outline": 14, "entrances": 14,
		"session whole": 60, "session any_time": 80, "session weekly": 150, "session fortnightly": 8, "session monthly": 25,
		"session last of month": 5, "session once": 2, "session with exceptions": 20, "session overnight": 1,
		"fresh": 150, "ageing": 30, "stale": 8,
		"confirmed provider": 200, "confirmed importer": 15, "confirmed link_worker": 5,
		"language pl": 6, "language ro": 6, "language so": 5, "language bn": 5, "language ur": 4, "language gu": 3, "language bfi": 3, "language ar": 1,
	}
	for _, name := range hereabouts.AccessNames {
		least["access "+name+" yes"] = 8
		least["access "+name+" unknown"] = 10
	}
	for _, name := range []string{"step_free", "accessible_toilet", "parking"} {
		least["access "+name+" no"] = 8
	}
	for _, name := range []string{"changing_place", "hearing_loop", "blue_badge_parking"} {
		least["access "+name+" no"] = 1
	}
	for _, c := range circumstances {
		least["for "+c] = 1
	}
	got := map[string]int{}
	for _, l := range listings(t, today) {
		count(got, &l)
	}
	for _, what := range slices.Sorted(maps.Keys(least)) {
		if got[what] < least[what] {
			t.Errorf("%s: %d, want at least %d", what, got[what], least[what])
		}
	}
	for what, n := range got {
		if c, ok := strings.CutPrefix(what, "for "); ok && !slices.Contains(circumstances, c) {
			t.Errorf("%d listings are for %q, which is not a word we use", n, c)
		}
	}
}

func count(got map[string]int, l *hereabouts.Listing) {
	add := func(what string, yes bool) {
		if yes {
			got[what]++
		}
	}
	add("status "+string(l.Status), true)
	add("kind "+string(l.Kind), true)
	add("availability "+string(l.Availability.State), true)
	add("wait weeks", l.Availability.WaitWeeks != nil)
	add("places left", l.Availability.Places != nil && *l.Availability.Places > 0)
	add("state ends", l.Availability.Until != "")
	for _, r := range l.Referral.Routes {
		add("route "+string(r), true)
	}
	for _, d := range l.Delivery {
		add("delivery "+string(d), true)
	}
	for _, g := range l.Eligibility.Genders {
		add("gender "+g, true)
	}
	for _, c := range l.Eligibility.Circumstances {
		add("for "+c, true)
	}
	add("age from", l.Eligibility.MinAge != nil)
	add("age to", l.Eligibility.MaxAge != nil)
	add("catchment areas", len(l.Eligibility.Catchment.Areas) > 0)
	add("catchment geometry", l.Eligibility.Catchment.Geometry != nil)
	add("catchment unstated", !l.Eligibility.Catchment.Stated())
	add("cost free", l.Cost.Free == hereabouts.Yes)
	add("cost paid", l.Cost.Free == hereabouts.No)
	add("cost unknown", l.Cost.Free == hereabouts.Unknown)
	add("per "+l.Cost.Per, l.Cost.Pence != nil)
	add("transport "+string(l.Transport.Provided), true)
	add("hidden", l.HiddenLocation)
	add("translated", len(l.Translations) > 0)
	add("several places", len(l.Places) > 1)
	for _, lang := range l.Languages {
		add("language "+lang, true)
	}
	for i := range l.Places {
		p := &l.Places[i]
		add("outline", p.Geometry != nil)
		add("entrances", len(p.Entrances) > 0)
		for _, name := range hereabouts.AccessNames {
			add("access "+name+" "+string(*p.Access.Fact(name)), true)
		}
	}
	for _, s := range l.Sessions {
		add("session "+string(s.Attend), true)
		add("session weekly", strings.HasPrefix(s.RRule, "FREQ=WEEKLY;BYDAY"))
		add("session fortnightly", strings.Contains(s.RRule, "WEEKLY;INTERVAL=2"))
		add("session monthly", strings.Contains(s.RRule, "MONTHLY"))
		add("session last of month", strings.Contains(s.RRule, "BYDAY=-1"))
		add("session once", s.RRule == "")
		add("session with exceptions", len(s.Except) > 0)
		add("session overnight", s.End < s.Start)
	}
	add(string(l.FreshnessAt(today).State), true)
	add("confirmed "+string(l.ConfirmedBy), true)
}

func TestSensitivePlacesAreHidden(t *testing.T) {
	for _, l := range listings(t, today) {
		if l.HiddenLocation && (len(l.Places) > 0 || len(l.Eligibility.Catchment.Areas) == 0) {
			t.Errorf("%s: a hidden listing has no place and is found by area code", l.Source.ID)
		}
		if slices.Contains(l.Needs, "safety.domestic-abuse") && !l.HiddenLocation && len(l.Places) > 0 {
			t.Errorf("%s says where people who fled can be found", l.Source.ID)
		}
	}
}
