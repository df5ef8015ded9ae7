package oracle

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers/providertest"
	"github.com/registrar-sync/registrar/register"
)

func TestGoldenSQL(t *testing.T) {
	providertest.GoldenSQL(t, dialect{}, [4]string{"VARCHAR2(100 CHAR)", "NUMBER(10)", "NUMBER(10,2)", "TIMESTAMP WITH TIME ZONE"})
}

// TestGoldenOwn: what the engine's statements do not show, for the grammar to be read, too.
func TestGoldenOwn(t *testing.T) {
	d := dialect{}
	statements := map[string]string{
		"own_import_view": d.ReplaceView(d.RegisterTable("import_reg"), d.ImportView()),
		"own_row_hash":    "SELECT " + d.RowHash([]string{"o.sync", "o.operation"}, []string{`o."KEY"`, `o."AFTER"`}) + ` AS hash FROM "REGISTRAR_OPERATION" o`,
		"own_exists":      d.RegisterExists(),
		"own_user":        d.DefaultSessionUser(d.RegisterTable("approval"), d.Quote("database_user")),
		"own_lock_table":  d.LockTable(`"A"."B"`),
		"own_lock_row":    unlessThere,
		"own_load":        loadStatement(`"S"`, everyColumn()),
		"own_skip":        d.Skip("SELECT a.x FROM t a ORDER BY a.x", 10, 20),
		"own_large_object": "SELECT " + d.Object(func() (members []sqlgen.Member) {
			for i := range 2*membersPerCall + 1 {
				members = append(members, sqlgen.Member{Name: fmt.Sprint("m", i), Text: fmt.Sprint("t.c", i), Now: i%membersPerCall == membersPerCall-1})
			}
			return members
		}()) + " AS doc FROM t",
	}
	var canonical, comparable, back, differ []string
	for _, c := range everyColumn() {
		x, y := "t."+d.Quote(c.Name), "s."+d.Quote(c.Name)
		canonical = append(canonical, d.Canonical(x, c)+" AS "+d.Quote(c.Name))
		comparable = append(comparable, d.Comparable(x, c)+" AS "+d.Quote(c.Name))
		back = append(back, d.FromText("x.t", c)+" AS "+d.Quote(c.Name))
		differ = append(differ, d.Distinct([]string{d.Comparable(x, c)}, []string{d.Comparable(y, c)}))
	}
	statements["own_canonical"] = "SELECT " + strings.Join(canonical, ",\n") + "\nFROM t"
	statements["own_comparable"] = "SELECT " + strings.Join(comparable, ",\n") + "\nFROM t"
	statements["own_from_text"] = "SELECT " + strings.Join(back, ",\n") + "\nFROM x"
	statements["own_distinct"] = "SELECT 1 FROM t CROSS JOIN s WHERE " + strings.Join(differ, "\nAND ")
	for i, text := range catalogueStatements(t) {
		statements[fmt.Sprintf("own_catalogue_%02d", i)] = text
	}
	for i, text := range registerStatements(t) {
		statements[fmt.Sprintf("own_register_%02d", i)] = text
	}
	for name, text := range statements {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", "sql", name+".sql")
			if flag.Lookup("update").Value.String() == "true" {
				if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), text+"\n"); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		})
	}
}

// everyColumn has one of each type.
func everyColumn() []sqlgen.Column {
	var columns []sqlgen.Column
	for i, c := range []catalogueColumn{
		{dataType: "VARCHAR2", length: 40, characters: 10, inCharacters: true},
		{dataType: "VARCHAR2", length: 40, characters: 40},
		{dataType: "CHAR", length: 3, characters: 3},
		{dataType: "CHAR", length: 12, characters: 3, inCharacters: true},
		{dataType: "NVARCHAR2", length: 20, characters: 10},
		{dataType: "NCHAR", length: 20, characters: 10},
		{dataType: "CLOB"},
		{dataType: "NCLOB"},
		{dataType: "NUMBER"},
		{dataType: "NUMBER", hasScale: true},
		{dataType: "NUMBER", precision: 10, hasScale: true},
		{dataType: "NUMBER", precision: 38, scale: 2, hasScale: true},
		{dataType: "NUMBER", precision: 2, scale: 2, hasScale: true},
		{dataType: "FLOAT", precision: 126},
		{dataType: "DATE"},
		{dataType: "TIMESTAMP(6)", scale: 6},
		{dataType: "TIMESTAMP(3) WITH TIME ZONE", scale: 3},
		{dataType: "TIMESTAMP(6) WITH LOCAL TIME ZONE", scale: 6},
		{dataType: "RAW", length: 16},
		{dataType: "BLOB"},
		{dataType: "BINARY_DOUBLE"},
		{dataType: "INTERVAL DAY(2) TO SECOND(6)", scale: 6},
	} {
		typ, _ := c.valueType(&charset{id: charsetAL32UTF8})
		columns = append(columns, sqlgen.Column{Name: fmt.Sprint("c", i), Type: typ})
	}
	folding := columns[0]
	folding.Name, folding.Collation = "folding", "BINARY_CI"
	return append(columns, folding, sqlgen.Column{Name: "flag", Type: value.Type{Kind: value.Bool, SQL: "NUMBER(1)"}})
}

// recorder is a Querier that notes what it is to run.
type recorder struct{ statements []string }

var errRecorded = errors.New("recorded")

func (r *recorder) ExecContext(_ context.Context, query string, _ ...any) (sql.Result, error) {
	r.statements = append(r.statements, query)
	return driver.RowsAffected(1), nil
}

func (r *recorder) QueryContext(_ context.Context, query string, _ ...any) (*sql.Rows, error) {
	r.statements = append(r.statements, query)
	return nil, errRecorded
}

