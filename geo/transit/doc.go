// Package transit answers how somebody gets somewhere in time by public
// transport and on foot, and home again.
//
// A [Feed] is one publisher's timetable. [Save] writes it down compactly in a
// folder of timetables; [Open] reads the folder into one [Network] of every
// feed, and [Timetables.Reload] replaces it whole. From [Network.From] comes a
// [Reach]: everything about one [Traveller]. Its scans say for every stop at
// once whether an appointment can be kept ([Reach.Out]) and whether home can
// be reached afterwards ([Reach.Back]); [Spots] tie places to the stops near
// them, so that judging a place is a few comparisons. Whole journeys, with
// their legs, are made only for the few that are shown ([Reach.There],
// [Reach.Home]).
//
// The algorithm is RAPTOR (Delling, Pajor and Werneck, "Round-Based Public
// Transit Routing", 2012), forward and backward. The rules of walking and
// changing are exact to the second and the same for every engine and test:
//
//   - Times are seconds from noon minus twelve hours of a service day in the
//     feed's own time zone, so that they stay right when clocks change.
//   - A walk takes ceil(distance × 1.3 ÷ speed) seconds, the distance being
//     the great circle's (earth radius [geo.EarthRadiusM]). Its path is
//     distance × 1.3. A walk from or to a person's ends is at most
//     [Traveller.MaxWalkM] of path; one between stops the lesser of that and
//     [MaxFootM].
//   - Changing takes [ChangeSeconds] at the same stop, and the walk and
//     [ChangeSeconds] between two, unless the feed's transfers say otherwise.
//     There is one walk at a change; walks are not chained.
//   - Walking all the way may be up to twice MaxWalkM of path.
package transit
