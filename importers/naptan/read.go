package naptan

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"hereabouts/geo/transit"
	"hereabouts/importers"
)

// Options say how to read. The zero Options reads.
type Options struct {
	// Limits are those of the source; a zero field is naptan's own default,
	// which fits the register of the whole country.
	Limits importers.Limits

	// MaxFaults is how many faults are kept with line and reason; 0 is 1,000.
	// All are counted.
	MaxFaults int
}

func (o Options) orDefault() Options {
	o.Limits.Compressed = cmp.Or(o.Limits.Compressed, 500<<20)
	o.Limits.Expanded = cmp.Or(o.Limits.Expanded, 2<<30)
	o.MaxFaults = cmp.Or(o.MaxFaults, 1000)
	return o
}

// A Report says what became of a source: Read = Named + Repeated + Rejected.
type Report struct {
	Read     int `json:"read"`     // rows or features
	Named    int `json:"named"`    // stops
	Repeated int `json:"repeated"` // rows about a stop that has come before
	Rejected int `json:"rejected"`
	Inactive int `json:"inactive"` // of the stops: not in use, or not yet
	Vague    int `json:"vague"`    // of the stops: nothing marks the place

	Faults []Fault  `json:"faults"` // the first of the rejected
	Notes  []string `json:"notes"`
}

// A Fault is one row that could not be used.
type Fault struct {
	At     string `json:"at"`     // "Stops.csv:37"
	Reason string `json:"reason"` // what is wrong and what to do
}

// String is the report in one line.
func (r *Report) String() string {
	s := fmt.Sprintf("read %d, named %d stops", r.Read, r.Named)
	for _, n := range []struct {
		count int
		what  string
	}{{r.Inactive, "not in use"}, {r.Vague, "without a marked place"}, {r.Repeated, "repeated"}, {r.Rejected, "rejected"}} {
		if n.count > 0 {
			s += fmt.Sprintf(", %d %s", n.count, n.what)
		}
	}
	return s
}

