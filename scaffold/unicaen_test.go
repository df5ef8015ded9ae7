package scaffold_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/pgtest"
)

// original does to progfin what UnicaenDbImport did with the rows of src_progfin: the five cases of its published function, one after
// the other, its comparisons by <> included. The columns of the history say which of them wrote a row.
const original = `
	CREATE TEMPORARY TABLE diff AS SELECT src.code AS src_code, dest.code AS dest_code, dest.deleted_on AS dest_deleted_on,
			src.libelle, src.fleche, src.debut_validite, src.fin_validite,
			src.libelle <> dest.libelle AS a, src.fleche <> dest.fleche AS b,
			src.debut_validite <> TO_CHAR(dest.debut_validite, 'YYYY-MM-DD') AS c, src.fin_validite <> TO_CHAR(dest.fin_validite, 'YYYY-MM-DD') AS d
		FROM src_progfin src FULL OUTER JOIN progfin dest ON src.code = dest.code;
	INSERT INTO progfin (code, libelle, fleche, debut_validite, fin_validite, created_on)
		SELECT src_code, libelle, fleche, debut_validite::timestamp, fin_validite::timestamp, '2026-09-01' FROM diff WHERE dest_code IS NULL;
	UPDATE progfin SET libelle = diff.libelle, updated_on = '2026-09-01' FROM diff WHERE code = dest_code AND src_code IS NOT NULL AND dest_deleted_on IS NULL AND a;
	UPDATE progfin SET fleche = diff.fleche, updated_on = '2026-09-01' FROM diff WHERE code = dest_code AND src_code IS NOT NULL AND dest_deleted_on IS NULL AND b;
	UPDATE progfin SET debut_validite = diff.debut_validite::timestamp, updated_on = '2026-09-01' FROM diff WHERE code = dest_code AND src_code IS NOT NULL AND dest_deleted_on IS NULL AND c;
	UPDATE progfin SET fin_validite = diff.fin_validite::timestamp, updated_on = '2026-09-01' FROM diff WHERE code = dest_code AND src_code IS NOT NULL AND dest_deleted_on IS NULL AND d;
	UPDATE progfin SET libelle = diff.libelle, fleche = diff.fleche, debut_validite = diff.debut_validite::timestamp, fin_validite = diff.fin_validite::timestamp,
		updated_on = '2026-09-01', deleted_on = NULL FROM diff WHERE code = dest_code AND src_code IS NOT NULL AND dest_deleted_on IS NOT NULL;
	UPDATE progfin SET deleted_on = '2026-09-01' FROM diff WHERE code = dest_code AND src_code IS NULL AND dest_deleted_on IS NULL;
	DROP TABLE diff`

// table shows progfin with what the run wrote: 2026 is the year of both runs, and of no row before.
const table = `SELECT code, libelle, fleche, to_char(debut_validite, 'YYYY-MM-DD HH24:MI'), to_char(fin_validite, 'YYYY-MM-DD HH24:MI'),
		extract(year FROM created_on), extract(year FROM updated_on), extract(year FROM deleted_on)
	FROM progfin ORDER BY code COLLATE "C"`

