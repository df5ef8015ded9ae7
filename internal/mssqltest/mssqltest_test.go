package mssqltest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"
	"go.uber.org/goleak"

	"github.com/registrar-sync/registrar/internal/mssqltest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// config is how the driver reaches the server, checking its certificate.
func config(s *mssqltest.Server) msdsn.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.CertificatePEM())
	return msdsn.Config{
		Host: s.Host(), Port: uint64(s.Port()), User: s.Config().User, Password: s.Config().Password, Database: s.Config().Database,
		Encryption: msdsn.EncryptionRequired, TLSConfig: &tls.Config{RootCAs: roots, ServerName: s.Host(), MinVersion: tls.VersionTLS12},
		Protocols: []string{"tcp"}, DisableRetry: true, PacketSize: 16383, Encoding: msdsn.EncodeParameters{GuidConversion: true},
	}
}

func open(t testing.TB, c msdsn.Config) *sql.DB {
	t.Helper()
	db := sql.OpenDB(mssql.NewConnectorConfig(c))
	t.Cleanup(func() { db.Close() })
	return db
}

func TestLogins(t *testing.T) {
	for name, test := range map[string]struct {
		server mssqltest.Config
		change func(*msdsn.Config)
		want   string // of the error
	}{
		"all encrypted":   {},
		"TDS 8.0":         {server: mssqltest.Config{Encryption: mssqltest.EncryptFirst}, change: func(c *msdsn.Config) { c.Encryption = msdsn.EncryptionStrict }},
		"no encryption":   {server: mssqltest.Config{Encryption: mssqltest.EncryptNone}, change: func(c *msdsn.Config) { c.Encryption = msdsn.EncryptionDisabled }},
		"wrong password":  {change: func(c *msdsn.Config) { c.Password = "x" }, want: "Login failed for user 'reader'"},
		"wrong user":      {change: func(c *msdsn.Config) { c.User = "x" }, want: "Login failed for user 'x'"},
		"wrong database":  {change: func(c *msdsn.Config) { c.Database = "x" }, want: "Cannot open database \"x\""},
		"login of a host": {change: func(c *msdsn.Config) { c.User = `CAMPUS\reader` }, want: "untrusted domain"},
		"expired":         {server: mssqltest.Config{Expired: true}, want: "expired"},
		"another host":    {server: mssqltest.Config{Hosts: []string{"sql.example.org"}}, want: "cannot validate certificate for 127.0.0.1"},
		"no authority":    {change: func(c *msdsn.Config) { c.TLSConfig.RootCAs = x509.NewCertPool() }, want: "unknown authority"},
		"old TLS":         {server: mssqltest.Config{MaxTLS: tls.VersionTLS10}, want: "protocol version"},
		"no TLS":          {server: mssqltest.Config{Encryption: mssqltest.EncryptNone}, want: "does not support encryption"},
	} {
		t.Run(name, func(t *testing.T) {
			s := mssqltest.New(t, test.server)
			c := config(s)
			if test.change != nil {
				test.change(&c)
			}
			err := open(t, c).PingContext(t.Context())
			if (test.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Fatalf("%v, expected %q", err, test.want)
			}
			logins := s.Logins()
			if err != nil {
				for _, l := range logins {
					if l.Accepted {
						t.Errorf("accepted %+v", l)
					}
				}
				return
			}
			encrypted := c.Encryption != msdsn.EncryptionDisabled
			if l := logins[0]; !l.Accepted || l.AllEncrypted != encrypted || l.Encrypted != encrypted || l.Database != "timetable" {
				t.Errorf("login %+v", l)
			}
		})
	}
}

// TestUnsetEncryption: what the driver does where nothing is said of encryption encrypts the login
// only, and trusts any certificate.
func TestUnsetEncryption(t *testing.T) {
	s := mssqltest.New(t, mssqltest.Config{Encryption: mssqltest.EncryptLogin, Expired: true, Hosts: []string{"another.example.org"}})
	parsed, err := msdsn.Parse(fmt.Sprintf("sqlserver://reader:read-only@%s:%d?database=timetable", s.Host(), s.Port()))
	if err != nil {
		t.Fatal(err)
	}
	if err := open(t, parsed).PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l := s.Logins()[0]; !l.Encrypted || l.AllEncrypted {
		t.Errorf("login %+v", l)
	}
}

