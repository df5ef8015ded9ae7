package mssql_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// TestSnapshot: the session is set up, the isolation level is the best that the database allows, the
// snapshot is taken at once, and all reads are in one transaction, which nobody commits.
func TestSnapshot(t *testing.T) {
	const readCommitted, snapshotIsolation = 2, 5
	for name, test := range map[string]struct {
		database  database
		isolation byte
		touched   bool
	}{
		"allowed":            {database{tables: [][2]string{{"dbo", "room"}}}, snapshotIsolation, true},
		"allowed, no tables": {database{}, snapshotIsolation, false},
		"not allowed":        {database{noHistory: true, tables: [][2]string{{"dbo", "room"}}}, readCommitted, false},
		"read-only":          {database{readOnly: true, tables: [][2]string{{"dbo", "room"}}}, readCommitted, false},
		"SQL Server 2005":    {database{version: "9.00.5000.00"}, snapshotIsolation, false},
	} {
		t.Run(name, func(t *testing.T) {
			test.database.answer = func(*mssqltest.Request) *mssqltest.Response {
				return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "a", Type: "int"}}, Rows: mssqltest.Rows([]any{1})}
			}
			server, attributes := serve(t, mssqltest.Config{}, &test.database)
			snapshot := snapshotOf(t, attributes)
			for range 2 {
				if _, err := drain(snapshot.Read(t.Context(), providers.Query{SQL: "SELECT a FROM t"})); err != nil {
					t.Fatal(err)
				}
			}
			if err := snapshot.Close(); err != nil {
				t.Error(err)
			}
			var begun *mssqltest.Request
			touched := false
			for i, r := range server.Requests() {
				switch {
				case i == 0:
					for _, setting := range []string{"SET DATEFORMAT ymd", "SET LANGUAGE us_english", "SET QUOTED_IDENTIFIER ON", "SET ANSI_WARNINGS ON", "SET TEXTSIZE 2147483647", "SET LOCK_TIMEOUT 270000", "SET ROWCOUNT 0"} {
						if !strings.Contains(r.SQL, setting) {
							t.Errorf("%s is missing in %s", setting, r.SQL)
						}
					}
				case r.Kind == mssqltest.Begin:
					begun = r
				case r.Kind == mssqltest.Commit:
					t.Error("something was committed")
				case r.Transaction == 0 && begun != nil:
					t.Errorf("outside of the transaction: %s", r.SQL)
				case strings.Contains(r.SQL, "FROM [dbo].[room]"):
					touched = true
				}
				if strings.Contains(strings.ToUpper(r.SQL), "NOLOCK") {
					t.Errorf("reads what is not committed: %s", r.SQL)
				}
			}
			if begun == nil || begun.Isolation != test.isolation || touched != test.touched {
				t.Errorf("begun as %+v, touched %v", begun, touched)
			}
			if server.Accepted() != 1 {
				t.Errorf("%d connections", server.Accepted())
			}
		})
	}
}

func TestTooOld(t *testing.T) {
	_, attributes := serve(t, mssqltest.Config{}, &database{version: "8.00.2039"})
	if _, err := openSource(t, attributes).Snapshot(t.Context()); err == nil || !strings.Contains(err.Error(), "8.00.2039, and a source needs SQL Server 2005") {
		t.Errorf("%v", err)
	}
}

