package cli

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/registrar-sync/registrar/internal/pgtest"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/bundle"
	"github.com/registrar-sync/registrar/providers/csv"
	"github.com/registrar-sync/registrar/providers/export"
	"github.com/registrar-sync/registrar/providers/mssql"
	"github.com/registrar-sync/registrar/providers/mysql"
	"github.com/registrar-sync/registrar/providers/oracle"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/providers/xlsx"
)

// These tests play a stranger's merge request: whoever wrote the configuration wants what it must not get, and reads all
// that the program writes.

// marker is part of every value that a stranger must not learn.
const marker = "Zq7Marker"

// review is a university's databases, and a checkout whose configuration a stranger may change.
type review struct {
	*console
	t      *testing.T
	source string // the URL of a PostgreSQL database
	host   string // host:port of its server
	name   string // of the database
	// outside is a folder beside the checkout.
	outside string
	// formats are those, beside text, in which attack has the plan shown.
	formats []string
}

// newReview makes them: a source with persons, in PostgreSQL, and a destination in an SQLite file that is initialized.
func newReview(t *testing.T) *review {
	t.Helper()
	r := &review{console: newConsole(t), t: t, source: pgtest.New(t)}
	u, err := url.Parse(r.source)
	if err != nil {
		t.Fatal(err)
	}
	r.host, r.name = strings.ToLower(u.Host), strings.TrimPrefix(u.Path, "/")
	r.Providers = []providers.Provider{
		bundle.New(), export.New(csv.New(), sqlite.New()), mssql.New(), mysql.New(), oracle.New(), postgres.New(), sqlite.New(), export.New(xlsx.New(), sqlite.New()),
	}
	parent := t.TempDir()
	r.Dir, r.outside = filepath.Join(parent, "checkout"), filepath.Join(parent, "outside")
	for _, dir := range []string{filepath.Join(r.Dir, ".git"), r.outside} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	r.Environ = []string{"REGISTRAR_VAR_apogee=" + r.source, "REGISTRAR_VAR_token=" + marker + "-token", "HOME=" + marker + "-home"}
	r.postgres(
		"CREATE TABLE person (code text PRIMARY KEY, name text, born date, salary numeric, site text, number text, changed timestamptz)",
		fmt.Sprintf("INSERT INTO person VALUES ('%[1]s-P1', '%[1]s-name', '1990-02-03', 41234.56, 'S1', '%[1]s', now()), ('%[1]s-P2', '%[1]s-other', '1991-02-03', 51234.56, 'S1', '%[1]s', now())", marker),
		"CREATE TABLE room (code text, name text)",
		"INSERT INTO room VALUES ('shown-R1', 'shown-name')",
		"CREATE SEQUENCE counter",
	)
	r.sqlite(filepath.Join(r.Dir, "timetable.db"),
		"CREATE TABLE person (code TEXT PRIMARY KEY, name TEXT, born DATE, salary INTEGER, site_id INTEGER, origin TEXT, note TEXT, deleted_on TIMESTAMP)",
		"CREATE TABLE room (code TEXT PRIMARY KEY, name TEXT, note TEXT)",
		"CREATE TABLE site (id INTEGER PRIMARY KEY, code TEXT UNIQUE, note TEXT)",
		fmt.Sprintf("INSERT INTO site VALUES (1, 'S1', '%[1]s-site')", marker),
		fmt.Sprintf("INSERT INTO person VALUES ('%[1]s-P2', '%[1]s-was', '1980-01-01', 7, 1, 'APOGEE', '%[1]s-note', NULL), ('%[1]s-P3', '%[1]s-gone', '1980-01-01', 7, 1, 'APOGEE', '%[1]s-note', NULL)", marker),
	)
	r.write("main.hcl", common+persons)
	r.must("init")
	return r
}

// common are the blocks that every configuration here has.
const common = `
variable "apogee" {}
variable "token" { default = "" }
source "postgres" "apogee" { url = var.apogee }
destination "sqlite" "timetable" { path = "timetable.db" }
`

