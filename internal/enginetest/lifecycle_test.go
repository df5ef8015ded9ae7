package enginetest

import (
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/config"
)

// hiding moves archived records to a category and renames them, as timetable software has
// it; there is no instant.
const hiding = `
    on_missing = "archive"
    archive    = { category = "ARCHIVE", note = "hidden" }
    restore    = { category = null, note = null }
    archived   = dest.category == "ARCHIVE"
    stamps     = { updated_on = "undelete" }
`

func TestArchiveMaps(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, hiding)
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		w.applied("insert 2")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		p := w.plan()
		w.wantOperations(p, "sync.courses", "archive code=A: code=A title=Algebra hours=1 category=∅ note=∅ -> category=ARCHIVE note=hidden")
		w.apply(p)
		w.wantCourses("A|Algebra|1|ARCHIVE|hidden|OURS|-|-", "B|Botany|1|∅|∅|OURS|-|-")
		w.settled()
		if s := w.plan().Syncs()[0]; s.LiveRows != 1 || s.ArchivedRows != 1 {
			t.Errorf("%d rows live and %d archived, want one each", s.LiveRows, s.ArchivedRows)
		}
		// What an owner archives by hand is archived, and comes back when it is in the source.
		w.exec(w.dest, "UPDATE course SET category = 'ARCHIVE' WHERE code = 'B'")
		p = w.plan()
		w.wantOperations(p, "sync.courses", "undelete code=B: title=Botany hours=1 category=ARCHIVE note=∅ updated_on=∅ -> title=Botany hours=1 category=∅ note=∅ updated_on=now()")
		w.apply(p)
		w.course("A", "Analysis", 2)
		w.applied("undelete 1")
		w.wantCourses("A|Analysis|2|∅|∅|OURS|u|-", "B|Botany|1|∅|∅|OURS|u|-")
	})
}

// The same maps say what a suspension is: marked, not hidden.
func TestSuspension(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, `
    on_missing = "archive"
    archive    = { frozen = 1, gone_on = now() }
    restore    = { frozen = 0 }
    archived   = dest.frozen == 1
`)
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		w.applied("insert 2")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		w.applied("archive 1")
		w.wantRowsOf("SELECT code, frozen FROM course ORDER BY code", "A|1", "B|0")
		w.course("A", "Algebra", 1)
		w.applied("undelete 1")
		// restore does not set the instant: it says since when it was last suspended.
		w.wantRowsOf("SELECT code, frozen FROM course WHERE code = 'A' AND gone_on IS NOT NULL", "A|0")
	})
}

// A row whose end lies in the future is alive: it is updated, archived when the source lacks it,
// and not undeleted.
func TestEndInTheFuture(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		w.applied("insert 2")
		w.exec(w.dest, "UPDATE course SET gone_on = '2027-01-01 00:00:00Z'")
		w.settled()
		w.exec(w.source, "UPDATE src_course SET title = 'Analysis' WHERE code = 'A'")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'B'")
		p := w.plan()
		w.wantCounts(p, "update 1, archive 1")
		w.apply(p)
		w.settled()
		w.now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		w.applied("undelete 1")
		w.wantCourses("A|Analysis|1|∅|∅|OURS|u|-", "B|Botany|1|∅|∅|OURS|-|d")
	})
}

func TestPurge(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring+"    purge_after = \"30d\"\n")
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		w.course("C", "Chemistry", 1)
		w.applied("insert 3")
		w.exec(w.dest, "UPDATE course SET note = 'theirs', id = 1000 WHERE code = 'A'")
		w.exec(w.source, "DELETE FROM src_course WHERE code <> 'C'")
		gone := w.now.Add(time.Minute) // of the apply
		w.applied("archive 2")
		w.now = gone.AddDate(0, 0, 30).Add(-time.Second)
		w.settled()
		// One that comes back before is not purged, however long it was away.
		w.now = gone.AddDate(0, 0, 30)
		w.course("B", "Biology", 2)
		p := w.plan()
		w.wantCounts(p, "undelete 1, purge 1")
		w.wantOperations(p, "sync.courses",
			"purge code=A: id=1000 code=A title=Algebra hours=1 category=∅ frozen=∅ note=theirs origin=OURS created_on=2026-09-01 02:31:00.123456Z updated_on=∅ gone_on=2026-09-01 02:34:00.123456Z -> ",
			"undelete code=B: title=Botany hours=1 gone_on=2026-09-01 02:34:00.123456Z updated_on=∅ -> title=Biology hours=2 gone_on=∅ updated_on=now()")
		w.apply(p)
		w.wantCourses("B|Biology|2|∅|∅|OURS|u|-", "C|Chemistry|1|∅|∅|OURS|-|-")
		w.settled()
	})
}

