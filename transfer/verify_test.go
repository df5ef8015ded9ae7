package transfer_test

import (
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/transfer"
)

// Spreadsheets write what their country is used to.
func TestVerifyEditedManifests(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	o := s.options("hss", "sci")
	s.export(o)
	path := filepath.Join(o.Dir, "move.csv")
	original, err := os.ReadFile(path)
	must(t, err)
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(original), "\uFEFF")))
	in.Comma = ';'
	records, err := in.ReadAll()
	must(t, err)
	save := func(comma rune, mark string, crlf bool, change func([][]string) [][]string) {
		copied := make([][]string, len(records))
		for i := range records {
			copied[i] = slices.Clone(records[i])
		}
		var out strings.Builder
		out.WriteString(mark)
		w := csv.NewWriter(&out)
		w.Comma, w.UseCRLF = comma, crlf
		must(t, w.WriteAll(change(copied)))
		must(t, os.WriteFile(path, []byte(out.String()), 0o600))
	}
	filled := func(r [][]string) [][]string { r[1][1], r[2][4] = "LSH", "new@example.org"; return r }
	for name, do := range map[string]func(){
		"as it was":           func() { save(';', "\uFEFF", true, filled) },
		"commas, no mark, LF": func() { save(',', "", false, filled) },
		"tabs":                func() { save('\t', "", true, filled) },
		"empty fields and lines behind": func() {
			save(';', "", true, func(r [][]string) [][]string {
				for i := range r {
					r[i] = append(r[i], "", "")
				}
				return append(filled(r), make([]string, 11))
			})
		},
		"columns in another order": func() {
			save(';', "", true, func(r [][]string) [][]string {
				r = filled(r)
				for i := range r {
					slices.Reverse(r[i])
				}
				return r
			})
		},
	} {
		do()
		r, err := transfer.Verify(t.Context(), path)
		if err != nil || r.Faculties[0].IDImport != "LSH" || r.Faculties[1].Contact != "new@example.org" {
			t.Errorf("%s: %+v, error %v", name, r, err)
		}
	}
	for want, change := range map[string]func([][]string) [][]string{
		`line 3: its faculty would become "X", as would the one on line 2`:   func(r [][]string) [][]string { r[1][1], r[2][1] = "X", "X"; return r },
		`line 3: its faculty would become "sci", as would the one on line 2`: func(r [][]string) [][]string { r[1][1] = "sci"; return r },
		`line 2: Id_Export is "7"`:                       func(r [][]string) [][]string { r[1][0] = "7"; return r },
		`line 3: Id_Export "SHS" is on line 2, too`:      func(r [][]string) [][]string { r[2][0] = "SHS"; return r },
		`line 2: Name is "Other", and move.zip says`:     func(r [][]string) [][]string { r[1][3] = "Other"; return r },
		`line 2: Rows is "6", and move.zip says "5"`:     func(r [][]string) [][]string { r[1][6] = "6"; return r },
		`it lacks the line of "sci"`:                     func(r [][]string) [][]string { return r[:2] },
		`line 3: Bundle or SHA256 is not that of line 2`: func(r [][]string) [][]string { r[2][8] = strings.Repeat("0", 64); return r },
		`move.zip: its SHA-256 is`: func(r [][]string) [][]string {
			r[1][8], r[2][8] = strings.Repeat("0", 64), strings.Repeat("0", 64)
			return r
		},
		`line 2: Bundle is "../move.zip"`:                   func(r [][]string) [][]string { r[1][7], r[2][7] = "../move.zip", "../move.zip"; return r },
		`line 2: Contact has what is not an e-mail address`: func(r [][]string) [][]string { r[1][4] = "the dean"; return r },
		`line 1: its header lacks "Label"`:                  func(r [][]string) [][]string { return [][]string{{"Id_Export", "Id_Import"}} },
		`line 1: its header has "Remark"`:                   func(r [][]string) [][]string { r[0][2] = "Remark"; return r },
		`line 2: it has 4 fields, and the header 9`:         func(r [][]string) [][]string { r[1] = r[1][:4]; return r },
		`it lists no faculty`:                               func(r [][]string) [][]string { return r[:1] },
	} {
		save(';', "\uFEFF", true, change)
		if _, err := transfer.Verify(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("expected %q, error %v", want, err)
		} else if _, ok := errors.AsType[*bundle.FormatError](err); !ok {
			t.Errorf("the error is no FormatError: %v", err)
		}
	}
	for want, content := range map[string]string{
		"line 2: it is not UTF-8":  strings.Replace(string(original), "Lettres", "Lettr\xe9s", 1),
		"line 1: it is not UTF-8":  "\xff\xfeI\x00d\x00",
		"it lists no faculty":      "",
		"line 2: it is not CSV":    strings.Replace(string(original), `"Lettres`, `x"Lettres`, 1),
		"name the manifest, the C": "PK\x03\x04",
	} {
		must(t, os.WriteFile(path, []byte(content), 0o600))
		if _, err := transfer.Verify(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("expected %q, error %v", want, err)
		}
	}
}
