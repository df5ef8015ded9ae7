package mssql_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/providers"
)

// facts are edition, collation, database, login, user, keeps versions, committed snapshot, read-only, sysadmin,
// owner, ddl, insert, update, delete, a table that may be written.
func facts(change func([]any)) []any {
	all := []any{"Standard Edition", "French_CI_AS", "[timetable]", "reader", "reader", 1, false, false, 0, 0, 0, 0, 0, 0, nil}
	if change != nil {
		change(all)
	}
	return all
}

func TestExamine(t *testing.T) {
	for name, test := range map[string]struct {
		server     mssqltest.Config
		database   database
		attributes providers.Attributes
		want       []string // what a finding holds, by its state; "ok" for the others
	}{
		"well set up": {database: database{facts: facts(nil)}, want: []string{
			"version ok SQL Server 2022, 16.0.4135.4, Standard Edition", "tls ok TLS 1.2, certificate verified", "charset ok collation French_CI_AS", "snapshot ok snapshot isolation", "privileges ok reader may read only",
		}},
		"no snapshots": {database: database{facts: facts(func(f []any) { f[5] = 0 })}, want: []string{
			"snapshot warning read committed: tables may be read as of different moments; ALTER DATABASE [timetable] SET ALLOW_SNAPSHOT_ISOLATION ON",
		}},
		"snapshots per query": {database: database{facts: facts(func(f []any) { f[5], f[6] = 0, true })}, want: []string{"snapshot warning read committed, on a snapshot per query"}},
		"nobody writes":       {database: database{facts: facts(func(f []any) { f[5], f[7] = 0, true })}, want: []string{"snapshot ok the database is read-only"}},
		"administrator":       {database: database{facts: facts(func(f []any) { f[8] = 1 })}, want: []string{"privileges warning reader is an administrator; db_datareader"}},
		"owner":               {database: database{facts: facts(func(f []any) { f[9] = 1 })}, want: []string{"privileges warning reader owns the database"}},
		"writer":              {database: database{facts: facts(func(f []any) { f[11], f[13] = 1, 1 })}, want: []string{"privileges warning reader may insert, delete in the whole database"}},
		"structure":           {database: database{facts: facts(func(f []any) { f[10] = 1 })}, want: []string{"privileges warning reader may change the structure"}},
		"one table":           {database: database{facts: facts(func(f []any) { f[14] = "[dbo].[log]" })}, want: []string{"privileges warning reader may write to [dbo].[log]"}},
		"may not know":        {database: database{facts: facts(func(f []any) { f[8], f[9], f[10] = nil, nil, nil })}, want: []string{"privileges ok"}},
		"old": {
			server: mssqltest.Config{MaxTLS: 0x0301}, attributes: providers.Attributes{"tlsmin": "1.0"},
			database: database{version: "9.00.5000.00", facts: facts(nil)}, want: []string{"version ok SQL Server 2005, 9.00.5000.00", "tls warning TLS 1.0, certificate verified; have the server updated"},
		},
		"trusted": {attributes: providers.Attributes{"trust_certificate": true}, database: database{facts: facts(nil)}, want: []string{"tls warning TLS 1.2, certificate not verified; ca_file"}},
		"open": {
			server: mssqltest.Config{Encryption: mssqltest.EncryptNone}, attributes: providers.Attributes{"encrypt": "disable"},
			database: database{facts: facts(nil)}, want: []string{"tls warning none: the password and all rows can be read on the way; leave out encrypt"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			server, given := serve(t, test.server, &test.database)
			maps.Copy(given, test.attributes)
			findings, err := openSource(t, given).(providers.Examiner).Examine(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var subjects []string
			for _, f := range findings {
				subjects = append(subjects, f.Subject)
				if (f.Remedy == "") != (f.State == providers.FindingOK) {
					t.Errorf("%+v", f)
				}
			}
			if strings.Join(subjects, " ") != "version tls charset snapshot privileges" {
				t.Error(subjects)
			}
			for _, want := range test.want {
				subject, rest, _ := strings.Cut(want, " ")
				state, rest, _ := strings.Cut(rest, " ")
				found, remedy, _ := strings.Cut(rest, "; ")
				for _, f := range findings {
					if f.Subject == subject && (string(f.State) != state || !strings.HasPrefix(f.Found, found) || !strings.Contains(f.Remedy, remedy)) {
						t.Errorf("%+v, expected %s", f, want)
					}
				}
			}
			for _, r := range server.Requests() {
				if r.Kind == mssqltest.Commit {
					t.Error("an examination commits")
				}
			}
		})
	}
}

func TestExamineUnreachable(t *testing.T) {
	_, given := serve(t, mssqltest.Config{}, &database{})
	given["password"] = "Pa55"
	if _, err := openSource(t, given).(providers.Examiner).Examine(t.Context()); err == nil || !strings.Contains(err.Error(), "18456") {
		t.Errorf("%v", err)
	}
}

func TestPrivileges(t *testing.T) {
	db := &database{facts: facts(nil), tables: [][2]string{{"dbo", "room"}, {"dbo", "person"}}, answer: func(r *mssqltest.Request) *mssqltest.Response {
		may := 0
		if r.Params[0].Value == "[dbo].[room]" {
			may = 1
		}
		return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "may", Type: "int"}}, Rows: mssqltest.Rows([]any{may})}
	}}
	_, given := serve(t, mssqltest.Config{}, db)
	examiner := openSource(t, given).(providers.PrivilegeExaminer)
	findings, err := examiner.Privileges(t.Context(), providers.Needs{Tables: []providers.TableNeed{{Table: "room", Select: true}, {Table: "person", Select: true}, {Table: "rom", Select: true}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) != 2 || findings[0].Remedy != "GRANT SELECT ON [dbo].[person] TO [reader]" || !strings.Contains(findings[1].Found, `did you mean "room"?`) {
		t.Errorf("%+v", findings)
	}
	findings, err = examiner.Privileges(t.Context(), providers.Needs{Tables: []providers.TableNeed{{Table: "room", Select: true}}})
	if err != nil || len(findings) != 1 || findings[0].State != providers.FindingOK {
		t.Errorf("%+v, %v", findings, err)
	}
}

func TestServerTime(t *testing.T) {
	_, given := serve(t, mssqltest.Config{}, &database{answer: func(*mssqltest.Request) *mssqltest.Response {
		return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "now", Type: "datetime"}}, Rows: mssqltest.Rows([]any{"2026-03-29 02:30:00"})}
	}})
	now, err := openSource(t, given).(providers.ClockReader).ServerTime(t.Context())
	if err != nil || !now.Equal(time.Date(2026, 3, 29, 2, 30, 0, 0, time.UTC)) {
		t.Errorf("%v, %v", now, err)
	}
}
