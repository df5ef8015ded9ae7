package mssql_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// TestTypes: each type of column, its value as text, and NULL beside it.
func TestTypes(t *testing.T) {
	digits := "12345678901234567890123456789012345678"
	fixtures := []struct {
		declared string
		given    any
		kind     value.Kind
		sql      string // the type as messages name it; "" for as declared
		want     string
	}{
		{"bit", true, value.Bool, "", "true"},
		{"tinyint", 255, value.Int, "", "255"},
		{"smallint", -32768, value.Int, "", "-32768"},
		{"int", 2147483647, value.Int, "", "2147483647"},
		{"bigint", int64(-9223372036854775808), value.Int, "", "-9223372036854775808"},
		{"decimal(38,0)", "-" + digits, value.Decimal, "", "-" + digits},
		{"decimal(38,38)", "0." + digits, value.Decimal, "", "0." + digits},
		{"numeric(5,2)", "-0.50", value.Decimal, "decimal(5,2)", "-0.50"},
		{"decimal(5,2)", "0.00", value.Decimal, "", "0.00"},
		{"money", "-922337203685477.5808", value.Decimal, "", "-922337203685477.5808"},
		{"smallmoney", "-0.0001", value.Decimal, "", "-0.0001"},
		{"float", 0.1, value.Float, "", "0.1"},
		{"real", 0.1, value.Float, "", "0.1"},
		{"varchar(10)", "été € ", value.Text, "", "été € "},
		{"varchar(max)", strings.Repeat("é", 10000), value.Text, "", strings.Repeat("é", 10000)},
		{"varchar(10)", "", value.Text, "", ""},
		{"char(6)", " été  ", value.Text, "", " été"},
		{"nchar(6)", " é🙂  ", value.Text, "", " é🙂"},
		{"nvarchar(10)", "é🙂 ", value.Text, "", "é🙂 "},
		{"nvarchar(max)", strings.Repeat("🙂", 5000), value.Text, "", strings.Repeat("🙂", 5000)},
		{"text", "é", value.Text, "", "é"},
		{"ntext", "🙂", value.Text, "", "🙂"},
		{"xml", "<a>é</a>", value.Other, "", "<a>é</a>"},
		{"binary(3)", []byte{0, 1, 255}, value.Bytes, "", `\x0001ff`},
		{"varbinary(max)", []byte{}, value.Bytes, "", `\x`},
		{"image", []byte{1}, value.Bytes, "", `\x01`},
		{"rowversion", []byte{0, 0, 0, 0, 0, 0, 7, 209}, value.Bytes, "binary(8)", `\x00000000000007d1`},
		{"date", "0001-01-01", value.Date, "", "0001-01-01"},
		{"date", "9999-12-31", value.Date, "", "9999-12-31"},
		{"time(7)", "23:59:59.9999999", value.Time, "", "23:59:59.9999999"},
		{"time(0)", "00:00:00", value.Time, "", "00:00:00"},
		{"smalldatetime", "2079-06-06 23:59:00", value.DateTime, "", "2079-06-06 23:59:00"},
		{"datetime", "1753-01-01 00:00:00.003", value.DateTime, "", "1753-01-01 00:00:00.003"},
		{"datetime", "9999-12-31 23:59:59.997", value.DateTime, "", "9999-12-31 23:59:59.997"},
		{"datetime2(7)", "0001-01-01 00:00:00.0000001", value.DateTime, "", "0001-01-01 00:00:00.0000001"},
		{"datetime2(0)", "2026-03-29 02:30:00", value.DateTime, "", "2026-03-29 02:30:00"},
		{"datetimeoffset(7)", "2026-10-25 02:30:00.25 +02:00", value.Instant, "", "2026-10-25 00:30:00.25Z"},
		{"datetimeoffset(0)", "2026-10-25 02:30:00 +01:00", value.Instant, "", "2026-10-25 01:30:00Z"},
		{"datetimeoffset(0)", "0001-01-01 00:00:00 +00:00", value.Instant, "", "0001-01-01 00:00:00Z"},
		{"uniqueidentifier", "01234567-89AB-CDEF-0123-456789ABCDEF", value.UUID, "", "01234567-89ab-cdef-0123-456789abcdef"},
	}
	response := &mssqltest.Response{}
	var given, nulls []any
	for i, f := range fixtures {
		response.Columns = append(response.Columns, mssqltest.Column{Name: fmt.Sprint("c", i), Type: f.declared})
		given, nulls = append(given, f.given), append(nulls, nil)
	}
	response.Rows = mssqltest.Rows(given, nulls)
	snapshot := reading(t, response)
	rows, err := snapshot.Read(t.Context(), providers.Query{SQL: "SELECT * FROM typed"})
	if err != nil {
		t.Fatal(err)
	}
	columns := rows.Columns()
	all, err := drain(rows, nil)
	if err != nil || len(all) != 2 {
		t.Fatal(len(all), err)
	}
	for i, f := range fixtures {
		if f.sql == "" {
			f.sql = f.declared
		}
		if c := columns[i]; c.Type.Kind != f.kind || c.Type.String() != f.sql {
			t.Errorf("%s is of kind %s, and called %s", f.declared, c.Type.Kind, c.Type)
		}
		if v := all[0][i]; v.Text() != f.want {
			t.Errorf("%s: %.60q, expected %.60q", f.declared, v.Text(), f.want)
		} else if v.Kind() != f.kind && f.kind != value.UUID && f.kind != value.Other {
			t.Errorf("%s yields a %s", f.declared, v.Kind())
		}
		if !all[1][i].IsNull() {
			t.Errorf("%s: NULL became %q", f.declared, all[1][i].Text())
		}
	}
}