func (*recorder) QueryRowContext(context.Context, string, ...any) *sql.Row { return &sql.Row{} }

// catalogueStatements are what a table is described by.
func catalogueStatements(t *testing.T) []string {
	t.Helper()
	var r recorder
	d := &destination{schema: "S", charset: &charset{id: charsetAL32UTF8}}
	ctx, found, table := t.Context(), relation{"S", "T"}, &sqlgen.Table{}
	for _, run := range []func() error{
		func() error { _, _, err := d.lookUp(ctx, &r, found); return err },
		func() error { _, err := d.TableNames(ctx, &r); return err },
		func() error { return d.readColumns(ctx, &r, found, table) },
		func() error { return readUnique(ctx, &r, found, table) },
		func() error { return readTriggers(ctx, &r, found, table) },
		func() error { return d.readForeignKeys(ctx, &r, found, table) },
		func() error { return d.readReferences(ctx, &r, found, table) },
		func() error { _, err := d.NextValue(ctx, &r, "s"); return err },
		func() error { _, err := d.StageTables(ctx, &r, "s"); return err },
	} {
		if err := run(); !errors.Is(err, errRecorded) {
			t.Fatal(err)
		}
	}
	return r.statements
}

// registerStatements are what the register runs besides the engine's statements.
func registerStatements(t *testing.T) []string {
	t.Helper()
	var r recorder
	reg, ctx, at := register.New(dialect{}), t.Context(), time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	plan := &register.Plan{ID: "p", GitCommit: "c", CreatedOn: at, ExpiresOn: at}
	matches := []register.Match{{Syncs: []string{"s", "t"}, Key: register.Document{{Column: "code", Text: "K"}}}, {Values: register.Document{{Column: "a.b", Text: "K"}}}}
	purged := &register.Purged{PlanID: "p", Sync: "s", Last: 2, Keys: [][]string{{"a", "b"}}}
	for _, run := range []func() error{
		func() error { return reg.InsertPlan(ctx, &r, plan) },
		func() error { return reg.InsertExecution(ctx, &r, register.Execution{PlanID: "p", ExecutedOn: at}) },
		func() error { return reg.InsertOverride(ctx, &r, register.Override{PlanID: "p", OverriddenOn: at}) },
		func() error { _, err := reg.Counts(ctx, &r, "p"); return err },
		func() error { _, err := reg.Digest(ctx, &r, "p"); return err },
		func() error { return reg.Operations(ctx, &r, "p", 1, 2, 10, nil) },
		func() error { _, err := reg.BeginRun(ctx, &r, register.Run{ID: "r"}); return err },
		func() error {
			return reg.EndRun(ctx, &r, register.Run{ID: "r", Attempt: 1, Status: register.RunHeld, EndedOn: at, PlanID: "p", Message: "m"})
		},
		func() error { return reg.Beat(ctx, &r, "r") },
		func() error { return reg.Runs(ctx, &r, at, 10, nil) },
		func() error { return reg.Resume(ctx, &r, "s", at, "a") },
		func() error { _, err := reg.Pauses(ctx, &r); return err },
		func() error { _, _, err := reg.PruneRuns(ctx, &r, at, at); return err },
		func() error {
			return reg.InsertApproval(ctx, &r, register.Approval{ID: "a", Digest: "d", PlanID: "p", ApprovedOn: at, ExpiresOn: at.Add(time.Hour), ApprovedBy: "b", Comment: "c", Key: "k", Signature: []byte{1}})
		},
		func() error { _, err := reg.Approvals(ctx, &r, "d", at); return err },
		func() error {
			return reg.InsertDisclosure(ctx, &r, register.Disclosure{ID: "s", PlanID: "p", ShownOn: at, ShownBy: "b"})
		},
		func() error { _, err := reg.Disclosures(ctx, &r, "p"); return err },
		func() error { _, err := reg.SweepSpeculative(ctx, &r, at, 20); return err },
		func() error {
			last := &register.Found{Plan: &register.Plan{ID: "p", CreatedOn: at}}
			_, err := reg.Search(ctx, &r, &register.Search{Since: at, Until: at, Author: "a", Commit: "c", PlanID: "p", Pending: true, Matches: matches, Syncs: []string{"s"}, Operations: []config.Operation{config.Delete}, Column: "c", After: last, Limit: 8})
			return err
		},
		func() error {
			return reg.OperationsThat(ctx, &r, "p", 1, 2, &register.Narrow{Matches: matches, Operations: []config.Operation{config.Update}, Column: "c"}, nil)
		},
		func() error { _, err := reg.Recorded(ctx, &r); return err },
		func() error { _, err := reg.Touches(ctx, &r, matches); return err },
		func() error { _, err := reg.Spoilt(ctx, &r, matches, at); return err },
		func() error { _, err := reg.RekeyedOf(ctx, &r, matches); return err },
		func() error { _, err := reg.CountRedacted(ctx, &r, "p"); return err },
		func() error { _, _, err := reg.Redact(ctx, &r, matches); return err },
		func() error { _, _, err := reg.RedactMessages(ctx, &r, []string{"s"}, []string{"K"}); return err },
		func() error {
			return reg.InsertRedaction(ctx, &r, register.Redaction{ID: "r", RedactedOn: at, RedactedBy: "b", Reason: "r"})
		},
		func() error { _, err := reg.Redactions(ctx, &r); return err },
		func() error { _, _, err := reg.RedactPurged(ctx, &r, purged); return err },
	} {
		if err := run(); err != nil && !errors.Is(err, errRecorded) {
			t.Fatal(err)
		}
	}
	return r.statements
}
