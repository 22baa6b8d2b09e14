package api

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"hereabouts"
	"hereabouts/web"
)

// wantsPage reports whether a problem should be shown to a person.
func wantsPage(c echo.Context) bool {
	path := c.Request().URL.Path
	return !strings.HasPrefix(path, "/api/") && !strings.HasSuffix(path, ".json") && !strings.HasSuffix(path, "z") &&
		strings.Contains(c.Request().Header.Get("Accept"), "text/html")
}

// render answers with a page.
func render(c echo.Context, status int, p web.Page) error {
	var b bytes.Buffer
	if err := web.Render(&b, p); err != nil {
		return fmt.Errorf("api: %w", err)
	}
	return c.HTMLBlob(status, b.Bytes())
}

func (s *Server) frame(title string) web.Frame {
	return web.Frame{Title: title + " – Hereabouts", Demo: s.Demo}
}

func (s *Server) problemPage(c echo.Context, p *problem) error {
	page := web.MessagePage{Frame: s.frame(p.Title), Heading: p.Title}
	if p.Detail != "" {
		page.Text = append(page.Text, p.Detail)
	}
	for _, f := range p.Errors {
		page.Text = append(page.Text, f.Where()+": "+f.Detail)
	}
	if p.RequestID != "" {
		page.Text = append(page.Text, "If you tell us about it, please say "+p.RequestID+".")
	}
	return render(c, p.Status, page)
}

// static answers GET /static/{file}.
func (s *Server) static(c echo.Context) error {
	content, mediaType, ok := web.Static(c.Param("file"))
	if !ok {
		return notFound("")
	}
	return sendCached(c, mediaType, content)
}

// adminLink answers GET /admin/link with a button. Mail and chat programs open
// links by themselves, so opening one must not use it up.
func (s *Server) adminLink(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	token := c.QueryParam("token")
	if token == "" {
		return notFound("This address works with the one-time link that the server prints when it first starts.")
	}
	return render(c, http.StatusOK, web.AdminLinkPage{Frame: s.frame("Become the administrator"), Token: token})
}

// useAdminLink answers POST /admin/link: it uses the link up and shows the key
// that it gives, once.
func (s *Server) useAdminLink(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	form, err := formOf(c)
	if err != nil {
		return err
	}
	secret, key, err := s.Keys.UseAdminLink(c.Request().Context(), form.Get("token"))
	if errors.Is(err, hereabouts.ErrNotFound) {
		p := newProblem(http.StatusGone, "link-used", "That link no longer works", "It has been used, or it is too old. Make a new key with: hereabouts key create NAME --scope admin")
		return p
	}
	if err != nil {
		return fromStore(err)
	}
	return render(c, http.StatusOK, web.AdminLinkPage{Frame: s.frame("Here is your key"), Secret: secret, Key: key.Name})
}

// formOf is the body of a form; what stands in the address is not part of it.
func formOf(c echo.Context) (url.Values, error) {
	const form = "application/x-www-form-urlencoded"
	if h := c.Request().Header.Get(echo.HeaderContentType); c.Request().ContentLength != 0 {
		// Anything else would be read as a form without fields, which asks for everything.
		if mediaType, _, err := mime.ParseMediaType(h); err != nil || mediaType != form {
			return nil, unreadable(form)
		}
	}
	if err := c.Request().ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, err
		}
		return nil, newProblem(http.StatusBadRequest, "malformed", "We could not read the form", "")
	}
	return c.Request().PostForm, nil
}

