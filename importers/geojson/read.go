package geojson

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	orbjson "github.com/paulmach/orb/geojson"

	"hereabouts"
	"hereabouts/importers"
	"hereabouts/importers/sheet"
)

// Options say how to read a map.
type Options struct {
	// Mapping says what the properties mean; nil takes the shipped mapping that
	// fits them.
	Mapping *sheet.Mapping

	// Entrances is the path of a GeoJSON file of gates and doors, which are
	// given to the outlines that they stand on; empty is none.
	Entrances string

	// Near names a place near a point, for features that have no name of their
	// own: "Partington". Nil, or an empty answer, is not known.
	Near func(orb.Point) string

	// Joined, when set, is told what became of the entrances once the source
	// has been read to its end.
	Joined *Joined
}

// Read reads the features of the GeoJSON file at path, which may be gzipped or
// in a zip. Features are read one at a time, unless there are entrances to be
// joined to them.
func Read(ctx context.Context, path string, o Options) importers.Records {
	return func(yield func(importers.Record, error) bool) {
		if o.Mapping == nil {
			m, err := Detect(path)
			if err != nil {
				yield(importers.Record{}, err)
				return
			}
			o.Mapping = m
		}
		if o.Mapping.Format == "csv" {
			yield(importers.Record{}, fmt.Errorf("geojson: the mapping %s is for spreadsheets", o.Mapping.Name))
			return
		}
		l := &layer{Options: o, name: filepath.Base(path)}
		if err := l.read(ctx, path, yield); err != nil {
			yield(importers.Record{}, fmt.Errorf("geojson: %s: %w", l.name, err))
		}
	}
}

// ReadFrom reads features from r, which holds GeoJSON as it is; name is what
// its records say they were read from. The mapping must be given.
func ReadFrom(ctx context.Context, name string, r io.Reader, o Options) importers.Records {
	return func(yield func(importers.Record, error) bool) {
		if o.Mapping == nil {
			yield(importers.Record{}, errors.New("geojson: no mapping"))
			return
		}
		l := &layer{Options: o, name: filepath.Base(name)}
		gates, err := l.gates(ctx)
		if err == nil {
			err = l.records(ctx, features(r), gates, yield)
		}
		if err != nil {
			yield(importers.Record{}, fmt.Errorf("geojson: %s: %w", l.name, err))
		}
	}
}

// A layer is one file of features being read.
type layer struct {
	Options
	name string
}

func (l *layer) read(ctx context.Context, path string, yield func(importers.Record, error) bool) error {
	r, name, close, err := open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { _ = close() }() // it was only read
	l.name = name
	gates, err := l.gates(ctx)
	if err != nil {
		return err
	}
	return l.records(ctx, features(r), gates, yield)
}

// open opens the one GeoJSON file at path.
func open(ctx context.Context, path string) (io.Reader, string, func() error, error) {
	files, err := importers.OpenFilesContext(ctx, path, importers.Limits{})
	if err != nil {
		return nil, "", nil, err
	}
	all := files.All()
	if len(all) > 1 {
		all = slices.DeleteFunc(slices.Clone(all), func(f importers.File) bool {
			return !slices.Contains([]string{".geojson", ".json"}, strings.ToLower(filepath.Ext(f.Name)))
		})
	}
	if len(all) != 1 {
		return nil, "", nil, errors.Join(fmt.Errorf("%d GeoJSON files where there should be one; name the file", len(all)), files.Close())
	}
	r, err := all[0].Open()
	if err != nil {
		return nil, "", nil, errors.Join(err, files.Close())
	}
	return importers.UTF8(r), filepath.Base(all[0].Name), func() error { return errors.Join(r.Close(), files.Close()) }, nil
}

// A feature is one thing on the map, as it is written.
type feature struct {
	n     int // from 1
	crs   string
	ID    json.RawMessage            `json:"id"`
	Type  string                     `json:"type"`
	Shape json.RawMessage            `json:"geometry"`
	Props map[string]json.RawMessage `json:"properties"`
}

