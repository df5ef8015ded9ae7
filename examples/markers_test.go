package examples_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"html"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/registrar-sync/registrar/examples"
	"github.com/registrar-sync/registrar/internal/cli"
	"github.com/registrar-sync/registrar/internal/oracletest"
)

// trial is an example with marks in all its data, and all that the program wrote about it.
type trial struct {
	*world
	needles
	stores  []store
	records [][]any  // what a double serves
	fixed   []string // columns of which the configuration names the values
	// What faults are made in; nil where the example has none.
	platform *world
	oracle   *apogee
	mssql    *celcatServer
	covered  map[string]bool
	mu       sync.Mutex
	written  []artefact
	before   map[string][32]byte
}

// artefact is something that the program wrote.
type artefact struct{ name, text string }

func (m *trial) write(name, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.written = append(m.written, artefact{name, text})
}

// shared is a writer of several goroutines.
type shared struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

// program is how a command line of the trial is run.
func (m *trial) program(now func() time.Time, args ...string) (env cli.Environment, out, problems *shared) {
	out, problems = &shared{}, &shared{}
	return cli.Environment{
		Args: args, Stdin: strings.NewReader(""), Stdout: out, Stderr: problems, Dir: m.dir, Environ: m.environ,
		Now: now, NewID: uuid.NewString, Author: "test", Version: "0.1.0", Providers: known(), Examples: examples.FS,
	}, out, problems
}

// cli runs a command line, which must end with one of the codes, and returns what it wrote to both streams.
func (m *trial) cli(codes []int, args ...string) string {
	m.Helper()
	m.now = m.now.Add(time.Second)
	at := m.now
	env, out, problems := m.program(func() time.Time { return at }, args...)
	code := cli.Run(m.Context(), env)
	m.write(strings.Join(args, " "), out.String())
	m.write(strings.Join(args, " ")+" (standard error)", problems.String())
	if !slices.Contains(codes, code) {
		m.Errorf("registrar %s ends with %d, want one of %v\n%s\n%s", strings.Join(args, " "), code, codes, out, problems)
	}
	return out.String() + problems.String()
}

// Exit codes: done; done or held; refused or failed; any of a plan.
var (
	done   = []int{0}
	orHeld = []int{0, 3}
	failed = []int{1, 3}
	anyway = []int{0, 1, 3}
)

