package oracle_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/internal/oracletest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/oracle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// charsetNames are those that servers of the double have.
var charsetNames = map[oracletest.Charset]string{873: "AL32UTF8", 46: "WE8ISO8859P15", 1: "US7ASCII", 178: "WE8MSWIN1252"}

// serve starts a server that answers what every session asks, and leaves the rest to handle.
func serve(t testing.TB, config oracletest.Config, handle func(oracletest.Statement) oracletest.Result) *oracletest.Server {
	t.Helper()
	charset := config.Charset
	if charset == 0 {
		charset = oracletest.AL32UTF8
	}
	config.Handle = func(s oracletest.Statement) oracletest.Result {
		switch {
		case strings.HasPrefix(s.SQL, "ALTER SESSION"), strings.HasPrefix(s.SQL, "SET TRANSACTION"):
			return oracletest.Result{}
		case strings.Contains(s.SQL, "NLS_CHARSET_ID"):
			return table([]oracletest.Column{varchar("VALUE"), {Name: "ID", Type: oracletest.Num}}, []any{charsetNames[charset], int(charset)})
		default:
			return handle(s)
		}
	}
	return oracletest.New(t, config)
}

func varchar(name string) oracletest.Column {
	return oracletest.Column{Name: name, Type: oracletest.Varchar2, Size: 100}
}

func table(columns []oracletest.Column, rows ...[]any) oracletest.Result {
	return oracletest.Result{Columns: columns, Next: oracletest.Rows(rows...)}
}

// always answers every statement with the same columns and rows.
func always(columns []oracletest.Column, rows ...[]any) func(oracletest.Statement) oracletest.Result {
	return func(oracletest.Statement) oracletest.Result { return table(columns, rows...) }
}

// attributes reach a server; changes come last.
func attributes(server *oracletest.Server, changes ...providers.Attributes) providers.Attributes {
	all := providers.Attributes{"host": "127.0.0.1", "port": int64(server.Port()), "service": "XEPDB1", "user": "scott", "password": "tiger"}
	for _, change := range changes {
		maps.Copy(all, change)
	}
	return all
}

func open(t testing.TB, given providers.Attributes) providers.Source {
	t.Helper()
	source, err := oracle.New().OpenSource(t.Context(), given, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := source.Close(); err != nil {
			t.Error(err)
		}
	})
	return source
}

func snapshot(t testing.TB, source providers.Source) providers.Snapshot {
	t.Helper()
	opened, err := source.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	return opened
}

// read opens a snapshot of a server, and reads a query in it.
func read(t testing.TB, server *oracletest.Server, query string, params ...providers.Param) ([]string, error) {
	t.Helper()
	return all(t.Context(), snapshot(t, open(t, attributes(server))), providers.Query{SQL: query, Params: params})
}

// all reads the rows of a query, each as its cells' kinds and texts.
func all(ctx context.Context, from providers.Snapshot, query providers.Query) (got []string, err error) {
	rows, err := from.Read(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := make([]value.Value, len(rows.Columns()))
	for {
		err := rows.Next(row)
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return got, err
		}
		var cells []string
		for _, cell := range row {
			if cell.IsNull() {
				cells = append(cells, "NULL")
			} else {
				cells = append(cells, cell.Kind().String()+" "+cell.Text())
			}
		}
		got = append(got, strings.Join(cells, ", "))
	}
}

func same(t testing.TB, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func wantError(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error; want one with %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q: %v", part, err)
		}
	}
}

// texts are the statements that a server got, with what was bound.
func texts(server *oracletest.Server) []string {
	var all []string
	for _, s := range server.Statements() {
		line := strings.Join(strings.Fields(s.SQL), " ")
		if len(s.Binds()) > 0 {
			line += fmt.Sprint(" <- ", s.Binds())
		}
		all = append(all, line)
	}
	return all
}
