package scaffold_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const doctrine = `<?php return ['doctrine' => ['connection' => ['x' => ['driverClass' => 'Doctrine\DBAL\Driver\PDO\PgSQL\Driver',
	'params' => ['host' => 'localhost', 'dbname' => 'd', 'user' => 'u', 'password' => 'hunter2']]]]];
`

func TestImportUnicaenCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one := `<?php return ['import' => ['imports' => [['name' => 'Rooms',
	'source' => ['connection' => 'doctrine.connection.x', 'source_code_column' => 'CODE', 'columns' => ['NAME'], 'READ'],
	'destination' => ['connection' => 'doctrine.connection.x', 'source_code_column' => 'code', 'columns' => ['name'], 'table' => 'room']]]]];
`
	w.write("table.php", strings.Replace(one, "'READ'", "'table' => 'ROOM'", 1))
	w.write("query.php", strings.Replace(one, "'READ'", "'select' => 'SELECT CODE, NAME FROM ROOM'", 1))
	w.write("env.php", strings.Replace(doctrine, "'hunter2'", "getenv('PASSWORD')", 1))
	w.write("local.php", doctrine)

	// One file goes to standard output; a query has a file of its own.
	out, _ := w.run(0, "import-config", "unicaen-db-import", "table.php", "local.php")
	if !strings.Contains(out, `table = "ROOM"`) || strings.Contains(out, "hunter2") {
		t.Error(out)
	}
	_, err := w.run(1, "import-config", "unicaen-db-import", "query.php", "local.php")
	if !strings.Contains(err, "--out") {
		t.Error(err)
	}
	w.run(0, "import-config", "unicaen-db-import", "query.php", "local.php", "--out", "conf")
	if got := w.read("conf/sql/rooms.sql"); got != "SELECT CODE, NAME FROM ROOM\n" {
		t.Errorf("the query is %q", got)
	}
	// All or nothing: the query's file is in the way.
	w.must(os.Remove(filepath.Join(w.dir, "conf", "main.hcl")))
	_, err = w.run(1, "import-config", "unicaen-db-import", "query.php", "local.php", "--out", "conf")
	if !strings.Contains(err, "is not overwritten") || !strings.Contains(err, "Nothing was written") {
		t.Error(err)
	}
	if found, _ := filepath.Glob(filepath.Join(w.dir, "conf", "*.hcl")); len(found) > 0 {
		t.Errorf("%v was written", found)
	}
	// What is computed is an error with its place, and what to do.
	_, err = w.run(1, "import-config", "unicaen-db-import", "table.php", "env.php")
	if text := strings.Join(strings.Fields(err), " "); !strings.Contains(text, `env.php:2: the function "getenv" is called`) || !strings.Contains(text, "write the value itself") {
		t.Error(err)
	}
	_, err = w.run(1, "import-config", "unicaen-db-import")
	if !strings.Contains(err, "expected the PHP files") {
		t.Error(err)
	}
	_, err = w.run(1, "import-config", "unicaen")
	if !strings.Contains(err, `import-config has no command "unicaen"`) {
		t.Error(err)
	}
}

func TestImportCelcatCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("main.hcl", sqlitePair)
	w.write("CTSyncConfig.xml", `<c><t><n>Rooms</n><q>SELECT a FROM rooms</q><pwd>hunter2</pwd></t></c>`)
	out, _ := w.run(0, "import-config", "celcat", "CTSyncConfig.xml", "--out", "celcat.hcl")
	if want := "1 sync, all commented, in celcat.hcl; 1 value masked."; !strings.Contains(out, want) {
		t.Errorf("%s, want %s", out, want)
	}
	w.run(0, "fmt", "--check", "celcat.hcl")
	w.run(0, "validate")
	_, err := w.run(1, "import-config", "celcat", "CTSyncConfig.xml", "--out", "celcat.hcl")
	if !strings.Contains(err, "is not overwritten") {
		t.Error(err)
	}
	out, _ = w.run(0, "import-config", "celcat", "CTSyncConfig.xml")
	if out != w.read("celcat.hcl") {
		t.Errorf("standard output differs from the file:\n%s", out)
	}
	w.write("bad.xml", "<a>&b;</a>")
	_, err = w.run(1, "import-config", "celcat", "bad.xml")
	if !strings.Contains(err, "bad.xml: not well-formed XML") {
		t.Error(err)
	}
}
