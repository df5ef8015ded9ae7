package enginetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/config"
)

// shelved is a world of courses that stand in categories, and that are moved, renamed and hidden
// when they are archived. The category ARCHIVE is 9.
func shelved(t testing.TB, e engine) *world {
	t.Helper()
	w := newWorld(t, e)
	w.define("src_course", "code text", "title text", "cat text")
	w.define("category", "id id", "code text NOT NULL UNIQUE")
	w.define("course", "id id", "code text NOT NULL UNIQUE", "title text", "category_id int NOT NULL", "visible bool", "note text", "building text",
		"origin text NOT NULL", "gone_on tstz", "FOREIGN KEY (category_id) REFERENCES category (id)")
	w.exec(w.dest, "INSERT INTO category (id, code) VALUES (1, 'LAW'), (2, 'ARTS'), (9, 'ARCHIVE')")
	w.exec(w.source, "INSERT INTO src_course VALUES ('A', 'Algebra', 'LAW'), ('B', 'Botany', 'ARTS')")
	w.configure(tableSync{
		name: "course", key: `"code"`, scope: `origin = "OURS"`,
		columns: `
    code        = row.code
    title       = row.title
    category_id = lookup("category", "id", { code = row.cat })
    visible     = true`,
		lifecycle: `
    on_missing     = "archive"
    archive        = { title = "(archived) ${dest.title}", category_id = 9, visible = false, note = "was in ${dest.building}", gone_on = now() }
    restore        = { visible = true, note = null, gone_on = null }
    ignore_changes = ["visible"]`,
	})
	return w
}

const shelvedRows = `SELECT code, title, category_id, CASE WHEN visible THEN 'shown' ELSE 'hidden' END, note, CASE WHEN gone_on IS NULL THEN '-' ELSE 'd' END FROM course ORDER BY code`

func TestArchiveMapped(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := shelved(t, e)
		w.applied("insert 2")
		w.exec(w.dest, "UPDATE course SET visible = false, building = 'N' WHERE code = 'B'") // its owner's choice
		w.settled()
		w.exec(w.source, "DELETE FROM src_course")
		p := w.plan()
		w.wantOperations(p, "sync.course", e.bools(
			"archive code=A: code=A title=Algebra category_id=1 category_id.code=LAW visible=true note=∅ building=∅ gone_on=∅ -> "+
				"title=(archived) Algebra category_id=9 visible=false note=was in  gone_on=now()",
			"archive code=B: code=B title=Botany category_id=2 category_id.code=ARTS visible=false note=∅ building=N gone_on=∅ -> "+
				"title=(archived) Botany category_id=9 visible=false note=was in N gone_on=now()")...)
		w.apply(p)
		w.wantRowsOf(shelvedRows, "A|(archived) Algebra|9|hidden|was in |d", "B|(archived) Botany|9|hidden|was in N|d")
		w.settled()

		// What archiving changed is no difference, what the mapping says is there again.
		w.exec(w.source, "INSERT INTO src_course VALUES ('A', 'Analysis', 'ARTS'), ('B', 'Botany', 'ARTS')")
		p = w.plan()
		w.wantOperations(p, "sync.course", e.bools(
			"undelete code=A: title=(archived) Algebra category_id=9 category_id.code=ARCHIVE visible=false note=was in  gone_on=2026-09-01 02:35:00.123456Z -> "+
				"title=Analysis category_id=2 category_id.code=ARTS visible=true note=∅ gone_on=∅",
			"undelete code=B: title=(archived) Botany category_id=9 category_id.code=ARCHIVE visible=false note=was in N gone_on=2026-09-01 02:35:00.123456Z -> "+
				"title=Botany category_id=2 category_id.code=ARTS visible=true note=∅ gone_on=∅")...)
		w.apply(p)
		w.wantRowsOf(shelvedRows, "A|Analysis|2|shown|∅|-", "B|Botany|2|shown|∅|-")
		w.settled()
	})
}

