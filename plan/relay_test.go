package plan

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// decoding is a destination that does not relay.
type decoding struct{ providers.Destination }

// SafeError is the destination's.
func (d decoding) SafeError(err error) error { return providers.SafeError(d.Destination, err) }

// counting is a destination that relays, and counts what it loads otherwise.
type counting struct {
	decoding
	providers.Relayer
	loads int
}

func (c *counting) Load(ctx context.Context, conn *sql.Conn, stage string, columns []sqlgen.Column, next func(row []value.Value) error) (int64, error) {
	c.loads++
	return c.Destination.Load(ctx, conn, stage, columns, next)
}

// staged stages a sync alone and returns all that can be told of it.
func (p *planning) staged(sync *config.Sync, by providers.Destination, lookups ...*sqlgen.Lookup) string {
	p.Helper()
	p.works, p.d.works, p.diags, p.cfg.Syncs = nil, nil, nil, nil
	p.d.Destination = by
	w := p.add(sync)
	w.target.Lookups = lookups
	err := p.stage(p.Context(), nil)
	var told strings.Builder
	fmt.Fprintf(&told, "%v\n%v\n%d read, %d rejected, %d warned\n", err, p.diags, w.summary.SourceRows, w.summary.Rejected, w.summary.Warned)
	if w.target.Stage != "" && len(p.diags) == 0 {
		columns := w.target.Staged(p.d.Dialect())
		texts := make([]string, len(columns))
		for i, c := range columns {
			texts[i] = "coalesce(" + p.d.Dialect().Canonical("s."+p.d.Dialect().Quote(c.Name), c) + ", '-')"
		}
		lines := p.lines("SELECT " + strings.Join(texts, " || '|' || ") + " FROM " + w.target.Stage + " AS s")
		told.WriteString(strings.Join(lines, "\n"))
	}
	p.d.dropStages(p.Context())
	return told.String()
}

