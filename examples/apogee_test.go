package examples_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/registrar-sync/registrar/internal/oracletest"
	"github.com/registrar-sync/registrar/internal/pgtest"
)

// enrolment is a row of the query of students. Empty texts are NULL.
type enrolment struct {
	number          int
	last, first     string
	born            string // YYYY-MM-DD
	mail            string
	fees            any // nil: NULL
	since           string
	department      string
	component, year string
}

// apogee is a double of Apogée's server: it knows the two queries of the example, not SQL.
type apogee struct {
	t           testing.TB
	mu          sync.Mutex
	departments [][2]string
	enrolments  []enrolment
	// fail changes the answer for the students of one component.
	fail map[string]func(*oracletest.Result)
}

func newApogee(t testing.TB) *apogee {
	return &apogee{
		t:           t,
		departments: [][2]string{{"GEO", "Département de géographie"}, {"HIST", "Département d'histoire"}, {"MATH", "Département de mathématiques"}, {"PHYS", "Département de physique"}},
		enrolments: []enrolment{
			{22600101, "Lecœur", "Chloé", "2006-02-17", "Chloe.Lecoeur@etu.univ-exemple.fr", 178, "2026-07-06 09:12:31", "HIST", "12", "2026"},
			{22600102, "Benyahia", "Nadia", "2005-11-30", "nadia.benyahia@etu.univ-exemple.fr", 178, "2026-07-06 10:40:00", "GEO", "12", "2026"},
			{22600103, "Coëffic", "Erwan", "2006-07-04", "", 0, "2026-07-07 14:05:59", "HIST", "12", "2026"},
			{22600201, "Žukauskas", "Léo", "2005-01-26", "leo.zukauskas@etu.univ-exemple.fr", oracletest.Number("170.5"), "2026-01-12 08:30:00", "MATH", "25", "2026"},
			{22600202, "Garnier", "Inès", "2006-12-12", "ines.garnier@etu.univ-exemple.fr", 178, "2026-07-08 11:00:00", "PHYS", "25", "2026"},
			{22600203, "L'Haÿ", "Maëlys", "2006-03-29", "maelys.lhay@etu.univ-exemple.fr", nil, "2026-07-08 11:20:00", "PHYS", "25", "2026"},
		},
	}
}

// change alters what the server answers from now on.
func (a *apogee) change(how func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	how()
}

func (a *apogee) answer(s oracletest.Statement) oracletest.Result {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case s.SQL == "COMMIT", s.SQL == "ROLLBACK", strings.HasPrefix(s.SQL, "ALTER SESSION"), strings.HasPrefix(s.SQL, "SET TRANSACTION"):
		return oracletest.Result{}
	case strings.Contains(s.SQL, "NLS_CHARSET_ID"):
		return oracletest.Result{
			Columns: []oracletest.Column{{Name: "VALUE", Type: oracletest.Varchar2, Size: 40}, {Name: "ID", Type: oracletest.Num}},
			Next:    oracletest.Rows([]any{"WE8ISO8859P15", int(oracletest.WE8ISO8859P15)}),
		}
	case strings.Contains(s.SQL, "FROM APOGEE.COMPOSANTE"):
		var rows [][]any
		for _, d := range a.departments {
			rows = append(rows, []any{d[0], d[1]})
		}
		return oracletest.Result{
			Columns: []oracletest.Column{{Name: "COD_CMP", Type: oracletest.Char, Size: 6}, {Name: "LIB_CMP", Type: oracletest.Varchar2, Size: 40}},
			Next:    oracletest.Rows(rows...),
		}
	case strings.Contains(s.SQL, "FROM APOGEE.INDIVIDU"):
		return a.students(s.Binds())
	default:
		a.t.Errorf("the server got a statement that it does not know: %s", s.SQL)
		return oracletest.Result{Err: &oracletest.Error{Code: 942, Text: "table or view does not exist"}}
	}
}