// Purges have a guard of their own; an empty source holds them, too.
func TestPurgeGuard(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring+"    purge_after = \"30d\"\n")
		for code := range strings.FieldsSeq("A B C D E") {
			w.course(code, code, 1)
		}
		w.applied("insert 5")
		w.exec(w.source, "DELETE FROM src_course WHERE code <> 'E'")
		w.applied("archive 4")
		w.now = w.now.AddDate(0, 0, 31)
		for limit, held := range map[string]string{
			`"100%"`: "", `4`: "", `"99.9%"`: "4 of 4 archived rows would be touched by purge, max_purge allows 99.9%", `3`: "4 archived rows would be touched by purge, max_purge allows 3",
		} {
			w.edit("max_reject", "max_purge = "+limit+"\n    max_reject")
			p := w.plan()
			w.wantCounts(p, "purge 4")
			if got := p.Syncs()[0].Held; got != held {
				t.Errorf("max_purge = %s: held = %q, want %q", limit, got, held)
			}
			w.edit("max_purge = "+limit+"\n", "\n")
		}
		w.edit("max_delete = \"100%\"", "max_delete = 0")
		if p := w.plan(); p.Held() {
			t.Errorf("purges count as deletes: %q", p.Syncs()[0].Held)
		}
		w.exec(w.source, "DELETE FROM src_course")
		if p := w.plan(); !p.Held() {
			t.Error("an emptied source purges")
		}
	})
}

// Dates and wall clocks serve as well as instants; a day is over when it is.
func TestPurgeByDate(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for _, kind := range []string{"date", "stamp"} {
			w := courses(t, e, `
    on_missing     = "archive"
    archive        = { category = "ARCHIVE", ended = now() }
    restore        = { category = null }
    archived       = dest.category == "ARCHIVE"
    archived_since = dest.ended
    purge_after    = "30d"
`)
			w.write("settings.hcl", "registrar {\n  timezone = \"Europe/Paris\"\n}\n")
			w.exec(w.dest, "ALTER TABLE course ADD COLUMN ended "+e.types[kind])
			w.course("A", "Algebra", 1)
			w.course("B", "Botany", 1)
			w.applied("insert 2")
			w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
			w.now = time.Date(2026, 10, 10, 21, 0, 0, 0, time.UTC) // 23:00 in Paris
			w.applied("archive 1")
			over := time.Date(2026, 11, 9, 21, 1, 0, 0, time.UTC)
			if kind == "date" { // it may have been archived in the day's last minute
				over = time.Date(2026, 11, 9, 22, 0, 0, 0, time.UTC)
			}
			w.now = over.Add(-time.Second)
			w.settled()
			w.now = over
			w.applied("purge 1")
			// Archived, but nobody knows since when.
			w.exec(w.dest, "INSERT INTO course (code, origin, category) VALUES ('X', 'OURS', 'ARCHIVE')")
			w.settled()
		}
	})
}

// Whatever the plan would do to a protected row, it is left, and reported.
func TestProtect(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := adopting(t, e, retiring+`
    purge_after = "30d"
    protect     = dest.frozen == 1 || contains(["2024", "2025"], dest.category)
`)
		for code := range strings.FieldsSeq("ARCHIVED BACK CHANGED MOVED PURGED SAME") {
			w.course(code, code, 1)
		}
		w.applied("insert 6")
		w.exec(w.source, "DELETE FROM src_course WHERE code IN ('BACK', 'PURGED')")
		w.applied("archive 2")
		w.now = w.now.AddDate(0, 0, 31)
		w.exec(w.dest, "INSERT INTO course (code, title, origin) VALUES ('THEIRS', 'By hand', 'HAND')")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'ARCHIVED'")
		w.exec(w.source, "UPDATE src_course SET title = 'Changed' WHERE code = 'CHANGED'")
		w.exec(w.source, "UPDATE src_course SET code = 'TO' WHERE code = 'MOVED'")
		for code := range strings.FieldsSeq("BACK NEW THEIRS") {
			w.course(code, code, 1)
		}
		w.write("moved.hcl", "moved {\n  sync = sync.courses\n  from = \"MOVED\"\n  to   = \"TO\"\n}\n")
		w.wantCounts(w.plan(), "insert 1, update 1, archive 1, undelete 1, rename 1, adopt 1, purge 1")
		for _, protection := range []string{"frozen = 1", "frozen = NULL, category = '2025'"} {
			w.exec(w.dest, "UPDATE course SET "+protection)
			before := w.rows(w.dest, courseRows)
			p := w.plan()
			w.wantCounts(p, "insert 1")
			w.wantNoticed(p, "sync.courses",
				"protected code=ARCHIVED (operation=archive)", "protected code=BACK (operation=undelete)", "protected code=CHANGED (operation=update)",
				"protected code=MOVED (operation=rename)", "protected code=PURGED (operation=purge)", "protected code=THEIRS (operation=adopt)")
			if protected := p.Syncs()[0].Protected; protected != 6 {
				t.Errorf("%d rows are protected, want 6", protected)
			}
			w.wantRowsOf(courseRows, before...)
		}
		w.edit(`on_missing = "archive"`, `on_missing = "delete"`)
		w.wantNoticed(w.plan(), "sync.courses",
			"protected code=ARCHIVED (operation=delete)", "protected code=BACK (operation=undelete)", "protected code=CHANGED (operation=update)",
			"protected code=MOVED (operation=rename)", "protected code=PURGED (operation=purge)", "protected code=THEIRS (operation=adopt)")
	})
}

