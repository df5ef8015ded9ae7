package enginetest

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

// SQLite's columns hold values of any class: what a plan did not write keeps its own.
func TestRevertKeepsClasses(t *testing.T) {
	w := newWorld(t, engines()[0])
	w.define("src_room", "code text", "name text")
	w.exec(w.dest, "CREATE TABLE room (code TEXT PRIMARY KEY, name TEXT, loose, odd INTEGER, weight NUMERIC, more BLOB, flag BOOLEAN, day DATE)")
	w.configure(tableSync{name: "room", key: `"code"`, columns: "    code = row.code\n    name = row.name", lifecycle: `    on_missing = "keep"`})
	w.values("src_room", "R1|One", "R2|Two", "R3|Three", "R4|Four")
	w.next()
	w.exec(w.dest, "UPDATE room SET loose = 9, odd = 'nine', weight = x'09', more = 9, flag = 9, day = 9 WHERE code = 'R1'")
	w.exec(w.dest, "UPDATE room SET loose = 9.0, odd = 9.5, weight = 9.0, more = 'nine', flag = 'nine', day = 2.5 WHERE code = 'R2'")
	w.exec(w.dest, "UPDATE room SET loose = x'09', odd = x'09', weight = 'nine', more = 9.5, flag = 1.0, day = x'09' WHERE code = 'R3'")
	w.exec(w.source, "UPDATE src_room SET name = 'Changed'")
	before := w.dumps("room")
	p := w.next()
	w.wantCounts(p, "update 4")
	after := w.dumps("room")
	r := w.revert(p)
	w.apply(r)
	w.wantDump("undone", before)
	w.apply(w.revert(r))
	w.wantDump("done again", after)
}

// Of a column without a declared type the register knows no classes: who plans that rows come back is told.
func TestRevertWarnsOfUntypedColumns(t *testing.T) {
	w := newWorld(t, engines()[0])
	w.define("src_room", "code text", "name text")
	w.exec(w.dest, "CREATE TABLE room (code TEXT PRIMARY KEY, name TEXT, loose, more)")
	w.configure(tableSync{name: "room", key: `"code"`, columns: "    code = row.code\n    name = row.name", lifecycle: `    on_missing = "delete"`})
	w.values("src_room", "R1|One", "R2|Two")
	w.next()
	warned := func(p *plan.Plan) string {
		t.Helper()
		var warnings config.Diagnostics
		o := w.options()
		o.Warn = func(diags config.Diagnostics) { warnings = append(warnings, diags...) }
		_, err := plan.Revert(w.Context(), w.load(), o, plan.RevertOptions{PlanID: p.ID})
		w.must(err)
		if len(warnings) == 0 {
			return ""
		}
		return warnings[0].Detail
	}
	w.exec(w.source, "UPDATE src_room SET name = 'Deux' WHERE code = 'R2'")
	if got := warned(w.next()); got != "" {
		t.Errorf("warned of an update of other columns: %s", got)
	}
	w.exec(w.source, "DELETE FROM src_room WHERE code = 'R1'")
	if got := warned(w.next()); !strings.Contains(got, `table "room"`) || !strings.Contains(got, `"loose", "more"`) {
		t.Errorf("warned: %q", got)
	}
}
