package oruk_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hereabouts"
	"hereabouts/importers/oruk"
)

// One service, as each dialect says it.
var dialects = map[oruk.Dialect]map[string]string{
	oruk.ORUK3: {"services.json": `{"contents": [{"id": "1", "name": "Chair exercise", "description": "Sitting down.", "status": "active", "minimum_age": 55, "assured_date": "2026-08-30",
		"url": "https://movingon.org.uk/chair", "organization": {"id": "o", "name": "Moving On", "website": "https://movingon.org.uk"},
		"schedules": [{"freq": "WEEKLY", "byday": "TU,TH", "opens_at": "10:00:00", "closes_at": "11:00:00", "valid_from": "2026-09-01"}],
		"cost_options": [{"amount": 3, "amount_description": "per session"}],
		"service_at_locations": [{"location": {"id": "l", "location_type": "physical", "name": "Town Hall", "latitude": 52.24, "longitude": -0.89,
			"addresses": [{"address_1": "The Drapery", "city": "Northampton", "postal_code": "NN1 2ET"}], "accessibility": [{"description": "Level access"}]}}],
		"languages": [{"code": "pl"}], "phones": [{"number": "01604 111222"}], "attributes": [{"taxonomy_term": {"name": "Chair based exercise"}}]}]}`},
	oruk.ORUK1: {"services.json": `{"content": [{"id": "1", "name": "Chair exercise", "description": "Sitting down.", "status": "active", "assured_date": "2026-08-30", "attending_type": "venue",
		"url": "https://movingon.org.uk/chair", "organization": {"id": "o", "name": "Moving On", "url": "https://movingon.org.uk"}, "eligibilitys": [{"minimum_age": 55.0, "maximum_age": null}],
		"regular_schedules": [{"weekday": "Tuesday", "opens_at": "10:00", "closes_at": "11:00", "valid_from": "2026-09-01"}, {"weekday": "Thursday", "opens_at": "10:00", "closes_at": "11:00", "valid_from": "2026-09-01"}],
		"cost_options": [{"amount": "3.00", "amount_description": "per session"}],
		"service_at_locations": [{"location": {"id": "l", "name": "Town Hall", "latitude": "52.24", "longitude": "-0.89",
			"physical_addresses": [{"address_1": "The Drapery", "city": "Northampton", "postal_code": "nn12et"}], "accessibility_for_disabilities": [{"accessibility": "Level access"}]}}],
		"languages": [{"language": "Polish"}], "phones": [{"number": "01604 111222"}], "service_taxonomys": [{"taxonomy": {"name": "Chair based exercise", "vocabulary": "esdServiceType"}}]}]}`},
	oruk.Outpost: {"services.json": `{"content": [{"id": 1, "name": "Chair exercise", "description": "Sitting down.\r\n ", "updated_at": "2026-08-30T12:00:00.000Z", "min_age": 55, "max_age": null, "needs_referral": null, "free": null,
		"url": "https://movingon.org.uk/chair", "organisation": {"id": 3, "name": "Moving On", "url": "https://movingon.org.uk"},
		"regular_schedules": [{"weekday": "Tuesday", "opens_at": "10:00", "closes_at": "11:00", "valid_from": "2026-09-01"}, {"weekday": "Thursday", "opens_at": "10:00", "closes_at": "11:00", "valid_from": "2026-09-01"}],
		"cost_options": [{"option": null, "amount": "3.0", "cost_type": "per session"}],
		"locations": [{"id": "l", "name": "Town Hall", "address_1": " The Drapery", "city": "Northampton", "postal_code": "NN1 2ET", "geometry": {"type": "Point", "coordinates": [-0.89, 52.24]}, "accessibilities": [{"name": "Level access"}]}],
		"languages": [{"name": "Polish"}], "contacts": [{"name": null, "phone": "01604 111222", "email": ""}], "taxonomies": [{"name": "Chair based exercise", "parent_id": null}]}]}`},
	oruk.Tables: {
		"services.csv":             "id,organization_id,name,description,status,assured_date,url\n1,o,Chair exercise,Sitting down.,active,2026-08-30,https://movingon.org.uk/chair\n",
		"organizations.csv":        "id,name,url\no,Moving On,https://movingon.org.uk\n",
		"eligibilitys.csv":         "id,service_id,minimum_age,maximum_age\n1,1,55,\n",
		"regular_schedules.csv":    "id,service_id,byday,freq,opens_at,closes_at,valid_from\n1,1,\"TU,TH\",WEEKLY,10:00,11:00,2026-09-01\n",
		"cost_options.csv":         "id,service_id,amount,amount_description\n1,1,3,per session\n",
		"locations.csv":            "id,name,latitude,longitude\nl,Town Hall,52.24,-0.89\n",
		"addresses.csv":            "id,location_id,address_1,city,postal_code\n1,l,The Drapery,Northampton,NN1 2ET\n",
		"service_at_locations.csv": "id,service_id,location_id\n1,1,l\n",
		"accessibility.csv":        "id,location_id,description\n1,l,Level access\n",
		"languages.csv":            "id,service_id,code\n1,1,pl\n",
		"phones.csv":               "id,service_id,number\n1,1,01604 111222\n",
		"attributes.csv":           "id,link_id,link_entity,taxonomy_term_id\n1,1,service,t\n",
		"taxonomy_terms.csv":       "id,name\nt,Chair based exercise\n",
	},
}

