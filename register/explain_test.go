package register_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/register"
)

// statement is what was sent to a database.
type statement struct {
	text string
	args []any
}

// recorder passes statements on, and remembers them.
type recorder struct {
	providers.Querier
	sent *[]statement
}

func (r recorder) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	*r.sent = append(*r.sent, statement{query, args})
	return r.Querier.ExecContext(ctx, query, args...)
}

func (r recorder) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	*r.sent = append(*r.sent, statement{query, args})
	return r.Querier.QueryContext(ctx, query, args...)
}

func (r recorder) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	*r.sent = append(*r.sent, statement{query, args})
	return r.Querier.QueryRowContext(ctx, query, args...)
}

// On a register with a long history no statement reads all operations, findings or executions: what it
// costs depends on the plan that it is about.
func TestNoStatementReadsTheWholeHistory(t *testing.T) {
	onEveryEngine(t, func(w *world) {
		w.init(false)
		w.exec("BEGIN")
		const plans, size = 300, 200
		w.plan("plan 0", day, register.SyncSummary{Sync: "sync.people"})
		for i := range plans {
			w.fill(fmt.Sprint("plan ", i), size)
		}
		w.exec(`INSERT INTO {finding} (plan_id, seq, sync, kind) SELECT plan_id, seq, sync, 'ignored' FROM {operation}`)
		numbers := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
		w.exec("INSERT INTO {plan} " + numbers + `SELECT 'plan ' || i, created_on, created_by, config_digest, git_commit, expires_on, speculative, status, digest, summary FROM {plan}, n WHERE i > 0`)
		instant := "'2026-09-03 00:00:00.' || (100000 + i) || 'Z'"
		switch w.engine {
		case "postgres":
			instant = "CAST(" + instant + " AS timestamptz)"
		case "mysql":
			instant = "CAST(replace(" + instant + ", 'Z', '') AS datetime(6))"
		}
		w.exec("INSERT INTO {execution} " + numbers + "SELECT 'plan ' || i, " + instant + ", executed_by FROM {execution}, n WHERE i > 10")
		w.exec("INSERT INTO {author} (plan_id) " + numbers + "SELECT 'author ' || i FROM n")
		w.exec("INSERT INTO {approval} (id, digest, plan_id, approved_on, expires_on, approved_by) " + numbers + "SELECT 'a' || i, 'digest ' || i, 'p', " + instant + ", " + instant + ", 'ada' FROM n")
		w.exec("INSERT INTO {disclosure} (id, plan_id, shown_on, shown_by) " + numbers + "SELECT 'd' || i, 'plan ' || i, " + instant + ", 'ada' FROM n")
		w.exec("COMMIT")
		if w.engine == "postgres" {
			w.exec("ANALYZE {operation}; ANALYZE {finding}; ANALYZE {execution}; ANALYZE {plan}; ANALYZE {approval}; ANALYZE {disclosure}; ANALYZE {author}")
		}
		recent := approval("recent", day.Add(1000*time.Hour))
		recent.Digest = "digest 5"
		w.must(w.r.InsertApproval(w.Context(), w.conn, recent))

		const planID = "plan 5"
		nothing := func(*register.Operation) error { return nil }
		found := func(*register.Finding) error { return nil }
		for name, run := range map[string]func(ctx context.Context, q providers.Querier) error{
			"Digest": func(ctx context.Context, q providers.Querier) error { _, err := w.r.Digest(ctx, q, planID); return err },
			"Counts": func(ctx context.Context, q providers.Querier) error {
				_, err := w.r.Counts(ctx, q, planID)
				return err
			},
			"Operations": func(ctx context.Context, q providers.Querier) error {
				return w.r.Operations(ctx, q, planID, 0, size, 50, nothing)
			},
			"a batch of an apply": func(ctx context.Context, q providers.Querier) error {
				d := w.d.Dialect()
				docs := []sqlgen.Doc{{Column: "key", Members: []sqlgen.DocMember{{Name: "code", As: "k0"}}}, {Column: "after", Members: []sqlgen.DocMember{{Name: "name", As: "a0"}}}}
				where := fmt.Sprintf("o.plan_id = %s AND o.seq > 0 AND o.seq <= %d AND o.sync = %s AND o.operation = 'update'", d.Placeholder(1), size, d.Placeholder(2))
				rows, err := q.QueryContext(ctx, d.Unpack(d.RegisterTable("operation"), docs, where), planID, "sync.people")
				if err != nil {
					return err
				}
				defer rows.Close()
				return rows.Err()
			},
			"Findings": func(ctx context.Context, q providers.Querier) error {
				return w.r.Findings(ctx, q, planID, "sync.people", register.Ignored, 20, found)
			},
			"CountFindings": func(ctx context.Context, q providers.Querier) error {
				_, err := w.r.CountFindings(ctx, q, planID, "sync.people")
				return err
			},
			"InsertFinding": func(ctx context.Context, q providers.Querier) error {
				return w.r.InsertFinding(ctx, q, planID, register.Finding{Sync: "sync.people", Kind: register.Ignored})
			},
			"Plan": func(ctx context.Context, q providers.Querier) error { _, err := w.r.Plan(ctx, q, planID); return err },
			"Execution": func(ctx context.Context, q providers.Querier) error {
				_, err := w.r.Execution(ctx, q, planID)
				return err
			},
			"Override": func(ctx context.Context, q providers.Querier) error {
				_, err := w.r.Override(ctx, q, planID)
				return err
			},
			"LastExecution": func(ctx context.Context, q providers.Querier) error {
				_, err := w.r.LastExecution(ctx, q)
				return err
			},
			"LastSourceRows": func(ctx context.Context, q providers.Querier) error {
				_, err := w.r.LastSourceRows(ctx, q, []string{"sync.people"})
				return err
			},
			"Search": func(ctx context.Context, q providers.Querier) error {
				_, err := w.r.Search(ctx, q, &register.Search{Limit: 8})
				return err
			},
			"LastApplied": func(ctx context.Context, q providers.Querier) error {
				_, err := w.r.LastApplied(ctx, q, []string{"sync.people"})
				return err
			},
			"Approvals": func(ctx context.Context, q providers.Querier) error {
				found, err := w.r.Approvals(ctx, q, "digest 5", day.Add(1001*time.Hour))
				if err == nil && len(found) != 1 {
					err = fmt.Errorf("found %v", found)
				}
				return err
			},
			"LapsedApprovals": func(ctx context.Context, q providers.Querier) error {
				_, err := w.r.LapsedApprovals(ctx, q, "digest 5", day.Add(2000*time.Hour), 3)
				return err
			},
			"ApprovalsOf": func(ctx context.Context, q providers.Querier) error {
				_, err := w.r.ApprovalsOf(ctx, q, planID, day)
				return err
			},
			"Disclosures": func(ctx context.Context, q providers.Querier) error {
				found, err := w.r.Disclosures(ctx, q, planID)
				if err == nil && len(found) != 1 {
					err = fmt.Errorf("found %v", found)
				}
				return err
			},
			"SweepSpeculative": func(ctx context.Context, q providers.Querier) error {
				_, err := w.r.SweepSpeculative(ctx, q, day.Add(1000*time.Hour), 20)
				return err
			},
			"PruneSome": func(ctx context.Context, q providers.Querier) error {
				some, err := w.r.PruneSome(ctx, q, day.Add(1000*time.Hour), false)
				if err == nil && some.Plans == 0 {
					err = fmt.Errorf("nothing pruned")
				}
				return err
			},
		} {
			tx, err := w.conn.BeginTx(w.Context(), nil)
			w.must(err)
			var sent []statement
			w.must(run(w.Context(), recorder{tx, &sent}))
			if len(sent) == 0 {
				w.Errorf("%s sends nothing", name)
			}
			for i, s := range sent {
				if i == 10 {
					break // of a plan to prune after the other
				}
				plan := w.explain(tx, s)
				if strings.Contains(s.text, "LEFT JOIN") {
					continue // what there is to prune is asked for of all plans
				}
				if scansAll(plan) {
					w.Errorf("%s reads a whole table:\n%s\n%s", name, s.text, plan)
				}
			}
			w.must(tx.Rollback())
		}

		// A sync that no plan has is looked for in three pages; one whose last plan is known, until that plan was made.
		var sent []statement
		last, err := w.r.LastApplied(w.Context(), recorder{w.conn, &sent}, []string{"sync.none", "sync.people"})
		w.must(err)
		if len(sent) != 3 || !last["sync.none"].OutOfSight || last["sync.people"].PlanID != "plan 5000" || last["sync.people"].OutOfSight {
			w.Errorf("%d statements found %v", len(sent), last)
		}
		w.plan("rare 1", day.Add(-time.Hour), register.SyncSummary{Sync: "sync.rare"})
		w.plan("rare 2", day.Add(1000*time.Hour), register.SyncSummary{Sync: "sync.rare", Incremental: &register.Incremental{After: "rare 0", SeenOn: day.Add(-2 * time.Hour)}})
		last, err = w.r.LastApplied(w.Context(), w.conn, []string{"sync.rare"})
		w.must(err)
		if rare := last["sync.rare"]; rare.PlanID != "rare 2" || !rare.Overtaken {
			w.Errorf("found %v, want a plan that another was applied before", rare)
		}
	})
}