func marked(t testing.TB, name string) *trial {
	t.Helper()
	m := &trial{needles: needles{origins: map[string]string{}}, covered: map[string]bool{}}
	sqlite := func(file string) store {
		return store{m.open("sqlite", "file:"+filepath.ToSlash(filepath.Join(m.dir, file))+"?_pragma=busy_timeout(10000)"), engines("sqlite"), file}
	}
	switch name {
	case "quickstart":
		m.world = onSQLite(t, name, "timetable.db")
		m.stores = []store{sqlite("timetable.db")}
	case "sifac":
		m.world = onSQLite(t, name, "zebu.db")
		m.stores = []store{sqlite("zebu.db")}
	case "isotools":
		m.world = onSQLite(t, name, "shop.db")
		m.stores = []store{sqlite("shop.db")}
		m.fixed = []string{"state"}
	case "exports":
		m.world = onSQLite(t, name, "out/registrar.db")
	case "celcat":
		m.world = celcatOnSQLite(t).world
		m.stores = []store{sqlite("timetable.db"), sqlite("registers.db"), sqlite("payroll.db")}
		m.fixed = []string{"status", "academic_year", "week", "cod_anu"}
	case "ecampus":
		m.world = ecampusOnSQLite(t).world
		m.stores = []store{sqlite("ecampus.db"), sqlite("refer.db")}
		m.fixed = []string{"enrol", "role", "auth", "status", "component", "cod_anu", "num_occ_iae", "cod_niv", "sens", "periode", "cod_pel", "cod_typ_heu"}
		m.edit("  default     = 1\n", fmt.Sprintf("  default     = %d\n", base+1)) // the variable "archives"
	case "postgres":
		m.world = onPostgres(t)
		m.stores = []store{{m.destination, engines("postgres"), "postgres"}}
		m.fixed = []string{"cod_cmp", "eta_iae"}
	case "moodle":
		w := onMoodle(t)
		m.world, m.platform = w.world, w.platform
		m.stores = []store{{w.destination, engines("postgres"), "portal"}, {w.platform.destination, engines("mysql"), "platform"}}
		m.fixed = []string{"auth", "component", "contextid", "mnethostid", "deleted", "suspended", "visible"}
	case "apogee":
		w, source := onApogee(t)
		m.world, m.oracle = w, source
		m.stores = []store{{w.destination, engines("postgres"), "postgres"}}
		m.configuration()
		for i, d := range source.departments {
			source.departments[i] = [2]string{m.plant(d[0], 6), m.plant(d[1], 40)}
			m.records = append(m.records, []any{source.departments[i][0], source.departments[i][1]})
		}
		for i := range source.enrolments {
			e := &source.enrolments[i]
			e.last, e.first, e.mail, e.department = m.plant(e.last, 30), m.plant(e.first, 20), m.plant(e.mail, 100), m.plant(e.department, 6)
			if e.fees != nil {
				e.fees = oracletest.Number(fmt.Sprintf("%d.53", 7310+i))
			}
			m.records = append(m.records, []any{e.number, e.last, e.first, e.born, e.mail, e.fees, e.since, e.department})
		}
	case "hours":
		w, source := onCelcat(t)
		m.world, m.mssql = w, source
		authority := filepath.Join(m.dir, "authority.pem") // no file outside may be read
		m.must(os.WriteFile(authority, []byte(readFile(m, strings.TrimPrefix(m.environ[2], "REGISTRAR_VAR_celcat_authority="))), 0o600))
		m.environ[2] = "REGISTRAR_VAR_celcat_authority=" + authority
		m.stores = []store{{w.destination, engines("postgres"), "postgres"}}
		m.configuration()
		for i, row := range source.rows {
			row[1], row[2] = m.plant(row[1].(string), 8), m.plant(row[2].(string), 60)
			row[3], row[4], row[5] = fmt.Sprintf("2031-05-%02d", 11+i), fmt.Sprintf("1899-12-30 08:31:4%d", i), fmt.Sprintf("1899-12-30 19:27:5%d", i)
			row[6], row[8] = fmt.Sprintf("731.%02d", 51+i), fmt.Sprintf("2026-05-0%d 10:07:09.250 +02:00", i+1)
			m.records = append(m.records, row)
		}
	default:
		t.Fatalf("nobody has said how %s is marked", name)
	}
	m.days = []string{"2026-09-07", "07/09/2026"}
	m.now = time.Date(2026, 9, 7, 4, 20, 0, 0, time.UTC)
	m.configuration()
	for _, s := range m.stores {
		m.plantIn(s, &m.needles, m.fixed)
	}
	m.plantFiles()
	m.harvest()
	for _, column := range slices.Sorted(maps.Keys(m.covered)) {
		if !m.covered[column] {
			m.Errorf("%s has no value by which a leak would be noticed", column)
		}
	}
	return m
}

// configuration reads what the configuration says, which any output may repeat.
func (m *trial) configuration() {
	m.Helper()
	var all strings.Builder
	m.must(filepath.WalkDir(m.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), "setup") || !slices.Contains([]string{".hcl", ".sql"}, filepath.Ext(path)) ||
			strings.Contains(path, "nights") {
			return err
		}
		fmt.Fprintln(&all, strings.ToLower(readFile(m, path)))
		return nil
	}))
	m.common = strings.ReplaceAll(all.String(), strconv.Itoa(base+1), "") // which a trial may have written there
}

// plantFiles puts marks into the files that are read.
func (m *trial) plantFiles() {
	m.Helper()
	for _, file := range m.files() {
		records := m.read(file)
		for _, record := range records[1:] {
			for i, field := range record {
				record[i] = m.plantField(field)
			}
		}
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		w.Comma = ';'
		m.must(w.WriteAll(records))
		text, err := m.encoding(file).NewEncoder().String(out.String())
		m.must(err)
		m.must(os.WriteFile(file, []byte(text), 0o600))
	}
	book := filepath.Join(m.dir, "data/planning.xlsx")
	if _, err := os.Stat(book); err == nil {
		m.plantBook(book)
	}
}

func (m *trial) files() []string {
	var all []string
	for _, pattern := range []string{"data/*.csv", "out/*.csv"} {
		files, err := filepath.Glob(filepath.Join(m.dir, pattern))
		m.must(err)
		all = append(all, files...)
	}
	return slices.DeleteFunc(all, func(file string) bool { return filepath.Base(file) == "remote_status.csv" }) // it is read by a test only
}

