package prose

import (
	"regexp"
	"strings"
)

var (
	// What a member of staff did: the verb in the past and whom it was done to.
	did = regexp.MustCompile(`\b(called|phoned|rang|telephoned|emailed|e-mailed|texted|messaged|contacted|chased|spoke (to|with)|left)\b[^.]*\b(them|(a )?(voice ?mail|message)|on \d{1,2}[/.]\d{1,2}[/.]\d{2,4})\b`)
	// What they wait for.
	awaits = regexp.MustCompile(`\b(awaiting|waiting for|no) (a )?(reply|response|answer|call back|callback)( from| yet|$|,)|\bto (chase|follow up|ring back|call back)\b|\b(checked|updated|confirmed|verified) (by \w+ )?(on )?\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b`)
	// What they ask the public to do looks alike and is not a diary.
	advice = regexp.MustCompile(`\b(please|you|should|must|can be|will be|need to be|have to be|to be|referral forms? must|when called|once called)\b`)
)

// DropDiary takes a colleague's diary out of a note that is to be published:
// "Bryony called on 22/08/2023 and left them a message". dropped says how many
// sentences went.
func DropDiary(s string) (kept string, dropped int) {
	var out []string
	for _, line := range strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
		var stays []string
		for _, sentence := range sentences(line) {
			t := plain(sentence)
			if (did.MatchString(t) || awaits.MatchString(t)) && !advice.MatchString(t) {
				dropped++
				continue
			}
			stays = append(stays, sentence)
		}
		if len(stays) > 0 {
			out = append(out, strings.Join(stays, " "))
		}
	}
	if dropped == 0 {
		return s, 0
	}
	return strings.Join(out, "\n"), dropped
}
