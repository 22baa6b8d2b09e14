package importers

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"

	"hereabouts"
)

// listings is the namespace in which every imported id is made. Changing it
// would make every listing of every source a stranger to its next import.
var listings = uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:hereabouts:listing"))

// ListingID is the id of the listing that a source calls id: a UUIDv5 of the
// source's name and the id, the same on every machine and in every year.
func ListingID(source, id string) string {
	return uuid.NewSHA1(uuid.NewSHA1(listings, []byte(source)), []byte(id)).String()
}

// contentID stands in for the id that a source did not give. It keeps to the
// two things least likely to be edited, so that a corrected phone number is a
// change to the listing and not a second listing.
func contentID(l *hereabouts.Listing) string {
	var where string
	for i := range l.Places {
		if where = l.Places[i].Postcode; where == "" {
			where = l.Places[i].Address
		}
		if where != "" {
			break
		}
	}
	sum := sha256.Sum256([]byte(folded(l.Name) + "\n" + folded(where)))
	return "content-" + hex.EncodeToString(sum[:8])
}

// folded is s without regard to case and spacing.
func folded(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(s), " "))
}