// The same service is the same listing, whichever dialect says it.
func TestDialectsSayTheSame(t *testing.T) {
	var want *hereabouts.Listing
	for _, d := range []oruk.Dialect{oruk.ORUK3, oruk.ORUK1, oruk.Outpost, oruk.Tables} {
		dir := t.TempDir()
		for name, content := range dialects[d] {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var told oruk.Dialect
		into := &shelf{}
		rep, err := run(t, oruk.Source{At: dir, Told: func(d oruk.Dialect) { told = d }}, into)
		if err != nil || len(into.got) != 1 {
			t.Fatalf("%s: %v, %s", d, err, rep.String())
		}
		if told != d {
			t.Errorf("%s is told to be %s", d, told)
		}
		got := &into.got[0]
		if want == nil {
			want = got
			continue
		}
		// The Outpost variant has its number under a nameless contact.
		if d == oruk.Outpost {
			if len(got.Contacts) != 2 || got.Contacts[1].Phone != want.Contacts[0].Phone {
				t.Errorf("%s: contacts are %+v", d, got.Contacts)
			}
			got.Contacts = want.Contacts
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s says it differently (-%s +%s):\n%s", d, oruk.ORUK3, d, diff)
		}
	}
}

func TestTell(t *testing.T) {
	for doc, want := range map[string]oruk.Dialect{
		`{"version": "HSDS-UK-3.0", "profile": "p", "openapi_url": "u"}`: oruk.ORUK3,
		`{"version": "3.0", "profile": "p", "openapi_url": "u"}`:         oruk.HSDS30,
		`{"version": "3.1.1", "openapi_url": "u"}`:                       oruk.HSDS31,
		`{"content": []}`: oruk.ORUK1,
		`{"content": [{"taxonomies": [], "target_directories": []}]}`: oruk.Outpost,
		`{"contents": [{"id": "1", "status": "active"}]}`:             oruk.ORUK3,
		`{"contents": [{"application_process": "x"}]}`:                oruk.HSDS30,
		`[{"capacities": []}]`:                                        oruk.HSDS31,
		`{"eligibilitys": []}`:                                        oruk.ORUK1,
		`{}`:                                                          oruk.ORUK3,
	} {
		if got, err := oruk.Tell([]byte(doc)); got != want || err != nil {
			t.Errorf("%s is %s, %v; want %s", doc, got, err, want)
		}
	}
	for _, doc := range []string{``, `5`, `[]`, `<html>`} {
		if got, err := oruk.Tell([]byte(doc)); err == nil {
			t.Errorf("%q is %s", doc, got)
		}
	}
}

func FuzzTables(f *testing.F) {
	tables := dialects[oruk.Tables]
	f.Add(tables["services.csv"], tables["regular_schedules.csv"], tables["service_at_locations.csv"])
	f.Add("service_recordid,service_name\n1,\"a\n", "id,service_id,weekday\n1,\"1,2\",Mon-Fri\n", "\xff\xfe")
	f.Fuzz(func(t *testing.T, services, schedules, at string) {
		dir := t.TempDir()
		for name, content := range map[string]string{"services.csv": services, "schedules.csv": schedules, "service_at_locations.csv": at,
			"locations.csv": tables["locations.csv"], "organizations.csv": tables["organizations.csv"]} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		rep, _ := run(t, oruk.Source{At: dir}, &shelf{})
		if rep.Read != rep.Added+rep.Repeated+rep.Rejected {
			t.Errorf("the report does not add up: %s", rep.String())
		}
	})
}
