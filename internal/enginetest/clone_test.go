package enginetest

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/registrar-sync/registrar/apply"
	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/plan"
)

// clone copies the destination with its register, as a backup that is restored beside it would, and returns a
// configuration that differs in nothing but where it is, and a connection of the test's own.
func (w *world) clone() (*config.Config, *sql.DB) {
	w.Helper()
	cfg := w.load()
	attributes := cfg.Destinations[0].Attributes
	name := fmt.Sprintf("registrar_clone_%d", time.Now().UnixNano())
	switch w.engine.name {
	case "sqlite":
		w.exec(w.dest, "PRAGMA wal_checkpoint(TRUNCATE)")
		text, err := os.ReadFile(attributes["path"].(string)) //nolint:forcetypeassert // as the tests write it
		w.must(err)
		path := filepath.Join(w.dir, name+".db")
		w.must(os.WriteFile(path, text, 0o600))
		attributes["path"] = path
		return cfg, openDB(w.TB, "sqlite", "file:"+path)
	case "postgres":
		u, err := url.Parse(attributes["url"].(string)) //nolint:forcetypeassert // as the tests write it
		w.must(err)
		original := strings.TrimPrefix(u.Path, "/")
		u.Path = "/postgres"
		server := openDB(w.TB, "pgx", u.String())
		// A database that is copied has no other session.
		w.must(w.dest.Close())
		w.exec(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+original+"'")
		w.exec(server, "CREATE DATABASE "+name+" TEMPLATE "+original)
		w.Cleanup(func() { _, _ = server.Exec("DROP DATABASE " + name + " WITH (FORCE)") })
		w.dest = openDB(w.TB, "pgx", attributes["url"].(string)) //nolint:forcetypeassert // as above
		u.Path = "/" + name
		attributes["url"] = u.String()
		return cfg, openDB(w.TB, "pgx", u.String())
	default:
		w.exec(w.dest, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4 COLLATE "+w.rows(w.dest, "SELECT @@collation_database")[0])
		w.Cleanup(func() { _, _ = w.dest.Exec("DROP DATABASE " + name) })
		original := attributes["database"].(string) //nolint:forcetypeassert // as the tests write it
		for _, table := range w.rows(w.dest, "SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE'") {
			w.exec(w.dest, fmt.Sprintf("CREATE TABLE %s.%s LIKE %s.%s", name, table, original, table))
			w.exec(w.dest, fmt.Sprintf("INSERT INTO %s.%s SELECT * FROM %s.%s", name, table, original, table))
		}
		attributes["database"] = name
		return cfg, w.dest
	}
}

// A copy of the destination has its register, identity and all: only the database itself can tell them apart.
func TestCloneIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := twoPlanned(t, e)
		key := w.signKey()
		signed := w.saved(p, key)
		if signed.Destinations[0].Instance == "" {
			t.Fatal("the plan does not say which database it is for")
		}
		cfg, db := w.clone()
		opts := w.applyOptions()
		opts.TrustedKeys = publics(key)
		_, err := apply.Apply(w.Context(), cfg, signed, opts)
		wantRefused[*apply.RefusedError](w, err, "is a copy of the database that it was made for")
		// The clone's own register has it as a plan for the other one, too.
		recalled, err := plan.Recall(w.Context(), cfg, known(), p.ID)
		w.must(err)
		_, err = apply.Apply(w.Context(), cfg, recalled, w.applyOptions())
		wantRefused[*apply.RefusedError](w, err, "is a copy of the database that it was made for")
		table := "room"
		if e.name == "mysql" {
			table = cfg.Destinations[0].Attributes["database"].(string) + ".room" //nolint:forcetypeassert // as the tests write it
		}
		if n := w.rows(db, "SELECT count(*) FROM "+table)[0]; n != "0" {
			t.Errorf("the clone has %s rooms", n)
		}
		// Nor is it approved of there.
		if err := apply.Approve(w.Context(), cfg, signed, apply.ApproveOptions{
			Providers: known(), ApprovedBy: "ada", Now: w.applyOptions().Now, NewID: w.options().NewID, LockTimeout: time.Second,
		}); !errorIs[*apply.UnapprovableError](err) {
			t.Errorf("approved of in the clone: %v", err)
		}
		// The original is as it was.
		w.must(w.applyTrusting(signed, 0, publics(key)...))
		w.settled()
	})
}

// A database that cannot be told from its copies, or could not when the plan was made, is believed by its register.
func TestUnknownInstance(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, e engine) {
		w, p := twoPlanned(t, e)
		p.Destinations[0].Instance = ""
		w.apply(p)
		w.settled()
	})
}
