package register_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/register"
)

// A register of version 2, as it was written then, keeps its rows and what others made of
// its view, and has then what a new one has.
func TestUpgradeFromVersion2(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		if w.engine == "mysql" {
			w.Skip("its first register was one of version 4")
		}
		w.make(2)
		w.exec(`INSERT INTO {meta} (version, identity, created_on) VALUES (2, 'a uuid', '2026-09-01 02:30:00Z')`)
		w.exec(`INSERT INTO {plan} (id, created_on, created_by, config_digest, git_commit, expires_on, speculative, status, digest, summary)
VALUES ('p', '2026-09-01 02:30:00Z', 'ada', 'c', NULL, '2026-09-04 02:30:00Z', FALSE, 'ready', 'd', '[{"sync": "sync.rooms", "source_rows": 7, "counts": {"archive": 1}}]')`)
		w.exec(`INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, "key", "before", "after", result) VALUES
('p', 1, 'sync.rooms', 'room', 'archive', '{"code": "R1"}', '{"gone": null}', '{"gone": {"$":"now()"}}', NULL),
('p', 2, 'sync.rooms', 'room', 'update', '{"code": "R2"}', '{"seats": "1"}', '{"seats": "2"}', NULL)`)
		w.exec(`INSERT INTO {finding} (plan_id, seq, sync, kind, "key", message, detail) VALUES ('p', 1, 'sync.rooms', 'ignored', '{"code": "M"}', NULL, '{"origin": "MANUAL"}')`)
		w.exec(`INSERT INTO {execution} (plan_id, executed_on, executed_by) VALUES ('p', '2026-09-01 03:00:00Z', 'ada')`)
		w.exec(`CREATE VIEW reader AS SELECT operation, source_code, field_name, from_value, to_value FROM {import_reg}`)
		var role string
		if w.engine == "postgres" {
			role = fmt.Sprintf("reader_%d", time.Now().UnixNano()) // a role is the server's
			w.exec("CREATE ROLE " + role)
			defer w.exec("DROP OWNED BY " + role + "; DROP ROLE " + role)
			w.exec("GRANT SELECT ON {import_reg} TO " + role)
		}

		var version *register.VersionError
		if _, err := w.r.Meta(w.Context(), w.conn); !errors.As(err, &version) || version.Have != 2 || version.Want != register.Version {
			t.Errorf("before: %v", err)
		}
		if outcome := w.init(true); outcome != register.Upgraded {
			t.Errorf("outcome %s", outcome)
		}
		if meta, err := w.r.Meta(w.Context(), w.conn); err != nil || meta != (register.Meta{Version: register.Version, Identity: "a uuid"}) {
			t.Errorf("after: %+v, %v", meta, err)
		}
		if role != "" {
			if got := w.rows("SELECT has_table_privilege('" + role + "', 'registrar.import_reg', 'SELECT')"); got[0] != "true" {
				t.Error("the rights on the view are lost")
			}
		}

		p, err := w.r.Plan(w.Context(), w.conn, "p")
		w.must(err)
		if p.CreatedBy != "ada" || len(p.Syncs) != 1 || p.Syncs[0].SourceRows != 7 {
			t.Errorf("plan %+v", p)
		}
		got, err := w.r.LastSourceRows(w.Context(), w.conn, []string{"sync.rooms"})
		w.must(err)
		if got["sync.rooms"] != 7 {
			t.Errorf("source rows %v", got)
		}
		w.must(w.r.Findings(w.Context(), w.conn, "p", "sync.rooms", "", 0, func(f *register.Finding) error {
			want := &register.Finding{
				Seq: 1, Sync: "sync.rooms", Kind: register.Ignored,
				Key: register.Document{{Column: "code", Text: "M"}}, Detail: register.Document{{Column: "origin", Text: "MANUAL"}},
			}
			if diff := cmp.Diff(want, f); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
			return nil
		}))
		// What version 2 did not know.
		w.exec(`INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, "key", "before", "after", result)
VALUES ('p', 3, 'sync.rooms', 'room', 'rename', '{"code": "R3"}', '{"code": "R3"}', '{"code": "R4"}', NULL)`)
		rows := w.rows("SELECT * FROM reader")
		slices.Sort(rows)
		if diff := cmp.Diff([]string{"delete|R1|||", "update|R2|seats|1|2", "update|R3|code|R3|R4"}, rows); diff != "" {
			t.Errorf("the view (-want +got):\n%s", diff)
		}
		w.must(w.r.InsertOverride(w.Context(), w.conn, register.Override{PlanID: "p", OverriddenOn: day, OverriddenBy: "ada", Reason: "r"}))

		if outcome := w.init(true); outcome != register.Present {
			t.Errorf("the second time: %s", outcome)
		}
		w.exec("DROP VIEW reader")
		upgraded := w.layout()
		for _, table := range slices.Backward(registerTables) {
			kind := "TABLE"
			if table == "import_reg" {
				kind = "VIEW"
			}
			w.exec("DROP " + kind + " {" + table + "}")
		}
		if outcome := w.init(false); outcome != register.Created {
			t.Errorf("a new register: %s", outcome)
		}
		if diff := cmp.Diff(w.layout(), upgraded); diff != "" {
			t.Errorf("an upgraded register is not a new one (-new +upgraded):\n%s", diff)
		}
	})
}

