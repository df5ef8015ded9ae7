package xlsx_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/xlsx"
)

// read returns the columns and the rows of a table, each value with its kind, or the error.
func read(t testing.TB, dir, table string, a providers.Attributes) (names []string, all [][]string, err error) {
	t.Helper()
	if a == nil {
		a = providers.Attributes{}
	}
	if a["path"] == nil && a["directory"] == nil {
		a["directory"] = "."
	}
	source, err := xlsx.New().OpenSource(t.Context(), a, dir)
	if err != nil {
		return nil, nil, err
	}
	defer source.Close()
	snapshot, err := source.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	rows, err := snapshot.Read(t.Context(), providers.Query{Table: table})
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for _, c := range rows.Columns() {
		names = append(names, c.Name)
	}
	row := make([]value.Value, len(names))
	for {
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			return names, all, nil
		} else if err != nil {
			return names, all, err
		}
		var texts []string
		for _, v := range row {
			texts = append(texts, spell(v))
		}
		all = append(all, texts)
	}
}

func spell(v value.Value) string {
	if v.IsNull() {
		return "∅"
	}
	return v.Kind().String() + " " + v.Text()
}

func wantRows(t *testing.T, dir, table string, a providers.Attributes, want ...[]string) {
	t.Helper()
	_, got, err := read(t, dir, table, a)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func wantError(t *testing.T, dir, table string, a providers.Attributes, want string) {
	t.Helper()
	_, _, err := read(t, dir, table, a)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

// book makes a workbook as a spreadsheet does.
func book(t testing.TB, dir, name string, fill func(f *excelize.File)) {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	if err := f.SaveAs(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A cell is what it holds, whatever it looks like.
func TestCells(t *testing.T) {
	dir := t.TempDir()
	var want [][]string
	book(t, dir, "rooms.xlsx", func(f *excelize.File) {
		style := func(format string) int {
			id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			must(t, err)
			return id
		}
		builtin := func(format int) int {
			id, err := f.NewStyle(&excelize.Style{NumFmt: format})
			must(t, err)
			return id
		}
		set := func(cell string, v any, style int) {
			must(t, f.SetCellValue("Sheet1", cell, v))
			if style > 0 {
				must(t, f.SetCellStyle("Sheet1", cell, cell, style))
			}
		}
		must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"code", "value"}))
		for i, c := range []struct {
			v     any
			style int
			want  string
		}{
			{"007", 0, "text 007"},
			{7, 0, "integer 7"},
			{7, builtin(49), "integer 7"},
			{12.5, builtin(2), "decimal 12.5"},
			{0.1, 0, "decimal 0.1"},
			{true, 0, "bool true"},
			{false, 0, "bool false"},
			{"", 0, "∅"},
			{nil, 0, "∅"},
			{45000, builtin(14), "date 2023-03-15"},
			{45000, style(`dd/mm/yyyy`), "date 2023-03-15"},
			{45000, style(`[$-40C]d mmmm yyyy;@`), "date 2023-03-15"},
			{45000, style(`mmmm`), "date 2023-03-15"},
			{45000.5, builtin(22), "timestamp 2023-03-15 12:00:00"},
			{45000.25, style(`yyyy-mm-dd`), "timestamp 2023-03-15 06:00:00"},
			{0.75, style(`hh:mm`), "time 18:00:00"},
			{0.75, style(`h:mm AM/PM`), "time 18:00:00"},
			{1.5, style(`[h]:mm`), "decimal 1.5"},
			{1234, style(`#,##0.00 "days"`), "integer 1234"},
			{1234, style(`0.0E+00`), "integer 1234"},
			{0.5, style(`0 "h"`), "decimal 0.5"},
			{1, style(`[Red]0`), "integer 1"},
			{59, builtin(14), "date 1900-02-28"},
			{61, builtin(14), "date 1900-03-01"},
			{2958465, builtin(14), "date 9999-12-31"},
			{45000.999999999, builtin(22), "timestamp 2023-03-16 00:00:00"},
			{" x_y\r\nz ", 0, "text  x_y\r\nz "},
			{-3, 0, "integer -3"},
			{1e21, 0, "decimal 1000000000000000000000"},
			{1e-7, 0, "decimal 0.0000001"},
		} {
			code := fmt.Sprintf("k%02d", i)
			set(fmt.Sprintf("A%d", i+2), code, 0)
			if c.v != nil {
				set(fmt.Sprintf("B%d", i+2), c.v, c.style)
			}
			want = append(want, []string{"text " + code, c.want})
		}
	})
	wantRows(t, dir, "rooms", nil, want...)
}

func TestCellsOf1904(t *testing.T) {
	dir := t.TempDir()
	book(t, dir, "rooms.xlsx", func(f *excelize.File) {
		must(t, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: new(true)}))
		must(t, f.SetCellValue("Sheet1", "A1", "day"))
		must(t, f.SetCellValue("Sheet1", "A2", time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)))
		must(t, f.SetCellValue("Sheet1", "A3", 0))
		style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		must(t, err)
		must(t, f.SetCellStyle("Sheet1", "A2", "A3", style))
	})
	wantRows(t, dir, "rooms", nil, []string{"date 2026-09-01"}, []string{"date 1904-01-01"})
}