func (m *trial) encoding(file string) encoding.Encoding {
	switch {
	case filepath.Base(filepath.Dir(file)) == "out":
		return charmap.Windows1252
	case filepath.Base(file) == "pfi.csv":
		return unicode.UTF8
	default:
		return charmap.ISO8859_15
	}
}

func (m *trial) read(file string) [][]string {
	m.Helper()
	text, err := m.encoding(file).NewDecoder().String(readFile(m, file))
	m.must(err)
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	records, err := r.ReadAll()
	m.must(err)
	return records
}

// plantBook marks the workbook of the example exports: its texts, its numbers of seats.
func (m *trial) plantBook(name string) {
	m.Helper()
	in, err := zip.OpenReader(name)
	m.must(err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, file := range in.File {
		r, err := file.Open()
		m.must(err)
		content, err := io.ReadAll(r)
		m.must(err)
		text, header := string(content), []string{"Code", "Libellé", "Bâtiment", "Places", "Ouverte le"}
		switch file.Name {
		case "xl/sharedStrings.xml":
			text = regexp.MustCompile(`<t>([^<]*)</t>`).ReplaceAllStringFunc(text, func(cell string) string {
				value := html.UnescapeString(cell[len("<t>") : len(cell)-len("</t>")])
				if slices.Contains(header, value) {
					return cell
				}
				planted := m.plantField(value)
				m.cell(planted, "planning.xlsx")
				return "<t>" + html.EscapeString(planted) + "</t>"
			})
		case "xl/worksheets/sheet1.xml":
			text = regexp.MustCompile(`(<c r="D[0-9]+"><v>)([0-9]+)`).ReplaceAllStringFunc(text, func(cell string) string {
				at := strings.LastIndex(cell, ">") + 1
				planted := m.plantField(cell[at:])
				m.cell(planted, "planning.xlsx.Places")
				return cell[:at] + planted
			})
		}
		to, err := w.Create(file.Name)
		m.must(err)
		_, err = io.WriteString(to, text)
		m.must(err)
	}
	m.must(w.Close())
	m.must(in.Close())
	m.must(os.WriteFile(name, out.Bytes(), 0o600))
}

// cell takes a value of a column, and remembers whether the column has one by which a leak would be noticed. What is
// null, true or false, or written in the configuration, cannot be one.
func (m *trial) cell(value any, column string) {
	telling, can := false, false
	switch v := value.(type) {
	case nil, bool:
	case time.Time:
		telling = m.moment(v, column)
		can = v.Year() != m.now.Year() || v.YearDay() != m.now.YearDay() // the clock's
	case []byte:
		m.cell(string(v), column)
	case string:
		for _, layout := range []string{time.DateOnly, "02/01/2006", time.DateTime, "2006-01-02 15:04:05.999999999 -07:00"} {
			if t, err := time.Parse(layout, v); err == nil {
				m.cell(t, column)
				return
			}
		}
		telling = m.add(v, column)
		can = !m.literal(v) && !m.scope(v) && strings.TrimSpace(v) != ""
	default:
		text := fmt.Sprint(v)
		telling = m.add(text, column)
		can = text != "0" && text != "1"
	}
	if telling {
		m.covered[column] = true
	} else if _, known := m.covered[column]; can && !known {
		m.covered[column] = false
	}
}

// harvest takes all that the databases and files hold.
func (m *trial) harvest() {
	m.Helper()
	for _, s := range m.stores {
		for _, c := range m.columns(s) {
			if slices.Contains(m.fixed, c.name) {
				continue
			}
			name := s.label + " " + c.table + "." + c.name
			for _, value := range m.distinct(s, c) {
				m.cell(value, name)
			}
		}
	}
	for _, file := range m.files() {
		records := m.read(file)
		for _, record := range records[1:] {
			for i, field := range record {
				m.cell(strings.ReplaceAll(field, ",", "."), filepath.Base(file)+" "+records[0][i])
				m.cell(field, filepath.Base(file)+" "+records[0][i])
			}
		}
	}
	for _, record := range m.records {
		for i, value := range record {
			m.cell(value, fmt.Sprintf("the double's column %d of %d", i+1, len(record)))
		}
	}
}

// office is where notifications arrive.
type office struct {
	m *trial
}

func (o *office) NewSession(*smtp.Conn) (smtp.Session, error) { return o, nil }
func (o *office) Mail(string, *smtp.MailOptions) error        { return nil }
func (o *office) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (o *office) Reset()                                      {}
func (o *office) Logout() error                               { return nil }

func (o *office) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	o.m.write("an e-mail", string(text))
	return err
}

