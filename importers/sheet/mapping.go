package sheet

import (
	"regexp"
	"slices"
	"strings"
)

// A Mapping says what the columns of a sheet mean. Its fields are the keys of
// a mapping file, described in docs/mappings.md.
type Mapping struct {
	Name    string     `yaml:"-"` // of the shipped mapping, or the file's path
	About   string     `yaml:"about"`
	Format  string     `yaml:"format"` // csv or geojson, when the mapping is for one alone
	Source  Source     `yaml:"source"`
	File    File       `yaml:"file"`
	ID      List       `yaml:"id"`
	GroupBy []string   `yaml:"group_by"`
	SkipIf  []Skip     `yaml:"skip_if"`
	Listing Fields     `yaml:"listing"`
	Read    []Reading  `yaml:"read"`
	Publish Publishing `yaml:"publish"`
	Shape   Shape      `yaml:"shape"`
}

// Shape says what to do with the outlines of features on a map; package
// geojson uses it.
type Shape struct {
	Outline     bool    `yaml:"outline"`      // keep outlines of places, beside a point in them
	Unnamed     Text    `yaml:"unnamed"`      // what a feature without a name is: "Play space"
	Area        Text    `yaml:"area"`         // where it is, when no nearer place is known: "Trafford"
	MinHectares float64 `yaml:"min_hectares"` // smaller ones are left out
	IDByPoint   bool    `yaml:"id_by_point"`  // the id alone does not tell features apart: add where they are
}

// Source is where a sheet is from, unless whoever imports it says otherwise:
// they pass it on in importers.Options.
type Source struct {
	Name    string `yaml:"name"`
	Licence string `yaml:"licence"`
	URL     string `yaml:"url"`
}

// File says how the sheet is written.
type File struct {
	Delimiter string   `yaml:"delimiter"` // , ; | or tab; empty: told from the first line
	Columns   []string `yaml:"columns"`   // names of the columns of a sheet without a header row
	Empty     []string `yaml:"empty"`     // words that mean that a cell is empty, beside NA and its like
}

// A Skip says which rows are not listings, and why.
type Skip struct {
	Column  string   `yaml:"column"`
	Is      []string `yaml:"is"`
	Not     []string `yaml:"not"`
	Filled  bool     `yaml:"filled"`
	Empty   bool     `yaml:"empty"`
	Matches Pattern  `yaml:"matches"`
	Reason  string   `yaml:"reason"`
}

// A Pattern is a regular expression.
type Pattern struct{ *regexp.Regexp }

// Fields say what goes into a listing; their names are those of the listing.
type Fields struct {
	Kind           Text           `yaml:"kind"`
	Name           Text           `yaml:"name"`
	NameIfRepeated Text           `yaml:"name_if_repeated"` // when other listings of the sheet have the name too
	Summary        Text           `yaml:"summary"`
	Description    List           `yaml:"description"`
	Organisation   Organisation   `yaml:"organisation"`
	Needs          List           `yaml:"needs"`
	Tags           List           `yaml:"tags"`
	Eligibility    Eligibility    `yaml:"eligibility"`
	Referral       Referral       `yaml:"referral"`
	Availability   Availability   `yaml:"availability"`
	Delivery       List           `yaml:"delivery"`
	HiddenLocation Text           `yaml:"hidden_location"`
	Place          Place          `yaml:"place"`
	Sessions       []SessionField `yaml:"sessions"`
	Cost           Cost           `yaml:"cost"`
	Transport      Transport      `yaml:"transport"`
	Languages      List           `yaml:"languages"`
	Contacts       []Contact      `yaml:"contacts"`
	URL            Text           `yaml:"url"` // the record's own page, for source.url
	ConfirmedAt    Text           `yaml:"confirmed_at"`
}

// Organisation, and the types after it, are the parts of Fields.
type Organisation struct {
	Name          Text `yaml:"name"`
	CharityNumber Text `yaml:"charity_number"`
	URL           Text `yaml:"url"`
}

// Eligibility says who may come.
type Eligibility struct {
	Text          Text      `yaml:"text"`
	MinAge        Text      `yaml:"min_age"`
	MaxAge        Text      `yaml:"max_age"`
	Genders       List      `yaml:"genders"`
	Circumstances List      `yaml:"circumstances"`
	Catchment     Catchment `yaml:"catchment"`
}

// Catchment says where people must live.
type Catchment struct {
	Label Text `yaml:"label"`
	Areas List `yaml:"areas"`
}

