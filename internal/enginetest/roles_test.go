package enginetest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/plan"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// shared is a world in which a role plans, another one applies, a third one approves and a fourth one reads the source. They have
// exactly what init prints.
type shared struct {
	*world
	roles  providers.Roles
	reader string
}

// onEngineWithRoles runs a test on each engine that has roles.
func onEngineWithRoles(t *testing.T, test func(t *testing.T, w *shared)) {
	t.Helper()
	onEveryEngine(t, func(t *testing.T, e engine) {
		if e.name == "sqlite" {
			return // whoever may write the file may do everything
		}
		test(t, share(t, e))
	})
}

func share(t *testing.T, e engine) *shared {
	t.Helper()
	w := &shared{world: rooms(t, e, archiving)}
	w.exec(w.source, "CREATE TABLE secret (a int)")
	w.create(w.dest, "CREATE TABLE booking (room {text} REFERENCES room (code), note {text})", "CREATE TABLE private (note {text})")
	w.edit(`scope = { origin = "A" }`, `scope = { origin = "A" }
    generated = { seq = sequence("numbers") }`)
	w.exec(w.dest, "CREATE SEQUENCE numbers")
	w.exec(w.dest, "ALTER TABLE room ADD seq bigint")

	suffix := strings.ReplaceAll(uuid.NewString(), "-", "")[:12]
	for _, name := range []*string{&w.roles.Plan, &w.roles.Apply, &w.roles.Approve, &w.reader} {
		*name = fmt.Sprintf("role%d_%s", len(w.roles.Plan)+len(w.roles.Apply)+len(w.roles.Approve), suffix)
		create, drop := "CREATE ROLE %s LOGIN PASSWORD 'x'", "DROP OWNED BY %[1]s; DROP ROLE %[1]s"
		if e.name == "mysql" {
			create, drop = "CREATE USER %s IDENTIFIED BY 'x'", "DROP USER %s"
		}
		w.exec(w.dest, fmt.Sprintf(create, *name))
		t.Cleanup(func() {
			if _, err := w.dest.Exec(fmt.Sprintf(drop, *name)); err != nil {
				t.Error(err)
			}
		})
	}

	cfg := w.load()
	d, err := plan.OpenDestination(t.Context(), known(), cfg.Destinations[0], cfg.Dir)
	w.must(err)
	defer d.Close()
	conn, err := d.Conn(t.Context())
	w.must(err)
	defer conn.Close()
	granter, ok := d.(providers.Granter)
	if !ok {
		t.Fatal("the destination grants nothing")
	}
	statements, err := granter.Grants(t.Context(), conn, w.roles, providers.Objects{Written: []string{"room"}, Sequences: []string{"numbers"}})
	w.must(err)
	for _, p := range known() {
		if p.Name() == e.name {
			sources, ok := p.(providers.SourceGranter)
			if !ok {
				t.Fatal("the source grants nothing")
			}
			statements = append(statements, sources.SourceGrants(cfg.Sources[0].Attributes, []string{w.reader}, []string{"src"})...)
		}
	}
	for _, statement := range statements {
		w.exec(w.dest, statement)
	}

	connections := string(cfg.Files["connections.hcl"])
	into, from, _ := strings.Cut(connections, "source ")
	w.write("connections.hcl", w.as(into, "var.who")+"source "+w.as(from, "var.reader")+`
variable "who" {
  type      = string
  sensitive = true
}

variable "reader" {
  type = string
}
`)
	return w
}

// as lets a connection be that of the role that a variable names.
func (w *shared) as(block, variable string) string {
	w.Helper()
	if w.engine.name == "mysql" {
		lines := strings.Split(block, "\n")
		for i, line := range lines {
			switch name, _, _ := strings.Cut(strings.TrimSpace(line), " "); name {
			case "user":
				lines[i] = "  user = " + variable
			case "password":
				lines[i] = `  password = "x"`
			}
		}
		return strings.Join(lines, "\n")
	}
	_, rest, _ := strings.Cut(block, "postgres://")
	credentials, _, _ := strings.Cut(rest, "@")
	return strings.ReplaceAll(block, credentials+"@", "${"+variable+"}:x@")
}

func (w *shared) loadAs(role string) *config.Config {
	w.Helper()
	cfg, diags := hcl.Load(w.dir, hcl.Options{Providers: known(), Version: "0.1.0", Variables: map[string]string{"who": role, "reader": w.reader}})
	w.must(diags.Err())
	return cfg
}

