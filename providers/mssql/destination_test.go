package mssql_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mssql"
)

// target is what the double plays for a destination.
type target struct {
	version  string // 13.0.6300.2 unless set
	level    int    // 130 unless set
	readOnly bool
	snapshot bool // the isolation level is allowed
	// columns are those of the staging table.
	columns []mssqltest.Column
	// answer is for what is not answered here; it may return nil.
	answer func(*mssqltest.Request) *mssqltest.Response
}

func result(types, rows []any) *mssqltest.Response {
	columns := make([]mssqltest.Column, len(types))
	for i, t := range types {
		columns[i] = mssqltest.Column{Name: fmt.Sprint("c", i), Type: t.(string)}
	}
	return &mssqltest.Response{Columns: columns, Rows: mssqltest.Rows(rows)}
}

func (d *target) handle(r *mssqltest.Request) *mssqltest.Response {
	if d.answer != nil {
		if answer := d.answer(r); answer != nil {
			return answer
		}
	}
	switch {
	case r.Bulk != nil:
		return &mssqltest.Response{Affected: int64(len(r.Bulk.Rows))}
	case strings.Contains(r.SQL, "compatibility_level"):
		version, level := d.version, d.level
		if version == "" {
			version = "13.0.6300.2"
		}
		if level == 0 {
			level = 130
		}
		return result([]any{"nvarchar(128)", "int", "bit"}, []any{version, level, d.readOnly})
	case strings.Contains(r.SQL, "snapshot_isolation_state"):
		return result([]any{"bit"}, []any{d.snapshot})
	case strings.HasPrefix(r.SQL, "select * from"):
		return &mssqltest.Response{Columns: d.columns}
	default:
		return nil
	}
}

func serveTarget(t testing.TB, d *target) (*mssqltest.Server, providers.Attributes) {
	t.Helper()
	server := mssqltest.New(t, mssqltest.Config{Handler: d.handle})
	return server, providers.Attributes{
		"host": server.Host(), "port": int64(server.Port()), "database": server.Config().Database,
		"user": server.Config().User, "password": server.Config().Password, "trust_certificate": true,
	}
}

func openTarget(t testing.TB, d *target) (*mssqltest.Server, providers.Destination) {
	t.Helper()
	server, attributes := serveTarget(t, d)
	destination, err := mssql.New().OpenDestination(t.Context(), attributes, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := destination.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, destination
}

func TestDestinationChecksTheServer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		target target
		want   string
	}{
		{target{version: "12.0.6024.0"}, "is of version 12.0.6024.0: a destination needs SQL Server 2016 (13.0) or newer"},
		{target{level: 120}, "compatibility level 120: a destination needs 130 or higher"},
		{target{readOnly: true}, "is read-only"},
	} {
		_, attributes := serveTarget(t, &test.target)
		if _, err := mssql.New().OpenDestination(t.Context(), attributes, t.TempDir()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, expected %s", err, test.want)
		}
	}
	_, attributes := serveTarget(t, &target{})
	attributes["password"] = "a wrong one"
	if _, err := mssql.New().OpenDestination(t.Context(), attributes, t.TempDir()); err == nil || strings.Contains(err.Error(), "a wrong one") || !strings.Contains(err.Error(), "password") {
		t.Errorf("a wrong password: %v", err)
	}
}

func TestDestinationConnections(t *testing.T) {
	t.Parallel()
	server, destination := openTarget(t, &target{})
	if got := destination.Identity(); !strings.HasPrefix(got, "sqlserver://127.0.0.1:") || !strings.HasSuffix(got, "/timetable") {
		t.Errorf("identity %s", got)
	}
	conn, err := destination.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := destination.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	// A session is never used again: what it holds ends with it.
	logins := server.Logins()
	if len(logins) != 3 {
		t.Errorf("%d logins, expected one for the check and one for each connection", len(logins))
	}
	settings := 0
	for _, r := range server.Requests() {
		if strings.HasPrefix(r.SQL, "SET LANGUAGE") {
			settings++
			for _, want := range []string{"XACT_ABORT ON", "QUOTED_IDENTIFIER ON", "CONCAT_NULL_YIELDS_NULL ON", "LOCK_TIMEOUT 60000"} {
				if !strings.Contains(r.SQL, want) {
					t.Errorf("the session lacks %s", want)
				}
			}
		}
	}
	if settings != len(logins) {
		t.Errorf("%d sessions of %d are set up", settings, len(logins))
	}
}

