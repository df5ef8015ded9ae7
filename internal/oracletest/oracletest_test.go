package oracletest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	go_ora "github.com/sijms/go-ora/v2"
	"github.com/sijms/go-ora/v2/network"
	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/internal/oracletest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open connects as the driver's own users do.
func open(t *testing.T, server *oracletest.Server, service, password string, options map[string]string) *sql.DB {
	t.Helper()
	db := sql.OpenDB(go_ora.NewConnector(go_ora.BuildUrl("127.0.0.1", server.Port(), service, "scott", password, options)))
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// answer serves one result, and what the driver itself asks for.
func answer(result oracletest.Result) func(oracletest.Statement) oracletest.Result {
	return func(s oracletest.Statement) oracletest.Result {
		if strings.Contains(s.SQL, "SYSTIMESTAMP") {
			return oracletest.Result{
				Columns: []oracletest.Column{{Name: "SYSTIMESTAMP", Type: oracletest.TimestampTZ}},
				Next:    oracletest.Rows([]any{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}),
			}
		}
		return result
	}
}

func TestEachTypeIsReadAsItWasServed(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 7, 1, 8, 30, 15, 0, time.UTC)
	columns := []oracletest.Column{
		{Name: "V", Type: oracletest.Varchar2, Size: 20},
		{Name: "N", Type: oracletest.NVarchar2, Size: 20},
		{Name: "C", Type: oracletest.Char, Size: 5},
		{Name: "NUM", Type: oracletest.Num},
		{Name: "D", Type: oracletest.Date},
		{Name: "TS", Type: oracletest.Timestamp},
		{Name: "TZ", Type: oracletest.TimestampTZ},
		{Name: "R", Type: oracletest.Raw, Size: 4},
		{Name: "F", Type: oracletest.BinaryDouble},
		{Name: "ID", Type: oracletest.RowID},
	}
	for _, charset := range []oracletest.Charset{oracletest.AL32UTF8, oracletest.WE8ISO8859P15} {
		rows := [][]any{
			{"né €", "né €", "né", oracletest.Number("-12345678901234567890123456789012345678"), clock, clock.Add(5), clock, []byte{1, 2}, -0.5, 7},
			{nil, nil, nil, nil, nil, nil, nil, nil, nil, nil},
			{"x", "y", "z", oracletest.Number("0.05"), clock, clock, clock, []byte{0}, 1e300, 8},
		}
		server := oracletest.New(t, oracletest.Config{Charset: charset, Handle: answer(oracletest.Result{Columns: columns, Next: oracletest.Rows(rows...)})})
		found, err := open(t, server, "XEPDB1", "tiger", nil).QueryContext(t.Context(), "SELECT * FROM t")
		if err != nil {
			t.Fatal(err)
		}
		defer found.Close()
		var got []string
		for found.Next() {
			cells, targets := make([]any, len(columns)), make([]any, len(columns))
			for i := range cells {
				targets[i] = &cells[i]
			}
			if err := found.Scan(targets...); err != nil {
				t.Fatal(err)
			}
			for i := 4; i < 7; i++ {
				if at, ok := cells[i].(time.Time); ok {
					cells[i] = at.Format("15:04:05.999999999")
				}
			}
			got = append(got, fmt.Sprintln(cells...))
		}
		if err := found.Err(); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"né € né € né    -12345678901234567890123456789012345678 08:30:15 08:30:15.000000005 08:30:15 [1 2] -0.5 AAAR3sAAEAAAACXAAH",
			"<nil> <nil> <nil> <nil> <nil> <nil> <nil> <nil> <nil> <nil>",
			"x y z     0.05 08:30:15 08:30:15 08:30:15 [0] 1e+300 AAAR3sAAEAAAACXAAI",
		}
		for i := range want {
			if i >= len(got) || strings.Join(strings.Fields(got[i]), " ") != strings.Join(strings.Fields(want[i]), " ") {
				t.Errorf("charset %d: got %q\nwant %q", charset, got, want)
				break
			}
		}
	}
}

