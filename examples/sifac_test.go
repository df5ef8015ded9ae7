package examples_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/pgtest"
)

// published is progfin after the run that the log shows, and the rows that it left
// as they were: code, libelle, fleche, debut_validite, fin_validite, and whether
// the run created, updated or deleted the row.
var published = []string{
	"012CB018|Bilan sur les nouv.| |2016-12-15|2018-12-31|",
	"012CH021|Typo-chronologie| |2017-01-01|2017-12-31|created",
	"012RE001|COLLOQUE 50 ANS SC E| |2017-01-01|2017-12-31|created",
	"012RF001|COLLOQUE CONSTITUTIO| |2017-01-01|2017-12-31|",
	"013CC021|Caract. verres trait| |2017-05-01|2018-12-31|",
	"013GR014|SUBVENTION COTENTIN| |2017-01-01|2047-12-31|",
	"013PL002|CMABIO| |2016-01-01|2047-12-31|created",
	"014DU009|DU RDCM| |2016-01-01|2047-12-31|created",
	"909CC189|THESE CIFRE| |2016-02-01|2019-12-31|",
	"909EA002|ED SIMEM FONCTIONNEM| |2015-01-01|2047-12-31|",
	"913CA052|ECO CORAIL| |2014-09-26|2017-12-31|",
	"913TA017|TA 2017| |2017-01-01|2047-12-31|updated",
	"917CA955|CAPACITE| |2013-11-01|2047-12-31|",
	"920CA047|Projet THYMOTHE| |2015-12-21|2018-12-31|",
	"920CA050|Tthèse CIFRE2015/119| |2016-01-01|2018-12-31|",
	"920TA017|TA 2017| |2017-01-01|2047-12-31|updated",
	"925CD271|CONV.2015PCM51| |2016-01-01|2017-12-31|",
	"925CD276|CONV.1060284| |2015-12-10|2019-12-31|",
	"925PL005|PLATIN'| |2016-01-01|2047-12-31|updated",
	"950ME003|REGIE DE RECETTES-EN| |2014-01-01|2047-12-31|",
	"971UP002|Etablissement API| |2014-01-01|2047-12-31|",
	"971UP004|ETAB GIORGIA NORTH| |2014-01-01|2047-12-31|",
	"971UP009|Of Wisco| |2014-01-01|2047-12-31|created",
	"977CA025|Screening de 5| |2016-07-21|2018-12-31|created",
	"999CM003|2016-AGRI-133| |2016-03-30|2018-12-31|created",
	"F950MEC1|MDE CAEN FONCTIONNEM| |2015-01-01|2047-12-31|created",
	"F971CF03|UNIVERSITE DU HAVRE| |2015-01-01|2047-12-31|created",
	"F971UP03|DELAWARE| |2015-01-01|2047-12-31|",
	"P14DU910|PAIE DIU ADOLESCENTS| |2017-01-01|2047-12-31|updated",
	"fddsfsd|fdsfds| |2017-01-01|2047-12-31|deleted",
}

// journal is what the view import_reg holds after the run, but for the SQL, the
// times and the hash: operation, source_code, table_name, field_name, from_value,
// to_value.
var journal = []string{
	"delete|fddsfsd|progfin|∅|∅|∅",
	"insert|012CH021|progfin|∅|∅|∅",
	"insert|012RE001|progfin|∅|∅|∅",
	"insert|013PL002|progfin|∅|∅|∅",
	"insert|014DU009|progfin|∅|∅|∅",
	"insert|971UP009|progfin|∅|∅|∅",
	"insert|977CA025|progfin|∅|∅|∅",
	"insert|999CM003|progfin|∅|∅|∅",
	"insert|F950MEC1|progfin|∅|∅|∅",
	"insert|F971CF03|progfin|∅|∅|∅",
	"undelete|913TA017|progfin|∅|∅|∅",
	"undelete|920TA017|progfin|∅|∅|∅",
	"undelete|P14DU910|progfin|∅|∅|∅",
	"update|925PL005|progfin|libelle|PLATINvxcvxc|PLATIN'",
}