// TestTables: which table a name means, and what is said where it means none.
func TestTables(t *testing.T) {
	server, attributes := serve(t, mssqltest.Config{}, &database{
		tables: [][2]string{{"dbo", "Room"}, {"dbo", "room"}, {"dbo", "Building"}, {"dbo", "a.b"}, {"dbo", "c]d"}, {"Plan ning", "Event"}, {"staff", "room"}, {"staff", "Person"}},
		answer: func(*mssqltest.Request) *mssqltest.Response {
			return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "a", Type: "int"}}}
		},
	})
	snapshot := snapshotOf(t, attributes)
	for name, want := range map[string]string{
		"room": "[dbo].[room]", "Room": "[dbo].[Room]", "building": "[dbo].[Building]", "dbo.BUILDING": "[dbo].[Building]", "a.b": "[dbo].[a.b]", "dbo.[a.b]": "[dbo].[a.b]",
		"c]d": "[dbo].[c]]d]", "[c]]d]": "[dbo].[c]]d]", `"Plan ning".event`: "[Plan ning].[Event]", "Plan ning.Event": "[Plan ning].[Event]", "staff.room": "[staff].[room]", "[STAFF].[person]": "[staff].[Person]",
	} {
		if _, err := drain(snapshot.Read(t.Context(), providers.Query{Table: name})); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		requests := server.Requests()
		if got := requests[len(requests)-1].SQL; got != "SELECT * FROM "+want {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name, suggested := range map[string]string{"bilding": `"Building"`, "person": `"staff.Person"`, "[room": "", "a.b.c": "", "staff.": "", "room; DROP TABLE room": ""} {
		_, err := drain(snapshot.Read(t.Context(), providers.Query{Table: name}))
		if !errors.Is(err, providers.ErrNoTable) || !strings.Contains(err.Error(), suggested) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestParameters: each kind of value arrives as a type that neither loses anything nor keeps an index from
// being used.
func TestParameters(t *testing.T) {
	server, attributes := serve(t, mssqltest.Config{}, &database{answer: func(*mssqltest.Request) *mssqltest.Response {
		return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "a", Type: "int"}}}
	}})
	snapshot := snapshotOf(t, attributes)
	at := time.Date(2026, 3, 29, 2, 30, 0, 123456789, time.UTC)
	decimal := func(text string) value.Value {
		v, err := value.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, test := range []struct {
		bound value.Value
		want  string
	}{
		{value.Value{}, "@p1: null <nil>"},
		{value.OfBool(true), "@p1: bit true"},
		{value.OfInt(-7), "@p1: bigint -7"},
		{value.OfFloat(0.1), "@p1: float 0.1"},
		{value.OfText("it's"), "@p1: varchar(4) it's"},
		{value.OfText("é"), "@p1: nvarchar(1) é"},
		{value.OfText(""), "@p1: varchar(max) "},
		{value.OfBytes([]byte{0, 255}), "@p1: varbinary(2) [0 255]"},
		{decimal("-12.50"), "CAST(@p1 AS decimal(4,2)): varchar(6) -12.50"},
		{decimal("12345678901234567890123456789012345678"), "CAST(@p1 AS decimal(38,0)): varchar(38) 12345678901234567890123456789012345678"},
		{value.OfDate(at), "@p1: varchar(10) 2026-03-29"},
		{value.OfTime(90 * time.Minute), "@p1: varchar(8) 01:30:00"},
		{value.OfDateTime(at), "@p1: varchar(27) 2026-03-29 02:30:00.1234567"},
		{value.OfInstant(at), "@p1: datetimeoffset(7) 2026-03-29 02:30:00.1234567 +0000 +0000"},
	} {
		if _, err := drain(snapshot.Read(t.Context(), providers.Query{SQL: "SELECT a FROM t WHERE b = :bound", Params: []providers.Param{{Name: "bound", Value: test.bound}}})); err != nil {
			t.Fatal(err)
		}
		requests := server.Requests()
		r := requests[len(requests)-1]
		got := fmt.Sprintf("%s: %s %v", strings.TrimSpace(strings.TrimPrefix(r.SQL, "SELECT a FROM t WHERE b = ")), r.Params[0].Type, r.Params[0].Value)
		if got != test.want {
			t.Errorf("%s, expected %s", got, test.want)
		}
	}
	for _, bound := range []value.Value{
		decimal("1234567890123456789012345678901234567.89"), decimal("NaN"), value.OfTime(24 * time.Hour), value.Infinite(value.Date, false), value.OfDateTime(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)),
		value.OfInstant(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)),
	} {
		if _, err := drain(snapshot.Read(t.Context(), providers.Query{SQL: "SELECT a FROM t WHERE b = :bound", Params: []providers.Param{{Name: "bound", Value: bound}}})); err == nil || !strings.Contains(err.Error(), "bind :bound") || strings.Contains(err.Error(), "123") {
			t.Errorf("%s: %v", bound.Text(), err)
		}
	}
}