// WriteTo writes the report for people to read.
func (r *Report) WriteTo(w io.Writer) (int64, error) {
	const shown = 20
	var b strings.Builder
	fmt.Fprintln(&b, r.String())
	for _, f := range r.Faults[:min(len(r.Faults), shown)] {
		fmt.Fprintf(&b, "%s: %s\n", f.At, f.Reason)
	}
	if more := r.Rejected - min(len(r.Faults), shown); more > 0 {
		fmt.Fprintf(&b, "and %d more rejected\n", more)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// Columns by the names that publishers give them, plain: small letters and
// digits only. The first that is there is taken.
var spellings = [...][]string{
	id:        {"atcocode", "atco"},
	common:    {"commonname", "stopname", "name"},
	short:     {"shortcommonname", "landmark", "street"},
	indicator: {"indicator"},
	locality:  {"localityname", "locality", "town", "areaname"},
	kind:      {"stoptype"},
	busKind:   {"busstoptype"},
	status:    {"status"},
	change:    {"modification"},
	lon:       {"longitude", "lon", "long"},
	lat:       {"latitude", "lat"},
}

const (
	id = iota
	common
	short
	indicator
	locality
	kind
	busKind
	status
	change
	lon
	lat
)

// A row is what one row or feature says, by column.
type row [len(spellings)]string

// Read reads the stops of a CSV or GeoJSON file, gzipped or not, or of the zip
// or folder that holds it. Of several tables in one source Stops.csv is read.
//
// Stops that are not in use are named too: timetables outlive them. An error
// means that there is nothing to read, and says what to do.
func Read(ctx context.Context, source string, o Options) ([]transit.NamedStop, Report, error) {
	o = o.orDefault()
	files, err := importers.OpenFilesContext(ctx, source, o.Limits)
	if err != nil {
		return nil, Report{}, err
	}
	r := &reading{ctx: ctx, o: o, at: map[string]int{}, samePlace: true}
	r.report = Report{Faults: []Fault{}, Notes: []string{}}
	err = r.readAll(filepath.Base(source), files.All())
	if err := errors.Join(err, files.Close()); err != nil {
		return nil, r.report, err
	}
	r.finish()
	return r.stops, r.report, nil
}

// A reading is a source while it is read.
type reading struct {
	ctx      context.Context
	o        Options
	report   Report
	stops    []transit.NamedStop
	inactive []bool
	at       map[string]int // ATCO code → position in stops

	place     string // of the first row
	samePlace bool   // every row is at it
	placed    int    // rows that say where they are
}

func (r *reading) readAll(source string, files []importers.File) error {
	if i := slices.IndexFunc(files, func(f importers.File) bool {
		return strings.EqualFold(path.Base(f.Name), "stops.csv")
	}); i >= 0 {
		// The register comes with tables of areas, operators and other names,
		// which say less of a stop than its own row.
		files = files[i : i+1]
	}
	found := false
	var why error
	for _, f := range files {
		var err error
		switch strings.ToLower(path.Ext(f.Name)) {
		case ".csv", ".tsv", ".txt":
			err = r.readTable(f)
		case ".geojson", ".json":
			err = r.readLayer(f)
		default:
			if len(files) > 1 {
				continue
			}
			err = r.readTable(f)
		}
		var other *notStops
		switch {
		case errors.As(err, &other):
			why = err
		case err != nil:
			return err
		default:
			found = true
		}
	}
	switch {
	case found && len(r.stops) > 0:
		return nil
	case found:
		return fmt.Errorf("naptan: %s names no stop: %s", source, r.firstFault())
	case why != nil && len(files) == 1:
		return why
	}
	return fmt.Errorf("naptan: %s holds no table of stops: give the Stops.csv of NaPTAN, or a CSV or GeoJSON with ATCOCode and CommonName", source)
}

func (r *reading) firstFault() string {
	if len(r.report.Faults) == 0 {
		return "it has no rows; download it again"
	}
	return r.report.Faults[0].At + ": " + r.report.Faults[0].Reason
}

// notStops says that a file is about something else.
type notStops struct{ file, has string }

func (e *notStops) Error() string {
	return fmt.Sprintf("naptan: %s has no ATCOCode and CommonName (its columns are %s): give the Stops.csv of NaPTAN", e.file, e.has)
}

func (r *reading) readTable(f importers.File) (err error) {
	src, err := f.Open()
	if err != nil {
		return fmt.Errorf("naptan: %w", err)
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	name := path.Base(f.Name)
	in := csv.NewReader(importers.UTF8(src))
	in.ReuseRecord, in.FieldsPerRecord = true, -1
	if strings.EqualFold(path.Ext(name), ".tsv") {
		in.Comma = '\t'
	}
	header, err := in.Read()
	var fault *csv.ParseError
	switch {
	case err == io.EOF || errors.As(err, &fault):
		return &notStops{name, "none that can be read"}
	case err != nil:
		return fmt.Errorf("naptan: reading %s: %w", name, err)
	}
	columns, ok := find(header)
	if !ok {
		return &notStops{name, strings.Join(header[:min(len(header), 8)], ", ")}
	}
	for n := 0; ; n++ {
		if n%1024 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		cells, err := in.Read()
		switch {
		case err == io.EOF:
			return nil
		case errors.As(err, &fault):
			r.report.Read++
			r.reject(fmt.Sprintf("%s:%d", name, fault.StartLine), fmt.Sprintf("a quote is wrong on line %d (%v): put quotes in pairs around a value; the rows up to there were left out", fault.Line, fault.Err))
			continue
		case err != nil:
			return fmt.Errorf("naptan: reading %s after row %d: %w", name, r.report.Read, err)
		}
		if len(cells) == 1 && strings.TrimSpace(cells[0]) == "" {
			continue
		}
		var s row
		for c, i := range columns {
			if i >= 0 && i < len(cells) {
				s[c] = strings.TrimSpace(cells[i])
			}
		}
		line, _ := in.FieldPos(0)
		r.take(name, line, "", &s)
	}
}

// find is where each column is, or -1.
func find(header []string) (columns [len(spellings)]int, ok bool) {
	at := map[string]int{}
	for i, h := range header {
		if h = plain(h); h != "" {
			if _, twice := at[h]; !twice {
				at[h] = i
			}
		}
	}
	for c, names := range spellings {
		columns[c] = -1
		for _, n := range names {
			if i, there := at[n]; there {
				columns[c] = i
				break
			}
		}
	}
	return columns, columns[id] >= 0 && columns[common] >= 0
}

// plain is a name of a column with nothing but its small letters and digits.
func plain(h string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			return c
		}
		return -1
	}, h)
}

