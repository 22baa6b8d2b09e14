package prose

import (
	"math"
	"regexp"
	"strconv"

	"hereabouts"
)

const number19 = `(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve)`

var (
	hedged     = regexp.MustCompile(`\b(we (have been|were|are) told|we are checking|may (have|be|no longer)|might|apparently|believed to|thought to|unconfirmed)\b`)
	waitFirst  = regexp.MustCompile(`\b` + number19 + `(?: ?(?:-|to|or) ?` + number19 + `)?[ -](week|month)s?'?(?: long)?[ -](?:wait(?:ing)?(?: list| time)?|delay)\b`)
	waitAfter  = regexp.MustCompile(`\bwait(?:ing)?(?: list| times?)?(?: is| are| of| currently| approximately| approx| about| around| up to| at|:|,)* ` + number19 + `(?: ?(?:-|to|or) ?` + number19 + `)? (week|month)s?\b`)
	listShut   = regexp.MustCompile(`\bwait(ing)?[- ]?list (is |has |currently |now )*closed\b|\bclosed (to )?(the )?wait(ing)?[- ]?list\b`)
	noList     = regexp.MustCompile(`\bno wait(ing)?[- ]?(list|time)?\b|\bwithout a waiting list\b`)
	hasList    = regexp.MustCompile(`\b(there is|there's|operat(e|es|ing)|has|have|with|join|currently|long|we run) (currently )?a?n? ?(long )?wait(ing)?[- ]?list\b|^wait(ing)?[- ]?list( applies)?$`)
	fullWords  = regexp.MustCompile(`\b(fully (booked|subscribed)|(is|are|currently|now) (at )?full( capacity)?\b|no (free |spare |more )?(places|spaces|vacancies|availability)( (left|available|remaining))?|oversubscribed)\b`)
	pausedWord = regexp.MustCompile(`\b(not (currently |now )?(taking|accepting)( on)?( any)?( new)? (referrals|people|members|clients|applications|service users)|referrals? (are|is) (currently |now )?(paused|suspended|closed|on hold)|temporarily (closed|suspended|paused)|currently (closed|suspended|paused|on hold)|on hold)\b`)
	closedWord = regexp.MustCompile(`\b(permanently closed|closed permanently|(has|have|is|are) (now )?closed( down)?( for good)?$|no longer (open|running|operating|available|meets|provided)|ceased (trading|operating|to operate)|has (now )?ended)\b`)
	placesWord = regexp.MustCompile(`\b(?:(\d{1,3}|some|a few) )?(?:free |spare )?(?:places|spaces|vacancies) (?:are )?(?:currently |now |still )?available\b`)
)

var numberWords = map[string]int{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12}

// ReadAvailability reads whether new people are being taken: "currently 10
// weeks waiting list", "fully booked", "no longer open". The Note is the
// sentence it was read from. ok is false when the text says nothing about it.
// What is only hearsay ("we have been told that this foodbank is no longer
// open") is unknown with the note, since neither answer is safe.
func ReadAvailability(s string) (a hereabouts.Availability, ok bool) {
	for _, sentence := range sentences(s) {
		t := plain(sentence)
		found := hereabouts.Availability{Note: tidy(sentence)}
		switch {
		case noList.MatchString(t):
			continue // says that there is no list, not that there are places
		case listShut.MatchString(t), pausedWord.MatchString(t):
			found.State = hereabouts.Paused
		case wait(t, &found):
			found.State = hereabouts.WaitingList
		case hasList.MatchString(t):
			found.State = hereabouts.WaitingList
		case closedWord.MatchString(trimEnd(t)):
			found.State = hereabouts.Closed
		case fullWords.MatchString(t):
			found.State = hereabouts.Full
		case placesWord.MatchString(t):
			found.State = hereabouts.Open
			if n, err := strconv.Atoi(placesWord.FindStringSubmatch(t)[1]); err == nil {
				found.Places = &n
			}
		default:
			continue
		}
		if hedged.MatchString(t) {
			found = hereabouts.Availability{State: hereabouts.AvailabilityUnknown, Note: found.Note}
		}
		if !ok {
			a, ok = found, true
		}
	}
	return a, ok
}

// wait reads a stated wait; of a range it keeps the longer end, which nobody
// is disappointed by.
func wait(t string, a *hereabouts.Availability) bool {
	m := waitFirst.FindStringSubmatch(t)
	if m == nil {
		if m = waitAfter.FindStringSubmatch(t); m == nil {
			return false
		}
	}
	n := count(m[1])
	if m[2] != "" {
		n = max(n, count(m[2]))
	}
	if m[3] == "month" {
		n = int(math.Ceil(float64(n) * 365.25 / 12 / 7))
	}
	if n > 520 {
		return false
	}
	a.WaitWeeks = &n
	return true
}

func count(s string) int {
	if n, ok := numberWords[s]; ok {
		return n
	}
	n, _ := strconv.Atoi(s)
	return n
}

var endMarks = regexp.MustCompile(`[\s.!]+$`)

func trimEnd(s string) string { return endMarks.ReplaceAllString(s, "") }
