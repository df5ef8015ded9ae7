package mssql_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mssql"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// database is what the double plays.
type database struct {
	version   string // 16.0.4135.4 unless set
	noHistory bool   // snapshot isolation is not allowed
	readOnly  bool
	tables    [][2]string // schema and name
	// answer is for what the provider does not ask for itself.
	answer func(*mssqltest.Request) *mssqltest.Response
	facts  []any // what Examine asks, behind the version
}

func (d *database) handle(r *mssqltest.Request) *mssqltest.Response {
	version := d.version
	if version == "" {
		version = "16.0.4135.4"
	}
	column := func(names ...string) (columns []mssqltest.Column) {
		for _, name := range names {
			kind := "nvarchar(200)"
			switch name[0] {
			case '#':
				kind = "int"
			case '?':
				kind = "bit"
			}
			columns = append(columns, mssqltest.Column{Name: name, Type: kind})
		}
		return columns
	}
	keeps := 1
	if d.noHistory {
		keeps = 0
	}
	switch {
	case r.Kind == mssqltest.Begin, r.Kind == mssqltest.Rollback, strings.HasPrefix(r.SQL, "SET LANGUAGE"):
		return nil
	case strings.Contains(r.SQL, "IS_SRVROLEMEMBER"):
		return &mssqltest.Response{
			Columns: column("version", "edition", "collation", "database", "login", "user", "#keeps", "?committed", "?readonly",
				"#sysadmin", "#owner", "#ddl", "#insert", "#update", "#delete", "writable"),
			Rows: mssqltest.Rows(append([]any{version}, d.facts...)),
		}
	case strings.Contains(r.SQL, "snapshot_isolation_state"):
		var table any
		if len(d.tables) > 0 {
			table = "[" + d.tables[0][0] + "].[" + d.tables[0][1] + "]"
		}
		return &mssqltest.Response{Columns: column("version", "#keeps", "?readonly", "table"), Rows: mssqltest.Rows([]any{version, keeps, d.readOnly, table})}
	case strings.HasPrefix(r.SQL, "SELECT MAX(one)"):
		return &mssqltest.Response{Columns: column("#one"), Rows: mssqltest.Rows([]any{1})}
	case strings.Contains(r.SQL, "FROM sys.objects"):
		var rows [][]any
		for _, table := range d.tables {
			rows = append(rows, []any{table[0], table[1]})
		}
		return &mssqltest.Response{Columns: column("schema", "name"), Rows: mssqltest.Rows(rows...)}
	case d.answer != nil:
		return d.answer(r)
	default:
		return nil
	}
}

// serve starts a double, and returns the attributes of a source that reaches it.
func serve(t testing.TB, config mssqltest.Config, d *database) (*mssqltest.Server, providers.Attributes) {
	t.Helper()
	config.Handler = d.handle
	server := mssqltest.New(t, config)
	authority := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(authority, server.CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return server, providers.Attributes{
		"host": server.Host(), "port": int64(server.Port()), "database": server.Config().Database,
		"user": server.Config().User, "password": server.Config().Password, "ca_file": authority,
	}
}

func openSource(t testing.TB, attributes providers.Attributes) providers.Source {
	t.Helper()
	source, err := mssql.New().OpenSource(t.Context(), attributes, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = source.Close() })
	return source
}

func snapshotOf(t testing.TB, attributes providers.Attributes) providers.Snapshot {
	t.Helper()
	snapshot, err := openSource(t, attributes).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = snapshot.Close() })
	return snapshot
}

// reading is a snapshot of a server that answers each query so.
func reading(t testing.TB, answer *mssqltest.Response) providers.Snapshot {
	t.Helper()
	_, attributes := serve(t, mssqltest.Config{}, &database{answer: func(*mssqltest.Request) *mssqltest.Response { return answer }})
	return snapshotOf(t, attributes)
}

// drain reads to the end, or to an error.
func drain(rows providers.Rows, err error) (all [][]value.Value, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for {
		row := make([]value.Value, len(rows.Columns()))
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return all, err
		}
		all = append(all, row)
	}
}
