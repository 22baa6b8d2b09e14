package api_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hereabouts"
	"hereabouts/api"
)

// A form as a browser would send it: each field with its value, in order.
type form struct {
	action, method string
	fields         url.Values
	buttons        map[string]string // value → what it says, of buttons with a name
}

// forms are the forms of a page as they would be sent untouched.
func forms(doc *html.Node) []form {
	var all []form
	has := func(n *html.Node, name string) bool {
		return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" {
			continue
		}
		f := form{action: attr(n, "action"), method: attr(n, "method"), fields: url.Values{}, buttons: map[string]string{}}
		for in := range n.Descendants() {
			switch {
			case in.Type != html.ElementNode:
			case in.Data == "input" && attr(in, "name") != "" && (attr(in, "type") != "checkbox" || has(in, "checked")):
				f.fields.Add(attr(in, "name"), attr(in, "value"))
			case in.Data == "button" && has(in, "name"):
				f.buttons[attr(in, "value")] = text(in)
			case in.Data == "select":
				value := ""
				for i, o := range slices.Collect(func(yield func(*html.Node) bool) {
					for o := range in.Descendants() {
						if o.Data == "option" && !yield(o) {
							return
						}
					}
				}) {
					if i == 0 || has(o, "selected") {
						value = attr(o, "value")
					}
				}
				f.fields.Add(attr(in, "name"), value)
			}
		}
		all = append(all, f)
	}
	return all
}

func formTo(t *testing.T, doc *html.Node, action string, i int) form {
	t.Helper()
	for _, f := range forms(doc) {
		if f.action == action {
			if i == 0 {
				if f.method != "post" {
					t.Errorf("the form to %s puts what is typed into the address", action)
				}
				return f
			}
			i--
		}
	}
	t.Fatalf("there is no form to %s", action)
	return form{}
}

