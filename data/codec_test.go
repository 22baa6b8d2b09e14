package data

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"pgregory.net/rapid"

	"hereabouts"
)

// anyListing fills every field of a listing, at whatever depth, with anything
// that JSON can hold.
func anyListing(rt *rapid.T) *hereabouts.Listing {
	l := new(hereabouts.Listing)
	fillIn(rt, reflect.ValueOf(l).Elem())
	return l
}

func fillIn(rt *rapid.T, v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.UnixMicro(rapid.Int64Range(-1<<50, 1<<50).Draw(rt, "time")).UTC()))
		return
	case *geojson.Geometry:
		x, y := rapid.Float64Range(-180, 180), rapid.Float64Range(-90, 90)
		ring := orb.Ring{}
		for range 4 {
			ring = append(ring, orb.Point{x.Draw(rt, "x"), y.Draw(rt, "y")})
		}
		v.Set(reflect.ValueOf(geojson.NewGeometry(rapid.SampledFrom([]orb.Geometry{
			orb.Polygon{ring}, orb.MultiPolygon{{ring}, {ring}}, ring[0], orb.LineString(ring)}).Draw(rt, "geometry"))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "\u2028</script>&", "\x00\x1f\"\\/", "é😀\U0010FFFF", "null"})).Draw(rt, "string"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(rt, "bool"))
	case reflect.Int:
		v.SetInt(rapid.Int64().Draw(rt, "int"))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(rt, "uint"))
	case reflect.Float64:
		v.SetFloat(rapid.Float64().Draw(rt, "float"))
	case reflect.Pointer:
		if rapid.Bool().Draw(rt, "present") {
			v.Set(reflect.New(v.Type().Elem()))
			fillIn(rt, v.Elem())
		}
	case reflect.Slice:
		n := rapid.IntRange(0, 3).Draw(rt, "length")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fillIn(rt, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range rapid.IntRange(0, 2).Draw(rt, "size") {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fillIn(rt, key)
			fillIn(rt, value)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillIn(rt, v.Field(i))
			}
		}
	default:
		rt.Fatalf("a listing has a field of kind %s, which this test does not know", v.Kind())
	}
}

// TestFastDecoderReadsWhatTheStandardOneReads holds the two decoders against
// each other on anything that encoding/json writes for a listing.
func TestFastDecoderReadsWhatTheStandardOneReads(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		doc, err := json.Marshal(anyListing(rt))
		if err != nil {
			rt.Fatal(err)
		}
		var want hereabouts.Listing
		if err := json.Unmarshal(doc, &want); err != nil {
			rt.Skip("encoding/json does not read it either:", err)
		}
		got, err := decodeListing(doc)
		if err != nil {
			rt.Fatalf("%v\n%s", err, doc)
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			rt.Fatalf("(-encoding/json +ours):\n%s\n%s", diff, doc)
		}
	})
}