// searchPage answers / and /search. The form posts, so that what a person is
// looking for stays out of addresses, histories and logs.
func (s *Server) searchPage(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	values, err := queryOf(c)
	if err == nil && c.Request().Method == http.MethodPost {
		values, err = formOf(c)
	}
	if err != nil {
		return err
	}
	a := &asked{values: values}
	page := web.SearchPage{Frame: s.frame("Search"), First: 1}
	if c.Request().Method == http.MethodPost {
		lastOf(values, "return")
	}
	fillForm(&page, values)
	for _, v := range values {
		page.Asked = page.Asked || len(nonEmpty(v)) > 0
	}
	if c.Request().Method == http.MethodPost {
		page.Asked = true // an empty form asks for everything
		if withoutTravel(values) {
			page.Understood = append(page.Understood, "We did not look at how to get there: choose how you would travel.")
		}
	}
	if !page.Asked {
		return render(c, http.StatusOK, page)
	}
	page.Title = s.frame("Results").Title
	res, err := s.answer(c, a)
	status := http.StatusOK
	if err != nil {
		p := problemFor(err)
		if len(p.Errors) == 0 {
			return err
		}
		status = p.Status
		for _, f := range p.Errors {
			page.Faults = append(page.Faults, shownFault(f, fieldLabels))
		}
		return render(c, status, page)
	}
	s.fillResults(&page, a, res)
	return render(c, status, page)
}

// fieldLabels are the parameters that have a field on the form.
var fieldLabels = map[string]string{
	"q": "What would help", "near": "Near where", "within": "How far", "kind": "What kind", "day": "Which day",
	"time": "What time of day", "max_pence": "What it can cost", "sort": "Show first",
	"transport": "How you would travel", "max_minutes": "How long each way", "return": "And home again", "profile": "How you walk",
	"pass": "Bus pass",
}

func shownFault(f fault, labels map[string]string) web.Fault {
	shown := web.Fault{Label: f.Where(), Detail: strings.TrimSuffix(f.Detail, "."), Suggestions: f.Suggestions}
	if label, ok := labels[f.Where()]; ok {
		shown.About, shown.Label = f.Where(), label
	}
	switch f.Code { // of which the detail speaks of parameters
	case needsNear:
		shown.Detail = "say near where as well"
	case needsTransport:
		shown.Detail = "choose how you would travel as well"
	}
	return shown
}

// fillForm shows what was asked. A value that the form does not offer is
// offered, so that searching again does not lose it.
func fillForm(p *web.SearchPage, values url.Values) {
	p.Words, p.Near = firstOf(values, "q"), firstOf(values, "near")
	for _, f := range []struct {
		name    string
		choices []web.Choice
		into    *[]web.Choice
	}{
		{"within", withinChoices, &p.Within}, {"kind", kindChoices, &p.Kinds}, {"day", dayChoices, &p.Days},
		{"time", timeChoices, &p.Times}, {"max_pence", costChoices, &p.Costs}, {"sort", sortChoices, &p.Sorts},
	} {
		*f.into = chosen(f.choices, values[f.name])
	}
	p.Travel = travelForm(values, travelChoices)
	wanted := (&asked{values: values}).list("access")
	for _, name := range hereabouts.AccessNames {
		p.Access = append(p.Access, web.Choice{Value: name, Label: accessLabels[name], Chosen: contains(wanted, name)})
	}
	for _, name := range sortedKeys(values) {
		if _, onForm := fieldLabels[name]; onForm || name == "access" || name == "page" || name == "reach" {
			continue
		}
		if v := strings.Join(nonEmpty(values[name]), ","); v != "" {
			p.Carried = append(p.Carried, web.Field{Name: name, Value: v})
		}
	}
}

// firstOf is the first value of name that is not empty.
func firstOf(values url.Values, name string) string {
	if given := nonEmpty(values[name]); len(given) > 0 {
		return given[0]
	}
	return ""
}

// chosen are choices with the one that was given marked, and added when it is
// none of them. When none was given it is the one without a value, which is
// what a browser shows.
func chosen(choices []web.Choice, values []string) []web.Choice {
	given := strings.Join(nonEmpty(values), ",")
	found := given == ""
	shown := make([]web.Choice, 0, len(choices)+1)
	for _, ch := range choices {
		ch.Chosen = ch.Value == given
		found = found || ch.Chosen
		shown = append(shown, ch)
	}
	if !found {
		shown = append(shown, web.Choice{Value: given, Label: given, Chosen: true})
	}
	return shown
}

