package examples_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/pgtest"
)

// fromPage prepares the complete example of a page, with the files that the page shows and
// a PostgreSQL that has the given tables.
func fromPage(t *testing.T, page, tables string, change func(main, url string) string) *world {
	t.Helper()
	w := &world{TB: t, dir: t.TempDir(), now: september}
	url := pgtest.New(t)
	for _, f := range fences(t, page) {
		for name, text := range f.files {
			w.file(name, text)
		}
		if f.mark == "complete" {
			w.file("main.hcl", change(f.text, url))
		}
	}
	w.destination = w.open("pgx", url)
	w.exec(tables)
	return w
}

func (w *world) file(name, text string) {
	w.Helper()
	path := filepath.Join(w.dir, name)
	w.must(os.MkdirAll(filepath.Dir(path), 0o700))
	w.must(os.WriteFile(path, []byte(text), 0o600))
}

// block returns the text of the block with that header replaced by another block.
func block(t *testing.T, text, header, by string) string {
	t.Helper()
	found := regexp.MustCompile(`(?ms)^` + regexp.QuoteMeta(header) + ` \{$.*?^\}$`)
	if len(found.FindAllString(text, -1)) != 1 {
		t.Fatalf("there is not one block %s", header)
	}
	return found.ReplaceAllLiteralString(text, by)
}

// The configuration of the page does what UnicaenDbImport does, and sees what that does not:
// a value that becomes NULL, or was.
func TestComingFromUnicaenDbImport(t *testing.T) {
	t.Parallel()
	w := fromPage(t, "../docs/coming-from-unicaen-db-import.md", `CREATE TABLE progfin (code varchar(20) PRIMARY KEY, libelle varchar(60), fleche varchar(10), debut_validite timestamp, fin_validite timestamp,
			created_on timestamp(0) with time zone DEFAULT LOCALTIMESTAMP(0) NOT NULL, updated_on timestamp(0) with time zone, deleted_on timestamp(0) with time zone);
		INSERT INTO progfin VALUES ('SAME', 'a', ' ', '2014-01-01 09:30:00', '2047-12-31', '2017-09-04 14:17:41'), ('CHANGED', 'b', ' ', '2014-01-01', '2047-12-31', '2017-09-04 14:17:41'),
			('WASNULL', NULL, ' ', '2014-01-01', '2047-12-31', '2017-09-04 14:17:41'), ('NOWNULL', 'd', 'x', '2014-01-01', '2047-12-31', '2017-09-04 14:17:41');
		INSERT INTO progfin SELECT 'GONE' || n, 'e', ' ', '2014-01-01', '2047-12-31', '2017-09-04 14:17:41' FROM generate_series(1, 1) n;
		INSERT INTO progfin SELECT 'MANY' || n, 'f', ' ', '2014-01-01', '2047-12-31', '2017-09-04 14:17:41' FROM generate_series(1, 20) n;
		INSERT INTO progfin VALUES ('BACK', 'g', ' ', '2014-01-01', '2047-12-31', '2017-09-04 14:17:41', NULL, '2017-09-05 00:00:00')`,
		func(main, url string) string {
			main = block(t, main, `source "oracle" "sifac"`, "source \"sqlite\" \"sifac\" {\n  path = \"sifac.db\"\n}")
			main = block(t, main, `destination "postgres" "zebu"`, "destination \"postgres\" \"zebu\" {\n  url = \""+url+"\"\n}")
			return strings.NewReplacer("source.oracle.sifac", "source.sqlite.sifac", `file("sql/pfi.sql")`, `"SELECT * FROM pfi"`).Replace(main)
		})
	source := w.open("sqlite", filepath.Join(w.dir, "sifac.db"))
	_, err := source.ExecContext(t.Context(), `CREATE TABLE pfi (CODE TEXT, LIBELLE TEXT, FLECHE TEXT, DEBUT_VALIDITE TEXT, FIN_VALIDITE TEXT);
		INSERT INTO pfi VALUES ('SAME', 'a', ' ', '2014-01-01', '2047-12-31'), ('CHANGED', 'PLATIN''', ' ', '2015-06-01', '2047-12-31'), ('WASNULL', 'c', ' ', '2014-01-01', '2047-12-31'),
			('NOWNULL', 'd', NULL, '2014-01-01', '2047-12-31'), ('NEW', 'h', NULL, '2014-01-01', '2047-12-31'), ('BACK', 'TA 2017', ' ', '2017-01-01', '2047-12-31');
		INSERT INTO pfi SELECT 'MANY' || value, 'f', ' ', '2014-01-01', '2047-12-31' FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]')`)
	w.must(err)
	w.run(map[string]counts{"sync.pfi": {"insert": 1, "update": 3, "archive": 1, "undelete": 1}})
	w.want(`SELECT code, libelle, fleche, to_char(debut_validite, 'YYYY-MM-DD HH24:MI'), updated_on IS NULL, deleted_on IS NULL FROM progfin WHERE code NOT LIKE 'MANY%' ORDER BY code COLLATE "C"`,
		"BACK|TA 2017| |2017-01-01 00:00|false|true", "CHANGED|PLATIN'| |2015-06-01 00:00|false|true", "GONE1|e| |2014-01-01 00:00|true|false", "NEW|h|∅|2014-01-01 00:00|true|true",
		"NOWNULL|d|∅|2014-01-01 00:00|false|true", "SAME|a| |2014-01-01 09:30|true|true", "WASNULL|c| |2014-01-01 00:00|false|true")
}

// The page's example renames the row of its moved block, archives, and leaves the rows of
// others and the owners' choice alone.
func TestComingFromTerraform(t *testing.T) {
	t.Parallel()
	w := fromPage(t, "../docs/coming-from-terraform.md", `CREATE TABLE room (id serial PRIMARY KEY, code text NOT NULL UNIQUE, name text, building text, visible boolean NOT NULL, origin text NOT NULL, deleted_on timestamptz);
		INSERT INTO room (code, name, building, visible, origin) VALUES ('L-10A', 'Ten', 'Letters', true, 'EXPORT-12'), ('M-1', 'By hand', NULL, true, 'BY HAND');
		INSERT INTO room (code, name, building, visible, origin) SELECT 'S-' || n, 'Lab', 'Sciences', true, 'EXPORT-25' FROM generate_series(101, 125) n`,
		func(main, url string) string {
			return strings.ReplaceAll(main, "postgres://localhost/timetable?user=registrar", url)
		})
	w.file("exports/rooms_hss.csv", "code,name,building\nl-10b,Ten,L\n")
	labs := "code,name,building\n"
	for _, row := range w.rows("SELECT lower(code) FROM room WHERE origin = 'EXPORT-25' AND code <> 'S-125'") {
		labs += row + ",Lab,S\n"
	}
	w.file("exports/rooms_sci.csv", labs)
	w.run(map[string]counts{`sync.rooms["hss"]`: {"rename": 1}, `sync.rooms["sci"]`: {"archive": 1}})
	w.want("SELECT id, code, visible FROM room WHERE origin <> 'EXPORT-25' ORDER BY id", "1|L-10B|true", "2|M-1|true")
}
