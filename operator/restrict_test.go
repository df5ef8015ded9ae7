package operator

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/config"
	"github.com/registrar-sync/registrar/hcl"
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

func known() []providers.Provider {
	return []providers.Provider{
		bundle.New(), export.New(csv.New(), sqlite.New()), mssql.New(), mysql.New(), oracle.New(), postgres.New(), sqlite.New(), export.New(xlsx.New(), sqlite.New()),
	}
}

// configuration loads one, from files given as name and text in turn.
func configuration(t testing.TB, dir string, environ []string, files ...string) *config.Config {
	t.Helper()
	for i := 0; i < len(files); i += 2 {
		write(t, filepath.Join(dir, filepath.FromSlash(files[i])), files[i+1])
	}
	cfg, diags := hcl.Load(dir, hcl.Options{Providers: known(), Version: "0.1.0", Environ: environ})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func speculative() Options { return Options{Providers: known(), Speculative: true} }

// rooms is a configuration that shows what it can of two tables.
const rooms = `
source "postgres" "apogee" {
  url = "postgres://reader@db.example.org:5433/apogee"
}
destination "postgres" "timetable" {
  host     = "Timetable.example.org"
  database = "timetable"
  user     = "writer"
}
sync "rooms" {
  source {
    from  = source.postgres.apogee
    table = "salle"
  }
  destination {
    into  = destination.postgres.timetable
    table = "room"
    key   = ["code"]
    scope = { origin = "APOGEE" }
  }
  columns {
    code    = row.COD
    name    = upper(row.nom)
    seats   = row.places
    both    = "${row.nom} ${row.places}"
    kind    = "room"
    secret  = row.COD
    site_id = lookup("site", "id", { code = row.site })
    far_id  = lookup("site", "id", { code = row.places })
    who_id  = lookup("person", "id", { code = row.COD })
    ssn     = lookup("site", "ssn", { code = row.COD })
  }
  assert "named" {
    condition = row.nom != null
    message   = "${row.COD} has no name"
  }
  assert "small" {
    condition = row.places < 100
    message   = "too large"
  }
  assert "told" {
    condition = row.COD != ""
    message   = "${row.places} seats"
  }
  incremental { watermark = row.changed }
}
`

const roomsPolicy = `
connect "source.postgres.apogee" {
  hosts     = ["db.example.org:5433"]
  databases = ["apogee"]
  show {
    table   = "salle"
    columns = ["cod", "NOM", "site"]
  }
}
connect "destination.postgres.timetable" {
  hosts     = ["timetable.example.org:5432"]
  databases = ["timetable"]
  show {
    table   = "room"
    columns = ["code", "name", "seats", "both", "kind", "site_id", "far_id", "who_id", "ssn"]
  }
  show {
    table   = "site"
    columns = ["id", "code"]
  }
}
`

func sensitive(s *config.Sync) []string {
	var out []string
	for _, c := range s.Columns {
		if c.Sensitive {
			out = append(out, c.Name)
		}
	}
	return out
}

// A column is shown only if both ends are, with all that its value is made of.
func TestMasking(t *testing.T) {
	t.Parallel()
	cfg := configuration(t, t.TempDir(), nil, "main.hcl", rooms)
	expect(t, Restrict(cfg, mustLoad(t, roomsPolicy), speculative()), "")
	s := cfg.Syncs[0]
	if diff := cmp.Diff([]string{"seats", "both", "secret", "far_id", "who_id", "ssn"}, sensitive(s)); diff != "" {
		t.Error(diff)
	}
	for i, want := range []bool{false, true, true} {
		if s.Asserts[i].Sensitive != want {
			t.Errorf("assert %s is sensitive: %v", s.Asserts[i].Name, s.Asserts[i].Sensitive)
		}
	}
	if !s.Incremental.Sensitive {
		t.Error("the watermark is shown")
	}
	// What is written without being mapped may overwrite anything.
	if !s.Shown.Hides("origin") || s.Shown.Hides("code") {
		t.Error("the scope's column is shown")
	}
}

// Without a policy all of a speculative plan is masked, and nothing of any other.
func TestWithoutPolicy(t *testing.T) {
	t.Parallel()
	text := rooms + `
check "found" {
  source   = source.postgres.apogee
  query    = "SELECT cod FROM salle"
  message  = "${row.cod} is odd"
}
check "staged" {
  sync    = sync.rooms
  where   = row.seats > 10
  message = "${row.code} is odd"
}
`
	cfg := configuration(t, t.TempDir(), nil, "main.hcl", text)
	expect(t, Restrict(cfg, nil, Options{Providers: known()}), "")
	if got := sensitive(cfg.Syncs[0]); len(got) > 0 || cfg.Syncs[0].Shown != nil || cfg.Checks[0].AllSensitive {
		t.Errorf("%v are masked", got)
	}
	expect(t, Restrict(cfg, nil, speculative()), "")
	s := cfg.Syncs[0]
	if len(sensitive(s)) != len(s.Columns) || !s.Shown.Hides("code") || !s.Source.Shown.Hides("cod") || !s.Incremental.Sensitive {
		t.Errorf("not all is masked: %v", sensitive(s))
	}
	for _, a := range s.Asserts {
		if !a.Sensitive {
			t.Errorf("assert %s is shown", a.Name)
		}
	}
	for _, c := range cfg.Checks {
		if !c.AllSensitive {
			t.Errorf("%s is shown", c.Address)
		}
	}
}

// The policy never shows what the configuration masks.
func TestPolicyUnmasksNothing(t *testing.T) {
	t.Parallel()
	cfg := configuration(t, t.TempDir(), nil, "main.hcl", strings.Replace(rooms, "sync \"rooms\" {", "sync \"rooms\" {\n  sensitive = \"all\"", 1))
	expect(t, Restrict(cfg, mustLoad(t, roomsPolicy), speculative()), "")
	if s := cfg.Syncs[0]; len(sensitive(s)) != len(s.Columns) {
		t.Errorf("only %v are masked", sensitive(s))
	}
}

// A name in a show block is of the table that the operator meant: not of another schema's, another file's, or one whose
// columns were given other names.
func TestShowIsOfTheTableMeant(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ old, new, diags string }{
		"another schema": {"5433/apogee", "5433/apogee?search_path=payroll", "is about "},
		"another table":  {`"salle"`, `"personnel"`, ""},
		"another source": {`table = "salle"`, `query = "SELECT salary AS cod, name AS nom, site, places, changed FROM person"`, "does not allow this query"},
	} {
		cfg := configuration(t, t.TempDir(), nil, "main.hcl", strings.Replace(rooms, test.old, test.new, 1))
		expect(t, Restrict(cfg, mustLoad(t, roomsPolicy), speculative()), test.diags)
		if got := sensitive(cfg.Syncs[0]); !slices.Contains(got, "code") || !slices.Contains(got, "name") {
			t.Errorf("%s: masked are %v", name, got)
		}
	}
	files := `
source "csv" "a" {
  directory = "%"
}
destination "sqlite" "d" { path = "d.db" }
sync "a" {
  source {
    from  = source.csv.a
    table = "rooms"
  }
  destination {
    into       = destination.sqlite.d
    table      = "room"
    key        = ["code"]
    owns_table = true
  }
  columns { code = row.code }
}
`
	for _, test := range []struct {
		directory string
		shown     bool
	}{
		{"data", true}, {"data/private", false}, {"data\"\n  header = false\n  columns = [\"code\"]\n  extension = \".csv", false}, {"data\"\n  comment = \"#", false},
	} {
		dir := t.TempDir()
		cfg := configuration(t, dir, nil, "main.hcl", strings.Replace(files, "%", test.directory, 1), "data/private/rooms.csv", "", "d.db", "")
		p := mustLoad(t, `
connect "source.csv.a" {
  paths = ["data"]
  show {
    table   = "rooms"
    columns = ["*"]
  }
}
connect "destination.sqlite.d" {
  paths = ["d.db"]
  show {
    table   = "room"
    columns = ["*"]
  }
}`)
		expect(t, Restrict(cfg, p, speculative()), "")
		if got := sensitive(cfg.Syncs[0]); (len(got) == 0) != test.shown {
			t.Errorf("%s: masked are %v", test.directory, got)
		}
	}
}