// make makes the tables of a version, as they were made then.
func (w *world) make(version int) {
	w.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf("version%d.%s.sql", version, w.engine)))
	w.must(err)
	for statement := range strings.SplitSeq(strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), ";\n"), ";\n\n") {
		w.exec(statement)
	}
}

// A register of version 4 keeps its plans, and has then runs and pauses.
func TestUpgradeFromVersion4(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.make(4)
		w.exec(`INSERT INTO {meta} (version, identity, created_on) VALUES (4, 'a uuid', '2026-09-01 02:30:00')`)
		w.executedPlan("p")
		w.must(w.r.InsertOverride(w.Context(), w.conn, register.Override{PlanID: "p", OverriddenOn: day, OverriddenBy: "ada", Reason: "r"}))
		w.exec(`INSERT INTO {operation} (plan_id, seq, sync, table_name, operation, "key") VALUES ('p', 1, 's', 't', 'purge', '{}')`)
		var version *register.VersionError
		if _, err := w.r.Meta(w.Context(), w.conn); !errors.As(err, &version) || version.Have != 4 {
			t.Errorf("before: %v", err)
		}
		if outcome := w.init(true); outcome != register.Upgraded {
			t.Errorf("outcome %s", outcome)
		}
		if meta, err := w.r.Meta(w.Context(), w.conn); err != nil || meta != (register.Meta{Version: register.Version, Identity: "a uuid"}) {
			t.Errorf("after: %+v, %v", meta, err)
		}
		if rows := w.rows("SELECT p.id, o.operation, v.reason FROM {plan} p JOIN {operation} o ON o.plan_id = p.id JOIN {override} v ON v.plan_id = p.id JOIN {execution} e ON e.plan_id = p.id"); !slices.Equal(rows, []string{"p|purge|r"}) {
			t.Errorf("kept %q", rows)
		}
		if _, err := w.r.BeginRun(w.Context(), w.conn, slotRun("a")); err != nil {
			t.Error(err)
		}
		if err := w.r.Pause(w.Context(), w.conn, register.Pause{Sync: "sync.a", PausedOn: day, PausedBy: "ada", Reason: "r"}); err != nil {
			t.Error(err)
		}
		upgraded := w.layout()
		for _, table := range slices.Backward(registerTables) {
			kind := "TABLE"
			if table == "import_reg" {
				kind = "VIEW"
			}
			w.exec("DROP " + kind + " {" + table + "}")
		}
		w.init(false)
		if diff := cmp.Diff(w.layout(), upgraded); diff != "" {
			t.Errorf("an upgraded register is not a new one (-new +upgraded):\n%s", diff)
		}
	})
}

// A register of version 5 keeps what it has, and has then approvals, authors and disclosures; of older plans nobody knows the author.
func TestUpgradeFromVersion5(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.make(5)
		w.exec(`INSERT INTO {meta} (version, identity, created_on) VALUES (5, 'a uuid', '2026-09-01 02:30:00')`)
		w.executedPlan("p")
		_, err := w.r.BeginRun(w.Context(), w.conn, slotRun("a"))
		w.must(err)
		w.must(w.r.Pause(w.Context(), w.conn, register.Pause{Sync: "sync.a", PausedOn: day, PausedBy: "ada", Reason: "r"}))
		var version *register.VersionError
		if _, err := w.r.Meta(w.Context(), w.conn); !errors.As(err, &version) || version.Have != 5 || version.Want != register.Version {
			t.Errorf("before: %v", err)
		}
		if outcome := w.init(true); outcome != register.Upgraded {
			t.Errorf("outcome %s", outcome)
		}
		if rows := w.rows("SELECT p.id, e.executed_by, r.unit, s.sync FROM {plan} p JOIN {execution} e ON e.plan_id = p.id CROSS JOIN {run} r CROSS JOIN {pause} s"); len(rows) != 1 {
			t.Errorf("kept %q", rows)
		}
		if p, err := w.r.Plan(w.Context(), w.conn, "p"); err != nil || p.DatabaseUser != "" {
			t.Errorf("the author of an older plan: %+v, %v", p, err)
		}
		w.must(w.r.InsertApproval(w.Context(), w.conn, approval("a", day)))
		upgraded := w.layout()
		for _, table := range slices.Backward(registerTables) {
			kind := "TABLE"
			if table == "import_reg" {
				kind = "VIEW"
			}
			w.exec("DROP " + kind + " {" + table + "}")
		}
		w.init(false)
		if diff := cmp.Diff(w.layout(), upgraded); diff != "" {
			t.Errorf("an upgraded register is not a new one (-new +upgraded):\n%s", diff)
		}
	})
}