func TestTypes(t *testing.T) {
	dir := t.TempDir()
	book(t, dir, "rooms.xlsx", func(f *excelize.File) {
		must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"code", "seats", "area", "since", "open"}))
		must(t, f.SetSheetRow("Sheet1", "A2", &[]any{7, "1 234", 12, "01/09/2026", "O"}))
		must(t, f.SetSheetRow("Sheet1", "A3", &[]any{"007", 5, "12,50", nil, true}))
	})
	a := func() providers.Attributes {
		return providers.Attributes{
			"types":       map[string]any{"CODE": "text", "seats": "integer", "rooms.area": "decimal", "since": "date", "open": "bool"},
			"date_format": "DD/MM/YYYY", "decimal": ",", "thousands": " ", "true_values": []any{"O"}, "false_values": []any{"N"},
		}
	}
	wantRows(t, dir, "rooms", a(),
		[]string{"text 7", "integer 1234", "decimal 12", "date 2026-09-01", "bool true"},
		[]string{"text 007", "integer 5", "decimal 12.50", "∅", "bool true"})
	wrong := a()
	wrong["types"] = map[string]any{"since": "integer"}
	wantError(t, dir, "rooms", wrong, `rooms.xlsx, sheet "Sheet1", cell D2: column "since": expected a whole number`)
	wrong["types"] = map[string]any{"seats": "date"}
	wantError(t, dir, "rooms", wrong, `cell B2: column "seats": expected a date of the form DD/MM/YYYY`)
	wrong["types"] = map[string]any{"rooms.seat": "integer"}
	wantError(t, dir, "rooms", wrong, `Did you mean "seats"?`)
}

func TestSheets(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "2026"), 0o700))
	fill := func(text string) func(f *excelize.File) {
		return func(f *excelize.File) {
			for _, name := range []string{"Second", "Third"} {
				_, err := f.NewSheet(name)
				must(t, err)
				must(t, f.SetSheetCol(name, "A1", &[]any{"code", text + name}))
			}
			must(t, f.SetSheetCol("Sheet1", "A1", &[]any{"code", text + "hidden"}))
			f.SetActiveSheet(1)
			must(t, f.SetSheetVisible("Sheet1", false))
		}
	}
	book(t, dir, "rooms.xlsx", fill(""))
	book(t, dir, "2026/rooms.xlsx", fill("2026 "))
	for table, want := range map[string]string{
		"rooms": "text Second", "rooms/Third": "text Third", "rooms/Sheet1": "text hidden", "2026/rooms": "text 2026 Second", "2026/rooms/Third": "text 2026 Third",
	} {
		wantRows(t, dir, table, nil, []string{want})
	}
	wantRows(t, dir, "Third", providers.Attributes{"path": "2026/rooms.xlsx"}, []string{"text 2026 Third"})
	wantError(t, dir, "Thrid", providers.Attributes{"path": "2026/rooms.xlsx"}, `has no sheet "Thrid". Did you mean "Third"?`)
	wantError(t, dir, "rooms/Nope", nil, `rooms.xlsx has no sheet "Nope"`)
	wantError(t, dir, "roms", nil, `Did you mean "rooms"?`)
	wantError(t, dir, "../rooms", nil, "not the name of a file")
	book(t, dir, "2026.xlsx", fill(""))
	wantError(t, dir, "2026/rooms", nil, "both the workbook")
	wantError(t, dir, "x", providers.Attributes{"path": "a.xlsx", "directory": "."}, "both set")
}

