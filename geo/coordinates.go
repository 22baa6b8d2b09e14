package geo

import (
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// parseCoordinates reads "51.48, 0": latitude first, parted by a comma,
// semicolon or space. Degree signs and the letters N, S, E and W are allowed
// after each number. The text is not coordinates at all when ok is false; it
// is coordinates that cannot be used when err, a *PointError, is set.
func parseCoordinates(text string) (p orb.Point, ok bool, err error) {
	first, second, found := cutPair(text)
	if !found {
		return p, false, nil
	}
	lat, ok1 := parseDegrees(first, 'N', 'S')
	lon, ok2 := parseDegrees(second, 'E', 'W')
	if !ok1 || !ok2 {
		// "0.1W, 51.5N" names its own order.
		lon, ok1 = parseDegrees(first, 'E', 'W')
		lat, ok2 = parseDegrees(second, 'N', 'S')
		if !ok1 || !ok2 {
			return p, false, nil
		}
	}
	p = LatLon(lat, lon)
	switch {
	case InUK(p):
		return p, true, nil
	case InUK(LatLon(lon, lat)):
		return orb.Point{}, true, &PointError{Code: "swapped", Reason: "latitude and longitude are swapped; give the latitude (49 to 61.5) first, then the longitude (-9 to 2.5)"}
	}
	return orb.Point{}, true, &PointError{Code: "out_of_range", Reason: "that point is outside the UK; give the latitude (49 to 61.5) first, then the longitude (-9 to 2.5)"}
}

// cutPair parts a text in two at its comma or semicolon, or failing that at
// its space.
func cutPair(text string) (first, second string, ok bool) {
	text = strings.TrimFunc(text, isSpace)
	if len(text) > 80 {
		return "", "", false
	}
	at := func(r rune) bool { return r == ',' || r == ';' }
	if strings.IndexFunc(text, at) < 0 {
		at = isSpace
	}
	i := strings.IndexFunc(text, at)
	if i < 0 {
		return "", "", false
	}
	first, second = strings.TrimFunc(text[:i], isSpace), strings.TrimFunc(strings.TrimLeftFunc(text[i:], at), isSpace)
	return first, second, strings.IndexFunc(second, at) < 0
}

// parseDegrees reads one number of degrees. The letters say which hemisphere
// adds and which takes away.
func parseDegrees(s string, plus, minus byte) (deg float64, ok bool) {
	s = strings.ReplaceAll(s, "\u2212", "-") // the minus sign proper
	sign := 1.0
	if n := len(s); n > 0 {
		switch s[n-1] &^ 0x20 {
		case plus:
			s = s[:n-1]
		case minus:
			s, sign = s[:n-1], -1
		}
	}
	s = strings.TrimRightFunc(s, isSpace)
	s = strings.TrimRightFunc(strings.TrimSuffix(s, "°"), isSpace)
	for i := range len(s) {
		c := s[i]
		// Programs write a longitude of almost nothing as -1e-05.
		exponent := i > 0 && (c == 'e' || c == 'E')
		sign := (c == '-' || c == '+') && (i == 0 || s[i-1] == 'e' || s[i-1] == 'E')
		if (c < '0' || c > '9') && c != '.' && !exponent && !sign {
			return 0, false
		}
	}
	deg, err := strconv.ParseFloat(s, 64)
	if err != nil || sign < 0 && deg < 0 {
		return 0, false
	}
	return sign * deg, true
}
