package oruk

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"hereabouts"
	"hereabouts/importers"
)

// files reads a file, folder or archive: the tables of HSDS when there is one
// of services, JSON otherwise.
func (r *reading) files() error {
	fs, err := importers.OpenFilesContext(r.ctx, r.src.At, r.src.Limits)
	if err != nil {
		return err
	}
	defer func() { _ = fs.Close() }() // they were only read
	var docs []importers.File
	tables := map[string]importers.File{}
	for _, f := range fs.All() {
		base := strings.ToLower(path.Base(f.Name))
		switch ext := path.Ext(base); ext {
		case ".csv":
			tables[strings.TrimSuffix(base, ext)] = f
		case ".json", ".ndjson", ".jsonl":
			docs = append(docs, f)
		default:
			if len(fs.All()) == 1 {
				docs = append(docs, f) // it was named, so it is meant
			}
		}
	}
	switch {
	case tableOf(tables, "services") != nil:
		return r.tables(tables)
	case len(docs) == 1:
		return r.oneDocument(docs[0])
	case len(docs) > 1:
		return r.documents(docs)
	}
	return fmt.Errorf("oruk: %s holds no JSON and no services.csv", path.Base(r.src.At))
}

// visit reads a file's entries.
func visit(f importers.File, each func(item) bool) (document, error) {
	rc, err := f.Open()
	if err != nil {
		return document{}, err
	}
	defer func() { _ = rc.Close() }() // it was only read
	doc, err := readDocument(rc, each)
	if err != nil {
		return doc, fmt.Errorf("%s: %w", f.Name, err)
	}
	return doc, nil
}

// oneDocument reads the services of one file as they stand.
func (r *reading) oneDocument(f importers.File) error {
	found := false
	var other sort
	doc, err := visit(f, func(it item) bool {
		services, what := servicesIn(it)
		if len(services) == 0 {
			other = what
		}
		for _, s := range services {
			found = true
			if !r.entry(f.Name, s, nil) {
				return false
			}
		}
		return true
	})
	switch {
	case err != nil:
		return fmt.Errorf("oruk: %w", err)
	case r.ctx.Err() != nil:
		return r.ctx.Err()
	case !found && doc.envelope == "" && !r.stopped:
		return fmt.Errorf("oruk: %s holds no services; it %s", f.Name, map[sort]string{
			anOrganisation: "is about organisations", aTerm: "is about taxonomies", aRoot: "is what a feed says of itself", aPlace: "is about places",
		}[other]+nothingAtAll(doc))
	}
	return nil
}

func nothingAtAll(doc document) string {
	if doc.items == 0 {
		return "is empty"
	}
	return ""
}

// entry hands over one entry that should be a service.
func (r *reading) entry(file string, it item, notes []importers.Note) bool {
	at := file
	if it.pointer != "" {
		at += "#" + it.pointer
	}
	if it.err != nil {
		return r.give(importers.Record{At: at, Err: it.err, Notes: notes})
	}
	return r.service(at, it.object, notes...)
}

// copyKey is an id in one of the files.
type copyKey struct {
	file int
	id   string
}

// A copyOf is where the fullest copy of a service stands.
type copyOf struct {
	file  int
	size  int
	other string // another file that has it
}

// documents reads several files of one directory, where a list may say little
// of a service that another file says all of. Of each service the fullest
// copy is taken. What one file gives the same id several times is no copy; it
// comes last, for the run to report.
func (r *reading) documents(files []importers.File) error {
	best := map[string]copyOf{}
	again := map[copyKey]bool{}
	organisations := map[string]object{}
	for i, f := range files {
		times := map[string]int{}
		// What cannot be read is reported the second time.
		_, _ = visit(f, func(it item) bool {
			services, what := servicesIn(it)
			if what == anOrganisation && it.err == nil {
				if id := idOf(it.object); id != "" {
					organisations[id] = organisationOf(it.object)
				}
			}
			for _, s := range services {
				id := idOf(s.object)
				if id == "" {
					continue
				}
				if times[id]++; times[id] > 1 {
					again[copyKey{i, id}] = true
				}
				have, known := best[id]
				switch {
				case !known:
					best[id] = copyOf{file: i, size: s.size}
				case have.file == i:
					best[id] = copyOf{file: i, size: max(have.size, s.size), other: have.other}
				case s.size > have.size:
					best[id] = copyOf{file: i, size: s.size, other: files[have.file].Name}
				default:
					have.other = f.Name
					best[id] = have
				}
			}
			return r.ctx.Err() == nil
		})
	}
	for i, f := range files {
		_, err := visit(f, func(it item) bool {
			services, _ := servicesIn(it)
			for _, s := range services {
				var notes []importers.Note
				if id := idOf(s.object); id != "" {
					b := best[id]
					if b.file != i {
						continue
					}
					if b.other != "" && !again[copyKey{i, id}] {
						notes = append(notes, importers.Note{Field: "id", Code: "fuller_copy",
							Detail: fmt.Sprintf("%s has the service too; the fuller description in %s was taken", b.other, f.Name)})
					}
				}
				if s.err == nil {
					withOrganisation(s.object, organisations)
				}
				if !r.entry(f.Name, s, notes) {
					return false
				}
			}
			return true
		})
		if r.stopped || r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		if errors.Is(err, importers.ErrTooBig) {
			return fmt.Errorf("oruk: %w", err)
		}
		if err != nil && !r.give(importers.Record{At: f.Name, Err: hereabouts.Problems{{Code: "unreadable", Detail: err.Error()}}}) {
			return r.ctx.Err()
		}
	}
	for i, f := range files {
		if len(again) == 0 {
			break
		}
		_, _ = visit(f, func(it item) bool { // its faults have been reported
			services, _ := servicesIn(it)
			for _, s := range services {
				if id := idOf(s.object); again[copyKey{i, id}] && best[id].file != i && !r.entry(f.Name, s, nil) {
					return false
				}
			}
			return true
		})
	}
	if r.stopped || r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if !r.told {
		return fmt.Errorf("oruk: %s holds no services", path.Base(r.src.At))
	}
	return nil
}

// withOrganisation gives a service the organisation that it only names.
func withOrganisation(s object, organisations map[string]object) {
	if s["organization"] != nil || s["organisation"] != nil {
		return
	}
	for _, key := range []string{"organization_id", "organisation_id"} {
		if id := idOf(object{"id": s[key]}); id != "" {
			if org, known := organisations[id]; known {
				s["organization"] = map[string]any(org)
			}
		}
	}
}