func (p *planning) lines(query string) []string {
	p.Helper()
	rows, err := p.d.conn.QueryContext(p.Context(), query)
	if err != nil {
		p.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			p.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		p.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

func (p *planning) counting() *counting {
	p.Helper()
	real := p.d.Destination
	relayer, ok := real.(providers.Relayer)
	if !ok {
		p.Fatalf("%T does not relay", real)
	}
	return &counting{decoding: decoding{real}, Relayer: relayer}
}

// Whatever the records hold: a sync that is relayed is staged, rejected and reported as one that
// is decoded.
func TestRelayIsNotNoticed(t *testing.T) {
	onEveryEngine(t, func(p *planning) {
		p.exec("CREATE TABLE room (code varchar(5) PRIMARY KEY, name varchar(4) NOT NULL, seats numeric(4,1), opened date)")
		p.exec("CREATE TABLE src (code text, name varchar(6), seats numeric(8,3), opened date)")
		common, odd := map[string][]string{
			"code": {"'R1'", "'R2'", "'é'", "''"}, "name": {"'One'", "'éèêë'", "''"}, "seats": {"1", "2.5", "NULL", "-99.9"}, "opened": {"'2026-01-01'", "NULL", "'1582-10-10'"},
		}, map[string][]string{
			"code": {"NULL", "'too long'", "'ab     '"}, "name": {"NULL", "'longer'", "'ab   '", "'🙂🙂🙂🙂🙂'"}, "seats": {"1.25", "1000"}, "opened": {"'9999-12-31'"},
		}
		random := rand.New(rand.NewPCG(5, 1660))
		by := p.counting()
		const rounds = 30
		for round := range rounds {
			p.exec("DELETE FROM src")
			for range random.IntN(6) {
				var values []string
				for _, column := range []string{"code", "name", "seats", "opened"} {
					from := common[column]
					if random.IntN(20) == 0 {
						from = odd[column]
					}
					values = append(values, from[random.IntN(len(from))])
				}
				p.exec("INSERT INTO src VALUES (" + strings.Join(values, ", ") + ")")
			}
			sync := func() *config.Sync {
				s := rooms()
				s.Columns = append(s.Columns, config.Column{Name: "opened", Expr: column("OPENED"), Sensitive: round%2 == 0})
				return s
			}
			relayed := p.staged(sync(), by)
			if diff := cmp.Diff(p.staged(sync(), by.decoding), relayed); diff != "" {
				p.Fatalf("round %d (-decoded +relayed):\n%s", round, diff)
			}
		}
		if by.loads == 0 || by.loads == rounds {
			p.Errorf("%d of %d are decoded", by.loads, rounds)
		}
	})
}

// What is plain is relayed; what is not, or does not fit the table, is read as ever.
func TestRelayed(t *testing.T) {
	onEveryEngine(t, func(p *planning) {
		p.exec("CREATE TABLE room (code varchar(5) PRIMARY KEY, name varchar(4), seats integer)")
		p.exec("CREATE TABLE src (code text, name text, seats integer)")
		p.exec("INSERT INTO src VALUES ('R1', 'One', 1), ('R2', NULL, 2)")
		by := p.counting()
		for name, test := range map[string]struct {
			change  func(s *config.Sync)
			decoded int
			want    string
		}{
			"plain": {func(*config.Sync) {}, 0, "R2|-|2|-"},
			"assert": {func(s *config.Sync) {
				s.Asserts = []config.Assert{{Name: "name", Condition: isSet("NAME"), Message: template("x", "NAME"), OnFailure: config.RejectFailure}}
			}, 1, "R2|-|-|name: x"},
			"computed": {func(s *config.Sync) {
				s.Columns[2].Expr = expr(func([]value.Value) (value.Value, error) { return value.OfInt(7), nil }, "SEATS")
			}, 1, "R2|-|7|-"},
			"unknown column": {func(s *config.Sync) { s.Columns[1].Expr = column("NAMES") }, 0, `has no column "NAMES"`},
			"unknown table":  {func(s *config.Sync) { s.Source.Table = "source" }, 0, "Source cannot be read"},
			"task": {func(s *config.Sync) {
				s.Source = config.SyncSource{Queries: []config.TaskQuery{{Task: config.Insert, SQL: "SELECT * FROM src"}}}
			}, 1, "R2|-|2|-|insert"},
		} {
			sync := rooms()
			test.change(sync)
			by.loads = 0
			if got := p.staged(sync, by); by.loads != test.decoded || !strings.Contains(got, test.want) {
				p.Errorf("%s: decoded %d times:\n%s", name, by.loads, got)
			}
		}
	})
}

// What decoding has read counts from the first record, whatever a relay copied before it gave up.
func TestProgressOfAVainRelay(t *testing.T) {
	onEveryEngine(t, func(p *planning) {
		p.exec("CREATE TABLE room (code varchar(5) PRIMARY KEY, name varchar(4), seats integer)")
		p.exec("CREATE TABLE src (code text, name text, seats integer)")
		p.exec(`INSERT INTO src WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
SELECT 'R' || i, CASE i WHEN 2400 THEN 'too long' ELSE 'Room' END, i FROM n`)
		var rows []int64
		p.opts.Progress = func(progress Progress) { rows = append(rows, progress.Rows) }
		by := p.counting()
		p.staged(rooms(), by)
		relayed := []int64{1024, 2048}
		if p.into.Provider == "sqlite" {
			relayed = nil // it tells what is done
		}
		want := slices.Concat([]int64{0}, relayed, []int64{0, 1024, 2048, 2500})
		if !slices.Equal(rows, want) || by.loads != 1 {
			p.Errorf("told of %d, want %d; decoded %d times", rows, want, by.loads)
		}
	})
}

// A lookup by several keys is NULL where one of them is, which only decoding knows how to write.
func TestRelayOfLookups(t *testing.T) {
	onEveryEngine(t, func(p *planning) {
		p.exec("CREATE TABLE site (id integer PRIMARY KEY, code varchar(5), campus varchar(5))")
		p.exec("CREATE TABLE room (code varchar(5) PRIMARY KEY, site_id integer)")
		p.exec("CREATE TABLE src (code text, site text, campus text)")
		site, err := p.d.Table(p.Context(), p.d.conn, "site")
		if err != nil {
			p.Fatal(err)
		}
		by := p.counting()
		for _, test := range []struct {
			keys, values string
			decoded      int
			want         string
		}{
			{"code", "('R1', NULL, NULL), ('R2', 'S', NULL)", 0, "R1|-|-\nR2|S|-"},
			{"code campus", "('R1', 'S', 'C')", 0, "R1|S|C|-"},
			{"code campus", "('R1', 'S', NULL), ('R2', NULL, 'C')", 1, "R1|-|-|-\nR2|-|-|-"},
		} {
			p.exec("DELETE FROM src")
			p.exec("INSERT INTO src VALUES " + test.values)
			sync := rooms()
			sync.Columns = []config.Column{{Name: "code", Expr: column("CODE")}, {Name: "site_id", Lookup: &config.Lookup{Table: "site", Column: "id"}}}
			lookup := &sqlgen.Lookup{Column: sqlgen.Column{Name: "site_id"}, Parent: site}
			for key := range strings.FieldsSeq(test.keys) {
				parent, _ := site.Column(key)
				staged := parent
				staged.Name = "site_id." + key
				ref := map[string]string{"code": "SITE", "campus": "CAMPUS"}[key]
				sync.Columns[1].Lookup.By = append(sync.Columns[1].Lookup.By, config.LookupKey{Column: key, Expr: column(ref)})
				lookup.By = append(lookup.By, sqlgen.LookupKey{Column: parent, Staged: staged})
			}
			by.loads = 0
			if got := p.staged(sync, by, lookup); by.loads != test.decoded || !strings.Contains(got, test.want) {
				p.Errorf("%s: decoded %d times:\n%s", test.values, by.loads, got)
			}
		}
	})
}
