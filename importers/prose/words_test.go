package prose_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hereabouts"
	"hereabouts/importers/prose"
)

func TestReadReferral(t *testing.T) {
	for text, want := range map[string][]hereabouts.Route{
		"Foodbank Voucher":                  {"professional"},
		"Referral only":                     {"professional"},
		"Agency referral for up to 4 weeks": {"professional"},
		"Call to refer a client":            {"professional"},
		"Not known":                         nil,
		"NA":                                nil,
		"At their discretion":               nil,
		"Self-referral":                     {"self"},
		"People can refer themselves or can ask a professional to fill the form": {"self", "professional"},
		"Self-referral or through your GP":                                       {"self", "gp"},
		"GP referral needed":                                                     {"gp"},
		"Ask your link worker":                                                   {"link_worker"},
		"Referral by a social prescriber":                                        {"link_worker", "professional"},
		"Open door":                                                              {"drop_in"},
		"First come first served":                                                {"drop_in"},
		"No referral needed":                                                     {"drop_in"},
		"You do not need a referral":                                             {"drop_in"},
		"Referral not required, just turn up":                                    {"drop_in"},
		"No self-referrals or walk in. Referral forms must be emailed.":          {"professional"},
		"No Referrals needed for the first 2 months, walk-in":                    {"drop_in"},
		"No referral needed for the first visit, then you need a referral":       {"drop_in", "professional"},
		"For people registered with a Manchester GP":                             nil,
		"No evidence needed":                                                     nil,
		"If you cannot get to a referral agency for a food bank voucher we can supply food for that crisis event.": nil,
		"Foodbank voucher. If you don't have a voucher we will help you once.":                                     {"professional"},
	} {
		if diff := cmp.Diff(want, prose.ReadReferral(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestReadAvailability(t *testing.T) {
	for text, want := range map[string]string{
		"Contact the grocery for a referral (curently 10 weeks waiting list)\nhot meals for £1": "waiting_list 10: Contact the grocery for a referral (curently 10 weeks waiting list)",
		"There is a six week wait.":           "waiting_list 6: There is a six week wait.",
		"Waiting list is currently 6-8 weeks": "waiting_list 8: Waiting list is currently 6-8 weeks",
		"We have a 3 month waiting list":      "waiting_list 14: We have a 3 month waiting list",
		"There is a waiting list.":            "waiting_list -: There is a waiting list.",
		"Our waiting list is closed":          "paused -: Our waiting list is closed",
		"Not currently taking new referrals":  "paused -: Not currently taking new referrals",
		"Sorry, we are full":                  "full -: Sorry, we are full",
		"Fully booked until March":            "full -: Fully booked until March",
		"No longer open":                      "closed -: No longer open",
		"3 places available":                  "open - places 3: 3 places available",
		"We have been told that this foodbank is no longer open. We are checking.": "unknown -: We have been told that this foodbank is no longer open.",
		"There is no waiting list":                      "",
		"A full programme of activities":                "",
		"Open to everyone":                              "",
		"Closed on Mondays":                             "",
		"He waited ten weeks for his discharge letter.": "",
	} {
		a, ok := prose.ReadAvailability(text)
		got := ""
		if ok {
			got = string(a.State) + " " + number(a.WaitWeeks)
			if a.Places != nil {
				got += " places " + number(a.Places)
			}
			got += ": " + a.Note
		}
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestReadCost(t *testing.T) {
	for text, want := range map[string]string{
		"£3 per session":                                   "no 300 session",
		"£2.50 a week":                                     "no 250 week",
		"£2 weekly membership":                             "no 200 week",
		"£30 for 6 week course":                            "no 3000 course",
		"50p each meal":                                    "no 50 meal",
		"minimum donation £1":                              "no 100",
		"£2.50 membership for £10 basket":                  "no 250",
		"£2.50 for £12 worth of groceries":                 "no 250",
		"Free":                                             "yes -",
		"All our sessions are free":                        "yes -",
		"Free of charge":                                   "yes -",
		"No referral needed. Free meat-free hot meals":     "yes -",
		"£2 for 10 items / £5 for 20 items":                "no -",
		"£1 donation if possible":                          "unknown -",
		"Pay-as-you-feel restaurant":                       "unknown -",
		"Food parcel or £10/week":                          "unknown -",
		"50p each lunchtime - free to those with no money": "no 50",
		"Free parking":                                     "",
		"Helps people stay free from drugs":                "",
		"Feel free to call":                                "",
		"children on free school meals":                    "",
		"smoke-free":                                       "",
		"Open Mondays":                                     "",
	} {
		c, ok := prose.ReadCost(text)
		got := ""
		if ok {
			f, _ := c.Free.MarshalText()
			got = strings.TrimSpace(string(f) + " " + number(c.Pence) + " " + c.Per)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestReadAges(t *testing.T) {
	for text, want := range map[string]string{
		"Over 50s":                                "50 to -",
		"a club for the over-60's":                "60 to -",
		"aged 18-25":                              "18 to 25",
		"65+":                                     "65 to -",
		"people aged 16 and over":                 "16 to -",
		"(aged 18 years and above)":               "18 to -",
		"for women over the age of 18":            "18 to -",
		"young people aged 13 to 25 years":        "13 to 25",
		"16-25 year olds":                         "16 to 25",
		"under 25s":                               "- to 24",
		"All ages welcome":                        "",
		"over 50s and those living with dementia": "",
		"between 13 and 19 years old (up to 25 depending)": "",
		"families with children aged birth to 5 years":     "",
		"parents of children aged 5 to 11 years":           "",
		"open 9-5":                                         "",
		"10 to 12 weeks":                                   "",
		"over 30 groups":                                   "",
		"aged 60 to 50":                                    "",
	} {
		a, ok := prose.ReadAges(text)
		got := ""
		if ok {
			got = number(a.Min) + " to " + number(a.Max)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestDropDiary(t *testing.T) {
	for text, want := range map[string]string{
		"Bryony called on 22/08/2023 them and left them a message to email Sam": "",
		"emailed them on 15/08/2023":                                   "",
		"No referral needed. Left a voicemail for the manager.":        "No referral needed.",
		"Hot meals for £1\nAwaiting reply from centre":                 "Hot meals for £1",
		"Checked 12/01/2024. Open on Fridays.":                         "Open on Fridays.",
		"Please call them on the day and leave a message.":             "Please call them on the day and leave a message.",
		"Referral forms must be emailed by Wednesday, call them first": "Referral forms must be emailed by Wednesday, call them first",
		"The volunteers visited her every week.":                       "The volunteers visited her every week.",
	} {
		kept, dropped := prose.DropDiary(text)
		if kept != want || (dropped > 0) != (text != want) {
			t.Errorf("%q: kept %q, dropped %d; want %q", text, kept, dropped, want)
		}
	}
}

func number(n *int) string {
	if n == nil {
		return "-"
	}
	return fmt.Sprint(*n)
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"Foodbank Voucher", "10 weeks waiting list", "£2.50 per week", "aged 18-25", "called them on 1/2/23", "£99999.99", "over 50s, under 20"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		prose.ReadReferral(s)
		if a, ok := prose.ReadAvailability(s); ok && a.WaitWeeks != nil && (*a.WaitWeeks < 0 || *a.WaitWeeks > 520) {
			t.Errorf("%q: a wait of %d weeks", s, *a.WaitWeeks)
		}
		if c, ok := prose.ReadCost(s); ok && c.Pence != nil && *c.Pence < 0 {
			t.Errorf("%q: %d pence", s, *c.Pence)
		}
		if a, ok := prose.ReadAges(s); ok && a.Min != nil && a.Max != nil && *a.Min > *a.Max {
			t.Errorf("%q: ages %d to %d", s, *a.Min, *a.Max)
		}
		prose.DropDiary(s)
	})
}
