package mysql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/internal/mysqltest"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mysql"
	"github.com/registrar-sync/registrar/register"
)

func open(t *testing.T, database mysqltest.Database) providers.Destination {
	t.Helper()
	d, err := mysql.New().OpenDestination(t.Context(), attributesOf(database), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// makeStages makes what staging tables live in, as registrar init does.
func makeStages(t *testing.T, database mysqltest.Database) {
	t.Helper()
	d := open(t, database)
	maker, ok := d.Dialect().(interface{ CreateStageSchema() string })
	if !ok {
		t.Fatal("the dialect makes no database for staging tables")
	}
	if _, err := connect(t, d).ExecContext(t.Context(), maker.CreateStageSchema()); err != nil {
		t.Fatal(err)
	}
}

func connect(t *testing.T, d providers.Destination) *sql.Conn {
	t.Helper()
	conn, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func table(t *testing.T, d providers.Destination, conn *sql.Conn, name string) *sqlgen.Table {
	t.Helper()
	found, err := d.Table(t.Context(), conn, name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// What cannot be undone cannot be a destination.
func TestTablesThatCannotBeWrittenWhole(t *testing.T) {
	database := mysqltest.New(t)
	execute(t, plain(t, database), "CREATE TABLE old (code varchar(9) PRIMARY KEY) ENGINE = MyISAM", "CREATE TABLE fine (code varchar(9) PRIMARY KEY)")
	d := open(t, database)
	conn := connect(t, d)
	if _, err := d.Table(t.Context(), conn, "old"); err == nil || !strings.Contains(err.Error(), "MyISAM") || !strings.Contains(err.Error(), "ENGINE = InnoDB") {
		t.Errorf("the error is %v", err)
	}
	names, err := d.TableNames(t.Context(), conn)
	if err != nil || !slices.Equal(names, []string{"fine"}) {
		t.Errorf("tables %q, %v", names, err)
	}
}

// An index over the beginnings of values is no key, and a column that writes itself is as good as a trigger.
func TestDescribe(t *testing.T) {
	database := mysqltest.New(t)
	execute(t, plain(t, database),
		"CREATE TABLE beginnings (code varchar(50), UNIQUE (code(5)))",
		"CREATE TABLE stamped (code varchar(50) PRIMARY KEY, changed timestamp NULL ON UPDATE current_timestamp)",
		"CREATE TABLE documents (code varchar(50) PRIMARY KEY, doc json)",
		"CREATE TABLE ids (id uuid PRIMARY KEY, address inet6, place point)",
	)
	d := open(t, database)
	conn := connect(t, d)
	if got := table(t, d, conn, "beginnings"); len(got.Unique) != 0 {
		t.Errorf("unique %q", got.Unique)
	}
	if !table(t, d, conn, "stamped").Triggers {
		t.Error("a column that writes itself is not seen")
	}
	doc, _ := table(t, d, conn, "documents").Column("doc")
	if _, err := doc.Type.Fit(value.OfText("{"), nil); doc.Type.Kind != value.JSON || err == nil {
		t.Errorf("a column of kind %s takes what is no JSON: %v", doc.Type.Kind, err)
	}
	// What has no text of its own is remembered all the same.
	execute(t, plain(t, database), "INSERT INTO ids VALUES ('6ba7b810-9dad-11d1-80b4-00c04fd430c8', '::1', point(1, 2))")
	ids := table(t, d, conn, "ids")
	var texts [3]string
	query := fmt.Sprintf("SELECT %s, %s, %s FROM %s AS t", d.Dialect().Canonical("t.id", ids.Columns[0]), d.Dialect().Canonical("t.address", ids.Columns[1]), d.Dialect().Canonical("t.place", ids.Columns[2]), ids.Name)
	if err := conn.QueryRowContext(t.Context(), query).Scan(&texts[0], &texts[1], &texts[2]); err != nil {
		t.Fatal(err)
	}
	if texts[0] != "6ba7b810-9dad-11d1-80b4-00c04fd430c8" || texts[1] != "::1" || !strings.HasPrefix(texts[2], `\x00000000`) {
		t.Errorf("texts %q", texts)
	}
}

// A day that is none is shown as it is, and is equal to itself.
func TestZeroDates(t *testing.T) {
	database := mysqltest.New(t)
	execute(t, plain(t, database), "CREATE TABLE thing (day date, at datetime, stamp timestamp NULL)", "INSERT INTO thing VALUES ('0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00'), ('2026-00-00', '2026-02-00 00:00:00', NULL)")
	d := open(t, database)
	conn := connect(t, d)
	columns := table(t, d, conn, "thing").Columns
	dialect := d.Dialect()
	exprs := make([]string, len(columns))
	for i, c := range columns {
		exprs[i] = "COALESCE(" + dialect.Canonical("t."+c.Name, c) + ", 'NULL')"
	}
	rows := query(t, conn, "SELECT "+strings.Join(exprs, ", ")+" FROM thing AS t ORDER BY t.day")
	want := []string{"0000-00-00|0000-00-00 00:00:00|0000-00-00 00:00:00Z", "2026-00-00|2026-02-00 00:00:00|NULL"}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	// As an apply looks for what the plan saw.
	back := query(t, conn, "SELECT count(*) FROM thing AS t WHERE t.day = "+dialect.FromText(dialect.Canonical("t.day", columns[0]), columns[0]))
	if back[0] != "2" {
		t.Errorf("%s rows are found by their day, want 2", back[0])
	}
}

func query(t *testing.T, conn *sql.Conn, text string, args ...any) []string {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), text, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for rows.Next() {
		cells, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		texts := make([]string, len(columns))
		for i, cell := range cells {
			texts[i] = cell.String
		}
		all = append(all, strings.Join(texts, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// The server spells floats as the engine does, but for those of which a shorter text is only sometimes read back.
func TestFloatsAreSpeltAlike(t *testing.T) {
	d := open(t, mysqltest.New(t))
	conn := connect(t, d)
	c := sqlgen.Column{Type: value.Type{Kind: value.Float, SQL: "double", Size: 64}}
	random := rand.New(rand.NewPCG(1, 2))
	var parts []string
	var args []any
	var want []value.Value
	for range 300 {
		f := random.NormFloat64() * pow10(random.IntN(40)-25)
		if random.IntN(4) == 0 {
			f = float64(random.IntN(2000)-1000) * pow10(random.IntN(30)-15)
		}
		parts = append(parts, "SELECT CAST(? AS double) AS v")
		args = append(args, f)
		want = append(want, value.OfFloat(f))
	}
	got := query(t, conn, "SELECT "+d.Dialect().Canonical("x.v", c)+" FROM ("+strings.Join(parts, " UNION ALL ")+") AS x", args...)
	for i, v := range want {
		if got[i] != v.Text() && (v.Float() > -1<<53 && v.Float() < 1<<53) && v.Float() != 0 {
			t.Errorf("%s is spelt %s", v.Text(), got[i])
		}
	}
}

func pow10(n int) float64 {
	f := 1.0
	for range max(n, -n) {
		f *= 10
	}
	if n < 0 {
		return 1 / f
	}
	return f
}

// A statement that is cancelled ends in the server, too, and gives its locks back.
func TestCancelledStatementEnds(t *testing.T) {
	database := mysqltest.New(t)
	beside := plain(t, database)
	execute(t, beside, "CREATE TABLE thing (n int PRIMARY KEY)", "INSERT INTO thing VALUES (1)")
	d := open(t, database)
	for _, args := range [][]any{nil, {"1"}} {
		conn := connect(t, d)
		tx, err := d.Begin(t.Context(), conn, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), "UPDATE thing SET n = n + 1"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			text := "DO sleep(600)"
			if args != nil {
				text = "DO sleep(600 * ?)"
			}
			_, err := tx.ExecContext(ctx, text, args...)
			done <- err
		}()
		sleeping := func() string {
			return query(t, connect(t, d), "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND info LIKE 'DO sleep%'")[0]
		}
		for sleeping() != "1" {
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
		_ = tx.Rollback()
		for sleeping() != "0" {
			time.Sleep(10 * time.Millisecond)
		}
		execute(t, beside, "SET SESSION innodb_lock_wait_timeout = 10", "UPDATE thing SET n = 1")
	}
}

// Who waits for another's row in vain is told so.
func TestLockWait(t *testing.T) {
	database := mysqltest.New(t)
	beside := plain(t, database)
	execute(t, beside, "CREATE TABLE thing (n int PRIMARY KEY)", "INSERT INTO thing VALUES (1)", "START TRANSACTION", "UPDATE thing SET n = 2")
	d := open(t, database)
	tx, err := d.Begin(t.Context(), connect(t, d), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	_, err = tx.ExecContext(t.Context(), "UPDATE thing SET n = 3")
	if !errors.Is(providers.SafeError(d, err), providers.ErrLocked) {
		t.Errorf("the error is %v", err)
	}
	execute(t, beside, "ROLLBACK")
}

// Locks do not outlive the connection's user, who gave it back to the pool.
func TestLocksEndWithTheirUser(t *testing.T) {
	d := open(t, mysqltest.New(t))
	locker, ok := d.(providers.Locker)
	if !ok {
		t.Fatal("no Locker")
	}
	first, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if taken, err := locker.TryLock(t.Context(), first, "a"); err != nil || !taken {
		t.Fatal(taken, err)
	}
	other := connect(t, d) // not the pooled one
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if taken, err := locker.TryLock(t.Context(), other, "a"); err != nil || !taken {
		t.Errorf("the lock is still held: %v, %v", taken, err)
	}
	if err := locker.Unlock(t.Context(), other, "b"); err == nil {
		t.Error("a lock was given back that was not held")
	}
}

// A server without time zones is told apart from a wrong statement.
func TestTimeZonesMissing(t *testing.T) {
	conn := connect(t, open(t, mysqltest.New(t)))
	if _, err := conn.ExecContext(t.Context(), "DO registrar_needs_time_zones(1, 'Europe/Paris')"); err == nil || !strings.Contains(err.Error(), "mariadb-tzinfo-to-sql") {
		t.Errorf("the error is %v", err)
	}
}

// A document that is larger than the server's max_allowed_packet is an error, and not NULL.
func TestDocumentTooLarge(t *testing.T) {
	database := mysqltest.New(t)
	d := open(t, database)
	conn := connect(t, d)
	dialect := d.Dialect()
	execute(t, plain(t, database), "CREATE TABLE doc (n int, v longtext)")
	object := dialect.Object([]sqlgen.Member{{Name: "a", Text: "x.v"}, {Name: "b", Text: "x.v"}, {Name: "c", Text: "x.v"}})
	_, err := conn.ExecContext(t.Context(), "INSERT INTO doc SELECT 1, "+object+" FROM (SELECT repeat('a', 6 * 1024 * 1024) AS v) AS x")
	if err == nil {
		t.Errorf("it became %s", query(t, conn, "SELECT coalesce(octet_length(v), 'NULL') FROM doc"))
	}
}

// Rows of any size are loaded, whatever the server takes at once.
func TestLoadLargeRows(t *testing.T) {
	database := mysqltest.New(t)
	makeStages(t, database)
	d := open(t, database)
	conn := connect(t, d)
	columns := []sqlgen.Column{{Name: "n", Type: value.Type{Kind: value.Int, SQL: "bigint"}}, {Name: "v", Type: value.Type{Kind: value.Text, SQL: "longtext"}}}
	dialect := d.Dialect()
	stage := dialect.StageTable("stage_large")
	if _, err := conn.ExecContext(t.Context(), dialect.CreateStage(stage, columns)); err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("é", 1<<20)
	n := 0
	loaded, err := d.Load(t.Context(), conn, stage, columns, func(row []value.Value) error {
		if n == 12 {
			return io.EOF
		}
		n++
		row[0], row[1] = value.OfInt(int64(n)), value.OfText(text)
		return nil
	})
	if err != nil || loaded != 12 {
		t.Fatal(loaded, err)
	}
	if got := query(t, conn, "SELECT count(*), sum(char_length(v)) FROM "+stage); got[0] != fmt.Sprint("12|", 12<<20) {
		t.Errorf("loaded %s", got)
	}
}

// Each role can do what it needs, and the applying one no more.
func TestGrants(t *testing.T) {
	database := mysqltest.New(t)
	beside := plain(t, database)
	execute(t, beside,
		"CREATE TABLE site (code varchar(9) PRIMARY KEY)", "CREATE TABLE room (code varchar(9) PRIMARY KEY, site varchar(9), FOREIGN KEY (site) REFERENCES site (code) ON UPDATE CASCADE)",
		"CREATE TABLE booking (n int PRIMARY KEY, room varchar(9), note text, FOREIGN KEY (room) REFERENCES room (code) ON DELETE CASCADE)", "CREATE SEQUENCE numbers")
	d := open(t, database)
	conn := connect(t, d)
	tx, err := d.Begin(t.Context(), conn, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := register.New(d.Dialect()).Init(t.Context(), tx, time.Unix(0, 0), false); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	suffix := database.Name[len(database.Name)-8:]
	planner, applier, approver := "planner_"+suffix, "applier_"+suffix, "approver_"+suffix
	for _, user := range []string{planner, applier, approver} {
		execute(t, beside, fmt.Sprintf("CREATE USER '%s'@'127.0.0.1' IDENTIFIED BY 'x'", user))
		defer execute(t, beside, fmt.Sprintf("DROP USER '%s'@'127.0.0.1'", user))
	}
	granter, ok := d.(providers.Granter)
	if !ok {
		t.Fatal("no Granter")
	}
	statements, err := granter.Grants(t.Context(), conn, providers.Roles{Plan: planner + "@127.0.0.1", Apply: applier + "@127.0.0.1", Approve: approver + "@127.0.0.1"},
		providers.Objects{Written: []string{"room"}, Read: []string{"site"}, Sequences: []string{"numbers"}})
	if err != nil {
		t.Fatal(err)
	}
	execute(t, beside, statements...)
	may := func(user string, want map[string]bool) (providers.Destination, *sql.Conn) {
		t.Helper()
		d := open(t, database.As(user, "x"))
		conn := connect(t, d)
		for statement, allowed := range want {
			_, err := conn.ExecContext(t.Context(), statement)
			if (err == nil) != allowed {
				t.Errorf("%s: %s: %v", user, statement, err)
			}
			// 1044, 1142 and 1143 are of a database, a table and a column.
			if server, ok := errors.AsType[*mysql.Error](d.(providers.ErrorScrubber).SafeError(err)); err != nil && (!ok || !slices.Contains([]uint16{1044, 1142, 1143}, server.Number)) {
				t.Errorf("%s: %s: %v, expected a refusal", user, statement, err)
			}
		}
		return d, conn
	}
	try := func(user string, want map[string]bool) {
		t.Helper()
		d, conn := may(user, want)
		found := table(t, d, conn, "room")
		if len(found.References) != 1 || !found.References[0].Acts || found.References[0].ActsOnUpdate {
			t.Errorf("%s sees the references %+v", user, found.References)
		}
		// Its rules are in the text of the table only, to one who has no right on the columns.
		if booking := table(t, d, conn, "room"); len(booking.ForeignKeys) != 1 || booking.ForeignKeys[0].Acts || !booking.ForeignKeys[0].ActsOnUpdate {
			t.Errorf("%s sees the foreign keys %+v", user, booking.ForeignKeys)
		}
		// Who may not see triggers must reckon with some.
		if !found.Triggers {
			t.Errorf("%s takes the table for one without triggers", user)
		}
	}
	stage := d.Dialect().StageTable("stage_x")
	const (
		approve = "INSERT INTO registrar_approval (id, digest, plan_id, approved_on, expires_on, approved_by) VALUES ('i', 'd', 'p', '2026-01-01', '2026-01-02', 'b')"
		forge   = "INSERT INTO registrar_approval (id, digest, plan_id, approved_on, expires_on, approved_by, database_user) VALUES ('j', 'd', 'p', '2026-01-01', '2026-01-02', 'b', 'root@localhost')"
		execute = "INSERT INTO registrar_execution (plan_id, executed_on, executed_by) VALUES ('p', '2026-01-01', 'b')"
	)
	nobody := map[string]bool{
		forge: false, "UPDATE registrar_approval SET database_user = 'x'": false, "UPDATE registrar_author SET database_user = 'x'": false, "INSERT INTO registrar_author (plan_id, database_user) VALUES ('p', 'x')": false,
		"UPDATE registrar_meta SET version = 1": false, "DROP TABLE registrar_approval": false, "TRUNCATE registrar_operation": false, "ALTER TABLE registrar_approval DROP COLUMN database_user": false,
		"UPDATE registrar_plan SET digest = 'x'": false, "UPDATE registrar_execution SET executed_by = 'x'": false, "DROP TABLE room": false, "TRUNCATE room": false,
		"CREATE TABLE registrar_stage_y (a int)": false, "CREATE TABLE y (a int)": false,
	}
	maps.Copy(nobody, map[string]bool{approve: false, execute: false})
	for _, table := range []string{"execution", "override", "run", "run_beat", "pause", "approval", "disclosure", "author", "plan", "operation", "finding", "meta"} {
		nobody["DELETE FROM registrar_"+table] = false
	}
	planning := maps.Clone(nobody)
	maps.Copy(planning, map[string]bool{
		"CREATE TABLE " + stage + " (a int)": true, "SELECT code FROM room": true, "SELECT count(*) FROM registrar_plan": true, "SELECT count(*) FROM registrar_approval": true,
		"SELECT note FROM booking": false, "INSERT INTO room VALUES ('a', NULL)": false, "UPDATE room SET site = NULL": false, "DELETE FROM room": false, "DELETE FROM site": false,
		"INSERT INTO registrar_author (plan_id) VALUES ('p')": true, "UPDATE registrar_operation SET result = NULL": false, "UPDATE registrar_operation SET after = NULL": false, "UPDATE registrar_finding SET message = NULL": false, "DO NEXT VALUE FOR numbers": false,
		"INSERT INTO registrar_disclosure (id, plan_id, shown_on, shown_by) VALUES ('i', 'p', '2026-01-01', 'b')": false,
	})
	try(planner, planning)
	approving := maps.Clone(nobody)
	maps.Copy(approving, map[string]bool{
		approve: true, "SELECT code FROM room": false, "INSERT INTO registrar_author (plan_id) VALUES ('q')": false, "CREATE TABLE " + d.Dialect().StageTable("y") + " (a int)": false,
		"INSERT INTO registrar_disclosure (id, plan_id, shown_on, shown_by) VALUES ('i', 'p', '2026-01-01', 'b')": true,
	})
	may(approver, approving)
	for _, table := range []string{"author", "approval", "disclosure"} {
		want := approver
		if table == "author" {
			want = planner
		}
		if got := query(t, conn, "SELECT database_user FROM registrar_"+table); len(got) != 1 || got[0] != want+"@127.0.0.1" {
			t.Errorf("%s: the server tells %v", table, got)
		}
	}
	try(applier, map[string]bool{
		approve: false, forge: false, execute: true, "DO NEXT VALUE FOR numbers": true,
		"CREATE TABLE registrar_stage_y (a int)": false, "CREATE TABLE " + d.Dialect().StageTable("y") + " (a int)": false, "DELETE FROM room": true, "DELETE FROM site": false, "SELECT code FROM site": true,
		"SELECT room FROM booking": true, "SELECT note FROM booking": false, "UPDATE registrar_operation SET result = NULL": true, "UPDATE registrar_operation SET after = NULL": true,
		"UPDATE registrar_operation SET sync = 'x'": false, "UPDATE registrar_finding SET `key` = NULL, message = NULL, detail = NULL": true, "UPDATE registrar_finding SET sync = 'x'": false,
		"DELETE FROM registrar_redaction": false, "UPDATE registrar_redaction SET operations = 0": false,
		"INSERT INTO registrar_redaction (id, redacted_on, redacted_by, reason, operations, findings) VALUES ('i', '2026-01-01', 'b', 'r', 1, 1)": true,
	})
}

// A user who may not make the database of the staging tables is told what an administrator does, and goes on when it is done.
func TestInitWithoutTheRightToMakeDatabases(t *testing.T) {
	database := mysqltest.New(t)
	beside := plain(t, database)
	user := "owner_" + database.Name[len(database.Name)-8:]
	execute(t, beside, fmt.Sprintf("CREATE USER '%s'@'127.0.0.1' IDENTIFIED BY 'x'", user), fmt.Sprintf("GRANT ALL ON `%s`.* TO '%s'@'127.0.0.1'", strings.ReplaceAll(database.Name, "_", `\_`), user))
	defer execute(t, beside, fmt.Sprintf("DROP USER '%s'@'127.0.0.1'", user))
	d := open(t, database.As(user, "x"))
	conn := connect(t, d)
	begin := func() error {
		tx, err := d.Begin(t.Context(), conn, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Commit() }()
		_, _, err = register.New(d.Dialect()).Init(t.Context(), tx, time.Unix(0, 0), false)
		return providers.SafeError(d, err)
	}
	statement := d.Dialect().(interface{ CreateStageSchema() string }).CreateStageSchema()
	if err := begin(); err == nil || !strings.Contains(err.Error(), "an administrator runs "+statement) {
		t.Fatalf("the error is %v", err)
	}
	execute(t, beside, statement, fmt.Sprintf("GRANT ALL ON `%s`.* TO '%s'@'127.0.0.1'", strings.ReplaceAll(database.Name+"_registrar_stage", "_", `\_`), user))
	if err := begin(); err != nil {
		t.Error(err)
	}
}

func TestSourceGrants(t *testing.T) {
	t.Parallel()
	got := mysql.New().SourceGrants(providers.Attributes{"database": "moodle"}, []string{"reads", "plans@10.0.0.%"}, []string{"room", "other.site", "`a.b`.`c`"})
	want := []string{
		"GRANT SELECT ON `moodle`.`room` TO `reads`", "GRANT SELECT ON `moodle`.`room` TO `plans`@`10.0.0.%`",
		"GRANT SELECT ON `other`.`site` TO `reads`", "GRANT SELECT ON `other`.`site` TO `plans`@`10.0.0.%`",
		"GRANT SELECT ON `a.b`.`c` TO `reads`", "GRANT SELECT ON `a.b`.`c` TO `plans`@`10.0.0.%`",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDestinationConnects(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	database := mysqltest.New(t)
	for name, change := range map[string]func(providers.Attributes){
		"error 1045": func(a providers.Attributes) { a["password"] = "not this one" },
		"not.there":  func(a providers.Attributes) { a["database"] = "not.there" },
	} {
		attributes := attributesOf(database)
		change(attributes)
		_, err := mysql.New().OpenDestination(t.Context(), attributes, "")
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "not this one") {
			t.Errorf("the error is %v", err)
		}
	}
}