const persons = `
sync "persons" {
  source {
    from  = source.postgres.apogee
    table = "person"
  }
  destination {
    into  = destination.sqlite.timetable
    table = "person"
    key   = ["code"]
    scope = { origin = "APOGEE" }
  }
  columns {
    code = row.code
    name = row.name
  }
}
`

// querying is persons with a query.
func querying(query string) string {
	return strings.Replace(persons, `table = "person"`+"\n  }\n  destination", "query = <<-SQL\n"+query+"\nSQL\n  }\n  destination", 1)
}

func (r *review) write(name, text string) string {
	r.t.Helper()
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.Dir, name)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}

// policy writes the operator's: text is more of the source's block.
func (r *review) policy(text string) string {
	return r.write(filepath.Join(r.outside, "policy.hcl"), fmt.Sprintf(`
connect "source.postgres.apogee" {
  hosts     = [%q]
  databases = [%q]
  secrets   = ["apogee"]
%s
}
connect "destination.sqlite.timetable" {
  paths = ["timetable.db"]
  queries = "any"
  show {
    table   = "room"
    columns = ["code", "name"]
  }
}
`, r.host, r.name, text))
}

func (r *review) postgres(statements ...string) {
	r.t.Helper()
	conn, err := pgx.Connect(r.t.Context(), r.source)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(r.t.Context())
	for _, statement := range statements {
		if _, err := conn.Exec(r.t.Context(), statement); err != nil {
			r.t.Fatalf("%s: %v", statement, err)
		}
	}
}

func (r *review) sqlite(path string, statements ...string) {
	r.t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(r.t.Context(), statement); err != nil {
			r.t.Fatalf("%s: %v", statement, err)
		}
	}
}

// state is all that a query could change in the source.
func (r *review) state() (text string) {
	r.t.Helper()
	conn, err := pgx.Connect(r.t.Context(), r.source)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(r.t.Context())
	err = conn.QueryRow(r.t.Context(), `SELECT concat_ws('/',
  (SELECT string_agg(p::text, ',' ORDER BY p::text) FROM person p), (SELECT string_agg(p::text, ',' ORDER BY p::text) FROM room p), (SELECT last_value::text || is_called FROM counter),
  (SELECT count(*) FROM pg_largeobject_metadata), (SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace))`).Scan(&text)
	if err != nil {
		r.t.Fatal(err)
	}
	return text
}

func (r *review) must(args ...string) {
	r.t.Helper()
	if code := r.run(r.t.Context(), args...); code != 0 {
		r.t.Fatalf("%v ends with %d: %s%s", args, code, r.out.String(), r.err.String())
	}
}

// attack plans a configuration as a merge request's pipeline does, and returns the exit code, and all that the program
// wrote: what it shows in each format, the plan file and what is shown of that.
func (r *review) attack(configuration string, args ...string) (int, string) {
	r.t.Helper()
	r.write("main.hcl", configuration)
	file := filepath.Join(r.outside, "plan.out")
	_ = os.Remove(file) // of the attack before
	code := 0
	var written strings.Builder
	for i, format := range append([]string{"text"}, r.formats...) {
		r.out.text.Reset()
		r.err.text.Reset()
		given := append([]string{"plan", "--speculative", "--format", format}, args...)
		if i == 0 {
			given = append(given, "--out", file)
		}
		code = max(code, r.run(r.t.Context(), given...))
		written.WriteString(r.out.String() + r.err.String())
	}
	text, err := os.ReadFile(file)
	if err == nil {
		written.Write(text)
		r.out.text.Reset()
		if shown := r.run(r.t.Context(), append([]string{"show", file}, args...)...); shown != 0 && shown != exitHeld {
			r.t.Errorf("show ends with %d: %s", shown, r.err.String())
		}
		written.WriteString(r.out.String())
	}
	return code, written.String()
}

// silent fails where something that a stranger must not learn was written.
func silent(t *testing.T, written string) {
	t.Helper()
	for _, secret := range []string{marker, "41234", "51234", "1990-02-03", "1991-02-03", "1980-01-01"} {
		if at := strings.Index(written, secret); at >= 0 {
			t.Errorf("%q is told: …%s…", secret, written[max(0, at-200):min(len(written), at+200)])
		}
	}
}

