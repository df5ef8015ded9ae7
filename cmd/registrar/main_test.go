package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // the pgx driver, for the command sql
	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite" // the sqlite driver, likewise

	"github.com/registrar-sync/registrar/internal/cli"
	"github.com/registrar-sync/registrar/internal/pgtest"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"registrar": func() {
		os.Exit(cli.Run(context.Background(), frozen(environment())))
	}, "registrar-program": main})
}

// frozen replaces what differs from run to run. Scripts choose by TEST_*.
func frozen(env cli.Environment) cli.Environment {
	now := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	if text := os.Getenv("TEST_NOW"); text != "" {
		var err error
		if now, err = time.Parse(time.RFC3339, text); err != nil {
			panic(err)
		}
	}
	env.Now = func() time.Time { return now }
	env.NewID = func() string {
		if id := os.Getenv("TEST_ID"); id != "" {
			return id
		}
		return uuid.NewString()
	}
	env.Author, env.Version = "tester@example", "0.1.0"
	env.ProgressInterval, _ = time.ParseDuration(os.Getenv("TEST_INTERVAL"))
	terminals := os.Getenv("TEST_TERMINALS")
	env.StdinIsTerminal = strings.Contains(terminals, "stdin")
	env.StdoutIsTerminal = strings.Contains(terminals, "stdout")
	env.StderrIsTerminal = strings.Contains(terminals, "stderr")
	env.Width, _ = strconv.Atoi(os.Getenv("TEST_WIDTH"))
	return env
}

// TestScripts runs testdata/script. Beside testscript's own commands there are:
//
//	base                       copy testdata/base here and create timetable.db from its setup.sql
//	exits CODE COMMAND …       run a command that must end with that code
//	sql DATABASE STATEMENTS    run SQL in an SQLite file, or in the database of a URL
//	rows DATABASE QUERY ROW …  compare a query's rows; columns are joined by |, NULL is ∅
//	edit FILE NEW OLD TEXT     copy a file with OLD replaced; with OLD "", its first 400 octets
//	mode FILE MODE             check a file's permissions, where there are any
//	take NAME                  set a variable of the environment to the last standard output
//	agekey FILE NAME           write a new identity of age, and set a variable to its recipient
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, scripts(t, "testdata/script", nil))
}

// TestPostgresScripts runs testdata/postgres, where $PG is the URL of an empty
// database.
func TestPostgresScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, scripts(t, "testdata/postgres", map[string]string{"PG": pgtest.New(t)}))
}

func scripts(t *testing.T, dir string, variables map[string]string) testscript.Params {
	t.Helper()
	source, err := os.Getwd() // a script's folder is not the test's
	if err != nil {
		t.Fatal(err)
	}
	return testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"NO_COLOR", "TERM"} {
				env.Setenv(name, "")
			}
			for name, value := range variables {
				env.Setenv(name, value)
			}
			env.Setenv("TMPDIR", env.WorkDir)
			env.Values["source"] = source
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"base": cmdBase, "exits": cmdExits, "sql": cmdSQL, "rows": cmdRows, "edit": cmdEdit, "mode": cmdMode,
			"take": cmdTake, "agekey": cmdAgeKey,
		},
	}
}

func usage(ts *testscript.TestScript, neg, ok bool, text string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", text)
	}
}

func cmdBase(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 0, "base")
	dir, ok := ts.Value("source").(string)
	if !ok {
		ts.Fatalf("the script has no source")
	}
	source, err := os.OpenRoot(filepath.Join(dir, "testdata", "base"))
	ts.Check(err)
	defer source.Close()
	ts.Check(os.CopyFS(ts.MkAbs("."), source.FS()))
	setup, err := fs.ReadFile(source.FS(), "setup.sql")
	ts.Check(err)
	_, err = query(ts, "timetable.db", string(setup))
	ts.Check(err)
}

func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 2, "exits CODE COMMAND …")
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func cmdSQL(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "sql DATABASE STATEMENTS")
	_, err := query(ts, args[0], args[1])
	ts.Check(err)
}

func cmdRows(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 2, "rows DATABASE QUERY ROW …")
	got, err := query(ts, args[0], args[1])
	ts.Check(err)
	if want := args[2:]; strings.Join(got, "\n") != strings.Join(want, "\n") {
		ts.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func cmdEdit(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 4, "edit FILE NEW OLD TEXT")
	text := ts.ReadFile(args[0])
	changed := text[:min(400, len(text))]
	if args[2] != "" {
		changed = strings.ReplaceAll(text, args[2], args[3])
	}
	if changed == text {
		ts.Fatalf("%s does not contain %s", args[0], args[2])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(changed), 0o600))
}

func cmdMode(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "mode FILE MODE")
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); runtime.GOOS != "windows" && got != args[1] {
		ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
	}
}

func cmdTake(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1, "take NAME")
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}

func cmdAgeKey(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "agekey FILE NAME")
	identity, err := age.GenerateX25519Identity()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(identity.String()+"\n"), 0o600))
	ts.Setenv(args[1], identity.Recipient().String())
}

// query returns the rows of the last statement, if it has any.
func query(ts *testscript.TestScript, database, statements string) (found []string, err error) {
	driver := "pgx"
	if !strings.Contains(database, "://") {
		driver, database = "sqlite", ts.MkAbs(database)
	}
	db, err := sql.Open(driver, database)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if driver == "pgx" && strings.Contains(statements, ";") {
		_, err = db.Exec(statements)
		return nil, err
	}
	rows, err := db.Query(statements)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		texts, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range texts {
			into[i] = &texts[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		parts := make([]string, len(texts))
		for i, text := range texts {
			if parts[i] = text.String; !text.Valid {
				parts[i] = "∅"
			}
		}
		found = append(found, strings.Join(parts, "|"))
	}
	return found, rows.Err()
}