func TestBegin(t *testing.T) {
	t.Parallel()
	const serializable, snapshot = 4, 5
	for _, test := range []struct {
		allowed, defining bool
		want              byte
	}{{false, false, serializable}, {true, false, snapshot}, {true, true, serializable}} {
		server, destination := openTarget(t, &target{snapshot: test.allowed})
		conn, err := destination.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		begin := destination.Begin
		if test.defining { // an index cannot be made in a snapshot
			begin = destination.(providers.Definer).BeginDefining
		}
		tx, err := begin(t.Context(), conn, 1500*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		var began, waits bool
		for _, r := range server.Requests() {
			if r.Kind == mssqltest.Begin {
				began = true
				if r.Isolation != test.want {
					t.Errorf("isolation level %d, expected %d", r.Isolation, test.want)
				}
			}
			waits = waits || r.SQL == "SET LOCK_TIMEOUT 1500" && r.Transaction != 0
		}
		if !began || !waits {
			t.Errorf("began %v, waits %v", began, waits)
		}
	}
}

func TestWaitForALockEnds(t *testing.T) {
	t.Parallel()
	_, destination := openTarget(t, &target{answer: func(r *mssqltest.Request) *mssqltest.Response {
		if strings.Contains(r.SQL, "TABLOCKX") {
			return mssqltest.Fails(1222, "Lock request time out period exceeded.")
		}
		return nil
	}})
	conn, err := destination.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	tx, err := destination.Begin(t.Context(), conn, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	locker := destination.Dialect().(sqlgen.TableLocker)
	_, err = tx.ExecContext(t.Context(), locker.LockTable("[dbo].[room]"))
	if err := providers.SafeError(destination, err); !errors.Is(err, providers.ErrLocked) {
		t.Errorf("%v", err)
	}
}

// The driver counts what triggers write as well: the server is asked instead.
func TestWrittenRowsAreTheStatementsOwn(t *testing.T) {
	t.Parallel()
	server, destination := openTarget(t, &target{answer: func(r *mssqltest.Request) *mssqltest.Response {
		if strings.Contains(r.SQL, "[room]") {
			return &mssqltest.Response{Affected: 2}
		}
		return nil
	}})
	conn, err := destination.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range []string{"INSERT INTO [room] (a) VALUES (@p1)", "UPDATE t SET a = @p1 FROM [room] t", "DELETE t FROM [room] t WHERE t.a = @p1"} {
		if _, err := conn.ExecContext(t.Context(), statement, "x"); err != nil {
			t.Fatal(err)
		}
		requests := server.Requests()
		last := requests[len(requests)-1]
		if last.SQL != statement+"\n;SET @registrar_rows = ROWCOUNT_BIG()" {
			t.Errorf("sent %q", last.SQL)
		}
		if len(last.Params) != 2 || last.Params[0].Name != "@p1" || last.Params[1].Name != "@registrar_rows" || last.Params[1].Type != "bigint" {
			t.Errorf("with %+v", last.Params)
		}
	}
	if _, err := conn.ExecContext(t.Context(), "CREATE VIEW v AS SELECT 1 AS a FROM [room]"); err != nil {
		t.Fatal(err)
	}
	requests := server.Requests()
	if last := requests[len(requests)-1].SQL; !strings.HasSuffix(last, "[room]") {
		t.Errorf("something follows what must stand alone: %q", last)
	}
}

// A statement has no more than 2,100 parameters: those of equal texts are one.
func TestManyParameters(t *testing.T) {
	t.Parallel()
	server, destination := openTarget(t, &target{})
	conn, err := destination.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var list []string
	var args []any
	for i := range 3000 {
		list, args = append(list, fmt.Sprintf("@p%d", i+1)), append(args, fmt.Sprint("v", i%1000))
	}
	quoted := "'@p1' + '@p2''@p3' + [@p4]]@p5] + [@p6]]] + "
	if _, err := conn.ExecContext(t.Context(), "DELETE t FROM t WHERE x = "+quoted+strings.Join(list, " + "), args...); err != nil {
		t.Fatal(err)
	}
	requests := server.Requests()
	last := requests[len(requests)-1]
	if len(last.Params) != 1001 || last.Params[999].Value != "v999" || last.Params[1000].Name != "@registrar_rows" {
		t.Errorf("%d parameters", len(last.Params))
	}
	if !strings.HasPrefix(last.SQL, "DELETE t FROM t WHERE x = "+quoted+"@p1 + @p2 + @p3") || !strings.HasSuffix(last.SQL, "@p1000\n;SET @registrar_rows = ROWCOUNT_BIG()") || strings.Contains(last.SQL, "@p1001") {
		t.Errorf("sent %.200s … %s", last.SQL, last.SQL[len(last.SQL)-100:])
	}
	for i := range args {
		args[i] = fmt.Sprint("v", i)
	}
	if _, err := conn.ExecContext(t.Context(), "DELETE t FROM t WHERE x = "+strings.Join(list, " + "), args...); err == nil || !strings.Contains(err.Error(), "3001 values") {
		t.Errorf("%v", err)
	}
	rows, err := conn.QueryContext(t.Context(), "SELECT "+strings.Join(list, " + "), args...)
	if err == nil {
		defer rows.Close()
		_ = rows.Err()
	}
	if err == nil || !strings.Contains(err.Error(), "3000 values") {
		t.Errorf("%v", err)
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	var outcome atomic.Int64
	server, destination := openTarget(t, &target{answer: func(r *mssqltest.Request) *mssqltest.Response {
		if strings.Contains(r.SQL, "applock") {
			return result([]any{"int"}, []any{outcome.Load()})
		}
		return nil
	}})
	conn, err := destination.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	locker := destination.(providers.Locker)
	for _, test := range []struct {
		outcome int64
		got     bool
		fails   bool
	}{{0, true, false}, {1, true, false}, {-1, false, false}, {-3, false, false}, {-2, false, true}, {-999, false, true}} {
		outcome.Store(test.outcome)
		got, err := locker.TryLock(t.Context(), conn, "apply")
		if got != test.got || (err != nil) != test.fails {
			t.Errorf("outcome %d: %v, %v", test.outcome, got, err)
		}
	}
	requests := server.Requests()
	last := requests[len(requests)-1]
	if !strings.Contains(last.SQL, "@LockTimeout = 100") || !strings.Contains(last.SQL, "N'Session'") || len(last.Params) != 1 || last.Params[0].Value != "registrar:apply" {
		t.Errorf("sent %q with %+v", last.SQL, last.Params)
	}
	outcome.Store(0)
	if err := locker.Unlock(t.Context(), conn, "apply"); err != nil {
		t.Error(err)
	}
	outcome.Store(-999)
	if err := locker.Unlock(t.Context(), conn, "apply"); err == nil {
		t.Error("a lock that is not held is given back")
	}
}

func TestCancelledStatement(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{})
	_, destination := openTarget(t, &target{answer: func(r *mssqltest.Request) *mssqltest.Response {
		if strings.Contains(r.SQL, "[slow]") {
			close(reached)
			return &mssqltest.Response{Wait: make(chan struct{})}
		}
		return nil
	}})
	conn, err := destination.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-reached
		cancel()
	}()
	if _, err := conn.ExecContext(ctx, "UPDATE t SET a = 1 FROM [slow] t"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	// Its transaction, if any, is undone by the server, and nothing else runs in what is left of it.
	if _, err := conn.ExecContext(t.Context(), "UPDATE t SET a = 1 FROM [room] t"); err == nil {
		t.Error("the connection still serves")
	}
}

// staged are a column of each type, what is loaded, and what the server gets: of which type, and what.
func staged() (columns []sqlgen.Column, wire []mssqltest.Column, values []value.Value, want []any) {
	digits := "12345678901234567890123456789012345678"
	text := value.OfText
	for i, c := range []struct {
		kind       value.Kind
		sql        string
		size       int
		fraction   int
		stage      string
		value, get any
	}{
		{value.Bool, "bit", 0, 0, "bit", value.OfBool(true), true},
		{value.Int, "tinyint", 8, 0, "tinyint", value.OfInt(255), int64(255)},
		{value.Int, "bigint", 64, 0, "bigint", value.OfInt(-9223372036854775808), int64(-9223372036854775808)},
		{value.Decimal, "decimal(38,2)", 0, 0, "decimal(38,2)", "-" + digits[:36] + ".99", "-" + digits[:36] + ".99"},
		{value.Decimal, "decimal(10,2)", 0, 0, "decimal(10,2)", "12.50", "12.50"},
		{value.Decimal, "money", 0, 0, "money", "-922337203685477.5808", "-922337203685477.5808"},
		{value.Float, "float", 64, 0, "float", value.OfFloat(0.1), 0.1},
		{value.Text, "varchar(10)", 10, 0, "nvarchar(10)", text("é"), "é"},
		{value.Text, "nvarchar(10)", 10, 0, "nvarchar(10)", text("🙂"), "🙂"},
		{value.Text, "nvarchar(max)", 0, 0, "nvarchar(max)", text(strings.Repeat("long ", 5000)), strings.Repeat("long ", 5000)},
		{value.Text, "char(5)", 5, 0, "nvarchar(5)", text(""), ""},
		{value.Bytes, "varbinary(4)", 4, 0, "varbinary(4)", value.OfBytes([]byte{0, 255}), []byte{0, 255}},
		{value.Date, "date", 0, 0, "date", "0001-01-01", "0001-01-01"},
		{value.Date, "date", 0, 0, "date", "9999-12-31", "9999-12-31"},
		{value.Time, "time(7)", 0, 7, "time(7)", "23:59:59.9999999", "23:59:59.9999999"},
		{value.DateTime, "datetime2(7)", 0, 7, "datetime2(7)", "2026-03-29 02:30:00.9999999", "2026-03-29 02:30:00.9999999"},
		{value.DateTime, "datetime", 0, 3, "datetime", "2026-03-29 02:30:00.997", "2026-03-29 02:30:00.997"},
		{value.DateTime, "smalldatetime", 0, 0, "smalldatetime", "2026-03-29 02:30:30", "2026-03-29 02:31:00"},
		{value.Instant, "datetimeoffset(6)", 0, 6, "datetimeoffset(6)", "2026-03-29 01:30:00.5Z", "2026-03-29 01:30:00.5 +00:00"},
		{value.UUID, "uniqueidentifier", 0, 0, "uniqueidentifier", text("01234567-89ab-cdef-0123-456789abcdef"), "01234567-89ab-cdef-0123-456789abcdef"},
	} {
		column := sqlgen.Column{Name: fmt.Sprintf("c%d", i), Type: value.Type{Kind: c.kind, SQL: c.sql, Size: c.size, Fraction: c.fraction}}
		v, ok := c.value.(value.Value)
		if !ok {
			var err error
			if c.kind == value.Decimal {
				v, err = value.ParseDecimal(c.value.(string))
			} else {
				v, err = column.Type.Fit(text(c.value.(string)), nil)
			}
			if err != nil {
				panic(err)
			}
		}
		columns = append(columns, column)
		wire = append(wire, mssqltest.Column{Name: column.Name, Type: c.stage})
		values, want = append(values, v), append(want, c.get)
	}
	return columns, wire, values, want
}

func loading(t *testing.T, wire []mssqltest.Column) (*mssqltest.Server, providers.Destination, func(columns []sqlgen.Column, next func([]value.Value) error) (int64, error)) {
	t.Helper()
	server, destination := openTarget(t, &target{columns: wire})
	conn, err := destination.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return server, destination, func(columns []sqlgen.Column, next func([]value.Value) error) (int64, error) {
		return destination.Load(t.Context(), conn, destination.Dialect().StageTable("s]1"), columns, next)
	}
}

func TestLoadOfEveryType(t *testing.T) {
	t.Parallel()
	columns, wire, values, want := staged()
	server, destination, load := loading(t, wire)
	// What the double shows for the table must be what it is created as.
	created := destination.Dialect().CreateStage("s", columns)
	for i, c := range wire {
		if !strings.Contains(created, "["+c.Name+"] "+c.Type) {
			t.Errorf("%s is staged otherwise: %s", columns[i].Type.SQL, created)
		}
	}
	n := 0
	loaded, err := load(columns, func(row []value.Value) error {
		n++
		switch n {
		case 1:
			copy(row, values)
		case 2:
			clear(row)
		default:
			return io.EOF
		}
		return nil
	})
	if err != nil || loaded != 2 {
		t.Fatalf("%d rows, %v", loaded, err)
	}
	var bulk *mssqltest.Bulk
	var committed bool
	for _, r := range server.Requests() {
		if r.Bulk != nil {
			bulk = r.Bulk
		}
		committed = committed || r.Kind == mssqltest.Commit
		if strings.HasPrefix(r.SQL, "INSERT BULK") && (!strings.HasPrefix(r.SQL, "INSERT BULK [registrar_staging].[s]]1] ") || r.Transaction == 0) {
			t.Errorf("announced by %.80q in transaction %d", r.SQL, r.Transaction)
		}
	}
	if bulk == nil || len(bulk.Rows) != 2 || !committed {
		t.Fatalf("loaded %+v, committed %v", bulk, committed)
	}
	for i := range columns {
		shown := func(v any) string {
			at, ok := v.(time.Time)
			if !ok {
				return strings.ToLower(fmt.Sprint(v))
			}
			layout := map[value.Kind]string{value.Date: "2006-01-02", value.Time: "15:04:05.9999999", value.Instant: "2006-01-02 15:04:05.9999999 -07:00"}[columns[i].Type.Kind]
			switch {
			case columns[i].Type.SQL == "datetime": // which counts in three hundredths
				return at.Round(time.Millisecond).Format("2006-01-02 15:04:05.000")
			case layout == "":
				layout = "2006-01-02 15:04:05.9999999"
			}
			return at.Format(layout)
		}
		if got := shown(bulk.Rows[0][i]); got != shown(want[i]) {
			t.Errorf("%s: %.60q became %.60q", columns[i].Type.SQL, shown(want[i]), got)
		}
		if bulk.Rows[1][i] != nil {
			t.Errorf("%s: NULL became %v", columns[i].Type.SQL, bulk.Rows[1][i])
		}
	}
}

func TestLoadThatBreaksOff(t *testing.T) {
	t.Parallel()
	errSource := errors.New("the source broke")
	columns := []sqlgen.Column{{Name: "code", Type: value.Type{Kind: value.Text, SQL: "nvarchar(max)"}}}
	for _, at := range []int{0, 1, 5000} {
		server, _, load := loading(t, []mssqltest.Column{{Name: "code", Type: "nvarchar(max)"}})
		n := 0
		_, err := load(columns, func(row []value.Value) error {
			if n == at {
				return errSource
			}
			n++
			row[0] = value.OfText("a row")
			return nil
		})
		if err != errSource { //nolint:errorlint // the contract: as it is
			t.Errorf("at %d: %v", at, err)
		}
		undone := false
		for _, r := range server.Requests() {
			if r.Kind == mssqltest.Commit {
				t.Errorf("at %d: committed", at)
			}
			undone = undone || r.Kind == mssqltest.Rollback
		}
		if !undone {
			t.Errorf("at %d: not undone", at)
		}
		// The connection still serves.
		rows := 0
		loaded, err := load(columns, func(row []value.Value) error {
			if rows++; rows == 4 {
				return io.EOF
			}
			row[0] = value.OfText("another")
			return nil
		})
		if err != nil || loaded != 3 {
			t.Errorf("at %d: loaded %d again: %v", at, loaded, err)
		}
	}
}

func TestCancelledLoad(t *testing.T) {
	t.Parallel()
	server, destination := openTarget(t, &target{columns: []mssqltest.Column{{Name: "code", Type: "nvarchar(max)"}}})
	conn, err := destination.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	_, err = destination.Load(ctx, conn, "s", []sqlgen.Column{{Name: "code", Type: value.Type{Kind: value.Text}}}, func(row []value.Value) error {
		if n++; n == 5000 {
			cancel()
		}
		if n > 1_000_000 {
			return errors.New("a cancelled load goes on")
		}
		row[0] = value.OfText("a row")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	for _, r := range server.Requests() {
		if r.Bulk != nil || r.Kind == mssqltest.Commit {
			t.Errorf("the server was told that the rows had an end: %+v", r)
		}
	}
	if _, err := conn.ExecContext(t.Context(), "SELECT 1"); err == nil {
		t.Error("the connection still serves, amid the rows")
	}
}

func TestLoadOfNothing(t *testing.T) {
	t.Parallel()
	_, _, load := loading(t, nil)
	if n, err := load(nil, func([]value.Value) error { return io.EOF }); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// What the server says of a row must not repeat it.
func TestLoadErrorsQuoteNoRow(t *testing.T) {
	t.Parallel()
	_, destination := openTarget(t, &target{columns: []mssqltest.Column{{Name: "code", Type: "nvarchar(10)"}}, answer: func(r *mssqltest.Request) *mssqltest.Response {
		if r.Bulk != nil {
			return mssqltest.Fails(2628, "String or binary data would be truncated in table 's', column 'code'. Truncated value: 'Mustermann'.")
		}
		return nil
	}})
	conn, err := destination.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	n := 0
	_, err = destination.Load(t.Context(), conn, destination.Dialect().StageTable("s"), []sqlgen.Column{{Name: "code", Type: value.Type{Kind: value.Text}}}, func(row []value.Value) error {
		if n++; n == 2 {
			return io.EOF
		}
		row[0] = value.OfText("Mustermann")
		return nil
	})
	if err == nil || strings.Contains(err.Error(), "Mustermann") || !strings.Contains(err.Error(), "too long") {
		t.Errorf("%v", err)
	}
}

// room answers the catalogue's questions about one table.
func room(r *mssqltest.Request) *mssqltest.Response {
	texts := func(n int) []any {
		types := make([]any, n)
		for i := range types {
			types[i] = "nvarchar(128)"
		}
		return types
	}
	rows := func(types []any, rows ...[]any) *mssqltest.Response {
		response := result(types, nil)
		response.Rows = mssqltest.Rows(rows...)
		return response
	}
	switch {
	case strings.Contains(r.SQL, "FROM sys.objects"):
		return rows([]any{"int", "char(2)", "nvarchar(128)", "nvarchar(128)"}, []any{7, "U ", "dbo", "room"}, []any{8, "V ", "dbo", "seen"}, []any{9, "SN", "dbo", "alias"})
	case strings.Contains(r.SQL, "sys.triggers"):
		return rows([]any{"int", "int", "int", "int", "int"}, []any{1, 1, 0, 0, 1})
	case strings.Contains(r.SQL, "FROM sys.columns"):
		types := append([]any{"nvarchar(128)", "nvarchar(128)", "int", "int", "int", "nvarchar(128)"}, "int", "int", "int", "int", "int", "int", "int")
		return rows(types,
			[]any{"id", "int", 4, 10, 0, "", 0, 0, 1, 1, 1, 0, 0},
			[]any{"code", "varchar", 10, 0, 0, "French_CI_AS", 1252, 0, 0, 0, 0, 0, 0},
			[]any{"stamp", "timestamp", 8, 0, 0, "", 0, 0, 0, 0, 0, 0, 0})
	case strings.Contains(r.SQL, "FROM sys.indexes"):
		return rows([]any{"int", "nvarchar(128)", "int"}, []any{1, "id", 0}, []any{2, "code", 1}, []any{3, "code", 0}, []any{3, "id", 0})
	case strings.Contains(r.SQL, "FROM sys.foreign_keys"):
		types := append(append([]any{"int"}, texts(6)...), "int", "int")
		return rows(types,
			[]any{1, "dbo", "lesson", "room_id", "dbo", "room", "id", 1, 0},
			[]any{2, "dbo", "room", "up_a", "dbo", "room", "code", 0, 1}, []any{2, "dbo", "room", "up_b", "dbo", "room", "id", 0, 1})
	case strings.Contains(r.SQL, "sql_expression_dependencies"):
		return rows(texts(2), []any{"dbo", "numbers"})
	case strings.Contains(r.SQL, "FROM sys.sequences"):
		return rows(texts(2), []any{"dbo", "numbers"})
	default:
		return nil
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	_, destination := openTarget(t, &target{answer: room})
	conn, err := destination.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	table, err := destination.Table(t.Context(), conn, "ROOM")
	if err != nil {
		t.Fatal(err)
	}
	if table.Name != "[dbo].[room]" || !table.Triggers || !table.RowSecurity {
		t.Errorf("%+v", table)
	}
	// What the database numbers, or stamps, is not written: as an identity that is always generated.
	if id := table.Columns[0]; !id.Generated || !id.HasDefault || !id.NotNull || id.Type.Kind != value.Int || id.Type.Size != 32 {
		t.Errorf("identity %+v", id)
	}
	if code := table.Columns[1]; code.Generated || code.HasDefault || code.Collation != "French_CI_AS" || code.Type.SQL != "varchar(10)" {
		t.Errorf("text %+v", code)
	}
	if stamp := table.Columns[2]; !stamp.Generated || stamp.Type.Kind != value.Bytes {
		t.Errorf("rowversion %+v", stamp)
	}
	own := sqlgen.ForeignKey{Table: "[dbo].[room]", Columns: []string{"up_a", "up_b"}, Parent: "[dbo].[room]", ParentColumns: []string{"code", "id"}, Shown: "room", ActsOnUpdate: true}
	lesson := sqlgen.ForeignKey{Table: "[dbo].[lesson]", Columns: []string{"room_id"}, Parent: "[dbo].[room]", ParentColumns: []string{"id"}, Shown: "lesson", Acts: true}
	for _, diff := range []string{
		cmp.Diff([][]string{{"id"}, {"code", "id"}}, table.Unique), cmp.Diff([][]string{{"code"}}, table.Partial), cmp.Diff([]string{"lesson"}, table.Cascades),
		cmp.Diff([]sqlgen.ForeignKey{own}, table.ForeignKeys), cmp.Diff([]sqlgen.ForeignKey{lesson, own}, table.References),
	} {
		if diff != "" {
			t.Error(diff)
		}
	}
	for name, want := range map[string]string{"seen": "is a view", "alias": "is a synonym"} {
		if _, err := destination.Table(t.Context(), conn, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := destination.Table(t.Context(), conn, "nothing"); !errors.Is(err, providers.ErrNoTable) {
		t.Errorf("%v", err)
	}
	if names, err := destination.TableNames(t.Context(), conn); err != nil || len(names) != 1 || names[0] != "room" {
		t.Errorf("%q, %v", names, err)
	}
	sequencer := destination.(providers.Sequencer)
	if next, err := sequencer.NextValue(t.Context(), conn, "Numbers"); err != nil || next != "NEXT VALUE FOR [dbo].[numbers]" {
		t.Errorf("%q, %v", next, err)
	}
	if _, err := sequencer.NextValue(t.Context(), conn, "nothing"); !errors.Is(err, providers.ErrNoSequence) {
		t.Errorf("%v", err)
	}
}

func TestTablesThatCannotBeKeptInStep(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		facts []any
		want  string
	}{
		{[]any{0, 0, 1, 0, 1}, "memory-optimized"},
		{[]any{0, 0, 0, 1, 1}, "external"},
		{[]any{0, 0, 0, 0, 0}, "GRANT VIEW DEFINITION ON OBJECT::[dbo].[room]"},
	} {
		_, destination := openTarget(t, &target{answer: func(r *mssqltest.Request) *mssqltest.Response {
			if strings.Contains(r.SQL, "sys.triggers") {
				return result([]any{"int", "int", "int", "int", "int"}, test.facts)
			}
			return room(r)
		}})
		conn, err := destination.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := destination.Table(t.Context(), conn, "room"); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, expected %s", err, test.want)
		}
		_ = conn.Close()
	}
}

func TestGrants(t *testing.T) {
	t.Parallel()
	_, destination := openTarget(t, &target{answer: room})
	conn, err := destination.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	statements, err := destination.(providers.Granter).Grants(t.Context(), conn, providers.Roles{Plan: "plan]s", Apply: "applies", Approve: "approves"}, providers.Objects{Written: []string{"room"}})
	if err != nil {
		t.Fatal(err)
	}
	want := `GRANT CREATE TABLE TO [plan]]s], [applies]
GRANT ALTER, SELECT, INSERT, UPDATE, DELETE ON SCHEMA::[registrar_staging] TO [plan]]s], [applies]
GRANT SELECT, INSERT ON OBJECT::[registrar].[plan] TO [plan]]s], [applies]
GRANT SELECT, INSERT ON OBJECT::[registrar].[operation] TO [plan]]s], [applies]
GRANT SELECT, INSERT ON OBJECT::[registrar].[finding] TO [plan]]s], [applies]
GRANT SELECT, INSERT ON OBJECT::[registrar].[author] TO [plan]]s], [applies]
GRANT SELECT ON OBJECT::[registrar].[meta] TO [plan]]s], [applies]
GRANT SELECT ON OBJECT::[registrar].[execution] TO [plan]]s], [applies]
GRANT SELECT ON OBJECT::[registrar].[override] TO [plan]]s], [applies]
GRANT SELECT ON OBJECT::[registrar].[run] TO [plan]]s], [applies]
GRANT SELECT ON OBJECT::[registrar].[run_beat] TO [plan]]s], [applies]
GRANT SELECT ON OBJECT::[registrar].[pause] TO [plan]]s], [applies]
GRANT SELECT ON OBJECT::[registrar].[approval] TO [plan]]s], [applies]
GRANT SELECT ON OBJECT::[registrar].[disclosure] TO [plan]]s], [applies]
GRANT SELECT ON OBJECT::[registrar].[redaction] TO [plan]]s], [applies]
GRANT INSERT ON OBJECT::[registrar].[execution] TO [applies]
GRANT INSERT ON OBJECT::[registrar].[override] TO [applies]
GRANT INSERT ON OBJECT::[registrar].[disclosure] TO [applies]
GRANT INSERT ON OBJECT::[registrar].[redaction] TO [applies]
GRANT INSERT, UPDATE ON OBJECT::[registrar].[run] TO [applies]
GRANT INSERT, UPDATE ON OBJECT::[registrar].[run_beat] TO [applies]
GRANT INSERT, UPDATE ON OBJECT::[registrar].[pause] TO [applies]
GRANT UPDATE ON OBJECT::[registrar].[operation] ([key], [before], [after], [result]) TO [applies]
GRANT UPDATE ON OBJECT::[registrar].[finding] ([key], [message], [detail]) TO [applies]
GRANT DELETE ON OBJECT::[registrar].[plan] TO [applies]
GRANT DELETE ON OBJECT::[registrar].[operation] TO [applies]
GRANT DELETE ON OBJECT::[registrar].[finding] TO [applies]
GRANT DELETE ON OBJECT::[registrar].[execution] TO [applies]
GRANT DELETE ON OBJECT::[registrar].[override] TO [applies]
GRANT DELETE ON OBJECT::[registrar].[run] TO [applies]
GRANT DELETE ON OBJECT::[registrar].[run_beat] TO [applies]
GRANT DELETE ON OBJECT::[registrar].[pause] TO [applies]
GRANT DELETE ON OBJECT::[registrar].[author] TO [applies]
GRANT DELETE ON OBJECT::[registrar].[approval] TO [applies]
GRANT DELETE ON OBJECT::[registrar].[disclosure] TO [applies]
GRANT SELECT ON OBJECT::[registrar].[meta] TO [approves]
GRANT SELECT ON OBJECT::[registrar].[plan] TO [approves]
GRANT SELECT ON OBJECT::[registrar].[operation] TO [approves]
GRANT SELECT ON OBJECT::[registrar].[finding] TO [approves]
GRANT SELECT ON OBJECT::[registrar].[execution] TO [approves]
GRANT SELECT ON OBJECT::[registrar].[override] TO [approves]
GRANT SELECT ON OBJECT::[registrar].[run] TO [approves]
GRANT SELECT ON OBJECT::[registrar].[run_beat] TO [approves]
GRANT SELECT ON OBJECT::[registrar].[pause] TO [approves]
GRANT SELECT ON OBJECT::[registrar].[author] TO [approves]
GRANT SELECT ON OBJECT::[registrar].[redaction] TO [approves]
GRANT SELECT, INSERT ON OBJECT::[registrar].[approval] TO [approves]
GRANT SELECT, INSERT ON OBJECT::[registrar].[disclosure] TO [approves]
GRANT SELECT, VIEW DEFINITION ON OBJECT::[dbo].[room] TO [plan]]s], [applies]
GRANT INSERT, UPDATE, DELETE ON OBJECT::[dbo].[room] TO [applies]
GRANT UPDATE ON OBJECT::[dbo].[numbers] TO [applies]
GRANT SELECT ON OBJECT::[dbo].[lesson] ([room_id]) TO [plan]]s], [applies]`
	if diff := cmp.Diff(want, strings.Join(statements, "\n")); diff != "" {
		t.Error(diff)
	}
}

func TestSourceGrants(t *testing.T) {
	t.Parallel()
	got := mssql.New().SourceGrants(nil, []string{"reads", "plan]s"}, []string{"room", "sites.site", "[a.b].[c]"})
	want := []string{
		`GRANT SELECT ON OBJECT::[dbo].[room] TO [reads], [plan]]s]`,
		`GRANT SELECT ON OBJECT::[sites].[site] TO [reads], [plan]]s]`,
		`GRANT SELECT ON OBJECT::[a.b].[c] TO [reads], [plan]]s]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDestinationExamined(t *testing.T) {
	t.Parallel()
	var lacking atomic.Pointer[string]
	_, destination := openTarget(t, &target{answer: func(r *mssqltest.Request) *mssqltest.Response {
		switch {
		case strings.Contains(r.SQL, "IS_SRVROLEMEMBER"):
			return (&database{noHistory: true, version: "13.0.6300.2", facts: []any{"Standard Edition", "French_CI_AS", "[timetable]", "writer", "writer_user", 0, false, false, 0, 0, 0, 0, 0, 0, nil}}).handle(r)
		case strings.Contains(r.SQL, "HAS_PERMS_BY_NAME(@p1, @p2, @p3)"):
			held := 1
			if fmt.Sprint(r.Params[2].Value, " ON ", r.Params[0].Value) == *lacking.Load() {
				held = 0
			}
			return result([]any{"int"}, []any{held})
		}
		return room(r)
	}})
	findings, err := destination.(providers.Examiner).Examine(t.Context())
	if err != nil || len(findings) != 4 {
		t.Fatalf("%+v, %v", findings, err)
	}
	if snapshot := findings[3]; snapshot.State != providers.FindingWarning || !strings.Contains(snapshot.Remedy, "ALTER DATABASE [timetable] SET ALLOW_SNAPSHOT_ISOLATION ON") {
		t.Errorf("%+v", snapshot)
	}
	needs := providers.Needs{Register: true, Apply: true, Tables: []providers.TableNeed{{Table: "room", Select: true, Insert: true}}}
	for _, test := range []struct{ lacking, found, remedy string }{
		{"", "writer has the 36 that are needed", ""},
		{"INSERT ON [dbo].[room]", "writer lacks INSERT ON OBJECT::[dbo].[room]", "GRANT INSERT ON OBJECT::[dbo].[room] TO [writer_user]"},
		{"ALTER ON [registrar_staging]", "writer lacks ALTER ON SCHEMA::[registrar_staging]", "GRANT ALTER ON SCHEMA::[registrar_staging] TO [writer_user]"},
		{"CREATE TABLE ON [timetable]", "writer lacks CREATE TABLE", "GRANT CREATE TABLE TO [writer_user]"},
	} {
		lacking.Store(&test.lacking)
		findings, err := destination.(providers.PrivilegeExaminer).Privileges(t.Context(), needs)
		if err != nil || len(findings) != 1 || findings[0].Found != test.found || findings[0].Remedy != test.remedy {
			t.Errorf("%q: %+v, %v", test.lacking, findings, err)
		}
	}
}
