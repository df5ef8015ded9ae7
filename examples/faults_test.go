package examples_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/registrar-sync/registrar/internal/cli"
	"github.com/registrar-sync/registrar/internal/mssqltest"
	"github.com/registrar-sync/registrar/internal/oracletest"
)

// fault is something that goes wrong with the data.
type fault struct {
	says  string // what the program must say of it somewhere, by which it is known to have happened
	set   func()
	after func() // between plan and apply
	undo  func()
}

// suffers has each fault happen to plans, of a stranger's configuration and of one's own, and to applies.
func (m *trial) suffers(faults ...fault) {
	m.Helper()
	for _, f := range faults {
		f.set()
		m.must(os.RemoveAll(filepath.Join(m.dir, "fault.plan")))
		said := m.cli(anyway, "plan", "--speculative") + m.cli(anyway, "plan", "--out", "fault.plan")
		if _, err := os.Stat(filepath.Join(m.dir, "fault.plan")); err == nil {
			said += m.cli(anyway, "show", "--all", "fault.plan") + m.cli(anyway, "show", "--format", "sarif", "fault.plan")
			if f.after != nil {
				f.after()
			}
			said += m.cli(anyway, "apply", "--auto-approve", "fault.plan")
		}
		said += m.cli(anyway, "run", "--all", "--no-retry", "--state", "state/state.db")
		if !strings.Contains(strings.Join(strings.Fields(strings.ReplaceAll(said, "│", "")), " "), f.says) {
			m.Errorf("nothing says %q of:\n%s", f.says, said)
		}
		f.undo()
	}
}

// plants takes the marks of a text as values, and returns the text.
func (m *trial) plants(text string) string {
	for _, value := range regexp.MustCompile(`(?i)[\w.@-]*MKQ[\w.@-]*`).FindAllString(text, -1) {
		m.add(value, "a fault")
	}
	return text
}

// statement is a step that runs a statement somewhere.
func (m *trial) statement(w *world, text string) func() {
	return func() {
		m.Helper()
		if _, err := w.destination.ExecContext(m.Context(), m.plants(text)); err != nil {
			m.Errorf("%s: %v", text, err)
		}
	}
}

// line appends a record to a file, and the function that takes it away again.
func (m *trial) line(says, file, record string) fault {
	name := filepath.Join(m.dir, "data", file)
	var before string
	return fault{
		says: says,
		set: func() {
			before = readFile(m, name)
			m.must(os.WriteFile(name, []byte(before+m.plants(record)+"\n"), 0o600))
		},
		undo: func() { m.must(os.WriteFile(name, []byte(before), 0o600)) },
	}
}

// edited is a fault of the configuration: a text of one of its files, and what stands there instead.
func (m *trial) edited(says, file, from, to string) fault {
	name := filepath.Join(m.dir, file)
	var before string
	return fault{
		says: says,
		set: func() {
			before = readFile(m, name)
			if !strings.Contains(before, from) {
				m.Errorf("%s has no %q", file, from)
			}
			m.must(os.WriteFile(name, []byte(strings.Replace(before, from, to, 1)), 0o600))
		},
		undo: func() { m.must(os.WriteFile(name, []byte(before), 0o600)) },
	}
}