// Whatever an archive reads or overwrites must be what the plan saw.
func TestArchiveStale(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := shelved(t, e)
		w.applied("insert 2")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		for _, change := range []string{"title = 'Algebra II'", "building = 'S'", "category_id = 2", "visible = false", "note = 'mine'"} {
			p := w.plan()
			w.wantCounts(p, "archive 1")
			w.exec(w.dest, "UPDATE course SET "+change+" WHERE code = 'A'")
			before := w.rows(w.dest, shelvedRows)
			if _, err := w.tryApply(p); err == nil || !strings.Contains(err.Error(), "Saved plan is stale") || !strings.Contains(err.Error(), `"A"`) {
				t.Errorf("after %s: apply = %v, want a stale plan", change, err)
			}
			w.wantRowsOf(shelvedRows, before...)
		}
		w.applied("archive 1")
		w.wantRowsOf(shelvedRows, "A|(archived) Algebra II|9|hidden|was in S|d", "B|Botany|2|shown|∅|-")
	})
}

// A text is cut to its column's characters, whatever their octets; NULL is empty in it.
func TestArchiveTextFits(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.define("src_course", "code text", "title text", "hours num")
		w.define("course", "code text PRIMARY KEY", "title varchar(12)", "hours num", "mark char(8)", "note varchar(40)", "gone_on tstz")
		w.configure(tableSync{
			name: "course", key: `"code"`, columns: "code = row.code\n title = row.title\n hours = row.hours",
			lifecycle: `
    on_missing = "archive"
    archive    = { title = "(gone) ${dest.title}", mark = "${dest.title}  ", note = "${dest.code}/${dest.hours}/${dest.gone_on}", gone_on = now() }
    restore    = { gone_on = null, mark = null, note = null }`,
		})
		w.exec(w.source, `INSERT INTO src_course VALUES ('A', 'Été à Évreux', 1.5), ('B', 'Bio', 2), ('C', NULL, NULL), ('D', '12345 7890', 3), ('Z', 'Zoo', 4)`)
		w.applied("insert 5")
		w.exec(w.source, "DELETE FROM src_course WHERE code <> 'Z'")
		p := w.plan()
		w.wantCounts(p, "archive 4")
		after := map[string]string{}
		for _, operation := range w.operations(p, "sync.course") {
			key, doc, _ := strings.Cut(operation, ": ")
			_, after[key], _ = strings.Cut(doc, " -> ")
		}
		mark := func(text string) string { // CHAR is padded, and its blanks do not count
			if e.padded {
				return strings.TrimRight(text, " ")
			}
			return text
		}
		for key, want := range map[string]string{
			"archive code=A": "title=(gone) Été à mark=Été à Év note=A/1.50/",
			"archive code=B": "title=(gone) Bio mark=" + mark("Bio  ") + " note=B/2.00/",
			"archive code=C": "title=(gone)  mark=" + mark("  ") + " note=C//",
			"archive code=D": "title=(gone) 12345 mark=" + mark("12345 78") + " note=D/3.00/",
		} {
			if got := after[key]; got != want+" gone_on=now()" {
				t.Errorf("%s: %q, want %q", key, got, want)
			}
		}
		w.apply(p)
		w.wantRowsOf("SELECT code, title, rtrim(mark), note FROM course WHERE gone_on IS NOT NULL ORDER BY code",
			"A|(gone) Été à|Été à Év|A/1.50/", "B|(gone) Bio|Bio|B/2.00/", "C|(gone) ||C//", "D|(gone) 12345|12345 78|D/3.00/")
		w.settled()
	})
}

