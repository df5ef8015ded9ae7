package examples_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/internal/pgtest"
)

// celcatServer is a double of CELCAT's server: it knows the query of the example, not SQL.
type celcatServer struct {
	t     testing.TB
	mu    sync.Mutex
	rows  [][]any // those of sql/hours.sql
	fault mssqltest.Fault
	fail  *mssqltest.Error
}

func newCelcatServer(t testing.TB) *celcatServer {
	const history, algebra, geography = "6f9619ff-8b86-d011-b42d-00c04fc964ff", "0e984725-c51c-4bf4-9960-e1c80e27aba0", "10000000-0000-4000-8000-000000000003"
	return &celcatServer{t: t, rows: [][]any{
		{history, "H1005", "Histoire médiévale", "2026-09-07", "1899-12-30 08:30:00", "1899-12-30 10:00:00", "1.50", false, "2026-09-01 10:00:00.250 +02:00"},
		{history, "H1012", "Histoire médiévale", "2026-09-07", "1899-12-30 08:30:00", "1899-12-30 10:00:00", "1.50", false, "2026-09-01 10:00:00.250 +02:00"},
		{algebra, "S2006", "Algèbre linéaire", "2026-09-07", "1899-12-30 10:15:00", "1899-12-30 12:15:00", "2.00", false, "2026-09-01 10:05:00.000 +02:00"},
		{geography, "H1005", "Géographie de l'Œuvre", "2026-09-08", "1899-12-30 14:00:00", "1899-12-30 17:20:00", "3.33", true, "2026-09-02 09:00:00.000 +02:00"},
	}}
}

func (c *celcatServer) change(how func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	how()
}

func (c *celcatServer) answer(r *mssqltest.Request) *mssqltest.Response {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case strings.Contains(r.SQL, "snapshot_isolation_state"):
		return &mssqltest.Response{
			Columns: []mssqltest.Column{{Name: "version", Type: "nvarchar(40)"}, {Name: "keeps", Type: "int"}, {Name: "readonly", Type: "bit"}, {Name: "table", Type: "nvarchar(200)"}},
			Rows:    mssqltest.Rows([]any{"15.0.4335.1", 1, false, nil}),
		}
	case strings.HasPrefix(r.SQL, "SELECT MAX(one)"):
		return &mssqltest.Response{Columns: []mssqltest.Column{{Name: "one", Type: "int"}}, Rows: mssqltest.Rows([]any{1})}
	case !strings.Contains(r.SQL, "FROM dbo.timetable_session"):
		return nil
	}
	if len(r.Params) != 1 || r.Params[0].Value != "2026-09-01" {
		c.t.Errorf("the query of hours got %v, want :since", r.Params)
	}
	return &mssqltest.Response{
		Columns: []mssqltest.Column{
			{Name: "session_guid", Type: "uniqueidentifier", NotNull: true},
			{Name: "staff_code", Type: "char(8)", NotNull: true},
			{Name: "subject", Type: "varchar(60)", NotNull: true},
			{Name: "session_date", Type: "date", NotNull: true},
			{Name: "start_time", Type: "datetime", NotNull: true},
			{Name: "end_time", Type: "datetime", NotNull: true},
			{Name: "hours", Type: "decimal(5,2)", NotNull: true},
			{Name: "is_cancelled", Type: "bit", NotNull: true},
			{Name: "changed_at", Type: "datetimeoffset(3)", NotNull: true},
		},
		Rows: mssqltest.Rows(c.rows...), Fault: c.fault, Error: c.fail,
	}
}

// onCelcat is the example with a double of SQL Server, and a real PostgreSQL.
func onCelcat(t testing.TB) (*world, *celcatServer) {
	t.Helper()
	source := newCelcatServer(t)
	server := mssqltest.New(t, mssqltest.Config{User: "registrar_ro", Password: "lire seulement", Handler: source.answer})
	url := pgtest.New(t)
	w := &world{TB: t, dir: extract(t, "hours"), now: september}
	authority := filepath.Join(t.TempDir(), "authority.pem")
	w.must(os.WriteFile(authority, server.CertificatePEM(), 0o600))
	w.environ = []string{
		"REGISTRAR_VAR_celcat_host=" + server.Host(), fmt.Sprint("REGISTRAR_VAR_celcat_port=", server.Port()), "REGISTRAR_VAR_celcat_authority=" + authority,
		"REGISTRAR_VAR_payroll_url=" + url, "REGISTRAR_VAR_celcat_password=lire seulement",
	}
	w.destination = w.open("pgx", url)
	w.script("setup.sql")
	return w, source
}

