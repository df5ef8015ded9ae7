package mssqltest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"

	"github.com/registrar-sync/registrar/internal/mssqltest"
)

// table answers as a server does that has this one table, and counts what is loaded into it.
func table(columns ...mssqltest.Column) func(*mssqltest.Request) *mssqltest.Response {
	return func(r *mssqltest.Request) *mssqltest.Response {
		switch {
		case r.Bulk != nil:
			return &mssqltest.Response{Affected: int64(len(r.Bulk.Rows))}
		case strings.HasPrefix(r.SQL, "select *"):
			return &mssqltest.Response{Columns: columns}
		default:
			return nil
		}
	}
}

// copyIn loads one row with the driver's bulk copy, and returns what the server got.
func copyIn(t *testing.T, columns []mssqltest.Column, row ...any) (*mssqltest.Bulk, error) {
	t.Helper()
	s := mssqltest.New(t, mssqltest.Config{Handler: table(columns...)})
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	tx, err := open(t, config(s)).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	statement, err := tx.PrepareContext(t.Context(), mssql.CopyIn("dbo.stage", mssql.BulkOptions{}, names...))
	if err != nil {
		t.Fatal(err)
	}
	defer statement.Close()
	if _, err := statement.ExecContext(t.Context(), row...); err != nil {
		return nil, err
	}
	result, err := statement.ExecContext(t.Context())
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
	requests := s.Requests()
	if insert := requests[len(requests)-2]; !strings.HasPrefix(insert.SQL, "INSERT BULK [dbo].[stage]") {
		t.Errorf("the load was announced by %q", insert.SQL)
	} else if strings.Contains(insert.SQL, "WITH") {
		t.Errorf("triggers and constraints count unasked: %q", insert.SQL)
	}
	return requests[len(requests)-1].Bulk, nil
}

// TestBulkTraps shows what becomes of values that CopyIn takes, and that strings for
// decimals and nvarchar for texts arrive as they are. Whoever loads in bulk relies on it.
func TestBulkTraps(t *testing.T) {
	at := time.Date(2026, 3, 29, 2, 30, 0, 999_999_999, time.UTC)
	digits := "12345678901234567890123456789012345678"
	for _, test := range []struct {
		declared string
		given    any
		stored   string
	}{
		// Traps.
		{"varchar(10)", "é", "Ã©"},                                // raw UTF-8
		{"varchar(max)", "é", "Ã©"},                               // likewise
		{"text", "é", "Ã©"},                                       // likewise
		{"nvarchar(10)", 12, "\u3231"},                            // the octets of 1 and 2 as one character
		{"decimal(10,2)", int64(500), "5.00"},                     // taken for hundredths
		{"datetime2(3)", at, "2026-03-29 02:30:00.999 +0000 UTC"}, // cut, where a parameter is rounded
		{"decimal(38,0)", 1e22, "10000000000000000000000"},
		// What holds.
		{"nvarchar(10)", "é🙂 ", "é🙂 "},
		{"nvarchar(10)", "", ""},
		{"nvarchar(max)", strings.Repeat("é", 9000), strings.Repeat("é", 9000)},
		{"nvarchar(max)", "", ""},
		{"nvarchar(max)", nil, "<nil>"},
		{"nvarchar(10)", nil, "<nil>"},
		{"ntext", "é", "é"},
		{"decimal(10,2)", "500", "500.00"},
		{"decimal(10,2)", "-0.05", "-0.05"},
		{"decimal(38,0)", digits, digits},
		{"decimal(38,38)", "-0." + digits, "-0." + digits},
		{"decimal(38,0)", nil, "<nil>"},
		{"money", "-922337203685477.5808", "-922337203685477.5808"},
		{"bigint", int64(-9223372036854775808), "-9223372036854775808"},
		{"bit", true, "true"},
		{"float", 0.1, "0.1"},
		{"date", "0001-01-01", "0001-01-01 00:00:00 +0000 UTC"},
		{"date", "9999-12-31", "9999-12-31 00:00:00 +0000 UTC"},
		{"varbinary(max)", []byte{0, 255}, "[0 255]"},
		{"uniqueidentifier", []byte("\x67\x45\x23\x01\xab\x89\xef\xcd\x01\x23\x45\x67\x89\xab\xcd\xef"), "67452301-AB89-EFCD-0123-456789ABCDEF"},
	} {
		t.Run(fmt.Sprintf("%s of %.30v", test.declared, test.given), func(t *testing.T) {
			columns := []mssqltest.Column{{Name: "id", Type: "int", NotNull: true}, {Name: "v", Type: test.declared}}
			bulk, err := copyIn(t, columns, 7, test.given)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(bulk.Rows[0][1]); got != test.stored || bulk.Rows[0][0] != int64(7) {
				t.Errorf("%v became %.50q, expected %.50q", bulk.Rows[0][0], got, test.stored)
			}
			if bulk.Columns[1].Type != test.declared || bulk.Columns[1].Name != "v" {
				t.Errorf("sent as %+v", bulk.Columns[1])
			}
		})
	}
	for _, test := range []struct {
		declared string
		given    any
	}{{"decimal(10,2)", "0.005"}, {"int", "7"}, {"nvarchar(10)", 0.5}, {"uniqueidentifier", "67452301-AB89-EFCD-0123-456789ABCDEF"}} {
		if bulk, err := copyIn(t, []mssqltest.Column{{Name: "v", Type: test.declared}}, test.given); err == nil {
			t.Errorf("%v into %s became %v", test.given, test.declared, bulk.Rows)
		}
	}
}

// TestBulkRefused: the server's error about a load reaches who loads.
func TestBulkRefused(t *testing.T) {
	columns := table(mssqltest.Column{Name: "v", Type: "int"})
	s := mssqltest.New(t, mssqltest.Config{Handler: func(r *mssqltest.Request) *mssqltest.Response {
		if r.Bulk != nil {
			return mssqltest.Fails(4815, "Received an invalid column length from the bcp client.")
		}
		return columns(r)
	}})
	conn, err := open(t, config(s)).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	statement, err := conn.PrepareContext(t.Context(), mssql.CopyIn("stage", mssql.BulkOptions{}, "v"))
	if err != nil {
		t.Fatal(err)
	}
	defer statement.Close()
	if _, err := statement.ExecContext(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	var refused mssql.Error
	if _, err := statement.ExecContext(t.Context()); !errors.As(err, &refused) || refused.Number != 4815 {
		t.Errorf("%v", err)
	}
}
