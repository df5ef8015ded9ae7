package export_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/providers/xlsx"
)

func withXLSX() []providers.Provider {
	return []providers.Provider{csv.New(), export.New(xlsx.New(), sqlite.New()), sqlite.New()}
}

// cells are a sheet's, as a spreadsheet shows them.
func (w *world) cells(name string) [][]string {
	w.Helper()
	f, err := excelize.OpenFile(filepath.Join(w.dir, name))
	w.must(err)
	defer f.Close()
	rows, err := f.GetRows("Rooms")
	w.must(err)
	return rows
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	main := strings.Replace(rooms(`
  sheet = "Rooms"
  types = { seats = "decimal", since = "date", open = "bool" }
`, `lifecycle {
  on_missing = "archive"
  archive    = { deleted_on = now() }
}`), `destination "csv"`, `destination "xlsx"`, 1)
	main = strings.Replace(main, "destination.csv", "destination.xlsx", 1)
	main = strings.Replace(main, "seats = row.seats", "seats = row.seats\n    since = row.since\n    open  = row.open", 1)
	w := &world{TB: t, dir: t.TempDir(), known: withXLSX(), now: newWorld(t, rooms("", "")).now}
	w.write("out/readme.txt", "")
	w.write("main.hcl", main)
	w.init()
	w.write("in/rooms.csv", "code,name,seats,since,open\n007,=1+1,12.50,2026-09-01,true\n008,,3,,false\n")
	w.apply(w.plan("insert 2"))
	want := [][]string{{"code", "name", "seats", "since", "open", "origin", "deleted_on"}, {"007", "=1+1", "12.5", "2026-09-01", "TRUE", "A"}, {"008", "", "3", "", "FALSE", "A"}}
	if diff := cmp.Diff(want, w.cells("out/rooms.xlsx")); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	w.plan("nothing")
	before := w.read("out/rooms.xlsx")
	w.remove("out/rooms.xlsx")
	w.apply(w.plan("insert 2"))
	if w.read("out/rooms.xlsx") != before {
		t.Error("the same rows are not the same file")
	}

	// By hand, and saved by another program: a number for a text, a date typed in, a row more.
	edit := func(change func(f *excelize.File)) {
		f, err := excelize.OpenFile(filepath.Join(w.dir, "out/rooms.xlsx"))
		w.must(err)
		change(f)
		w.must(f.Save())
		w.must(f.Close())
	}
	edit(func(f *excelize.File) {})
	w.plan("nothing")
	edit(func(f *excelize.File) {
		w.must(f.SetCellValue("Rooms", "B3", 8))
		w.must(f.SetCellValue("Rooms", "C2", 13))
		w.must(f.SetSheetRow("Rooms", "A4", &[]any{"H1", "Hand", nil, nil, nil, "B"}))
	})
	w.apply(w.plan("update 2"))
	want = append(want, []string{"H1", "Hand", "", "", "", "B"})
	if diff := cmp.Diff(want, w.cells("out/rooms.xlsx")); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	w.write("in/rooms.csv", "code,name,seats,since,open\n008,,3,,false\n")
	w.apply(w.plan("archive 1"))
	if got := w.cells("out/rooms.xlsx")[1]; got[len(got)-1] != "2026-09-01 02:40:00.123456Z" {
		t.Errorf("archived on %q", got[len(got)-1])
	}
	w.plan("nothing")
	edit(func(f *excelize.File) { w.must(f.SetCellFormula("Rooms", "D3", "=TODAY()")) })
	if _, err := w.tryPlan(); err == nil || !strings.Contains(err.Error(), `out/rooms.xlsx, sheet "Rooms", cell D3`) {
		t.Errorf("error %v", err)
	}
}
