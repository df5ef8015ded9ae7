package xlsx_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/xlsx"
)

func TestExamine(t *testing.T) {
	dir := t.TempDir()
	save(t, filepath.Join(dir, "rooms.xlsx"), sheetOf([][]value.Value{{value.OfText("code")}}), nil)
	source, err := xlsx.New().OpenSource(t.Context(), providers.Attributes{"directory": "."}, dir)
	must(t, err)
	defer source.Close()
	if found, err := source.(providers.Examiner).Examine(t.Context()); err != nil || len(found) != 1 || found[0].State != providers.FindingOK {
		t.Errorf("%+v, %v", found, err)
	}
	found, err := source.(providers.PrivilegeExaminer).Privileges(t.Context(), providers.Needs{Tables: []providers.TableNeed{{Table: "rooms"}}})
	if err != nil || len(found) != 1 || found[0].State != providers.FindingOK {
		t.Errorf("%+v, %v", found, err)
	}
	found, err = source.(providers.PrivilegeExaminer).Privileges(t.Context(), providers.Needs{Tables: []providers.TableNeed{{Table: "room"}, {Table: "rooms/Halls"}}})
	if err != nil || len(found) != 2 || !strings.Contains(found[0].Found, `Did you mean "rooms"?`) || !strings.Contains(found[1].Found, `has no sheet "Halls"`) {
		t.Errorf("%+v, %v", found, err)
	}
	_, err = xlsx.New().OpenSource(t.Context(), providers.Attributes{"directory": "nowhere"}, dir)
	if err == nil || !strings.Contains(xlsx.New().Advice(err), "correct directory") {
		t.Errorf("%q for: %v", xlsx.New().Advice(err), err)
	}
}

// Whatever a sheet holds, reading it ends, and never in a panic.
func FuzzSheet(f *testing.F) {
	for _, sheet := range []string{
		`<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="2"><c r="A2" s="0"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells>`,
		`<sheetData><row><c t="str"><f>x</f><v>_x0041_</v></c><c t="s"><v>7</v></c></row><row><c><v>1e5</v></c></row></sheetData>`,
		`<sheetData><row r="0"><c r="AAAAAA99999999999999"/></row>`,
		`<sheetData><row><c t="d"><v>2026</v></c><c t="b"><v>2</v></c><c t="e"><v/></c></row></sheetData><sheetData/>`,
	} {
		f.Add(sheet)
	}
	f.Fuzz(func(t *testing.T, sheet string) {
		if sheet == "" {
			return
		}
		dir := t.TempDir()
		save(t, filepath.Join(dir, "x.xlsx"), sheet, nil)
		names, rows, _ := read(t, dir, "x", nil)
		for _, row := range rows {
			if len(row) != len(names) {
				t.Errorf("%d values of %d columns", len(row), len(names))
			}
		}
		_, _, _ = read(t, dir, "x", providers.Attributes{"header": false, "types": map[string]any{"c1": "date", "c2": "text"}})
	})
}
