package importers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"hereabouts"
)

// mendPosition deals with coordinates that cannot be a place here. A real
// place abroad is left for the listing to refuse, unless a postcode says
// that the coordinates and not the place are wrong.
func (j *judged) mendPosition(p *hereabouts.Place, field string) {
	pt, known := p.Point()
	if !known {
		p.Lat, p.Lon = nil, nil // one alone is no use
		return
	}
	lat, lon := pt.Lat(), pt.Lon()
	_, hasPostcode := hereabouts.FormatPostcode(p.Postcode)
	switch {
	case inUK(lat, lon):
		return
	case inUK(lon, lat):
		p.Lat, p.Lon = &lon, &lat
		j.note(field+"/lat", "repaired", fmt.Sprintf("%v, %v had latitude and longitude swapped", lat, lon))
		return
	case lat == 0 && lon == 0, lat == 0 && hasPostcode, lon == 0 && hasPostcode:
		j.note(field+"/lat", "ignored", fmt.Sprintf("%v, %v is where programs put places they do not know", lat, lon))
	case !(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180):
		j.note(field+"/lat", "ignored", fmt.Sprintf("%v, %v is nowhere on earth", lat, lon))
	case hasPostcode:
		j.note(field+"/lat", "ignored", fmt.Sprintf("%v, %v is outside the UK and the postcode %s is not", lat, lon, p.Postcode))
	default:
		return
	}
	p.Lat, p.Lon = nil, nil
}

// inUK is the box that the listing's own judge holds a position against.
func inUK(lat, lon float64) bool { return lat >= 49 && lat <= 61.5 && lon >= -9.5 && lon <= 2.5 }

// mendPostcode keeps what is not a postcode as part of the address, where
// people can still read it.
func (j *judged) mendPostcode(p *hereabouts.Place, field string) {
	typed := Line(p.Postcode)
	if p.Postcode = typed; typed == "" {
		return
	}
	if postcode, ok := hereabouts.FormatPostcode(typed); ok {
		p.Postcode = postcode
		return
	}
	// "O" for "0" and "l" for "1" are the usual slips.
	if postcode, ok := hereabouts.FormatPostcode(unslipped(typed)); ok {
		j.note(field+"/postcode", "repaired", fmt.Sprintf("%q was read as %s", typed, postcode))
		p.Postcode = postcode
		return
	}
	// A postcode with words around it: "Brixworth NN6 9DG".
	words := strings.Fields(typed)
	for i := range words {
		for _, n := range []int{2, 1} {
			if i+n > len(words) {
				continue
			}
			if postcode, ok := hereabouts.FormatPostcode(strings.Join(words[i:i+n], "")); ok {
				j.note(field+"/postcode", "repaired", fmt.Sprintf("%s was found in %q", postcode, typed))
				p.Postcode = postcode
				p.Address = joined(p.Address, strings.Join(append(slices.Clone(words[:i]), words[i+n:]...), " "))
				return
			}
		}
	}
	j.note(field+"/postcode", "kept_as_text", fmt.Sprintf("%q is not a postcode; kept in the address", typed))
	p.Postcode = ""
	p.Address = joined(p.Address, typed)
}

// unslipped puts digits where a postcode has digits.
func unslipped(s string) string {
	b := []byte(strings.ToUpper(strings.ReplaceAll(s, " ", "")))
	if len(b) < 5 || len(b) > 7 {
		return s
	}
	at := len(b) - 3
	switch b[at] {
	case 'O':
		b[at] = '0'
	case 'I', 'L':
		b[at] = '1'
	}
	for _, i := range []int{at + 1, at + 2} {
		if b[i] == '0' {
			b[i] = 'O'
		}
	}
	return string(b)
}

func joined(address, more string) string {
	if more == "" || strings.Contains(strings.ToLower(address), strings.ToLower(more)) {
		return address
	}
	if address == "" {
		return more
	}
	return address + ", " + more
}

// mend takes out what the listing's judge objects to and the listing can do
// without, and notes each. It reports whether anything was taken out.
// Whatever it leaves, such as a missing name, is a reason to reject.
func (j *judged) mend(faults hereabouts.Problems) bool {
	mended := false
	drop := map[string][]int{} // list → items to take out, once all are known
	for _, f := range faults {
		path := strings.Split(strings.TrimPrefix(f.Pointer, "/"), "/")
		var done bool
		if list, i, ok := item(path); ok {
			drop[list] = append(drop[list], i)
			done = true
		} else {
			done = j.mendField(path, f.Code)
		}
		if done {
			mended = true
			code := "ignored"
			if f.Code == hereabouts.CodeTooLong {
				code = "shortened"
			}
			j.note(strings.TrimPrefix(f.Pointer, "/"), code, f.Detail)
		}
	}
	l := j.listing
	without(&l.Needs, drop["needs"])
	without(&l.Tags, drop["tags"])
	without(&l.Languages, drop["languages"])
	for _, i := range drop["sessions"] {
		// A time that cannot be meant may still have words beside it that are.
		if i < len(l.Sessions) {
			l.Description = withParagraph(l.Description, l.Sessions[i].Note)
		}
	}
	without(&l.Sessions, drop["sessions"])
	without(&l.Delivery, drop["delivery"])
	without(&l.Eligibility.Genders, drop["eligibility/genders"])
	without(&l.Eligibility.Circumstances, drop["eligibility/circumstances"])
	without(&l.Eligibility.Catchment.Areas, drop["eligibility/catchment/areas"])
	without(&l.Referral.Routes, drop["referral/routes"])
	return mended
}

