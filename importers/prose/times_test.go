package prose_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hereabouts"
	"hereabouts/importers/prose"
)

// said writes sessions as "rule start-end (note)".
func said(ss []hereabouts.Session) (out []string) {
	for _, s := range ss {
		line := strings.NewReplacer("FREQ=", "", "BYDAY=", "").Replace(s.RRule) + " " + string(s.Start) + "-" + string(s.End)
		if s.Note != "" {
			line += " (" + s.Note + ")"
		}
		out = append(out, line)
	}
	return out
}

func TestReadTimesThatAreUnderstoodWhole(t *testing.T) {
	for text, want := range map[string][]string{
		"Mon & Thu 10am-12 noon":                            {"WEEKLY;MO,TH 10:00-12:00"},
		"Tuesday 1.30pm - 3.30pm":                           {"WEEKLY;TU 13:30-15:30"},
		"Thursday 1.30 – 3.30pm":                            {"WEEKLY;TH 13:30-15:30"},
		"1st and 3rd Wednesday of the month 2pm–4pm":        {"MONTHLY;1WE,3WE 14:00-16:00"},
		"First Monday of each month, 7.30pm to 9pm":         {"MONTHLY;1MO 19:30-21:00"},
		"Last Friday of every month 10.30am-12noon":         {"MONTHLY;-1FR 10:30-12:00"},
		"2nd & 4th Tuesdays 2-4pm":                          {"MONTHLY;2TU,4TU 14:00-16:00"},
		"Every day 8am to 8pm":                              {"DAILY 08:00-20:00"},
		"Daily 9am - 1:30pm":                                {"DAILY 09:00-13:30"},
		"7 days a week, 10am-6pm":                           {"DAILY 10:00-18:00"},
		"Open 24 hours a day, 7 days a week":                {"DAILY 00:00-24:00"},
		"24/7":                                              {"DAILY 00:00-24:00"},
		"Mon-Fri 24 hours":                                  {"WEEKLY;MO,TU,WE,TH,FR 00:00-24:00"},
		"Monday 10:00-12:00, 18:00-20:00":                   {"WEEKLY;MO 10:00-12:00", "WEEKLY;MO 18:00-20:00"},
		"Wednesday 2=3pm and 6-7pm":                         {"WEEKLY;WE 14:00-15:00", "WEEKLY;WE 18:00-19:00"},
		"Monday - Saturday 7.30am = 4.30pm":                 {"WEEKLY;MO,TU,WE,TH,FR,SA 07:30-16:30"},
		"Tues , Wed, Thursday, 11am - 2pm and Fri 11 - 4pm": {"WEEKLY;TU,WE,TH 11:00-14:00", "WEEKLY;FR 11:00-16:00"},
		"Tuesday 11.00 – 13.00\nFriday 11.00 – 13.00":       {"WEEKLY;TU 11:00-13:00", "WEEKLY;FR 11:00-13:00"},
		"Sunday to Tuesday 11.00 - 14.00":                   {"WEEKLY;MO,TU,SU 11:00-14:00"},
		"Weekdays and Saturdays 10am-4pm, except Thursdays 10am-12.30pm.": {
			"WEEKLY;MO,TU,WE,FR,SA 10:00-16:00", "WEEKLY;TH 10:00-12:30"},
		"Daily (except Tues & Sat) 10:30am - 12pm":    {"WEEKLY;MO,WE,TH,FR,SU 10:30-12:00"},
		"Mon-Sat 9am-5pm, closed Wednesday":           {"WEEKLY;MO,TU,TH,FR,SA 09:00-17:00"},
		"Mon-Fri 9am-5pm, closed Sunday":              {"WEEKLY;MO,TU,WE,TH,FR 09:00-17:00"},
		"Monday 09:00-13:00:14:00-18:00":              {"WEEKLY;MO 09:00-13:00", "WEEKLY;MO 14:00-18:00"},
		"10am-12 noon on Mondays, 2-4pm on Thursdays": {"WEEKLY;MO 10:00-12:00", "WEEKLY;TH 14:00-16:00"},
		"Tues. 12noon - 1pm. Fri 2pm - 3pm":           {"WEEKLY;TU 12:00-13:00", "WEEKLY;FR 14:00-15:00"},
		"Tuesday\u00a0evenings 7-9":                   {"WEEKLY;TU 19:00-21:00"},
		"Saturday 10 p.m. - 2 a.m.":                   {"WEEKLY;SA 22:00-02:00"},
		"Thursdays at 2pm":                            {"WEEKLY;TH 14:00-"},
		"Friday from 6pm":                             {"WEEKLY;FR 18:00-"},
		"Monday between 1pm and 3pm":                  {"WEEKLY;MO 13:00-15:00"},
		"Sunday CLOSED":                               nil,
	} {
		got := prose.ReadTimes(text)
		if diff := cmp.Diff(want, said(got.Sessions)); diff != "" || len(got.Kept) > 0 {
			t.Errorf("%q: kept %q (-want +got):\n%s", text, got.Kept, diff)
		}
	}
}