func TestUnsupportedTypes(t *testing.T) {
	for declared, want := range map[string]string{
		"sql_variant": `column "it" is of type sql_variant, whose values may be of any type: write CONVERT(`,
		"geography":   `column "it" is of type geography, which cannot be read as it is: write … .STAsText()`,
		"hierarchyid": `column "it" is of type hierarchyid, which cannot be read as it is: write CONVERT(`,
		"position":    `column "it" is of type position, which cannot be read as it is: write CONVERT(`,
	} {
		snapshot := reading(t, &mssqltest.Response{Columns: []mssqltest.Column{{Name: "code", Type: "int"}, {Name: "it", Type: declared}}, Rows: mssqltest.Rows([]any{1, nil})})
		if _, err := drain(snapshot.Read(t.Context(), providers.Query{SQL: "SELECT code, it FROM t"})); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %s", err, want)
		}
	}
}

// TestUndecodable: a character that the driver would replace, or octets that it cannot read, end the reading.
func TestUndecodable(t *testing.T) {
	for _, octets := range []string{"a\x81", "\xff\x8d"} {
		snapshot := reading(t, &mssqltest.Response{Columns: []mssqltest.Column{{Name: "name", Type: "varchar(10)"}}, Rows: mssqltest.Rows([]any{"a"}, []any{mssqltest.Raw(octets)})})
		all, err := drain(snapshot.Read(t.Context(), providers.Query{SQL: "SELECT name FROM t"}))
		if len(all) != 1 || err == nil || !strings.Contains(err.Error(), "row 2, column \"name\"") || !strings.Contains(err.Error(), "CONVERT(nvarchar(max)") {
			t.Errorf("%q: %v", octets, err)
		}
	}
}

// TestHalfOfACharacter: SQL Server keeps one where somebody cut a text in the middle of it. The driver would make U+FFFD of it.
func TestHalfOfACharacter(t *testing.T) {
	for _, declared := range []string{"nvarchar(10)", "nchar(3)", "nvarchar(max)", "ntext"} {
		snapshot := reading(t, &mssqltest.Response{
			Columns: []mssqltest.Column{{Name: "code", Type: "int"}, {Name: "name", Type: declared}},
			Rows:    mssqltest.Rows([]any{1, "a🙂"}, []any{2, mssqltest.Raw("a\x00\x3d\xd8\x20\x00")}),
		})
		all, err := drain(snapshot.Read(t.Context(), providers.Query{SQL: "SELECT code, name FROM t"}))
		if len(all) != 1 || err == nil || !strings.Contains(err.Error(), `row 2, column "name": it holds half of a character`) || !strings.Contains(err.Error(), "REPLACE(") {
			t.Errorf("%s: %v, %v", declared, all, err)
		}
	}
}