var importColumns = []string{
	"operation", "source_code", "table_name", "field_name", "from_value", "to_value", "sql", "created_on", "executed_on", "import_hash",
}

var sifacCounts = map[string]counts{"sync.pfi": {"archive": 1, "insert": 9, "undelete": 3, "update": 1}}

// sifacOnPostgres is the example with a PostgreSQL destination, the one that the
// published run had.
func sifacOnPostgres(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, dir: extract(t, "sifac"), now: september}
	url := pgtest.New(t)
	main := filepath.Join(w.dir, "main.hcl")
	text := readFile(t, main)
	for _, change := range [][2]string{
		{`destination "sqlite" "zebu"`, `destination "postgres" "zebu"`},
		{`path = "zebu.db"`, `url = "` + url + `"`},
		{`destination.sqlite.zebu`, `destination.postgres.zebu`},
	} {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("main.hcl has no %s", change[0])
		}
		text = strings.ReplaceAll(text, change[0], change[1])
	}
	w.must(os.WriteFile(main, []byte(text), 0o600))
	w.destination = w.open("pgx", url)
	w.script("setup.sql")
	return w
}

func TestSIFAC(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		w := onSQLite(t, "sifac", "zebu.db")
		w.sifac("registrar_import_reg", "CAST(debut_validite AS TEXT), CAST(fin_validite AS TEXT)", "BINARY")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		w := sifacOnPostgres(t)
		w.sifac("registrar.import_reg", "to_char(debut_validite, 'YYYY-MM-DD'), to_char(fin_validite, 'YYYY-MM-DD')", `"C"`)
	})
}

// sifac runs the example and compares the table and the view with what was
// published.
func (w *world) sifac(view, dates, byteOrder string) {
	w.Helper()
	unchanged := "SELECT * FROM progfin WHERE updated_on < '2017-09-05' OR updated_on IS NULL AND deleted_on IS NULL AND created_on < '2017-09-05' ORDER BY code"
	before := w.rows(unchanged)
	w.run(sifacCounts)

	w.want(`SELECT code, libelle, fleche, `+dates+`,
			CASE WHEN deleted_on >= '2026-01-01' THEN 'deleted' WHEN created_on >= '2026-01-01' THEN 'created' WHEN updated_on >= '2026-01-01' THEN 'updated' ELSE '' END
		FROM progfin ORDER BY code COLLATE `+byteOrder, published...)
	// Coming back from the archive clears the mark, and nothing else is archived.
	w.want("SELECT code FROM progfin WHERE deleted_on IS NOT NULL", "fddsfsd")
	if len(before) != 16 {
		w.Errorf("%d rows are left as they were, want 16", len(before))
	}
	w.want(unchanged, before...)

	w.want("SELECT operation, source_code, table_name, field_name, from_value, to_value FROM "+view+
		" ORDER BY operation, source_code COLLATE "+byteOrder, journal...)
	w.want("SELECT count(*), count(sql), count(created_on), count(executed_on), count(DISTINCT import_hash) FROM "+view, "14|14|14|14|1")
	// The quote that the published log doubles by hand.
	quoted := w.rows("SELECT sql FROM " + view + " WHERE field_name = 'libelle'")
	if !strings.Contains(strings.Join(quoted, ""), "'PLATIN'''") {
		w.Errorf("the SQL of the update lacks 'PLATIN''': %q", quoted)
	}

	rows, err := w.destination.QueryContext(w.Context(), "SELECT * FROM "+view)
	w.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	w.must(errors.Join(err, rows.Err()))
	if diff := cmp.Diff(importColumns, columns); diff != "" {
		w.Errorf("the columns of %s (-want +got):\n%s", view, diff)
	}
}
