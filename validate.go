package hereabouts

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Codes of a [Problem]. They are part of the public contract: programs may
// act on them, and what they mean does not change.
const (
	CodeRequired      = "required"       // something must be said
	CodeTooLong       = "too_long"       // a text has too many characters
	CodeTooMany       = "too_many"       // a list has too many items
	CodeTooLarge      = "too_large"      // a record or an outline is too big
	CodeUnknownValue  = "unknown_value"  // not one of the words we know
	CodeOutOfRange    = "out_of_range"   // a number, date or place beyond what makes sense
	CodeInvalidFormat = "invalid_format" // not written the way it must be
	CodeDuplicate     = "duplicate"      // said twice
	CodeContradiction = "contradiction"  // two things that cannot both be true
	CodeNotSupported  = "not_supported"  // good elsewhere; this directory does without
)

// Longest texts, in characters.
const (
	maxName        = 200
	maxLabel       = 200
	maxSummary     = 500
	maxNote        = 2_000
	maxDescription = 20_000
	maxAddress     = 500
	maxPhone       = 60
	maxEmail       = 254
	maxURL         = 2_000
	maxID          = 200
	maxWord        = 60
)

// Longest lists.
const (
	maxWords        = 100 // needs, tags, languages, circumstances …
	maxAreas        = 2_000
	maxPlaces       = 500
	maxEntrances    = 200
	maxSessions     = 1_000
	maxExceptions   = 1_000
	maxContacts     = 50
	maxTranslations = 30
	maxPositions    = 20_000 // in all the outlines of a listing
	maxProblems     = 1_000
)

// Bytes of JSON, at most, beside the texts.
const (
	perContact     = 60
	perTranslation = 60
	perPlace       = 700
	perSession     = 300
	perPosition    = 80
)

// Genders are the words that a listing can limit itself to.
var Genders = []string{"women", "men", "non_binary"}

// Validate is the single judge of whether a listing may be stored. It returns
// [Problems]: every fault at once, each with a JSON pointer, a code and what
// to do about it. It expects the canonical form that [Listing.Normalise]
// makes, and never changes the listing. Needs are looked up in the taxonomy;
// with none they are not judged.
func (l *Listing) Validate(needs *Taxonomy) error {
	v := validator{}
	v.id("/id", l.ID)
	oneOf(&v, "/status", l.Status, false, Published, Draft, Withdrawn)
	oneOf(&v, "/kind", l.Kind, true, Group, Service, GreenSpace)
	if v.required("/name", l.Name, "give the listing a name that people would recognise") {
		v.text("/name", l.Name, maxName)
	}
	v.text("/summary", l.Summary, maxSummary)
	v.text("/description", l.Description, maxDescription)
	v.organisation(&l.Organisation)
	v.needs(l.Needs, needs)
	v.words("/tags", l.Tags)
	v.eligibility(&l.Eligibility, l.HiddenLocation)
	v.referral(&l.Referral)
	v.availability(&l.Availability)
	someOf(&v, "/delivery", l.Delivery, InPerson, Online, Phone, HomeVisit)
	v.places(l.Places)
	v.sessions(l.Sessions, l.Places)
	v.cost(&l.Cost)
	v.fact("/transport/provided", l.Transport.Provided)
	v.text("/transport/note", l.Transport.Note, maxNote)
	v.languages(l.Languages)
	v.contacts(l.Contacts)
	v.translations(l.Translations)
	v.source(&l.Source)
	checkDate(l.ConfirmedAt, "/confirmed_at", &v.Problems)
	oneOf(&v, "/confirmed_by", l.ConfirmedBy, false, ByProvider, ByImporter, ByLinkWorker)
	if v.positions > maxPositions {
		v.Addf("", CodeTooLarge, "the outlines hold %d points between them; simplify them to at most %d", v.positions, maxPositions)
	}
	v.size(l)
	return v.verdict()
}

// Validate is the judge of an organisation, as [Listing.Validate] is of a
// listing.
func (o *Organisation) Validate() error {
	v := validator{}
	v.id("/id", o.ID)
	oneOf(&v, "/status", o.Status, false, Published, Draft, Withdrawn)
	if v.required("/name", o.Name, "give the organisation's name") {
		v.text("/name", o.Name, maxName)
	}
	v.text("/description", o.Description, maxDescription)
	v.charityNumber("/charity_number", o.CharityNumber)
	v.url("/url", o.URL)
	v.contacts(o.Contacts)
	v.source(&o.Source)
	v.size(o)
	return v.verdict()
}

// A validator gathers what is wrong with a record.
type validator struct {
	Problems
	positions int // in outlines, so far
	bytes     int // at most, of the JSON of what has been judged so far
}

// verdict is the problems. A record with more faults than anybody reads is
// told how many there are besides.
func (v *validator) verdict() error {
	if more := len(v.Problems) - maxProblems; more > 0 {
		v.Problems = v.Problems[:maxProblems]
		v.Addf("", CodeTooMany, "%d more faults are not listed; put these right first", more)
	}
	return v.Err()
}

