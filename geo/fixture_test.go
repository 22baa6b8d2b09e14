package geo_test

import (
	"testing"

	"hereabouts/geo"
)

// A small country for the tests: real places, and postcodes near them.
func openFixture(t testing.TB) *geo.Gazetteer {
	t.Helper()
	dir := t.TempDir()
	writeFixture(t, dir)
	g, err := geo.OpenGazetteer(dir)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func writeFixture(t testing.TB, dir string) {
	t.Helper()
	if err := geo.WritePostcodes(dir, fixturePostcodes(t)); err != nil {
		t.Fatal(err)
	}
	if err := geo.WriteNames(dir, fixtureNames()); err != nil {
		t.Fatal(err)
	}
}

func fixturePostcodes(t testing.TB) *geo.Postcodes {
	t.Helper()
	district := func(code string, lat, lon float64, town, region, country string) geo.District {
		return geo.NewDistrict(postcode(t, code), geo.LatLon(lat, lon), town, region, country)
	}
	unit := func(code string, lat, lon float64) geo.Unit {
		return geo.NewUnit(postcode(t, code), geo.LatLon(lat, lon), code == "SO14 7ZZ")
	}
	return &geo.Postcodes{
		Units: []geo.Unit{
			unit("SO14 7DU", 50.9101, -1.4045), unit("SO14 7LY", 50.9081, -1.4065), unit("SO14 7ZZ", 50.9999, -1.4999),
			unit("SE10 9NF", 51.48, 0), unit("S10 1AE", 53.3811, -1.4989),
		},
		Districts: []geo.District{
			district("SO14", 50.9073, -1.3959, "Southampton", "Southampton", "England"),
			district("AB10", 57.13514, -2.11731, "Aberdeen", "Aberdeen City", "Scotland"),
			district("SW1A", 51.5023, -0.1243, "London", "Westminster", "England"),
			district("NN1", 52.24154, -0.88682, "Northampton", "Northamptonshire", "England"),
			district("NN6", 52.33, -0.95, "Long Buckby", "Northamptonshire", "England"),
			district("TN25", 51.15, 0.9, "Ashford", "Kent", "England"),
			district("TW15", 51.43, -0.46, "Ashford", "Surrey", "England"),
			district("TF9", 52.9, -2.48, "Market Drayton", "Shropshire", "England"),
			district("TF10", 52.77, -2.39, "Newport", "Telford and Wrekin", "England"),
			district("PO30", 50.69, -1.3, "Newport", "Isle of Wight", "England"),
			district("NP20", 51.58, -3.0, "Newport", "Newport", "Wales"),
			district("BT1", 54.59941, -5.92838, "", "Belfast", "Northern Ireland"),
			district("JE2", 49.18903, -2.10054, "St Helier", "Jersey", "Jersey"),
			district("IM1", 54.15, -4.48, "Douglas, Braddan", "Isle of Man", "Isle of Man"),
		},
	}
}

func fixtureNames() []geo.Name {
	name := func(name, kind, district string, lat, lon float64, also ...string) geo.Name {
		return geo.NewName(name, kind, district, "", geo.LatLon(lat, lon), also...)
	}
	return []geo.Name{
		name("London", geo.KindCity, "City of Westminster", 51.5074, -0.1277),
		name("Southampton", geo.KindCity, "City of Southampton", 50.9044, -1.4042),
		name("Northampton", geo.KindTown, "West Northamptonshire", 52.2379, -0.895),
		name("Northampton", geo.KindHamlet, "Wychavon", 52.289, -2.2416),
		name("Brixworth", geo.KindVillage, "West Northamptonshire", 52.3281, -0.9065),
		name("Newport", geo.KindTown, "Isle of Wight", 50.7002, -1.2937),
		name("Newport", geo.KindTown, "Telford and Wrekin", 52.7688, -2.3785),
		name("Newport", geo.KindVillage, "Uttlesford", 51.9839, 0.2144),
		name("Ashford", geo.KindTown, "Ashford", 51.1484, 0.8711),
		name("Ashford", geo.KindTown, "Spelthorne", 51.4329, -0.462),
		name("Ashford", geo.KindHamlet, "South Hams", 50.3225, -3.8434),
		name("Church End", geo.KindSuburb, "Central Bedfordshire", 51.9, -0.55),
		name("Church End", geo.KindVillage, "Central Bedfordshire", 52.1, -0.3),
		name("Dunstable", geo.KindTown, "Central Bedfordshire", 51.886, -0.52),
		name("Sandy", geo.KindTown, "Central Bedfordshire", 52.131, -0.286),
		name("Newcastle upon Tyne", geo.KindCity, "Newcastle upon Tyne", 54.978, -1.6102),
		name("Newcastle", geo.KindVillage, "Shropshire", 52.4347, -3.1062),
		name("Stoke-on-Trent", geo.KindCity, "City of Stoke-on-Trent", 53.0222, -2.1734),
		name("Burton upon Trent", geo.KindTown, "East Staffordshire", 52.8, -1.64),
		name("Burton", geo.KindVillage, "Wiltshire", 51.5, -2.27),
		name("Brighton and Hove", geo.KindCity, "The City of Brighton and Hove", 50.8236, -0.1435),
		name("Brighton", geo.KindHamlet, "Cornwall", 50.352, -4.9475),
		name("St Albans", geo.KindCity, "St. Albans", 51.7523, -0.3391),
		name("King's Lynn", geo.KindTown, "King's Lynn and West Norfolk", 52.752, 0.3954),
		name("Royal Leamington Spa", geo.KindTown, "Warwick", 52.2852, -1.5358),
		name("Abertawe", geo.KindCity, "Abertawe - Swansea", 51.6201, -3.9414),
		name("Y Fenni", geo.KindTown, "Sir Fynwy - Monmouthshire", 51.82, -3.02),
		name("Pont-y-pŵl", geo.KindTown, "Torfaen - Torfaen", 51.7016, -3.0423),
		name("Inbhir Nis", geo.KindCity, "Highland", 57.48, -4.2262),
		name("Penarlâg", geo.KindVillage, "Sir y Fflint - Flintshire", 53.1847, -3.0255, "Harden"),
		name("Greenwich", geo.KindPlace, "Greenwich", 51.4787, -0.0108),
		name("Greenwich", geo.KindSuburb, "Ipswich", 52.04, 1.17),
		name("Kent", geo.KindHamlet, "New Forest", 50.8927, -1.8032),
		name("Hatton", geo.KindVillage, "Warwick", 52.29, -1.64),
		name("Hutton", geo.KindVillage, "Brentwood", 51.63, 0.36),
	}
}

func postcode(t testing.TB, s string) geo.Postcode {
	t.Helper()
	pc, ok := geo.ParsePostcode(s)
	if !ok {
		t.Fatalf("%q is not a postcode", s)
	}
	return pc
}
