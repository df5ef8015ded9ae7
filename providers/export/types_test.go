package export_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/providers/xlsx"
)

// A file of every type that is read again, because its octets are others, gives no operation: neither
// what is loaded nor what is written, as far as a file of the format can hold it, is a difference.
func TestEveryTypeReadAgain(t *testing.T) {
	t.Parallel()
	const types = `types = { i = "integer", d = "decimal", f = "float", b = "bool", day = "date", clock = "time", stamp = "timestamp", at = "timestamptz" }`
	const columns = "code,t,i,d,f,b,day,clock,stamp,at\n"
	const values = "K1,007,-42,12.50,1e+21,true,2026-09-01,02:30:00.125,2026-09-01 02:30:00.999,2026-09-01 02:30:00.123456+02:00\n" +
		"K2,\"\",0,-0.00,0.1,false,1900-03-01,00:00:00,9999-12-31 23:59:59,1969-07-20 20:17:40Z\n" +
		"K3,,,,,,,,,\n" +
		"K4,\" a\r\nb \",999999999999999,123456789.012345,-1.5e-300,true,9999-12-31,23:59:59.999,1900-03-01 00:00:00.001,2026-09-01 00:00:00Z\n"
	for _, kind := range []string{"csv", "xlsx"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			main := `
source "csv" "in" {
  directory = "in"
  ` + types + `
}
destination "` + kind + `" "out" {
  directory = "out"
  ` + types + `
}
sync "all" {
  source {
    from  = source.csv.in
    table = "all"
  }
  destination {
    into       = destination.` + kind + `.out
    table      = "all"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
`
			for name := range strings.SplitSeq(strings.TrimSpace(strings.TrimPrefix(columns, "code,")), ",") {
				main += "    " + name + " = row." + name + "\n"
			}
			w := &world{TB: t, dir: t.TempDir(), now: newWorld(t, rooms("", "")).now, known: []providers.Provider{export.New(csv.New(), sqlite.New()), export.New(xlsx.New(), sqlite.New()), sqlite.New()}}
			w.write("out/.keep", "")
			w.write("main.hcl", main+"  }\n}\n")
			w.init()
			w.write("in/all.csv", columns+values)
			w.apply(w.plan("insert 4"))
			w.plan("nothing")
			file := "out/all." + kind
			before := w.read(file)
			if kind == "csv" {
				w.write(file, strings.ReplaceAll(before, "K3,", `"K3",`))
			} else {
				f, err := excelize.OpenFile(filepath.Join(w.dir, file))
				w.must(err)
				w.must(f.SetColWidth("Sheet1", "A", "A", 30))
				w.must(f.Save())
				w.must(f.Close())
			}
			if w.read(file) == before {
				t.Fatal("the file is the same")
			}
			w.plan("nothing")
			// Nor are its rows others once it is lost.
			w.remove(file)
			w.apply(w.plan("insert 4"))
			if w.read(file) != before {
				t.Error("the same rows are not the same file")
			}
		})
	}
}