// A register of version 6 keeps what it has, and has then a record of redactions.
func TestUpgradeFromVersion6(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.make(6)
		w.exec(`INSERT INTO {meta} (version, identity, created_on) VALUES (6, 'a uuid', '2026-09-01 02:30:00')`)
		w.plan("p", day, register.SyncSummary{Sync: "sync.a"})
		w.must(w.r.InsertApproval(w.Context(), w.conn, approval("a", day)))
		var version *register.VersionError
		if _, err := w.r.Meta(w.Context(), w.conn); !errors.As(err, &version) || version.Have != 6 || version.Want != register.Version {
			t.Errorf("before: %v", err)
		}
		if outcome := w.init(true); outcome != register.Upgraded {
			t.Errorf("outcome %s", outcome)
		}
		if rows := w.rows("SELECT p.id, e.executed_by, a.id FROM {plan} p JOIN {execution} e ON e.plan_id = p.id CROSS JOIN {approval} a"); !slices.Equal(rows, []string{"p|ada|a"}) {
			t.Errorf("kept %q", rows)
		}
		w.must(w.r.InsertRedaction(w.Context(), w.conn, register.Redaction{ID: "r", RedactedOn: day, RedactedBy: "ada", Reason: "asked for", Operations: 2, Findings: 1}))
		redactions, err := w.r.Redactions(w.Context(), w.conn)
		w.must(err)
		if len(redactions) != 1 || redactions[0].Reason != "asked for" || redactions[0].Operations != 2 || redactions[0].Findings != 1 || !redactions[0].RedactedOn.Equal(day) || (redactions[0].DatabaseUser != "") != (w.engine != "sqlite") {
			t.Errorf("redactions %+v", redactions)
		}
		upgraded := w.layout()
		for _, table := range slices.Backward(registerTables) {
			kind := "TABLE"
			if table == "import_reg" {
				kind = "VIEW"
			}
			w.exec("DROP " + kind + " {" + table + "}")
		}
		w.init(false)
		if diff := cmp.Diff(w.layout(), upgraded); diff != "" {
			t.Errorf("an upgraded register is not a new one (-new +upgraded):\n%s", diff)
		}
	})
}

// executedPlan writes a plan as registers before version 6 held it.
func (w *world) executedPlan(id string) {
	w.Helper()
	w.exec(`INSERT INTO {plan} (id, created_on, created_by, config_digest, git_commit, expires_on, speculative, status, digest, summary)
VALUES ('` + id + `', '2026-09-01 02:30:00', 'ada', 'c', NULL, '2026-09-04 02:30:00', FALSE, 'ready', 'd', '[]')`)
	w.must(w.r.InsertExecution(w.Context(), w.conn, register.Execution{PlanID: id, ExecutedOn: day, ExecutedBy: "ada"}))
}

// Where making a table ends a transaction, a register that was only half made is made all the same.
func TestInitRepeatsWhatWasInterrupted(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		if _, commits := w.d.Dialect().(sqlgen.CommittingDefinitions); !commits {
			w.Skip("a transaction makes all of it or nothing")
		}
		w.init(false)
		want := w.layout()
		w.exec("DELETE FROM {meta}")
		w.exec("DROP TABLE {override}")
		w.exec("DROP TABLE {pause}")
		w.exec("DROP TABLE {execution}")
		if outcome := w.init(false); outcome != register.Created {
			t.Errorf("outcome %s", outcome)
		}
		if diff := cmp.Diff(want, w.layout()); diff != "" {
			t.Errorf("not the register that it was (-want +got):\n%s", diff)
		}
		if _, err := w.r.Meta(w.Context(), w.conn); err != nil {
			t.Error(err)
		}
		if outcome := w.init(false); outcome != register.Present {
			t.Errorf("the third time: %s", outcome)
		}
	})
}

// layout is the text of each table and view, as far as the engine tells it.
func (w *world) layout() []string {
	w.Helper()
	if w.engine == "sqlite" {
		return w.rows("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
	}
	if w.engine == "mysql" {
		return slices.Concat(
			w.rows(`SELECT table_name, column_name, column_type, collation_name, is_nullable FROM information_schema.columns WHERE table_schema = database() ORDER BY table_name, ordinal_position`),
			w.rows(`SELECT table_name, index_name, column_name FROM information_schema.statistics WHERE table_schema = database() ORDER BY table_name, index_name, seq_in_index`),
			w.rows(`SELECT view_definition FROM information_schema.views WHERE table_schema = database()`))
	}
	return slices.Concat(
		w.rows(`SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 WHERE n.nspname = 'registrar' ORDER BY c.relname, a.attnum`),
		w.rows(`SELECT indexdef FROM pg_indexes WHERE schemaname = 'registrar' ORDER BY indexname`),
		w.rows(`SELECT pg_get_viewdef('registrar.import_reg'::regclass)`))
}
