package enginetest

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/plan"
)

// keyed is a world of rooms, told by code, whose names no two share; of the first plan's rows the next one changed all.
func keyed(t *testing.T) (*world, *plan.Plan) {
	t.Helper()
	w := newWorld(t, engines()[0])
	w.define("src_room", "code text", "name text")
	w.exec(w.dest, "CREATE TABLE room (code TEXT NOT NULL UNIQUE, name TEXT UNIQUE)")
	w.configure(keyedRooms)
	w.values("src_room", "R1|One", "R2|Two")
	w.next()
	w.exec(w.source, "UPDATE src_room SET code = 'R3' WHERE code = 'R1'")
	w.exec(w.source, "UPDATE src_room SET name = 'Deux' WHERE code = 'R2'")
	p := w.next()
	w.wantCounts(p, "insert 1, update 1, delete 1")
	return w, p
}

var keyedRooms = tableSync{name: "room", key: `"code"`, columns: "    code = row.code\n    name = row.name", lifecycle: `    on_missing = "delete"`}

const keyedRows = "SELECT code, name FROM room ORDER BY code"

// A row comes back though another one has what is unique, if that one goes.
func TestRevertOfRowsInTheWay(t *testing.T) {
	w, p := keyed(t)
	r := w.revert(p)
	w.wantCounts(r, "insert 1, update 1, delete 1")
	w.apply(r)
	w.wantRowsOf(keyedRows, "R1|One", "R2|Two")
}

// A revert writes what it shows: hooks would write more.
func TestRevertRunsNoHooks(t *testing.T) {
	w := hooked(t, engines()[0])
	w.course("A", "Algebra", 10)
	w.next()
	w.exec(w.source, "UPDATE src_course SET title = 'Geometry'")
	p := w.next()
	w.exec(w.dest, "DELETE FROM log")
	w.exec(w.dest, "UPDATE course SET note = NULL")
	r := w.revert(p)
	w.wantCounts(r, "update 1")
	w.apply(r)
	w.wantRowsOf(logRows)
	w.wantCourses("A|Algebra|10|∅|∅|OURS|-|-")
	w.wantNoticed(r, "sync.courses")
}

// A row that was renamed is asked for by either of its keys, and the database must not rename others with it.
func TestRevertOfRename(t *testing.T) {
	w := courses(t, engines()[0], `    on_missing = "delete"`)
	w.course("A", "Algebra", 10)
	w.course("B", "Botany", 20)
	w.next()
	w.renameAtSource("A", "N")
	w.moved("A N")
	w.exec(w.source, "UPDATE src_course SET hours = 21 WHERE code = 'B'")
	p := w.next()
	w.wantCounts(p, "update 1, rename 1")
	for _, key := range []string{"A", "N"} {
		w.wantCounts(w.revert(p, keys(key)), "rename 1")
	}
	w.write("moved.hcl", "") // which would be refused first
	w.exec(w.dest, "CREATE TABLE booking (course TEXT REFERENCES course (code) ON UPDATE CASCADE)")
	if r := w.revert(p, keys("B")); r.Held() {
		t.Errorf("held = %q, though no key changes", r.Syncs()[0].Held)
	}
	r := w.revert(p, keys("N"))
	if s := r.Syncs()[0]; !strings.Contains(s.Blocked, "ON UPDATE CASCADE") || s.Held == "" {
		t.Errorf("blocked = %q, held = %q", s.Blocked, s.Held)
	}
	if err := w.tryOverride(r, "as agreed"); err == nil {
		t.Error("it was applied by an override")
	}
}

// A table and a key that are others than those of the plan are told, before anything is planned.
func TestRevertOfAnotherTable(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(w *world)
		want   string
	}{
		{"a column more", func(w *world) { w.exec(w.dest, "ALTER TABLE room ADD COLUMN note TEXT") }, `column "note" of table room was added since`},
		{"a column less", func(w *world) {
			w.exec(w.dest, "CREATE TABLE new (code TEXT NOT NULL UNIQUE, title TEXT)")
			w.replace("name = row.name", "title = row.name")
		}, `table room has no column "name" any more`},
		{"a column that is computed", func(w *world) {
			w.exec(w.dest, "CREATE TABLE new (code TEXT NOT NULL UNIQUE, name TEXT GENERATED ALWAYS AS (upper(code)) STORED)")
			w.replace("    name = row.name\n", "")
		}, `column "name" of table room is computed by the database now`},
		{"another key", func(w *world) { w.edit(`key   = ["code"]`, `key   = ["name"]`) }, "the key of the sync's rows is another now (name)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, p := keyed(t)
			c.change(w)
			w.wantUndone(plan.RevertOptions{PlanID: p.ID}, "plan "+p.ID+", sync.room cannot be undone: "+c.want)
			w.wantRowsOf("SELECT count(*) FROM room", "2")
		})
	}
}

// replace puts the table new in the place of room, and changes the configuration with it.
func (w *world) replace(old, replacement string) {
	w.Helper()
	w.exec(w.dest, "INSERT INTO new (code) SELECT code FROM room")
	w.exec(w.dest, "DROP TABLE room")
	w.exec(w.dest, "ALTER TABLE new RENAME TO room")
	w.edit(old, replacement)
}
