package enginetest

import (
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
)

// A delete that would change other tables is refused: no plan would show it.
func TestCascades(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, `on_missing = "delete"`)
		booking := func(action string) {
			t.Helper()
			w.exec(w.dest, "DROP TABLE IF EXISTS booking")
			w.exec(w.dest, "CREATE TABLE booking (room "+e.types["text"]+" DEFAULT 'R2' REFERENCES room (code) "+action+")")
		}
		w.room("R1", "One", 1)
		w.room("R2", "Two", 2)
		booking("")
		w.apply(w.plan())
		w.exec(w.source, "DELETE FROM src WHERE code = 'R1'")
		for _, action := range e.cascading("CASCADE", "SET NULL", "SET DEFAULT") {
			booking("ON DELETE " + action)
			w.planError("main.hcl:18", "Deletes would cascade", `Table "room"`, `"booking"`, `on_missing = "archive"`)
		}

		// Without deletes there is nothing to cascade.
		text := string(w.load().Files["main.hcl"])
		for _, harmless := range []string{
			archiving,
			"on_missing = \"delete\"\n    operations = [\"insert\", \"update\"]",
		} {
			w.write("main.hcl", strings.Replace(text, `on_missing = "delete"`, harmless, 1))
			w.plan()
		}
		w.write("main.hcl", text)

		// A key that came after the plan is found by apply.
		booking("ON DELETE NO ACTION")
		w.exec(w.dest, "INSERT INTO booking VALUES ('R2')")
		p := w.plan()
		w.wantCounts(p, "delete 1")
		booking("ON DELETE CASCADE")
		w.exec(w.dest, "INSERT INTO booking VALUES ('R1')")
		_, err := w.tryApply(p)
		var diags *config.DiagnosticsError
		if !asDiagnostics(err, &diags) || diags.Diagnostics[0].Summary != "Deletes would cascade" {
			t.Fatalf("apply = %v, want deletes that would cascade", err)
		}
		if got := w.rows(w.dest, "SELECT room FROM booking"); len(got) != 1 || got[0] != "R1" {
			t.Errorf("bookings %v", got)
		}

		// What only refuses does no harm; a row in use stays.
		booking("ON DELETE RESTRICT")
		w.exec(w.dest, "INSERT INTO booking VALUES ('R1')")
		p = w.plan()
		if _, err := w.tryApply(p); err == nil || !p.Blocked() {
			t.Errorf("a room in use was deleted: %v", err)
		}
		w.exec(w.dest, "DELETE FROM booking")
		w.apply(w.plan())
		w.wantRooms("R2|Two|2|A|-|-|-")
		w.settled()
	})
}
