package mysql_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/mysqltest"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mysql"
)

func sourceOf(t *testing.T, attributes providers.Attributes) providers.Source {
	t.Helper()
	source, err := mysql.New().OpenSource(t.Context(), attributes, "")
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// spellFindings writes one finding a line: a problem, a warning or what is well.
func spellFindings(findings []providers.Finding) string {
	var text strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&text, "%s %s: %s -> %s\n", f.State, f.Subject, f.Found, f.Remedy)
	}
	return text.String()
}

func TestExamine(t *testing.T) {
	database := mysqltest.New(t)
	beside := plain(t, database)
	execute(t, beside, "CREATE TABLE good (a int)", "CREATE VIEW lookout AS SELECT 1 AS a")
	examine := func() string {
		findings, err := sourceOf(t, attributesOf(database)).(providers.Examiner).Examine(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return spellFindings(findings)
	}
	got := examine()
	for _, want := range []string{"ok version: M", "ok tls: none, and none needed", "ok charset: utf8mb4", "ok snapshot: repeatable read, read only -> \n", "ok time zone: UTC"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing of\n%s", want, got)
		}
	}
	execute(t, beside, "CREATE TABLE m1 (a int) ENGINE=MyISAM", "CREATE TABLE m2 (a int) ENGINE=MEMORY", "ALTER DATABASE CHARACTER SET latin1")
	got = examine()
	for _, want := range []string{"warning snapshot: ", "m1 (MyISAM), m2 (MEMORY)", "ENGINE=InnoDB", "ok charset: latin1, which the server converts"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing of\n%s", want, got)
		}
	}
	if strings.Contains(got, "good") || strings.Contains(got, "lookout") {
		t.Errorf("a table that has snapshots is told:\n%s", got)
	}

	now, err := sourceOf(t, attributesOf(database)).(providers.ClockReader).ServerTime(t.Context())
	if away := time.Since(now); err != nil || away < -time.Hour || away > time.Hour {
		t.Errorf("the server's clock is %s away: %v", away, err)
	}
}

func TestExamineTLS(t *testing.T) {
	database := mysqltest.New(t)
	if database.CA == "" {
		t.Skip("the certificate of another server is not known")
	}
	attributes := attributesOf(database)
	attributes["tls"], attributes["tls_ca"] = nil, database.CA
	findings, err := sourceOf(t, attributes).(providers.Examiner).Examine(t.Context())
	if got := spellFindings(findings); err != nil || !strings.Contains(got, "ok tls: TLS 1.3, certificate and host name verified") {
		t.Errorf("%v\n%s", err, got)
	}
}

// TestPrivileges is about a user who may read one table, and one who may write another.
func TestPrivileges(t *testing.T) {
	database := mysqltest.New(t)
	beside := plain(t, database)
	user := "reader_" + database.Name[len(database.Name)-16:]
	execute(t, beside, "CREATE TABLE open (a int, b int)", "CREATE TABLE hidden (a int)", "CREATE TABLE half (a int, b int)", "CREATE VIEW broken AS SELECT a FROM hidden",
		"CREATE USER "+user+" IDENTIFIED BY 'pass'", "GRANT SELECT ON open TO "+user, "GRANT SELECT (a) ON half TO "+user, "GRANT SELECT ON broken TO "+user)
	t.Cleanup(func() { _, _ = database.Open(t).ExecContext(context.WithoutCancel(t.Context()), "DROP USER "+user) })
	needs := func(tables ...string) providers.Needs {
		var n providers.Needs
		for _, table := range tables {
			n.Tables = append(n.Tables, providers.TableNeed{Table: table, Select: true})
		}
		return n
	}
	attributes := attributesOf(database.As(user, "pass"))
	examine := func(needed providers.Needs) string {
		t.Helper()
		findings, err := sourceOf(t, attributes).(providers.PrivilegeExaminer).Privileges(t.Context(), needed)
		if err != nil {
			t.Fatal(err)
		}
		return spellFindings(findings)
	}
	if got := examine(needs("open")); !strings.HasPrefix(got, "ok privileges: ") {
		t.Errorf("a reader of all that it needs:\n%s", got)
	}
	got := examine(needs("open", "hidden", "half", "opne"))
	for _, want := range []string{`problem privileges: no such table "hidden"`, "problem privileges: no SELECT on half -> GRANT SELECT ON `" + database.Name + "`.`half` TO '" + user + "'@'%'", `did you mean "open"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing of\n%s", want, got)
		}
	}
	execute(t, beside, "GRANT INSERT, UPDATE ON open TO "+user)
	if got := examine(needs("open")); !strings.HasPrefix(got, "warning privileges: the user may write (INSERT, UPDATE)") {
		t.Errorf("a user who may write:\n%s", got)
	}
}

func TestAdvice(t *testing.T) {
	database := mysqltest.New(t)
	for name, test := range map[string]struct {
		change providers.Attributes
		want   string
	}{
		"port":     {providers.Attributes{"port": int64(1)}, "firewall"},
		"database": {providers.Attributes{"database": "nowhere_at_all"}, "name of the database"},
		"password": {providers.Attributes{"password": "wrong"}, ""}, // said by the error
	} {
		attributes := attributesOf(database)
		maps.Copy(attributes, test.change)
		_, err := sourceOf(t, attributes).(providers.Examiner).Examine(t.Context())
		if got := mysql.New().Advice(err); err == nil || test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s: advice %q on %v", name, got, err)
		}
	}
}
