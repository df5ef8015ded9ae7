package plan

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// planning is a plan about to stage, on one real database.
type planning struct {
	*maker
	*testing.T
	db           *sql.DB
	source, into *config.Connection
	d            *destination
}

func onEveryEngine(t *testing.T, test func(p *planning)) {
	for _, provider := range []providers.Provider{&sqlite.Provider{}, &postgres.Provider{}} {
		t.Run(provider.Name(), func(t *testing.T) {
			t.Parallel()
			attributes, driver := map[string]any{"path": filepath.Join(t.TempDir(), "test.db"), "create": true}, "sqlite"
			dsn := fmt.Sprintf("file:%v?_pragma=journal_mode(WAL)", attributes["path"])
			if provider.Name() == "postgres" {
				dsn, driver = pgtest.New(t), "pgx"
				attributes = map[string]any{"url": dsn}
			}
			db, err := sql.Open(driver, dsn)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			p := &planning{T: t, db: db}
			if driver == "pgx" {
				p.exec("CREATE SCHEMA registrar")
			}
			p.source = &config.Connection{Address: "source.x.main", Provider: provider.Name(), Attributes: attributes}
			p.into = &config.Connection{Address: "destination.x.main", Provider: provider.Name(), Attributes: attributes}
			p.maker = &maker{
				id: "3f2a", databases: &databases{}, opts: &Options{Providers: []providers.Provider{provider}, Parallelism: 1},
				cfg: &config.Config{
					Settings: config.Settings{Timezone: time.UTC}, Sources: []*config.Connection{p.source}, Destinations: []*config.Connection{p.into},
				},
			}
			opened, err := OpenDestination(t.Context(), p.opts.Providers, p.into, "")
			if err != nil {
				t.Fatal(err)
			}
			p.d = &destination{database: &database{Destination: opened, block: p.into, load: make(chan struct{}, 1)}, connection: p.into}
			p.d.shared, _ = opened.(providers.SharedStaging)
			if p.d.conn, err = opened.Conn(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.destinations = []*destination{p.d}
			t.Cleanup(func() {
				if err := errors.Join(p.d.conn.Close(), opened.Close()); err != nil {
					t.Error(err)
				}
			})
			test(p)
		})
	}
}

func (p *planning) exec(statement string) {
	p.Helper()
	if _, err := p.db.ExecContext(p.Context(), statement); err != nil {
		p.Fatalf("%s: %v", statement, err)
	}
}

// add makes a sync of the table room, with code as its key, part of the plan.
func (p *planning) add(sync *config.Sync) *work {
	p.Helper()
	sync.Source.From, sync.Destination = p.source, config.SyncDestination{Into: p.into, Table: "room", Key: []string{"code"}}
	table, err := p.d.Table(p.Context(), p.d.conn, "room")
	if err != nil {
		p.Fatal(err)
	}
	w := &work{sync: sync, ordinal: len(p.works), into: p.d, planID: p.id, target: &sqlgen.Target{Table: table, ByTask: len(sync.Source.Queries) > 0}}
	for _, c := range sync.Columns {
		column, _ := table.Column(c.Name)
		w.target.Mapped = append(w.target.Mapped, column)
		if c.Name == "code" {
			w.target.Key = append(w.target.Key, column)
		}
		if c.Sensitive {
			w.summary.Sensitive = append(w.summary.Sensitive, c.Name)
		}
	}
	for _, a := range sync.Asserts {
		w.target.Warns = w.target.Warns || a.OnFailure == config.WarnFailure
	}
	p.works, p.d.works = append(p.works, w), append(p.d.works, w)
	p.cfg.Syncs = append(p.cfg.Syncs, sync)
	return w
}

// wantStaged compares the stage, its columns in their order, NULL a dash.
func (p *planning) wantStaged(w *work, want ...string) {
	p.Helper()
	columns := w.target.Staged(p.d.Dialect())
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = "coalesce(" + p.d.Dialect().Canonical("s."+p.d.Dialect().Quote(c.Name), c) + ", '-')"
	}
	rows, err := p.d.conn.QueryContext(p.Context(), "SELECT "+strings.Join(texts, " || '|' || ")+" FROM "+w.target.Stage+" AS s")
	if err != nil {
		p.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			p.Fatal(err)
		}
		got = append(got, row)
	}
	if err := rows.Err(); err != nil {
		p.Fatal(err)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		p.Errorf("staged (-want +got):\n%s", diff)
	}
}

func rooms() *config.Sync {
	return &config.Sync{
		Address: "sync.rooms", Source: config.SyncSource{Table: "src"},
		Columns: []config.Column{{Name: "code", Expr: column("CODE")}, {Name: "name", Expr: column("NAME")}, {Name: "seats", Expr: column("SEATS")}},
	}
}