// readLayer reads the properties of a GeoJSON's features. Where they are does
// not matter to what they are called.
func (r *reading) readLayer(f importers.File) (err error) {
	src, err := f.Open()
	if err != nil {
		return fmt.Errorf("naptan: %w", err)
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	name := path.Base(f.Name)
	in := json.NewDecoder(importers.UTF8(src))
	if err := seekFeatures(in); err != nil {
		return &notStops{name, "none: it is not a GeoJSON of features"}
	}
	for n := 1; in.More(); n++ {
		if r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		var feature struct {
			Properties map[string]any `json:"properties"`
		}
		if err := in.Decode(&feature); err != nil {
			return fmt.Errorf("naptan: %s: feature %d: %w: download the file again", name, n, err)
		}
		keys := make([]string, 0, len(feature.Properties))
		for k := range feature.Properties {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		columns, ok := find(keys)
		if !ok && n == 1 {
			return &notStops{name, strings.Join(keys[:min(len(keys), 8)], ", ")}
		}
		var s row
		for c, i := range columns {
			if i < 0 || c == lon || c == lat {
				continue
			}
			switch v := feature.Properties[keys[i]].(type) {
			case string:
				s[c] = strings.TrimSpace(v)
			case float64:
				s[c] = fmt.Sprint(v)
			}
		}
		r.take(name, 0, fmt.Sprintf("feature %d", n), &s)
	}
	return nil
}

// seekFeatures moves a decoder into the list of features.
func seekFeatures(in *json.Decoder) error {
	start, err := in.Token()
	if err != nil || start != json.Delim('{') {
		return errors.New("not an object")
	}
	for in.More() {
		key, err := in.Token()
		if err != nil {
			return err
		}
		if key == "features" {
			if open, err := in.Token(); err != nil || open != json.Delim('[') {
				return errors.New("features is not a list")
			}
			return nil
		}
		var skipped json.RawMessage
		if err := in.Decode(&skipped); err != nil {
			return err
		}
	}
	return io.ErrUnexpectedEOF
}

func (r *reading) reject(at, reason string) {
	r.report.Rejected++
	if len(r.report.Faults) < r.o.MaxFaults {
		r.report.Faults = append(r.report.Faults, Fault{At: at, Reason: reason})
	}
}

// take names a stop.
func (r *reading) take(file string, line int, feature string, s *row) {
	r.report.Read++
	at := func() string {
		if feature != "" {
			return file + ": " + feature
		}
		return fmt.Sprintf("%s:%d", file, line)
	}
	if s[lon] != "" || s[lat] != "" {
		place := s[lon] + "," + s[lat]
		if r.placed++; r.placed == 1 {
			r.place = place
		}
		r.samePlace = r.samePlace && place == r.place
	}
	called := cmp.Or(s[common], s[short])
	switch {
	case s[id] == "":
		r.reject(at(), "ATCOCode is empty, so no timetable can refer to the stop")
		return
	case called == "":
		r.reject(at(), fmt.Sprintf("stop %s has no CommonName", s[id]))
		return
	}
	stop := transit.NamedStop{
		ID: s[id], Name: nameOf(called, s[indicator]), Locality: s[locality], Kind: strings.ToUpper(s[kind]),
		Vague: vague(s[busKind]),
	}
	inactive := !active(s[status], s[change])
	i, again := r.at[stop.ID]
	if !again {
		r.at[stop.ID] = len(r.stops)
		r.stops = append(r.stops, stop)
		r.inactive = append(r.inactive, inactive)
		return
	}
	r.report.Repeated++
	if r.inactive[i] && !inactive {
		r.stops[i], r.inactive[i] = stop, false
	}
}

// vague reports whether a kind of bus stop is one that nothing marks: used by
// custom, hail and ride, or a zone in which the bus goes where it is asked.
func vague(busStopType string) bool {
	switch strings.ToUpper(busStopType) {
	case "CUS", "HAR", "FLX":
		return true
	}
	return false
}

// active reports whether a stop is in use. Not to say is to be in use.
func active(status, change string) bool {
	switch strings.ToLower(status) {
	case "inactive", "ina", "del", "deleted", "pending", "pen", "suspended", "sus":
		return false
	}
	return !strings.HasPrefix(strings.ToLower(change), "del")
}

func (r *reading) finish() {
	r.report.Named = len(r.stops)
	for i := range r.stops {
		if r.inactive[i] {
			r.report.Inactive++
		}
		if r.stops[i].Vague {
			r.report.Vague++
		}
	}
	if r.samePlace && r.placed >= 10 {
		r.report.Notes = append(r.report.Notes, fmt.Sprintf("all %d rows say that they are at one place (%s), which cannot be; only their names were taken, so it does no harm here", r.placed, r.place))
	}
}