// Of several queries only what each may show is shown, whichever comes first; a check's findings as its query's digest says.
func TestShowOfQueries(t *testing.T) {
	t.Parallel()
	for _, strict := range []string{"update", "insert"} {
		t.Run(strict+" shows less", func(t *testing.T) {
			t.Parallel()
			showOfQueries(t, strict == "insert")
		})
	}
}

func showOfQueries(t *testing.T, insertShowsLess bool) {
	t.Helper()
	insert, update, odd := "SELECT cod, nom, site FROM a", "SELECT cod, nom FROM b", "SELECT cod, nom FROM odd"
	text := strings.Replace(rooms, `table = "salle"`, "queries {\n insert = \""+insert+"\"\n update = \""+update+"\"\n }", 1)
	text = strings.Replace(text, "  incremental { watermark = row.changed }\n", "", 1) + `
check "odd" {
  source  = source.postgres.apogee
  query   = "` + odd + `"
  message = row.cod
}`
	cfg := configuration(t, t.TempDir(), nil, "main.hcl", text)
	more, less := insert, update
	if insertShowsLess {
		more, less = update, insert
	}
	shows := `queries = "any"
  show {
    query   = "` + QueryDigest(more) + `"
    columns = ["*"]
  }
  show {
    query   = "` + QueryDigest(less) + `"
    columns = ["cod"]
  }
  show {
    query   = "` + QueryDigest(odd) + `"
    columns = ["cod"]
  }
`
	p := mustLoad(t, strings.Replace(roomsPolicy, `databases = ["apogee"]`, "databases = [\"apogee\"]\n"+shows, 1))
	expect(t, Restrict(cfg, p, speculative()), "")
	s := cfg.Syncs[0]
	if got := sensitive(s); slices.Contains(got, "code") || !slices.Contains(got, "name") || !slices.Contains(got, "site_id") {
		t.Errorf("masked are %v", got)
	}
	if c := cfg.Checks[0]; c.AllSensitive || c.Shown.Hides("cod") || !c.Shown.Hides("nom") {
		t.Errorf("the check shows %+v", c.Shown)
	}
}