// A row that is protected after the plan was made is protected all the same.
func TestProtectedSincePlan(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, strings.Replace(retiring, "archive\"", "delete\"", 1)+"    protect = dest.frozen == 1\n")
		for _, change := range []string{"UPDATE src_course SET title = 'Changed' WHERE code = 'A'", "DELETE FROM src_course WHERE code = 'A'"} {
			w.exec(w.source, "DELETE FROM src_course")
			w.exec(w.dest, "DELETE FROM course")
			w.course("A", "Algebra", 1)
			w.course("B", "Botany", 1)
			w.applied("insert 2")
			w.exec(w.source, change)
			p := w.plan()
			w.exec(w.dest, "UPDATE course SET frozen = 1 WHERE code = 'A'")
			if _, err := w.tryApply(p); err == nil || !strings.Contains(err.Error(), "Saved plan is stale") || !strings.Contains(err.Error(), `"A"`) {
				t.Errorf("after %s: apply = %v, want a stale plan", change, err)
			}
			w.wantRowsOf("SELECT code, title FROM course ORDER BY code", "A|Algebra", "B|Botany")
		}
	})
}

// Written on insert, then the owners': also when a row comes back.
func TestIgnoreChangesOfUndeleted(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := adopting(t, e, retiring+"    ignore_changes = [\"hours\"]\n")
		w.exec(w.dest, "INSERT INTO course (code, title, hours, origin) VALUES ('T', 'Theirs', 77, 'HAND')")
		w.course("A", "Algebra", 1)
		w.course("M", "Maths", 1)
		w.course("T", "Theirs", 1)
		w.applied("insert 2, adopt 1")
		w.exec(w.dest, "UPDATE course SET hours = 50 WHERE code <> 'T'")
		w.settled()
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		w.applied("archive 1")
		w.course("A", "Analysis", 9)
		w.applied("undelete 1")
		w.exec(w.source, "UPDATE src_course SET code = 'N', hours = 8 WHERE code = 'M'")
		w.write("moved.hcl", "moved {\n  sync = sync.courses\n  from = \"M\"\n  to   = \"N\"\n}\n")
		w.applied("rename 1")
		w.wantCourses("A|Analysis|50|∅|∅|OURS|u|-", "N|Maths|50|∅|∅|OURS|u|-", "T|Theirs|77|∅|∅|OURS|u|-")
	})
}

// What is not among the operations is not done, and reported.
func TestWithheldOperations(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := adopting(t, e, retiring+"    purge_after = \"30d\"\n    operations = [\"insert\"]\n")
		w.edit(`    operations = ["insert"]`, "")
		for code := range strings.FieldsSeq("ARCHIVED BACK CHANGED MOVED PURGED") {
			w.course(code, code, 1)
		}
		w.applied("insert 5")
		w.exec(w.source, "DELETE FROM src_course WHERE code IN ('BACK', 'PURGED')")
		w.applied("archive 2")
		w.now = w.now.AddDate(0, 0, 31)
		w.exec(w.dest, "INSERT INTO course (code, title, origin) VALUES ('THEIRS', 'By hand', 'HAND')")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'ARCHIVED'")
		w.exec(w.source, "UPDATE src_course SET title = 'Changed' WHERE code = 'CHANGED'")
		w.exec(w.source, "UPDATE src_course SET code = 'TO' WHERE code = 'MOVED'")
		for code := range strings.FieldsSeq("BACK NEW THEIRS") {
			w.course(code, code, 2)
		}
		w.write("moved.hcl", "moved {\n  sync = sync.courses\n  from = \"MOVED\"\n  to   = \"TO\"\n}\n")
		const all = "insert 1, update 1, archive 1, undelete 1, rename 1, adopt 1, purge 1"
		w.wantCounts(w.plan(), all)
		for _, operation := range config.Operations {
			if operation == config.Delete {
				continue
			}
			var rest []string
			for _, other := range config.Operations {
				if other != operation {
					rest = append(rest, string(other))
				}
			}
			w.edit("purge_after", "operations = [\""+strings.Join(rest, `", "`)+"\"]\n    purge_after")
			p := w.plan()
			want := strings.TrimPrefix(strings.Replace(", "+all, ", "+string(operation)+" 1", "", 1), ", ")
			w.wantCounts(p, want)
			if got := withheld(p); got != string(operation)+" 1" {
				t.Fatalf("without %s: withheld = %q", operation, got)
			}
			w.wantNoticed(p, "sync.courses")
			w.edit("operations = [\""+strings.Join(rest, `", "`)+"\"]\n", "\n")
		}
	})
}