func (m *trial) quickstartFaults() []fault {
	rooms := filepath.Join(m.dir, "data", "rooms_hss.csv")
	var before string
	rewritten := func(how func(lines []string) []string) func() {
		return func() {
			before = readFile(m, rooms)
			m.must(os.WriteFile(rooms, []byte(m.plants(strings.Join(how(strings.Split(strings.TrimSpace(before), "\n")), "\n"))+"\n"), 0o600))
		}
	}
	restored := func() { m.must(os.WriteFile(rooms, []byte(before), 0o600)) }
	stale := fault{says: "Saved plan is stale", undo: restored}
	stale.set = func() {
		rewritten(func(lines []string) []string {
			fields := strings.Split(lines[1], ";")
			stale.after = m.statement(m.world, "UPDATE room SET name = 'MKQSTALE2', seats = 730045 WHERE code = "+literal(fields[0]))
			fields[1], fields[3] = "Salle MKQSTALE1", "730046"
			lines[1] = strings.Join(fields, ";")
			return lines
		})()
	}
	unique := m.line("UNIQUE", "staff_hss.csv", "MKQ71;MKQA71;MKQB71;14/03/1871;twice.mkq71@univ-exemple.fr;PR;801,03\nMKQ72;MKQA72;MKQB72;14/03/1872;twice.mkq71@univ-exemple.fr;PR;802,03")
	unique.after = m.statement(m.world, "CREATE UNIQUE INDEX once ON staff (email)")
	drop := m.statement(m.world, "DROP INDEX once")
	unique.undo = func(undo func()) func() { return func() { undo(); drop() } }(unique.undo)
	return []fault{
		m.line("rooms_hss", "rooms_hss.csv", "MKQBAD01;Salle MKQBAD02;L;MKQSEATS1;712,03;O"),
		m.line("building", "rooms_hss.csv", "MKQBAD03;Salle MKQBAD04;MKQBAT1;730041;712,03;O"),
		m.line("Duplicate keys", "rooms_hss.csv", "MKQDUP01;Salle MKQDUP02;L;730041;712,03;O\nMKQDUP01;Salle MKQDUP03;L;730042;712,03;O"),
		m.line("must not be NULL", "rooms_hss.csv", ";Salle MKQNULL1;L;730041;712,03;O"),
		m.line("name", "rooms_hss.csv", "MKQNAME1;;L;730041;712,03;O"),
		m.line("birth_date", "staff_hss.csv", "MKQBORN1;MKQBORN2;MKQBORN3;MKQDATE1;born.mkq4@univ-exemple.fr;PR;801,03"),
		m.line("FOREIGN KEY", "courses_hss.csv", "MKQFK01;MKQFK02;724,03;730003;14/09/2026;MKQFK03;MKQFK04"),
		unique,
		{says: stale.says, set: func() { stale.set() }, after: func() { stale.after() }, undo: stale.undo},
		{says: "likely rename", set: rewritten(func(lines []string) []string {
			_, values, _ := strings.Cut(lines[3], ";")
			lines[3] = "MKQMOVED1;" + values
			return lines
		}), undo: restored},
		{says: "min_source_rows", set: rewritten(func(lines []string) []string { return lines[:2] }), undo: restored},
		m.edited("assert", "rooms.hcl", "  lifecycle {", "  assert \"small\" {\n    condition = row.CAPACITE == null\n    message   = \"${row.COD_SAL} (${row.LIB_SAL}) has ${row.CAPACITE} seats\"\n  }\n\n  lifecycle {"),
		m.edited("check.rooms", "rooms.hcl", "sync \"rooms\" {", "check \"rooms\" {\n  destination = destination.sqlite.timetable\n  query = \"SELECT code, upper(name) AS who, seats FROM room\"\n  key = [\"code\"]\n  message = \"${row.code} ${row.who} ${row.seats}\"\n}\n\nsync \"rooms\" {"),
	}
}

// serves has the service run what is due, and reads all that it shows.
func (m *trial) serves() {
	m.Helper()
	news := m.line("", "rooms_hss.csv", "MKQSERVE1;Salle MKQSERVE2;L;730061;761,03;O\nMKQSERVE3;Salle MKQSERVE4;L;MKQSERVE5;762,03;O")
	news.set()
	defer news.undo()
	begin := time.Now()
	slot := time.Date(2026, 9, 7, 4, 44, 59, 0, time.UTC)
	env, out, problems := m.program(func() time.Time { return slot.Add(time.Since(begin)) },
		"serve", "--state", "state/served.db", "--listen", "127.0.0.1:0", "--log-file", "serve.log", "--log-level", "debug", "--log-format", "json", "--reload-interval", "0")
	ctx, end := context.WithCancel(m.Context())
	defer end()
	ended := make(chan int, 1)
	go func() { ended <- cli.Run(ctx, env) }()
	log := filepath.Join(m.dir, "serve.log")
	wait := func(pattern string) []string {
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			text, _ := os.ReadFile(log) // it may not be there yet
			if found := regexp.MustCompile(pattern).FindStringSubmatch(string(text)); found != nil {
				return found
			}
			if len(ended) > 0 || time.Now().After(deadline) {
				m.Fatalf("the log does not say %s:\n%s\n%s\n%s", pattern, text, out, problems)
			}
		}
	}
	address := wait(`"(?:address|url)":"(?:http://)?(127[.]0[.]0[.]1:[0-9]+)`)[1]
	get := func(path string) string {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, http.NoBody)
		m.must(err)
		response, err := http.DefaultClient.Do(request)
		m.must(err)
		text, err := io.ReadAll(response.Body)
		m.must(err)
		m.must(response.Body.Close())
		m.write("GET "+path, fmt.Sprint(response.Header)+string(text))
		return string(text)
	}
	wait(`"msg":"run ended"`)
	var run []string
	for deadline := time.Now().Add(20 * time.Second); run == nil; time.Sleep(50 * time.Millisecond) {
		if run = regexp.MustCompile(`href="[.](/runs/[0-9a-f-]{36})"`).FindStringSubmatch(get("/")); time.Now().After(deadline) {
			m.Fatalf("the page shows no run:\n%s", readFile(m, log))
		}
	}
	for _, path := range []string{run[1], "/", "/runs", "/calendar", "/metrics", "/healthz", "/readyz", "/login"} {
		get(path)
	}
	end()
	if code := <-ended; code != 0 {
		m.Errorf("serve ends with %d: %s", code, problems)
	}
	m.write("serve", out.String()+problems.String())
}

