package importers_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hereabouts/importers"
)

func TestPlainText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"},
		{"<p>Tea &amp; cake</p><p>Every Tuesday<br/>10am</p>", "Tea & cake\n\nEvery Tuesday\n10am"},
		{"<ul><li>One</li><li>Two</li></ul>", "- One\n- Two"},
		{"Fish &amp;amp; chips", "Fish & chips"},
		{"ages < 5 and > 3", "ages < 5 and > 3"},
		{"under <5 years", "under <5 years"},
		{"write to <jo@example.org> today", "write to jo@example.org today"},
		{`see <a href="https://example.org/x">our page</a>.`, "see our page (https://example.org/x)."},
		{`<a href="http://www.example.org/">example.org</a>`, "example.org"},
		{`<a href="mailto:jo@example.org?subject=hi">Jo</a>`, "Jo (jo@example.org)"},
		{"a<script>alert(1)</script>b<style>x{}</style>c", "abc"},
		{"a <!-- hidden --> b", "a b"},
		{"<o:p></o:p>word<custom>kept</custom>", "wordkept"},
		{"one\u00a0two\u200bthree \r\n\r\n\r\n four\t", "one twothree\n\nfour"},
		{"St Maryâ€™s CafÃ©", "St Mary’s Café"},
		{"Â£5 â€“ Â£10", "£5 – £10"},
		{"naïve café £5 – £10 “quoted”", "naïve café £5 – £10 “quoted”"},
		{"Tŷ Gwyn yn Ynys Môn", "Tŷ Gwyn yn Ynys Môn"},
		{"bad \xff byte", "bad \ufffd byte"},
		{"AT&T; and R&D", "AT&T; and R&D"},
		{"e\u0301", "é"},
		{"", ""},
	} {
		if got := importers.PlainText(c.in); got != c.want {
			t.Errorf("PlainText(%q) is %q, want %q", c.in, got, c.want)
		}
	}
}

func TestFilled(t *testing.T) {
	for _, s := range []string{"", " ", "NA", "n/a", "N/A ", "null", "NULL", "-", "\u00a0", "#N/A", "(null)", "TBC"} {
		if got := importers.Filled(s); got != "" {
			t.Errorf("Filled(%q) is %q, want nothing", s, got)
		}
	}
	for _, s := range []string{"None", "Nan's Kitchen", "0", "no", "Not known"} {
		if got := importers.Filled(s); got != s {
			t.Errorf("Filled(%q) is %q, want it unchanged", s, got)
		}
	}
}

func TestName(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"THE FRIENDS OF ST MARY'S CIC", "The Friends of St Mary's CIC"},
		{"FRIENDS OF ST. MARY’S", "Friends of St. Mary’s"},
		{"1ST BRIXWORTH SCOUT GROUP", "1st Brixworth Scout Group"},
		{"STRATFORD-UPON-AVON U3A", "Stratford-upon-Avon U3A"},
		{"AGE UK NORTHAMPTONSHIRE LTD", "Age UK Northamptonshire Ltd"},
		{"THE O'BRIEN & MCDONALD TRUST (UK)", "The O'Brien & McDonald Trust (UK)"},
		{"R.S.P.C.A. NORTH BRANCH", "R.S.P.C.A. North Branch"},
		{"HOME-START (THE BOROUGH)", "Home-Start (The Borough)"},
		{"TEA AND TALK: A GROUP FOR CARERS", "Tea and Talk: A Group for Carers"},
		{"LGBTQ+ YOUTH", "LGBTQ+ Youth"},
		{"CYLCH MEITHRIN Y BALA", "Cylch Meithrin y Bala"},
		{"TŶ CWM PARTNERSHIP", "Tŷ Cwm Partnership"},
		{"GP'S PATIENT GROUP", "GP's Patient Group"},
		{"RELATE", "Relate"},
		{"SCOPE", "SCOPE"},
		{"YMCA", "YMCA"},
		{"YMCA café", "YMCA café"},
		{"MIND in Northampton", "MIND in Northampton"},
		{"Already Fine", "Already Fine"},
		{"THE FRIENDS OF ST MARY's", "The Friends of St Mary's"},
		{"ELIM CHURCH/FOOD BANK", "Elim Church/Food Bank"},
		{"MEN'S SHED NO 4", "Men's Shed No 4"},
		{"", ""},
	} {
		if got := importers.Name(c.in); got != c.want {
			t.Errorf("Name(%q) is %q, want %q", c.in, got, c.want)
		}
	}
}