// students answers sql/students.sql.
func (a *apogee) students(binds []any) oracletest.Result {
	if len(binds) != 2 {
		a.t.Errorf("the query of students got %d values, want :component and :year", len(binds))
		return oracletest.Result{}
	}
	var rows [][]any
	for _, e := range a.enrolments {
		if e.component == fmt.Sprint(binds[0]) && e.year == fmt.Sprint(binds[1]) {
			rows = append(rows, []any{e.number, e.last, e.first, a.clock(time.DateOnly, e.born), e.mail, e.fees, a.clock(time.DateTime, e.since), e.department})
		}
	}
	result := oracletest.Result{
		Columns: []oracletest.Column{
			{Name: "COD_ETU", Type: oracletest.Num, Precision: 8},
			{Name: "LIB_NOM_PAT_IND", Type: oracletest.Varchar2, Size: 30},
			{Name: "LIB_PR1_IND", Type: oracletest.Varchar2, Size: 20},
			{Name: "DATE_NAI_IND", Type: oracletest.Date},
			{Name: "ADR_MAIL", Type: oracletest.Varchar2, Size: 100},
			{Name: "MNT_DROITS", Type: oracletest.Num, Precision: 8, Scale: 2},
			{Name: "DAT_CRE_IAE", Type: oracletest.Date},
			{Name: "COD_DEP", Type: oracletest.Char, Size: 6},
		},
		Next: oracletest.Rows(rows...),
	}
	if fail := a.fail[fmt.Sprint(binds[0])]; fail != nil {
		fail(&result)
	}
	return result
}

func (a *apogee) clock(layout, text string) time.Time {
	t, err := time.Parse(layout, text)
	if err != nil {
		a.t.Error(err)
	}
	return t
}

// onApogee is the example with a double of Oracle, and a real PostgreSQL.
func onApogee(t testing.TB) (*world, *apogee) {
	t.Helper()
	source := newApogee(t)
	server := oracletest.New(t, oracletest.Config{
		User: "REGISTRAR_RO", Password: "lire seulement", Service: "APOGEE", Charset: oracletest.WE8ISO8859P15, Handle: source.answer,
	})
	url := pgtest.New(t)
	w := &world{TB: t, dir: extract(t, "apogee"), now: september}
	w.environ = []string{
		"REGISTRAR_VAR_apogee_host=127.0.0.1", fmt.Sprint("REGISTRAR_VAR_apogee_port=", server.Port()),
		"REGISTRAR_VAR_apogee_password=lire seulement", "REGISTRAR_VAR_timetable_url=" + url,
	}
	w.destination = w.open("pgx", url)
	w.script("setup.sql")
	return w, source
}

const apogeeStudents = `SELECT s.code, s.last_name, s.first_name, to_char(s.birth_date, 'YYYY-MM-DD'), s.email, s.fees,
	to_char(s.enrolled_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), d.code, s.origin, s.deleted_on IS NOT NULL
	FROM student AS s LEFT JOIN department AS d ON d.id = s.department_id ORDER BY s.code`

func TestApogee(t *testing.T) {
	t.Parallel()
	w, source := onApogee(t)
	first := w.run(map[string]counts{
		"sync.departments":     {"insert": 2, "update": 1},
		`sync.students["hss"]`: {"insert": 2, "update": 1, "archive": 1},
		`sync.students["sci"]`: {"insert": 2},
	})
	// œ and Ž are in ISO 8859-15; summer and winter have their own offset.
	w.want(apogeeStudents,
		"22600101|LECŒUR|Chloé|2006-02-17|chloe.lecoeur@etu.univ-exemple.fr|178.00|2026-07-06 07:12:31|HIST|APOGEE-12|false",
		"22600102|BENYAHIA|Nadia|2005-11-30|nadia.benyahia@etu.univ-exemple.fr|178.00|2026-07-06 08:40:00|GEO|APOGEE-12|false",
		"22600103|COËFFIC|Erwan|2006-07-04|∅|0.00|2026-07-07 12:05:59|HIST|APOGEE-12|false",
		"22600109|DESCHAMPS|Hugo|2003-05-21|∅|178.00|2025-07-01 07:00:00|HIST|APOGEE-12|true",
		"22600201|ŽUKAUSKAS|Léo|2005-01-26|leo.zukauskas@etu.univ-exemple.fr|170.50|2026-01-12 07:30:00|MATH|APOGEE-25|false",
		"22600202|GARNIER|Inès|2006-12-12|ines.garnier@etu.univ-exemple.fr|178.00|2026-07-08 09:00:00|PHYS|APOGEE-25|false",
		"22600203|L'HAŸ|Maëlys|2006-03-29|maelys.lhay@etu.univ-exemple.fr|∅|2026-07-08 09:20:00|PHYS|APOGEE-25|false",
		"22600900|INVITÉ|Sam|∅|∅|∅|∅|∅|MANUAL|false",
	)
	masked := 0
	for _, change := range first.Destinations[0].Excerpt {
		for _, c := range change.Columns {
			if !slices.Contains([]string{"last_name", "first_name", "birth_date", "email", "fees"}, c.Column) {
				continue
			}
			if shown := text(c.After); shown != nil {
				if masked++; *shown != "" {
					t.Errorf("%s: column %s shows a value", change.Sync, c.Column)
				}
			}
		}
	}
	if masked == 0 {
		t.Error("no change of a sensitive column was looked at")
	}

	// The next night: one student is renamed, one is gone, one is new.
	source.change(func() {
		source.enrolments[0].last = "Lecœur-Žukauskas"
		source.enrolments[3] = enrolment{22600204, "Öztürk", "Deniz", "2006-05-05", "deniz.ozturk@etu.univ-exemple.fr", 178, "2026-09-07 08:00:00", "MATH", "25", "2026"}
	})
	w.again(map[string]counts{
		"sync.departments":     {},
		`sync.students["hss"]`: {"update": 1},
		`sync.students["sci"]`: {"insert": 1, "archive": 1},
	})
	w.want("SELECT code, last_name, deleted_on IS NOT NULL FROM student WHERE code IN ('22600101', '22600201', '22600204') ORDER BY code",
		"22600101|LECŒUR-ŽUKAUSKAS|false", "22600201|ŽUKAUSKAS|true", "22600204|ÖZTÜRK|false")
}