func (s *Server) fillResults(p *web.SearchPage, a *asked, res hereabouts.Results) {
	p.Total = res.Total
	p.Reach = reachShown(a, res.Reach)
	u := res.Understood
	if u.Near != nil {
		p.Understood = append(p.Understood, "Near "+u.Near.Label+".")
	}
	for _, was := range sortedKeys(u.Corrected) {
		p.Understood = append(p.Understood, fmt.Sprintf("We read “%s” as “%s”.", was, u.Corrected[was]))
	}
	var needs []string
	for _, id := range u.Needs {
		if n, ok := s.Needs.Need(id); ok {
			needs = append(needs, n.Label)
		}
	}
	if len(needs) > 0 {
		p.Understood = append(p.Understood, "Looking for: "+strings.Join(needs, ", ")+".")
	}
	for _, r := range res.Relax {
		for _, name := range sortedKeys(r.Change) {
			p.Relax = append(p.Relax, relaxText(name, r.Change[name], r.Adds))
		}
	}
	today := hereabouts.DateOf(s.Now())
	for _, r := range res.Results {
		shown := shownResult(r, today)
		shown.Ask = askFurther(a, &r)
		p.Results = append(p.Results, shown)
	}
	if res.Next != "" {
		p.Next = fieldsOf(a.values, "page")
		p.Next = append(p.Next, web.Field{Name: "page", Value: res.Next})
	}
}

// fieldsOf are what was asked as hidden fields, without some of the names.
func fieldsOf(values map[string][]string, without ...string) []web.Field {
	var fields []web.Field
	for _, name := range sortedKeys(values) {
		if v := strings.Join(nonEmpty(values[name]), ","); v != "" && !contains(without, name) {
			fields = append(fields, web.Field{Name: name, Value: v})
		}
	}
	return fields
}