func TestContacts(t *testing.T) {
	for _, c := range []struct {
		in   string
		want importers.Ways
	}{
		{"Tel: 0161 234 5678, email Jo.Smith@Example.org.uk.", importers.Ways{
			Phones: []string{"0161 234 5678"}, Emails: []string{"jo.smith@example.org.uk"}, Rest: ""}},
		{"+44 (0)1604 123456 or 07700900123", importers.Ways{Phones: []string{"+44 1604 123456", "07700900123"}, Rest: "or"}},
		{"Samaritans 116 123, www.samaritans.org", importers.Ways{Phones: []string{"116 123"}, URLs: []string{"https://www.samaritans.org"}, Rest: "Samaritans"}},
		{"see https://example.org/a?b=1). Then come", importers.Ways{URLs: []string{"https://example.org/a?b=1"}, Rest: "see ). Then come"}},
		{"book at exampletown.gov.uk/book", importers.Ways{URLs: []string{"https://exampletown.gov.uk/book"}, Rest: "book at"}},
		{"Registered charity 1234567, open 10.30 - 12.30, 2026-11-21", importers.Ways{Rest: "Registered charity 1234567, open 10.30 - 12.30, 2026-11-21"}},
		{"1142 500 222", importers.Ways{Phones: []string{"01142 500 222"}}},
		{"1143767511\nhello@example.org", importers.Ways{Phones: []string{"01143767511"}, Emails: []string{"hello@example.org"}}},
		{"order 1143767511", importers.Ways{Rest: "order 1143767511"}},
		{"", importers.Ways{}},
	} {
		if diff := cmp.Diff(c.want, importers.Contacts(c.in), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("Contacts(%q): %s", c.in, diff)
		}
	}
}

func TestTelephoneEmailURL(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`"+44 1234 234567"`, "+44 1234 234567"}, {"(01604) 123456", "01604 123456"}, {"1604123456", "01604123456"},
		{"0161-234-5678 ext. 12", "0161 234 5678 ext 12"}, {"116 123", "116 123"}, {"111", "111"}, {"12", ""}, {"call us", ""}, {"2nd floor", ""},
	} {
		if got, ok := importers.Telephone(c.in); got != c.want || ok != (c.want != "") {
			t.Errorf("Telephone(%q) is %q, %v; want %q", c.in, got, ok, c.want)
		}
	}
	for _, c := range []struct{ in, want string }{
		{" Jo@Example.ORG ", "jo@example.org"}, {"mailto:jo@example.org", "jo@example.org"}, {"jo@example", ""}, {"not an email", ""}, {"a@b@c.org", ""},
	} {
		if got, ok := importers.Email(c.in); got != c.want || ok != (c.want != "") {
			t.Errorf("Email(%q) is %q, %v; want %q", c.in, got, ok, c.want)
		}
	}
	for _, c := range []struct{ in, want string }{
		{"www.example.org", "https://www.example.org"}, {"HTTP://Example.org/A", "http://example.org/A"}, {"http:/example.org", "http://example.org"},
		{"https//example.org/b", "https://example.org/b"}, {"javascript:alert(1)", ""}, {"not absolute", ""}, {"example", ""}, {"http://user:pw@example.org", ""}, {"ftp://example.org", ""},
	} {
		if got, ok := importers.URL(c.in); got != c.want || ok != (c.want != "") {
			t.Errorf("URL(%q) is %q, %v; want %q", c.in, got, ok, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"<p>Tea &amp; cake</p>", "St Maryâ€™s", "THE FRIENDS OF ST MARY'S CIC", "Tel: +44 (0)1604 123456", "<a href='http://x.org'>", "O'", "'", "&#xffffff;", "Ã", "http:/x", "İİİİ ʼn"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain := importers.PlainText(s)
		if !utf8.ValidString(plain) || strings.TrimSpace(plain) != plain || strings.Contains(plain, "\n\n\n") {
			t.Errorf("PlainText(%q) is %q", s, plain)
		}
		name := importers.Name(s)
		if !utf8.ValidString(name) || strings.ContainsAny(name, "\n\t") {
			t.Errorf("Name(%q) is %q", s, name)
		}
		w := importers.Contacts(plain)
		for _, u := range w.URLs {
			if again, ok := importers.URL(u); !ok || again != u {
				t.Errorf("URL(%q) is %q, %v", u, again, ok)
			}
		}
		for _, e := range w.Emails {
			if again, ok := importers.Email(e); !ok || again != e {
				t.Errorf("Email(%q) is %q, %v", e, again, ok)
			}
		}
		for _, p := range w.Phones {
			if again, ok := importers.Telephone(p); !ok || again != p {
				t.Errorf("Telephone(%q) is %q, %v", p, again, ok)
			}
		}
	})
}