func TestLayout(t *testing.T) {
	dir := t.TempDir()
	book(t, dir, "titled.xlsx", func(f *excelize.File) {
		must(t, f.SetCellValue("Sheet1", "A1", "Rooms of the faculty"))
		must(t, f.MergeCell("Sheet1", "A1", "C1"))
		must(t, f.SetSheetRow("Sheet1", "A3", &[]any{"code", "name", 2026}))
		must(t, f.SetSheetRow("Sheet1", "A5", &[]any{"R1", nil, "n/a"}))
		must(t, f.SetSheetRow("Sheet1", "A9", &[]any{" R2 ", "Two"}))
	})
	a := func() providers.Attributes {
		return providers.Attributes{"first_row": int64(2), "null": "n/a", "trim": true}
	}
	names, _, err := read(t, dir, "titled", a())
	if diff := cmp.Diff([]string{"code", "name", "2026"}, names); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	wantRows(t, dir, "titled", a(), []string{"text R1", "∅", "∅"}, []string{"text R2", "text Two", "∅"})
	wantError(t, dir, "titled", nil, `cell B3: it is beyond the table, which has 1 columns`)

	noHeader := a()
	noHeader["header"], noHeader["first_row"] = false, int64(4)
	wantRows(t, dir, "titled", noHeader, []string{"text R1", "∅", "∅"}, []string{"text R2", "text Two", "∅"})
	noHeader["columns"] = []any{"a", "b"}
	noHeader["null"] = ""
	wantError(t, dir, "titled", noHeader, "cell C5: it is beyond the table, which has 2 columns")
	noHeader["first_row"] = int64(10)
	wantRows(t, dir, "titled", noHeader)
	noHeader["columns"] = nil
	wantError(t, dir, "titled", noHeader, "is empty from row 10 on")
}

func TestCellsThatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct {
		fill func(t *testing.T, f *excelize.File)
		want string
	}{
		"merged": {func(t *testing.T, f *excelize.File) { must(t, f.MergeCell("Sheet1", "A2", "A3")) }, `the cells A2 to A3 are merged`},
		"formula without its value": {func(t *testing.T, f *excelize.File) {
			must(t, f.SetCellValue("Sheet1", "C1", "sum"))
			must(t, f.SetCellFormula("Sheet1", "C2", "=1+1"))
		}, `cell C2: it holds a formula and not its value`},
		"no name":      {func(t *testing.T, f *excelize.File) { must(t, f.SetCellValue("Sheet1", "D1", "far")) }, `cell C1: the header has no name`},
		"a name twice": {func(t *testing.T, f *excelize.File) { must(t, f.SetCellValue("Sheet1", "C1", "code")) }, `cell C1: the header has the same name as in cell A1`},
		"beyond":       {func(t *testing.T, f *excelize.File) { must(t, f.SetCellValue("Sheet1", "AB3", "remark")) }, `cell AB3: it is beyond the table`},
		"no such day": {func(t *testing.T, f *excelize.File) {
			style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
			must(t, err)
			must(t, f.SetCellValue("Sheet1", "B3", 60))
			must(t, f.SetCellStyle("Sheet1", "B3", "B3", style))
		}, `cell B3: it is formatted as a date`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			book(t, dir, "rooms.xlsx", func(f *excelize.File) {
				must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"code", "name"}))
				must(t, f.SetSheetRow("Sheet1", "A2", &[]any{"R1", "SECRET-1"}))
				must(t, f.SetSheetRow("Sheet1", "A3", &[]any{"R2", "SECRET-2"}))
				test.fill(t, f)
			})
			wantError(t, dir, "rooms", nil, test.want)
			if _, _, err := read(t, dir, "rooms", nil); err != nil && strings.Contains(err.Error(), "SECRET") {
				t.Errorf("the error shows a value: %v", err)
			}
		})
	}
}

