package oruk_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"hereabouts"
	"hereabouts/importers/oruk"
)

// shared is the folder of real data beside the checkout.
func shared(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	data := filepath.Join(dir, "..", "shared", "data")
	if _, err := os.Stat(data); err != nil {
		t.Skip("the real data is not here")
	}
	return data
}

// What real files hold, and what becomes of it.
func TestSamples(t *testing.T) {
	data := shared(t)
	for _, c := range []struct {
		path  string
		told  oruk.Dialect
		want  string
		first string // code of the first fault
	}{
		{"oruk/oruk-3.0-mocks/Default/service_full.json", oruk.ORUK3, "read 1, added 1, changed 0, unchanged 0", ""},
		{"oruk/oruk-3.0-mocks/Default/service_list.json", oruk.ORUK3, "read 1, added 1, changed 0, unchanged 0", ""},
		{"oruk/oruk-3.0-mocks/Default/service_at_location_list.json", oruk.ORUK3, "read 1, added 1, changed 0, unchanged 0", ""},
		{"oruk/oruk-3.0-mocks/Default/organization.json", oruk.ORUK3, "read 1, added 1, changed 0, unchanged 0", ""},
		{"oruk/oruk-3.0-mocks/Default", oruk.ORUK3, "read 1, added 1, changed 0, unchanged 0", ""},
		// 128 items under one id, in 88 different versions.
		{"oruk/oruk-3.0-mocks/Test/service_list.json", oruk.ORUK3, "read 128, added 1, changed 0, unchanged 0, repeated 36, rejected 91", "duplicate"},
		{"oruk/oruk-3.0-mocks/Warn/service_full.json", oruk.ORUK3, "read 1, added 1, changed 0, unchanged 0", ""},
		{"oruk/oruk-3.0-mocks/Fail/service_list.json", oruk.ORUK3, "read 4, added 0, changed 0, unchanged 0, rejected 4", "required"},
		{"oruk/oruk-3.0-mocks/Fail/service_full.json", oruk.ORUK3, "read 1, added 1, changed 0, unchanged 0", ""},
		{"oruk/hsds-3.1", oruk.HSDS31, "read 1, added 1, changed 0, unchanged 0", ""},
		{"oruk/hsds-3.0-dfe/01001_getFullyNestedServiceById_200.json", oruk.HSDS30, "read 1, added 1, changed 0, unchanged 0", ""},
		// The header says one item; there are 35, all under one id.
		{"oruk/hsds-3.0-dfe/02002_getPaginatedListOfServices_200.json", oruk.ORUK3, "read 35, added 1, changed 0, unchanged 0, rejected 34", "duplicate"},
		// The header says that the empty page is neither empty nor last.
		{"oruk/hsds-3.0-dfe/02003_getPaginatedListOfServices_200.json", "", "read 0, added 0, changed 0, unchanged 0", ""},
		{"oruk/hsds-3.0-dfe", oruk.HSDS30, "read 36, added 1, changed 0, unchanged 0, rejected 35", "duplicate"},
		{"hsds/gb-buckinghamshire-oruk-services-page.json", oruk.Outpost, "read 20, added 20, changed 0, unchanged 0", ""},
		{"hsds/us-washington-dc-services.zip", oruk.Tables, "read 1658, added 0, changed 0, unchanged 0, rejected 1658", "out_of_range"},
		{"hsds/us-washington-dc-hsds-2-broken-keys.zip", oruk.Tables, "read 2184, added 0, changed 0, unchanged 0, rejected 2184", "broken_keys"},
	} {
		t.Run(c.path, func(t *testing.T) {
			at := filepath.Join(data, filepath.FromSlash(c.path))
			into := &shelf{}
			var told oruk.Dialect
			rep, err := run(t, oruk.Source{At: at, Told: func(d oruk.Dialect) { told = d }}, into)
			if err != nil {
				t.Fatal(err)
			}
			if got := rep.String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if told != c.told {
				t.Errorf("told to be %q, want %q", told, c.told)
			}
			if c.first != "" && rep.Faults[0].Reasons[0].Code != c.first {
				t.Errorf("rejected for %s, want %s", rep.Faults[0].Reasons[0].Code, c.first)
			}
			again, err := run(t, oruk.Source{At: at}, into)
			if err != nil || again.Unchanged != rep.Added || again.Added+again.Changed != 0 {
				t.Errorf("the second import: %s, %v", again.String(), err)
			}
		})
	}
}

// The real page of a council, read in detail.
func TestSampleSaysWhatThePageSays(t *testing.T) {
	into := &shelf{}
	if _, err := run(t, oruk.Source{At: filepath.Join(shared(t), "hsds/gb-buckinghamshire-oruk-services-page.json")}, into); err != nil {
		t.Fatal(err)
	}
	byID := map[string]hereabouts.Listing{}
	located := 0
	for _, l := range into.got {
		byID[l.Source.ID] = l
		for _, p := range l.Places {
			if _, ok := p.Point(); ok {
				located++
			}
		}
	}
	if located != 13 {
		t.Errorf("%d places have coordinates, want 13: the others are at 0, 0 or nowhere", located)
	}
	l := byID["1"]
	if l.Kind != hereabouts.Group || l.Name != "12th Aylesbury Brownies" || *l.Eligibility.MinAge != 5 || *l.Eligibility.MaxAge != 11 ||
		l.ConfirmedAt != "2021-01-13" || len(l.Sessions) != 1 || l.Sessions[0].RRule != "FREQ=WEEKLY;BYDAY=MO" || l.Places[0].Postcode != "HP21 7JF" {
		t.Errorf("the Brownies are %+v", l)
	}
	if a := byID["10"].Places[0].Access; a.AccessibleToilet != hereabouts.Yes || a.StepFree != hereabouts.Yes || a.HearingLoop.Known() {
		t.Errorf("access is %+v", a)
	}
	if a := byID["723"].Places[0].Access; a.BlueBadgeParking != hereabouts.Yes || a.Parking.Known() {
		t.Errorf("access is %+v", a)
	}
	if c := byID["7"].Contacts; len(c) < 2 || c[0].Email != "" && c[0].Name == "" {
		t.Errorf("contacts are %+v", c)
	}
}

func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	at := filepath.Join(dir, "services.ndjson")
	f, err := os.Create(at)
	if err != nil {
		b.Fatal(err)
	}
	const n = 5000
	for i := range n {
		fmt.Fprintf(f, `{"id":"%d","name":"Walking group %d","status":"active","description":"A gentle walk by the river, with tea afterwards. All are welcome.","minimum_age":18,"schedules":[{"freq":"WEEKLY","byday":"TU","opens_at":"10:00","closes_at":"11:30"}],"service_at_locations":[{"id":"s","location":{"id":"l","location_type":"physical","name":"Hall","latitude":52.3,"longitude":-0.9,"addresses":[{"address_1":"High Street","city":"Brixworth","postal_code":"NN6 9BN"}],"accessibility":[{"description":"Level access."}]}}],"organization":{"id":"o","name":"Ramblers"},"phones":[{"number":"01604 123456"}]}`+"\n", i, i)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		rep, err := run(b, oruk.Source{At: at}, &shelf{})
		if err != nil || rep.Added != n {
			b.Fatal(rep.String(), err)
		}
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "records/s")
}