// The configuration that UnicaenDbImport's documentation publishes, converted, does what the original did: on the rows of the
// published run, in a table whose days are timestamps, as the documentation says.
func TestPlansTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	url, copied := pgtest.New(t), pgtest.New(t)
	published := filepath.Join("unicaen", "testdata", "published")
	absolute := func(name string) string {
		path, err := filepath.Abs(filepath.Join(published, name))
		w.must(err)
		return path
	}
	w.run(0, "import-config", "unicaen-db-import", absolute("unicaen-db-import.global.php"), absolute("unicaen-db-import.local.php"), "--out", ".")
	w.run(0, "validate")
	for name, changed := range map[string][]string{
		"main.hcl": {
			"source \"oracle\" \"orm_oracle\" {", "source \"sqlite\" \"orm_oracle\" {\n  path = \"sifac.db\"\n}\n\n/*",
			"sid      = \"z\"\n}", "*/", "source.oracle.", "source.sqlite.",
			"host     = \"host.domain.fr\"\n  port     = 5432\n  database = \"a\"\n  user     = \"b\"\n  password = var.orm_default_password\n", "url = \"" + url + "\"\n",
		},
	} {
		w.edit(name, changed...)
	}
	examples := &world{T: t, dir: filepath.Join("..", "examples", "sifac")}
	// Some rows more: days with a time, of which the original saw none, and a NULL on either side, which it was blind to.
	data := strings.ReplaceAll(examples.read("data/pfi.csv"), "\r", "") +
		"X1;same day;\" \";2017-01-01;2018-12-31\nX2;other day;\" \";2017-01-02;2018-12-31\n"
	// The query is Oracle's; its file stays, with one that yields the same columns.
	w.write("sql/import_pfi_sifac.sql", "SELECT CODE, LIBELLE, FLECHE, DEBUT_VALIDITE, FIN_VALIDITE FROM pfi\n")
	sifac := w.database("sifac.db")
	w.exec(sifac, "CREATE TABLE pfi (CODE TEXT, LIBELLE TEXT, FLECHE TEXT, DEBUT_VALIDITE TEXT, FIN_VALIDITE TEXT)")
	setup := strings.NewReplacer("debut_validite DATE", "debut_validite TIMESTAMP", "fin_validite   DATE", "fin_validite TIMESTAMP").Replace(examples.read("setup.sql")) +
		`;INSERT INTO progfin VALUES ('X1', 'same day', ' ', '2017-01-01 08:00', '2018-12-31', '2016-01-01'), ('X2', 'other day', ' ', '2017-01-01 08:00', '2018-12-31', '2016-01-01')`
	ours, theirs := w.database(url), w.database(copied)
	w.exec(ours, setup)
	w.exec(theirs, setup+"; CREATE TABLE src_progfin (code text, libelle text, fleche text, debut_validite text, fin_validite text)")
	for _, line := range strings.Split(strings.TrimSpace(data), "\n")[1:] {
		fields := strings.Split(line, ";")
		for db, table := range map[*sql.DB]string{theirs: "src_progfin", sifac: "pfi"} {
			_, err := db.ExecContext(w.Context(), "INSERT INTO "+table+" VALUES ($1, $2, $3, $4, $5)", fields[0], fields[1], strings.Trim(fields[2], `"`), fields[3], fields[4])
			w.must(err)
		}
	}
	theirs.SetMaxOpenConns(1) // its temporary table is the session's
	w.exec(theirs, original)
	w.run(0, "init")
	// What the published log shows, and X2.
	w.applied("Plan: 9 to insert, 2 to update, 1 to archive, 3 to undelete")
	if got, want := w.rows(ours, table), w.rows(theirs, table); got != want {
		t.Errorf("registrar's table\n%s\nthe original's\n%s", got, want)
	}

	// From and to NULL: the original leaves both rows as they are.
	w.exec(ours, "UPDATE progfin SET libelle = NULL WHERE code = 'X1'")
	w.exec(theirs, "UPDATE progfin SET libelle = NULL WHERE code = 'X1'; UPDATE src_progfin SET libelle = NULL WHERE code = 'X2'")
	w.exec(sifac, "UPDATE pfi SET LIBELLE = NULL WHERE CODE = 'X2'")
	before := w.rows(theirs, table)
	w.exec(theirs, original)
	if w.rows(theirs, table) != before {
		t.Error("the original saw a change from or to NULL")
	}
	w.applied("Plan: 2 to update")
	if got, want := w.rows(ours, "SELECT code, libelle FROM progfin WHERE code LIKE 'X_' ORDER BY code"), "X1|same day\nX2|∅"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	// An empty source: the original archives everything, and this plan is held.
	w.exec(sifac, "DELETE FROM pfi")
	w.run(3, "plan")
}
