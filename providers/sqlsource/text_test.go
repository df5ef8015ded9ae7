package sqlsource_test

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/providers/sqlsource"
)

func TestMaskQuoted(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"nothing":                          "nothing",
		"value 'it's Dupont' in column":    "value … in column",
		`value "a" for 'b' of 'c', too`:    "value …, too",
		"value «Dupont» et l’autre":        "value …autre",
		"one ' only":                       "one … only",
		"":                                 "",
		"the last rune is whole ‘Dupont’!": "the last rune is whole …!",
	} {
		if got := sqlsource.MaskQuoted(message, "\"'«»‘’"); got != want {
			t.Errorf("%q became %q", message, got)
		}
	}
}

// The text is withheld as a whole: one in which a short password were replaced would tell it.
func TestWithhold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, password string
		shown          bool
	}{
		{"connect: refused", "s3cret", true},
		{"connect: refused", "", true},
		{"", "s3cret", true},
		{"parse mysql://u:s3cret@h", "s3cret", false},
		{"the word is spelt by what is missing", "e", false},
		{"parse //u:p%40s%2Fs@h", "p@s/s", false},
		{"parse ?password=p%40s+s", "p@s s", false},
		{"parse /p@s%20s", "p@s s", false},
	} {
		got := sqlsource.Withhold(c.text, c.password)
		if shown := got == c.text; shown != c.shown || !shown && got != sqlsource.Withheld {
			t.Errorf("%q with the password %q became %q", c.text, c.password, got)
		}
	}
	if strings.Contains(sqlsource.Withheld, "%") {
		t.Error("it says something of the text")
	}
}

func TestIsThisMachine(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "localhost.": true, "127.0.0.1": true, "127.8.9.1": true, "::1": true, "[::1]": true, "::ffff:127.0.0.1": true,
		"127.example.org": false, "127.0.0.1.example.org": false, "localhost.example.org": false, "db.localhost": false, "128.0.0.1": false, "db.example.org": false, "::2": false, "": false, "0.0.0.0": false,
	} {
		if got := sqlsource.IsThisMachine(host); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
}
