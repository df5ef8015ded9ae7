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
	"github.com/registrar-sync/registrar/providers/sqlite"
)

// interrupting is a provider of files whose reader is interrupted.
type interrupting struct {
	*csv.Provider
	interrupt context.CancelFunc
}

func (p interrupting) OpenSource(ctx context.Context, a providers.Attributes, dir string) (providers.Source, error) {
	p.interrupt()
	return p.Provider.OpenSource(ctx, a, dir)
}

// A slot that is interrupted has not ended: whoever asks for it next may run it. A run that a person asked for has.
func TestInterruptedRun(t *testing.T) {
	for _, one := range []struct {
		args []string
		want string
	}{
		{[]string{"run", "--due"}, "running"},
		{[]string{"run", "--all"}, "failed"},
	} {
		c := newConsole(t)
		c.Now = func() time.Time { return time.Date(2026, 9, 1, 2, 31, 0, 0, time.UTC) }
		for name, text := range map[string]string{
			"main.hcl": `source "csv" "files" { directory = "data" }
destination "sqlite" "main" { path = "main.db" }
schedule "nightly" {
  at       = ["02:30"]
  timezone = "UTC"
}
sync "rooms" {
  schedule = schedule.nightly
  source {
    from  = source.csv.files
    table = "rooms"
  }
  destination {
    into       = destination.sqlite.main
    table      = "room"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
}
`,
			"rooms.csv": "code\nR1\n",
		} {
			if err := os.MkdirAll(filepath.Join(c.Dir, "data"), 0o700); err != nil {
				t.Fatal(err)
			}
			if filepath.Ext(name) == ".csv" {
				name = filepath.Join("data", name)
			}
			if err := os.WriteFile(filepath.Join(c.Dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		db, err := sql.Open("sqlite", "file:"+filepath.Join(c.Dir, "main.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE room (code TEXT PRIMARY KEY)"); err != nil {
			t.Fatal(err)
		}
		if code := c.run(t.Context(), "init"); code != 0 {
			t.Fatalf("init: %s", c.err.String())
		}
		ctx, interrupt := context.WithCancel(t.Context())
		c.Providers = []providers.Provider{interrupting{csv.New(), interrupt}, sqlite.New()}
		if code := c.run(ctx, one.args...); code == 0 {
			t.Errorf("%v ends with 0: %s", one.args, c.out.String())
		}
		var status string
		if err := db.QueryRowContext(t.Context(), "SELECT status FROM registrar_run").Scan(&status); err != nil || status != one.want {
			t.Errorf("%v: the run is recorded as %q, %v; want %q\n%s%s", one.args, status, err, one.want, c.out.String(), c.err.String())
		}
	}
}