// TestFilter: rows are left out by the server, where the query can be one of another.
func TestFilter(t *testing.T) {
	server, attributes := serve(t, mssqltest.Config{}, &database{
		tables: [][2]string{{"dbo", "room"}},
		answer: func(*mssqltest.Request) *mssqltest.Response {
			return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "code", Type: "nvarchar(9)"}, {Name: "Changed", Type: "datetime"}, {Name: "price", Type: "money"}}}
		},
	})
	snapshot := snapshotOf(t, attributes)
	from := &providers.LowerBound{Column: "changed", Value: value.OfDateTime(time.Date(2026, 3, 29, 2, 30, 0, 997e6, time.UTC))}
	for _, query := range []providers.Query{
		{Table: "room", From: from},
		{SQL: "SELECT code, Changed FROM room WHERE a IN (SELECT TOP 1 a FROM u ORDER BY b)", From: from},
	} {
		if _, err := drain(snapshot.Read(t.Context(), query)); err != nil {
			t.Fatal(err)
		}
		requests := server.Requests()
		r := requests[len(requests)-1]
		if !strings.HasSuffix(r.SQL, ") registrar_query WHERE registrar_query.[Changed] >= @p1 OR registrar_query.[Changed] IS NULL") || r.Params[0].Value != "2026-03-29 02:30:00.997" {
			t.Errorf("%s with %v", r.SQL, r.Params)
		}
	}
	for _, text := range []string{"SELECT code FROM room ORDER BY code", "WITH c AS (SELECT 1 AS a) SELECT a FROM c", "SELECT code FROM room FOR XML AUTO", "SELECT code FROM room OPTION (RECOMPILE)"} {
		if _, err := drain(snapshot.Read(t.Context(), providers.Query{SQL: text, From: from})); !errors.Is(err, providers.ErrNotComparable) {
			t.Errorf("%s: %v", text, err)
		}
	}
	number := &providers.LowerBound{Column: "price", Value: value.OfDecimal(1250, 2)}
	if _, err := drain(snapshot.Read(t.Context(), providers.Query{Table: "room", From: number})); err != nil {
		t.Fatal(err)
	}
	if all := server.Requests(); !strings.Contains(all[len(all)-1].SQL, "[price] >= CAST(@p1 AS decimal(4,2))") {
		t.Errorf("%s", all[len(all)-1].SQL)
	}
	wrong := &providers.LowerBound{Column: "changed", Value: value.OfInt(1)}
	if _, err := drain(snapshot.Read(t.Context(), providers.Query{Table: "room", From: wrong})); !errors.Is(err, providers.ErrNotComparable) {
		t.Errorf("%v", err)
	}
	// All of it can be read still.
	if _, err := drain(snapshot.Read(t.Context(), providers.Query{Table: "room"})); err != nil {
		t.Error(err)
	}
}

// TestNotDerivable: what the server refuses of a derived table only is no fault of the query, which is read as a whole then.
func TestNotDerivable(t *testing.T) {
	for _, e := range []mssqltest.Error{
		{Number: 8155, Message: "No column name was specified for column 2 of 'registrar_query'."},
		{Number: 8156, Message: "The column 'code' was specified multiple times for 'registrar_query'."},
	} {
		e.Class, e.Line = 16, 1
		_, attributes := serve(t, mssqltest.Config{}, &database{answer: func(r *mssqltest.Request) *mssqltest.Response {
			if strings.Contains(r.SQL, "registrar_query") {
				return &mssqltest.Response{Error: &e}
			}
			return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "code", Type: "int"}, {Type: "int"}}, Rows: mssqltest.Rows([]any{1, 2})}
		}})
		snapshot := snapshotOf(t, attributes)
		query := providers.Query{SQL: "SELECT code, 1 + 1 FROM room"}
		filtered := query
		filtered.From = &providers.LowerBound{Column: "code", Value: value.OfInt(1)}
		if _, err := drain(snapshot.Read(t.Context(), filtered)); !errors.Is(err, providers.ErrNotComparable) {
			t.Errorf("%d: %v", e.Number, err)
		}
		if all, err := drain(snapshot.Read(t.Context(), query)); err != nil || len(all) != 1 {
			t.Errorf("%d: read whole: %v, %v", e.Number, all, err)
		}
	}
}

