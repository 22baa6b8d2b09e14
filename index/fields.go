package index

import (
	"encoding/binary"
	"slices"

	index "github.com/blevesearch/bleve_index_api"
	"github.com/cespare/xxhash/v2"

	"hereabouts"
)

// A field is one part of a listing's words.
type field uint8

const (
	nameField   field = iota // the listing's name
	labelsField              // labels of its needs with their everyday words, and its tags
	aboutField               // the summary
	orgField                 // the organisation
	textField                // description, eligibility and places
	numFields
)

// fieldNames are what Bleve calls the fields, and fieldSaid how "why" does.
var (
	fieldNames = [numFields]string{"name", "labels", "about", "org", "text"}
	fieldSaid  = [numFields]string{"name contains", "listed under", "summary mentions", "run by", "description mentions"}
)

// A document is a listing's words as Bleve takes them. It implements
// index.Document with every field always present, so that segments of equal
// fields merge by copying.
type document struct {
	id     string
	fields [numFields + 1]wordsField // the last is _id
}

// A wordsField implements index.Field over words that are already counted.
type wordsField struct {
	name    string
	value   []byte
	length  int
	freqs   index.TokenFrequencies
	options index.FieldIndexingOptions
}

func (f *wordsField) Name() string                                     { return f.name }
func (f *wordsField) Value() []byte                                    { return f.value }
func (f *wordsField) ArrayPositions() []uint64                         { return nil }
func (f *wordsField) EncodedFieldType() byte                           { return 't' }
func (f *wordsField) Analyze()                                         {}
func (f *wordsField) Options() index.FieldIndexingOptions              { return f.options }
func (f *wordsField) AnalyzedLength() int                              { return f.length }
func (f *wordsField) AnalyzedTokenFrequencies() index.TokenFrequencies { return f.freqs }
func (f *wordsField) NumPlainTextBytes() uint64                        { return uint64(len(f.value)) }

func (d *document) ID() string                                 { return d.id }
func (d *document) Size() int                                  { return 512 }
func (d *document) VisitComposite(index.CompositeFieldVisitor) {}
func (d *document) HasComposite() bool                         { return false }
func (d *document) NumPlainTextBytes() uint64                  { return 0 }
func (d *document) StoredFieldsBytes() uint64                  { return uint64(len(d.id)) }
func (d *document) Indexed() bool                              { return true }

func (d *document) VisitFields(visit index.FieldVisitor) {
	for i := range d.fields {
		visit(&d.fields[i])
	}
}

func (d *document) AddIDField() {
	term := []byte(d.id)
	tf := &index.TokenFreq{Term: term}
	tf.SetFrequency(1)
	d.fields[numFields] = wordsField{name: "_id", value: term, length: 1,
		freqs: index.TokenFrequencies{d.id: tf}, options: index.IndexField | index.StoreField}
}

// A reader of listings: it knows the taxonomy and keeps the words it has met.
// It must not be used by two goroutines at once.
type textReader struct {
	*analyzer
	needs  *hereabouts.Taxonomy
	labels map[string][]token // by need
	toks   []token
}

func newTextReader(needs *hereabouts.Taxonomy) *textReader {
	return &textReader{analyzer: newAnalyzer(), needs: needs, labels: map[string][]token{}}
}

// texts calls add with every text of a listing and the field it belongs to.
// Needs are handed over as their slugs, see labelTokens.
func texts(l *hereabouts.Listing, add func(f field, text string)) {
	add(nameField, l.Name)
	for _, t := range l.Tags {
		add(labelsField, t)
	}
	add(aboutField, l.Summary)
	add(orgField, l.Organisation.Name)
	add(textField, l.Description)
	add(textField, l.Eligibility.Text)
	add(textField, l.Eligibility.Catchment.Label)
	for _, c := range l.Eligibility.Circumstances {
		add(textField, c)
	}
	for i := range l.Places {
		add(textField, l.Places[i].Name)
		add(textField, l.Places[i].Address)
	}
	if len(l.Translations) == 0 {
		return
	}
	langs := make([]string, 0, len(l.Translations))
	for lang := range l.Translations {
		langs = append(langs, lang)
	}
	slices.Sort(langs)
	for _, lang := range langs {
		t := l.Translations[lang]
		add(nameField, t.Name)
		add(aboutField, t.Summary)
		add(textField, t.Description)
	}
}

// textHash changes whenever the indexed words of a listing do. Equal hashes
// are why a listing that is "full until March" never touches Bleve.
func textHash(l *hereabouts.Listing) uint64 {
	var h xxhash.Digest
	h.Reset()
	var head [5]byte
	put := func(f field, s string) {
		head[0] = byte(f)
		binary.LittleEndian.PutUint32(head[1:], uint32(len(s)))
		h.Write(head[:])
		h.WriteString(s)
	}
	texts(l, put)
	for _, n := range l.Needs {
		put(numFields, n)
	}
	return h.Sum64()
}

// labelTokens are the words of a need and of its parent: labels and what
// else people say, so that "skint" finds debt advice.
func (r *textReader) labelTokens(slug string) []token {
	if toks, ok := r.labels[slug]; ok {
		return toks
	}
	var toks []token
	pos := 0
	for slug, ok := slug, true; ok && slug != ""; {
		var need hereabouts.Need
		if need, ok = r.needs.Need(slug); ok {
			toks, pos = r.tokens(toks, need.Label, pos)
			for _, said := range need.AlsoSaidAs {
				toks, pos = r.tokens(toks, said, pos)
			}
		}
		slug = need.Parent
	}
	r.labels[slug] = toks
	return toks
}

// learn hands over each distinct word of a listing that this reader has not
// met before.
func (r *textReader) learn(l *hereabouts.Listing, learn func(word string)) {
	each := func(toks []token) {
		for _, t := range toks {
			if !t.seen {
				t.seen = true
				learn(t.word)
			}
		}
	}
	texts(l, func(_ field, text string) {
		r.toks, _ = r.tokens(r.toks[:0], text, 0)
		each(r.toks)
	})
	for _, n := range l.Needs {
		each(r.labelTokens(n))
	}
}

// document is a listing's words, counted. Each distinct word that this reader
// has not met before is handed to learn.
func (r *textReader) document(l *hereabouts.Listing, learn func(word string)) *document {
	d := &document{id: l.ID}
	for f := range numFields {
		d.fields[f] = wordsField{name: fieldNames[f], options: index.IndexField}
	}
	count := func(f field, toks []token) {
		w := &d.fields[f]
		if w.freqs == nil {
			w.freqs = make(index.TokenFrequencies, len(toks))
		}
		slab := make([]index.TokenFreq, 0, len(toks))
		for _, t := range toks {
			if !t.seen {
				t.seen = true
				learn(t.word)
			}
			if t.stop {
				continue
			}
			if !t.joined {
				w.length++
			}
			if tf := w.freqs[t.stem]; tf != nil {
				tf.SetFrequency(tf.Frequency() + 1)
				continue
			}
			slab = append(slab, index.TokenFreq{Term: t.term})
			tf := &slab[len(slab)-1]
			tf.SetFrequency(1)
			w.freqs[t.stem] = tf
		}
	}
	texts(l, func(f field, text string) {
		r.toks, _ = r.tokens(r.toks[:0], text, 0)
		count(f, r.toks)
	})
	for _, n := range l.Needs {
		count(labelsField, r.labelTokens(n))
	}
	return d
}