// What was not read to its end is never taken for gone, whatever ended it.
func TestApogeeBreaks(t *testing.T) {
	t.Parallel()
	w, source := onApogee(t)
	for i := range 1200 { // more than are fetched at a time
		source.enrolments = append(source.enrolments, enrolment{22610000 + i, "Martin", "Camille", "2006-01-01", "", 178, "2026-07-09 09:00:00", "MATH", "25", "2026"})
	}
	cfg := w.load()
	w.init(cfg)
	w.apply(cfg, w.plan(cfg))
	before := w.rows(apogeeStudents)
	for _, c := range []struct {
		name  string
		fault func(*oracletest.Result)
		want  string
	}{
		{"the connection is cut", func(r *oracletest.Result) { r.DropAfter = 700 }, "after row"},
		{"the rows end early", func(r *oracletest.Result) { r.EndEarly = 700 }, "after row"},
		{"an error of the server", func(r *oracletest.Result) {
			r.FailAfter, r.Fail = 700, &oracletest.Error{Code: 1555, Text: "snapshot too old"}
		}, "ORA-01555"},
	} {
		source.change(func() { source.fail = map[string]func(*oracletest.Result){"25": c.fault} })
		_, err := w.tryPlan(cfg)
		if err == nil {
			t.Errorf("%s: the plan succeeds", c.name)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if diff := cmp.Diff(before, w.rows(apogeeStudents)); diff != "" {
			t.Errorf("%s: the destination changed (-before +after):\n%s", c.name, diff)
		}
	}
	source.change(func() { source.fail = nil })
	if p := w.plan(cfg); p.Changes() {
		t.Errorf("the plan after the faults has operations: %v", planned(p))
	}
}

func TestApogeeWrongPassword(t *testing.T) {
	t.Parallel()
	w, _ := onApogee(t)
	w.init(w.load())
	w.environ[2] = "REGISTRAR_VAR_apogee_password=tout écrire"
	_, err := w.tryPlan(w.load())
	if err == nil {
		t.Fatal("the plan succeeds with a wrong password")
	}
	for _, want := range []string{"ORA-01017", "check user and password"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "écrire") {
		t.Errorf("the error shows the password: %v", err)
	}
}

// The script for a real server has the rows that the double serves.
func TestApogeeScript(t *testing.T) {
	t.Parallel()
	script := readFile(t, filepath.Join("apogee", "setup-source.sql"))
	quoted := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	source := newApogee(t)
	for _, d := range source.departments {
		if line := fmt.Sprintf("VALUES (%s, %s, 'DEP', 'O')", quoted(d[0]), quoted(d[1])); !strings.Contains(script, line) {
			t.Errorf("setup-source.sql lacks %s", line)
		}
	}
	for _, e := range source.enrolments {
		fees := "NULL"
		if e.fees != nil {
			fees = fmt.Sprint(e.fees)
		}
		for _, line := range []string{
			fmt.Sprintf("%d, %s, %s, DATE '%s', %s)", e.number, quoted(e.last), quoted(e.first), e.born, quoted(e.mail)),
			fmt.Sprintf("'%s', '%s', %s, 'E', %s, TIMESTAMP '%s')", e.year, e.component, quoted(e.department), fees, e.since),
		} {
			if !strings.Contains(script, line) {
				t.Errorf("setup-source.sql lacks %s", line)
			}
		}
	}
	if got, want := strings.Count(script, "INSERT INTO INS_ADM_ETP"), len(source.enrolments); got != want {
		t.Errorf("setup-source.sql has %d enrolments, want %d", got, want)
	}
}
