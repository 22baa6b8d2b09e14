package hereabouts

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// full is a listing that says something in every field.
func full(t testing.TB) Listing {
	t.Helper()
	b, err := os.ReadFile("testdata/listing.json")
	if err != nil {
		t.Fatal(err)
	}
	var l Listing
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		t.Fatal(err)
	}
	return l
}

// The names are the public contract: testdata/listing.json holds every one
// of them, and a listing read from it is written just so.
func TestListingJSONIsTheContract(t *testing.T) {
	l := full(t)
	want := reread(t, "testdata/listing.json")
	if diff := cmp.Diff(want, parsed(t, mustJSON(t, l))); diff != "" {
		t.Errorf("read and written again (-contract +written):\n%s", diff)
	}
	l.Normalise()
	if diff := cmp.Diff(want, parsed(t, mustJSON(t, l))); diff != "" {
		t.Errorf("the contract's example is not in canonical form (-contract +normalised):\n%s", diff)
	}
	if err := l.Validate(nil); err != nil {
		t.Errorf("the contract's example is not good: %v", err)
	}
	if field := emptyField(reflect.ValueOf(l), "listing"); field != "" {
		t.Errorf("the example says nothing in %s, so nothing holds its name", field)
	}
}

func TestAnEmptyListingSaysUnknownAndNull(t *testing.T) {
	var l Listing
	l.Places, l.Sessions = []Place{{}}, []Session{{}}
	l.Normalise()
	if diff := cmp.Diff(reread(t, "testdata/empty.json"), parsed(t, mustJSON(t, l))); diff != "" {
		t.Error(diff)
	}
}

func TestNullsAreRead(t *testing.T) {
	nulls := `{"kind":"group","name":"Shed","needs":null,"tags":null,"eligibility":{"min_age":null,"genders":null,"catchment":{"areas":null,"geometry":null}},
		"referral":null,"availability":{"state":null,"as_of":null},"delivery":null,"places":[{"lat":null,"lon":null,"entrances":null,"access":{"step_free":null}}],
		"sessions":[{"rrule":"FREQ=DAILY","start":null,"end":null,"from":null,"except":null}],"cost":null,"languages":null,"contacts":null,"translations":null,
		"confirmed_at":null}`
	var l Listing
	if err := json.Unmarshal([]byte(nulls), &l); err != nil {
		t.Fatal(err)
	}
	l.Normalise()
	if err := l.Validate(nil); err != nil {
		t.Error(err)
	}
	if l.Places[0].Access.StepFree != Unknown || l.Availability.State != AvailabilityUnknown {
		t.Errorf("null is not unknown: %+v %+v", l.Places[0].Access, l.Availability)
	}
}

func reread(t testing.TB, file string) any {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, string(b))
}

func parsed(t testing.TB, s string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// emptyField names a field that is zero somewhere within v. One element of
// each list is enough.
func emptyField(v reflect.Value, at string) string {
	if v.IsZero() {
		return at
	}
	switch v.Kind() {
	case reflect.Pointer:
		if strings.HasPrefix(v.Type().Elem().PkgPath(), "hereabouts") {
			return emptyField(v.Elem(), at)
		}
	case reflect.Slice:
		if v.Len() == 0 {
			return at
		}
		return emptyField(v.Index(0), at)
	case reflect.Map:
		for _, key := range v.MapKeys() {
			return emptyField(v.MapIndex(key), at)
		}
	case reflect.Struct:
		if v.Type().PkgPath() != "hereabouts" {
			return ""
		}
		for i := range v.NumField() {
			if field := emptyField(v.Field(i), at+"."+v.Type().Field(i).Name); field != "" {
				return field
			}
		}
	}
	return ""
}