// fixtures are a column of each type, a value, and what the driver makes of it.
var fixtures = []struct {
	column mssqltest.Column
	value  any
	want   string // with %v; []byte as text
}{
	{mssqltest.Column{Type: "bit"}, true, "true"},
	{mssqltest.Column{Type: "bit", NotNull: true}, false, "false"},
	{mssqltest.Column{Type: "tinyint"}, 255, "255"},
	{mssqltest.Column{Type: "smallint", NotNull: true}, -32768, "-32768"},
	{mssqltest.Column{Type: "int"}, -2147483648, "-2147483648"},
	{mssqltest.Column{Type: "bigint"}, int64(9223372036854775807), "9223372036854775807"},
	{mssqltest.Column{Type: "decimal(38,10)"}, "-1234567890123456789012345678.0000000001", "-1234567890123456789012345678.0000000001"},
	{mssqltest.Column{Type: "numeric(5,2)"}, "-0.05", "-0.05"},
	{mssqltest.Column{Type: "money"}, "-922337203685477.5808", "-922337203685477.5808"},
	{mssqltest.Column{Type: "smallmoney"}, "-0.0001", "-0.0001"},
	{mssqltest.Column{Type: "float"}, 0.1, "0.1"},
	{mssqltest.Column{Type: "real"}, 0.5, "0.5"},
	{mssqltest.Column{Type: "varchar(20)"}, "é€ ", "é€ "},
	{mssqltest.Column{Type: "varchar(max)"}, strings.Repeat("é", 20000), strings.Repeat("é", 20000)},
	{mssqltest.Column{Type: "char(5)"}, "ab   ", "ab   "},
	{mssqltest.Column{Type: "nvarchar(20)"}, "é🙂", "é🙂"},
	{mssqltest.Column{Type: "nvarchar(max)"}, strings.Repeat("🙂", 9000), strings.Repeat("🙂", 9000)},
	{mssqltest.Column{Type: "nvarchar(max)"}, "", ""},
	{mssqltest.Column{Type: "nchar(3)"}, "a  ", "a  "},
	{mssqltest.Column{Type: "text"}, "é", "é"},
	{mssqltest.Column{Type: "ntext"}, "🙂", "🙂"},
	{mssqltest.Column{Type: "xml"}, "<a>é</a>", "<a>é</a>"},
	{mssqltest.Column{Type: "varbinary(max)"}, []byte("\x00\xff"), "\x00\xff"},
	{mssqltest.Column{Type: "binary(2)"}, []byte("\x00a"), "\x00a"},
	{mssqltest.Column{Type: "image"}, []byte("i"), "i"},
	{mssqltest.Column{Type: "rowversion"}, []byte("\x00\x00\x00\x00\x00\x00\x07\xd1"), "\x00\x00\x00\x00\x00\x00\x07\xd1"},
	{mssqltest.Column{Type: "date"}, "0001-01-01", "0001-01-01 00:00:00 +0000 UTC"},
	{mssqltest.Column{Type: "time(7)"}, "23:59:59.9999999", "0001-01-01 23:59:59.9999999 +0000 UTC"},
	{mssqltest.Column{Type: "datetime"}, "1753-01-01 00:00:00.003", "1753-01-01 00:00:00.003 +0000 UTC"},
	{mssqltest.Column{Type: "datetime"}, "9999-12-31 23:59:59.997", "9999-12-31 23:59:59.997 +0000 UTC"},
	{mssqltest.Column{Type: "smalldatetime"}, "2079-06-06 23:59:00", "2079-06-06 23:59:00 +0000 UTC"},
	{mssqltest.Column{Type: "datetime2(0)"}, "9999-12-31 23:59:59", "9999-12-31 23:59:59 +0000 UTC"},
	{mssqltest.Column{Type: "datetime2(7)"}, "0001-01-01 00:00:00.0000001", "0001-01-01 00:00:00.0000001 +0000 UTC"},
	{mssqltest.Column{Type: "datetimeoffset(3)"}, "2026-03-29 02:30:00.5 +05:30", "2026-03-29 02:30:00.5 +0530 +0530"},
	{mssqltest.Column{Type: "uniqueidentifier"}, "01234567-89AB-CDEF-0123-456789ABCDEF", "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef"},
	{mssqltest.Column{Type: "sql_variant"}, 7, "7"},
	{mssqltest.Column{Type: "hierarchyid"}, []byte("\x58"), "\x58"},
}

