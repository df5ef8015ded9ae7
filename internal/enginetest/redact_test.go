package enginetest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// registered is all that the register holds, as text.
func (w *world) registered() string {
	w.Helper()
	var all []string
	for _, table := range []string{"plan", "operation", "finding", "run", "override", "approval", "redaction", "import_reg"} {
		all = append(all, w.rows(w.dest, "SELECT * FROM "+w.registerTable(table))...)
	}
	return strings.Join(all, "\n")
}

// onDisk reports whether a text is in one of the files of an SQLite destination.
func (w *world) onDisk(text string) bool {
	w.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "destination*"))
	w.must(err)
	if len(files) == 0 {
		w.Fatal("the destination has no file")
	}
	for _, name := range files {
		octets, err := os.ReadFile(name)
		w.must(err)
		if strings.Contains(string(octets), text) {
			return true
		}
	}
	return false
}

// What is purged leaves no trace in the register: neither of the purge itself, nor of what was done to the row before.
func TestPurgeRedacts(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring+"    purge_after = \"30d\"\n")
		w.course("MARK-1", "MARK Algebra", 1)
		w.course("STAY-1", "STAY Botany", 1)
		w.applied("insert 2")
		w.exec(w.source, "UPDATE src_course SET title = 'MARK Analysis' WHERE code = 'MARK-1'")
		w.applied("update 1")
		w.exec(w.source, "UPDATE src_course SET title = 'MARK Topology' WHERE code = 'MARK-1'")
		pending := w.plan()
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'MARK-1'")
		w.applied("archive 1")
		if !strings.Contains(w.registered(), "MARK") {
			t.Fatal("the register held nothing of it")
		}
		w.now = w.now.AddDate(0, 0, 31)
		p := w.plan()
		w.wantCounts(p, "purge 1")
		w.apply(p)
		w.wantCourses("STAY-1|STAY Botany|1|∅|∅|OURS|-|-")
		all := w.registered()
		if strings.Contains(all, "MARK") {
			t.Errorf("the register still holds it:\n%s", all)
		}
		if !strings.Contains(all, "STAY Botany") || !strings.Contains(all, "purge, plan "+p.ID) {
			t.Errorf("the register lacks what was not purged, or the record of it:\n%s", all)
		}
		// What was redacted is recalled, and counted, as it is now.
		again, err := plan.Recall(t.Context(), w.load(), known(), p.ID)
		w.must(err)
		if got := again.Destinations[0].Excerpt; len(got) != 1 || !got[0].Redacted || len(got[0].Columns) != 0 || !got[0].Key[0].Redacted {
			t.Errorf("recalled %+v", got)
		}
		if _, err := apply.Apply(t.Context(), w.load(), pending, w.applyOptions()); err == nil {
			t.Error("a plan that was redacted is applied")
		}
		w.settled()
		if e.name == "sqlite" {
			w.exec(w.dest, "PRAGMA wal_checkpoint(TRUNCATE)")
			for _, text := range []string{`{"code":"MARK-1`, `"title":"MARK`} { // as documents have it, not the table's own rows
				if w.onDisk(text) {
					t.Errorf("a file of the destination still holds %s", text)
				}
			}
			if !w.onDisk(`"title":"STAY`) {
				t.Error("documents are not found so")
			}
		}
	})
}

// A plan without purges redacts nothing, and needs no right to.
func TestOthersRedactNothing(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.course("A", "Algebra", 1)
		w.applied("insert 1")
		w.exec(w.source, "DELETE FROM src_course")
		w.course("B", "Botany", 1)
		w.applied("insert 1, archive 1")
		if rows := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable("redaction")); rows[0] != "0" || strings.Contains(w.registered(), register.RedactedMessage) {
			t.Errorf("%s redactions", rows[0])
		}
	})
}

// Somebody is looked for under her own key, and in the rows that look her up; her courses, and the others' enrolments, stay.
func TestForgetFollowsLookups(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := links(t, e)
		cfg := w.load()
		into := cfg.Destinations[0]
		redact := func(key string, syncs ...string) int64 {
			t.Helper()
			var operations int64
			w.must(plan.WithRegister(t.Context(), known(), into, cfg.Dir, func(o *plan.Opened) error {
				sought := plan.Sought{Config: cfg, Syncs: syncs, Key: key}
				person, err := sought.Everywhere(t.Context(), o, into)
				if err == nil {
					operations, _, err = o.Register.Redact(t.Context(), o.Conn, person.Matches)
				}
				return err
			}))
			return operations
		}
		// In quotes, as documents have it: keys of pseudonyms are random.
		count := func(text string) int { return strings.Count(w.registered(), `"`+text+`"`) }
		if count("S1") == 0 || count("S2") == 0 {
			t.Fatal("the register holds nothing of them")
		}
		if n := redact("S"); n != 0 {
			t.Errorf("a part of a key redacts %d operations", n)
		}
		if n := redact("S1"); n != 2 || count("S1") > 0 || count("S2") == 0 || count("C1") == 0 {
			t.Errorf("%d operations; left of S1 %d, of S2 %d, of C1 %d", n, count("S1"), count("S2"), count("C1"))
		}
		if n := redact("S1"); n != 0 {
			t.Errorf("again %d operations", n)
		}
		// One enrolment alone, by its whole key; then whatever has the code.
		if n := redact("S2,C1", "sync.enrolment"); n != 1 || count("S2") == 0 {
			t.Errorf("an enrolment is %d operations", n)
		}
		if n := redact("code=S3"); n != 2 || count("S3") > 0 {
			t.Errorf("by a column %d operations; left %d", n, count("S3"))
		}
		w.night("nothing")
	})
}