// scansAll tells from a plan whether a table is read without a condition. The index of the
// latest executions is, up to a limit.
func scansAll(plan string) bool {
	within := map[string]bool{} // queries within the query
	for line := range strings.SplitSeq(plan, "\n") {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "CO-ROUTINE "); ok {
			within[name] = true
		}
		what, isScan := strings.CutPrefix(line, "SCAN ")
		name, by, _ := strings.Cut(what, " ")
		if strings.Contains(line, "Seq Scan on") || isScan && !within[name] && by != "USING COVERING INDEX registrar_execution_executed_on" {
			return true
		}
	}
	return false
}

// tableAccess puts a line of a plan of MariaDB's or MySQL's the way SQLite would.
func (w *world) tableAccess(what, table, access, key, extra string) string {
	isTable := what != "INSERT" && !strings.HasPrefix(table, "<") && table != "" && !strings.HasPrefix(extra, "Table function")
	switch {
	case isTable && access == "index":
		return "SCAN " + table + " USING COVERING INDEX " + key
	case isTable && access == "ALL":
		return "SCAN " + table
	default:
		return "SEARCH " + table
	}
}

func (w *world) explain(tx *sql.Tx, s statement) string {
	w.Helper()
	word := map[string]string{"sqlite": "EXPLAIN QUERY PLAN ", "postgres": "EXPLAIN ", "mysql": "EXPLAIN "}[w.engine]
	rows, err := tx.QueryContext(w.Context(), word+s.text, s.args...)
	w.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	w.must(err)
	cells := make([]any, len(columns))
	for i := range cells {
		cells[i] = new(sql.NullString)
	}
	var lines []string
	for rows.Next() {
		w.must(rows.Scan(cells...))
		text := func(i int) string { return cells[i].(*sql.NullString).String }
		line := text(len(cells) - 1) // the last column is the text
		if w.engine == "mysql" {
			line = w.tableAccess(text(1), text(2), text(3), text(5), line)
		}
		lines = append(lines, line)
	}
	w.must(rows.Err())
	return strings.Join(lines, "\n")
}