// A stranger's query is one SELECT that changes nothing, whether there is a policy or not; where there is one, it runs only if
// the policy says so.
func TestStrangerCannotWriteToASource(t *testing.T) {
	r := newReview(t)
	before := r.state()
	generous := r.policy(`  queries = "any"`)
	for _, query := range []string{
		"SELECT code, name FROM person; DELETE FROM person",
		"DELETE FROM person RETURNING code, name",
		"WITH d AS (DELETE FROM person RETURNING code, name) SELECT * FROM d",
		"SELECT code, name INTO stolen FROM person",
		"COPY person TO PROGRAM 'true'",
		"SELECT nextval('counter')::text AS code, 'x' AS name",
		"SELECT setval('counter', 9)::text AS code, 'x' AS name",
		"SELECT lo_create(0)::text AS code, 'x' AS name",
		"SELECT pg_read_file('/etc/hostname') AS code, 'x' AS name",
		"SELECT lo_import('/etc/hostname')::text AS code, 'x' AS name",
		"SELECT code, name FROM dblink('host=127.0.0.1', 'DELETE FROM person') AS t(code text, name text)",
		"SELECT query_to_xml('SELECT lo_create(0)', true, true, '')::text AS code, 'x' AS name",
		"SELECT set_config('transaction_read_only', 'off', false) AS code, 'x' AS name",
		"SELECT pg_terminate_backend(pid)::text AS code, 'x' AS name FROM pg_stat_activity",
		"SELECT E'\\'' AS code, ' ; COMMIT; DELETE FROM person; --' AS name",
	} {
		for _, policy := range []string{"", generous} {
			var args []string
			if policy != "" {
				args = []string{"--policy", policy}
			}
			code, written := r.attack(common+querying(query), args...)
			if code != exitError && !strings.Contains(query, "COMMIT") {
				t.Errorf("%s: it ends with %d", query, code)
			}
			silent(t, written)
			if after := r.state(); after != before {
				t.Fatalf("%s: the source was %s and is %s", query, before, after)
			}
		}
	}
	strict := r.policy("")
	code, written := r.attack(common+querying("SELECT code, name FROM person"), "--policy", strict)
	if code != exitError || !strings.Contains(written, "does not allow this query") {
		t.Errorf("a query that the policy does not list: %d %s", code, written)
	}
	if code, written = r.attack(common+persons, "--policy", strict); code != 0 {
		t.Errorf("a table: %d %s", code, written)
	}
}

// The same of a source in SQLite: nothing is written, no other file is reached.
func TestStrangerCannotWriteToSQLite(t *testing.T) {
	r := newReview(t)
	other := filepath.Join(r.outside, "other.db")
	path := filepath.Join(r.Dir, "people.db")
	for _, file := range []string{other, path} {
		r.sqlite(file, "CREATE TABLE person (code TEXT, name TEXT)", "INSERT INTO person VALUES ('"+marker+"', 'x')")
	}
	hash := func(path string) [32]byte {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return sha256.Sum256(text)
	}
	was, wasOther := hash(path), hash(other)
	for _, query := range []string{
		"SELECT code, name FROM person; DELETE FROM person",
		"WITH x AS (SELECT 1) DELETE FROM person RETURNING code, name",
		"ATTACH '" + other + "' AS o",
		"SELECT code, name FROM person; ATTACH '" + other + "' AS o; DELETE FROM o.person",
		"VACUUM INTO '" + filepath.Join(r.outside, "copy.db") + "'",
		"PRAGMA writable_schema = 1",
		"SELECT load_extension('x') AS code, 'x' AS name",
		"SELECT readfile('/etc/hostname') AS code, 'x' AS name",
		"SELECT writefile('" + filepath.Join(r.outside, "copy.db") + "', 'x') AS code, 'x' AS name",
	} {
		text := strings.ReplaceAll(common+"source \"sqlite\" \"people\" { path = \"people.db\" }\n"+querying(query), "from  = source.postgres.apogee", "from  = source.sqlite.people")
		code, written := r.attack(text)
		if code != exitError {
			t.Errorf("%s: it ends with %d", query, code)
		}
		silent(t, written)
		if hash(path) != was || hash(other) != wasOther {
			t.Errorf("%s: a file has changed", query)
		}
		if _, err := os.Stat(filepath.Join(r.outside, "copy.db")); err == nil {
			t.Errorf("%s: a file was written", query)
		}
	}
}

