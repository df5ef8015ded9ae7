package enginetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// compared is a sync of one value of a kind, which the destination may hold in another
// type, compared in some way; "" for as it is.
func compared(t testing.TB, e engine, sourceType, destType, compare string) *world {
	t.Helper()
	w := newWorld(t, e)
	w.write("settings.hcl", "registrar {\n  timezone = \"Europe/Paris\"\n}\n")
	w.exec(w.source, "CREATE TABLE src (id "+e.types["int"]+", v "+sourceType+")")
	w.exec(w.dest, "CREATE TABLE thing (id "+e.types["int"]+" PRIMARY KEY, v "+destType+")")
	if compare != "" {
		compare = "\n      compare = " + compare
	}
	w.write("main.hcl", fmt.Sprintf(`
sync "things" {
  source {
    from  = source.%[1]s.main
    table = "src"
  }
  destination {
    into       = destination.%[1]s.main
    table      = "thing"
    key        = ["id"]
    owns_table = true
  }
  columns {
    id = row.id
    column "v" {
      value = row.v%[2]s
    }
  }
}
`, e.name, compare))
	return w
}

// pair is a value of the source and one that the destination holds; nil for NULL.
type pair struct {
	source, destination any
	different           bool
}

// wantPairs asserts which pairs make an update, and that none does once it is applied.
func (w *world) wantPairs(pairs []pair) {
	w.Helper()
	var want []string
	for i, p := range pairs {
		w.exec(w.source, fmt.Sprintf("INSERT INTO src VALUES (%d, %s)", i, w.engine.param(1)), p.source)
		w.exec(w.dest, fmt.Sprintf("INSERT INTO thing VALUES (%d, %s)", i, w.engine.param(1)), p.destination)
		if p.different {
			want = append(want, fmt.Sprint(i))
		}
	}
	p := w.plan()
	var got []string
	for _, operation := range w.operations(p, "sync.things") {
		id, ok := strings.CutPrefix(operation, "update id=")
		if !ok {
			w.Errorf("planned: %s", operation)
		}
		id, _, _ = strings.Cut(id, ":")
		got = append(got, id)
	}
	slices.Sort(got) // as texts
	slices.Sort(want)
	describe := func(ids []string) string {
		text := ""
		for _, id := range ids {
			var i int
			_, _ = fmt.Sscan(id, &i)
			text += fmt.Sprintf("\n  source %q, destination %q", fmt.Sprint(pairs[i].source), fmt.Sprint(pairs[i].destination))
		}
		return text
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		w.Fatalf("updated:%s\nwant:%s", describe(got), describe(want))
	}
	w.apply(p)
	w.settled()
}

func TestCompareText(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		text := e.types["text"]
		for compare, pairs := range map[string][]pair{
			`"exact"`: {
				{"a", "a", false}, {"a", "A", true}, {"a", "a ", true}, {"é", "e\u0301", true}, {nil, "", true}, {"", nil, true}, {nil, nil, false},
			},
			`"trimmed"`: {
				{"a", "a", false}, {"a", "  a ", false}, {" a", "a", false}, {"a b", "a  b", true}, {"a", "A", true}, {"", "   ", false}, {nil, "  ", true}, {" ", nil, true}, {nil, nil, false},
			},
			`"case_insensitive"`: {
				{"a", "A", false},
				{"École", "ÉCOLE", false},
				{"Žďár ЖДИ ΟΔΟΣ", "žďÁR жди οδος", false},
				{"a", "a ", true},
				{"a", "b", true},
				{"é", "e", true},
				{"É", "e\u0301", true},
				{"straße", "STRASSE", true},
				{nil, "", true},
				{nil, nil, false},
				{"", "", false},
			},
		} {
			t.Run(compare, func(t *testing.T) { compared(t, e, text, text, compare).wantPairs(pairs) })
		}
	})
}

func TestCompareRounded(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		t.Run("decimal", func(t *testing.T) {
			pairs := []pair{
				{"1.5", "1.50", false},
				{"1.54", "1.5", false},
				{"1.55", "1.5", true},
				{"1.55", "1.6", false},
				{"-1.55", "-1.6", false},
				{"-0.04", "0", false},
				{nil, "0", true},
				{"0", nil, true},
				{nil, nil, false},
			}
			if e.exactNumbers { // SQLite stores no more than 15 digits as a number
				pairs = append(pairs, pair{"12345678901234567890123456789.04", "12345678901234567890123456789", false}, pair{"12345678901234567890123456789", "12345678901234567890123456788", true})
			}
			compared(t, e, e.types["exact"], e.types["exact"], `"rounded(1)"`).wantPairs(pairs)
		})
		t.Run("float", func(t *testing.T) {
			compared(t, e, e.types["real"], e.types["real"], `"rounded(6)"`).wantPairs([]pair{
				{0.1 + 0.2, 0.3, false}, {0.3000004, 0.3, false}, {0.3000006, 0.3, true}, {1e300, 1e300, false}, {1e300, 2e300, true}, {nil, 0.0, true},
			})
		})
		t.Run("integer", func(t *testing.T) {
			compared(t, e, e.types["int"], e.types["int"], `"rounded(0)"`).wantPairs([]pair{{int64(1), int64(1), false}, {int64(1), int64(2), true}, {nil, int64(0), true}})
		})
	})
}

