package transit

import (
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/gb"
)

// bankHolidays are those of England.
var bankHolidays = func() *cal.Calendar {
	c := &cal.Calendar{}
	c.AddHoliday(gb.NewYear, gb.GoodFriday, gb.EasterMonday, gb.EarlyMay, gb.VEDay, gb.CoronationDay, gb.SpringHoliday,
		gb.SpringHoliday2022, gb.PlatinumJubilee, gb.SummerHoliday, gb.ChristmasDay, gb.BoxingDay)
	return c
}()

// Holds reports whether somebody may board with a pass at a local time.
func (p Pass) Holds(at time.Time) bool {
	if p == NoPass {
		return true
	}
	hour, minute, _ := at.Clock()
	return hour > 9 || hour == 9 && minute >= 30 || !limited(at)
}

// limited reports whether a pass is limited on a local day at all.
func limited(day time.Time) bool {
	switch day.Weekday() {
	case time.Saturday, time.Sunday:
		return false
	}
	actual, observed, _ := bankHolidays.IsHoliday(day)
	return !actual && !observed
}

// closed are the spans in which a pass does not hold, in seconds after from,
// for as long as to: one for each local day, in order.
func (z *zone) closed(p Pass, from, to int64) []span {
	var spans []span
	if p == NoPass {
		return nil
	}
	for d := z.dayOf(from) - 1; d <= z.dayOf(to); d++ {
		y, m, day := d.Date()
		midnight := time.Date(y, m, day, 0, 0, 0, 0, z.place)
		if !limited(midnight) {
			continue
		}
		opens := time.Date(y, m, day, 9, 30, 0, 0, z.place)
		if opens.Unix() > from && midnight.Unix() <= to {
			spans = append(spans, span{int32(midnight.Unix() - from), int32(opens.Unix() - from)})
		}
	}
	return spans
}

// after is the first time from t on at which boarding is allowed.
func after(closed []span, t int32) int32 {
	for _, s := range closed {
		if t >= s.from && t < s.to {
			t = s.to
		}
	}
	return t
}

// before is the last time up to t at which boarding is allowed.
func before(closed []span, t int32) int32 {
	for i := len(closed) - 1; i >= 0; i-- {
		if s := closed[i]; t >= s.from && t < s.to {
			t = s.from - 1
		}
	}
	return t
}