// Files outside of the root are out of reach, by whichever way: also for the policy's readers, who list none.
func TestStrangerReadsNoFileOutside(t *testing.T) {
	r := newReview(t)
	r.write(filepath.Join(r.outside, "data", "people.csv"), "code,name\n"+marker+",x\n")
	r.write(filepath.Join(r.outside, "text.sql"), marker)
	r.write(filepath.Join(r.outside, "module", "main.hcl"), "locals {\n  a = \""+marker+"\"\n  a = 2\n}\n")
	r.write(".git/config", "url = https://ci:"+marker+"@example.org")
	r.sqlite(filepath.Join(r.outside, "people.db"), "CREATE TABLE people (code TEXT, name TEXT)", "INSERT INTO people VALUES ('"+marker+"', 'x')")
	for at, to := range map[string]string{"data": "data", "text.sql": "text.sql", "module": "module", "people.db": "people.db"} {
		if err := os.Symlink(filepath.Join(r.outside, to), filepath.Join(r.Dir, at)); err != nil {
			t.Fatal(err)
		}
	}
	reading := func(block string) string {
		text := strings.Replace(common+block+persons, "from  = source.postgres.apogee", "from  = source."+strings.Join(strings.Split(block, `"`)[1:4:4], ""), 1)
		return strings.Replace(strings.Replace(text, "csv x", "csv.x", 1), `table = "person"`, `table = "people"`, 1)
	}
	source := func(provider, attribute, value string) string {
		return strings.ReplaceAll(reading(fmt.Sprintf("source %q %q { %s = %q }\n", provider, "x", attribute, value)), "source."+provider+" x", "source."+provider+".x")
	}
	for name, text := range map[string]string{
		"a folder by its path": source("csv", "directory", filepath.Join(r.outside, "data")),
		"a folder above":       source("csv", "directory", "../outside/data"),
		"a folder by a link":   source("csv", "directory", "data"),
		"a file by a link":     source("sqlite", "path", "people.db"),
		"a file by its path":   source("sqlite", "path", filepath.Join(r.outside, "people.db")),
		"file()":               common + querying("${file(\"../outside/text.sql\")}"),
		"file() by a link":     common + querying("${file(\"text.sql\")}"),
		"file() by its path":   common + querying("${file(\""+filepath.Join(r.outside, "text.sql")+"\")}"),
		"a module":             common + persons + "module \"m\" { source = \"../outside/module\" }",
		"a module by a link":   common + persons + "module \"m\" { source = \"./module\" }",
		"a certificate":        strings.Replace(common, "url = var.apogee", `url = "postgres://u@127.0.0.1:1/d?sslmode=verify-full&sslrootcert=text.sql"`, 1) + persons,
		"a register": common + persons + `
destination "csv" "out" {
  directory = "."
  register  = "../outside/people.db"
}`,
		"git's own": source("csv", "directory", ".git"),
	} {
		for _, args := range [][]string{nil, {"--policy", r.policy("")}} {
			code, written := r.attack(text, args...)
			if code != exitError {
				t.Errorf("%s: it ends with %d: %s", name, code, written)
			}
			silent(t, written)
		}
	}
}

// listener counts who connects, and keeps what it is sent; it asks for a password as a PostgreSQL server does.
type listener struct {
	net.Listener
	mu    sync.Mutex
	calls int
	heard []byte
}

func listenIn(t *testing.T) *listener {
	t.Helper()
	bound, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{Listener: bound}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			l.serve(conn)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l
}

