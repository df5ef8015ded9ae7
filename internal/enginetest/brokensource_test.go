package enginetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

// Whatever happens to a source, no plan that can be applied without an override removes a row: not where it
// is emptied or breaks off, and with min_source_ratio not where it is cut short either.
func TestBrokenSourceRemovesNothing(t *testing.T) {
	t.Parallel()
	worlds := map[string]*world{}
	for _, e := range engines() {
		w := courses(t, e, "")
		w.define("src_member", "code text", "course text", "size int")
		w.define("member", "code text PRIMARY KEY", "course_id int", "size int", "gone_on tstz")
		worlds[e.name] = w
	}
	names := slices.Sorted(maps.Keys(worlds))
	rapid.Check(t, func(rt *rapid.T) {
		w := worlds[rapid.SampledFrom(names).Draw(rt, "engine")]
		for _, table := range []string{"member", "course"} {
			w.exec(w.dest, "DELETE FROM "+table)
			w.exec(w.source, "DELETE FROM src_"+table)
		}
		for _, table := range []string{"finding", "operation", "override", "execution", "plan"} {
			w.exec(w.dest, "DELETE FROM "+w.registerTable(table))
		}
		s := brokenSource{
			kind:     rapid.SampledFrom([]string{"emptied", "cut", "failing", "cut file"}).Draw(rt, "what happens"),
			rows:     rapid.IntRange(1, 25).Draw(rt, "rows"),
			renamed:  rapid.Bool().Draw(rt, "some are renamed"),
			onBreach: rapid.SampledFrom([]string{"hold", "hold_deletes"}).Draw(rt, "on_breach"),
			missing:  rapid.SampledFrom([]string{`on_missing = "delete"`, retiring, retiring + "    purge_after = \"30d\"\n"}).Draw(rt, "lifecycle"),
		}
		s.left = rapid.IntRange(0, s.rows-1).Draw(rt, "rows left")
		s.write(w, "", "")
		for i := range s.rows {
			w.course(fmt.Sprintf("C%02d", i), fmt.Sprintf("Title %d", i), i)
			w.exec(w.source, fmt.Sprintf("INSERT INTO src_member VALUES ('M%d', 'C%02d', %d)", i, rapid.IntRange(0, s.rows-1).Draw(rt, "course"), i))
		}
		for i := range rapid.IntRange(0, 3).Draw(rt, "archived") {
			w.exec(w.dest, fmt.Sprintf("INSERT INTO course (code, origin, gone_on) VALUES ('OLD%d', 'OURS', '2020-01-01 00:00:00Z')", i))
		}
		if p := w.plan(); !p.Held() { // archived rows may be purged: that is as it should be
			w.apply(p)
		} else {
			rt.Fatalf("the first plan is held: %q", p.Syncs()[0].Held)
		}
		if s.renamed {
			w.exec(w.source, fmt.Sprintf("UPDATE src_course SET code = 'N' || code WHERE hours = %d", rapid.IntRange(0, s.rows-1).Draw(rt, "renamed")))
		}
		s.breakIt(w)
		p, err := w.tryPlan()
		if err != nil {
			return // the best of answers
		}
		if p.Held() {
			return
		}
		if removed := removals(p); removed > 0 {
			rt.Fatalf("a plan that can be applied does %s", counts(p))
		}
		w.apply(p)
		if left := w.rows(w.dest, fmt.Sprintf("SELECT CASE WHEN count(*) < %d THEN 'fewer' ELSE 'all' END FROM course WHERE gone_on IS NULL", s.rows)); left[0] != "all" {
			rt.Fatalf("fewer courses are left than the %d there were", s.rows)
		}
	})
}

func removals(p *plan.Plan) (n int64) {
	for _, s := range p.Syncs() {
		for _, operation := range []config.Operation{config.Archive, config.Delete, config.Purge} {
			n += s.Counts[operation]
		}
	}
	return n
}

// brokenSource is what happens to the source of courses.
type brokenSource struct {
	kind              string
	rows, left        int
	renamed           bool
	onBreach, missing string
}

// breakIt lets it happen.
func (s *brokenSource) breakIt(w *world) {
	switch s.kind {
	case "emptied":
		w.exec(w.source, "DELETE FROM src_course")
	case "cut":
		s.write(w, fmt.Sprintf(`query = "SELECT code, title, hours FROM src_course ORDER BY hours LIMIT %d"`, s.left), "")
	case "failing":
		s.write(w, fmt.Sprintf(`query = "SELECT code, title, hours + 0 * (%s) AS hours FROM src_course"`, w.engine.failing(fmt.Sprintf("hours = %d", s.left))), "")
	case "cut file":
		lines := w.rows(w.source, "SELECT code || ';' || title || ';' || hours FROM src_course ORDER BY hours")
		file := "code;title;hours\n" + strings.Join(lines, "\n") + "\n"
		w.write("data/course.csv", file[:len(file)*(s.left+1)/(s.rows+1)])
		s.write(w, `table = "course"`, "source.csv.files")
	}
}

// write writes the configuration.
func (s *brokenSource) write(w *world, read, from string) {
	if read == "" {
		read = `table = "src_course"`
	}
	text := strings.NewReplacer(`table = "src_course"`, read, "max_delete = \"100%\"", "max_delete = \"100%\"\n    min_source_ratio = \"100%\"\n    on_breach = \""+s.onBreach+`"`).
		Replace(w.courseSync("courses", "OURS", s.missing))
	if from != "" {
		text = strings.Replace(text, "source."+w.engine.name+".main", from, 1)
	}
	w.write("main.hcl", text+fmt.Sprintf(`
source "csv" "files" {
  directory = "data"
  delimiter = ";"
}

sync "members" {
  source {
    from  = source.%[1]s.main
    table = "src_member"
  }
  destination {
    into       = destination.%[1]s.main
    table      = "member"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    size = row.size
    column "course_id" {
      value         = lookup("course", "id", { code = row.course })
      on_unresolved = "null"
    }
  }
  lifecycle {
    on_missing = "delete"
  }
}
`, w.engine.name))
}