// withParagraph adds words to a text unless it has them or has no room.
func withParagraph(text, words string) string {
	switch {
	case words == "" || strings.Contains(text, words) || len([]rune(text))+len([]rune(words))+2 > fullText:
		return text
	case text == "":
		return words
	}
	return text + "\n\n" + words
}

// item says which item of which list a pointer is about, for the lists whose
// items can be left out one by one.
func item(path []string) (list string, i int, ok bool) {
	for n := 1; n < len(path); n++ {
		i, err := strconv.Atoi(path[n])
		if err != nil {
			continue
		}
		switch list := strings.Join(path[:n], "/"); list {
		case "needs", "tags", "languages", "sessions", "delivery", "referral/routes",
			"eligibility/genders", "eligibility/circumstances", "eligibility/catchment/areas":
			return list, i, true
		}
		return "", 0, false
	}
	return "", 0, false
}

func without[T any](list *[]T, drop []int) {
	if len(drop) == 0 {
		return
	}
	kept := (*list)[:0:0]
	for i, x := range *list {
		if !slices.Contains(drop, i) {
			kept = append(kept, x)
		}
	}
	*list = kept
}

// Lengths to which texts are cut: what the listing's judge allows.
const (
	shortText = 200
	summary   = 500
	longText  = 2_000
	fullText  = 20_000
)

// mendField takes out or cuts one field and reports whether it could.
func (j *judged) mendField(path []string, code string) bool {
	l := j.listing
	tooLong := code == hereabouts.CodeTooLong
	var text *string // cleared, or cut when it is too long
	most := 0
	switch strings.Join(path, "/") {
	case "summary":
		text, most = &l.Summary, summary
	case "description":
		text, most = &l.Description, fullText
	case "organisation/name":
		text, most = &l.Organisation.Name, shortText
	case "organisation/charity_number":
		text = &l.Organisation.CharityNumber
	case "organisation/url":
		text = &l.Organisation.URL
	case "organisation/id":
		text = &l.Organisation.ID
	case "referral/how":
		text, most = &l.Referral.How, longText
	case "referral/url":
		text = &l.Referral.URL
	case "referral/phone":
		l.Referral.How = strings.TrimSpace(l.Referral.How + "\n" + l.Referral.Phone)
		text = &l.Referral.Phone
	case "referral/email":
		text = &l.Referral.Email
	case "eligibility/text":
		text, most = &l.Eligibility.Text, longText
	case "eligibility/catchment/label":
		text, most = &l.Eligibility.Catchment.Label, shortText
	case "eligibility/catchment/geometry", "eligibility/catchment/geometry/coordinates", "eligibility/catchment/geometry/type":
		l.Eligibility.Catchment.Geometry = nil
		return true
	case "eligibility/min_age":
		l.Eligibility.MinAge = nil
		return true
	case "eligibility/max_age":
		if code == hereabouts.CodeContradiction {
			l.Eligibility.MinAge = nil // nobody knows which of the two is meant
		}
		l.Eligibility.MaxAge = nil
		return true
	case "availability/note":
		text, most = &l.Availability.Note, longText
	case "availability/wait_weeks":
		l.Availability.WaitWeeks = nil
		return true
	case "availability/places":
		l.Availability.Places = nil
		return true
	case "availability/as_of":
		l.Availability.AsOf = ""
		return true
	case "availability/until":
		l.Availability.Until = ""
		return true
	case "cost/text":
		text, most = &l.Cost.Text, longText
	case "cost/per":
		text = &l.Cost.Per
	case "cost/pence":
		if code == hereabouts.CodeContradiction {
			l.Cost.Free = hereabouts.Unknown
		}
		l.Cost.Pence = nil
		return true
	case "transport/note":
		text, most = &l.Transport.Note, longText
	case "confirmed_at":
		l.ConfirmedAt, l.ConfirmedBy = "", ""
		return true
	case "source/url":
		text = &l.Source.URL
	case "source/licence":
		text, most = &l.Source.Licence, longText
	default:
		text, most = j.listedText(path)
	}
	switch {
	case text == nil:
		return false
	case tooLong && most > 0:
		*text = shortened(*text, most)
	default:
		*text = ""
	}
	return true
}

// listedText is the text in a contact or place that a pointer is about.
func (j *judged) listedText(path []string) (text *string, most int) {
	if len(path) != 3 {
		return nil, 0
	}
	i, err := strconv.Atoi(path[1])
	if err != nil || i < 0 {
		return nil, 0
	}
	switch l := j.listing; {
	case path[0] == "contacts" && i < len(l.Contacts):
		c := &l.Contacts[i]
		switch path[2] {
		case "name":
			return &c.Name, shortText
		case "phone":
			return &c.Phone, 0
		case "email":
			return &c.Email, 0
		case "url":
			return &c.URL, 0
		}
	case path[0] == "places" && i < len(l.Places):
		p := &l.Places[i]
		switch path[2] {
		case "name":
			return &p.Name, shortText
		case "address":
			return &p.Address, summary
		case "access_note":
			return &p.Note, longText
		}
	}
	return nil, 0
}

// shortened is s cut between words to at most that many characters.
func shortened(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	r := []rune(s)[:most-1]
	cut := string(r)
	if i := strings.LastIndexAny(cut, " \n"); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " \n,;:-") + "…"
}