func TestTypes(t *testing.T) {
	response := mssqltest.Response{}
	var row, nulls []any
	for i, f := range fixtures {
		f.column.Name = fmt.Sprint("c", i)
		response.Columns = append(response.Columns, f.column)
		row = append(row, f.value)
		if f.column.NotNull {
			nulls = append(nulls, f.value)
		} else {
			nulls = append(nulls, nil)
		}
	}
	response.Rows = mssqltest.Rows(row, nulls, row)
	few := mssqltest.Response{Columns: response.Columns[2:4], Rows: mssqltest.Rows([]any{nil, 1})}
	s := mssqltest.New(t, mssqltest.Config{Handler: func(r *mssqltest.Request) *mssqltest.Response {
		if r.SQL == "SELECT few" {
			return &few
		}
		return &response
	}})
	db := open(t, config(s))
	rows, err := db.QueryContext(t.Context(), "SELECT all of them")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for n := 0; rows.Next(); n++ {
		cells, targets := make([]any, len(row)), make([]any, len(row))
		for i := range cells {
			targets[i] = &cells[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		for i, cell := range cells {
			want := fixtures[i].want
			if n == 1 && !fixtures[i].column.NotNull {
				want = "<nil>"
			}
			if b, ok := cell.([]byte); ok {
				cell = string(b)
			}
			if got := fmt.Sprint(cell); got != want {
				t.Errorf("row %d, %s: %.100q, expected %.100q", n, fixtures[i].column.Type, got, want)
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	var null sql.NullInt64
	var one int
	if err := db.QueryRowContext(t.Context(), "SELECT few").Scan(&null, &one); err != nil || null.Valid || one != 1 {
		t.Errorf("%v %v %v", null, one, err)
	}
}

func TestParameters(t *testing.T) {
	s := mssqltest.New(t, mssqltest.Config{})
	at := time.Date(2026, 3, 29, 2, 30, 0, 123456700, time.FixedZone("", 7200))
	_, err := open(t, config(s)).ExecContext(t.Context(), "UPDATE t SET x = @p1",
		"é", mssql.VarChar("a"), int64(-7), 0.5, true, []byte{0, 255}, at, nil, mssql.DateTime1(at), "")
	if err != nil {
		t.Fatal(err)
	}
	r := s.Requests()[0]
	var got []string
	for _, p := range r.Params {
		got = append(got, fmt.Sprintf("%s %s %v", p.Name, p.Type, p.Value))
	}
	want := "@p1 nvarchar(1) é|@p2 varchar(1) a|@p3 bigint -7|@p4 float 0.5|@p5 bit true|@p6 varbinary(2) [0 255]|" +
		"@p7 datetimeoffset(7) 2026-03-29 02:30:00.1234567 +0200 +0200|@p8 null <nil>|@p9 datetime 2026-03-29 02:30:00.123333333 +0000 UTC|@p10 nvarchar(max) "
	if r.SQL != "UPDATE t SET x = @p1" || strings.Join(got, "|") != want {
		t.Errorf("%s with\n%s, expected\n%s", r.SQL, strings.Join(got, "|"), want)
	}
}

// TestOneWordIsAProcedure: such a query is a call.
func TestOneWordIsAProcedure(t *testing.T) {
	s := mssqltest.New(t, mssqltest.Config{})
	if _, err := open(t, config(s)).ExecContext(t.Context(), "sp_who2"); err != nil {
		t.Fatal(err)
	}
	if r := s.Requests()[0]; r.Kind != mssqltest.Call || r.Procedure != "sp_who2" {
		t.Errorf("%+v", r)
	}
}

func TestTransactions(t *testing.T) {
	s := mssqltest.New(t, mssqltest.Config{Handler: func(r *mssqltest.Request) *mssqltest.Response {
		if strings.Contains(r.SQL, "abort") {
			return &mssqltest.Response{Error: &mssqltest.Error{Number: 245, Class: 16, Message: "Conversion failed", Line: 2}, AbortsTransaction: true}
		}
		return nil
	}})
	db := open(t, config(s))
	tx, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: sql.LevelSnapshot})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), "UPDATE t SET a = 1"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if tx, err = db.BeginTx(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	var server mssql.Error
	if _, err := tx.ExecContext(t.Context(), "abort it"); !errors.As(err, &server) || server.Number != 245 || server.LineNo != 2 {
		t.Errorf("%v", err)
	}
	if _, err := tx.ExecContext(t.Context(), "SELECT outside of it"); err == nil {
		t.Error("a transaction that is over goes on")
	}
	_ = tx.Rollback()
	requests := s.Requests()
	if r := requests[0]; r.Kind != mssqltest.Begin || r.Isolation != 5 {
		t.Errorf("%+v", r)
	}
	if r := requests[1]; r.Transaction == 0 || r.Transaction != requests[2].Transaction || requests[2].Kind != mssqltest.Commit {
		t.Errorf("%+v, %+v", r, requests[2])
	}
}

func numbers(yield func([]any) bool) {
	for n := range 100_000 {
		if !yield([]any{n}) {
			return
		}
	}
}

func TestEndings(t *testing.T) {
	column := []mssqltest.Column{{Name: "n", Type: "int"}}
	some := mssqltest.Rows([]any{1}, []any{2}, []any{3})
	for name, test := range map[string]struct {
		response mssqltest.Response
		rows     int
		want     string
	}{
		"all":         {mssqltest.Response{Columns: column, Rows: some, Times: 100}, 300, ""},
		"an error":    {mssqltest.Response{Columns: column, Rows: some, Error: &mssqltest.Error{Number: 8134, Class: 16, Message: "Divide by zero"}}, 3, "8134"},
		"fatal":       {mssqltest.Response{Columns: column, Rows: some, Error: &mssqltest.Error{Number: 21, Class: 21, Message: "Fatal"}}, 3, "internal error"},
		"dropped":     {mssqltest.Response{Columns: column, Rows: some, Fault: mssqltest.Drop}, 3, "EOF"},
		"garbage":     {mssqltest.Response{Columns: column, Rows: some, Fault: mssqltest.Garbage}, 3, "unknown token"},
		"two results": {mssqltest.Response{Columns: column, Rows: some, Next: &mssqltest.Response{Columns: column, Rows: some}}, 3, ""},
	} {
		for _, parameters := range [][]any{nil, {1}} {
			t.Run(fmt.Sprint(name, parameters), func(t *testing.T) {
				s := mssqltest.New(t, mssqltest.Config{Handler: func(*mssqltest.Request) *mssqltest.Response { return &test.response }})
				rows, err := open(t, config(s)).QueryContext(t.Context(), "SELECT n FROM t", parameters...)
				if err != nil {
					t.Fatal(err)
				}
				defer rows.Close()
				n := 0
				for rows.Next() {
					n++
				}
				err = rows.Err()
				if n != test.rows || (test.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.want) {
					t.Errorf("%d rows, then %v; expected %d, then %q", n, err, test.rows, test.want)
				}
			})
		}
	}
}

func TestAttention(t *testing.T) {
	s := mssqltest.New(t, mssqltest.Config{Handler: func(r *mssqltest.Request) *mssqltest.Response {
		switch r.SQL {
		case "SELECT never":
			return &mssqltest.Response{Wait: make(chan struct{})}
		case "SELECT numbers":
			return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "n", Type: "int"}}, Rows: numbers, Times: 1000}
		}
		return nil
	}})
	db := open(t, config(s))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := db.ExecContext(ctx, "SELECT never"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	var first int
	if err := db.QueryRowContext(t.Context(), "SELECT numbers").Scan(&first); err != nil {
		t.Error(err)
	}
	if _, err := db.ExecContext(t.Context(), "SELECT 1"); err != nil || s.Accepted() != 1 {
		t.Errorf("%v after %d connections", err, s.Accepted())
	}
}

// TestCancelledConnection: a deadline costs the connection, and what belongs to its session.
func TestCancelledConnection(t *testing.T) {
	s := mssqltest.New(t, mssqltest.Config{Handler: func(r *mssqltest.Request) *mssqltest.Response {
		if r.SQL == "SELECT never" {
			return &mssqltest.Response{Wait: make(chan struct{})}
		}
		return nil
	}})
	db := open(t, config(s))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := db.ExecContext(ctx, "SELECT never"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if _, err := db.ExecContext(t.Context(), "SELECT 1"); err != nil || s.Accepted() != 2 {
		t.Errorf("%v after %d connections", err, s.Accepted())
	}
}

// TestMixedEndian: unless it is told otherwise, the driver yields a uniqueidentifier's octets as they
// come, which is not their order in the text.
func TestMixedEndian(t *testing.T) {
	s := mssqltest.New(t, mssqltest.Config{Handler: func(*mssqltest.Request) *mssqltest.Response {
		return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "id", Type: "uniqueidentifier"}}, Rows: mssqltest.Rows([]any{"01234567-89AB-CDEF-0123-456789ABCDEF"})}
	}})
	c := config(s)
	c.Encoding.GuidConversion = false
	var octets []byte
	if err := open(t, c).QueryRowContext(t.Context(), "SELECT id FROM t").Scan(&octets); err != nil || fmt.Sprintf("%x", octets) != "67452301ab89efcd0123456789abcdef" {
		t.Errorf("%x, %v", octets, err)
	}
}

func count(t testing.TB, db *sql.DB) (n int, err error) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT id, name FROM person")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

func BenchmarkServe(b *testing.B) {
	s := mssqltest.New(b, mssqltest.Config{Handler: func(*mssqltest.Request) *mssqltest.Response {
		return &mssqltest.Response{
			Columns: []mssqltest.Column{{Name: "id", Type: "int", NotNull: true}, {Name: "name", Type: "nvarchar(40)"}},
			Rows:    mssqltest.Rows([]any{1, "Ada Lovelace"}, []any{2, "Émilie du Châtelet"}), Times: 50_000,
		}
	}})
	db := open(b, config(s))
	for b.Loop() {
		if n, err := count(b, db); err != nil || n != 100_000 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
