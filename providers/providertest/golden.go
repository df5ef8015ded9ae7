package providertest

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

//nolint:gochecknoglobals // A flag is one; only tests are linked with this package.
var update = flag.Bool("update", false, "write the golden files of the SQL text")

// GoldenSQL holds the text of every statement of the engine, for targets with awkward
// names, against testdata/sql/<statement>.sql in the caller's folder. sqlTypes are the engine's
// spellings of the types text, integer, numeric(10,2) and timestamptz.
func GoldenSQL(t *testing.T, d sqlgen.Dialect, sqlTypes [4]string) {
	statements, _ := engineStatements(d, sqlTypes)
	for name, statement := range statements {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			text.WriteString(statement.SQL + "\n")
			for i, arg := range statement.Args {
				fmt.Fprintf(&text, "-- %d: %v\n", i+1, arg)
			}
			golden(t, filepath.Join("testdata", "sql", name+".sql"), text.String())
		})
	}
}

// exerciseStatements has the engine read each statement, on tables as they name them.
func (h *Harness) exerciseStatements(t *testing.T) {
	db := h.open(t)
	db.needSQL(t)
	if h.SQL.Statements == [4]string{} {
		t.Skip("not declared")
	}
	d := db.destination(t)
	dialect := d.Dialect()
	conn := connect(t, d)
	createRegister(t, conn, dialect)
	statements, tables := engineStatements(dialect, h.SQL.Statements)
	for _, table := range tables {
		columns := make([]string, len(table.Columns))
		for i, c := range table.Columns {
			columns[i] = dialect.Quote(c.Name) + " " + c.Type.SQL
		}
		exec(t, conn, "CREATE TABLE "+table.Name+" ("+strings.Join(columns, ", ")+")")
	}
	for name, statement := range statements {
		if strings.Contains(name, "create") {
			exec(t, conn, statement.SQL)
		}
	}
	for name, statement := range statements {
		if strings.Contains(name, "create") || strings.Contains(name, "index") || name == "drop_stage" {
			continue
		}
		if err := explain(newContext(t), conn, statement); err != nil {
			t.Errorf("%s: %v\n%s", name, err, abridge(statement.SQL))
		}
	}
}