func (l *listener) serve(conn net.Conn) {
	defer conn.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	var size [4]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return
	}
	startup := make([]byte, min(binary.BigEndian.Uint32(size[:]), 10_000)-4)
	if _, err := io.ReadFull(conn, startup); err != nil {
		return
	}
	if _, err := conn.Write([]byte{'R', 0, 0, 0, 8, 0, 0, 0, 3}); err != nil {
		return
	}
	answer := make([]byte, 10_000)
	n, _ := conn.Read(answer)
	l.heard = append(append(l.heard, startup...), answer[:n]...)
}

func (l *listener) told() (calls int, heard string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls, string(l.heard)
}

// The process's environment and the user's files are no part of what a configuration can send anywhere, with a policy or
// without.
func TestStrangerSeesNoEnvironment(t *testing.T) {
	r := newReview(t)
	home := t.TempDir()
	r.write(filepath.Join(home, ".pgpass"), "*:*:*:*:"+marker+"\n")
	for name, value := range map[string]string{
		"HOME": home, "PGPASSFILE": filepath.Join(home, ".pgpass"), "PGPASSWORD": marker, "PGUSER": marker, "PGAPPNAME": marker, "PGOPTIONS": "-c application_name=" + marker, "PGDATABASE": marker,
		"CI_JOB_TOKEN": marker,
	} {
		t.Setenv(name, value)
		r.Environ = append(r.Environ, name+"="+value)
	}
	l := listenIn(t)
	text := strings.Replace(common, "url = var.apogee", fmt.Sprintf(`url = "postgres://u@%s/d?sslmode=disable"`, l.Addr()), 1) + persons
	code, written := r.attack(text)
	silent(t, written)
	if calls, heard := l.told(); code != exitError || calls == 0 || !strings.Contains(heard, "user\x00u\x00") || strings.Contains(heard, marker) {
		t.Errorf("it ends with %d, and the server was told %q", code, heard)
	}
	for _, expression := range []string{"env.HOME", `env("HOME")`, `getenv("CI_JOB_TOKEN")`, "var.HOME", `"$CI_JOB_TOKEN $${HOME}"`, `pathexpand("~")`} {
		_, written := r.attack(common + persons + "faculty \"x\" { name = " + expression + " }")
		silent(t, written)
	}
}

// With a policy nobody is called but those listed; and no plan tells anybody of anything, whatever happens.
func TestStrangerCallsNobody(t *testing.T) {
	r := newReview(t)
	l := listenIn(t)
	address := l.Addr().(*net.TCPAddr)
	parts := fmt.Sprintf("host = \"127.0.0.1\"\n port = %d\n user = \"u\"\n password = var.token\n", address.Port)
	listed := fmt.Sprintf(`  queries = "any"
}
connect "source.postgres.x" {
  hosts   = [%[1]q]
  secrets = ["token"]
}
connect "source.mysql.x" {
  hosts   = [%[1]q]
  secrets = ["token"]
}
connect "notify.webhook.x" {
  hosts = [%[1]q]
`, r.host)
	for name, text := range map[string]string{
		"postgres":          "source \"postgres\" \"x\" {\n" + parts + " database = \"d\"\n}",
		"postgres, a list":  fmt.Sprintf("source \"postgres\" \"x\" { url = \"postgres://u@%s/d?host=%s&port=%d\" }", r.host, "127.0.0.1", address.Port),
		"postgres, unknown": "source \"postgres\" \"y\" {\n" + parts + " database = \"d\"\n}",
		"mysql":             "source \"mysql\" \"x\" {\n" + parts + " database = \"d\"\n}",
		"mssql":             "source \"mssql\" \"x\" {\n" + parts + " database = \"d\"\n}",
		"oracle":            "source \"oracle\" \"x\" {\n" + parts + " service = \"d\"\n}",
		"a secret's way":    fmt.Sprintf("source \"postgres\" \"x\" { url = \"postgres://u:${var.apogee}@%s/d\" }", r.host),
		"a webhook":         fmt.Sprintf("notify \"webhook\" \"x\" {\n on = [\"every\"]\n url = \"http://%s/${var.token}\"\n}", l.Addr()),
	} {
		using := text
		if kind := strings.Split(text, `"`); kind[1] != "webhook" && strings.HasPrefix(text, "source") {
			using += strings.Replace(persons, "source.postgres.apogee", "source."+kind[1]+"."+kind[3], 1)
		} else {
			using += persons
		}
		code, written := r.attack(common+using, "--policy", r.policy(listed))
		if calls, _ := l.told(); code != exitError || calls > 0 {
			t.Fatalf("%s: it ends with %d, after %d calls: %s", name, code, calls, written)
		}
		silent(t, written)
	}
	// Without a policy, a plan that succeeds and one that fails.
	hook := fmt.Sprintf("notify \"webhook\" \"x\" {\n on = [\"every\", \"failure\", \"changes\"]\n url = \"http://%s/\"\n}\n", l.Addr())
	told := strings.Replace(persons, `sync "persons" {`, "sync \"persons\" {\n  notify = [notify.webhook.x]", 1)
	for _, text := range []string{hook + told, hook + strings.Replace(told, "row.name", "row.none", 1)} {
		_, written := r.attack(common + text)
		if calls, _ := l.told(); calls > 0 {
			t.Errorf("a plan calls a webhook: %s", written)
		}
	}
}

