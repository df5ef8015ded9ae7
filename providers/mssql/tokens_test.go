package mssql

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/sqlgen"
)

// TestReadAlike: what is sent is read as what was checked, whatever is put together of quotes, comments
// and words.
func TestReadAlike(t *testing.T) {
	pieces := []string{
		"'", "''", "\"", "\"\"", "[", "]", "]]", "--", "\n", "\r", "/*", "*/", "/", "*", "-", " ", "\t", "DELETE", "a", "N", "1", "1.", "0x", "e", ".", ",", "(", ")", ";",
		":a", ":", "@", "#", "$", "`", "\\", "é", "\u00a0", "\uff07", "'a'", "[a]", "\"a\"", "/* a */", "-- a\n", "ORDER", "FROM t",
	}
	random := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 200_000 {
		var text strings.Builder
		text.WriteString("SELECT ")
		for range 1 + random.IntN(8) {
			text.WriteString(pieces[random.IntN(len(pieces))])
		}
		query := text.String()
		lexis := (*Provider)(nil).QueryLexis()
		if sqlgen.CheckSelect(query, lexis) != nil || (engine{}).CheckQuery(query) != nil {
			continue
		}
		accepted++
		sent, _, err := sqlgen.BindNamed(query, lexis, func(_ int, name string) string { return ":" + name })
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		checked, _ := tokens(query)
		run, err := tokens(sent)
		for len(checked) > 0 && checked[len(checked)-1].text == ";" {
			checked = checked[:len(checked)-1]
		}
		if err != nil || !slices.Equal(checked, run) {
			t.Fatalf("%q is sent as %q: %v, checked as %v (%v)", query, sent, run, checked, err)
		}
		for _, token := range run {
			if token.kind == plainWord && token.text == "DELETE" || token.text == ";" {
				t.Fatalf("%q deletes", query)
			}
		}
	}
	if accepted < 5000 {
		t.Errorf("only %d queries were accepted", accepted)
	}
}
