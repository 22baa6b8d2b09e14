package hereabouts

import "testing"

func TestFold(t *testing.T) {
	same := [][]string{
		{"mens shed and cafe", "Men's Shed & Café", "MEN’S SHED AND CAFE\u0301", "Men`s  shed&café", " mens—shed/and_cafe! "},
		{"cwn a thy", "Cŵn a thŷ", "CŴN A THŶ"},
		{"ceilidh aosta", "Cèilidh aosta"},
		{"o connor", "O Connor", "O-Connor"},
		{"oconnor", "O'Connor", "O’Connor"},
		{"aether strasse lodz", "Æther Straße Łódź", "ÆTHER STRASSE ŁÓDŹ", "ÆTHER STRAẞE ŁÓDŹ"},
		{"fi 5", "ﬁ ５"},
		{"50 club", "50+ club", "50 + Club"},
		{"r and b", "R&B", "r & b"},
		{"हिन्दी", "हिन्दी"},
		{"বাংলা", "বাংলা"},
		{"اردو", "اُردُو", "اردو"},
		{"σοφοσ", "ΣΟΦΟΣ", "σοφός"},
		{"ysgol", "YSGOL", "ys\u00adgol", "y\u200bsgol"},
		{"", " ", "!!", "''", "\u0301"},
	}
	for _, group := range same {
		for _, s := range group {
			if got := Fold(s); got != group[0] {
				t.Errorf("%q folds to %q, want %q", s, got, group[0])
			}
		}
	}
	for _, pair := range [][2]string{{"हिन्दी", "हनद"}, {"Walton", "Welton"}, {"Group 1", "Group 11"}, {"ab", "a b"}} {
		if Fold(pair[0]) == Fold(pair[1]) {
			t.Errorf("%q and %q are different names and fold alike, to %q", pair[0], pair[1], Fold(pair[0]))
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Men’s Shed & Café", "Łódź", "हिन्दी", "\xff&\x00", "が", "각", "\u1e9eİ", "ﬀ", "a\u0315\u0300\u05ae"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Errorf("%q folds to %q and that to %q", s, once, twice)
		}
		if padded := Fold(" " + s + "! "); padded != once {
			t.Errorf("%q folds to %q, and to %q with room around it", s, once, padded)
		}
	})
}

func BenchmarkFold(b *testing.B) {
	for b.Loop() {
		Fold("Millside Men's Shed & Repair Café")
	}
}
