package sqlsource

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"strings"
	"testing"
)

// oddDriver gives one result, with a column whose type it does not know: it panics, as go-mssqldb does.
type oddDriver struct{}

func (oddDriver) Connect(context.Context) (driver.Conn, error) { return oddDriver{}, nil }
func (oddDriver) Driver() driver.Driver                        { return nil }
func (oddDriver) Prepare(string) (driver.Stmt, error)          { return nil, driver.ErrSkip }
func (oddDriver) Begin() (driver.Tx, error)                    { return nil, driver.ErrSkip }
func (oddDriver) Close() error                                 { return nil }
func (oddDriver) Columns() []string                            { return []string{"odd"} }
func (oddDriver) Next([]driver.Value) error                    { return io.EOF }
func (oddDriver) ColumnTypeDatabaseTypeName(int) string        { panic("no reader for type 31") }

func (oddDriver) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return oddDriver{}, nil
}

func TestATypeThatTheDriverDoesNotKnowIsAnError(t *testing.T) {
	t.Parallel()
	db := sql.OpenDB(oddDriver{})
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "SELECT odd FROM t")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	types, err := columnTypes(rows)
	if types != nil || err == nil || !strings.Contains(err.Error(), "a column whose type the driver does not know (no reader for type 31)") {
		t.Errorf("%v, %v", types, err)
	}
	if rows.Next() || rows.Err() != nil { // nothing is locked by the panic
		t.Error(rows.Err())
	}
}