func explain(ctx context.Context, q providers.Querier, statement sqlgen.Statement) error {
	rows, err := q.QueryContext(ctx, "EXPLAIN "+statement.SQL, statement.Args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// engineStatements are the engine's statements by name, and the tables that they are about.
func engineStatements(d sqlgen.Dialect, sqlTypes [4]string) (map[string]sqlgen.Statement, []*sqlgen.Table) {
	column := func(name string, kind value.Kind, spelling string) sqlgen.Column {
		c := sqlgen.Column{Name: name, Type: value.Type{Kind: kind, SQL: spelling, Fraction: 6}}
		if kind == value.Decimal {
			c.Type.Precision, c.Type.Scale = 10, 2
		}
		return c
	}
	key1 := column(`a"b]c`, value.Text, sqlTypes[0])
	key2 := column("year", value.Int, sqlTypes[1])
	name := column("name", value.Text, sqlTypes[0])
	amount := column("amount", value.Decimal, sqlTypes[2])
	visible := column("visible", value.Int, sqlTypes[1])
	origin := column("origin", value.Text, sqlTypes[0])
	updated := column("updated_on", value.Instant, sqlTypes[3])
	deleted := column("deleted_on", value.Instant, sqlTypes[3])
	ours := "it's ours"
	archiving := &sqlgen.Target{
		Sync: `sync.rooms["hss"]`, TableName: "room",
		Table: &sqlgen.Table{Name: d.Quote("room"), Columns: []sqlgen.Column{key1, key2, name, amount, visible, origin, updated, deleted}},
		Stage: d.StageTable("stage_1_0"), Key: []sqlgen.Column{key1, key2}, Mapped: []sqlgen.Column{key1, key2, name, amount, visible},
		Ignored: []string{"visible"}, Scope: []sqlgen.Set{{Column: origin, Text: &ours}}, KeyScopes: [][]sqlgen.Set{nil}, Missing: "archive",
		Archive: []sqlgen.Set{{Column: deleted, Now: true}}, Restore: []sqlgen.Set{{Column: deleted}}, Archived: &deleted, AsOf: "2026-09-01 02:30:00Z",
		Stamps:   map[string][]sqlgen.Column{"update": {updated}, "undelete": {updated}},
		Withheld: []string{"delete"},
	}
	deleting := &sqlgen.Target{
		Sync: "sync.links", TableName: "room", Table: archiving.Table, Stage: d.StageTable("stage_1_1"),
		Key: []sqlgen.Column{key2}, Mapped: []sqlgen.Column{key2, name}, KeyScopes: [][]sqlgen.Set{nil}, Missing: "delete",
	}
	at := func(sqlgen.Column) string { return "2026-09-01 02:30:00Z" }
	batch := func(operation string) sqlgen.Batch {
		return sqlgen.Batch{PlanID: "p", Operation: operation, After: 10, Last: 20}
	}
	statements := map[string]sqlgen.Statement{
		"create_stage":          sqlgen.CreateStage(d, archiving),
		"create_other_stage":    sqlgen.CreateStage(d, deleting),
		"drop_stage":            sqlgen.DropStage(d, archiving.Stage),
		"duplicate_staged_keys": sqlgen.DuplicateStagedKeys(d, archiving, 10),
		"null_destination_keys": sqlgen.BadDestinationKeys(d, archiving, true, 10),
		"bad_destination_keys":  sqlgen.BadDestinationKeys(d, archiving, false, 10),
		"record_foreign_keys":   sqlgen.RecordForeignKeys(d, archiving, "p", 10),
		"drop_foreign_keys":     sqlgen.DropForeignKeys(d, archiving),
		"count_rows":            sqlgen.CountRows(d, archiving),
		"export_rows":           sqlgen.ScopeRows(d, archiving, archiving.Table.Columns),
		"export_given":          sqlgen.CountGiven(d, archiving, archiving.Mapped[0]),
		"count_withheld":        sqlgen.CountWithheld(d, archiving),
		"shared_inserts":        sqlgen.SharedInserts(d, []sqlgen.Planned{{Target: archiving, PlanID: "p", Last: 10}, {Target: deleting, PlanID: "p", After: 10, Last: 20}}, 10),
		"diff_archiving":        sqlgen.Diff(d, archiving, "p", 10),
		"diff_deleting":         sqlgen.Diff(d, deleting, "p", 10),
		"execute_insert":        sqlgen.Execute(d, archiving, batch("insert"), sqlgen.AllRows, at),
		"execute_update":        sqlgen.Execute(d, archiving, batch("update"), sqlgen.AllRows, at),
		"execute_archive":       sqlgen.Execute(d, archiving, batch("archive"), sqlgen.AllRows, at),
		"execute_undelete":      sqlgen.Execute(d, archiving, batch("undelete"), sqlgen.AllRows, at),
		"execute_delete":        sqlgen.Execute(d, deleting, batch("delete"), sqlgen.AllRows, at),
		"sound_insert":          sqlgen.CountSound(d, archiving, batch("insert")),
		"sound_undelete":        sqlgen.CountSound(d, archiving, batch("undelete")),
		"sound_delete":          sqlgen.CountSound(d, deleting, batch("delete")),
		"stale_insert":          sqlgen.Stale(d, archiving, batch("insert"), 10),
		"stale_update":          sqlgen.Stale(d, archiving, batch("update"), 10),
		"record_result":         sqlgen.RecordResult(d, archiving, batch("update"), false),
		"watched_rows":          sqlgen.WatchedRows(d, archiving, []string{"A", "1"}, 10),
		"watched_staged":        sqlgen.WatchedStaged(d, archiving, archiving.Stage, []string{"A", "1"}, 10),
	}
	if quick := sqlgen.CountRepeatedHashes(d, archiving); quick.SQL != "" {
		statements["count_repeated_hashes"] = quick
	}
	maps.Copy(statements, reverts(d, archiving, at))
	related, tables := relations(d, column, sqlTypes)
	maps.Copy(statements, related)
	return statements, append(tables, archiving.Table)
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
