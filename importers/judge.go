package importers

import (
	"errors"
	"fmt"
	"strings"

	"hereabouts"
)

// judge completes a record and lets the listing say whether it may be stored.
// What the listing could do without and cannot use is taken out and noted.
// It is called from several goroutines.
func (r *run) judge(rec *Record) judged {
	j := judged{at: rec.At, listing: rec.Listing, err: rec.Err, notes: rec.Notes}
	if j.err == nil && j.listing == nil {
		j.err = errors.New("the source gave neither a listing nor a reason")
	}
	if j.err != nil {
		return j
	}
	r.complete(&j)
	l := j.listing
	l.Normalise()
	err := l.Validate(r.Needs)
	if faults, is := errors.AsType[hereabouts.Problems](err); is && j.mend(faults) {
		l.Normalise()
		err = l.Validate(r.Needs)
	}
	if j.err = err; err == nil {
		j.hash = l.ContentHash()
	}
	return j
}

// complete fills in what every import fills in.
func (r *run) complete(j *judged) {
	l := j.listing
	if strings.TrimSpace(l.Source.ID) == "" {
		l.Source.ID = contentID(l)
		j.note("source.id", "id_derived", "the source gives no id; one was made from the name and place, so renaming the record will make a second listing")
	}
	l.ID = ListingID(r.Source, l.Source.ID)
	l.Rev = 0
	l.Source.Name = r.Source
	l.Source.ImportedAt = r.began
	if l.Source.Licence == "" {
		l.Source.Licence = r.Licence
	}
	if l.Source.URL == "" {
		l.Source.URL = r.URL
	}
	if l.Status == "" {
		l.Status = hereabouts.Published
	}
	if l.Kind == "" {
		l.Kind = hereabouts.Service
	}
	if l.ConfirmedAt != "" && l.ConfirmedBy == "" {
		l.ConfirmedBy = hereabouts.ByImporter
	}
	for i := range l.Places {
		p, field := &l.Places[i], fmt.Sprintf("places/%d", i)
		j.mendPosition(p, field)
		j.mendPostcode(p, field)
		r.locate(j, p, field)
	}
}

// locate gives a place the coordinates of its postcode when it has none of
// its own, and says how precise they are.
func (r *run) locate(j *judged, p *hereabouts.Place, field string) {
	if _, known := p.Point(); known || p.Geometry != nil || j.listing.HiddenLocation {
		return
	}
	if p.Postcode == "" {
		j.note(field, "no_postcode", "neither coordinates nor a postcode; kept without coordinates, so searches near a place cannot find it")
		return
	}
	if r.Locate == nil {
		j.note(field, "not_located", "no coordinates, and no postcodes are loaded to find them by; load postcodes and import again")
		return
	}
	pt, precision, ok := r.Locate(p.Postcode)
	if !ok {
		j.note(field+"/postcode", "postcode_unknown", fmt.Sprintf("%q is not a postcode we know; kept without coordinates", p.Postcode))
		return
	}
	p.SetPoint(pt)
	p.Precision = precision
	j.note(field, "located_by_"+precision, "no coordinates; placed at the middle of "+p.Postcode)
}

func (j *judged) note(field, code, detail string) {
	j.notes = append(j.notes, Note{Field: field, Code: code, Detail: detail})
}
