package scaffold_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/registrar-sync/registrar/internal/pgtest"
)

const sqlitePair = `source "sqlite" "register" {
  path = "register.db"
}

destination "sqlite" "timetable" {
  path = "timetable.db"
}
`

// Two tables of which everything can be told: the file is planned and applied as it was written.
func TestNoDoubts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("main.hcl", sqlitePair)
	w.exec(w.database("register.db"), `CREATE TABLE SALLE (COD_SAL TEXT, LIB_SAL TEXT, "Nbr places" INTEGER, TEM_VISIBLE CHAR(1), DAT_OUVERTURE TEXT, COD_BAT TEXT);
		INSERT INTO SALLE VALUES ('A1', 'Amphi "A"', 120, 'O', '01/09/2020', 'N'), ('B2', 'Salle 2', 30, 'N', '31/12/2021', 'N')`)
	timetable := w.database("timetable.db")
	w.exec(timetable, `CREATE TABLE building (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT);
		INSERT INTO building (code) VALUES ('S'), ('N');
		CREATE TABLE room (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT, seats INTEGER, visible BOOLEAN NOT NULL, "date d'ouverture" DATE,
			building_id INTEGER REFERENCES building (id), note TEXT, created_on TIMESTAMP NOT NULL, updated_on TIMESTAMP, deleted_on TIMESTAMP)`)
	out, _ := w.run(0, "scaffold", "--from", "source.sqlite.register.SALLE", "--to", "destination.sqlite.timetable.room", "--out", "room.hcl")
	if !strings.Contains(out, "sync.room is in room.hcl, with 0 doubts.") {
		t.Error(out)
	}
	w.golden("room.hcl", "room.hcl")
	w.run(0, "validate")
	w.run(0, "init")
	w.applied("2 to insert")
	if got, want := w.rows(timetable, `SELECT r.code, r.name, seats, visible, date("date d'ouverture"), b.code, note FROM room r JOIN building b ON b.id = building_id ORDER BY 1`),
		"A1|Amphi \"A\"|120|1|2020-09-01|N|∅\nB2|Salle 2|30|0|2021-12-31|N|∅"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// The source has O and N for true and false, and nothing else: no value of another column is in the file.
	if text := w.read("room.hcl"); strings.Contains(text, "Amphi") || strings.Contains(text, "A1") {
		t.Errorf("a row's value is written:\n%s", text)
	}

	// What is there is never overwritten, and nothing is done for it.
	before := w.read("room.hcl")
	_, err := w.run(1, "scaffold", "--from", "source.sqlite.register.SALLE", "--to", "destination.sqlite.timetable.room", "--out", "room.hcl")
	if !strings.Contains(err, "is not overwritten") || w.read("room.hcl") != before {
		t.Error(err)
	}
	// A second sync of that table has another name, and says that it is the second.
	out, _ = w.run(0, "scaffold", "--from", "source.sqlite.register.SALLE", "--to", "destination.sqlite.timetable.room")
	for _, want := range []string{`sync "room_2" {`, "# doubt: sync.room writes this table, too", "# doubt: the table has rows", "# owns_table = true"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// Apogée's names on the one side, English ones in PostgreSQL on the other. What is in doubt is resolved as the comments say.
func TestApogee(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	url := pgtest.New(t)
	w.write("main.hcl", `source "csv" "apogee" {
  directory = "data"
  delimiter = ";"
}

destination "postgres" "timetable" {
  url = "`+url+`"
}

faculty "hss" {
  code = "12"
}
`)
	w.write("data/individus.csv", `COD_ETU;COD_IND;LIB_NOM_PAT_IND;LIB_PR1_IND;DATE_NAI_IND;COD_CMP;TEM_ACTIF;ADR MAIL;COD_NNE_IND;NBR_CRD;DAA_ENT_ETB
001;7;Alpha;Ada;02/01/2000;12;O;a@example.org;1111;12,5;2020
002;8;Beta;Bob;03/01/2001;13;N;b@example.org;2222;6;2021
`)
	db := w.database(url)
	w.exec(db, `CREATE SCHEMA tt;
		CREATE TABLE tt.faculty (id serial PRIMARY KEY, origin text NOT NULL, code varchar(8) NOT NULL, UNIQUE (origin, code));
		INSERT INTO tt.faculty (origin, code) VALUES ('APOGEE-hss', '12'), ('APOGEE-hss', '13');
		CREATE TABLE tt.student (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, origin text NOT NULL, code varchar(20) NOT NULL, last_name varchar(4) NOT NULL, first_name text,
			birth_date date, department_id integer NOT NULL REFERENCES tt.faculty (id), is_active boolean NOT NULL, "e-mail" text, ine text, credits numeric(5,2), colour text NOT NULL,
			is_deleted boolean NOT NULL DEFAULT false, search text GENERATED ALWAYS AS (upper(code)) STORED, created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz, UNIQUE (origin, code));
		INSERT INTO tt.student (origin, code, last_name, department_id, is_active, colour) VALUES ('MANUAL', 'x', 'Mano', 1, true, 'blue')`)
	w.run(0, "scaffold", "--from", "source.csv.apogee.individus", "--to", "destination.postgres.timetable.tt.student", "--faculty", "hss", "--name", "students", "--out", "students.hcl")
	w.golden("students.hcl", "students.hcl")
	w.run(0, "validate")
	w.edit("students.hcl", "# colour = row.", `colour = "red"`)
	w.run(0, "init")
	// "Alpha" is too long, as the comment says.
	w.edit("students.hcl", "= row.LIB_NOM_PAT_IND", "= substr(row.LIB_NOM_PAT_IND, 0, 4)")
	w.applied("2 to insert")
	if got, want := w.rows(db, `SELECT s.code, last_name, first_name, to_char(birth_date, 'YYYY-MM-DD'), f.code, is_active, "e-mail", ine, credits, is_deleted FROM tt.student s JOIN tt.faculty f ON f.id = department_id WHERE s.origin = 'APOGEE-hss' ORDER BY 1`),
		"001|Alph|Ada|2000-01-02|12|true|a@example.org|1111|12.50|false\n002|Beta|Bob|2001-01-03|13|false|b@example.org|2222|6.00|false"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	// An instance for each faculty, told apart by the same column.
	w.must(os.Remove(filepath.Join(w.dir, "students.hcl")))
	w.run(0, "scaffold", "--from", "source.csv.apogee.individus", "--to", "destination.postgres.timetable.tt.student", "--faculty", "each", "--out", "each.hcl")
	if text := w.read("each.hcl"); !strings.Contains(text, `scope = { origin = "APOGEE-${each.key}" }`) {
		t.Errorf("no scope of each faculty's own:\n%s", text)
	}
	w.run(0, "validate")
}

// No unique index, names in odd characters, text that may be a line of the file, and a name that two columns claim.
func TestDoubts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("main.hcl", sqlitePair+"\nfaculty \"hss\" {\n}\n\nfaculty \"sci\" {\n}\n")
	w.exec(w.database("register.db"), `CREATE TABLE "les étudiants" ("Code
}" TEXT, "Nom ${" TEXT, E_MAIL TEXT, COURRIEL TEXT, X TEXT, x2 TEXT, "ETA" TEXT, DAT TEXT);
		INSERT INTO "les étudiants" VALUES ('1', 'a', 'b', 'c', 'd', 'e', 'f', 'tomorrow')`)
	timetable := w.database("timetable.db")
	w.exec(timetable, `CREATE TABLE student (code TEXT NOT NULL, name TEXT, mail TEXT, day DATE, number INTEGER)`)
	out, _ := w.run(0, "scaffold", "--from", "source.sqlite.register.les étudiants", "--to", "destination.sqlite.timetable.student", "--out", "student.hcl")
	if !strings.Contains(out, "sync.student is in student.hcl") {
		t.Error(out)
	}
	w.golden("student.hcl", "student.hcl")
	// The table is empty: so it loads as it is. The index is made as the doubt says.
	w.run(0, "validate")
	w.run(0, "init")
	_, err := w.run(1, "plan")
	if !strings.Contains(err, "unique index") {
		t.Error(err)
	}
	_, statement, _ := strings.Cut(w.read("student.hcl"), "its owner runs: ")
	statement, _, _ = strings.Cut(statement, "\n")
	w.exec(timetable, statement)
	w.edit("student.hcl", "date(row.DAT)", "null")
	w.applied("1 to insert")
	w.must(os.Remove(filepath.Join(w.dir, "student.hcl")))

	// An instance for each faculty needs a scope, which no column is for: it is said, and does not load before.
	w.run(0, "scaffold", "--from", "source.sqlite.register.les étudiants", "--to", "destination.sqlite.timetable.student", "--faculty", "each", "--out", "each.hcl")
	text := w.read("each.hcl")
	for _, want := range []string{"for_each  = faculty", "faculty   = each.value", "# scope = { faculty = each.key }"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	w.run(1, "validate")
}

func TestScaffoldMistakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("main.hcl", sqlitePair+"\ndestination \"csv\" \"files\" {\n  directory = \".\"\n}\n")
	w.exec(w.database("register.db"), `CREATE TABLE rooms (code TEXT)`)
	w.exec(w.database("timetable.db"), `CREATE TABLE room (code TEXT PRIMARY KEY)`)
	const from, to = "source.sqlite.register.rooms", "destination.sqlite.timetable.room"
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--from", "source.sqlite.register.roms", "--to", to}, `rooms`},
		{[]string{"--from", from, "--to", "destination.sqlite.timetable.rom"}, `Did you mean "room"?`},
		{[]string{"--from", "source.sqlite.registre.rooms", "--to", to}, `Did you mean "source.sqlite.register"?`},
		{[]string{"--from", from, "--to", "destination.sqlite.timetable"}, "a point and a table's name are expected"},
		{[]string{"--from", from, "--to", to, "--faculty", "hss"}, "has no faculty block"},
		{[]string{"--from", from, "--to", to, "--faculty", "each"}, "has no faculty block"},
		{[]string{"--from", from, "--to", to, "--name", "1 \"x"}, "a name begins with a letter"},
		{[]string{"--from", from, "--to", to, "--out", "none/x.hcl"}, "its folder does not exist"},
		{[]string{"--from", from, "--to", to, "--out", ""}, "--out names no file"},
		{[]string{"--from", from}, "required flag"},
		{[]string{"--from", from, "--to", "destination.csv.files.room"}, "is made of files"},
	} {
		out, err := w.run(1, append([]string{"scaffold"}, c.args...)...)
		if !strings.Contains(strings.Join(strings.Fields(err), " "), strings.Join(strings.Fields(c.want), " ")) || out != "" {
			t.Errorf("%v: %s%s, want %s", c.args, out, err, c.want)
		}
	}
}