// TestEndOfRows: the end counts only where the server announced it. Whatever else ends a result is an
// error, and nothing more is read of the snapshot.
func TestEndOfRows(t *testing.T) {
	columns := []mssqltest.Column{{Name: "code", Type: "nvarchar(20)"}}
	some := mssqltest.Rows([]any{"a"}, []any{"b"}, []any{"c"})
	for name, test := range map[string]struct {
		response mssqltest.Response
		want     string // "" for none
	}{
		"complete":           {mssqltest.Response{Columns: columns, Rows: some}, ""},
		"no rows":            {mssqltest.Response{Columns: columns}, ""},
		"error in mid-fetch": {mssqltest.Response{Columns: columns, Rows: some, Error: &mssqltest.Error{Number: 8134, Class: 16, Message: "Divide by zero error encountered.", Line: 1}}, "after row 3: Divide by zero error encountered (error 8134)"},
		"killed":             {mssqltest.Response{Columns: columns, Rows: some, Error: &mssqltest.Error{Number: 596, Class: 21, Message: "Cannot continue the execution because the session is in the kill state."}}, "the server ended the connection"},
		"dropped":            {mssqltest.Response{Columns: columns, Rows: some, Fault: mssqltest.Drop}, "the connection to the server broke off"},
		"dropped at once":    {mssqltest.Response{Columns: columns, Fault: mssqltest.Drop}, "broke off"},
		"not TDS":            {mssqltest.Response{Columns: columns, Rows: some, Fault: mssqltest.Garbage}, "breaks off"},
		"transaction over":   {mssqltest.Response{Columns: columns, Rows: some, Error: &mssqltest.Error{Number: 245, Class: 16, Message: "Conversion failed when converting the varchar value 'Lovelace' to data type int."}, AbortsTransaction: true}, "cannot be converted"},
	} {
		t.Run(name, func(t *testing.T) {
			snapshot := reading(t, &test.response)
			query := providers.Query{SQL: "SELECT code FROM t"}
			all, err := drain(snapshot.Read(t.Context(), query))
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || errors.Is(err, io.EOF) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("%d rows, then %v; expected %q", len(all), err, test.want)
			}
			if strings.Contains(err.Error(), "Lovelace") {
				t.Errorf("the error shows a value: %v", err)
			}
			if _, err := drain(snapshot.Read(t.Context(), query)); err == nil || !strings.Contains(err.Error(), "cannot be read any more") {
				t.Errorf("a broken snapshot is read on: %v", err)
			}
		})
	}
}

// TestTransactionEnded: where the server ended the transaction without an error, nothing is read outside of it.
func TestTransactionEnded(t *testing.T) {
	server, attributes := serve(t, mssqltest.Config{}, &database{answer: func(*mssqltest.Request) *mssqltest.Response {
		return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "a", Type: "int"}}, AbortsTransaction: true}
	}})
	snapshot := snapshotOf(t, attributes)
	if _, err := drain(snapshot.Read(t.Context(), providers.Query{SQL: "SELECT a FROM t"})); err != nil {
		t.Fatal(err)
	}
	if _, err := drain(snapshot.Read(t.Context(), providers.Query{SQL: "SELECT a FROM t"})); err == nil || !strings.Contains(err.Error(), "active transaction") {
		t.Errorf("%v", err)
	}
	if n := len(server.Requests()); n != 4 {
		t.Errorf("%d requests", n)
	}
}

