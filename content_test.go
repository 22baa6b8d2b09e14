package hereabouts

import (
	"math"
	"reflect"
	"testing"
	"time"
)

func TestContentHashIgnoresOnlyTheRecordsOwnFields(t *testing.T) {
	l := full(t)
	other := l
	other.ID, other.Rev = "another", 99
	other.CreatedAt, other.UpdatedAt, other.Source.ImportedAt = time.Unix(1, 0), time.Unix(2, 0), time.Unix(3, 0)
	if !l.SameAs(&other) {
		t.Error("a listing stored again says something else")
	}
	ignored := map[string]bool{"ID": true, "Rev": true, "CreatedAt": true, "UpdatedAt": true}
	for i := range reflect.TypeFor[Listing]().NumField() {
		name := reflect.TypeFor[Listing]().Field(i).Name
		other := full(t)
		reflect.ValueOf(&other).Elem().Field(i).SetZero()
		if l.SameAs(&other) != ignored[name] {
			t.Errorf("without %s the listing says the same: %v", name, !ignored[name])
		}
	}
}

func TestContentHashOfOrganisations(t *testing.T) {
	o := Organisation{ID: "a", Rev: 1, Name: "Millside Trust", Contacts: []Contact{{Name: "Jo"}}, UpdatedAt: time.Unix(1, 0)}
	same, different := o, o
	same.ID, same.Rev, same.UpdatedAt, same.Source.ImportedAt = "b", 2, time.Time{}, time.Unix(5, 0)
	different.Contacts = []Contact{{Name: "Sam"}}
	if !o.SameAs(&same) || o.SameAs(&different) {
		t.Errorf("same %v, different %v", o.SameAs(&same), o.SameAs(&different))
	}
}

func TestContentHashOfWhatCannotBeStored(t *testing.T) {
	nan := math.NaN()
	bad := full(t)
	bad.Places[0].Lat = &nan
	if good := full(t); bad.SameAs(&good) {
		t.Error("a listing whose place is not a number says what a good one says")
	}
}
