package index

import "hereabouts"

// What reach says of a listing, from the best to the worst.
const (
	reachNone         uint8 = iota // no journey is needed
	reachWalk                      // both ways can be walked
	reachThereAndBack              //
	reachDoorToDoor                // somebody fetches them
	reachUnknown                   //
	reachThereOnly                 //
	reachNo                        //
)

// verdicts are the classes as a journey says them.
var verdicts = [...]hereabouts.Verdict{
	reachNone: "", reachWalk: hereabouts.Walkable, reachThereAndBack: hereabouts.ThereAndBack,
	reachDoorToDoor: hereabouts.DoorToDoorYes, reachUnknown: hereabouts.ReachUnknown,
	reachThereOnly: hereabouts.ThereOnly, reachNo: hereabouts.NotReached,
}

// judged is what reach says of one listing.
type judged struct {
	class    uint8
	obstacle hereabouts.Obstacle
	start    int64        // Unix seconds of the session, or of the stay within opening hours, that it is about
	end      int64        // 0, as start, when there is none
	session  int          // position in Listing.Sessions; -1: none, or assumed hours alone
	place    int          // position in Listing.Places; -1: any of them
	points   []placePoint // where it may be entered; of place, when there is one
	inside   bool         // the origin is inside its outline
	assumed  bool         // the hours were assumed
	noEnd    bool         // the session states no end, and is taken to last Travel.Stay
	fallback []string     // ids of up to three listings that fetch people, its own included
}