// TestSilence: a server that stops answering in mid-fetch is not waited for.
func TestSilence(t *testing.T) {
	t.Parallel() // it waits
	server, attributes := serve(t, mssqltest.Config{}, &database{answer: func(*mssqltest.Request) *mssqltest.Response {
		return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "a", Type: "int"}}, Rows: mssqltest.Rows([]any{1}), Fault: mssqltest.Stall}
	}})
	attributes["read_timeout"] = int64(1)
	all, err := drain(snapshotOf(t, attributes).Read(t.Context(), providers.Query{SQL: "SELECT a FROM t"}))
	if err == nil || !strings.Contains(err.Error(), "read_timeout") || len(all) > 1 {
		t.Errorf("%d rows, %v", len(all), err)
	}
	if server.Accepted() != 1 {
		t.Errorf("%d connections", server.Accepted())
	}
}

func TestCancel(t *testing.T) {
	endless := func(yield func([]any) bool) {
		for n := 0; yield([]any{n}); n++ {
		}
	}
	server, attributes := serve(t, mssqltest.Config{}, &database{answer: func(r *mssqltest.Request) *mssqltest.Response {
		if strings.Contains(r.SQL, "never") {
			return &mssqltest.Response{Wait: make(chan struct{})}
		}
		return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "n", Type: "int"}}, Rows: endless}
	}})
	t.Run("while rows come", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		rows, err := snapshotOf(t, attributes).Read(ctx, providers.Query{SQL: "SELECT n FROM t"})
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		row := make([]value.Value, 1)
		for range 3 {
			if err := rows.Next(row); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		for err == nil {
			err = rows.Next(row)
		}
		if !errors.Is(err, context.Canceled) || errors.Is(err, io.EOF) {
			t.Errorf("%v", err)
		}
	})
	t.Run("before the first", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Millisecond, cancel)
		if _, err := drain(snapshotOf(t, attributes).Read(ctx, providers.Query{SQL: "SELECT never"})); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
	t.Run("rows closed early", func(t *testing.T) {
		snapshot := snapshotOf(t, attributes)
		for range 2 { // the snapshot goes on, or says that it does not
			rows, err := snapshot.Read(t.Context(), providers.Query{SQL: "SELECT n FROM t"})
			if err != nil {
				t.Fatal(err)
			}
			if err := rows.Next(make([]value.Value, 1)); err != nil {
				t.Fatal(err)
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
	if server.Accepted() != 3 {
		t.Errorf("%d connections for 3 snapshots", server.Accepted())
	}
}

// TestSeveralResults: what follows the first result is not taken for it.
func TestSeveralResults(t *testing.T) {
	one := []mssqltest.Column{{Name: "a", Type: "int"}}
	snapshot := reading(t, &mssqltest.Response{
		Columns: one, Rows: mssqltest.Rows([]any{1}),
		Next: &mssqltest.Response{Columns: one, Rows: mssqltest.Rows([]any{2}), Error: &mssqltest.Error{Number: 8134, Class: 16, Message: "Divide by zero error encountered."}},
	})
	all, err := drain(snapshot.Read(t.Context(), providers.Query{SQL: "SELECT a FROM t"}))
	if len(all) != 1 || err != nil {
		t.Errorf("%v, %v", all, err)
	}
}

// TestCloseInTheMiddle: a snapshot can be closed although its rows are not.
func TestCloseInTheMiddle(t *testing.T) {
	endless := func(yield func([]any) bool) {
		for n := 0; yield([]any{n}); n++ {
		}
	}
	server, attributes := serve(t, mssqltest.Config{}, &database{answer: func(*mssqltest.Request) *mssqltest.Response {
		return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "n", Type: "int"}}, Rows: endless}
	}})
	snapshot := snapshotOf(t, attributes)
	rows, err := snapshot.Read(t.Context(), providers.Query{SQL: "SELECT n FROM t"})
	if err != nil {
		t.Fatal(err)
	}
	row := make([]value.Value, 1)
	if err := rows.Next(row); err != nil {
		t.Fatal(err)
	}
	if err := snapshot.Close(); err != nil {
		t.Error(err)
	}
	if err := rows.Next(row); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("after the snapshot's end: %v", err)
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
	if server.Accepted() != 1 {
		t.Errorf("%d connections", server.Accepted())
	}
}