// notified has every notifier of the example, and webhooks beside, send here.
func (m *trial) notified() {
	m.Helper()
	listener, err := (&net.ListenConfig{}).Listen(m.Context(), "tcp", "127.0.0.1:0")
	m.must(err)
	server := smtp.NewServer(&office{m})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // until it is closed
	}()
	hooks := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		m.write("a webhook's message", string(text))
	}))
	m.Cleanup(func() {
		_ = server.Close()
		<-ended
		hooks.Close()
	})
	m.edit(`smtp = "smtp://mail.univ-exemple.fr:587"`, `smtp = "smtp://`+listener.Addr().String()+`"`)
	m.edit(`on   = ["failure", "held", "findings", "recovered"]`, `on = ["every", "failure", "held", "findings", "rejects", "changes", "recovered"]`)
	for _, format := range []string{"json", "mattermost"} {
		m.extend(fmt.Sprintf("notify \"webhook\" %q {\n  on = [\"every\", \"failure\", \"held\", \"findings\", \"rejects\"]\n  url = \"%s/\"\n  format = %q\n}\n", format, hooks.URL, format))
	}
	m.edit(`[notify.email.scolarite]`, `[notify.email.scolarite, notify.webhook.json, notify.webhook.mattermost]`)
	m.edit(`[notify.email.platform]`, `[notify.email.platform, notify.webhook.json, notify.webhook.mattermost]`)
}

// edit replaces a text in all files of the configuration in which it is.
func (m *trial) edit(from, to string) {
	m.Helper()
	m.rewrite(func(text string) string { return strings.ReplaceAll(text, from, to) })
}

func (m *trial) rewrite(how func(string) string) {
	m.Helper()
	m.must(filepath.WalkDir(m.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".hcl" || strings.Contains(path, "nights") {
			return err
		}
		return os.WriteFile(path, []byte(how(readFile(m, path))), 0o600)
	}))
}

// extend adds to the configuration.
func (m *trial) extend(text string) {
	m.Helper()
	name := filepath.Join(m.dir, "trial.hcl")
	before, _ := os.ReadFile(name) // it may not be there
	m.must(os.WriteFile(name, append(before, text...), 0o600))
}

// mask has the configuration mask what (`"all"` or `[]`) everywhere.
func (m *trial) mask(what string) {
	m.Helper()
	m.rewrite(func(text string) string {
		return regexp.MustCompile(`(?m)^(\s*)sensitive(\s*)=\s*(\[.*?\]|"all").*$`).ReplaceAllString(text, "${1}sensitive = "+what)
	})
	main := filepath.Join(m.dir, "main.hcl")
	text := readFile(m, main)
	header := "registrar {\n"
	if strings.Count(text, header) != 1 {
		m.Fatal("main.hcl has no block registrar")
	}
	if !strings.Contains(text, header+"  sensitive") {
		m.must(os.WriteFile(main, []byte(strings.Replace(text, header, header+"  sensitive = "+what+"\n", 1)), 0o600))
	}
}

// remember notes which files are there, which the program has not written.
func (m *trial) remember() {
	m.before = map[string][32]byte{}
	m.walk(func(name, text string) { m.before[name] = sha256.Sum256([]byte(text)) })
}

func (m *trial) walk(visit func(name, text string)) {
	m.Helper()
	m.must(filepath.WalkDir(m.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		visit(path, readFile(m, path))
		return nil
	}))
}

// leaks looks for every value in all that was written. Data are no outputs: the databases, the files that are
// read, and those that are published.
func (m *trial) leaks() {
	m.Helper()
	data := map[string]bool{}
	for _, s := range m.stores {
		for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
			data[filepath.Join(m.dir, s.label)+suffix] = true
		}
	}
	m.walk(func(name, text string) {
		folder := filepath.Base(filepath.Dir(name))
		if !data[name] && folder != "data" && folder != "out" && m.before[name] != sha256.Sum256([]byte(text)) && filepath.Ext(name) != ".hcl" {
			m.write("the file "+strings.TrimPrefix(name, m.dir), text)
		}
	})
	h := m.haystack()
	told := map[string]bool{}
	for _, a := range m.written {
		found := h.find(a.text)
		for _, value := range slices.Sorted(maps.Keys(found)) {
			if !told[value] && len(told) < 40 {
				m.Errorf("%s shows %q, a value of %s: …%s…", a.name, value, m.origins[value], found[value])
			}
			told[value] = true
		}
	}
	m.Logf("%d values looked for in %d texts", len(m.origins), len(m.written))
}