func (m *trial) postgresFaults() []fault {
	n := 0
	student := func() {
		n++
		m.statement(m.world, fmt.Sprintf("INSERT INTO apogee.individu VALUES ('2990000%d', 'MKQNEWA%d', 'MKQNEWB%d', '1871-03-0%d', 'new.mkq%d@univ-exemple.fr')", n, n, n, n, n))()
		m.statement(m.world, fmt.Sprintf("INSERT INTO apogee.ins_adm VALUES ('2990000%d', '12', 'E', 8731.0%d, 'MKQGRP%d')", n, n, n))()
		m.add(fmt.Sprintf("2990000%d", n), "a fault")
		m.add(fmt.Sprintf("8731.0%d", n), "a fault")
	}
	broken := func(says, set, undo string) fault {
		return fault{says: says, set: student, after: m.statement(m.world, set), undo: m.statement(m.world, undo)}
	}
	return []fault{
		broken("short_names", "ALTER TABLE timetable.student ADD CONSTRAINT short_names CHECK (length(last_name) < 3) NOT VALID", "ALTER TABLE timetable.student DROP CONSTRAINT short_names"),
		broken("23503", "CREATE TABLE timetable.student_group (code varchar(10) PRIMARY KEY); ALTER TABLE timetable.student ADD FOREIGN KEY (group_code) REFERENCES timetable.student_group NOT VALID",
			"DROP TABLE timetable.student_group CASCADE"),
		broken("23505", "CREATE UNIQUE INDEX once ON timetable.student ((last_name IS NULL)) WHERE code LIKE '299%'", "DROP INDEX timetable.once"),
		broken("P0001", `CREATE FUNCTION timetable.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the row is %', NEW USING DETAIL = NEW.last_name, HINT = NEW.email; END $$;
			CREATE TRIGGER tell BEFORE INSERT OR UPDATE ON timetable.student FOR EACH ROW EXECUTE FUNCTION timetable.tell()`, "DROP FUNCTION timetable.tell CASCADE"),
		m.edited("22P02", "sql/students.sql", "i.mail", "CAST(i.mail AS integer) AS mail"),
		m.edited("must not be NULL", "buildings.hcl", "row.cod_site", "nullif(row.cod_site, row.cod_site)"),
		m.edited("building", "buildings.hcl", "row.cod_bat", `"K"`),
		m.edited("fees", "students.hcl", "row.mnt_droits", "to_number(row.mail)"),
		m.edited("last_name", "students.hcl", "upper(trim(row.lib_nom_pat_ind))", `"${row.lib_nom_pat_ind} ${row.lib_nom_pat_ind} ${row.lib_nom_pat_ind} ${row.lib_nom_pat_ind}"`),
	}
}

func (m *trial) moodleFaults() []fault {
	platform := m.platform
	group := func(code, name string) func() {
		return m.statement(m.world, fmt.Sprintf("INSERT INTO portal.course_group VALUES ('%s', '%s', '2026-03-01 06:01:07Z', '2026-03-02 06:02:09Z', NULL)", code, name))
	}
	return []fault{
		{
			says: "1644", set: group("MKQTOLD1", "Groupe MKQTOLD2"),
			after: m.statement(platform, `CREATE TRIGGER tell BEFORE INSERT ON mdl_cohort FOR EACH ROW BEGIN DECLARE said varchar(120);
				SET said = CONCAT('row ', NEW.name, NEW.idnumber); SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = said; END`),
			undo: m.statement(platform, "DROP TRIGGER tell"),
		},
		{
			says: "1062", set: func() { group("MKQTWICE1", "Groupe MKQTWICE0")(); group("MKQTWICE2", "Groupe MKQTWICE0")() },
			after: m.statement(platform, "CREATE UNIQUE INDEX once ON mdl_cohort (name)"), undo: m.statement(platform, "DROP INDEX once ON mdl_cohort"),
		},
	}
}

func (m *trial) apogeeFaults() []fault {
	breaks := func(says string, how func(*oracletest.Result)) fault {
		return fault{
			says: says,
			set:  func() { m.oracle.change(func() { m.oracle.fail = map[string]func(*oracletest.Result){"12": how} }) },
			undo: func() { m.oracle.change(func() { m.oracle.fail = nil }) },
		}
	}
	return []fault{
		breaks("cannot be read", func(r *oracletest.Result) { r.DropAfter = 2 }),
		breaks("ORA-01722", func(r *oracletest.Result) {
			r.FailAfter, r.Fail = 2, &oracletest.Error{Code: 1722, Text: m.plants(`unable to convert string value containing "MKQORA1" to a number: LIB_NOM_PAT_IND`)}
		}),
	}
}

func (m *trial) hoursFaults() []fault {
	return []fault{
		{says: "after", set: func() { m.mssql.change(func() { m.mssql.fault = mssqltest.Drop }) }, undo: func() { m.mssql.change(func() { m.mssql.fault = mssqltest.NoFault }) }},
		{says: "245", set: func() {
			m.mssql.change(func() {
				m.mssql.fail = &mssqltest.Error{Number: 245, State: 1, Class: 16, Message: m.plants("Conversion failed when converting the varchar value 'MKQMSSQL1' to data type int.")}
			})
		}, undo: func() { m.mssql.change(func() { m.mssql.fail = nil }) }},
	}
}