// Who approves of, shows or examines what a merge request plans does so with a login of their own: it goes nowhere that the
// operator's policy does not name, though the configuration does.
func TestStrangerGetsNoApproversLogin(t *testing.T) {
	r := newReview(t)
	l := listenIn(t)
	r.write("main.hcl", common+persons)
	policy := r.policy("")
	file := filepath.Join(r.outside, "reviewed.plan")
	id := "11111111-2222-4333-8444-555555555555"
	r.NewID = func() string { return id }
	r.must("plan", "--speculative", "--policy", policy, "--out", file)
	theirs := fmt.Sprintf("destination \"postgres\" \"timetable\" { url = \"postgres://u:${var.token}@%s/d?connect_timeout=1\" }", l.Addr())
	r.write("main.hcl", strings.NewReplacer(`destination "sqlite" "timetable" { path = "timetable.db" }`, theirs, "destination.sqlite.", "destination.postgres.").Replace(common+persons))
	for _, args := range [][]string{
		{"approve", "--auto-approve", file}, {"approve", "--auto-approve", "--speculative", id}, {"show", "--all", file}, {"show", "--speculative", id}, {"doctor", "--speculative"},
	} {
		r.out.text.Reset()
		r.err.text.Reset()
		code := r.run(t.Context(), append(args, "--policy", policy)...)
		calls, heard := l.told()
		if code != exitError || calls > 0 || !strings.Contains(r.err.String(), "destination \"postgres\" \"timetable\"") {
			t.Errorf("%v ends with %d, after %d calls (%q): %s%s", args, code, calls, heard, r.out.String(), r.err.String())
		}
		silent(t, r.out.String()+r.err.String())
	}
	// Without a policy it is a stranger's all the same: it opens no file elsewhere.
	elsewhere := filepath.Join(r.outside, "timetable.db")
	r.sqlite(elsewhere, "CREATE TABLE person (code TEXT PRIMARY KEY)")
	r.write("main.hcl", strings.Replace(common+persons, `path = "timetable.db"`, fmt.Sprintf("path = %q", elsewhere), 1))
	for _, args := range [][]string{{"approve", "--auto-approve", file}, {"approve", "--auto-approve", "--speculative", id}, {"show", "--all", file}, {"show", "--speculative", id}, {"doctor", "--speculative"}} {
		r.err.text.Reset()
		if code := r.run(t.Context(), args...); code != exitError || !strings.Contains(r.err.String(), "destination \"sqlite\" \"timetable\"") {
			t.Errorf("%v ends with %d: %s", args, code, r.err.String())
		}
	}
}

