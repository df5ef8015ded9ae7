package sqlite

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/sqlgen"
	"github.com/registrar-sync/registrar/internal/value"
	"github.com/registrar-sync/registrar/providers"
)

// victims makes a source of one row and a file that queries must not change, and
// returns a snapshot of the one and the path of the other.
func victims(t *testing.T) (*snapshot, string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"source.db", "victim.db"} {
		db, err := open(t.Context(), filepath.Join(dir, name), settings{mode: "rwc"})
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{"CREATE TABLE a (x, e)", "INSERT INTO a VALUES (1, 2)"} {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	opened, err := New().OpenSource(t.Context(), providers.Attributes{"path": "source.db"}, dir)
	if err != nil {
		t.Fatal(err)
	}
	view, err := opened.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(view.Close(), opened.Close()); err != nil {
			t.Error(err)
		}
	})
	return view.(*snapshot), filepath.Join(dir, "victim.db")
}

// count returns the rows of the victim.
func count(t *testing.T, path string) int {
	t.Helper()
	db, err := open(t.Context(), path, settings{mode: "ro"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM a").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// drain reads to the end, as the rest of a text runs with its first rows.
func drain(rows providers.Rows, err error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	row := make([]value.Value, len(rows.Columns()))
	for {
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// attacks are texts that SQLite runs as more than a SELECT; %[1]s is the victim.
var attacks = map[string]string{
	"comment":   `SELECT x FROM a /* /* */` + payload + `-- */ */`,
	"bracket":   `SELECT x AS ['] FROM a` + payload + `--']`,
	"backtick":  "SELECT x AS `'` FROM a" + payload + "--'",
	"dollars":   `SELECT x AS a$$ FROM a` + payload + `-- $$`,
	"variables": `SELECT x, $$ FROM a` + payload + `-- $$`,
	"variable":  `SELECT x, $a(') FROM a` + payload + `--'`,
	"at":        `SELECT x, @a(') FROM a` + payload + `--'`,
	"colon":     `SELECT x, :1(') FROM a` + payload + `--'`,
	"backslash": `SELECT e'\' FROM a` + payload + `--'`,
	"return":    "SELECT x -- '\r FROM a" + payload + "--'",
	"nul":       "SELECT x FROM a" + payload + "\x00",
	"vacuum":    `SELECT x FROM a; COMMIT; PRAGMA query_only = 0; VACUUM INTO "file:%[1]s.copy"; SELECT x FROM a`,
}

const payload = `; COMMIT; PRAGMA query_only = 0; ATTACH "file:%[1]s?mode=rw" AS v; DELETE FROM v.a; SELECT x FROM a `

// TestSourceAttacks: of Read's two precautions, the check of the text refuses each
// attack.
func TestSourceAttacks(t *testing.T) {
	more := map[string]string{
		"attach": "ATTACH 'file:%[1]s?mode=rw' AS v", "vacuum alone": "VACUUM INTO '%[1]s.copy'", "pragma": "PRAGMA query_only = 0",
		"pragma behind": "SELECT 1; PRAGMA query_only = 0", "commit": "COMMIT", "explain": "EXPLAIN SELECT 1",
	}
	for _, texts := range []map[string]string{attacks, more} {
		for name, text := range texts {
			t.Run(name, func(t *testing.T) {
				view, victim := victims(t)
				query := strings.ReplaceAll(text, "%[1]s", victim)
				err := drain(view.Read(t.Context(), providers.Query{SQL: query}))
				if err == nil || !strings.Contains(err.Error(), "must be one SELECT") {
					t.Errorf("read: %v", err)
				}
				if n := count(t, victim); n != 1 {
					t.Errorf("%d rows are left", n)
				}
				// The transaction is still open: BEGIN fails in one.
				if _, err := view.conn.ExecContext(t.Context(), "BEGIN"); err == nil {
					t.Error("the snapshot's transaction has ended")
				}
			})
		}
	}
}

// TestSourceAttachesNothing runs the attacks as if the check had passed them, up to the
// statement that would open another file.
func TestSourceAttachesNothing(t *testing.T) {
	for _, attack := range []string{"ATTACH 'file:%[1]s?mode=rw' AS v; DELETE FROM v.a", "VACUUM INTO 'file:%[1]s.copy'", "ATTACH ':memory:' AS v"} {
		t.Run(strings.Fields(attack)[0], func(t *testing.T) {
			view, victim := victims(t)
			// An open statement would stop VACUUM as well.
			text := "SELECT x FROM a WHERE 0; COMMIT; PRAGMA query_only = 0; " + strings.ReplaceAll(attack, "%[1]s", victim) + "; SELECT x FROM a"
			err := drain(view.run(t.Context(), text, nil))
			if err == nil || !strings.Contains(err.Error(), "too many attached databases") {
				t.Errorf("run: %v", err)
			}
			if n := count(t, victim); n != 1 {
				t.Errorf("%d rows are left", n)
			}
			if _, err := os.Stat(victim + ".copy"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a copy is written: %v", err)
			}
		})
	}
	// The limit is what stops them: a connection without it is not stopped.
	view, victim := victims(t)
	free, err := open(t.Context(), filepath.Join(filepath.Dir(victim), "source.db"), settings{mode: "ro", queryOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer free.Close()
	conn, err := free.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	unlimited := &snapshot{conn: conn}
	text := "SELECT x FROM a; PRAGMA query_only = 0; ATTACH 'file:" + victim + "?mode=rw' AS v; DELETE FROM v.a; SELECT x FROM a"
	if err := drain(unlimited.run(t.Context(), text, nil)); err != nil || count(t, victim) != 0 {
		t.Errorf("the attack is harmless, and proves nothing: %v", err)
	}
	if err := drain(view.Read(t.Context(), providers.Query{SQL: "SELECT load_extension('x')"})); err == nil {
		t.Error("extensions can be loaded")
	}
}

// TestLexis: what the check takes for one SELECT, SQLite takes for one too. The
// fragments are those that open and close its quotes, and other engines'.
func TestLexis(t *testing.T) {
	db, err := open(t.Context(), filepath.Join(t.TempDir(), "a.db"), settings{mode: "rwc"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "CREATE TABLE a (x, e); INSERT INTO a VALUES (1, 2)"); err != nil {
		t.Fatal(err)
	}
	view := &snapshot{conn: conn}
	starts := []string{"SELECT x AS ", "SELECT x, ", "SELECT "}
	fragments := []string{
		"'", "'", `"`, "`", "[", "]", "/*", "*/", "--", "\n", "\r", "$$", "$a$", "$a(", ":1(", ")", `\`, "e", "x", "1", ":a", "::", "?", "@a", " FROM a ", " ", "é", "\ufeff",
	}
	const texts = 200000
	// The same texts each time.
	random := rand.New(rand.NewPCG(1, 2))
	accepted, run := 0, 0
	for range texts {
		query := starts[random.IntN(len(starts))]
		for range 1 + random.IntN(4) {
			query += fragments[random.IntN(len(fragments))]
		}
		query += " FROM a; DELETE FROM a --"
		for range 1 + random.IntN(2) {
			query += fragments[random.IntN(len(fragments))]
		}
		text, names, err := sqlgen.BindNamed(query, New().QueryLexis(), func(n int, _ string) string { return fmt.Sprintf("?%d", n) })
		if err != nil {
			continue
		}
		accepted++
		err = drain(view.run(t.Context(), text, make([]any, len(names))))
		if err == nil {
			run++
		}
		var n int
		if errCount := conn.QueryRowContext(t.Context(), "SELECT count(*) FROM a").Scan(&n); errCount != nil || n != 1 {
			t.Fatalf("%q is run as %q, and writes: %d rows, %v, %v", query, text, n, err, errCount)
		}
	}
	t.Logf("%d texts passed the check, %d of them SQLite", accepted, run)
	if run < 100 {
		t.Errorf("SQLite took %d of %d texts, too few to tell", run, accepted)
	}
}
