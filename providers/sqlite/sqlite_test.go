package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// destinationOn makes a database with those statements and opens it.
func destinationOn(t *testing.T, statements ...string) (providers.Destination, *sql.Conn) {
	t.Helper()
	db := newDatabase(t)
	for _, statement := range statements {
		db.Exec(t, statement)
	}
	d, err := sqlite.New().OpenDestination(t.Context(), db.Destination, db.Dir)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(conn.Close(), d.Close()); err != nil {
			t.Error(err)
		}
	})
	return d, conn
}

func table(t *testing.T, d providers.Destination, q providers.Querier, name string) *sqlgen.Table {
	t.Helper()
	found, err := d.Table(t.Context(), q, name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func column(t *testing.T, of *sqlgen.Table, name string) sqlgen.Column {
	t.Helper()
	c, ok := of.Column(name)
	if !ok {
		t.Fatalf("no column %q", name)
	}
	return c
}

// readAll reads a query of a source, each value as kind:text.
func readAll(t *testing.T, statements []string, query providers.Query) [][]string {
	t.Helper()
	db := newDatabase(t)
	for _, statement := range statements {
		db.Exec(t, statement)
	}
	source, err := sqlite.New().OpenSource(t.Context(), db.Source, db.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	snapshot, err := source.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	rows, err := snapshot.Read(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	row := make([]value.Value, len(rows.Columns()))
	var all [][]string
	for {
		err := rows.Next(row)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		spelt := make([]string, len(row))
		for i, v := range row {
			spelt[i] = v.Kind().String() + ":" + v.Text()
		}
		all = append(all, spelt)
	}
}

func TestSourceKeepsTexts(t *testing.T) {
	// The driver would make times of these columns' texts, and of the two spellings
	// of one instant the same.
	statements := []string{
		"CREATE TABLE event (d DATE, dt DATETIME, ts TIMESTAMP, n DECIMAL(6,2), r REAL, b BOOLEAN)",
		"INSERT INTO event VALUES ('2026-01-02', '2026-01-02T03:04:05', '2026-01-02 03:04:05+02:00', 1.5, 2, 1)",
		"INSERT INTO event VALUES ('02/01/2026', 1700000000, 'soon', 'n/a', 'NaN', 'yes')",
		"INSERT INTO event VALUES (NULL, NULL, NULL, NULL, NULL, NULL)",
	}
	want := [][]string{
		{"date:2026-01-02", "timestamp:2026-01-02 03:04:05", "text:2026-01-02 03:04:05+02:00", "decimal:1.50", "float:2", "bool:true"},
		{"text:02/01/2026", "integer:1700000000", "text:soon", "text:n/a", "float:NaN", "text:yes"},
		{"null:", "null:", "null:", "null:", "null:", "null:"},
	}
	for _, query := range []providers.Query{
		{Table: "event"},
		{Table: "EVENT"},
		{SQL: "SELECT * FROM event -- a comment at the end"},
		{SQL: "WITH c AS (SELECT * FROM event) SELECT c.* FROM c WHERE 1 = :one;", Params: []providers.Param{{Name: "one", Value: value.OfInt(1)}}},
		{SQL: "SELECT * FROM (SELECT * FROM event) UNION ALL SELECT * FROM event WHERE 0"},
	} {
		if got := readAll(t, statements, query); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%+v\n%v\nexpected\n%v", query, got, want)
		}
	}
	// Columns of one name and an order outlive it.
	got := readAll(t, statements, providers.Query{SQL: "SELECT d AS x, d AS x, upper(d) FROM event WHERE d IS NOT NULL ORDER BY d DESC"})
	if want := "[[date:2026-01-02 date:2026-01-02 text:2026-01-02] [text:02/01/2026 text:02/01/2026 text:02/01/2026]]"; fmt.Sprint(got) != want {
		t.Errorf("read %v, expected %s", got, want)
	}
}

func TestSourceIsReadOnly(t *testing.T) {
	db := newDatabase(t)
	db.Exec(t, "CREATE TABLE room (code TEXT)")
	source, err := sqlite.New().OpenSource(t.Context(), db.Source, db.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	snapshot, err := source.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	for _, query := range []string{
		"INSERT INTO room VALUES ('x') RETURNING code", "PRAGMA query_only = 0", "ATTACH 'other.db' AS other", "SELECT 1; DELETE FROM room",
		"WITH x AS (SELECT 1) DELETE FROM room", `SELECT "cod" FROM room`,
	} {
		rows, err := snapshot.Read(t.Context(), providers.Query{SQL: query})
		if err == nil {
			rows.Close()
			t.Errorf("accepted: %s", query)
		}
	}
}

func TestCatalogue(t *testing.T) {
	d, conn := destinationOn(
		t,
		`CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT COLLATE NOCASE, r TEXT COLLATE RTRIM, b TEXT, v AS (upper(b)) VIRTUAL)`,
		`CREATE UNIQUE INDEX a_n ON a (n)`,
		`CREATE UNIQUE INDEX a_n_binary ON a (n COLLATE BINARY)`,
		`CREATE UNIQUE INDEX a_b_nocase ON a (b COLLATE NOCASE)`,
		`CREATE UNIQUE INDEX a_r ON a (r, b DESC)`,
		`CREATE UNIQUE INDEX a_mixed ON a (b, n COLLATE RTRIM)`,
		`CREATE TABLE down (id INTEGER PRIMARY KEY DESC)`,
		`CREATE TABLE int_key (id INT PRIMARY KEY)`,
		`CREATE TABLE keyed (k TEXT, l TEXT, PRIMARY KEY (l, k)) WITHOUT ROWID`,
		`CREATE TABLE strict (a ANY, i INT, t TEXT) STRICT`,
		`CREATE TABLE loose (a ANY)`,
		`CREATE VIRTUAL TABLE found USING fts5(body)`,
		`CREATE TABLE registrar_meta (version INTEGER)`,
	)
	a := table(t, d, conn, "A")
	if a.Name != `"main"."a"` {
		t.Errorf("name %s", a.Name)
	}
	for name, want := range map[string]string{"id": "", "n": "NOCASE", "r": "RTRIM", "b": ""} {
		if got := column(t, a, name).Collation; got != want {
			t.Errorf("%s compares by %q, expected %q", name, got, want)
		}
	}
	if !column(t, a, "v").Generated || !column(t, a, "id").HasDefault {
		t.Errorf("columns %+v", a.Columns)
	}
	for name, want := range map[string]string{
		"a": "[[id] [n] [r b]]", "down": "[[id]]", "int_key": "[[id]]", "keyed": "[[l k]]", "strict": "[]",
	} {
		unique := table(t, d, conn, name).Unique
		slices.SortFunc(unique, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
		if got := fmt.Sprint(unique); got != want {
			t.Errorf("%s: unique %s, expected %s", name, got, want)
		}
	}
	for _, name := range []string{"down", "int_key"} {
		if column(t, table(t, d, conn, name), "id").HasDefault {
			t.Errorf("%s.id numbers itself", name)
		}
	}
	keyed := table(t, d, conn, "keyed")
	if !column(t, keyed, "k").NotNull {
		t.Error("a key without row id may not be NULL")
	}
	if got := column(t, table(t, d, conn, "strict"), "a").Type; got.SQL != "" || got.Digits != 0 {
		t.Errorf("ANY of a strict table: %+v", got)
	}
	if got := column(t, table(t, d, conn, "loose"), "a").Type; got.Digits == 0 {
		t.Errorf("ANY of another table makes numbers of texts: %+v", got)
	}
	for _, name := range []string{"found", "registrar_meta", "found_data"} {
		if _, err := d.Table(t.Context(), conn, name); err == nil || errors.Is(err, providers.ErrNoTable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	names, err := d.TableNames(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a", "down", "int_key", "keyed", "loose", "strict"}; !slices.Equal(names, want) {
		t.Errorf("names %q, expected %q", names, want)
	}
}

// TestOffTypeValues: values of a class that a column's type does not have are
// shown as they are, and equal themselves after the way through their text.
func TestOffTypeValues(t *testing.T) {
	d, conn := destinationOn(
		t,
		`CREATE TABLE odd (id INTEGER, i INTEGER, r REAL, n DECIMAL(6,2), b BOOLEAN, d DATE, x BLOB, t TEXT, u)`,
		`INSERT INTO odd VALUES (1, 'abc', 'abc', 'abc', 'abc', 'abc', 'abc', x'61ff', 5)`,
		`INSERT INTO odd VALUES (2, 1.5, 1, 1.234, 2, 20000, 5, 5, 1.5)`,
		`INSERT INTO odd VALUES (3, x'00', x'00', x'00', x'00', 2.5, 2.5, '\x00', x'00')`,
		`INSERT INTO odd VALUES (4, 1e300, 9e999, 1e15, 1, '2026-01-02', x'', '', '')`,
	)
	odd := table(t, d, conn, "odd")
	want := map[string][]string{
		"i": {"abc", "1.5", `\x00`, "1e+300"},
		"r": {"abc", "1", `\x00`, "Infinity"},
		"n": {"abc", "1.234", `\x00`, "1000000000000000.00"},
		"b": {"abc", "2", `\x00`, "true"},
		"d": {"abc", "20000", "2.5", "2026-01-02"},
		"x": {"abc", "5", "2.5", `\x`},
		"t": {`\x61ff`, "5", `\x00`, ""},
		"u": {"5", "1.5", `\x00`, ""},
	}
	for name, texts := range want {
		c := column(t, odd, name)
		for i, text := range texts {
			var got string
			var same bool
			canonical := d.Dialect().Canonical("o."+name, c)
			query := fmt.Sprintf("SELECT %s, %s IS %s FROM odd AS o WHERE id = %d", canonical, canonical, d.Dialect().Canonical(d.Dialect().FromText(canonical, c), c), i+1)
			if err := conn.QueryRowContext(t.Context(), query).Scan(&got, &same); err != nil {
				t.Fatalf("%v\n%s", err, query)
			}
			if got != text || !same {
				t.Errorf("%s of row %d is %q, expected %q; the same from its text: %v", name, i+1, got, text, same)
			}
		}
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("text.db", strings.Repeat("this is no database ", 100))
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	p := sqlite.New()
	for path, part := range map[string]string{"missing.db": "does not exist", "text.db": "not a database", "folder": "folder"} {
		attributes := providers.Attributes{"path": path}
		if _, err := p.OpenSource(t.Context(), attributes, dir); err == nil || !strings.Contains(err.Error(), part) || !strings.Contains(err.Error(), path) {
			t.Errorf("source %s: %v", path, err)
		}
		if _, err := p.OpenDestination(t.Context(), attributes, dir); err == nil || !strings.Contains(err.Error(), part) || !strings.Contains(err.Error(), path) {
			t.Errorf("destination %s: %v", path, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "missing.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a missing file was created")
	}
	d, err := p.OpenDestination(t.Context(), providers.Attributes{"path": "new.db", "create": true}, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Identity(); got != "sqlite:new.db" {
		t.Errorf("identity %q", got)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	// An existing file is opened as it is.
	if d, err = p.OpenDestination(t.Context(), providers.Attributes{"path": "new.db"}, dir); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestJournalMode(t *testing.T) {
	for wal, want := range map[bool]string{true: "wal", false: "delete"} {
		d, err := sqlite.New().OpenDestination(t.Context(), providers.Attributes{"path": "a.db", "create": true, "wal": wal}, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		conn, err := d.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for pragma, want := range map[string]string{"journal_mode": want, "foreign_keys": "1", "temp_store": "1", "busy_timeout": "10000"} {
			var got string
			if err := conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("wal = %v: %s is %s, expected %s; %v", wal, pragma, got, want, err)
			}
		}
		if err := errors.Join(conn.Close(), d.Close()); err != nil {
			t.Error(err)
		}
	}
}

func TestBeginEndsWithContext(t *testing.T) {
	d, a := destinationOn(t)
	b, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	tx, err := d.Begin(t.Context(), a, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := d.Begin(ctx, b, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("begin: %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s to notice", took)
	}
	// The connection keeps its own patience.
	var busy string
	if err := b.QueryRowContext(t.Context(), "PRAGMA busy_timeout").Scan(&busy); err != nil || busy != "10000" {
		t.Errorf("busy_timeout is %s; %v", busy, err)
	}
}

func TestTriggerMessagesAreNotShown(t *testing.T) {
	d, conn := destinationOn(
		t,
		`CREATE TABLE student (name TEXT UNIQUE)`,
		`CREATE TRIGGER refuse BEFORE INSERT ON student WHEN NEW.name = 'Doe' BEGIN SELECT RAISE(ABORT, 'Doe is not wanted'); END`,
	)
	scrubber, ok := d.(providers.ErrorScrubber)
	if !ok {
		t.Fatal("no scrubber")
	}
	_, err := conn.ExecContext(t.Context(), "INSERT INTO student VALUES ('Doe')")
	if err == nil {
		t.Fatal("the trigger did not refuse")
	}
	if text := scrubber.SafeError(fmt.Errorf("apply: %w", err)).Error(); strings.Contains(text, "Doe") || !strings.HasPrefix(text, "apply: ") {
		t.Errorf("scrubbed: %s", text)
	}
	if _, err = conn.ExecContext(t.Context(), "INSERT INTO student VALUES ('Roe'), ('Roe')"); err == nil {
		t.Fatal("the index did not refuse")
	}
	if text := scrubber.SafeError(err).Error(); !strings.Contains(text, "student.name") || strings.Contains(text, "Roe") {
		t.Errorf("scrubbed: %s", text)
	}
	if scrubber.SafeError(nil) != nil {
		t.Error("nil must stay nil")
	}
}

// TestImportViewInShell reads the view with the plain sqlite3 program, and runs
// the statements that it spells.
func TestImportViewInShell(t *testing.T) {
	shell, err := exec.LookPath("sqlite3")
	if err != nil {
		if strings.Contains(os.Getenv("REGISTRAR_TEST_REQUIRE"), "sqlite3") {
			t.Fatal("no sqlite3 program, which REGISTRAR_TEST_REQUIRE asks for")
		}
		t.Skip("no sqlite3 program")
	}
	db := newDatabase(t)
	dialect := func() sqlgen.Dialect {
		d, err := sqlite.New().OpenDestination(t.Context(), db.Destination, db.Dir)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		return d.Dialect()
	}()
	for _, statement := range []string{
		`CREATE TABLE "o""dd" (k TEXT PRIMARY KEY, flag BOOLEAN, data BLOB, n DECIMAL(6,2), gone TEXT, plain TEXT)`,
		`INSERT INTO "o""dd" VALUES ('zzz', 0, NULL, 1, NULL, ''), ('upd', 0, NULL, 1, NULL, 'old'), ('arc', 0, NULL, 1, NULL, ''), ('del', 0, NULL, 1, NULL, ''), ('pur', 0, NULL, 1, NULL, ''), ('ren', 0, NULL, 1, NULL, ''), ('ado', 0, NULL, 1, NULL, '')`,
		`CREATE TABLE registrar_plan (id TEXT, created_on TEXT)`,
		`CREATE TABLE registrar_execution (plan_id TEXT, executed_on TEXT)`,
		`CREATE TABLE registrar_operation (plan_id TEXT, seq INTEGER, table_name TEXT, operation TEXT, "key" TEXT, "before" TEXT, "after" TEXT, result TEXT)`,
		`CREATE VIEW registrar_import_reg AS ` + dialect.ImportView(),
		`INSERT INTO registrar_plan VALUES ('p', '2026-01-01 00:00:00Z')`,
		`INSERT INTO registrar_execution VALUES ('p', '2026-01-02 00:00:00Z')`,
		`INSERT INTO registrar_operation VALUES
 ('p', 1, 'o"dd', 'insert', '{"k":"it''s"}', NULL, '{"k":"it''s","flag":"true","data":"\\x6100","n":"2.50","gone":null,"plain":"true"}', NULL),
 ('p', 2, 'o"dd', 'update', '{"k":"upd"}', '{"flag":"false","plain":"old"}', '{"flag":"true","plain":"\\x41"}', NULL),
 ('p', 3, 'o"dd', 'archive', '{"k":"arc"}', '{"gone":null}', '{"gone":{"$":"now()"}}', NULL),
 ('p', 4, 'o"dd', 'delete', '{"k":"del"}', '{"k":"del"}', NULL, NULL),
 ('p', 5, 'o"dd', 'purge', '{"k":"pur"}', '{"k":"pur"}', NULL, NULL),
 ('p', 6, 'o"dd', 'rename', '{"k":"ren"}', '{"k":"ren"}', '{"k":"new"}', NULL),
 ('p', 7, 'o"dd', 'adopt', '{"k":"ado"}', '{"n":"1","n.code":"A","plain":""}', '{"n":null,"n.code":"B","n.flag":null,"plain":""}', '{"k":"ado","n":"7","flag":"false"}'),
 ('open', 1, 'o"dd', 'archive', '{"k":"zzz"}', '{"gone":null}', '{"gone":{"$":"now()"}}', NULL)`,
	} {
		db.Exec(t, statement)
	}
	file := filepath.Join(db.Dir, db.Source.String("path"))
	run := func(statements string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), shell, "-batch", "-noheader", file)
		command.Stdin = strings.NewReader(statements)
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s\n%s", err, out, statements)
		}
		return string(out)
	}
	got := run(".mode list\nSELECT operation, source_code, field_name, from_value, to_value, executed_on FROM registrar_import_reg ORDER BY 1, 2, 3;\n")
	want := `delete|arc||||2026-01-02 00:00:00Z
delete|del||||2026-01-02 00:00:00Z
delete|pur||||2026-01-02 00:00:00Z
delete|zzz||||
insert|it's||||2026-01-02 00:00:00Z
update|ado|n|1|7|2026-01-02 00:00:00Z
update|ado|n.code|A|B|2026-01-02 00:00:00Z
update|ren|k|ren|new|2026-01-02 00:00:00Z
update|upd|flag|false|true|2026-01-02 00:00:00Z
update|upd|plain|old|\x41|2026-01-02 00:00:00Z
`
	if got != want {
		t.Errorf("the view\n%s\nexpected\n%s", got, want)
	}
	statements := run("SELECT sql || ';' FROM registrar_import_reg;\n")
	run(statements)
	got = run("SELECT k, quote(flag), quote(data), n, CASE WHEN k = 'zzz' THEN gone LIKE '20__-%' ELSE quote(gone) END, plain FROM \"o\"\"dd\" ORDER BY k;\n")
	want = `ado|0|NULL|7|NULL|
arc|0|NULL|1|'2026-01-02 00:00:00Z'|
it's|1|X'6100'|2.5|NULL|true
new|0|NULL|1|NULL|
upd|1|NULL|1|NULL|\x41
zzz|0|NULL|1|1|
`
	if got != want {
		t.Errorf("after\n%s\nthe table is\n%s\nexpected\n%s", statements, got, want)
	}
}

func TestSpecs(t *testing.T) {
	p := sqlite.New()
	for text, valid := range map[string]bool{
		`path = "a.db"`: true,
		`path = "a.db"` + "\n" + `busy_timeout = "5s"`: true,
		``:                               false,
		`path = ""`:                      false,
		`path = ":memory:"`:              false,
		`path = "file:a.db?mode=memory"`: false,
		`path = "a.db"` + "\n" + `busy_timeout = "soon"`: false,
		`path = "a.db"` + "\n" + `busy_timeout = "-1s"`:  false,
		`path = "a.db"` + "\n" + `pathh = "a.db"`:        false,
	} {
		file, diags := hclsyntax.ParseConfig([]byte(text+"\n"), "a.hcl", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for name, spec := range map[string]hcldec.Spec{"source": p.SourceSpec(), "destination": p.DestinationSpec()} {
			if _, diags := hcldec.Decode(file.Body, spec, nil); diags.HasErrors() == valid {
				t.Errorf("%s %q: %v", name, text, diags)
			}
		}
	}
}