// Whatever a configuration does with the rows, no output holds a value that the policy does not show; without a policy, none
// at all.
func TestStrangerLearnsNoValue(t *testing.T) {
	r := newReview(t)
	r.formats = []string{"json", "html"}
	columns := "code = row.code\n    name = row.name"
	mapped := func(with string) string { return common + strings.Replace(persons, columns, with, 1) }
	inside := func(what string) string {
		return common + strings.Replace(persons, "  columns {", what+"\n  columns {", 1)
	}
	attacks := map[string]string{
		"as it is":                   common + persons,
		"not sensitive":              inside("sensitive = []"),
		"made of others":             mapped("code = \"${row.code}/${row.salary}\"\n    name = \"${row.name} ${row.born} ${row.salary}\""),
		"a key of a constant":        mapped("code = row.code == \"x\" ? \"y\" : row.number\n    name = row.name"),
		"what does not fit":          mapped("code = row.code\n    salary = row.name\n    born = row.name"),
		"what cannot be read":        mapped("code = row.code\n    name = to_date(row.name)"),
		"a null key":                 mapped("code = to_number(row.site)\n    name = row.name"),
		"a lookup":                   mapped("code = row.code\n    site_id = lookup(\"site\", \"id\", { code = row.name })"),
		"a lookup of texts":          mapped("code = row.code\n    name = lookup(\"site\", \"note\", { code = row.site })"),
		"no such column":             mapped("code = row.cod\n    name = row.name"),
		"asserts":                    inside("assert \"a\" {\n condition = row.salary < 1\n message = \"${row.name} earns ${row.salary}\"\n}\nassert \"b\" {\n condition = false\n message = row.born\n on_failure = \"warn\"\n}"),
		"an assert that stops":       inside("assert \"a\" {\n condition = false\n message = \"${row.name} earns ${row.salary}\"\n on_failure = \"stop\"\n}"),
		"an archive that overwrites": inside("lifecycle {\n on_missing = \"archive\"\n archive = { note = \"x\", deleted_on = now() }\n}"),
		"stamps":                     inside("lifecycle { stamps = { note = \"update\" } }"),
		"a deletion":                 inside("lifecycle { on_missing = \"delete\" }"),
		"a watermark":                common + persons[:len(persons)-2] + "  incremental { watermark = row.born }\n}",
		"a scope that is read":       strings.Replace(common+persons, `scope = { origin = "APOGEE" }`, "scope = { note = \"x\" }\n    adopt = true", 1),
		"renames":                    common + persons + "moved {\n sync = sync.persons\n from = \"a\"\n to = \"b\"\n}",
		"a staged check":             common + persons + "check \"c\" {\n sync = sync.persons\n where = true\n message = \"${row.code} is ${row.name}\"\n}",
		"a check of the destination": common + persons + "check \"c\" {\n destination = destination.sqlite.timetable\n query = \"SELECT code, note AS shown FROM person\"\n message = \"${row.code} has ${row.shown}\"\n key = [\"code\"]\n}",
	}
	queries := map[string]string{
		"another name":           common + querying("SELECT name AS code, salary::text AS name FROM person"),
		"an error of the engine": common + querying("SELECT code, name::int::text AS name FROM person"),
		"a regular expression":   common + querying("SELECT code, regexp_replace(name, '[' || name, '') AS name FROM person"),
		"rows as a name":         common + querying("SELECT code, row_to_json(p)::text AS name FROM person p"),
		"a duplicate":            common + querying("SELECT 'x' || number AS code, name FROM person"),
		"a null":                 common + querying("SELECT NULL::text AS code, name FROM person"),
		"a check of the source":  common + persons + "check \"c\" {\n source = source.postgres.apogee\n query = \"SELECT code AS shown, name FROM person\"\n message = \"${row.shown} is ${row.name}\"\n key = [\"shown\"]\n}",
		"an error in a check":    common + persons + "check \"c\" {\n source = source.postgres.apogee\n query = \"SELECT name::date AS d FROM person\"\n message = \"x\"\n}",
	}
	for name, text := range attacks {
		for _, args := range [][]string{nil, {"--policy", r.policy("")}} {
			_, written := r.attack(text, args...)
			t.Run(name, func(t *testing.T) { silent(t, written) })
		}
	}
	for name, text := range queries {
		for _, args := range [][]string{nil, {"--policy", r.policy(`  queries = "any"`)}} {
			_, written := r.attack(text, args...)
			t.Run(name, func(t *testing.T) { silent(t, written) })
		}
	}
	// What the policy shows is shown, so that the rest would have been seen.
	rooms := strings.NewReplacer(`"person"`, `"room"`, `scope = { origin = "APOGEE" }`, "owns_table = true").Replace(persons)
	_, written := r.attack(common+rooms, "--policy", r.policy("  show {\n    table   = \"room\"\n    columns = [\"code\", \"name\"]\n  }\n"))
	if strings.Count(written, "shown-name") < 1+len(r.formats) {
		t.Errorf("what the policy shows is not shown: %s", written)
	}
	if _, written = r.attack(common + rooms); strings.Contains(written, "shown-") {
		t.Errorf("without a policy it is shown: %s", written)
	}
}