func (v *validator) required(pointer, s, advice string) bool {
	if cleanLine(s) == "" {
		v.Add(pointer, CodeRequired, advice)
		return false
	}
	return true
}

func (v *validator) text(pointer, s string, most int) {
	v.bytes += 6 * len(s) // a byte is never more than \u0000
	if len(s) <= most {
		return
	}
	if n := utf8.RuneCountInString(s); n > most {
		v.Addf(pointer, CodeTooLong, "this is %d characters long; keep it within %d", n, most)
	}
}

func (v *validator) many(pointer string, n, most int) bool {
	if n > most {
		v.Addf(pointer, CodeTooMany, "there are %d of these; keep to at most %d", n, most)
	}
	return n <= most
}

// An id travels in addresses of pages, so it is kept to what needs no escaping.
var idShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~:-]*$`)

func (v *validator) id(pointer, id string) {
	v.text(pointer, id, maxID)
	if id != "" && !idShape.MatchString(id) {
		v.Addf(pointer, CodeInvalidFormat, "%s cannot be an id; use letters, digits and . _ ~ : -, or leave it out to be given one", quoted(id))
	}
}

func (v *validator) organisation(o *OrganisationRef) {
	v.id("/organisation/id", o.ID)
	v.text("/organisation/name", o.Name, maxName)
	v.charityNumber("/organisation/charity_number", o.CharityNumber)
	v.url("/organisation/url", o.URL)
}

// Registers differ ("1234567", "1234567-1", "SC012345", "NIC100123") and so
// do the prefixes that exchange formats put before them.
var charityShape = regexp.MustCompile(`^[A-Z0-9][A-Z0-9 /.-]{0,39}$`)

func (v *validator) charityNumber(pointer, n string) {
	if n != "" && !(charityShape.MatchString(n) && strings.ContainsAny(n, "0123456789")) {
		v.Addf(pointer, CodeInvalidFormat, "%s is not a registered number such as 1234567, SC012345 or NIC100123", quoted(n))
	}
}

func (v *validator) needs(list []string, taxonomy *Taxonomy) {
	if !v.many("/needs", len(list), maxWords) {
		return
	}
	duplicates(v, "/needs", list)
	for i, need := range list {
		at := indexed("/needs", i)
		v.text(at, need, maxWord)
		if need == "" {
			v.Add(at, CodeRequired, "name a need, or leave this out")
		} else if taxonomy != nil {
			if _, ok := taxonomy.Need(need); !ok {
				v.Addf(at, CodeUnknownValue, "%s is not a need in the taxonomy%s", quoted(need), suggest(taxonomy.nearest(need)))
			}
		}
	}
}

func (v *validator) eligibility(e *Eligibility, hidden bool) {
	const at = "/eligibility"
	v.text(at+"/text", e.Text, maxNote)
	low := v.within(at+"/min_age", e.MinAge, 0, 130, "years")
	high := v.within(at+"/max_age", e.MaxAge, 0, 130, "years")
	if low && high && *e.MinAge > *e.MaxAge {
		v.Addf(at+"/max_age", CodeContradiction, "the oldest age, %d, is below the youngest, %d; swap them or leave one out", *e.MaxAge, *e.MinAge)
	}
	someOf(v, at+"/genders", e.Genders, Genders...)
	v.words(at+"/circumstances", e.Circumstances)

	c := &e.Catchment
	v.text(at+"/catchment/label", c.Label, maxLabel)
	if v.many(at+"/catchment/areas", len(c.Areas), maxAreas) {
		duplicates(v, at+"/catchment/areas", c.Areas)
		for i, code := range c.Areas {
			if !isAreaCode(code) {
				v.Addf(indexed(at+"/catchment/areas", i), CodeInvalidFormat,
					"%s is not an area code; use the nine characters of the Office for National Statistics, such as E08000009", quoted(code))
			}
		}
	}
	if c.Geometry != nil {
		v.geometry(at+"/catchment/geometry", c.Geometry, true)
	}
	if hidden && !c.Stated() {
		v.Add(at+"/catchment/areas", CodeRequired,
			"a listing whose location is hidden is found by area only; name the areas it serves by code, such as E08000009")
	}
}

// isAreaCode reports whether s is shaped like an ONS code: a letter for the
// country and eight digits.
func isAreaCode(s string) bool {
	return len(s) == 9 && strings.IndexByte("EWSNKJLM", s[0]) >= 0 && strings.Trim(s[1:], "0123456789") == ""
}

func (v *validator) referral(r *Referral) {
	someOf(v, "/referral/routes", r.Routes, Self, DropIn, LinkWorker, GP, Professional)
	v.text("/referral/how", r.How, maxNote)
	v.url("/referral/url", r.URL)
	v.phone("/referral/phone", r.Phone)
	v.email("/referral/email", r.Email)
}

func (v *validator) availability(a *Availability) {
	const at = "/availability"
	oneOf(v, at+"/state", a.State, false, Open, WaitingList, Full, Paused, Closed, AvailabilityUnknown)
	v.within(at+"/wait_weeks", a.WaitWeeks, 0, 520, "weeks")
	if v.within(at+"/places", a.Places, 0, 100_000, "places") && *a.Places > 0 && (a.State == Full || a.State == Closed) {
		v.Addf(at+"/places", CodeContradiction, "the state is %s and %d places are free; change one of them", a.State, *a.Places)
	}
	asOf, ok1 := checkDate(a.AsOf, at+"/as_of", &v.Problems)
	until, ok2 := checkDate(a.Until, at+"/until", &v.Problems)
	if ok1 && ok2 && until < asOf {
		v.Addf(at+"/until", CodeContradiction, "until %s comes before as_of %s; swap them or leave one out", a.Until, a.AsOf)
	}
	v.text(at+"/note", a.Note, maxNote)
}

func (v *validator) cost(c *Cost) {
	v.fact("/cost/free", c.Free)
	if v.within("/cost/pence", c.Pence, 0, 100_000_000, "pence") {
		switch {
		case c.Free == Yes && *c.Pence > 0:
			v.Addf("/cost/pence", CodeContradiction, "it is said to be free and to cost %d pence; change one of them", *c.Pence)
		case c.Free == No && *c.Pence == 0:
			v.Add("/cost/pence", CodeContradiction, "it is said not to be free and to cost nothing; change one of them, or leave pence out when the price is not known")
		}
	}
	v.text("/cost/per", c.Per, maxWord)
	v.text("/cost/text", c.Text, maxNote)
}

func (v *validator) fact(pointer string, f Fact) {
	oneOf(v, pointer, f, false, Yes, No, Unknown)
}

// within reports whether n is stated and good.
func (v *validator) within(pointer string, n *int, least, most int, unit string) bool {
	if n == nil {
		return false
	}
	if *n < least || *n > most {
		v.Addf(pointer, CodeOutOfRange, "%d is not from %d to %d %s", *n, least, most, unit)
		return false
	}
	return true
}

// words judges a list of somebody's own words.
func (v *validator) words(pointer string, list []string) {
	if !v.many(pointer, len(list), maxWords) {
		return
	}
	duplicates(v, pointer, list)
	for i, w := range list {
		v.text(indexed(pointer, i), w, maxWord)
		if w == "" {
			v.Add(indexed(pointer, i), CodeRequired, "say something, or leave this out")
		}
	}
}

// duplicates finds what a list says twice.
func duplicates[S ~string](v *validator, pointer string, list []S) {
	const few = 16 // are compared one by one, in less time than a map takes
	var seen map[S]bool
	if len(list) > few {
		seen = make(map[S]bool, len(list))
	}
	for i, s := range list {
		v.bytes += 4 + 6*len(s)
		if s != "" && (seen[s] || seen == nil && slices.Contains(list[:i], s)) {
			v.Addf(indexed(pointer, i), CodeDuplicate, "%s is listed twice; keep one", quoted(string(s)))
		}
		if seen != nil {
			seen[s] = true
		}
	}
}

// oneOf judges a word of our vocabulary. Unless it is required, one that is
// absent stands for its default.
func oneOf[S ~string](v *validator, pointer string, s S, required bool, allowed ...S) {
	switch {
	case s == "" && required:
		v.Addf(pointer, CodeRequired, "choose one of %s", list(allowed))
	case s != "" && !slices.Contains(allowed, s):
		v.Addf(pointer, CodeUnknownValue, "%s is not one of %s%s", quoted(string(s)), list(allowed), suggest(nearest(string(s), plainWords(allowed))))
	}
}

func someOf[S ~string](v *validator, pointer string, given []S, allowed ...S) {
	if !v.many(pointer, len(given), maxWords) {
		return
	}
	duplicates(v, pointer, given)
	for i, s := range given {
		oneOf(v, indexed(pointer, i), s, true, allowed...)
	}
}

// size refuses a record that is too big to store. Encoding it takes longer
// than all the rest, and is only needed when its parts could add up.
func (v *validator) size(record any) {
	const frame = 8 << 10 // names of fields and what has few values
	if v.bytes+frame <= MaxRecordBytes {
		return
	}
	b, err := json.Marshal(record)
	if err == nil && len(b) > MaxRecordBytes {
		v.Addf("", CodeTooLarge, "the record is %d bytes; keep it within %d by shortening its texts, sessions or outlines", len(b), MaxRecordBytes)
	}
}

func indexed(pointer string, i int) string { return pointer + "/" + strconv.Itoa(i) }

// escapePointer writes a name as a step of an RFC 6901 pointer.
func escapePointer(s string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
}

func list[S ~string](words []S) string {
	all := plainWords(words)
	if len(all) == 1 {
		return all[0]
	}
	return fmt.Sprintf("%s or %s", strings.Join(all[:len(all)-1], ", "), all[len(all)-1])
}
