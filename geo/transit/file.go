package transit

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"

	"hereabouts/geo/internal/ownfile"
)

// A FileError says that a file of a folder of timetables cannot be used, and
// what to do.
type FileError = ownfile.Error

const (
	feedEnding  = ".feed"
	maxFeedName = 60 // letters of a feed's name

	lastDay Day = 100_000 // in the year 2243
)

var feedFormat = ownfile.Format{Letters: "FEED", Version: 1, Command: "hereabouts import gtfs"}

// Path is where the timetable of that name lies in a folder.
func Path(dir, name string) string { return filepath.Join(dir, name+feedEnding) }

// ValidName reports whether a feed can have that name: up to 60 small
// letters, digits, dots and dashes, beginning with a letter or digit.
func ValidName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return name != "" && len(name) <= maxFeedName
}

// SafeName makes a name for a feed of any text: "Bluestar Bus (2025)" is
// "bluestar-bus-2025". It is empty when nothing of the text can be used.
func SafeName(text string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(text) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '.' && b.Len() > 0:
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := b.String()
	return strings.TrimRight(name[:min(len(name), maxFeedName)], ".-")
}

// ReadFeed reads one timetable's file. One that is not there is
// [fs.ErrNotExist], one that cannot be used a [*FileError].
func ReadFeed(path string) (*Feed, error) {
	payload, err := feedFormat.Read(path)
	if err != nil {
		return nil, err
	}
	f, ok := decodeFeed(payload)
	if !ok {
		return nil, feedFormat.Damaged(path, "does not hold together")
	}
	return f, misnamed(path, f.Name)
}

// ReadInfo reads what is known about one timetable as a whole. It checks that
// the file is all there, but not what the rest of it says.
func ReadInfo(path string) (FeedInfo, error) {
	payload, err := feedFormat.Read(path)
	if err != nil {
		return FeedInfo{}, err
	}
	r := &ownfile.Reader{Rest: payload}
	info, _ := readInfo(r)
	if r.Bad {
		return FeedInfo{}, feedFormat.Damaged(path, "does not hold together")
	}
	return info, misnamed(path, info.Name)
}

// misnamed is an error for a file under another name than its feed's: there
// would be two feeds of one name.
func misnamed(path, name string) error {
	if filepath.Base(path) == name+feedEnding {
		return nil
	}
	return &FileError{Path: path, Reason: fmt.Sprintf("holds the timetable %q", name),
		Advice: fmt.Sprintf("rename it to %s, or move it away", name+feedEnding)}
}

// Same reports whether two feeds say the same, whenever they were imported.
func Same(a, b *Feed) bool {
	x, y := *a, *b
	x.ImportedAt, y.ImportedAt = time.Time{}, time.Time{}
	return string(encodeFeed(&x)) == string(encodeFeed(&y))
}

// A feed's payload is, in this order: what is known of it as a whole; a table
// of texts; stops; routes; sets of days, and which of them each service has;
// sequences of stops; time profiles, each the times along one sequence; trips,
// each a profile and a start; transfers. All numbers are varints, most as the
// difference from the one before.
//
// Thousands of trips share a profile, so a feed is many times larger in memory
// than on disk. Two limits keep a wrong file from asking for more memory than
// it earns: a profile serves maxShare trips and is then written again, and a
// text takes over at most 255 bytes of the one before it.
const maxShare = 32

// latLonUnit is the degree's fraction that coordinates are whole numbers of,
// where that gives them back exactly.
const latLonUnit = 1e7

// checkFeed says what in a feed cannot be stored, as in what could never be
// read back.
func checkFeed(f *Feed) error {
	fault := func(format string, args ...any) error {
		return fmt.Errorf("transit: timetable %q: %s", f.Name, fmt.Sprintf(format, args...))
	}
	if !ValidName(f.Name) {
		return fault("its name must be up to %d small letters, digits, dots and dashes, beginning with a letter or digit", maxFeedName)
	}
	if !knownZone(f.Zone) {
		return fault("%q is not a time zone; give one like Europe/London", f.Zone)
	}
	if !f.validDays() {
		return fault("it cannot hold from %s until %s", f.First, f.Last)
	}
	for i := range f.Stops {
		s := &f.Stops[i]
		if !validStop(s) {
			return fault("stop %d (%s) is at %v, %v with wheelchair %d, which cannot be", i, s.ID, s.Lat, s.Lon, s.Wheelchair)
		}
	}
	for i, r := range f.Routes {
		if r.Mode > Ferry {
			return fault("route %d (%s) has the mode %d, which is none", i, r.ID, r.Mode)
		}
	}
	for i := range f.Trips {
		t := &f.Trips[i]
		if int(t.Route) >= len(f.Routes) || int(t.Service) >= len(f.Services) || t.Wheelchair > AccessNo || len(t.Times) < 2 {
			return fault("trip %d (%s) has no route, no service, or fewer than two stops", i, t.ID)
		}
		last := int32(0)
		for n, at := range t.Times {
			if int(at.Stop) >= len(f.Stops) || at.Arrive < last || at.Depart < at.Arrive || at.Pickup > AskTheDriver || at.DropOff > AskTheDriver {
				return fault("trip %d (%s) stops %d. at stop %d from %d to %d s, which cannot be", i, t.ID, n+1, at.Stop, at.Arrive, at.Depart)
			}
			last = at.Depart
		}
	}
	for i, x := range f.Transfers {
		if !f.holds(x) {
			return fault("transfer %d names a stop, route or trip that is not there, or is of no type", i)
		}
	}
	return nil
}

// validDays reports whether the validity is some days of this age, which
// whoever looks at each of them can rely on.
func (f *Feed) validDays() bool {
	return f.First >= 0 && f.First <= f.Last && f.Last <= lastDay
}

func validStop(s *Stop) bool {
	return math.Abs(s.Lat) <= 90 && math.Abs(s.Lon) <= 180 && s.Wheelchair <= AccessNo
}

// holds reports whether all that a transfer names is in the feed.
func (f *Feed) holds(x Transfer) bool {
	return int(x.From) < len(f.Stops) && int(x.To) < len(f.Stops) && x.Type <= Forbidden &&
		int(x.FromRoute) < len(f.Routes) && int(x.ToRoute) < len(f.Routes) &&
		int(x.FromTrip) < len(f.Trips) && int(x.ToTrip) < len(f.Trips)
}

// knownZone reports whether a name is a time zone's; "Local" would be another
// on another machine.
func knownZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}
