package oracle_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/oracletest"
	"github.com/registrar-sync/registrar/providers"
)

// examined answers what an examination asks.
func examined(version string, held ...string) func(oracletest.Statement) oracletest.Result {
	return func(s oracletest.Statement) oracletest.Result {
		switch {
		case strings.Contains(s.SQL, "PRODUCT_COMPONENT_VERSION"):
			return table(code, []any{version})
		case strings.Contains(s.SQL, "NETWORK_PROTOCOL"):
			return table(code, []any{"tcp"})
		case strings.Contains(s.SQL, "DBTIMEZONE"):
			return table([]oracletest.Column{varchar("A"), varchar("B")}, []any{"+00:00", "+00:00"})
		case strings.Contains(s.SQL, "SESSION_PRIVS"):
			var rows [][]any
			for _, h := range held {
				rows = append(rows, []any{h})
			}
			return table(code, rows...)
		case strings.Contains(s.SQL, "CURRENT_SCHEMA') FROM DUAL"):
			return table(code, []any{"SCOTT"})
		case strings.Contains(s.SQL, "ALL_TABLES") && len(s.Binds()) > 0:
			columns := []oracletest.Column{varchar("OWNER"), varchar("NAME")}
			return table(columns, []any{"SCOTT", "ROOM"}, []any{"SCOTT", "SECRET"})
		case strings.Contains(s.SQL, `"SECRET"`):
			return oracletest.Result{Err: &oracletest.Error{Code: 1031, Text: "insufficient privileges"}}
		case strings.Contains(s.SQL, "SYSTIMESTAMP"):
			return table([]oracletest.Column{{Name: "NOW", Type: oracletest.TimestampTZ}}, []any{at("2026-07-15 08:00:00")})
		case strings.Contains(s.SQL, "ALL_TABLES"):
			return table([]oracletest.Column{varchar("OWNER"), varchar("NAME")}, []any{"SCOTT", "ROOM"})
		default:
			return table(code)
		}
	}
}

func shown(findings []providers.Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, fmt.Sprintf("%v %s: %s", f.State, f.Subject, f.Found))
	}
	return all
}

func TestExamine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version string
		charset oracletest.Charset
		want    []string
	}{
		{"19.0.0.0.0", oracletest.WE8ISO8859P15, []string{"ok version: Oracle 19.0.0.0.0", "ok tls: none; the server is this machine", "ok charset: WE8ISO8859P15", "ok time zone: +00:00; a DATE has none", "ok snapshot: read-only transaction"}},
		{"8.1.7.0.0", oracletest.US7ASCII, []string{"warning version: Oracle 8.1.7.0.0", "ok tls: none; the server is this machine", "warning charset: US7ASCII", "ok time zone: +00:00; a DATE has none", "ok snapshot: read-only transaction"}},
	} {
		server := serve(t, oracletest.Config{Charset: c.charset}, examined(c.version))
		examiner := open(t, attributes(server)).(providers.Examiner)
		found, err := examiner.Examine(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		same(t, shown(found), c.want)
	}
	server := serve(t, oracletest.Config{}, examined("19"))
	_, err := open(t, attributes(server, providers.Attributes{"password": "wrong"})).(providers.Examiner).Examine(t.Context())
	wantError(t, err, "ORA-01017")
}

func TestPrivileges(t *testing.T) {
	t.Parallel()
	needs := func(names ...string) providers.Needs {
		var all providers.Needs
		for _, name := range names {
			all.Tables = append(all.Tables, providers.TableNeed{Table: name, Select: true})
		}
		return all
	}
	server := serve(t, oracletest.Config{}, examined("19"))
	found, err := open(t, attributes(server)).(providers.PrivilegeExaminer).Privileges(t.Context(), needs("room"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, shown(found), []string{"ok privileges: nothing that would let it write"})

	server = serve(t, oracletest.Config{}, examined("19", "DBA", "DELETE ANY TABLE", "INSERT ANY TABLE", "UPDATE ANY TABLE"))
	found, err = open(t, attributes(server)).(providers.PrivilegeExaminer).Privileges(t.Context(), needs("room", "secret", "rom"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, shown(found), []string{
		"problem privileges: table secret cannot be read: ORA-01031: insufficient privileges",
		`problem privileges: table rom cannot be read: no such table "rom" in the source; did you mean "ROOM"?`,
		"warning privileges: it holds DBA, DELETE ANY TABLE, INSERT ANY TABLE and 1 more",
	})
	if got := found[0].Remedy; got != `GRANT SELECT ON "SCOTT"."SECRET" TO SCOTT` {
		t.Error(got)
	}
}

func TestServerTime(t *testing.T) {
	t.Parallel()
	server := serve(t, oracletest.Config{}, examined("19"))
	now, err := open(t, attributes(server)).(providers.ClockReader).ServerTime(t.Context())
	if err != nil || !now.Equal(time.Date(2026, 7, 15, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("%v, %v", now, err)
	}
}