func relaxText(name, value string, adds int) string {
	label := cmpOr(fieldLabels[name], strings.ReplaceAll(name, "_", " "))
	switch {
	case name == "return" && value == "false":
		return fmt.Sprintf("Without a way home (%d more)", adds)
	case name == "max_minutes" && value != "":
		return fmt.Sprintf("%s: %s minutes (%d more)", label, value, adds)
	}
	if value == "" {
		return fmt.Sprintf("%s: any (%d more)", label, adds)
	}
	return fmt.Sprintf("%s: %s (%d more)", label, strings.ReplaceAll(value, "_", " "), adds)
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

var kindLabels = map[hereabouts.Kind]string{hereabouts.Group: "Group", hereabouts.Service: "Service", hereabouts.GreenSpace: "Green space"}

func shownResult(r hereabouts.Result, today hereabouts.Date) web.Result {
	shown := shownListing(&r.Listing, today)
	if r.PlaceID != "" {
		for i := range r.Listing.Places {
			if p := &r.Listing.Places[i]; p.ID == r.PlaceID {
				shown.Where = placeText(p)
			}
		}
	}
	if r.DistanceM != nil {
		shown.Distance = distanceText(*r.DistanceM)
	}
	if n := r.NextSession; n != nil {
		shown.When = whenText(n, &r.Listing, today)
	}
	if j := r.Journey; j != nil {
		shown.Journey, shown.Fetched = j.Sentence, fetchers(j)
	}
	for _, f := range r.Fit.Reasons {
		mark := map[hereabouts.Fact]string{hereabouts.Yes: "Yes: ", hereabouts.No: "No: "}[f.Verdict]
		shown.Fit = append(shown.Fit, cmpOr(mark, "Not known: ")+f.Text)
	}
	for _, w := range r.Why {
		shown.Why = append(shown.Why, w.Text)
	}
	shown.Freshness = freshnessText(r.Freshness)
	return shown
}

func shownListing(l *hereabouts.Listing, today hereabouts.Date) web.Result {
	shown := web.Result{
		Link: "/listings/" + url.PathEscape(l.ID), Name: l.Name, Kind: kindLabels[l.Kind], Summary: l.Summary,
		Availability: availabilityText(l, today), Cost: costText(&l.Cost),
	}
	for i := range l.Places {
		if text := placeText(&l.Places[i]); text != "" {
			shown.Where = text
			break
		}
	}
	if l.HiddenLocation {
		shown.Where = "Its address is not shown, to keep people safe"
	}
	if shown.Where == "" && len(l.Delivery) > 0 {
		shown.Where = deliveryText(l.Delivery)
	}
	return shown
}

// listingPage answers GET /listings/{id}, and POST with how to get there. The
// form posts, so that where somebody lives stays out of addresses.
func (s *Server) listingPage(c echo.Context) error {
	l, err := s.listing(c, c.Param("id"))
	if err != nil {
		return err
	}
	if c.Request().Method == http.MethodPost {
		c.Response().Header().Set("Cache-Control", "no-store")
	} else {
		revalidate(c)
	}
	l = public(l)
	today := hereabouts.DateOf(s.Now())
	page := web.ListingPage{Frame: s.frame(l.Name), Listing: shownListing(&l, today)}
	page.Listing.Freshness = freshnessText(l.FreshnessAt(today))
	for line := range strings.SplitSeq(l.Description, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			page.Text = append(page.Text, line)
		}
	}
	note := func(label, text string) {
		if text != "" {
			page.Facts = append(page.Facts, web.Fact{Label: label, Text: text})
		}
	}
	note("Run by", l.Organisation.Name)
	if n, ok := nextOf(&l, s.Now()); ok {
		note("Next", whenText(&n, &l, today))
	}
	note("Who it is for", l.Eligibility.Text)
	note("For people who live in", s.catchmentText(&l.Eligibility.Catchment))
	note("How to join", l.Referral.How)
	note("Cost", l.Cost.Text)
	note("Availability", l.Availability.Note)
	note("How", deliveryText(l.Delivery))
	note("Transport", l.Transport.Note)
	if l.HiddenLocation {
		note("Where", page.Listing.Where)
	}
	for i := range l.Places {
		p := &l.Places[i]
		shown := web.Place{Name: p.Name, Address: placeText(&hereabouts.Place{Address: p.Address, Postcode: p.Postcode}), Note: p.Note}
		for _, name := range hereabouts.AccessNames {
			if f := *p.Access.Fact(name); f.Known() {
				shown.Access = append(shown.Access, web.Fact{Label: accessLabels[name], Text: string(f)})
			}
		}
		if shown.Name != "" || shown.Address != "" || len(shown.Access) > 0 {
			page.Places = append(page.Places, shown)
		}
	}
	for _, ct := range l.Contacts {
		page.Contact = append(page.Contact, web.Contact{Name: ct.Name, Phone: ct.Phone, Email: ct.Email, Web: webAddress(ct.URL)})
	}
	if l.Source.Name != "" {
		page.Source = "From " + l.Source.Name
		if l.Source.Licence != "" {
			page.Source += ", " + l.Source.Licence
		}
	}
	status := http.StatusOK
	if somewhere(&l) {
		if page.Trip, status, err = s.trip(c, &l); err != nil {
			return err
		}
	}
	return render(c, status, page)
}

// catchmentText names where people must live.
func (s *Server) catchmentText(c *hereabouts.Catchment) string {
	if c.Label != "" || s.AreaNamer == nil {
		return c.Label
	}
	var names []string
	for _, code := range c.Areas {
		if name, ok := s.AreaNamer.Name(code); ok {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// webAddress is an address that may become a link.
func webAddress(text string) string {
	if u, err := url.Parse(text); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		return text
	}
	return ""
}