func (w *shared) planAs(role string, speculative bool) *plan.Plan {
	w.Helper()
	o := w.options()
	o.Speculative = speculative
	p, err := plan.Make(w.Context(), w.loadAs(role), o)
	w.must(err)
	w.now = w.now.Add(time.Minute)
	return p
}

func (w *shared) applyAs(role string, p *plan.Plan, approvals int) error {
	w.Helper()
	_, err := apply.Apply(w.Context(), w.loadAs(role), p, apply.Options{
		Providers: known(), LockTimeout: 20 * time.Second, AppliedBy: "test", RequireApproval: approvals, Now: func() time.Time { return w.now },
	})
	w.now = w.now.Add(time.Minute)
	return err
}

func (w *shared) approveAs(role string, p *plan.Plan) error {
	w.Helper()
	err := apply.Approve(w.Context(), w.loadAs(role), p, apply.ApproveOptions{
		Providers: known(), ApprovedBy: "somebody", LockTimeout: 20 * time.Second, NewID: uuid.NewString, Now: func() time.Time { return w.now },
	})
	w.now = w.now.Add(time.Minute)
	return err
}

// within calls do with a role's connection to the destination, or for the reader to the source.
func (w *shared) within(role string, do func(providers.Destination, *sql.Conn)) {
	w.Helper()
	cfg := w.loadAs(role)
	d, err := plan.OpenDestination(w.Context(), known(), cfg.Destinations[0], cfg.Dir)
	w.must(err)
	defer d.Close()
	conn, err := d.Conn(w.Context())
	w.must(err)
	defer conn.Close()
	do(d, conn)
}

// refused runs statements as a role, of which each must be refused for want of rights, and change nothing.
func (w *shared) refused(role string, statements ...string) {
	w.Helper()
	w.within(role, func(_ providers.Destination, conn *sql.Conn) {
		for _, statement := range statements {
			tx, err := conn.BeginTx(w.Context(), nil)
			w.must(err)
			_, err = tx.ExecContext(w.Context(), statement)
			_ = tx.Rollback()
			if err == nil || !strings.Contains(err.Error(), "denied") && !strings.Contains(err.Error(), "must be owner") {
				w.Errorf("%s: %s: %v, expected a refusal", role, statement, err)
			}
		}
	})
}

// writing lists statements that would write a table: all of them, but for those that are left out.
func writing(table, column string, except ...string) []string {
	var statements []string
	for name, statement := range map[string]string{
		"insert": "INSERT INTO %[1]s SELECT * FROM %[1]s WHERE 1 = 0", "update": "UPDATE %[1]s SET %[2]s = %[2]s", "delete": "DELETE FROM %[1]s",
		"truncate": "TRUNCATE TABLE %[1]s", "drop": "DROP TABLE %[1]s", "alter": "ALTER TABLE %[1]s ADD COLUMN more int",
	} {
		if !slices.Contains(except, name) {
			statements = append(statements, fmt.Sprintf(statement, table, column))
		}
	}
	return statements
}

// registerWrites are writing for the register's tables, but for inserting where that is said.
func (w *shared) registerWrites(inserted ...string) []string {
	var statements []string
	for table, column := range map[string]string{
		"meta": "version", "plan": "id", "operation": "plan_id", "finding": "plan_id", "execution": "plan_id", "override": "plan_id", "run": "id", "run_beat": "id", "pause": "id",
		"author": "plan_id", "approval": "id", "disclosure": "id", "redaction": "id",
	} {
		var except []string
		if slices.Contains(inserted, table) {
			except = []string{"insert"}
		}
		statements = append(statements, writing(w.registerTable(table), column, except...)...)
	}
	return statements
}