// What other programs than excelize write.
func TestOddSheets(t *testing.T) {
	const text = `<row><c t="inlineStr"><is><t>code</t></is></c></row>`
	for name, test := range map[string]struct {
		sheet string
		want  []string
		err   string
	}{
		"formulas with their values": {`<sheetData>` + text + `<row><c><f>1+1</f><v>2</v></c></row><row><c t="str"><f>x</f><v>a_x0041_</v></c></row></sheetData>`, []string{"integer 2", "text aA"}, ""},
		"runs and pronunciation":     {`<sheetData>` + text + `<row><c t="inlineStr"><is><r><t>a</t></r><r><rPr><b/></rPr><t> b</t></r><rPh sb="0" eb="1"><t>NO</t></rPh></is></c></row></sheetData>`, []string{"text a b"}, ""},
		"ISO dates":                  {`<sheetData>` + text + `<row><c t="d"><v>2026-09-01</v></c></row><row><c t="d"><v>2026-09-01T02:30:00</v></c></row></sheetData>`, []string{"date 2026-09-01", "timestamp 2026-09-01 02:30:00"}, ""},
		"elements that mean nothing": {`<cols><col/></cols><sheetData>` + text + `<row><extLst><c><v>9</v></c></extLst><c><v> 3 </v><extLst/></c></row></sheetData><pageMargins/>`, []string{"integer 3"}, ""},
		"exponents":                  {`<sheetData>` + text + `<row><c><v>1.50E-2</v></c></row><row><c><v>1E3</v></c></row></sheetData>`, []string{"decimal 0.0150", "decimal 1000"}, ""},
		"an error":                   {`<sheetData>` + text + `<row r="7"><c r="A7" t="e"><v>#N/A</v></c></row></sheetData>`, nil, "cell A7: it holds the error #N/A"},
		"no number":                  {`<sheetData>` + text + `<row><c><v>Infinity</v></c></row></sheetData>`, nil, "cell A2: it is not a number"},
		"a text that is not there":   {`<sheetData>` + text + `<row><c t="s"><v>0</v></c></row></sheetData>`, nil, "cell A2: it holds a text that the workbook does not have"},
		"rows out of order":          {`<sheetData>` + text + `<row r="3"/><row r="3"/></sheetData>`, nil, "not in order"},
		"cells out of order":         {`<sheetData>` + text + `<row r="2"><c r="B2"/><c r="A2"/></row></sheetData>`, nil, "not in order"},
		"cut":                        {`<sheetData>` + text + `<row><c><v>1</v>`, nil, "is broken"},
		"no XML":                     {`<sheetData><`, nil, "is broken"},
		"nothing":                    {``, nil, "is empty from row 1 on"},
		"a text without end":         {`<sheetData>` + text + `<row><c><v>` + strings.Repeat("1", 2<<20) + `</v></c></row></sheetData>`, nil, "longer than 1048576 octets"},
		"another type":               {`<sheetData>` + text + `<row><c t="x"><v>1</v></c></row></sheetData>`, nil, "type that is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			save(t, filepath.Join(dir, "x.xlsx"), test.sheet, nil)
			if test.err != "" {
				wantError(t, dir, "x", nil, test.err)
				return
			}
			var want [][]string
			for _, v := range test.want {
				want = append(want, []string{v})
			}
			wantRows(t, dir, "x", nil, want...)
		})
	}
}

func TestFilesThatAreNoWorkbooks(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) { must(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600)) }
	write("text.xlsx", "code;name\n")
	write("empty.xlsx", "")
	write("old.xlsx", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"+strings.Repeat("\x00", 512))
	save(t, filepath.Join(dir, "cut.xlsx"), sheetOf([][]value.Value{{value.OfText("code")}}), nil)
	must(t, os.Truncate(filepath.Join(dir, "cut.xlsx"), 300))
	save(t, filepath.Join(dir, "lost.xlsx"), "", map[string]string{"xl/worksheets/sheet1.xml": ""})
	save(t, filepath.Join(dir, "other.xlsx"), "", map[string]string{"_rels/.rels": `<Relationships/>`})
	for table, want := range map[string]string{
		"text": "not a whole xlsx workbook", "empty": "not a whole xlsx workbook", "cut": "not a whole xlsx workbook",
		"old": "protected by a password", "lost": "no such part", "other": "no such part",
	} {
		wantError(t, dir, table, nil, want)
	}
}

func TestQueriesAreRefused(t *testing.T) {
	dir := t.TempDir()
	source, err := xlsx.New().OpenSource(t.Context(), providers.Attributes{"directory": "."}, dir)
	must(t, err)
	snapshot, err := source.Snapshot(t.Context())
	must(t, err)
	defer snapshot.Close()
	for _, query := range []providers.Query{{SQL: "SELECT 1"}, {}, {Table: "x", Params: []providers.Param{{Name: "a"}}}} {
		if _, err := snapshot.Read(t.Context(), query); err == nil {
			t.Errorf("%+v was read", query)
		}
	}
}
