package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
)

var london = time.Date(2026, 11, 21, 0, 0, 0, 0, hereabouts.London) // a Saturday

func TestDatesAreOffsets(t *testing.T) {
	for in, want := range map[string]hereabouts.Date{
		"-21d": "2026-10-31", "+0d": "2026-11-21", "+10d": "2026-12-01",
		"+0d SA": "2026-11-21", "+1d SA": "2026-11-28", "+10d SA": "2026-12-05", "-1d MO": "2026-11-23",
	} {
		if got, err := dateAt(in, london); err != nil || got != want {
			t.Errorf("dateAt(%q) = %s, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "21d", "-21", "+1w", "+1d XX", "2026-11-21", "+99999d"} {
		if got, err := dateAt(in, london); err == nil {
			t.Errorf("dateAt(%q) = %s", in, got)
		}
	}
	for in, want := range map[string]hereabouts.Date{"12-25": "2026-12-25", "11-21": "2026-11-21", "11-20": "2027-11-20", "+3d": "2026-11-24"} {
		if got, err := dayOff(in, london); err != nil || got != want {
			t.Errorf("dayOff(%q) = %s, %v; want %s", in, got, err, want)
		}
	}
}

func TestRulesAreWrittenShort(t *testing.T) {
	for _, c := range []struct {
		on    string
		every int
		want  string
	}{
		{"TU", 0, "FREQ=WEEKLY;BYDAY=TU"},
		{"MO WE", 2, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE"},
		{"1TU 3TU", 1, "FREQ=MONTHLY;BYDAY=1TU,3TU"},
		{"-1FR", 2, "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR"},
		{"", 0, ""}, {"TU 1WE", 0, ""}, {"Tuesday", 0, ""}, {"6MO", 0, ""},
	} {
		got, err := rule(c.on, c.every)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("rule(%q, %d) = %q, %v; want %q", c.on, c.every, got, err, c.want)
		}
	}
}

func TestEaster(t *testing.T) {
	for _, want := range []hereabouts.Date{"2019-04-21", "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2038-04-25", "2285-03-22"} {
		day, _ := want.Time()
		if got := hereabouts.DateOf(easterSunday(day.Year())); got != want {
			t.Errorf("Easter %d is %s, want %s", day.Year(), got, want)
		}
	}
}

func TestSchoolHolidays(t *testing.T) {
	for d, want := range map[hereabouts.Date]bool{
		"2026-12-18": false, "2026-12-21": true, "2027-01-01": true, "2027-01-05": false,
		"2027-02-12": false, "2027-02-17": true, "2027-02-22": false,
		"2027-03-12": false, "2027-03-22": true, "2027-03-29": true, "2027-04-12": false,
		"2027-06-02": true, "2027-06-08": false, "2027-07-20": false, "2027-08-10": true, "2027-09-06": false, "2027-10-27": true, "2027-11-03": false,
	} {
		day, _ := d.Time()
		if got := inHoliday(day); got != want {
			t.Errorf("%s in the holidays: %v, want %v", d, got, want)
		}
	}
}

func TestCosts(t *testing.T) {
	three := 300
	for in, want := range map[string]hereabouts.Cost{
		"":              {},
		"free":          {Free: hereabouts.Yes},
		"paid":          {Free: hereabouts.No},
		"300 a session": {Free: hereabouts.No, Pence: &three, Per: "session"},
	} {
		got, err := cost(in, "")
		if err != nil {
			t.Errorf("cost(%q): %v", in, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("cost(%q):\n%s", in, diff)
		}
	}
	for _, in := range []string{"£3", "300", "300 a ", "0 a session", "-5 a session", "three a session"} {
		if got, err := cost(in, ""); err == nil {
			t.Errorf("cost(%q) = %+v", in, got)
		}
	}
}

var known = shared{
	organisations: map[string]organisation{"org": {Name: "Org"}},
	venues:        map[string]venue{"hall": {Name: "Hall", Lat: 52.2, Lon: -0.9, Access: "step -loop"}},
	catchments:    map[string]catchment{"west": {Label: "West", Areas: []string{"E06000062"}}},
}

// A mistake in the data stops the loading and is named.
func TestMistakesAreNamed(t *testing.T) {
	const good = "- {id: a, org: org, name: A, at: [hall], "
	for yaml, want := range map[string]string{
		good + "nmae: B}":                                            "field nmae not found",
		good + "for: {lives: west, or so: x}}":                       "field or so not found",
		"- {id: a, org: nobody}":                                     `organisation "nobody"`,
		"- {id: a, org: org, at: [barn]}":                            `venue "barn"`,
		good + "for: {lives: moon}}":                                 `catchment "moon"`,
		good + "for: {ages: 65}}":                                    "is not like 65-",
		good + "for: {ages: 65-x}}":                                  "is not like 65-",
		good + "access: stairs}":                                     `"stairs" is not an access fact`,
		good + "access: '-'}":                                        `"-" is not an access fact`,
		good + "cost: £3}":                                           "cost:",
		good + "checked: yesterday provider}":                        "checked:",
		good + "taking: {state: open, as_of: now}}":                  "as_of:",
		good + "taking: {state: open, until: now}}":                  "until:",
		good + "when: [{on: TU, time: '9-10'}]}":                     "time:",
		good + "when: [{on: TU, time: '09:00'}]}":                    "time:",
		good + "when: [{on: TU, time: '09:00-25:00'}]}":              "time:",
		good + "when: [{time: '09:00-10:00'}]}":                      "on:",
		good + "when: [{once: soon, time: '09:00-10:00'}]}":          "soon",
		good + "when: [{on: TU, time: '09:00-10:00', from: x}]}":     "from:",
		good + "when: [{on: TU, time: '09:00-10:00', until: x}]}":    "until:",
		good + "when: [{on: TU, time: '09:00-10:00', except: [x]}]}": "except:",
	} {
		_, err := load(yaml)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n gave %v, want %q", yaml, err, want)
		}
	}
	l, err := load(good + "access: '-step ?loop toilet'}")
	if err != nil {
		t.Fatal(err)
	}
	want := hereabouts.Access{StepFree: hereabouts.No, HearingLoop: hereabouts.Unknown, AccessibleToilet: hereabouts.Yes}
	if diff := cmp.Diff(want, l[0].Places[0].Access); diff != "" {
		t.Errorf("what a listing says about its room goes before what the hall says:\n%s", diff)
	}
}

func load(yaml string) (all []hereabouts.Listing, err error) {
	var entries []entry
	if err := decode("x.yaml", []byte(yaml), &entries); err != nil {
		return nil, err
	}
	for i := range entries {
		l, err := entries[i].listing(known, london)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

// Whatever is typed into a file, loading it ends in listings or an error.
func FuzzLoad(f *testing.F) {
	f.Add("- {id: a, org: org, at: [hall], cost: 300 a session, checked: -3d provider}")
	f.Add("- {id: a, org: org, for: {ages: 16-25, lives: west}, when: [{on: 1TU -1FR, every: 2, time: '10:00-12:00', terms: true, except: ['12-25', '+3d MO']}]}")
	f.Add("- {id: a, org: org, at: [hall], access: '-step ?loop', taking: {state: full, until: +9d}}")
	f.Fuzz(func(t *testing.T, yaml string) {
		all, err := load(yaml)
		if err != nil {
			return
		}
		for i := range all {
			all[i].Normalise()
		}
	})
}