func TestReadTimesKeepsWhatItCannotSay(t *testing.T) {
	type result struct{ Sessions, Kept []string }
	for text, want := range map[string]result{
		"Monday 10:00-12:00, 18:00-20:00; term time only": {
			[]string{"WEEKLY;MO 10:00-12:00 (term time only)", "WEEKLY;MO 18:00-20:00 (term time only)"}, []string{"term time only"}},
		"Mon & Thur 1-3pm (except bank holidays)": {[]string{"WEEKLY;MO,TH 13:00-15:00 (except bank holidays)"}, []string{"except bank holidays"}},
		"Thursday 4 - 6pm Job Club Monday 1 - 2pm": {
			[]string{"WEEKLY;TH 16:00-18:00", "WEEKLY;MO 13:00-14:00 (Job Club)"}, []string{"Job Club"}},
		"Mon-Fri 8.30am-4.30pm (Office) Tuesday 10am-1pm (Shop)": {
			[]string{"WEEKLY;MO,TU,WE,TH,FR 08:30-16:30 (Office)", "WEEKLY;TU 10:00-13:00 (Shop)"}, []string{"Office", "Shop"}},
		"Monday - Friday via referral and Saturdays 10am -2pm": {
			[]string{"WEEKLY;SA 10:00-14:00 (Monday - Friday via referral and)"}, []string{"Monday - Friday via referral and"}},
		"By appointment":                     {nil, []string{"By appointment"}},
		"Mon - Fri by appointment":           {nil, []string{"Mon - Fri by appointment"}},
		"One morning per week":               {nil, []string{"One morning per week"}},
		"Thursday morning, tinned food only": {nil, []string{"Thursday morning, tinned food only"}},
		"Alternate Saturdays 9.15am-12.15pm": {nil, []string{"Alternate Saturdays 9.15am-12.15pm"}},
		"Every other Tuesday 2-4pm":          {nil, []string{"Every other Tuesday 2-4pm"}},
		"Tuesdays 2-4pm fortnightly":         {nil, []string{"Tuesdays 2-4pm", "fortnightly"}},
		"Tuesday 2-4pm (every two weeks)":    {nil, []string{"Tuesday 2-4pm", "every two weeks"}},
		"Every second Tuesday 2-4pm":         {nil, []string{"Tuesday 2-4pm", "Every second"}},
		"24/7 upon request":                  {nil, []string{"24/7", "upon request"}},
		"Monday 10am-12am":                   {nil, []string{"Monday 10am-12am"}}, // noon or midnight?
		"Monday 3pm-2pm":                     {nil, []string{"Monday 3pm-2pm"}},
		"Monday 25:00-26:00":                 {nil, []string{"Monday 25:00-26:00"}},
		"can be referred via the drop-in at the Gateway on Tuesdays, 10am-2pm": {
			nil, []string{"on Tuesdays, 10am-2pm", "can be referred via the drop-in at the Gateway"}},
		"Lunch 12.00 - 14.00":             {nil, []string{"Lunch 12.00 - 14.00"}},
		"New foodbank, opening times TBC": {nil, []string{"New foodbank, opening times TBC"}},
		"Not known":                       {nil, nil},
		"N/A":                             {nil, nil},
	} {
		got := prose.ReadTimes(text)
		if diff := cmp.Diff(want, result{said(got.Sessions), got.Kept}); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestReadTimesSaysWhatItAssumed(t *testing.T) {
	for text, want := range map[string][]string{
		"Mon-Fri 9-5":                     {"9-5 read as 09:00 to 17:00"},
		"Mon - Sat 10.00 - 4.00":          {"10.00 - 4.00 read as 10:00 to 16:00"},
		"Wednesday 10 - 12":               nil, // the same on either clock
		"Tuesday evening 7-9":             nil, // evening says it
		"Tuesday 12.30 - 2.30pm":          nil,
		"Tuesday 14.00 – 15.00":           nil,
		"9 - 4 weekdays except Wed 9 - 2": {"9 - 4 read as 09:00 to 16:00", "9 - 2 read as 09:00 to 14:00"},
	} {
		if diff := cmp.Diff(want, prose.ReadTimes(text).Assumed); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// What a person writes plainly is read back as it was meant, in every style.
func TestReadTimesReadsEveryStyle(t *testing.T) {
	names := [7][3]string{{"Monday", "Mon", "Mondays"}, {"Tuesday", "Tues", "Tuesdays"}, {"Wednesday", "Weds", "Wednesdays"},
		{"Thursday", "Thur", "Thursdays"}, {"Friday", "Fri", "Fridays"}, {"Saturday", "Sat", "Saturdays"}, {"Sunday", "Sun", "Sundays"}}
	codes := [7]string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
	clock := func(style, m int) string {
		h, min := m/60, m%60
		switch style {
		case 0:
			return string(hereabouts.ClockAt(m))
		default:
			suffix, h12 := "am", h
			if h >= 12 {
				suffix = "pm"
			}
			if h12 = h % 12; h12 == 0 {
				h12 = 12
			}
			s := strings.TrimPrefix(string(hereabouts.ClockAt(h12*60+min)), "0")
			if style == 1 {
				s = strings.Replace(s, ":", ".", 1)
			}
			return strings.TrimSuffix(strings.TrimSuffix(s, ".00"), ":00") + suffix
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(0, 6).Draw(t, "day")
		start := rapid.IntRange(6*4, 20*4).Draw(t, "start") * 15
		end := start + rapid.IntRange(1, 12).Draw(t, "quarters")*15
		style := rapid.IntRange(0, 2).Draw(t, "style")
		text := names[d][rapid.IntRange(0, 2).Draw(t, "name")] + rapid.SampledFrom([]string{" ", ": ", ", ", " from "}).Draw(t, "gap") +
			clock(style, start) + rapid.SampledFrom([]string{"-", " - ", " – ", " to ", " until "}).Draw(t, "dash") + clock(style, end)
		got := prose.ReadTimes(text)
		want := []string{"WEEKLY;" + codes[d] + " " + string(hereabouts.ClockAt(start)) + "-" + string(hereabouts.ClockAt(end))}
		if diff := cmp.Diff(want, said(got.Sessions)); diff != "" || !got.Whole() {
			t.Fatalf("%q: kept %q (-want +got):\n%s", text, got.Kept, diff)
		}
	})
}

func FuzzReadTimes(f *testing.F) {
	for _, s := range []string{"Mon & Thu 10am-12 noon", "9 - 4 weekdays except Wed 9 - 2", "1st and 3rd Wednesday of the month 2pm–4pm",
		"24/7 upon request", "Monday\n10-12 (", "İ Tuesday 1=2pm", "£2 Mon 1", "Daily (except Tues & Sat) 10:30am", "sun - sun 0:00-24:00",
		"Closed Monday", "10-11 on Monday, 11-12", "12am - 12am Monday", "every second Tuesday", "\xff Monday 10am\xc2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := prose.ReadTimes(s)
		for i, x := range got.Sessions {
			l := hereabouts.Listing{Sessions: []hereabouts.Session{x}}
			l.Normalise()
			if _, err := l.Sessions[0].Schedule(); err != nil {
				t.Errorf("%q: session %d, %+v: %v", s, i, x, err)
			}
			if _, ok := x.Start.Minutes(); !ok {
				t.Errorf("%q: session %d starts at %q", s, i, x.Start)
			}
		}
		if !prose.Blank(s) && len(got.Sessions) == 0 && len(got.Kept) == 0 && !strings.Contains(strings.ToLower(s), "closed") && !strings.Contains(strings.ToLower(s), "shut") {
			t.Errorf("%q: neither read nor kept", s)
		}
	})
}