func TestCompareDate(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		for kind, pairs := range map[string][]pair{
			"stamp": {
				{"2026-09-01 00:00:00", "2026-09-01 23:59:59", false}, {"2026-09-01 00:00:00", "2026-09-02 00:00:00", true}, {nil, "2026-09-01 00:00:00", true}, {nil, nil, false},
			},
			// The day is that of Paris: 22:00Z is midnight there.
			"tstz": {
				{"2026-09-01 00:00:00Z", "2026-09-01 21:59:59Z", false},
				{"2026-08-31 22:00:00Z", "2026-09-01 08:00:00Z", false},
				{"2026-09-01 21:59:59Z", "2026-09-01 22:00:00Z", true},
				{"2026-12-01 22:59:59Z", "2026-12-01 23:00:00Z", true},
				{"2026-12-01 23:00:00Z", "2026-12-02 22:59:59Z", false},
				{nil, "2026-09-01 00:00:00Z", true},
			},
			"date": {{"2026-09-01", "2026-09-01", false}, {"2026-09-01", "2026-09-02", true}},
		} {
			t.Run(kind, func(t *testing.T) { compared(t, e, e.types[kind], e.types[kind], `"date"`).wantPairs(pairs) })
		}
		// A source of days, a destination of instants.
		t.Run("days", func(t *testing.T) {
			compared(t, e, e.types["date"], e.types["tstz"], `"date"`).wantPairs([]pair{
				{"2026-09-01", "2026-09-01 08:00:00Z", false}, {"2026-09-01", "2026-09-01 22:00:00Z", true}, {"2026-09-01", "2026-08-31 22:00:00Z", false},
			})
		})
	})
}

// What a column's own type makes of a value is no difference.
func TestCompareAsStored(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		t.Run("scale", func(t *testing.T) {
			compared(t, e, e.types["big"], e.types["num"], "").wantPairs([]pair{{"1.5", "1.50", false}, {"2", "2.00", false}, {"1.51", "1.5", true}, {"-0", "0", false}})
		})
		t.Run("whole numbers", func(t *testing.T) {
			compared(t, e, e.types["big"], e.types["int"], "").wantPairs([]pair{{"2", int64(2), false}, {"2.0", int64(2), false}, {"3", int64(2), true}})
		})
		if !e.padded {
			return
		}
		t.Run("padding", func(t *testing.T) {
			compared(t, e, e.types["text"], "char(5)", "").wantPairs([]pair{{"ab", "ab", false}, {"ab   ", "ab", false}, {"ab", "abc", true}, {"", "", false}, {nil, "", true}})
		})
		t.Run("padded source", func(t *testing.T) {
			compared(t, e, "char(5)", e.types["text"], `"trimmed"`).wantPairs([]pair{{"ab", "ab", false}, {"ab", " ab ", false}, {"ab", "abc", true}})
		})
		t.Run("precision of timestamps", func(t *testing.T) {
			compared(t, e, e.types["stamp"], e.narrow["stamp"], "").wantPairs([]pair{
				{"2026-09-01 10:00:00.4", "2026-09-01 10:00:00", false}, {"2026-09-01 10:00:00.6", "2026-09-01 10:00:01", false}, {"2026-09-01 10:00:00.6", "2026-09-01 10:00:00", true},
			})
			compared(t, e, e.types["tstz"], e.narrow["tstz"], "").wantPairs([]pair{{"2026-09-01 10:00:00.1234Z", "2026-09-01 10:00:00.123Z", false}, {"2026-09-01 10:00:00.1236Z", "2026-09-01 10:00:00.123Z", true}})
		})
		if e.name != "postgres" {
			return
		}
		t.Run("case of citext", func(t *testing.T) {
			// In every distribution, in some as the contrib package: without it this fails, and is not skipped.
			c := compared(t, e, "text", "text", `"case_insensitive"`)
			c.exec(c.dest, "CREATE EXTENSION citext")
			c.exec(c.dest, "ALTER TABLE thing ALTER COLUMN v TYPE citext")
			c.wantPairs([]pair{{"a", "A", false}, {"a", "b", true}})
		})
	})
}

// A record that is written for another column's sake is written whole; one whose row is archived comes
// back as the source has it.
func TestComparedColumnIsWritten(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := courses(t, e, retiring)
		w.edit("title = row.title", "column \"title\" {\n      value   = row.title\n      compare = \"case_insensitive\"\n    }")
		w.course("A", "Algebra", 1)
		w.course("B", "Botany", 1)
		w.applied("insert 2")
		w.exec(w.source, "UPDATE src_course SET title = 'ALGEBRA' WHERE code = 'A'")
		w.settled()
		w.exec(w.source, "UPDATE src_course SET hours = 2 WHERE code = 'A'")
		w.applied("update 1")
		w.exec(w.dest, "UPDATE course SET gone_on = '2020-01-01 00:00:00Z' WHERE code = 'B'")
		w.exec(w.source, "UPDATE src_course SET title = 'botany' WHERE code = 'B'")
		w.applied("undelete 1")
		w.wantCourses("A|ALGEBRA|2|∅|∅|OURS|u|-", "B|botany|1|∅|∅|OURS|u|-")
	})
}
