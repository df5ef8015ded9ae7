package enginetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/register"
)

// fingerprinted is a world of courses of PostgreSQL that are compared by fingerprints.
func fingerprinted(t testing.TB, buckets int) *world {
	t.Helper()
	w := courses(t, postgresEngine(t), retiring)
	w.edit("  lifecycle {", fmt.Sprintf("  incremental {\n    fingerprints = %d\n  }\n  lifecycle {", buckets))
	return w
}

func postgresEngine(t testing.TB) engine {
	t.Helper()
	for _, e := range engines() {
		if e.name == "postgres" {
			return e
		}
	}
	t.Fatal("the tests know no PostgreSQL")
	return engine{}
}

// staged plans, and returns how many rows the staging table of the only sync got besides.
func (w *world) staged(full bool) (*plan.Plan, int64) {
	w.Helper()
	var rows int64
	opts := w.options()
	opts.Full = full
	opts.Progress = func(p plan.Progress) {
		if p.Phase == plan.Staged {
			rows = p.Rows
		}
	}
	p, err := plan.Make(w.Context(), w.load(), opts)
	w.must(err)
	return p, rows
}

// wantPrints compares how the only sync's plan was made: "fingerprints", how many of the buckets differ,
// and how many records of how many were read; or "full: " and a part of the reason.
func (w *world) wantPrints(p *plan.Plan, want string) {
	w.Helper()
	s := p.Syncs()[0]
	f := s.Fingerprints
	got := fmt.Sprintf("%s %d, %d of %d", f.Mode, f.Differ, f.Read, s.SourceRows)
	if reason, isFull := strings.CutPrefix(want, "full: "); isFull {
		if f.Mode != register.ReadAll || !strings.Contains(f.Why, reason) || f.Why == "" {
			w.Fatalf("the plan is %s because %q, want it full because %q", got, f.Why, reason)
		}
		return
	}
	if got != want || f.Why != "" {
		w.Fatalf("the plan is %s because %q, want %s", got, f.Why, want)
	}
}

func TestFingerprints(t *testing.T) {
	t.Parallel()
	w := fingerprinted(t, 64)
	for i := range 300 {
		w.course(fmt.Sprintf("C%03d", i), "Title", i)
	}
	p, rows := w.staged(false)
	w.wantCounts(p, "insert 300")
	if p.Syncs()[0].Fingerprints.Mode != register.ReadDiffering || rows != 300 {
		t.Errorf("%d rows were staged: %+v", rows, p.Syncs()[0].Fingerprints)
	}
	w.apply(p)
	p, rows = w.staged(false)
	w.wantPrints(p, "fingerprints 0, 0 of 300")
	if rows != 0 || p.Changes() || p.Held() || p.Syncs()[0].LiveRows != 300 {
		t.Errorf("%d rows were staged, %s", rows, counts(p))
	}

	// Whoever changes what, a bucket of it is read, and little more.
	w.exec(w.source, "UPDATE src_course SET title = 'Another' WHERE code = 'C001'")
	w.exec(w.dest, "UPDATE course SET hours = NULL WHERE code = 'C002'")
	w.exec(w.dest, "UPDATE course SET note = 'not mapped', updated_on = now() WHERE code > 'C100'")
	w.exec(w.source, "DELETE FROM src_course WHERE code = 'C003'")
	w.exec(w.dest, "DELETE FROM course WHERE code = 'C004'")
	w.exec(w.dest, "UPDATE course SET gone_on = '2026-01-01' WHERE code = 'C005'")
	p, rows = w.staged(false)
	f := p.Syncs()[0].Fingerprints
	if f.Differ < 1 || f.Differ > 5 || f.Read != rows || rows < 4 || rows > 100 || p.Syncs()[0].SourceRows != 299 {
		t.Errorf("%d rows of %d were staged: %+v", rows, p.Syncs()[0].SourceRows, f)
	}
	w.wantCounts(p, "insert 1, update 2, archive 1, undelete 1")
	full, rows := w.staged(true)
	w.wantPrints(full, "full: --full asks for it")
	w.wantCounts(full, counts(p))
	if rows != 299 {
		t.Errorf("%d rows were staged by --full", rows)
	}
	w.apply(p)
	w.wantPrints(w.plan(), "fingerprints 0, 0 of 299")
}