// shown has a plan written in every format, from its file and from the register.
func (m *trial) shown(file string) {
	m.Helper()
	for _, format := range []string{"text", "json", "markdown", "html", "gitlab", "sarif", "codequality"} {
		m.cli(orHeld, "show", "--format", format, file)
	}
	for _, format := range []string{"text", "json", "html"} {
		m.cli(orHeld, "show", "--all", "--format", format, file)
	}
}

// underReview plans the configuration as a stranger's, without the operator's policy.
func (m *trial) underReview() {
	m.Helper()
	m.cli(done, "init")
	m.cli(done, "validate", "--speculative", "--json")
	m.cli(anyway, "plan", "--speculative", "--out", "review.plan")
	if _, err := os.Stat(filepath.Join(m.dir, "review.plan")); err != nil {
		m.Errorf("nothing was planned: %v", err)
		return
	}
	m.shown("review.plan")
	m.cli(failed, "apply", "review.plan")
}

// production does with the configuration, in which everything is masked, what people do with it.
func (m *trial) production() {
	m.Helper()
	m.cli(done, "validate")
	m.cli(done, "validate", "--json")
	m.cli(anyway, "fmt", "--diff", "--check")
	m.cli(anyway, "init", "--print-grants")
	if m.oracle == nil { // the double does not know what it asks
		m.cli(anyway, "doctor")
		m.cli(anyway, "doctor", "--json")
	}
	m.cli(orHeld, "plan", "--out", "saved.plan")
	m.cli(orHeld, "plan", "--json")
	m.shown("saved.plan")
	id := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).FindString(readFile(m, filepath.Join(m.dir, "saved.plan")))
	m.cli(orHeld, "show", "--all", "--json", id)
	m.cli(failed, "approve", "--auto-approve", "saved.plan") // by who made it
	if code := m.cli(orHeld, "apply", "--auto-approve", "saved.plan"); strings.Contains(code, "held") {
		m.cli(orHeld, "apply", "--auto-approve", "--override", "it was looked into", "saved.plan")
	}
	m.cli(failed, "apply", "saved.plan")
	m.cli(orHeld, "plan")
	m.cli(anyway, "run", "--all", "--json", "--state", "state/state.db")
	m.cli(done, "runs")
	m.cli(done, "runs", "--json")
	m.cli(anyway, "schedule", "next")
	for _, format := range []string{"crontab", "systemd", "windows", "kubernetes", "gitlab", "github"} {
		m.cli(anyway, "schedule", "export", "--format", format, "--out", "exported/"+format)
	}
	m.cli(done, "prune", "--older-than", "0")
}

// TestMarkers plants marks in all data of all examples, has the program do all that it does while everything is
// masked, and looks for every value in all that it wrote.
func TestMarkers(t *testing.T) {
	t.Parallel()
	for _, name := range examples.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := marked(t, name)
			m.notified()
			m.remember()
			m.underReview()
			m.mask(`"all"`)
			m.production()
			switch name {
			case "quickstart":
				m.serves()
				m.suffers(m.quickstartFaults()...)
			case "postgres":
				m.suffers(m.postgresFaults()...)
			case "moodle":
				m.suffers(m.moodleFaults()...)
			case "apogee":
				m.suffers(m.apogeeFaults()...)
			case "hours":
				m.suffers(m.hoursFaults()...)
			}
			m.harvest()
			m.leaks()
		})
	}
}

// Without masks the same values are in the same outputs, or looking for them would prove nothing.
func TestMarkersShown(t *testing.T) {
	t.Parallel()
	for _, name := range examples.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := marked(t, name)
			m.mask("[]")
			m.cli(done, "init")
			m.cli(orHeld, "plan", "--out", "saved.plan")
			m.shown("saved.plan")
			m.write("saved.plan", readFile(m, filepath.Join(m.dir, "saved.plan")))
			h := m.haystack()
			for _, a := range m.written {
				format := regexp.MustCompile(`gitlab|sarif|codequality|init|standard error`)
				if found := h.find(a.text); len(found) < 3 && !format.MatchString(a.name) {
					t.Errorf("%s shows %d values: %v", a.name, len(found), found)
				}
			}
		})
	}
}