func TestStageRejects(t *testing.T) {
	onEveryEngine(t, func(p *planning) {
		p.exec("CREATE TABLE room (code varchar(10) PRIMARY KEY, name varchar(10) NOT NULL, seats integer)")
		p.exec("CREATE TABLE src (code text, name text, seats text)")
		p.exec("INSERT INTO src VALUES ('R1', 'One', '1'), ('R2', NULL, '2'), ('R3', 'Three', 'three'), ('R4', 'Four', NULL)")
		sync := rooms()
		sync.Asserts = []config.Assert{{Name: "seats", Condition: isSet("SEATS"), Message: template("%s", "NAME"), OnFailure: config.WarnFailure}}
		w := p.add(sync)
		if err := p.stage(p.Context(), nil); err != nil {
			p.Fatal(err)
		}
		integer := w.target.Mapped[2].Type
		p.wantStaged(w, "R1|One|1|-|-", "R2|-|-|name: is NULL, but its column is NOT NULL|-",
			`R3|-|-|seats: "three" does not fit `+integer.String()+": not a decimal number|-", "R4|Four|-|-|seats: Four")
		if s := w.summary; s.SourceRows != 4 || s.Rejected != 2 || s.Warned != 1 {
			p.Errorf("summary %+v", s)
		}
	})
}

func TestStageByTask(t *testing.T) {
	onEveryEngine(t, func(p *planning) {
		p.exec("CREATE TABLE room (code varchar(10) PRIMARY KEY, name varchar(10) NOT NULL, seats integer)")
		p.exec("CREATE TABLE src (code text, name text, seats integer, site text)")
		p.exec("INSERT INTO src VALUES ('R1', 'One', 1, 'N'), ('R2', 'Two', 2, 'S'), ('R3', 'Three', 3, 'N')")
		sync := rooms()
		sync.Source = config.SyncSource{
			Queries: []config.TaskQuery{
				{Task: config.Insert, SQL: "SELECT * FROM src WHERE site = :site"},
				{Task: config.Update, SQL: "SELECT seats, name, code FROM src WHERE seats < :seats"},
				{Task: config.Delete, SQL: "SELECT code FROM src WHERE site <> :site"},
			},
			Params: []config.Param{{Name: "site", Value: value.OfText("N")}, {Name: "seats", Value: value.OfInt(3)}},
		}
		w := p.add(sync)
		if err := p.stage(p.Context(), nil); err != nil {
			p.Fatal(err)
		}
		p.wantStaged(w, "R1|One|1|-|insert", "R1|One|1|-|update", "R2|-|-|-|delete", "R2|Two|2|-|update", "R3|Three|3|-|insert")
		if w.summary.SourceRows != 5 {
			p.Errorf("%d source rows, want those of all queries, 5", w.summary.SourceRows)
		}
	})
}

// Mistakes in each of the queries are told at once, at their lines.
func TestStageByTaskMistakes(t *testing.T) {
	onEveryEngine(t, func(p *planning) {
		p.exec("CREATE TABLE room (code varchar(10) PRIMARY KEY, name varchar(10) NOT NULL, seats integer)")
		p.exec("CREATE TABLE src (code text, name text, seats integer)")
		sync := rooms()
		sync.Source = config.SyncSource{Queries: []config.TaskQuery{
			{Task: config.Insert, SQL: "SELECT code, name FROM src"},
			{Task: config.Update, SQL: "SELECT nonsense FROM src", Range: config.Range{File: "update.hcl"}},
			{Task: config.Delete, SQL: "SELECT name FROM src"},
		}}
		p.add(sync)
		err := p.stage(p.Context(), nil)
		if err == nil {
			p.Fatal("no error")
		}
		text := fmt.Sprint(p.diags)
		for _, want := range []string{`The query of rows to insert has no column "SEATS"`, "nonsense", "update.hcl", `The query of rows to delete has no column "CODE"`} {
			if !strings.Contains(text, want) {
				p.Errorf("the diagnostics lack %q:\n%s", want, text)
			}
		}
		if len(p.diags) != 3 {
			p.Errorf("%d diagnostics, want 3:\n%s", len(p.diags), text)
		}
	})
}