// anything is a mapping of columns of every kind, and of source columns of other types.
const anything = `
sync "things" {
  source {
    from = source.postgres.main
    %s
  }
  destination {
    into  = destination.postgres.main
    table = "thing"
    key   = ["site", "no"]
    scope = { origin = "OURS" }
  }
  columns {
    site   = row.site
    no     = row.no
    price  = row.price
    amount = row.amount
    ratio  = row.ratio
    small  = row.small
    day    = row.day
    wall   = row.wall
    seen   = row.seen
    clock  = row.clock
    fine   = row.fine
    raw    = row.raw
    id     = row.id
    doc    = row.doc
    fixed  = row.fixed
    short  = row["Kür\"zel"]
    number = row.number
    column "n'ö\"" {
      value = row.title
    }
    column "approx" {
      value   = row.approx
      compare = "rounded(1)"
    }
    column "loose" {
      value   = row.loose
      compare = "trimmed"
    }
  }
  guard {
    max_delete = "100%%"
    max_update = "100%%"
    max_reject = "100%%"
    max_purge  = "100%%"
  }
  lifecycle {
    on_missing     = "archive"
    archive        = { gone_on = now() }
    purge_after    = "30d"
    archived_since = dest.gone_on
    ignore_changes = ["number"]
    protect        = dest.note == "keep"
  }
  incremental {
    fingerprints = 13
  }
}
`

// things is a world of the mapping anything.
func things(t testing.TB, from string) *world {
	t.Helper()
	w := newWorld(t, postgresEngine(t))
	w.exec(w.source, `CREATE TABLE src_thing (site text, no int, price numeric(10,1), amount numeric, ratio float8, small real, day date, wall timestamp(3), seen timestamptz,
		clock time, fine bool, raw bytea, id uuid, doc jsonb, fixed text, "Kür""zel" text, number smallint, title varchar(40), approx numeric, loose text)`)
	w.exec(w.dest, `CREATE TABLE thing (site varchar(20) COLLATE "C", no bigint, price numeric(12,2), amount numeric, ratio float8, small real, day date, wall timestamp, seen timestamptz,
		clock time, fine bool, raw bytea, id uuid, doc jsonb, fixed char(5), short varchar(8), number text, "n'ö""" text, approx numeric(12,4), loose text,
		note text, origin text NOT NULL, gone_on timestamptz, UNIQUE (site, no))`)
	w.write("main.hcl", fmt.Sprintf(anything, from))
	return w
}

// operated lists what a plan does and found, in an order that depends on that alone.
func (w *world) operated(p *plan.Plan) []string {
	w.Helper()
	s := p.Syncs()[0]
	list := append(w.operations(p, s.Sync), w.noticed(p, s.Sync)...)
	slices.Sort(list)
	return append(list, fmt.Sprintf("%s; withheld %s; of %d, live %d, archived %d, ignored %d, rejected %d, protected %d, held %q",
		counts(p), withheld(p), s.SourceRows, s.LiveRows, s.ArchivedRows, s.Ignored, s.Rejected, s.Protected, s.Held))
}

// values are what a column of the source may hold, as SQL.
var values = []struct {
	column string
	among  []string
}{
	{"price", []string{"NULL", "1", "1.5", "-0.1", "'NaN'"}},
	{"amount", []string{"NULL", "1", "1.0", "1.00", "0", "1e30"}},
	{"ratio", []string{"NULL", "0.1", "1e300", "'NaN'", "'-Infinity'", "'-0'"}},
	{"small", []string{"NULL", "0.1", "1e6", "16777216"}},
	{"day", []string{"NULL", "'2026-01-31'", "'infinity'", "'0044-03-15 BC'"}},
	{"wall", []string{"NULL", "'2026-01-31 10:00:00.5'", "'1999-12-31 23:59:59.999'"}},
	{"seen", []string{"NULL", "'2026-10-25 02:30:00+02'", "'2026-10-25 02:30:00+01'", "'2026-10-25 00:30:00.000001Z'"}},
	{"clock", []string{"NULL", "'10:00'", "'10:00:00.000001'"}},
	{"fine", []string{"NULL", "true", "false"}},
	{"raw", []string{"NULL", `'\x'`, `'\x00ff'`, `'\x2c'`}},
	{"id", []string{"NULL", "'6F9619FF-8B86-D011-B42D-00C04FC964FF'"}},
	{"doc", []string{"NULL", "'null'", `'{"b": 1, "a": [1.0, "x,y"]}'`, `'{"b": 1, "a": [1.00, "x,y"]}'`}},
	{"fixed", []string{"NULL", "''", "'ab'", "'ab '", "'abcde  '", "'abcdef'"}}, // the last is rejected
	{`"Kür""zel"`, []string{"NULL", "''", "'-'", "'1:x'", "'日本'", "'too long for it'"}},
	{"number", []string{"NULL", "7", "8"}},
	{"title", []string{"NULL", "''", "' '", "','", "'2:ab'", "'NULL'", "'é'", "'e'||chr(769)"}},
	{"approx", []string{"NULL", "1.04", "1.0", "1.06"}},
	{"loose", []string{"NULL", "''", "'x'", "' x '", "'X'"}},
}