// Planning needs the planning role's rights alone, and with these nothing else can be written: neither the tables that are kept in step,
// nor what says that a plan was approved of, or applied.
func TestPlanningRole(t *testing.T) {
	onEngineWithRoles(t, func(t *testing.T, w *shared) {
		w.room("R1", "One", 1)
		p := w.planAs(w.roles.Plan, false)
		w.wantCounts(p, "insert 1")
		speculative := w.planAs(w.roles.Plan, true)
		w.wantCounts(speculative, "insert 1")
		if left := w.stages(); len(left) > 0 {
			t.Errorf("staging tables are left: %v", left)
		}
		w.refused(w.roles.Plan, writing("room", "code")...)
		w.refused(w.roles.Plan, writing("booking", "room")...)
		w.refused(w.roles.Plan, w.registerWrites("plan", "operation", "finding")...)
		author := w.registerTable("author")
		w.refused(
			w.roles.Plan, "INSERT INTO "+author+" (plan_id, database_user) VALUES ('p', 'somebody else')", "UPDATE "+author+" SET database_user = 'somebody else'",
			"SELECT note FROM booking", "SELECT * FROM private", "CREATE TABLE mine (a int)",
		)
		if err := w.applyAs(w.roles.Plan, p, 0); err == nil || !strings.Contains(err.Error(), "denied") {
			t.Errorf("it applies: %v", err)
		}
		if err := w.approveAs(w.roles.Plan, p); err == nil || !strings.Contains(err.Error(), "denied") {
			t.Errorf("it approves: %v", err)
		}
		w.wantRooms()
		w.within(w.roles.Plan, func(d providers.Destination, conn *sql.Conn) {
			err := register.New(d.Dialect()).InsertDisclosure(t.Context(), conn, register.Disclosure{ID: "x", PlanID: p.ID, ShownOn: w.now, ShownBy: "test"})
			if err = providers.SafeError(d, err); err == nil || !strings.Contains(err.Error(), "those that apply and approve may") {
				t.Errorf("it shows masked values: %v", err)
			}
		})

		code := register.Match{Key: register.Document{{Column: "code", Text: "R1"}}}
		for _, role := range []string{w.roles.Plan, w.roles.Approve} {
			w.within(role, func(d providers.Destination, conn *sql.Conn) {
				r := register.New(d.Dialect())
				_, _, err := r.Redact(t.Context(), conn, []register.Match{code})
				if err = providers.SafeError(d, err); err == nil || !strings.Contains(err.Error(), "registrar init --print-grants prints") {
					t.Errorf("%s redacts: %v", role, err)
				}
			})
		}
		w.within(w.roles.Apply, func(d providers.Destination, conn *sql.Conn) {
			r := register.New(d.Dialect())
			n, _, err := r.Redact(t.Context(), conn, []register.Match{code})
			w.must(err)
			if n != 2 {
				t.Errorf("the applying role redacts %d operations", n)
			}
			w.must(r.InsertRedaction(t.Context(), conn, register.Redaction{ID: uuid.NewString(), RedactedOn: w.now, RedactedBy: "test", Reason: "r", Operations: n}))
			redactions, err := r.Redactions(t.Context(), conn)
			w.must(err)
			if len(redactions) != 1 || !strings.HasPrefix(redactions[0].DatabaseUser, w.roles.Apply) {
				t.Errorf("the database tells of %+v", redactions)
			}
		})
		w.refused(w.roles.Apply, "DELETE FROM "+w.registerTable("redaction"), "UPDATE "+w.registerTable("redaction")+" SET operations = 0")

		if err := w.applyAs(w.roles.Apply, speculative, 0); err == nil || !strings.Contains(err.Error(), "speculative") {
			t.Errorf("a speculative plan is applied: %v", err)
		}
	})
}

// A role that reads a source may not write it, nor read more.
func TestReadingRole(t *testing.T) {
	onEngineWithRoles(t, func(t *testing.T, w *shared) {
		w.refused(w.reader, writing("src", "code")...)
		w.refused(w.reader, "SELECT * FROM secret", "SELECT * FROM room", "CREATE TABLE mine (a int)")
	})
}