// What a configuration reaches, runs and is given must be in the policy.
func TestForbidden(t *testing.T) {
	t.Parallel()
	outsider := filepath.Join(t.TempDir(), "elsewhere.db")
	write(t, outsider, "")
	base := `
variable "password" {
  type      = string
  sensitive = true
}
source "mysql" "moodle" {
  host     = "moodle.example.org"
  database = "moodle"
  user     = "reader"
  password = var.password
}
destination "sqlite" "d" { path = "data/d.db" }
notify "webhook" "chat" {
  on  = ["failure"]
  url = "https://chat.example.org/hook"
}
sync "a" {
  source {
    from  = source.mysql.moodle
    table = "course"
  }
  destination {
    into       = destination.sqlite.d
    table      = "course"
    key        = ["code"]
    owns_table = true
  }
  columns {
    code = row.code
    name = row.name
  }
}
check "odd" {
  destination = destination.sqlite.d
  query       = "SELECT code FROM course WHERE name = ''"
  message     = row.code
}
`
	operator := `
connect "source.mysql.moodle" {
  hosts     = ["moodle.example.org:3306"]
  databases = ["moodle"]
  secrets   = ["password"]
}
connect "destination.sqlite.d" {
  paths   = ["data"]
  queries = ["` + QueryDigest("SELECT code FROM course WHERE name = ''") + `"]
  hooks   = ["` + QueryDigest("SELECT 1") + `"]
}
connect "notify.webhook.chat" { hosts = ["chat.example.org:443"] }
connect "source.csv.of_another_repository" { paths = ["data"] }
`
	for name, test := range map[string]struct{ old, new, want string }{
		"as it is":            {"", "", ""},
		"another host":        {"moodle.example.org", "evil.example.org", `main.hcl:6: Forbidden by the policy: source.mysql.moodle reaches "evil.example.org:3306", .*: "moodle.example.org:3306"\.`},
		"a hidden host":       {`"moodle.example.org"`, "var.password", `source.mysql.moodle reaches a host \(not shown: it comes from var.password\), .*: "moodle.example.org:3306"\.`},
		"a hidden port":       {`"reader"`, "\"reader\"\n  port = length(var.password) + 1", `reaches a host \(not shown: it comes from var.password\)`},
		"another port":        {`"reader"`, "\"reader\"\n  port = 3307", `reaches "moodle.example.org:3307"`},
		"a socket":            {`host     = "moodle.example.org"`, `socket = "/run/mysqld.sock"`, `reaches "unix:/run/mysqld.sock"`},
		"another database":    {`database = "moodle"`, `database = "mysql"`, `is about "mysql", which is not among the databases .*: "moodle"\.`},
		"a hidden database":   {`database = "moodle"`, `database = var.password`, `is about a database \(not shown: it comes from var.password\)`},
		"an authority":        {`"reader"`, "\"reader\"\n  tls_ca = \"ca.pem\"", `source.mysql.moodle reaches "ca.pem", links followed, .*: none\.`},
		"a secret elsewhere":  {`"data/d.db"`, `"data/${var.password}"`, `destination.sqlite.d would be given the value of var.password, .*: none\.`},
		"a secret as a value": {"row.name", "var.password", `main.hcl:\d+: Forbidden by the policy: destination.sqlite.d would be given the value of var.password`},
		"another file":        {`"data/d.db"`, `"` + outsider + `"`, "destination.sqlite.d reaches a file"},
		"dots":                {`"data/d.db"`, `"data/../e.db"`, `destination.sqlite.d reaches "e.db", .*: "data"\.`},
		"git":                 {`"data/d.db"`, `"data/.git/d.db"`, "from a .git folder"},
		"another query":       {"name = ''", "name = 'x'", "does not allow this query .*" + QueryDigest("SELECT code FROM course WHERE name = 'x'")},
		"a sync's query":      {`table = "course"` + "\n  }\n  destination", `query = "SELECT 1 AS code"` + "\n  }\n  destination", "does not allow this query on source.mysql.moodle"},
		"a hook":              {"sync \"a\" {", "sync \"a\" {\n  after_apply = \"SELECT 2\"", "does not allow this statement on destination.sqlite.d"},
		"a hook allowed":      {"sync \"a\" {", "sync \"a\" {\n  after_apply = \"SELECT 1\"", ""},
		"another webhook":     {"https://chat.example.org/hook", "https://evil.example.org/hook", `notify.webhook.chat sends to "evil.example.org:443", .*: "chat.example.org:443"\.`},
		"a hidden webhook":    {"https://chat.example.org/hook", "https://${var.password}/hook", `notify.webhook.chat sends to a host \(not shown: it comes from var.password\)`},
		"a webhook's port":    {"https://chat.example.org/hook", "https://chat.example.org:8443/hook", `sends to "chat.example.org:8443"`},
		"a webhook's user":    {"https://chat.example.org/hook", "https://chat.example.org:443@evil.example.org/hook", `sends to "evil.example.org:443"`},
		"a webhook's secret":  {"https://chat.example.org/hook", "https://chat.example.org/${var.password}", "notify.webhook.chat would be given the value of var.password"},
		"mail":                {"notify \"webhook\" \"chat\" {\n  on  = [\"failure\"]\n  url = \"https://chat.example.org/hook\"", "notify \"email\" \"x\" {\n  on   = [\"failure\"]\n  to = [\"a@example.org\"]\n  smtp = \"smtp://mail.example.org\"", `no block connect "notify.email.x"`},
		"not listed":          {"check \"odd\"", "source \"csv\" \"more\" { directory = \"data\" }\ncheck \"odd\"", `no block connect "source.csv.more"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := configuration(t, t.TempDir(), []string{"REGISTRAR_VAR_password=hunter2"}, "main.hcl", strings.Replace(base, test.old, test.new, 1))
			diags := Restrict(cfg, mustLoad(t, operator), speculative())
			expect(t, diags, test.want)
			for _, d := range diags {
				for _, withheld := range []string{"hunter2", outsider} {
					if strings.Contains(d.Detail, withheld) {
						t.Errorf("%s repeats what may be secret: %s", name, d.Detail)
					}
				}
			}
			if !cfg.Sources[0].Withheld || cfg.Destinations[0].Withheld != (name == "a secret elsewhere") {
				t.Error("errors of what depends on a secret are shown, or others withheld")
			}
			// It holds as well for what is applied.
			expect(t, Restrict(cfg, mustLoad(t, operator), Options{Providers: known()}), test.want)
		})
	}
}

// Links lead a configuration nowhere: neither its own, nor with a policy that lists where they begin.
func TestLinks(t *testing.T) {
	t.Parallel()
	secrets := t.TempDir()
	write(t, filepath.Join(secrets, "people.csv"), "code\n1\n")
	write(t, filepath.Join(secrets, "people.db"), "")
	for name, test := range map[string]struct{ link, to, block string }{
		"a folder":              {"data", secrets, `source "csv" "a" { directory = "data" }`},
		"a folder within":       {"link", secrets, `source "xlsx" "a" { path = "link/book.xlsx" }`},
		"a file":                {"a.db", filepath.Join(secrets, "people.db"), `source "sqlite" "a" { path = "a.db" }`},
		"a file that is not":    {"a.db", filepath.Join(secrets, "new.db"), `source "sqlite" "a" { path = "a.db" }`},
		"a file in a folder":    {"data", secrets, `source "sqlite" "a" { path = "data/people.db" }`},
		"a journal":             {"a.db-journal", filepath.Join(secrets, "people.db"), `source "sqlite" "a" { path = "a.db" }`},
		"a register":            {"out", secrets, "destination \"csv\" \"a\" {\n directory = \".\"\n register = \"out/people.db\"\n}"},
		"a register up":         {"out", secrets, "destination \"csv\" \"a\" {\n directory = \".\"\n register = \"../people.db\"\n}"},
		"an absolute path":      {"unused", secrets, `source "csv" "a" { directory = "` + secrets + `" }`},
		"up":                    {"unused", secrets, `source "csv" "a" { directory = ".." }`},
		"an authority":          {"ca.pem", filepath.Join(secrets, "people.csv"), `source "postgres" "a" { url = "postgres://u@db.example.org/d?sslrootcert=ca.pem" }`},
		"an authority of mysql": {"ca.pem", filepath.Join(secrets, "people.csv"), "source \"mysql\" \"a\" {\n host = \"h\"\n database = \"d\"\n user = \"u\"\n tls_ca = \"ca.pem\"\n}"},
		"an authority of mssql": {"ca.pem", filepath.Join(secrets, "people.csv"), "source \"mssql\" \"a\" {\n host = \"h\"\n database = \"d\"\n user = \"u\"\n password = \"p\"\n ca_file = \"ca.pem\"\n}"},
		"a wallet":              {"wallet", secrets, "source \"oracle\" \"a\" {\n host = \"h\"\n service = \"s\"\n user = \"u\"\n tls = true\n wallet = \"wallet\"\n}"},
		"a wallet's file":       {"cwallet.sso", filepath.Join(secrets, "people.csv"), "source \"oracle\" \"a\" {\n host = \"h\"\n service = \"s\"\n user = \"u\"\n tls = true\n wallet = \".\"\n}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.Symlink(test.to, filepath.Join(dir, test.link)); err != nil {
				t.Fatal(err)
			}
			cfg := configuration(t, dir, nil, "main.hcl", test.block)
			expect(t, Restrict(cfg, nil, speculative()), "outside of the configuration's root")
			// Not even where the policy names the link, relative or absolute.
			address := slices.Concat(cfg.Sources, cfg.Destinations)[0].Address
			for _, paths := range []string{`"."`, `"` + test.link + `"`, `"` + filepath.Join(dir, test.link) + `"`} {
				p := mustLoad(t, "connect \""+address+"\" {\n  paths = ["+paths+"]\n  hosts = [\"db.example.org:5432\", \"h:3306\", \"h:1433\", \"h:1521\"]\n}")
				expect(t, Restrict(cfg, p, speculative()), "reaches a file or folder, links followed, that is not among the paths")
			}
			// But where it names what is behind.
			if name == "a folder" {
				p := mustLoad(t, "connect \""+address+"\" {\n  paths = [\""+secrets+"\"]\n}")
				expect(t, Restrict(cfg, p, speculative()), "")
			}
		})
	}
}

// Where the columns' names in a file are to be found is not a stranger's to say: they would be its rows' values.
func TestLayoutOfOthersFiles(t *testing.T) {
	t.Parallel()
	others := t.TempDir()
	for _, block := range []string{
		"source \"csv\" \"a\" {\n directory = \"" + others + "\"\n comment = \"#\"\n}",
		"source \"csv\" \"a\" {\n directory = \"" + others + "\"\n quote = \"'\"\n}",
		"source \"xlsx\" \"a\" {\n directory = \"" + others + "\"\n first_row = 2\n}",
	} {
		cfg := configuration(t, t.TempDir(), nil, "main.hcl", block)
		listed := "connect \"" + cfg.Sources[0].Address + "\" {\n  paths = [\"" + others + "\"]\n"
		expect(t, Restrict(cfg, mustLoad(t, listed+"}"), speculative()), "any_layout")
		expect(t, Restrict(cfg, mustLoad(t, listed+"  any_layout = true\n}"), speculative()), "")
	}
}

// The settings are at least as strict as the policy's.
func TestSettings(t *testing.T) {
	t.Parallel()
	cfg := configuration(t, t.TempDir(), nil, "main.hcl", `source "csv" "a" { directory = "." }`)
	cfg.Settings.RequireApproval = 2
	cfg.Settings.Limits = config.Limits{PlanTimeout: time.Hour, MaxRows: 10}
	p := mustLoad(t, "require_approval = 1\nlimits {\n  plan_timeout = \"1m\"\n  statement_timeout = \"1m\"\n  max_rows = 100\n}\nconnect \"source.csv.a\" { paths = [\".\"] }")
	key, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.TrustedKeys = []ed25519.PublicKey{key}
	expect(t, Restrict(cfg, p, Options{Providers: known()}), "")
	want := config.Limits{PlanTimeout: time.Minute, StatementTimeout: time.Minute, MaxRows: 10}
	if s := cfg.Settings; s.RequireApproval != 2 || s.Limits != want || len(s.TrustedKeys) != 1 || !s.TrustedKeys[0].Equal(p.TrustedKeys[0]) {
		t.Errorf("%+v", s)
	}
	p.RequireApproval, p.TrustedKeys = 3, nil
	expect(t, Restrict(cfg, p, Options{Providers: known()}), "")
	if s := cfg.Settings; s.RequireApproval != 3 || len(s.TrustedKeys) != 1 {
		t.Errorf("%+v", s)
	}
}

// What runs a text as a query is refused of a stranger, unless the operator has looked at the very query.
func TestStrangersQueries(t *testing.T) {
	t.Parallel()
	query := "SELECT cod, nom, site, places, changed FROM crosstab('SELECT 1') AS t(cod text)"
	text := strings.Replace(rooms, `table = "salle"`, `query = "`+query+`"`, 1) + `
check "odd" {
  source  = source.postgres.apogee
  query   = "` + query + `"
  message = row.cod
}`
	with := func(queries string) *Policy {
		return mustLoad(t, strings.Replace(roomsPolicy, `databases = ["apogee"]`, "databases = [\"apogee\"]\n  queries = "+queries, 1))
	}
	for name, test := range map[string]struct {
		policy      *Policy
		speculative bool
		want        string
	}{
		"trusted":            {nil, false, ""},
		"trusted, any query": {with(`"any"`), false, ""},
		"no policy":          {nil, true, `(?s)main.hcl:\d+: Invalid query: .*it calls crosstab, which runs a text as a query.*Invalid query: .*` + QueryDigest(query)},
		"any query":          {with(`"any"`), true, "(?s)it calls crosstab.*it calls crosstab"},
		"the query's digest": {with(`["` + QueryDigest(query) + `"]`), true, ""},
		"another one's":      {with(`["` + QueryDigest("SELECT 1") + `"]`), true, "does not allow this query"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := configuration(t, t.TempDir(), nil, "main.hcl", text)
			expect(t, Restrict(cfg, test.policy, Options{Providers: known(), Speculative: test.speculative}), test.want)
		})
	}
}
