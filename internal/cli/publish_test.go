package cli

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// watched is a provider of files that tells before it publishes them.
type watched struct {
	*export.Provider
	before func(ctx context.Context, conn *sql.Conn)
}

func (p *watched) OpenDestination(ctx context.Context, a providers.Attributes, dir string) (providers.Destination, error) {
	d, err := p.Provider.OpenDestination(ctx, a, dir)
	return &watchedDestination{d, p.before}, err
}

type watchedDestination struct {
	providers.Destination
	before func(ctx context.Context, conn *sql.Conn)
}

func (d *watchedDestination) publisher() providers.Publisher {
	return d.Destination.(providers.Publisher) //nolint:forcetypeassert // as a file is
}

func (d *watchedDestination) Refresh(ctx context.Context, q providers.Querier, shape providers.TableShape) ([]string, error) {
	return d.publisher().Refresh(ctx, q, shape)
}

func (d *watchedDestination) Prepare(ctx context.Context, q providers.Querier, shapes []providers.TableShape) error {
	return d.publisher().Prepare(ctx, q, shapes)
}

func (d *watchedDestination) Publish(ctx context.Context, conn *sql.Conn) error {
	d.before(ctx, conn)
	return d.publisher().Publish(ctx, conn)
}

// Who waits for a file does not wait until plans that have expired are removed.
func TestPublishedBeforeItIsSwept(t *testing.T) {
	c := newConsole(t)
	for name, text := range map[string]string{
		"in/room.csv": "code,name\nR1,Hall\n",
		"main.hcl": `source "csv" "files" { directory = "in" }
destination "csv" "out" { directory = "out" }
sync "rooms" {
  source {
    from  = source.csv.files
    table = "room"
  }
  destination {
    into       = destination.csv.out
    table      = "room"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    name = row.name
  }
}
`,
	} {
		path := filepath.Join(c.Dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(c.Dir, "out"), 0o700); err != nil {
		t.Fatal(err)
	}
	count := func(ctx context.Context, q interface {
		QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	},
	) (n int) {
		if err := q.QueryRowContext(ctx, "SELECT count(*) FROM registrar_plan WHERE speculative = TRUE").Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	var seen []int
	c.Providers = []providers.Provider{&watched{export.New(csv.New(), sqlite.New()), func(ctx context.Context, conn *sql.Conn) {
		seen = append(seen, count(ctx, conn))
	}}, sqlite.New()}
	run := func(args ...string) {
		t.Helper()
		if code := c.run(t.Context(), args...); code != 0 {
			t.Fatalf("%q ends with %d: %s", args, code, c.err.String())
		}
	}
	run("init")
	run("plan", "--speculative")
	now := c.Now().Add(100 * 24 * time.Hour)
	c.Now = func() time.Time { return now }
	run("apply", "--auto-approve")
	if len(seen) != 1 || seen[0] != 1 {
		t.Errorf("when the file is published there are %v speculative plans, want 1", seen)
	}
	left := -1
	c.Providers[0].(*watched).before = func(ctx context.Context, conn *sql.Conn) { left = count(ctx, conn) } //nolint:forcetypeassert // as it is made above
	if err := os.WriteFile(filepath.Join(c.Dir, "in", "room.csv"), []byte("code,name\nR1,Aula\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run("apply", "--auto-approve")
	if left != 0 {
		t.Errorf("%d speculative plans were not removed", left)
	}
}