// TestSomebodyAsksHowToGetThere does what a person would do, form by form.
func TestSomebodyAsksHowToGetThere(t *testing.T) {
	w, n := travelling(t)
	page := func(path, sent string, want ...string) *html.Node {
		t.Helper()
		method := "POST"
		if sent == "" {
			method = "GET"
		}
		resp, doc, _ := w.page(method, path, sent)
		usable(t, path+" "+sent, doc)
		said := text(doc)
		if resp.StatusCode != 200 {
			t.Fatalf("%s %s: %d %s", path, sent, resp.StatusCode, said)
		}
		if method == "POST" && resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %v", path, resp.Header)
		}
		for _, one := range want {
			if !strings.Contains(said, one) {
				t.Errorf("%s %s does not say %q: %s", path, sent, one, said)
			}
		}
		return doc
	}

	// The form as it comes asks about no journey.
	search := formTo(t, page("/", "", "Getting there", "And home again"), "/search", 0)
	search.fields.Set("near", "NN6 9DX")
	doc := page("/search", search.fields.Encode(), "3 things found")
	if n.asked.Travel != nil || strings.Contains(text(doc), "there and back") || strings.Contains(text(doc), "We did not look") {
		t.Errorf("asked %+v: %s", n.asked.Travel, text(doc))
	}
	// Somebody who chose a pace and nothing else is told that it did not count.
	search.fields.Set("profile", "slow")
	page("/search", search.fields.Encode(), "We did not look at how to get there: choose how you would travel.")

	// By bus, and home again.
	search.fields.Set("transport", "transit")
	search.fields.Set("max_minutes", "60")
	search.fields.Set("arrive_early", "10") // from an address, carried along
	doc = page("/search", search.fields.Encode(), "31 there and back", "4 there only", "80 not by bus", "8 not known", "Bus 2 to Secret Street.", "All about getting to Men's Shed")
	if a := n.asked.Travel; a == nil || a.OneWay || a.Profile != "slow" || a.MaxMinutes != 60 || *a.ArriveEarly != 10 {
		t.Errorf("asked %+v", a)
	}
	again := formTo(t, doc, "/search", 0)
	if again.fields.Get("transport") != "transit" || again.fields.Get("max_minutes") != "60" || again.fields.Get("profile") != "slow" ||
		again.fields.Get("arrive_early") != "10" || !slices.Equal(again.fields["return"], []string{"false", "true"}) {
		t.Errorf("the form has lost what was asked: %v", again.fields)
	}

	// What is there only, and back.
	classes := formTo(t, doc, "/search", 1)
	if classes.buttons["there_only"] != "4 there only" || classes.buttons["no"] != "80 not by bus" || len(classes.buttons) != 2 {
		t.Fatalf("the classes to look at are %v", classes.buttons)
	}
	classes.fields.Set("reach", "there_only")
	doc = page("/search", classes.fields.Encode(), "31 there and back")
	if a := n.asked.Travel; !slices.Equal(a.Verdicts, []string{"there_only"}) || a.MaxMinutes != 60 {
		t.Errorf("asked %+v", a)
	}
	if f := formTo(t, doc, "/search", 0); f.fields.Has("reach") {
		t.Error("searching anew would still look at what is there only")
	}
	classes = formTo(t, doc, "/search", 1)
	if classes.buttons[""] != "31 there and back" || classes.buttons["unknown"] != "8 not known" {
		t.Errorf("there is no way back among %v", classes.buttons)
	}
	classes.fields.Set("reach", "")
	if page("/search", classes.fields.Encode()); n.asked.Travel.Verdicts != nil {
		t.Errorf("asked %+v", n.asked.Travel)
	}

	// One way only: the box says nothing when it is not ticked.
	search.fields["return"] = []string{"false"}
	doc = page("/search", search.fields.Encode())
	if !n.asked.Travel.OneWay || len(formTo(t, doc, "/search", 0).fields["return"]) != 1 {
		t.Errorf("asked %+v", n.asked.Travel)
	}
	if f := formTo(t, doc, "/search", 1); f.buttons["there_only"] != "" || f.fields.Get("return") != "false" {
		t.Errorf("what is there only is shown already, and %v are offered", f.buttons)
	}

	// From a result to every way there.
	ask := formTo(t, doc, "/listings/shed#getting-there", 0)
	if ask.fields.Get("from") != "NN6 9DX" || ask.fields.Get("date") != "2026-11-24" || ask.fields.Get("profile") != "slow" || ask.fields.Get("return") != "false" {
		t.Errorf("the journey is asked about with %v", ask.fields)
	}
	doc = page("/listings/shed", ask.fields.Encode(), "From NN6 9DX on Tuesday 24 November", "To be there from 10:00 to 12:00", "Bus 2 to Secret Street.",
		"There: leave by 09:12, arrive 09:51 (39 minutes, 420 metres on foot)", "09:12 to 09:51 Bus 2, from Church Street to Secret Street",
		"Home: leave 12:10, home 12:52", "Step-free not known", "Who could fetch you")
	if n.about.Travel.ArriveEarly == nil || *n.about.Travel.ArriveEarly != 10 || !n.about.Travel.OneWay {
		t.Errorf("asked %+v", n.about.Travel)
	}
	trip := formTo(t, doc, "/listings/shed#getting-there", 0)
	if trip.fields.Get("from") != "NN6 9DX" || trip.fields.Get("date") != "2026-11-24" || trip.fields.Get("arrive_early") != "10" || trip.fields.Get("profile") != "slow" {
		t.Errorf("the form has lost what was asked: %v", trip.fields)
	}

	// From the listing itself, where only the place is typed.
	trip = formTo(t, page("/listings/shed", "", "Getting there", "Where from?"), "/listings/shed#getting-there", 0)
	trip.fields.Set("from", "Brixworth")
	page("/listings/shed", trip.fields.Encode(), "From Brixworth, West Northamptonshire on Tuesday 24 November")
	if n.about.Date != "" || n.about.Travel.OneWay || n.about.Travel.Mode != hereabouts.ByTransit {
		t.Errorf("asked %+v", n.about)
	}
}