func TestLobsTravelInBothModes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("né €", 20_000)
	for _, mode := range []string{"pre", "post"} {
		for _, charset := range []oracletest.Charset{oracletest.AL32UTF8, oracletest.WE8ISO8859P15} {
			columns := []oracletest.Column{{Name: "K", Type: oracletest.Num}, {Name: "C", Type: oracletest.Clob}, {Name: "N", Type: oracletest.NClob}, {Name: "B", Type: oracletest.Blob}}
			n := 0
			next := func(row []any) bool {
				n++
				row[0], row[1], row[2], row[3] = n, long, nil, []byte("\x00\x01")
				if n == 2 {
					row[1], row[2] = "short", "é"
				}
				return n <= 3
			}
			server := oracletest.New(t, oracletest.Config{Charset: charset, Handle: answer(oracletest.Result{Columns: columns, Next: next})})
			found, err := open(t, server, "XEPDB1", "tiger", map[string]string{"lob fetch": mode, "PREFETCH_ROWS": "2"}).QueryContext(t.Context(), "SELECT * FROM t")
			if err != nil {
				t.Fatal(err)
			}
			defer found.Close()
			rows := 0
			for found.Next() {
				rows++
				var k string
				var c, text sql.NullString
				var b []byte
				if err := found.Scan(&k, &c, &text, &b); err != nil {
					t.Fatal(err)
				}
				wantC, wantN := long, ""
				if rows == 2 {
					wantC, wantN = "short", "é"
				}
				if c.String != wantC || text.String != wantN || string(b) != "\x00\x01" {
					t.Errorf("%s, charset %d, row %s: %d octets, %q, % x", mode, charset, k, len(c.String), text.String, b)
				}
			}
			if err := found.Err(); err != nil || rows != 3 {
				t.Errorf("%s: %d rows, %v", mode, rows, err)
			}
		}
	}
}

func TestTheLoginIsChecked(t *testing.T) {
	t.Parallel()
	server := oracletest.New(t, oracletest.Config{Handle: answer(oracletest.Result{})})
	for _, c := range []struct {
		service, password string
		code              int
	}{{"XEPDB1", "tiger", 0}, {"XEPDB1", "Tiger", 1017}, {"XEPDB1", "a much longer one than it is", 1017}, {"OTHER", "tiger", 12514}} {
		err := open(t, server, c.service, c.password, nil).PingContext(t.Context())
		var refused *network.OracleError
		if errors.As(err, &refused); (err == nil) != (c.code == 0) || err != nil && (refused == nil || refused.ErrCode != c.code) {
			t.Errorf("%s, %s: %v", c.service, c.password, err)
		}
	}
}

func TestArraysOfRowsAreDecoded(t *testing.T) {
	t.Parallel()
	server := oracletest.New(t, oracletest.Config{Handle: answer(oracletest.Result{Affected: 2})})
	db := open(t, server, "XEPDB1", "tiger", nil)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	done, err := tx.ExecContext(t.Context(), "INSERT INTO t VALUES (:1, :2, :3)", []string{"né", "b"}, []int64{-7, 1200}, []sql.NullString{{}, {String: "x", Valid: true}})
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := done.RowsAffected(); n != 2 {
		t.Errorf("%d rows affected", n)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range server.Statements() {
		if !strings.HasPrefix(s.SQL, "SELECT") {
			got = append(got, fmt.Sprint(s.SQL, " ", s.Rows, " ", s.AutoCommit))
		}
	}
	want := []string{"INSERT INTO t VALUES (:1, :2, :3) [[né -7 <nil>] [b 1200 x]] false", "COMMIT [] false"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q", got)
	}
}

func TestErrorsComeWithTheirPosition(t *testing.T) {
	t.Parallel()
	for _, markers := range []bool{false, true} {
		server := oracletest.New(t, oracletest.Config{Markers: markers, Handle: answer(oracletest.Result{Err: &oracletest.Error{Code: 942, Text: "table or view does not exist", Position: 14}})})
		rows, err := open(t, server, "XEPDB1", "tiger", nil).QueryContext(t.Context(), "SELECT * FROM t")
		if err == nil {
			defer rows.Close()
			err = rows.Err()
		}
		var refused *network.OracleError
		if !errors.As(err, &refused) || refused.ErrCode != 942 || refused.ErrPos() != 14 || !strings.Contains(refused.ErrMsg, "ORA-00942: table or view") {
			t.Errorf("%#v", err)
		}
	}
}

func TestABreakEndsACall(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	server := oracletest.New(t, oracletest.Config{Handle: func(s oracletest.Statement) oracletest.Result {
		if strings.Contains(s.SQL, "SYSTIMESTAMP") {
			return answer(oracletest.Result{})(s)
		}
		close(reached)
		return oracletest.Result{Hold: make(chan struct{})}
	}})
	go func() {
		<-reached
		cancel()
	}()
	conn, err := open(t, server, "XEPDB1", "tiger", nil).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var refused *network.OracleError
	if _, err := conn.ExecContext(ctx, "BEGIN dbms_lock.sleep(3600); END;"); !errors.As(err, &refused) || refused.ErrCode != 1013 {
		t.Errorf("%v", err)
	}
}
