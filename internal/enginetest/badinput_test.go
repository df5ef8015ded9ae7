package enginetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

// planError makes a plan that must fail, and asserts that nothing was left behind.
func (w *world) planError(want ...string) string {
	w.Helper()
	before := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("plan"))
	p, err := w.tryPlan()
	if err == nil {
		w.Fatalf("a plan was made (%s), want an error with %q", counts(p), want)
	}
	text := err.Error()
	var diags *config.DiagnosticsError
	if asDiagnostics(err, &diags) {
		text = ""
		for _, d := range diags.Diagnostics {
			text += d.Subject.String() + ": " + d.Summary + ": " + d.Detail + "\n"
		}
	}
	for _, part := range want {
		if !strings.Contains(text, part) {
			w.Errorf("the error lacks %q:\n%s", part, text)
		}
	}
	for _, table := range []string{"operation", "finding"} {
		if left := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable(table)+" AS o WHERE NOT EXISTS (SELECT 1 FROM "+w.registerTable("plan")+" AS p WHERE p.id = o.plan_id)"); left[0] != "0" {
			w.Errorf("%s rows were left in the register: %s", left[0], table)
		}
	}
	if after := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("plan")); after[0] != before[0] {
		w.Errorf("a failed plan is in the register")
	}
	w.wantNoStages()
	return text
}

// textualSeats lets the source hold any text for the number of seats.
func (w *world) textualSeats() {
	w.Helper()
	w.exec(w.source, "DROP TABLE src")
	w.exec(w.source, "CREATE TABLE src (code "+w.engine.types["text"]+", name "+w.engine.types["text"]+", seats "+w.engine.types["text"]+")")
}

// seats is the type of the number of seats as messages name it.
func (e engine) seats() string { return e.types["int"] }

