package hereabouts

import (
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// withheld stands where a text of a hidden listing gave its location away.
const withheld = "(location withheld)"

// withhold takes whatever would lead to the given places out of every text of
// the listing. Providers write the address into a description as readily as
// into its own field. The walk covers texts that are added to the vocabulary
// later; the listing's own id, by which it is known, is kept.
func (l *Listing) withhold(places []Place) {
	secret := secrets(places)
	if secret == nil {
		return
	}
	id := l.ID
	redact(reflect.ValueOf(l).Elem(), "", secret)
	l.ID = id
}

func redact(v reflect.Value, field string, secret *regexp.Regexp) {
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		if strings.HasSuffix(field, "URL") {
			// A map's address holds the place in some encoding or other.
			if plain, err := url.QueryUnescape(s); secret.MatchString(s) || err == nil && secret.MatchString(plain) {
				v.SetString("")
			}
		} else if secret.MatchString(s) {
			v.SetString(secret.ReplaceAllString(s, withheld))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				redact(v.Field(i), f.Name, secret)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			redact(v.Index(i), field, secret)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			item := reflect.New(v.Type().Elem()).Elem()
			item.Set(v.MapIndex(key))
			redact(item, field, secret)
			v.SetMapIndex(key, item)
		}
	}
}

// secrets matches the places' postcodes however they are spaced, their
// addresses or the numbered lines of them, and their coordinates to about a
// hundred metres; nil when they have none.
func secrets(places []Place) *regexp.Regexp {
	var all []string
	for i := range places {
		p := &places[i]
		if code := strings.ReplaceAll(p.Postcode, " ", ""); code != "" {
			var b strings.Builder
			for j, r := range code {
				if j > 0 {
					b.WriteString(`[\s\-]*`)
				}
				b.WriteString(regexp.QuoteMeta(string(r)))
			}
			all = append(all, b.String())
		}
		all = append(all, spoken(p.Address))
		for part := range strings.FieldsFuncSeq(p.Address, func(r rune) bool { return r == ',' || r == '\n' }) {
			if strings.ContainsAny(part, "0123456789") && len(strings.Fields(part)) > 1 {
				all = append(all, spoken(part))
			}
		}
		pts := make([]Entrance, 0, len(p.Entrances)+1)
		if pt, ok := p.Point(); ok {
			pts = append(pts, Entrance{Lat: pt.Lat(), Lon: pt.Lon()})
		}
		for _, pt := range append(pts, p.Entrances...) {
			all = append(all, decimals(pt.Lat), decimals(pt.Lon))
		}
	}
	var said []string
	for _, s := range all {
		if s != "" {
			said = append(said, s)
		}
	}
	if len(said) == 0 {
		return nil
	}
	pattern := strings.Join(said, "|")
	if len(pattern) > 1<<15 {
		// More addresses than a refuge has, and too many to look for: say nothing.
		return regexp.MustCompile(`(?s)^.+$`)
	}
	return regexp.MustCompile(`(?i)` + strings.ToValidUTF8(pattern, "\uFFFD"))
}

// spoken matches words with any spaces or commas between them; empty for a
// text too short to be told from others.
func spoken(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
	if len(s) < 6 || len(words) == 0 {
		return ""
	}
	for i, w := range words {
		words[i] = regexp.QuoteMeta(w)
	}
	return strings.Join(words, `[\s,]+`)
}

// decimals matches a coordinate with at least three of its decimals; empty
// when it has fewer.
func decimals(f float64) string {
	s := strconv.FormatFloat(f, 'f', -1, 64)
	dot := strings.IndexByte(s, '.')
	if dot < 0 || len(s) < dot+4 {
		return ""
	}
	return regexp.QuoteMeta(s[:dot+4]) + `\d*`
}