// A variable's value given by the pipeline stays secret, whatever the configuration says of the variable.
func TestStrangerLearnsNoSecret(t *testing.T) {
	r := newReview(t)
	r.formats = []string{"json"}
	for name, text := range map[string]string{
		"mapped":             common + strings.Replace(persons, "row.name", "var.token", 1),
		"mapped with others": common + strings.Replace(persons, "row.name", "\"${row.name} ${var.token}\"", 1),
		"in a key":           common + strings.Replace(persons, "row.code", "\"${row.code} ${var.token}\"", 1),
		"in a query":         common + querying("SELECT '${var.token}' AS code, 'x' AS name"),
		"a bound parameter":  common + strings.Replace(querying("SELECT :a::text AS code, 'x' AS name"), "    from  = source", "    params = { a = var.token }\n    from  = source", 1),
		"an assert":          common + strings.Replace(persons, "  columns {", "assert \"a\" {\n condition = false\n message = var.token\n}\n  columns {", 1),
		"a faculty's name":   common + persons + "faculty \"a\" { name = var.token }",
		"a check's message":  common + persons + "check \"a\" {\n sync = sync.persons\n where = true\n message = var.token\n}",
		"a database's name":  common + persons + "source \"sqlite\" \"a\" { path = \"${var.token}.db\" }",
		"a host":             common + persons + "source \"postgres\" \"a\" { url = \"postgres://u@${var.token}.invalid/d\" }\ncheck \"a\" {\n source = source.postgres.a\n query = \"SELECT 1 AS a\"\n message = \"x\"\n}",
		"a user":             common + persons + strings.Replace("source \"postgres\" \"a\" {\n host = \"HOST\"\n port = PORT\n database = \"postgres\"\n user = var.token\n password = \"x\"\n}\ncheck \"a\" {\n source = source.postgres.a\n query = \"SELECT 1 AS a\"\n message = \"x\"\n}", "HOST\"\n port = PORT", strings.Replace(r.host, ":", "\"\n port = ", 1), 1),
		"a file":             common + persons + "source \"csv\" \"a\" { directory = var.token }",
		"an error":           common + persons + "source \"csv\" \"a\" { directory = to_date(var.token) }",
		"a schedule":         common + persons + "schedule \"a\" { at = [var.token] }",
		"a default":          strings.Replace(common, `variable "token" { default = "" }`, "variable \"token\" {\n type = number\n}", 1) + persons,
		"a validation":       strings.Replace(common, `variable "token" { default = "" }`, "variable \"token\" {\n validation {\n condition = false\n error_message = \"x ${var.token}\"\n }\n}", 1) + persons,
	} {
		for _, args := range [][]string{nil, {"--policy", r.policy(`  queries = "any"`)}} {
			code, written := r.attack(text, args...)
			silent(t, written)
			mapping := slices.Contains([]string{"mapped", "mapped with others", "in a key", "a bound parameter"}, name)
			if args != nil && mapping && (code != exitError || !strings.Contains(written, "would be given the value of var.token")) {
				t.Errorf("%s: the secret reaches another server: %d %s", name, code, written)
			}
		}
	}
}