// wantFindings compares the keys and messages of a plan's findings of a kind.
func (w *world) wantFindings(p *plan.Plan, kind string, want ...string) {
	w.Helper()
	code := w.engine.member("key", "code")
	got := w.rows(w.dest, "SELECT "+code+" AS code, f.message FROM "+w.registerTable("finding")+" AS f WHERE f.plan_id = '"+p.ID+"' AND f.kind = '"+kind+"' ORDER BY 1")
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestBadData(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		t.Run("duplicate key in the source", func(t *testing.T) {
			w := rooms(t, e, archiving)
			w.room("R1", "One", 1)
			w.room("R1", "Two", 2)
			w.planError("main.hcl:10", "Duplicate keys in the source", `code = "R1" (2 times)`)
		})
		t.Run("NULL key in the source", func(t *testing.T) {
			w := rooms(t, e, archiving)
			w.room("R1", "One", 1)
			w.exec(w.source, "INSERT INTO src (name) VALUES ('none')")
			w.planError("Records do not fit", "record 2 (null)", "must not be NULL")
		})
		// A record that does not fit leaves its row as it is: it is not missing.
		t.Run("value that does not fit", func(t *testing.T) {
			w := rooms(t, e, archiving)
			w.textualSeats()
			w.room("R1", "One", "12")
			w.room("R2", "Two", "20")
			w.apply(w.plan())
			w.exec(w.source, "UPDATE src SET name = 'Changed', seats = 'a dozen' WHERE code = 'R2'")
			w.room("R3", "Three", "many")
			p := w.plan()
			w.wantCounts(p, "nothing")
			// Two of three are more than 5 %.
			if s := p.Syncs()[0]; s.Rejected != 2 || s.SourceRows != 3 || !strings.Contains(s.Held, "2 of 3 records are rejected, max_reject allows 5%") {
				t.Errorf("rejected %d of %d, held by %q", s.Rejected, s.SourceRows, s.Held)
			}
			w.write("main.hcl", strings.Replace(string(w.load().Files["main.hcl"]), "  lifecycle {", "  guard {\n    max_reject = 2\n  }\n  lifecycle {", 1))
			w.room("R4", "Four", "4")
			p = w.plan()
			w.wantCounts(p, "insert 1")
			w.wantFindings(p, "rejected", `R2|seats: "a dozen" does not fit `+e.seats()+`: not a decimal number`, `R3|seats: "many" does not fit `+e.seats()+`: not a decimal number`)
			w.apply(p)
			w.wantRooms("R1|One|12|A|c|-|-", "R2|Two|20|A|c|-|-", "R4|Four|4|A|c|-|-")
			w.settled()
		})
		t.Run("NULL for a column that takes none", func(t *testing.T) {
			w := rooms(t, e, archiving)
			w.write("main.hcl", strings.Replace(string(w.load().Files["main.hcl"]), "  lifecycle {", "  guard {\n    max_reject = 1\n  }\n  lifecycle {", 1))
			w.exec(w.dest, "DROP TABLE room")
			w.exec(w.dest, "CREATE TABLE room (code "+e.types["text"]+" PRIMARY KEY, name "+e.types["text"]+" NOT NULL, seats "+e.types["int"]+
				", origin "+e.types["text"]+" NOT NULL, created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+")")
			w.room("R1", "One", 1)
			w.exec(w.source, "INSERT INTO src (code, seats) VALUES ('R2', 2)")
			p := w.plan()
			w.wantFindings(p, "rejected", "R2|name: is NULL, but its column is NOT NULL")
			w.apply(p)
			w.wantRooms("R1|One|1|A|c|-|-")
		})
		t.Run("sensitive value that does not fit", func(t *testing.T) {
			w := rooms(t, e, archiving)
			w.textualSeats()
			w.write("main.hcl", strings.Replace(string(w.load().Files["main.hcl"]), "  lifecycle {", "  sensitive = [\"seats\", \"code\"]\n  guard {\n    max_reject = 1\n  }\n  lifecycle {", 1))
			w.room("SECRET-CODE", "One", "SECRET-SEATS")
			p := w.plan()
			w.wantFindings(p, "rejected", "SECRET-CODE|seats: does not fit "+e.seats()+": not a decimal number")
			if text := fmt.Sprintf("%+v", p); strings.Contains(text, "SECRET") || !strings.Contains(text, "not a decimal number") {
				t.Errorf("a sensitive value is shown, or not what is wrong: %s", text)
			}
			w.exec(w.source, "UPDATE src SET code = NULL")
			if text := w.planError("record 1 ((sensitive))"); strings.Contains(text, "SECRET") {
				t.Errorf("a sensitive value is shown: %s", text)
			}
			w.exec(w.source, "DELETE FROM src")
			w.room("SECRET-CODE", "One", "1")
			w.room("SECRET-CODE", "One", "1")
			if text := w.planError("Duplicate keys"); strings.Contains(text, "SECRET") {
				t.Errorf("a sensitive key is shown: %s", text)
			}
		})
		t.Run("all mistakes at once", func(t *testing.T) {
			w := rooms(t, e, archiving)
			text := string(w.load().Files["main.hcl"])
			text = strings.Replace(text, "name  = row.name", "nmae  = row.name", 1)
			text = strings.Replace(text, "seats = row.seats", "seats = row.seets", 1)
			text = strings.Replace(text, "deleted_on = now()", "deleted = now()", 1)
			w.write("main.hcl", text)
			w.planError(`no column "nmae"`, `Did you mean "name"?`, `no column "deleted"`)
			text = strings.Replace(text, "nmae  = row.name", "name  = row.name", 1)
			text = strings.Replace(text, "deleted = now()", "deleted_on = now()", 1)
			w.write("main.hcl", text)
			w.planError(`no column "seets"`, `Did you mean "seats"?`, "main.hcl:16")
		})
		t.Run("unknown tables", func(t *testing.T) {
			w := rooms(t, e, archiving)
			text := string(w.load().Files["main.hcl"])
			w.write("main.hcl", strings.Replace(text, `table = "room"`, `table = "rooms"`, 1))
			w.planError("Unknown table", `Did you mean "room"?`)
			w.write("main.hcl", strings.Replace(text, `table = "src"`, `table = "scr"`, 1))
			w.planError("Source cannot be read", "scr")
		})
		t.Run("key without an index", func(t *testing.T) {
			w := rooms(t, e, archiving)
			w.exec(w.dest, "DROP TABLE room")
			w.exec(w.dest, "CREATE TABLE room (code "+e.types["text"]+", name "+e.types["text"]+", seats "+e.types["int"]+", origin "+e.types["text"]+", created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+")")
			w.planError("Key without a unique index", "CREATE UNIQUE INDEX")

			// unenforced_key does without, and then looks at the keys itself.
			text := strings.Replace(string(w.load().Files["main.hcl"]), "scope = {", "unenforced_key = true\n    scope = {", 1)
			w.write("main.hcl", text)
			if !e.locksTables {
				w.planError("Key without a unique index", "unenforced_key = true locks the table", "cannot do")
				return
			}
			w.room("R1", "One", 1)
			w.apply(w.plan())
			w.settled()
			w.exec(w.dest, "INSERT INTO room (code, origin) VALUES ('R1', 'A')")
			w.planError("Bad keys in the destination", `code = "R1" (2 times)`)
			w.exec(w.dest, "DELETE FROM room WHERE name IS NULL")
			w.exec(w.dest, "INSERT INTO room (code, origin) VALUES (NULL, 'A')")
			w.planError("Bad keys in the destination", "code = null")
		})
		t.Run("column without a value", func(t *testing.T) {
			w := rooms(t, e, archiving)
			w.exec(w.dest, "ALTER TABLE room ADD COLUMN owner "+e.types["text"]+" NOT NULL DEFAULT 'x'")
			w.room("R1", "One", 1)
			w.apply(w.plan())
			w.exec(w.dest, "DROP TABLE room")
			w.exec(w.dest, "CREATE TABLE room (code "+e.types["text"]+" PRIMARY KEY, name "+e.types["text"]+", seats "+e.types["int"]+", origin "+e.types["text"]+", owner "+e.types["text"]+" NOT NULL, created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+")")
			w.planError("Column without a value", `"owner"`)
		})
		t.Run("one key, two syncs", func(t *testing.T) {
			w := rooms(t, e, archiving)
			text := string(w.load().Files["main.hcl"])
			w.write("second.hcl", strings.Replace(strings.Replace(text, `sync "rooms"`, `sync "others"`, 1), `origin = "A"`, `origin = "B"`, 1))
			w.room("R1", "One", 1)
			w.planError("Key inserted twice", "sync.rooms", "sync.others", "R1")
		})
		t.Run("unknown target", func(t *testing.T) {
			w := rooms(t, e, archiving)
			w.target = []string{"sync.room"}
			w.planError("Unknown target", `Did you mean "sync.rooms"?`)
		})
		t.Run("no register", func(t *testing.T) {
			w := rooms(t, e, archiving)
			w.exec(w.dest, "ALTER TABLE "+w.registerTable("meta")+" RENAME TO gone")
			if _, err := w.tryPlan(); err == nil || !strings.Contains(err.Error(), "registrar init") {
				t.Errorf("plan without a register: %v", err)
			}
		})
		t.Run("register of another version", func(t *testing.T) {
			w := rooms(t, e, archiving)
			w.exec(w.dest, "UPDATE "+w.registerTable("meta")+" SET version = 1")
			w.planError("init --upgrade")
			w.exec(w.dest, "UPDATE "+w.registerTable("meta")+" SET version = 99")
			w.planError("use a newer registrar")
		})
	})
}

// A source that breaks off is an error, never a short source.
func TestSourceBreaksOff(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.write("data/src.csv", "code,name,seats\nR1,One,1\nR2,Two,2\n")
		text := strings.Replace(string(w.load().Files["main.hcl"]), "source."+e.name+".main", "source.csv.files", 1)
		w.write("main.hcl", text+"\nsource \"csv\" \"files\" {\n  directory = \"data\"\n}\n")
		w.apply(w.plan())
		w.write("data/src.csv", "code,name,seats\nR1,One,1\nR2,T")
		w.planError("src.csv", "3")
		w.wantRooms("R1|One|1|A|c|-|-", "R2|Two|2|A|c|-|-")
	})
}