func TestArchiveTextMistakes(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for archive, want := range map[string]string{
			`hours = "${dest.title}"`:                 "Column does not hold text",
			`title = "(archived) ${dest.titel}"`:      `Did you mean "title"?`,
			`short = "(archived) ${dest.title}"`:      "Value does not fit its column",
			`title = "a\u0000b${dest.title}"`:         "contains a NUL character",
			`titel = "(archived) ${dest.title}"`:      `Did you mean "title"?`,
			`stamp = "${dest.title}"`:                 "Column does not hold text",
			`title = "(archived) ${dest["TITLE "]}"`:  `has no column "TITLE "`,
			`ticket = "(archived) ${dest.gone_on} x"`: `has no column "ticket"`,
		} {
			w := newWorld(t, e)
			w.define("src_course", "code text", "title text")
			w.define("course", "code text PRIMARY KEY", "title text", "hours int", "stamp stamp", "short varchar(10)", "gone_on tstz")
			w.configure(tableSync{
				name: "course", key: `"code"`, columns: "code = row.code\n title = row.title",
				lifecycle: "on_missing = \"archive\"\n archive = {\n gone_on = now()\n " + archive + "\n }\n restore = { gone_on = null }",
			})
			_, err := w.tryPlan()
			var diags *config.DiagnosticsError
			if err == nil || !asDiagnostics(err, &diags) {
				t.Errorf("%s: plan = %v", archive, err)
				continue
			}
			if text := diags.Diagnostics[0].Summary + ": " + diags.Diagnostics[0].Detail; !strings.Contains(text, want) || len(diags.Diagnostics) != 1 {
				t.Errorf("%s: %s (of %d), want %s", archive, text, len(diags.Diagnostics), want)
			}
		}
	})
}

// What a text is made of is masked in it, too.
func TestArchiveTextMasks(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for sensitive, want := range map[string][]string{`["title"]`: {"note", "title"}, `[]`: {"note"}} { // building is named nowhere else
			w := shelved(t, e)
			w.edit(`sync "course" {`, "sync \"course\" {\n  sensitive = "+sensitive)
			w.applied("insert 2")
			w.exec(w.dest, "UPDATE course SET building = 'N'")
			w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
			p := w.plan()
			var masked []string
			for _, change := range p.Destinations[0].Excerpt {
				for _, column := range change.Columns {
					if column.Changed && column.After.Sensitive {
						masked = append(masked, column.Column)
					}
				}
			}
			if slices.Sort(masked); !slices.Equal(masked, want) {
				t.Errorf("with %s masked, the plan masks %q, want %q", sensitive, masked, want)
			}
		}
	})
}

// What an archived row leaves can be another's in the same plan.
func TestArchiveFreesNames(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := shelved(t, e)
		w.exec(w.dest, "CREATE UNIQUE INDEX course_title ON course (title)")
		w.applied("insert 2")
		w.exec(w.source, "UPDATE src_course SET code = 'N' WHERE code = 'A'")
		// Where the archives are held back, so is what needs them.
		w.edit(`max_delete      = "100%"`, "max_delete = 0\n    on_breach = \"hold_deletes\"")
		w.applied("nothing")
		w.edit("max_delete = 0", "max_delete = 1")
		w.applied("insert 1, archive 1")
		w.wantRowsOf(shelvedRows, "A|(archived) Algebra|9|hidden|was in |d", "B|Botany|2|shown|∅|-", "N|Algebra|1|shown|∅|-")
	})
}

// restore sets a mapped column in rows that come back. Inserts write the mapped value; rows that are
// taken over keep theirs, unless it makes them archived.
func TestRestoreMapped(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for archived, want := range map[string]string{
			"archive = { hours = 0, gone_on = now() }\n restore = { hours = 5, gone_on = null }":    "T|Theirs|0",
			"archive = { hours = 0 }\n restore = { hours = 5 }\n archived = dest.hours == 0":        "T|Theirs|5",
			"archive = { hours = 0 }\n restore = { hours = 5 }\n archived = !(dest.hours > 0)":      "T|Theirs|5",
			"archive = { hours = null, gone_on = now() }\n restore = { hours = 5, gone_on = null }": "T|Theirs|0",
		} {
			w := adopting(t, e, "on_missing = \"archive\"\n ignore_changes = [\"hours\"]\n "+archived)
			w.exec(w.dest, "INSERT INTO course (code, title, hours, origin) VALUES ('T', 'By hand', 0, 'HAND')")
			w.course("A", "Algebra", 30)
			w.course("T", "Theirs", 30)
			w.applied("insert 1, adopt 1")
			w.wantRowsOf("SELECT code, title, hours FROM course ORDER BY code", "A|Algebra|30", want)
			w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
			w.applied("archive 1")
			w.wantRowsOf("SELECT code, coalesce(hours, 0) FROM course WHERE code = 'A'", "A|0")
			w.course("A", "Algebra", 30)
			w.applied("undelete 1")
			w.wantRowsOf("SELECT code, title, hours FROM course WHERE code = 'A'", "A|Algebra|5")
		}
	})
}