func thingKey(site string, no int) string { return fmt.Sprintf("site = '%s' AND no = %d", site, no) }

// A comparison by fingerprints plans what a full one does, whatever happens on either side.
func TestFingerprintsAgree(t *testing.T) {
	for name, from := range map[string]string{
		"table": `table = "src_thing"`,
		"query": `query = "SELECT * FROM src_thing WHERE no < :most -- all"
    params = { most = 1000 }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(4, 2))
			w := things(t, from)
			pick := func(among []string) string { return among[random.IntN(len(among))] }
			record := func(site string, no int) {
				var columns, list []string
				for _, v := range values {
					columns, list = append(columns, v.column), append(list, pick(v.among[:max(1, len(v.among)-1)]))
				}
				w.exec(w.source, "DELETE FROM src_thing WHERE "+thingKey(site, no))
				w.exec(w.source, fmt.Sprintf("INSERT INTO src_thing (site, no, %s) VALUES ('%s', %d, %s)", strings.Join(columns, ", "), site, no, strings.Join(list, ", ")))
			}
			sites := []string{"b", "Ä", ""}
			for no := range 4 * len(sites) {
				record(sites[no%3], no/3)
			}
			w.apply(w.plan())
			seen := map[string]bool{}
			partly := 0
			for step := range 10 {
				for range 3 + random.IntN(6) {
					site, no := pick(sites), random.IntN(4)
					key := thingKey(site, no)
					of := values[random.IntN(len(values))]
					switch random.IntN(11) {
					case 0:
						w.exec(w.source, "DELETE FROM src_thing WHERE "+key)
						if random.IntN(2) == 0 {
							w.exec(w.dest, "UPDATE thing SET gone_on = '2026-01-01' WHERE "+key)
						}
					case 1:
						w.exec(w.dest, "DELETE FROM thing WHERE "+key)
					case 2:
						w.exec(w.dest, "UPDATE thing SET gone_on = timestamptz '2026-09-01' - "+pick([]string{"'1 day'", "'90 days'"})+"::interval WHERE "+key)
					case 3:
						w.exec(w.dest, "UPDATE thing SET "+pick([]string{"origin = 'OTHER'", "origin = 'OTHER'", "gone_on = NULL", "number = '9'", "amount = 1.000", "loose = 'x'", "raw = ''"})+" WHERE "+key)
					case 4:
						w.exec(w.source, "UPDATE src_thing SET "+of.column+" = "+pick(of.among)+" WHERE "+key)
					case 5:
						w.exec(w.source, "UPDATE src_thing SET fixed = 'abcdef' WHERE "+key)
					case 6:
						w.exec(w.dest, "UPDATE thing SET note = NULL WHERE note = 'keep'")
						w.exec(w.dest, "UPDATE thing SET note = 'keep', amount = 7 WHERE "+key)
					default:
						record(site, no)
					}
				}
				full, _ := w.staged(true)
				p, rows := w.staged(false)
				operated := w.operated(p)
				if diff := cmp.Diff(w.operated(full), operated); diff != "" {
					t.Fatalf("step %d, planned (-full +by fingerprints):\n%s", step, diff)
				}
				f := p.Syncs()[0].Fingerprints
				if f.Mode != register.ReadDiffering || f.Read != rows {
					t.Fatalf("step %d: %d rows were staged: %+v", step, rows, f)
				}
				if rows < p.Syncs()[0].SourceRows {
					partly++
				}
				for _, operation := range operated {
					word, _, _ := strings.Cut(operation, " ")
					seen[word] = true
				}
				w.now = w.now.Add(time.Minute)
				if random.IntN(3) > 0 {
					w.apply(p)
				}
			}
			for _, word := range []string{"insert", "update", "archive", "undelete", "purge", "rejected", "ignored", "protected"} {
				if !seen[word] {
					t.Errorf("no step had %s", word)
				}
			}
			if partly < 6 {
				t.Errorf("%d plans read less than all", partly)
			}
		})
	}
}

// Each value of each type has its fingerprint in both databases: what was applied is in step.
func TestFingerprintsOfTypes(t *testing.T) {
	t.Parallel()
	w := things(t, `table = "src_thing"`)
	no := 0
	for _, v := range values {
		for _, one := range v.among {
			no++
			w.exec(w.source, fmt.Sprintf("INSERT INTO src_thing (site, no, %s) VALUES ('A', %d, %s)", v.column, no, one))
		}
	}
	p := w.plan()
	w.wantCounts(p, fmt.Sprintf("insert %d", no-2))
	w.apply(p)
	p = w.plan()
	if s := p.Syncs()[0]; s.Total() != 0 || s.Rejected != 2 || s.Fingerprints.Differ > 2 {
		t.Errorf("%s, %d rejected, %+v", counts(p), s.Rejected, s.Fingerprints)
	}
	// And each of them tells the row from one that has another value.
	w.exec(w.source, "DELETE FROM src_thing WHERE fixed = 'abcdef' OR length(\"Kür\"\"zel\") > 8")
	for _, v := range values {
		if v.column == "number" || v.column == "loose" || v.column == "approx" {
			continue // of which not each difference counts
		}
		column := map[string]string{`"Kür""zel"`: "short", "title": `"n'ö"""`}[v.column]
		if column == "" {
			column = v.column
		}
		w.exec(w.dest, fmt.Sprintf("UPDATE thing SET %s = NULL WHERE %[1]s IS NOT NULL AND no = (SELECT max(no) FROM thing WHERE %[1]s IS NOT NULL)", column))
		p := w.plan()
		w.wantCounts(p, "update 1")
		if f := p.Syncs()[0].Fingerprints; f.Differ != 1 {
			t.Errorf("%s: %+v", v.column, f)
		}
		w.apply(p)
	}
	w.exec(w.dest, "UPDATE thing SET number = '9', approx = approx + 0.01, loose = loose || ' '")
	w.exec(w.dest, "UPDATE thing SET approx = 1.04 WHERE approx = 1.05")
	if p := w.plan(); p.Syncs()[0].Fingerprints.Differ != 0 {
		t.Errorf("differences that do not count: %+v", p.Syncs()[0].Fingerprints)
	}
}

// Guards judge the whole source, and what a full comparison measures the next one by.
func TestGuardsByFingerprints(t *testing.T) {
	t.Parallel()
	w := fingerprinted(t, 16)
	w.edit(`max_delete = "100%"`, "max_delete = \"10%\"\n    min_source_ratio = \"80%\"\n    min_source_rows = 3")
	for i := range 20 {
		w.course(fmt.Sprint("C", i), "x", i)
	}
	w.apply(w.plan())
	w.exec(w.source, "DELETE FROM src_course WHERE hours < 2")
	p := w.plan()
	if p.Held() || p.Syncs()[0].SourceRows != 18 {
		t.Fatalf("held: %q, %d rows", p.Syncs()[0].Held, p.Syncs()[0].SourceRows)
	}
	w.apply(p)
	w.exec(w.source, "DELETE FROM src_course WHERE hours < 5")
	p = w.plan()
	for _, want := range []string{"3 of 18 rows would be touched by delete"} {
		if !strings.Contains(p.Syncs()[0].Held, want) {
			t.Errorf("held: %q, want %q", p.Syncs()[0].Held, want)
		}
	}
	w.exec(w.source, "DELETE FROM src_course WHERE hours < 18")
	p = w.plan()
	for _, want := range []string{"the source has 2 rows, min_source_rows asks for 3", "the last applied plan's had 18"} {
		if !strings.Contains(p.Syncs()[0].Held, want) {
			t.Errorf("held: %q, want %q", p.Syncs()[0].Held, want)
		}
	}
}

// What cannot be fingerprinted is read as always, with the same words about it.
func TestFingerprintsGiveWay(t *testing.T) {
	t.Parallel()
	w := things(t, `table = "src_thing"`)
	w.exec(w.source, "ALTER TABLE src_thing ALTER no TYPE text")
	w.exec(w.source, "INSERT INTO src_thing (site, no) VALUES ('A', '1')")
	w.planError("Fingerprints not possible", "no")

	// A number that is too large for its column is an error of the cast.
	w.exec(w.source, "ALTER TABLE src_thing ALTER no TYPE bigint USING no::bigint")
	w.exec(w.dest, "ALTER TABLE thing ALTER number TYPE smallint USING number::smallint")
	w.exec(w.source, "ALTER TABLE src_thing ALTER number TYPE int")
	w.exec(w.source, "INSERT INTO src_thing (site, no, number) VALUES ('A', 2, 70000), ('A', 3, 7)")
	w.edit(`    ignore_changes = ["number"]`, "")
	p, rows := w.staged(false)
	w.wantPrints(p, "full: the source did not compute them")
	w.wantCounts(p, "insert 2")
	if s := p.Syncs()[0]; rows != 3 || s.SourceRows != 3 || s.Rejected != 1 {
		t.Errorf("%d rows staged of %d, %d rejected", rows, s.SourceRows, s.Rejected)
	}

	// A key twice.
	w.exec(w.source, "UPDATE src_thing SET number = 7")
	w.apply(w.plan())
	w.exec(w.source, "INSERT INTO src_thing SELECT * FROM src_thing WHERE no = 2")
	w.planError("Duplicate keys in the source", "A")
}

// Who asks for fingerprints and does not get them must know.
func TestFingerprintsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		old, replacement string
		want             string
	}{
		"computed":    {"title = row.title", "title = upper(row.title)", `the value of column "title" is computed`},
		"lookup":      {"hours = row.hours", "hours = lookup(\"course\", \"hours\", { code = row.code })", `the value of column "hours" is looked up`},
		"assert":      {"  guard {", "  assert \"taught\" {\n    condition = row.hours > 0\n    message = \"no hours\"\n  }\n  guard {", "it has an assert"},
		"adopt":       {`key   = ["code"]`, "key   = [\"code\"]\n    adopt = true", "it adopts rows of others"},
		"folded":      {"title = row.title", "column \"title\" {\n      value = row.title\n      compare = \"case_insensitive\"\n    }", `compare of column "title"`},
		"moved":       {"sync \"courses\"", "moved {\n  sync = sync.courses\n  from = \"A\"\n  to = \"B\"\n}\nsync \"courses\"", "it has moved blocks"},
		"check":       {"sync \"courses\"", "check \"untaught\" {\n  severity = \"warning\"\n  sync = sync.courses\n  where = row.hours == 0\n  message = \"no hours\"\n}\nsync \"courses\"", "a check looks at its records"},
		"unlike keys": {"", "", `column "code" of the key`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := fingerprinted(t, 16)
			w.course("A", "Algebra", 1)
			if c.old == "" {
				w.exec(w.dest, "CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
				w.exec(w.dest, "ALTER TABLE course ALTER code TYPE text COLLATE nocase")
			} else {
				w.edit(c.old, c.replacement)
			}
			w.planError("main.hcl:", "Fingerprints not possible", c.want)
		})
	}
	for _, e := range engines() {
		if e.name == "sqlite" {
			w := courses(t, e, retiring)
			w.edit("  lifecycle {", "  incremental {\n    fingerprints = 8\n  }\n  lifecycle {")
			w.planError("main.hcl:", "Fingerprints not possible", "both must be PostgreSQL")
		}
	}
}

// A query that yields something else when it is asked again is no base for a plan.
func TestFingerprintsOfUnsteadyQuery(t *testing.T) {
	t.Parallel()
	w := fingerprinted(t, 4)
	w.edit(`table = "src_course"`, `query = "SELECT 'C' || i AS code, 'x' AS title, i AS hours FROM generate_series(1, 1 + extract(microseconds FROM clock_timestamp())::bigint % 50000) AS i"`)
	if _, err := w.tryPlan(); err == nil || !strings.Contains(err.Error(), "must yield the same ones each time") {
		t.Errorf("the error is %v", err)
	}
}