// features reads a FeatureCollection one feature at a time. An error ends it;
// a value that is no feature is one with an empty Type.
func features(r io.Reader) iter.Seq2[feature, error] {
	return func(yield func(feature, error) bool) {
		d := json.NewDecoder(r)
		if err := eachFeature(d, yield); err != nil {
			if !errors.Is(err, errStopped) {
				yield(feature{}, fmt.Errorf("at byte %d: %w", d.InputOffset(), err))
			}
		}
	}
}

var errStopped = errors.New("stopped")

func eachFeature(d *json.Decoder, yield func(feature, error) bool) error {
	if err := expect(d, '{', "a GeoJSON object"); err != nil {
		return err
	}
	crs, n, seen := "", 0, false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		switch key {
		case "crs":
			var c struct {
				Properties struct {
					Name string `json:"name"`
				} `json:"properties"`
			}
			var raw json.RawMessage
			if err := d.Decode(&raw); err != nil {
				return err
			}
			if json.Unmarshal(raw, &c) == nil {
				crs = c.Properties.Name
			}
		case "features":
			seen = true
			if err := expect(d, '[', "a list of features"); err != nil {
				return err
			}
			for d.More() {
				var raw json.RawMessage
				if err := d.Decode(&raw); err != nil {
					return err
				}
				n++
				f := feature{}
				if json.Unmarshal(raw, &f) != nil {
					f = feature{}
				}
				f.n, f.crs = n, crs
				if !yield(f, nil) {
					return errStopped
				}
			}
			if _, err := d.Token(); err != nil {
				return err
			}
		default:
			var skip json.RawMessage
			if err := d.Decode(&skip); err != nil {
				return err
			}
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	if !seen {
		return errors.New(`there are no "features"; this is not a GeoJSON FeatureCollection`)
	}
	return nil
}

func expect(d *json.Decoder, want json.Delim, what string) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t != want {
		return fmt.Errorf("%v where %s should begin", t, what)
	}
	return nil
}

// sample is how many features are looked at to learn which properties there
// are: writers leave out those that are empty.
const sample = 100

// records makes listings of features.
func (l *layer) records(ctx context.Context, fs iter.Seq2[feature, error], gates *entrances, yield func(importers.Record, error) bool) error {
	next, stop := iter.Pull2(fs)
	defer stop()
	var head []feature
	var columns []string
	var headErr error
	for len(head) < sample {
		f, err, ok := next()
		if !ok {
			break
		}
		if err != nil {
			headErr = err
			break
		}
		head = append(head, f)
		for k := range f.Props {
			if !slices.Contains(columns, k) {
				columns = append(columns, k)
			}
		}
	}
	if headErr != nil && len(head) == 0 {
		return headErr
	}
	slices.Sort(columns)
	rows := func(yield func(sheet.Row, error) bool) {
		for _, f := range head {
			if !yield(l.row(f, gates), nil) {
				return
			}
		}
		for err := headErr; ; {
			if err != nil {
				yield(sheet.Row{}, err)
				return
			}
			f, e, ok := next()
			if !ok {
				return
			}
			if err = e; err == nil && !yield(l.row(f, gates), nil) {
				return
			}
		}
	}
	if gates == nil {
		for rec, err := range l.Mapping.Records(ctx, columns, rows) {
			if err != nil {
				return err
			}
			if !yield(rec, nil) {
				return nil
			}
		}
		return nil
	}
	// Which outline an entrance belongs to is only known when all are.
	var all []importers.Record
	for rec, err := range l.Mapping.Records(ctx, columns, rows) {
		if err != nil {
			return err
		}
		all = append(all, rec)
	}
	joined := gates.join(all)
	if l.Joined != nil {
		*l.Joined = joined
	}
	for _, rec := range all {
		if !yield(rec, nil) {
			return nil
		}
	}
	return nil
}

func reject(code, detail string) error {
	return hereabouts.Problems{{Pointer: "/places/0/geometry", Code: code, Detail: detail}}
}