// Where the mapping undoes all that archiving sets, there is nothing to restore.
func TestArchiveWithoutRestore(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for lifecycle, mapped := range map[string]string{
			"archive = { title = \"old ${dest.title}\", category = \"ARCHIVE\" }\n archived = dest.category == \"ARCHIVE\"": `category = "LIVE"`,
			"archive = { title = \"old ${dest.title}\", category = \"ARCHIVE\", gone_on = now() }":                          "category = \"LIVE\"\n    gone_on = null",
		} {
			w := courses(t, e, `on_missing = "keep"`)
			w.edit("hours = row.hours", mapped)
			w.edit(`on_missing = "keep"`, "on_missing = \"archive\"\n "+lifecycle)
			w.course("A", "Algebra", 1)
			w.course("B", "Botany", 1)
			w.applied("insert 2")
			w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
			w.applied("archive 1")
			w.wantRowsOf("SELECT code, title, category FROM course ORDER BY code", "A|old Algebra|ARCHIVE", "B|Botany|LIVE")
			w.course("A", "Algebra", 1)
			w.applied("undelete 1")
			w.wantCourses("A|Algebra|∅|LIVE|∅|OURS|-|-", "B|Botany|∅|LIVE|∅|OURS|-|-")
		}
	})
}

// A lookup that takes archived parents finds them by what archiving leaves them.
func TestLookupOfRenamedArchived(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.define("src_course", "code text", "title text")
		w.define("course", "id id", "code text NOT NULL UNIQUE", "title text", "gone_on tstz")
		w.define("src_link", "code text", "title text")
		w.define("link", "code text PRIMARY KEY", "course_id int")
		w.configure(
			tableSync{
				name: "course", key: `"code"`, columns: "code = row.code\n title = row.title",
				lifecycle: "on_missing = \"archive\"\n archive = {\n title = \"old ${dest.title}\"\n gone_on = now()\n }",
			},
			tableSync{
				name: "link", key: `"code"`, columns: `
    code = row.code
    column "course_id" {
      value    = lookup("course", "id", { title = row.title })
      archived = true
    }`,
			})
		w.exec(w.source, "INSERT INTO src_course VALUES ('A', 'Algebra'), ('B', 'Botany')")
		w.applied("insert 2")
		w.exec(w.source, "DELETE FROM src_course WHERE code = 'A'")
		w.exec(w.source, "INSERT INTO src_link VALUES ('1', 'old Algebra'), ('2', 'Algebra'), ('3', 'Botany')")
		p := w.plan()
		w.wantCounts(p, "insert 2, archive 1")
		w.wantNoticed(p, "sync.link", `rejected code=2: course_id: no row of the looked-up table has title = "Algebra"`)
		w.apply(p)
		w.settled()
		w.wantRowsOf("SELECT l.code, c.code FROM link l JOIN course c ON c.id = l.course_id ORDER BY l.code", "1|A", "3|B")
		// It comes back under its own name.
		w.exec(w.source, "INSERT INTO src_course VALUES ('A', 'Algebra')")
		w.exec(w.source, "DELETE FROM src_link WHERE code = '1'")
		w.applied("insert 1, undelete 1")
		w.wantRowsOf("SELECT l.code, c.code FROM link l JOIN course c ON c.id = l.course_id ORDER BY l.code", "1|A", "2|A", "3|B")
	})
}
