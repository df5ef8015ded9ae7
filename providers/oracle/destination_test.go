package oracle_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/oracletest"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/oracle"
)

// serveTables starts a server that can be a destination.
func serveTables(t testing.TB, config oracletest.Config, handle func(oracletest.Statement) oracletest.Result) *oracletest.Server {
	t.Helper()
	return serve(t, config, func(s oracletest.Statement) oracletest.Result {
		switch {
		case strings.Contains(s.SQL, "CURRENT_SCHEMA") && strings.Contains(s.SQL, "PRODUCT_COMPONENT_VERSION"):
			return table([]oracletest.Column{varchar("A"), varchar("B")}, []any{"SCOTT", "19.0.0.0.0"})
		case s.SQL == "COMMIT", s.SQL == "ROLLBACK", handle == nil:
			return oracletest.Result{}
		default:
			return handle(s)
		}
	})
}

func openDestination(t testing.TB, given providers.Attributes) providers.Destination {
	t.Helper()
	d, err := oracle.New().OpenDestination(t.Context(), given, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func connect(t testing.TB, d providers.Destination) *sql.Conn {
	t.Helper()
	conn, err := d.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// since are the statements that come after the sessions' own.
func since(server *oracletest.Server) []string {
	return slices.DeleteFunc(texts(server), func(text string) bool {
		return strings.HasPrefix(text, "ALTER SESSION") || strings.Contains(text, "NLS_CHARSET_ID") || strings.Contains(text, "PRODUCT_COMPONENT_VERSION")
	})
}

func TestADestinationNeedsVersion19(t *testing.T) {
	t.Parallel()
	server := serve(t, oracletest.Config{}, always([]oracletest.Column{varchar("A"), varchar("B")}, []any{"SCOTT", "18.0.0.0.0"}))
	_, err := oracle.New().OpenDestination(t.Context(), attributes(server), t.TempDir())
	wantError(t, err, "is Oracle 18.0.0.0.0", "a destination needs version 19 or newer")
	d := openDestination(t, attributes(serveTables(t, oracletest.Config{}, nil)))
	if got := d.Identity(); !strings.HasSuffix(got, "/XEPDB1/scott") {
		t.Errorf("identity %s", got)
	}
}

var loaded = []sqlgen.Column{
	{Name: "code", Type: value.Type{Kind: value.Text, SQL: "VARCHAR2(10 CHAR)"}},
	{Name: "amount", Type: value.Type{Kind: value.Decimal, SQL: "NUMBER"}},
	{Name: "day", Type: value.Type{Kind: value.DateTime, SQL: "DATE"}},
	{Name: "at", Type: value.Type{Kind: value.Instant, SQL: "TIMESTAMP(6) WITH TIME ZONE", Fraction: 6}},
	{Name: "image", Type: value.Type{Kind: value.Bytes, SQL: "RAW(16)"}},
}

func feed(rows ...[]value.Value) func([]value.Value) error {
	at := 0
	return func(row []value.Value) error {
		if at == len(rows) {
			return io.EOF
		}
		copy(row, rows[at])
		at++
		return nil
	}
}

func decimalOf(t testing.TB, text string) value.Value {
	t.Helper()
	v, err := value.ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// inserted answers array inserts as a server does.
func inserted(s oracletest.Statement) oracletest.Result {
	return oracletest.Result{Affected: int64(max(len(s.Rows), 1))}
}

func TestLoadBindsTextsInOneTransaction(t *testing.T) {
	t.Parallel()
	for _, charset := range []oracletest.Charset{oracletest.AL32UTF8, oracletest.WE8ISO8859P15} {
		server := serveTables(t, oracletest.Config{Charset: charset}, inserted)
		d := openDestination(t, attributes(server))
		digits := strings.Repeat("1234567890", 4)[:38]
		first := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
		rows := [][]value.Value{
			{value.OfText("é€"), decimalOf(t, digits), value.OfDateTime(first), value.OfInstant(time.Date(2026, 7, 1, 10, 0, 0, 250_000_000, time.UTC)), value.OfBytes([]byte{0, 255})},
			{{}, {}, {}, {}, {}},
			{value.OfText("it's "), decimalOf(t, "-0.50"), value.OfDateTime(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)), {}, {}},
		}
		for i := range 1500 {
			rows = append(rows, []value.Value{value.OfText(fmt.Sprint(i)), {}, {}, {}, {}})
		}
		n, err := d.Load(t.Context(), connect(t, d), d.Dialect().StageTable("s"), loaded, feed(rows...))
		if err != nil || n != int64(len(rows)) {
			t.Fatalf("%d rows, %v", n, err)
		}
		var got [][]any
		for _, s := range server.Statements() {
			if !strings.HasPrefix(s.SQL, "INSERT") {
				continue
			}
			if s.AutoCommit {
				t.Error("the driver asked for a commit")
			}
			got = append(got, s.Rows...)
		}
		if len(got) != len(rows) {
			t.Fatalf("%d rows arrived, of %d", len(got), len(rows))
		}
		want := [][]any{
			{"é€", digits, "0001-01-01 00:00:00", "2026-07-01 10:00:00.25Z", `\x00ff`},
			{nil, nil, nil, nil, nil},
			{"it's ", "-0.50", "9999-12-31 23:59:59", nil, nil},
		}
		for i := range want {
			if fmt.Sprintf("%q", got[i]) != fmt.Sprintf("%q", want[i]) {
				t.Errorf("row %d is %q, expected %q", i, got[i], want[i])
			}
		}
		if got[1502][0] != "1499" {
			t.Errorf("the last row is %q", got[1502])
		}
		statements := since(server)
		if len(statements) != 3 || statements[2] != "COMMIT" {
			t.Errorf("%d statements, the last being %.60s", len(statements), statements[len(statements)-1])
		}
		if want := `INSERT INTO "REGISTRAR_STAGE_S" ("CODE", "AMOUNT", "DAY", "AT", "IMAGE") VALUES (:1, TO_NUMBER(:2), TO_DATE(:3, 'YYYY-MM-DD HH24:MI:SS'), ` +
			`FROM_TZ(TO_TIMESTAMP(RTRIM(:4, 'Z'), 'YYYY-MM-DD HH24:MI:SS.FF9'), '+00:00'), HEXTORAW(SUBSTR(:5, 3)))`; !strings.HasPrefix(statements[0], want) {
			t.Errorf("statement %.400s", statements[0])
		}
	}
}

func TestALoadThatEndsEarlyLeavesNothing(t *testing.T) {
	t.Parallel()
	server := serveTables(t, oracletest.Config{}, inserted)
	d := openDestination(t, attributes(server))
	conn := connect(t, d)
	broken := errors.New("the source broke")
	n := 0
	_, err := d.Load(t.Context(), conn, `"S"`, loaded[:1], func(row []value.Value) error {
		if n++; n > 1200 {
			return broken
		}
		row[0] = value.OfText("a")
		return nil
	})
	if err != broken { //nolint:errorlint // the contract: as it is
		t.Errorf("error %v", err)
	}
	if got := since(server); got[len(got)-1] != "ROLLBACK" || slices.Contains(got, "COMMIT") {
		t.Errorf("the last statement is %s", got[len(got)-1])
	}
	if n, err := d.Load(t.Context(), conn, `"S"`, loaded[:1], feed([]value.Value{value.OfText("b")})); err != nil || n != 1 {
		t.Errorf("the connection does not serve again: %d, %v", n, err)
	}
}

func TestALoadOverALinkThatDropsIsRunOnce(t *testing.T) {
	t.Parallel()
	server := serveTables(t, oracletest.Config{}, func(s oracletest.Statement) oracletest.Result {
		return oracletest.Result{Affected: int64(len(s.Rows)), DropAtClose: strings.HasPrefix(s.SQL, "INSERT")}
	})
	d := openDestination(t, attributes(server))
	conn := connect(t, d)
	n, err := d.Load(t.Context(), conn, `"S"`, loaded[:1], feed([]value.Value{value.OfText("a")}))
	// The server has the rows, in a transaction that ends with the connection.
	wantError(t, err, "load the staging table", "lost")
	if n != 0 {
		t.Errorf("%d rows loaded", n)
	}
	inserts := 0
	for _, text := range since(server) {
		if strings.HasPrefix(text, "INSERT") {
			inserts++
		}
	}
	if inserts != 1 || slices.Contains(since(server), "COMMIT") {
		t.Errorf("%d inserts: %q", inserts, since(server))
	}
	_ = conn.Close()
	sessions := server.Sessions()
	if _, err := connect(t, d).ExecContext(t.Context(), "DELETE FROM t"); err != nil || server.Sessions() != sessions+1 {
		t.Errorf("the connection was used again: %v", err)
	}
}

func TestALoadThatTheServerCutsShortIsAnError(t *testing.T) {
	t.Parallel()
	server := serveTables(t, oracletest.Config{}, func(oracletest.Statement) oracletest.Result { return oracletest.Result{Affected: 1} })
	d := openDestination(t, attributes(server))
	_, err := d.Load(t.Context(), connect(t, d), `"S"`, loaded[:1], feed([]value.Value{value.OfText("a")}, []value.Value{value.OfText("b")}))
	wantError(t, err, "records 1 to 2", "1 rows of 2")
	if slices.Contains(since(server), "COMMIT") {
		t.Error("committed")
	}
}

func TestALoadRefusesWhatTheCharsetLacks(t *testing.T) {
	t.Parallel()
	server := serveTables(t, oracletest.Config{Charset: oracletest.WE8ISO8859P15}, inserted)
	d := openDestination(t, attributes(server))
	_, err := d.Load(t.Context(), connect(t, d), `"S"`, loaded[:1], feed([]value.Value{value.OfText("Łódź")}))
	wantError(t, err, "WE8ISO8859P15", "U+0141")
	for _, text := range since(server) {
		if strings.HasPrefix(text, "INSERT") {
			t.Error("it was sent")
		}
	}
}

func TestStatementsOutsideOfATransactionAreCommitted(t *testing.T) {
	t.Parallel()
	server := serveTables(t, oracletest.Config{}, func(s oracletest.Statement) oracletest.Result {
		if strings.HasPrefix(s.SQL, "UPDATE") {
			return oracletest.Result{Err: &oracletest.Error{Code: 1, Text: "unique constraint (SCOTT.PK) violated"}}
		}
		return oracletest.Result{Affected: 2}
	})
	d := openDestination(t, attributes(server))
	conn := connect(t, d)
	result, err := conn.ExecContext(t.Context(), "DELETE FROM t WHERE a = :1 OR b = ':9' OR c = :2 OR d = :1", "x", "y")
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := result.RowsAffected(); n != 2 {
		t.Errorf("%d rows affected", n)
	}
	_, err = conn.ExecContext(t.Context(), "UPDATE t SET a = 1")
	wantError(t, err, "ORA-00001")
	tx, err := d.Begin(t.Context(), conn, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := tx.ExecContext(t.Context(), "DELETE FROM t"); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "DELETE FROM u"); err != nil {
		t.Fatal(err)
	}
	same(t, since(server), []string{
		// A parameter that is repeated has a place of its own each time.
		"DELETE FROM t WHERE a = :1 OR b = ':9' OR c = :2 OR d = :3 <- [x y x]", "COMMIT", "UPDATE t SET a = 1", "ROLLBACK",
		"DELETE FROM t", "DELETE FROM t", "ROLLBACK", "DELETE FROM u", "COMMIT",
	})
	for _, s := range server.Statements() {
		if s.AutoCommit {
			t.Errorf("the driver asked for a commit: %s", s.SQL)
		}
	}
}

func drain(ctx context.Context, q providers.Querier, query string) error {
	rows, err := q.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		continue
	}
	return rows.Err()
}

func TestAConnectionThatSawAnUncleanErrorIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	server := serveTables(t, oracletest.Config{}, func(s oracletest.Statement) oracletest.Result {
		if strings.Contains(s.SQL, "breaks") {
			return oracletest.Result{Columns: []oracletest.Column{varchar("A")}, Next: oracletest.Rows([]any{"1"}, []any{"2"}), DropAfter: 1}
		}
		return table([]oracletest.Column{varchar("A")}, []any{"here"})
	})
	d := openDestination(t, attributes(server))
	conn := connect(t, d)
	wantError(t, drain(t.Context(), conn, "SELECT breaks FROM t"), "lost")
	var got string
	if err := conn.QueryRowContext(t.Context(), "SELECT a FROM t").Scan(&got); err == nil {
		t.Errorf("the same connection answers %q", got)
	}
	_ = conn.Close()
	if err := connect(t, d).QueryRowContext(t.Context(), "SELECT a FROM t").Scan(&got); err != nil || got != "here" {
		t.Errorf("another connection: %q, %v", got, err)
	}
}

func TestCancelledStatementsEnd(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	defer close(hold)
	ctx, cancel := context.WithCancel(t.Context())
	server := serveTables(t, oracletest.Config{}, func(s oracletest.Statement) oracletest.Result {
		if strings.HasPrefix(s.SQL, "DELETE") {
			cancel()
			return oracletest.Result{Hold: hold}
		}
		return oracletest.Result{}
	})
	d := openDestination(t, attributes(server))
	if _, err := connect(t, d).ExecContext(ctx, "DELETE FROM t"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestLockTableWaitsAsLongAsBeginSays(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{0: " NOWAIT", 1500 * time.Millisecond: " WAIT 2"} {
		code := 54
		if wait > 0 {
			code = 30006
		}
		server := serveTables(t, oracletest.Config{}, func(oracletest.Statement) oracletest.Result {
			return oracletest.Result{Err: &oracletest.Error{Code: code, Text: "resource busy"}}
		})
		d := openDestination(t, attributes(server))
		tx, err := d.Begin(t.Context(), connect(t, d), wait)
		if err != nil {
			t.Fatal(err)
		}
		locker, ok := d.Dialect().(sqlgen.TableLocker)
		if !ok {
			t.Fatal("no table can be locked")
		}
		if _, err := tx.ExecContext(t.Context(), locker.LockTable(`"ROOM"`)); !errors.Is(err, providers.ErrLocked) {
			t.Errorf("error %v", err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if got := since(server)[0]; got != `LOCK TABLE "ROOM" IN SHARE ROW EXCLUSIVE MODE`+want {
			t.Errorf("statement %s", got)
		}
	}
}

func TestLocksOfThePackage(t *testing.T) {
	t.Parallel()
	answer := 0
	server := serveTables(t, oracletest.Config{}, func(oracletest.Statement) oracletest.Result {
		if answer == 0 {
			return oracletest.Result{}
		}
		return oracletest.Result{Err: &oracletest.Error{Code: answer, Text: "registrar"}}
	})
	d := openDestination(t, attributes(server))
	locker, conn := d.(providers.Locker), connect(t, d)
	try := func(want bool) {
		t.Helper()
		if got, err := locker.TryLock(t.Context(), conn, "apply"); err != nil || got != want {
			t.Errorf("%v, %v", got, err)
		}
	}
	answer = 20_001
	try(false)
	answer = 0
	try(true)
	if err := locker.Unlock(t.Context(), conn, "apply"); err != nil {
		t.Error(err)
	}
	answer = 20_004
	wantError(t, locker.Unlock(t.Context(), conn, "apply"), "does not hold it")
	answer = 6550
	_, err := locker.TryLock(t.Context(), conn, "apply")
	wantError(t, err, "GRANT EXECUTE ON SYS.DBMS_LOCK", `lock = "row"`)
	answer = 0
	try(true)
	// Its session's end gives the lock back: the connection is not kept.
	sessions := server.Sessions()
	_ = conn.Close()
	connect(t, d)
	if server.Sessions() != sessions+1 {
		t.Error("a connection with a lock was used again")
	}
}

func TestLocksOfRows(t *testing.T) {
	t.Parallel()
	taken := false
	server := serveTables(t, oracletest.Config{}, func(s oracletest.Statement) oracletest.Result {
		switch {
		case !strings.Contains(s.SQL, "FOR UPDATE NOWAIT"):
			return oracletest.Result{}
		case taken:
			return oracletest.Result{Err: &oracletest.Error{Code: 54, Text: "resource busy and acquire with NOWAIT specified"}}
		default:
			return table([]oracletest.Column{varchar("NAME")}, []any{"apply"})
		}
	})
	d := openDestination(t, attributes(server, providers.Attributes{"lock": "row"}))
	locker, conn := d.(providers.Locker), connect(t, d)
	taken = true
	if got, err := locker.TryLock(t.Context(), conn, "apply"); err != nil || got {
		t.Errorf("%v, %v", got, err)
	}
	taken = false
	if got, err := locker.TryLock(t.Context(), conn, "apply"); err != nil || !got {
		t.Errorf("%v, %v", got, err)
	}
	of := map[int]bool{}
	for _, s := range server.Statements() {
		if strings.Contains(s.SQL, "FOR UPDATE") {
			of[s.Session] = true
		}
	}
	if len(of) == 0 || of[1] {
		t.Errorf("the row is locked in sessions %v", of)
	}
	if err := locker.Unlock(t.Context(), conn, "apply"); err != nil {
		t.Fatal(err)
	}
	got := since(server)
	same(t, got[len(got)-2:], []string{`DELETE FROM "REGISTRAR_LOCK" WHERE "NAME" = :1 <- [apply]`, "COMMIT"})
	wantError(t, locker.Unlock(t.Context(), conn, "apply"), "does not hold it")
	// A row that is locked goes back with the connection.
	if got, err := locker.TryLock(t.Context(), conn, "apply"); err != nil || !got {
		t.Errorf("%v, %v", got, err)
	}
	_ = conn.Close()
	if got := since(server); got[len(got)-1] != "ROLLBACK" {
		t.Errorf("the last statement is %s", got[len(got)-1])
	}
}

// catalogue answers for the table ROOM of SCOTT.
func catalogue(columns ...[]any) func(oracletest.Statement) oracletest.Result {
	number := func(name string) oracletest.Column { return oracletest.Column{Name: name, Type: oracletest.Num} }
	return func(s oracletest.Statement) oracletest.Result {
		switch {
		case strings.Contains(s.SQL, "ALL_SYNONYMS"):
			var rows [][]any
			switch fmt.Sprint(s.Binds()[:2]) {
			case "[SCOTT ROOM]":
				rows = [][]any{{"table", nil, nil}}
			case "[SCOTT SALLES]":
				rows = [][]any{{"synonym", "SCOTT", "ROOM"}}
			case "[SCOTT SEEN]":
				rows = [][]any{{"a view", nil, nil}}
			}
			return table([]oracletest.Column{varchar("KIND"), varchar("O"), varchar("N")}, rows...)
		case strings.Contains(s.SQL, "ALL_TAB_COLS"):
			return table([]oracletest.Column{
				varchar("NAME"), varchar("TYPE"), number("LENGTH"), number("CHARS"), varchar("USED"), number("PRECISION"), number("SCALE"),
				number("NOT_NULL"), number("HAS_DEFAULT"), number("GENERATED"), number("IDENTITY"), varchar("COLLATION"),
			}, columns...)
		case strings.Contains(s.SQL, "ALL_INDEXES"):
			return table([]oracletest.Column{varchar("K"), varchar("C")}, []any{"c.PK", "CODE"}, []any{"i.SCOTT.PK", "CODE"}, []any{"i.SCOTT.U", "CODE"}, []any{"i.SCOTT.U", "Étage"}, []any{"i.SCOTT.X", "HIDDEN"})
		case strings.Contains(s.SQL, "ALL_POLICIES"):
			return table([]oracletest.Column{number("T"), number("P")}, []any{1, 0})
		case strings.Contains(s.SQL, "p.OWNER = :1"):
			return table([]oracletest.Column{varchar("A"), varchar("B"), varchar("C"), varchar("D"), varchar("E"), varchar("F"), varchar("G"), number("H"), number("I")},
				[]any{"A.FK", "OTHER", "BOOKING", "SCOTT", "ROOM", "ROOM_CODE", "CODE", 1, 1})
		case strings.Contains(s.SQL, "ALL_CONSTRAINTS f"):
			return table([]oracletest.Column{varchar("A")})
		case strings.Contains(s.SQL, "ALL_SEQUENCES"):
			n := 0
			if fmt.Sprint(s.Binds()) == "[SCOTT ROOM_SEQ]" {
				n = 1
			}
			return table([]oracletest.Column{number("N")}, []any{n})
		default:
			return oracletest.Result{}
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	server := serveTables(t, oracletest.Config{}, catalogue(
		[]any{"CODE", "VARCHAR2", 40, 10, "C", nil, nil, 1, 0, 0, 0, "USING_NLS_COMP"},
		[]any{"Étage", "NUMBER", 22, 0, nil, 10, 2, 0, 1, 0, 0, nil},
		[]any{"SHAPE", "SDO_GEOMETRY", 1, 0, nil, nil, nil, 0, 0, 0, 0, nil},
		[]any{"UP", "VARCHAR2", 40, 40, "B", nil, nil, 0, 0, 1, 0, "BINARY_CI"},
	))
	d := openDestination(t, attributes(server))
	conn := connect(t, d)
	for _, name := range []string{"room", "ROOM", "scott.room", "salles"} {
		found, err := d.Table(t.Context(), conn, name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		for _, c := range found.Columns {
			got = append(got, fmt.Sprintf("%s %s notnull=%v default=%v generated=%v %s", c.Name, c.Type.SQL, c.NotNull, c.HasDefault, c.Generated, c.Collation))
		}
		same(t, got, []string{
			"code VARCHAR2(10 CHAR) notnull=true default=false generated=false ", "Étage NUMBER(10,2) notnull=false default=true generated=false ",
			"up VARCHAR2(40 BYTE) notnull=false default=false generated=true BINARY_CI",
		})
		if found.Name != `"SCOTT"."ROOM"` || !found.Triggers || found.RowSecurity || fmt.Sprint(found.Unique) != "[[code] [code Étage]]" || fmt.Sprint(found.Cascades) != "[other.booking]" {
			t.Errorf("table %+v", found)
		}
		if key := found.References[0]; key.Table != `"OTHER"."BOOKING"` || fmt.Sprint(key.Columns, key.ParentColumns) != "[room_code] [code]" || !key.Acts || !key.Deferred {
			t.Errorf("key %+v", key)
		}
	}
	_, err := d.Table(t.Context(), conn, "seen")
	wantError(t, err, "seen is a view")
	if _, err := d.Table(t.Context(), conn, "nothing"); !errors.Is(err, providers.ErrNoTable) {
		t.Errorf("error %v", err)
	}
	sequencer := d.(providers.Sequencer)
	if next, err := sequencer.NextValue(t.Context(), conn, "room_seq"); err != nil || next != `"SCOTT"."ROOM_SEQ".NEXTVAL` {
		t.Errorf("%s, %v", next, err)
	}
	if _, err := sequencer.NextValue(t.Context(), conn, "none"); !errors.Is(err, providers.ErrNoSequence) {
		t.Errorf("error %v", err)
	}
	grants, err := d.(providers.Granter).Grants(t.Context(), conn, providers.Roles{Plan: "planner", Apply: "scott", Approve: "approver"}, providers.Objects{Written: []string{"room"}, Sequences: []string{"room_seq"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`GRANT SELECT ON "SCOTT"."ROOM" TO "PLANNER"`, `GRANT SELECT ON "OTHER"."BOOKING" TO "PLANNER"`,
		`GRANT INSERT ("ID", "DIGEST", "PLAN_ID", "APPROVED_ON", "EXPIRES_ON", "APPROVED_BY", "COMMENT", "KEY", "SIGNATURE") ON "SCOTT"."REGISTRAR_APPROVAL" TO "APPROVER"`,
		`GRANT INSERT ("PLAN_ID") ON "SCOTT"."REGISTRAR_AUTHOR" TO "PLANNER"`, `GRANT SELECT ON "SCOTT"."ROOM_SEQ" TO "PLANNER"`,
		`GRANT SELECT, INSERT ON "SCOTT"."REGISTRAR_PLAN" TO "PLANNER"`, `CREATE OR REPLACE SYNONYM "PLANNER"."REGISTRAR_META" FOR "SCOTT"."REGISTRAR_META"`,
	} {
		if !slices.Contains(grants, want) {
			t.Errorf("%s is missing from\n%s", want, strings.Join(grants, "\n"))
		}
	}
	for _, statement := range grants {
		if strings.HasPrefix(statement, "GRANT INSERT ON") && strings.Contains(statement, "APPROVER") || strings.Contains(statement, `APPROVAL" TO "PLANNER"`) && !strings.HasPrefix(statement, "GRANT SELECT ON") {
			t.Errorf("too much: %s", statement)
		}
		if strings.Contains(statement, `TO "SCOTT"`) || strings.Contains(statement, "DELETE") {
			t.Errorf("too much: %s", statement)
		}
	}
}

func TestSourceGrants(t *testing.T) {
	t.Parallel()
	got := oracle.New().SourceGrants(providers.Attributes{"user": "apogee"}, []string{"reads", "apogee"}, []string{"room", "other.site"})
	want := []string{`GRANT SELECT ON "APOGEE"."ROOM" TO "READS"`, `GRANT SELECT ON "OTHER"."SITE" TO "READS", "APOGEE"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAColumnInLowerCaseIsRefused(t *testing.T) {
	t.Parallel()
	d := openDestination(t, attributes(serveTables(t, oracletest.Config{}, catalogue([]any{"code", "VARCHAR2", 40, 10, "C", nil, nil, 1, 0, 0, 0, nil}))))
	_, err := d.Table(t.Context(), connect(t, d), "room")
	wantError(t, err, `its column "code" is stored in lower case`, "CODE")
}

func TestADestinationIsExamined(t *testing.T) {
	t.Parallel()
	server := serveTables(t, oracletest.Config{}, func(s oracletest.Statement) oracletest.Result {
		switch {
		case strings.Contains(s.SQL, "DBMS_LOCK"):
			return oracletest.Result{Err: &oracletest.Error{Code: 6550, Text: "line 1, column 30"}}
		case strings.Contains(s.SQL, "DBTIMEZONE"):
			return table([]oracletest.Column{varchar("A"), varchar("B")}, []any{"+00:00", "+00:00"})
		default:
			return table([]oracletest.Column{varchar("A")}, []any{"19.0.0.0.0"})
		}
	})
	d := openDestination(t, attributes(server))
	findings, err := d.(providers.Examiner).Examine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := findings[len(findings)-1]
	if last.Subject != "lock" || last.State != providers.FindingProblem || !strings.Contains(last.Remedy, "GRANT EXECUTE ON SYS.DBMS_LOCK TO SCOTT") {
		t.Errorf("finding %+v", last)
	}
}