// What one role plans another one approves of, and a third one applies; nobody does what is not theirs, nor in another's name.
func TestRolesShareTheWork(t *testing.T) {
	onEngineWithRoles(t, func(t *testing.T, w *shared) {
		w.room("R1", "One", 1)
		p := w.planAs(w.roles.Plan, false)
		if err := w.applyAs(w.roles.Apply, p, 1); err == nil || !strings.Contains(err.Error(), "approv") {
			t.Fatalf("it is applied without an approval: %v", err)
		}

		approval := w.registerTable("approval")
		w.refused(w.roles.Approve, writing("room", "code")...)
		w.refused(w.roles.Approve, writing("booking", "room")...)
		w.refused(w.roles.Approve, w.registerWrites()...)
		forged := "INSERT INTO " + approval + " (id, digest, plan_id, approved_on, expires_on, approved_by, database_user) VALUES ('f', 'd', 'p', '2026-09-01 00:00:00', '2026-09-02 00:00:00', 'b', 'somebody else')"
		w.refused(w.roles.Approve, forged, "UPDATE "+approval+" SET database_user = 'somebody else'", "SELECT * FROM room", "CREATE TABLE mine (a int)")
		w.refused(w.roles.Apply, forged, "INSERT INTO "+approval+" (id) VALUES ('f')", "UPDATE "+approval+" SET digest = 'd'", "UPDATE "+w.registerTable("plan")+" SET digest = 'd'")
		w.refused(w.roles.Apply, writing(w.registerTable("meta"), "version")...)

		w.must(w.approveAs(w.roles.Approve, p))
		w.within(w.roles.Approve, func(d providers.Destination, conn *sql.Conn) {
			r := register.New(d.Dialect())
			stored, err := r.Plan(t.Context(), conn, p.ID)
			w.must(err)
			all, err := r.Approvals(t.Context(), conn, stored.Digest, w.now)
			w.must(err)
			if len(all) != 1 || !strings.HasPrefix(all[0].DatabaseUser, w.roles.Approve) || !strings.HasPrefix(stored.DatabaseUser, w.roles.Plan) {
				t.Errorf("the database tells %+v of an approval of a plan by %s", all, stored.DatabaseUser)
			}
			w.must(r.InsertDisclosure(t.Context(), conn, register.Disclosure{ID: uuid.NewString(), PlanID: p.ID, ShownOn: w.now, ShownBy: "test"}))
		})
		w.must(w.applyAs(w.roles.Apply, p, 1))
		w.wantRows("SELECT code, name, seq FROM room", "R1|One|1")

		// The approval is used up, also for another plan of the same operations.
		w.exec(w.dest, "DELETE FROM room")
		again := w.planAs(w.roles.Plan, false)
		if err := w.applyAs(w.roles.Apply, again, 1); err == nil || !strings.Contains(err.Error(), "approv") {
			t.Errorf("an approval was used twice: %v", err)
		}

		w.within(w.roles.Apply, func(d providers.Destination, conn *sql.Conn) {
			r := register.New(d.Dialect())
			w.must(r.InsertDisclosure(t.Context(), conn, register.Disclosure{ID: uuid.NewString(), PlanID: p.ID, ShownOn: w.now, ShownBy: "test"}))
			w.planAs(w.roles.Plan, true)
			n, err := r.SweepSpeculative(t.Context(), conn, w.now.Add(1000*time.Hour), 10)
			w.must(err)
			if n != 1 {
				t.Errorf("the applying role sweeps %d plans", n)
			}
			_, err = r.PruneSome(t.Context(), conn, w.now.Add(1000*time.Hour), true)
			w.must(err)
			_, _, err = r.PruneRuns(t.Context(), conn, w.now.Add(1000*time.Hour), w.now.Add(1000*time.Hour))
			w.must(err)
		})
		for _, table := range []string{"plan", "operation", "execution", "author", "approval", "disclosure"} {
			if rows := w.rows(w.dest, "SELECT count(*) FROM "+w.registerTable(table)); rows[0] != "0" {
				t.Errorf("the applying role leaves %s rows of %s", rows[0], table)
			}
		}
	})
}

// Who applies removes speculative plans that have expired, without anybody asking for it, and no others.
func TestSpeculativePlansAreSwept(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w := rooms(t, e, archiving)
		w.room("R1", "One", 1)
		speculative := func() {
			t.Helper()
			o := w.options()
			o.Speculative = true
			_, err := plan.Make(t.Context(), w.load(), o)
			w.must(err)
		}
		speculative()
		w.plan() // nobody applies it
		w.now = w.now.Add(100 * 24 * time.Hour)
		speculative()
		w.apply(w.plan())
		register := w.registerTable
		if got := w.rows(w.dest, "SELECT count(*) FROM "+register("plan")); got[0] != "3" {
			t.Errorf("%s plans are left, want the one that was applied, and those that are not speculative, or have not expired", got[0])
		}
		if got := w.rows(w.dest, "SELECT count(*) FROM "+register("operation")+" o LEFT JOIN "+register("plan")+" p ON p.id = o.plan_id WHERE p.id IS NULL"); got[0] != "0" {
			t.Errorf("%s operations of no plan are left", got[0])
		}
		if got := w.rows(w.dest, "SELECT count(*) FROM "+register("operation")); got[0] != "3" {
			t.Errorf("%s operations are left", got[0])
		}
	})
}
