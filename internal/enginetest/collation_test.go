package enginetest

import (
	"testing"
)

// Keys match as the destination's index matches them; values differ by their bytes,
// whatever the collation.
func TestCollations(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		insensitive := e.types["text"] + e.ignoringCase
		if e.ignoringCasePrepare != "" {
			w.exec(w.dest, e.ignoringCasePrepare)
		}
		w.exec(w.dest, "DROP TABLE room")
		w.exec(w.dest, "CREATE TABLE room (code "+insensitive+" NOT NULL UNIQUE, name "+insensitive+", seats "+e.types["int"]+", origin "+insensitive+
			" NOT NULL, created_on "+e.types["tstz"]+", updated_on "+e.types["tstz"]+", deleted_on "+e.types["tstz"]+")")
		w.room("Soe-1", "etablissement api", 1)
		w.apply(w.plan())
		w.settled()

		w.exec(w.source, "UPDATE src SET name = 'Etablissement API'")
		p := w.plan()
		w.wantCounts(p, "update 1")
		w.apply(p)
		w.wantRooms("Soe-1|Etablissement API|1|A|c|u|-")
		w.settled()

		// The source spells the key in another way: the same row, spelt anew.
		w.exec(w.source, "UPDATE src SET code = 'SOE-1'")
		p = w.plan()
		w.wantCounts(p, "update 1")
		w.apply(p)
		w.wantRooms("SOE-1|Etablissement API|1|A|c|u|-")
		w.settled()

		// Two keys to the source are one to the destination.
		w.room("soe-1", "twin", 2)
		w.planError("Duplicate keys in the source", "(2 times)")
		w.exec(w.source, "DELETE FROM src WHERE code = 'soe-1'")

		// A scope is compared by its bytes: these rows are another's.
		w.exec(w.dest, "INSERT INTO room (code, origin) VALUES ('R9', 'a')")
		w.settled()
	})
}

// Blanks at the end count, but for types that pad with them.
func TestTrailingBlanks(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.room("R1", "One", 1)
		w.apply(w.plan())
		w.exec(w.source, "UPDATE src SET name = 'One '")
		p := w.plan()
		w.wantCounts(p, "update 1")
		w.apply(p)
		w.settled()
		if !e.padded {
			return
		}
		w.exec(w.dest, e.retype("room", "name", "char(6)"))
		w.settled()
		w.exec(w.source, "UPDATE src SET name = 'Two   '")
		w.apply(w.plan())
		w.settled()
	})
}
