package enginetest

import (
	"fmt"
	"strings"
	"testing"
)

// A predicate over the destination's rows means what it says, of every type, and is not
// fulfilled where it is unknown.
func TestPredicates(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := newWorld(t, e)
		w.define("src_thing", "code text", "v int")
		w.define("thing", "code text PRIMARY KEY", "v int", "label text", "amount num", "ratio real", "flag bool", "day date", "wall stamp", "at tstz")
		exact := "amount"
		if e.name == "postgres" { // without a scale, 1.5 and 1.50 are stored as they are written
			w.exec(w.dest, "ALTER TABLE thing ALTER COLUMN amount TYPE numeric")
		}
		w.exec(w.source, "INSERT INTO src_thing VALUES ('A', 1), ('B', 1), ('N', 1)")
		w.exec(w.dest, "INSERT INTO thing VALUES ('A', 0, 'é', 1.50, 0.5, "+e.param(1)+", '2026-09-01', '2026-09-01 10:00:00', '2026-09-01 10:00:00Z')", true)
		w.exec(w.dest, "INSERT INTO thing VALUES ('B', 0, 'É', 2.5, 1.5, "+e.param(1)+", '2026-10-01', '2026-10-01 10:00:00', '2026-10-01 10:00:00Z')", false)
		w.exec(w.dest, "INSERT INTO thing (code, v) VALUES ('N', 0)")
		write := func(predicate string) {
			w.write("main.hcl", fmt.Sprintf(`
sync "things" {
  source {
    from  = source.%[1]s.main
    table = "src_thing"
  }
  destination {
    into       = destination.%[1]s.main
    table      = "thing"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    v    = row.v
  }
  lifecycle {
    protect = %[2]s
  }
}
`, e.name, predicate))
		}
		for predicate, protected := range map[string]string{
			`dest.label == "é"`:                            "A",
			`"é" != dest.label`:                            "B",
			`dest.label == null`:                           "N",
			`dest.label != null`:                           "A B",
			`!(dest.label == "é")`:                         "B",
			`contains(["é", "x"], dest.label)`:             "A",
			`!contains(["é", "x"], dest.label)`:            "B",
			`dest.` + exact + ` == 1.5`:                    "A",
			`dest.` + exact + ` != 1.5`:                    "B",
			`contains([1.5, 2.50], dest.` + exact + `)`:    "A B",
			`dest.` + exact + ` >= 1.5 && dest.ratio <= 1`: "A",
			`dest.ratio == 0.5`:                            "A",
			`2 > dest.` + exact:                            "A",
			`dest.flag`:                                    "A",
			`!dest.flag`:                                   "B",
			`dest.flag == false || dest.code == "N"`:       "B N",
			`dest.day < "2026-09-02"`:                      "A",
			`dest.day > "2026-09-01"`:                      "B",
			`dest.wall >= "2026-10-01 10:00:00"`:           "B",
			`dest.at == "2026-09-01 10:00:00Z"`:            "A",
			`(dest.v == 0 && dest.label == "é") || (dest.day == null && dest.code != "B")`: "A N",
		} {
			write(predicate)
			p := w.plan()
			var got []string
			for _, notice := range w.noticed(p, "sync.things") {
				code, _, _ := strings.Cut(strings.TrimPrefix(notice, "protected code="), " ")
				got = append(got, code)
			}
			if strings.Join(got, " ") != protected {
				t.Errorf("%s: protected %q, want %q", predicate, got, protected)
			}
		}
		write(`dest.day == "the first"`)
		w.planError("main.hcl:", "Value does not fit its column", "protect")
		write(`dest.nosuch == "x"`)
		w.planError("main.hcl:", "Unknown column", "nosuch")
	})
}

// Which rows of another sync are archived must be known also where that is not planned.
func TestFaultyPredicateOfARelative(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := adopting(t, e, retiring)
		w.write("other.hcl", strings.Replace(w.courseSync("others", "OTHER", hiding), `archived   = dest.category == "ARCHIVE"`, `archived   = dest.category == "ARCHIVE" && dest.hours < 3`, 1))
		w.write("team.hcl", fmt.Sprintf(`
sync "teams" {
  source {
    from  = source.%[1]s.main
    table = "src_course"
  }
  destination {
    into       = destination.%[1]s.main
    table      = "team"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code      = row.code
    course_id = lookup("course", "id", { code = row.code })
  }
}
`, e.name))
		w.define("team", "code text PRIMARY KEY", "course_id int")
		w.course("A", "Algebra", 1)
		for _, target := range []string{"", "sync.courses", "sync.teams"} {
			w.target = nil
			if target != "" {
				w.target = []string{target}
			}
			w.write("other.hcl", strings.Replace(string(w.load().Files["other.hcl"]), "dest.hours < 3", `dest.hours < "three"`, 1))
			text := w.planError("other.hcl:", "Value does not fit its column", "archived")
			if n := strings.Count(text, "Value does not fit its column"); n != 1 {
				t.Errorf("target %q: it is told %d times:\n%s", target, n, text)
			}
			w.write("other.hcl", strings.Replace(string(w.load().Files["other.hcl"]), `dest.hours < "three"`, "dest.hours < 3", 1))
		}
	})
}