// Referral says how people are taken on.
type Referral struct {
	Routes List `yaml:"routes"`
	How    Text `yaml:"how"`
	URL    Text `yaml:"url"`
	Phone  Text `yaml:"phone"`
	Email  Text `yaml:"email"`
}

// Availability says whether people are taken on now.
type Availability struct {
	State Text `yaml:"state"`
	Note  Text `yaml:"note"`
}

// Place says where it is.
type Place struct {
	Name     Text   `yaml:"name"`
	Address  Text   `yaml:"address"`
	Postcode Text   `yaml:"postcode"`
	Lat      Text   `yaml:"lat"`
	Lon      Text   `yaml:"lon"`
	Access   Access `yaml:"access"`
	Note     Text   `yaml:"access_note"`
}

// Access says what a place has.
type Access struct {
	StepFree         Text `yaml:"step_free"`
	AccessibleToilet Text `yaml:"accessible_toilet"`
	ChangingPlace    Text `yaml:"changing_place"`
	HearingLoop      Text `yaml:"hearing_loop"`
	Parking          Text `yaml:"parking"`
	BlueBadgeParking Text `yaml:"blue_badge_parking"`
	QuietSpace       Text `yaml:"quiet_space"`
	AssistanceDogs   Text `yaml:"assistance_dogs"`
}

// SessionField says when it is: by a rule, or by days and times in words.
type SessionField struct {
	RRule  Text `yaml:"rrule"`
	Days   Text `yaml:"days"`
	Times  Text `yaml:"times"`
	Start  Text `yaml:"start"`
	End    Text `yaml:"end"`
	From   Text `yaml:"from"`
	Until  Text `yaml:"until"`
	Attend Text `yaml:"attend"`
	Note   Text `yaml:"note"`
}

// Cost says what people pay.
type Cost struct {
	Free Text `yaml:"free"`
	Per  Text `yaml:"per"`
	Text Text `yaml:"text"`
}

// Transport says whether people are fetched.
type Transport struct {
	Provided Text `yaml:"provided"`
	Note     Text `yaml:"note"`
}

// Contact says whom to ask. Any is free text in which telephone numbers and
// e-mail and web addresses are looked for.
type Contact struct {
	Name  Text `yaml:"name"`
	Phone Text `yaml:"phone"`
	Email Text `yaml:"email"`
	URL   Text `yaml:"url"`
	Any   Text `yaml:"any"`
}

// A Reading is a text whose words are read for facts.
type Reading struct {
	Text   Text     `yaml:"text"`
	For    []string `yaml:"for"`    // times, referral, availability, cost, ages
	Attend string   `yaml:"attend"` // of the sessions: whole or any_time
	Label  string   `yaml:"label"`  // before the text when it is kept in the description
}

// Publishing says what may be shown to everybody.
type Publishing struct {
	PersonalEmails bool  `yaml:"personal_emails"` // publish addresses that look like a private person's
	Mobiles        *bool `yaml:"mobiles"`         // publish mobile numbers; the default is to
}

// Columns are the columns that the mapping names, in order.
func (m *Mapping) Columns() []string { return keys(m.columns()) }

// Needs are the needs that the mapping may give, in order.
func (m *Mapping) Needs() []string {
	needs := map[string]bool{}
	add := func(values string) {
		for v := range strings.SplitSeq(values, "|") {
			if v != "" {
				needs[v] = true
			}
		}
	}
	for _, t := range m.Listing.Needs {
		if len(t.from.columns()) == 0 {
			add(t.from.fill(nil, nil))
		}
		for _, v := range t.values {
			add(v)
		}
		for _, w := range t.words {
			add(w.value)
		}
		if t.otherwise != nil {
			add(*t.otherwise)
		}
	}
	return keys(needs)
}

// columns are the columns that a mapping names, each with the line it names
// it on, in no order.
func (m *Mapping) columns() map[string]int {
	cols := map[string]int{}
	add := func(name string, line int) {
		if at, have := cols[name]; !have || line < at {
			cols[name] = line
		}
	}
	eachText(m, func(t *Text) {
		for _, c := range slices.Concat(t.from.columns(), t.rows.columns()) {
			add(c, t.line)
		}
	})
	for _, c := range m.GroupBy {
		add(c, 0)
	}
	for _, s := range m.SkipIf {
		add(s.Column, 0)
	}
	return cols
}
