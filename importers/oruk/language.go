package oruk

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// languages reads what languages the service is offered in.
func (m *mapper) languages(s object) {
	all := m.objects(s, "languages", "language")
	for _, p := range m.objects(s, "phones") {
		all = append(all, m.objects(p, "languages")...)
	}
	for _, l := range all {
		code, name := m.line(l, "code"), m.line(l, "name", "language")
		tag, ok := languageOf(code, name)
		if ok {
			m.l.Languages = appendNew(m.l.Languages, tag)
		} else if code+name != "" {
			m.note("languages", "ignored", "%q is no language that we know", short(strings.TrimSpace(code+" "+name)))
		}
	}
}

// languageOf is the BCP 47 tag of a language given by code or by its name in
// English.
func languageOf(code, name string) (string, bool) {
	if code != "" && len(code) <= 12 {
		if tag, err := language.Parse(code); err == nil && tag != language.Und {
			return tag.String(), true
		}
	}
	tag, ok := languageNames()[strings.ToLower(name)]
	if !ok && name != "" && len(name) <= 3 {
		if t, err := language.Parse(name); err == nil && t != language.Und {
			return t.String(), true
		}
	}
	return tag, ok
}

// languageNames are tags by their English names, with those that providers
// use besides.
var languageNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{
		"bsl": "bfi", "british sign language": "bfi", "british sign language (bsl)": "bfi", "sign language": "bfi", "irish sign language": "isg",
		"farsi": "fa", "mandarin": "zh", "chinese": "zh", "cantonese": "yue", "sylheti": "syl", "mirpuri": "phr", "patois": "jam",
		"kurdish sorani": "ckb", "sorani": "ckb", "dari": "prs", "flemish": "nl-BE", "gaelic": "gd", "scots gaelic": "gd", "cymraeg": "cy",
		"tagalog": "fil", "creole": "ht", "romani": "rom", "pushto": "ps", "panjabi": "pa", "gujerati": "gu", "bengali": "bn", "bangla": "bn",
	}
	for _, tag := range display.Values.Tags() {
		// A region's or script's own form does not take the language's name.
		if base, confidence := tag.Base(); confidence == language.Exact && base.String() == tag.String() {
			if n := strings.ToLower(display.English.Languages().Name(tag)); n != "" && names[n] == "" {
				names[n] = tag.String()
			}
		}
	}
	return names
})
