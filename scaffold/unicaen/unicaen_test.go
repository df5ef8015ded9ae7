package unicaen

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/hcl"
	"github.com/registrar-sync/registrar/providers"
	"github.com/registrar-sync/registrar/providers/mssql"
	"github.com/registrar-sync/registrar/providers/mysql"
	"github.com/registrar-sync/registrar/providers/oracle"
	"github.com/registrar-sync/registrar/providers/postgres"
	"github.com/registrar-sync/registrar/providers/sqlite"
	"github.com/registrar-sync/registrar/scaffold/php"
)

var update = flag.Bool("update", false, "rewrite the expected files")

// convert converts PHP files, whose names are their keys in order.
func convert(t *testing.T, files ...string) (*Result, error) {
	t.Helper()
	var root *php.Value
	for i, text := range files {
		v, err := php.Parse([]string{"global.php", "local.php"}[i], []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		root = php.Merge(root, v)
	}
	return Convert(root)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// load compiles what was written.
func load(t *testing.T, result *Result) error {
	t.Helper()
	dir := t.TempDir()
	environ := make([]string, len(result.Variables))
	for i, name := range result.Variables {
		environ[i] = "REGISTRAR_VAR_" + name + "=secret"
	}
	for _, file := range result.Files {
		path := filepath.Join(dir, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Text, 0o600); err != nil {
			t.Fatal(err)
		}
		if formatted, diags := hcl.Format(file.Text, file.Name); strings.HasSuffix(file.Name, ".hcl") && (diags.HasErrors() || string(formatted) != string(file.Text)) {
			t.Errorf("%s is not in the canonical layout", file.Name)
		}
	}
	known := []providers.Provider{mssql.New(), mysql.New(), oracle.New(), postgres.New(), sqlite.New()}
	_, diags := hcl.Load(dir, hcl.Options{Providers: known, Environ: environ, Version: "0.1.0"})
	return diags.Err()
}

// golden compares the files with those of a folder.
func golden(t *testing.T, dir string, result *Result) {
	t.Helper()
	var text strings.Builder
	for _, file := range result.Files {
		text.WriteString("-- " + file.Name + " --\n" + string(file.Text))
	}
	name := filepath.Join("testdata", dir, "expected.txt")
	if *update {
		if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(read(t, name), text.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", dir, diff)
	}
}

func TestPublished(t *testing.T) {
	t.Parallel()
	result, err := convert(t, read(t, "testdata/published/unicaen-db-import.global.php"), read(t, "testdata/published/unicaen-db-import.local.php"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "published", result)
	if err := load(t, result); err != nil {
		t.Error(err)
	}
	for _, file := range result.Files {
		if strings.Contains(string(file.Text), `"y"`) || strings.Contains(string(file.Text), `"c"`) {
			t.Errorf("%s has a password", file.Name)
		}
	}
	if result.Syncs != 1 || result.Doubts != 0 {
		t.Errorf("%d syncs and %d doubts, want 1 and 0", result.Syncs, result.Doubts)
	}
}

// A configuration of later versions, with what maps and what does not.
func TestLater(t *testing.T) {
	t.Parallel()
	result, err := convert(t, read(t, "testdata/later/global.php"), read(t, "testdata/later/local.php"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "later", result)
	// The condition that is no scope must be decided before it loads; then it does.
	if err := load(t, result); err == nil || !strings.Contains(err.Error(), "scope") {
		t.Errorf("loads before anybody said which rows are its own: %v", err)
	}
	main := &result.Files[0]
	main.Text = []byte(strings.ReplaceAll(string(main.Text), `key   = ["source_code"]`, "key   = [\"source_code\"]\n    owns_table = true"))
	formatted, _ := hcl.Format(main.Text, MainFile)
	main.Text = formatted
	if err := load(t, result); err != nil {
		t.Errorf("%v\n%s", err, main.Text)
	}
	text := string(main.Text)
	for _, secret := range []string{"hunter2", "user:pw"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is written", secret)
		}
	}
}

// No key of an import is passed over in silence.
func TestNothingIsDropped(t *testing.T) {
	t.Parallel()
	source := `'driver' => 'pdo_pgsql', 'params' => ['host' => 'h', 'dbname' => 'd', 'user' => 'u', 'password' => 'p'%s]`
	for _, place := range []string{"import", "one", "source", "destination", "params", "connection"} {
		at := func(here string) string {
			if place == here {
				return ", 'unheard_of' => 'value of it'"
			}
			return ""
		}
		result, err := convert(t, `return ['import' => ['imports' => [['name' => 'A',
			'source' => ['connection' => 'doctrine.connection.x', 'source_code_column' => 'C', 'columns' => ['L'], 'table' => 'S'`+at("source")+`],
			'destination' => ['connection' => 'doctrine.connection.x', 'source_code_column' => 'c', 'columns' => ['l'], 'table' => 'd'`+at("destination")+`]`+at("one")+`]]`+at("import")+`],
			'doctrine' => ['connection' => ['x' => [`+strings.ReplaceAll(source, "%s", at("params"))+at("connection")+`]]]];`)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(result.Files[0].Text); !strings.Contains(text, "unheard_of = \"value of it\"") {
			t.Errorf("%s: the key is lost:\n%s", place, text)
		}
		if err := load(t, result); err != nil {
			t.Error(err)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	const doctrine = `'doctrine' => ['connection' => ['x' => ['driverClass' => 'PDOPgSql', 'params' => ['host' => 'h', 'dbname' => 'd', 'user' => 'u', 'password' => 'p']]]]`
	with := func(source, destination string) string {
		return "return ['import' => ['imports' => [\n['name' => 'A',\n'source' => [" + source + "],\n'destination' => [" + destination + "]]]],\n" + doctrine + "];"
	}
	const from = "'connection' => 'doctrine.connection.x', 'source_code_column' => 'C', 'table' => 'S'"
	const to = "'connection' => 'doctrine.connection.x', 'source_code_column' => 'c', 'table' => 't'"
	for _, c := range []struct{ src, want string }{
		{"return [];", "no key 'import'"},
		{"return ['import' => []];", "lists no imports"},
		{"return ['import' => ['imports' => 1]];", "is no array"},
		{with(from+", 'columns' => ['A', 'B']", to+", 'columns' => ['a']"), "global.php:3: import.imports.0 has 2 columns in the source and 1 in the destination"},
		{with(from+", 'select' => 'SELECT 1'", to), "has both 'select' and 'table'"},
		{with("'connection' => 'doctrine.connection.y', 'source_code_column' => 'C', 'table' => 'S'", to), `"doctrine.connection.y" is in none of the files`},
		{with("'source_code_column' => 'C', 'table' => 'S'", to), "has no 'connection'"},
		{with(from, "'connection' => 'doctrine.connection.x', 'table' => 't'"), "has no 'source_code_column'"},
		{with(from, to+", 'operations' => ['truncate']"), "names another operation"},
		{with(from, to+", 'operations' => ['insert' => false]"), "allows nothing"},
		{strings.Replace(with(from, to), "PDOPgSql", "PDODb2", 1), "driver of the connection"},
		{strings.Replace(with(from, to), "'host' => 'h'", "'url' => 'pgsql://user:hunter2@h/d'", 1), "url is not taken apart"},
	} {
		_, err := convert(t, c.src)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

func TestDrivers(t *testing.T) {
	t.Parallel()
	for class, want := range map[string]string{
		`Doctrine\\DBAL\\Driver\\OCI8\\Driver`: "oracle", `Doctrine\\DBAL\\Driver\\PDO\\OCI\\Driver`: "oracle", `Doctrine\\DBAL\\Driver\\PDOPgSql\\Driver`: "postgres",
		`Doctrine\\DBAL\\Driver\\PDO\\PgSQL\\Driver`: "postgres", `Doctrine\\DBAL\\Driver\\PDOMySql\\Driver`: "mysql", `Doctrine\\DBAL\\Driver\\Mysqli\\Driver`: "mysql",
		`Doctrine\\DBAL\\Driver\\PDO\\SQLSrv\\Driver`: "mssql",
	} {
		result, err := convert(t, `return ['import' => ['imports' => [['name' => 'A',
			'source' => ['connection' => 'doctrine.connection.x', 'source_code_column' => 'C', 'table' => 'S'],
			'destination' => ['connection' => 'doctrine.connection.y', 'source_code_column' => 'c', 'table' => 'd']]]],
			'doctrine' => ['connection' => ['x' => ['driverClass' => '`+class+`', 'params' => ['host' => 'h', 'dbname' => 'd', 'user' => 'u', 'password' => 'p']],
				'y' => ['driverClass' => 'PDOPgSql', 'params' => ['host' => 'h', 'dbname' => 'd', 'user' => 'u', 'password' => 'p']]]]];`)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(result.Files[0].Text); !strings.Contains(text, `source "`+want+`" "x"`) {
			t.Errorf("%s is not %s:\n%s", class, want, text)
		}
		if err := load(t, result); err != nil {
			t.Error(err)
		}
		if !slices.Equal(result.Variables, []string{"x_password", "y_password"}) {
			t.Errorf("variables %v", result.Variables)
		}
	}
}
