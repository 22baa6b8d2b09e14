// Package gtfs reads public timetables in the General Transit Feed
// Specification. [Read] is the place to start: it turns a zip or a folder of
// tables into a [transit.Feed] and says in a [Report] everything that it
// changed, filled in or left out on the way.
//
// Faults are named as the canonical GTFS validator names its notices, so that
// whoever publishes the feed can look them up. Three names are ours, for what
// the validator has no notice for: flexible_service_not_read, of areas served
// on demand, transfer_type_not_read, of passengers who stay seated, and
// transfer_without_trips, of rules about stops and trips that are not in use.
//
// # What is left out, and what is mended
//
// A timetable that promises a bus which does not come is worse than one that
// forgets a bus. A row that cannot be understood is therefore left out, and a
// trip whose times run backwards is left out whole; but a fact that only adds
// comfort, such as a name or a station, is done without. Stops at which no
// trip calls are left out, and so are services on which no trip runs.
//
// # Validity
//
// A feed has something to say about a day when its calendars do and its
// feed_info, if it states dates, does. The calendars speak of the days from
// the first start date to the last end date of any service with trips, days
// added by exceptions included. A publisher often states that a feed is valid
// for years while its calendars end in the summer: from then on we would find
// no bus at all and say so, when the truth is that nobody knows. Where the two
// do not overlap, the calendars are believed.
package gtfs
