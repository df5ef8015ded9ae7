package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// The test binary is a contestant, too, where the benchmark starts it as one.
func TestMain(m *testing.M) {
	if os.Getenv(envContestant) != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// All contenders leave the destination with the rows of the source, whatever there was
// to do, and what they do is measured. Otherwise their times could not be compared.
func TestContendersDoTheSame(t *testing.T) {
	const rows = 500
	ctx := t.Context()
	l, err := openLab(ctx, t.TempDir(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.close(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	}()
	if err := l.makeEmpty(ctx); err != nil {
		t.Fatal(err)
	}
	o := &options{scenarios: []string{"first", "changed", "none"}}
	bouts, err := l.postgresBouts(ctx, rows, o)
	if err != nil {
		t.Fatal(err)
	}
	more, err := l.sqliteBouts(ctx, rows, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range append(bouts, more...) {
		t.Run(b.title(), func(t *testing.T) {
			if err := b.fresh(ctx); err != nil {
				t.Fatal(err)
			}
			// The check must see a destination that is not in step.
			if err := b.check(ctx); (err == nil) != (b.scenario.name == "none") {
				t.Errorf("before anyone has run, the check says %v", err)
			}
			if err := b.round(ctx, l, false, func(*contender) bool { return true }); err != nil {
				t.Fatal(err)
			}
			for _, c := range b.contenders {
				for i, u := range c.typical() {
					if u.client <= 0 || u.wall <= 0 {
						t.Errorf("%s %s took %+v", c.name, c.steps[i].name, u)
					}
				}
			}
		})
	}
}

// A plan has exactly the operations that dataset.go promises.
func TestDatasetHasTheShares(t *testing.T) {
	const rows = 1000
	ctx := t.Context()
	l, err := openLab(ctx, t.TempDir(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.close(context.WithoutCancel(ctx)) }()
	statements := append(postgresSpelling().sourceStatements(rows), postgresSpelling().createStatement())
	if err := l.create(ctx, "bench_shares", append(statements, postgresSpelling().fillStatements(rows)...)...); err != nil {
		t.Fatal(err)
	}
	var got string
	err = l.with(ctx, "bench_shares", func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT concat_ws(' ', count(*) FILTER (WHERE t.code IS NULL), count(*) FILTER (WHERE t.deleted_on IS NULL AND s.code IS NOT NULL AND t.code IS NOT NULL AND "+
			postgresDiffer()+"), count(*) FILTER (WHERE s.code IS NULL AND t.deleted_on IS NULL), count(*) FILTER (WHERE s.code IS NOT NULL AND t.deleted_on IS NOT NULL)) "+
			"FROM source_changed AS s FULL JOIN student AS t ON t.code = s.code").Scan(&got)
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "5 10 5 2"; got != want {
		t.Errorf("inserted, updated, gone and back are %s, want %s", got, want)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, args := range []string{"-rows x", "-rows 10", "-scenarios all", "-parts oracle"} {
		if _, err := parseOptions(strings.Fields(args), t.Output()); err == nil {
			t.Errorf("%s is accepted", args)
		}
	}
	o, err := parseOptions([]string{"-quick", "-rows", "30000"}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if len(o.rows) != 1 || o.rows[0] != 30000 || o.rounds != 1 {
		t.Errorf("-quick with -rows gives %+v", o)
	}
}

// A run that is interrupted still reports what it has.
func TestReport(t *testing.T) {
	u := usage{wall: 3e9, client: 1e9, server: 1e9, peak: 20 << 20}
	s, err := scenarioNamed("changed")
	if err != nil {
		t.Fatal(err)
	}
	f := &findings{options: &options{}, bouts: []*bout{{into: "PostgreSQL", rows: 1_000_000, scenario: s, contenders: []*contender{
		{name: nameLimit, steps: []step{{}}, runs: [][]usage{{u}}},
		{name: nameRegistrar, steps: planAndApply("", nil), runs: [][]usage{{u, u}}},
		{name: namePrior, steps: []step{{}}},
	}}}}
	var b strings.Builder
	if err := f.report(machine{}, time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)).write(&b, true); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| plan (1,000,000 rows, 2.2 % changed) ÷ limit | ≤ 1.5 | 1.2 | 1 | met, and the aim |",
		"| plan + apply ÷ limit | ≤ 1.8 | 1.4 | 2 | not met |",
		"| registrar, plan + apply | 4.00 | 2.00 | 2.00 | 2.00 | 6.00 | 2.00 | 20 |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report lacks %s:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), namePrior) {
		t.Error("who has not run is reported")
	}
}