func TestRunChecks(t *testing.T) {
	onEveryEngine(t, func(p *planning) {
		p.exec("CREATE TABLE room (code varchar(10) PRIMARY KEY, name varchar(10), seats numeric(6,2))")
		p.exec("INSERT INTO room VALUES ('R9', 'Nine', 9), ('R8', NULL, 8)")
		p.exec("CREATE TABLE src (code text, name text, seats text)")
		p.exec("INSERT INTO src VALUES ('R3', 'Three', '3.5'), ('R2', 'Two', '2'), ('R1', 'One', 'one'), ('R4', 'Four', NULL)")
		sync := rooms()
		sync.Columns[1].Sensitive = true
		p.add(sync)
		odd := expr(func(row []value.Value) (value.Value, error) {
			if row[0].Kind() != value.Decimal || row[0].Text() == "3.50" {
				return value.OfBool(true), nil
			}
			return value.Value{}, nil
		}, "seats")
		p.cfg.Checks = []*config.Check{
			{Address: "check.staged", Name: "staged", Severity: config.CheckError, Staged: []string{"sync.rooms"}, Where: odd, Message: template("%s: %s has %s", "code", "name", "seats"), Key: []string{"code"}, Sensitive: []string{"name"}},
			{
				Address: "check.source", Name: "source", Severity: config.CheckInfo, Code: "w1", From: p.source, Query: "SELECT name, code FROM src WHERE code > :code ORDER BY code",
				Params: []config.Param{{Name: "code", Value: value.OfText("R2")}}, Message: template("%s", "NAME"), Key: []string{"code"},
			},
			{Address: "check.destination", Name: "destination", Severity: config.CheckWarning, From: p.into, Query: "SELECT code, name FROM room WHERE name IS NULL", Message: template("%s without a name", "code")},
			{Address: "check.nothing", Name: "nothing", Severity: config.CheckWarning, From: p.into, Query: "SELECT code FROM room WHERE 1 = 0", Message: template("%s", "code")},
		}
		if err := p.stage(p.Context(), nil); err != nil {
			p.Fatal(err)
		}
		for _, inTransaction := range []bool{false, true} {
			if inTransaction {
				var err error
				if p.d.tx, err = p.d.transaction(p.Context(), time.Second); err != nil {
					p.Fatal(err)
				}
				p.checked = slices.DeleteFunc(p.checked, func(r checkResult) bool { return r.check.From != p.source })
			}
			results, err := p.runChecks(p.Context())
			if err != nil {
				p.Fatal(err)
			}
			var got []string
			for _, r := range results {
				if r.into != p.d {
					p.Errorf("%s is not recorded in the destination", r.check.Address)
				}
				line := fmt.Sprintf("%s %d", r.check.Address, r.count)
				for _, f := range r.findings {
					line += fmt.Sprintf("; %s %v %s", f.Kind, f.Key, f.Message)
				}
				got = append(got, line)
			}
			want := []string{
				// R1 is rejected.
				"check.staged 2; check [{code R3 false false}] R3: (sensitive) has 3.50; check [{code R4 false false}] R4: (sensitive) has null",
				"check.source 2; check [{code R3 false false}] Three; check [{code R4 false false}] Four",
				"check.destination 1; check [] R8 without a name",
				"check.nothing 0",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				p.Errorf("findings, in a transaction %v (-want +got):\n%s", inTransaction, diff)
			}
		}
		if err := p.d.tx.Rollback(); err != nil {
			p.Error(err)
		}
		p.d.dropStages(p.Context())
	})
}

func TestFaultyChecks(t *testing.T) {
	onEveryEngine(t, func(p *planning) {
		p.exec("CREATE TABLE room (code varchar(10) PRIMARY KEY, name varchar(10), seats integer)")
		p.exec("CREATE TABLE src (code text, name text, seats text)")
		p.add(rooms())
		at := func(file string) config.Range { return config.Range{File: file} }
		p.cfg.Checks = []*config.Check{
			{Address: "check.a", From: p.into, Query: "SELECT nonsense FROM room", QueryRange: at("a.hcl"), Message: template("%s", "code")},
			{Address: "check.b", From: p.into, Query: "DELETE FROM room RETURNING code", QueryRange: at("b.hcl"), Message: template("%s", "code")},
			{Address: "check.c", From: p.into, Query: "SELECT code FROM room", Message: template("%s", "cod"), Range: at("c.hcl"), Key: []string{"cde"}},
			{Address: "check.d", Staged: []string{"sync.rooms"}, Where: isSet("site"), Message: template("%s", "code"), Key: []string{"code"}},
		}
		if err := p.stage(p.Context(), nil); err != nil {
			p.Fatal(err)
		}
		_, err := p.runChecks(p.Context())
		text := fmt.Sprint(p.diags)
		for _, want := range []string{"nonsense", "a.hcl", "b.hcl", `no column "cod".`, `no column "cde", named in key`, "c.hcl", `sync.rooms, as staged, has no column "site"`} {
			if !strings.Contains(text, want) {
				p.Errorf("the diagnostics lack %q:\n%s", want, text)
			}
		}
		if err == nil {
			p.Error("no error")
		}
	})
}