// row makes a row of a feature, whose geometry is added to the listing.
func (l *layer) row(f feature, gates *entrances) sheet.Row {
	r := sheet.Row{At: fmt.Sprintf("%s#%d", l.name, f.n), Cell: f.cell}
	if f.Type != "Feature" {
		r.Err = reject("unreadable", "is not a GeoJSON feature")
		return r
	}
	var g orbjson.Geometry
	if len(f.Shape) == 0 || string(f.Shape) == "null" {
		r.Err = reject("required", "the feature has no geometry, so nobody can be told where it is")
		return r
	}
	if err := json.Unmarshal(f.Shape, &g); err != nil || g.Geometry() == nil {
		r.Err = reject("unreadable", "the geometry cannot be read as GeoJSON")
		return r
	}
	s, err := readShape(g.Geometry(), f.crs)
	if err != nil {
		r.Err = err
		return r
	}
	if least := l.Mapping.Shape.MinHectares; least > 0 && s.hectares() < least {
		r.Err = hereabouts.Problems{{Parameter: "geometry", Code: "skipped", Detail: fmt.Sprintf("smaller than %v hectares", least)}}
		return r
	}
	r.Then = func(rec *importers.Record) { l.complete(rec, f, s) }
	return r
}

// cell is a property as text.
func (f *feature) cell(column string) string {
	raw := f.Props[column]
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	if raw[0] == '"' {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
	}
	return string(raw)
}

// farM is how far, in metres, a feature may lie from the coordinates among its
// properties before they are said to differ.
const farM = 100

// complete adds the geometry to a listing that was made of the properties.
func (l *layer) complete(rec *importers.Record, f feature, s *shape) {
	if rec.Listing == nil {
		return
	}
	if len(rec.Listing.Places) == 0 {
		rec.Listing.Places = []hereabouts.Place{{}}
	}
	p := &rec.Listing.Places[0]
	note := func(field, code, detail string) {
		rec.Notes = append(rec.Notes, importers.Note{Field: field, Code: code, Detail: detail})
	}
	for _, n := range s.notes {
		note("places/0/geometry", "repaired", n)
	}
	at := s.point
	if said, ok := p.Point(); ok {
		switch {
		case s.contains(said):
			at = said
		case s.distanceM(said) > farM:
			note("places/0", "differs", "the coordinates among the properties lie elsewhere; the geometry was believed")
		}
	}
	p.SetPoint(at)
	p.Precision = ""
	if l.Mapping.Shape.Outline && s.area != nil {
		p.Geometry = orbjson.NewGeometry(s.outline())
	}
	if rec.Listing.Name == "" && l.Mapping.Shape.Unnamed.Given() {
		l.nameIt(rec.Listing, f, at)
		note("name", "named", "has no name; called by what it is and where")
	}
	// What has no id of its own is known by what and where it is.
	if len(l.Mapping.ID) == 0 || rec.Listing.Source.ID == "" || l.Mapping.Shape.IDByPoint {
		where := strconv.FormatFloat(s.point.Lat(), 'f', 5, 64) + "," + strconv.FormatFloat(s.point.Lon(), 'f', 5, 64)
		rec.Listing.Source.ID = strings.TrimPrefix(rec.Listing.Source.ID+"@"+where, "@")
	}
}

// nameIt gives a listing the name of what it is and where: "Play space near
// Partington", or "Unnamed play space (Trafford)" when no place is known.
func (l *layer) nameIt(to *hereabouts.Listing, f feature, at orb.Point) {
	what := l.Mapping.Shape.Unnamed.Fill(f.cell)
	if what == "" {
		return
	}
	if l.Near != nil {
		if near := l.Near(at); near != "" {
			to.Name = what + " near " + near
			return
		}
	}
	to.Name = "Unnamed " + strings.ToLower(what[:1]) + what[1:]
	if area := l.Mapping.Shape.Area.Fill(f.cell); area != "" {
		to.Name += " (" + area + ")"
	}
}