// TestErrors: what the server says of a query is shown with its line, and nothing that quotes a row.
func TestErrors(t *testing.T) {
	for _, test := range []struct {
		server mssqltest.Error
		want   string
		line   string
	}{
		{mssqltest.Error{Number: 207, Message: "Invalid column name 'nosuch'."}, "Invalid column name 'nosuch' (error 207)", "(line 3 of the query)"},
		{mssqltest.Error{Number: 208, Message: "Invalid object name 'nosuch'."}, "Invalid object name 'nosuch' (error 208); check its name", "(line 3 of the query)"},
		{mssqltest.Error{Number: 102, Message: "Incorrect syntax near 'x'."}, "Incorrect syntax near 'x' (error 102)", "(line 3 of the query)"},
		{mssqltest.Error{Number: 229, Message: "The SELECT permission was denied on the object 'person', database 'timetable', schema 'dbo'."}, "db_datareader", "(line 3 of the query)"},
		{mssqltest.Error{Number: 245, Message: "Conversion failed when converting the varchar value 'Secret' to data type int."}, "a value cannot be converted to another type (error 245)", "(line 3 of the query)"},
		{mssqltest.Error{Number: 220, Message: "Arithmetic overflow error for data type smallint, value = 77777."}, "too great", "(line 3 of the query)"},
		{mssqltest.Error{Number: 2627, Message: "Violation of PRIMARY KEY constraint 'PK'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (Secret)."}, "a row's key is there already", "(line 3 of the query)"},
		{mssqltest.Error{Number: 9420, Message: "XML parsing: line 1, character 5, illegal xml character in Secret"}, "XML parsing …", "(line 3 of the query)"},
		{mssqltest.Error{Number: 13609, Message: "JSON text is not properly formatted. Unexpected character 'Secret' is found at position 0."}, "Unexpected character …", "(line 3 of the query)"},
		{mssqltest.Error{Number: 50000, Message: "Secret"}, "refused by the database's own code", "(line 3 of the query)"},
		{mssqltest.Error{Number: 8134, Message: "Divide by zero error encountered.", Procedure: "dbo.share"}, "Divide by zero error encountered (error 8134)", ""},
		{mssqltest.Error{Number: 1222, Message: "Lock request time out period exceeded."}, "ALLOW_SNAPSHOT_ISOLATION", "(line 3 of the query)"},
		{mssqltest.Error{Number: 3952, Message: "Snapshot isolation transaction failed accessing database 'other' because snapshot isolation is not allowed in this database."}, "make it a source of its own", "(line 3 of the query)"},
	} {
		e := test.server
		e.Class, e.Line = 16, 3
		for _, rows := range [][]any{nil, {1}} {
			response := &mssqltest.Response{Error: &e}
			if rows != nil {
				response.Columns, response.Rows = []mssqltest.Column{{Name: "a", Type: "int"}}, mssqltest.Rows(rows)
			}
			snapshot := reading(t, response)
			_, err := drain(snapshot.Read(t.Context(), providers.Query{SQL: "SELECT a /* of\n several */\nFROM t"}))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "Secret") || strings.Contains(err.Error(), "77777") {
				t.Errorf("%v, expected %q", err, test.want)
				continue
			}
			if rows == nil && (!strings.Contains(err.Error(), test.line) || test.line == "" && strings.Contains(err.Error(), "line")) {
				t.Errorf("%v, expected %q", err, test.line)
			}
			if errors.Is(err, providers.ErrLocked) != (e.Number == 1222) {
				t.Errorf("locked: %v", err)
			}
		}
	}
}