func TestFaultsOnTheFormsOfAJourney(t *testing.T) {
	w, _ := travelling(t)
	for _, c := range []struct {
		path, form string
		says       []string
	}{
		{"/search", "transport=transit", []string{"How you would travel : say near where as well."}},
		{"/search", "sort=journey&near=NN6+9DX", []string{"Show first : choose how you would travel as well."}},
		{"/search", "near=NN6+9DX&transport=bus&max_minutes=soon&profile=fast&pass=x", []string{"How you would travel", "How long each way", "How you walk", "Bus pass"}},
		{"/listings/shed", "from=", []string{"Where from : say where from"}},
		{"/listings/shed", "from=Newport&date=tomorrow", []string{"Did you mean Newport, Isle of Wight or Newport, Telford and Wrekin ?", "Which day : give a date"}},
		{"/listings/shed", "from=NN6+9DX&from=NN1+1AA&utm=1&listing=refuge", []string{"Where from : give this once", "utm: there is no such parameter"}},
	} {
		resp, doc, _ := w.page("POST", c.path, c.form)
		usable(t, c.path+" "+c.form, doc)
		for _, want := range c.says {
			if said := text(doc); resp.StatusCode != 422 || !strings.Contains(said, want) {
				t.Errorf("%s %s: %d, and does not say %q: %s", c.path, c.form, resp.StatusCode, want, said)
			}
		}
	}
	// What is nowhere has no way there.
	for _, path := range []string{"/listings/story-time", "/listings/refuge"} {
		_, doc, _ := w.page("GET", path, "")
		for _, f := range forms(doc) {
			t.Errorf("%s has a form to %s", path, f.action)
		}
	}
}

// TestMarkupInJourneysIsShownAndNotObeyed has stops, lines and towns with
// markup in their names.
func TestMarkupInJourneysIsShownAndNotObeyed(t *testing.T) {
	nasty := `"><script>alert(1)</script>` + "`'" + `{{.}}`
	w := newWorld(t, func(c *api.Config) {
		c.Searcher = marked{indiscreet{Searcher: c.Searcher, asked: &hereabouts.Query{}, about: &hereabouts.JourneyQuery{}}, nasty}
	})
	for _, c := range [][2]string{{"/search", "near=NN6+9DX&transport=transit"}, {"/listings/shed", "from=NN6+9DX"}} {
		_, doc, raw := w.page("POST", c[0], c[1])
		usable(t, c[0], doc)
		if tags.MatchString(raw) || !strings.Contains(html.UnescapeString(raw), "<script>alert(1)</script>") {
			t.Errorf("%v: %s", c, raw)
		}
	}
}

// marked is a searcher whose timetables have markup in them.
type marked struct {
	indiscreet
	nasty string
}

func (m marked) journey(j *hereabouts.Journey) {
	j.Sentence, j.Fallback = m.nasty, []hereabouts.Fallback{{ID: m.nasty, Name: m.nasty, Phone: m.nasty}}
	j.Out.Legs = []hereabouts.Leg{{Mode: "bus", Line: m.nasty, From: m.nasty, To: m.nasty, Headsign: m.nasty, Operator: m.nasty}}
}

func (m marked) Search(ctx context.Context, q hereabouts.Query) (hereabouts.Results, error) {
	res, err := m.indiscreet.Search(ctx, q)
	for i := range res.Results {
		m.journey(res.Results[i].Journey)
	}
	return res, err
}

func (m marked) Journeys(ctx context.Context, q hereabouts.JourneyQuery) (hereabouts.JourneyAnswer, error) {
	a, err := m.indiscreet.Journeys(ctx, q)
	for i := range a.Journeys {
		m.journey(&a.Journeys[i].Journey)
		a.Journeys[i].Sentences = []string{m.nasty}
	}
	return a, err
}