const taughtHours = `SELECT session, staff, subject, day::text, starts, ends, hours, cancelled, to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'), origin
	FROM taught_hour ORDER BY origin, session, staff`

func TestHours(t *testing.T) {
	t.Parallel()
	w, source := onCelcat(t)
	w.run(map[string]counts{"sync.hours": {"insert": 3, "update": 1, "delete": 1}})
	const byHand = "20000000-0000-4000-8000-000000000003|H1005|Jury|03/09/2026|14:00:00|16:00:00|2.00|false|∅|BY HAND"
	const algebra = "0e984725-c51c-4bf4-9960-e1c80e27aba0|S2006|Algèbre linéaire|07/09/2026|10:15:00|12:15:00|2.00|false|2026-09-01 08:05:00.000|CELCAT"
	const paid = "20000000-0000-4000-8000-000000000002|S2006|Analyse|04/09/2026|08:30:00|10:00:00|1.50|false|2026-08-30 08:00:00.000|CELCAT"
	w.want(taughtHours, byHand, algebra,
		"10000000-0000-4000-8000-000000000003|H1005|Géographie de l'Œuvre|08/09/2026|14:00:00|17:20:00|3.33|true|2026-09-02 07:00:00.000|CELCAT",
		paid,
		"6f9619ff-8b86-d011-b42d-00c04fc964ff|H1005|Histoire médiévale|07/09/2026|08:30:00|10:00:00|1.50|false|2026-09-01 08:00:00.250|CELCAT",
		"6f9619ff-8b86-d011-b42d-00c04fc964ff|H1012|Histoire médiévale|07/09/2026|08:30:00|10:00:00|1.50|false|2026-09-01 08:00:00.250|CELCAT",
	)

	// The next night: a session is spelt otherwise, has another teacher, and another was not held at all.
	source.change(func() {
		source.rows[0][2] = "HISTOIRE médiévale"
		source.rows[1][1] = "H1013"
		source.rows = source.rows[:3]
	})
	w.again(map[string]counts{"sync.hours": {"insert": 1, "update": 1, "delete": 2}})
	w.want("SELECT staff, subject FROM taught_hour WHERE session = '6f9619ff-8b86-d011-b42d-00c04fc964ff' ORDER BY staff", "H1005|HISTOIRE médiévale", "H1013|Histoire médiévale")
}

// What was not read to its end is never taken for gone, whatever ended it.
func TestHoursBreak(t *testing.T) {
	t.Parallel()
	w, source := onCelcat(t)
	cfg := w.load()
	w.init(cfg)
	w.apply(cfg, w.plan(cfg))
	before := w.rows(taughtHours)
	all := source.rows
	for _, c := range []struct {
		name, want string
		fault      mssqltest.Fault
		fail       *mssqltest.Error
	}{
		{"the connection is cut", "after", mssqltest.Drop, nil},
		{"an error of the server", "1205", mssqltest.NoFault, &mssqltest.Error{Number: 1205, State: 1, Class: 13, Message: "Transaction was deadlocked."}},
	} {
		source.change(func() { source.rows, source.fault, source.fail = all[:2], c.fault, c.fail })
		_, err := w.tryPlan(cfg)
		if err == nil {
			t.Errorf("%s: the plan succeeds", c.name)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if diff := cmp.Diff(before, w.rows(taughtHours)); diff != "" {
			t.Errorf("%s: the destination changed (-before +after):\n%s", c.name, diff)
		}
	}
	source.change(func() { source.rows, source.fault, source.fail = all, mssqltest.NoFault, nil })
	if p := w.plan(cfg); p.Changes() {
		t.Errorf("the plan after the faults has operations: %v", planned(p))
	}
}

func TestHoursRefused(t *testing.T) {
	t.Parallel()
	w, _ := onCelcat(t)
	w.init(w.load())
	w.environ[4] = "REGISTRAR_VAR_celcat_password=tout écrire"
	_, err := w.tryPlan(w.load())
	if err == nil || !strings.Contains(err.Error(), "18456") || strings.Contains(err.Error(), "écrire") {
		t.Errorf("with a wrong password: %v", err)
	}
	// Without the server's authority nobody tells it the password.
	w.environ[2], w.environ[4] = "REGISTRAR_VAR_celcat_authority=", "REGISTRAR_VAR_celcat_password=lire seulement"
	w.environ = append(w.environ[:2], w.environ[3:]...)
	_, err = w.tryPlan(w.load())
	if err == nil || !strings.Contains(err.Error(), "ca_file") {
		t.Errorf("with an authority that nobody knows: %v", err)
	}
}
